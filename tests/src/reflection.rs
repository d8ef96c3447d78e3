//! A gRPC client that knows nothing beforehand, as grpcurl: descriptors by server reflection, messages from JSON.

use std::collections::{HashMap, HashSet};

use prost::{Message, bytes::Buf};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use prost_types::FileDescriptorProto;
use serde_json::Value;
use tokio_stream::StreamExt;
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    transport::{Channel, Endpoint},
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// A connection with the contract that the server tells of itself.
#[derive(Clone, Debug)]
pub struct Reflected {
    pub channel: Channel,
    pub services: Vec<String>,
    pool: DescriptorPool,
}

impl Reflected {
    pub async fn connect(address: &str) -> Self {
        let channel =
            Endpoint::from_shared(address.to_owned()).unwrap().connect().await.expect("the edge speaks HTTP/2");
        let mut client = ServerReflectionClient::new(channel.clone());
        let listed = ask(&mut client, MessageRequest::ListServices("*".to_owned())).await;
        let MessageResponse::ListServicesResponse(list) = listed else { panic!("no list of services: {listed:?}") };
        let services: Vec<String> = list.service.into_iter().map(|service| service.name).collect();
        let mut files: HashMap<String, FileDescriptorProto> = HashMap::new();
        let mut wanted: Vec<MessageRequest> =
            services.iter().map(|name| MessageRequest::FileContainingSymbol(name.clone())).collect();
        while let Some(request) = wanted.pop() {
            if matches!(&request, MessageRequest::FileByFilename(name) if files.contains_key(name)) {
                continue;
            }
            let answer = ask(&mut client, request).await;
            let MessageResponse::FileDescriptorResponse(found) = answer else { panic!("no file: {answer:?}") };
            for bytes in found.file_descriptor_proto {
                let file = FileDescriptorProto::decode(bytes.as_slice()).expect("a file descriptor");
                wanted.extend(file.dependency.iter().cloned().map(MessageRequest::FileByFilename));
                files.insert(file.name().to_owned(), file);
            }
        }
        let mut pool = DescriptorPool::new();
        let (mut ordered, mut seen) = (Vec::new(), HashSet::new());
        for name in files.keys() {
            order(name, &files, &mut seen, &mut ordered);
        }
        pool.add_file_descriptor_protos(ordered).expect("the reflected files fit together");
        Reflected { channel, services, pool }
    }

    /// `pot.x.v1.Service/Method`.
    #[track_caller]
    pub fn method(&self, path: &str) -> MethodDescriptor {
        let (service, method) = path.split_once('/').expect("Service/Method");
        let service = self.pool.get_service_by_name(service).unwrap_or_else(|| panic!("no {service}"));
        service.methods().find(|it| it.name() == method).unwrap_or_else(|| panic!("no {path}"))
    }

    /// A call with one answer.
    pub async fn call(&self, token: Option<&str>, path: &str, request: &Value) -> Result<Value, Status> {
        let mut all = self.stream(token, path, request).await?;
        assert_eq!(all.len(), 1, "{path} answers once");
        Ok(json(&all.remove(0)))
    }

    /// Any call without a stream from us; every message of the answer.
    pub async fn stream(
        &self,
        token: Option<&str>,
        path: &str,
        request: &Value,
    ) -> Result<Vec<DynamicMessage>, Status> {
        let method = self.method(path);
        let message = DynamicMessage::deserialize(method.input(), request)
            .unwrap_or_else(|e| panic!("{request} is no {}: {e}", method.input().full_name()));
        let mut request = Request::new(message);
        if let Some(token) = token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let mut client = tonic::client::Grpc::new(self.channel.clone()).max_decoding_message_size(64 << 20);
        client.ready().await.map_err(|e| Status::unavailable(e.to_string()))?;
        let path = format!("/{path}").parse().unwrap();
        let answer = client.server_streaming(request, path, Dynamic(method.output())).await?;
        answer.into_inner().collect::<Result<Vec<_>, _>>().await
    }
}

/// Dependencies first.
fn order<'f>(
    name: &'f str,
    files: &'f HashMap<String, FileDescriptorProto>,
    seen: &mut HashSet<&'f str>,
    ordered: &mut Vec<FileDescriptorProto>,
) {
    if seen.insert(name) {
        let file = &files[name];
        for dependency in &file.dependency {
            order(dependency, files, seen, ordered);
        }
        ordered.push(file.clone());
    }
}

async fn ask(client: &mut ServerReflectionClient<Channel>, request: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let mut answers =
        client.server_reflection_info(tokio_stream::once(request)).await.expect("reflection").into_inner();
    let answer = answers.message().await.expect("reflection").expect("an answer");
    answer.message_response.expect("an answer that says something")
}

/// Canonical protobuf JSON.
pub fn json(message: &DynamicMessage) -> Value {
    serde_json::to_value(message).expect("a message has a JSON form")
}

/// The bytes of a stream of `google.api.HttpBody`.
pub fn bytes(chunks: &[DynamicMessage]) -> Vec<u8> {
    let data = |chunk: &DynamicMessage| chunk.get_field_by_name("data").and_then(|v| v.as_bytes().cloned());
    chunks.iter().flat_map(|chunk| data(chunk).expect("a chunk of an HttpBody")).collect()
}

struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Writer;
    type Decoder = Reader;

    fn encoder(&mut self) -> Writer {
        Writer
    }

    fn decoder(&mut self) -> Reader {
        Reader(self.0.clone())
    }
}

#[derive(Debug)]
struct Writer;

impl Encoder for Writer {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(into).map_err(|e| Status::internal(e.to_string()))
    }
}

#[derive(Debug)]
struct Reader(MessageDescriptor);

impl Decoder for Reader {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = from.copy_to_bytes(from.remaining());
        DynamicMessage::decode(self.0.clone(), bytes).map(Some).map_err(|e| Status::internal(e.to_string()))
    }
}
