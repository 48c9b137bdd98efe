//! What is declared and used by nothing.
//!
//! Comes in: the names that lowering looked up. Goes out: a note for each segment, offer, sequence, score and template
//! that it never did. A project without journeys is a library for others, so nothing is said there.

use std::collections::BTreeSet;

use journey_ir as ir;

use super::Lowering;
use crate::codes;
use crate::josa::josa;
use crate::names::Kind;
use crate::problem::{Location, Problem, Text};

/// What was looked up.
#[derive(Debug, Default)]
pub(super) struct Used {
    names: BTreeSet<String>,
    messages: BTreeSet<ir::MessageIx>,
}

impl Used {
    /// Remembers that something asks for a name.
    pub(super) fn name(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// Remembers that a message is sent, or asked about.
    pub(super) fn message(&mut self, message: ir::MessageIx) {
        self.messages.insert(message);
    }
}

impl Lowering<'_> {
    /// Reports what nothing asked for. To be called once everything is lowered.
    pub(super) fn report_unused(&mut self) {
        if self.problems.has_errors() || self.names.journeys().next().is_none() {
            return;
        }
        let kinds = [Kind::Segment, Kind::Offer, Kind::Sequence, Kind::Score];
        let mut unused: Vec<(Location, Kind, String)> = Vec::new();
        for (name, declared) in self.names.all() {
            if kinds.contains(&declared.kind) && !self.used.names.contains(name) {
                unused.push((declared.at, declared.kind, name.to_owned()));
            }
        }
        for (at, kind, name) in unused {
            let a = kind.a();
            let (what, ko) = (a.en, josa(&a.ko, ("이", "가")));
            let message = Text::new(
                format!("`{name}` is {what} that nothing uses"),
                format!("`{name}`: 아무도 쓰지 않는 {ko} 선언되어 있습니다"),
            );
            self.problems.push(unused_problem(at, message));
        }
        for (position, (at, channel, name)) in self.templates.places().enumerate() {
            let position = ir::MessageIx(position as u32);
            if !self.used.messages.contains(&position) && !self.stands_in(position) {
                let message = Text::new(
                    format!("no journey sends `{channel} {name}`"),
                    format!("`{channel} {name}`: 이 템플릿을 보내는 여정이 없습니다"),
                );
                self.problems.push(unused_problem(at, message));
            }
        }
    }

    /// Whether a message stands in for one that is sent, where the channel of that one fails.
    fn stands_in(&self, position: ir::MessageIx) -> bool {
        let Some(message) = self.program.message(position) else {
            return false;
        };
        let channels = self.manifest.project.channels.iter();
        channels
            .filter(|it| it.fallback == Some(message.channel))
            .any(|it| {
                let sent = self.used.messages.iter();
                sent.filter_map(|at| self.program.message(*at))
                    .any(|first| first.channel == it.channel && first.template == message.template)
            })
    }
}

fn unused_problem(at: Location, message: Text) -> Problem {
    Problem::new(codes::UNUSED, at, message)
        .label(Text::new("not used", "쓰이지 않음"))
        .help(Text::new(
            "use it, or take it out; `# allow unused: …` keeps it for later",
            "쓰거나 지우세요. 나중에 쓸 것이면 `# allow unused: …`로 남겨 둡니다",
        ))
}
