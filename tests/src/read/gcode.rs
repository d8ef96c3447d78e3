//! G-code as a printer would take it: what is deposited, where, and at which temperatures. Written from the commands'
//! published meaning (RepRap G-code), without a look at the slicer.

/// Filament of the printers here, millimetres across.
pub const FILAMENT: f64 = 1.75;

/// What a program does.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Filament that left the nozzle for good, millimetres.
    pub filament: f64,
    /// Box of all depositing moves.
    pub min: [f64; 3],
    pub max: [f64; 3],
    /// Heights at which something is deposited, rising.
    pub layers: Vec<f64>,
    pub nozzle: f64,
    pub bed: f64,
    pub retractions: usize,
}

impl Program {
    /// Cubic millimetres.
    pub fn volume(&self) -> f64 {
        self.filament * std::f64::consts::PI * FILAMENT * FILAMENT / 4.0
    }

    pub fn read(text: &str) -> Result<Program, String> {
        let mut program = Program { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3], ..Program::default() };
        let mut head = Head::default();
        for (number, line) in text.lines().enumerate() {
            let command = line.split(';').next().unwrap_or("").trim();
            if !command.is_empty() {
                head.execute(command, &mut program).map_err(|why| format!("line {}: {why}: {line}", number + 1))?;
            }
        }
        program.filament = head.pushed_most;
        program.layers.sort_by(f64::total_cmp);
        program.layers.dedup_by(|a, b| (*a - *b).abs() < 1e-4);
        Ok(program)
    }
}

#[derive(Default)]
struct Head {
    at: [f64; 3],
    /// As the program counts, since the last G92.
    e: f64,
    /// Since the beginning, and the most of it: what is pulled back and pushed again is deposited once.
    pushed: f64,
    pushed_most: f64,
    relative: bool,
    relative_e: bool,
}

impl Head {
    fn execute(&mut self, command: &str, program: &mut Program) -> Result<(), String> {
        let mut words = command.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        let value = |letter: char| -> Result<Option<f64>, String> {
            let word = command.split_whitespace().skip(1).find(|word| word.starts_with(letter));
            word.map(|word| word[1..].parse::<f64>().map_err(|_| format!("{word} is no number"))).transpose()
        };
        match name.as_str() {
            "G0" | "G00" | "G1" | "G01" => {
                let mut to = self.at;
                for (axis, letter) in ['X', 'Y', 'Z'].into_iter().enumerate() {
                    if let Some(value) = value(letter)? {
                        to[axis] = if self.relative { to[axis] + value } else { value };
                    }
                }
                let e = value('E')?.map_or(0.0, |e| if self.relative_e { e } else { e - self.e });
                self.travel(to, e, program);
            }
            "G28" => self.at = [0.0; 3],
            "G90" => (self.relative, self.relative_e) = (false, false),
            "G91" => (self.relative, self.relative_e) = (true, true),
            "M82" => self.relative_e = false,
            "M83" => self.relative_e = true,
            "G92" => {
                if let Some(e) = value('E')? {
                    self.e = e;
                }
            }
            "M104" | "M109" => program.nozzle = program.nozzle.max(value('S')?.unwrap_or(0.0)),
            "M140" | "M190" => program.bed = program.bed.max(value('S')?.unwrap_or(0.0)),
            "G20" => return Err("inches".to_owned()),
            "G2" | "G3" | "G02" | "G03" | "M221" => return Err("not understood by this reader".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn travel(&mut self, to: [f64; 3], e: f64, program: &mut Program) {
        self.e += e;
        self.pushed += e;
        if e < 0.0 {
            program.retractions += 1;
        }
        let deposits = self.pushed > self.pushed_most + 1e-9 && (to[0], to[1]) != (self.at[0], self.at[1]);
        self.pushed_most = self.pushed_most.max(self.pushed);
        if deposits {
            for point in [self.at, to] {
                for (axis, value) in point.into_iter().enumerate() {
                    program.min[axis] = program.min[axis].min(value);
                    program.max[axis] = program.max[axis].max(value);
                }
            }
            if program.layers.last() != Some(&to[2]) {
                program.layers.push(to[2]);
            }
        }
        self.at = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_retracted_is_deposited_once_in_both_modes() {
        let absolute = "M104 S210\nG28\nG1 X0 Y0 Z0.2\nG1 X10 E1 ; a line\nG1 E0.2\nG1 Y10\nG1 E1\nG1 X0 E2\nG92 E0\nG1 Z0.4 Y0 E.5";
        let relative = "M83\nG1 X0 Y0 Z0.2\nG1 X10 E1\nG1 E-.8\nG1 Y10\nG1 E.8\nG1 X0 E1\nG92 E0\nG1 Z0.4 Y0 E.5";
        for text in [absolute, relative] {
            let program = Program::read(text).unwrap();
            assert!((program.filament - 2.5).abs() < 1e-9, "{program:?}");
            assert_eq!((program.layers.as_slice(), program.retractions), ([0.2, 0.4].as_slice(), 1));
            assert_eq!((program.min, program.max), ([0.0, 0.0, 0.2], [10.0, 10.0, 0.4]));
        }
        assert!(Program::read("G1 X1o E1").is_err());
    }
}
