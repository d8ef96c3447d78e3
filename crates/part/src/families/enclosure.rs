//! An electronics enclosure: a case with a screwed lid, standoffs for a board, vents and a hole for the cable.

use super::{case::Case, joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Hollow, Profile, Shape, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "enclosure",
    role: Role::Body,
    meaning: "An electronics enclosure with a screwed lid: standoffs at the board's holes, vent slots and a cable hole when asked. Sizes are those of the closed case, or of its inside.",
    parameters: &[
        length("length", Default::Essential, SIZE, "size along X"),
        length("width", Default::Essential, SIZE, "size along Y"),
        length("height", Default::Essential, SIZE, "size along Z; outside, lid included"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "corner_radius",
            Default::Rule("3 mm, less in a small case", |v| {
                snap((v.get("length").min(v.get("width")) / 10.0).min(3.0))
            }),
            RADIUS,
            "outer radius of the vertical edges",
        ),
        length("screw_diameter", Default::Value(3.0), (1.6, 10.0), "nominal diameter of the lid's screws"),
        length("lid_thickness", super::screw_box::LID_THICKNESS, WALL, "thickness of the lid's plate"),
        length(
            "lip_height",
            Default::Rule("a tenth of the height, 1 to 4 mm", |v| snap((v.get("height") / 10.0).clamp(1.0, 4.0))),
            WALL,
            "how far the lid's lip goes into the case",
        ),
        length("screw_depth", super::screw_box::SCREW_DEPTH, (1.0, 200.0), "depth of the lid's pilot holes"),
        length(
            "board_hole_length",
            Default::Absent,
            HOLE,
            "spacing of the board's holes along X; no standoffs unless said",
        ),
        length("board_hole_width", Default::Absent, HOLE, "spacing of the board's holes along Y"),
        length("standoff_height", Default::Value(5.0), WALL, "height of the standoffs above the floor"),
        length("board_screw_diameter", Default::Value(2.5), (1.0, 10.0), "nominal diameter of the board's screws"),
        length(
            "standoff_diameter",
            Default::Rule("2.4 times the board's screws", |v| snap(2.4 * v.get("board_screw_diameter"))),
            HOLE,
            "outer diameter of the standoffs",
        ),
        count("vent_count", Default::Value(0.0), (0.0, 60.0), "upright vent slots in each vented wall"),
        length("vent_width", Default::Value(2.0), HOLE, "width of a vent slot"),
        length(
            "vent_height",
            Default::Rule("half the inside's height", |v| {
                let walls = if v.choice("measured") == "inner" { 0.0 } else { v.get("floor") + v.get("lid_thickness") };
                snap(((v.get("height") - walls) / 2.0).max(0.1))
            }),
            HOLE,
            "height of a vent slot",
        ),
        length(
            "cable_hole_diameter",
            Default::Absent,
            HOLE,
            "diameter of the cable's hole in the back; none unless said",
        ),
    ],
    choices: &[
        Choice { name: "measured", options: &["outer", "inner"], default: Some("outer") },
        Choice { name: "screw_head", options: &["plain", "countersunk"], default: Some("plain") },
        Choice { name: "vent_sides", options: &["left_right", "front_back", "all"], default: Some("left_right") },
    ],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (wall, floor, lid) = (v.get("wall"), v.get("floor"), v.get("lid_thickness"));
    let inner = v.choice("measured") == "inner";
    let outer = |size: f64, more: f64| if inner { snap(size + more) } else { size };
    let case = Case {
        length: outer(v.get("length"), 2.0 * wall),
        width: outer(v.get("width"), 2.0 * wall),
        height: outer(v.get("height"), floor + lid),
        wall,
        floor,
        corner_radius: v.get("corner_radius"),
        lid,
        lip: v.get("lip_height"),
        screw: v.get("screw_diameter"),
        screw_depth: v.get("screw_depth"),
        countersunk: v.choice("screw_head") == "countersunk",
        clearance: v.clearance,
    };
    case.check()?;
    let standoffs = standoffs(v, &case)?;
    let mut steps = case.shell();
    let (d, high) = (v.get("standoff_diameter"), v.get("standoff_height"));
    // They reach into the floor, and their holes end inside it.
    steps
        .extend(standoffs.iter().map(|[x, y]| add(cylinder(d, [*x, *y, snap(floor / 2.0)], snap(floor / 2.0 + high)))));
    steps.extend(case.pilot_holes());
    let pilot = pilot_hole(v.get("board_screw_diameter"));
    let from = snap(0.7 * floor);
    steps.extend(standoffs.iter().map(|[x, y]| cut(cylinder(pilot, [*x, *y, from], floor + high + BEYOND - from))));
    steps.extend(vents(v, &case)?);
    steps.extend(cable_hole(v, &case)?);
    let mut body = Body::single("enclosure", [case.length, case.width, case.height], steps);
    body.pieces.push(case.lid_piece());
    body.hollow = Some(Hollow { wall, floor, lid });
    Ok(body)
}

/// Where the standoffs are; none unless both spacings are said.
fn standoffs(v: &Values, case: &Case) -> Result<Vec<[f64; 2]>, Invalid> {
    let (along, across) = match (v.find("board_hole_length"), v.find("board_hole_width")) {
        (Some(along), Some(across)) => (along / 2.0, across / 2.0),
        (None, None) => return Ok(Vec::new()),
        (Some(_), None) => {
            return Err(Invalid::new("", "board_hole_width", "is missing: say both spacings of the board's holes"));
        }
        (None, Some(_)) => {
            return Err(Invalid::new("", "board_hole_length", "is missing: say both spacings of the board's holes"));
        }
    };
    let (r, high) = (v.get("standoff_diameter") / 2.0, v.get("standoff_height"));
    let pilot = pilot_hole(v.get("board_screw_diameter"));
    require(pilot + 0.8 <= 2.0 * r, "standoff_diameter", || {
        format!("of {} leaves no wall about a hole of {}; use {} or more", mm(2.0 * r), mm(pilot), mm(pilot + 0.8))
    })?;
    let inside = case.rim() - case.floor;
    require(high < inside - 0.5, "standoff_height", || {
        format!("of {} fills the inside's height of {}", mm(high), mm(inside))
    })?;
    let [ix, iy] = case.inside();
    for (half, room, name) in [(along, ix, "board_hole_length"), (across, iy, "board_hole_width")] {
        require(half + r + 0.3 <= room, name, || {
            format!("of {} puts standoffs into the walls; use at most {}", mm(2.0 * half), mm(2.0 * (room - r - 0.3)))
        })?;
        require(half > r + 0.1, name, || {
            format!(
                "of {} makes standoffs of {} touch; use more than {}",
                mm(2.0 * half),
                mm(2.0 * r),
                mm(2.0 * r + 0.2)
            )
        })?;
    }
    let [cx, cy] = case.screws_at();
    require((cx - along).hypot(cy - across) > case.boss_radius() + r + 0.2, "board_hole_length", || {
        format!("of {} puts standoffs into the lid's screw bosses; use a larger case", mm(2.0 * along))
    })?;
    let at = |x: f64, y: f64| [snap(x), snap(y)];
    Ok(vec![at(along, across), at(-along, across), at(-along, -across), at(along, -across)])
}

/// How far a cut through a wall reaches inwards: less than the standoffs' distance from it.
const INWARDS: f64 = 0.2;

fn vents(v: &Values, case: &Case) -> Result<Vec<Step>, Invalid> {
    let (n, width, height) = (v.get("vent_count") as usize, v.get("vent_width"), v.get("vent_height"));
    if n == 0 {
        return Ok(Vec::new());
    }
    let inside = case.rim() - case.floor;
    require(height <= inside - 1.0 && height > width + 0.1, "vent_height", || {
        format!("of {} must be more than the slots' width and at most {}", mm(height), mm(inside - 1.0))
    })?;
    let sides = v.choice("vent_sides");
    let middle = snap(case.floor + inside / 2.0);
    let [cx, cy] = case.screws_at();
    let keep = case.boss_radius() + 0.5;
    let mut steps = Vec::new();
    // Offsets along a wall whose screws are `corner` from its middle.
    let row = |corner: f64| -> Result<Vec<f64>, Invalid> {
        let (pitch, room) = (2.0 * width, 2.0 * (corner - keep));
        let fit = ((room - width) / pitch + 1.0).floor().max(0.0);
        require(n as f64 <= fit, "vent_count", || {
            format!("of {n} slots of {} does not fit between the screws; use at most {fit}", mm(width))
        })?;
        Ok((0..n).map(|i| snap(pitch * (i as f64 - (n as f64 - 1.0) / 2.0))).collect())
    };
    let slot = |origin: [f64; 3], z: [f64; 3]| {
        let profile = Profile { outer: Contour::Slot { centre: [0.0; 2], length: height, width }, holes: Vec::new() };
        let shape = Shape::Extrusion { profile, height: snap(case.wall + BEYOND + INWARDS) };
        cut(Solid { shape, frame: Frame { origin: origin.map(snap), x: [0.0, 0.0, 1.0], z } })
    };
    let (x, y) = (case.length / 2.0 + BEYOND, case.width / 2.0 + BEYOND);
    if sides != "front_back" {
        for u in row(cy)? {
            steps.push(slot([-x, u, middle], [1.0, 0.0, 0.0]));
            steps.push(slot([x, u, middle], [-1.0, 0.0, 0.0]));
        }
    }
    if sides != "left_right" {
        require(v.find("cable_hole_diameter").is_none(), "vent_sides", || {
            "puts slots where the cable's hole is, in the back; vent the left and right walls".to_owned()
        })?;
        for u in row(cx)? {
            steps.push(slot([u, -y, middle], [0.0, 1.0, 0.0]));
            steps.push(slot([u, y, middle], [0.0, -1.0, 0.0]));
        }
    }
    Ok(steps)
}

/// In the middle of the back wall.
fn cable_hole(v: &Values, case: &Case) -> Result<Option<Step>, Invalid> {
    let Some(d) = v.find("cable_hole_diameter") else { return Ok(None) };
    let inside = case.rim() - case.floor;
    let room = (inside - 1.0).min(2.0 * (case.screws_at()[0] - case.boss_radius()));
    require(d <= room, "cable_hole_diameter", || {
        format!("of {} does not fit in the back wall; use at most {}", mm(d), mm(room.max(0.0)))
    })?;
    let start = [0.0, case.width / 2.0 - case.wall - INWARDS, case.floor + inside / 2.0];
    Ok(Some(cut(rod_along_y(d, start, case.wall + INWARDS + BEYOND))))
}
