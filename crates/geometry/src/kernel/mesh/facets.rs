//! A mesh read as faces and edges: flat regions, and the sharp edges between them as straight lines and arcs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arris::math::Vec3;
use mesh::TriMesh;

/// Cosine of the angle from which two triangles meet in an edge rather than in a bend of one surface.
const SHARP: f64 = 0.9;
/// Triangles of one plane.
const FLAT: f64 = 1.0 - 1e-9;

pub(super) struct Facets {
    pub(super) mesh: TriMesh,
    /// Flat region of each triangle.
    pub(super) region: Vec<usize>,
    pub(super) normals: Vec<Vec3>,
    /// Triangles of each region.
    pub(super) members: Vec<Vec<usize>>,
    /// Operations behind each triangle's run.
    makers: crate::kernel::Makers,
    /// The two triangles at each edge: the first runs it from its lower to its higher vertex.
    beside: HashMap<(u32, u32), [usize; 2]>,
}

/// A sharp edge of the mesh between two flat regions: all of one line.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) from: u32,
    pub(super) to: u32,
    /// On its left and its right, seen from outside along it.
    pub(super) regions: [usize; 2],
    pub(super) triangles: [usize; 2],
    /// The first of its edges in the mesh, lower vertex first.
    pub(super) edge: (u32, u32),
}

/// Stretches that go on smoothly, as one straight line or one arc.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) stretches: Vec<Stretch>,
    /// Centre and axis (counter-clockwise along the chain) of an arc.
    pub(super) arc: Option<(Vec3, Vec3)>,
    pub(super) closed: bool,
    /// Whether it runs on smoothly past its start and its end.
    pub(super) smooth: [bool; 2],
    /// The same for all that run on smoothly into each other.
    pub(super) row: usize,
}

impl Facets {
    pub(super) fn of(mesh: TriMesh, makers: crate::kernel::Makers) -> Option<Facets> {
        let normals: Vec<Vec3> = mesh
            .iter_corners()
            .map(|[a, b, c]| {
                let n = (Vec3::from(b) - Vec3::from(a)).cross(&(Vec3::from(c) - Vec3::from(a)));
                if n.norm() > 1e-14 { n.normalize() } else { Vec3::zeros() }
            })
            .collect();
        let mut beside: HashMap<(u32, u32), [usize; 2]> = HashMap::with_capacity(normals.len() * 3 / 2);
        for (t, [a, b, c]) in mesh.triangles.iter().enumerate() {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                let entry = beside.entry((*from.min(to), *from.max(to))).or_insert([usize::MAX; 2]);
                entry[usize::from(from > to)] = t;
            }
        }
        if beside.values().flatten().any(|t| *t == usize::MAX) {
            return None;
        }
        let mut sets = arris::math::DisjointSets::new(normals.len());
        // Slivers have no direction of their own: they belong to the neighbour across their longest edge.
        for (edge, [a, b]) in &beside {
            let (m, n) = (normals[*a], normals[*b]);
            let sliver = |t: usize, normal: Vec3| normal.norm() < 0.5 && longest(&mesh, t) == *edge;
            if m.dot(&n) > FLAT || sliver(*a, m) || sliver(*b, n) {
                sets.union(*a, *b);
            }
        }
        let mut index = BTreeMap::new();
        let mut region = Vec::with_capacity(normals.len());
        let (mut members, mut region_normals): (Vec<Vec<usize>>, Vec<Vec3>) = (Vec::new(), Vec::new());
        for t in 0..normals.len() {
            let root = sets.find(t);
            let r = *index.entry(root).or_insert_with(|| {
                members.push(Vec::new());
                region_normals.push(Vec3::zeros());
                members.len() - 1
            });
            region.push(r);
            members[r].push(t);
            let [a, b, c] = mesh.corners(t).map(Vec3::from);
            region_normals[r] += (b - a).cross(&(c - a));
        }
        let normals = region_normals.into_iter().map(|n| if n.norm() > 0.0 { n.normalize() } else { n }).collect();
        Some(Facets { mesh, region, normals, members, makers, beside })
    }

    pub(super) fn point(&self, vertex: u32) -> Vec3 {
        Vec3::from(self.mesh.positions[vertex as usize])
    }

    pub(super) fn made(&self, triangle: usize, by: &str) -> bool {
        self.makers.iter().any(|(range, names)| range.contains(&triangle) && names.iter().any(|name| name == by))
    }

    fn is_sharp(&self, [a, b]: [usize; 2]) -> bool {
        let (r, s) = (self.region[a], self.region[b]);
        r != s && self.normals[r].dot(&self.normals[s]) < SHARP
    }

    /// The sharp edges, those of one line between the same two regions joined.
    fn stretches(&self) -> Vec<Stretch> {
        type Edge = (u32, u32, [usize; 2]);
        let mut groups: BTreeMap<[usize; 2], Vec<Edge>> = BTreeMap::new();
        for (&(low, high), &[left, right]) in &self.beside {
            if self.is_sharp([left, right]) {
                // Seen from the region with the lower number on the left.
                let regions = [self.region[left], self.region[right]];
                if regions[0] < regions[1] {
                    groups.entry(regions).or_default().push((low, high, [left, right]));
                } else {
                    groups.entry([regions[1], regions[0]]).or_default().push((high, low, [right, left]));
                }
            }
        }
        let mut stretches = Vec::new();
        for (regions, mut edges) in groups {
            edges.sort_unstable();
            let next: BTreeMap<u32, (u32, [usize; 2])> = edges.iter().map(|(a, b, t)| (*a, (*b, *t))).collect();
            let ends: BTreeSet<u32> = edges.iter().map(|(_, b, _)| *b).collect();
            for (from, (mut to, triangles)) in
                next.iter().filter(|(from, _)| !ends.contains(from)).map(|(f, n)| (*f, *n))
            {
                let edge = (from.min(to), from.max(to));
                while let Some((further, _)) = next.get(&to) {
                    to = *further;
                }
                stretches.push(Stretch { from, to, regions, triangles, edge });
            }
        }
        stretches
    }

    /// All sharp edges as lines and arcs.
    pub(super) fn chains(&self) -> Vec<Chain> {
        let stretches = self.stretches();
        let mut at: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (i, s) in stretches.iter().enumerate() {
            at.entry(s.from).or_default().push(i);
            at.entry(s.to).or_default().push(i);
        }
        let bent: BTreeSet<(usize, usize)> = self.bends_between();
        let same = |r: usize, s: usize| r == s || bent.contains(&(r.min(s), r.max(s)));
        // What follows stretch `i` smoothly at its vertex `v`, turned to run the same way.
        let follow = |i: &Stretch, own: usize, v: u32| -> Option<(usize, Stretch)> {
            let found: Vec<(usize, Stretch)> = at
                .get(&v)
                .into_iter()
                .flatten()
                .filter(|j| **j != own)
                .filter_map(|j| {
                    let s = &stretches[*j];
                    let turned = if s.from == v { s.clone() } else { reversed(s) };
                    let smooth = same(turned.regions[0], i.regions[0]) && same(turned.regions[1], i.regions[1]);
                    let along = |s: &Stretch| (self.point(s.to) - self.point(s.from)).normalize();
                    (smooth && along(&turned).dot(&along(i)) > 0.5).then_some((*j, turned))
                })
                .collect();
            match found.as_slice() {
                [one] => Some(one.clone()),
                _ => None,
            }
        };
        let mut used = vec![false; stretches.len()];
        let mut chains = Vec::new();
        for start in 0..stretches.len() {
            if used[start] {
                continue;
            }
            used[start] = true;
            let mut row = std::collections::VecDeque::from([(start, stretches[start].clone())]);
            let mut closed = false;
            while let Some((own, last)) = row.back().cloned() {
                match follow(&last, own, last.to) {
                    Some((j, _)) if j == start => {
                        closed = true;
                        break;
                    }
                    Some((j, s)) if !used[j] => {
                        used[j] = true;
                        row.push_back((j, s));
                    }
                    _ => break,
                }
            }
            while let (false, Some((own, first))) = (closed, row.front().cloned()) {
                match follow(&reversed(&first), own, first.from) {
                    Some((j, s)) if !used[j] => {
                        used[j] = true;
                        row.push_front((j, reversed(&s)));
                    }
                    _ => break,
                }
            }
            chains.extend(self.parted(&row.into_iter().map(|(_, s)| s).collect::<Vec<_>>(), closed, start));
        }
        chains
    }

    /// Pairs of regions that meet in a bend too slight for an edge.
    fn bends_between(&self) -> BTreeSet<(usize, usize)> {
        let pairs = self.beside.values().map(|[a, b]| (self.region[*a], self.region[*b]));
        pairs
            .filter(|(r, s)| r != s && self.normals[*r].dot(&self.normals[*s]) >= SHARP)
            .map(|(r, s)| (r.min(s), r.max(s)))
            .collect()
    }

    /// A smooth row of stretches as its lines and arcs.
    fn parted(&self, row: &[Stretch], closed: bool, number: usize) -> Vec<Chain> {
        if closed && let Some(arc) = self.arc(row) {
            let stretches = row.to_vec();
            return vec![Chain { stretches, arc: Some(arc), closed: true, smooth: [true; 2], row: number }];
        }
        let mut row = row.to_vec();
        if closed {
            // Start where an arc cannot be cut in two: after the longest stretch.
            let length = |s: &Stretch| (self.point(s.to) - self.point(s.from)).norm();
            let longest = (0..row.len()).max_by(|a, b| length(&row[*a]).total_cmp(&length(&row[*b]))).unwrap_or(0);
            row.rotate_left(longest);
        }
        let mut chains: Vec<Chain> = Vec::new();
        let mut first = 0;
        while first < row.len() {
            let mut end = first + 1;
            let mut arc = None;
            for further in first + 3..=row.len() {
                match self.arc(&row[first..further]) {
                    Some(found) => (end, arc) = (further, Some(found)),
                    None => break,
                }
            }
            let smooth = [closed || first > 0, closed || end < row.len()];
            chains.push(Chain { stretches: row[first..end].to_vec(), arc, closed: false, smooth, row: number });
            first = end;
        }
        chains
    }

    /// Centre and axis of the circle that all vertices of the row lie on, in equal steps but for the first and last.
    fn arc(&self, row: &[Stretch]) -> Option<(Vec3, Vec3)> {
        let points: Vec<Vec3> =
            std::iter::once(row.first()?.from).chain(row.iter().map(|s| s.to)).map(|v| self.point(v)).collect();
        if row.len() < 3 {
            return None;
        }
        let (a, b, c) = (points[0], points[points.len() / 3], points[points.len() * 2 / 3]);
        let (u, v) = (b - a, c - a);
        let normal = u.cross(&v);
        let square = normal.norm_squared();
        if square < 1e-16 {
            return None;
        }
        let centre = a + (normal.cross(&u) * v.norm_squared() + v.cross(&normal) * u.norm_squared()) / (2.0 * square);
        let axis = normal / square.sqrt();
        let radius = (a - centre).norm();
        let tolerance = 1e-5 + radius * 1e-4;
        let on =
            |p: &Vec3| ((p - centre).norm() - radius).abs() < tolerance && (p - centre).dot(&axis).abs() < tolerance;
        let steps: Vec<f64> = points.windows(2).map(|p| (p[1] - p[0]).norm()).collect();
        let longest = steps.iter().copied().fold(0.0, f64::max);
        let even = steps.len() < 4 || steps[1..steps.len() - 1].iter().all(|s| *s > 0.2 * longest);
        let first_fits = steps[0] < 1.5 * steps[1..].iter().copied().fold(0.0, f64::max);
        (points.iter().all(on) && even && first_fits && longest < radius).then_some((centre, axis))
    }

    /// Regions around a vertex.
    pub(super) fn regions_at(&self) -> HashMap<u32, BTreeSet<usize>> {
        let mut at: HashMap<u32, BTreeSet<usize>> = HashMap::new();
        for (t, corners) in self.mesh.triangles.iter().enumerate() {
            for v in corners {
                at.entry(*v).or_default().insert(self.region[t]);
            }
        }
        at
    }
}

fn longest(mesh: &TriMesh, triangle: usize) -> (u32, u32) {
    let [a, b, c] = mesh.triangles[triangle];
    let length = |(i, j): &(u32, u32)| {
        (Vec3::from(mesh.positions[*i as usize]) - Vec3::from(mesh.positions[*j as usize])).norm()
    };
    let edges = [(a, b), (b, c), (c, a)];
    let edge = edges.into_iter().max_by(|x, y| length(x).total_cmp(&length(y))).unwrap_or((a, b));
    (edge.0.min(edge.1), edge.0.max(edge.1))
}

pub(super) fn reversed(s: &Stretch) -> Stretch {
    Stretch {
        from: s.to,
        to: s.from,
        regions: [s.regions[1], s.regions[0]],
        triangles: [s.triangles[1], s.triangles[0]],
        edge: s.edge,
    }
}
