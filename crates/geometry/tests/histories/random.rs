//! What the random histories are drawn from.

use part::{
    Part,
    solid::{Action, Contour, Edges, Frame, Section, Shape, Side, Step},
};
use proptest::prelude::*;

use crate::vocabulary::*;

fn size() -> impl Strategy<Value = f64> {
    // Whole millimetres meet each other exactly, which is what kernels find hard; some do not.
    prop_oneof![3 => (1_i32..40).prop_map(f64::from), 1 => 0.3..40.0_f64]
}

fn contour() -> impl Strategy<Value = Contour> {
    prop_oneof![
        (size(), size()).prop_map(|(l, w)| rectangle(l, w, 0.0)),
        (size(), size(), 0.05..0.45_f64).prop_map(|(l, w, r)| rectangle(l, w, l.min(w) * r)),
        size().prop_map(|d| circle(0.0, 0.0, d)),
        (size(), size()).prop_map(|(l, w)| Contour::Ellipse { centre: [0.0; 2], size: [l, w] }),
        (size(), 0.2..0.9_f64).prop_map(|(l, w)| Contour::Slot { centre: [0.0; 2], length: l, width: l * w }),
        (3_usize..9, size()).prop_map(|(n, r)| Contour::Polygon {
            points: (0..n)
                .map(|i| (std::f64::consts::TAU * i as f64 / n as f64).sin_cos())
                .map(|(s, c)| [r * c, r * s])
                .collect(),
        }),
        (6_u32..30, 0.5..2.5_f64).prop_map(|(teeth, module)| Contour::Gear { teeth, module, pressure_angle: 20.0 }),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        4 => (size(), size(), size()).prop_map(|(x, y, z)| Shape::Box { size: [x, y, z] }),
        4 => (size(), size()).prop_map(|(diameter, height)| Shape::Cylinder { diameter, height }),
        1 => (size(), size(), size()).prop_map(|(bottom, top, height)| Shape::Cone { bottom, top, height }),
        1 => size().prop_map(|diameter| Shape::Sphere { diameter }),
        1 => (size(), 0.1..0.9_f64).prop_map(|(ring, tube)| Shape::Torus { ring, tube: ring * tube }),
        3 => (contour(), size()).prop_map(|(outer, height)| Shape::Extrusion { profile: plain(outer), height }),
        1 => (contour(), size(), -8.0..8.0_f64, prop_oneof![Just(0.0), -180.0..180.0_f64])
            .prop_map(|(outer, height, draft, twist)| Shape::Drafted { profile: plain(outer), height, draft, twist }),
        1 => (contour(), contour(), size(), any::<bool>()).prop_map(|(a, b, z, ruled)| Shape::Loft {
            sections: vec![Section { contour: a, z: 0.0 }, Section { contour: b, z }],
            ruled,
        }),
        1 => (2_i32..8, 4_i32..30, any::<bool>()).prop_map(|(pitch, length, internal)| Shape::Thread {
            diameter: f64::from(pitch) * 3.0,
            pitch: f64::from(pitch) / 3.0,
            length: f64::from(length),
            internal,
            left_handed: false,
            clearance: 0.1,
        }),
    ]
}

fn frame() -> impl Strategy<Value = Frame> {
    let place = || (-20_i32..20).prop_map(f64::from);
    let axes = prop_oneof![
        4 => Just(([1.0, 0.0, 0.0], [0.0, 0.0, 1.0])),
        1 => Just(([0.0, 1.0, 0.0], [1.0, 0.0, 0.0])),
        1 => Just(([1.0, 0.0, 0.0], [0.0, 0.0, -1.0])),
        1 => Just(([0.6, 0.8, 0.0], [0.0, 0.0, 1.0])),
        1 => Just(([0.0, 1.0, 0.0], [0.6, 0.0, 0.8])),
    ];
    (place(), place(), place(), axes).prop_map(|(x, y, z, (ax, az))| Frame { origin: [x, y, z], x: ax, z: az })
}

fn edges() -> impl Strategy<Value = Edges> {
    prop_oneof![
        Just(Edges::Vertical),
        Just(Edges::Top),
        Just(Edges::Bottom),
        Just(Edges::All),
        (0_u8..3).prop_map(Edges::Parallel),
        Just(Edges::Outline(Side::Left)),
        (0_usize..4).prop_map(|n| Edges::Seam(format!("step {n}"))),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let solid = || (shape(), frame()).prop_map(|(shape, frame)| part::solid::Solid { shape, frame });
    prop_oneof![
        4 => solid().prop_map(Action::Add),
        5 => solid().prop_map(Action::Cut),
        1 => solid().prop_map(Action::Intersect),
        2 => (edges(), 0.2..5.0_f64).prop_map(|(edges, radius)| Action::Fillet { edges, radius }),
        2 => (edges(), 0.2..4.0_f64).prop_map(|(edges, distance)| Action::Chamfer { edges, distance }),
        1 => (prop::collection::vec(Just(Side::Top), 0..2), 0.5..4.0_f64)
            .prop_map(|(open, thickness)| Action::Shell { open, thickness }),
        1 => (any::<bool>(), -5_i32..5).prop_map(|(replace, x)| Action::Mirror {
            origin: [f64::from(x), 0.0, 0.0],
            normal: [1.0, 0.0, 0.0],
            replace,
        }),
    ]
}

pub(crate) fn history() -> impl Strategy<Value = Vec<Step>> {
    (shape(), prop::collection::vec(action(), 0..6)).prop_map(|(first, actions)| {
        let first = Action::Add(part::solid::Solid { shape: first, frame: Frame::WORLD });
        let actions = std::iter::once(first).chain(actions).enumerate();
        actions.map(|(n, action)| step(&format!("step {n}"), action)).collect()
    })
}

/// Some number of an example's operations changed, so that most still lower.
pub(crate) fn varied() -> impl Strategy<Value = Part> {
    let examples = part::examples();
    let count = examples.len();
    (0..count, prop::collection::vec((0_usize..64, 0.4..2.5_f64), 0..4)).prop_map(move |(index, changes)| {
        let mut part = examples[index].1.clone();
        for (which, factor) in changes {
            let mut values: Vec<_> =
                part.features.iter_mut().flat_map(|operation| operation.parameters.values_mut()).collect();
            if !values.is_empty() {
                let at = which % values.len();
                values[at].value = (values[at].value * factor * 4.0).round() / 4.0;
            }
        }
        part
    })
}
