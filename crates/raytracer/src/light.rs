//! Emitters: the parallelogram light, sampled by area, and the sky.

use glam::Vec3A;

use crate::accel::Frame;
use crate::scene::{AreaLight, Sky};

/// The light in the normalised frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Light {
    corner: Vec3A,
    edge_u: Vec3A,
    edge_v: Vec3A,
    normal: Vec3A,
    area: f32,
    pub(crate) radiance: Vec3A,
}

/// A point on the light as seen from a surface.
pub(crate) struct LightSample {
    pub(crate) direction: Vec3A,
    pub(crate) distance: f32,
    /// Density over solid angle.
    pub(crate) pdf: f32,
}

impl Light {
    /// `None` for a light that is switched off or has no area.
    pub(crate) fn new(light: &AreaLight, frame: &Frame) -> Option<Self> {
        let (edge_u, edge_v) = (frame.vector(light.edge_u), frame.vector(light.edge_v));
        let cross = edge_u.cross(edge_v);
        let (area, radiance) = (cross.length(), Vec3A::from_array(light.radiance));
        (area > 0.0 && radiance.max_element() > 0.0).then(|| Self {
            corner: frame.point(light.corner),
            edge_u,
            edge_v,
            normal: cross / area,
            area,
            radiance,
        })
    }

    /// `None` from behind.
    pub(crate) fn sample(&self, from: Vec3A, u: [f32; 2]) -> Option<LightSample> {
        let to = self.corner + self.edge_u * u[0] + self.edge_v * u[1] - from;
        let distance = to.length();
        let direction = to / distance;
        let cos = -direction.dot(self.normal);
        (cos > 1e-6 && distance > 0.0).then(|| LightSample {
            direction,
            distance,
            pdf: distance * distance / (cos * self.area),
        })
    }

    /// Distance and density where a ray meets the emitting side.
    pub(crate) fn intersect(&self, origin: Vec3A, direction: Vec3A) -> Option<(f32, f32)> {
        let cos = -direction.dot(self.normal);
        if cos <= 1e-6 {
            return None;
        }
        let t = (origin - self.corner).dot(self.normal) / cos;
        if t <= 0.0 {
            return None;
        }
        let at = origin + direction * t - self.corner;
        // Coordinates along the edges, which need not be perpendicular.
        let u = at.cross(self.edge_v).dot(self.normal) / self.area;
        let v = self.edge_u.cross(at).dot(self.normal) / self.area;
        ((0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v)).then(|| (t, t * t / (cos * self.area)))
    }
}

pub(crate) fn sky_radiance(sky: &Sky, direction: Vec3A) -> Vec3A {
    let up = direction.z.clamp(0.0, 1.0);
    Vec3A::from_array(sky.horizon).lerp(Vec3A::from_array(sky.zenith), up)
}
