//! What an operation did, repeated in a row, in a grid or round an axis.

use super::{extent, sketched::body_extent};
use crate::{
    Invalid, MAX_PLACES, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    families::kit::{angle, count, length, require, snap},
    region::exact_sin_cos,
    solid::{Action, Body, Frame, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pattern",
    role: Role::Modifier,
    meaning: "Repeats what an earlier operation added or cut: in a row from it on, in a grid, or round an axis through the middle of the body. Counts include the original.",
    parameters: &[
        count(
            "count",
            Default::Essential,
            (1.0, 400.0),
            "how many, the original included; along the first direction of a grid",
        ),
        length(
            "pitch",
            Default::Value(10.0),
            (-2000.0, 2000.0),
            "distance from one to the next; negative the other way; not used round an axis",
        ),
        count("count_2", Default::Value(1.0), (1.0, 400.0), "how many along the second direction of a grid"),
        length(
            "pitch_2",
            Default::Rule("as far apart as in the first direction", |v| v.get("pitch")),
            (-2000.0, 2000.0),
            "distance along the second direction of a grid",
        ),
        angle(
            "angle",
            Default::Value(360.0),
            (-360.0, 360.0),
            "from the first to the last round an axis, counter-clockwise; a whole turn is divided by the count",
        ),
    ],
    choices: &[
        Choice { name: "of", options: &[], default: None },
        Choice { name: "kind", options: &["linear", "circular", "grid"], default: Some("linear") },
        Choice { name: "direction", options: &["auto", "x", "y", "z"], default: Some("auto") },
    ],
    size_order: &["count", "pitch"],
    build: Build::Modifier(build),
};

/// Bounds what one operation can make a kernel do.
const MAX_STEPS: usize = 2000;

fn build(v: &Values, _: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let of = v.choice("of");
    let moves = moves(v, body)?;
    require(body.pieces[0].steps.first().is_none_or(|step| step.operation != of), "of", || {
        format!("is '{of}', which makes the body itself; repeat something on it")
    })?;
    let added = body.pieces.iter().flat_map(|piece| &piece.steps).filter_map(|step| match &step.action {
        Action::Add(solid) => extent::extent(solid),
        _ => None,
    });
    let mut material: Vec<_> = added.chain([body_extent(body)]).collect();
    let known = body.size.iter().all(|side| *side > 0.0);
    let mut found = false;
    for index in 0..body.pieces.len() {
        let originals: Vec<Action> = body.pieces[index]
            .steps
            .iter()
            .filter(|step| step.operation == of)
            .map(|step| step.action.clone())
            .collect();
        found |= !originals.is_empty();
        require(originals.len() * moves.len() <= MAX_STEPS, "count", || {
            format!("makes {} tools of '{of}'; at most {MAX_STEPS}", originals.len() * moves.len())
        })?;
        // All copies of one tool, then of the next: a bore stays open where the boss of another copy runs into it.
        for action in originals {
            for (n, motion) in moves.iter().enumerate() {
                let copy = motion.action(&action).ok_or_else(|| {
                    Invalid::new("", "of", format!("is '{of}', which shapes the whole body; repeat what adds or cuts"))
                })?;
                if let (Action::Add(solid) | Action::Cut(solid), true) = (&copy, known)
                    && let Some(tool) = extent::extent(solid)
                {
                    require(material.iter().any(|there| extent::overlap(tool, *there)), "count", || {
                        format!("puts copy {} of '{of}' beside the body; use fewer or a smaller pitch", n + 2)
                    })?;
                    if matches!(copy, Action::Add(_)) {
                        material.push(tool);
                    }
                }
                body.pieces[index].steps.push(Step { operation: String::new(), action: copy });
            }
        }
    }
    require(found, "of", || format!("is '{of}', which is no operation before this one that added or cut anything"))
}

/// Where the copies go, the original left out.
fn moves(v: &Values, body: &Body) -> Result<Vec<Motion>, Invalid> {
    let (n, m) = (v.get("count") as usize, v.get("count_2") as usize);
    let (kind, direction) = (v.choice("kind"), v.choice("direction"));
    let axis = match direction {
        "x" => 0,
        "y" => 1,
        "z" => 2,
        _ if kind == "circular" => 2,
        _ => 0,
    };
    let shift = |by: f64, axis: usize| -> [f64; 3] { std::array::from_fn(|i| if i == axis { by } else { 0.0 }) };
    let (pitch, pitch_2) = (v.get("pitch"), v.get("pitch_2"));
    let apart = |pitch: f64, n: usize, name: &str| {
        require(n < 2 || pitch.abs() > 1e-3, name, || "is nothing; the copies would lie on each other".to_owned())
    };
    Ok(match kind {
        "circular" => {
            let sweep = v.get("angle");
            require(sweep.abs() > 1e-3, "angle", || "is nothing; the copies would lie on each other".to_owned())?;
            let step = if sweep.abs() == 360.0 { sweep / n as f64 } else { sweep / (n as f64 - 1.0).max(1.0) };
            let [x, y, z] = body.base;
            let centre = [x, y, z + if axis == 2 { 0.0 } else { body.size[2] / 2.0 }];
            (1..n).map(|i| Motion::Turn { axis, centre, degrees: step * i as f64 }).collect()
        }
        "grid" => {
            require(n * m <= MAX_PLACES, "count_2", || format!("makes {} places; at most {MAX_PLACES}", n * m))?;
            apart(pitch, n, "pitch")?;
            apart(pitch_2, m, "pitch_2")?;
            // The second direction follows the first: y after x, x after y, x after z.
            let second = if axis == 0 { 1 } else { 0 };
            let at = |i: usize| {
                let (a, b) = (shift(pitch * (i % n) as f64, axis), shift(pitch_2 * (i / n) as f64, second));
                Motion::Shift(std::array::from_fn(|k| a[k] + b[k]))
            };
            (1..n * m).map(at).collect()
        }
        _ => {
            apart(pitch, n, "pitch")?;
            (1..n).map(|i| Motion::Shift(shift(pitch * i as f64, axis))).collect()
        }
    })
}

/// How a copy lies to its original.
enum Motion {
    Shift([f64; 3]),
    /// About a line along X, Y or Z through a point.
    Turn {
        axis: usize,
        centre: [f64; 3],
        degrees: f64,
    },
}

impl Motion {
    /// `None` for what is not a tool of its own.
    fn action(&self, action: &Action) -> Option<Action> {
        Some(match action {
            Action::Add(solid) => Action::Add(self.solid(solid)),
            Action::Cut(solid) => Action::Cut(self.solid(solid)),
            _ => return None,
        })
    }

    fn solid(&self, solid: &Solid) -> Solid {
        let Frame { origin, x, z } = solid.frame;
        let frame = match self {
            Motion::Shift(by) => Frame { origin: std::array::from_fn(|i| snap(origin[i] + by[i])), x, z },
            Motion::Turn { axis, centre, degrees } => {
                let turn = |p| turned(p, *axis, *degrees);
                let from_centre = turn(std::array::from_fn(|i| origin[i] - centre[i]));
                let unit = |p: [f64; 3]| turn(p).map(|c| if c.abs() < 1e-15 { 0.0 } else { c });
                Frame { origin: std::array::from_fn(|i| snap(from_centre[i] + centre[i])), x: unit(x), z: unit(z) }
            }
        };
        Solid { shape: solid.shape.clone(), frame }
    }
}

fn turned(p: [f64; 3], axis: usize, degrees: f64) -> [f64; 3] {
    let (sin, cos) = exact_sin_cos(degrees);
    let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut out = p;
    out[a] = p[a] * cos - p[b] * sin;
    out[b] = p[a] * sin + p[b] * cos;
    out
}
