//! What the prompt itself says, in the dialogue's language. What is said about the part comes from the platform.

/// Texts of one language.
pub(super) struct Words {
    pub(super) help: &'static str,
    pub(super) unknown: &'static str,
    pub(super) undo: &'static str,
    pub(super) redo: &'static str,
    pub(super) thinking: &'static str,
    pub(super) branch: &'static str,
    pub(super) from_start: &'static str,
    pub(super) unchanged: &'static str,
    pub(super) leave: &'static str,
    pub(super) resume: &'static str,
}

/// Greets before any language is known.
pub(super) const WELCOME: &str =
    "Say what you need. /help    Diga o que precisa. /ajuda    Diga lo que necesita. /ayuda";

static EN: Words = Words {
    help: "\
Say which part you need and its sizes, in as many messages as you like; correct anything later.
  /spec          every value and why it is what it is; /spec json shows spec.json
  /undo [N]      takes the last change back, or the last N; /redo brings it back
  /history       the messages by number, with the one that each continues
  /diff [N]      what the last message changed, or message N
  /branch N      goes on from message N, leaving what came after it as it is; 0 is the beginning
  /make          makes the part's files in the folder of --out
  /print         makes and prints it
  /quit          ends; the dialogue is kept
Arrow keys edit the line and bring back earlier ones. A line that begins with // is said with one slash.",
    unknown: "There is no such command; /help lists them.",
    undo: "undo",
    redo: "redo",
    thinking: "asking the language model about",
    branch: "The next message continues message",
    from_start: "The next message begins anew.",
    unchanged: "Nothing changed.",
    leave: "Ctrl-D or /quit ends.",
    resume: "To go on later:",
};

static PT: Words = Words {
    help: "\
Diga de que peça precisa e com que medidas, em quantas mensagens quiser; corrija depois o que for.
  /spec           cada valor e por que ele é o que é; /spec json mostra o spec.json
  /desfazer [N]   desfaz a última mudança, ou as últimas N; /refazer a traz de volta
  /historico      as mensagens por número, com a que cada uma continua
  /diff [N]       o que a última mensagem mudou, ou a mensagem N
  /ramo N         continua a partir da mensagem N e deixa como está o que veio depois; 0 é o começo
  /fazer          faz os arquivos da peça na pasta de --out
  /imprimir       faz e imprime
  /sair           termina; o diálogo fica guardado
As setas editam a linha e trazem as anteriores. Uma linha que começa com // é dita com uma barra só.",
    unknown: "Não há este comando; /ajuda mostra quais há.",
    undo: "desfazer",
    redo: "refazer",
    thinking: "perguntando ao modelo de linguagem sobre",
    branch: "A próxima mensagem continua a mensagem",
    from_start: "A próxima mensagem começa do zero.",
    unchanged: "Nada mudou.",
    leave: "Ctrl-D ou /sair termina.",
    resume: "Para continuar depois:",
};

static ES: Words = Words {
    help: "\
Diga qué pieza necesita y con qué medidas, en los mensajes que quiera; corrija después lo que haga falta.
  /spec           cada valor y por qué es el que es; /spec json muestra spec.json
  /deshacer [N]   deshace el último cambio, o los últimos N; /rehacer lo recupera
  /historial      los mensajes por número, con el que cada uno continúa
  /diff [N]       lo que cambió el último mensaje, o el mensaje N
  /rama N         sigue desde el mensaje N y deja como está lo que vino después; 0 es el comienzo
  /hacer          hace los archivos de la pieza en la carpeta de --out
  /imprimir       la hace y la imprime
  /salir          termina; el diálogo queda guardado
Las flechas editan la línea y traen las anteriores. Una línea que empieza con // se dice con una sola barra.",
    unknown: "No hay tal comando; /ayuda muestra cuáles hay.",
    undo: "deshacer",
    redo: "rehacer",
    thinking: "preguntando al modelo de lenguaje por",
    branch: "El próximo mensaje continúa el mensaje",
    from_start: "El próximo mensaje empieza de cero.",
    unchanged: "Nada cambió.",
    leave: "Ctrl-D o /salir termina.",
    resume: "Para seguir después:",
};

/// By a language tag or a locale such as pt_BR.UTF-8; English for what is not spoken here.
pub(super) fn words(language: &str) -> &'static Words {
    match language.get(..2) {
        Some("pt") => &PT,
        Some("es") => &ES,
        _ => &EN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::command::Command;

    #[test]
    fn every_command_that_help_names_exists() {
        for words in [&EN, &PT, &ES] {
            let names = words.help.split_whitespace().filter(|w| w.starts_with('/') && *w != "//");
            let names: Vec<&str> = names.map(|name| name.trim_end_matches([';', ','])).collect();
            assert!(names.len() >= 10, "{names:?}");
            for name in names {
                let with_number = format!("{name} 1");
                let known = |line: &str| !matches!(Command::parse(line), Command::Unknown(_));
                assert!(known(name) || known(&with_number), "{name}");
            }
        }
        assert!(
            std::ptr::eq(words("pt_BR.UTF-8"), &PT) && std::ptr::eq(words("C"), &EN) && std::ptr::eq(words("es"), &ES)
        );
    }
}
