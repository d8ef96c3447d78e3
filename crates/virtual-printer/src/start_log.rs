//! The append-only log of starts: one JSON line when a start is received, one when it is executed, each on disk before
//! the printer goes on.

use std::{fs, io::Write, path::Path};

use serde::{Deserialize, Serialize};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRecord {
    pub event: String,
    pub unix_ms: i64,
    pub boot: String,
    pub command: String,
    pub print_job: String,
    pub fence: i64,
}

/// Writes records, or nothing when the printer keeps no log.
#[derive(Debug)]
pub struct StartLog(Option<fs::File>);

impl StartLog {
    pub fn open(path: Option<&Path>) -> std::io::Result<Self> {
        path.map(|p| fs::OpenOptions::new().create(true).append(true).open(p)).transpose().map(StartLog)
    }

    pub fn append(&mut self, record: &StartRecord) -> std::io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_data()
    }
}
