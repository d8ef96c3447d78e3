//! What the three wire formats say in their streams, read as tolerantly as servers differ: an absent, empty or null field is
//! no field, and unknown fields and events are none of ours.

use serde_json::Value;

use crate::{app::Unanswered, config::Kind};

/// Bytes of an answer at most.
const MAX_ANSWER: usize = 64 * 1024;

/// An answer as it grows.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) text: String,
    /// Arguments of the first tool call.
    pub(super) tool: String,
    tool_index: Option<u64>,
    pub(super) prompt_tokens: Option<u64>,
    pub(super) completion_tokens: Option<u64>,
    /// The model said that it is done.
    pub(super) finished: bool,
    pub(super) cut_off: bool,
}

/// What an event was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A sign of life that carries nothing of the answer.
    Sign,
    /// A token, of the answer or of the thinking before it.
    Token,
    /// The end of the stream.
    End,
}

impl Reply {
    /// Takes in one event of a stream.
    pub(super) fn event(&mut self, kind: Kind, data: &str) -> Result<Seen, Unanswered> {
        if data.trim() == "[DONE]" {
            return Ok(Seen::End);
        }
        let event = json(data)?;
        let (before, tool) = (self.text.len(), self.tool.len());
        let (mut thought, mut ended) = (false, false);
        match kind {
            Kind::OpenAi => {
                self.failed(&event)?;
                self.usage(&event["usage"], "prompt_tokens", "completion_tokens");
                let choice = &event["choices"][0];
                thought = self.openai_message(&choice["delta"])?;
                self.finish(&choice["finish_reason"], "length");
            }
            Kind::Anthropic => match event["type"].as_str() {
                Some("error") => return Err(Unanswered::Broken),
                Some("message_start") => self.usage(&event["message"]["usage"], "input_tokens", "output_tokens"),
                Some("content_block_start") => {
                    self.anthropic_block(&event["content_block"], event["index"].as_u64(), false)?
                }
                Some("content_block_delta") => {
                    let delta = &event["delta"];
                    self.add_text(&delta["text"])?;
                    thought = said(&delta["thinking"]);
                    if self.tool_index == event["index"].as_u64() {
                        self.add_tool(&delta["partial_json"])?;
                    }
                }
                Some("message_delta") => {
                    self.usage(&event["usage"], "input_tokens", "output_tokens");
                    self.finish(&event["delta"]["stop_reason"], "max_tokens");
                }
                Some("message_stop") => {
                    self.finished = true;
                    ended = true;
                }
                _ => {}
            },
            Kind::Ollama => {
                thought = self.ollama(&event)?;
                ended = event["done"] == true;
            }
        }
        Ok(match (ended, self.text.len() > before || self.tool.len() > tool || thought) {
            (true, _) => Seen::End,
            (false, true) => Seen::Token,
            (false, false) => Seen::Sign,
        })
    }

    /// Takes in a response that was one document.
    pub(super) fn whole(&mut self, kind: Kind, text: &str) -> Result<(), Unanswered> {
        let document = json(text)?;
        match kind {
            Kind::OpenAi => {
                self.failed(&document)?;
                self.usage(&document["usage"], "prompt_tokens", "completion_tokens");
                let choice = &document["choices"][0];
                self.openai_message(&choice["message"])?;
                self.finish(&choice["finish_reason"], "length");
            }
            Kind::Anthropic => {
                self.failed(&document)?;
                self.usage(&document["usage"], "input_tokens", "output_tokens");
                for (index, block) in (0..).zip(document["content"].as_array().into_iter().flatten()) {
                    self.anthropic_block(block, Some(index), true)?;
                }
                self.finish(&document["stop_reason"], "max_tokens");
            }
            Kind::Ollama => {
                self.ollama(&document)?;
            }
        }
        self.finished = true;
        Ok(())
    }

    /// True when it thought: tokens that are not of the answer.
    fn openai_message(&mut self, message: &Value) -> Result<bool, Unanswered> {
        self.add_text(&message["content"])?;
        // Some servers send content in parts.
        for part in message["content"].as_array().into_iter().flatten() {
            self.add_text(&part["text"])?;
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let index = call["index"].as_u64().unwrap_or(0);
            if *self.tool_index.get_or_insert(index) == index {
                self.add_tool(&call["function"]["arguments"])?;
            }
        }
        Ok(said(&message["reasoning_content"]) || said(&message["reasoning"]))
    }

    fn anthropic_block(&mut self, block: &Value, index: Option<u64>, whole: bool) -> Result<(), Unanswered> {
        self.add_text(&block["text"])?;
        if block["type"] == "tool_use" && self.tool_index.is_none() {
            self.tool_index = index;
            // In a stream the input starts as an empty object and follows in pieces.
            if whole {
                self.add_tool(&block["input"])?;
            }
        }
        Ok(())
    }

    fn ollama(&mut self, event: &Value) -> Result<bool, Unanswered> {
        self.failed(event)?;
        self.usage(event, "prompt_eval_count", "eval_count");
        let message = &event["message"];
        self.add_text(&message["content"])?;
        if let Some(call) = message["tool_calls"].get(0) {
            self.add_tool(&call["function"]["arguments"])?;
        }
        if event["done"] == true {
            self.finished = true;
        }
        self.finish(&event["done_reason"], "length");
        Ok(said(&message["thinking"]))
    }

    /// An error in the place of an answer. What it says is the server's and stays there.
    fn failed(&self, event: &Value) -> Result<(), Unanswered> {
        let error = &event["error"];
        let none = error.is_null() || error.as_str() == Some("");
        if none && event["type"] != "error" { Ok(()) } else { Err(Unanswered::Broken) }
    }

    fn usage(&mut self, usage: &Value, prompt: &str, completion: &str) {
        // Later figures are totals, not increments.
        self.prompt_tokens = usage[prompt].as_u64().or(self.prompt_tokens);
        self.completion_tokens = usage[completion].as_u64().or(self.completion_tokens);
    }

    fn finish(&mut self, reason: &Value, cut_off: &str) {
        match reason.as_str() {
            None | Some("" | "null") => {}
            Some(reason) => {
                self.finished = true;
                self.cut_off |= reason == cut_off;
            }
        }
    }

    fn add_text(&mut self, text: &Value) -> Result<(), Unanswered> {
        self.text.push_str(text.as_str().unwrap_or_default());
        self.bounded()
    }

    fn add_tool(&mut self, arguments: &Value) -> Result<(), Unanswered> {
        match arguments {
            Value::String(text) => self.tool.push_str(text),
            Value::Object(_) => self.tool.push_str(&arguments.to_string()),
            _ => {}
        }
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Unanswered> {
        if self.text.len() + self.tool.len() > MAX_ANSWER { Err(Unanswered::TooLarge("answer")) } else { Ok(()) }
    }

    /// The JSON object that the answer is or holds.
    pub(super) fn object(&self) -> Result<Value, Unanswered> {
        if self.cut_off {
            return Err(Unanswered::CutOff);
        }
        let answer = if self.tool.trim().is_empty() { self.text.trim() } else { self.tool.trim() };
        if answer.is_empty() {
            return Err(Unanswered::Unreadable("nothing was answered"));
        }
        let parse = |text: &str| serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
        let braced = || answer.get(answer.find('{')?..=answer.rfind('}')?);
        let found = parse(answer).or_else(|| parse(fenced(answer)?)).or_else(|| parse(braced()?));
        found.ok_or(Unanswered::Unreadable("no JSON object in the answer"))
    }
}

/// The first fenced block of a text.
fn fenced(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("```")?;
    let (block, _) = after.split_once("```")?;
    // The rest of the fence's own line names the language.
    Some(block.split_once('\n').map_or(block, |(_, body)| body))
}

fn said(text: &Value) -> bool {
    text.as_str().is_some_and(|t| !t.is_empty())
}

fn json(text: &str) -> Result<Value, Unanswered> {
    let value: Value = serde_json::from_str(text).map_err(|_| Unanswered::Unreadable("an event is no JSON"))?;
    if value.is_object() { Ok(value) } else { Err(Unanswered::Unreadable("an event is no object")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> Result<Value, Unanswered> {
        Reply { text: text.into(), ..Reply::default() }.object()
    }

    #[test]
    fn an_object_is_found_bare_fenced_or_in_prose() {
        let wanted = json!({"edits": []});
        for text in [
            "{\"edits\": []}",
            " \n{\"edits\":[]}\n",
            "Sure!\n```json\n{\"edits\": []}\n```\nAnything else?",
            "```\n{\"edits\": []}\n```",
            "Here: {\"edits\": []} done",
        ] {
            assert_eq!(of(text), Ok(wanted.clone()), "{text}");
        }
        for text in ["", "no", "[1]", "{\"edits\": [", "} {", "```json\n{\"edits\"\n```"] {
            assert!(matches!(of(text), Err(Unanswered::Unreadable(_))), "{text}");
        }
        let cut = Reply { text: "{}".into(), cut_off: true, ..Reply::default() };
        assert_eq!(cut.object(), Err(Unanswered::CutOff));
    }

    #[test]
    fn arguments_of_the_first_call_win_over_text_and_second_calls() {
        let mut reply = Reply::default();
        for event in [
            r#"{"choices":[{"delta":{"role":"assistant","content":null},"finish_reason":""}]}"#,
            r#"{"choices":[{"delta":{"content":"let me see"},"finish_reason":null}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"x","arguments":"{\"a\":"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"b\":2}"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9}}"#,
        ] {
            reply.event(Kind::OpenAi, event).unwrap();
        }
        assert!(!reply.finished);
        assert_eq!(reply.object(), Ok(json!({"a": 1})));
        assert_eq!((reply.prompt_tokens, reply.completion_tokens), (Some(7), Some(9)));
    }

    #[test]
    fn errors_inside_a_stream_are_no_answers() {
        for (kind, event) in [
            (Kind::OpenAi, r#"{"error":{"message":"overloaded"}}"#),
            (Kind::Anthropic, r#"{"type":"error","error":{"type":"overloaded_error"}}"#),
            (Kind::Ollama, r#"{"error":"model not found"}"#),
        ] {
            assert_eq!(Reply::default().event(kind, event), Err(Unanswered::Broken));
            assert_eq!(Reply::default().whole(kind, event), Err(Unanswered::Broken));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_event_or_refused(text in ".{0,200}", kind in prop::sample::select(vec![Kind::OpenAi, Kind::Anthropic, Kind::Ollama])) {
            let mut reply = Reply::default();
            let taken = reply.event(kind, &text).is_ok() | reply.whole(kind, &text).is_ok();
            // Nothing of what is no JSON object can have become an answer.
            let object = serde_json::from_str::<Value>(&text).is_ok_and(|v| v.is_object());
            prop_assert!(object || text.trim() == "[DONE]" || !taken && reply.text.is_empty());
            drop(of(&text));
        }
    }
}
