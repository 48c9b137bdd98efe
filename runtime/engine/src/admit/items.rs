//! A list of objects: each is checked field by field, and what does not fit is named by its path, `items[2].price`.

use journey_ir::schema::Items;
use journey_ir::{Field, Value};
use serde_json::Value as Json;

use super::{FieldProblem, coerce, found};
use crate::program::Program;

/// The most objects that a list may have.
const MOST_ITEMS: usize = 200;

/// The list; an object that is not as it must be refuses it, an optional field that does not fit is left out and listed.
pub(super) fn list(
    program: &Program,
    name: &str,
    items: &Items,
    raw: &Json,
    problems: &mut Vec<FieldProblem>,
) -> Result<Value, FieldProblem> {
    let all = match raw {
        Json::Array(all) if all.len() <= MOST_ITEMS => all.as_slice(),
        Json::Array(all) => {
            return Err(FieldProblem {
                field: name.to_owned(),
                problem: format!(
                    "has {} objects, and at most {MOST_ITEMS} are taken",
                    all.len()
                ),
            });
        }
        single @ Json::Object(_) => std::slice::from_ref(single),
        other => return Err(wrong(name.to_owned(), "a list of objects", other)),
    };
    let all = all.iter().enumerate();
    let all: Result<_, _> = all
        .map(|(at, raw)| object(program, &format!("{name}[{at}]"), items, raw, problems))
        .collect();
    all.map(Value::Items)
}

fn object(
    program: &Program,
    path: &str,
    items: &Items,
    raw: &Json,
    problems: &mut Vec<FieldProblem>,
) -> Result<Vec<Option<Value>>, FieldProblem> {
    let Json::Object(raw) = raw else {
        return Err(wrong(path.to_owned(), "an object", raw));
    };
    let field = |field: &Field| {
        let path = || format!("{path}.{}", field.name);
        let Some(raw) = found(raw, &field.name) else {
            return if field.optional {
                Ok(None)
            } else {
                let problem = "is missing".to_owned();
                Err(FieldProblem {
                    field: path(),
                    problem,
                })
            };
        };
        match coerce::value(program, &field.kind, raw) {
            Ok(value) => Ok(Some(value)),
            Err(wanted) if field.optional => {
                problems.push(wrong(path(), &wanted, raw));
                Ok(None)
            }
            Err(wanted) => Err(wrong(path(), &wanted, raw)),
        }
    };
    items.fields.iter().map(field).collect()
}

fn wrong(field: String, wanted: &str, found: &Json) -> FieldProblem {
    FieldProblem {
        field,
        problem: format!("should be {wanted}, and is {}", coerce::shown(found)),
    }
}
