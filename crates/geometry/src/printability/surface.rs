//! A mesh prepared for questions: triangles in a tree of boxes, their normals, their neighbours and their faces.

use mesh::TriMesh;

use super::vector::{Vector, centroid, cross, dot, norm, ray_triangle, scaled, sub};

pub(super) const NONE: u32 = u32::MAX;

/// Triangles of a leaf.
const LEAF: usize = 4;

pub(super) struct Node {
    pub(super) min: Vector,
    pub(super) max: Vector,
    /// Box of the unit normals.
    pub(super) normal_min: Vector,
    pub(super) normal_max: Vector,
    /// First triangle, and one past the last.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the second child; the first follows its parent. 0 for a leaf.
    pub(super) right: u32,
}

/// One piece. Triangles are numbered in the order of the tree.
pub(super) struct Surface {
    pub(super) corners: Vec<[Vector; 3]>,
    pub(super) normals: Vec<Vector>,
    pub(super) areas: Vec<f64>,
    /// Vertex numbers, for who shares a corner.
    pub(super) vertices: Vec<[u32; 3]>,
    /// Across the edge from corner i to i + 1; `NONE` where the edge is open or has more than two triangles.
    pub(super) neighbours: Vec<[u32; 3]>,
    pub(super) nodes: Vec<Node>,
    pub(super) min: Vector,
    pub(super) max: Vector,
    pub(super) area: f64,
    /// Edges with one triangle, and edges whose triangles do not pair up.
    pub(super) open_edges: Vec<[Vector; 2]>,
    pub(super) bad_edges: Vec<[Vector; 2]>,
}

impl Surface {
    /// `None` for a mesh without a triangle of finite, positive area.
    pub(super) fn new(mesh: &TriMesh) -> Option<Surface> {
        let mesh = mesh.welded();
        let finite = |t: &[u32; 3]| t.iter().all(|v| mesh.positions[*v as usize].iter().all(|c| c.is_finite()));
        let mut triangles: Vec<[u32; 3]> = mesh.triangles.iter().copied().filter(finite).collect();
        if triangles.is_empty() {
            return None;
        }
        let mut nodes = Vec::with_capacity(triangles.len());
        let middle = |t: &[u32; 3]| centroid(t.map(|v| mesh.positions[v as usize]));
        let mut keyed: Vec<(Vector, [u32; 3])> = triangles.iter().map(|t| (middle(t), *t)).collect();
        divide(&mut keyed, 0, &mut nodes);
        triangles = keyed.into_iter().map(|(_, t)| t).collect();
        let corners: Vec<[Vector; 3]> = triangles.iter().map(|t| t.map(|v| mesh.positions[v as usize])).collect();
        let doubles: Vec<Vector> = corners.iter().map(|[a, b, c]| cross(sub(*b, *a), sub(*c, *a))).collect();
        let areas: Vec<f64> = doubles.iter().map(|n| norm(*n) / 2.0).collect();
        let normals =
            doubles.iter().zip(&areas).map(|(n, a)| if *a > 0.0 { scaled(*n, 0.5 / a) } else { [0.0; 3] }).collect();
        let mut surface = Surface {
            corners,
            normals,
            area: areas.iter().sum(),
            areas,
            neighbours: Vec::new(),
            vertices: triangles,
            nodes,
            min: [0.0; 3],
            max: [0.0; 3],
            open_edges: Vec::new(),
            bad_edges: Vec::new(),
        };
        surface.bound();
        surface.join(&mesh);
        (surface.area > 0.0).then_some(surface)
    }

    pub(super) fn len(&self) -> usize {
        self.corners.len()
    }

    pub(super) fn size(&self) -> Vector {
        sub(self.max, self.min)
    }

    pub(super) fn longest(&self) -> f64 {
        self.size().into_iter().fold(0.0, f64::max)
    }

    /// Boxes from the leaves up; children come after their parents.
    fn bound(&mut self) {
        for index in (0..self.nodes.len()).rev() {
            let (mut min, mut max) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
            let (mut low, mut high) = (min, max);
            let node = &self.nodes[index];
            if node.right == 0 {
                for t in node.start as usize..node.end as usize {
                    for i in 0..3 {
                        for p in &self.corners[t] {
                            min[i] = min[i].min(p[i]);
                            max[i] = max[i].max(p[i]);
                        }
                        low[i] = low[i].min(self.normals[t][i]);
                        high[i] = high[i].max(self.normals[t][i]);
                    }
                }
            } else {
                for child in [index + 1, node.right as usize] {
                    let child = &self.nodes[child];
                    for i in 0..3 {
                        min[i] = min[i].min(child.min[i]);
                        max[i] = max[i].max(child.max[i]);
                        low[i] = low[i].min(child.normal_min[i]);
                        high[i] = high[i].max(child.normal_max[i]);
                    }
                }
            }
            let node = &mut self.nodes[index];
            (node.min, node.max, node.normal_min, node.normal_max) = (min, max, low, high);
        }
        (self.min, self.max) = (self.nodes[0].min, self.nodes[0].max);
    }

    /// Finds neighbours by sorting the edges.
    fn join(&mut self, mesh: &TriMesh) {
        let mut edges: Vec<(u32, u32, u32, bool)> = Vec::with_capacity(self.vertices.len() * 3);
        for (index, t) in self.vertices.iter().enumerate() {
            for i in 0..3 {
                let (a, b) = (t[i], t[(i + 1) % 3]);
                edges.push((a.min(b), a.max(b), (index * 3 + i) as u32, a < b));
            }
        }
        edges.sort_unstable();
        self.neighbours = vec![[NONE; 3]; self.vertices.len()];
        for run in edges.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let ends = [mesh.positions[run[0].0 as usize], mesh.positions[run[0].1 as usize]];
            match run {
                [one, other] if one.3 != other.3 => {
                    let slot = |edge: u32| (edge as usize / 3, edge as usize % 3);
                    let ((t, i), (u, j)) = (slot(one.2), slot(other.2));
                    self.neighbours[t][i] = u as u32;
                    self.neighbours[u][j] = t as u32;
                }
                [_] => self.open_edges.push(ends),
                _ => self.bad_edges.push(ends),
            }
        }
    }

    /// The first triangle that a ray meets further than `from_t` and nearer than `to_t`, among those that `counts`.
    pub(super) fn first_hit(
        &self,
        origin: Vector,
        direction: Vector,
        (from_t, to_t): (f64, f64),
        counts: impl Fn(u32) -> bool,
    ) -> Option<(f64, u32)> {
        let inverse = direction.map(|d| 1.0 / d);
        let mut best = (to_t, NONE);
        let mut stack = [0_u32; 64];
        let mut depth = 1;
        while depth > 0 {
            depth -= 1;
            let index = stack[depth] as usize;
            let node = &self.nodes[index];
            if entry(node, origin, inverse) >= best.0 {
                continue;
            }
            if node.right == 0 {
                for t in node.start..node.end {
                    if let Some(distance) = ray_triangle(origin, direction, self.corners[t as usize])
                        && distance > from_t
                        && distance < best.0
                        && counts(t)
                    {
                        best = (distance, t);
                    }
                }
            } else if depth + 2 <= stack.len() {
                let (left, right) = (index + 1, node.right as usize);
                let nearer_left =
                    entry(&self.nodes[left], origin, inverse) <= entry(&self.nodes[right], origin, inverse);
                let order = if nearer_left { [right, left] } else { [left, right] };
                stack[depth] = order[0] as u32;
                stack[depth + 1] = order[1] as u32;
                depth += 2;
            }
        }
        (best.1 != NONE).then_some(best)
    }

    /// Faces: triangles joined over edges that bend by less than `degrees`.
    pub(super) fn faces(&self, degrees: f64) -> Vec<u32> {
        let least = degrees.to_radians().cos();
        let joins = |a: usize, b: usize| dot(self.normals[a], self.normals[b]) >= least;
        self.groups(|_| true, joins)
    }

    /// Connected triangles among those that `belongs`, numbered by their first; others get `NONE`.
    pub(super) fn groups(&self, belongs: impl Fn(usize) -> bool, joins: impl Fn(usize, usize) -> bool) -> Vec<u32> {
        let mut group = vec![NONE; self.len()];
        let mut stack = Vec::new();
        for first in 0..self.len() {
            if group[first] != NONE || !belongs(first) {
                continue;
            }
            group[first] = first as u32;
            stack.push(first);
            while let Some(t) = stack.pop() {
                for n in self.neighbours[t] {
                    let n = n as usize;
                    if n != NONE as usize && group[n] == NONE && belongs(n) && joins(t, n) {
                        group[n] = first as u32;
                        stack.push(n);
                    }
                }
            }
        }
        group
    }

    /// Points spread over a triangle: the centroids of its division into k by k alike.
    pub(super) fn spread(&self, t: usize, k: usize) -> impl Iterator<Item = Vector> + '_ {
        let [a, b, c] = self.corners[t];
        let (u, v) = (sub(b, a), sub(c, a));
        let step = 1.0 / k as f64;
        (0..k).flat_map(move |i| {
            (0..2 * (k - i) - 1).map(move |j| {
                // Upright and inverted small triangles alternate along a row.
                let third = if j % 2 == 0 { 1.0 / 3.0 } else { 2.0 / 3.0 };
                let s = step * ((j / 2) as f64 + third);
                let r = step * (i as f64 + third);
                [a[0] + s * u[0] + r * v[0], a[1] + s * u[1] + r * v[1], a[2] + s * u[2] + r * v[2]]
            })
        })
    }
}

/// Where a ray enters a box, at least 0; infinite when it misses.
fn entry(node: &Node, origin: Vector, inverse: Vector) -> f64 {
    let (mut near, mut far) = (0.0_f64, f64::INFINITY);
    for i in 0..3 {
        if inverse[i].is_infinite() {
            // Level with this slab: 0 * inf would be no number.
            if origin[i] < node.min[i] - 1e-12 || origin[i] > node.max[i] + 1e-12 {
                return f64::INFINITY;
            }
            continue;
        }
        let (a, b) = ((node.min[i] - origin[i]) * inverse[i], (node.max[i] - origin[i]) * inverse[i]);
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    // Boxes of flat faces have no thickness; a hair keeps rounding from missing them.
    if near <= far * (1.0 + 1e-12) + 1e-12 { near } else { f64::INFINITY }
}

/// Splits at the median along the longest side of the centroids' box, in depth-first order.
fn divide(items: &mut [(Vector, [u32; 3])], start: usize, nodes: &mut Vec<Node>) {
    let index = nodes.len();
    let zero = [0.0; 3];
    nodes.push(Node {
        min: zero,
        max: zero,
        normal_min: zero,
        normal_max: zero,
        start: start as u32,
        end: (start + items.len()) as u32,
        right: 0,
    });
    if items.len() <= LEAF {
        return;
    }
    let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for (p, _) in items.iter() {
        for i in 0..3 {
            low[i] = low[i].min(p[i]);
            high[i] = high[i].max(p[i]);
        }
    }
    let axis = (0..3).max_by(|i, j| (high[*i] - low[*i]).total_cmp(&(high[*j] - low[*j]))).unwrap_or(0);
    let half = items.len() / 2;
    items.select_nth_unstable_by(half, |a, b| a.0[axis].total_cmp(&b.0[axis]).then(a.1.cmp(&b.1)));
    let (left, right) = items.split_at_mut(half);
    divide(left, start, nodes);
    nodes[index].right = nodes.len() as u32;
    divide(right, start + half, nodes);
}
