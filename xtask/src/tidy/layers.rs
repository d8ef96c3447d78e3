//! Rule: Cargo edges follow the layers. Each crate stands in one layer of `tidy.toml`; this file says what each may use.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use toml::Value;

use super::manifests::{dependencies, parse};
use super::{Finding, Layer, Rules, Tree, line_of};

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut ours = BTreeSet::new();
    let mut parsed = Vec::new();
    for (folder, text) in tree.crates()? {
        let file = folder.join("Cargo.toml");
        let manifest = parse(&file, &text)?;
        let name = manifest
            .get("package")
            .and_then(|it| it.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        ours.insert(name.clone());
        parsed.push((file, name, text, manifest));
    }
    // A crate that is listed but not in a scratch tree is still ours when another one depends on it.
    ours.extend(tree.rules.layers.values().flatten().cloned());

    for (file, name, text, manifest) in &parsed {
        let Some(layer) = tree.rules.layer(name) else {
            findings.push(finding(
                file,
                text,
                "name",
                format!("the crate `{name}` stands in no layer"),
                "add it to one list of [layers] in xtask/tidy.toml",
            ));
            continue;
        };
        for dependency in dependencies(manifest) {
            let dev = dependency.table == "dev-dependencies";
            let needle = dependency.name;
            // A service's tests may measure with a pure crate what the service itself must leave to another.
            let measuring = dev && tree.rules.layer(dependency.name) == Some(Layer::Pure);
            let never = tree.rules.never.get(name).is_some_and(|never| never.iter().any(|it| it == dependency.name));
            if never && !measuring {
                let what = format!("`{name}` must never depend on `{}`", dependency.name);
                findings.push(finding(
                    file,
                    text,
                    needle,
                    what,
                    "ask the service that owns it, through its generated client",
                ));
            } else if let Err((what, remedy)) = judge(&tree.rules, &ours, name, layer, dependency.name, dev) {
                findings.push(finding(file, text, needle, what, remedy));
            }
        }
    }
    Ok(findings)
}

fn finding(file: &Path, text: &str, needle: &str, what: String, remedy: &str) -> Finding {
    // A dependency's line starts with its name; the name may also stand in a description above.
    let line =
        text.lines().position(|line| line.starts_with(needle)).map_or_else(|| line_of(text, needle), |index| index + 1);
    Finding { file: file.to_path_buf(), line, what, remedy: remedy.to_owned() }
}

fn judge(
    rules: &Rules,
    ours: &BTreeSet<String>,
    name: &str,
    layer: Layer,
    dependency: &str,
    dev: bool,
) -> Result<(), (String, &'static str)> {
    let kind = if dev { "dev-depends" } else { "depends" };
    if !ours.contains(dependency) {
        let third_party = &rules.pure_third_party;
        let listed = third_party.normal.iter().any(|it| it == dependency)
            || dev && third_party.dev.iter().any(|it| it == dependency);
        if layer == Layer::Pure && !listed {
            return Err((
                format!("the pure crate `{name}` {kind} on `{dependency}`"),
                "pass what it gives as an argument; only a crate without side effects may be added to [pure_third_party] in xtask/tidy.toml",
            ));
        }
        return Ok(());
    }
    let Some(target) = rules.layer(dependency) else {
        return Ok(()); // reported at the crate itself
    };
    let edge = format!("`{name}` ({layer:?}) {kind} on `{dependency}` ({target:?})");
    if target == Layer::TestSupport {
        let fine = dev || layer == Layer::TestSupport;
        return if fine { Ok(()) } else { Err((edge, "test support is a dev-dependency")) };
    }
    if dev && target == Layer::Devices {
        // A simulated device is what a service's tests have instead of hardware.
        return Ok(());
    }
    let (allowed, remedy): (&[Layer], &'static str) = match layer {
        Layer::Pure => (&[Layer::Pure], "pure crates use pure crates only: take the data as an argument"),
        Layer::Contract | Layer::Tools => (&[], "this crate stands apart from all others"),
        Layer::Bridges => (
            &[Layer::Pure, Layer::Contract, Layer::Bridges, Layer::Kits],
            "a bridge must not know the services that use it",
        ),
        Layer::Kits if dependency == "ids" => return Ok(()),
        Layer::Kits => (&[Layer::Kits], "a kit serves every service: take bytes, traits or closures instead"),
        Layer::Devices => (&[Layer::Pure, Layer::Kits], "a device knows the platform only by its wire: MQTT and a URL"),
        Layer::Services => (
            &[Layer::Pure, Layer::Contract, Layer::Bridges, Layer::Kits],
            "services call each other through the generated clients, never through Cargo",
        ),
        Layer::Platform | Layer::TestSupport => (
            &[
                Layer::Pure,
                Layer::Contract,
                Layer::Bridges,
                Layer::Kits,
                Layer::Devices,
                Layer::Services,
                Layer::Platform,
            ],
            "nothing depends on the developer tools",
        ),
    };
    if allowed.contains(&target) { Ok(()) } else { Err((edge, remedy)) }
}
