//! The same over sockets: one address, a list, a name; and what the contract says of the methods.

use crate::support::{Echo, descriptor, unary};
use boot::Shutdown;
use rpc::{Address, Channel, ChannelOptions, ErrorKind, Listen, Methods, Server};

async fn serve() -> std::net::SocketAddr {
    let listen = Listen::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listen.address().unwrap();
    let server = Server::new("echo").service(Echo::default()).descriptor(descriptor());
    #[allow(clippy::disallowed_methods)]
    drop(tokio::spawn(server.serve(listen, Shutdown::new())));
    address
}

async fn ask(address: &str) -> Result<String, rpc::Error> {
    let address: Address = address.parse().unwrap();
    let channel = Channel::connect(&address, ChannelOptions::default()).unwrap();
    unary(&channel, "GetFlaky", tonic::Request::new("hi".into())).await
}

#[tokio::test]
async fn every_form_of_address_reaches_a_server() {
    let (one, two) = (serve().await, serve().await);
    assert_eq!(ask(&format!("http://{one}")).await.unwrap(), "hi");
    assert_eq!(ask(&format!("list:{one},{two}")).await.unwrap(), "hi");
    assert_eq!(ask(&format!("dns:///localhost:{}", one.port())).await.unwrap(), "hi");
}

#[tokio::test]
async fn nobody_at_an_address_is_unavailable_and_a_taken_port_is_named() {
    let taken = Listen::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = taken.address().unwrap();
    let error = Listen::bind(address).await.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    drop(taken);
    let nobody = ask(&format!("http://{address}")).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::Unavailable);
    assert!(!nobody.message().contains("127.0.0.1"));
}

#[tokio::test]
async fn reflection_lists_the_services() {
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let address: Address = format!("http://{}", serve().await).parse().unwrap();
    let channel = Channel::connect(&address, ChannelOptions::default()).unwrap();
    let ask = tonic_reflection::pb::v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let requests = futures::stream::iter([ask]);
    let mut answers = ServerReflectionClient::new(channel).server_reflection_info(requests).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"pot.test.v1.EchoService") && names.contains(&"grpc.health.v1.Health"), "{names:?}");
}

#[test]
fn the_contract_says_scopes_and_idempotency() {
    let policies = rpc::policies_from_descriptor(&descriptor()).unwrap();
    assert_eq!(policies["/pot.test.v1.EchoService/GetEcho"], "echo:read");
    assert_eq!(policies["/pot.test.v1.EchoService/ReconcileEcho"], "internal");
    let methods = Methods::from_descriptor(&descriptor()).unwrap();
    let of = |name: &str| methods.get(&format!("/pot.test.v1.EchoService/{name}")).unwrap().clone();
    assert!(of("GetEcho").idempotent && of("ReplaceFlaky").idempotent && !of("CreateFlaky").idempotent);
    assert!(of("WatchEcho").server_streaming && !of("WatchEcho").idempotent);
}
