//! Sketches and paths: the typed profiles that extrude, revolve, sweep and loft work on.
//!
//! A sketch lies in its operation's plane; lengths are millimetres, angles degrees counter-clockwise.

use serde::{Deserialize, Serialize};

use crate::{MAX_PLACES, Placement, Position, Quantity};

/// A closed outline less its holes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    pub outline: Outline,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Outline>,
    /// Height of this outline above the first, in a loft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Quantity>,
}

/// One closed outline: a shape, moved and turned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    pub shape: Figure,
    /// Where its centre lies (a path's or a polygon's own origin); absent means 0, 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<Point>,
    /// Turned about its centre by so many degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Quantity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: Quantity,
    pub y: Quantity,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Figure {
    Rectangle {
        length: Quantity,
        width: Quantity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corner_radius: Option<Quantity>,
    },
    Circle {
        diameter: Quantity,
    },
    Ellipse {
        length: Quantity,
        width: Quantity,
    },
    /// Two half circles and the lines between them: overall length and width.
    Slot {
        length: Quantity,
        width: Quantity,
    },
    /// 3 to 64 equal sides; the size is across flats when `across_flats`, else across corners.
    RegularPolygon {
        sides: Quantity,
        size: Quantity,
        #[serde(default)]
        across_flats: bool,
    },
    /// 3 to 500 points.
    Polygon {
        points: Vec<Point>,
    },
    /// Lines and arcs; the last one ends where the first began. At most 500.
    Path {
        start: Point,
        segments: Vec<Stroke>,
    },
    /// Involute spur gear, ISO 53 basic rack.
    Gear {
        teeth: Quantity,
        module: Quantity,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pressure_angle: Option<Quantity>,
    },
    /// At most 60 characters in the embedded font; `height` is the capital height.
    Text {
        text: String,
        height: Quantity,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Stroke {
    Line {
        to: Point,
    },
    /// A circular arc through `via`.
    Arc {
        via: Point,
        to: Point,
    },
}

/// What a sweep follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Path {
    /// Lines and arcs in space, at most 100.
    Strokes { start: SpacePoint, segments: Vec<SpaceStroke> },
    /// About the operation's z axis; the profile's x points away from the axis.
    Helix {
        diameter: Quantity,
        pitch: Quantity,
        turns: Quantity,
        #[serde(default)]
        left_handed: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpacePoint {
    pub x: Quantity,
    pub y: Quantity,
    pub z: Quantity,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SpaceStroke {
    Line { to: SpacePoint },
    Arc { via: SpacePoint, to: SpacePoint },
}

/// Most holes of one sketch.
pub const MAX_HOLES: usize = 400;
/// Most points of a polygon and segments of an outline.
pub const MAX_POINTS: usize = 500;
/// Most points and segments of all polygons and outlines of one sketch together: every two of them are compared.
pub const MAX_DRAWN: usize = 1000;
/// Most segments of a path in space.
pub const MAX_SEGMENTS: usize = 100;
/// Longest text of a sketch, characters.
pub const MAX_TEXT: usize = 60;

/// What there is too much of, how much, and how much there may be.
pub(crate) type TooMuch = (&'static str, usize, usize);

fn over(what: &'static str, count: usize, most: usize) -> Option<TooMuch> {
    (count > most).then_some((what, count, most))
}

impl Sketch {
    pub(crate) fn too_much(&self) -> Option<TooMuch> {
        let outlines = std::iter::once(&self.outline).chain(&self.holes);
        over("a sketch's holes are", self.holes.len(), MAX_HOLES)
            .or_else(|| outlines.filter_map(|outline| outline.shape.too_much()).next())
            .or_else(|| over("a sketch's points and segments are", self.drawn(), MAX_DRAWN))
    }

    pub(crate) fn drawn(&self) -> usize {
        let outlines = std::iter::once(&self.outline).chain(&self.holes);
        let points = outlines.map(|outline| match &outline.shape {
            Figure::Polygon { points } => points.len(),
            Figure::Path { segments, .. } => segments.len(),
            _ => 0,
        });
        points.sum()
    }
}

impl Figure {
    fn too_much(&self) -> Option<TooMuch> {
        match self {
            Figure::Polygon { points } => over("a polygon's points are", points.len(), MAX_POINTS),
            Figure::Path { segments, .. } => over("an outline's segments are", segments.len(), MAX_POINTS),
            Figure::Text { text, .. } => over("a text's letters are", text.chars().count(), MAX_TEXT),
            _ => None,
        }
    }
}

impl Path {
    pub(crate) fn too_much(&self) -> Option<TooMuch> {
        match self {
            Path::Strokes { segments, .. } => over("a path's segments are", segments.len(), MAX_SEGMENTS),
            Path::Helix { .. } => None,
        }
    }
}

impl Placement {
    pub(crate) fn too_much(&self) -> Option<TooMuch> {
        match &self.position {
            Position::Points { points } => over("a placement's points are", points.len(), MAX_PLACES),
            _ => None,
        }
    }
}
