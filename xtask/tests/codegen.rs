//! Code generation on scratch contracts: module tree, annotations, extension-only files, drift.

#![allow(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::path::{Path, PathBuf};

use prost_reflect::{DescriptorPool, Value};
use xtask::{codegen, workspace};

const NOTES: &str = r#"syntax = "proto3";
package pot.notes.v1;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/timestamp.proto";
import "pot/options/v1/options.proto";

// A note.
//
//     { "name": "notes/1" }
message Note { string name = 1; bytes body = 2; google.protobuf.Timestamp create_time = 3; }
message GetNoteRequest { string name = 1; }

service NotesService {
  rpc GetNote(GetNoteRequest) returns (Note) {
    option (google.api.http) = { get: "/v1/{name=notes/*}" };
    option (pot.options.v1.required_scope) = "notes:read";
    option (pot.options.v1.rate_class) = RATE_CLASS_DEFAULT;
  }
  rpc DownloadNote(GetNoteRequest) returns (stream google.api.HttpBody);
}
"#;

/// A copy of the real vendored protos with one service of our own.
fn scratch_contract() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let proto = scratch.path().join("proto");
    let real = workspace::root().join("proto");
    for file in [
        "google/api/annotations.proto",
        "google/api/http.proto",
        "google/api/httpbody.proto",
        "pot/options/v1/options.proto",
    ] {
        copy(&real.join(file), &proto.join(file));
    }
    let notes = proto.join("pot/notes/v1/notes.proto");
    std::fs::create_dir_all(notes.parent().unwrap()).unwrap();
    std::fs::write(notes, NOTES).unwrap();
    (scratch, proto)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

fn text(generated: &codegen::Generated, name: &str) -> String {
    String::from_utf8(generated.get(name).unwrap_or_else(|| panic!("{name} in {:?}", generated.keys())).clone())
        .unwrap()
}

#[test]
fn packages_become_modules_with_clients_and_servers() {
    let (_scratch, proto) = scratch_contract();
    let generated = codegen::generate(&proto, &workspace::root().join("rustfmt.toml")).unwrap();

    let tree = text(&generated, "tree.rs");
    assert!(
        tree.contains("pub mod notes {\n        pub mod v1 {\n            include!(\"pot.notes.v1.rs\");"),
        "{tree}"
    );
    let notes = text(&generated, "pot.notes.v1.rs");
    for expected in [
        "pub struct Note",
        "pub mod notes_service_client",
        "pub mod notes_service_server",
        "bytes::Bytes",
        "prost_types::Timestamp",
    ] {
        assert!(notes.contains(expected), "{expected} in the generated code");
    }
    // An indented passage is an example of JSON, not a documentation test.
    assert!(notes.contains("/// ```text\n"), "{notes}");
    assert!(text(&generated, "google.api.rs").contains("pub struct HttpBody"));
    // prost-types has these; a module of our own would be a second, incompatible set.
    assert!(!generated.contains_key("google.protobuf.rs"));
}

#[test]
fn the_descriptor_keeps_annotations_options_and_comments() {
    let (_scratch, proto) = scratch_contract();
    let generated = codegen::generate(&proto, &workspace::root().join("rustfmt.toml")).unwrap();
    let pool = DescriptorPool::decode(generated["descriptor.bin"].as_slice()).unwrap();

    let service = pool.get_service_by_name("pot.notes.v1.NotesService").unwrap();
    let method = service.methods().find(|it| it.name() == "GetNote").unwrap();
    let scope = pool.get_extension_by_name("pot.options.v1.required_scope").unwrap();
    assert_eq!(*method.options().get_extension(&scope), Value::String("notes:read".to_owned()));
    let http = pool.get_extension_by_name("google.api.http").unwrap();
    assert!(method.options().has_extension(&http));

    let file = pool.get_file_by_name("pot/notes/v1/notes.proto").unwrap();
    let locations = &file.file_descriptor_proto().source_code_info.as_ref().unwrap().location;
    assert!(locations.iter().any(|it| it.leading_comments().starts_with(" A note.\n")));
}

#[test]
fn a_file_of_extensions_only_gives_no_module() {
    let (_scratch, proto) = scratch_contract();
    std::fs::write(
        proto.join("pot/options/v1/options.proto"),
        "syntax = \"proto3\";\npackage pot.options.v1;\nimport \"google/protobuf/descriptor.proto\";\n\
         enum RateClass { RATE_CLASS_UNSPECIFIED = 0; RATE_CLASS_DEFAULT = 1; }\n\
         extend google.protobuf.MethodOptions { string required_scope = 51001; RateClass rate_class = 51002; }\n",
    )
    .unwrap();
    std::fs::create_dir_all(proto.join("pot/marks/v1")).unwrap();
    std::fs::write(
        proto.join("pot/marks/v1/marks.proto"),
        "syntax = \"proto3\";\npackage pot.marks.v1;\nimport \"google/protobuf/descriptor.proto\";\n\
         extend google.protobuf.MethodOptions { string mark = 51099; }\n",
    )
    .unwrap();
    let generated = codegen::generate(&proto, Path::new("none")).unwrap();
    assert!(!generated.contains_key("pot.marks.v1.rs"));
    assert!(!text(&generated, "tree.rs").contains("marks"));
    let pool = DescriptorPool::decode(generated["descriptor.bin"].as_slice()).unwrap();
    assert!(pool.get_extension_by_name("pot.marks.v1.mark").is_some());
}

#[test]
fn drift_is_reported_with_the_line_and_both_texts() {
    let (scratch, proto) = scratch_contract();
    let generated = codegen::generate(&proto, &workspace::root().join("rustfmt.toml")).unwrap();
    let folder = scratch.path().join("gen");
    std::fs::create_dir(&folder).unwrap();
    for (name, content) in &generated {
        std::fs::write(folder.join(name), content).unwrap();
    }
    assert_eq!(codegen::differences(&folder, &generated).unwrap(), "");

    let edited = text(&generated, "pot.notes.v1.rs").replace("pub struct Note ", "pub struct Memo ");
    std::fs::write(folder.join("pot.notes.v1.rs"), edited).unwrap();
    std::fs::write(folder.join("pot.gone.v1.rs"), "").unwrap();
    std::fs::remove_file(folder.join("google.api.rs")).unwrap();
    let drift = codegen::differences(&folder, &generated).unwrap();
    assert!(drift.contains("- pub struct Memo {") && drift.contains("+ pub struct Note {"), "{drift}");
    assert!(drift.contains("pot.gone.v1.rs: is no longer generated"), "{drift}");
    assert!(drift.contains("google.api.rs: is missing"), "{drift}");
}

#[test]
fn an_error_in_a_proto_names_file_and_text() {
    let (_scratch, proto) = scratch_contract();
    std::fs::write(
        proto.join("pot/notes/v1/notes.proto"),
        NOTES.replace("(GetNoteRequest) returns (Note)", "(Missing) returns (Note)"),
    )
    .unwrap();
    let error = format!("{:?}", codegen::generate(&proto, Path::new("none")).unwrap_err());
    assert!(error.contains("notes.proto") && error.contains("Missing"), "{error}");
}
