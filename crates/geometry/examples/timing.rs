//! Times the parts of the comparison and the slow shapes, cold; prints CPU milliseconds and the rungs taken.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example prints")]

use std::sync::atomic::AtomicBool;

use geometry::{Kernels, Options, evaluate};
use part::solid::{Action, Body, Contour, Edges, Frame, Profile, Shape, Side, Solid, Step};

fn cpu_ms() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 / 1e6
}

fn step(by: &str, action: Action) -> Step {
    Step { operation: by.to_owned(), action }
}

fn add(shape: Shape, at: [f64; 3]) -> Step {
    step("add", Action::Add(Solid { shape, frame: Frame::at(at) }))
}

fn cut(shape: Shape, at: [f64; 3]) -> Step {
    step("cut", Action::Cut(Solid { shape, frame: Frame::at(at) }))
}

fn plain(outer: Contour) -> Profile {
    Profile { outer, holes: Vec::new() }
}

fn rectangle(l: f64, w: f64, r: f64) -> Contour {
    Contour::Rectangle { centre: [0.0; 2], size: [l, w], corner_radius: r }
}

fn circle(x: f64, y: f64, d: f64) -> Contour {
    Contour::Circle { centre: [x, y], diameter: d }
}

fn cases() -> Vec<(&'static str, Vec<Step>)> {
    let mut cases = Vec::new();
    let cone = |b: f64, t: f64, h: f64| Shape::Cone { bottom: b, top: t, height: h };
    let mut pot = vec![add(cone(90.0, 120.0, 100.0), [0.0; 3]), cut(cone(84.9, 114.9, 100.0), [0.0, 0.0, 3.0])];
    for i in 0..5 {
        let (s, c) = (f64::from(i) * 72.0).to_radians().sin_cos();
        pot.push(cut(Shape::Cylinder { diameter: 8.0, height: 10.0 }, [25.0 * c, 25.0 * s, -1.0]));
    }
    pot.push(step("fillet", Action::Fillet { edges: Edges::Top, radius: 1.0 }));
    cases.push(("pot", pot));
    let mut enclosure = vec![
        add(Shape::Extrusion { profile: plain(rectangle(100.0, 60.0, 4.0)), height: 30.0 }, [0.0; 3]),
        cut(Shape::Extrusion { profile: plain(rectangle(96.0, 56.0, 2.0)), height: 30.0 }, [0.0, 0.0, 2.0]),
    ];
    for (x, y) in [(43.0, 23.0), (-43.0, 23.0), (43.0, -23.0), (-43.0, -23.0)] {
        enclosure.push(add(Shape::Cylinder { diameter: 7.0, height: 26.0 }, [x, y, 2.0]));
        enclosure.push(cut(Shape::Cylinder { diameter: 2.5, height: 24.0 }, [x, y, 8.0]));
    }
    for i in 0..8 {
        let vent = Shape::Box { size: [2.0, 70.0, 12.0] };
        enclosure.push(cut(vent, [f64::from(i) * 6.0 - 21.0, 0.0, 10.0]));
    }
    enclosure.push(step("fillet", Action::Fillet { edges: Edges::Bottom, radius: 1.0 }));
    cases.push(("enclosure", enclosure));
    let mut bracket = vec![
        add(Shape::Box { size: [60.0, 40.0, 6.0] }, [0.0; 3]),
        add(Shape::Box { size: [6.0, 40.0, 50.0] }, [-27.0, 0.0, 0.0]),
    ];
    for (x, y) in [(10.0, 12.0), (10.0, -12.0), (24.0, 0.0)] {
        bracket.push(cut(Shape::Cylinder { diameter: 5.5, height: 10.0 }, [x, y, -1.0]));
        bracket.push(cut(cone(5.5, 11.0, 2.75), [x, y, 3.3]));
    }
    for (y, z) in [(12.0, 35.0), (-12.0, 35.0)] {
        let frame = Frame { origin: [-35.0, y, z], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
        let solid = Solid { shape: Shape::Cylinder { diameter: 5.5, height: 20.0 }, frame };
        bracket.push(step("cut", Action::Cut(solid)));
    }
    bracket.push(step("fillet", Action::Fillet { edges: Edges::Vertical, radius: 2.0 }));
    cases.push(("bracket", bracket));
    let gear = Contour::Gear { teeth: 20, module: 2.0, pressure_angle: 20.0 };
    let gear = Profile { outer: gear, holes: vec![circle(0.0, 0.0, 8.0)] };
    cases.push(("gear", vec![add(Shape::Extrusion { profile: gear, height: 10.0 }, [0.0; 3])]));
    let mut plate = vec![add(Shape::Box { size: [210.0, 210.0, 4.0] }, [0.0; 3])];
    for i in 0..400 {
        let at = [f64::from(i % 20) * 10.0 - 95.0, f64::from(i / 20) * 10.0 - 95.0, -1.0];
        plate.push(cut(Shape::Cylinder { diameter: 6.0, height: 6.0 }, at));
    }
    cases.push(("plate of 400 holes", plate));
    let mut flange = vec![
        add(Shape::Cylinder { diameter: 120.0, height: 12.0 }, [0.0; 3]),
        add(Shape::Cylinder { diameter: 70.0, height: 40.0 }, [0.0; 3]),
        cut(Shape::Cylinder { diameter: 50.0, height: 60.0 }, [0.0, 0.0, -5.0]),
    ];
    for i in 0..8 {
        let (s, c) = (f64::from(i) * 45.0).to_radians().sin_cos();
        flange.push(cut(Shape::Cylinder { diameter: 9.0, height: 20.0 }, [48.0 * c, 48.0 * s, -2.0]));
    }
    flange.push(step("chamfer", Action::Chamfer { edges: Edges::Top, distance: 1.0 }));
    cases.push(("flange", flange));
    let block = || add(Shape::Box { size: [40.0, 30.0, 20.0] }, [0.0; 3]);
    cases.push(("rounded block", vec![block(), step("fillet", Action::Fillet { edges: Edges::All, radius: 3.0 })]));
    let shell = Action::Shell { open: vec![Side::Top], thickness: 2.0 };
    cases.push(("shell", vec![block(), step("shell", shell)]));
    let wire = plain(circle(0.0, 0.0, 2.0));
    let coil = Shape::Coil { profile: wire, radius: 10.0, pitch: 4.0, turns: 0.5, left_handed: false };
    cases.push(("coil", vec![add(coil, [0.0; 3])]));
    cases
}

/// Families of the catalogue as their examples are.
fn families(only: &str) {
    for (name, part) in part::examples() {
        let wanted = ["pot", "enclosure", "bracket", "gear", "flange"].iter().any(|w| name.contains(w));
        if !wanted || !name.contains(only) {
            continue;
        }
        let Ok(body) = part::lower(&part) else { continue };
        for (what, options) in [("exact", Options::default()), ("preview", Options::preview())] {
            let start = cpu_ms();
            match evaluate(&body, &options, &AtomicBool::new(false)) {
                Ok(built) => println!(
                    "{name:20} {what:8} {:8.1} ms  {} steps, {} triangles, {:?}",
                    cpu_ms() - start,
                    body.pieces.iter().map(|p| p.steps.len()).sum::<usize>(),
                    built.mesh.triangles.len(),
                    built.notes
                ),
                Err(error) => println!("{name:20} {what:8} {:8.1} ms  {error}", cpu_ms() - start),
            }
        }
    }
}

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    families(&only);
    for (name, steps) in cases().into_iter().filter(|(name, _)| name.contains(&only)) {
        let mut body = Body::single("piece", [100.0, 60.0, 40.0], steps);
        body.round = ["pot", "flange", "gear"].contains(&name);
        if body.round {
            body.size = if name == "gear" { [44.0, 44.0, 10.0] } else { [120.0, 120.0, 100.0] };
        }
        for (what, options) in [
            ("exact", Options::default()),
            ("mesh", Options { kernels: Kernels::MeshOnly, ..Options::default() }),
            ("preview", Options::preview()),
        ] {
            let start = cpu_ms();
            match evaluate(&body, &options, &AtomicBool::new(false)) {
                Ok(built) => println!(
                    "{name:20} {what:8} {:8.1} ms  {} triangles, {:.2} mm3, {:?}",
                    cpu_ms() - start,
                    built.mesh.triangles.len(),
                    built.volume_mm3,
                    built.notes
                ),
                Err(error) => println!("{name:20} {what:8} {:8.1} ms  {error}", cpu_ms() - start),
            }
        }
    }
}
