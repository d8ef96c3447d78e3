//! An involute spur gear.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "gear",
    role: Role::Body,
    meaning: "An involute spur gear; its outer diameter is module x (teeth + 2).",
    parameters: &[
        count("teeth", Default::Essential, (6.0, 300.0), "number of teeth"),
        length("outer_diameter", Default::Absent, SIZE, "diameter over the teeth's tips; sets the module when said"),
        length(
            "module",
            Default::Rule("the outer diameter / (teeth + 2), or 2 mm", |v| {
                v.find("outer_diameter").map_or(2.0, |d| d / (v.get("teeth") + 2.0))
            }),
            (0.2, 50.0),
            "module: pitch diameter / teeth",
        ),
        length(
            "thickness",
            Default::Rule("five modules", |v| snap(v.get("module") * 5.0)),
            WALL,
            "thickness, along the axis",
        ),
        length(
            "bore",
            Default::Rule("5 mm, at most a quarter of the pitch diameter", |v| {
                snap((v.get("module") * v.get("teeth") / 4.0).min(5.0))
            }),
            (0.0, 1000.0),
            "diameter of the bore; 0 for none",
        ),
        angle("pressure_angle", Default::Value(20.0), (14.5, 30.0), "pressure angle"),
    ],
    choices: &[],
    size_order: &["outer_diameter", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (teeth, m, t, bore) = (v.get("teeth"), v.get("module"), v.get("thickness"), v.get("bore"));
    let outer = m * (teeth + 2.0);
    if let Some(said) = v.find("outer_diameter") {
        require((said - outer).abs() < 0.01, "outer_diameter", || {
            format!(
                "of {} contradicts the module: {teeth} teeth of module {m} measure {}; drop one of them",
                mm(said),
                mm(outer)
            )
        })?;
    }
    let root = m * (teeth - 2.5);
    require(bore < root - m.max(0.8), "bore", || {
        format!("of {} cuts into the teeth; use less than {}", mm(bore), mm(root - m.max(0.8)))
    })?;
    let holes = if bore > 0.0 { vec![circle([0.0; 2], bore)] } else { vec![] };
    let outline = Contour::Gear { teeth: teeth as u32, module: m, pressure_angle: v.get("pressure_angle") };
    let mut body = Body::single("gear", [outer, outer, t], vec![add(extrude(outline, holes, 0.0, t))]);
    body.round = true;
    Ok(body)
}
