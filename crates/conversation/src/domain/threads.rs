//! Metric threads: what hole an M-size asks for.

/// (nominal, clearance hole of the medium series of ISO 273, tap drill of the coarse thread), millimetres.
const SIZES: &[(f64, f64, f64)] = &[
    (1.6, 1.8, 1.25),
    (2.0, 2.4, 1.6),
    (2.5, 2.9, 2.05),
    (3.0, 3.4, 2.5),
    (3.5, 3.9, 2.9),
    (4.0, 4.5, 3.3),
    (5.0, 5.5, 4.2),
    (6.0, 6.6, 5.0),
    (8.0, 9.0, 6.8),
    (10.0, 11.0, 8.5),
    (12.0, 13.5, 10.2),
    (14.0, 15.5, 12.0),
    (16.0, 17.5, 14.0),
    (20.0, 22.0, 17.5),
    (24.0, 26.0, 21.0),
];

/// The clearance hole and the rule that gives it.
pub(crate) fn clearance(nominal: f64) -> Option<(f64, String)> {
    let (_, hole, _) = SIZES.iter().find(|(m, ..)| (m - nominal).abs() < 1e-9)?;
    Some((*hole, format!("ISO 273 medium clearance hole for M{nominal}")))
}

pub(crate) fn tap_drill(nominal: f64) -> Option<(f64, String)> {
    let (.., drill) = SIZES.iter().find(|(m, ..)| (m - nominal).abs() < 1e-9)?;
    Some((*drill, format!("tap drill of the coarse thread M{nominal}")))
}
