//! Edits that mend what a check found, each proven: the part is rebuilt with it and checked again.
//!
//! Nothing here knows which parameter controls which wall. Every number of the part is a knob; knobs that are likeliest
//! by value and operation are turned first, by as much as the finding's own measure asks for, and the smallest turn
//! after which the finding is gone, and no other of its weight has come, is the edit.

mod knob;
mod search;
mod structure;

use std::sync::atomic::{AtomicBool, Ordering};

use part::{Edit, Part};

use super::{
    Profile, inspect, looked_at,
    report::{Finding, Kind, Report, Severity},
};
use crate::{BuildError, Evaluated, Evaluator, GeometryError, Imports, Kernels, Options};

/// Rebuilds for one finding, and for a whole report.
const TRIALS: usize = 24;
const TRIALS_IN_ALL: usize = 60;
/// Different ways that are compared before the smallest is taken.
const ENOUGH: usize = 2;

/// Findings whose measures differ by less than this share are one and the same before and after.
const SAME: f64 = 0.05;

/// Evaluates a part to look at it: on the mesh kernel, or where that cannot, on the exact one.
pub fn preview(
    evaluator: &Evaluator,
    part: &Part,
    imports: &Imports,
    cancel: &AtomicBool,
) -> Result<Evaluated, BuildError> {
    let body = part::lower(part)?;
    let quick = Options { kernels: Kernels::MeshOnly, ..Options::default() };
    match evaluator.evaluate(&body, &quick, imports, cancel) {
        Ok(evaluated) => Ok(evaluated),
        Err(GeometryError::Cancelled) => Err(GeometryError::Cancelled.into()),
        Err(_) => Ok(evaluator.evaluate(&body, &Options::default(), imports, cancel)?),
    }
}

/// The report with an edit at every finding that one was found for, within a bounded number of calls of `evaluate`.
/// Information is left alone, and so is a mesh that is no solid: no number of the part is to blame for it.
pub fn mend(
    part: &Part,
    report: &Report,
    profile: &Profile,
    evaluate: &dyn Fn(&Part) -> Result<Evaluated, BuildError>,
    cancel: &AtomicBool,
) -> Report {
    let mut report = report.clone();
    let unsound = |kind| matches!(kind, Kind::NotWatertight | Kind::NonManifold | Kind::SelfIntersecting);
    let wanted: Vec<usize> = (0..report.findings.len())
        .filter(|i| report.findings[*i].severity >= Severity::Warning && !unsound(report.findings[*i].kind))
        .collect();
    if wanted.is_empty() {
        return report;
    }
    let strict = &profile.strict();
    let mut bench = Bench { part, profile: strict, evaluate, cancel, left: 1, before: Report::default() };
    let mut in_all = TRIALS_IN_ALL;
    // What the evaluator at hand finds in the part as it is; it may be coarser than the report's.
    let Some(now) = bench.tried(&[]) else { return report };
    bench.before = now;
    for index in wanted {
        // The same finding as this evaluator measures it.
        let Some(same) = counterpart(&report.findings[index], &bench.before.findings) else { continue };
        let mut finding = bench.before.findings[same].clone();
        finding.operation.clone_from(&report.findings[index].operation);
        bench.left = TRIALS.min(in_all);
        let found = remedy(&mut bench, &finding);
        in_all -= TRIALS.min(in_all) - bench.left;
        if let Some(edits) = found {
            report.findings[index].edits = edits;
        }
        if in_all == 0 || cancel.load(Ordering::Relaxed) {
            break;
        }
    }
    report
}

/// What it takes to try an edit.
struct Bench<'a> {
    part: &'a Part,
    /// Without slack, so that what is gone here is gone on a mesh that is a little different too.
    profile: &'a Profile,
    evaluate: &'a dyn Fn(&Part) -> Result<Evaluated, BuildError>,
    cancel: &'a AtomicBool,
    /// Evaluations left.
    left: usize,
    /// All that is wrong with the part as it is.
    before: Report,
}

impl Bench<'_> {
    /// The report on the part with these edits; `None` when it cannot be built or the budget is spent.
    fn tried(&mut self, edits: &[Edit]) -> Option<Report> {
        if self.left == 0 || self.cancel.load(Ordering::Relaxed) {
            return None;
        }
        let part = self.part.apply_all(edits).ok()?;
        // What does not even lower costs next to nothing.
        part::lower(&part).ok()?;
        self.left -= 1;
        let evaluated = (self.evaluate)(&part).ok()?;
        inspect(&looked_at(&evaluated), self.profile, self.cancel).ok()
    }

    /// How much of the finding is left after an edit: 0 when it is gone and nothing as bad has come instead.
    fn left_of(&mut self, finding: &Finding, edits: &[Edit]) -> Option<f64> {
        let after = self.tried(edits)?;
        let left = remaining(finding, &self.before, &after);
        if left == 0.0 && self.worse(finding, &after) { None } else { Some(left) }
    }

    /// True when a finding of at least the same severity appeared that was not there.
    fn worse(&self, finding: &Finding, after: &Report) -> bool {
        let weighty = after.findings.iter().filter(|new| new.severity >= finding.severity);
        weighty.into_iter().any(|new| {
            let known = |old: &&Finding| {
                (old.kind, old.piece) == (new.kind, new.piece)
                    && old.severity >= new.severity
                    && badness(new) <= badness(old) * 1.1 + 1e-6
            };
            !self.before.findings.iter().any(|old| known(&old))
        })
    }
}

/// Of one kind and piece; a floor and a wall, which have limits of their own, are not alike.
fn alike(a: &Finding, b: &Finding) -> bool {
    let limits = a.kind != Kind::ThinWall || (a.limit - b.limit).abs() <= SAME * a.limit;
    (a.kind, a.piece) == (b.kind, b.piece) && limits
}

/// How much two findings of a kind differ in what they measure, as a share.
fn difference(a: &Finding, b: &Finding) -> f64 {
    let share = |a: f64, b: f64| (a - b).abs() / a.abs().max(b.abs()).max(1e-9);
    let measure = share(a.measured, b.measured);
    match (a.kind, a.area_mm2, b.area_mm2) {
        (Kind::Overhang | Kind::Bridge, Some(p), Some(q)) => measure.max(share(p, q)),
        _ => measure,
    }
}

/// The finding among these that is nearest to being this one.
fn counterpart(finding: &Finding, among: &[Finding]) -> Option<usize> {
    let candidates = (0..among.len()).filter(|i| alike(&among[*i], finding) && among[*i].severity >= Severity::Warning);
    candidates.min_by(|i, j| difference(&among[*i], finding).total_cmp(&difference(&among[*j], finding)))
}

/// The worst of what is still there of a finding, as [`badness`]: of its kind and piece, what is left when each of the
/// others that were there before has been found again.
fn remaining(finding: &Finding, before: &Report, after: &Report) -> f64 {
    let mut left: Vec<Finding> =
        after.findings.iter().filter(|new| alike(new, finding) && new.severity >= Severity::Warning).cloned().collect();
    let own = counterpart(finding, &before.findings);
    let others = before.findings.iter().enumerate().filter(|(i, old)| Some(*i) != own && alike(old, finding));
    for (_, other) in others {
        if let Some(again) = counterpart(other, &left)
            && difference(other, &left[again]) <= SAME
        {
            left.swap_remove(again);
        }
    }
    left.iter().map(|new| badness(new).max(1e-3)).fold(0.0, f64::max)
}

/// How far a finding is over its limit, as a share of it; overhangs with some weight on their area, which shrinks before
/// their angle does.
fn badness(finding: &Finding) -> f64 {
    let over = (finding.measured - finding.limit).abs() / finding.limit.abs().max(1.0);
    match finding.kind {
        Kind::Overhang => over + finding.area_mm2.unwrap_or(0.0).ln_1p() / 20.0,
        _ => over,
    }
}

/// A set of edits and how far it goes from what was said.
struct Remedy {
    cost: f64,
    edits: Vec<Edit>,
}

/// The smallest of the ways that are found.
fn remedy(bench: &mut Bench<'_>, finding: &Finding) -> Option<Vec<Edit>> {
    let mut found: Vec<Remedy> = structure::first(bench, finding).into_iter().collect();
    let worst = badness(finding).max(1e-3);
    for knob in knob::likeliest_first(bench.part, finding) {
        if found.len() >= ENOUGH || bench.left == 0 {
            break;
        }
        found.extend(search::turn(bench, finding, &knob, worst));
        if knob.is_what_was_measured(finding) && !found.is_empty() {
            break;
        }
    }
    if found.is_empty() {
        found.extend(structure::last(bench, finding));
    }
    found.into_iter().min_by(|a, b| a.cost.total_cmp(&b.cost)).map(|remedy| remedy.edits)
}
