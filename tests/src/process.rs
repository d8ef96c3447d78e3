//! Child processes: run to an end within a limit, signalled, and looked for in `/proc` when they should be gone.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};
use serde_json::Value;

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Finished {
    /// Both outputs, for messages of assertions.
    pub fn all(&self) -> String {
        format!("exit {:?} after {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.took, self.stdout, self.stderr)
    }

    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"))).collect()
    }
}

/// Runs a command to its end, with this on its standard input. The outputs go through files: a child of the child that outlives it would hold a pipe open.
#[track_caller]
pub fn run(mut command: Command, input: &str, scratch: &Path, limit: Duration) -> Finished {
    let (typed, out, err) = (scratch.join("stdin"), scratch.join("stdout"), scratch.join("stderr"));
    fs::write(&typed, input).unwrap();
    command.stdin(fs::File::open(&typed).unwrap());
    command.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&err).unwrap());
    let started = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
    let status = wait(&mut child, limit);
    let took = started.elapsed();
    let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let finished = Finished { code: status.and_then(|s| s.code()), stdout: text(&out), stderr: text(&err), took };
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{command:?} did not end within {limit:?}\n{}", finished.all());
    }
    finished
}

/// The status, or `None` when the child still runs after `limit`.
pub fn wait(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status);
        }
        if started.elapsed() > limit {
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Signals one process, that has to exist.
pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process id is positive");
    rustix::process::kill_process(pid, signal).expect("the process exists");
}

/// A process and when it began, since a number is given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub pid: u32,
    pub began: u64,
}

impl Identity {
    /// Whether it still runs. A zombie has ended and only waits to be counted.
    pub fn runs(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.began == self.began && stat.state != 'Z')
    }

    pub fn command_line(self) -> String {
        command_line(self.pid)
    }
}

/// A process and everything below it.
pub fn tree(root: u32) -> Vec<Identity> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut began = HashMap::new();
    for pid in pids() {
        if let Some(stat) = stat(pid) {
            children.entry(stat.parent).or_default().push(pid);
            began.insert(pid, stat.began);
        }
    }
    let (mut found, mut open, mut seen) = (Vec::new(), vec![root], HashSet::new());
    while let Some(pid) = open.pop() {
        if let (true, Some(&began)) = (seen.insert(pid), began.get(&pid)) {
            found.push(Identity { pid, began });
            open.extend(children.remove(&pid).unwrap_or_default());
        }
    }
    found
}

/// Processes other than this one whose command line or environment holds `mark`.
pub fn marked(mark: &str) -> Vec<Identity> {
    let holds = |pid: u32, file: &str| {
        let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
    };
    let own = std::process::id();
    let pids = pids().into_iter().filter(|&pid| pid != own && (holds(pid, "cmdline") || holds(pid, "environ")));
    let found = pids.filter_map(|pid| Some(Identity { pid, began: stat(pid)?.began }));
    found.filter(|identity| identity.runs()).collect()
}

struct Stat {
    state: char,
    parent: u32,
    began: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything.
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let began = fields.nth(17)?.parse().ok()?;
    Some(Stat { state, parent, began })
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("these tests need /proc");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_found_by_tree_and_by_mark_until_it_ends() {
        let mark = format!("pot-e2e-mark-{}", std::process::id());
        let mut child = Command::new("sleep").arg("60").env("E2E_MARK", &mark).spawn().unwrap();
        // Its environment shows a moment after it was started.
        let mut found = marked(&mark);
        for _ in 0..500 {
            if !found.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            found = marked(&mark);
        }
        assert_eq!(found.iter().map(|it| it.pid).collect::<Vec<_>>(), [child.id()]);
        assert!(tree(std::process::id()).contains(&found[0]));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!found[0].runs() && marked(&mark).is_empty());
    }
}
