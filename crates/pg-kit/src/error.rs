//! The error of everything that talks to Postgres, and its classification by SQLSTATE.

use std::error::Error as StdError;

use tokio_postgres::error::{DbError, SqlState};

/// What a caller can do about an error. Told by SQLSTATE, never by message text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No connection, or the server is stopping or out of slots: try again later.
    Unavailable,
    /// A unique or exclusion constraint was violated.
    Conflict,
    /// A foreign key, check or not-null constraint was violated.
    Constraint,
    /// A serialization failure or deadlock: the transaction can be repeated as it was.
    Serialization,
    /// The statement was cancelled by its timeout.
    Timeout,
    /// A defect or a misconfiguration.
    Other,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database cannot be reached: {reason}")]
    Unavailable { reason: String },
    #[error("a database statement failed")]
    Statement(#[from] tokio_postgres::Error),
    #[error("the database configuration is wrong at `{field}`: {reason}")]
    Config { field: &'static str, reason: String },
    #[error("the migrations of \"{set}\" in schema \"{schema}\" failed")]
    Migration { set: &'static str, schema: String, source: Box<refinery::Error> },
    #[error("a transaction handle outlived the closure that it was given to; the transaction was rolled back")]
    LeakedTransaction,
}

impl Error {
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { .. } => ErrorKind::Unavailable,
            Self::Statement(error) => classify(error),
            Self::Config { .. } | Self::Migration { .. } | Self::LeakedTransaction => ErrorKind::Other,
        }
    }

    /// The name of the violated constraint, for [`ErrorKind::Conflict`] and [`ErrorKind::Constraint`].
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Statement(error) => error.as_db_error().and_then(DbError::constraint),
            _ => None,
        }
    }

    /// Whether the unique or exclusion constraint `name` was violated.
    pub fn is_conflict_on(&self, name: &str) -> bool {
        self.kind() == ErrorKind::Conflict && self.constraint() == Some(name)
    }
}

fn classify(error: &tokio_postgres::Error) -> ErrorKind {
    let Some(state) = error.code() else {
        // Without a SQLSTATE the connection itself failed, unless a value could not be converted.
        let io = error.is_closed() || StdError::source(error).is_some_and(|source| source.is::<std::io::Error>());
        return if io { ErrorKind::Unavailable } else { ErrorKind::Other };
    };
    if *state == SqlState::UNIQUE_VIOLATION || *state == SqlState::EXCLUSION_VIOLATION {
        return ErrorKind::Conflict;
    }
    if *state == SqlState::T_R_SERIALIZATION_FAILURE || *state == SqlState::T_R_DEADLOCK_DETECTED {
        return ErrorKind::Serialization;
    }
    if *state == SqlState::QUERY_CANCELED || *state == SqlState::LOCK_NOT_AVAILABLE {
        return ErrorKind::Timeout;
    }
    match state.code().get(..2) {
        Some("23") => ErrorKind::Constraint,
        // Connection exceptions, too many connections, and administrator shutdown or crash.
        Some("08" | "53" | "57") => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}

/// Whether `error`, or anything that caused it, is a serialization failure or a deadlock. The chain is walked because
/// services wrap our error in theirs.
pub(crate) fn is_serialization(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<tokio_postgres::Error>()
            && classify(error) == ErrorKind::Serialization
        {
            return true;
        }
        next = error.source();
    }
    false
}
