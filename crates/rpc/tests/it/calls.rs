//! Calls from a channel to a server over the in-process transport: who may, what is retried, when it ends.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::{Running, person, unary, watch};
use futures::StreamExt as _;
use rpc::{ChannelOptions, ClientAuth, ErrorKind, Limits, OnBehalfOf};
use tonic::Request;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};

fn text(text: &str) -> Request<String> {
    Request::new(text.to_owned())
}

fn with<T: Clone + Send + Sync + 'static>(extension: T) -> Request<String> {
    let mut request = text("hi");
    request.extensions_mut().insert(extension);
    request
}

#[tokio::test]
async fn health_answers_without_a_principal_over_the_local_transport() {
    let running = Running::start(Limits::default());
    let mut health = HealthClient::new(running.channel(ChannelOptions::default()));
    for service in ["", "pot.test.v1.EchoService"] {
        let answer = health.check(HealthCheckRequest { service: service.into() }).await.unwrap();
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    }
}

#[tokio::test]
async fn a_call_needs_a_valid_principal_with_the_right_scope() {
    let running = Running::start(Limits::default());
    let bare = running.channel(ChannelOptions::default());
    let refused = unary(&bare, "GetEcho", text("hi")).await.unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::Unauthenticated, "PRINCIPAL_MISSING"));

    let mut forged = text("hi");
    forged.metadata_mut().insert(rpc::PRINCIPAL_KEY, "a.b.c".parse().unwrap());
    let refused = unary(&bare, "GetEcho", forged).await.unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::Unauthenticated, "PRINCIPAL_INVALID"));

    let mint = ChannelOptions::default().with_auth(ClientAuth::Mint { signer: running.signer.clone() });
    let edge = running.channel(mint);
    assert_eq!(unary(&edge, "GetEcho", with(person(&["echo:read"]))).await.unwrap(), "users/ana|hi");
    let refused = unary(&edge, "GetEcho", with(person(&["echo:write"]))).await.unwrap_err();
    assert_eq!((refused.kind(), refused.reason()), (ErrorKind::PermissionDenied, "SCOPE_MISSING"));
    assert_eq!(refused.metadata()["scope"], "echo:read");
    let refused = unary(&edge, "ReconcileEcho", with(person(&["*"]))).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    let unknown = unary(&edge, "GetNothing", with(person(&["*"]))).await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.reason()), (ErrorKind::Unimplemented, "METHOD_UNKNOWN"));
}

#[tokio::test]
async fn services_act_for_owners_and_forward_their_callers() {
    let running = Running::start(Limits::default());
    let service = ClientAuth::service(running.signer.clone(), "render");
    let channel = running.channel(ChannelOptions::default().with_auth(service));
    assert_eq!(unary(&channel, "ReconcileEcho", text("hi")).await.unwrap(), "services/render|hi");
    let acting = with(OnBehalfOf("users/bob".into()));
    assert_eq!(unary(&channel, "GetEcho", acting).await.unwrap(), "users/bob|hi");

    let token = running.signer.sign(&person(&["echo:read"]));
    let call = rpc::context::CallContext {
        principal: Some(std::sync::Arc::new(person(&["echo:read"]))),
        token: Some(token.parse().unwrap()),
        ..Default::default()
    };
    let call = std::sync::Arc::new(call);
    let forward = running.channel(ChannelOptions::default().with_auth(ClientAuth::Forward));
    let forwarded = rpc::context::scope(call.clone(), unary(&forward, "GetEcho", text("hi"))).await;
    assert_eq!(forwarded.unwrap(), "users/ana|hi");
    let inherited = rpc::context::scope(call, unary(&channel, "GetEcho", text("hi"))).await;
    assert_eq!(inherited.unwrap(), "users/ana|hi");
}

#[tokio::test]
async fn only_idempotent_calls_are_sent_again() {
    let running = Running::start(Limits::default());
    let channel = running.channel(ChannelOptions::default());
    let attempt = async |method: &str, failures: u32| {
        running.echo.failures.store(failures, Ordering::SeqCst);
        running.echo.calls.store(0, Ordering::SeqCst);
        let answer = unary(&channel, method, text("hi")).await.map_err(|error| error.kind());
        (answer, running.echo.calls.load(Ordering::SeqCst))
    };
    assert_eq!(attempt("GetFlaky", 2).await, (Ok("hi".to_owned()), 3));
    assert_eq!(attempt("ReplaceFlaky", 1).await, (Ok("hi".to_owned()), 2));
    assert_eq!(attempt("CreateFlaky", 1).await, (Err(ErrorKind::Unavailable), 1));
    assert_eq!(attempt("GetFlaky", 9).await, (Err(ErrorKind::Unavailable), 3));

    let frugal = ChannelOptions { retry_budget: 0.0, ..ChannelOptions::default() };
    let frugal = running.channel(frugal);
    running.echo.failures.store(1, Ordering::SeqCst);
    running.echo.calls.store(0, Ordering::SeqCst);
    assert!(unary(&frugal, "GetFlaky", text("hi")).await.is_err());
    assert_eq!(running.echo.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_deadline_ends_a_call_and_a_panic_is_an_internal_error() {
    let running = Running::start(Limits::default());
    let channel = running.channel(ChannelOptions::default().with_deadline(Duration::from_millis(200)));
    let started = Instant::now();
    let late = unary(&channel, "GetSlow", text("hi")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::DeadlineExceeded);
    assert!(started.elapsed() < Duration::from_secs(5));
    let broken = unary(&channel, "GetPanic", text("hi")).await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::Internal);
    assert!(!broken.message().contains("broke"));
    assert_eq!(unary(&channel, "GetFlaky", text("still here")).await.unwrap(), "still here");
}

#[tokio::test]
async fn more_calls_than_the_limit_are_shed_and_told_when_to_return() {
    let running = Running::start(Limits { concurrent_calls: 1, ..Limits::default() });
    let channel = running.channel(ChannelOptions::default().with_deadline(Duration::from_secs(1)));
    let slow = unary(&channel, "GetSlow", text("hi"));
    let shed = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        unary(&channel, "GetFlaky", text("hi")).await.unwrap_err()
    };
    let (_, shed) = tokio::join!(slow, shed);
    assert_eq!((shed.kind(), shed.reason()), (ErrorKind::ResourceExhausted, "OVERLOADED"));
    assert_eq!(shed.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(unary(&channel, "GetFlaky", text("room again")).await.unwrap(), "room again");
}

#[tokio::test]
async fn shutdown_ends_watches_with_a_status_and_then_the_server() {
    let running = Running::start(Limits { drain: Duration::from_millis(300), ..Limits::default() });
    let channel = running.channel(ChannelOptions::default());
    let mut stream = watch(&channel, "first").await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "first");
    let slow = unary(&channel, "GetSlow", text("hi"));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        running.shutdown.trigger();
        let ended = rpc::Error::from(stream.next().await.unwrap().unwrap_err());
        assert_eq!((ended.kind(), ended.reason()), (ErrorKind::Unavailable, "SHUTTING_DOWN"));
    };
    let (slow, ()) = tokio::join!(slow, stop);
    assert_eq!(slow.unwrap_err().kind(), ErrorKind::Unavailable);
    tokio::time::timeout(Duration::from_secs(5), running.server).await.unwrap().unwrap().unwrap();
    let gone = unary(&channel, "CreateFlaky", text("hi")).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Unavailable);
}
