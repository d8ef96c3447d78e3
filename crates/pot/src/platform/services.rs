//! Mounts every service in this process, each behind its own in-process transport and the same guard as in a cluster.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use blob_store::BlobStore;
use boot::{Clock, Tasks};
use pg_kit::{Pool, embedded::Embedded};
use rpc::{AuthLayer, Channel, ChannelOptions, ClientAuth, Error, Listen, Methods, Server, Verifier, local};
use service_kit::Parts;

use super::secrets::Secrets;
use crate::{config::Config, failure::Failure};

/// What the services stand on.
pub(super) struct Ground<'a> {
    pub(super) postgres: &'a Embedded,
    pub(super) blobs: BlobStore,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    pub(super) secrets: &'a Secrets,
    pub(super) mqtt: SocketAddr,
    pub(super) object_base_url: String,
}

pub(super) struct Mounted {
    /// Full gRPC service name and channel, for the gateway.
    pub(super) backends: Vec<(String, Channel)>,
    /// The iot service, called in the platform's own name.
    pub(super) iot: Channel,
}

/// Connections each service opens at most: five pools and their listeners fit the embedded server's limit.
const POOL: usize = 8;

pub(super) async fn mount(config: &Config, ground: Ground<'_>) -> Result<Mounted, Failure> {
    let signer = ground.secrets.signer(ground.clock.clone())?;
    let methods = Methods::from_descriptor(proto::FILE_DESCRIPTOR_SET).map_err(failed)?;
    let policies = rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET).map_err(failed)?;
    let verifier = Verifier::new([ground.secrets.public_key()?], ground.clock.clone());
    let guard = AuthLayer::new(verifier, Arc::new(policies));
    let options = ChannelOptions::default().with_methods(methods);
    let own = |service: &str| options.clone().with_auth(ClientAuth::service(signer.clone(), service));

    let iot_config = iot::Config {
        mqtt: iot::Mqtt { host: ground.mqtt.ip().to_string(), port: ground.mqtt.port(), ..config.iot.mqtt.clone() },
        object_base_url: ground.object_base_url.clone(),
        ..config.iot.clone()
    };
    let (iot_connector, iot_incoming) = local::pair(iot::SERVICE);
    let iot_for_prints = Channel::local(iot_connector.clone(), own(print_job::SERVICE));
    // The services prepare their schemas at the same time: a start is as slow as the slowest of them.
    let (conversation, models, prints, devices, pictures) = tokio::try_join!(
        async {
            let parts = ground.parts(conversation::SERVICE).await?;
            conversation::build(config.conversation.clone(), parts).await
        },
        async {
            let parts = ground.parts(model_generation::SERVICE).await?;
            model_generation::build(config.model_generation.clone(), parts).await
        },
        async {
            let parts = ground.parts(print_job::SERVICE).await?;
            print_job::build(config.print_job.clone(), parts, iot_for_prints).await
        },
        async { iot::build(iot_config, ground.parts(iot::SERVICE).await?, ground.secrets.urls.clone()).await },
        async { render::build(config.render.clone(), ground.parts(render::SERVICE).await?).await },
    )
    .map_err(failed)?;

    // A turn may wait 20 s for a language model.
    let patient = options.clone().with_deadline(Duration::from_secs(30));
    let mut backends = Vec::new();
    let mut serve = |package: &str, service: &str, server: Server, connector: local::Connector, incoming| {
        backends.push((format!("pot.{package}.v1.{service}"), Channel::local(connector, patient.clone())));
        let served = server.auth(guard.clone()).serve(Listen::Local(incoming), ground.tasks.shutdown().clone());
        ground.tasks.spawn_essential(package.to_owned(), served);
    };
    let rest = [
        ("conversation", "ConversationService", conversation),
        ("model_generation", "ModelGenerationService", models),
        ("print_job", "PrintJobService", prints),
        ("render", "RenderService", pictures),
    ];
    for (package, service, server) in rest {
        let (connector, incoming) = local::pair(package);
        serve(package, service, server, connector, incoming);
    }
    serve("iot", "IotService", devices, iot_connector.clone(), iot_incoming);
    Ok(Mounted { backends, iot: Channel::local(iot_connector, own("pot")) })
}

impl Ground<'_> {
    /// A service's parts. This process holds the data folder's lock, so a job that is still marked as running was left
    /// by one that is dead, and need not wait for its lease to run out.
    async fn parts(&self, service: &'static str) -> Result<Parts, Error> {
        let mut pool_config = self.postgres.pool_config(&service.replace('-', "_"));
        pool_config.max_size = POOL;
        let pool = Pool::new(pool_config).map_err(Error::internal)?;
        pg_kit::migrate(&pool, &[jobs::MIGRATIONS]).await.map_err(service_kit::database)?;
        jobs::reclaim_all(&pool).await.map_err(service_kit::database)?;
        let (blobs, clock, tasks) = (self.blobs.clone(), self.clock.clone(), self.tasks.clone());
        Ok(Parts { service, pool, blobs, clock, tasks })
    }
}

fn failed(error: Error) -> Failure {
    let cause = error.cause_chain().map(|cause| format!(": {cause}")).unwrap_or_default();
    Failure::failed(format!("{}{cause}", error.message()))
}
