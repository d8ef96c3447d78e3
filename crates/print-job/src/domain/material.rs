//! Filaments: what a slicer has to know of a material.

use part::Material;

/// A material that a filament printer takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filament {
    pub density_g_cm3: f64,
    /// Degrees Celsius.
    pub nozzle_temperature: f64,
    pub bed_temperature: f64,
}

/// The filament of a material; the reason and the remedy where it is printed by another process.
pub fn filament(material: Material) -> Result<Filament, String> {
    let (density_g_cm3, nozzle_temperature, bed_temperature) = match material {
        Material::Pla => (1.24, 210.0, 60.0),
        Material::Petg => (1.27, 240.0, 80.0),
        Material::Abs => (1.04, 245.0, 100.0),
        Material::Tpu => (1.2, 225.0, 50.0),
        Material::Nylon => (1.15, 255.0, 80.0),
        Material::Asa => (1.07, 250.0, 100.0),
        Material::Pc => (1.2, 270.0, 110.0),
        Material::Resin | Material::Metal | Material::Composite => {
            return Err(format!(
                "material: {material} is not printed from filament, and this platform's printers are filament printers; \
                 choose PLA, PETG, ABS, TPU, PA, ASA or PC"
            ));
        }
    };
    Ok(Filament { density_g_cm3, nozzle_temperature, bed_temperature })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_filament_is_refused_with_its_name_and_a_remedy() {
        assert_eq!(filament(Material::Petg).unwrap().nozzle_temperature, 240.0);
        for material in [Material::Resin, Material::Metal, Material::Composite] {
            let why = filament(material).unwrap_err();
            assert!(
                why.starts_with("material: ") && why.contains(material.as_str()) && why.contains("choose"),
                "{why}"
            );
        }
    }
}
