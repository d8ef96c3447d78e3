//! Errors as RFC 9457 problem documents, and their conversion from and to gRPC status.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// What went wrong, in the form that REST callers get. Boxed, since it is the error of nearly every function here and
/// must not weigh on their good ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<ProblemDocument>);

/// The fields of a [`Problem`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProblemDocument {
    /// A URI that names the kind: `urn:problem:<domain>:<REASON>` when the service gave a reason, else `about:blank`.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    #[serde(serialize_with = "status_number")]
    pub status: StatusCode,
    /// For people; never holds an internal cause.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The request's id, to find its logs by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The gRPC code's name, such as `INVALID_ARGUMENT`.
    pub code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Response headers that belong to the problem: Allow, Retry-After, WWW-Authenticate, RateLimit.
    #[serde(skip)]
    pub headers: HeaderMap,
}

/// One wrong field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct FieldError {
    /// Path within the request, such as `model.parts[2].name`.
    pub field: String,
    pub description: String,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(ProblemDocument {
            kind: "about:blank".to_owned(),
            title: title(status).to_owned(),
            status,
            detail: detail.into(),
            instance: None,
            code: code_name(code_of_http(status)),
            errors: Vec::new(),
            reason: None,
            domain: None,
            metadata: BTreeMap::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// 400 that names the field.
    pub fn field(field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        let mut problem = Self::new(StatusCode::BAD_REQUEST, format!("{field}: {description}"));
        problem.errors.push(FieldError { field, description });
        problem
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    #[must_use]
    pub fn with_instance(mut self, request_id: Option<&str>) -> Self {
        if self.instance.is_none() {
            self.instance = request_id.map(str::to_owned);
        }
        self
    }

    #[must_use]
    pub fn with_reason(mut self, domain: &str, reason: &str) -> Self {
        self.kind = format!("urn:problem:{domain}:{reason}");
        self.reason = Some(reason.to_owned());
        self.domain = Some(domain.to_owned());
        self
    }

    /// Seconds, rounded up so that a caller who waits that long is not refused again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        self.headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        self
    }

    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let reason = details.error_info().map_or("", |info| info.reason.as_str());
        let mut problem =
            Self::new(http_status(status.code(), reason), public_text(status, details.error_info().is_some()));
        problem.code = code_name(status.code());
        if let Some(info) = details.error_info() {
            problem = problem.with_reason(&info.domain, &info.reason);
            problem.metadata = info.metadata.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        }
        if let Some(bad) = details.bad_request() {
            problem.errors = (bad.field_violations.iter())
                .map(|v| FieldError { field: v.field.clone(), description: v.description.clone() })
                .collect();
        }
        match details.retry_info().and_then(|info| info.retry_delay) {
            Some(delay) => problem.with_retry_after(delay),
            None => problem,
        }
    }

    /// The same error for a gRPC caller.
    pub fn to_status(&self) -> Status {
        let code = code_from_name(self.code);
        let mut details = ErrorDetails::new();
        if let (Some(reason), Some(domain)) = (&self.reason, &self.domain) {
            details.set_error_info(
                reason,
                domain,
                self.metadata.clone().into_iter().collect::<std::collections::HashMap<_, _>>(),
            );
        }
        for error in &self.errors {
            details.add_bad_request_violation(&error.field, &error.description);
        }
        let seconds = self.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
        if let Some(seconds) = seconds {
            details.set_retry_info(Some(Duration::from_secs(seconds)));
        }
        let text = if self.detail.is_empty() { &self.title } else { &self.detail };
        Status::with_error_details(code, text, details)
    }

    /// The document as JSON text.
    pub fn to_json(&self) -> String {
        // A struct of strings and maps of strings cannot fail to serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Deref for Problem {
    type Target = ProblemDocument;

    fn deref(&self) -> &ProblemDocument {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut ProblemDocument {
        &mut self.0
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        Self::from_status(&status)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.0.headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.headers_mut().insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn status_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        499 => "Client Closed Request",
        _ => status.canonical_reason().unwrap_or("Error"),
    }
}

/// The message of a status that a service wrote is public: it has an ErrorInfo. What a library or a transport wrote
/// names sockets, addresses and types, and is replaced.
fn public_text(status: &Status, ours: bool) -> String {
    let text = match status.code() {
        _ if ours => status.message(),
        Code::Unavailable => "the service that answers this request cannot be reached; try again shortly",
        Code::Unknown | Code::Internal => "the service failed on this request; it has been logged",
        Code::Cancelled => "the call was cancelled",
        _ => status.message(),
    };
    text.to_owned()
}

/// Google's mapping, refined by reasons that HTTP has a better status for.
pub(crate) fn http_status(code: Code, reason: &str) -> StatusCode {
    match reason {
        "ETAG_MISMATCH" => return StatusCode::PRECONDITION_FAILED,
        "REQUEST_ID_REUSED" => return StatusCode::UNPROCESSABLE_ENTITY,
        "REQUEST_IN_FLIGHT" => return StatusCode::CONFLICT,
        _ => {}
    }
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn code_of_http(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        405 | 501 => Code::Unimplemented,
        408 | 504 => Code::DeadlineExceeded,
        409 => Code::Aborted,
        412 => Code::FailedPrecondition,
        413 | 429 => Code::ResourceExhausted,
        416 => Code::OutOfRange,
        400..=499 => Code::InvalidArgument,
        502 | 503 => Code::Unavailable,
        _ => Code::Internal,
    }
}

const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

fn code_name(code: Code) -> &'static str {
    NAMES.get(code as usize).copied().unwrap_or("UNKNOWN")
}

fn code_from_name(name: &str) -> Code {
    let number = NAMES.iter().position(|n| *n == name).and_then(|n| i32::try_from(n).ok());
    number.map_or(Code::Unknown, Code::from_i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_details_survives_both_ways() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("part.wall", "is 0 mm; give a positive length");
        details.set_error_info(
            "WALL_TOO_THIN",
            "3dpot",
            std::collections::HashMap::from([("min".into(), "0.4".into())]),
        );
        details.set_retry_info(Some(Duration::from_millis(1500)));
        let status = Status::with_error_details(Code::InvalidArgument, "the wall is 0 mm", details);
        let problem = Problem::from_status(&status);
        assert_eq!(problem.status, 400);
        assert_eq!(problem.errors[0].field, "part.wall");
        assert_eq!(problem.kind, "urn:problem:3dpot:WALL_TOO_THIN");
        assert_eq!(problem.headers[RETRY_AFTER], "2");
        let back = Problem::from_status(&problem.to_status());
        assert_eq!(back, problem);
        let json: serde_json::Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(json["status"], 400);
        assert_eq!(json["code"], "INVALID_ARGUMENT");
        assert_eq!(json["metadata"]["min"], "0.4");
    }

    #[test]
    fn transport_errors_do_not_leak() {
        let status = Status::from_error("tcp connect error: 10.0.0.7:5432".into());
        assert!(!Problem::from_status(&status).to_json().contains("10.0.0.7"));
    }
}
