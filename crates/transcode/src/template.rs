//! Path templates of `google.api.http`: parsing them once, at start.
//!
//! `/v1/{name=models/*/artefacts/*}:download` becomes a flat list of segments, the variables as ranges over that list,
//! and the custom verb. Matching is the business of [`crate::matcher`].

use std::fmt;

/// One segment of a template between two slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    Literal(String),
    /// `*`: exactly one non-empty segment.
    Single,
    /// `**`: zero or more segments; only as the last one.
    Rest,
}

/// A request field filled from the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Dotted path in proto names, such as `model.name`.
    pub(crate) field: String,
    /// The segments it covers: `first .. last` over [`Template::segments`].
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// More than one segment can match, so `%2F` inside them stays encoded.
    pub(crate) multi: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) verb: Option<String>,
}

/// Why a template in a proto file is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {at} of path template {template:?}")]
pub struct TemplateError {
    pub template: String,
    pub at: usize,
    pub reason: &'static str,
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parser = Parser { text, at: 0, out: Template { segments: vec![], variables: vec![], verb: None } };
        parser.template().map_err(|reason| TemplateError { template: text.to_owned(), at: parser.at, reason })?;
        Ok(parser.out)
    }

    /// The template in OpenAPI's notation: one `{parameter}` for each wildcard, since OpenAPI has no multi-segment
    /// parameters. Returns the path and the parameter names in order with the variable each belongs to.
    pub(crate) fn open_api_path(&self) -> (String, Vec<(String, usize)>) {
        let mut path = String::new();
        let mut parameters: Vec<(String, usize)> = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Single | Segment::Rest => {
                    let variable = self.variables.iter().position(|v| (v.first..v.last).contains(&index));
                    let mut name = match variable {
                        None => format!("segment{index}"),
                        Some(v) => self.parameter_name(&self.variables[v], index),
                    };
                    while parameters.iter().any(|(other, _)| *other == name) {
                        name.push('_');
                    }
                    path.push('{');
                    path.push_str(&name);
                    path.push('}');
                    parameters.push((name, variable.unwrap_or(usize::MAX)));
                }
            }
        }
        if let Some(verb) = &self.verb {
            path.push(':');
            path.push_str(verb);
        }
        (path, parameters)
    }

    /// `{name=models/*/artefacts/*}` reads as `{model}` and `{artefact}`: the collection before a wildcard, singular.
    fn parameter_name(&self, variable: &Variable, index: usize) -> String {
        let wildcards =
            self.segments[variable.first..variable.last].iter().filter(|s| !matches!(s, Segment::Literal(_))).count();
        if wildcards == 1 && variable.last - variable.first == 1 {
            return variable.field.clone();
        }
        match index.checked_sub(1).filter(|i| *i >= variable.first).map(|i| &self.segments[i]) {
            Some(Segment::Literal(collection)) => match collection.strip_suffix('s') {
                Some(stem) if !stem.is_empty() => stem.to_owned(),
                // `operations/render/*`: what precedes the wildcard is no collection.
                _ => "id".to_owned(),
            },
            _ => format!("{}{index}", variable.field),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut index = 0;
        while index < self.segments.len() {
            f.write_str("/")?;
            if let Some(v) = self.variables.iter().find(|v| v.first == index && v.last > v.first) {
                write!(f, "{{{}=", v.field)?;
                for (n, segment) in self.segments[v.first..v.last].iter().enumerate() {
                    write!(f, "{}{segment}", if n == 0 { "" } else { "/" })?;
                }
                f.write_str("}")?;
                index = v.last;
            } else {
                write!(f, "{}", self.segments[index])?;
                index += 1;
            }
        }
        match &self.verb {
            Some(verb) => write!(f, ":{verb}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Segment::Literal(literal) => literal,
            Segment::Single => "*",
            Segment::Rest => "**",
        })
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    out: Template,
}

impl Parser<'_> {
    fn template(&mut self) -> Result<(), &'static str> {
        if !self.eat("/") {
            return Err("a template starts with '/'");
        }
        self.segments(false)?;
        if self.eat(":") {
            let verb = self.ident();
            if verb.is_empty() {
                return Err("a custom verb needs a name");
            }
            self.out.verb = Some(verb);
        }
        if self.at != self.text.len() {
            return Err("unexpected character");
        }
        Ok(())
    }

    fn segments(&mut self, inside_variable: bool) -> Result<(), &'static str> {
        loop {
            if self.out.segments.last() == Some(&Segment::Rest) {
                return Err("'**' must be the last segment");
            }
            if self.eat("**") {
                self.out.segments.push(Segment::Rest);
            } else if self.eat("*") {
                self.out.segments.push(Segment::Single);
            } else if self.eat("{") {
                if inside_variable {
                    return Err("variables do not nest");
                }
                self.variable()?;
            } else {
                let literal = self.ident();
                if literal.is_empty() {
                    return Err("a segment is empty");
                }
                self.out.segments.push(Segment::Literal(literal));
            }
            if self.out.segments.len() > 32 {
                return Err("more than 32 segments");
            }
            if !self.eat("/") {
                return Ok(());
            }
        }
    }

    fn variable(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') {
            self.at += 1;
        }
        let field = self.text[start..self.at].to_owned();
        if field.is_empty() || field.split('.').any(str::is_empty) {
            return Err("a variable needs a field path");
        }
        if self.out.variables.iter().any(|v| v.field == field) {
            return Err("a field is bound twice");
        }
        let first = self.out.segments.len();
        if self.eat("=") {
            self.segments(true)?;
        } else {
            self.out.segments.push(Segment::Single);
        }
        if !self.eat("}") {
            return Err("expected '}'");
        }
        let last = self.out.segments.len();
        let multi = last - first > 1 || self.out.segments[first] == Segment::Rest;
        self.out.variables.push(Variable { field, first, last, multi });
        Ok(())
    }

    fn ident(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)) {
            self.at += 1;
        }
        self.text[start..self.at].to_owned()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_cover_their_segments() {
        let t = Template::parse("/v1/{name=models/*/artefacts/*}:download").unwrap();
        assert_eq!(t.segments.len(), 5);
        assert_eq!(t.variables, vec![Variable { field: "name".into(), first: 1, last: 5, multi: true }]);
        assert_eq!(t.verb.as_deref(), Some("download"));
        assert_eq!(t.open_api_path().0, "/v1/models/{model}/artefacts/{artefact}:download");
        assert_eq!(t.to_string(), "/v1/{name=models/*/artefacts/*}:download");
    }

    #[test]
    fn nested_fields_and_rest() {
        let t = Template::parse("/v1/{model.name=models/*}/files/{path=**}").unwrap();
        assert_eq!(t.variables[0].field, "model.name");
        assert!(t.variables[1].multi);
        assert_eq!(t.segments.last(), Some(&Segment::Rest));
        assert_eq!(t.open_api_path().0, "/v1/models/{model}/files/{path}");
    }

    #[test]
    fn wrong_templates_are_refused_with_a_place() {
        for (text, at) in
            [("v1/x", 0), ("/v1/", 4), ("/{a=b/{c}}", 7), ("/**/x", 4), ("/{a}/{a}", 7), ("/a:", 3), ("/a b", 2)]
        {
            let error = Template::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in "[/a-z{}=*.:%ã]{0,40}") {
            if let Ok(template) = Template::parse(&text) {
                let again = Template::parse(&template.to_string());
                proptest::prop_assert_eq!(again.ok().map(|t| t.segments), Some(template.segments));
            }
        }
    }
}
