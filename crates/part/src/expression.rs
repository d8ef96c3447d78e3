//! Formulas over the part's variables and parameters: `+ - * /`, `min`, `max`, parentheses, decimals, and names.
//!
//! A name is a variable (`wall`, `diâmetro`) or a parameter of an operation (`box.height`, `hole-2.diameter`; an id with other
//! signs in it is quoted: `'left hole'.diameter`). A formula is bounded in length and nesting, so that reading and
//! evaluating it are too.

mod scope;

use std::fmt;

pub use scope::evaluated;
pub(crate) use scope::{check, name_error};

/// Longest formula, characters.
pub const MAX_EXPRESSION_LENGTH: usize = 200;
/// Deepest nesting of parentheses, signs and calls.
pub const MAX_EXPRESSION_DEPTH: usize = 32;
/// Longest chain of names that need each other.
pub(crate) const MAX_CHAIN: usize = 64;

/// What is wrong with a formula or with what it names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    #[error("is longer than {MAX_EXPRESSION_LENGTH} characters; name parts of it as variables")]
    TooLong,
    #[error("nests deeper than {MAX_EXPRESSION_DEPTH}; name parts of it as variables")]
    TooDeep,
    #[error("ends where a number, a name or '(' should follow")]
    Ends,
    #[error("has '{found}' at character {at}, where {expected} should stand")]
    Unexpected { found: String, at: usize, expected: &'static str },
    #[error("calls '{0}'; there are min and max")]
    UnknownFunction(String),
    #[error("names '{0}', which is no variable of this part")]
    UnknownVariable(String),
    #[error("names '{0}', and there is no such operation in this part")]
    UnknownOperation(String),
    #[error("names '{operation}.{parameter}', and {kind} has no such parameter")]
    UnknownParameter { operation: String, parameter: String, kind: String },
    #[error("goes round in a circle: {0}")]
    Cycle(String),
    #[error("needs a chain of more than {MAX_CHAIN} names")]
    TooLongChain,
    #[error("divides by zero")]
    DivisionByZero,
    #[error("comes to no finite number")]
    NotFinite,
    #[error("needs '{name}', which {why}")]
    NoValue { name: String, why: String },
}

/// What a formula can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    Variable(String),
    Parameter { operation: String, parameter: String },
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Variable(name) => f.write_str(name),
            Name::Parameter { operation, parameter } => write!(f, "{operation}.{parameter}"),
        }
    }
}

/// A formula that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Number(f64),
    Name(Name),
    Negative(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Extreme { greatest: bool, of: Vec<Node> },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Expression {
    pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
        if text.chars().count() > MAX_EXPRESSION_LENGTH {
            return Err(ExpressionError::TooLong);
        }
        let mut reader = Reader { rest: text, at: 1, depth: 0 };
        let root = reader.sum()?;
        match reader.peek() {
            None => Ok(Expression { root }),
            Some(_) => Err(reader.unexpected("an operator or the end")),
        }
    }

    /// The names that it uses, in order, each as often as it stands there.
    pub fn names(&self) -> Vec<&Name> {
        let mut names = Vec::new();
        collect(&self.root, &mut names);
        names
    }

    /// Its value, given that of every name.
    pub fn evaluate<E: From<ExpressionError>>(&self, value: &mut dyn FnMut(&Name) -> Result<f64, E>) -> Result<f64, E> {
        evaluate(&self.root, value)
    }
}

fn collect<'a>(node: &'a Node, names: &mut Vec<&'a Name>) {
    match node {
        Node::Number(_) => {}
        Node::Name(name) => names.push(name),
        Node::Negative(inner) => collect(inner, names),
        Node::Binary(_, a, b) => {
            collect(a, names);
            collect(b, names);
        }
        Node::Extreme { of, .. } => of.iter().for_each(|node| collect(node, names)),
    }
}

fn evaluate<E: From<ExpressionError>>(node: &Node, value: &mut dyn FnMut(&Name) -> Result<f64, E>) -> Result<f64, E> {
    let result = match node {
        Node::Number(number) => *number,
        Node::Name(name) => value(name)?,
        Node::Negative(inner) => 0.0 - evaluate(inner, value)?,
        Node::Binary(operator, a, b) => {
            let (a, b) = (evaluate(a, value)?, evaluate(b, value)?);
            match operator {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                Operator::Divide if b == 0.0 => return Err(ExpressionError::DivisionByZero.into()),
                Operator::Divide => a / b,
            }
        }
        Node::Extreme { greatest, of } => {
            let mut best: Option<f64> = None;
            for node in of {
                let next = evaluate(node, value)?;
                best = Some(best.map_or(next, |best| if *greatest { best.max(next) } else { best.min(next) }));
            }
            best.unwrap_or(0.0)
        }
    };
    if result.is_finite() { Ok(result) } else { Err(ExpressionError::NotFinite.into()) }
}

/// A recursive-descent reader; `at` counts characters from 1, for messages.
struct Reader<'a> {
    rest: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Add,
                Some('-' | '−') => Operator::Subtract,
                _ => return Ok(left),
            };
            self.take();
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Some('*' | '×') => Operator::Multiply,
                Some('/' | '÷') => Operator::Divide,
                _ => return Ok(left),
            };
            self.take();
            left = Node::Binary(operator, Box::new(left), Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_EXPRESSION_DEPTH {
            return Err(ExpressionError::TooDeep);
        }
        let node = match self.peek() {
            None => Err(ExpressionError::Ends),
            Some('-' | '−') => {
                self.take();
                Ok(Node::Negative(Box::new(self.factor()?)))
            }
            Some('(') => {
                self.take();
                let inner = self.sum()?;
                self.expect(')', "')'")?;
                Ok(inner)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if starts_name(c) || c == '\'' => self.name(),
            Some(_) => Err(self.unexpected("a number, a name or '('")),
        }?;
        self.depth -= 1;
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, ExpressionError> {
        let length = self.rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (digits, at) = (&self.rest[..length], self.at);
        let number = digits.parse::<f64>().ok().filter(|n| n.is_finite());
        let number = number.ok_or_else(|| ExpressionError::Unexpected {
            found: digits.to_owned(),
            at,
            expected: "a number such as 12.5",
        })?;
        self.skip(length);
        Ok(Node::Number(number))
    }

    fn name(&mut self) -> Result<Node, ExpressionError> {
        if self.rest.starts_with('\'') {
            self.skip(1);
            let length = self.rest.find('\'').ok_or(ExpressionError::Ends)?;
            let operation = self.rest[..length].to_owned();
            self.skip(length + 1);
            return self.parameter(operation);
        }
        let first = self.word();
        // "hole-2.diameter" names an operation; "a-2" and "a-2.5" are differences.
        let suffix = operation_suffix(self.rest);
        if suffix > 0 {
            let operation = format!("{first}{}", &self.rest[..suffix]);
            self.skip(suffix);
            return self.parameter(operation);
        }
        if self.rest.starts_with('.') {
            return self.parameter(first);
        }
        if self.peek() == Some('(') {
            let greatest = match first.as_str() {
                "max" => true,
                "min" => false,
                _ => return Err(ExpressionError::UnknownFunction(first)),
            };
            self.take();
            let mut of = vec![self.sum()?];
            while matches!(self.peek(), Some(',' | ';')) {
                self.take();
                of.push(self.sum()?);
            }
            self.expect(')', "',' or ')'")?;
            return Ok(Node::Extreme { greatest, of });
        }
        Ok(Node::Name(Name::Variable(first)))
    }

    fn parameter(&mut self, operation: String) -> Result<Node, ExpressionError> {
        self.expect('.', "'.' and a parameter")?;
        if !self.rest.starts_with(starts_name) {
            return Err(if self.rest.is_empty() { ExpressionError::Ends } else { self.unexpected("a parameter") });
        }
        let parameter = self.word();
        Ok(Node::Name(Name::Parameter { operation, parameter }))
    }

    fn word(&mut self) -> String {
        let length = self.rest.find(|c: char| !continues_name(c)).unwrap_or(self.rest.len());
        let word = self.rest[..length].to_owned();
        self.skip(length);
        word
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<(), ExpressionError> {
        match self.peek() {
            Some(c) if c == wanted => {
                self.take();
                Ok(())
            }
            Some(_) => Err(self.unexpected(expected)),
            None => Err(ExpressionError::Ends),
        }
    }

    /// The next character that is not a space.
    fn peek(&mut self) -> Option<char> {
        let spaces = self.rest.len() - self.rest.trim_start().len();
        self.skip(spaces);
        self.rest.chars().next()
    }

    fn take(&mut self) {
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        self.skip(length);
    }

    fn skip(&mut self, bytes: usize) {
        self.at += self.rest[..bytes].chars().count();
        self.rest = &self.rest[bytes..];
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let found = self.rest.chars().next().map(String::from).unwrap_or_default();
        ExpressionError::Unexpected { found, at: self.at, expected }
    }
}

/// Length of a "-2" that a "." and a parameter follow.
fn operation_suffix(rest: &str) -> usize {
    let Some(digits) = rest.strip_prefix('-') else { return 0 };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let named = digits[length..].strip_prefix('.').is_some_and(|after| after.starts_with(starts_name));
    if length > 0 && named { length + 1 } else { 0 }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a formula can name it as a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(starts_name)
        && name.chars().all(continues_name)
        && name.chars().count() <= 40
        && !matches!(name, "min" | "max")
}
