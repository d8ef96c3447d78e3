//! The grammar: from lexemes to a reading of the turn. It knows what belongs to what (which number sizes which thing), and
//! nothing about the part that exists or about the catalogue's rules.

use std::ops::Range;

use part::{Colour, Fit, Material};

pub(crate) use bodies::{End, Section};

use super::{
    lexeme::{Lexeme, Measure},
    resolve::Name,
    state::Language,
};

mod bodies;
mod elliptic;
mod features;
mod insets;
mod links;
mod nouns;
mod proportions;
mod relations;
mod scan;
mod sentences;
mod whereabouts;

/// What a turn says, before anything is known about the part that it is said of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) acts: Acts,
    pub(crate) body: Option<BodyMention>,
    /// "A x B x C" of the body.
    pub(crate) sizes: Option<Vec<Measure>>,
    /// A name that followed "A x B x C" and belongs to its last member.
    pub(crate) last_size: Option<Name>,
    pub(crate) named: Vec<(Name, Measure)>,
    /// Numbers that nothing names.
    pub(crate) loose: Vec<Measure>,
    pub(crate) features: Vec<FeatureMention>,
    pub(crate) relatives: Vec<Relative>,
    pub(crate) material: Option<Material>,
    pub(crate) bad_material: Option<String>,
    pub(crate) colour: Option<Colour>,
    pub(crate) bad_colour: Option<String>,
    pub(crate) fit: Option<Fit>,
    pub(crate) copies: Option<Measure>,
    pub(crate) lid: Option<bool>,
    pub(crate) handle: Option<bool>,
    pub(crate) text: Option<String>,
    /// Sizes asked about: "how tall is it?".
    pub(crate) names: Vec<Name>,
    pub(crate) asks_material: bool,
    /// "square", "quadrada".
    pub(crate) square: bool,
    /// Sizes were said of the inside: "medidas internas".
    pub(crate) inside: bool,
    /// "height equal to the diameter".
    pub(crate) equals: Vec<(Name, Name)>,
    /// "the height, half of the length".
    pub(crate) ratios: Vec<Ratio>,
    /// "round", "redondo".
    pub(crate) round: bool,
    /// "between 10 and 12 mm": nobody but the speaker can choose.
    pub(crate) range: Option<(f64, f64)>,
    /// "not 20".
    pub(crate) not: Vec<Measure>,
    pub(crate) unknown: Vec<String>,
    /// Sections of a stepped shaft.
    pub(crate) sections: Vec<Section>,
    /// Ends of a transition.
    pub(crate) ends: Vec<End>,
    /// Straight legs of a bent rod.
    pub(crate) legs: Vec<Measure>,
    /// "mirror it", and the side that it goes to.
    pub(crate) mirrored: Option<Mirrored>,
    /// "with the centres 10 from the edges": of the feature that is there.
    pub(crate) edge_inset: Option<(Option<&'static str>, Measure)>,
    /// Outer and inner were said the wrong way round: "swap those two".
    pub(crate) swap: bool,
    /// "make both of them 8": all that are like the one spoken of last.
    pub(crate) both: bool,
    /// The turn only asks.
    pub(crate) only_asks: bool,
    /// "repeat it every 30 mm, four in total".
    pub(crate) repeated: Option<Repeated>,
}

/// Where the mirror image of a feature goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mirrored {
    pub(crate) side: Option<&'static str>,
    /// "diagonally opposite": across both middles.
    pub(crate) diagonal: bool,
    /// "mirror those two": the last ones made.
    pub(crate) count: usize,
}

/// A feature that is there, repeated in a row.
#[derive(Clone, Debug)]
pub(crate) struct Repeated {
    pub(crate) count: Measure,
    pub(crate) pitch: Measure,
    /// "across" along the depth of the face.
    pub(crate) across: Option<bool>,
}

impl Reading {
    /// Something was sized or shaped.
    pub(crate) fn measured(&self) -> bool {
        self.sizes.is_some() || !self.named.is_empty() || !self.features.is_empty()
    }

    /// Sizes without a thing that has them: they wait for it.
    pub(crate) fn waits(&self) -> bool {
        let acts = &self.acts;
        let travels = acts.restart || acts.undo > 0 || acts.redo > 0 || acts.remove;
        (!self.named.is_empty() || self.sizes.is_some()) && self.unknown.is_empty() && !travels
    }

    /// Adds what a later clause of the same turn says, for what is said of the turn as a whole: its acts, its questions and
    /// the words that were not understood. Sizes are of no more use than that they were said.
    pub(crate) fn note(&mut self, later: Reading) {
        let (acts, more) = (&mut self.acts, later.acts);
        acts.undo += more.undo;
        acts.redo += more.redo;
        acts.restart |= more.restart;
        acts.add |= more.add;
        acts.remove |= more.remove;
        acts.create |= more.create;
        acts.correct |= more.correct;
        acts.confirm |= more.confirm;
        acts.hello |= more.hello;
        acts.ask |= more.ask;
        self.body = later.body.or(self.body.take());
        self.sizes = later.sizes.or(self.sizes.take());
        self.named.extend(later.named);
        self.loose.extend(later.loose);
        self.features.extend(later.features);
        self.material = later.material.or(self.material);
        self.colour = later.colour.or(self.colour.take());
        self.copies = later.copies.or(self.copies.take());
        self.names.extend(later.names);
        self.asks_material |= later.asks_material;
        self.unknown.extend(later.unknown);
    }
}

/// What the verbs ask for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Acts {
    pub(crate) undo: usize,
    pub(crate) redo: usize,
    pub(crate) restart: bool,
    pub(crate) add: bool,
    pub(crate) remove: bool,
    pub(crate) create: bool,
    pub(crate) correct: bool,
    pub(crate) confirm: bool,
    pub(crate) hello: bool,
    pub(crate) ask: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct BodyMention {
    /// The catalogue's kind, with what the word implies: `cup+handle=no`.
    pub(crate) family: &'static str,
    /// "the box" against "a box".
    pub(crate) definite: bool,
    /// "a box": surely a thing, not a place.
    pub(crate) indefinite: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct FeatureMention {
    pub(crate) kind: &'static str,
    pub(crate) count: Option<Measure>,
    /// "A x B" of the feature.
    pub(crate) sizes: Option<Vec<Measure>>,
    pub(crate) named: Vec<(Name, Measure)>,
    pub(crate) loose: Vec<Measure>,
    pub(crate) hole_kind: Option<&'static str>,
    pub(crate) edges: Option<&'static str>,
    /// "holes" against "a hole".
    pub(crate) plural: bool,
    pub(crate) centre: bool,
    pub(crate) corners: bool,
    pub(crate) row: bool,
    pub(crate) grid: bool,
    pub(crate) evenly: bool,
    pub(crate) each: bool,
    /// "each with a hole": one in every one of the feature named before it.
    pub(crate) in_each: bool,
    /// "in the front left corner": the sides that meet there.
    pub(crate) corner: Vec<&'static str>,
    /// "the inside corners".
    pub(crate) inside: bool,
    /// "front to back", "along the length".
    pub(crate) direction: Option<&'static str>,
    /// "the last one", "the middle one": which of several.
    pub(crate) which: Option<Which>,
    pub(crate) lid: bool,
    pub(crate) faces: Vec<&'static str>,
    /// Distances from edges; the side where it was said.
    pub(crate) insets: Vec<(Option<&'static str>, Measure)>,
    /// Hours on the clock's face: "at 3 and 9 o'clock".
    pub(crate) clock: Vec<Measure>,
    /// "along the whole length": from one end of the face to the other.
    pub(crate) whole: bool,
    pub(crate) negated: bool,
    pub(crate) definite: bool,
    /// "a hole": one that is not there yet.
    pub(crate) indefinite: bool,
    pub(crate) another: bool,
}

/// One of several that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    First,
    Second,
    Third,
    Middle,
    Last,
}

/// A change in proportion to what is there.
#[derive(Clone, Debug)]
pub(crate) struct Relative {
    pub(crate) name: Name,
    /// Index into the features when it is a feature's size.
    pub(crate) feature: Option<usize>,
    pub(crate) change: Change,
    pub(crate) span: Range<usize>,
}

/// One size as a share of another.
#[derive(Clone, Debug)]
pub(crate) struct Ratio {
    pub(crate) name: Name,
    pub(crate) of: Name,
    pub(crate) factor: f64,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Millimetres (or teeth, or degrees) more; fewer when negative.
    By(f64),
    Times(f64),
    /// "deeper, 12": the size itself.
    To(Measure),
    /// "make it taller": up or down, by how much was not said.
    Unsaid,
}

/// What the grammar works on: the lexemes, and which of them have found their place.
pub(crate) struct Reader<'a> {
    pub(crate) lexemes: &'a [Lexeme],
    pub(crate) original: &'a str,
    pub(crate) language: Language,
    /// True when a part exists that the turn can be about.
    pub(crate) has_body: bool,
    taken: Vec<bool>,
    /// For each feature the lexemes from its first modifier to the last word that can still be about it.
    regions: Vec<Region>,
    head: Option<usize>,
    reading: Reading,
}

#[derive(Clone, Debug)]
struct Region {
    start: usize,
    noun: usize,
    end: usize,
}

pub(crate) fn read(lexemes: &[Lexeme], original: &str, language: Language, has_body: bool) -> Reading {
    let mut reader = Reader {
        lexemes,
        original,
        language,
        has_body,
        taken: vec![false; lexemes.len()],
        regions: Vec::new(),
        head: None,
        reading: Reading::default(),
    };
    reader.text();
    reader.ranges();
    reader.copied();
    reader.acts();
    reader.questions();
    reader.purposes();
    reader.material_colour_fit();
    reader.corrections();
    reader.feature_regions();
    reader.body();
    reader.pieces();
    reader.close_regions();
    reader.clock();
    reader.distributives();
    reader.copies();
    reader.feature_words();
    reader.taken_away();
    reader.places_before();
    reader.edges_before();
    reader.end_to_end();
    reader.at_both_ends();
    reader.lid_and_handle();
    reader.sizes();
    reader.counted_sizes();
    reader.chosen_in_range();
    reader.unknown_words();
    reader.reading
}

impl Reader<'_> {
    fn free(&self, at: usize) -> bool {
        self.taken.get(at) == Some(&false)
    }

    /// The feature whose words stand here.
    fn owner(&self, at: usize) -> Option<usize> {
        self.regions.iter().rposition(|r| (r.start..r.end).contains(&at))
    }
}
