//! Use cases: slice, price, print.

mod ports;
mod print_jobs;
mod quotes;
mod slices;

pub(crate) use ports::{
    CallError, Candidate, PrintJobStore, PrintQueue, Printer, PrinterGateway, QuoteStore, Reports, SliceStore,
    StartError,
};
pub(crate) use print_jobs::{create_print_job, get_print_job, list_print_jobs, send_command};
pub(crate) use quotes::{create_quote, get_quote};
pub(crate) use slices::{create_slice, get_slice};

/// The kind of job that slices.
pub(crate) const SLICE: &str = "slice";
/// The kind of job that takes a print job to its end.
pub(crate) const PRINT: &str = "print";
/// The queue of print jobs, which wait for hours and stop at once.
pub(crate) const PRINTS: &str = "prints";
