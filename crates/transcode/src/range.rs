//! Conditional and range requests (RFC 9110 sections 13 and 14) as one pure decision.

use http::HeaderMap;
use http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};

/// What to send of a representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    NotModified,
    Full,
    /// Bytes `start ..= end`.
    Partial {
        start: u64,
        end: u64,
    },
    Unsatisfiable,
}

/// `etag` is without quotes. Several ranges are answered with the whole, which RFC 9110 allows.
pub fn decide(headers: &HeaderMap, size: u64, etag: Option<&str>) -> Decision {
    if let (Some(wanted), Some(etag)) = (headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()), etag)
        && matches_any(wanted, etag)
    {
        return Decision::NotModified;
    }
    let Some(range) = headers.get(RANGE).and_then(|v| v.to_str().ok()) else { return Decision::Full };
    if let Some(condition) = headers.get(IF_RANGE).and_then(|v| v.to_str().ok()) {
        let same =
            etag.is_some_and(|etag| condition.trim().strip_prefix('"').and_then(|c| c.strip_suffix('"')) == Some(etag));
        if !same {
            return Decision::Full;
        }
    }
    parse(range, size)
}

/// Whether an If-None-Match list names this entity tag, by weak comparison.
pub fn matches_any(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|item| item == "*" || unquoted(item) == etag)
}

/// An entity tag without `W/` and quotes.
pub fn unquoted(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

fn parse(range: &str, size: u64) -> Decision {
    let Some(spec) = range.trim().strip_prefix("bytes=") else { return Decision::Full };
    if spec.contains(',') {
        return Decision::Full;
    }
    let Some((first, last)) = spec.trim().split_once('-') else { return Decision::Full };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(start), _) if start >= size => Decision::Unsatisfiable,
        (Ok(start), Ok(end)) if end < start => Decision::Full,
        (Ok(start), Ok(end)) => Decision::Partial { start, end: end.min(size - 1) },
        (Ok(start), Err(_)) if last.trim().is_empty() => Decision::Partial { start, end: size - 1 },
        (Err(_), Ok(0)) if first.trim().is_empty() => Decision::Unsatisfiable,
        (Err(_), Ok(_)) if first.trim().is_empty() && size == 0 => Decision::Unsatisfiable,
        (Err(_), Ok(suffix)) if first.trim().is_empty() => {
            Decision::Partial { start: size.saturating_sub(suffix), end: size - 1 }
        }
        _ => Decision::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, size: u64) -> Decision {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, text.parse().unwrap());
        decide(&headers, size, Some("abc"))
    }

    #[test]
    fn ranges() {
        assert_eq!(range("bytes=0-3", 10), Decision::Partial { start: 0, end: 3 });
        assert_eq!(range("bytes=4-", 10), Decision::Partial { start: 4, end: 9 });
        assert_eq!(range("bytes=-3", 10), Decision::Partial { start: 7, end: 9 });
        assert_eq!(range("bytes=-30", 10), Decision::Partial { start: 0, end: 9 });
        assert_eq!(range("bytes=9-99", 10), Decision::Partial { start: 9, end: 9 });
        assert_eq!(range("bytes=10-", 10), Decision::Unsatisfiable);
        assert_eq!(range("bytes=-0", 10), Decision::Unsatisfiable);
        assert_eq!(range("bytes=0-0", 0), Decision::Unsatisfiable);
        assert_eq!(range("bytes=3-1", 10), Decision::Full);
        assert_eq!(range("bytes=0-1,4-5", 10), Decision::Full);
        assert_eq!(range("lines=0-1", 10), Decision::Full);
    }

    #[test]
    fn conditions() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, "W/\"abc\", \"d\"".parse().unwrap());
        assert_eq!(decide(&headers, 10, Some("abc")), Decision::NotModified);
        assert_eq!(decide(&headers, 10, Some("x")), Decision::Full);
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, "bytes=0-3".parse().unwrap());
        headers.insert(IF_RANGE, "\"old\"".parse().unwrap());
        assert_eq!(decide(&headers, 10, Some("abc")), Decision::Full);
    }

    proptest::proptest! {
        #[test]
        fn a_part_lies_within_the_whole(text in "bytes=[-0-9, ]{0,12}", size in 0u64..20) {
            if let Decision::Partial { start, end } = range(&text, size) {
                proptest::prop_assert!(start <= end && end < size);
            }
        }
    }
}
