//! The main job over REST, step by step.

use std::{future::Future, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Rest;

/// Asks until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, seconds: u64, mut ask: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < Duration::from_secs(seconds), "waited {seconds} s in vain until {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A field of JSON that has to be text.
#[track_caller]
pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// One sentence in a new dialogue; the specification after it, which has to be complete.
pub async fn specify(rest: &Rest, sentence: &str) -> Value {
    let dialogue = rest.post("/v1/dialogues", &json!({})).await.ok();
    let dialogue = text(&dialogue, "name");
    let turn = rest.post(&format!("/v1/{dialogue}/turns"), &json!({"text": sentence})).await.ok();
    assert!(turn["question"].is_null(), "{sentence}: {turn}");
    let specification = rest.get(&format!("/v1/{dialogue}/specification")).await.ok();
    assert_eq!(specification["complete"], true, "{specification}");
    specification
}

pub fn model_request(specification: &Value) -> Value {
    json!({"part": specification["part"], "madeFrom": [specification["hash"]]})
}

/// For the slice of a finished model.
pub fn slice_request(specification: &Value, model: &Value) -> Value {
    let part = &specification["part"];
    json!({"model": model["name"], "meshHash": artefact(model, "stl")["hash"], "material": part["material"], "quantity": 1})
}

/// A file of a model, by kind.
#[track_caller]
pub fn artefact<'m>(model: &'m Value, kind: &str) -> &'m Value {
    let all = model["artefacts"].as_array().unwrap_or_else(|| panic!("no artefacts: {model}"));
    all.iter().find(|it| it["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {model}"))
}

/// Begins long work and asks until it is done; the resource that it made.
pub async fn work(rest: &Rest, path: &str, request: &Value) -> Value {
    let operation = rest.post(path, request).await.ok();
    finished(rest, text(&operation, "name")).await
}

pub async fn finished(rest: &Rest, operation: &str) -> Value {
    let path = format!("/v1/{operation}");
    let done = until(&format!("{operation} is done"), 120, || async {
        let state = rest.get(&path).await.ok();
        (state["done"] == true).then_some(state)
    })
    .await;
    assert_eq!(done["state"], "OPERATION_STATE_SUCCEEDED", "{done}");
    done["response"].clone()
}

/// From a sentence to a slice.
pub async fn slice(rest: &Rest, sentence: &str) -> Value {
    let specification = specify(rest, sentence).await;
    let model = work(rest, "/v1/models", &model_request(&specification)).await;
    work(rest, "/v1/slices", &slice_request(&specification, &model)).await
}

/// Queues a print and returns its name.
pub async fn queue(rest: &Rest, slice: &Value, printer: &str) -> String {
    let job = rest.post("/v1/printJobs", &json!({"slice": slice["name"], "printer": printer})).await.ok();
    text(&job, "name").to_owned()
}

/// The state without its prefix: PENDING, PRINTING ...
pub fn state(job: &Value) -> &str {
    text(job, "state").trim_start_matches("PRINT_JOB_STATE_")
}

pub fn has_ended(job: &Value) -> bool {
    matches!(state(job), "COMPLETED" | "FAILED" | "CANCELLED")
}

/// Waits until the print is in one of the states; it must not end in another.
pub async fn reaches(rest: &Rest, job: &str, states: &[&str], seconds: u64) -> Value {
    let path = format!("/v1/{job}");
    until(&format!("{job} is {states:?}"), seconds, || async {
        let job = rest.get(&path).await.ok();
        let there = states.contains(&state(&job));
        assert!(there || !has_ended(&job), "it ended otherwise: {job}");
        there.then_some(job)
    })
    .await
}
