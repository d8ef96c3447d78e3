//! The specification after any turn, why each of its values is what it is, and what differs between two of them.

use ids::{ContentHash, DialogueId};
use part::Part;
use rpc::{Error, Principal};

use super::{
    ports::{After, DialogueStore, Objects, Turn},
    turns::Desk,
};
use crate::domain::{
    Explanation, Language, Phase,
    diff::{self, Change},
};

/// The part after a turn, with the bytes that its hash is of.
#[derive(Clone, Debug)]
pub(crate) struct Specification {
    pub dialogue: DialogueId,
    pub part: Part,
    pub json: Vec<u8>,
    pub hash: ContentHash,
    pub turn: u32,
    pub complete: bool,
    pub explanations: Vec<Explanation>,
}

/// A change with its words.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub change: Change,
    pub text: String,
}

/// From which specification changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The one before the turn that they lead to.
    Continued,
    Turn(u32),
    /// The dialogue's last.
    Head,
}

/// What leads from one specification to another; no turn is the empty part.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub from: Option<u32>,
    pub to: Option<u32>,
    pub changes: Vec<Told>,
}

impl<S: DialogueStore, O: Objects, M> Desk<S, O, M> {
    /// After a turn, or after the last one.
    pub(crate) async fn specification(
        &self,
        principal: &Principal,
        id: DialogueId,
        at: Option<u32>,
    ) -> Result<Specification, Error> {
        let dialogue = self.store.get(principal.acting_owner(), id, After::Head).await?;
        let turn = match at.or(dialogue.continued) {
            Some(number) => Some(self.store.find_turn(id, number).await?),
            None => None,
        };
        let (part, json) = self.part_after(turn.as_ref()).await?;
        let language = turn.as_ref().and_then(language).or(dialogue.state.language).unwrap_or(Language::En);
        Ok(Specification {
            dialogue: id,
            explanations: self.explainer.explain(language, &part),
            hash: ContentHash::of(&json),
            part,
            json,
            turn: turn.as_ref().map_or(0, |turn| turn.number),
            complete: turn.is_some_and(|turn| turn.body.phase == Phase::Complete),
        })
    }

    pub(crate) async fn difference(
        &self,
        principal: &Principal,
        id: DialogueId,
        to: Option<u32>,
        base: Base,
    ) -> Result<Difference, Error> {
        let head = self.store.get(principal.acting_owner(), id, After::Head).await?.continued;
        let find = async |number: Option<u32>| match number {
            Some(number) => self.store.find_turn(id, number).await.map(Some),
            None => Ok(None),
        };
        let to = find(to.or(head)).await?;
        let from = find(match base {
            Base::Continued => to.as_ref().and_then(|turn| turn.continued),
            Base::Turn(number) => Some(number),
            Base::Head => head,
        })
        .await?;
        let changes = self.told(from.as_ref(), to.as_ref()).await?;
        let number = |turn: Option<Turn>| turn.map(|turn| turn.number);
        Ok(Difference { from: number(from), to: number(to), changes })
    }

    /// What a turn that was just taken changed.
    pub(crate) async fn changes(&self, turn: &Turn) -> Result<Vec<Told>, Error> {
        let before = match turn.continued {
            Some(number) => Some(self.store.find_turn(turn.dialogue, number).await?),
            None => None,
        };
        self.told(before.as_ref(), Some(turn)).await
    }

    async fn told(&self, from: Option<&Turn>, to: Option<&Turn>) -> Result<Vec<Told>, Error> {
        let hash = |turn: Option<&Turn>| turn.map(|turn| turn.specification_hash);
        if hash(from) == hash(to) {
            return Ok(Vec::new());
        }
        let (before, after) = (self.part_after(from).await?.0, self.part_after(to).await?.0);
        let language = to.or(from).and_then(language).unwrap_or(Language::En);
        let told = |change: Change| {
            let text = self.explainer.change(language, &before, &after, &change);
            Told { change, text }
        };
        Ok(diff::diff(&before, &after).into_iter().map(told).collect())
    }

    async fn part_after(&self, turn: Option<&Turn>) -> Result<(Part, Vec<u8>), Error> {
        let Some(turn) = turn else {
            let part = Part::default();
            let json = specification_json(&part);
            return Ok((part, json));
        };
        let json = self.objects.get(&turn.specification_hash).await?;
        Ok((serde_json::from_slice(&json).map_err(Error::internal)?, json))
    }
}

fn language(turn: &Turn) -> Option<Language> {
    Language::ALL.into_iter().find(|l| l.as_str() == turn.body.language)
}

/// The bytes of `spec.json`: what is hashed is what people read.
pub(super) fn specification_json(part: &Part) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(part).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
