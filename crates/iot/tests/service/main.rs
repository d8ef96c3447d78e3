//! The service against a real Postgres, the in-process broker and simulated printers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, its helpers too")]

mod broker;
mod rig;

use std::time::{Duration, Instant};

use futures::StreamExt;
use printer_protocol::{State, Status, Temperatures, topic};
use proto::pot::iot::v1 as pb;
use rig::{Rig, ana, by, job, person, reason, starts, until};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use tonic::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_print_is_started_followed_and_sealed() {
    let mut rig = Rig::new().await;
    let registered = rig.register("v1", "virtual").await;
    assert_eq!((registered.build_z, registered.nozzle_diameter, registered.online), (250.0, 0.4, false));
    let log = rig.printer("v1", 100.0, None);
    rig.online("v1").await;

    let watch = by(ana(), pb::WatchDeviceRequest { name: "devices/v1".into() });
    let mut seen = rig.client.clone().watch_device(watch).await.unwrap().into_inner();
    let started = rig.start("v1", 1).await.unwrap();
    assert_eq!((started.fence, started.print_job), (1, job(1)));
    let mut states = Vec::new();
    while let Some(update) = seen.next().await {
        let printer = update.unwrap().device.unwrap().printer.unwrap();
        states.push(printer.state());
        if printer.outcome() == pb::PrintOutcome::Completed {
            break;
        }
    }
    drop(seen);
    assert!(states.contains(&pb::PrinterState::Printing), "{states:?}");

    let sealed = rig.seal("v1", 1).await.unwrap();
    assert!(sealed.rows >= 3, "{sealed:?}");
    // Idle reports of the same print go on and change nothing.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(rig.seal("v1", 1).await.unwrap(), sealed);
    let hash = sealed.hash.parse().unwrap();
    let text = rig.blobs.get(&hash, 1 << 20).await.unwrap();
    let lines: Vec<serde_json::Value> =
        std::str::from_utf8(&text).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len() as i64, sealed.rows);
    assert_eq!(lines.last().unwrap()["status"]["outcome"], "completed");
    assert!(lines.iter().all(|l| l["status"]["fence"] == 1));
    let record = rig.blobs.records(&hash).await.unwrap().remove(0);
    assert_eq!((record.provenance.kind.as_str(), record.provenance.made_from), ("telemetry", vec![rig.gcode]));
    assert_eq!(reason(&rig.seal("v1", 2).await.unwrap_err()), "TELEMETRY_EMPTY");

    let mut cursors = Vec::new();
    let mut token = String::new();
    loop {
        let request = pb::ListTelemetryRequest { parent: "devices/v1".into(), page_size: 2, page_token: token };
        let page = rig.client.clone().list_telemetry(by(ana(), request)).await.unwrap().into_inner();
        cursors.extend(page.rows.iter().map(|row| row.cursor));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert!(cursors.len() as i64 >= sealed.rows && cursors.windows(2).all(|pair| pair[0] < pair[1]), "{cursors:?}");

    assert_eq!(rig.events().await, ["print_started", "print_ended"]);
    rig.restart().await;
    rig.online("v1").await;
    assert_eq!(rig.events().await, ["print_started", "print_ended"], "a restart repeats no event");
    assert_eq!(reason(&rig.start("v1", 1).await.unwrap_err()), "FENCE_ALREADY_SENT");
    assert_eq!(starts(&log, "received"), 1);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_is_sent_once_however_many_ask() {
    let rig = Rig::new().await;
    rig.register("v1", "virtual").await;
    let log = rig.printer("v1", 1.0, None);
    rig.online("v1").await;
    let answers = futures::future::join_all((0..6).map(|_| rig.start("v1", 5))).await;
    let refused: Vec<_> = answers.iter().filter_map(|a| a.as_ref().err()).collect();
    assert_eq!(refused.len(), 5);
    for status in refused {
        assert_eq!((status.code(), reason(status).as_str()), (Code::AlreadyExists, "FENCE_ALREADY_SENT"));
    }
    let stale = rig.start("v1", 4).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::AlreadyExists, "FENCE_ALREADY_SENT"));
    assert_eq!((starts(&log, "received"), starts(&log, "executed")), (1, 1));
    assert_eq!(rig.count("SELECT count(*) FROM commands WHERE kind = 'start' AND accepted").await, 1);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_acknowledgement_is_resolved_by_asking_the_printer() {
    let rig = Rig::new().await;
    rig.register("v1", "virtual").await;
    let log = rig.printer("v1", 1.0, Some("lost-ack@start"));
    rig.online("v1").await;
    let lost = rig.start("v1", 9).await.unwrap_err();
    assert_eq!((lost.code(), reason(&lost).as_str()), (Code::Unavailable, "ACK_LOST"));
    let asked = rig.query("v1").await.unwrap();
    assert_eq!((asked.fence, asked.print_job), (9, job(9)));
    assert_eq!(reason(&rig.start("v1", 9).await.unwrap_err()), "FENCE_ALREADY_SENT");
    assert_eq!(starts(&log, "received"), 1);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_print_is_paused_resumed_and_cancelled_by_its_fence() {
    let rig = Rig::new().await;
    rig.register("v1", "virtual").await;
    rig.printer("v1", 5.0, None);
    rig.online("v1").await;
    rig.start("v1", 2).await.unwrap();
    until("it prints", || async {
        let state = rig.query("v1").await.unwrap().state();
        (state == pb::PrinterState::Printing).then_some(())
    })
    .await;
    let other = rig.control("v1", 1, pb::PrintControl::Pause).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::FailedPrecondition, "PRINTER_REFUSED"));
    assert_eq!(rig.control("v1", 2, pb::PrintControl::Pause).await.unwrap().state(), pb::PrinterState::Paused);
    assert_eq!(rig.control("v1", 2, pb::PrintControl::Resume).await.unwrap().state(), pb::PrinterState::Printing);
    let cancelled = rig.control("v1", 2, pb::PrintControl::Cancel).await.unwrap();
    assert_eq!(cancelled.outcome(), pb::PrintOutcome::Cancelled);
    let expected = ["print_started", "print_paused", "print_resumed", "print_ended"];
    until("the events are written", || async { (rig.events().await == expected).then_some(()) }).await;
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_goes_and_comes_back() {
    let mut rig = Rig::new().await;
    rig.register("v1", "virtual").await;
    let log = rig.printer("v1", 1.0, None);
    rig.online("v1").await;
    drop(rig.broker.take());
    until("the service notices", || async {
        let error = rig.query("v1").await.unwrap_err();
        (reason(&error) == "BROKER_AWAY").then_some(())
    })
    .await;
    for _ in 0..3 {
        let away = rig.start("v1", 3).await.unwrap_err();
        assert_eq!((away.code(), reason(&away).as_str()), (Code::Unavailable, "BROKER_AWAY"));
    }
    until("the device is offline", || async { (!rig.device("devices/v1").await.online).then_some(()) }).await;
    rig.broker = Some(iot::broker::Broker::start(rig.address).await.unwrap());
    rig.connected().await;
    until("the printer is back", || async { rig.query("v1").await.ok() }).await;
    assert_eq!(starts(&log, "received"), 0, "nothing was kept to be sent later");
    assert_eq!(rig.start("v1", 3).await.unwrap().fence, 3, "the refused starts have not used up the fence");
    assert_eq!(starts(&log, "received"), 1);
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_device_does_not_hold_up_another() {
    let rig = Rig::new().await;
    rig.register("flood", "mqtt").await;
    rig.register("v1", "virtual").await;
    rig.printer("v1", 1.0, None);
    rig.online("v1").await;
    let client = publisher(&rig);
    let began = Instant::now();
    let flood = async {
        for sequence in 1..=2_000 {
            publish(&client, "flood", status("b1", sequence).encode()).await;
            if sequence % 20 == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    let asks = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..10 {
            let asked = Instant::now();
            rig.query("v1").await.unwrap();
            slowest = slowest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        slowest
    };
    let ((), slowest) = tokio::join!(flood, asks);
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    rig.online("flood").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let kept = rig.count("SELECT count(*) FROM telemetry WHERE device = 'flood'").await;
    let allowed = 21 + 20 * (began.elapsed().as_secs() as i64 + 1);
    assert!(kept > 0 && kept <= allowed, "{kept} of {allowed}");
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_messages_change_nothing() {
    let rig = Rig::new().await;
    rig.register("v1", "mqtt").await;
    rig.register("v2", "virtual").await;
    rig.printer("v2", 1.0, None);
    rig.online("v2").await;
    let client = publisher(&rig);
    let nul = Status { boot: "a\0b".into(), ..status("b", 1) };
    let payloads =
        [b"".to_vec(), b"{".to_vec(), b"\xff\xfe".to_vec(), vec![b'['; 10_000], nul.encode(), vec![b' '; 20_000]];
    for payload in payloads {
        publish(&client, "v1", payload.clone()).await;
        let topic = topic::of("v1", topic::Channel::Ack);
        client.publish(topic, QoS::AtMostOnce, false, payload).await.unwrap();
    }
    publish(&client, "stranger", status("b", 1).encode()).await;
    client.publish("3dpot/printer/v1/status/more", QoS::AtMostOnce, false, "x").await.unwrap();
    // The broker cuts off whoever sends more than it takes.
    publish(&client, "v1", vec![b' '; 60_000]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(rig.device("devices/v1").await.printer.is_none());
    assert_eq!(rig.count("SELECT count(*) FROM telemetry WHERE device <> 'v2'").await, 0);
    assert_eq!(rig.count("SELECT count(*) FROM devices WHERE id = 'stranger'").await, 0);
    rig.query("v2").await.unwrap();
    rig.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_belong_to_their_owner_and_say_what_is_wrong() {
    let rig = Rig::new().await;
    let first = rig.register("v1", "virtual").await;
    assert_eq!(rig.register("v1", "virtual").await, first, "the same again");
    let create = |principal, device| {
        let mut client = rig.client.clone();
        async move { client.create_device(by(principal, pb::CreateDeviceRequest { device: Some(device) })).await }
    };
    let device =
        |driver: &str| pb::Device { name: "devices/v1".into(), driver: driver.into(), ..pb::Device::default() };
    assert_eq!(create(person("bob"), device("virtual")).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(reason(&create(ana(), device("mqtt")).await.unwrap_err()), "DEVICE_DIFFERS");

    let get = by(person("bob"), pb::GetDeviceRequest { name: "devices/v1".into() });
    assert_eq!(rig.client.clone().get_device(get).await.unwrap_err().code(), Code::NotFound);
    let list = |principal| by(principal, pb::ListDevicesRequest { page_size: 1, page_token: String::new() });
    let none = rig.client.clone().list_devices(list(person("bob"))).await.unwrap().into_inner();
    assert!(none.devices.is_empty());
    let one = rig.client.clone().list_devices(list(ana())).await.unwrap().into_inner();
    assert_eq!((one.devices.len(), one.next_page_token.as_str()), (1, "probe"));
    // People do not command printers past the queue.
    let start = by(ana(), pb::StartPrintRequest::default());
    assert_eq!(rig.client.clone().start_print(start).await.unwrap_err().code(), Code::PermissionDenied);
    let silent = rig.query("v1").await.unwrap_err();
    assert_eq!((silent.code(), reason(&silent).as_str()), (Code::Unavailable, "PRINTER_OFFLINE"));

    let speed = |name: &str, speed| by(ana(), pb::SetSimulationSpeedRequest { name: name.into(), speed });
    let hardware = rig.client.clone().set_simulation_speed(speed("devices/probe", 2.0)).await.unwrap_err();
    assert_eq!((hardware.code(), reason(&hardware).as_str()), (Code::FailedPrecondition, "NOT_VIRTUAL"));
    let zero = rig.client.clone().set_simulation_speed(speed("devices/v1", 0.0)).await.unwrap_err();
    assert_eq!(zero.code(), Code::InvalidArgument);
    rig.printer("v1", 1.0, None);
    rig.online("v1").await;
    rig.client.clone().set_simulation_speed(speed("devices/v1", 500.0)).await.unwrap();
    rig.start("v1", 1).await.unwrap();
    assert_eq!(rig.outcome("v1").await.outcome(), pb::PrintOutcome::Completed, "minutes of printing in a second");
    rig.end().await;
}

fn publisher(rig: &Rig) -> AsyncClient {
    let mut options = MqttOptions::new(format!("test-{}", uuid::Uuid::now_v7()), "127.0.0.1", rig.address.port());
    options.set_max_packet_size(200_000, 200_000);
    let (client, mut events) = AsyncClient::new(options, 100);
    // Ends with the test's runtime.
    #[allow(clippy::disallowed_methods, reason = "the test's runtime owns it")]
    tokio::spawn(async move { while events.poll().await.is_ok() {} });
    client
}

async fn publish(client: &AsyncClient, device: &str, payload: Vec<u8>) {
    client.publish(topic::of(device, topic::Channel::Status), QoS::AtMostOnce, false, payload).await.unwrap();
}

fn status(boot: &str, sequence: u64) -> Status {
    Status {
        schema: printer_protocol::SCHEMA,
        boot: boot.into(),
        sequence,
        state: State::Printing,
        print_job: Some(job(1)),
        fence: 1,
        progress: 0.5,
        layer: 1,
        temperatures: Temperatures::default(),
        position: [1.0, 2.0, 3.0],
        remaining_seconds: 60.0,
        outcome: None,
        reason: None,
        speed: None,
    }
}
