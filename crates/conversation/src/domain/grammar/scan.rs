//! What can be read word by word: text, verbs, purposes, material, colour, fit, copies, the body, lids and handles.

use part::{Colour, Material};

use super::{BodyMention, Reader};
use crate::domain::{
    lexeme::{Item, Measure, Unit},
    lexicon::Class,
    state::Language,
};

impl Reader<'_> {
    /// Quoted text, and what follows "saying", "escrito", "com o nome".
    pub(super) fn text(&mut self) {
        for (at, lexeme) in self.lexemes.iter().enumerate() {
            if let Item::Text(text) = &lexeme.item {
                self.reading.text = Some(text.clone());
                self.taken[at] = true;
            }
        }
        let Some(at) = (0..self.lexemes.len()).find(|at| self.lexemes[*at].func("saying")) else {
            return self.capitals();
        };
        let next = |l: usize| self.lexemes.get(l);
        // "text height 8 mm", "material" and the like are sizes of the text, not the text.
        if next(at + 1).is_none_or(|l| {
            matches!(l.item, Item::Measure(_) | Item::Group(_)) && l.measure().is_none_or(|m| m.unit != Unit::None)
                || l.sense(Class::Axis).is_some()
                || l.sense(Class::Adjective).is_some() && l.sense(Class::Family).is_none()
                || l.func("is") && self.lexemes[at].sense(Class::Qualifier).is_some()
        }) {
            return;
        }
        self.taken[at] = true;
        if self.reading.text.is_some() {
            return;
        }
        let only = |l: &crate::domain::lexeme::Lexeme| {
            matches!(self.original[l.span.clone()].to_lowercase().as_str(), "just" | "only" | "apenas" | "só" | "solo")
        };
        let skip = |l: &&crate::domain::lexeme::Lexeme| {
            matches!(l.item, Item::Break(':' | '=')) || l.func("saying") || only(l)
        };
        let start = at + 1 + self.lexemes[at + 1..].iter().take_while(skip).count();
        let mut end = start;
        while let Some(lexeme) = self.lexemes.get(end) {
            let following = self.lexemes.get(end + 1);
            let sized = |l: &crate::domain::lexeme::Lexeme| match &l.item {
                Item::Measure(m) => m.unit != Unit::None,
                Item::Group(_) => true,
                _ => false,
            };
            let material = |l: &crate::domain::lexeme::Lexeme| {
                [Class::Material, Class::Colour, Class::BadMaterial].iter().any(|c| l.sense(*c).is_some())
            };
            let stops = match &lexeme.item {
                Item::Break(c) => matches!(c, ',' | ';' | '.' | '('),
                _ => {
                    sized(lexeme)
                        || (end > start && (lexeme.func("with") || lexeme.func("without") || lexeme.func("made")))
                        || following
                            .is_some_and(|f| (lexeme.func("in") || lexeme.func("of")) && (material(f) || sized(f)))
                        || following.is_some_and(|f| lexeme.func("and") && sized(f))
                        || following.is_some_and(|f| lexeme.func("on") && f.func("a"))
                }
            };
            if stops {
                break;
            }
            end += 1;
        }
        if end > start {
            let span = self.lexemes[start].span.start..self.lexemes[end - 1].span.end;
            self.reading.text = Some(self.original[span].trim().chars().take(60).collect());
            self.taken[start..end].iter_mut().for_each(|t| *t = true);
        }
    }

    /// "SHOP 2 on it": capitals in a turn that has small letters are what a tag or a sign carries.
    fn capitals(&mut self) {
        const CARRIERS: [&str; 5] = ["key_tag", "name_plate", "sign", "wall_plate", "coaster"];
        let carries = self.lexemes.iter().any(|l| l.sense(Class::Family).is_some_and(|k| CARRIERS.contains(&k)));
        if self.reading.text.is_some() || !carries || !self.original.chars().any(char::is_lowercase) {
            return;
        }
        let capitals = |at: usize| {
            let lexeme = &self.lexemes[at];
            let said = &self.original[lexeme.span.clone()];
            said.chars().filter(|c| c.is_alphabetic()).count() >= 2
                && !said.chars().any(char::is_lowercase)
                && !matches!(lexeme.item, Item::Measure(_) | Item::Group(_))
                && [Class::Material, Class::BadMaterial, Class::Axis, Class::Unit, Class::Qualifier]
                    .iter()
                    .all(|c| lexeme.sense(*c).is_none())
        };
        let Some(start) = (0..self.lexemes.len()).find(|at| capitals(*at)) else { return };
        let numbered = |l: &crate::domain::lexeme::Lexeme| l.measure().is_some_and(|m| m.unit == Unit::None);
        let mut end = start + 1;
        while self.lexemes.get(end).is_some_and(numbered) || end < self.lexemes.len() && capitals(end) {
            end += 1;
        }
        let span = self.lexemes[start].span.start..self.lexemes[end - 1].span.end;
        self.reading.text = Some(self.original[span].trim().chars().take(60).collect());
        self.taken[start..end].iter_mut().for_each(|t| *t = true);
    }

    /// "between 10 and 12 mm", "entre 10 e 12", "10-12 mm".
    pub(super) fn ranges(&mut self) {
        for at in 0..self.lexemes.len().saturating_sub(2) {
            let [first, link, second] = &self.lexemes[at..at + 3] else { continue };
            let (Some(from), Some(to)) = (first.measure(), second.measure()) else { continue };
            let said = |l: &crate::domain::lexeme::Lexeme| self.original[l.span.clone()].to_lowercase();
            let led = at > 0 && matches!(said(&self.lexemes[at - 1]).as_str(), "between" | "entre");
            let hyphen = matches!(link.item, Item::Break('-'));
            if (led && link.func("and") || hyphen) && from.is_size() && to.is_size() && to.value > 0.0 {
                let least = if from.unit == Unit::None { from.value * to.factor } else { from.value };
                self.reading.range = Some((least, to.value));
                self.taken[at..at + 3].iter_mut().for_each(|t| *t = true);
            }
        }
    }

    pub(super) fn acts(&mut self) {
        for at in 0..self.lexemes.len() {
            if self.taken[at] {
                continue;
            }
            let lexeme = &self.lexemes[at];
            let Some(act) = lexeme.sense(Class::Act) else { continue };
            // "undo the last two changes".
            let times = self.lexemes[at + 1..].iter().take(4).find_map(|l| l.measure()).filter(|m| m.is_count());
            // "forget the hinge: a block ...": another body instead.
            let said = self.original[lexeme.span.clone()].to_lowercase();
            let forgets = ["forget", "olvid", "esque", "scrap"].iter().any(|s| said.starts_with(s));
            let body = self
                .lexemes
                .get(at + 1)
                .is_some_and(|l| l.sense(Class::Family).is_some() && l.sense(Class::Feature).is_none());
            let act = if act == "remove" && forgets && body { "restart" } else { act };
            let acts = &mut self.reading.acts;
            match act {
                "undo" => {
                    let times = times.map_or(1, |m| m.value.clamp(1.0, 100.0) as usize);
                    acts.undo = acts.undo.max(1).max(times);
                }
                "redo" => acts.redo = 1,
                "restart" => acts.restart = true,
                "add" => acts.add = true,
                "remove" => acts.remove = true,
                "create" => acts.create = true,
                "correct" => acts.correct = true,
                "confirm" => acts.confirm = true,
                "hello" => acts.hello = true,
                "ask" => acts.ask = true,
                _ => {}
            }
            if act == "undo"
                && let Some(n) = (at + 1..self.lexemes.len().min(at + 5))
                    .find(|n| self.lexemes[*n].measure().is_some_and(Measure::is_count))
            {
                self.taken[n] = true;
            }
        }
        // "no, 30": a refusal at the start of a turn.
        let refusal = |l: &crate::domain::lexeme::Lexeme| l.func("not") || l.func("without");
        if self.lexemes.first().is_some_and(refusal)
            && self.lexemes.get(1).is_none_or(|l| l.is_break() || l.measure().is_some())
        {
            self.reading.acts.correct = true;
            self.taken[0] = true;
        }
    }

    /// What a thing is for is not what it is: "a box for mugs", "a hook for a metal shelf".
    pub(super) fn purposes(&mut self) {
        for at in 0..self.lexemes.len() {
            if !self.lexemes[at].func("for") {
                continue;
            }
            for n in at + 1..self.lexemes.len().min(at + 6) {
                let lexeme = &self.lexemes[n];
                if lexeme.is_break()
                    || lexeme.sense(Class::Act).is_some()
                    || ["with", "in", "without", "by"].iter().any(|f| lexeme.func(f))
                {
                    break;
                }
                // "muda para ABS" names the material itself.
                let itself = n == at + 1 && lexeme.sense(Class::Material).is_some();
                if !itself
                    && lexeme.sense(Class::Qualifier).is_none()
                    && [Class::Family, Class::Material, Class::BadMaterial].iter().any(|c| lexeme.sense(*c).is_some())
                {
                    self.taken[n] = true;
                }
            }
        }
    }

    pub(super) fn material_colour_fit(&mut self) {
        for at in 0..self.lexemes.len() {
            let lexeme = &self.lexemes[at];
            let before = at.checked_sub(1).map(|b| &self.lexemes[b]);
            if self.taken[at] {
                continue;
            }
            let refused = before.is_some_and(|b| b.func("not"));
            let led = before.is_some_and(|b| b.func("in") || b.func("made") || b.func("of"));
            if let Some(name) = lexeme.sense(Class::Material) {
                if !refused {
                    self.reading.material = name.parse::<Material>().ok().or(self.reading.material);
                }
                self.taken[at] = true;
            } else if lexeme.sense(Class::BadMaterial).is_some() && led && !refused && !self.has_one_already(at) {
                self.reading.bad_material = Some(self.original[lexeme.span.clone()].to_owned());
                self.taken[at] = true;
            } else if lexeme.sense(Class::Colour).is_some()
                && before.is_some_and(|b| b.func("the") && !b.func("a") && !b.act("remove"))
                && self.lexemes.get(at + 1).is_none_or(|l| l.sense(Class::Family).is_none())
            {
                // "el café", "the orange": a thing, not a colour.
                self.taken[at] = true;
            } else if let Some(name) = lexeme.sense(Class::Colour) {
                if !refused {
                    self.reading.colour = name.parse::<Colour>().ok().or(self.reading.colour.take());
                }
                self.taken[at] = true;
            } else if let Item::Hex(hex) = &lexeme.item {
                self.reading.colour = hex.parse::<Colour>().ok();
                self.taken[at] = true;
            } else if lexeme.sense(Class::Fit).is_some()
                && before.is_some_and(|b| {
                    let said = self.original[b.span.clone()].to_lowercase();
                    ["too", "muito", "muy", "demasiado", "bem"].contains(&said.as_str())
                })
            {
                // "too tight" complains.
                self.taken[at] = true;
            } else if let Some(fit) = lexeme.sense(Class::Fit) {
                self.reading.fit = fit.parse().ok();
                self.taken[at] = true;
            } else if let Item::Unknown(_) = &lexeme.item {
                let last = self.lexemes.get(at + 1).is_none_or(|l| l.is_break());
                // "made of X", "material X"; "in X" at the end of a clause.
                let opens = at >= 2 && !self.lexemes[at - 2].is_break();
                let led = before.is_some_and(|b| b.func("in") && last && opens && self.bare_in(at - 1));
                let material = led || before.is_some_and(|b| b.func("made"));
                if material {
                    self.reading.bad_material = Some(self.original[lexeme.span.clone()].to_owned());
                    self.taken[at] = true;
                } else if before.is_some_and(|b| b.func("coloured")) {
                    self.reading.bad_colour = Some(self.original[lexeme.span.clone()].to_owned());
                    self.taken[at] = true;
                }
            }
        }
    }

    /// "I have one of clay already".
    fn has_one_already(&self, at: usize) -> bool {
        let said = |l: &crate::domain::lexeme::Lexeme| self.original[l.span.clone()].to_lowercase();
        self.lexemes[..at]
            .iter()
            .rev()
            .take(5)
            .any(|l| ["tenho", "tengo", "have", "got", "has", "tinha", "tenía"].contains(&said(l).as_str()))
    }

    /// "em" and "in", which lead materials, against "no" and "na", which lead places.
    pub(super) fn bare_in(&self, at: usize) -> bool {
        let text = self.original[self.lexemes[at].span.clone()].to_lowercase();
        match self.language {
            Language::En => text == "in",
            Language::Pt => text == "em",
            Language::Es => text == "en",
        }
    }

    /// The noun that says what the part is.
    pub(super) fn body(&mut self) {
        let candidate = |at: &usize| {
            let lexeme = &self.lexemes[*at];
            let noun_of_feature = self.regions.iter().any(|r| r.noun == *at);
            lexeme.sense(Class::Family).is_some() && !noun_of_feature && self.free(*at)
        };
        let modifies = |at: usize| {
            // "with a tube", "on the plate": words before the noun, articles and numbers aside.
            let before = self.lexemes[..at].iter().rev().find(|l| {
                !(l.func("a") || l.func("the") || matches!(l.item, Item::Measure(_) | Item::Group(_)))
                    && l.sense(Class::Stop).is_none()
            });
            before.is_some_and(|l| ["with", "without", "on", "in", "from", "at"].iter().any(|f| l.func(f)))
        };
        let candidate = |at: &usize| candidate(at) && !self.part_of_unknown(*at) && !self.names_a_piece(*at);
        let mut head = (0..self.lexemes.len()).filter(candidate).find(|at| !modifies(*at));
        // "forget the hinge: a solid block ..." is about what comes, not about what goes.
        if self.reading.acts.restart
            && let Some(old) = head
            && self.lexemes[..old]
                .last()
                .is_some_and(|l| l.func("the") && !l.func("a") || l.act("remove") || l.act("restart"))
        {
            head = (old + 1..self.lexemes.len()).filter(candidate).find(|at| !modifies(*at)).or(head);
        }
        if head.is_none() && !self.has_body {
            head = (0..self.lexemes.len()).find(candidate);
            // "for" led the noun away, but there is no other: it is the thing after all.
            head = head.or_else(|| {
                (0..self.lexemes.len()).find(|at| {
                    self.lexemes[*at].sense(Class::Family).is_some()
                        && !self.regions.iter().any(|r| r.noun == *at)
                        && !self.reading.acts.hello
                        && !self.part_of_unknown(*at)
                        && !self.serves_another(*at)
                })
            });
        }
        if head.is_none() && !self.has_body {
            self.base_alone();
        }
        let Some(mut at) = head else { return };
        // "pipe bracket": English puts the head last.
        while self.language == Language::En
            && self.lexemes.get(at + 1).is_some_and(|l| l.sense(Class::Family).is_some())
            && self.free(at + 1)
            && !self.regions.iter().any(|r| r.noun == at + 1)
        {
            at += 1;
        }
        let Some(mut family) = self.lexemes[at].sense(Class::Family) else { return };
        // "suporte para o meu celular", "a stand for my phone".
        let phone = self.lexemes[at + 1..].iter().take(5).any(|l| l.is(Class::Qualifier, "phone"));
        if phone && matches!(family, "stand" | "l_bracket") {
            family = "phone_stand";
        }
        self.head = Some(at);
        self.taken[at] = true;
        let before = self.lexemes[..at]
            .iter()
            .rev()
            .take(8)
            .find(|l| l.func("a") || l.func("the") || l.sense(Class::Act).is_some() || l.is_break());
        // Portuguese "a" is an article too.
        let led = self.language == Language::Pt && at > 0 && self.lexemes[at - 1].func("at");
        let definite = led || before.is_some_and(|l| l.func("the") && !l.func("a") || self.ends_in_article(l));
        let indefinite = before.is_some_and(|l| l.func("a") || l.act("create"));
        self.reading.body = Some(BodyMention { family, definite, indefinite });
    }

    /// "a base 120 x 80 x 5": without a noun that says what it is the base of, it is a plate.
    fn base_alone(&mut self) {
        let sized = |at: usize| {
            let near = self.lexemes[at + 1..].iter().take(4).take_while(|l| !l.is_break());
            near.clone().any(|l| matches!(&l.item, Item::Group(members) if members.len() == 3))
                || near.clone().any(|l| l.measure().is_some_and(|m| m.value > 20.0))
        };
        let base = (0..self.lexemes.len()).find(|at| self.lexemes[*at].is(Class::Qualifier, "base") && sized(*at));
        let Some(at) = base.filter(|at| self.free(*at)) else { return };
        if (0..self.lexemes.len()).any(|at| self.lexemes[at].sense(Class::Family).is_some() && self.free(at)) {
            return;
        }
        (self.head, self.taken[at]) = (Some(at), true);
        self.reading.body = Some(BodyMention { family: "plate", definite: false, indefinite: true });
    }

    /// While a part exists, "eje a 45 del borde" and "to hold a rigid pipe" name a piece of it or what it is for: only a
    /// noun that opens its clause, or that a verb of making leads to, is a new thing.
    fn names_a_piece(&self, at: usize) -> bool {
        let of_a_size = at >= 2
            && self.lexemes[at - 1].func("of")
            && [Class::Feature, Class::Axis, Class::Edges].iter().any(|c| self.lexemes[at - 2].sense(*c).is_some());
        if of_a_size && self.lexemes[at].sense(Class::Qualifier).is_some() {
            return true;
        }
        if !self.has_body || self.reading.acts.create || self.reading.acts.restart {
            return false;
        }
        if self.lexemes[at].sense(Class::Qualifier).is_some() {
            return true;
        }
        let definite = at > 0 && self.lexemes[at - 1].func("the") && !self.lexemes[at - 1].func("a");
        let unknown = self.lexemes[..at]
            .iter()
            .rev()
            .take_while(|l| !matches!(l.item, Item::Break(_)) && l.sense(Class::Act).is_none())
            .any(|l| matches!(l.item, Item::Unknown(_)));
        unknown && !definite
    }

    /// "abridor de caixa", "box opener": the noun qualifies a thing that we do not know.
    fn part_of_unknown(&self, at: usize) -> bool {
        let unknown = |i: usize| self.lexemes.get(i).is_some_and(|l| matches!(l.item, Item::Unknown(_)));
        match self.language {
            Language::En => {
                unknown(at + 1) && {
                    let said = self.original[self.lexemes[at + 1].span.clone()].to_lowercase();
                    ["er", "or", "ers", "ors"].iter().any(|s| said.ends_with(s)) && said.len() > 4
                }
            }
            _ => at >= 2 && self.lexemes[at - 1].func("of") && unknown(at - 2),
        }
    }

    /// "tampa para pote": another noun stands before "for".
    fn serves_another(&self, at: usize) -> bool {
        let Some(lead) = (0..at).rev().find(|i| self.lexemes[*i].func("for")) else { return false };
        self.lexemes[..lead].iter().rev().take_while(|l| !l.is_break()).take(4).any(|l| {
            matches!(l.item, Item::Unknown(_)) || matches!(l.sense(Class::Qualifier), Some("lid" | "handle" | "saucer"))
        })
    }

    /// "make the box ...": the verb's phrase holds the article.
    pub(super) fn ends_in_article(&self, lexeme: &crate::domain::lexeme::Lexeme) -> bool {
        lexeme.act("change") && self.original[lexeme.span.clone()].to_lowercase().ends_with(" the")
    }

    pub(super) fn lid_and_handle(&mut self) {
        for at in 0..self.lexemes.len() {
            let lexeme = &self.lexemes[at];
            if self.taken[at] {
                continue;
            }
            let refused = self.refused(at);
            if lexeme.is(Class::Qualifier, "lid") {
                self.reading.lid = Some(!refused);
                let sized = self.lexemes.get(at + 1).is_some_and(|l| l.sense(Class::Axis).is_some())
                    || at > 0
                        && (self.lexemes[at - 1].sense(Class::Adjective).is_some()
                            || self.lexemes[at - 1].measure().is_some())
                    || at > 1 && self.lexemes[at - 1].func("of") && self.lexemes[at - 2].sense(Class::Axis).is_some();
                self.taken[at] = !sized;
            } else if lexeme.is(Class::Qualifier, "handle") || lexeme.is(Class::Family, "handle") {
                self.reading.handle = Some(!refused);
                self.taken[at] = refused || lexeme.sense(Class::Qualifier).is_none();
            }
        }
    }

    /// True when "without", or a verb of removing, leads to this word.
    pub(super) fn refused(&self, at: usize) -> bool {
        for lexeme in self.lexemes[..at].iter().rev().take(5) {
            if lexeme.func("without") || lexeme.act("remove") {
                return true;
            }
            let passes = lexeme.func("the")
                || lexeme.func("a")
                || lexeme.func("at")
                || lexeme.func("each")
                || lexeme.sense(Class::Stop).is_some()
                || lexeme.sense(Class::HoleKind).is_some()
                || lexeme.sense(Class::HoleUse).is_some()
                || lexeme.measure().is_some()
                || lexeme.func("of")
                || lexeme.func("and");
            if !passes {
                return false;
            }
        }
        false
    }

    pub(super) fn unknown_words(&mut self) {
        let said = |lexeme: &crate::domain::lexeme::Lexeme| self.original[lexeme.span.clone()].to_lowercase();
        self.reading.square =
            self.lexemes.iter().any(|l| ["square", "quadrad", "cuadrad"].iter().any(|s| said(l).starts_with(s)));
        self.reading.round = self
            .lexemes
            .iter()
            .any(|l| ["round", "redond", "circular"].contains(&said(l).trim_end_matches(['a', 'o'])));
        let inward = |l: &crate::domain::lexeme::Lexeme| {
            ["insid", "internal", "intern", "interior"].contains(&said(l).trim_end_matches(['a', 'o', 's', 'e']))
        };
        self.reading.inside = self.lexemes.iter().any(|l| l.func("insidedims"))
            || self.lexemes.windows(3).any(|w| {
                let group = |l: &crate::domain::lexeme::Lexeme| matches!(l.item, Item::Group(_));
                let link = w[1].func("of") || matches!(w[1].item, Item::Break(':'));
                group(&w[0]) && inward(&w[1]) || inward(&w[0]) && (group(&w[1]) || link && group(&w[2]))
            })
            || matches!(self.lexemes, [.., a, b] if matches!(a.item, Item::Group(_)) && inward(b));
        self.reading.asks_material = self.reading.acts.ask && self.lexemes.iter().any(|l| l.func("made"));
        for (at, lexeme) in self.lexemes.iter().enumerate() {
            if let Item::Unknown(_) = &lexeme.item
                && !self.taken[at]
            {
                self.reading.unknown.push(self.original[lexeme.span.clone()].to_owned());
            }
        }
    }
}
