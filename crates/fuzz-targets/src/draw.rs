//! Values drawn from bytes, so that the fuzzer's mutations are small changes of what is built.

/// Reads from the front; zeros when the bytes are used up.
pub(crate) struct Draw<'a>(pub(crate) &'a [u8]);

impl Draw<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Below `count`, which is at most 256.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A length as specifications have them, a coincidence with another one, or rarely any bits at all.
    pub(crate) fn number(&mut self) -> f64 {
        const COMMON: [f64; 16] =
            [10.0, 20.0, 0.0, 5.0, -5.0, 1.0, 2.0, 40.0, -10.0, 0.5, 3.0, 1e-9, 1e-6, 100.0, 1e4, -20.0];
        match self.byte() {
            0..=159 => COMMON[self.below(COMMON.len())],
            160..=239 => f64::from(i16::from_le_bytes([self.byte(), self.byte()])) / 64.0,
            240..=249 => f64::from(f32::from_le_bytes(std::array::from_fn(|_| self.byte()))),
            _ => f64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    pub(crate) fn point<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.number())
    }

    pub(crate) fn list<T>(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        let mut items = Vec::with_capacity(count);
        while items.len() < count && !self.is_empty() {
            items.push(one(self));
        }
        items
    }
}
