//! JSON Schemas of messages, keyed by full name; only those that some operation reaches.

use std::collections::BTreeMap;

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};
use serde_json::{Map, Value as Json, json};

use super::comments::Comments;
use super::describe;
use crate::json::is_well_known;

/// `google.api.field_behavior` on FieldOptions.
const FIELD_BEHAVIOR_EXTENSION: u32 = 1052;
const REQUIRED: i32 = 2;
const OUTPUT_ONLY: i32 = 3;
const INPUT_ONLY: i32 = 4;

pub(crate) struct Schemas<'c> {
    comments: &'c Comments,
    done: BTreeMap<String, Json>,
}

impl<'c> Schemas<'c> {
    pub(crate) fn new(comments: &'c Comments) -> Self {
        Self { comments, done: BTreeMap::new() }
    }

    pub(crate) fn finish(self) -> Map<String, Json> {
        self.done.into_iter().collect()
    }

    /// A reference to the message's schema, which is made on the way.
    pub(crate) fn message(&mut self, message: &MessageDescriptor) -> Json {
        if is_well_known(message) {
            return well_known(message);
        }
        let name = message.full_name();
        if !self.done.contains_key(name) {
            // First, so that a message that contains itself ends.
            self.done.insert(name.to_owned(), Json::Null);
            let schema = self.object(message);
            self.done.insert(name.to_owned(), schema);
        }
        reference(name)
    }

    pub(crate) fn field(&mut self, field: &FieldDescriptor) -> Json {
        let kind = field.kind();
        if let Some(entry) = kind.as_message().filter(|_| field.is_map()) {
            let value = self.kind(&entry.map_entry_value_field().kind());
            return json!({ "type": "object", "additionalProperties": value });
        }
        let single = self.kind(&kind);
        if field.is_list() { json!({ "type": "array", "items": single }) } else { single }
    }

    fn object(&mut self, message: &MessageDescriptor) -> Json {
        let file = message.parent_file();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in message.fields() {
            let mut schema = self.field(&field);
            describe(&mut schema, self.comments.find(file.name(), field.path()));
            let behaviors = behaviors(&field.options());
            if behaviors.contains(&OUTPUT_ONLY) {
                schema["readOnly"] = json!(true);
            }
            if behaviors.contains(&INPUT_ONLY) {
                schema["writeOnly"] = json!(true);
            }
            if behaviors.contains(&REQUIRED) {
                required.push(json!(field.json_name()));
            }
            properties.insert(field.json_name().to_owned(), schema);
        }
        let mut out = json!({ "type": "object", "title": message.name(), "properties": properties });
        if !required.is_empty() {
            out["required"] = Json::Array(required);
        }
        describe(&mut out, self.comments.find(file.name(), message.path()));
        out
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor) -> Json {
        let name = descriptor.full_name();
        if !self.done.contains_key(name) {
            let file = descriptor.parent_file();
            let values: Vec<Json> = descriptor.values().map(|v| json!(v.name())).collect();
            let mut out = json!({ "type": "string", "title": descriptor.name(), "enum": values });
            let mut text = self.comments.find(file.name(), descriptor.path()).unwrap_or_default().to_owned();
            for value in descriptor.values() {
                if let Some(comment) = self.comments.find(file.name(), value.path()) {
                    text.push_str(&format!("\n- `{}`: {}", value.name(), comment.replace('\n', " ")));
                }
            }
            describe(&mut out, Some(text.trim()).filter(|t| !t.is_empty()));
            self.done.insert(name.to_owned(), out);
        }
        reference(name)
    }

    fn kind(&mut self, kind: &Kind) -> Json {
        match kind {
            Kind::Double => json!({ "type": "number", "format": "double" }),
            Kind::Float => json!({ "type": "number", "format": "float" }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
            Kind::Uint32 | Kind::Fixed32 => {
                json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX })
            }
            // Read as numbers too, but always written as strings, since JavaScript rounds above 2^53.
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({ "type": "string", "format": "int64" }),
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "format": "uint64" }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Message(message) => self.message(message),
            Kind::Enum(descriptor) if descriptor.full_name() == "google.protobuf.NullValue" => {
                json!({ "type": "null" })
            }
            Kind::Enum(descriptor) => self.enumeration(descriptor),
        }
    }
}

/// Whether a well-known type has a textual form, and so can be a parameter.
pub(crate) fn has_text(message: &MessageDescriptor) -> bool {
    !matches!(message.name(), "Any" | "Struct" | "ListValue" | "Value" | "Empty")
}

fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn well_known(message: &MessageDescriptor) -> Json {
    match message.name() {
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Duration" => json!({ "type": "string", "pattern": r"^-?\d+(\.\d+)?s$" }),
        "FieldMask" => json!({ "type": "string" }),
        "Any" => {
            json!({ "type": "object", "properties": { "@type": { "type": "string" } }, "additionalProperties": true })
        }
        "Struct" | "Empty" => json!({ "type": "object" }),
        "ListValue" => json!({ "type": "array", "items": {} }),
        "Value" => json!({}),
        "DoubleValue" | "FloatValue" => json!({ "type": ["number", "null"] }),
        "Int32Value" | "UInt32Value" => json!({ "type": ["integer", "null"] }),
        "BoolValue" => json!({ "type": ["boolean", "null"] }),
        _ => json!({ "type": ["string", "null"] }),
    }
}

fn behaviors(options: &DynamicMessage) -> Vec<i32> {
    let Some(extension) = options.descriptor().get_extension(FIELD_BEHAVIOR_EXTENSION) else { return Vec::new() };
    match options.get_extension(&extension).as_ref() {
        Value::List(values) => values.iter().filter_map(Value::as_enum_number).collect(),
        _ => Vec::new(),
    }
}
