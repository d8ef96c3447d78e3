//! The service over gRPC on a real Postgres, with real worker processes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{path::PathBuf, sync::Arc, time::Duration};

use blob_store::BlobStore;
use boot::{Clock, Shutdown, Tasks};
use futures::StreamExt;
use part::{Edit, Operation, Part, Quantity};
use proto::pot::{
    model_generation::v1::{
        CreateModelRequest, DownloadArtefactRequest, Model,
        model_generation_service_client::ModelGenerationServiceClient,
    },
    operations::v1::{Operation as Work, OperationState, WatchOperationRequest, operation::Result as R},
};
use rpc::{AuthLayer, Channel, ChannelOptions, ClientAuth, Listen, Methods, Signer, SigningKey, Verifier, local};
use service_kit::Parts;

struct Service {
    client: ModelGenerationServiceClient<Channel>,
    shutdown: Shutdown,
    tasks: Tasks,
    _objects: tempfile::TempDir,
    _db: test_kit::TestDb,
}

async fn service(deadline_s: u64) -> Service {
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
    Service { client, shutdown, tasks, _objects: objects, _db: db }
}

impl Service {
    async fn build(&mut self, part: &Part) -> Work {
        let request = CreateModelRequest {
            part: Some(part_proto::part_to_proto(part)),
            made_from: Vec::new(),
            request_id: String::new(),
        };
        let work = self.client.create_model(request).await.unwrap().into_inner();
        let request = WatchOperationRequest { name: work.name };
        let mut updates = self.client.watch_operation(request).await.unwrap().into_inner();
        let mut last = None;
        while let Some(update) = updates.next().await {
            last = Some(update.unwrap());
        }
        last.unwrap()
    }

    async fn stop(self) {
        self.shutdown.trigger();
        self.tasks.drain(Duration::from_secs(5)).await;
    }
}

fn block(length: f64) -> Part {
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

fn model(work: Work) -> Model {
    match work.result {
        Some(R::Response(any)) => any.to_msg().unwrap(),
        other => panic!("no model: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_part_is_the_same_model_and_its_files_can_be_read() {
    let mut service = service(60).await;
    let first = model(service.build(&block(30.0)).await);
    let second = model(service.build(&block(30.0)).await);
    assert_eq!(first, second);
    assert!(first.exact && first.watertight);
    assert!((first.volume_mm3 - 6000.0).abs() < 1e-6);
    let other = model(service.build(&block(31.0)).await);
    assert_ne!(first.name, other.name);
    let stl = first.artefacts.iter().find(|artefact| artefact.kind == "stl").unwrap();
    let request = DownloadArtefactRequest { name: stl.name.clone() };
    let mut chunks = service.client.download_artefact(request).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.unwrap().data);
    }
    assert_eq!(bytes.len() as i64, stl.size_bytes);
    assert!(mesh::stl::read(&bytes).unwrap().topology().is_watertight());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_lowered_is_refused_at_once_with_its_field() {
    let mut service = service(60).await;
    let mut message = part_proto::part_to_proto(&block(30.0));
    message.features[0].parameters.remove("length");
    let request = CreateModelRequest { part: Some(message), made_from: Vec::new(), request_id: String::new() };
    let status = service.client.create_model(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("block.length"), "{}", status.message());
    let part = Some(part_proto::part_to_proto(&block(30.0)));
    let request = CreateModelRequest { part, made_from: vec!["00".repeat(32)], request_id: String::new() };
    let status = service.client.create_model(request).await.unwrap_err();
    assert!(status.message().starts_with("made_from"), "{}", status.message());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_misses_its_deadline_is_killed_and_the_part_is_told() {
    let mut service = service(0).await;
    let work = service.build(&block(30.0)).await;
    assert_eq!(work.state(), OperationState::Failed);
    let Some(R::Error(status)) = work.result else { panic!("no error") };
    assert!(status.message.contains("took longer than 0 s"), "{}", status.message);
    service.stop().await;
}
