//! A skin over sketches at rising heights.

use super::{
    MODE, PIECE, draw, extent,
    sketched::{self, Mode},
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Definition, Role, Values},
    families::{kit::mm, place},
    region,
    solid::{Body, Contour, Frame, Section, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "loft",
    role: Role::Either,
    meaning: "Joins two and more sketches at rising heights: above z = 0 when it comes first, else outwards from a face (add) or into it (cut). Straight between each two when ruled, through all in one sweep when smooth.",
    parameters: &[],
    choices: &[Choice { name: "surface", options: &["ruled", "smooth"], default: Some("ruled") }, MODE, PIECE],
    size_order: &[],
    build: Build::Either(build),
};

pub(super) const MAX_SECTIONS: usize = 50;
/// Least height between two sections.
const RISE: f64 = 0.05;

fn build(v: &Values, operation: &Operation, body: Option<&mut Body>) -> Result<Option<Body>, Invalid> {
    let sections = sections(operation)?;
    let ruled = v.choice("surface") == "ruled";
    let Some(body) = body else {
        sketched::comes_first(v, operation)?;
        let discs = round(&sections);
        let solid = Solid { shape: Shape::Loft { sections: sections.clone(), ruled }, frame: Frame::WORLD };
        let bounds = extent::extent(&solid).unwrap_or_default();
        let mut body = sketched::body_of("loft", solid, bounds);
        // Between circles a ruled skin is a row of cones.
        if ruled && discs {
            body.round = true;
            body.side = sections.iter().map(|s| [region::bounds(&s.contour)[1][0] - body.base[0], s.z]).collect();
        }
        return Ok(Some(body));
    };
    let mode = sketched::mode(v);
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let sites = place::planes(operation, body, index)?;
    sketched::one_place(mode, &sites)?;
    for site in &sites {
        let first = region::bounds(&sections[0].contour);
        sketched::on_face(site, first)?;
        let (mut sections, frame) = match mode {
            Mode::Add => (sections.clone(), site.drawing(0.0)),
            _ => {
                let flip = region::Motion { mirrored: true, turn: 0.0, shift: [0.0; 2] };
                let flipped =
                    sections.iter().map(|s| Section { contour: flip.contour(&s.contour), z: s.z }).collect::<Vec<_>>();
                (flipped, sketched::into(site, 0.0))
            }
        };
        if ruled {
            // Straight on through the face, so that the two overlap.
            let half = first[0][0].abs().max(first[1][0].abs());
            let past = match mode {
                Mode::Add => sketched::sink(site, half, body),
                _ => sketched::before(site, body, half),
            };
            let start = sections[0].clone();
            sections.insert(0, Section { z: -past, ..start });
        }
        let solid = Solid { shape: Shape::Loft { sections, ruled }, frame };
        sketched::apply(mode, body, index, solid)?;
    }
    Ok(None)
}

fn sections(operation: &Operation) -> Result<Vec<Section>, Invalid> {
    let count = operation.sketches.len();
    if !(2..=MAX_SECTIONS).contains(&count) {
        return draw::refuse("sketches", format!("are {count}; a loft joins 2 to {MAX_SECTIONS}"));
    }
    let regions = sketched::regions(operation)?;
    let mut sections: Vec<Section> = Vec::with_capacity(count);
    for (i, (sketch, drawn)) in operation.sketches.iter().zip(regions).enumerate() {
        let field = format!("sketches[{i}]");
        if !sketch.holes.is_empty() {
            return draw::refuse(
                &format!("{field}.holes"),
                "do not go into a loft; hollow it by a shell or cut it by a second loft",
            );
        }
        let name = format!("{field}.height");
        let z = match (&sketch.height, i) {
            (None, 0) => 0.0,
            (None, _) => return draw::refuse(&name, "is missing; say how far above the first it lies"),
            (Some(height), _) => draw::number(height, &name, (0.0, 2000.0), " mm")?,
        };
        if i == 0 && z != 0.0 {
            return draw::refuse(&name, format!("is {}; the first lies at 0", mm(z)));
        }
        if let Some(below) = sections.last().filter(|below| z < below.z + RISE) {
            return draw::refuse(&name, format!("is {}, not above the one before it at {}", mm(z), mm(below.z)));
        }
        sections.push(Section { contour: draw::unmoved(drawn, &field)?.outer, z });
    }
    Ok(sections)
}

/// Circles about one axis.
fn round(sections: &[Section]) -> bool {
    let middle = |section: &Section| match &section.contour {
        Contour::Circle { centre, .. } => Some(*centre),
        _ => None,
    };
    sections.iter().all(|section| middle(section).is_some_and(|m| Some(m) == middle(&sections[0])))
}
