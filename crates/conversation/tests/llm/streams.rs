//! The nasty streams, each in the three wire formats: in bounded time, and the specification is either exactly what the
//! words say or untouched.

use std::time::{Duration, Instant};

use boot::Secret;
use conversation::llm::{Client, Config, Consulted, Kind, LanguageModel, Rung, Unanswered};
use futures::future::join_all;
use serde_json::{Value, json};
use test_kit::llm::{LlmServer, Script, Wire};

use crate::support::{TEXT, dialogue, gist, honest, wanted};

const FIRST_TOKEN: u64 = 500;
const IDLE: u64 = 400;
const TURN: u64 = 3_000;

/// Above the deadline of a turn, what a busy machine may take to notice it.
const SLACK: Duration = Duration::from_millis(1_500);

fn kind(wire: Wire) -> Kind {
    match wire {
        Wire::OpenAi => Kind::OpenAi,
        Wire::Anthropic => Kind::Anthropic,
        Wire::Ollama => Kind::Ollama,
    }
}

fn config(wire: Wire, base_url: &str) -> Config {
    Config {
        api_key: Some(Secret::new("sk-test-key".to_owned())),
        connect_ms: 300,
        first_token_ms: FIRST_TOKEN,
        idle_ms: IDLE,
        turn_ms: TURN,
        ..Config::new(kind(wire), base_url, "scripted")
    }
}

/// The honest answer in pieces, as a model would say it.
fn pieces() -> Vec<String> {
    let text: Vec<char> = honest().to_string().chars().collect();
    text.chunks(23).map(|c| c.iter().collect()).collect()
}

fn good(wire: Wire) -> String {
    let pieces = pieces();
    wire.stream(&pieces.iter().map(String::as_str).collect::<Vec<_>>())
}

fn answering(wire: Wire, answer: &Value) -> Script {
    Script::answer(wire, &[&answer.to_string()])
}

/// What has to come of a case.
enum Wanted {
    /// The grounded edits, after this many requests.
    Taken(usize),
    /// The embedded answer with a remark, after this many requests.
    Unanswered(fn(Unanswered) -> bool, usize),
    Refused,
}

use Wanted::{Refused, Taken};

fn none(accept: fn(Unanswered) -> bool, requests: usize) -> Wanted {
    Wanted::Unanswered(accept, requests)
}

type Case = (&'static str, Vec<Script>, Wanted);

/// Streams that are odd and hold the answer all the same.
fn bearable(wire: Wire) -> Vec<Case> {
    let ok = || Script::ok(wire.content_type());
    let stream = good(wire);
    let head = format!("{}{}", wire.start(), pieces().iter().map(|p| wire.delta(p)).collect::<String>());
    let fenced = format!("Of course.\n```json\n{}\n```\nAnything else?", honest());
    let comments = match wire {
        Wire::OpenAi | Wire::Anthropic => {
            format!(": hi\n\n:\n\nretry: 5\n\nid: 7\n\n{}", stream.replace("\n\n", "\n\n: keep-alive\n\n"))
        }
        Wire::Ollama => format!("\n\n{}", stream.replace('\n', "\n\n")),
    };
    let mut cases = vec![
        (
            "well behaved",
            vec![Script::answer(wire, &pieces().iter().map(String::as_str).collect::<Vec<_>>())],
            Taken(1),
        ),
        ("split characters", vec![ok().drip(&stream, 1).end()], Taken(1)),
        ("odd packets", vec![ok().drip(&stream, 7).end()], Taken(1)),
        ("all at once", vec![ok().say(&stream).end()], Taken(1)),
        ("carriage returns", vec![ok().drip(stream.replace('\n', "\r\n"), 11).end()], Taken(1)),
        ("comments and blank lines", vec![ok().say(comments).end()], Taken(1)),
        ("empty finish reason", vec![ok().say(format!("{head}{}", wire.finish(""))).end()], Taken(1)),
        ("no end of stream", vec![ok().say(&head).end()], Taken(1)),
        ("stall after the end", vec![ok().say(format!("{head}{}", finish_only(wire))).stall()], Taken(1)),
        (
            "reset after the end",
            vec![ok().say(format!("{head}{}", finish_only(wire))).pause(Duration::from_millis(50)).reset()],
            Taken(1),
        ),
        (
            "one document instead",
            vec![Script::ok("application/json").say(wire.whole(&honest().to_string())).end()],
            Taken(1),
        ),
        ("one document over lines", vec![Script::ok("application/json").say(pretty(wire)).end()], Taken(1)),
        ("one document called a stream", vec![ok().drip(wire.whole(&honest().to_string()), 9).end()], Taken(1)),
        ("plain text type", vec![Script::ok("text/plain; charset=latin1").say(&stream).end()], Taken(1)),
        ("JSON type", vec![Script::ok("application/json").say(&stream).end()], Taken(1)),
        ("no type", vec![Script::response(200, &[]).say(&stream).end()], Taken(1)),
        ("fenced in prose", vec![Script::answer(wire, &[&fenced])], Taken(1)),
        (
            "tool call in pieces",
            vec![
                ok().say(wire.start())
                    .say(wire.call(&pieces().iter().map(String::as_str).collect::<Vec<_>>()))
                    .say(wire.finish("tool_calls"))
                    .end(),
            ],
            Taken(1),
        ),
        (
            "pauses below the limits",
            vec![
                ok().pause(Duration::from_millis(FIRST_TOKEN / 2))
                    .say(wire.start())
                    .say(&head[wire.start().len()..])
                    .pause(Duration::from_millis(IDLE / 2))
                    .say(wire.finish(wire.stop()))
                    .end(),
            ],
            Taken(1),
        ),
        (
            "429, then well",
            vec![Script::response(429, &[("retry-after", "1")]).end(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
        (
            "500, then well",
            vec![Script::response(500, &[]).say("{\"error\":1}").end(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
        (
            "silence, then well",
            vec![Script::silent().stall(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
        (
            "stall before the first token, then well",
            vec![ok().say(wire.start()).stall(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
        (
            "reset before the first token, then well",
            vec![Script::silent().reset(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
        (
            "error event first, then well",
            vec![ok().say(error_event(wire)).end(), Script::answer(wire, &[&honest().to_string()])],
            Taken(2),
        ),
    ];
    if wire != Wire::Ollama {
        cases.push(("byte order mark", vec![ok().say(format!("\u{feff}{stream}")).end()], Taken(1)));
        cases.push(("carriage returns alone", vec![ok().drip(stream.replace('\n', "\r"), 5).end()], Taken(1)));
        cases.push(("no space after the colon", vec![ok().say(stream.replace("data: ", "data:")).end()], Taken(1)));
    }
    cases
}

/// Everything that ends an answer but the end of its stream.
fn finish_only(wire: Wire) -> String {
    let finish = wire.finish(wire.stop());
    match wire {
        Wire::OpenAi => finish.replace("data: [DONE]\n\n", ""),
        Wire::Anthropic => finish.split("event: message_stop").next().unwrap().to_owned(),
        Wire::Ollama => finish,
    }
}

fn pretty(wire: Wire) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<Value>(&wire.whole(&honest().to_string())).unwrap()).unwrap()
}

fn error_event(wire: Wire) -> String {
    match wire {
        Wire::OpenAi => "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n".to_owned(),
        Wire::Anthropic => {
            wire.event(&json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}))
        }
        Wire::Ollama => "{\"error\":\"llama runner process has terminated\"}\n".to_owned(),
    }
}

/// Streams that hold no answer.
fn hopeless(wire: Wire) -> Vec<Case> {
    let ok = || Script::ok(wire.content_type());
    let start = wire.start();
    let begun = format!("{start}{}", wire.delta("{\"edits\": [{\"act\": \"add\","));
    let page = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>";
    let huge = "x".repeat(100_000);
    let status = |u: Unanswered| matches!(u, Unanswered::Status(_));
    let unreadable = |u: Unanswered| matches!(u, Unanswered::Unreadable(_));
    let large = |u: Unanswered| matches!(u, Unanswered::TooLarge(_));
    let broken = |u: Unanswered| u == Unanswered::Broken;
    let first = |u: Unanswered| u == Unanswered::FirstToken;
    let mut cases = vec![
        ("429 for an hour", vec![Script::response(429, &[("retry-after", "3600")]).end()], none(status, 1)),
        ("429 twice", vec![Script::response(429, &[("retry-after", "0")]).end()], none(status, 2)),
        ("500 twice", vec![Script::response(500, &[]).say(page).end()], none(status, 2)),
        (
            "401",
            vec![Script::response(401, &[]).say("{\"error\":\"Incorrect API key provided: sk-test-key\"}").end()],
            none(status, 1),
        ),
        ("404", vec![Script::response(404, &[("content-type", "text/html")]).say(page).end()], none(status, 1)),
        ("redirect loop", vec![Script::response(302, &[("location", "/v1/chat/completions")]).end()], none(status, 1)),
        ("no content", vec![Script::raw("HTTP/1.1 204 No Content\r\n\r\n")], none(status, 1)),
        ("silence twice", vec![Script::silent().stall()], none(first, 2)),
        ("stall before the first token twice", vec![ok().say(&start).stall()], none(first, 2)),
        (
            "signs of life and no token",
            vec![ok().say(&start).forever(": ping\n\n")],
            none(|u| matches!(u, Unanswered::FirstToken | Unanswered::TooLarge(_) | Unanswered::Unreadable(_)), 0),
        ),
        ("stall in the middle", vec![ok().say(&begun).stall()], none(|u| u == Unanswered::Idle, 1)),
        ("drip without end", vec![drip_forever(&begun, wire)], none(|u| u == Unanswered::Turn, 1)),
        ("truncated answer", vec![ok().say(&begun).say(wire.finish(wire.stop())).end()], none(unreadable, 1)),
        ("truncated event", vec![ok().say(&begun).say(&wire.delta("abc")[..25]).end()], none(unreadable, 1)),
        ("closed in the middle", vec![ok().say(&begun)], none(broken, 1)),
        ("reset in the middle", vec![ok().say(&begun).pause(Duration::from_millis(50)).reset()], none(broken, 1)),
        (
            "cut off at the limit",
            vec![
                ok().say(&begun).say(wire.finish(if wire == Wire::Anthropic { "max_tokens" } else { "length" })).end(),
            ],
            none(|u| u == Unanswered::CutOff, 1),
        ),
        ("error in the middle", vec![ok().say(&begun).say(error_event(wire)).end()], none(broken, 1)),
        ("endless stream", vec![ok().say(&start).forever(wire.delta("and so on and on "))], none(large, 1)),
        ("endless answer in one event", vec![ok().say(&start).say(wire.delta(&huge)).end()], none(large, 1)),
        ("endless line", vec![ok().say(&start).forever("y".repeat(1_000))], none(large, 1)),
        (
            "endless head",
            vec![Script::raw("HTTP/1.1 200 OK\r\n").forever(format!("x-header: {}\r\n", "z".repeat(500)))],
            none(|u| matches!(u, Unanswered::TooLarge(_) | Unanswered::Broken), 0),
        ),
        (
            "endless chunk size",
            vec![Script::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").forever("0")],
            none(|u| matches!(u, Unanswered::Broken | Unanswered::FirstToken), 0),
        ),
        ("a page", vec![Script::ok("text/html; charset=utf-8").say(page).end()], none(unreadable, 1)),
        ("a page called a stream", vec![ok().say(page).end()], none(unreadable, 1)),
        ("nothing", vec![ok().end()], none(unreadable, 1)),
        ("no HTTP", vec![Script::raw("SSH-2.0-OpenSSH_9.9\r\n")], none(broken, 2)),
        (
            "not UTF-8",
            vec![ok().say(&start).say(b"data: {\"x\": \"\xff\xfe\"}\n\n".as_slice()).end()],
            none(unreadable, 1),
        ),
        (
            "deep nesting",
            vec![ok().say(&start).say(format!("data: {}\n\n", "[".repeat(20_000))).end()],
            none(unreadable, 1),
        ),
        (
            "compressed",
            vec![
                Script::response(200, &[("content-type", wire.content_type()), ("content-encoding", "gzip")])
                    .say(b"\x1f\x8b".as_slice())
                    .end(),
            ],
            none(unreadable, 1),
        ),
        ("prose", vec![Script::answer(wire, &["I made the plate 70 mm wide for you!"])], none(unreadable, 1)),
    ];
    if wire != Wire::Ollama {
        let data = format!("data: {}\n", "d".repeat(50_000));
        cases.push(("endless event", vec![ok().say(&start).forever(data)], none(large, 1)));
    }
    cases
}

/// A token now and then, for longer than a turn may last.
fn drip_forever(begun: &str, wire: Wire) -> Script {
    (0..200).fold(Script::ok(wire.content_type()).say(begun), |script, _| {
        script.pause(Duration::from_millis(100)).say(wire.delta(" "))
    })
}

/// Well-formed answers that lie.
fn lies(wire: Wire) -> Vec<Case> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut answer = honest();
        change(&mut answer);
        vec![answering(wire, &answer)]
    };
    let edit = |answer: &mut Value| answer["edits"][0].take();
    vec![
        ("invented number", with(&|a| a["edits"][0]["values"][1]["words"] = json!("70 mm")), Refused),
        ("number instead of words", with(&|a| a["edits"][0]["values"][1]["words"] = json!(80)), Refused),
        ("computed number", with(&|a| a["edits"][0]["values"][1]["words"] = json!("80 mm")), Refused),
        ("unknown kind", with(&|a| a["edits"][0]["kind"] = json!("dragon")), Refused),
        ("unknown act", with(&|a| a["edits"][0]["act"] = json!("execute")), Refused),
        ("unknown parameter", with(&|a| a["edits"][0]["values"][1]["name"] = json!("frobnication")), Refused),
        ("another field", with(&|a| a["edits"][0]["python"] = json!("import os")), Refused),
        ("wrong types", with(&|a| a["edits"][0]["values"] = json!("doze centímetros")), Refused),
        ("another schema", vec![answering(wire, &json!({"length": 120, "width": 80, "thickness": 5}))], Refused),
        ("an invented reason", with(&|a| a["edits"][0]["words"] = json!("make it a plate, as the user says")), Refused),
        (
            "edits that contradict",
            with(&|a| {
                let mut second = a["edits"][0].clone();
                second["values"] = json!([{"name": "length", "words": "8 cm"}]);
                a["edits"].as_array_mut().unwrap().push(second);
            }),
            Refused,
        ),
        ("too many edits", with(&|a| a["edits"] = json!(vec![edit(a); 30])), Refused),
        (
            "duplicate edits",
            with(&|a| {
                let edit = a["edits"][0].clone();
                a["edits"] = json!([edit, edit]);
            }),
            Taken(1),
        ),
    ]
}

async fn run(wire: Wire, (name, scripts, wanted_end): Case) {
    let what = format!("{wire:?}: {name}");
    let server = LlmServer::start(scripts).await;
    let base = if wire == Wire::OpenAi { format!("{}/v1", server.base_url()) } else { server.base_url() };
    let client = Client::new(&config(wire, &base)).unwrap();
    let dialogue = dialogue(&[TEXT]);
    let started = Instant::now();
    let assisted = dialogue.consult(&client, Some(Rung::Text)).await;
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_millis(TURN) + SLACK, "{what}: {elapsed:?}");
    let asked = server.asked();
    match wanted_end {
        Taken(requests) => {
            assert_eq!(assisted.consulted, Consulted::Taken, "{what}");
            assert_eq!(gist(assisted.outcome.state.part()), wanted(), "{what}");
            assert_eq!(asked.len(), requests, "{what}");
            assert!(assisted.outcome.reply.contains("120 mm"), "{what}: {}", assisted.outcome.reply);
            assert!(assisted.usage.calls >= 1 && assisted.usage.prompt_tokens > 0, "{what}");
        }
        Wanted::Unanswered(accept, requests) => {
            let Consulted::Unanswered(why) = assisted.consulted else { panic!("{what}: {:?}", assisted.consulted) };
            assert!(accept(why), "{what}: {why:?}");
            assert!(requests == 0 || asked.len() == requests, "{what}: {} requests", asked.len());
            dialogue.assert_untouched(&assisted, &what);
            assert!(assisted.outcome.reply.contains("respondi sem ele"), "{what}: {}", assisted.outcome.reply);
        }
        Refused => {
            assert!(matches!(assisted.consulted, Consulted::Refused(_)), "{what}: {:?}", assisted.consulted);
            dialogue.assert_untouched(&assisted, &what);
            assert!(assisted.outcome.reply.contains("modelo de linguagem"), "{what}");
        }
    }
    // The question that the embedded engine asked is still the last word.
    let question = assisted.outcome.question.as_ref().map_or("", |q| q.text.as_str());
    assert!(assisted.outcome.reply.ends_with(question), "{what}: {}", assisted.outcome.reply);
}

async fn run_all(cases: impl Fn(Wire) -> Vec<Case>) {
    let started = Instant::now();
    let all: Vec<(Wire, Case)> =
        Wire::ALL.into_iter().flat_map(|w| cases(w).into_iter().map(move |c| (w, c))).collect();
    assert!(all.len() >= 36, "only {} cases", all.len());
    // A few at a time: the deadlines are real ones.
    for some in all.into_iter().collect::<Vec<_>>().chunks_mut(12) {
        let running =
            some.iter_mut().map(|(wire, case)| run(*wire, std::mem::replace(case, ("", Vec::new(), Refused))));
        join_all(running).await;
    }
    assert!(started.elapsed() < Duration::from_secs(120));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_streams_give_exactly_the_grounded_edits() {
    run_all(bearable).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_streams_end_in_time_and_change_nothing() {
    run_all(hopeless).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lies_change_nothing() {
    run_all(lies).await;
}

#[tokio::test]
async fn nobody_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for wire in Wire::ALL {
        let client = Client::new(&config(wire, &format!("http://127.0.0.1:{port}"))).unwrap();
        let dialogue = dialogue(&[TEXT]);
        let assisted = dialogue.consult(&client, Some(Rung::Text)).await;
        assert_eq!(assisted.consulted, Consulted::Unanswered(Unanswered::Connect));
        assert_eq!(assisted.usage.calls, 0);
        dialogue.assert_untouched(&assisted, "nobody listens");
    }
}

#[tokio::test]
async fn retry_after_is_honoured_and_nothing_is_repeated_after_the_first_token() {
    let answer = Script::answer(Wire::OpenAi, &[&honest().to_string()]);
    let server = LlmServer::start([Script::response(503, &[("retry-after", "1")]).end(), answer]).await;
    let client = Client::new(&config(Wire::OpenAi, &server.base_url())).unwrap();
    let started = Instant::now();
    let assisted = dialogue(&[TEXT]).consult(&client, Some(Rung::Text)).await;
    assert_eq!(assisted.consulted, Consulted::Taken);
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_ladder_is_probed_from_the_top_once_and_remembered() {
    let ready = json!({"state": "ready"}).to_string();
    for wire in Wire::ALL {
        let answer = Script::answer(wire, &[&honest().to_string()]);
        let no = || Script::response(400, &[]).end();
        // A server that ignores the schema greets instead.
        let greets = || Script::answer(wire, &["Hello, reader!"]);
        let call = || {
            Script::ok(wire.content_type()).say(wire.start()).say(wire.call(&[&ready])).say(wire.finish("stop")).end()
        };
        let said = || Script::answer(wire, &[&ready]);
        let cases: Vec<(Vec<Script>, Rung)> = match wire {
            Wire::OpenAi => vec![
                (vec![said()], Rung::JsonSchema),
                (vec![no(), call()], Rung::Tool),
                (vec![greets(), no(), said()], Rung::JsonObject),
                (vec![no(), no(), no(), greets()], Rung::Text),
            ],
            Wire::Anthropic => vec![
                (vec![said()], Rung::JsonSchema),
                (vec![greets(), call()], Rung::Tool),
                (vec![no(), no(), greets()], Rung::Text),
            ],
            Wire::Ollama => vec![
                (vec![said()], Rung::JsonSchema),
                (vec![greets(), said()], Rung::JsonObject),
                (vec![no(), no(), greets()], Rung::Text),
            ],
        };
        for (mut scripts, rung) in cases {
            let probes = scripts.len();
            scripts.push(answer.clone());
            let server = LlmServer::start(scripts).await;
            let client = Client::new(&config(wire, &server.base_url())).unwrap();
            let dialogue = dialogue(&[TEXT]);
            let assisted = dialogue.consult(&client, None).await;
            assert_eq!(assisted.consulted, Consulted::Taken, "{wire:?} {rung:?}");
            assert_eq!(assisted.learned, Some(rung), "{wire:?}");
            let again = dialogue.consult(&client, None).await;
            assert_eq!((again.consulted, again.learned), (Consulted::Taken, None));
            assert_eq!(server.asked().len(), probes + 2, "{wire:?} {rung:?}");
            // The rung shows in the requests that follow the probe.
            let body = server.asked()[probes].body.clone();
            let shows = |pointer: &str| body.pointer(pointer).is_some_and(|v| !v.is_null());
            let strict = match wire {
                Wire::OpenAi => shows("/response_format/json_schema/schema"),
                Wire::Anthropic => shows("/output_config/format/schema"),
                Wire::Ollama => shows("/format/properties"),
            };
            assert_eq!(strict, rung == Rung::JsonSchema, "{wire:?}: {body}");
            assert_eq!(shows("/tool_choice"), rung == Rung::Tool, "{wire:?}");
        }
    }
}

#[tokio::test]
async fn a_rung_that_stops_working_is_probed_anew() {
    let wire = Wire::OpenAi;
    let scripts = [
        Script::response(400, &[]).end(),
        Script::answer(wire, &[&json!({"state": "ready"}).to_string()]),
        Script::answer(wire, &[&honest().to_string()]),
    ];
    let server = LlmServer::start(scripts).await;
    let client = Client::new(&config(wire, &server.base_url())).unwrap();
    let dialogue = dialogue(&[TEXT]);
    let first = dialogue.consult(&client, Some(Rung::Tool)).await;
    assert_eq!(first.consulted, Consulted::Unanswered(Unanswered::Status(400)));
    // What was remembered elsewhere is not believed again.
    let second = dialogue.consult(&client, Some(Rung::Tool)).await;
    assert_eq!((second.consulted, second.learned), (Consulted::Taken, Some(Rung::JsonSchema)));
}

#[tokio::test]
async fn the_data_reaches_the_server_apart_from_the_instructions_and_the_key_in_its_header() {
    for wire in Wire::ALL {
        let server = LlmServer::start([Script::answer(wire, &[&honest().to_string()])]).await;
        let client = Client::new(&config(wire, &server.base_url())).unwrap();
        let dialogue = dialogue(&[TEXT]);
        dialogue.consult(&client, Some(Rung::JsonSchema)).await;
        let asked = server.asked().remove(0);
        let header =
            if wire == Wire::Anthropic { "x-api-key: sk-test-key" } else { "authorization: Bearer sk-test-key" };
        assert!(asked.head.contains(header), "{}", asked.head);
        assert!(!asked.body.to_string().contains("sk-test-key"));
        let messages = asked.body["messages"].as_array().unwrap();
        let user: Value = serde_json::from_str(messages.last().unwrap()["content"].as_str().unwrap()).unwrap();
        assert_eq!(user["turn"], TEXT);
        let system = asked.body["system"].as_str().or(messages[0]["content"].as_str()).unwrap();
        assert!(!system.contains("trequinho") && system.contains("plate (body)"), "{system}");
    }
}

#[tokio::test]
async fn turns_that_wait_are_bounded_and_a_failing_model_is_left_alone() {
    let wire = Wire::OpenAi;
    let server = LlmServer::start([Script::silent().stall()]).await;
    let client = Client::new(&Config { concurrency: 1, ..config(wire, &server.base_url()) }).unwrap();
    let dialogue = dialogue(&[TEXT]);
    let both =
        join_all([dialogue.consult(&client, Some(Rung::Text)), dialogue.consult(&client, Some(Rung::Text))]).await;
    let ends: Vec<_> = both.iter().map(|a| a.consulted.clone()).collect();
    assert!(ends.contains(&Consulted::Unanswered(Unanswered::Busy)), "{ends:?}");
    for _ in 0..2 {
        dialogue.consult(&client, Some(Rung::Text)).await;
    }
    let asked = server.asked().len();
    let started = Instant::now();
    let rested = dialogue.consult(&client, Some(Rung::Text)).await;
    assert_eq!(rested.consulted, Consulted::Unanswered(Unanswered::Resting));
    assert!(started.elapsed() < Duration::from_millis(200));
    assert_eq!(server.asked().len(), asked);
    dialogue.assert_untouched(&rested, "resting");
}

#[tokio::test]
async fn the_callers_limit_is_kept_where_it_is_shorter() {
    let server = LlmServer::start([Script::silent().stall()]).await;
    let client = Client::new(&config(Wire::Ollama, &server.base_url())).unwrap();
    let brief = crate::support::INTERPRETER.brief(TEXT, &dialogue(&[TEXT]).embedded, &[], &[]);
    let started = Instant::now();
    let answer = client.answer(&brief, Some(Rung::Text), Duration::from_millis(200), &|_| {}).await;
    assert_eq!(answer.answer, Err(Unanswered::Turn));
    assert!(started.elapsed() < Duration::from_millis(450), "{:?}", started.elapsed());
}

#[tokio::test]
async fn tokens_beyond_belief_are_not_believed() {
    for wire in Wire::ALL {
        let stream = wire.stream(&[&honest().to_string()]).replace(":120", ":18446744073709551615");
        let server = LlmServer::start([Script::ok(wire.content_type()).say(stream).end()]).await;
        let client = Client::new(&config(wire, &server.base_url())).unwrap();
        let assisted = dialogue(&[TEXT]).consult(&client, Some(Rung::Text)).await;
        assert_eq!((assisted.consulted, assisted.usage.estimated_calls), (Consulted::Taken, 0), "{wire:?}");
        assert_eq!((assisted.usage.prompt_tokens, assisted.usage.completion_tokens), (10_000_000, 30), "{wire:?}");
    }
}
