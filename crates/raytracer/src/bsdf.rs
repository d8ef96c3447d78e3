//! How surfaces scatter: a Lambertian base, optionally under a rough dielectric coat. Directions are in the shading frame, z
//! along the normal, both pointing away from the surface.

use std::f32::consts::{FRAC_1_PI, PI, TAU};

use glam::Vec3A;

use crate::scene::Material;

const TABLE: usize = 64;

/// A material with what can be computed once.
#[derive(Clone, Debug)]
pub(crate) struct Bsdf {
    albedo: Vec3A,
    coat: Option<Coat>,
}

/// The coat reflects by single-scattering GGX. What it does not reflect enters the base, both ways in proportion to
/// `1 - reflectance`, divided by its mean: reciprocal, and with a white base nothing is lost, multiple scattering included.
#[derive(Clone, Debug)]
struct Coat {
    alpha: f32,
    ior: f32,
    /// Directional reflectance at cosines 0..=1 in equal steps.
    reflectance: [f32; TABLE + 1],
    /// Cosine-weighted mean of `reflectance`.
    mean: f32,
}

impl Bsdf {
    pub(crate) fn new(material: &Material) -> Self {
        match *material {
            Material::Diffuse { albedo } => Self { albedo: Vec3A::from_array(albedo), coat: None },
            Material::Plastic { albedo, roughness, ior } => {
                Self { albedo: Vec3A::from_array(albedo), coat: Some(Coat::new(roughness, ior)) }
            }
        }
    }

    /// What a denoiser may divide by: the share of uniform light that comes back.
    pub(crate) fn total_albedo(&self) -> Vec3A {
        let mean = self.coat.as_ref().map_or(0.0, |coat| coat.mean);
        Vec3A::splat(mean) + self.albedo * (1.0 - mean)
    }

    /// The BSDF times the cosine of `i`, and the density with which [`Self::sample`] picks `i`.
    pub(crate) fn eval(&self, o: Vec3A, i: Vec3A) -> (Vec3A, f32) {
        if o.z <= 0.0 || i.z <= 0.0 {
            return (Vec3A::ZERO, 0.0);
        }
        let cosine = i.z * FRAC_1_PI;
        let Some(coat) = &self.coat else {
            return (self.albedo * cosine, cosine);
        };
        let (out, in_) = (coat.reflectance(o.z), coat.reflectance(i.z));
        let base = self.albedo * (cosine * (1.0 - out) * (1.0 - in_) / (1.0 - coat.mean));
        let (specular, specular_pdf) = coat.eval(o, i);
        let share = self.coat_share(out);
        (base + Vec3A::splat(specular), share * specular_pdf + (1.0 - share) * cosine)
    }

    /// A direction for `o`, from one pair for the direction and one number for the layer.
    pub(crate) fn sample(&self, o: Vec3A, direction: [f32; 2], layer: f32) -> Vec3A {
        if let Some(coat) = &self.coat
            && layer < self.coat_share(coat.reflectance(o.z))
        {
            let half = coat.sample_half(o, direction);
            return half * (2.0 * o.dot(half)) - o;
        }
        cosine_hemisphere(direction)
    }

    fn coat_share(&self, reflectance: f32) -> f32 {
        let base = (1.0 - reflectance) * self.albedo.max_element();
        (reflectance / (reflectance + base).max(1e-6)).clamp(0.05, 0.95)
    }
}

impl Coat {
    fn new(roughness: f32, ior: f32) -> Self {
        let mut coat = Self { alpha: roughness * roughness, ior, reflectance: [0.0; TABLE + 1], mean: 0.0 };
        let mut table = [0.0; TABLE + 1];
        const SIDE: usize = 24;
        for (step, entry) in table.iter_mut().enumerate() {
            let cos = (step as f32 / TABLE as f32).max(1e-3);
            let o = Vec3A::new((1.0 - cos * cos).max(0.0).sqrt(), 0.0, cos);
            let mut sum = 0.0;
            for cell in 0..SIDE * SIDE {
                let u = [cell / SIDE, cell % SIDE].map(|k| (k as f32 + 0.5) / SIDE as f32);
                let half = coat.sample_half(o, u);
                let i = half * (2.0 * o.dot(half)) - o;
                let (value, pdf) = coat.eval(o, i);
                if pdf > 0.0 {
                    sum += value / pdf;
                }
            }
            *entry = sum / (SIDE * SIDE) as f32;
        }
        coat.reflectance = table;
        const STEPS: usize = 1024;
        let mean: f32 = (0..STEPS)
            .map(|k| (k as f32 + 0.5) / STEPS as f32)
            .map(|cos| coat.reflectance(cos) * 2.0 * cos / STEPS as f32)
            .sum();
        // An index of one reflects nothing, an opaque mirror is not a plastic: the division by 1 - mean stays sound.
        coat.mean = mean.clamp(0.0, 0.99);
        coat
    }

    fn reflectance(&self, cos: f32) -> f32 {
        let at = cos.clamp(0.0, 1.0) * TABLE as f32;
        let step = (at as usize).min(TABLE - 1);
        let fraction = at - step as f32;
        self.reflectance[step] * (1.0 - fraction) + self.reflectance[step + 1] * fraction
    }

    /// Value times cosine, and density.
    fn eval(&self, o: Vec3A, i: Vec3A) -> (f32, f32) {
        let half = (o + i).normalize_or_zero();
        if i.z <= 0.0 || half.z <= 0.0 {
            return (0.0, 0.0);
        }
        let a2 = self.alpha * self.alpha;
        let d = (half.x * half.x + half.y * half.y) / a2 + half.z * half.z;
        let distribution = 1.0 / (PI * a2 * d * d);
        let (lambda_o, lambda_i) = (self.lambda(o), self.lambda(i));
        let common = distribution / (4.0 * o.z);
        let value = self.fresnel(o.dot(half)) * common / (1.0 + lambda_o + lambda_i);
        (value, common / (1.0 + lambda_o))
    }

    fn lambda(&self, v: Vec3A) -> f32 {
        let tan2 = (v.x * v.x + v.y * v.y) / (v.z * v.z);
        ((1.0 + self.alpha * self.alpha * tan2).sqrt() - 1.0) / 2.0
    }

    /// Exact, unpolarised.
    fn fresnel(&self, cos: f32) -> f32 {
        let cos = cos.clamp(0.0, 1.0);
        let transmitted = (1.0 - (1.0 - cos * cos) / (self.ior * self.ior)).max(0.0).sqrt();
        let parallel = (self.ior * cos - transmitted) / (self.ior * cos + transmitted).max(1e-9);
        let normal = (cos - self.ior * transmitted) / (cos + self.ior * transmitted).max(1e-9);
        (parallel * parallel + normal * normal) / 2.0
    }

    /// A visible half vector (Dupuy and Benyoub, "Sampling Visible GGX Normals with Spherical Caps", 2023).
    fn sample_half(&self, o: Vec3A, u: [f32; 2]) -> Vec3A {
        let stretched = Vec3A::new(o.x * self.alpha, o.y * self.alpha, o.z).normalize();
        let z = (1.0 - u[1]) * (1.0 + stretched.z) - stretched.z;
        let radius = (1.0 - z * z).max(0.0).sqrt();
        let (sin, cos) = (TAU * u[0]).sin_cos();
        let half = Vec3A::new(radius * cos, radius * sin, z) + stretched;
        Vec3A::new(half.x * self.alpha, half.y * self.alpha, half.z.max(1e-7)).normalize()
    }
}

fn cosine_hemisphere(u: [f32; 2]) -> Vec3A {
    let (sin, cos) = (TAU * u[0]).sin_cos();
    let radius = u[1].sqrt();
    Vec3A::new(radius * cos, radius * sin, (1.0 - u[1]).sqrt())
}

/// Two unit vectors that complete `n` to a right-handed frame (Duff et al., 2017).
pub(crate) fn tangents(n: Vec3A) -> (Vec3A, Vec3A) {
    let sign = 1.0_f32.copysign(n.z);
    let a = -1.0 / (sign + n.z);
    let b = n.x * n.y * a;
    (Vec3A::new(1.0 + sign * n.x * n.x * a, sign * b, -sign * n.x), Vec3A::new(b, sign + n.y * n.y * a, -n.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::Sampler;

    fn plastic(albedo: f32, roughness: f32) -> Bsdf {
        Bsdf::new(&Material::Plastic { albedo: [albedo; 3], roughness, ior: 1.5 })
    }

    /// Reflected share of uniform light by sampling, and the integral of the density over a uniform hemisphere.
    fn furnace(bsdf: &Bsdf, cos: f32) -> (f32, f32) {
        const SAMPLES: u32 = 16_384;
        let o = Vec3A::new((1.0 - cos * cos).sqrt(), 0.0, cos);
        let (mut reflected, mut density) = (0.0, 0.0);
        for index in 0..SAMPLES {
            let mut sampler = Sampler::new(5, 0, 0, index);
            let i = bsdf.sample(o, sampler.pair(), sampler.pair()[0]);
            let (value, pdf) = bsdf.eval(o, i);
            if pdf > 0.0 {
                reflected += value.x / pdf;
            }
            let [u, v] = sampler.pair();
            let radius = (1.0 - v * v).sqrt();
            let uniform = Vec3A::new(radius * (TAU * u).cos(), radius * (TAU * u).sin(), v);
            density += bsdf.eval(o, uniform).1 * TAU;
        }
        (reflected / SAMPLES as f32, density / SAMPLES as f32)
    }

    #[test]
    fn white_plastic_loses_and_makes_no_energy() {
        for roughness in [0.2, 0.4, 1.0] {
            for cos in [0.15, 0.5, 0.98] {
                let (reflected, _) = furnace(&plastic(1.0, roughness), cos);
                assert!((reflected - 1.0).abs() < 0.01, "roughness {roughness}, cos {cos}: {reflected}");
            }
        }
    }

    #[test]
    fn densities_integrate_to_at_most_one_and_values_are_reciprocal() {
        let bsdf = plastic(0.5, 0.5);
        for cos in [0.3, 0.9] {
            let (_, density) = furnace(&bsdf, cos);
            assert!(density > 0.93 && density < 1.01, "cos {cos}: {density}");
        }
        let (a, b) = (Vec3A::new(0.6, 0.0, 0.8), Vec3A::new(-0.3, 0.5, 0.812_403_8));
        let (ab, ba) = (bsdf.eval(a, b).0.x / b.z, bsdf.eval(b, a).0.x / a.z);
        assert!((ab - ba).abs() < 1e-4 * ab, "{ab} {ba}");
    }

    #[test]
    fn tangents_are_orthonormal() {
        for n in [Vec3A::Z, -Vec3A::Z, Vec3A::new(0.6, -0.8, 0.0), Vec3A::new(0.48, 0.6, -0.64)] {
            let (t, b) = tangents(n);
            assert!(t.dot(b).abs() < 1e-6 && t.dot(n).abs() < 1e-6 && (t.cross(b) - n).length() < 1e-5, "{n}");
        }
    }
}
