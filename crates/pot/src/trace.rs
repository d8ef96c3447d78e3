//! `pot trace`: everything that an artefact was made from, back to the words.

use proto::pot::{
    gateway::v1 as gateway, model_generation::v1 as models, print_job::v1 as prints, render::v1 as render,
};
use serde_json::json;

use crate::{client::Platform, failure::Failure, json, output::Output};

pub(crate) async fn run(mut platform: Platform, output: &Output, id: &str) -> Result<(), Failure> {
    let hash = resolve(&mut platform, id).await?;
    let request = gateway::GetTrailRequest { name: format!("trails/{hash}") };
    let trail = platform.trails.get_trail(request).await?.into_inner();
    for entry in &trail.entries {
        let made_from: Vec<&str> = entry.made_from.iter().map(|hash| short(hash)).collect();
        let from = if made_from.is_empty() { String::new() } else { format!("  from {}", made_from.join(", ")) };
        let text = format!(
            "{}  {:<13} {:>9} bytes  {:<26}{from}",
            short(&entry.hash),
            entry.kind,
            entry.size_bytes,
            entry.made_by
        );
        output.say(&text, json!({"event": "entry", "entry": json::of(entry)?}));
    }
    Ok(())
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// A name stands for the object that it made.
async fn resolve(platform: &mut Platform, id: &str) -> Result<String, Failure> {
    let name = id.to_owned();
    let hash = match id.split_once('/').map(|(collection, _)| collection) {
        None | Some("trails") => return Ok(id.trim_start_matches("trails/").to_owned()),
        Some("models") => {
            let model = platform.models.get_model(models::GetModelRequest { name }).await?.into_inner();
            model.artefacts.into_iter().find(|a| a.kind == "stl").map(|a| a.hash).unwrap_or_default()
        }
        Some("slices") => platform.prints.get_slice(prints::GetSliceRequest { name }).await?.into_inner().gcode_hash,
        Some("quotes") => platform.prints.get_quote(prints::GetQuoteRequest { name }).await?.into_inner().hash,
        Some("pictures") => platform.render.get_picture(render::GetPictureRequest { name }).await?.into_inner().hash,
        Some("printJobs") => {
            let job = platform.prints.get_print_job(prints::GetPrintJobRequest { name }).await?.into_inner();
            if job.telemetry_hash.is_empty() { job.gcode_hash } else { job.telemetry_hash }
        }
        Some(other) => {
            return Err(Failure::failed(format!(
                "'{other}' names nothing that has a trail; give a BLAKE3 hash or models/, slices/, quotes/, pictures/, printJobs/"
            )));
        }
    };
    if hash.is_empty() {
        return Err(Failure::failed(format!("{id} has made nothing yet")));
    }
    Ok(hash)
}
