//! Requests in the three wire formats, for each way of holding a model to a schema.

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use rpc::Error;
use serde_json::{Value, json};

use super::lines::Framing;
use crate::{
    app::Rung,
    config::{Kind, Llm},
    domain::proposal::Brief,
};

/// What the forced tool is called.
const TOOL: &str = "answer";

/// Where and as whom a model is asked.
pub(super) struct Wire {
    kind: Kind,
    model: String,
    uri: Uri,
    key: Option<HeaderValue>,
    answer_tokens: u32,
    /// The maker's own endpoint, which has renamed a field and refuses another for some models.
    openai: bool,
}

impl Wire {
    pub(super) fn new(config: &Llm) -> Result<Self, Error> {
        let base = config.base_url.trim_end_matches('/');
        let address = match config.kind {
            Kind::OpenAi => format!("{base}/chat/completions"),
            Kind::Anthropic => format!("{}/v1/messages", base.strip_suffix("/v1").unwrap_or(base)),
            Kind::Ollama => format!("{base}/api/chat"),
        };
        let invalid = |field: &str| Error::invalid(format!("conversation.llm.{field}"), "cannot be used in a request");
        let uri: Uri = address.parse().map_err(|_| invalid("base_url"))?;
        let key = match &config.api_key {
            None => None,
            Some(key) => {
                let text = match config.kind {
                    Kind::Anthropic => key.expose().clone(),
                    Kind::OpenAi | Kind::Ollama => format!("Bearer {}", key.expose()),
                };
                let mut value = HeaderValue::from_str(&text).map_err(|_| invalid("api_key"))?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let openai = uri.host() == Some("api.openai.com");
        let (kind, model, answer_tokens) = (config.kind, config.model.clone(), config.answer_tokens);
        Ok(Wire { kind, model, uri, key, answer_tokens, openai })
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn framing(&self) -> Framing {
        match self.kind {
            Kind::OpenAi | Kind::Anthropic => Framing::Events,
            Kind::Ollama => Framing::Lines,
        }
    }

    /// The rungs that the format has, from the strictest on.
    pub(super) fn ladder(&self) -> &'static [Rung] {
        match self.kind {
            Kind::OpenAi => &[Rung::JsonSchema, Rung::Tool, Rung::JsonObject, Rung::Text],
            Kind::Anthropic => &[Rung::JsonSchema, Rung::Tool, Rung::Text],
            // Its tools cannot be forced.
            Kind::Ollama => &[Rung::JsonSchema, Rung::JsonObject, Rung::Text],
        }
    }

    pub(super) fn request(&self, brief: &Brief, rung: Rung) -> Result<(Request<Full<Bytes>>, usize), http::Error> {
        let body = Bytes::from(self.body(brief, rung).to_string());
        let length = body.len();
        let mut request = Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream, application/x-ndjson, application/json")
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::USER_AGENT, concat!("3dpot/", env!("CARGO_PKG_VERSION")));
        if self.kind == Kind::Anthropic {
            request = request.header("anthropic-version", "2023-06-01");
        }
        if let Some(key) = &self.key {
            let name = if self.kind == Kind::Anthropic { "x-api-key" } else { "authorization" };
            request = request.header(name, key.clone());
        }
        Ok((request.body(Full::new(body))?, length))
    }

    fn body(&self, brief: &Brief, rung: Rung) -> Value {
        let instructions = match rung {
            Rung::JsonSchema | Rung::Tool => brief.instructions.clone(),
            Rung::JsonObject => {
                format!("{}\nAnswer with one JSON object of this schema:\n{}", brief.instructions, brief.schema)
            }
            Rung::Text => format!(
                "{}\nAnswer with one block fenced by ```json and ```, holding one JSON object of this schema:\n{}",
                brief.instructions, brief.schema
            ),
        };
        let user = json!({"role": "user", "content": brief.data});
        let system = json!({"role": "system", "content": instructions});
        let about = "The answer as data.";
        match self.kind {
            Kind::OpenAi => {
                let mut body = json!({
                    "model": self.model,
                    "messages": [system, user],
                    "stream": true,
                    "stream_options": {"include_usage": true},
                });
                let tokens = if self.openai { "max_completion_tokens" } else { "max_tokens" };
                body[tokens] = json!(self.answer_tokens);
                if !self.openai {
                    body["temperature"] = json!(0);
                }
                match rung {
                    Rung::JsonSchema => {
                        let schema = json!({"name": TOOL, "strict": true, "schema": brief.schema});
                        body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
                    }
                    Rung::Tool => {
                        let tool = json!({"name": TOOL, "description": about, "parameters": brief.schema});
                        body["tools"] = json!([{"type": "function", "function": tool}]);
                        body["tool_choice"] = json!({"type": "function", "function": {"name": TOOL}});
                    }
                    Rung::JsonObject => body["response_format"] = json!({"type": "json_object"}),
                    Rung::Text => {}
                }
                body
            }
            Kind::Anthropic => {
                let mut body = json!({
                    "model": self.model,
                    "system": instructions,
                    "messages": [user],
                    "max_tokens": self.answer_tokens,
                    "stream": true,
                });
                match rung {
                    Rung::JsonSchema => {
                        body["output_config"] = json!({"format": {"type": "json_schema", "schema": brief.schema}});
                    }
                    Rung::Tool => {
                        body["tools"] = json!([{"name": TOOL, "description": about, "input_schema": brief.schema}]);
                        body["tool_choice"] = json!({"type": "tool", "name": TOOL});
                    }
                    Rung::JsonObject | Rung::Text => {}
                }
                body
            }
            Kind::Ollama => {
                let mut body = json!({
                    "model": self.model,
                    "messages": [system, user],
                    "stream": true,
                    "options": {"temperature": 0, "num_predict": self.answer_tokens},
                });
                match rung {
                    Rung::JsonSchema => body["format"] = brief.schema.clone(),
                    Rung::JsonObject => body["format"] = json!("json"),
                    Rung::Tool | Rung::Text => {}
                }
                body
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use boot::Secret;

    use super::*;

    fn wire(kind: Kind, base: &str) -> Wire {
        let key = Some(Secret::new("sk-1".to_owned()));
        Wire::new(&Llm { api_key: key, ..Llm::new(kind, base, "m") }).unwrap()
    }

    fn brief() -> Brief {
        Brief { instructions: "Do it.".into(), data: "{}".into(), schema: json!({"type": "object"}) }
    }

    #[test]
    fn addresses_and_keys_go_where_each_format_has_them() {
        for (kind, base, address, header, value) in [
            (Kind::OpenAi, "http://h:1/v1/", "http://h:1/v1/chat/completions", "authorization", "Bearer sk-1"),
            (Kind::Anthropic, "http://h", "http://h/v1/messages", "x-api-key", "sk-1"),
            (Kind::Anthropic, "http://h/p/v1", "http://h/p/v1/messages", "x-api-key", "sk-1"),
            (Kind::Ollama, "http://h", "http://h/api/chat", "authorization", "Bearer sk-1"),
        ] {
            let (request, _) = wire(kind, base).request(&brief(), Rung::Text).unwrap();
            assert_eq!(request.uri().to_string(), address);
            assert_eq!(request.headers()[header], value);
            assert!(request.headers()[header].is_sensitive());
            assert!(!format!("{request:?}").contains("sk-1"));
        }
    }

    #[test]
    fn every_rung_carries_the_schema_and_keeps_the_data_apart() {
        for kind in [Kind::OpenAi, Kind::Anthropic, Kind::Ollama] {
            let wire = wire(kind, "http://h");
            assert_eq!(wire.ladder().last(), Some(&Rung::Text));
            for rung in wire.ladder() {
                let body = wire.body(&brief(), *rung);
                assert_eq!(body["stream"], true);
                let messages = body["messages"].as_array().unwrap();
                assert_eq!(messages.last().unwrap(), &json!({"role": "user", "content": "{}"}), "{kind:?} {rung:?}");
                let text = body.to_string();
                assert!(text.contains(r#"{"type":"object"}"#) || text.contains(r#"{\"type\":\"object\"}"#), "{text}");
            }
        }
    }
}
