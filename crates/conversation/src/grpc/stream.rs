//! A turn as a stream: the same use case as `CreateTurn`, told step by step.

use std::{pin::Pin, sync::Arc};

use futures::{Stream, StreamExt, channel::mpsc, stream};
use ids::DialogueId;
use proto::pot::conversation::v1::{self as pb, stream_turn_response::Event};
use rpc::Principal;
use time::OffsetDateTime;
use tonic::Status;

use super::to_proto;
use crate::{
    Desk,
    app::{self, After, Said},
};

pub(super) type Turns = Pin<Box<dyn Stream<Item = Result<pb::StreamTurnResponse, Status>> + Send>>;

/// What is said, kept for as long as the stream.
pub(super) struct Owned {
    pub(super) dialogue: DialogueId,
    pub(super) after: After,
    pub(super) text: String,
    pub(super) request_id: String,
}

/// Takes the turn while the stream is read; a reader who leaves before its end takes it no further.
pub(super) fn turn(desk: Arc<Desk>, principal: Principal, said: Owned, now: OffsetDateTime) -> Turns {
    let (send, told) = mpsc::unbounded();
    let work = async move {
        // Nobody listens any more: the stream is being dropped, and this with it.
        let tell = |message| drop(send.unbounded_send(Ok(message)));
        let Owned { dialogue, after, text, request_id } = said;
        let said = Said { dialogue, after, text: &text, request_id: &request_id };
        let listener = |step| tell(to_proto::step(step));
        let turn = app::create_turn(&desk, &principal, said, now, &listener).await?;
        for change in desk.changes(&turn).await? {
            tell(to_proto::event(Event::Change(to_proto::change(change))));
        }
        tell(to_proto::event(Event::Turn(to_proto::turn(turn))));
        Ok::<_, Status>(())
    };
    let failed = stream::once(work).filter_map(async |done| done.err().map(Err));
    Box::pin(stream::select(told, failed))
}
