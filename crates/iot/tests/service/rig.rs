//! The service with everything around it: Postgres, broker, object links, virtual printers.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use blob_store::{BlobStore, Provenance, UrlSigner, UrlVerifier};
use boot::{Clock, Shutdown, Tasks};
use ids::ContentHash;
use iot::broker::Broker;
use pg_kit::Pool;
use proto::pot::iot::v1::{self as pb, iot_service_client::IotServiceClient};
use rpc::{AuthLayer, Channel, ChannelOptions, ClientAuth, Listen, Principal, Signer, SigningKey, Verifier};
use service_kit::Parts;
use tonic::{Request, Status};

pub(crate) type Client = IotServiceClient<Channel>;

/// Heats, moves and waits for minutes of simulated time.
pub(crate) const GCODE: &str = "M104 S200\nM140 S60\nM190 S60\nM109 S200\nG28\n;LAYER:0\nG1 X10 Y10 Z0.2 F3000\nG1 X60 E5 F1500\n;LAYER:1\nG1 Z0.4\nG1 X10 E10\nG4 S30\nM104 S0\n";

pub(crate) struct Rig {
    pub(crate) db: test_kit::TestDb,
    pub(crate) pool: Pool,
    pub(crate) blobs: BlobStore,
    pub(crate) broker: Option<Broker>,
    pub(crate) address: SocketAddr,
    pub(crate) gcode: ContentHash,
    pub(crate) client: Client,
    service: Tasks,
    around: Tasks,
    objects: SocketAddr,
    signer: UrlSigner,
    folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let broker = Broker::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let db = test_kit::postgres().await;
        let pool = db.pool("iot");
        let folder = tempfile::tempdir().unwrap();
        let blobs =
            BlobStore::open(&blob_store::Config::Local { path: folder.path().join("objects"), fsync: false }).unwrap();
        let signer = UrlSigner::generate().unwrap();
        let around = Tasks::new(Shutdown::new());
        let objects = serve_objects(&around, blobs.clone(), UrlVerifier::new([signer.public_key()])).await;
        let provenance = Provenance {
            kind: "gcode".into(),
            media_type: "text/x.gcode".into(),
            owner: "ana".into(),
            service: "print-job".into(),
            version: "1".into(),
            made_from: Vec::new(),
            created: Clock::system().now(),
        };
        let gcode = blobs.put(GCODE.into(), provenance).await.unwrap().hash;
        let (client, service) = serve(&pool, &blobs, broker.address, objects, &signer).await;
        let address = broker.address;
        let rig = Rig {
            db,
            pool,
            blobs,
            broker: Some(broker),
            address,
            gcode,
            client,
            service,
            around,
            objects,
            signer,
            folder,
        };
        rig.connected().await;
        rig
    }

    /// Ends the service as a deployment would and starts another one on the same database.
    pub(crate) async fn restart(&mut self) {
        self.service.drain(Duration::from_secs(5)).await;
        (self.client, self.service) = serve(&self.pool, &self.blobs, self.address, self.objects, &self.signer).await;
        self.connected().await;
    }

    pub(crate) async fn end(self) {
        assert_eq!(self.service.drain(Duration::from_secs(5)).await, boot::Drained::Clean);
        self.around.drain(Duration::from_secs(5)).await;
        self.db.assert_quiet().await;
    }

    pub(crate) async fn register(&self, id: &str, driver: &str) -> pb::Device {
        let device = pb::Device { name: format!("devices/{id}"), driver: driver.into(), ..pb::Device::default() };
        let request = by(ana(), pb::CreateDeviceRequest { device: Some(device) });
        self.client.clone().create_device(request).await.unwrap().into_inner()
    }

    /// Starts a simulated printer; the answer is its start log.
    pub(crate) fn printer(&self, id: &str, speed: f64, fault: Option<&str>) -> PathBuf {
        let log = self.folder.path().join(format!("{id}.log"));
        let config = virtual_printer::Config {
            id: id.into(),
            broker_host: "127.0.0.1".into(),
            broker_port: self.address.port(),
            speed,
            fault: fault.map(|f| f.parse().unwrap()),
            start_log: Some(log.clone()),
            limits: gcode::MachineLimits::default(),
        };
        let tasks = self.around.clone();
        self.around
            .spawn("printer", async move { virtual_printer::run(config, Clock::system(), tasks).await.unwrap() });
        log
    }

    pub(crate) async fn online(&self, id: &str) -> pb::Device {
        let name = format!("devices/{id}");
        until("the device is online", || async {
            let device = self.device(&name).await;
            device.online.then_some(device)
        })
        .await
    }

    pub(crate) async fn device(&self, name: &str) -> pb::Device {
        let request = by(ana(), pb::GetDeviceRequest { name: name.into() });
        self.client.clone().get_device(request).await.unwrap().into_inner()
    }

    pub(crate) async fn start(&self, id: &str, fence: i64) -> Result<pb::PrinterStatus, Status> {
        let request = pb::StartPrintRequest {
            device: format!("devices/{id}"),
            print_job: job(fence),
            fence,
            gcode_hash: self.gcode.to_hex(),
            gcode_size_bytes: GCODE.len() as i64,
        };
        let answer = self.client.clone().start_print(by(dispatcher(), request)).await?;
        Ok(answer.into_inner().printer.unwrap())
    }

    pub(crate) async fn query(&self, id: &str) -> Result<pb::PrinterStatus, Status> {
        let request = pb::QueryPrinterRequest { device: format!("devices/{id}") };
        Ok(self.client.clone().query_printer(by(dispatcher(), request)).await?.into_inner())
    }

    pub(crate) async fn control(
        &self,
        id: &str,
        fence: i64,
        control: pb::PrintControl,
    ) -> Result<pb::PrinterStatus, Status> {
        let request = pb::ControlPrintRequest { device: format!("devices/{id}"), fence, control: control.into() };
        Ok(self.client.clone().control_print(by(dispatcher(), request)).await?.into_inner().printer.unwrap())
    }

    pub(crate) async fn seal(&self, id: &str, fence: i64) -> Result<pb::SealTelemetryResponse, Status> {
        let request = pb::SealTelemetryRequest {
            device: format!("devices/{id}"),
            print_job: job(fence),
            fence,
            gcode_hash: self.gcode.to_hex(),
        };
        Ok(self.client.clone().seal_telemetry(by(dispatcher(), request)).await?.into_inner())
    }

    pub(crate) async fn outcome(&self, id: &str) -> pb::PrinterStatus {
        let name = format!("devices/{id}");
        until("the print has ended", || async { self.device(&name).await.printer.filter(|p| p.outcome != 0) }).await
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.pool.get().await.unwrap().query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn events(&self) -> Vec<String> {
        let rows = self.pool.get().await.unwrap().query("SELECT kind FROM outbox ORDER BY seq", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The service can command printers: asking one that is not there is answered with its silence, not the broker's.
    pub(crate) async fn connected(&self) {
        self.register("probe", "mqtt").await;
        until("the service is connected", || async {
            let error = self.control("probe", 1, pb::PrintControl::Cancel).await.unwrap_err();
            (reason(&error) == "ACK_LOST").then_some(())
        })
        .await;
    }
}

pub(crate) fn job(fence: i64) -> String {
    format!("printJobs/00000000-0000-7000-8000-{fence:012}")
}

pub(crate) fn ana() -> Principal {
    person("ana")
}

pub(crate) fn person(name: &str) -> Principal {
    Principal { subject: name.into(), owner: name.into(), scopes: vec!["*".into()], on_behalf_of: None }
}

pub(crate) fn dispatcher() -> Principal {
    Principal::service("print-job").acting_for("ana")
}

pub(crate) fn by<T>(principal: Principal, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(principal);
    request
}

pub(crate) fn reason(status: &Status) -> String {
    rpc::Error::from_status(status.clone()).reason().to_owned()
}

/// Starts that a printer noted, by kind of note.
pub(crate) fn starts(log: &std::path::Path, event: &str) -> usize {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"] == event).count()
}

pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain until {what}");
}

async fn serve(
    pool: &Pool,
    blobs: &BlobStore,
    broker: SocketAddr,
    objects: SocketAddr,
    signer: &UrlSigner,
) -> (Client, Tasks) {
    let (clock, tasks) = (Clock::system(), Tasks::new(Shutdown::new()));
    let config = iot::Config {
        mqtt: iot::Mqtt { port: broker.port(), ..iot::Mqtt::default() },
        object_base_url: format!("http://{objects}"),
        ack_timeout_ms: 700,
        offline_after_ms: 1_500,
        ..iot::Config::default()
    };
    let parts = Parts {
        service: iot::SERVICE,
        pool: pool.clone(),
        blobs: blobs.clone(),
        clock: clock.clone(),
        tasks: tasks.clone(),
    };
    let signing = Signer::new(SigningKey::generate().unwrap(), clock.clone());
    let policies = Arc::new(rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET).unwrap());
    let auth = AuthLayer::new(Verifier::new(vec![signing.public_key()], clock), policies);
    let server = iot::build(config, parts, signer.clone()).await.unwrap().auth(auth);
    let (connector, incoming) = rpc::local::pair("iot");
    let stop = tasks.shutdown().clone();
    tasks.spawn("server", async move { server.serve(Listen::Local(incoming), stop).await.unwrap() });
    // The tests count what is sent, so the channel must not repeat it.
    let options = ChannelOptions { attempts: 1, ..ChannelOptions::default() };
    let channel = Channel::local(connector, options.with_auth(ClientAuth::Mint { signer: signing }));
    (IotServiceClient::new(channel), tasks)
}

#[derive(serde::Deserialize)]
struct Signature {
    expiry: i64,
    signature: String,
}

/// What the gateway does with a signed link.
async fn serve_objects(tasks: &Tasks, blobs: BlobStore, verifier: UrlVerifier) -> SocketAddr {
    let read = |State((blobs, verifier)): State<(BlobStore, UrlVerifier)>,
                Path(hash): Path<String>,
                Query(link): Query<Signature>| async move {
        let hash: ContentHash = hash.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
        let now = Clock::system().unix_seconds();
        verifier.verify(&hash, link.expiry, &link.signature, now).map_err(|_| StatusCode::FORBIDDEN)?;
        blobs.get(&hash, 1 << 20).await.map_err(|_| StatusCode::NOT_FOUND)
    };
    let app = Router::new().route("/v1/objects/{hash}", get(read)).with_state((blobs, verifier));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = tasks.shutdown().triggered();
    tasks.spawn("objects", async move { axum::serve(listener, app).with_graceful_shutdown(stop).await.unwrap() });
    address
}
