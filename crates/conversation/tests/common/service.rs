//! The service over gRPC in this process, on a real Postgres, with what tests ask it.

use std::{sync::Arc, time::Duration};

use blob_store::BlobStore;
use boot::{Clock, Shutdown, Tasks};
use conversation::{Config, llm};
use proto::pot::conversation::v1::{
    CreateDialogueRequest, CreateTurnRequest, GetSpecificationRequest, Specification, Turn,
    conversation_service_client::ConversationServiceClient,
};
use rpc::{AuthLayer, Channel, ChannelOptions, ClientAuth, Listen, Methods, Signer, SigningKey, Verifier, local};
use service_kit::Parts;
use tonic::Status;

pub(crate) type Client = ConversationServiceClient<Channel>;

pub(crate) struct Service {
    pub(crate) client: Client,
    shutdown: Shutdown,
    tasks: Tasks,
    pub(crate) pool: pg_kit::Pool,
    pub(crate) objects: Arc<tempfile::TempDir>,
    pub(crate) db: Arc<test_kit::TestDb>,
}

impl Service {
    pub(crate) async fn start(llm: Option<llm::Config>) -> Service {
        let (db, objects) = (test_kit::postgres().await, tempfile::tempdir().unwrap());
        Service::on(llm, Arc::new(db), Arc::new(objects)).await
    }

    pub(crate) async fn on(
        llm: Option<llm::Config>,
        db: Arc<test_kit::TestDb>,
        objects: Arc<tempfile::TempDir>,
    ) -> Service {
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        let clock = Clock::system();
        let config = blob_store::Config::Local { path: objects.path().to_owned(), fsync: false };
        let blobs = BlobStore::open(&config).unwrap();
        let pool = db.pool("conversation");
        let (service, clock_of, tasks_of) = (conversation::SERVICE, clock.clone(), tasks.clone());
        let parts = Parts { service, pool: pool.clone(), blobs, clock: clock_of, tasks: tasks_of };
        let key = SigningKey::generate().unwrap();
        let verifier = Verifier::new([key.public_key()], clock.clone());
        let policies = rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap();
        let server = conversation::build(Config { llm }, parts).await.unwrap();
        let server = server.auth(AuthLayer::new(verifier, Arc::new(policies)));
        let (connector, incoming) = local::pair("conversation");
        tasks.spawn("server", server.serve(Listen::Local(incoming), shutdown.clone()));
        let options = ChannelOptions::default()
            .with_auth(ClientAuth::service(Signer::new(key, clock), "test"))
            .with_methods(Methods::from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap());
        let client = ConversationServiceClient::new(Channel::local(connector, options));
        Service { client, shutdown, tasks, pool, objects, db }
    }

    pub(crate) async fn dialogue(&self) -> String {
        self.client.clone().create_dialogue(CreateDialogueRequest::default()).await.unwrap().into_inner().name
    }

    pub(crate) async fn say(&self, dialogue: &str, text: &str, request_id: &str) -> Result<Turn, Status> {
        let (parent, text, request_id) = (dialogue.to_owned(), text.to_owned(), request_id.to_owned());
        let request = CreateTurnRequest { parent, text, request_id, continued_turn: String::new() };
        Ok(self.client.clone().create_turn(request).await?.into_inner())
    }

    /// `name` without its last segment.
    pub(crate) async fn specification(&self, of: &str) -> Result<Specification, Status> {
        let request = GetSpecificationRequest { name: format!("{of}/specification") };
        Ok(self.client.clone().get_specification(request).await?.into_inner())
    }

    pub(crate) async fn down(&self) {
        self.shutdown.trigger();
        self.tasks.drain(Duration::from_secs(5)).await;
    }

    pub(crate) async fn end(self) {
        self.down().await;
        let Service { db, objects, .. } = self;
        db.assert_quiet().await;
        drop(objects);
    }
}
