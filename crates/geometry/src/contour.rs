//! Contours as chains of lines and arcs, and as polygons within a chord tolerance.

use std::f64::consts::TAU;

use part::solid::{Contour, Segment};

/// A contour in the form that both kernels take.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Chain {
    Circle { centre: [f64; 2], radius: f64 },
    Path { start: [f64; 2], segments: Vec<Segment> },
}

/// How far the arcs that stand for an involute may lie from it, as a share of the module: a gear's volume is then within
/// 0.005 %.
const INVOLUTE_TOLERANCE: f64 = 0.0007;

pub(crate) fn chain(contour: &Contour) -> Chain {
    match contour {
        Contour::Circle { centre, diameter } => Chain::Circle { centre: *centre, radius: diameter / 2.0 },
        Contour::Rectangle { centre, size, corner_radius } => rectangle(*centre, *size, *corner_radius),
        Contour::Slot { centre, length, width } => rectangle(*centre, [*length, *width], width / 2.0),
        Contour::Ellipse { centre, size } => ellipse(*centre, *size),
        Contour::Polygon { points } => {
            let segments =
                points.iter().cycle().skip(1).take(points.len()).map(|to| Segment::Line { to: *to }).collect();
            Chain::Path { start: points.first().copied().unwrap_or_default(), segments }
        }
        Contour::Path { start, segments } => Chain::Path { start: *start, segments: segments.clone() },
        Contour::Gear { teeth, module, pressure_angle } => gear(*teeth, *module, pressure_angle.to_radians()),
    }
}

/// Arcs that stand for an ellipse: 64 of them lie within 1e-4 of its shorter axis.
fn ellipse([x, y]: [f64; 2], [w, h]: [f64; 2]) -> Chain {
    const ARCS: u32 = 64;
    let at = |step: f64| {
        let (sin, cos) = (TAU * step / f64::from(ARCS)).sin_cos();
        [x + w / 2.0 * cos, y + h / 2.0 * sin]
    };
    let segments = (0..ARCS)
        .map(|n| Segment::Arc {
            via: at(f64::from(n) + 0.5),
            to: if n + 1 == ARCS { at(0.0) } else { at(f64::from(n) + 1.0) },
        })
        .collect();
    Chain::Path { start: at(0.0), segments }
}

fn rectangle([x, y]: [f64; 2], [w, h]: [f64; 2], r: f64) -> Chain {
    let (a, b) = (w / 2.0, h / 2.0);
    let line = |dx: f64, dy: f64| Segment::Line { to: [x + dx, y + dy] };
    if r <= 1e-6 {
        let segments = vec![line(a, -b), line(a, b), line(-a, b), line(-a, -b)];
        return Chain::Path { start: [x - a, y - b], segments };
    }
    let (start, segments) = part::solid::rounded_rectangle([x, y], [w, h], r);
    Chain::Path { start, segments }
}

pub(crate) fn end(segment: &Segment) -> [f64; 2] {
    match segment {
        Segment::Line { to } | Segment::Arc { to, .. } => *to,
    }
}

/// An involute spur gear with a tooth centred on +x. Each flank is a few arcs through points of the involute; below the
/// base circle it is radial, as a rack cutter's trochoid is approximated by most catalogues.
fn gear(teeth: u32, module: f64, pressure: f64) -> Chain {
    let z = f64::from(teeth);
    let (tip, root) = (module * (z + 2.0) / 2.0, module * (z - 2.5) / 2.0);
    let base = module * z / 2.0 * pressure.cos();
    let involute = |angle: f64| angle.tan() - angle;
    // Half the tooth's angle at a radius on the involute.
    let half = |r: f64| TAU / 4.0 / z + involute(pressure) - involute((base / r).clamp(-1.0, 1.0).acos());
    let low = base.max(root);
    let roll = |r: f64| ((r / base).powi(2) - 1.0).max(0.0).sqrt();
    let radius = |t: f64| base * t.hypot(1.0);
    let (t0, t1) = (roll(low), roll(tip));
    let at = |r: f64, angle: f64| [snap(r * angle.cos()), snap(r * angle.sin())];
    let flank = |t: f64| at(radius(t), -half(radius(t)));
    let pieces = (1..=10).find(|n| flank_error(&flank, t0, t1, *n) <= INVOLUTE_TOLERANCE * module).unwrap_or(10);
    let knot = |i: usize| radius(t0 + (t1 - t0) * i as f64 / pieces as f64);
    let middle = |i: usize| radius(t0 + (t1 - t0) * (i as f64 + 0.5) / pieces as f64);
    let first = at(root, -half(low));
    let mut segments = Vec::new();
    for tooth in 0..teeth {
        let axis = TAU * f64::from(tooth) / z;
        let next = TAU * f64::from(tooth + 1) / z;
        if low > root + 1e-6 {
            segments.push(Segment::Line { to: at(low, axis - half(low)) });
        }
        for i in 0..pieces {
            let (via, to) = (middle(i), knot(i + 1));
            segments.push(Segment::Arc { via: at(via, axis - half(via)), to: at(to, axis - half(to)) });
        }
        segments.push(Segment::Arc { via: at(tip, axis), to: at(tip, axis + half(tip)) });
        for i in (0..pieces).rev() {
            let (via, to) = (middle(i), knot(i));
            segments.push(Segment::Arc { via: at(via, axis + half(via)), to: at(to, axis + half(to)) });
        }
        if low > root + 1e-6 {
            segments.push(Segment::Line { to: at(root, axis + half(low)) });
        }
        let to = if tooth + 1 == teeth { first } else { at(root, next - half(low)) };
        segments.push(Segment::Arc { via: at(root, (axis + next) / 2.0), to });
    }
    Chain::Path { start: first, segments }
}

/// The largest distance of the flank from `n` arcs through it.
fn flank_error(flank: &impl Fn(f64) -> [f64; 2], t0: f64, t1: f64, n: usize) -> f64 {
    let mut worst: f64 = 0.0;
    for i in 0..n {
        let t = |f: f64| t0 + (t1 - t0) * (i as f64 + f) / n as f64;
        let Some(arc) = Arc::through(flank(t(0.0)), flank(t(0.5)), flank(t(1.0))) else { continue };
        for f in [0.125, 0.25, 0.375, 0.625, 0.75, 0.875] {
            let p = flank(t(f));
            worst = worst.max(((p[0] - arc.centre[0]).hypot(p[1] - arc.centre[1]) - arc.radius).abs());
        }
    }
    worst
}

/// Coordinates coarser than the kernels' tolerance, so that equal points are equal.
fn snap(value: f64) -> f64 {
    (value * 1e7).round() / 1e7 + 0.0
}

pub(crate) struct Arc {
    pub(crate) centre: [f64; 2],
    pub(crate) radius: f64,
    pub(crate) from: f64,
    pub(crate) sweep: f64,
}

impl Arc {
    /// The arc from `a` through `b` to `c`; `None` when they lie on a line.
    pub(crate) fn through(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> Option<Arc> {
        let (bx, by) = (b[0] - a[0], b[1] - a[1]);
        let (cx, cy) = (c[0] - a[0], c[1] - a[1]);
        let d = 2.0 * (bx * cy - by * cx);
        if d.abs() < 1e-14 {
            return None;
        }
        let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
        let (ux, uy) = ((cy * b2 - by * c2) / d, (bx * c2 - cx * b2) / d);
        let centre = [a[0] + ux, a[1] + uy];
        let angle = |p: [f64; 2]| (p[1] - centre[1]).atan2(p[0] - centre[0]);
        let (from, to) = (angle(a), angle(c));
        let sweep = if d > 0.0 { (to - from).rem_euclid(TAU) } else { -(from - to).rem_euclid(TAU) };
        Some(Arc { centre, radius: ux.hypot(uy), from, sweep })
    }
}

/// Sides of a circle whose chords stay within `chord`: a multiple of four, so that all four extremes are corners.
pub(crate) fn sides(radius: f64, chord: f64) -> usize {
    let step = (1.0 - (chord / radius).min(0.5)).acos();
    // A radius beyond all measure asks for more sides than there are numbers.
    ((std::f64::consts::PI / step / 4.0).ceil() as usize).saturating_mul(4).clamp(8, 4096)
}

/// The contour as a polygon, closed without repeating its first point.
pub(crate) fn polygon(contour: &Contour, chord: f64) -> Vec<[f64; 2]> {
    match chain(contour) {
        Chain::Circle { centre, radius } => {
            let n = sides(radius, chord);
            (0..n)
                .map(|i| TAU * i as f64 / n as f64)
                .map(|a| [snap(centre[0] + radius * a.cos()), snap(centre[1] + radius * a.sin())])
                .collect()
        }
        Chain::Path { start, segments } => {
            let mut points = vec![start];
            for segment in &segments {
                let from = points.last().copied().unwrap_or(start);
                if let Segment::Arc { via, to } = segment
                    && let Some(arc) = Arc::through(from, *via, *to)
                {
                    let n = ((sides(arc.radius, chord) as f64 * arc.sweep.abs() / TAU).ceil() as usize).max(1);
                    for i in 1..n {
                        let a = arc.from + arc.sweep * i as f64 / n as f64;
                        points.push([
                            snap(arc.centre[0] + arc.radius * a.cos()),
                            snap(arc.centre[1] + arc.radius * a.sin()),
                        ]);
                    }
                }
                points.push(end(segment));
            }
            points.pop();
            points
        }
    }
}

/// Twice the signed area; positive when counter-clockwise.
pub(crate) fn signed_area(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_keeps_its_four_extremes() {
        let points = polygon(&Contour::Circle { centre: [1.0, 2.0], diameter: 10.0 }, 0.05);
        for extreme in [[6.0, 2.0], [1.0, 7.0], [-4.0, 2.0], [1.0, -3.0]] {
            assert!(points.iter().any(|p| (p[0] - extreme[0]).hypot(p[1] - extreme[1]) < 1e-9), "{extreme:?}");
        }
    }

    #[test]
    fn a_slot_has_two_straight_sides() {
        let Chain::Path { segments, .. } = chain(&Contour::Slot { centre: [0.0; 2], length: 20.0, width: 6.0 }) else {
            panic!("a slot is a path");
        };
        assert_eq!(segments.iter().filter(|s| matches!(s, Segment::Line { .. })).count(), 2);
    }

    #[test]
    fn gear_flanks_follow_the_involute() {
        // Points of the polygon between base and tip satisfy the involute's polar equation within 5 um.
        let (z, m, pressure) = (20.0, 2.0, 20_f64.to_radians());
        let points = polygon(&Contour::Gear { teeth: 20, module: 2.0, pressure_angle: 20.0 }, 0.0005);
        let base = m * z / 2.0 * pressure.cos();
        let inv = |a: f64| a.tan() - a;
        let mut checked = 0;
        for [x, y] in points {
            let r = x.hypot(y);
            if r > base + 0.05 && r < 22.0 - 1e-4 {
                let half = TAU / 4.0 / z + inv(pressure) - inv((base / r).acos());
                let tooth = TAU / z;
                let off = y.atan2(x).rem_euclid(tooth);
                let from_axis = off.min(tooth - off);
                assert!((from_axis - half).abs() * r < 0.005, "radius {r}");
                checked += 1;
            }
        }
        assert!(checked > 100);
        assert!(signed_area(&polygon(&Contour::Gear { teeth: 6, module: 1.0, pressure_angle: 20.0 }, 0.01)) > 0.0);
    }
}
