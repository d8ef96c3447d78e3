//! `pot chat`: the dialogue at a prompt.

use std::{
    ffi::OsString,
    io::{BufRead, IsTerminal, Write},
};

use proto::pot::conversation::v1 as conversation;
use serde_json::json;

use crate::{
    cli::{ChatArgs, MakeArgs},
    client::Platform,
    failure::Failure,
    files::OutputFolder,
    make::Job,
    output::Output,
};

const HELP: &str =
    "Say what you need. /make makes it, /print makes and prints it, /spec shows the specification, /quit ends.";

pub(crate) async fn run(mut platform: Platform, output: &Output, args: &ChatArgs) -> Result<(), Failure> {
    let request = conversation::CreateDialogueRequest::default();
    let dialogue = platform.conversation.create_dialogue(request).await?.into_inner().name;
    output.note(HELP);
    while let Some(text) = prompt().await? {
        match text.trim() {
            "" => {}
            "/quit" | "/exit" => break,
            "/help" => output.note(HELP),
            "/spec" => {
                let request = conversation::GetSpecificationRequest { name: format!("{dialogue}/specification") };
                let specification = platform.conversation.get_specification(request).await?.into_inner();
                output.note(&String::from_utf8_lossy(&specification.json));
            }
            command @ ("/make" | "/print") => {
                let make = MakeArgs {
                    sentence: OsString::new(),
                    then: Vec::new(),
                    out: args.out.clone(),
                    no_print: command == "/make",
                    speed: None,
                    printer: None,
                    infill: None,
                    layer_height: None,
                    no_skirt: false,
                };
                let folder = OutputFolder::open(&args.out)?;
                let mut job = Job { platform: platform.clone(), output, folder, args: &make };
                if let Err(failure) = job.build(&dialogue).await {
                    output.say(&format!("pot: {failure}"), json!({"event": "failure", "message": failure.to_string()}));
                }
            }
            text => {
                let request = conversation::CreateTurnRequest {
                    parent: dialogue.clone(),
                    text: text.to_owned(),
                    request_id: String::new(),
                };
                match platform.conversation.create_turn(request).await {
                    Ok(turn) => {
                        let turn = turn.into_inner();
                        output.say(
                            &format!("pot: {}", turn.reply),
                            json!({"event": "turn", "number": turn.number, "text": text, "reply": turn.reply}),
                        );
                    }
                    Err(status) => output.note(&format!("pot: {}", Failure::from(status))),
                }
            }
        }
    }
    Ok(())
}

/// One line of standard input; `None` at its end.
async fn prompt() -> Result<Option<String>, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            let mut stderr = std::io::stderr().lock();
            stderr.write_all(b"> ")?;
            stderr.flush()?;
        }
        let mut line = String::new();
        let read = stdin.lock().read_line(&mut line)?;
        Ok::<_, std::io::Error>((read > 0).then_some(line))
    });
    Ok(read.await.map_err(|e| Failure::failed(e.to_string()))??)
}
