//! Materials, colours and fits: the closed vocabularies of a part beside its geometry.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|v| v.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|v| v.as_str()).collect();
                    format!(concat!("unknown ", $what, " '{}'; known: {}"), text, known.join(", "))
                })
            }
        }
    };
}

vocabulary! {
    /// Printing materials by their standard abbreviation.
    Material, "material" {
        Pla = "PLA", Abs = "ABS", Petg = "PETG", Nylon = "PA", Tpu = "TPU", Asa = "ASA", Pc = "PC",
        Resin = "RESIN", Composite = "COMPOSITE", Metal = "METAL",
    }
}

vocabulary! {
    /// How tightly mating pieces go together: the gap left between a lid and its box, a shaft and its bore.
    Fit, "fit" { Loose = "loose", Normal = "normal", Tight = "tight" }
}

impl Fit {
    /// Gap per side in millimetres.
    pub fn clearance(self) -> f64 {
        match self {
            Fit::Loose => 0.35,
            Fit::Normal => 0.2,
            Fit::Tight => 0.1,
        }
    }
}

/// A lower-case English colour name or `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(String);

const NAMED: &[(&str, [u8; 3])] = &[
    ("black", [30, 30, 32]),
    ("white", [240, 240, 238]),
    ("grey", [128, 130, 133]),
    ("silver", [190, 192, 196]),
    ("red", [200, 30, 35]),
    ("green", [40, 150, 70]),
    ("blue", [35, 85, 190]),
    ("yellow", [245, 205, 45]),
    ("orange", [240, 125, 30]),
    ("purple", [120, 60, 160]),
    ("pink", [240, 130, 170]),
    ("brown", [120, 75, 45]),
    ("beige", [220, 200, 165]),
    ("gold", [205, 165, 60]),
    ("turquoise", [50, 185, 185]),
    ("navy", [25, 40, 90]),
    ("transparent", [225, 232, 235]),
];

impl Colour {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }

    pub fn rgb(&self) -> [u8; 3] {
        NAMED.iter().find(|(name, _)| *name == self.0).map(|(_, rgb)| *rgb).unwrap_or_else(|| {
            let digits = u32::from_str_radix(self.0.trim_start_matches('#'), 16).unwrap_or(0x80_80_80);
            [(digits >> 16) as u8, (digits >> 8) as u8, digits as u8]
        })
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.to_lowercase();
        let text = if text == "gray" { "grey".to_owned() } else { text };
        let hex = text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|b| b.is_ascii_hexdigit());
        if hex || NAMED.iter().any(|(name, _)| *name == text) {
            Ok(Colour(text))
        } else {
            Err(format!(
                "unknown colour '{text}'; use #rrggbb or one of: {}",
                Self::names().collect::<Vec<_>>().join(", ")
            ))
        }
    }
}

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.to_owned().try_into()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> String {
        colour.0
    }
}
