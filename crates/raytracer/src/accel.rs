//! The scene as rays see it: triangles in a normalised frame, the eight-wide BVH over them, and the ground plane.

use glam::{DVec3, Vec3A};
use obvhs::Boundable;
use obvhs::aabb::Aabb;
use obvhs::bvh2::reinsertion::ReinsertionOptimizer;
use obvhs::cwbvh::{CwBvh, bvh2_to_cwbvh::bvh2_to_cwbvh};
use obvhs::ploc::{PlocBuilder, PlocSearchDistance, SortPrecision};
use obvhs::ray::{Ray, RayHit};

use crate::error::RenderError;
use crate::normals;
use crate::render::MAX_TRIANGLES;
use crate::scene::Scene;

/// Half the diagonal of all objects after normalisation. Large against the fixed 1e-4 below which the BVH's box test
/// ignores hits, so that this blind zone is a millionth of the part.
const RADIUS: f64 = 64.0;
/// The BVH's fixed traversal stack holds this many levels.
const MAX_DEPTH: usize = 30;

/// Maps millimetres to the normalised frame: (p - centre) * scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    centre: DVec3,
    scale: f64,
}

impl Frame {
    pub(crate) fn point(&self, p: [f64; 3]) -> Vec3A {
        ((DVec3::from_array(p) - self.centre) * self.scale).as_vec3a()
    }

    pub(crate) fn vector(&self, v: [f64; 3]) -> Vec3A {
        (DVec3::from_array(v) * self.scale).as_vec3a()
    }
}

#[derive(Clone, Copy, Debug)]
struct Triangle {
    corners: [Vec3A; 3],
    normals: [Vec3A; 3],
    object: u32,
}

/// Which surface a ray met; indexes the prepared materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    Object(u32),
    Ground,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) t: f32,
    pub(crate) position: Vec3A,
    /// Geometric and shading normals, both on the side that the ray came from.
    pub(crate) geometric: Vec3A,
    pub(crate) shading: Vec3A,
    pub(crate) surface: Surface,
}

pub(crate) struct World {
    pub(crate) frame: Frame,
    triangles: Vec<Triangle>,
    bvh: CwBvh,
    ground_z: Option<f32>,
}

impl World {
    pub(crate) fn new(scene: &Scene) -> Result<Self, RenderError> {
        let count: usize = scene.objects.iter().map(|o| o.mesh.triangles.len()).sum();
        if count > MAX_TRIANGLES {
            return Err(RenderError::OutOfBounds {
                field: "triangles",
                value: count as u64,
                min: 1,
                max: MAX_TRIANGLES as u64,
            });
        }
        let frame = frame_of(scene)?;
        let mut unordered = Vec::with_capacity(count);
        for (index, object) in scene.objects.iter().enumerate() {
            let mesh = object.mesh.welded();
            let positions: Vec<Vec3A> = mesh.positions.iter().map(|p| frame.point(*p)).collect();
            let normals = normals::corner_normals(&positions, &mesh.triangles);
            for (triangle, normals) in mesh.triangles.iter().zip(normals) {
                // A triangle without area has no normal, hence none of its corners has one.
                if let Some(normals) = normals {
                    let corners = triangle.map(|v| positions[v as usize]);
                    unordered.push(Triangle { corners, normals, object: index as u32 });
                }
            }
        }
        if unordered.is_empty() {
            return Err(RenderError::NothingToDraw);
        }
        let bvh = build(&unordered);
        if depth(&bvh) > MAX_DEPTH {
            return Err(RenderError::TooDeep);
        }
        let triangles = bvh.primitive_indices.iter().map(|&i| unordered[i as usize]).collect();
        let ground_z = scene.ground.map(|g| frame.point([0.0, 0.0, g.z]).z);
        Ok(Self { frame, triangles, bvh, ground_z })
    }

    /// The nearest surface along a unit `direction`.
    pub(crate) fn intersect(&self, origin: Vec3A, direction: Vec3A) -> Option<Hit> {
        let ground = self.ground_hit(origin, direction);
        let limit = ground.map_or(f32::INFINITY, |(t, _)| t);
        // Adding zero turns -0.0 into 0.0: the box test picks its near planes by `< 0` but inverts by sign bit.
        let ray = Ray::new(origin, direction + Vec3A::ZERO, 0.0, limit);
        let mut found = RayHit::none();
        let hit = self.bvh.ray_traverse(ray, &mut found, |ray, i| {
            barycentric(&self.triangles[i].corners, ray.origin, ray.direction)
                .map_or(f32::INFINITY, |(t, _)| if t >= 0.0 { t } else { f32::INFINITY })
        });
        if !hit {
            return ground.map(|(_, hit)| hit);
        }
        let triangle = &self.triangles[found.primitive_id as usize];
        let (t, weights) = barycentric(&triangle.corners, ray.origin, ray.direction)?;
        let [a, b, c] = triangle.corners;
        let cross = (b - a).cross(c - a);
        let face = cross.normalize();
        let inner = inset(&triangle.corners, weights, cross.length());
        let position = a * inner.x + b * inner.y + c * inner.z;
        let geometric = if face.dot(direction) > 0.0 { -face } else { face };
        let [na, nb, nc] = triangle.normals;
        let smooth = (na * weights.x + nb * weights.y + nc * weights.z).normalize_or(face);
        let smooth = if smooth.dot(geometric) < 0.0 { -smooth } else { smooth };
        // Near a silhouette the interpolated normal can face away from the viewer; the facet's own is right there.
        let shading = if smooth.dot(direction) < -1e-3 { smooth } else { geometric };
        Some(Hit { t, position, geometric, shading, surface: Surface::Object(triangle.object) })
    }

    /// Whether anything lies between `origin` and `distance` along the unit `direction`.
    pub(crate) fn occluded(&self, origin: Vec3A, direction: Vec3A, distance: f32) -> bool {
        if self.ground_hit(origin, direction).is_some_and(|(t, _)| t < distance) {
            return true;
        }
        let ray = Ray::new(origin, direction + Vec3A::ZERO, 0.0, distance);
        !self.bvh.ray_traverse_miss(ray, |ray, i| {
            barycentric(&self.triangles[i].corners, ray.origin, ray.direction)
                .map_or(f32::INFINITY, |(t, _)| if t >= 0.0 { t } else { f32::INFINITY })
        })
    }

    fn ground_hit(&self, origin: Vec3A, direction: Vec3A) -> Option<(f32, Hit)> {
        let z = self.ground_z?;
        let t = (z - origin.z) / direction.z;
        if !(t > 0.0 && t < 1e7) {
            return None;
        }
        let mut position = origin + direction * t;
        position.z = z;
        let normal = if direction.z < 0.0 { Vec3A::Z } else { -Vec3A::Z };
        Some((t, Hit { t, position, geometric: normal, shading: normal, surface: Surface::Ground }))
    }
}

/// A ray origin just off the surface at `position`, on the side of `normal`: far enough to clear the rounding of
/// positions of this magnitude, a few millionths of the part.
pub(crate) fn lift(position: Vec3A, normal: Vec3A) -> Vec3A {
    position + normal * clearance(position)
}

fn clearance(position: Vec3A) -> f32 {
    position.abs().max_element() * (1.0 / 131_072.0) + (1.0 / 8192.0)
}

/// Shrinks a hit's weights towards the middle of its triangle by the clearance. Lifting a point along its own normal does not
/// move it off a second wall that it touches: in a corner, rounding would put some origins beyond that wall and let them out.
fn inset(corners: &[Vec3A; 3], weights: Vec3A, double_area: f32) -> Vec3A {
    let [a, b, c] = *corners;
    let edges = Vec3A::new((c - b).length(), (a - c).length(), (b - a).length());
    let share = (edges * (clearance(a) / double_area)).min(Vec3A::splat(0.3));
    weights * (1.0 - share.element_sum()) + share
}

/// Distance and barycentric weights where a ray's line meets a triangle. Each edge's function is a triple product
/// whose cross product is exactly antisymmetric in its operands, so two triangles that share an edge see opposite signs
/// and no ray passes between them; zero counts for both.
fn barycentric(corners: &[Vec3A; 3], origin: Vec3A, direction: Vec3A) -> Option<(f32, Vec3A)> {
    let [a, b, c] = corners.map(|corner| corner - origin);
    let u = direction.dot(b.cross(c));
    let v = direction.dot(c.cross(a));
    let w = direction.dot(a.cross(b));
    if (u < 0.0 || v < 0.0 || w < 0.0) && (u > 0.0 || v > 0.0 || w > 0.0) {
        return None;
    }
    let sum = u + v + w;
    if sum == 0.0 {
        return None;
    }
    let weights = Vec3A::new(u, v, w) / sum;
    let t = (a * weights.x + b * weights.y + c * weights.z).dot(direction);
    Some((t, weights))
}

fn frame_of(scene: &Scene) -> Result<Frame, RenderError> {
    let (mut min, mut max) = (DVec3::INFINITY, DVec3::NEG_INFINITY);
    for (object, mesh) in scene.objects.iter().map(|o| &o.mesh).enumerate() {
        if let Some(corner) = mesh.positions.iter().position(|p| !p.iter().all(|c| c.is_finite())) {
            return Err(RenderError::BadPosition { object, corner });
        }
        for (triangle, indices) in mesh.triangles.iter().enumerate() {
            for &index in indices {
                let Some(p) = mesh.positions.get(index as usize) else {
                    return Err(RenderError::BadIndex { object, triangle, index, corners: mesh.positions.len() });
                };
                min = min.min(DVec3::from_array(*p));
                max = max.max(DVec3::from_array(*p));
            }
        }
    }
    let radius = (max - min).length() / 2.0;
    if radius.is_finite() && radius > 0.0 {
        Ok(Frame { centre: (min + max) / 2.0, scale: RADIUS / radius })
    } else {
        Err(RenderError::NothingToDraw)
    }
}

/// A triangle's box, widened so that the box test's rounding cannot lose a flat or edge-on triangle.
struct Padded(Aabb);

impl Boundable for Padded {
    fn aabb(&self) -> Aabb {
        self.0
    }
}

fn build(triangles: &[Triangle]) -> CwBvh {
    let pad = Vec3A::splat(RADIUS as f32 * 4e-6);
    let boxes: Vec<Padded> = triangles
        .iter()
        .map(|t| {
            let mut bounds = Aabb::from_points(&t.corners);
            bounds.min -= pad;
            bounds.max += pad;
            Padded(bounds)
        })
        .collect();
    let indices = (0..triangles.len() as u32).collect();
    let mut binary =
        PlocBuilder::with_capacity(boxes.len()).build(PlocSearchDistance::Low, &boxes, indices, SortPrecision::U64, 2);
    ReinsertionOptimizer::default().run(&mut binary, 0.05, None);
    bvh2_to_cwbvh(&binary, 3, true, false)
}

fn depth(bvh: &CwBvh) -> usize {
    let mut deepest = 0;
    let mut pending = vec![(0_usize, 1_usize)];
    while let Some((index, level)) = pending.pop() {
        deepest = deepest.max(level);
        let Some(node) = bvh.nodes.get(index) else { continue };
        for child in (0..8).filter(|&child| !node.is_child_empty(child) && !node.is_leaf(child)) {
            pending.push((node.child_node_index(child) as usize, level + 1));
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bsdf::tangents;
    use crate::sampler::Sampler;
    use crate::scene::{AreaLight, Camera, Material, Object, Sky};

    fn unit_cube() -> World {
        let positions: Vec<[f64; 3]> =
            (0..8).map(|i| std::array::from_fn(|axis| if i >> axis & 1 == 1 { 1.0 } else { -1.0 })).collect();
        let quads = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];
        let triangles = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect();
        let mesh = mesh::TriMesh::new(positions, triangles);
        World::new(&Scene {
            objects: vec![Object { mesh, material: Material::Diffuse { albedo: [1.0; 3] } }],
            ground: None,
            camera: Camera { position: [0.0; 3], look_at: [1.0; 3], vertical_fov_deg: 30.0, exposure: 1.0 },
            light: AreaLight::off(),
            sky: Sky::uniform([1.0; 3]),
        })
        .unwrap()
    }

    /// From inside, towards points on and within rounding of every edge and corner, and on from where they hit.
    #[test]
    fn rays_inside_a_closed_cube_never_leave_it() {
        let world = unit_cube();
        let side = world.frame.point([1.0, 1.0, 1.0]).x;
        for index in 0..40_000 {
            let mut sampler = Sampler::new(3, 0, 0, index);
            let ([a, b], [c, d], [e, f]) = (sampler.pair(), sampler.pair(), sampler.pair());
            let origin = (Vec3A::new(a, b, c) * 1.8 - 0.9) * side;
            // Pull the target towards an edge by up to seven orders of magnitude.
            let near = side * (1.0 - 10.0_f32.powf(-7.0 * e));
            let mut target = [side, near.copysign(d - 0.5), (2.0 * f - 1.0) * side];
            target.rotate_left((index % 3) as usize);
            let target = Vec3A::from_array(target) * if index % 2 == 0 { 1.0 } else { -1.0 };
            let direction = (target - origin).normalize();
            let hit = world.intersect(origin, direction);
            let Some(hit) = hit else { panic!("{index}: from {origin} along {direction}") };
            let start = lift(hit.position, hit.geometric);
            let (t, u) = tangents(hit.geometric);
            for k in 0..16 {
                let [x, y] = sampler.at(10 + k).pair().map(|v| 2.0 * v - 1.0);
                let next = (hit.geometric * 0.3 + t * x + u * y).normalize();
                let again = world.intersect(start, next);
                assert!(
                    again.is_some_and(|h| h.position.abs().max_element() < side * 1.0001),
                    "{index}: hit {} with normal {}, on along {next}: {again:?}",
                    hit.position,
                    hit.geometric
                );
            }
        }
    }
}
