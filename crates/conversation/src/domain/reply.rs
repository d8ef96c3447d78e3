//! Replies: what changed, in the speaker's language, through Fluent catalogues. The text is assembled from what differs
//! between the part before and after, so that it can only say what happened.

use fluent::{FluentArgs, FluentResource, concurrent::FluentBundle};
use part::{Dimension, Operation, Part, catalogue};
use unic_langid::{LanguageIdentifier, langid};

use super::{
    compose::{Detail, Problem},
    grammar::Reading,
    resolve,
    state::{Assumption, Language, QuestionKind},
};

pub(crate) struct Replies {
    bundles: [FluentBundle<FluentResource>; 3],
}

/// What happened in a turn.
pub(crate) struct Said<'a> {
    pub(crate) before: &'a Part,
    pub(crate) after: &'a Part,
    pub(crate) undone: usize,
    pub(crate) redone: usize,
    pub(crate) refused_undo: bool,
    pub(crate) refused_redo: bool,
    pub(crate) restarted: bool,
    pub(crate) assumptions: &'a [Assumption],
    pub(crate) assumed_unit: bool,
    pub(crate) small_talk: bool,
    pub(crate) hello: bool,
    pub(crate) asked: &'a Reading,
    pub(crate) complete: bool,
}

/// Assumed values that one reply lists; more would bury the answer.
const LISTED: usize = 4;

pub(super) fn bundle(id: LanguageIdentifier, text: &str) -> FluentBundle<FluentResource> {
    // A broken line would only lose its own message, and a test reads every one.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

impl Replies {
    pub(crate) fn new() -> Self {
        Replies {
            bundles: [
                bundle(langid!("pt"), include_str!("../../locales/pt/conversation.ftl")),
                bundle(langid!("en"), include_str!("../../locales/en/conversation.ftl")),
                bundle(langid!("es"), include_str!("../../locales/es/conversation.ftl")),
            ],
        }
    }

    fn say(&self, language: Language, id: &str, args: &[(&str, &str)]) -> String {
        let bundle = match language {
            Language::Pt => &self.bundles[0],
            Language::En => &self.bundles[1],
            Language::Es => &self.bundles[2],
        };
        let Some(pattern) = bundle.get_message(id).and_then(|m| m.value()) else {
            // A name without a translation is shown as it is in the catalogue of parts.
            return id.split_once("--").map_or(id, |(_, name)| name).replace('_', " ");
        };
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, *value);
        }
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned()
    }

    fn kind(&self, language: Language, kind: &str) -> String {
        self.say(language, &format!("kind--{kind}"), &[])
    }

    fn name(&self, language: Language, parameter: &str) -> String {
        self.say(language, &format!("name--{parameter}"), &[])
    }

    /// A value with its unit, as people of the language write it.
    fn value(&self, language: Language, operation: &Operation, parameter: &str, value: f64) -> String {
        let dimension = catalogue::find(&operation.kind).and_then(|d| d.parameter(parameter)).map(|p| p.dimension);
        format!("{}{}", number(language, value), dimension.unwrap_or(Dimension::Count).unit())
    }

    fn sizes(&self, language: Language, operation: &Operation) -> String {
        let definition = catalogue::find(&operation.kind);
        let order = definition.map(|d| d.parameters.iter().map(|p| p.name).collect::<Vec<_>>()).unwrap_or_default();
        let sizes = order.iter().filter_map(|name| operation.parameters.get(*name).map(|q| (name, q)));
        let mut parts: Vec<String> = sizes
            .map(|(name, q)| {
                format!("{} {}", self.name(language, name), self.value(language, operation, name, q.value))
            })
            .collect();
        if let Some(text) = operation.choices.get("text").filter(|t| !t.is_empty()) {
            parts.push(format!("“{text}”"));
        }
        parts.join(", ")
    }

    pub(crate) fn reply(&self, language: Language, said: &Said<'_>) -> String {
        let mut lines: Vec<String> = Vec::new();
        let say = |id: &str| self.say(language, id, &[]);
        if said.refused_undo {
            lines.push(say("nothing-to-undo"));
        }
        if said.refused_redo {
            lines.push(say("nothing-to-redo"));
        }
        if said.undone + said.redone > 0 {
            lines.push(say(if said.undone > 0 { "undone" } else { "redone" }));
            lines.push(self.description(language, said.after));
        }
        if said.restarted {
            lines.push(say("restarted"));
        }
        if said.small_talk {
            lines.extend(self.small_talk(language, said));
        }
        let changes = self.changes(language, said.before, said.after);
        let new_body = said.before.features.first().map(|o| &o.id) != said.after.features.first().map(|o| &o.id);
        if !changes.is_empty() {
            lines.push(format!("{}.", changes.join("; ")));
        } else if lines.is_empty() && said.complete {
            lines.push(say("unchanged"));
        }
        if new_body && !said.after.features.is_empty() {
            lines.extend(self.assumed(language, said));
        } else if said.assumed_unit {
            lines.push(say("assumed-unit"));
        }
        lines.retain(|line| !line.is_empty());
        lines.join(" ")
    }

    fn small_talk(&self, language: Language, said: &Said<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if said.asked.acts.ask {
            let Some(body) = said.after.features.first() else { return vec![self.say(language, "hello", &[])] };
            let definition = catalogue::find(&body.kind);
            for name in &said.asked.names {
                let values = definition.and_then(|d| d.resolve(body, said.after.fit).ok());
                let Some(parameter) = definition.and_then(|d| resolve::parameter(d, *name)) else { continue };
                let Some(value) = values.and_then(|v| v.find(parameter)) else { continue };
                lines.push(format!(
                    "{}: {}.",
                    self.name(language, parameter),
                    self.value(language, body, parameter, value)
                ));
            }
            if said.asked.asks_material {
                let material =
                    said.after.material.map_or_else(|| self.say(language, "material-unsaid", &[]), |m| m.to_string());
                lines.push(format!("{}: {material}.", self.say(language, "material", &[])));
            }
            if lines.is_empty() {
                lines.push(self.description(language, said.after));
            }
        } else if said.hello {
            lines.push(self.say(language, "hello", &[]));
        } else {
            lines.push(self.say(language, if said.complete { "confirmed" } else { "hello" }, &[]));
        }
        lines
    }

    /// The part in one line.
    fn description(&self, language: Language, part: &Part) -> String {
        let empty = Part::default();
        let changes = self.changes(language, &empty, part);
        if changes.is_empty() { String::new() } else { format!("{}.", changes.join("; ")) }
    }

    fn changes(&self, language: Language, before: &Part, after: &Part) -> Vec<String> {
        let mut lines = Vec::new();
        for operation in &before.features {
            let gone = after.operation(&operation.id).is_none();
            let replaced = after.features.first().map(|o| &o.id) != before.features.first().map(|o| &o.id);
            if gone && !replaced {
                lines.push(self.say(language, "removed", &[("what", &self.kind(language, &operation.kind))]));
            }
        }
        for operation in &after.features {
            match before.operation(&operation.id) {
                None => {
                    let (kind, sizes) = (self.kind(language, &operation.kind), self.sizes(language, operation));
                    lines.push(if sizes.is_empty() { kind } else { format!("{kind}: {sizes}") });
                }
                Some(old) => lines.extend(self.changed(language, old, operation)),
            }
        }
        if after.material != before.material {
            let value = after.material.map_or_else(|| self.say(language, "material-unsaid", &[]), |m| m.to_string());
            lines.push(format!("{} {value}", self.say(language, "material", &[])));
        }
        if after.colour != before.colour {
            let colour = after.colour.as_ref().map_or("-", |c| c.as_str());
            let colour = if colour.starts_with('#') {
                colour.to_owned()
            } else {
                self.say(language, &format!("colour--{colour}"), &[])
            };
            lines.push(format!("{} {colour}", self.say(language, "colour", &[])));
        }
        if after.quantity != before.quantity {
            lines.push(self.say(language, "copies", &[("count", &after.quantity.to_string())]));
        }
        if after.fit != before.fit
            && let Some(fit) = after.fit
        {
            lines.push(self.say(language, &format!("fit--{fit}"), &[]));
        }
        lines
    }

    fn changed(&self, language: Language, old: &Operation, new: &Operation) -> Vec<String> {
        let mut lines = Vec::new();
        let body = |o: &Operation| catalogue::find(&o.kind).is_some_and(|d| d.role == catalogue::Role::Body);
        let of = |name: String| if body(new) { name } else { format!("{} ({})", name, self.kind(language, &new.kind)) };
        for (name, quantity) in &new.parameters {
            let label = || of(self.name(language, name));
            let now = self.value(language, new, name, quantity.value);
            match old.parameters.get(name) {
                Some(was) if was.value == quantity.value => {}
                Some(was) => {
                    lines.push(format!("{}: {} → {now}", label(), self.value(language, old, name, was.value)));
                }
                None => lines.push(format!("{}: {now}", label())),
            }
        }
        for (name, value) in &new.choices {
            if old.choices.get(name) != Some(value) {
                let shown = if name == "text" || name == "second_line" {
                    format!("“{value}”")
                } else {
                    self.say(language, &format!("choice--{value}"), &[])
                };
                lines.push(format!("{}: {shown}", of(self.name(language, name))));
            }
        }
        if old.placement != new.placement && lines.is_empty() {
            lines.push(self.say(language, "moved", &[("what", &self.kind(language, &new.kind))]));
        }
        lines
    }

    fn assumed(&self, language: Language, said: &Said<'_>) -> Option<String> {
        let body = said.after.features.first()?;
        let assumed: Vec<String> = said
            .assumptions
            .iter()
            .filter(|a| a.operation == body.id && a.value != 0.0 && !body.parameters.contains_key(&a.parameter))
            .take(LISTED)
            .map(|a| {
                format!("{} {}", self.name(language, &a.parameter), self.value(language, body, &a.parameter, a.value))
            })
            .collect();
        let unit = if said.assumed_unit { self.say(language, "assumed-unit", &[]) } else { String::new() };
        if assumed.is_empty() {
            return (!unit.is_empty()).then_some(unit);
        }
        let list = self.say(language, "assumed", &[("list", &assumed.join(", "))]);
        Some(if unit.is_empty() { list } else { format!("{list} {unit}") })
    }

    pub(crate) fn question(&self, language: Language, problem: &Problem, part: &Part) -> String {
        let operation = part.operation(&problem.operation);
        let kind = operation.map(|o| self.kind(language, &o.kind)).unwrap_or_default();
        let name = match problem.parameter.as_str() {
            "" => String::new(),
            parameter => self.name(language, parameter),
        };
        let unit = operation
            .and_then(|o| catalogue::find(&o.kind))
            .and_then(|d| d.parameter(&problem.parameter))
            .map_or("", |p| p.dimension.unit());
        let shown = |value: f64| format!("{}{unit}", number(language, value));
        let ask = |id: &str, args: &[(&str, &str)]| {
            let mut all = vec![("kind", kind.as_str()), ("name", name.as_str())];
            all.extend_from_slice(args);
            self.say(language, id, &all)
        };
        match (&problem.kind, &problem.detail) {
            (QuestionKind::MissingSize, Detail::Words(_)) => ask("ask-screw", &[]),
            (QuestionKind::MissingSize, Detail::HowMuch) => ask("ask-how-much", &[]),
            (QuestionKind::MissingSize, _) if problem.parameter == "text" => ask("ask-text", &[]),
            (QuestionKind::MissingSize, _) if unit.is_empty() => ask("ask-count", &[]),
            (QuestionKind::MissingSize, _) => ask("ask-size", &[]),
            (QuestionKind::Contradiction, Detail::Two(a, b)) => {
                ask("ask-two", &[("first", &shown(*a)), ("second", &shown(*b))])
            }
            (QuestionKind::Unprintable, Detail::Range { value, least, greatest }) => ask(
                "ask-range",
                &[("value", &shown(*value)), ("least", &shown(*least)), ("greatest", &shown(*greatest))],
            ),
            (_, Detail::Reason(why)) => ask("ask-reason", &[("why", why)]),
            (QuestionKind::UnknownObject, Detail::Words(words)) => ask("ask-unknown-object", &[("words", words)]),
            (QuestionKind::UnknownObject, _) => ask("ask-object", &[]),
            (QuestionKind::UnknownMaterial, Detail::Words(words)) => ask("ask-material", &[("words", words)]),
            (QuestionKind::UnknownColour, Detail::Words(words)) => ask("ask-colour", &[("words", words)]),
            (_, Detail::Words(words)) => ask("ask-again-words", &[("words", words)]),
            _ => ask("ask-again", &[]),
        }
    }
}

/// At most three decimals, with the decimal sign of the language.
pub(super) fn number(language: Language, value: f64) -> String {
    let text = format!("{}", (value * 1000.0).round() / 1000.0);
    if language == Language::En { text } else { text.replace('.', ",") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_has_every_message_and_names_every_part() {
        let replies = Replies::new();
        let ids: Vec<&str> = include_str!("../../locales/en/conversation.ftl")
            .lines()
            .filter_map(|line| line.split_once(" = ").map(|(id, _)| id))
            .collect();
        assert!(ids.len() > 40);
        for bundle in &replies.bundles {
            for id in &ids {
                assert!(bundle.has_message(id), "{:?} has no {id}", bundle.locales);
            }
            for definition in catalogue::definitions() {
                assert!(
                    bundle.has_message(&format!("kind--{}", definition.kind)),
                    "{:?}: {}",
                    bundle.locales,
                    definition.kind
                );
                let names =
                    definition.parameters.iter().map(|p| p.name).chain(definition.choices.iter().map(|c| c.name));
                for name in names {
                    assert!(bundle.has_message(&format!("name--{name}")), "{:?}: {name}", bundle.locales);
                }
                for option in definition.choices.iter().flat_map(|c| c.options) {
                    assert!(bundle.has_message(&format!("choice--{option}")), "{:?}: {option}", bundle.locales);
                }
            }
        }
    }
}
