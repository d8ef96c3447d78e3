//! What a page of regular expressions reads of the same turns: the measure that the engine has to be worth its size.

use std::{sync::LazyLock, time::Duration};

use part::{Colour, Edit, Material, Operation, Part, Quantity, Source, catalogue};
use regex::Regex;

use crate::{project::Facts, score::Reader};

const FAMILIES: &[(&str, &str)] = &[
    (r"(?i)\b(caixa|caixinha|box|caja)\b.*\b(tampa|tanpa|lid|tapa)\b", "box_with_lid"),
    (r"(?i)\b(vaso|maceta|plant ?pot|flower ?pot)\b", "plant_pot"),
    (r"(?i)\b(engrenagem|gear|engranaje)\b", "gear"),
    (r"(?i)\b(suporte em l|l[- ]?bracket|cantoneira|escuadra)\b", "l_bracket"),
    (r"(?i)\b(tubo|tube)\b", "tube"),
    (r"(?i)\b(arruela|anilha|washer|arandela)\b", "washer"),
    (r"(?i)\b(flange|brida)\b", "flange"),
    (r"(?i)\b(bandeja|tray)\b", "tray"),
    (r"(?i)\b(copo|cup|vaso de beber|taza)\b", "cup"),
    (r"(?i)\b(placa|chapa|plate|pletina)\b", "plate"),
    (r"(?i)\b(disco|disc|disk)\b", "disc"),
    (r"(?i)\b(cilindro|cylinder)\b", "cylinder"),
    (r"(?i)\b(esfera|sphere|ball|bola)\b", "sphere"),
    (r"(?i)\b(cone|cono)\b", "cone"),
    (r"(?i)\b(caixa|box|caja)\b", "box"),
    (r"(?i)\b(bloco|block|bloque)\b", "block"),
];
const NAMED: &[(&str, &[&str])] = &[
    (r"(?:altura|alto|height|tall|high)", &["height", "thickness"]),
    (r"(?:comprimento|length|long|largo)", &["length", "height"]),
    (r"(?:largura|width|wide|ancho)", &["width", "thickness"]),
    (r"(?:espessura|thickness|thick|espesor)", &["thickness", "wall", "height"]),
    (r"(?:di[âa]metro|diameter|dia)", &["diameter", "outer_diameter", "top_diameter"]),
    (r"(?:parede|wall|pared)", &["wall"]),
];
const NUMBER: &str = r"(\d+(?:[.,]\d+)?)\s*(mm|cm)?";

static PATTERNS: LazyLock<Vec<(Regex, &'static [&'static str])>> = LazyLock::new(|| {
    let after = NAMED.iter().map(|(word, to)| (format!(r"(?i){NUMBER}\s*(?:de\s+|of\s+)?{word}"), *to));
    let before = NAMED.iter().map(|(word, to)| (format!(r"(?i){word}\s*(?:de|of|:|=)?\s*{NUMBER}"), *to));
    after.chain(before).filter_map(|(p, to)| Some((Regex::new(&p).ok()?, to))).collect()
});
static SIZES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(\d+(?:[.,]\d+)?)\s*(?:mm|cm)?\s*(?:x|×|por|by)\s*(\d+(?:[.,]\d+)?)\s*(?:mm|cm)?(?:\s*(?:x|×|por|by)\s*(\d+(?:[.,]\d+)?))?\s*(mm|cm)?").ok()
});
static KINDS: LazyLock<Vec<(Regex, &'static str)>> =
    LazyLock::new(|| FAMILIES.iter().filter_map(|(p, kind)| Some((Regex::new(p).ok()?, *kind))).collect());

#[derive(Default)]
pub(crate) struct Baseline {
    part: Part,
    turn: u32,
}

impl Baseline {
    fn set(&mut self, names: &[&str], value: f64) {
        let Some(body) = self.part.features.first() else { return };
        let Some(definition) = catalogue::find(&body.kind) else { return };
        let Some(name) = names.iter().find(|name| definition.parameter(name).is_some()) else { return };
        let source = Source::User { turn: self.turn, start: 0, end: 0 };
        let value = Quantity { value, words: String::new(), source };
        let edit = Edit::SetParameter { operation: body.id.clone(), parameter: (*name).to_owned(), value };
        if let Ok(part) = self.part.apply(&edit) {
            self.part = part;
        }
    }
}

fn millimetres(number: &str, unit: Option<&str>) -> f64 {
    let value: f64 = number.replace(',', ".").parse().unwrap_or_default();
    if unit.is_some_and(|u| u.eq_ignore_ascii_case("cm")) { value * 10.0 } else { value }
}

impl Reader for Baseline {
    fn read(&mut self, turn: &str) -> (Facts, bool, Duration) {
        let started = std::time::Instant::now();
        let kind = KINDS.iter().find(|(pattern, _)| pattern.is_match(turn)).map(|(_, kind)| *kind);
        if let Some(kind) = kind
            && let Ok(part) = Part::default().apply(&Edit::Add { operation: Operation::new(kind, kind) })
        {
            self.part = Part { features: part.features, ..self.part.clone() };
        }
        if let Some(found) = SIZES.as_ref().and_then(|sizes| sizes.captures(turn)) {
            let unit = found.get(4).map(|unit| unit.as_str());
            let order =
                self.part.features.first().and_then(|o| catalogue::find(&o.kind)).map_or(&[][..], |d| d.size_order);
            for (n, name) in order.iter().enumerate().take(3) {
                if let Some(number) = found.get(n + 1) {
                    self.set(&[name], millimetres(number.as_str(), unit));
                }
            }
        }
        for (pattern, names) in PATTERNS.iter() {
            if let Some(found) = pattern.captures(turn)
                && let Some(number) = found.get(1)
            {
                self.set(names, millimetres(number.as_str(), found.get(2).map(|unit| unit.as_str())));
            }
        }
        for word in turn.split(|c: char| !c.is_alphanumeric()) {
            if let Ok(material) = word.parse::<Material>() {
                self.part.material = Some(material);
            } else if let Ok(colour) = word.parse::<Colour>() {
                self.part.colour = Some(colour);
            }
        }
        self.turn += 1;
        (Facts::of(&self.part), part::lower(&self.part).is_err(), started.elapsed())
    }

    fn part(&self) -> Part {
        self.part.clone()
    }

    fn question(&self) -> Option<String> {
        part::lower(&self.part).err().map(|error| error.to_string())
    }
}
