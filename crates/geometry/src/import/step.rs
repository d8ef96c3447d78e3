//! STEP AP203 and AP214: the solids of the file on the exact kernel, tessellated; the file itself stays the body.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use ::mesh::{MassProperties, TriMesh, repair};
use arris::{
    Control,
    io::step::{
        self, ReadError,
        part21::{self, Exchange, Param},
    },
    mesh::MeshError,
    ops::{OpError, measure},
    topo::{Body, Model},
};

use super::{Bounds, Format, ImportError, Imported, guarded, intersections, measures};

/// What is wrong with a STEP file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StepError {
    #[error("the file has {bytes} bytes; up to {max} are read. Export it as 3MF or STL")]
    TooLarge { bytes: usize, max: usize },
    #[error("the file has more than {max} instances; export it as 3MF or STL")]
    TooManyInstances { max: usize },
    /// Says line, column and instance where it can.
    #[error("{0}")]
    Malformed(String),
    #[error("instance #{instance}: {reason}")]
    Refused { instance: u64, reason: String },
    #[error("instance #{instance} is an open surface and not a solid; sew it into a solid before exporting")]
    Surface { instance: u64 },
    #[error("the file has no solids")]
    NoSolids,
    #[error("instance #{instance} cannot be made into triangles: {reason}; export it as 3MF or STL")]
    Untessellated { instance: u64, reason: String },
    #[error("the exact kernel failed on this file; export it as 3MF or STL")]
    KernelFailed,
    #[error("reading takes more steps than a file of its length may; simplify it, or export it as 3MF or STL")]
    TooComplex,
}

pub(super) fn read(bytes: &[u8], bounds: &Bounds, cancel: &AtomicBool) -> Result<Imported, ImportError> {
    if bytes.len() > bounds.step_bytes {
        return Err(StepError::TooLarge { bytes: bytes.len(), max: bounds.step_bytes }.into());
    }
    let instances = bytes.iter().filter(|byte| **byte == b';').count();
    if instances > bounds.step_instances {
        return Err(StepError::TooManyInstances { max: bounds.step_instances }.into());
    }
    // Names may hold other bytes than the standard allows; only strings do, so replacing them changes no geometry.
    let text = String::from_utf8_lossy(bytes);
    let stopped = || cancel.load(Ordering::Relaxed);
    // A step is a placement, an edge, a face or a point of a lattice; a part has some tens of these an instance.
    let control = Control::poll(&stopped).with_budget(100_000 + 100 * instances as u64);
    let mut model = Model::default();
    let solids = guarded(|| solids(&mut model, &text, bounds, &control)).ok_or(StepError::KernelFailed)??;
    let mut repairs = Vec::new();
    let mut all = TriMesh::default();
    let mut mass = MassProperties { volume_mm3: 0.0, area_mm2: 0.0, centre_of_mass: [0.0; 3] };
    let (mut count, mut voids) = (0, 0);
    for (instance, body) in solids {
        let (mesh, own) = guarded(|| triangles(&model, instance, body, &control)).ok_or(StepError::KernelFailed)??;
        let mended = repair::repair(mesh, &bounds.repair, cancel)?;
        mended.repairs.into_iter().for_each(|repair| super::add(&mut repairs, repair));
        count += mended.solids;
        voids += mended.voids;
        if all.is_empty() {
            all = mended.mesh
        } else {
            all.append(&mended.mesh)
        }
        if all.triangles.len() > bounds.triangles {
            return Err(ImportError::TooManyTriangles { max: bounds.triangles });
        }
        for axis in 0..3 {
            mass.centre_of_mass[axis] += own.volume_mm3 * own.centre_of_mass[axis];
        }
        mass.volume_mm3 += own.volume_mm3;
        mass.area_mm2 += own.area_mm2;
    }
    mass.centre_of_mass = mass.centre_of_mass.map(|moment| moment / mass.volume_mm3);
    let far =
        all.positions.iter().flatten().copied().fold(0.0, |far: f64, c| if c.abs() > far.abs() { c } else { far });
    if far.abs() > bounds.reach_mm {
        return Err(ImportError::TooFar { coordinate: far, max: bounds.reach_mm });
    }
    let warnings = intersections(&all, cancel);
    let measures = measures(&all, mass, count, voids)?;
    Ok(Imported { format: Format::Step, mesh: all, exact: Some(bytes.to_vec()), repairs, warnings, measures })
}

/// Every solid of the text, read into the model; one that cannot be read refuses the file.
fn solids(
    model: &mut Model,
    text: &str,
    bounds: &Bounds,
    control: &Control<'_>,
) -> Result<Vec<(u64, Body)>, ImportError> {
    const PLACING: [&str; 2] = ["REPRESENTATION_RELATIONSHIP", "MAPPED_ITEM"];
    let placing: usize = PLACING.iter().map(|word| count_ignoring_case(text, word)).sum();
    // The kernel also follows chains of representations that stand for each other, in their square.
    if placing > bounds.objects {
        return Err(ImportError::TooManyObjects { max: bounds.objects });
    }
    if placing > 0 {
        // The kernel walks an assembly before it counts steps: one that names itself often would not end.
        let exchange = part21::parse(text).map_err(|error| StepError::Malformed(error.to_string()))?;
        if placements(&exchange, bounds.objects) > bounds.objects {
            return Err(ImportError::TooManyObjects { max: bounds.objects });
        }
    }
    let read = step::read(model, text, &step::ReadOptions::default(), control).map_err(|error| match error {
        ReadError::Interrupted(stop) => interrupted(&stop),
        error => StepError::Malformed(error.to_string()).into(),
    })?;
    if read.solids.is_empty() {
        return Err(StepError::NoSolids.into());
    }
    let mut bodies = Vec::with_capacity(read.solids.len());
    for solid in read.solids {
        let instance = solid.entity.id;
        let body = solid.result.map_err(|refusal| StepError::Refused { instance, reason: refusal.to_string() })?.body;
        bodies.push((instance, body));
    }
    Ok(bodies)
}

fn count_ignoring_case(text: &str, word: &str) -> usize {
    text.as_bytes().windows(word.len()).filter(|window| window.eq_ignore_ascii_case(word.as_bytes())).count()
}

fn interrupted(stop: &arris::math::Interrupted) -> ImportError {
    match stop.by {
        arris::math::Stop::Budget => StepError::TooComplex.into(),
        _ => ImportError::Cancelled,
    }
}

/// How many paths lead through the file's assembly, at most `most` and one more. A placement leads from a representation to
/// the one that holds it, either by a relationship with a transformation or by a mapped item.
fn placements(exchange: &Exchange, most: usize) -> usize {
    let reference = |param: Option<&Param>| if let Some(Param::Ref(id)) = param { Some(*id) } else { None };
    // Representations that stand for each other are one; the least number names them.
    let mut same: BTreeMap<u64, u64> = BTreeMap::new();
    let name = |same: &BTreeMap<u64, u64>, mut id: u64| {
        while let Some(less) = same.get(&id) {
            id = *less;
        }
        id
    };
    let mut holders: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (id, instance) in &exchange.instances {
        if let Some(relation) = instance
            .record("REPRESENTATION_RELATIONSHIP")
            .or_else(|| instance.record("SHAPE_REPRESENTATION_RELATIONSHIP"))
            && instance.record("REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION").is_none()
            && let (Some(a), Some(b)) = (reference(relation.params.get(2)), reference(relation.params.get(3)))
        {
            let (a, b) = (name(&same, a), name(&same, b));
            if a != b {
                same.insert(a.max(b), a.min(b));
            }
        }
        for record in instance.records().iter().filter(|record| record.name.ends_with("REPRESENTATION")) {
            if let Some(Param::List(items)) = record.params.get(1) {
                for item in items.iter().filter_map(|item| reference(Some(item))) {
                    holders.entry(item).or_default().push(*id);
                }
            }
        }
    }
    let mut children: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut held: BTreeSet<u64> = BTreeSet::new();
    let mut place = |child: u64, parent: u64| {
        let (child, parent) = (name(&same, child), name(&same, parent));
        children.entry(parent).or_default().push(child);
        held.insert(child);
    };
    for (id, instance) in &exchange.instances {
        if instance.record("REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION").is_some()
            && let Some(relation) = instance.record("REPRESENTATION_RELATIONSHIP")
            && let (Some(child), Some(parent)) = (reference(relation.params.get(2)), reference(relation.params.get(3)))
        {
            place(child, parent);
        }
        if let Some(item) = instance.record("MAPPED_ITEM")
            && let Some(map) = reference(item.params.get(1)).and_then(|map| exchange.instances.get(&map))
            && let Some(child) = map.record("REPRESENTATION_MAP").and_then(|map| reference(map.params.get(1)))
        {
            holders.get(id).into_iter().flatten().for_each(|holder| place(child, *holder));
        }
    }
    // Paths by their length; a cycle makes them grow until the limit.
    let mut ends: BTreeMap<u64, usize> = children.keys().filter(|id| !held.contains(id)).map(|id| (*id, 1)).collect();
    let mut total = 0_usize;
    for _ in 0..64 {
        let mut next: BTreeMap<u64, usize> = BTreeMap::new();
        for (parent, paths) in &ends {
            for child in children.get(parent).into_iter().flatten() {
                let count = next.entry(*child).or_default();
                *count = count.saturating_add(*paths);
            }
        }
        total = next.values().fold(total, |total, paths| total.saturating_add(*paths));
        if total > most || next.is_empty() {
            break;
        }
        ends = next;
    }
    total.min(most.saturating_add(1))
}

/// A closed mesh within 0.1 % of the solid's volume, and the solid's own measures.
fn triangles(
    model: &Model,
    instance: u64,
    body: Body,
    control: &Control<'_>,
) -> Result<(TriMesh, MassProperties), ImportError> {
    let refused = |reason: String| ImportError::from(StepError::Untessellated { instance, reason });
    let p = measure::mass_properties(model, body, control).map_err(|error| match error {
        OpError::Interrupted(stop) => interrupted(&stop),
        // Surfaces have no volume to measure.
        _ => StepError::Surface { instance }.into(),
    })?;
    let exact = MassProperties {
        volume_mm3: p.volume,
        area_mm2: p.area,
        centre_of_mass: [p.centroid.x, p.centroid.y, p.centroid.z],
    };
    if exact.volume_mm3.is_nan() || exact.volume_mm3 <= 0.0 {
        return Err(StepError::Surface { instance }.into());
    }
    // A thousandth of the edge of a cube of this volume; finer while the mesh is open or off.
    let mut chord = (exact.volume_mm3.cbrt() * 1e-3).clamp(0.001, 0.1);
    let mut reason = String::new();
    for _ in 0..4 {
        match arris::mesh::tessellate(model, body, chord, control) {
            Ok(found) => {
                let mesh = TriMesh::new(found.positions().to_vec(), found.triangles().to_vec());
                let off = (mesh.mass_properties().volume_mm3 / exact.volume_mm3 - 1.0).abs();
                if mesh.topology().is_watertight() && off <= 0.001 {
                    return Ok((mesh, exact));
                }
                reason = format!("the mesh is open or {:.2} % off the volume", off * 100.0);
            }
            Err(MeshError::Interrupted(stop)) => return Err(interrupted(&stop)),
            Err(error) => reason = error.to_string(),
        }
        chord *= 0.4;
    }
    Err(refused(reason))
}
