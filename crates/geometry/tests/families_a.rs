//! Boxes with hinges, slides and screws, brackets, clamps, signs and standard parts: each over its ranges exact, closed, one
//! lump a piece and as large as it says; the simple ones with their analytic volumes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity, reason = "a test fails by panicking")]

mod common;

use std::f64::consts::PI;

use common::{evaluated, near, operation, part, quantity, with};
use geometry::Evaluated;
use part::{Face, Part, Position, catalogue};

type Numbers = &'static [(&'static str, &'static [f64])];
type Words = &'static [(&'static str, &'static [&'static str])];

/// The part with the `n`th drawing of numbers and words; the zeroth gives only what is essential.
fn drawn(kind: &str, numbers: Numbers, words: Words, n: usize) -> Part {
    let definition = catalogue::find(kind).expect(kind);
    let essential = definition.missing(&operation(kind, kind, &[]));
    let mut part = part(kind, &[]);
    // A fixed congruential sequence: the same parts in every run.
    let mut state = 12_345 + 7_919 * n as u64;
    let mut pick = |len: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if n == 0 { 0 } else { (state >> 33) as usize % len }
    };
    for (name, values) in numbers {
        let value = values[pick(values.len())];
        if n > 0 || essential.contains(name) {
            part.features[0].parameters.insert((*name).to_owned(), quantity(value));
        }
    }
    for (name, values) in words {
        let value = values[pick(values.len())];
        if n > 0 || essential.contains(name) {
            part.features[0].choices.insert((*name).to_owned(), value.to_owned());
        }
    }
    part
}

/// Builds the default and at least ten drawings, and hands each to `check`.
fn over_its_ranges(kind: &str, numbers: Numbers, words: Words, check: impl Fn(&part::solid::Body, &Evaluated)) {
    let mut built = 0;
    for n in 0..30 {
        let part = drawn(kind, numbers, words, n);
        let lowered = match part::lower(&part) {
            Ok(lowered) => lowered,
            Err(invalid) => {
                assert!(n > 0, "{invalid}");
                assert!(invalid.why.len() > 10 && !invalid.parameter.is_empty(), "{invalid}");
                continue;
            }
        };
        let said = || format!("{kind} {:?} {:?}", numbers_of(&part), part.features[0].choices);
        let evaluated = evaluated(&part);
        assert!(evaluated.exact, "{}: {:?}", said(), evaluated.inexact_reason);
        for piece in &evaluated.pieces {
            let topology = piece.mesh.topology();
            assert!(topology.is_watertight() && topology.components == 1, "{} {}: {topology:?}", said(), piece.name);
            let off = piece.mesh.mass_properties().volume_mm3 / piece.mass.volume_mm3 - 1.0;
            assert!(off.abs() < 0.001, "{} {}: the mesh is {off} off", said(), piece.name);
            assert_eq!(piece.mesh.bounds().unwrap().min[2], 0.0, "{} {}", said(), piece.name);
        }
        if evaluated.pieces.len() == 1 {
            let (mut is, mut stated) = (evaluated.bounds.size(), lowered.size);
            is.sort_by(f64::total_cmp);
            stated.sort_by(f64::total_cmp);
            let near = (0..3).all(|i| (is[i] - stated[i]).abs() < 0.02);
            assert!(near, "{}: measures {is:?}, said {stated:?}", said());
        }
        check(&lowered, &evaluated);
        built += 1;
        if built == 11 {
            return;
        }
    }
    panic!("only {built} of 30 drawings of {kind} are valid");
}

fn numbers_of(part: &Part) -> Vec<(String, f64)> {
    part.features[0].parameters.iter().map(|(name, q)| (name.clone(), q.value)).collect()
}

fn size(evaluated: &Evaluated, piece: usize) -> [f64; 3] {
    evaluated.pieces[piece].mesh.bounds().unwrap().size()
}

fn holes(evaluated: &Evaluated, piece: usize) -> i64 {
    evaluated.pieces[piece].mesh.topology().through_holes()
}

fn all_near(actual: [f64; 3], expected: [f64; 3]) {
    for i in 0..3 {
        assert!((actual[i] - expected[i]).abs() < 0.02, "{actual:?} is not {expected:?}");
    }
}

const BOXES: [(&str, &[f64]); 3] = [
    ("length", &[80.0, 60.0, 120.0, 250.0]),
    ("width", &[60.0, 50.0, 90.0, 180.0]),
    ("height", &[40.0, 30.0, 60.0, 120.0]),
];

#[test]
fn hinged_boxes() {
    const NUMBERS: Numbers = &[
        BOXES[0],
        BOXES[1],
        BOXES[2],
        ("wall", &[2.0, 1.2, 3.0, 4.0]),
        ("corner_radius", &[0.0, 3.0, 8.0]),
        ("pin_diameter", &[3.0, 1.75, 2.0, 4.0]),
        ("knuckles", &[5.0, 3.0, 7.0]),
    ];
    over_its_ranges("hinged_box", NUMBERS, &[("pin", &["printed", "none"])], |body, evaluated| {
        let ([l, w, h], [bx, by, bz], [lx, ly, lz]) = (body.size, size(evaluated, 0), size(evaluated, 1));
        assert!((bx - l).abs() < 0.02 && (lx - l).abs() < 0.02);
        // The hinge behind it is as deep at both pieces, and both knuckles reach past the seam by their radius.
        let behind = by - w;
        assert!((ly - by).abs() < 0.02 && behind > 3.0, "{behind}");
        let radius = (bz + lz - h) / 2.0;
        assert!(radius > 1.5 && (behind - 2.0 * radius - 0.2).abs() < 0.02, "{radius} {behind}");
    });
    let closed = evaluated(&part("hinged_box", &[("length", 80.0), ("width", 60.0), ("height", 40.0)]));
    let names: Vec<_> = closed.pieces.iter().map(|piece| piece.name.as_str()).collect();
    assert_eq!(names, ["box", "lid", "pin"]);
    // Five knuckles: three of the box, two of the lid, each with a bore.
    assert_eq!((holes(&closed, 0), holes(&closed, 1)), (3, 2));
}

#[test]
fn sliding_boxes() {
    const NUMBERS: Numbers = &[
        BOXES[0],
        BOXES[1],
        BOXES[2],
        ("wall", &[3.0, 2.0, 4.0, 5.0]),
        ("corner_radius", &[0.0, 2.0, 6.0]),
        ("lid_thickness", &[3.0, 2.0, 4.0]),
    ];
    over_its_ranges("sliding_box", NUMBERS, &[("notch", &["yes", "no"])], |body, evaluated| {
        all_near(size(evaluated, 0), body.size);
        let lid = size(evaluated, 1);
        assert!((lid[2] - body.hollow.unwrap().lid).abs() < 1e-6 && lid[0] < body.size[0] && lid[1] < body.size[1]);
    });
    let mut plain = part("sliding_box", &[("length", 60.0), ("width", 40.0), ("height", 20.0), ("wall", 2.0)]);
    plain.features[0].choices.insert("notch".into(), "no".into());
    let plain = evaluated(&plain);
    // Block less the inside up to the groove less the dovetail, 38 mm wide at its foot and 0.6 mm less above at each side.
    let channel = (38.0 + 36.8) / 2.0 * 2.0 * 59.0;
    near(plain.pieces[0].mass.volume_mm3, 60.0 * 40.0 * 20.0 - 56.0 * 36.0 * 16.0 - channel, 1e-6);
    // The lid is the dovetail with 0.2 mm of play at three sides.
    near(plain.pieces[1].mass.volume_mm3, (37.6 + 36.4) / 2.0 * 2.0 * 58.8, 1e-6);
}

#[test]
fn screw_boxes() {
    const NUMBERS: Numbers = &[
        BOXES[0],
        BOXES[1],
        BOXES[2],
        ("wall", &[2.0, 1.2, 3.0]),
        ("corner_radius", &[0.0, 2.0, 5.0]),
        ("lid_thickness", &[3.0, 2.5, 4.0]),
        ("screw_diameter", &[3.0, 2.0, 2.5, 4.0]),
    ];
    over_its_ranges("screw_box", NUMBERS, &[("screw_head", &["plain", "countersunk"])], |body, evaluated| {
        let ([l, w, h], lower, lid) = (body.size, size(evaluated, 0), size(evaluated, 1));
        let plate = body.hollow.unwrap().lid;
        all_near(lower, [l, w, h - plate]);
        assert!((lid[0] - l).abs() < 0.02 && (lid[1] - w).abs() < 0.02 && lid[2] > plate + 0.9);
        assert_eq!((holes(evaluated, 0), holes(evaluated, 1)), (0, 4));
    });
    let cased = evaluated(&part("screw_box", &[("length", 80.0), ("width", 60.0), ("height", 40.0)]));
    // Four pilot holes of 2.4 mm for M3, 12 mm deep, and what the bosses take of the inside's corners: a sector of each and
    // two triangles to the corner.
    let boss: f64 = 1.2 + 1.5;
    let off = 0.6 * boss;
    let corner = boss * boss / 2.0 * (PI / 2.0 + 2.0 * 0.6_f64.asin()) + off * (off + 0.8 * boss);
    let inside = (76.0 * 56.0 - 4.0 * corner) * 36.0;
    near(cased.pieces[0].mass.volume_mm3, 80.0 * 60.0 * 38.0 - inside - 4.0 * PI * 1.44 * 12.0, 1e-3);
}

#[test]
fn enclosures() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 100.0, 140.0]),
        ("width", &[60.0, 80.0, 110.0]),
        ("height", &[40.0, 30.0, 60.0]),
        ("wall", &[2.0, 2.4, 3.0]),
        ("lid_thickness", &[2.5, 3.0]),
        ("board_hole_length", &[40.0, 50.0, 58.0]),
        ("board_hole_width", &[30.0, 23.0, 40.0]),
        ("vent_count", &[0.0, 4.0, 8.0]),
        ("vent_width", &[2.0, 1.5]),
    ];
    const WORDS: Words = &[
        ("measured", &["outer", "inner"]),
        ("screw_head", &["plain", "countersunk"]),
        ("vent_sides", &["left_right", "all"]),
    ];
    over_its_ranges("enclosure", NUMBERS, WORDS, |body, evaluated| {
        let ([l, w, h], lower, lid) = (body.size, size(evaluated, 0), size(evaluated, 1));
        all_near(lower, [l, w, h - body.hollow.unwrap().lid]);
        assert!((lid[0] - l).abs() < 0.02 && (lid[1] - w).abs() < 0.02);
        assert_eq!(holes(evaluated, 1), 4);
    });
    // An inside of 100 x 70 x 35 with eight vents in each of two walls and a cable's hole.
    let sizes = [
        ("length", 100.0),
        ("width", 70.0),
        ("height", 35.0),
        ("board_hole_length", 58.0),
        ("board_hole_width", 49.0),
        ("vent_count", 8.0),
        ("cable_hole_diameter", 6.0),
    ];
    let mut inner = part("enclosure", &sizes);
    inner.features[0].choices.insert("measured".into(), "inner".into());
    assert_eq!(part::lower(&inner).unwrap().size, [104.0, 74.0, 39.0]);
    let inner = evaluated(&inner);
    assert_eq!(holes(&inner, 0), 17);
    let bare = evaluated(&part("enclosure", &[("length", 100.0), ("width", 70.0), ("height", 35.0)]));
    let board =
        [("length", 100.0), ("width", 70.0), ("height", 35.0), ("board_hole_length", 58.0), ("board_hole_width", 49.0)];
    let boarded = evaluated(&part("enclosure", &board));
    // Four standoffs of 6 x 5 mm, their 2 mm holes 0.6 mm into the floor.
    near(boarded.volume_mm3 - bare.volume_mm3, 4.0 * PI * (9.0 * 5.0 - 5.6), 0.01);
}

#[test]
fn drawer_dividers() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 200.0, 300.0]),
        ("width", &[60.0, 150.0, 220.0]),
        ("height", &[40.0, 30.0, 60.0]),
        ("columns", &[3.0, 1.0, 2.0, 5.0]),
        ("rows", &[2.0, 1.0, 4.0]),
        ("wall", &[1.6, 1.2, 2.0]),
    ];
    over_its_ranges(
        "drawer_divider",
        NUMBERS,
        &[("style", &["grid", "comb", "grid"]), ("bottom", &["none", "yes"])],
        |_, _| {},
    );
    let grid = [
        ("length", 100.0),
        ("width", 60.0),
        ("height", 20.0),
        ("columns", 4.0),
        ("rows", 2.0),
        ("wall", 2.0),
        ("floor", 1.0),
    ];
    let mut grid = part("drawer_divider", &grid);
    // Cells of 22.5 x 27.
    let open = evaluated(&grid);
    assert_eq!(holes(&open, 0), 8);
    near(open.volume_mm3, (6000.0 - 8.0 * 22.5 * 27.0) * 20.0, 1e-6);
    grid.features[0].choices.insert("bottom".into(), "yes".into());
    near(evaluated(&grid).volume_mm3, 6000.0 * 20.0 - 8.0 * 22.5 * 27.0 * 19.0, 1e-6);
    let mut comb = part(
        "drawer_divider",
        &[("length", 100.0), ("width", 60.0), ("height", 20.0), ("columns", 3.0), ("rows", 2.0), ("wall", 2.0)],
    );
    comb.features[0].choices.insert("style".into(), "comb".into());
    let comb = evaluated(&comb);
    // Two plates across with one slot each, one along with two; slots of 2.4 x 10.2.
    assert_eq!(comb.pieces.len(), 3);
    near(comb.volume_mm3, (2.0 * 60.0 * 20.0 + 100.0 * 20.0 - 4.0 * 2.4 * 10.2) * 2.0, 1e-6);
    all_near(size(&comb, 0), [20.0, 60.0, 2.0]);
}

#[test]
fn shelf_brackets() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 120.0, 200.0, 300.0]),
        ("height", &[80.0, 120.0, 150.0]),
        ("width", &[20.0, 30.0, 40.0]),
        ("thickness", &[4.0, 5.0, 8.0]),
        ("hole_count", &[2.0, 1.0, 3.0, 0.0]),
        ("hole_diameter", &[5.0, 4.0, 6.0]),
    ];
    over_its_ranges("shelf_bracket", NUMBERS, &[("brace", &["rib", "gusset", "none"])], |_, _| {});
    let plain = [("length", 100.0), ("height", 80.0), ("width", 20.0), ("thickness", 5.0), ("hole_diameter", 4.0)];
    let mut bracket = part("shelf_bracket", &plain);
    bracket.features[0].choices.insert("brace".into(), "none".into());
    near(evaluated(&bracket).volume_mm3, (100.0 + 75.0) * 5.0 * 20.0 - 4.0 * PI * 4.0 * 5.0, 1e-3);
    bracket.features[0].choices.insert("brace".into(), "gusset".into());
    // A 5 mm layer of a triangle between the legs, its edge 5 mm out from their ends.
    let legs = (100.0 + 75.0) * 5.0;
    let triangle = 95.0 * 75.0 - 90.0 * 70.0 / 2.0;
    near(evaluated(&bracket).volume_mm3, legs * 20.0 + triangle * 5.0 - 4.0 * PI * 4.0 * 5.0, 1e-3);
}

#[test]
fn gussets() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 60.0, 120.0]),
        ("height", &[80.0, 50.0, 100.0]),
        ("thickness", &[4.0, 2.0, 8.0]),
        ("nose", &[5.0, 0.0, 10.0]),
        ("relief", &[0.0, 6.0, 10.0]),
        ("hole_count", &[0.0, 1.0, 2.0, 3.0]),
        ("hole_diameter", &[5.0, 4.0, 6.5]),
    ];
    over_its_ranges("gusset", NUMBERS, &[], |_, _| {});
    let sizes = [
        ("length", 80.0),
        ("height", 60.0),
        ("nose", 6.0),
        ("relief", 5.0),
        ("hole_count", 3.0),
        ("hole_diameter", 5.0),
    ];
    let gusset = evaluated(&part("gusset", &sizes));
    assert_eq!(holes(&gusset, 0), 3);
    near(gusset.volume_mm3, (80.0 * 60.0 - 74.0 * 54.0 / 2.0 - 12.5 - 3.0 * PI * 6.25) * 4.0, 1e-3);
}

#[test]
fn handles() {
    const NUMBERS: Numbers = &[
        ("hole_spacing", &[96.0, 64.0, 128.0, 160.0]),
        ("grip", &[12.0, 8.0, 15.0]),
        ("width", &[12.0, 10.0, 20.0]),
        ("clearance", &[28.0, 20.0, 40.0]),
        ("hole_diameter", &[3.3, 4.0]),
    ];
    over_its_ranges("handle", NUMBERS, &[("style", &["rounded", "square"])], |_, _| {});
    let mut square = part("handle", &[("hole_spacing", 96.0), ("hole_diameter", 4.0), ("hole_depth", 15.0)]);
    square.features[0].choices.insert("style".into(), "square".into());
    near(evaluated(&square).volume_mm3, (108.0 * 40.0 - 84.0 * 28.0) * 12.0 - 2.0 * PI * 4.0 * 15.0, 1e-3);
    let by_length = part::lower(&part("handle", &[("length", 140.0)])).unwrap();
    assert_eq!(by_length.size, [140.0, 12.0, 40.0]);
}

#[test]
fn cable_clips() {
    const NUMBERS: Numbers = &[
        ("diameter", &[6.0, 3.0, 10.0, 25.0, 120.0]),
        ("width", &[10.0, 8.0, 20.0]),
        ("thickness", &[2.0, 1.6, 4.0]),
        ("hole_count", &[1.0, 0.0, 2.0]),
        ("hole_diameter", &[4.0, 3.0]),
    ];
    over_its_ranges("cable_clip", NUMBERS, &[], |_, _| {});
    let clip = evaluated(&part("cable_clip", &[("diameter", 10.0), ("hole_count", 2.0)]));
    assert_eq!(holes(&clip, 0), 2);
    // Ring of 5.1 and 7.1 mm, its lips at the angle whose sine is 3.75 / 5.1, over a base of 2 mm and two tabs of 10.8 mm.
    let (r, outer) = (5.1_f64, 7.1_f64);
    let alpha = (3.75 / r).asin();
    let upper = (PI - 2.0 * alpha) / 2.0 * (outer * outer - r * r);
    let lower = 2.0 * outer * outer - PI * r * r / 2.0 + 2.0 * 10.8 * 2.0;
    near(clip.volume_mm3, (upper + lower) * 10.0 - 2.0 * PI * 4.0 * 2.0, 0.01);
}

#[test]
fn clamps() {
    const NUMBERS: Numbers = &[
        ("diameter", &[22.0, 12.0, 32.0, 50.0, 120.0]),
        ("width", &[20.0, 15.0, 30.0]),
        ("thickness", &[4.0, 5.0, 6.0]),
        ("gap", &[2.0, 1.0, 3.0]),
        ("bolt_diameter", &[5.0, 4.0, 6.0]),
    ];
    over_its_ranges("clamp", NUMBERS, &[], |body, evaluated| {
        for piece in 0..2 {
            assert_eq!(holes(evaluated, piece), 2);
            let [x, y, z] = size(evaluated, piece);
            assert!((x - body.size[0]).abs() < 0.02 && (z - body.size[1]).abs() < 0.02 && y < body.size[2] / 2.0);
        }
        near(evaluated.pieces[0].mass.volume_mm3, evaluated.pieces[1].mass.volume_mm3, 1e-3);
    });
}

#[test]
fn feet_and_saucers() {
    const FOOT: Numbers = &[
        ("diameter", &[30.0, 20.0, 40.0, 60.0]),
        ("height", &[15.0, 10.0, 25.0]),
        ("hole_diameter", &[4.5, 3.5, 3.0]),
    ];
    over_its_ranges("foot", FOOT, &[("screw", &["counterbore", "countersink", "none"])], |_, _| {});
    let sizes =
        [("diameter", 30.0), ("height", 20.0), ("hole_diameter", 4.0), ("head_diameter", 9.0), ("head_depth", 8.0)];
    let foot = evaluated(&part("foot", &sizes));
    let frustum = |a: f64, b: f64, h: f64| PI * h / 3.0 * (a * a + a * b + b * b);
    near(foot.volume_mm3, frustum(12.0, 15.0, 20.0) - PI * (4.5 * 4.5 * 8.0 + 4.0 * 12.0), 0.01);
    const SAUCER: Numbers =
        &[("diameter", &[120.0, 60.0, 90.0, 200.0]), ("height", &[15.0, 12.0, 25.0]), ("wall", &[2.4, 1.6, 3.0])];
    over_its_ranges("saucer", SAUCER, &[], |_, _| {});
    let mut potted = part("plant_pot", &[("diameter", 120.0)]);
    potted.features[0].choices.insert("saucer".into(), "yes".into());
    let potted = evaluated(&potted);
    assert_eq!((potted.pieces.len(), holes(&potted, 0), holes(&potted, 1)), (2, 1, 0));
    // The pot's base is 90 mm wide: the saucer's floor holds it.
    assert!(size(&potted, 1)[0] > 106.0);
}

#[test]
fn signs() {
    const NUMBERS: Numbers = &[
        ("width", &[60.0, 40.0, 80.0]),
        ("thickness", &[4.0, 3.0, 5.0]),
        ("hole_count", &[2.0, 0.0, 1.0, 4.0]),
        ("hole_diameter", &[4.0, 3.0, 5.0]),
        ("text_depth", &[1.2, 0.8, 1.5]),
    ];
    const WORDS: Words = &[
        ("text", &["3D Pot", "Oficina", "ENTRADA", "São João"]),
        ("second_line", &["", "Puxe", "2.º B"]),
        ("style", &["raised", "engraved"]),
    ];
    over_its_ranges("sign", NUMBERS, WORDS, |_, _| {});
    let sign = |words: &[(&str, &str)]| {
        let mut part =
            part("sign", &[("length", 150.0), ("text_height", 12.0), ("corner_radius", 0.0), ("hole_count", 4.0)]);
        for (name, word) in words {
            part.features[0].choices.insert((*name).to_owned(), (*word).to_owned());
        }
        evaluated(&part)
    };
    // What is engraved 1.2 mm deep stands 1.2 mm high when raised.
    let plate = (150.0 * 60.0 - 4.0 * PI * 4.0) * 4.0;
    let (raised, engraved) = (
        sign(&[("text", "Ana"), ("second_line", "Rui")]),
        sign(&[("text", "Ana"), ("second_line", "Rui"), ("style", "engraved")]),
    );
    let ink = raised.volume_mm3 - plate;
    assert!(ink > 100.0, "{ink}");
    near(engraved.volume_mm3, plate - ink, 0.01 * ink);
    assert_eq!((holes(&raised, 0), holes(&engraved, 0)), (4, 4));
}

#[test]
fn hinges() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 60.0, 40.0, 120.0]),
        ("width", &[64.0, 50.0, 80.0]),
        ("thickness", &[3.0, 2.0, 4.0]),
        ("knuckles", &[5.0, 3.0, 7.0]),
        ("hole_count", &[2.0, 1.0, 3.0]),
        ("hole_diameter", &[4.0, 3.5]),
    ];
    over_its_ranges(
        "hinge",
        NUMBERS,
        &[("pin", &["printed", "none"]), ("screw_head", &["plain", "countersunk"])],
        |body, evaluated| {
            let [l, w, h] = body.size;
            for leaf in 0..2 {
                let [x, y, z] = size(evaluated, leaf);
                // The second leaf has no knuckle at its ends, but its plate goes all along.
                assert!((x - l).abs() < 0.02 && (y - w / 2.0 - h / 2.0).abs() < 0.02 && (z - h).abs() < 0.02);
            }
        },
    );
    let hinge = evaluated(&part("hinge", &[("length", 50.0), ("knuckles", 5.0)]));
    // Two screw holes and the bores of three or two knuckles.
    assert_eq!((holes(&hinge, 0), holes(&hinge, 1)), (5, 4));
}

#[test]
fn gridfinity_bins() {
    const NUMBERS: Numbers = &[
        ("columns", &[1.0, 2.0, 3.0]),
        ("rows", &[1.0, 2.0]),
        ("height_units", &[3.0, 2.0, 6.0]),
        ("compartments_x", &[1.0, 2.0, 3.0]),
        ("compartments_y", &[1.0, 2.0]),
        ("wall", &[1.2, 0.95, 1.6]),
    ];
    over_its_ranges("gridfinity_bin", NUMBERS, &[("lip", &["yes", "no"]), ("magnets", &["no", "yes"])], |_, _| {});
    let bin = |lip: &str| {
        let mut part =
            part("gridfinity_bin", &[("columns", 2.0), ("height_units", 4.0), ("wall", 1.0), ("floor", 1.25)]);
        part.features[0].choices.insert("lip".into(), lip.into());
        evaluated(&part)
    };
    let (open, lipped) = (bin("no"), bin("yes"));
    all_near(open.bounds.size(), [83.5, 41.5, 28.0]);
    all_near(lipped.bounds.size(), [83.5, 41.5, 31.8]);
    // Area of a rounded rectangle, and volume between two of them whose corners share their centres (a prismatoid).
    let area = |l: f64, w: f64, r: f64| l * w - (4.0 - PI) * r * r;
    let between = |l: f64, r0: f64, r1: f64, h: f64| {
        let at = |r: f64| area(l - 2.0 * (3.75 - r), 41.5 - 2.0 * (3.75 - r), r);
        h / 6.0 * (at(r0) + 4.0 * at((r0 + r1) / 2.0) + at(r1))
    };
    let foot = between(41.5, 0.8, 1.6, 0.8) + between(41.5, 1.6, 1.6, 1.8) + between(41.5, 1.6, 3.75, 2.15);
    let inside = area(81.5, 39.5, 2.75) * 22.0;
    near(open.volume_mm3, 2.0 * foot + area(83.5, 41.5, 3.75) * 23.25 - inside, 0.05);
    // The feet stand on squares of 35.6 mm: the outermost corners on the bed.
    let on_bed = open.mesh.positions.iter().filter(|p| p[2] == 0.0).map(|p| p[0]).fold(f64::MIN, f64::max);
    near(on_bed, 21.0 + 17.8, 1e-6);
}

#[test]
fn test_coupons() {
    const NUMBERS: Numbers = &[
        ("size", &[20.0, 10.0, 50.0]),
        ("thickness", &[4.0, 3.0, 6.0]),
        ("hole_diameter", &[10.0, 5.0, 20.0]),
        ("hole_count", &[6.0, 3.0, 10.0]),
        ("step", &[0.1, 0.05, 0.2]),
    ];
    over_its_ranges("test_coupon", NUMBERS, &[("type", &["tensile_1a", "tensile_1b", "cube", "tolerance"])], |_, _| {});
    let coupon = |kind: &str| {
        let mut part = part("test_coupon", &[]);
        part.features[0].choices.insert("type".into(), kind.into());
        evaluated(&part)
    };
    near(coupon("cube").volume_mm3, 8000.0, 1e-9);
    all_near(coupon("tensile_1a").bounds.size(), [170.0, 20.0, 4.0]);
    let bar = coupon("tensile_1b");
    all_near(bar.bounds.size(), [150.0, 20.0, 4.0]);
    // Ends, narrow part, and four shoulders under arcs of 60 mm that rise 5 mm.
    let run = 575.0_f64.sqrt();
    let angle = (run / 60.0).asin();
    let sagitta = run * 60.0 - (60.0 * 60.0 * angle / 2.0 + run * 55.0 / 2.0);
    let area = 20.0 * (150.0 - 60.0 - 2.0 * run) + 10.0 * (60.0 + 2.0 * run) + 4.0 * sagitta;
    near(bar.volume_mm3, area * 4.0, 0.01);
    let fits = coupon("tolerance");
    assert_eq!((fits.pieces.len(), holes(&fits, 0)), (2, 6));
}

#[test]
fn cable_grommets() {
    const NUMBERS: Numbers = &[
        ("diameter", &[60.0, 35.0, 80.0, 120.0]),
        ("height", &[20.0, 15.0, 30.0]),
        ("wall", &[2.0, 1.6, 3.0]),
        ("flange", &[6.0, 8.0, 10.0]),
    ];
    over_its_ranges("cable_grommet", NUMBERS, &[("cap", &["yes", "no"])], |body, evaluated| {
        all_near(size(evaluated, 0), body.size);
    });
}

#[test]
fn wall_plates() {
    const NUMBERS: Numbers = &[
        ("length", &[80.0, 86.0, 120.0]),
        ("width", &[80.0, 86.0, 70.0]),
        ("thickness", &[3.0, 2.0, 5.0]),
        ("corner_radius", &[4.0, 3.0, 8.0]),
        ("hole_diameter", &[3.6, 0.0, 4.0]),
        ("opening_length", &[20.0, 35.0, 45.0]),
    ];
    over_its_ranges("wall_plate", NUMBERS, &[], |_, _| {});
    let sizes =
        [("length", 80.0), ("bevel", 0.0), ("corner_radius", 0.0), ("opening_length", 40.0), ("opening_width", 20.0)];
    let plate = evaluated(&part("wall_plate", &sizes));
    assert_eq!(holes(&plate, 0), 3);
    near(plate.volume_mm3, (6400.0 - 800.0 - 2.0 * PI * 1.8 * 1.8) * 3.0, 1e-3);
}

#[test]
fn holes_and_pockets_go_where_they_should() {
    let sizes = [("length", 80.0), ("width", 60.0), ("height", 40.0)];
    let centre = |face: Face| Some(part::Placement::new(face, Position::Centre));
    for kind in ["hinged_box", "sliding_box", "screw_box", "enclosure"] {
        let bare = evaluated(&part(kind, &sizes));
        let side = evaluated(&with(part(kind, &sizes), "hole", &[("diameter", 6.0)], &[], centre(Face::Left)));
        assert_eq!(holes(&side, 0), holes(&bare, 0) + 1, "{kind}: through one wall");
        assert_eq!(holes(&side, 1), holes(&bare, 1), "{kind}");
        let wall = part::lower(&part(kind, &sizes)).unwrap().hollow.unwrap().wall;
        near(bare.volume_mm3 - side.volume_mm3, PI * 9.0 * wall, 1e-3);
        let lid = evaluated(&with(part(kind, &sizes), "hole", &[("diameter", 6.0)], &[], centre(Face::Top)));
        assert_eq!(holes(&lid, 1), holes(&bare, 1) + 1, "{kind}: through the lid");
    }
    for (kind, sizes) in [
        ("shelf_bracket", &[("length", 120.0)][..]),
        ("gusset", &[("length", 80.0)]),
        ("handle", &[("grip", 14.0)]),
        ("foot", &[("diameter", 40.0)]),
        ("clamp", &[("diameter", 30.0)]),
        ("test_coupon", &[]),
    ] {
        let pocket = [("length", 4.0), ("width", 3.0), ("depth", 1.0)];
        let bare = evaluated(&part(kind, sizes));
        let pocketed =
            evaluated(&with(part(kind, sizes), "pocket", &pocket, &[("piece", "body")], Some(at_edge(kind))));
        assert!(pocketed.exact, "{kind}: {:?}", pocketed.inexact_reason);
        near(bare.volume_mm3 - pocketed.volume_mm3, 12.0, 1e-6);
    }
}

fn at_edge(kind: &str) -> part::Placement {
    let offset = |u: f64, v: f64| Position::Offset { u: quantity(u), v: quantity(v) };
    match kind {
        "gusset" => part::Placement::new(Face::Top, offset(-30.0, -30.0)),
        "foot" => part::Placement::new(Face::Top, offset(14.0, 0.0)),
        "shelf_bracket" => part::Placement::new(Face::Top, offset(-50.0, 0.0)),
        "clamp" => part::Placement::new(Face::Front, offset(0.0, -17.5)),
        _ => part::Placement::new(Face::Top, Position::Centre),
    }
}
