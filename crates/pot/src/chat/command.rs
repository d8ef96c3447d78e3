//! What a line at the prompt asks for: a turn of the dialogue, or one of the commands, in three languages.

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Nothing,
    /// Said in the dialogue.
    Say(String),
    Help,
    /// The specification with its reasons, or as it is in spec.json.
    Specification {
        json: bool,
    },
    /// Steps back.
    Undo(u32),
    Redo(u32),
    /// The turns with the ones that they continue.
    History,
    /// What a message changed; without a number the last one.
    Difference(Option<u32>),
    /// Continue from this message; 0 is the beginning.
    Branch(u32),
    Make,
    Print,
    Quit,
    Unknown(String),
}

impl Command {
    pub(super) fn parse(line: &str) -> Command {
        let line = line.trim();
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { return Command::Nothing };
        // A doubled slash says a sentence that begins with one.
        if let Some(rest) = line.strip_prefix("//") {
            return Command::Say(format!("/{rest}"));
        }
        let Some(name) = first.strip_prefix('/') else { return Command::Say(line.to_owned()) };
        let argument = words.next();
        let unknown = || Command::Unknown(line.to_owned());
        let number = argument.map(|text| text.trim_start_matches('#').parse::<u32>());
        // At most one word after a command.
        if words.next().is_some() {
            return unknown();
        }
        let steps = match number {
            None => Some(1),
            Some(Ok(n)) if (1..=100).contains(&n) => Some(n),
            Some(_) => None,
        };
        let found = match (name, argument, number) {
            ("help" | "ajuda" | "ayuda" | "?", None, _) => Some(Command::Help),
            ("spec", None, _) => Some(Command::Specification { json: false }),
            ("spec", Some("json"), _) => Some(Command::Specification { json: true }),
            ("undo" | "desfazer" | "deshacer", ..) => steps.map(Command::Undo),
            ("redo" | "refazer" | "rehacer", ..) => steps.map(Command::Redo),
            ("history" | "historico" | "histórico" | "historial", None, _) => Some(Command::History),
            ("diff", None, _) => Some(Command::Difference(None)),
            ("diff", _, Some(Ok(n))) if n > 0 => Some(Command::Difference(Some(n))),
            ("branch" | "ramo" | "rama", _, Some(Ok(n))) => Some(Command::Branch(n)),
            ("make" | "fazer" | "hacer", None, _) => Some(Command::Make),
            ("print" | "imprimir", None, _) => Some(Command::Print),
            ("quit" | "exit" | "sair" | "salir", None, _) => Some(Command::Quit),
            _ => None,
        };
        found.unwrap_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sentences_or_commands_in_three_languages() {
        let say = |text: &str| Command::Say(text.to_owned());
        for (line, command) in [
            ("", Command::Nothing),
            ("   ", Command::Nothing),
            (" a box 80 x 60 x 40 mm ", say("a box 80 x 60 x 40 mm")),
            ("1/2 inch pipe", say("1/2 inch pipe")),
            ("//make is a word", say("/make is a word")),
            ("/help", Command::Help),
            ("/ajuda", Command::Help),
            ("/spec", Command::Specification { json: false }),
            ("/spec json", Command::Specification { json: true }),
            ("/undo", Command::Undo(1)),
            ("/deshacer 3", Command::Undo(3)),
            ("/refazer", Command::Redo(1)),
            ("/branch 0", Command::Branch(0)),
            ("/ramo #2", Command::Branch(2)),
            ("/diff", Command::Difference(None)),
            ("/diff 4", Command::Difference(Some(4))),
            ("/historial", Command::History),
            ("/salir", Command::Quit),
        ] {
            assert_eq!(Command::parse(line), command, "{line:?}");
        }
        for wrong in [
            "/branch",
            "/branch x",
            "/undo 0",
            "/undo 1000000",
            "/undo -1",
            "/diff 0",
            "/spec yaml",
            "/fly",
            "/make it so",
        ] {
            assert_eq!(Command::parse(wrong), Command::Unknown(wrong.to_owned()), "{wrong:?}");
        }
    }
}
