//! Walls and gaps by the distance between opposite faces, whatever triangles they are made of.
//!
//! Two triangles that look away from each other bound a wall, two that look at each other a gap. Their thickness is the
//! least distance between them over the cosine of half the angle that they are off from parallel: exact between parallel
//! faces, and the diameter across a round pin or hole. Only pairs within 15 degrees of parallel, joined by a segment
//! that is nearly square to both and that nothing crosses, count; a taper that runs out to an edge is a knife edge and no
//! wall. All pairs under the limits are found by descending a tree of boxes in pairs, so the figure is that of the
//! surface and not of its triangles.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    surface::{NONE, Node, Surface},
    vector::{Vector, add, along, centroid, distance, dot, middle, nearest, norm, scaled, square_to, sub, unit},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Wall,
    Gap,
}

/// Two opposite faces at their nearest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opposed {
    pub(super) faces: (u32, u32),
    pub(super) triangles: (u32, u32),
    pub(super) thickness: f64,
    pub(super) middle: Vector,
    /// Unit vector across.
    pub(super) across: Vector,
}

/// Cosine of 180 - 15 degrees, below which two normals are opposite.
const OPPOSITE: f64 = -0.965_925_826;
/// Cosine of the greatest angle between the connecting segment and a normal, 20 degrees.
const SQUARE: f64 = 0.939_692_6;
/// Two faces that meet at less than this bend smoothly, degrees.
pub(super) const SMOOTH: f64 = 30.0;
/// Pairs of triangles measured before only clear improvements count, before the search for walls above the limit is given
/// up, and before all is.
const MANY: usize = 200_000;
const ENOUGH: usize = 1_000_000;
const MOST: usize = 4_000_000;
/// Pairs of triangles looked at, at most.
const LONGEST: usize = 24_000_000;
/// Rays that estimate the thinnest wall beforehand, and how much of the surface is thin.
const SEEDS: usize = 1500;
const RAYS: f64 = 2000.0;

struct Thickness<'a> {
    surface: &'a Surface,
    faces: &'a [u32],
    /// The face of a node's triangles where they are all of one.
    face_of: Vec<u32>,
    side: Side,
    /// Pairs under this are all found.
    limit: f64,
    /// The thinnest pair so far; the search for it reaches this far.
    reach: f64,
    best: HashMap<(u32, u32), Opposed>,
    /// What was looked up last, because neighbours ask for the same.
    last: ((u32, u32), f64),
    /// Pairs of triangles looked at, and measured.
    seen: usize,
    measured: usize,
}

/// The thinnest pair of each two faces under `limit`, thinnest first, and the least thickness where it is under `reach`.
pub(super) fn opposed(
    surface: &Surface,
    faces: &[u32],
    side: Side,
    (limit, reach): (f64, f64),
    cancel: &AtomicBool,
) -> (Vec<Opposed>, Option<f64>) {
    let seed = if side == Side::Wall { sampled(surface) } else { None };
    let mut search = Thickness {
        surface,
        faces,
        face_of: face_of(surface, faces),
        side,
        limit,
        reach: seed.map_or(reach, |seed| (seed * (1.0 + 1e-6)).min(reach)),
        best: HashMap::new(),
        last: ((NONE, NONE), f64::INFINITY),
        seen: 0,
        measured: 0,
    };
    search.descend(cancel);
    let mut found: Vec<Opposed> = search.best.into_values().collect();
    found.sort_by(|a, b| a.thickness.total_cmp(&b.thickness).then(a.faces.cmp(&b.faces)));
    let least = found.first().map(|pair| pair.thickness);
    found.retain(|pair| pair.thickness < limit);
    (found, [least, seed].into_iter().flatten().min_by(f64::total_cmp))
}

impl Thickness<'_> {
    fn descend(&mut self, cancel: &AtomicBool) {
        let surface = self.surface;
        let mut stack = vec![(0_u32, 0_u32)];
        while let Some((i, j)) = stack.pop() {
            let (a, b) = (&surface.nodes[i as usize], &surface.nodes[j as usize]);
            let facing = least_dot(a, b);
            if facing > OPPOSITE {
                continue;
            }
            let far = if self.measured > ENOUGH { self.limit } else { self.limit.max(self.reach) };
            if i != j {
                let (s, t) = (self.face_of[i as usize], self.face_of[j as usize]);
                let known = if s == NONE || t == NONE { far } else { self.known(s, t) };
                // A pair is at least as thick as the boxes are apart over the greatest cosine of half their angle.
                let half = ((1.0 - facing.max(-1.0)) / 2.0).sqrt();
                if apart(a, b) >= ((known * self.finer()).min(far) * half).powi(2) {
                    continue;
                }
            }
            if self.measured > MOST || self.seen > LONGEST || cancel.load(Ordering::Relaxed) {
                return;
            }
            match (a.right == 0, b.right == 0) {
                (true, true) => {
                    self.seen += ((a.end - a.start) * (b.end - b.start)) as usize;
                    for s in a.start..a.end {
                        for t in if i == j { s + 1 } else { b.start }..b.end {
                            self.measure(s, t);
                        }
                    }
                }
                _ if i == j => stack.extend([(i + 1, a.right), (a.right, a.right), (i + 1, i + 1)]),
                (false, true) => stack.extend([(i + 1, j), (a.right, j)]),
                (true, false) => stack.extend([(i, j + 1), (i, b.right)]),
                (false, false) if a.end - a.start >= b.end - b.start => stack.extend([(i + 1, j), (a.right, j)]),
                (false, false) => stack.extend([(i, j + 1), (i, b.right)]),
            }
        }
    }

    fn known(&mut self, s: u32, t: u32) -> f64 {
        let faces = (s.min(t), s.max(t));
        if self.last.0 != faces {
            self.last = (faces, self.best.get(&faces).map_or(f64::INFINITY, |pair| pair.thickness));
        }
        self.last.1
    }

    /// The share of what is known that an improvement must come under. Round dense surfaces have countless pairs that are
    /// all alike: after a while only a clear improvement counts.
    fn finer(&self) -> f64 {
        if self.measured < MANY { 1.0 - 1e-9 } else { 1.0 - 0.009 }
    }

    fn measure(&mut self, s: u32, t: u32) {
        let (i, j) = (s as usize, t as usize);
        let surface = self.surface;
        let (m, n) = (surface.normals[i], surface.normals[j]);
        let cosine = dot(m, n);
        if cosine > OPPOSITE {
            return;
        }
        let faces = (self.faces[i].min(self.faces[j]), self.faces[i].max(self.faces[j]));
        // Half the angle off from parallel.
        let half = ((1.0 - cosine) / 2.0).max(0.0).sqrt().min(1.0);
        let wanted = (self.known(faces.0, faces.1) * self.finer()).min(self.limit.max(self.reach));
        let (a, b) = (&surface.corners[i], &surface.corners[j]);
        let outside = if self.side == Side::Wall { -1.0 } else { 1.0 };
        // How far each lies before the other's plane: they are at least that far apart, and on the right side.
        let before = |corners: &[Vector; 3], origin: Vector, normal: Vector| {
            corners.map(|p| outside * dot(sub(p, origin), normal))
        };
        let (of_b, of_a) = (before(b, a[0], m), before(a, b[0], n));
        let most = |d: [f64; 3]| d[0].max(d[1]).max(d[2]);
        let least = |d: [f64; 3]| d[0].min(d[1]).min(d[2]);
        if most(of_b) <= 0.0 || most(of_a) <= 0.0 || least(of_b).max(least(of_a)) >= wanted * half {
            return;
        }
        self.measured += 1;
        let (gap, p, q) = nearest(a, b);
        if gap <= 1e-7 || gap >= wanted * half {
            return;
        }
        let direction = scaled(sub(q, p), 1.0 / gap);
        if outside * dot(direction, m) < SQUARE || outside * -dot(direction, n) < SQUARE {
            return;
        }
        let centre = middle(p, q);
        if self.runs_out(centre, gap, m, n) || !self.clear(p, direction, gap, (s, t)) {
            return;
        }
        let thickness = gap / half;
        let (centre, across) = self.inside(i, j, thickness).unwrap_or((centre, direction));
        self.reach = self.reach.min(thickness);
        self.last = (faces, thickness);
        self.best.insert(faces, Opposed { faces, triangles: (s, t), thickness, middle: centre, across });
    }

    /// True when the two faces go on to the edge in which their planes meet: a knife edge, not a wall.
    fn runs_out(&self, centre: Vector, gap: f64, m: Vector, n: Vector) -> bool {
        runs_out(self.surface, self.side, centre, gap, m, n)
    }

    /// Nothing lies between.
    fn clear(&self, p: Vector, direction: Vector, gap: f64, (s, t): (u32, u32)) -> bool {
        let margin = gap * 1e-3;
        self.surface.first_hit(p, direction, (margin, gap - margin), |hit| hit != s && hit != t).is_none()
    }

    /// The nearest points may lie on the rim of both faces. A place well inside says more, where it is as thin.
    fn inside(&self, i: usize, j: usize, thickness: f64) -> Option<(Vector, Vector)> {
        let inwards = if self.side == Side::Wall { -1.0 } else { 1.0 };
        [i, j].into_iter().find_map(|t| {
            let from = centroid(self.surface.corners[t]);
            let direction = scaled(self.surface.normals[t], inwards);
            let far = thickness * 1.05 + 1e-9;
            let (distance, hit) = self.surface.first_hit(from, direction, (1e-7, far), |hit| hit as usize != t)?;
            let opposite = dot(self.surface.normals[hit as usize], self.surface.normals[t]) <= OPPOSITE;
            opposite.then(|| (along(from, direction, distance / 2.0), direction))
        })
    }
}

fn runs_out(surface: &Surface, side: Side, centre: Vector, gap: f64, m: Vector, n: Vector) -> bool {
    let sum = add(m, n);
    // Sine of half the angle between the faces.
    let lean = norm(sum) / 2.0;
    if lean < 0.004 {
        return false;
    }
    let towards = unit(if side == Side::Wall { sum } else { scaled(sum, -1.0) });
    let edge = gap / (2.0 * lean) * (1.0 - lean * lean).sqrt();
    // Half-way to the edge a taper that goes on is half as thick; one that ends or widens before is not.
    let half_way = along(centre, towards, 0.5 * edge);
    let across = unit(sub(n, m));
    let facing = if side == Side::Wall { 1.0 } else { -1.0 };
    let reach = |direction: Vector| {
        let (distance, hit) = surface.first_hit(half_way, direction, (0.0, gap), |_| true)?;
        (facing * dot(surface.normals[hit as usize], direction) > 0.0).then_some(distance)
    };
    match (reach(across), reach(scaled(across, -1.0))) {
        (Some(one), Some(other)) => one + other < 0.8 * gap,
        _ => false,
    }
}

fn face_of(surface: &Surface, faces: &[u32]) -> Vec<u32> {
    let mut of = vec![NONE; surface.nodes.len()];
    for index in (0..surface.nodes.len()).rev() {
        let node = &surface.nodes[index];
        of[index] = if node.right == 0 {
            let mut own = faces[node.start as usize..node.end as usize].iter();
            let first = own.next().copied().unwrap_or(NONE);
            if own.all(|face| *face == first) { first } else { NONE }
        } else if of[index + 1] == of[node.right as usize] {
            of[index + 1]
        } else {
            NONE
        };
    }
    of
}

/// The least square of the distance between two boxes.
fn apart(a: &Node, b: &Node) -> f64 {
    (0..3).map(|i| (b.min[i] - a.max[i]).max(a.min[i] - b.max[i]).max(0.0).powi(2)).sum()
}

/// The least that the dot product of a normal of each can be.
fn least_dot(a: &Node, b: &Node) -> f64 {
    (0..3)
        .map(|i| {
            let (p, q, r, s) = (a.normal_min[i], a.normal_max[i], b.normal_min[i], b.normal_max[i]);
            (p * r).min(p * s).min(q * r).min(q * s)
        })
        .sum()
}

/// The thinnest wall met by rays straight inwards from places spread evenly over the surface.
fn sampled(surface: &Surface) -> Option<f64> {
    let spacing = surface.area / SEEDS as f64;
    let (mut owed, mut least) = (spacing / 2.0, f64::INFINITY);
    for t in 0..surface.len() {
        owed += surface.areas[t];
        if owed < spacing || surface.areas[t] <= 0.0 {
            continue;
        }
        let k = (owed / spacing).sqrt().ceil().min(8.0) as usize;
        owed %= spacing;
        let inwards = scaled(surface.normals[t], -1.0);
        for from in surface.spread(t, k) {
            let hit = surface.first_hit(from, inwards, (1e-6, least), |hit| hit as usize != t);
            if let Some((gap, hit)) = hit {
                let n = surface.normals[hit as usize];
                let centre = along(from, inwards, gap / 2.0);
                if dot(n, inwards) >= -OPPOSITE && !runs_out(surface, Side::Wall, centre, gap, surface.normals[t], n) {
                    least = gap;
                }
            }
        }
    }
    least.is_finite().then_some(least)
}

/// What a pair belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// Wide both ways: a wall or a slot.
    Flat,
    /// Narrow both ways, this long: a pin or a hole.
    Round { length: f64 },
}

/// Measures the pair's middle plane in eight directions: a pin or hole is nearly as narrow in one of them as it is thin.
pub(super) fn form(surface: &Surface, pair: &Opposed) -> Form {
    let (u, v) = square_to(pair.across);
    let far = 2.0 * surface.longest();
    let start = pair.thickness * 1e-6;
    let free = |direction: Vector| {
        surface.first_hit(pair.middle, direction, (start, far), |_| true).map_or(far, |(distance, _)| distance)
    };
    let (mut least, mut length) = (f64::INFINITY, 0.0_f64);
    for k in 0..8 {
        let (sin, cos) = (std::f64::consts::PI * f64::from(k) / 8.0).sin_cos();
        let direction = add(scaled(u, cos), scaled(v, sin));
        let (one, other) = (free(direction), free(scaled(direction, -1.0)));
        least = least.min(one + other);
        // The shorter side twice: a pin ends where it grows into something.
        length = length.max(2.0 * one.min(other));
    }
    if least <= 1.6 * pair.thickness { Form::Round { length } } else { Form::Flat }
}

/// How much of the surface of these faces is thinner than `limit`, estimated by rays.
pub(super) fn thin_area(surface: &Surface, faces: &[u32], side: Side, which: &[(u32, u32)], limit: f64) -> f64 {
    let mut wanted: Vec<u32> = which.iter().flat_map(|(a, b)| [*a, *b]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let concerned: Vec<usize> = (0..surface.len()).filter(|t| wanted.binary_search(&faces[*t]).is_ok()).collect();
    let total: f64 = concerned.iter().map(|t| surface.areas[*t]).sum();
    let unit_area = total / RAYS;
    let inwards = if side == Side::Wall { -1.0 } else { 1.0 };
    let (mut area, mut owed) = (0.0, 0.0);
    for t in concerned {
        owed += surface.areas[t];
        if owed < unit_area / 2.0 {
            continue;
        }
        let k = (owed / unit_area).sqrt().ceil().clamp(1.0, 12.0) as usize;
        let share = std::mem::take(&mut owed) / (k * k) as f64;
        let direction = scaled(surface.normals[t], inwards);
        for from in surface.spread(t, k) {
            let hit = surface.first_hit(from, direction, (1e-6, limit), |hit| hit as usize != t);
            if hit.is_some_and(|(_, hit)| dot(surface.normals[hit as usize], surface.normals[t]) <= OPPOSITE) {
                area += share;
            }
        }
    }
    // Both faces were counted.
    area / 2.0
}

/// Edges at which the part runs out to less than `degrees`: the sharpest angle, where it is, and their length.
pub(super) fn knife_edges(surface: &Surface, degrees: f64) -> Option<(f64, Vector, f64)> {
    let (mut sharpest, mut length): (Option<(f64, Vector)>, f64) = (None, 0.0);
    for t in 0..surface.len() {
        for i in 0..3 {
            let n = surface.neighbours[t][i];
            if n == NONE || (n as usize) < t {
                continue;
            }
            let cosine = dot(surface.normals[t], surface.normals[n as usize]);
            // The angle inside is what the normals' angle lacks to 180 degrees.
            let inside = 180.0 - cosine.clamp(-1.0, 1.0).acos().to_degrees();
            let (a, b) = (surface.corners[t][i], surface.corners[t][(i + 1) % 3]);
            if inside >= degrees || distance(a, b) < 1e-3 {
                continue;
            }
            // A ridge, not a groove: the neighbour's far corner lies behind this face.
            let behind = surface.corners[n as usize].iter().all(|p| dot(sub(*p, a), surface.normals[t]) <= 1e-9);
            if behind {
                length += distance(a, b);
                if sharpest.is_none_or(|(least, _)| inside < least) {
                    sharpest = Some((inside, middle(a, b)));
                }
            }
        }
    }
    sharpest.map(|(angle, place)| (angle, place, length))
}
