//! Failures on demand: `thermal@40%`, `jam@75%`, `power@10%`, `lost-ack@start`.

use std::{fmt, str::FromStr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The nozzle thermistor reads nonsense: firmware stops the heaters and the print.
    Thermal,
    /// The extruder stops feeding and the filament sensor notices.
    Jam,
    /// The device restarts and forgets its print.
    Power,
    /// A start is executed, but its acknowledgement never sent.
    LostAck,
}

/// A failure and the progress (0 to 1) at which it happens, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    pub at: f64,
}

impl Fault {
    /// What firmware would say.
    pub(crate) fn reason(self) -> &'static str {
        match self.kind {
            FaultKind::Thermal => "thermal runaway: the nozzle temperature left its target",
            FaultKind::Jam => "the extruder is jammed: no filament moves",
            FaultKind::Power => "power was lost",
            FaultKind::LostAck => "the acknowledgement was lost",
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = || format!("'{text}' is no fault; write thermal@40%, jam@75%, power@10% or lost-ack@start");
        let (kind, at) = text.split_once('@').ok_or_else(usage)?;
        let kind = match kind {
            "thermal" => FaultKind::Thermal,
            "jam" => FaultKind::Jam,
            "power" => FaultKind::Power,
            "lost-ack" => FaultKind::LostAck,
            _ => return Err(usage()),
        };
        if (kind == FaultKind::LostAck) != (at == "start") {
            return Err(usage());
        }
        let at = match at {
            "start" => 0.0,
            percent => percent.strip_suffix('%').and_then(|p| p.parse::<f64>().ok()).ok_or_else(usage)? / 100.0,
        };
        if !(0.0..=1.0).contains(&at) {
            return Err(usage());
        }
        Ok(Fault { kind, at })
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultKind::Thermal => "thermal",
            FaultKind::Jam => "jam",
            FaultKind::Power => "power",
            FaultKind::LostAck => "lost-ack",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_written() {
        assert_eq!("thermal@40%".parse(), Ok(Fault { kind: FaultKind::Thermal, at: 0.4 }));
        assert_eq!("lost-ack@start".parse(), Ok(Fault { kind: FaultKind::LostAck, at: 0.0 }));
        for bad in ["thermal", "thermal@", "thermal@140%", "thermal@start", "fire@3%", "lost-ack@4%", "jam@NaN%"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }
}
