//! Why each value of a part is what it is, in words and in the dialogue's language: who said it and how, which usual value
//! it took, which rule it follows.

mod rules;

use fluent::{FluentArgs, FluentResource, concurrent::FluentBundle};
use part::{Dimension, Operation, Part, Quantity, Source, Variable, catalogue, evaluated};
use serde_json::Value;
use unic_langid::langid;

use super::{
    diff::{Change, Term},
    reply::{bundle, number},
    state::Language,
};

/// A value of the part with its reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// As in [`super::diff`], down to a single value: `features.hole.placement.position.inset`.
    pub path: String,
    pub label: String,
    pub value: String,
    pub origin: Origin,
    /// Turn and bytes of its text, where words are known.
    pub span: Option<(u32, u32, u32)>,
    pub words: String,
    /// As the part has it, in English.
    pub rule: String,
    /// All of it as a sentence.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Said,
    Default,
    Derived,
}

/// Explains parts and their changes. Built once, then shared.
pub struct Explainer {
    bundles: [FluentBundle<FluentResource>; 3],
}

impl Default for Explainer {
    fn default() -> Self {
        Self::new()
    }
}

/// Coordinates of what was drawn point by point: too many to be told one by one.
const DRAWN: [&str; 3] = ["points", "segments", "start"];

macro_rules! catalogues {
    ($id:literal, $folder:literal $(, $more:literal)*) => {{
        let mut bundle = bundle(langid!($id), include_str!(concat!("../../locales/", $folder, "/conversation.ftl")));
        let more: &[&str] = &[
            include_str!(concat!("../../locales/", $folder, "/explain.ftl")),
            $(include_str!(concat!("../../locales/", $folder, "/", $more))),*
        ];
        for text in more {
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        bundle
    }};
}

impl Explainer {
    pub fn new() -> Self {
        // Rules are written in English; only the others have to be translated.
        Explainer {
            bundles: [
                catalogues!("pt", "pt", "rules.ftl"),
                catalogues!("en", "en"),
                catalogues!("es", "es", "rules.ftl"),
            ],
        }
    }

    /// Every value of the part, in its order: what holds for the whole, then operation by operation what was said, assumed
    /// and derived.
    pub fn explain(&self, language: Language, part: &Part) -> Vec<Explanation> {
        let teller = Teller { words: self, language, part };
        let mut told = teller.whole();
        // What cannot be evaluated is told as it stands.
        let evaluated = evaluated(part).unwrap_or_else(|_| part.clone());
        for operation in &evaluated.features {
            teller.operation(operation, &mut told);
        }
        told
    }

    /// A change in words. `part` is a part that has the operation, before or after.
    pub fn change(&self, language: Language, before: &Part, after: &Part, change: &Change) -> String {
        let part = match (&change.after, &change.path) {
            (None, path) if !has(after, path) => before,
            _ => after,
        };
        let teller = Teller { words: self, language, part };
        let what = teller.label(&change.path);
        let shown = |term: &Option<Term>| term.as_ref().map(|term| teller.term(&change.path, term)).unwrap_or_default();
        let (was, is) = (shown(&change.before), shown(&change.after));
        let id = match (&change.before, &change.after) {
            (None, _) if is.is_empty() => "diff-added",
            (_, None) if was.is_empty() => "diff-removed",
            (None, _) => "diff-set",
            (_, None) => "diff-cleared",
            _ if is.is_empty() => "diff-moved",
            _ if was == is => "diff-again",
            _ => "diff-changed",
        };
        self.say(language, id, &[("what", &what), ("before", &was), ("after", &is)])
    }

    fn say(&self, language: Language, id: &str, args: &[(&str, &str)]) -> String {
        self.find(language, id, args)
            // A name without a translation is shown as the catalogue of parts has it.
            .unwrap_or_else(|| id.split_once("--").map_or(id, |(_, name)| name).replace('_', " "))
    }

    fn find(&self, language: Language, id: &str, args: &[(&str, &str)]) -> Option<String> {
        let bundle = match language {
            Language::Pt => &self.bundles[0],
            Language::En => &self.bundles[1],
            Language::Es => &self.bundles[2],
        };
        let pattern = bundle.get_message(id)?.value()?;
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, *value);
        }
        Some(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
    }
}

fn has(part: &Part, path: &str) -> bool {
    path.strip_prefix("features.").is_none_or(|rest| part.operation(rest.split('.').next().unwrap_or(rest)).is_some())
}

/// One part in one language.
struct Teller<'a> {
    words: &'a Explainer,
    language: Language,
    part: &'a Part,
}

impl Teller<'_> {
    fn say(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.words.say(self.language, id, args)
    }

    /// Material, colour, copies, fit and variables.
    fn whole(&self) -> Vec<Explanation> {
        let part = self.part;
        let colour = part.colour.as_ref().map(|c| self.colour(c.as_str()));
        let copies = number(self.language, part.quantity.into());
        let whole = [
            ("material", part.material.map(|m| m.to_string()), "explain-unsaid-material"),
            ("colour", colour, "explain-unsaid-colour"),
            ("quantity", (part.quantity != 1).then_some(copies), "explain-unsaid-quantity"),
            ("fit", part.fit.map(|f| self.say(&format!("fit--{f}"), &[])), "explain-unsaid-fit"),
        ];
        let mut told: Vec<Explanation> = whole
            .into_iter()
            .map(|(path, said, unsaid)| {
                let label = self.say(&format!("explain-{path}"), &[]);
                match said {
                    Some(value) => self.chosen(path.to_owned(), label, value, Origin::Said),
                    None => {
                        let text = self.say(unsaid, &[]);
                        let (value, path) = (String::new(), path.to_owned());
                        Explanation { text, ..explanation(path, label, value, Origin::Default) }
                    }
                }
            })
            .collect();
        for (name, variable) in &part.variables {
            let path = format!("variables.{name}");
            told.push(match variable {
                Variable::Value(quantity) => self.quantity(path, name.clone(), quantity, ""),
                Variable::Expression(formula) => self.chosen(path, name.clone(), formula.clone(), Origin::Derived),
            });
        }
        told
    }

    fn operation(&self, operation: &Operation, told: &mut Vec<Explanation>) {
        let path = format!("features.{}", operation.id);
        let definition = catalogue::find(&operation.kind);
        let resolved = definition.and_then(|d| d.resolve(operation, self.part.fit).ok());
        let names: Vec<&str> = match definition {
            Some(definition) => definition.parameters.iter().map(|p| p.name).collect(),
            None => operation.parameters.keys().map(String::as_str).collect(),
        };
        for name in names {
            let quantity = match &resolved {
                Some(values) => values.quantities.get(name),
                None => operation.parameters.get(name),
            };
            if let Some(quantity) = quantity {
                let path = format!("{path}.parameters.{name}");
                let label = self.label(&path);
                told.push(self.quantity(path, label, quantity, self.unit(operation, name)));
            }
        }
        let choices = definition.map(|d| d.choices).unwrap_or_default();
        for choice in choices {
            let said = operation.choices.get(choice.name);
            let Some(value) = said.map(String::as_str).or(choice.default).filter(|value| !value.is_empty()) else {
                continue;
            };
            let path = format!("{path}.choices.{}", choice.name);
            let label = self.label(&path);
            let origin = if said.is_some() { Origin::Said } else { Origin::Default };
            told.push(self.chosen(path, label, self.choice(choice.name, value), origin));
        }
        // Sketches, paths and placements in the form that paths are written in.
        for (key, value) in [
            ("placement", serde_json::to_value(&operation.placement)),
            ("sketches", serde_json::to_value(&operation.sketches)),
            ("path", serde_json::to_value(&operation.path)),
        ] {
            self.inner(&format!("{path}.{key}"), &value.unwrap_or_default(), told);
        }
    }

    /// Every quantity inside a document.
    fn inner(&self, path: &str, value: &Value, told: &mut Vec<Explanation>) {
        match value {
            Value::Object(fields) if fields.contains_key("value") && fields.contains_key("source") => {
                let Ok(quantity) = serde_json::from_value::<Quantity>(value.clone()) else { return };
                let name = last_name(path);
                let unit = match name {
                    "count" | "columns" | "rows" | "sides" | "teeth" | "turns" => Dimension::Count,
                    "angle" | "start" | "rotation" | "pressure_angle" => Dimension::Angle,
                    _ => Dimension::Length,
                };
                told.push(self.quantity(path.to_owned(), self.label(path), &quantity, unit.unit()));
            }
            Value::Object(fields) => {
                for (name, field) in fields.iter().filter(|(name, field)| !drawn(name, field)) {
                    self.inner(&format!("{path}.{name}"), field, told);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    self.inner(&format!("{path}[{n}]"), item, told);
                }
            }
            _ => {}
        }
    }

    fn quantity(&self, path: String, label: String, quantity: &Quantity, unit: &str) -> Explanation {
        let value = format!("{}{unit}", number(self.language, quantity.value));
        let (what, shown, words) = (label.as_str(), value.as_str(), quantity.words.as_str());
        let mut told = explanation(path, label.clone(), value.clone(), Origin::Said);
        told.words.clone_from(&quantity.words);
        let text = match &quantity.source {
            Source::User { turn, start, end } => {
                told.span = Some((*turn, *start, *end));
                // People count from one.
                let message = (u64::from(*turn) + 1).to_string();
                let args = [("what", what), ("value", shown), ("words", words), ("message", message.as_str())];
                self.say(if words.is_empty() { "explain-said-plain" } else { "explain-said" }, &args)
            }
            Source::Default { rule } => {
                (told.origin, told.rule) = (Origin::Default, rule.clone());
                // The rule of a catalogue's value is only its name.
                let named =
                    catalogue::definitions().iter().any(|d| rule.split_once('.').is_some_and(|r| r.0 == d.kind));
                let rule = self.words.rule(self.language, rule);
                let id = if named { "explain-usual" } else { "explain-usual-rule" };
                self.say(id, &[("what", what), ("value", shown), ("rule", &rule)])
            }
            Source::Derived { rule } => {
                (told.origin, told.rule) = (Origin::Derived, rule.clone());
                let rule = self.words.rule(self.language, rule);
                let id = if words.is_empty() { "explain-derived" } else { "explain-derived-said" };
                self.say(id, &[("what", what), ("value", shown), ("rule", &rule), ("words", words)])
            }
        };
        Explanation { text, ..told }
    }

    /// What has no source of its own: a word of a list, a text, a formula.
    fn chosen(&self, path: String, label: String, value: String, origin: Origin) -> Explanation {
        let id = match origin {
            Origin::Said => "explain-chosen",
            Origin::Default => "explain-usual",
            Origin::Derived => "explain-formula",
        };
        let text = self.say(id, &[("what", &label), ("value", &value)]);
        Explanation { text, ..explanation(path, label, value, origin) }
    }

    fn unit(&self, operation: &Operation, parameter: &str) -> &'static str {
        let known = catalogue::find(&operation.kind).and_then(|d| d.parameter(parameter));
        known.map_or("", |p| p.dimension.unit())
    }

    fn colour(&self, colour: &str) -> String {
        if colour.starts_with('#') { colour.to_owned() } else { self.say(&format!("colour--{colour}"), &[]) }
    }

    fn choice(&self, name: &str, value: &str) -> String {
        let choice = catalogue::definitions().iter().flat_map(|d| d.choices).find(|c| c.name == name);
        match choice {
            Some(choice) if !choice.options.is_empty() => self.say(&format!("choice--{value}"), &[]),
            _ => format!("“{value}”"),
        }
    }

    /// What stands at a path, as people call it: "diameter (hole 2)".
    fn label(&self, path: &str) -> String {
        let Some(rest) = path.strip_prefix("features.") else {
            return match path.strip_prefix("variables.") {
                Some(name) => name.to_owned(),
                None => self.say(&format!("explain-{path}"), &[]),
            };
        };
        let (id, inner) = rest.split_once('.').unwrap_or((rest, ""));
        let kind = self.part.operation(id).map_or_else(|| id.to_owned(), |operation| self.kind(operation));
        let name = match (inner, last_name(inner)) {
            ("", _) => return kind,
            ("placement", _) => self.say("explain-place", &[]),
            (inner, name) if inner.starts_with("placement") => match name {
                // "distance" of an anchored axis is told by the axis.
                "distance" => self.say(&format!("place--{}", last_name(inner.trim_end_matches(".distance"))), &[]),
                name => self.say(&format!("place--{name}"), &[]),
            },
            (inner, "") => inner.to_owned(),
            (inner, _) if inner.starts_with("sketches[") && inner.ends_with(']') => self.say("explain-sketch", &[]),
            (_, name) => self.say(&format!("name--{name}"), &[]),
        };
        self.say("explain-label", &[("name", &name), ("kind", &kind)])
    }

    /// With a number where there are several of the kind.
    fn kind(&self, operation: &Operation) -> String {
        let name = self.say(&format!("kind--{}", operation.kind), &[]);
        let same: Vec<&Operation> = self.part.features.iter().filter(|o| o.kind == operation.kind).collect();
        match same.iter().position(|o| o.id == operation.id) {
            Some(at) if same.len() > 1 => format!("{name} {}", at + 1),
            _ => name,
        }
    }

    /// A term in few words; empty for what is too large to be told.
    fn term(&self, path: &str, term: &Term) -> String {
        let operation = || self.part.operation(path.strip_prefix("features.")?.split('.').next()?);
        match term {
            Term::Text(text) if path == "colour" => self.colour(text),
            Term::Text(text) if path == "fit" => self.say(&format!("fit--{text}"), &[]),
            Term::Text(text) if path.contains(".choices.") => self.choice(last_name(path), text),
            Term::Text(text) => text.clone(),
            Term::Count(count) => number(self.language, (*count).into()),
            Term::Quantity(quantity) => {
                let unit = operation().map_or("", |operation| self.unit(operation, last_name(path)));
                format!("{}{unit}", number(self.language, quantity.value))
            }
            Term::Variable(Variable::Value(quantity)) => number(self.language, quantity.value),
            Term::Variable(Variable::Expression(formula)) => formula.clone(),
            Term::Operation(_) | Term::Placement(_) | Term::Sketch(_) | Term::Path(_) => String::new(),
        }
    }
}

fn explanation(path: String, label: String, value: String, origin: Origin) -> Explanation {
    Explanation {
        path,
        label,
        value,
        origin,
        span: None,
        words: String::new(),
        rule: String::new(),
        text: String::new(),
    }
}

/// The last name of a path, without an index.
fn last_name(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('[').next().unwrap_or(last)
}

/// A list of points or strokes, or where strokes begin; the start of a circle of holes is a quantity.
fn drawn(name: &str, field: &Value) -> bool {
    DRAWN.contains(&name) && (field.is_array() || field.get("x").is_some())
}

#[cfg(test)]
mod tests;
