//! Request fields from path variables, query parameters and headers.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage, Value};
use serde_json::Value as Json;

use crate::json;
use crate::problem::Problem;

/// Follows a dotted path of proto or lowerCamel names; `None` when it leaves the message's fields.
pub(crate) fn resolve(message: &MessageDescriptor, path: &str) -> Option<Vec<FieldDescriptor>> {
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    let mut message = message.clone();
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let field = json::field(&message, name)?;
        if names.peek().is_some() {
            // Only a singular message has fields that a path can go on with.
            if field.is_list() || field.is_map() {
                return None;
            }
            message = field.kind().as_message()?.clone();
            if json::is_well_known(&message) {
                return None;
            }
        }
        fields.push(field);
        if fields.len() > 16 {
            return None;
        }
    }
    Some(fields)
}

/// Sets the field at `path` from text; a repeated field takes every value, another exactly one.
pub(crate) fn assign(message: &mut DynamicMessage, path: &str, values: &[Cow<'_, str>]) -> Result<(), Problem> {
    let fields = resolve(&message.descriptor(), path)
        .ok_or_else(|| Problem::field(path, format!("is not a field of {}", message.descriptor().name())))?;
    let Some((last, parents)) = fields.split_last() else { return Ok(()) };
    let kind = last.kind();
    let value = if last.is_map() {
        return Err(Problem::field(path, "is a map, which only a body can carry"));
    } else if last.is_list() {
        Value::List(values.iter().map(|v| json::from_text(&kind, v, path)).collect::<Result<_, _>>()?)
    } else {
        match values {
            [one] => json::from_text(&kind, one, path)?,
            _ => return Err(Problem::field(path, "is given more than once")),
        }
    };
    let mut target = message;
    for parent in parents {
        let Value::Message(next) = target.get_field_mut(parent) else {
            return Err(Problem::field(path, "does not lead through objects"));
        };
        target = next;
    }
    target.set_field(last, value);
    Ok(())
}

/// Parameter names with their values.
pub(crate) type Query<'q> = Vec<(Cow<'q, str>, Vec<Cow<'q, str>>)>;

/// Splits a query string into names and their values, in order of first appearance.
pub(crate) fn query(query: &str, limit: usize) -> Result<Query<'_>, Problem> {
    let mut out: Query<'_> = Vec::new();
    for (n, pair) in query.split('&').filter(|p| !p.is_empty()).enumerate() {
        if n >= limit {
            return Err(Problem::field("query", format!("has more than {limit} parameters")));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        match out.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => out.push((name, vec![value])),
        }
    }
    Ok(out)
}

fn decode(text: &str) -> Result<Cow<'_, str>, Problem> {
    let wrong = || Problem::field("query", "is not percent-encoded UTF-8");
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Ok(Cow::Owned(percent_decode_str(&spaced).decode_utf8().map_err(|_| wrong())?.into_owned()));
    }
    percent_decode_str(text).decode_utf8().map_err(|_| wrong())
}

/// The string field `name`, unless the caller already filled it.
pub(crate) fn fill_empty(message: &mut DynamicMessage, name: &str, value: &str) -> Result<bool, Problem> {
    let Some(field) = message.descriptor().get_field_by_name(name).filter(|f| !f.is_list() && !f.is_map()) else {
        return Ok(false);
    };
    if !message.has_field(&field) {
        message.set_field(&field, json::from_text(&field.kind(), value, name)?);
    }
    Ok(true)
}

/// The paths that a PATCH body changes, in proto names: what `update_mask` means when the caller leaves it out.
pub(crate) fn changed_paths(descriptor: &MessageDescriptor, body: &Json) -> Vec<String> {
    let mut paths = Vec::new();
    collect(descriptor, body, "", &mut paths);
    paths
}

fn collect(descriptor: &MessageDescriptor, body: &Json, prefix: &str, paths: &mut Vec<String>) {
    let Json::Object(object) = body else { return };
    for (key, value) in object {
        let Some(field) = json::field(descriptor, key) else { continue };
        let path = if prefix.is_empty() { field.name().to_owned() } else { format!("{prefix}.{}", field.name()) };
        let kind = field.kind();
        let nested = kind.as_message().filter(|m| !field.is_list() && !field.is_map() && !json::is_well_known(m));
        match nested {
            Some(message) if value.as_object().is_some_and(|o| !o.is_empty()) => collect(message, value, &path, paths),
            _ => paths.push(path),
        }
    }
}
