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
    /// The middle of the underside of its bounding box; the origin unless it was drawn elsewhere or mirrored.
    #[serde(default, skip_serializing_if = "at_origin")]
    pub base: [f64; 3],
    /// Thickness of what closes a hollow body above; 0 when it is open there or has a lid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub roof: f64,
}

fn at_origin(base: &[f64; 3]) -> bool {
    *base == [0.0; 3]
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
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
        Body { pieces: vec![piece], size, round: false, hollow: None, side: Vec::new(), base: [0.0; 3], roof: 0.0 }
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
    Fillet {
        edges: Edges,
        radius: f64,
    },
    Chamfer {
        edges: Edges,
        distance: f64,
    },
    /// Hollows the body so far: its faces of the `open` sides are taken away and walls of this thickness stay inside the
    /// rest. With no side open it encloses a void.
    Shell {
        open: Vec<Side>,
        thickness: f64,
    },
    /// Adds the body's mirror image in the plane through `origin` with this unit normal; with `replace` only the image stays.
    Mirror {
        origin: [f64; 3],
        normal: [f64; 3],
        replace: bool,
    },
}

/// A side of a body's bounding box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Top,
    Bottom,
    Left,
    Right,
    Front,
    Back,
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
    /// An extrusion whose walls lean inwards by `draft` degrees (outwards when negative) and whose top is turned by `twist`
    /// degrees counter-clockwise against its bottom, evenly over the height.
    Drafted {
        profile: Profile,
        height: f64,
        draft: f64,
        twist: f64,
    },
    /// A profile moved along a path, square to it at its start: the profile's x stays level (or along +X on an upright path).
    Sweep {
        profile: Profile,
        path: SpacePath,
    },
    /// A profile moved along a helix about z that starts at `[radius, 0, 0]`: the profile's x points away from the axis, its
    /// y along +z. Counter-clockwise going up, unless left-handed.
    Coil {
        profile: Profile,
        radius: f64,
        pitch: f64,
        turns: f64,
        left_handed: bool,
    },
    /// The skin between outlines at rising heights above the frame's origin; straight between each two when `ruled`, smooth
    /// through all otherwise.
    Loft {
        sections: Vec<Section>,
        ruled: bool,
    },
    /// ISO 68-1 metric thread profile about z from z = 0 up: an external one is the whole threaded rod, an internal one is
    /// the tool that cuts the hole. `diameter` is the nominal (major) one; `clearance` is taken off (external) or added to
    /// (internal) every radius.
    Thread {
        diameter: f64,
        pitch: f64,
        length: f64,
        internal: bool,
        left_handed: bool,
        clearance: f64,
    },
    /// A body that somebody brought, by the BLAKE3 hash of its file in lower-case hexadecimal, scaled evenly about its origin.
    Imported {
        hash: String,
        scale: f64,
    },
}

/// Lines and arcs in space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpacePath {
    pub start: [f64; 3],
    pub segments: Vec<SpaceSegment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpaceSegment {
    Line {
        to: [f64; 3],
    },
    /// A circular arc through `via`.
    Arc {
        via: [f64; 3],
        to: [f64; 3],
    },
}

/// One outline of a loft, level at `z`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub contour: Contour,
    pub z: f64,
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
    Ellipse {
        centre: [f64; 2],
        /// Whole axes along x and y.
        size: [f64; 2],
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Straight edges parallel to X (0), Y (1) or Z (2).
    Parallel(u8),
    /// The outline of the flat face on this side of the body.
    Outline(Side),
    /// Every edge between a face that this operation made and a face that it did not, by the kernel's provenance: the rim of
    /// a hole, the foot of a boss.
    Seam(String),
}

/// A rectangle with corners of radius `r`, more than 0: where it starts, and its lines and arcs counter-clockwise. Sides of
/// no length are left out, as a slot's ends have them.
pub fn rounded_rectangle([x, y]: [f64; 2], [w, h]: [f64; 2], r: f64) -> ([f64; 2], Vec<Segment>) {
    let (a, b) = (w / 2.0, h / 2.0);
    let k = r * (1.0 - std::f64::consts::FRAC_1_SQRT_2);
    let line = |dx: f64, dy: f64| Segment::Line { to: [x + dx, y + dy] };
    let arc = |via: [f64; 2], to: [f64; 2]| Segment::Arc { via: [x + via[0], y + via[1]], to: [x + to[0], y + to[1]] };
    let mut segments = vec![
        line(a - r, -b),
        arc([a - k, -b + k], [a, -b + r]),
        line(a, b - r),
        arc([a - k, b - k], [a - r, b]),
        line(-a + r, b),
        arc([-a + k, b - k], [-a, b - r]),
        line(-a, -b + r),
        arc([-a + k, -b + k], [-a + r, -b]),
    ];
    let start = [x - a + r, y - b];
    let mut from = start;
    segments.retain(|segment| {
        let (Segment::Line { to } | Segment::Arc { to, .. }) = *segment;
        let keep = (to[0] - from[0]).hypot(to[1] - from[1]) > 1e-6;
        from = to;
        keep
    });
    (start, segments)
}

impl Frame {
    pub const WORLD: Frame = Frame { origin: [0.0; 3], x: [1.0, 0.0, 0.0], z: [0.0, 0.0, 1.0] };

    pub fn at(origin: [f64; 3]) -> Frame {
        Frame { origin, ..Frame::WORLD }
    }
}
