//! `pot make`: the main job, stage by stage, through the services' gRPC API.

use std::time::Duration;

use futures::StreamExt;
use proto::pot::{
    conversation::v1 as conversation, gateway::v1 as gateway, iot::v1 as iot, model_generation::v1 as models,
    operations::v1 as operations, part::v1::Part, print_job::v1 as prints, render::v1 as render,
};
use serde_json::json;

use crate::{
    cli::MakeArgs,
    client::{Platform, collect, finish},
    failure::{Failure, QUESTION},
    files::OutputFolder,
    json,
    output::Output,
    suggestions,
};

/// Every file of a finished job.
pub(crate) const FILES: [&str; 10] = [
    "spec.json",
    "part.step",
    "part.3mf",
    "part.stl",
    "part.glb",
    "report.json",
    "quote.json",
    "part.gcode",
    "part.webp",
    "trail.json",
];

/// A print on a virtual printer ends in about this long unless `--speed` says otherwise.
const SHOWTIME: Duration = Duration::from_secs(10);
/// Heating of the virtual printer before the first move, seconds: part of a print but not of the slice's estimate.
const HEATING_S: f64 = 105.0;

pub(crate) struct Job<'a> {
    pub(crate) platform: Platform,
    pub(crate) output: &'a Output,
    pub(crate) folder: OutputFolder,
    pub(crate) args: &'a MakeArgs,
}

/// What is printed.
struct Slices {
    /// One of each plate that a copy takes; one plate may hold several copies.
    plates: Vec<prints::Slice>,
    /// As often as each is printed, in this order.
    printed: Vec<prints::Slice>,
}

/// The G-code of the `number`-th plate of a part, from 1.
fn plate_file(number: usize) -> String {
    if number == 1 { "part.gcode".to_owned() } else { format!("part-{number}.gcode") }
}

/// What the stages hand on for the trail.
#[derive(Default)]
struct Leaves(Vec<String>);

impl Job<'_> {
    pub(crate) async fn run(mut self) -> Result<(), Failure> {
        self.folder.clear(&FILES)?;
        self.folder.clear_series(plate_file)?;
        let dialogue = self.converse().await?;
        self.build(&dialogue).await
    }

    /// Runs the dialogue and returns its name; a question that is still open at its end is the command's end.
    async fn converse(&mut self) -> Result<String, Failure> {
        let request = conversation::CreateDialogueRequest::default();
        let dialogue = self.platform.conversation.create_dialogue(request).await?.into_inner().name;
        let mut question = None;
        for text in std::iter::once(&self.args.sentence).chain(&self.args.then) {
            let not_text = || Failure::rejected("the sentence is not UTF-8 text");
            let text = text.to_str().ok_or_else(not_text)?;
            let request = conversation::CreateTurnRequest {
                parent: dialogue.clone(),
                text: text.to_owned(),
                ..conversation::CreateTurnRequest::default()
            };
            let turn = self.platform.conversation.create_turn(request).await?.into_inner();
            self.output.say(
                &format!("you: {text}\npot: {}", turn.reply),
                json!({"event": "turn", "number": turn.number, "text": text, "reply": turn.reply, "language": turn.language}),
            );
            question = turn.question;
        }
        if let Some(question) = question {
            self.write_specification(&dialogue).await?;
            // People have read it as the end of the reply.
            let event =
                json!({"event": "question", "kind": format!("{:?}", question.kind()), "question": question.text});
            self.output.say_to_programs(event);
            return Err(open_question());
        }
        Ok(dialogue)
    }

    async fn write_specification(&mut self, dialogue: &str) -> Result<conversation::Specification, Failure> {
        let request = conversation::GetSpecificationRequest { name: format!("{dialogue}/specification") };
        let specification = self.platform.conversation.get_specification(request).await?.into_inner();
        self.write("spec.json", &specification.json)?;
        Ok(specification)
    }

    /// From the specification to the last file.
    pub(crate) async fn build(&mut self, dialogue: &str) -> Result<(), Failure> {
        let specification = self.write_specification(dialogue).await?;
        let part = specification.part.unwrap_or_default();
        let mut leaves = Leaves::default();
        let model = self.model(&part, &specification.hash, &mut leaves).await?;
        let mesh = artefact(&model, "stl")?.hash.clone();
        let mut other = Job {
            platform: self.platform.clone(),
            output: self.output,
            folder: OutputFolder::open(self.folder.path())?,
            args: self.args,
        };
        // The picture and the slice both need only the mesh.
        let (slices, picture) = tokio::join!(self.slices(&part, &model.name, &mesh), other.picture(&part, &mesh));
        let (slices, picture) = (slices?, picture?);
        leaves.0.push(picture.hash);
        let quote = self.quote(&slices.plates, part.quantity).await?;
        leaves.0.push(quote.hash);
        leaves.0.extend(slices.printed.iter().map(|slice| slice.gcode_hash.clone()));
        // What would mend the part's warnings is looked for while it prints.
        let (printed, ()) = tokio::join!(self.print_all(&slices.printed), other.suggest(&model));
        leaves.0.extend(printed?);
        self.trail(&leaves).await?;
        self.output.say(
            &format!("done: {}", self.folder.path().display()),
            json!({"event": "done", "out": self.folder.path().display().to_string(), "model": model.name}),
        );
        Ok(())
    }

    async fn model(&mut self, part: &Part, hash: &str, leaves: &mut Leaves) -> Result<models::Model, Failure> {
        let mut stage = self.output.stage("model", "Building the solid");
        let request = models::CreateModelRequest {
            part: Some(part.clone()),
            made_from: vec![hash.to_owned()],
            request_id: String::new(),
            previous: String::new(),
        };
        let operation = self.platform.models.create_model(request).await?.into_inner();
        let request = operations::WatchOperationRequest { name: operation.name };
        let updates = self.platform.models.watch_operation(request).await?.into_inner();
        let model: models::Model = finish(updates, &mut stage).await?;
        let size = |v: Option<models::Vector>| v.map_or([0.0; 3], |v| [v.x, v.y, v.z]);
        let (min, max) = (size(model.bounds_min), size(model.bounds_max));
        let exact = if model.exact { "exact" } else { "mesh kernel" };
        stage.done(
            &format!(
                "{:.2} x {:.2} x {:.2} mm, {:.0} mm3, {exact}",
                max[0] - min[0],
                max[1] - min[1],
                max[2] - min[2],
                model.volume_mm3
            ),
            json!({"model": model.name, "volume_mm3": model.volume_mm3, "exact": model.exact}),
        );
        if !model.exact {
            self.output.note(&format!("  no STEP: {}", model.inexact_reason));
        }
        self.unprintable(&model).await?;
        for (kind, file) in [
            ("step", "part.step"),
            ("3mf", "part.3mf"),
            ("stl", "part.stl"),
            ("glb", "part.glb"),
            ("report", "report.json"),
        ] {
            let Some(artefact) = model.artefacts.iter().find(|a| a.kind == kind) else { continue };
            leaves.0.push(artefact.hash.clone());
            let request = models::DownloadArtefactRequest { name: artefact.name.clone() };
            let bytes = collect(self.platform.models.download_artefact(request).await?.into_inner()).await?;
            self.write(file, &bytes)?;
        }
        Ok(model)
    }

    /// Warnings are shown; an error is a question to the person, who may want another size or another printer.
    async fn unprintable(&mut self, model: &models::Model) -> Result<(), Failure> {
        for finding in &model.findings {
            if finding.severity() == models::Severity::Warning {
                self.output.say(
                    &format!("  warning: {}", finding.message),
                    json!({"event": "warning", "kind": finding.kind, "message": finding.message}),
                );
            }
        }
        match model.findings.iter().find(|f| f.severity() == models::Severity::Error) {
            Some(finding) => {
                let question = format!("{} What should change?", finding.message);
                let event = json!({"event": "question", "kind": "Unprintable", "question": question});
                self.output.say(&format!("pot: {question}"), event);
                self.suggest(model).await;
                Err(open_question())
            }
            None => Ok(()),
        }
    }

    /// Says what would mend the part's findings, as far as edits were found that do. The part is none the worse without.
    async fn suggest(&mut self, model: &models::Model) {
        if !model.findings.iter().any(|finding| finding.severity() >= models::Severity::Warning) {
            return;
        }
        if let Err(failure) = self.suggestions(model).await {
            self.output.note(&format!("  what would mend it was not found out: {failure}"));
        }
    }

    async fn suggestions(&mut self, model: &models::Model) -> Result<(), Failure> {
        let mut stage = self.output.stage("suggestions", "Trying what would mend it");
        let request = models::SuggestEditsRequest { name: model.name.clone() };
        let operation = self.platform.models.suggest_edits(request).await?.into_inner();
        let request = operations::WatchOperationRequest { name: operation.name };
        let updates = self.platform.models.watch_operation(request).await?.into_inner();
        let mended: models::Model = finish(updates, &mut stage).await?;
        let found: Vec<_> = mended.findings.iter().filter(|finding| !finding.edits.is_empty()).collect();
        stage.done(&format!("{} found", found.len()), json!({"found": found.len()}));
        for finding in found {
            let edits: Vec<String> = finding.edits.iter().filter_map(suggestions::words).collect();
            let values = finding.edits.iter().map(json::of).collect::<Result<Vec<_>, _>>()?;
            self.output.say(
                &format!("  {}: {}", finding.kind.replace('_', " "), edits.join(", ")),
                json!({"event": "suggestion", "kind": finding.kind, "message": finding.message, "edits": values}),
            );
        }
        Ok(())
    }

    /// Slices until every piece of every wanted copy is in some G-code. `part.gcode` is the first plate; the others of a part
    /// whose pieces take several are `part-2.gcode` and so on.
    async fn slices(&mut self, part: &Part, model: &str, mesh: &str) -> Result<Slices, Failure> {
        let mut left = part.quantity.max(1);
        let first = self.slice(part, (model, mesh), left, 1).await?;
        let mut plates = vec![first.clone()];
        let mut printed = Vec::new();
        if first.plate_count > 1 {
            for plate in 2..=first.plate_count {
                plates.push(self.slice(part, (model, mesh), left, plate).await?);
            }
            printed.extend(std::iter::repeat_n(&plates, left as usize).flatten().cloned());
        } else {
            let mut slice = first;
            loop {
                // Equal plates share one slice: the next differs only when fewer copies are left.
                let copies = slice.copies.max(1);
                printed.extend(std::iter::repeat_n(slice, (left / copies).max(1) as usize));
                left = if left < copies { 0 } else { left % copies };
                if left == 0 {
                    break;
                }
                slice = self.slice(part, (model, mesh), left, 1).await?;
            }
        }
        for (n, slice) in plates.iter().enumerate() {
            let request = prints::DownloadGcodeRequest { name: format!("{}/gcode", slice.name) };
            let gcode = collect(self.platform.prints.download_gcode(request).await?.into_inner()).await?;
            self.write(&plate_file(n + 1), &gcode)?;
        }
        Ok(Slices { plates, printed })
    }

    async fn slice(
        &mut self,
        part: &Part,
        (model, mesh): (&str, &str),
        copies: u32,
        plate: u32,
    ) -> Result<prints::Slice, Failure> {
        let mut stage = self.output.stage("slice", "Slicing");
        let settings = prints::SliceSettings {
            layer_height: self.args.layer_height.unwrap_or(0.0),
            infill_density: self.args.infill.map(|percent| f64::from(percent) / 100.0),
            perimeters: 0,
            skirt: self.args.no_skirt.then_some(false),
        };
        let request = prints::CreateSliceRequest {
            model: model.to_owned(),
            mesh_hash: mesh.to_owned(),
            material: part.material.clone(),
            quantity: copies,
            settings: Some(settings),
            plate,
            ..Default::default()
        };
        let operation = self.platform.prints.create_slice(request).await?.into_inner();
        let request = operations::WatchOperationRequest { name: operation.name };
        let updates = self.platform.prints.watch_operation(request).await?.into_inner();
        let slice: prints::Slice = finish(updates, &mut stage).await?;
        let assumed = if slice.material_assumed { " (assumed)" } else { "" };
        let holds = match slice.plate_count {
            2.. => format!("plate {} of {}", slice.plate, slice.plate_count),
            _ => format!("{} of {copies} copies", slice.copies),
        };
        stage.done(
            &format!(
                "{} layers, {}, {:.1} g of {}{assumed}, {holds}",
                slice.layer_count,
                duration(slice.seconds),
                slice.mass_g,
                slice.material
            ),
            json!({
                "slice": slice.name, "seconds": slice.seconds, "mass_g": slice.mass_g, "copies": slice.copies,
                "plate": slice.plate, "plate_count": slice.plate_count,
            }),
        );
        Ok(slice)
    }

    /// `plates` are those of one copy, of which each plate may hold several.
    async fn quote(&mut self, plates: &[prints::Slice], quantity: u32) -> Result<prints::Quote, Failure> {
        let mut names = plates.iter().map(|slice| slice.name.clone());
        let request = prints::CreateQuoteRequest {
            slice: names.next().unwrap_or_default(),
            other_plates: names.collect(),
            quantity: quantity.max(1),
            request_id: String::new(),
        };
        let quote = self.platform.prints.create_quote(request).await?.into_inner();
        let total = quote.total.clone().unwrap_or_default();
        let value = json::of(&quote)?;
        self.write("quote.json", &json::pretty(&value))?;
        self.output.say(
            &format!("Quote: {} {}", total.currency, money(total.minor_units)),
            json!({"event": "quote", "quote": quote.name, "currency": total.currency, "minor_units": total.minor_units}),
        );
        Ok(quote)
    }

    async fn picture(&mut self, part: &Part, mesh: &str) -> Result<render::Picture, Failure> {
        let mut stage = self.output.stage("picture", "Taking the picture");
        let request = render::CreatePictureRequest {
            mesh_hash: mesh.to_owned(),
            colour: part.colour.clone(),
            preset: render::Preset::Draft.into(),
            width: 800,
            height: 600,
            request_id: String::new(),
        };
        let operation = self.platform.render.create_picture(request).await?.into_inner();
        let request = operations::WatchOperationRequest { name: operation.name };
        let updates = self.platform.render.watch_operation(request).await?.into_inner();
        let picture: render::Picture = finish(updates, &mut stage).await?;
        let request = render::DownloadPictureRequest { name: format!("{}/image", picture.name) };
        let bytes = collect(self.platform.render.download_picture(request).await?.into_inner()).await?;
        self.write("part.webp", &bytes)?;
        stage.done(
            &format!("{} x {} pixels, {} kB", picture.width, picture.height, bytes.len() / 1000),
            json!({"picture": picture.name}),
        );
        Ok(picture)
    }

    /// The hashes of the prints' telemetry.
    async fn print_all(&mut self, slices: &[prints::Slice]) -> Result<Vec<String>, Failure> {
        let mut telemetry = Vec::new();
        if !self.args.no_print {
            for slice in slices {
                telemetry.push(self.print(slice).await?.telemetry_hash);
            }
        }
        Ok(telemetry)
    }

    async fn print(&mut self, slice: &prints::Slice) -> Result<prints::PrintJob, Failure> {
        let printer = self.args.printer.as_ref().map(|id| format!("devices/{}", id.trim_start_matches("devices/")));
        let mut stage = self.output.stage("print", "Printing");
        let request = prints::CreatePrintJobRequest {
            slice: slice.name.clone(),
            printer: printer.unwrap_or_default(),
            request_id: String::new(),
        };
        let job = self.platform.prints.create_print_job(request).await?.into_inner();
        let request = prints::WatchPrintJobRequest { name: job.name.clone(), after_cursor: String::new() };
        let mut updates = self.platform.prints.watch_print_job(request).await?.into_inner();
        let mut speed_is_set = false;
        while let Some(update) = updates.next().await {
            let Some(job) = update?.print_job else { continue };
            if !speed_is_set && !job.printer.is_empty() {
                speed_is_set = true;
                self.set_speed(&job.printer, slice.seconds).await?;
            }
            match job.state() {
                prints::PrintJobState::Completed => {
                    stage.done(
                        &format!("{} finished on {} ({})", job.name, job.printer, duration(slice.seconds)),
                        json!({"print_job": job.name, "printer": job.printer, "telemetry": job.telemetry_hash}),
                    );
                    return Ok(job);
                }
                prints::PrintJobState::Failed | prints::PrintJobState::Cancelled => {
                    return Err(Failure::failed(format!("{} on {}: {}", job.name, job.printer, job.reason)));
                }
                _ => stage.progress(job.progress, &standing(&job)),
            }
        }
        Err(Failure::failed(format!(
            "the platform stopped reporting on {}; it goes on: see `pot trace {}`",
            job.name, job.name
        )))
    }

    /// Only a virtual printer has a speed.
    async fn set_speed(&mut self, device: &str, seconds: f64) -> Result<(), Failure> {
        let request = iot::GetDeviceRequest { name: device.to_owned() };
        let found = self.platform.iot.get_device(request).await?.into_inner();
        if found.driver != "virtual" {
            return match self.args.speed {
                Some(_) => Err(Failure::failed(format!("--speed: {device} is no virtual printer"))),
                None => Ok(()),
            };
        }
        let chosen = ((seconds + HEATING_S) / SHOWTIME.as_secs_f64()).ceil().clamp(1.0, 1e6);
        let speed = self.args.speed.unwrap_or(chosen);
        let request = iot::SetSimulationSpeedRequest { name: device.to_owned(), speed };
        self.platform.iot.set_simulation_speed(request).await?;
        let how = if self.args.speed.is_some() { "as told" } else { "to end in about ten seconds; see --speed" };
        self.output.say(
            &format!("  {device} is a virtual printer and runs {speed} times faster than real time ({how})"),
            json!({"event": "speed", "device": device, "speed": speed}),
        );
        Ok(())
    }

    /// Everything that the job made and what each thing was made from.
    async fn trail(&mut self, leaves: &Leaves) -> Result<(), Failure> {
        let mut entries: Vec<gateway::TrailEntry> = Vec::new();
        for hash in leaves.0.iter().filter(|hash| !hash.is_empty()) {
            let request = gateway::GetTrailRequest { name: format!("trails/{hash}") };
            let trail = self.platform.trails.get_trail(request).await?.into_inner();
            for entry in trail.entries {
                if !entries.iter().any(|known| known.hash == entry.hash && known.kind == entry.kind) {
                    entries.push(entry);
                }
            }
        }
        entries.sort_by(|a, b| {
            (&a.create_time.map(|t| (t.seconds, t.nanos)), &a.kind)
                .cmp(&(&b.create_time.map(|t| (t.seconds, t.nanos)), &b.kind))
        });
        let entries = entries.iter().map(json::of).collect::<Result<Vec<_>, _>>()?;
        self.write("trail.json", &json::pretty(&json!({"schema": "3dpot.trail/1", "entries": entries})))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.folder.write(name, bytes)?;
        self.output.say_to_programs(json!({"event": "file", "name": name, "size_bytes": bytes.len()}));
        Ok(())
    }
}

fn open_question() -> Failure {
    Failure { code: QUESTION, message: "a question is open: answer it with --then \"...\"".to_owned() }
}

fn artefact<'a>(model: &'a models::Model, kind: &str) -> Result<&'a models::Artefact, Failure> {
    let missing = || Failure::failed(format!("{} has no {kind} file", model.name));
    model.artefacts.iter().find(|artefact| artefact.kind == kind).ok_or_else(missing)
}

fn standing(job: &prints::PrintJob) -> String {
    let state = format!("{:?}", job.state()).to_lowercase();
    match job.state() {
        prints::PrintJobState::Printing => {
            format!(
                "layer {}/{}, {:.0} °C, {} left",
                job.layer,
                job.layer_count,
                job.nozzle_temperature,
                duration(job.eta_seconds)
            )
        }
        _ if job.reason.is_empty() => state,
        _ => format!("{state}: {}", job.reason),
    }
}

/// "2 h 05 min", "3 min 10 s", "8 s".
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round().max(0.0) as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

fn money(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_money_read_well() {
        assert_eq!([8.2, 190.0, 7500.0].map(duration), ["8 s", "3 min 10 s", "2 h 05 min"]);
        assert_eq!(money(12305), "123.05");
    }
}
