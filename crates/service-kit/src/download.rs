//! Objects as `google.api.HttpBody` streams.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use ids::ContentHash;
use proto::google::api::HttpBody;
use rpc::Error;
use tonic::{Extensions, Response, Status, metadata::MetadataMap};

/// The stream of a download RPC.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<HttpBody, Status>> + Send>>;

/// A download: what to say before the first byte, and the bytes.
pub struct Download<S> {
    /// Size and entity tag, by which the gateway answers ranges and conditional requests.
    pub metadata: MetadataMap,
    pub chunks: S,
}

impl<S: Stream<Item = Result<HttpBody, Status>> + Send + 'static> Download<S> {
    /// The answer of a download RPC.
    pub fn into_response(self) -> Response<Chunks> {
        Response::from_parts(self.metadata, Box::pin(self.chunks), Extensions::default())
    }
}

/// Streams an object. The media type goes with the first chunk, as HttpBody has it.
pub async fn download(
    blobs: &blob_store::BlobStore,
    hash: &ContentHash,
    media_type: &str,
) -> Result<Download<impl Stream<Item = Result<HttpBody, Status>> + Send + use<>>, Error> {
    let object = blobs.get_range(hash, None).await.map_err(blobs_error)?;
    let mut metadata = MetadataMap::new();
    for (name, value) in [("x-pot-size", object.size.to_string()), ("x-pot-etag", format!("\"{hash}\""))] {
        metadata.insert(name, value.parse().map_err(|_| Error::internal("a header value is not ASCII"))?);
    }
    let mut content_type = media_type.to_owned();
    let chunks = object.map(move |chunk| {
        let data = chunk.map_err(|error| Status::from(blobs_error(error)))?;
        Ok(HttpBody { content_type: std::mem::take(&mut content_type), data, extensions: Vec::new() })
    });
    Ok(Download { metadata, chunks })
}

/// The object store's errors as callers see them.
pub fn blobs_error(error: blob_store::Error) -> Error {
    use blob_store::Error as E;
    match &error {
        E::NotFound { hash } => Error::not_found(format!("object {hash}")),
        E::Corrupt { .. } => Error::data_loss("a stored file is damaged; make it again").with_source(error),
        E::TooLarge { .. } => Error::resource_exhausted(error.to_string()),
        E::NoSpace { .. } | E::ReadOnly { .. } | E::Permission { .. } => {
            Error::resource_exhausted("the platform cannot store files now: its disk is full or read-only")
                .with_source(error)
        }
        _ => Error::internal(error),
    }
}
