//! kill -9 at the worst moments: a second process takes over, and the printer sees one start.

use std::time::Duration;

use proto::pot::print_job::v1::PrintJobState as State;

use super::{
    platform::{World, eventually},
    scripted::{Next, Printers},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_the_start_is_unanswered() {
    for (next, fences) in [(Next::HangsExecuted, vec![1]), (Next::HangsLost, vec![2]), (Next::HangsUnsent, vec![1])] {
        let world = World::new(Printers::with(&["p1"])).await;
        let platform = world.start().await;
        let slice = platform.small_slice().await;
        world.printers.change("p1", |printer| (printer.next, printer.duration) = (next, Duration::from_millis(800)));
        let name = platform.print(&slice).await;
        eventually("the start is sent", || world.printers.change("p1", |printer| printer.next == Next::Works)).await;
        assert_eq!(platform.job(&name).await.state(), State::Preparing);
        platform.kill();
        let platform = world.start().await;
        let job = platform.ended(&name).await;
        let executed: Vec<i64> = world.printers.executed().into_iter().map(|(fence, _)| fence).collect();
        assert_eq!((job.state(), job.fence, executed), (State::Completed, fences[0], fences), "{next:?}: {job:?}");
        world.end(platform).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_printing_and_once_more_after_the_end() {
    let world = World::new(Printers::with(&["p1"])).await;
    let platform = world.start().await;
    let slice = platform.small_slice().await;
    world.printers.change("p1", |printer| printer.duration = Duration::from_millis(1_000));
    let name = platform.print(&slice).await;
    platform.until(&name, |job| job.state() == State::Printing).await;
    platform.kill();
    // It ends while nobody listens.
    eventually("the print ends", || !world.printers.change("p1", |printer| printer.is_printing())).await;
    let platform = world.start().await;
    let job = platform.ended(&name).await;
    assert_eq!((job.state(), job.telemetry_hash.len()), (State::Completed, 64));
    platform.kill();
    let platform = world.start().await;
    assert_eq!(platform.job(&name).await.end_time, job.end_time, "it ends once");
    let next = platform.print(&slice).await;
    assert_eq!(platform.ended(&next).await.fence, 2);
    assert_eq!(world.printers.executed().len(), 2);
    world.end(platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(std::process::id());
    println!("seed {seed}");
    let mut random = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let world = World::new(Printers::with(&["p1", "p2"])).await;
    let mut platform = world.start().await;
    let slice = platform.small_slice().await;
    let mut names = Vec::new();
    for _ in 0..8 {
        names.push(platform.print(&slice).await);
        tokio::time::sleep(Duration::from_millis(random(400))).await;
        let (device, next) =
            (["p1", "p2"][random(2) as usize], [Next::AckLost, Next::Lost, Next::Works][random(3) as usize]);
        world.printers.change(device, |printer| printer.next = next);
        platform.kill();
        platform = world.start().await;
    }
    for name in &names {
        let job = platform.ended(name).await;
        assert_eq!(job.state(), State::Completed, "{job:?}");
    }
    let mut executed: Vec<String> = world.printers.executed().into_iter().map(|(_, name)| name).collect();
    executed.sort();
    names.sort();
    assert_eq!(executed, names, "each job was executed exactly once");
    world.end(platform).await;
}
