//! Starting telemetry: one call in `main`, and a guard that flushes when it goes.

use std::net::SocketAddr;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::metrics_endpoint;

/// Where telemetry goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How log lines look on standard error.
    pub log_format: LogFormat,
    /// Which lines are written: a level (`info`) or directives by module (`info,slicer=debug`).
    pub level: String,
    /// OTLP/gRPC endpoint, such as `http://collector:4317`; traces are not exported without.
    pub otlp_endpoint: Option<String>,
    /// The name that traces and `pot_build_info` carry.
    pub service_name: String,
    /// The version that they carry.
    pub service_version: String,
    /// Where `/metrics` is served; port 0 takes a free one; nowhere when absent.
    pub metrics_listen: Option<SocketAddr>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Pretty,
    /// One object a line, for collectors.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Pretty,
            level: "info".to_owned(),
            otlp_endpoint: None,
            service_name: "pot".to_owned(),
            service_version: env!("CARGO_PKG_VERSION").to_owned(),
            metrics_listen: None,
        }
    }
}

/// Telemetry that did not start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The level or its directives do not parse.
    #[error("`level` is {level:?}: {problem}; try `info`, or `info,slicer=debug`")]
    Level {
        /// What was configured.
        level: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The metrics port is taken or not allowed.
    #[error("`metrics_listen`: cannot listen on {address}: {source}")]
    MetricsListen {
        /// What was configured.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The metrics thread did not start.
    #[error("the metrics thread did not start: {0}")]
    MetricsThread(std::io::Error),
    /// The OTLP exporter refuses its endpoint.
    #[error("`otlp_endpoint`: {0}")]
    Otlp(String),
    /// The process has telemetry already.
    #[error("telemetry is already started in this process")]
    AlreadyStarted,
}

/// Keeps telemetry going. Dropping it flushes what is buffered; keep it to the end of `main`.
#[derive(Debug)]
pub struct Guard {
    provider: SdkTracerProvider,
    endpoint: metrics_endpoint::Endpoint,
}

impl Guard {
    /// Where `/metrics` is served, the real port filled in.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.endpoint.address()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces were not exported");
        }
    }
}

/// Starts logging, tracing and metrics. Call it once, inside the runtime (the OTLP exporter needs one).
pub fn init(config: Config) -> Result<Guard, InitError> {
    let filter = EnvFilter::builder()
        .parse(&config.level)
        .map_err(|error| InitError::Level { level: config.level.clone(), problem: error.to_string() })?;
    let provider = tracer_provider(&config)?;

    let recorder = metrics_endpoint::recorder().map_err(|error| InitError::Otlp(error.to_string()))?;
    let endpoint = metrics_endpoint::Endpoint::start(recorder.handle(), config.metrics_listen).map_err(|source| {
        match config.metrics_listen {
            Some(address) => InitError::MetricsListen { address, source },
            None => InitError::MetricsThread(source),
        }
    })?;

    // The trace layer has its own filter: a quiet log must not cut traces into pieces. Libraries' spans stay out.
    let traced = Targets::new()
        .with_default(tracing::Level::INFO)
        .with_target("h2", tracing::level_filters::LevelFilter::OFF)
        .with_target("hyper", tracing::level_filters::LevelFilter::OFF)
        .with_target("tower", tracing::level_filters::LevelFilter::OFF)
        .with_target("opentelemetry", tracing::level_filters::LevelFilter::OFF);
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(config.service_name.clone()))
        .with_threads(false)
        .with_location(false)
        .with_filter(traced);
    let lines = match config.log_format {
        LogFormat::Pretty => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr)
            .with_filter(filter)
            .boxed(),
    };
    tracing_subscriber::registry().with(lines).with(traces).try_init().map_err(|_| InitError::AlreadyStarted)?;
    metrics::set_global_recorder(recorder).map_err(|_| InitError::AlreadyStarted)?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());

    metrics::describe_gauge!("pot_build_info", "1, labelled with what is running");
    metrics::gauge!("pot_build_info", "service" => config.service_name, "version" => config.service_version).set(1.0);
    Ok(Guard { provider, endpoint })
}

/// Without an endpoint this still makes identifiers, and hands spans to nobody.
fn tracer_provider(config: &Config) -> Result<SdkTracerProvider, InitError> {
    let resource = Resource::builder()
        .with_service_name(config.service_name.clone())
        .with_attribute(KeyValue::new("service.version", config.service_version.clone()))
        .build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(builder.build()) };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint.clone())
        .build()
        .map_err(|error| InitError::Otlp(format!("{endpoint:?}: {error}")))?;
    Ok(builder.with_batch_exporter(exporter).build())
}
