//! A drinking cup or mug, straight or tapered, with or without a handle.

use super::{kit::*, plant_pot::tapered_shell};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Hollow, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cup",
    role: Role::Body,
    meaning: "A cup; with its handle a mug. The diameter leaves the handle out.",
    parameters: &[
        length("diameter", Default::Value(80.0), SIZE, "outer diameter at the top"),
        length(
            "height",
            Default::Rule("120 % of the diameter", |v| snap(v.get("diameter") * 1.2)),
            SIZE,
            "outer height",
        ),
        length("wall", Default::Value(3.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "base_diameter",
            Default::Rule("straight: as wide as the top", |v| v.get("diameter")),
            SIZE,
            "outer diameter at the base",
        ),
        length(
            "handle_thickness",
            Default::Rule("a tenth of the height", |v| snap((v.get("height") / 10.0).clamp(2.0, 14.0))),
            WALL,
            "diameter of the handle's bar",
        ),
    ],
    choices: &[Choice { name: "handle", options: &["yes", "no"], default: Some("yes") }],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, wall, floor, base) =
        (v.get("diameter"), v.get("height"), v.get("wall"), v.get("floor"), v.get("base_diameter"));
    let shell = tapered_shell(d, base, h, wall, floor)?;
    let mut steps = Vec::new();
    if v.choice("handle") == "yes" {
        let bar = v.get("handle_thickness");
        let ring = 0.6 * h;
        let middle = (d + base) / 4.0;
        require(ring > 2.0 * bar, "handle_thickness", || {
            format!("of {} leaves no room for a finger; use less than {}", mm(bar), mm(ring / 2.0))
        })?;
        require((ring + bar) / 2.0 < 2.0 * middle - wall, "height", || {
            format!("of {} is too much for a handle on a cup of {}; leave the handle off", mm(h), mm(d))
        })?;
        // A whole ring across the wall; what lies inside the cup goes with the cavity.
        let frame = Frame { origin: [middle, 0.0, h / 2.0], x: [1.0, 0.0, 0.0], z: [0.0, -1.0, 0.0] };
        let outside = outside(d, base, h);
        steps.push(add(Solid { shape: outside, frame: Frame::WORLD }));
        steps.push(add(Solid { shape: Shape::Torus { ring, tube: bar }, frame }));
        let slope = (d - base) / 2.0 / h;
        let inner = |z: f64| snap(2.0 * (base / 2.0 + slope * z - wall * slope.hypot(1.0)));
        let top = h + BEYOND;
        let cavity = match (inner(floor), inner(top)) {
            (bottom, same) if bottom == same => Shape::Cylinder { diameter: same, height: top - floor },
            (bottom, top_diameter) => Shape::Cone { bottom, top: top_diameter, height: top - floor },
        };
        steps.push(cut(Solid { shape: cavity, frame: Frame::at([0.0, 0.0, floor]) }));
    } else {
        steps.push(add(shell));
    }
    let mut body = Body::single("cup", [d.max(base), d.max(base), h], steps);
    body.round = true;
    body.hollow = Some(Hollow { wall, floor, lid: 0.0 });
    body.side = vec![[base / 2.0, 0.0], [d / 2.0, h]];
    Ok(body)
}

fn outside(top: f64, bottom: f64, height: f64) -> Shape {
    if top == bottom { Shape::Cylinder { diameter: top, height } } else { Shape::Cone { bottom, top, height } }
}
