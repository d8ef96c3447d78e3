//! What is mended, what is refused, and what ten million triangles cost.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::measure::tests::cube;

fn mended(mesh: TriMesh) -> Result<Repaired, RepairError> {
    let repaired = repair(mesh, &Options::default(), &AtomicBool::new(false))?;
    assert!(repaired.mesh.topology().is_watertight());
    assert!(repaired.mesh.mass_properties().volume_mm3 > 0.0);
    Ok(repaired)
}

/// Volume to nine digits.
fn volume(mesh: &TriMesh) -> f64 {
    (mesh.mass_properties().volume_mm3 * 1e6).round() / 1e6
}

fn joined(meshes: &[TriMesh]) -> TriMesh {
    let mut all = TriMesh::default();
    for mesh in meshes {
        all.append(mesh);
    }
    all
}

/// Every triangle with its own corners.
fn soup(mesh: &TriMesh) -> TriMesh {
    let positions: Vec<[f64; 3]> = mesh.iter_corners().flatten().collect();
    let triangles = (0..mesh.triangles.len() as u32).map(|t| [3 * t, 3 * t + 1, 3 * t + 2]).collect();
    TriMesh::new(positions, triangles)
}

fn inverted(mut mesh: TriMesh) -> TriMesh {
    mesh.triangles.iter_mut().for_each(|t| t.swap(0, 1));
    mesh
}

/// A sphere of `rings` by `2 rings` quadrilaterals.
fn sphere(radius: f64, rings: u32) -> TriMesh {
    let mut positions = vec![[0.0, 0.0, -radius], [0.0, 0.0, radius]];
    let around = 2 * rings;
    for ring in 1..rings {
        let tilt = std::f64::consts::PI * (f64::from(ring) / f64::from(rings) - 0.5);
        for step in 0..around {
            let turn = std::f64::consts::TAU * f64::from(step) / f64::from(around);
            positions.push([radius * tilt.cos() * turn.cos(), radius * tilt.cos() * turn.sin(), radius * tilt.sin()]);
        }
    }
    let at = |ring: u32, step: u32| match ring {
        0 => 0,
        r if r == rings => 1,
        r => 2 + (r - 1) * around + step % around,
    };
    let mut triangles = Vec::new();
    for ring in 0..rings {
        for step in 0..around {
            let [a, b, c, d] = [at(ring, step), at(ring, step + 1), at(ring + 1, step + 1), at(ring + 1, step)];
            triangles.extend([[a, b, c], [a, c, d]].into_iter().filter(|[a, b, c]| a != b && b != c && c != a));
        }
    }
    TriMesh::new(positions, triangles)
}

#[test]
fn a_good_mesh_is_left_alone() {
    let repaired = mended(cube(10.0)).unwrap();
    assert_eq!((repaired.mesh, repaired.repairs.len()), (cube(10.0), 0));
    assert_eq!((repaired.solids, repaired.voids), (1, 0));
}

#[test]
fn corners_apart_by_rounding_are_merged() {
    let mut mesh = soup(&cube(10.0));
    for (index, p) in mesh.positions.iter_mut().enumerate() {
        p[0] += (index as f64 * 0.7).sin() * 2e-4;
    }
    let repaired = mended(mesh).unwrap();
    assert_eq!(repaired.repairs, [Repair::Merged { corners: 28 }]);
    assert_eq!(repaired.repairs[0].to_string(), "merged 28 corners that lay apart by rounding only");
    assert!((repaired.mesh.mass_properties().volume_mm3 - 1000.0).abs() < 0.2);
}

#[test]
fn turned_triangles_and_shells_are_turned_back() {
    let mut mesh = cube(10.0);
    mesh.triangles[3].swap(0, 1);
    mesh.triangles[8].swap(0, 1);
    assert_eq!(mended(mesh).unwrap().repairs, [Repair::Turned { triangles: 2 }]);
    let repaired = mended(inverted(cube(10.0))).unwrap();
    assert_eq!(repaired.repairs, [Repair::TurnedShells { shells: 1 }]);
    assert_eq!(volume(&repaired.mesh), 1000.0);
}

#[test]
fn inner_shells_are_voids_and_what_lies_in_them_is_solid() {
    let nested = [
        cube(10.0),
        cube(8.0).translated([1.0; 3]),
        inverted(cube(4.0).translated([3.0; 3])),
        cube(5.0).translated([20.0, 0.0, 0.0]),
    ];
    let repaired = mended(joined(&nested)).unwrap();
    assert_eq!((repaired.solids, repaired.voids), (3, 1));
    assert_eq!(repaired.repairs, [Repair::TurnedShells { shells: 2 }]);
    let volume = repaired.mesh.mass_properties().volume_mm3;
    assert!((volume - (1000.0 - 512.0 + 64.0 + 125.0)).abs() < 1e-9, "{volume}");
    // Beside each other on the ray, not in each other.
    let row: Vec<_> = (0..5).map(|i| cube(3.0).translated([f64::from(i) * 4.0, 0.1, 0.2])).collect();
    assert_eq!(mended(joined(&row)).unwrap().voids, 0);
}

#[test]
fn duplicates_and_degenerates_go() {
    let mut mesh = cube(10.0);
    mesh.triangles.extend([[0, 2, 3], [2, 3, 0], [1, 1, 2]]);
    assert_eq!(
        mended(mesh).unwrap().repairs,
        [Repair::DroppedDegenerate { triangles: 1 }, Repair::DroppedDuplicate { triangles: 2 }]
    );
    // Two cubes with a wall between them become one block.
    let wall = mended(joined(&[cube(10.0), cube(10.0).translated([10.0, 0.0, 0.0])]).welded()).unwrap();
    assert_eq!(volume(&wall.mesh), 2000.0);
    assert_eq!(wall.solids, 1);
    // Every face from both sides: one side stays.
    let both = mended(joined(&[cube(10.0), inverted(cube(10.0))]).welded()).unwrap();
    assert_eq!(volume(&both.mesh), 1000.0);
}

#[test]
fn solids_that_touch_are_separated() {
    let along_an_edge = joined(&[cube(10.0), cube(10.0).translated([10.0, 10.0, 0.0])]).welded();
    assert!(!along_an_edge.topology().is_watertight());
    let repaired = mended(along_an_edge).unwrap();
    assert_eq!(repaired.repairs, [Repair::SplitEdges { edges: 1 }, Repair::SplitCorners { corners: 2 }]);
    assert_eq!((repaired.solids, volume(&repaired.mesh)), (2, 2000.0));
    let at_a_corner = joined(&[cube(10.0), cube(10.0).translated([10.0; 3])]).welded();
    let repaired = mended(at_a_corner).unwrap();
    assert_eq!(repaired.repairs, [Repair::SplitCorners { corners: 1 }]);
    assert_eq!(repaired.solids, 2);
}

/// One surface that comes back to an edge of its own: the fans at both ends are whole, only the edge is shared.
#[test]
fn a_surface_that_touches_its_own_edge_is_separated() {
    let positions = vec![
        [0.0, 0.0, 0.0],
        [4.0, 0.0, 0.0],
        [4.0, 1.0, 0.0],
        [1.0, 1.0, 0.0],
        [1.0, 4.0, 5.0],
        [0.0, 4.0, 0.0],
        [5.0, 0.0, 2.0],
        [4.0, 0.0, 2.0],
        [4.0, 1.0, 2.0],
    ];
    let triangles = vec![
        [5, 4, 3],
        [5, 3, 2],
        [5, 2, 1],
        [5, 1, 0],
        [6, 7, 8],
        [6, 8, 1],
        [6, 1, 2],
        [6, 2, 3],
        [6, 0, 1],
        [1, 7, 6],
        [7, 1, 2],
        [2, 8, 7],
        [2, 3, 1],
        [2, 1, 8],
        [3, 4, 2],
        [3, 2, 1],
        [4, 5, 3],
        [4, 3, 2],
        [3, 5, 0],
        [0, 6, 3],
    ];
    let repaired = mended(TriMesh::new(positions, triangles)).unwrap();
    assert!(repaired.repairs.iter().any(|repair| matches!(repair, Repair::SplitEdges { .. })));
}

#[test]
fn small_holes_are_closed_and_large_ones_refused() {
    let mut mesh = sphere(10.0, 40);
    let whole = mesh.mass_properties().volume_mm3;
    let hole: Vec<[u32; 3]> = mesh.triangles.drain(1000..1006).collect();
    assert!(!hole.is_empty());
    let repaired = mended(mesh).unwrap();
    assert!(
        matches!(repaired.repairs[..], [Repair::FilledHoles { holes: 1, triangles: 6, largest_mm }] if largest_mm < 3.0),
        "{:?}",
        repaired.repairs
    );
    assert!((repaired.mesh.mass_properties().volume_mm3 / whole - 1.0).abs() < 1e-3);
    let mut half = sphere(10.0, 10);
    half.triangles.truncate(half.triangles.len() / 2);
    let Err(RepairError::Open { holes: 1, edges: 20, size_mm, .. }) = mended(half) else { panic!("not refused") };
    assert!(size_mm > 20.0);
    let mut box_without_lid = cube(10.0);
    box_without_lid.triangles.drain(2..4);
    assert!(matches!(mended(box_without_lid), Err(RepairError::Open { holes: 1, edges: 4, .. })));
}

#[test]
fn a_crack_along_a_whole_side_is_closed() {
    // A corner in the middle of an edge of one face only.
    let mut mesh = cube(10.0);
    let face = mesh.triangles.remove(0);
    mesh.positions.push(std::array::from_fn(|i| {
        (mesh.positions[face[0] as usize][i] + mesh.positions[face[1] as usize][i]) / 2.0
    }));
    mesh.triangles.extend([[face[0], 8, face[2]], [8, face[1], face[2]]]);
    let repaired = mended(mesh).unwrap();
    assert_eq!(repaired.repairs, [Repair::FilledHoles { holes: 1, triangles: 1, largest_mm: 0.0 }]);
    assert_eq!(volume(&repaired.mesh), 1000.0);
}

#[test]
fn what_has_no_inside_is_refused() {
    let answer = |mesh: TriMesh| mended(mesh).unwrap_err();
    assert_eq!(answer(TriMesh::default()), RepairError::Empty);
    assert_eq!(
        answer(TriMesh::new(vec![[0.0; 3]; 3], vec![[0, 1, 7]])),
        RepairError::NoSuchCorner { triangle: 1, corner: 7, corners: 3 }
    );
    let mut nan = cube(1.0);
    nan.positions[7][1] = f64::NAN;
    assert!(matches!(answer(nan), RepairError::NotFinite { .. }));
    // A wall across the inside: its rim joins three faces.
    let mut walled = cube(10.0);
    walled.triangles.extend([[0, 1, 7], [0, 7, 6]]);
    assert!(matches!(answer(walled), RepairError::NonManifold { .. } | RepairError::Open { .. }));
    // A Moebius strip of five triangles.
    let strip: Vec<[u32; 3]> = (0..5).map(|i| [i, (i + 1) % 5, (i + 2) % 5]).collect();
    let positions = (0..5).map(|i| [f64::from(i * i), f64::from(i), f64::from(i % 2)]).collect();
    assert!(matches!(answer(TriMesh::new(positions, strip)), RepairError::OneSided { .. }));
    let sheet = TriMesh::new(vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], vec![[0, 1, 2], [0, 2, 1]]);
    assert!(matches!(answer(sheet), RepairError::Flat | RepairError::Open { .. }));
    let cancelled = repair(cube(1.0), &Options::default(), &AtomicBool::new(true));
    assert_eq!(cancelled, Err(RepairError::Cancelled));
}

/// Shapes on which a careless algorithm takes the square of their size.
#[test]
fn hostile_shapes_are_answered() {
    // A hundred thousand triangles about one edge, all running it the same way.
    let around: Vec<[f64; 3]> = (0..100_000).map(|i| [f64::from(i).cos(), f64::from(i).sin(), 0.5]).collect();
    let mut positions = vec![[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
    positions.extend(around);
    let fan = (2..100_002).map(|i| [0, 1, i]).collect();
    assert!(matches!(mended(TriMesh::new(positions, fan)), Err(RepairError::NonManifold { edges: 1, .. })));
    // Two hundred thousand triangles that touch nothing.
    let row: Vec<_> = (0..200_000).map(f64::from).flat_map(|x| [[x, 0.0, 0.0], [x, 1.0, 0.0], [x, 0.0, 1.0]]).collect();
    let loose = soup(&TriMesh::new(row.clone(), (0..200_000).map(|i| [3 * i, 3 * i + 1, 3 * i + 2]).collect()));
    assert!(matches!(mended(loose), Err(RepairError::Flat)));
    // Shells within shells: of a few thousand each is a solid or a void in turn, of many more nobody waits for the end.
    let nested = |count: u32| {
        let cubes: Vec<_> = (0..count).map(|i| cube(2.0 * f64::from(i) + 1.0).translated([-f64::from(i); 3])).collect();
        mended(joined(&cubes))
    };
    let found = nested(500).unwrap();
    assert_eq!((found.solids, found.voids), (250, 250));
    assert_eq!(nested(5_000), Err(RepairError::TooComplex));
}

#[test]
fn crossings_are_counted() {
    let found = |mesh: &TriMesh| self_intersections(mesh, 1_000_000, &AtomicBool::new(false));
    assert_eq!(found(&sphere(10.0, 20)), Intersections { pairs: 0, at: None, complete: true });
    let crossing = joined(&[cube(10.0), cube(10.0).translated([5.1, 5.2, 5.3])]);
    assert!(found(&crossing).pairs > 0 && found(&crossing).complete);
    assert!(!self_intersections(&sphere(10.0, 20), 10, &AtomicBool::new(false)).complete);
    let touching = joined(&[cube(10.0), cube(10.0).translated([10.0, 0.0, 0.0])]);
    assert_eq!(found(&touching).pairs, 0);
}

proptest::proptest! {
    /// Any index soup is answered: with an error, or with a closed mesh.
    #[test]
    fn any_triangles_are_answered(
        positions in proptest::collection::vec(proptest::array::uniform3(-3_i8..3), 3..12),
        triangles in proptest::collection::vec(proptest::array::uniform3(0_u32..12), 1..60),
    ) {
        let positions: Vec<[f64; 3]> = positions.into_iter().map(|p| p.map(f64::from)).collect();
        let count = positions.len() as u32;
        let triangles = triangles.into_iter().map(|t| t.map(|v| v % count)).collect();
        let options = Options { hole_share: 1.0, ..Options::default() };
        if let Ok(repaired) = repair(TriMesh::new(positions, triangles), &options, &AtomicBool::new(false)) {
            proptest::prop_assert!(repaired.mesh.topology().is_watertight());
            let again = repair(repaired.mesh.clone(), &options, &AtomicBool::new(false)).unwrap();
            proptest::prop_assert_eq!(again.repairs, vec![]);
            proptest::prop_assert_eq!(again.mesh, repaired.mesh);
        }
    }
}

/// `cargo test --release -p mesh ten_million -- --ignored --nocapture` says the seconds.
#[test]
#[ignore = "six seconds and 1.2 GB"]
fn ten_million_triangles_are_read_and_repaired() {
    let mesh = sphere(100.0, 1581);
    assert!(mesh.triangles.len() > 9_990_000 && mesh.triangles.len() <= 10_000_000, "{}", mesh.triangles.len());
    let mut bytes = Vec::new();
    crate::stl::write(&inverted(mesh), &mut bytes).unwrap();
    let read = crate::stl::read(&bytes).unwrap();
    drop(bytes);
    let repaired = repair(read, &Options::default(), &AtomicBool::new(false)).unwrap();
    assert!((repaired.mesh.mass_properties().volume_mm3 / (4e6 / 3.0 * std::f64::consts::PI) - 1.0).abs() < 1e-4);
}
