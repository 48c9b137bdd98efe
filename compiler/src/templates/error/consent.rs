//! What can be wrong with the consent of a message.

use journey_ir::Channel;

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// What is wrong with a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::templates) enum ConsentError {
    /// Advertising on a channel that no consent is for.
    NoConsent {
        at: Location,
        channel: Channel,
        /// Consents that are for it.
        covering: Vec<String>,
        /// The consent to extend, with what it is for.
        other: Option<(String, Vec<String>)>,
        /// The channels by which the project advertises.
        advertised: Vec<Channel>,
    },
    /// `consent = "night"` in an e-mail, where that consent is for text messages.
    ConsentElsewhere {
        at: Location,
        consent: String,
        channel: Channel,
    },
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
        ConsentError::ConsentElsewhere {
            at,
            consent,
            channel,
        } => Self::new(
            codes::NO_CONSENT,
            at,
            Text::new(
                format!("the consent `{consent}` is not for {channel}"),
                format!("수신 동의 `{consent}`에는 {channel} 채널이 없습니다"),
            ),
        )
        .help(Text::new(
            format!("add {channel} to the line `for …` of the consent, or name another one"),
            format!("그 동의의 `for …` 줄에 {channel}을 더하거나 다른 동의를 쓰세요"),
        )),
        ConsentError::NoConsent {
            at,
            channel,
            covering,
            other,
            advertised,
        } if covering.is_empty() => Self::new(
            codes::NO_CONSENT,
            at,
            Text::new(
                format!("this is advertising by {channel}, and nobody is asked for consent to that"),
                format!("{channel} 광고인데 그에 대한 수신 동의가 없습니다"),
            ),
        )
        .help(if let Some((name, channels)) = other {
                let before = format!("for {}", channels.join(", "));
                let after = if channels.is_empty() {
                    format!("for {channel}")
                } else {
                    format!("{before}, {channel}")
                };
                Text::new(
                    format!("in `consent {name}` write `{after}` instead of `{before}`, and ask people for it"),
                    format!("`consent {name}`의 `{before}` 줄을 `{after}`처럼 고치고 그 동의를 받으세요"),
                )
            } else {
                let declaration = format!("consent marketing {{ for {} }}", words(&advertised));
                Text::new(
                    format!("declare `{declaration}`, and ask people for it"),
                    format!("`{declaration}` 선언을 더하고 그 동의를 받으세요"),
                )
            }),
        ConsentError::NoConsent {
            at,
            channel,
            covering,
            ..
        } => {
            let all = covering.join("`, `");
            Self::new(
                codes::NO_CONSENT,
                at,
                Text::new(
                    format!("this is advertising by {channel}, and several consents are for that: `{all}`"),
                    format!("{channel} 광고에 맞는 수신 동의가 여럿입니다: `{all}`"),
                ),
            )
            .help(Text::new(
                "say which one with `consent = \"…\"`",
                "`consent = \"…\"`로 하나를 고르세요",
            ))
        }
        }
    }
}

/// Channels as they are listed in a consent.
fn words(channels: &[Channel]) -> String {
    let words: Vec<&str> = channels.iter().map(|it| it.word()).collect();
    words.join(", ")
}
