//! The comment block at the top of a program: `; key = value` lines, written by the slicer and read by who prices,
//! schedules and prints.

/// Lines that may belong to a header; a longer block is read up to here.
const MAX_ENTRIES: usize = 512;
const MAX_KEY: usize = 64;
const MAX_VALUE: usize = 2048;

/// Metadata in file order. Keys are unique.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    entries: Vec<(String, String)>,
}

/// An entry that a header cannot carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("header key `{key}` is not 1 to {MAX_KEY} letters, digits, `_`, `-` or `.`")]
    Key { key: String },
    #[error(
        "the value of header key `{key}` has a line break or control character, or is longer than {MAX_VALUE} bytes"
    )]
    Value { key: String },
    #[error("a header holds at most {MAX_ENTRIES} entries")]
    TooMany,
}

impl Header {
    pub const LAYER_COUNT: &str = "layer_count";
    pub const FILAMENT_MM: &str = "filament_mm";
    pub const MASS_G: &str = "mass_g";
    pub const ESTIMATED_SECONDS: &str = "estimated_seconds";
    pub const GENERATOR: &str = "generator";

    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key`, in its old place where it exists.
    pub fn set(&mut self, key: &str, value: impl ToString) -> Result<(), HeaderError> {
        let value = value.to_string().trim().to_owned();
        if !is_key(key) {
            return Err(HeaderError::Key { key: key.chars().take(MAX_KEY).collect() });
        }
        if value.len() > MAX_VALUE || value.chars().any(char::is_control) {
            return Err(HeaderError::Value { key: key.to_owned() });
        }
        if let Some(entry) = self.entries.iter_mut().find(|(k, _)| k == key) {
            entry.1 = value;
            return Ok(());
        }
        if self.entries.len() >= MAX_ENTRIES {
            return Err(HeaderError::TooMany);
        }
        self.entries.push((key.to_owned(), value));
        Ok(())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    pub fn entries(&self) -> &[(String, String)] {
        &self.entries
    }

    pub fn layer_count(&self) -> Option<u32> {
        self.get(Self::LAYER_COUNT)?.parse().ok()
    }

    pub fn filament_mm(&self) -> Option<f64> {
        self.finite(Self::FILAMENT_MM)
    }

    pub fn mass_g(&self) -> Option<f64> {
        self.finite(Self::MASS_G)
    }

    pub fn estimated_seconds(&self) -> Option<f64> {
        self.finite(Self::ESTIMATED_SECONDS)
    }

    pub fn generator(&self) -> Option<&str> {
        self.get(Self::GENERATOR)
    }

    fn finite(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// Reads the leading comment block of a program (or of its first kilobytes); comments that are not `key = value`
    /// are skipped, and the first line that is code ends it.
    pub fn read(program: &[u8]) -> Header {
        let mut header = Header::new();
        for line in program.split(|&b| b == b'\n').take(2 * MAX_ENTRIES) {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let Some(comment) = line.strip_prefix(b";") else { break };
            let Ok(comment) = std::str::from_utf8(comment) else { continue };
            if let Some((key, value)) = comment.split_once('=')
                && header.get(key.trim()).is_none()
            {
                // An entry that a header cannot carry is somebody else's comment.
                header.set(key.trim(), value).ok();
            }
        }
        header
    }

    /// Appends the block; a blank line ends it.
    pub fn write(&self, program: &mut Vec<u8>) {
        for (key, value) in &self.entries {
            program.extend_from_slice(format!("; {key} = {value}\n").as_bytes());
        }
        program.push(b'\n');
    }
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut header = Header::new();
        header.set(Header::GENERATOR, "3D Pot 0.1.0").unwrap();
        header.set(Header::LAYER_COUNT, 500).unwrap();
        header.set(Header::MASS_G, 12.5).unwrap();
        header.set("trail.mesh", "ab=cd").unwrap();
        let mut program = Vec::new();
        header.write(&mut program);
        program.extend_from_slice(b"G90\n; late = 1\n");
        let read = Header::read(&program);
        assert_eq!(read, header);
        assert_eq!((read.layer_count(), read.mass_g()), (Some(500), Some(12.5)));
        assert_eq!(read.get("trail.mesh"), Some("ab=cd"));
    }

    #[test]
    fn an_entry_cannot_smuggle_a_command() {
        let mut header = Header::new();
        assert!(matches!(header.set("note", "a\nM104 S300"), Err(HeaderError::Value { .. })));
        assert!(matches!(header.set("a b", "x"), Err(HeaderError::Key { .. })));
    }
}
