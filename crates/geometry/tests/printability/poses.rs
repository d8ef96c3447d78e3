//! The search for a pose finds the best one where it is known.

use std::sync::atomic::AtomicBool;

use geometry::printability::{Pose, Profile, orient};
use mesh::TriMesh;

use crate::{
    common::near,
    shapes::{lathe, prism, turned},
};

fn best(mesh: &TriMesh) -> Pose {
    let poses = orient(mesh, &Profile::default(), &AtomicBool::new(false));
    assert!(poses.len() <= 50 && poses.windows(2).all(|pair| pair[0].score <= pair[1].score));
    for pose in &poses {
        let placed = pose.apply(mesh);
        near(placed.bounds().unwrap().min[2], 0.0, 1e-9);
        near(placed.bounds().unwrap().size()[2], pose.height, 1e-6);
        near(placed.mass_properties().volume_mm3 / mesh.mass_properties().volume_mm3, 1.0, 1e-9);
    }
    poses[0]
}

/// A flange 40 wide and 5 high over a web 5 wide and 25 high, 80 long.
fn t_beam() -> TriMesh {
    prism(
        &[[17.5, 0.0], [22.5, 0.0], [22.5, 25.0], [40.0, 25.0], [40.0, 30.0], [0.0, 30.0], [0.0, 25.0], [17.5, 25.0]],
        80.0,
    )
}

#[test]
fn a_t_beam_stands_on_its_flange() {
    let beam = t_beam();
    let pose = best(&beam);
    near(pose.support_mm3, 0.0, 1e-9);
    near(pose.height, 30.0, 1e-9);
    near(pose.contact_mm2, 40.0 * 80.0, 1e-6);
    near(pose.rotation[2][2], -1.0, 1e-9);
    let given = orient(&beam, &Profile::default(), &AtomicBool::new(false)).into_iter().find(Pose::is_upright).unwrap();
    near(given.support_mm3 / (2.0 * 17.5 * 80.0 * 25.0), 1.0, 0.01);
}

#[test]
fn an_l_bracket_lies_on_its_side() {
    let bracket = prism(&[[0.0, 0.0], [60.0, 0.0], [60.0, 4.0], [4.0, 4.0], [4.0, 60.0], [0.0, 60.0]], 25.0);
    let pose = best(&bracket);
    near(pose.support_mm3, 0.0, 1e-9);
    near(pose.height, 25.0, 1e-9);
    near(pose.contact_mm2, 60.0 * 4.0 + 56.0 * 4.0, 1e-6);
}

#[test]
fn a_cone_on_its_point_is_turned_over() {
    let cone = lathe(&[[0.0, 0.0], [2.0, 0.0], [20.0, 30.0], [0.0, 30.0]], 64);
    let pose = best(&cone);
    near(pose.rotation[2][2], -1.0, 1e-9);
    near(pose.support_mm3, 0.0, 1e-9);
    near(pose.height, 30.0, 1e-9);
}

#[test]
fn a_wedge_on_its_edge_lies_down() {
    // Standing on its thin end; 12 mm thick at the other, 50 long, 40 wide.
    let wedge = prism(&[[0.0, 0.0], [1.0, 0.0], [12.0, 50.0], [0.0, 50.0]], 40.0);
    for quarters in 0..4 {
        let pose = best(&turned(&wedge, quarters));
        near(pose.support_mm3, 0.0, 1e-9);
        assert!(pose.height < 12.5, "{pose:?}");
        assert!(pose.contact_mm2 > 1900.0, "{pose:?}");
    }
}

#[test]
fn a_flat_part_stays_as_it_is() {
    let plate = crate::shapes::cuboid([0.0; 3], [60.0, 40.0, 3.0]);
    assert!(best(&plate).is_upright());
}
