//! The messages and their JSON form. Unknown fields are ignored, so that a newer side can add some; a payload of another
//! schema or beyond the size limit is refused.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Raised when an old reader would misread a new message.
pub const SCHEMA: u32 = 1;

/// Far above any honest message; a flood of larger ones costs no parsing.
pub const MAX_PAYLOAD_BYTES: usize = 16 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("the payload has {0} bytes, more than {MAX_PAYLOAD_BYTES}")]
    TooLarge(usize),
    #[error("the payload is not a message of this protocol: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the payload has schema {0}, this side reads {SCHEMA}")]
    Schema(u32),
    #[error("{0} is not a finite number")]
    NotFinite(&'static str),
}

/// From the platform to a printer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    pub schema: u32,
    /// Echoed by the acknowledgement.
    pub id: String,
    /// W3C trace context of the request that led here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    #[serde(flatten)]
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Action {
    /// Fetch the G-code, check its BLAKE3 and print it.
    Start {
        print_job: String,
        fence: i64,
        url: String,
        hash: String,
        size_bytes: u64,
    },
    Pause {
        fence: i64,
    },
    Resume {
        fence: i64,
    },
    Cancel {
        fence: i64,
    },
    /// Answer with the status as it is now.
    Query,
    /// Virtual printers only: run this many times faster than real time.
    SetSpeed {
        speed: f64,
    },
}

/// The printer's answer to one command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ack {
    pub schema: u32,
    pub command: String,
    pub accepted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub status: Status,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    #[default]
    Idle,
    /// Fetching, heating, homing.
    Preparing,
    Printing,
    Paused,
    Error,
}

impl State {
    pub fn is_busy(self) -> bool {
        matches!(self, State::Preparing | State::Printing | State::Paused)
    }
}

/// How a print ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Completed,
    Failed,
    Cancelled,
}

/// Degrees Celsius.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Temperatures {
    pub nozzle: f64,
    pub nozzle_target: f64,
    pub bed: f64,
    pub bed_target: f64,
}

/// What a printer says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub schema: u32,
    /// Differs after every start of the printer's firmware: a print does not survive that.
    pub boot: String,
    /// Grows with every report of one boot.
    pub sequence: u64,
    pub state: State,
    /// The running print, or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print_job: Option<String>,
    /// Fence of the last start that was executed in this boot, 0 before the first.
    pub fence: i64,
    /// 0 to 1.
    pub progress: f64,
    pub layer: u32,
    pub temperatures: Temperatures,
    /// Nozzle position, millimetres.
    pub position: [f64; 3],
    /// Of print time, not of the simulator's clock.
    pub remaining_seconds: f64,
    /// How the last print ended; absent while one runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A virtual printer's factor over real time; absent on hardware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
}

impl Command {
    pub fn new(id: impl Into<String>, traceparent: Option<String>, action: Action) -> Self {
        Command { schema: SCHEMA, id: id.into(), traceparent, action }
    }

    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let command: Command = decode(payload, |c: &Command| c.schema)?;
        match &command.action {
            Action::SetSpeed { speed } if !speed.is_finite() => Err(DecodeError::NotFinite("speed")),
            _ => Ok(command),
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

impl Ack {
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let ack: Ack = decode(payload, |a: &Ack| a.schema)?;
        ack.status.check()?;
        Ok(ack)
    }

    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

impl Status {
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let status = decode(payload, |s: &Status| s.schema)?;
        status.check()?;
        Ok(status)
    }

    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let t = &self.temperatures;
        for (name, value) in [
            ("progress", self.progress),
            ("temperatures", t.nozzle + t.nozzle_target + t.bed + t.bed_target),
            ("position", self.position.iter().sum()),
            ("remaining_seconds", self.remaining_seconds),
        ] {
            if !value.is_finite() {
                return Err(DecodeError::NotFinite(name));
            }
        }
        Ok(())
    }
}

fn decode<T: DeserializeOwned>(payload: &[u8], schema: impl Fn(&T) -> u32) -> Result<T, DecodeError> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(DecodeError::TooLarge(payload.len()));
    }
    let message: T = serde_json::from_slice(payload)?;
    match schema(&message) {
        SCHEMA => Ok(message),
        other => Err(DecodeError::Schema(other)),
    }
}

fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // Plain structs of numbers and strings: serialisation has no way to fail.
    serde_json::to_vec(message).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn status() -> Status {
        Status {
            schema: SCHEMA,
            boot: "b1".into(),
            sequence: 1,
            state: State::Idle,
            print_job: None,
            fence: 0,
            progress: 0.0,
            layer: 0,
            temperatures: Temperatures::default(),
            position: [0.0; 3],
            remaining_seconds: 0.0,
            outcome: None,
            reason: None,
            speed: None,
        }
    }

    #[test]
    fn a_start_reads_as_documented() {
        let json = br#"{"schema":1,"id":"c1","command":"start","print_job":"printJobs/x","fence":7,"url":"http://h/o","hash":"00","size_bytes":5,"later":true}"#;
        let command = Command::decode(json).unwrap();
        assert!(matches!(&command.action, Action::Start { fence: 7, .. }));
        assert_eq!(Command::decode(&command.encode()).unwrap(), command);
    }

    #[test]
    fn another_schema_and_a_large_payload_are_refused() {
        assert!(matches!(Command::decode(br#"{"schema":9,"id":"c","command":"query"}"#), Err(DecodeError::Schema(9))));
        assert!(matches!(Status::decode(&vec![b' '; MAX_PAYLOAD_BYTES + 1]), Err(DecodeError::TooLarge(_))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (_c, _a, _s) = (Command::decode(&bytes), Ack::decode(&bytes), Status::decode(&bytes));
        }

        #[test]
        fn a_status_survives_the_round_trip(progress in 0.0..1.0f64, layer: u32, fence: i64) {
            let sent = Status { progress, layer, fence, ..status() };
            prop_assert_eq!(Status::decode(&sent.encode()).unwrap(), sent);
        }
    }
}
