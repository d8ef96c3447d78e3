//! The smallest HTTP client that the bench can do with: HTTP/1.0, one connection a request, no compression. What it
//! measures is the platform, and it adds no dependency to the developer commands.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Longer than any single stage may take.
const PATIENCE: Duration = Duration::from_secs(300);

#[derive(Debug, Default)]
pub(super) struct Client {
    host: String,
    token: String,
}

impl Client {
    pub(super) fn new(address: &str, token: &str) -> Self {
        Self { host: address.trim_start_matches("http://").trim_end_matches('/').to_owned(), token: token.to_owned() }
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        serde_json::from_slice(&self.download(path)?).with_context(|| format!("GET {path} does not answer JSON"))
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.send("POST", path, &body.to_string())?;
        serde_json::from_slice(&answer).with_context(|| format!("POST {path} does not answer JSON"))
    }

    /// The body as it is.
    pub(super) fn download(&self, path: &str) -> Result<Vec<u8>> {
        self.send("GET", path, "")
    }

    fn send(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let mut socket = TcpStream::connect(&self.host).with_context(|| format!("could not reach {}", self.host))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.host,
            self.token,
            body.len()
        );
        socket.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).with_context(|| format!("{method} {path}"))?;
        body_of(answer).with_context(|| format!("{method} {path}"))
    }
}

fn body_of(mut answer: Vec<u8>) -> Result<Vec<u8>> {
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").context("the answer has no head")? + 4;
    let body = answer.split_off(end);
    let head = String::from_utf8_lossy(&answer);
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        bail!("answered {status}: {}", String::from_utf8_lossy(&body));
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    if length.is_some_and(|length| length != body.len()) {
        bail!("the answer was cut off");
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_whole_or_refused() {
        let answer = |text: &str| body_of(text.as_bytes().to_vec());
        assert_eq!(answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap(), b"hi");
        assert_eq!(answer("HTTP/1.0 200 OK\r\n\r\nhi").unwrap(), b"hi");
        assert!(answer("HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nhi").is_err());
        assert!(
            answer("HTTP/1.0 404 Not Found\r\n\r\nno such thing").unwrap_err().to_string().contains("no such thing")
        );
        assert!(answer("HTTP/1.0 200 OK").is_err());
    }
}
