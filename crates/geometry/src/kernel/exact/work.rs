//! How much the exact kernel may do for one body before it is refused and the mesh kernel takes over.
//!
//! Work is counted, not timed, so that the same part gets the same answer on every machine. A unit is about a microsecond
//! of a present-day core. What the kernel's own loops count as a step costs more the more skins (surfaces without a closed
//! form) are in play, because each step then projects on them; what it does not count is estimated before it is begun.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use arris::{
    Control,
    geom::{Curve2, Surface},
    topo::{Body, Model},
};

use crate::kernel::Stop;

/// Work for one body, about five seconds; the largest of `tests/cases` takes two fifths of it.
pub(crate) const MOST_WORK: u64 = 4_000_000;

/// A step of a boolean of quadrics and planes.
const BOOLEAN: u64 = 5;
/// Skins that make a step one unit dearer.
const SKINS: u64 = 3;
/// A skin against a face, which is looked at before the first step.
const SKIN_PAIR: u64 = 100;
/// A step of a blend.
const BLEND: u64 = 1;
/// A face against a face in an offset body.
const OFFSET_PAIR: u64 = 60;
/// A triangle, between planes and quadrics, and on a skin.
const TRIANGLE: u64 = 3;
const SKIN_TRIANGLE: u64 = 10;
/// A thousand evaluations of a skin, and of another surface.
const SKIN_EVALUATIONS: u64 = 400;
const EVALUATIONS: u64 = 50;
/// The points of one panel of a surface's quadrature.
const PANEL: u64 = 256;

/// The account of one body, and the cancellation of the whole evaluation.
pub(crate) struct Work<'a> {
    count: Arc<Count>,
    cancel: &'a AtomicBool,
    poll: Box<dyn Fn() -> bool + Sync + 'a>,
}

#[derive(Default)]
struct Count {
    spent: AtomicU64,
    /// What the next step costs.
    weight: AtomicU64,
}

impl Count {
    fn add(&self, units: u64) -> bool {
        self.spent.fetch_add(units, Ordering::Relaxed).saturating_add(units) <= MOST_WORK
    }
}

impl<'a> Work<'a> {
    pub(crate) fn new(cancel: &'a AtomicBool) -> Work<'a> {
        let count = Arc::new(Count { spent: AtomicU64::new(0), weight: AtomicU64::new(BOOLEAN) });
        let counted = count.clone();
        let poll =
            Box::new(move || cancel.load(Ordering::Relaxed) || !counted.add(counted.weight.load(Ordering::Relaxed)));
        Work { count, cancel, poll }
    }

    pub(super) fn control(&self) -> Control<'_> {
        Control::poll(&*self.poll)
    }

    pub(crate) fn spent(&self) -> u64 {
        self.count.spent.load(Ordering::Relaxed)
    }

    /// Goes on from a body that took this much.
    pub(super) fn resume(&self, spent: u64) {
        self.count.spent.store(spent, Ordering::Relaxed);
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.spent() > MOST_WORK
    }

    /// Why the kernel was interrupted.
    pub(super) fn stop(&self) -> Stop {
        if self.cancel.load(Ordering::Relaxed) { Stop::Cancelled } else { Stop::refused(TOO_MUCH) }
    }

    fn charge(&self, units: u64) -> Result<(), Stop> {
        if self.count.add(units) { Ok(()) } else { Err(self.stop()) }
    }

    fn weigh(&self, weight: u64) {
        self.count.weight.store(weight, Ordering::Relaxed);
    }

    /// Before a solid is made.
    pub(super) fn make(&self) {
        self.weigh(BOOLEAN);
    }

    /// Before a file is read, whose length was bounded when it was brought.
    pub(super) fn read(&self) {
        self.weigh(0);
    }

    pub(super) fn boolean(&self, model: &Model, bodies: &[Body]) -> Result<(), Stop> {
        let (faces, skins) = bodies.iter().map(|body| faces(model, *body)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        self.weigh(BOOLEAN + skins / SKINS);
        self.charge(skins * faces * SKIN_PAIR)
    }

    pub(super) fn blend(&self) {
        self.weigh(BLEND);
    }

    pub(super) fn offset(&self, model: &Model, body: Body) -> Result<(), Stop> {
        let (faces, skins) = faces(model, body);
        self.weigh(BOOLEAN + skins / SKINS);
        self.charge(faces * faces * OFFSET_PAIR)
    }

    pub(super) fn triangles(&self, model: &Model, body: Body) {
        self.weigh(if faces(model, body).1 > 0 { SKIN_TRIANGLE } else { TRIANGLE });
    }

    /// Before a body's surfaces are integrated over.
    pub(super) fn measure(&self, model: &Model, body: Body) -> Result<(), Stop> {
        self.weigh(BOOLEAN);
        self.charge(evaluations(model, body))
    }
}

const TOO_MUCH: &str = "it takes more work than the exact kernel may put into one body";

/// The body's faces, and how many of them are skins.
fn faces(model: &Model, body: Body) -> (u64, u64) {
    let faces = model.faces(body).unwrap_or_default();
    let skin = |face: &&arris::topo::Face| {
        let surface = model.face(face.id).and_then(|face| model.surface(face.surface()));
        matches!(surface, Ok(Surface::Nurbs(_)))
    };
    (faces.len() as u64, faces.iter().filter(skin).count() as u64)
}

/// Work of evaluating the body's surfaces at the points of their quadrature: panels across a face times panels along its
/// boundary.
fn evaluations(model: &Model, body: Body) -> u64 {
    let mut units = 0_u64;
    for face in model.faces(body).unwrap_or_default() {
        let Ok(entity) = model.face(face.id) else { continue };
        let Ok(surface) = model.surface(entity.surface()) else { continue };
        let spans = |knots: &[f64], degree: usize| {
            (knots.windows(2).filter(|pair| pair[0] < pair[1]).count().max(degree)) as u64
        };
        let (across, crossed, thousand) = match surface {
            Surface::Plane { .. } => (1, 0, EVALUATIONS),
            Surface::Nurbs(skin) => {
                let [u, v] = [0, 1].map(|k| spans(skin.knots()[k], skin.degree()[k]));
                (u, u.max(v), SKIN_EVALUATIONS)
            }
            Surface::EllipticCylinder { .. } => (16, 0, EVALUATIONS),
            _ => (4, 0, EVALUATIONS),
        };
        let mut along = 0;
        for coedge in entity.loops().iter().flat_map(|l| l.coedges()) {
            along += crossed
                + match model.curve2(coedge.pcurve()) {
                    Ok(Curve2::Nurbs(curve)) => spans(curve.knots(), curve.degree()),
                    Ok(Curve2::Line { .. }) => 1,
                    _ => 4,
                };
        }
        units = units.saturating_add(across * along * PANEL * thousand / 1000);
    }
    units
}
