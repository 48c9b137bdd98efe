//! Contact, events and consents.

use pest::iterators::Pair;

use super::{Reader, child};
use crate::parse::Rule;
use crate::problem::ProblemKind;
use crate::repair::MAX_DEPTH;
use crate::tree::{
    Arrives, Consent, ConsentLine, Contact, ContactLine, Event, EventLine, Field, FieldOption,
    FieldOptionKind, FieldType, FieldTypeKind, Name, Object, ObjectLine, Path, Span,
};

impl<'a> Reader<'a> {
    pub(super) fn contact(&mut self, pair: &Pair<'a, Rule>) -> Contact {
        let span = self.span(pair);
        self.head(pair, Rule::only_contact_head);
        let body = child(pair, Rule::contact_body);
        let lines = self.lines(
            body,
            Rule::only_contact,
            ContactLine::Unknown,
            |reader, line| Some(ContactLine::Field(reader.field(&line))),
        );
        Contact {
            doc: self.doc(span),
            lines,
            span,
        }
    }

    pub(super) fn event(&mut self, pair: &Pair<'a, Rule>) -> Event {
        let span = self.span(pair);
        let name = if let Some(path) = child(pair, Rule::path) {
            self.path(&path)
        } else {
            let name = self.missing_name(pair);
            Path {
                span: name.span,
                parts: vec![name],
            }
        };
        let title = self.title(pair);
        self.head(pair, Rule::only_event_head);
        let body = child(pair, Rule::event_body);
        let lines = self.lines(
            body,
            Rule::only_event,
            EventLine::Unknown,
            |reader, line| {
                let span = reader.span(&line);
                Some(match line.as_rule() {
                    Rule::arrives => EventLine::Arrives(Arrives {
                        within: reader.duration_in(&line),
                        span,
                    }),
                    Rule::object => EventLine::Object(reader.object(&line)),
                    _ => EventLine::Field(reader.field(&line)),
                })
            },
        );
        Event {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }

    fn object(&mut self, pair: &Pair<'a, Rule>) -> Object {
        let name = self.name_in(pair);
        let element = child(pair, Rule::element).map(|element| self.name_in(&element));
        let lines = self.lines(
            child(pair, Rule::object_body),
            Rule::only_object,
            ObjectLine::Unknown,
            |reader, line| Some(ObjectLine::Field(reader.field(&line))),
        );
        Object {
            name,
            element,
            lines,
            options: self.field_options_in(pair),
            span: self.span(pair),
        }
    }

    pub(super) fn field(&mut self, pair: &Pair<'a, Rule>) -> Field {
        Field {
            name: self.name_in(pair),
            kind: self.field_type_in(pair),
            options: self.field_options_in(pair),
            span: self.span(pair),
        }
    }

    fn field_options_in(&mut self, pair: &Pair<'a, Rule>) -> Vec<FieldOption> {
        let options: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::field_option)
            .collect();
        let options = options.iter();
        options.map(|option| self.field_option(option)).collect()
    }

    fn field_option(&mut self, pair: &Pair<'a, Rule>) -> FieldOption {
        let mut kind = FieldOptionKind::Optional;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::kw_key => kind = FieldOptionKind::Key,
                Rule::kw_private => kind = FieldOptionKind::Private,
                Rule::kw_default => kind = FieldOptionKind::Default(self.value_in(pair)),
                _ => {}
            }
        }
        FieldOption {
            kind,
            span: self.span(pair),
        }
    }

    /// Reads the type below a pair, from the innermost `list of` outwards.
    pub(super) fn field_type_in(&mut self, pair: &Pair<'a, Rule>) -> FieldType {
        let written = child(pair, Rule::field_type);
        let written = written.as_ref().unwrap_or(pair);
        let span = self.span(written);
        let mut lists = Vec::new();
        let mut kind = FieldTypeKind::Text;
        let mut base_span = span;
        for part in written.clone().into_inner() {
            if part.as_rule() == Rule::list_of {
                lists.push(self.span(&part));
            } else {
                base_span = self.span(&part);
                kind = self.base_type(&part);
            }
        }
        if let Some(&too_many) = lists.get(MAX_DEPTH) {
            self.problem(ProblemKind::TooDeep { limit: MAX_DEPTH }, too_many, None);
            lists.clear();
        }
        let base = FieldType {
            kind,
            span: base_span,
        };
        lists.into_iter().rev().fold(base, |inner, list| {
            let span = list.to(inner.span);
            FieldType {
                kind: FieldTypeKind::ListOf(Box::new(inner)),
                span,
            }
        })
    }

    fn base_type(&mut self, pair: &Pair<'a, Rule>) -> FieldTypeKind {
        let Some(inner) = pair.clone().into_inner().next() else {
            return FieldTypeKind::Text;
        };
        match inner.as_rule() {
            Rule::type_one_of => FieldTypeKind::OneOf {
                choices: self.names_in(&inner),
                lowest_first: self.lowest_first_in(&inner),
            },
            Rule::type_money => FieldTypeKind::Money(self.currency_in(&inner)),
            Rule::type_email => FieldTypeKind::EmailAddress,
            Rule::type_phone => FieldTypeKind::PhoneNumber,
            Rule::type_whole => FieldTypeKind::WholeNumber,
            Rule::type_yes_no => FieldTypeKind::YesOrNo,
            Rule::type_years => FieldTypeKind::YearsSince(self.name_in(&inner)),
            _ => match inner.as_str().trim_end() {
                "number" => FieldTypeKind::Number,
                "date" => FieldTypeKind::Date,
                "moment" => FieldTypeKind::Moment,
                "timezone" => FieldTypeKind::Timezone,
                "link" => FieldTypeKind::Link,
                "duration" => FieldTypeKind::Duration,
                "template" => FieldTypeKind::Template,
                "offer" => FieldTypeKind::Offer,
                _ => FieldTypeKind::Text,
            },
        }
    }

    fn lowest_first_in(&self, pair: &Pair<'a, Rule>) -> Option<Span> {
        let words = child(pair, Rule::lowest_first)?;
        let lowest = child(&words, Rule::kw_lowest)?;
        let first = child(&words, Rule::kw_first)?;
        Some(self.span(&lowest).to(self.span(&first)))
    }

    fn currency_in(&self, pair: &Pair<'a, Rule>) -> Option<Name> {
        let code = child(pair, Rule::currency_code)?;
        Some(Name {
            text: code.as_str().to_owned(),
            span: self.span(&code),
        })
    }

    pub(super) fn consent(&mut self, pair: &Pair<'a, Rule>) -> Consent {
        let span = self.span(pair);
        let name = self.declared_name(pair);
        let title = self.title(pair);
        self.head(pair, Rule::only_named_head);
        let body = child(pair, Rule::consent_body);
        let lines = self.lines(
            body,
            Rule::only_consent,
            ConsentLine::Unknown,
            |reader, line| {
                Some(match line.as_rule() {
                    Rule::consent_for => ConsentLine::For(reader.names_in(&line)),
                    _ => ConsentLine::AskAgainEvery(reader.duration_in(&line)),
                })
            },
        );
        Consent {
            doc: self.doc(span),
            name,
            title,
            lines,
            span,
        }
    }
}
