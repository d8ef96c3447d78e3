//! The iot service as a process of its own.

use std::process::ExitCode;

use blob_store::UrlSigner;
use rpc::Error;
use service_kit::{
    Parts,
    host::{self, Host},
};

fn main() -> ExitCode {
    host::main(iot::SERVICE, build)
}

async fn build(host: Host, parts: Parts) -> Result<rpc::Server, Error> {
    let config: iot::Config = host.config()?;
    let unusable =
        |why: String| Error::invalid("iot.url_signing_key", format!("{}: {why}", config.url_signing_key.display()));
    let key = std::fs::read(&config.url_signing_key).map_err(|e| unusable(e.to_string()))?;
    let signer = UrlSigner::from_pkcs8(&key).map_err(|e| unusable(e.to_string()))?;
    iot::build(config, parts, signer).await
}
