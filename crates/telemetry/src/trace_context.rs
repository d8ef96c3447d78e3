//! W3C trace context: read from and written to headers, gRPC metadata and plain strings.
//!
//! The plain string is the `traceparent` of the recommendation, 55 characters, for job rows and MQTT payloads.

use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Header and metadata key of the trace and parent span.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Header and metadata key of vendors' additions, passed on untouched.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The longest `tracestate` that is passed on, in bytes; the recommendation asks for 512.
const MAX_STATE_BYTES: usize = 512;

/// A place in a trace: which trace, which span. What crosses process borders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    state: Option<String>,
}

/// Text that is not a `traceparent`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent: {0}")]
pub struct ParseTraceError(&'static str);

impl TraceContext {
    /// A new trace with fresh random identifiers, sampled.
    pub fn new_root() -> Self {
        let ids = RandomIdGenerator::default();
        Self { trace_id: ids.new_trace_id(), span_id: ids.new_span_id(), flags: TraceFlags::SAMPLED, state: None }
    }

    /// The context of the current span, when it is inside a trace.
    pub fn current() -> Option<Self> {
        Self::of_span(&tracing::Span::current())
    }

    /// The current context, or a new trace for work that nothing started.
    pub fn current_or_new() -> Self {
        Self::current().unwrap_or_else(Self::new_root)
    }

    /// The context of a span, when it is inside a trace.
    pub fn of_span(span: &tracing::Span) -> Option<Self> {
        let context = span.context();
        let span = context.span();
        let found = span.span_context();
        found.is_valid().then(|| Self {
            trace_id: found.trace_id(),
            span_id: found.span_id(),
            flags: found.trace_flags(),
            state: Some(found.trace_state().header()).filter(|state| !state.is_empty()),
        })
    }

    /// Makes `span` continue this trace. Call it right after the span is made, before it is entered.
    pub fn continue_in(&self, span: &tracing::Span) {
        let state = self.state.as_deref().and_then(|text| TraceState::from_str(text).ok()).unwrap_or_default();
        let remote = SpanContext::new(self.trace_id, self.span_id, self.flags, true, state);
        let parent = opentelemetry::Context::new().with_remote_span_context(remote);
        // Fails only where no OpenTelemetry layer listens (tests without `init`); the span then stands alone.
        if let Err(error) = span.set_parent(parent) {
            tracing::trace!(?error, "span does not continue its trace");
        }
    }

    /// The 32 hexadecimal digits that find this trace everywhere.
    pub fn trace_id(&self) -> String {
        self.trace_id.to_string()
    }

    /// Writes this context into HTTP headers. gRPC metadata has the same form: `metadata.as_mut()` is a `HeaderMap`.
    pub fn inject(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.to_string()) {
            headers.insert(TRACEPARENT, value);
        }
        match self.state.as_deref().and_then(|state| HeaderValue::from_str(state).ok()) {
            Some(value) => headers.insert(TRACESTATE, value),
            None => headers.remove(TRACESTATE),
        };
    }

    /// Reads a context from HTTP headers (or gRPC metadata, `metadata.as_ref()`). What is malformed is no context.
    pub fn extract(headers: &HeaderMap) -> Option<Self> {
        let mut context: Self = headers.get(TRACEPARENT)?.to_str().ok()?.parse().ok()?;
        context.state = headers
            .get(TRACESTATE)
            .and_then(|value| value.to_str().ok())
            .filter(|state| !state.is_empty() && state.len() <= MAX_STATE_BYTES)
            .map(str::to_owned);
        Some(context)
    }

    /// Writes this context into gRPC metadata.
    pub fn inject_metadata(&self, metadata: &mut tonic::metadata::MetadataMap) {
        self.inject(metadata.as_mut());
    }

    /// Reads a context from gRPC metadata.
    pub fn extract_metadata(metadata: &tonic::metadata::MetadataMap) -> Option<Self> {
        Self::extract(metadata.as_ref())
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags.to_u8() & 1)
    }
}

impl FromStr for TraceContext {
    type Err = ParseTraceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().split('-');
        let mut part = |length: usize| {
            parts
                .next()
                .filter(|p| p.len() == length && p.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
                .ok_or(ParseTraceError("expected 00-<32 hex>-<16 hex>-<2 hex>, lower case"))
        };
        let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        if version == "ff" {
            return Err(ParseTraceError("version ff is forbidden"));
        }
        // Later versions may append fields; version 00 may not.
        if version == "00" && parts.next().is_some() {
            return Err(ParseTraceError("version 00 has four fields"));
        }
        let trace_id = TraceId::from_hex(trace).map_err(|_| ParseTraceError("trace id is not hexadecimal"))?;
        let span_id = SpanId::from_hex(span).map_err(|_| ParseTraceError("span id is not hexadecimal"))?;
        if trace_id == TraceId::INVALID || span_id == SpanId::INVALID {
            return Err(ParseTraceError("identifiers must not be all zero"));
        }
        let flags = u8::from_str_radix(flags, 16).map_err(|_| ParseTraceError("flags are not hexadecimal"))?;
        Ok(Self { trace_id, span_id, flags: TraceFlags::new(flags & 1), state: None })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_string_comes_back_as_it_went() {
        let context: TraceContext = EXAMPLE.parse().unwrap();
        assert_eq!(context.to_string(), EXAMPLE);
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        let root = TraceContext::new_root();
        assert_eq!(root.to_string().parse::<TraceContext>().unwrap(), root);
        assert_ne!(root, TraceContext::new_root());
    }

    #[test]
    fn headers_and_metadata_carry_context_and_state() {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_static(EXAMPLE));
        headers.insert(TRACESTATE, HeaderValue::from_static("vendor=1"));
        let context = TraceContext::extract(&headers).unwrap();
        let mut metadata = tonic::metadata::MetadataMap::new();
        context.inject_metadata(&mut metadata);
        assert_eq!(TraceContext::extract_metadata(&metadata).unwrap(), context);
        assert_eq!(metadata.get("tracestate").unwrap().to_str().unwrap(), "vendor=1");
        assert_eq!(TraceContext::extract(&HeaderMap::new()), None);
    }

    #[test]
    fn malformed_text_is_refused() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert!(bad.parse::<TraceContext>().is_err(), "{bad}");
        }
        assert!("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more".parse::<TraceContext>().is_ok());
    }

    #[test]
    fn spans_continue_a_remote_trace_without_an_exporter() {
        use opentelemetry::trace::TracerProvider as _;
        use tracing_subscriber::layer::SubscriberExt as _;
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let remote: TraceContext = EXAMPLE.parse().unwrap();
            let span = tracing::info_span!("call");
            remote.continue_in(&span);
            let _entered = span.enter();
            let here = TraceContext::current().unwrap();
            assert_eq!(here.trace_id(), remote.trace_id());
            assert_ne!(here.to_string(), remote.to_string());
            let child = tracing::info_span!("child");
            assert_eq!(TraceContext::of_span(&child).unwrap().trace_id(), remote.trace_id());
        });
        assert_eq!(TraceContext::current(), None);
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_parses_prints_back(text in "\\PC{0,80}|[0-9a-f-]{50,60}") {
            if let Ok(context) = text.parse::<TraceContext>() {
                prop_assert_eq!(context.to_string().parse::<TraceContext>().unwrap(), context);
            }
        }
    }
}
