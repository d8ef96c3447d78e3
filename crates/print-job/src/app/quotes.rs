//! Pricing a slice.

use ids::{ContentHash, QuoteId, SliceId};
use rpc::{Error, Principal};
use service_kit::Parts;

use super::ports::{QuoteStore, SliceStore};
use crate::domain::{PriceBook, Quote, QuoteError, quote};

/// `id` is the new quote's.
pub(crate) async fn create_quote(
    (store, parts, book): (&(impl SliceStore + QuoteStore), &Parts, &PriceBook),
    principal: &Principal,
    id: QuoteId,
    (slice, quantity): (SliceId, u32),
    request_id: &str,
) -> Result<(Quote, ContentHash), Error> {
    let owner = principal.acting_owner();
    let slice = store.slice(owner, slice).await?;
    let priced = quote::quote((id, parts.clock.now()), &slice, quantity, book).map_err(|error| match error {
        QuoteError::Quantity => Error::invalid("quantity", error.to_string()),
        QuoteError::NoPrice(_) => Error::failed_precondition(format!("material: {error}")).with_reason("NO_PRICE"),
        QuoteError::Overflow => Error::out_of_range("quantity", error.to_string()),
    })?;
    // Bytes first: the row names their hash.
    let bytes = serde_json::to_vec_pretty(&priced).map_err(Error::internal)?;
    let hash = parts.store(owner, ("quote", "application/json"), bytes, vec![slice.gcode_hash]).await?;
    let request = format!("{}\n{quantity}", slice.id);
    store.insert(owner, &(priced, hash), &request, request_id).await
}

pub(crate) async fn get_quote(
    store: &impl QuoteStore,
    principal: &Principal,
    id: QuoteId,
) -> Result<(Quote, ContentHash), Error> {
    store.quote(principal.acting_owner(), id).await
}
