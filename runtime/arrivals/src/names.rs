//! Names as clients write them, found among the names that a project declares: exactly first, then without regard to
//! the habits of writing. `Order Completed`, `orderCompleted` and `order_completed` are the same name.

use std::collections::HashMap;

use journey_engine::Program;
use journey_ir::EventIx;

/// A list of declared names, found by their positions in it.
#[derive(Debug, Default)]
struct Names {
    exact: HashMap<String, usize>,
    /// `None` where two declared names look the same: then only the exact one is found.
    folded: HashMap<String, Option<usize>>,
}

impl Names {
    fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for (at, name) in names.enumerate() {
            all.exact.insert(name.to_owned(), at);
            all.folded
                .entry(fold(name))
                .and_modify(|known| *known = None)
                .or_insert(Some(at));
        }
        all
    }

    fn find(&self, name: &str) -> Option<usize> {
        if let Some(exact) = self.exact.get(name) {
            return Some(*exact);
        }
        self.folded.get(&fold(name)).copied().flatten()
    }
}

/// A declared event.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Which one.
    pub(crate) event: EventIx,
    fields: Names,
    /// How many fields it has.
    pub(crate) width: usize,
}

impl Declared {
    /// The position of a field.
    pub(crate) fn field(&self, name: &str) -> Option<usize> {
        self.fields.find(name)
    }
}

/// The declared names of a project.
#[derive(Debug)]
pub(crate) struct Catalog {
    attributes: (Names, Vec<String>),
    consents: (Names, Vec<String>),
    events: (Names, Vec<Declared>),
}

impl Catalog {
    pub(crate) fn of(program: &Program) -> Self {
        let schema = &program.ir().schema;
        let declared = schema.events.iter().enumerate().map(|(at, event)| {
            let fields = event.fields.iter().map(|field| field.name.as_str());
            Declared {
                event: EventIx(at as u32),
                fields: Names::new(fields),
                width: event.fields.len(),
            }
        });
        Self {
            attributes: listed(schema.attributes.iter().map(|one| one.name.as_str())),
            consents: listed(schema.consents.iter().map(|one| one.name.as_str())),
            events: (
                Names::new(schema.events.iter().map(|one| one.name.as_str())),
                declared.collect(),
            ),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let (names, all) = &self.attributes;
        all.get(names.find(name)?).map(String::as_str)
    }

    pub(crate) fn consent(&self, name: &str) -> Option<&str> {
        let (names, all) = &self.consents;
        all.get(names.find(name)?).map(String::as_str)
    }

    pub(crate) fn event(&self, name: &str) -> Option<&Declared> {
        let (names, all) = &self.events;
        all.get(names.find(name)?)
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str> + Clone) -> (Names, Vec<String>) {
    let all = names.clone().map(str::to_owned);
    (Names::new(names), all.collect())
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
            assert_eq!(names.find(written), Some(0), "{written}");
        }
        assert_eq!(names.find("first_name"), Some(2));
        assert_eq!(names.find("생애주기"), Some(1));
        assert_eq!(names.find("a_b"), Some(4));
        assert_eq!(names.find("A B"), None);
        assert_eq!(names.find("unknown"), None);
    }
}
