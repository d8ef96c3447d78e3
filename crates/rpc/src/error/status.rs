//! Errors to gRPC statuses with `google.rpc` details, and back.

use std::collections::HashMap;
use std::time::Duration;

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{DOMAIN, Error, ErrorKind, FieldViolation};

/// gRPC trailers are headers: a peer refuses a block over 8-16 KiB, so no error says more than this many fields.
const MAX_VIOLATIONS: usize = 32;

impl From<Error> for Status {
    /// Logs the error with its cause chain: this is where it leaves the process.
    fn from(error: Error) -> Self {
        error.log();
        error.to_status()
    }
}

impl Error {
    /// The status for this error, nothing logged.
    pub fn to_status(&self) -> Status {
        let inner = &self.inner;
        let metadata: HashMap<String, String> = inner.metadata.clone().into_iter().collect();
        let mut details = ErrorDetails::with_error_info(inner.reason.to_string(), DOMAIN, metadata);
        for violation in inner.violations.iter().take(MAX_VIOLATIONS) {
            details.add_bad_request_violation(&violation.field, &violation.description);
        }
        if let Some(delay) = inner.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(inner.kind.code(), &inner.message, details)
    }

    /// Reads an error that another service answered, or that the channel to it made up.
    pub fn from_status(status: Status) -> Self {
        let kind = ErrorKind::from_code(status.code()).unwrap_or(ErrorKind::Internal);
        let details = status.get_error_details();
        let ours = details.error_info().is_some_and(|info| info.domain == DOMAIN);
        if !ours {
            // Written by a library, here or there: its text is for logs.
            let message = match kind {
                ErrorKind::Unavailable => "a service is not reachable at the moment".to_owned(),
                ErrorKind::Internal => "an internal error occurred; it has been logged".to_owned(),
                ErrorKind::DeadlineExceeded => "the request took longer than its deadline".to_owned(),
                ErrorKind::Cancelled => "the request was cancelled".to_owned(),
                _ => status.message().to_owned(),
            };
            return Self::new(kind, message).with_source(status);
        }
        let mut error = Self::new(kind, status.message());
        if let Some(info) = details.error_info() {
            error.inner.reason = info.reason.clone().into();
            error.inner.metadata = info.metadata.clone().into_iter().collect();
        }
        if let Some(request) = details.bad_request() {
            let read = |violation: &tonic_types::FieldViolation| FieldViolation {
                field: violation.field.clone(),
                description: violation.description.clone(),
            };
            error.inner.violations = request.field_violations.iter().map(read).collect();
        }
        error.inner.retry_after = details.retry_info().and_then(|info| info.retry_delay).map(|d: Duration| d);
        error
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::from_status(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_come_back_and_the_cause_does_not_leave() {
        let error = Error::invalid("part.height", "must be above 0 mm, is -3")
            .and_field("part.width", "is missing")
            .with_reason("PART_INVALID")
            .with_metadata("limit_mm", 250)
            .with_retry_after(Duration::from_millis(1_500))
            .with_source(std::io::Error::other("password=hunter2"));
        let status = Status::from(error);
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert!(!format!("{status:?}").contains("hunter2"));
        let back = Error::from_status(status);
        assert_eq!(back.kind(), ErrorKind::InvalidArgument);
        assert_eq!(back.message(), "part.height: must be above 0 mm, is -3");
        assert_eq!(back.reason(), "PART_INVALID");
        assert_eq!(back.violations().len(), 2);
        assert_eq!(back.violations()[1].field, "part.width");
        assert_eq!(back.metadata()["limit_mm"], "250");
        assert_eq!(back.retry_after(), Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn an_internal_error_is_public_without_its_cause() {
        let error = Error::internal(std::io::Error::other("row 7 of table users"));
        assert_eq!(error.cause_chain().unwrap(), "row 7 of table users");
        assert!(!error.to_string().contains("users"));
        assert!(!error.to_status().message().contains("users"));
    }

    #[test]
    fn a_library_status_keeps_its_text_to_itself() {
        let error = Error::from_status(Status::unavailable("tcp connect error 10.1.2.3:5"));
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(!error.to_string().contains("10.1.2.3"));
        assert!(error.cause_chain().unwrap().contains("10.1.2.3"));
    }
}
