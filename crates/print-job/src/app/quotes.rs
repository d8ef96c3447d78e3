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
    (plates, quantity): (Vec<SliceId>, u32),
    request_id: &str,
) -> Result<(Quote, ContentHash), Error> {
    let owner = principal.acting_owner();
    let mut slices = Vec::with_capacity(plates.len());
    for plate in &plates {
        slices.push(store.slice(owner, *plate).await?);
    }
    let priced = quote::quote((id, parts.clock.now()), &slices, quantity, book).map_err(|error| match error {
        QuoteError::Quantity => Error::invalid("quantity", error.to_string()),
        QuoteError::Plates { .. } => Error::invalid("other_plates", error.to_string()),
        QuoteError::NoPrice(_) => Error::failed_precondition(format!("material: {error}")).with_reason("NO_PRICE"),
        QuoteError::Overflow => Error::out_of_range("quantity", error.to_string()),
    })?;
    // Bytes first: the row names their hash.
    let bytes = serde_json::to_vec_pretty(&priced).map_err(Error::internal)?;
    let programs = slices.iter().map(|slice| slice.gcode_hash).collect();
    let hash = parts.store(owner, ("quote", "application/json"), bytes, programs).await?;
    let names: Vec<String> = plates.iter().map(ToString::to_string).collect();
    let request = format!("{}\n{quantity}", names.join(" "));
    store.insert(owner, &(priced, hash), &request, request_id).await
}

pub(crate) async fn get_quote(
    store: &impl QuoteStore,
    principal: &Principal,
    id: QuoteId,
) -> Result<(Quote, ContentHash), Error> {
    store.quote(principal.acting_owner(), id).await
}
