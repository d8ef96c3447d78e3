//! Print jobs on printers that behave, and on some that do not.

use std::time::Duration;

use proto::pot::print_job::v1::{self as pb, PrintJobState as State};
use rpc::ErrorKind;

use super::{
    platform::{Platform, World, ana, bob, error, eventually},
    scripted::{Next, Printers},
};

async fn world(devices: &[&str]) -> (World, Platform, String) {
    let world = World::new(Printers::with(devices)).await;
    let platform = world.start().await;
    let slice = platform.small_slice().await;
    (world, platform, slice)
}

fn starts(world: &World, job: &str) -> Vec<i64> {
    world.printers.executed().into_iter().filter(|(_, name)| name == job).map(|(fence, _)| fence).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_print_goes_from_queue_to_telemetry() {
    let (world, platform, slice) = world(&["p1"]).await;
    world.printers.change("p1", |printer| printer.duration = Duration::from_millis(1_500));
    let request = pb::CreatePrintJobRequest { slice, printer: "devices/p1".into(), request_id: "r1".into() };
    let job = platform.api().create_print_job(ana(request.clone())).await.unwrap().into_inner();
    assert_eq!(job.state(), State::Pending);
    let again = platform.api().create_print_job(ana(request)).await.unwrap().into_inner();
    assert_eq!(again.name, job.name, "a repeated request makes no second job");

    let watch = pb::WatchPrintJobRequest { name: job.name.clone(), after_cursor: String::new() };
    let mut changes = platform.api().watch_print_job(ana(watch)).await.unwrap().into_inner();
    let (mut states, mut progress, mut cursors) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(change) = changes.message().await.unwrap() {
        let seen = change.print_job.unwrap();
        states.push(seen.state());
        progress.push(seen.progress);
        cursors.push(change.cursor);
    }
    states.dedup();
    assert_eq!(states.last(), Some(&State::Completed));
    assert!(states.contains(&State::Printing), "{states:?}");
    assert!(progress.is_sorted() && progress.iter().any(|p| (0.05..0.95).contains(p)), "{progress:?}");
    let job = platform.job(&job.name).await;
    assert_eq!((job.fence, job.printer.as_str(), job.progress), (1, "devices/p1", 1.0));
    assert_eq!((job.telemetry_hash.len(), job.reason.as_str(), job.eta_seconds), (64, "", 0.0));
    assert!(job.start_time.is_some() && job.end_time.is_some());
    assert_eq!(starts(&world, &job.name), [1]);

    let resumed = pb::WatchPrintJobRequest { name: job.name.clone(), after_cursor: cursors[0].clone() };
    let mut changes = platform.api().watch_print_job(ana(resumed)).await.unwrap().into_inner();
    assert_eq!(changes.message().await.unwrap().unwrap().print_job.unwrap().state(), State::Completed);
    assert!(changes.message().await.unwrap().is_none(), "what has ended is not watched");
    let list = pb::ListPrintJobsRequest::default();
    assert_eq!(
        platform.api().list_print_jobs(ana(list.clone())).await.unwrap().into_inner().print_jobs,
        std::slice::from_ref(&job)
    );
    assert!(platform.api().list_print_jobs(bob(list)).await.unwrap().into_inner().print_jobs.is_empty());
    let foreign = bob(pb::CancelPrintJobRequest { name: job.name.clone() });
    assert_eq!(error(platform.api().cancel_print_job(foreign).await.unwrap_err()).kind(), ErrorKind::NotFound);
    let late = ana(pb::CancelPrintJobRequest { name: job.name });
    assert_eq!(error(platform.api().cancel_print_job(late).await.unwrap_err()).kind(), ErrorKind::FailedPrecondition);
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_is_never_repeated_on_suspicion() {
    let (world, platform, slice) = world(&["p1"]).await;
    let script = [
        (Next::AckLost, State::Completed, vec![1]),
        // Lost on its way: the second start has a higher fence, and one is executed.
        (Next::Lost, State::Completed, vec![3]),
        (Next::BrokerAway, State::Completed, vec![4]),
        (Next::Refused, State::Failed, vec![]),
    ];
    for (next, ends, fences) in script {
        world.printers.change("p1", |printer| printer.next = next);
        let name = platform.print(&slice).await;
        let job = platform.ended(&name).await;
        assert_eq!((job.state(), starts(&world, &name)), (ends, fences), "{next:?}: {job:?}");
        assert_eq!(job.reason.contains("out of filament"), next == Next::Refused, "{}", job.reason);
    }
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_printer_that_restarts_has_lost_the_print() {
    let (world, platform, slice) = world(&["p1"]).await;
    world.printers.change("p1", |printer| printer.hold = true);
    let name = platform.print(&slice).await;
    platform.until(&name, |job| job.state() == State::Printing).await;
    world.printers.change("p1", |printer| printer.reboot());
    let job = platform.ended(&name).await;
    assert_eq!((job.state(), starts(&world, &name).len()), (State::Failed, 1));
    assert!(job.reason.contains("restarted"), "{}", job.reason);
    // Its fence goes on from ours, not from what the printer forgot.
    world.printers.change("p1", |printer| printer.hold = false);
    let next = platform.print(&slice).await;
    assert_eq!((platform.ended(&next).await.state(), starts(&world, &next)), (State::Completed, vec![2]));
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_pause_resume_and_cancel() {
    let (world, platform, slice) = world(&["p1"]).await;
    world.printers.change("p1", |printer| printer.hold = true);
    let (running, waiting) = (platform.print(&slice).await, platform.print(&slice).await);
    platform.until(&running, |job| job.state() == State::Printing).await;
    let queued = platform.until(&waiting, |job| job.state() == State::Queueing).await;
    assert_eq!(queued.reason, "waiting for a free printer");
    let early = ana(pb::PausePrintJobRequest { name: waiting.clone() });
    assert_eq!(error(platform.api().pause_print_job(early).await.unwrap_err()).kind(), ErrorKind::FailedPrecondition);
    let cancelled = platform.api().cancel_print_job(ana(pb::CancelPrintJobRequest { name: waiting.clone() })).await;
    assert_eq!(cancelled.unwrap().into_inner().state(), State::Cancelled, "what waits is cancelled at once");

    platform.api().pause_print_job(ana(pb::PausePrintJobRequest { name: running.clone() })).await.unwrap();
    platform.until(&running, |job| job.state() == State::Paused).await;
    platform.api().resume_print_job(ana(pb::ResumePrintJobRequest { name: running.clone() })).await.unwrap();
    platform.until(&running, |job| job.state() == State::Printing).await;
    platform.api().cancel_print_job(ana(pb::CancelPrintJobRequest { name: running.clone() })).await.unwrap();
    let job = platform.ended(&running).await;
    assert_eq!((job.state(), starts(&world, &running).len()), (State::Cancelled, 1));
    assert!(!world.printers.change("p1", |printer| printer.is_printing()));
    assert!(starts(&world, &waiting).is_empty());
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_wait_for_a_printer_that_fits() {
    let (world, platform, slice) = world(&["p1", "small"]).await;
    world.printers.change("small", |printer| printer.build = [5.0, 5.0, 5.0]);
    world.printers.change("p1", |printer| printer.online = false);
    let name = platform.print(&slice).await;
    platform.until(&name, |job| job.reason == "no printer is online").await;
    let named = |printer: &str| pb::CreatePrintJobRequest {
        slice: slice.clone(),
        printer: printer.into(),
        ..Default::default()
    };
    let small = platform.api().create_print_job(ana(named("devices/small"))).await.unwrap().into_inner().name;
    let job = platform.ended(&small).await;
    assert!(job.state() == State::Failed && job.reason.contains("does not fit devices/small"), "{job:?}");
    let nobody = platform.api().create_print_job(ana(named("devices/nobody"))).await.unwrap().into_inner().name;
    let job = platform.ended(&nobody).await;
    assert!(job.state() == State::Failed && job.reason.contains("devices/nobody is not one"), "{job:?}");
    world.printers.change("p1", |printer| printer.online = true);
    assert_eq!(platform.ended(&name).await.printer, "devices/p1");

    // Offline in the middle of a print is waited out.
    world.printers.change("p1", |printer| printer.duration = Duration::from_millis(1_000));
    let name = platform.print(&slice).await;
    platform.until(&name, |job| job.state() == State::Printing).await;
    world.printers.change("p1", |printer| printer.online = false);
    platform.until(&name, |job| job.reason.contains("offline") || job.reason.contains("to answer")).await;
    world.printers.change("p1", |printer| printer.online = true);
    let job = platform.ended(&name).await;
    assert_eq!((job.state(), job.reason.as_str(), starts(&world, &name).len()), (State::Completed, "", 1));
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_jobs_of_one_printer_run_one_after_the_other() {
    let (world, platform, slice) = world(&["p1"]).await;
    let (first, second) = (platform.print(&slice).await, platform.print(&slice).await);
    let (a, b) = (platform.ended(&first).await, platform.ended(&second).await);
    assert_eq!((a.state(), b.state()), (State::Completed, State::Completed));
    assert_eq!(world.printers.executed(), [(1, first), (2, second)], "in the order in which they were asked for");
    let seconds = |time: Option<prost_types::Timestamp>| time.map(|t| (t.seconds, t.nanos)).unwrap();
    assert!(seconds(b.start_time) >= seconds(a.end_time));
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_jobs_on_three_printers_start_once_each() {
    let (world, platform, slice) = world(&["p1", "p2", "p3"]).await;
    for device in ["p1", "p2", "p3"] {
        world.printers.change(device, |printer| printer.duration = Duration::from_millis(400));
    }
    let mut names = futures::future::join_all((0..20).map(|_| platform.print(&slice))).await;
    for job in futures::future::join_all(names.iter().map(|name| platform.ended(name))).await {
        assert_eq!(job.state(), State::Completed, "{job:?}");
    }
    let mut executed: Vec<String> = world.printers.executed().into_iter().map(|(_, name)| name).collect();
    executed.sort();
    names.sort();
    assert_eq!(executed, names, "each job exactly once");
    for printer in world.printers.all().values() {
        assert!(printer.executed.len() >= 3, "the work was shared: {:?}", printer.executed.len());
        assert!(printer.executed.is_sorted_by(|a, b| a.0 < b.0), "fences grow");
    }
    eventually("the last job's end frees its printer", || world.printers.all().values_mut().all(|p| !p.is_printing()))
        .await;
    world.end(platform).await;
}
