//! Names as clients write them, found among the names that a project declares: exactly first, then without regard to
//! the habits of writing. `Order Completed`, `orderCompleted` and `order_completed` are the same name.

use std::collections::HashMap;

use journey_engine::Program;

/// A list of declared names.
#[derive(Debug, Default)]
struct Names {
    exact: HashMap<String, String>,
    /// `None` where two declared names look the same: then only the exact one is found.
    folded: HashMap<String, Option<String>>,
}

impl Names {
    fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for name in names {
            all.exact.insert(name.to_owned(), name.to_owned());
            all.folded
                .entry(fold(name))
                .and_modify(|known| *known = None)
                .or_insert_with(|| Some(name.to_owned()));
        }
        all
    }

    fn find(&self, name: &str) -> Option<&str> {
        if let Some(exact) = self.exact.get(name) {
            return Some(exact);
        }
        self.folded.get(&fold(name))?.as_deref()
    }
}

/// The declared names of a project.
#[derive(Debug)]
pub(crate) struct Catalog {
    attributes: Names,
    consents: Names,
    events: Names,
    fields: HashMap<String, Names>,
}

impl Catalog {
    pub(crate) fn of(program: &Program) -> Self {
        let schema = &program.ir().schema;
        let fields = schema.events.iter().map(|event| {
            let fields = event.fields.iter().map(|field| field.name.as_str());
            (event.name.clone(), Names::new(fields))
        });
        Self {
            attributes: Names::new(schema.attributes.iter().map(|one| one.name.as_str())),
            consents: Names::new(schema.consents.iter().map(|one| one.name.as_str())),
            events: Names::new(schema.events.iter().map(|one| one.name.as_str())),
            fields: fields.collect(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.find(name)
    }

    pub(crate) fn consent(&self, name: &str) -> Option<&str> {
        self.consents.find(name)
    }

    pub(crate) fn event(&self, name: &str) -> Option<&str> {
        self.events.find(name)
    }

    pub(crate) fn field(&self, event: &str, name: &str) -> Option<&str> {
        self.fields.get(event)?.find(name)
    }
}

/// Lower case, words joined by one underscore.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len() + 4);
    let mut before_lower = false;
    for letter in name.trim().chars() {
        if letter.is_alphanumeric() || letter == '.' {
            if letter.is_uppercase() && before_lower {
                folded.push('_');
            }
            folded.extend(letter.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with('_') {
            folded.push('_');
        }
        before_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_of_writing_do_not_matter_where_there_is_no_doubt() {
        let names =
            Names::new(["order_completed", "생애주기", "firstName", "a b", "a_b"].into_iter());
        for written in [
            "order_completed",
            "Order Completed",
            "orderCompleted",
            " ORDER-COMPLETED ",
        ] {
            assert_eq!(names.find(written), Some("order_completed"), "{written}");
        }
        assert_eq!(names.find("first_name"), Some("firstName"));
        assert_eq!(names.find("생애주기"), Some("생애주기"));
        assert_eq!(names.find("a_b"), Some("a_b"));
        assert_eq!(names.find("A B"), None);
        assert_eq!(names.find("unknown"), None);
    }
}
