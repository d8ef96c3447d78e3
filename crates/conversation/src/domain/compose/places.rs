//! Places: where a feature goes, from the words said and, for what they leave open, by rule.

use part::{Anchor, AnchorFrom, Face, Part, Placement, Position, Quantity, catalogue};

use super::Composer;
use crate::domain::{grammar::FeatureMention, lexeme::Measure, quantity::tidy};

/// Outer size, whether the body is round about Z; by the validator when it can, else from what was said.
pub(super) fn body_shape(part: &Part) -> ([f64; 3], bool, bool) {
    let Some(first) = part.features.first() else { return ([100.0; 3], false, false) };
    let alone = Part { features: vec![first.clone()], ..Part::default() };
    match part::lower(&alone) {
        Ok(body) => (body.size, body.round, true),
        Err(_) => {
            let round = catalogue::find(&first.kind)
                .is_some_and(|d| d.parameter("diameter").is_some() || d.parameter("outer_diameter").is_some());
            ([100.0; 3], round, false)
        }
    }
}

impl Composer<'_> {
    pub(super) fn placements(&mut self, mention: &FeatureMention, id: &str) -> Vec<Placement> {
        let (size, round, known) = body_shape(&self.part);
        let count = mention.count.as_ref().map_or(1.0, |m| m.value);
        let lies = self
            .part
            .features
            .first()
            .and_then(|o| catalogue::find(&o.kind))
            .is_some_and(|d| d.parameter("length").is_some());
        let upright = FeatureMention { direction: None, ..mention.clone() };
        let face = face(if lies || mention.direction != Some("along") { mention } else { &upright });
        let side = !matches!(face, Face::Top | Face::Bottom);
        let [w, h] = match face {
            Face::Top | Face::Bottom => [size[0], size[1]],
            Face::Left | Face::Right => [size[1], size[2]],
            _ => [size[0], size[2]],
        };
        let named = |axis: &str| mention.named.iter().find(|(n, _)| n.axis == Some(axis)).map(|(_, m)| m.clone());
        let place = |position| Placement { face, position, on: None };
        let how_many = match &mention.count {
            Some(measure) => self.quantity(measure, part::Dimension::Count),
            None if !mention.clock.is_empty() => {
                Quantity::derived(mention.clock.len() as f64, "one for each hour named")
            }
            None => Quantity::derived(1.0, "one was named"),
        };
        let from_centre = mention.insets.iter().find(|(s, _)| *s == Some("centre")).map(|(_, m)| m.clone());
        if !mention.clock.is_empty()
            && let Some(places) = self.on_the_clock(mention, face, from_centre.as_ref(), size, round)
        {
            return places;
        }
        if let Some(circle) = named("pcd") {
            let diameter = self.quantity(&circle, part::Dimension::Length);
            let start = Quantity::default(0.0, "the first on the right");
            return vec![place(Position::Circle { count: how_many, diameter, start })];
        }
        if mention.grid
            && let Some([columns, rows]) = mention.sizes.as_deref()
        {
            let count = |m: &Measure| Quantity {
                value: m.value / m.factor,
                ..Quantity::said(0.0, &self.text[m.span.clone()], self.turn, m.span.clone())
            };
            let (columns, rows) = (count(columns), count(rows));
            let pitch = |n: f64, across: f64| Quantity::derived(tidy(across / n), "evenly over the face");
            let (pitch_u, pitch_v) = match named("pitch") {
                Some(p) => (self.quantity(&p, part::Dimension::Length), self.quantity(&p, part::Dimension::Length)),
                None => (pitch(columns.value, w), pitch(rows.value, h)),
            };
            return vec![place(Position::Grid { columns, rows, pitch_u, pitch_v })];
        }
        if let Some(side) = mention.square_pattern().cloned() {
            let two = || Quantity::derived(2.0, "four on a square");
            let pitch = self.quantity(&side, part::Dimension::Length);
            let position = Position::Grid { columns: two(), rows: two(), pitch_u: pitch.clone(), pitch_v: pitch };
            return vec![place(position)];
        }
        if round && side {
            return self.around(mention, face, count, size[2], known);
        }
        let plain_inset = mention.insets.iter().find(|(s, _)| s.is_none()).map(|(_, m)| m.clone());
        if let Some(distance) = from_centre {
            let twice = || format!("twice the {} mm from the centre", distance.value);
            return vec![place(match count {
                n if n <= 1.0 => Position::Offset {
                    u: self.quantity(&distance, part::Dimension::Length),
                    v: Quantity::derived(0.0, "centred"),
                },
                2.0 => Position::Row { count: how_many, pitch: self.follows(distance.value * 2.0, &distance, twice()) },
                _ => Position::Circle {
                    count: how_many,
                    diameter: self.follows(distance.value * 2.0, &distance, twice()),
                    start: Quantity::default(0.0, "the first on the right"),
                },
            })];
        }
        let sided = mention.insets.iter().any(|(s, _)| s.is_some());
        if !round
            && !sided
            && mention.corner.is_empty()
            && (mention.corners && (count != 1.0 || mention.plural || mention.each && mention.count.is_none())
                || count == 4.0 && !mention.row && named("pitch").is_none() && !mention.centre)
        {
            let inset = match &plain_inset {
                Some(measure) => self.quantity(measure, part::Dimension::Length),
                None => {
                    let across = self
                        .part
                        .operation(id)
                        .and_then(|o| o.parameters.get("diameter").or(o.parameters.get("length")))
                        .map_or(5.0, |q| q.value);
                    Quantity::derived(
                        tidy(across.max(w.min(h) / 10.0)),
                        "the larger of the hole's size and a tenth of the shorter side",
                    )
                }
            };
            return vec![place(Position::Corners { inset })];
        }
        // "25 from the end, one on the left, the other on the right".
        let ends = [["left", "right"], ["front", "back"]]
            .into_iter()
            .find(|ends| ends.iter().all(|e| mention.faces.contains(e)));
        if let (Some(ends), Some(distance), true, false) = (ends, &plain_inset, count == 2.0, sided) {
            let one = |side: &'static str| FeatureMention {
                insets: vec![(Some(side), distance.clone())],
                faces: Vec::new(),
                count: None,
                ..mention.clone()
            };
            let ends = ends.map(|side| self.edge_distances(&one(side), Face::Top));
            return ends.into_iter().map(|position| Placement { face: Face::Top, position, on: None }).collect();
        }
        // "two slots, one 20 mm from the front edge and the other 20 mm from the back".
        let one_way = |sides: [&str; 2]| mention.insets.iter().all(|(s, _)| s.is_some_and(|s| sides.contains(&s)));
        if count > 1.0
            && mention.insets.len() as f64 == count
            && [["left", "right"], ["front", "back"], ["bottom", "top"]].into_iter().any(one_way)
        {
            let each = mention
                .insets
                .clone()
                .into_iter()
                .map(|inset| FeatureMention { insets: vec![inset], ..mention.clone() });
            return each.map(|one| place(self.edge_distances(&one, face))).collect();
        }
        if sided || (plain_inset.is_some() && count == 1.0) {
            return vec![place(self.edge_distances(mention, face))];
        }
        if let Some(pitch) = named("pitch").filter(|_| count > 1.0) {
            let pitch = self.quantity(&pitch, part::Dimension::Length);
            if mention.direction == Some(if mention.kind == "rib" { "along" } else { "across" }) {
                return vec![place(column(how_many, pitch))];
            }
            return vec![place(Position::Row { count: how_many, pitch })];
        }
        if count > 1.0 && round {
            let start = Quantity::default(0.0, "the first on the right");
            let diameter = match &plain_inset {
                Some(inset) => {
                    Quantity::derived(tidy(w - 2.0 * inset.value), format!("{} mm from the edge", inset.value))
                }
                None => match self.part.features.first().and_then(|o| self.current(&o.id, "bore")).filter(|b| *b > 0.0)
                {
                    Some(bore) => Quantity::derived(tidy((w + bore) / 2.0), "midway between bore and rim"),
                    None => Quantity::derived(tidy(w * 2.0 / 3.0), "two thirds of the diameter"),
                },
            };
            return vec![place(Position::Circle { count: how_many, diameter, start })];
        }
        if count > 1.0 {
            // Ribs along the length stand behind each other.
            let across = mention.direction == Some(if mention.kind == "rib" { "along" } else { "across" });
            let w = if across { h } else { w };
            let pitch = match &plain_inset {
                Some(inset) => Quantity::derived(
                    tidy((w - 2.0 * inset.value) / (count - 1.0)),
                    format!("{} mm from the edges", inset.value),
                ),
                None => Quantity::derived(tidy(w / count), "evenly over the length"),
            };
            if across {
                return vec![place(column(how_many, pitch))];
            }
            return vec![place(Position::Row { count: how_many, pitch })];
        }
        if face == Face::Top && !mention.centre && mention.faces.is_empty() && !mention.lid {
            return Vec::new();
        }
        vec![place(Position::Centre)]
    }

    /// Distances from named or unnamed edges, each kept as it was said; a direction that was not said is centred.
    fn edge_distances(&mut self, mention: &FeatureMention, face: Face) -> Position {
        let upright = matches!(face, Face::Left | Face::Right);
        let (mut u, mut v) = (None, None);
        for (side, measure) in &mention.insets {
            let distance = self.quantity(measure, part::Dimension::Length);
            let low = Anchor { from: AnchorFrom::Low, distance: distance.clone() };
            let high = Anchor { from: AnchorFrom::High, distance };
            match side {
                Some("left") => u = Some(low),
                Some("right") => u = Some(high),
                Some("front") if upright => u = Some(low),
                Some("back") if upright => u = Some(high),
                Some("bottom" | "front") => v = Some(low),
                Some("top" | "back") => v = Some(high),
                // "8 mm from both edges" is both directions.
                _ if mention.each || mention.corners || !mention.corner.is_empty() || mention.insets.len() == 1 => {
                    let corner = self.corner(mention);
                    let at = |high_end: bool| if high_end { high.clone() } else { low.clone() };
                    u = u.or(Some(at(corner[0])));
                    let both = mention.each || mention.corners || !mention.corner.is_empty();
                    v = v.or(if both { Some(at(corner[1])) } else { None });
                }
                _ if u.is_none() => u = Some(low),
                _ => v = Some(low),
            }
        }
        let middle = || Anchor { from: AnchorFrom::Centre, distance: Quantity::derived(0.0, "centred") };
        Position::Anchored { u: u.unwrap_or_else(middle), v: v.unwrap_or_else(middle) }
    }

    /// Which corner is meant by the sides that were named: the high end along u, along v.
    fn corner(&self, mention: &FeatureMention) -> [bool; 2] {
        let named = |sides: [&str; 2]| mention.corner.iter().any(|f| sides.contains(f));
        [named(["right", "right"]), named(["back", "top"])]
    }

    /// Hours on the face seen from outside: twelve is up, three is right. On the curved side of a round body they are
    /// directions seen from above. Without a circle or a distance from the centre nothing says how far out.
    fn on_the_clock(
        &mut self,
        mention: &FeatureMention,
        face: Face,
        from_centre: Option<&Measure>,
        size: [f64; 3],
        round: bool,
    ) -> Option<Vec<Placement>> {
        let angle = |hour: f64| tidy((450.0 - 30.0 * hour) % 360.0);
        let rule = |hour: f64| format!("at {hour} o'clock");
        if round && !matches!(face, Face::Top | Face::Bottom) {
            let height =
                mention.insets.iter().find(|(s, _)| matches!(s, Some("bottom") | None)).map(|(_, m)| m.clone());
            let height = match height {
                Some(m) => self.quantity(&m, part::Dimension::Length),
                None => Quantity::derived(tidy(size[2] / 2.0), "half the height"),
            };
            let place = |m: &Measure| {
                let angle = self.follows(angle(m.value), m, rule(m.value));
                Placement { face: Face::Side, position: Position::Around { angle, height: height.clone() }, on: None }
            };
            return Some(mention.clock.iter().map(place).collect());
        }
        let circle = mention.named.iter().find(|(n, _)| n.axis == Some("pcd")).map(|(_, m)| m.clone());
        // "one more at six o'clock, same circle".
        let twins = circle.is_none() && from_centre.is_none();
        let twin =
            self.part.features.iter().rev().filter(|_| twins).find_map(|o| match &o.placement.as_ref()?.position {
                Position::Circle { diameter, .. } => Some(diameter.clone()),
                _ => None,
            });
        if let Some(diameter) = twin {
            let place = |m: &Measure| {
                let (sin, cos) = angle(m.value).to_radians().sin_cos();
                let r = diameter.value / 2.0;
                let [u, v] = [r * cos, r * sin].map(|value| self.follows(value, m, rule(m.value)));
                Placement { face, position: Position::Offset { u, v }, on: None }
            };
            return Some(mention.clock.iter().map(place).collect());
        }
        let (radius, measure) = match (&circle, from_centre) {
            (Some(circle), _) => (circle.value / 2.0, circle.clone()),
            (None, Some(distance)) => (distance.value, distance.clone()),
            (None, None) => return None,
        };
        // "eight holes on a 70 mm circle, starting at 12 o'clock".
        if let ([first], Some(circle), Some(count)) = (mention.clock.as_slice(), &circle, &mention.count)
            && count.value > 1.0
        {
            let start = self.follows(angle(first.value), first, rule(first.value));
            let (count, diameter) =
                (self.quantity(count, part::Dimension::Count), self.quantity(circle, part::Dimension::Length));
            return Some(vec![Placement { face, position: Position::Circle { count, diameter, start }, on: None }]);
        }
        let count = mention.clock.len() as f64;
        let first = &mention.clock[0];
        // Hours evenly round the clock are a pattern; others are places of their own.
        let even = mention.clock.iter().enumerate().all(|(i, m)| {
            let turn = (m.value - first.value - 12.0 / count * i as f64).rem_euclid(12.0);
            !(1e-9..=12.0 - 1e-9).contains(&turn)
        });
        if even {
            let last = mention.clock.last().unwrap_or(first);
            let start = self.follows(angle(last.value), last, rule(last.value));
            let diameter = match circle {
                Some(circle) => self.quantity(&circle, part::Dimension::Length),
                None => self.follows(radius * 2.0, &measure, format!("twice the {radius} mm from the centre")),
            };
            let count = Quantity::derived(count, "one for each hour named");
            return Some(vec![Placement { face, position: Position::Circle { count, diameter, start }, on: None }]);
        }
        let place = |m: &Measure| {
            let (sin, cos) = angle(m.value).to_radians().sin_cos();
            let [u, v] = [radius * cos, radius * sin].map(|value| self.follows(value, m, rule(m.value)));
            Placement { face, position: Position::Offset { u, v }, on: None }
        };
        Some(mention.clock.iter().map(place).collect())
    }

    /// On the side of a round body: at a height, the copies evenly about the axis.
    fn around(&mut self, mention: &FeatureMention, face: Face, count: f64, tall: f64, known: bool) -> Vec<Placement> {
        let height = mention.insets.iter().find(|(s, _)| matches!(s, Some("bottom") | None)).map(|(_, m)| m.clone());
        let from_top = mention.insets.iter().find(|(s, _)| *s == Some("top")).map(|(_, m)| m.clone());
        if height.is_none() && from_top.is_none() && count <= 1.0 {
            return vec![Placement { face, position: Position::Centre, on: None }];
        }
        let height = match (height, from_top) {
            (Some(m), _) => self.quantity(&m, part::Dimension::Length),
            (None, Some(m)) => self.follows(tall - m.value, &m, format!("{} mm from the top", m.value)),
            (None, None) => {
                Quantity::derived(tidy(tall / 2.0), if known { "half the height" } else { "half an assumed height" })
            }
        };
        let first = match face {
            Face::Right => 0.0,
            Face::Back => 90.0,
            Face::Left => 180.0,
            _ => 270.0,
        };
        (0..count.clamp(1.0, 36.0) as usize)
            .map(|i| {
                let angle = Quantity::derived(
                    tidy((first + 360.0 * i as f64 / count) % 360.0),
                    "evenly about the axis, the first in front",
                );
                Placement { face: Face::Side, position: Position::Around { angle, height: height.clone() }, on: None }
            })
            .collect()
    }
}

/// A row along the height of its face.
fn column(rows: Quantity, pitch: Quantity) -> Position {
    let columns = Quantity::derived(1.0, "one column");
    Position::Grid { columns, rows, pitch_u: pitch.clone(), pitch_v: pitch }
}

/// The numbers of a position that can be said.
pub(super) fn quantities(position: &mut Position) -> Vec<(part::Dimension, &mut Quantity)> {
    use part::Dimension::{Angle, Count, Length};
    match position {
        Position::Offset { u, v } | Position::FromCorner { u, v } => vec![(Length, u), (Length, v)],
        Position::Corners { inset } => vec![(Length, inset)],
        Position::Grid { columns, rows, pitch_u, pitch_v } => {
            vec![(Length, pitch_u), (Length, pitch_v), (Count, columns), (Count, rows)]
        }
        Position::Circle { count, diameter, .. } => vec![(Length, diameter), (Count, count)],
        Position::Row { count, pitch } => vec![(Length, pitch), (Count, count)],
        Position::Anchored { u, v } => vec![(Length, &mut u.distance), (Length, &mut v.distance)],
        Position::Edge { along, inset, .. } => vec![(Length, along), (Length, inset)],
        Position::Around { angle, height } => vec![(Length, height), (Angle, angle)],
        Position::Points { points } => {
            points.iter_mut().flat_map(|p| [(Length, &mut p.x), (Length, &mut p.y)]).collect()
        }
        Position::Centre => Vec::new(),
    }
}

/// Whether a placement is on the face of this name.
pub(super) fn says(placement: Option<&Placement>, name: &str) -> bool {
    let named = FeatureMention { faces: [name].iter().filter_map(|n| known(n)).collect(), ..FeatureMention::default() };
    placement.map_or(Face::Top, |p| p.face) == face(&named)
}

fn known(name: &str) -> Option<&'static str> {
    ["top", "bottom", "left", "right", "front", "back", "side"].into_iter().find(|n| *n == name)
}

fn face(mention: &FeatureMention) -> Face {
    if mention.lid {
        return Face::Top;
    }
    match mention.faces.first() {
        Some(&"bottom") => Face::Bottom,
        Some(&"left") => Face::Left,
        Some(&"right") => Face::Right,
        Some(&"front") => Face::Front,
        Some(&"back") => Face::Back,
        Some(&"side") => Face::Side,
        _ if mention.kind == "drain" => Face::Bottom,
        // "a hole through it lengthwise".
        _ if mention.kind == "hole" && mention.direction == Some("along") && !mention.placed_in_row() => Face::Left,
        _ if mention.kind == "hole" && mention.direction == Some("across") && !mention.placed_in_row() => Face::Front,
        _ => Face::Top,
    }
}
