//! Why a literal cannot stand where it was written.

use journey_ir as ir;

use crate::codes;
use crate::josa::josa;
use crate::problem::{Location, Problem, Text};

/// A literal that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueError {
    /// `age under "40"`.
    WrongType {
        expected: Text,
        found: Text,
        fix: Option<String>,
    },
    /// `sex is "여성"`: choices are bare words.
    QuotedChoice { choice: String },
    /// `form is demo`: text needs quotes.
    BareText { word: String },
    /// `sex is 여자`.
    UnknownChoice {
        word: String,
        near: Option<String>,
        choices: Vec<String>,
    },
    /// `budget under 5만원`, where the budget is in USD.
    Currency {
        expected: ir::Currency,
        found: ir::Currency,
    },
    /// `amount under 5,000`, where the amount is money.
    NoCurrency {
        /// As it is written, with its thousands apart.
        number: String,
        currency: ir::Currency,
    },
    /// `amount under 5만원`, where the amount is money of any currency.
    AnyCurrency,
    /// `$5,000` in a project that does not say which dollar.
    Symbol { symbol: char },
    /// `₩1,000.50`.
    FinerThanCurrency { currency: ir::Currency },
    /// `0.1234567`.
    TooFine { places: u32 },
    /// `age is 39.5`.
    NotWhole,
    /// `999999999999999999999`.
    TooLarge,
    /// `500 years`.
    TooLong,
    /// `0 days`.
    NoTime,
    /// `Asia/Seul`.
    UnknownTimezone { name: String },
    /// `3 business days`.
    BusinessDays,
    /// `30 calendar days` outside of a window of the past.
    CalendarDays { days: u32 },
}

impl ValueError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::WrongType {
                expected,
                found,
                fix,
            } => {
                let problem = Problem::new(
                    codes::WRONG_TYPE,
                    at,
                    Text::new(
                        format!("this is {}, and {} is needed here", found.en, expected.en),
                        format!(
                            "{}입니다. 여기에는 {} 와야 합니다",
                            found.ko,
                            josa(&expected.ko, ("이", "가"))
                        ),
                    ),
                )
                .label(found)
                .help(Text::new(
                    format!("write {}", expected.en),
                    format!("{} 쓰세요", josa(&expected.ko, ("을", "를"))),
                ));
                match fix {
                    Some(fix) => problem.fix(at, fix),
                    None => problem,
                }
            }
            Self::NoCurrency { number, currency } => {
                let amount = match currency.code() {
                    "KRW" => format!("{number}원"),
                    code => format!("{number} {code}"),
                };
                Problem::new(
                    codes::WRONG_TYPE,
                    at,
                    Text::new(
                        format!("this is a number, and an amount of money in {} is needed here", currency.code()),
                        format!("숫자만 있습니다. 여기에는 {} 금액이 와야 합니다", currency.code()),
                    ),
                )
                .label(Text::new("no currency", "통화가 없음"))
                .help(Text::new(
                    format!("write `{amount}`"),
                    format!("`{amount}`처럼 쓰세요"),
                ))
                .guess(at, amount)
            }
            Self::QuotedChoice { choice } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{choice}` is one of the choices and is written without quotes"),
                    format!("`{choice}`: 정해진 선택지이므로 따옴표 없이 씁니다"),
                ),
            )
            .label(Text::new("in quotes", "따옴표"))
            .help(Text::new(
                format!("write `{choice}`"),
                format!("`{choice}`(으)로 쓰세요"),
            ))
            .fix(at, choice),
            Self::BareText { word } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{word}` stands where text is needed, and text needs quotes"),
                    format!("`{word}`: 텍스트가 올 자리입니다. 텍스트에는 따옴표가 필요합니다"),
                ),
            )
            .label(Text::new("without quotes", "따옴표 없음"))
            .help(Text::new(
                format!("write `\"{word}\"`"),
                format!("`\"{word}\"`(으)로 쓰세요"),
            ))
            .fix(at, format!("\"{word}\"")),
            Self::UnknownChoice {
                word,
                near,
                choices,
            } => {
                let problem = Problem::new(
                    codes::UNKNOWN_NAME,
                    at,
                    Text::new(
                        format!("`{word}` is not one of the choices"),
                        format!("`{word}`: 선택지에 없는 값입니다"),
                    ),
                )
                .label(Text::new("not a choice", "선택지에 없음"));
                if near.is_some() {
                    problem.did_you_mean(near.as_deref())
                } else {
                    let list = choices.join("`, `");
                    problem.help(Text::new(
                        format!("the choices are `{list}`"),
                        format!("선택지: `{list}`"),
                    ))
                }
            }
            Self::Currency { expected, found } => Problem::new(
                codes::CURRENCY_MISMATCH,
                at,
                Text::new(
                    format!(
                        "this amount is in {}, and one in {} is needed here",
                        found.code(),
                        expected.code()
                    ),
                    format!(
                        "{} 금액입니다. 여기에는 {} 금액이 와야 합니다",
                        found.code(),
                        expected.code()
                    ),
                ),
            )
            .label(Text::new(
                format!("in {}", found.code()),
                format!("{} 금액", found.code()),
            ))
            .help(Text::new(
                format!(
                    "amounts are never converted; write this one in {}",
                    expected.code()
                ),
                format!(
                    "금액은 환산하지 않습니다. {} 금액으로 쓰세요",
                    expected.code()
                ),
            )),
            Self::AnyCurrency => Problem::new(
                codes::CURRENCY_MISMATCH,
                at,
                Text::new(
                    "the other side may be in any currency, so it cannot be compared with an amount",
                    "비교하는 필드의 통화가 정해져 있지 않아 금액과 비교할 수 없습니다",
                ),
            )
            .help(Text::new(
                "declare the field as `money in KRW`, or set `currency` in journey.toml",
                "필드를 `money in KRW`로 선언하거나 journey.toml에 `currency`를 적으세요",
            )),
            Self::Symbol { symbol } => Problem::new(
                codes::UNDEFINED_SYMBOL,
                at,
                Text::new(
                    format!("`{symbol}` is the sign of several currencies"),
                    format!("`{symbol}`: 여러 통화가 함께 쓰는 기호입니다"),
                ),
            )
            .label(Text::new("which currency?", "어느 통화인지 알 수 없음"))
            .help(Text::new(
                format!(
                    "say which in journey.toml, `symbols = {{ \"{symbol}\" = \"{0}\" }}`, or write `5,000 {0}`",
                    if symbol == '¥' { "JPY" } else { "USD" }
                ),
                format!(
                    "journey.toml에 `symbols = {{ \"{symbol}\" = \"{0}\" }}`라고 적거나 `5,000 {0}`처럼 쓰세요",
                    if symbol == '¥' { "JPY" } else { "USD" }
                ),
            )),
            Self::FinerThanCurrency { currency } => out_of_range(
                at,
                Text::new(
                    format!(
                        "{} has {} decimal places, and this amount has more",
                        currency.code(),
                        places(currency)
                    ),
                    format!(
                        "{} 금액의 소수 자릿수는 {}자리까지입니다",
                        currency.code(),
                        currency.places()
                    ),
                ),
                Text::new("round the amount", "금액을 반올림하세요"),
            ),
            Self::TooFine { places } => out_of_range(
                at,
                Text::new(
                    format!("numbers have at most {places} decimal places"),
                    format!("숫자는 소수점 아래 {places}자리까지 쓸 수 있습니다"),
                ),
                Text::new("round the number", "숫자를 반올림하세요"),
            ),
            Self::NotWhole => out_of_range(
                at,
                Text::new(
                    "this number has a fraction, and only whole numbers stand here",
                    "소수가 있는 숫자입니다. 여기에는 정수만 올 수 있습니다",
                ),
                Text::new("write a whole number", "정수로 쓰세요"),
            ),
            Self::TooLarge => out_of_range(
                at,
                Text::new("this is larger than can be computed with", "너무 큰 값입니다"),
                Text::new("write a smaller one", "더 작은 값을 쓰세요"),
            ),
            Self::TooLong => out_of_range(
                at,
                Text::new(
                    "this is longer than a hundred years",
                    "100년보다 긴 기간입니다",
                ),
                Text::new("write a shorter time", "더 짧은 기간을 쓰세요"),
            ),
            Self::NoTime => out_of_range(
                at,
                Text::new("this is no time at all", "길이가 0인 기간입니다"),
                Text::new("write at least 1", "1 이상을 쓰세요"),
            ),
            Self::UnknownTimezone { name } => Problem::new(
                codes::UNKNOWN_NAME,
                at,
                Text::new(
                    format!("there is no time zone called `{name}`"),
                    format!("`{name}`(이)라는 시간대가 없습니다"),
                ),
            )
            .label(Text::new("not a time zone", "알 수 없는 시간대"))
            .help(Text::new(
                "write a zone as region and city, like `Asia/Seoul`",
                "`Asia/Seoul`처럼 지역과 도시로 쓰세요",
            )),
            Self::BusinessDays => left_out(
                at,
                Text::new(
                    "business days are counted on from something that happens, and here nothing does",
                    "영업일은 어떤 일이 일어난 때부터 셉니다. 여기에는 그런 때가 없습니다",
                ),
                Text::new(
                    "write plain days; waits, dues, goals, windows of the past, chains, caps and offers can be in business days",
                    "일반 날짜로 쓰세요. 영업일은 기다림, 기한, 목표, 지난 기간, 이어지는 이벤트, 횟수 제한, 혜택에 쓸 수 있습니다",
                ),
            ),
            Self::CalendarDays { days } => left_out(
                at,
                Text::new(
                    "`calendar days` are whole days that end with today, so they stand after `in the last` only; plain days are days of the calendar too",
                    "`calendar days`는 오늘로 끝나는 온전한 날들이므로 `in the last` 뒤에만 씁니다. 그냥 `days`도 달력의 하루입니다",
                ),
                Text::new(
                    "write plain days",
                    "`calendar` 없이 쓰세요",
                ),
            )
            .fix(at, if days == 1 { "1 day".to_owned() } else { format!("{days} days") }),
        }
    }
}

fn places(currency: ir::Currency) -> String {
    match currency.places() {
        0 => "no".to_owned(),
        n => n.to_string(),
    }
}

fn out_of_range(at: Location, message: Text, help: Text) -> Problem {
    Problem::new(codes::OUT_OF_RANGE, at, message).help(help)
}

/// The problem of something that the language leaves out on purpose; `what` says why.
pub(crate) fn left_out(at: Location, what: Text, help: Text) -> Problem {
    Problem::new(codes::LEFT_OUT, at, what)
        .label(Text::new("left out on purpose", "일부러 두지 않은 기능"))
        .help(help)
}
