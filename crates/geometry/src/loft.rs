//! Loft sections made to correspond: the same number of edges, each starting where its neighbour's does. Sections that
//! start in different places, or have other numbers of edges, twist the skin between them without a word from any kernel.

use std::f64::consts::TAU;

use part::solid::{Contour, Section};

use crate::outline::{self, Edge, Point};

/// The sections' edges, edge for edge.
pub(crate) fn matched(sections: &[Section]) -> Result<Vec<Vec<Edge>>, String> {
    if sections.len() < 2 {
        return Err("a loft needs two sections or more".to_owned());
    }
    if sections.windows(2).any(|pair| pair[1].z - pair[0].z <= 1e-6) {
        return Err("the sections of a loft must rise".to_owned());
    }
    let rings: Vec<Ring> = sections.iter().map(|section| Ring::of(&section.contour)).collect();
    if rings.iter().any(|ring| ring.edges.len() < 2) {
        return Err("a section of the loft encloses nothing".to_owned());
    }
    if let Some(rotated) = corner_to_corner(&rings) {
        return Ok(rotated);
    }
    if rings.iter().all(Ring::is_star) { Ok(split_by_angle(&rings)) } else { Ok(split_by_length(&rings)) }
}

struct Ring {
    edges: Vec<Edge>,
    centre: Point,
    /// Whether the places where its edges meet mean anything: those of a circle do not.
    cornered: bool,
}

impl Ring {
    fn of(contour: &Contour) -> Ring {
        let edges: Vec<Edge> = outline::edges(contour).iter().flat_map(quarters).collect();
        let points = outline::polygon(&edges, 0.05);
        let bound = |k: usize| {
            let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
            (low + high) / 2.0
        };
        let round = matches!(contour, Contour::Circle { .. });
        Ring { centre: [bound(0), bound(1)], edges, cornered: !round }
    }

    fn angle(&self, p: Point) -> f64 {
        (p[1] - self.centre[1]).atan2(p[0] - self.centre[0])
    }

    /// Whether a ray from the middle meets it once.
    fn is_star(&self) -> bool {
        let mut turn = 0.0;
        for edge in &self.edges {
            for i in 0..8 {
                let step =
                    wrapped(self.angle(edge.at(f64::from(i + 1) / 8.0)) - self.angle(edge.at(f64::from(i) / 8.0)));
                if step <= 1e-9 {
                    return false;
                }
                turn += step;
            }
        }
        (turn - TAU).abs() < 1e-6
    }

    /// Edge and share of its length at a ray's angle, for a star.
    fn at_angle(&self, angle: f64) -> (usize, f64) {
        let index = (0..self.edges.len())
            .find(|i| {
                let (from, to) = (self.angle(self.edges[*i].start()), self.angle(self.edges[*i].end()));
                let span = (to - from).rem_euclid(TAU);
                let into = (angle - from).rem_euclid(TAU);
                into < span - 1e-9 || TAU - into < 1e-9
            })
            .unwrap_or(0);
        let edge = &self.edges[index];
        let (mut low, mut high) = (0.0, 1.0);
        if wrapped(angle - self.angle(edge.start())).abs() < 1e-9 {
            return (index, 0.0);
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if wrapped(self.angle(edge.at(middle)) - angle) < 0.0 { low = middle } else { high = middle }
        }
        (index, (low + high) / 2.0)
    }

    /// The edges cut at the places, which go round once.
    fn cut(&self, places: &[(usize, f64)]) -> Vec<Edge> {
        let n = self.edges.len();
        let mut cut = Vec::new();
        for (k, &(i, t)) in places.iter().enumerate() {
            let (j, s) = places[(k + 1) % places.len()];
            let (mut at, mut from) = (i, t);
            let mut parts = Vec::new();
            // Corners in between cannot be: every corner of a ring that has some is one of its places.
            while at != j || (s <= from && parts.is_empty()) {
                parts.push(self.edges[at].part(from, 1.0));
                (at, from) = ((at + 1) % n, 0.0);
            }
            if s > from {
                parts.push(self.edges[at].part(from, s));
            }
            parts.retain(|edge| edge.length() > 1e-7);
            cut.extend(joined(&parts));
        }
        cut
    }
}

/// Parts of one arc that were kept apart only as quarters are one again.
fn joined(parts: &[Edge]) -> Option<Edge> {
    let (first, last) = (parts.first()?, parts.last()?);
    match (first, last) {
        (Edge::Arc { a, centre, radius, from, .. }, Edge::Arc { b, .. }) => {
            let sweep = parts.iter().map(|p| if let Edge::Arc { sweep, .. } = p { *sweep } else { 0.0 }).sum();
            Some(Edge::Arc { a: *a, b: *b, centre: *centre, radius: *radius, from: *from, sweep })
        }
        _ => Some(Edge::Line { a: first.start(), b: last.end() }),
    }
}

/// Arcs of at most a quarter turn.
fn quarters(edge: &Edge) -> Vec<Edge> {
    let n = match edge {
        Edge::Line { .. } => 1,
        Edge::Arc { sweep, .. } => ((sweep.abs() / (TAU / 4.0) - 1e-9).ceil() as usize).max(1),
    };
    (0..n).map(|i| edge.part(i as f64 / n as f64, (i + 1) as f64 / n as f64)).collect()
}

fn wrapped(angle: f64) -> f64 {
    (angle + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0
}

/// Sections with equally many corners in about the same directions correspond corner by corner.
fn corner_to_corner(rings: &[Ring]) -> Option<Vec<Vec<Edge>>> {
    let n = rings[0].edges.len();
    if rings.iter().any(|ring| ring.edges.len() != n)
        || rings.iter().any(|ring| ring.cornered) && !rings.iter().all(|ring| ring.cornered)
    {
        return None;
    }
    let mut rotated = vec![rings[0].edges.clone()];
    let mut before: Vec<f64> = rings[0].edges.iter().map(|e| rings[0].angle(e.start())).collect();
    for ring in &rings[1..] {
        let angles: Vec<f64> = ring.edges.iter().map(|e| ring.angle(e.start())).collect();
        let worst =
            |shift: usize| (0..n).map(|i| wrapped(angles[(i + shift) % n] - before[i]).abs()).fold(0.0, f64::max);
        let shift = (0..n).min_by(|a, b| worst(*a).total_cmp(&worst(*b)))?;
        // Half the way to the next corner of a square is 45 degrees: past 35 they are other corners.
        if worst(shift) > 0.62 * (4.0 / n as f64).clamp(0.4, 1.2) {
            return None;
        }
        rotated.push((0..n).map(|i| ring.edges[(i + shift) % n]).collect());
        before = (0..n).map(|i| angles[(i + shift) % n]).collect();
    }
    Some(rotated)
}

/// Every section cut in the directions of every section's corners, from its middle.
fn split_by_angle(rings: &[Ring]) -> Vec<Vec<Edge>> {
    let mut angles: Vec<f64> = Vec::new();
    for ring in rings.iter().filter(|ring| ring.cornered) {
        angles.extend(ring.edges.iter().map(|edge| ring.angle(edge.start()).rem_euclid(TAU)));
    }
    if angles.is_empty() {
        angles.push(0.0);
    }
    angles.sort_by(f64::total_cmp);
    angles.dedup_by(|a, b| (*a - *b).abs() < 1e-7);
    // Arcs longer than a quarter have no rational quadratic that pairs well.
    let gaps: Vec<f64> = (0..angles.len())
        .flat_map(|i| {
            let from = angles[i];
            let gap = (angles[(i + 1) % angles.len()] - from).rem_euclid(TAU);
            let gap = if gap < 1e-12 { TAU } else { gap };
            let n = (gap / (TAU / 4.0) - 1e-9).ceil().max(1.0) as usize;
            (1..n).map(move |k| (from + gap * k as f64 / n as f64).rem_euclid(TAU))
        })
        .collect();
    angles.extend(gaps);
    angles.sort_by(f64::total_cmp);
    rings.iter().map(|ring| ring.cut(&angles.iter().map(|a| ring.at_angle(*a)).collect::<Vec<_>>())).collect()
}

/// Every section cut at every section's corners by their share of the way round, from its corner nearest to +x.
fn split_by_length(rings: &[Ring]) -> Vec<Vec<Edge>> {
    let started: Vec<Ring> = rings
        .iter()
        .map(|ring| {
            let n = ring.edges.len();
            let off = |i: &usize| wrapped(ring.angle(ring.edges[*i].start())).abs();
            let first = (0..n).min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(0);
            let edges = (0..n).map(|i| ring.edges[(i + first) % n]).collect();
            Ring { edges, centre: ring.centre, cornered: ring.cornered }
        })
        .collect();
    let shares = |ring: &Ring| {
        let total: f64 = ring.edges.iter().map(Edge::length).sum();
        let mut run = 0.0;
        let starts: Vec<f64> = ring
            .edges
            .iter()
            .map(|edge| {
                let at = run / total;
                run += edge.length();
                at
            })
            .collect();
        starts
    };
    let mut all: Vec<f64> = started.iter().flat_map(shares).collect();
    all.sort_by(f64::total_cmp);
    all.dedup_by(|a, b| (*a - *b).abs() < 1e-7);
    started
        .iter()
        .map(|ring| {
            let starts = shares(ring);
            let total: f64 = ring.edges.iter().map(Edge::length).sum();
            let place = |share: f64| {
                let index = starts.iter().rposition(|s| *s <= share + 1e-7).unwrap_or(0);
                let t = ((share - starts[index]) * total / ring.edges[index].length()).clamp(0.0, 1.0);
                (index, if t < 1e-6 { 0.0 } else { t })
            };
            ring.cut(&all.iter().map(|s| place(*s)).collect::<Vec<_>>())
        })
        .collect()
}

/// The sections' places along a smooth skin, 0 to 1, by the summed chords of their control points: what the exact kernel
/// interpolates over.
pub(crate) fn chord_parameters(rings: &[Vec<Edge>], heights: &[f64]) -> Vec<f64> {
    let control = |edge: &Edge| {
        let middle = match edge {
            Edge::Line { .. } => edge.at(0.5),
            Edge::Arc { centre, radius, from, sweep, .. } => {
                let (angle, reach) = (from + sweep / 2.0, radius / (sweep / 2.0).cos());
                [centre[0] + reach * angle.cos(), centre[1] + reach * angle.sin()]
            }
        };
        [edge.start(), middle]
    };
    let mut at = vec![0.0];
    for (k, pair) in rings.windows(2).enumerate() {
        let rise = heights[k + 1] - heights[k];
        let chord: f64 = pair[0]
            .iter()
            .zip(&pair[1])
            .flat_map(|(a, b)| control(a).into_iter().zip(control(b)))
            .map(|(p, q)| ((q[0] - p[0]).powi(2) + (q[1] - p[1]).powi(2) + rise * rise).sqrt())
            .sum();
        at.push(at[k] + chord);
    }
    let total = at.last().copied().unwrap_or(1.0).max(1e-12);
    at.iter().map(|v| v / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(contour: Contour, z: f64) -> Section {
        Section { contour, z }
    }

    #[test]
    fn a_circle_is_cut_where_a_square_has_corners() {
        let square = Contour::Rectangle { centre: [0.0; 2], size: [10.0, 10.0], corner_radius: 0.0 };
        let circle = Contour::Circle { centre: [0.0; 2], diameter: 6.0 };
        let rings = matched(&[section(square, 0.0), section(circle, 5.0)]).unwrap();
        assert_eq!((rings[0].len(), rings[1].len()), (4, 4));
        for (a, b) in rings[0].iter().zip(&rings[1]) {
            let angle = |p: Point| p[1].atan2(p[0]);
            assert!(wrapped(angle(a.start()) - angle(b.start())).abs() < 1e-9);
        }
        assert!((outline::doubled_area(&rings[1]) / 2.0 - TAU / 2.0 * 9.0).abs() < 1e-9);
        assert!((outline::doubled_area(&rings[0]) / 2.0 - 100.0).abs() < 1e-9);
    }

    #[test]
    fn rectangles_of_other_shapes_correspond_corner_by_corner() {
        let rectangle = |l, w| Contour::Rectangle { centre: [0.0; 2], size: [l, w], corner_radius: 0.0 };
        let rings = matched(&[section(rectangle(20.0, 10.0), 0.0), section(rectangle(8.0, 8.0), 5.0)]).unwrap();
        assert_eq!((rings[0].len(), rings[1].len()), (4, 4));
        assert_eq!((rings[0][0].start(), rings[1][0].start()), ([-10.0, -5.0], [-4.0, -4.0]));
    }

    #[test]
    fn outlines_that_start_elsewhere_are_turned_to_match() {
        let hexagon = |first: usize| {
            let point = |i: usize| {
                let (sin, cos) = (TAU * (i + first) as f64 / 6.0).sin_cos();
                [5.0 * cos, 5.0 * sin]
            };
            Contour::Polygon { points: (0..6).map(point).collect() }
        };
        let rings = matched(&[section(hexagon(0), 0.0), section(hexagon(2), 4.0)]).unwrap();
        let gap = |a: Point, b: Point| (a[0] - b[0]).hypot(a[1] - b[1]);
        assert!(rings[0].iter().zip(&rings[1]).all(|(a, b)| gap(a.start(), b.start()) < 1e-9));
    }

    #[test]
    fn different_corners_keep_both_areas() {
        let rounded = Contour::Rectangle { centre: [0.0; 2], size: [20.0, 12.0], corner_radius: 3.0 };
        let triangle = Contour::Polygon { points: vec![[-5.0, -4.0], [5.0, -4.0], [0.0, 6.0]] };
        let areas = [&rounded, &triangle].map(|c| outline::doubled_area(&outline::edges(c)));
        let rings = matched(&[section(rounded.clone(), 0.0), section(triangle, 8.0)]).unwrap();
        assert_eq!(rings[0].len(), rings[1].len());
        for (ring, area) in rings.iter().zip(areas) {
            assert!((outline::doubled_area(ring) - area).abs() < 1e-6);
        }
    }
}
