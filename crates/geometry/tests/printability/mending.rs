//! Findings whose edit was proven remove themselves when the edit is applied.

use std::sync::atomic::AtomicBool;

use geometry::{
    Imports, Options, evaluate,
    printability::{
        Finding,
        Kind::{self, *},
        Profile, Report, Severity, check, check_part, mend_part,
    },
};
use part::{Face, Material, Part, Placement, Position};

use crate::common::{part, quantity, with};

fn report_of(part: &Part) -> Report {
    let body = part::lower(part).unwrap();
    let (profile, cancel) = (Profile::default(), AtomicBool::new(false));
    let evaluated = evaluate(&body, &Options::default(), &cancel).unwrap();
    let report = check_part(part, &body, &evaluated, &profile, &cancel).unwrap();
    assert!(report.findings.iter().all(|finding| finding.edits.is_empty()), "checking looks for no edits");
    mend_part(part, &report, &profile, &Imports::default(), &cancel)
}

/// The plain check of the part as it is really built, without looking for edits.
fn findings_of(part: &Part) -> Vec<Finding> {
    let body = part::lower(part).unwrap();
    let evaluated = evaluate(&body, &Options::default(), &AtomicBool::new(false)).unwrap();
    let profile = part.material.map_or(Profile::default(), |material| Profile::default().in_material(material));
    check(&evaluated, &profile, &AtomicBool::new(false)).unwrap().findings
}

fn named(kind: &str, text: &str, parameters: &[(&str, f64)]) -> Part {
    let mut part = part(kind, parameters);
    part.features[0].choices.insert("text".to_owned(), text.to_owned());
    part
}

fn of(mut part: Part, material: Material) -> Part {
    part.material = Some(material);
    part
}

fn at(face: Face, position: Position) -> Option<Placement> {
    Some(Placement::new(face, position))
}

/// Parts that do not print as they are, and what is wrong with them.
fn cases() -> Vec<(&'static str, Part, Kind)> {
    let block = || part("block", &[("length", 60.0), ("width", 40.0), ("height", 10.0)]);
    let square = |wall: f64| part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("wall", wall)]);
    let corner = Position::FromCorner { u: quantity(3.4), v: quantity(20.0) };
    vec![
        ("a box of paper", square(0.3), ThinWall),
        ("a box of card", square(0.6), ThinWall),
        ("a box with a thin floor", with_parameter(square(2.0), "floor", 0.3), ThinWall),
        (
            "a pot as thin as an eggshell",
            part("plant_pot", &[("diameter", 100.0), ("height", 80.0), ("wall", 0.5)]),
            ThinWall,
        ),
        ("a thin cup", part("cup", &[("diameter", 80.0), ("height", 90.0), ("wall", 0.6), ("floor", 2.0)]), ThinWall),
        ("a thin tube", part("tube", &[("outer_diameter", 30.0), ("wall", 0.5), ("height", 50.0)]), ThinWall),
        ("a thin vase", part("vase", &[("height", 90.0), ("wall", 0.55)]), ThinWall),
        (
            "a box whose lid is a film",
            part("box_with_lid", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("lid_thickness", 0.25)]),
            ThinWall,
        ),
        ("a bracket of foil", part("l_bracket", &[("length", 50.0), ("thickness", 0.6)]), ThinWall),
        ("a hole too near the edge", with(block(), "hole", &[("diameter", 6.0)], &[], at(Face::Top, corner)), ThinWall),
        ("small letters", named("name_plate", "POT", &[("width", 30.0), ("text_height", 4.0)]), ThinWall),
        ("a hole like a needle's", with(block(), "hole", &[("diameter", 0.5)], &[], None), SmallHole),
        (
            "a plate with pricks",
            part("plate", &[("length", 80.0), ("width", 50.0), ("hole_count", 4.0), ("hole_diameter", 0.6)]),
            SmallHole,
        ),
        ("a washer for a hair", part("washer", &[("outer_diameter", 12.0), ("inner_diameter", 0.7)]), SmallHole),
        ("a slot like a slit", with(block(), "slot", &[("length", 20.0), ("width", 0.3)], &[], None), NarrowGap),
        ("a pin on a block", with(block(), "boss", &[("diameter", 0.9), ("height", 8.0)], &[], None), ThinPin),
        ("a block for a giant", part("block", &[("length", 400.0), ("width", 50.0), ("height", 20.0)]), TooLarge),
        ("a tower", part("cylinder", &[("diameter", 60.0), ("height", 300.0)]), TooLarge),
        ("a huge pot", part("plant_pot", &[("diameter", 300.0), ("height", 200.0)]), TooLarge),
        ("a speck", part("block", &[("length", 0.9), ("width", 0.9), ("height", 0.9)]), TooSmall),
        ("a mushroom", part("cone", &[("diameter", 20.0), ("height", 20.0), ("top_diameter", 80.0)]), Overhang),
        (
            "a flat funnel of a pot",
            part("plant_pot", &[("diameter", 160.0), ("height", 30.0), ("base_diameter", 60.0)]),
            Overhang,
        ),
        (
            "a block on a round edge",
            with(block(), "fillet", &[("radius", 4.0)], &[("edges", "bottom")], None),
            Overhang,
        ),
        ("a rod", part("cylinder", &[("diameter", 5.0), ("height", 100.0)]), TipOver),
        (
            "a cone on its point",
            part("cone", &[("diameter", 3.0), ("height", 40.0), ("top_diameter", 20.0)]),
            SmallBase,
        ),
        (
            "a plate of ABS",
            of(part("block", &[("length", 140.0), ("width", 100.0), ("height", 4.0)]), Material::Abs),
            Warping,
        ),
        (
            "a tunnel",
            with(
                part("block", &[("length", 60.0), ("width", 40.0), ("height", 40.0)]),
                "pocket",
                &[("length", 30.0), ("width", 20.0), ("depth", 15.0)],
                &[],
                at(Face::Front, Position::Centre),
            ),
            Bridge,
        ),
    ]
}

fn with_parameter(mut part: Part, name: &str, value: f64) -> Part {
    part.features[0].parameters.insert(name.to_owned(), quantity(value));
    part
}

/// Runs the cases of some kinds; every one must have an edit that, applied and rebuilt exactly, removes the finding.
#[allow(clippy::print_stderr, reason = "what was mended, for who asks to see it")]
fn mend_all(kinds: &[Kind]) {
    let (mut mended, mut problems) = (Vec::new(), Vec::new());
    for (name, part, kind) in cases().into_iter().filter(|(_, _, kind)| kinds.contains(kind)) {
        let report = report_of(&part);
        let Some(finding) = report.findings.iter().find(|finding| finding.kind == kind && !finding.edits.is_empty())
        else {
            problems.push(format!("{name}: no edit for {kind:?} among {:#?}", report.findings));
            continue;
        };
        assert!(finding.severity >= Severity::Warning, "{name}");
        let after = findings_of(&part.apply_all(&finding.edits).unwrap());
        let alike = |f: &&Finding| {
            (f.kind, f.piece) == (kind, finding.piece) && (kind == TooLarge || (f.limit - finding.limit).abs() < 1e-9)
        };
        let still = after.iter().filter(alike).filter(|f| f.severity >= Severity::Warning);
        let others = report.findings.iter().filter(alike).count() - 1;
        let still: Vec<_> = still.collect();
        if still.len() > others {
            problems.push(format!("{name}: {} leaves {still:#?}", said(&finding.edits)));
        }
        let new = |f: &&Finding| f.severity > finding.severity && !report.has(f.kind);
        if let Some(worse) = after.iter().find(new) {
            problems.push(format!("{name}: {} brings {worse:?}", said(&finding.edits)));
        }
        mended.push(format!("{name}: {} -> {}", finding.message, said(&finding.edits)));
    }
    assert!(problems.is_empty(), "{}\n\nmended:\n{}", problems.join("\n"), mended.join("\n"));
    assert!(!mended.is_empty());
    eprintln!("{}", mended.join("\n"));
}

const GROUPS: [&[Kind]; 4] = [
    &[ThinWall],
    &[SmallHole, NarrowGap, ThinPin],
    &[TooLarge, TooSmall, TipOver, SmallBase, Warping],
    &[Overhang, Bridge],
];

#[test]
fn there_are_twenty_cases_and_more_and_each_is_in_a_group() {
    let cases = cases();
    assert!(cases.len() >= 20, "{}", cases.len());
    assert!(cases.iter().all(|(_, _, kind)| GROUPS.concat().contains(kind)));
}

#[test]
fn thin_walls_get_an_edit_that_removes_them() {
    mend_all(GROUPS[0]);
}

#[test]
fn small_holes_gaps_and_pins_get_an_edit_that_removes_them() {
    mend_all(GROUPS[1]);
}

#[test]
fn wrong_sizes_and_bad_stands_get_an_edit_that_removes_them() {
    mend_all(GROUPS[2]);
}

#[test]
fn overhangs_and_bridges_get_an_edit_that_removes_them() {
    mend_all(GROUPS[3]);
}

fn said(edits: &[part::Edit]) -> String {
    serde_json::to_string(edits).unwrap()
}

#[test]
fn a_search_that_is_stopped_gives_the_report_as_it_is() {
    let part = part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("wall", 0.3)]);
    let body = part::lower(&part).unwrap();
    let (profile, stop) = (Profile::default(), AtomicBool::new(false));
    let report =
        check_part(&part, &body, &evaluate(&body, &Options::default(), &stop).unwrap(), &profile, &stop).unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(mend_part(&part, &report, &profile, &Imports::default(), &stop), report);
}

#[test]
fn a_finding_names_its_operation() {
    let block = part("block", &[("length", 60.0), ("width", 40.0), ("height", 10.0)]);
    let part = with(block, "hole", &[("diameter", 0.5)], &[], None);
    let report = report_of(&part);
    assert_eq!(report.find(Kind::SmallHole).unwrap().operation.as_deref(), Some("hole"));
}

#[test]
fn a_sound_part_is_not_rebuilt_and_gets_no_edits() {
    let report = report_of(&part("block", &[("length", 60.0), ("width", 40.0), ("height", 10.0)]));
    assert_eq!(report.findings, []);
}

#[test]
fn a_variable_is_changed_where_the_wall_follows_from_it() {
    let mut part = part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0)]);
    part.variables.insert("skin".to_owned(), part::Variable::Value(quantity(0.5)));
    part.features[0].expressions.insert("wall".to_owned(), "skin".to_owned());
    let report = report_of(&part);
    let finding = report.findings.iter().find(|f| f.kind == ThinWall && f.limit == 0.8).unwrap();
    assert!(matches!(&finding.edits[..], [part::Edit::SetVariable { name, .. }] if name == "skin"), "{finding:#?}");
    let better = part.apply_all(&finding.edits).unwrap();
    assert!(findings_of(&better).iter().all(|f| f.kind != ThinWall || f.limit != finding.limit));
}

/// Typical parts are sound; what they do have is printed for who asks to see it.
#[allow(clippy::print_stderr, reason = "for who asks to see it")]
fn no_errors(kinds: &[&str]) {
    for kind in kinds {
        let Ok(part) = std::panic::catch_unwind(|| crate::common::typical(kind)) else { continue };
        let Ok(body) = part::lower(&part) else { continue };
        let quick = Options { kernels: geometry::Kernels::MeshOnly, ..Options::default() };
        let Ok(evaluated) = evaluate(&body, &quick, &AtomicBool::new(false)) else { continue };
        let begun = crate::measures::cpu_seconds();
        let report = check(&evaluated, &Profile::default(), &AtomicBool::new(false)).unwrap();
        let spent = crate::measures::cpu_seconds() - begun;
        eprintln!("{kind}: {} triangles, {:.0} ms", evaluated.mesh.triangles.len(), spent * 1e3);
        for finding in &report.findings {
            eprintln!("    {:?} {:?} {}", finding.severity, finding.kind, finding.message);
        }
        let errors: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{kind}: {errors:#?}");
    }
}

#[test]
fn typical_parts_have_no_errors() {
    no_errors(&[
        "box",
        "box_with_lid",
        "plant_pot",
        "cup",
        "gear",
        "l_bracket",
        "hook",
        "name_plate",
        "funnel",
        "flange",
    ]);
}

#[test]
#[ignore = "the whole catalogue, threads included, takes minutes"]
fn the_whole_catalogue_has_no_errors() {
    let bodies = part::catalogue::definitions().iter().filter(|d| d.role == part::catalogue::Role::Body);
    no_errors(&bodies.map(|definition| definition.kind).collect::<Vec<_>>());
}
