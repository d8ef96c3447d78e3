//! From a mesh to G-code.

use std::sync::{Arc, atomic::AtomicBool};

use jobs::{JobContext, JobError};
use serde_json::Value;
use service_kit::{Parts, blobs_error};
use slicer::{Settings, SliceError};

use crate::{
    PrinterProfile, Store,
    app::SliceStore,
    domain::{Filament, Slice, SliceOrder, arrange, filament, plates},
};

/// Largest mesh file that is read, the upload limit.
const MAX_MESH_BYTES: u64 = 500 * 1024 * 1024;
/// Lines are this much wider than the nozzle.
const LINE_WIDTH: f64 = 1.125;

#[derive(Clone)]
pub(super) struct Slicing {
    pub parts: Parts,
    pub store: Arc<Store>,
    pub profile: PrinterProfile,
}

pub(super) async fn slice(slicing: Slicing, context: JobContext) -> Result<Value, JobError> {
    let Slicing { parts, store, profile } = slicing;
    let order: SliceOrder = context.payload()?;
    let owner = context.job().owner.clone();
    let filament = filament(order.material).map_err(|why| JobError::permanent("material", why))?;
    let key = order.key();
    if let Some(equal) = store.equal(&owner, &key).await? {
        store.finish_with(&context, equal).await?;
        return Ok(Value::Null);
    }
    context.progress(0.0, "reading the mesh");
    let stl = parts.blobs.get(&order.mesh_hash, MAX_MESH_BYTES).await.map_err(unreadable)?;
    let job = order.clone();
    let work = move |cancel: &AtomicBool, progress: &(dyn Fn(f32) + Sync)| {
        program(&stl, &job, filament, &profile, (cancel, progress))
    };
    let (sliced, laid) = context.blocking("slicing", 0.02, 0.97, work).await?.map_err(|error| *error)?;
    let gcode_size_bytes = sliced.gcode.len() as i64;
    let gcode_hash = parts
        .store(&owner, ("gcode", "text/x-gcode"), sliced.gcode, vec![order.mesh_hash])
        .await
        .map_err(|error| JobError::retryable("objects", error.message().to_owned()))?;
    let slice = Slice {
        id: order.id,
        mesh_hash: order.mesh_hash,
        gcode_hash,
        gcode_size_bytes,
        material: order.material,
        material_assumed: order.material_assumed,
        copies: laid.copies,
        plate: order.plate,
        plate_count: laid.plate_count,
        layer_count: sliced.summary.layer_count,
        seconds: sliced.summary.seconds,
        filament_mm: sliced.summary.filament_mm,
        mass_g: sliced.summary.mass_g,
        size: sliced.summary.bounds.size(),
        options: order.options,
        created_at: parts.clock.now(),
    };
    store.finish(&context, &key, &slice).await?;
    Ok(Value::Null)
}

/// What lies on the bed.
struct Laid {
    copies: u32,
    plate_count: u32,
}

/// From the mesh's file to the program; pure and slow.
fn program(
    stl: &[u8],
    order: &SliceOrder,
    filament: Filament,
    profile: &PrinterProfile,
    (cancel, progress): (&AtomicBool, &(dyn Fn(f32) + Sync)),
) -> Result<(slicer::Slice, Laid), Box<JobError>> {
    let mesh = mesh::stl::read(stl).map_err(|error| JobError::permanent("mesh", error.to_string()))?;
    let (bed, skirt) = ([profile.bed[0], profile.bed[1]], order.options.skirt);
    let plates = plates::spread(mesh, bed, skirt);
    let plate_count = plates.len() as u32;
    let Some(mesh) = plates.into_iter().nth(order.plate as usize - 1) else {
        let why = format!("plate: is {}, and this part takes {plate_count}", order.plate);
        return Err(Box::new(JobError::permanent("plate", why)));
    };
    let size = mesh.bounds().map_or([0.0; 3], |bounds| bounds.size());
    // Of a part that takes several plates, each is for one copy.
    let wanted = if plate_count == 1 { order.quantity } else { 1 };
    let grid = arrange::grid([size[0], size[1]], bed, wanted, skirt);
    let plate = if grid.copies == 1 { mesh } else { arrange::copies(&mesh, grid) };
    let mut settings = settings(order, filament, profile);
    if plate_count > 1 {
        settings.header.push(("plate".to_owned(), format!("{} of {plate_count}", order.plate)));
    }
    settings.header.push(("copies".to_owned(), grid.copies.to_string()));
    let sliced = slicer::slice(&plate, &settings, cancel, progress).map_err(|error| match error {
        SliceError::Cancelled => JobError::Stopped,
        other => JobError::permanent("slice", other.to_string()),
    })?;
    Ok((sliced, Laid { copies: grid.copies, plate_count }))
}

fn settings(order: &SliceOrder, filament: Filament, profile: &PrinterProfile) -> Settings {
    let defaults = Settings::default();
    let options = order.options;
    let bottom = defaults.first_layer_height.min(profile.nozzle_diameter * 0.8);
    Settings {
        bed: profile.bed,
        nozzle_diameter: profile.nozzle_diameter,
        filament_diameter: profile.filament_diameter,
        line_width: profile.nozzle_diameter * LINE_WIDTH,
        layer_height: options.layer_height,
        first_layer_height: bottom,
        perimeters: options.perimeters,
        infill_density: options.infill_density,
        skirt_loops: if options.skirt { defaults.skirt_loops } else { 0 },
        material: order.material.to_string(),
        density_g_cm3: filament.density_g_cm3,
        nozzle_temperature: filament.nozzle_temperature,
        bed_temperature: filament.bed_temperature,
        header: vec![
            ("mesh_hash".to_owned(), order.mesh_hash.to_string()),
            ("material_assumed".to_owned(), order.material_assumed.to_string()),
        ],
        ..defaults
    }
}

fn unreadable(error: blob_store::Error) -> JobError {
    match blobs_error(error) {
        error if error.kind() == rpc::ErrorKind::NotFound => {
            JobError::permanent("mesh", format!("mesh_hash: {}", error.message()))
        }
        error => JobError::retryable("objects", error.message().to_owned()),
    }
}
