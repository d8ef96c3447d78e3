//! The jobs of this service: slicing, and taking print jobs to their end.

mod follow;
mod print;
mod slice;

use std::{sync::Arc, time::Duration};

use jobs::Worker;
use service_kit::Parts;

use crate::{
    Config, Printers, Store,
    app::{PRINT, PRINTS, SLICE},
};

/// Print jobs and slices have queues and workers of their own: a print waits for hours, stops at once at shutdown, and
/// is taken up again without a pause.
pub(crate) fn workers(parts: &Parts, config: &Config, store: &Arc<Store>, printers: &Arc<Printers>) -> [Worker; 2] {
    let slicing = slice::Slicing { parts: parts.clone(), store: store.clone(), profile: config.printer.clone() };
    let slices = Worker::builder(parts.pool.clone())
        .handler(SLICE, config.slices, move |context| slice::slice(slicing.clone(), context))
        .build();
    let printing = print::Shared { parts: parts.clone(), store: store.clone(), printers: printers.clone() };
    let prints = Worker::builder(parts.pool.clone())
        .queue(PRINTS)
        .handler(PRINT, config.prints, move |context| print::print(printing.clone(), context))
        .drain_grace(Duration::from_millis(50))
        .backoff(Duration::from_millis(500), Duration::from_secs(10))
        .build();
    [slices, prints]
}
