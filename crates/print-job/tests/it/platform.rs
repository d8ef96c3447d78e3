//! The service as a process that can be killed: a runtime of its own, dropped with everything that it is doing.

use std::{sync::Arc, time::Duration};

use boot::{Clock, Shutdown, Tasks};
use ids::ContentHash;
use proto::pot::{
    iot::v1::iot_service_server::IotServiceServer,
    operations::v1::{self as ops, operation},
    print_job::v1::{self as pb, print_job_service_client::PrintJobServiceClient},
};
use rpc::{
    AuthLayer, Channel, ChannelOptions, ClientAuth, Error, Listen, Methods, Principal, Server, Signer, SigningKey,
    Verifier,
};
use service_kit::Parts;
use test_kit::TestDb;
use tonic::Request;

use super::scripted::Printers;

pub(crate) const OWNER: &str = "users/ana";

/// What outlives a kill: database, objects, printers, keys.
pub(crate) struct World {
    pub(crate) printers: Printers,
    db: TestDb,
    folder: tempfile::TempDir,
    signer: Signer,
    iot: rpc::local::Connector,
    tasks: Tasks,
}

/// A running service.
pub(crate) struct Platform {
    runtime: Option<tokio::runtime::Runtime>,
    pub(crate) parts: Parts,
    client: PrintJobServiceClient<Channel>,
}

fn guard(signer: &Signer) -> AuthLayer {
    let policies = rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap();
    AuthLayer::new(Verifier::new([signer.public_key()], Clock::system()), Arc::new(policies))
}

fn options(auth: ClientAuth) -> ChannelOptions {
    ChannelOptions::default()
        .with_auth(auth)
        .with_methods(Methods::from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap())
}

impl World {
    pub(crate) async fn new(printers: Printers) -> World {
        let signer = Signer::new(SigningKey::generate().unwrap(), Clock::system());
        let (iot, incoming) = rpc::local::pair("iot");
        let tasks = Tasks::new(Shutdown::new());
        let server = Server::new("iot").service(IotServiceServer::new(printers.clone())).auth(guard(&signer));
        tasks.spawn("iot", server.serve(Listen::Local(incoming), tasks.shutdown().clone()));
        World { printers, db: test_kit::postgres().await, folder: tempfile::tempdir().unwrap(), signer, iot, tasks }
    }

    /// Starts the service on this world's database, as an embedded platform does: nobody else holds its jobs.
    pub(crate) async fn start(&self) -> Platform {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (connector, incoming) = rpc::local::pair("print-job");
        let (config, signer) = (self.db.config("print_job"), self.signer.clone());
        let objects = blob_store::Config::Local { path: self.folder.path().to_owned(), fsync: false };
        let channel = self.iot.clone();
        let started = runtime.handle().spawn(async move {
            let tasks = Tasks::new(Shutdown::new());
            let pool = pg_kit::Pool::new(config).unwrap();
            let blobs = blob_store::BlobStore::open(&objects).unwrap();
            let parts =
                Parts { service: print_job::SERVICE, pool, blobs, clock: Clock::system(), tasks: tasks.clone() };
            parts.migrate(pg_kit::migrations!("print_job", "0001_print_jobs", "0002_plates")).await.unwrap();
            jobs::reclaim_all(&parts.pool).await.unwrap();
            let iot = Channel::local(channel, options(ClientAuth::service(signer.clone(), print_job::SERVICE)));
            let server = print_job::build(print_job::Config::default(), parts.clone(), iot).await.unwrap();
            tasks.spawn("server", server.auth(guard(&signer)).serve(Listen::Local(incoming), tasks.shutdown().clone()));
            parts
        });
        let parts = started.await.unwrap();
        let channel = Channel::local(connector, options(ClientAuth::Mint { signer: self.signer.clone() }));
        Platform { runtime: Some(runtime), parts, client: PrintJobServiceClient::new(channel) }
    }

    pub(crate) async fn end(self, platform: Platform) {
        platform.kill();
        self.tasks.shutdown().trigger_now();
        self.tasks.drain(Duration::from_secs(2)).await;
    }
}

fn by<T>(owner: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Principal {
        subject: owner.to_owned(),
        owner: owner.to_owned(),
        scopes: vec!["*".to_owned()],
        on_behalf_of: None,
    });
    request
}

/// A request of the test's owner.
pub(crate) fn ana<T>(message: T) -> Request<T> {
    by(OWNER, message)
}

pub(crate) fn bob<T>(message: T) -> Request<T> {
    by("users/bob", message)
}

/// A box as binary STL.
pub(crate) fn box_stl(size: [f64; 3], open: bool) -> Vec<u8> {
    let positions = (0..8_usize).map(|i| std::array::from_fn(|axis| (i >> axis & 1) as f64 * size[axis])).collect();
    let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    let mut triangles: Vec<[u32; 3]> = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
    if open {
        triangles.pop();
    }
    let mut bytes = Vec::new();
    mesh::stl::write(&mesh::TriMesh::new(positions, triangles), &mut bytes).unwrap();
    bytes
}

impl Platform {
    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }

    pub(crate) fn api(&self) -> PrintJobServiceClient<Channel> {
        self.client.clone()
    }

    pub(crate) async fn mesh(&self, stl: Vec<u8>) -> ContentHash {
        self.parts.store(OWNER, ("mesh", "model/stl"), stl, Vec::new()).await.unwrap()
    }

    /// Runs a slice to its end.
    pub(crate) async fn slice(&self, request: pb::CreateSliceRequest) -> Result<pb::Slice, String> {
        let operation = self.api().create_slice(ana(request)).await.map_err(|s| s.message().to_owned())?.into_inner();
        let watch = ops::WatchOperationRequest { name: operation.name };
        let mut updates = self.api().watch_operation(ana(watch)).await.unwrap().into_inner();
        let mut last = None;
        while let Some(update) = updates.message().await.unwrap() {
            last = Some(update);
        }
        match last.unwrap().result.unwrap() {
            operation::Result::Response(any) => Ok(any.to_msg::<pb::Slice>().unwrap()),
            operation::Result::Error(status) => Err(status.message),
        }
    }

    /// A slice of a small box.
    pub(crate) async fn small_slice(&self) -> String {
        let mesh_hash = self.mesh(box_stl([8.0, 8.0, 1.0], false)).await.to_string();
        self.slice(pb::CreateSliceRequest { mesh_hash, ..Default::default() }).await.unwrap().name
    }

    pub(crate) async fn print(&self, slice: &str) -> String {
        let request = pb::CreatePrintJobRequest { slice: slice.to_owned(), ..Default::default() };
        self.api().create_print_job(ana(request)).await.unwrap().into_inner().name
    }

    pub(crate) async fn job(&self, name: &str) -> pb::PrintJob {
        let request = pb::GetPrintJobRequest { name: name.to_owned() };
        self.api().get_print_job(ana(request)).await.unwrap().into_inner()
    }

    /// Follows a job until `enough`; panics after 30 s.
    pub(crate) async fn until(&self, name: &str, enough: impl Fn(&pb::PrintJob) -> bool) -> pb::PrintJob {
        let request = pb::WatchPrintJobRequest { name: name.to_owned(), after_cursor: String::new() };
        let mut last = None;
        let follow = async {
            let mut changes = self.api().watch_print_job(ana(request)).await.unwrap().into_inner();
            while let Some(change) = changes.message().await.unwrap() {
                let job = change.print_job.unwrap();
                let done = enough(&job);
                last = Some(job);
                if done {
                    break;
                }
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(30), follow).await;
        let last = last.unwrap();
        assert!(in_time.is_ok() && enough(&last), "the job stayed {last:?}");
        last
    }

    pub(crate) async fn ended(&self, name: &str) -> pb::PrintJob {
        self.until(name, |job| job.end_time.is_some()).await
    }
}

/// Waits for something that is not an event.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}

pub(crate) fn error(status: tonic::Status) -> Error {
    Error::from_status(status)
}
