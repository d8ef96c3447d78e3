//! What a machine can do: speeds, accelerations and how fast it takes corners.

use serde::{Deserialize, Serialize};

/// How the speed at the corner between two moves is limited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cornering {
    /// Marlin's junction deviation: the corner is taken as an arc that misses it by `mm`.
    JunctionDeviation { mm: f64 },
    /// Classic jerk: the instantaneous change of velocity allowed per axis, mm/s.
    Jerk { xy: f64, z: f64, e: f64 },
}

/// Limits of one machine. Speeds in mm/s, accelerations in mm/s2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MachineLimits {
    /// Fastest each axis moves: X, Y, Z, E.
    pub max_speed: [f64; 4],
    /// Fastest each axis accelerates: X, Y, Z, E.
    pub max_acceleration: [f64; 4],
    /// Acceleration of moves that extrude.
    pub print_acceleration: f64,
    /// Acceleration of moves that do not extrude.
    pub travel_acceleration: f64,
    /// Acceleration of moves of the filament alone.
    pub retract_acceleration: f64,
    pub cornering: Cornering,
    /// Feed rate before the program states one.
    pub initial_speed: f64,
    /// Time that one G28 takes; where the head was before homing is not known.
    pub homing_s: f64,
}

impl Default for MachineLimits {
    /// A common cartesian printer with a 220 mm bed.
    fn default() -> Self {
        Self {
            max_speed: [300.0, 300.0, 12.0, 80.0],
            max_acceleration: [3000.0, 3000.0, 200.0, 5000.0],
            print_acceleration: 1250.0,
            travel_acceleration: 1500.0,
            retract_acceleration: 1250.0,
            cornering: Cornering::JunctionDeviation { mm: 0.05 },
            initial_speed: 25.0,
            homing_s: 12.0,
        }
    }
}

/// A limit that no machine has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("machine limit `{field}` is {value}: it has to be between {min} and {max}")]
pub struct LimitsError {
    pub field: &'static str,
    pub value: f64,
    pub min: f64,
    pub max: f64,
}

impl MachineLimits {
    pub fn validate(&self) -> Result<(), LimitsError> {
        let check = |field, value: f64, min: f64, max: f64| {
            if value.is_finite() && (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(LimitsError { field, value, min, max })
            }
        };
        for speed in self.max_speed {
            check("max_speed", speed, 0.1, 10_000.0)?;
        }
        for acceleration in self.max_acceleration {
            check("max_acceleration", acceleration, 1.0, 1e6)?;
        }
        check("print_acceleration", self.print_acceleration, 1.0, 1e6)?;
        check("travel_acceleration", self.travel_acceleration, 1.0, 1e6)?;
        check("retract_acceleration", self.retract_acceleration, 1.0, 1e6)?;
        check("initial_speed", self.initial_speed, 0.1, 10_000.0)?;
        check("homing_s", self.homing_s, 0.0, 600.0)?;
        match self.cornering {
            Cornering::JunctionDeviation { mm } => check("cornering.mm", mm, 0.0001, 1.0),
            Cornering::Jerk { xy, z, e } => {
                check("cornering.xy", xy, 0.01, 100.0)?;
                check("cornering.z", z, 0.01, 100.0)?;
                check("cornering.e", e, 0.01, 100.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_machine_is_valid_and_a_bad_field_is_named() {
        assert_eq!(MachineLimits::default().validate(), Ok(()));
        let bad = MachineLimits { print_acceleration: f64::NAN, ..MachineLimits::default() };
        assert_eq!(bad.validate().unwrap_err().field, "print_acceleration");
    }
}
