//! The worker process: builds parts, looks at them and reads foreign files, and ends with its parent.

use std::{
    collections::HashMap,
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use geometry::{
    Build, BuildError, BuildOptions, CacheLimits, Evaluator, Imported, Imports, Kernels, Options,
    import::{self, Bounds},
    printability::{self, Report},
};
use part::Part;
use proto::pot::worker::v1::{
    self as pb, Brought, BuildRequest, Built, BuiltFile, Failure, MendRequest, Mended, PreviewRequest, Previewed,
    ReadRequest, WorkerRequest, worker_request::Request, worker_response::Result as R,
};

use super::{frame, pipe::Pipe};

/// Runs until standard input ends. A thread of its own watches it, so that a parent's death ends even a worker that is
/// in the middle of an evaluation.
pub fn worker_main() -> ExitCode {
    let (sender, requests) = mpsc::sync_channel(1);
    let reader = thread::Builder::new().name("requests".to_owned()).spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(request) = frame::read::<WorkerRequest>(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        std::process::exit(0);
    });
    if reader.is_err() {
        return ExitCode::FAILURE;
    }
    let pipe = Arc::new(Pipe::new(requests, io::stdout()));
    let evaluator = Evaluator::with_tier(CacheLimits::default(), pipe.clone());
    let previews = Evaluator::new(CacheLimits::default());
    let mut worker = Worker { evaluator, previews, read: HashMap::new() };
    while let Some(request) = pipe.next() {
        if pipe.say(worker.answer(request)).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Foreign bodies that stay read between requests.
const MAX_READ: usize = 8;

struct Worker {
    evaluator: Evaluator,
    /// Remembers within the process only: a slider passes positions that nobody asks for again.
    previews: Evaluator,
    /// By hash; a slider names the same body again and again.
    read: HashMap<String, Imported>,
}

/// Nobody sets it: a worker that has to stop is killed.
static NEVER: AtomicBool = AtomicBool::new(false);

impl Worker {
    fn answer(&mut self, request: WorkerRequest) -> R {
        let result = match request.request {
            Some(Request::Build(request)) => self.build(request),
            Some(Request::Mend(request)) => self.mend(request),
            Some(Request::Preview(request)) => self.preview(request),
            Some(Request::Read(request)) => read(&request),
            _ => Err(failure("request", "is none that this worker knows")),
        };
        result.unwrap_or_else(R::Failure)
    }

    fn build(&mut self, request: BuildRequest) -> Result<R, Failure> {
        let part = part(request.part)?;
        let options = options(&request.options_json)?;
        let brought = request.imports.iter().map(|import| ("import".to_owned(), import.hash.clone()));
        let trail: Vec<_> =
            std::iter::once(("specification".to_owned(), request.specification_hash)).chain(brought).collect();
        let imports = self.imports(request.imports)?;
        let build =
            geometry::build_with(&self.evaluator, &part, &options, &imports, &trail, &NEVER).map_err(refused)?;
        Ok(R::Built(built(build)))
    }

    fn mend(&mut self, request: MendRequest) -> Result<R, Failure> {
        let part = part(request.part)?;
        let options = options(&request.options_json)?;
        let imports = self.imports(request.imports)?;
        let report = serde_json::from_slice(&request.report_json).map_err(|e| failure("report", e))?;
        let patience = Duration::try_from_secs_f64(request.seconds).map_err(|e| failure("seconds", e))?;
        let stop = AtomicBool::new(false);
        let mended = thread::scope(|scope| {
            let watch = scope.spawn(|| {
                thread::park_timeout(patience);
                stop.store(true, Ordering::Relaxed);
            });
            let mended = printability::mend_part(&part, &report, &options.limits, &imports, &stop);
            watch.thread().unpark();
            mended
        });
        Ok(R::Mended(Mended { report_json: report_json(&mended).into() }))
    }

    fn preview(&mut self, request: PreviewRequest) -> Result<R, Failure> {
        let part = part(request.part)?;
        let lowered = part::lower(&part).map_err(|e| refused(e.into()))?;
        let longest = lowered.size.into_iter().fold(0.0, f64::max);
        let said = request.chord_tolerance;
        let chord_tolerance = if said > 0.0 { said } else { (longest * 2e-3).clamp(Options::COARSE, 0.5) };
        let options = Options { chord_tolerance, kernels: Kernels::MeshOnly };
        let imports = self.imports(request.imports)?;
        let evaluated = self.previews.evaluate(&lowered, &options, &imports, &NEVER).map_err(|e| refused(e.into()))?;
        let glb = geometry::preview_glb(&part, &evaluated).map_err(|e| refused(e.into()))?;
        Ok(R::Previewed(Previewed {
            glb: glb.into(),
            bounds_min: evaluated.bounds.min.to_vec(),
            bounds_max: evaluated.bounds.max.to_vec(),
            volume_mm3: evaluated.volume_mm3,
            triangle_count: evaluated.mesh.triangles.len() as u32,
            chord_tolerance,
            exact: evaluated.exact,
        }))
    }

    fn imports(&mut self, brought: Vec<Brought>) -> Result<Imports, Failure> {
        let mut imports = Imports::new();
        for Brought { hash, content } in brought {
            if !self.read.contains_key(&hash) {
                if self.read.len() >= MAX_READ {
                    self.read.clear();
                }
                let found = foreign(&content)?;
                let body = match found.exact {
                    Some(step) => Imported::Step(step.into()),
                    None => Imported::Mesh(Arc::new(found.mesh)),
                };
                self.read.insert(hash.clone(), body);
            }
            if let Some(body) = self.read.get(&hash) {
                imports.insert(hash, body.clone());
            }
        }
        Ok(imports)
    }
}

fn failure(parameter: &str, message: impl ToString) -> Failure {
    Failure { operation: String::new(), parameter: parameter.to_owned(), message: message.to_string() }
}

fn refused(error: BuildError) -> Failure {
    match error {
        BuildError::Invalid(e) => Failure { operation: e.operation, parameter: e.parameter, message: e.why },
        error => failure("", error),
    }
}

fn options(json: &[u8]) -> Result<BuildOptions, Failure> {
    serde_json::from_slice(json).map_err(|e| failure("options", e))
}

fn report_json(report: &Report) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(report).unwrap_or_default();
    json.push(b'\n');
    json
}

fn part(message: Option<proto::pot::part::v1::Part>) -> Result<Part, Failure> {
    part_proto::part_from_proto(message.unwrap_or_default()).map_err(|error| failure(&error.field, error.why))
}

fn foreign(content: &[u8]) -> Result<import::Imported, Failure> {
    let format = import::sniff(content).ok_or_else(|| failure("", import::ImportError::UnknownFormat))?;
    import::read(format, content, &Bounds::default(), &NEVER).map_err(|error| failure("", error))
}

fn read(request: &ReadRequest) -> Result<R, Failure> {
    let found = foreign(&request.content)?;
    let measures = found.measures;
    Ok(R::Imported(pb::Imported {
        format: found.format.extension().to_owned(),
        exact: found.exact.is_some(),
        bounds_min: measures.bounds.min.to_vec(),
        bounds_max: measures.bounds.max.to_vec(),
        volume_mm3: measures.mass.volume_mm3,
        area_mm2: measures.mass.area_mm2,
        triangle_count: measures.triangles as u32,
        component_count: measures.solids as u32,
        watertight: found.mesh.topology().is_watertight(),
        repairs: found.repairs.iter().map(ToString::to_string).collect(),
        warnings: found.warnings.iter().map(ToString::to_string).collect(),
    }))
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
    Built {
        files,
        report_json: report_json(&build.report).into(),
        exact: evaluated.exact,
        inexact_reason: evaluated.inexact_reason.unwrap_or_default(),
        bounds_min: evaluated.bounds.min.to_vec(),
        bounds_max: evaluated.bounds.max.to_vec(),
        volume_mm3: evaluated.volume_mm3,
        area_mm2: evaluated.area_mm2,
        centre_of_mass: evaluated.centre_of_mass.to_vec(),
    }
}
