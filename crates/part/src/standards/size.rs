//! Reading a screw size as people write it: "M6", "M6x0.75", "M8 x 1", "1/4-20", "#8-32", "1/4-20 UNC".

use std::{fmt, str::FromStr};

use super::{inch, metric};

/// Which family of threads a size belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// ISO metric, ISO 261.
    Metric,
    /// Unified coarse, ASME B1.1.
    Unc,
    /// Unified fine, ASME B1.1.
    Unf,
}

/// A size that the tables have: M1.6 to M64, or #2 to 1 in. Made by parsing only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    series: Series,
    diameter: f64,
    pitch: f64,
    length: Option<f64>,
}

/// Why a text is not a size.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SizeError {
    #[error("is longer than {MOST} characters; write a size such as M6 or 1/4-20")]
    TooLong,
    #[error("'{0}' is no screw size; write one such as M6, M8x1, 1/4-20 or #8-32")]
    Unreadable(String),
    #[error("'{0}' is not in the tables, which go from M1.6 to M64 and from #2 to 1 in")]
    Unknown(String),
    #[error("M{diameter} has no pitch of {pitch} mm; it has {known}")]
    Pitch { diameter: f64, pitch: f64, known: String },
    #[error("{0} threads to the inch are neither UNC nor UNF at that diameter, which has {1} and {2}")]
    ThreadsPerInch(f64, f64, f64),
}

/// Longest text that is read.
const MOST: usize = 40;

impl Size {
    pub fn series(&self) -> Series {
        self.series
    }

    /// Nominal diameter in millimetres.
    pub fn diameter(&self) -> f64 {
        self.diameter
    }

    /// Pitch in millimetres: the coarse one unless the size says another.
    pub fn pitch(&self) -> f64 {
        self.pitch
    }

    /// The length in millimetres that a screw's designation carries: 20 in "M6x20".
    pub fn length(&self) -> Option<f64> {
        self.length
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Size, SizeError> {
        if text.chars().count() > MOST {
            return Err(SizeError::TooLong);
        }
        let letters = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
        let plain: String = letters
            .map(|c| match c {
                '×' | '*' => 'x',
                ',' => '.',
                '″' | '”' | '“' => '"',
                '–' | '‑' => '-',
                c => c,
            })
            .collect();
        match plain.strip_prefix('m') {
            Some(rest) => metric_size(rest, text),
            None => inch_size(&plain, text),
        }
    }
}

fn metric_size(rest: &str, text: &str) -> Result<Size, SizeError> {
    let unreadable = || SizeError::Unreadable(text.to_owned());
    let mut numbers = rest.split(['x', '-']);
    let diameter = numbers.next().and_then(number).ok_or_else(unreadable)?;
    let row = metric::row(diameter).ok_or_else(|| SizeError::Unknown(text.to_owned()))?;
    let mut size = Size { series: Series::Metric, diameter, pitch: row.coarse, length: None };
    let Some(second) = numbers.next() else { return Ok(size) };
    let second = number(second).ok_or_else(unreadable)?;
    let third = numbers.next().map(|n| number(n).ok_or_else(unreadable)).transpose()?;
    if numbers.next().is_some() {
        return Err(unreadable());
    }
    let listed = std::iter::once(row.coarse).chain(row.fine.iter().copied()).any(|pitch| pitch == second);
    // No pitch is more than a third of its diameter: what is more is the length, as in M6x20.
    let as_length = !listed && third.is_none() && second > diameter / 2.0;
    if !listed && !as_length {
        let known: Vec<String> =
            std::iter::once(row.coarse).chain(row.fine.iter().copied()).map(|p| p.to_string()).collect();
        return Err(SizeError::Pitch { diameter, pitch: second, known: known.join(", ") });
    }
    if listed {
        size.pitch = second;
    }
    size.length = if as_length { Some(second) } else { third };
    Ok(size)
}

fn inch_size(plain: &str, text: &str) -> Result<Size, SizeError> {
    let unreadable = || SizeError::Unreadable(text.to_owned());
    let unknown = || SizeError::Unknown(text.to_owned());
    let (rest, named) = match plain {
        s if s.ends_with("unc") => (&s[..s.len() - 3], Some(Series::Unc)),
        s if s.ends_with("unf") => (&s[..s.len() - 3], Some(Series::Unf)),
        s => (s, None),
    };
    let (diameter, threads) = match rest.split_once('-') {
        Some((diameter, "")) if named.is_some() => (diameter, None),
        Some((diameter, threads)) => (diameter, Some(number(threads).ok_or_else(unreadable)?)),
        None => (rest, None),
    };
    let gauge = ["#", "no.", "nº", "n°", "no"].iter().find_map(|prefix| diameter.strip_prefix(prefix));
    let marked = diameter.strip_suffix('"').or_else(|| diameter.strip_suffix("in"));
    let row = if let Some(gauge) = gauge {
        inch::gauge(number(gauge).ok_or_else(unreadable)?).ok_or_else(unknown)?
    } else if let Some((over, under)) = marked.unwrap_or(diameter).split_once('/') {
        let (over, under) = number(over).zip(number(under)).ok_or_else(unreadable)?;
        if under == 0.0 {
            return Err(unreadable());
        }
        inch::inches(over / under).ok_or_else(unknown)?
    } else {
        let value = number(marked.unwrap_or(diameter)).ok_or_else(unreadable)?;
        // "8-32" is a gauge and "1-8" an inch; a number that says neither is no size.
        if marked.is_none() && threads.is_none() && named.is_none() {
            return Err(unreadable());
        }
        let gauge = if marked.is_none() { inch::gauge(value) } else { None };
        gauge.or_else(|| inch::inches(value)).ok_or_else(unknown)?
    };
    let series = match (threads, named) {
        (None, named) => named.unwrap_or(Series::Unc),
        (Some(threads), named) => {
            let [unc, unf] = row.threads;
            let found = [(unc, Series::Unc), (unf, Series::Unf)].into_iter().find(|(n, _)| *n == threads);
            let series = found.ok_or(SizeError::ThreadsPerInch(threads, unc, unf))?.1;
            if named.is_some_and(|named| named != series) {
                return Err(SizeError::ThreadsPerInch(threads, unc, unf));
            }
            series
        }
    };
    let pitch = inch::mm(1.0 / row.threads[usize::from(series == Series::Unf)]);
    Ok(Size { series, diameter: inch::mm(row.diameter), pitch, length: None })
}

/// A plain decimal number of at most eight digits.
fn number(text: &str) -> Option<f64> {
    let digits = text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_digit());
    if digits && starts { text.parse().ok() } else { None }
}

/// The designation: "M6", "M6x0.75", "1/4-20 UNC", "#8-32 UNC".
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.series {
            Series::Metric => {
                write!(f, "M{}", self.diameter)?;
                match metric::row(self.diameter) {
                    Some(row) if row.coarse == self.pitch => Ok(()),
                    _ => write!(f, "x{}", self.pitch),
                }
            }
            series => {
                let Some(row) = inch::row(self.diameter) else { return write!(f, "{}", self.diameter) };
                let (name, threads) =
                    if series == Series::Unc { ("UNC", row.threads[0]) } else { ("UNF", row.threads[1]) };
                write!(f, "{}-{threads} {name}", row.name)
            }
        }
    }
}
