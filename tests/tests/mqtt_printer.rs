//! Printers as devices of their own: faults, lost acknowledgements, pause, resume, cancel.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use e2e::{Options, Platform, Sandbox, VirtualPrinter, job};
use serde_json::json;

/// Small, so that slicing takes no time; the printers run about 40 times as fast as real ones.
const PART: &str = "a cube of 12 mm in red PLA";

#[tokio::test]
async fn printers_fail_lose_acknowledgements_and_obey() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    let rest = platform.rest();
    let start =
        |id: &str, speed: f64, fault: Option<&str>| VirtualPrinter::start(&sandbox, id, &platform.mqtt, speed, fault);
    let hot = start("hot-1", 100.0, Some("thermal@40%"));
    let deaf = start("deaf-1", 100.0, Some("lost-ack@start"));
    let good = start("good-1", 40.0, None);
    let printers = [hot.pid(), deaf.pid(), good.pid()];
    for printer in [&hot, &deaf, &good] {
        printer.register(&rest).await;
    }
    let slice = job::slice(&rest, PART).await;
    let failing = job::queue(&rest, &slice, &hot.name).await;
    let lost = job::queue(&rest, &slice, &deaf.name).await;
    let paused = job::queue(&rest, &slice, &good.name).await;

    // Pause holds the progress, resume goes on from there.
    job::reaches(&rest, &paused, &["PRINTING"], 30).await;
    let answer = rest.post(&format!("/v1/{paused}:pause"), &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let before = job::reaches(&rest, &paused, &["PAUSED"], 10).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let after = rest.get(&format!("/v1/{paused}")).await.ok();
    assert_eq!(job::state(&after), "PAUSED");
    let progress = |job: &serde_json::Value| job["progress"].as_f64().unwrap();
    assert!(progress(&after) - progress(&before) < 0.02, "{before} {after}");
    rest.post(&format!("/v1/{paused}:resume"), &json!({})).await.ok();
    job::reaches(&rest, &paused, &["PRINTING", "COMPLETED"], 10).await;

    let failed = job::reaches(&rest, &failing, &["FAILED"], 60).await;
    assert!(failed["reason"].as_str().unwrap().to_lowercase().contains("thermal"), "{failed}");
    assert!((0.35..0.6).contains(&progress(&failed)), "it fails when told: {failed}");

    let completed = job::reaches(&rest, &lost, &["COMPLETED"], 90).await;
    assert_eq!(progress(&completed), 1.0);
    assert_eq!((deaf.count("received", &lost), deaf.count("executed", &lost)), (1, 1), "{:?}", deaf.starts());

    job::reaches(&rest, &paused, &["COMPLETED"], 90).await;
    assert_eq!(good.count("executed", &paused), 1);

    // The printer that was just used takes the next job, which is cancelled half way.
    let cancelled = job::queue(&rest, &slice, &good.name).await;
    job::reaches(&rest, &cancelled, &["PRINTING"], 30).await;
    rest.post(&format!("/v1/{cancelled}:cancel"), &json!({})).await.ok();
    let cancelled = job::reaches(&rest, &cancelled, &["CANCELLED"], 20).await;
    assert!(progress(&cancelled) < 1.0 && cancelled["endTime"].is_string(), "{cancelled}");
    let refused = rest.post(&format!("/v1/{}:pause", job::text(&cancelled, "name")), &json!({})).await;
    assert!(refused.status == 400 || refused.status == 409, "a print that has ended is not paused: {}", refused.text());
    job::until("the printer is idle again", 10, || async {
        let device = rest.get(&format!("/v1/{}", good.name)).await.ok();
        (device["printer"]["state"] == "PRINTER_STATE_IDLE").then_some(())
    })
    .await;

    let telemetry = rest.get(&format!("/v1/{}/telemetry?pageSize=100", good.name)).await.ok();
    let rows = telemetry["rows"].as_array().unwrap();
    assert!(rows.len() >= 5 && rows.iter().any(|row| row["printer"]["nozzleTemperature"].as_f64() > Some(150.0)));
    platform.stop(&printers);
}
