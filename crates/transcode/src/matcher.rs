//! Which binding answers a path: a trie over template segments, literals before wildcards, with backtracking.
//!
//! The depth is bounded by the number of segments a template may have, so a hostile path costs no more than an honest one.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::template::{Segment, Template};

/// The leaf of a template: what answers each HTTP method under one verb.
type Leaf<T> = BTreeMap<Option<String>, BTreeMap<String, T>>;

pub(crate) struct Matcher<T> {
    root: Node<T>,
}

struct Node<T> {
    literals: BTreeMap<String, Node<T>>,
    single: Option<Box<Node<T>>>,
    here: Leaf<T>,
    rest: Leaf<T>,
}

/// What a path came to.
#[derive(Debug)]
pub(crate) enum Outcome<'m, 'p, T> {
    Found {
        value: &'m T,
        segments: Vec<&'p str>,
    },
    /// The path exists, under other methods.
    WrongMethod {
        allow: Vec<String>,
    },
    NotFound,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: BTreeMap::new(), single: None, here: BTreeMap::new(), rest: BTreeMap::new() }
    }
}

impl<T> Matcher<T> {
    pub(crate) fn new() -> Self {
        Self { root: Node::default() }
    }

    /// Adds a binding; gives the older one back when the same method and shape of path is taken.
    pub(crate) fn insert(&mut self, method: &str, template: &Template, value: T) -> Result<(), &T> {
        let mut node = &mut self.root;
        let mut rest = false;
        for segment in &template.segments {
            match segment {
                Segment::Literal(literal) => {
                    let decoded = percent_decode_str(literal).decode_utf8_lossy().into_owned();
                    node = node.literals.entry(decoded).or_default();
                }
                Segment::Single => node = node.single.get_or_insert_with(Box::default),
                Segment::Rest => rest = true,
            }
        }
        let leaf = if rest { &mut node.rest } else { &mut node.here };
        let methods = leaf.entry(template.verb.clone()).or_default();
        match methods.entry(method.to_owned()) {
            std::collections::btree_map::Entry::Occupied(taken) => Err(taken.into_mut()),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(value);
                Ok(())
            }
        }
    }

    /// `path` is raw (still percent-encoded) and starts with a slash.
    pub(crate) fn find<'m, 'p>(&'m self, method: &str, path: &'p str) -> Outcome<'m, 'p, T> {
        let Some(path) = path.strip_prefix('/') else { return Outcome::NotFound };
        let mut allow: Vec<String> = Vec::new();
        // A colon in the last segment is a verb if a template has that verb there, and else part of an identifier.
        let last = path.rfind('/').map_or(0, |slash| slash + 1);
        let verb = path[last..].rfind(':').map(|colon| (&path[..last + colon], &path[last + colon + 1..]));
        let attempts = verb.map(|(head, verb)| (head, Some(verb))).into_iter().chain([(path, None)]);
        for (path, verb) in attempts {
            let segments: Vec<&str> = path.split('/').collect();
            let mut leaves = Vec::new();
            self.root.walk(&segments, &mut leaves);
            for leaf in leaves {
                let Some(methods) = leaf.get(&verb.map(str::to_owned)) else { continue };
                if let Some(value) = methods.get(method).or_else(|| methods.get("*")) {
                    return Outcome::Found { value, segments };
                }
                allow.extend(methods.keys().cloned());
            }
        }
        if allow.is_empty() {
            Outcome::NotFound
        } else {
            allow.sort();
            allow.dedup();
            Outcome::WrongMethod { allow }
        }
    }
}

impl<T> Node<T> {
    /// Every leaf that the segments reach, the most literal first.
    fn walk<'m>(&'m self, segments: &[&str], leaves: &mut Vec<&'m Leaf<T>>) {
        match segments.split_first() {
            None => leaves.push(&self.here),
            Some((head, tail)) => {
                if !self.literals.is_empty() {
                    let decoded = percent_decode_str(head).decode_utf8_lossy();
                    if let Some(next) = self.literals.get(decoded.as_ref()) {
                        next.walk(tail, leaves);
                    }
                }
                if let Some(single) = self.single.as_ref().filter(|_| !head.is_empty()) {
                    single.walk(tail, leaves);
                }
            }
        }
        if !self.rest.is_empty() {
            leaves.push(&self.rest);
        }
    }
}

/// The value of a variable from the raw segments it covers; `None` when it is not UTF-8 once decoded.
pub(crate) fn capture(segments: &[&str], multi: bool) -> Option<String> {
    if !multi {
        return Some(percent_decode_str(segments.first()?).decode_utf8().ok()?.into_owned());
    }
    let mut value = String::new();
    for (n, segment) in segments.iter().enumerate() {
        if n > 0 {
            value.push('/');
        }
        // An encoded slash must not become a separator of the resource name.
        let mut parts = segment.split("%2F").flat_map(|part| part.split("%2f")).peekable();
        while let Some(part) = parts.next() {
            value.push_str(&percent_decode_str(part).decode_utf8().ok()?);
            if parts.peek().is_some() {
                value.push_str("%2F");
            }
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(templates: &[(&str, &str)]) -> Matcher<usize> {
        let mut matcher = Matcher::new();
        for (n, (method, template)) in templates.iter().enumerate() {
            matcher.insert(method, &Template::parse(template).unwrap(), n).unwrap();
        }
        matcher
    }

    fn found(matcher: &Matcher<usize>, method: &str, path: &str) -> Option<usize> {
        match matcher.find(method, path) {
            Outcome::Found { value, .. } => Some(*value),
            _ => None,
        }
    }

    #[test]
    fn literals_win_and_verbs_are_told_from_identifiers() {
        let m = matcher(&[
            ("GET", "/v1/{name=models/*}"),
            ("GET", "/v1/models/default"),
            ("POST", "/v1/{name=models/*}:cancel"),
            ("GET", "/v1/{name=models/*}/files/{path=**}"),
        ]);
        assert_eq!(found(&m, "GET", "/v1/models/7"), Some(0));
        assert_eq!(found(&m, "GET", "/v1/models/default"), Some(1));
        assert_eq!(found(&m, "POST", "/v1/models/7:cancel"), Some(2));
        assert_eq!(found(&m, "GET", "/v1/models/blake3:77"), Some(0));
        assert_eq!(found(&m, "GET", "/v1/models/7/files/a/b/c"), Some(3));
        assert_eq!(found(&m, "GET", "/v1/models/7/files"), Some(3));
        assert_eq!(found(&m, "GET", "/v1/models/"), None);
        assert!(matches!(m.find("DELETE", "/v1/models/7"), Outcome::WrongMethod { allow } if allow == ["GET"]));
        assert!(matches!(m.find("GET", "/v2"), Outcome::NotFound));
    }

    #[test]
    fn the_same_shape_twice_is_a_conflict() {
        let mut m = matcher(&[("GET", "/v1/{name=models/*}")]);
        assert_eq!(m.insert("GET", &Template::parse("/v1/models/{id}").unwrap(), 9), Err(&0));
    }

    #[test]
    fn encoded_slashes_stay_inside_their_segment() {
        assert_eq!(capture(&["a%2Fb%20c"], false).as_deref(), Some("a/b c"));
        assert_eq!(capture(&["models", "a%2fb%20c"], true).as_deref(), Some("models/a%2Fb c"));
        assert_eq!(capture(&["%ff"], false), None);
    }

    proptest::proptest! {
        #[test]
        fn identifiers_come_back(id in "[^/]{1,30}", rest in proptest::collection::vec("[^/]{1,8}", 0..4)) {
            let m = matcher(&[("GET", "/v1/{id}/x/{rest=**}")]);
            let encode = |s: &str| percent_encoding::utf8_percent_encode(s, percent_encoding::NON_ALPHANUMERIC).to_string();
            let mut path = format!("/v1/{}/x", encode(&id));
            for part in &rest {
                path = format!("{path}/{}", encode(part));
            }
            let Outcome::Found { segments, .. } = m.find("GET", &path) else { panic!("{path}") };
            proptest::prop_assert_eq!(capture(&segments[1..2], false), Some(id));
            proptest::prop_assert_eq!(capture(&segments[3..], true), Some(rest.join("/")));
        }

        #[test]
        fn any_path_ends(path in "\\PC{0,60}") {
            let m = matcher(&[("GET", "/v1/{id}/x/{rest=**}"), ("POST", "/{a=*/*}:go")]);
            if let Outcome::Found { segments, .. } = m.find("GET", &path) {
                proptest::prop_assert!(segments.len() >= 3);
            }
        }
    }
}
