//! What `expected.json` of a case says: how it is measured from an evaluation, and how two of them are compared.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use geometry::{Evaluated, Imported, Imports, Options};
use part::{Part, catalogue};
use serde::{Deserialize, Serialize};

/// The committed answer to a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Expected {
    /// The history as it was evaluated, in order, every value resolved.
    pub(crate) operations: Vec<OperationRecord>,
    /// Whether the exact kernel made every piece.
    pub(crate) exact: bool,
    /// Which operation it refused, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inexact_reason: Option<String>,
    pub(crate) volume_mm3: f64,
    pub(crate) area_mm2: f64,
    pub(crate) centre_of_mass: [f64; 3],
    pub(crate) bounds: mesh::Bounds,
    pub(crate) pieces: Vec<PieceRecord>,
    /// Takes so long that the ordinary tests leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) slow: bool,
    /// The same part's volume by an independent program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) oracle: Option<Oracle>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OperationRecord {
    pub(crate) id: String,
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) values: BTreeMap<String, f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) choices: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PieceRecord {
    pub(crate) name: String,
    pub(crate) exact: bool,
    pub(crate) volume_mm3: f64,
    /// V - E + F of the mesh.
    pub(crate) euler_number: i64,
    /// Handles, by the Euler number.
    pub(crate) through_holes: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Oracle {
    pub(crate) volume_mm3: f64,
    /// Program and version.
    pub(crate) tool: String,
}

/// Share of the volume by which an evaluation may differ from the committed one.
const SAME_VOLUME: f64 = 1e-6;
/// Share by which an exact volume may differ from the oracle's: 0.01 %.
pub(crate) const ORACLE_EXACT: f64 = 1e-4;
/// The same where a piece came from the mesh kernel: 0.1 %.
pub(crate) const ORACLE_MESH: f64 = 1e-3;

/// CPU time from which on a case is slow, and the time after which it is stopped.
#[allow(dead_code, reason = "the test only reads what was measured")]
pub(crate) const SLOW: Duration = Duration::from_millis(1500);
const STOPPED: Duration = Duration::from_secs(300);

/// A case evaluated with the options that every file of a part is made with.
pub(crate) struct Run {
    #[allow(dead_code, reason = "the test draws nothing")]
    pub(crate) part: Part,
    pub(crate) evaluated: Evaluated,
    pub(crate) measured: Expected,
}

/// Reads and evaluates the case in `folder`.
pub(crate) fn run(folder: &Path) -> Result<Run, String> {
    let text = std::fs::read_to_string(folder.join("part.json")).map_err(|error| format!("part.json: {error}"))?;
    let part: Part = serde_json::from_str(&text).map_err(|error| format!("part.json: {error}"))?;
    let evaluated = evaluated(&part, folder)?;
    let measured = measure(&part, &evaluated)?;
    Ok(Run { part, evaluated, measured })
}

fn evaluated(part: &Part, folder: &Path) -> Result<Evaluated, String> {
    let body = part::lower(part).map_err(|error| error.to_string())?;
    let imports = imports(folder)?;
    let cancel = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            std::thread::park_timeout(STOPPED);
            cancel.store(true, Ordering::Relaxed);
        });
        let evaluated = geometry::evaluate_with(&body, &Options::default(), &imports, &cancel);
        let late = cancel.load(Ordering::Relaxed);
        watch.thread().unpark();
        evaluated
            .map_err(|error| if late { format!("not done after {} s", STOPPED.as_secs()) } else { error.to_string() })
    })
}

/// The files in the folder that the part may have been brought, by their hashes.
pub(crate) fn imports(folder: &Path) -> Result<Imports, String> {
    let mut imports = Imports::new();
    for (file, mesh) in [("imported.step", false), ("imported.stl", true)] {
        let Ok(bytes) = std::fs::read(folder.join(file)) else { continue };
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let body = if mesh {
            let read = mesh::stl::read(&bytes).map_err(|error| format!("{file}: {error}"))?;
            Imported::Mesh(std::sync::Arc::new(read.welded()))
        } else {
            Imported::Step(bytes.into())
        };
        imports.insert(hash, body);
    }
    Ok(imports)
}

/// The committed answer, if there is one.
pub(crate) fn committed(folder: &Path) -> Result<Option<Expected>, String> {
    let file = folder.join("expected.json");
    match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| format!("expected.json: {error}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("expected.json: {error}")),
    }
}

fn measure(part: &Part, evaluated: &Evaluated) -> Result<Expected, String> {
    let part = part::evaluated(part).map_err(|error| error.to_string())?;
    let operations = part.features.iter().map(|operation| {
        let definition = catalogue::find(&operation.kind).ok_or_else(|| format!("no kind {}", operation.kind))?;
        let values = definition.resolve(operation, part.fit).map_err(|error| error.to_string())?;
        Ok(OperationRecord {
            id: operation.id.clone(),
            kind: operation.kind.clone(),
            values: values.quantities.iter().map(|(name, quantity)| ((*name).to_owned(), quantity.value)).collect(),
            choices: values.choices.iter().map(|(name, word)| ((*name).to_owned(), word.clone())).collect(),
        })
    });
    let pieces = evaluated.pieces.iter().map(|piece| {
        let topology = piece.mesh.topology();
        PieceRecord {
            name: piece.name.clone(),
            exact: piece.exact,
            volume_mm3: piece.mass.volume_mm3,
            euler_number: topology.euler_number,
            through_holes: topology.through_holes(),
        }
    });
    Ok(Expected {
        operations: operations.collect::<Result<_, String>>()?,
        exact: evaluated.exact,
        inexact_reason: evaluated.inexact_reason.clone(),
        volume_mm3: evaluated.volume_mm3,
        area_mm2: evaluated.area_mm2,
        centre_of_mass: evaluated.centre_of_mass.map(tidy),
        bounds: evaluated.bounds,
        pieces: pieces.collect(),
        slow: false,
        oracle: None,
    })
}

/// A centre on an axis is 0, not 1e-17.
fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9 + 0.0
}

impl Expected {
    /// What differs from the committed answer, in words; nothing when they agree.
    pub(crate) fn differences(&self, committed: &Expected) -> Vec<String> {
        let mut found = Vec::new();
        let mut differs = |what: &str, is: String, was: String| found.push(format!("{what} is {is}, committed {was}"));
        if self.operations != committed.operations {
            differs("the history", kinds(&self.operations), kinds(&committed.operations));
        }
        if self.exact != committed.exact {
            let why = |it: &Expected| it.inexact_reason.clone().unwrap_or_else(|| "exact".to_owned());
            differs("exactness", why(self), why(committed));
        }
        let far = |a: f64, b: f64| (a / b - 1.0).abs() > SAME_VOLUME;
        if far(self.volume_mm3, committed.volume_mm3) {
            differs("the volume", self.volume_mm3.to_string(), committed.volume_mm3.to_string());
        }
        if far(self.area_mm2, committed.area_mm2) {
            differs("the area", self.area_mm2.to_string(), committed.area_mm2.to_string());
        }
        let apart = |a: [f64; 3], b: [f64; 3], by: f64| (0..3).any(|i| (a[i] - b[i]).abs() > by);
        let size = committed.bounds.size().into_iter().fold(0.0, f64::max);
        if apart(self.centre_of_mass, committed.centre_of_mass, size * 1e-6) {
            let words = |it: &Expected| format!("{:?}", it.centre_of_mass);
            differs("the centre of mass", words(self), words(committed));
        }
        let (is, was) = (self.bounds, committed.bounds);
        if apart(is.min, was.min, size * 1e-5) || apart(is.max, was.max, size * 1e-5) {
            differs("the bounding box", format!("{is:?}"), format!("{was:?}"));
        }
        let shapes = |it: &Expected| {
            let pieces = it.pieces.iter().map(|p| format!("{} {} {}", p.name, p.euler_number, p.through_holes));
            pieces.collect::<Vec<_>>().join(", ")
        };
        if shapes(self) != shapes(committed) {
            differs("pieces (name, Euler number, through holes)", shapes(self), shapes(committed));
        }
        found
    }

    /// How far the volume is from the oracle's, as a share of it.
    pub(crate) fn off(&self) -> Option<f64> {
        self.oracle.as_ref().map(|oracle| (self.volume_mm3 / oracle.volume_mm3 - 1.0).abs())
    }

    /// The most by which it may be.
    pub(crate) fn may_be_off(&self) -> f64 {
        if self.exact { ORACLE_EXACT } else { ORACLE_MESH }
    }

    /// The kind of the operation that the exact kernel refused first.
    #[allow(dead_code, reason = "the test does not count refusals")]
    pub(crate) fn refused(&self) -> Option<&str> {
        let reason = self.inexact_reason.as_ref()?;
        // A batch names its operations one after another.
        let id = reason.split([':', ',']).next()?.trim();
        Some(self.operations.iter().find(|operation| operation.id == id).map_or(id, |operation| &operation.kind))
    }
}

/// Open edges and triangles that contradict their neighbours, in words; nothing on a closed, oriented mesh.
pub(crate) fn not_closed(evaluated: &Evaluated) -> Vec<String> {
    let mut found = Vec::new();
    for piece in &evaluated.pieces {
        let topology = piece.mesh.topology();
        if !topology.is_watertight() {
            found.push(format!("{} is not closed: {topology:?}", piece.name));
        }
        // Oriented outwards: inside out, the volume would be negative.
        let inside = piece.mesh.mass_properties().volume_mm3;
        if (inside / piece.mass.volume_mm3 - 1.0).abs() > ORACLE_MESH {
            found.push(format!("{}: the mesh holds {inside} mm3, the solid {}", piece.name, piece.mass.volume_mm3));
        }
    }
    found
}

fn kinds(operations: &[OperationRecord]) -> String {
    let words = operations.iter().map(|operation| format!("{} {:?}", operation.kind, operation.values));
    words.collect::<Vec<_>>().join(", ")
}

/// The folders of all cases, by name.
pub(crate) fn folders(cases: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let entries = std::fs::read_dir(cases).map_err(|error| format!("{}: {error}", cases.display()))?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}
