//! What the slicer may be told, with defaults for PLA on a 220 mm bed, and what is refused.

use gcode::MachineLimits;
use serde::{Deserialize, Serialize};

use crate::SliceError;
use crate::script;

/// Lengths mm, speeds mm/s, temperatures degrees Celsius, fractions 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// X, Y, Z that can be printed.
    pub bed: [f64; 3],
    /// Moves the part to the bed's middle; otherwise it is printed where it lies.
    pub centre: bool,
    pub nozzle_diameter: f64,
    /// No layer is thicker by more than 2 %; layers get thinner where a horizontal face asks for it.
    pub layer_height: f64,
    pub first_layer_height: f64,
    /// Width of an extruded line, which has round sides: lines lie closer than this.
    pub line_width: f64,
    pub perimeters: u32,
    pub top_layers: u32,
    pub bottom_layers: u32,
    /// 0 to 1; 1 fills solid.
    pub infill_density: f64,
    /// How far infill reaches into the perimeters, as a fraction of a line.
    pub infill_overlap: f64,
    pub skirt_loops: u32,
    pub skirt_distance: f64,
    /// Name of the filament, for the header.
    pub material: String,
    pub filament_diameter: f64,
    pub density_g_cm3: f64,
    pub nozzle_temperature: f64,
    pub bed_temperature: f64,
    /// Part fan from the third layer on; the second has half of it, the first none.
    pub fan_speed: f64,
    pub outer_wall_speed: f64,
    pub print_speed: f64,
    pub first_layer_speed: f64,
    pub travel_speed: f64,
    /// 0 never retracts.
    pub retraction_length: f64,
    pub retraction_speed: f64,
    /// Shorter travels never retract.
    pub retraction_min_travel: f64,
    /// Longer travels always retract; those between only where they leave the part.
    pub retraction_max_travel: f64,
    /// Lift during retracted travels; 0 is off.
    pub z_hop: f64,
    /// E words relative (M83) or absolute (M82).
    pub relative_extrusion: bool,
    /// Lines before the first layer, with `{variables}`: `nozzle_temperature`, `bed_temperature`, `layer_count`,
    /// `height`, `material`, `bed_x`, `bed_y`, `bed_z`.
    pub start_script: String,
    /// Lines after the last layer.
    pub end_script: String,
    /// Further entries of the file's header.
    pub header: Vec<(String, String)>,
    /// For the time estimate.
    pub limits: MachineLimits,
}

const START: &str = "G21\nG90\nM140 S{bed_temperature}\nM104 S{nozzle_temperature}\nG28\nM190 S{bed_temperature}\nM109 S{nozzle_temperature}\n";
const END: &str = "M107\nM104 S0\nM140 S0\nM84\n";

impl Default for Settings {
    fn default() -> Self {
        Self {
            bed: [220.0, 220.0, 250.0],
            centre: true,
            nozzle_diameter: 0.4,
            layer_height: 0.2,
            first_layer_height: 0.2,
            line_width: 0.45,
            perimeters: 2,
            top_layers: 4,
            bottom_layers: 4,
            infill_density: 0.2,
            infill_overlap: 0.15,
            skirt_loops: 1,
            skirt_distance: 3.0,
            material: "PLA".to_owned(),
            filament_diameter: 1.75,
            density_g_cm3: 1.24,
            nozzle_temperature: 210.0,
            bed_temperature: 60.0,
            fan_speed: 1.0,
            outer_wall_speed: 35.0,
            print_speed: 50.0,
            first_layer_speed: 20.0,
            travel_speed: 150.0,
            retraction_length: 0.8,
            retraction_speed: 40.0,
            retraction_min_travel: 1.0,
            retraction_max_travel: 30.0,
            z_hop: 0.0,
            relative_extrusion: true,
            start_script: START.to_owned(),
            end_script: END.to_owned(),
            header: Vec::new(),
            limits: MachineLimits::default(),
        }
    }
}

impl Settings {
    /// Distance between the middles of two neighbouring lines in a layer `height` thick: a line's cross-section is a
    /// rectangle with half-round sides, and lines lie so close that together they fill the layer.
    pub(crate) fn spacing(&self, height: f64) -> f64 {
        self.line_width - height * (1.0 - std::f64::consts::FRAC_PI_4)
    }

    pub(crate) fn filament_area_mm2(&self) -> f64 {
        std::f64::consts::PI * (self.filament_diameter / 2.0).powi(2)
    }

    /// Names the first field that is out of range.
    pub fn validate(&self) -> Result<(), SliceError> {
        let check = |field: &'static str, value: f64, min: f64, max: f64| {
            if value.is_finite() && (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(SliceError::Setting { field, value, min, max })
            }
        };
        for (field, size) in ["bed[0]", "bed[1]", "bed[2]"].into_iter().zip(self.bed) {
            check(field, size, 10.0, 2000.0)?;
        }
        check("nozzle_diameter", self.nozzle_diameter, 0.1, 2.0)?;
        let nozzle = self.nozzle_diameter;
        check("layer_height", self.layer_height, 0.04_f64.min(nozzle * 0.1), nozzle * 0.8)?;
        check("first_layer_height", self.first_layer_height, 0.04, nozzle * 0.8)?;
        check("line_width", self.line_width, nozzle * 0.75, nozzle * 2.0)?;
        check("perimeters", self.perimeters.into(), 0.0, 50.0)?;
        check("top_layers", self.top_layers.into(), 0.0, 10_000.0)?;
        check("bottom_layers", self.bottom_layers.into(), 0.0, 10_000.0)?;
        check("infill_density", self.infill_density, 0.0, 1.0)?;
        check("infill_overlap", self.infill_overlap, 0.0, 0.5)?;
        check("skirt_loops", self.skirt_loops.into(), 0.0, 20.0)?;
        check("skirt_distance", self.skirt_distance, 0.0, 50.0)?;
        check("filament_diameter", self.filament_diameter, 0.5, 5.0)?;
        check("density_g_cm3", self.density_g_cm3, 0.1, 25.0)?;
        check("nozzle_temperature", self.nozzle_temperature, 0.0, 500.0)?;
        check("bed_temperature", self.bed_temperature, 0.0, 200.0)?;
        check("fan_speed", self.fan_speed, 0.0, 1.0)?;
        check("outer_wall_speed", self.outer_wall_speed, 1.0, 1000.0)?;
        check("print_speed", self.print_speed, 1.0, 1000.0)?;
        check("first_layer_speed", self.first_layer_speed, 1.0, 1000.0)?;
        check("travel_speed", self.travel_speed, 1.0, 2000.0)?;
        check("retraction_length", self.retraction_length, 0.0, 20.0)?;
        check("retraction_speed", self.retraction_speed, 1.0, 200.0)?;
        check("retraction_min_travel", self.retraction_min_travel, 0.0, 100.0)?;
        check("retraction_max_travel", self.retraction_max_travel, self.retraction_min_travel, 10_000.0)?;
        check("z_hop", self.z_hop, 0.0, 10.0)?;
        self.limits.validate()?;
        script::check("start_script", &self.start_script)?;
        script::check("end_script", &self.end_script)
    }
}
