//! The process environment, read once. The one place that may.
//!
//! Everything else takes an [`Environment`] or, better, a field of its own configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

/// What the platform was started with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `HOME`, when absolute.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`, when absolute.
    pub xdg_data_home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, when absolute.
    pub xdg_config_home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`, when absolute.
    pub xdg_runtime_dir: Option<PathBuf>,
    /// The folder for short-lived files (`TMPDIR`, else the system's).
    pub temporary: PathBuf,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// Effective user id; 0 is root.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set, such as `pt_BR.UTF-8`.
    pub language: Option<String>,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// The current folder.
    pub current_dir: PathBuf,
    /// The running executable, to start children of the same binary.
    pub executable: Option<PathBuf>,
    /// Every `POT_...` variable; [`crate::Loader`] reads configuration out of these.
    pub pot: BTreeMap<String, String>,
}

/// What the machine offers, container limits applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware {
    /// Logical processors that this process may use, at least 1.
    pub cpus: usize,
    /// Memory that this process may use, in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
}

static CAPTURED: OnceLock<Environment> = OnceLock::new();

impl Environment {
    /// The environment of this process, read at the first call and the same ever after.
    pub fn capture() -> &'static Environment {
        CAPTURED.get_or_init(|| {
            let mut environment = Self::from_variables(std::env::vars_os());
            environment.uid = rustix::process::geteuid().as_raw();
            environment.gid = rustix::process::getegid().as_raw();
            environment.current_dir = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
            environment.executable = std::env::current_exe().ok();
            environment
        })
    }

    /// An environment made of given variables, for tests and for children. Ids, current folder and executable are
    /// left at their defaults.
    pub fn from_variables<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let all: BTreeMap<OsString, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let text = |name: &str| {
            all.get(std::ffi::OsStr::new(name)).and_then(|v| v.to_str()).filter(|v| !v.is_empty()).map(str::to_owned)
        };
        // The XDG specification tells readers to ignore relative paths.
        let folder =
            |name: &str| all.get(std::ffi::OsStr::new(name)).map(PathBuf::from).filter(|path| path.is_absolute());
        let pot = all
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
            .filter(|(name, _)| name.starts_with("POT_"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            home: folder("HOME"),
            xdg_data_home: folder("XDG_DATA_HOME"),
            xdg_config_home: folder("XDG_CONFIG_HOME"),
            xdg_runtime_dir: folder("XDG_RUNTIME_DIR"),
            temporary: folder("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp")),
            path: all
                .get(std::ffi::OsStr::new("PATH"))
                .map(|path| std::env::split_paths(path).filter(|p| p.is_absolute()).collect())
                .unwrap_or_default(),
            language: text("LC_ALL").or_else(|| text("LC_MESSAGES")).or_else(|| text("LANG")),
            no_color: text("NO_COLOR").is_some(),
            pot,
            ..Self::default()
        }
    }

    /// True when running as root.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// The configuration file that is read unless told: `/etc/pot/pot.toml` as root, else under `$XDG_CONFIG_HOME` or
    /// `~/.config`.
    pub fn default_config_file(&self) -> Option<PathBuf> {
        if self.is_root() {
            return Some(PathBuf::from("/etc/pot/pot.toml"));
        }
        let base = self.xdg_config_home.clone().or_else(|| Some(self.home.as_ref()?.join(".config")))?;
        Some(base.join("pot/pot.toml"))
    }
}

impl Hardware {
    /// Looks at the machine and at the limits of the container around this process.
    pub fn detect() -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let installed = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| installed_bytes(&text));
        let limit = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
            .iter()
            .find_map(|file| std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok());
        let memory_bytes = match (installed, limit) {
            (Some(installed), Some(limit)) => Some(installed.min(limit)),
            (installed, limit) => installed.or(limit),
        };
        Self { cpus, memory_bytes }
    }
}

fn installed_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|line| line.starts_with("MemTotal:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_xdg_and_ignore_relative_paths() {
        let mut environment = Environment::from_variables([
            ("HOME", "/home/ana"),
            ("XDG_DATA_HOME", "relative"),
            ("XDG_CONFIG_HOME", "/cfg"),
            ("PATH", "/usr/bin:bin"),
            ("LANG", "pt_BR.UTF-8"),
            ("POT_GATEWAY__LISTEN", "127.0.0.1:1"),
            ("OTHER", "x"),
        ]);
        environment.uid = 1000;
        assert_eq!(environment.xdg_data_home, None, "a relative folder does not count");
        assert_eq!(environment.default_config_file().unwrap(), PathBuf::from("/cfg/pot/pot.toml"));
        assert_eq!(environment.path, vec![PathBuf::from("/usr/bin")]);
        assert_eq!(environment.language.as_deref(), Some("pt_BR.UTF-8"));
        assert_eq!(environment.pot.len(), 1);
        environment.uid = 0;
        assert_eq!(environment.default_config_file().unwrap(), PathBuf::from("/etc/pot/pot.toml"));
    }

    #[test]
    fn hardware_reports_at_least_one_processor() {
        assert!(Hardware::detect().cpus >= 1);
        assert_eq!(installed_bytes("MemTotal:  2048 kB\n"), Some(2048 * 1024));
        assert_eq!(installed_bytes("nothing"), None);
    }
}
