//! From the service's answer to the HTTP response: one JSON document, or raw bytes with ranges.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::binding::Binding;
use crate::call::returned;
use crate::codec::HttpBody;
use crate::json;
use crate::problem::Problem;
use crate::range::{Decision, decide, matches_any};

/// Initial metadata by which a service says how large a raw body is (bytes, decimal) ...
pub const SIZE_METADATA: &str = "x-pot-size";
/// ... and what identifies its content (an entity tag without quotes).
pub const ETAG_METADATA: &str = "x-pot-etag";

/// The response message, or the field of it that is the HTTP body, as JSON text.
pub(crate) fn document(binding: &Binding, bytes: Bytes) -> Result<(DynamicMessage, Vec<u8>), Problem> {
    let message = DynamicMessage::decode(binding.output.clone(), bytes).map_err(|e| undecodable(&e))?;
    let text = match &binding.response_body {
        None => json::write(&message).map_err(|e| undecodable(&e))?,
        Some(field) => field_json(&message, field).map_err(|e| undecodable(&e))?,
    };
    Ok((message, text))
}

/// A field's JSON is cut out of the message's, so that lists, maps and enums need no second writer.
fn field_json(message: &DynamicMessage, field: &FieldDescriptor) -> Result<Vec<u8>, serde_json::Error> {
    if let Value::Message(inner) = message.get_field(field).as_ref() {
        return json::write(inner);
    }
    let mut only = DynamicMessage::new(field.parent_message().clone());
    only.set_field(field, message.get_field(field).into_owned());
    let mut whole: serde_json::Value = serde_json::from_slice(&json::write(&only)?)?;
    serde_json::to_vec(&whole.get_mut(field.json_name()).map_or(serde_json::Value::Null, serde_json::Value::take))
}

pub(crate) fn unary(
    binding: &Binding,
    parts: &Parts,
    metadata: &MetadataMap,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let (message, text) = document(binding, bytes)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    returned(metadata, &mut headers);
    if let Some(tag) = etag_of(&message)
        && let Some(value) = quoted(&tag)
    {
        headers.insert(ETAG, value);
        let wanted = parts.headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        if matches!(parts.method, Method::GET | Method::HEAD) && wanted.is_some_and(|list| matches_any(list, &tag)) {
            headers.remove(CONTENT_LENGTH);
            headers.remove(CONTENT_TYPE);
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
    }
    let body = if parts.method == Method::HEAD { Body::empty() } else { Body::from(text) };
    Ok((headers, body).into_response())
}

fn etag_of(message: &DynamicMessage) -> Option<String> {
    match message.get_field_by_name("etag")?.as_ref() {
        Value::String(tag) if !tag.is_empty() => Some(crate::range::unquoted(tag).to_owned()),
        _ => None,
    }
}

fn quoted(tag: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{tag}\"")).ok()
}

/// A single raw answer as if it were a stream of one, with its size known.
pub(crate) async fn raw_unary(parts: &Parts, metadata: &MetadataMap, bytes: Bytes) -> Result<Response, Problem> {
    let body = HttpBody::decode(bytes.clone()).map_err(|e| undecodable(&e))?;
    let size = body.data.len() as u64;
    raw(parts, metadata, Some(size), futures::stream::iter([Ok(bytes)])).await
}

/// Raw bytes. The first message has the content type; ranges need [`SIZE_METADATA`] in the initial metadata.
pub(crate) async fn raw(
    parts: &Parts,
    metadata: &MetadataMap,
    size: Option<u64>,
    stream: impl Stream<Item = Result<Bytes, Status>> + Send + Unpin + 'static,
) -> Result<Response, Problem> {
    let text = |name: &str| metadata.get(name).and_then(|v| v.to_str().ok());
    let size = size.or_else(|| text(SIZE_METADATA)?.parse::<u64>().ok());
    let etag = text(ETAG_METADATA).map(|tag| crate::range::unquoted(tag).to_owned());
    let mut headers = HeaderMap::new();
    returned(metadata, &mut headers);
    if let Some(value) = etag.as_deref().and_then(quoted) {
        headers.insert(ETAG, value);
    }
    let decision = match size {
        Some(size) => decide(&parts.headers, size, etag.as_deref()),
        None => match decide(&parts.headers, 1, etag.as_deref()) {
            Decision::NotModified => Decision::NotModified,
            _ => Decision::Full,
        },
    };
    if decision == Decision::NotModified {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let ranges = if size.is_some() { "bytes" } else { "none" };
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static(ranges));
    if decision == Decision::Unsatisfiable {
        let mut problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "the range lies outside the content");
        headers.insert(CONTENT_RANGE, header(format!("bytes */{}", size.unwrap_or(0)))?);
        problem.headers = headers;
        return Err(problem);
    }
    let mut stream = stream.map(|item| HttpBody::decode(item?).map_err(|_| Status::data_loss("undecodable chunk")));
    let first = stream.next().await.transpose()?.unwrap_or_default();
    let content_type = if first.content_type.is_empty() { "application/octet-stream" } else { &first.content_type };
    headers.insert(CONTENT_TYPE, header(content_type.to_owned())?);
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    let (status, start, length) = match decision {
        Decision::Partial { start, end } => {
            headers.insert(CONTENT_RANGE, header(format!("bytes {start}-{end}/{}", size.unwrap_or(0)))?);
            (StatusCode::PARTIAL_CONTENT, start, Some(end - start + 1))
        }
        _ => (StatusCode::OK, 0, size),
    };
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if parts.method == Method::HEAD {
        return Ok((status, headers).into_response());
    }
    let chunks = futures::stream::iter([Ok(first)]).chain(stream).map(|item| item.map(|body| body.data));
    Ok((status, headers, Body::from_stream(slice(chunks, start, length))).into_response())
}

/// Bytes `start .. start + length` of a stream. A stream that ends early is an error, so that the client sees a broken
/// transfer instead of a short file.
fn slice(
    chunks: impl Stream<Item = Result<Bytes, Status>> + Send + Unpin + 'static,
    start: u64,
    length: Option<u64>,
) -> impl Stream<Item = Result<Bytes, Status>> + Send + 'static {
    async_stream::try_stream! {
        let (mut skip, mut left) = (start, length);
        let mut chunks = chunks;
        while left != Some(0) {
            let Some(chunk) = chunks.next().await else { break };
            let mut chunk = chunk?;
            let cut = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip -= cut as u64;
            chunk = chunk.split_off(cut);
            if let Some(left) = &mut left {
                chunk.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= chunk.len() as u64;
            }
            if !chunk.is_empty() {
                yield chunk;
            }
        }
        if left.is_some_and(|left| left > 0) {
            Err(Status::data_loss("the service sent fewer bytes than it announced"))?;
        }
    }
}

fn header(text: String) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(text).map_err(|e| undecodable(&e))
}

/// The service and the edge disagree on the contract: a deployment fault, so the caller learns only that.
pub(crate) fn undecodable(cause: &dyn std::error::Error) -> Problem {
    tracing::error!(error = %cause, "an answer does not fit the contract");
    Problem::new(StatusCode::BAD_GATEWAY, "the service's answer does not fit the contract")
}

pub(crate) fn vary_accept(headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Accept"));
}
