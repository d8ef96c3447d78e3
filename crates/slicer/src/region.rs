//! Plane regions on an integer grid: booleans and offsets. Everything after the cut of the mesh happens on this grid,
//! so results do not depend on the order in which threads finish.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::Overlay;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::angle::Angle;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::mesh::int::arc::ArcOptions;
use i_overlay::mesh::int::outline::offset::IntOutlineOffset;
use i_overlay::mesh::int::style::{IntLineJoin, IntOutlineStyle};

/// Grid steps per millimetre: 0.1 micrometres, and beds far larger than any machine's fit the 30 bits that the boolean
/// engine allows.
pub(crate) const SCALE: f64 = 10_000.0;

pub(crate) type Point = IntPoint<i32>;
pub(crate) type Contour = Vec<Point>;

/// An outer contour (counter-clockwise) followed by its holes (clockwise).
pub(crate) type Shape = Vec<Contour>;

/// Disjoint shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Region(pub(crate) Vec<Shape>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corner {
    /// Kept sharp up to a limit: walls keep their corners.
    Sharp,
    Round,
}

pub(crate) fn to_grid(p: [f64; 2]) -> Point {
    IntPoint::new((p[0] * SCALE).round() as i32, (p[1] * SCALE).round() as i32)
}

pub(crate) fn to_mm(p: Point) -> [f64; 2] {
    [p.x as f64 / SCALE, p.y as f64 / SCALE]
}

impl Region {
    /// The area inside contours that may overlap: solids by positive winding.
    pub(crate) fn from_contours(contours: &[Contour]) -> Region {
        if contours.is_empty() {
            return Region::default();
        }
        Region(Overlay::from_subj(contours).overlay(OverlayRule::Subject, FillRule::Positive))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn from_shape(shape: &Shape) -> Region {
        Region(vec![shape.clone()])
    }

    fn boolean(&self, other: &Region, rule: OverlayRule) -> Region {
        Region(Overlay::from_subj_and_clip(&self.0, &other.0).overlay(rule, FillRule::NonZero))
    }

    pub(crate) fn minus(&self, other: &Region) -> Region {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        self.boolean(other, OverlayRule::Difference)
    }

    pub(crate) fn intersect(&self, other: &Region) -> Region {
        if self.is_empty() || other.is_empty() {
            return Region::default();
        }
        self.boolean(other, OverlayRule::Intersect)
    }

    /// The part of `self` inside any of `others`, which may overlap each other.
    pub(crate) fn intersect_any<'a>(&self, others: impl Iterator<Item = &'a Region>) -> Region {
        let clip: Vec<&[Point]> = others.flat_map(|r| r.0.iter().flatten().map(Vec::as_slice)).collect();
        if self.is_empty() || clip.is_empty() {
            return Region::default();
        }
        Region(Overlay::from_subj_and_clip(&self.0, &clip).overlay(OverlayRule::Intersect, FillRule::NonZero))
    }

    /// Grows (positive) or shrinks (negative) by `distance` mm.
    pub(crate) fn offset(&self, distance: f64, corner: Corner) -> Region {
        let steps = (distance * SCALE).round() as i32;
        if self.is_empty() || steps == 0 {
            return self.clone();
        }
        let degrees = |d: f64| Angle::from_radians(d.to_radians()).unwrap_or(ArcOptions::MAX_STEP);
        let join = match corner {
            Corner::Sharp => IntLineJoin::Miter(degrees(40.0)),
            Corner::Round => IntLineJoin::Round(ArcOptions { max_step: degrees(15.0), ..ArcOptions::default() }),
        };
        let style = IntOutlineStyle::new(steps).line_join(join);
        // The only error of the call is a coordinate range that `Settings::validate` excludes.
        let mut region = self.0.outline(&style).map(Region).unwrap_or_default();
        // Joins add a point to every corner, so that unchecked a round wall doubles its points with each offset.
        for contour in region.0.iter_mut().flatten() {
            *contour = simplified(contour);
        }
        region
    }

    /// What is left of `self` where it is at least `2 * radius` thick.
    pub(crate) fn opened(&self, radius: f64) -> Region {
        self.offset(-radius, Corner::Sharp).offset(radius, Corner::Sharp)
    }

    pub(crate) fn area_mm2(&self) -> f64 {
        self.0.iter().map(shape_area_mm2).sum()
    }

    /// Length of all contours, mm.
    pub(crate) fn length_mm(&self) -> f64 {
        let length = |(p, q): (Point, Point)| ((q.x - p.x) as f64).hypot((q.y - p.y) as f64);
        self.0.iter().flatten().flat_map(|contour| edges(contour)).map(length).sum::<f64>() / SCALE
    }

    /// Whether the straight line between two points crosses any boundary of the region.
    pub(crate) fn crossed_by(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let (a, b) = (to_grid(from), to_grid(to));
        let (min_x, max_x) = (a.x.min(b.x), a.x.max(b.x));
        let (min_y, max_y) = (a.y.min(b.y), a.y.max(b.y));
        self.0.iter().flatten().any(|contour| {
            edges(contour).any(|(p, q)| {
                p.x.min(q.x) <= max_x
                    && p.x.max(q.x) >= min_x
                    && p.y.min(q.y) <= max_y
                    && p.y.max(q.y) >= min_y
                    && side(a, b, p) * side(a, b, q) <= 0
                    && side(p, q, a) * side(p, q, b) <= 0
            })
        })
    }
}

/// Drops points that lie within two micrometres of the line between their neighbours: tessellation, not shape.
pub(crate) fn simplified(contour: &[Point]) -> Contour {
    const TOLERANCE: f64 = 0.002 * SCALE;
    /// Points dropped in a row; bounds the work, every one of them is checked against every longer line.
    const RUN: usize = 32;
    let Some(&first) = contour.first() else { return Contour::new() };
    let mut kept = vec![first];
    // Index of the last kept point.
    let mut last = 0;
    for index in 1..contour.len() {
        let (a, b) = (contour[last], contour[(index + 1) % contour.len()]);
        let (ux, uy) = ((b.x - a.x) as f64, (b.y - a.y) as f64);
        let length = ux.hypot(uy);
        let on_line = |p: &Point| {
            let (px, py) = ((p.x - a.x) as f64, (p.y - a.y) as f64);
            let along = ux * px + uy * py;
            (0.0..=length * length).contains(&along) && (ux * py - uy * px).abs() <= TOLERANCE * length
        };
        if length > 0.0 && index - last <= RUN && contour[last + 1..=index].iter().all(on_line) {
            continue;
        }
        kept.push(contour[index]);
        last = index;
    }
    if kept.len() >= 3 { kept } else { contour.to_vec() }
}

/// Area of an outer contour less its holes, mm2.
pub(crate) fn shape_area_mm2(shape: &Shape) -> f64 {
    let doubled: i64 = shape.iter().map(|contour| doubled_area(contour)).sum();
    doubled as f64 / 2.0 / (SCALE * SCALE)
}

/// Twice the signed area, in grid units: positive where counter-clockwise.
pub(crate) fn doubled_area(contour: &[Point]) -> i64 {
    edges(contour).map(|(p, q)| p.x as i64 * q.y as i64 - q.x as i64 * p.y as i64).sum()
}

pub(crate) fn edges(contour: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    let next = contour.iter().cycle().skip(1);
    contour.iter().zip(next).map(|(p, q)| (*p, *q))
}

fn side(a: Point, b: Point, p: Point) -> i64 {
    let (dx, dy) = (b.x as i64 - a.x as i64, b.y as i64 - a.y as i64);
    (dx * (p.y as i64 - a.y as i64) - dy * (p.x as i64 - a.x as i64)).signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Region {
        let corners = [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
        Region::from_contours(&[corners.map(to_grid).to_vec()])
    }

    #[test]
    fn offsets_and_booleans_have_the_exact_area() {
        let big = square(0.0, 0.0, 20.0);
        assert!((big.offset(-1.0, Corner::Sharp).area_mm2() - 324.0).abs() < 1e-3);
        assert!((big.offset(1.0, Corner::Sharp).area_mm2() - 484.0).abs() < 1e-3);
        let ring = big.minus(&square(2.0, 2.0, 16.0));
        assert!((ring.area_mm2() - 144.0).abs() < 1e-3);
        assert!((ring.offset(-0.5, Corner::Sharp).area_mm2() - (361.0 - 289.0)).abs() < 1e-2);
        assert!(ring.offset(-1.01, Corner::Sharp).is_empty());
        assert!(ring.opened(1.01).is_empty());
        assert!((ring.opened(0.9).area_mm2() - 144.0).abs() < 1e-2);
        assert!(
            (big.intersect_any([square(0.0, 0.0, 5.0), square(2.0, 2.0, 5.0)].iter()).area_mm2() - 41.0).abs() < 1e-3
        );
    }

    #[test]
    fn a_travel_over_a_hole_crosses_and_one_inside_does_not() {
        let ring = square(0.0, 0.0, 20.0).minus(&square(5.0, 5.0, 10.0));
        assert!(ring.crossed_by([1.0, 10.0], [19.0, 10.0]));
        assert!(!ring.crossed_by([1.0, 1.0], [19.0, 1.0]));
    }
}
