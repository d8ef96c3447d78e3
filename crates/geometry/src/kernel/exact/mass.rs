//! Mass properties of a body over its exact surfaces, without a mesh.
//!
//! Volume, area and centre of mass are fluxes through the faces (divergence theorem), and the flux through a face is a
//! line integral around its loops in the surface's own (u, v) (Green's theorem): of each integrand, the inner integral
//! along v is taken by Gauss-Legendre of an order that is exact for the surface, and the outer one along the edge's
//! curve in (u, v) piece by piece. A flat face costs its edges, not its area. Surfaces and curves with knots go to the
//! kernel's own integral, which is slower by two orders of magnitude and takes them all.

use std::f64::consts::FRAC_PI_2;

use arris::{
    check::flux::face_flux,
    geom::{Curve2, Surface},
    math::{Point3, Vec3},
    topo::{Body, FaceId, Model, Orientation, entity::Coedge, entity::Face},
};

use super::Stop;

/// Volume, three first moments, area.
type Fluxes = [f64; 5];

const TWO: [(f64, f64); 1] = [(0.577_350_269_189_625_8, 1.0)];
const FOUR: [(f64, f64); 2] =
    [(0.339_981_043_584_856_3, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_9)];
const TEN: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_3),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_1),
];

/// Gauss-Legendre from `lo` to `hi`; `rule` has the nodes above zero with their weights.
fn gauss(rule: &[(f64, f64)], lo: f64, hi: f64, mut f: impl FnMut(f64) -> Fluxes) -> Fluxes {
    let (middle, half) = ((lo + hi) / 2.0, (hi - lo) / 2.0);
    let mut sum = [0.0; 5];
    for (node, weight) in rule {
        for at in [middle - half * node, middle + half * node] {
            for (total, value) in sum.iter_mut().zip(f(at)) {
                *total += weight * half * value;
            }
        }
    }
    sum
}

pub(super) fn properties(model: &Model, body: Body) -> Result<mesh::MassProperties, Stop> {
    let faces = model.faces(body).map_err(Stop::refused)?;
    let about = centre(model, body)?;
    let mut total = [0.0; 5];
    for face in faces {
        let sign = face.orientation.sign();
        let fluxes = flux(model, face.id, about)?;
        for (k, value) in fluxes.into_iter().enumerate() {
            // The area has no side.
            total[k] += if k == 4 { value } else { sign * value };
        }
    }
    let [volume, x, y, z, area] = total;
    if !(volume.is_finite() && volume > 0.0) {
        return Err(Stop::refused("nothing is left of the body"));
    }
    let centroid = about + Vec3::new(x, y, z) / volume;
    Ok(mesh::MassProperties {
        volume_mm3: volume,
        area_mm2: area,
        centre_of_mass: [centroid.x, centroid.y, centroid.z],
    })
}

/// Fluxes are taken about a point near the body: what its loops leave open then counts by the body's size, not by how far
/// it is from the origin.
fn centre(model: &Model, body: Body) -> Result<Vec3, Stop> {
    let (mut low, mut high) = (Vec3::repeat(f64::MAX), Vec3::repeat(f64::MIN));
    for vertex in model.vertices(body).map_err(Stop::refused)? {
        let point = model.vertex(vertex.id).map_err(Stop::refused)?.point().coords;
        (low, high) = (low.inf(&point), high.sup(&point));
    }
    Ok((low + high) / 2.0)
}

/// The integrands at a point of the surface, by its area element.
fn integrands(point: Vec3, normal: Vec3) -> Fluxes {
    [
        point.dot(&normal) / 3.0,
        point.x * point.x / 2.0 * normal.x,
        point.y * point.y / 2.0 * normal.y,
        point.z * point.z / 2.0 * normal.z,
        normal.norm(),
    ]
}

/// Along the natural normal of the face's surface.
fn flux(model: &Model, face: FaceId, about: Vec3) -> Result<Fluxes, Stop> {
    let entity = model.face(face).map_err(Stop::refused)?;
    let surface = model.surface(entity.surface()).map_err(Stop::refused)?;
    if !by_loops(model, entity, surface)? {
        let mut fluxes = [0.0; 5];
        for (k, value) in fluxes.iter_mut().enumerate() {
            let integrand = |point: Point3, normal: Vec3| integrands(point.coords - about, normal)[k];
            *value = face_flux(model, face, integrand).map_err(Stop::refused)?;
        }
        return Ok(fluxes);
    }
    let mut total = [0.0; 5];
    for coedge in entity.loops().iter().flat_map(|l| l.coedges()) {
        let fluxes = along(model, coedge, surface, about)?;
        for (sum, value) in total.iter_mut().zip(fluxes) {
            *sum += value;
        }
    }
    Ok(total)
}

/// Whether the surface is smooth and its loops are lines, circles and ellipses in (u, v).
fn by_loops(model: &Model, face: &Face, surface: &Surface) -> Result<bool, Stop> {
    if matches!(surface, Surface::Nurbs(_)) {
        return Ok(false);
    }
    for coedge in face.loops().iter().flat_map(|l| l.coedges()) {
        let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
        let pcurve = model.curve2(coedge.pcurve()).map_err(Stop::refused)?;
        if matches!(pcurve, Curve2::Nurbs(_)) || !range.is_bounded() {
            return Ok(false);
        }
    }
    Ok(!face.loops().is_empty())
}

/// Minus the integral of `H du` along one edge, `H` being the integral of the integrands from v = 0.
fn along(model: &Model, coedge: &Coedge, surface: &Surface, about: Vec3) -> Result<Fluxes, Stop> {
    let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
    let pcurve = model.curve2(coedge.pcurve()).map_err(Stop::refused)?;
    let flat = matches!(surface, Surface::Plane { .. });
    let (rule, pieces): (&[(f64, f64)], f64) = match pcurve {
        Curve2::Line { direction, .. } if direction.x == 0.0 => return Ok([0.0; 5]),
        // A polynomial of degree 3, or of degree 6 when leaning.
        Curve2::Line { .. } if flat => (&FOUR, 1.0),
        // u is an angle.
        Curve2::Line { direction, .. } => (&TEN, (direction.x.abs() * range.length() / FRAC_PI_2).ceil()),
        // The curve's parameter is an angle; on a curved surface, u and v are one of another.
        _ if flat => (&TEN, (range.length() / FRAC_PI_2).ceil()),
        _ => (&TEN, (range.length() / FRAC_PI_2 * 4.0).ceil()),
    };
    let pieces = pieces.max(1.0);
    let mut sum = [0.0; 5];
    for piece in 0..pieces as usize {
        let (lo, hi) = (range.lerp(piece as f64 / pieces), range.lerp((piece + 1) as f64 / pieces));
        let part = gauss(rule, lo, hi, |t| {
            let at = pcurve.eval(t);
            scaled(inner(surface, at.point.x, at.point.y, about), -at.d1.x)
        });
        for (total, value) in sum.iter_mut().zip(part) {
            *total += value;
        }
    }
    let walked = if coedge.orientation() == Orientation::Forward { 1.0 } else { -1.0 };
    Ok(scaled(sum, walked))
}

fn scaled(mut fluxes: Fluxes, by: f64) -> Fluxes {
    for value in &mut fluxes {
        *value *= by;
    }
    fluxes
}

/// The integrands from (u, 0) to (u, v): polynomials of at most degree 3 along a ruling, smooth along a meridian.
fn inner(surface: &Surface, u: f64, v: f64, about: Vec3) -> Fluxes {
    let (rule, pieces): (&[(f64, f64)], f64) = match surface {
        Surface::Sphere { .. } | Surface::Torus { .. } => (&TEN, (v.abs() / FRAC_PI_2).ceil().max(1.0)),
        _ => (&TWO, 1.0),
    };
    let mut sum = [0.0; 5];
    for piece in 0..pieces as usize {
        let (lo, hi) = (v * piece as f64 / pieces, v * (piece + 1) as f64 / pieces);
        let part = gauss(rule, lo, hi, |v| {
            let e = surface.eval(u, v);
            integrands(e.point.coords - about, e.du.cross(&e.dv))
        });
        for (total, value) in sum.iter_mut().zip(part) {
            *total += value;
        }
    }
    sum
}
