//! Finding the `pot` binary and reading the tests' own settings.

use std::path::PathBuf;

/// A setting of the test run. They are taken out of the environment of what the tests start.
#[allow(clippy::disallowed_methods, reason = "tests have no configuration file; this is the one place that reads them")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// `POT_BIN`, else the `pot` of the build that made this test.
#[track_caller]
pub fn pot() -> PathBuf {
    if let Some(chosen) = setting("POT_BIN") {
        let path = PathBuf::from(chosen);
        assert!(path.is_file(), "POT_BIN={} is not a file", path.display());
        return path;
    }
    let test = std::env::current_exe().expect("this test has a path");
    let found = test.ancestors().skip(1).take(3).map(|folder| folder.join("pot")).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "there is no pot beside {}: run `cargo xtask test`, or build with `cargo build --workspace`",
            test.display()
        )
    })
}
