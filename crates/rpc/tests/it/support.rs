//! A small gRPC service without generated code, and what the tests need to run it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use boot::{Clock, Shutdown};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use rpc::{
    AuthLayer, Channel, ChannelOptions, Limits, Listen, Methods, Principal, Server, Signer, SigningKey, Verifier,
};
use tonic::body::Body;
use tonic::server::{NamedService, ServerStreamingService, UnaryService};
use tonic::{Request, Response, Status};

type Text = tonic_prost::ProstCodec<String, String>;

/// The service under test. `failures` is how many calls of the flaky methods still fail.
#[derive(Clone, Default)]
pub(crate) struct Echo {
    pub(crate) failures: Arc<AtomicU32>,
    pub(crate) calls: Arc<AtomicU32>,
}

impl NamedService for Echo {
    const NAME: &'static str = "pot.test.v1.EchoService";
}

impl tower::Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Text::default());
            Ok(if method == "WatchEcho" {
                grpc.server_streaming(Watch, request).await
            } else {
                grpc.unary(Unary { method, echo }, request).await
            })
        })
    }
}

struct Unary {
    method: String,
    echo: Echo,
}

impl UnaryService<String> for Unary {
    type Response = String;
    type Future = BoxFuture<'static, Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let (method, echo) = (self.method.clone(), self.echo.clone());
        Box::pin(async move {
            echo.calls.fetch_add(1, Ordering::SeqCst);
            match method.as_str() {
                "GetEcho" | "ReconcileEcho" => {
                    let principal = rpc::principal_of(&request)?;
                    let call = rpc::context::current().expect("a handler runs inside a call");
                    assert_eq!(call.principal.as_deref(), Some(&principal));
                    Ok(Response::new(format!("{}|{}", principal.acting_owner(), request.into_inner())))
                }
                "GetPanic" => panic!("the handler broke"),
                "GetSlow" => {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    Ok(Response::new("late".into()))
                }
                _ => {
                    let left = echo.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
                    match left {
                        Ok(_) => Err(rpc::Error::unavailable("not now").into()),
                        Err(_) => Ok(Response::new(request.into_inner())),
                    }
                }
            }
        })
    }
}

struct Watch;

impl ServerStreamingService<String> for Watch {
    type Response = String;
    type ResponseStream = futures::stream::BoxStream<'static, Result<String, Status>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let first = futures::stream::iter([Ok(request.into_inner())]);
        Box::pin(async move { Ok(Response::new(first.chain(futures::stream::pending()).boxed())) })
    }
}

/// The compiled contract.
pub(crate) fn descriptor() -> Vec<u8> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/proto");
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let mut compiler = protox::Compiler::new([here, shared]).unwrap();
    compiler.include_imports(true).open_file("pot/test/v1/echo.proto").unwrap();
    compiler.encode_file_descriptor_set()
}

/// A running server in this process.
pub(crate) struct Running {
    pub(crate) echo: Echo,
    pub(crate) signer: Signer,
    pub(crate) connector: rpc::local::Connector,
    pub(crate) shutdown: Shutdown,
    pub(crate) server: tokio::task::JoinHandle<Result<(), rpc::ServeError>>,
}

impl Running {
    pub(crate) fn start(limits: Limits) -> Self {
        let echo = Echo::default();
        let signer = Signer::new(SigningKey::generate().unwrap(), Clock::system());
        let verifier = Verifier::new([signer.public_key()], Clock::system());
        let policies = Arc::new(rpc::policies_from_descriptor(&descriptor()).unwrap());
        let (connector, incoming) = rpc::local::pair("echo");
        let shutdown = Shutdown::new();
        let server = Server::new("echo")
            .service(echo.clone())
            .auth(AuthLayer::new(verifier, policies))
            .descriptor(descriptor())
            .limits(limits);
        #[allow(clippy::disallowed_methods)]
        let server = tokio::spawn(server.serve(Listen::Local(incoming), shutdown.clone()));
        Self { echo, signer, connector, shutdown, server }
    }

    pub(crate) fn channel(&self, options: ChannelOptions) -> Channel {
        let methods = Methods::from_descriptor(&descriptor()).unwrap();
        Channel::local(self.connector.clone(), options.with_methods(methods))
    }
}

pub(crate) fn person(scopes: &[&str]) -> Principal {
    Principal {
        subject: "users/ana".into(),
        owner: "users/ana".into(),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        on_behalf_of: None,
    }
}

fn path(method: &str) -> http::uri::PathAndQuery {
    format!("/pot.test.v1.EchoService/{method}").parse().unwrap()
}

/// A unary call, as generated clients make it.
pub(crate) async fn unary(channel: &Channel, method: &str, request: Request<String>) -> Result<String, rpc::Error> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    Ok(grpc.unary(request, path(method), Text::default()).await?.into_inner())
}

/// A server-streaming call.
pub(crate) async fn watch(channel: &Channel, text: &str) -> Result<tonic::Streaming<String>, rpc::Error> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let request = Request::new(text.to_owned());
    Ok(grpc.server_streaming(request, path("WatchEcho"), Text::default()).await?.into_inner())
}
