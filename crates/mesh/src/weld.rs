//! Merging of corners that are equal to the last bit, in one pass and without storing the corners that were merged.

use std::hash::{DefaultHasher, Hasher};

const FREE: u32 = u32::MAX;

/// Gives each distinct position an index. An open-addressing table of indices: four bytes a slot beside the positions.
pub struct Welder {
    positions: Vec<[f64; 3]>,
    slots: Vec<u32>,
}

impl Welder {
    /// Room for this many distinct positions before the table grows.
    pub fn with_capacity(vertices: usize) -> Welder {
        let slots = (vertices.max(8) * 2).next_power_of_two();
        Welder { positions: Vec::with_capacity(vertices), slots: vec![FREE; slots] }
    }

    /// The index of `position`: the earlier one where an equal position was given before. -0.0 equals 0.0.
    pub fn index(&mut self, position: [f64; 3]) -> u32 {
        if (self.positions.len() + 1) * 3 > self.slots.len() * 2 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(&position) & mask;
        loop {
            match self.slots[slot] {
                FREE => {
                    let index = self.positions.len() as u32;
                    self.slots[slot] = index;
                    self.positions.push(position);
                    return index;
                }
                known if self.positions[known as usize] == position => return known,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// The distinct positions in the order in which they were first given.
    pub fn into_positions(self) -> Vec<[f64; 3]> {
        self.positions
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(size, FREE);
        for (index, position) in self.positions.iter().enumerate() {
            let mut slot = hash(position) & (size - 1);
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = index as u32;
        }
    }
}

/// SipHash: a file cannot be made cheaply whose corners all fall into one run of the table.
fn hash(position: &[f64; 3]) -> usize {
    let mut hasher = DefaultHasher::new();
    for coordinate in position {
        // `+ 0.0` folds -0.0 into 0.0, which compare equal but differ in bits.
        hasher.write_u64((coordinate + 0.0).to_bits());
    }
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_positions_share_an_index_through_growth() {
        let mut welder = Welder::with_capacity(1);
        let point = |i: u32| [f64::from(i % 1000), f64::from(i % 7), 0.5];
        let first: Vec<u32> = (0..7000).map(|i| welder.index(point(i))).collect();
        assert_eq!((0..7000).map(|i| welder.index(point(i))).collect::<Vec<_>>(), first);
        assert_eq!(welder.index([-0.0, 0.0, 0.5]), welder.index([0.0, -0.0, 0.5]));
        assert_eq!(welder.into_positions().len(), 7000);
    }
}
