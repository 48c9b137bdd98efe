//! What can be wrong with the words of advertising before the law.

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::templates::korea::LABEL;

/// What the law asks for and a template does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::templates) enum LegalError {
    /// `subject = "여름 세일"` of an advertisement.
    NoLabel {
        at: Location,
        /// Whether the label can be put in at the place.
        insertable: bool,
    },
    /// An advertising e-mail without `{{ unsubscribe_link }}`.
    NoOptOut { at: Location },
}

impl From<LegalError> for Problem {
    fn from(error: LegalError) -> Self {
        match error {
            LegalError::NoLabel { at, insertable } => {
                let problem = Self::new(
                    codes::AD_LABEL,
                    at,
                    Text::new(
                        format!("advertising in Korea begins with `{LABEL}`"),
                        format!("한국에서 광고 메시지는 `{LABEL}`로 시작해야 합니다"),
                    ),
                )
                .help(Text::new(
                    format!("write `{LABEL}` first: in the subject of an e-mail, else in the body"),
                    format!("`{LABEL}`를 맨 앞에 쓰세요. 이메일은 제목, 다른 채널은 본문입니다"),
                ));
                if insertable {
                    problem.fix(at, format!("{LABEL} "))
                } else {
                    problem
                }
            }
            LegalError::NoOptOut { at } => Self::new(
                codes::AD_LABEL,
                at,
                Text::new(
                    "advertising by e-mail in Korea tells how to refuse it",
                    "한국에서 광고 이메일에는 수신 거부 방법이 있어야 합니다",
                ),
            )
            .help(Text::new(
                "add a line such as `[Unsubscribe]({{ unsubscribe_link }})` to the body",
                "본문에 `[무료 수신거부]({{ unsubscribe_link }})` 같은 줄을 더하세요",
            )),
        }
    }
}
