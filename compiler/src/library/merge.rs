//! A ready journey into a project: what is missing is added, what is there stays.
//!
//! Files of the journey go where the project keeps such files. Declarations of a name that the project has are left
//! out; attributes that its `contact` lacks are inserted before its closing brace; tables that its `journey.toml` lacks
//! are appended. Messages come in the project's language, their translations beside them.

use std::collections::BTreeSet;

use journey_grammar::tree::{ContactLine, Declaration};

use super::{Entry, SETTINGS, language};
use crate::project::LoadedProject;

/// The setting that says in which language a project is written.
const LANGUAGE: &str = "default_language";

/// What copying a journey comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Files to write, new or changed: path in the project, and the whole text.
    pub(crate) files: Vec<(String, String)>,
    /// Names that the project declares itself, and which were left as they are.
    pub(crate) kept: Vec<String>,
    /// Files that are there already, and which were left as they are.
    pub(crate) there: Vec<String>,
}

/// Copies a ready journey into a project.
pub(crate) fn into(project: &LoadedProject, entry: Entry) -> Copied {
    let mut copy = Copied::default();
    let own = Own::of(project);
    let (theirs, ours) = (language_of(project), entry.language());
    for (path, text) in entry.files() {
        if let Some(pair) = exchange(entry, path, text, &theirs, &ours) {
            for (to, text) in pair {
                copy.file(&own, to, text);
            }
            continue;
        }
        match place(path, entry.name) {
            Place::Settings => copy.settings(project, text),
            Place::Declarations(to) => copy.declarations(project, &own, &to, text),
            Place::File(to) => copy.file(&own, to, text.to_owned()),
            Place::Nowhere => {}
        }
    }
    copy
}

/// The language that a project is written in: that of its settings, and none where it has none yet.
fn language_of(project: &LoadedProject) -> String {
    let own = own_text(project, SETTINGS);
    if own.is_empty() {
        return String::new();
    }
    let known: toml::Table = own.parse().unwrap_or_default();
    let written = known.get("project").and_then(|it| it.get(LANGUAGE));
    written
        .and_then(toml::Value::as_str)
        .unwrap_or("en")
        .to_owned()
}

/// The files that a template becomes where the project has another language than the journey: the template in that
/// language, and what was the template as a translation. The translation that it is made of becomes nothing.
fn exchange(
    entry: Entry,
    path: &str,
    text: &str,
    theirs: &str,
    ours: &str,
) -> Option<Vec<(String, String)>> {
    let stem = path.strip_prefix("templates/")?.strip_suffix(".md")?;
    if theirs.is_empty() || theirs == ours {
        return None;
    }
    if stem
        .strip_suffix(theirs)
        .is_some_and(|it| it.ends_with('.'))
    {
        return Some(Vec::new());
    }
    let wanted = format!("templates/{stem}.{theirs}.md");
    let (_, translation) = entry.files().find(|(path, _)| *path == wanted)?;
    let (template, translated) = language::exchanged(text, translation)?;
    let beside = format!("templates/{stem}.{ours}.md");
    Some(vec![(path.to_owned(), template), (beside, translated)])
}

/// Where a file of the library goes.
enum Place {
    /// Into `journey.toml`.
    Settings,
    /// A `.journey` file, declaration by declaration.
    Declarations(String),
    /// As it is.
    File(String),
    /// It only describes the library.
    Nowhere,
}

fn place(path: &str, name: &str) -> Place {
    if path == SETTINGS {
        return Place::Settings;
    }
    if path.starts_with("templates/") || path.starts_with("holidays/") {
        return Place::File(path.to_owned());
    }
    let Some(stem) = path.strip_suffix(".journey") else {
        return Place::Nowhere;
    };
    let is_test = stem.starts_with("tests/") || stem == "tests";
    Place::Declarations(if is_test {
        format!("tests/{name}.journey")
    } else if stem == name {
        format!("journeys/{name}.journey")
    } else {
        format!("schema/{name}.journey")
    })
}

/// What a project has.
struct Own<'p> {
    paths: BTreeSet<&'p str>,
    names: BTreeSet<String>,
    /// The file of its `contact`, where its last line begins, and its attributes.
    contact: Option<(&'p str, &'p str, usize, BTreeSet<String>)>,
}

impl<'p> Own<'p> {
    fn of(project: &'p LoadedProject) -> Self {
        let sources = project.sources();
        let mut own = Self {
            paths: sources.iter().map(|(_, source)| source.path()).collect(),
            names: BTreeSet::new(),
            contact: None,
        };
        for &file in project.journeys() {
            let text = sources.text(file);
            for declaration in journey_grammar::parse(text).file.declarations {
                if let Declaration::Contact(contact) = &declaration {
                    let closing = (contact.span.end as usize).saturating_sub(1);
                    let names = contact.lines.iter().filter_map(attribute).collect();
                    own.contact = Some((sources.path(file), text, closing, names));
                }
                own.names.extend(name_of(&declaration));
            }
        }
        own
    }
}

fn attribute(line: &ContactLine) -> Option<String> {
    match line {
        ContactLine::Field(field) => Some(field.name.text.clone()),
        ContactLine::Unknown(_) => None,
    }
}

fn name_of(declaration: &Declaration) -> Option<String> {
    match declaration {
        Declaration::Event(event) => Some(event.name.to_string()),
        Declaration::Test(test) => test
            .title
            .as_ref()
            .map(|title| format!("\"{}\"", title.text)),
        other => other.name().map(|name| name.text.clone()),
    }
}

impl Copied {
    /// Adds a file where the project has none of this path.
    fn file(&mut self, own: &Own<'_>, to: String, text: String) {
        if own.paths.contains(to.as_str()) {
            self.there.push(to);
        } else {
            self.files.push((to, text));
        }
    }

    /// Adds the declarations of a text that the project lacks to a file of it.
    fn declarations(&mut self, project: &LoadedProject, own: &Own<'_>, to: &str, text: &str) {
        let mut added = String::new();
        let mut from = 0;
        for declaration in journey_grammar::parse(text).file.declarations {
            // What stands above a declaration since the one before it describes it.
            let end = declaration.span().end as usize;
            let whole = text.get(from..end).unwrap_or_default().trim();
            from = end;
            match name_of(&declaration) {
                Some(name) if own.names.contains(&name) => self.kept.push(name),
                _ => {
                    if let (Declaration::Contact(contact), Some(_)) = (&declaration, &own.contact) {
                        self.attributes(own, text, &contact.lines);
                    } else {
                        added.push_str(whole);
                        added.push_str("\n\n");
                    }
                }
            }
        }
        let added = added.trim_end();
        if added.is_empty() {
            return;
        }
        let before = match self.files.iter().position(|(path, _)| path == to) {
            Some(at) => self.files.remove(at).1,
            None => own_text(project, to),
        };
        let gap = if before.is_empty() { "" } else { "\n" };
        let whole = format!("{before}{gap}{added}\n");
        self.files.push((to.to_owned(), whole));
    }

    /// Inserts the attributes that the project's `contact` lacks.
    fn attributes(&mut self, own: &Own<'_>, text: &str, lines: &[ContactLine]) {
        let Some((path, before, closing, names)) = &own.contact else {
            return;
        };
        let mut inserted = String::new();
        for line in lines {
            match (line, attribute(line)) {
                (ContactLine::Field(field), Some(name)) if !names.contains(&name) => {
                    inserted.push_str("  ");
                    inserted.push_str(field.span.of(text));
                    inserted.push('\n');
                }
                (_, Some(name)) => self.kept.push(format!("contact.{name}")),
                _ => {}
            }
        }
        let parts = before.get(..*closing).zip(before.get(*closing..));
        if let Some((head, tail)) = parts.filter(|_| !inserted.is_empty()) {
            let head = head.trim_end();
            let whole = format!("{head}\n{inserted}{tail}");
            self.files.push(((*path).to_owned(), whole));
        }
    }

    /// Appends the tables that the project's settings lack, and adds the links that its own table lacks.
    fn settings(&mut self, project: &LoadedProject, text: &str) {
        let before = own_text(project, SETTINGS);
        let known: toml::Table = before.parse().unwrap_or_default();
        let mut own = before.clone();
        let mut added = String::new();
        for (header, table) in tables(text) {
            // A project has settings of its own, and which law holds for it is for nobody else to say; a new one takes
            // those of the journey.
            if !before.is_empty() && (has(&known, header) || header == "compliance") {
                if header == "links" {
                    own = with_links(&own, &known, table);
                }
                continue;
            }
            added.push_str(table.trim());
            added.push_str("\n\n");
        }
        let added = added.trim_end();
        if !added.is_empty() || own != before {
            let gap = if own.is_empty() { "" } else { "\n" };
            let whole = format!("{own}{gap}{added}");
            self.files
                .push((SETTINGS.to_owned(), format!("{}\n", whole.trim_end())));
        }
    }
}

fn own_text(project: &LoadedProject, path: &str) -> String {
    let mut sources = project.sources().iter();
    let found = sources.find(|(_, source)| source.path() == path);
    found.map_or_else(String::new, |(_, source)| source.text().to_owned())
}

/// The settings with those links of a table of the library that they lack, straight after the head of their own table.
fn with_links(own: &str, known: &toml::Table, table: &str) -> String {
    let lacking = |line: &&str| {
        let name = line.split_once('=').map(|(name, _)| name.trim());
        name.is_some_and(|name| !has(known, &format!("links.{name}")))
    };
    let missing: Vec<&str> = table.lines().filter(lacking).collect();
    let head = "[links]\n";
    if missing.is_empty() {
        return own.to_owned();
    }
    let lines = missing.join("\n");
    own.replacen(head, &format!("{head}{lines}\n"), 1)
}

/// The tables of a settings file: the path in the brackets, and the text from the comment above it up to the next one.
fn tables(text: &str) -> Vec<(&str, &str)> {
    let mut starts = Vec::new();
    let (mut at, mut comment) = (0, None);
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            starts.push((
                comment.take().unwrap_or(at),
                line.trim().trim_matches(['[', ']']),
            ));
        } else if line.starts_with('#') {
            comment = comment.or(Some(at));
        } else {
            comment = None;
        }
        at += line.len();
    }
    let ends: Vec<usize> = starts.iter().skip(1).map(|(start, _)| *start).collect();
    let ends = ends.into_iter().chain([text.len()]);
    let parts = starts.into_iter().zip(ends);
    parts
        .filter_map(|((start, header), end)| Some((header, text.get(start..end)?)))
        .collect()
}

/// Whether a table has something at a dotted path.
fn has(table: &toml::Table, path: &str) -> bool {
    let mut parts = path.split('.');
    let Some(first) = parts.next().and_then(|part| table.get(part)) else {
        return false;
    };
    let found = parts.try_fold(first, |value, part| value.get(part));
    found.is_some()
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use crate::compile::compile;

    fn project(files: &[(&str, &str)]) -> LoadedProject {
        LoadedProject::from_texts(files.iter().copied())
    }

    /// The project after copying.
    fn after(before: &[(&str, &str)], copy: &Copied) -> LoadedProject {
        let unchanged = before
            .iter()
            .filter(|(path, _)| copy.files.iter().all(|(changed, _)| changed != path));
        let changed = copy
            .files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        LoadedProject::from_texts(unchanged.copied().chain(changed))
    }

    #[test]
    fn every_ready_journey_makes_a_project_of_an_empty_one() {
        for entry in super::super::all() {
            let copy = into(&project(&[]), entry);
            let made = after(&[], &copy);
            let compiled = compile(&made);
            let said: Vec<_> = compiled.problems.iter().collect();
            assert!(compiled.program.is_some(), "{}: {said:#?}", entry.name);
        }
    }

    #[test]
    fn an_english_project_gets_english_messages_and_korean_translations() {
        let settings = "[project]\nname = \"mine\"\ncurrency = \"KRW\"\n\n[links]\nshop = \"https://a.example/{}\"\n";
        let before = [("journey.toml", settings)];
        let copy = into(&project(&before), find("cart-rescue").unwrap());
        let text = |path: &str| {
            let found = copy.files.iter().find(|(it, _)| it == path);
            found.map(|(_, text)| text.as_str())
        };
        let template = text("templates/email/cart_reminder.md").unwrap();
        assert!(
            template.contains("purpose = ") && template.contains("Hello"),
            "{template}"
        );
        let translation = text("templates/email/cart_reminder.ko.md").unwrap();
        assert!(!translation.contains("purpose = "), "{translation}");
        assert_eq!(text("templates/email/cart_reminder.en.md"), None);
        let settings = text("journey.toml").unwrap();
        assert!(settings.contains("[links]\ncart_link = "), "{settings}");
        assert!(!settings.contains("[compliance]"), "{settings}");
        let made = compile(&after(&before, &copy));
        assert!(made.program.is_some(), "{:#?}", made.problems);
    }

    #[test]
    fn what_a_project_has_stays_and_what_it_lacks_is_added() {
        let before = [
            (
                "journey.toml",
                "[project]\nname = \"mine\"\ncurrency = \"KRW\"\ntimezone = \"Asia/Seoul\"\n",
            ),
            (
                "people.journey",
                "contact {\n  email: email address\n}\n\nevent purchase {\n  order_id: text, key\n  cart_id: text, optional\n  total: money in KRW\n}\n",
            ),
        ];
        let copy = into(&project(&before), find("cart-rescue").unwrap());
        assert!(copy.kept.contains(&"purchase".to_owned()), "{copy:#?}");
        assert!(copy.kept.contains(&"contact.email".to_owned()), "{copy:#?}");
        let text = |path: &str| {
            let found = copy.files.iter().find(|(it, _)| it == path);
            found.map(|(_, text)| text.as_str()).unwrap()
        };
        assert!(text("people.journey").contains("  timezone: timezone, default Asia/Seoul\n}"));
        assert!(text("journey.toml").starts_with("[project]\nname = \"mine\""));
        assert!(text("journey.toml").contains("[senders.shop]"));
        assert!(!text("schema/cart_rescue.journey").contains("event purchase"));
        let made = compile(&after(&before, &copy));
        assert!(made.program.is_some(), "{:#?}", made.problems);
        // A second time there is nothing left to add.
        let again = into(&after(&before, &copy), find("cart-rescue").unwrap());
        assert_eq!(again.files, [], "{again:#?}");
    }
}
