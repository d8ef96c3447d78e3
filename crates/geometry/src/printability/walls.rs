//! Walls, pins, gaps, holes and knife edges: what [`super::thickness`] measures, as findings.

use std::sync::atomic::AtomicBool;

use super::{
    profile::{Profile, SLACK, under},
    report::{Finding, Kind, Severity},
    surface::Surface,
    thickness::{Form, Opposed, SMOOTH, Side, form, knife_edges, opposed, thin_area},
};

/// Pairs of faces that are looked at one by one.
const MOST_PAIRS: usize = 400;
/// Places of one kind whose measures differ by less than this share are one finding.
const ALIKE: f64 = 0.03;
/// Walls up to this multiple of the limit are measured exactly.
const REACH: f64 = 4.0;
/// Edges sharper than this run out under the width of a line well before their end, degrees.
const KNIFE: f64 = 30.0;
/// A pin this much longer than thick breaks off.
const SLENDER: f64 = 2.0;

/// Returns the thinnest wall and the narrowest gap.
pub(super) fn check(
    surface: &Surface,
    profile: &Profile,
    cancel: &AtomicBool,
    findings: &mut Vec<Finding>,
) -> (Option<f64>, Option<f64>) {
    let faces = surface.faces(SMOOTH);
    let at_least = 1.0 - SLACK;
    let walls = profile.min_wall.max(profile.min_feature).max(profile.min_floor) * at_least;
    let (pairs, wall) = opposed(surface, &faces, Side::Wall, (walls, REACH * profile.min_wall), cancel);
    let thin = collect(surface, &pairs, |pair, form| thin(pair, form, profile));
    findings.extend(thin.into_iter().map(|group| group.finding(surface, &faces, Side::Wall, profile)));
    let gaps = profile.min_gap.max(profile.min_hole) * at_least;
    let (pairs, gap) = opposed(surface, &faces, Side::Gap, (gaps, REACH * gaps), cancel);
    let narrow = collect(surface, &pairs, |pair, form| narrow(pair, form, profile));
    findings.extend(narrow.into_iter().map(|group| group.finding(surface, &faces, Side::Gap, profile)));
    if let Some((angle, place, length)) = knife_edges(surface, KNIFE) {
        let lost = profile.nozzle / (2.0 * (angle.to_radians() / 2.0).tan());
        let message = format!(
            "{length:.0} mm of edge run out at {angle:.0}°; the last {lost:.1} mm are thinner than a line and are left out"
        );
        let mut finding = Finding::new(Kind::KnifeEdge, Severity::Info, message, angle, KNIFE);
        finding.location = Some(place);
        findings.push(finding);
    }
    (wall, gap)
}

/// What is wrong with a wall or pin, against which limit.
fn thin(pair: &Opposed, form: Form, profile: &Profile) -> Option<(Kind, f64)> {
    let level = pair.across[2].abs() > std::f64::consts::FRAC_1_SQRT_2;
    let wall = if level { profile.min_floor.min(profile.min_wall) } else { profile.min_wall };
    match form {
        Form::Round { length } if under(pair.thickness, profile.min_feature) && length > SLENDER * pair.thickness => {
            Some((Kind::ThinPin, profile.min_feature))
        }
        _ => under(pair.thickness, wall).then_some((Kind::ThinWall, wall)),
    }
}

fn narrow(pair: &Opposed, form: Form, profile: &Profile) -> Option<(Kind, f64)> {
    match form {
        Form::Round { .. } => under(pair.thickness, profile.min_hole).then_some((Kind::SmallHole, profile.min_hole)),
        Form::Flat => under(pair.thickness, profile.min_gap).then_some((Kind::NarrowGap, profile.min_gap)),
    }
}

/// Places that are alike.
struct Group {
    kind: Kind,
    limit: f64,
    pairs: Vec<Opposed>,
}

fn collect(surface: &Surface, pairs: &[Opposed], judge: impl Fn(&Opposed, Form) -> Option<(Kind, f64)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for pair in pairs.iter().take(MOST_PAIRS) {
        let Some((kind, limit)) = judge(pair, form(surface, pair)) else { continue };
        let alike = |group: &&mut Group| {
            group.kind == kind && group.limit == limit && pair.thickness <= group.pairs[0].thickness * (1.0 + ALIKE)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.pairs.push(*pair),
            None => groups.push(Group { kind, limit, pairs: vec![*pair] }),
        }
    }
    groups
}

impl Group {
    fn finding(&self, surface: &Surface, faces: &[u32], side: Side, profile: &Profile) -> Finding {
        let (worst, count) = (self.pairs[0], self.pairs.len());
        let (measured, limit) = (worst.thickness, self.limit);
        let lost = measured < profile.nozzle * (1.0 - SLACK) && worst.across[2].abs() < 0.7
            || measured < profile.layer_height * (1.0 - SLACK);
        let places = if count > 1 { format!(" in {count} places") } else { String::new() };
        let (severity, message) = match self.kind {
            Kind::ThinPin => (
                if lost { Severity::Error } else { Severity::Warning },
                format!("a pin is {measured:.2} mm thick{places} and breaks off; use {limit:.2} mm or more"),
            ),
            Kind::SmallHole => (
                Severity::Warning,
                format!("a hole is {measured:.2} mm wide{places} and closes up; use {limit:.2} mm or more"),
            ),
            Kind::NarrowGap => (
                Severity::Warning,
                format!("a gap is {measured:.2} mm wide{places} and closes up; use {limit:.2} mm or more"),
            ),
            _ if lost => (
                Severity::Error,
                format!(
                    "a wall is {measured:.2} mm thick{places}, thinner than one line of the nozzle; use {limit:.2} mm or more"
                ),
            ),
            _ => (
                Severity::Warning,
                format!(
                    "a wall is {measured:.2} mm thick{places}, it may print weak or leave gaps; use {limit:.2} mm or more"
                ),
            ),
        };
        let mut finding = Finding::new(self.kind, severity, message, measured, limit);
        finding.location = Some(worst.middle);
        finding.count = count;
        let which: Vec<(u32, u32)> = self.pairs.iter().map(|pair| pair.faces).collect();
        let area = thin_area(surface, faces, side, &which, limit);
        finding.area_mm2 = (area > 0.0).then_some(area);
        finding.extent = Some(super::soundness::extent(self.pairs.iter().flat_map(|pair| {
            [pair.triangles.0, pair.triangles.1].into_iter().flat_map(|t| surface.corners[t as usize])
        })));
        finding
    }
}
