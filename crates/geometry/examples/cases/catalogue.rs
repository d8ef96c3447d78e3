//! `docs/catalogue`: a page of every kind of the catalogue with its parameters, and a picture of each family.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use part::catalogue::{self, Choice, Default, Definition, Role};

use crate::{picture, record, record::OperationRecord, say};

/// Largest picture of a family.
const PICTURE_BYTES: usize = 15_000;

/// Writes `README.md` and `<kind>.png` for every kind that a case shows.
pub(crate) fn write(folder: &Path, cases: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let examples = examples(cases)?;
    for (kind, case) in &examples {
        let drawn = std::fs::read(case.join("picture.png")).map_err(|error| format!("{}: {error}", case.display()))?;
        // What a case shows will do where it is small enough.
        let bytes = if drawn.len() <= PICTURE_BYTES {
            drawn
        } else {
            let run = record::run(case)?;
            let rgb = run.part.colour.as_ref().map(|colour| colour.rgb());
            picture::png(run.evaluated.mesh, rgb, [240, 180], PICTURE_BYTES)?
        };
        std::fs::write(folder.join(format!("{kind}.png")), bytes).map_err(|error| error.to_string())?;
        say(format_args!("{kind:<24} {}", case.file_name().unwrap_or_default().to_string_lossy()));
    }
    let text = page(catalogue::definitions(), &|kind| examples.contains_key(kind));
    std::fs::write(folder.join("README.md"), text).map_err(|error| error.to_string())
}

/// The case that shows each kind: the one with the fewest operations, called after the kind if there is one, that leaves
/// most choices as they are: a shell that is open, a thread that is there to be seen.
fn examples(cases: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut best: BTreeMap<String, (usize, bool, usize, PathBuf)> = BTreeMap::new();
    for folder in record::folders(cases)? {
        let Some(committed) = record::committed(&folder)? else { continue };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let length = committed.operations.len();
        for OperationRecord { kind, choices, .. } in committed.operations {
            let definition = catalogue::find(&kind).ok_or_else(|| format!("there is no kind {kind}"))?;
            let unusual = |choice: &&Choice| {
                !choice.options.is_empty()
                    && choice.default.is_some_and(|word| choices.get(choice.name).is_some_and(|c| c != word))
            };
            let unusual = definition.choices.iter().filter(unusual).count();
            let candidate = (length, !name.starts_with(&kind), unusual, folder.clone());
            let entry = best.entry(kind).or_insert_with(|| candidate.clone());
            if candidate < *entry {
                *entry = candidate;
            }
        }
    }
    Ok(best.into_iter().map(|(kind, (.., folder))| (kind, folder)).collect())
}

/// The page about these kinds; `drawn` says which have a picture.
pub(crate) fn page(definitions: &[&Definition], drawn: &dyn Fn(&str) -> bool) -> String {
    let families = definitions.iter().filter(|it| it.role == Role::Body).count();
    let mut text = format!(
        "# Catalogue\n\nWritten by `cargo xtask catalogue` from `part::catalogue`: {} families, which make a body, and {} \
         operations, which change one; those on sketches and imports also begin one.\nLengths are millimetres, angles degrees. A parameter that is *asked for* has no \
         default.\n",
        families,
        definitions.len() - families
    );
    for (family, title) in [(true, "Families"), (false, "Operations")] {
        write!(text, "\n## {title}\n").unwrap_or_default();
        for definition in definitions.iter().filter(|it| (it.role == Role::Body) == family) {
            section(&mut text, definition, drawn(definition.kind));
        }
    }
    text
}

fn section(text: &mut String, definition: &Definition, drawn: bool) {
    let kind = definition.kind;
    let mut out = format!("\n### {}\n\n", kind.replace('_', " "));
    if drawn {
        out += &format!("![{}]({kind}.png)\n\n", kind.replace('_', " "));
    }
    out += &format!("`{kind}`: {}\n", definition.meaning);
    if !definition.size_order.is_empty() {
        out += &format!("\"A x B x C\" means {}.\n", definition.size_order.join(" x "));
    }
    if !definition.parameters.is_empty() {
        out += "\n| Parameter | Meaning | Range | Default |\n|---|---|---|---|\n";
    }
    for parameter in definition.parameters {
        let unit = parameter.dimension.unit();
        let default = match &parameter.default {
            Default::Essential => "*asked for*".to_owned(),
            Default::EssentialUnless(rule, _) => format!("{rule}; else *asked for*"),
            Default::Value(value) => format!("{value}{unit}"),
            Default::Rule(rule, _) => (*rule).to_owned(),
            Default::Absent => "none".to_owned(),
        };
        let (least, greatest) = parameter.range;
        let cells = [parameter.meaning, &format!("{least} to {greatest}{unit}"), &default].map(escaped).join(" | ");
        out += &format!("| `{}` | {cells} |\n", parameter.name);
    }
    for choice in definition.choices {
        let options = if choice.options.is_empty() {
            "free text of at most 60 characters".to_owned()
        } else {
            choice.options.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        };
        let default = match choice.default {
            None => "; *asked for*".to_owned(),
            Some("") => String::new(),
            Some(word) => format!("; default `{word}`"),
        };
        out += &format!("\nChoice `{}`: {options}{default}.\n", choice.name);
    }
    text.push_str(&out);
}

fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|")
}
