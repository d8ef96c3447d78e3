//! Utterances by a seed: what people say about parts, put together from the pieces of three languages, with the slips of
//! hurried hands and of dictation. They need not make sense; most do.

/// A small deterministic source of choices (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

pub(crate) const LANGUAGES: [&str; 3] = ["en", "es", "pt"];

/// The words of one language.
struct Words {
    bodies: &'static [&'static str],
    features: &'static [&'static str],
    places: &'static [&'static str],
    names: &'static [&'static str],
    changes: &'static [&'static str],
    acts: &'static [&'static str],
    ends: &'static [&'static str],
    by: &'static str,
    of: &'static str,
    with: &'static str,
}

const EN: Words = Words {
    bodies: &[
        "a box",
        "a plate",
        "a block",
        "a tube",
        "a gear",
        "a plant pot",
        "a knob",
        "an L bracket",
        "a stepped shaft",
        "a U channel",
        "a disc",
        "a spacer",
        "a hex bar",
        "a spring",
        "a hinge",
        "a loft",
        "a dragon",
        "a mug",
    ],
    features: &[
        "a hole",
        "four holes",
        "a blind hole",
        "a slot",
        "a pocket",
        "a boss",
        "two ribs",
        "a channel",
        "a notch",
        "rounded corners",
        "a chamfer on the top edges",
        "M4 countersunk holes",
        "a counterbored hole",
        "posts, each with a hole",
    ],
    places: &[
        "in the centre",
        "in each corner",
        "8 mm from both edges",
        "20 mm from the left edge",
        "on the front face",
        "on a 60 mm bolt circle",
        "at 3 o'clock",
        "along the whole length",
        "in a row 15 mm apart",
        "front to back",
    ],
    names: &["long", "wide", "tall", "thick", "in diameter", "walls", "teeth", "deep", "OD", "bore"],
    changes: &[
        "make it taller",
        "twice as wide",
        "10 % bigger",
        "2 mm deeper",
        "no, 30, not 20",
        "the 20 was a 25",
        "raise it by",
        "take an inch off it",
        "half the height",
        "mirror it",
        "repeat it every 20 mm, 4 in total",
    ],
    acts: &[
        "undo",
        "redo",
        "start over",
        "undo the last two changes",
        "remove the hole",
        "remove the middle one",
        "how tall is it?",
    ],
    ends: &["in red PETG", "in white", "five of them", "in PLA", "no lid", "with a lid", "please", "a dozen"],
    by: "by",
    of: "of",
    with: "with",
};

const ES: Words = Words {
    bodies: &[
        "una caja",
        "una placa",
        "un bloque",
        "un tubo",
        "un engranaje",
        "una maceta",
        "una perilla",
        "un soporte en L",
        "un eje escalonado",
        "un perfil en U",
        "un disco",
        "un separador",
        "una barra hexagonal",
        "un resorte",
        "una bisagra",
        "una transición",
        "un dragón",
        "una taza",
    ],
    features: &[
        "un agujero",
        "cuatro agujeros",
        "un agujero ciego",
        "una ranura",
        "un cajeado",
        "un tetón",
        "dos nervios",
        "un canal",
        "una muesca",
        "esquinas redondeadas",
        "un chaflán en las aristas superiores",
        "agujeros avellanados M4",
        "un agujero con caja",
        "torretas con agujero en cada una",
    ],
    places: &[
        "en el centro",
        "en cada esquina",
        "a 8 mm de los bordes",
        "a 20 mm del borde izquierdo",
        "en la cara frontal",
        "en un círculo de 60 mm",
        "a las 3",
        "a todo lo largo",
        "en hilera separados 15 mm",
        "de frente a atrás",
    ],
    names: &[
        "de largo",
        "de ancho",
        "de alto",
        "de espesor",
        "de diámetro",
        "de pared",
        "dientes",
        "de hondo",
        "exterior",
        "de agujero",
    ],
    changes: &[
        "más alto",
        "el doble de ancho",
        "10 % más grande",
        "2 mm más profundo",
        "no, 30, no 20",
        "no eran 20 sino 25",
        "súbelo",
        "quítale 5 mm de alto",
        "la mitad de alto",
        "otro simétrico",
        "repítelo cada 20 mm, 4 en total",
    ],
    acts: &[
        "deshaz",
        "rehaz",
        "empieza de nuevo",
        "deshaz los dos últimos",
        "quita el agujero",
        "quita el del medio",
        "¿cuánto mide de alto?",
    ],
    ends: &["en PETG rojo", "en blanco", "cinco piezas", "en PLA", "sin tapa", "con tapa", "por favor", "una docena"],
    by: "por",
    of: "de",
    with: "con",
};

const PT: Words = Words {
    bodies: &[
        "uma caixa",
        "uma placa",
        "um bloco",
        "um tubo",
        "uma engrenagem",
        "um vaso",
        "um botão",
        "uma cantoneira",
        "um eixo escalonado",
        "um perfil em U",
        "um disco",
        "um espaçador",
        "uma barra sextavada",
        "uma mola",
        "uma dobradiça",
        "uma peça de transição",
        "um dragão",
        "uma caneca",
    ],
    features: &[
        "um furo",
        "quatro furos",
        "um furo cego",
        "um rasgo",
        "um rebaixo",
        "um ressalto",
        "duas nervuras",
        "um canal",
        "um entalhe",
        "cantos arredondados",
        "um chanfro nas arestas de cima",
        "furos escareados M4",
        "um furo com rebaixo cilíndrico",
        "ressaltos, cada um com furo",
    ],
    places: &[
        "no centro",
        "em cada canto",
        "a 8 mm das bordas",
        "a 20 mm da borda esquerda",
        "na face da frente",
        "num círculo de 60 mm",
        "às 3 horas",
        "de ponta a ponta",
        "em fila espaçados 15 mm",
        "de frente para trás",
    ],
    names: &[
        "de comprimento",
        "de largura",
        "de altura",
        "de espessura",
        "de diâmetro",
        "de parede",
        "dentes",
        "de profundidade",
        "externo",
        "de furo",
    ],
    changes: &[
        "mais alto",
        "o dobro da largura",
        "10 % maior",
        "2 mm mais fundo",
        "não, 30, não 20",
        "o 20 era 25",
        "sobe",
        "tira 5 mm da altura",
        "metade da altura",
        "espelha ele",
        "repete a cada 20 mm, 4 no total",
    ],
    acts: &[
        "desfaz",
        "refaz",
        "começa de novo",
        "desfaz as duas últimas",
        "tira o furo",
        "tira o do meio",
        "qual a altura?",
    ],
    ends: &[
        "em PETG vermelho",
        "em branco",
        "cinco peças",
        "em PLA",
        "sem tampa",
        "com tampa",
        "por favor",
        "uma dúzia",
    ],
    by: "por",
    of: "de",
    with: "com",
};

fn words(language: &str) -> &'static Words {
    match language {
        "en" => &EN,
        "es" => &ES,
        _ => &PT,
    }
}

fn number(dice: &mut Dice, language: &str) -> String {
    let value = match dice.below(4) {
        0 => dice.below(10) + 1,
        1 => dice.below(100) + 1,
        2 => 5 * (dice.below(40) + 1),
        _ => 10 * (dice.below(30) + 1),
    };
    let unit = ["", "", "", " mm", "mm", " cm", "\"", " in", " m"][dice.below(9)];
    match dice.below(12) {
        0 if language == "en" => format!("{value}.5{unit}"),
        0 => format!("{value},5{unit}"),
        1 => format!("{value} 1/2{unit}"),
        2 => "1/4\"".to_owned(),
        3 => match language {
            "en" => "twenty five",
            "es" => "veinticinco",
            _ => "vinte e cinco",
        }
        .to_owned(),
        _ => format!("{value}{unit}"),
    }
}

fn size(dice: &mut Dice, language: &str) -> String {
    let words = words(language);
    match dice.below(3) {
        0 => format!("{} {}", number(dice, language), dice.of(words.names)),
        1 => {
            let cross = [" x ", "x", "×", " "][dice.below(4)];
            let cross = if cross == " " { format!(" {} ", words.by) } else { cross.to_owned() };
            [number(dice, language), number(dice, language), number(dice, language)].join(&cross)
        }
        _ => format!("{} {}", words.of, number(dice, language)),
    }
}

/// One turn.
pub(crate) fn utterance(dice: &mut Dice, language: &str) -> String {
    let words = words(language);
    let mut said = match dice.below(8) {
        0 => dice.of(words.acts).to_owned(),
        1 => format!("{} {}", dice.of(words.changes), number(dice, language)),
        2 => format!("{} {} {}", dice.of(words.features), size(dice, language), dice.of(words.places)),
        _ => {
            let mut parts = vec![format!("{} {}", dice.of(words.bodies), size(dice, language))];
            for _ in 0..dice.below(4) {
                let feature = format!("{} {} {}", dice.of(words.features), size(dice, language), dice.of(words.places));
                let link = [", ", ". ", "; ", " ", "\n"][dice.below(5)];
                let with = if dice.one_in(3) { format!("{} ", words.with) } else { String::new() };
                parts.push(format!("{link}{with}{feature}"));
            }
            parts.concat()
        }
    };
    if dice.one_in(3) {
        said = format!("{said}, {}", dice.of(words.ends));
    }
    match dice.below(6) {
        // Dictation knows no marks.
        0 => said.to_lowercase().replace([',', ';', '\n'], " "),
        1 => slip(dice, &said),
        _ => said,
    }
}

/// Two letters swapped, one lost or one too many.
fn slip(dice: &mut Dice, said: &str) -> String {
    let mut letters: Vec<char> = said.chars().collect();
    if letters.len() > 3 {
        let at = dice.below(letters.len() - 1);
        match dice.below(3) {
            0 => letters.swap(at, at + 1),
            1 => drop(letters.remove(at)),
            _ => letters.insert(at, letters[at]),
        }
    }
    letters.into_iter().collect()
}

/// One to four turns in one language, now and then with one of another.
pub(crate) fn dialogue(seed: u64) -> (&'static str, Vec<String>) {
    let mut dice = Dice::new(seed);
    let language = LANGUAGES[dice.below(3)];
    let turns = (0..=dice.below(4))
        .map(|_| {
            let spoken = if dice.one_in(12) { LANGUAGES[dice.below(3)] } else { language };
            utterance(&mut dice, spoken)
        })
        .collect();
    (language, turns)
}
