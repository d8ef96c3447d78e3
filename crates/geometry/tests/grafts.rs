//! Prisms that pierce flat faces, which the exact kernel sets in without a boolean: volumes by formula, holes by topology,
//! and the same answer where a tool comes too near for it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod vocabulary;

use std::f64::consts::PI;

use part::solid::{Contour, Frame, Profile, Shape, Step};
use proptest::prelude::*;
use vocabulary::*;

const fn at(x: f64, y: f64, z: f64) -> Frame {
    Frame { origin: [x, y, z], x: [1.0, 0.0, 0.0], z: [0.0, 0.0, 1.0] }
}

/// Along +x, with the profile's x up.
const fn sideways(x: f64, y: f64, z: f64) -> Frame {
    Frame { origin: [x, y, z], x: [0.0, 0.0, 1.0], z: [1.0, 0.0, 0.0] }
}

fn rod(diameter: f64, height: f64) -> Shape {
    Shape::Cylinder { diameter, height }
}

fn slab(x: f64, y: f64, z: f64) -> Shape {
    Shape::Box { size: [x, y, z] }
}

fn disc(diameter: f64) -> f64 {
    PI * diameter * diameter / 4.0
}

/// A box of 40 x 30 x 20 with walls and a floor of 2 mm, open above.
fn tray() -> [Step; 2] {
    [add("box", slab(40.0, 30.0, 20.0), Frame::WORLD), cut("room", slab(36.0, 26.0, 20.0), at(0.0, 0.0, 2.0))]
}

const TRAY: f64 = 40.0 * 30.0 * 20.0 - 36.0 * 26.0 * 18.0;

fn with(steps: &[Step], more: &[Step]) -> Vec<Step> {
    steps.iter().chain(more).cloned().collect()
}

#[test]
fn holes_through_blind_and_across_a_room() {
    let block = [add("block", slab(40.0, 30.0, 20.0), Frame::WORLD)];
    let whole = 40.0 * 30.0 * 20.0;
    let through = cut("hole", rod(8.0, 30.0), at(3.0, 2.0, -5.0));
    both(&with(&block, std::slice::from_ref(&through)), whole - disc(8.0) * 20.0, "through");
    let flush = cut("hole", rod(8.0, 20.0), at(3.0, 2.0, 0.0));
    both(&with(&block, &[flush]), whole - disc(8.0) * 20.0, "as long as the block");
    let blind = cut("hole", rod(8.0, 12.0), at(3.0, 2.0, 12.0));
    both(&with(&block, &[blind]), whole - disc(8.0) * 8.0, "blind");
    // Both walls of the room, and the air between them.
    let across = cut("cable", rod(6.0, 60.0), sideways(-30.0, 0.0, 11.0));
    both(&with(&tray(), &[across]), TRAY - disc(6.0) * 4.0, "across");
    let topology = |steps: &[Step]| exact(steps).mesh.topology();
    assert_eq!(topology(&with(&block, &[through])).through_holes(), 1);
}

#[test]
fn bosses_on_a_floor_in_a_floor_and_between_walls() {
    let on = add("boss", rod(7.0, 6.0), at(8.0, 5.0, 2.0));
    both(&with(&tray(), &[on]), TRAY + disc(7.0) * 6.0, "on the floor");
    let sunk = add("boss", rod(7.0, 6.0), at(8.0, 5.0, 1.0));
    both(&with(&tray(), std::slice::from_ref(&sunk)), TRAY + disc(7.0) * 5.0, "sunk into the floor");
    let whole = add("boss", rod(7.0, 8.0), at(8.0, 5.0, 0.0));
    both(&with(&tray(), &[whole]), TRAY + disc(7.0) * 6.0, "from the underside");
    let bar = add("bar", rod(5.0, 38.0), sideways(-19.0, 3.0, 11.0));
    both(&with(&tray(), std::slice::from_ref(&bar)), TRAY + disc(5.0) * 36.0, "between the walls");
    // A bore down to the plane of the floor ends in the boss; one through everything opens below.
    let bored = |depth: f64| cut("bore", rod(3.0, depth), at(8.0, 5.0, 7.0 - depth));
    both(&with(&tray(), &[sunk.clone(), bored(5.0)]), TRAY + disc(7.0) * 5.0 - disc(3.0) * 5.0, "bored");
    let through = TRAY + disc(7.0) * 5.0 - disc(3.0) * 7.0;
    both(&with(&tray(), &[sunk, bored(8.0)]), through, "bored through");
    assert_eq!(exact(&with(&tray(), &[bar])).mesh.topology().through_holes(), 1);
}

#[test]
fn pockets_and_slots_of_every_outline() {
    let block = [add("block", slab(60.0, 40.0, 10.0), Frame::WORLD)];
    let whole = 60.0 * 40.0 * 10.0;
    let prism =
        |outer: Contour, height: f64| Shape::Extrusion { profile: Profile { outer, holes: Vec::new() }, height };
    let slot = Contour::Slot { centre: [0.0; 2], length: 20.0, width: 6.0 };
    let slotted = 14.0 * 6.0 + disc(6.0);
    both(&with(&block, &[cut("slot", prism(slot, 20.0), at(10.0, 5.0, -1.0))]), whole - slotted * 10.0, "slot");
    let rounded = rectangle(20.0, 12.0, 3.0);
    let area = 240.0 - (4.0 - PI) * 9.0;
    let turned = Frame { origin: [5.0, -3.0, 6.0], x: [0.6, 0.8, 0.0], z: [0.0, 0.0, 1.0] };
    both(&with(&block, &[cut("pocket", prism(rounded, 10.0), turned)]), whole - area * 4.0, "turned pocket");
    let triangle = Contour::Polygon { points: vec![[0.0, 0.0], [12.0, 0.0], [0.0, 9.0]] };
    both(&with(&block, &[cut("corner", prism(triangle, 10.0), at(-8.0, -4.0, 7.0))]), whole - 54.0 * 3.0, "triangle");
    // From below, and its mirror image beside it.
    let below = Frame { origin: [0.0, 0.0, 3.0], x: [1.0, 0.0, 0.0], z: [0.0, 0.0, -1.0] };
    let l = Contour::Polygon { points: vec![[0.0, 0.0], [9.0, 0.0], [9.0, 3.0], [3.0, 3.0], [3.0, 9.0], [0.0, 9.0]] };
    both(&with(&block, &[cut("l", prism(l, 8.0), below)]), whole - 45.0 * 3.0, "from below");
}

#[test]
fn what_comes_too_near_is_still_right() {
    let block = [add("block", slab(40.0, 30.0, 20.0), Frame::WORLD)];
    let whole = 40.0 * 30.0 * 20.0;
    // Half of the hole is off the block; two holes overlap by a lens.
    let half = cut("half", rod(8.0, 30.0), at(20.0, 0.0, -5.0));
    both(&with(&block, &[half]), whole - disc(8.0) / 2.0 * 20.0, "over the edge");
    let lens = 2.0 * 16.0 * (3.0_f64 / 4.0).acos() - 3.0 * (64.0_f64 - 36.0).sqrt();
    let two = [cut("a", rod(8.0, 30.0), at(-3.0, 0.0, -5.0)), cut("b", rod(8.0, 30.0), at(3.0, 0.0, -5.0))];
    both(&with(&block, &two), whole - (2.0 * disc(8.0) - lens) * 20.0, "overlapping");
    // A pin stands where the pocket is cut: the pocket takes it along.
    let pin = [add("pin", rod(4.0, 5.0), at(0.0, 0.0, 20.0)), cut("pocket", rod(10.0, 30.0), at(0.0, 0.0, 18.0))];
    both(&with(&block, &pin), whole - disc(10.0) * 2.0, "around a pin");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Rods of any size and place in a tray: its volume is that of the mesh kernel, which knows no shortcut.
    #[test]
    fn any_rods_agree_with_the_mesh_kernel(
        rods in prop::collection::vec((2..12_u8, -17..17_i8, -12..12_i8, -3..20_i8, 1..25_u8, any::<bool>()), 1..5)
    ) {
        let more: Vec<Step> = rods.iter().enumerate().map(|(n, (d, x, y, z, h, adds))| {
            let (shape, frame) = (rod(f64::from(*d), f64::from(*h)), at(f64::from(*x), f64::from(*y), f64::from(*z)));
            let name = format!("rod {n}");
            if *adds { add(&name, shape, frame) } else { cut(&name, shape, frame) }
        }).collect();
        let steps = with(&tray(), &more);
        let both = [geometry::Kernels::ExactThenMesh, geometry::Kernels::MeshOnly].map(|kernels| built(&steps, kernels));
        if let [Ok(first), Ok(second)] = both {
            prop_assert!(first.pieces.iter().all(|piece| piece.mesh.topology().is_watertight()));
            let off = first.volume_mm3 / second.volume_mm3 - 1.0;
            prop_assert!(off.abs() < 2e-3, "{} against {}: {:?}", first.volume_mm3, second.volume_mm3, first.notes);
            let holes = |built: &geometry::Evaluated| built.mesh.topology().through_holes();
            prop_assert_eq!(holes(&first), holes(&second));
        }
    }
}
