//! Reading objects.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt as _};
use ids::ContentHash;
use time::OffsetDateTime;

use crate::error::Error;

/// What is known of an object without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Size in bytes.
    pub size: u64,
    /// When it was first stored.
    pub stored: OffsetDateTime,
}

/// An object, or a part of one, as a stream of bytes.
///
/// A whole object is checked while it is read: when the bytes do not have the hash, the last item is
/// [`Error::Corrupt`]. A part cannot be checked.
pub struct Object {
    /// The whole object's size in bytes.
    pub size: u64,
    /// The bytes that this stream yields.
    pub range: Range<u64>,
    stream: BoxStream<'static, Result<Bytes, Error>>,
    check: Option<Box<(ContentHash, blake3::Hasher)>>,
}

impl Object {
    pub(crate) fn new(
        hash: &ContentHash,
        size: u64,
        range: Range<u64>,
        stream: BoxStream<'static, Result<Bytes, Error>>,
    ) -> Self {
        let whole = range == (0..size);
        Self { size, range, stream, check: whole.then(|| Box::new((*hash, blake3::Hasher::new()))) }
    }

    /// Everything at once, refused when longer than `limit` bytes.
    pub async fn bytes(mut self, limit: u64) -> Result<Bytes, Error> {
        let length = self.range.end - self.range.start;
        if length > limit {
            return Err(Error::TooLarge { limit });
        }
        let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        while let Some(piece) = self.next().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.into())
    }
}

impl Stream for Object {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.as_mut().poll_next(cx);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => {
                if let Some(check) = &mut self.check {
                    check.1.update(piece);
                }
            }
            Poll::Ready(None) => {
                if let Some(check) = self.check.take()
                    && ContentHash::from(check.1.finalize()) != check.0
                {
                    return Poll::Ready(Some(Err(Error::Corrupt { hash: check.0 })));
                }
            }
            _ => {}
        }
        polled
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("size", &self.size).field("range", &self.range).finish_non_exhaustive()
    }
}
