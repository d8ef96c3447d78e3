//! Threads for printed parts: how coarse, how loose, and where they begin. Screws, nuts, tapped holes, jars and screw lids
//! share them.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Choice, Default, Parameter, Values},
    solid::{Contour, Frame, Shape, Solid},
    standards::{self, Size},
};

/// Whether a thread is there to be printed, or is only a plain bore or shank to be cut later.
pub(crate) const REPRESENTATION: Choice =
    Choice { name: "representation", options: &["modelled", "cosmetic"], default: Some("modelled") };

/// The thread of what is named by its screw size, `diameter` at most `most`.
pub(crate) const fn diameter(most: f64) -> Parameter {
    length("diameter", Default::Rule("the size's", diameter_of), (1.6, most), "diameter of the thread")
}

pub(crate) const PITCH: Parameter = length(
    "pitch",
    Default::Rule("the size's, or the coarse pitch of the diameter (ISO 261)", pitch_of),
    (0.2, 20.0),
    "pitch of the thread",
);

/// Pitch of a thread that a hand turns: coarse enough for a nozzle of 0.4 mm and for a lid that closes in two turns.
pub(crate) fn lid_pitch(diameter: f64) -> f64 {
    match diameter {
        d if d < 20.0 => 2.0,
        d if d < 50.0 => 3.0,
        d if d < 100.0 => 4.0,
        _ => 5.0,
    }
}

/// How far a printed thread's flanks are moved towards its core, on the radius. Two mates have it each, which leaves the
/// fit's gap between their flanks (they lean 30° to the level); a tenth of the pitch at most, so that fine threads of ISO
/// 68-1, which overlap by 0.54 pitches, still hold by 0.34.
pub(crate) fn clearance(fit: f64, pitch: f64) -> f64 {
    snap(fit.min(pitch / 10.0))
}

/// Minor diameter of the internal thread, D1 of ISO 724.
pub(crate) fn minor(diameter: f64, pitch: f64) -> f64 {
    diameter - 1.082_532 * pitch
}

/// Smallest diameter of the external thread, to the bottom of its rounded root: d3 of ISO 724.
pub(crate) fn root(diameter: f64, pitch: f64) -> f64 {
    diameter - 1.226_869 * pitch
}

/// A threaded rod from `z` up.
pub(crate) fn external(diameter: f64, pitch: f64, z: f64, length: f64, clearance: f64) -> Solid {
    let shape = Shape::Thread { diameter, pitch, length, internal: false, left_handed: false, clearance };
    Solid { shape, frame: Frame::at([0.0, 0.0, snap(z)]) }
}

/// The tool of a tapped hole from `z` up.
pub(crate) fn internal(diameter: f64, pitch: f64, z: f64, length: f64, clearance: f64) -> Solid {
    let shape = Shape::Thread { diameter, pitch, length, internal: true, left_handed: false, clearance };
    Solid { shape, frame: Frame::at([0.0, 0.0, snap(z)]) }
}

/// A tool that takes the first turn off a rod's end at `z` by 45 degrees down to its core: a thread without it is caught
/// by its sharp first edge. The end looks up, or down.
pub(crate) fn rod_lead_in(diameter: f64, pitch: f64, z: f64, up: bool) -> Solid {
    let (major, core) = (diameter / 2.0, root(diameter, pitch) / 2.0);
    let over = (core / 2.0).min(BEYOND);
    let sign = if up { 1.0 } else { -1.0 };
    let at = |radius: f64, above: f64| [snap(radius), snap(z + sign * above)];
    let mut points = vec![at(core - over, over), at(major + over, core - major - over), at(major + over, over)];
    if !up {
        points.reverse();
    }
    revolve(Contour::Polygon { points })
}

/// A tool that opens a tapped hole's mouth at `z` by 45 degrees from its core to its full width. The hole goes up from
/// there, or down.
pub(crate) fn hole_lead_in(diameter: f64, pitch: f64, z: f64, up: bool) -> Solid {
    let (major, core) = (diameter / 2.0 + 0.1, minor(diameter, pitch) / 2.0);
    let over = (core / 2.0).min(BEYOND);
    let sign = if up { 1.0 } else { -1.0 };
    let at = |radius: f64, above: f64| [snap(radius), snap(z + sign * above)];
    let deep = major - core + over;
    let mut points = vec![at(0.0, -over), at(major + over, -over), at(core - over, deep), at(0.0, deep)];
    if !up {
        points.reverse();
    }
    revolve(Contour::Polygon { points })
}

/// Walls of a lobed grip: `lobes` equal arcs that bulge to `diameter`. A multiple of four measures the diameter along both
/// axes.
pub(crate) fn grip(diameter: f64, lobes: usize) -> Contour {
    if lobes < 3 {
        return circle([0.0; 2], diameter);
    }
    let r = diameter / 2.0;
    let step = std::f64::consts::TAU / lobes as f64;
    // A valley is a third as deep as a lobe is wide, and no deeper than a tenth of the radius.
    let valley = r - (r * step / 3.0).min(r / 10.0);
    let polar = |radius: f64, angle: f64| [snap(radius * angle.cos()), snap(radius * angle.sin())];
    let start = polar(valley, -step / 2.0);
    let segments = (0..lobes)
        .map(|i| {
            let middle = step * i as f64;
            let to = if i + 1 == lobes { start } else { polar(valley, middle + step / 2.0) };
            arc(polar(r, middle), to)
        })
        .collect();
    Contour::Path { start, segments }
}

/// Smallest radius of a grip's walls.
pub(crate) fn grip_valley(diameter: f64, lobes: usize) -> f64 {
    let r = diameter / 2.0;
    if lobes < 3 { r } else { r - (r * std::f64::consts::TAU / lobes as f64 / 3.0).min(r / 10.0) }
}

/// A regular hexagon by its width across flats, two of its flats square to Y.
pub(crate) fn hexagon(across_flats: f64) -> Contour {
    let points = on_circle(6, across_flats / (std::f64::consts::PI / 6.0).cos(), 0.0);
    Contour::Polygon { points }
}

/// Outer size of that hexagon along X, its width across corners.
pub(crate) fn across_corners(across_flats: f64) -> f64 {
    snap(across_flats / (std::f64::consts::PI / 6.0).cos())
}

/// The screw size that a family's choice `size` names, if its diameter is the part's; else the metric size of the diameter.
pub(crate) fn size_of(v: &Values) -> Option<Size> {
    let said = v.choice("size").parse::<Size>().ok();
    match v.find("diameter") {
        Some(d) => said.filter(|size| size.diameter() == d).or_else(|| format!("M{d}").parse().ok()),
        None => said,
    }
}

/// Refuses a choice `size` that is no screw size.
pub(crate) fn readable(v: &Values) -> Result<(), Invalid> {
    let read = v.choice("size").parse::<Size>();
    read.map(|_| ()).map_err(|error| Invalid::new("", "size", error.to_string()))
}

pub(crate) fn diameter_of(v: &Values) -> f64 {
    size_of(v).map_or(8.0, |size| size.diameter())
}

pub(crate) fn pitch_of(v: &Values) -> f64 {
    size_of(v).map_or_else(|| standards::coarse_pitch(v.get("diameter")), |size| size.pitch())
}

/// Turns that a mesh carries without growing past what can be sliced.
const MOST_TURNS: f64 = 500.0;

/// Refuses a pitch that leaves no core, or makes more turns of a thread `long` than a mesh carries.
pub(crate) fn pitch_fits(diameter: f64, pitch: f64, long: f64) -> Result<(), Invalid> {
    require(long <= MOST_TURNS * pitch, "pitch", || {
        format!("of {} makes more than {MOST_TURNS} turns in {}; use a coarser one", mm(pitch), mm(long))
    })?;
    require(pitch < diameter / 2.0, "pitch", || {
        format!("of {} is too coarse for a thread of {}; use less than {}", mm(pitch), mm(diameter), mm(diameter / 2.0))
    })
}

/// Drill of a cosmetic thread's hole.
pub(crate) fn tap_drill(v: &Values, diameter: f64, pitch: f64) -> f64 {
    let table = size_of(v).filter(|size| size.diameter() == diameter && size.pitch() == pitch);
    table.map_or(snap(diameter - pitch), |size| standards::thread(&size).tap_drill)
}
