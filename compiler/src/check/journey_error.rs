//! What can be wrong with when and how often a journey does something.

use journey_ir as ir;
use journey_ir::Channel;

use super::span;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::korean_span;

/// A journey that does not do what was meant, at the time at which it was meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JourneyError {
    /// `send email x`, and the same again two days later.
    Twice {
        template: String,
        /// Milliseconds between the two at least.
        gap: i64,
        first: Location,
    },
    /// An offer a day after the cart, whatever happened to the cart.
    Unstopped { event: String, wait: Location },
    /// `wait up to 7 days for review_written`, and then the reminder to write one.
    EitherWay { event: String, wait: Location },
    /// A message on day 12 of a goal within 7 days.
    AfterGoal {
        /// Milliseconds after the entry.
        reached: i64,
        within: ir::Span,
        goal: Location,
    },
    /// A coupon of 14 days in a message of day 15.
    Expired {
        offer: String,
        valid: ir::Span,
        /// Milliseconds since it was issued, at least.
        passed: i64,
    },
    /// `wait until 2 days before welcome10.expires`, where nobody has it.
    NotIssued { offer: String },
    /// A second advertisement three hours after the first, with a cap of one a day.
    AlwaysCapped {
        /// Milliseconds between the two at most.
        within: i64,
        at_most: u32,
        per: ir::Span,
        first: Location,
    },
    /// `exit when x` where the same starts a new run.
    StartsAgain { enter: Location },
    /// `exit when joins s` where everyone who enters is in it.
    AlreadySo { enter: Location },
    /// A goal that only the event that started the run could be.
    OwnGoal { event: String },
    /// `between 22:00 and 23:00`, inside quiet hours.
    NeverSent { policy: String, rule: Location },
    /// More messages for one person than a cap lets through.
    Dropped {
        at_most: u32,
        per: ir::Span,
        journeys: Vec<(String, Location)>,
        /// How many each of them sends.
        counts: Vec<usize>,
        person: Text,
    },
    /// Many messages at the end of the quiet hours.
    Bunched {
        together: usize,
        at: ir::Clock,
        journeys: Vec<(String, Location)>,
        person: Text,
    },
    /// `wait 5 minutes`, then `if did purchase …`, where a purchase may arrive ten minutes late.
    AskedTooSoon {
        event: String,
        wait: ir::Span,
        late: ir::Span,
        asked: Location,
    },
    /// Advertising at night, without asking.
    Night { channel: Channel },
    /// `set plan to Basic` in a journey that `plan` changing to Premium starts, and the other way round in another.
    GoRound {
        names: Vec<String>,
        /// The steps that start a journey, with its name.
        starts: Vec<(Location, String)>,
        person: Text,
    },
}

impl JourneyError {
    /// The problem at the step or line that is to blame.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::Twice {
                template,
                gap,
                first,
            } => twice(&template, gap, first, at),
            Self::Unstopped { event, wait } => Problem::new(
                codes::UNSTOPPED,
                at,
                Text::new(
                    format!("people who `{event}` during the wait still get this advertisement"),
                    format!("기다리는 동안 `{event}` 이벤트가 생긴 사람도 이 광고를 받습니다"),
                ),
            )
            .label(Text::new("still sent", "그래도 보냄"))
            .other(wait, Text::new("nothing is heard here", "여기에서는 아무것도 듣지 않음"))
            .help(Text::new(
                format!("write `goal {event} within …` under `enter`: it ends the run at once"),
                format!("`enter` 아래에 `goal {event} within …`을 쓰세요. 그 이벤트가 오면 바로 끝납니다"),
            )),
            Self::EitherWay { event, wait } => Problem::new(
                codes::EITHER_WAY,
                at,
                Text::new(
                    format!("people who did `{event}` during the wait get this too"),
                    format!("기다리는 동안 `{event}` 이벤트가 생긴 사람도 이 메시지를 받습니다"),
                ),
            )
            .label(Text::new("sent either way", "어느 쪽이든 보냄"))
            .other(wait, Text::new("goes on either way", "어느 쪽이든 다음으로 감"))
            .help(Text::new(
                format!("write `on {event} {{ exit }}` and `on timeout {{ … }}` in the braces of `wait up to … {{ }}`; if it is meant for both, write both arms with nothing in them"),
                format!("`wait up to … {{ }}` 안에 `on {event} {{ exit }}`와 `on timeout {{ … }}`를 쓰세요. 모두에게 보내려던 것이면 두 갈래를 비워 두세요"),
            )),
            Self::AfterGoal {
                reached,
                within,
                goal,
            } => {
                let (en, ko) = span::words(reached);
                Problem::new(
                    codes::AFTER_GOAL,
                    at,
                    Text::new(
                        format!("this goes out {en} after the entry at the earliest, when the goal of {within} no longer counts"),
                        format!("이 메시지는 빨라야 시작하고 {ko} 뒤에 나가는데, 목표는 {}까지만 셉니다", korean_span(within)),
                    ),
                )
                .label(Text::new("too late for the goal", "목표 기간이 지남"))
                .other(goal, Text::new("counts until then", "여기까지 셈"))
                .help(Text::new(
                    "give the goal more time, or send this earlier",
                    "목표 기간을 늘리거나 더 일찍 보내세요",
                ))
            }
            Self::Expired {
                offer,
                valid,
                passed,
            } => {
                let (en, ko) = span::words(passed);
                Problem::new(
                    codes::OFFER_OVER,
                    at,
                    Text::new(
                        format!("`{offer}` lasts {valid}, and this comes {en} after it was issued or later"),
                        format!("`{offer}`의 기간은 {}인데, 여기는 빨라야 발급하고 {ko} 뒤입니다", korean_span(valid)),
                    ),
                )
                .label(Text::new("over by then", "이미 끝남"))
                .help(Text::new(
                    format!("wait less, wait until some days before `{offer}.expires`, or let the offer last longer"),
                    format!("덜 기다리거나, `{offer}.expires` 며칠 전까지만 기다리거나, 기간을 늘리세요"),
                ))
            }
            Self::NotIssued { offer } => Problem::new(
                codes::OFFER_OVER,
                at,
                Text::new(
                    format!("nobody has `{offer}` here yet, so this does not wait at all"),
                    format!("아직 아무도 `{offer}`을(를) 받지 않았으므로 기다리지 않습니다"),
                ),
            )
            .label(Text::new("not issued yet", "아직 발급되지 않음"))
            .help(Text::new(
                format!("send a message with `{offer}` before it"),
                format!("그 전에 `{offer}`을(를) 담은 메시지를 보내세요"),
            )),
            Self::AlwaysCapped {
                within,
                at_most,
                per,
                first,
            } => {
                let (en, ko) = span::words(within);
                let after = if within == 0 {
                    Text::new("at once after", "앞의 메시지 바로 뒤에")
                } else {
                    Text::new(format!("at most {en} after"), format!("앞의 메시지보다 늦어도 {ko} 뒤에"))
                };
                Problem::new(
                    codes::ALWAYS_CAPPED,
                    at,
                    Text::new(
                        format!("this is always skipped: it comes {} another one, and only {at_most} per {per} may be sent", after.en),
                        format!("이 메시지는 늘 건너뜁니다. {} 나가는데 {}에 {at_most}통까지만 보낼 수 있습니다", after.ko, korean_span(per)),
                    ),
                )
                .label(Text::new("never sent", "보내지 않음"))
                .other(first, Text::new("uses up the cap", "여기에서 상한을 다 씀"))
                .help(Text::new(
                    "wait longer between the two, or leave one out",
                    "둘 사이를 더 띄우거나 하나를 빼세요",
                ))
            }
            Self::StartsAgain { enter } => Problem::new(
                codes::STARTS_AGAIN,
                at,
                Text::new(
                    "what ends the run starts the next one at once",
                    "끝나게 하는 일이 곧바로 다시 시작하게 합니다",
                ),
            )
            .label(Text::new("ends it", "여기에서 끝남"))
            .other(enter, Text::new("and starts it again", "그리고 다시 시작함"))
            .help(Text::new(
                "write `reenter after 1 day` or longer, or another exit",
                "`reenter after 1 day`처럼 사이를 두거나 다른 종료 조건을 쓰세요",
            )),
            Self::AlreadySo { enter } => Problem::new(
                codes::TRUE_AT_ENTRY,
                at,
                Text::new(
                    "everyone who enters is there already, so this happens only to those who leave and come back",
                    "들어오는 사람은 모두 이미 그 상태이므로, 벗어났다가 돌아온 사람에게만 일어납니다",
                ),
            )
            .label(Text::new("true at entry", "시작할 때 이미 그러함"))
            .other(enter, Text::new("enters only people who are", "이미 그런 사람만 들어옴"))
            .help(Text::new(
                "write what takes them out, such as `leaves …` or the next stage",
                "`leaves …`나 다음 단계처럼 벗어나는 일을 쓰세요",
            )),
            Self::OwnGoal { event } => Problem::new(
                codes::TRUE_AT_ENTRY,
                at,
                Text::new(
                    format!("only the `{event}` that started the run could be this goal, and that one does not count"),
                    format!("이 목표에 맞는 `{event}`은(는) 시작하게 한 그 이벤트뿐인데, 그것은 세지 않습니다"),
                ),
            )
            .label(Text::new("never reached", "이룰 수 없음"))
            .help(Text::new(
                "write the event that is hoped for",
                "바라는 이벤트를 쓰세요",
            )),
            Self::NeverSent { policy, rule } => Problem::new(
                codes::NO_HOUR_LEFT,
                at,
                Text::new(
                    format!("this is never sent: its hours lie inside the quiet hours of `{policy}`"),
                    format!("이 메시지는 나가지 않습니다. 보낼 시간이 `{policy}`의 조용한 시간 안에 있습니다"),
                ),
            )
            .label(Text::new("no time is left", "남는 시간이 없음"))
            .other(rule, Text::new("quiet then", "이때는 보내지 않음"))
            .help(Text::new(
                "choose hours outside of them",
                "그 밖의 시간을 고르세요",
            )),
            Self::Dropped {
                at_most,
                per,
                journeys,
                counts,
                person,
            } => dropped((at_most, per), (&journeys, &counts), &person, at),
            Self::Bunched {
                together,
                at: clock,
                journeys,
                person,
            } => bunched((together, clock), &journeys, &person, at),
            Self::AskedTooSoon {
                event,
                wait,
                late,
                asked,
            } => Problem::new(
                codes::SETTLES_TOO_LATE,
                at,
                Text::new(
                    format!("this waits {wait} and then asks for `{event}`, which may arrive {late} late"),
                    format!("`{event}` 이벤트는 {}까지 늦게 올 수 있는데 {}만 기다리고 묻습니다", korean_span(late), korean_span(wait)),
                ),
            )
            .label(Text::new("too short to know", "알기에는 너무 짧음"))
            .other(asked, Text::new("asked for here", "여기에서 물음"))
            .help(Text::new(
                format!("wait at least {late}, or make `{event}` arrive faster"),
                format!("{} 이상 기다리거나, `{event}`의 `arrives within`을 줄이세요", korean_span(late)),
            )),
            Self::Night { channel } => night(channel, at),
            Self::GoRound {
                names,
                starts,
                person,
            } => go_round(&names, starts, &person, at),
        }
    }
}

fn twice(template: &str, gap: i64, first: Location, at: Location) -> Problem {
    let message = if gap == 0 {
        Text::new(
            format!("`{template}` is sent twice with nothing between"),
            format!("`{template}`을(를) 사이를 두지 않고 두 번 보냅니다"),
        )
    } else {
        let (en, ko) = span::words(gap);
        Text::new(
            format!("one person can get `{template}` twice, {en} apart"),
            format!("한 사람이 `{template}`을(를) {ko} 사이에 두 번 받을 수 있습니다"),
        )
    };
    Problem::new(codes::SENT_TWICE, at, message)
        .label(Text::new("the second time", "두 번째"))
        .other(first, Text::new("the first time", "첫 번째"))
        .help(Text::new(
            "write another template for the second time, or leave one out",
            "두 번째에는 다른 템플릿을 쓰거나 하나를 빼세요",
        ))
}

fn night(channel: Channel, at: Location) -> Problem {
    Problem::new(
        codes::NIGHT,
        at,
        Text::new(
            format!("advertising by {channel} from 21:00 to 08:00 takes a consent of its own in Korea, and nothing keeps this out of the night"),
            format!("한국에서 밤 9시부터 아침 8시까지 {channel} 광고에는 별도 동의가 필요한데, 밤에 나가지 않게 막는 것이 없습니다"),
        ),
    )
    .label(Text::new("may go out at night", "밤에 나갈 수 있음"))
    .help(Text::new(
        "add `no advertising messages from 21:00 to 08:00 except email, then wait` to a policy, or `between 08:00 and 21:00` to this step",
        "정책에 `no advertising messages from 21:00 to 08:00 except email, then wait`를 넣거나, 이 단계에 `between 08:00 and 21:00`을 쓰세요",
    ))
}

fn dropped(
    (at_most, per): (u32, ir::Span),
    (journeys, counts): (&[(String, Location)], &[usize]),
    person: &Text,
    at: Location,
) -> Problem {
    let n: usize = counts.iter().sum();
    let list = if counts.iter().all(|it| *it == 1) {
        list(journeys)
    } else {
        let counted = journeys.iter().zip(counts).take(MOST_NAMED);
        let counted: Vec<String> = counted
            .map(|((name, _), n)| format!("`{name}` {n}"))
            .collect();
        let more = if journeys.len() > MOST_NAMED {
            ", …"
        } else {
            ""
        };
        format!("{}{more}", counted.join(", "))
    };
    let example = example(person);
    let problem = Problem::new(
        codes::OVER_CAP,
        at,
        Text::new(
            format!("one person can be due {n} messages in {per}, from {list}; the cap lets {at_most} through, and which is left to chance{}", example.en),
            format!("한 사람이 {} 안에 {n}통({list})을 받을 차례가 될 수 있는데, 그중 어느 {at_most}통이 나갈지는 우연에 달렸습니다{}", korean_span(per), example.ko),
        ),
    )
    .label(Text::new("drops the others", "나머지는 버려짐"))
    .help(Text::new(
        "give the more important journeys a higher `priority`, keep people of one out of another with `and not in …`, or write `then wait` to drop none",
        "중요한 여정에 더 높은 `priority`를 주거나, `and not in …`으로 서로 겹치지 않게 하거나, 버리지 않으려면 `then wait`로 쓰세요",
    ));
    with_journeys(problem, journeys)
}

fn bunched(
    (together, clock): (usize, ir::Clock),
    journeys: &[(String, Location)],
    person: &Text,
    at: Location,
) -> Problem {
    let list = list(journeys);
    let example = example(person);
    let problem = Problem::new(
        codes::BUNCHED,
        at,
        Text::new(
            format!("up to {together} messages for one person are let go together at {clock}, from {list}{}", example.en),
            format!("{clock}에 한 사람에게 메시지가 {together}통까지 한꺼번에 나갑니다({list}){}", example.ko),
        ),
    )
    .label(Text::new("held until then", "그때까지 모아 둠"))
    .help(Text::new(
        "add a cap such as `at most 1 advertising message per 1 day, then wait`",
        "`at most 1 advertising message per 1 day, then wait` 같은 상한을 더하세요",
    ));
    with_journeys(problem, journeys)
}

fn go_round(
    names: &[String],
    starts: Vec<(Location, String)>,
    person: &Text,
    at: Location,
) -> Problem {
    let example = example(person);
    let message = if let [only] = names {
        Text::new(
            format!(
                "`{only}` starts itself again within a day, and again{}",
                example.en
            ),
            format!(
                "`{only}`이(가) 하루 안에 스스로를 거듭 다시 시작하게 합니다{}",
                example.ko
            ),
        )
    } else {
        let round = names.iter().chain(names.first());
        let shown = round
            .map(|it| format!("`{it}`"))
            .collect::<Vec<_>>()
            .join(" → ");
        Text::new(
            format!(
                "journeys start each other again and again within a day: {shown}{}",
                example.en
            ),
            format!(
                "여정들이 하루 안에 서로를 거듭 다시 시작하게 합니다: {shown}{}",
                example.ko
            ),
        )
    };
    let problem = Problem::new(codes::GO_ROUND, at, message.with_particles())
        .label(Text::new(
            "begins here, and again",
            "여기에서 시작하고 또 시작함",
        ))
        .help(Text::new(
            "write `reenter after 1 day` or longer in one of them, or take out what leads back",
            "그중 하나에 `reenter after 1 day`처럼 사이를 두거나, 되돌아가게 하는 단계를 빼세요",
        ));
    starts
        .into_iter()
        .take(MOST_NAMED)
        .fold(problem, |problem, (at, name)| {
            let words = Text::new(
                format!("starts `{name}`"),
                format!("`{name}`을(를) 시작하게 함"),
            );
            problem.other(at, words.with_particles())
        })
}

/// The most journeys that are named in one report.
const MOST_NAMED: usize = 6;

fn list(journeys: &[(String, Location)]) -> String {
    let first = journeys.iter().take(MOST_NAMED);
    let names: Vec<String> = first.map(|(name, _)| format!("`{name}`")).collect();
    let more = if journeys.len() > MOST_NAMED {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", names.join(", "))
}

fn with_journeys(problem: Problem, journeys: &[(String, Location)]) -> Problem {
    journeys.iter().take(2).fold(problem, |problem, (_, at)| {
        problem.other(*at, Text::new("one of them", "그중 하나"))
    })
}

/// The example person at the end of a sentence, where there is anything to tell of them.
fn example(person: &Text) -> Text {
    if person.en.is_empty() {
        return Text::new("", "");
    }
    Text::new(
        format!(" (for example: {})", person.en),
        format!(" (예: {})", person.ko),
    )
}
