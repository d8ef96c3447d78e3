//! Changes that are more than one number: a chamfer for a fillet, another choice, rounded corners, all sizes together.

use part::{Beside, Dimension, Edit, Fit, Operation, Part, catalogue};

use super::{Bench, Remedy, knob::quantity};
use crate::printability::report::{Finding, Kind};

/// What a change weighs beside a number's: about as much as a third more, a half more, twice as much.
const SWAP: f64 = 0.3;
const ROUNDING: f64 = 0.4;
const CHOICE: f64 = 0.7;

/// What is tried before any number.
pub(super) fn first(bench: &mut Bench<'_>, finding: &Finding) -> Option<Remedy> {
    let candidates = match finding.kind {
        // A fillet below starts level and curls up; a chamfer leans out evenly.
        Kind::Overhang | Kind::SmallBase => fillets_to_chamfers(bench.part),
        Kind::Warping => rounded_corners(bench.part),
        Kind::NarrowGap if bench.part.fit != Some(Fit::Loose) => {
            vec![(SWAP, vec![Edit::SetFit { fit: Some(Fit::Loose) }])]
        }
        _ => Vec::new(),
    };
    mends(bench, finding, candidates)
}

/// What is tried when no single number does.
pub(super) fn last(bench: &mut Bench<'_>, finding: &Finding) -> Option<Remedy> {
    let mut candidates = Vec::new();
    if finding.measured > 0.0 && finding.limit > 0.0 {
        let factor = finding.limit / finding.measured;
        match finding.kind {
            Kind::TooLarge => candidates.push(scaled(bench.part, None, factor, true)),
            Kind::ThinWall | Kind::ThinPin | Kind::NarrowGap | Kind::SmallHole | Kind::TooSmall => {
                let only = finding.operation.as_deref();
                for more in [1.02, 1.1, 1.3] {
                    candidates.push(scaled(bench.part, only, factor * more, false));
                }
                candidates.push(scaled(bench.part, None, factor * 1.02, false));
            }
            Kind::SmallBase | Kind::TipOver => {
                candidates.extend([1.2, 1.5, 2.0].map(|factor| scaled(bench.part, None, factor, false)));
            }
            _ => {}
        }
    }
    candidates.extend(other_choices(bench.part));
    mends(bench, finding, candidates)
}

fn mends(bench: &mut Bench<'_>, finding: &Finding, candidates: Vec<(f64, Vec<Edit>)>) -> Option<Remedy> {
    candidates
        .into_iter()
        .filter(|(_, edits)| !edits.is_empty())
        .find(|(_, edits)| bench.left_of(finding, edits) == Some(0.0))
        .map(|(cost, edits)| Remedy { cost, edits })
}

fn fillets_to_chamfers(part: &Part) -> Vec<(f64, Vec<Edit>)> {
    let fillets = part.features.iter().filter(|operation| operation.kind == "fillet");
    fillets
        .map(|fillet| {
            let radius = catalogue::find("fillet").and_then(|definition| definition.resolve(fillet, part.fit).ok());
            let radius = radius.map_or(1.0, |values| values.get("radius"));
            let mut chamfer = Operation::new(part.fresh_id("chamfer"), "chamfer");
            chamfer.parameters.insert("distance".to_owned(), quantity(radius));
            // A choice that is left out means other edges for a chamfer than for a fillet.
            let edges = fillet.choices.get("edges").map_or("vertical", String::as_str);
            chamfer.choices.insert("edges".to_owned(), edges.to_owned());
            chamfer.placement.clone_from(&fillet.placement);
            // In the fillet's place in the history, because what comes after may stand on it.
            let insert = Edit::Insert { operation: chamfer, side: Beside::After, of: fillet.id.clone() };
            (SWAP, vec![insert, Edit::Remove { operation: fillet.id.clone() }])
        })
        .collect()
}

fn rounded_corners(part: &Part) -> Vec<(f64, Vec<Edit>)> {
    [6.0, 10.0, 15.0]
        .into_iter()
        .map(|radius| {
            let mut fillet = Operation::new(part.fresh_id("fillet"), "fillet");
            fillet.parameters.insert("radius".to_owned(), quantity(radius));
            fillet.choices.insert("edges".to_owned(), "vertical".to_owned());
            (ROUNDING, vec![Edit::Add { operation: fillet }])
        })
        .collect()
}

/// The lengths of one operation, or of all, times a factor; only those near the largest when `dominant`.
fn scaled(part: &Part, only: Option<&str>, factor: f64, dominant: bool) -> (f64, Vec<Edit>) {
    let mut edits = Vec::new();
    for operation in part.features.iter().filter(|operation| only.is_none_or(|id| operation.id == id)) {
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        let values = definition.resolve(operation, part.fit).unwrap_or_default();
        let lengths = definition.parameters.iter().filter(|p| p.dimension == Dimension::Length);
        let known: Vec<(&'static str, f64)> =
            lengths.filter_map(|p| values.find(p.name).map(|value| (p.name, value))).collect();
        let largest = known.iter().map(|(_, value)| *value).fold(0.0, f64::max);
        for (name, value) in known {
            // What follows by rule follows its sizes; a wall that was said stays when only the sizes are too large.
            let said = operation.parameters.contains_key(name);
            if value > 0.0 && said && (!dominant || value >= 0.25 * largest) {
                // Down for what must shrink, up for what must grow.
                let grain = if value * factor < 10.0 { 100.0 } else { 2.0 };
                let units = value * factor * grain;
                let value = if factor < 1.0 { units.floor() } else { units.ceil() } / grain;
                edits.push(Edit::SetParameter {
                    operation: operation.id.clone(),
                    parameter: name.to_owned(),
                    value: quantity(value),
                });
            }
        }
    }
    (factor.ln().abs() * edits.len() as f64, edits)
}

fn other_choices(part: &Part) -> Vec<(f64, Vec<Edit>)> {
    let mut candidates = Vec::new();
    for operation in &part.features {
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        for choice in definition.choices {
            let now = operation.choices.get(choice.name).map(String::as_str).or(choice.default);
            for option in choice.options.iter().filter(|option| Some(**option) != now) {
                let edit = Edit::SetChoice {
                    operation: operation.id.clone(),
                    choice: choice.name.to_owned(),
                    value: (*option).to_owned(),
                };
                candidates.push((CHOICE, vec![edit]));
            }
        }
    }
    candidates
}
