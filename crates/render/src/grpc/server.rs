//! `RenderService`: each call validates, runs one use case, converts.

use std::sync::Arc;

use ids::PictureId;
use prost_types::Any;
use proto::pot::{
    operations::v1 as ops,
    render::v1::{self as pb, render_service_server::RenderService},
};
use rpc::{Error, principal_of};
use service_kit::{Chunks, Operations, Parts, Resources, Updates, download, page_size};
use tonic::{Request, Response, Status};

use super::{from_proto, to_proto};
use crate::{
    SERVICE, Store,
    app::{self, Pictures},
};

pub(crate) struct Render {
    parts: Parts,
    pictures: Arc<Store>,
    operations: Operations<Finished>,
}

impl Render {
    pub(crate) fn new(parts: Parts, pictures: Arc<Store>) -> Self {
        let operations = Operations::new(SERVICE, parts.pool.clone(), Finished(pictures.clone()));
        Render { parts, pictures, operations }
    }
}

/// Finished pictures, for operations.
struct Finished(Arc<Store>);

impl Resources for Finished {
    async fn pack(&self, owner: &str, name: &str) -> Result<Option<Any>, Error> {
        let picture = self.0.get(owner, from_proto::picture_name(name)?).await?;
        Any::from_msg(&to_proto::picture(picture)).map(Some).map_err(Error::internal)
    }
}

#[tonic::async_trait]
impl RenderService for Render {
    async fn create_picture(
        &self,
        request: Request<pb::CreatePictureRequest>,
    ) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let still = from_proto::still(PictureId::now_v7(), request.get_ref())?;
        let job = app::create_picture(&*self.pictures, &principal, &still, &request.get_ref().request_id).await?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn get_picture(&self, request: Request<pb::GetPictureRequest>) -> Result<Response<pb::Picture>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::picture_name(&request.get_ref().name)?;
        Ok(Response::new(to_proto::picture(app::get_picture(&*self.pictures, &principal, id).await?)))
    }

    async fn list_pictures(
        &self,
        request: Request<pb::ListPicturesRequest>,
    ) -> Result<Response<pb::ListPicturesResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_pictures(&*self.pictures, &principal, size, &message.page_token).await?;
        let pictures = page.items.into_iter().map(to_proto::picture).collect();
        Ok(Response::new(pb::ListPicturesResponse { pictures, next_page_token: page.next }))
    }

    type DownloadPictureStream = Chunks;

    async fn download_picture(
        &self,
        request: Request<pb::DownloadPictureRequest>,
    ) -> Result<Response<Self::DownloadPictureStream>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::image_name(&request.get_ref().name)?;
        let picture = app::get_picture(&*self.pictures, &principal, id).await?;
        Ok(download(&self.parts.blobs, &picture.hash, &picture.media_type).await?.into_response())
    }

    async fn get_operation(
        &self,
        request: Request<ops::GetOperationRequest>,
    ) -> Result<Response<ops::Operation>, Status> {
        self.operations.serve_get(request).await
    }

    type WatchOperationStream = Updates;

    async fn watch_operation(&self, request: Request<ops::WatchOperationRequest>) -> Result<Response<Updates>, Status> {
        self.operations.serve_watch(request).await
    }

    async fn cancel_operation(
        &self,
        request: Request<ops::CancelOperationRequest>,
    ) -> Result<Response<ops::Operation>, Status> {
        self.operations.serve_cancel(request).await
    }
}
