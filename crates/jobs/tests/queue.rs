//! The queue against a real server: claims, leases, failures, cancellation, drain.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use ids::JobId;
use jobs::{CancelOutcome, CompleteError, JobError, JobSnapshot, JobState, ListFilter, NewJob, StopReason, Worker};
use pg_kit::Pool;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn job(kind: &str) -> NewJob {
    NewJob::new(kind, "ana".parse().unwrap(), json!({}))
}

async fn put(pool: &Pool, job: NewJob) -> JobId {
    let tx = pool.begin().await.unwrap();
    let id = jobs::enqueue(&tx, job).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn look(pool: &Pool, id: JobId) -> JobSnapshot {
    jobs::get(&pool.get().await.unwrap(), id).await.unwrap().unwrap()
}

async fn end(pool: &Pool, id: JobId) -> JobSnapshot {
    let all = jobs::watch(pool.clone(), id).map(Result::unwrap).collect::<Vec<_>>();
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("the job ends").pop().unwrap()
}

/// A worker with short times, started; and the token that stops it.
fn start(builder: jobs::WorkerBuilder) -> (tokio::task::JoinHandle<()>, CancellationToken) {
    let shutdown = CancellationToken::new();
    let worker = builder.lease(MS(600), MS(100)).poll(MS(50)).backoff(MS(20), MS(100)).build();
    #[expect(clippy::disallowed_methods, reason = "the test waits for or aborts the task")]
    let task = tokio::spawn(worker.run(shutdown.clone()));
    (task, shutdown)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_run_each_job_once_and_keep_to_their_limits() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let runs = Arc::new(Mutex::new(HashMap::<JobId, u32>::new()));
    let mut workers = Vec::new();
    let most = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let (runs, most, now) = (Arc::clone(&runs), Arc::clone(&most), Arc::new(AtomicUsize::new(0)));
        workers.push(start(Worker::builder(pool.clone()).handler("count", 5, move |context| {
            let (runs, most, now) = (Arc::clone(&runs), Arc::clone(&most), Arc::clone(&now));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                *runs.lock().unwrap().entry(context.id()).or_default() += 1;
                tokio::time::sleep(MS(2)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(json!({ "id": context.id() }))
            }
        })));
    }
    let tx = pool.begin().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..200 {
        ids.push(jobs::enqueue(&tx, job("count")).await.unwrap());
    }
    assert!(runs.lock().unwrap().is_empty(), "a job ran before its transaction committed");
    tx.commit().await.unwrap();
    for id in &ids {
        let job = end(&pool, *id).await;
        assert_eq!((job.state, job.attempts, job.progress), (JobState::Succeeded, 1, 1.0));
        assert_eq!(job.result, Some(json!({ "id": id })));
    }
    for (task, shutdown) in workers {
        shutdown.cancel();
        task.await.unwrap();
    }
    let runs = runs.lock().unwrap().clone();
    assert_eq!(runs.len(), 200);
    assert!(runs.values().all(|count| *count == 1));
    assert!((2..=5).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    db.assert_quiet().await;
}

#[tokio::test]
async fn priorities_delays_duplicates_and_queues_are_kept() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let low = put(&pool, job("a").priority(-1)).await;
    let normal = put(&pool, job("b")).await;
    let high = put(&pool, job("a").priority(9)).await;
    let later = put(&pool, job("a").delay(Duration::from_secs(60))).await;
    let foreign = put(&pool, job("a").queue("other")).await;
    let once = put(&pool, job("b").dedup_key("k").priority(-2)).await;
    assert_eq!(put(&pool, job("b").dedup_key("k")).await, once);
    assert_ne!(put(&pool, job("c").dedup_key("k")).await, once, "another kind");
    assert_eq!(put(&pool, job("b").id(normal)).await, normal);
    {
        let tx = pool.begin().await.unwrap();
        jobs::enqueue(&tx, job("a").priority(99)).await.unwrap();
    }
    let (sender, mut order) = mpsc::unbounded_channel();
    let handler = move |context: jobs::JobContext| {
        sender.send(context.id()).unwrap();
        async { Ok(Value::Null) }
    };
    let (task, shutdown) =
        start(Worker::builder(pool.clone()).concurrency(1).handler("a", 3, handler.clone()).handler("b", 3, handler));
    for expected in [high, normal, low, once] {
        assert_eq!(tokio::time::timeout(MS(3000), order.recv()).await.unwrap(), Some(expected));
    }
    end(&pool, once).await;
    assert!(order.try_recv().is_err());
    assert_eq!(look(&pool, later).await.state, JobState::Queued);
    assert_eq!(look(&pool, foreign).await.state, JobState::Queued);
    // The key is free again once its job has ended.
    assert_ne!(put(&pool, job("b").dedup_key("k")).await, once);
    shutdown.cancel();
    task.await.unwrap();

    let conn = pool.get().await.unwrap();
    let filter = ListFilter { owner: Some("ana".into()), kind: Some("a".into()), ..ListFilter::default() };
    let first = jobs::list(&conn, &filter, None, 3).await.unwrap();
    assert_eq!(first.iter().map(|job| job.id).collect::<Vec<_>>(), [foreign, later, high]);
    let rest = jobs::list(&conn, &filter, Some(high), 3).await.unwrap();
    assert_eq!(rest.iter().map(|job| job.id).collect::<Vec<_>>(), [low]);
    let nobody = ListFilter { owner: Some("rui".into()), ..ListFilter::default() };
    assert!(jobs::list(&conn, &nobody, None, 3).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_workers_job_is_taken_over_within_its_lease() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let id = put(&pool, job("long")).await;
    let started = Arc::new(Notify::new());
    let seen = Arc::clone(&started);
    let (killed, _token) = start(Worker::builder(pool.clone()).handler("long", 1, move |_| {
        seen.notify_one();
        std::future::pending()
    }));
    started.notified().await;
    // Longer than the lease: heartbeats keep it.
    tokio::time::sleep(MS(900)).await;
    assert_eq!(look(&pool, id).await.lease_epoch, 1);
    killed.abort();
    let killed_at = Instant::now();
    let (task, shutdown) = start(Worker::builder(pool.clone()).handler("long", 1, |_| async { Ok(json!("second")) }));
    let job = end(&pool, id).await;
    assert_eq!((job.state, job.lease_epoch, job.result), (JobState::Succeeded, 2, Some(json!("second"))));
    assert!(killed_at.elapsed() < MS(3000), "{:?}", killed_at.elapsed());
    shutdown.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_workers_late_completion_is_refused_with_all_that_it_wrote() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    pool.get().await.unwrap().batch("CREATE TABLE results (job uuid, by text)").await.unwrap();
    let id = put(&pool, job("write")).await;
    let (refusals, mut refused) = mpsc::unbounded_channel();
    let (stalling, mut stalled) = mpsc::unbounded_channel();
    let config = db.config("work");
    // One thread, blocked by the handler: heartbeats stall with it, as in a process that is stopped.
    let staller = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let pool = Pool::new(config).unwrap();
            let shutdown = CancellationToken::new();
            let stop = shutdown.clone();
            let worker =
                Worker::builder(pool).lease(MS(600), MS(100)).poll(MS(50)).handler("write", 1, move |context| {
                    let (refusals, stalling, stop) = (refusals.clone(), stalling.clone(), stop.clone());
                    async move {
                        stalling.send(()).unwrap();
                        std::thread::sleep(MS(2500));
                        let tx = context.pool().begin().await?;
                        tx.execute("INSERT INTO results VALUES ($1, 'stalled')", &[&context.id().uuid()]).await?;
                        let result = context.complete_in(&tx, &json!("stalled")).await;
                        drop(tx);
                        refusals.send(matches!(result, Err(CompleteError::LeaseLost(_)))).unwrap();
                        stop.cancel();
                        // What it returns is refused as well.
                        Ok(json!("stalled"))
                    }
                });
            worker.build().run(shutdown).await;
        });
    });
    stalled.recv().await.unwrap();
    let (task, shutdown) = start(Worker::builder(pool.clone()).handler("write", 1, |context| async move {
        let tx = context.pool().begin().await?;
        tx.execute("INSERT INTO results VALUES ($1, 'second')", &[&context.id().uuid()]).await?;
        context.complete_in(&tx, &json!("second")).await?;
        tx.commit().await?;
        Ok(Value::Null)
    }));
    assert_eq!(end(&pool, id).await.result, Some(json!("second")));
    assert_eq!(refused.recv().await, Some(true));
    staller.join().unwrap();
    shutdown.cancel();
    task.await.unwrap();
    let job = look(&pool, id).await;
    assert_eq!((job.state, job.lease_epoch, job.result), (JobState::Succeeded, 2, Some(json!("second"))));
    let rows = pool.get().await.unwrap().query("SELECT by FROM results", &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(), ["second"]);
    db.assert_quiet().await;
}

#[tokio::test]
async fn failures_are_repeated_with_pauses_until_the_job_is_dead_and_it_can_be_revived() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let (task, shutdown) = start(
        Worker::builder(pool.clone())
            .handler("flaky", 1, move |_| {
                let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
                async move {
                    match run {
                        2 => panic!("boom"),
                        1 | 3 => Err(JobError::retryable("busy", "try later").with_details(json!({ "run": run }))),
                        _ => Ok(json!(run)),
                    }
                }
            })
            .handler("wrong", 1, |_| async { Err(JobError::permanent("bad_input", "no such model")) }),
    );
    let id = put(&pool, job("flaky").max_attempts(3)).await;
    let dead = end(&pool, id).await;
    assert_eq!((dead.state, dead.attempts, dead.failures), (JobState::Failed, 3, 3));
    let error = dead.error.unwrap();
    assert_eq!((error.code.as_str(), error.details), ("busy", json!({ "run": 3 })));
    assert!(jobs::retry(&pool.get().await.unwrap(), id).await.unwrap());
    let revived = end(&pool, id).await;
    assert_eq!((revived.state, revived.result, revived.error), (JobState::Succeeded, Some(json!(4)), None));

    let wrong = end(&pool, put(&pool, job("wrong")).await).await;
    assert_eq!((wrong.state, wrong.attempts), (JobState::Failed, 1));
    shutdown.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_ends_queued_jobs_at_once_and_tells_running_ones() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let conn = pool.get().await.unwrap();
    let waiting = put(&pool, job("compute")).await;
    assert_eq!(jobs::cancel(&conn, waiting).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(jobs::cancel(&conn, waiting).await.unwrap(), CancelOutcome::AlreadyEnded(JobState::Cancelled));
    assert_eq!(jobs::cancel(&conn, JobId::now_v7()).await.unwrap(), CancelOutcome::NotFound);

    let (task, shutdown) = start(Worker::builder(pool.clone()).handler("compute", 1, |context| async move {
        // Pure code that polls the flag and reports, as slicing does.
        context
            .blocking("slicing", 0.5, 1.0, |cancel, progress| {
                progress(0.5);
                while !cancel.load(Ordering::Relaxed) {
                    std::thread::sleep(MS(5));
                }
            })
            .await?;
        assert_eq!(context.stop_reason(), Some(StopReason::Cancelled));
        Err(JobError::Stopped)
    }));
    let id = put(&pool, job("compute")).await;
    let mut states = Vec::new();
    let mut watch = std::pin::pin!(jobs::watch(pool.clone(), id));
    while let Some(job) = tokio::time::timeout(MS(5000), watch.next()).await.unwrap() {
        let job = job.unwrap();
        if job.state == JobState::Running && job.stage == "slicing" && !job.cancel_requested {
            assert_eq!(job.progress, 0.75);
            assert_eq!(jobs::cancel(&conn, id).await.unwrap(), CancelOutcome::Requested);
        }
        states.push(job.state);
    }
    assert_eq!(states.last(), Some(&JobState::Cancelled), "{states:?}");
    let job = look(&pool, id).await;
    assert_eq!((job.failures, job.finished_at.is_some()), (0, true));
    shutdown.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_handlers_rows_and_its_completion_are_committed_together_or_not_at_all() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    pool.get().await.unwrap().batch("CREATE TABLE results (attempt int)").await.unwrap();
    let (task, shutdown) = start(Worker::builder(pool.clone()).handler("write", 1, |context| async move {
        let tx = context.pool().begin().await?;
        tx.execute("INSERT INTO results VALUES ($1)", &[&context.job().attempts]).await?;
        context.complete_in(&tx, &json!(context.job().attempts)).await?;
        if context.job().attempts == 1 {
            // Dies between completion and commit.
            return Err(JobError::retryable("crash", "before the commit"));
        }
        tx.commit().await?;
        // Too late to matter: the job has ended.
        Err(JobError::permanent("late", "after the commit"))
    }));
    let job = end(&pool, put(&pool, job("write")).await).await;
    assert_eq!((job.state, job.result, job.error), (JobState::Succeeded, Some(json!(2)), None));
    shutdown.cancel();
    task.await.unwrap();
    assert_eq!(look(&pool, job.id).await.state, JobState::Succeeded);
    let rows = pool.get().await.unwrap().query("SELECT attempt FROM results", &[]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.get::<_, i32>(0)).collect::<Vec<_>>(), [2]);
    db.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_worker_finishes_or_gives_back_and_a_restart_reclaims() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("work", &[jobs::MIGRATIONS]).await;
    let (started, mut starts) = mpsc::unbounded_channel();
    let builder = Worker::builder(pool.clone()).drain_grace(MS(200)).handler("mixed", 3, move |context| {
        started.send(()).unwrap();
        async move {
            match context.payload::<String>()?.as_str() {
                "quick" => tokio::time::sleep(MS(50)).await,
                "polite" => {
                    context.cancelled().await;
                    return Err(JobError::Stopped);
                }
                _ => std::future::pending().await,
            }
            Ok(Value::Null)
        }
    });
    let mut ids = Vec::new();
    for payload in ["quick", "polite", "deaf"] {
        ids.push(put(&pool, NewJob::typed("mixed", "ana".parse().unwrap(), &payload).unwrap()).await);
    }
    let (task, shutdown) = start(builder);
    for _ in &ids {
        starts.recv().await.unwrap();
    }
    shutdown.cancel();
    tokio::time::timeout(MS(3000), task).await.unwrap().unwrap();
    assert_eq!(look(&pool, ids[0]).await.state, JobState::Succeeded);
    for id in &ids[1..] {
        let job = look(&pool, *id).await;
        assert_eq!((job.state, job.attempts, job.failures), (JobState::Queued, 0, 0));
    }

    // A worker that is killed leaves its jobs running; the next start of an embedded platform takes them at once.
    let (seen, mut seeing) = mpsc::unbounded_channel();
    let worker = Worker::builder(pool.clone()).handler("mixed", 3, move |_| {
        seen.send(()).unwrap();
        std::future::pending()
    });
    let run = worker.lease(Duration::from_secs(60), MS(100)).build().run(CancellationToken::new());
    tokio::select! {
        () = run => unreachable!("nobody stops it"),
        () = async { for _ in 0..2 { seeing.recv().await.unwrap(); } } => {}
    }
    assert_eq!(look(&pool, ids[1]).await.state, JobState::Running);
    assert_eq!(jobs::reclaim_all(&pool).await.unwrap(), 2);
    assert_eq!(look(&pool, ids[1]).await.state, JobState::Queued);
    let conn = pool.get().await.unwrap();
    assert_eq!(jobs::prune(&conn, Duration::ZERO).await.unwrap(), 1, "only the one that ended");
}
