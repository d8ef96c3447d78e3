//! `ModelGenerationService`: each call validates, runs one use case, converts.

use std::sync::Arc;

use ids::ModelId;
use prost_types::Any;
use proto::pot::{
    model_generation::v1::{self as pb, model_generation_service_server::ModelGenerationService},
    operations::v1 as ops,
};
use rpc::{Error, principal_of};
use service_kit::{Chunks, Operations, Parts, Resources, Updates, download, page_size};
use tonic::{Request, Response, Status};

use super::{from_proto, to_proto};
use crate::{
    SERVICE, Store,
    app::{self, Models},
};

pub(crate) struct ModelGeneration {
    parts: Parts,
    models: Arc<Store>,
    operations: Operations<Finished>,
}

impl ModelGeneration {
    pub(crate) fn new(parts: Parts, models: Arc<Store>) -> Self {
        let operations = Operations::new(SERVICE, parts.pool.clone(), Finished(models.clone()));
        ModelGeneration { parts, models, operations }
    }
}

/// Finished models, for operations.
struct Finished(Arc<Store>);

impl Resources for Finished {
    async fn pack(&self, owner: &str, name: &str) -> Result<Option<Any>, Error> {
        let model = self.0.get(owner, from_proto::model_name(name)?).await?;
        Any::from_msg(&to_proto::model(model)).map(Some).map_err(Error::internal)
    }
}

#[tonic::async_trait]
impl ModelGenerationService for ModelGeneration {
    async fn create_model(&self, request: Request<pb::CreateModelRequest>) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let (part, hash) = from_proto::part(request.into_inner())?;
        let job = app::create_model(&*self.models, &principal, ModelId::now_v7(), part, hash).await?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn get_model(&self, request: Request<pb::GetModelRequest>) -> Result<Response<pb::Model>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::model_name(&request.get_ref().name)?;
        Ok(Response::new(to_proto::model(app::get_model(&*self.models, &principal, id).await?)))
    }

    async fn list_models(
        &self,
        request: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_models(&*self.models, &principal, size, &message.page_token).await?;
        let models = page.items.into_iter().map(to_proto::model).collect();
        Ok(Response::new(pb::ListModelsResponse { models, next_page_token: page.next }))
    }

    type DownloadArtefactStream = Chunks;

    async fn download_artefact(
        &self,
        request: Request<pb::DownloadArtefactRequest>,
    ) -> Result<Response<Self::DownloadArtefactStream>, Status> {
        let principal = principal_of(&request)?;
        let (id, kind) = from_proto::artefact_name(&request.get_ref().name)?;
        let model = app::get_model(&*self.models, &principal, id).await?;
        let artefact = model.result.artefacts.iter().find(|artefact| artefact.kind == kind);
        let artefact = artefact.ok_or_else(|| Error::not_found(&request.get_ref().name))?;
        Ok(download(&self.parts.blobs, &artefact.hash, &artefact.media_type).await?.into_response())
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
