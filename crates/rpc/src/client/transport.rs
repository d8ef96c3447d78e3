//! The connections under a channel: one endpoint, a list, a name, or a pipe inside the process.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tonic::transport::channel::Change;
use tonic::transport::{Channel, Endpoint, Uri};

use super::{Address, ChannelOptions};
use crate::error::Error;
use crate::local;

/// How often an idle connection is asked whether it lives, and how long it may take to say so.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a name is resolved again.
const RESOLVE_EVERY: Duration = Duration::from_secs(5);
/// HTTP/2 windows, for bodies of megabytes, in bytes.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

pub(super) fn to(address: &Address, options: &ChannelOptions) -> Result<Channel, Error> {
    match address {
        Address::Http(uri) => Ok(endpoint(uri.clone(), options).connect_lazy()),
        Address::List(uris) => Ok(Channel::balance_list(uris.iter().map(|uri| endpoint(uri.clone(), options)))),
        Address::Dns { host, port } => Ok(resolved(host.clone(), *port, options.clone())),
    }
}

pub(super) fn local(connector: local::Connector, options: &ChannelOptions) -> Channel {
    // The address is never resolved; it shows in `:authority`.
    let endpoint = endpoint(Uri::from_static("http://local.invalid:1"), options);
    endpoint.connect_with_connector_lazy(tower::service_fn(move |_: Uri| {
        let connector = connector.clone();
        async move { connector.connect().await.map(TokioIo::new) }
    }))
}

fn endpoint(uri: Uri, options: &ChannelOptions) -> Endpoint {
    Endpoint::from(uri)
        .connect_timeout(options.connect_timeout)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
}

/// A channel that follows a name. The resolver ends when the last clone of the channel is gone.
fn resolved(host: String, port: u16, options: ChannelOptions) -> Channel {
    let (channel, changes) = Channel::balance_channel::<SocketAddr>(64);
    let follow = async move {
        let mut known: HashSet<SocketAddr> = HashSet::new();
        loop {
            match tokio::net::lookup_host((host.as_str(), port)).await {
                Ok(found) => {
                    let found: HashSet<SocketAddr> = found.collect();
                    for gone in known.difference(&found) {
                        if changes.send(Change::Remove(*gone)).await.is_err() {
                            return;
                        }
                    }
                    for new in found.difference(&known) {
                        let Ok(uri) = format!("http://{new}").parse::<Uri>() else { continue };
                        if changes.send(Change::Insert(*new, endpoint(uri, &options))).await.is_err() {
                            return;
                        }
                    }
                    known = found;
                }
                // The addresses known so far stay: a resolver's outage must not become ours.
                Err(error) => tracing::warn!(%host, %error, "name does not resolve"),
            }
            tokio::select! {
                () = tokio::time::sleep(RESOLVE_EVERY) => {}
                () = changes.closed() => return,
            }
        }
    };
    // Not in `boot::Tasks`: it belongs to the channel and ends with it, and a drain need not wait for it.
    #[allow(clippy::disallowed_methods)]
    drop(tokio::spawn(follow));
    channel
}
