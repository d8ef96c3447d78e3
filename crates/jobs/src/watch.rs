//! Following one job until it ends.

use std::time::Duration;

use futures::Stream;
use ids::JobId;
use pg_kit::{Error, Notice, Pool, Subscription};
use tokio::time::Instant;

use crate::{JobSnapshot, get};

/// Notifications can be lost with their connection; this bounds the delay then.
const POLL: Duration = Duration::from_secs(1);

/// The job as it is now and after each change that is seen (quick ones are merged); ends after a terminal state, or at
/// once if there is no such job. An error ends the stream; the caller may watch again.
pub fn watch(pool: Pool, id: JobId) -> impl Stream<Item = Result<JobSnapshot, Error>> + Send + 'static {
    async_stream::stream! {
        // Subscribed before the first look, so that nothing falls between them.
        let mut wake = pool.listen(crate::CHANNEL).await;
        let mut seen = None;
        loop {
            match look(&pool, id).await {
                Err(error) => {
                    yield Err(error);
                    return;
                }
                Ok(None) => return,
                Ok(Some(job)) => {
                    let ended = job.state.is_terminal();
                    if seen != Some(job.revision) {
                        seen = Some(job.revision);
                        yield Ok(job);
                    }
                    if ended {
                        return;
                    }
                }
            }
            wait(&mut wake, id).await;
        }
    }
}

async fn look(pool: &Pool, id: JobId) -> Result<Option<JobSnapshot>, Error> {
    get(&pool.get().await?, id).await
}

async fn wait(wake: &mut Subscription, id: JobId) {
    let changed = format!("changed {}", id.uuid());
    let deadline = Instant::now() + POLL;
    while let Ok(notice) = tokio::time::timeout_at(deadline, wake.recv()).await {
        match notice {
            Notice::Payload(payload) if *payload != *changed => {}
            Notice::Payload(_) | Notice::Resync => return,
        }
    }
}
