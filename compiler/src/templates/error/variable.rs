//! What can be wrong with a variable of a template and its filters.

use journey_ir::Type;

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::written::{self, type_words};

/// What is wrong with a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::templates) enum VariableError {
    /// `{{ nmae }}`
    UnknownVariable {
        at: Location,
        name: String,
        near: Option<String>,
        /// The field, where the name is an event's field that has to be passed.
        field: Option<String>,
    },
    /// `{{ coupon.price }}`
    UnknownPart {
        at: Location,
        name: String,
        part: String,
        near: Option<String>,
    },
    /// `{{ coupon }}`, where one of its parts is meant.
    WholeOffer { at: Location, name: String },
    /// `{{ name }}` where some people have none.
    MaybeMissing {
        at: Location,
        name: String,
        inside: String,
        korean: bool,
    },
    /// `{{ product }}를`
    BareParticle {
        at: Location,
        found: String,
        pair: String,
        inside: String,
        replaced: Option<Location>,
    },
    /// `{{ name | uper }}`
    UnknownFilter {
        at: Location,
        name: String,
        near: Option<String>,
        known: Vec<String>,
    },
    /// `{{ name | money }}`
    WrongFilter {
        at: Location,
        name: String,
        kind: Type,
    },
    /// `{{ name | or }}`
    NoArgument { at: Location, name: String },
    /// `{{ name | upper: 'x' }}`
    NeedlessArgument { at: Location, name: String },
    /// `{{ name | josa: '를' }}`
    NoParticles { at: Location, written: String },
}

impl From<VariableError> for Problem {
    fn from(error: VariableError) -> Self {
        match error {
        VariableError::UnknownVariable {
            at,
            name,
            near,
            field,
        } => unknown_variable(at, &name, near.as_deref(), field.as_deref()),
        VariableError::UnknownPart {
            at,
            name,
            part,
            near,
        } => Self::new(
            codes::UNKNOWN_VARIABLE,
            at,
            Text::new(
                format!("an offer has no `{part}`: only `title`, `code` and `expires`"),
                format!("혜택에 `{part}`는 없습니다. `title`, `code`, `expires`만 있습니다"),
            ),
        )
        .did_you_mean(near.map(|near| format!("{name}.{near}")).as_deref()),
        VariableError::WholeOffer { at, name } => Self::new(
            codes::UNKNOWN_VARIABLE,
            at,
            Text::new(
                format!("`{name}` is an offer, and only a part of it can be written"),
                format!("`{name}`: 혜택 자체가 아니라 그 일부만 쓸 수 있습니다"),
            ),
        )
        .help(Text::new(
            format!("write `{name}.title`, `{name}.code` or `{name}.expires`"),
            format!("`{name}.title`, `{name}.code`, `{name}.expires` 중 하나를 쓰세요"),
        )),
        VariableError::MaybeMissing {
            at,
            name,
            inside,
            korean,
        } => {
            let words = if korean { "고객" } else { "…" };
            let hole = format!("{{{{ {inside} | or: '{words}' }}}}");
            Self::new(
                codes::MAYBE_MISSING,
                at,
                Text::new(
                    format!("`{name}` may be missing, and some people would read a gap here"),
                    format!("`{name}`: 값이 없는 사람에게는 이 자리가 비어 보입니다"),
                ),
            )
            .label(Text::new("may be missing", "없을 수 있음"))
            .help(Text::new(
                format!("say what stands there instead: `{hole}`"),
                format!("없을 때 쓸 말을 적으세요: `{hole}`"),
            ))
        }
        VariableError::BareParticle {
            at,
            found,
            pair,
            inside,
            replaced,
        } => {
            let hole = format!("{{{{ {inside} | josa: '{pair}' }}}}");
            let problem = Self::new(
                codes::BARE_PARTICLE,
                at,
                Text::new(
                    format!("`{found}` reads wrongly after about half of all words"),
                    format!("조사 `{found}`: 앞말의 받침에 따라 틀리게 읽힙니다"),
                ),
            )
            .help(Text::new(
                format!("let the particle follow the word: `{hole}`"),
                format!("조사가 받침을 따르게 하세요: `{hole}`"),
            ));
            match replaced {
                Some(at) => problem.fix(at, hole),
                None => problem,
            }
        }
        VariableError::UnknownFilter {
            at,
            name,
            near,
            known,
        } => {
            let problem = Self::new(
                codes::UNKNOWN_FILTER,
                at,
                Text::new(
                    format!("there is no filter or link called `{name}`"),
                    format!("`{name}`: 그런 필터나 링크가 없습니다"),
                ),
            );
            if near.is_some() {
                return problem.did_you_mean(near.as_deref());
            }
            let known = known.join("`, `");
            problem.help(Text::new(
                format!("there are `{known}`; links come from `[links]` in journey.toml"),
                format!("쓸 수 있는 것: `{known}`. 링크는 journey.toml의 `[links]`에 둡니다"),
            ))
        }
        VariableError::WrongFilter { at, name, kind } => {
            let words = type_words(&kind);
            Self::new(
                codes::WRONG_FILTER,
                at,
                Text::new(
                    format!("`{name}` cannot write a value of type {words}"),
                    format!("`{name}`: {words} 값에는 쓸 수 없습니다"),
                ),
            )
            .help(Text::new(
                "without a filter the value is written as it is",
                "필터를 빼면 값이 그대로 쓰입니다",
            ))
        }
        VariableError::NoArgument { at, name } => Self::new(
            codes::WRONG_FILTER,
            at,
            Text::new(
                format!("`{name}` needs words after a colon"),
                format!("`{name}`: 콜론 뒤에 말이 있어야 합니다"),
            ),
        )
        .help(Text::new(
            "for example `or: 'there'` or `josa: '을/를'`",
            "예: `or: '고객'`, `josa: '을/를'`",
        )),
        VariableError::NeedlessArgument { at, name } => Self::new(
            codes::WRONG_FILTER,
            at,
            Text::new(
                format!("`{name}` takes no words after a colon"),
                format!("`{name}`: 콜론 뒤에 아무것도 쓰지 않습니다"),
            ),
        ),
        VariableError::NoParticles { at, written } => Self::new(
            codes::WRONG_FILTER,
            at,
            Text::new(
                format!("`{written}` is not a pair of particles"),
                format!("`{written}`: 조사 한 쌍이 아닙니다"),
            ),
        )
        .help(Text::new(
            "write the form after a consonant and the form after a vowel: `을/를`, `이/가`, `은/는`, `과/와`, `으로/로`",
            "받침 있을 때와 없을 때의 모양을 쓰세요: `을/를`, `이/가`, `은/는`, `과/와`, `으로/로`",
        )),
        }
    }
}

fn unknown_variable(at: Location, name: &str, near: Option<&str>, field: Option<&str>) -> Problem {
    let problem = Problem::new(
        codes::UNKNOWN_VARIABLE,
        at,
        Text::new(
            format!(
                "`{name}` is neither an attribute of the contact nor an argument of this message"
            ),
            format!("`{name}`: 고객 속성도 이 메시지의 인자도 아닙니다"),
        ),
    );
    if let Some(field) = field {
        let key = written::key(field);
        return problem.help(Text::new(
            format!(
                "pass it: `needs = {{ {key} = \"…\" }}` here, `with ({field}: {name})` at the send, and `{{{{ {field} }}}}`"
            ),
            format!(
                "인자로 넘기세요: 여기에 `needs = {{ {key} = \"…\" }}`, 보낼 때 `with ({field}: {name})`, 본문에 `{{{{ {field} }}}}`"
            ),
        ));
    }
    if near.is_some() {
        return problem.did_you_mean(near);
    }
    if let Some((offer, "title" | "code" | "expires")) = name.split_once('.') {
        let key = written::key(offer);
        return problem.help(Text::new(
            format!(
                "pass the offer: `needs = {{ {key} = \"offer\" }}` above, and `with ({offer}: …)` at the send"
            ),
            format!(
                "혜택을 넘기세요: 위에 `needs = {{ {key} = \"offer\" }}`, 보낼 때 `with ({offer}: …)`"
            ),
        ));
    }
    problem.help(Text::new(
        format!(
            "add it to `contact {{ … }}`, or to `needs` above and `with ({name}: …)` at the send"
        ),
        format!(
            "`contact {{ … }}`에 더하거나, 위의 `needs`와 보낼 때의 `with ({name}: …)`에 더하세요"
        ),
    ))
}
