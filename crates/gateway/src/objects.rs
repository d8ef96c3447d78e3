//! Signed downloads of objects: `GET /v1/objects/{hash}?expiry=..&signature=..`, outside the contract because the
//! readers (printers, browsers' image tags) hold a URL and no token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use blob_store::{BlobStore, UrlError, UrlVerifier};
use boot::Clock;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ids::ContentHash;
use serde_json::json;
use transcode::Problem;
use transcode::range::{Decision, decide};

use crate::gate::DOMAIN;
use crate::request_id;

/// Where objects lie, and whose signatures open them.
#[derive(Debug, Clone)]
pub struct Objects {
    pub store: BlobStore,
    pub verifier: UrlVerifier,
    pub clock: Clock,
}

#[derive(Debug, serde::Deserialize)]
struct Signed {
    expiry: i64,
    signature: String,
}

pub(crate) fn router(objects: Objects) -> axum::Router {
    let route = axum::routing::get(download);
    axum::Router::new().route("/v1/objects/{hash}", route).with_state(Arc::new(objects))
}

async fn download(
    State(objects): State<Arc<Objects>>,
    Path(hash): Path<String>,
    query: Result<Query<Signed>, axum::extract::rejection::QueryRejection>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let id = headers.get(&request_id::HEADER).and_then(|v| v.to_str().ok());
    let answer = async {
        let Query(signed) = query
            .map_err(|_| Problem::field("signature", "the address needs expiry and signature, as it was issued"))?;
        read(&objects, &hash, &signed, &method, &headers).await
    };
    answer.await.unwrap_or_else(|problem| problem.with_instance(id).into_response())
}

async fn read(
    objects: &Objects,
    hash: &str,
    signed: &Signed,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let hash: ContentHash = hash.parse().map_err(|_| Problem::field("hash", "must be 64 hexadecimal digits"))?;
    objects
        .verifier
        .verify(&hash, signed.expiry, &signed.signature, objects.clock.unix_seconds())
        .map_err(|e| refused(&e))?;
    let size = objects.store.head(&hash).await.map_err(|e| failed(&e))?.size;
    let records = objects.store.records(&hash).await.map_err(|e| failed(&e))?;
    let media_type = records.first().map_or("application/octet-stream", |record| record.provenance.media_type.as_str());
    let tag = hash.to_string();
    let mut out = HeaderMap::new();
    out.insert(ETAG, header(format!("\"{tag}\""))?);
    out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // The address is the content's hash, so what it names never changes; the signature makes it private.
    out.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    let range = match decide(headers, size, Some(&tag)) {
        Decision::NotModified => return Ok((StatusCode::NOT_MODIFIED, out).into_response()),
        Decision::Unsatisfiable => {
            let mut problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "the range lies outside the object");
            out.insert(CONTENT_RANGE, header(format!("bytes */{size}"))?);
            problem.headers = out;
            return Err(problem);
        }
        Decision::Full => None,
        Decision::Partial { start, end } => {
            out.insert(CONTENT_RANGE, header(format!("bytes {start}-{end}/{size}"))?);
            Some(start..end + 1)
        }
    };
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let length = range.as_ref().map_or(size, |r| r.end - r.start);
    out.insert(CONTENT_LENGTH, HeaderValue::from(length));
    out.insert(
        CONTENT_TYPE,
        HeaderValue::try_from(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    // An object is data: a browser that opens one must run nothing in it.
    out.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    if method == Method::HEAD || length == 0 {
        return Ok((status, out).into_response());
    }
    let object = objects.store.get_range(&hash, range).await.map_err(|e| failed(&e))?;
    Ok((status, out, Body::from_stream(object)).into_response())
}

fn refused(error: &UrlError) -> Problem {
    let reason = if matches!(error, UrlError::Expired) { "URL_EXPIRED" } else { "URL_INVALID" };
    Problem::new(StatusCode::FORBIDDEN, format!("{error}; ask for a new address")).with_reason(DOMAIN, reason)
}

fn failed(error: &blob_store::Error) -> Problem {
    if let blob_store::Error::NotFound { .. } = error {
        return Problem::new(StatusCode::NOT_FOUND, error.to_string());
    }
    tracing::error!(error = %error, "an object could not be read");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the object could not be read; it has been logged")
}

fn header(text: String) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(text)
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "a header could not be written"))
}

/// The route's entry in the OpenAPI document.
pub(crate) fn describe(api: &mut serde_json::Value) {
    let query = |name: &str, schema: serde_json::Value| json!({ "name": name, "in": "query", "required": true, "schema": schema });
    let parameters = json!([
        { "name": "hash", "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[0-9a-f]{64}$" } },
        query("expiry", json!({ "type": "integer", "format": "int64" })),
        query("signature", json!({ "type": "string" })),
        { "name": "Range", "in": "header", "schema": { "type": "string" } },
    ]);
    let content = json!({ "*/*": {} });
    api["paths"]["/v1/objects/{hash}"] = json!({ "get": {
        "operationId": "Objects_Download",
        "tags": ["Objects"],
        "summary": "Download an object by a signed address",
        "description": "Addresses are issued by other answers; the signature takes the place of a token.",
        "security": [],
        "parameters": parameters,
        "responses": {
            "200": { "description": "The object.", "content": content },
            "206": { "description": "A part of the object.", "content": content },
            "304": { "description": "Not modified." },
            "4XX": { "$ref": "#/components/responses/Problem" },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    } });
    if let Some(tags) = api["tags"].as_array_mut() {
        tags.push(json!({ "name": "Objects", "description": "Stored bytes by content hash." }));
    }
}
