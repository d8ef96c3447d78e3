//! The modelling vocabulary's shapes as meshes, each within the chord tolerance.

use std::f64::consts::TAU;

use arris::math::Vec3;
use manifold_rust::{linalg::Vec2, manifold::Manifold, types::Polygons};
use part::solid::{Contour, Profile, Section, Shape, SpacePath};

use super::{
    MeshKernel, Stop, gl, settled,
    skin::{Skin, polygons},
    thread::Thread,
    within,
};
use crate::{
    brought::Imported,
    contour, glyphs,
    kernel::exact::{self, ExactKernel, Work},
    loft,
    outline::{self, Edge, Point},
    spine::{self, Leg, Place},
};

/// Rings of points, outer loop counter-clockwise and holes clockwise.
type Rings = Vec<Vec<Point>>;

fn points(rings: &Rings) -> usize {
    rings.iter().map(Vec::len).sum()
}

impl MeshKernel<'_> {
    /// Bodies before they are placed.
    pub(super) fn shape(&mut self, shape: &Shape) -> Result<Vec<Manifold>, Stop> {
        let simple = |outer: Contour| Profile { outer, holes: Vec::new() };
        let body = match shape {
            Shape::Box { size } => {
                let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
                self.extrude(&simple(outer), size[2])
            }
            Shape::Cylinder { diameter, height } => {
                self.extrude(&simple(Contour::Circle { centre: [0.0; 2], diameter: *diameter }), *height)
            }
            Shape::Extrusion { profile, height } => self.extrude(profile, *height),
            Shape::Revolution { profile, angle } => self.revolve(profile, *angle)?,
            Shape::Cone { bottom, top, height } => self.revolve(&simple(exact::cone(*bottom, *top, *height)), 360.0)?,
            Shape::Sphere { diameter } => self.revolve(&simple(exact::half_disc(*diameter / 2.0)), 360.0)?,
            Shape::Torus { ring, tube } => {
                self.revolve(&simple(Contour::Circle { centre: [ring / 2.0, 0.0], diameter: *tube }), 360.0)?
            }
            Shape::Text { text, height, depth } => {
                let profiles = glyphs::profiles(text, *height).map_err(Stop::refused)?;
                return Ok(profiles.iter().map(|profile| self.extrude(profile, *depth)).collect());
            }
            Shape::Drafted { profile, height, draft, twist } => self.drafted(profile, *height, *draft, *twist)?,
            Shape::Sweep { profile, path } => self.swept(profile, path)?,
            Shape::Coil { profile, radius, pitch, turns, left_handed } => {
                self.coil(profile, [*radius, *pitch, *turns], *left_handed)?
            }
            Shape::Loft { sections, ruled } => self.loft(sections, *ruled)?,
            Shape::Thread { diameter, pitch, length, internal, left_handed, clearance } => {
                let thread = Thread {
                    diameter: *diameter,
                    pitch: *pitch,
                    length: *length,
                    internal: *internal,
                    left_handed: *left_handed,
                    clearance: *clearance,
                };
                thread.build(self.chord)?
            }
            Shape::Imported { hash, scale } => return self.imported(hash, *scale),
        };
        Ok(vec![body])
    }

    fn rings(&self, profile: &Profile) -> Rings {
        let ring = |contour: &Contour, outer: bool| {
            let mut points = contour::polygon(contour, self.chord);
            if (contour::signed_area(&points) > 0.0) != outer {
                points.reverse();
            }
            points
        };
        std::iter::once(ring(&profile.outer, true)).chain(profile.holes.iter().map(|hole| ring(hole, false))).collect()
    }

    fn extrude(&self, profile: &Profile, height: f64) -> Manifold {
        Manifold::extrude(&polygons(&self.rings(profile)), height, 0, 0.0, Vec2::new(1.0, 1.0))
    }

    fn revolve(&self, profile: &Profile, angle: f64) -> Result<Manifold, Stop> {
        let mut rings = self.rings(profile);
        // A hair to the left of the axis would be clipped off, and its neighbours with it.
        rings.iter_mut().flatten().filter(|p| p[0].abs() < 1e-7).for_each(|p| p[0] = 0.0);
        let polygons: Polygons = polygons(&rings);
        let widest = polygons.iter().flatten().map(|p| p.x).fold(0.1, f64::max);
        let sides = contour::sides(widest, self.chord);
        within(sides.saturating_mul(2 * points(&rings)))?;
        Ok(Manifold::revolve(&polygons, sides as i32, angle.min(360.0)))
    }

    /// Levels of the profile's offsets, each turned a little further than the one below.
    fn drafted(&self, profile: &Profile, height: f64, draft: f64, twist: f64) -> Result<Manifold, Stop> {
        let top = exact::drafted_top(profile, height, draft).map_err(Stop::Refused)?;
        let pairs: Vec<(Vec<Edge>, Vec<Edge>)> = std::iter::once((&profile.outer, &top.outer))
            .chain(profile.holes.iter().zip(&top.holes))
            .map(|(low, high)| (outline::edges(low), outline::edges(high)))
            .collect();
        let reach = pairs
            .iter()
            .flat_map(|(low, high)| low.iter().chain(high))
            .map(|edge| edge.start()[0].hypot(edge.start()[1]))
            .fold(1e-3, f64::max);
        let levels = if twist.abs() < 1e-9 {
            1
        } else {
            (contour::sides(reach, self.chord) as f64 * twist.abs() / 360.0).ceil().max(2.0) as usize
        };
        // A straight side of a twisted body is a skew surface: it is cut as finely as it is turned.
        let longest = if levels == 1 {
            f64::MAX
        } else {
            (reach * TAU / contour::sides(reach, self.chord) as f64 * 4.0).max(0.1)
        };
        let mut loops: Vec<(Vec<Point>, Vec<Point>)> = Vec::new();
        for (index, (low, high)) in pairs.iter().enumerate() {
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for (e, f) in low.iter().zip(high) {
                let n = e.steps(self.chord).max(f.steps(self.chord)).max((e.length() / longest).ceil() as usize).max(1);
                a.extend((0..n).map(|i| e.at(i as f64 / n as f64)));
                b.extend((0..n).map(|i| f.at(i as f64 / n as f64)));
            }
            if index > 0 {
                a.reverse();
                b.reverse();
            }
            loops.push((a, b));
        }
        within(levels.saturating_mul(2 * loops.iter().map(|(a, _)| a.len()).sum::<usize>()))?;
        let level = |k: usize| -> Rings {
            let t = k as f64 / levels as f64;
            let (sin, cos) = (twist.to_radians() * t).sin_cos();
            loops
                .iter()
                .map(|(a, b)| {
                    a.iter()
                        .zip(b)
                        .map(|(p, q)| {
                            let [x, y] = [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
                            [x * cos - y * sin, x * sin + y * cos]
                        })
                        .collect()
                })
                .collect()
        };
        let levels: Vec<(Rings, f64)> = (0..=levels).map(|k| (level(k), height * k as f64 / levels as f64)).collect();
        stacked(&levels)
    }

    fn loft(&self, sections: &[Section], ruled: bool) -> Result<Manifold, Stop> {
        let rings = loft::matched(sections).map_err(Stop::Refused)?;
        let heights: Vec<f64> = sections.iter().map(|section| section.z).collect();
        let steps: Vec<usize> = (0..rings[0].len())
            .map(|i| rings.iter().map(|ring| ring[i].steps(self.chord)).max().unwrap_or(1))
            .collect();
        // A line against an arc, or against a line of another direction, is a skew surface.
        let skew = |i: usize| {
            rings.windows(2).any(|pair| {
                let (a, b) = (pair[0][i].direction(0.5), pair[1][i].direction(0.5));
                outline::cross(a, b).abs() > 1e-6
            })
        };
        let steps: Vec<usize> =
            steps.iter().enumerate().map(|(i, n)| if skew(i) { (*n).max(16) } else { *n }).collect();
        let points: Vec<Vec<Point>> = rings
            .iter()
            .map(|ring| {
                ring.iter()
                    .zip(&steps)
                    .flat_map(|(edge, n)| (0..*n).map(move |i| edge.at_rational(i as f64 / *n as f64)))
                    .collect()
            })
            .collect();
        let at = loft::chord_parameters(&rings, &heights);
        if ruled || points.len() == 2 {
            // Skew faces are cut across as well.
            let across = if (0..steps.len()).any(skew) { 16 } else { 1 };
            within(across as usize * 2 * points[0].len() * points.len())?;
            let mut levels = vec![(vec![points[0].clone()], heights[0])];
            for k in 1..points.len() {
                for s in 1..=across {
                    let t = f64::from(s) / f64::from(across);
                    let mix = |p: &Point, q: &Point| [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
                    let ring = points[k - 1].iter().zip(&points[k]).map(|(p, q)| mix(p, q)).collect();
                    levels.push((vec![ring], heights[k - 1] + (heights[k] - heights[k - 1]) * t));
                }
            }
            return stacked(&levels);
        }
        let parts = 24 * (points.len() - 1);
        within(parts * 2 * points[0].len())?;
        let mut levels = Vec::with_capacity(parts + 1);
        for s in 0..=parts {
            let v = s as f64 / parts as f64;
            let weights = weights(&at, v);
            let mix =
                |values: &dyn Fn(usize) -> f64| weights.iter().enumerate().map(|(k, w)| w * values(k)).sum::<f64>();
            let ring = (0..points[0].len()).map(|i| [mix(&|k| points[k][i][0]), mix(&|k| points[k][i][1])]).collect();
            levels.push((vec![ring], mix(&|k| heights[k])));
        }
        if levels.windows(2).any(|pair| pair[1].1 <= pair[0].1) {
            return Err(Stop::refused("the smooth skin falls back on itself; space the sections more evenly"));
        }
        stacked(&levels)
    }

    fn swept(&self, profile: &Profile, path: &SpacePath) -> Result<Manifold, Stop> {
        let spine = spine::spine(path).map_err(Stop::Refused)?;
        let flat = self.rings(profile);
        spine::fits(&spine, &flat[0]).map_err(Stop::Refused)?;
        let reach = flat[0].iter().map(|p| p[0].hypot(p[1])).fold(0.0, f64::max);
        let mut rings: Vec<Vec<Vec<[f64; 3]>>> = Vec::new();
        let ring = |place: &Place, onto: Option<Vec3>| -> Vec<Vec<[f64; 3]>> {
            let point = |p: &Point| {
                let at = place.point(*p);
                // At a corner, along the path onto the plane that halves it.
                let along = onto.map_or(0.0, |n| -(at - place.origin).dot(&n) / place.z.dot(&n));
                (at + place.z * along).into()
            };
            flat.iter().map(|points| points.iter().map(point).collect()).collect()
        };
        let mut place: Option<Place> = None;
        for (index, run) in spine.runs.iter().enumerate() {
            let Some(first) = run.first() else { continue };
            let mut here = match place {
                Some(before) => Place { origin: first.start(), ..before.facing(first.direction(0.0)) },
                None => Place::first(first.start(), first.direction(0.0)),
            };
            if index == 0 {
                rings.push(ring(&here, None));
            }
            let next = spine.runs.get(index + 1).and_then(|next| next.first()).map(|next| next.direction(0.0));
            for (n, leg) in run.iter().enumerate() {
                here = here.facing(leg.direction(0.0));
                let steps = match leg {
                    Leg::Line { .. } => 1,
                    Leg::Arc { from, centre, sweep, .. } => {
                        let sides = contour::sides((from - centre).norm() + reach, self.chord) as f64;
                        (sides * sweep / TAU).ceil().max(2.0) as usize
                    }
                };
                within((rings.len() + steps).saturating_mul(2 * points(&flat)))?;
                for step in 1..=steps {
                    let there = here.along(leg, step as f64 / steps as f64);
                    let corner = next.filter(|_| n + 1 == run.len() && step == steps).map(|z| there.z + z);
                    rings.push(ring(&there, corner));
                }
                here = here.along(leg, 1.0);
            }
            place = Some(here);
        }
        if spine.closed {
            let (Some(first), Some(last)) = (rings.first(), rings.last()) else {
                return Err(Stop::refused("the path is empty"));
            };
            let gap = |a: &[f64; 3], b: &[f64; 3]| (Vec3::from(*a) - Vec3::from(*b)).norm();
            if first.iter().flatten().zip(last.iter().flatten()).any(|(a, b)| gap(a, b) > 1e-3) {
                return Err(Stop::refused("the profile does not meet itself where the path closes"));
            }
            rings.pop();
            return Skin { rings, caps: None }.build();
        }
        let caps = Some([polygons(&flat), polygons(&flat)]);
        Skin { rings, caps }.build()
    }

    fn coil(&self, profile: &Profile, [radius, pitch, turns]: [f64; 3], left: bool) -> Result<Manifold, Stop> {
        exact::coil_fits(profile, radius, pitch, turns).map_err(Stop::Refused)?;
        let flat = self.rings(profile);
        let widest = flat[0].iter().map(|p| radius + p[0]).fold(radius, f64::max);
        let steps = (contour::sides(widest, self.chord) as f64 * turns).ceil().max(4.0) as usize;
        within(steps.saturating_mul(2 * points(&flat)))?;
        let rings = (0..=steps)
            .map(|k| {
                let turn = turns * k as f64 / steps as f64;
                let (sin, cos) = (TAU * turn * if left { -1.0 } else { 1.0 }).sin_cos();
                let point = |p: &Point| [(radius + p[0]) * cos, (radius + p[0]) * sin, p[1] + pitch * turn];
                flat.iter().map(|points| points.iter().map(point).collect()).collect()
            })
            .collect();
        Skin { rings, caps: Some([polygons(&flat), polygons(&flat)]) }.build()
    }

    fn imported(&self, hash: &str, scale: f64) -> Result<Vec<Manifold>, Stop> {
        let meshes = match self.imports.find(hash).map_err(Stop::Refused)? {
            Imported::Mesh(mesh) => vec![(**mesh).clone()],
            Imported::Step(bytes) => {
                let work = Work::new(self.cancel);
                let mut exact = ExactKernel::new(&work, self.imports);
                let bodies = exact.read_step(bytes)?;
                let chord = self.chord / scale.max(1e-6);
                bodies.into_iter().map(|body| exact.tessellate(body, chord)).collect::<Result<_, _>>()?
            }
        };
        meshes
            .into_iter()
            .map(|mut mesh| {
                mesh.positions.iter_mut().flatten().for_each(|c| *c *= scale);
                let body = settled(Manifold::from_mesh_gl64(&gl(&mesh)))
                    .map_err(|_| Stop::refused("the imported mesh is not closed; repair it first"))?;
                if body.volume() <= 0.0 {
                    return Err(Stop::refused("the imported mesh is inside out; repair it first"));
                }
                Ok(body)
            })
            .collect()
    }
}

/// The skin over level rings.
fn stacked(levels: &[(Rings, f64)]) -> Result<Manifold, Stop> {
    let (Some((bottom, _)), Some((top, _))) = (levels.first(), levels.last()) else {
        return Err(Stop::refused("there are no sections"));
    };
    let caps = Some([polygons(bottom), polygons(top)]);
    let rings = levels
        .iter()
        .map(|(rings, z)| rings.iter().map(|ring| ring.iter().map(|p| [p[0], p[1], *z]).collect()).collect())
        .collect();
    Skin { rings, caps }.build()
}

/// The sections most that one polynomial goes through, as on the exact kernel; past them the skin is a chain of cubics.
const ONE_POLYNOMIAL: usize = 9;

/// Weights of the sections at parameter `v`: Lagrange's through all of them, else through the four around it.
fn weights(at: &[f64], v: f64) -> Vec<f64> {
    let n = at.len();
    let (first, last) = if n <= ONE_POLYNOMIAL {
        (0, n)
    } else {
        let span = at.iter().rposition(|a| *a <= v).unwrap_or(0);
        let first = span.saturating_sub(1).min(n - 4);
        (first, first + 4)
    };
    (0..n)
        .map(|k| {
            if k < first || k >= last {
                return 0.0;
            }
            (first..last).filter(|j| *j != k).map(|j| (v - at[j]) / (at[k] - at[j])).product()
        })
        .collect()
}
