//! Typed configuration: defaults in code, then a TOML file, then `POT_...` variables, then the command line.
//!
//! A configuration is a struct with `#[derive(Deserialize, Serialize)]` and `#[serde(default, deny_unknown_fields)]`
//! whose defaults are its `Default`. `POT_GATEWAY__LISTEN=...` sets `listen` in the table `gateway`: two underscores
//! step into a table. What does not fit is a [`ConfigError`] that names the field, for exit code
//! [`crate::EXIT_CONFIG`].

use std::path::Path;

use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use figment::value::{Dict, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::environment::Environment;

/// Configuration that cannot be used: which field, why, and where it came from.
#[derive(Debug, thiserror::Error)]
#[error("configuration field `{field}`: {problem}{}", origin_text(.origin))]
pub struct ConfigError {
    /// Dotted path of the field, such as `gateway.listen`; empty when the whole file is at fault.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// The file or variable that gave the value, where known.
    pub origin: Option<String>,
}

fn origin_text(origin: &Option<String>) -> String {
    origin.as_ref().map(|origin| format!(" (from {origin})")).unwrap_or_default()
}

impl ConfigError {
    /// A value that parses but cannot be used.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), origin: None }
    }
}

/// Collects the sources of a configuration, later ones winning.
#[derive(Debug, Clone, Default)]
pub struct Loader {
    figment: Figment,
}

impl Loader {
    /// Starts from the defaults in code alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML file that must exist: one that the person named.
    pub fn file(self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError {
            field: String::new(),
            problem: format!("cannot read the configuration file: {error}"),
            origin: Some(path.display().to_string()),
        })?;
        // Parsed here so that a syntax error carries the file's name and line.
        if let Err(error) = toml::from_str::<toml::Table>(&text) {
            return Err(ConfigError {
                field: String::new(),
                problem: format!("not valid TOML: {}", error.to_string().trim_end()),
                origin: Some(path.display().to_string()),
            });
        }
        Ok(Self { figment: self.figment.merge(Toml::file_exact(path)) })
    }

    /// Adds a TOML file where there is one, such as the default location.
    pub fn optional_file(self, path: &Path) -> Result<Self, ConfigError> {
        if path.exists() { self.file(path) } else { Ok(self) }
    }

    /// Adds the `POT_...` variables of an environment.
    pub fn environment(mut self, environment: &Environment) -> Self {
        for (name, value) in &environment.pot {
            let key = name["POT_".len()..].to_lowercase().replace("__", ".");
            if key.is_empty() {
                continue;
            }
            self.figment = self.figment.merge(Variable { name: name.clone(), key, value: parse_value(value) });
        }
        self
    }

    /// Adds one value, such as a command-line flag, under a dotted path.
    pub fn set(self, field: &str, value: impl Serialize) -> Self {
        Self { figment: self.figment.merge(Serialized::default(field, value)) }
    }

    /// Reads the whole configuration.
    pub fn load<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.figment.extract().map_err(|error| to_config_error(&error))
    }

    /// Reads one table of it, such as the `gateway` of a file that configures every service. A table that no source
    /// mentions is all defaults.
    pub fn load_table<T: DeserializeOwned>(&self, table: &str) -> Result<T, ConfigError> {
        match self.figment.find_value(table) {
            Ok(_) => self.figment.extract_inner(table).map_err(|error| to_config_error(&error)),
            Err(_) => Figment::new().extract().map_err(|error| to_config_error(&error)),
        }
    }
}

/// One environment variable as a source, so that an error can name it.
struct Variable {
    name: String,
    key: String,
    value: Value,
}

impl figment::Provider for Variable {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(format!("environment variable {}", self.name))
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, Dict>, figment::Error> {
        let nested = figment::util::nest(&self.key, self.value.clone());
        let dict = nested.into_dict().unwrap_or_default();
        Ok(figment::value::Map::from([(figment::Profile::Default, dict)]))
    }
}

fn parse_value(text: &str) -> Value {
    // Figment's own rule: `true`, numbers, `[a, b]` and `{k=v}` are what they look like; the rest is a string.
    text.parse().unwrap_or_else(|never| match never {})
}

fn to_config_error(error: &figment::Error) -> ConfigError {
    use figment::error::Kind;
    let mut path = error.path.clone();
    let problem = match &error.kind {
        Kind::UnknownField(field, known) => {
            name_last(&mut path, field);
            if known.is_empty() {
                "there is no such field".to_owned()
            } else {
                format!("there is no such field; known here: {}", known.join(", "))
            }
        }
        Kind::MissingField(field) => {
            name_last(&mut path, field);
            "is required and was not given".to_owned()
        }
        other => other.to_string(),
    };
    let origin = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(figment::Source::File(file)) => file.display().to_string(),
        _ => metadata.name.to_string(),
    });
    ConfigError { field: path.join("."), problem, origin }
}

/// Figment's path ends with the offending field or with its table, depending on who found the fault.
fn name_last(path: &mut Vec<String>, field: &str) {
    if path.last().is_none_or(|last| last != field) {
        path.push(field.to_owned());
    }
}

/// The configuration as TOML for people, secrets masked by their own type.
pub fn print_config<T: Serialize>(config: &T) -> Result<String, ConfigError> {
    toml::to_string_pretty(config).map_err(|error| ConfigError::invalid("", format!("cannot be shown: {error}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::Secret;

    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        name: String,
        gateway: Gateway,
        limits: BTreeMap<String, u32>,
    }

    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Gateway {
        listen: String,
        port: u16,
        key: Secret<String>,
    }

    impl Default for Config {
        fn default() -> Self {
            Self { name: "default".into(), gateway: Gateway::default(), limits: BTreeMap::new() }
        }
    }

    impl Default for Gateway {
        fn default() -> Self {
            Self { listen: "127.0.0.1".into(), port: 8080, key: Secret::new("built-in".into()) }
        }
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        use std::io::Write as _;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn later_sources_win_field_by_field() {
        let file = file("name = 'file'\n[gateway]\nlisten = 'file'\nport = 1\nkey = 'from-file'\n");
        let environment = Environment::from_variables([("POT_GATEWAY__PORT", "2"), ("POT_LIMITS__RENDER", "7")]);
        let loader = Loader::new().file(file.path()).unwrap().environment(&environment);
        let config: Config = loader.clone().load().unwrap();
        assert_eq!((config.name.as_str(), config.gateway.listen.as_str()), ("file", "file"));
        assert_eq!(config.gateway.port, 2);
        assert_eq!(config.gateway.key.expose(), "from-file");
        assert_eq!(config.limits["render"], 7);
        let config: Config = loader.clone().set("gateway.port", 3).load().unwrap();
        assert_eq!(config.gateway.port, 3);
        let gateway: Gateway = loader.load_table("gateway").unwrap();
        assert_eq!(gateway.port, 2);
    }

    #[test]
    fn with_no_source_the_defaults_stand_secrets_included() {
        let config: Config = Loader::new().load().unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.gateway.key.expose(), "built-in");
        let gateway: Gateway = Loader::new().load_table("gateway").unwrap();
        assert_eq!(gateway, Gateway::default());
    }

    #[test]
    fn an_error_names_the_field_and_its_source() {
        let environment = Environment::from_variables([("POT_GATEWAY__PORT", "many")]);
        let error = Loader::new().environment(&environment).load::<Config>().unwrap_err();
        assert_eq!(error.field, "gateway.port");
        assert!(error.to_string().contains("POT_GATEWAY__PORT"), "{error}");

        let unknown = file("[gateway]\nlissten = 'x'\n");
        let error = Loader::new().file(unknown.path()).unwrap().load::<Config>().unwrap_err();
        assert_eq!(error.field, "gateway.lissten");
        assert!(error.to_string().contains(&unknown.path().display().to_string()), "{error}");
        assert!(error.to_string().contains("listen"), "{error}");

        let broken = file("[gateway\n");
        assert!(Loader::new().file(broken.path()).unwrap_err().problem.contains("not valid TOML"));
        assert!(Loader::new().file(Path::new("/does/not/exist")).is_err());
        assert!(Loader::new().optional_file(Path::new("/does/not/exist")).is_ok());
    }

    #[test]
    fn the_printed_configuration_masks_secrets_and_is_toml() {
        let printed = print_config(&Config::default()).unwrap();
        assert!(printed.contains("port = 8080"), "{printed}");
        assert!(!printed.contains("built-in"), "{printed}");
        toml::from_str::<toml::Table>(&printed).unwrap();
    }
}
