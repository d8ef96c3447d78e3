//! From the part to its protobuf form; cannot fail.

use part::{Anchor, AnchorFrom, Face, FaceEdge, Operation, Part, Placement, Position, Quantity, Source, Variable};
use proto::pot::part::v1 as pb;

use crate::sketch::{path_to_proto, point_to_proto, sketch_to_proto};

pub fn part_to_proto(part: &Part) -> pb::Part {
    pb::Part {
        schema: part.schema.clone(),
        material: part.material.map(|m| m.to_string()).unwrap_or_default(),
        colour: part.colour.as_ref().map(|c| c.as_str().to_owned()).unwrap_or_default(),
        quantity: part.quantity,
        fit: part.fit.map(|f| f.to_string()).unwrap_or_default(),
        features: part.features.iter().map(operation).collect(),
        variables: part.variables.iter().map(|(name, v)| (name.clone(), variable(v))).collect(),
    }
}

pub fn variable(variable: &Variable) -> pb::Variable {
    use pb::variable::Variable as V;
    let variable = match variable {
        Variable::Value(value) => V::Value(quantity(value)),
        Variable::Expression(expression) => V::Expression(expression.clone()),
    };
    pb::Variable { variable: Some(variable) }
}

pub fn operation(operation: &Operation) -> pb::Operation {
    pb::Operation {
        id: operation.id.clone(),
        kind: operation.kind.clone(),
        parameters: operation.parameters.iter().map(|(name, q)| (name.clone(), quantity(q))).collect(),
        choices: operation.choices.iter().map(|(name, choice)| (name.clone(), choice.clone())).collect(),
        placement: operation.placement.as_ref().map(placement),
        expressions: operation.expressions.iter().map(|(name, text)| (name.clone(), text.clone())).collect(),
        sketches: operation.sketches.iter().map(sketch_to_proto).collect(),
        path: operation.path.as_ref().map(path_to_proto),
    }
}

pub fn quantity(quantity: &Quantity) -> pb::Quantity {
    let kind = match &quantity.source {
        Source::User { turn, start, end } => pb::source::Kind::User(pb::Span { turn: *turn, start: *start, end: *end }),
        Source::Default { rule } => pb::source::Kind::DefaultRule(rule.clone()),
        Source::Derived { rule } => pb::source::Kind::DerivedRule(rule.clone()),
    };
    pb::Quantity { value: quantity.value, words: quantity.words.clone(), source: Some(pb::Source { kind: Some(kind) }) }
}

pub(crate) fn some(value: &Quantity) -> Option<pb::Quantity> {
    Some(quantity(value))
}

pub fn placement(placement: &Placement) -> pb::Placement {
    use pb::placement::Position as P;
    let position = match &placement.position {
        Position::Centre => None,
        Position::Offset { u, v } => Some(P::Offset(pb::Offset { u: some(u), v: some(v) })),
        Position::FromCorner { u, v } => Some(P::FromCorner(pb::FromCorner { u: some(u), v: some(v) })),
        Position::Corners { inset } => Some(P::Corners(pb::Corners { inset: some(inset) })),
        Position::Grid { columns, rows, pitch_u, pitch_v } => Some(P::Grid(pb::Grid {
            columns: some(columns),
            rows: some(rows),
            pitch_u: some(pitch_u),
            pitch_v: some(pitch_v),
        })),
        Position::Circle { count, diameter, start } => {
            Some(P::Circle(pb::Circle { count: some(count), diameter: some(diameter), start: some(start) }))
        }
        Position::Row { count, pitch } => Some(P::Row(pb::Row { count: some(count), pitch: some(pitch) })),
        Position::Anchored { u, v } => Some(P::Anchored(pb::Anchored { u: Some(anchor(u)), v: Some(anchor(v)) })),
        Position::Points { points } => {
            Some(P::Points(pb::Points { points: points.iter().map(point_to_proto).collect() }))
        }
        Position::Edge { edge, along, inset } => {
            Some(P::Edge(pb::Edge { side: face_edge(*edge).into(), along: some(along), inset: some(inset) }))
        }
        Position::Around { angle, height } => Some(P::Around(pb::Around { angle: some(angle), height: some(height) })),
    };
    pb::Placement { face: face(placement.face).into(), position, on: placement.on.clone().unwrap_or_default() }
}

fn anchor(anchor: &Anchor) -> pb::Anchor {
    let from = match anchor.from {
        AnchorFrom::Low => pb::anchor::From::Low,
        AnchorFrom::High => pb::anchor::From::High,
        AnchorFrom::Centre => pb::anchor::From::Centre,
    };
    pb::Anchor { from: from.into(), distance: some(&anchor.distance) }
}

fn face_edge(edge: FaceEdge) -> pb::edge::Side {
    match edge {
        FaceEdge::LowU => pb::edge::Side::LowU,
        FaceEdge::HighU => pb::edge::Side::HighU,
        FaceEdge::LowV => pb::edge::Side::LowV,
        FaceEdge::HighV => pb::edge::Side::HighV,
    }
}

fn face(face: Face) -> pb::Face {
    match face {
        Face::Top => pb::Face::Top,
        Face::Bottom => pb::Face::Bottom,
        Face::Left => pb::Face::Left,
        Face::Right => pb::Face::Right,
        Face::Front => pb::Face::Front,
        Face::Back => pb::Face::Back,
        Face::Side => pb::Face::Side,
    }
}
