//! What is wrong is told clearly, with the field and a remedy, by an exit code of its own, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{
    ffi::OsString,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use e2e::{Options, Platform, Rest, Sandbox, job, process::Finished, reflection::Reflected};
use serde_json::json;

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder for the files in which somebody already keeps something.
fn folder(sandbox: &Sandbox, name: &str) -> PathBuf {
    let out = sandbox.file(name);
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("mine.txt"), "mine").unwrap();
    out
}

#[test]
fn sentences_that_cannot_become_a_part() {
    let sandbox = Sandbox::new();
    // Attached to one running platform, each case takes a moment.
    let platform = Platform::start(&sandbox, &Options::default());
    let long = "a box ".repeat(1_667);
    assert!(long.chars().count() >= 10_000);
    let rejected: [(&str, OsString, &str); 5] = [
        ("empty", "".into(), "empty"),
        ("blank", " \t \n ".into(), "empty"),
        ("long", long.into(), "2,000|2000"),
        ("control", "a box \u{1}\u{2}\u{3}\u{7f}\u{1b}[2J 50 mm wide".into(), "control|binary|character"),
        ("bytes", OsString::from_vec(vec![0x62, 0xff, 0xfe, 0x80, 0x81]), "UTF-8|binary"),
    ];
    for (name, sentence, word) in rejected {
        let out = folder(&sandbox, name);
        let mut command = sandbox.pot();
        command.arg("make").arg("--out").arg(&out).arg(sentence);
        let made = sandbox.finish(command);
        made.exits(4);
        let told = word.split('|').any(|word| made.stderr.contains(word));
        assert!(told, "{name}: {}", made.all());
        assert_eq!(names(&out), ["mine.txt"], "{name}");
    }
    let questions: [(&str, &str, &str); 7] = [
        (
            "contradiction",
            "a tube with an outer diameter of 20 mm, an inner diameter of 30 mm and a length of 50 mm",
            "30",
        ),
        ("zero", "a box 0 mm wide, 50 mm deep and 40 mm tall", "0"),
        ("negative", "a cylinder with a diameter of -20 mm and a height of 40 mm", "20"),
        ("huge", "a plant pot 3 km wide and 100 mm tall", "km|3000000|3,000,000|3 000 000"),
        ("object", "a flux capacitor 50 mm wide", "flux|know|what"),
        ("material", "a 20 mm cube in unobtainium", "unobtainium"),
        ("size", "a tube", "?"),
    ];
    for (name, sentence, word) in questions {
        let out = folder(&sandbox, name);
        let made = sandbox.run(["make", sentence, "--json", "--out", out.to_str().unwrap()]);
        made.exits(3);
        let events = made.events();
        let question = events.iter().find(|event| event["event"] == "question");
        let question = question.unwrap_or_else(|| panic!("{name} asks nothing: {}", made.all()));
        let question = question["question"].as_str().unwrap();
        assert!(word.split('|').any(|word| question.contains(word)), "{name}: {question}");
        let failure = events.last().unwrap();
        assert_eq!((&failure["event"], &failure["code"]), (&"failure".into(), &3.into()), "{failure}");
        assert!(failure["message"].as_str().unwrap().contains("--then"), "{name} says how to answer: {failure}");
        assert_eq!(names(&out), ["mine.txt", "spec.json"], "{name}");
        let specification: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("spec.json")).unwrap()).unwrap();
        assert!(specification["quantity"].is_u64() && specification["features"].is_array(), "{specification}");
    }
    the_question_is_answered(&sandbox);
    platform.stop(&[]);
}

/// With the answer given, the same words make a part; nothing that came before broke the platform.
fn the_question_is_answered(sandbox: &Sandbox) {
    let asked = sandbox.run(["make", "a 20 mm cube in unobtainium", "--out", sandbox.file("asked").to_str().unwrap()]);
    asked.exits(3);
    assert!(asked.stdout.contains("unobtainium") && asked.stdout.contains('?'), "people read it too: {}", asked.all());
    assert!(asked.stderr.contains("--then"), "{}", asked.all());
    let out = folder(sandbox, "answered");
    let arguments =
        ["make", "a 20 mm cube in unobtainium", "--then", "in PLA then", "--no-print", "--out", out.to_str().unwrap()];
    let made = sandbox.run(arguments);
    made.exits(0);
    assert!(made.stdout.contains("using the platform at"), "it attaches: {}", made.stdout);
    assert_eq!(names(&out).len(), 11);
    assert_eq!(fs::read_to_string(out.join("mine.txt")).unwrap(), "mine");
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    let file = sandbox.file("file");
    fs::write(&file, "mine").unwrap();
    let out = file.join("out");
    let made = sandbox.run(["make", "a 20 mm cube", "--out", out.to_str().unwrap()]);
    made.exits(1);
    assert!(made.stderr.contains("--out") && made.stderr.contains(out.to_str().unwrap()), "{}", made.all());
    assert!(made.took < Duration::from_secs(5), "told before the work begins: {:?}", made.took);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let read_only = sandbox.run(["make", "a 20 mm cube", "--out", "/proc/pot-cannot-be-here"]);
    read_only.exits(1);
    assert!(read_only.stderr.contains("--out"), "{}", read_only.all());
    a_full_disk(&sandbox);
}

/// A file system that the first large file fills, where this user may make one.
fn a_full_disk(sandbox: &Sandbox) {
    let out = sandbox.file("full");
    fs::create_dir_all(&out).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=32k", "tmpfs"]).arg(&out).output();
    if !mounted.is_ok_and(|it| it.status.success()) {
        println!("skipped: no file system of 32 kB can be mounted here");
        return;
    }
    let sentence = "a tube with an outer diameter of 30 mm, an inner diameter of 24 mm and a length of 25 mm";
    let mut command = sandbox.pot();
    command.args(["make", sentence, "--no-print", "--out"]).arg(&out);
    let made = sandbox.finish(command);
    let left = names(&out);
    let unmounted = Command::new("umount").arg(&out).status().unwrap();
    assert!(unmounted.success());
    made.exits(1);
    let told = made.stderr.contains("--out") && made.stderr.contains("space");
    assert!(told, "{}", made.all());
    assert!(left.iter().all(|name| !name.contains("partial")), "no half files: {left:?}");
}

#[test]
fn addresses_and_folders_that_are_taken() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--listen", "--mqtt-listen"] {
        let other = if flag == "--listen" { "--mqtt-listen" } else { "--listen" };
        let up = sandbox.run(["up", flag, &address, other, "127.0.0.1:0"]);
        assert!(matches!(up.code, Some(1 | 78)), "{}", up.all());
        assert!(up.stderr.contains(&address) && up.stderr.contains(flag), "{}", up.all());
        sandbox.nothing_runs_but(&[]);
    }

    let platform = Platform::start(&sandbox, &Options::default());
    let second = sandbox.run(["up", "--listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"]);
    second.exits(1);
    assert!(second.stderr.contains(&platform.address), "it says where the first one is: {}", second.all());
    assert!(second.stderr.contains(sandbox.data().to_str().unwrap()), "{}", second.all());
    // The first one is none the worse, and Ctrl-C drains it.
    let rest = platform.rest();
    let ready = block_on(async { rest.get("/readyz").await.ok() });
    assert_eq!(ready["status"], "ready");
    let status = platform.stop(&[]);
    assert!(matches!(status.code(), Some(0 | 130)), "{status}");
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn callers_that_may_not_and_bodies_that_are_too_large() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    block_on(async {
        for token in ["", "wrong", &platform.token[1..]] {
            let refused = Rest::new(&platform.address, token).get("/v1/dialogues").await;
            let problem = refused.problem(401);
            assert_eq!(problem["code"], "UNAUTHENTICATED");
            assert!(refused.header("www-authenticate").starts_with("Bearer"));
        }
        let reflected = Reflected::connect(&platform.address).await;
        for token in [None, Some("wrong")] {
            let method = "pot.conversation.v1.ConversationService/ListDialogues";
            let refused = reflected.call(token, method, &json!({})).await.unwrap_err();
            assert_eq!(refused.code(), tonic::Code::Unauthenticated, "{refused:?}");
        }
        // What only services may call, nobody calls from outside.
        let start = json!({"device": "devices/virtual-1", "printJob": "printJobs/x", "fence": "1"});
        let internal = reflected.call(Some(&platform.token), "pot.iot.v1.IotService/StartPrint", &start).await;
        let code = internal.unwrap_err().code();
        assert!(matches!(code, tonic::Code::PermissionDenied | tonic::Code::Unimplemented), "{code:?}");
    });
    wrong_token_on_the_command_line(&sandbox, &platform);
    a_gigabyte(&platform);
    let rest = platform.rest();
    block_on(async { assert_eq!(rest.get("/readyz").await.ok()["status"], "ready") });
    platform.stop(&[]);
}

fn wrong_token_on_the_command_line(sandbox: &Sandbox, platform: &Platform<'_>) {
    let out = folder(sandbox, "token");
    let make = |arguments: &[&str]| -> Finished {
        let mut command = sandbox.pot();
        command.args(["make", "a 20 mm cube", "--no-print", "--out", out.to_str().unwrap()]).args(arguments);
        sandbox.finish(command)
    };
    let wrong = make(&["--server", &platform.address, "--token", "wrong"]);
    wrong.exits(1);
    assert!(wrong.stderr.contains("--token"), "{}", wrong.all());
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = make(&["--server", &format!("http://{nobody}"), "--token", &platform.token]);
    away.exits(1);
    assert!(away.stderr.contains("--server") && away.stderr.contains(&nobody.to_string()), "{}", away.all());
    assert_eq!(names(&out), ["mine.txt"]);
    make(&["--server", &platform.address, "--token", &platform.token]).exits(0);
}

/// Announced as a gigabyte it is refused at once; sent without a length it is refused when it passes the limit.
fn a_gigabyte(platform: &Platform<'_>) {
    let host = platform.address.trim_start_matches("http://");
    let head = |length: &str| {
        format!(
            "POST /v1/dialogues HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\n{length}\r\n\r\n",
            platform.token
        )
    };
    let mut socket = TcpStream::connect(host).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let started = Instant::now();
    socket.write_all(head("Content-Length: 1073741824").as_bytes()).unwrap();
    let answer = read_head(&mut socket);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(3), "without waiting for the body: {:?}", started.elapsed());
    assert!(answer.to_lowercase().contains("content-type: application/problem+json"), "{answer}");

    let mut socket = TcpStream::connect(host).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    socket.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
    let chunk = [format!("{:x}\r\n", 1 << 20).into_bytes(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    let (mut sent, mut refused) = (0, false);
    while sent < 1024 && !refused {
        sent += 1;
        let broken = socket.write_all(&chunk).is_err();
        socket.set_nonblocking(true).unwrap();
        refused = broken || socket.peek(&mut [0; 1]).is_ok();
        socket.set_nonblocking(false).unwrap();
    }
    assert!(sent < 128, "refused after {sent} MB of the 4 that are allowed");
    // The refusal may be lost with the connection, as TCP is; when it arrives it is the right one.
    let answer = read_head(&mut socket);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
}

fn read_head(socket: &mut TcpStream) -> String {
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !answer.windows(4).any(|it| it == b"\r\n\r\n") {
        match socket.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_damaged_data_folder_is_left_alone() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.data(), "not a folder").unwrap();
    let up = sandbox.run(["up", "--listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"]);
    assert!(matches!(up.code, Some(1 | 78)) && up.stderr.contains(sandbox.data().to_str().unwrap()), "{}", up.all());
    fs::remove_file(sandbox.data()).unwrap();

    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    let rest = platform.rest();
    let dialogue = block_on(async { rest.post("/v1/dialogues", &json!({"title": "kept"})).await.ok() });
    platform.stop(&[]);
    let control = find(&sandbox.data(), "pg_control").expect("a cluster has a control file");
    let sound = fs::read(&control).unwrap();
    let before = count(&sandbox.data());
    fs::write(&control, vec![0xa5; sound.len()]).unwrap();
    let up = sandbox.run(["up", "--listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0"]);
    up.exits(1);
    assert!(up.stderr.contains(sandbox.data().to_str().unwrap()), "names the folder: {}", up.all());
    let remedy = ["restore", "backup", "move", "Remedy"].iter().any(|word| up.stderr.contains(word));
    assert!(remedy, "says what to do: {}", up.all());
    assert!(count(&sandbox.data()) >= before, "nothing is deleted");
    sandbox.nothing_runs_but(&[]);

    // With the file restored everything is there again.
    fs::write(&control, sound).unwrap();
    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    let rest = platform.rest();
    let path = format!("/v1/{}", job::text(&dialogue, "name"));
    assert_eq!(block_on(async { rest.get(&path).await.ok() })["title"], "kept");
    platform.stop(&[]);
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    entries.into_iter().find_map(|entry| match entry.file_type().ok()?.is_dir() {
        true => find(&entry.path(), name),
        false => (entry.file_name() == name).then(|| entry.path()),
    })
}

/// Files below a folder, without what a server writes about its own run.
fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}

#[test]
fn no_database_to_be_had() {
    let sandbox = Sandbox::new();
    let installed = fs::read_dir("/var/lib/pot").into_iter().flatten().filter_map(Result::ok);
    let installed = installed.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("postgres-"));
    if rustix::process::geteuid().is_root() && installed {
        println!("skipped: a PostgreSQL is installed in /var/lib/pot, where root's is kept");
        return;
    }
    let mut command = sandbox.pot();
    command.env("POT_EMBEDDED__SEARCH_POSTGRES", "false").env("POT_EMBEDDED__INSTALL_POSTGRES", "false");
    command.env("XDG_DATA_HOME", sandbox.file("xdg"));
    command.args(["make", "a 20 mm cube", "--out"]).arg(sandbox.file("out"));
    let made = sandbox.finish(command);
    made.exits(1);
    for word in ["PostgreSQL", "Remedy", "install"] {
        assert!(made.stderr.contains(word), "{word}: {}", made.all());
    }
    assert_eq!(names(&sandbox.file("out")), Vec::<String>::new());
}

#[test]
fn the_command_line_teaches() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(["--help"]);
    help.exits(0);
    for words in ["Examples:", "pot make \"a plant pot", "pot up", "pot trace", "pot virtual-printer", "Exit codes:"] {
        assert!(help.stdout.contains(words), "{words}: {}", help.stdout);
    }
    for wrong in
        [&["make"][..], &["bake", "a cake"], &["make", "a cube", "--infill", "120"], &["up", "--listen", "here"]]
    {
        let made = sandbox.run(wrong);
        made.exits(2);
        assert!(made.stderr.contains("Usage") || made.stderr.contains("--help"), "{}", made.all());
    }
    let unknown = sandbox.file("unknown.toml");
    fs::write(&unknown, "[gateway]\nlisten = \"nowhere\"\n").unwrap();
    let up = sandbox.run(["--config", unknown.to_str().unwrap(), "up"]);
    up.exits(78);
    assert!(up.stderr.contains("gateway") && up.stderr.contains("listen"), "names the field: {}", up.all());
    let shown = sandbox.run(["up", "--print-config"]);
    shown.exits(0);
    assert!(shown.stdout.contains("mqtt_listen"), "{}", shown.stdout);
    assert!(!sandbox.data().exists(), "looking does not make a data folder");
}
