//! What can be wrong with repeats, remembered values, draws, questions and times.

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// A step or header line that cannot run as written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::lower) enum StepError {
    /// `repeat up to 0 times`.
    Times,
    /// `remember email = …`, where the contact has an attribute of that name.
    NameTaken { name: String },
    /// `remember x = …` twice, of two types.
    OtherType { name: String },
    /// `3 business days` in a project whose settings do not say which days those are.
    NoBusinessHours,
}

impl StepError {
    /// The problem at a place.
    pub(in crate::lower) fn at(self, at: Location) -> Problem {
        match self {
            Self::Times => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    format!("something is repeated 1 to {} times", super::repeats::MOST_TIMES),
                    format!("반복은 1번부터 {}번까지입니다", super::repeats::MOST_TIMES),
                ),
            )
            .help(Text::new(
                "write a number in that range, or take the `repeat` away",
                "그 안의 수를 쓰거나 `repeat`를 빼세요",
            )),
            Self::NameTaken { name } => Problem::new(
                codes::DUPLICATE_NAME,
                at,
                Text::new(
                    format!("`{name}` means something already"),
                    format!("`{name}`: 이미 다른 뜻으로 쓰이는 이름입니다"),
                ),
            )
            .label(Text::new("taken", "이미 있는 이름"))
            .help(Text::new(
                "remember the value under a name of its own",
                "다른 이름으로 기억하세요",
            )),
            Self::OtherType { name } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` remembers a value of another type before this"),
                    format!("`{name}`에는 앞에서 다른 종류의 값을 기억했습니다"),
                ),
            )
            .help(Text::new(
                "remember this under another name",
                "이 값은 다른 이름으로 기억하세요",
            )),
            Self::NoBusinessHours => Problem::new(
                codes::MISSING_SETTING,
                at,
                Text::new(
                    "it is not said which days are business days",
                    "어느 날이 영업일인지 정해지지 않았습니다",
                ),
            )
            .label(Text::new("needs opening hours", "영업시간이 필요함"))
            .help(Text::new(
                "add `[hours.business_hours]` to journey.toml: its open days, without its holidays, are business days",
                "journey.toml에 `[hours.business_hours]`를 추가하세요. 휴일을 뺀 여는 날이 영업일입니다",
            )),
        }
    }
}
