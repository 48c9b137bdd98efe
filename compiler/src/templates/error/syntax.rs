//! What can be wrong with how a template is written.

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// What cannot be read in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::templates) enum SyntaxError {
    /// A file that does not begin with `+++`.
    NoHead { at: Location },
    /// `{{ name` at the end of a line.
    Unclosed { at: Location },
    /// `{{ }}`
    EmptyHole { at: Location },
    /// `{{ name | or: 고객 }}`, without quotes.
    Unexpected {
        at: Location,
        found: String,
        expected: &'static str,
    },
    /// `{{ name | or: '고객 }}`
    UnclosedQuote { at: Location },
    /// `{name}`
    OneBrace {
        at: Location,
        name: String,
        /// Whether the place is that of the braces, so that they can be replaced.
        exact: bool,
    },
    /// `{% if vip %}`
    Block { at: Location },
    /// `needs = { "2nd" = "text" }`
    NoNeedName { at: Location, name: String },
    /// `needs = { cart = "text, optional" }`
    OptionalNeed { at: Location, name: String },
}

impl From<SyntaxError> for Problem {
    fn from(error: SyntaxError) -> Self {
        match error {
            SyntaxError::NoHead { at } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    "a template begins with its settings between two lines `+++`",
                    "템플릿은 `+++` 두 줄 사이의 설정으로 시작합니다",
                ),
            )
            .help(Text::new(
                "begin with the lines `+++`, `purpose = \"advertising\"`, `subject = \"…\"` and `+++`",
                "`+++`, `purpose = \"advertising\"`, `subject = \"…\"`, `+++` 줄로 시작하세요",
            )),
            SyntaxError::Unclosed { at } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    "this `{{` is never closed on its line",
                    "이 `{{`가 같은 줄에서 닫히지 않습니다",
                ),
            )
            .help(Text::new(
                "write `}}` after the variable",
                "변수 뒤에 `}}`를 쓰세요",
            )),
            SyntaxError::OneBrace { at, name, exact } => {
                let hole = format!("{{{{ {name} }}}}");
                let problem = Self::new(
                    codes::TEMPLATE_SYNTAX,
                    at,
                    Text::new(
                        format!("`{{{name}}}` has one brace on each side, and would be sent as it stands"),
                        format!("`{{{name}}}`: 중괄호가 하나씩이라 쓰인 그대로 나갑니다"),
                    ),
                )
                .help(Text::new(
                    format!("write `{hole}`"),
                    format!("`{hole}`처럼 두 개씩 쓰세요"),
                ));
                if exact { problem.fix(at, hole) } else { problem }
            }
            SyntaxError::EmptyHole { at } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    "there is nothing between the braces",
                    "중괄호 사이에 아무것도 없습니다",
                ),
            )
            .help(Text::new(
                "write a variable such as `{{ name | or: 'there' }}`",
                "`{{ name | or: '고객' }}`처럼 변수를 쓰세요",
            )),
            SyntaxError::Unexpected {
                at,
                found,
                expected,
            } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    format!("`{found}` stands where {expected} should"),
                    format!("`{found}`: 여기에 쓸 수 없습니다"),
                ),
            )
            .help(Text::new(
                "a variable is written `{{ name }}` or `{{ name | or: 'there' }}`",
                "변수는 `{{ name }}` 또는 `{{ name | or: '고객' }}`처럼 씁니다",
            )),
            SyntaxError::UnclosedQuote { at } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    "these words have no closing quote",
                    "따옴표가 닫히지 않았습니다",
                ),
            ),
            SyntaxError::Block { at } => Self::new(
                codes::TEMPLATE_SYNTAX,
                at,
                Text::new(
                    "`{% … %}` is not part of templates, and would be sent as it stands",
                    "`{% … %}`는 템플릿에서 쓸 수 없고, 쓴 그대로 발송됩니다",
                ),
            )
            .help(Text::new(
                "decide with `if` or `choose by` in the journey, and send one of two templates",
                "여정에서 `if`나 `choose by`로 나누고 템플릿을 따로 보내세요",
            )),
            SyntaxError::NoNeedName { at, name } => Self::new(
                codes::WRONG_SETTING,
                at,
                Text::new(
                    format!("`{name}` cannot be the name of an argument"),
                    format!("`{name}`: 인자의 이름으로 쓸 수 없습니다"),
                ),
            ),
            SyntaxError::OptionalNeed { at, name } => Self::new(
                codes::WRONG_SETTING,
                at,
                Text::new(
                    format!("`{name}` is an argument of the message, and those are never optional"),
                    format!("`{name}`: 메시지의 인자는 생략할 수 없습니다"),
                ),
            )
            .help(Text::new(
                "leave out `optional`, and pass the argument in every `with ( … )`",
                "`optional`을 지우고 모든 `with ( … )`에서 넘기세요",
            )),
        }
    }
}
