//! Bytes of a response to the documents in it: server-sent events, JSON lines, or one plain JSON document where a stream
//! was asked for. Every length is bounded, and what the server calls its content does not matter.
//!
//! The line splitter is our own, because it serves both framings and because a parser that grows its buffer until a line
//! ends cannot be bounded from outside. Events: WHATWG HTML, "Server-sent events", section 9.2.6.

use crate::app::Unanswered;

/// Bytes of one line, of one event, and of a whole response.
pub(super) const MAX_LINE: usize = 64 * 1024;
const MAX_EVENT: usize = 128 * 1024;
pub(super) const MAX_TOTAL: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events.
    Events,
    /// A JSON document a line.
    Lines,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// One of a stream.
    Event(String),
    /// The response was this one document.
    Whole(String),
}

pub(super) struct Decoder {
    framing: Framing,
    /// Bytes of the line that has not ended.
    line: Vec<u8>,
    /// The last line ended with a carriage return, to which a line feed may belong.
    after_cr: bool,
    /// `data` of the event that has not ended.
    data: Option<String>,
    total: usize,
    first_line: bool,
    /// Set once the response turned out to be one document.
    whole: Option<Vec<u8>>,
}

impl Decoder {
    pub(super) fn new(framing: Framing) -> Self {
        Decoder { framing, line: Vec::new(), after_cr: false, data: None, total: 0, first_line: true, whole: None }
    }

    /// The documents that these bytes complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Document>, Unanswered> {
        self.total += bytes.len();
        if self.total > MAX_TOTAL {
            return Err(Unanswered::TooLarge("response"));
        }
        let mut documents = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(whole) = &mut self.whole {
                whole.extend_from_slice(rest);
                break;
            }
            if std::mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            if self.line.len() + part.len() > MAX_LINE && !self.is_whole(part) {
                return Err(Unanswered::TooLarge("line"));
            }
            self.line.extend_from_slice(part);
            rest = after;
            if let Some(ending) = rest.first() {
                self.after_cr = *ending == b'\r';
                rest = &rest[1..];
                let line = std::mem::take(&mut self.line);
                self.line(line, &mut documents)?;
            } else if self.is_whole(&[]) {
                self.whole = Some(std::mem::take(&mut self.line));
            }
        }
        Ok(documents)
    }

    /// True when what has come so far is the start of one document where events were expected.
    fn is_whole(&self, more: &[u8]) -> bool {
        let mut start = self.line.iter().chain(more).skip_while(|b| b.is_ascii_whitespace());
        self.first_line && self.framing == Framing::Events && matches!(start.next(), Some(b'{' | b'['))
    }

    fn line(&mut self, line: Vec<u8>, documents: &mut Vec<Document>) -> Result<(), Unanswered> {
        let mut bytes = line.as_slice();
        if self.first_line {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        let blank = bytes.iter().all(u8::is_ascii_whitespace);
        let first = self.first_line && !blank;
        if first && bytes.trim_ascii_start().first() == Some(&b'<') {
            return Err(Unanswered::Unreadable("a page, no stream"));
        }
        let whole = first && (self.is_whole(&line) || self.framing == Framing::Lines && opens_document(bytes));
        if whole {
            self.whole = Some([bytes, b"\n"].concat());
            return Ok(());
        }
        self.first_line &= blank;
        let text = std::str::from_utf8(bytes).map_err(|_| Unanswered::Unreadable("not UTF-8"))?;
        match self.framing {
            Framing::Lines if blank => {}
            Framing::Lines => documents.push(Document::Event(text.to_owned())),
            Framing::Events if text.is_empty() => documents.extend(self.data.take().map(Document::Event)),
            Framing::Events => {
                // Comments start with a colon; `event`, `id` and `retry` say nothing that the data does not.
                if let Some(value) = text.strip_prefix("data").and_then(|rest| rest.strip_prefix(':')) {
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    let data = self.data.get_or_insert_default();
                    if data.len() + value.len() > MAX_EVENT {
                        return Err(Unanswered::TooLarge("event"));
                    }
                    if !data.is_empty() {
                        data.push('\n');
                    }
                    data.push_str(value);
                }
            }
        }
        Ok(())
    }

    /// What is left when the response ends, ended lines and events or not.
    pub(super) fn end(&mut self) -> Result<Vec<Document>, Unanswered> {
        let mut documents = Vec::new();
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.line(line, &mut documents)?;
        }
        if let Some(whole) = self.whole.take() {
            let text = String::from_utf8(whole).map_err(|_| Unanswered::Unreadable("not UTF-8"))?;
            documents.push(Document::Whole(text));
        }
        documents.extend(self.data.take().map(Document::Event));
        Ok(documents)
    }
}

/// True for the first line of a document that is spread over several.
fn opens_document(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'{') && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(framing: Framing, chunks: &[&[u8]]) -> Result<Vec<Document>, Unanswered> {
        let mut decoder = Decoder::new(framing);
        let mut all = Vec::new();
        for chunk in chunks {
            all.extend(decoder.push(chunk)?);
        }
        all.extend(decoder.end()?);
        Ok(all)
    }

    fn events(texts: &[&str]) -> Vec<Document> {
        texts.iter().map(|t| Document::Event((*t).to_owned())).collect()
    }

    #[test]
    fn events_in_every_line_ending_with_comments_and_a_mark() {
        for newline in ["\n", "\r\n", "\r"] {
            let text = "\u{feff}: hello\nretry: 10\nevent: x\ndata: {\"a\":\ndata:1}\n\n:\n\ndata: [DONE]\n\n";
            let text = text.replace('\n', newline);
            assert_eq!(decode(Framing::Events, &[text.as_bytes()]).unwrap(), events(&["{\"a\":\n1}", "[DONE]"]));
        }
    }

    #[test]
    fn one_document_where_a_stream_was_asked_for() {
        let text = "  {\n \"a\": \"é\"\n}\n";
        for framing in [Framing::Events, Framing::Lines] {
            let found = decode(framing, &[text.as_bytes()]).unwrap();
            assert_eq!(found.len(), 1, "{framing:?}");
            let Document::Whole(text) = &found[0] else { panic!("{framing:?}: {found:?}") };
            assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap()["a"], "é");
        }
        assert_eq!(decode(Framing::Events, &[b"{}"]).unwrap(), [Document::Whole("{}".into())]);
        assert_eq!(decode(Framing::Lines, &[b"{}\n{}"]).unwrap(), events(&["{}", "{}"]));
    }

    #[test]
    fn pages_endless_lines_events_and_responses_are_refused() {
        let page = decode(Framing::Events, &[b"\n <!DOCTYPE html>\n<p>"]);
        assert_eq!(page, Err(Unanswered::Unreadable("a page, no stream")));
        let line = vec![b'x'; MAX_LINE + 1];
        for framing in [Framing::Events, Framing::Lines] {
            assert_eq!(decode(framing, &[&line]), Err(Unanswered::TooLarge("line")));
        }
        let data = [b"data:".as_slice(), &vec![b'x'; 60_000], b"\n"].concat();
        assert_eq!(decode(Framing::Events, &[&data, &data, &data]), Err(Unanswered::TooLarge("event")));
        let comment = [b":".as_slice(), &vec![b'x'; 60_000], b"\n"].concat();
        assert_eq!(decode(Framing::Events, &vec![comment.as_slice(); 20]), Err(Unanswered::TooLarge("response")));
        assert_eq!(decode(Framing::Events, &[b"data: \xff\n\n"]), Err(Unanswered::Unreadable("not UTF-8")));
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_documents_are_the_same(
            pieces in prop::collection::vec("(data: ?|: |event: |)[a-zé€{}\"]{0,12}(\n|\r\n|\r|\n\n|\r\n\r\n)", 1..12),
            cuts in prop::collection::vec(0usize..200, 0..12),
            framing in prop::sample::select(vec![Framing::Events, Framing::Lines]),
        ) {
            let bytes = pieces.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(decode(framing, &chunks), decode(framing, &[&bytes]));
        }

        #[test]
        fn any_bytes_end_in_documents_or_a_refusal(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..16)) {
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            for framing in [Framing::Events, Framing::Lines] {
                drop(decode(framing, &chunks));
            }
        }
    }
}
