//! A straight rack for spur gears.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "gear_rack",
    role: Role::Body,
    meaning: "A straight toothed rack that meshes with gears of the same module (ISO 53 basic rack); it lies on its side, its teeth towards the back.",
    parameters: &[
        length("module", Default::Value(2.0), (0.2, 50.0), "module: tooth pitch / pi"),
        count("teeth", Default::Absent, (1.0, 400.0), "number of teeth; as many as the length takes unless said"),
        length(
            "length",
            Default::Rule("the teeth's pitches, or 100 mm", |v| {
                v.find("teeth").map_or(100.0, |teeth| snap(teeth * std::f64::consts::PI * v.get("module")))
            }),
            SIZE,
            "length",
        ),
        length(
            "height",
            Default::Rule("six modules", |v| snap(v.get("module") * 6.0)),
            SIZE,
            "from the back to the tips of the teeth",
        ),
        length("thickness", Default::Rule("five modules", |v| snap(v.get("module") * 5.0)), WALL, "width of the teeth"),
        angle("pressure_angle", Default::Value(20.0), (14.5, 30.0), "pressure angle"),
    ],
    choices: &[],
    size_order: &["length", "height", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (m, l, h, t) = (v.get("module"), v.get("length"), v.get("height"), v.get("thickness"));
    let pitch = std::f64::consts::PI * m;
    let room = ((l + 1e-6) / pitch).floor();
    let teeth = v.find("teeth").unwrap_or(room);
    require(room >= 1.0, "length", || format!("of {} has no room for a tooth; use more than {}", mm(l), mm(pitch)))?;
    require(teeth <= room, "teeth", || {
        format!("of {teeth} need {}; a length of {} takes {room}", mm(teeth * pitch), mm(l))
    })?;
    require(teeth <= 400.0, "module", || format!("of {} makes {teeth} teeth; at most 400", mm(m)))?;
    // ISO 53: the tooth is one module above the pitch line and 1.25 below it.
    let (tip, root) = (h / 2.0, h / 2.0 - 2.25 * m);
    require(root > -h / 2.0 + 0.4, "height", || {
        format!("of {} leaves no back behind the teeth; use more than {}", mm(h), mm(2.25 * m + 0.4))
    })?;
    let lean = v.get("pressure_angle").to_radians().tan();
    let (crest, foot) = (pitch / 4.0 - m * lean, pitch / 4.0 + 1.25 * m * lean);
    require(crest > 0.02 * m, "pressure_angle", || "leaves no tip on the teeth; use less".to_owned())?;
    let mut points = vec![[l / 2.0, -h / 2.0]];
    let start = -teeth * pitch / 2.0;
    // From the right end to the left, counter-clockwise with the back edge. A tooth's foot that reaches the end is the end.
    let mut outline = Vec::new();
    for i in (0..teeth as usize).rev() {
        let middle = start + pitch * (i as f64 + 0.5);
        for (x, y) in [(foot, root), (crest, tip), (-crest, tip), (-foot, root)] {
            outline.push([snap(middle + x), snap(y)]);
        }
    }
    points.push([l / 2.0, snap(root)]);
    points.extend(outline.into_iter().filter(|p| p[0].abs() < l / 2.0 - 1e-6));
    points.push([-l / 2.0, snap(root)]);
    points.push([-l / 2.0, -h / 2.0]);
    Ok(Body::single("rack", [l, h, t], vec![add(extrude(Contour::Polygon { points }, vec![], 0.0, t))]))
}
