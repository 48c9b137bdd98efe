//! What a name in a condition or argument reads: an attribute, a lifecycle, a field, what the run remembers.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::{EventIx, FieldIx};

use super::Lowering;
use super::error::ConditionError;
use super::parameters::Bound;
use super::schema::CONTACT;
use super::scope::{Readable, Scope, Subject};
use crate::builtin;
use crate::names::{Kind, NameError};
use crate::near::nearest;
use crate::problem::{Location, Problem};

impl Lowering<'_> {
    /// What a name reads.
    pub(super) fn subject(&mut self, path: &syntax::Path, scope: Scope) -> Option<Subject> {
        self.subject_of(path, "text", scope)
    }

    /// What stands on the left of a comparison, which seems to be of a type.
    pub(super) fn subject_of(
        &mut self,
        path: &syntax::Path,
        of_type: &'static str,
        scope: Scope,
    ) -> Option<Subject> {
        if path.is_missing() {
            return None;
        }
        let Some(name) = path.single() else {
            return self.dotted(path, scope).map(Subject::Read);
        };
        if let Some((event, list)) = scope.item_of {
            return self.item_field(event, list, name, scope).map(Subject::Read);
        }
        if let Some(event) = scope.fields_of {
            return self.own_field(event, name, scope).map(Subject::Read);
        }
        match name.text.as_str() {
            "now" => Some(Subject::Now),
            "tag" => Some(Subject::Tag),
            word => {
                if let Some(readable) = self.remembered(word) {
                    if scope.in_run {
                        return Some(Subject::Read(readable.clone()));
                    }
                    self.run_in_counted(word, name.span, scope);
                    return None;
                }
                self.used.name(word);
                if let Some(readable) = self.attribute(word) {
                    return Some(Subject::Read(readable));
                }
                if let Some(score) = self.score_named(word) {
                    return Some(Subject::Read(score));
                }
                if let Some(lifecycle) = self.lifecycles.get(word) {
                    return Some(Subject::Lifecycle(*lifecycle));
                }
                let declared = self.is_reported(word, &[Kind::Lifecycle, Kind::Score]);
                let unread = self.flow.unread.contains(word);
                if !declared && !unread && !self.incomplete.contains(CONTACT) {
                    let problem = self.unknown_subject(word, of_type, scope);
                    let at = Location::new(scope.file, name.span);
                    self.problems.push(problem.at(at));
                }
                None
            }
        }
    }

    /// An attribute, field or register, whatever way it is written.
    pub(super) fn readable(&mut self, path: &syntax::Path, scope: Scope) -> Option<Readable> {
        match self.subject(path, scope)? {
            Subject::Read(readable) => Some(readable),
            Subject::Lifecycle(_) | Subject::Now | Subject::Tag => {
                let name = path.to_string();
                let error = match self.names.get(&name) {
                    Some(_) => self.names.explain(Kind::Attribute, &name),
                    None => NameError::unknown(Kind::Attribute, &name, None, &[]),
                };
                let at = Location::new(scope.file, path.span);
                self.problems.push(error.at(at));
                None
            }
        }
    }

    /// Reports a value of a run where what is counted is counted for all runs alike.
    pub(super) fn run_in_counted(&mut self, name: &str, span: syntax::Span, scope: Scope) {
        let event = name.to_owned();
        let at = Location::new(scope.file, span);
        self.problems
            .push(ConditionError::RunInCounted { event }.at(at));
    }

    fn unknown_subject(&self, word: &str, of_type: &'static str, scope: Scope) -> NameError {
        if self.names.get(word).is_some() {
            return self.names.explain(Kind::Attribute, word);
        }
        let attributes = self.names.of_kind(Kind::Attribute);
        let lifecycles = self.names.of_kind(Kind::Lifecycle);
        let scores = self.names.of_kind(Kind::Score);
        let kept = self.flow.kept.iter().map(|it| it.name.as_str());
        let known: Vec<&str> = attributes
            .chain(lifecycles)
            .chain(scores)
            .chain(kept)
            .collect();
        let at_hand = self.field_at_hand(word, scope);
        let near = foreign(word).or(at_hand.as_deref());
        let near = near.or_else(|| nearest(word, known.iter().copied()));
        NameError::unknown(Kind::Attribute, word, near, &known)
            .in_contact(self.names.last_attribute(), of_type)
    }

    /// A field of that name, of the event that started the run or starts it: `add_to_cart.total` for `total`.
    fn field_at_hand(&self, word: &str, scope: Scope) -> Option<String> {
        let of_run = self.flow.known.iter().filter(|_| scope.in_run);
        let mut events = scope.at_hand.iter().chain(of_run);
        let event = events.find(|event| self.has_field(**event, word))?;
        let event = self.program.schema.events.get(event.at())?;
        Some(format!("{}.{word}", builtin::owner_of_fields(event)))
    }

    /// The attribute of a name.
    pub(super) fn attribute(&self, name: &str) -> Option<Readable> {
        let attributes = &self.program.schema.attributes;
        let at = attributes.iter().position(|it| it.name == name)?;
        let attribute = attributes.get(at)?;
        Some(Readable {
            source: ir::Source::Attribute(ir::AttributeIx(at as u32)),
            kind: attribute.kind.clone(),
            optional: attribute.optional && attribute.default.is_none(),
            private: attribute.private.then(|| attribute.name.clone()),
            names_template: None,
            names_link: None,
            name: attribute.name.clone(),
        })
    }

    /// A field of the event whose `where ( … )` this is.
    fn own_field(&mut self, event: EventIx, name: &syntax::Name, scope: Scope) -> Option<Readable> {
        if !self.has_field(event, &name.text) && self.attribute(&name.text).is_some() {
            let event = self.event_name(event);
            let at = Location::new(scope.file, name.span);
            self.problems
                .push(ConditionError::NotAField { event }.at(at));
            return None;
        }
        let field = self.field_named(event, name, scope)?;
        self.field(event, field, ir::Source::Field(field))
    }

    /// `form_submitted.budget`, `welcome10.expires`.
    fn dotted(&mut self, path: &syntax::Path, scope: Scope) -> Option<Readable> {
        let (last, front) = path.parts.split_last()?;
        let owner = joined(front);
        if let Some(event) = scope.fields_of
            && let Some(field) = self.field_ix(event, &path.to_string())
        {
            return self.field(event, field, ir::Source::Field(field));
        }
        self.used.name(&owner);
        if let Some(offer) = self.offer_of(&owner) {
            return self.offer_part(offer, &owner, last, scope);
        }
        let Some((event, name)) = self.field_path(path) else {
            let offer = last.text == "expires";
            let kind = if offer { Kind::Offer } else { Kind::Event };
            let error = self.names.explain(kind, &owner);
            if !self.is_reported(&owner, &[Kind::Event]) {
                let first = front.first()?.span;
                let span = front.iter().fold(first, |all, part| all.to(part.span));
                let at = Location::new(scope.file, span);
                self.problems.push(error.at(at));
            }
            return None;
        };
        let field = self.field_named(event, &name, scope)?;
        let source = self.source_of(event, field, path, scope)?;
        self.field(event, field, source)
    }

    /// The event that a path begins with, and the rest of the path as the name of its field: events may have dots in
    /// their names, and so have the fields of objects.
    pub(super) fn field_path(&self, path: &syntax::Path) -> Option<(EventIx, syntax::Name)> {
        (1..path.parts.len()).rev().find_map(|at| {
            let (owner, field) = path.parts.split_at_checked(at)?;
            let owner = joined(owner);
            let event = match self.flow.request.filter(|_| owner == builtin::REQUEST) {
                Some(request) => request,
                None => self.event_ix(&owner)?,
            };
            let first = field.first()?.span;
            let name = syntax::Name {
                text: joined(field),
                span: field.iter().fold(first, |all, part| all.to(part.span)),
            };
            Some((event, name))
        })
    }

    /// Where an event has a field of this name.
    fn field_ix(&self, event: EventIx, name: &str) -> Option<FieldIx> {
        let event = self.program.schema.events.get(event.at())?;
        let at = event.fields.iter().position(|it| it.name == name)?;
        Some(FieldIx(at as u32))
    }

    /// Where an event's field is read, if the event is known to have happened.
    pub(super) fn source_of(
        &mut self,
        event: EventIx,
        field: FieldIx,
        path: &syntax::Path,
        scope: Scope,
    ) -> Option<ir::Source> {
        let known = self.flow.known.contains(&event);
        if scope.in_run && known {
            return Some(ir::Source::Register(self.flow.register(event, field)));
        }
        if scope.fields_of == Some(event) || scope.at_hand == Some(event) {
            return Some(ir::Source::Field(field));
        }
        if scope.in_run && self.flow.unclear {
            return None;
        }
        let event = self.event_name(event);
        let error = if known {
            ConditionError::RunInCounted { event }
        } else {
            ConditionError::NotHappened { event }
        };
        let at = Location::new(scope.file, path.span);
        self.problems.push(error.at(at));
        None
    }

    fn offer_of(&self, name: &str) -> Option<ir::OfferIx> {
        match self.parameter(name) {
            Some(Bound::Offer(offer)) => Some(*offer),
            _ => self.offers.get(name).copied(),
        }
    }

    fn offer_part(
        &mut self,
        offer: ir::OfferIx,
        owner: &str,
        part: &syntax::Name,
        scope: Scope,
    ) -> Option<Readable> {
        let moment = |source| Readable {
            source,
            kind: ir::Type::Moment,
            optional: true,
            private: None,
            names_template: None,
            names_link: None,
            name: format!("{owner}.{}", part.text),
        };
        if part.text == "issued" {
            return Some(moment(ir::Source::OfferIssued(offer)));
        }
        if part.text != "expires" {
            self.unknown_in(
                Kind::Field,
                &part.text,
                owner,
                ["expires", "issued"],
                scope.file,
                part.span,
            );
            return None;
        }
        let expires = self.program.offers.get(offer.at())?.valid.is_some();
        if !expires && self.incomplete.contains(owner) {
            return None;
        }
        if !expires {
            let at = Location::new(scope.file, part.span);
            self.problems
                .push(super::offers::OfferError::never_expires(owner).at(at));
            return None;
        }
        Some(moment(ir::Source::OfferExpires(offer)))
    }

    pub(super) fn field_named(
        &mut self,
        event: EventIx,
        name: &syntax::Name,
        scope: Scope,
    ) -> Option<FieldIx> {
        if name.is_missing() {
            return None;
        }
        let declared = self.program.schema.events.get(event.at())?;
        let position = declared.fields.iter().position(|it| it.name == name.text);
        if let Some(at) = position {
            return Some(FieldIx(at as u32));
        }
        if self.incomplete.contains(&declared.name) {
            return None;
        }
        let known = declared.fields.iter().map(|it| it.name.as_str());
        let error = NameError::unknown_in(Kind::Field, &name.text, &declared.name, known);
        let at = Location::new(scope.file, name.span);
        let problem: Problem = error.at(at);
        self.problems.push(problem);
        None
    }

    fn field(&self, event: EventIx, field: FieldIx, source: ir::Source) -> Option<Readable> {
        let declared = self.program.schema.events.get(event.at())?;
        let field = declared.fields.get(field.at())?;
        let channel = builtin::channel_of(&declared.name);
        Some(Readable {
            source,
            kind: field.kind.clone(),
            optional: field.optional,
            private: field.private.then(|| field.name.clone()),
            names_template: channel.filter(|_| field.name == builtin::TEMPLATE),
            names_link: channel.filter(|_| field.name == builtin::LINK),
            name: format!("{}.{}", builtin::owner_of_fields(declared), field.name),
        })
    }
}

/// What other languages call `word`, where no attribute has that name.
fn foreign(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "true" => "yes",
        "false" => "no",
        "null" | "nil" | "none" | "empty" | "blank" | "unknown" => "missing",
        "set" | "present" => "known",
        _ => return None,
    })
}

/// Names with dots between them.
fn joined(names: &[syntax::Name]) -> String {
    let names: Vec<&str> = names.iter().map(|it| it.text.as_str()).collect();
    names.join(".")
}
