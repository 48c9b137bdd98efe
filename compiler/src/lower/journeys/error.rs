//! What can be wrong with a journey.

use journey_ir as ir;

use crate::codes;
use crate::cron::CronError;
use crate::problem::{Location, Problem, Text};
use crate::values::{korean_span, type_words};

/// A journey that cannot run as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JourneyError {
    /// `journey a { send email x }`.
    NoEntry { name: String },
    /// `one run per …` in a journey that no event starts.
    NoEntryEvent,
    /// `one run per purchase.id` in a journey that another event starts.
    KeyOfAnother { event: String },
    /// `on cron "61 9 * * *"`.
    Cron { error: CronError },
    /// `every month on day 31`.
    NotEveryMonth { day: u32 },
    /// `every month on day 32`.
    NoSuchDay { day: u32 },
    /// `enter on plan at 09:00`, where a plan is no date.
    NoDate { name: String, kind: Text },
    /// `enter 2 hours before renewal_date at 09:00`.
    NoDaysFromDate,
    /// `exit`, and then more.
    Unreachable,
    /// More steps than a journey can have.
    TooManySteps,
    /// `wait up to 3 days for purchase { … }`.
    ForAndArms,
    /// `wait up to 3 days`.
    WaitForNothing,
    /// `wait up to 3 days { on purchase { … } }`.
    NoTimeout,
    /// `wait coupon`, where the parameter is an offer.
    NotALength { name: String },
    /// `wait up to 5 minutes { on purchase … }`, and purchases arrive up to 10 minutes late.
    SettlesLate {
        event: String,
        wait: ir::Span,
        late: ir::Span,
        arm: Location,
    },
    /// `on email.opened`.
    Opens,
    /// `send email x between 09:00 and 09:00`.
    NoHours,
    /// An argument that a template or action needs and the step does not give.
    MissingArgument {
        name: String,
        kind: ir::Type,
        of: String,
    },
    /// A parameter without a default that `run` does not give.
    MissingParameter { name: String, sequence: String },
    /// `sequence a { run a }`.
    RunsItself { name: String },
    /// `choose by sex { 여성 { … } }`.
    MissingArms {
        name: String,
        left: Vec<String>,
        insert: Location,
    },
    /// `choose by name { "a" { … } }` without `otherwise`.
    OpenChoice { name: String, insert: Location },
    /// `missing` of something that always has a value.
    NeverMissing,
    /// A value that an earlier arm takes.
    Shadowed { first: Location },
    /// 45% and 45%, in hundredths.
    SplitSum { shares: Vec<u32> },
    /// `0% a { … }`.
    ShareOutOfRange,
    /// `do slack.post with (text: phone)`.
    Private { name: String, to: String },
    /// `set note to phone`, where `phone` is private and `note` is not.
    PrivateKept { name: String, attribute: String },
}

impl JourneyError {
    /// An argument that is not given.
    pub(super) fn missing_argument(name: &str, kind: &ir::Type, of: &str) -> Self {
        Self::MissingArgument {
            name: name.to_owned(),
            kind: kind.clone(),
            of: of.to_owned(),
        }
    }

    /// The problem at a place.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::NoEntry { name } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("nobody ever enters the journey `{name}`"),
                    format!("여정 `{name}`에 들어오는 사람이 없습니다"),
                ),
            )
            .label(Text::new("no `enter` line", "`enter` 줄이 없음"))
            .help(Text::new(
                "say who enters: `enter when signed_up`, or `enter every week on Monday at 10:00 for everyone`",
                "누가 들어오는지 적으세요: `enter when signed_up` 또는 `enter every week on Monday at 10:00 for everyone`",
            )),
            Self::NoEntryEvent => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    "runs are told apart by a field of the event that starts them, and no event starts this journey",
                    "실행은 시작 이벤트의 필드로 구분하는데, 이 여정은 이벤트로 시작하지 않습니다",
                ),
            )
            .help(Text::new(
                "leave the line out: each person has one run at a time",
                "이 줄을 빼세요. 한 사람에게 한 번에 하나만 실행됩니다",
            )),
            Self::KeyOfAnother { event } => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    format!("runs are told apart by a field of `{event}`, which starts this journey"),
                    format!("실행은 이 여정을 시작하는 `{event}`의 필드로 구분합니다"),
                ),
            )
            .help(Text::new(
                format!("write `one run per {event}.<field>`"),
                format!("`one run per {event}.<필드>`로 쓰세요"),
            )),
            Self::Cron { error } => {
                Problem::new(codes::WRONG_SCHEDULE, at, error.message()).help(error.help())
            }
            Self::NotEveryMonth { day } => Problem::new(
                codes::NOT_EVERY_MONTH,
                at,
                Text::new(
                    format!("not every month has a day {day}; such months are passed over"),
                    format!("{day}일이 없는 달은 건너뜁니다"),
                ),
            )
            .help(Text::new(
                "write `on the last day` for the end of every month",
                "매달 마지막 날이면 `on the last day`로 쓰세요",
            )),
            Self::NoSuchDay { day } => Problem::new(
                codes::WRONG_SCHEDULE,
                at,
                Text::new(
                    format!("no month has a day {day}"),
                    format!("{day}일이 있는 달은 없습니다"),
                ),
            )
            .help(Text::new(
                "write a day from 1 to 31, or `the last day`",
                "1부터 31까지, 또는 `the last day`로 쓰세요",
            )),
            Self::NoDate { name, kind } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` holds {}, and a date is needed here", kind.en),
                    format!("`{name}`의 값은 {}인데, 여기에는 날짜가 와야 합니다", kind.ko),
                ),
            )
            .label(Text::new("no date", "날짜가 아님"))
            .help(Text::new(
                "use an attribute of the contact that holds a date or a moment",
                "날짜나 시각이 있는 contact 속성을 쓰세요",
            )),
            Self::NoDaysFromDate => Problem::new(
                codes::WRONG_SCHEDULE,
                at,
                Text::new(
                    "an entry is days, weeks, months or up to ten years away from its date",
                    "날짜에 맞춘 시작은 며칠, 몇 주, 몇 달 또는 10년까지의 간격으로 씁니다",
                ),
            )
            .help(Text::new(
                "write days, and the time of day after `at`: `1 day before renewal_date at 09:00`",
                "`1 day before renewal_date at 09:00`처럼 날 수를 쓰고 시각은 `at` 뒤에 쓰세요",
            )),
            Self::Unreachable => Problem::new(
                codes::UNREACHABLE_STEP,
                at,
                Text::new(
                    "nobody gets here: everyone has left the journey before",
                    "모두 앞에서 여정을 떠나므로 여기에 오는 사람이 없습니다",
                ),
            )
            .label(Text::new("never reached", "아무도 오지 않음"))
            .help(Text::new(
                "remove these steps, or the `exit` before them",
                "이 단계들이나 앞의 `exit`를 지우세요",
            )),
            Self::TooManySteps => Problem::new(
                codes::TOO_MUCH,
                at,
                Text::new(
                    format!("a journey has at most {} steps, with its sequences laid out", super::flow::MOST_STEPS),
                    format!("여정의 단계는 시퀀스를 펼쳐서 {}개까지입니다", super::flow::MOST_STEPS),
                ),
            )
            .help(Text::new(
                "run fewer sequences inside of sequences",
                "시퀀스 안의 시퀀스를 줄이세요",
            )),
            Self::ForAndArms => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "an event after `for` and arms cannot stand together",
                    "`for` 뒤의 이벤트와 `{ on … }`은 함께 쓸 수 없습니다",
                ),
            )
            .help(Text::new(
                "make it an arm: `on <event> { … }`",
                "`on <이벤트> { … }`로 옮기세요",
            )),
            Self::WaitForNothing => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    "this waits for nothing: no event ends it early",
                    "기다릴 이벤트가 없습니다",
                ),
            )
            .help(Text::new(
                "write `wait up to … for <event>`, arms `{ on … on timeout … }`, or plain `wait …`",
                "`wait up to … for <이벤트>`, `{ on … on timeout … }`, 또는 그냥 `wait …`로 쓰세요",
            )),
            Self::NoTimeout => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    "it is not said what happens when nothing does",
                    "아무 일도 없을 때 무엇을 할지 적혀 있지 않습니다",
                ),
            )
            .label(Text::new("no `on timeout`", "`on timeout` 없음"))
            .help(Text::new(
                "add an arm: `on timeout { … }`, which may be empty",
                "`on timeout { … }`을 추가하세요. 비어 있어도 됩니다",
            )),
            Self::NotALength { name } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` is no length of time"),
                    format!("`{name}`: 기간이 아닙니다"),
                ),
            )
            .help(Text::new(
                format!("declare the parameter as `{name}: duration`"),
                format!("매개변수를 `{name}: duration`으로 선언하세요"),
            )),
            Self::SettlesLate {
                event,
                wait,
                late,
                arm,
            } => Problem::new(
                codes::SETTLES_TOO_LATE,
                at,
                Text::new(
                    format!("this waits {wait} for `{event}`, which may arrive {late} late"),
                    format!(
                        "`{event}` 이벤트는 {}까지 늦게 올 수 있는데 {}만 기다립니다",
                        korean_span(late),
                        korean_span(wait)
                    ),
                ),
            )
            .label(Text::new("too short to know", "알기에는 너무 짧음"))
            .other(arm, Text::new("waited for here", "여기에서 기다림"))
            .help(Text::new(
                format!("wait at least {late}, or make `{event}` arrive faster"),
                format!(
                    "{} 이상 기다리거나, `{event}`의 `arrives within`을 줄이세요",
                    korean_span(late)
                ),
            )),
            Self::Opens => Problem::new(
                codes::OPENS,
                at,
                Text::new(
                    "whether a mail was opened cannot be known: mail programs open mails by themselves, or never tell",
                    "메일을 열었는지는 알 수 없습니다. 메일 앱이 스스로 열기도 하고 알리지 않기도 합니다",
                ),
            )
            .help(Text::new(
                "decide by `email.clicked`, or by what people do afterwards",
                "`email.clicked`나 그 뒤의 행동으로 판단하세요",
            ))
            .fix(at, "email.clicked"),
            Self::NoHours => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new(
                    "these hours begin and end at the same time",
                    "시작 시각과 끝 시각이 같습니다",
                ),
            )
            .help(Text::new(
                "write a later end",
                "더 늦은 끝 시각을 쓰세요",
            )),
            Self::MissingArgument { name, kind, of } => Problem::new(
                codes::MISSING_ARGUMENT,
                at,
                Text::new(
                    format!("`{of}` needs `{name}`, {}", type_words(&kind).en),
                    format!("`{of}`에는 `{name}`({})이(가) 필요합니다", type_words(&kind).ko),
                ),
            )
            .help(Text::new(
                format!("add `with ({name}: …)`"),
                format!("`with ({name}: …)`를 추가하세요"),
            )),
            Self::MissingParameter { name, sequence } => Problem::new(
                codes::MISSING_ARGUMENT,
                at,
                Text::new(
                    format!("the sequence `{sequence}` needs `{name}`"),
                    format!("시퀀스 `{sequence}`에는 `{name}`이(가) 필요합니다"),
                ),
            )
            .help(Text::new(
                format!("write `run {sequence}({name}: …)`, or give the parameter a default"),
                format!("`run {sequence}({name}: …)`로 쓰거나, 매개변수에 기본값을 주세요"),
            )),
            Self::RunsItself { name } => Problem::new(
                codes::CIRCULAR,
                at,
                Text::new(
                    format!("the sequence `{name}` runs itself"),
                    format!("시퀀스 `{name}`이(가) 자기 자신을 실행합니다"),
                ),
            )
            .label(Text::new("back to where it came from", "처음으로 돌아감"))
            .help(Text::new(
                "remove this `run`; a journey ends",
                "이 `run`을 지우세요. 여정에는 끝이 있어야 합니다",
            )),
            Self::MissingArms { name, left, insert } => missing_arms(&name, &left, insert, at),
            Self::OpenChoice { name, insert } => Problem::new(
                codes::MISSING_ARM,
                at,
                Text::new(
                    format!("`{name}` can be anything, and not every value has an arm"),
                    format!("`{name}`에는 어떤 값이든 올 수 있는데, 모든 값을 받지는 않습니다"),
                ),
            )
            .help(Text::new(
                "add `otherwise { … }`",
                "`otherwise { … }`를 추가하세요",
            ))
            .fix(insert, "\notherwise { }"),
            Self::NeverMissing => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "a lifecycle is never missing: everyone is in one stage",
                    "라이프사이클에는 빈 값이 없습니다. 누구나 한 단계에 있습니다",
                ),
            )
            .help(Text::new("remove `missing`", "`missing`을 지우세요")),
            Self::Shadowed { first } => Problem::new(
                codes::SHADOWED_ARM,
                at,
                Text::new(
                    "nobody gets here by this value: an earlier arm takes it",
                    "앞의 갈래가 이 값을 이미 받습니다",
                ),
            )
            .label(Text::new("taken above", "위에서 받음"))
            .other(first, Text::new("taken here", "여기에서 받음"))
            .help(Text::new("remove one of the two", "둘 중 하나를 지우세요")),
            Self::SplitSum { shares } => split_sum(&shares, at),
            Self::ShareOutOfRange => Problem::new(
                codes::SPLIT_SUM,
                at,
                Text::new(
                    "a share is from 0.01% to 100%, with at most two decimal places",
                    "비율은 0.01%부터 100%까지, 소수점 아래 두 자리까지입니다",
                ),
            )
            .help(Text::new("write another share", "다른 비율을 쓰세요")),
            Self::PrivateKept { name, attribute } => Problem::new(
                codes::PRIVATE_DATA,
                at,
                Text::new(
                    format!("`{name}` is private and `{attribute}` is not, so whoever may know `{attribute}` would be told `{name}`"),
                    format!("`{name}`은(는) 개인정보인데 `{attribute}`은(는) 아니므로, `{attribute}`을(를) 볼 수 있는 곳에 `{name}`이(가) 나갑니다"),
                ),
            )
            .label(Text::new("private", "개인정보"))
            .help(Text::new(
                format!("declare `{attribute}` as `private` too, or set it to something else"),
                format!("`{attribute}`도 `private`으로 선언하거나 다른 값을 넣으세요"),
            )),
            Self::Private { name, to } => Problem::new(
                codes::PRIVATE_DATA,
                at,
                Text::new(
                    format!("`{name}` is private and would go to `{to}`, which is not allowed it"),
                    format!("`{name}`은(는) 개인정보인데, 허용되지 않은 `{to}`(으)로 나갑니다"),
                ),
            )
            .label(Text::new("private", "개인정보"))
            .help(Text::new(
                format!("leave it out, or allow it in journey.toml: `private_data = [\"{name}\"]` of that action"),
                format!("빼거나, journey.toml의 그 동작에 `private_data = [\"{name}\"]`로 허용하세요"),
            )),
        }
    }
}

fn missing_arms(name: &str, left: &[String], insert: Location, at: Location) -> Problem {
    let list = left.join("`, `");
    let keys = left.join(", ");
    let verb = if left.len() == 1 { "has" } else { "have" };
    Problem::new(
        codes::MISSING_ARM,
        at,
        Text::new(
            format!("`{list}` of `{name}` {verb} no arm"),
            format!("`{name}`의 `{list}`을(를) 받는 갈래가 없습니다"),
        ),
    )
    .label(Text::new(
        "not all values are handled",
        "받지 않는 값이 있음",
    ))
    .help(Text::new(
        format!("add `{keys} {{ … }}`, or `otherwise {{ … }}`"),
        format!("`{keys} {{ … }}` 또는 `otherwise {{ … }}`를 추가하세요"),
    ))
    .fix(insert, format!("\n{keys} {{ }}"))
}

fn split_sum(shares: &[u32], at: Location) -> Problem {
    let percent = |weight: u32| match weight % 100 {
        0 => (weight / 100).to_string(),
        rest => format!("{}.{rest:02}", weight / 100),
    };
    let written: Vec<String> = shares.iter().map(|&it| percent(it)).collect();
    let sum = percent(shares.iter().sum());
    let written = written.join(" + ");
    Problem::new(
        codes::SPLIT_SUM,
        at,
        Text::new(
            format!("the shares do not add up to 100%: {written} = {sum}"),
            format!("비율의 합이 100%가 아닙니다: {written} = {sum}"),
        ),
    )
    .help(Text::new(
        "change a share, or add an arm for the others",
        "비율을 고치거나 나머지를 받는 갈래를 추가하세요",
    ))
}
