//! The mesh kernel: booleans of triangle meshes, always closed, within the chord tolerance of the true surfaces.

mod bends;
mod facets;
mod shapes;
mod shell;
mod skin;
mod thread;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use manifold_rust::{
    cancel::CancelToken,
    csg_tree::{CsgLeafNode, CsgNode},
    linalg::{Mat3x4, Vec3},
    manifold::Manifold,
    types::{Error, MeshGL64, OpType},
};
use mesh::TriMesh;
use part::solid::{Edges, Frame, Side, Solid};

use super::{
    Blend, Kernel, Mirror, Stop,
    exact::{ExactKernel, Work},
};
use crate::{
    brought::Imports,
    cache::Saved,
    plan::{Credit, Task},
};

/// A closed mesh, with the operations behind its triangles.
#[derive(Clone)]
pub(crate) struct MeshBody {
    solid: Manifold,
    /// By the identity that the kernel carries from each input mesh to the triangles left of it.
    made: Arc<BTreeMap<u32, Vec<String>>>,
}

pub(crate) struct MeshKernel<'a> {
    pub(crate) chord: f64,
    pub(crate) cancel: &'a AtomicBool,
    pub(crate) imports: &'a Imports,
    /// What was done otherwise than asked.
    pub(crate) notes: Vec<String>,
}

/// Triangles from which on a boolean is worth a thread that watches for its cancellation.
const WATCHED: usize = 5_000;
/// Triangles that a solid may be made of, or that may go into one boolean: about half a gigabyte while it runs.
const MOST_TRIANGLES: usize = 1_500_000;

impl<'a> MeshKernel<'a> {
    pub(crate) fn new(chord: f64, imports: &'a Imports, cancel: &'a AtomicBool) -> Self {
        MeshKernel { chord, cancel, imports, notes: Vec::new() }
    }

    fn evaluate(&self, node: &CsgNode, triangles: usize) -> Result<Manifold, Stop> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        let token = CancelToken::new();
        let result = if triangles < WATCHED {
            node.evaluate_with_token(None)
        } else {
            // The kernel asks a token of its own, which only it can make.
            let done = &AtomicBool::new(false);
            std::thread::scope(|scope| {
                let watched = token.clone();
                let watcher = scope.spawn(move || {
                    while !done.load(Ordering::Acquire) {
                        if self.cancel.load(Ordering::Relaxed) {
                            watched.cancel();
                            return;
                        }
                        std::thread::park_timeout(Duration::from_millis(10));
                    }
                });
                // Also when the kernel panics, or the scope would wait for ever.
                let finish = Finish { done, watcher: watcher.thread().clone() };
                let result = node.evaluate_with_token(Some(&token));
                drop(finish);
                result
            })
        };
        settled(Manifold::from_impl(result))
    }

    fn boolean(&self, op: OpType, bodies: Vec<MeshBody>) -> Result<MeshBody, Stop> {
        let mut made = BTreeMap::new();
        for body in &bodies {
            made.extend(body.made.iter().map(|(id, by)| (*id, by.clone())));
        }
        let triangles = bodies.iter().map(|body| body.solid.num_tri()).sum();
        within(triangles)?;
        let leaves = bodies.into_iter().map(|body| CsgNode::leaf(body.solid.into_impl())).collect();
        let solid = self.evaluate(&CsgNode::op_n(op, leaves), triangles)?;
        Ok(MeshBody { solid, made: Arc::new(made) })
    }

    fn placed(&self, solid: Manifold, frame: &Frame, by: &str) -> Result<MeshBody, Stop> {
        let node = CsgNode::leaf_node(CsgLeafNode::with_transform(settled(solid)?.into_impl(), matrix(frame)));
        credited(self.evaluate(&node, 0)?, by)
    }

    /// A body of the exact kernel as one of this kernel.
    pub(crate) fn taken_over(
        mesh: &TriMesh,
        ranges: &[(std::ops::Range<usize>, Vec<String>)],
    ) -> Result<MeshBody, Stop> {
        let first = Manifold::reserve_ids(ranges.len() as u32);
        let mut made = BTreeMap::new();
        let mut gl = gl(mesh);
        for (n, (range, by)) in ranges.iter().enumerate() {
            gl.run_index.push(3 * range.start as u64);
            gl.run_original_id.push(first + n as u32);
            made.insert(first + n as u32, by.clone());
        }
        gl.run_index.push(gl.tri_verts.len() as u64);
        Ok(MeshBody { solid: settled(Manifold::from_mesh_gl64(&gl))?, made: Arc::new(made) })
    }

    /// The body that these tasks make on the exact kernel, for what this kernel cannot do.
    fn by_exact_kernel(&mut self, tasks: &[Task], why: &str) -> Result<MeshBody, Stop> {
        let work = Work::new(self.cancel);
        let mut exact = ExactKernel::new(&work, self.imports);
        let start = super::Start { body: None, done: 0, key: crate::cache::Key::NONE };
        let body = super::run(&mut exact, tasks, start, &crate::cache::NoMemory, self.cancel)
            .map_err(|stopped| stopped.why)?;
        let (mesh, ranges) = exact.credited_mesh(&body, self.chord)?;
        self.notes.push(format!("{why}: taken from the exact kernel"));
        Self::taken_over(&mesh, &ranges)
    }
}

struct Finish<'a> {
    done: &'a AtomicBool,
    watcher: std::thread::Thread,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        self.watcher.unpark();
    }
}

/// Refuses so many triangles before they are made.
fn within(triangles: usize) -> Result<(), Stop> {
    if triangles > MOST_TRIANGLES {
        return Err(Stop::Refused(format!("it takes {triangles} triangles, and a mesh may have {MOST_TRIANGLES}")));
    }
    Ok(())
}

fn settled(body: Manifold) -> Result<Manifold, Stop> {
    match body.status() {
        Error::NoError if body.is_empty() => Err(Stop::refused("nothing is left of the body")),
        Error::NoError => Ok(body),
        Error::Cancelled => Err(Stop::Cancelled),
        error => Err(Stop::Refused(format!("the mesh kernel failed: {error:?}"))),
    }
}

/// A body from coordinates in a row, three a vertex, and the corners of its triangles.
fn of_triangles(positions: Vec<f64>, triangles: &[[usize; 3]]) -> Result<Manifold, Stop> {
    let gl = MeshGL64 {
        num_prop: 3,
        vert_properties: positions,
        tri_verts: triangles.iter().flatten().map(|v| *v as u64).collect(),
        ..MeshGL64::default()
    };
    settled(Manifold::from_mesh_gl64(&gl))
}

fn credited(solid: Manifold, by: &str) -> Result<MeshBody, Stop> {
    let solid = settled(solid.as_original())?;
    let id = solid.original_id().max(0) as u32;
    Ok(MeshBody { made: Arc::new(BTreeMap::from([(id, vec![by.to_owned()])])), solid })
}

impl Kernel for MeshKernel<'_> {
    type Body = MeshBody;

    fn make(&mut self, solid: &Solid, by: &str, _: &[Credit]) -> Result<Vec<MeshBody>, Stop> {
        self.shape(&solid.shape)?.into_iter().map(|body| self.placed(body, &solid.frame, by)).collect()
    }

    fn fuse(&mut self, bodies: Vec<MeshBody>) -> Result<MeshBody, Stop> {
        self.boolean(OpType::Add, bodies)
    }

    fn cut(&mut self, target: MeshBody, tools: Vec<MeshBody>) -> Result<MeshBody, Stop> {
        self.boolean(OpType::Subtract, std::iter::once(target).chain(tools).collect())
    }

    fn intersect(&mut self, a: MeshBody, b: MeshBody) -> Result<MeshBody, Stop> {
        self.boolean(OpType::Intersect, vec![a, b])
    }

    fn blend(&mut self, body: MeshBody, edges: &[Edges], blend: Blend, by: &str) -> Result<MeshBody, Stop> {
        self.blended(body, edges, blend, by)
    }

    fn shell(
        &mut self,
        body: MeshBody,
        open: &[Side],
        thickness: f64,
        before: &[Task],
        by: &str,
    ) -> Result<MeshBody, Stop> {
        match shell::cavity(before, open, thickness) {
            Some(Ok(cavity)) => {
                let tools = self.make(&cavity, by, &[])?;
                self.cut(body, tools)
            }
            Some(Err(why)) => Err(Stop::Refused(why)),
            None => {
                let tasks: Vec<Task> = before.iter().cloned().chain([Task::shell(by, open, thickness)]).collect();
                self.by_exact_kernel(&tasks, by)
            }
        }
    }

    fn mirror(&mut self, body: MeshBody, mirror: &Mirror, by: &str) -> Result<MeshBody, Stop> {
        let n = mirror.normal;
        let length = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt();
        let n = n.map(|c| c / length);
        // x - 2 n (n . (x - o))
        let offset = 2.0 * (0..3).map(|k| n[k] * mirror.origin[k]).sum::<f64>();
        let column = |k: usize| {
            let e = [0.0, 1.0, 2.0].map(|axis| if axis == k as f64 { 1.0 } else { 0.0 });
            Vec3::new(e[0] - 2.0 * n[0] * n[k], e[1] - 2.0 * n[1] * n[k], e[2] - 2.0 * n[2] * n[k])
        };
        let translation = Vec3::new(n[0] * offset, n[1] * offset, n[2] * offset);
        let turn = Mat3x4::from_cols(column(0), column(1), column(2), translation);
        let image = settled(body.solid.transform(&turn))?;
        // The image is the mirroring's, and of those whose faces it mirrors.
        let (mesh, runs) = self.triangles_by_run(&MeshBody { solid: image, made: body.made.clone() });
        let runs: Vec<_> = runs
            .into_iter()
            .map(|(range, mut makers)| {
                makers.push(by.to_owned());
                (range, makers)
            })
            .collect();
        let image = Self::taken_over(&mesh, &runs)?;
        if mirror.replace { Ok(image) } else { self.fuse(vec![body, image]) }
    }

    fn settle(&mut self, body: MeshBody) -> Result<MeshBody, Stop> {
        Ok(body)
    }

    fn save(&self, body: &MeshBody) -> Saved {
        Saved::Mesh(Arc::new(body.clone()), self.notes.clone())
    }

    fn restore(&mut self, saved: &Saved) -> Option<MeshBody> {
        match saved {
            Saved::Mesh(body, notes) => {
                self.notes.clone_from(notes);
                Some(MeshBody::clone(body))
            }
            _ => None,
        }
    }
}

impl MeshBody {
    pub(crate) fn triangle_count(&self) -> usize {
        self.solid.num_tri()
    }

    /// The kernel's result as our mesh.
    pub(crate) fn triangles(&self) -> TriMesh {
        triangles(&self.solid)
    }
}

impl MeshKernel<'_> {
    /// The mesh, and which operations made each run of its triangles.
    fn triangles_by_run(&self, body: &MeshBody) -> (TriMesh, super::Makers) {
        let gl = body.solid.get_mesh_gl64(-1);
        let runs = gl
            .run_original_id
            .iter()
            .enumerate()
            .map(|(n, id)| {
                let start = gl.run_index.get(n).copied().unwrap_or_default() as usize / 3;
                let end = gl.run_index.get(n + 1).copied().map_or(gl.tri_verts.len() / 3, |i| i as usize / 3);
                (start..end, body.made.get(id).cloned().unwrap_or_default())
            })
            .collect();
        (gl_triangles(&gl), runs)
    }
}

/// A solid of the vocabulary by itself, within `chord`; `None` when it cannot be made, or stands for an imported file.
pub(crate) fn meshes(solid: &Solid, chord: f64, cancel: &AtomicBool) -> Option<Vec<TriMesh>> {
    let imports = Imports::default();
    let bodies = MeshKernel::new(chord, &imports, cancel).make(solid, "", &[]).ok()?;
    Some(bodies.iter().map(MeshBody::triangles).collect())
}

/// The kernel's result as our mesh.
pub(crate) fn triangles(body: &Manifold) -> TriMesh {
    gl_triangles(&body.get_mesh_gl64(-1))
}

fn gl_triangles(gl: &MeshGL64) -> TriMesh {
    let stride = (gl.num_prop as usize).max(3);
    let positions = gl.vert_properties.chunks_exact(stride).map(|p| [p[0], p[1], p[2]]).collect();
    let triangles = gl.tri_verts.chunks_exact(3).map(|t| [t[0] as u32, t[1] as u32, t[2] as u32]).collect();
    TriMesh::new(positions, triangles)
}

fn gl(mesh: &TriMesh) -> MeshGL64 {
    MeshGL64 {
        num_prop: 3,
        vert_properties: mesh.positions.iter().flatten().copied().collect(),
        tri_verts: mesh.triangles.iter().flatten().map(|v| u64::from(*v)).collect(),
        ..MeshGL64::default()
    }
}

fn matrix(frame: &Frame) -> Mat3x4 {
    let v = |[x, y, z]: [f64; 3]| Vec3::new(x, y, z);
    let ([zx, zy, zz], [xx, xy, xz]) = (frame.z, frame.x);
    let y = [zy * xz - zz * xy, zz * xx - zx * xz, zx * xy - zy * xx];
    Mat3x4::from_cols(v(frame.x), v(y), v(frame.z), v(frame.origin))
}
