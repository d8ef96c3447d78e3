//! Selectors by provenance, the planner, and every rung of the fallback ladder.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod vocabulary;

use std::f64::consts::PI;

use geometry::{Evaluated, Kernels};
use part::solid::{Action, Contour, Edges, Frame, Section, Shape, Side, Step};
use vocabulary::*;

fn block() -> Step {
    add("block", Shape::Box { size: [40.0, 30.0, 20.0] }, Frame::WORLD)
}

fn fillet(edges: Edges, radius: f64) -> Step {
    step("fillet", Action::Fillet { edges, radius })
}

fn chamfer(edges: Edges, distance: f64) -> Step {
    step("chamfer", Action::Chamfer { edges, distance })
}

fn noted(built: &Evaluated, word: &str) -> bool {
    built.notes.iter().any(|note| note.contains(word))
}

/// What a fillet takes off an edge, per length.
const EDGE: f64 = 1.0 - PI / 4.0;

#[test]
fn edges_along_an_axis_and_around_a_side() {
    let whole = 40.0 * 30.0 * 20.0;
    both(&[block(), chamfer(Edges::Parallel(0), 2.0)], whole - 4.0 * 2.0 * 40.0, "along x");
    both(&[block(), fillet(Edges::Parallel(1), 2.0)], whole - 4.0 * EDGE * 4.0 * 30.0, "along y");
    both(&[block(), fillet(Edges::Vertical, 3.0)], whole - 4.0 * EDGE * 9.0 * 20.0, "upright");
    // Four chamfers that meet in mitres: along each edge a triangle, the corners counted once.
    let rim = |l: f64, w: f64, d: f64| (l + w) * d * d - 4.0 / 3.0 * d * d * d;
    both(&[block(), chamfer(Edges::Outline(Side::Right), 2.0)], whole - rim(30.0, 20.0, 2.0), "right side");
    both(&[block(), chamfer(Edges::Top, 2.0)], whole - rim(40.0, 30.0, 2.0), "top");
    for kernels in [Kernels::ExactThenMesh, Kernels::MeshOnly] {
        let none = built(
            &[add("ball", Shape::Sphere { diameter: 20.0 }, Frame::WORLD), fillet(Edges::Parallel(0), 1.0)],
            kernels,
        );
        assert!(none.err().unwrap().to_string().contains("no such edges"));
    }
}

#[test]
fn all_edges_of_a_block_are_rounded_with_balls_in_its_corners() {
    let (a, b, c, r) = (40.0, 30.0, 20.0, 3.0);
    // The sum of a smaller block and a ball (Steiner's formula).
    let [x, y, z] = [a - 2.0 * r, b - 2.0 * r, c - 2.0 * r];
    let volume = x * y * z + 2.0 * r * (x * y + y * z + z * x) + PI * r * r * (x + y + z) + 4.0 / 3.0 * PI * r.powi(3);
    // "All" names the upright edges and both rims: all twelve.
    both(&[block(), fillet(Edges::All, r)], volume, "rounded block");
}

#[test]
fn seams_are_where_an_operation_met_the_rest() {
    let boss = add("boss", Shape::Cylinder { diameter: 12.0, height: 8.0 }, Frame::at([5.0, 0.0, 20.0]));
    let hole = cut("hole", Shape::Cylinder { diameter: 8.0, height: 30.0 }, Frame::at([-10.0, 0.0, -5.0]));
    let blind = cut("pocket", Shape::Cylinder { diameter: 8.0, height: 30.0 }, Frame::at([-10.0, 0.0, 10.0]));
    let whole = 40.0 * 30.0 * 20.0;
    // A chamfered ring: the triangle's area times the way of its centroid (Pappus).
    let ring = |r: f64, d: f64, out: f64| d * d / 2.0 * 2.0 * PI * (r + out * d / 3.0);
    let drilled = whole - PI * 16.0 * 20.0;
    both(
        &[block(), hole.clone(), chamfer(Edges::Seam("hole".to_owned()), 1.0)],
        drilled - 2.0 * ring(4.0, 1.0, 1.0),
        "both rims",
    );
    let pocketed = whole - PI * 16.0 * 10.0;
    both(
        &[block(), blind, chamfer(Edges::Seam("pocket".to_owned()), 1.0)],
        pocketed - ring(4.0, 1.0, 1.0),
        "one rim: the pocket's floor is its own",
    );
    let stood = whole + PI * 36.0 * 8.0;
    both(
        &[block(), boss.clone(), chamfer(Edges::Seam("boss".to_owned()), 1.5)],
        stood + ring(6.0, 1.5, 1.0),
        "foot of a boss",
    );
    // Still known after other steps, and after a hole was drawn into the first sketch.
    both(
        &[block(), hole, boss, chamfer(Edges::Seam("hole".to_owned()), 1.0)],
        stood - PI * 16.0 * 20.0 - 2.0 * ring(4.0, 1.0, 1.0),
        "after a boss",
    );
}

#[test]
fn an_inner_fillet_adds_material() {
    let boss = add("boss", Shape::Cylinder { diameter: 12.0, height: 8.0 }, Frame::at([0.0, 0.0, 20.0]));
    // The section's area is that of a square less a quarter disc; its centroid from the corner's sides is 0.2234 r.
    let r = 2.0_f64;
    let (area, centroid) = (EDGE * r * r, (5.0 / 6.0 - PI / 4.0) / EDGE * r);
    let volume = 24000.0 + PI * 36.0 * 8.0 + area * 2.0 * PI * (6.0 + centroid);
    both(&[block(), boss, fillet(Edges::Seam("boss".to_owned()), r)], volume, "fillet at a boss");
}

#[test]
fn cuts_through_are_drawn_as_holes() {
    let mut steps = vec![add("plate", Shape::Box { size: [100.0, 100.0, 4.0] }, Frame::WORLD)];
    for i in 0..100 {
        let at = [f64::from(i % 10) * 9.0 - 40.5, f64::from(i / 10) * 9.0 - 40.5, -1.0];
        steps.push(cut("holes", Shape::Cylinder { diameter: 5.0, height: 6.0 }, Frame::at(at)));
    }
    let plate = exact(&steps);
    assert!(noted(&plate, "100 cuts drawn as holes") && noted(&plate, "rung 1"), "{:?}", plate.notes);
    close(plate.volume_mm3, 40000.0 - 100.0 * PI * 6.25 * 4.0, 1e-9, "plate");
    // Not those that touch the outline, one another, or a boss that stood there before.
    let hole = |x: f64| cut("hole", Shape::Cylinder { diameter: 5.0, height: 6.0 }, Frame::at([x, 0.0, -1.0]));
    for (name, steps) in [
        ("edge", vec![steps[0].clone(), hole(49.0)]),
        (
            "blind",
            vec![
                steps[0].clone(),
                cut("hole", Shape::Cylinder { diameter: 5.0, height: 3.0 }, Frame::at([0.0, 0.0, 2.0])),
            ],
        ),
    ] {
        assert!(!noted(&exact(&steps), "drawn as holes"), "{name}");
    }
    let crossing = exact(&[steps[0].clone(), hole(0.0), hole(4.0)]);
    assert!(noted(&crossing, "1 cuts drawn"));
    let boss = add("boss", Shape::Cylinder { diameter: 10.0, height: 10.0 }, Frame::WORLD);
    let under = exact(&[steps[0].clone(), boss, hole(0.0)]);
    assert!(!noted(&under, "drawn as holes"));
    close(under.volume_mm3, 40000.0 + PI * 25.0 * 6.0 - PI * 6.25 * 5.0, 1e-9, "hole in a boss");
}

#[test]
fn prisms_become_one_sketch_that_takes_a_fillet() {
    let foot = add("foot", Shape::Box { size: [40.0, 30.0, 5.0] }, Frame::WORLD);
    let wall = add("wall", Shape::Box { size: [5.0, 30.0, 35.0] }, Frame::at([-17.5, 0.0, 5.0]));
    let bracket = exact(&[foot.clone(), wall.clone()]);
    assert!(noted(&bracket, "1 prisms merged"), "{:?}", bracket.notes);
    close(bracket.volume_mm3, 6000.0 + 5250.0, 1e-9, "bracket");
    // Five corners of the sketch stick out and one is hollow.
    both(&[foot, wall, fillet(Edges::Parallel(1), 2.0)], 11250.0 - 4.0 * EDGE * 4.0 * 30.0, "rounded bracket");
    let turned = add(
        "rib",
        Shape::Box { size: [10.0, 10.0, 5.0] },
        Frame { origin: [25.0, 0.0, 0.0], x: [0.6, 0.8, 0.0], z: [0.0, 0.0, 1.0] },
    );
    let both_flat = exact(&[add("foot", Shape::Box { size: [40.0, 30.0, 5.0] }, Frame::WORLD), turned]);
    assert!(both_flat.exact && noted(&both_flat, "prisms merged"));
}

#[test]
fn booleans_are_gathered_where_they_commute() {
    let post = |x: f64| add("post", Shape::Cylinder { diameter: 6.0, height: 15.0 }, Frame::at([x, 0.0, 15.0]));
    let dimple = |x: f64| cut("dimple", Shape::Sphere { diameter: 6.0 }, Frame::at([x, 10.0, 20.0]));
    let steps = [block(), post(-15.0), dimple(-15.0), post(0.0), dimple(0.0), post(15.0), dimple(15.0)];
    let built = exact(&steps);
    assert!(noted(&built, "moved to be built with others"), "{:?}", built.notes);
    close(built.volume_mm3, 24000.0 + 3.0 * PI * 9.0 * 10.0 - 3.0 * PI * 18.0, 1e-6, "posts and dimples");
}

#[test]
fn the_second_rung_swaps_a_shell_and_a_small_fillet() {
    let steps =
        [block(), fillet(Edges::Vertical, 1.0), step("shell", Action::Shell { open: vec![Side::Top], thickness: 2.0 })];
    let built = exact(&steps);
    assert!(built.exact && noted(&built, "shell before small fillets"), "{:?} {:?}", built.notes, built.inexact_reason);
    close(built.volume_mm3, 24000.0 - 4.0 * EDGE * 20.0 - 36.0 * 26.0 * 18.0, 1e-6, "rounded tray");
}

#[test]
fn the_third_rung_makes_blends_with_tools() {
    let third = |steps: &[Step], volume: f64, what: &str| {
        let built = exact(steps);
        assert!(built.exact && noted(&built, "rung 3"), "{what}: {:?} {:?}", built.notes, built.inexact_reason);
        assert!(noted(&built, "with boolean tools, because"), "{what}: {:?}", built.notes);
        close(step_volume(&built), volume, 1e-6, &format!("{what} by STEP"));
        both(steps, volume, what);
    };
    // Fillets of half a side leave nothing of it: the kernel's own blends need some.
    let (l, w, h) = (40.0, 30.0, 20.0);
    third(&[block(), fillet(Edges::Vertical, 15.0)], (l * w - 4.0 * EDGE * 225.0) * h, "stadium");
    third(&[block(), fillet(Edges::Parallel(0), 10.0)], (w * h - 4.0 * EDGE * 100.0) * l, "bar with round sides");
    // The two rims of a disc meet half way up its side: a quarter disc turned about the axis, twice, on a core.
    let disc = add("disc", Shape::Cylinder { diameter: 30.0, height: 10.0 }, Frame::WORLD);
    let quarter = 2.0 * PI * (25.0 * PI / 4.0) * (10.0 + 4.0 * 5.0 / (3.0 * PI));
    third(
        &[disc, fillet(Edges::Top, 5.0), fillet(Edges::Bottom, 5.0)],
        PI * 100.0 * 10.0 + 2.0 * quarter,
        "disc with a round rim",
    );
    // A rib as long as its plate: its roots run out where a fuse leaves coplanar faces side by side.
    let plate = add("plate", Shape::Box { size: [60.0, 40.0, 4.0] }, Frame::WORLD);
    let rib = add("rib", Shape::Box { size: [60.0, 4.0, 10.0] }, Frame::at([0.0, 0.0, 4.0]));
    third(
        &[plate, rib, fillet(Edges::Seam("rib".to_owned()), 3.0)],
        9600.0 + 2400.0 + 2.0 * EDGE * 9.0 * 60.0,
        "rib roots",
    );
}

#[test]
fn blends_turn_corners_alike_on_both_kernels() {
    // Three chamfers meet in a triangle: of their overlaps 3/4 d^3 a corner counts twice, and the triangle takes d^3/12.
    let (a, b, c, d) = (40.0, 30.0, 20.0, 2.0);
    let all = a * b * c - 2.0 * (a + b + c) * d * d + 16.0 / 3.0 * d * d * d;
    both(&[block(), chamfer(Edges::All, d)], all, "all edges");
    // Around a rib that stands free, the roots meet in mitres that add material.
    let plate = add("plate", Shape::Box { size: [60.0, 40.0, 4.0] }, Frame::WORLD);
    let rib = add("rib", Shape::Box { size: [40.0, 4.0, 10.0] }, Frame::at([0.0, 0.0, 4.0]));
    let bare = 9600.0 + 1600.0;
    let seam = || Edges::Seam("rib".to_owned());
    let chamfered = bare + 88.0 * 4.5 + 4.0 * 9.0;
    let steps = [plate.clone(), rib.clone(), chamfer(seam(), 3.0)];
    both(&steps, chamfered, "chamfered rib");
    close(mesh(&steps).volume_mm3, chamfered, 1e-9, "chamfered rib by mesh: flat all over");
    let rounded = bare + 88.0 * EDGE * 9.0 + 4.0 * 27.0 * (5.0 / 3.0 - PI / 2.0);
    both(&[plate, rib, fillet(seam(), 3.0)], rounded, "rounded rib");
    // A blend goes on along what runs on smoothly from the edges that were named.
    let pill = add("pill", Shape::Extrusion { profile: plain(rectangle(22.0, 8.0, 2.0)), height: 10.0 }, Frame::WORLD);
    let section = |by: f64| (22.0 - 2.0 * by) * (8.0 - 2.0 * by) - (4.0 - PI) * (2.0 - by) * (2.0 - by);
    // By Simpson's rule over the height of a chamfer, which is exact for a section quadratic in it.
    let rim = (section(0.0) + 4.0 * section(0.5) + section(1.0)) / 6.0;
    both(&[pill, chamfer(Edges::Parallel(0), 1.0)], section(0.0) * 8.0 + 2.0 * rim, "smooth rim");
}

#[test]
fn the_fourth_rung_goes_on_from_the_exact_body() {
    // A twisted column has no exact surfaces; what comes before it has.
    let column = Shape::Drafted { profile: plain(rectangle(10.0, 10.0, 0.0)), height: 20.0, draft: 0.0, twist: 60.0 };
    let steps = [
        block(),
        fillet(Edges::Vertical, 3.0),
        add("column", column, Frame::at([0.0, 0.0, 20.0])),
        chamfer(Edges::Bottom, 1.0),
    ];
    let built = exact(&steps);
    assert!(!built.exact && noted(&built, "rung 4: mesh kernel from column on"), "{:?}", built.notes);
    assert!(built.inexact_reason.as_deref().unwrap().starts_with("column: "));
    let rounded = |l: f64, w: f64, r: f64| l * w - (4.0 - PI) * r * r;
    // The chamfered rim by Simpson's rule over its height, which is exact for a section quadratic in it.
    let rim = (rounded(38.0, 28.0, 2.0) + 4.0 * rounded(39.0, 29.0, 2.5) + rounded(40.0, 30.0, 3.0)) / 6.0;
    close(built.volume_mm3, rounded(40.0, 30.0, 3.0) * 19.0 + rim + 2000.0, 1e-3, "column");
}

#[test]
fn what_takes_too_much_work_is_left_to_the_mesh_kernel() {
    let gear = |module: f64| Contour::Gear { teeth: 24, module, pressure_angle: 20.0 };
    let sections = [(1.0, 0.0), (1.4, 15.0)].map(|(module, z)| Section { contour: gear(module), z });
    let loft = Shape::Loft { sections: sections.to_vec(), ruled: false };
    let steps = [
        add("loft", loft, Frame::WORLD),
        cut("slot", Shape::Box { size: [60.0, 5.0, 6.0] }, Frame::at([0.0, 0.0, 12.0])),
    ];
    let first = exact(&steps);
    assert!(!first.exact, "{:?}", first.notes);
    let reason = first.inexact_reason.clone().unwrap();
    assert!(reason.starts_with("slot: ") && reason.contains("more work"), "{reason}");
    assert_eq!(first.volume_mm3, exact(&steps).volume_mm3);
}

#[test]
fn a_mesh_has_a_greatest_size() {
    let wire = plain(circle(0.0, 0.0, 2.0));
    let spring = Shape::Coil { profile: wire, radius: 20.0, pitch: 3.0, turns: 4000.0, left_handed: false };
    let teeth = plain(Contour::Gear { teeth: 400, module: 1.0, pressure_angle: 20.0 });
    let twisted = Shape::Drafted { profile: teeth, height: 100.0, draft: 0.0, twist: 3600.0 };
    for shape in [spring, twisted] {
        let refusal = built(&[add("large", shape, Frame::WORLD)], Kernels::MeshOnly).err().unwrap().to_string();
        assert!(refusal.contains("triangles"), "{refusal}");
    }
}

#[test]
fn the_fifth_rung_names_the_operation_and_the_reason() {
    for (steps, operation, why) in [
        (vec![block(), fillet(Edges::Top, 16.0)], "fillet", ""),
        (vec![block(), step("shell", Action::Shell { open: vec![], thickness: 10.0 })], "shell", ""),
        (vec![block(), cut("everything", Shape::Sphere { diameter: 100.0 }, Frame::WORLD)], "everything", ""),
        (vec![add("text", Shape::Text { text: "字".to_owned(), height: 5.0, depth: 1.0 }, Frame::WORLD)], "text", "字"),
        (vec![add("nan", Shape::Sphere { diameter: f64::NAN }, Frame::WORLD)], "nan", "finite"),
        (vec![fillet(Edges::Top, 1.0)], "fillet", "no body before it"),
        (
            vec![add(
                "p",
                Shape::Extrusion { profile: plain(Contour::Polygon { points: vec![] }), height: 2.0 },
                Frame::WORLD,
            )],
            "p",
            "",
        ),
    ] {
        for kernels in [Kernels::ExactThenMesh, Kernels::MeshOnly] {
            match built(&steps, kernels) {
                Err(geometry::GeometryError::Refused { operation: by, reason }) => {
                    assert_eq!(by, operation, "{reason}");
                    assert!(reason.contains(why) && !reason.is_empty(), "{reason}");
                }
                Err(other) => panic!("{operation}: {other}"),
                Ok(built) => panic!("{operation}: {} mm3, {:?}", built.volume_mm3, built.notes),
            }
        }
    }
}

#[test]
fn coaxial_turned_solids_are_one_section() {
    let cone = |bottom: f64, top: f64, height: f64| Shape::Cone { bottom, top, height };
    let pot = [
        add("pot", cone(30.0, 40.0, 30.0), Frame::WORLD),
        cut("cavity", cone(26.0, 36.0, 30.0), Frame::at([0.0, 0.0, 2.0])),
        cut("drain", Shape::Cylinder { diameter: 4.0, height: 6.0 }, Frame::at([6.0, 0.0, -2.0])),
        add("rim", Shape::Cylinder { diameter: 44.0, height: 3.0 }, Frame::at([0.0, 0.0, 27.0])),
        cut("mouth", Shape::Cylinder { diameter: 35.0, height: 5.0 }, Frame::at([0.0, 0.0, 26.0])),
    ];
    let planned = exact(&pot);
    assert!(planned.exact && noted(&planned, "coaxial solids turned as one section"), "{:?}", planned.notes);
    // The mesh kernel's plan is the same; one Seam keeps both from it.
    let seamed: Vec<Step> = pot.iter().cloned().chain([chamfer(Edges::Seam("drain".to_owned()), 0.2)]).collect();
    let plain = exact(&seamed);
    assert!(!noted(&plain, "turned as one section"));
    let ring = 0.02 * 2.0 * PI * (2.0 + 0.2 / 3.0);
    close(planned.volume_mm3 - 2.0 * ring, plain.volume_mm3, 1e-6, "the section and the booleans");
}
