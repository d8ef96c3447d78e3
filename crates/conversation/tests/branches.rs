//! Branches, the specification's history, streamed turns and what a restart leaves, over gRPC on a real Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/service.rs"]
mod harness;

use futures::StreamExt;
use proto::pot::{
    conversation::v1::{
        CreateDialogueRequest, CreateTurnRequest, DialogueState, DiffSpecificationRequest, GetDialogueRequest,
        GetTurnRequest, ListTurnsRequest, Origin, SpecificationDiff, StreamTurnRequest, StreamTurnResponse, Turn,
        stream_turn_response::Event, term::Term,
    },
    part::v1::{Part, edit::Edit},
};
use tonic::{Code, Status};

use crate::harness::Service;

impl Service {
    /// Another process on the same tables and objects.
    async fn restarted(self) -> Service {
        self.down().await;
        Service::on(None, self.db, self.objects).await
    }

    async fn say_after(&self, dialogue: &str, after: &str, text: &str, request_id: &str) -> Result<Turn, Status> {
        let request = CreateTurnRequest {
            parent: dialogue.to_owned(),
            text: text.to_owned(),
            request_id: request_id.to_owned(),
            continued_turn: after.to_owned(),
        };
        Ok(self.client.clone().create_turn(request).await?.into_inner())
    }

    async fn part(&self, of: &str) -> Part {
        self.specification(of).await.unwrap().part.unwrap()
    }

    async fn diff(&self, name: &str, base: &str) -> Result<SpecificationDiff, Status> {
        let request = DiffSpecificationRequest { name: name.to_owned(), base: base.to_owned() };
        Ok(self.client.clone().diff_specification(request).await?.into_inner())
    }

    /// Numbers of the turns on a branch, or of all.
    async fn numbers(&self, dialogue: &str, branch: &str) -> Vec<u32> {
        let (mut numbers, mut page_token) = (Vec::new(), String::new());
        loop {
            let (parent, branch) = (dialogue.to_owned(), branch.to_owned());
            let request = ListTurnsRequest { parent, page_size: 2, page_token, branch };
            let page = self.client.clone().list_turns(request).await.unwrap().into_inner();
            numbers.extend(page.turns.iter().map(|turn| turn.number));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return numbers;
            }
        }
    }
}

fn size(part: &Part, parameter: &str) -> f64 {
    part.features[0].parameters[parameter].value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialogue_goes_on_from_any_of_its_turns_and_every_branch_keeps_its_part() {
    let service = Service::start(None).await;
    let dialogue = service.dialogue().await;
    let turn = |number: u32| format!("{dialogue}/turns/{number}");
    let first = service.say(&dialogue, "a plate 80 x 60 x 3 mm", "").await.unwrap();
    assert_eq!((first.name.as_str(), first.continued_turn.as_str()), (turn(0).as_str(), ""));
    service.say(&dialogue, "make it 5 mm thick", "").await.unwrap();
    let third = service.say(&dialogue, "in PETG", "").await.unwrap();
    assert_eq!(third.continued_turn, turn(1));

    // Another way from the first turn on: neither thicker nor of PETG.
    let other = service.say_after(&dialogue, &turn(0), "make it 100 mm long", "").await.unwrap();
    assert_eq!((other.number, other.continued_turn.as_str()), (3, turn(0).as_str()));
    let part = service.part(&dialogue).await;
    assert_eq!((size(&part, "length"), size(&part, "thickness"), part.material.as_str()), (100.0, 3.0, ""));
    // What was there stays there.
    let part = service.part(&turn(2)).await;
    assert_eq!((size(&part, "length"), size(&part, "thickness"), part.material.as_str()), (80.0, 5.0, "PETG"));

    // The head went with the last turn, and undo goes back on this branch.
    let request = GetDialogueRequest { name: dialogue.clone() };
    let head = service.client.clone().get_dialogue(request).await.unwrap().into_inner();
    assert_eq!((head.head, head.turn_count), (turn(3), 4));
    service.say(&dialogue, "undo", "").await.unwrap();
    let part = service.part(&dialogue).await;
    assert_eq!((size(&part, "length"), size(&part, "thickness")), (80.0, 3.0));
    // And back to the first branch, where undo takes the material away and a redo brings it back.
    service.say_after(&dialogue, &turn(2), "undo", "").await.unwrap();
    let part = service.part(&dialogue).await;
    assert_eq!((size(&part, "thickness"), part.material.as_str()), (5.0, ""));
    service.say(&dialogue, "redo", "").await.unwrap();
    assert_eq!(service.part(&dialogue).await.material, "PETG");

    // From the beginning: nothing of the others, and its numbers point at its own turn.
    let fresh = service.say_after(&dialogue, &dialogue, "a box 50 x 40 x 30 mm", "").await.unwrap();
    assert_eq!((fresh.number, fresh.continued_turn.as_str()), (7, ""));
    let specification = service.specification(&dialogue).await.unwrap();
    assert_eq!(specification.part.unwrap().features[0].kind, "box");
    let length = specification.explanations.iter().find(|e| e.path.ends_with(".parameters.length")).unwrap();
    assert_eq!((length.turn.as_str(), length.origin()), (turn(7).as_str(), Origin::Said));
    assert_eq!(&"a box 50 x 40 x 30 mm"[length.start as usize..length.end as usize], length.words);

    assert_eq!(service.numbers(&dialogue, "").await, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(service.numbers(&dialogue, &turn(6)).await, [0, 1, 2, 5, 6]);
    assert_eq!(service.numbers(&dialogue, &turn(4)).await, [0, 3, 4]);
    assert_eq!(service.numbers(&dialogue, &turn(7)).await, [7]);
    let request = GetTurnRequest { name: turn(4) };
    assert_eq!(service.client.clone().get_turn(request).await.unwrap().into_inner().continued_turn, turn(3));

    // Turns that are not there, or elsewhere.
    let elsewhere = service.dialogue().await;
    for (after, code) in [
        (turn(8), Code::NotFound),
        (format!("{elsewhere}/turns/0"), Code::InvalidArgument),
        ("turns/1".to_owned(), Code::InvalidArgument),
    ] {
        let refused = service.say_after(&dialogue, &after, "in PLA", "").await.unwrap_err();
        assert_eq!(refused.code(), code, "{after}: {refused}");
    }
    assert_eq!(service.specification(&turn(8)).await.unwrap_err().code(), Code::NotFound);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_are_typed_told_in_words_and_cross_branches() {
    let service = Service::start(None).await;
    let dialogue = service.dialogue().await;
    let at = |number: u32| format!("{dialogue}/turns/{number}/specification");
    service.say(&dialogue, "uma placa de 80 x 60 x 3 mm", "").await.unwrap();
    service.say(&dialogue, "muda a espessura para 5 mm, em PETG", "").await.unwrap();
    service.say_after(&dialogue, &format!("{dialogue}/turns/0"), "em ABS", "").await.unwrap();

    // Without a base, what the turn itself changed.
    let own = service.diff(&at(1), "").await.unwrap();
    assert_eq!((own.name.as_str(), own.base.as_str()), (at(1).as_str(), at(0).as_str()));
    let paths: Vec<&str> = own.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["material", "features.plate.parameters.thickness"]);
    let thickness = &own.changes[1];
    let value = |term: &Option<proto::pot::conversation::v1::Term>| match term.as_ref().and_then(|t| t.term.clone()) {
        Some(Term::Quantity(quantity)) => quantity.value,
        other => panic!("{other:?}"),
    };
    assert_eq!((value(&thickness.before), value(&thickness.after)), (3.0, 5.0));
    assert_eq!(thickness.text, "espessura (placa): 3 mm → 5 mm");
    assert_eq!(own.changes[0].before, None);

    // The first turn starts from nothing; the head is the default.
    let first = service.diff(&at(0), "").await.unwrap();
    assert_eq!((first.base.as_str(), first.changes.len()), ("", 1));
    assert!(matches!(first.changes[0].after.as_ref().unwrap().term, Some(Term::Operation(_))));
    let head = service.diff(&format!("{dialogue}/specification"), "").await.unwrap();
    assert_eq!((head.name.as_str(), head.changes[0].text.as_str()), (at(2).as_str(), "material: ABS"));

    // Across branches, there and back.
    let across = service.diff(&at(2), &at(1)).await.unwrap();
    let texts: Vec<&str> = across.changes.iter().map(|change| change.text.as_str()).collect();
    assert_eq!(texts, ["material: PETG → ABS", "espessura (placa): 5 mm → 3 mm"]);
    assert_eq!(service.diff(&at(2), &at(2)).await.unwrap().changes, []);
    assert_eq!(service.diff(&at(9), "").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(service.diff(&at(1), "dialogues/x/specification").await.unwrap_err().code(), Code::InvalidArgument);
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_outlives_the_process() {
    let service = Service::start(None).await;
    let dialogue = service.dialogue().await;
    service.say(&dialogue, "a plate 80 x 60 mm", "r-0").await.unwrap();
    let asked = service.say(&dialogue, "make a hole of 6 mm in the middle", "r-1").await.unwrap();
    let service = service.restarted().await;
    // A repeated request gets the first answer, from another process too.
    let again = service.say(&dialogue, "make a hole of 6 mm in the middle", "r-1").await.unwrap();
    assert_eq!((again.name, again.hash, again.reply), (asked.name, asked.hash, asked.reply));
    // A branch with the request id of another turn is another request.
    let refused =
        service.say_after(&dialogue, &dialogue, "make a hole of 6 mm in the middle", "r-1").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    let turn = service.say(&dialogue, "undo", "").await.unwrap();
    assert_eq!((turn.number, service.part(&dialogue).await.features.len()), (2, 1));
    service.say_after(&dialogue, &format!("{dialogue}/turns/1"), "in PETG", "").await.unwrap();
    assert_eq!(service.part(&dialogue).await.features.len(), 2);

    // Rows from before there were branches: the last turn is continued as ever, an earlier one is not, and what comes
    // after them branches again.
    let conn = service.pool.get().await.unwrap();
    conn.execute("UPDATE turns SET snapshot = NULL, continued = NULL", &[]).await.unwrap();
    drop(conn);
    let refused = service.say_after(&dialogue, &format!("{dialogue}/turns/0"), "in PLA", "").await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}");
    service.say(&dialogue, "in ABS", "").await.unwrap();
    service.say(&dialogue, "in PLA", "").await.unwrap();
    service.say_after(&dialogue, &format!("{dialogue}/turns/4"), "5 copies", "").await.unwrap();
    let part = service.part(&dialogue).await;
    assert_eq!((part.material.as_str(), part.quantity), ("ABS", 5));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_titles_and_languages_follow_what_is_said() {
    let service = Service::start(None).await;
    let get = async |name: &str| {
        let request = GetDialogueRequest { name: name.to_owned() };
        service.client.clone().get_dialogue(request).await.unwrap().into_inner()
    };
    let request = CreateDialogueRequest { title: "Suporte".into(), language: "es".into(), ..Default::default() };
    let given = service.client.clone().create_dialogue(request).await.unwrap().into_inner();
    assert_eq!((given.state(), given.language.as_str(), given.head.as_str()), (DialogueState::Active, "es", ""));
    service.say(&given.name, "80 x 60 x 3 mm", "").await.unwrap();
    assert_eq!(get(&given.name).await.title, "Suporte");

    let dialogue = service.dialogue().await;
    let hello = service.say(&dialogue, "hello", "").await.unwrap();
    assert_eq!(hello.state(), DialogueState::Active);
    let asked = service.say(&dialogue, "a tube of 40 mm", "").await.unwrap();
    assert_eq!((asked.state(), asked.question.is_some()), (DialogueState::Clarifying, true), "{asked:?}");
    let answered = service.say(&dialogue, "50 mm long, 4 mm wall", "").await.unwrap();
    assert_eq!((answered.state(), answered.question.clone()), (DialogueState::Complete, None), "{answered:?}");
    let seen = get(&dialogue).await;
    assert_eq!(
        (seen.state(), seen.language.as_str(), seen.title.as_str()),
        (DialogueState::Complete, "en", "a tube of 40 mm")
    );
    service.end().await;
}

async fn streamed(service: &Service, request: StreamTurnRequest) -> Vec<StreamTurnResponse> {
    let stream = service.client.clone().stream_turn(request).await.unwrap().into_inner();
    stream.map(|message| message.unwrap()).collect().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_streamed_turn_is_the_same_turn_told_step_by_step() {
    let service = Service::start(None).await;
    let (dialogue, twin) = (service.dialogue().await, service.dialogue().await);
    let request = StreamTurnRequest {
        parent: dialogue.clone(),
        text: "a plate 80 x 60 x 3 mm in PETG".into(),
        request_id: "s-1".into(),
        continued_turn: String::new(),
    };
    let events = streamed(&service, request.clone()).await;
    let kinds: Vec<&str> = events
        .iter()
        .map(|message| match message.event.as_ref().unwrap() {
            Event::Understanding(_) => "understanding",
            Event::Thinking(_) => "thinking",
            Event::Change(_) => "change",
            Event::Turn(_) => "turn",
        })
        .collect();
    assert_eq!(kinds, ["understanding", "change", "change", "turn"]);
    let Some(Event::Understanding(understood)) = &events[0].event else { panic!("{events:?}") };
    assert_eq!((understood.language.as_str(), understood.state()), ("en", DialogueState::Validating));
    let added =
        understood.edits.iter().any(|e| matches!(&e.edit, Some(Edit::Add(operation)) if operation.kind == "plate"));
    assert!(added, "{understood:?}");
    let Some(Event::Turn(turn)) = &events[3].event else { panic!("{events:?}") };
    let said = service.say(&twin, &request.text, "").await.unwrap();
    assert_eq!(
        (&turn.reply, turn.state, &turn.specification_hash),
        (&said.reply, said.state, &said.specification_hash)
    );

    // Once more with the same id: the first answer, nothing understood anew.
    let again = streamed(&service, request.clone()).await;
    let Some(Event::Turn(first)) = &again.last().unwrap().event else { panic!("{again:?}") };
    assert_eq!((first.name.as_str(), again.len()), (turn.name.as_str(), 3));
    // And the unary call with that id gets it too.
    assert_eq!(service.say(&dialogue, &request.text, "s-1").await.unwrap().name, turn.name);

    // Mistakes come as they do without a stream.
    let wrong = StreamTurnRequest { parent: "dialogues/x".into(), ..request.clone() };
    assert_eq!(service.client.clone().stream_turn(wrong).await.unwrap_err().code(), Code::InvalidArgument);
    let long = StreamTurnRequest { text: "x".repeat(2_001), request_id: String::new(), ..request };
    let mut stream = service.client.clone().stream_turn(long).await.unwrap().into_inner();
    assert_eq!(stream.next().await.unwrap().unwrap_err().code(), Code::InvalidArgument);
    service.end().await;
}
