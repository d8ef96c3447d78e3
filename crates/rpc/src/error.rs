//! The one error that crosses service borders: a closed kind, a public text, and an internal cause that never leaves.
//!
//! `Display` prints the public text only. The cause chain is logged once, where the error becomes a status.

mod kind;
mod status;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

pub use kind::ErrorKind;

/// Domain of `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "3dpot";

/// Shorthand for results of use cases.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field of a request that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path of the field in the request, such as `part.features[2].diameter`.
    pub field: String,
    /// What is wrong and what would be right, for people.
    pub description: String,
}

type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// An error for a caller.
pub struct Error {
    // Boxed: results are returned everywhere and errors are rare.
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    reason: Cow<'static, str>,
    violations: Vec<FieldViolation>,
    metadata: BTreeMap<String, String>,
    retry_after: Option<Duration>,
    source: Option<Cause>,
}

impl Error {
    /// An error with a public message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                reason: Cow::Borrowed(kind.reason()),
                violations: Vec::new(),
                metadata: BTreeMap::new(),
                retry_after: None,
                source: None,
            }),
        }
    }

    /// One field is wrong. Add more with [`Self::and_field`].
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        let (field, why) = (field.into(), why.into());
        Self::new(ErrorKind::InvalidArgument, format!("{field}: {why}")).and_field(field, why)
    }

    /// Several fields are wrong.
    pub fn invalid_fields(violations: Vec<FieldViolation>) -> Self {
        let text: Vec<String> = violations.iter().map(|v| format!("{}: {}", v.field, v.description)).collect();
        let mut error = Self::new(ErrorKind::InvalidArgument, text.join("; "));
        error.inner.violations = violations;
        error
    }

    /// There is no such thing (or it is not the caller's to see). `what` is a resource name.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} does not exist"))
    }

    /// It is there already. `what` is a resource name.
    pub fn already_exists(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::AlreadyExists, format!("{what} exists already"))
    }

    /// The system is not in the state that the request needs; retrying does not help.
    pub fn failed_precondition(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::FailedPrecondition, message)
    }

    /// Somebody else was faster (a stale ETag, a lost lease); reading again helps.
    pub fn aborted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Aborted, message)
    }

    /// A value beyond what is allowed or exists.
    pub fn out_of_range(field: impl Into<String>, why: impl Into<String>) -> Self {
        let (field, why) = (field.into(), why.into());
        Self::new(ErrorKind::OutOfRange, format!("{field}: {why}")).and_field(field, why)
    }

    /// The caller did not prove who they are.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    /// The caller may not do this.
    pub fn permission_denied(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::PermissionDenied, message)
    }

    /// A quota, a rate or a limit of the machine is used up.
    pub fn resource_exhausted(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::ResourceExhausted, message)
    }

    /// The caller went away or asked for it.
    pub fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Cancelled, message)
    }

    /// It took longer than the caller wanted to wait.
    pub fn deadline_exceeded(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::DeadlineExceeded, message)
    }

    /// The platform does not do this.
    pub fn unimplemented(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unimplemented, message)
    }

    /// Something needed is away for a moment; retrying helps.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// Stored bytes are damaged or gone.
    pub fn data_loss(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::DataLoss, message)
    }

    /// A fault of ours. The cause is logged, the caller sees none of it.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::new(ErrorKind::Internal, "an internal error occurred; it has been logged").with_source(cause)
    }

    /// Names another wrong field.
    #[must_use]
    pub fn and_field(mut self, field: impl Into<String>, why: impl Into<String>) -> Self {
        self.inner.violations.push(FieldViolation { field: field.into(), description: why.into() });
        self
    }

    /// Sets the machine-readable reason, UPPER_SNAKE_CASE.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.inner.reason = reason.into();
        self
    }

    /// Adds a public detail for machines, such as the limit that was passed.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl fmt::Display) -> Self {
        self.inner.metadata.insert(key.into(), value.to_string());
        self
    }

    /// Tells the caller when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.inner.retry_after = Some(delay);
        self
    }

    /// Attaches the internal cause.
    #[must_use]
    pub fn with_source(mut self, cause: impl Into<Cause>) -> Self {
        self.inner.source = Some(cause.into());
        self
    }

    /// The closed kind.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The public text.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The machine-readable reason.
    pub fn reason(&self) -> &str {
        &self.inner.reason
    }

    /// The fields that are wrong.
    pub fn violations(&self) -> &[FieldViolation] {
        &self.inner.violations
    }

    /// Public details for machines.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.inner.metadata
    }

    /// When to try again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// True when the same request can succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Unavailable) || self.inner.retry_after.is_some()
    }

    /// The cause chain on one line, for logs only.
    pub fn cause_chain(&self) -> Option<String> {
        let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(self);
        let mut chain = String::new();
        while let Some(cause) = next {
            if !chain.is_empty() {
                chain.push_str(": ");
            }
            chain.push_str(&cause.to_string());
            next = cause.source();
        }
        (!chain.is_empty()).then_some(chain)
    }

    /// Logs the error where it is handled and not passed on.
    pub fn log(&self) {
        let cause = self.cause_chain().unwrap_or_default();
        let (reason, message) = (self.reason(), self.message());
        match self.inner.kind.severity() {
            kind::Severity::Ours => {
                tracing::error!(error.kind = %self.inner.kind, error.reason = reason, %cause, "{message}");
            }
            kind::Severity::Passing => {
                tracing::warn!(error.kind = %self.inner.kind, error.reason = reason, %cause, "{message}");
            }
            kind::Severity::Callers => {
                tracing::debug!(error.kind = %self.inner.kind, error.reason = reason, %cause, "{message}");
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("reason", &self.inner.reason)
            .field("violations", &self.inner.violations)
            .field("source", &self.inner.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}
