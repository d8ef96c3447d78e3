//! Triangles of a body whose faces are mostly flat, cylindrical or conical: a flat face is triangulated in its plane, a
//! wall between two arcs is a strip. The kernel's own tessellation, which triangulates every face by Delaunay's rule with
//! exact predicates, does the faces that are neither; on a plate with 400 holes it takes twenty times as long.
//!
//! Every edge is divided once, so the faces meet corner by corner. An edge of a face that the kernel does takes the
//! kernel's division; any other is divided by its own curvature, which for lines and circles is the same rule. What this
//! cannot do is `None`, and the kernel does all of it.

mod lattice;

use std::{borrow::Cow, collections::BTreeMap};

use arris::{
    Control,
    geom::{Curve2, Surface},
    math::Frame,
    mesh::{MeshRequest, tessellate_faces},
    topo::{Body, EdgeId, Face, FaceId, Model, Orientation, VertexId, entity::Coedge, entity::Loop},
};
use i_overlay::i_float::int::point::IntPoint;
use i_triangle::int::unchecked::IntUncheckedTriangulatable;

use super::Stop;

/// A cone between radii further apart is nearly a point; the kernel puts rings between them. Below that a strip without
/// rings is as near, and cannot fold: rings whose corners are staggered do, where a long facet passes a corner of one.
const RING_RATIO: f64 = 20.0;
/// Half the range of the whole numbers that a flat face's coordinates become: 0.2 um per metre.
const GRID: f64 = (1_u32 << 29) as f64;

/// How a face is divided.
enum Form<'a> {
    Flat(&'a Frame),
    /// A wall, straight from one edge to the other.
    Strip(Patch<'a>),
    /// A patch that curves both ways.
    Lattice(Patch<'a>),
    Other,
}

/// A face whose one loop runs along +u, +v, -u and -v of its surface.
#[derive(Clone, Copy)]
struct Patch<'a> {
    surface: &'a Surface,
    /// Walked in that order.
    edges: [&'a Coedge; 4],
}

/// Within `chord` of the body; closed when the body is.
pub(super) fn tessellate(
    model: &Model,
    body: Body,
    chord: f64,
    control: &Control<'_>,
) -> Result<Option<mesh::TriMesh>, Stop> {
    let faces = model.faces(body).map_err(Stop::refused)?;
    let mut forms = Vec::with_capacity(faces.len());
    for face in &faces {
        forms.push(form(model, face.id).map_err(Stop::refused)?);
    }
    let others: Vec<FaceId> =
        faces.iter().zip(&forms).filter(|(_, form)| matches!(form, Form::Other)).map(|(face, _)| face.id).collect();
    // Not worth two ways.
    if 2 * others.len() > faces.len() {
        return Ok(None);
    }
    let Some(mut points) = Points::of_kernel(model, body, &others, chord, control)? else { return Ok(None) };
    for form in &forms {
        if let Form::Lattice(patch) = form {
            points.require(model, patch, chord)?;
        }
    }
    for (face, form) in faces.iter().zip(&forms) {
        let from = points.triangles.len();
        let done = match form {
            Form::Flat(frame) => points.flat(model, *face, frame, chord)?,
            Form::Strip(patch) => points.strip(model, patch, chord)?,
            Form::Lattice(patch) => points.lattice(model, patch, chord)?,
            Form::Other => continue,
        };
        if done.is_none() {
            return Ok(None);
        }
        if face.orientation == Orientation::Reversed {
            for triangle in &mut points.triangles[from..] {
                triangle.swap(1, 2);
            }
        }
    }
    Ok(Some(mesh::TriMesh::new(points.positions, points.triangles)))
}

fn form(model: &Model, id: FaceId) -> Result<Form<'_>, arris::topo::NotFound> {
    let face = model.face(id)?;
    let surface = model.surface(face.surface())?;
    if let Surface::Plane { frame } = surface {
        return Ok(Form::Flat(frame));
    }
    let [only] = face.loops() else { return Ok(Form::Other) };
    let [a, b, c, d] = only.coedges() else { return Ok(Form::Other) };
    // Which way each is walked in (u, v), when it is along one of the two.
    let mut ways = [[0.0; 2]; 4];
    let mut levels = [0.0; 4];
    for (k, coedge) in [a, b, c, d].into_iter().enumerate() {
        let Curve2::Line { origin, direction } = model.curve2(coedge.pcurve())? else { return Ok(Form::Other) };
        let walked = if coedge.orientation() == Orientation::Forward { 1.0 } else { -1.0 };
        ways[k] = [direction.x * walked, direction.y * walked];
        levels[k] = origin.y;
    }
    let along = |k: usize, axis: usize, sign: f64| ways[k][1 - axis].abs() < 1e-9 && ways[k][axis] * sign > 0.0;
    let first = (0..4).find(|first| {
        let [i, j, k, l] = [0, 1, 2, 3].map(|n| (first + n) % 4);
        along(i, 0, 1.0) && along(j, 1, 1.0) && along(k, 0, -1.0) && along(l, 1, -1.0)
    });
    let Some(first) = first else { return Ok(Form::Other) };
    let ordered = [a, b, c, d];
    let patch = Patch { surface, edges: [0, 1, 2, 3].map(|n| ordered[(first + n) % 4]) };
    Ok(match surface {
        Surface::Cylinder { .. } => Form::Strip(patch),
        Surface::Cone { radius, half_angle, .. } => {
            let rho = |k: usize| (radius + levels[k % 4] * half_angle.sin()).abs();
            let (low, high) = (rho(first), rho(first + 2));
            let (small, large) = (low.min(high), low.max(high));
            if small > 1e-9 && large > RING_RATIO * small { Form::Other } else { Form::Strip(patch) }
        }
        Surface::Sphere { .. } | Surface::Torus { .. } => Form::Lattice(patch),
        _ => Form::Other,
    })
}

/// The mesh so far, and where the body's vertices and edges are in it.
#[derive(Default)]
struct Points {
    positions: Vec<[f64; 3]>,
    triangles: Vec<[u32; 3]>,
    vertices: BTreeMap<VertexId, u32>,
    /// From start to end.
    edges: BTreeMap<EdgeId, Vec<u32>>,
    /// Into how many steps an edge falls at the least, beside its own curvature.
    required: BTreeMap<EdgeId, usize>,
    /// The last flat face of more than a few corners: the other end of a prism is the same.
    last: Option<Divided>,
}

/// A region on a grid of whole numbers, and its triangles over its corners in the order of their rings.
struct Divided {
    rings: Vec<Vec<IntPoint<i32>>>,
    triangles: Vec<[u32; 3]>,
}

impl Points {
    /// The faces that the kernel divides, with their edges as it divided them.
    fn of_kernel(
        model: &Model,
        body: Body,
        faces: &[FaceId],
        chord: f64,
        control: &Control<'_>,
    ) -> Result<Option<Points>, Stop> {
        if faces.is_empty() {
            return Ok(Some(Points::default()));
        }
        let made = match tessellate_faces(model, body, faces, &MeshRequest::new(chord), control) {
            Ok(made) => made,
            Err(arris::mesh::MeshError::Interrupted(_)) => return Err(Stop::Cancelled),
            Err(_) => return Ok(None),
        };
        let mut points =
            Points { positions: made.positions().to_vec(), triangles: made.triangles().to_vec(), ..Points::default() };
        for range in made.edges() {
            let Some(line) = made.edge_polyline(range.edge) else { return Ok(None) };
            let edge = model.edge(range.edge).map_err(Stop::refused)?;
            if let (Some(first), Some(last)) = (line.first(), line.last()) {
                points.vertices.insert(edge.start(), *first);
                points.vertices.insert(edge.end(), *last);
            }
            points.edges.insert(range.edge, line.to_vec());
        }
        Ok(Some(points))
    }

    fn push(&mut self, point: [f64; 3]) -> u32 {
        self.positions.push(point);
        // Bounded by the budget of chords: far below four thousand million.
        self.positions.len() as u32 - 1
    }

    fn vertex(&mut self, model: &Model, id: VertexId) -> Result<u32, Stop> {
        if let Some(known) = self.vertices.get(&id) {
            return Ok(*known);
        }
        let point = model.vertex(id).map_err(Stop::refused)?.point();
        let index = self.push([point.x, point.y, point.z]);
        self.vertices.insert(id, index);
        Ok(index)
    }

    fn edge(&mut self, model: &Model, id: EdgeId, chord: f64) -> Result<&[u32], Stop> {
        if !self.edges.contains_key(&id) {
            let edge = model.edge(id).map_err(Stop::refused)?;
            let mut line = vec![self.vertex(model, edge.start())?];
            if let Some((curve, range)) = edge.curve() {
                let curve = model.curve(curve).map_err(Stop::refused)?;
                let n = curve.chord_segments(range, chord).max(self.required.get(&id).copied().unwrap_or(1));
                for i in 1..n {
                    let point = curve.point(range.lerp(i as f64 / n as f64));
                    line.push(self.push([point.x, point.y, point.z]));
                }
                line.push(self.vertex(model, edge.end())?);
            }
            self.edges.insert(id, line);
        }
        Ok(&self.edges[&id])
    }

    /// An edge's corners as a loop walks it.
    fn walked(&mut self, model: &Model, coedge: &Coedge, chord: f64) -> Result<Vec<u32>, Stop> {
        let mut line = self.edge(model, coedge.edge(), chord)?.to_vec();
        if coedge.orientation() == Orientation::Reversed {
            line.reverse();
        }
        Ok(line)
    }

    fn around(&mut self, model: &Model, of: &Loop, chord: f64) -> Result<Vec<u32>, Stop> {
        let mut ring = Vec::new();
        for coedge in of.coedges() {
            let mut line = self.walked(model, coedge, chord)?;
            // The next edge begins where this one ends.
            if line.len() > 1 {
                line.pop();
                ring.extend(line);
            }
        }
        Ok(ring)
    }

    /// A wall between two edges, both divided along u.
    fn strip(&mut self, model: &Model, patch: &Patch<'_>, chord: f64) -> Result<Option<()>, Stop> {
        let [there, up, back, down] = patch.edges;
        for side in [up, down] {
            if self.edge(model, side.edge(), chord)?.len() > 2 {
                return Ok(None);
            }
        }
        let low = self.walked(model, there, chord)?;
        let mut high = self.walked(model, back, chord)?;
        high.reverse();
        // Both run over the same angle in equal steps.
        let share = |line: &[u32], at: usize| if line.len() > 1 { at as f64 / (line.len() - 1) as f64 } else { 1.0 };
        let (mut i, mut j) = (0, 0);
        while i + 1 < low.len() || j + 1 < high.len() {
            let along_low =
                j + 1 >= high.len() || i + 1 < low.len() && share(&low, i + 1) <= share(&high, j + 1) + 1e-12;
            if along_low {
                self.triangle([low[i], low[i + 1], high[j]]);
                i += 1;
            } else {
                self.triangle([low[i], high[j + 1], high[j]]);
                j += 1;
            }
        }
        Ok(Some(()))
    }

    fn triangle(&mut self, corners: [u32; 3]) {
        let [a, b, c] = corners;
        if a != b && b != c && c != a {
            self.triangles.push(corners);
        }
    }

    fn flat(&mut self, model: &Model, face: Face, frame: &Frame, chord: f64) -> Result<Option<()>, Stop> {
        let entity = model.face(face.id).map_err(Stop::refused)?;
        let mut rings = Vec::with_capacity(entity.loops().len());
        for of in entity.loops() {
            rings.push(self.around(model, of, chord)?);
        }
        let in_plane = |index: &u32| {
            let local = frame.to_local(self.positions[*index as usize].into());
            [local.x, local.y]
        };
        let outlines: Vec<Vec<[f64; 2]>> = rings.iter().map(|ring| ring.iter().map(in_plane).collect()).collect();
        let corners: Vec<u32> = rings.concat();
        let Some(triangles) = triangulated(&outlines, &mut self.last) else { return Ok(None) };
        self.triangles.extend(triangles.iter().map(|triangle| triangle.map(|at| corners[at as usize])));
        Ok(Some(()))
    }
}

/// The region inside the one counter-clockwise ring and outside the clockwise ones, as counter-clockwise triangles over the
/// corners of all rings in their order.
fn triangulated<'a>(outlines: &[Vec<[f64; 2]>], last: &'a mut Option<Divided>) -> Option<Cow<'a, [[u32; 3]]>> {
    let area = |points: &[[f64; 2]]| crate::contour::signed_area(points);
    if let [points] = outlines
        && let [p, q, r, s] = points.as_slice()
    {
        let turns = |a: &[f64; 2], b: &[f64; 2], c: &[f64; 2]| area(&[*a, *b, *c]) > 1e-9;
        if turns(p, q, r) && turns(p, r, s) && turns(q, r, s) && turns(q, s, p) {
            return Some(Cow::Borrowed(&[[0, 1, 2], [0, 2, 3]]));
        }
    }
    if outlines.iter().filter(|points| area(points) > 0.0).count() != 1 {
        return None;
    }
    let all = || outlines.iter().flatten();
    let bound = |k: usize| all().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
    let ((xl, xh), (yl, yh)) = (bound(0), bound(1));
    let scale = GRID / (xh - xl).max(yh - yl).max(1e-9) * 2.0;
    let (cx, cy) = ((xl + xh) / 2.0, (yl + yh) / 2.0);
    #[expect(clippy::cast_possible_truncation, reason = "scaled into the range")]
    let whole =
        |p: &[f64; 2]| IntPoint::new(((p[0] - cx) * scale).round() as i32, ((p[1] - cy) * scale).round() as i32);
    let rings: Vec<Vec<IntPoint<i32>>> = outlines.iter().map(|points| points.iter().map(whole).collect()).collect();
    if last.as_ref().is_none_or(|last| last.rings != rings) {
        let triangles = on_grid(&rings, outlines)?;
        *last = Some(Divided { rings, triangles });
    }
    last.as_ref().map(|last| Cow::Borrowed(last.triangles.as_slice()))
}

fn on_grid(rings: &[Vec<IntPoint<i32>>], outlines: &[Vec<[f64; 2]>]) -> Option<Vec<[u32; 3]>> {
    let mut known: Vec<((i32, i32), u32)> =
        rings.iter().flatten().zip(0..).map(|(point, at)| ((point.x, point.y), at)).collect();
    known.sort_unstable();
    if known.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    // The outer ring comes first.
    let mut order: Vec<usize> = (0..rings.len()).collect();
    order.sort_by_key(|k| crate::contour::signed_area(&outlines[*k]) <= 0.0);
    let shape: Vec<Vec<IntPoint<i32>>> = order.iter().map(|k| rings[*k].clone()).collect();
    let made = shape.uncheck_triangulate().into_delaunay().into_raw().into_triangulation::<u32>();
    let index = |p: &IntPoint<i32>| known.binary_search_by_key(&(p.x, p.y), |(at, _)| *at).ok().map(|at| known[at].1);
    let corners: Option<Vec<u32>> = made.points.iter().map(index).collect();
    let corners = corners?;
    let triangles = made.indices.as_chunks::<3>().0.iter();
    Some(triangles.map(|[a, b, c]| [corners[*a as usize], corners[*b as usize], corners[*c as usize]]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(triangles: &[[u32; 3]], points: &[[f64; 2]]) -> f64 {
        let at = |index: u32| points[index as usize];
        triangles.iter().map(|[a, b, c]| crate::contour::signed_area(&[at(*a), at(*b), at(*c)])).sum::<f64>() / 2.0
    }

    #[test]
    fn a_ring_is_filled_counter_clockwise_whatever_the_order_of_its_loops() {
        let square = |half: f64| vec![[-half, -half], [half, -half], [half, half], [-half, half]];
        let (outer, mut inner) = (square(10.0), square(4.0));
        inner.reverse();
        for outlines in [vec![outer.clone(), inner.clone()], vec![inner.clone(), outer.clone()]] {
            let points: Vec<[f64; 2]> = outlines.concat();
            let mut last = None;
            let triangles = triangulated(&outlines, &mut last).unwrap().to_vec();
            assert_eq!(triangulated(&outlines, &mut last).unwrap(), triangles, "remembered");
            assert_eq!(triangles.len(), 8);
            assert!((turned(&triangles, &points) - (400.0 - 64.0)).abs() < 1e-6);
        }
        assert!(triangulated(&[inner], &mut None).is_none(), "nothing is outside");
    }

    #[test]
    fn a_quadrangle_with_a_straight_corner_keeps_it() {
        let points = vec![[0.0, 0.0], [5.0, 0.0], [10.0, 0.0], [5.0, 8.0]];
        let mut last = None;
        let triangles = triangulated(std::slice::from_ref(&points), &mut last).unwrap();
        assert!((turned(&triangles, &points) - 40.0).abs() < 1e-6);
        assert!(triangles.iter().flatten().any(|index| *index == 1));
    }
}
