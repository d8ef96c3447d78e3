//! Who may pass: the owner's token, scopes, and rates; and the signed principal that services get instead.

use std::time::Instant;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rpc::{PRINCIPAL_KEY, Principal, Signer};
use transcode::{Admission, Authorize, MethodPolicy, Problem, RateClass};

use crate::config::{Config, Rates};
use crate::rate::RateLimiter;

/// Errors of the edge carry this domain, as those of the services do.
pub(crate) const DOMAIN: &str = "3dpot";

pub(crate) struct Gate {
    /// Comparing digests takes the same time wherever the tokens differ.
    token: blake3::Hash,
    principal: Principal,
    signer: Signer,
    rates: Rates,
    limiter: RateLimiter,
}

impl Gate {
    pub(crate) fn new(config: &Config, signer: Signer) -> Self {
        let principal = Principal {
            subject: config.owner.clone(),
            owner: config.owner.clone(),
            scopes: config.owner_scopes.clone(),
            on_behalf_of: None,
        };
        Self {
            token: blake3::hash(config.owner_token.expose().as_bytes()),
            principal,
            signer,
            rates: config.rates.clone(),
            limiter: RateLimiter::default(),
        }
    }

    /// The principal of a request, when it brings a good token; an error when it brings a bad one.
    fn authenticate(&self, headers: &HeaderMap) -> Result<Option<&Principal>, Problem> {
        let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
        let value = value.as_bytes();
        let token = match value.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
            _ => return Err(unauthenticated("send the token as Authorization: Bearer TOKEN", "invalid_request")),
        };
        if blake3::hash(token) == self.token {
            Ok(Some(&self.principal))
        } else {
            Err(unauthenticated("the token is not valid", "invalid_token"))
        }
    }

    fn rate(&self, owner: &str, class: RateClass) -> Result<HeaderMap, Problem> {
        let mut headers = HeaderMap::new();
        let Some(rate) = self.rates.of(class) else { return Ok(headers) };
        let name = class_name(class);
        // Draft RateLimit fields: the policy as calls a window in seconds, and what is left of it.
        let policy = format!("\"{name}\";q={};w=60", rate.per_minute);
        insert(&mut headers, "ratelimit-policy", &policy);
        match self.limiter.take(owner, class, rate, Instant::now()) {
            Ok(taken) => {
                insert(
                    &mut headers,
                    "ratelimit",
                    &format!("\"{name}\";r={};t={}", taken.remaining, taken.full_in.as_secs()),
                );
                Ok(headers)
            }
            Err(wait) => {
                insert(&mut headers, "ratelimit", &format!("\"{name}\";r=0;t={}", wait.as_secs() + 1));
                let detail = format!("more than {} {name} calls a minute; wait as Retry-After says", rate.per_minute);
                let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
                    .with_reason(DOMAIN, "RATE_LIMITED")
                    .with_retry_after(wait);
                problem.headers.extend(headers);
                Err(problem)
            }
        }
    }

    /// Metadata that proves `principal` to services.
    pub(crate) fn sign(&self, principal: &Principal) -> Result<HeaderValue, Problem> {
        let mut token = HeaderValue::try_from(self.signer.sign(principal))
            .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the principal could not be signed"))?;
        token.set_sensitive(true);
        Ok(token)
    }
}

impl Authorize for Gate {
    fn authorize(&self, parts: &Parts, policy: &MethodPolicy) -> Result<Admission, Problem> {
        if policy.is_internal() {
            return Err(Problem::new(StatusCode::FORBIDDEN, "this method is for services only")
                .with_reason(DOMAIN, "INTERNAL_METHOD"));
        }
        let principal = self.authenticate(&parts.headers)?;
        let mut admission = Admission::default();
        match principal {
            Some(principal) if policy.is_public() || principal.may(&policy.scope) => {
                admission.metadata.insert(HeaderName::from_static(PRINCIPAL_KEY), self.sign(principal)?);
            }
            Some(_) => {
                let detail = format!("this needs the scope {:?}", policy.scope);
                return Err(Problem::new(StatusCode::FORBIDDEN, detail).with_reason(DOMAIN, "SCOPE_MISSING"));
            }
            None if policy.is_public() => {}
            None => return Err(missing()),
        }
        let owner = principal.map_or("anonymous", |p| p.owner.as_str());
        admission.response = self.rate(owner, policy.rate_class)?;
        Ok(admission)
    }
}

fn missing() -> Problem {
    unauthenticated("a token is needed: send it as Authorization: Bearer TOKEN", "")
}

fn unauthenticated(detail: &str, error: &str) -> Problem {
    let challenge = match error {
        "" => "Bearer realm=\"3dpot\"".to_owned(),
        error => format!("Bearer realm=\"3dpot\", error=\"{error}\""),
    };
    let mut problem = Problem::new(StatusCode::UNAUTHORIZED, detail).with_reason(DOMAIN, "UNAUTHENTICATED");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        problem.headers.insert(WWW_AUTHENTICATE, challenge);
    }
    problem
}

fn class_name(class: RateClass) -> &'static str {
    match class {
        RateClass::Default => "default",
        RateClass::Compute => "compute",
        RateClass::Render => "render",
        RateClass::Internal => "internal",
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
