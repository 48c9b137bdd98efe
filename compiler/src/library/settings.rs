//! A ready journey's settings into those of a project: tables that its `journey.toml` lacks are appended, and where both
//! have a table of links or the inputs of an action, what the project's own lacks is added to it.

use std::fmt::Write as _;

use super::SETTINGS;
use super::copied::Copied;
use super::own::own_text;
use crate::project::LoadedProject;

impl Copied {
    /// Adds what the project's settings lack.
    pub(super) fn settings(&mut self, project: &LoadedProject, text: &str) {
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
                } else if header.contains(".actions.") {
                    own = with_inputs(&own, &known, header, text);
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

/// The name by which a project's people know who writes to them: that of its first sender, else its own.
pub(super) fn sender_name(settings: &str) -> Option<String> {
    let known: toml::Table = settings.parse().ok()?;
    let senders = known.get("senders").and_then(toml::Value::as_table);
    let from = senders
        .into_iter()
        .flatten()
        .find_map(|(_, it)| it.get("from")?.as_str()?.split_once('<'));
    let name = from
        .map(|(name, _)| name.trim())
        .filter(|it| !it.is_empty());
    let own = || known.get("project")?.get("name")?.as_str();
    name.or_else(own).map(str::to_owned)
}

/// A setting of the table `[project]`.
pub(super) fn of_project(settings: &str, name: &str) -> Option<String> {
    let known: toml::Table = settings.parse().ok()?;
    let value = known.get("project")?.get(name)?;
    value.as_str().map(str::to_owned)
}

/// Whether `$` means the dollars of the United States.
pub(super) fn dollar_is_usd(settings: &str) -> bool {
    let known: toml::Table = settings.parse().unwrap_or_default();
    let meaning = at(&known, "project.symbols.$").and_then(toml::Value::as_str);
    meaning.is_none_or(|it| it == "USD")
}

/// The settings with those inputs of an action that they lack, as optional ones: the project's own journeys name none of
/// them.
fn with_inputs(own: &str, known: &toml::Table, header: &str, text: &str) -> String {
    let theirs: toml::Table = text.parse().unwrap_or_default();
    let path = format!("{header}.inputs");
    let (Some(theirs), Some(_)) = (at(&theirs, &path), at(known, &path)) else {
        return own.to_owned();
    };
    let mut missing = String::new();
    for (name, kind) in theirs.as_table().into_iter().flatten() {
        let Some(kind) = kind
            .as_str()
            .filter(|_| !has(known, &format!("{path}.{name}")))
        else {
            continue;
        };
        let kind = kind.trim_end_matches(", optional");
        let _ = write!(missing, "{name} = \"{kind}, optional\", ");
    }
    let head = format!("[{header}]\n");
    let parts = own.split_once(&head).and_then(|(before, after)| {
        let (between, rest) = after.split_once("inputs = { ")?;
        // Only in the table itself.
        (!between.contains("\n["))
            .then(|| format!("{before}{head}{between}inputs = {{ {missing}{rest}"))
    });
    parts.unwrap_or_else(|| own.to_owned())
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
    at(table, path).is_some()
}

/// What a table has at a dotted path.
fn at<'t>(table: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    let mut parts = path.split('.');
    let first = parts.next().and_then(|part| table.get(part))?;
    parts.try_fold(first, |value, part| value.get(part))
}
