//! The solid that a part leads to, against what the words determine of it.

use std::sync::atomic::AtomicBool;

use part::Part;

use crate::gold::After;

/// What of the solid is not as it must be.
pub(crate) fn check(wanted: &After, part: &Part) -> Result<(), String> {
    let body = part::lower(part).map_err(|error| error.to_string())?;
    let built = geometry::evaluate(&body, &geometry::Options::default(), &AtomicBool::new(false))
        .map_err(|error| error.to_string())?;
    let mut size = built.bounds.size();
    size.sort_by(f64::total_cmp);
    if let Some(bbox) = wanted.bbox
        && wanted.components.is_none_or(|pieces| pieces == 1)
        && !size.iter().zip(bbox).all(|(got, want)| (got - want).abs() <= (want * 0.005).max(0.15))
    {
        return Err(format!("is {size:.2?}, not {bbox:?}"));
    }
    if let Some(volume) = wanted.volume
        && (built.volume_mm3 / volume - 1.0).abs() > 0.01
    {
        return Err(format!("has {:.1} mm3, not {volume}", built.volume_mm3));
    }
    let holes = built.mesh.topology().through_holes();
    if let Some(wanted) = wanted.through_holes
        && holes != wanted
    {
        return Err(format!("has {holes} through holes, not {wanted}"));
    }
    match wanted.components {
        Some(pieces) if pieces != built.pieces.len() => Err(format!("has {} pieces, not {pieces}", built.pieces.len())),
        _ => Ok(()),
    }
}
