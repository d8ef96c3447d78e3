//! What a printer and a material can do.

use part::Material;
use serde::{Deserialize, Serialize};

/// How the machine makes a layer; it decides what a closed void means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// Molten filament, ISO/ASTM 52900 material extrusion.
    #[default]
    Filament,
    /// Cured resin, vat photopolymerisation.
    Resin,
    /// Sintered or melted powder, powder bed fusion.
    Powder,
}

/// A printer with a material, millimetres and degrees.
///
/// The defaults are those of a common bed with a 0.4 mm nozzle and PLA. Walls of two lines, holes of two lines and
/// bridges of 10 mm are the usual design rules of material extrusion (ISO/ASTM 52910, and every print service's guide).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Usable volume along X, Y and Z.
    pub bed: [f64; 3],
    /// Diameter of the nozzle, or of the spot that cures or melts.
    pub nozzle: f64,
    pub layer_height: f64,
    /// Thinnest upright wall that prints well.
    pub min_wall: f64,
    /// Thinnest level plate or floor that prints well: three layers.
    pub min_floor: f64,
    /// Narrowest gap that stays open.
    pub min_gap: f64,
    /// Smallest diameter of a hole.
    pub min_hole: f64,
    /// Smallest diameter of a pin that is longer than twice its diameter.
    pub min_feature: f64,
    /// Steepest overhang from the vertical that prints without support.
    pub overhang_angle: f64,
    /// Longest level span between two supports that prints without support.
    pub max_bridge: f64,
    /// Widest ledge that holds without support.
    pub max_ledge: f64,
    /// Least area, square millimetres, that holds a part of 5 mm and more on the bed.
    pub min_contact_mm2: f64,
    /// Greatest height as a multiple of the narrowest width of what rests on the bed.
    pub max_slenderness: f64,
    /// Longest base, along its diagonal, whose sharp corners stay on the bed; 0 for a material that does not warp.
    pub max_sharp_base: f64,
    pub process: Process,
}

impl Default for Profile {
    fn default() -> Self {
        Profile::of_nozzle(0.4)
    }
}

impl Profile {
    fn of_nozzle(nozzle: f64) -> Profile {
        let layer_height = nozzle / 2.0;
        Profile {
            bed: [220.0, 220.0, 250.0],
            nozzle,
            layer_height,
            min_wall: 2.0 * nozzle,
            // Without the last digit that binary fractions leave.
            min_floor: (3.0 * layer_height * 1e6).round() / 1e6,
            min_gap: nozzle,
            min_hole: 2.0 * nozzle,
            min_feature: 3.0 * nozzle,
            overhang_angle: 45.0,
            max_bridge: 10.0,
            max_ledge: 2.0 * nozzle,
            min_contact_mm2: 20.0,
            max_slenderness: 12.0,
            max_sharp_base: 0.0,
            process: Process::Filament,
        }
    }

    /// The rules for a material with a nozzle of this diameter, on the default bed.
    pub fn for_material(material: Material, nozzle: f64) -> Profile {
        Profile::of_nozzle(nozzle).in_material(material)
    }

    /// The same printer with another material than PLA: what depends on the material is changed in proportion, so that
    /// configured limits still count.
    #[must_use]
    pub fn in_material(self, material: Material) -> Profile {
        // Overhang in degrees more than PLA; bridge, wall and gap as multiples of PLA's; the longest sharp base.
        let (steeper, bridge, wall, gap, sharp) = match material {
            Material::Pla => (0.0, 1.0, 1.0, 1.0, 0.0),
            // Oozes and cools slowly.
            Material::Petg => (-3.0, 0.8, 1.0, 1.25, 0.0),
            // Printed warm and with little fan.
            Material::Abs | Material::Asa => (-3.0, 0.7, 1.0, 1.0, 100.0),
            Material::Pc => (-5.0, 0.6, 1.0, 1.0, 80.0),
            Material::Nylon => (-3.0, 0.7, 1.0, 1.25, 80.0),
            Material::Tpu => (-5.0, 0.5, 1.5, 1.5, 0.0),
            // Short fibres clog fine lines and bridge well.
            Material::Composite => (0.0, 1.0, 1.25, 1.25, 0.0),
            Material::Resin => (10.0, 0.5, 0.75, 0.75, 0.0),
            Material::Metal => (0.0, 0.2, 0.75, 0.75, 0.0),
        };
        Profile {
            overhang_angle: self.overhang_angle + steeper,
            max_bridge: self.max_bridge * bridge,
            min_wall: self.min_wall * wall,
            min_gap: self.min_gap * gap,
            max_sharp_base: sharp,
            process: match material {
                Material::Resin => Process::Resin,
                Material::Metal => Process::Powder,
                _ => Process::Filament,
            },
            ..self
        }
    }
}

impl Profile {
    /// Limits that take [`SLACK`] back: what meets these meets the stated ones fully.
    pub(super) fn strict(&self) -> Profile {
        let (up, down) = (0.999_9 / (1.0 - SLACK), (1.0 - SLACK) * 1.000_1);
        Profile {
            min_wall: self.min_wall * up,
            min_floor: self.min_floor * up,
            min_gap: self.min_gap * up,
            min_hole: self.min_hole * up,
            min_feature: self.min_feature * up,
            min_contact_mm2: self.min_contact_mm2 * up,
            max_bridge: self.max_bridge * down,
            max_slenderness: self.max_slenderness * down,
            max_sharp_base: self.max_sharp_base * down,
            ..*self
        }
    }
}

/// Share by which a measure may miss its limit: the triangles of a round wall lie that much inside or outside of it.
pub(super) const SLACK: f64 = 0.02;

/// True when a measure is under a limit by more than the mesh's own error.
pub(super) fn under(measured: f64, limit: f64) -> bool {
    measured < limit * (1.0 - SLACK)
}
