//! Memory of a process and everything below it, from Linux' /proc. The proportional set size counts a shared page once
//! over all that share it, so that the sum over Postgres' processes is what they really take.

use std::collections::HashMap;
use std::fmt;
use std::fs;

use anyhow::{Context as _, Result};

/// Bytes by program name, largest first.
#[derive(Debug, Default)]
pub(super) struct Memory {
    programs: Vec<(String, u64, usize)>,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.programs.iter().map(|it| it.1).sum();
        write!(f, "{:.1} MB", total as f64 / 1e6)?;
        for (name, bytes, count) in &self.programs {
            write!(f, ", {name} x{count} {:.1}", *bytes as f64 / 1e6)?;
        }
        Ok(())
    }
}

/// The tree below `root`, itself included.
pub(super) fn of_tree(root: u32) -> Result<Memory> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").context("this bench needs Linux' /proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end while it is looked at.
        if let Some(parent) = fs::read_to_string(format!("/proc/{pid}/stat")).ok().as_deref().and_then(parent) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut sums: HashMap<String, (u64, usize)> = HashMap::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        open.extend(children.remove(&pid).unwrap_or_default());
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let sum = sums.entry(name.trim().to_owned()).or_default();
        sum.0 += pss(&rollup).with_context(|| format!("/proc/{pid}/smaps_rollup has no Pss"))?;
        sum.1 += 1;
    }
    let mut programs: Vec<_> = sums.into_iter().map(|(name, (bytes, count))| (name, bytes, count)).collect();
    programs.sort_by_key(|it| std::cmp::Reverse(it.1));
    Ok(Memory { programs })
}

/// The name before it is in parentheses and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    stat.get(stat.rfind(')')? + 1..)?.split_whitespace().nth(1)?.parse().ok()
}

fn pss(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_texts_are_read() {
        assert_eq!(parent("12 (a) b (c) S 7 12 12 0"), Some(7));
        assert_eq!(pss("Rss:  900 kB\nPss:   250 kB\nPss_Dirty: 3 kB\n"), Some(256_000));
        let own = of_tree(std::process::id()).unwrap();
        assert!(own.programs.iter().map(|it| it.1).sum::<u64>() > 100_000, "{own}");
    }
}
