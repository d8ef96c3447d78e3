//! From a reading to edits: decides what the words change in this part, value by value, and notes what stands in the way.

use part::{
    Dimension, Edit, Part, Quantity,
    catalogue::{self, Definition},
};

use super::{
    grammar::Reading,
    lexeme::{Measure, Unit},
    quantity::tidy,
    resolve::{self, Name},
    state::{QuestionKind, State},
    threads,
};

mod body;
mod changes;
mod copies;
mod corrections;
mod features;
mod pieces;
mod places;
mod removal;
mod rows;
mod shapes;
mod vessel;

/// No size of a part may be larger, millimetres.
pub(crate) const LARGEST: f64 = 2_000.0;

/// What stands in the way of doing what was said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) kind: QuestionKind,
    pub(crate) operation: String,
    pub(crate) parameter: String,
    /// What the question is about, in numbers or in the speaker's own words.
    pub(crate) detail: Detail,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Detail {
    None,
    /// The words that were not understood.
    Words(String),
    /// A value and the least and greatest that are accepted.
    Range {
        value: f64,
        least: f64,
        greatest: f64,
    },
    /// Two values for one thing.
    Two(f64, f64),
    /// The validator's reason.
    Reason(String),
    /// "taller", by how much?
    HowMuch,
}

/// Works on a copy of the part; every change goes through an edit.
pub(crate) struct Composer<'a> {
    pub(crate) part: Part,
    pub(crate) edits: Vec<Edit>,
    pub(crate) problem: Option<Problem>,
    pub(crate) focus: Option<(String, String)>,
    /// True when a plain number was read as millimetres.
    pub(crate) assumed_unit: bool,
    /// Parameters said in this turn, to notice two values for one.
    said: Vec<(String, String, f64)>,
    text: &'a str,
    turn: u32,
    /// The same turn said something before: what it made stays.
    follows: bool,
    /// This clause takes back what the turn said before it.
    correcting: bool,
    /// What was changed last before this clause.
    focus_before: Option<(String, String)>,
}

/// Where a clause stands in its turn.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// It takes back what the turn said before it.
    pub(crate) correcting: bool,
    /// Something was said before it in the same turn.
    pub(crate) follows: bool,
}

pub(crate) fn compose<'a>(state: &State, part: Part, reading: &Reading, text: &'a str, place: Place) -> Composer<'a> {
    let (reading, of_features) = &split(state, &part, reading);
    let mut composer = Composer {
        part,
        edits: Vec::new(),
        problem: None,
        focus: None,
        assumed_unit: false,
        said: Vec::new(),
        text,
        turn: state.turn_number,
        follows: place.follows && !place.correcting,
        correcting: place.correcting,
        focus_before: state.focus.clone(),
    };
    if reading.acts.restart {
        composer.push(Edit::StartOver);
    }
    composer.attributes(reading);
    composer.copied(reading);
    if !composer.swapped(reading) && !composer.answer(state, reading) {
        composer.body(reading);
        composer.features(reading);
        composer.equals(reading);
        composer.inside(reading);
        composer.capacity(reading);
        composer.range(reading);
        composer.relatives(reading);
        composer.correction(state, reading);
        for (operation, name, measure) in of_features {
            composer.give(operation, name.axis.unwrap_or_default(), *name, measure);
        }
        composer.focus_on_the_last();
    }
    composer
}

/// "10 deep", "give it a height of 10" after a feature was described: a size that the body has under no name of its own,
/// and that the feature spoken of last has, is the feature's.
fn split(state: &State, part: &Part, reading: &Reading) -> (Reading, Vec<(String, Name, Measure)>) {
    let mut rest = reading.clone();
    let (Some(body), Some((focus, _))) = (part.features.first(), &state.focus) else { return (rest, Vec::new()) };
    let Some(definition) = catalogue::find(&body.kind) else { return (rest, Vec::new()) };
    // What a question asks about a feature is answered of that feature.
    let asked = state.pending.as_ref().map(|q| q.operation.as_str()).filter(|o| *o != body.id && !o.is_empty());
    let about_the_body = *focus == body.id && asked.is_none();
    if reading.body.is_some() || !reading.features.is_empty() || reading.acts.restart || about_the_body {
        return (rest, Vec::new());
    }
    let own = |name: &Name| {
        let axis = name.axis.filter(|_| name.qualifier.is_none())?;
        let operation = part.operation(asked.unwrap_or(focus))?;
        let has = catalogue::find(&operation.kind)?.parameter(axis).is_some();
        (has && (asked.is_some() || definition.parameter(axis).is_none())).then(|| operation.id.clone())
    };
    let (taken, named) = rest.named.into_iter().partition(|(name, _)| own(name).is_some());
    rest.named = named;
    let taken: Vec<(Name, Measure)> = taken;
    let taken = taken.into_iter().filter_map(|(name, measure)| Some((own(&name)?, name, measure))).collect();
    (rest, taken)
}

impl Composer<'_> {
    /// What was said last is what a correction is about, whatever the order in which the values were filed.
    fn focus_on_the_last(&mut self) {
        let start = |(operation, parameter, _): &&(String, String, f64)| {
            let quantity = self.part.operation(operation)?.parameters.get(parameter)?;
            match quantity.source {
                part::Source::User { turn, start, .. } if turn == self.turn => Some(start),
                _ => None,
            }
        };
        let last = self.said.iter().filter(|s| start(s).is_some()).max_by_key(start);
        if let Some((operation, parameter, _)) = last {
            self.focus = Some((operation.clone(), parameter.clone()));
        }
        let placed = self.part.features.iter().filter_map(|o| {
            let mut position = o.placement.clone()?.position;
            let said = places::quantities(&mut position).into_iter().filter_map(|(_, q)| self.said_now(q)).max()?;
            Some((said, o.id.clone()))
        });
        let placed = placed.max();
        let sized = last.as_ref().and_then(start);
        if let Some((at, operation)) = placed
            && sized.is_none_or(|sized| at > sized)
        {
            self.focus = Some((operation, "placement".to_owned()));
        }
    }

    /// Where this turn said a value.
    fn said_now(&self, quantity: &Quantity) -> Option<u32> {
        match quantity.source {
            part::Source::User { turn, start, .. } if turn == self.turn => Some(start),
            _ => None,
        }
    }

    /// Applies an edit; one that cannot be applied is left out.
    fn push(&mut self, edit: Edit) {
        if let Ok(part) = self.part.apply(&edit) {
            self.part = part;
            self.edits.push(edit);
        }
    }

    /// Notes what stands in the way; the first such thing is asked about.
    fn object(&mut self, kind: QuestionKind, operation: &str, parameter: &str, detail: Detail) {
        if self.problem.is_none() {
            let (operation, parameter) = (operation.to_owned(), parameter.to_owned());
            self.problem = Some(Problem { kind, operation, parameter, detail });
        }
    }

    fn definition(&self, operation: &str) -> Option<&'static Definition> {
        catalogue::find(&self.part.operation(operation)?.kind)
    }

    fn body_id(&self) -> Option<String> {
        self.part.features.first().map(|o| o.id.clone())
    }

    /// A measure as a quantity of a dimension, with the words that said it.
    fn quantity(&mut self, measure: &Measure, dimension: Dimension) -> Quantity {
        let words = &self.text[measure.span.clone()];
        if measure.unit == Unit::None && dimension == Dimension::Length {
            self.assumed_unit = true;
        }
        Quantity::said(measure.value, words, self.turn, measure.span.clone())
    }

    /// A value that follows from words by a rule.
    fn follows(&self, value: f64, measure: &Measure, rule: String) -> Quantity {
        Quantity { words: self.text[measure.span.clone()].to_owned(), ..Quantity::derived(tidy(value), rule) }
    }

    /// The quantity that a measure gives a parameter, checked; `None` when it cannot be, with the reason noted.
    fn checked(
        &mut self,
        operation: &str,
        definition: &Definition,
        parameter: &str,
        name: Name,
        measure: &Measure,
    ) -> Option<Quantity> {
        let dimension = definition.parameter(parameter)?.dimension;
        let in_inches = self.fraction_of_an_inch(measure);
        let measure = in_inches.as_ref().unwrap_or(measure);
        let quantity = match (measure.unit, name.axis) {
            (Unit::Metric, _) if dimension == Dimension::Length => {
                let Some((hole, rule)) = threads::clearance(measure.value) else {
                    let range = Detail::Range { value: measure.value, least: 1.6, greatest: 24.0 };
                    self.object(QuestionKind::Unprintable, operation, parameter, range);
                    return None;
                };
                self.follows(hole, measure, rule)
            }
            (_, Some("radius")) if parameter.ends_with("diameter") => {
                self.follows(measure.value * 2.0, measure, format!("twice the radius of {} mm", measure.value))
            }
            // A module is a plain number by custom.
            _ if parameter == "module" => {
                Quantity::said(measure.value, &self.text[measure.span.clone()], self.turn, measure.span.clone())
            }
            _ => self.quantity(measure, dimension),
        };
        // What cannot be is asked about, and stays as it was said until it is answered.
        let fits = self.within(operation, definition, parameter, &quantity);
        let dimension = definition.parameter(parameter)?.dimension;
        (fits || dimension == Dimension::Length && quantity.value > 0.0 && quantity.value < 1e6).then_some(quantity)
    }

    /// "5/16" of a part that was said in inches.
    fn fraction_of_an_inch(&self, measure: &Measure) -> Option<Measure> {
        let fraction = measure.unit == Unit::None && self.text[measure.span.clone()].contains('/');
        let inches = |q: &Quantity| {
            let words = q.words.to_lowercase();
            ["in", "inch", "inches", "\"", "pulgada", "pulgadas", "polegada", "polegadas"]
                .iter()
                .any(|u| words.ends_with(u))
        };
        let spoken = fraction && self.part.features.iter().any(|o| o.parameters.values().any(inches));
        let value = tidy(measure.value * 25.4);
        spoken.then(|| Measure { value, unit: Unit::Length, factor: 25.4, ..measure.clone() })
    }

    /// Checks a value against its parameter's range and our own limit.
    fn within(&mut self, operation: &str, definition: &Definition, parameter: &str, quantity: &Quantity) -> bool {
        let Some(known) = definition.parameter(parameter) else { return false };
        let (mut least, mut greatest) = known.range;
        if known.dimension == Dimension::Length {
            greatest = greatest.min(LARGEST);
        }
        if known.dimension == Dimension::Count {
            least = least.ceil();
        }
        let whole = known.dimension != Dimension::Count || quantity.value.fract() == 0.0;
        if quantity.value >= least && quantity.value <= greatest && whole {
            return true;
        }
        self.object(
            QuestionKind::Unprintable,
            operation,
            parameter,
            Detail::Range { value: quantity.value, least, greatest },
        );
        false
    }

    /// Sets a parameter, noticing a second value for the same thing in one turn.
    fn set(&mut self, operation: &str, parameter: &str, value: Quantity) {
        let earlier = self.said.iter().find(|(o, p, _)| o == operation && p == parameter).map(|s| s.2);
        if let Some(earlier) = earlier {
            if (earlier - value.value).abs() > 1e-9 {
                self.object(QuestionKind::Contradiction, operation, parameter, Detail::Two(earlier, value.value));
            }
            return;
        }
        self.said.push((operation.to_owned(), parameter.to_owned(), value.value));
        self.focus = Some((operation.to_owned(), parameter.to_owned()));
        self.push(Edit::SetParameter { operation: operation.to_owned(), parameter: parameter.to_owned(), value });
        self.consistent(operation, parameter);
    }

    /// Outer diameter, inner diameter and wall say one thing too many: of the last two the one that was not said now
    /// follows from the others.
    fn consistent(&mut self, operation: &str, parameter: &str) {
        let Some(found) = self.part.operation(operation) else { return };
        let value = |name: &str| found.parameters.get(name).map(|q| q.value);
        let now = |name: &str| self.said.iter().any(|(o, p, _)| o == operation && p == name);
        let (Some(outer), Some(inner), Some(wall)) = (value("outer_diameter"), value("inner_diameter"), value("wall"))
        else {
            return;
        };
        let (name, value) = match parameter {
            "inner_diameter" if !now("wall") => ("wall", (outer - inner) / 2.0),
            "wall" | "outer_diameter" if !now("inner_diameter") => ("inner_diameter", outer - 2.0 * wall),
            _ => return,
        };
        let value = Quantity::derived(tidy(value), "what the outer diameter and the other leave");
        self.push(Edit::SetParameter { operation: operation.to_owned(), parameter: name.to_owned(), value });
    }

    fn give(&mut self, operation: &str, parameter: &str, name: Name, measure: &Measure) {
        let Some(definition) = self.definition(operation) else { return };
        if let Some(value) = self.checked(operation, definition, parameter, name, measure) {
            self.set(operation, parameter, value);
        }
    }

    /// Material, colour, fit and copies.
    fn attributes(&mut self, reading: &Reading) {
        if let Some(words) = &reading.bad_material {
            self.object(QuestionKind::UnknownMaterial, "", "material", Detail::Words(words.clone()));
        }
        if let Some(words) = &reading.bad_colour {
            self.object(QuestionKind::UnknownColour, "", "colour", Detail::Words(words.clone()));
        }
        if let Some(copies) = &reading.copies {
            if (1.0..=1000.0).contains(&copies.value) {
                self.push(Edit::SetQuantity { quantity: copies.value as u32 });
                self.focus = Some((String::new(), "quantity".to_owned()));
            } else {
                let range = Detail::Range { value: copies.value, least: 1.0, greatest: 1000.0 };
                self.object(QuestionKind::Unprintable, "", "quantity", range);
            }
        }
        if let Some(material) = reading.material {
            self.push(Edit::SetMaterial { material: Some(material) });
        }
        if let Some(colour) = &reading.colour {
            self.push(Edit::SetColour { colour: Some(colour.clone()) });
        }
        if let Some(fit) = reading.fit {
            self.push(Edit::SetFit { fit: Some(fit) });
        }
    }

    /// A short answer to our question: "40", "40 mm", "MARIA". True when the turn was that and nothing else.
    fn answer(&mut self, state: &State, reading: &Reading) -> bool {
        let Some(question) = state.pending.as_ref().filter(|q| !q.parameter.is_empty()) else { return false };
        if reading.body.is_some()
            || reading.features.iter().any(|f| !f.negated)
            || !reading.relatives.is_empty()
            || reading.acts.restart
        {
            return false;
        }
        // "I meant 3" is about what was said, not about what was asked.
        let focused = state
            .focus
            .as_ref()
            .is_some_and(|(o, p)| self.part.operation(o).is_some_and(|o| o.parameters.contains_key(p)));
        if reading.acts.correct && focused && question.kind != QuestionKind::MissingSize {
            return false;
        }
        let Some(definition) = self.definition(&question.operation) else {
            return self.answer_quantity(question.parameter.as_str(), reading);
        };
        if let Some(choice) = definition.choices.iter().find(|c| c.name == question.parameter) {
            let text = match &reading.text {
                Some(text) => text.clone(),
                None if reading.named.is_empty()
                    && reading.sizes.is_none()
                    && reading.acts.undo == 0
                    && reading.acts.redo == 0 =>
                {
                    self.text.trim().to_owned()
                }
                None => return false,
            };
            // Only a choice without a list takes any words.
            if !choice.options.is_empty() && !choice.options.contains(&text.as_str()) {
                return false;
            }
            let value: String = text.chars().take(60).collect();
            let operation = question.operation.clone();
            self.push(Edit::SetChoice { operation, choice: question.parameter.clone(), value });
            return true;
        }
        // "raio 10" answers a question about the radius of corners.
        if let ([], [(name, measure)], None) = (reading.loose.as_slice(), reading.named.as_slice(), &reading.sizes)
            && name.axis.is_some_and(|axis| question.parameter.ends_with(axis) && definition.parameter(axis).is_none())
            && definition.parameter(&question.parameter).is_some()
        {
            self.give(&question.operation, &question.parameter, Name::default(), measure);
            return reading.features.is_empty();
        }
        let [first, rest @ ..] = reading.loose.as_slice() else { return false };
        if !reading.named.is_empty() || reading.sizes.is_some() {
            return false;
        }
        // What does not fit where it is: the value said last, its place or its size.
        if definition.parameter(&question.parameter).is_none() {
            let placed = state.focus.as_ref().is_some_and(|(o, p)| *o == question.operation && p == "placement");
            if placed && self.moved_to(&question.operation, first) {
                return true;
            }
            let main = definition.parameters.first().map(|p| p.name);
            if let Some(main) = main.filter(|main| definition.parameter(main).is_some()) {
                self.give(&question.operation, main, Name::default(), first);
            }
            return true;
        }
        self.give(&question.operation, &question.parameter, Name::default(), first);
        for measure in rest {
            self.loose(&question.operation, measure);
        }
        reading.features.is_empty()
    }

    fn answer_quantity(&mut self, parameter: &str, reading: &Reading) -> bool {
        let [count] = reading.loose.as_slice() else { return false };
        if parameter != "quantity" || !count.is_count() || !(1.0..=1000.0).contains(&count.value) {
            return false;
        }
        self.push(Edit::SetQuantity { quantity: count.value as u32 });
        true
    }

    /// A number that nothing names, given to an operation.
    fn loose(&mut self, operation: &str, measure: &Measure) {
        let Some(definition) = self.definition(operation) else { return };
        let taken = {
            let given = self
                .part
                .operation(operation)
                .map(|o| o.parameters.keys().cloned().collect::<Vec<_>>())
                .unwrap_or_default();
            move |name: &str| given.iter().any(|g| g == name)
        };
        let parameter = match measure.unit {
            Unit::Angle => resolve::main(definition, &taken, Dimension::Angle)
                .or_else(|| resolve::parameter(definition, Name::axis("angle"))),
            Unit::Metric => ["inner_diameter", "bore", "hole_diameter", "diameter"]
                .into_iter()
                .find(|p| definition.parameter(p).is_some()),
            Unit::Percent | Unit::Volume | Unit::Other => None,
            Unit::None if measure.is_count() && definition.kind == "gear" => {
                resolve::main(definition, &taken, Dimension::Count)
            }
            _ => resolve::main(definition, &taken, Dimension::Length),
        };
        if let Some(parameter) = parameter {
            self.give(operation, parameter, Name::default(), measure);
        }
    }
}
