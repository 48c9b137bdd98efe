//! Objects in the records of tests: `payment: { method: credit }`, `items: { brand: "Nike" }, { brand: "Puma" }`.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::Value;

use super::error::ScriptError;
use crate::lower::Lowering;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;

/// A record with the fields of its objects among its own, as the event has them: `payment.method`. Lists stay out.
pub(super) fn flat(event: &ir::Event, record: &syntax::Record) -> syntax::Record {
    let mut lines = Vec::new();
    for line in &record.lines {
        match line {
            syntax::RecordLine::Objects(objects) => match objects.objects.as_slice() {
                [object] if list_of(event, &objects.name).is_none() => {
                    lines.extend(fields_of(object).map(|field| named_after(&objects.name, field)));
                }
                [_] | [] => {}
                _ if list_of(event, &objects.name).is_some() => {}
                _ => lines.push(line.clone()),
            },
            other => lines.push(other.clone()),
        }
    }
    syntax::Record {
        lines,
        span: record.span,
    }
}

fn named_after(object: &syntax::Name, field: &syntax::Argument) -> syntax::RecordLine {
    syntax::RecordLine::Field(syntax::Argument {
        name: syntax::Name {
            text: format!("{}.{}", object.text, field.name.text),
            span: field.name.span,
        },
        ..field.clone()
    })
}

fn fields_of(record: &syntax::Record) -> impl Iterator<Item = &syntax::Argument> {
    record.lines.iter().filter_map(|line| match line {
        syntax::RecordLine::Field(field) => Some(field),
        _ => None,
    })
}

/// The list of a name, with its place among the event's fields.
fn list_of<'e>(event: &'e ir::Event, name: &syntax::Name) -> Option<(usize, &'e ir::Items)> {
    let mut fields = event.fields.iter().enumerate();
    fields.find_map(|(at, field)| match &field.kind {
        ir::Type::Items(items) if field.name == name.text => Some((at, items)),
        _ => None,
    })
}

impl Lowering<'_> {
    /// The lists of objects in a record, by their place among the event's fields; nothing where a problem was reported.
    pub(super) fn lists_of(
        &mut self,
        event: &ir::Event,
        record: Option<&syntax::Record>,
        file: FileId,
    ) -> Vec<(usize, Option<Value>)> {
        let lines = record.into_iter().flat_map(|record| &record.lines);
        let mut lists = Vec::new();
        for line in lines {
            if let syntax::RecordLine::Objects(written) = line
                && let Some((at, items)) = list_of(event, &written.name)
            {
                let objects: Vec<_> = written
                    .objects
                    .iter()
                    .map(|object| self.object_of(event, items, object, file))
                    .collect();
                let objects: Option<Vec<_>> = objects.into_iter().collect();
                lists.push((at, objects.map(Value::Items)));
            }
        }
        lists
    }

    fn object_of(
        &mut self,
        event: &ir::Event,
        items: &ir::Items,
        object: &syntax::Record,
        file: FileId,
    ) -> Option<Vec<Option<Value>>> {
        let mut values = vec![None; items.fields.len()];
        let mut sound = !object
            .lines
            .iter()
            .any(|line| !matches!(line, syntax::RecordLine::Field(_)));
        for written in self.fields_once(file, object) {
            let name = &written.name;
            let position = items.fields.iter().position(|it| it.name == name.text);
            let Some((at, field)) = position.and_then(|at| Some((at, items.fields.get(at)?)))
            else {
                let known = items.fields.iter().map(|it| it.name.as_str());
                self.unknown_in(
                    Kind::Field,
                    &name.text,
                    &items.element,
                    known,
                    file,
                    name.span,
                );
                sound = false;
                continue;
            };
            let value = self.constant(&written.value, &field.kind, file);
            sound &= value.is_some();
            if let Some(place) = values.get_mut(at) {
                *place = value;
            }
        }
        if !sound {
            return None;
        }
        for (field, value) in items.fields.iter().zip(&values) {
            if value.is_none() && !field.optional {
                let error = ScriptError::MissingField {
                    name: format!("{}.{}", items.element, field.name),
                    kind: field.kind.clone(),
                    event: event.name.clone(),
                };
                self.problems
                    .push(error.at(Location::new(file, object.span)));
                sound = false;
            }
        }
        sound.then_some(values)
    }

    /// Reports objects where one value must stand.
    pub(super) fn unexpected_objects(&mut self, file: FileId, objects: &syntax::Objects) {
        let one = (
            "one value stands here, and no list of objects",
            "여기에는 객체 목록이 아니라 값 하나가 옵니다",
        );
        self.misplaced(file, objects.span, one);
    }
}
