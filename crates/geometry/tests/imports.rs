//! Files from outside: what is read, what is mended and said, and what is refused with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    io::{Cursor, Write},
    sync::atomic::AtomicBool,
};

use geometry::import::{
    self, Bounds, Format, ImportError, Imported, ObjError, PackageError, StepError, ThreemfError, Warning,
};
use mesh::{
    TriMesh,
    repair::{Repair, RepairError},
    stl::StlError,
};
use proptest::prelude::*;

fn read(format: Format, bytes: &[u8]) -> Result<Imported, ImportError> {
    import::read(format, bytes, &Bounds::default(), &AtomicBool::new(false))
}

macro_rules! seed {
    ($path:literal) => {
        include_bytes!(concat!("../../fuzz-targets/seeds/", $path))
    };
}

fn volume(imported: &Imported) -> f64 {
    (imported.measures.mass.volume_mm3 * 1e6).round() / 1e6
}

fn cube() -> TriMesh {
    mesh::stl::read(seed!("stl/cube.stl")).unwrap()
}

fn stl(mesh: &TriMesh) -> Vec<u8> {
    let mut bytes = Vec::new();
    mesh::stl::write(mesh, &mut bytes).unwrap();
    bytes
}

const CORE: &str = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02";

fn model(unit: &str, resources: &str, build: &str) -> String {
    format!(r#"<model unit="{unit}" xmlns="{CORE}"><resources>{resources}</resources><build>{build}</build></model>"#)
}

/// An object that is a cube of 10, whatever the unit.
fn object(id: u32) -> String {
    let cube = cube();
    let vertices: String =
        cube.positions.iter().map(|[x, y, z]| format!(r#"<vertex x="{x}" y="{y}" z="{z}"/>"#)).collect();
    let triangles: String =
        cube.triangles.iter().map(|[a, b, c]| format!(r#"<triangle v1="{a}" v2="{b}" v3="{c}"/>"#)).collect();
    format!(
        r#"<object id="{id}"><mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh></object>"#
    )
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let relationships = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel" Target="/3D/3dmodel.model"/></Relationships>"#;
    for (name, bytes) in [("_rels/.rels", &relationships[..])].iter().chain(parts) {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn threemf(model: &str) -> Result<Imported, ImportError> {
    read(Format::Threemf, &package(&[("3D/3dmodel.model", model.as_bytes())]))
}

#[test]
fn formats_are_told_by_content() {
    for (bytes, format) in [
        (&seed!("stl/cube.stl")[..], Format::Stl),
        (seed!("stl/ascii.stl"), Format::Stl),
        (seed!("obj/quads.obj"), Format::Obj),
        (seed!("obj/slashes.obj"), Format::Obj),
        (seed!("threemf/plain.3mf"), Format::Threemf),
        (seed!("step/block.step"), Format::Step),
    ] {
        assert_eq!(import::sniff(bytes), Some(format));
    }
    for other in [&b""[..], b"glTF\x02\0\0\0", b"\x89PNG\r\n", b"%PDF-1.7", b"ply\nformat ascii 1.0\n", b"hello"] {
        assert_eq!(import::sniff(other), None, "{other:?}");
    }
    assert_eq!(Format::from_extension("STP"), Some(Format::Step));
}

#[test]
fn each_format_gives_the_same_cube() {
    let cubes = [
        read(Format::Stl, seed!("stl/cube.stl")),
        read(Format::Obj, seed!("obj/quads.obj")),
        read(Format::Obj, seed!("obj/slashes.obj")),
        read(Format::Threemf, seed!("threemf/plain.3mf")),
        read(Format::Threemf, seed!("threemf/production.3mf")),
    ];
    for imported in cubes {
        let imported = imported.unwrap();
        assert_eq!(volume(&imported), 1000.0);
        assert_eq!((imported.measures.triangles, imported.measures.solids, imported.measures.voids), (12, 1, 0));
        assert_eq!(imported.measures.bounds.size(), [10.0; 3]);
        assert!(imported.repairs.is_empty() && imported.exact.is_none());
        let unit_is_said = imported.format == Format::Threemf;
        assert_eq!(imported.warnings, if unit_is_said { vec![] } else { vec![Warning::UnitAssumed] });
    }
}

#[test]
fn inverted_and_holed_meshes_are_mended_and_open_ones_refused() {
    let imported = read(Format::Stl, seed!("stl/inverted.stl")).unwrap();
    assert_eq!(imported.repairs, [Repair::TurnedShells { shells: 1 }]);
    assert_eq!(volume(&imported), 1000.0);
    let Err(error) = read(Format::Stl, seed!("stl/open.stl")) else { panic!("an open cube was taken") };
    let said = error.to_string();
    assert!(said.contains("the surface is open") && said.contains("3 edges") && said.contains("mm wide"), "{said}");
    let mut inside = cube();
    inside.append(&cube().translated([30.0, 0.0, 0.0]));
    inside.triangles[15].swap(0, 1);
    let imported = read(Format::Stl, &stl(&inside)).unwrap();
    assert_eq!(imported.repairs, [Repair::Turned { triangles: 1 }]);
    assert_eq!((volume(&imported), imported.measures.solids), (2000.0, 2));
}

#[test]
fn a_surface_through_itself_is_reported() {
    let mut crossing = cube();
    crossing.append(&cube().translated([5.1, 5.2, 5.3]));
    let imported = read(Format::Stl, &stl(&crossing)).unwrap();
    assert!(matches!(imported.warnings[0], Warning::SelfIntersecting { pairs, .. } if pairs > 0));
}

#[test]
fn stl_errors_say_where() {
    let good = seed!("stl/cube.stl");
    let answer = |bytes: &[u8]| read(Format::Stl, bytes).unwrap_err();
    for cut in [0, 10, 83, 84, 100, good.len() - 1] {
        let error = answer(&good[..cut]);
        assert!(
            matches!(error, ImportError::Empty | ImportError::Stl(StlError::TooShort { .. } | StlError::Count { .. })),
            "{cut}: {error:?}"
        );
    }
    let mut nan = good.to_vec();
    nan[84 + 4 * 50 + 12..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(answer(&nan), ImportError::Stl(StlError::NotFinite { triangle: 5 }));
    let mut far = good.to_vec();
    far[84 + 12..][..4].copy_from_slice(&10_001_f32.to_le_bytes());
    assert_eq!(answer(&far), ImportError::Stl(StlError::TooFar { triangle: 1, coordinate: 10_001.0, max: 10_000.0 }));
    assert_eq!(
        import::read(Format::Stl, good, &Bounds { triangles: 11, ..Bounds::default() }, &AtomicBool::new(false)),
        Err(ImportError::TooManyTriangles { max: 11 })
    );
    assert_eq!(
        import::read(Format::Stl, good, &Bounds { bytes: 600, ..Bounds::default() }, &AtomicBool::new(false)),
        Err(ImportError::TooLarge { bytes: good.len(), max: 600 })
    );
    assert_eq!(
        import::read(Format::Stl, good, &Bounds::default(), &AtomicBool::new(true)),
        Err(ImportError::Cancelled)
    );
}

#[test]
fn concave_faces_keep_their_shape() {
    let imported = read(Format::Obj, seed!("obj/concave.obj")).unwrap();
    assert_eq!(volume(&imported), 14.0);
    assert_eq!(imported.measures.triangles, 20);
}

#[test]
fn obj_errors_say_the_line() {
    let answer = |text: &str| match read(Format::Obj, text.as_bytes()) {
        Err(ImportError::Obj(error)) => error,
        other => panic!("{other:?}"),
    };
    let corners = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";
    assert_eq!(answer("v 0 zero 0"), ObjError::Corner { line: 1, found: "v 0 zero 0".into() });
    assert_eq!(answer("#\nv 0 nan 0"), ObjError::NotFinite { line: 2 });
    assert_eq!(answer("v 0 0 1e5"), ObjError::TooFar { line: 1, coordinate: 1e5, max: 1e4 });
    assert_eq!(answer(&format!("{corners}f 1 2 4")), ObjError::NoSuchCorner { line: 4, index: 4, corners: 3 });
    assert_eq!(answer(&format!("{corners}f 1 2 0")), ObjError::NoSuchCorner { line: 4, index: 0, corners: 3 });
    assert_eq!(answer(&format!("{corners}f -1 -2 -4")), ObjError::NoSuchCorner { line: 4, index: -4, corners: 3 });
    assert_eq!(answer(&format!("{corners}f 1 2")), ObjError::Corners { line: 4, corners: 2 });
    assert_eq!(answer(&format!("{corners}f 1 2 x")), ObjError::Face { line: 4, found: "x".into() });
    assert_eq!(answer(&format!("{corners}curv 0 1")), ObjError::FreeForm { line: 4, keyword: "curv".into() });
    assert_eq!(answer(&format!("{corners}hello")), ObjError::Keyword { line: 4, found: "hello".into() });
    assert_eq!(answer(corners), ObjError::NoFaces);
    let wide = format!("{corners}f {}", "1 2 3 ".repeat(1000));
    assert!(matches!(answer(&wide), ObjError::Corners { line: 4, .. }));
}

#[test]
fn units_placements_and_mirrors_are_applied() {
    for (unit, edge) in [
        ("micron", 0.01),
        ("millimeter", 10.0),
        ("centimeter", 100.0),
        ("inch", 254.0),
        ("foot", 3048.0),
        ("meter", 10_000.0),
    ] {
        let imported = threemf(&model(unit, &object(1), r#"<item objectid="1"/>"#)).unwrap();
        let size = imported.measures.bounds.size();
        assert!(size.iter().all(|s| (s - edge).abs() < 1e-9 * edge), "{unit}: {size:?}");
    }
    // Components: twice, the second mirrored, both scaled by the unit after their placements.
    let bytes = package(&[("3D/3dmodel.model", seed!("threemf/components.model"))]);
    let imported = read(Format::Threemf, &bytes).unwrap();
    assert_eq!((volume(&imported), imported.measures.solids), (2000.0, 2));
    assert_eq!(imported.measures.bounds.min, [0.0, 50.0, 0.0]);
    assert_eq!(imported.measures.bounds.max, [300.0, 60.0, 10.0]);
    assert!(imported.repairs.is_empty(), "{:?}", imported.repairs);
    // A quarter turn about Z after a stretch along X.
    let turned = r#"<item objectid="1" transform="0 2 0 -1 0 0 0 0 1 5 0 0"/>"#;
    let imported = threemf(&model("millimeter", &object(1), turned)).unwrap();
    assert_eq!((imported.measures.bounds.min, imported.measures.bounds.max), ([-5.0, 0.0, 0.0], [5.0, 20.0, 10.0]));
}

#[test]
fn an_object_within_another_stays_solid() {
    let small = r#"<item objectid="1"/><item objectid="1" transform="0.5 0 0 0 0.5 0 0 0 0.5 2 2 2"/>"#;
    let imported = threemf(&model("millimeter", &object(1), small)).unwrap();
    assert_eq!((imported.measures.solids, imported.measures.voids), (2, 0));
}

#[test]
fn threemf_errors_say_where() {
    let answer = |resources: &str, build: &str| threemf(&model("millimeter", resources, build)).unwrap_err();
    let part = "/3D/3dmodel.model".to_owned();
    let item = r#"<item objectid="1"/>"#;
    assert_eq!(
        answer(&object(1), r#"<item objectid="7"/>"#),
        ThreemfError::NoSuchObject { part: part.clone(), object: 7 }.into()
    );
    assert_eq!(answer(&object(1), ""), ThreemfError::NothingBuilt { part: part.clone() }.into());
    let wild = object(1).replace(r#"v1="0""#, r#"v1="99""#);
    assert_eq!(
        answer(&wild, item),
        ThreemfError::NoSuchCorner { object: 1, triangle: 1, corner: 99, corners: 8 }.into()
    );
    let nan = object(1).replacen(r#"x="10""#, r#"x="NaN""#, 1);
    assert!(matches!(
        answer(&nan, item),
        ImportError::Threemf(ThreemfError::NotFinite { object: 1, .. } | ThreemfError::Xml { .. })
    ));
    let far = object(1).replacen(r#"x="10""#, r#"x="1e300""#, 1);
    assert!(matches!(answer(&far, item), ImportError::Threemf(ThreemfError::TooFar { object: 1, .. })));
    let flat = r#"<item objectid="1" transform="1 0 0 0 1 0 0 0 0 0 0 0"/>"#;
    assert_eq!(answer(&object(1), flat), ThreemfError::Flattened { object: 1 }.into());
    let itself = r#"<object id="1"><components><component objectid="1"/></components></object>"#;
    assert_eq!(answer(itself, item), ThreemfError::TooDeep { part, object: 1, max: 16 }.into());
    assert!(matches!(threemf("<model").unwrap_err(), ImportError::Threemf(ThreemfError::Xml { .. })));
    // Declared entities could double without end.
    let laughs = format!("<!DOCTYPE m [<!ENTITY a \"aaaa\">]>{}", model("millimeter", &object(1), item));
    assert!(matches!(threemf(&laughs).unwrap_err(), ImportError::Threemf(ThreemfError::Xml { .. })));
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(matches!(answer(&format!("{}{deep}", object(1)), item), ImportError::Threemf(ThreemfError::Xml { .. })));
}

/// Each of `levels` objects is ten of the one below it.
#[test]
fn objects_that_multiply_are_stopped() {
    let mut resources = object(1);
    for level in 2..14 {
        let below = format!(r#"<component objectid="{}"/>"#, level - 1).repeat(10);
        resources.push_str(&format!(r#"<object id="{level}"><components>{below}</components></object>"#));
    }
    let answer = threemf(&model("millimeter", &resources, r#"<item objectid="13"/>"#));
    assert_eq!(answer, Err(ImportError::TooManyObjects { max: 10_000 }));
}

#[test]
fn archive_bombs_are_stopped() {
    let zeros = vec![b' '; 20_000_000];
    let part = "3D/3dmodel.model";
    let bomb = package(&[(part, &zeros)]);
    assert!(bomb.len() < 100_000);
    let answer = |bytes: &[u8], bounds: Bounds| {
        import::read(Format::Threemf, bytes, &bounds, &AtomicBool::new(false)).unwrap_err()
    };
    assert_eq!(answer(&bomb, Bounds::default()), PackageError::Ratio { name: part.to_owned(), ratio: 200 }.into());
    assert_eq!(
        answer(&bomb, Bounds { ratio: 1_000_000, inflated: 1_000_000, ..Bounds::default() }),
        PackageError::TooLarge { max: 1_000_000 }.into()
    );
    // The central directory claims a byte where there are twenty million, and the packed size is not believed either.
    let mut lying = bomb.clone();
    let directory = lying.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    lying[directory + 24..directory + 28].copy_from_slice(&1_u32.to_le_bytes());
    let error = answer(&lying, Bounds::default());
    assert!(matches!(error, ImportError::Package(_)), "{error:?}");
    let names: Vec<String> = (0..1500).map(|i| format!("f{i}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(
        answer(&package(&many), Bounds::default()),
        PackageError::TooManyEntries { entries: 1501, max: 1000 }.into()
    );
    assert_eq!(answer(&package(&[]), Bounds::default()), PackageError::Missing { name: part.to_owned() }.into());
    let good = seed!("threemf/plain.3mf");
    for cut in [4, 100, good.len() / 2, good.len() - 1] {
        let error = answer(&good[..cut], Bounds::default());
        assert!(matches!(error, ImportError::Package(PackageError::Unreadable { .. })), "{cut}: {error:?}");
    }
    let mut damaged = good.to_vec();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    let error = answer(&damaged, Bounds::default());
    assert!(matches!(error, ImportError::Package(PackageError::Damaged { .. })), "{error:?}");
}

#[test]
fn step_keeps_its_bytes_and_its_exact_measures() {
    let bytes = seed!("step/cylinder.step");
    let imported = read(Format::Step, bytes).unwrap();
    assert_eq!(imported.exact.as_deref(), Some(&bytes[..]));
    assert!(imported.mesh.topology().is_watertight());
    let triangles = imported.mesh.mass_properties().volume_mm3;
    let exact = imported.measures.mass.volume_mm3;
    assert!((triangles / exact - 1.0).abs() < 1e-3 && triangles != exact, "{triangles} {exact}");
    let [width, depth, height] = imported.measures.bounds.size();
    let round = std::f64::consts::PI / 4.0 * width.max(depth).powi(2) * height;
    assert!((exact / round - 1.0).abs() < 1e-3, "{exact} {round}");
}

#[test]
fn step_errors_say_where() {
    let good = std::str::from_utf8(seed!("step/block.step")).unwrap();
    let answer = |text: &str| read(Format::Step, text.as_bytes()).unwrap_err();
    for share in [1, 3, 5, 9] {
        let error = answer(&good[..good.len() * share / 10]);
        assert!(matches!(error, ImportError::Step(StepError::Malformed(_))), "{error:?}");
    }
    let said = answer(&good.replacen("CARTESIAN_POINT('',(", "CARTESIAN_POINT('',((", 1)).to_string();
    assert!(said.contains("line"), "{said}");
    let none = good.replace("MANIFOLD_SOLID_BREP", "SOMETHING_ELSE");
    assert_eq!(answer(&none), StepError::NoSolids.into());
    let hole = good.replacen("ADVANCED_FACE", "ADVANCED_FARCE", 1);
    assert!(matches!(answer(&hole), ImportError::Step(StepError::Refused { .. })));
    let cancelled = import::read(Format::Step, good.as_bytes(), &Bounds::default(), &AtomicBool::new(true));
    assert_eq!(cancelled, Err(ImportError::Cancelled));
    let few = Bounds { step_instances: 10, ..Bounds::default() };
    assert_eq!(
        import::read(Format::Step, good.as_bytes(), &few, &AtomicBool::new(false)),
        Err(StepError::TooManyInstances { max: 10 }.into())
    );
}

/// An assembly whose forty levels each hold the one below twice has more places than there are atoms in a gram.
#[test]
fn step_assemblies_that_multiply_are_stopped() {
    let good = std::str::from_utf8(seed!("step/block.step")).unwrap();
    let mut extra = String::from("#90000=CARTESIAN_POINT('',(0.,0.,0.));\n#90001=AXIS2_PLACEMENT_3D('',#90000,$,$);\n");
    let brep = good.lines().find(|line| line.contains("ADVANCED_BREP_SHAPE_REPRESENTATION(")).unwrap();
    let base = &brep[..brep.find('=').unwrap()];
    let context = brep.rsplit('#').next().unwrap().trim_end_matches(");");
    for level in 0..40 {
        let at = 91_000 + 10 * level;
        let below = if level == 0 { base.to_owned() } else { format!("#{}", at - 10) };
        extra.push_str(&format!(
            "#{at}=SHAPE_REPRESENTATION('',(#{},#{}),#{context});\n#{}=REPRESENTATION_MAP(#90001,{below});\n#{}=MAPPED_ITEM('',#{},#90001);\n#{}=MAPPED_ITEM('',#{},#90001);\n",
            at + 2, at + 3, at + 1, at + 2, at + 1, at + 3, at + 1
        ));
    }
    let end = good.rfind("ENDSEC;").unwrap();
    let bomb = format!("{}{extra}{}", &good[..end], &good[end..]);
    assert_eq!(read(Format::Step, bomb.as_bytes()), Err(ImportError::TooManyObjects { max: 10_000 }));
}

#[test]
fn step_chains_of_representations_are_bounded() {
    let good = std::str::from_utf8(seed!("step/block.step")).unwrap();
    let chain: String = (0..10_001)
        .map(|i| format!("#{}=SHAPE_REPRESENTATION_RELATIONSHIP('','',#{},#{});\n", 90_000 + i, 90_001 + i, 90_002 + i))
        .collect();
    let end = good.rfind("ENDSEC;").unwrap();
    let text = format!("{}{chain}{}", &good[..end], &good[end..]);
    assert_eq!(read(Format::Step, text.as_bytes()), Err(ImportError::TooManyObjects { max: 10_000 }));
}

#[test]
fn the_same_file_gives_the_same_body() {
    for (format, bytes) in [(Format::Stl, &seed!("stl/inverted.stl")[..]), (Format::Step, seed!("step/cone.step"))] {
        assert_eq!(read(format, bytes), read(format, bytes));
    }
}

#[test]
fn repairs_that_are_refused_are_import_errors() {
    let sheet = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";
    assert!(matches!(read(Format::Obj, sheet.as_bytes()), Err(ImportError::Repair(RepairError::Open { .. }))));
}

/// A ring of 2 x 2236 x 2236 triangles as binary STL, wound inwards; `more` triangles of its own repeated at the end.
fn ring(more: usize) -> Vec<u8> {
    const SIDES: u32 = 2236;
    let point = |i: u32, j: u32| -> [f32; 3] {
        let [u, v] = [i, j].map(|k| std::f64::consts::TAU * f64::from(k % SIDES) / f64::from(SIDES));
        let radius = 50.0 + 10.0 * v.cos();
        [(radius * u.cos()) as f32, (radius * u.sin()) as f32, (10.0 * v.sin()) as f32]
    };
    let count = 2 * SIDES as usize * SIDES as usize + more;
    let mut bytes = vec![b' '; 80];
    bytes.reserve(4 + 50 * count);
    bytes.extend((count as u32).to_le_bytes());
    let mut triangle = |corners: [[f32; 3]; 3]| {
        bytes.extend([0; 12]);
        bytes.extend(corners.as_flattened().iter().flat_map(|c| c.to_le_bytes()));
        bytes.extend([0; 2]);
    };
    for i in 0..SIDES {
        for j in 0..SIDES {
            let [a, b, c, d] = [point(i, j), point(i + 1, j), point(i + 1, j + 1), point(i, j + 1)];
            triangle([a, c, b]);
            triangle([a, d, c]);
        }
    }
    (0..more).for_each(|_| triangle([point(0, 0), point(1, 0), point(1, 1)]));
    bytes
}

/// `cargo test --release -p geometry --test imports -- --ignored`
#[test]
#[ignore = "ten seconds and 1.5 GB"]
fn ten_million_triangles_are_imported_and_one_more_is_refused() {
    let bytes = ring(0);
    assert_eq!(bytes.len(), 84 + 50 * 9_999_392);
    let imported = read(Format::Stl, &bytes).unwrap();
    drop(bytes);
    assert_eq!(imported.repairs, [Repair::TurnedShells { shells: 1 }]);
    assert!(imported.warnings.contains(&Warning::IntersectionsNotChecked));
    let exact = 2.0 * std::f64::consts::PI.powi(2) * 50.0 * 100.0;
    assert!((imported.measures.mass.volume_mm3 / exact - 1.0).abs() < 1e-5);
    drop(imported);
    // The file's own limit comes first: it is that of so many triangles.
    let over = read(Format::Stl, &ring(609));
    assert!(matches!(over, Err(ImportError::TooManyTriangles { .. } | ImportError::TooLarge { .. })), "{over:?}");
}

proptest! {
    /// The corners and triangles of a file of triangles are those that another reader finds.
    #[test]
    fn obj_agrees_with_another_reader(
        positions in prop::collection::vec(prop::array::uniform3(-50_i32..50), 4..20),
        faces in prop::collection::vec(prop::array::uniform3(0_usize..20), 1..20),
    ) {
        let mut text = String::new();
        for [x, y, z] in &positions {
            text.push_str(&format!("v {x} {y}.5 {z}\n"));
        }
        for face in &faces {
            let [a, b, c] = face.map(|v| v % positions.len() + 1);
            text.push_str(&format!("f {a} {b}// {c}\n"));
        }
        let options = tobj::LoadOptions { triangulate: true, ..tobj::LoadOptions::default() };
        let theirs = tobj::load_obj_buf(&mut Cursor::new(&text), &options, |_| Err(tobj::LoadError::GenericFailure));
        let (models, _) = theirs.unwrap();
        let sum: f64 = models
            .iter()
            .flat_map(|m| m.mesh.indices.iter().map(|i| &m.mesh.positions[3 * *i as usize..][..3]))
            .map(|p| p[0] + 3.0 * p[1] + 7.0 * p[2])
            .sum();
        let ours = import::read_unrepaired(Format::Obj, text.as_bytes(), &Bounds::default(), &AtomicBool::new(false)).unwrap();
        let own: f64 = ours[0].iter_corners().flatten().map(|p| p[0] + 3.0 * p[1] + 7.0 * p[2]).sum();
        prop_assert!((own - sum).abs() < 1e-6);
        prop_assert_eq!(ours[0].triangles.len(), models.iter().map(|m| m.mesh.indices.len() / 3).sum::<usize>());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [Format::Stl, Format::Obj, Format::Threemf, Format::Step] {
            let _answer = read(format, &bytes);
        }
    }
}
