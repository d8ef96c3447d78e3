//! `pot virtual-printer` as a process of its own, as a printer is.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Stdio},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{Rest, Sandbox, job, process};

#[derive(Debug)]
pub struct VirtualPrinter {
    child: Child,
    /// `devices/{id}`.
    pub name: String,
    log: PathBuf,
}

impl VirtualPrinter {
    /// Starts it; `broker` is the platform's MQTT address.
    #[track_caller]
    pub fn start(sandbox: &Sandbox, id: &str, broker: &str, speed: f64, fail: Option<&str>) -> Self {
        let log = sandbox.file(&format!("{id}.starts"));
        let mut command = sandbox.pot();
        command.args(["virtual-printer", "--id", id, "--broker", broker, "--speed", &speed.to_string()]);
        command.arg("--start-log").arg(&log);
        if let Some(fault) = fail {
            command.args(["--fail", fault]);
        }
        let stderr = fs::File::create(sandbox.file(&format!("{id}.stderr"))).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
        VirtualPrinter { child, name: format!("devices/{id}"), log }
    }

    /// Makes it known to the platform and waits until it reports.
    pub async fn register(&self, rest: &Rest) {
        let device = json!({"name": self.name, "kind": "printer", "driver": "virtual"});
        let answer = rest.post("/v1/devices", &device).await.ok();
        assert_eq!(answer["name"], self.name.as_str());
        self.online(rest).await;
    }

    pub async fn online(&self, rest: &Rest) {
        let path = format!("/v1/{}", self.name);
        job::until(&format!("{} is online", self.name), 20, || async {
            let device = rest.get(&path).await.ok();
            (device["online"] == true).then_some(())
        })
        .await;
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Freezes or thaws it.
    pub fn signal(&self, signal: Signal) {
        process::signal(self.child.id(), signal);
    }

    /// Every start of a print job that it received and executed, by its own append-only log.
    pub fn starts(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        // A last line that is still being written has no end yet.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("start log: {e}: {line}")))
            .collect()
    }

    /// How often `event` (received, executed) was logged for a print job.
    pub fn count(&self, event: &str, print_job: &str) -> usize {
        self.starts().iter().filter(|start| start["event"] == event && start["print_job"] == print_job).count()
    }
}

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}
