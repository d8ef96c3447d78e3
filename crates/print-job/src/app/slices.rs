//! Asking for a slice and finding it.

use ids::SliceId;
use jobs::JobSnapshot;
use rpc::{Error, Principal};

use super::ports::SliceStore;
use crate::domain::{Slice, SliceOrder};

pub(crate) async fn create_slice(
    store: &impl SliceStore,
    principal: &Principal,
    order: &SliceOrder,
    request_id: &str,
) -> Result<JobSnapshot, Error> {
    store.queue(principal.acting_owner(), order, request_id).await
}

pub(crate) async fn get_slice(store: &impl SliceStore, principal: &Principal, id: SliceId) -> Result<Slice, Error> {
    store.slice(principal.acting_owner(), id).await
}
