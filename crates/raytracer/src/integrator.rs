//! Light transport: one pixel's mean radiance by path tracing with next-event estimation.

use std::sync::atomic::{AtomicBool, Ordering};

use glam::{DVec3, Vec3, Vec3A};

use crate::accel::{Hit, Surface, World, lift};
use crate::bsdf::{Bsdf, tangents};
use crate::error::RenderError;
use crate::film::{Guide, Pixel, luminance};
use crate::light::{Light, sky_radiance};
use crate::render::Settings;
use crate::sampler::Sampler;
use crate::scene::{Camera, Material, Scene, Sky};

/// Pairs of dimensions that one vertex draws: light, direction, layer with roulette.
const PAIRS_PER_VERTEX: u32 = 3;
/// Vertices that a path has before roulette may end it.
const CERTAIN_VERTICES: u32 = 2;
/// Samples between two looks at the cancel flag.
const CANCEL_STRIDE: u32 = 64;

/// A scene prepared for tracing; shared by all threads.
pub(crate) struct Integrator {
    world: World,
    materials: Vec<Bsdf>,
    ground: Bsdf,
    light: Option<Light>,
    sky: Sky,
    lens: Lens,
    settings: Settings,
    /// The brightest emitter: what an indirect contribution is clamped to.
    brightest: f32,
}

/// The camera as an origin and three image axes.
struct Lens {
    origin: Vec3A,
    forward: Vec3A,
    /// From the centre to the right and the top edge.
    right: Vec3A,
    up: Vec3A,
}

struct Path {
    radiance: Vec3A,
    guide: Guide,
}

impl Integrator {
    pub(crate) fn new(scene: &Scene, settings: &Settings) -> Result<Self, RenderError> {
        check(scene)?;
        let world = World::new(scene)?;
        let light = Light::new(&scene.light, &world.frame);
        let aspect = settings.width as f32 / settings.height as f32;
        let lens = Lens::new(&scene.camera, world.frame.point(scene.camera.position), aspect)?;
        let brightest = [scene.sky.horizon, scene.sky.zenith, scene.light.radiance]
            .iter()
            .flatten()
            .fold(0.0_f32, |a, &b| a.max(b));
        let ground = scene.ground.map_or([0.0; 3], |g| g.albedo);
        Ok(Self {
            materials: scene.objects.iter().map(|o| Bsdf::new(&o.material)).collect(),
            ground: Bsdf::new(&Material::Diffuse { albedo: ground }),
            light,
            sky: scene.sky,
            lens,
            settings: *settings,
            brightest,
            world,
        })
    }

    /// `None` when cancelled.
    pub(crate) fn pixel(&self, x: u32, y: u32, cancel: &AtomicBool) -> Option<Pixel> {
        let samples = self.settings.samples_per_pixel;
        let (mut sum, mut guide) = (Vec3A::ZERO, Guide::default());
        // Differences from the first sample, because a mean of squares cancels badly in f32.
        let (mut shift, mut first, mut second) = (0.0, 0.0, 0.0);
        for index in 0..samples {
            if index % CANCEL_STRIDE == 0 && cancel.load(Ordering::Relaxed) {
                return None;
            }
            let mut sampler = Sampler::new(self.settings.seed, x, y, index);
            let jitter = sampler.pair().map(tent);
            let direction = self.lens.direction(
                (x as f32 + 0.5 + jitter[0]) / self.settings.width as f32,
                (y as f32 + 0.5 + jitter[1]) / self.settings.height as f32,
            );
            let path = self.path(self.lens.origin, direction, &mut sampler);
            sum += path.radiance;
            guide.albedo += path.guide.albedo;
            guide.normal += path.guide.normal;
            guide.position += path.guide.position;
            guide.coverage += path.guide.coverage;
            let light = luminance(path.radiance.into());
            if index == 0 {
                shift = light;
            }
            first += light - shift;
            second += (light - shift) * (light - shift);
        }
        let n = samples as f32;
        let mean = first / n;
        // One sample says nothing about its variance; assume that it is as large as the value.
        let variance =
            if samples > 1 { ((second / n - mean * mean) / (n - 1.0)).max(0.0) } else { luminance(sum.into()).powi(2) };
        guide.albedo /= n;
        guide.normal /= n;
        guide.position /= n;
        guide.coverage /= n;
        Some(Pixel { radiance: Vec3::from(sum / n), variance, guide })
    }

    fn path(&self, mut origin: Vec3A, mut direction: Vec3A, sampler: &mut Sampler) -> Path {
        let (mut radiance, mut throughput) = (Vec3A::ZERO, Vec3A::ONE);
        let mut guide = None;
        // The density of the direction just followed; a camera ray cannot be made by light sampling.
        let mut pdf = f32::INFINITY;
        for vertex in 0.. {
            let hit = self.world.intersect(origin, direction);
            let nearest = hit.map_or(f32::INFINITY, |h| h.t);
            let emitter = self.light.and_then(|light| Some((light, light.intersect(origin, direction)?)));
            if let Some((light, (t, light_pdf))) = emitter
                && t < nearest
            {
                let weight = if pdf.is_finite() { power_heuristic(pdf, light_pdf) } else { 1.0 };
                radiance += self.bounded(throughput * light.radiance * weight, vertex);
                guide.get_or_insert(Guide::far(direction));
                break;
            }
            let Some(hit) = hit else {
                radiance += self.bounded(throughput * sky_radiance(&self.sky, direction), vertex);
                guide.get_or_insert(Guide::far(direction));
                break;
            };
            let bsdf = match hit.surface {
                Surface::Object(index) => &self.materials[index as usize],
                Surface::Ground => &self.ground,
            };
            guide.get_or_insert_with(|| Guide::at(&hit, bsdf));
            if vertex == self.settings.max_bounces {
                break;
            }
            sampler.at(1 + vertex * PAIRS_PER_VERTEX);
            let (light_pair, direction_pair, [layer, roulette]) = (sampler.pair(), sampler.pair(), sampler.pair());
            let (tangent, bitangent) = tangents(hit.shading);
            let local = |v: Vec3A| Vec3A::new(v.dot(tangent), v.dot(bitangent), v.dot(hit.shading));
            let out = local(-direction);
            let start = lift(hit.position, hit.geometric);
            radiance += self.bounded(throughput * self.direct(&hit, bsdf, start, out, &local, light_pair), vertex + 1);

            let into = bsdf.sample(out, direction_pair, layer);
            let (value, into_pdf) = bsdf.eval(out, into);
            let next = (tangent * into.x + bitangent * into.y + hit.shading * into.z).normalize();
            // A smoothed normal must not let light through the facet.
            if into_pdf <= 0.0 || next.dot(hit.geometric) <= 0.0 {
                break;
            }
            throughput *= value / into_pdf;
            if vertex + 1 >= CERTAIN_VERTICES {
                let survival = throughput.max_element().min(1.0);
                if roulette >= survival {
                    break;
                }
                throughput /= survival;
            }
            (origin, direction, pdf) = (start, next, into_pdf);
        }
        Path { radiance, guide: guide.unwrap_or_default() }
    }

    /// The light's own contribution at a vertex, weighted against BSDF sampling.
    fn direct(
        &self,
        hit: &Hit,
        bsdf: &Bsdf,
        start: Vec3A,
        out: Vec3A,
        local: &impl Fn(Vec3A) -> Vec3A,
        pair: [f32; 2],
    ) -> Vec3A {
        let Some(light) = &self.light else { return Vec3A::ZERO };
        let Some(sample) = light.sample(start, pair) else { return Vec3A::ZERO };
        if sample.direction.dot(hit.geometric) <= 0.0 {
            return Vec3A::ZERO;
        }
        let (value, pdf) = bsdf.eval(out, local(sample.direction));
        if value.max_element() <= 0.0 || self.world.occluded(start, sample.direction, sample.distance * 0.9999) {
            return Vec3A::ZERO;
        }
        value * light.radiance * (power_heuristic(sample.pdf, pdf) / sample.pdf)
    }

    /// Clamps what arrives by more than one bounce: a path brighter than every emitter is a firefly.
    fn bounded(&self, contribution: Vec3A, vertex: u32) -> Vec3A {
        let peak = contribution.max_element();
        if vertex > 1 && peak > self.brightest { contribution * (self.brightest / peak) } else { contribution }
    }
}

impl Lens {
    fn new(camera: &Camera, origin: Vec3A, aspect: f32) -> Result<Self, RenderError> {
        let towards = DVec3::from_array(camera.look_at) - DVec3::from_array(camera.position);
        let forward = towards
            .try_normalize()
            .ok_or(RenderError::BadScene { field: "camera.look_at", why: "it must differ from the position" })?;
        let vertical = if forward.z.abs() > 1.0 - 1e-9 { DVec3::Y } else { DVec3::Z };
        let right = forward.cross(vertical).normalize();
        let up = right.cross(forward);
        let half = (camera.vertical_fov_deg / 2.0).to_radians().tan();
        Ok(Self {
            origin,
            forward: forward.as_vec3a(),
            right: (right * half).as_vec3a() * aspect,
            up: (up * half).as_vec3a(),
        })
    }

    /// Through a point of the picture, 0..1 from its top left corner.
    fn direction(&self, x: f32, y: f32) -> Vec3A {
        (self.forward + self.right * (2.0 * x - 1.0) + self.up * (1.0 - 2.0 * y)).normalize()
    }
}

impl Guide {
    fn at(hit: &Hit, bsdf: &Bsdf) -> Self {
        let coverage = if hit.surface == Surface::Ground { 0.0 } else { 1.0 };
        Self { albedo: bsdf.total_albedo().into(), normal: hit.shading.into(), position: hit.position.into(), coverage }
    }

    fn far(direction: Vec3A) -> Self {
        Self { albedo: Vec3::ONE, normal: Vec3::from(-direction), position: Vec3::from(direction * 1e5), coverage: 0.0 }
    }
}

fn power_heuristic(this: f32, other: f32) -> f32 {
    let (a, b) = (this * this, other * other);
    if a.is_finite() && a + b > 0.0 { a / (a + b) } else { 1.0 }
}

/// A tent filter of radius one pixel, by inverting its distribution.
fn tent(u: f32) -> f32 {
    if u < 0.5 { (2.0 * u).sqrt() - 1.0 } else { 1.0 - (2.0 - 2.0 * u).sqrt() }
}

/// Everything that can be said of the scene without looking at the meshes.
fn check(scene: &Scene) -> Result<(), RenderError> {
    let bad = |field, why| Err(RenderError::BadScene { field, why });
    let finite = |v: &[f64; 3]| v.iter().all(|c| c.is_finite() && c.abs() < 1e12);
    let emission = |v: &[f32; 3]| v.iter().all(|c| c.is_finite() && (0.0..=1e6).contains(c));
    let share = |v: &[f32; 3]| v.iter().all(|c| (0.0..=1.0).contains(c));
    let camera = &scene.camera;
    if !finite(&camera.position) || !finite(&camera.look_at) {
        return bad("camera", "position and look_at are millimetres below 1e12");
    }
    if !(1.0..=150.0).contains(&camera.vertical_fov_deg) {
        return bad("camera.vertical_fov_deg", "it lies in 1..=150");
    }
    if !(camera.exposure.is_finite() && (0.0..=1e6).contains(&camera.exposure)) {
        return bad("camera.exposure", "it lies in 0..=1e6");
    }
    let light = &scene.light;
    if ![&light.corner, &light.edge_u, &light.edge_v].into_iter().all(finite) {
        return bad("light", "corner and edges are millimetres below 1e12");
    }
    if ![&light.radiance, &scene.sky.horizon, &scene.sky.zenith].into_iter().all(emission) {
        return bad("light.radiance or sky", "radiance lies in 0..=1e6 a channel");
    }
    if let Some(ground) = &scene.ground
        && !(ground.z.is_finite() && ground.z.abs() < 1e12 && share(&ground.albedo))
    {
        return bad("ground", "z is millimetres, albedo lies in 0..=1 a channel");
    }
    for object in &scene.objects {
        match &object.material {
            Material::Diffuse { albedo } if !share(albedo) => {
                return bad("material.albedo", "it lies in 0..=1 a channel");
            }
            Material::Plastic { albedo, roughness, ior }
                if !(share(albedo) && (0.05..=1.0).contains(roughness) && (1.0..=3.0).contains(ior)) =>
            {
                return bad("material", "albedo lies in 0..=1 a channel, roughness in 0.05..=1, ior in 1..=3");
            }
            _ => {}
        }
    }
    Ok(())
}
