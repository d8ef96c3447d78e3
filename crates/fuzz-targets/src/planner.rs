//! The planner: any steps must be rewritten without a panic, whether or not they make a body.

use part::solid::{
    Action, Body, Contour, Edges, Frame, Piece, Profile, Section, Segment, Shape, Side, Solid, SpacePath, SpaceSegment,
    Step,
};

use crate::draw::Draw;

pub(crate) fn plan(bytes: &[u8]) {
    geometry::rehearse(&body(&mut Draw(bytes)));
}

/// A body of a few pieces of up to forty steps.
fn body(draw: &mut Draw<'_>) -> Body {
    let mut body = Body::single("piece", draw.point(), steps(draw));
    body.round = draw.flag();
    while !draw.is_empty() && body.pieces.len() < 3 {
        let name = format!("piece {}", body.pieces.len());
        body.pieces.push(Piece { name, steps: steps(draw), print_turns: [draw.byte() % 4, draw.byte() % 4] });
    }
    body
}

fn steps(draw: &mut Draw<'_>) -> Vec<Step> {
    draw.list(40, |draw| Step { operation: format!("operation-{}", draw.below(6)), action: action(draw) })
}

fn action(draw: &mut Draw<'_>) -> Action {
    match draw.below(12) {
        0..=3 => Action::Add(solid(draw)),
        4..=6 => Action::Cut(solid(draw)),
        7 => Action::Intersect(solid(draw)),
        8 => Action::Fillet { edges: edges(draw), radius: draw.number() },
        9 => Action::Chamfer { edges: edges(draw), distance: draw.number() },
        10 => Action::Shell { open: draw.list(6, side), thickness: draw.number() },
        _ => Action::Mirror { origin: draw.point(), normal: axis(draw), replace: draw.flag() },
    }
}

fn side(draw: &mut Draw<'_>) -> Side {
    [Side::Top, Side::Bottom, Side::Left, Side::Right, Side::Front, Side::Back][draw.below(6)]
}

fn edges(draw: &mut Draw<'_>) -> Edges {
    match draw.below(7) {
        0 => Edges::Vertical,
        1 => Edges::Top,
        2 => Edges::Bottom,
        3 => Edges::All,
        4 => Edges::Parallel(draw.byte() % 4),
        5 => Edges::Outline(side(draw)),
        _ => Edges::Seam(format!("operation-{}", draw.below(6))),
    }
}

fn axis(draw: &mut Draw<'_>) -> [f64; 3] {
    const AXES: [[f64; 3]; 7] = [
        [0.0, 0.0, 1.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, -1.0],
        [-1.0, 0.0, 0.0],
        [0.0, -1.0, 0.0],
        [0.6, 0.0, 0.8],
    ];
    match draw.below(8) {
        at @ 0..=6 => AXES[at],
        _ => draw.point(),
    }
}

fn solid(draw: &mut Draw<'_>) -> Solid {
    let upright = draw.below(4) > 0;
    let frame =
        if upright { Frame::at(draw.point()) } else { Frame { origin: draw.point(), x: axis(draw), z: axis(draw) } };
    Solid { shape: shape(draw), frame }
}

fn shape(draw: &mut Draw<'_>) -> Shape {
    match draw.below(16) {
        0 | 1 => Shape::Box { size: draw.point() },
        2 | 3 => Shape::Cylinder { diameter: draw.number(), height: draw.number() },
        4 => Shape::Cone { bottom: draw.number(), top: draw.number(), height: draw.number() },
        5 => Shape::Sphere { diameter: draw.number() },
        6 => Shape::Torus { ring: draw.number(), tube: draw.number() },
        7 | 8 => Shape::Extrusion { profile: profile(draw), height: draw.number() },
        9 => Shape::Revolution { profile: profile(draw), angle: draw.number() },
        10 => Shape::Text { text: format!("T{}", draw.byte()), height: draw.number(), depth: draw.number() },
        11 => {
            Shape::Drafted { profile: profile(draw), height: draw.number(), draft: draw.number(), twist: draw.number() }
        }
        12 => Shape::Sweep {
            profile: profile(draw),
            path: SpacePath {
                start: draw.point(),
                segments: draw.list(5, |draw| {
                    if draw.flag() {
                        SpaceSegment::Line { to: draw.point() }
                    } else {
                        SpaceSegment::Arc { via: draw.point(), to: draw.point() }
                    }
                }),
            },
        },
        13 => Shape::Loft {
            sections: draw.list(4, |draw| Section { contour: contour(draw), z: draw.number() }),
            ruled: draw.flag(),
        },
        14 => Shape::Thread {
            diameter: draw.number(),
            pitch: draw.number(),
            length: draw.number(),
            internal: draw.flag(),
            left_handed: draw.flag(),
            clearance: draw.number(),
        },
        _ => Shape::Coil {
            profile: profile(draw),
            radius: draw.number(),
            pitch: draw.number(),
            turns: draw.number(),
            left_handed: draw.flag(),
        },
    }
}

fn profile(draw: &mut Draw<'_>) -> Profile {
    Profile { outer: contour(draw), holes: draw.list(6, contour) }
}

fn contour(draw: &mut Draw<'_>) -> Contour {
    match draw.below(8) {
        0 | 1 => Contour::Rectangle { centre: draw.point(), size: draw.point(), corner_radius: draw.number() },
        2 | 3 => Contour::Circle { centre: draw.point(), diameter: draw.number() },
        4 => Contour::Slot { centre: draw.point(), length: draw.number(), width: draw.number() },
        5 => Contour::Ellipse { centre: draw.point(), size: draw.point() },
        6 => Contour::Polygon { points: draw.list(12, Draw::point) },
        _ if draw.flag() => Contour::Path {
            start: draw.point(),
            segments: draw.list(8, |draw| {
                if draw.flag() {
                    Segment::Line { to: draw.point() }
                } else {
                    Segment::Arc { via: draw.point(), to: draw.point() }
                }
            }),
        },
        _ => Contour::Gear { teeth: u32::from(draw.byte()), module: draw.number(), pressure_angle: draw.number() },
    }
}
