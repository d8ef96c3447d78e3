//! `pot chat`: the dialogue at a prompt.

mod command;
mod terminal;
mod words;

use std::{ffi::OsString, path::PathBuf};

use futures::StreamExt;
use proto::pot::conversation::v1::{self as conversation, Origin, Turn, stream_turn_response::Event};
use serde_json::json;

use self::{
    command::Command,
    terminal::{Line, Palette, Prompt, Style},
    words::{WELCOME, Words, words},
};
use crate::{
    cli::{ChatArgs, MakeArgs},
    client::Platform,
    failure::Failure,
    files::OutputFolder,
    make::Job,
    output::Output,
};

/// What the prompt needs from its surroundings.
pub(crate) struct Setting {
    pub(crate) history: PathBuf,
    pub(crate) no_color: bool,
    /// A locale, before anybody said anything.
    pub(crate) language: Option<String>,
}

struct Chat<'a> {
    platform: Platform,
    output: &'a Output,
    args: &'a ChatArgs,
    palette: Palette,
    dialogue: String,
    language: String,
    /// The last turn, as far as this prompt knows.
    head: Option<u32>,
    /// Where the next message goes on, when not after the last one.
    continued: String,
}

pub(crate) async fn run(
    mut platform: Platform,
    output: &Output,
    args: &ChatArgs,
    setting: Setting,
) -> Result<(), Failure> {
    let dialogue = match &args.dialogue {
        Some(name) => {
            let request = conversation::GetDialogueRequest { name: name.clone() };
            platform.conversation.get_dialogue(request).await?.into_inner()
        }
        None => {
            let request = conversation::CreateDialogueRequest::default();
            platform.conversation.create_dialogue(request).await?.into_inner()
        }
    };
    let language = match dialogue.language.as_str() {
        "" => setting.language.unwrap_or_default(),
        known => known.to_owned(),
    };
    let mut chat = Chat {
        platform,
        output,
        args,
        palette: Palette::new(setting.no_color),
        head: dialogue.turn_count.checked_sub(1),
        dialogue: dialogue.name,
        language,
        continued: String::new(),
    };
    output.note(WELCOME);
    let mut prompt = Prompt::new(setting.history);
    loop {
        match prompt.read().await? {
            Line::End => break,
            Line::Abandoned => chat.aside(chat.words().leave),
            Line::Text(line) => match Command::parse(&line) {
                Command::Quit => break,
                // What failed is told, and the prompt comes back.
                command => chat.obey(command).await.unwrap_or_else(|failure| chat.failed(&failure)),
            },
        }
    }
    if chat.head.is_some() {
        chat.aside(&format!("{} pot chat --dialogue {}", chat.words().resume, chat.dialogue));
    }
    Ok(())
}

impl Chat<'_> {
    fn words(&self) -> &'static Words {
        words(&self.language)
    }

    fn aside(&self, text: &str) {
        self.output.note(&self.palette.paint(Style::Aside, text));
    }

    fn failed(&self, failure: &Failure) {
        let voice = self.palette.paint(Style::Question, "pot:");
        let event = json!({"event": "failure", "message": failure.to_string()});
        self.output.say(&format!("{voice} {failure}"), event);
    }

    async fn obey(&mut self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Nothing | Command::Quit => {}
            Command::Say(text) => self.say(&text).await?,
            Command::Help => self.output.note(self.words().help),
            Command::Unknown(_) => self.aside(self.words().unknown),
            Command::Specification { json } => self.specification(json).await?,
            Command::Undo(steps) => self.repeat(self.words().undo, steps).await?,
            Command::Redo(steps) => self.repeat(self.words().redo, steps).await?,
            Command::History => self.history().await?,
            Command::Difference(message) => self.difference(message).await?,
            Command::Branch(0) => {
                self.continued.clone_from(&self.dialogue);
                self.aside(self.words().from_start);
            }
            Command::Branch(message) => self.branch(message).await?,
            Command::Make => self.make(true).await?,
            Command::Print => self.make(false).await?,
        }
        Ok(())
    }

    async fn repeat(&mut self, word: &str, steps: u32) -> Result<(), Failure> {
        for _ in 0..steps {
            self.say(word).await?;
        }
        Ok(())
    }

    /// One turn, told as it comes along.
    async fn say(&mut self, text: &str) -> Result<(), Failure> {
        let request = conversation::StreamTurnRequest {
            parent: self.dialogue.clone(),
            text: text.to_owned(),
            request_id: String::new(),
            continued_turn: self.continued.clone(),
        };
        let mut events = self.platform.conversation.stream_turn(request).await?.into_inner();
        while let Some(message) = events.next().await {
            match message?.event {
                Some(Event::Understanding(understood)) if !understood.unread_words.is_empty() => {
                    self.aside(&format!("{} “{}” ...", self.words().thinking, understood.unread_words.join(" ")));
                }
                Some(Event::Change(change)) => {
                    self.output.say_to_programs(json!({"event": "change", "path": change.path, "text": change.text}));
                }
                Some(Event::Turn(turn)) => self.heard(text, turn),
                Some(Event::Understanding(_) | Event::Thinking(_)) | None => {}
            }
        }
        Ok(())
    }

    fn heard(&mut self, text: &str, turn: Turn) {
        self.continued.clear();
        self.head = Some(turn.number);
        self.language.clone_from(&turn.language);
        let voice = self.palette.paint(Style::Voice, "pot:");
        let question = turn.question.as_ref().map_or("", |question| question.text.as_str());
        let told = turn.reply.strip_suffix(question).unwrap_or(&turn.reply);
        let asked = self.palette.paint(Style::Question, if told.len() < turn.reply.len() { question } else { "" });
        let event = json!({"event": "turn", "number": turn.number, "text": text, "reply": turn.reply});
        self.output.say(&format!("{voice} {told}{asked}"), event);
    }

    /// Where the dialogue stands: at its last turn, or at the one that the next message continues.
    fn standing(&self) -> &str {
        if self.continued.is_empty() { &self.dialogue } else { &self.continued }
    }

    async fn specification(&mut self, json: bool) -> Result<(), Failure> {
        if self.continued == self.dialogue {
            self.aside(self.words().from_start);
            return Ok(());
        }
        let request = conversation::GetSpecificationRequest { name: format!("{}/specification", self.standing()) };
        let specification = self.platform.conversation.get_specification(request).await?.into_inner();
        if json || self.output.is_json() {
            let text = String::from_utf8_lossy(&specification.json).into_owned();
            let event: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            self.output.say(text.trim_end(), json!({"event": "specification", "part": event}));
            return Ok(());
        }
        for explanation in specification.explanations {
            let style = match explanation.origin() {
                Origin::Said => Some(Style::Said),
                Origin::Derived => Some(Style::Derived),
                Origin::Default => Some(Style::Aside),
                Origin::Unspecified => None,
            };
            let text = style.map_or(explanation.text.clone(), |style| self.palette.paint(style, &explanation.text));
            self.output.note(&format!("  {text}"));
        }
        Ok(())
    }

    async fn history(&mut self) -> Result<(), Failure> {
        let mut page_token = String::new();
        loop {
            let parent = self.dialogue.clone();
            let request = conversation::ListTurnsRequest { parent, page_size: 100, page_token, branch: String::new() };
            let page = self.platform.conversation.list_turns(request).await?.into_inner();
            for turn in page.turns {
                let from = match number(&turn.continued_turn) {
                    // Only what does not follow the line above.
                    from if from == turn.number.checked_sub(1) => String::new(),
                    from => self.palette.paint(Style::Aside, &format!(" (← {})", from.map_or(0, |n| n + 1))),
                };
                let event = json!({"event": "history", "number": turn.number, "continued": turn.continued_turn, "text": turn.text});
                self.output.say(&format!("  {:>3}{from} {}", turn.number + 1, turn.text), event);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(());
            }
        }
    }

    async fn difference(&mut self, message: Option<u32>) -> Result<(), Failure> {
        let name = match message {
            Some(message) => format!("{}/turns/{}/specification", self.dialogue, message - 1),
            None => format!("{}/specification", self.dialogue),
        };
        let request = conversation::DiffSpecificationRequest { name, base: String::new() };
        let difference = self.platform.conversation.diff_specification(request).await?.into_inner();
        if difference.changes.is_empty() {
            self.aside(self.words().unchanged);
        }
        for change in difference.changes {
            let event = json!({"event": "change", "path": change.path, "text": change.text});
            self.output.say(&format!("  {}", change.text), event);
        }
        Ok(())
    }

    async fn branch(&mut self, message: u32) -> Result<(), Failure> {
        let request = conversation::GetTurnRequest { name: format!("{}/turns/{}", self.dialogue, message - 1) };
        let turn = self.platform.conversation.get_turn(request).await?.into_inner();
        self.continued = if Some(turn.number) == self.head { String::new() } else { turn.name };
        self.aside(&format!("{} {message}: “{}”", self.words().branch, turn.text));
        Ok(())
    }

    async fn make(&mut self, no_print: bool) -> Result<(), Failure> {
        let make = MakeArgs {
            sentence: OsString::new(),
            then: Vec::new(),
            out: self.args.out.clone(),
            no_print,
            speed: None,
            printer: None,
            infill: None,
            layer_height: None,
            no_skirt: false,
        };
        let folder = OutputFolder::open(&self.args.out)?;
        let mut job = Job { platform: self.platform.clone(), output: self.output, folder, args: &make };
        let standing = self.standing().to_owned();
        job.build(&standing).await
    }
}

/// The number of a turn's name.
fn number(name: &str) -> Option<u32> {
    name.rsplit_once("/turns/")?.1.parse().ok()
}
