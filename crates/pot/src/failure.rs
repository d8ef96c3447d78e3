//! How a command ends: exit codes, and errors as people read them.

use std::{fmt, process::ExitCode};

use serde_json::json;
use tonic_types::StatusExt;

use crate::output::{Output, error_line};

/// A command's end other than success.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

pub(crate) const QUESTION: u8 = 3;
pub(crate) const REJECTED: u8 = 4;

impl Failure {
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Failure { code: boot::EXIT_FAILED, message: message.into() }
    }

    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Failure { code: REJECTED, message: message.into() }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Failure { code: boot::EXIT_CONFIG, message: message.into() }
    }

    pub(crate) fn interrupted() -> Self {
        Failure { code: boot::EXIT_INTERRUPTED, message: "interrupted".to_owned() }
    }

    /// Tells people on standard error, programs on standard output.
    pub(crate) fn report(&self, output: &Output) {
        if output.is_json() {
            output.say_to_programs(json!({"event": "failure", "code": self.code, "message": self.message}));
        } else {
            error_line(&format!("pot: {}", self.message));
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::failed(error.to_string())
    }
}

/// A refused turn is rejected input; everything else that a service says is a failure, with the fields it names.
impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        let details = status.get_error_details();
        let mut message = status.message().to_owned();
        if message.is_empty() {
            message = format!("the platform answered {:?}", status.code());
        }
        if let Some(bad) = details.bad_request() {
            // The message of a single wrong field says it all.
            for violation in bad.field_violations.iter().filter(|v| !status.message().contains(&v.description)) {
                message.push_str(&format!("\n  {}: {}", violation.field, violation.description));
            }
        }
        match status.code() {
            tonic::Code::Unauthenticated => {
                message.push_str("\n  give the platform's token by --token or POT_TOKEN");
                Failure::failed(message)
            }
            _ if details.error_info().is_some_and(|info| info.reason == "TURN_REJECTED") => Failure::rejected(message),
            _ => Failure::failed(message),
        }
    }
}
