//! The platform as this command sees it: gRPC through the gateway, with the owner's token.

use std::time::Duration;

use futures::StreamExt;
use proto::{
    google::api::HttpBody,
    pot::{
        conversation::v1::conversation_service_client::ConversationServiceClient,
        gateway::v1::trail_service_client::TrailServiceClient,
        iot::v1::iot_service_client::IotServiceClient,
        model_generation::v1::model_generation_service_client::ModelGenerationServiceClient,
        operations::v1::{Operation, OperationState},
        print_job::v1::print_job_service_client::PrintJobServiceClient,
        render::v1::render_service_client::RenderServiceClient,
    },
};
use tonic::{
    metadata::{Ascii, MetadataValue},
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

use crate::{failure::Failure, output::Stage};

pub(crate) type Authorised = InterceptedService<Channel, Bearer>;

/// Adds the access token to every call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) conversation: ConversationServiceClient<Authorised>,
    pub(crate) models: ModelGenerationServiceClient<Authorised>,
    pub(crate) prints: PrintJobServiceClient<Authorised>,
    pub(crate) iot: IotServiceClient<Authorised>,
    pub(crate) render: RenderServiceClient<Authorised>,
    pub(crate) trails: TrailServiceClient<Authorised>,
}

impl Platform {
    pub(crate) async fn connect(url: &str, token: &str) -> Result<Self, Failure> {
        let unusable = |why: String| Failure::failed(format!("--server {url}: {why}"));
        let endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(|e| unusable(format!("is no URL ({e}); write it as http://host:port")))?
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(20));
        let channel = endpoint.connect().await.map_err(|error| {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            unusable(format!("no platform answers there ({cause}); start one with `pot up`"))
        })?;
        let value = format!("Bearer {token}")
            .parse()
            .map_err(|_| Failure::configuration("--token: has characters that a token cannot have"))?;
        let bearer = Bearer(value);
        let authorised = |channel: &Channel| InterceptedService::new(channel.clone(), bearer.clone());
        Ok(Platform {
            conversation: ConversationServiceClient::new(authorised(&channel)),
            models: ModelGenerationServiceClient::new(authorised(&channel)),
            prints: PrintJobServiceClient::new(authorised(&channel)),
            iot: IotServiceClient::new(authorised(&channel)),
            render: RenderServiceClient::new(authorised(&channel)),
            trails: TrailServiceClient::new(authorised(&channel)),
        })
    }
}

/// Follows an operation's stream to its end and returns the resource that it made.
pub(crate) async fn finish<T: prost::Message + prost::Name + Default>(
    mut updates: tonic::Streaming<Operation>,
    stage: &mut Stage,
) -> Result<T, Failure> {
    while let Some(update) = updates.next().await {
        let operation = update?;
        stage.progress(operation.progress as f64, &operation.stage);
        if !operation.done {
            continue;
        }
        use proto::pot::operations::v1::operation::Result as R;
        return match (OperationState::try_from(operation.state), operation.result) {
            (Ok(OperationState::Succeeded), Some(R::Response(any))) => T::decode(any.value.as_slice())
                .map_err(|e| Failure::failed(format!("the platform's answer cannot be read: {e}"))),
            (_, Some(R::Error(status))) => Err(Failure::failed(status.message)),
            (state, _) => Err(Failure::failed(format!("{} ended as {state:?} without a result", operation.name))),
        };
    }
    Err(Failure::failed("the platform stopped reporting before the work was done"))
}

/// Collects a download.
pub(crate) async fn collect(mut chunks: tonic::Streaming<HttpBody>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk?.data);
    }
    Ok(bytes)
}
