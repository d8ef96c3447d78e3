//! What must hold for any text: no panic, honest spans, undo as the inverse of doing, numbers that survive being written.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::sync::LazyLock;

use conversation::domain::{Engine, Outcome, State};
use part::{Part, Quantity, Source};
use proptest::prelude::*;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

/// Words that take the grammar into its corners more often than random letters do.
fn wordy() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "a",
        "box",
        "caixa",
        "with",
        "com",
        "lid",
        "tampa",
        "80",
        "60 mm",
        "x",
        "por",
        "by",
        "12,5",
        "1 1/2\"",
        "3/4",
        "hole",
        "furo",
        "holes",
        "in",
        "no",
        "the",
        "centre",
        "centro",
        "cantos",
        "corners",
        "de",
        "from",
        "edges",
        "bordas",
        "taller",
        "mais alta",
        "twice",
        "metade",
        "undo",
        "desfaz",
        "redo",
        "M4",
        "five",
        "cinco",
        "dozen",
        "meia dúzia",
        "PETG",
        "vermelho",
        "#ff8800",
        "not",
        "não",
        ",",
        ".",
        "e",
        "and",
        "walls",
        "paredes",
        "thick",
        "wide",
        "altura",
        "de altura",
        "fillet",
        "chamfer",
        "slot",
        "20 teeth",
        "módulo 2",
        "gear",
        "vaso",
        "tube",
        "plate",
        "on a",
        "circle",
        "grid",
        "apart",
        "half",
        "e meio",
        "\"ANA\"",
        "saying",
        "remove",
        "-5 mm",
        "0",
        "3 km",
        "10%",
        "45°",
        "dragon",
        "start over",
        "make it",
        "each",
        "cada",
        "lateral",
        "side",
        "top",
        "em cima",
        "fundo",
        "acima",
        "quantity",
        "x10",
        "em",
        "para",
    ]);
    prop::collection::vec(words, 1..30).prop_map(|words| words.join(" "))
}

fn quantities(part: &Part) -> Vec<Quantity> {
    let json = serde_json::to_value(part).unwrap();
    let mut found = Vec::new();
    fn walk(value: &serde_json::Value, found: &mut Vec<Quantity>) {
        match value {
            serde_json::Value::Object(map) if map.contains_key("source") => {
                found.push(serde_json::from_value(value.clone()).unwrap());
            }
            serde_json::Value::Object(map) => map.values().for_each(|v| walk(v, found)),
            serde_json::Value::Array(list) => list.iter().for_each(|v| walk(v, found)),
            _ => {}
        }
    }
    walk(&json, &mut found);
    found
}

/// Every value said in this turn is at its bytes of the text, word for word.
fn honest(outcome: &Outcome, turn: u32, text: &str) {
    for quantity in quantities(outcome.state.part()) {
        assert!(quantity.value.is_finite());
        if let Source::User { turn: said, start, end } = quantity.source
            && said == turn
        {
            assert_eq!(text.get(start as usize..end as usize), Some(quantity.words.as_str()), "in {text:?}");
        }
    }
}

fn check(texts: &[String]) {
    let mut state = State::default();
    for text in texts {
        let Ok(outcome) = ENGINE.turn(&state, text) else { continue };
        honest(&outcome, state.turn_number, text);
        assert_eq!(outcome.state.turn_number, state.turn_number + 1);
        assert!(!(outcome.complete && outcome.question.is_some()));
        // The edits are the whole difference, undo and redo aside.
        if !outcome.travelled && !outcome.edits.is_empty() && outcome.state.head == state.head + 1 {
            assert_eq!(state.part().apply_all(&outcome.edits).as_ref(), Ok(outcome.state.part()), "{text:?}");
            let undone = ENGINE.turn(&outcome.state, "undo").unwrap();
            assert_eq!(undone.state.part(), state.part(), "undo after {text:?}");
            let redone = ENGINE.turn(&undone.state, "redo").unwrap();
            assert_eq!(redone.state.part(), outcome.state.part(), "redo after {text:?}");
        }
        state = outcome.state;
    }
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_breaks_the_engine(text in "\\PC{0,200}", long in "[ -~à-ü0-9]{0,2100}") {
        check(&[text, long]);
    }

    #[test]
    fn no_dialogue_breaks_the_engine(texts in prop::collection::vec(wordy(), 1..5)) {
        check(&texts);
    }

    #[test]
    fn decimal_commas_and_points_are_read_back(tenths in 10_u32..9_999) {
        let value = f64::from(tenths) / 10.0;
        let comma = format!("cilindro de {} mm de diâmetro e 50 mm de altura", format!("{value:.1}").replace('.', ","));
        let point = format!("a cylinder {value:.1} mm in diameter and 50 mm tall");
        for text in [comma, point] {
            let part = ENGINE.turn(&State::default(), &text).unwrap().state;
            prop_assert_eq!(part.part().features[0].parameters["diameter"].value, value, "{}", text);
        }
    }

    #[test]
    fn number_words_are_read_back(number in 1_u32..1_000) {
        for (text, name) in [
            (format!("cilindro com {} milímetros de diâmetro e 50 mm de altura", portuguese(number)), "pt"),
            (format!("a cylinder {} millimetres in diameter and 50 mm tall", english(number)), "en"),
        ] {
            let outcome = ENGINE.turn(&State::default(), &text).unwrap();
            let value = outcome.state.part().features[0].parameters.get("diameter").map(|q| q.value);
            prop_assert_eq!(value, Some(f64::from(number)), "{} {}", name, text);
        }
    }
}

fn portuguese(n: u32) -> String {
    const UNITS: [&str; 20] = [
        "",
        "um",
        "dois",
        "três",
        "quatro",
        "cinco",
        "seis",
        "sete",
        "oito",
        "nove",
        "dez",
        "onze",
        "doze",
        "treze",
        "catorze",
        "quinze",
        "dezesseis",
        "dezessete",
        "dezoito",
        "dezenove",
    ];
    const TENS: [&str; 10] =
        ["", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"];
    const HUNDREDS: [&str; 10] = [
        "",
        "cento",
        "duzentos",
        "trezentos",
        "quatrocentos",
        "quinhentos",
        "seiscentos",
        "setecentos",
        "oitocentos",
        "novecentos",
    ];
    if n == 100 {
        return "cem".into();
    }
    let mut words = Vec::new();
    if n >= 100 {
        words.push(HUNDREDS[(n / 100) as usize]);
    }
    let rest = n % 100;
    if rest >= 20 {
        words.push(TENS[(rest / 10) as usize]);
    }
    let unit = if rest < 20 { rest } else { rest % 10 };
    if unit > 0 {
        words.push(UNITS[unit as usize]);
    }
    words.join(" e ")
}

fn english(n: u32) -> String {
    const UNITS: [&str; 20] = [
        "",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let mut words = Vec::new();
    if n >= 100 {
        words.push(format!("{} hundred", UNITS[(n / 100) as usize]));
    }
    let rest = n % 100;
    let tail = match rest {
        0 => String::new(),
        1..20 => UNITS[rest as usize].to_owned(),
        _ if rest.is_multiple_of(10) => TENS[(rest / 10) as usize].to_owned(),
        _ => format!("{}-{}", TENS[(rest / 10) as usize], UNITS[(rest % 10) as usize]),
    };
    if !tail.is_empty() {
        words.push(tail);
    }
    words.join(" and ")
}

/// The value of one parameter after some turns, which must end without a question.
fn after(turns: &[&str], kind: &str, parameter: &str) -> f64 {
    let mut state = State::default();
    let mut question = None;
    for turn in turns {
        let outcome = ENGINE.turn(&state, turn).unwrap();
        (state, question) = (outcome.state, outcome.question);
    }
    assert!(question.is_none(), "{turns:?} asks {:?}", question.map(|q| q.text));
    let part = state.part();
    let operation = part.features.iter().rev().find(|o| o.kind == kind);
    let operation = operation.unwrap_or_else(|| panic!("{turns:?} has no {kind}: {:?}", part.features));
    operation.parameters.get(parameter).unwrap_or_else(|| panic!("{turns:?}: {operation:?}")).value
}

#[test]
fn corrections_and_shares_reach_the_value_they_name() {
    let box_ = "a box 90 x 60 x 40 mm";
    assert_eq!(after(&[box_, "the 60 was a 70"], "box", "width"), 70.0);
    assert_eq!(after(&["caixa 9x6x4 cm", "desculpa, o 6 era 7"], "box", "width"), 70.0);
    assert_eq!(after(&[box_, "increase the height by 50 %"], "box", "height"), 60.0);
    assert_eq!(after(&["caixa 90 x 60 x 40 mm", "a altura, metade do comprimento"], "box", "height"), 45.0);
    assert_eq!(after(&[box_, "scale it up one and a half times"], "box", "length"), 135.0);
    assert_eq!(after(&["placa 90 x 60 x 5, furo de 8 no centro", "são 9, não 8"], "hole", "diameter"), 9.0);
}

#[test]
fn features_keep_their_own_sizes() {
    let plate = "plate 120 x 80 x 8 mm";
    assert_eq!(after(&[plate, "a slot 40 mm between centres and 8 wide in the middle"], "slot", "length"), 40.0);
    assert_eq!(after(&[plate, "a slot along the whole length, 10 wide, 3 deep"], "channel", "width"), 10.0);
    assert_eq!(after(&[plate, "break the top edges with a 1.5 mm by 45 chamfer"], "chamfer", "distance"), 1.5);
    assert_eq!(after(&["block 80 x 60 x 40", "hollow it out to 2 mm walls"], "shell", "thickness"), 2.0);
    let blind = "block 80 x 60 x 40, blind hole 16 diameter 25 deep, 20 from the left edge and 15 from the front";
    assert_eq!(after(&[blind, "add a second hole, identical, 20 from the right edge"], "hole", "depth"), 25.0);
}

#[test]
fn a_question_changes_nothing_and_asks_nothing_back() {
    let made = ENGINE.turn(&State::default(), "plate 90 x 60 x 5 with a 8 mm hole in the middle").unwrap();
    for aside in ["would that take five kilos, you reckon?", "how big is the hole?", "do you deliver?"] {
        let outcome = ENGINE.turn(&made.state, aside).unwrap();
        assert_eq!(outcome.state.part(), made.state.part(), "{aside}");
        assert!(outcome.question.is_none(), "{aside}: {:?}", outcome.question);
    }
}
