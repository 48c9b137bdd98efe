//! What can be wrong with a funnel, a KPI or an audience.

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// Something that cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MeasureError {
    /// `funnel a { 획득 when signed_up }`.
    TooFewStages { name: String },
    /// `획득 when signed_up within 3 days` as the first stage.
    FirstStageWithin,
    /// `유지 when purchase exactly 2 times`.
    NotAtLeast,
    /// `kpi a { every week }`.
    KpiLacks { name: String, word: &'static str },
    /// `measure purchase / 획득`.
    NotCounted { name: String },
    /// `measure 구매 / 획득`, and two funnels have a stage `구매`.
    SeveralStages { name: String, funnels: Vec<String> },
    /// `every hour`.
    NoPeriod,
    /// `target at least 5`.
    NotPercent,
    /// `target is known`.
    NotAThreshold,
    /// `alert crm.create_lead when …`, which needs an owner.
    AlertCannotTell {
        action: String,
        input: String,
        told: String,
    },
    /// `audience a { sync to meta }`.
    AudienceLacks { name: String, line: &'static str },
    /// An audience without `needs consent`.
    NoAudienceConsent { name: String },
    /// `needs consent marketing`, which is for e-mail only.
    ConsentWithoutNetwork { consent: String, network: String },
    /// `match by birthday`.
    NotMatchable { name: String },
}

impl MeasureError {
    /// The problem at a place.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::TooFewStages { name } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("the funnel `{name}` leads nowhere: it needs two stages at least"),
                    format!("퍼널 `{name}`에는 단계가 둘 이상 있어야 합니다"),
                ),
            )
            .help(Text::new(
                "add a stage: `activated when purchase within 14 days`",
                "단계를 더하세요: `활성화 when purchase within 14 days`",
            )),
            Self::FirstStageWithin => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "`within` counts from the first stage, and this is the first stage",
                    "`within`은 첫 단계부터 세는데, 이것이 첫 단계입니다",
                ),
            )
            .help(Text::new(
                "take it out here, or move it to a later stage",
                "여기에서는 빼거나 뒤 단계로 옮기세요",
            )),
            Self::NotAtLeast => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "a stage is reached by what happens, so only `at least` can be counted",
                    "단계는 일어난 일로 도달하므로 `at least`로만 셀 수 있습니다",
                ),
            )
            .help(Text::new("write `at least 2 times`", "`at least 2 times`처럼 쓰세요")),
            Self::KpiLacks { name, word } => kpi_lacks(&name, word, at),
            Self::NotCounted { name } => Problem::new(
                codes::WRONG_KIND,
                at,
                Text::new(
                    format!("`{name}` is nothing that a KPI counts"),
                    format!("`{name}`은(는) KPI가 셀 수 있는 것이 아닙니다"),
                ),
            )
            .help(Text::new(
                "count a funnel's stage, `journey.entered`, `journey.goal`, `journey.sent`, `journey.reason`, a \
                 segment, an audience or `lifecycle.stage`",
                "퍼널의 단계, `여정.entered`, `여정.goal`, `여정.sent`, `여정.종료사유`, 세그먼트, 광고 대상, \
                 `라이프사이클.단계` 중 하나를 쓰세요",
            )),
            Self::SeveralStages { name, funnels } => {
                let ways = funnels.iter().map(|funnel| format!("`{funnel}.{name}`"));
                let ways = ways.collect::<Vec<_>>().join(", ");
                Problem::new(
                    codes::WRONG_KIND,
                    at,
                    Text::new(
                        format!("several funnels have a stage `{name}`"),
                        format!("단계 `{name}`이(가) 여러 퍼널에 있습니다"),
                    ),
                )
                .help(Text::new(
                    format!("say which: {ways}"),
                    format!("어느 것인지 쓰세요: {ways}"),
                ))
            }
            Self::NoPeriod => Problem::new(
                codes::UNKNOWN_UNIT,
                at,
                Text::new(
                    "a KPI is worked out every day, week or month",
                    "KPI는 매일, 매주, 매월 계산합니다",
                ),
            )
            .help(Text::new(
                "write `every day`, `every week` or `every month`",
                "`every day`, `every week`, `every month` 중 하나를 쓰세요",
            )),
            Self::NotPercent => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "a KPI is a share, so it is compared with a percentage",
                    "KPI는 비율이므로 퍼센트와 비교합니다",
                ),
            )
            .help(Text::new("write it as `25%`", "`25%`처럼 쓰세요")),
            Self::NotAThreshold => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    "a KPI can be over or under a percentage, and nothing else",
                    "KPI는 퍼센트보다 크거나 작은지만 물을 수 있습니다",
                ),
            )
            .help(Text::new(
                "write `at least 25%` or `under 20%`",
                "`at least 25%`나 `under 20%`처럼 쓰세요",
            )),
            Self::AlertCannotTell {
                action,
                input,
                told,
            } => Problem::new(
                codes::MISSING_ARGUMENT,
                at,
                Text::new(
                    format!("`{action}` needs `{input}`, which an alert cannot tell"),
                    format!("`{action}`에 필요한 `{input}`을(를) 알림은 줄 수 없습니다"),
                ),
            )
            .help(Text::new(
                format!("use an action whose inputs are among `{told}`"),
                format!("입력이 `{told}` 안에 있는 동작을 쓰세요"),
            )),
            Self::AudienceLacks { name, line } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("the audience `{name}` has no line `{line}`"),
                    format!("광고 대상 `{name}`에 `{line}` 줄이 없습니다"),
                ),
            )
            .help(Text::new(format!("add `{line}`"), format!("`{line}`을(를) 더하세요"))),
            Self::NoAudienceConsent { name } => Problem::new(
                codes::AUDIENCE_CONSENT,
                at,
                Text::new(
                    format!("nobody in the audience `{name}` is asked whether networks may be told of them"),
                    format!("광고 대상 `{name}`의 사람들이 광고 네트워크 제공에 동의했는지 확인하지 않습니다"),
                ),
            )
            .help(Text::new(
                "add `needs consent ads`, and a consent for the networks: `consent ads { for meta, google }`",
                "`needs consent ads`와 동의 선언 `consent ads { for meta, google }`을 더하세요",
            )),
            Self::ConsentWithoutNetwork { consent, network } => Problem::new(
                codes::AUDIENCE_CONSENT,
                at,
                Text::new(
                    format!("the consent `{consent}` says nothing of `{network}`, so nobody has agreed to it"),
                    format!("동의 `{consent}`에 `{network}`이(가) 없어서 여기에 동의한 사람이 없습니다"),
                ),
            )
            .help(Text::new(
                format!("name it in the consent: `consent {consent} {{ for {network} }}`"),
                format!("동의에 적으세요: `consent {consent} {{ for {network} }}`"),
            )),
            Self::NotMatchable { name } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("networks do not recognise people by `{name}`"),
                    format!("광고 네트워크는 `{name}`(으)로 사람을 알아보지 못합니다"),
                ),
            )
            .help(Text::new(
                "match by an attribute that holds an e-mail address or a phone number",
                "이메일 주소나 전화번호 속성을 쓰세요",
            )),
        }
    }
}

fn kpi_lacks(name: &str, word: &str, at: Location) -> Problem {
    let example = if word == "measure" {
        "measure activated / acquired"
    } else {
        "every week"
    };
    Problem::new(
        codes::MISSING_PART,
        at,
        Text::new(
            format!("the KPI `{name}` has no line `{word} …`"),
            format!("KPI `{name}`에 `{word} …` 줄이 없습니다"),
        ),
    )
    .help(Text::new(
        format!("add one: `{example}`"),
        format!("한 줄을 더하세요: `{example}`"),
    ))
}
