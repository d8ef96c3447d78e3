//! `bench geometry`: CPU time and peak memory of six parts beside CadQuery, manifold3d and OpenSCAD in one run; and how long
//! the parts of the catalogue take when one number changes.

mod change;
mod peers;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;

/// The parts as the peers' scripts name them, and the case that is the same part.
const PARTS: [(&str, &str); 6] = [
    ("pot", "plant_pot"),
    ("enclosure", "enclosure"),
    ("bracket", "l_bracket"),
    ("gear", "gear_20"),
    ("400-hole plate", "plate_400_holes"),
    ("flange", "flange"),
];
/// Share by which a peer's volume may differ: it is the same part within its triangles.
const SAME_PART: f64 = 3e-3;

/// Options of the bench.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How often each part is built; the median counts.
    #[arg(long, default_value_t = 9)]
    pub runs: usize,
    /// Measure this build of the example `bench` of the geometry crate instead of building one.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Leave out the changes of one number.
    #[arg(long)]
    pub no_changes: bool,
}

/// What one program took for one part.
#[derive(Clone, Debug, PartialEq)]
struct Measured {
    cpu_ms: f64,
    peak_mb: f64,
    volume_mm3: f64,
    triangles: u64,
}

impl Measured {
    fn read(json: &Value) -> Result<Measured> {
        let number = |key: &str| json[key].as_f64().with_context(|| format!("no {key} in {json}"));
        let times = json["cpu_ms"].as_array().with_context(|| format!("no cpu_ms in {json}"))?;
        Ok(Measured {
            cpu_ms: median(times.iter().filter_map(Value::as_f64).collect()),
            peak_mb: number("peak_mb")?,
            volume_mm3: number("volume_mm3")?,
            triangles: json["triangles"].as_u64().unwrap_or(0),
        })
    }
}

/// Runs the bench on the repository at `root`.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let bench = match &options.binary {
        Some(binary) => binary.clone(),
        None => build(root)?,
    };
    let peers = peers::found(root);
    let mut wrong = Vec::new();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    workspace::say(format_args!(
        "geometry: CPU ms from nothing to triangles and volume, median of {} runs, on {cores} cores; x: times ours",
        options.runs
    ));
    let mut table = Vec::new();
    for (part, case) in PARTS {
        let answer = workspace::capture(Command::new(&bench).args(["cold", case, &options.runs.to_string()]))?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let ours = Measured::read(&answer)?;
        let chord = chord(answer["size_mm"].as_f64().unwrap_or(100.0));
        let exact = if answer["exact"] == true { "exact" } else { "mesh" };
        workspace::say(format_args!("\n{part} ({case}, {exact}), chord {chord:.4} mm"));
        line("ours", &ours, None);
        let mut times = vec![ours.cpu_ms];
        for peer in &peers {
            match peer.measure(root, part, chord, options.runs) {
                Ok(theirs) => {
                    line(peer.name, &theirs, Some(ours.cpu_ms));
                    let off = (theirs.volume_mm3 / ours.volume_mm3 - 1.0).abs();
                    if off.is_nan() || off > SAME_PART {
                        wrong.push(format!("{part} in {}: its volume is {:.3} % off", peer.name, off * 100.0));
                    }
                    times.push(theirs.cpu_ms);
                }
                Err(error) => {
                    workspace::say(format_args!("  {:<18} {error:#}", peer.name));
                    times.push(f64::NAN);
                }
            }
        }
        table.push((part, times));
    }
    summary(&table, &peers);
    for absent in peers::NAMES.iter().filter(|name| peers.iter().all(|peer| peer.name != **name)) {
        workspace::say(format_args!("{absent} is not installed and was left out"));
    }
    if !options.no_changes {
        change::run(root, &bench)?;
    }
    if !wrong.is_empty() {
        bail!("not the same part:\n{}", wrong.join("\n"));
    }
    Ok(())
}

fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--release", "--locked", "--package", "geometry", "--example", "bench"]);
    workspace::run(cargo.current_dir(root))?;
    let target = workspace::env("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/examples/bench"))
}

/// The chord with which an evaluation starts: a ten-thousandth of the size, 1 to 30 micrometres.
fn chord(size_mm: f64) -> f64 {
    (size_mm * 1e-4).clamp(0.001, 0.03)
}

fn line(name: &str, measured: &Measured, ours: Option<f64>) {
    let ratio = ours.map_or_else(String::new, |ours| format!("{:.2} x", measured.cpu_ms / ours));
    workspace::say(format_args!(
        "  {name:<18} {:>9.1} ms {ratio:>9} {:>7.0} MB peak {:>8} triangles {:>13.3} mm3",
        measured.cpu_ms, measured.peak_mb, measured.triangles, measured.volume_mm3
    ));
}

fn summary(table: &[(&str, Vec<f64>)], peers: &[peers::Peer]) {
    let names: String = peers.iter().map(|peer| format!(" {:>18}", peer.name)).collect();
    workspace::say(format_args!("\n{:<16} {:>8}{names}   (CPU ms; in brackets the ratio to ours)", "part", "ours"));
    for (part, times) in table {
        let ours = times.first().copied().unwrap_or(f64::NAN);
        let cells = times.iter().skip(1).map(|time| {
            let cell = if time.is_nan() { "-".to_owned() } else { format!("{time:.1} ({:.2})", time / ours) };
            format!(" {cell:>18}")
        });
        workspace::say(format_args!("{part:<16} {ours:>8.1}{}", cells.collect::<String>()));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_median_run_counts() {
        let json = json!({"cpu_ms": [9.0, 1.0, 2.0], "peak_mb": 3.0, "volume_mm3": 4.0, "triangles": 5});
        assert_eq!(
            Measured::read(&json).unwrap(),
            Measured { cpu_ms: 2.0, peak_mb: 3.0, volume_mm3: 4.0, triangles: 5 }
        );
        assert!(Measured::read(&json!({"cpu_ms": [1.0]})).is_err());
        assert!((chord(120.0) - 0.012).abs() < 1e-12 && chord(2000.0) == 0.03);
    }
}
