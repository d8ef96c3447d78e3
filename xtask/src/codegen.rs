//! `codegen`: compiles `proto/` without protoc and writes the Rust code and the descriptor set of `crates/proto`.
//!
//! The output is committed, so that a build needs neither this step nor a build script; `--check` proves that what is
//! committed is what the contract gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use prost::Message;

use crate::workspace;

/// File name to content of everything below `crates/proto/src/gen`.
pub type Generated = BTreeMap<String, Vec<u8>>;

const MODULE_TREE: &str = "tree.rs";
const DESCRIPTOR: &str = "descriptor.bin";

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Codegen {
    /// Write nothing; fail and show the differences when the committed code is not what proto/ gives.
    #[arg(long)]
    pub check: bool,
}

/// Runs the command on the repository at `root`.
pub fn run(root: &Path, options: &Codegen) -> Result<()> {
    let generated = generate(&root.join("proto"), &root.join("rustfmt.toml"))?;
    let folder = root.join("crates/proto/src/gen");
    if options.check {
        let drift = differences(&folder, &generated)?;
        if !drift.is_empty() {
            bail!(
                "crates/proto/src/gen is not what proto/ gives:\n{drift}\nRun `cargo xtask codegen` and commit the result."
            );
        }
        workspace::say(format_args!("codegen: {} files are up to date", generated.len()));
    } else {
        let changed = write(&folder, &generated)?;
        workspace::say(format_args!("codegen: {} files, {changed} changed", generated.len()));
    }
    Ok(())
}

/// Opens every file of the contract: all of `proto/pot`, and the vendored Google files whether imported or not.
pub fn compile(proto: &Path) -> Result<protox::Compiler> {
    let sources = workspace::files_below(proto, &|path| path.extension().is_some_and(|it| it == "proto"))?;
    if sources.is_empty() {
        bail!("no .proto file below {}", proto.display());
    }
    let mut compiler = protox::Compiler::new([proto])?;
    compiler.include_imports(true).include_source_info(true);
    for source in &sources {
        // The `Debug` form of a protox error is the one with the file, the line and the offending text.
        compiler.open_file(source).map_err(|error| anyhow::anyhow!("{}: {error:?}", source.display()))?;
    }
    Ok(compiler)
}

/// Everything that belongs into `crates/proto/src/gen`.
pub fn generate(proto: &Path, rustfmt_config: &Path) -> Result<Generated> {
    let compiler = compile(proto)?;
    // Not `file_descriptor_set()`: prost-types does not know our extensions and google.api.http, and would drop them.
    let descriptor = compiler.encode_file_descriptor_set();
    let files = prost_types::FileDescriptorSet::decode(descriptor.as_slice())?;

    let scratch = tempfile::tempdir().context("no temporary folder for the generated code")?;
    let mut config = prost_build::Config::new();
    // `prost::Name` gives operations' results their `Any` type URL.
    config.enable_type_names();
    config.out_dir(scratch.path());
    tonic_prost_build::configure()
        .build_client(true)
        .build_server(true)
        .build_transport(true)
        .emit_rerun_if_changed(false)
        .bytes(".")
        .out_dir(scratch.path())
        .compile_fds_with_config(files, config)
        .context("prost could not generate code from the descriptors")?;

    let mut packages = Vec::new();
    for path in workspace::files_below(scratch.path(), &|_| true)? {
        let text = std::fs::read_to_string(&path)?;
        let package = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let empty = text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("//"));
        if empty || package == "_" {
            // A package of extensions only, or one that prost-types provides, has no types of its own.
            std::fs::remove_file(&path)?;
        } else {
            packages.push(package);
        }
    }
    std::fs::write(scratch.path().join(MODULE_TREE), module_tree(&packages)?)?;
    format(scratch.path(), rustfmt_config)?;

    let mut generated = Generated::new();
    for path in workspace::files_below(scratch.path(), &|_| true)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        generated.insert(name, std::fs::read(&path)?);
    }
    generated.insert(DESCRIPTOR.to_owned(), descriptor);
    Ok(generated)
}

/// Nested modules that follow the package names: `pot.iot.v1` becomes `pot::iot::v1`.
fn module_tree(packages: &[String]) -> Result<String> {
    #[derive(Default)]
    struct Module {
        file: Option<String>,
        children: BTreeMap<String, Module>,
    }
    fn render(module: &Module, out: &mut String) -> Result<()> {
        if let Some(file) = &module.file {
            writeln!(out, "include!(\"{file}.rs\");")?;
        }
        for (name, child) in &module.children {
            writeln!(out, "pub mod {name} {{")?;
            render(child, out)?;
            writeln!(out, "}}")?;
        }
        Ok(())
    }

    let mut tree = Module::default();
    for package in packages {
        let mut at = &mut tree;
        for part in package.split('.') {
            at = at.children.entry(part.to_owned()).or_default();
        }
        at.file = Some(package.clone());
    }
    let mut out = String::from(
        "//! The modules of the generated code, one a protobuf package. Written by `cargo xtask codegen`.\n\n",
    );
    render(&tree, &mut out)?;
    Ok(out)
}

fn format(folder: &Path, config: &Path) -> Result<()> {
    let sources = workspace::files_below(folder, &|path| path.extension().is_some_and(|it| it == "rs"))?;
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024"]);
    if config.exists() {
        rustfmt.arg("--config-path").arg(config);
    }
    rustfmt.args(sources);
    workspace::capture(&mut rustfmt)
        .context("rustfmt is a component of the toolchain: `rustup component add rustfmt`")?;
    Ok(())
}

/// Writes what differs and removes what is no longer generated; returns how many files that were.
fn write(folder: &Path, generated: &Generated) -> Result<usize> {
    std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    let mut changed = 0;
    for path in stale(folder, generated)? {
        std::fs::remove_file(&path).with_context(|| format!("could not remove {}", path.display()))?;
        changed += 1;
    }
    for (name, content) in generated {
        let path = folder.join(name);
        // An unchanged file keeps its time, so that cargo does not rebuild everything that uses it.
        if std::fs::read(&path).ok().as_ref() != Some(content) {
            std::fs::write(&path, content).with_context(|| format!("could not write {}", path.display()))?;
            changed += 1;
        }
    }
    Ok(changed)
}

fn stale(folder: &Path, generated: &Generated) -> Result<Vec<PathBuf>> {
    let mut found = workspace::files_below(folder, &|_| true)?;
    found.retain(|path| !path.file_name().is_some_and(|name| generated.contains_key(&*name.to_string_lossy())));
    Ok(found)
}

/// What `--check` shows: for each file that differs, its first differing lines; empty when there is no drift.
pub fn differences(folder: &Path, generated: &Generated) -> Result<String> {
    let mut report = String::new();
    if folder.exists() {
        for path in stale(folder, generated)? {
            writeln!(report, "  {}: is no longer generated", path.display())?;
        }
    }
    for (name, expected) in generated {
        let path = folder.join(name);
        let Ok(actual) = std::fs::read(&path) else {
            writeln!(report, "  {}: is missing", path.display())?;
            continue;
        };
        if actual == *expected {
            continue;
        }
        match (std::str::from_utf8(&actual), std::str::from_utf8(expected)) {
            (Ok(actual), Ok(expected)) if !name.ends_with(".bin") => {
                report.push_str(&first_difference(&path, actual, expected)?);
            }
            _ => writeln!(
                report,
                "  {}: {} bytes committed, {} generated",
                path.display(),
                actual.len(),
                expected.len()
            )?,
        }
    }
    Ok(report)
}

fn first_difference(path: &Path, actual: &str, expected: &str) -> Result<String> {
    const SHOWN: usize = 5;
    let line = actual.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    writeln!(out, "  {}:{}", path.display(), line + 1)?;
    for text in actual.lines().skip(line).take(SHOWN) {
        writeln!(out, "    - {text}")?;
    }
    for text in expected.lines().skip(line).take(SHOWN) {
        writeln!(out, "    + {text}")?;
    }
    Ok(out)
}
