//! Meshes and a minimal G-code reader that shares nothing with the crates under test.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "shared by several test programs")]

use std::collections::HashMap;
use std::f64::consts::{PI, TAU};
use std::sync::atomic::AtomicBool;

use manifold_rust::linalg::Vec3;
use manifold_rust::manifold::Manifold;
use mesh::TriMesh;
use slicer::{Settings, Slice, SliceError};

/// What a plain reading of the program says.
#[derive(Default, Debug)]
pub struct Reading {
    /// Net filament, mm.
    pub filament: f64,
    /// Filament of each `;TYPE:`.
    pub by_type: HashMap<String, f64>,
    /// Filament of each layer and type.
    pub by_layer: Vec<HashMap<String, f64>>,
    pub min: [f64; 2],
    pub max: [f64; 2],
    pub z: Vec<f64>,
    /// Width of every line of at least 0.3 mm, from its filament, length and the layer's height.
    pub widths: Vec<f64>,
}

pub fn read(program: &[u8]) -> Reading {
    let mut r = Reading { min: [f64::MAX; 2], max: [f64::MIN; 2], ..Reading::default() };
    let (mut relative, mut last_e, mut kind) = (false, 0.0, String::new());
    let (mut at, mut height) = ([0.0f64; 2], 0.0f64);
    for line in std::str::from_utf8(program).unwrap().lines() {
        if let Some(t) = line.strip_prefix(";TYPE:") {
            kind = t.to_owned();
        }
        if let Some(h) = line.strip_prefix(";HEIGHT:") {
            height = h.parse().unwrap();
        }
        if line.starts_with(";LAYER:") {
            r.by_layer.push(HashMap::new());
        }
        let code = line.split(';').next().unwrap();
        let mut words = code.split_whitespace();
        let Some(command) = words.next() else { continue };
        match command {
            "M83" => relative = true,
            "M82" | "G90" => relative = false,
            _ => {}
        }
        if command == "G92" {
            last_e = 0.0;
        }
        if command != "G1" && command != "G0" {
            continue;
        }
        let (from, before) = (at, r.filament);
        for word in words {
            let value: f64 = word[1..].parse().unwrap();
            match &word[..1] {
                "X" => (at[0], r.min[0], r.max[0]) = (value, r.min[0].min(value), r.max[0].max(value)),
                "Y" => (at[1], r.min[1], r.max[1]) = (value, r.min[1].min(value), r.max[1].max(value)),
                "Z" => r.z.push(value),
                "E" => {
                    let e = if relative { value } else { value - last_e };
                    last_e = value;
                    r.filament += e;
                    *r.by_type.entry(kind.clone()).or_default() += e;
                    if let Some(layer) = r.by_layer.last_mut() {
                        *layer.entry(kind.clone()).or_default() += e;
                    }
                }
                _ => {}
            }
        }
        let length = (at[0] - from[0]).hypot(at[1] - from[1]);
        if length > 0.3 && r.filament > before {
            r.widths.push(volume(r.filament - before) / length / height);
        }
    }
    r
}

pub fn volume(filament_mm: f64) -> f64 {
    filament_mm * PI * 1.75 * 1.75 / 4.0
}

pub fn solid_settings() -> Settings {
    Settings { infill_density: 1.0, skirt_loops: 0, ..Settings::default() }
}

pub fn run(mesh: &TriMesh, settings: &Settings) -> Result<Slice, SliceError> {
    slicer::slice(mesh, settings, &AtomicBool::new(false), &|_| {})
}

pub fn block(size: [f64; 3]) -> Manifold {
    Manifold::cube(Vec3::new(size[0], size[1], size[2]), false)
}

pub fn block_at(at: [f64; 3], size: [f64; 3]) -> Manifold {
    block(size).translate(Vec3::new(at[0], at[1], at[2]))
}

/// A cylinder or cone on z = `at[2]`.
pub fn cone(at: [f64; 3], height: f64, low: f64, high: f64, segments: usize) -> Manifold {
    Manifold::cylinder(height, low, high, segments as i32).translate(Vec3::new(at[0], at[1], at[2]))
}

pub fn to_mesh(solid: &Manifold) -> TriMesh {
    let gl = solid.get_mesh_gl64(-1);
    let stride = gl.num_prop as usize;
    let positions = gl.vert_properties.chunks_exact(stride).map(|p| [p[0], p[1], p[2]]).collect();
    let triangles = gl.tri_verts.chunks_exact(3).map(|t| [t[0] as u32, t[1] as u32, t[2] as u32]).collect();
    TriMesh::new(positions, triangles).welded()
}

/// A pot 120 wide, 100 tall, 3 mm walls, tapering to 90 at the foot, five 8 mm holes in its 3 mm floor.
pub fn pot() -> TriMesh {
    let segments = 192;
    let outer = cone([0.0; 3], 100.0, 45.0, 60.0, segments);
    let slope = 15.0 / 100.0;
    let inner = cone([0.0, 0.0, 3.0], 98.0, 42.0 + 3.0 * slope, 42.0 + 101.0 * slope, segments);
    let mut solid = outer.difference(&inner);
    for i in 0..5 {
        let angle = TAU * i as f64 / 5.0;
        solid = solid.difference(&cone([25.0 * angle.cos(), 25.0 * angle.sin(), -1.0], 5.0, 4.0, 4.0, 48));
    }
    to_mesh(&solid)
}

/// An open box with walls and floor of `wall`.
pub fn open_box(size: [f64; 3], wall: f64) -> TriMesh {
    let [x, y, z] = size;
    to_mesh(&block(size).difference(&block_at([wall, wall, wall], [x - 2.0 * wall, y - 2.0 * wall, z])))
}

/// A plate with a grid of round holes and one square one.
pub fn plate() -> TriMesh {
    let mut solid = block([80.0, 50.0, 4.0]);
    for i in 0..4 {
        for j in 0..2 {
            let at = [12.0 + 18.0 * i as f64, 12.0 + 26.0 * j as f64, -1.0];
            solid = solid.difference(&cone(at, 6.0, 2.0 + i as f64 * 0.8, 2.0 + i as f64 * 0.8, 64));
        }
    }
    to_mesh(&solid.difference(&block_at([36.0, 21.0, -1.0], [8.0, 8.0, 6.0])))
}

/// Rings around each other, `wall` thick and `gap` apart.
pub fn rings(count: usize, wall: f64, gap: f64, height: f64) -> TriMesh {
    let mut all = TriMesh::default();
    for i in 0..count {
        let inner = 3.0 + i as f64 * (wall + gap);
        let ring = cone([0.0; 3], height, inner + wall, inner + wall, 96).difference(&cone(
            [0.0, 0.0, -1.0],
            height + 2.0,
            inner,
            inner,
            96,
        ));
        all.append(&to_mesh(&ring));
    }
    all
}

/// A spur gear with straight-flanked teeth and a bore.
pub fn gear(teeth: usize, radius: f64, height: f64) -> TriMesh {
    let mut solid = cone([0.0; 3], height, radius, radius, 180);
    let depth = TAU * radius / teeth as f64 * 0.6;
    let pitch = TAU * radius / teeth as f64;
    for i in 0..teeth {
        let tooth = block_at([radius - 0.5, -pitch / 4.0, 0.0], [depth + 0.5, pitch / 2.0, height]);
        let angle = 360.0 * i as f64 / teeth as f64;
        solid = solid.union(&tooth.rotate(0.0, 0.0, angle));
    }
    to_mesh(&solid.difference(&cone([0.0, 0.0, -1.0], height + 2.0, radius / 4.0, radius / 4.0, 64)))
}
