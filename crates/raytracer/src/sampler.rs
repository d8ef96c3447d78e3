//! Owen-scrambled Sobol points: two dimensions of the sequence, shuffled and scrambled anew for each pair that a path asks
//! for (Burley, "Practical Hash-based Owen Scrambling", 2020).

/// A stream of points for one sample of one pixel. The n-th call gives the same pair for the same pixel, sample and
/// seed, so nothing depends on which thread draws it.
pub(crate) struct Sampler {
    seed: u32,
    index: u32,
    dimension: u32,
}

impl Sampler {
    pub(crate) fn new(seed: u64, x: u32, y: u32, index: u32) -> Self {
        let seed = mix(seed as u32 ^ mix((seed >> 32) as u32 ^ mix(x ^ mix(y ^ 0x9e37_79b9))));
        Self { seed, index, dimension: 0 }
    }

    /// Jumps to a block of pairs, so that a path's choices at one vertex never shift those at the next.
    pub(crate) fn at(&mut self, dimension: u32) -> &mut Self {
        self.dimension = dimension;
        self
    }

    /// The next pair, both in 0..1.
    pub(crate) fn pair(&mut self) -> [f32; 2] {
        let seed = mix(self.seed ^ self.dimension.wrapping_mul(0x9e37_79b9));
        self.dimension += 1;
        let index = owen(self.index, seed);
        let x = laine_karras(index, mix(seed ^ 0x68bc_21eb)).reverse_bits();
        let y = owen(sobol_1(index), mix(seed ^ 0x02e5_be93));
        [to_unit(x), to_unit(y)]
    }
}

/// The second Sobol dimension: the radical inverse multiplied by Pascal's triangle modulo two, in five steps.
fn sobol_1(index: u32) -> u32 {
    let mut v = index.reverse_bits();
    v ^= v << 16;
    v ^= (v & 0x00ff_00ff) << 8;
    v ^= (v & 0x0f0f_0f0f) << 4;
    v ^= (v & 0x3333_3333) << 2;
    v ^ ((v & 0x5555_5555) << 1)
}

/// Nested uniform scrambling: every bit is flipped by a hash of the bits above it.
fn owen(v: u32, seed: u32) -> u32 {
    laine_karras(v.reverse_bits(), seed).reverse_bits()
}

fn laine_karras(mut v: u32, seed: u32) -> u32 {
    v = v.wrapping_add(seed);
    v ^= v.wrapping_mul(0x6c50_b47c);
    v ^= v.wrapping_mul(0xb82f_1e52);
    v ^= v.wrapping_mul(0xc7af_e638);
    v ^ v.wrapping_mul(0x8d22_f6e6)
}

fn mix(mut v: u32) -> u32 {
    v ^= v >> 16;
    v = v.wrapping_mul(0x21f0_aaad);
    v ^= v >> 15;
    v = v.wrapping_mul(0xd35a_2d97);
    v ^ (v >> 15)
}

/// The top 24 bits, so that the result is below one after rounding to f32.
fn to_unit(v: u32) -> f32 {
    (v >> 8) as f32 * (1.0 / 16_777_216.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_dimension_equals_the_direction_number_loop() {
        for index in (0..5000_u32).chain([u32::MAX, 0x8000_0001]) {
            let (mut direction, mut expected, mut i) = (1_u32 << 31, 0_u32, index);
            while i != 0 {
                if i & 1 == 1 {
                    expected ^= direction;
                }
                i >>= 1;
                direction ^= direction >> 1;
            }
            assert_eq!(sobol_1(index), expected, "index {index}");
        }
    }

    /// A (0,2)-sequence: every elementary interval of 64 points holds exactly one, in every shape.
    #[test]
    fn points_are_stratified_in_every_elementary_interval() {
        for dimension in [0, 3, 17] {
            let points: Vec<[f32; 2]> =
                (0..64).map(|index| Sampler::new(7, 3, 9, index).at(dimension).pair()).collect();
            for log in 0..=6 {
                let (columns, rows) = (1 << log, 64 >> log);
                let mut seen = vec![0; 64];
                for [x, y] in &points {
                    seen[(x * columns as f32) as usize * rows + (y * rows as f32) as usize] += 1;
                }
                assert!(seen.iter().all(|&n| n == 1), "{columns} x {rows} in dimension {dimension}: {seen:?}");
            }
        }
    }

    #[test]
    fn seeds_pixels_and_dimensions_differ() {
        let first = Sampler::new(1, 2, 3, 0).pair();
        for other in [
            Sampler::new(2, 2, 3, 0).pair(),
            Sampler::new(1, 3, 2, 0).pair(),
            Sampler::new(1, 2, 3, 1).pair(),
            Sampler::new(1, 2, 3, 0).at(1).pair(),
            Sampler::new(1 | (1 << 40), 2, 3, 0).pair(),
        ] {
            assert_ne!(first, other);
        }
    }
}
