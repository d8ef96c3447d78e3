//! The embedded platform's configuration: defaults, file, environment, flags.

use std::{net::SocketAddr, path::PathBuf};

use boot::{ConfigError, Environment, Loader};
use pg_kit::embedded::{EmbeddedConfig, Folders};
use serde::{Deserialize, Serialize};

use crate::cli::{Global, UpArgs};

/// Everything that `pot.toml` may say; one table a service, and what only the embedded platform has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    pub(crate) embedded: EmbeddedTable,
    pub(crate) telemetry: telemetry::Config,
    pub(crate) gateway: gateway::Config,
    pub(crate) conversation: conversation::Config,
    pub(crate) model_generation: model_generation::Config,
    pub(crate) print_job: print_job::Config,
    pub(crate) iot: iot::Config,
    pub(crate) render: render::Config,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EmbeddedTable {
    /// Where the MQTT broker for devices listens; port 0 takes a free one.
    pub(crate) mqtt_listen: SocketAddr,
    /// Run the virtual printer `virtual-1`.
    pub(crate) virtual_printer: bool,
    /// Use a Postgres found on this machine.
    pub(crate) search_postgres: bool,
    /// Install a Postgres where none is found.
    pub(crate) install_postgres: bool,
}

impl Default for EmbeddedTable {
    fn default() -> Self {
        EmbeddedTable {
            mqtt_listen: SocketAddr::from(([127, 0, 0, 1], 1883)),
            virtual_printer: true,
            search_postgres: true,
            install_postgres: true,
        }
    }
}

impl Config {
    pub(crate) fn load(global: &Global, environment: &Environment) -> Result<Self, ConfigError> {
        let loader = match (&global.config, environment.default_config_file()) {
            (Some(file), _) => Loader::new().file(file)?,
            (None, Some(file)) => Loader::new().optional_file(&file)?,
            (None, None) => Loader::new(),
        };
        let mut config: Config = loader.environment(environment).load()?;
        if global.verbose > 0 {
            config.telemetry.level = if global.verbose == 1 { "info" } else { "debug" }.to_owned();
        }
        Ok(config)
    }

    /// `pot up`'s flags win over file and environment.
    pub(crate) fn with_flags(mut self, args: &UpArgs) -> Self {
        self.gateway.listen = args.listen.unwrap_or(self.gateway.listen);
        self.embedded.mqtt_listen = args.mqtt_listen.unwrap_or(self.embedded.mqtt_listen);
        self.embedded.virtual_printer &= !args.no_virtual_printer;
        self
    }

    /// For a platform that lives as long as one command: free ports, quiet.
    pub(crate) fn transient(mut self, verbose: u8) -> Self {
        self.gateway.listen.set_port(0);
        self.embedded.mqtt_listen.set_port(0);
        if verbose == 0 {
            self.telemetry.level = "error".to_owned();
        }
        self
    }

    /// The broker library logs every connection that a client ends as an error; what matters of it, iot logs. The
    /// database driver repeats the notices of migrations that find their work done.
    pub(crate) fn telemetry(&self) -> telemetry::Config {
        let level = &self.telemetry.level;
        let level =
            if level.contains("rumqttd") { level.clone() } else { format!("{level},rumqttd=off,tokio_postgres=warn") };
        telemetry::Config { level, ..self.telemetry.clone() }
    }

    pub(crate) fn postgres(&self, folders: &Folders, environment: &Environment) -> EmbeddedConfig {
        let path = std::env::join_paths(&environment.path).ok();
        EmbeddedConfig {
            search_system: self.embedded.search_postgres,
            install: self.embedded.install_postgres,
            ..EmbeddedConfig::new(folders, path)
        }
    }
}

/// Where the embedded platform keeps its things.
pub(crate) fn folders(data: Option<&PathBuf>, environment: &Environment) -> Folders {
    let standard = Folders::standard(&pg_kit::embedded::Environment {
        is_root: environment.is_root(),
        uid: environment.uid,
        home: environment.home.clone(),
        xdg_data_home: environment.xdg_data_home.clone(),
        xdg_runtime_dir: environment.xdg_runtime_dir.clone(),
    });
    match data {
        Some(data) => Folders { data: environment.current_dir.join(data), ..standard },
        None => standard,
    }
}
