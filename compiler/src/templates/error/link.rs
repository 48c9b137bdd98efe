//! The name of a link that no template gives to one.

use journey_ir::Channel;

use crate::codes;
use crate::problem::{Location, Problem, Text};

/// A link that a condition or a test asks for and that no template of the channel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownLink {
    /// The name, with its quotes.
    pub(crate) at: Location,
    /// The channel whose clicks are asked about.
    pub(crate) channel: Channel,
    /// The name as written.
    pub(crate) name: String,
    /// The nearest name of a link of the channel.
    pub(crate) near: Option<String>,
}

impl From<UnknownLink> for Problem {
    fn from(error: UnknownLink) -> Self {
        let UnknownLink {
            at,
            channel,
            name,
            near,
        } = error;
        let problem = Self::new(
            codes::UNKNOWN_LINK,
            at,
            Text::new(
                format!("no {channel} template has a link called `{name}`"),
                format!("`{name}`: 그런 이름의 링크가 있는 {channel} 템플릿이 없습니다"),
            ),
        );
        if let Some(near) = near {
            return problem.did_you_mean(Some(&format!("\"{near}\"")));
        }
        problem.help(Text::new(
            format!("name the link in its template: `[words](https://… \"{name}\")`"),
            format!("템플릿에서 링크에 이름을 붙이세요: `[글](https://… \"{name}\")`"),
        ))
    }
}
