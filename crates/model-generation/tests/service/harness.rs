//! The service on a real Postgres, with real worker processes.

use std::{path::PathBuf, sync::Arc, time::Duration};

use blob_store::BlobStore;
use boot::{Clock, Shutdown, Tasks};
use futures::StreamExt;
use part::{Edit, Operation, Part, Quantity};
use proto::pot::{
    model_generation::v1::{CreateModelRequest, Model, model_generation_service_client::ModelGenerationServiceClient},
    operations::v1::{Operation as Work, WatchOperationRequest, operation::Result as R},
};
use rpc::{AuthLayer, Channel, ChannelOptions, ClientAuth, Listen, Methods, Signer, SigningKey, Verifier, local};
use service_kit::Parts;

pub(crate) struct Service {
    pub(crate) client: ModelGenerationServiceClient<Channel>,
    shutdown: Shutdown,
    tasks: Tasks,
    _objects: tempfile::TempDir,
    pub(crate) db: test_kit::TestDb,
}

pub(crate) async fn service(deadline_s: u64) -> Service {
    let db = test_kit::postgres().await;
    let objects = tempfile::tempdir().unwrap();
    let shutdown = Shutdown::new();
    let tasks = Tasks::new(shutdown.clone());
    let clock = Clock::system();
    let blobs = BlobStore::open(&blob_store::Config::Local { path: objects.path().to_owned(), fsync: false }).unwrap();
    let parts = Parts {
        service: model_generation::SERVICE,
        pool: db.pool("model_generation"),
        blobs,
        clock: clock.clone(),
        tasks: tasks.clone(),
    };
    let program = Some(PathBuf::from(env!("CARGO_BIN_EXE_model-generation")));
    let config = model_generation::Config { workers: 1, deadline_s, program, ..Default::default() };
    let key = SigningKey::generate().unwrap();
    let verifier = Verifier::new([key.public_key()], clock.clone());
    let policies = rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap();
    let server = model_generation::build(config, parts).await.unwrap();
    let server = server.auth(AuthLayer::new(verifier, Arc::new(policies)));
    let (connector, incoming) = local::pair("model-generation");
    tasks.spawn("server", server.serve(Listen::Local(incoming), shutdown.clone()));
    let options = ChannelOptions::default()
        .with_auth(ClientAuth::service(Signer::new(key, clock), "test"))
        .with_methods(Methods::from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap());
    let client = ModelGenerationServiceClient::new(Channel::local(connector, options));
    Service { client, shutdown, tasks, _objects: objects, db }
}

impl Service {
    pub(crate) async fn build(&mut self, part: &Part) -> Work {
        let request = CreateModelRequest {
            part: Some(part_proto::part_to_proto(part)),
            made_from: Vec::new(),
            ..Default::default()
        };
        let work = self.client.create_model(request).await.unwrap().into_inner();
        self.end(work).await
    }

    /// The operation as it ended.
    pub(crate) async fn end(&mut self, work: Work) -> Work {
        let request = WatchOperationRequest { name: work.name };
        let mut updates = self.client.watch_operation(request).await.unwrap().into_inner();
        let mut last = None;
        while let Some(update) = updates.next().await {
            last = Some(update.unwrap());
        }
        last.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.shutdown.trigger();
        self.tasks.drain(Duration::from_secs(5)).await;
    }
}

pub(crate) fn block(length: f64) -> Part {
    let said = |value: f64| Quantity::said(value, format!("{value} mm"), 0, 0..5);
    let parameters = [("length", length), ("width", 20.0), ("height", 10.0)];
    let operation = Operation {
        id: "block".into(),
        kind: "block".into(),
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), said(value))).collect(),
        choices: Default::default(),
        ..Operation::default()
    };
    Part::default().apply(&Edit::Add { operation }).unwrap()
}

pub(crate) fn model(work: Work) -> Model {
    match work.result {
        Some(R::Response(any)) => any.to_msg().unwrap(),
        other => panic!("no model: {other:?}"),
    }
}
