//! The feature history: operations with named parameters and a placement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Colour, Fit, Material, Path, Point, Quantity, Sketch};

/// Identifies the shape of `spec.json`; bumped when a reader of the old shape would misread the new one.
pub const SCHEMA: &str = "3dpot.part/1";

/// Unique within a part, stable over edits: "plant_pot", "hole", "hole-2".
pub type OperationId = String;

/// A whole part. Its JSON form is `spec.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub schema: String,
    /// `None` where nobody said it; quotes and slices then use PLA and say so.
    pub material: Option<Material>,
    pub colour: Option<Colour>,
    /// Copies to print, 1..=1000.
    pub quantity: u32,
    pub fit: Option<Fit>,
    /// Named values that expressions use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Variable>,
    pub features: Vec<Operation>,
}

/// A named value of the part: said, or following from others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    Value(Quantity),
    /// Sums, products, `min` and `max` of numbers and names.
    Expression(String),
}

impl Default for Part {
    fn default() -> Self {
        Part {
            schema: SCHEMA.to_owned(),
            material: None,
            colour: None,
            quantity: 1,
            fit: None,
            variables: BTreeMap::new(),
            features: Vec::new(),
        }
    }
}

/// One step of the history. `kind` names a [`crate::catalogue::Definition`]: a family such as `plant_pot` (which makes a
/// body) or an operation such as `hole` or `fillet` (which changes the body so far).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub id: OperationId,
    pub kind: String,
    /// Values by parameter name. A parameter that is absent takes its definition's default when the part is lowered;
    /// essential ones cannot be absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Quantity>,
    /// Words that are not numbers: the text of a name plate, the kind of a hole, the edges of a fillet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// Values that follow from variables and parameters, by parameter name or by path ([`Operation::value_mut`]); they win over
    /// what is said in `parameters`, `sketches`, `path` and `placement`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expressions: BTreeMap<String, String>,
    /// What sketch-based operations push, turn or move: one sketch, or two and more for a loft.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sketches: Vec<Sketch>,
    /// What a sweep moves along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
}

impl Operation {
    pub fn new(id: impl Into<OperationId>, kind: impl Into<String>) -> Operation {
        Operation { id: id.into(), kind: kind.into(), ..Operation::default() }
    }
}

/// A face of the body's bounding box as the part stands in use: +Z is up, the front looks towards -Y.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    Top,
    Bottom,
    Left,
    Right,
    Front,
    Back,
    /// The curved side of a round body; the position's angle says where.
    Side,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    pub face: Face,
    pub position: Position,
    /// An earlier operation whose own end face is meant instead of the body's: "on top of the boss". The face is then
    /// [`Face::Top`], whichever way that end looks; where the operation made several, every one is acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<OperationId>,
}

impl Placement {
    pub fn new(face: Face, position: Position) -> Placement {
        Placement { face, position, on: None }
    }

    /// On the end face of what this operation added.
    pub fn on(operation: impl Into<OperationId>, position: Position) -> Placement {
        Placement { face: Face::Top, position, on: Some(operation.into()) }
    }
}

/// Degrees counter-clockwise from +X (or +u) of a clock's hour as seen from above: 3 o'clock is 0, 12 o'clock 90.
pub fn clock_angle(hour: f64) -> f64 {
    (90.0 - 30.0 * hour).rem_euclid(360.0)
}

/// A distance along one axis of a face, from its low end (left, front, bottom), its high end (right, back, top) or its
/// middle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    pub from: AnchorFrom,
    /// Millimetres inwards from an end; from the middle towards the high end.
    pub distance: Quantity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorFrom {
    Low,
    High,
    Centre,
}

/// One of the four edges of a flat face, by the axis along which it lies low or high: on the top face `low_u` is the left
/// edge and `high_v` the back one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceEdge {
    LowU,
    HighU,
    LowV,
    HighV,
}

/// Most places that one operation may name.
pub const MAX_PLACES: usize = 400;

/// Where on a face. `u` runs along the face's width (X on top, bottom, front and back; Y on left and right), `v` along its
/// height (Y on top and bottom; Z on the others).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Position {
    Centre,
    /// Offsets from the face's centre.
    Offset {
        u: Quantity,
        v: Quantity,
    },
    /// Distances from the face's lower-left corner.
    FromCorner {
        u: Quantity,
        v: Quantity,
    },
    /// One at every corner, this far from both edges.
    Corners {
        inset: Quantity,
    },
    /// A centred grid with this pitch.
    Grid {
        columns: Quantity,
        rows: Quantity,
        pitch_u: Quantity,
        pitch_v: Quantity,
    },
    /// Evenly on a centred circle; the first at `start` degrees counter-clockwise from +u.
    Circle {
        count: Quantity,
        diameter: Quantity,
        start: Quantity,
    },
    /// A centred row along u.
    Row {
        count: Quantity,
        pitch: Quantity,
    },
    /// Each axis from its own reference: "8 mm from the right edge and 5 mm from the top".
    Anchored {
        u: Anchor,
        v: Anchor,
    },
    /// Anywhere, as offsets from the face's centre; at most [`MAX_PLACES`].
    Points {
        points: Vec<Point>,
    },
    /// By an edge of the face: `along` it from its middle towards its high end, `inset` from it inwards.
    Edge {
        edge: FaceEdge,
        along: Quantity,
        inset: Quantity,
    },
    /// On the side of a round body: `angle` degrees counter-clockwise from +X seen from above, `height` above the base.
    Around {
        angle: Quantity,
        height: Quantity,
    },
}

impl Part {
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.features.iter().find(|operation| operation.id == id)
    }

    /// An id for a new operation of this kind: the kind itself, then `kind-2`, `kind-3` ...
    pub fn fresh_id(&self, kind: &str) -> OperationId {
        let taken = |id: &str| self.operation(id).is_some();
        if !taken(kind) {
            return kind.to_owned();
        }
        (2..).map(|n| format!("{kind}-{n}")).find(|id| !taken(id)).unwrap_or_else(|| kind.to_owned())
    }
}
