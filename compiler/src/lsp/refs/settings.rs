//! What `journey.toml` declares by name: connectors, teams, opening hours.

use journey_grammar::tree::Span;

use super::{Occurrence, Target};
use crate::names::Kind;

/// The tables of the settings that have names of the project's own.
const TABLES: [(&str, Kind); 3] = [
    ("connectors", Kind::Connector),
    ("teams", Kind::Team),
    ("hours", Kind::Hours),
];

/// The names that the headers of `journey.toml` declare: `[connectors.crm]`.
pub(in crate::lsp) fn of_settings(text: &str) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        found.extend(header(start, line));
        start += line.len();
    }
    // `[connectors.crm]` and `[connectors.crm.actions.create_lead]` are of one thing, declared by the first.
    let mut seen: Vec<Target> = Vec::new();
    for it in &mut found {
        it.defines = !seen.contains(&it.target);
        seen.push(it.target.clone());
    }
    found
}

fn header(start: usize, line: &str) -> Option<Occurrence> {
    let inside = line.strip_prefix('[')?;
    let (table, rest) = inside.split_once('.')?;
    let (_, kind) = TABLES.into_iter().find(|(name, _)| *name == table)?;
    let quoted = rest.starts_with('"');
    let name = if quoted {
        rest.split('"').nth(1)?
    } else {
        rest.split(['.', ']']).next()?
    };
    let at = start + table.len() + 2 + usize::from(quoted);
    Some(Occurrence {
        span: Span::new(at as u32, (at + name.len()) as u32),
        target: Target::Setting(kind, name.to_owned()),
        defines: true,
    })
}
