//! The gateway as a process of its own, in a cluster: its services are elsewhere.

use boot::{Clock, Shutdown};
use rpc::{Address, Channel, ChannelOptions, Signer, SigningKey};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::edge::{Behind, build};
use crate::error::BuildError;
use crate::serve::serve;

/// Builds the edge from configuration alone and serves it until the shutdown.
pub async fn run(config: &Config, shutdown: Shutdown) -> Result<(), BuildError> {
    let invalid = |field: &str, problem: String| boot::ConfigError::invalid(field, problem);
    let Some(key_file) = &config.signing_key_file else {
        return Err(invalid("gateway.signing_key_file", "must name the key that signs principals".into()).into());
    };
    let key =
        std::fs::read(key_file).map_err(|e| invalid("gateway.signing_key_file", format!("cannot be read: {e}")))?;
    let key = SigningKey::from_pkcs8(&key).map_err(|e| invalid("gateway.signing_key_file", e.to_string()))?;
    let behind = Behind {
        descriptors: proto::FILE_DESCRIPTOR_SET.to_vec(),
        backends: channels(config)?,
        signer: Signer::new(key, Clock::system()),
        shutdown: shutdown.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        objects: None,
    };
    let router = build(config, behind)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|e| {
        invalid("gateway.listen", format!("{} cannot be used: {e}; choose another port", config.listen))
    })?;
    serve(listener, router, config, shutdown).await;
    Ok(())
}

fn channels(config: &Config) -> Result<Vec<(String, Channel)>, BuildError> {
    let open = |(service, address): (&String, &Address)| {
        let channel = Channel::connect(address, ChannelOptions::default());
        let channel = channel.map_err(|e| BuildError::Channel(format!("gateway.services.{service}: {e}")))?;
        Ok((service.clone(), channel))
    };
    config.services.iter().map(open).collect()
}
