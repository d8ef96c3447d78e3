//! A small picture of a part, for file managers and slicers: seen from the front, the right and above, through a z-buffer.
//!
//! Only sums, products, quotients and square roots of doubles: the same mesh gives the same bytes on every machine.

use mesh::TriMesh;

use super::FormatError;

/// Pixels along a side of the picture, and samples along a side of a pixel.
const SIDE: usize = 256;
const FINE: usize = 2;
const SAMPLES: usize = SIDE * FINE;
/// Share of the picture that stays free on each side.
const MARGIN: f64 = 0.05;

/// From the part to the viewer, and to the lamps: above on the left, and a weaker one on the right.
const VIEWER: [f64; 3] = [0.6, -1.0, 0.7];
const LAMPS: [([f64; 3], f64); 2] = [([-0.5, -0.7, 1.1], 0.7), ([1.0, -0.2, 0.2], 0.2)];
const AMBIENT: f64 = 0.38;
/// What is left of the light on a line: where faces meet at more than about 30 degrees, or one stands before another.
const LINE: f64 = 0.3;
const CREASE: f64 = 0.866;

type Vector = [f64; 3];

/// A PNG with a transparent ground.
pub fn png(mesh: &TriMesh, rgb: [u8; 3]) -> Result<Vec<u8>, FormatError> {
    let refused = |error: png::EncodingError| FormatError::Refused { format: "PNG", reason: error.to_string() };
    let pixels = pixels(mesh, rgb);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(&pixels).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(bytes)
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(a: Vector) -> Vector {
    let length = dot(a, a).sqrt();
    a.map(|c| if length > 0.0 { c / length } else { 0.0 })
}

/// What a sample sees: how near it is, and the direction of the face. Nothing where the ground shows.
#[derive(Clone, Copy)]
struct Seen {
    near: f64,
    normal: Vector,
}

/// Samples in rows from the top left; distances are in samples.
struct Buffer {
    seen: Vec<Option<Seen>>,
}

impl Buffer {
    fn of(mesh: &TriMesh) -> Buffer {
        let viewer = unit(VIEWER);
        let right = unit(cross([0.0, 0.0, 1.0], viewer));
        let up = cross(viewer, right);
        let project = |p: &Vector| [dot(*p, right), -dot(*p, up), dot(*p, viewer)];
        let mut points: Vec<Vector> = mesh.positions.iter().map(project).collect();
        let extent = |axis: usize| {
            points.iter().fold([f64::MAX, f64::MIN], |[low, high], p| [low.min(p[axis]), high.max(p[axis])])
        };
        let (x, y) = (extent(0), extent(1));
        let span = (x[1] - x[0]).max(y[1] - y[0]).max(1e-9);
        let scale = SAMPLES as f64 * (1.0 - 2.0 * MARGIN) / span;
        let middle = SAMPLES as f64 / 2.0;
        for p in &mut points {
            let [px, py, near] = *p;
            *p = [
                middle + (px - (x[0] + x[1]) / 2.0) * scale,
                middle + (py - (y[0] + y[1]) / 2.0) * scale,
                near * scale,
            ];
        }
        let mut buffer = Buffer { seen: vec![None; SAMPLES * SAMPLES] };
        for (index, triangle) in mesh.triangles.iter().enumerate() {
            let [a, b, c] = mesh.corners(index);
            let edge = |to: Vector| -> Vector { std::array::from_fn(|k| to[k] - a[k]) };
            let normal = unit(cross(edge(b), edge(c)));
            // A closed body hides its far side.
            if dot(normal, viewer) > 0.0 {
                buffer.fill(triangle.map(|vertex| points[vertex as usize]), normal);
            }
        }
        buffer
    }

    fn fill(&mut self, [a, b, c]: [Vector; 3], normal: Vector) {
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if area == 0.0 {
            return;
        }
        // The samples' middles between the least and the greatest corner.
        let range = |axis: usize| {
            let (low, high) = (a[axis].min(b[axis]).min(c[axis]), a[axis].max(b[axis]).max(c[axis]));
            (low - 0.5).ceil().max(0.0) as usize..((high - 0.5).floor() + 1.0).clamp(0.0, SAMPLES as f64) as usize
        };
        for row in range(1) {
            for column in range(0) {
                let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
                let share = |p: Vector, q: Vector| ((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) / area;
                let (of_c, of_a, of_b) = (share(a, b), share(b, c), share(c, a));
                if of_a < 0.0 || of_b < 0.0 || of_c < 0.0 {
                    continue;
                }
                let near = of_a * a[2] + of_b * b[2] + of_c * c[2];
                let seen = &mut self.seen[row * SAMPLES + column];
                if seen.is_none_or(|other| near > other.near) {
                    *seen = Some(Seen { near, normal });
                }
            }
        }
    }

    /// Whether a line is drawn between a sample and the next one in its row or column.
    fn divides(&self, here: usize, next: usize) -> bool {
        match (self.seen[here], self.seen[next]) {
            (None, None) => false,
            (Some(a), Some(b)) => {
                // How much nearer a face comes from one sample to the next, at most.
                let viewer = unit(VIEWER);
                let slope = |normal: Vector| {
                    let facing = dot(normal, viewer).max(1e-3);
                    (1.0 - (facing * facing).min(1.0)).sqrt() / facing
                };
                let step = (a.near - b.near).abs();
                dot(a.normal, b.normal) < CREASE || step > 3.0 * (1.0 + slope(a.normal).max(slope(b.normal)))
            }
            _ => true,
        }
    }
}

/// Red, green, blue and opacity, row by row.
fn pixels(mesh: &TriMesh, rgb: [u8; 3]) -> Vec<u8> {
    let buffer = Buffer::of(mesh);
    let lamps = LAMPS.map(|(towards, strength)| (unit(towards), strength));
    let light = |index: usize| -> Option<f64> {
        let seen = buffer.seen[index]?;
        let lit: f64 = lamps.iter().map(|(towards, strength)| strength * dot(seen.normal, *towards).max(0.0)).sum();
        let (row, column) = (index / SAMPLES, index % SAMPLES);
        let line = (column + 1 < SAMPLES && buffer.divides(index, index + 1))
            || (row + 1 < SAMPLES && buffer.divides(index, index + SAMPLES));
        Some((AMBIENT + lit) * if line { LINE } else { 1.0 })
    };
    let mut pixels = Vec::with_capacity(SIDE * SIDE * 4);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (mut sum, mut covered) = (0.0, 0.0);
            for sample in 0..FINE * FINE {
                let index = (row * FINE + sample / FINE) * SAMPLES + column * FINE + sample % FINE;
                if let Some(light) = light(index) {
                    sum += light.min(1.0);
                    covered += 1.0;
                }
            }
            let light = if covered > 0.0 { sum / covered } else { 0.0 };
            pixels.extend(rgb.map(|channel| (f64::from(channel) * light + 0.5) as u8));
            pixels.push((255.0 * covered / (FINE * FINE) as f64 + 0.5) as u8);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube(side: f64) -> TriMesh {
        let positions = (0..8).map(|i| [i & 1, i >> 1 & 1, i >> 2 & 1].map(|c| f64::from(c) * side)).collect();
        let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
        TriMesh::new(positions, triangles)
    }

    #[test]
    fn a_cube_shows_its_front_its_right_side_and_its_top_and_fills_the_picture() {
        let pixels = pixels(&cube(7.0), [200, 100, 50]);
        let at = |x: usize, y: usize| -> [u8; 4] { pixels[(y * SIDE + x) * 4..][..4].try_into().unwrap() };
        assert_eq!([at(2, 2)[3], at(253, 253)[3]], [0, 0], "the ground is transparent");
        let (top, front, right) = (at(120, 50), at(80, 150), at(200, 150));
        assert!(top[0] > front[0] && front[0] > right[0], "{top:?} {front:?} {right:?}");
        assert!([top, front, right].iter().all(|p| p[3] == 255 && p[0] > p[1] && p[1] > p[2]));
        let covered: Vec<usize> = (0..SIDE * SIDE).filter(|i| pixels[i * 4 + 3] > 0).map(|i| i / SIDE).collect();
        let height = covered.last().unwrap() - covered[0];
        assert!((0.85..=0.92).contains(&(height as f64 / SIDE as f64)), "{height}");
        // The same shape at another scale and place.
        let moved = cube(14.0).translated([3.0, -8.0, 1.0]);
        let other = super::pixels(&moved, [200, 100, 50]);
        let apart = other.iter().zip(&pixels).filter(|(a, b)| a.abs_diff(**b) > 8).count();
        assert!(apart < pixels.len() / 500, "{apart}");
    }

    #[test]
    fn edges_are_lines() {
        let pixels = pixels(&cube(7.0), [200; 3]);
        // Along a row through both upright faces there is one dark place between them.
        let row: Vec<u8> = (30..226).map(|x| pixels[(150 * SIDE + x) * 4]).collect();
        let dark = row.windows(3).filter(|w| w[1] < w[0] && w[1] < w[2] && w[1] + 20 < w[0].max(w[2])).count();
        assert_eq!(dark, 1, "{row:?}");
    }
}
