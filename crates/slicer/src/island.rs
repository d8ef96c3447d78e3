//! One island of one layer: perimeters, gaps, solid and sparse infill, so that together they cover its area once.

use std::f64::consts::FRAC_PI_4;

use crate::medial;
use crate::path::{Path, PathKind, nearest_order};
use crate::rectilinear::{self, Lines};
use crate::region::{Corner, Region, Shape, shape_area_mm2, to_mm};
use crate::settings::Settings;

/// Gaps thinner than this fraction of a line are left to the neighbouring lines, which get wider by as much.
const THINNEST: f64 = 0.5;
/// Solid regions nowhere thicker than this many lines are filled along, not across.
const NARROW: f64 = 3.8;
/// Least and most that the final balance may change a line's width.
const BALANCE: [f64; 2] = [0.8, 1.25];

/// What one layer has around an island.
pub(crate) struct Around<'a> {
    pub(crate) layer: usize,
    pub(crate) height: f64,
    /// Parts of this and neighbouring layers with air above or below, near enough to make this layer solid there.
    pub(crate) exposed: &'a [&'a Region],
    pub(crate) settings: &'a Settings,
}

/// The island's paths in printing order. `position` is where the nozzle comes from, and where it ends.
pub(crate) fn plan(shape: &Shape, around: &Around<'_>, position: &mut [f64; 2]) -> Vec<Path> {
    let settings = around.settings;
    let spacing = settings.spacing(around.height);
    let mut rest = Region::from_shape(shape);
    let mut walls: Vec<Vec<Path>> = Vec::new();
    let mut gaps: Vec<Region> = Vec::new();
    for depth in 0..settings.perimeters {
        let inner = rest.offset(-spacing, Corner::Sharp);
        let centre = inner.offset(spacing / 2.0, Corner::Sharp);
        if !is_whole_band(&rest, &centre, &inner) {
            gaps.push(thin(&rest, &inner, spacing));
        }
        rest = inner;
        if rest.is_empty() {
            break;
        }
        let kind = if depth == 0 { PathKind::OuterWall } else { PathKind::InnerWall };
        walls.push(loops(&centre, kind, spacing));
    }
    // What is inside the walls but too narrow for lines is filled along its middle as well.
    let core = rest.offset(-spacing, Corner::Sharp);
    let infill = if is_whole_band(&rest, &core.offset(spacing / 2.0, Corner::Sharp), &core) {
        rest
    } else {
        gaps.push(thin(&rest, &core, spacing));
        core.offset(spacing, Corner::Sharp).intersect(&rest)
    };

    let mut gap_lines = Vec::new();
    for gap in gaps.iter().flat_map(|region| &region.0) {
        medial::fill(gap, PathKind::Gap, spacing, &mut gap_lines);
    }
    let (solid, sparse) = split(&infill, around, spacing);
    let mut fill = fill(&solid, &sparse, around, spacing);

    let mut paths = Vec::new();
    // From the inside out, so that overhanging outer walls lean on inner ones.
    for wall in walls.into_iter().rev() {
        paths.extend(nearest_order(wall, position));
    }
    paths.extend(nearest_order(gap_lines, position));
    let target = shape_area_mm2(shape) - sparse.area_mm2();
    balance(&mut paths, &fill, target);
    for group in fill.drain(..) {
        paths.extend(nearest_order(group, position));
    }
    paths
}

/// Whether a line along `centre` covers all between `outer` and `inner`. Lengths of parallel contours change linearly
/// with their distance, and a narrow part that has an outside but no line makes `centre` too short. Spares the booleans
/// of [`thin`] in most layers.
fn is_whole_band(outer: &Region, centre: &Region, inner: &Region) -> bool {
    let expected = (outer.length_mm() + inner.length_mm()) / 2.0;
    !inner.is_empty() && (centre.length_mm() - expected).abs() < 0.02 + expected * 5e-4
}

/// The parts of `outer` that lines around `inner` do not cover.
fn thin(outer: &Region, inner: &Region, spacing: f64) -> Region {
    let left = if inner.is_empty() { outer.clone() } else { outer.minus(&inner.offset(spacing, Corner::Sharp)) };
    left.opened(spacing * THINNEST / 2.0)
}

fn loops(centre: &Region, kind: PathKind, spacing: f64) -> Vec<Path> {
    centre
        .0
        .iter()
        .flatten()
        .filter(|contour| contour.len() >= 3)
        .map(|contour| {
            let mut path = Path::uniform(kind, true, contour.iter().map(|&p| to_mm(p)).collect(), spacing);
            path.align_seam();
            path
        })
        .collect()
}

/// Which part of the infill is solid because there is air near above or below, and which sparse.
fn split(infill: &Region, around: &Around<'_>, spacing: f64) -> (Region, Region) {
    if around.settings.infill_density >= 0.999 || infill.is_empty() {
        return (infill.clone(), Region::default());
    }
    // Slivers come from slopes that the walls cover; what remains reaches a line further, to hold on to something.
    let air = infill.intersect_any(around.exposed.iter().copied()).opened(spacing / 4.0);
    if air.is_empty() {
        return (Region::default(), infill.clone());
    }
    let sparse = infill.minus(&air.offset(spacing, Corner::Sharp)).opened(spacing);
    (infill.minus(&sparse), sparse)
}

fn fill(solid: &Region, sparse: &Region, around: &Around<'_>, spacing: f64) -> Vec<Vec<Path>> {
    let settings = around.settings;
    let angle = if around.layer.is_multiple_of(2) { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 };
    let overlap = settings.infill_overlap * spacing;
    let mut lines = Lines { kind: PathKind::Solid, angle, spacing, width: spacing, inset: spacing / 2.0 - overlap };
    let mut solid_lines = Vec::new();
    for shape in &solid.0 {
        // Up to about four lines wide, lines along the region beat hundreds of short ones across it.
        let core = Region::from_shape(shape).offset(-spacing * NARROW / 2.0, Corner::Sharp);
        if core.is_empty() {
            medial::fill(shape, PathKind::Solid, spacing, &mut solid_lines);
        } else {
            rectilinear::solid(shape, &lines, &mut solid_lines);
        }
    }
    let mut sparse_lines = Vec::new();
    if settings.infill_density > 0.001 {
        lines = Lines { kind: PathKind::Sparse, spacing: spacing / settings.infill_density, inset: -overlap, ..lines };
        for shape in &sparse.0 {
            rectilinear::sparse(shape, &lines, &mut sparse_lines);
        }
    }
    vec![solid_lines, sparse_lines]
}

/// Widens or narrows walls and gap lines so that the island deposits `target` mm2 with its solid infill: corners and
/// slivers that no line reaches are made up for by the lines beside them.
fn balance(walls: &mut [Path], fill: &[Vec<Path>], target: f64) {
    let solid: f64 = fill.iter().flatten().filter(|p| p.kind == PathKind::Solid).map(Path::area_mm2).sum();
    crate::path::cover_area(walls, target - solid, BALANCE[0], BALANCE[1]);
}
