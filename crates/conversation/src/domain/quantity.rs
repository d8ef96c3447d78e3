//! Quantities: numbers in digits and words, fractions, dozens and units become measures; "A x B x C" becomes a group.

use super::{
    lexeme::{Item, Lexeme, Measure, Unit},
    lexicon::Class,
    state::Language,
};

/// Reads digits as written in a language: the last separator is the decimal sign unless it groups thousands.
pub(crate) fn parse_digits(digits: &str, language: Language) -> f64 {
    let separators: Vec<(usize, char)> = digits.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let plain = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let Some(&(last, sign)) = separators.last() else { return digits.parse().unwrap_or(f64::MAX) };
    let after = digits.len() - last - 1;
    let mixed = separators.iter().any(|(_, c)| *c != sign);
    let head = &digits[..separators[0].0];
    let grouped = after == 3 && !head.starts_with('0') && (1..=3).contains(&head.len());
    let native_thousands = if language == Language::En { ',' } else { '.' };
    let decimal = mixed || (separators.len() == 1 && !(grouped && sign == native_thousands));
    let text = if decimal { format!("{}.{}", plain(&digits[..last]), &digits[last + 1..]) } else { plain(digits) };
    text.parse().unwrap_or(f64::MAX)
}

/// A number found at the start of some lexemes.
struct Parsed {
    value: f64,
    used: usize,
    article: bool,
}

pub(crate) fn measures(lexemes: Vec<Lexeme>, language: Language) -> Vec<Lexeme> {
    let mut out: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    let mut fractions = Vec::new();
    let mut at = 0;
    while at < lexemes.len() {
        match measure(&lexemes[at..], language) {
            Some((mut measure, used)) => {
                if measure.unit == Unit::None
                    && (matches!(lexemes[at].item, Item::Fraction(_)) || measure.value.fract() != 0.0)
                {
                    fractions.push((out.len(), matches!(lexemes[at].item, Item::Fraction(_))));
                }
                let span = lexemes[at].span.start..lexemes[at + used - 1].span.end;
                let glued = lexemes[at].glued;
                at += used;
                // "5 ft 6 in" is one length.
                if let Some(Lexeme { item: Item::Measure(feet), .. }) = out.last()
                    && feet.unit == Unit::Length
                    && measure.unit == Unit::Length
                    && is_feet(&lexemes, feet)
                    && measure.value < 304.8
                {
                    measure.value = tidy(measure.value + feet.value);
                    measure.span.start = feet.span.start;
                    out.pop();
                }
                let span = measure.span.start..span.end;
                out.push(Lexeme { item: Item::Measure(measure), span, glued });
            }
            None => {
                out.push(lexemes[at].clone());
                at += 1;
            }
        }
    }
    in_inches(&mut out, &fractions);
    in_one_unit(&mut out);
    // What is left of raw numbers cannot be read; the grammar must not see it.
    out.retain(|l| !matches!(l.item, Item::Digits { .. } | Item::Fraction(_)));
    out
}

/// "6 inches long and 1/4 thick": among inches a plain fraction is inches too; a decimal is, where no other unit is used.
fn in_inches(lexemes: &mut [Lexeme], fractions: &[(usize, bool)]) {
    let factors = || lexemes.iter().filter_map(Lexeme::measure).filter(|m| m.unit == Unit::Length).map(|m| m.factor);
    let inches = factors().any(|f| f == 25.4);
    let only = factors().all(|f| f == 25.4);
    for (at, written) in fractions {
        if let Some(Lexeme { item: Item::Measure(measure), .. }) = lexemes.get_mut(*at)
            && measure.unit == Unit::None
            && inches
            && (*written || only)
        {
            (measure.value, measure.factor, measure.unit) = (tidy(measure.value * 25.4), 25.4, Unit::Length);
        }
    }
}

/// "everything in inches: ...", "todo en pulgadas": a unit by itself, with "in" before it, is that of every plain size.
fn in_one_unit(lexemes: &mut [Lexeme]) {
    let unit = (1..lexemes.len()).find_map(|at| {
        let name = lexemes[at].sense(Class::Unit)?;
        let alone = lexemes[at - 1].func("in") && !lexemes[at].func("in");
        // "em pé" stands.
        let foot = name == "ft" && lexemes[at].span.len() <= 3;
        (alone && !foot && matches!(name, "in" | "cm" | "m" | "ft")).then(|| length_factor(name))
    });
    let Some(factor) = unit else { return };
    for at in 0..lexemes.len() {
        let counts = lexemes.get(at + 1).is_some_and(|l| {
            l.sense(Class::Feature).is_some()
                || l.sense(Class::Family).is_some()
                || l.func("pieces")
                || l.is(Class::Axis, "teeth")
                || l.is(Class::Axis, "sides")
        });
        if let Item::Measure(measure) = &mut lexemes[at].item
            && measure.unit == Unit::None
            && !measure.article
            && !counts
        {
            (measure.value, measure.factor, measure.unit) = (tidy(measure.value * factor), factor, Unit::Length);
        }
    }
}

fn is_feet(lexemes: &[Lexeme], measure: &Measure) -> bool {
    lexemes.iter().any(|l| l.span.end == measure.span.end && l.is(Class::Unit, "ft"))
}

/// Kills the last bits of binary fractions: 0.1 in is 2.54 mm, not 2.5400000000000005.
pub(crate) fn tidy(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn measure(lexemes: &[Lexeme], language: Language) -> Option<(Measure, usize)> {
    let start = lexemes[0].span.start;
    if let Item::Metric(size) = lexemes[0].item {
        return Some((
            Measure { value: size, unit: Unit::Metric, factor: 1.0, span: lexemes[0].span.clone(), article: false },
            1,
        ));
    }
    // "minus five", "menos 5" at the place of a number.
    if lexemes[0].is(Class::Minus, "x") && lexemes.len() > 1 && !lexemes[0].func("minus") {
        let (mut inner, used) = measure(&lexemes[1..], language)?;
        inner.value = -inner.value.abs();
        inner.span.start = start;
        return Some((inner, used + 1));
    }
    // "pulgada y media", "polegada e meia": the one is unsaid.
    if let Some((extra, more)) = lone_unit(lexemes) {
        let factor = lexemes[0].sense(Class::Unit).map_or(1.0, length_factor);
        let span = start..lexemes[more].span.end;
        let value = tidy((1.0 + extra) * factor);
        return Some((Measure { value, unit: Unit::Length, factor, span, article: false }, more + 1));
    }
    let number = number(lexemes, language)?;
    let (mut value, mut used) = (number.value, number.used);
    let half = |at: usize| -> Option<(f64, usize)> { half_after(&lexemes[at.min(lexemes.len())..]) };
    let mut halved = false;
    if let Some((extra, more)) = half(used) {
        value += extra;
        used += more;
        halved = true;
    }
    let (mut unit, mut factor) = (Unit::None, 1.0);
    let mut at = used;
    // "three quarters of an inch", "meia de polegada".
    if value < 1.0 && lexemes.get(at).is_some_and(|l| l.func("of")) {
        at += 1;
    }
    if value < 1.0 && lexemes.get(at).is_some_and(|l| l.func("a")) {
        at += 1;
    }
    if let Some(name) = lexemes.get(at).and_then(|l| l.sense(Class::Unit))
        && unit_fits(lexemes, at, name)
    {
        factor = match name {
            "percent" => 0.01,
            "ml" => 1_000.0,
            "litre" => 1_000_000.0,
            name => length_factor(name),
        };
        unit = match name {
            "deg" => Unit::Angle,
            "percent" => Unit::Percent,
            "ml" | "litre" => Unit::Volume,
            "gram" => Unit::Other,
            _ => Unit::Length,
        };
        used = at + 1;
        if !halved && let Some((extra, more)) = half(used) {
            value += extra;
            used += more;
        }
        value *= factor;
    } else if number.article {
        // A lone article is not a number.
        return None;
    }
    let span = start..lexemes[used - 1].span.end;
    Some((Measure { value: tidy(value), unit, factor, span, article: number.article }, used))
}

/// Millimetres to the unit.
fn length_factor(name: &str) -> f64 {
    match name {
        "cm" => 10.0,
        "m" => 1_000.0,
        "km" => 1_000_000.0,
        "in" => 25.4,
        "ft" => 304.8,
        _ => 1.0,
    }
}

/// The part of a unit that follows the bare unit, and the index of the last word read.
fn lone_unit(lexemes: &[Lexeme]) -> Option<(f64, usize)> {
    let unit = lexemes[0].sense(Class::Unit)?;
    if !matches!(unit, "in" | "ft" | "m" | "cm") || lexemes[0].func("in") || lexemes[0].span.len() < 3 {
        return None;
    }
    half_after(&lexemes[1..])
}

/// "in" is a unit and a preposition: "80 in" against "80 in red", "2 in the corner".
fn unit_fits(lexemes: &[Lexeme], at: usize, name: &str) -> bool {
    let next = lexemes.get(at + 1);
    if name == "in" && lexemes[at].func("in") && !lexemes[at].glued {
        let opens = |l: &Lexeme| {
            ["the", "a", "each", "it"].iter().any(|f| l.func(f))
                || l.sense(Class::Place).is_some()
                || [Class::Material, Class::BadMaterial, Class::Colour, Class::Shade]
                    .iter()
                    .any(|c| l.sense(*c).is_some())
                || matches!(l.item, Item::Hex(_))
                || (l.sense(Class::Axis).is_some() && !l.is(Class::Axis, "diameter"))
                // "30 in from the right edge" is no distance of thirty inches.
                || l.func("from") && at > 0 && whole_from(&lexemes[at - 1], 10.0)
        };
        // "80 in diameter" has no unit; "3 in long" has one.
        let diameter = next.is_some_and(|l| l.is(Class::Axis, "diameter"));
        return !next.is_some_and(opens) && !diameter;
    }
    // "4 m" glued to nothing else is metres; a lone "h" or "l" is never a unit.
    true
}

/// A number written without a fraction, at least so large.
fn whole_from(lexeme: &Lexeme, least: f64) -> bool {
    matches!(&lexeme.item, Item::Digits { digits, .. } if digits.parse::<f64>().is_ok_and(|n| n >= least))
}

/// "and a half", "e meia", "y medio".
fn half_after(lexemes: &[Lexeme]) -> Option<(f64, usize)> {
    if !lexemes.first()?.func("and") {
        return None;
    }
    let mut at = 1;
    if lexemes.get(at).is_some_and(|l| l.func("a")) {
        at += 1;
    } else if let Some(Item::Digits { .. }) = lexemes.get(at).map(|l| &l.item) {
        return None;
    }
    let part = lexemes.get(at)?.sense(Class::Part)?;
    let value: f64 = part.parse().ok()?;
    Some((value, at + 1))
}

fn number(lexemes: &[Lexeme], language: Language) -> Option<Parsed> {
    let mut parsed = match &lexemes[0].item {
        Item::Digits { digits, negative } => {
            let value = parse_digits(digits, language);
            Parsed { value: if *negative { -value } else { value }, used: 1, article: false }
        }
        Item::Fraction(value) => Parsed { value: *value, used: 1, article: false },
        Item::Phrase(_) => in_words(lexemes, language)?,
        _ => return None,
    };
    let rest = &lexemes[parsed.used..];
    // "two dozen", "uma dúzia", "half a dozen", "3 quarters".
    let skip = usize::from(parsed.value < 1.0 && rest.first().is_some_and(|l| l.func("a")));
    if let Some(dozen) = rest.get(skip).and_then(|l| l.sense(Class::Dozen)).and_then(|d| d.parse::<f64>().ok()) {
        parsed.value *= dozen;
        parsed.used += skip + 1;
        parsed.article = false;
        // "a dozen of washers".
    } else if let Some(part) = rest.first().and_then(|l| l.sense(Class::Part)).and_then(|p| p.parse::<f64>().ok())
        && parsed.value.fract() == 0.0
        && (1.0..16.0).contains(&parsed.value)
        && !rest[0].is(Class::Place, "centre")
    {
        parsed.value *= part;
        parsed.used += 1;
        parsed.article = false;
    }
    Some(parsed)
}

fn value_of(lexeme: &Lexeme) -> Option<f64> {
    lexeme.sense(Class::Number)?.parse().ok()
}

/// "um" is a hesitation in English, though a number elsewhere.
fn foreign(lexeme: &Lexeme, language: Language) -> bool {
    match &lexeme.item {
        Item::Phrase(senses) => {
            lexeme.span.len() <= 2 && senses.iter().all(|s| s.class == Class::Number && s.language != Some(language))
        }
        _ => false,
    }
}

fn in_words(lexemes: &[Lexeme], language: Language) -> Option<Parsed> {
    let first = &lexemes[0];
    if first.func("a") {
        // An article counts only before a unit, a dozen or a part of something.
        let next = lexemes.get(1)?;
        let counts = next.sense(Class::Dozen).is_some()
            || next.sense(Class::Part).is_some()
            || (next.sense(Class::Unit).is_some() && !next.func("in"));
        return counts.then_some(Parsed { value: 1.0, used: 1, article: true });
    }
    // "Pair of brackets", "docena de arandelas".
    if let Some(dozen) = first.sense(Class::Dozen)
        && lexemes.get(1).is_some_and(|l| l.func("of"))
    {
        return Some(Parsed { value: dozen.parse().ok()?, used: 1, article: false });
    }
    if let Some(part) = first.sense(Class::Part) {
        // "meio" is also the middle of something.
        let next = lexemes.get(1)?;
        let after = if next.func("a") { lexemes.get(2)? } else { next };
        let counts = after.sense(Class::Dozen).is_some() || (after.sense(Class::Unit).is_some() && !after.func("in"));
        return counts.then_some(Parsed { value: part.parse().ok()?, used: 1, article: false });
    }
    value_of(first).filter(|_| !foreign(first, language))?;
    let (mut total, mut current, mut room, mut used) = (0.0, 0.0, f64::INFINITY, 0);
    while let Some(lexeme) = lexemes.get(used) {
        let joined = used > 0 && lexeme.func("and");
        let at = if joined { used + 1 } else { used };
        let Some(value) = lexemes.get(at).and_then(value_of) else { break };
        // "and" joins a smaller number only: "cento e vinte", "vinte e cinco", "one hundred and five".
        if joined && language == Language::En && room < 100.0 {
            break;
        }
        if value == 1000.0 {
            if total > 0.0 {
                break;
            }
            total = f64::max(current, 1.0) * 1000.0;
            (current, room) = (0.0, 1000.0);
        } else if value == 100.0 && (1.0..10.0).contains(&current) && language == Language::En && !joined {
            current *= 100.0;
            room = 100.0;
        } else if language == Language::En
            && used == 1
            && (1.0..10.0).contains(&current)
            && (10.0..100.0).contains(&value)
            && !joined
            && said_as_one(&lexemes[used..])
        {
            // "one fifty" is 150 in speech.
            current = current * 100.0 + value;
            room = if value >= 20.0 { 10.0 } else { 0.0 };
        } else if value < room {
            current += value;
            room = match value {
                v if v >= 100.0 => 100.0,
                v if v >= 20.0 => 10.0,
                _ => 0.0,
            };
        } else {
            break;
        }
        used = at + 1;
    }
    let mut value = total + current;
    // "doze vírgula cinco".
    if lexemes.get(used).is_some_and(|l| l.is(Class::Point, "x"))
        && let Some(digit) = lexemes.get(used + 1).and_then(value_of)
    {
        let rest = in_words(&lexemes[used + 1..], language).map_or((digit, 1), |p| (p.value, p.used));
        value += rest.0 / if rest.0 >= 10.0 { 100.0 } else { 10.0 };
        used += 1 + rest.1;
    }
    Some(Parsed { value, used, article: false })
}

/// "two ten mm holes" counts holes; "by one fifty millimetres" is one number.
fn said_as_one(lexemes: &[Lexeme]) -> bool {
    !lexemes.iter().take(5).any(|l| {
        l.sense(Class::Feature).is_some() || l.sense(Class::Adjective).is_some() || l.sense(Class::Family).is_some()
    })
}

/// Joins measures with crosses between them; a unit at the end serves all.
pub(crate) fn groups(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let mut out: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    let mut at = 0;
    while at < lexemes.len() {
        let size = |i: usize| lexemes.get(i).and_then(Lexeme::measure).filter(|m| m.is_size() && !m.article);
        let cross = |i: usize| {
            lexemes.get(i).is_some_and(|l| l.func("x") || l.func("by") || matches!(l.item, Item::Break('*')))
        };
        let mut members = Vec::new();
        let mut end = at;
        if let Some(first) = size(at) {
            members.push(first.clone());
            end = at + 1;
            // "32 por 2 de parede por 150": a wall is no member of overall sizes, unless it has a size of its own:
            // "60 x 40 x 30 walls 2".
            let wall = |i: usize| {
                let of = usize::from(lexemes.get(i).is_some_and(|l| l.func("of")));
                let after = lexemes[(i + of + 1).min(lexemes.len())..].iter().find(|l| !l.func("of") && !l.func("is"));
                lexemes.get(i + of).is_some_and(|l| l.sense(Class::Qualifier) == Some("wall"))
                    && (of > 0 || after.is_none_or(|l| l.measure().is_none()))
            };
            while let (true, Some(next), false) = (cross(end), size(end + 1), wall(end + 2)) {
                members.push(next.clone());
                end += 2;
            }
        }
        if members.len() < 2 {
            out.push(lexemes[at].clone());
            at += 1;
            continue;
        }
        share_unit(&mut members);
        let span = lexemes[at].span.start..lexemes[end - 1].span.end;
        out.push(Lexeme { item: Item::Group(members), span, glued: false });
        at = end;
    }
    out
}

/// A plain number takes the unit of the next size that has one, else of the one before it.
fn share_unit(members: &mut [Measure]) {
    for i in 0..members.len() {
        if members[i].unit != Unit::None {
            continue;
        }
        let after = members[i + 1..].iter().find(|m| m.unit == Unit::Length);
        let known = after.or_else(|| members[..i].iter().rev().find(|m| m.unit == Unit::Length));
        if let Some(factor) = known.map(|m| m.factor) {
            members[i].value = tidy(members[i].value * factor);
            members[i].factor = factor;
            members[i].unit = Unit::Length;
        }
    }
}
