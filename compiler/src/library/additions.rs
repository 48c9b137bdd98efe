//! What a ready journey needs of declarations that a project has itself: attributes and fields, choices of an
//! enumeration, channels of a consent. Comes in: both declarations. Goes out: insertions into the project's files.
//!
//! A field that is added to an event of the project is optional, because nobody sends it yet.

use std::collections::BTreeMap;

use journey_grammar::tree::{
    Consent, ContactLine, Declaration, EventLine, Field, FieldOption, FieldOptionKind, FieldType,
    FieldTypeKind, Name,
};

use super::own::{Fields, Own, OwnField, OwnFile, Part, channels};

/// Insertions into files: path to byte offset and text.
#[derive(Debug, Default)]
pub(super) struct Additions {
    inserts: BTreeMap<String, Vec<(usize, String)>>,
    /// What was added, in the words of the project: `purchase.cart_id`, `marketing: kakao`.
    pub(super) names: Vec<String>,
}

/// Whether a field may be missing.
fn is_optional(option: &FieldOption) -> bool {
    option.kind == FieldOptionKind::Optional
}

impl Additions {
    /// Adds to the project's own declaration what this one of the same name has more. Tells whether there is such a
    /// declaration that can be added to.
    pub(super) fn meet(&mut self, own: &Own<'_>, declaration: &Declaration, text: &str) -> bool {
        match declaration {
            Declaration::Contact(contact) => {
                let Some(part) = &own.contact else {
                    return false;
                };
                for line in &contact.lines {
                    if let ContactLine::Field(field) = line {
                        let whole = || field.span.of(text).to_owned();
                        self.field(part, "contact", field, whole, text);
                    }
                }
            }
            Declaration::Event(event) => {
                let name = event.name.to_string();
                let Some(part) = own.events.get(&name) else {
                    return false;
                };
                for line in &event.lines {
                    match line {
                        EventLine::Field(field) => {
                            self.field(part, &name, field, || optional(field, text), text);
                        }
                        EventLine::Object(object)
                            if !part.is.all.contains_key(&object.name.text) =>
                        {
                            let mut whole = object.span.of(text).to_owned();
                            if !object.options.iter().any(is_optional) {
                                whole.push_str(", optional");
                            }
                            self.line(part, &name, &object.name.text, &whole);
                        }
                        _ => {}
                    }
                }
            }
            Declaration::Consent(consent) => {
                let Some(part) = own.consents.get(&consent.name.text) else {
                    return false;
                };
                self.channels(part, consent);
            }
            _ => return false,
        }
        true
    }

    fn field(
        &mut self,
        part: &Part<'_, Fields>,
        of: &str,
        field: &Field,
        whole: impl Fn() -> String,
        text: &str,
    ) {
        match part.is.all.get(&field.name.text) {
            None => self.line(part, of, &field.name.text, &whole()),
            Some(OwnField::Field(own)) => {
                let name = format!("{of}.{}", field.name.text);
                self.choices(part.file, &name, &own.kind, &field.kind, text);
            }
            Some(OwnField::Object) => {}
        }
    }

    /// A new line at the end of the braces.
    fn line(&mut self, part: &Part<'_, Fields>, of: &str, name: &str, whole: &str) {
        let closing = (part.is.span.end as usize).saturating_sub(1);
        let before = part.file.text.get(..closing).unwrap_or_default();
        let at = before.trim_end().len();
        // What closes on the line of the last field needs a line of its own now.
        let end = if before.trim_end_matches([' ', '\t']).ends_with('\n') {
            ""
        } else {
            "\n"
        };
        self.insert(part.file, at, format!("\n  {whole}{end}"));
        self.names.push(format!("{of}.{name}"));
    }

    /// The choices that the project's own enumeration lacks. Where they are in an order, only its owner knows the place
    /// of a new one.
    fn choices(
        &mut self,
        file: OwnFile<'_>,
        name: &str,
        own: &FieldType,
        theirs: &FieldType,
        text: &str,
    ) {
        match (&own.kind, &theirs.kind) {
            (FieldTypeKind::ListOf(own), FieldTypeKind::ListOf(theirs)) => {
                self.choices(file, name, own, theirs, text);
            }
            (
                FieldTypeKind::OneOf {
                    choices: own,
                    lowest_first: None,
                },
                FieldTypeKind::OneOf {
                    choices: theirs,
                    lowest_first: None,
                },
            ) => self.words(file, name, own, theirs, text),
            _ => {}
        }
    }

    fn channels(&mut self, part: &Part<'_, Vec<Name>>, theirs: &Consent) {
        let all: Vec<&str> = channels(theirs).iter().map(|it| it.text.as_str()).collect();
        let of = |name: &Name| name.text.clone();
        let own: Vec<String> = part.is.iter().map(of).collect();
        let missing: Vec<&str> = all
            .into_iter()
            .filter(|it| own.iter().all(|own| own != it))
            .collect();
        self.after_last(part.file, &theirs.name.text, &part.is, &missing);
    }

    fn words(&mut self, file: OwnFile<'_>, name: &str, own: &[Name], theirs: &[Name], text: &str) {
        let is_missing = |it: &&Name| own.iter().all(|own| own.text != it.text);
        let missing: Vec<&str> = theirs
            .iter()
            .filter(is_missing)
            .map(|it| it.span.of(text))
            .collect();
        self.after_last(file, name, own, &missing);
    }

    fn after_last(&mut self, file: OwnFile<'_>, name: &str, own: &[Name], missing: &[&str]) {
        let Some(last) = own.last().filter(|_| !missing.is_empty()) else {
            return;
        };
        let words = missing.join(", ");
        self.insert(file, last.span.end as usize, format!(", {words}"));
        self.names.push(format!("{name}: {words}"));
    }

    fn insert(&mut self, file: OwnFile<'_>, at: usize, text: String) {
        let inserts = self.inserts.entry(file.path.to_owned()).or_default();
        inserts.push((at, text));
    }

    /// The files that change, whole. `text` gives what a file is by now: it may have grown at its end.
    pub(super) fn applied(self, text: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let files = self.inserts.into_iter().map(|(path, mut inserts)| {
            // Stable, so that lines at one place keep their order.
            inserts.sort_by_key(|(at, _)| *at);
            let before = text(&path);
            let mut whole = String::new();
            let mut from = 0;
            for (at, inserted) in inserts {
                whole.push_str(before.get(from..at).unwrap_or_default());
                whole.push_str(&inserted);
                from = at;
            }
            whole.push_str(before.get(from..).unwrap_or_default());
            (path, whole)
        });
        files.collect()
    }
}

/// A field as an optional one, which is no key.
fn optional(field: &Field, text: &str) -> String {
    let name = field.name.span.of(text);
    let kind = field.kind.span.of(text);
    let mut whole = format!("{name}: {kind}");
    for option in &field.options {
        if !matches!(
            option.kind,
            FieldOptionKind::Optional | FieldOptionKind::Key
        ) {
            whole.push_str(", ");
            whole.push_str(option.span.of(text));
        }
    }
    whole.push_str(", optional");
    whole
}
