//! Quotes: what a quantity of a sliced part costs, by the price book.
//!
//! Mass and time are taken from the slice as whole milligrams and milliseconds; from there on everything is integer
//! arithmetic, each line is rounded half up once, and the total is the sum of the lines.

use ids::{ContentHash, QuoteId, SliceId};
use part::Material;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{PriceBook, Slice};

/// The slice's estimates are within this share of what is printed.
pub const SLICE_ERROR_BAND: f64 = 0.05;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// material, waste, machine, labour, margin
    pub kind: String,
    pub description: String,
    /// Minor units of the quote's currency.
    pub amount: i64,
}

/// A calculated quote. This is also the object that its hash is of, without the hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    pub id: QuoteId,
    pub slice: SliceId,
    pub gcode_hash: ContentHash,
    /// The slices of the part's other plates, where it takes several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_plates: Vec<SliceId>,
    pub quantity: u32,
    pub currency: String,
    pub lines: Vec<QuoteLine>,
    /// Minor units.
    pub total: i64,
    pub unit_price: i64,
    pub mass_g: f64,
    pub machine_seconds: f64,
    pub basis: String,
    pub error_band: f64,
    pub material: Material,
    pub material_assumed: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    #[error("has to be 1 to {}", super::slice::MAX_QUANTITY)]
    Quantity,
    #[error(
        "the part takes {count} plates: give one slice of each of them, all of the same mesh, material and settings"
    )]
    Plates { count: u32 },
    #[error("the price book has no price for {0}; add it as material_per_kg.{0}, or slice in another material")]
    NoPrice(Material),
    #[error("the amount is beyond what can be quoted; ask for fewer parts")]
    Overflow,
}

/// Prices `quantity` parts of the slices, one a plate that the part takes. The quality of a part that nobody scored
/// multiplies by 1.
pub fn quote(
    (id, now): (QuoteId, OffsetDateTime),
    plates: &[Slice],
    quantity: u32,
    book: &PriceBook,
) -> Result<Quote, QuoteError> {
    let Some(slice) = plates.first().filter(|_| are_one_part(plates)) else {
        return Err(QuoteError::Plates { count: plates.first().map_or(1, |slice| slice.plate_count) });
    };
    if !(1..=super::slice::MAX_QUANTITY).contains(&quantity) {
        return Err(QuoteError::Quantity);
    }
    let per_kg = *book.material_per_kg.get(&slice.material).ok_or(QuoteError::NoPrice(slice.material))?;
    let (copies, parts) = (i128::from(slice.copies.max(1)), i128::from(quantity));
    // The slices' figures are for their copies.
    let sum = |of: fn(&Slice) -> f64| -> i128 { plates.iter().map(|plate| (of(plate) * 1e3).round() as i128).sum() };
    let milligrams = sum(|plate| plate.mass_g) * parts;
    let milliseconds = sum(|plate| plate.seconds) * parts;
    let minutes = book.assembly_minutes.get(&book.category).copied().unwrap_or(0);

    let material = divide(milligrams * i128::from(per_kg), copies * 1_000_000)?;
    let waste = divide(i128::from(material) * i128::from(book.waste_percent), 100)?;
    let machine = divide(milliseconds * i128::from(book.machine_per_hour), copies * 3_600_000)?;
    let labour = divide(i128::from(minutes) * i128::from(book.labour_per_hour), 60)?;
    let costs = [material, waste, machine, labour].iter().try_fold(0_i64, |sum, &line| sum.checked_add(line));
    let costs = costs.ok_or(QuoteError::Overflow)?;
    let margin = divide(i128::from(costs) * i128::from(book.margin_percent), 100)?;
    let total = costs.checked_add(margin).ok_or(QuoteError::Overflow)?;

    let mass_g = milligrams as f64 / copies as f64 / 1e3;
    let machine_seconds = milliseconds as f64 / copies as f64 / 1e3;
    let beds = u64::from(quantity.div_ceil(slice.copies.max(1))) * plates.len() as u64;
    let line = |kind: &str, amount: i64, description: String| QuoteLine { kind: kind.to_owned(), description, amount };
    Ok(Quote {
        id,
        slice: slice.id,
        gcode_hash: slice.gcode_hash,
        other_plates: plates[1..].iter().map(|plate| plate.id).collect(),
        quantity,
        currency: book.currency.clone(),
        lines: vec![
            line("material", material, format!("{mass_g:.1} g of {}", slice.material)),
            line("waste", waste, format!("{} % of the material for waste", book.waste_percent)),
            line("machine", machine, format!("{:.2} h of printing, {beds} plate(s)", machine_seconds / 3_600.0)),
            line("labour", labour, format!("{:.1} h of assembly", minutes as f64 / 60.0)),
            line("margin", margin, format!("{} % margin", book.margin_percent)),
        ],
        total,
        unit_price: divide(i128::from(total), parts)?,
        mass_g,
        machine_seconds,
        basis: "slice".to_owned(),
        error_band: SLICE_ERROR_BAND,
        material: slice.material,
        material_assumed: slice.material_assumed,
        created_at: now,
        expires_at: now + Duration::days(book.valid_days),
    })
}

/// Every plate of one part, each once.
fn are_one_part(plates: &[Slice]) -> bool {
    let Some(first) = plates.first() else { return false };
    let mut numbers: Vec<u32> = plates.iter().map(|plate| plate.plate).collect();
    numbers.sort_unstable();
    let alike = |other: &Slice| {
        (other.mesh_hash, other.material, other.copies, other.plate_count)
            == (first.mesh_hash, first.material, first.copies, first.plate_count)
            && other.options == first.options
    };
    numbers.into_iter().eq(1..=first.plate_count) && plates.iter().all(alike)
}

/// Half up; both are positive.
fn divide(amount: i128, by: i128) -> Result<i64, QuoteError> {
    i64::try_from((amount * 2 + by).div_euclid(by * 2)).map_err(|_| QuoteError::Overflow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::SliceOptions;

    fn slice(mass_g: f64, seconds: f64, copies: u32) -> Slice {
        let hash = ContentHash::of(b"x");
        Slice {
            id: SliceId::generate(1, [1; 10]),
            mesh_hash: hash,
            gcode_hash: hash,
            gcode_size_bytes: 1,
            material: Material::Pla,
            material_assumed: false,
            copies,
            plate: 1,
            plate_count: 1,
            layer_count: 1,
            seconds,
            filament_mm: 1.0,
            mass_g,
            size: [1.0; 3],
            options: SliceOptions::default(),
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn price(mass_g: f64, seconds: f64, copies: u32, quantity: u32) -> Quote {
        let id = (QuoteId::generate(1, [2; 10]), OffsetDateTime::UNIX_EPOCH);
        quote(id, &[slice(mass_g, seconds, copies)], quantity, &PriceBook::default()).unwrap()
    }

    #[test]
    fn the_published_price_book_by_hand() {
        // 200 g of PLA: 9.00; waste 1.80; 2 h: 50.00; labour 2 h: 100.00; sum 160.80; margin 40.20.
        let quote = price(100.0, 3_600.0, 1, 2);
        let amounts: Vec<i64> = quote.lines.iter().map(|line| line.amount).collect();
        assert_eq!(amounts, [900, 180, 5_000, 10_000, 4_020]);
        assert_eq!((quote.total, quote.unit_price, quote.currency.as_str()), (20_100, 10_050, "BRL"));
        assert_eq!((quote.mass_g, quote.machine_seconds), (200.0, 7_200.0));
        assert_eq!(quote.expires_at - quote.created_at, Duration::days(30));
    }

    #[test]
    fn a_plate_of_four_is_scaled_to_the_quantity() {
        assert_eq!(price(40.0, 4_000.0, 4, 10).mass_g, 100.0);
        assert_eq!(price(40.0, 4_000.0, 4, 10).lines, {
            let mut lines = price(10.0, 1_000.0, 1, 10).lines;
            lines[2].description = lines[2].description.replace("10 plate", "3 plate");
            lines
        });
    }

    #[test]
    fn what_has_no_price_is_said() {
        let id = (QuoteId::generate(1, [2; 10]), OffsetDateTime::UNIX_EPOCH);
        let asa = Slice { material: Material::Asa, ..slice(1.0, 1.0, 1) };
        assert_eq!(quote(id, &[asa], 1, &PriceBook::default()), Err(QuoteError::NoPrice(Material::Asa)));
        assert_eq!(quote(id, &[slice(1.0, 1.0, 1)], 0, &PriceBook::default()), Err(QuoteError::Quantity));
    }

    #[test]
    fn a_part_of_two_plates_costs_both_and_neither_alone() {
        let id = (QuoteId::generate(1, [2; 10]), OffsetDateTime::UNIX_EPOCH);
        let plate = |number: u32, mass: f64| Slice {
            id: SliceId::generate(u64::from(number), [1; 10]),
            plate: number,
            plate_count: 2,
            ..slice(mass, 1_800.0, 1)
        };
        let (first, second) = (plate(1, 70.0), plate(2, 30.0));
        let both = quote(id, &[first.clone(), second.clone()], 2, &PriceBook::default()).unwrap();
        let whole = price(100.0, 3_600.0, 1, 2);
        assert_eq!((both.total, both.mass_g), (whole.total, whole.mass_g));
        assert!(both.lines[2].description.contains("4 plate"), "{}", both.lines[2].description);
        assert_eq!((both.slice, both.other_plates), (first.id, vec![second.id]));
        let petg = Slice { material: Material::Petg, ..second };
        for wrong in [vec![first.clone()], vec![first.clone(), first.clone()], vec![first, petg]] {
            assert_eq!(quote(id, &wrong, 1, &PriceBook::default()), Err(QuoteError::Plates { count: 2 }));
        }
    }

    proptest! {
        #[test]
        fn lines_sum_to_the_total(mass in 0.0f64..50_000.0, seconds in 0.0f64..1e7, copies in 1u32..100, n in 1u32..1000) {
            let quote = price(mass, seconds, copies, n);
            prop_assert_eq!(quote.lines.iter().map(|line| line.amount).sum::<i64>(), quote.total);
            prop_assert!((quote.unit_price * i64::from(n) - quote.total).abs() <= i64::from(n));
        }

        #[test]
        fn more_mass_time_or_parts_never_cost_less(
            mass in 0.0f64..50_000.0, seconds in 0.0f64..1e7, n in 1u32..1000,
            more in 0.0f64..100.0, longer in 0.0f64..10_000.0, parts in 0u32..10,
        ) {
            let base = price(mass, seconds, 3, n).total;
            prop_assert!(price(mass + more, seconds, 3, n).total >= base);
            prop_assert!(price(mass, seconds + longer, 3, n).total >= base);
            prop_assert!(price(mass, seconds, 3, n + parts).total >= base);
        }
    }
}
