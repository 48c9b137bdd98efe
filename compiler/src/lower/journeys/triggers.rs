//! What starts a run, ends it, or wins a race.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx};

use crate::lower::Lowering;
use crate::lower::scope::Scope;

impl Lowering<'_> {
    /// The trigger, or nothing where a problem was reported.
    pub(super) fn trigger(
        &mut self,
        trigger: &syntax::Trigger,
        scope: Scope,
    ) -> Option<ir::Trigger> {
        match trigger {
            syntax::Trigger::Joins(path) => {
                let segment = self.segment_named(path, scope.file)?;
                Some(ir::Trigger::Joins(segment))
            }
            syntax::Trigger::Leaves(path) => {
                let segment = self.segment_named(path, scope.file)?;
                Some(ir::Trigger::Leaves(segment))
            }
            syntax::Trigger::Becomes { lifecycle, stage } => {
                let lifecycle = self.lifecycle_named(lifecycle, scope.file)?;
                let stage = self.stage_named(lifecycle, stage, scope.file)?;
                Some(ir::Trigger::Becomes { lifecycle, stage })
            }
            syntax::Trigger::Event(pattern) => {
                let (event, filter) = self.event_pattern(pattern, scope)?;
                Some(ir::Trigger::Event { event, filter })
            }
            syntax::Trigger::Changes { span, .. } => {
                let what = ("changes of attributes", "속성의 변경(`changes`)");
                self.not_yet(scope.file, *span, what);
                None
            }
            syntax::Trigger::Unknown(_) => None,
        }
    }

    /// The event that a trigger names, if there is one of that name. Nothing is reported.
    pub(super) fn event_ix_of(&self, trigger: &syntax::Trigger) -> Option<EventIx> {
        match trigger {
            syntax::Trigger::Event(pattern) => self.event_ix(&pattern.event.to_string()),
            _ => None,
        }
    }

    /// An event and the condition on its fields.
    pub(super) fn event_pattern(
        &mut self,
        pattern: &syntax::EventPattern,
        scope: Scope,
    ) -> Option<(EventIx, Option<ConditionIx>)> {
        let event = self.event_named(&pattern.event, scope.file)?;
        let filter = match &pattern.filter {
            None => None,
            Some(filter) => {
                let scope = scope.fields_of(event);
                let lowered = self.condition(filter, scope)?;
                self.asked(vec![lowered], filter, scope);
                Some(lowered)
            }
        };
        Some((event, filter))
    }
}
