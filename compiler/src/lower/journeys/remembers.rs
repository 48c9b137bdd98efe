//! `remember product = purchase.category`: a name for a value, known from there on in the same block.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::flow::{Kept, Tails};
use super::step_error::StepError;
use crate::lower::Lowering;
use crate::lower::scope::{Readable, Scope};
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    pub(super) fn remember(
        &mut self,
        file: FileId,
        remember: &syntax::Remember,
        tails: Tails,
    ) -> Tails {
        let read = self.readable(&remember.value, Scope::run(file));
        let name = &remember.name;
        let at = Location::new(file, name.span);
        let (Some(read), false) = (read, name.is_missing()) else {
            self.flow.unread.insert(name.text.clone());
            return tails;
        };
        if self.means_something(&name.text) {
            let name = name.text.clone();
            self.problems.push(StepError::NameTaken { name }.at(at));
            return tails;
        }
        let before = self.remembered(&name.text).map(|it| it.kind.clone());
        if before.is_some_and(|kind| kind != read.kind) {
            let name = name.text.clone();
            self.problems.push(StepError::OtherType { name }.at(at));
            return tails;
        }
        let register = self.flow.keep(&name.text);
        let kind = ir::StepKind::Remember {
            register,
            of: read.source.clone(),
            next: None,
        };
        self.flow.kept.push(Kept {
            name: name.text.clone(),
            depth: self.frames.len(),
            readable: Readable {
                source: ir::Source::Register(register),
                name: name.text.clone(),
                ..read
            },
        });
        let words = format!("remember {}", name.text);
        self.simple(file, None, &words, kind, &tails)
    }

    /// What a `remember` step before this place keeps under a name.
    pub(in crate::lower) fn remembered(&self, name: &str) -> Option<&Readable> {
        let kept = self.flow.kept.iter().rev();
        let mut here = kept.filter(|it| it.depth == self.frames.len());
        here.find(|it| it.name == name).map(|it| &it.readable)
    }

    /// Whether a bare name in a step means something already.
    fn means_something(&self, name: &str) -> bool {
        matches!(name, "now" | "tag" | "item")
            || self.attribute(name).is_some()
            || self.parameter(name).is_some()
            || self.lifecycles.contains_key(name)
    }
}
