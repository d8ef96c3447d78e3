//! The numbers of a part that an edit can change.

use part::{
    Dimension, Edit, Part, Placement, Position, Quantity, Variable,
    catalogue::{self, Parameter},
};

use crate::printability::report::{Finding, Kind};

/// One number of a part.
pub(super) struct Knob<'a> {
    /// The operation's id, or the variable's name.
    owner: &'a str,
    place: Place<'a>,
    pub(super) value: f64,
    pub(super) dimension: Dimension,
    pub(super) range: (f64, f64),
}

enum Place<'a> {
    Parameter(&'static Parameter),
    /// Which of the placement's numbers.
    Placement(&'a Placement, usize),
    Variable,
}

/// Knobs that are looked at, at most.
const MOST: usize = 60;

impl Knob<'_> {
    pub(super) fn edit(&self, value: f64) -> Edit {
        let operation = self.owner.to_owned();
        match &self.place {
            Place::Parameter(parameter) => {
                Edit::SetParameter { operation, parameter: parameter.name.to_owned(), value: quantity(value) }
            }
            Place::Placement(placement, index) => {
                let mut placement = (*placement).clone();
                if let Some(number) = numbers(&mut placement.position).into_iter().nth(*index) {
                    *number = quantity(value);
                }
                Edit::Place { operation, placement }
            }
            Place::Variable => {
                Edit::SetVariable { name: self.owner.to_owned(), variable: Variable::Value(quantity(value)) }
            }
        }
    }

    /// The grain of the value that people would say.
    pub(super) fn grain(&self) -> f64 {
        match self.dimension {
            Dimension::Count | Dimension::Angle => 1.0,
            Dimension::Ratio => 0.01,
            Dimension::Length => match self.value.abs() {
                v if v < 2.0 => 0.05,
                v if v < 10.0 => 0.1,
                v if v < 50.0 => 0.5,
                _ => 1.0,
            },
        }
    }

    /// True when its value is the very figure that the finding reports.
    pub(super) fn is_what_was_measured(&self, finding: &Finding) -> bool {
        self.dimension == Dimension::Length && (self.value - finding.measured).abs() <= 0.03 * self.value
    }

    /// How much of a change it is: the logarithm of the ratio.
    pub(super) fn cost(&self, value: f64) -> f64 {
        let floor = self.grain();
        (value.abs().max(floor) / self.value.abs().max(floor)).ln().abs()
    }
}

/// A value that no one said, with the reason for it.
pub(super) fn quantity(value: f64) -> Quantity {
    Quantity::derived(value, "so that it prints")
}

/// Every knob of the part, those first whose operation the finding lies on and whose value is nearest to what it measures.
pub(super) fn likeliest_first<'a>(part: &'a Part, finding: &Finding) -> Vec<Knob<'a>> {
    let mut knobs = all(part);
    let by_value = matches!(
        finding.kind,
        Kind::ThinWall
            | Kind::ThinPin
            | Kind::NarrowGap
            | Kind::SmallHole
            | Kind::TooLarge
            | Kind::TooSmall
            | Kind::Bridge
    );
    let rank = |knob: &Knob<'_>| {
        let elsewhere = finding.operation.as_ref().is_some_and(|id| id != knob.owner);
        let kept = matches!(knob.place, Place::Placement(..));
        let off = if by_value && finding.measured > 0.0 && knob.value > 0.0 {
            (knob.value / finding.measured).ln().abs()
        } else {
            0.0
        };
        // A count or an angle is seldom what a length should be.
        let kind = if by_value && knob.dimension != Dimension::Length { 2.0 } else { 0.0 };
        f64::from(u8::from(elsewhere)) * 4.0 + f64::from(u8::from(kept)) * 0.5 + kind + off
    };
    knobs.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    knobs.truncate(MOST);
    knobs
}

pub(super) fn all(part: &Part) -> Vec<Knob<'_>> {
    let mut knobs = Vec::new();
    for (name, variable) in &part.variables {
        if let Variable::Value(quantity) = variable {
            let value = quantity.value;
            let range = (value.abs() * -4.0 - 10.0, value.abs() * 4.0 + 10.0);
            knobs.push(Knob { owner: name, place: Place::Variable, value, dimension: Dimension::Length, range });
        }
    }
    // What expressions come to, which parameters that follow from others by rule need.
    let Ok(valued) = part::evaluated(part) else { return knobs };
    for (operation, valued) in part.features.iter().zip(&valued.features) {
        let owner = operation.id.as_str();
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        let values = definition.resolve(valued, part.fit).unwrap_or_default();
        for parameter in definition.parameters {
            // What follows from an expression is not a number to set.
            if let Some(value) = values.find(parameter.name)
                && !operation.expressions.contains_key(parameter.name)
            {
                let (dimension, range) = (parameter.dimension, parameter.range);
                knobs.push(Knob { owner, place: Place::Parameter(parameter), value, dimension, range });
            }
        }
        if let Some(placement) = &operation.placement {
            for (index, value) in numbers(&mut placement.position.clone()).into_iter().map(|q| q.value).enumerate() {
                let range = (value.abs() * -4.0 - 10.0, value.abs() * 4.0 + 10.0);
                let place = Place::Placement(placement, index);
                knobs.push(Knob { owner, place, value, dimension: Dimension::Length, range });
            }
        }
    }
    knobs
}

/// The lengths of a position; counts and angles are not moved.
fn numbers(position: &mut Position) -> Vec<&mut Quantity> {
    match position {
        Position::Offset { u, v } | Position::FromCorner { u, v } => vec![u, v],
        Position::Corners { inset } => vec![inset],
        Position::Edge { along, inset, .. } => vec![inset, along],
        Position::Grid { pitch_u, pitch_v, .. } => vec![pitch_u, pitch_v],
        Position::Circle { diameter, .. } => vec![diameter],
        Position::Row { pitch, .. } => vec![pitch],
        Position::Around { height, .. } => vec![height],
        _ => Vec::new(),
    }
}
