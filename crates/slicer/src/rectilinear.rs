//! Parallel lines over a region: solid (every line a band of the region's area) and sparse.

use crate::path::{Path, PathKind, cover_area, distance};
use crate::region::{Shape, shape_area_mm2, to_mm};

pub(crate) struct Lines {
    pub(crate) kind: PathKind,
    /// Direction of the lines, radians.
    pub(crate) angle: f64,
    /// Distance between lines, mm. A solid fill adapts it so that whole lines fit.
    pub(crate) spacing: f64,
    /// Width of one line, mm.
    pub(crate) width: f64,
    /// How far the ends stay inside (positive) or reach outside (negative) the region, mm.
    pub(crate) inset: f64,
}

/// Covers the shape's whole area.
pub(crate) fn solid(shape: &Shape, lines: &Lines, paths: &mut Vec<Path>) {
    let rotated = Rotated::new(shape, lines.angle);
    let count = ((rotated.high - rotated.low) / lines.spacing).round().max(1.0);
    let spacing = (rotated.high - rotated.low) / count;
    let rows = (0..count as usize).map(|i| rotated.low + (i as f64 + 0.5) * spacing).collect();
    let mut filled = zigzag(rotated.spans(rows, lines.inset), spacing, lines);
    cover_area(&mut filled, shape_area_mm2(shape), 0.5, 1.6);
    paths.append(&mut filled);
}

/// Covers `width / spacing` of the area; rows lie at the same places in every layer of the same angle.
pub(crate) fn sparse(shape: &Shape, lines: &Lines, paths: &mut Vec<Path>) {
    let rotated = Rotated::new(shape, lines.angle);
    let first = (rotated.low / lines.spacing).ceil() as i64;
    let last = (rotated.high / lines.spacing).floor() as i64;
    let rows = (first..=last).map(|i| i as f64 * lines.spacing).collect();
    paths.append(&mut zigzag(rotated.spans(rows, lines.inset), lines.spacing, lines));
}

/// The shape turned so that the lines are horizontal.
struct Rotated {
    contours: Vec<Vec<[f64; 2]>>,
    low: f64,
    high: f64,
}

/// The parts of one row that lie inside.
struct Row {
    y: f64,
    spans: Vec<[f64; 2]>,
}

impl Rotated {
    fn new(shape: &Shape, angle: f64) -> Rotated {
        let (sin, cos) = angle.sin_cos();
        let contours: Vec<Vec<[f64; 2]>> = shape
            .iter()
            .map(|contour| {
                contour.iter().map(|&p| to_mm(p)).map(|[x, y]| [x * cos + y * sin, y * cos - x * sin]).collect()
            })
            .collect();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for point in contours.iter().flatten() {
            low = low.min(point[1]);
            high = high.max(point[1]);
        }
        Rotated { contours, low, high }
    }

    /// `rows` ascend.
    fn spans(&self, rows: Vec<f64>, inset: f64) -> Vec<Row> {
        let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
        for contour in &self.contours {
            for (index, a) in contour.iter().enumerate() {
                let b = &contour[(index + 1) % contour.len()];
                let (a, b) = if a[1] <= b[1] { (a, b) } else { (b, a) };
                let first = rows.partition_point(|&y| y < a[1]);
                for (row, &y) in rows.iter().enumerate().skip(first) {
                    if y >= b[1] {
                        break;
                    }
                    crossings[row].push(a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]));
                }
            }
        }
        rows.into_iter()
            .zip(crossings)
            .map(|(y, mut xs)| {
                xs.sort_by(f64::total_cmp);
                let spans = xs.chunks_exact(2).map(|p| [p[0] + inset, p[1] - inset]);
                Row { y, spans: spans.filter(|s| s[1] - s[0] > 1e-3).collect() }
            })
            .collect()
    }
}

/// Joins the spans of neighbouring rows where a short link stays inside, alternating direction.
fn zigzag(rows: Vec<Row>, spacing: f64, lines: &Lines) -> Vec<Path> {
    let (sin, cos) = lines.angle.sin_cos();
    let mut finished: Vec<Vec<[f64; 2]>> = Vec::new();
    // Lines whose last span is in the row before, with that span.
    let mut open: Vec<(Vec<[f64; 2]>, [f64; 2])> = Vec::new();
    for row in rows {
        let mut next = Vec::with_capacity(row.spans.len());
        for span in row.spans {
            // The link starts at the side where the line ended, and must be short and over overlapping spans.
            let reach = spacing.max(lines.width) * 2.5;
            let found = open.iter().position(|(line, last)| {
                let end = line[line.len() - 1];
                let entry = if end[0] == last[1] { span[1] } else { span[0] };
                let overlap = last[1].min(span[1]) - last[0].max(span[0]);
                overlap > 0.0 && distance(end, [entry, row.y]) <= reach && spacing <= lines.width * 2.5
            });
            let mut line = match found {
                Some(index) => open.swap_remove(index),
                None => (Vec::new(), [0.0, f64::INFINITY]),
            };
            let ended_right = line.0.last().is_some_and(|end| end[0] == line.1[1]);
            let order = if ended_right { [span[1], span[0]] } else { span };
            line.0.extend(order.map(|x| [x, row.y]));
            next.push((line.0, span));
        }
        finished.extend(open.drain(..).map(|(line, _)| line));
        open = next;
    }
    finished.extend(open.into_iter().map(|(line, _)| line));
    finished
        .into_iter()
        .map(|line| {
            let points = line.into_iter().map(|[x, y]| [x * cos - y * sin, y * cos + x * sin]).collect();
            Path::uniform(lines.kind, false, points, lines.width)
        })
        .collect()
}
