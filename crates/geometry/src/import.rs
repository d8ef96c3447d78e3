//! Bodies from outside: STL, OBJ, 3MF and STEP files, read within bounds, repaired where that is safe, and measured.
//!
//! Memory is bounded by the file's size (and for 3MF by [`Bounds::inflated`]), never by what a header claims. Errors say
//! what is wrong, where in the file, and what helps. The same bytes give the same result.

mod obj;
mod package;
mod polygon;
mod step;
mod threemf;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::AtomicBool,
};

use ::mesh::{
    MassProperties, TriMesh,
    repair::{self, Repair, RepairError},
    stl::{self, StlError},
};
use serde::{Deserialize, Serialize};

pub use obj::ObjError;
pub use package::PackageError;
pub use step::StepError;
pub use threemf::ThreemfError;

/// A file format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Stl,
    Obj,
    Threemf,
    Step,
}

impl Format {
    /// The file name's ending without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Stl => "stl",
            Format::Obj => "obj",
            Format::Threemf => "3mf",
            Format::Step => "step",
        }
    }

    /// By a file name's ending, upper or lower case, without its dot.
    pub fn from_extension(extension: &str) -> Option<Format> {
        match extension.to_ascii_lowercase().as_str() {
            "stl" => Some(Format::Stl),
            "obj" => Some(Format::Obj),
            "3mf" => Some(Format::Threemf),
            "step" | "stp" | "p21" => Some(Format::Step),
            _ => None,
        }
    }
}

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Length of the file.
    pub bytes: usize,
    /// Triangles of all objects together.
    pub triangles: usize,
    /// Greatest absolute coordinate, millimetres.
    pub reach_mm: f64,
    /// Files within an archive.
    pub entries: usize,
    /// Bytes of all files within an archive together, unpacked.
    pub inflated: usize,
    /// Unpacked bytes for each packed byte of a file within an archive, beyond its first megabyte.
    pub ratio: usize,
    /// Objects within objects within objects.
    pub depth: usize,
    /// Objects placed, each placement counted.
    pub objects: usize,
    /// Length of a STEP file: its reader keeps about thirty times as much.
    pub step_bytes: usize,
    /// Instances in a STEP file.
    pub step_instances: usize,
    /// What may be mended.
    pub repair: repair::Options,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            bytes: 500_000_000,
            triangles: 10_000_000,
            reach_mm: 10_000.0,
            entries: 1000,
            inflated: 2_000_000_000,
            ratio: 200,
            depth: 16,
            objects: 10_000,
            step_bytes: 64_000_000,
            step_instances: 1_000_000,
            repair: repair::Options::default(),
        }
    }
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImportError {
    #[error("the file is empty")]
    Empty,
    #[error("the file has {bytes} bytes; up to {max} are read")]
    TooLarge { bytes: usize, max: usize },
    #[error("the file is none of STL, OBJ, 3MF and STEP; export it as one of these")]
    UnknownFormat,
    #[error("the file holds more than {max} triangles; simplify it before uploading")]
    TooManyTriangles { max: usize },
    #[error("the file places more than {max} objects")]
    TooManyObjects { max: usize },
    #[error("the body reaches to {coordinate:.1} mm, further than {max} mm from the origin; check the file's unit")]
    TooFar { coordinate: f64, max: f64 },
    #[error("STL: {0}")]
    Stl(StlError),
    #[error("OBJ: {0}")]
    Obj(#[from] ObjError),
    #[error("3MF archive: {0}")]
    Package(#[from] PackageError),
    #[error("3MF: {0}")]
    Threemf(#[from] ThreemfError),
    #[error("STEP: {0}")]
    Step(#[from] StepError),
    #[error("the mesh is not a solid: {0}")]
    Repair(RepairError),
    #[error("reading was cancelled")]
    Cancelled,
}

impl From<StlError> for ImportError {
    fn from(error: StlError) -> Self {
        match error {
            StlError::Cancelled => ImportError::Cancelled,
            StlError::TooManyTriangles { max } => ImportError::TooManyTriangles { max },
            other => ImportError::Stl(other),
        }
    }
}

impl From<RepairError> for ImportError {
    fn from(error: RepairError) -> Self {
        if error == RepairError::Cancelled { ImportError::Cancelled } else { ImportError::Repair(error) }
    }
}

/// Something about an accepted body that its owner should know.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// Triangles run through each other: booleans and slicing may surprise.
    SelfIntersecting { pairs: usize, at: [f64; 3] },
    /// The mesh is too large for that check.
    IntersectionsNotChecked,
    /// STL and OBJ state no unit: millimetres were taken.
    UnitAssumed,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Warning::SelfIntersecting { pairs, at: [x, y, z] } => write!(
                f,
                "the surface runs through itself: {pairs} pairs of triangles cross, the first near ({x:.2}, {y:.2}, {z:.2}) mm"
            ),
            Warning::IntersectionsNotChecked => {
                f.write_str("the mesh is too large to be checked for crossing triangles")
            }
            Warning::UnitAssumed => f.write_str("the format states no unit: lengths were taken as millimetres"),
        }
    }
}

/// Measures of an accepted body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    pub bounds: ::mesh::Bounds,
    /// From the exact surfaces for STEP, from the triangles otherwise.
    pub mass: MassProperties,
    pub triangles: usize,
    /// Shells with the material inside.
    pub solids: usize,
    /// Shells around a hollow within a solid.
    pub voids: usize,
}

/// A body from a file, ready for booleans: closed and oriented outwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub format: Format,
    /// Millimetres. Closed by its indices: where solids touch, corners may coincide and stay separate.
    pub mesh: TriMesh,
    /// The STEP file as it came, where there are exact surfaces; see [`crate::Imports`].
    pub exact: Option<Vec<u8>>,
    /// What was mended, in order; empty for a good file.
    pub repairs: Vec<Repair>,
    pub warnings: Vec<Warning>,
    pub measures: Measures,
}

/// A file's format by its content: extensions lie. `None` where it is none of those that are read.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Format::Threemf);
    }
    if start.starts_with(b"ISO-10303-21") {
        return Some(Format::Step);
    }
    let declared = bytes.get(80..84).map(|n| u64::from(u32::from_le_bytes([n[0], n[1], n[2], n[3]])));
    if declared.is_some_and(|n| n * 50 + 84 == bytes.len() as u64) || stl::looks_ascii(bytes) {
        return Some(Format::Stl);
    }
    if obj::looks_so(start) {
        return Some(Format::Obj);
    }
    // A binary STL whose count is wrong is told what is wrong with it.
    let head = &bytes[..bytes.len().min(80)];
    let binary = bytes.len() >= 134 && !is_known_other(bytes) && (bytes.len() - 84).is_multiple_of(50);
    (binary && head.iter().all(|byte| byte.is_ascii())).then_some(Format::Stl)
}

/// Formats that people try and that have a mark of their own.
fn is_known_other(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 8] = [b"glTF", b"ply", b"\x89PNG", b"\xFF\xD8", b"%PDF", b"GIF8", b"Kaydara", b"PK"];
    marks.iter().any(|mark| bytes.starts_with(mark))
}

/// The meshes of a file's objects as they stand in it, in millimetres; for STEP the tessellated solids.
pub fn read_unrepaired(
    format: Format,
    bytes: &[u8],
    bounds: &Bounds,
    cancel: &AtomicBool,
) -> Result<Vec<TriMesh>, ImportError> {
    within(bytes, bounds)?;
    match format {
        Format::Stl => Ok(vec![read_stl(bytes, bounds, cancel)?.0]),
        Format::Obj => Ok(vec![obj::read(bytes, bounds, cancel)?]),
        Format::Threemf => threemf::read(bytes, bounds, cancel),
        Format::Step => Ok(vec![step::read(bytes, bounds, cancel)?.mesh]),
    }
}

/// Reads, repairs and measures. `cancel` set to true stops it within seconds.
pub fn read(format: Format, bytes: &[u8], bounds: &Bounds, cancel: &AtomicBool) -> Result<Imported, ImportError> {
    within(bytes, bounds)?;
    match format {
        Format::Stl => {
            let (mesh, dropped) = read_stl(bytes, bounds, cancel)?;
            finish(format, vec![mesh], dropped, bounds, cancel)
        }
        Format::Obj => finish(format, vec![obj::read(bytes, bounds, cancel)?], 0, bounds, cancel),
        Format::Threemf => finish(format, threemf::read(bytes, bounds, cancel)?, 0, bounds, cancel),
        Format::Step => step::read(bytes, bounds, cancel),
    }
}

fn within(bytes: &[u8], bounds: &Bounds) -> Result<(), ImportError> {
    if bytes.is_empty() {
        return Err(ImportError::Empty);
    }
    if bytes.len() > bounds.bytes {
        return Err(ImportError::TooLarge { bytes: bytes.len(), max: bounds.bytes });
    }
    Ok(())
}

fn read_stl(bytes: &[u8], bounds: &Bounds, cancel: &AtomicBool) -> Result<(TriMesh, usize), ImportError> {
    let limits = stl::Limits { triangles: bounds.triangles, reach: bounds.reach_mm };
    Ok(stl::read_within(bytes, &limits, cancel)?)
}

/// Repairs each object by itself, so that one within another stays a solid, and puts them together.
fn finish(
    format: Format,
    objects: Vec<TriMesh>,
    dropped: usize,
    bounds: &Bounds,
    cancel: &AtomicBool,
) -> Result<Imported, ImportError> {
    let mut repairs = Vec::new();
    let mut mesh = TriMesh::default();
    let (mut solids, mut voids) = (0, 0);
    for object in objects {
        let repaired = repair::repair(object, &bounds.repair, cancel)?;
        repaired.repairs.into_iter().for_each(|repair| add(&mut repairs, repair));
        solids += repaired.solids;
        voids += repaired.voids;
        if mesh.is_empty() { mesh = repaired.mesh } else { mesh.append(&repaired.mesh) }
    }
    if dropped > 0 {
        add(&mut repairs, Repair::DroppedDegenerate { triangles: dropped });
    }
    let mut warnings = intersections(&mesh, cancel);
    if matches!(format, Format::Stl | Format::Obj) {
        warnings.push(Warning::UnitAssumed);
    }
    let mass = mesh.mass_properties();
    let measures = measures(&mesh, mass, solids, voids)?;
    Ok(Imported { format, mesh, exact: None, repairs, warnings, measures })
}

fn measures(mesh: &TriMesh, mass: MassProperties, solids: usize, voids: usize) -> Result<Measures, ImportError> {
    let bounds = mesh.bounds().ok_or(ImportError::Repair(RepairError::Empty))?;
    Ok(Measures { bounds, mass, triangles: mesh.triangles.len(), solids, voids })
}

/// Triangles up to which crossings are looked for: a few seconds.
const MOST_CHECKED: usize = 2_000_000;
/// Pairs of boxes that the search may look at.
const EFFORT: usize = 100_000_000;

fn intersections(mesh: &TriMesh, cancel: &AtomicBool) -> Vec<Warning> {
    if mesh.triangles.len() > MOST_CHECKED {
        return vec![Warning::IntersectionsNotChecked];
    }
    let found = repair::self_intersections(mesh, EFFORT, cancel);
    match found.at {
        Some(at) => vec![Warning::SelfIntersecting { pairs: found.pairs, at }],
        None if found.complete => Vec::new(),
        None => vec![Warning::IntersectionsNotChecked],
    }
}

/// Adds a repair to those of other objects: one entry a kind.
fn add(repairs: &mut Vec<Repair>, new: Repair) {
    for old in repairs.iter_mut() {
        match (old, new) {
            (Repair::Merged { corners: n }, Repair::Merged { corners: more })
            | (Repair::DroppedDegenerate { triangles: n }, Repair::DroppedDegenerate { triangles: more })
            | (Repair::DroppedDuplicate { triangles: n }, Repair::DroppedDuplicate { triangles: more })
            | (Repair::Turned { triangles: n }, Repair::Turned { triangles: more })
            | (Repair::SplitEdges { edges: n }, Repair::SplitEdges { edges: more })
            | (Repair::SplitCorners { corners: n }, Repair::SplitCorners { corners: more })
            | (Repair::TurnedShells { shells: n }, Repair::TurnedShells { shells: more }) => {
                *n += more;
                return;
            }
            (
                Repair::FilledHoles { holes, triangles, largest_mm },
                Repair::FilledHoles { holes: more, triangles: lids, largest_mm: size },
            ) => {
                *holes += more;
                *triangles += lids;
                *largest_mm = largest_mm.max(size);
                return;
            }
            _ => {}
        }
    }
    repairs.push(new);
}

/// Runs a third-party reader: a panic in it is its refusal of the file.
fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    // The closure owns or only reads what it uses; nothing half-changed outlives it.
    catch_unwind(AssertUnwindSafe(read)).ok()
}
