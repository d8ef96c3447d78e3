//! A folder of a test's own, in which it runs `pot`, and after which nothing may be left running.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    binary,
    process::{self, Finished, Identity},
};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// How long what was started may take to end after what started it. The issue of this project says: nothing keeps running.
pub const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Sandbox {
    path: PathBuf,
}

impl Sandbox {
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        let name = format!("pot-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // As root the database runs as an unprivileged user, who has to be able to come here.
        let base = match rustix::process::geteuid().is_root() {
            true => PathBuf::from("/var/lib"),
            false => std::env::temp_dir(),
        };
        let path = base.join(name);
        fs::create_dir_all(path.join("scratch")).unwrap_or_else(|e| panic!("{} cannot be made: {e}", path.display()));
        Sandbox { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// `pot --data DATA`, marked as this test's, without the settings of the test run or of the person who runs it.
    pub fn pot(&self) -> Command {
        let mut command = Command::new(binary::pot());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("POT_")) {
            command.env_remove(name);
        }
        command.env("E2E_MARK", &self.path).env("XDG_CONFIG_HOME", self.path.join("config")).env("LANG", "C.UTF-8");
        command.env("NO_PROXY", "127.0.0.1").current_dir(&self.path).arg("--data").arg(self.data());
        command
    }

    /// Runs `pot` with these arguments to its end.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Finished {
        let mut command = self.pot();
        command.args(arguments);
        self.finish(command)
    }

    /// The first run on a machine may have to install a database, hence the patience.
    #[track_caller]
    pub fn finish(&self, command: Command) -> Finished {
        self.finish_told(command, "")
    }

    /// The same with something on its standard input.
    #[track_caller]
    pub fn finish_told(&self, command: Command, input: &str) -> Finished {
        process::run(command, input, &self.path.join("scratch"), Duration::from_secs(240))
    }

    /// Waits until nothing of this test runs but `spared`.
    #[track_caller]
    pub fn nothing_runs_but(&self, spared: &[u32]) {
        let left = self.left_running(spared);
        let lines: Vec<_> = left.iter().map(|it| format!("{}: {}", it.pid, it.command_line())).collect();
        assert!(left.is_empty(), "still running {GRACE:?} after its parent ended:\n{}", lines.join("\n"));
    }

    fn left_running(&self, spared: &[u32]) -> Vec<Identity> {
        let began = Instant::now();
        loop {
            let mut left = process::marked(&self.path.to_string_lossy());
            left.retain(|it| !spared.contains(&it.pid));
            if left.is_empty() || began.elapsed() > GRACE {
                return left;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let left = self.left_running(&[]);
        for it in &left {
            process::signal(it.pid, rustix::process::Signal::KILL);
        }
        if thread::panicking() {
            // What a failed test leaves is what explains it.
            #[allow(clippy::print_stderr, reason = "read by whoever looks at the failed test")]
            {
                eprintln!("the failed test's folder is kept: {}", self.path.display());
            }
            return;
        }
        let lines: Vec<_> = left.iter().map(|it| it.pid.to_string()).collect();
        assert!(left.is_empty(), "the test left processes running: {}", lines.join(", "));
        fs::remove_dir_all(&self.path).unwrap_or_else(|e| panic!("{}: {e}", self.path.display()));
    }
}
