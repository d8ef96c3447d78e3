//! An involute spur gear.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour},
    standards,
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
        length("hub_height", Default::Value(0.0), (0.0, 500.0), "height of a hub above the teeth; 0 for none"),
        length(
            "hub_diameter",
            Default::Rule("twice the bore, at most what the teeth leave", |v| {
                let root = v.get("module") * (v.get("teeth") - 2.5);
                snap((v.get("bore") * 2.0).max(v.get("module") * 4.0).min(root - 0.2).max(0.5))
            }),
            SIZE,
            "diameter of the hub",
        ),
        length(
            "keyway_width",
            Default::Rule("none; DIN 6885-1 by the bore where a standard keyway is wanted", |v| {
                keyway(v).map_or(0.0, |keyway| keyway.width)
            }),
            (0.0, 100.0),
            "width of the keyway in the bore; 0 for none",
        ),
        length(
            "keyway_depth",
            Default::Rule("DIN 6885-1 by the bore, or two fifths of the keyway's width", |v| {
                let standard = standards::keyway(v.get("bore")).filter(|keyway| keyway.width == v.get("keyway_width"));
                standard.map_or(snap(v.get("keyway_width") * 0.4), |keyway| keyway.depth)
            }),
            (0.0, 100.0),
            "depth of the keyway beyond the bore",
        ),
    ],
    choices: &[Choice { name: "keyway", options: &["none", "standard"], default: Some("none") }],
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
    let (hub, hub_height) = (v.get("hub_diameter"), v.get("hub_height"));
    let (key, deep) = (v.get("keyway_width"), v.get("keyway_depth"));
    require(v.choice("keyway") == "none" || key > 0.0, "keyway", || {
        format!("of DIN 6885-1 is for bores over 6 mm to 130 mm, and this one is {}", mm(bore))
    })?;
    require(key < bore * 0.8 || key == 0.0, "keyway_width", || {
        format!("of {} is too wide for a bore of {}; use less than {}", mm(key), mm(bore), mm(bore * 0.8))
    })?;
    let hole = if key > 0.0 && deep > 0.0 { keyed(bore, key, deep) } else { circle([0.0; 2], bore) };
    let reach = if key > 0.0 { (bore / 2.0 + deep).hypot(key / 2.0) } else { bore / 2.0 };
    require(key == 0.0 || reach < root / 2.0 - 0.4, "keyway_depth", || {
        format!("of {} cuts into the teeth; use less", mm(deep))
    })?;
    if hub_height > 0.0 {
        require(hub < root, "hub_diameter", || format!("of {} covers the teeth; use less than {}", mm(hub), mm(root)))?;
        require(hub / 2.0 > reach + 0.4, "hub_diameter", || {
            format!("of {} leaves no wall round the bore; use more than {}", mm(hub), mm(2.0 * reach + 0.8))
        })?;
    }
    let bored = bore > 0.0;
    let whole = t + hub_height;
    // Without a hub the bore is a hole of the outline; with one it is cut through both.
    let holes = if bored && hub_height == 0.0 { vec![hole.clone()] } else { vec![] };
    let outline = Contour::Gear { teeth: teeth as u32, module: m, pressure_angle: v.get("pressure_angle") };
    let mut steps = vec![add(extrude(outline, holes, 0.0, t))];
    if hub_height > 0.0 {
        steps.push(add(cylinder(hub, [0.0, 0.0, snap(t / 2.0)], snap(t / 2.0 + hub_height))));
        if bored {
            steps.push(cut(extrude(hole, vec![], -BEYOND, whole + 2.0 * BEYOND)));
        }
    }
    let mut body = Body::single("gear", [outer, outer, whole], steps);
    body.round = true;
    Ok(body)
}

fn keyway(v: &Values) -> Option<standards::Keyway> {
    standards::keyway(v.get("bore")).filter(|_| v.choice("keyway") == "standard")
}

/// A bore with a keyway towards +Y, its bottom `deep` beyond the bore.
fn keyed(bore: f64, key: f64, deep: f64) -> Contour {
    let (r, half) = (bore / 2.0, key / 2.0);
    let side = (r * r - half * half).sqrt();
    let (right, left) = ([snap(half), snap(side)], [snap(-half), snap(side)]);
    let top = snap(r + deep);
    let segments = vec![line(right[0], top), line(left[0], top), line(left[0], left[1]), arc([0.0, -r], right)];
    Contour::Path { start: right, segments }
}
