//! Paths to G-code: travels, retractions, speeds, temperatures, fan, and numbers written fast.

use std::io::Write;

use crate::path::{Path, PathKind, distance};
use crate::plan::LayerPlan;
use crate::region::Region;
use crate::{Settings, SliceError, script};

/// The program without its header, and where each layer starts in it.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) gcode: Vec<u8>,
    /// Byte offset of each layer's `;LAYER:n`.
    pub(crate) layer_offsets: Vec<usize>,
    /// Filament that was deposited, mm; retractions do not count.
    pub(crate) filament_mm: f64,
    pub(crate) retractions: u64,
    pub(crate) travel_mm: f64,
}

pub(crate) fn body(plans: &[LayerPlan], skirt: &[Path], settings: &Settings) -> Result<Body, SliceError> {
    let height = plans.last().map_or(0.0, |l| l.top);
    let render = |field, text| {
        script::render(text, settings, plans.len(), height).map_err(|problem| SliceError::Script { field, problem })
    };
    let mut writer = Writer::new(settings);
    writer.text(&render("start_script", &settings.start_script)?);
    // Whatever the script left behind.
    writer.text(if settings.relative_extrusion { "G90\nM83\n" } else { "G90\nM82\n" });
    writer.text("G92 E0\nM107\n");
    for (index, plan) in plans.iter().enumerate() {
        writer.layer(index, plan);
        if index == 0 {
            for path in skirt {
                writer.path(path, &Region::default());
            }
        }
        for path in &plan.paths {
            writer.path(path, &plan.section);
        }
    }
    writer.finish(height);
    writer.text(&render("end_script", &settings.end_script)?);
    Ok(writer.body)
}

struct Writer<'a> {
    settings: &'a Settings,
    body: Body,
    /// Filament per mm2 of path in this layer: height over the filament's cross-section.
    filament_per_mm2: f64,
    position: Option<[f64; 2]>,
    z: f64,
    first_layer: bool,
    retracted: bool,
    kind: Option<PathKind>,
    /// Last feed rate written, mm/min.
    feed: f64,
    /// Absolute E, and what rounding still owes.
    e: f64,
    owed: f64,
}

impl<'a> Writer<'a> {
    fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            body: Body::default(),
            filament_per_mm2: 0.0,
            position: None,
            z: 0.0,
            first_layer: true,
            retracted: false,
            kind: None,
            feed: 0.0,
            e: 0.0,
            owed: 0.0,
        }
    }

    fn text(&mut self, text: &str) {
        self.body.gcode.extend_from_slice(text.as_bytes());
    }

    fn layer(&mut self, index: usize, plan: &LayerPlan) {
        self.body.layer_offsets.push(self.body.gcode.len());
        self.first_layer = index == 0;
        self.filament_per_mm2 = plan.height / self.settings.filament_area_mm2();
        self.kind = None;
        write!(self.body.gcode, ";LAYER:{index}\n;Z:{:.3}\n;HEIGHT:{:.4}\n", plan.top, plan.height).ok();
        match index {
            1 => self.fan(self.settings.fan_speed / 2.0),
            2 => self.fan(self.settings.fan_speed),
            _ => {}
        }
        self.z = plan.top;
        // The lift comes before the first travel of the layer, never down through what is printed.
        self.text("G0");
        self.feed_word(self.settings.travel_speed);
        self.word(b'Z', plan.top, 3);
        self.text("\n");
    }

    fn fan(&mut self, speed: f64) {
        if speed > 0.0 {
            writeln!(self.body.gcode, "M106 S{}", (speed * 255.0).round()).ok();
        }
    }

    fn path(&mut self, path: &Path, section: &Region) {
        if path.widths.is_empty() {
            return;
        }
        self.travel(path.start(), section);
        if self.kind != Some(path.kind) {
            self.kind = Some(path.kind);
            self.text(path.kind.comment());
        }
        self.unretract();
        let speed = match path.kind {
            _ if self.first_layer => self.settings.first_layer_speed,
            PathKind::OuterWall | PathKind::Gap => self.settings.outer_wall_speed,
            _ => self.settings.print_speed,
        };
        for (from, to, width) in path.segments() {
            let filament = distance(from, to) * width * self.filament_per_mm2;
            self.owed += filament;
            self.body.filament_mm += filament;
            // Nothing shorter than the written resolution; its filament goes to the next.
            if distance(self.position.unwrap_or(from), to) < 0.002 {
                continue;
            }
            self.text("G1");
            self.feed_word(speed);
            self.xy(to);
            self.extrude_owed();
            self.text("\n");
        }
    }

    fn travel(&mut self, to: [f64; 2], section: &Region) {
        let length = self.position.map_or(f64::INFINITY, |from| distance(from, to));
        if length < 0.002 {
            return;
        }
        if let Some(from) = self.position {
            self.body.travel_mm += length;
            let settings = self.settings;
            let outside = length > settings.retraction_min_travel
                && (length > settings.retraction_max_travel || section.is_empty() || section.crossed_by(from, to));
            if outside {
                self.retract();
            }
        }
        let hop = self.retracted && self.settings.z_hop > 0.0;
        if hop {
            self.lift(self.z + self.settings.z_hop);
        }
        self.text("G0");
        self.feed_word(self.settings.travel_speed);
        self.xy(to);
        self.text("\n");
        if hop {
            self.lift(self.z);
        }
    }

    fn lift(&mut self, z: f64) {
        self.text("G0");
        self.feed_word(self.settings.travel_speed);
        self.word(b'Z', z, 3);
        self.text("\n");
    }

    fn retract(&mut self) {
        if !self.retracted && self.settings.retraction_length > 0.0 {
            self.retracted = true;
            self.body.retractions += 1;
            self.filament_alone(-self.settings.retraction_length);
        }
    }

    fn unretract(&mut self) {
        if self.retracted {
            self.retracted = false;
            self.filament_alone(self.settings.retraction_length);
        }
    }

    fn filament_alone(&mut self, length: f64) {
        self.owed += length;
        self.text("G1");
        self.feed_word(self.settings.retraction_speed);
        self.extrude_owed();
        self.text("\n");
    }

    /// Retracts and moves away from the part, as far as the machine goes.
    fn finish(&mut self, height: f64) {
        self.retract();
        let up = (height + 5.0).min(self.settings.bed[2]);
        if up > height {
            self.lift(up);
        }
    }

    fn xy(&mut self, to: [f64; 2]) {
        self.word(b'X', to[0], 3);
        self.word(b'Y', to[1], 3);
        self.position = Some(to);
    }

    /// Writes the E word for what is owed, and keeps what rounding left.
    fn extrude_owed(&mut self) {
        let rounded = (self.owed * 1e5).round() / 1e5;
        self.owed -= rounded;
        self.e += rounded;
        let value = if self.settings.relative_extrusion { rounded } else { self.e };
        self.word(b'E', value, 5);
    }

    fn feed_word(&mut self, speed: f64) {
        let feed = (speed * 60.0).round();
        if feed != self.feed {
            self.feed = feed;
            self.word(b'F', feed, 0);
        }
    }

    fn word(&mut self, letter: u8, value: f64, decimals: u32) {
        self.body.gcode.extend_from_slice(&[b' ', letter]);
        number(&mut self.body.gcode, value, decimals);
    }
}

/// Writes `value` with at most `decimals` decimals and no trailing zeros. Several times faster than `format!`, which
/// would take most of the time of writing a program.
fn number(out: &mut Vec<u8>, value: f64, decimals: u32) {
    let scale = 10i64.pow(decimals);
    let scaled = (value * scale as f64).round() as i64;
    if scaled < 0 {
        out.push(b'-');
    }
    let magnitude = scaled.unsigned_abs();
    let (whole, mut fraction) = (magnitude / scale as u64, magnitude % scale as u64);
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = whole;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
    if fraction > 0 {
        out.push(b'.');
        let mut place = scale as u64 / 10;
        while fraction > 0 {
            out.push(b'0' + (fraction / place) as u8);
            fraction %= place;
            place /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_like_format_writes_them() {
        for (value, decimals, expected) in [
            (0.0, 3, "0"),
            (-0.0001, 3, "0"),
            (12.5, 3, "12.5"),
            (-7.042, 3, "-7.042"),
            (0.00001, 5, "0.00001"),
            (99.9999, 3, "100"),
            (1500.0, 0, "1500"),
        ] {
            let mut out = Vec::new();
            number(&mut out, value, decimals);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
