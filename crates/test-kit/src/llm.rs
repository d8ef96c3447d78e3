//! A scripted server of language models: it says what the test tells it to, byte for byte and pause for pause, in the wire
//! format of OpenAI, Anthropic or Ollama, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    OpenAi,
    Anthropic,
    Ollama,
}

impl Wire {
    pub const ALL: [Wire; 3] = [Wire::OpenAi, Wire::Anthropic, Wire::Ollama];

    pub fn content_type(self) -> &'static str {
        match self {
            Wire::OpenAi | Wire::Anthropic => "text/event-stream",
            Wire::Ollama => "application/x-ndjson",
        }
    }

    /// What comes before the first token.
    pub fn start(self) -> String {
        match self {
            Wire::OpenAi => self.event(&json!({
                "id": "c1", "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}],
            })),
            Wire::Anthropic => [
                self.event(&json!({"type": "message_start", "message": {
                    "id": "m1", "role": "assistant", "content": [], "usage": {"input_tokens": 120, "output_tokens": 1},
                }})),
                self.event(&json!({"type": "ping"})),
                self.event(
                    &json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
                ),
            ]
            .concat(),
            Wire::Ollama => String::new(),
        }
    }

    /// A piece of the answer.
    pub fn delta(self, text: &str) -> String {
        self.event(&match self {
            Wire::OpenAi => json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
            Wire::Anthropic => {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
            }
            Wire::Ollama => json!({"model": "m", "message": {"role": "assistant", "content": text}, "done": false}),
        })
    }

    /// The end: 120 tokens asked, 30 answered. `reason` is the format's own word, or empty as some servers send it.
    pub fn finish(self, reason: &str) -> String {
        match self {
            Wire::OpenAi => [
                self.event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})),
                self.event(&json!({"choices": [], "usage": {"prompt_tokens": 120, "completion_tokens": 30}})),
                "data: [DONE]\n\n".to_owned(),
            ]
            .concat(),
            Wire::Anthropic => [
                self.event(&json!({"type": "content_block_stop", "index": 0})),
                self.event(&json!({
                    "type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 30},
                })),
                self.event(&json!({"type": "message_stop"})),
            ]
            .concat(),
            Wire::Ollama => self.event(&json!({
                "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": reason,
                "prompt_eval_count": 120, "eval_count": 30,
            })),
        }
    }

    /// The format's word for an answer that ended by itself.
    pub fn stop(self) -> &'static str {
        if self == Wire::Anthropic { "end_turn" } else { "stop" }
    }

    /// A call of a tool with these arguments, in pieces where the format has them.
    pub fn call(self, pieces: &[&str]) -> String {
        match self {
            Wire::OpenAi => {
                let piece = |(n, text): (usize, &&str)| {
                    let name = (n == 0).then_some("answer");
                    let call = json!({"index": 0, "id": "t1", "function": {"name": name, "arguments": text}});
                    self.event(
                        &json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": null}]}),
                    )
                };
                pieces.iter().enumerate().map(piece).collect()
            }
            Wire::Anthropic => {
                let block = json!({"type": "tool_use", "id": "t1", "name": "answer", "input": {}});
                let start = self.event(&json!({"type": "content_block_start", "index": 1, "content_block": block}));
                let piece = |text: &&str| {
                    let delta = json!({"type": "input_json_delta", "partial_json": text});
                    self.event(&json!({"type": "content_block_delta", "index": 1, "delta": delta}))
                };
                std::iter::once(start).chain(pieces.iter().map(piece)).collect()
            }
            Wire::Ollama => {
                let arguments: Value = serde_json::from_str(&pieces.concat()).unwrap_or_default();
                let call = json!({"function": {"name": "answer", "arguments": arguments}});
                self.event(
                    &json!({"message": {"role": "assistant", "content": "", "tool_calls": [call]}, "done": false}),
                )
            }
        }
    }

    /// The answer as one document, as to a request without streaming.
    pub fn whole(self, text: &str) -> String {
        match self {
            Wire::OpenAi => json!({
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 120, "completion_tokens": 30},
            }),
            Wire::Anthropic => json!({
                "type": "message", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                "usage": {"input_tokens": 120, "output_tokens": 30},
            }),
            Wire::Ollama => json!({
                "message": {"role": "assistant", "content": text}, "done": true, "done_reason": "stop",
                "prompt_eval_count": 120, "eval_count": 30,
            }),
        }
        .to_string()
    }

    /// One event of a stream.
    pub fn event(self, data: &Value) -> String {
        match self {
            Wire::OpenAi => format!("data: {data}\n\n"),
            Wire::Anthropic => format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or("message")),
            Wire::Ollama => format!("{data}\n"),
        }
    }

    /// A whole, well-behaved stream with this answer in pieces.
    pub fn stream(self, pieces: &[&str]) -> String {
        let deltas: String = pieces.iter().map(|piece| self.delta(piece)).collect();
        [self.start(), deltas, self.finish(self.stop())].concat()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// Says nothing more and leaves the connection open.
    Stall,
    /// Ends the connection with a reset.
    Reset,
    /// Sends this again and again until nobody reads.
    Forever(Vec<u8>),
}

/// What the server does for one request.
#[derive(Clone, Debug, Default)]
pub struct Script {
    steps: Vec<Step>,
    chunked: bool,
}

impl Script {
    /// Bytes as they are; nothing of HTTP is added.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Script { steps: vec![Step::Send(bytes.into())], chunked: false }
    }

    /// Before anything is answered.
    pub fn silent() -> Self {
        Script::default()
    }

    /// A response with a chunked body; what is said next are its chunks.
    pub fn response(status: u16, headers: &[(&str, &str)]) -> Self {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\ntransfer-encoding: chunked\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Script { chunked: true, ..Script::raw(format!("{head}\r\n")) }
    }

    pub fn ok(content_type: &str) -> Self {
        Script::response(200, &[("content-type", content_type)])
    }

    /// A well-behaved answer.
    pub fn answer(wire: Wire, pieces: &[&str]) -> Self {
        Script::ok(wire.content_type()).say(wire.stream(pieces)).end()
    }

    #[must_use]
    pub fn say(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        if !bytes.is_empty() {
            let framed = self.framed(bytes);
            self.steps.push(Step::Send(framed));
        }
        self
    }

    /// Says it in pieces of `size` bytes, each a chunk of its own.
    #[must_use]
    pub fn drip(mut self, bytes: impl AsRef<[u8]>, size: usize) -> Self {
        for piece in bytes.as_ref().chunks(size) {
            self = self.say(piece);
        }
        self
    }

    #[must_use]
    pub fn pause(mut self, time: Duration) -> Self {
        self.steps.push(Step::Pause(time));
        self
    }

    #[must_use]
    pub fn stall(mut self) -> Self {
        self.steps.push(Step::Stall);
        self
    }

    #[must_use]
    pub fn reset(mut self) -> Self {
        self.steps.push(Step::Reset);
        self
    }

    #[must_use]
    pub fn forever(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let framed = self.framed(bytes.as_ref());
        self.steps.push(Step::Forever(framed));
        self
    }

    /// Ends the body as HTTP wants it; without this the connection just closes.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.steps.push(Step::Send(b"0\r\n\r\n".to_vec()));
        self
    }

    fn framed(&self, bytes: &[u8]) -> Vec<u8> {
        if !self.chunked {
            return bytes.to_vec();
        }
        let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
        framed.extend_from_slice(bytes);
        framed.extend_from_slice(b"\r\n");
        framed
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Request line and headers.
    pub head: String,
    pub body: Value,
}

/// The server; it ends when it is dropped.
pub struct LlmServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Drop for LlmServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl LlmServer {
    /// The first request gets the first script and so on; the last script serves all that follow.
    ///
    /// # Panics
    ///
    /// If there is no script or no port to listen on: a test cannot go on without them.
    #[allow(clippy::disallowed_methods, reason = "the task ends with the handle that is kept")]
    pub async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts: Vec<Script> = scripts.into_iter().collect();
        assert!(!scripts.is_empty(), "a server needs a script");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            // Dropped with the task, and every connection with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, scripts.clone(), Arc::clone(&log)));
            }
        });
        LlmServer { address, asked, serving }
    }

    /// Without a path.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests so far, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(mut stream: TcpStream, scripts: Vec<Script>, log: Arc<Mutex<Vec<Asked>>>) {
    // What goes wrong on the wire is what the test is about.
    let Some(asked) = read_request(&mut stream).await else { return };
    let number = {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(asked);
        log.len() - 1
    };
    // Each chunk leaves when it is said.
    drop(stream.set_nodelay(true));
    let Some(script) = scripts.get(number).or(scripts.last()) else { return };
    for step in &script.steps {
        let done = match step {
            Step::Send(bytes) => stream.write_all(bytes).await.is_err(),
            Step::Pause(time) => {
                tokio::time::sleep(*time).await;
                false
            }
            Step::Stall => {
                // Until the other side gives up.
                let mut rest = [0; 64];
                while matches!(stream.read(&mut rest).await, Ok(n) if n > 0) {}
                true
            }
            Step::Reset => {
                drop(stream.set_zero_linger());
                true
            }
            Step::Forever(bytes) => {
                while stream.write_all(bytes).await.is_ok() {}
                true
            }
        };
        if done {
            return;
        }
    }
    drop(stream.shutdown().await);
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes.len() > 1 << 20 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.unwrap_or(0).min(1 << 24);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = serde_json::from_slice(&bytes[end..end + length]).unwrap_or_default();
    Some(Asked { head, body })
}
