//! Lines of varying width along the middle of narrow regions, where whole lines do not fit.
//!
//! The axis is the chordal axis of a constrained Delaunay triangulation: the middles of the inner edges, joined
//! through the triangles. A triangle's area over the length of its piece of axis is the local thickness, exact between
//! parallel walls whatever the triangulation, so that the lines deposit what the region holds. A region thicker than
//! about one and a half lines gets two to four lines beside each other, at equal shares of each chord.

use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};

use crate::path::{Path, PathKind, cover_area, distance};
use crate::region::{Shape, shape_area_mm2, to_mm};

/// Longest boundary edge given to the triangulation, in lines.
const STEP: f64 = 2.5;
/// A branch shorter than this many chords of its root is a corner's spur.
const SPUR: f64 = 1.2;
/// Regions smaller than this (mm2) are left to the neighbouring lines.
const SMALLEST_MM2: f64 = 0.02;
const NONE: usize = usize::MAX;

/// Appends the lines that fill `shape`, `spacing` (mm) being the ordinary distance of lines.
pub(crate) fn fill(shape: &Shape, kind: PathKind, spacing: f64, paths: &mut Vec<Path>) {
    let area = shape_area_mm2(shape);
    if area < SMALLEST_MM2 {
        return;
    }
    let mut lines = Vec::new();
    if let Some(mut axis) = Axis::new(shape, spacing * STEP) {
        axis.prune();
        for chain in axis.chains() {
            chain.lines(spacing, &mut lines);
        }
    }
    if lines.is_empty() {
        lines.extend(dab(shape, area));
    }
    cover_area(&mut lines, area, 0.5, 1.6);
    lines.retain(|line| line.area_mm2() > 1e-3);
    for line in &mut lines {
        line.kind = kind;
    }
    paths.append(&mut lines);
}

/// One short line over a compact spot.
fn dab(shape: &Shape, area: f64) -> Option<Path> {
    let points: Vec<[f64; 2]> = shape.first()?.iter().map(|&p| to_mm(p)).collect();
    let far = |from: [f64; 2]| {
        points.iter().copied().max_by(|a, b| distance(from, *a).total_cmp(&distance(from, *b))).unwrap_or(from)
    };
    let a = far(points[0]);
    let b = far(a);
    let length = distance(a, b);
    let width = area / length;
    // The ends stay half a width inside, but the line keeps a third of its length.
    let pull = (width / 2.0).min(length / 3.0) / length;
    let lerp = |t: f64| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    Some(Path::uniform(PathKind::Gap, false, vec![lerp(pull), lerp(1.0 - pull)], width))
}

/// The inner triangles and which of them touch.
struct Axis {
    points: Vec<[f64; 2]>,
    triangles: Vec<[usize; 3]>,
    /// The triangle across edge k (corner k to corner k + 1), or `NONE` at the boundary or where pruned.
    across: Vec<[usize; 3]>,
}

/// Chords from wall to wall, and the thickness of each piece between two of them.
struct Chain {
    chords: Vec<[[f64; 2]; 2]>,
    thickness: Vec<f64>,
    closed: bool,
}

impl Axis {
    fn new(shape: &Shape, step: f64) -> Option<Axis> {
        let (mut vertices, mut edges) = (Vec::new(), Vec::new());
        for contour in shape {
            let first = vertices.len();
            for (index, &p) in contour.iter().enumerate() {
                let (a, b) = (to_mm(p), to_mm(contour[(index + 1) % contour.len()]));
                let pieces = (distance(a, b) / step).ceil().max(1.0) as usize;
                for piece in 0..pieces {
                    let t = piece as f64 / pieces as f64;
                    vertices.push(Point2::new(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t));
                }
            }
            let count = vertices.len() - first;
            edges.extend((0..count).map(|i| [first + i, first + (i + 1) % count]));
        }
        let mut conflicts = 0;
        let cdt: ConstrainedDelaunayTriangulation<Point2<f64>> =
            ConstrainedDelaunayTriangulation::try_bulk_load_cdt(vertices, edges, |_| conflicts += 1).ok()?;
        if conflicts > 0 {
            return None;
        }
        let inside = inner_faces(&cdt);
        let mut index_of = vec![NONE; cdt.num_all_faces()];
        let mut faces = Vec::new();
        for face in cdt.inner_faces() {
            if inside[face.fix().index()] {
                index_of[face.fix().index()] = faces.len();
                faces.push(face);
            }
        }
        let mut triangles = Vec::with_capacity(faces.len());
        let mut across = Vec::with_capacity(faces.len());
        for face in &faces {
            let edges = face.adjacent_edges();
            triangles.push(edges.map(|e| e.from().fix().index()));
            across.push(edges.map(
                |e| {
                    if e.is_constraint_edge() { NONE } else { index_of[e.rev().face().fix().index()] }
                },
            ));
        }
        let points = cdt.vertices().map(|v| [v.position().x, v.position().y]).collect();
        Some(Axis { points, triangles, across })
    }

    fn degree(&self, triangle: usize) -> usize {
        self.across[triangle].iter().filter(|&&n| n != NONE).count()
    }

    fn chord(&self, triangle: usize, edge: usize) -> [usize; 2] {
        [self.triangles[triangle][edge], self.triangles[triangle][(edge + 1) % 3]]
    }

    fn middle(&self, chord: [usize; 2]) -> [f64; 2] {
        let [a, b] = chord.map(|v| self.points[v]);
        [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
    }

    fn length(&self, chord: [usize; 2]) -> f64 {
        distance(self.points[chord[0]], self.points[chord[1]])
    }

    fn centre(&self, triangle: usize) -> [f64; 2] {
        let [a, b, c] = self.triangles[triangle].map(|v| self.points[v]);
        [(a[0] + b[0] + c[0]) / 3.0, (a[1] + b[1] + c[1]) / 3.0]
    }

    fn area(&self, triangle: usize) -> f64 {
        let [a, b, c] = self.triangles[triangle].map(|v| self.points[v]);
        ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
    }

    /// Cuts off branches that only lead into a corner. Shortest first, so that of two branches that leave one another
    /// the longer survives as the line's continuation.
    fn prune(&mut self) {
        for _ in 0..2 {
            let mut spurs: Vec<(f64, usize, usize)> = Vec::new();
            for leaf in 0..self.triangles.len() {
                if self.degree(leaf) == 1
                    && let Some((length, root, edge)) = self.spur(leaf)
                {
                    spurs.push((length, root, edge));
                }
            }
            if spurs.is_empty() {
                return;
            }
            spurs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            for (_, root, edge) in spurs {
                // A root that lost another branch already is a continuation now.
                let next = self.across[root][edge];
                if next != NONE && self.degree(root) == 3 {
                    self.across[root][edge] = NONE;
                    if let Some(back) = (0..3).find(|&k| self.across[next][k] == root) {
                        self.across[next][back] = NONE;
                        self.remove_branch(next);
                    }
                }
            }
        }
    }

    /// The length of the branch that ends in `leaf` and where it leaves its junction, if it is short.
    fn spur(&self, leaf: usize) -> Option<(f64, usize, usize)> {
        let mut edge = (0..3).find(|&k| self.across[leaf][k] != NONE)?;
        let mut triangle = leaf;
        let mut length = 0.0;
        let apex = self.points[self.triangles[leaf][(edge + 2) % 3]];
        let mut last = apex;
        loop {
            let chord = self.chord(triangle, edge);
            let middle = self.middle(chord);
            length += distance(last, middle);
            last = middle;
            let next = self.across[triangle][edge];
            let back = (0..3).find(|&k| self.across[next][k] == triangle)?;
            match self.degree(next) {
                2 => {
                    edge = (0..3).find(|&k| k != back && self.across[next][k] != NONE)?;
                    triangle = next;
                }
                3 => return (length < SPUR * self.length(chord)).then_some((length, next, back)),
                _ => return None,
            }
        }
    }

    fn remove_branch(&mut self, mut triangle: usize) {
        while let Some(edge) = (0..3).find(|&k| self.across[triangle][k] != NONE) {
            let next = self.across[triangle][edge];
            self.across[triangle][edge] = NONE;
            for k in 0..3 {
                if self.across[next][k] == triangle {
                    self.across[next][k] = NONE;
                }
            }
            triangle = next;
        }
    }

    /// Follows the axis from ends and junctions first, then what is left: rings.
    fn chains(&self) -> Vec<Chain> {
        let mut used = vec![[false; 3]; self.triangles.len()];
        let mut chains = Vec::new();
        for rings in [false, true] {
            for start in 0..self.triangles.len() {
                if !rings && self.degree(start) == 2 {
                    continue;
                }
                for edge in 0..3 {
                    if self.across[start][edge] != NONE && !used[start][edge] {
                        chains.extend(self.chain(start, edge, rings, &mut used));
                    }
                }
            }
        }
        chains
    }

    fn chain(&self, start: usize, edge: usize, ring: bool, used: &mut [[bool; 3]]) -> Option<Chain> {
        // Left and right ends are kept through the walk: consecutive chords share one of them.
        let [right, left] = self.chord(start, edge);
        let (mut chord, mut triangle, mut edge) = ([left, right], start, edge);
        let ends = |chord: [usize; 2]| chord.map(|v| self.points[v]);
        let mut chain = Chain { chords: Vec::new(), thickness: Vec::new(), closed: false };
        let mut last_middle = self.middle(chord);
        if !ring && self.degree(start) == 3 {
            // From the junction's middle, as thick as the first chord.
            let centre = self.centre(start);
            chain.chords.push(around(centre, ends(chord)));
            chain.thickness.push(f64::NAN);
        }
        chain.chords.push(ends(chord));
        loop {
            used[triangle][edge] = true;
            let next = self.across[triangle][edge];
            let back = (0..3).find(|&k| self.across[next][k] == triangle)?;
            used[next][back] = true;
            triangle = next;
            if self.degree(triangle) != 2 {
                if self.degree(triangle) == 3 {
                    chain.chords.push(around(self.centre(triangle), ends(chord)));
                    chain.thickness.push(f64::NAN);
                }
                break;
            }
            edge = (0..3).find(|&k| k != back && self.across[triangle][k] != NONE)?;
            let next_chord = self.chord(triangle, edge);
            chord = if next_chord.contains(&chord[0]) {
                [chord[0], if next_chord[0] == chord[0] { next_chord[1] } else { next_chord[0] }]
            } else {
                [if next_chord[0] == chord[1] { next_chord[1] } else { next_chord[0] }, chord[1]]
            };
            let middle = self.middle(chord);
            let length = distance(last_middle, middle);
            last_middle = middle;
            let longest = self.length(chord).max(1e-6);
            let thickness = if length > 1e-9 { (self.area(triangle) / length).min(longest) } else { longest };
            if ring && used[triangle][edge] {
                chain.closed = true;
                // The last chord is the first again.
                chain.thickness.push(thickness);
                break;
            }
            chain.chords.push(ends(chord));
            chain.thickness.push(thickness);
        }
        let known: Vec<f64> = chain.thickness.iter().copied().filter(|t| !t.is_nan()).collect();
        let fallback = [known.first(), known.last()];
        let count = chain.thickness.len();
        for (index, value) in chain.thickness.iter_mut().enumerate() {
            if value.is_nan() {
                let nearest = if index * 2 < count { fallback[0] } else { fallback[1] };
                *value = nearest.copied().unwrap_or_else(|| distance(chain.chords[1][0], chain.chords[1][1]));
            }
        }
        (chain.chords.len() >= 2).then_some(chain)
    }
}

/// `chord` moved so that `centre` is its middle.
fn around(centre: [f64; 2], chord: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let half = [(chord[1][0] - chord[0][0]) / 2.0, (chord[1][1] - chord[0][1]) / 2.0];
    [[centre[0] - half[0], centre[1] - half[1]], [centre[0] + half[0], centre[1] + half[1]]]
}

/// Faces of an odd number of boundary crossings from outside.
fn inner_faces(cdt: &ConstrainedDelaunayTriangulation<Point2<f64>>) -> Vec<bool> {
    let mut inside = vec![false; cdt.num_all_faces()];
    let mut seen = vec![false; cdt.num_all_faces()];
    let mut stack = Vec::new();
    for edge in cdt.convex_hull() {
        // One side of a hull's edge is the outer face.
        if let Some(face) = edge.rev().face().as_inner().or_else(|| edge.face().as_inner())
            && !seen[face.fix().index()]
        {
            seen[face.fix().index()] = true;
            inside[face.fix().index()] = edge.is_constraint_edge();
            stack.push(face);
        }
    }
    while let Some(face) = stack.pop() {
        for edge in face.adjacent_edges() {
            if let Some(next) = edge.rev().face().as_inner()
                && !seen[next.fix().index()]
            {
                seen[next.fix().index()] = true;
                inside[next.fix().index()] = inside[face.fix().index()] ^ edge.is_constraint_edge();
                stack.push(next);
            }
        }
    }
    inside
}

impl Chain {
    /// Splits into runs of one to four lines and appends these.
    fn lines(&self, spacing: f64, lines: &mut Vec<Path>) {
        let wanted = |t: f64| (t / spacing - 0.1).round().clamp(1.0, 4.0) as usize;
        let piece = |i: usize| {
            let [a, b] = [self.chords[i], self.chords[(i + 1) % self.chords.len()]].map(middle_of);
            distance(a, b)
        };
        // (first piece, end, lines), short runs joined to the one before.
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (index, &t) in self.thickness.iter().enumerate() {
            let count = wanted(t);
            match runs.last_mut() {
                Some(run) if run.2 == count => run.1 = index + 1,
                _ => runs.push((index, index + 1, count)),
            }
        }
        let mut merged: Vec<(usize, usize, usize)> = Vec::new();
        for run in runs {
            let length: f64 = (run.0..run.1).map(piece).sum();
            match merged.last_mut() {
                Some(last) if last.2 == run.2 || length < spacing * 4.0 => last.1 = run.1,
                _ => merged.push(run),
            }
        }
        let whole = self.closed && merged.len() == 1;
        for (first, end, count) in merged {
            for line in 0..count {
                let share = (line as f64 + 0.5) / count as f64;
                let at = |i: usize| {
                    let [l, r] = self.chords[i % self.chords.len()];
                    [l[0] + (r[0] - l[0]) * share, l[1] + (r[1] - l[1]) * share]
                };
                let last = if whole { end } else { end + 1 };
                let points: Vec<[f64; 2]> = (first..last).map(at).collect();
                let widths = self.thickness[first..end].iter().map(|t| t / count as f64).collect();
                lines.push(simplified(Path { kind: PathKind::Gap, closed: whole, points, widths }));
            }
        }
    }
}

fn middle_of(chord: [[f64; 2]; 2]) -> [f64; 2] {
    [(chord[0][0] + chord[1][0]) / 2.0, (chord[0][1] + chord[1][1]) / 2.0]
}

/// Joins pieces that continue straight on at nearly the same width; keeps the deposited area.
fn simplified(path: Path) -> Path {
    let pieces: Vec<_> = path.segments().collect();
    let mut points: Vec<[f64; 2]> = vec![path.points[0]];
    let mut widths: Vec<f64> = Vec::new();
    let mut covered = 0.0;
    for (index, (a, b, width)) in pieces.iter().enumerate() {
        let start = points[points.len() - 1];
        covered += distance(*a, *b) * width;
        let straight = pieces.get(index + 1).is_some_and(|(_, c, next)| {
            let (ux, uy) = (c[0] - start[0], c[1] - start[1]);
            let length = ux.hypot(uy);
            let off = (ux * (b[1] - start[1]) - uy * (b[0] - start[0])).abs();
            let along = ux * (b[0] - start[0]) + uy * (b[1] - start[1]);
            length > 1e-9 && off < 0.004 * length && along > 0.0 && (next - width).abs() < 0.1 * width
        });
        if straight {
            continue;
        }
        let length = distance(start, *b);
        if length > 1e-6 {
            points.push(*b);
            widths.push(covered / length);
            covered = 0.0;
        }
    }
    if path.closed && points.len() > 2 {
        // The last point is the first again.
        points.pop();
    }
    let closed = path.closed && widths.len() == points.len();
    Path { kind: path.kind, closed, points, widths }
}
