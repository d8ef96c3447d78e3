//! From an HTTP request to the request message.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, IF_MATCH};
use http::request::Parts;
use http::{HeaderMap, Method};
use prost_reflect::{DynamicMessage, Value};

use crate::binding::{Binding, BodyRule};
use crate::limits::Limits;
use crate::matcher::capture;
use crate::problem::Problem;
use crate::range::unquoted;
use crate::{json, params};

/// The message without the raw body, which travels apart.
pub(crate) fn assemble(
    binding: &Binding,
    parts: &Parts,
    segments: &[&str],
    body: &[u8],
    limits: &Limits,
) -> Result<DynamicMessage, Problem> {
    let mut message = from_body(binding, parts, body, limits)?;
    for variable in &binding.template.variables {
        let last = if variable.last == binding.template.segments.len() { segments.len() } else { variable.last };
        let covered = segments.get(variable.first..last).unwrap_or_default();
        let value = capture(covered, variable.multi)
            .ok_or_else(|| Problem::field(&variable.field, "is not percent-encoded UTF-8"))?;
        params::assign(&mut message, &variable.field, &[Cow::Owned(value)])?;
    }
    if let Some(query) = parts.uri.query() {
        from_query(binding, &mut message, query, limits)?;
    }
    from_headers(binding, &mut message, &parts.headers)?;
    Ok(message)
}

fn from_body(binding: &Binding, parts: &Parts, body: &[u8], limits: &Limits) -> Result<DynamicMessage, Problem> {
    let empty = || DynamicMessage::new(binding.input.clone());
    let text = if body.is_empty() { b"{}" } else { body };
    match &binding.body {
        BodyRule::None | BodyRule::Raw(_) => Ok(empty()),
        BodyRule::Whole => json::message(&binding.input, &json::parse(text, limits.json_depth)?, ""),
        BodyRule::Field(field) => {
            let mut message = empty();
            if body.is_empty() && (field.is_list() || field.kind().as_message().is_none()) {
                return Ok(message);
            }
            let parsed = json::parse(text, limits.json_depth)?;
            json::set(&mut message, field, &parsed, field.json_name())?;
            let mask = binding.input.get_field_by_name("update_mask");
            if let (&Method::PATCH, Some(mask), Some(resource)) = (&parts.method, mask, field.kind().as_message()) {
                let bound = binding.template.variables.iter().filter_map(|v| v.field.split_once('.').map(|(_, f)| f));
                let bound: Vec<&str> = bound.collect();
                let mut paths = params::changed_paths(resource, &parsed);
                paths.retain(|path| !bound.contains(&path.as_str()) && path != "etag");
                let kind = mask.kind();
                if let Some(descriptor) = kind.as_message().filter(|m| m.full_name() == "google.protobuf.FieldMask") {
                    let mut value = DynamicMessage::new(descriptor.clone());
                    let paths = paths.into_iter().map(Value::String).collect();
                    value.set_field_by_name("paths", Value::List(paths));
                    message.set_field(&mask, Value::Message(value));
                }
            }
            Ok(message)
        }
    }
}

fn from_query(binding: &Binding, message: &mut DynamicMessage, query: &str, limits: &Limits) -> Result<(), Problem> {
    for (name, values) in params::query(query, limits.query_parameters)? {
        let fields = params::resolve(&binding.input, &name)
            .ok_or_else(|| Problem::field(name.as_ref(), "is not a parameter of this request"))?;
        let proto_path = fields.iter().map(|f| f.name()).collect::<Vec<_>>().join(".");
        if binding.template.variables.iter().any(|v| v.field == proto_path) {
            return Err(Problem::field(name.as_ref(), "is already given by the path"));
        }
        let in_body = match &binding.body {
            BodyRule::Whole => true,
            BodyRule::Field(field) | BodyRule::Raw(Some(field)) => fields.first() == Some(field),
            BodyRule::None | BodyRule::Raw(None) => false,
        };
        if in_body {
            return Err(Problem::field(name.as_ref(), "belongs in the request body, not in the query"));
        }
        params::assign(message, &name, &values)?;
    }
    Ok(())
}

fn from_headers(binding: &Binding, message: &mut DynamicMessage, headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(key) = text(headers, "idempotency-key")? {
        // The draft writes the key as a quoted string; most clients send it bare.
        let key = key.trim_matches('"');
        if key.is_empty() || key.len() > 255 {
            return Err(Problem::field("Idempotency-Key", "must have 1 to 255 characters"));
        }
        params::fill_empty(message, "request_id", key)?;
    }
    if let Some(tag) = text(headers, IF_MATCH.as_str())?.filter(|tag| tag.trim() != "*") {
        let tag = unquoted(tag);
        if !params::fill_empty(message, "etag", tag)?
            && let BodyRule::Field(field) = &binding.body
            && !field.is_list()
            && let Value::Message(resource) = message.get_field_mut(field)
        {
            params::fill_empty(resource, "etag", tag)?;
        }
    }
    if let Some(id) = text(headers, "last-event-id")?.filter(|id| !id.is_empty()) {
        params::fill_empty(message, "after_cursor", id)?;
    }
    Ok(())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let value = headers.get(name).map(|v| v.to_str().map_err(|_| Problem::field(name, "is not visible ASCII")));
    value.transpose()
}

/// Puts a raw body into the message as its `google.api.HttpBody`.
pub(crate) fn with_raw(
    binding: &Binding,
    mut message: DynamicMessage,
    content_type: &str,
    data: Bytes,
) -> DynamicMessage {
    let fill = |body: &mut DynamicMessage| {
        body.set_field_by_name("content_type", Value::String(content_type.to_owned()));
        body.set_field_by_name("data", Value::Bytes(data));
    };
    match &binding.body {
        BodyRule::Raw(Some(field)) => {
            if let Value::Message(body) = message.get_field_mut(field) {
                fill(body);
            }
        }
        BodyRule::Raw(None) => fill(&mut message),
        BodyRule::None | BodyRule::Whole | BodyRule::Field(_) => {}
    }
    message
}

/// Refuses bodies that are not JSON; an absent content type is taken as JSON.
pub(crate) fn check_json(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty()
        || essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
    {
        return Ok(());
    }
    let mut problem = Problem::new(http::StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
    problem.headers.insert("accept-post", http::HeaderValue::from_static("application/json"));
    Err(problem)
}
