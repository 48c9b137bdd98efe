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
    /// `3 business days`, `wait until inside business_hours`, where those hours have no open day.
    NeverOpen { name: String },
    /// `wait until purchase`, `wait purchase`.
    WaitForEvent { event: String },
    /// `ask push …`.
    NoReplies { channel: String },
    /// `ask … for age`, which is computed, or for a list.
    NotAsked { name: String },
    /// 60% and 60%, in hundredths.
    Odds { odds: Vec<u32> },
    /// `1% a up to 0 in total`.
    NoStock,
    /// Only prizes that run out.
    NothingLeft,
    /// `every 1st time`.
    Nth,
    /// `ends at` before `starts at`.
    EndsFirst { starts: Location },
    /// Two `moved` lines for one step.
    MovedTwice { first: Location },
    /// `moved a.b to …`, and `b` is still there.
    StillThere { step: String },
    /// `moved a.b to c.d`.
    AnotherJourney,
    /// `moved a to b`, and `a` is still there.
    JourneyStillThere { journey: String },
    /// `moved a to c` and `moved b to c`.
    TwoIntoOne { first: Location },
    /// `moved a to b.c`, `moved a to exit`.
    WholeJourney,
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
                format!("add these lines to journey.toml; the open days, without the holidays, are business days:\n{}", open_hours("business_hours")),
                format!("journey.toml에 아래 줄을 추가하세요. 여는 날에서 휴일을 뺀 날이 영업일입니다\n{}", open_hours("business_hours")),
            )),
            Self::NeverOpen { name } => Problem::new(
                codes::WRONG_SETTING,
                at,
                Text::new(
                    format!("`[hours.{name}]` has no open day: whatever waits for one waits for ever"),
                    format!("`[hours.{name}]`에 여는 날이 하루도 없습니다. 기다리는 사람은 끝없이 기다립니다"),
                ),
            )
            .label(Text::new("never open", "여는 때가 없음"))
            .help(Text::new(
                format!("say in journey.toml when they are open:\n{}", open_hours(&name)),
                format!("언제 여는지 journey.toml에 쓰세요\n{}", open_hours(&name)),
            )),
            Self::WaitForEvent { event } => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    format!("`{event}` is an event, and a wait for one says how long it lasts at most"),
                    format!("`{event}`: 이벤트입니다. 이벤트를 기다릴 때는 길어도 얼마나 기다릴지 씁니다"),
                ),
            )
            .label(Text::new("an event", "이벤트"))
            .help(Text::new(
                format!("write `wait up to 7 days for {event}`, or `wait up to 7 days {{ on {event} {{ … }} on timeout {{ … }} }}`"),
                format!("`wait up to 7 days for {event}`나 `wait up to 7 days {{ on {event} {{ … }} on timeout {{ … }} }}`처럼 쓰세요"),
            )),
            Self::NoReplies { channel } => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    format!("nobody writes back by {channel}"),
                    format!("{channel}(으)로는 답장이 오지 않습니다"),
                ),
            )
            .help(Text::new(
                "ask by `email`, `sms` or `kakao`",
                "`email`, `sms`, `kakao` 가운데 하나로 물으세요",
            )),
            Self::NotAsked { name } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` cannot be read from a reply: it is a list, or computed"),
                    format!("`{name}`: 목록이거나 계산되는 값이라 답장에서 읽을 수 없습니다"),
                ),
            )
            .help(Text::new(
                "ask for an attribute that holds one value",
                "값이 하나인 속성을 물으세요",
            )),
            Self::Odds { odds } => {
                let sum: u32 = odds.iter().sum();
                let sum = format!("{}.{:02}", sum / 100, sum % 100);
                let sum = sum.strip_suffix(".00").unwrap_or(&sum);
                Problem::new(
                    codes::SPLIT_SUM,
                    at,
                    Text::new(
                        format!("the odds of this draw add up to {sum}%"),
                        format!("확률의 합이 {sum}%입니다"),
                    ),
                )
                .help(Text::new(
                    "make them 100%, or less with `otherwise { … }` for the others",
                    "100%로 맞추거나, 100%보다 작으면 나머지를 받는 `otherwise { … }`를 추가하세요",
                ))
            }
            Self::NoStock => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "there is none of this prize",
                    "이 상품은 하나도 없습니다",
                ),
            )
            .help(Text::new("write 1 or more, or take the arm away", "1 이상을 쓰거나 이 갈래를 빼세요")),
            Self::NothingLeft => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    "it is not said what people get when no prize is left",
                    "상품이 다 떨어지면 무엇을 받는지 적혀 있지 않습니다",
                ),
            )
            .help(Text::new(
                "add `otherwise { … }`",
                "`otherwise { … }`를 추가하세요",
            )),
            Self::Nth => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "entries are counted from every 2nd to every 99th time",
                    "`every … time`에는 2번째부터 99번째까지 쓸 수 있습니다",
                ),
            )
            .help(Text::new(
                "write a number in that range; what happens every time needs no `every`",
                "그 안의 수를 쓰세요. 매번 하는 일에는 `every`가 필요 없습니다",
            )),
            Self::EndsFirst { starts } => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "this journey ends before it starts, so nobody ever enters",
                    "시작하기 전에 끝나므로 아무도 들어오지 못합니다",
                ),
            )
            .other(starts, Text::new("starts here", "시작"))
            .help(Text::new("write a later end", "더 늦은 끝을 쓰세요")),
            Self::MovedTwice { first } => Problem::new(
                codes::DUPLICATE_NAME,
                at,
                Text::new(
                    "it is said twice where people go from here",
                    "여기에 있는 사람이 갈 곳이 두 번 적혀 있습니다",
                ),
            )
            .other(first, Text::new("first here", "먼저 쓴 곳"))
            .help(Text::new("keep one of the two", "하나만 남기세요")),
            Self::StillThere { step } => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    format!("`{step}` is still there, so nobody has to move from it"),
                    format!("`{step}`은(는) 아직 있으므로 옮길 사람이 없습니다"),
                ),
            )
            .help(Text::new(
                "name the step as it was called before; a step without `as` is named by what it does",
                "바꾸기 전의 이름을 쓰세요. `as`가 없는 단계의 이름은 하는 일입니다",
            )),
            Self::AnotherJourney => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    "people cannot move into another journey",
                    "다른 여정으로는 옮길 수 없습니다",
                ),
            )
            .help(Text::new(
                "name a step of the same journey, `next` or `exit`",
                "같은 여정의 단계나 `next`, `exit`를 쓰세요",
            )),
            Self::JourneyStillThere { journey } => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    format!("the journey `{journey}` is still there, so nobody has to move out of it"),
                    format!("여정 `{journey}`은(는) 아직 있으므로 옮길 사람이 없습니다"),
                ),
            )
            .help(Text::new(
                "name the journey as it was called before, or give the other one another name",
                "바꾸기 전의 이름을 쓰거나, 다른 쪽의 이름을 바꾸세요",
            )),
            Self::TwoIntoOne { first } => Problem::new(
                codes::DUPLICATE_NAME,
                at,
                Text::new(
                    "two journeys cannot become one: whoever is inside both would be there twice",
                    "두 여정을 하나로 합칠 수 없습니다. 둘 다에 있는 사람이 두 번 들어 있게 됩니다",
                ),
            )
            .other(first, Text::new("first here", "먼저 쓴 곳"))
            .help(Text::new("keep one of the two", "하나만 남기세요")),
            Self::WholeJourney => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    "a whole journey goes on as a journey of another name",
                    "여정 전체는 다른 이름의 여정으로만 이어집니다",
                ),
            )
            .help(Text::new(
                "name the journey as it is called now: `moved win_back to come_back`",
                "지금의 여정 이름을 쓰세요: `moved win_back to come_back`",
            )),
        }
    }
}

/// The lines of `journey.toml` that open hours on weekdays.
fn open_hours(name: &str) -> String {
    format!(
        "[hours.{}]\nweekdays = \"09:00-18:00\"",
        crate::written::key(name)
    )
}
