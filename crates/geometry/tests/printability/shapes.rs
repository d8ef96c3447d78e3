//! Meshes made by hand, and ways to cut their triangles up.

use mesh::TriMesh;

/// A box from corner to corner.
pub(crate) fn cuboid(low: [f64; 3], high: [f64; 3]) -> TriMesh {
    let positions = (0..8).map(|i| std::array::from_fn(|k| if i >> k & 1 == 1 { high[k] } else { low[k] })).collect();
    let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    let triangles = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
    TriMesh::new(positions, triangles)
}

/// A counter-clockwise outline in x and z, pushed along y from 0; ends are closed by ears.
pub(crate) fn prism(outline: &[[f64; 2]], depth: f64) -> TriMesh {
    let n = outline.len() as u32;
    let at = |y: f64| outline.iter().map(move |p| [p[0], y, p[1]]);
    let positions: Vec<[f64; 3]> = at(0.0).chain(at(depth)).collect();
    let mut triangles = Vec::new();
    for i in 0..n {
        let j = (i + 1) % n;
        triangles.extend([[i, i + n, j], [j, i + n, j + n]]);
    }
    for [a, b, c] in ears(outline) {
        triangles.push([a, b, c]);
        triangles.push([a + n, c + n, b + n]);
    }
    // Seen against +y an outline that runs counter-clockwise in x and z looks out of the front end.
    let mut mesh = TriMesh::new(positions, triangles);
    if mesh.mass_properties().volume_mm3 < 0.0 {
        mesh.triangles.iter_mut().for_each(|t| t.swap(1, 2));
    }
    assert!(mesh.topology().is_watertight());
    mesh
}

/// Ear clipping of a simple counter-clockwise polygon.
fn ears(outline: &[[f64; 2]]) -> Vec<[u32; 3]> {
    let turn = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let mut left: Vec<u32> = (0..outline.len() as u32).collect();
    let mut ears = Vec::new();
    while left.len() > 3 {
        let n = left.len();
        let ear = (0..n)
            .find(|i| {
                let [a, b, c] = [left[(i + n - 1) % n], left[*i], left[(i + 1) % n]];
                let p = |v: u32| outline[v as usize];
                turn(p(a), p(b), p(c)) > 0.0
                    && left.iter().filter(|v| ![a, b, c].contains(v)).all(|v| {
                        let q = p(*v);
                        turn(p(a), p(b), q) < 0.0 || turn(p(b), p(c), q) < 0.0 || turn(p(c), p(a), q) < 0.0
                    })
            })
            .expect("a simple polygon has an ear");
        ears.push([left[(ear + n - 1) % n], left[ear], left[(ear + 1) % n]]);
        left.remove(ear);
    }
    ears.push([left[0], left[1], left[2]]);
    ears
}

/// A profile of radius and height, counter-clockwise, turned about z in `n` steps. Points on the axis become one.
pub(crate) fn lathe(profile: &[[f64; 2]], n: usize) -> TriMesh {
    let mut positions = Vec::new();
    for p in profile {
        for i in 0..n {
            let (sin, cos) = (std::f64::consts::TAU * i as f64 / n as f64).sin_cos();
            positions.push([p[0] * cos, p[0] * sin, p[1]]);
        }
    }
    let (m, n) = (profile.len() as u32, n as u32);
    let mut triangles = Vec::new();
    for k in 0..m {
        let l = (k + 1) % m;
        for i in 0..n {
            let j = (i + 1) % n;
            triangles.extend([[k * n + i, k * n + j, l * n + j], [k * n + i, l * n + j, l * n + i]]);
        }
    }
    let mut mesh = TriMesh::new(positions, triangles).welded();
    if mesh.mass_properties().volume_mm3 < 0.0 {
        mesh.triangles.iter_mut().for_each(|t| t.swap(1, 2));
    }
    assert!(mesh.topology().is_watertight(), "{:?}", mesh.topology());
    mesh
}

/// Every triangle into four.
pub(crate) fn subdivided(mesh: &TriMesh) -> TriMesh {
    let mut positions = mesh.positions.clone();
    let mut middles = std::collections::BTreeMap::new();
    let mut triangles = Vec::new();
    for &[a, b, c] in &mesh.triangles {
        let mut middle = |a: u32, b: u32| {
            *middles.entry((a.min(b), a.max(b))).or_insert_with(|| {
                let (p, q) = (mesh.positions[a as usize], mesh.positions[b as usize]);
                positions.push(std::array::from_fn(|i| (p[i] + q[i]) / 2.0));
                (positions.len() - 1) as u32
            })
        };
        let (ab, bc, ca) = (middle(a, b), middle(b, c), middle(c, a));
        triangles.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
    }
    TriMesh::new(positions, triangles)
}

/// A new corner somewhere inside each triangle, by turns.
pub(crate) fn speckled(mesh: &TriMesh, seed: f64) -> TriMesh {
    let mut positions = mesh.positions.clone();
    let mut triangles = Vec::new();
    for (index, &[a, b, c]) in mesh.triangles.iter().enumerate() {
        let s = 0.1 + 0.4 * (seed + 0.618_034 * index as f64).fract();
        let t = 0.1 + 0.4 * (seed + 0.414_214 * index as f64).fract();
        let [p, q, r] = [a, b, c].map(|v| mesh.positions[v as usize]);
        positions.push(std::array::from_fn(|i| p[i] + s * (q[i] - p[i]) + t * (r[i] - p[i])));
        let m = (positions.len() - 1) as u32;
        triangles.extend([[a, b, m], [b, c, m], [c, a, m]]);
    }
    TriMesh::new(positions, triangles)
}

/// One mesh of several, as they are.
pub(crate) fn together(meshes: &[TriMesh]) -> TriMesh {
    let mut all = TriMesh::default();
    meshes.iter().for_each(|mesh| all.append(mesh));
    all
}

/// The same surface looking the other way: the wall of a void.
pub(crate) fn inside_out(mut mesh: TriMesh) -> TriMesh {
    mesh.triangles.iter_mut().for_each(|t| t.swap(1, 2));
    mesh
}

pub(crate) fn sphere(diameter: f64, n: usize) -> TriMesh {
    let r = diameter / 2.0;
    let profile: Vec<[f64; 2]> = (0..=n / 2)
        .map(|i| {
            let (sin, cos) = (std::f64::consts::PI * i as f64 / (n / 2) as f64).sin_cos();
            [if i == 0 || 2 * i == n { 0.0 } else { r * sin }, r - r * cos]
        })
        .collect();
    lathe_open(&profile, n)
}

/// Like [`lathe`] for a profile that starts and ends on the axis.
pub(crate) fn lathe_open(profile: &[[f64; 2]], n: usize) -> TriMesh {
    lathe(profile, n)
}

pub(crate) fn cylinder(diameter: f64, height: f64, n: usize) -> TriMesh {
    let r = diameter / 2.0;
    lathe(&[[0.0, 0.0], [r, 0.0], [r, height], [0.0, height]], n)
}

/// Turned by quarter turns about x.
pub(crate) fn turned(mesh: &TriMesh, quarters: usize) -> TriMesh {
    let mut mesh = mesh.clone();
    for p in &mut mesh.positions {
        for _ in 0..quarters {
            *p = [p[0], -p[2], p[1]];
        }
    }
    let down = -mesh.bounds().unwrap().min[2];
    mesh.translated([0.0, 0.0, down])
}
