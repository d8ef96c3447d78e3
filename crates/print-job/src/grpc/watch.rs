//! Following a print job: as it is, then as it becomes, until it has ended.

use std::sync::Arc;

use events::{Cursor, Filter};
use futures::{Stream, StreamExt, stream};
use ids::PrintJobId;
use pg_kit::Pool;
use proto::pot::print_job::v1 as pb;
use rpc::Error;
use service_kit::database;
use tonic::Status;

use super::to_proto;
use crate::{Store, app::PrintJobStore};

type Change = Result<pb::WatchPrintJobResponse, Status>;

/// The job now, then at every event after it. A cursor resumes after the event that carried it; whatever happened since
/// is in the job as it is now.
pub(super) async fn watch(
    pool: Pool,
    store: Arc<Store>,
    owner: String,
    id: PrintJobId,
    after: Option<Cursor>,
) -> Result<impl Stream<Item = Change> + Send + use<>, Error> {
    let start = match after {
        Some(cursor) => cursor,
        // Before the job is read, so that no change falls between.
        None => events::latest(&pool.get().await.map_err(database)?).await.map_err(database)?,
    };
    let first = store.print_job(&owner, id).await?;
    let ended = first.state.is_terminal();
    let now = pb::WatchPrintJobResponse { cursor: start.to_string(), print_job: Some(to_proto::print_job(first)) };
    let filter = Filter::subject(id.to_string()).owner(owner.as_str());
    let changes = events::subscribe(pool, filter, start).then(move |event| {
        let (store, owner) = (store.clone(), owner.clone());
        async move { Ok::<_, Error>((event.cursor, store.print_job(&owner, id).await?)) }
    });
    let rest = stream::unfold(Some(changes.boxed()), |changes| async move {
        let mut changes = changes?;
        match changes.next().await? {
            Ok((cursor, job)) => {
                let ended = job.state.is_terminal();
                let change =
                    pb::WatchPrintJobResponse { cursor: cursor.to_string(), print_job: Some(to_proto::print_job(job)) };
                Some((Ok(change), (!ended).then_some(changes)))
            }
            Err(error) => Some((Err(Status::from(error)), None)),
        }
    });
    let rest = if ended { stream::empty().boxed() } else { rest.boxed() };
    Ok(stream::once(async move { Ok(now) }).chain(rest))
}
