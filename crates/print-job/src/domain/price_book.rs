//! Prices: typed configuration, whose defaults are the published price book in BRL.

use std::collections::BTreeMap;

use part::Material;
use serde::{Deserialize, Serialize};

/// What is assembled decides how long that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Mechanical,
    Electronic,
    Mixed,
    Architecture,
}

/// Money is in minor units (cents), shares in hundredths, times in minutes: quotes are computed in integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceBook {
    /// ISO 4217.
    pub currency: String,
    /// Minor units a kilogram.
    pub material_per_kg: BTreeMap<Material, i64>,
    pub machine_per_hour: i64,
    pub labour_per_hour: i64,
    pub category: Category,
    /// Assembly of one order.
    pub assembly_minutes: BTreeMap<Category, i64>,
    pub waste_percent: i64,
    pub margin_percent: i64,
    pub valid_days: i64,
}

impl Default for PriceBook {
    fn default() -> Self {
        use Category::{Architecture, Electronic, Mechanical, Mixed};
        use Material::{Abs, Composite, Metal, Nylon, Petg, Pla, Resin, Tpu};
        let per_kg = [
            (Pla, 4_500),
            (Abs, 5_500),
            (Petg, 6_500),
            (Nylon, 12_000),
            (Tpu, 8_500),
            (Resin, 15_000),
            (Composite, 20_000),
            (Metal, 18_000),
        ];
        PriceBook {
            currency: "BRL".to_owned(),
            material_per_kg: per_kg.into(),
            machine_per_hour: 2_500,
            labour_per_hour: 5_000,
            category: Mechanical,
            assembly_minutes: [(Mechanical, 120), (Electronic, 240), (Mixed, 360), (Architecture, 60)].into(),
            waste_percent: 20,
            margin_percent: 25,
            valid_days: 30,
        }
    }
}

impl PriceBook {
    /// The field that cannot be used, and why.
    pub fn check(&self) -> Result<(), (String, String)> {
        let currency = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        if !currency {
            return Err(("currency".to_owned(), format!("'{}' is no ISO 4217 code such as BRL", self.currency)));
        }
        let within = |field: String, value: i64, most: i64| {
            let good = (0..=most).contains(&value);
            if good { Ok(()) } else { Err((field, format!("is {value}, outside 0 to {most}"))) }
        };
        for (material, &price) in &self.material_per_kg {
            within(format!("material_per_kg.{material}"), price, 100_000_000)?;
        }
        for (category, &minutes) in &self.assembly_minutes {
            within(format!("assembly_minutes.{category:?}"), minutes, 100_000)?;
        }
        within("machine_per_hour".to_owned(), self.machine_per_hour, 100_000_000)?;
        within("labour_per_hour".to_owned(), self.labour_per_hour, 100_000_000)?;
        within("waste_percent".to_owned(), self.waste_percent, 1_000)?;
        within("margin_percent".to_owned(), self.margin_percent, 1_000)?;
        within("valid_days".to_owned(), self.valid_days, 3_650)
    }
}
