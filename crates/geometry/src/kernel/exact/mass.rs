//! Mass properties of a body over its exact surfaces, without a mesh.
//!
//! Volume, area and centre of mass are fluxes through the faces (divergence theorem), and the flux through a face is a
//! line integral around its loops in the surface's own (u, v) (Green's theorem): of each integrand, the inner integral
//! along v is taken by Gauss-Legendre of an order that is exact for the surface, and the outer one along the edge's
//! curve in (u, v) piece by piece. A flat face costs its edges, not its area. Curves with knots, and surfaces with knots
//! whose edges do not run along u or v, go to the kernel's own integral, which is slower by two orders of magnitude and
//! takes them all.

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

/// Where a surface with knots is only smooth piece by piece; nothing for the others.
#[derive(Default)]
struct Knots {
    u: Vec<f64>,
    v: Vec<f64>,
}

impl Knots {
    fn of(surface: &Surface) -> Knots {
        let Surface::Nurbs(skin) = surface else { return Knots::default() };
        let [u, v] = [0, 1].map(|k| {
            let mut ends = skin.knots()[k].to_vec();
            ends.dedup();
            // A span of high degree turns more often than one piece can follow.
            let cuts = 2 * skin.degree()[k].div_ceil(ends.len().saturating_sub(1).max(1)).max(1);
            let spans = ends.windows(2);
            let cut =
                |w: &[f64]| -> Vec<f64> { (0..cuts).map(|i| w[0] + (w[1] - w[0]) * i as f64 / cuts as f64).collect() };
            let mut all: Vec<f64> = spans.flat_map(cut).collect();
            all.extend(ends.last());
            all
        });
        Knots { u, v }
    }
}

/// From `lo` to `hi`, cut at what lies between.
fn cut(lo: f64, hi: f64, at: impl Iterator<Item = f64>) -> Vec<f64> {
    let (low, high) = (lo.min(hi), lo.max(hi));
    let mut ends: Vec<f64> = at.filter(|t| *t > low && *t < high).collect();
    ends.extend([lo, hi]);
    ends.sort_by(f64::total_cmp);
    if lo > hi {
        ends.reverse();
    }
    ends
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
    let knots = Knots::of(surface);
    let mut total = [0.0; 5];
    for coedge in entity.loops().iter().flat_map(|l| l.coedges()) {
        let fluxes = along(model, coedge, surface, &knots, about)?;
        for (sum, value) in total.iter_mut().zip(fluxes) {
            *sum += value;
        }
    }
    Ok(total)
}

/// Whether the loops are lines, circles and ellipses in (u, v): on a surface with knots, lines along u or v within its
/// domain.
fn by_loops(model: &Model, face: &Face, surface: &Surface) -> Result<bool, Stop> {
    let skin = match surface {
        Surface::Nurbs(skin) => Some(skin),
        _ => None,
    };
    for coedge in face.loops().iter().flat_map(|l| l.coedges()) {
        let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
        let pcurve = model.curve2(coedge.pcurve()).map_err(Stop::refused)?;
        if matches!(pcurve, Curve2::Nurbs(_)) || !range.is_bounded() {
            return Ok(false);
        }
        if let Some(skin) = skin {
            let Curve2::Line { direction, .. } = pcurve else { return Ok(false) };
            let inside = [range.lo(), range.hi()].into_iter().all(|t| {
                let p = pcurve.point(t);
                let within = |k: usize, at: f64| {
                    let domain = skin.domain()[k];
                    at > domain.lo() - 1e-9 && at < domain.hi() + 1e-9
                };
                within(0, p.x) && within(1, p.y)
            });
            if !inside || direction.x.abs().min(direction.y.abs()) > 1e-12 {
                return Ok(false);
            }
        }
    }
    Ok(!face.loops().is_empty())
}

/// Minus the integral of `H du` along one edge, `H` being the integral of the integrands from the least v.
fn along(model: &Model, coedge: &Coedge, surface: &Surface, knots: &Knots, about: Vec3) -> Result<Fluxes, Stop> {
    let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
    let pcurve = model.curve2(coedge.pcurve()).map_err(Stop::refused)?;
    let flat = matches!(surface, Surface::Plane { .. });
    let (rule, pieces): (&[(f64, f64)], f64) = match pcurve {
        Curve2::Line { direction, .. } if direction.x.abs() < 1e-12 => return Ok([0.0; 5]),
        // A polynomial of degree 3, or of degree 6 when leaning.
        Curve2::Line { .. } if flat => (&FOUR, 1.0),
        Curve2::Line { .. } if matches!(surface, Surface::Nurbs(_)) => (&TEN, 1.0),
        // u is an angle.
        Curve2::Line { direction, .. } => (&TEN, (direction.x.abs() * range.length() / FRAC_PI_2).ceil()),
        // The curve's parameter is an angle; on a curved surface, u and v are one of another.
        _ if flat => (&TEN, (range.length() / FRAC_PI_2).ceil()),
        _ => (&TEN, (range.length() / FRAC_PI_2 * 4.0).ceil()),
    };
    let pieces = pieces.max(1.0);
    let equal = (1..pieces as usize).map(|piece| range.lerp(piece as f64 / pieces));
    let ends = match pcurve {
        Curve2::Line { origin, direction } => {
            cut(range.lo(), range.hi(), equal.chain(knots.u.iter().map(|u| (u - origin.x) / direction.x)))
        }
        _ => cut(range.lo(), range.hi(), equal),
    };
    let mut sum = [0.0; 5];
    for piece in ends.windows(2) {
        let part = gauss(rule, piece[0], piece[1], |t| {
            let at = pcurve.eval(t);
            scaled(inner(surface, knots, at.point.x, at.point.y, about), -at.d1.x)
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

/// The integrands from (u, 0), or where the surface begins, to (u, v): polynomials of at most degree 3 along a ruling,
/// smooth along a meridian and between knots.
fn inner(surface: &Surface, knots: &Knots, u: f64, v: f64, about: Vec3) -> Fluxes {
    let at = |v: f64| {
        let e = surface.eval(u, v);
        integrands(e.point.coords - about, e.du.cross(&e.dv))
    };
    let ends = match surface {
        Surface::Sphere { .. } | Surface::Torus { .. } => {
            let pieces = (v.abs() / FRAC_PI_2).ceil().max(1.0);
            cut(0.0, v, (1..pieces as usize).map(|piece| v * piece as f64 / pieces))
        }
        Surface::Nurbs(_) => cut(knots.v.first().copied().unwrap_or(0.0), v, knots.v.iter().copied()),
        _ => return gauss(&TWO, 0.0, v, at),
    };
    let mut sum = [0.0; 5];
    for piece in ends.windows(2) {
        for (total, value) in sum.iter_mut().zip(gauss(&TEN, piece[0], piece[1], at)) {
            *total += value;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use arris::{Control, ops};
    use part::solid::{Action, Contour, Edges, Frame, Profile, Section, Shape, Side, Solid, Step};

    use super::*;
    use crate::{
        brought::Imports,
        cache::{Key, NoMemory},
        kernel::{
            self, Start,
            exact::{ExactKernel, Work},
        },
        plan::Task,
    };

    fn solid(shape: Shape) -> Action {
        Action::Add(Solid { shape, frame: Frame::WORLD })
    }

    /// The same as the kernel's, which takes another way.
    #[test]
    fn every_kind_of_face_has_the_flux_that_the_kernel_gives_it() {
        let plain = |outer: Contour| Profile { outer, holes: Vec::new() };
        let square = Contour::Rectangle { centre: [0.0; 2], size: [20.0, 14.0], corner_radius: 3.0 };
        let circle = |d: f64| Contour::Circle { centre: [1.0, 0.5], diameter: d };
        let bodies: Vec<Vec<Action>> = vec![
            vec![solid(Shape::Extrusion { profile: plain(square.clone()), height: 9.0 })],
            vec![solid(Shape::Cone { bottom: 20.0, top: 8.0, height: 11.0 })],
            vec![solid(Shape::Cone { bottom: 20.0, top: 0.0, height: 11.0 })],
            vec![solid(Shape::Sphere { diameter: 17.0 })],
            vec![solid(Shape::Torus { ring: 30.0, tube: 7.0 })],
            vec![solid(Shape::Extrusion {
                profile: plain(Contour::Ellipse { centre: [2.0, 1.0], size: [9.0, 5.0] }),
                height: 4.0,
            })],
            vec![solid(Shape::Drafted { profile: plain(square.clone()), height: 9.0, draft: 5.0, twist: 0.0 })],
            vec![solid(Shape::Revolution {
                profile: plain(Contour::Circle { centre: [9.0, 2.0], diameter: 5.0 }),
                angle: 200.0,
            })],
            vec![
                solid(Shape::Box { size: [20.0, 16.0, 10.0] }),
                Action::Cut(Solid {
                    shape: Shape::Cylinder { diameter: 6.0, height: 40.0 },
                    frame: Frame { origin: [-20.0, 1.0, 4.0], x: [0.0, 0.0, 1.0], z: [1.0, 0.2, 0.1] },
                }),
                Action::Fillet { edges: Edges::Outline(Side::Bottom), radius: 1.5 },
            ],
            vec![solid(Shape::Loft {
                sections: vec![
                    Section { contour: square.clone(), z: 0.0 },
                    Section { contour: circle(9.0), z: 12.0 },
                    Section { contour: square, z: 20.0 },
                ],
                ruled: false,
            })],
        ];
        for (index, actions) in bodies.into_iter().enumerate() {
            let tasks: Vec<Task> = actions
                .into_iter()
                .map(|action| Task {
                    step: Step { operation: "step".to_owned(), action },
                    credits: Vec::new(),
                    also: Vec::new(),
                })
                .collect();
            let imports = Imports::default();
            let cancel = std::sync::atomic::AtomicBool::new(false);
            let work = Work::new(&cancel);
            let mut kernel = ExactKernel::new(&work, &imports);
            let start = Start { body: None, done: 0, key: Key::seed("test", &[]) };
            let body =
                kernel::run(&mut kernel, &tasks, start, &NoMemory, &std::sync::atomic::AtomicBool::new(false)).unwrap();
            let ours = properties(&kernel.model, body.body).unwrap();
            let theirs = ops::measure::mass_properties(&kernel.model, body.body, &Control::NONE).unwrap();
            let close = |a: f64, b: f64| (a - b).abs() < 1e-8 * b.abs().max(1.0);
            assert!(
                close(ours.volume_mm3, theirs.volume),
                "body {index}: {} is not {}",
                ours.volume_mm3,
                theirs.volume
            );
            assert!(close(ours.area_mm2, theirs.area), "body {index}: {} is not {}", ours.area_mm2, theirs.area);
            for (a, b) in ours.centre_of_mass.into_iter().zip([theirs.centroid.x, theirs.centroid.y, theirs.centroid.z])
            {
                assert!(close(a, b), "body {index}: {a} is not {b}");
            }
        }
    }
}
