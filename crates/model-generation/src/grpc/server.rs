//! `ModelGenerationService`: each call validates, runs one use case, converts.

use std::sync::Arc;

use futures::StreamExt as _;
use ids::{ImportId, kind};
use prost_types::Any;
use proto::pot::{
    model_generation::v1::{self as pb, model_generation_service_server::ModelGenerationService},
    operations::v1 as ops,
};
use rpc::{Error, principal_of};
use service_kit::{Chunks, Operations, Parts, Resources, Updates, blobs_error, download, page_size};
use tonic::{Request, Response, Status, Streaming};

use super::{from_proto, to_proto};
use crate::{
    Evaluator, SERVICE, Store,
    app::{self, Imports, MAX_IMPORT_BYTES, Models},
    domain::Upload,
};

pub(crate) struct ModelGeneration {
    parts: Parts,
    store: Arc<Store>,
    evaluator: Arc<Evaluator>,
    operations: Operations<Finished>,
}

impl ModelGeneration {
    pub(crate) fn new(parts: Parts, store: Arc<Store>, evaluator: Arc<Evaluator>) -> Self {
        let operations = Operations::new(SERVICE, parts.pool.clone(), Finished(store.clone()));
        ModelGeneration { parts, store, evaluator, operations }
    }

    /// Stores what comes in as it comes, bytes before any row.
    async fn receive(&self, owner: &str, mut stream: Streaming<pb::CreateImportRequest>) -> Result<Upload, Error> {
        let broken = |status: Status| Error::cancelled(format!("the upload ended early: {}", status.message()));
        let first = stream.message().await.map_err(broken)?;
        let first = first.ok_or_else(|| Error::invalid("file", "is missing: the upload was empty"))?;
        let filename = from_proto::filename(&first.filename)?;
        let rest = stream.map(|message| message.map(|m| m.file.unwrap_or_default().data));
        let chunks = futures::stream::iter([Ok(first.file.unwrap_or_default().data)]).chain(rest);
        let provenance = self.parts.provenance(owner, ("import", "application/octet-stream"), Vec::new());
        let stored = self.parts.blobs.put_stream(chunks, MAX_IMPORT_BYTES, provenance).await.map_err(blobs_error)?;
        if stored.size == 0 {
            return Err(Error::invalid("file", "is empty"));
        }
        let size_bytes = i64::try_from(stored.size).map_err(Error::internal)?;
        Ok(Upload { id: ImportId::now_v7(), filename, hash: stored.hash, size_bytes })
    }
}

/// Finished models and imports, for operations.
struct Finished(Arc<Store>);

impl Resources for Finished {
    async fn pack(&self, owner: &str, name: &str) -> Result<Option<Any>, Error> {
        let packed = match name.split_once('/') {
            Some(("imports", _)) => {
                let import = self.0.get_import(owner, from_proto::name::<kind::Import>("name", name)?).await?;
                Any::from_msg(&to_proto::import(import))
            }
            _ => {
                let model = self.0.get(owner, from_proto::name::<kind::Model>("name", name)?).await?;
                Any::from_msg(&to_proto::model(model))
            }
        };
        packed.map(Some).map_err(Error::internal)
    }
}

#[tonic::async_trait]
impl ModelGenerationService for ModelGeneration {
    async fn create_model(&self, request: Request<pb::CreateModelRequest>) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let request = from_proto::request(request.into_inner())?;
        let mut queued = app::create_models(&*self.store, &principal, &[request]).await?;
        let job = queued.pop().ok_or_else(|| Error::internal("no job was queued"))?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn batch_create_models(
        &self,
        request: Request<pb::BatchCreateModelsRequest>,
    ) -> Result<Response<pb::BatchCreateModelsResponse>, Status> {
        let principal = principal_of(&request)?;
        let requests = from_proto::batch(request.into_inner())?;
        let mut operations = Vec::with_capacity(requests.len());
        for job in app::create_models(&*self.store, &principal, &requests).await? {
            operations.push(self.operations.show(job).await?);
        }
        Ok(Response::new(pb::BatchCreateModelsResponse { operations }))
    }

    async fn preview_model(
        &self,
        request: Request<pb::PreviewModelRequest>,
    ) -> Result<Response<pb::ModelPreview>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let part = from_proto::part(message.part)?;
        let (store, blobs, evaluator) = (&*self.store, &self.parts.blobs, &*self.evaluator);
        let preview = app::preview(store, blobs, evaluator, &principal, &part, message.chord_tolerance).await?;
        Ok(Response::new(to_proto::preview(preview)))
    }

    async fn suggest_edits(
        &self,
        request: Request<pb::SuggestEditsRequest>,
    ) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::name("name", &request.get_ref().name)?;
        let job = app::suggest_edits(&*self.store, &principal, id).await?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn get_model(&self, request: Request<pb::GetModelRequest>) -> Result<Response<pb::Model>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::name("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::model(app::get_model(&*self.store, &principal, id).await?)))
    }

    async fn list_models(
        &self,
        request: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_models(&*self.store, &principal, size, &message.page_token).await?;
        let models = page.items.into_iter().map(to_proto::model).collect();
        Ok(Response::new(pb::ListModelsResponse { models, next_page_token: page.next }))
    }

    async fn list_model_versions(
        &self,
        request: Request<pb::ListModelVersionsRequest>,
    ) -> Result<Response<pb::ListModelVersionsResponse>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::name("name", &request.get_ref().name)?;
        let versions = app::list_versions(&*self.store, &principal, id).await?;
        let versions = versions.into_iter().map(to_proto::version).collect();
        Ok(Response::new(pb::ListModelVersionsResponse { versions }))
    }

    async fn create_import(
        &self,
        request: Request<Streaming<pb::CreateImportRequest>>,
    ) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let upload = self.receive(principal.acting_owner(), request.into_inner()).await?;
        let job = app::create_import(&*self.store, &principal, &upload).await?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn get_import(&self, request: Request<pb::GetImportRequest>) -> Result<Response<pb::Import>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::name("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::import(app::get_import(&*self.store, &principal, id).await?)))
    }

    async fn list_imports(
        &self,
        request: Request<pb::ListImportsRequest>,
    ) -> Result<Response<pb::ListImportsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_imports(&*self.store, &principal, size, &message.page_token).await?;
        let imports = page.items.into_iter().map(to_proto::import).collect();
        Ok(Response::new(pb::ListImportsResponse { imports, next_page_token: page.next }))
    }

    type DownloadArtefactStream = Chunks;

    async fn download_artefact(
        &self,
        request: Request<pb::DownloadArtefactRequest>,
    ) -> Result<Response<Self::DownloadArtefactStream>, Status> {
        let principal = principal_of(&request)?;
        let (id, kind) = from_proto::artefact_name(&request.get_ref().name)?;
        let model = app::get_model(&*self.store, &principal, id).await?;
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
