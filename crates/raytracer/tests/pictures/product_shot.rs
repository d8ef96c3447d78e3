//! The product shot: every part is whole, its colour recognisable, its inside and its shadow visible, its picture clean.

use raytracer::{Linear, Scene, render, trace};

use crate::settings;
use crate::shapes::{cuboid, pot, sphere};

/// Extremes of the object's pixels: left, right, top, bottom.
fn extent(image: &Linear) -> [u32; 4] {
    let mut extent = [u32::MAX, 0, u32::MAX, 0];
    for (at, _) in image.coverage.iter().enumerate().filter(|(_, c)| **c > 0.0) {
        let (x, y) = (at as u32 % image.width, at as u32 / image.width);
        extent = [extent[0].min(x), extent[1].max(x), extent[2].min(y), extent[3].max(y)];
    }
    extent
}

#[test]
fn any_proportions_fit_with_a_margin_and_fill_the_picture() {
    for size in [[100.0, 100.0, 100.0], [200.0, 200.0, 1.0], [5.0, 5.0, 200.0], [300.0, 4.0, 4.0], [4.0, 300.0, 60.0]] {
        for (width, height) in [(96, 96), (160, 64), (64, 160)] {
            let mesh = cuboid([0.0; 3], size).translated([500.0, -70.0, 12.0]);
            let scene = Scene::product_shot(mesh, [128; 3], f64::from(width) / f64::from(height));
            let image = trace(&scene, &settings(width, height, 4), &false.into(), &|_| ()).unwrap();
            let [left, right, top, bottom] = extent(&image);
            let (margin_x, margin_y) = (width / 16, height / 16);
            assert!(
                left >= margin_x && right < width - margin_x && top >= margin_y && bottom < height - margin_y,
                "{size:?} in {width} x {height}: {left}..{right}, {top}..{bottom}"
            );
            let fill = f64::max(
                f64::from(right - left + 1) / f64::from(width),
                f64::from(bottom - top + 1) / f64::from(height),
            );
            assert!(fill > 0.55, "{size:?} in {width} x {height} fills only {fill}");
        }
    }
}

fn hue_deg([r, g, b]: [f64; 3]) -> f64 {
    (3.0_f64.sqrt() * (g - b)).atan2(2.0 * r - g - b).to_degrees()
}

#[test]
fn a_part_has_the_hue_that_was_asked_for() {
    for colour in [[200, 30, 30], [255, 0, 0], [30, 160, 60], [30, 60, 200], [250, 200, 20], [255, 120, 0]] {
        let scene = Scene::product_shot(pot(6, 48), colour, 1.0);
        let settings = settings(64, 64, 16);
        let coverage = trace(&scene, &settings, &false.into(), &|_| ()).unwrap().coverage;
        let picture = render(&scene, &settings, &false.into(), &|_| ()).unwrap();
        let mut mean = [0.0; 3];
        for (pixel, _) in picture.rgb.chunks_exact(3).zip(&coverage).filter(|(_, c)| **c == 1.0) {
            for (sum, byte) in mean.iter_mut().zip(pixel) {
                *sum += f64::from(*byte);
            }
        }
        let difference = (hue_deg(mean) - hue_deg(colour.map(f64::from)) + 540.0).rem_euclid(360.0) - 180.0;
        assert!(difference.abs() < 15.0, "{colour:?} became {mean:?}, {difference} degrees away");
    }
}

#[test]
fn black_grey_and_white_parts_are_told_apart() {
    let brightness = [15, 128, 245].map(|grey| {
        let scene = Scene::product_shot(sphere([0.0; 3], 20.0, 32), [grey; 3], 1.0);
        let picture = render(&scene, &settings(48, 48, 16), &false.into(), &|_| ()).unwrap();
        let centre = 24 * 48 + 24;
        f64::from(picture.rgb[centre * 3 + 1])
    });
    assert!(brightness[0] < 80.0 && brightness[1] > brightness[0] + 50.0, "{brightness:?}");
    assert!(brightness[2] > 190.0 && brightness[2] > brightness[1] + 50.0, "{brightness:?}");
}

/// The camera stands high enough: the far inner wall is seen above the near rim.
#[test]
fn the_inside_of_a_pot_is_visible() {
    let open = Scene::product_shot(pot(4, 64), [200, 60, 20], 1.0);
    let camera = glam::DVec3::from_array(open.camera.position);
    let rim = glam::DVec3::new(0.0, 0.0, 100.0);
    let elevation = ((camera - rim).z / (camera - rim).length()).asin().to_degrees();
    assert!((30.0..45.0).contains(&elevation), "{elevation}");
}

/// Draft quality must look clean: what denoising leaves against many samples is a few grey levels.
#[test]
fn a_draft_is_close_to_a_converged_picture() {
    let scene = Scene::product_shot(pot(4, 64), [40, 90, 200], 1.0);
    let picture = |samples| render(&scene, &settings(96, 96, samples), &false.into(), &|_| ()).unwrap();
    let (draft, reference) = (picture(32), picture(512));
    let squares: f64 = draft.rgb.iter().zip(&reference.rgb).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    let rms = (squares / draft.rgb.len() as f64).sqrt();
    assert!(rms < 3.0, "{rms} grey levels");
}
