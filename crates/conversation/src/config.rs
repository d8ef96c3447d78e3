//! The service's configuration, defaults in code. Without a language model configured there is only the embedded engine.

use std::{path::PathBuf, time::Duration};

use boot::Secret;
use rpc::Error;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The language model that is asked for what the embedded engine left unread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm: Option<Llm>,
}

/// How a server of language models is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `POST {base_url}/chat/completions`: OpenAI and the many that follow it. The base URL ends with the version.
    OpenAi,
    /// `POST {base_url}/v1/messages`.
    Anthropic,
    /// `POST {base_url}/api/chat`.
    Ollama,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::OpenAi => "openai",
            Kind::Anthropic => "anthropic",
            Kind::Ollama => "ollama",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Llm {
    pub kind: Kind,
    /// Such as `https://api.openai.com/v1` or `http://127.0.0.1:11434`.
    pub base_url: String,
    pub model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret<String>>,
    /// Certificates (PEM) that the server's is checked by, in place of the system's: a server with a certificate authority
    /// of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// To the server's port.
    #[serde(default = "default_connect_ms")]
    pub connect_ms: u64,
    /// From the request to the first token of the answer.
    #[serde(default = "default_first_token_ms")]
    pub first_token_ms: u64,
    /// Between tokens.
    #[serde(default = "default_idle_ms")]
    pub idle_ms: u64,
    /// For everything that the model does for one turn: probing, a second attempt, waiting for its turn.
    #[serde(default = "default_turn_ms")]
    pub turn_ms: u64,
    /// Turns of this process that wait for the model at one time.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// Tokens of an answer at most.
    #[serde(default = "default_answer_tokens")]
    pub answer_tokens: u32,
    /// Also ask where the embedded engine understood the turn and only some words were left unread.
    #[serde(default = "default_leftovers")]
    pub leftovers: bool,
    /// Millionths of the currency for a million tokens of a question.
    #[serde(default)]
    pub prompt_price_micro: u64,
    /// Millionths of the currency for a million tokens of an answer.
    #[serde(default)]
    pub completion_price_micro: u64,
    /// ISO 4217.
    #[serde(default = "default_currency")]
    pub currency: String,
    /// Millionths of the currency that one owner may spend in a day (UTC); none is no limit. Turns that wait for the model
    /// at one time may together pass it by what they cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_budget_micro: Option<u64>,
}

fn default_connect_ms() -> u64 {
    2_000
}

fn default_first_token_ms() -> u64 {
    5_000
}

fn default_idle_ms() -> u64 {
    5_000
}

fn default_turn_ms() -> u64 {
    20_000
}

fn default_concurrency() -> usize {
    8
}

fn default_answer_tokens() -> u32 {
    1_500
}

fn default_leftovers() -> bool {
    true
}

fn default_currency() -> String {
    "USD".to_owned()
}

impl Config {
    /// Refuses what cannot work, naming the field.
    pub fn check(&self) -> Result<(), Error> {
        self.llm.as_ref().map_or(Ok(()), Llm::check)
    }
}

impl Llm {
    /// A model with the defaults of everything else.
    pub fn new(kind: Kind, base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Llm {
            kind,
            base_url: base_url.into(),
            model: model.into(),
            api_key: None,
            ca_file: None,
            connect_ms: default_connect_ms(),
            first_token_ms: default_first_token_ms(),
            idle_ms: default_idle_ms(),
            turn_ms: default_turn_ms(),
            concurrency: default_concurrency(),
            answer_tokens: default_answer_tokens(),
            leftovers: default_leftovers(),
            prompt_price_micro: 0,
            completion_price_micro: 0,
            currency: default_currency(),
            daily_budget_micro: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let field = |name: &str| format!("conversation.llm.{name}");
        let base = self.base_url.as_str();
        let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let uri = base.parse::<http::Uri>();
        if host.is_empty() || uri.is_err() {
            return Err(Error::invalid(field("base_url"), "has to be an http:// or https:// address"));
        }
        // The address is a name in the ledger and in logs, so it must not carry a secret.
        if host.contains('@') || base.contains(['?', '#']) {
            return Err(Error::invalid(field("base_url"), "holds no user, query or fragment; the key is api_key"));
        }
        if self.model.trim().is_empty() || self.model.len() > 200 || self.model.contains(char::is_control) {
            return Err(Error::invalid(field("model"), "has 1 to 200 characters"));
        }
        if let Some(key) = &self.api_key
            && (key.expose().is_empty() || !key.expose().bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(Error::invalid(field("api_key"), "is empty or has characters that a header cannot carry"));
        }
        let times = [
            ("connect_ms", self.connect_ms),
            ("first_token_ms", self.first_token_ms),
            ("idle_ms", self.idle_ms),
            ("turn_ms", self.turn_ms),
        ];
        if let Some((name, _)) = times.iter().find(|(_, ms)| !(1..=600_000).contains(ms)) {
            return Err(Error::invalid(field(name), "has to be 1 to 600000 ms"));
        }
        if let Some((name, _)) = times.iter().find(|(_, ms)| *ms > self.turn_ms) {
            return Err(Error::invalid(field(name), "is longer than turn_ms"));
        }
        if !(1..=1_000).contains(&self.concurrency) {
            return Err(Error::invalid(field("concurrency"), "has to be 1 to 1000"));
        }
        if !(16..=32_768).contains(&self.answer_tokens) {
            return Err(Error::invalid(field("answer_tokens"), "has to be 16 to 32768"));
        }
        // A hundred thousand units for a million tokens; keeps the sums of a ledger within 63 bits.
        let prices =
            [("prompt_price_micro", self.prompt_price_micro), ("completion_price_micro", self.completion_price_micro)];
        if let Some((name, _)) = prices.iter().find(|(_, price)| *price > 100_000_000_000) {
            return Err(Error::invalid(field(name), "is above 100000000000"));
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Error::invalid(field("currency"), "has three capital letters (ISO 4217)"));
        }
        if self.daily_budget_micro.is_some_and(|budget| i64::try_from(budget).is_err()) {
            return Err(Error::invalid(field("daily_budget_micro"), "is above 9223372036854775807"));
        }
        if self.daily_budget_micro.is_some() && self.prompt_price_micro + self.completion_price_micro == 0 {
            return Err(Error::invalid(field("daily_budget_micro"), "limits nothing without prices"));
        }
        Ok(())
    }

    pub(crate) fn turn(&self) -> Duration {
        Duration::from_millis(self.turn_ms)
    }
}

#[cfg(test)]
mod tests {
    use boot::{Environment, Loader};

    use super::*;

    fn load(variables: &[(&str, &str)]) -> Config {
        let environment = Environment::from_variables(variables.iter().copied());
        Loader::new().environment(&environment).load_table("conversation").unwrap()
    }

    #[test]
    fn no_model_unless_configured_and_keys_are_masked() {
        assert!(load(&[]).llm.is_none());
        assert_eq!(boot::print_config(&Config::default()).unwrap(), "");
        let config = load(&[
            ("POT_CONVERSATION__LLM__KIND", "anthropic"),
            ("POT_CONVERSATION__LLM__BASE_URL", "https://models.example"),
            ("POT_CONVERSATION__LLM__MODEL", "m-1"),
            ("POT_CONVERSATION__LLM__API_KEY", "sk-very-secret"),
            ("POT_CONVERSATION__LLM__TURN_MS", "15000"),
        ]);
        config.check().unwrap();
        let llm = config.llm.as_ref().unwrap();
        assert_eq!((llm.kind, llm.turn_ms, llm.connect_ms), (Kind::Anthropic, 15_000, 2_000));
        let shown = boot::print_config(&config).unwrap();
        assert!(shown.contains("********") && !shown.contains("very-secret"), "{shown}");
        assert!(!format!("{config:?}").contains("very-secret"));
    }

    #[test]
    fn what_cannot_work_is_refused_by_the_name_of_its_field() {
        let good = Llm::new(Kind::OpenAi, "http://127.0.0.1:1/v1", "m");
        good.check().unwrap();
        let cases: [(&str, Llm); 14] = [
            ("base_url", Llm { base_url: "ftp://x".into(), ..good.clone() }),
            ("base_url", Llm { base_url: "https://".into(), ..good.clone() }),
            ("base_url", Llm { base_url: "https://a b".into(), ..good.clone() }),
            ("base_url", Llm { base_url: "https://user:key@host/v1".into(), ..good.clone() }),
            ("base_url", Llm { base_url: "https://host/v1?key=1".into(), ..good.clone() }),
            ("model", Llm { model: " ".into(), ..good.clone() }),
            ("api_key", Llm { api_key: Some(Secret::new("a\nb".into())), ..good.clone() }),
            ("idle_ms", Llm { idle_ms: 0, ..good.clone() }),
            ("first_token_ms", Llm { first_token_ms: 30_000, ..good.clone() }),
            ("concurrency", Llm { concurrency: 0, ..good.clone() }),
            ("answer_tokens", Llm { answer_tokens: 1, ..good.clone() }),
            ("currency", Llm { currency: "usd".into(), ..good.clone() }),
            ("prompt_price_micro", Llm { prompt_price_micro: u64::MAX, ..good.clone() }),
            ("daily_budget_micro", Llm { daily_budget_micro: Some(1), ..good.clone() }),
        ];
        for (field, llm) in cases {
            let error = Config { llm: Some(llm) }.check().unwrap_err();
            assert_eq!(error.violations()[0].field, format!("conversation.llm.{field}"));
            assert!(!error.message().contains("key@"), "{}", error.message());
        }
    }
}
