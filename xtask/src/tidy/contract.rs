//! Rule: every RPC says what a caller must hold and how it counts, and every RPC that people use has a REST form.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use prost_reflect::{DynamicMessage, ExtensionDescriptor, MethodDescriptor, Value};

use super::{Finding, Tree};
use crate::codegen;

const INTERNAL_SCOPE: &str = "internal";

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let proto = tree.root.join("proto");
    if !proto.is_dir() {
        return Ok(Vec::new());
    }
    let pool = codegen::compile(&proto)?.descriptor_pool();
    let extension = |name: &str| {
        pool.get_extension_by_name(name).with_context(|| format!("proto/ does not define the option `{name}`"))
    };
    let scope = extension("pot.options.v1.required_scope")?;
    let rate = extension("pot.options.v1.rate_class")?;
    let http = extension("google.api.http")?;

    let mut findings = Vec::new();
    for service in pool.services().filter(|it| it.package_name().starts_with("pot.")) {
        for method in service.methods() {
            let options = method.options();
            let held = text(&options, &scope);
            let class = number(&options, &rate);
            let internal_class =
                rate.kind().as_enum().and_then(|it| it.get_value_by_name("RATE_CLASS_INTERNAL")).map(|it| it.number());
            let internal = class.is_some() && class == internal_class;
            let mut report = |what: &str, remedy: &str| {
                let (file, line) = location(&method);
                findings.push(Finding {
                    file,
                    line,
                    what: format!("`{}` {what}", method.full_name()),
                    remedy: remedy.to_owned(),
                });
            };

            if held.as_deref().unwrap_or_default().is_empty() {
                report("has no required scope", "add `option (pot.options.v1.required_scope) = \"things:read\";`");
            }
            if class.unwrap_or_default() == 0 {
                report(
                    "has no rate class",
                    "add `option (pot.options.v1.rate_class) = RATE_CLASS_DEFAULT;` or another class",
                );
            }
            if internal != (held.as_deref() == Some(INTERNAL_SCOPE)) {
                report(
                    "is internal by only one of its two options",
                    "internal calls have both the scope \"internal\" and RATE_CLASS_INTERNAL",
                );
            }
            if !internal && !options.has_extension(&http) {
                report("has no REST form", "add `option (google.api.http) = { ... };`, or make it internal");
            }
            if internal && options.has_extension(&http) {
                report(
                    "is internal and has a REST form",
                    "remove google.api.http: internal calls are not reachable from the edge",
                );
            }
        }
    }
    Ok(findings)
}

fn text(options: &DynamicMessage, extension: &ExtensionDescriptor) -> Option<String> {
    match &*options.get_extension(extension) {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(options: &DynamicMessage, extension: &ExtensionDescriptor) -> Option<i32> {
    match &*options.get_extension(extension) {
        Value::EnumNumber(number) => Some(*number),
        _ => None,
    }
}

/// Where the method is declared, from the descriptor's source information.
fn location(method: &MethodDescriptor) -> (PathBuf, usize) {
    let file = method.parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let place = info.and_then(|it| it.location.iter().find(|it| it.path == method.path()));
    let line = place.and_then(|it| it.span.first()).and_then(|it| usize::try_from(*it).ok()).map_or(0, |it| it + 1);
    (Path::new("proto").join(file.name()), line)
}
