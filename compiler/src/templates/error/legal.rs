//! What can be wrong with the words of advertising before the law.

use journey_ir::{Channel, Purpose};

use crate::carriers::Product;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::templates::korea::LABEL;

/// What the law asks for and a template does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::templates) enum LegalError {
    /// `subject = "여름 세일"` of an advertisement.
    NoLabel {
        at: Location,
        /// Whether the label can be put in at the place.
        insertable: bool,
    },
    /// An advertising e-mail without `{{ unsubscribe_link }}`.
    NoOptOut { at: Location },
    /// An advertising text message without a way to refuse it.
    NoRefusal {
        at: Location,
        channel: Channel,
        /// Where a line can be put in.
        end: Option<Location>,
    },
    /// A text message that does not say whose it is.
    NoSender {
        at: Location,
        name: String,
        /// Where the name can be put in.
        after: Option<Location>,
    },
    /// An advertising e-mail without an address or phone number.
    NoContact { at: Location },
    /// `purpose = "transactional"` with a coupon.
    OfferInNotice { at: Location, need: String },
    /// Advertising by 알림톡.
    WrongChannel {
        at: Location,
        product: &'static Product,
        purpose: Purpose,
    },
    /// `무료수신거부 080-000-0000` in a message that goes out.
    Sample {
        at: Location,
        /// What stands for something, each once.
        words: Vec<String>,
    },
    /// A text message that does not fit into one SMS.
    LongSms {
        at: Location,
        /// At least.
        bytes: usize,
        /// Whether it is meant to be an LMS.
        long: bool,
    },
}

impl From<LegalError> for Problem {
    fn from(error: LegalError) -> Self {
        match error {
            LegalError::NoLabel { at, insertable } => {
                let problem = Self::new(
                    codes::AD_LABEL,
                    at,
                    Text::new(
                        format!("advertising in Korea begins with `{LABEL}`"),
                        format!("한국에서 광고 메시지는 `{LABEL}`로 시작해야 합니다"),
                    ),
                )
                .help(Text::new(
                    format!("write `{LABEL}` first: in the subject of an e-mail, else in the body"),
                    format!("`{LABEL}`를 맨 앞에 쓰세요. 이메일은 제목, 다른 채널은 본문입니다"),
                ));
                if insertable {
                    problem.fix(at, format!("{LABEL} "))
                } else {
                    problem
                }
            }
            LegalError::NoOptOut { at } => Self::new(
                codes::AD_LABEL,
                at,
                Text::new(
                    "advertising by e-mail in Korea tells how to refuse it",
                    "한국에서 광고 이메일에는 수신 거부 방법이 있어야 합니다",
                ),
            )
            .help(Text::new(
                "add a line such as `[Unsubscribe]({{ unsubscribe_link }})` to the body",
                "본문에 `[무료 수신거부]({{ unsubscribe_link }})` 같은 줄을 더하세요",
            )),
            LegalError::NoRefusal { at, channel, end } => no_refusal(at, channel, end),
            LegalError::NoSender { at, name, after } => no_sender(at, &name, after),
            LegalError::NoContact { at } => Self::new(
                codes::AD_LABEL,
                at,
                Text::new(
                    "advertising by e-mail in Korea tells how to reach the sender",
                    "한국에서 광고 이메일에는 보낸 곳의 연락처가 있어야 합니다",
                ),
            )
            .help(Text::new(
                "add an e-mail address and a phone number to the body",
                "본문에 이메일 주소와 전화번호를 더하세요",
            )),
            LegalError::OfferInNotice { at, need } => Self::new(
                codes::OFFER_IN_NOTICE,
                at,
                Text::new(
                    format!(
                        "a message with an offer (`{need}`) is advertising, whatever else it says"
                    ),
                    format!("쿠폰이나 할인(`{need}`)이 든 메시지는 다른 내용이 있어도 광고입니다"),
                ),
            )
            .help(Text::new(
                "write `advertising`, or take the offer out of this message",
                "`advertising`으로 쓰거나 쿠폰을 다른 메시지로 옮기세요",
            ))
            .fix(at, "\"advertising\""),
            LegalError::WrongChannel {
                at,
                product,
                purpose,
            } => wrong_channel(at, product, purpose),
            LegalError::Sample { at, words } => sample(at, &words),
            LegalError::LongSms { at, bytes, long } => long_sms(at, bytes, long),
        }
    }
}

fn no_refusal(at: Location, channel: Channel, end: Option<Location>) -> Problem {
    let problem = Problem::new(
        codes::AD_LABEL,
        at,
        Text::new(
            format!("advertising by {channel} in Korea tells how to refuse it at no cost"),
            format!("한국에서 {channel} 광고에는 무료 수신거부 방법이 있어야 합니다"),
        ),
    )
    .help(Text::new(
        "end the body with a line such as `무료수신거부 080-000-0000`, or with `{{ unsubscribe_link }}`",
        "본문 끝에 `무료수신거부 080-000-0000` 같은 줄이나 `{{ unsubscribe_link }}`를 넣으세요",
    ));
    match end {
        Some(end) => problem.fix(end, "\n무료수신거부 {{ unsubscribe_link }}"),
        None => problem,
    }
}

fn no_sender(at: Location, name: &str, after: Option<Location>) -> Problem {
    let problem = Problem::new(
        codes::AD_LABEL,
        at,
        Text::new(
            "advertising by text message in Korea says whose it is",
            "한국에서 광고 문자에는 보낸 곳의 이름이 있어야 합니다",
        ),
    )
    .help(Text::new(
        format!("write the sender's name, `{name}`, in the body"),
        format!("본문에 보낸 곳의 이름 `{name}`을(를) 쓰세요"),
    ));
    match after {
        Some(after) => problem.fix(after, format!(" {name}")),
        None => problem,
    }
}

fn sample(at: Location, words: &[String]) -> Problem {
    let words = words.join("`, `");
    Problem::new(
        codes::SAMPLE_WORDS,
        at,
        Text::new(
            format!("nobody has this number or address, it stands for yours: `{words}`"),
            format!("예시로 적어 둔 번호나 주소가 그대로 있습니다: `{words}`"),
        ),
    )
    .label(Text::new("a sample", "예시"))
    .help(Text::new(
        "write your own; people refuse advertising and reach you by what stands here",
        "우리 것으로 바꾸세요. 받는 사람은 여기 적힌 대로 수신을 거부하고 연락합니다",
    ))
}

fn wrong_channel(at: Location, product: &Product, purpose: Purpose) -> Problem {
    let (word, korean) = (product.word, product.korean);
    Problem::new(
        codes::WRONG_CHANNEL,
        at,
        Text::new(
            format!("{word} does not carry {} messages", purpose.word()),
            format!(
                "{korean}으로는 이런 목적({})의 메시지를 보낼 수 없습니다",
                purpose.word()
            ),
        ),
    )
    .help(Text::new(
        format!(
            "send it by another channel, or say in journey.toml which product `[channels.{}]` is",
            product.channel
        ),
        format!(
            "다른 채널로 보내거나, journey.toml의 `[channels.{}]`에 맞는 상품을 쓰세요",
            product.channel
        ),
    ))
}

fn long_sms(at: Location, bytes: usize, long: bool) -> Problem {
    let (most, next) = if long { (2_000, "MMS") } else { (90, "LMS") };
    let problem = Problem::new(
        codes::LONG_SMS,
        at,
        Text::new(
            format!(
                "this text message takes up to {bytes} bytes or more; above {most} it is no longer one {}",
                if long {
                    "LMS"
                } else {
                    "SMS, and goes out as an LMS"
                }
            ),
            format!(
                "이 문자는 {bytes}바이트 이상이 될 수 있습니다. {most}바이트가 넘으면 {next}로 나갑니다"
            ),
        ),
    );
    if long {
        return problem.help(Text::new("shorten it", "줄이세요"));
    }
    problem.help(Text::new(
        "shorten it (a Korean letter takes 2 bytes), or write `length = \"lms\"` if it is meant to be long",
        "줄이거나(한글 한 글자는 2바이트), 길게 보내려는 것이면 `length = \"lms\"`를 쓰세요",
    ))
}
