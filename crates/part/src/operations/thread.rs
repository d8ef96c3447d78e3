//! An external thread on a round shank.

use crate::{
    Face, Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    families::kit::{SIZE, length, mm, require, snap},
    solid::{Action, Body, Contour, Frame, Shape, Solid, Step},
    standards::{self, Size, SizeError},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "thread",
    role: Role::Modifier,
    meaning: "A thread of the ISO 68-1 profile on a round shank, metric or by a UNC size: on the body when it is a cylinder, or on the bosses or round extrusions that its placement stands on, from the far end. Cosmetic leaves the plain shank.",
    parameters: &[
        length(
            "diameter",
            Default::Absent,
            (1.0, 300.0),
            "nominal diameter; the shank's unless this or a size is said",
        ),
        length("pitch", Default::Absent, (0.2, 25.0), "pitch; the coarse one of the size unless said"),
        length("length", Default::Absent, SIZE, "how far it goes from the end; the whole shank unless said"),
        length(
            "clearance",
            Default::Rule("the fit's gap per side", |v| v.clearance),
            (0.0, 2.0),
            "taken off every radius, so that a nut goes on",
        ),
    ],
    choices: &[
        Choice { name: "size", options: &[], default: Some("") },
        Choice { name: "representation", options: &["modelled", "cosmetic"], default: Some("modelled") },
        Choice { name: "hand", options: &["right", "left"], default: Some("right") },
    ],
    size_order: &["diameter", "length"],
    build: Build::Modifier(build),
};

/// How far the nominal diameter may lie from that of the shank.
const TOLERANCE: f64 = 0.3;
/// Most turns of one thread.
const MAX_TURNS: f64 = 200.0;

/// A round bar among the steps.
struct Shank {
    piece: usize,
    step: usize,
    diameter: f64,
    height: f64,
    frame: Frame,
}

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let on = operation.placement.as_ref().and_then(|p| p.on.clone());
    let from_bottom = on.is_none() && operation.placement.as_ref().is_some_and(|p| p.face == Face::Bottom);
    let shanks = shanks(on.as_deref(), body)?;
    let (nominal, pitch) = nominal(v, shanks[0].diameter)?;
    // Later ones first, so that the places of the earlier ones stay.
    for shank in shanks.into_iter().rev() {
        let Shank { diameter, height, frame, .. } = shank;
        require((diameter - nominal).abs() <= TOLERANCE, "diameter", || {
            format!("of {} does not fit a shank of {}; make the shank {}", mm(nominal), mm(diameter), mm(nominal))
        })?;
        let long = v.find("length").unwrap_or(height);
        require(long <= height + 1e-6, "length", || {
            format!("of {} is more than the shank's {}", mm(long), mm(height))
        })?;
        require(long >= pitch && long <= MAX_TURNS * pitch, "length", || {
            format!("of {} is not between 1 and {MAX_TURNS} turns of a pitch of {}", mm(long), mm(pitch))
        })?;
        if v.choice("representation") == "cosmetic" {
            continue;
        }
        let plain = height - long;
        // The thread's end lies inside the plain part.
        let overlap = if plain > 1e-6 { 0.25_f64.min(plain / 2.0) } else { 0.0 };
        let thread = Shape::Thread {
            diameter: nominal,
            pitch,
            length: snap(long + overlap),
            internal: false,
            left_handed: v.choice("hand") == "left",
            clearance: v.get("clearance"),
        };
        let along =
            |by: f64| Frame { origin: std::array::from_fn(|i| snap(frame.origin[i] + by * frame.z[i])), ..frame };
        let (thread_at, plain_at) = if from_bottom { (0.0, long) } else { (plain - overlap, 0.0) };
        let thread = Action::Add(Solid { shape: thread, frame: along(thread_at) });
        let steps = &mut body.pieces[shank.piece].steps;
        if plain > 1e-6 {
            let bar = Shape::Cylinder { diameter, height: snap(plain) };
            steps[shank.step].action = Action::Add(Solid { shape: bar, frame: along(plain_at) });
            steps.insert(shank.step + 1, Step { operation: String::new(), action: thread });
        } else {
            // Still the first step of the operation that made the shank.
            steps[shank.step].action = thread;
        }
    }
    Ok(())
}

fn shanks(on: Option<&str>, body: &Body) -> Result<Vec<Shank>, Invalid> {
    let first = body.pieces[0].steps[0].operation.clone();
    let target = on.unwrap_or(&first);
    let mut found = Vec::new();
    let mut known = false;
    for (piece, steps) in body.pieces.iter().map(|piece| &piece.steps).enumerate() {
        for (step, Step { operation, action }) in steps.iter().enumerate() {
            if operation != target {
                continue;
            }
            known = true;
            let Action::Add(solid) = action else { continue };
            let (diameter, height, centre) = match &solid.shape {
                Shape::Cylinder { diameter, height } => (*diameter, *height, [0.0; 2]),
                Shape::Extrusion { profile, height } if profile.holes.is_empty() => match profile.outer {
                    Contour::Circle { centre, diameter } => (diameter, *height, centre),
                    _ => continue,
                },
                _ => continue,
            };
            let frame = super::draw::moved(solid.frame, centre, 0.0);
            found.push(Shank { piece, step, diameter, height, frame });
        }
    }
    require(known, "placement", || format!("is on '{target}', which is no operation before this one"))?;
    require(!found.is_empty(), "placement", || {
        format!("is on '{target}', which has no round shank; add a boss or start with a cylinder")
    })?;
    Ok(found)
}

/// Nominal diameter and pitch: by size ("M8", "M8x1", "1/4-20"), by the parameters, or the coarse thread of the shank.
fn nominal(v: &Values, shank: f64) -> Result<(f64, f64), Invalid> {
    let said = v.choice("size").trim();
    let size = if said.is_empty() {
        None
    } else {
        let size: Size = said.parse().map_err(|error: SizeError| Invalid::new("", "size", error.to_string()))?;
        Some((size.diameter(), size.pitch()))
    };
    let diameter = v.find("diameter");
    if let (Some((of_size, _)), Some(diameter)) = (size, diameter) {
        require((of_size - diameter).abs() < 1e-6, "diameter", || {
            format!("of {} contradicts the size {said}; drop one of them", mm(diameter))
        })?;
    }
    let nominal = size.map(|s| s.0).or(diameter).unwrap_or(shank);
    // A size names its coarse pitch where it says none; a pitch said beside it is another thread of that diameter.
    let pitch = v.find("pitch").or(size.map(|s| s.1)).unwrap_or_else(|| standards::coarse_pitch(nominal));
    require(pitch < nominal / 2.0, "pitch", || {
        format!("of {} is too coarse for a thread of {}", mm(pitch), mm(nominal))
    })?;
    Ok((nominal, pitch))
}
