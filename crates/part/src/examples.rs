//! Sample parts: at least one for every kind of operation, every figure of a sketch and every way of placing, all of which
//! lower. Golden cases, property tests and fuzzers start from them.

mod sketched;
mod whole;

pub use whole::IMPORTED;

use crate::{
    Figure, Operation, Outline, Part, Placement, Point, Position, Quantity, Sketch, Source, SpacePoint, SpaceStroke,
    Stroke,
};

/// Name and part; a name is unique, in lower case with underscores.
pub fn examples() -> Vec<(&'static str, Part)> {
    let mut examples = sketched::examples();
    examples.extend(whole::examples());
    examples
}

/// A value as if the user had said it.
fn q(value: f64) -> Quantity {
    Quantity { value, words: format!("{value}"), source: Source::User { turn: 0, start: 0, end: 1 } }
}

fn at(x: f64, y: f64) -> Point {
    Point { x: q(x), y: q(y) }
}

fn in_space([x, y, z]: [f64; 3]) -> SpacePoint {
    SpacePoint { x: q(x), y: q(y), z: q(z) }
}

fn part<const N: usize>(features: [Operation; N]) -> Part {
    Part { features: features.into(), ..Part::default() }
}

fn op(id: &str, kind: &str, parameters: &[(&str, f64)]) -> Operation {
    Operation {
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), q(*value))).collect(),
        ..Operation::new(id, kind)
    }
}

impl Operation {
    fn choose(mut self, choice: &str, value: &str) -> Operation {
        self.choices.insert(choice.to_owned(), value.to_owned());
        self
    }

    fn place(mut self, face: crate::Face, position: Position) -> Operation {
        self.placement = Some(Placement::new(face, position));
        self
    }

    fn stand(mut self, on: &str, position: Position) -> Operation {
        self.placement = Some(Placement::on(on, position));
        self
    }

    fn draw(mut self, sketch: Sketch) -> Operation {
        self.sketches.push(sketch);
        self
    }

    fn follow(mut self, path: crate::Path) -> Operation {
        self.path = Some(path);
        self
    }
}

fn sketch(shape: Figure) -> Sketch {
    Sketch { outline: outline(shape), holes: Vec::new(), height: None }
}

fn outline(shape: Figure) -> Outline {
    Outline { shape, centre: None, rotation: None }
}

fn outline_at(shape: Figure, x: f64, y: f64, degrees: f64) -> Outline {
    let rotation = (degrees != 0.0).then(|| q(degrees));
    Outline { shape, centre: Some(at(x, y)), rotation }
}

impl Sketch {
    fn hole(mut self, outline: Outline) -> Sketch {
        self.holes.push(outline);
        self
    }

    fn at_height(mut self, height: f64) -> Sketch {
        self.height = Some(q(height));
        self
    }
}

fn rectangle(length: f64, width: f64) -> Figure {
    Figure::Rectangle { length: q(length), width: q(width), corner_radius: None }
}

fn rounded(length: f64, width: f64, radius: f64) -> Figure {
    Figure::Rectangle { length: q(length), width: q(width), corner_radius: Some(q(radius)) }
}

fn circle(diameter: f64) -> Figure {
    Figure::Circle { diameter: q(diameter) }
}

fn ellipse(length: f64, width: f64) -> Figure {
    Figure::Ellipse { length: q(length), width: q(width) }
}

fn slot(length: f64, width: f64) -> Figure {
    Figure::Slot { length: q(length), width: q(width) }
}

fn regular(sides: f64, size: f64, across_flats: bool) -> Figure {
    Figure::RegularPolygon { sides: q(sides), size: q(size), across_flats }
}

fn polygon(points: &[[f64; 2]]) -> Figure {
    Figure::Polygon { points: points.iter().map(|[x, y]| at(*x, *y)).collect() }
}

fn gear(teeth: f64, module: f64) -> Figure {
    Figure::Gear { teeth: q(teeth), module: q(module), pressure_angle: None }
}

fn text(text: &str, height: f64) -> Figure {
    Figure::Text { text: text.to_owned(), height: q(height) }
}

fn to(x: f64, y: f64) -> Stroke {
    Stroke::Line { to: at(x, y) }
}

fn bend(via: [f64; 2], end: [f64; 2]) -> Stroke {
    Stroke::Arc { via: at(via[0], via[1]), to: at(end[0], end[1]) }
}

fn go(end: [f64; 3]) -> SpaceStroke {
    SpaceStroke::Line { to: in_space(end) }
}

fn curve(via: [f64; 3], end: [f64; 3]) -> SpaceStroke {
    SpaceStroke::Arc { via: in_space(via), to: in_space(end) }
}
