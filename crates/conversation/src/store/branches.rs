//! The state after each turn, so that a dialogue can go on from any of them.
//!
//! A state holds the part's whole history, which grows with the dialogue. A row keeps what the turn added to it, and a
//! state is put together along the turns that led to it.

use ids::DialogueId;
use pg_kit::Conn;
use rpc::Error;
use serde::{Deserialize, Serialize};
use service_kit::{Failed, database};

use super::postgres::read_turn;
use crate::{
    app::{After, Dialogue, Turn},
    domain::State,
};

/// Rows of a column that were written before it existed.
const TOO_OLD: &str = "was taken before dialogues could branch; continue from a later turn";

/// A state without what the continued turn's state has of its history.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// Entries at the beginning of the earlier history that fell off.
    dropped: usize,
    /// Entries after those that are kept; 0 where the snapshot needs no other.
    kept: usize,
    /// The history in it is what was added.
    state: State,
}

impl Snapshot {
    /// `before` is the continued turn's state, where that has a snapshot itself.
    pub(super) fn new(before: Option<&State>, after: &State) -> Snapshot {
        let mut state = after.clone();
        let Some(before) = before else { return Snapshot { dropped: 0, kept: 0, state } };
        // A full history loses an entry or two a turn.
        let kept = |dropped: usize| {
            let earlier = before.history.get(dropped..).unwrap_or_default();
            earlier.iter().zip(&after.history).take_while(|(a, b)| a == b).count()
        };
        let (mut dropped, mut most) = (0, kept(0));
        for more in 1..=2 {
            if kept(more) > most {
                (dropped, most) = (more, kept(more));
            }
        }
        state.history.drain(..most);
        Snapshot { dropped, kept: most, state }
    }

    /// The state, given the one that the continued turn left.
    fn after(mut self, before: &State) -> State {
        let earlier = before.history.iter().skip(self.dropped).take(self.kept);
        self.state.history.splice(0..0, earlier.cloned());
        self.state
    }
}

/// The dialogue as it was after a turn, to be continued there.
pub(super) async fn at(conn: &Conn, mut dialogue: Dialogue, after: After) -> Result<Dialogue, Error> {
    let turn_number = dialogue.turn_count;
    dialogue.continued = match after {
        After::Head => dialogue.turn_count.checked_sub(1),
        After::Start => {
            let language = dialogue.state.language;
            dialogue.state = State { language, turn_number, ..State::default() };
            None
        }
        After::Turn(number) => {
            if dialogue.turn_count.checked_sub(1) != Some(number) {
                let state = state(conn, dialogue.id, number).await?;
                dialogue.state = State { turn_number, ..state };
            }
            Some(number)
        }
    };
    Ok(dialogue)
}

async fn state(conn: &Conn, dialogue: DialogueId, number: u32) -> Result<State, Error> {
    let rows = conn
        .query(
            "WITH RECURSIVE line AS (
                 SELECT number, continued, snapshot FROM turns WHERE dialogue = $1 AND number = $2
                 UNION ALL
                 SELECT t.number, t.continued, t.snapshot
                 FROM turns t JOIN line l ON t.number = coalesce(l.continued, l.number - 1)
                 WHERE t.dialogue = $1 AND (l.snapshot->>'kept')::integer > 0
             )
             SELECT snapshot FROM line ORDER BY number",
            &[&dialogue.uuid(), &i32::try_from(number).unwrap_or(i32::MAX)],
        )
        .await
        .map_err(database)?;
    if rows.is_empty() {
        return Err(Error::not_found(format!("{dialogue}/turns/{number}")));
    }
    rows.iter().try_fold(State::default(), |before, row| {
        let snapshot: Option<serde_json::Value> = row.try_get(0).map_err(Error::internal)?;
        let snapshot =
            snapshot.ok_or_else(|| Error::failed_precondition(format!("{dialogue}/turns/{number} {TOO_OLD}")))?;
        let snapshot: Snapshot = serde_json::from_value(snapshot).map_err(Error::internal)?;
        Ok(snapshot.after(&before))
    })
}

/// What the new turn's snapshot builds on.
pub(super) async fn base<'a>(
    conn: &Conn,
    id: DialogueId,
    continued: Option<u32>,
    before: &'a State,
) -> Result<Option<&'a State>, Failed> {
    let Some(number) = continued else { return Ok(None) };
    let sql = "SELECT snapshot IS NOT NULL FROM turns WHERE dialogue = $1 AND number = $2";
    let row = conn.query_one(sql, &[&id.uuid(), &(number as i32)]).await?;
    Ok(row.try_get::<_, bool>(0).map_err(Error::internal)?.then_some(before))
}

/// The turns that led to one, and itself: of those after `after`, the first `size`, or the last `size` where `newest`.
pub(super) async fn line(
    conn: &Conn,
    dialogue: DialogueId,
    last: u32,
    (after, size, newest): (i32, u32, bool),
) -> Result<Vec<Turn>, Error> {
    let last = i32::try_from(last).unwrap_or(i32::MAX);
    let rows = conn
        .query(
            "WITH RECURSIVE line AS (
                 SELECT coalesce(continued, number - 1) AS continued, number FROM turns
                 WHERE dialogue = $1 AND number = $2
                 UNION ALL
                 SELECT coalesce(t.continued, t.number - 1), t.number
                 FROM turns t JOIN line l ON t.number = l.continued
                 WHERE t.dialogue = $1
             )
             SELECT dialogue, number, body, hash, specification_hash, created_at, line.continued
             FROM turns JOIN line USING (number)
             WHERE dialogue = $1 AND number > $3
             ORDER BY CASE WHEN $5 THEN -number ELSE number END LIMIT $4",
            &[&dialogue.uuid(), &last, &after, &i64::from(size), &newest],
        )
        .await
        .map_err(database)?;
    let mut turns = rows.iter().map(read_turn).collect::<Result<Vec<_>, _>>()?;
    if newest {
        turns.reverse();
    }
    Ok(turns)
}

#[cfg(test)]
mod tests {
    use part::{Operation, Part};

    use super::*;

    fn state(kinds: &[&str]) -> State {
        let part = |n: usize| Part {
            features: kinds[..n].iter().enumerate().map(|(at, kind)| Operation::new(format!("o{at}"), *kind)).collect(),
            ..Part::default()
        };
        let history: Vec<Part> = (0..=kinds.len()).map(part).collect();
        State { head: history.len() - 1, history, ..State::default() }
    }

    #[test]
    fn a_snapshot_holds_what_was_added_and_gives_the_state_back() {
        let (one, two) = (state(&["box"]), state(&["box", "hole"]));
        let first = Snapshot::new(None, &one);
        assert_eq!((first.kept, first.state.history.len()), (0, 2));
        let second = Snapshot::new(Some(&one), &two);
        assert_eq!((second.kept, second.state.history.len()), (2, 1));
        assert_eq!(second.after(&first.after(&State::default())), two);
    }

    #[test]
    fn undo_another_way_and_a_full_history_are_given_back_too() {
        let long = state(&["box", "hole", "slot", "pocket"]);
        // Gone back two steps and on with something else.
        let other = state(&["box", "hole", "fillet"]);
        let snapshot = Snapshot::new(Some(&long), &other);
        assert_eq!((snapshot.kept, snapshot.state.history.len()), (3, 1));
        assert_eq!(snapshot.after(&long), other);
        // The oldest entry fell off.
        let mut full = long.clone();
        full.history.remove(0);
        full.history.push(Part { quantity: 4, ..Part::default() });
        let snapshot = Snapshot::new(Some(&long), &full);
        assert_eq!((snapshot.dropped, snapshot.kept, snapshot.state.history.len()), (1, 4, 1));
        assert_eq!(snapshot.after(&long), full);
        // Nothing in common.
        let fresh = State { history: vec![Part { quantity: 9, ..Part::default() }], ..State::default() };
        let snapshot = Snapshot::new(Some(&long), &fresh);
        assert_eq!(snapshot.kept, 0);
        assert_eq!(snapshot.after(&State::default()), fresh);
    }
}
