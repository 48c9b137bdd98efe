//! Names in conditions, event patterns and triggers.

use journey_grammar::tree;

use super::{Owner, Scope, Target, Walk};
use crate::names::Kind;

impl Walk<'_, '_> {
    pub(super) fn condition(&mut self, condition: &tree::Condition, scope: Scope<'_>) {
        match condition {
            tree::Condition::Chain(chain) => {
                self.condition(&chain.first, scope);
                for link in &chain.rest {
                    self.condition(&link.term, scope);
                }
            }
            tree::Condition::Not(it) => self.condition(&it.negated, scope),
            tree::Condition::Group(it) => self.condition(&it.inner, scope),
            tree::Condition::Agreed(it) => self.agreed(it),
            tree::Condition::Behavior(it) => self.behavior(it, scope),
            tree::Condition::Member(it) => self.use_path(&it.segment, Kind::Segment),
            tree::Condition::Compare(it) => {
                let owner = self.operand(&it.operand, scope);
                self.comparison(&it.comparison, owner.as_ref(), scope);
            }
            tree::Condition::Items(it) => self.elements(&it.element, &it.filter, scope),
            tree::Condition::Rank(it) => {
                self.operand(&it.by, scope);
            }
            tree::Condition::Sample(_) | tree::Condition::Unknown(_) => {}
        }
    }

    fn operand(&mut self, operand: &tree::Operand, scope: Scope<'_>) -> Option<Owner> {
        match operand {
            tree::Operand::Path(path) => self.read(path, scope),
            tree::Operand::Aggregate(aggregate) => {
                self.aggregate(aggregate, scope);
                None
            }
            tree::Operand::ItemCount(count) => {
                self.elements(&count.element, &count.filter, scope);
                None
            }
            tree::Operand::Favourite(it) | tree::Operand::Last(it) => self.read(&it.of, scope),
        }
    }

    fn aggregate(&mut self, aggregate: &tree::Aggregate, scope: Scope<'_>) {
        self.read(&aggregate.of, scope);
        self.window(aggregate.window.as_ref(), scope);
    }

    /// Elements of a list, with the condition on their fields: inside, bare names are the element's.
    fn elements(&mut self, element: &tree::Path, filter: &tree::Condition, scope: Scope<'_>) {
        let inside = match self.read(element, scope) {
            Some(Owner::Field(event, name)) => format!("{event}.{name}"),
            _ => element.to_string(),
        };
        self.condition(filter, Some(&inside));
    }

    pub(super) fn agreed(&mut self, agreed: &tree::Agreed) {
        self.use_path(&agreed.consent, Kind::Consent);
    }

    fn behavior(&mut self, behavior: &tree::Behavior, scope: Scope<'_>) {
        self.event(&behavior.pattern.first);
        for following in &behavior.pattern.then {
            self.event(&following.event);
            if let Some(same) = following.same.as_ref().and_then(tree::Path::single)
                && let Some((event, _, _)) = self.event_in(&following.event.event)
            {
                self.use_field(&event, same);
            }
        }
        self.window(behavior.window.as_ref(), scope);
    }

    fn window(&mut self, window: Option<&tree::Window>, scope: Scope<'_>) {
        if let Some(tree::Window::Before(value) | tree::Window::Since(value)) = window {
            self.value(value, None, scope);
        }
    }

    pub(super) fn comparison(
        &mut self,
        comparison: &tree::Comparison,
        owner: Option<&Owner>,
        scope: Scope<'_>,
    ) {
        use tree::ComparisonKind as Of;
        match &comparison.kind {
            Of::Under(value)
            | Of::AtMost(value)
            | Of::Over(value)
            | Of::AtLeast(value)
            | Of::Is(value)
            | Of::IsNot(value)
            | Of::Includes(value)
            | Of::Contains(value)
            | Of::StartsWith(value) => self.value(value, owner, scope),
            Of::Between(low, high) => {
                self.value(low, owner, scope);
                self.value(high, owner, scope);
            }
            Of::IsOneOf(values) | Of::IsNotOneOf(values) => {
                for value in values {
                    self.value(value, owner, scope);
                }
            }
            Of::IsMissing | Of::IsKnown => {}
            Of::IsInside(path) | Of::IsOutside(path) => self.use_setting(path, Kind::Hours),
        }
    }

    /// An event with the condition on its fields.
    pub(super) fn event(&mut self, pattern: &tree::EventPattern) {
        self.use_path(&pattern.event, Kind::Event);
        if let Some(filter) = &pattern.filter {
            let event = pattern.event.to_string();
            self.condition(filter, Some(&event));
        }
    }

    pub(super) fn trigger(&mut self, trigger: &tree::Trigger) {
        match trigger {
            tree::Trigger::Joins(segment) | tree::Trigger::Leaves(segment) => {
                self.use_path(segment, Kind::Segment);
            }
            tree::Trigger::Becomes { lifecycle, stage } => {
                self.use_path(lifecycle, Kind::Lifecycle);
                let target = Target::Stage(lifecycle.to_string(), stage.text.clone());
                self.uses(stage.span, target);
            }
            tree::Trigger::Event(pattern) => self.event(pattern),
            tree::Trigger::Changes {
                attribute,
                from,
                to,
                ..
            } => {
                let owner = self.read(attribute, None);
                for end in [from, to].into_iter().flatten() {
                    if let tree::ChangeEnd::Value(value) = end {
                        self.value(value, owner.as_ref(), None);
                    }
                }
            }
            tree::Trigger::Unknown(_) => {}
        }
    }
}
