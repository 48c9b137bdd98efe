//! What happens in a test: who is given, what they do, what changes.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::{AttributeIx, Channel, ConsentIx, EventIx, Value};

use super::Draft;
use super::error::ScriptError;
use super::objects::flat;
use crate::builtin;
use crate::lower::Lowering;
use crate::lower::schema::CONTACT;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;
use crate::testing::script::{Act, LineKind, PersonIx};

/// What is known of a person: attributes and consents.
type Facts = (
    Vec<(AttributeIx, Option<Value>)>,
    Vec<(ConsentIx, Option<Channel>)>,
);

impl Lowering<'_> {
    /// `given 민지 { email: "minji@example.com", agreed to marketing by email }`
    pub(super) fn given<'t>(
        &mut self,
        draft: &mut Draft<'t>,
        given: &'t syntax::Given,
    ) -> Option<LineKind> {
        let name = &given.person;
        if name.is_missing() {
            return None;
        }
        if let Some(first) = draft.people.iter().find(|it| it.text == name.text) {
            self.declared_twice(draft.file, name, Kind::Person, first.span);
            return None;
        }
        let person = PersonIx(draft.people.len());
        draft.people.push(name);
        let (attributes, consents) = match &given.record {
            Some(record) => self.known_of(draft.file, record)?,
            None => Facts::default(),
        };
        let known = attributes.into_iter();
        let act = Act::Introduced {
            attributes: known.filter_map(|(at, it)| Some((at, it?))).collect(),
            consents,
        };
        Some(LineKind::Happens(person, act))
    }

    /// The attributes and consents of a record.
    fn known_of(&mut self, file: FileId, record: &syntax::Record) -> Option<Facts> {
        let attributes = self.attributes_of(file, record)?;
        let mut consents = Vec::new();
        for line in &record.lines {
            if let syntax::RecordLine::Agreed(agreed) = line {
                consents.push(self.given_consent(file, agreed)?);
            }
        }
        Some((attributes, consents))
    }

    fn given_consent(
        &mut self,
        file: FileId,
        agreed: &syntax::Agreed,
    ) -> Option<(ConsentIx, Option<Channel>)> {
        let consent = self.consent_named(&agreed.consent, file);
        let channel = match &agreed.channel {
            Some(path) => Some(self.channel_named(&path.to_string(), file, path.span)?),
            None => None,
        };
        Some((consent?, channel))
    }

    /// What a person does, or what happens to them.
    pub(super) fn act(&mut self, draft: &Draft<'_>, act: &syntax::Act) -> Option<LineKind> {
        let person = self.person(draft, &act.person);
        let file = draft.file;
        let act = match &act.kind {
            syntax::ActKind::Does { event, record } => {
                let ix = self.event_named(event, file)?;
                let at = Location::new(file, event.span);
                let fields = self.fields_of_event(ix, record.as_ref(), at)?;
                Act::Does { event: ix, fields }
            }
            syntax::ActKind::Changes(record) => {
                let (attributes, consents) = self.known_of(file, record)?;
                Act::Changes {
                    attributes,
                    consents,
                }
            }
            syntax::ActKind::Enters { journey, record } => {
                let ix = self.request_of(journey, file)?;
                let at = Location::new(file, journey.span);
                let fields = self.fields_of_event(ix, record.as_ref(), at)?;
                Act::Does { event: ix, fields }
            }
            syntax::ActKind::Withdraws(consent) => {
                Act::Withdraws(self.consent_named(consent, file)?)
            }
        };
        Some(LineKind::Happens(person?, act))
    }

    fn attributes_of(
        &mut self,
        file: FileId,
        record: &syntax::Record,
    ) -> Option<Vec<(AttributeIx, Option<Value>)>> {
        let fields = self.fields_once(file, record);
        let mut all = Vec::new();
        for field in &fields {
            all.push(self.attribute_of(file, field));
        }
        all.into_iter().collect()
    }

    fn attribute_of(
        &mut self,
        file: FileId,
        field: &syntax::Argument,
    ) -> Option<(AttributeIx, Option<Value>)> {
        let name = &field.name.text;
        let at = Location::new(file, field.name.span);
        let Some(attribute) = self.attribute(name) else {
            if !field.name.is_missing() && !self.incomplete.contains(CONTACT) {
                let error = self.names.explain(Kind::Attribute, name);
                self.problems.push(error.at(at));
            }
            return None;
        };
        let ir::Source::Attribute(ix) = attribute.source else {
            return None;
        };
        if matches!(attribute.kind, ir::Type::YearsSince(_)) {
            let name = name.clone();
            self.problems.push(ScriptError::Computed { name }.at(at));
            return None;
        }
        if field.value.kind == syntax::ValueKind::Missing {
            return Some((ix, None));
        }
        Some((
            ix,
            Some(self.constant(&field.value, &attribute.kind, file)?),
        ))
    }

    fn fields_of_event(
        &mut self,
        event: EventIx,
        record: Option<&syntax::Record>,
        at: Location,
    ) -> Option<Vec<Option<Value>>> {
        let declared = self.program.schema.events.get(event.at())?.clone();
        let mut values: Vec<Option<Value>> = vec![None; declared.fields.len()];
        let mut sound = true;
        for (ix, list) in self.lists_of(&declared, record, at.file) {
            sound &= list.is_some();
            if let Some(place) = values.get_mut(ix) {
                *place = list;
            }
        }
        let written = record.map(|record| self.fields_once(at.file, &flat(&declared, record)));
        for field in written.iter().flatten() {
            match self.field_of_event(&declared, field, at.file) {
                Some((ix, value)) => {
                    if let Some(place) = values.get_mut(ix) {
                        *place = value;
                    }
                }
                None => sound = false,
            }
        }
        for line in record.iter().flat_map(|it| &it.lines) {
            if let syntax::RecordLine::Agreed(agreed) = line {
                let at = Location::new(at.file, agreed.span);
                self.problems.push(ScriptError::ConsentOfEvent.at(at));
                sound = false;
            }
        }
        // Where something could not be read, it may be the field that seems to be missing.
        if !sound || self.incomplete.contains(&declared.name) {
            return None;
        }
        for (field, value) in declared.fields.iter().zip(&values) {
            if value.is_none() && !field.optional {
                let error = ScriptError::MissingField {
                    name: field.name.clone(),
                    kind: field.kind.clone(),
                    event: declared.name.clone(),
                };
                self.problems.push(error.at(at));
                sound = false;
            }
        }
        sound.then_some(values)
    }

    fn field_of_event(
        &mut self,
        event: &ir::Event,
        written: &syntax::Argument,
        file: FileId,
    ) -> Option<(usize, Option<Value>)> {
        let name = &written.name.text;
        let Some(at) = event.fields.iter().position(|it| it.name == *name) else {
            if !written.name.is_missing() && !self.incomplete.contains(&event.name) {
                let known = event.fields.iter().map(|it| it.name.as_str());
                let span = written.name.span;
                self.unknown_in(Kind::Field, name, &event.name, known, file, span);
            }
            return None;
        };
        if written.value.kind == syntax::ValueKind::Missing {
            return Some((at, None));
        }
        let channel = builtin::channel_of(&event.name).filter(|_| name == builtin::TEMPLATE);
        let value = match channel {
            Some(channel) => self.template_name(&written.value, channel, file)?,
            None => self.constant(&written.value, &event.fields.get(at)?.kind, file)?,
        };
        if let Some(channel) = builtin::channel_of(&event.name).filter(|_| name == builtin::LINK) {
            self.check_link(&written.value, channel, file);
        }
        Some((at, Some(value)))
    }

    /// The event that a request to enter a journey is, or a problem.
    fn request_of(&mut self, journey: &syntax::Path, file: FileId) -> Option<EventIx> {
        let name = journey.to_string();
        if let Some(event) = self.event_ix(&builtin::request_event(&name)) {
            return Some(event);
        }
        let at = Location::new(file, journey.span);
        if self.is_reported(&name, &[Kind::Journey]) {
            self.problems
                .push(ScriptError::NotByRequest { name }.at(at));
        } else if !journey.is_missing() {
            let error = self.names.explain(Kind::Journey, &name);
            self.problems.push(error.at(at));
        }
        None
    }

    /// The fields of a record; one that is written twice is reported.
    pub(super) fn fields_once(
        &mut self,
        file: FileId,
        record: &syntax::Record,
    ) -> Vec<syntax::Argument> {
        for line in &record.lines {
            if let syntax::RecordLine::Objects(objects) = line {
                self.unexpected_objects(file, objects);
            }
        }
        let fields = record.lines.iter().filter_map(|line| match line {
            syntax::RecordLine::Field(field) => Some(field.clone()),
            syntax::RecordLine::Objects(_)
            | syntax::RecordLine::Agreed(_)
            | syntax::RecordLine::Unknown(_) => None,
        });
        let mut once: Vec<syntax::Argument> = Vec::new();
        for field in fields {
            match once.iter().find(|it| it.name.text == field.name.text) {
                Some(first) if !field.name.is_missing() => {
                    self.declared_twice(file, &field.name, Kind::Field, first.name.span);
                }
                _ => once.push(field),
            }
        }
        once
    }
}
