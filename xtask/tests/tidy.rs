//! Each structural rule, shown failing on a scratch tree and passing on a clean one; and the real tree, which is tidy.

#![allow(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::path::Path;

use xtask::tidy::{self, Finding, Rules, Tree};
use xtask::workspace;

const PLAIN: &str = "[package]\nname = \"NAME\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
    license.workspace = true\nrepository.workspace = true\npublish.workspace = true\n\n[lints]\nworkspace = true\n\n[dependencies]\n";

/// A scratch tree under the repository's own rules.
struct Scratch {
    folder: tempfile::TempDir,
    rules: Rules,
}

impl Scratch {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), rules: Rules::load(&workspace::root()).unwrap() }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// A crate of the usual form with these lines after `[dependencies]`.
    fn with_crate(self, name: &str, dependencies: &str) -> Self {
        let manifest = PLAIN.replace("NAME", name) + dependencies;
        self.file(&format!("crates/{name}/Cargo.toml"), &manifest)
    }

    fn check(&self, rule: fn(&Tree) -> anyhow::Result<Vec<Finding>>) -> Vec<Finding> {
        rule(&Tree::new(self.folder.path(), self.rules.clone())).unwrap()
    }
}

#[track_caller]
fn only(findings: &[Finding]) -> &Finding {
    assert_eq!(findings.len(), 1, "{findings:#?}");
    &findings[0]
}

#[track_caller]
fn none(findings: &[Finding]) {
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_tree_is_tidy() {
    let findings = tidy::check(&workspace::root()).unwrap();
    let report: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} finding(s):\n{}", findings.len(), report.join("\n"));
}

#[test]
fn a_forbidden_import_is_found_with_its_line() {
    let source = "//! Quotes.\n\nuse std::collections::BTreeMap;\nuse tokio::sync::Mutex;\n\nfn f() {}\n";
    let scratch = Scratch::new().file("crates/print-job/src/domain/quote.rs", source);
    let findings = scratch.check(tidy::imports);
    let finding = only(&findings);
    assert_eq!((finding.file.as_path(), finding.line), (Path::new("crates/print-job/src/domain/quote.rs"), 4));
    assert!(finding.what.contains("tokio::sync::Mutex") && finding.remedy.contains("store/ or adapters/"), "{finding}");
}

#[test]
fn forbidden_paths_are_found_in_groups_expressions_and_relative_forms() {
    let source = "//! Uses.\nuse crate::{\n    domain::Quote,\n    store::Rows,\n};\nuse super::super::grpc::Server;\n\
        fn f() { let _ = tonic::Status::internal(\"x\"); }\n";
    let scratch = Scratch::new().file("crates/print-job/src/app/quote_part.rs", source);
    let found: Vec<(usize, String)> = scratch.check(tidy::imports).into_iter().map(|it| (it.line, it.what)).collect();
    assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [4, 6, 7], "{found:#?}");
    assert!(found[1].1.contains("crate::grpc::Server"), "{found:#?}");
}

#[test]
fn comments_strings_test_modules_and_lookalikes_are_no_imports() {
    let source = "//! Never uses tokio::spawn.\n/* tonic::Status */\nuse crate::domain::store::Shelf;\nconst A: &str = \"tokio::spawn\";\n\
        const B: &str = r#\"crate::grpc::X\"#;\nconst C: char = '\\'';\nfn f<'a>(x: &'a my::tokio::Thing) {}\nmod inner { use super::super::domain::X; }\n\
        #[cfg(test)]\nmod tests { use tokio::runtime::Runtime; }\n";
    none(&Scratch::new().file("crates/iot/src/domain/device.rs", source).check(tidy::imports));
    // The same forbidden path outside of the test module, after it, is still seen.
    let after = format!("{source}use tokio::time;\n");
    only(&Scratch::new().file("crates/iot/src/domain/device.rs", &after).check(tidy::imports));
}

#[test]
fn a_pure_crate_reads_no_clock_and_no_file() {
    let source = "//! Slices.\nuse std::{fs, time::{Duration, Instant}};\n";
    let findings = Scratch::new().file("crates/slicer/src/layers.rs", source).check(tidy::imports);
    let named: Vec<&str> = findings.iter().map(|it| it.what.as_str()).collect();
    assert!(named.len() == 2 && named[0].contains("std::fs") && named[1].contains("std::time::Instant"), "{named:?}");
    none(&Scratch::new().file("crates/boot/src/clock.rs", source).check(tidy::imports));
}

#[test]
fn sql_stays_in_the_store() {
    let source = "//! Uses.\nconst FIND: &str = \"SELECT id FROM parts\";\n";
    let findings = Scratch::new().file("crates/iot/src/app/find.rs", source).check(tidy::imports);
    assert_eq!(only(&findings).line, 2);
    none(&Scratch::new().file("crates/iot/src/store/find.rs", source).check(tidy::imports));
}

#[test]
fn cargo_edges_follow_the_layers() {
    for (name, dependency, part) in [
        ("gcode", "tokio", "pure crate `gcode` depends on `tokio`"),
        ("gcode", "proto", "`gcode` (Pure) depends on `proto` (Contract)"),
        ("jobs", "service-kit", "`jobs` (Kits) depends on `service-kit` (Bridges)"),
        ("rpc", "proto", "`rpc` (Kits) depends on `proto` (Contract)"),
        ("print-job", "iot", "`print-job` (Services) depends on `iot` (Services)"),
        ("service-kit", "iot", "`service-kit` (Bridges) depends on `iot` (Services)"),
        ("pot", "test-kit", "`pot` (Platform) depends on `test-kit` (TestSupport)"),
        ("gateway", "pg-kit", "`gateway` must never depend on `pg-kit`"),
        ("virtual-printer", "iot", "`virtual-printer` (Devices) depends on `iot` (Services)"),
        ("iot", "xtask", "`iot` (Services) depends on `xtask` (Tools)"),
    ] {
        let scratch = Scratch::new().with_crate(name, &format!("{dependency}.workspace = true\n"));
        let findings = scratch.check(tidy::layers);
        let finding = only(&findings);
        assert!(finding.what.contains(part), "{name} -> {dependency}: {finding}");
        assert_eq!(finding.line, PLAIN.lines().count() + 1, "{finding}");
    }
    for (name, dependencies) in [
        ("gcode", "serde.workspace = true\nmesh.workspace = true\n\n[dev-dependencies]\nproptest.workspace = true\n"),
        ("jobs", "ids.workspace = true\npg-kit.workspace = true\ntokio.workspace = true\n"),
        (
            "print-job",
            "proto.workspace = true\nservice-kit.workspace = true\nslicer.workspace = true\n\n[dev-dependencies]\ntest-kit.workspace = true\n",
        ),
        ("pot", "iot.workspace = true\ngateway.workspace = true\n"),
        ("test-kit", "iot.workspace = true\npg-kit.workspace = true\n"),
    ] {
        none(&Scratch::new().with_crate(name, dependencies).check(tidy::layers));
    }
    let findings = Scratch::new().with_crate("utils", "").check(tidy::layers);
    assert!(only(&findings).what.contains("stands in no layer"));
}

#[test]
fn a_dev_dependency_between_services_is_an_edge_too() {
    let scratch = Scratch::new().with_crate("render", "\n[dev-dependencies]\niot.workspace = true\n");
    assert!(only(&scratch.check(tidy::layers)).what.contains("`render` (Services) dev-depends on `iot` (Services)"));
}

#[test]
fn a_missing_lint_inheritance_is_found() {
    let manifest = PLAIN.replace("NAME", "iot").replace("[lints]\nworkspace = true\n", "");
    let findings = Scratch::new().file("crates/iot/Cargo.toml", &manifest).check(tidy::manifests);
    let finding = only(&findings);
    assert_eq!(finding.file, Path::new("crates/iot/Cargo.toml"));
    assert!(
        finding.what.contains("does not inherit the workspace's lints") && finding.remedy.contains("[lints]"),
        "{finding}"
    );
    none(&Scratch::new().with_crate("iot", "").check(tidy::manifests));
}

#[test]
fn manifests_take_name_edition_and_versions_from_where_they_belong() {
    let edition = PLAIN.replace("NAME", "iot").replace("edition.workspace = true", "edition = \"2021\"");
    assert!(
        only(&Scratch::new().file("crates/iot/Cargo.toml", &edition).check(tidy::manifests))
            .what
            .contains("package.edition")
    );

    let misnamed = PLAIN.replace("NAME", "pot-iot");
    assert!(
        only(&Scratch::new().file("crates/iot/Cargo.toml", &misnamed).check(tidy::manifests))
            .what
            .contains("`pot-iot`")
    );

    let own_version = Scratch::new().with_crate("iot", "serde = \"1\"\n").check(tidy::manifests);
    assert!(only(&own_version).what.contains("`serde` has a version of its own"));

    let in_target = Scratch::new()
        .with_crate("iot", "\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n")
        .check(tidy::manifests);
    assert!(only(&in_target).what.contains("`libc`"));

    let script =
        Scratch::new().with_crate("iot", "\n[build-dependencies]\nprotox.workspace = true\n").check(tidy::manifests);
    assert!(only(&script).what.contains("build dependency"));
}

#[test]
fn an_oversized_file_needs_a_reason() {
    let long = "//! Long.\n".to_owned() + &"// line\n".repeat(600);
    let path = "crates/iot/src/long.rs";
    let mut scratch = Scratch::new().file(path, &long);
    let findings = scratch.check(tidy::sizes);
    assert!(only(&findings).what.contains("601 lines"), "{findings:?}");

    scratch.rules.size.exceptions.insert(path.to_owned(), " ".to_owned());
    only(&scratch.check(tidy::sizes));
    scratch.rules.size.exceptions.insert(path.to_owned(), "one table that is read as one".to_owned());
    none(&scratch.check(tidy::sizes));

    // An exception that is no longer needed is in the way of the next reader.
    let scratch = Scratch { rules: scratch.rules, ..Scratch::new().file(path, "//! Short.\n") };
    assert!(only(&scratch.check(tidy::sizes)).what.contains("still listed"));

    none(&Scratch::new().file("crates/proto/src/gen/pot.iot.v1.rs", &long).check(tidy::sizes));
}

#[test]
fn files_open_with_their_purpose_and_no_module_lies_in_mod_rs() {
    let scratch =
        Scratch::new().file("crates/iot/src/lib.rs", "use std::fmt;\n").file("crates/iot/tests/a.rs", "//! \n");
    assert_eq!(scratch.check(tidy::openings).len(), 2);
    let scratch = Scratch::new().file("crates/iot/src/domain/mod.rs", "//! The domain.\n");
    assert!(only(&scratch.check(tidy::openings)).what.contains("mod.rs"));
    none(&Scratch::new().file("crates/iot/tests/support/mod.rs", "//! Help.\n").check(tidy::openings));
}

#[test]
fn refused_words_are_found_where_they_are_meant() {
    // Spelt in pieces, so that this file does not hold the words itself.
    let registry = format!("see https://{}{}/x\n", "crates", ".io");
    let place = format!("data in /{}/x\n", "work");
    let marker = format!("-- {}{}: index\n", "FIX", "ME");
    for text in [&registry, &place, &marker] {
        let findings = Scratch::new().file("docs/a.md", &format!("first\n{text}")).check(tidy::words);
        assert_eq!(only(&findings).line, 2);
    }
    let scratch = Scratch::new();
    let own = format!("cd {}\n", scratch.folder.path().join("x").display());
    assert!(only(&scratch.file("docs/a.md", &own).check(tidy::words)).what.contains("this clone"));
    let fine = format!("todo o dia; GET /v1{{x}}/{}/a; METODO; target/{}/x\n", "work", "root");
    none(&Scratch::new().file("docs/a.md", &fine).check(tidy::words));
    none(&Scratch::new().file(".gitignore", "/out\n").file("out/a.md", &place).check(tidy::words));
}

#[test]
fn every_rpc_says_its_scope_its_rate_class_and_its_route() {
    let scoped = "option (pot.options.v1.required_scope) = \"notes:read\";";
    let rated = "option (pot.options.v1.rate_class) = RATE_CLASS_DEFAULT;";
    let routed = "option (google.api.http) = { get: \"/v1/notes\" };";
    let internal = "option (pot.options.v1.required_scope) = \"internal\"; option (pot.options.v1.rate_class) = RATE_CLASS_INTERNAL;";
    for (options, expected) in [
        (format!("{scoped} {rated} {routed}"), &[][..]),
        (internal.to_owned(), &[]),
        (format!("{rated} {routed}"), &["has no required scope"]),
        (format!("{scoped} {routed}"), &["has no rate class"]),
        (format!("{scoped} {rated}"), &["has no REST form"]),
        (format!("{internal} {routed}"), &["is internal and has a REST form"]),
        (format!("{scoped} {}", rated.replace("DEFAULT", "INTERNAL")), &["is internal by only one of its two options"]),
    ] {
        let proto = format!(
            "syntax = \"proto3\";\npackage pot.notes.v1;\nimport \"google/api/annotations.proto\";\nimport \"pot/options/v1/options.proto\";\n\
             message Note {{}}\nservice NotesService {{\n  rpc GetNote(Note) returns (Note) {{ {options} }}\n}}\n"
        );
        let mut scratch = Scratch::new().file("proto/pot/notes/v1/notes.proto", &proto);
        for file in ["google/api/annotations.proto", "google/api/http.proto", "pot/options/v1/options.proto"] {
            let text = std::fs::read_to_string(workspace::root().join("proto").join(file)).unwrap();
            scratch = scratch.file(&format!("proto/{file}"), &text);
        }
        let findings = scratch.check(tidy::contract);
        assert_eq!(findings.len(), expected.len(), "{options}: {findings:#?}");
        for (finding, what) in findings.iter().zip(expected) {
            assert!(finding.what.contains(what), "{finding}");
            assert_eq!((finding.file.as_path(), finding.line), (Path::new("proto/pot/notes/v1/notes.proto"), 7));
        }
    }
}

#[test]
fn copyleft_and_unstated_licences_are_refused() {
    let rules = Rules::load(&workspace::root()).unwrap();
    let package = |name: &str, license: Option<&str>| tidy::Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        license: license.map(str::to_owned),
        source: Some("registry".to_owned()),
    };
    let packages = [
        package("fine", Some("MIT OR Apache-2.0")),
        package("choice", Some("GPL-2.0 OR MIT")),
        package("copyleft", Some("AGPL-3.0-only")),
        package("silent", None),
        tidy::Package { source: None, ..package("ours", None) },
    ];
    let findings = tidy::judge_licences(&packages, &rules.licences);
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(
        findings[0].what.contains("`copyleft 1.0.0` is under AGPL-3.0-only")
            && findings[1].what.contains("`silent 1.0.0`")
    );
}
