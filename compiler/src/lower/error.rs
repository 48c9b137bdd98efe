//! What can be wrong with a condition.

use crate::codes;
use crate::josa::josa;
use crate::problem::{Location, Problem, Text};

/// A condition that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConditionError {
    /// `a and b or c`.
    MixedAndOr {
        first: Location,
        /// Someone for whom the two readings differ, and whether `and` first takes them.
        example: Option<(Text, bool)>,
    },
    /// `name under 5`.
    Senseless {
        name: String,
        kind: Text,
        comparison: &'static str,
        instead: &'static str,
    },
    /// `tier at least Silver`, where the tiers are in no order.
    NoOrder {
        name: String,
        comparison: &'static str,
    },
    /// `any item where ( … )` outside of an event's `where ( … )`.
    WhoseItem { element: String },
    /// `total of purchase.category`.
    NotSummable { name: String, kind: Text },
    /// `age between 59 and 40`.
    EmptyRange,
    /// `did purchase at least 0 times`.
    NoTimes,
    /// `did purchase at least 100 times`.
    TooMany { most: u32 },
    /// `where (did purchase)`.
    NotAField { event: String },
    /// `survey_answered.reason` outside of `on survey_answered`.
    NotHappened { event: String },
    /// `now at least 5`.
    NotHours,
    /// `did purchase where (cart_id is add_to_cart.cart_id)`.
    RunInCounted { event: String },
    /// `wait until name`.
    NotATime { name: String, kind: Text },
    /// `cart_id is total`, text against money.
    DifferentTypes { left: Text, right: Text },
}

/// What a condition costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StateError {
    /// `total of purchase.total in the last 30 days`: the same window in calendar days, where there is one.
    Grows { days: Option<u32> },
    /// `did add_to_cart then not purchase within 1 day with the same cart_id`, over all time.
    Keys { name: String },
}

impl StateError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::Keys { name } => Problem::new(
                codes::MANY_KEYS,
                at,
                Text::new(
                    format!("100 values of `{name}` are kept for a person, and there may be more in all this time"),
                    format!("`{name}` 값은 한 사람당 100개까지 보관하는데, 이 기간에는 더 많을 수 있습니다"),
                ),
            )
            .label(Text::new("every value is kept", "값마다 하나씩 보관"))
            .help(Text::new(
                "say how far back to look: `… in the last 30 days`",
                "얼마나 되돌아볼지 적으세요: `… in the last 30 days`",
            )),
            Self::Grows { days } => {
                let problem = Problem::new(
                    codes::STATE_GROWS,
                    at,
                    Text::new(
                        "a window that slides keeps every amount of this time for every person",
                        "이 기간의 금액을 사람마다 하나씩 모두 보관하게 됩니다",
                    ),
                )
                .label(Text::new(
                    "slides with every event",
                    "이벤트마다 움직이는 기간",
                ));
                let Some(days) = days else {
                    return problem.help(Text::new(
                        "count in calendar days, which keep one number per day: `in the last 30 calendar days`",
                        "달력 날짜로 세면 하루에 숫자 하나만 보관합니다: `in the last 30 calendar days`",
                    ));
                };
                problem.help(Text::new(
                    format!("`{days} calendar days` keeps {days} numbers: the sums of whole days"),
                    format!(
                        "`{days} calendar days`로 쓰면 날마다 하나씩 숫자 {days}개만 보관합니다"
                    ),
                ))
            }
        }
    }
}

impl ConditionError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::MixedAndOr { first, example } => mixed(at, first, example),
            Self::Senseless {
                name,
                kind,
                comparison,
                instead,
            } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!(
                        "`{name}` holds {}, so it cannot be `{comparison}` something",
                        kind.en
                    ),
                    format!(
                        "`{name}`의 값은 {}이므로 `{comparison}`(으)로 비교할 수 없습니다",
                        kind.ko
                    ),
                ),
            )
            .label(Text::new("has no answer", "비교할 수 없음"))
            .help(Text::new(
                format!("use {instead}"),
                format!("대신 쓸 수 있는 비교: {instead}"),
            )),
            Self::NoOrder { name, comparison } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("the choices of `{name}` are in no order, so it cannot be `{comparison}` one of them"),
                    format!("`{name}`의 값에는 순서가 없어 `{comparison}`(으)로 비교할 수 없습니다"),
                ),
            )
            .label(Text::new("has no answer", "비교할 수 없음"))
            .help(Text::new(
                "if they are written from the lowest to the highest, add `, lowest first` after the last; \
                 otherwise use `is` or `is one of`",
                "낮은 것부터 적었다면 마지막 값 뒤에 `, lowest first`를 붙이고, 아니면 `is`나 `is one of`를 쓰세요",
            )),
            Self::WhoseItem { element } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{element}` does not say of which event"),
                    format!("`{element}`이(가) 어느 이벤트의 것인지 알 수 없습니다"),
                ),
            )
            .label(Text::new("of which event?", "어느 이벤트?"))
            .help(Text::new(
                format!("write the event before it, as in `any order_placed.{element} where ( … )`"),
                format!("`any order_placed.{element} where ( … )`처럼 앞에 이벤트를 쓰세요"),
            )),
            Self::NotSummable { name, kind } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` holds {}, which cannot be added up", kind.en),
                    format!("`{name}`의 값은 {}이므로 더할 수 없습니다", kind.ko),
                ),
            )
            .label(Text::new("no number", "숫자가 아님"))
            .help(Text::new(
                "use a field that holds a number or money, or count with `number of different …`",
                "숫자나 금액 필드를 쓰거나 `number of different …`로 세세요",
            )),
            Self::EmptyRange => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "nothing lies between these two: the first is larger than the second",
                    "첫 값이 둘째 값보다 커서 그 사이에 아무것도 없습니다",
                ),
            )
            .help(Text::new(
                "write the smaller one first",
                "작은 값을 먼저 쓰세요",
            )),
            Self::NoTimes => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "everyone did this at least 0 times",
                    "0번 이상은 누구나 해당합니다",
                ),
            )
            .help(Text::new(
                "write at least 1, or `never did …`",
                "1 이상을 쓰거나 `never did …`를 쓰세요",
            )),
            Self::TooMany { most } => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    format!("at most {most} can be counted per person"),
                    format!("한 사람당 {most}개까지만 셀 수 있습니다"),
                ),
            )
            .help(Text::new("write a smaller number", "더 작은 수를 쓰세요")),
            Self::NotAField { event } => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    format!("inside `where ( … )` only the fields of `{event}` can be asked for"),
                    format!("`where ( … )` 안에서는 `{event}`의 필드만 물을 수 있습니다"),
                ),
            )
            .label(Text::new("about the person", "사람에 대한 조건"))
            .help(Text::new(
                "put it after the closing parenthesis: `… and …`",
                "닫는 괄호 뒤에 `and …`로 옮기세요",
            )),
            Self::NotHappened { event } => Problem::new(
                codes::EVENT_MAY_NOT_HAVE_HAPPENED,
                at,
                Text::new(
                    format!("`{event}` may not have happened when this is read"),
                    format!("이 시점에는 `{event}` 이벤트가 일어나지 않았을 수 있습니다"),
                ),
            )
            .label(Text::new("perhaps there is none", "없을 수 있음"))
            .help(Text::new(
                format!(
                    "its fields are known where it starts the journey (`enter when {event}`) and inside `on {event} {{ … }}`"
                ),
                format!(
                    "이 필드는 여정을 시작한 이벤트일 때(`enter when {event}`)와 `on {event} {{ … }}` 안에서만 알 수 있습니다"
                ),
            )),
            Self::NotHours => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "`now` can only be inside or outside of opening hours",
                    "`now`는 영업시간의 안인지 밖인지만 물을 수 있습니다",
                ),
            )
            .help(Text::new(
                "write `now is inside <hours>`",
                "`now is inside <영업시간>`처럼 쓰세요",
            )),
            Self::RunInCounted { event } => crate::values::left_out(
                at,
                Text::new(
                    format!("past events are counted for all runs alike: of those with a value of `{event}`, `<field> is <{event}.field>` alone can be asked"),
                    format!("지난 이벤트는 모든 실행에 대해 똑같이 셉니다. `{event}`의 값으로는 `<필드> is <{event}.필드>`처럼 같은지만 물을 수 있습니다"),
                ),
                Text::new(
                    "ask for the same value, joined by `and` with what compares with constants; or use `goal`, `exit when` or `wait up to … { on … }`, which can compare in any way",
                    "값이 같은지를 묻고 나머지는 상수와 비교해 `and`로 이으세요. 다르게 비교하려면 `goal`, `exit when`, `wait up to … { on … }`를 쓰세요",
                ),
            ),
            Self::NotATime { name, kind } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` holds {}, and a date is needed here", kind.en),
                    format!("`{name}`의 값은 {}인데, 여기에는 날짜가 와야 합니다", kind.ko),
                ),
            )
            .label(Text::new("no date", "날짜가 아님"))
            .help(Text::new(
                "use a field that holds a date or a moment, or `<offer>.expires`",
                "날짜나 시각이 있는 필드 또는 `<혜택>.expires`를 쓰세요",
            )),
            Self::DifferentTypes { left, right } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("{} is compared with {}", left.en, right.en),
                    format!(
                        "{} {} 비교합니다",
                        josa(&left.ko, ("을", "를")),
                        josa(&right.ko, ("과", "와"))
                    ),
                ),
            )
            .label(Text::new(right.en.clone(), right.ko.clone()))
            .help(Text::new(
                "compare things of the same type",
                "같은 종류의 값끼리 비교하세요",
            )),
        }
    }
}

fn mixed(at: Location, first: Location, example: Option<(Text, bool)>) -> Problem {
    let problem = Problem::new(
        codes::MIXED_AND_OR,
        at,
        Text::new(
            "`and` and `or` stand side by side, which can be read in two ways",
            "`and`와 `or`가 괄호 없이 섞여 있어 두 가지로 읽힙니다",
        ),
    )
    .label(Text::new("the other word", "다른 연결어"))
    .other(first, Text::new("the first word", "첫 연결어"));
    let (en, ko) = match example {
        None => (String::new(), String::new()),
        Some((who, and_first)) => {
            let word = if and_first { "and" } else { "or" };
            (
                format!(
                    "; a person with {} fits only where `{word}` binds first",
                    who.en
                ),
                format!(
                    ". 예를 들어 {}인 사람은 `{word}`를 먼저 묶을 때만 해당합니다",
                    who.ko
                ),
            )
        }
    };
    problem.help(Text::new(
        format!("put parentheses around what belongs together: `(a and b) or c`, or `a and (b or c)`{en}"),
        format!("함께 묶을 것에 괄호를 치세요: `(a and b) or c` 또는 `a and (b or c)`{ko}"),
    ))
}
