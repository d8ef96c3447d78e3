//! What is up: every service is asked when somebody wants to know, and the answer kept for a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use rpc::Channel;
use tokio::sync::Mutex;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// A service that takes longer to say how it is, is not well.
const PATIENCE: Duration = Duration::from_millis(800);
const FRESH: Duration = Duration::from_secs(1);
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// Asks the services how they are. Clones share the last answer.
#[derive(Clone)]
pub(crate) struct HealthBoard {
    backends: Arc<Vec<(String, Channel)>>,
    last: Arc<Mutex<Option<Round>>>,
}

/// When the services were asked, and what they said.
type Round = (Instant, Vec<ServiceHealth>);

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct ServiceHealth {
    /// Full gRPC name.
    pub(crate) service: String,
    pub(crate) up: bool,
}

impl HealthBoard {
    pub(crate) fn new(backends: Vec<(String, Channel)>) -> Self {
        Self { backends: Arc::new(backends), last: Arc::default() }
    }

    /// Every service. Concurrent callers share one round of questions.
    pub(crate) async fn all(&self) -> Vec<ServiceHealth> {
        let mut last = self.last.lock().await;
        if let Some((at, services)) = &*last
            && at.elapsed() < FRESH
        {
            return services.clone();
        }
        let services = join_all(self.backends.iter().map(|(name, channel)| async move {
            ServiceHealth { service: name.clone(), up: is_up(channel.clone(), name).await }
        }))
        .await;
        *last = Some((Instant::now(), services.clone()));
        services
    }

    /// One service by name, or the whole platform by the empty name; `None` when there is no such service.
    async fn status(&self, service: &str) -> Option<ServingStatus> {
        let all = self.all().await;
        let up =
            if service.is_empty() { all.iter().all(|s| s.up) } else { all.iter().find(|s| s.service == service)?.up };
        Some(if up { ServingStatus::Serving } else { ServingStatus::NotServing })
    }
}

async fn is_up(channel: Channel, service: &str) -> bool {
    let mut client = HealthClient::new(channel);
    let mut request = Request::new(HealthCheckRequest { service: service.to_owned() });
    request.set_timeout(PATIENCE);
    match tokio::time::timeout(PATIENCE, client.check(request)).await {
        Ok(Ok(response)) => response.into_inner().status == ServingStatus::Serving as i32,
        Ok(Err(_)) | Err(_) => false,
    }
}

#[tonic::async_trait]
impl Health for HealthBoard {
    type WatchStream = futures::stream::BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        match self.status(&request.get_ref().service).await {
            Some(status) => Ok(Response::new(HealthCheckResponse { status: status as i32 })),
            None => Err(Status::not_found("there is no such service")),
        }
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let (board, service) = (self.clone(), request.into_inner().service);
        let stream = async_stream::stream! {
            let mut told = None;
            loop {
                let status = board.status(&service).await.unwrap_or(ServingStatus::ServiceUnknown);
                if told.replace(status) != Some(status) {
                    yield Ok(HealthCheckResponse { status: status as i32 });
                }
                tokio::time::sleep(WATCH_EVERY).await;
            }
        };
        Ok(Response::new(Box::pin(stream)))
    }
}
