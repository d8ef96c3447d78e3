//! An in-process transport: services in one process speak real gRPC to each other without a port.
//!
//! The bytes go through a memory pipe, so framing, deadlines, metadata and errors are those of the network.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_stream::Stream;

/// Buffer of each direction of a connection, in bytes: several HTTP/2 windows.
const PIPE_BYTES: usize = 256 * 1024;
/// Connections that may wait to be accepted.
const BACKLOG: usize = 16;

/// The client's end; clones connect to the same server.
#[derive(Debug, Clone)]
pub struct Connector {
    name: String,
    connections: mpsc::Sender<DuplexStream>,
}

/// The server's end: a stream of connections for [`crate::Listen::Local`].
#[derive(Debug)]
pub struct Incoming {
    connections: mpsc::Receiver<DuplexStream>,
}

/// A connected pair. The name is for errors and traces.
pub fn pair(name: impl Into<String>) -> (Connector, Incoming) {
    let (sender, receiver) = mpsc::channel(BACKLOG);
    (Connector { name: name.into(), connections: sender }, Incoming { connections: receiver })
}

impl Connector {
    /// What the pair was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens a connection, waiting for the server to have room for it.
    pub async fn connect(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        self.connections.send(theirs).await.map_err(|_| {
            io::Error::new(io::ErrorKind::ConnectionRefused, format!("the service {} has stopped", self.name))
        })?;
        Ok(ours)
    }
}

impl Stream for Incoming {
    type Item = io::Result<DuplexStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.connections.poll_recv(cx).map(|connection| connection.map(Ok))
    }
}
