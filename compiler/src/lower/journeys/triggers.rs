//! What starts a run, ends it, or wins a race.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx};

use super::error::JourneyError;
use crate::lower::Lowering;
use crate::lower::schema::CONTACT;
use crate::lower::scope::Scope;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// The event that says little: programs open mails, too, and many people's mails do not tell.
const OPENED: &str = "email.opened";

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
            syntax::Trigger::Changes {
                attribute,
                from,
                to,
                ..
            } => {
                let (at, kind) = self.changing(attribute, scope)?;
                let from = self.change_end(from.as_ref(), &kind, scope);
                let to = self.change_end(to.as_ref(), &kind, scope);
                Some(ir::Trigger::Changes {
                    attribute: at,
                    from: from?,
                    to: to?,
                })
            }
            syntax::Trigger::Unknown(_) => None,
        }
    }

    /// The attribute whose changes are waited for.
    fn changing(
        &mut self,
        path: &syntax::Path,
        scope: Scope,
    ) -> Option<(ir::AttributeIx, ir::Type)> {
        let (at, kind) = self.attribute_named(path, scope)?;
        if matches!(kind, ir::Type::YearsSince(_)) {
            self.misplaced(
                scope.file,
                path.span,
                (
                    "this attribute is computed, and nothing says when it changes",
                    "이 속성은 계산되는 값이라 바뀌는 때를 알 수 없습니다",
                ),
            );
            return None;
        }
        Some((at, kind))
    }

    fn change_end(
        &mut self,
        end: Option<&syntax::ChangeEnd>,
        kind: &ir::Type,
        scope: Scope,
    ) -> Option<ir::ChangeEnd> {
        Some(match end {
            None => ir::ChangeEnd::Anything,
            Some(syntax::ChangeEnd::Missing(_)) => ir::ChangeEnd::Missing,
            Some(syntax::ChangeEnd::Value(value)) if matches!(kind, ir::Type::ListOf(_)) => {
                self.misplaced(
                    scope.file,
                    value.span,
                    (
                        "a list has no single value before and after",
                        "목록에는 바뀌기 전후의 값 하나가 없습니다",
                    ),
                );
                return None;
            }
            Some(syntax::ChangeEnd::Value(value)) => {
                ir::ChangeEnd::Value(self.constant(value, kind, scope.file)?)
            }
        })
    }

    /// An attribute by name, or a problem.
    pub(super) fn attribute_named(
        &mut self,
        path: &syntax::Path,
        scope: Scope,
    ) -> Option<(ir::AttributeIx, ir::Type)> {
        let name = path.to_string();
        if let Some(attribute) = self.attribute(&name)
            && let ir::Source::Attribute(at) = attribute.source
        {
            return Some((at, attribute.kind));
        }
        if !path.is_missing() && !self.incomplete.contains(CONTACT) {
            let error = self.names.explain(Kind::Attribute, &name);
            let at = Location::new(scope.file, path.span);
            self.problems.push(error.at(at));
        }
        None
    }

    /// The event that a trigger names, if there is one of that name. Nothing is reported.
    pub(super) fn event_ix_of(&self, trigger: &syntax::Trigger) -> Option<EventIx> {
        match trigger {
            syntax::Trigger::Event(pattern) => self.event_ix(&pattern.event.to_string()),
            _ => None,
        }
    }

    /// Warns of a decision that hangs on whether a mail was opened.
    pub(in crate::lower) fn check_opens(&mut self, event: &syntax::Path, file: FileId) {
        if event.to_string() == OPENED {
            let at = Location::new(file, event.span);
            self.problems.push(JourneyError::Opens.at(at));
        }
    }

    /// An event and the condition on its fields.
    pub(super) fn event_pattern(
        &mut self,
        pattern: &syntax::EventPattern,
        scope: Scope,
    ) -> Option<(EventIx, Option<ConditionIx>)> {
        let event = self.event_named(&pattern.event, scope.file)?;
        self.check_opens(&pattern.event, scope.file);
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
