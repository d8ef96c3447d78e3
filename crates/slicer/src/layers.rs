//! Where the layers lie. Their boundaries follow the part's horizontal faces, so that a floor of 2.5 mm is 2.5 mm thick
//! at any layer height; between two faces all layers are equally thick, and none is thicker than asked.

use mesh::TriMesh;

use crate::Settings;

/// Faces smaller than this (mm2) do not move layers.
const MIN_FACE_MM2: f64 = 1.0;

/// One layer: printed with the nozzle at `top`, `height` below it filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layer {
    pub(crate) top: f64,
    pub(crate) height: f64,
}

impl Layer {
    /// Where the mesh is cut: the middle, so that slopes deposit their true volume.
    pub(crate) fn plane(&self) -> f64 {
        self.top - self.height / 2.0
    }
}

pub(crate) fn layers(mesh: &TriMesh, height: f64, settings: &Settings) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut bottom = 0.0;
    for knot in knots(mesh, height, settings) {
        let mut gap = knot - bottom;
        if layers.is_empty() {
            let first = settings.first_layer_height;
            let thickest = settings.nozzle_diameter * 0.8;
            if gap <= first * 1.02 || (gap < first + settings.layer_height / 2.0 && gap <= thickest) {
                push(&mut layers, bottom, knot, 1);
                bottom = knot;
                continue;
            }
            if gap >= first + settings.layer_height / 2.0 {
                push(&mut layers, 0.0, first, 1);
                bottom = first;
                gap -= first;
            }
        }
        // 2 % over the height asked for is better than one layer more.
        let count = (gap / settings.layer_height - 0.02).ceil().max(1.0) as usize;
        push(&mut layers, bottom, knot, count);
        bottom = knot;
    }
    layers
}

fn push(layers: &mut Vec<Layer>, bottom: f64, top: f64, count: usize) {
    let height = (top - bottom) / count as f64;
    layers.extend((1..=count).map(|i| Layer { top: bottom + height * i as f64, height }));
}

/// Heights of horizontal faces, ascending, at least half a layer apart; the last is the part's top.
fn knots(mesh: &TriMesh, height: f64, settings: &Settings) -> Vec<f64> {
    let mut flat: Vec<(i64, f64)> = mesh
        .iter_corners()
        .filter(|c| c[0][2] == c[1][2] && c[1][2] == c[2][2])
        .map(|[a, b, c]| {
            let area = ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0;
            ((a[2] * 1e4).round() as i64, area)
        })
        .collect();
    flat.sort_by_key(|f| f.0);
    let mut faces: Vec<(i64, f64)> = flat
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| (group[0].0, group.iter().map(|f| f.1).sum()))
        .filter(|f| f.1 >= MIN_FACE_MM2)
        .collect();
    // Large faces first: they have the say where two are closer than a layer.
    faces.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let closest = settings.layer_height / 2.0;
    let mut knots = vec![height];
    for (z, _) in faces {
        let z = z as f64 / 1e4;
        if z >= closest && knots.iter().all(|k| (k - z).abs() >= closest) {
            knots.push(z);
        }
    }
    knots.sort_by(f64::total_cmp);
    knots
}
