//! The families and operations of the catalogue, one file each.

use crate::catalogue::Definition;

pub(crate) const ALL: &[&Definition] = &[];
