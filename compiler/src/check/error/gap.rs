//! What is said about the people whom a chain leaves out.

use journey_ir::{Comparison, Operand, Value};

use super::words;
use crate::codes;
use crate::problem::{Location, Problem, Text};

/// Whom a chain leaves out.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) struct Gap {
    /// The value that is compared.
    pub(in crate::check) name: String,
    /// Values without an arm; `None` where every value has one.
    pub(in crate::check) hole: Option<Hole>,
    /// Whether people without the value have no arm either.
    pub(in crate::check) missing: bool,
    /// The arm below the hole; `None` where none is, or the same is above it.
    pub(in crate::check) below: Option<Side>,
    /// The arm above the hole, or the nearest to it.
    pub(in crate::check) above: Side,
}

/// Values without an arm.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) enum Hole {
    /// One value.
    Only(Value),
    /// From the first to the last.
    Between(Value, Value),
    /// This value and all above it.
    AtLeast(Value),
    /// This value and all below it.
    AtMost(Value),
    /// All values above this one.
    Over(Value),
    /// All values below this one.
    Under(Value),
    /// Some of the words that there are.
    Words(Vec<String>),
    /// All texts that no arm names.
    Others,
}

/// An arm beside a hole.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) struct Side {
    /// Its condition.
    pub(in crate::check) at: Location,
    /// Its comparison, where it is only one.
    pub(in crate::check) test: Option<Comparison>,
}

impl Gap {
    /// The problem at the condition that is to blame.
    pub(super) fn at(self, at: Location) -> Problem {
        let help = self.help();
        let problem = Problem::new(codes::BRANCH_GAP, at, self.message())
            .label(takes(self.above.test.as_ref()))
            .help(help);
        match self.below {
            Some(below) => problem.other(below.at, takes(below.test.as_ref())),
            None => problem,
        }
    }

    fn message(&self) -> Text {
        let name = &self.name;
        let Some(hole) = &self.hole else {
            return Text::new(
                format!("a person without `{name}` gets nothing here"),
                format!("`{name}`: 값이 비어 있는 사람은 아무것도 받지 못합니다"),
            );
        };
        let Text { en, ko } = hole.words();
        let (en, ko) = if self.missing {
            (
                format!("{en}, or missing,"),
                format!("{ko}이거나 비어 있는"),
            )
        } else {
            (en, format!("{ko}인"))
        };
        Text::new(
            format!("a person whose `{name}` is {en} gets nothing here"),
            format!("`{name}`: 값이 {ko} 사람은 아무것도 받지 못합니다"),
        )
    }

    fn help(&self) -> Text {
        let name = &self.name;
        let Some(hole) = &self.hole else {
            let missing = format!("`otherwise if {name} is missing {{ … }}`");
            return Text::new(
                format!(
                    "say what they get with {missing}, or that they get nothing with `otherwise {{ }}`"
                ),
                format!(
                    "{missing}로 받을 것을 정하거나, 아무것도 없다면 `otherwise {{ }}`라고 쓰세요"
                ),
            );
        };
        let edit = match hole {
            Hole::Only(value) => self.slip(value, value),
            Hole::Between(low, high) => self.slip(low, high),
            _ => None,
        };
        match (edit, self.missing) {
            (Some(edit), true) => Text::new(
                format!(
                    "{}; catch people without a value with `otherwise {{ … }}`",
                    edit.en
                ),
                format!(
                    "{}. 값을 비워 둔 사람은 `otherwise {{ … }}`로 받으세요",
                    edit.ko
                ),
            ),
            (Some(edit), false) => Text::new(
                format!("{}, or add `otherwise {{ … }}`", edit.en),
                format!("{}. 아니면 `otherwise {{ … }}`를 더하세요", edit.ko),
            ),
            (None, missing) => {
                let arm = match hole.test().filter(|_| !missing) {
                    Some(test) => format!("`otherwise if {name} {test} {{ … }}`"),
                    None => "`otherwise { … }`".to_owned(),
                };
                Text::new(
                    format!(
                        "say what they get with {arm}, or that they get nothing with `otherwise {{ }}`"
                    ),
                    format!(
                        "{arm}로 받을 것을 정하거나, 아무것도 없다면 `otherwise {{ }}`라고 쓰세요"
                    ),
                )
            }
        }
    }

    /// The edit that closes a hole that is a slip of one word.
    fn slip(&self, low: &Value, high: &Value) -> Option<Text> {
        let is =
            |operand: &Operand, value: &Value| matches!(operand, Operand::Value(it) if it == value);
        let above = self.above.test.as_ref();
        let below = self.below.as_ref().and_then(|it| it.test.as_ref());
        let word = match (above, below) {
            (Some(Comparison::Over(x)), _) if is(x, high) => Some(("over", "at least")),
            (_, Some(Comparison::Under(x))) if is(x, low) => Some(("under", "at most")),
            _ => None,
        };
        let low_words = words(low);
        match word {
            Some((wrong, right)) if low == high => Some(Text::new(
                format!("write `{right}` instead of `{wrong}` to take exactly {low_words}"),
                format!("정확히 {low_words}도 받으려면 `{wrong}` 대신 `{right}`를 쓰세요"),
            )),
            _ if self.below.is_some() => Some(Text::new(
                "let one condition begin where the other ends",
                "한 조건이 끝나는 값에서 다음 조건이 시작하게 하세요",
            )),
            _ => None,
        }
    }
}

/// The most words that are listed; more are cut off.
const MOST_LISTED: usize = 5;

impl Hole {
    /// As it stands after `is`.
    fn words(&self) -> Text {
        match self {
            Self::Only(value) => {
                let value = words(value);
                Text::new(format!("exactly {value}"), format!("정확히 {value}"))
            }
            Self::Between(low, high) => {
                let (low, high) = (words(low), words(high));
                Text::new(
                    format!("from {low} to {high}"),
                    format!("{low}부터 {high}까지"),
                )
            }
            Self::AtLeast(low) => {
                let low = words(low);
                Text::new(format!("{low} or more"), format!("{low} 이상"))
            }
            Self::AtMost(high) => {
                let high = words(high);
                Text::new(format!("{high} or less"), format!("{high} 이하"))
            }
            Self::Over(below) => {
                let below = words(below);
                Text::new(format!("over {below}"), format!("{below} 초과"))
            }
            Self::Under(above) => {
                let above = words(above);
                Text::new(format!("under {above}"), format!("{above} 미만"))
            }
            Self::Words(all) => {
                let (en, ko) = (listed(all, " or "), listed(all, ", "));
                Text::new(en, ko)
            }
            Self::Others => Text::new("anything else", "그 밖의 것"),
        }
    }

    /// The comparison that takes it, where it can be written in few words.
    fn test(&self) -> Option<String> {
        match self {
            Self::Only(value) => Some(format!("is {}", words(value))),
            Self::Between(low, high) => Some(format!("between {} and {}", words(low), words(high))),
            Self::AtLeast(low) => Some(format!("at least {}", words(low))),
            Self::AtMost(high) => Some(format!("at most {}", words(high))),
            Self::Over(below) => Some(format!("over {}", words(below))),
            Self::Under(above) => Some(format!("under {}", words(above))),
            Self::Words(all) => match all.as_slice() {
                [one] => Some(format!("is {one}")),
                all if all.len() <= MOST_LISTED => Some(format!("is one of {}", all.join(", "))),
                _ => None,
            },
            Self::Others => None,
        }
    }
}

/// The first words, in code marks.
fn listed(all: &[String], between: &str) -> String {
    let more = if all.len() > MOST_LISTED { " …" } else { "" };
    let shown: Vec<String> = all
        .iter()
        .take(MOST_LISTED)
        .map(|it| format!("`{it}`"))
        .collect();
    format!("{}{more}", shown.join(between))
}

/// What an arm takes, under its condition.
fn takes(test: Option<&Comparison>) -> Text {
    let of = |operand: &Operand| match operand {
        Operand::Value(value) => words(value),
        Operand::Source(_) => String::new(),
    };
    match test {
        Some(Comparison::Under(x)) => Text::new(
            format!("only under {} here", of(x)),
            format!("여기는 {} 미만만", of(x)),
        ),
        Some(Comparison::AtMost(x)) => Text::new(
            format!("only {} or less here", of(x)),
            format!("여기는 {} 이하만", of(x)),
        ),
        Some(Comparison::Over(x)) => Text::new(
            format!("only over {} here", of(x)),
            format!("여기는 {} 초과만", of(x)),
        ),
        Some(Comparison::AtLeast(x)) => Text::new(
            format!("only {} or more here", of(x)),
            format!("여기는 {} 이상만", of(x)),
        ),
        Some(Comparison::Between(low, high)) => Text::new(
            format!("only {} to {} here", of(low), of(high)),
            format!("여기는 {}부터 {}까지만", of(low), of(high)),
        ),
        _ => Text::new("takes only some values", "일부 값만 받음"),
    }
}
