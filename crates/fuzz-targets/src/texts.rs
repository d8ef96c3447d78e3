//! Texts: specifications, expressions, G-code, messages of printers, and what people say.

use gcode::{Header, MachineLimits};
use part::Part;
use printer_protocol::{Ack, Command, Status, changes, topic};

/// A part's specification as JSON, lowered.
pub(crate) fn part_json(bytes: &[u8]) {
    if let Ok(part) = serde_json::from_slice::<Part>(bytes)
        && let Ok(body) = part::lower(&part)
    {
        assert!(!body.pieces.is_empty(), "a part was lowered to nothing");
    }
}

pub(crate) fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(expression) = part::Expression::parse(text) {
        let mut value = |_: &part::Name| Ok::<f64, part::ExpressionError>(7.5);
        let _answer = expression.evaluate(&mut value);
    }
}

pub(crate) fn gcode(bytes: &[u8]) {
    let _header = Header::read(bytes);
    if let Ok(steps) = gcode::steps(bytes, &MachineLimits::default()) {
        let mut count = 0;
        for step in steps {
            count += 1;
            if step.is_err() {
                break;
            }
        }
        assert!(count <= bytes.len() * 4 + 16, "more steps than the program has room for");
    }
}

pub(crate) fn mqtt(bytes: &[u8]) {
    let _topic = std::str::from_utf8(bytes).ok().and_then(topic::parse);
    if let Ok(command) = Command::decode(bytes) {
        assert!(Command::decode(&command.encode()).is_ok(), "what was written cannot be read");
    }
    if let Ok(ack) = Ack::decode(bytes) {
        assert!(Ack::decode(&ack.encode()).is_ok(), "what was written cannot be read");
    }
    if let Ok(status) = Status::decode(bytes) {
        let _changes = changes(None, &status);
    }
}

/// The turns of a conversation, one a line.
#[cfg(feature = "sentence")]
pub(crate) fn sentence(bytes: &[u8]) {
    use conversation::domain::{Engine, State};
    static ENGINE: std::sync::OnceLock<Engine> = std::sync::OnceLock::new();
    let engine = ENGINE.get_or_init(Engine::new);
    let mut state = State::default();
    for turn in String::from_utf8_lossy(bytes).split('\n').take(6) {
        if let Ok(outcome) = engine.turn(&state, turn) {
            state = outcome.state;
        }
    }
}
