//! A screw with a hexagon, socket or countersunk head, or a threaded rod without one.

use super::{kit::*, thread};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Step},
    standards,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "bolt",
    role: Role::Body,
    meaning: "A screw by its size and length, standing on its head: hexagon (ISO 4017), socket (ISO 4762), countersunk (ISO 10642) or none.",
    parameters: &[
        thread::diameter(200.0),
        thread::PITCH,
        length(
            "length",
            Default::Rule("the size's, as in M8x40, or five diameters", |v| {
                let said = v.choice("size").parse::<standards::Size>().ok().and_then(|size| size.length());
                said.unwrap_or(snap(v.get("diameter") * 5.0))
            }),
            SIZE,
            "length under the head; of a countersunk screw and a rod the whole length",
        ),
        length(
            "thread_length",
            Default::Rule("the whole length", |v| v.get("length")),
            SIZE,
            "length of the thread, from the end",
        ),
        length(
            "head_width",
            Default::Rule("by the head's standard", head_width),
            SIZE,
            "head's diameter, or width across flats",
        ),
        length("head_height", Default::Rule("by the head's standard", head_height), WALL, "height of the head"),
        length(
            "socket",
            Default::Rule("by the head's standard; 0 for hexagon heads", socket),
            (0.0, 200.0),
            "width across flats of the hexagon socket; 0 for none",
        ),
        length(
            "socket_depth",
            Default::Rule("half the head's height, a third of the diameter when countersunk", |v| {
                let share = if v.choice("head") == "countersunk" {
                    v.get("diameter") / 3.0
                } else {
                    v.get("head_height") / 2.0
                };
                snap(share)
            }),
            WALL,
            "depth of the socket",
        ),
    ],
    choices: &[
        Choice { name: "size", options: &[], default: Some("M8") },
        Choice { name: "head", options: &["hex", "socket", "countersunk", "none"], default: Some("hex") },
        thread::REPRESENTATION,
    ],
    size_order: &["diameter", "length"],
    build: Build::Body(build),
};

fn head_width(v: &Values) -> f64 {
    let size = thread::size_of(v);
    let width = match v.choice("head") {
        "hex" => size.and_then(|size| standards::hex_head(&size)).map(|head| head.across_flats),
        "socket" => size.and_then(|size| standards::cap_head(&size)).map(|head| head.diameter),
        _ => size.and_then(|size| standards::countersunk_head(&size)).map(|head| head.diameter),
    };
    let share = if v.choice("head") == "countersunk" { 2.0 } else { 1.6 };
    width.unwrap_or(snap(v.get("diameter") * share))
}

fn head_height(v: &Values) -> f64 {
    let size = thread::size_of(v);
    let (height, share) = match v.choice("head") {
        "hex" => (size.and_then(|size| standards::hex_head(&size)).map(|head| head.height), 0.65),
        "socket" => (size.and_then(|size| standards::cap_head(&size)).map(|head| head.height), 1.0),
        // The cone down to the thread's diameter.
        _ => {
            let angle = size.and_then(|size| standards::countersunk_head(&size)).map_or(90.0, |head| head.angle);
            let cone = (v.get("head_width") - v.get("diameter")) / 2.0 / (angle / 2.0).to_radians().tan();
            (Some(snap(cone.max(WALL.0))), 0.5)
        }
    };
    height.unwrap_or(snap(v.get("diameter") * share))
}

fn socket(v: &Values) -> f64 {
    let size = thread::size_of(v);
    match v.choice("head") {
        "socket" => {
            let socket = size.and_then(|size| standards::cap_head(&size)).map(|head| head.socket);
            socket.unwrap_or(snap(v.get("diameter") * 0.75))
        }
        "countersunk" => snap(v.get("diameter") * 0.6),
        _ => 0.0,
    }
}

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, pitch, length, threaded) = (v.get("diameter"), v.get("pitch"), v.get("length"), v.get("thread_length"));
    let (width, height, head) = (v.get("head_width"), v.get("head_height"), v.choice("head"));
    thread::readable(v)?;
    thread::pitch_fits(d, pitch, threaded)?;
    require(threaded <= length, "thread_length", || {
        format!("of {} is more than the length of {}", mm(threaded), mm(length))
    })?;
    // A countersunk screw is measured over its head.
    let (seat, end) = match head {
        "none" => (0.0, length),
        "countersunk" => (height, length),
        _ => (height, height + length),
    };
    require(seat < end - pitch, "length", || {
        format!("of {} leaves no thread; use more than {}", mm(length), mm(seat + pitch))
    })?;
    if head != "none" {
        require(width > d + 0.1, "head_width", || {
            format!("of {} is no wider than the thread of {}", mm(width), mm(d))
        })?;
    }
    let mut steps = shank(v, seat, end);
    // A printed thread is narrower than its size by its clearance.
    let modelled = v.choice("representation") == "modelled";
    let rod = if modelled { snap(d - 2.0 * thread::clearance(v.clearance, pitch)) } else { d };
    let mut size = [rod, rod, end];
    match head {
        "hex" => {
            steps.push(add(extrude(thread::hexagon(width), vec![], 0.0, height)));
            size = [thread::across_corners(width), width, end];
        }
        "socket" => {
            steps.push(add(cylinder(width, [0.0; 3], height)));
            size = [width, width, end];
        }
        "countersunk" => {
            // The cone goes on into the shank, so that the two meet in a circle.
            let slope = (width - d) / 2.0 / height;
            let inside = (0.2 * d / slope).min((end - height) / 2.0);
            let top = snap(height + inside);
            let points = vec![[0.0, 0.0], [width / 2.0, 0.0], [snap(d / 2.0 - slope * inside), top], [0.0, top]];
            steps.push(add(revolve(Contour::Polygon { points })));
            size = [width, width, end];
        }
        _ => steps.push(cut(thread::rod_lead_in(d, pitch, 0.0, false))),
    }
    steps.push(cut(thread::rod_lead_in(d, pitch, end, true)));
    let (socket, depth) = (v.get("socket"), v.get("socket_depth"));
    if socket > 0.0 && head != "none" {
        let widest = if head == "hex" { width } else { snap(width * 0.866) };
        require(socket < widest - 0.8, "socket", || {
            format!("of {} leaves no wall in a head of {}; use less than {}", mm(socket), mm(width), mm(widest - 0.8))
        })?;
        require(depth < end - 0.4 && (head == "countersunk" || depth < height - 0.2), "socket_depth", || {
            format!("of {} goes through the head; use less than {}", mm(depth), mm(height - 0.2))
        })?;
        if head == "countersunk" {
            let core = thread::root(d, pitch) - 2.0 * thread::clearance(v.clearance, pitch);
            require(socket / 0.866 < core - 0.4 || depth < height - 0.4, "socket", || {
                format!("of {} cuts the neck; use less than {}", mm(socket), mm((core - 0.4) * 0.866))
            })?;
        }
        steps.push(cut(extrude(thread::hexagon(socket), vec![], -BEYOND, depth + BEYOND)));
    }
    let mut body = Body::single("bolt", size, steps);
    body.round = matches!(head, "socket" | "none" | "countersunk");
    Ok(body)
}

/// The shank from inside the head to the end: plain down to the thread, at the thread's pitch diameter.
fn shank(v: &Values, seat: f64, end: f64) -> Vec<Step> {
    let (d, pitch) = (v.get("diameter"), v.get("pitch"));
    let from = snap(seat / 2.0);
    if v.choice("representation") != "modelled" {
        return vec![add(cylinder(d, [0.0, 0.0, from], end - from))];
    }
    let clearance = thread::clearance(v.clearance, pitch);
    let start = end - v.get("thread_length");
    if start <= seat + pitch {
        return vec![add(thread::external(d, pitch, from, end - from, clearance))];
    }
    // Thin shanks are as wide as the thread's flanks on average: d2 of ISO 724.
    let plain = snap(d - 0.649_519 * pitch - 2.0 * clearance);
    vec![
        add(thread::external(d, pitch, start, end - start, clearance)),
        add(cylinder(plain, [0.0, 0.0, from], start + pitch - from)),
    ]
}
