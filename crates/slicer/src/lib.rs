//! PURE: a closed mesh to layers, toolpaths and G-code, with the time and the filament that they take.
//!
//! Method: the mesh is cut at the middle of every layer; layer boundaries follow the part's horizontal faces. Each
//! island gets perimeters where whole lines fit, lines of varying width where they do not, solid infill where air is
//! near above or below, and sparse infill elsewhere.
//!
//! Guarantees: the same mesh and settings give the same bytes, whatever the number of threads; at 100 % infill the
//! program deposits the solid's volume (every layer's lines are balanced against its area); the estimate is the sum of
//! what [`gcode::steps`] says of the very program. Not done: supports, bridges, and compensation of overhangs.

mod emit;
mod island;
mod layers;
mod medial;
mod path;
mod plan;
mod rectilinear;
mod region;
mod script;
mod section;
mod settings;

use std::sync::atomic::{AtomicBool, Ordering};

use gcode::{Header, StepKind};
use mesh::{Bounds, TriMesh};
use serde::{Deserialize, Serialize};

pub use settings::Settings;

/// Above this the part's lowest point counts as floating (mm).
const RESTING: f64 = 0.01;

/// A sliced part.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    pub gcode: Vec<u8>,
    pub summary: Summary,
}

/// What the program is and takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub layer_count: u32,
    /// Printing time without heating.
    pub seconds: f64,
    /// Filament deposited, skirt included.
    pub filament_mm: f64,
    pub filament_mm3: f64,
    pub mass_g: f64,
    /// The part where it lies on the bed.
    pub bounds: Bounds,
    pub retractions: u64,
    pub travel_mm: f64,
    /// What was left out and why.
    pub warnings: Vec<Warning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The bed has no room for the skirt.
    SkirtOmitted,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SliceError {
    #[error("the mesh is empty: there is nothing to slice")]
    Empty,
    #[error("the mesh has a coordinate that is not a finite number, or a triangle without its corners")]
    Malformed,
    #[error(
        "the mesh is not closed: {edges} edges have no matching neighbour, one near ({:.3}, {:.3}, {:.3}); repair it before slicing",
        near[0], near[1], near[2]
    )]
    NotClosed { edges: usize, near: [f64; 3] },
    #[error("the mesh is inside out: its triangles have to be counter-clockwise seen from outside")]
    InsideOut,
    #[error("the part is {size:.2} mm along {axis}, the printer takes {limit:.2} mm: scale it, turn it or split it")]
    TooLarge { axis: char, size: f64, limit: f64 },
    #[error(
        "the part lies at {min:.2}..{max:.2} mm along {axis}, outside the bed's 0..{limit:.2} mm: move or centre it"
    )]
    OutsideBed { axis: char, min: f64, max: f64, limit: f64 },
    #[error("the part's lowest point is at z = {z:.3} mm: put it on the bed (z = 0)")]
    NotOnBed { z: f64 },
    #[error("the part is {height:.4} mm tall, which is less than a layer")]
    TooThin { height: f64 },
    #[error("setting `{field}` is {value}: it has to be between {min} and {max}")]
    Setting { field: &'static str, value: f64, min: f64, max: f64 },
    #[error(transparent)]
    Limits(#[from] gcode::LimitsError),
    #[error("setting `{field}`: {problem}")]
    Script { field: &'static str, problem: String },
    #[error("setting `header`: {0}")]
    Header(#[from] gcode::HeaderError),
    #[error("the scripts in the settings are not valid G-code: {0}")]
    Program(String),
    #[error("slicing was cancelled")]
    Cancelled,
}

/// Slices `mesh`, which is in print pose and rests on z = 0. `cancel` is looked at between layers; `progress` is called
/// from several threads with values of 0 to 1.
pub fn slice(
    mesh: &TriMesh,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Slice, SliceError> {
    settings.validate()?;
    let stopped = || if cancel.load(Ordering::Relaxed) { Err(SliceError::Cancelled) } else { Ok(()) };
    stopped()?;
    let mesh = checked(mesh)?;
    let (offset, bounds) = placed(&mesh, settings)?;
    let layers = layers::layers(&mesh, bounds.max[2], settings);
    let planes = layers.iter().map(layers::Layer::plane).collect();
    let sectioner = section::Sectioner::new(&mesh, offset, planes)?;
    if mesh.mass_properties().volume_mm3 <= 0.0 {
        return Err(SliceError::InsideOut);
    }
    progress(0.02);
    let plans = plan::plan(&sectioner, &layers, settings, cancel, progress)?;

    let mut warnings = Vec::new();
    let skirt = plans.first().map_or(Some(Vec::new()), |first| plan::skirt(first, settings)).unwrap_or_else(|| {
        warnings.push(Warning::SkirtOmitted);
        Vec::new()
    });
    stopped()?;
    let body = emit::body(&plans, &skirt, settings)?;
    progress(0.94);
    let starts = layer_seconds(&body, settings, &stopped)?;
    let filament_mm3 = body.filament_mm * settings.filament_area_mm2();
    let summary = Summary {
        layer_count: plans.len() as u32,
        seconds: starts.total,
        filament_mm: body.filament_mm,
        filament_mm3,
        mass_g: filament_mm3 * settings.density_g_cm3 / 1000.0,
        bounds,
        retractions: body.retractions,
        travel_mm: body.travel_mm,
        warnings,
    };
    let gcode = assemble(&body, &starts, &summary, settings)?;
    progress(1.0);
    Ok(Slice { gcode, summary })
}

fn checked(mesh: &TriMesh) -> Result<TriMesh, SliceError> {
    let count = mesh.positions.len() as u32;
    let whole = mesh.positions.iter().flatten().all(|c| c.is_finite())
        && mesh.triangles.iter().flatten().all(|&vertex| vertex < count);
    if !whole {
        return Err(SliceError::Malformed);
    }
    let mesh = mesh.welded();
    if mesh.is_empty() { Err(SliceError::Empty) } else { Ok(mesh) }
}

/// How far the part moves in X and Y, and where it then is.
fn placed(mesh: &TriMesh, settings: &Settings) -> Result<([f64; 2], Bounds), SliceError> {
    let corners = mesh.iter_corners().flatten();
    let mut bounds = Bounds { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3] };
    for corner in corners {
        bounds = bounds.union(&Bounds { min: corner, max: corner });
    }
    let size = bounds.size();
    for (axis, name) in ['X', 'Y', 'Z'].into_iter().enumerate() {
        // A part as large as the bed is not refused for the last bit of its size.
        if size[axis] > settings.bed[axis] + 1e-6 {
            return Err(SliceError::TooLarge { axis: name, size: size[axis], limit: settings.bed[axis] });
        }
    }
    if bounds.min[2].abs() > RESTING {
        return Err(SliceError::NotOnBed { z: bounds.min[2] });
    }
    if bounds.max[2] < 0.02 {
        return Err(SliceError::TooThin { height: bounds.max[2] });
    }
    let centre = bounds.centre();
    let mut offset = [0.0; 2];
    for (axis, name) in ['X', 'Y'].into_iter().enumerate() {
        if settings.centre {
            offset[axis] = settings.bed[axis] / 2.0 - centre[axis];
        }
        bounds.min[axis] += offset[axis];
        bounds.max[axis] += offset[axis];
        let (min, max, limit) = (bounds.min[axis], bounds.max[axis], settings.bed[axis]);
        if min < -1e-6 || max > limit + 1e-6 {
            return Err(SliceError::OutsideBed { axis: name, min, max, limit });
        }
    }
    Ok((offset, bounds))
}

/// Seconds from the start to each layer, and to the end.
struct Starts {
    layers: Vec<f64>,
    total: f64,
}

fn layer_seconds(
    body: &emit::Body,
    settings: &Settings,
    stopped: &dyn Fn() -> Result<(), SliceError>,
) -> Result<Starts, SliceError> {
    let mut starts = Starts { layers: vec![0.0; body.layer_offsets.len()], total: 0.0 };
    for step in gcode::steps(&body.gcode[..], &settings.limits)? {
        let step = step.map_err(|error| SliceError::Program(error.to_string()))?;
        starts.total += step.duration_s;
        if let StepKind::Layer(layer) = step.kind {
            stopped()?;
            if let Some(start) = starts.layers.get_mut(layer as usize) {
                *start = starts.total;
            }
        }
    }
    Ok(starts)
}

/// Header, body, and the machine's progress display at every layer, none of which takes time.
fn assemble(body: &emit::Body, starts: &Starts, summary: &Summary, settings: &Settings) -> Result<Vec<u8>, SliceError> {
    let mut header = Header::new();
    header.set(Header::GENERATOR, concat!("3D Pot ", env!("CARGO_PKG_VERSION")))?;
    header.set(Header::LAYER_COUNT, summary.layer_count)?;
    header.set(Header::ESTIMATED_SECONDS, format!("{:.3}", summary.seconds))?;
    header.set(Header::FILAMENT_MM, format!("{:.3}", summary.filament_mm))?;
    header.set(Header::MASS_G, format!("{:.4}", summary.mass_g))?;
    header.set("material", settings.material.replace(|c: char| c.is_control(), " "))?;
    header.set("layer_height", settings.layer_height)?;
    header.set("nozzle_diameter", settings.nozzle_diameter)?;
    header.set("filament_diameter", settings.filament_diameter)?;
    header.set("infill_density", settings.infill_density)?;
    for (key, value) in &settings.header {
        header.set(key, value)?;
    }
    let mut program = Vec::with_capacity(body.gcode.len() + 64 * body.layer_offsets.len() + 4096);
    header.write(&mut program);
    let mut written = 0;
    for (&offset, &start) in body.layer_offsets.iter().zip(&starts.layers) {
        program.extend_from_slice(&body.gcode[written..offset]);
        written = offset;
        let percent = if starts.total > 0.0 { (100.0 * start / starts.total).floor() } else { 0.0 };
        let minutes = ((starts.total - start) / 60.0).ceil();
        program.extend_from_slice(format!("M73 P{percent} R{minutes}\n").as_bytes());
    }
    program.extend_from_slice(&body.gcode[written..]);
    Ok(program)
}
