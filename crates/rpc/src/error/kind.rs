//! The closed set of error kinds, mapped exhaustively to gRPC codes and HTTP statuses.

use std::fmt;

use tonic::Code;

/// What went wrong, as far as a caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong whatever the state of the system.
    InvalidArgument,
    /// There is no such thing.
    NotFound,
    /// It is there already.
    AlreadyExists,
    /// The system is not in the needed state.
    FailedPrecondition,
    /// A concurrent change won.
    Aborted,
    /// A value beyond what is allowed or exists.
    OutOfRange,
    /// Who calls is not proven.
    Unauthenticated,
    /// Who calls may not.
    PermissionDenied,
    /// A quota or limit is used up.
    ResourceExhausted,
    /// The caller withdrew.
    Cancelled,
    /// Time ran out.
    DeadlineExceeded,
    /// Not something the platform does.
    Unimplemented,
    /// Away for a moment.
    Unavailable,
    /// Damaged or lost bytes.
    DataLoss,
    /// A fault of ours.
    Internal,
}

/// Whose fault a kind is, which decides how loudly it is logged.
pub(super) enum Severity {
    Ours,
    Passing,
    Callers,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [ErrorKind; 15] = [
        Self::InvalidArgument,
        Self::NotFound,
        Self::AlreadyExists,
        Self::FailedPrecondition,
        Self::Aborted,
        Self::OutOfRange,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::Cancelled,
        Self::DeadlineExceeded,
        Self::Unimplemented,
        Self::Unavailable,
        Self::DataLoss,
        Self::Internal,
    ];

    /// The gRPC code.
    pub const fn code(self) -> Code {
        match self {
            Self::InvalidArgument => Code::InvalidArgument,
            Self::NotFound => Code::NotFound,
            Self::AlreadyExists => Code::AlreadyExists,
            Self::FailedPrecondition => Code::FailedPrecondition,
            Self::Aborted => Code::Aborted,
            Self::OutOfRange => Code::OutOfRange,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::PermissionDenied => Code::PermissionDenied,
            Self::ResourceExhausted => Code::ResourceExhausted,
            Self::Cancelled => Code::Cancelled,
            Self::DeadlineExceeded => Code::DeadlineExceeded,
            Self::Unimplemented => Code::Unimplemented,
            Self::Unavailable => Code::Unavailable,
            Self::DataLoss => Code::DataLoss,
            Self::Internal => Code::Internal,
        }
    }

    /// The kind of a gRPC code; `None` for `OK`. `UNKNOWN` is a fault that nobody classified, so internal.
    pub const fn from_code(code: Code) -> Option<Self> {
        Some(match code {
            Code::Ok => return None,
            Code::InvalidArgument => Self::InvalidArgument,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::AlreadyExists,
            Code::FailedPrecondition => Self::FailedPrecondition,
            Code::Aborted => Self::Aborted,
            Code::OutOfRange => Self::OutOfRange,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::ResourceExhausted => Self::ResourceExhausted,
            Code::Cancelled => Self::Cancelled,
            Code::DeadlineExceeded => Self::DeadlineExceeded,
            Code::Unimplemented => Self::Unimplemented,
            Code::Unavailable => Self::Unavailable,
            Code::DataLoss => Self::DataLoss,
            Code::Internal | Code::Unknown => Self::Internal,
        })
    }

    /// The HTTP status, by the table of `google.rpc.Code`.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Cancelled => 499,
            Self::DataLoss | Self::Internal => 500,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }

    /// The reason that an error of this kind has unless it says a better one.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::Aborted => "ABORTED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::Cancelled => "CANCELLED",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Unavailable => "UNAVAILABLE",
            Self::DataLoss => "DATA_LOSS",
            Self::Internal => "INTERNAL",
        }
    }

    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::Internal | Self::DataLoss => Severity::Ours,
            Self::Unavailable | Self::ResourceExhausted | Self::DeadlineExceeded => Severity::Passing,
            Self::InvalidArgument
            | Self::NotFound
            | Self::AlreadyExists
            | Self::FailedPrecondition
            | Self::Aborted
            | Self::OutOfRange
            | Self::Unauthenticated
            | Self::PermissionDenied
            | Self::Cancelled
            | Self::Unimplemented => Severity::Callers,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_wire() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::from_code(kind.code()), Some(kind));
            assert!((400..600).contains(&kind.http_status()), "{kind}");
        }
        assert_eq!(ErrorKind::from_code(Code::Ok), None);
        assert_eq!(ErrorKind::from_code(Code::Unknown), Some(ErrorKind::Internal));
    }
}
