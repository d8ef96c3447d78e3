//! Request ids: the caller's when it is sane, else a new one; on the request, the response, the logs and every problem.

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 128;

/// The id of a request, put back into its headers.
pub(crate) fn establish(headers: &mut HeaderMap) -> HeaderValue {
    let given = headers.get(&HEADER).filter(|value| is_sane(value.as_bytes())).cloned();
    let id = given.unwrap_or_else(|| {
        let id = uuid::Uuid::now_v7();
        // Hexadecimal digits and hyphens are always a valid header value.
        HeaderValue::try_from(id.to_string()).unwrap_or(HeaderValue::from_static("unknown"))
    });
    headers.insert(HEADER, id.clone());
    id
}

/// What can go into a log line and a header without harm.
fn is_sane(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sane_ids_stay_and_others_are_replaced() {
        let id = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            let id = establish(&mut headers);
            assert_eq!(headers[HEADER], id);
            id.to_str().unwrap().to_owned()
        };
        assert_eq!(id("abc-1"), "abc-1");
        for odd in ["", "a b", "<x>", &"x".repeat(129), "é"] {
            assert_eq!(id(odd).len(), 36, "{odd}");
        }
    }
}
