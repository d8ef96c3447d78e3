//! The listener: HTTP/1.1 and HTTP/2 (prior knowledge) on one port, bounded, and drained when the platform stops.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use boot::Shutdown;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::config::Config;

/// After an error such as too many open files, `accept` would fail again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the shutdown begins, then lets requests in progress end: at most the configured drain time, or until
/// the shutdown becomes immediate.
pub async fn serve(listener: TcpListener, router: axum::Router, config: &Config, shutdown: Shutdown) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(config.header_seconds.max(1)))
        .max_buf_size(usize::try_from(config.header_bytes).unwrap_or(usize::MAX).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)))
        .max_concurrent_streams(config.streams_per_connection)
        .max_header_list_size(config.header_bytes)
        .adaptive_window(true);
    let builder = Arc::new(builder);
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(config.connections));
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(shutdown.triggered());
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &permits) => accepted,
        };
        let (socket, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(
            router.clone().map_request(|request: http::Request<_>| request.map(axum::body::Body::new)).map_err(never),
        );
        let watcher = graceful.watcher();
        let builder = Arc::clone(&builder);
        connections.spawn(async move {
            let connection = builder.serve_connection(TokioIo::new(socket), service).into_owned();
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(permit);
        });
    }
    drop(listener);
    let drained = tokio::select! {
        () = graceful.shutdown() => true,
        () = tokio::time::sleep(Duration::from_secs(config.drain_seconds)) => false,
        () = shutdown.immediately() => false,
    };
    if !drained {
        tracing::warn!(connections = connections.len(), "requests still in progress are cut off");
    }
    connections.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> std::io::Result<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(std::io::Error::other)?;
    let (socket, _) = listener.accept().await?;
    socket.set_nodelay(true)?;
    Ok((socket, permit))
}

fn never(never: Infallible) -> Infallible {
    never
}
