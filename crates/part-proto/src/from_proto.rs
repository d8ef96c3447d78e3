//! From the protobuf form to the part; every refusal names the field and what is wrong with it.

use part::{Edit, Face, Operation, Part, Placement, Position, Quantity, SCHEMA, Source};
use proto::pot::part::v1 as pb;

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
    for (index, feature) in message.features.into_iter().enumerate() {
        let field = format!("part.features[{index}]");
        let operation = operation(&field, feature)?;
        part = part.apply(&Edit::Add { operation }).map_err(|error| FieldError::new(field, error.to_string()))?;
    }
    Ok(part)
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
    Ok(Operation {
        id: message.id,
        kind: message.kind,
        parameters,
        choices: message.choices.into_iter().collect(),
        placement: message.placement.map(|p| placement(&format!("{field}.placement"), p)).transpose()?,
        ..Operation::default()
    })
}

/// A value without a source came over the API and counts as said by the caller, in turn 0.
fn quantity(field: &str, message: Option<pb::Quantity>) -> Result<Quantity, FieldError> {
    let message = message.ok_or_else(|| FieldError::new(field, "is missing"))?;
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
    Ok(Placement { face, position })
}

#[cfg(test)]
mod tests {
    use part::{Face, Operation, Part, Placement, Position, Quantity};

    use crate::{part_from_proto, part_to_proto};

    fn part() -> Part {
        let mut part =
            Part { material: "PETG".parse().ok(), colour: "red".parse().ok(), quantity: 3, ..Part::default() };
        let said = |value| Quantity::said(value, "12 mm", 1, 3..8);
        part.features.push(Operation {
            id: "plant_pot".into(),
            kind: "plant_pot".into(),
            parameters: [("height".to_owned(), Quantity::default(100.0, "plant_pot.height"))].into(),
            choices: Default::default(),
            placement: Some(Placement {
                face: Face::Side,
                position: Position::Around { angle: said(90.0), height: Quantity::derived(50.0, "half") },
            }),
        });
        part
    }

    #[test]
    fn a_part_survives_the_round_trip() {
        assert_eq!(part_from_proto(part_to_proto(&part())).unwrap(), part());
    }

    #[test]
    fn a_refusal_names_the_field() {
        let mut message = part_to_proto(&part());
        if let Some(q) = message.features[0].parameters.get_mut("height") {
            q.value = f64::NAN;
        }
        assert_eq!(part_from_proto(message).unwrap_err().field, "part.features[0].parameters[height]");
        let mut message = part_to_proto(&part());
        message.material = "uranium".into();
        assert_eq!(part_from_proto(message).unwrap_err().field, "part.material");
    }
}
