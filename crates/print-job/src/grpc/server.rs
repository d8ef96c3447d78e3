//! `PrintJobService`: each call validates, runs one use case, converts.

use std::{pin::Pin, sync::Arc};

use futures::Stream;
use ids::{PrintJobId, QuoteId, SliceId};
use prost_types::Any;
use proto::{
    google::api::HttpBody,
    pot::{
        operations::v1 as ops,
        print_job::v1::{self as pb, print_job_service_server::PrintJobService},
    },
};
use rpc::{Error, Principal, principal_of};
use service_kit::{Operations, Parts, Resources, Updates, download, page_size};
use tonic::{Request, Response, Status};

use super::{from_proto, to_proto};
use crate::{
    SERVICE, Store,
    app::{self, PrintJobStore, SliceStore},
    domain::{Command, PriceBook},
};

pub(crate) struct PrintJobs {
    parts: Parts,
    store: Arc<Store>,
    operations: Operations<Finished>,
    book: PriceBook,
}

impl PrintJobs {
    pub(crate) fn new(parts: Parts, store: Arc<Store>, book: PriceBook) -> Self {
        let operations = Operations::new(SERVICE, parts.pool.clone(), Finished(store.clone()));
        PrintJobs { parts, store, operations, book }
    }

    async fn command(
        &self,
        command: Command,
        principal: &Principal,
        name: &str,
    ) -> Result<Response<pb::PrintJob>, Status> {
        let id = from_proto::print_job_name(name)?;
        let job = app::send_command(&*self.store, principal, id, command, self.parts.clock.now()).await?;
        Ok(Response::new(to_proto::print_job(job)))
    }
}

/// What operations made: slices, and print jobs for those who look at the work behind one.
struct Finished(Arc<Store>);

impl Resources for Finished {
    async fn pack(&self, owner: &str, name: &str) -> Result<Option<Any>, Error> {
        let packed = if name.starts_with("printJobs/") {
            let job = self.0.print_job(owner, from_proto::print_job_name(name)?).await?;
            Any::from_msg(&to_proto::print_job(job))
        } else {
            let slice = self.0.slice(owner, from_proto::slice_name("name", name)?).await?;
            Any::from_msg(&to_proto::slice(slice))
        };
        packed.map(Some).map_err(Error::internal)
    }
}

type Streamed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl PrintJobService for PrintJobs {
    async fn create_slice(&self, request: Request<pb::CreateSliceRequest>) -> Result<Response<ops::Operation>, Status> {
        let principal = principal_of(&request)?;
        let order = from_proto::slice_order(SliceId::now_v7(), request.get_ref())?;
        let job = app::create_slice(&*self.store, &principal, &order, &request.get_ref().request_id).await?;
        Ok(Response::new(self.operations.show(job).await?))
    }

    async fn get_slice(&self, request: Request<pb::GetSliceRequest>) -> Result<Response<pb::Slice>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::slice_name("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::slice(app::get_slice(&*self.store, &principal, id).await?)))
    }

    type DownloadGcodeStream = Streamed<HttpBody>;

    async fn download_gcode(
        &self,
        request: Request<pb::DownloadGcodeRequest>,
    ) -> Result<Response<Self::DownloadGcodeStream>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::gcode_name(&request.get_ref().name)?;
        let slice = app::get_slice(&*self.store, &principal, id).await?;
        Ok(download(&self.parts.blobs, &slice.gcode_hash, "text/x-gcode").await?.into_response())
    }

    async fn create_quote(&self, request: Request<pb::CreateQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        let principal = principal_of(&request)?;
        let message = request.get_ref();
        let what = from_proto::quoted(message)?;
        let with = (&*self.store, &self.parts, &self.book);
        let quote = app::create_quote(with, &principal, QuoteId::now_v7(), what, &message.request_id).await?;
        Ok(Response::new(to_proto::quote(quote, self.parts.clock.now())))
    }

    async fn get_quote(&self, request: Request<pb::GetQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::quote_name(&request.get_ref().name)?;
        let quote = app::get_quote(&*self.store, &principal, id).await?;
        Ok(Response::new(to_proto::quote(quote, self.parts.clock.now())))
    }

    async fn create_print_job(
        &self,
        request: Request<pb::CreatePrintJobRequest>,
    ) -> Result<Response<pb::PrintJob>, Status> {
        let principal = principal_of(&request)?;
        let message = request.get_ref();
        let what = (from_proto::slice_name("slice", &message.slice)?, from_proto::printer(&message.printer)?);
        let new = (PrintJobId::now_v7(), self.parts.clock.now());
        let job = app::create_print_job(&*self.store, &principal, new, what, &message.request_id).await?;
        Ok(Response::new(to_proto::print_job(job)))
    }

    async fn get_print_job(&self, request: Request<pb::GetPrintJobRequest>) -> Result<Response<pb::PrintJob>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::print_job_name(&request.get_ref().name)?;
        Ok(Response::new(to_proto::print_job(app::get_print_job(&*self.store, &principal, id).await?)))
    }

    async fn list_print_jobs(
        &self,
        request: Request<pb::ListPrintJobsRequest>,
    ) -> Result<Response<pb::ListPrintJobsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_print_jobs(&*self.store, &principal, size, &message.page_token).await?;
        let print_jobs = page.items.into_iter().map(to_proto::print_job).collect();
        Ok(Response::new(pb::ListPrintJobsResponse { print_jobs, next_page_token: page.next }))
    }

    type WatchPrintJobStream = Streamed<pb::WatchPrintJobResponse>;

    async fn watch_print_job(
        &self,
        request: Request<pb::WatchPrintJobRequest>,
    ) -> Result<Response<Self::WatchPrintJobStream>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::print_job_name(&request.get_ref().name)?;
        let after = from_proto::cursor(&request.get_ref().after_cursor)?;
        let owner = principal.acting_owner().to_owned();
        let changes = super::watch::watch(self.parts.pool.clone(), self.store.clone(), owner, id, after).await?;
        Ok(Response::new(Box::pin(changes)))
    }

    async fn pause_print_job(
        &self,
        request: Request<pb::PausePrintJobRequest>,
    ) -> Result<Response<pb::PrintJob>, Status> {
        self.command(Command::Pause, &principal_of(&request)?, &request.get_ref().name).await
    }

    async fn resume_print_job(
        &self,
        request: Request<pb::ResumePrintJobRequest>,
    ) -> Result<Response<pb::PrintJob>, Status> {
        self.command(Command::Resume, &principal_of(&request)?, &request.get_ref().name).await
    }

    async fn cancel_print_job(
        &self,
        request: Request<pb::CancelPrintJobRequest>,
    ) -> Result<Response<pb::PrintJob>, Status> {
        self.command(Command::Cancel, &principal_of(&request)?, &request.get_ref().name).await
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
