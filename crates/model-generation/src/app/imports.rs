//! Imports: bodies that people bring, and the use of them in parts.

use std::collections::BTreeSet;

use ids::{ContentHash, ImportId};
use jobs::JobSnapshot;
use rpc::{Error, Principal};
use service_kit::Page;

use super::ports::{Foreign, Imports, Stored};
use crate::domain::{Import, Upload};

/// The kind of job that reads an uploaded file.
pub(crate) const IMPORT: &str = "import";

/// The platform's limit for uploads.
pub(crate) const MAX_IMPORT_BYTES: u64 = 500_000_000;

/// Queues the reading of a stored file, or finds the import that these bytes already are.
pub(crate) async fn create_import(
    imports: &impl Imports,
    principal: &Principal,
    upload: &Upload,
) -> Result<JobSnapshot, Error> {
    imports.queue_import(principal.acting_owner(), upload).await
}

pub(crate) async fn get_import(imports: &impl Imports, principal: &Principal, id: ImportId) -> Result<Import, Error> {
    imports.get_import(principal.acting_owner(), id).await
}

pub(crate) async fn list_imports(
    imports: &impl Imports,
    principal: &Principal,
    size: u32,
    after: &str,
) -> Result<Page<Import>, Error> {
    imports.list_imports(principal.acting_owner(), size, after).await
}

/// Refuses hashes that are no import of this owner's: knowing a hash is not owning what it names.
pub(super) async fn owned(
    imports: &impl Imports,
    owner: &str,
    hashes: &BTreeSet<String>,
    field: &str,
) -> Result<(), Error> {
    for hash in hashes {
        let known = match hash.parse::<ContentHash>() {
            Ok(parsed) => imports.is_import(owner, &parsed).await?,
            Err(_) => false,
        };
        if !known {
            let why = format!("names the import {hash}, which you have not; upload the file first");
            return Err(Error::invalid(field, why).with_reason("IMPORT_UNKNOWN"));
        }
    }
    Ok(())
}

/// The files that a part names by these hashes, for its evaluation.
pub(crate) async fn foreign(blobs: &impl Stored, hashes: BTreeSet<String>) -> Result<Vec<Foreign>, Error> {
    let mut found = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let hash: ContentHash = hash.parse().map_err(|_| Error::invalid("part", format!("{hash} is no import")))?;
        found.push(Foreign { hash, content: blobs.content(&hash, MAX_IMPORT_BYTES).await? });
    }
    Ok(found)
}
