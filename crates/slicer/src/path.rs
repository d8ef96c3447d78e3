//! A toolpath: where the nozzle goes and how wide it deposits.

/// What a path is for; decides speed and the `;TYPE:` comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PathKind {
    Skirt,
    InnerWall,
    OuterWall,
    /// Lines of varying width where whole lines do not fit.
    Gap,
    Solid,
    Sparse,
}

impl PathKind {
    pub(crate) fn comment(self) -> &'static str {
        match self {
            PathKind::Skirt => ";TYPE:SKIRT\n",
            PathKind::InnerWall => ";TYPE:WALL-INNER\n",
            PathKind::OuterWall => ";TYPE:WALL-OUTER\n",
            PathKind::Gap => ";TYPE:GAP-FILL\n",
            PathKind::Solid => ";TYPE:SKIN\n",
            PathKind::Sparse => ";TYPE:FILL\n",
        }
    }
}

/// Points in mm on the bed. `widths[i]` (mm) belongs to the segment that starts at point i; a closed path has one
/// segment more, back to the first point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) kind: PathKind,
    pub(crate) closed: bool,
    pub(crate) points: Vec<[f64; 2]>,
    pub(crate) widths: Vec<f64>,
}

impl Path {
    pub(crate) fn uniform(kind: PathKind, closed: bool, points: Vec<[f64; 2]>, width: f64) -> Path {
        let segments = if closed { points.len() } else { points.len().saturating_sub(1) };
        Path { kind, closed, points, widths: vec![width; segments] }
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2], f64)> + '_ {
        let count = self.points.len();
        self.widths.iter().enumerate().map(move |(i, &width)| (self.points[i], self.points[(i + 1) % count], width))
    }

    /// Area that the path covers, mm2: times the layer's height, its volume.
    pub(crate) fn area_mm2(&self) -> f64 {
        self.segments().map(|(a, b, width)| distance(a, b) * width).sum()
    }

    pub(crate) fn scale_width(&mut self, factor: f64) {
        for width in &mut self.widths {
            *width *= factor;
        }
    }

    pub(crate) fn start(&self) -> [f64; 2] {
        self.points[0]
    }

    pub(crate) fn end(&self) -> [f64; 2] {
        if self.closed { self.points[0] } else { self.points[self.points.len() - 1] }
    }

    /// Runs an open path the other way.
    pub(crate) fn reverse(&mut self) {
        self.points.reverse();
        self.widths.reverse();
    }

    /// Starts a closed path at its rearmost point (the rightmost of several), so that seams line up over the layers.
    pub(crate) fn align_seam(&mut self) {
        let rank = |p: &[f64; 2]| p[1] + p[0] * 1e-3;
        let rear = (0..self.points.len()).max_by(|&a, &b| rank(&self.points[a]).total_cmp(&rank(&self.points[b])));
        if let Some(rear) = rear {
            self.points.rotate_left(rear);
            self.widths.rotate_left(rear);
        }
    }
}

pub(crate) fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// Scales the widths of `paths` so that they cover `target` mm2, as far as `least..=most` allows.
pub(crate) fn cover_area(paths: &mut [Path], target: f64, least: f64, most: f64) {
    let covered: f64 = paths.iter().map(Path::area_mm2).sum();
    if covered > 0.0 {
        let factor = (target / covered).clamp(least, most);
        for path in paths {
            path.scale_width(factor);
        }
    }
}

/// Orders paths by the nearest next start, from `position`; open ones may be reversed.
pub(crate) fn nearest_order(mut paths: Vec<Path>, position: &mut [f64; 2]) -> Vec<Path> {
    let mut ordered = Vec::with_capacity(paths.len());
    while !paths.is_empty() {
        let (mut best, mut best_distance, mut reversed) = (0, f64::INFINITY, false);
        for (index, path) in paths.iter().enumerate() {
            let from_start = distance(*position, path.start());
            if from_start < best_distance {
                (best, best_distance, reversed) = (index, from_start, false);
            }
            if !path.closed {
                let from_end = distance(*position, path.end());
                if from_end < best_distance {
                    (best, best_distance, reversed) = (index, from_end, true);
                }
            }
        }
        let mut path = paths.swap_remove(best);
        if reversed {
            path.reverse();
        }
        *position = path.end();
        ordered.push(path);
    }
    ordered
}
