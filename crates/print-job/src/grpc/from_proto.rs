//! Requests, validated.

use events::Cursor;
use ids::{DeviceId, ModelId, PrintJobId, QuoteId, SliceId};
use part::Material;
use proto::pot::print_job::v1 as pb;
use rpc::Error;

use crate::domain::{SliceOptions, SliceOrder};

/// Copies that one slice or quote may be of.
const MAX_QUANTITY: u32 = 100_000;
/// Plates of one part that one quote may be of.
const MAX_PLATES: usize = 1_000;

/// `slices/{uuid}` in the field `field`.
pub(super) fn slice_name(field: &str, name: &str) -> Result<SliceId, Error> {
    let id = name.strip_prefix("slices/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid(field, "write it as slices/{uuid}"))
}

/// The slices to quote: of a part that takes several plates, one a plate.
pub(super) fn quoted(message: &pb::CreateQuoteRequest) -> Result<(Vec<SliceId>, u32), Error> {
    if message.other_plates.len() >= MAX_PLATES {
        return Err(Error::invalid("other_plates", format!("names more than {} slices", MAX_PLATES - 1)));
    }
    let mut slices = vec![slice_name("slice", &message.slice)?];
    for name in &message.other_plates {
        slices.push(slice_name("other_plates", name)?);
    }
    Ok((slices, quantity(message.quantity)?))
}

/// `slices/{uuid}/gcode`.
pub(super) fn gcode_name(name: &str) -> Result<SliceId, Error> {
    slice_name("name", name.strip_suffix("/gcode").unwrap_or_default())
        .map_err(|_| Error::invalid("name", "write it as slices/{uuid}/gcode"))
}

pub(super) fn quote_name(name: &str) -> Result<QuoteId, Error> {
    let id = name.strip_prefix("quotes/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid("name", "write it as quotes/{uuid}"))
}

pub(super) fn print_job_name(name: &str) -> Result<PrintJobId, Error> {
    let id = name.strip_prefix("printJobs/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid("name", "write it as printJobs/{uuid}"))
}

/// Empty leaves the choice to us.
pub(super) fn printer(name: &str) -> Result<Option<DeviceId>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let id = name.strip_prefix("devices/").and_then(|id| id.parse().ok());
    id.map(Some).ok_or_else(|| Error::invalid("printer", "write it as devices/{id}, 1 to 63 of a-z, 0-9 and hyphen"))
}

pub(super) fn quantity(asked: u32) -> Result<u32, Error> {
    match asked {
        0 => Ok(1),
        1..=MAX_QUANTITY => Ok(asked),
        _ => Err(Error::invalid("quantity", format!("is {asked}, and at most {MAX_QUANTITY} are taken at once"))),
    }
}

/// Empty begins now.
pub(super) fn cursor(text: &str) -> Result<Option<Cursor>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let cursor = text.parse().map_err(|e: events::ParseCursorError| Error::invalid("after_cursor", e.to_string()))?;
    Ok(Some(cursor))
}

pub(super) fn slice_order(id: SliceId, message: &pb::CreateSliceRequest) -> Result<SliceOrder, Error> {
    if !message.model.is_empty() && !message.model.starts_with("models/") | message.model.parse::<ModelId>().is_err() {
        return Err(Error::invalid("model", "write it as models/{uuid}, or leave it out"));
    }
    let mesh_hash = message.mesh_hash.parse();
    let mesh_hash =
        mesh_hash.map_err(|_| Error::invalid("mesh_hash", "has to be a BLAKE3 hash, 64 hexadecimal digits"))?;
    let material_assumed = message.material.is_empty();
    let material = match message.material.as_str() {
        "" => Material::Pla,
        text => text.parse().map_err(|why: String| Error::invalid("material", why))?,
    };
    let options = options(message.settings.as_ref())?;
    let (quantity, plate) = (quantity(message.quantity)?, message.plate.max(1));
    Ok(SliceOrder { id, mesh_hash, material, material_assumed, quantity, plate, options })
}

fn options(settings: Option<&pb::SliceSettings>) -> Result<SliceOptions, Error> {
    let defaults = SliceOptions::default();
    let Some(settings) = settings else { return Ok(defaults) };
    let within = |field: &str, value: f64, least: f64, most: f64| {
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(Error::invalid(format!("settings.{field}"), format!("is {value}, outside {least} to {most}")))
    };
    let layer_height = if settings.layer_height == 0.0 { defaults.layer_height } else { settings.layer_height };
    let perimeters = if settings.perimeters == 0 { defaults.perimeters } else { settings.perimeters };
    within("perimeters", f64::from(perimeters), 1.0, 50.0)?;
    Ok(SliceOptions {
        layer_height: within("layer_height", layer_height, 0.04, 1.6)?,
        infill_density: within("infill_density", settings.infill_density.unwrap_or(defaults.infill_density), 0.0, 1.0)?,
        perimeters,
        skirt: settings.skirt.unwrap_or(defaults.skirt),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> pb::CreateSliceRequest {
        pb::CreateSliceRequest { mesh_hash: "ab".repeat(32), ..Default::default() }
    }

    fn order(message: &pb::CreateSliceRequest) -> Result<SliceOrder, Error> {
        slice_order(SliceId::from_uuid(Default::default()), message)
    }

    #[test]
    fn what_is_unsaid_is_the_default_and_said_so() {
        let unsaid = order(&request()).unwrap();
        assert_eq!((unsaid.material, unsaid.material_assumed, unsaid.quantity), (Material::Pla, true, 1));
        assert_eq!(unsaid.options, SliceOptions::default());
        let said = order(&pb::CreateSliceRequest { material: "petg".into(), ..request() }).unwrap();
        assert_eq!((said.material, said.material_assumed), (Material::Petg, false));
    }

    #[test]
    fn wrong_fields_are_named() {
        let field = |message: pb::CreateSliceRequest| order(&message).unwrap_err().violations()[0].field.clone();
        assert_eq!(field(pb::CreateSliceRequest { mesh_hash: "x".into(), ..request() }), "mesh_hash");
        assert_eq!(field(pb::CreateSliceRequest { material: "wood".into(), ..request() }), "material");
        assert_eq!(field(pb::CreateSliceRequest { model: "parts/1".into(), ..request() }), "model");
        assert_eq!(field(pb::CreateSliceRequest { quantity: 1_000_000, ..request() }), "quantity");
        let settings = |settings| pb::CreateSliceRequest { settings: Some(settings), ..request() };
        let infill = pb::SliceSettings { infill_density: Some(f64::NAN), ..Default::default() };
        assert_eq!(field(settings(infill)), "settings.infill_density");
        let layer = pb::SliceSettings { layer_height: -1.0, ..Default::default() };
        assert_eq!(field(settings(layer)), "settings.layer_height");
        let solid = pb::SliceSettings { infill_density: Some(0.0), skirt: Some(false), ..Default::default() };
        let options = order(&settings(solid)).unwrap().options;
        assert_eq!((options.infill_density, options.skirt), (0.0, false));
    }

    #[test]
    fn names_have_one_form() {
        let uuid = "0192f0c1-2c4e-7000-8000-000000000001";
        assert!(slice_name("name", &format!("slices/{uuid}")).is_ok());
        assert!(slice_name("name", uuid).is_err());
        assert!(gcode_name(&format!("slices/{uuid}/gcode")).is_ok() && gcode_name(&format!("slices/{uuid}")).is_err());
        assert_eq!(printer("").unwrap(), None);
        assert!(printer("virtual-1").is_err() && printer("devices/virtual-1").unwrap().is_some());
    }
}
