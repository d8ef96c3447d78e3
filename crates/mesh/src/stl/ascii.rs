//! The ASCII form of STL, by words rather than by lines: exporters break lines differently.

use super::{Collector, StlError};

struct Words<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(self.rest.len());
        self.line += self.rest[..start].iter().filter(|byte| **byte == b'\n').count();
        let rest = &self.rest[start..];
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        self.rest = &rest[end..];
        (end > 0).then(|| &rest[..end])
    }

    fn skip_line(&mut self) {
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    fn keyword(&mut self, word: &str, expected: &'static str) -> Result<(), StlError> {
        let found = self.next().ok_or(StlError::Truncated { line: self.line, expected })?;
        if found.eq_ignore_ascii_case(word.as_bytes()) { Ok(()) } else { Err(self.syntax(expected, found)) }
    }

    fn number(&mut self) -> Result<f64, StlError> {
        const EXPECTED: &str = "a number";
        let word = self.next().ok_or(StlError::Truncated { line: self.line, expected: EXPECTED })?;
        let number = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        number.ok_or_else(|| self.syntax(EXPECTED, word))
    }

    fn syntax(&self, expected: &'static str, found: &[u8]) -> StlError {
        let found = String::from_utf8_lossy(&found[..found.len().min(40)]).into_owned();
        StlError::Syntax { line: self.line, expected, found }
    }
}

pub(super) fn read(bytes: &[u8], mesh: &mut Collector<'_>) -> Result<(), StlError> {
    let mut words = Words { rest: bytes, line: 1 };
    let mut open = false;
    const BETWEEN: &str = "`facet` or `endsolid`";
    while let Some(word) = words.next() {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if is("facet") && open {
            facet(&mut words, mesh)?;
        } else if is("solid") && !open {
            // The rest of the line is the solid's name, which may be any words.
            words.skip_line();
            open = true;
        } else if is("endsolid") && open {
            words.skip_line();
            open = false;
        } else {
            return Err(words.syntax(if open { BETWEEN } else { "`solid`" }, word));
        }
    }
    if open { Err(StlError::Truncated { line: words.line, expected: BETWEEN }) } else { Ok(()) }
}

fn facet(words: &mut Words<'_>, mesh: &mut Collector<'_>) -> Result<(), StlError> {
    words.keyword("normal", "`normal`")?;
    for _ in 0..3 {
        // Normals follow from the corners; exporters write NaN here for slivers.
        words.number()?;
    }
    words.keyword("outer", "`outer loop`")?;
    words.keyword("loop", "`outer loop`")?;
    let mut corners = [[0.0; 3]; 3];
    for corner in &mut corners {
        words.keyword("vertex", "`vertex`")?;
        for coordinate in corner {
            *coordinate = words.number()?;
        }
    }
    words.keyword("endloop", "`endloop`")?;
    words.keyword("endfacet", "`endfacet`")?;
    mesh.push(corners)
}
