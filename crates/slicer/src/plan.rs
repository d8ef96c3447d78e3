//! The whole part: sections, where layers are exposed to air, and every layer's paths, in parallel by layer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::island::{self, Around};
use crate::layers::Layer;
use crate::path::{Path, PathKind, distance};
use crate::region::{Corner, Region, Shape, to_mm};
use crate::section::{Scratch, Sectioner};
use crate::{Settings, SliceError};

/// One layer's paths in printing order.
pub(crate) struct LayerPlan {
    pub(crate) top: f64,
    pub(crate) height: f64,
    pub(crate) paths: Vec<Path>,
    /// Where material is: travels that stay inside need no retraction.
    pub(crate) section: Region,
}

/// Counts finished work over threads and passes it on; the share of the bar is `from..to`.
struct Bar<'a> {
    progress: &'a (dyn Fn(f32) + Sync),
    done: AtomicUsize,
    total: usize,
    from: f32,
    to: f32,
}

impl Bar<'_> {
    fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(self.from + (self.to - self.from) * done as f32 / self.total.max(1) as f32);
    }
}

pub(crate) fn plan(
    sectioner: &Sectioner<'_>,
    layers: &[Layer],
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Vec<LayerPlan>, SliceError> {
    let stopped = || if cancel.load(Ordering::Relaxed) { Err(SliceError::Cancelled) } else { Ok(()) };
    let bar = Bar { progress, done: AtomicUsize::new(0), total: layers.len(), from: 0.02, to: 0.15 };
    let sections: Vec<Region> = (0..layers.len())
        .into_par_iter()
        .map_init(Scratch::default, |scratch, layer| {
            stopped()?;
            let section = sectioner.section(layer, scratch);
            bar.step();
            Ok(section)
        })
        .collect::<Result<_, SliceError>>()?;

    // Air directly above and below each layer. Empty where the neighbour is the same.
    let air: Vec<(Region, Region)> = (0..layers.len())
        .into_par_iter()
        .map(|layer| {
            stopped()?;
            if settings.infill_density >= 0.999 {
                return Ok((Region::default(), Region::default()));
            }
            let section = &sections[layer];
            let beside = |other: Option<&Region>| match other {
                Some(other) if other == section => Region::default(),
                Some(other) => section.minus(other),
                None => section.clone(),
            };
            let below = layer.checked_sub(1).and_then(|l| sections.get(l));
            Ok((beside(sections.get(layer + 1)), beside(below)))
        })
        .collect::<Result<_, SliceError>>()?;

    let bar = Bar { progress, done: AtomicUsize::new(0), total: layers.len(), from: 0.15, to: 0.9 };
    let mut plans: Vec<LayerPlan> = (0..layers.len())
        .into_par_iter()
        .map(|index| {
            stopped()?;
            let Layer { top, height } = layers[index];
            let top_end = (index + settings.top_layers as usize).min(layers.len());
            let bottom_start = (index + 1).saturating_sub(settings.bottom_layers as usize);
            let exposed: Vec<&Region> = (index..top_end)
                .map(|l| &air[l].0)
                .chain((bottom_start..=index).map(|l| &air[l].1))
                .filter(|r| !r.is_empty())
                .collect();
            let around = Around { layer: index, height, exposed: &exposed, settings };
            let paths = layer_paths(&sections[index], &around);
            bar.step();
            Ok(LayerPlan { top, height, paths, section: Region::default() })
        })
        .collect::<Result<_, SliceError>>()?;
    for (plan, section) in plans.iter_mut().zip(sections) {
        plan.section = section;
    }
    Ok(plans)
}

/// The islands of a layer, each nearest to where the one before ended.
fn layer_paths(section: &Region, around: &Around<'_>) -> Vec<Path> {
    // From the same corner in every layer: layers are planned independently of each other.
    let mut position = [0.0, 0.0];
    let mut islands: Vec<(&Shape, [f64; 2])> =
        section.0.iter().filter_map(|s| Some((s, to_mm(*s.first()?.first()?)))).collect();
    let mut paths = Vec::new();
    while !islands.is_empty() {
        let mut nearest = 0;
        for (index, (_, at)) in islands.iter().enumerate() {
            if distance(position, *at) < distance(position, islands[nearest].1) {
                nearest = index;
            }
        }
        let (shape, _) = islands.swap_remove(nearest);
        paths.extend(island::plan(shape, around, &mut position));
    }
    paths
}

/// Loops around the first layer, or none where the bed has no room for them.
pub(crate) fn skirt(first: &LayerPlan, settings: &Settings) -> Option<Vec<Path>> {
    let spacing = settings.spacing(first.height);
    let mut loops = Vec::new();
    for number in 0..settings.skirt_loops {
        let reach = settings.skirt_distance + spacing * (f64::from(number) + 0.5);
        for shape in &first.section.offset(reach, Corner::Round).0 {
            let Some(outer) = shape.first() else { continue };
            let mut path = Path::uniform(PathKind::Skirt, true, outer.iter().map(|&p| to_mm(p)).collect(), spacing);
            path.align_seam();
            loops.push(path);
        }
    }
    let margin = spacing / 2.0;
    let fits = |p: &[f64; 2]| (0..2).all(|axis| p[axis] >= margin && p[axis] <= settings.bed[axis] - margin);
    loops.iter().flat_map(|path| &path.points).all(fits).then_some(loops)
}
