//! Values written in steps: constants, what is read when the step runs, offers.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::journey::Expression;

use crate::lower::Lowering;
use crate::lower::comparisons::{comparable, is_text};
use crate::lower::error::ConditionError;
use crate::lower::parameters::Bound;
use crate::lower::scope::{Readable, Scope};
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values::{ValueError, type_words};

/// A value and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    /// The value.
    pub(super) expression: Expression,
    /// Its type.
    pub(super) kind: ir::Type,
    /// The name of the personal data in it.
    pub(super) private: Option<String>,
}

impl Argument {
    const fn constant(value: ir::Value, kind: ir::Type) -> Self {
        Self {
            expression: Expression::Value(value),
            kind,
            private: None,
        }
    }

    fn read(readable: Readable) -> Self {
        Self {
            expression: Expression::Source(readable.source),
            kind: readable.kind,
            private: readable.private,
        }
    }

    fn bound(bound: Bound) -> Option<Self> {
        let (expression, kind) = match bound {
            Bound::Value {
                expression,
                kind,
                private,
            } => {
                return Some(Self {
                    expression,
                    kind,
                    private,
                });
            }
            Bound::Span(span) => (Expression::Value(ir::Value::Span(span)), ir::Type::Duration),
            Bound::Offer(offer) => (Expression::Offer(offer), ir::Type::Offer),
            Bound::Template(name) => (Expression::Value(ir::Value::Text(name)), ir::Type::Text),
            Bound::Unknown => return None,
        };
        Some(Self {
            expression,
            kind,
            private: None,
        })
    }
}

impl Lowering<'_> {
    /// A value where one of a type is needed.
    pub(super) fn expression(
        &mut self,
        value: &syntax::Value,
        kind: &ir::Type,
        scope: Scope,
    ) -> Option<Argument> {
        let syntax::ValueKind::Path(path) = &value.kind else {
            let constant = self.constant(value, kind, scope.file)?;
            return Some(Argument::constant(constant, kind.clone()));
        };
        if let Some(name) = path.single() {
            if let Some(bound) = self.parameter(&name.text).cloned() {
                let argument = Argument::bound(bound)?;
                return self.fitting(argument, kind, value.span, scope);
            }
            if *kind == ir::Type::Offer {
                let offer = self.offer_named(path, scope.file)?;
                return Some(Argument {
                    expression: Expression::Offer(offer),
                    kind: ir::Type::Offer,
                    private: None,
                });
            }
            let is_attribute =
                self.attribute(&name.text).is_some() || self.remembered(&name.text).is_some();
            if !is_attribute && (is_text(kind) || has_choices(kind)) {
                let constant = self.constant(value, kind, scope.file)?;
                return Some(Argument::constant(constant, kind.clone()));
            }
            if has_choices(kind)
                && let Ok(choice) = self.literals().value(value, kind)
            {
                return Some(Argument::constant(choice, kind.clone()));
            }
        }
        let readable = self.readable(path, scope)?;
        self.fitting(Argument::read(readable), kind, value.span, scope)
    }

    /// A value where any may stand.
    pub(super) fn any_expression(
        &mut self,
        value: &syntax::Value,
        scope: Scope,
    ) -> Option<Argument> {
        if let Some(result) = self.literals().of_any_type(value) {
            let (value, kind) = self.or_report(result, value.span, scope.file)?;
            return Some(Argument::constant(value, kind));
        }
        let syntax::ValueKind::Path(path) = &value.kind else {
            return None;
        };
        if let Some(name) = path.single()
            && let Some(bound) = self.parameter(&name.text).cloned()
        {
            return Argument::bound(bound);
        }
        if let Some(name) = path.single()
            && self.attribute(&name.text).is_none()
            && self.remembered(&name.text).is_none()
            && self.offers.contains_key(&name.text)
        {
            let offer = self.offer_named(path, scope.file)?;
            return Argument::bound(Bound::Offer(offer));
        }
        self.readable(path, scope).map(Argument::read)
    }

    /// Reports a value of a type that is not the one needed.
    fn fitting(
        &mut self,
        argument: Argument,
        kind: &ir::Type,
        span: syntax::Span,
        scope: Scope,
    ) -> Option<Argument> {
        let any_money = *kind == ir::Type::Money(None);
        if comparable(kind, &argument.kind)
            || (any_money && matches!(argument.kind, ir::Type::Money(_)))
        {
            return Some(argument);
        }
        let at = Location::new(scope.file, span);
        if let (ir::Type::Money(Some(expected)), ir::Type::Money(Some(found))) =
            (kind, &argument.kind)
        {
            let (expected, found) = (*expected, *found);
            self.problems
                .push(ValueError::Currency { expected, found }.at(at));
        } else {
            let error = ValueError::WrongType {
                expected: type_words(kind),
                found: type_words(&argument.kind),
                fix: None,
            };
            self.problems.push(error.at(at));
        }
        None
    }

    /// The offer that a path names, or a problem.
    pub(super) fn offer_named(&mut self, path: &syntax::Path, file: FileId) -> Option<ir::OfferIx> {
        let name = path.to_string();
        self.used.name(&name);
        let found = self.offers.get(&name).copied();
        if found.is_none() && !path.is_missing() && !self.is_reported(&name, &[Kind::Offer]) {
            let error = self.names.explain(Kind::Offer, &name);
            self.problems.push(error.at(Location::new(file, path.span)));
        }
        found
    }

    /// Reports arguments that are written twice.
    pub(in crate::lower) fn check_twice(&mut self, file: FileId, arguments: &[syntax::Argument]) {
        for (at, argument) in arguments.iter().enumerate() {
            let mut before = arguments.iter().take(at);
            let first = before.find(|it| it.name.text == argument.name.text);
            if let Some(first) = first.filter(|_| !argument.name.is_missing()) {
                self.declared_twice(file, &argument.name, Kind::Argument, first.name.span);
            }
        }
    }

    /// A date or moment to wait for, or a problem.
    pub(super) fn moment_of(&mut self, path: &syntax::Path, scope: Scope) -> Option<ir::Source> {
        if let Some(name) = path.single()
            && let Some(bound) = self.parameter(&name.text).cloned()
        {
            let argument = Argument::bound(bound)?;
            let argument = self.a_moment(argument, path, scope)?;
            return match argument.expression {
                Expression::Source(source) => Some(source),
                Expression::Value(_) | Expression::Offer(_) => None,
            };
        }
        let readable = self.readable(path, scope)?;
        let argument = self.a_moment(Argument::read(readable), path, scope)?;
        match argument.expression {
            Expression::Source(source) => Some(source),
            Expression::Value(_) | Expression::Offer(_) => None,
        }
    }

    fn a_moment(
        &mut self,
        argument: Argument,
        path: &syntax::Path,
        scope: Scope,
    ) -> Option<Argument> {
        let read = matches!(argument.expression, Expression::Source(_));
        if read && matches!(argument.kind, ir::Type::Date | ir::Type::Moment) {
            return Some(argument);
        }
        let error = ConditionError::NotATime {
            name: path.to_string(),
            kind: type_words(&argument.kind),
        };
        let at = Location::new(scope.file, path.span);
        self.problems.push(error.at(at));
        None
    }
}

fn has_choices(kind: &ir::Type) -> bool {
    match kind {
        ir::Type::OneOf(_) | ir::Type::Scale(_) => true,
        ir::Type::ListOf(item) => has_choices(item),
        _ => false,
    }
}
