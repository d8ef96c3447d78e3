//! Compression by content type: brotli where the client takes it, else gzip; never what is live or compressed already.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// Below this many bytes a compressed answer is no faster.
const FROM_BYTES: u64 = 500;
const BROTLI_QUALITY: i32 = 4;
const GZIP_LEVEL: i32 = 6;

type Decision = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;
type Layer = CompressionLayer<And<SizeAbove, Decision>>;

/// The brotli layer, and the gzip layer to put around it; the outer leaves alone what the inner has compressed.
pub(crate) fn layers() -> (Layer, Layer) {
    let predicate = || SizeAbove::new(FROM_BYTES).and(worth_it as Decision);
    let brotli = CompressionLayer::new().no_gzip().quality(CompressionLevel::Precise(BROTLI_QUALITY));
    let gzip = CompressionLayer::new().no_br().quality(CompressionLevel::Precise(GZIP_LEVEL));
    (brotli.compress_when(predicate()), gzip.compress_when(predicate()))
}

fn worth_it(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        // Live streams: a compressor would hold messages back until its window fills.
        "text/event-stream" | "application/x-ndjson" => false,
        "application/json" | "application/javascript" | "application/xml" | "image/svg+xml" => true,
        // Geometry and G-code travel as text or as sparse binary; 3MF is a zip already.
        "model/step" | "model/stl" | "model/obj" | "model/gltf-binary" | "model/gltf+json" => true,
        other => other.starts_with("text/") || other.ends_with("+json") || other.ends_with("+xml"),
    }
}

/// A compressed body is another representation, so a strong entity tag becomes a weak one.
pub(crate) fn weaken_etag(headers: &mut HeaderMap) {
    if !headers.contains_key(CONTENT_ENCODING) {
        return;
    }
    let weak = headers
        .get(ETAG)
        .and_then(|tag| tag.to_str().ok())
        .filter(|tag| !tag.starts_with("W/"))
        .and_then(|tag| HeaderValue::try_from(format!("W/{tag}")).ok());
    if let Some(weak) = weak {
        headers.insert(ETAG, weak);
    }
}
