//! Telemetry as a process starts it: one global start, so one test.

use std::io::{Read as _, Write as _};

use telemetry::{Config, InitError, TraceContext, init};

#[tokio::test]
async fn metrics_are_served_traces_have_ids_and_a_second_start_is_refused() {
    let bad = Config { level: "info,=[".to_owned(), ..Config::default() };
    assert!(matches!(init(bad), Err(InitError::Level { .. })));

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = Config { metrics_listen: Some(taken.local_addr().unwrap()), ..Config::default() };
    assert!(matches!(init(busy), Err(InitError::MetricsListen { .. })));

    let config = Config {
        // A quiet log must not switch trace identifiers off.
        level: "error".to_owned(),
        service_name: "under-test".to_owned(),
        metrics_listen: Some("127.0.0.1:0".parse().unwrap()),
        ..Config::default()
    };
    let guard = init(config.clone()).unwrap();
    metrics::histogram!("made_here_duration_seconds").record(0.02);
    let span = tracing::info_span!("work");
    assert!(span.in_scope(TraceContext::current).is_some());

    let address = guard.metrics_address().unwrap();
    let page = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    })
    .await
    .unwrap();
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("pot_build_info{service=\"under-test\""), "{page}");
    assert!(page.contains("made_here_duration_seconds_bucket{le=\"0.025\"} 1"), "{page}");

    assert!(matches!(init(config), Err(InitError::AlreadyStarted)));
    drop(guard);
}
