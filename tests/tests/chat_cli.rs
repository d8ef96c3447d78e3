//! `pot chat` with its lines from a pipe: the dialogue and its commands in three languages, in plain text.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use e2e::{Options, Platform, Sandbox};

#[test]
fn a_dialogue_at_the_prompt_goes_back_and_on_in_three_languages() {
    let sandbox = Sandbox::new();
    let platform = Platform::start(&sandbox, &Options { virtual_printer: false, ..Options::default() });
    let chat = |arguments: &[&str], lines: &[&str]| {
        let mut command = sandbox.pot();
        command.arg("chat").args(arguments);
        let finished = sandbox.finish_told(command, &format!("{}\n", lines.join("\n")));
        finished.exits(0);
        assert!(!finished.stdout.contains('\x1b'), "colours in a pipe: {}", finished.stdout);
        finished
    };

    let english = chat(
        &[],
        &[
            "/help",
            "a plate 80 x 60 x 3 mm",
            "make it 5 mm thick",
            "/spec",
            "/undo",
            "/redo",
            "/branch 1",
            "in ABS",
            "/diff",
            "/history",
            "/fly",
            "/quit",
        ],
    );
    let said = &english.stdout;
    for expected in [
        "Arrow keys edit the line",
        "pot: plate: length 80 mm, width 60 mm, thickness 3 mm",
        "thickness (plate): 5 mm, because you said",
        "Undone.",
        "Redone.",
        "The next message continues message 1: “a plate 80 x 60 x 3 mm”",
        "material: ABS",
        "  5 (← 1) in ABS",
        "There is no such command; /help lists them.",
    ] {
        assert!(said.contains(expected), "no {expected:?} in\n{said}");
    }
    // The dialogue is kept, and goes on where it was.
    let name = said.lines().last().unwrap().rsplit(' ').next().unwrap().to_owned();
    let later = chat(&["--dialogue", &name], &["/spec json", "make it 90 mm long"]);
    let (json, rest) = later.stdout.split_once("\npot: ").unwrap();
    assert!(json.contains("\"material\": \"ABS\"") && json.contains("80"), "{json}");
    assert!(rest.contains("90 mm"), "{rest}");

    let portuguese = chat(&[], &["um vaso de 120 mm de diâmetro", "/spec", "/desfazer", "/ajuda", "/sair"]);
    for expected in
        ["diâmetro (vaso): 120 mm, porque você disse “120 mm” na mensagem 1.", "o valor usual", "Desfeito", "As setas"]
    {
        assert!(portuguese.stdout.contains(expected), "no {expected:?} in\n{}", portuguese.stdout);
    }
    let spanish = chat(&[], &["una placa de 80 x 60 x 3 mm", "/spec", "/deshacer", "/salir"]);
    for expected in
        ["longitud (placa): 80 mm, porque dijiste “80", "Para seguir después: pot chat --dialogue dialogues/"]
    {
        assert!(spanish.stdout.contains(expected), "no {expected:?} in\n{}", spanish.stdout);
    }
    platform.stop(&[]);
}
