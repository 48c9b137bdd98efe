//! A template that a send names and nobody wrote.

use journey_ir::Channel;

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// A template that a send names and the project does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The channel of the send.
    pub(crate) channel: Channel,
    /// The name as written.
    pub(crate) name: String,
    /// The nearest template of the channel.
    pub(crate) near: Option<String>,
    /// The channels that have a template of this name.
    pub(crate) elsewhere: Vec<Channel>,
}

/// [`Missing`], at the send that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingTemplate {
    /// The name in the send.
    pub(crate) at: Location,
    /// What is missing.
    pub(crate) missing: Missing,
}

impl From<MissingTemplate> for Problem {
    fn from(MissingTemplate { at, missing }: MissingTemplate) -> Self {
        let Missing {
            channel,
            name,
            near,
            elsewhere,
        } = missing;
        let problem = Self::new(
            codes::MISSING_TEMPLATE,
            at,
            Text::new(
                format!("there is no {channel} template called `{name}`"),
                format!("`{name}`: 그런 {channel} 템플릿이 없습니다"),
            ),
        );
        if near.is_some() {
            return problem.did_you_mean(near.as_deref());
        }
        if let Some(other) = elsewhere.first() {
            return problem.help(Text::new(
                format!("there is one for {other}: send by `{other} {name}`, or write `templates/{channel}/{name}.md`"),
                format!("{other} 템플릿은 있습니다: `{other} {name}`(으)로 보내거나 `templates/{channel}/{name}.md`를 쓰세요"),
            ));
        }
        problem.help(Text::new(
            format!("write it in `templates/{channel}/{name}.md`"),
            format!("`templates/{channel}/{name}.md`에 쓰세요"),
        ))
    }
}
