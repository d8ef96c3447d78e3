//! The service with a language model, over gRPC on a real Postgres: ledger, budget, memory, repeated and concurrent turns.

use std::time::Duration;

use blob_store::BlobStore;
use boot::{Clock, Shutdown, Tasks};
use conversation::{Config, llm};
use serde_json::{Value, json};
use service_kit::Parts;
use test_kit::llm::{LlmServer, Script, Wire};
use tonic::Code;

use crate::harness::Service;
use crate::support::{TEXT, gist, honest, wanted};

impl Service {
    async fn gist(&self, dialogue: &str) -> Value {
        let specification = self.specification(dialogue).await.unwrap();
        let part: part::Part = serde_json::from_slice(&specification.json).unwrap();
        gist(&part)
    }

    /// calls, estimated calls, prompt tokens, completion tokens, cost.
    async fn ledger(&self) -> Vec<[i64; 5]> {
        let conn = self.pool.get().await.unwrap();
        let sql =
            "SELECT calls, estimated_calls, prompt_tokens, completion_tokens, cost_micro FROM llm_usage ORDER BY owner";
        let rows = conn.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| [0, 1, 2, 3, 4].map(|n| row.get(n))).collect()
    }
}

fn config(server: &LlmServer) -> llm::Config {
    llm::Config {
        connect_ms: 500,
        first_token_ms: 2_000,
        idle_ms: 2_000,
        turn_ms: 5_000,
        prompt_price_micro: 3_000_000,
        completion_price_micro: 15_000_000,
        ..llm::Config::new(llm::Kind::OpenAi, server.base_url(), "scripted")
    }
}

fn ready() -> Script {
    Script::answer(Wire::OpenAi, &[&json!({"state": "ready"}).to_string()])
}

fn plate() -> Script {
    Script::answer(Wire::OpenAi, &[&honest().to_string()])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_with_a_model_is_written_charged_remembered_and_repeated_without_it() {
    let server = LlmServer::start([ready(), plate()]).await;
    let service = Service::start(Some(config(&server))).await;
    let dialogue = service.dialogue().await;
    let first = service.say(&dialogue, TEXT, "r-1").await.unwrap();
    assert!(first.reply.contains("120 mm") && first.reply.contains("modelo de linguagem"), "{}", first.reply);
    assert_eq!(service.gist(&dialogue).await, wanted());
    // A probe and an answer, 120 and 30 tokens each: 2 * (120 * 3 + 30 * 15) millionths.
    assert_eq!(service.ledger().await, [[2, 0, 240, 60, 1_620]]);
    // The same request again gets the same answer and costs nothing.
    let again = service.say(&dialogue, TEXT, "r-1").await.unwrap();
    assert_eq!((again.name, again.hash, again.reply), (first.name, first.hash, first.reply));
    assert_eq!(server.asked().len(), 2);
    let other = service.say(&dialogue, "quero outro trequinho de 9 mm", "r-1").await.unwrap_err();
    assert_eq!(other.code(), Code::InvalidArgument, "{other}");
    // What the embedded engine understands never reaches the model.
    let wider = service.say(&dialogue, "muda a largura para 90 mm", "").await.unwrap();
    assert!(wider.reply.contains("90 mm"), "{}", wider.reply);
    assert_eq!(server.asked().len(), 2);
    // A process that starts later knows the rung.
    let conn = service.pool.get().await.unwrap();
    let row = conn.query_one("SELECT kind, model, rung FROM llm_capabilities", &[]).await.unwrap();
    let known = (row.get::<_, String>(0), row.get::<_, String>(1), row.get::<_, String>(2));
    assert_eq!(known, ("openai".into(), "scripted".into(), "json_schema".into()));
    drop(conn);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_transaction_is_open_while_the_model_thinks_and_other_turns_are_refused() {
    let slow = Script::ok("text/event-stream")
        .pause(Duration::from_millis(1_500))
        .say(Wire::OpenAi.stream(&[&honest().to_string()]))
        .end();
    let server = LlmServer::start([ready(), slow]).await;
    let service = Service::start(Some(config(&server))).await;
    let dialogue = service.dialogue().await;
    let other = service.dialogue().await;
    let thinking = service.say(&dialogue, TEXT, "r-2");
    let meanwhile = async {
        while server.asked().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Nothing of the turn is open in the database.
        service.db.assert_quiet().await;
        // Another turn of the dialogue, with or without the model, and the same request again.
        for (text, request_id) in [("caixa de 80 x 60 x 40 mm", ""), (TEXT, ""), (TEXT, "r-2")] {
            let refused = service.say(&dialogue, text, request_id).await.unwrap_err();
            assert_eq!(refused.code(), Code::Aborted, "{refused}");
        }
        // Other dialogues go on.
        let turn = service.say(&other, "caixa de 80 x 60 x 40 mm", "").await.unwrap();
        assert!(turn.question.is_none(), "{}", turn.reply);
    };
    let (turn, ()) = tokio::join!(thinking, meanwhile);
    assert!(turn.unwrap().question.is_none());
    assert_eq!(service.gist(&dialogue).await, wanted());
    // And afterwards the dialogue is free.
    service.say(&dialogue, "muda a largura para 90 mm", "").await.unwrap();
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_nobody_comes_back_to_ends_and_its_late_result_is_void() {
    let slow = Script::ok("text/event-stream")
        .pause(Duration::from_millis(1_200))
        .say(Wire::OpenAi.stream(&[&honest().to_string()]))
        .end();
    let server = LlmServer::start([ready(), slow]).await;
    let service = Service::start(Some(config(&server))).await;
    let dialogue = service.dialogue().await;
    let thinking = service.say(&dialogue, TEXT, "");
    let meanwhile = async {
        while server.asked().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // As if the process had stood still past its claim.
        let conn = service.pool.get().await.unwrap();
        conn.execute("UPDATE dialogues SET thinking_until = now() - interval '1 second'", &[]).await.unwrap();
        drop(conn);
        service.say(&dialogue, "caixa de 80 x 60 x 40 mm", "").await.unwrap();
    };
    let (late, ()) = tokio::join!(thinking, meanwhile);
    assert_eq!(late.unwrap_err().code(), Code::Aborted);
    assert_eq!(service.gist(&dialogue).await[0]["kind"], "box");
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_budget_and_a_dead_model_leave_the_embedded_answer() {
    let server = LlmServer::start([ready(), plate(), Script::response(500, &[]).end()]).await;
    // The first turn costs 1620.
    let service = Service::start(Some(llm::Config { daily_budget_micro: Some(1_620), ..config(&server) })).await;
    let dialogue = service.dialogue().await;
    service.say(&dialogue, TEXT, "").await.unwrap();
    let other = service.dialogue().await;
    let spent = service.say(&other, TEXT, "").await.unwrap();
    assert!(spent.reply.contains("orçamento") && spent.question.is_some(), "{}", spent.reply);
    assert_eq!(server.asked().len(), 2);
    assert_eq!(service.gist(&other).await, json!([]));

    // Yesterday's spending is not today's.
    let conn = service.pool.get().await.unwrap();
    conn.execute("UPDATE llm_usage SET day = day - 1", &[]).await.unwrap();
    drop(conn);
    let dead = service.say(&other, TEXT, "").await.unwrap();
    assert!(dead.reply.contains("respondi sem ele") && dead.question.is_some(), "{}", dead.reply);
    assert_eq!(service.gist(&other).await, json!([]));
    // Refused requests cost nothing.
    assert_eq!(service.ledger().await, [[2, 0, 240, 60, 1_620]]);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_the_server_does_not_tell_are_estimated_and_marked() {
    let silent =
        Wire::OpenAi.stream(&[&honest().to_string()]).replace("prompt_tokens", "x").replace("completion_tokens", "y");
    let server = LlmServer::start([ready(), Script::ok("text/event-stream").say(silent).end()]).await;
    let service = Service::start(Some(config(&server))).await;
    let dialogue = service.dialogue().await;
    service.say(&dialogue, TEXT, "").await.unwrap();
    let [[calls, estimated, prompt, completion, cost]] = service.ledger().await[..] else { panic!("one row") };
    assert_eq!((calls, estimated), (2, 1));
    assert!(prompt > 1_000 && completion > 50 && cost >= prompt * 3, "{prompt} {completion} {cost}");
    service.end().await;
}

#[tokio::test]
async fn a_configuration_that_cannot_work_stops_the_start() {
    let db = test_kit::postgres().await;
    let objects = tempfile::tempdir().unwrap();
    let blobs = BlobStore::open(&blob_store::Config::Local { path: objects.path().to_owned(), fsync: false }).unwrap();
    let (pool, clock, tasks) = (db.pool("conversation"), Clock::system(), Tasks::new(Shutdown::new()));
    let parts = Parts { service: conversation::SERVICE, pool, blobs, clock, tasks };
    let llm = Some(llm::Config::new(llm::Kind::Ollama, "localhost:11434", "m"));
    let error = conversation::build(Config { llm }, parts).await.err().unwrap();
    assert_eq!(error.violations()[0].field, "conversation.llm.base_url");
}
