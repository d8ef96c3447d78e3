//! Steps of the modelling vocabulary for tests, and what must hold of what they make.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::atomic::AtomicBool;

use geometry::{Evaluated, GeometryError, Kernels, Options, evaluate, formats};
use part::solid::{Action, Body, Contour, Frame, Profile, Shape, Solid, SpacePath, SpaceSegment, Step};

pub(crate) fn step(by: &str, action: Action) -> Step {
    Step { operation: by.to_owned(), action }
}

pub(crate) fn add(by: &str, shape: Shape, frame: Frame) -> Step {
    step(by, Action::Add(Solid { shape, frame }))
}

pub(crate) fn cut(by: &str, shape: Shape, frame: Frame) -> Step {
    step(by, Action::Cut(Solid { shape, frame }))
}

pub(crate) fn rectangle(l: f64, w: f64, corner_radius: f64) -> Contour {
    Contour::Rectangle { centre: [0.0; 2], size: [l, w], corner_radius }
}

pub(crate) fn circle(x: f64, y: f64, diameter: f64) -> Contour {
    Contour::Circle { centre: [x, y], diameter }
}

pub(crate) fn plain(outer: Contour) -> Profile {
    Profile { outer, holes: Vec::new() }
}

pub(crate) fn path(start: [f64; 3], segments: Vec<SpaceSegment>) -> SpacePath {
    SpacePath { start, segments }
}

pub(crate) fn space_line(to: [f64; 3]) -> SpaceSegment {
    SpaceSegment::Line { to }
}

pub(crate) fn space_arc(via: [f64; 3], to: [f64; 3]) -> SpaceSegment {
    SpaceSegment::Arc { via, to }
}

pub(crate) fn body(steps: &[Step]) -> Body {
    Body::single("piece", [40.0, 40.0, 20.0], steps.to_vec())
}

pub(crate) fn built(steps: &[Step], kernels: Kernels) -> Result<Evaluated, GeometryError> {
    evaluate(&body(steps), &Options { kernels, ..Options::default() }, &AtomicBool::new(false))
}

pub(crate) fn exact(steps: &[Step]) -> Evaluated {
    checked(built(steps, Kernels::ExactThenMesh).unwrap())
}

pub(crate) fn mesh(steps: &[Step]) -> Evaluated {
    let built = checked(built(steps, Kernels::MeshOnly).unwrap());
    assert!(!built.exact);
    built
}

fn checked(built: Evaluated) -> Evaluated {
    for piece in &built.pieces {
        assert!(piece.mesh.topology().is_watertight());
        let off = piece.mesh.mass_properties().volume_mm3 / piece.mass.volume_mm3 - 1.0;
        assert!(off.abs() < 1e-3, "the mesh is {off} off its own volume");
    }
    built
}

#[track_caller]
pub(crate) fn close(actual: f64, expected: f64, relative: f64, what: &str) {
    let off = actual / expected - 1.0;
    assert!(off.abs() <= relative, "{what}: {actual} is not {expected}: {off:e} off");
}

/// Exact on the exact kernel to 1e-6, and on the mesh kernel to 0.1 %.
#[track_caller]
pub(crate) fn both(steps: &[Step], volume: f64, what: &str) {
    both_within(steps, volume, 1e-6, what);
}

#[track_caller]
pub(crate) fn both_within(steps: &[Step], volume: f64, relative: f64, what: &str) {
    let solid = match built(steps, Kernels::ExactThenMesh) {
        Ok(solid) => checked(solid),
        Err(error) => panic!("{what}: {error}"),
    };
    assert!(solid.exact, "{what}: {:?}", solid.inexact_reason);
    close(solid.volume_mm3, volume, relative, what);
    let meshed = match built(steps, Kernels::MeshOnly) {
        Ok(meshed) => checked(meshed),
        Err(error) => panic!("{what} by mesh: {error}"),
    };
    close(meshed.volume_mm3, volume, 1e-3, &format!("{what} by mesh"));
}

#[track_caller]
pub(crate) fn refused(steps: &[Step], word: &str) {
    for kernels in [Kernels::ExactThenMesh, Kernels::MeshOnly] {
        match built(steps, kernels) {
            Err(error @ GeometryError::Refused { .. }) => {
                assert!(error.to_string().contains(word), "{error} does not say {word}");
            }
            Err(error) => panic!("{error}"),
            Ok(built) => panic!("{word}: built with {} mm3, {:?}", built.volume_mm3, built.notes),
        }
    }
}

/// The volume of a part's STEP file, read back.
pub(crate) fn step_volume(evaluated: &Evaluated) -> f64 {
    let metadata = formats::Metadata { title: "part".to_owned(), rgb: [1, 2, 3], material: None };
    let text = formats::step::write(evaluated, &metadata).unwrap().expect("a STEP file");
    let imports = [("aa".to_owned(), geometry::Imported::Step(text.into_bytes().into()))].into_iter().collect();
    let steps = [add("import", Shape::Imported { hash: "aa".to_owned(), scale: 1.0 }, Frame::WORLD)];
    let read = geometry::evaluate_with(&body(&steps), &Options::default(), &imports, &AtomicBool::new(false)).unwrap();
    assert!(read.exact);
    read.volume_mm3
}
