//! `pot.gateway.v1.TrailService`: where an object comes from, read out of the object store.

use std::collections::HashMap;
use std::sync::Arc;

use blob_store::{BlobStore, TrailRecord};
use ids::ContentHash;
use proto::pot::gateway::v1::trail_service_server::{TrailService, TrailServiceServer};
use proto::pot::gateway::v1::{GetTrailRequest, Trail, TrailEntry};
use rpc::{AuthLayer, AuthService, Error, Verifier, principal_of};
use tonic::{Request, Response, Status};
use tower::Layer as _;

pub(crate) const SERVICE: &str = "pot.gateway.v1.TrailService";
pub(crate) const GET_TRAIL: &str = "/pot.gateway.v1.TrailService/GetTrail";
/// Objects in one answer.
const LONGEST: usize = 1_000;

pub(crate) struct Trails {
    store: BlobStore,
}

/// The service behind the same proof of the caller that every other service asks for.
pub(crate) fn service(store: BlobStore, verifier: Verifier, scope: &str) -> AuthService<TrailServiceServer<Trails>> {
    let policies = HashMap::from([(GET_TRAIL.to_owned(), scope.to_owned())]);
    AuthLayer::new(verifier, Arc::new(policies)).layer(TrailServiceServer::new(Trails { store }))
}

#[tonic::async_trait]
impl TrailService for Trails {
    async fn get_trail(&self, request: Request<GetTrailRequest>) -> Result<Response<Trail>, Status> {
        let owner = principal_of(&request)?.acting_owner().to_owned();
        Ok(Response::new(self.trail(&request.into_inner().name, &owner).await?))
    }
}

impl Trails {
    async fn trail(&self, name: &str, owner: &str) -> Result<Trail, Error> {
        let hash = name.strip_prefix("trails/").and_then(|hash| hash.parse::<ContentHash>().ok());
        let hash = hash.ok_or_else(|| Error::invalid("name", "must be trails/ and 64 hexadecimal digits"))?;
        let found = self.store.trail(&hash, Some(owner), LONGEST).await.map_err(Error::internal)?;
        // Somebody else's object is as good as absent: whether it exists is not told either.
        let first = found.entries.first().filter(|entry| entry.records.iter().any(|r| r.provenance.owner == owner));
        if first.is_none() {
            return Err(Error::not_found(name));
        }
        let entries = found.entries.iter().filter_map(|entry| entry.records.first()).map(entry).collect();
        Ok(Trail { name: name.to_owned(), entries })
    }
}

fn entry(record: &TrailRecord) -> TrailEntry {
    let made = &record.provenance;
    TrailEntry {
        hash: record.hash.to_string(),
        kind: made.kind.clone(),
        media_type: made.media_type.clone(),
        size_bytes: i64::try_from(record.size_bytes).unwrap_or(i64::MAX),
        made_from: made.made_from.iter().map(ToString::to_string).collect(),
        made_by: format!("{} {}", made.service, made.version),
        create_time: Some(prost_types::Timestamp {
            seconds: made.created.unix_timestamp(),
            nanos: made.created.nanosecond().cast_signed(),
        }),
    }
}
