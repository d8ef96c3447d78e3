//! What a device is.

use std::str::FromStr;

/// How commands reach a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// A simulated printer; takes a simulation speed besides.
    Virtual,
    /// Hardware that speaks the platform's own protocol.
    Mqtt,
}

impl Driver {
    pub fn as_str(self) -> &'static str {
        match self {
            Driver::Virtual => "virtual",
            Driver::Mqtt => "mqtt",
        }
    }
}

impl FromStr for Driver {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Driver::Virtual, Driver::Mqtt]
            .into_iter()
            .find(|driver| driver.as_str() == text)
            .ok_or_else(|| format!("'{text}' is no driver: use virtual or mqtt"))
    }
}

/// The build volume and nozzle of a printer, millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    pub build: [f64; 3],
    pub nozzle_diameter: f64,
}

impl Default for Shape {
    fn default() -> Self {
        Shape { build: [220.0, 220.0, 250.0], nozzle_diameter: 0.4 }
    }
}

impl Shape {
    /// Zero means unsaid and takes the default; the error is the field and what is wrong with it.
    pub fn new(build: [f64; 3], nozzle_diameter: f64) -> Result<Self, (&'static str, String)> {
        let unsaid = Shape::default();
        let pick = |field, value: f64, default: f64, (low, high): (f64, f64)| match value {
            0.0 => Ok(default),
            value if (low..=high).contains(&value) => Ok(value),
            value => Err((field, format!("{value} mm is not between {low} and {high} mm"))),
        };
        let axis = |i: usize, field| pick(field, build[i], unsaid.build[i], (10.0, 5_000.0));
        Ok(Shape {
            build: [axis(0, "build_x")?, axis(1, "build_y")?, axis(2, "build_z")?],
            nozzle_diameter: pick("nozzle_diameter", nozzle_diameter, unsaid.nozzle_diameter, (0.05, 5.0))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsaid_sizes_take_defaults_and_impossible_ones_are_named() {
        assert_eq!(Shape::new([0.0; 3], 0.0), Ok(Shape::default()));
        assert_eq!(Shape::new([300.0, 0.0, 0.0], 0.6).unwrap().build, [300.0, 220.0, 250.0]);
        assert_eq!(Shape::new([0.0, -1.0, 0.0], 0.0).unwrap_err().0, "build_y");
        assert_eq!(Shape::new([0.0, 0.0, f64::NAN], 0.0).unwrap_err().0, "build_z");
        assert_eq!("usb".parse::<Driver>().unwrap_err(), "'usb' is no driver: use virtual or mqtt");
    }
}
