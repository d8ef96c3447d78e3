//! `pot up` as a child process.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    process::{self, Identity},
    rest::Rest,
    sandbox::{GRACE, Sandbox},
};

/// How it is started. The defaults take free ports.
#[derive(Clone, Debug)]
pub struct Options {
    pub listen: SocketAddr,
    pub mqtt_listen: SocketAddr,
    pub virtual_printer: bool,
}

impl Default for Options {
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Options { listen: any, mqtt_listen: any, virtual_printer: true }
    }
}

impl Options {
    /// Ports that were free a moment ago, to be kept over restarts.
    pub fn with_kept_ports() -> Self {
        let held: Vec<_> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let [listen, mqtt_listen] = [0, 1].map(|n: usize| held[n].local_addr().unwrap());
        Options { listen, mqtt_listen, virtual_printer: true }
    }
}

#[derive(Debug)]
pub struct Platform<'s> {
    sandbox: &'s Sandbox,
    child: Child,
    pub address: String,
    pub mqtt: String,
    pub token: String,
    log: PathBuf,
}

impl<'s> Platform<'s> {
    /// Starts it and waits until it says that it is ready.
    #[track_caller]
    pub fn start(sandbox: &'s Sandbox, options: &Options) -> Self {
        let (out, log) = (sandbox.file("up.stdout"), sandbox.file("up.stderr"));
        let mut command = sandbox.pot();
        command.args(["--json", "up", "--listen", &options.listen.to_string()]);
        command.args(["--mqtt-listen", &options.mqtt_listen.to_string()]);
        if !options.virtual_printer {
            command.arg("--no-virtual-printer");
        }
        // The log is appended to over restarts: it tells the story of a failed test.
        let log_file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::null()).stdout(fs::File::create(&out).unwrap()).stderr(log_file);
        let child = command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        let mut platform =
            Platform { sandbox, child, address: String::new(), mqtt: String::new(), token: String::new(), log };
        let ready = platform.wait_for_ready(&out);
        let text = |field: &str| ready[field].as_str().unwrap_or_else(|| panic!("no {field} in {ready}")).to_owned();
        platform.address = text("address");
        platform.mqtt = text("mqtt");
        let token_file = PathBuf::from(text("token_file"));
        let mode = fs::metadata(&token_file).expect("the token file exists").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "nobody else reads {}", token_file.display());
        platform.token = fs::read_to_string(&token_file).unwrap().trim().to_owned();
        platform
    }

    #[track_caller]
    fn wait_for_ready(&mut self, out: &PathBuf) -> Value {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(out).unwrap();
            let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(ready) = events.into_iter().find(|event| event["event"] == "ready") {
                return ready;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("pot up ended with {status} before it was ready\n{text}\n{}", self.log());
            }
            if started.elapsed() > Duration::from_secs(240) {
                panic!("pot up is not ready after four minutes\n{text}\n{}", self.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn rest(&self) -> Rest {
        Rest::new(&self.address, &self.token)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged, the last part.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Kills it without warning and proves that nothing that it started lives on. `spared` are the printers of the test.
    #[track_caller]
    pub fn kill_nine(mut self, spared: &[u32]) {
        let below: Vec<Identity> = process::tree(self.child.id());
        process::signal(self.child.id(), Signal::KILL);
        self.child.wait().unwrap();
        let killed = Instant::now();
        self.sandbox.nothing_runs_but(spared);
        while let Some(left) = below.iter().find(|it| it.runs()) {
            assert!(killed.elapsed() < GRACE, "outlived kill -9 by {GRACE:?}: {} {}", left.pid, left.command_line());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ctrl-C, and what it ends with.
    #[track_caller]
    pub fn stop(mut self, spared: &[u32]) -> ExitStatus {
        process::signal(self.child.id(), Signal::INT);
        let status = process::wait(&mut self.child, Duration::from_secs(30));
        let status = status.unwrap_or_else(|| panic!("pot up did not drain within 30 s\n{}", self.log()));
        self.sandbox.nothing_runs_but(spared);
        status
    }
}

impl Drop for Platform<'_> {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().unwrap_or_default();
            self.child.wait().map(drop).unwrap_or_default();
        }
    }
}
