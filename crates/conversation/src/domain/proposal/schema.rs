//! The form of a proposal: the types that we read and the JSON schema that says the same to a model.
//!
//! The schema keeps to what every structured-output implementation accepts: objects, arrays, strings and enums; no `$ref`,
//! no recursion, no unions; every property required and nullable; no other properties.

use std::collections::BTreeSet;

use part::{Colour, Fit, Material, catalogue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Refused, excerpt::Excerpt};

/// Edits that one proposal may hold.
pub const MAX_EDITS: usize = 24;

/// Values or choices that one edit may hold.
const MAX_ITEMS: usize = 16;

/// Characters of a quotation or a name.
const MAX_TEXT: usize = 200;

/// Numbers that a placement is made of: the fields of [`part::Position`], under names that no parameter has.
pub(super) const PLACE_NUMBERS: &[&str] = &[
    "at_u",
    "at_v",
    "at_inset",
    "at_columns",
    "at_rows",
    "at_pitch_u",
    "at_pitch_v",
    "at_count",
    "at_diameter",
    "at_start",
    "at_pitch",
    "at_angle",
    "at_height",
];

pub(super) const FACES: &[&str] = &["top", "bottom", "left", "right", "front", "back", "side"];

pub(super) const POSITIONS: &[&str] =
    &["centre", "offset", "from_corner", "corners", "grid", "circle", "row", "around"];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub edits: Option<Vec<ProposedEdit>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Add,
    Set,
    Place,
    Remove,
    Material,
    Colour,
    Quantity,
    Fit,
    Ask,
}

impl Act {
    const ALL: [Act; 9] =
        [Act::Add, Act::Set, Act::Place, Act::Remove, Act::Material, Act::Colour, Act::Quantity, Act::Fit, Act::Ask];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedEdit {
    pub act: Act,
    /// An operation of the part, or the name under which this proposal adds one.
    #[serde(default)]
    pub operation: Option<String>,
    /// What to add: a kind of the catalogue.
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub values: Option<Vec<ProposedValue>>,
    #[serde(default)]
    pub choices: Option<Vec<ProposedChoice>>,
    #[serde(default)]
    pub face: Option<String>,
    #[serde(default)]
    pub position: Option<String>,
    /// The material, colour or fit; the parameter that `ask` is about.
    #[serde(default)]
    pub name: Option<String>,
    /// The user's words that ask for this, verbatim.
    #[serde(default)]
    pub words: Option<String>,
}

/// A number, as the user's words: never a number of the model's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedValue {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub words: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedChoice {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub value: Option<String>,
}

impl Proposal {
    /// Reads a model's answer.
    pub fn read(answer: &Value) -> Result<Proposal, Refused> {
        let proposal = Proposal::deserialize(answer).map_err(|e| Refused::Schema(e.to_string()))?;
        proposal.check()?;
        Ok(proposal)
    }

    pub fn edits(&self) -> &[ProposedEdit] {
        self.edits.as_deref().unwrap_or_default()
    }

    /// What a schema cannot say: how much there may be of everything.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let too = |what: &str| Err(Refused::Schema(format!("too {what}")));
        if self.edits().len() > MAX_EDITS {
            return too("many edits");
        }
        for edit in self.edits() {
            let (values, choices) = (edit.values.iter().flatten(), edit.choices.iter().flatten());
            if values.clone().count() > MAX_ITEMS || choices.clone().count() > MAX_ITEMS {
                return too("many values");
            }
            let own = [&edit.operation, &edit.kind, &edit.face, &edit.position, &edit.name, &edit.words];
            let texts = own.into_iter().chain(values.flat_map(|v| [&v.name, &v.words]));
            let mut texts = texts.chain(choices.flat_map(|c| [&c.name, &c.value])).flatten();
            if texts.any(|t| t.chars().count() > MAX_TEXT) {
                return too("long a text");
            }
        }
        Ok(())
    }
}

/// The schema of [`Proposal`], with the names of every kind and those of the excerpt's parameters as enums.
pub(super) fn schema(excerpt: &Excerpt) -> Value {
    let kinds: Vec<&str> = catalogue::definitions().iter().map(|d| d.kind).collect();
    let mut numbers: BTreeSet<&str> = PLACE_NUMBERS.iter().copied().collect();
    numbers.extend(excerpt.parameters());
    let choices = excerpt.choices();
    let acts: Vec<Value> = Act::ALL.iter().map(|act| json!(act)).collect();
    let mut names: BTreeSet<&str> = excerpt.parameters();
    names.extend(Material::ALL.iter().map(|m| m.as_str()));
    names.extend(Fit::ALL.iter().map(|f| f.as_str()));
    names.extend(Colour::names());
    let value = object(&[("name", one_of(&numbers)), ("words", text())]);
    let choice = object(&[("name", one_of(&choices)), ("value", text())]);
    let edit = object(&[
        ("act", json!({"type": "string", "enum": acts})),
        ("operation", text()),
        ("kind", one_of(&kinds)),
        ("values", list(&value)),
        ("choices", list(&choice)),
        ("face", one_of(FACES)),
        ("position", one_of(POSITIONS)),
        ("name", one_of(&names)),
        ("words", text()),
    ]);
    object(&[("edits", list(&edit))])
}

fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn text() -> Value {
    json!({"type": ["string", "null"]})
}

fn list(items: &Value) -> Value {
    json!({"type": ["array", "null"], "items": items})
}

fn one_of<'a>(names: impl IntoIterator<Item = &'a &'a str>) -> Value {
    let mut options: Vec<Value> = names.into_iter().map(|n| json!(n)).collect();
    options.push(Value::Null);
    json!({"type": ["string", "null"], "enum": options})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any() -> Value {
        schema(&Excerpt::new(&part::Part::default(), std::iter::empty()))
    }

    /// Walks a schema and checks the subset; returns how many enum values it has in all.
    fn walk(schema: &Value, at: &str, nullable: bool) -> usize {
        let node = schema.as_object().unwrap();
        for key in node.keys() {
            let known = ["type", "properties", "required", "additionalProperties", "items", "enum"];
            assert!(known.contains(&key.as_str()), "{at}: '{key}' is not in the common subset");
        }
        let types: Vec<&str> = match &node["type"] {
            Value::String(one) => vec![one],
            many => many.as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect(),
        };
        if nullable {
            assert!(types.contains(&"null"), "{at} is not nullable");
        }
        let mut count = node.get("enum").map_or(0, |e| e.as_array().unwrap().len());
        if types.contains(&"null") && node.contains_key("enum") {
            assert!(node["enum"].as_array().unwrap().contains(&Value::Null), "{at}: null is not among the options");
        }
        if types.contains(&"object") {
            assert_eq!(node["additionalProperties"], json!(false), "{at}");
            let properties = node["properties"].as_object().unwrap();
            let required: Vec<&str> =
                node["required"].as_array().unwrap().iter().map(|r| r.as_str().unwrap()).collect();
            assert_eq!(required, properties.keys().map(String::as_str).collect::<Vec<_>>(), "{at}");
            for (name, property) in properties {
                // What tells the edits apart is the one property that cannot be null.
                count += walk(property, &format!("{at}.{name}"), name != "act");
            }
        }
        if types.contains(&"array") {
            count += walk(&node["items"], &format!("{at}[]"), false);
        }
        count
    }

    #[test]
    fn the_schema_keeps_to_the_subset_that_all_accept() {
        let schema = any();
        let enums = walk(&schema, "proposal", false);
        assert!((100..1_000).contains(&enums), "{enums} enum values; 1000 is the strictest known limit");
        // Bounded nesting is what makes it free of recursion.
        assert!(schema.to_string().len() < 8_000, "{}", schema.to_string().len());
    }

    #[test]
    fn numbers_of_places_are_told_from_parameters() {
        let parameters = || catalogue::definitions().iter().flat_map(|d| d.parameters).map(|p| p.name);
        assert!(PLACE_NUMBERS.iter().all(|name| parameters().all(|p| p != *name)));
    }

    #[test]
    fn every_act_of_the_schema_can_be_read_and_nothing_else() {
        for act in any()["properties"]["edits"]["items"]["properties"]["act"]["enum"].as_array().unwrap() {
            Proposal::read(&json!({"edits": [{"act": act}]})).unwrap();
        }
        for broken in [
            json!([]),
            json!("edits"),
            json!({"edits": {}}),
            json!({"edits": [{"act": "explode"}]}),
            json!({"edits": [{"act": "add", "kind": 3}]}),
            json!({"edits": [{"act": "set", "values": [{"name": "width", "value": 40}]}]}),
            json!({"edits": [], "code": "import os"}),
            json!({"edits": vec![json!({"act": "ask"}); MAX_EDITS + 1]}),
            json!({"edits": [{"act": "ask", "words": "x".repeat(MAX_TEXT + 1)}]}),
        ] {
            assert!(matches!(Proposal::read(&broken), Err(Refused::Schema(_))), "{broken}");
        }
        assert_eq!(Proposal::read(&json!({"edits": null})).unwrap().edits(), []);
    }
}
