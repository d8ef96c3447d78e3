//! What goes with shafts and printed bosses: keyways and heat-set inserts.

use super::{Series, Size};

/// The keyway of a hub.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keyway {
    pub width: f64,
    /// How far it is cut into the hub, beyond the bore.
    pub depth: f64,
}

/// Largest bore, width of the key, depth in the hub: DIN 6885-1, parallel keys, high form (against engineeringhardware.com's
/// copy, and from 38 mm on Siemens' catalogue MD 31.1).
const KEYWAYS: &[[f64; 3]] = &[
    [8.0, 2.0, 1.0],
    [10.0, 3.0, 1.4],
    [12.0, 4.0, 1.8],
    [17.0, 5.0, 2.3],
    [22.0, 6.0, 2.8],
    [30.0, 8.0, 3.3],
    [38.0, 10.0, 3.3],
    [44.0, 12.0, 3.3],
    [50.0, 14.0, 3.8],
    [58.0, 16.0, 4.3],
    [65.0, 18.0, 4.4],
    [75.0, 20.0, 4.9],
    [85.0, 22.0, 5.4],
    [95.0, 25.0, 5.4],
    [110.0, 28.0, 6.4],
    [130.0, 32.0, 7.4],
];

/// The keyway of a bore, DIN 6885-1: bores over 6 mm, up to 130 mm.
pub fn keyway(bore: f64) -> Option<Keyway> {
    if bore <= 6.0 {
        return None;
    }
    let row = KEYWAYS.iter().find(|[largest, ..]| bore <= *largest)?;
    Some(Keyway { width: row[1], depth: row[2] })
}

/// A brass insert that is melted into a printed hole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Insert {
    /// Diameter of the hole to print.
    pub bore: f64,
    pub length: f64,
}

/// Thread, hole, length. No standard has them: the sizes are those of the common inserts for plastics, as their makers' sheets
/// give them (from M2 to M8 by a public table that cites Ruthex and CNC Kitchen, M3.5 by the series IUT in FreeCAD's
/// `HeatInserts.csv`; M10 was found in no public table).
const INSERTS: &[[f64; 3]] = &[
    [2.0, 3.2, 4.0],
    [2.5, 4.0, 5.7],
    [3.0, 4.0, 5.7],
    [3.5, 4.8, 7.1],
    [4.0, 5.6, 8.1],
    [5.0, 6.4, 9.5],
    [6.0, 8.0, 12.7],
    [8.0, 9.7, 12.7],
    [10.0, 12.0, 12.7],
];

/// The heat-set insert of a metric size, M2 to M10.
pub fn insert(size: &Size) -> Option<Insert> {
    let row = INSERTS.iter().find(|row| size.series() == Series::Metric && row[0] == size.diameter())?;
    Some(Insert { bore: row[1], length: row[2] })
}
