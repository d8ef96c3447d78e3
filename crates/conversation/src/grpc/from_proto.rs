//! Names and numbers of requests, validated.

use ids::DialogueId;
use rpc::Error;

use crate::app::{After, Base};

/// `dialogues/{uuid}`.
pub(super) fn dialogue(field: &str, name: &str) -> Result<DialogueId, Error> {
    let id = name.strip_prefix("dialogues/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid(field, "write it as dialogues/{uuid}"))
}

/// `dialogues/{uuid}/turns/{number}`.
pub(super) fn turn(field: &str, name: &str) -> Result<(DialogueId, u32), Error> {
    let wrong = || Error::invalid(field, "write it as dialogues/{uuid}/turns/{number}");
    let (parent, number) = name.split_once("/turns/").ok_or_else(wrong)?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
    Ok((dialogue(field, parent).map_err(|_| wrong())?, number))
}

/// A turn of this dialogue.
fn turn_of(field: &str, id: DialogueId, name: &str) -> Result<u32, Error> {
    match turn(field, name)? {
        (of, number) if of == id => Ok(number),
        _ => Err(Error::invalid(field, format!("is no turn of {id}"))),
    }
}

/// Where something is said: nothing is the last turn, the dialogue itself its beginning.
pub(super) fn after(id: DialogueId, continued_turn: &str) -> Result<After, Error> {
    match continued_turn {
        "" => Ok(After::Head),
        name if name == id.to_string() => Ok(After::Start),
        name => turn_of("continued_turn", id, name).map(After::Turn),
    }
}

/// The branch that a turn ends; nothing is all turns.
pub(super) fn branch(id: DialogueId, name: &str) -> Result<Option<u32>, Error> {
    (!name.is_empty()).then(|| turn_of("branch", id, name)).transpose()
}

/// `dialogues/{uuid}/specification` or `dialogues/{uuid}/turns/{number}/specification`.
pub(super) fn specification(field: &str, name: &str) -> Result<(DialogueId, Option<u32>), Error> {
    let form = "write it as dialogues/{uuid}/specification or dialogues/{uuid}/turns/{number}/specification";
    let parent = name.strip_suffix("/specification").ok_or_else(|| Error::invalid(field, form))?;
    match parent.contains("/turns/") {
        true => turn(field, parent).map(|(id, number)| (id, Some(number))),
        false => Ok((dialogue(field, parent)?, None)),
    }
}

/// The specification that changes are told from; nothing is the one before the turn.
pub(super) fn base(id: DialogueId, name: &str) -> Result<Base, Error> {
    if name.is_empty() {
        return Ok(Base::Continued);
    }
    match specification("base", name)? {
        (of, _) if of != id => Err(Error::invalid("base", format!("is no specification of {id}"))),
        (_, Some(number)) => Ok(Base::Turn(number)),
        (_, None) => Ok(Base::Head),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_are_refused_by_field() {
        let id = DialogueId::now_v7();
        let other = DialogueId::now_v7();
        assert_eq!(after(id, "").unwrap(), After::Head);
        assert_eq!(after(id, &id.to_string()).unwrap(), After::Start);
        assert_eq!(after(id, &format!("{id}/turns/12")).unwrap(), After::Turn(12));
        for wrong in [
            other.to_string(),
            format!("{other}/turns/1"),
            format!("{id}/turns/"),
            format!("{id}/turns/-1"),
            format!("{id}/turns/+1"),
            format!("{id}/turns/99999999999"),
            "turns/1".to_owned(),
        ] {
            let error = after(id, &wrong).unwrap_err();
            assert_eq!(error.violations()[0].field, "continued_turn", "{wrong}");
        }
        assert_eq!(specification("name", &format!("{id}/specification")).unwrap(), (id, None));
        assert_eq!(specification("name", &format!("{id}/turns/3/specification")).unwrap(), (id, Some(3)));
        assert!(specification("name", &format!("{id}/turns/3")).is_err());
        assert_eq!(base(id, &format!("{id}/turns/3/specification")).unwrap(), Base::Turn(3));
        assert_eq!(base(id, &format!("{other}/specification")).unwrap_err().violations()[0].field, "base");
    }
}
