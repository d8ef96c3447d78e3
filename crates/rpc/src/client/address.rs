//! Where a service is: `http://host:port`, `list:a,b` or `dns:///name:port`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// An address as configuration writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    /// One endpoint.
    Http(http::Uri),
    /// Several endpoints, calls spread over them.
    List(Vec<http::Uri>),
    /// Every address that a name resolves to, asked again while in use (headless Services).
    Dns {
        /// The name.
        host: String,
        /// The port on every address.
        port: u16,
    },
}

const FORMS: &str = "expected http://host:port, list:host:port,host:port or dns:///name:port";

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || Error::invalid("address", format!("{text:?}: {FORMS}"));
        if let Some(list) = text.strip_prefix("list:") {
            let endpoints: Option<Vec<http::Uri>> = list.split(',').map(|one| endpoint(one.trim())).collect();
            return endpoints.map(Self::List).ok_or_else(wrong);
        }
        if let Some(name) = text.strip_prefix("dns:///") {
            let (host, port) = name.rsplit_once(':').ok_or_else(wrong)?;
            let port = port.parse().map_err(|_| wrong())?;
            if host.is_empty() || host.contains('/') {
                return Err(wrong());
            }
            return Ok(Self::Dns { host: host.to_owned(), port });
        }
        endpoint(text).map(Self::Http).ok_or_else(wrong)
    }
}

/// One endpoint; the scheme may be left out.
fn endpoint(text: &str) -> Option<http::Uri> {
    let uri: http::Uri =
        if text.contains("://") { text.parse().ok()? } else { format!("http://{text}").parse().ok()? };
    let plain = uri.scheme_str() == Some("http") && matches!(uri.path(), "" | "/") && uri.query().is_none();
    (plain && uri.port_u16().is_some() && uri.host().is_some_and(|host| !host.is_empty())).then_some(uri)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = |uri: &http::Uri| uri.authority().map(ToString::to_string).unwrap_or_default();
        match self {
            Self::Http(uri) => write!(f, "http://{}", authority(uri)),
            Self::List(uris) => write!(f, "list:{}", uris.iter().map(authority).collect::<Vec<_>>().join(",")),
            Self::Dns { host, port } => write!(f, "dns:///{host}:{port}"),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_read_and_print() {
        for text in ["http://127.0.0.1:8080", "list:a:1,b:2", "dns:///models.pot.svc:9000", "http://[::1]:5"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("host:9".parse::<Address>().unwrap().to_string(), "http://host:9");
        for bad in [
            "",
            "http://",
            "http://a",
            "https://a:1",
            "list:",
            "list:a:1,,b:2",
            "dns:///a",
            "dns:///:1",
            "http://a:1/x",
        ] {
            let error = bad.parse::<Address>().unwrap_err();
            assert_eq!(error.violations()[0].field, "address", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|(list:|dns:///|http://)[a-z0-9:,./\\[\\]-]{0,30}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
            }
        }
    }
}
