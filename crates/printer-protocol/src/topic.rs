//! Topic names of the protocol, built and taken apart in one place.

/// What a printer's topic carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Command,
    Ack,
    Status,
}

impl Channel {
    fn as_str(self) -> &'static str {
        match self {
            Channel::Command => "command",
            Channel::Ack => "ack",
            Channel::Status => "status",
        }
    }
}

/// The topic of one printer, or of all of them with the id `+`.
pub fn of(printer: &str, channel: Channel) -> String {
    format!("3dpot/printer/{printer}/{}", channel.as_str())
}

/// The printer and channel of a topic; `None` for anything that is not this protocol's.
pub fn parse(topic: &str) -> Option<(&str, Channel)> {
    let (printer, channel) = topic.strip_prefix("3dpot/printer/")?.split_once('/')?;
    let channel = [Channel::Command, Channel::Ack, Channel::Status].into_iter().find(|c| c.as_str() == channel)?;
    is_device_id(printer).then_some((printer, channel))
}

/// 1 to 63 of a-z, 0-9 and hyphen, not starting or ending with a hyphen.
pub fn is_device_id(id: &str) -> bool {
    (1..=63).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_round_trip() {
        assert_eq!(parse(&of("virtual-1", Channel::Ack)), Some(("virtual-1", Channel::Ack)));
        for other in ["3dpot/printer/a/b/c", "3dpot/printer/+/ack", "3dpot/esp32/a/status", "", "3dpot/printer//ack"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
