//! What can be wrong with the logic of conditions.

mod gap;

use journey_ir as ir;
use journey_ir::Value;

pub(super) use gap::{Gap, Hole, Side};

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::korean_span;

/// Conditions that do not do what was meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LogicError {
    /// `if budget under $5,000 { … } otherwise if budget over $5,000 { … }`.
    Gap(Box<Gap>),
    /// `if age under 30 and age between 30 and 39`.
    NeverTrue { with_filter: bool },
    /// `enter when purchase and never did purchase`: that purchase has been counted.
    AlreadyCounted {
        event: String,
        /// The window that is asked about, as it is written after the event: ` in the last 30 days`.
        period: String,
    },
    /// `if age under 40 { … } otherwise if age under 30 { … }`.
    Shadowed { first: Location },
    /// `if budget under $5,000 { … } otherwise { … }`, where the budget is optional.
    TakesMissing { name: String },
    /// `not age under 30`, where the age is optional.
    NotTakesMissing { name: String },
    /// `did not purchase in the last 90 days`, which holds for people who never did.
    NeverDid { name: String },
    /// `if 생애주기 is 이탈위험` in a journey that begins with it.
    Settled {
        always: bool,
        entry: Option<Location>,
    },
    /// `send email x with (size: visit.size)`, where the size is optional and the message has no words without it.
    MayLack {
        name: String,
        need: String,
        template: String,
    },
    /// `wait until 2026-03-29 at 02:30`, a time that the clock leaves out.
    NoSuchTime { time: String, zone: String },
    /// `wait until 2026-03-01` after `wait until 2026-04-01`.
    GoneBy,
    /// `wait until 2026-12-24` in a journey that `ends at 2026-12-01`.
    EndsBefore,
    /// `enter on 2026-12-24 …` in a journey that `ends at 2026-12-01`.
    NobodyEnters,
    /// `in the last 1 month` beside `in the last 30 days`.
    MonthsAndDays {
        this: ir::Span,
        other: ir::Span,
        first: Location,
    },
    /// `expect sms x to 철수 at 2026-01-05 22:30`, which a policy forbids.
    AgainstPolicy { policy: String },
    /// A second advertisement on one day, with a cap of one a day.
    AgainstCap {
        policy: String,
        at_most: u32,
        per: ir::Span,
    },
    /// `if budget at most $5,000 { … } otherwise if budget at least $5,000 { … }`.
    Overlap {
        name: String,
        /// A value that both take.
        value: Value,
        first: Location,
    },
    /// `on purchase { … }` in a journey with `exit when purchase`.
    NeverWins { first: Location, is_goal: bool },
}

impl LogicError {
    /// The problem at the condition or brace that is to blame.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::Gap(gap) => gap.at(at),
            Self::NeverTrue { with_filter } => never_true(at, with_filter),
            Self::AlreadyCounted { event, period } => Problem::new(
                codes::NEVER_TRUE,
                at,
                Text::new(
                    format!("nobody enters: the `{event}` that starts the journey has been counted when this is asked"),
                    format!("여정을 시작하는 `{event}`을(를) 센 다음에 이 조건을 묻기 때문에 들어오는 사람이 없습니다"),
                ),
            )
            .label(Text::new("never true here", "여기서는 언제나 거짓"))
            .help(Text::new(
                format!("for those who did it for the first time write `did {event} exactly 1 time{period}`"),
                format!("처음 한 사람이면 `did {event} exactly 1 time{period}`처럼 쓰세요"),
            )),
            Self::Shadowed { first } => Problem::new(
                codes::SHADOWED_ARM,
                at,
                Text::new(
                    "nobody reaches this arm: earlier ones take everyone it is for",
                    "앞의 조건이 모두 받으므로 여기에 오는 사람이 없습니다",
                ),
            )
            .label(Text::new("never reached", "아무도 오지 않음"))
            .other(first, Text::new("takes people first", "여기에서 먼저 받음"))
            .help(Text::new(
                "put the narrower condition first, or take this arm out",
                "더 좁은 조건을 앞에 두거나 이 갈래를 빼세요",
            )),
            Self::NotTakesMissing { name } => Problem::new(
                codes::OTHERWISE_TAKES_MISSING,
                at,
                Text::new(
                    format!("this `not` takes people without `{name}` too"),
                    format!("`{name}` 값이 없는 사람도 이 `not`에 해당합니다"),
                ),
            )
            .label(Text::new(
                "also for people without the value",
                "값이 없는 사람도 해당",
            ))
            .help(Text::new(
                format!(
                    "add `and {name} is known` to leave them out, or `or {name} is missing` to say that they are meant"
                ),
                format!(
                    "빼려면 `and {name} is known`을, 일부러 넣은 것이면 `or {name} is missing`을 더하세요"
                ),
            )),
            Self::NeverDid { name } => Problem::new(
                codes::INCLUDES_NEVER,
                at,
                Text::new(
                    format!("this also holds for people who never did `{name}`, whoever came today included"),
                    format!("`{name}`: 한 번도 하지 않은 사람과 오늘 처음 온 사람도 해당합니다"),
                ),
            )
            .label(Text::new("whoever never did it, too", "한 번도 안 한 사람도"))
            .help(Text::new(
                format!(
                    "for people who stopped, write `did {name} and …`; for those too who never began, `never did {name} or …`"
                ),
                format!(
                    "하다가 멈춘 사람이면 `did {name} and …`, 한 번도 안 한 사람까지면 `never did {name} or …`로 쓰세요"
                ),
            )),
            Self::MayLack {
                name,
                need,
                template,
            } => Problem::new(
                codes::MAYBE_MISSING,
                at,
                Text::new(
                    format!("`{name}` may be missing here, and `{template}` says nothing without it"),
                    format!("`{name}`: 여기서는 값이 없을 수 있는데 `{template}` 템플릿에는 대신할 말이 없습니다"),
                ),
            )
            .label(Text::new("may be missing", "없을 수 있음"))
            .help(Text::new(
                format!(
                    "ask first with `if {name} is known {{ … }}`, or write `{{{{ {need} | or: '…' }}}}` in the template"
                ),
                format!(
                    "먼저 `if {name} is known {{ … }}`으로 묻거나, 템플릿에 `{{{{ {need} | or: '…' }}}}`라고 쓰세요"
                ),
            )),
            Self::NoSuchTime { time, zone } => Problem::new(
                codes::IMPOSSIBLE_DATE,
                at,
                Text::new(
                    format!("there is no {time} in {zone}: the clock is put forward over it"),
                    format!("{zone}에는 {time}이(가) 없습니다. 서머타임으로 건너뛰는 시각입니다"),
                ),
            )
            .label(Text::new("a time that does not exist", "없는 시각"))
            .help(Text::new(
                "write a time an hour earlier or later",
                "한 시간 앞이나 뒤의 시각을 쓰세요",
            )),
            Self::GoneBy => Problem::new(
                codes::IMPOSSIBLE_DATE,
                at,
                Text::new(
                    "this date has gone by when people come here, so nobody waits",
                    "여기에 올 때는 이미 지난 날짜라 아무도 기다리지 않습니다",
                ),
            )
            .label(Text::new("already past", "이미 지남"))
            .help(Text::new(
                "write a later date, or take the step out",
                "더 늦은 날짜를 쓰거나 이 단계를 빼세요",
            )),
            Self::EndsBefore => Problem::new(
                codes::IMPOSSIBLE_DATE,
                at,
                Text::new(
                    "the journey ends before this wait is over, so nobody gets past it",
                    "이 기다림이 끝나기 전에 여정이 끝나므로 아무도 다음으로 가지 못합니다",
                ),
            )
            .label(Text::new("too late", "너무 늦음"))
            .help(Text::new(
                "write a later `ends at`, or wait less",
                "`ends at`을 더 늦추거나 덜 기다리세요",
            )),
            Self::NobodyEnters => Problem::new(
                codes::IMPOSSIBLE_DATE,
                at,
                Text::new(
                    "the journey is not open on this day, so nobody enters",
                    "이 날에는 여정이 열려 있지 않아 아무도 들어오지 못합니다",
                ),
            )
            .label(Text::new("before `starts at` or after `ends at`", "`starts at` 전이나 `ends at` 뒤"))
            .help(Text::new(
                "choose a day between the two",
                "두 시각 사이의 날을 고르세요",
            )),
            Self::MonthsAndDays { this, other, first } => Problem::new(
                codes::NOT_EVERY_MONTH,
                at,
                Text::new(
                    format!("{this} and {other} are not the same length: a month has 28 to 31 days"),
                    "한 달은 28일에서 31일까지라, 두 기간의 길이가 서로 다릅니다",
                ),
            )
            .label(Text::new(format!("{this} here"), "이 기간"))
            .other(first, Text::new(format!("{other} here"), "다른 기간"))
            .help(Text::new(
                "write both in days, or both in months",
                "둘 다 일 수로, 또는 둘 다 달로 쓰세요",
            )),
            Self::AgainstPolicy { policy } => Problem::new(
                codes::AGAINST_POLICY,
                at,
                Text::new(
                    format!("the quiet hours of `{policy}` hold this message back at that time"),
                    format!("이 시각에는 `{policy}`의 조용한 시간이라 이 메시지가 나가지 않습니다"),
                ),
            )
            .label(Text::new("never at this time", "이 시각에는 안 나감"))
            .help(Text::new(
                "expect it when the quiet hours are over",
                "조용한 시간이 끝난 뒤의 시각을 쓰세요",
            )),
            Self::AgainstCap {
                policy,
                at_most,
                per,
            } => Problem::new(
                codes::AGAINST_POLICY,
                at,
                Text::new(
                    format!("this test expects more messages than `{policy}` lets through: at most {at_most} per {per}"),
                    format!("`{policy}`은(는) {}에 {at_most}통까지만 보내는데, 이 테스트는 더 많은 메시지를 기대합니다", korean_span(per)),
                ),
            )
            .label(Text::new("one too many", "하나가 넘침"))
            .help(Text::new(
                "expect it later, or not at all",
                "더 늦은 시각을 쓰거나 이 기대를 빼세요",
            )),
            Self::Overlap { name, value, first } => {
                let value = words(&value);
                Problem::new(
                    codes::SHADOWED_ARM,
                    at,
                    Text::new(
                        format!("a person whose `{name}` is {value} fits both, and the first arm takes them"),
                        format!("`{name}`: 값이 {value}인 사람은 두 조건에 다 맞아서 앞의 갈래로 갑니다"),
                    ),
                )
                .label(Text::new("never gets them", "여기에는 오지 않음"))
                .other(first, Text::new("takes them first", "여기에서 먼저 받음"))
                .help(Text::new(
                    "let the two meet without a value in common, such as `under` beside `at least`",
                    "`under`와 `at least`처럼 겹치는 값이 없게 나누세요",
                ))
            }
            Self::Settled { always, entry } => settled(at, always, entry),
            Self::NeverWins { first, is_goal } => Problem::new(
                codes::NEVER_WINS,
                at,
                if is_goal {
                    Text::new(
                        "this arm never runs: the same event reaches the goal and ends the run",
                        "같은 이벤트가 목표를 이루어 여정을 끝내므로 이 갈래는 실행되지 않습니다",
                    )
                } else {
                    Text::new(
                        "this arm never runs: the same event ends the run",
                        "같은 이벤트가 여정을 끝내므로 이 갈래는 실행되지 않습니다",
                    )
                },
            )
            .label(Text::new("never runs", "실행되지 않음"))
            .other(first, Text::new("ends the run first", "여기에서 먼저 끝남"))
            .help(if is_goal {
                Text::new(
                    "take the arm out, or let the run go on after the goal: `goal … and continue`",
                    "이 갈래를 빼거나, 목표 뒤에도 이어지게 하세요: `goal … and continue`",
                )
            } else {
                Text::new(
                    "take the arm out, or narrow what ends the run with `where ( … )`",
                    "이 갈래를 빼거나, 여정을 끝내는 조건을 `where ( … )`로 좁히세요",
                )
            }),
            Self::TakesMissing { name } => Problem::new(
                codes::OTHERWISE_TAKES_MISSING,
                at,
                Text::new(
                    format!("`otherwise` takes people without `{name}` too"),
                    format!("`{name}` 값이 없는 사람도 `otherwise`로 갑니다"),
                ),
            )
            .label(Text::new(
                "also for people without the value",
                "값이 없는 사람도 여기로 옴",
            ))
            .help(Text::new(
                format!(
                    "say what they get: `otherwise if {name} is missing {{ … }}` before `otherwise`"
                ),
                format!(
                    "`otherwise` 앞에 `otherwise if {name} is missing {{ … }}`를 넣어 따로 정하세요"
                ),
            )),
        }
    }
}

fn settled(at: Location, always: bool, entry: Option<Location>) -> Problem {
    let message = match (always, entry) {
        (true, Some(_)) => Text::new(
            "everyone who comes here satisfies this condition: the question does nothing",
            "여기에 오는 사람은 모두 이 조건을 만족하므로 묻지 않은 것과 같습니다",
        ),
        (true, None) => Text::new(
            "everyone satisfies this condition: the question does nothing",
            "누구나 이 조건을 만족하므로 묻지 않은 것과 같습니다",
        ),
        (false, _) => Text::new(
            "nobody who comes here satisfies this condition",
            "여기에 오는 사람은 아무도 이 조건을 만족하지 않습니다",
        ),
    };
    let label = if always {
        Text::new("always true here", "여기서는 언제나 참")
    } else {
        Text::new("never true here", "여기서는 언제나 거짓")
    };
    let problem = Problem::new(codes::SETTLED, at, message)
        .label(label)
        .help(Text::new(
            "take the question out, or change what was asked before it",
            "이 조건을 빼거나, 앞에서 거른 조건을 고치세요",
        ));
    match entry {
        Some(entry) => problem.other(entry, Text::new("who comes in", "들어오는 사람")),
        None => problem,
    }
}

fn never_true(at: Location, with_filter: bool) -> Problem {
    let label = if with_filter {
        Text::new(
            "excluded by itself or by the `where ( … )` before it",
            "그 자체나 앞의 `where ( … )`와 어긋남",
        )
    } else {
        Text::new("its parts exclude each other", "서로 어긋나는 조건")
    };
    Problem::new(
        codes::NEVER_TRUE,
        at,
        Text::new(
            "nobody can satisfy this condition",
            "이 조건을 만족하는 사람은 있을 수 없습니다",
        ),
    )
    .label(label)
    .help(Text::new(
        "take one of its parts out, or join them with `or`",
        "조건 하나를 빼거나 `or`로 이으세요",
    ))
}

/// A value as people read it.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Money(money) => money.to_string(),
        Value::Date(date) => day(*date).unwrap_or_default(),
        Value::Moment(instant) => jiff::Timestamp::from_millisecond(*instant)
            .map(|it| it.to_string())
            .unwrap_or_default(),
        Value::Text(_) | Value::YesNo(_) | Value::Span(_) | Value::List(_) | Value::Items(_) => {
            String::new()
        }
    }
}

fn day(date: ir::Date) -> Option<String> {
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    let span = jiff::Span::new().try_days(date.0).ok()?;
    epoch.checked_add(span).ok().map(|it| it.to_string())
}
