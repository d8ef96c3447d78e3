//! Where a surface runs through itself: proper crossings of edges with triangles, found through a box tree.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::TriMesh;

/// Boxes of a leaf.
const LEAF: usize = 8;

/// What was found within the allowed effort.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intersections {
    /// Pairs of triangles that cross.
    pub pairs: usize,
    /// A corner of the first pair, millimetres.
    pub at: Option<[f64; 3]>,
    /// False when the effort ended or it was cancelled before every pair of near triangles was looked at.
    pub complete: bool,
}

type Box3 = [[f32; 2]; 3];

struct Node {
    bounds: Box3,
    /// Of `order`, for a leaf.
    start: u32,
    count: u32,
    /// Number of the first child; the second follows it. 0 in a leaf.
    child: u32,
}

/// Counts the pairs of triangles that cross properly: an edge of one goes through the inside of the other. Triangles that
/// merely touch, or lie on each other, do not count. `effort` bounds the pairs of boxes looked at.
pub fn self_intersections(mesh: &TriMesh, effort: usize, cancel: &AtomicBool) -> Intersections {
    let boxes: Vec<Box3> = mesh.iter_corners().map(bounds).collect();
    let mut order: Vec<u32> = (0..boxes.len() as u32).collect();
    let nodes = tree(&boxes, &mut order);
    let mut found = Intersections { complete: true, ..Intersections::default() };
    let mut looks = 0;
    let mut pending = vec![(0_u32, 0_u32)];
    while let Some((a, b)) = pending.pop() {
        looks += 1;
        if looks > effort || (looks % 4096 == 0 && cancel.load(Ordering::Relaxed)) {
            found.complete = false;
            return found;
        }
        let (left, right) = (&nodes[a as usize], &nodes[b as usize]);
        if !overlap(&left.bounds, &right.bounds) {
            continue;
        }
        match (left.child, right.child) {
            (0, 0) => {
                for i in 0..left.count {
                    for j in (if a == b { i + 1 } else { 0 })..right.count {
                        let t = order[(left.start + i) as usize];
                        let u = order[(right.start + j) as usize];
                        looks += 1;
                        if overlap(&boxes[t as usize], &boxes[u as usize]) && cross(mesh, t as usize, u as usize) {
                            found.pairs += 1;
                            found.at.get_or_insert(mesh.corners(t as usize)[0]);
                        }
                    }
                }
            }
            (child, _) if a == b => pending.extend([(child, child), (child, child + 1), (child + 1, child + 1)]),
            (0, child) => pending.extend([(a, child), (a, child + 1)]),
            (child, 0) => pending.extend([(child, b), (child + 1, b)]),
            (c, d) => pending.extend([(c, d), (c, d + 1), (c + 1, d), (c + 1, d + 1)]),
        }
    }
    found
}

/// Halves at the median centre of the longest side.
fn tree(boxes: &[Box3], order: &mut [u32]) -> Vec<Node> {
    let mut nodes = vec![Node { bounds: [[0.0; 2]; 3], start: 0, count: order.len() as u32, child: 0 }];
    let mut at = 0;
    while at < nodes.len() {
        let (start, count) = (nodes[at].start as usize, nodes[at].count as usize);
        let items = &mut order[start..start + count];
        let mut all = [[f32::INFINITY, f32::NEG_INFINITY]; 3];
        for item in items.iter() {
            for (side, own) in all.iter_mut().zip(boxes[*item as usize]) {
                *side = [side[0].min(own[0]), side[1].max(own[1])];
            }
        }
        nodes[at].bounds = all;
        if count > LEAF {
            let length = |axis: &usize| all[*axis][1] - all[*axis][0];
            let axis = (0..3).max_by(|a, b| length(a).total_cmp(&length(b))).unwrap_or(0);
            let centre = |item: &u32| boxes[*item as usize][axis][0] + boxes[*item as usize][axis][1];
            items.select_nth_unstable_by(count / 2, |a, b| centre(a).total_cmp(&centre(b)).then(a.cmp(b)));
            nodes[at].child = nodes.len() as u32;
            let half = (count / 2) as u32;
            let leaf = |start: u32, count: u32| Node { bounds: [[0.0; 2]; 3], start, count, child: 0 };
            nodes.push(leaf(start as u32, half));
            nodes.push(leaf(start as u32 + half, count as u32 - half));
        }
        at += 1;
    }
    nodes
}

/// Rounded outwards, so that single precision loses no pair.
fn bounds(corners: [[f64; 3]; 3]) -> Box3 {
    std::array::from_fn(|axis| {
        let low = corners.iter().map(|c| c[axis]).fold(f64::INFINITY, f64::min);
        let high = corners.iter().map(|c| c[axis]).fold(f64::NEG_INFINITY, f64::max);
        [(low as f32).next_down(), (high as f32).next_up()]
    })
}

fn overlap(a: &Box3, b: &Box3) -> bool {
    a.iter().zip(b).all(|(a, b)| a[0] <= b[1] && b[0] <= a[1])
}

fn cross(mesh: &TriMesh, t: usize, u: usize) -> bool {
    let (left, right) = (mesh.triangles[t], mesh.triangles[u]);
    if left.iter().filter(|v| right.contains(v)).count() > 1 {
        return false;
    }
    let (a, b) = (mesh.corners(t), mesh.corners(u));
    (0..3).any(|k| pierces(a[k], a[(k + 1) % 3], b) || pierces(b[k], b[(k + 1) % 3], a))
}

/// Whether the segment goes through the inside of the triangle; by signed volumes with a margin for rounding.
fn pierces(from: [f64; 3], to: [f64; 3], [a, b, c]: [[f64; 3]; 3]) -> bool {
    let reach = [from, to, b, c].map(|p| (0..3).map(|i| (p[i] - a[i]).abs()).fold(0.0, f64::max));
    let margin = 1e-12 * reach.into_iter().fold(0.0, f64::max).powi(3);
    let (start, end) = (volume(a, b, c, from), volume(a, b, c, to));
    if !(start > margin && end < -margin || start < -margin && end > margin) {
        return false;
    }
    let sides = [volume(from, to, a, b), volume(from, to, b, c), volume(from, to, c, a)];
    sides.iter().all(|s| *s > margin) || sides.iter().all(|s| *s < -margin)
}

/// Six times the signed volume of a tetrahedron.
fn volume(a: [f64; 3], b: [f64; 3], c: [f64; 3], d: [f64; 3]) -> f64 {
    let [u, v, w] = [b, c, d].map(|p| -> [f64; 3] { std::array::from_fn(|i| p[i] - a[i]) });
    u[0] * (v[1] * w[2] - v[2] * w[1]) + u[1] * (v[2] * w[0] - v[0] * w[2]) + u[2] * (v[0] * w[1] - v[1] * w[0])
}
