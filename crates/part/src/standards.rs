//! Sizes of standard hardware: which hole a screw passes, where its head sinks in, which thread and nut belong to it.
//!
//! Millimetres and degrees throughout. Every figure names the standard that it is from; a size that the standard does not
//! have gives `None`, never a figure in between. All tables are nominal or maximum sizes: printing tolerances are the
//! part's fit, not the table's.

mod inch;
mod metric;
mod shaft;
mod size;

pub use shaft::{Insert, Keyway, insert, keyway};
pub use size::{Series, Size, SizeError};

/// How much wider than its screw a clearance hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClearanceFit {
    /// ISO 273 fine series (H12), ASME B18.2.8 close fit.
    Close,
    /// ISO 273 medium series (H13), ASME B18.2.8 normal fit.
    Normal,
    /// ISO 273 coarse series (H14), ASME B18.2.8 loose fit.
    Loose,
}

impl ClearanceFit {
    /// The fit by the word that operations use for it: `close`, `normal` or `loose`.
    pub fn named(word: &str) -> Option<ClearanceFit> {
        match word {
            "close" => Some(ClearanceFit::Close),
            "normal" => Some(ClearanceFit::Normal),
            "loose" => Some(ClearanceFit::Loose),
            _ => None,
        }
    }
}

/// A screw thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thread {
    /// Major (nominal) diameter.
    pub diameter: f64,
    pub pitch: f64,
    /// Drill before tapping: diameter less pitch for ISO metric threads, the customary drill of about 75 % engagement for
    /// UNC and UNF.
    pub tap_drill: f64,
    pub standard: &'static str,
}

/// The head of a socket head cap screw and the counterbore that takes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapHead {
    /// Largest diameter of the plain head.
    pub diameter: f64,
    pub height: f64,
    /// Width across flats of the hexagon socket.
    pub socket: f64,
    pub socket_depth: f64,
    pub counterbore_diameter: f64,
    /// Sinks the head just below the face.
    pub counterbore_depth: f64,
    pub standard: &'static str,
}

/// The head of a countersunk screw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountersunkHead {
    /// Theoretical diameter, to the sharp edge: a countersink as wide leaves the head flush.
    pub diameter: f64,
    /// Included angle of the cone.
    pub angle: f64,
    pub standard: &'static str,
}

/// A hexagonal nut, or the hexagonal head of a bolt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hexagon {
    pub across_flats: f64,
    pub height: f64,
    pub standard: &'static str,
}

/// A plain washer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Washer {
    pub inner_diameter: f64,
    pub outer_diameter: f64,
    pub thickness: f64,
    pub standard: &'static str,
}

/// Diameter of the hole that a screw passes freely: ISO 273 for metric sizes, ASME B18.2.8 for inch sizes.
pub fn clearance(size: &Size, fit: ClearanceFit) -> Option<f64> {
    let column = fit as usize;
    match size.series() {
        Series::Metric => metric::row(size.diameter()).map(|row| row.clearance[column]),
        Series::Unc | Series::Unf => {
            inch::row(size.diameter()).and_then(|row| row.clearance).map(|holes| inch::mm(holes[column]))
        }
    }
}

/// ISO 4762 with the counterbore of DIN 974-1 (row 1), or ASME B18.3.
pub fn cap_head(size: &Size) -> Option<CapHead> {
    match size.series() {
        Series::Metric => metric::cap_head(size.diameter()),
        Series::Unc | Series::Unf => inch::cap_head(size.diameter()),
    }
}

/// ISO 10642 (90°; below M3 the ISO 7721 head of ISO 2009 and ISO 7046), or ASME B18.3 (82°).
pub fn countersunk_head(size: &Size) -> Option<CountersunkHead> {
    match size.series() {
        Series::Metric => metric::countersunk_head(size.diameter()),
        Series::Unc | Series::Unf => inch::countersunk_head(size.diameter()),
    }
}

/// Head of a hexagon bolt: ISO 4014 and ISO 4017, or ASME B18.2.1.
pub fn hex_head(size: &Size) -> Option<Hexagon> {
    match size.series() {
        Series::Metric => metric::hex_head(size.diameter()),
        Series::Unc | Series::Unf => inch::hex_head(size.diameter()),
    }
}

/// Hexagon nut, style 1: ISO 4032, or ASME B18.2.2.
pub fn hex_nut(size: &Size) -> Option<Hexagon> {
    match size.series() {
        Series::Metric => metric::hex_nut(size.diameter()),
        Series::Unc | Series::Unf => inch::hex_nut(size.diameter()),
    }
}

/// Plain washer, normal series, product grade A: ISO 7089. `None` for inch sizes.
pub fn washer(size: &Size) -> Option<Washer> {
    (size.series() == Series::Metric).then(|| metric::washer(size.diameter())).flatten()
}

/// Thread of a size: ISO 261 and ISO 262, or ASME B1.1.
pub fn thread(size: &Size) -> Thread {
    let (diameter, pitch) = (size.diameter(), size.pitch());
    let (tap_drill, standard) = match size.series() {
        Series::Metric => (snap(diameter - pitch), "ISO 261"),
        series => (inch::tap_drill(diameter, series).unwrap_or_else(|| snap(diameter - pitch)), "ASME B1.1"),
    };
    Thread { diameter, pitch, tap_drill, standard }
}

/// Coarse pitch of the largest ISO 261 diameter that is not larger than this one (that of M1.6 below it): the pitch of a
/// thread whose diameter was said without one.
pub fn coarse_pitch(diameter: f64) -> f64 {
    metric::coarse_pitch(diameter)
}

/// Diameter of the hole that an operation of this `kind` drills for a screw: the thread's own for `threaded`, the insert's
/// bore for `insert`, the clearance hole for all others.
pub fn hole_diameter(kind: &str, size: &Size, fit: ClearanceFit) -> Option<f64> {
    match kind {
        "threaded" => Some(size.diameter()),
        "insert" => insert(size).map(|insert| insert.bore),
        _ => clearance(size, fit),
    }
}

/// Rounds to a nanometre, so that sums of decimal figures are the decimal figures that people expect.
fn snap(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
