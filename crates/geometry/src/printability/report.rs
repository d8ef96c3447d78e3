//! What a check says: findings with where they are, how far they are off, and what mends them.

use mesh::TriMesh;
use part::Edit;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The surface has open edges; measured in edges.
    NotWatertight,
    /// An edge with more than two faces, or faces that look opposite ways; measured in edges.
    NonManifold,
    /// Triangles that pass through each other; measured in pairs.
    SelfIntersecting,
    /// Larger than the bed, or fits only turned.
    TooLarge,
    /// Nothing that a nozzle can form.
    TooSmall,
    ThinWall,
    /// A pin too thin for its length.
    ThinPin,
    /// An edge that runs out to nothing; measured is its angle in degrees.
    KnifeEdge,
    NarrowGap,
    SmallHole,
    /// Measured is the angle from the vertical in degrees.
    Overhang,
    /// A level span between supports; measured is its length.
    Bridge,
    /// Too little rests on the bed; square millimetres.
    SmallBase,
    /// The centre of mass is not over the base, or the part is too slender.
    TipOver,
    /// Closed voids; measured in cubic millimetres.
    TrappedVolume,
    /// Sharp corners of a long base, in a material that shrinks.
    Warping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    /// It cannot be printed as it is.
    Error,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// One English sentence with the measure and the remedy.
    pub message: String,
    pub measured: f64,
    pub limit: f64,
    /// Where it is worst, in the print pose.
    pub location: Option<[f64; 3]>,
    /// The box that holds all of it, lower and upper corner.
    #[serde(default)]
    pub extent: Option<[[f64; 3]; 2]>,
    /// How much surface it concerns; estimated for walls and gaps.
    #[serde(default)]
    pub area_mm2: Option<f64>,
    /// Which piece, from 0.
    #[serde(default)]
    pub piece: usize,
    /// How many places are alike.
    #[serde(default = "one")]
    pub count: usize,
    /// The operation of the part whose surface it is on, where that is known.
    #[serde(default)]
    pub operation: Option<String>,
    /// Applied together they remove the finding: the part was rebuilt with them and checked again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

fn one() -> usize {
    1
}

impl Finding {
    pub(super) fn new(kind: Kind, severity: Severity, message: String, measured: f64, limit: f64) -> Finding {
        Finding {
            kind,
            severity,
            message,
            measured,
            limit,
            location: None,
            extent: None,
            area_mm2: None,
            piece: 0,
            count: 1,
            operation: None,
            edits: Vec::new(),
        }
    }
}

/// A plane through which the part would better be cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    pub piece: usize,
    /// A point of the plane and its unit normal.
    pub origin: [f64; 3],
    pub normal: [f64; 3],
    pub reason: String,
}

/// A way to put a piece on the bed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// Rows of the rotation matrix from the given pose to this one.
    pub rotation: [[f64; 3]; 3],
    /// Volume of the columns under unsupported overhangs.
    pub support_mm3: f64,
    pub height: f64,
    /// Area of the first layer.
    pub contact_mm2: f64,
    /// Seconds that the pose costs, by its support, its layers and how badly it stands; less is better.
    pub score: f64,
}

impl Pose {
    /// The mesh turned into this pose and set down on z = 0.
    pub fn apply(&self, mesh: &TriMesh) -> TriMesh {
        let turn = |p: &[f64; 3]| self.rotation.map(|row| row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
        let turned = TriMesh::new(mesh.positions.iter().map(turn).collect(), mesh.triangles.clone());
        let down = turned.bounds().map_or(0.0, |bounds| -bounds.min[2]);
        turned.translated([0.0, 0.0, down])
    }

    /// True when the pose is the given one, turned about Z at most.
    pub fn is_upright(&self) -> bool {
        self.rotation[2][2] > 1.0 - 1e-9
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The most severe first.
    pub findings: Vec<Finding>,
    pub printable: bool,
    pub watertight: bool,
    pub size: [f64; 3],
    pub volume_mm3: f64,
    pub pieces: usize,
    /// Area of faces that lean out further than the limit, are not on the bed and do not bridge.
    pub overhang_area_mm2: f64,
    /// Area of the first layer.
    pub base_area_mm2: f64,
    /// Thinnest wall; exact up to four times the least wall, sampled above; none where no two faces are opposite.
    pub min_wall_estimate: Option<f64>,
    /// Narrowest gap or hole, where one is under four times the limits.
    #[serde(default)]
    pub min_gap_estimate: Option<f64>,
    /// Area of level spans short enough to print without support.
    #[serde(default)]
    pub bridge_area_mm2: f64,
    /// Volume of the columns under overhangs and long bridges, down to what lies below.
    #[serde(default)]
    pub support_mm3: f64,
    /// Closed voids and their volume.
    #[serde(default)]
    pub voids: usize,
    #[serde(default)]
    pub trapped_mm3: f64,
    #[serde(default)]
    pub splits: Vec<Split>,
    /// Of a part of one piece: the best pose, where it needs clearly less support than the one given.
    #[serde(default)]
    pub better_pose: Option<Pose>,
}

impl Report {
    pub fn has(&self, kind: Kind) -> bool {
        self.findings.iter().any(|finding| finding.kind == kind)
    }

    pub fn find(&self, kind: Kind) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.kind == kind)
    }
}
