//! The shop's families said in words and built on the exact kernel: volumes against their closed forms.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{f64::consts::PI, sync::atomic::AtomicBool};

use conversation::domain::{Engine, State};

fn built(text: &str) -> geometry::Evaluated {
    let outcome = Engine::new().turn(&State::default(), text).unwrap();
    assert!(outcome.complete, "{text}: {}", outcome.reply);
    let body = part::lower(outcome.state.part()).unwrap();
    let solid = geometry::evaluate(&body, &geometry::Options::default(), &AtomicBool::new(false)).unwrap();
    assert!(solid.exact, "{text}: {:?}", solid.inexact_reason);
    assert!(solid.mesh.topology().is_watertight(), "{text}");
    solid
}

fn disc(diameter: f64, height: f64) -> f64 {
    PI / 4.0 * diameter * diameter * height
}

fn near(found: f64, wanted: f64) {
    assert!((found / wanted - 1.0).abs() < 1e-6, "{found} instead of {wanted}");
}

#[test]
fn a_flange_with_its_bolt_circle() {
    let flange = built("flange 120 mm OD, 10 thick, 50 mm bore, eight 9 mm holes on a 95 mm pcd");
    near(flange.volume_mm3, disc(120.0, 10.0) - disc(50.0, 10.0) - 8.0 * disc(9.0, 10.0));
    assert_eq!(flange.mesh.topology().through_holes(), 9);
}

#[test]
fn a_wheel_and_a_pulley() {
    let wheel = built("a wheel 60 mm in diameter, 15 mm wide with an 8 mm bore");
    near(wheel.volume_mm3, disc(60.0, 15.0) - disc(8.0, 15.0));
    // Pappus: the groove is a triangle of depth 4 over 80 % of the width, its centroid a third in.
    let pulley = built("polia de 50 mm de diâmetro e 12 mm de largura com furo de 8 mm");
    near(pulley.volume_mm3, disc(50.0, 12.0) - disc(8.0, 12.0) - 0.5 * 9.6 * 4.0 * 2.0 * PI * (25.0 - 4.0 / 3.0));
}

#[test]
fn an_adapter_and_a_cap() {
    let adapter = built("adaptador de 40 mm a 25 mm, 60 mm de largo, pared de 2 mm");
    let frustum = |a: f64, b: f64, h: f64| PI * h / 3.0 * (a * a + a * b + b * b);
    let collars = disc(40.0, 20.0) - disc(36.0, 20.0) + disc(25.0, 20.0) - disc(21.0, 20.0);
    near(adapter.volume_mm3, collars + frustum(20.0, 12.5, 20.0) - frustum(18.0, 10.5, 20.0));
    let cap = built("end cap for a 32 mm pipe, 20 mm tall, 2 mm walls");
    near(cap.volume_mm3, disc(36.0, 20.0) - disc(32.0, 18.0));
}

#[test]
fn round_tags_and_flat_coasters() {
    let tag = built("um chaveiro redondo de 40 mm com 3 mm de espessura e um furo de 5");
    near(tag.volume_mm3, disc(40.0, 3.0) - disc(5.0, 3.0));
    near(built("a coaster 90 mm in diameter, 4 mm thick").volume_mm3, disc(90.0, 4.0));
    near(built("posavasos cuadrado de 100 mm y 5 mm de grosor").volume_mm3, 50_000.0);
}

#[test]
fn coupons_bushings_and_plates_by_other_names() {
    near(built("calibration cube 20 mm").volume_mm3, 8_000.0);
    near(
        built("bucha com 20 de fora, 10 de dentro e 30 de comprimento").volume_mm3,
        disc(20.0, 30.0) - disc(10.0, 30.0),
    );
    near(
        built("separador de gaveta liso de 380 mm de comprimento, 70 de altura e 3 de espessura").volume_mm3,
        79_800.0,
    );
}
