//! Objects and lists of objects in events. The field of an object becomes a field of its event, `payment.method`; a
//! list of objects is one field.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use crate::codes;
use crate::names::Kind;
use crate::problem::{Location, Problem, Text};
use crate::sources::FileId;

/// How many fields an object may have.
const MOST_FIELDS: usize = 64;

impl Lowering<'_> {
    /// Adds an object, or a list of objects, to an event.
    pub(super) fn object(&mut self, file: FileId, object: &syntax::Object, event: &mut ir::Event) {
        let inner = self.object_fields(file, object, event);
        let (optional, private) = self.object_options(file, object);
        if let Some(element) = &object.element {
            if inner.key.is_some() {
                let many = (
                    "`key` is one value of the event, and a list has many",
                    "`key`는 이벤트의 값 하나인데 목록에는 값이 여럿입니다",
                );
                self.misplaced(file, object.name.span, many);
            }
            let items = ir::Items {
                element: element.text.clone(),
                fields: inner.fields,
            };
            event.fields.push(ir::Field {
                name: object.name.text.clone(),
                kind: ir::Type::Items(items),
                optional,
                private,
            });
            return;
        }
        let before = event.fields.len() as u32;
        let key = inner.key.map(|key| ir::FieldIx(before + key.0));
        event.key = event.key.or(key);
        for field in inner.fields {
            event.fields.push(ir::Field {
                name: format!("{}.{}", object.name.text, field.name),
                optional: optional || field.optional,
                private: private || field.private,
                kind: field.kind,
            });
        }
    }

    /// The fields of an object, as those of an event.
    fn object_fields(
        &mut self,
        file: FileId,
        object: &syntax::Object,
        event: &ir::Event,
    ) -> ir::Event {
        let mut inner = ir::Event {
            name: event.name.clone(),
            fields: Vec::new(),
            key: None,
            arrives_within: None,
            built_in: false,
        };
        let mut names: Vec<&syntax::Name> = Vec::new();
        for line in &object.lines {
            match line {
                syntax::ObjectLine::Field(field) if !field.name.is_missing() => {
                    if let Some(first) = names.iter().find(|it| it.text == field.name.text) {
                        self.declared_twice(file, &field.name, Kind::Field, first.span);
                    } else {
                        names.push(&field.name);
                        self.event_field(file, field, &mut inner);
                    }
                }
                syntax::ObjectLine::Field(_) | syntax::ObjectLine::Unknown(_) => {
                    self.incomplete.insert(event.name.clone());
                }
            }
        }
        if !(1..=MOST_FIELDS).contains(&object.lines.len()) {
            self.wrong_size(file, object);
        }
        inner
    }

    /// Whether the whole object is optional, and whether it is private.
    fn object_options(&mut self, file: FileId, object: &syntax::Object) -> (bool, bool) {
        let (mut optional, mut private) = (false, false);
        for option in &object.options {
            match &option.kind {
                syntax::FieldOptionKind::Optional => optional = true,
                syntax::FieldOptionKind::Private => private = true,
                syntax::FieldOptionKind::Key | syntax::FieldOptionKind::Default(_) => {
                    let only = (
                        "an object can only be `optional` and `private`",
                        "객체에는 `optional`과 `private`만 쓸 수 있습니다",
                    );
                    self.misplaced(file, option.span, only);
                }
            }
        }
        (optional, private)
    }

    fn wrong_size(&mut self, file: FileId, object: &syntax::Object) {
        let (name, fields) = (&object.name.text, object.lines.len());
        let at = Location::new(file, object.name.span);
        let message = Text::new(
            format!("`{name}` has {fields} fields"),
            format!("`{name}`의 필드가 {fields}개입니다"),
        );
        let help = Text::new(
            format!("give it between 1 and {MOST_FIELDS} fields"),
            format!("필드를 1개부터 {MOST_FIELDS}개까지 두세요"),
        );
        self.problems
            .push(Problem::new(codes::MISPLACED, at, message).help(help));
    }
}
