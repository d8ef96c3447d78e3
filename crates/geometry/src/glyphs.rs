//! Text to closed regions: outlines of the embedded font, flattened within a tolerance, with the holes of letters.
//!
//! The font is DejaVu Sans Bold reduced to Latin-1 and Latin Extended-A (licence beside it). Letters outside it are
//! refused by name rather than drawn as a box.

use part::solid::{Contour, Profile};
use ttf_parser::{Face, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../font/DejaVuSans-Bold-latin.ttf");

/// Flattening tolerance as a share of the capital height: 0.1 mm on letters of 10 mm would show, 0.02 mm does not.
const FLATNESS: f64 = 0.002;

/// Regions of a line of text, its baseline centred on the origin, capitals `height` high.
pub(crate) fn profiles(text: &str, height: f64) -> Result<Vec<Profile>, String> {
    let face = Face::parse(FONT, 0).map_err(|error| format!("the embedded font does not parse: {error}"))?;
    let capital = face.capital_height().map_or(0.729 * f64::from(face.units_per_em()), f64::from);
    let scale = height / capital;
    let mut pen = 0.0;
    let mut regions = Vec::new();
    let mut previous = None;
    for letter in text.chars() {
        let glyph = face
            .glyph_index(letter)
            .ok_or_else(|| format!("the letter '{letter}' is not in the font; use Latin letters"))?;
        if let Some(previous) = previous {
            pen += kerning(&face, previous, glyph) * scale;
        }
        let mut outline = Outline { scale, origin: pen, flatness: height * FLATNESS, rings: Vec::new() };
        face.outline_glyph(glyph, &mut outline);
        regions.extend(nest(outline.rings));
        pen += face.glyph_hor_advance(glyph).map_or(0.0, f64::from) * scale;
        previous = Some(glyph);
    }
    if regions.is_empty() {
        return Err("the text has no visible letters".to_owned());
    }
    let shift = |ring: Vec<[f64; 2]>| Contour::Polygon {
        points: ring.into_iter().map(|[x, y]| [snap(x - pen / 2.0), snap(y)]).collect(),
    };
    Ok(regions
        .into_iter()
        .map(|(outer, holes)| Profile { outer: shift(outer), holes: holes.into_iter().map(shift).collect() })
        .collect())
}

fn kerning(face: &Face<'_>, left: ttf_parser::GlyphId, right: ttf_parser::GlyphId) -> f64 {
    let tables = face.tables().kern.iter().flat_map(|kern| kern.subtables);
    tables.filter(|t| t.horizontal && !t.variable).find_map(|t| t.glyphs_kerning(left, right)).map_or(0.0, f64::from)
}

fn snap(value: f64) -> f64 {
    (value * 1e5).round() / 1e5 + 0.0
}

type Ring = Vec<[f64; 2]>;

struct Outline {
    scale: f64,
    origin: f64,
    flatness: f64,
    rings: Vec<Ring>,
}

impl Outline {
    fn point(&self, x: f32, y: f32) -> [f64; 2] {
        [self.origin + f64::from(x) * self.scale, f64::from(y) * self.scale]
    }

    fn push(&mut self, point: [f64; 2]) {
        if let Some(ring) = self.rings.last_mut()
            && ring.last().is_none_or(|last| (last[0] - point[0]).hypot(last[1] - point[1]) > 1e-4)
        {
            ring.push(point);
        }
    }

    fn last(&self) -> [f64; 2] {
        self.rings.last().and_then(|ring| ring.last()).copied().unwrap_or_default()
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let point = self.point(x, y);
        self.rings.push(vec![point]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let point = self.point(x, y);
        self.push(point);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (a, b, c) = (self.last(), self.point(x1, y1), self.point(x, y));
        // A parabola's chords of n equal steps are off by |a - 2b + c| / (4 n^2).
        let bend = (a[0] - 2.0 * b[0] + c[0]).hypot(a[1] - 2.0 * b[1] + c[1]);
        let n = (bend / 4.0 / self.flatness).sqrt().ceil().clamp(1.0, 32.0) as u32;
        for i in 1..=n {
            let t = f64::from(i) / f64::from(n);
            let s = 1.0 - t;
            self.push(std::array::from_fn(|k| s * s * a[k] + 2.0 * s * t * b[k] + t * t * c[k]));
        }
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (a, b, c, d) = (self.last(), self.point(x1, y1), self.point(x2, y2), self.point(x, y));
        for i in 1..=12 {
            let t = f64::from(i) / 12.0;
            let s = 1.0 - t;
            self.push(std::array::from_fn(|k| {
                s * s * s * a[k] + 3.0 * s * s * t * b[k] + 3.0 * s * t * t * c[k] + t * t * t * d[k]
            }));
        }
    }

    fn close(&mut self) {
        if let Some(ring) = self.rings.last_mut() {
            if let (Some(first), Some(last)) = (ring.first(), ring.last())
                && ring.len() > 1
                && (first[0] - last[0]).hypot(first[1] - last[1]) <= 1e-4
            {
                ring.pop();
            }
            if ring.len() < 3 {
                self.rings.pop();
            }
        }
    }
}

/// Outer rings with the holes that lie directly in them, whatever the winding that the font uses.
fn nest(rings: Vec<Ring>) -> Vec<(Ring, Vec<Ring>)> {
    let depth =
        |i: usize| (0..rings.len()).filter(|j| *j != i && crate::outline::inside(rings[i][0], &rings[*j])).count();
    let depths: Vec<usize> = (0..rings.len()).map(depth).collect();
    let mut regions = Vec::new();
    for (i, ring) in rings.iter().enumerate().filter(|(i, _)| depths[*i].is_multiple_of(2)) {
        let holes =
            (0..rings.len()).filter(|j| depths[*j] == depths[i] + 1 && crate::outline::inside(rings[*j][0], ring));
        regions.push((wound(ring, true), holes.map(|j| wound(&rings[j], false)).collect()));
    }
    regions
}

fn wound(ring: &Ring, counter_clockwise: bool) -> Ring {
    let mut ring = ring.clone();
    if (crate::contour::signed_area(&ring) > 0.0) != counter_clockwise {
        ring.reverse();
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_their_holes() {
        let holes = |text: &str| profiles(text, 10.0).unwrap().iter().map(|p| p.holes.len()).sum::<usize>();
        assert_eq!((holes("C"), holes("A"), holes("B"), holes("O8"), holes("Joã")), (0, 1, 2, 3, 2));
        // The dot of an i is a region of its own.
        assert_eq!(profiles("i", 10.0).unwrap().len(), 2);
    }

    #[test]
    fn capitals_have_the_height_asked_for_and_the_text_is_centred() {
        let regions = profiles("HEH", 10.0).unwrap();
        let points: Vec<[f64; 2]> = regions
            .iter()
            .flat_map(|p| match &p.outer {
                Contour::Polygon { points } => points.clone(),
                _ => Vec::new(),
            })
            .collect();
        let top = points.iter().map(|p| p[1]).fold(f64::MIN, f64::max);
        let (left, right) = points.iter().fold((f64::MAX, f64::MIN), |(l, r), p| (l.min(p[0]), r.max(p[0])));
        assert!((top - 10.0).abs() < 0.01, "{top}");
        assert!((left + right).abs() < 0.2, "{left} {right}");
    }

    #[test]
    fn a_letter_outside_the_font_is_named() {
        assert!(profiles("字", 10.0).unwrap_err().contains('字'));
        assert!(profiles("  ", 10.0).is_err());
    }
}
