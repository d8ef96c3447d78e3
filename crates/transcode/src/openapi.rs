//! OpenAPI 3.1 from the same descriptors that route the requests, so that the two cannot disagree.

mod comments;
mod schema;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value as Json, json};

use crate::binding::{Binding, BodyRule};
use crate::json::is_well_known;
use crate::transcoder::Transcoder;
use comments::Comments;
use schema::Schemas;

/// What the document says about itself.
#[derive(Debug, Clone)]
pub struct Info {
    pub title: String,
    pub version: String,
    pub description: String,
}

/// How deep nested fields become query parameters `a.b.c`.
const QUERY_DEPTH: usize = 3;

impl Transcoder {
    /// The whole document. Building it takes milliseconds: do it once and keep the text.
    pub fn openapi(&self, info: &Info) -> Json {
        let comments = Comments::of(&self.pool);
        let mut schemas = Schemas::new(&comments);
        let mut paths: Map<String, Json> = Map::new();
        let mut tags: Vec<Json> = Vec::new();
        for binding in &self.bindings {
            let service = binding.method.parent_service();
            if !tags.iter().any(|t| t["name"] == service.name()) {
                let mut tag = json!({ "name": service.name() });
                describe(&mut tag, comments.find(service.parent_file().name(), service.path()));
                tags.push(tag);
            }
            let (path, _) = binding.template.open_api_path();
            let method =
                if binding.http_method == "*" { "post".into() } else { binding.http_method.to_ascii_lowercase() };
            let operation = operation(binding, &comments, &mut schemas);
            if let Json::Object(item) = paths.entry(path).or_insert_with(|| json!({})) {
                item.insert(method, operation);
            }
        }
        let mut all = schemas.finish();
        all.insert("Problem".to_owned(), problem_schema());
        json!({
            "openapi": "3.1.0",
            "info": { "title": info.title, "version": info.version, "description": info.description },
            "servers": [{ "url": "/" }],
            "security": [{ "bearer": [] }],
            "tags": tags,
            "paths": paths,
            "components": {
                "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
                "responses": { "Problem": {
                    "description": "The request was not carried out.",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                } },
                "schemas": all,
            },
        })
    }
}

fn operation(binding: &Binding, comments: &Comments, schemas: &mut Schemas<'_>) -> Json {
    let (method, service) = (&binding.method, binding.method.parent_service());
    let comment = comments.find(method.parent_file().name(), method.path());
    let suffix = if binding.additional == 0 { String::new() } else { format!("_{}", binding.additional) };
    let mut out = json!({
        "operationId": format!("{}_{}{suffix}", service.name(), method.name()),
        "tags": [service.name()],
        "summary": comment.map_or_else(|| words(method.name()), first_sentence),
    });
    describe(&mut out, comment);
    out["x-required-scope"] = json!(binding.policy.scope);
    out["x-rate-class"] = json!(binding.policy.rate_class);
    if binding.policy.is_public() {
        out["security"] = json!([]);
    }
    let mut parameters = path_parameters(binding, comments);
    query_parameters(binding, comments, schemas, &mut parameters);
    header_parameters(binding, &mut parameters);
    if !parameters.is_empty() {
        out["parameters"] = Json::Array(parameters);
    }
    match &binding.body {
        BodyRule::None => {}
        BodyRule::Whole => out["requestBody"] = json_body(schemas.message(&binding.input)),
        BodyRule::Field(field) => out["requestBody"] = json_body(schemas.field(field)),
        BodyRule::Raw(_) => out["requestBody"] = json!({ "required": true, "content": { "*/*": {} } }),
    }
    out["responses"] = json!({
        "200": success(binding, schemas),
        "4XX": { "$ref": "#/components/responses/Problem" },
        "default": { "$ref": "#/components/responses/Problem" },
    });
    if binding.answers_raw() && binding.method.is_server_streaming() {
        for (status, description) in [("206", "A part of the content."), ("304", "Not modified.")] {
            out["responses"][status] = json!({ "description": description });
        }
    }
    out
}

fn success(binding: &Binding, schemas: &mut Schemas<'_>) -> Json {
    if binding.answers_raw() {
        return json!({ "description": "The content.", "content": { "*/*": {} } });
    }
    let schema = match &binding.response_body {
        Some(field) => schemas.field(field),
        None => schemas.message(&binding.output),
    };
    if binding.method.is_server_streaming() {
        return json!({
            "description": "A stream of messages: events with Accept: text/event-stream, else one JSON document a line.",
            "content": {
                "text/event-stream": { "schema": { "type": "string" } },
                "application/x-ndjson": { "schema": schema },
            },
        });
    }
    json!({ "description": "OK", "content": { "application/json": { "schema": schema } } })
}

fn json_body(schema: Json) -> Json {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

fn path_parameters(binding: &Binding, comments: &Comments) -> Vec<Json> {
    let (_, parameters) = binding.template.open_api_path();
    let parameter = |(name, variable): &(String, usize)| {
        let mut out =
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } });
        let variable = binding.template.variables.get(*variable);
        let field =
            variable.and_then(|v| crate::params::resolve(&binding.input, &v.field)).and_then(|f| f.last().cloned());
        if let Some(field) = field {
            describe(&mut out, comments.find(field.parent_message().parent_file().name(), field.path()));
        }
        out
    };
    parameters.iter().map(parameter).collect()
}

fn query_parameters(binding: &Binding, comments: &Comments, schemas: &mut Schemas<'_>, out: &mut Vec<Json>) {
    if matches!(binding.body, BodyRule::Whole | BodyRule::Raw(None)) {
        return;
    }
    let mut walk = QueryWalk { binding, comments, schemas, out };
    walk.message(&binding.input, "", "", 1);
}

struct QueryWalk<'a, 's, 'c> {
    binding: &'a Binding,
    comments: &'a Comments,
    schemas: &'s mut Schemas<'c>,
    out: &'a mut Vec<Json>,
}

impl QueryWalk<'_, '_, '_> {
    fn message(&mut self, message: &MessageDescriptor, proto_prefix: &str, json_prefix: &str, depth: usize) {
        for field in message.fields() {
            let (proto, name) =
                (format!("{proto_prefix}{}", field.name()), format!("{json_prefix}{}", field.json_name()));
            let bound = self.binding.template.variables.iter().any(|v| v.field == proto);
            let in_body = match &self.binding.body {
                BodyRule::Field(body) | BodyRule::Raw(Some(body)) => depth == 1 && *body == field,
                _ => false,
            };
            if bound || in_body || field.is_map() {
                continue;
            }
            match field.kind() {
                Kind::Message(nested) if !is_well_known(&nested) => {
                    if !field.is_list() && depth < QUERY_DEPTH {
                        self.message(&nested, &format!("{proto}."), &format!("{name}."), depth + 1);
                    }
                }
                Kind::Message(nested) if !schema::has_text(&nested) => {}
                _ => self.parameter(&field, name),
            }
        }
    }

    fn parameter(&mut self, field: &FieldDescriptor, name: String) {
        let mut out = json!({ "name": name, "in": "query", "schema": self.schemas.field(field) });
        describe(&mut out, self.comments.find(field.parent_message().parent_file().name(), field.path()));
        self.out.push(out);
    }
}

fn header_parameters(binding: &Binding, out: &mut Vec<Json>) {
    let has = |name: &str| binding.input.get_field_by_name(name).is_some();
    let resource_has_etag = match &binding.body {
        BodyRule::Field(field) => field.kind().as_message().is_some_and(|m| m.get_field_by_name("etag").is_some()),
        _ => false,
    };
    let rows = [
        (has("request_id"), "Idempotency-Key", "The same key repeats the first answer instead of the work."),
        (has("etag") || resource_has_etag, "If-Match", "Refused with 412 when the resource has changed since."),
        (has("after_cursor"), "Last-Event-ID", "The cursor of the last event received; the stream goes on after it."),
        (true, "X-Request-Timeout", "How long to wait for the answer, such as 5s or 500ms."),
    ];
    for (_, name, description) in rows.into_iter().filter(|(wanted, ..)| *wanted) {
        out.push(json!({ "name": name, "in": "header", "description": description, "schema": { "type": "string" } }));
    }
}

fn problem_schema() -> Json {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "description": "RFC 9457 problem details.",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": text,
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": text,
            "instance": { "type": "string", "description": "The request's id." },
            "code": { "type": "string", "description": "The gRPC code, such as INVALID_ARGUMENT." },
            "reason": text,
            "domain": text,
            "metadata": { "type": "object", "additionalProperties": text },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["field", "description"],
                "properties": { "field": text, "description": text },
            } },
        },
    })
}

fn describe(to: &mut Json, comment: Option<&str>) {
    if let Some(comment) = comment {
        to["description"] = json!(comment);
    }
}

fn first_sentence(text: &str) -> String {
    let end = text.find(". ").or_else(|| text.find(".\n")).unwrap_or(text.len());
    text[..end].trim_end_matches('.').replace('\n', " ")
}

/// `GetModel` as `Get model`.
fn words(name: &str) -> String {
    let mut out = String::new();
    for (n, c) in name.chars().enumerate() {
        if n > 0 && c.is_uppercase() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}
