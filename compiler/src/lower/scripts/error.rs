//! What can be wrong with a test.

use journey_ir as ir;

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::type_words;

/// A test that cannot be run, or need not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScriptError {
    /// The first line that moves the clock is no `at`.
    NoStart,
    /// `at` a time before the line above.
    Backwards,
    /// `does purchase { }`, and a purchase has a total.
    MissingField {
        name: String,
        kind: ir::Type,
        event: String,
    },
    /// `does purchase { agreed to marketing }`.
    ConsentOfEvent,
    /// `lee enters welcome`, where nobody enters by request.
    NotByRequest { name: String },
    /// `changes { age: 30 }`.
    Computed { name: String },
    /// `in 활동`, where two lifecycles have this stage.
    Ambiguous {
        stage: String,
        lifecycles: Vec<String>,
    },
    /// There is no `expect`.
    ExpectsNothing,
}

impl ScriptError {
    /// The problem at a place.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::NoStart => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    "this test does not say when it begins",
                    "이 테스트에는 시작하는 때가 없습니다",
                ),
            )
            .help(Text::new(
                "let the first line that moves the clock be `at 2026-03-02 09:00 …`",
                "시각을 옮기는 첫 줄을 `at 2026-03-02 09:00 …`처럼 쓰세요",
            )),
            Self::Backwards => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "this is earlier than the lines above, and the clock of a test only goes forward",
                    "윗줄보다 이른 때입니다. 테스트의 시계는 앞으로만 갑니다",
                ),
            )
            .help(Text::new(
                "put the lines in the order in which they happen",
                "일어나는 순서대로 쓰세요",
            )),
            Self::MissingField { name, kind, event } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("`{event}` needs `{name}`, {}", type_words(&kind).en),
                    format!("`{event}`에는 `{name}`({})이(가) 필요합니다", type_words(&kind).ko),
                ),
            )
            .help(Text::new(
                format!("write `does {event} {{ {name}: … }}`"),
                format!("`does {event} {{ {name}: … }}`처럼 쓰세요"),
            )),
            Self::ConsentOfEvent => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "an event agrees to nothing",
                    "이벤트에는 동의를 쓸 수 없습니다",
                ),
            )
            .help(Text::new(
                "write it in `given … { … }`",
                "`given … { … }`에 쓰세요",
            )),
            Self::NotByRequest { name } => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    format!("nobody enters `{name}` by request"),
                    format!("`{name}`에는 요청으로 들어갈 수 없습니다"),
                ),
            )
            .help(Text::new(
                "let happen what the journey enters on, or write `enter by request` in it",
                "여정이 시작되는 일을 쓰거나, 여정에 `enter by request`를 쓰세요",
            )),
            Self::Computed { name } => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    format!("`{name}` is computed and cannot be set"),
                    format!("`{name}`: 계산되는 값이라 정할 수 없습니다"),
                ),
            )
            .help(Text::new(
                "set what it is computed from",
                "계산에 쓰이는 속성을 정하세요",
            )),
            Self::Ambiguous { stage, lifecycles } => {
                let written: Vec<String> = lifecycles
                    .iter()
                    .map(|lifecycle| format!("`{lifecycle}.{stage}`"))
                    .collect();
                Problem::new(
                    codes::WRONG_KIND,
                    at,
                    Text::new(
                        format!("several lifecycles have a stage `{stage}`"),
                        format!("`{stage}`: 여러 라이프사이클에 있는 단계입니다"),
                    ),
                )
                .help(Text::new(
                    format!("write {}", written.join(" or ")),
                    format!("{} 중 하나로 쓰세요", written.join(", ")),
                ))
            }
            Self::ExpectsNothing => Problem::new(
                codes::EXPECTS_NOTHING,
                at,
                Text::new(
                    "this test expects nothing, so it proves nothing",
                    "`expect`가 없어 아무것도 확인하지 않는 테스트입니다",
                ),
            )
            .help(Text::new(
                "add a line such as `expect only email welcome to kim`",
                "`expect only email welcome to 민지` 같은 줄을 추가하세요",
            )),
        }
    }
}
