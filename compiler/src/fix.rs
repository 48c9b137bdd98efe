//! Repairs: the edits that problems come with, applied until nothing is left to apply.
//!
//! Comes in: a project, and which problems to repair. Goes out: its files with their new texts. Edits that overlap wait
//! for the next round, because the first may make the second needless; what changed is laid out as `fmt` does.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::compile;
use crate::problem::{Edit, Problem};
use crate::project::LoadedProject;
use crate::sources::FileId;

/// How many rounds are made. An edit that leads to another edit is seldom followed by a third.
const MOST_ROUNDS: usize = 16;

/// What came of the repairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The files that changed, in the order of their paths: the old and the new text.
    pub files: Vec<FixedFile>,
    /// How many edits were applied.
    pub edits: usize,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFile {
    /// Its path below the project's folder.
    pub path: String,
    /// Its text before.
    pub old: String,
    /// Its text now.
    pub new: String,
}

/// Applies the edits of the problems that are `wanted`.
pub fn fixed(project: &LoadedProject, wanted: impl Fn(&Problem) -> bool) -> Fixed {
    let mut now = project.clone();
    let mut edits = 0;
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        // Two repairs that undo each other would go on forever.
        if !seen.insert(fingerprint(&now)) {
            break;
        }
        let applied = round(&mut now, &wanted);
        if applied == 0 {
            break;
        }
        edits += applied;
    }
    let mut files = Vec::new();
    for (id, source) in project.sources().iter() {
        let new = now.sources().text(id);
        if new != source.text() {
            files.push(FixedFile {
                path: source.path().to_owned(),
                old: source.text().to_owned(),
                new: new.to_owned(),
            });
        }
    }
    Fixed { files, edits }
}

/// Applies what does not overlap; how many edits that were.
fn round(project: &mut LoadedProject, wanted: impl Fn(&Problem) -> bool) -> usize {
    let compilation = compile(project);
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for problem in compilation.problems.iter().filter(|it| wanted(it)) {
        if let Some(edit) = &problem.fix {
            by_file.entry(edit.at.file).or_default().push(edit);
        }
    }
    let mut applied = 0;
    for (file, mut edits) in by_file {
        edits.sort_by_key(|it| it.at.span);
        let (text, count) = apply(project.sources().text(file), &edits);
        if count == 0 {
            continue;
        }
        applied += count;
        let is_journey = project.sources().path(file).ends_with(".journey");
        let laid_out = is_journey.then(|| journey_grammar::format(&text));
        let clean = laid_out.filter(|it| !it.has_errors());
        project.set_text(file, &clean.map_or(text, |it| it.text));
    }
    applied
}

/// The text with the edits that begin after the one before has ended, and how many they are.
fn apply(text: &str, edits: &[&Edit]) -> (String, usize) {
    let mut new = String::with_capacity(text.len());
    let mut from = 0;
    let mut count = 0;
    for edit in edits {
        let (start, end) = (edit.at.span.start as usize, edit.at.span.end as usize);
        let overlaps = start < from || (count > 0 && start == from);
        let (Some(before), Some(replaced)) = (text.get(from..start), text.get(start..end)) else {
            continue;
        };
        if overlaps || replaced == edit.replacement {
            continue;
        }
        new.push_str(before);
        new.push_str(&edit.replacement);
        from = end;
        count += 1;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    (new, count)
}

/// A number that tells texts apart.
fn fingerprint(project: &LoadedProject) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for (_, source) in project.sources().iter() {
        source.text().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_that_overlap_wait_for_the_next_round() {
        let file = crate::sources::Sources::default().add("a", "");
        let edit = |start, end, new: &str| Edit {
            at: crate::problem::Location::new(file, journey_grammar::tree::Span::new(start, end)),
            replacement: new.to_owned(),
            is_certain: true,
        };
        let (a, b, c) = (edit(0, 2, "x"), edit(1, 3, "y"), edit(4, 4, "z"));
        assert_eq!(apply("abcdef", &[&a, &b, &c]), ("xcdzef".to_owned(), 2));
    }
}
