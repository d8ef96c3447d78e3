//! Use cases: ask for models and previews, bring bodies, find them again.

mod imports;
mod models;
mod ports;

pub(crate) use imports::{IMPORT, MAX_IMPORT_BYTES, create_import, foreign, get_import, list_imports};
pub(crate) use models::{BUILD, SUGGEST, create_models, get_model, list_models, list_versions, preview, suggest_edits};
pub(crate) use ports::{Evaluate, EvaluateError, Evaluation, File, Foreign, Imports, Kept, Models, Preview, Stored};
