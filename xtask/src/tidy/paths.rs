//! Which paths a Rust source names: a small lexer that skips comments and literals, follows `use` groups, and resolves
//! `crate`, `self` and `super` against the file's place in its crate.
//!
//! It does not resolve aliases (`use tokio as t`, then `t::spawn`): the alias' own `use` is already a mention.

/// A path named in a source, resolved to start at a crate's name, at `crate` or at `std`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// From 1.
    pub line: usize,
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Join,
    Sign(char),
}

/// The paths that `source` names outside of its `#[cfg(test)]` modules; `module` is where the file stands, such as
/// `["domain", "quote"]`.
pub fn mentions(source: &str, module: &[&str]) -> Vec<Mention> {
    let tokens = lex(source);
    let mut reader = Reader { tokens: &tokens, at: 0, found: Vec::new() };
    let mut scope: Vec<String> = module.iter().map(|it| (*it).to_owned()).collect();
    // Brace depth at which each inline module opened, to know where it closes.
    let mut inline: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    while reader.at < tokens.len() {
        match &tokens[reader.at].1 {
            Token::Sign('#') if reader.is_cfg_test_module() => reader.skip_block(),
            Token::Sign('{') => {
                depth += 1;
                reader.at += 1;
            }
            Token::Sign('}') => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    scope.pop();
                }
                reader.at += 1;
            }
            Token::Word(word) if word == "mod" && reader.opens_module() => {
                if let Some((_, Token::Word(name))) = tokens.get(reader.at + 1) {
                    scope.push(name.clone());
                }
                inline.push(depth);
                reader.at += 2;
            }
            Token::Word(word) if word == "use" => {
                reader.at += 1;
                reader.tree(&scope, &mut Vec::new());
            }
            Token::Word(_) if reader.starts_path() => reader.tree(&scope, &mut Vec::new()),
            _ => reader.at += 1,
        }
    }
    reader.found
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    found: Vec<Mention>,
}

impl Reader<'_> {
    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(_, token)| token)
    }

    fn is_word(&self, ahead: usize, expected: &str) -> bool {
        matches!(self.token(ahead), Some(Token::Word(word)) if word == expected)
    }

    fn opens_module(&self) -> bool {
        matches!(self.token(1), Some(Token::Word(_))) && self.token(2) == Some(&Token::Sign('{'))
    }

    /// A word followed by `::` that is not itself the continuation of a path.
    fn starts_path(&self) -> bool {
        let continued = self.at > 0
            && self.tokens[self.at - 1].1 == Token::Join
            && self.at > 1
            && matches!(self.tokens[self.at - 2].1, Token::Word(_));
        !continued && self.token(1) == Some(&Token::Join)
    }

    /// At `#`: is this `#[cfg(test)]`, possibly with further attributes, on an inline module?
    fn is_cfg_test_module(&self) -> bool {
        let head = [
            Token::Sign('['),
            Token::Word("cfg".into()),
            Token::Sign('('),
            Token::Word("test".into()),
            Token::Sign(')'),
            Token::Sign(']'),
        ];
        if !head.iter().enumerate().all(|(index, token)| self.token(index + 1) == Some(token)) {
            return false;
        }
        let mut ahead = head.len() + 1;
        while self.token(ahead) == Some(&Token::Sign('#')) {
            while self.token(ahead).is_some_and(|token| *token != Token::Sign(']')) {
                ahead += 1;
            }
            ahead += 1;
        }
        self.is_word(ahead, "mod") && self.token(ahead + 2) == Some(&Token::Sign('{'))
    }

    fn skip_block(&mut self) {
        while self.token(0).is_some_and(|token| *token != Token::Sign('{')) {
            self.at += 1;
        }
        let mut depth = 0_usize;
        while let Some(token) = self.token(0) {
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Reads one path or use-tree and records every full path in it.
    fn tree(&mut self, scope: &[String], prefix: &mut Vec<String>) {
        let outer = prefix.len();
        if self.token(0) == Some(&Token::Join) {
            self.at += 1; // `::tokio`
        }
        loop {
            let line = self.tokens.get(self.at).map_or(0, |(line, _)| *line);
            match self.token(0) {
                Some(Token::Word(word)) => {
                    prefix.push(word.clone());
                    self.at += 1;
                    if self.token(0) != Some(&Token::Join) {
                        self.record(line, scope, prefix);
                        break;
                    }
                    self.at += 1;
                }
                Some(Token::Sign('{')) => {
                    self.at += 1;
                    while self.token(0).is_some_and(|token| *token != Token::Sign('}')) {
                        let before = self.at;
                        self.tree(scope, prefix);
                        // `as name` and commas.
                        while self.token(0).is_some_and(|it| !matches!(it, Token::Sign('}' | ',' | '{'))) {
                            self.at += 1;
                        }
                        if self.token(0) == Some(&Token::Sign(',')) {
                            self.at += 1;
                        }
                        if self.at == before {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    break;
                }
                _ => {
                    // `*`, `<T>`, or the end: the path so far is what is named.
                    self.record(line, scope, prefix);
                    break;
                }
            }
        }
        prefix.truncate(outer);
    }

    fn record(&mut self, line: usize, scope: &[String], path: &[String]) {
        let mut resolved: Vec<&str> = Vec::new();
        let mut rest = path.iter().map(String::as_str).peekable();
        if matches!(rest.peek(), Some(&("self" | "super"))) {
            let mut place = scope.len();
            while let Some(&word @ ("self" | "super")) = rest.peek() {
                if word == "super" {
                    place = place.saturating_sub(1);
                }
                rest.next();
            }
            resolved.push("crate");
            resolved.extend(scope[..place].iter().map(String::as_str));
        }
        resolved.extend(rest);
        // In a group, `self` stands for the group's own path.
        if resolved.len() > 1 && resolved.last() == Some(&"self") {
            resolved.pop();
        }
        if !resolved.is_empty() {
            self.found.push(Mention { line, path: resolved.join("::") });
        }
    }
}

fn lex(source: &str) -> Vec<(usize, Token)> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let start = at;
        let here = text[at];
        let next = text.get(at + 1).copied();
        if here == '/' && next == Some('/') {
            while at < text.len() && text[at] != '\n' {
                at += 1;
            }
        } else if here == '/' && next == Some('*') {
            at = block_comment_end(&text, at);
        } else if let Some(end) = raw_string_end(&text, at) {
            at = end;
        } else if here == '"' {
            at = quoted_end(&text, at, '"');
        } else if here == '\'' {
            at = char_or_lifetime_end(&text, at);
        } else if here.is_alphabetic() || here == '_' {
            while at < text.len() && (text[at].is_alphanumeric() || text[at] == '_') {
                at += 1;
            }
            tokens.push((line, Token::Word(text[start..at].iter().collect())));
        } else if here == ':' && next == Some(':') {
            tokens.push((line, Token::Join));
            at += 2;
        } else if here.is_ascii_digit() {
            while at < text.len() && (text[at].is_alphanumeric() || text[at] == '_') {
                at += 1;
            }
        } else {
            if !here.is_whitespace() {
                tokens.push((line, Token::Sign(here)));
            }
            at += 1;
        }
        line += text[start..at].iter().filter(|it| **it == '\n').count();
    }
    tokens
}

fn block_comment_end(text: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at.min(text.len())
}

/// `r"..."`, `r#"..."#`, `br"..."`; `None` when no raw string starts at `at` (`r#type` is a word).
fn raw_string_end(text: &[char], at: usize) -> Option<usize> {
    if at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_') {
        return None;
    }
    let mut open = at;
    if matches!(text.get(open), Some('b' | 'c')) {
        open += 1;
    }
    if text.get(open) != Some(&'r') {
        return None;
    }
    open += 1;
    let hashes = text[open..].iter().take_while(|it| **it == '#').count();
    open += hashes;
    if text.get(open) != Some(&'"') {
        return None;
    }
    let mut end = open + 1;
    while end < text.len() {
        if text[end] == '"' && text[end + 1..].iter().take(hashes).filter(|it| **it == '#').count() == hashes {
            return Some(end + 1 + hashes);
        }
        end += 1;
    }
    Some(text.len())
}

fn quoted_end(text: &[char], at: usize, quote: char) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != quote {
        end += if text[end] == '\\' { 2 } else { 1 };
    }
    (end + 1).min(text.len())
}

fn char_or_lifetime_end(text: &[char], at: usize) -> usize {
    let is_char = text.get(at + 1) == Some(&'\\') || text.get(at + 2) == Some(&'\'');
    if is_char { quoted_end(text, at, '\'') } else { at + 1 }
}
