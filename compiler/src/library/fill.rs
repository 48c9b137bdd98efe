//! Tests of a ready journey among events that need more than the library's own: each gets a value for every field that
//! the project's event must have.

use journey_grammar::tree::{
    ActKind, Declaration, FieldOptionKind, FieldType, FieldTypeKind, Name, Record, RecordLine,
    TestLine,
};

use super::own::{Own, OwnField};

/// The text with all events of its tests complete; what has no plain value, such as an object, stays missing.
pub(super) fn filled(text: &str, own: &Own<'_>) -> String {
    let mut inserts: Vec<(usize, String)> = Vec::new();
    for declaration in journey_grammar::parse(text).file.declarations {
        let Declaration::Test(written) = declaration else {
            continue;
        };
        for line in written.lines {
            if let TestLine::Advance(advance) = line
                && let Some(act) = advance.act
                && let ActKind::Does { event, record } = act.kind
            {
                let missing = missing(own, &event.to_string(), record.as_ref());
                if missing.is_empty() {
                    continue;
                }
                inserts.push(match record {
                    Some(record) if record.lines.is_empty() => {
                        (record.span.start as usize + 1, format!(" {missing} "))
                    }
                    Some(record) => (record.span.start as usize + 1, format!(" {missing},")),
                    None => (event.span.end as usize, format!(" {{ {missing} }}")),
                });
            }
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, inserted) in inserts {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(&inserted);
        from = at;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

fn missing(own: &Own<'_>, event: &str, record: Option<&Record>) -> String {
    let Some(part) = own.events.get(event) else {
        return String::new();
    };
    let given: Vec<&str> = record
        .iter()
        .flat_map(|it| &it.lines)
        .filter_map(|line| match line {
            RecordLine::Field(argument) => Some(argument.name.text.as_str()),
            RecordLine::Objects(objects) => Some(objects.name.text.as_str()),
            RecordLine::Agreed(_) | RecordLine::Unknown(_) => None,
        })
        .collect();
    let mut values = Vec::new();
    for (name, field) in &part.is.all {
        let OwnField::Field(field) = field else {
            continue;
        };
        let may_be_missing = field.options.iter().any(|it| {
            matches!(
                it.kind,
                FieldOptionKind::Optional | FieldOptionKind::Default(_)
            )
        });
        if !may_be_missing && !given.contains(&name.as_str()) {
            let value = value(&field.kind, part.file.text);
            let name = field.name.span.of(part.file.text);
            values.extend(value.map(|value| format!("{name}: {value}")));
        }
    }
    values.join(", ")
}

/// Some value of a type.
fn value(kind: &FieldType, text: &str) -> Option<String> {
    let value = match &kind.kind {
        FieldTypeKind::Text => "\"x\"".to_owned(),
        FieldTypeKind::Number | FieldTypeKind::WholeNumber => "1".to_owned(),
        FieldTypeKind::YesOrNo => "yes".to_owned(),
        FieldTypeKind::Date => "2026-01-01".to_owned(),
        FieldTypeKind::Moment => "2026-01-01 09:00".to_owned(),
        FieldTypeKind::Timezone => "Asia/Seoul".to_owned(),
        FieldTypeKind::Link => "\"https://example.com\"".to_owned(),
        FieldTypeKind::EmailAddress => "\"someone@example.com\"".to_owned(),
        FieldTypeKind::PhoneNumber => "\"010-0000-0000\"".to_owned(),
        FieldTypeKind::Money(Some(Name { text, .. })) => format!("10 {text}"),
        FieldTypeKind::OneOf { choices, .. } => choices.first()?.span.of(text).to_owned(),
        FieldTypeKind::ListOf(of) => value(of, text)?,
        _ => return None,
    };
    Some(value)
}
