//! A drilled hole or a pattern of them: through, blind, for a screw's head, for a nut, tapped, or for a melted-in insert.

use super::{kit::*, place, thread};
use crate::{
    Invalid, Operation, Source,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body, Contour, Profile, Shape, Solid},
    standards::{self, ClearanceFit, Size},
};

const DEPTH: &str = "twice the diameter, or what the insert needs; used by blind holes";
const HEAD_DIAMETER: &str = "the screw's by its standard, or twice the diameter; used by screw heads";
const HEAD_DEPTH: &str = "the screw's by its standard, or the diameter; used by counterbores";

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hole",
    role: Role::Modifier,
    meaning: "A hole, or several by its placement; in the middle of the top unless placed. In the side of a hollow body it goes through one wall.",
    parameters: &[
        length(
            "diameter",
            Default::EssentialUnless("the named screw's hole by its standard", |v| {
                let fit = ClearanceFit::named(v.choice("fit"))?;
                standards::hole_diameter(v.choice("kind"), &screw(v)?, fit)
            }),
            HOLE,
            "diameter; of a threaded hole that of the thread",
        ),
        length("depth", Default::Rule(DEPTH, depth), HOLE, "depth of a blind or threaded hole, to its full width"),
        length(
            "head_diameter",
            Default::Rule(HEAD_DIAMETER, head_diameter),
            HOLE,
            "diameter of the counterbore, countersink or spotface; width across flats of a nut's pocket",
        ),
        length(
            "head_depth",
            Default::Rule(HEAD_DEPTH, head_depth),
            HOLE,
            "depth of the counterbore, spotface or nut's pocket",
        ),
        angle(
            "countersink_angle",
            Default::Rule("90 degrees, 82 for an inch screw", |v| {
                screw(v).and_then(|size| standards::countersunk_head(&size)).map_or(90.0, |head| head.angle)
            }),
            (30.0, 150.0),
            "included angle of the countersink",
        ),
        length(
            "pitch",
            Default::Rule("the screw's, or the coarse pitch of the diameter (ISO 261)", |v| {
                screw(v).map_or_else(|| standards::coarse_pitch(v.get("diameter")), |size| size.pitch())
            }),
            (0.2, 10.0),
            "pitch of the thread",
        ),
        length(
            "thread_depth",
            Default::Absent,
            HOLE,
            "depth of the full thread; a threaded hole without this and without a depth goes through",
        ),
    ],
    choices: &[
        Choice {
            name: "kind",
            options: &["through", "blind", "counterbore", "countersink", "spotface", "nut", "threaded", "insert"],
            default: Some("through"),
        },
        Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") },
        // A size such as M6, M8x1 or 1/4-20.
        Choice { name: "screw", options: &[], default: Some("") },
        Choice { name: "fit", options: &["close", "normal", "loose"], default: Some("normal") },
        Choice { name: "bottom", options: &["flat", "conical"], default: Some("flat") },
        Choice { name: "representation", options: &["modelled", "cosmetic"], default: Some("cosmetic") },
    ],
    size_order: &["diameter", "depth"],
    build: Build::Modifier(build),
};

fn screw(v: &Values) -> Option<Size> {
    v.choice("screw").parse().ok()
}

fn depth(v: &Values) -> f64 {
    let insert = screw(v).and_then(|size| standards::insert(&size)).filter(|_| v.choice("kind") == "insert");
    // Room below the insert for the plastic that it pushes down.
    insert.map_or(v.get("diameter") * 2.0, |insert| insert.length + 1.0)
}

/// What the standards say about the screw's head in this kind of hole: diameter and depth.
fn standard_head(v: &Values) -> Option<[f64; 2]> {
    let size = screw(v)?;
    match v.choice("kind") {
        "counterbore" => standards::cap_head(&size).map(|head| [head.counterbore_diameter, head.counterbore_depth]),
        "countersink" => standards::countersunk_head(&size).map(|head| [head.diameter, 0.0]),
        // Held by its flats, with the fit's gap.
        "nut" => standards::hex_nut(&size).map(|nut| [snap(nut.across_flats + 2.0 * v.clearance), nut.height]),
        // A level seat for the washer, a millimetre wider than it.
        "spotface" => standards::washer(&size).map(|washer| [washer.outer_diameter + 1.0, 0.5]),
        _ => None,
    }
}

fn head_diameter(v: &Values) -> f64 {
    standard_head(v).map_or(v.get("diameter") * 2.0, |[diameter, _]| diameter)
}

fn head_depth(v: &Values) -> f64 {
    let plain = if v.choice("kind") == "spotface" { 0.5 } else { v.get("diameter") };
    standard_head(v).map_or(plain, |[_, depth]| depth).max(HOLE.0)
}

/// Whether a value is the rule's own, not one that somebody gave.
fn by_rule(v: &Values, name: &str, text: &str) -> bool {
    v.quantities.get(name).is_none_or(|q| matches!(&q.source, Source::Derived { rule } if rule == text))
}

/// A hole's numbers after its choices are understood.
struct Hole<'a> {
    kind: &'a str,
    diameter: f64,
    head: f64,
    head_depth: f64,
    /// Depth of the countersink's cone down to the diameter.
    cone: f64,
    /// Depth to the full width; `None` goes through.
    depth: Option<f64>,
    /// Height of the drill's point below that.
    point: f64,
    thread: Option<Tapped>,
}

struct Tapped {
    diameter: f64,
    pitch: f64,
    clearance: f64,
    /// `None` as deep as the hole.
    depth: Option<f64>,
}

impl Hole<'_> {
    fn widest(&self) -> f64 {
        let thread = self.thread.as_ref().map_or(0.0, |t| t.diameter + 2.0 * t.clearance);
        let head = match self.kind {
            "counterbore" | "countersink" | "spotface" => self.head,
            "nut" => thread::across_corners(self.head),
            _ => 0.0,
        };
        self.diameter.max(head).max(thread)
    }
}

fn understand(v: &Values) -> Result<Hole<'_>, Invalid> {
    let (kind, said) = (v.choice("kind"), v.choice("screw"));
    let size = match said {
        "" => None,
        text => Some(text.parse::<Size>().map_err(|error| Invalid::new("", "screw", error.to_string()))?),
    };
    let (d, pitch) = (v.get("diameter"), v.get("pitch"));
    let (head, head_depth) = (v.get("head_diameter"), v.get("head_depth"));
    let headed = matches!(kind, "counterbore" | "countersink" | "spotface" | "nut");
    if let Some(size) = size.as_ref().filter(|_| headed && by_rule(v, "head_diameter", HEAD_DIAMETER)) {
        require(standard_head(v).is_some(), "screw", || {
            format!("{size} has no head for a {kind} in the standards; say the head's diameter and depth")
        })?;
    }
    require(!headed || head > d, "head_diameter", || {
        format!("of {} is not wider than the hole of {}", mm(head), mm(d))
    })?;
    let mut hole = Hole {
        kind,
        diameter: d,
        head,
        head_depth,
        cone: snap((head - d) / 2.0 / (v.get("countersink_angle") / 2.0).to_radians().tan()),
        depth: matches!(kind, "blind" | "insert").then(|| v.get("depth")),
        point: 0.0,
        thread: None,
    };
    if kind == "threaded" {
        require(pitch < d / 2.0, "pitch", || {
            format!("of {} is too coarse for a thread of {}; use less than {}", mm(pitch), mm(d), mm(d / 2.0))
        })?;
        let said_depth = (!by_rule(v, "depth", DEPTH)).then(|| v.get("depth"));
        let full = v.find("thread_depth");
        // A tap does not cut its last threads in full: the drill goes three pitches deeper.
        hole.depth = said_depth.or_else(|| full.map(|full| snap(full + 3.0 * pitch)));
        if let (Some(depth), Some(full)) = (hole.depth, full) {
            require(full <= depth, "thread_depth", || {
                format!("of {} is more than the hole's depth of {}", mm(full), mm(depth))
            })?;
        }
        let table = size.filter(|size| size.diameter() == d && size.pitch() == pitch);
        hole.diameter = table.map_or(snap(d - pitch), |size| standards::thread(&size).tap_drill);
        if v.choice("representation") == "modelled" {
            let clearance = thread::clearance(v.clearance, pitch);
            hole.thread = Some(Tapped { diameter: d, pitch, clearance, depth: full.or(hole.depth) });
        }
    }
    if hole.depth.is_some() && kind != "insert" && v.choice("bottom") == "conical" {
        // The point of a twist drill, 118 degrees.
        hole.point = snap(hole.diameter / 2.0 / 59_f64.to_radians().tan());
    }
    Ok(hole)
}

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let hole = understand(v)?;
    let widest = hole.widest();
    let passes = hole.depth.is_none() && matches!(hole.kind, "through" | "threaded");
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    // A hole that only touches an edge leaves a wall of no thickness.
    let mut sites = place::sites(operation, body, index, [widest / 2.0 + EDGE; 2])?;
    if passes && body.hollow.is_none() {
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
        let before = beyond(body, widest) + if passes { above(body, index) } else { 0.0 };
        let tools = tools(&hole, &site, before)?;
        body.pieces[index].steps.extend(tools.into_iter().map(cut));
    }
    Ok(())
}

/// What is cut away at one place; `before` is how far above the surface it begins.
fn tools(hole: &Hole<'_>, site: &place::Site, before: f64) -> Result<Vec<Solid>, Invalid> {
    let (d, head, through) = (hole.diameter, hole.head, site.through + BEYOND);
    if let Some(depth) = hole.depth {
        require(depth + hole.point < site.thickness, "depth", || {
            let most = mm(site.thickness - hole.point);
            format!("of {} goes through; use less than {most} or a through hole", mm(depth))
        })?;
    }
    let deep = hole.depth.unwrap_or(through);
    let stepped = |depth: f64, knee: f64| {
        vec![[0.0, -before], [head / 2.0, -before], [head / 2.0, depth], [d / 2.0, knee], [d / 2.0, deep], [0.0, deep]]
    };
    let drilled = match hole.kind {
        "counterbore" | "spotface" | "nut" => {
            require(hole.head_depth < site.thickness, "head_depth", || {
                format!("of {} goes through; use less than {}", mm(hole.head_depth), mm(site.thickness))
            })?;
            if hole.kind == "nut" {
                let profile = Profile { outer: thread::hexagon(head), holes: Vec::new() };
                let pocket = Shape::Extrusion { profile, height: hole.head_depth + before };
                // The bore starts inside the pocket, so that no two of their faces coincide.
                let inside = hole.head_depth / 2.0;
                let bore = Shape::Cylinder { diameter: d, height: deep - inside };
                let [pocket, bore] = [(pocket, before), (bore, -inside)];
                let placed = |(shape, before)| Solid { shape, frame: site.inward(before) };
                return Ok(vec![placed(pocket), placed(bore)]);
            }
            revolved(stepped(hole.head_depth, hole.head_depth), site)
        }
        "countersink" => {
            require(hole.cone < site.thickness, "head_diameter", || {
                format!("of {} makes the countersink deeper than the part", mm(head))
            })?;
            revolved(stepped(0.0, hole.cone), site)
        }
        _ if hole.point > 0.0 => {
            let points = vec![[0.0, -before], [d / 2.0, -before], [d / 2.0, deep], [0.0, snap(deep + hole.point)]];
            revolved(points, site)
        }
        _ => Solid { shape: Shape::Cylinder { diameter: d, height: deep + before }, frame: site.inward(before) },
    };
    let Some(tapped) = &hole.thread else { return Ok(vec![drilled]) };
    let length = tapped.depth.unwrap_or(through) + before;
    thread::pitch_fits(tapped.diameter, tapped.pitch, length)?;
    let shape = Shape::Thread {
        diameter: tapped.diameter,
        pitch: tapped.pitch,
        length,
        internal: true,
        left_handed: false,
        clearance: tapped.clearance,
    };
    let thread = Solid { shape, frame: site.inward(before) };
    // The thread's own core is wider than the drill: only a deeper drill shows.
    let deeper = hole.depth.is_some_and(|depth| depth + hole.point > tapped.depth.unwrap_or(depth));
    Ok(if deeper { vec![thread, drilled] } else { vec![thread] })
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
