//! Every format reads back as the part that was written, and is the same to the last byte when written twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

mod common;

use std::{
    io::{Cursor, Read},
    sync::atomic::AtomicBool,
};

use common::{near, typical, with};
use geometry::{
    Build, BuildOptions, CacheLimits, Evaluator, Imports, Kernels, Options, build, build_with, printability,
};
use part::Part;

fn built(part: &Part) -> Build {
    build(part, &BuildOptions::default(), &AtomicBool::new(false)).unwrap()
}

const KINDS: [&str; 4] = ["plant_pot", "box_with_lid", "gear", "name_plate"];

#[test]
fn the_same_part_gives_the_same_bytes() {
    for kind in KINDS {
        assert_eq!(built(&typical(kind)).artefacts, built(&typical(kind)).artefacts, "{kind}");
    }
}

#[test]
fn stl_is_closed_and_within_a_thousandth_of_the_exact_volume() {
    for kind in KINDS {
        let built = built(&typical(kind));
        let stl = mesh::stl::read(&built.artefacts.stl).unwrap();
        assert!(stl.topology().is_watertight(), "{kind}");
        near(stl.mass_properties().volume_mm3 / built.evaluated.volume_mm3, 1.0, 0.001);
        assert_eq!(stl.topology().components, built.evaluated.pieces.len());
    }
}

#[test]
fn step_reads_back_with_its_volumes() {
    use arris::{Control, io::step, topo::Model};
    for kind in KINDS {
        let built = built(&typical(kind));
        let text = String::from_utf8(built.artefacts.step.unwrap()).unwrap();
        assert!(text.contains("AUTOMOTIVE_DESIGN"));
        let mut model = Model::default();
        let read = step::read(&mut model, &text, &Default::default(), &Control::NONE).unwrap();
        let volumes: Vec<f64> = read
            .solids
            .iter()
            .map(|solid| solid.result.as_ref().unwrap().body)
            .map(|body| arris::ops::measure::mass_properties(&model, body, &Control::NONE).unwrap().volume)
            .collect();
        assert_eq!(volumes.len(), built.evaluated.pieces.len());
        near(volumes.iter().sum::<f64>() / built.evaluated.volume_mm3, 1.0, 1e-6);
    }
}

#[test]
fn threemf_holds_an_object_a_piece() {
    for kind in KINDS {
        let built = built(&typical(kind));
        let package = threemf2::package::ThreemfPackage::from_reader_with_memory_optimized_deserializer(
            Cursor::new(&built.artefacts.threemf),
            true,
        )
        .unwrap();
        let counts: Vec<(usize, usize)> = threemf2::package::query::get_mesh_objects(&package)
            .map(|object| (object.view.vertex_count(), object.view.triangle_count()))
            .collect();
        let said: Vec<_> =
            built.evaluated.pieces.iter().map(|p| (p.mesh.positions.len(), p.mesh.triangles.len())).collect();
        assert_eq!(counts, said);
    }
}

#[test]
fn glb_is_in_metres_with_y_up() {
    let built = built(&typical("plant_pot"));
    let glb = &built.artefacts.glb;
    let word = |at: usize| u32::from_le_bytes(glb[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&glb[..4], word(4), word(8)), (&b"glTF"[..], 2, glb.len()));
    let json: serde_json::Value = serde_json::from_slice(&glb[20..20 + word(12)]).unwrap();
    let max: Vec<f64> = json["accessors"][0]["max"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    near(max[0], 0.06, 1e-5);
    near(max[1], 0.102, 1e-6);
    let triangles = json["accessors"][2]["count"].as_u64().unwrap() as usize / 3;
    assert_eq!(triangles, built.evaluated.mesh.triangles.len());
    let binary = 20 + word(12);
    assert_eq!(word(binary + 4), 0x004E_4942);
    assert_eq!(json["buffers"][0]["byteLength"].as_u64().unwrap().next_multiple_of(4) as usize, word(binary));
    // Normals are of unit length.
    let (offset, count) = (
        json["bufferViews"][1]["byteOffset"].as_u64().unwrap() as usize,
        json["accessors"][1]["count"].as_u64().unwrap(),
    );
    for i in 0..count as usize {
        let at = binary + 8 + offset + 12 * i;
        let n: Vec<f32> =
            (0..3).map(|k| f32::from_le_bytes(glb[at + 4 * k..at + 4 * k + 4].try_into().unwrap())).collect();
        assert!((n.iter().map(|c| c * c).sum::<f32>() - 1.0).abs() < 1e-4);
    }
}

/// The parts of a GLB that the specification constrains, checked one by one.
mod strictly {
    use serde_json::Value;

    pub(crate) struct Primitive {
        pub(crate) name: String,
        pub(crate) mode: u64,
        pub(crate) positions: Vec<[f32; 3]>,
        pub(crate) normals: Vec<[f32; 3]>,
        pub(crate) indices: Vec<u32>,
    }

    pub(crate) fn glb(bytes: &[u8]) -> (Value, Vec<Primitive>) {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&bytes[..4], word(4), word(8)), (&b"glTF"[..], 2, bytes.len()));
        let length = word(12);
        assert_eq!((&bytes[16..20], length % 4), (&b"JSON"[..], 0));
        let json: Value = serde_json::from_slice(&bytes[20..20 + length]).unwrap();
        let binary = 20 + length;
        assert_eq!((&bytes[binary + 4..binary + 8], word(binary) % 4), (&b"BIN\0"[..], 0));
        assert_eq!(binary + 8 + word(binary), bytes.len());
        let data = &bytes[binary + 8..];
        let number = |value: &Value| value.as_u64().unwrap() as usize;
        assert_eq!(json["asset"]["version"], "2.0");
        let declared = number(&json["buffers"][0]["byteLength"]);
        assert!(json["buffers"].as_array().unwrap().len() == 1 && data.len() - declared < 4);
        let mut end = 0;
        for view in json["bufferViews"].as_array().unwrap() {
            let offset = number(&view["byteOffset"]);
            assert_eq!((offset % 4, offset), (0, end), "views follow each other");
            end = offset + number(&view["byteLength"]);
        }
        assert_eq!(end, declared);
        let slice = |accessor: &Value, width: usize| {
            let view = &json["bufferViews"][number(&accessor["bufferView"])];
            let (offset, length) = (number(&view["byteOffset"]), number(&view["byteLength"]));
            assert_eq!(length, number(&accessor["count"]) * width);
            (&data[offset..offset + length], number(&view["target"]))
        };
        let vectors = |at: &Value| -> Vec<[f32; 3]> {
            let accessor = &json["accessors"][number(at)];
            assert_eq!((number(&accessor["componentType"]), accessor["type"].as_str()), (5126, Some("VEC3")));
            let (slice, target) = slice(accessor, 12);
            assert_eq!(target, 34_962);
            let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
            slice.chunks_exact(12).map(|v| [float(&v[..4]), float(&v[4..8]), float(&v[8..])]).collect()
        };
        let mut primitives = Vec::new();
        let nodes = json["scenes"][number(&json["scene"])]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), json["nodes"].as_array().unwrap().len());
        for node in nodes {
            let node = &json["nodes"][number(node)];
            let mesh = &json["meshes"][number(&node["mesh"])];
            for primitive in mesh["primitives"].as_array().unwrap() {
                let attributes = &primitive["attributes"];
                let positions = vectors(&attributes["POSITION"]);
                let accessor = &json["accessors"][number(&attributes["POSITION"])];
                for axis in 0..3 {
                    let end = |pick: fn(f32, f32) -> f32, start| positions.iter().map(|p| p[axis]).fold(start, pick);
                    assert_eq!(accessor["min"][axis].as_f64().unwrap() as f32, end(f32::min, f32::INFINITY));
                    assert_eq!(accessor["max"][axis].as_f64().unwrap() as f32, end(f32::max, f32::NEG_INFINITY));
                }
                let accessor = &json["accessors"][number(&primitive["indices"])];
                assert_eq!((number(&accessor["componentType"]), accessor["type"].as_str()), (5125, Some("SCALAR")));
                let (slice, target) = slice(accessor, 4);
                assert_eq!(target, 34_963);
                let indices: Vec<u32> =
                    slice.chunks_exact(4).map(|i| u32::from_le_bytes(i.try_into().unwrap())).collect();
                assert!(indices.iter().all(|i| (*i as usize) < positions.len()));
                let normals = if attributes["NORMAL"].is_null() { vec![] } else { vectors(&attributes["NORMAL"]) };
                assert!(normals.is_empty() || normals.len() == positions.len());
                assert!(number(&primitive["material"]) < json["materials"].as_array().unwrap().len());
                primitives.push(Primitive {
                    name: node["name"].as_str().unwrap().to_owned(),
                    mode: primitive["mode"].as_u64().unwrap_or(4),
                    positions,
                    normals,
                    indices,
                });
            }
        }
        (json, primitives)
    }
}

#[test]
fn glb_keeps_to_its_specification_and_draws_feature_edges() {
    for kind in KINDS {
        let built = built(&typical(kind));
        let (_, primitives) = strictly::glb(&built.artefacts.glb);
        assert_eq!(primitives.len(), 2 * built.evaluated.pieces.len(), "{kind}");
        for (pair, piece) in primitives.chunks(2).zip(&built.evaluated.pieces) {
            let (shaded, lines) = (&pair[0], &pair[1]);
            assert_eq!((shaded.mode, shaded.name.as_str()), (4, piece.name.as_str()));
            assert_eq!(shaded.indices.len(), 3 * piece.mesh.triangles.len());
            assert!(shaded.normals.iter().all(|n| (n.iter().map(|c| c * c).sum::<f32>() - 1.0).abs() < 1e-4));
            assert_eq!((lines.mode, lines.name.as_str()), (1, format!("{} edges", piece.name).as_str()));
            assert!(lines.normals.is_empty() && lines.indices.len().is_multiple_of(2));
            assert!(lines.indices.len() < shaded.indices.len());
        }
    }
    let block = built(&typical("block"));
    let (_, primitives) = strictly::glb(&block.artefacts.glb);
    assert_eq!((primitives[1].positions.len(), primitives[1].indices.len()), (8, 24));
}

#[test]
fn threemf_reads_back_as_the_part() {
    use geometry::import::{self, Format};
    for kind in KINDS {
        let built = built(&typical(kind));
        let imported = import::read(
            Format::Threemf,
            &built.artefacts.threemf,
            &import::Bounds::default(),
            &AtomicBool::new(false),
        )
        .unwrap();
        assert_eq!(imported.repairs, vec![], "{kind}");
        assert_eq!(imported.mesh, built.evaluated.mesh, "{kind}");
        assert_eq!(imported.measures.solids, built.evaluated.pieces.len());
    }
}

#[test]
fn step_reads_back_as_the_part() {
    use geometry::import::{self, Format};
    for kind in KINDS {
        let built = built(&typical(kind));
        let step = built.artefacts.step.unwrap();
        let imported = import::read(Format::Step, &step, &import::Bounds::default(), &AtomicBool::new(false)).unwrap();
        near(imported.measures.mass.volume_mm3 / built.evaluated.volume_mm3, 1.0, 1e-6);
        assert_eq!(imported.exact.unwrap(), step);
        assert_eq!(imported.measures.solids, built.evaluated.pieces.len());
    }
}

#[test]
fn threemf_carries_identifiers_the_trail_and_a_picture() {
    use geometry::formats::{Metadata, threemf};
    let metadata = Metadata { title: "box".into(), rgb: [255, 0, 16], material: Some("PLA".into()) };
    let picture = b"\x89PNG\r\n\x1a\nrest".to_vec();
    let trail = vec![("specification".to_owned(), "ab12".to_owned()), ("build".to_owned(), "cd34".to_owned())];
    let extras = threemf::Extras { thumbnail: Some(picture.clone()), trail };
    let evaluated = built(&typical("box_with_lid")).evaluated;
    let bytes = threemf::write(&evaluated, &metadata, &extras).unwrap();
    assert_eq!(bytes, threemf::write(&evaluated, &metadata, &extras).unwrap());
    let package =
        threemf2::package::ThreemfPackage::from_reader_with_memory_optimized_deserializer(Cursor::new(&bytes), true)
            .unwrap();
    assert_eq!(package.thumbnails.values().next().unwrap().data, picture);
    let value = |name: &str| {
        let found = package.root.metadata.iter().find(|m| m.name == name.into());
        found.and_then(|m| m.value.as_ref()).unwrap().to_string()
    };
    assert_eq!(value("Description"), "material: PLA\nspecification: ab12\nbuild: cd34");
    assert_eq!(value("Title"), "box");
    let base = &package.root.resources.basematerials[0].base[0];
    assert_eq!((base.name.to_string(), base.displaycolor.to_string()), ("PLA".into(), "#FF0010".into()));
    let mut uuids: Vec<String> =
        package.root.resources.object.iter().map(|o| o.uuid.as_ref().unwrap().to_string().unwrap()).collect();
    uuids.extend(package.root.build.item.iter().map(|i| i.uuid.as_ref().unwrap().to_string().unwrap()));
    uuids.push(package.root.build.uuid.as_ref().unwrap().to_string().unwrap());
    for uuid in &uuids {
        let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert!(groups == [8, 4, 4, 4, 12] && uuid.as_bytes()[14] == b'8', "{uuid}");
    }
    let count = uuids.len();
    uuids.sort();
    uuids.dedup();
    assert_eq!((uuids.len(), count), (5, 5));
    let text = threemf::Extras { thumbnail: Some(b"GIF89a".to_vec()), ..Default::default() };
    assert!(threemf::write(&evaluated, &metadata, &text).is_err());
}

#[test]
fn the_threemf_of_a_build_shows_the_part_and_says_what_it_was_made_from() {
    let trail = [("specification".to_owned(), "ab".repeat(32)), ("import".to_owned(), "cd".repeat(32))];
    let mut part = typical("box_with_lid");
    part.colour = Some("#ff8000".parse().unwrap());
    let built = || {
        let evaluator = Evaluator::new(CacheLimits::default());
        let (options, imports, cancel) = (BuildOptions::default(), Imports::default(), AtomicBool::new(false));
        build_with(&evaluator, &part, &options, &imports, &trail, &cancel).unwrap().artefacts
    };
    let artefacts = built();
    assert_eq!(artefacts, built());
    // As an archive of plain files, without the 3MF library.
    let mut archive = zip::ZipArchive::new(Cursor::new(&artefacts.threemf)).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let relations = text(read("_rels/.rels"));
    assert!(relations.contains("/metadata/thumbnail") && relations.contains("/Metadata/thumbnail.png"), "{relations}");
    assert!(text(read("[Content_Types].xml")).contains("image/png"));
    let model = text(read("3D/3dmodel.model"));
    // What a reader has to know is declared: strict ones refuse the file else.
    let root = model.split_once("<model ").unwrap().1.split_once('>').unwrap().0;
    if let Some((_, required)) = root.split_once("requiredextensions=\"") {
        let mut prefixes = required.split('"').next().unwrap().split_whitespace();
        assert!(prefixes.all(|prefix| root.contains(&format!("xmlns:{prefix}="))), "{root}");
    }
    for (name, hash) in &trail {
        assert!(model.contains(&format!("{name}: {hash}")), "{name}");
    }
    let picture = read("Metadata/thumbnail.png");
    let mut decoder = png::Decoder::new(Cursor::new(&picture)).read_info().unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    let frame = decoder.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.width, frame.height, frame.color_type), (256, 256, png::ColorType::Rgba));
    let (shown, other) = (pixels.chunks_exact(4).filter(|p| p[3] == 255).count(), pixels.len() / 4);
    // Two pieces side by side fill a band of the picture, in the part's colour.
    assert!((other / 10..other / 2).contains(&shown), "{shown} of {other}");
    assert!(pixels.chunks_exact(4).all(|p| p[0] >= p[1] && p[1] >= p[2]));
    assert!(picture.len() < 40_000, "{}", picture.len());
}

#[test]
fn obj_has_every_corner() {
    let built = built(&typical("box_with_lid"));
    let text = String::from_utf8(built.artefacts.obj).unwrap();
    let count = |prefix: &str| text.lines().filter(|line| line.starts_with(prefix)).count();
    assert_eq!(count("v "), built.evaluated.mesh.positions.len());
    assert_eq!((count("f "), count("o ")), (built.evaluated.mesh.triangles.len(), 2));
}

#[test]
fn a_part_of_the_mesh_kernel_has_no_step() {
    let evaluation = Options { kernels: Kernels::MeshOnly, ..Options::default() };
    let options = BuildOptions { evaluation, ..BuildOptions::default() };
    let built = build(&typical("knob"), &options, &AtomicBool::new(false)).unwrap();
    assert!(built.artefacts.step.is_none() && !built.evaluated.exact);
    assert!(built.report.watertight);
}

#[test]
fn the_report_of_a_good_part_has_no_errors() {
    for kind in ["plant_pot", "box", "l_bracket", "spacer", "gear", "phone_stand", "box_with_lid"] {
        let report = built(&typical(kind)).report;
        assert!(report.printable && report.watertight, "{kind}: {:?}", report.findings);
    }
    // Its cone narrows to less than a sixth: facets must not fold over each other.
    let funnel = built(&common::part("funnel", &[("diameter", 90.0), ("bore", 10.0)])).report;
    assert!(funnel.findings.is_empty(), "{:?}", funnel.findings);
    let report = built(&typical("plant_pot")).report;
    near(report.min_wall_estimate.unwrap(), 3.0, 0.05);
    near(built(&typical("box")).report.min_wall_estimate.unwrap(), 2.0, 1e-6);
    assert_eq!(report.overhang_area_mm2, 0.0);
}

#[test]
fn the_report_names_what_cannot_be_printed() {
    let kinds = |part: &Part| built(part).report.findings.iter().map(|f| (f.kind, f.severity)).collect::<Vec<_>>();
    use printability::{Kind, Severity};
    let large = common::part("block", &[("length", 400.0), ("width", 50.0), ("height", 20.0)]);
    assert!(kinds(&large).contains(&(Kind::TooLarge, Severity::Error)));
    let thin = common::part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("wall", 0.3)]);
    assert!(kinds(&thin).contains(&(Kind::ThinWall, Severity::Error)));
    let weak = common::part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("wall", 0.6)]);
    assert!(kinds(&weak).contains(&(Kind::ThinWall, Severity::Warning)));
    let mushroom = common::part("cone", &[("diameter", 10.0), ("height", 20.0), ("top_diameter", 80.0)]);
    assert!(kinds(&mushroom).contains(&(Kind::Overhang, Severity::Warning)));
    let ball = common::part("sphere", &[("diameter", 30.0)]);
    assert!(kinds(&ball).contains(&(Kind::SmallBase, Severity::Warning)));
    let bracket = with(typical("l_bracket"), "chamfer", &[("distance", 0.5)], &[("edges", "top")], None);
    assert!(built(&bracket).report.watertight);
}

#[test]
fn a_report_survives_json() {
    let report = built(&typical("box")).report;
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<printability::Report>(&json).unwrap(), report);
}

#[test]
fn an_open_mesh_is_an_error() {
    let mut mesh = built(&typical("block")).evaluated.mesh;
    mesh.triangles.pop();
    let report = printability::check_meshes(&[&mesh], &Default::default(), &AtomicBool::new(false)).unwrap();
    assert!(!report.printable && !report.watertight);
}

/// Files for checking in other programs: set STEP_OUT to a folder.
#[test]
#[ignore = "writes files"]
#[allow(clippy::disallowed_methods, reason = "run by hand, with a folder of its own")]
fn write_every_family() {
    let folder = std::path::PathBuf::from(std::env::var("STEP_OUT").expect("STEP_OUT names a folder"));
    for definition in part::catalogue::definitions().iter().filter(|d| d.role == part::catalogue::Role::Body) {
        let built = built(&typical(definition.kind));
        let base = folder.join(definition.kind);
        if let Some(step) = &built.artefacts.step {
            std::fs::write(base.with_extension("step"), step).unwrap();
        }
        std::fs::write(base.with_extension("stl"), &built.artefacts.stl).unwrap();
        std::fs::write(base.with_extension("3mf"), &built.artefacts.threemf).unwrap();
        std::fs::write(base.with_extension("glb"), &built.artefacts.glb).unwrap();
        std::fs::write(base.with_extension("volume"), built.evaluated.volume_mm3.to_string()).unwrap();
    }
}
