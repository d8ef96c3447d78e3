//! The operations of the catalogue that work on sketches, on the whole body or on other operations, one file each.

use crate::catalogue::{Choice, Definition};

mod channel;
mod combine;
mod draw;
mod extent;
mod extrude;
mod import;
mod loft;
mod mirror;
mod pattern;
mod revolve;
mod rib;
mod shell;
mod sketched;
mod sweep;
mod thread;

pub(crate) const ALL: &[&Definition] = &[
    &extrude::DEFINITION,
    &revolve::DEFINITION,
    &sweep::DEFINITION,
    &loft::DEFINITION,
    &import::DEFINITION,
    &rib::DEFINITION,
    &channel::DEFINITION,
    &thread::DEFINITION,
    &combine::DEFINITION,
    &shell::DEFINITION,
    &mirror::DEFINITION,
    &pattern::DEFINITION,
];

/// Least and greatest number of sketches that a kind takes.
pub(crate) fn sketches(kind: &str) -> (usize, usize) {
    match kind {
        "extrude" | "revolve" | "sweep" => (1, 1),
        "loft" => (2, loft::MAX_SECTIONS),
        _ => (0, 0),
    }
}

const PIECE: Choice = Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") };
const MODE: Choice = Choice { name: "mode", options: &["add", "cut", "intersect"], default: Some("add") };
