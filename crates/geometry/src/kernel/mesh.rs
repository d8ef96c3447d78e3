//! The mesh kernel: booleans of triangle meshes, always closed, within the chord tolerance of the true surfaces.

use std::sync::atomic::{AtomicBool, Ordering};

use manifold_rust::{
    cancel::CancelToken,
    csg_tree::{CsgLeafNode, CsgNode},
    linalg::{Mat3x4, Vec2, Vec3},
    manifold::Manifold,
    types::{Error, OpType, Polygons},
};
use part::solid::{Contour, Edges, Frame, Profile, Shape, Solid};

use super::{Blend, Kernel, Stop};
use crate::{contour, glyphs};

pub(crate) struct MeshKernel<'a> {
    pub(crate) chord: f64,
    pub(crate) cancel: &'a AtomicBool,
}

impl MeshKernel<'_> {
    fn evaluate(&self, node: &CsgNode) -> Result<Manifold, Stop> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        // The kernel takes a token of its own; one boolean takes milliseconds, so asking between them is enough.
        let body = Manifold::from_impl(node.evaluate_with_token(Some(&CancelToken::new())));
        match body.status() {
            Error::NoError if body.is_empty() => Err(Stop::refused("nothing is left of the body")),
            Error::NoError => Ok(body),
            error => Err(Stop::Refused(format!("the mesh kernel failed: {error:?}"))),
        }
    }

    fn polygons(&self, profile: &Profile) -> Polygons {
        let ring = |contour: &Contour, outer: bool| {
            let mut points = contour::polygon(contour, self.chord);
            if (contour::signed_area(&points) > 0.0) != outer {
                points.reverse();
            }
            points.into_iter().map(|[x, y]| Vec2::new(x, y)).collect::<Vec<_>>()
        };
        std::iter::once(ring(&profile.outer, true)).chain(profile.holes.iter().map(|hole| ring(hole, false))).collect()
    }

    fn extrude(&self, profile: &Profile, height: f64) -> Manifold {
        Manifold::extrude(&self.polygons(profile), height, 0, 0.0, Vec2::new(1.0, 1.0))
    }

    fn revolve(&self, outer: Contour, angle: f64) -> Manifold {
        let profile = Profile { outer, holes: Vec::new() };
        let polygons = self.polygons(&profile);
        let widest = polygons.iter().flatten().map(|p| p.x).fold(0.1, f64::max);
        Manifold::revolve(&polygons, contour::sides(widest, self.chord) as i32, angle)
    }
}

impl Kernel for MeshKernel<'_> {
    type Body = Manifold;

    fn make(&mut self, solid: &Solid) -> Result<Vec<Manifold>, Stop> {
        let placed = |body: Manifold| {
            self.evaluate(&CsgNode::leaf_node(CsgLeafNode::with_transform(body.into_impl(), matrix(&solid.frame))))
        };
        let body = match &solid.shape {
            Shape::Box { size } => self.extrude(&rectangle(size), size[2]),
            Shape::Cylinder { diameter, height } => self.extrude(&circle(*diameter), *height),
            Shape::Extrusion { profile, height } => self.extrude(profile, *height),
            Shape::Revolution { profile, angle } if profile.holes.is_empty() => {
                self.revolve(profile.outer.clone(), *angle)
            }
            Shape::Revolution { .. } => return Err(Stop::refused("a turned profile with holes is not supported")),
            Shape::Cone { bottom, top, height } => self.revolve(super::exact::cone(*bottom, *top, *height), 360.0),
            Shape::Sphere { diameter } => self.revolve(super::exact::half_disc(*diameter / 2.0), 360.0),
            Shape::Torus { ring, tube } => {
                self.revolve(Contour::Circle { centre: [ring / 2.0, 0.0], diameter: *tube }, 360.0)
            }
            Shape::Text { text, height, depth } => {
                let profiles = glyphs::profiles(text, *height).map_err(Stop::refused)?;
                return profiles.iter().map(|profile| placed(self.extrude(profile, *depth))).collect();
            }
            _ => return Err(Stop::refused("the mesh kernel does not make this shape")),
        };
        Ok(vec![placed(body)?])
    }

    fn fuse(&mut self, bodies: Vec<Manifold>) -> Result<Manifold, Stop> {
        self.evaluate(&CsgNode::op_n(OpType::Add, leaves(bodies)))
    }

    fn cut(&mut self, target: Manifold, tools: Vec<Manifold>) -> Result<Manifold, Stop> {
        self.evaluate(&CsgNode::op_n(OpType::Subtract, leaves(std::iter::once(target).chain(tools))))
    }

    fn intersect(&mut self, a: Manifold, b: Manifold) -> Result<Manifold, Stop> {
        self.evaluate(&CsgNode::op_n(OpType::Intersect, leaves([a, b])))
    }

    fn blend(&mut self, _: Manifold, _: &[Edges], _: Blend) -> Result<Manifold, Stop> {
        Err(Stop::refused("the mesh kernel does not blend edges"))
    }
}

fn leaves(bodies: impl IntoIterator<Item = Manifold>) -> Vec<CsgNode> {
    bodies.into_iter().map(|body| CsgNode::leaf(body.into_impl())).collect()
}

fn rectangle(size: &[f64; 3]) -> Profile {
    let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
    Profile { outer, holes: Vec::new() }
}

fn circle(diameter: f64) -> Profile {
    Profile { outer: Contour::Circle { centre: [0.0; 2], diameter }, holes: Vec::new() }
}

fn matrix(frame: &Frame) -> Mat3x4 {
    let v = |[x, y, z]: [f64; 3]| Vec3::new(x, y, z);
    let ([zx, zy, zz], [xx, xy, xz]) = (frame.z, frame.x);
    let y = [zy * xz - zz * xy, zz * xx - zx * xz, zx * xy - zy * xx];
    Mat3x4::from_cols(v(frame.x), v(y), v(frame.z), v(frame.origin))
}

/// The kernel's result as our mesh.
pub(crate) fn triangles(body: &Manifold) -> mesh::TriMesh {
    let gl = body.get_mesh_gl64(-1);
    let stride = gl.num_prop as usize;
    let positions = gl.vert_properties.chunks_exact(stride).map(|p| [p[0], p[1], p[2]]).collect();
    let triangles = gl.tri_verts.chunks_exact(3).map(|t| [t[0] as u32, t[1] as u32, t[2] as u32]).collect();
    mesh::TriMesh::new(positions, triangles)
}
