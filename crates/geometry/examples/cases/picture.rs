//! Small pictures of parts for people who read the tree: ray traced, then reduced to a palette so that they stay small.

use std::sync::atomic::AtomicBool;

use mesh::TriMesh;
use raytracer::{Picture, Preset, Scene, Settings};

/// The blue of a drawing office, unless the part says its colour.
const COLOUR: [u8; 3] = [72, 118, 168];

/// A PNG of at most `limit` bytes.
pub(crate) fn png(
    mesh: TriMesh,
    colour: Option<[u8; 3]>,
    [width, height]: [u32; 2],
    limit: usize,
) -> Result<Vec<u8>, String> {
    let scene = Scene::product_shot(mesh, colour.unwrap_or(COLOUR), f64::from(width) / f64::from(height));
    let settings = Settings::new(width, height, Preset::Draft, 1);
    let picture = raytracer::render(&scene, &settings, &AtomicBool::new(false), &|_| ()).map_err(|e| e.to_string())?;
    for colours in [64, 40, 24, 16, 10, 6] {
        let bytes = encoded(&picture, colours)?;
        if bytes.len() <= limit {
            return Ok(bytes);
        }
    }
    Err(format!("does not fit in {limit} bytes"))
}

fn encoded(picture: &Picture, colours: usize) -> Result<Vec<u8>, String> {
    let pixels: Vec<[f32; 3]> = picture.rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2]].map(f32::from)).collect();
    let palette = palette(&pixels, colours);
    let indices: Vec<u8> = pixels.iter().map(|pixel| nearest(&palette, *pixel) as u8).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_palette(palette.iter().flatten().map(|c| c.round().clamp(0.0, 255.0) as u8).collect::<Vec<_>>());
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&indices).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Lloyd's algorithm from the quantiles of the luminance: a part is one hue on a grey ground.
fn palette(pixels: &[[f32; 3]], colours: usize) -> Vec<[f32; 3]> {
    let mut sorted: Vec<[f32; 3]> = pixels.iter().step_by(7).copied().collect();
    sorted.sort_by(|a, b| luminance(a).total_cmp(&luminance(b)));
    let at = |i: usize| sorted.get((2 * i + 1) * sorted.len() / (2 * colours)).copied().unwrap_or_default();
    let mut palette: Vec<[f32; 3]> = (0..colours).map(at).collect();
    for _ in 0..12 {
        let mut sums = vec![([0.0_f32; 3], 0.0_f32); palette.len()];
        for pixel in &sorted {
            let (sum, count) = &mut sums[nearest(&palette, *pixel)];
            (0..3).for_each(|c| sum[c] += pixel[c]);
            *count += 1.0;
        }
        for (entry, (sum, count)) in palette.iter_mut().zip(sums) {
            if count > 0.0 {
                *entry = sum.map(|c| c / count);
            }
        }
    }
    palette
}

fn luminance([r, g, b]: &[f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn nearest(palette: &[[f32; 3]], pixel: [f32; 3]) -> usize {
    let distance = |entry: &[f32; 3]| (0..3).map(|c| (entry[c] - pixel[c]).powi(2)).sum::<f32>();
    let nearest = palette.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    nearest.map_or(0, |(index, _)| index)
}
