//! Attributes, events and consents.

use std::collections::BTreeMap;

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use crate::builtin;
use crate::codes;
use crate::names::{Kind, NameError};
use crate::near::nearest;
use crate::problem::{Location, Problem, Text};
use crate::sources::FileId;

/// What the contact is called among things with lines that could not be read.
pub(super) const CONTACT: &str = "contact";
/// What the consents are called there.
pub(super) const CONSENT: &str = "consent";

impl Lowering<'_> {
    /// Lowers what is known about people.
    pub(super) fn schema(&mut self) {
        if self.names.has_second_contact() {
            self.incomplete.insert(CONTACT.to_owned());
        }
        if let Some((file, contact)) = self.names.contact() {
            self.attributes(file, contact);
        }
        for (name, file, event) in self.names.events() {
            let lowered = self.event(name, file, event);
            self.add_event(lowered);
        }
        for event in builtin::events() {
            self.add_event(event);
        }
        for (name, file, journey) in self.names.journeys() {
            self.request(name, file, journey);
        }
        for (name, file, consent) in self.names.consents() {
            let lowered = self.consent(name, file, consent);
            let at = ir::ConsentIx(self.program.schema.consents.len() as u32);
            self.consents.insert(lowered.name.clone(), at);
            self.program.schema.consents.push(lowered);
        }
    }

    /// The request by which people enter a journey is an event of that journey, which comes by its own door.
    fn request(&mut self, journey: &str, file: FileId, written: &syntax::Journey) {
        let request = written.header.iter().find_map(|line| match line {
            syntax::HeaderLine::Enter(enter) => match &enter.start {
                syntax::EntryStart::Request(request) => Some(request),
                syntax::EntryStart::When { .. } | syntax::EntryStart::Schedule { .. } => None,
            },
            _ => None,
        });
        let Some(request) = request else {
            return;
        };
        let mut event = ir::Event {
            name: builtin::request_event(journey),
            fields: Vec::new(),
            key: None,
            arrives_within: None,
            built_in: true,
        };
        if let Some(taken) = self.names.get(&event.name) {
            let first = taken.at.span;
            self.declared_twice(file, &written.name, Kind::Event, first);
            return;
        }
        let mut places: BTreeMap<&str, syntax::Span> = BTreeMap::new();
        for field in &request.fields {
            if let Some(&first) = places.get(field.name.text.as_str()) {
                self.declared_twice(file, &field.name, Kind::Field, first);
            } else {
                places.insert(&field.name.text, field.name.span);
                self.event_field(file, field, &mut event);
            }
        }
        self.add_event(event);
    }

    fn add_event(&mut self, event: ir::Event) {
        let at = ir::EventIx(self.program.schema.events.len() as u32);
        self.events.insert(event.name.clone(), at);
        self.program.schema.events.push(event);
    }

    fn attributes(&mut self, file: FileId, contact: &syntax::Contact) {
        let mut fields: Vec<&syntax::Field> = Vec::new();
        for line in &contact.lines {
            let syntax::ContactLine::Field(field) = line else {
                self.incomplete.insert(CONTACT.to_owned());
                continue;
            };
            let is_first = fields.iter().all(|it| it.name.text != field.name.text);
            if !field.name.is_missing() && is_first {
                fields.push(field);
            }
        }
        for field in &fields {
            // An attribute whose type was reported stays known by name; no program comes of it.
            let kind = self.attribute_type(file, &field.kind, &fields);
            let kind = kind.unwrap_or_else(|| {
                self.gap(file, field.kind.span);
                ir::Type::Text
            });
            let mut attribute = ir::Attribute {
                name: field.name.text.clone(),
                kind,
                optional: false,
                private: false,
                default: None,
            };
            for option in &field.options {
                match &option.kind {
                    syntax::FieldOptionKind::Optional => attribute.optional = true,
                    syntax::FieldOptionKind::Private => attribute.private = true,
                    syntax::FieldOptionKind::Default(value) => {
                        attribute.default = self.constant(value, &attribute.kind, file);
                        if attribute.default.is_none() {
                            self.gap(file, option.span);
                        }
                    }
                    syntax::FieldOptionKind::Key => self.misplaced(
                        file,
                        option.span,
                        (
                            "`key` is for fields of events",
                            "`key`는 이벤트의 필드에만 씁니다",
                        ),
                    ),
                }
            }
            self.program.schema.attributes.push(attribute);
        }
    }

    fn attribute_type(
        &mut self,
        file: FileId,
        kind: &syntax::FieldType,
        fields: &[&syntax::Field],
    ) -> Option<ir::Type> {
        let syntax::FieldTypeKind::YearsSince(name) = &kind.kind else {
            return self.field_type(file, kind);
        };
        let position = fields.iter().position(|it| it.name.text == name.text);
        let Some(at) = position else {
            let known: Vec<&str> = fields.iter().map(|it| it.name.text.as_str()).collect();
            let near = nearest(&name.text, known.iter().copied());
            if !name.is_missing() {
                let error = NameError::unknown(Kind::Attribute, &name.text, near, &[]);
                self.problems.push(error.at(Location::new(file, name.span)));
            }
            return None;
        };
        let is_date = fields
            .get(at)
            .is_some_and(|it| matches!(it.kind.kind, syntax::FieldTypeKind::Date));
        if !is_date {
            self.misplaced(
                file,
                name.span,
                (
                    "`years since` needs a `date` attribute",
                    "`years since`에는 `date` 속성이 필요합니다",
                ),
            );
            return None;
        }
        Some(ir::Type::YearsSince(ir::AttributeIx(at as u32)))
    }

    /// A type of a field; what only attributes or parameters can have is reported.
    pub(super) fn field_type(
        &mut self,
        file: FileId,
        kind: &syntax::FieldType,
    ) -> Option<ir::Type> {
        use syntax::FieldTypeKind as Written;
        Some(match &kind.kind {
            Written::Text => ir::Type::Text,
            Written::Number => ir::Type::Number,
            Written::WholeNumber => ir::Type::WholeNumber,
            Written::YesOrNo => ir::Type::YesNo,
            Written::Date => ir::Type::Date,
            Written::Moment => ir::Type::Moment,
            Written::Timezone => ir::Type::Timezone,
            Written::Link => ir::Type::Link,
            Written::EmailAddress => ir::Type::EmailAddress,
            Written::PhoneNumber => ir::Type::PhoneNumber,
            Written::Money(None) => ir::Type::Money(self.manifest.currency()),
            Written::Money(Some(code)) => ir::Type::Money(Some(ir::Currency::new(&code.text)?)),
            Written::OneOf {
                choices,
                lowest_first,
            } => {
                let words = self.choice_names(file, choices);
                if lowest_first.is_some() {
                    ir::Type::Scale(words)
                } else {
                    ir::Type::OneOf(words)
                }
            }
            Written::ListOf(item) => ir::Type::ListOf(Box::new(self.field_type(file, item)?)),
            Written::YearsSince(_) => {
                self.misplaced(
                    file,
                    kind.span,
                    (
                        "`years since` is for attributes of a contact",
                        "`years since`는 contact의 속성에만 씁니다",
                    ),
                );
                return None;
            }
            Written::Duration | Written::Template | Written::Offer => {
                self.misplaced(
                    file,
                    kind.span,
                    (
                        "this type is for parameters of a sequence",
                        "시퀀스의 매개변수에만 쓰는 타입입니다",
                    ),
                );
                return None;
            }
        })
    }

    fn choice_names(&mut self, file: FileId, choices: &[syntax::Name]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for choice in choices.iter().filter(|it| !it.is_missing()) {
            if names.contains(&choice.text) {
                let first = choices.iter().find(|it| it.text == choice.text);
                let first = first.map_or(choice.span, |it| it.span);
                self.declared_twice(file, choice, Kind::Choice, first);
            } else {
                names.push(choice.text.clone());
            }
        }
        names
    }

    /// Reports a name that stands twice in one declaration.
    pub(super) fn declared_twice(
        &mut self,
        file: FileId,
        name: &syntax::Name,
        kind: Kind,
        first: syntax::Span,
    ) {
        let first = Location::new(file, first);
        let error = NameError::twice(&name.text, kind, kind, first);
        self.problems.push(error.at(Location::new(file, name.span)));
    }

    fn event(&mut self, name: &str, file: FileId, event: &syntax::Event) -> ir::Event {
        let mut lowered = ir::Event {
            name: name.to_owned(),
            fields: Vec::new(),
            key: None,
            arrives_within: None,
            built_in: false,
        };
        let mut places: BTreeMap<&str, syntax::Span> = BTreeMap::new();
        let mut arrives: Option<syntax::Span> = None;
        for line in &event.lines {
            match line {
                syntax::EventLine::Field(field) if !field.name.is_missing() => {
                    if let Some(&first) = places.get(field.name.text.as_str()) {
                        self.declared_twice(file, &field.name, Kind::Field, first);
                    } else {
                        places.insert(&field.name.text, field.name.span);
                        self.event_field(file, field, &mut lowered);
                    }
                }
                syntax::EventLine::Object(object) => {
                    if let Some(&first) = places.get(object.name.text.as_str()) {
                        self.declared_twice(file, &object.name, Kind::Field, first);
                    } else {
                        places.insert(&object.name.text, object.name.span);
                        self.object(file, object, &mut lowered);
                    }
                }
                syntax::EventLine::Arrives(line) => {
                    if let Some(first) = arrives.replace(line.span) {
                        self.repeated(file, line.span, first, "arrives within");
                    }
                    lowered.arrives_within = self.span(line.within, file);
                }
                syntax::EventLine::Field(_) | syntax::EventLine::Unknown(_) => {
                    self.incomplete.insert(name.to_owned());
                }
            }
        }
        lowered
    }

    pub(super) fn event_field(
        &mut self,
        file: FileId,
        field: &syntax::Field,
        event: &mut ir::Event,
    ) {
        let kind = self.field_type(file, &field.kind);
        let kind = kind.unwrap_or_else(|| {
            self.gap(file, field.kind.span);
            ir::Type::Text
        });
        let mut lowered = ir::Field {
            name: field.name.text.clone(),
            kind,
            optional: false,
            private: false,
        };
        let at = ir::FieldIx(event.fields.len() as u32);
        for option in &field.options {
            match &option.kind {
                syntax::FieldOptionKind::Optional => lowered.optional = true,
                syntax::FieldOptionKind::Private => lowered.private = true,
                syntax::FieldOptionKind::Key if event.key.is_some() => self.misplaced(
                    file,
                    option.span,
                    (
                        "an event has one `key`, and another field is it already",
                        "이벤트의 `key`는 하나뿐이며, 이미 다른 필드가 `key`입니다",
                    ),
                ),
                syntax::FieldOptionKind::Key => event.key = Some(at),
                syntax::FieldOptionKind::Default(_) => self.misplaced(
                    file,
                    option.span,
                    (
                        "`default` is for attributes of a contact",
                        "`default`는 contact의 속성에만 씁니다",
                    ),
                ),
            }
        }
        event.fields.push(lowered);
    }

    fn consent(&mut self, name: &str, file: FileId, consent: &syntax::Consent) -> ir::Consent {
        let mut lowered = ir::Consent {
            name: name.to_owned(),
            channels: Vec::new(),
            others: Vec::new(),
            ask_again: None,
        };
        for line in &consent.lines {
            match line {
                syntax::ConsentLine::For(receivers) => {
                    for receiver in receivers.iter().filter(|it| !it.is_missing()) {
                        self.receiver(file, receiver, &mut lowered);
                    }
                }
                syntax::ConsentLine::AskAgainEvery(duration) => {
                    lowered.ask_again = self.span(*duration, file);
                }
                syntax::ConsentLine::Unknown(_) => {
                    self.incomplete.insert(CONSENT.to_owned());
                }
            }
        }
        lowered
    }

    /// A channel, or a receiver outside such as an ad network; a word near a channel is a slip.
    fn receiver(&mut self, file: FileId, receiver: &syntax::Name, consent: &mut ir::Consent) {
        let words = ir::Channel::ALL.map(ir::Channel::word);
        if let Some(channel) = ir::Channel::from_word(&receiver.text) {
            if !consent.channels.contains(&channel) {
                consent.channels.push(channel);
            }
        } else if nearest(&receiver.text, words).is_some() {
            let (text, span) = (&receiver.text, receiver.span);
            self.unknown_in(Kind::Channel, text, "", words, file, span);
            self.incomplete.insert(CONSENT.to_owned());
        } else if !consent.others.contains(&receiver.text) {
            consent.others.push(receiver.text.clone());
        }
    }

    /// Reports something that cannot stand where it was written.
    pub(super) fn misplaced(&mut self, file: FileId, span: syntax::Span, (en, ko): (&str, &str)) {
        let at = Location::new(file, span);
        self.problems.push(
            Problem::new(codes::MISPLACED, at, Text::new(en, ko))
                .help(Text::new("leave it out here", "여기에서는 빼세요")),
        );
    }

    /// Reports a line that stands twice where one is possible.
    pub(super) fn repeated(
        &mut self,
        file: FileId,
        span: syntax::Span,
        first: syntax::Span,
        line: &str,
    ) {
        let at = Location::new(file, span);
        self.problems.push(
            Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    format!("`{line}` is written twice, and only one is possible"),
                    format!("`{line}`이(가) 두 번 쓰였습니다. 하나만 쓸 수 있습니다"),
                ),
            )
            .label(Text::new("the second", "두 번째"))
            .other(
                Location::new(file, first),
                Text::new("the first", "첫 번째"),
            )
            .help(Text::new("keep one of the two", "둘 중 하나만 남기세요")),
        );
    }
}
