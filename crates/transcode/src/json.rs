//! JSON to messages and back by protobuf's canonical mapping, with errors that name the field.
//!
//! The walk over objects is ours, because an error must carry the path (`part.features[3].radius`) for the problem's
//! `errors`; well-known types are left to prost-reflect.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, SerializeOptions, Value,
};
use serde_json::Value as Json;

use crate::problem::Problem;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Parses text whose nesting is at most `depth`.
pub(crate) fn parse(text: &[u8], depth: usize) -> Result<Json, Problem> {
    check_depth(text, depth)?;
    serde_json::from_slice(text).map_err(|e| Problem::field("body", format!("is not valid JSON: {e}")))
}

/// One pass over the bytes, before anything is allocated for them.
fn check_depth(text: &[u8], limit: usize) -> Result<(), Problem> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in text {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => in_string = false,
            (true, _) => {}
            (false, b'"') => in_string = true,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, _) => {}
        }
        if depth > limit {
            return Err(Problem::field("body", format!("is nested deeper than {limit} levels")));
        }
    }
    Ok(())
}

/// The message as JSON text: lowerCamel names, 64-bit integers as strings, fields without presence always written.
pub(crate) fn write(message: &DynamicMessage) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = serde_json::Serializer::new(Vec::new());
    message.serialize_with_options(&mut out, &SerializeOptions::new().skip_default_fields(false))?;
    Ok(out.into_inner())
}

pub(crate) fn message(descriptor: &MessageDescriptor, json: &Json, path: &str) -> Result<DynamicMessage, Problem> {
    if is_well_known(descriptor) {
        return DynamicMessage::deserialize(descriptor.clone(), json)
            .map_err(|e| Problem::field(named(path), e.to_string()));
    }
    let Json::Object(object) = json else {
        return Err(Problem::field(named(path), format!("must be an object, not {}", kind_name(json))));
    };
    let mut message = DynamicMessage::new(descriptor.clone());
    for (key, value) in object {
        let path = join(path, key);
        let Some(field) = field(descriptor, key) else {
            return Err(Problem::field(&path, format!("is not a field of {}", descriptor.name())));
        };
        if message.has_field(&field) {
            return Err(Problem::field(&path, "is given twice"));
        }
        if let Some(oneof) = field.containing_oneof().filter(|o| !o.is_synthetic())
            && !value.is_null()
            && let Some(other) = oneof.fields().find(|f| message.has_field(f))
        {
            return Err(Problem::field(&path, format!("cannot be given together with {}", other.json_name())));
        }
        set(&mut message, &field, value, &path)?;
    }
    Ok(message)
}

/// Sets one field from JSON; null leaves it unset, as the canonical mapping says.
pub(crate) fn set(
    message: &mut DynamicMessage,
    field: &FieldDescriptor,
    json: &Json,
    path: &str,
) -> Result<(), Problem> {
    if json.is_null() && !takes_null(&field.kind()) {
        return Ok(());
    }
    let value = if field.is_map() {
        map(field, json, path)?
    } else if field.is_list() {
        let Json::Array(items) = json else {
            return Err(Problem::field(path, format!("must be an array, not {}", kind_name(json))));
        };
        let items = items.iter().enumerate().map(|(n, item)| single(&field.kind(), item, &format!("{path}[{n}]")));
        Value::List(items.collect::<Result<_, _>>()?)
    } else {
        single(&field.kind(), json, path)?
    };
    message.set_field(field, value);
    Ok(())
}

fn map(field: &FieldDescriptor, json: &Json, path: &str) -> Result<Value, Problem> {
    let kind = field.kind();
    let (Json::Object(object), Some(entry)) = (json, kind.as_message()) else {
        return Err(Problem::field(path, format!("must be an object, not {}", kind_name(json))));
    };
    let (key_kind, value_kind) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
    let mut out = std::collections::HashMap::with_capacity(object.len());
    for (key, value) in object {
        let path = format!("{path}[{key}]");
        let key =
            map_key(from_text(&key_kind, key, &path)?).ok_or_else(|| Problem::field(&path, "is not a possible key"))?;
        out.insert(key, single(&value_kind, value, &path)?);
    }
    Ok(Value::Map(out))
}

fn map_key(value: Value) -> Option<MapKey> {
    Some(match value {
        Value::Bool(v) => MapKey::Bool(v),
        Value::I32(v) => MapKey::I32(v),
        Value::I64(v) => MapKey::I64(v),
        Value::U32(v) => MapKey::U32(v),
        Value::U64(v) => MapKey::U64(v),
        Value::String(v) => MapKey::String(v),
        _ => return None,
    })
}

fn single(kind: &Kind, json: &Json, path: &str) -> Result<Value, Problem> {
    match (kind, json) {
        (Kind::Message(descriptor), json) => Ok(Value::Message(message(descriptor, json, path)?)),
        (Kind::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::String | Kind::Bytes, Json::String(text)) => from_text(kind, text, path),
        (Kind::Enum(descriptor), Json::Number(number)) => {
            let number = number.as_i64().and_then(|n| i32::try_from(n).ok());
            number.map(Value::EnumNumber).ok_or_else(|| wrong_enum(descriptor, path))
        }
        (Kind::Enum(descriptor), Json::Null) if descriptor.full_name() == NULL_VALUE => Ok(Value::EnumNumber(0)),
        (Kind::Enum(_), Json::String(text)) => from_text(kind, text, path),
        (Kind::Bool | Kind::String | Kind::Bytes | Kind::Enum(_), other) => {
            Err(Problem::field(path, format!("must be {}, not {}", expected(kind), kind_name(other))))
        }
        (_, Json::String(text)) => from_text(kind, text, path),
        (_, Json::Number(number)) => {
            // A whole number may be written 3.0 or 3e2; text keeps 64-bit integers exact.
            match number.as_f64().filter(|f| number.is_f64() && f.fract() == 0.0 && f.abs() < 9.0e15) {
                #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
                Some(whole) if !matches!(kind, Kind::Double | Kind::Float) => {
                    from_text(kind, &(whole as i64).to_string(), path)
                }
                _ => from_text(kind, &number.to_string(), path),
            }
        }
        (_, other) => Err(Problem::field(path, format!("must be {}, not {}", expected(kind), kind_name(other)))),
    }
}

/// A scalar from text: path variables, query parameters, map keys, and JSON strings.
pub(crate) fn from_text(kind: &Kind, text: &str, path: &str) -> Result<Value, Problem> {
    let wrong = || Problem::field(path, format!("must be {}, not {:?}", expected(kind), shortened(text)));
    let value = match kind {
        Kind::Double => float(text).map(Value::F64),
        #[expect(clippy::cast_possible_truncation, reason = "the field has single precision; overflow is refused")]
        Kind::Float => float(text).filter(|v| !v.is_finite() || (*v as f32).is_finite()).map(|v| Value::F32(v as f32)),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => text.parse().ok().map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => text.parse().ok().map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 => text.parse().ok().map(Value::U32),
        Kind::Uint64 | Kind::Fixed64 => text.parse().ok().map(Value::U64),
        Kind::Bool => text.parse().ok().map(Value::Bool),
        Kind::String => Some(Value::String(text.to_owned())),
        Kind::Bytes => {
            STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok().map(|v| Value::Bytes(Bytes::from(v)))
        }
        Kind::Enum(descriptor) => {
            let by_name = descriptor.get_value_by_name(text).map(|v| v.number());
            let number = by_name.or_else(|| text.parse().ok()).ok_or_else(|| wrong_enum(descriptor, path))?;
            Some(Value::EnumNumber(number))
        }
        Kind::Message(descriptor) => return message_from_text(descriptor, text, path),
    };
    value.ok_or_else(wrong)
}

/// Well-known types that have a textual form can be parameters; other messages cannot.
fn message_from_text(descriptor: &MessageDescriptor, text: &str, path: &str) -> Result<Value, Problem> {
    let json = match descriptor.full_name() {
        "google.protobuf.BoolValue" => {
            Json::Bool(text.parse().map_err(|_| Problem::field(path, "must be true or false"))?)
        }
        "google.protobuf.FieldMask" => Json::String(text.split(',').map(lower_camel).collect::<Vec<_>>().join(",")),
        name if is_well_known(descriptor) && !NOT_TEXT.contains(&name) => Json::String(text.to_owned()),
        _ => return Err(Problem::field(path, "is an object; name one of its fields, as in a.b")),
    };
    Ok(Value::Message(message(descriptor, &json, path)?))
}

const NULL_VALUE: &str = "google.protobuf.NullValue";
const NOT_TEXT: [&str; 5] = [
    "google.protobuf.Any",
    "google.protobuf.Struct",
    "google.protobuf.ListValue",
    "google.protobuf.Value",
    "google.protobuf.Empty",
];

/// Messages whose JSON is not an object of their fields.
pub(crate) fn is_well_known(descriptor: &MessageDescriptor) -> bool {
    let Some(name) = descriptor.full_name().strip_prefix("google.protobuf.") else { return false };
    matches!(name, "Any" | "Timestamp" | "Duration" | "FieldMask" | "Struct" | "ListValue" | "Value" | "Empty")
        || (name.ends_with("Value") && descriptor.fields().len() == 1 && name != "EnumValue")
}

pub(crate) fn field(descriptor: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    descriptor.get_field_by_json_name(name).or_else(|| descriptor.get_field_by_name(name))
}

/// `a.b_c` to `a.bC`, which is how a field mask is written in JSON.
fn lower_camel(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut upper = false;
    for c in path.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.extend(c.to_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // Rust also reads "inf" and "nan", which the mapping does not have; and 1e999 as infinity.
        _ => text.parse().ok().filter(|v: &f64| v.is_finite()),
    }
}

fn takes_null(kind: &Kind) -> bool {
    match kind {
        Kind::Message(m) => m.full_name() == "google.protobuf.Value",
        Kind::Enum(e) => e.full_name() == NULL_VALUE,
        _ => false,
    }
}

fn wrong_enum(descriptor: &EnumDescriptor, path: &str) -> Problem {
    let names: Vec<String> = descriptor.values().take(20).map(|v| v.name().to_owned()).collect();
    Problem::field(path, format!("must be one of {}", names.join(", ")))
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double | Kind::Float => "a number",
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "a 32-bit integer",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "a 64-bit integer",
        Kind::Uint32 | Kind::Fixed32 => "a non-negative 32-bit integer",
        Kind::Uint64 | Kind::Fixed64 => "a non-negative 64-bit integer",
        Kind::Bool => "true or false",
        Kind::String => "a string",
        Kind::Bytes => "base64 text",
        Kind::Message(_) => "an object",
        Kind::Enum(_) => "one of the enum's names",
    }
}

fn kind_name(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn named(path: &str) -> &str {
    if path.is_empty() { "body" } else { path }
}

pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { shortened(key) } else { format!("{path}.{}", shortened(key)) }
}
