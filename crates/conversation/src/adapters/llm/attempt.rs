//! One request and its response, every wait and every byte of it bounded.

use std::{error::Error as StdError, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rpc::Error;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::time::{Instant, timeout_at};

use super::{
    lines::{Decoder, Document},
    reply::{Reply, Seen},
    wire::Wire,
};
use crate::{
    app::{Progress, Rung, Unanswered, Usage},
    config::Llm,
    domain::proposal::Brief,
};

/// Bytes of a response's head at most.
const MAX_HEAD: usize = 64 * 1024;

/// Tokens that one call can have cost: what a server says beyond is not believed, and cannot break a ledger.
const MAX_TOKENS: u64 = 10_000_000;

/// Idle connections are closed after this long.
const KEEP: Duration = Duration::from_secs(30);

type Http = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Sends requests. It follows no redirects: they would carry the key and the dialogue to whom nobody configured.
pub(super) struct Sender {
    http: Http,
    first_token: Duration,
    idle: Duration,
}

/// How an attempt ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) why: Unanswered,
    /// True before the first token, of what the next attempt may not meet again.
    pub(super) again: bool,
    /// How long the server asks to be left alone.
    pub(super) retry_after: Option<Duration>,
}

impl From<Unanswered> for Failed {
    fn from(why: Unanswered) -> Self {
        Failed { why, again: false, retry_after: None }
    }
}

impl Sender {
    pub(super) fn new(config: &Llm) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(Duration::from_millis(config.connect_ms)));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let https = config.base_url.starts_with("https://");
        let tls = match &config.ca_file {
            None if https => HttpsConnectorBuilder::new()
                .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
                .map_err(|e| {
                    Error::invalid("conversation.llm.base_url", format!("no certificates to check it by: {e}"))
                })?
                .https_only(),
            Some(file) if https => HttpsConnectorBuilder::new().with_tls_config(tls(authorities(file)?)?).https_only(),
            // Nothing that is encrypted is ever asked for, so that no certificates are looked for either.
            _ => HttpsConnectorBuilder::new().with_tls_config(tls(RootCertStore::empty())?).https_or_http(),
        };
        let http = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP)
            .pool_max_idle_per_host(config.concurrency)
            .http1_max_buf_size(MAX_HEAD)
            .build(tls.enable_http1().wrap_connector(tcp));
        let (first_token, idle) = (Duration::from_millis(config.first_token_ms), Duration::from_millis(config.idle_ms));
        Ok(Sender { http, first_token, idle })
    }

    /// Asks once. `usage` counts the request as soon as it may cost something.
    pub(super) async fn attempt(
        &self,
        wire: &Wire,
        (brief, rung): (&Brief, Rung),
        (deadline, progress): (Instant, Progress<'_>),
        usage: &mut Usage,
    ) -> Result<Reply, Failed> {
        let (request, asked) =
            wire.request(brief, rung).map_err(|_| Unanswered::Unreadable("the request cannot be made"))?;
        let first = deadline.min(Instant::now() + self.first_token);
        let late = |at: Instant| if at >= deadline { Unanswered::Turn } else { Unanswered::FirstToken };
        let again = |why: Unanswered| Failed { why, again: true, retry_after: None };
        let response = match timeout_at(first, self.http.request(request)).await {
            Err(_) => return Err(again(late(first))),
            Ok(Err(error)) if error.is_connect() => return Err(again(Unanswered::Connect)),
            Ok(Err(error)) if too_large(&error) => return Err(Unanswered::TooLarge("head").into()),
            Ok(Err(_)) => return Err(again(Unanswered::Broken)),
            Ok(Ok(response)) => response,
        };
        if response.status() != StatusCode::OK {
            return Err(status(&response));
        }
        let mut reply = Reply::default();
        let read = self.read(wire, response, (first, deadline), progress, &mut reply).await;
        let estimate = |bytes: usize| (bytes as u64).div_ceil(3);
        let answered = reply.text.len() + reply.tool.len();
        let told = reply.prompt_tokens.is_some() && reply.completion_tokens.is_some();
        *usage += Usage {
            calls: 1,
            estimated_calls: u32::from(!told),
            prompt_tokens: reply.prompt_tokens.unwrap_or_else(|| estimate(asked)).min(MAX_TOKENS),
            completion_tokens: reply.completion_tokens.unwrap_or_else(|| estimate(answered)).min(MAX_TOKENS),
        };
        match read {
            Ok(()) => Ok(reply),
            // The model had said that it was done; only the stream had not.
            Err(_) if reply.finished => Ok(reply),
            Err(failed) => Err(failed),
        }
    }

    async fn read(
        &self,
        wire: &Wire,
        response: Response<Incoming>,
        (first, deadline): (Instant, Instant),
        progress: Progress<'_>,
        reply: &mut Reply,
    ) -> Result<(), Failed> {
        plain(response.headers())?;
        let mut decoder = Decoder::new(wire.framing());
        let mut body = response.into_body();
        let (mut begun, mut until) = (false, first);
        loop {
            let frame = match timeout_at(until, body.frame()).await {
                Err(_) if until >= deadline => return Err(Unanswered::Turn.into()),
                Err(_) if begun => return Err(Unanswered::Idle.into()),
                Err(_) => return Err(Failed { why: Unanswered::FirstToken, again: true, retry_after: None }),
                Ok(Some(Err(_))) => return Err(Failed { why: Unanswered::Broken, again: !begun, retry_after: None }),
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => break,
            };
            let Some(bytes) = frame.data_ref() else { continue };
            for document in decoder.push(bytes)? {
                let Document::Event(data) = document else { continue };
                // Before the first token an error in the stream is as good as an error status.
                match reply.event(wire.kind(), &data).map_err(|why| Failed {
                    why,
                    again: !begun && why == Unanswered::Broken,
                    retry_after: None,
                })? {
                    Seen::End => return Ok(()),
                    Seen::Token => {
                        begun = true;
                        progress(reply.text.chars().count() + reply.tool.chars().count());
                        until = deadline.min(Instant::now() + self.idle);
                    }
                    Seen::Sign if begun => until = deadline.min(Instant::now() + self.idle),
                    Seen::Sign => {}
                }
            }
        }
        for document in decoder.end()? {
            match document {
                Document::Whole(text) => reply.whole(wire.kind(), &text)?,
                Document::Event(data) => drop(reply.event(wire.kind(), &data)?),
            }
        }
        Ok(())
    }
}

fn tls(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(Error::internal)?.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates of a file, which has to hold one at least.
fn authorities(file: &Path) -> Result<RootCertStore, Error> {
    let invalid = |why: String| Error::invalid("conversation.llm.ca_file", format!("{} {why}", file.display()));
    let certificates = CertificateDer::pem_file_iter(file).map_err(|e| invalid(format!("cannot be read: {e}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|e| invalid(format!("is no PEM file: {e}")))?;
        roots.add(certificate).map_err(|e| invalid(format!("holds an unusable certificate: {e}")))?;
    }
    if roots.is_empty() { Err(invalid("holds no certificate".to_owned())) } else { Ok(roots) }
}

/// Pages and compressed bodies are no answers.
fn plain(headers: &HeaderMap) -> Result<(), Unanswered> {
    let header = |name| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    if header(header::CONTENT_TYPE).starts_with("text/html") {
        return Err(Unanswered::Unreadable("a page, no stream"));
    }
    match header(header::CONTENT_ENCODING).as_str() {
        "" | "identity" => Ok(()),
        _ => Err(Unanswered::Unreadable("a compressed body that was not asked for")),
    }
}

/// The body of an error is not read: it may repeat the key, and the status says what there is to know.
fn status(response: &Response<Incoming>) -> Failed {
    let status = response.status().as_u16();
    let again = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 529);
    Failed { why: Unanswered::Status(status), again, retry_after: retry_after(response.headers()) }
}

/// Seconds, or a date, which is told from the server's own clock (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(86_400)));
    }
    let date = |text: &str| OffsetDateTime::parse(text, &Rfc2822).ok();
    let wait = date(value)? - date(text(header::DATE)?)?;
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

fn too_large(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let headers = |after: &str, date: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, after.parse().unwrap());
            headers.insert(header::DATE, date.parse().unwrap());
            headers
        };
        let now = "Sun, 22 Nov 2026 08:49:30 GMT";
        assert_eq!(retry_after(&headers("3", now)), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(&headers("Sun, 22 Nov 2026 08:49:37 GMT", now)), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Sun, 22 Nov 2026 08:49:00 GMT", now)), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers("soon", now)), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
