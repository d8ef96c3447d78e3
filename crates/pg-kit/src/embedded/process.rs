//! Child processes that end with us, and leftovers of those that did not get to.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use super::EmbeddedError;
use super::user::RunAs;

/// Long enough for pip over a slow line.
const PROGRAM_TIMEOUT: Duration = Duration::from_secs(300);
/// How much of a program's output an error quotes.
const QUOTED: usize = 2_000;

/// A command of the server's with nothing of our environment: `PGDATA` and its like would change what it does.
pub(super) fn command(program: &Path, user: Option<&RunAs>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("PATH", "/usr/bin:/bin").current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// Runs `command` to its end and returns what it printed; killed when the caller stops waiting.
pub(super) async fn output(command: &mut Command, name: &str) -> Result<String, EmbeddedError> {
    let failed = |status: String, output: &[u8]| {
        let text = String::from_utf8_lossy(output);
        let text = text.trim();
        // The end has the cause.
        let start = text.char_indices().rev().nth(QUOTED).map_or(0, |(index, _)| index);
        EmbeddedError::Program { program: name.to_owned(), status, output: text[start..].to_owned() }
    };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    die_with_parent(command.as_std_mut(), Signal::KILL);
    let finished = tokio::time::timeout(PROGRAM_TIMEOUT, command.output())
        .await
        .map_err(|_| failed("no answer in five minutes".into(), b""))?
        .map_err(|error| failed(error.to_string(), b""))?;
    if !finished.status.success() {
        return Err(failed(finished.status.to_string(), &[finished.stdout, finished.stderr].concat()));
    }
    Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
}

/// Makes the kernel send `signal` to the child when the *thread* that spawns it ends, or our whole process, kill -9
/// included.
#[allow(unsafe_code, reason = "the listed exception: pre_exec is the one place where the signal can be set")]
pub(super) fn die_with_parent(command: &mut std::process::Command, signal: Signal) {
    use std::os::unix::process::CommandExt;

    let parent = rustix::process::getpid();
    let hook = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // If we died before that call, nobody would send it.
        if rustix::process::getppid() != Some(parent) {
            return Err(std::io::Error::other("the parent is gone"));
        }
        Ok(())
    };
    // SAFETY: the hook runs between fork and exec, where only async-signal-safe calls are allowed. It makes two system
    // calls, prctl and getppid; the error that it may make is of the simple kind until the second one fails, and then
    // the child only exits. It runs after the change of user, which would clear the signal.
    unsafe {
        command.pre_exec(hook);
    }
}

/// Sends `signal`; a process that is gone is no error.
pub(super) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw)
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::debug!(?pid, %error, "a signal was not sent");
    }
}

/// The server processes that work in `cluster`: the postmaster and its children have it as their working folder, which is
/// a surer sign than a number in a file. A shell that stands there is not one of them.
pub(super) fn servers_of(cluster: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let works_there = std::fs::read_link(entry.path().join("cwd")).ok()? == cluster;
            let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
            (works_there && name.trim_end() == "postgres").then_some(pid)
        })
        .collect()
}

/// Waits for the servers that an earlier run left in `cluster` to end, and ends those that do not.
pub(super) async fn clear_leftovers(cluster: &Path) -> Result<(), EmbeddedError> {
    // A killed platform's server is shutting down already; each step is only for one that is not.
    for next in [None, Some(Signal::QUIT), Some(Signal::KILL)] {
        for pid in servers_of(cluster) {
            if let Some(next) = next {
                tracing::warn!(pid, signal = ?next, "ending a server that an earlier run left behind");
                signal(pid, next);
            }
        }
        for _ in 0..100 {
            if servers_of(cluster).is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
    match servers_of(cluster).first() {
        Some(pid) => Err(EmbeddedError::Leftover { pid: *pid }),
        None => Ok(()),
    }
}
