//! Imports: uploaded in pieces, measured, mended, and used in parts; and what evaluations keep between processes.

use futures::stream;
use mesh::TriMesh;
use part::{Edit, Operation, Part, Quantity};
use proto::{
    google::api::HttpBody,
    pot::{
        model_generation::v1::{CreateImportRequest, CreateModelRequest, GetImportRequest, Import, ListImportsRequest},
        operations::v1::{Operation as Work, OperationState, operation::Result as R},
    },
};

use crate::harness::{Service, block, model, service};

/// A tetrahedron with legs of 10 mm; its volume is 1000 / 6.
fn tetrahedron() -> TriMesh {
    let positions = vec![[0.0; 3], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]];
    TriMesh::new(positions, vec![[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
}

fn stl(mesh: &TriMesh) -> Vec<u8> {
    let mut bytes = Vec::new();
    mesh::stl::write(mesh, &mut bytes).unwrap();
    bytes
}

async fn upload(service: &mut Service, name: &str, bytes: &[u8]) -> Result<Work, tonic::Status> {
    let pieces: Vec<CreateImportRequest> = bytes
        .chunks(100)
        .map(|piece| CreateImportRequest {
            file: Some(HttpBody { data: piece.to_vec().into(), ..Default::default() }),
            filename: name.to_owned(),
        })
        .collect();
    let work = service.client.create_import(stream::iter(pieces)).await?.into_inner();
    Ok(service.end(work).await)
}

fn import(work: Work) -> Import {
    match work.result {
        Some(R::Response(any)) => any.to_msg().unwrap(),
        other => panic!("no import: {other:?}"),
    }
}

/// The body as it came.
fn part_of(hash: &str) -> Part {
    let mut operation = Operation::new("import", "import");
    operation.choices.insert("hash".to_owned(), hash.to_owned());
    Part::default().apply(&Edit::Add { operation }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mesh_from_outside_is_measured_and_becomes_a_part() {
    let mut service = service(60).await;
    let first = import(upload(&mut service, "corner.stl", &stl(&tetrahedron())).await.unwrap());
    assert_eq!((first.format.as_str(), first.filename.as_str()), ("stl", "corner.stl"));
    assert!(first.watertight && !first.exact && first.triangle_count == 4);
    assert!((first.volume_mm3 - 1000.0 / 6.0).abs() < 1e-3);
    // The same bytes are the same import, under whatever name.
    let again = import(upload(&mut service, "other.stl", &stl(&tetrahedron())).await.unwrap());
    assert_eq!(again, first);
    let request = GetImportRequest { name: first.name.clone() };
    assert_eq!(service.client.get_import(request).await.unwrap().into_inner(), first);
    let listed = service.client.list_imports(ListImportsRequest::default()).await.unwrap().into_inner();
    assert_eq!(listed.imports, std::slice::from_ref(&first));

    let built = model(service.build(&part_of(&first.hash)).await);
    assert!(!built.exact && built.watertight);
    assert!((built.volume_mm3 - 1000.0 / 6.0).abs() < 0.01, "{}", built.volume_mm3);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exact_body_can_be_brought_back_and_drilled() {
    let mut service = service(60).await;
    let step = {
        let built = geometry::build(&block(40.0), &Default::default(), &Default::default()).unwrap();
        built.artefacts.step.unwrap()
    };
    let brought = import(upload(&mut service, "block.step", &step).await.unwrap());
    assert!(brought.exact && (brought.volume_mm3 - 8000.0).abs() < 1e-6);
    let mut hole = Operation::new("hole", "hole");
    hole.parameters.insert("diameter".to_owned(), Quantity::said(5.0, "5 mm", 0, 0..4));
    let part = part_of(&brought.hash).apply(&Edit::Add { operation: hole }).unwrap();
    match part::lower(&part) {
        // Where a body of unknown size can be drilled, its volume says that it was.
        Ok(_) => {
            let built = model(service.build(&part).await);
            assert!(built.volume_mm3 < 8000.0 && built.watertight);
        }
        Err(refused) => assert_eq!(refused.operation, "hole", "{refused}"),
    }
    let built = model(service.build(&part_of(&brought.hash)).await);
    assert!(built.exact && (built.volume_mm3 - 8000.0).abs() < 1e-6, "{}", built.inexact_reason);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_and_foreign_hashes_are_refused_with_the_reason() {
    let mut service = service(60).await;
    let work = upload(&mut service, "picture.png", b"\x89PNG\r\n\x1a\n0000000000000000").await.unwrap();
    assert_eq!(work.state(), OperationState::Failed);
    let Some(R::Error(status)) = work.result else { panic!("no error") };
    assert!(status.message.contains("none of STL, OBJ, 3MF and STEP"), "{}", status.message);
    let status = upload(&mut service, "nothing.stl", b"").await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let status = upload(&mut service, "bell\u{7}.stl", b"solid").await.unwrap_err();
    assert!(status.message().starts_with("filename"), "{}", status.message());
    let part = Some(part_proto::part_to_proto(&part_of(&"ab".repeat(32))));
    let request = CreateModelRequest { part, ..Default::default() };
    let status = service.client.create_model(request).await.unwrap_err();
    assert!(status.message().contains("upload the file first"), "{}", status.message());
    service.stop().await;
}

async fn kept(conn: &pg_kit::Conn) -> i64 {
    conn.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_evaluation_keeps_is_found_by_another_process() {
    let mut service = service(60).await;
    let first = model(service.build(&block(33.0)).await);
    let pool = service.db.pool("model_generation");
    let conn = pool.get().await.unwrap();
    let count = kept(&conn).await;
    assert!(count > 0, "nothing was kept");
    // The same solid in another colour is another model of the same pieces.
    let part = block(33.0).apply(&Edit::SetColour { colour: Some("red".parse().unwrap()) }).unwrap();
    let second = model(service.build(&part).await);
    assert_ne!(first.name, second.name);
    assert_eq!(first.volume_mm3, second.volume_mm3);
    assert_eq!(kept(&conn).await, count, "the pieces were built again");
    // A cache whose bytes are gone costs time and nothing else.
    conn.execute("UPDATE kept SET hash = repeat('0', 64)", &[]).await.unwrap();
    drop(conn);
    let part = block(33.0).apply(&Edit::SetColour { colour: Some("blue".parse().unwrap()) }).unwrap();
    assert_eq!(model(service.build(&part).await).volume_mm3, first.volume_mm3);
    service.stop().await;
}
