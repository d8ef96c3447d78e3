//! A sketch pushed up, straight, leaning or twisting.

use super::{
    MODE, PIECE,
    draw::{self, Drawing, Drawn},
    sketched::{self, Mode},
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Default, Definition, Role, Values},
    families::{
        kit::{BEYOND, SIZE, angle, length, mm, require},
        place::{self, Site},
    },
    region::{self, Motion, Point2},
    solid::{Body, Contour, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "extrude",
    role: Role::Either,
    meaning: "Pushes a sketch: up from z = 0 when it comes first, else outwards from a face (add), into it (cut), or keeps only what lies within (intersect).",
    parameters: &[
        length(
            "height",
            Default::Absent,
            SIZE,
            "how far it is pushed; without it a cut goes through, and anything else is incomplete",
        ),
        angle(
            "draft",
            Default::Value(0.0),
            (-45.0, 45.0),
            "how far the walls lean inwards on the way, outwards when negative",
        ),
        angle(
            "twist",
            Default::Value(0.0),
            (-720.0, 720.0),
            "how far the far end is turned about the sketch's origin, counter-clockwise",
        ),
    ],
    choices: &[MODE, PIECE],
    size_order: &["height"],
    build: Build::Either(build),
};

/// Steepest lean that a twist may give the outside, as a tangent: 75 degrees from upright.
const STEEPEST: f64 = 3.73;

fn build(v: &Values, operation: &Operation, body: Option<&mut Body>) -> Result<Option<Body>, Invalid> {
    let drawing = draw::only(operation)?;
    let height = || v.find("height").ok_or_else(|| Invalid::new("", "height", "is essential and was not given"));
    let (draft, twist) = (v.get("draft"), v.get("twist"));
    let Some(body) = body else {
        sketched::comes_first(v, operation)?;
        let Drawing::Region(drawn) = drawing else {
            return draw::refuse(
                "sketches[0].outline",
                "is text, whose letters would not hold together; make a plate first and add the text to it",
            );
        };
        let push = Push { height: height()?, draft, twist };
        push.check(&drawn)?;
        return Ok(Some(push.body(&drawn)));
    };
    let mode = sketched::mode(v);
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let sites = place::planes(operation, body, index)?;
    sketched::one_place(mode, &sites)?;
    let mut checked = None;
    for site in &sites {
        let height = match mode {
            Mode::Add => height()?,
            _ => v.find("height").unwrap_or(site.through + BEYOND),
        };
        let push = Push { height, draft, twist };
        let solid = match &drawing {
            Drawing::Region(drawn) => {
                // Most places have the same depth behind them.
                if checked != Some(height) {
                    push.check(drawn)?;
                    checked = Some(height);
                }
                sketched::on_face(site, drawn.bounds())?;
                match mode {
                    Mode::Add => push.standing(drawn, site, body),
                    _ => push.tool(drawn, site, body),
                }
            }
            Drawing::Text { text, height: capitals, shift, turn } => {
                require(draft == 0.0 && twist == 0.0, if draft == 0.0 { "twist" } else { "draft" }, || {
                    "does not go with text; leave it out".to_owned()
                })?;
                require(mode != Mode::Intersect, "mode", || {
                    "would keep loose letters; cut or add the text".to_owned()
                })?;
                let width = crate::families::text_width(text, *capitals);
                let (low, high) = ([shift[0] - width / 2.0, shift[1]], [shift[0] + width / 2.0, shift[1] + capitals]);
                sketched::on_face(site, [low, high])?;
                let sunk = sketched::sink(site, width / 2.0, body);
                let (below, depth) = match mode {
                    Mode::Add => (sunk, height + sunk),
                    _ => (height, height + sketched::before(site, body, width / 2.0)),
                };
                let frame = draw::moved(site.drawing(below), *shift, *turn);
                Solid { shape: Shape::Text { text: text.clone(), height: *capitals, depth }, frame }
            }
        };
        sketched::apply(mode, body, index, solid)?;
    }
    Ok(None)
}

#[derive(Clone, Copy)]
struct Push {
    height: f64,
    draft: f64,
    twist: f64,
}

impl Push {
    /// The walls neither meet before the end nor wind too steeply.
    fn check(&self, drawn: &Drawn) -> Result<(), Invalid> {
        if self.draft != 0.0 && !stays_open(drawn, self.inset()) {
            let (mut open, mut closed) = (0.0, self.draft);
            for _ in 0..12 {
                let middle = (open + closed) / 2.0;
                let inset = self.height * f64::to_radians(middle).tan();
                if stays_open(drawn, inset) { open = middle } else { closed = middle }
            }
            return draw::refuse(
                "draft",
                format!(
                    "of {}° over a height of {} makes walls meet; use at most {:.1}°, or less height",
                    self.draft,
                    mm(self.height),
                    (open.abs() * 10.0).floor() / 10.0 * open.signum()
                ),
            );
        }
        let reach = region::flatten(&drawn.profile.outer).iter().map(|p| p[0].hypot(p[1])).fold(0.0, f64::max);
        let steep = reach * self.twist.to_radians().abs() / self.height;
        require(steep <= STEEPEST, "twist", || {
            let most = (STEEPEST * self.height / reach).to_degrees().floor();
            format!("of {}° over a height of {} winds too steeply; use at most {most}°", self.twist, mm(self.height))
        })
    }

    /// How much further in the walls are at the far end.
    fn inset(&self) -> f64 {
        self.height * self.draft.to_radians().tan()
    }

    fn shape(&self, drawn: &Drawn) -> Shape {
        let (profile, height) = (drawn.profile.clone(), self.height);
        if self.draft == 0.0 && self.twist == 0.0 {
            return Shape::Extrusion { profile, height };
        }
        Shape::Drafted { profile, height, draft: self.draft, twist: self.twist }
    }

    fn body(&self, drawn: &Drawn) -> Body {
        let solid = Solid { shape: self.shape(drawn), frame: drawn.frame(Frame::WORLD) };
        let [low, high] = self.bounds(drawn);
        let mut body = sketched::body_of("extrude", solid, [[low[0], low[1], 0.0], [high[0], high[1], self.height]]);
        let at_origin = body.base == [0.0; 3];
        match &drawn.profile.outer {
            Contour::Circle { diameter, .. } if self.twist == 0.0 => {
                body.round = true;
                if self.draft != 0.0 {
                    body.side = vec![[diameter / 2.0, 0.0], [diameter / 2.0 - self.inset(), self.height]];
                }
            }
            // Its rim is broken by turning about Z.
            Contour::Gear { .. } if self.draft == 0.0 && self.twist == 0.0 => body.round = at_origin,
            _ => {}
        }
        body
    }

    /// Bounds of both ends and of what turns between them.
    fn bounds(&self, drawn: &Drawn) -> [Point2; 2] {
        let [low, high] = drawn.bounds();
        let grown = (-self.inset()).max(0.0);
        if self.twist == 0.0 {
            return [low.map(|c| c - grown), high.map(|c| c + grown)];
        }
        let bottom = region::flatten(&drawn.profile.outer);
        let top = region::offset(&bottom, -self.inset()).unwrap_or_else(|| bottom.clone());
        const STEPS: usize = 180;
        let turned = (0..=STEPS).flat_map(|step| {
            let share = step as f64 / STEPS as f64;
            let motion = Motion { mirrored: false, turn: drawn.turn + self.twist * share, shift: drawn.shift };
            let at = bottom
                .iter()
                .zip(&top)
                .map(move |(a, b)| motion.point([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]));
            at.collect::<Vec<_>>()
        });
        region::around(turned)
    }

    /// The same walls begun `earlier` before the drawing: wider there where they lean, and turned back where they twist.
    /// Where no wider drawing of the same kind exists it begins at the drawing.
    fn begun_earlier(&self, drawn: &Drawn, earlier: f64) -> (Push, Drawn, f64) {
        let widened = if self.draft == 0.0 {
            Some(drawn.profile.clone())
        } else {
            region::widened_profile(&drawn.profile, earlier * self.draft.to_radians().tan())
        };
        let Some(profile) = widened else { return (*self, drawn.clone(), 0.0) };
        let whole = self.height + earlier;
        let back = self.twist * earlier / self.height;
        let push = Push { height: whole, draft: self.draft, twist: self.twist * whole / self.height };
        (push, Drawn { profile, shift: drawn.shift, turn: drawn.turn - back }, earlier)
    }

    /// Standing on a face, sunk a little into it.
    fn standing(&self, drawn: &Drawn, site: &Site, body: &Body) -> Solid {
        let [low, high] = drawn.bounds();
        let sunk = sketched::sink(site, low[0].abs().max(high[0].abs()), body);
        let (push, drawn, sunk) = self.begun_earlier(drawn, sunk);
        Solid { shape: push.shape(&drawn), frame: drawn.frame(site.drawing(sunk)) }
    }

    /// Going into a face, begun above it.
    fn tool(&self, drawn: &Drawn, site: &Site, body: &Body) -> Solid {
        let [low, high] = drawn.bounds();
        let before = sketched::before(site, body, low[1].abs().max(high[1].abs()).max(low[0].abs().max(high[0].abs())));
        if self.draft == 0.0 && self.twist == 0.0 {
            let push = Push { height: self.height + before, ..*self };
            return Solid { shape: push.shape(drawn), frame: drawn.frame(site.drawing(self.height)) };
        }
        let (push, drawn, before) = self.begun_earlier(&drawn.mirrored(), before);
        Solid { shape: push.shape(&drawn), frame: drawn.frame(sketched::into(site, before)) }
    }
}

/// Whether the outline moved inwards and its holes outwards by `inset` still enclose one region each.
fn stays_open(drawn: &Drawn, inset: f64) -> bool {
    let moved = |contour: &Contour, by: f64| match contour {
        // Its flanks are kept apart by a quarter of a module at the tips.
        Contour::Gear { module, .. } if by.abs() > module / 4.0 => None,
        Contour::Gear { .. } => Some(region::flatten(contour)),
        _ => region::offset(&region::flatten(contour), by),
    };
    let Some(outer) = moved(&drawn.profile.outer, -inset) else { return false };
    let holes: Option<Vec<_>> = drawn.profile.holes.iter().map(|hole| moved(hole, inset)).collect();
    let Some(holes) = holes else { return false };
    holes.iter().enumerate().all(|(i, hole)| {
        region::inside(&outer, hole[0])
            && region::gap(&outer, hole) > 0.01
            && holes[..i].iter().all(|other| region::gap(other, hole) > 0.01 && !region::inside(other, hole[0]))
    })
}
