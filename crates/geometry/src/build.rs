//! The whole way from a part to its files, as the geometry worker runs it.

use std::sync::atomic::AtomicBool;

use part::{Invalid, Part, solid::Body};
use serde::{Deserialize, Serialize};

use crate::{
    CacheLimits, Evaluated, Evaluator, GeometryError, Imports, Options,
    formats::{self, FormatError, Metadata, threemf::Extras},
    printability::{self, Profile, Report},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildOptions {
    pub evaluation: Options,
    pub limits: Profile,
}

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The specification contradicts itself or leaves its ranges.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// The files of a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefacts {
    /// `None` when the part is not exact.
    pub step: Option<Vec<u8>>,
    pub threemf: Vec<u8>,
    pub stl: Vec<u8>,
    pub glb: Vec<u8>,
    pub obj: Vec<u8>,
}

pub struct Build {
    pub lowered: Body,
    pub evaluated: Evaluated,
    pub artefacts: Artefacts,
    pub report: Report,
}

/// [`build_with`] without memory, imported bodies and a trail.
pub fn build(part: &Part, options: &BuildOptions, cancel: &AtomicBool) -> Result<Build, BuildError> {
    build_with(&Evaluator::new(CacheLimits { entries: 0, bytes: 0 }), part, options, &Imports::default(), &[], cancel)
}

/// Lowers, evaluates, checks and writes. `trail` names what the part was made from, with the hashes, for the files that can
/// say so. Deterministic: the same part, options, imports and trail give the same bytes, whatever the evaluator remembers.
pub fn build_with(
    evaluator: &Evaluator,
    part: &Part,
    options: &BuildOptions,
    imports: &Imports,
    trail: &[(String, String)],
    cancel: &AtomicBool,
) -> Result<Build, BuildError> {
    let lowered = part::lower(part)?;
    let evaluated = evaluator.evaluate(&lowered, &options.evaluation, imports, cancel)?;
    let artefacts = artefacts(&evaluated, &metadata(part), trail)?;
    let report = printability::check_part(part, &lowered, &evaluated, &options.limits, cancel)?;
    Ok(Build { lowered, evaluated, artefacts, report })
}

/// The one file that a viewer needs, of a part that was evaluated for a look.
pub fn preview_glb(part: &Part, evaluated: &Evaluated) -> Result<Vec<u8>, FormatError> {
    formats::glb::write(evaluated, &metadata(part))
}

/// What the files say about the part; PLA's natural grey where no colour was said.
fn metadata(part: &Part) -> Metadata {
    Metadata {
        title: part.features.first().map_or_else(|| "part".to_owned(), |operation| operation.kind.replace('_', " ")),
        rgb: part.colour.as_ref().map_or([176, 178, 182], |colour| colour.rgb()),
        material: part.material.map(|material| material.as_str().to_owned()),
    }
}

fn artefacts(evaluated: &Evaluated, metadata: &Metadata, trail: &[(String, String)]) -> Result<Artefacts, FormatError> {
    let (mut stl, mut obj) = (Vec::new(), Vec::new());
    let thumbnail = Some(formats::thumbnail::png(&evaluated.mesh, metadata.rgb)?);
    let extras = Extras { thumbnail, trail: trail.to_vec() };
    formats::stl(evaluated, &mut stl)?;
    formats::obj::write(evaluated, &mut obj)?;
    Ok(Artefacts {
        step: formats::step::write(evaluated, metadata)?.map(String::into_bytes),
        threemf: formats::threemf::write(evaluated, metadata, &extras)?,
        stl,
        glb: formats::glb::write(evaluated, metadata)?,
        obj,
    })
}
