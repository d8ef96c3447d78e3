//! Models: built once, versioned, asked for in batches, looked at before they are built.

use futures::StreamExt;
use proto::pot::{
    model_generation::v1::{
        BatchCreateModelsRequest, CreateModelRequest, DownloadArtefactRequest, Finding, GetModelRequest,
        ListModelVersionsRequest, ListModelsRequest, PreviewModelRequest, Severity, SuggestEditsRequest,
    },
    operations::v1::{OperationState, operation::Result as R},
    part::v1 as pb,
};

use crate::harness::{block, model, service};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_part_is_the_same_model_and_its_files_can_be_read() {
    let mut service = service(60).await;
    let first = model(service.build(&block(30.0)).await);
    let second = model(service.build(&block(30.0)).await);
    assert_eq!(first, second);
    assert!(first.exact && first.watertight);
    assert!((first.volume_mm3 - 6000.0).abs() < 1e-6);
    let other = model(service.build(&block(31.0)).await);
    assert_ne!(first.name, other.name);
    let stl = first.artefacts.iter().find(|artefact| artefact.kind == "stl").unwrap();
    let request = DownloadArtefactRequest { name: stl.name.clone() };
    let mut chunks = service.client.download_artefact(request).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.unwrap().data);
    }
    assert_eq!(bytes.len() as i64, stl.size_bytes);
    assert!(mesh::stl::read(&bytes).unwrap().topology().is_watertight());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_lowered_is_refused_at_once_with_its_field() {
    let mut service = service(60).await;
    let mut message = part_proto::part_to_proto(&block(30.0));
    message.features[0].parameters.remove("length");
    let request = CreateModelRequest { part: Some(message), made_from: Vec::new(), ..Default::default() };
    let status = service.client.create_model(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert!(status.message().contains("block.length"), "{}", status.message());
    let part = Some(part_proto::part_to_proto(&block(30.0)));
    let request = CreateModelRequest { part, made_from: vec!["00".repeat(32)], ..Default::default() };
    let status = service.client.create_model(request).await.unwrap_err();
    assert!(status.message().starts_with("made_from"), "{}", status.message());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_misses_its_deadline_is_killed_and_the_part_is_told() {
    let mut service = service(0).await;
    let work = service.build(&block(30.0)).await;
    assert_eq!(work.state(), OperationState::Failed);
    let Some(R::Error(status)) = work.result else { panic!("no error") };
    assert!(status.message.contains("took longer than 0 s"), "{}", status.message);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_follows_another_is_its_next_version_and_going_back_is_one_more() {
    let mut service = service(60).await;
    let first = model(service.build(&block(30.0)).await);
    let mut names = vec![first.name.clone()];
    for length in [31.0, 31.0, 30.0] {
        let part = Some(part_proto::part_to_proto(&block(length)));
        let previous = names.last().unwrap().clone();
        let request = CreateModelRequest { part, previous, ..Default::default() };
        let work = service.client.create_model(request).await.unwrap().into_inner();
        names.push(model(service.end(work).await).name);
    }
    assert_eq!(names[1], names[2], "the same part is the same model");
    assert_eq!(names[0], names[3]);
    let request = ListModelVersionsRequest { name: names[1].clone() };
    let versions = service.client.list_model_versions(request).await.unwrap().into_inner().versions;
    let line: Vec<(u32, &str)> = versions.iter().map(|v| (v.version, v.model.as_str())).collect();
    assert_eq!(line, [(1, names[0].as_str()), (2, names[1].as_str()), (3, names[0].as_str())]);
    let unknown = "models/01890000-0000-7000-8000-000000000000".to_owned();
    let part = Some(part_proto::part_to_proto(&block(32.0)));
    let request = CreateModelRequest { part, previous: unknown, ..Default::default() };
    assert_eq!(service.client.create_model(request).await.unwrap_err().code(), tonic::Code::NotFound);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_taken_whole_or_not_at_all() {
    let mut service = service(60).await;
    let request = |length: f64| CreateModelRequest {
        part: Some(part_proto::part_to_proto(&block(length))),
        ..Default::default()
    };
    let mut broken = request(12.0);
    broken.part.as_mut().unwrap().features[0].parameters.remove("length");
    let batch = BatchCreateModelsRequest { requests: vec![request(11.0), broken] };
    let status = service.client.batch_create_models(batch).await.unwrap_err();
    assert!(status.message().contains("requests[1].part.block.length"), "{}", status.message());
    let listed = service.client.list_models(ListModelsRequest::default()).await.unwrap().into_inner();
    assert!(listed.models.is_empty());
    let batch = BatchCreateModelsRequest { requests: vec![request(11.0), request(12.0), request(11.0)] };
    let operations = service.client.batch_create_models(batch).await.unwrap().into_inner().operations;
    assert_eq!(operations.len(), 3);
    assert_eq!(operations[0].name, operations[2].name);
    for (operation, length) in operations.into_iter().zip([11.0, 12.0, 11.0]) {
        assert!((model(service.end(operation).await).volume_mm3 - length * 200.0).abs() < 1e-6);
    }
    let status = service.client.batch_create_models(BatchCreateModelsRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_part_and_stores_nothing() {
    let mut service = service(60).await;
    let part = Some(part_proto::part_to_proto(&block(25.0)));
    let request = PreviewModelRequest { part: part.clone(), chord_tolerance: 0.0 };
    let preview = service.client.preview_model(request).await.unwrap().into_inner();
    assert_eq!(&preview.glb[..4], b"glTF");
    assert!((preview.volume_mm3 - 5000.0).abs() < 1.0 && !preview.exact && preview.triangle_count >= 12);
    let request = PreviewModelRequest { part, chord_tolerance: 9.0 };
    let status = service.client.preview_model(request).await.unwrap_err();
    assert!(status.message().starts_with("chord_tolerance"), "{}", status.message());
    let listed = service.client.list_models(ListModelsRequest::default()).await.unwrap().into_inner();
    assert!(listed.models.is_empty());
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_looked_for_on_demand_and_once_and_remove_their_finding() {
    let mut service = service(60).await;
    let built = model(service.build(&block(400.0)).await);
    let too_large = |model: &proto::pot::model_generation::v1::Model| {
        let wrong = |f: &&Finding| f.kind == "too_large" && f.severity() == Severity::Error;
        model.findings.iter().find(wrong).cloned()
    };
    assert!(!built.edits_suggested && too_large(&built).unwrap().edits.is_empty(), "{built:?}");
    let request = SuggestEditsRequest { name: built.name.clone() };
    let first = service.client.suggest_edits(request.clone()).await.unwrap().into_inner();
    let again = service.client.suggest_edits(request).await.unwrap().into_inner();
    assert_eq!(first.name, again.name);
    let mended = model(service.end(first).await);
    assert!(mended.edits_suggested);
    let request = GetModelRequest { name: built.name.clone() };
    assert_eq!(service.client.get_model(request).await.unwrap().into_inner(), mended);
    assert_eq!(mended.artefacts, built.artefacts);
    let edits = too_large(&mended).unwrap().edits;
    let [pb::Edit { edit: Some(pb::edit::Edit::SetParameter(set)) }] = &edits[..] else { panic!("{edits:?}") };
    assert_eq!((set.operation.as_str(), set.parameter.as_str()), ("block", "length"));
    let better = model(service.build(&block(set.value.as_ref().unwrap().value)).await);
    assert_eq!(too_large(&better), None);
    let unknown = SuggestEditsRequest { name: "models/01890000-0000-7000-8000-000000000000".to_owned() };
    assert_eq!(service.client.suggest_edits(unknown).await.unwrap_err().code(), tonic::Code::NotFound);
    service.stop().await;
}
