//! The rules of slices, quotes and print jobs; pure.

pub mod arrange;
pub mod dispatch;
mod material;
pub mod plates;
mod price_book;
pub mod print_job;
pub mod quote;
mod slice;

pub use material::{Filament, filament};
pub use price_book::{Category, PriceBook};
pub use print_job::{Command, PrintJob, Refused, State};
pub use quote::{Quote, QuoteError};
pub use slice::{Slice, SliceOptions, SliceOrder};
