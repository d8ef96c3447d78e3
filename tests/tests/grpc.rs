//! The main job over gRPC, by a client that learns the contract from the server, as grpcurl does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use e2e::{
    Options, PLANT_POT, Platform, Sandbox, job,
    read::{gcode::Program, stl::Stl},
    reflection::{Reflected, bytes, json},
};
use proto::pot::iot::v1::{ListDevicesRequest, iot_service_client::IotServiceClient};
use serde_json::{Value, json as value};
use tonic::{Code, Request};
use tonic_types::StatusExt;

#[tokio::test]
async fn a_sentence_becomes_g_code() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options::default());
    let grpc = Reflected::connect(&platform.address).await;
    for service in [
        "pot.conversation.v1.ConversationService",
        "pot.model_generation.v1.ModelGenerationService",
        "pot.print_job.v1.PrintJobService",
        "pot.iot.v1.IotService",
        "pot.render.v1.RenderService",
        "grpc.health.v1.Health",
    ] {
        assert!(grpc.services.iter().any(|it| it == service), "{service} is not among {:?}", grpc.services);
    }
    let token = Some(platform.token.as_str());
    let health = grpc.call(None, "grpc.health.v1.Health/Check", &value!({})).await.unwrap();
    assert_eq!(health["status"], "SERVING");

    let conversation = |method: &str| format!("pot.conversation.v1.ConversationService/{method}");
    let dialogue = grpc.call(token, &conversation("CreateDialogue"), &value!({})).await.unwrap();
    let turn = value!({"parent": dialogue["name"], "text": PLANT_POT});
    let turn = grpc.call(token, &conversation("CreateTurn"), &turn).await.unwrap();
    assert!(turn.get("question").is_none_or(Value::is_null), "{turn}");
    let name = format!("{}/specification", job::text(&dialogue, "name"));
    let specification = grpc.call(token, &conversation("GetSpecification"), &value!({"name": name})).await.unwrap();

    let models = "pot.model_generation.v1.ModelGenerationService";
    let model = work(&grpc, token, models, "CreateModel", &job::model_request(&specification)).await;
    let stl = job::artefact(&model, "stl");
    let chunks =
        grpc.stream(token, &format!("{models}/DownloadArtefact"), &value!({"name": stl["name"]})).await.unwrap();
    let stl_bytes = bytes(&chunks);
    assert_eq!(blake3::hash(&stl_bytes).to_hex().as_str(), job::text(stl, "hash"));
    let pieces = Stl::read(&stl_bytes).unwrap().pieces().unwrap();
    assert_eq!((pieces.len(), pieces[0].genus), (1, 5));

    let prints = "pot.print_job.v1.PrintJobService";
    let slice = work(&grpc, token, prints, "CreateSlice", &job::slice_request(&specification, &model)).await;
    let name = value!({"name": format!("{}/gcode", job::text(&slice, "name"))});
    let gcode = bytes(&grpc.stream(token, &format!("{prints}/DownloadGcode"), &name).await.unwrap());
    let program = Program::read(std::str::from_utf8(&gcode).unwrap()).unwrap();
    assert!((program.layers.last().unwrap() - 100.0).abs() < 0.2, "{:?}", program.layers.last());
    let filament = slice["filamentMm"].as_f64().unwrap();
    assert!((program.filament / filament - 1.0).abs() < 0.01, "{} and the slice says {filament}", program.filament);

    refusals(&grpc, token, models).await;
    a_typed_call(&grpc, &platform.token).await;
    platform.stop(&[]);
}

/// Long work followed by its stream; the resource that it made.
async fn work(grpc: &Reflected, token: Option<&str>, service: &str, method: &str, request: &Value) -> Value {
    let operation = grpc.call(token, &format!("{service}/{method}"), request).await.unwrap();
    let name = value!({"name": operation["name"]});
    let updates = grpc.stream(token, &format!("{service}/WatchOperation"), &name).await.unwrap();
    let last = json(updates.last().expect("at least the end is told"));
    assert_eq!(last["done"], true, "{last}");
    last.get("response").unwrap_or_else(|| panic!("{method}: {last}")).clone()
}

async fn refusals(grpc: &Reflected, token: Option<&str>, models: &str) {
    let get = format!("{models}/GetModel");
    let absent = value!({"name": "models/00000000-0000-7000-8000-000000000000"});
    for (token, code) in
        [(None, Code::Unauthenticated), (Some("wrong"), Code::Unauthenticated), (token, Code::NotFound)]
    {
        assert_eq!(grpc.call(token, &get, &absent).await.unwrap_err().code(), code);
    }
    let malformed = grpc.call(token, &get, &value!({"name": "models"})).await.unwrap_err();
    assert_eq!(malformed.code(), Code::InvalidArgument);
    let fields = malformed.get_error_details().bad_request().unwrap().field_violations.clone();
    assert_eq!(fields[0].field, "name");
    // What services say to each other is not for the owner, whatever the scopes.
    let internal = "pot.iot.v1.IotService/QueryPrinter";
    let refused = grpc.call(token, internal, &value!({"device": "devices/virtual-1"})).await.unwrap_err();
    assert!(matches!(refused.code(), Code::PermissionDenied | Code::Unimplemented), "{refused:?}");
}

async fn a_typed_call(grpc: &Reflected, token: &str) {
    let mut client = IotServiceClient::new(grpc.channel.clone());
    let mut request = Request::new(ListDevicesRequest::default());
    assert_eq!(client.list_devices(ListDevicesRequest::default()).await.unwrap_err().code(), Code::Unauthenticated);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let devices = client.list_devices(request).await.unwrap().into_inner().devices;
    let found: Vec<_> = devices.iter().map(|it| (it.name.as_str(), it.driver.as_str(), it.kind.as_str())).collect();
    assert_eq!(found, [("devices/virtual-1", "virtual", "printer")]);
    assert!(devices[0].build_x >= 180.0 && devices[0].nozzle_diameter > 0.0, "{:?}", devices[0]);
}
