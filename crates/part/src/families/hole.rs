//! A drilled hole or a pattern of them: through, blind, counterbored or countersunk.

use super::{kit::*, place};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body, Contour, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hole",
    role: Role::Modifier,
    meaning: "A hole, or several by its placement; in the middle of the top unless placed. In the side of a hollow body it goes through one wall.",
    parameters: &[
        length("diameter", Default::Essential, HOLE, "diameter"),
        length(
            "depth",
            Default::Rule("twice the diameter; used by blind holes", |v| v.get("diameter") * 2.0),
            HOLE,
            "depth of a blind hole",
        ),
        length(
            "head_diameter",
            Default::Rule("twice the diameter; used by screw heads", |v| v.get("diameter") * 2.0),
            HOLE,
            "diameter of the counterbore or countersink",
        ),
        length(
            "head_depth",
            Default::Rule("the diameter; used by counterbores", |v| v.get("diameter")),
            HOLE,
            "depth of the counterbore",
        ),
    ],
    choices: &[
        Choice { name: "kind", options: &["through", "blind", "counterbore", "countersink"], default: Some("through") },
        Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") },
    ],
    size_order: &["diameter", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (kind, d, depth) = (v.choice("kind"), v.get("diameter"), v.get("depth"));
    let (head, head_depth) = (v.get("head_diameter"), v.get("head_depth"));
    let headed = matches!(kind, "counterbore" | "countersink");
    require(!headed || head > d, "head_diameter", || {
        format!("of {} is not wider than the hole of {}", mm(head), mm(d))
    })?;
    let widest = if headed { head } else { d };
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    // A hole that only touches an edge leaves a wall of no thickness.
    let mut sites = place::sites(operation, body, index, [widest / 2.0 + EDGE; 2])?;
    if kind == "through" && body.hollow.is_none() {
        // Through a solid round body, opposite holes are one.
        let mut kept: Vec<place::Site> = Vec::new();
        for site in sites {
            let opposite = |other: &place::Site| {
                (0..3).all(|i| {
                    (site.outward[i] + other.outward[i]).abs() < 1e-9 && (i < 2 || site.point[i] == other.point[i])
                })
            };
            if !(body.round && kept.iter().any(opposite)) {
                kept.push(site);
            }
        }
        sites = kept;
    }
    for (i, a) in sites.iter().enumerate() {
        for b in &sites[..i] {
            let gap = (0..3).map(|k| (a.point[k] - b.point[k]).powi(2)).sum::<f64>().sqrt();
            require(gap > widest + 0.01, "placement", || {
                format!("makes holes of {} overlap: their centres are {} apart", mm(widest), mm(gap))
            })?;
        }
    }
    for site in sites {
        let through = site.through + BEYOND;
        require(kind != "blind" || depth < site.thickness, "depth", || {
            format!("of {} goes through; use less than {} or a through hole", mm(depth), mm(site.thickness))
        })?;
        let deep = if kind == "blind" { depth } else { through };
        let before = beyond(body, widest) + if kind == "through" { above(body, index) } else { 0.0 };
        let tool = match kind {
            "counterbore" => {
                require(head_depth < site.thickness, "head_depth", || {
                    format!("of {} goes through; use less than {}", mm(head_depth), mm(site.thickness))
                })?;
                let points = vec![
                    [0.0, -before],
                    [head / 2.0, -before],
                    [head / 2.0, head_depth],
                    [d / 2.0, head_depth],
                    [d / 2.0, deep],
                    [0.0, deep],
                ];
                revolved(points, &site)
            }
            // 90 degrees, as metric countersunk screws have.
            "countersink" => {
                let cone = (head - d) / 2.0;
                require(cone < site.thickness, "head_diameter", || {
                    format!("of {} makes the countersink deeper than the part", mm(head))
                })?;
                let points = vec![
                    [0.0, -before],
                    [head / 2.0, -before],
                    [head / 2.0, 0.0],
                    [d / 2.0, cone],
                    [d / 2.0, deep],
                    [0.0, deep],
                ];
                revolved(points, &site)
            }
            _ => Solid { shape: Shape::Cylinder { diameter: d, height: deep + before }, frame: site.inward(before) },
        };
        body.pieces[index].steps.push(cut(tool));
    }
    Ok(())
}

fn revolved(points: Vec<[f64; 2]>, site: &place::Site) -> Solid {
    let profile = Profile { outer: Contour::Polygon { points }, holes: Vec::new() };
    Solid { shape: Shape::Revolution { profile, angle: 360.0 }, frame: site.inward(0.0) }
}

/// On a tapered side the far edge of the hole lies further out than its centre.
fn beyond(body: &Body, diameter: f64) -> f64 {
    if body.side.is_empty() { BEYOND } else { BEYOND + diameter }
}

/// A through hole starts above the bosses that stand on the body.
fn above(body: &Body, index: usize) -> f64 {
    let bosses = body.pieces[index].steps.iter().filter(|step| step.operation.starts_with("boss"));
    let heights = bosses.map(|step| match &step.action {
        Action::Add(Solid { shape: Shape::Cylinder { height, .. } | Shape::Extrusion { height, .. }, .. }) => *height,
        _ => 0.0,
    });
    heights.fold(0.0, f64::max)
}
