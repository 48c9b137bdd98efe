//! What can be wrong with `# allow NAME: reason`.

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// A comment that allows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AllowError {
    /// No problem has this name; the nearest one, and where the wrong one stands.
    Unknown {
        name: String,
        near: Option<(&'static str, Location)>,
    },
    /// `# allow unknown-name: …`.
    Never { name: &'static str },
    /// `# allow branch-gap`.
    NoReason { name: &'static str },
    /// There is no such problem here.
    Unused {
        name: &'static str,
        /// What is to be taken out.
        remove: Location,
    },
}

impl AllowError {
    /// The problem at the comment.
    pub(super) fn at(self, at: Location) -> Problem {
        match self {
            Self::Unknown { name, near } => {
                let problem = Problem::new(
                    codes::WRONG_ALLOW,
                    at,
                    Text::new(
                        format!("there is no problem called `{name}`"),
                        format!("`{name}`(이)라는 문제는 없습니다"),
                    ),
                );
                match near {
                    Some((near, place)) => problem
                        .help(Text::new(
                            format!("did you mean `{near}`?"),
                            format!("혹시 `{near}`인가요?"),
                        ))
                        .guess(place, near),
                    None => problem.help(Text::new(
                        "write the name that `journeyc check` prints, such as `branch-gap`",
                        "`journeyc check`가 보여 주는 이름을 쓰세요. 예: `branch-gap`",
                    )),
                }
            }
            Self::Never { name } => Problem::new(
                codes::WRONG_ALLOW,
                at,
                Text::new(
                    format!(
                        "`{name}` cannot be allowed: without its repair it is not clear what to run"
                    ),
                    format!(
                        "`{name}`: 고치지 않으면 무엇을 실행할지 알 수 없어 허용할 수 없습니다"
                    ),
                ),
            )
            .help(Text::new(
                "repair what it points at, and remove this comment",
                "가리키는 곳을 고치고 이 주석을 지우세요",
            )),
            Self::NoReason { name } => Problem::new(
                codes::WRONG_ALLOW,
                at,
                Text::new(
                    format!("it is not said why `{name}` is allowed"),
                    format!("`{name}`: 왜 허용하는지 적혀 있지 않습니다"),
                ),
            )
            .help(Text::new(
                format!("say why: `# allow {name}: …`"),
                format!("이유를 적으세요: `# allow {name}: …`"),
            )),
            Self::Unused { name, remove } => Problem::new(
                codes::UNUSED_ALLOW,
                at,
                Text::new(
                    format!("nothing here is reported as `{name}`"),
                    format!("여기에는 `{name}` 문제가 없습니다"),
                ),
            )
            .label(Text::new("allows nothing", "허용할 것이 없음"))
            .help(Text::new("remove the comment", "이 주석을 지우세요"))
            .fix(remove, ""),
        }
    }
}
