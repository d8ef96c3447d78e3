//! A stand that holds a phone at an angle.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "phone_stand",
    role: Role::Body,
    meaning: "A phone stand: a base, a leaning back and a lip in front of the phone.",
    parameters: &[
        length("width", Default::Value(70.0), SIZE, "width, along X"),
        length("height", Default::Value(90.0), SIZE, "overall height"),
        length("thickness", Default::Value(5.0), WALL, "thickness of base, back and lip"),
        angle("angle", Default::Value(65.0), (35.0, 85.0), "angle of the phone from the table"),
        length("gap", Default::Value(14.0), (2.0, 100.0), "room for the phone between lip and back"),
        length("lip_height", Default::Value(12.0), WALL, "how far the lip stands above the base"),
        length(
            "depth",
            Default::Rule("far enough back to stay under the phone", |v| {
                let lean = (v.get("height") - v.get("thickness")) / v.get("angle").to_radians().tan();
                (v.get("thickness") + v.get("gap") + lean + v.get("thickness")).ceil()
            }),
            SIZE,
            "depth of the base, along Y",
        ),
    ],
    choices: &[],
    size_order: &["width", "depth", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (w, h, t, gap, lip, depth) =
        (v.get("width"), v.get("height"), v.get("thickness"), v.get("gap"), v.get("lip_height"), v.get("depth"));
    let (sin, cos) = v.get("angle").to_radians().sin_cos();
    let foot = t + gap;
    let heel = foot + t / sin;
    require(h > 3.0 * t, "height", || format!("of {} leaves no back; use more than {}", mm(h), mm(3.0 * t)))?;
    require(t + lip < h, "lip_height", || format!("of {} is higher than the stand", mm(lip)))?;
    let top = foot + (h - t) * cos / sin;
    // The phone's middle is about half way up the back.
    let least = heel.max((foot + top) / 2.0) + 1.0;
    require(depth >= least, "depth", || format!("of {} would tip over; use {} or more", mm(depth), mm(least)))?;
    let overall = depth.max(top + t * sin);
    // Profile x runs from the front to the back, y is up.
    let points = [
        [0.0, 0.0],
        [depth, 0.0],
        [depth, t],
        [heel, t],
        [top + t * sin, h - t * cos],
        [top, h],
        [foot, t],
        [t, t],
        [t, t + lip],
        [0.0, t + lip],
    ];
    let points = points.iter().map(|[y, z]| [snap(y - overall / 2.0), snap(*z)]).collect();
    let frame = Frame { origin: [-w / 2.0, 0.0, 0.0], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
    let profile = Profile { outer: Contour::Polygon { points }, holes: vec![] };
    let steps = vec![add(Solid { shape: Shape::Extrusion { profile, height: w }, frame })];
    let mut body = Body::single("phone_stand", [w, overall, h], steps);
    // On its side it needs no support under the back.
    body.pieces[0].print_turns = [0, 1];
    Ok(body)
}
