//! The prompt: an editable line with a history that outlives the process on a terminal, plain lines otherwise; colours
//! only where somebody sees them.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};

use rustyline::{Config, DefaultEditor, error::ReadlineError};

use crate::{failure::Failure, output::error_line};

/// Lines of the history that are kept.
const HISTORY: usize = 1_000;

/// What came from the prompt.
#[derive(Debug)]
pub(super) enum Line {
    Text(String),
    /// Ctrl-C: the line is given up.
    Abandoned,
    End,
}

pub(super) struct Prompt {
    /// Absent where standard input is no terminal.
    editor: Option<Box<DefaultEditor>>,
    history: PathBuf,
}

impl Prompt {
    /// `history` is the file that keeps what was typed; where it cannot be written there is none.
    pub(super) fn new(history: PathBuf) -> Prompt {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let editor = terminal.then(editor).flatten().map(Box::new);
        let mut prompt = Prompt { editor, history };
        if let Some(editor) = &mut prompt.editor {
            // A first time has no history.
            drop(editor.load_history(&prompt.history));
        }
        prompt
    }

    pub(super) async fn read(&mut self) -> Result<Line, Failure> {
        let (editor, history) = (self.editor.take(), self.history.clone());
        let read = tokio::task::spawn_blocking(move || match editor {
            Some(mut editor) => {
                let line = edited(&mut editor, &history);
                (Some(editor), line)
            }
            None => (None, plain()),
        });
        let (editor, line) = read.await.map_err(|e| Failure::failed(e.to_string()))?;
        self.editor = editor;
        line
    }
}

fn editor() -> Option<DefaultEditor> {
    let config = Config::builder().max_history_size(HISTORY).ok()?.auto_add_history(true).build();
    DefaultEditor::with_config(config).ok()
}

fn edited(editor: &mut DefaultEditor, history: &PathBuf) -> Result<Line, Failure> {
    match editor.readline("> ") {
        Ok(line) => {
            if let Err(error) = editor.append_history(history)
                && !matches!(&error, ReadlineError::Io(why) if why.kind() == std::io::ErrorKind::NotFound)
            {
                error_line(&format!("pot: the history cannot be kept in {}: {error}", history.display()));
            }
            Ok(Line::Text(line))
        }
        Err(ReadlineError::Eof) => Ok(Line::End),
        Err(ReadlineError::Interrupted) => Ok(Line::Abandoned),
        Err(error) => Err(Failure::failed(format!("the prompt cannot be read: {error}"))),
    }
}

fn plain() -> Result<Line, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let mut stderr = std::io::stderr().lock();
        stderr.write_all(b"> ")?;
        stderr.flush()?;
    }
    let mut line = String::new();
    Ok(if stdin.read_line(&mut line)? == 0 { Line::End } else { Line::Text(line) })
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    Voice,
    Question,
    Aside,
    Said,
    Derived,
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    coloured: bool,
}

impl Palette {
    pub(super) fn new(no_color: bool) -> Palette {
        Palette { coloured: !no_color && std::io::stdout().is_terminal() }
    }

    pub(super) fn paint(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Voice => "1;36",
            Style::Question => "1;33",
            Style::Aside => "2",
            Style::Said => "32",
            Style::Derived => "36",
        };
        if self.coloured && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_plain_text() {
        for coloured in [false, true] {
            let painted = Palette { coloured }.paint(Style::Voice, "pot:");
            assert_eq!(painted.contains('\x1b'), coloured);
            assert!(painted.contains("pot:"));
        }
        assert_eq!(Palette { coloured: true }.paint(Style::Aside, ""), "");
    }
}
