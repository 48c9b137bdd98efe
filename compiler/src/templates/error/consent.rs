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
        /// A consent that is for other channels.
        other: Option<String>,
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
        } if covering.is_empty() => Self::new(
            codes::NO_CONSENT,
            at,
            Text::new(
                format!("this is advertising by {channel}, and nobody is asked for consent to that"),
                format!("{channel} 광고인데 그에 대한 수신 동의가 없습니다"),
            ),
        )
        .help(match other {
            Some(consent) => Text::new(
                format!("if people agree to that too, add it in `consent {consent}`: `for …, {channel}`"),
                format!("이 채널 동의도 받는다면 `consent {consent}`의 `for …` 줄에 `{channel}`을 더하세요"),
            ),
            None => Text::new(
                format!("declare what people agree to, with all its channels: `consent marketing {{ for {channel} }}`"),
                format!("받는 동의를 채널과 함께 선언하세요: `consent marketing {{ for {channel} }}`"),
            ),
        }),
        ConsentError::NoConsent {
            at,
            channel,
            covering,
            other: _,
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
