//! From the protobuf form to the part; every refusal names the field and what is wrong with it.

use part::{
    Anchor, AnchorFrom, Edit, EditError, Face, FaceEdge, MAX_OPERATIONS, MAX_PLACES, MAX_VARIABLES, Operation, Part,
    Placement, Position, Quantity, SCHEMA, Source, Variable,
};
use proto::pot::part::v1 as pb;

use crate::sketch;

/// Most sketches of one operation.
const MAX_SKETCHES: usize = 50;
/// Longest formula, bytes; the part counts its characters.
const MAX_EXPRESSION: usize = 800;

/// A field of the message that cannot become part of a `Part`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct FieldError {
    /// Path in the message: "part.features[0].parameters[height]".
    pub field: String,
    pub why: String,
}

impl FieldError {
    fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        FieldError { field: field.into(), why: why.into() }
    }

    pub(crate) fn missing(field: impl Into<String>) -> Self {
        FieldError::new(field, "is missing")
    }
}

/// Names, numbers and counts are validated here; sizes against the catalogue's ranges when the part is lowered.
pub fn part_from_proto(message: pb::Part) -> Result<Part, FieldError> {
    if !message.schema.is_empty() && message.schema != SCHEMA {
        return Err(FieldError::new("part.schema", format!("is '{}', this server reads '{SCHEMA}'", message.schema)));
    }
    let mut part = Part {
        material: optional("part.material", &message.material)?,
        colour: optional("part.colour", &message.colour)?,
        fit: optional("part.fit", &message.fit)?,
        ..Part::default()
    };
    part = part
        .apply(&Edit::SetQuantity { quantity: message.quantity.max(1) })
        .map_err(|error| FieldError::new("part.quantity", error.to_string()))?;
    bounded("part.variables", message.variables.len(), MAX_VARIABLES)?;
    for (name, message) in message.variables {
        let value = variable(&format!("part.variables[{name}]"), message)?;
        part.variables.insert(name, value);
    }
    bounded("part.features", message.features.len(), MAX_OPERATIONS)?;
    for (index, feature) in message.features.into_iter().enumerate() {
        let field = format!("part.features[{index}]");
        let operation = operation(&field, feature)?;
        operation.check().map_err(|error| FieldError::new(&field, error.to_string()))?;
        if part.operation(&operation.id).is_some() {
            let error = EditError::DuplicateOperation(operation.id);
            return Err(FieldError::new(field, error.to_string()));
        }
        part.features.push(operation);
    }
    // Formulas may name what comes later, so they are read last.
    part.checked().map_err(|error| FieldError::new("part", error.to_string()))
}

fn variable(field: &str, message: pb::Variable) -> Result<Variable, FieldError> {
    match message.variable {
        Some(pb::variable::Variable::Value(value)) => Ok(Variable::Value(quantity(field, Some(value))?)),
        Some(pb::variable::Variable::Expression(text)) => {
            bounded(field, text.len(), MAX_EXPRESSION)?;
            Ok(Variable::Expression(text))
        }
        None => Err(FieldError::missing(field)),
    }
}

fn optional<T: std::str::FromStr<Err = String>>(field: &str, text: &str) -> Result<Option<T>, FieldError> {
    (!text.is_empty()).then(|| text.parse().map_err(|why: String| FieldError::new(field, why))).transpose()
}

fn operation(field: &str, message: pb::Operation) -> Result<Operation, FieldError> {
    if message.id.is_empty() || message.id.len() > 100 {
        return Err(FieldError::new(format!("{field}.id"), "has to have 1 to 100 bytes"));
    }
    let parameters = message
        .parameters
        .into_iter()
        .map(|(name, q)| Ok((name.clone(), quantity(&format!("{field}.parameters[{name}]"), Some(q))?)))
        .collect::<Result<_, FieldError>>()?;
    for (name, text) in &message.expressions {
        bounded(&format!("{field}.expressions[{name}]"), text.len(), MAX_EXPRESSION)?;
    }
    let expressions = message.expressions.into_iter().collect();
    bounded(&format!("{field}.sketches"), message.sketches.len(), MAX_SKETCHES)?;
    let sketches = message.sketches.into_iter().enumerate();
    let sketches = sketches.map(|(i, sketch)| sketch::sketch(&format!("{field}.sketches[{i}]"), sketch));
    Ok(Operation {
        id: message.id,
        kind: message.kind,
        parameters,
        choices: message.choices.into_iter().collect(),
        placement: message.placement.map(|p| placement(&format!("{field}.placement"), p)).transpose()?,
        expressions,
        sketches: sketches.collect::<Result<_, _>>()?,
        path: message.path.map(|path| sketch::path(&format!("{field}.path"), path)).transpose()?,
    })
}

pub(crate) fn bounded(field: &str, count: usize, most: usize) -> Result<(), FieldError> {
    if count <= most {
        return Ok(());
    }
    Err(FieldError::new(field, format!("holds {count}, more than {most}")))
}

/// A value without a source came over the API and counts as said by the caller, in turn 0.
pub(crate) fn quantity(field: &str, message: Option<pb::Quantity>) -> Result<Quantity, FieldError> {
    let message = message.ok_or_else(|| FieldError::missing(field))?;
    if !message.value.is_finite() {
        return Err(FieldError::new(field, "is not a finite number"));
    }
    if message.words.len() > 200 {
        return Err(FieldError::new(format!("{field}.words"), "is longer than 200 bytes"));
    }
    let source = match message.source.and_then(|s| s.kind) {
        Some(pb::source::Kind::User(span)) => Source::User { turn: span.turn, start: span.start, end: span.end },
        Some(pb::source::Kind::DefaultRule(rule)) => Source::Default { rule },
        Some(pb::source::Kind::DerivedRule(rule)) => Source::Derived { rule },
        None => Source::User { turn: 0, start: 0, end: 0 },
    };
    Ok(Quantity { value: message.value, words: message.words, source })
}

fn placement(field: &str, message: pb::Placement) -> Result<Placement, FieldError> {
    use pb::placement::Position as P;
    let q = |name: &str, value: Option<pb::Quantity>| quantity(&format!("{field}.{name}"), value);
    let position = match message.position {
        None => Position::Centre,
        Some(P::Offset(p)) => Position::Offset { u: q("offset.u", p.u)?, v: q("offset.v", p.v)? },
        Some(P::FromCorner(p)) => Position::FromCorner { u: q("from_corner.u", p.u)?, v: q("from_corner.v", p.v)? },
        Some(P::Corners(p)) => Position::Corners { inset: q("corners.inset", p.inset)? },
        Some(P::Grid(p)) => Position::Grid {
            columns: q("grid.columns", p.columns)?,
            rows: q("grid.rows", p.rows)?,
            pitch_u: q("grid.pitch_u", p.pitch_u)?,
            pitch_v: q("grid.pitch_v", p.pitch_v)?,
        },
        Some(P::Circle(p)) => Position::Circle {
            count: q("circle.count", p.count)?,
            diameter: q("circle.diameter", p.diameter)?,
            start: q("circle.start", p.start)?,
        },
        Some(P::Row(p)) => Position::Row { count: q("row.count", p.count)?, pitch: q("row.pitch", p.pitch)? },
        Some(P::Anchored(p)) => Position::Anchored {
            u: anchor(&format!("{field}.anchored.u"), p.u)?,
            v: anchor(&format!("{field}.anchored.v"), p.v)?,
        },
        Some(P::Points(p)) => {
            Position::Points { points: sketch::points(&format!("{field}.points.points"), p.points, MAX_PLACES)? }
        }
        Some(P::Edge(p)) => Position::Edge {
            edge: match pb::edge::Side::try_from(p.side) {
                Ok(pb::edge::Side::LowU) => FaceEdge::LowU,
                Ok(pb::edge::Side::HighU) => FaceEdge::HighU,
                Ok(pb::edge::Side::LowV) => FaceEdge::LowV,
                Ok(pb::edge::Side::HighV) => FaceEdge::HighV,
                Ok(pb::edge::Side::Unspecified) | Err(_) => {
                    return Err(FieldError::new(format!("{field}.edge.side"), format!("has no value {}", p.side)));
                }
            },
            along: q("edge.along", p.along)?,
            inset: q("edge.inset", p.inset)?,
        },
        Some(P::Around(p)) => {
            Position::Around { angle: q("around.angle", p.angle)?, height: q("around.height", p.height)? }
        }
    };
    let face = match pb::Face::try_from(message.face) {
        Ok(pb::Face::Top | pb::Face::Unspecified) => Face::Top,
        Ok(pb::Face::Bottom) => Face::Bottom,
        Ok(pb::Face::Left) => Face::Left,
        Ok(pb::Face::Right) => Face::Right,
        Ok(pb::Face::Front) => Face::Front,
        Ok(pb::Face::Back) => Face::Back,
        Ok(pb::Face::Side) => Face::Side,
        Err(_) => return Err(FieldError::new(format!("{field}.face"), format!("has no value {}", message.face))),
    };
    if message.on.len() > 100 {
        return Err(FieldError::new(format!("{field}.on"), "is longer than 100 bytes"));
    }
    Ok(Placement { face, position, on: Some(message.on).filter(|on| !on.is_empty()) })
}

fn anchor(field: &str, message: Option<pb::Anchor>) -> Result<Anchor, FieldError> {
    let message = message.ok_or_else(|| FieldError::missing(field))?;
    let from = match pb::anchor::From::try_from(message.from) {
        Ok(pb::anchor::From::Low) => AnchorFrom::Low,
        Ok(pb::anchor::From::High) => AnchorFrom::High,
        Ok(pb::anchor::From::Centre) => AnchorFrom::Centre,
        Ok(pb::anchor::From::Unspecified) | Err(_) => {
            return Err(FieldError::new(format!("{field}.from"), format!("has no value {}", message.from)));
        }
    };
    Ok(Anchor { from, distance: quantity(&format!("{field}.distance"), message.distance)? })
}
