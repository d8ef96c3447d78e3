//! The output folder: checked before the work begins, written whole or not at all.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

#[derive(Debug)]
pub(crate) struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder and proves that it can be written, before minutes of work go into something that cannot be
    /// kept.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let remedy = "choose another folder with --out";
        fs::create_dir_all(path).map_err(|e| {
            Failure::failed(format!("--out: the folder {} cannot be made: {e}; {remedy}", path.display()))
        })?;
        let folder = OutputFolder { path: path.to_owned() };
        folder.write(".pot-probe", &[0; 4096])?;
        fs::remove_file(path.join(".pot-probe"))?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes beside the target and renames, so that a reader sees the old file or the new one.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let (target, partial) = (self.path.join(name), self.path.join(format!(".{name}.partial")));
        let written = fs::File::create(&partial)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&partial, &target));
        written.map_err(|error| {
            // What is left of the attempt only takes space that may be what is missing.
            fs::remove_file(&partial).unwrap_or_default();
            Failure::failed(format!(
                "--out: {} cannot be written: {error}; free some space or choose another folder with --out",
                target.display()
            ))
        })
    }

    /// Removes what an earlier run left under these names, so that a folder never mixes two parts.
    pub(crate) fn clear(&self, names: &[&str]) -> Result<(), Failure> {
        for name in names {
            match fs::remove_file(self.path.join(name)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::failed(format!("--out: the old {name} cannot be removed: {e}")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes the files that an earlier run numbered from 2 on.
    pub(crate) fn clear_series(&self, name: fn(usize) -> String) -> Result<(), Failure> {
        let mut number = 2;
        while self.path.join(name(number)).exists() {
            self.clear(&[&name(number)])?;
            number += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_a_file_is_refused_with_the_flag_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), b"x").unwrap();
        let error = OutputFolder::open(&dir.path().join("file")).unwrap_err();
        assert!(error.to_string().contains("--out"));
    }

    #[test]
    fn a_series_is_cleared_from_its_second_file_on() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        for name in ["a-1", "a-2", "a-3", "b-2"] {
            folder.write(name, b"x").unwrap();
        }
        folder.clear_series(|number| format!("a-{number}")).unwrap();
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["a-1", "b-2"]);
    }

    #[test]
    fn writing_replaces_and_leaves_no_partial_file() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        folder.write("a", b"1").unwrap();
        folder.write("a", b"2").unwrap();
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!((fs::read(dir.path().join("a")).unwrap(), names.len()), (b"2".to_vec(), 1));
    }
}
