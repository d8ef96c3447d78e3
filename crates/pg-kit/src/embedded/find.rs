//! Finding a server on this machine.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{EmbeddedConfig, EmbeddedError, INSTALLED_VERSION, install, user::RunAs};

/// A folder with `postgres` and `initdb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) bin: PathBuf,
    /// The major version: "15".
    pub(super) major: String,
}

impl Binaries {
    pub(super) fn postgres(&self) -> PathBuf {
        self.bin.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }
}

const VERSIONED: &str = "/usr/lib/postgresql";

/// Finds a server, of version `major` if given (that of an existing cluster), or installs one.
pub(super) async fn find_or_install(
    config: &EmbeddedConfig,
    major: Option<&str>,
    data: &Path,
    user: Option<&RunAs>,
) -> Result<Binaries, EmbeddedError> {
    let fits = |found: &Binaries| major.is_none_or(|major| found.major == major);
    let mut looked_for = Vec::new();
    if config.search_system {
        looked_for.push("`postgres` and `initdb` on PATH".to_owned());
        looked_for.push(format!("{VERSIONED}/*/bin"));
        let candidates = on_path(config.path.as_deref()).into_iter().chain(versioned(Path::new(VERSIONED)));
        for bin in candidates {
            if let Some(found) = probe(&bin, user).await
                && fits(&found)
            {
                return Ok(found);
            }
        }
    }
    let installed = install::bin(config);
    looked_for.push(installed.display().to_string());
    if let Some(found) = probe(&installed, user).await
        && fits(&found)
    {
        return Ok(found);
    }
    let installable = INSTALLED_VERSION.split('.').next();
    if let Some(major) = major
        && Some(major) != installable
    {
        return Err(EmbeddedError::WrongVersion {
            data: data.to_owned(),
            major: major.to_owned(),
            looked_for: looked_for.join(", "),
        });
    }
    let failed = |install: String| EmbeddedError::NotFound { looked_for: looked_for.join(", "), install };
    if !config.install {
        return Err(failed("not allowed by the configuration".into()));
    }
    install::install(config, user).await.map_err(|error| failed(error.to_string()))?;
    super::user::check_traversable(&installed, user)?;
    probe(&installed, user).await.ok_or_else(|| failed(format!("{} does not run here", installed.display())))
}

/// The folders of `PATH` that have a `postgres`. Links are followed, because `initdb` looks for its siblings.
fn on_path(path: Option<&OsStr>) -> Vec<PathBuf> {
    let folders = path.map(std::env::split_paths).into_iter().flatten();
    folders.filter_map(|folder| folder.join("postgres").canonicalize().ok()?.parent().map(Path::to_owned)).collect()
}

/// Debian's folders, newest first.
fn versioned(base: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.0));
    versions.into_iter().map(|version| version.1).collect()
}

/// Whether there is a server in `bin` that `user` can run, by running it.
async fn probe(bin: &Path, user: Option<&RunAs>) -> Option<Binaries> {
    let executable = |name: &str| {
        bin.join(name).metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    if !executable("postgres") || !executable("initdb") {
        return None;
    }
    // It is the user's right to run them that counts, and libraries may be missing.
    let mut command = super::process::command(&bin.join("postgres"), user);
    let output = super::process::output(command.arg("--version"), "postgres --version").await.ok()?;
    let major = major_version(&output)?;
    // Older than 14 has no pg_snapshot functions that we rely on, or is out of support.
    (major.parse::<u32>().ok()? >= 14).then(|| Binaries { bin: bin.to_owned(), major })
}

/// "postgres (PostgreSQL) 15.18 (Debian ...)" is 15; "18beta1" is 18.
fn major_version(output: &str) -> Option<String> {
    let version = output.split(") ").nth(1)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_servers_print() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)").as_deref(), Some("15"));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1").as_deref(), Some("18"));
        assert_eq!(major_version("nonsense"), None);
    }

    #[test]
    fn debian_folders_come_newest_first() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9", "15", "17", "common"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        let found: Vec<_> = versioned(dir.path());
        assert_eq!(found, ["17", "15", "9"].map(|name| dir.path().join(name).join("bin")));
    }
}
