//! The small solid-modelling vocabulary that a feature history is lowered to: plain numbers, no words, no defaults.
//!
//! Millimetres and degrees. A body stands in use on z = 0, centred on the Z axis unless its family says otherwise.

use serde::{Deserialize, Serialize};

/// What a history lowers to: pieces printed side by side (a box and its lid), each its own solid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub pieces: Vec<Piece>,
    /// Outer size of the assembled body along X, Y and Z, a handle aside; modifiers place themselves by it.
    pub size: [f64; 3],
    /// True when the side is round about the Z axis, so that "at 3 o'clock" means something.
    pub round: bool,
    /// Set when the body encloses a space: a through hole then goes through one wall or the floor only.
    pub hollow: Option<Hollow>,
    /// Outer radius by height of a round body that is not a plain cylinder, as `[radius, z]` from the base up.
    pub side: Vec<[f64; 2]>,
}

/// What encloses the space in a hollow body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hollow {
    /// Thickness of the walls, square to them.
    pub wall: f64,
    /// Thickness of the floor; 0 when the body is open below.
    pub floor: f64,
    /// Thickness of the lid's plate; 0 without a lid.
    pub lid: f64,
}

impl Body {
    /// A body of one piece in its print pose.
    pub fn single(name: &str, size: [f64; 3], steps: Vec<Step>) -> Body {
        let piece = Piece { name: name.to_owned(), steps, print_turns: [0, 0] };
        Body { pieces: vec![piece], size, round: false, hollow: None, side: Vec::new() }
    }

    /// How the outer radius of a round body changes with height at `z`.
    pub fn slope_at(&self, z: f64) -> f64 {
        let pair = self.side.windows(2).find(|pair| pair[1][1] >= z);
        pair.map_or(0.0, |pair| (pair[1][0] - pair[0][0]) / (pair[1][1] - pair[0][1]).max(1e-6))
    }

    /// Outer radius of a round body at height `z`, by linear interpolation of its side.
    pub fn radius_at(&self, z: f64) -> f64 {
        let above = self.side.iter().position(|p| p[1] >= z);
        match above {
            Some(0) => self.side[0][0],
            Some(i) => {
                let ([r0, z0], [r1, z1]) = (self.side[i - 1], self.side[i]);
                if z1 > z0 { r0 + (r1 - r0) * (z - z0) / (z1 - z0) } else { r1 }
            }
            None => self.side.last().map_or(self.size[0] / 2.0, |p| p[0]),
        }
    }
}

/// One solid, as steps from nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    pub name: String,
    pub steps: Vec<Step>,
    /// How the piece is turned from its place in use to its print pose: quarter turns about X then Y.
    pub print_turns: [u8; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The operation that asked for it, named in refusals.
    pub operation: String,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Add(Solid),
    Cut(Solid),
    Intersect(Solid),
    Fillet { edges: Edges, radius: f64 },
    Chamfer { edges: Edges, distance: f64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solid {
    pub shape: Shape,
    pub frame: Frame,
}

/// Where a shape's own origin and axes lie; y = z cross x.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub origin: [f64; 3],
    pub x: [f64; 3],
    pub z: [f64; 3],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Centred in x and y, from z = 0 up.
    Box {
        size: [f64; 3],
    },
    /// About z, from z = 0 up.
    Cylinder {
        diameter: f64,
        height: f64,
    },
    Cone {
        bottom: f64,
        top: f64,
        height: f64,
    },
    /// Centred on the origin.
    Sphere {
        diameter: f64,
    },
    /// About z, centred on the origin: `ring` is the diameter of the circle that the tube's centre follows.
    Torus {
        ring: f64,
        tube: f64,
    },
    /// A profile in the xy plane pushed along +z.
    Extrusion {
        profile: Profile,
        height: f64,
    },
    /// A profile whose x is the radius and whose y is z, turned about z by `angle` degrees.
    Revolution {
        profile: Profile,
        angle: f64,
    },
    /// Text, its baseline centred on the origin, `height` is the capital height.
    Text {
        text: String,
        height: f64,
        depth: f64,
    },
}

/// A closed region: one outer contour less its holes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub outer: Contour,
    pub holes: Vec<Contour>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contour {
    Rectangle {
        centre: [f64; 2],
        size: [f64; 2],
        corner_radius: f64,
    },
    Circle {
        centre: [f64; 2],
        diameter: f64,
    },
    /// A slot of overall `length` along x.
    Slot {
        centre: [f64; 2],
        length: f64,
        width: f64,
    },
    /// Counter-clockwise.
    Polygon {
        points: Vec<[f64; 2]>,
    },
    /// Lines and arcs, counter-clockwise, closed by the last segment ending on `start`.
    Path {
        start: [f64; 2],
        segments: Vec<Segment>,
    },
    /// Involute spur gear, ISO 53 basic rack.
    Gear {
        teeth: u32,
        module: f64,
        pressure_angle: f64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    Line {
        to: [f64; 2],
    },
    /// A circular arc through `via`.
    Arc {
        via: [f64; 2],
        to: [f64; 2],
    },
}

/// Edges of the body so far, by what they are rather than by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edges {
    /// Straight edges parallel to Z on the outside.
    Vertical,
    /// The outline of the top face, without the holes in it.
    Top,
    /// The outline of the bottom face, without the holes in it.
    Bottom,
    /// All of the above.
    All,
}

impl Frame {
    pub const WORLD: Frame = Frame { origin: [0.0; 3], x: [1.0, 0.0, 0.0], z: [0.0, 0.0, 1.0] };

    pub fn at(origin: [f64; 3]) -> Frame {
        Frame { origin, ..Frame::WORLD }
    }
}
