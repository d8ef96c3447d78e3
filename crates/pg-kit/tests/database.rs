//! Transactions, migrations, notifications and idempotency keys against a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ids::ContentHash;
use pg_kit::idempotency::{self, IdempotencyError, Key};
use pg_kit::{Error, ErrorKind, MigrationSet, Notice, migrate};

const ACCOUNTS: MigrationSet = MigrationSet {
    name: "accounts",
    files: &[
        ("0001_accounts", "CREATE TABLE accounts (id int CONSTRAINT accounts_id PRIMARY KEY, amount int NOT NULL)"),
        ("0002_rows", "INSERT INTO accounts VALUES (1, 100), (2, 100)"),
    ],
};

#[derive(Debug, thiserror::Error)]
enum AppError {
    #[error("database")]
    Database(#[from] Error),
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error("refused")]
    Refused,
}

async fn amounts(pool: &pg_kit::Pool) -> Vec<i32> {
    let conn = pool.get().await.unwrap();
    conn.query("SELECT amount FROM accounts ORDER BY id", &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_once_though_several_replicas_start_together() {
    let db = test_kit::postgres().await;
    let pools = [db.pool("bank"), db.pool("bank"), db.pool("bank")];
    let sets = [ACCOUNTS, idempotency::MIGRATIONS];
    let results = futures::future::join_all(pools.iter().map(|pool| migrate(pool, &sets))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(amounts(&pools[0]).await, [100, 100]);
    // A published migration that changed is refused instead of being ignored.
    const CHANGED: MigrationSet =
        MigrationSet { name: "accounts", files: &[("0001_accounts", "SELECT 1"), ("0002_rows", "SELECT 2")] };
    assert!(matches!(migrate(&pools[0], &[CHANGED]).await, Err(Error::Migration { set: "accounts", .. })));
    // The other schema has its own.
    let other = pools[0].for_schema("other").unwrap();
    migrate(&other, &[ACCOUNTS]).await.unwrap();
    assert_eq!(amounts(&other).await, [100, 100]);
    db.assert_quiet().await;
}

#[tokio::test]
async fn a_dropped_transaction_rolls_back_and_its_connection_is_reused() {
    let db = test_kit::postgres().await;
    let mut config = db.config("bank");
    config.max_size = 1;
    let pool = pg_kit::Pool::new(config).unwrap();
    migrate(&pool, &[ACCOUNTS]).await.unwrap();
    {
        let tx = pool.begin().await.unwrap();
        tx.execute("UPDATE accounts SET amount = 0", &[]).await.unwrap();
    }
    assert_eq!(amounts(&pool).await, [100, 100]);
    // Cancelled in the middle of a statement.
    let slow = async {
        let tx = pool.begin().await.unwrap();
        tx.execute("UPDATE accounts SET amount = 0", &[]).await.unwrap();
        tx.query("SELECT pg_sleep(0.3)", &[]).await.unwrap();
        tx.commit().await.unwrap();
    };
    assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
    assert_eq!(amounts(&pool).await, [100, 100]);
    let tx = pool.begin().await.unwrap();
    tx.execute("UPDATE accounts SET amount = 7 WHERE id = 1", &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(amounts(&pool).await, [7, 100]);
    db.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlocked_transactions_are_repeated_and_errors_are_classified() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("bank", &[ACCOUNTS]).await;
    let runs = AtomicU32::new(0);
    let transfer = |from: i32, to: i32| {
        let (pool, runs) = (&pool, &runs);
        async move {
            pool.transaction(|tx| async move {
                runs.fetch_add(1, Ordering::Relaxed);
                tx.execute("UPDATE accounts SET amount = amount - 10 WHERE id = $1", &[&from]).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
                tx.execute("UPDATE accounts SET amount = amount + 10 WHERE id = $1", &[&to]).await?;
                Ok::<_, AppError>(())
            })
            .await
        }
    };
    let (one, two) = tokio::join!(transfer(1, 2), transfer(2, 1));
    one.unwrap();
    two.unwrap();
    assert_eq!(amounts(&pool).await, [100, 100]);
    assert!(runs.load(Ordering::Relaxed) >= 3, "the two were to deadlock once");

    let conn = pool.get().await.unwrap();
    let error = conn.execute("INSERT INTO accounts VALUES (1, 1)", &[]).await.unwrap_err();
    assert!(error.is_conflict_on("accounts_id"), "{error:?}");
    let error = conn.execute("INSERT INTO accounts VALUES (3, NULL)", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Constraint);
    let refused = pool.transaction(|tx| async move {
        tx.execute("UPDATE accounts SET amount = 0", &[]).await?;
        Err::<(), _>(AppError::Refused)
    });
    assert!(matches!(refused.await, Err(AppError::Refused)));
    assert_eq!(amounts(&pool).await, [100, 100]);
    db.assert_quiet().await;
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let address = pg_kit::Address::Url("postgresql://pot@127.0.0.1:1/pot".into());
    let pool = pg_kit::Pool::new(pg_kit::PoolConfig::new(address, "bank")).unwrap();
    assert_eq!(pool.get().await.err().unwrap().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn notifications_arrive_and_a_lost_connection_is_made_anew() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("bank", &[ACCOUNTS]).await;
    let mut subscription = pool.listen("news").await;
    let mut other = pool.for_schema("elsewhere").unwrap().listen("news").await;
    let conn = pool.get().await.unwrap();
    let notify = || conn.query("SELECT pg_notify(current_schema() || '.news', 'one')", &[]);
    notify().await.unwrap();
    let within = Duration::from_secs(5);
    loop {
        match tokio::time::timeout(within, subscription.recv()).await.unwrap() {
            Notice::Payload(payload) => break assert_eq!(&*payload, "one"),
            Notice::Resync => {}
        }
    }
    other.drain();
    conn.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()",
        &[],
    )
    .await
    .unwrap();
    assert_eq!(tokio::time::timeout(within, subscription.recv()).await.unwrap(), Notice::Resync);
    assert_eq!(tokio::time::timeout(within, other.recv()).await.unwrap(), Notice::Resync, "not a foreign payload");
    notify().await.unwrap();
    assert_eq!(tokio::time::timeout(within, subscription.recv()).await.unwrap(), Notice::Payload("one".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_gets_the_first_answer() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("bank", &[ACCOUNTS, idempotency::MIGRATIONS]).await;
    let key = Key { owner: "ana", method: "pot.bank.v1.Bank/Withdraw", request_id: "r1" };
    let (ten, twenty) = (ContentHash::of(b"10"), ContentHash::of(b"20"));
    let keep = Duration::from_secs(60);
    let withdraw = |key: Key<'static>, payload: ContentHash, pause: u64| {
        let pool = &pool;
        async move {
            idempotency::run(pool, Some(key), &payload, keep, |tx| async move {
                let row =
                    tx.query_one("UPDATE accounts SET amount = amount - 10 WHERE id = 1 RETURNING amount", &[]).await?;
                tokio::time::sleep(Duration::from_millis(pause)).await;
                Ok::<_, AppError>(row.get::<_, i32>(0).to_string().into_bytes())
            })
            .await
        }
    };
    assert_eq!(withdraw(key, ten, 0).await.unwrap(), b"90");
    assert_eq!(withdraw(key, ten, 0).await.unwrap(), b"90");
    assert_eq!(amounts(&pool).await, [90, 100]);
    assert!(matches!(
        withdraw(key, twenty, 0).await,
        Err(AppError::Idempotency(IdempotencyError::PayloadMismatch { .. }))
    ));
    // Another sender may use the same id.
    assert_eq!(withdraw(Key { owner: "rui", ..key }, ten, 0).await.unwrap(), b"80");

    // At the same time: one works, the other is told so.
    let key = Key { request_id: "r2", ..key };
    let (first, second) = tokio::join!(withdraw(key, ten, 300), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        withdraw(key, ten, 0).await
    });
    assert_eq!(first.unwrap(), b"70");
    assert!(matches!(second, Err(AppError::Idempotency(IdempotencyError::InFlight { .. }))), "{second:?}");

    // An expired key is a new request.
    assert_eq!(idempotency::purge_expired(&pool).await.unwrap(), 0);
    pool.get().await.unwrap().execute("UPDATE idempotency_keys SET expires_at = now()", &[]).await.unwrap();
    assert_eq!(withdraw(key, twenty, 0).await.unwrap(), b"60");
    assert_eq!(idempotency::purge_expired(&pool).await.unwrap(), 2);
    db.assert_quiet().await;
}
