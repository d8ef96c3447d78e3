//! Many varied parts: each builds closed, and the exact kernel carries nearly all of them.
#![allow(clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

mod common;

use std::sync::atomic::AtomicBool;

use common::{quantity, typical, with};
use geometry::{Options, evaluate};
use part::{Face, Part, Placement, Position};

/// Bodies with the modifiers that people ask for on them.
fn parts() -> Vec<(String, Part)> {
    let mut parts = Vec::new();
    let mut push = |name: String, part: Part| {
        if part::lower(&part).is_ok() {
            parts.push((name, part));
        }
    };
    let on = |face, position| Some(Placement { face, position, on: None });
    for kind in ["plant_pot", "cup", "vase", "bowl", "tube", "cylinder", "knob", "cone", "funnel", "coaster", "disc"] {
        for (n, angle) in [0.0, 30.0, 90.0, 180.0, 225.0, 270.0].into_iter().enumerate() {
            let around = Position::Around { angle: quantity(angle), height: quantity(14.0 + 3.0 * n as f64) };
            for (modifier, sizes) in
                [("hole", vec![("diameter", 6.0)]), ("boss", vec![("diameter", 8.0), ("height", 5.0)])]
            {
                push(
                    format!("{kind} {modifier} at {angle}"),
                    with(typical(kind), modifier, &sizes, &[], on(Face::Side, around.clone())),
                );
            }
        }
        let ring = Position::Circle { count: quantity(4.0), diameter: quantity(20.0), start: quantity(0.0) };
        push(
            format!("{kind} ring of side holes"),
            with(typical(kind), "hole", &[("diameter", 5.0)], &[], on(Face::Side, ring)),
        );
        push(format!("{kind} hole"), with(typical(kind), "hole", &[("diameter", 5.0)], &[], None));
        push(
            format!("{kind} slot"),
            with(typical(kind), "slot", &[("length", 12.0), ("width", 4.0)], &[], on(Face::Front, Position::Centre)),
        );
    }
    for kind in
        ["box", "box_with_lid", "block", "tray", "plate", "l_bracket", "phone_stand", "name_plate", "prism", "hook"]
    {
        for face in [Face::Top, Face::Bottom, Face::Front, Face::Back, Face::Left, Face::Right] {
            let sizes = [("diameter", 4.0), ("head_diameter", 7.0)];
            for style in ["through", "countersink"] {
                push(
                    format!("{kind} {style} {face:?}"),
                    with(typical(kind), "hole", &sizes, &[("kind", style)], on(face, Position::Centre)),
                );
            }
            push(
                format!("{kind} boss {face:?}"),
                with(typical(kind), "boss", &[("diameter", 6.0), ("height", 4.0)], &[], on(face, Position::Centre)),
            );
            push(
                format!("{kind} slot {face:?}"),
                with(typical(kind), "slot", &[("length", 10.0), ("width", 3.0)], &[], on(face, Position::Centre)),
            );
        }
        let corners = on(Face::Top, Position::Corners { inset: quantity(8.0) });
        push(format!("{kind} corner holes"), with(typical(kind), "hole", &[("diameter", 4.0)], &[], corners));
    }
    for definition in part::catalogue::definitions().iter().filter(|d| d.role == part::catalogue::Role::Body) {
        for modifier in ["fillet", "chamfer"] {
            for edges in ["top", "bottom", "vertical", "all"] {
                let size = if modifier == "fillet" { "radius" } else { "distance" };
                let part = with(typical(definition.kind), modifier, &[(size, 0.8)], &[("edges", edges)], None);
                push(format!("{} {modifier} {edges}", definition.kind), part);
            }
        }
    }
    parts
}

#[test]
#[ignore = "a minute"]
fn varied_parts() {
    let (mut inexact, mut failed, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    let parts = parts();
    let total = parts.len();
    for (name, part) in parts {
        let lowered = part::lower(&part).unwrap();
        match evaluate(&lowered, &Options::default(), &AtomicBool::new(false)) {
            Ok(evaluated) => {
                if evaluated.pieces.iter().map(|p| p.mesh.topology()).any(|t| !t.is_watertight() || t.components != 1) {
                    broken.push(name.clone());
                }
                if let Some(reason) = evaluated.inexact_reason {
                    inexact.push(format!("{name}: {reason}"));
                }
            }
            // A sphere has no rim and a boss cannot stand on air: those refusals are right.
            Err(error)
                if error.to_string().contains("no such edges") || error.to_string().contains("separate lumps") => {}
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    eprintln!("{total} parts, {} on the mesh kernel, {} refused", inexact.len(), failed.len());
    eprintln!("--- mesh kernel\n{}\n--- refused\n{}", inexact.join("\n"), failed.join("\n"));
    assert!(broken.is_empty(), "open or in several lumps: {broken:?}");
    assert!(inexact.len() * 20 <= total, "more than a twentieth is not exact");
    assert!(failed.len() * 20 <= total, "more than a twentieth is refused");
}
