//! Every shape, action and selector of the modelling vocabulary on both kernels, against volumes worked out by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod vocabulary;

use std::{
    f64::consts::{PI, TAU},
    sync::Arc,
};

use geometry::{Imported, Imports, Options, evaluate_with, formats};
use part::solid::{Action, Body, Contour, Frame, Profile, Section, Shape, Side, SpaceSegment};
use vocabulary::*;

#[test]
fn leaning_walls() {
    let prismatoid = |area: &dyn Fn(f64) -> f64, d: f64, h: f64| h / 6.0 * (area(0.0) + 4.0 * area(d / 2.0) + area(d));
    let (h, draft) = (20.0, 5.0_f64);
    let d = h * draft.to_radians().tan();
    let drafted = |outer: Contour, holes: Vec<Contour>, draft: f64| {
        vec![add(
            "body",
            Shape::Drafted { profile: Profile { outer, holes }, height: h, draft, twist: 0.0 },
            Frame::WORLD,
        )]
    };
    let sharp = |d: f64| (40.0 - 2.0 * d) * (30.0 - 2.0 * d);
    both(&drafted(rectangle(40.0, 30.0, 0.0), vec![], draft), prismatoid(&sharp, d, h), "sharp");
    both(&drafted(rectangle(40.0, 30.0, 0.0), vec![], -draft), prismatoid(&sharp, -d, h), "leaning out");
    let rounded = |d: f64| sharp(d) - (4.0 - PI) * (6.0 - d).powi(2);
    both(&drafted(rectangle(40.0, 30.0, 6.0), vec![], draft), prismatoid(&rounded, d, h), "rounded");
    let bored = |d: f64| sharp(d) - PI * (4.0 + d).powi(2);
    both(&drafted(rectangle(40.0, 30.0, 0.0), vec![circle(0.0, 0.0, 8.0)], draft), prismatoid(&bored, d, h), "bored");
    let l = Contour::Polygon {
        points: vec![[0.0, 0.0], [40.0, 0.0], [40.0, 15.0], [15.0, 15.0], [15.0, 40.0], [0.0, 40.0]],
    };
    let l_area = |d: f64| 40.0 * 15.0 + 25.0 * 15.0 - 160.0 * d + 4.0 * d * d;
    both(&drafted(l, vec![], draft), prismatoid(&l_area, d, h), "concave");
    refused(&drafted(rectangle(40.0, 30.0, 1.0), vec![], 20.0), "draft");
    refused(&drafted(rectangle(40.0, 4.0, 0.0), vec![], 20.0), "draft");
}

#[test]
fn twisted_walls_are_meshed() {
    let twisted = |outer: Contour, holes: Vec<Contour>, twist: f64| {
        vec![add(
            "body",
            Shape::Drafted { profile: Profile { outer, holes }, height: 30.0, draft: 0.0, twist },
            Frame::WORLD,
        )]
    };
    for (steps, area) in [
        (twisted(rectangle(20.0, 20.0, 0.0), vec![], 90.0), 400.0),
        (twisted(rectangle(30.0, 10.0, 2.0), vec![], -120.0), 300.0 - (4.0 - PI) * 4.0),
        (twisted(rectangle(20.0, 20.0, 0.0), vec![circle(0.0, 0.0, 8.0)], 180.0), 400.0 - PI * 16.0),
    ] {
        let built = exact(&steps);
        assert!(!built.exact && built.inexact_reason.as_deref().unwrap().contains("twisted"));
        close(built.volume_mm3, area * 30.0, 1e-3, "twisted");
    }
}

#[test]
fn profiles_along_paths() {
    let sweep = |outer: Contour, start: [f64; 3], segments: Vec<SpaceSegment>| {
        vec![add("body", Shape::Sweep { profile: plain(outer), path: path(start, segments) }, Frame::WORLD)]
    };
    let k = std::f64::consts::FRAC_1_SQRT_2;
    let bend = vec![
        space_line([0.0, 0.0, 20.0]),
        space_arc([10.0 - 10.0 * k, 0.0, 20.0 + 10.0 * k], [10.0, 0.0, 30.0]),
        space_line([30.0, 0.0, 30.0]),
    ];
    let length = 20.0 + PI * 5.0 + 20.0;
    both(&sweep(circle(0.0, 0.0, 6.0), [0.0; 3], bend.clone()), PI * 9.0 * length, "pipe");
    both(&sweep(rectangle(8.0, 4.0, 1.0), [0.0; 3], bend), (32.0 - (4.0 - PI)) * length, "bar");
    // A mitred frame: square to the path, the centre line's length counts.
    let corner = vec![space_line([40.0, 0.0, 0.0]), space_line([40.0, 30.0, 0.0]), space_line([40.0, 30.0, 25.0])];
    both(&sweep(rectangle(6.0, 4.0, 0.0), [0.0; 3], corner.clone()), 24.0 * 95.0, "mitres");
    both(&sweep(circle(0.0, 0.0, 5.0), [0.0; 3], corner), PI * 6.25 * 95.0, "round mitres");
    let race = vec![
        space_line([20.0, 0.0, 0.0]),
        space_arc([30.0, 10.0, 0.0], [20.0, 20.0, 0.0]),
        space_line([-20.0, 20.0, 0.0]),
        space_arc([-30.0, 10.0, 0.0], [-20.0, 0.0, 0.0]),
        space_line([0.0, 0.0, 0.0]),
    ];
    both(&sweep(circle(0.0, 0.0, 4.0), [0.0; 3], race), PI * 4.0 * (80.0 + TAU * 10.0), "closed");
    let tight = vec![space_arc([2.0 - 2.0 * k, 0.0, 2.0 * k], [2.0, 0.0, 2.0])];
    refused(&sweep(circle(0.0, 0.0, 6.0), [0.0; 3], tight), "bends");
}

#[test]
fn coils() {
    for left_handed in [false, true] {
        let coil = |turns: f64, pitch: f64| {
            let shape = Shape::Coil { profile: plain(circle(0.0, 0.0, 2.0)), radius: 10.0, pitch, turns, left_handed };
            vec![add("spring", shape, Frame::WORLD)]
        };
        // A screw motion carries each point of the section along the same angle.
        both_within(&coil(1.25, 4.0), PI * TAU * 10.0 * 1.25, 1e-6, "coil");
        let spring = exact(&coil(8.0, 4.0));
        assert!(!spring.exact && spring.inexact_reason.unwrap().contains("turns"));
        close(spring.volume_mm3, PI * TAU * 10.0 * 8.0, 1e-3, "spring");
        refused(&coil(3.0, 1.5), "turns touch");
    }
}

#[test]
fn lofts() {
    let loft = |sections: Vec<(Contour, f64)>, ruled: bool| {
        let sections = sections.into_iter().map(|(contour, z)| Section { contour, z }).collect();
        vec![add("body", Shape::Loft { sections, ruled }, Frame::WORLD)]
    };
    let frustum = |a: f64, b: f64, h: f64| h / 3.0 * (a + b + (a * b).sqrt());
    both(
        &loft(vec![(rectangle(20.0, 20.0, 0.0), 0.0), (rectangle(10.0, 10.0, 0.0), 15.0)], true),
        frustum(400.0, 100.0, 15.0),
        "pyramid",
    );
    both(
        &loft(vec![(circle(0.0, 0.0, 20.0), 0.0), (circle(0.0, 0.0, 10.0), 15.0)], true),
        frustum(PI * 100.0, PI * 25.0, 15.0),
        "cone",
    );
    // Other sizes along x and y: the section is linear in z along each.
    both(
        &loft(vec![(rectangle(20.0, 10.0, 0.0), 0.0), (rectangle(10.0, 16.0, 0.0), 12.0)], true),
        12.0 / 6.0 * (200.0 + 4.0 * 15.0 * 13.0 + 160.0),
        "wedge",
    );
    for (sections, ruled, what) in [
        (vec![(rectangle(30.0, 30.0, 0.0), 0.0), (circle(0.0, 0.0, 16.0), 20.0)], true, "square to circle"),
        (vec![(rectangle(30.0, 20.0, 4.0), 0.0), (circle(2.0, 1.0, 16.0), 20.0)], true, "rounded to circle"),
        (
            vec![(circle(0.0, 0.0, 30.0), 0.0), (circle(0.0, 0.0, 18.0), 15.0), (circle(0.0, 0.0, 26.0), 40.0)],
            false,
            "vase",
        ),
        (
            vec![(rectangle(30.0, 20.0, 4.0), 0.0), (circle(0.0, 0.0, 16.0), 20.0), (rectangle(20.0, 30.0, 4.0), 45.0)],
            false,
            "smooth",
        ),
    ] {
        let steps = loft(sections, ruled);
        let (solid, meshed) = (exact(&steps), mesh(&steps));
        assert!(solid.exact, "{what}: {:?}", solid.inexact_reason);
        close(meshed.volume_mm3, solid.volume_mm3, 1e-3, what);
    }
    // Hexagons that start elsewhere do not twist: the volume of an untwisted frustum.
    let hexagon = |first: usize, r: f64| Contour::Polygon {
        points: (0..6).map(|i| (TAU * (i + first) as f64 / 6.0).sin_cos()).map(|(s, c)| [r * c, r * s]).collect(),
    };
    let area = |r: f64| 1.5 * 3_f64.sqrt() * r * r;
    both(
        &loft(vec![(hexagon(0, 10.0), 0.0), (hexagon(2, 6.0), 9.0)], true),
        frustum(area(10.0), area(6.0), 9.0),
        "hexagons",
    );
}

#[test]
fn shells() {
    let steps = |first: Shape, open: Vec<Side>, thickness: f64| {
        vec![add("body", first, Frame::WORLD), step("shell", Action::Shell { open, thickness })]
    };
    let block = || Shape::Box { size: [40.0, 30.0, 20.0] };
    let whole = 40.0 * 30.0 * 20.0;
    both(&steps(block(), vec![Side::Top], 2.0), whole - 36.0 * 26.0 * 18.0, "open top");
    both(&steps(block(), vec![], 2.0), whole - 36.0 * 26.0 * 16.0, "void");
    both(&steps(block(), vec![Side::Top, Side::Bottom], 2.0), whole - 36.0 * 26.0 * 20.0, "sleeve");
    both(&steps(block(), vec![Side::Front], 2.0), whole - 36.0 * 28.0 * 16.0, "open front");
    let cylinder = Shape::Cylinder { diameter: 30.0, height: 25.0 };
    both(&steps(cylinder, vec![Side::Top], 3.0), PI * (225.0 * 25.0 - 144.0 * 22.0), "cup");
    let rounded = Shape::Extrusion { profile: plain(rectangle(40.0, 30.0, 5.0)), height: 20.0 };
    let area = |l: f64, w: f64, r: f64| l * w - (4.0 - PI) * r * r;
    both(&steps(rounded, vec![Side::Top], 2.0), area(40.0, 30.0, 5.0) * 20.0 - area(36.0, 26.0, 3.0) * 18.0, "tray");
    let sphere = Shape::Sphere { diameter: 20.0 };
    both(&steps(sphere, vec![], 2.0), PI / 6.0 * (8000.0 - 4096.0), "hollow ball");
    refused(&steps(block(), vec![Side::Top], 16.0), "shell");
}

#[test]
fn images_in_a_mirror() {
    let wedge = Shape::Extrusion {
        profile: plain(Contour::Polygon { points: vec![[0.0, 0.0], [20.0, 0.0], [0.0, 10.0]] }),
        height: 8.0,
    };
    let steps = |origin: [f64; 3], normal: [f64; 3], replace: bool| {
        vec![
            add("body", wedge.clone(), Frame::WORLD),
            cut("hole", Shape::Cylinder { diameter: 3.0, height: 10.0 }, Frame::at([4.0, 3.0, -1.0])),
            step("mirror", Action::Mirror { origin, normal, replace }),
        ]
    };
    let half = 100.0 * 8.0 - PI * 2.25 * 8.0;
    both(&steps([0.0; 3], [1.0, 0.0, 0.0], true), half, "only the image");
    both(&steps([0.0; 3], [1.0, 0.0, 0.0], false), 2.0 * half, "joined at the face");
    // Mirrored in its lower leg, the image overlaps nothing and touches along a face.
    both(&steps([0.0; 3], [0.0, 2.0, 0.0], false), 2.0 * half, "joined below");
    let image = exact(&steps([0.0; 3], [1.0, 0.0, 0.0], true));
    assert!((image.bounds.min[0] + 20.0).abs() < 1e-6 && image.bounds.max[0].abs() < 1e-6);
}

#[test]
fn turned_by_an_angle_and_with_holes() {
    let turned = |angle: f64, holes: Vec<Contour>| {
        let outer = Contour::Rectangle { centre: [15.0, 5.0], size: [10.0, 10.0], corner_radius: 0.0 };
        vec![add("body", Shape::Revolution { profile: Profile { outer, holes }, angle }, Frame::WORLD)]
    };
    let pappus = |area: f64, r: f64, angle: f64| area * r * f64::to_radians(angle);
    both(&turned(90.0, vec![]), pappus(100.0, 15.0, 90.0), "quarter");
    both(&turned(270.0, vec![]), pappus(100.0, 15.0, 270.0), "three quarters");
    let hollow = |angle| pappus(100.0, 15.0, angle) - pappus(PI * 4.0, 15.0, angle);
    both(&turned(120.0, vec![circle(15.0, 5.0, 4.0)]), hollow(120.0), "pipe bend");
    both(&turned(360.0, vec![circle(15.0, 5.0, 4.0)]), hollow(360.0), "hollow ring");
}

#[test]
fn ellipses() {
    let plate = |size: [f64; 2], holes: Vec<Contour>| {
        let profile = Profile { outer: Contour::Ellipse { centre: [0.0; 2], size }, holes };
        vec![add("body", Shape::Extrusion { profile, height: 5.0 }, Frame::WORLD)]
    };
    both(&plate([40.0, 24.0], vec![]), PI * 20.0 * 12.0 * 5.0, "long along x");
    both(&plate([24.0, 40.0], vec![circle(0.0, 8.0, 6.0)]), (PI * 20.0 * 12.0 - PI * 9.0) * 5.0, "long along y");
    let bored = vec![
        plate([40.0, 24.0], vec![]).remove(0),
        cut("slot", Shape::Cylinder { diameter: 10.0, height: 9.0 }, Frame::at([17.0, 0.0, -1.0])),
    ];
    let (solid, meshed) = (exact(&bored), mesh(&bored));
    assert!(solid.exact);
    close(meshed.volume_mm3, solid.volume_mm3, 1e-3, "bitten ellipse");
}

#[test]
fn threads_are_meshed_and_their_step_is_plain() {
    let thread = |internal: bool, length: f64| Shape::Thread {
        diameter: 8.0,
        pitch: 1.25,
        length,
        internal,
        left_handed: false,
        clearance: 0.0,
    };
    let depth = 0.625 * 1.25 * 3_f64.sqrt() / 2.0;
    let (crest, root): (f64, f64) = (4.0, 4.0 - depth);
    let section =
        PI * (root * root * 0.25 + crest * crest * 0.125 + (root * root + root * crest + crest * crest) / 3.0 * 0.625);
    let bolt = vec![
        add("head", Shape::Cylinder { diameter: 13.0, height: 5.0 }, Frame::WORLD),
        add("thread", thread(false, 20.0), Frame::at([0.0, 0.0, 5.0])),
    ];
    let built = exact(&bolt);
    assert!(!built.exact);
    assert_eq!(
        built.inexact_reason.as_deref(),
        Some("thread modelled on the mesh kernel; the STEP shows a plain cylinder")
    );
    close(built.volume_mm3, PI * 42.25 * 5.0 + section * 20.0, 1e-3, "bolt");
    let read = step_volume(&built);
    close(read, PI * 42.25 * 5.0 + PI * 16.0 * 20.0, 1e-6, "the bolt's STEP");
    let nut = vec![
        add("nut", Shape::Cylinder { diameter: 14.0, height: 6.5 }, Frame::WORLD),
        cut("thread", thread(true, 8.5), Frame::at([0.0, 0.0, -1.0])),
    ];
    let built = exact(&nut);
    close(built.volume_mm3, PI * 49.0 * 6.5 - section * 6.5, 1e-3, "nut");
    close(step_volume(&built), PI * (49.0 - 3.375 * 3.375) * 6.5, 1e-6, "the nut's STEP");
    assert_eq!(built.pieces[0].mesh.topology().through_holes(), 1);
    close(mesh(&nut).volume_mm3, PI * 49.0 * 6.5 - section * 6.5, 1e-3, "nut by mesh alone");
}

#[test]
fn bodies_that_were_brought() {
    let source = exact(&[add("body", Shape::Cylinder { diameter: 20.0, height: 10.0 }, Frame::WORLD)]);
    let metadata = formats::Metadata { title: "disc".to_owned(), rgb: [1, 2, 3], material: None };
    let step = formats::step::write(&source, &metadata).unwrap().unwrap();
    let imports: Imports = [
        ("aa".to_owned(), Imported::Step(Arc::from(step.as_bytes()))),
        ("bb".to_owned(), Imported::Mesh(Arc::new(source.mesh.clone()))),
        ("cc".to_owned(), Imported::Step(Arc::from(&b"not a STEP file"[..]))),
    ]
    .into_iter()
    .collect();
    let with_hole = |hash: &str, scale: f64| {
        let steps = vec![
            add("import", Shape::Imported { hash: hash.to_owned(), scale }, Frame::at([5.0, 0.0, 2.0])),
            cut("hole", Shape::Cylinder { diameter: 4.0, height: 100.0 }, Frame::at([5.0, 0.0, -10.0])),
        ];
        let body = Body::single("piece", [30.0, 30.0, 20.0], steps);
        evaluate_with(&body, &Options::default(), &imports, &Default::default())
    };
    let drilled = |r: f64, h: f64| PI * (r * r - 4.0) * h;
    let solid = with_hole("aa", 1.0).unwrap();
    assert!(solid.exact);
    close(solid.volume_mm3, drilled(10.0, 10.0), 1e-6, "STEP");
    let scaled = with_hole("aa", 2.0).unwrap();
    assert!(!scaled.exact);
    close(scaled.volume_mm3, drilled(20.0, 20.0), 1e-3, "scaled STEP");
    let meshed = with_hole("bb", 0.5).unwrap();
    assert!(!meshed.exact && meshed.inexact_reason.unwrap().contains("no exact surfaces"));
    close(meshed.volume_mm3, drilled(5.0, 5.0), 1e-3, "mesh");
    for (hash, why) in [("cc", "cannot be read"), ("dd", "not at hand")] {
        let error = with_hole(hash, 1.0).err().unwrap().to_string();
        assert!(error.contains(why) && error.starts_with("import"), "{error}");
    }
}
