//! A heater with first-order lag: dT/dt = (target - T) / tau.

/// Degrees Celsius of the room.
pub(crate) const AMBIENT: f64 = 21.0;

/// Firmware takes a temperature as reached within this band.
const BAND: f64 = 2.0;

#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaterModel {
    pub(crate) temperature: f64,
    /// What was asked for; 0 is off.
    pub(crate) target: f64,
    /// Time constant in seconds.
    tau_s: f64,
}

impl HeaterModel {
    pub(crate) fn new(tau_s: f64) -> Self {
        HeaterModel { temperature: AMBIENT, target: 0.0, tau_s }
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        let goal = self.goal();
        self.temperature = goal + (self.temperature - goal) * (-seconds / self.tau_s).exp();
    }

    /// Seconds until the target is reached within the band; 0 when it is.
    pub(crate) fn seconds_to_target(&self) -> f64 {
        let gap = (self.goal() - self.temperature).abs();
        // Cooling down is not waited for (M109 S waits for heating only).
        if gap <= BAND || self.temperature > self.goal() { 0.0 } else { self.tau_s * (gap / BAND).ln() }
    }

    fn goal(&self) -> f64 {
        self.target.max(AMBIENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predicted_time_reaches_the_band() {
        let mut heater = HeaterModel::new(15.0);
        heater.target = 210.0;
        let seconds = heater.seconds_to_target();
        heater.advance(seconds * 0.99);
        assert!(heater.seconds_to_target() > 0.0);
        heater.advance(seconds * 0.011);
        assert!(heater.seconds_to_target() < 1e-3, "{heater:?}");
        heater.target = 0.0;
        assert_eq!(heater.seconds_to_target(), 0.0, "cooling is not waited for");
    }
}
