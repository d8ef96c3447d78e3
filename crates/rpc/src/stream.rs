//! Bytes in pieces that fit a message.

use bytes::{Bytes, BytesMut};
use futures::stream::{Stream, StreamExt as _};

/// A good size of a piece: large enough to be efficient, small enough to interleave, in bytes.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Cuts bytes into pieces of at most `size` bytes without copying. No bytes, no pieces.
pub fn chunks(bytes: Bytes, size: usize) -> impl Iterator<Item = Bytes> + Send {
    let size = size.max(1);
    let count = bytes.len().div_ceil(size);
    (0..count).map(move |i| bytes.slice(i * size..bytes.len().min((i + 1) * size)))
}

/// The same as a stream.
pub fn chunk_stream(bytes: Bytes, size: usize) -> impl Stream<Item = Bytes> + Send {
    futures::stream::iter(chunks(bytes, size))
}

/// Cuts a stream's pieces so that none is over `size` bytes; small ones go through as they are.
pub fn rechunk<S, E>(stream: S, size: usize) -> impl Stream<Item = Result<Bytes, E>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Send,
{
    stream.flat_map(move |piece| match piece {
        Ok(bytes) => futures::stream::iter(chunks(bytes, size).map(Ok).collect::<Vec<_>>()),
        Err(error) => futures::stream::iter(vec![Err(error)]),
    })
}

/// Gathers a stream that may be at most `limit` bytes; `None` when it is longer.
pub async fn gather<S, E>(stream: S, limit: usize) -> Result<Option<Bytes>, E>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let mut stream = std::pin::pin!(stream);
    let mut all = BytesMut::new();
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        if all.len() + piece.len() > limit {
            return Ok(None);
        }
        all.extend_from_slice(&piece);
    }
    Ok(Some(all.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_add_up() {
        let whole = Bytes::from((0..=255_u8).cycle().take(1_000).collect::<Vec<_>>());
        let pieces: Vec<Bytes> = chunks(whole.clone(), 300).collect();
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [300, 300, 300, 100]);
        assert_eq!(pieces.concat(), whole);
        assert_eq!(chunks(Bytes::new(), 300).count(), 0);
        let again = rechunk(futures::stream::iter([Ok::<_, ()>(whole.clone())]), 64);
        assert_eq!(gather(again, 1_000).await.unwrap().unwrap(), whole);
        let long = rechunk(futures::stream::iter([Ok::<_, ()>(whole)]), 64);
        assert_eq!(gather(long, 999).await.unwrap(), None);
    }
}
