//! One number of a part changes by a percent: how long the preview takes with the caches of the part before, and how long
//! the exact part, over every kind of the catalogue.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::{cases, workspace};

/// What one change took, milliseconds on the clock and of CPU.
struct Change {
    name: String,
    ms: f64,
    cpu_ms: f64,
    exact: bool,
}

pub(super) fn run(root: &Path, bench: &Path) -> Result<()> {
    let shown = examples(root)?;
    let (mut previews, mut exacts, mut refused, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0.0_f64);
    for case in &shown {
        let lines = workspace::capture(Command::new(bench).args(["change", case]))?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let row: Value = serde_json::from_slice(line)?;
            peak = peak.max(row["peak_mb"].as_f64().unwrap_or(0.0));
            let name = format!("{case}: {}", row["change"].as_str().unwrap_or_default());
            for (form, list) in [("preview", &mut previews), ("exact", &mut exacts)] {
                let got = &row[form];
                match (got["ms"].as_f64(), got["cpu_ms"].as_f64()) {
                    (Some(ms), Some(cpu_ms)) => {
                        list.push(Change { name: name.clone(), ms, cpu_ms, exact: got["exact"] == true });
                    }
                    _ if got["refused"].is_string() => refused.push(format!("{name} ({form}): {}", got["refused"])),
                    _ => {}
                }
            }
        }
    }
    ensure!(!previews.is_empty(), "nothing was changed");
    workspace::say(format_args!(
        "\none number changed by 1 %, warm caches: {} changes over {} parts that show every kind; ms on the clock (CPU)",
        previews.len(),
        shown.len()
    ));
    show("preview", &mut previews);
    show("exact rebuild", &mut exacts);
    workspace::say(format_args!("peak memory of a part's process: {peak:.0} MB"));
    for refusal in refused {
        workspace::say(format_args!("  refused: {refusal}"));
    }
    Ok(())
}

/// The case with the fewest operations for every kind that a case shows.
fn examples(root: &Path) -> Result<Vec<String>> {
    let mut best: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for folder in cases::folders(root, "")? {
        let Ok(expected) = cases::json(&folder.join("expected.json")) else { continue };
        let operations = expected["operations"].as_array().map(Vec::as_slice).unwrap_or_default();
        for kind in operations.iter().filter_map(|it| it["kind"].as_str()) {
            let candidate = (operations.len(), cases::name(&folder));
            let entry = best.entry(kind.to_owned()).or_insert_with(|| candidate.clone());
            if candidate < *entry {
                *entry = candidate;
            }
        }
    }
    let mut names: Vec<String> = best.into_values().map(|(_, name)| name).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn show(what: &str, changes: &mut [Change]) {
    changes.sort_by(|a, b| a.ms.total_cmp(&b.ms));
    let mut cpu: Vec<f64> = changes.iter().map(|it| it.cpu_ms).collect();
    cpu.sort_by(f64::total_cmp);
    let ms: Vec<f64> = changes.iter().map(|it| it.ms).collect();
    let cell = |share| format!("{:.1} ({:.1})", at(&ms, share), at(&cpu, share));
    let exact = changes.iter().filter(|it| it.exact).count();
    workspace::say(format_args!(
        "  {what:<14} p50 {:>14}  p95 {:>14}  p99 {:>14}  max {:>14}  {exact} of {} exact",
        cell(0.5),
        cell(0.95),
        cell(0.99),
        cell(1.0),
        changes.len()
    ));
    for slow in changes.iter().rev().take(5) {
        workspace::say(format_args!("    {:>8.1} ms  {}", slow.ms, slow.name));
    }
}

/// The smallest value that is not below `share` of them.
fn at(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of values")]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| at(&values, share)), [100.0, 198.0, 200.0]);
        assert!(at(&[], 0.5).is_nan());
    }
}
