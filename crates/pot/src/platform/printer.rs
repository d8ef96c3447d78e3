//! The virtual printer that the embedded platform brings: a process of its own, as a printer is, that ends with us.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use proto::pot::iot::v1::{CreateDeviceRequest, Device, iot_service_client::IotServiceClient};
use rpc::{Channel, OnBehalfOf};
use tokio::process::{Child, Command};

use crate::failure::Failure;

pub(super) const ID: &str = "virtual-1";

pub(super) struct BuiltIn(Child);

impl BuiltIn {
    /// Registers the printer and starts it.
    pub(super) async fn start(mqtt: SocketAddr, iot: &Channel, owner: &str) -> Result<Self, Failure> {
        let device = Device {
            name: format!("devices/{ID}"),
            kind: "printer".to_owned(),
            driver: "virtual".to_owned(),
            ..Device::default()
        };
        let mut request = tonic::Request::new(CreateDeviceRequest { device: Some(device) });
        request.extensions_mut().insert(OnBehalfOf(owner.to_owned()));
        IotServiceClient::new(iot.clone()).create_device(request).await?;
        let program = std::env::current_exe()?;
        // The pipe is how it learns of our end, whatever ends us.
        let child = Command::new(program)
            .args(["virtual-printer", "--with-parent", "--id", ID, "--broker", &mqtt.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        Ok(BuiltIn(child))
    }

    pub(super) async fn stop(mut self) {
        drop(self.0.stdin.take());
        if tokio::time::timeout(Duration::from_secs(2), self.0.wait()).await.is_err() {
            tracing::warn!("the virtual printer did not end by itself");
        }
    }
}
