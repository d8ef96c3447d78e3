//! One sentence becomes a printed part, by the command line: every file read by a reader of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use e2e::{
    PLANT_POT, Sandbox,
    read::{gcode::Program, glb::Glb, picture::Picture, step::Step, stl::Stl, threemf::ThreeMf},
};
use serde_json::Value;

const FILES: [&str; 10] = [
    "part.3mf",
    "part.gcode",
    "part.glb",
    "part.step",
    "part.stl",
    "part.webp",
    "quote.json",
    "report.json",
    "spec.json",
    "trail.json",
];

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn near(found: f64, wanted: f64, tolerance: f64) -> bool {
    (found - wanted).abs() <= tolerance
}

#[test]
fn a_sentence_becomes_a_printed_part_with_ten_files() {
    let sandbox = Sandbox::new();
    let out = sandbox.file("pot");
    let made = sandbox.run(["make", PLANT_POT, "--out", out.to_str().unwrap(), "--json"]);
    made.exits(0);
    sandbox.nothing_runs_but(&[]);
    assert_eq!(names(&out), FILES);
    let events = made.events();
    for stage in ["model", "slice", "picture", "print"] {
        assert!(
            events.iter().any(|e| e["event"] == "stage" && e["stage"] == stage),
            "no stage {stage}: {}",
            made.stdout
        );
    }
    let printing: Vec<_> = events.iter().filter(|e| e["event"] == "progress" && e["stage"] == "print").collect();
    assert!(printing.len() >= 3, "the print is followed: {}", made.stdout);
    assert!(events.iter().any(|e| e["event"] == "speed"), "it says how fast the virtual printer runs");
    assert_eq!(events.last().unwrap()["event"], "done");

    let solid = solid(&out);
    drawings(&out);
    specification(&out);
    quote(&out);
    let program = Program::read(&text(&out, "part.gcode")).unwrap();
    assert!(near(*program.layers.last().unwrap(), 100.0, 0.2) && near(program.layers.len() as f64, 500.0, 5.0));
    assert!((180.0..=280.0).contains(&program.nozzle) && (40.0..=110.0).contains(&program.bed), "{program:?}");
    assert!(program.retractions > 0 && program.volume() < solid);
    trail(&out);
    solid_infill_deposits_the_volume(&sandbox, solid);
    another_sentence_differs(&sandbox, &out);
}

/// The STL is closed, has five through holes, the stated size and a volume that the report repeats.
fn solid(out: &Path) -> f64 {
    let pieces = Stl::read(&fs::read(out.join("part.stl")).unwrap()).unwrap().pieces().unwrap();
    assert_eq!(pieces.len(), 1);
    let pot = &pieces[0];
    for (axis, wanted) in [120.0, 120.0, 100.0].into_iter().enumerate() {
        assert!(near(pot.size()[axis], wanted, 0.02), "{:?}", pot.size());
    }
    assert_eq!(pot.genus, 5, "five drainage holes");
    assert!(near(pot.min[2], 0.0, 1e-6), "rests on the bed");
    // A straight or tapered pot of 3 mm walls: far from solid, and not paper either.
    assert!((80_000.0..250_000.0).contains(&pot.volume), "{} mm3", pot.volume);
    let report = json(out, "report.json");
    assert!(report.is_object(), "{report}");
    pot.volume
}

/// STEP, 3MF, GLB and the picture.
fn drawings(out: &Path) {
    let step = Step::read(&text(out, "part.step")).unwrap();
    assert_eq!(step.count("MANIFOLD_SOLID_BREP"), 1, "{:?}", step.counts);
    assert!(step.count("CYLINDRICAL_SURFACE") >= 5, "the holes are exact cylinders: {:?}", step.counts);
    let model = ThreeMf::read(&fs::read(out.join("part.3mf")).unwrap()).unwrap();
    let specification = blake3::hash(&fs::read(out.join("spec.json")).unwrap()).to_hex().to_string();
    let description = &model.metadata["Description"];
    assert!(description.contains(&format!("specification: {specification}")), "{description}");
    let thumbnail = model.thumbnail.as_ref().unwrap();
    // A PNG says its size in its first chunk.
    assert_eq!(
        (&thumbnail[..8], &thumbnail[12..24]),
        (b"\x89PNG\r\n\x1a\n".as_slice(), b"IHDR\0\0\x01\0\0\0\x01\0".as_slice())
    );
    let glb = Glb::read(&fs::read(out.join("part.glb")).unwrap()).unwrap();
    let mut ratio: Vec<f64> =
        glb.size.iter().map(|side| side / glb.size[0].max(glb.size[1]).max(glb.size[2])).collect();
    ratio.sort_by(f64::total_cmp);
    assert!(near(ratio[0], 100.0 / 120.0, 1e-3) && near(ratio[1], 1.0, 1e-3), "{:?}", glb.size);
    for (axis, wanted) in [120.0, 120.0, 100.0].into_iter().enumerate() {
        assert!(near(model.max[axis] - model.min[axis], wanted, 0.02), "{model:?}");
    }
    let picture = Picture::read(&fs::read(out.join("part.webp")).unwrap()).unwrap();
    assert!(picture.width >= 640 && picture.height >= 480 && picture.colours > 60, "{picture:?}");
}

fn specification(out: &Path) {
    let specification = json(out, "spec.json");
    assert_eq!(specification["material"], "PETG", "{specification}");
    assert_eq!(specification["quantity"], 1, "{specification}");
    assert!(specification["schema"].is_string() && specification.get("colour").is_some_and(Value::is_null));
    assert!(specification.as_object().unwrap().contains_key("fit"));
    assert!(specification["features"].as_array().is_some_and(|features| !features.is_empty()), "{specification}");
}

fn quote(out: &Path) {
    let quote = json(out, "quote.json");
    let amount = |money: &Value| (money["currency"].clone(), money["minor_units"].as_i64().unwrap());
    let lines = quote["lines"].as_array().unwrap();
    let sum: i64 = lines.iter().map(|line| amount(&line["amount"]).1).sum();
    let (currency, total) = amount(&quote["total"]);
    assert!(sum == total && total > 0, "{quote}");
    assert!(lines.iter().all(|line| amount(&line["amount"]).0 == currency), "one currency: {quote}");
    assert_eq!((&quote["material"], &quote["material_assumed"]), (&"PETG".into(), &false.into()), "{quote}");
    assert_eq!(quote["basis"], "slice", "{quote}");
}

/// Every file's hash is in the trail, and everything in the trail goes back to what was said.
fn trail(out: &Path) {
    let trail = json(out, "trail.json");
    let entries = trail["entries"].as_array().unwrap();
    let mut kinds: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    let mut sources: HashMap<&str, Vec<&str>> = HashMap::new();
    for entry in entries {
        let hash = entry["hash"].as_str().unwrap();
        kinds.entry(hash).or_default().insert(entry["kind"].as_str().unwrap());
        let from = entry["made_from"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
        sources.entry(hash).or_default().extend(from);
    }
    let written = [
        ("spec.json", "specification"),
        ("part.step", "step"),
        ("part.3mf", "3mf"),
        ("part.stl", "stl"),
        ("part.glb", "glb"),
        ("report.json", "report"),
        ("part.gcode", "gcode"),
        ("part.webp", "picture"),
    ];
    for (name, kind) in written {
        let bytes = fs::read(out.join(name)).unwrap();
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let found = entries.iter().find(|entry| entry["hash"] == hash.as_str() && entry["kind"] == kind);
        let found = found.unwrap_or_else(|| panic!("{name} ({hash}) is not in the trail as {kind}: {trail}"));
        assert_eq!(found["size_bytes"], bytes.len(), "{name}");
        assert!(found["made_by"].as_str().is_some_and(|it| !it.is_empty()) && found["create_time"].is_string());
    }
    // The quote's file says its own hash, which is that of the quote in the store.
    let quote = json(out, "quote.json")["hash"].as_str().unwrap().to_owned();
    assert!(kinds.get(quote.as_str()).is_some_and(|kinds| kinds.contains("quote")), "{trail}");
    let of_kind = |kind: &str| kinds.values().filter(|kinds| kinds.contains(kind)).count();
    assert_eq!((of_kind("turn"), of_kind("telemetry")), (1, 1), "{trail}");
    for hash in sources.keys() {
        let (mut open, mut seen) = (vec![*hash], BTreeSet::new());
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(sources.get(next).unwrap_or_else(|| panic!("{next} is named and not in the trail")));
            }
        }
        assert!(seen.iter().any(|hash| kinds[hash].contains("turn")), "{hash} {:?} comes from no turn", kinds[hash]);
    }
    let chain =
        |kind: &str| entries.iter().find(|e| e["kind"] == kind).unwrap()["made_from"].as_array().unwrap().clone();
    let stl = blake3::hash(&fs::read(out.join("part.stl")).unwrap()).to_hex().to_string();
    let gcode = blake3::hash(&fs::read(out.join("part.gcode")).unwrap()).to_hex().to_string();
    assert!(chain("gcode").iter().any(|it| *it == stl.as_str()), "the G-code is made from the mesh");
    assert!(chain("telemetry").iter().any(|it| *it == gcode.as_str()), "the telemetry is of this G-code");
}

/// At 100 % infill and without skirt the filament's volume is the solid's.
fn solid_infill_deposits_the_volume(sandbox: &Sandbox, volume: f64) {
    let out = sandbox.file("full");
    let arguments = ["make", PLANT_POT, "--infill", "100", "--no-skirt", "--no-print", "--out", out.to_str().unwrap()];
    sandbox.run(arguments).exits(0);
    assert_eq!(names(&out), FILES, "--no-print leaves out the print, not a file");
    let program = Program::read(&text(&out, "part.gcode")).unwrap();
    let error = program.volume() / volume - 1.0;
    assert!(error.abs() < 0.03, "deposits {:.0} mm3 for {volume:.0} mm3: {:+.2} %", program.volume(), error * 100.0);
    for (axis, wanted) in [120.0, 120.0].into_iter().enumerate() {
        let found = program.max[axis] - program.min[axis];
        // The nozzle's middle stays half a line's width inside.
        assert!((wanted - 1.2..=wanted).contains(&found), "axis {axis}: {found}");
    }
    let telemetry = json(&out, "trail.json");
    assert!(telemetry["entries"].as_array().unwrap().iter().all(|entry| entry["kind"] != "telemetry"), "no print");
}

fn another_sentence_differs(sandbox: &Sandbox, first: &Path) {
    let out = sandbox.file("tube");
    let sentence =
        "a tube with an outer diameter of 30 mm, an inner diameter of 24 mm and a length of 25 mm, in blue PLA";
    let made = sandbox.run(["make", sentence, "--out", out.to_str().unwrap(), "--speed", "2000"]);
    made.exits(0);
    assert!(made.stdout.contains("2000 times faster"), "--speed is obeyed and said: {}", made.stdout);
    assert_eq!(names(&out), FILES);
    for name in FILES {
        assert_ne!(fs::read(first.join(name)).unwrap(), fs::read(out.join(name)).unwrap(), "{name}");
    }
    let by_kind = |folder: &Path| -> BTreeMap<String, BTreeSet<String>> {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in json(folder, "trail.json")["entries"].as_array().unwrap() {
            let text = |field: &str| entry[field].as_str().unwrap().to_owned();
            all.entry(text("kind")).or_default().insert(text("hash"));
        }
        all
    };
    let (one, two) = (by_kind(first), by_kind(&out));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (kind, hashes) in &one {
        assert!(hashes.is_disjoint(&two[kind]), "{kind} is shared");
    }
    let specification = json(&out, "spec.json");
    assert_eq!((&specification["material"], &specification["colour"]), (&"PLA".into(), &"blue".into()));
}

#[test]
fn a_dialogue_in_portuguese_makes_a_box_with_a_lid() {
    let sandbox = Sandbox::new();
    let out = sandbox.file("caixa");
    let arguments = [
        "make",
        "caixa com tampa de 80 por 60 por 40 mm, paredes de 2 mm",
        "--then",
        "agora 20 mm mais alta",
        "--no-print",
        "--json",
        "--out",
        out.to_str().unwrap(),
    ];
    let made = sandbox.run(arguments);
    made.exits(0);
    assert_eq!(names(&out), FILES);
    let events = made.events();
    let turns: Vec<_> = events.iter().filter(|event| event["event"] == "turn").collect();
    assert_eq!(turns.len(), 2);
    for turn in &turns {
        let reply = turn["reply"].as_str().unwrap().to_lowercase();
        assert_eq!(turn["language"], "pt", "{turn}");
        assert!(["caixa", "altura", "tampa", "certo", "alta"].iter().any(|word| reply.contains(word)), "{reply}");
    }
    assert!(turns[1]["reply"].as_str().unwrap().contains("60"), "the reply says the new height: {}", turns[1]);

    let mut pieces = Stl::read(&fs::read(out.join("part.stl")).unwrap()).unwrap().pieces().unwrap();
    assert_eq!(pieces.len(), 2, "body and lid");
    assert!(near(pieces[1].min[0] - pieces[0].max[0], 10.0, 0.02), "10 mm apart along x: {pieces:?}");
    pieces.sort_by(|a, b| b.size()[2].total_cmp(&a.size()[2]));
    let (body, lid) = (&pieces[0], &pieces[1]);
    for piece in &pieces {
        assert!(near(piece.size()[0], 80.0, 0.02) && near(piece.size()[1], 60.0, 0.02), "{piece:?}");
        assert!(near(piece.min[2], 0.0, 1e-6), "rests on the bed: {piece:?}");
    }
    // Assembled it is 60 high, lid included: the body is lower by the lid's plate, and the lid's lip reaches into it.
    let plate = 60.0 - body.size()[2];
    assert!((1.0..=5.0).contains(&plate) && lid.size()[2] >= plate - 0.02 && lid.size()[2] < 20.0, "{pieces:?}");

    let specification = text(&out, "spec.json");
    assert!(specification.contains("60"), "{specification}");
    let trail = json(&out, "trail.json");
    let turns = trail["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "turn").count();
    assert_eq!(turns, 2, "both turns are in the trail: {trail}");
    let step = Step::read(&text(&out, "part.step")).unwrap();
    assert_eq!(step.count("MANIFOLD_SOLID_BREP"), 2);
    let quote = json(&out, "quote.json");
    assert_eq!((&quote["material"], &quote["material_assumed"]), (&"PLA".into(), &true.into()), "and it says so");
    assert!(json(&out, "spec.json")["material"].is_null(), "unsaid stays unsaid");

    a_trail_is_replayed(&sandbox, &out);
}

#[test]
fn pieces_that_fit_no_common_plate_are_all_printed() {
    let sandbox = Sandbox::new();
    let out = sandbox.file("box");
    let sentence = "a box with a lid, 150 mm long, 130 mm wide and 25 mm tall, with walls of 2 mm, in PLA";
    let made = sandbox.run(["make", sentence, "--out", out.to_str().unwrap(), "--json", "--speed", "100000"]);
    made.exits(0);
    let mut files: Vec<_> = FILES.iter().map(|name| (*name).to_owned()).collect();
    files.push("part-2.gcode".to_owned());
    files.sort();
    assert_eq!(names(&out), files);
    let events = made.events();
    let stages = |name: &str| -> Vec<Value> {
        let of = |event: &&Value| event["event"] == "stage" && event["stage"] == name;
        events.iter().filter(of).map(|event| event["facts"].clone()).collect()
    };
    let plates = stages("slice");
    let numbers: Vec<_> = plates.iter().map(|plate| (plate["plate"].as_u64(), plate["plate_count"].as_u64())).collect();
    assert_eq!(numbers, [(Some(1), Some(2)), (Some(2), Some(2))], "{plates:?}");
    assert_eq!(stages("print").len(), 2, "{}", made.stdout);
    // Each plate is one piece in the middle of the bed, and the quote is for both.
    for name in ["part.gcode", "part-2.gcode"] {
        let program = Program::read(&text(&out, name)).unwrap();
        assert!(program.max[0] - program.min[0] < 165.0 && program.max[1] - program.min[1] < 145.0, "{name}");
    }
    let mass: f64 = plates.iter().map(|plate| plate["mass_g"].as_f64().unwrap()).sum();
    assert!(near(json(&out, "quote.json")["mass_g"].as_f64().unwrap(), mass, 0.01));
    let trail = json(&out, "trail.json");
    let count = |kind: &str| trail["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!((count("gcode"), count("telemetry"), count("quote")), (2, 2, 1), "{trail}");
}

/// `pot trace` on the hash of a file of an earlier run.
fn a_trail_is_replayed(sandbox: &Sandbox, out: &Path) {
    let hash = blake3::hash(&fs::read(out.join("part.gcode")).unwrap()).to_hex().to_string();
    let traced = sandbox.run(["trace", &hash, "--json"]);
    traced.exits(0);
    let events = traced.events();
    let entries: Vec<_> =
        events.iter().filter(|event| event["event"] == "entry").map(|event| &event["entry"]).collect();
    assert_eq!(entries[0]["hash"], hash.as_str(), "nearest first");
    let kinds: BTreeSet<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert!(["gcode", "stl", "specification", "turn"].iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let unknown = sandbox.run(["trace", &"0".repeat(64)]);
    unknown.exits(1);
    assert!(unknown.stderr.contains("does not exist"), "{}", unknown.all());
}

/// Needs Python with cadquery, which is large: run by name where it is installed.
#[test]
#[ignore = "needs Python with cadquery"]
fn step_opens_in_opencascade_with_the_volume_of_the_mesh() {
    let sandbox = Sandbox::new();
    let out = sandbox.file("pot");
    sandbox.run(["make", PLANT_POT, "--no-print", "--out", out.to_str().unwrap()]).exits(0);
    let script = "import sys, cadquery as cq\n\
                  shape = cq.importers.importStep(sys.argv[1]).val()\n\
                  print(int(shape.isValid()), shape.Volume())";
    let python = e2e::binary::setting("E2E_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let mut command = std::process::Command::new(python);
    command.arg("-c").arg(script).arg(out.join("part.step"));
    let read = sandbox.finish(command);
    read.exits(0);
    let (valid, volume) = read.stdout.trim().split_once(' ').unwrap();
    let pieces = Stl::read(&fs::read(out.join("part.stl")).unwrap()).unwrap().pieces().unwrap();
    let error = pieces[0].volume / volume.parse::<f64>().unwrap() - 1.0;
    assert!(valid == "1" && error.abs() < 1e-3, "valid {valid}, the mesh is off by {:+.4} %", error * 100.0);
}
