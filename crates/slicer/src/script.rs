//! Start and end scripts: lines of G-code with `{variables}`.

use crate::{Settings, SliceError};

const VARIABLES: [&str; 8] =
    ["nozzle_temperature", "bed_temperature", "layer_count", "height", "material", "bed_x", "bed_y", "bed_z"];
const MAX_BYTES: usize = 64 * 1024;

/// Refuses unknown variables and unclosed braces.
pub(crate) fn check(field: &'static str, text: &str) -> Result<(), SliceError> {
    if text.len() > MAX_BYTES {
        return Err(SliceError::Script { field, problem: format!("it is longer than {MAX_BYTES} bytes") });
    }
    expand(text, |name| VARIABLES.contains(&name).then(String::new))
        .map(|_| ())
        .map_err(|problem| SliceError::Script { field, problem })
}

/// The script with its variables filled in and a line feed at its end.
pub(crate) fn render(text: &str, settings: &Settings, layer_count: usize, height: f64) -> Result<String, String> {
    let mut script = expand(text, |name| {
        Some(match name {
            "nozzle_temperature" => settings.nozzle_temperature.to_string(),
            "bed_temperature" => settings.bed_temperature.to_string(),
            "layer_count" => layer_count.to_string(),
            "height" => format!("{height:.3}"),
            // A name must not start a line of its own.
            "material" => settings.material.replace(|c: char| c.is_control(), " "),
            "bed_x" => settings.bed[0].to_string(),
            "bed_y" => settings.bed[1].to_string(),
            "bed_z" => settings.bed[2].to_string(),
            _ => return None,
        })
    })?;
    if !script.is_empty() && !script.ends_with('\n') {
        script.push('\n');
    }
    Ok(script)
}

fn expand(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            return Err("a `{` has no `}`".to_owned());
        };
        let name = &rest[open + 1..open + close];
        let known = VARIABLES.join(", ");
        out.push_str(&value(name).ok_or_else(|| format!("`{{{name}}}` is not a variable; there are {known}"))?);
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_and_unknown_ones_named() {
        let script = render("M104 S{nozzle_temperature} ; {material}", &Settings::default(), 5, 1.0).unwrap();
        assert_eq!(script, "M104 S210 ; PLA\n");
        let error = check("start_script", "M104 S{temp}").unwrap_err().to_string();
        assert!(error.contains("start_script") && error.contains("{temp}"), "{error}");
        assert!(check("end_script", "M104 {").is_err());
    }
}
