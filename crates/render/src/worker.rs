//! The jobs of this service.

use std::sync::{Arc, atomic::AtomicBool};

use jobs::{JobContext, JobError, Worker};
use raytracer::{RenderError, Scene, Settings};
use serde_json::Value;
use service_kit::{Parts, job_error};

use crate::{
    Store,
    app::{Pictures, STILL},
    domain::{NEUTRAL_GREY, Picture, Still, preset_name},
};

/// Largest mesh file that is read, the upload limit.
const MAX_MESH_BYTES: u64 = 500 * 1024 * 1024;
/// libwebp's scale, 0 to 100; the image optimizer's default.
const WEBP_QUALITY: f32 = 85.0;

pub(crate) fn worker(parts: &Parts, store: Arc<Store>, concurrency: usize) -> Worker {
    let shared = parts.clone();
    Worker::builder(parts.pool.clone())
        .handler(STILL, concurrency, move |context| still(shared.clone(), store.clone(), context))
        .build()
}

async fn still(parts: Parts, store: Arc<Store>, context: JobContext) -> Result<Value, JobError> {
    let still: Still = context.payload()?;
    let owner = context.job().owner.clone();
    context.progress(0.0, "reading the mesh");
    let bytes = parts.read(&still.mesh_hash, MAX_MESH_BYTES).await.map_err(job_error)?;
    let job = still.clone();
    let webp =
        context.blocking("tracing", 0.05, 0.97, move |cancel, progress| draw(&bytes, &job, cancel, progress)).await??;
    let size_bytes = webp.len() as i64;
    let hash = parts.store(&owner, ("picture", "image/webp"), webp, vec![still.mesh_hash]).await.map_err(job_error)?;
    let picture = Picture {
        id: still.id,
        mesh_hash: still.mesh_hash,
        preset: preset_name(still.samples_per_pixel).to_owned(),
        width: still.width,
        height: still.height,
        hash,
        media_type: "image/webp".to_owned(),
        size_bytes,
        created_at: parts.clock.now(),
    };
    store.finish(&context, &picture).await?;
    Ok(Value::Null)
}

/// From the mesh's file to the picture's; pure and slow.
fn draw(stl: &[u8], still: &Still, cancel: &AtomicBool, progress: &(dyn Fn(f32) + Sync)) -> Result<Vec<u8>, JobError> {
    let mesh = mesh::stl::read(stl).map_err(|error| JobError::permanent("mesh", error.to_string()))?;
    let rgb = still.colour.as_ref().map_or(NEUTRAL_GREY, part::Colour::rgb);
    let scene = Scene::product_shot(mesh, rgb, f64::from(still.width) / f64::from(still.height));
    let settings = Settings {
        width: still.width,
        height: still.height,
        samples_per_pixel: still.samples_per_pixel,
        max_bounces: 8,
        seed: 1,
    };
    let picture = raytracer::render(&scene, &settings, cancel, progress).map_err(|error| match error {
        RenderError::Cancelled => JobError::Stopped,
        other => JobError::permanent("render", other.to_string()),
    })?;
    let encoder = webp::Encoder::from_rgb(&picture.rgb, picture.width, picture.height);
    let encoded = encoder.encode_simple(false, WEBP_QUALITY);
    let bytes =
        encoded.map_err(|error| JobError::permanent("webp", format!("the picture cannot be encoded: {error:?}")))?;
    Ok(bytes.to_vec())
}
