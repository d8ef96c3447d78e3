//! The worker process: reads requests from standard input, answers on standard output, and ends with its parent.

use std::{
    io,
    process::ExitCode,
    sync::{atomic::AtomicBool, mpsc},
    thread,
};

use geometry::{Build, BuildError, BuildOptions};
use proto::pot::worker::v1::{
    BuildFailure, BuildRequest, BuildResponse, Built, BuiltFile, build_response::Result as R,
};

use super::frame;

/// Runs until standard input ends. A thread of its own watches it, so that a parent's death ends even a worker that is
/// in the middle of an evaluation.
pub fn worker_main() -> ExitCode {
    let (sender, requests) = mpsc::sync_channel(1);
    let reader = thread::Builder::new().name("requests".to_owned()).spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(request) = frame::read::<BuildRequest>(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    if reader.is_err() {
        return ExitCode::FAILURE;
    }
    let mut output = io::stdout().lock();
    for request in requests {
        let response = BuildResponse { result: Some(answer(request)) };
        if frame::write(&mut output, &response).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn answer(request: BuildRequest) -> R {
    let failed = |operation: String, parameter: String, message: String| {
        R::Failure(BuildFailure { operation, parameter, message })
    };
    let part = match part_proto::part_from_proto(request.part.unwrap_or_default()) {
        Ok(part) => part,
        Err(error) => return failed(String::new(), error.field, error.why),
    };
    let options: BuildOptions = match serde_json::from_slice(&request.options_json) {
        Ok(options) => options,
        Err(error) => return failed(String::new(), "options".to_owned(), error.to_string()),
    };
    // Nobody sets this: a worker that has to stop is killed.
    match geometry::build(&part, &options, &AtomicBool::new(false)) {
        Ok(build) => R::Built(built(build)),
        Err(BuildError::Invalid(invalid)) => failed(invalid.operation, invalid.parameter, invalid.why),
        Err(error) => failed(String::new(), String::new(), error.to_string()),
    }
}

fn built(build: Build) -> Built {
    let file = |kind: &str, media_type: &str, content: Vec<u8>| BuiltFile {
        kind: kind.to_owned(),
        media_type: media_type.to_owned(),
        content: content.into(),
    };
    let artefacts = build.artefacts;
    let mut files = vec![
        file("3mf", "model/3mf", artefacts.threemf),
        file("stl", "model/stl", artefacts.stl),
        file("glb", "model/gltf-binary", artefacts.glb),
        file("obj", "model/obj", artefacts.obj),
    ];
    files.extend(artefacts.step.map(|step| file("step", "model/step", step)));
    let evaluated = build.evaluated;
    let mut report_json = serde_json::to_vec_pretty(&build.report).unwrap_or_default();
    report_json.push(b'\n');
    Built {
        files,
        report_json: report_json.into(),
        exact: evaluated.exact,
        inexact_reason: evaluated.inexact_reason.unwrap_or_default(),
        bounds_min: evaluated.bounds.min.to_vec(),
        bounds_max: evaluated.bounds.max.to_vec(),
        volume_mm3: evaluated.volume_mm3,
        area_mm2: evaluated.area_mm2,
        centre_of_mass: evaluated.centre_of_mass.to_vec(),
    }
}
