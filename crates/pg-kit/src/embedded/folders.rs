//! Where an embedded platform keeps its things unless told otherwise.

use std::path::{Path, PathBuf};

/// What the choice depends on. `boot` reads it; nothing here reads the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub is_root: bool,
    /// The user's number, for a runtime folder in /tmp.
    pub uid: u32,
    pub home: Option<PathBuf>,
    pub xdg_data_home: Option<PathBuf>,
    pub xdg_runtime_dir: Option<PathBuf>,
}

/// The folders of an embedded platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    pub data: PathBuf,
    pub install: PathBuf,
    pub runtime: PathBuf,
}

impl Folders {
    /// As root everything is under /var/lib/pot, because the server's user cannot enter root's home. For others it is
    /// `$XDG_DATA_HOME/3dpot`, by default `~/.local/share/3dpot`.
    pub fn standard(environment: &Environment) -> Self {
        if environment.is_root {
            let base = Path::new("/var/lib/pot");
            let run = Path::new("/run");
            let runtime = if run.is_dir() { run.join("pot") } else { PathBuf::from("/tmp/pot-0") };
            return Self { data: base.join("data"), install: base.to_owned(), runtime };
        }
        let fallback = || PathBuf::from(format!("/tmp/pot-{}", environment.uid));
        let absolute = |path: &Option<PathBuf>| path.clone().filter(|path| path.is_absolute());
        let base = absolute(&environment.xdg_data_home)
            .or_else(|| absolute(&environment.home).map(|home| home.join(".local/share")))
            .map_or_else(fallback, |data| data.join("3dpot"));
        let runtime = absolute(&environment.xdg_runtime_dir)
            .filter(|dir| dir.is_dir())
            .map_or_else(fallback, |dir| dir.join("pot"));
        Self { data: base.join("data"), install: base, runtime }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_under_var_lib_and_users_under_their_home() {
        let root = Folders::standard(&Environment { is_root: true, ..Environment::default() });
        assert!(root.data.starts_with("/var/lib/pot"));
        let user = Environment { uid: 7, home: Some("/home/ana".into()), ..Environment::default() };
        let folders = Folders::standard(&user);
        assert_eq!(folders.data, Path::new("/home/ana/.local/share/3dpot/data"));
        assert_eq!(folders.runtime, Path::new("/tmp/pot-7"));
        let relative = Environment { xdg_data_home: Some("x".into()), ..user };
        assert_eq!(Folders::standard(&relative), folders);
    }
}
