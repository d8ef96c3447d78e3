//! As whom the server runs, and which folders that user can enter.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::error::io;

/// The unprivileged user of a server that root starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunAs {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// `None` if we are not root. An existing cluster keeps its owner: a user `postgres` that a package made since must not
/// lock us out of it.
pub(super) fn run_as(cluster: &Path) -> Result<Option<RunAs>, EmbeddedError> {
    if !is_root() {
        return Ok(None);
    }
    let users = passwd(&fs::read_to_string("/etc/passwd").unwrap_or_default());
    if let Ok(metadata) = fs::metadata(cluster)
        && metadata.uid() != 0
    {
        let (uid, gid) = (metadata.uid(), metadata.gid());
        let name = users.iter().find(|user| user.uid == uid).map_or_else(|| uid.to_string(), |user| user.name.clone());
        return Ok(Some(RunAs { name, uid, gid }));
    }
    let pick = |name: &str| users.iter().find(|user| user.name == name && user.uid != 0).cloned();
    pick("postgres").or_else(|| pick("nobody")).map(Some).ok_or(EmbeddedError::NoUser)
}

fn passwd(text: &str) -> Vec<RunAs> {
    let parse = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(RunAs { name, uid, gid })
    };
    text.lines().filter_map(parse).collect()
}

/// Makes `dir` and the folders above it, and returns it absolute. As root each new one can be entered, but not listed, by
/// others, so that the server's user can reach its cluster; otherwise only by its owner.
pub(super) fn make_data_dir(dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let dir = std::path::absolute(dir).map_err(io("resolve", dir))?;
    let mode = if is_root() { 0o711 } else { 0o700 };
    let missing: Vec<&Path> = dir.ancestors().take_while(|folder| !folder.exists()).collect();
    DirBuilder::new().recursive(true).mode(mode).create(&dir).map_err(io("create the folder", &dir))?;
    for folder in missing {
        // A strict umask has taken the server's user's right away.
        fs::set_permissions(folder, Permissions::from_mode(mode)).map_err(io("set the rights of", folder))?;
    }
    // Resolved, because the server's working folder, by which leftovers are recognised, is.
    dir.canonicalize().map_err(io("resolve", &dir))
}

/// Checks that `user` can enter `path` and everything above it.
pub(super) fn check_traversable(path: &Path, user: Option<&RunAs>) -> Result<(), EmbeddedError> {
    let Some(user) = user else { return Ok(()) };
    let real = path.canonicalize().map_err(io("resolve", path))?;
    for folder in real.ancestors() {
        let metadata = fs::metadata(folder).map_err(io("look at", folder))?;
        let needed = if metadata.uid() == user.uid {
            0o100
        } else if metadata.gid() == user.gid {
            0o010
        } else {
            0o001
        };
        if metadata.mode() & needed == 0 {
            return Err(EmbeddedError::NotTraversable { path: folder.to_owned(), user: user.name.clone() });
        }
    }
    Ok(())
}

/// Makes `path` a folder that only `user` (or we) can enter, or checks that it is one: in a folder that others can
/// write to, somebody else may have put something under its name.
pub(super) fn private_dir(path: &Path, user: Option<&RunAs>) -> Result<(), EmbeddedError> {
    let owner = user.map_or(rustix::process::geteuid().as_raw(), |user| user.uid);
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            if let Some(user) = user {
                std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)).map_err(io("give away", path))?;
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(path).map_err(io("look at", path))?;
            if !metadata.is_dir() || metadata.uid() != owner {
                let reason = "it is not a folder of the user who runs the server".to_owned();
                return Err(EmbeddedError::InTheWay { path: path.to_owned(), reason });
            }
            if metadata.mode() & 0o077 != 0 {
                fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(io("protect", path))?;
            }
        }
        Err(error) => return Err(io("create the folder", path)(error)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwd_lines_are_read_and_malformed_ones_skipped() {
        let users = passwd("root:x:0:0:root:/root:/bin/sh\nbroken\n+::::::\npostgres:x:101:104:PG:/var:/bin/sh\n");
        assert_eq!(users.len(), 2);
        assert_eq!(users[1], RunAs { name: "postgres".into(), uid: 101, gid: 104 });
    }

    #[test]
    fn a_private_folder_refuses_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert!(matches!(private_dir(&link, None), Err(EmbeddedError::InTheWay { .. })));
        let fresh = dir.path().join("fresh");
        private_dir(&fresh, None).unwrap();
        assert_eq!(fs::metadata(&fresh).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_closed_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        let user = RunAs { name: "nobody".into(), uid: 65534, gid: 65534 };
        match check_traversable(dir.path(), Some(&user)) {
            Err(EmbeddedError::NotTraversable { path, .. }) => assert_eq!(path, dir.path().canonicalize().unwrap()),
            other => panic!("{other:?}"),
        }
    }
}
