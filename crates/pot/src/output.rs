//! What a person or a program sees: a bar a stage on a terminal, plain lines in a pipe, JSON lines when asked.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Json,
}

#[derive(Debug)]
pub(crate) struct Output {
    mode: Mode,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let mode = match (json, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Json,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Lines,
        };
        Output { mode }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.mode == Mode::Json
    }

    /// A line for people, an object for programs.
    pub(crate) fn say(&self, text: &str, event: Value) {
        match self.mode {
            Mode::Json => line(&event.to_string()),
            _ => line(text),
        }
    }

    /// An object only for programs.
    pub(crate) fn say_to_programs(&self, event: Value) {
        if self.mode == Mode::Json {
            line(&event.to_string());
        }
    }

    /// A line only for people.
    pub(crate) fn note(&self, text: &str) {
        if self.mode != Mode::Json {
            line(text);
        }
    }

    pub(crate) fn stage(&self, name: &'static str, title: &str) -> Stage {
        let bar = match self.mode {
            Mode::Bars => {
                let style = ProgressStyle::with_template("{prefix:<28} {bar:30.cyan/dim} {percent:>3} % {msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
                let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr()).with_style(style);
                bar.set_prefix(title.to_owned());
                bar.enable_steady_tick(Duration::from_millis(120));
                Some(bar)
            }
            Mode::Lines => {
                line(&format!("{title} ..."));
                None
            }
            Mode::Json => None,
        };
        Stage { name, title: title.to_owned(), mode: self.mode, bar, last: -1.0 }
    }
}

/// One long step.
#[derive(Debug)]
pub(crate) struct Stage {
    name: &'static str,
    title: String,
    mode: Mode,
    bar: Option<ProgressBar>,
    last: f64,
}

impl Stage {
    /// `progress` is 0 to 1; lines and objects appear at every tenth.
    pub(crate) fn progress(&mut self, progress: f64, detail: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position((progress.clamp(0.0, 1.0) * 1000.0) as u64);
            bar.set_message(detail.to_owned());
        }
        let tenth = (progress * 10.0).floor();
        if tenth <= self.last {
            return;
        }
        self.last = tenth;
        match self.mode {
            Mode::Lines if progress > 0.0 && progress < 1.0 => {
                line(&format!("{}: {:.0} % {detail}", self.title, progress * 100.0));
            }
            Mode::Json => line(
                &json!({"event": "progress", "stage": self.name, "progress": progress, "detail": detail}).to_string(),
            ),
            _ => {}
        }
    }

    pub(crate) fn done(self, summary: &str, facts: Value) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        match self.mode {
            Mode::Json => {
                line(&json!({"event": "stage", "stage": self.name, "summary": summary, "facts": facts}).to_string());
            }
            _ => line(&format!("{}: {summary}", self.title)),
        }
    }
}

/// Standard output may be a closed pipe (`pot make ... | head`): then nobody reads, and nothing is lost.
pub(crate) fn line(text: &str) {
    writeln!(std::io::stdout().lock(), "{text}").unwrap_or_default();
}

pub(crate) fn error_line(text: &str) {
    writeln!(std::io::stderr().lock(), "{text}").unwrap_or_default();
}
