//! Names in tests.

use journey_grammar::tree;

use super::{Owner, Target, Walk, members, objects};
use crate::names::Kind;

impl Walk<'_, '_> {
    pub(super) fn test(&mut self, test: &tree::Test) {
        self.test = test.span.start;
        let journey = test.journey.as_ref();
        if let Some(journey) = journey {
            self.use_named(journey, Kind::Journey);
        }
        let journey = journey.map_or_else(String::new, |it| it.text.clone());
        for line in &test.lines {
            match line {
                tree::TestLine::Given(given) => self.given(given),
                tree::TestLine::Advance(advance) => {
                    if let Some(act) = &advance.act {
                        self.act(act);
                    }
                }
                tree::TestLine::Expect(expect) => self.expect(&expect.kind, &journey),
                tree::TestLine::Unknown(_) => {}
            }
        }
    }

    fn given(&mut self, given: &tree::Given) {
        let target = Target::Person(self.test, given.person.text.clone());
        self.define(&given.person, target);
        if let Some(record) = &given.record {
            self.record(record, None);
        }
    }

    fn person(&mut self, person: &tree::Name) {
        self.uses(person.span, Target::Person(self.test, person.text.clone()));
    }

    /// Fields of an event, or attributes.
    fn record(&mut self, record: &tree::Record, event: Option<&str>) {
        for line in &record.lines {
            match line {
                tree::RecordLine::Field(field) => {
                    let name = field.name.text.clone();
                    let owner = if let Some(event) = event {
                        self.use_field(event, &field.name)
                    } else {
                        self.uses(field.name.span, Target::Attribute(name.clone()));
                        Owner::Attribute(name)
                    };
                    self.value(&field.value, Some(&owner), None);
                }
                tree::RecordLine::Objects(it) => {
                    let event = event.unwrap_or_default();
                    self.use_field(event, &it.name);
                    let object = objects(self.names, event);
                    let called = object
                        .filter(|object| object.name.text == it.name.text)
                        .find_map(|object| object.element.as_ref());
                    let inside = format!("{event}.{}", called.unwrap_or(&it.name).text);
                    for object in &it.objects {
                        self.record(object, Some(&inside));
                    }
                }
                tree::RecordLine::Agreed(agreed) => self.agreed(agreed),
                tree::RecordLine::Unknown(_) => {}
            }
        }
    }

    fn act(&mut self, act: &tree::Act) {
        self.person(&act.person);
        match &act.kind {
            tree::ActKind::Does { event, record } => {
                self.use_path(event, Kind::Event);
                if let Some(record) = record {
                    self.record(record, Some(&event.to_string()));
                }
            }
            tree::ActKind::Enters { journey, record } => {
                self.use_path(journey, Kind::Journey);
                if let Some(record) = record {
                    let request = members::request_of(&journey.to_string());
                    self.record(record, Some(&request));
                }
            }
            tree::ActKind::Changes(record) => self.record(record, None),
            tree::ActKind::Withdraws(consent) => self.use_path(consent, Kind::Consent),
        }
    }

    fn expect(&mut self, expect: &tree::ExpectKind, journey: &str) {
        match expect {
            tree::ExpectKind::NoMessages { to } | tree::ExpectKind::AtMost { to, .. } => {
                self.person(to);
            }
            tree::ExpectKind::Message { message, to, .. } => {
                self.message(message);
                self.person(to);
            }
            tree::ExpectKind::Task { assignee } => self.use_setting(assignee, Kind::Team),
            tree::ExpectKind::Call { action, arguments } => {
                self.use_setting(action, Kind::Connector);
                self.arguments(arguments);
            }
            tree::ExpectKind::Exited { person, reason } => {
                self.person(person);
                let target = Target::Reason(journey.to_owned(), reason.text.clone());
                self.uses(reason.span, target);
            }
            tree::ExpectKind::Waiting { person, step } => {
                self.person(person);
                if let Some(label) = step.parts.last() {
                    let target = Target::Label(journey.to_owned(), label.text.clone());
                    self.uses(label.span, target);
                }
            }
            tree::ExpectKind::Value {
                person,
                of,
                comparison: _,
            } => {
                self.person(person);
                let kind = self.names.get(&of.to_string()).map(|it| it.kind);
                match (kind, of.single()) {
                    (Some(Kind::Score), _) | (_, None) => self.use_path(of, Kind::Score),
                    (_, Some(name)) => {
                        self.uses(name.span, Target::Attribute(name.text.clone()));
                    }
                }
            }
            tree::ExpectKind::In { person, group } | tree::ExpectKind::NotIn { person, group } => {
                self.person(person);
                let kind = self.names.get(&group.to_string()).map(|it| it.kind);
                self.use_path(group, kind.unwrap_or(Kind::Journey));
            }
        }
    }
}
