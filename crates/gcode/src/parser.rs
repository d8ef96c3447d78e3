//! One line of G-code to one [`Command`], and a reader that walks a program line by line with bounded memory.

use std::io::BufRead;

/// Longest line that is read; longer ones are an error, whatever they hold.
pub const MAX_LINE_BYTES: usize = 8 * 1024;

/// Numbers beyond this are not millimetres, degrees or feed rates of any machine.
const MAX_MAGNITUDE: f64 = 1e9;

/// A linear move; absent words are `None`. Units are the program's, before G20/G21 and relative modes are applied.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Move {
    /// G0 rather than G1.
    pub rapid: bool,
    pub x: Option<f64>,
    pub y: Option<f64>,
    pub z: Option<f64>,
    pub e: Option<f64>,
    /// Feed rate per minute.
    pub f: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heater {
    Nozzle,
    Bed,
}

/// A comment, where it carries meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comment {
    /// `;LAYER:n`, counted from 0.
    Layer(u32),
    /// `;TYPE:WALL-OUTER` and the like.
    Type(Box<str>),
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// An empty line.
    Blank,
    Move(Move),
    /// G4.
    Dwell {
        seconds: f64,
    },
    /// G28; all false homes every axis.
    Home {
        x: bool,
        y: bool,
        z: bool,
    },
    /// G90.
    Absolute,
    /// G91.
    Relative,
    /// G92.
    SetPosition {
        x: Option<f64>,
        y: Option<f64>,
        z: Option<f64>,
        e: Option<f64>,
    },
    /// M82.
    ExtruderAbsolute,
    /// M83.
    ExtruderRelative,
    /// G20 and G21.
    Units {
        millimetres: f64,
    },
    /// M104, M109, M140, M190. Degrees Celsius.
    SetTemperature {
        heater: Heater,
        celsius: f64,
        wait: bool,
    },
    /// M106 and M107; 0 to 1.
    Fan {
        speed: f64,
    },
    /// M73.
    Progress {
        percent: Option<f64>,
        minutes_left: Option<f64>,
    },
    /// M84 and M18.
    MotorsOff,
    /// M486 S: the object that the following moves belong to; -1 for none.
    Object {
        index: Option<i64>,
    },
    Comment(Comment),
    /// A code that this crate does not execute, for example `M117`.
    Unknown {
        letter: char,
        number: u32,
    },
}

/// What is wrong with one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    TooLong,
    #[error("byte {byte:#04x} cannot start a word: a letter and a number are expected")]
    NotAWord { byte: u8 },
    #[error("the word {letter} has no number")]
    NoNumber { letter: char },
    #[error("the number of {letter} is out of range")]
    OutOfRange { letter: char },
    #[error("{code} needs the word {letter}")]
    Missing { code: &'static str, letter: char },
    #[error("the checksum is {stated}, the line's is {computed}")]
    Checksum { stated: u8, computed: u8 },
}

/// A problem and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("G-code line {line} (byte {byte_offset}): {problem}")]
pub struct LineError {
    /// Counted from 1.
    pub line: u64,
    /// Of the line's first byte.
    pub byte_offset: u64,
    pub problem: LineProblem,
}

/// Why the next line could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("the G-code cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// A parsed line and its place in the program.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// Of the line's first byte.
    pub byte_offset: u64,
    /// Of the byte after its line feed: how much of the program is done once this line is.
    pub end_offset: u64,
    pub command: Command,
}

/// Walks a program; holds one line. An error ends the walk.
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    line: u64,
    offset: u64,
    failed: bool,
}

impl<R: BufRead> Lines<R> {
    pub fn new(source: R) -> Self {
        Self { source, buffer: Vec::new(), line: 0, offset: 0, failed: false }
    }

    fn read(&mut self) -> Result<Option<Line>, ReadError> {
        self.buffer.clear();
        let start = self.offset;
        loop {
            let chunk = match self.source.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if chunk.is_empty() {
                break;
            }
            let end = chunk.iter().position(|&b| b == b'\n');
            let taken = end.unwrap_or(chunk.len());
            if self.buffer.len() + taken > MAX_LINE_BYTES {
                let problem = LineProblem::TooLong;
                return Err(LineError { line: self.line + 1, byte_offset: start, problem }.into());
            }
            self.buffer.extend_from_slice(&chunk[..taken]);
            let consumed = taken + usize::from(end.is_some());
            self.source.consume(consumed);
            self.offset += consumed as u64;
            if end.is_some() {
                break;
            }
        }
        if self.offset == start {
            return Ok(None);
        }
        self.line += 1;
        let number = self.line;
        let command =
            parse_line(&self.buffer).map_err(|problem| LineError { line: number, byte_offset: start, problem })?;
        Ok(Some(Line { number, byte_offset: start, end_offset: self.offset, command }))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = self.read().transpose();
        self.failed = matches!(result, Some(Err(_)));
        result
    }
}

/// Parses one line without its line feed.
pub fn parse_line(line: &[u8]) -> Result<Command, LineProblem> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineProblem::TooLong);
    }
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(Command::Blank);
    }
    let code = match line.iter().position(|&b| b == b';') {
        Some(0) => return Ok(Command::Comment(comment(&line[1..]))),
        Some(at) => line[..at].trim_ascii_end(),
        None => line,
    };
    let code = verify_checksum(code)?;
    let mut words = Words { rest: code };
    let Some(mut letter) = words.letter()? else { return Ok(Command::Blank) };
    if letter == 'N' {
        words.number(letter)?;
        match words.letter()? {
            Some(next) => letter = next,
            None => return Ok(Command::Blank),
        }
    }
    let number = words.number(letter)?;
    // Sub-codes (G29.1) and anything that is not a whole number are other commands than the ones below.
    if number.fract() != 0.0 || !(0.0..=99_999.0).contains(&number) {
        return Ok(Command::Unknown { letter, number: number.abs() as u32 });
    }
    let number = number as u32;
    Ok(match (letter, number) {
        ('G', 0 | 1) => {
            let v = words.values()?;
            Command::Move(Move { rapid: number == 0, x: v.x, y: v.y, z: v.z, e: v.e, f: v.f })
        }
        ('G', 4) => {
            let v = words.values()?;
            // S (seconds) wins over P (milliseconds), as in Marlin.
            Command::Dwell { seconds: v.s.or(v.p.map(|p| p / 1000.0)).unwrap_or(0.0).max(0.0) }
        }
        ('G', 20) => Command::Units { millimetres: 25.4 },
        ('G', 21) => Command::Units { millimetres: 1.0 },
        ('G', 28) => words.home()?,
        ('G', 90) => Command::Absolute,
        ('G', 91) => Command::Relative,
        ('G', 92) => {
            let v = words.values()?;
            Command::SetPosition { x: v.x, y: v.y, z: v.z, e: v.e }
        }
        ('M', 18 | 84) => Command::MotorsOff,
        ('M', 73) => {
            let v = words.values()?;
            Command::Progress { percent: v.p, minutes_left: v.r }
        }
        ('M', 82) => Command::ExtruderAbsolute,
        ('M', 83) => Command::ExtruderRelative,
        ('M', 104) => words.temperature(Heater::Nozzle, false, "M104")?,
        ('M', 109) => words.temperature(Heater::Nozzle, true, "M109")?,
        ('M', 140) => words.temperature(Heater::Bed, false, "M140")?,
        ('M', 190) => words.temperature(Heater::Bed, true, "M190")?,
        ('M', 106) => Command::Fan { speed: (words.values()?.s.unwrap_or(255.0) / 255.0).clamp(0.0, 1.0) },
        ('M', 107) => Command::Fan { speed: 0.0 },
        ('M', 486) => Command::Object { index: words.object() },
        _ => Command::Unknown { letter, number },
    })
}

fn comment(text: &[u8]) -> Comment {
    let text = text.trim_ascii();
    if let Some(number) = text.strip_prefix(b"LAYER:")
        && let Some(layer) = std::str::from_utf8(number).ok().and_then(|n| n.trim().parse().ok())
    {
        return Comment::Layer(layer);
    }
    match text.strip_prefix(b"TYPE:") {
        Some(kind) => Comment::Type(String::from_utf8_lossy(kind.trim_ascii()).into()),
        None => Comment::Other,
    }
}

/// Removes `*nn` and verifies it: the xor of the bytes before the asterisk.
fn verify_checksum(code: &[u8]) -> Result<&[u8], LineProblem> {
    // Only a numbered line carries a checksum; elsewhere an asterisk is text (`M117 5*3`).
    if !matches!(code.first(), Some(b'N' | b'n')) {
        return Ok(code);
    }
    let Some(at) = code.iter().rposition(|&b| b == b'*') else { return Ok(code) };
    let stated = std::str::from_utf8(&code[at + 1..])
        .ok()
        .and_then(|n| n.trim().parse().ok())
        .ok_or(LineProblem::NoNumber { letter: '*' })?;
    let computed = code[..at].iter().fold(0, |sum, byte| sum ^ byte);
    if stated == computed { Ok(&code[..at]) } else { Err(LineProblem::Checksum { stated, computed }) }
}

#[derive(Default)]
struct Values {
    x: Option<f64>,
    y: Option<f64>,
    z: Option<f64>,
    e: Option<f64>,
    f: Option<f64>,
    s: Option<f64>,
    p: Option<f64>,
    r: Option<f64>,
}

/// The words of a line: letters, each with a number.
struct Words<'a> {
    rest: &'a [u8],
}

impl Words<'_> {
    fn letter(&mut self) -> Result<Option<char>, LineProblem> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            let Some((&byte, rest)) = self.rest.split_first() else { return Ok(None) };
            if byte == b'(' {
                // An inline comment; unclosed, it runs to the end of the line.
                let end = self.rest.iter().position(|&b| b == b')').map_or(self.rest.len(), |at| at + 1);
                self.rest = &self.rest[end..];
                continue;
            }
            if !byte.is_ascii_alphabetic() {
                return Err(LineProblem::NotAWord { byte });
            }
            self.rest = rest;
            return Ok(Some(byte.to_ascii_uppercase() as char));
        }
    }

    /// The number that follows, if one does.
    fn optional_number(&mut self, letter: char) -> Result<Option<f64>, LineProblem> {
        self.rest = self.rest.trim_ascii_start();
        let end =
            self.rest.iter().position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+')).unwrap_or(self.rest.len());
        if end == 0 {
            return Ok(None);
        }
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        let value: f64 = std::str::from_utf8(digits)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or(LineProblem::NoNumber { letter })?;
        if value.abs() > MAX_MAGNITUDE {
            return Err(LineProblem::OutOfRange { letter });
        }
        Ok(Some(value))
    }

    fn number(&mut self, letter: char) -> Result<f64, LineProblem> {
        self.optional_number(letter)?.ok_or(LineProblem::NoNumber { letter })
    }

    fn values(&mut self) -> Result<Values, LineProblem> {
        let mut values = Values::default();
        while let Some(letter) = self.letter()? {
            let number = self.number(letter)?;
            match letter {
                'X' => values.x = Some(number),
                'Y' => values.y = Some(number),
                'Z' => values.z = Some(number),
                'E' => values.e = Some(number),
                'F' => values.f = Some(number),
                'S' => values.s = Some(number),
                'P' => values.p = Some(number),
                'R' => values.r = Some(number),
                _ => {}
            }
        }
        Ok(values)
    }

    fn home(&mut self) -> Result<Command, LineProblem> {
        let (mut x, mut y, mut z) = (false, false, false);
        while let Some(letter) = self.letter()? {
            self.optional_number(letter)?;
            match letter {
                'X' => x = true,
                'Y' => y = true,
                'Z' => z = true,
                _ => {}
            }
        }
        Ok(Command::Home { x, y, z })
    }

    fn temperature(&mut self, heater: Heater, wait: bool, code: &'static str) -> Result<Command, LineProblem> {
        let values = self.values()?;
        // R waits for cooling as well as for heating; the target is the same.
        let celsius = values.s.or(values.r).ok_or(LineProblem::Missing { code, letter: 'S' })?;
        Ok(Command::SetTemperature { heater, celsius, wait })
    }

    /// M486 may carry free text (`M486 A"name"`), so only a leading S word is looked at.
    fn object(&mut self) -> Option<i64> {
        match self.letter() {
            Ok(Some('S')) => self.number('S').ok().map(|n| n as i64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Command {
        parse_line(line.as_bytes()).unwrap()
    }

    #[test]
    fn moves_in_every_spelling() {
        let expected = Move { x: Some(1.5), y: Some(-2.0), e: Some(0.25), f: Some(1800.0), ..Move::default() };
        for line in ["G1 X1.5 Y-2 E.25 F1800", "g01x1.5y-2e.25f1800 ; outer", "G1 X 1.5 (wall) Y-2.0 E+0.25 F1800"] {
            assert_eq!(parsed(line), Command::Move(expected), "{line}");
        }
        assert_eq!(parsed("G0 Z3"), Command::Move(Move { rapid: true, z: Some(3.0), ..Move::default() }));
    }

    #[test]
    fn temperatures_fans_dwells_and_comments() {
        let nozzle = Command::SetTemperature { heater: Heater::Nozzle, celsius: 210.0, wait: true };
        assert_eq!(parsed("M109 S210"), nozzle);
        assert_eq!(parsed("M106 S127.5"), Command::Fan { speed: 0.5 });
        assert_eq!(parsed("G4 P500"), Command::Dwell { seconds: 0.5 });
        assert_eq!(parsed(";LAYER:42"), Command::Comment(Comment::Layer(42)));
        assert_eq!(parsed("; TYPE:FILL"), Command::Comment(Comment::Type("FILL".into())));
        assert_eq!(parsed("M117 50% done! *"), Command::Unknown { letter: 'M', number: 117 });
        assert_eq!(parsed("M486 S3"), Command::Object { index: Some(3) });
        assert_eq!(parsed("M73 P10 R5"), Command::Progress { percent: Some(10.0), minutes_left: Some(5.0) });
        assert_eq!(parsed("G28 X Y"), Command::Home { x: true, y: true, z: false });
        assert_eq!(parsed("   \r"), Command::Blank);
    }

    #[test]
    fn faults_say_what_and_where() {
        assert_eq!(parse_line(b"G1 X"), Err(LineProblem::NoNumber { letter: 'X' }));
        assert_eq!(parse_line(b"G1 X1..2"), Err(LineProblem::NoNumber { letter: 'X' }));
        assert_eq!(parse_line(b"M104"), Err(LineProblem::Missing { code: "M104", letter: 'S' }));
        assert_eq!(parse_line(b"G1 X99999999999"), Err(LineProblem::OutOfRange { letter: 'X' }));
        assert_eq!(parse_line(b"\x00\x01"), Err(LineProblem::NotAWord { byte: 0 }));
        let error = Lines::new(&b"G90\nG1 Xnan\n"[..]).find_map(Result::err).unwrap();
        assert_eq!(error.to_string(), "G-code line 2 (byte 4): the word X has no number");
    }

    #[test]
    fn checksums_are_verified() {
        let body = b"N3 T0";
        let sum = body.iter().fold(0u8, |s, b| s ^ b);
        assert!(parse_line(format!("N3 T0*{sum}").as_bytes()).is_ok());
        assert!(matches!(parse_line(b"N3 T0*1"), Err(LineProblem::Checksum { stated: 1, .. })));
    }

    #[test]
    fn offsets_cover_the_program_and_long_lines_are_refused() {
        let program = b"G90\n\nG1 X1\r\nG1 X2";
        let lines: Vec<Line> = Lines::new(&program[..]).map(Result::unwrap).collect();
        assert_eq!(lines.iter().map(|l| l.byte_offset).collect::<Vec<_>>(), [0, 4, 5, 12]);
        assert_eq!(lines.last().unwrap().end_offset, program.len() as u64);
        let long = vec![b';'; MAX_LINE_BYTES + 1];
        assert!(Lines::new(&long[..]).next().unwrap().is_err());
    }
}
