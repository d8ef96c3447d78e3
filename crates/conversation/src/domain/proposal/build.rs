//! From proposed edits to edits of the part, one grounded value at a time.

use std::{collections::BTreeMap, ops::Range};

use part::{
    Colour, Dimension, Edit, Face, Fit, Material, Operation, Part, Placement, Position, Quantity,
    catalogue::{self, Definition, Role},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Act, ProposedEdit, Refused,
    evidence::{Evidence, Found, LONGEST_TEXT, is_count, overlap, sources},
    schema::PLACE_NUMBERS,
};
use crate::domain::{
    compose::LARGEST,
    lexeme::{Item, Unit},
    lexicon::Class,
    quantity::tidy,
    state::Outcome,
    threads,
};

pub(super) struct Builder<'a> {
    pub(super) part: Part,
    pub(super) edits: Vec<Edit>,
    /// Operation and parameter that the model wants asked.
    pub(super) ask: Option<(String, String)>,
    pub(super) focus: Option<(String, String)>,
    evidence: &'a Evidence,
    /// What the embedded engine read from this turn; it stands.
    read: &'a [Edit],
    /// Names that the proposal gave to what it adds.
    names: BTreeMap<String, String>,
    /// Quotations that have their place: turn and bytes.
    used: Vec<(u32, Range<usize>)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(part: Part, embedded: &'a Outcome, evidence: &'a Evidence) -> Self {
        let used = sources(&part).0;
        Builder {
            part,
            edits: Vec::new(),
            ask: None,
            focus: None,
            evidence,
            read: &embedded.edits,
            names: BTreeMap::new(),
            used,
        }
    }

    pub(super) fn edit(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        // A question changes nothing and needs no reason in the words.
        if edit.act != Act::Ask {
            self.evidence.asked(edit.words.as_deref().unwrap_or_default())?;
        }
        match edit.act {
            Act::Add => self.add(edit),
            Act::Set => {
                let operation = self.operation(edit)?;
                self.values(&operation, edit, false)?;
                self.choices(&operation, edit)
            }
            Act::Place => {
                let operation = self.operation(edit)?;
                self.place(&operation, edit)
            }
            Act::Remove => self.remove(edit),
            Act::Material => self.material(edit),
            Act::Colour => self.colour(edit),
            Act::Fit => self.fit(edit),
            Act::Quantity => self.quantity(edit),
            Act::Ask => self.ask(edit),
        }
    }

    fn push(&mut self, edit: Edit) -> Result<(), Refused> {
        self.part = self.part.apply(&edit)?;
        self.edits.push(edit);
        Ok(())
    }

    fn operation(&self, edit: &ProposedEdit) -> Result<String, Refused> {
        let name = edit.operation.as_deref().unwrap_or_default();
        let id = self.names.get(name).map_or(name, String::as_str);
        match self.part.operation(id) {
            Some(operation) => Ok(operation.id.clone()),
            None => Err(Refused::Unknown { what: "operation", name: name.to_owned() }),
        }
    }

    fn definition(&self, operation: &str) -> Result<&'static Definition, Refused> {
        let kind = self.part.operation(operation).map_or("", |o| o.kind.as_str());
        catalogue::find(kind).ok_or_else(|| Refused::Unknown { what: "kind", name: kind.to_owned() })
    }

    fn add(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let kind = edit.kind.as_deref().unwrap_or_default();
        let unknown = || Refused::Unknown { what: "kind", name: kind.to_owned() };
        let definition = catalogue::find(kind).ok_or_else(unknown)?;
        match (definition.role, self.part.features.is_empty()) {
            (Role::Body, false) => return Err(Refused::NotBuildable("a part has one body".to_owned())),
            (Role::Modifier, true) => return Err(Refused::NotBuildable("there is no body to change".to_owned())),
            _ => {}
        }
        let id = self.part.fresh_id(definition.kind);
        if let Some(name) = edit.operation.as_ref().filter(|n| !n.is_empty()) {
            // A name that the part knows already would make later edits mean two things.
            if self.part.operation(name).is_some() && *name != id || self.names.contains_key(name) {
                return Err(Refused::Edit(part::EditError::DuplicateOperation(name.clone())));
            }
            self.names.insert(name.clone(), id.clone());
        }
        self.push(Edit::Add { operation: Operation::new(id.clone(), definition.kind) })?;
        let placed = edit.face.is_some() || edit.position.is_some();
        self.values(&id, edit, placed)?;
        self.choices(&id, edit)?;
        if placed { self.place(&id, edit) } else { Ok(()) }
    }

    /// Sets parameters. Where the same edit places, the numbers of the place are left to it.
    fn values(&mut self, operation: &str, edit: &ProposedEdit, placed: bool) -> Result<(), Refused> {
        let definition = self.definition(operation)?;
        for value in edit.values.iter().flatten() {
            let name = value.name.as_deref().unwrap_or_default();
            let Some(parameter) = definition.parameter(name) else {
                if placed && PLACE_NUMBERS.contains(&name) {
                    continue;
                }
                return Err(Refused::Unknown { what: "parameter", name: name.to_owned() });
            };
            let name = parameter.name;
            let read = self.read.iter().any(|e| match e {
                Edit::SetParameter { operation: o, parameter: p, .. } => o == operation && p == name,
                Edit::Add { operation: o } => o.id == operation && o.parameters.contains_key(name),
                _ => false,
            });
            if read {
                return Err(Refused::ReadAlready(name.to_owned()));
            }
            let words = value.words.as_deref().unwrap_or_default();
            let found = self.number(words)?;
            let value = quantity(&found, name, parameter.dimension)?;
            let (least, greatest) = parameter.range;
            if !(least..=greatest).contains(&value.value) {
                return Err(Refused::NotBuildable(format!("{name} is outside {least} to {greatest}")));
            }
            let (operation, parameter) = (operation.to_owned(), name.to_owned());
            self.focus = Some((operation.clone(), parameter.clone()));
            self.push(Edit::SetParameter { operation, parameter, value })?;
        }
        Ok(())
    }

    /// A number that was said and has no place yet.
    fn number(&mut self, words: &str) -> Result<Found, Refused> {
        let found = self.evidence.number(words)?;
        if self.used.iter().any(|(turn, span)| *turn == found.turn && overlap(span, &found.measure.span)) {
            return Err(Refused::UsedBefore(words.to_owned()));
        }
        self.used.push((found.turn, found.measure.span.clone()));
        Ok(found)
    }

    fn choices(&mut self, operation: &str, edit: &ProposedEdit) -> Result<(), Refused> {
        let definition = self.definition(operation)?;
        for proposed in edit.choices.iter().flatten() {
            let (name, value) = (proposed.name.as_deref().unwrap_or_default(), proposed.value.as_deref());
            let unknown = || Refused::Unknown { what: "choice", name: name.to_owned() };
            let choice = definition.choices.iter().find(|c| c.name == name).ok_or_else(unknown)?;
            let Some(value) = value else { continue };
            let read = self.read.iter().any(|e| match e {
                Edit::SetChoice { operation: o, choice: c, .. } => o == operation && c == name,
                Edit::Add { operation: o } => o.id == operation && o.choices.contains_key(name),
                _ => false,
            });
            if read {
                return Err(Refused::ReadAlready(name.to_owned()));
            }
            let value = match choice.options {
                [] => self.evidence.verbatim(value)?.chars().take(LONGEST_TEXT).collect(),
                options if options.contains(&value) => value.to_owned(),
                _ => return Err(Refused::Unknown { what: "option", name: value.to_owned() }),
            };
            self.push(Edit::SetChoice { operation: operation.to_owned(), choice: name.to_owned(), value })?;
        }
        Ok(())
    }

    fn place(&mut self, operation: &str, edit: &ProposedEdit) -> Result<(), Refused> {
        if self.read.iter().any(|e| matches!(e, Edit::Place { operation: o, .. } if o == operation)) {
            return Err(Refused::ReadAlready("placement".to_owned()));
        }
        let face = edit.face.as_deref().unwrap_or("top");
        let face =
            Face::deserialize(json!(face)).map_err(|_| Refused::Unknown { what: "face", name: face.to_owned() })?;
        let position = edit.position.as_deref().unwrap_or("centre");
        let wanted = place_numbers(Some(position));
        let mut numbers: BTreeMap<&str, Quantity> = BTreeMap::new();
        // "5 mm from both edges" is one quotation for two numbers of one place.
        let mut quoted: Vec<(&str, String, Found)> = Vec::new();
        for value in edit.values.iter().flatten() {
            let name = value.name.as_deref().unwrap_or_default();
            let Some(name) = wanted.iter().copied().find(|w| name.strip_prefix("at_") == Some(w)) else {
                // With add, what is no number of the place was the operation's own size.
                if edit.act == Act::Add && !PLACE_NUMBERS.contains(&name) {
                    continue;
                }
                return Err(Refused::Unknown { what: "number of this position", name: name.to_owned() });
            };
            let words = value.words.clone().unwrap_or_default();
            let shared = quoted.iter().find(|(other, said, _)| *said == words && both_ways(other, name));
            let found = match shared {
                Some((.., found)) => found.clone(),
                None => self.number(&words)?,
            };
            quoted.push((name, words, found.clone()));
            let dimension = match name {
                "columns" | "rows" | "count" => Dimension::Count,
                "start" | "angle" => Dimension::Angle,
                _ => Dimension::Length,
            };
            numbers.insert(name, quantity(&found, name, dimension)?);
        }
        let default = |name: &str| match (position, name) {
            ("offset", _) => Some(Quantity::derived(0.0, "centred")),
            ("circle", "start") => Some(Quantity::default(0.0, "the first on the right")),
            ("grid", "pitch_v") => numbers.get("pitch_u").cloned(),
            _ => None,
        };
        let mut fields = serde_json::Map::from_iter([("kind".to_owned(), json!(position))]);
        for name in wanted {
            let number = numbers.get(name).cloned().or_else(|| default(name));
            let number = number.ok_or_else(|| Refused::NotSaid(format!("{position}: {name}")))?;
            fields.insert((*name).to_owned(), json!(number));
        }
        let position = Position::deserialize(Value::Object(fields))
            .map_err(|_| Refused::Unknown { what: "position", name: position.to_owned() })?;
        self.push(Edit::Place { operation: operation.to_owned(), placement: Placement::new(face, position) })
    }

    /// Nothing is lost on a model's word alone: the turn has to say so in words that mean it.
    fn remove(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let words = edit.words.as_deref().unwrap_or_default();
        if !self.evidence.means(words, |lexeme| lexeme.act("remove")) {
            return Err(Refused::NotAsked(words.to_owned()));
        }
        let operation = self.operation(edit)?;
        if self.part.features.first().is_some_and(|body| body.id == operation) {
            return Err(Refused::NotAsked("the body goes only by starting over".to_owned()));
        }
        self.push(Edit::Remove { operation })
    }

    /// A name for words that the embedded engine does not know; what it knows, it has read.
    fn named<'e>(&self, edit: &'e ProposedEdit, class: Class) -> Result<&'e str, Refused> {
        let (name, words) = (edit.name.as_deref().unwrap_or_default(), edit.words.as_deref().unwrap_or_default());
        let open = self.evidence.means(words, |l| matches!(l.item, Item::Unknown(_)) || l.is(class, name));
        if open { Ok(name) } else { Err(Refused::NotAsked(words.to_owned())) }
    }

    fn material(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let name = self.named(edit, Class::Material)?;
        if self.read.iter().any(|e| matches!(e, Edit::SetMaterial { .. })) {
            return Err(Refused::ReadAlready("material".to_owned()));
        }
        let unknown = |_| Refused::Unknown { what: "material", name: name.to_owned() };
        let material = Some(name.parse::<Material>().map_err(unknown)?);
        self.push(Edit::SetMaterial { material })
    }

    fn colour(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let name = self.named(edit, Class::Colour)?;
        if self.read.iter().any(|e| matches!(e, Edit::SetColour { .. })) {
            return Err(Refused::ReadAlready("colour".to_owned()));
        }
        // A code of its own would be a number that nobody said.
        let known = Colour::names().any(|known| known == name);
        let colour = name.parse::<Colour>().ok().filter(|_| known);
        let colour = colour.ok_or_else(|| Refused::Unknown { what: "colour", name: name.to_owned() })?;
        self.push(Edit::SetColour { colour: Some(colour) })
    }

    fn fit(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let name = self.named(edit, Class::Fit)?;
        if self.read.iter().any(|e| matches!(e, Edit::SetFit { .. })) {
            return Err(Refused::ReadAlready("fit".to_owned()));
        }
        let unknown = |_| Refused::Unknown { what: "fit", name: name.to_owned() };
        let fit = Some(name.parse::<Fit>().map_err(unknown)?);
        self.push(Edit::SetFit { fit })
    }

    fn quantity(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        if self.read.iter().any(|e| matches!(e, Edit::SetQuantity { .. })) {
            return Err(Refused::ReadAlready("quantity".to_owned()));
        }
        let words = edit.words.as_deref().unwrap_or_default();
        let found = self.number(words)?;
        if !is_count(&found.measure)
            || !(1.0..=1000.0).contains(&found.measure.value)
            || found.turn != self.evidence.turn()
        {
            return Err(Refused::WrongDimension { words: words.to_owned(), parameter: "quantity".to_owned() });
        }
        self.push(Edit::SetQuantity { quantity: found.measure.value as u32 })
    }

    fn ask(&mut self, edit: &ProposedEdit) -> Result<(), Refused> {
        let operation = self.operation(edit)?;
        let name = edit.name.as_deref().unwrap_or_default();
        let parameter = self.definition(&operation)?.parameter(name);
        let parameter = parameter.ok_or_else(|| Refused::Unknown { what: "parameter", name: name.to_owned() })?;
        let said = self.part.operation(&operation).is_some_and(|o| o.parameters.contains_key(parameter.name));
        if said {
            return Err(Refused::ReadAlready(name.to_owned()));
        }
        self.ask.get_or_insert((operation, parameter.name.to_owned()));
        Ok(())
    }
}

/// True of a number and its twin across the other axis, which one quotation may give: "5 mm from both edges".
fn both_ways(a: &str, b: &str) -> bool {
    matches!((a, b), ("u", "v") | ("v", "u") | ("pitch_u", "pitch_v") | ("pitch_v", "pitch_u"))
}

/// The numbers that a position needs.
fn place_numbers(position: Option<&str>) -> &'static [&'static str] {
    match position {
        Some("offset" | "from_corner") => &["u", "v"],
        Some("corners") => &["inset"],
        Some("grid") => &["columns", "rows", "pitch_u", "pitch_v"],
        Some("circle") => &["count", "diameter", "start"],
        Some("row") => &["count", "pitch"],
        Some("around") => &["angle", "height"],
        _ => &[],
    }
}

/// A number that was said, as a value of this dimension, converted by the rules that the embedded engine has.
fn quantity(found: &Found, parameter: &str, dimension: Dimension) -> Result<Quantity, Refused> {
    let measure = &found.measure;
    let wrong = || Refused::WrongDimension { words: found.words.clone(), parameter: parameter.to_owned() };
    let follows =
        |value: f64, rule: String| Quantity { words: found.words.clone(), ..Quantity::derived(tidy(value), rule) };
    let said = || Quantity::said(measure.value, found.words.clone(), found.turn, measure.span.clone());
    let quantity = match (dimension, measure.unit) {
        (Dimension::Length, Unit::Metric) => {
            let (hole, rule) = threads::clearance(measure.value).ok_or_else(wrong)?;
            follows(hole, rule)
        }
        (Dimension::Length, Unit::None | Unit::Length) if found.radius && parameter.ends_with("diameter") => {
            follows(measure.value * 2.0, format!("twice the radius of {} mm", measure.value))
        }
        (Dimension::Length, Unit::None | Unit::Length) => said(),
        (Dimension::Angle, Unit::None | Unit::Angle) => said(),
        (Dimension::Count, Unit::None) if is_count(measure) => said(),
        (Dimension::Ratio, Unit::None | Unit::Percent) => said(),
        _ => return Err(wrong()),
    };
    let length = dimension == Dimension::Length && quantity.value > LARGEST;
    if length || !quantity.value.is_finite() { Err(wrong()) } else { Ok(quantity) }
}
