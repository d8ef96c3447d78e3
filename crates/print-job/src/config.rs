//! What the service may be told, with defaults.

use rpc::Error;
use serde::{Deserialize, Serialize};

use crate::domain::PriceBook;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Slices computed at once; each uses every processor by itself.
    pub slices: usize,
    /// Print jobs followed at once; a job that waits for a printer counts.
    pub prints: usize,
    /// What slices are made for.
    pub printer: PrinterProfile,
    pub price_book: PriceBook,
}

/// The printer that slices are made for. Millimetres.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrinterProfile {
    pub bed: [f64; 3],
    pub nozzle_diameter: f64,
    pub filament_diameter: f64,
}

impl Default for Config {
    fn default() -> Self {
        Config { slices: 1, prints: 1_000, printer: PrinterProfile::default(), price_book: PriceBook::default() }
    }
}

impl Default for PrinterProfile {
    fn default() -> Self {
        PrinterProfile { bed: [220.0, 220.0, 250.0], nozzle_diameter: 0.4, filament_diameter: 1.75 }
    }
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.price_book.check().map_err(|(field, why)| Error::invalid(format!("price_book.{field}"), why))
    }
}
