//! The gateway's settings, with defaults that serve the embedded platform.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use boot::Secret;
use serde::{Deserialize, Serialize};
use transcode::{Limits, RateClass};

/// Settings of the edge.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where REST, gRPC and gRPC-Web are served, on one port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The token that the local owner sends as `Authorization: Bearer`. Without one, nobody gets in.
    pub owner_token: Secret<String>,
    /// Whom that token stands for.
    pub owner: String,
    /// What that token may do; `*` is everything but the services' own calls.
    pub owner_scopes: Vec<String>,
    pub limits: Limits,
    pub rates: Rates,
    /// Connections at one time; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Concurrent HTTP/2 streams of one connection.
    pub streams_per_connection: u32,
    /// Bytes of a request's header fields.
    pub header_bytes: u32,
    /// How long a client may take to send a request's head, seconds.
    pub header_seconds: u64,
    /// How long requests in progress may take to end when the platform stops, seconds.
    pub drain_seconds: u64,
    /// Browsers of these origins may call the API; empty is the gateway's own origin only.
    pub cors_origins: Vec<String>,
    /// Addresses of services, full gRPC service name -> address; only for a gateway that runs on its own.
    pub services: BTreeMap<String, rpc::Address>,
    /// The Ed25519 key that signs principals, PKCS #8 DER; only for a gateway that runs on its own.
    pub signing_key_file: Option<std::path::PathBuf>,
}

/// How often an owner may call, by rate class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    pub default: Rate,
    pub compute: Rate,
    pub render: Rate,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Calls a minute over time; 0 means no limit.
    pub per_minute: u32,
    /// Calls at once after a pause.
    pub burst: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            owner_token: Secret::default(),
            owner: "users/local".to_owned(),
            owner_scopes: vec!["*".to_owned()],
            limits: Limits::default(),
            rates: Rates::default(),
            connections: 10_000,
            streams_per_connection: 256,
            header_bytes: 32 << 10,
            header_seconds: 30,
            drain_seconds: 10,
            cors_origins: Vec::new(),
            services: BTreeMap::new(),
            signing_key_file: None,
        }
    }
}

impl Default for Rates {
    /// One owner on their own machine: enough that no honest use meets a limit, and a runaway script does.
    fn default() -> Self {
        Self {
            default: Rate { per_minute: 60_000, burst: 5_000 },
            compute: Rate { per_minute: 6_000, burst: 1_000 },
            render: Rate { per_minute: 6_000, burst: 1_000 },
        }
    }
}

impl Rates {
    /// The limit of a class; internal calls have none, and never come through the edge.
    pub fn of(&self, class: RateClass) -> Option<Rate> {
        let rate = match class {
            RateClass::Default => self.default,
            RateClass::Compute => self.compute,
            RateClass::Render => self.render,
            RateClass::Internal => return None,
        };
        (rate.per_minute > 0).then_some(rate)
    }
}

impl Config {
    /// What cannot work, by field.
    pub fn check(&self) -> Result<(), boot::ConfigError> {
        let invalid = |field: &str, problem: &str| Err(boot::ConfigError::invalid(field, problem));
        if self.owner_token.expose().len() < 16 {
            return invalid("gateway.owner_token", "must have at least 16 characters; generate a random one");
        }
        if self.owner.is_empty() {
            return invalid("gateway.owner", "must name the owner, such as users/local");
        }
        if self.owner_scopes.iter().any(|scope| scope == rpc::principal::SCOPE_INTERNAL) {
            return invalid("gateway.owner_scopes", "cannot hold \"internal\", which is for services");
        }
        if self.limits.json_depth > 100 {
            return invalid("gateway.limits.json_depth", "must be at most 100");
        }
        if self.connections == 0 {
            return invalid("gateway.connections", "must be at least 1");
        }
        Ok(())
    }
}
