//! The Prometheus recorder and the endpoint that shows it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tokio_util::sync::CancellationToken;

/// Bounds of every `*_seconds` histogram, from a cache read to a long slice.
const SECONDS: [f64; 16] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Bounds of every `*_bytes` histogram: 1 KiB to 1 GiB.
const BYTES: [f64; 11] = [
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262144.0,
    1048576.0,
    4194304.0,
    16777216.0,
    67108864.0,
    268435456.0,
    1073741824.0,
];
/// How often samples are folded into histograms when nobody scrapes; otherwise they pile up in memory.
const UPKEEP: Duration = Duration::from_secs(5);

pub(crate) fn recorder() -> Result<PrometheusRecorder, metrics_exporter_prometheus::BuildError> {
    Ok(PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_bytes".to_owned()), &BYTES)?
        .build_recorder())
}

/// A thread with a small runtime of its own, so that metrics are still served when the main runtime is the problem.
#[derive(Debug)]
pub(crate) struct Endpoint {
    address: Option<SocketAddr>,
    stop: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Endpoint {
    pub(crate) fn start(handle: PrometheusHandle, listen: Option<SocketAddr>) -> std::io::Result<Self> {
        let listener = listen.map(std::net::TcpListener::bind).transpose()?;
        let address = listener.as_ref().map(std::net::TcpListener::local_addr).transpose()?;
        if let Some(listener) = &listener {
            listener.set_nonblocking(true)?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
            runtime.block_on(async move {
                tokio::join!(keep_up(handle.clone(), stopped.clone()), serve(handle, listener, stopped));
            });
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stop.cancel();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the metrics thread panicked");
        }
    }
}

async fn keep_up(handle: PrometheusHandle, stop: CancellationToken) {
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = tick.tick() => handle.run_upkeep(),
            () = stop.cancelled() => return,
        }
    }
}

async fn serve(handle: PrometheusHandle, listener: Option<std::net::TcpListener>, stop: CancellationToken) {
    let Some(listener) = listener else { return };
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "metrics are not served");
            return;
        }
    };
    let show = move || {
        let handle = handle.clone();
        async move { ([(http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()) }
    };
    let router = Router::new().route("/metrics", get(show));
    // Dropped rather than drained: a scraper's idle connection must not hold up the end of the process.
    tokio::select! {
        outcome = async { axum::serve(listener, router).await } => {
            if let Err(error) = outcome {
                tracing::error!(%error, "metrics are no longer served");
            }
        }
        () = stop.cancelled() => {}
    }
}
