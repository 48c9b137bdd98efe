//! Everything that is wrong with a project now: the last full check, moved along with the text, and what the trees of
//! today say about syntax.

use std::collections::BTreeSet;

use super::project::Project;
use super::worker::Checked;
use crate::codes;
use crate::problem::{Edit, Location, Problem};
use crate::sources::FileId;
use crate::syntax;

/// The problems of a project, with the places where they are now.
pub(super) fn problems(project: &Project) -> Vec<Problem> {
    let Some(checked) = project.checked() else {
        return of_the_texts(project, |_| true);
    };
    if project.is_checked() {
        return checked.compilation.problems.iter().cloned().collect();
    }
    let is_changed = |file| !project.drift().is_unchanged(checked.generation, file);
    let mut found: Vec<Problem> = checked
        .compilation
        .problems
        .iter()
        .filter(|it| !(is_changed(it.at.file) && is_of_the_text(it)))
        .filter_map(|it| moved(it, project, checked))
        .collect();
    let fresh = of_the_texts(project, is_changed);
    let unread: BTreeSet<(FileId, u32)> = fresh
        .iter()
        .map(|it| (it.at.file, line(project, it.at)))
        .collect();
    found.retain(|it| !unread.contains(&(it.at.file, line(project, it.at))));
    found.extend(fresh);
    found
}

fn line(project: &Project, at: Location) -> u32 {
    let source = project.loaded().sources().get(at.file);
    source.map_or(0, |it| it.position(at.span.start).line)
}

fn of_the_texts(project: &Project, wanted: impl Fn(FileId) -> bool) -> Vec<Problem> {
    let files = project.files().iter().filter(|it| wanted(it.id));
    files
        .flat_map(|file| {
            let own = file.problems.iter().cloned();
            own.map(|it| syntax::problem(file.id, it))
        })
        .collect()
}

fn is_of_the_text(problem: &Problem) -> bool {
    let texts = [
        codes::SYNTAX,
        codes::UNCLOSED,
        codes::STRANGE_SPACE,
        codes::UNKNOWN_UNIT,
    ];
    texts.iter().any(|it| it.code == problem.code)
}

/// A problem where it stands now; nothing when somebody is just editing that place.
fn moved(problem: &Problem, project: &Project, checked: &Checked) -> Option<Problem> {
    let now = |at: Location| {
        let span = project.drift().now(checked.generation, at.file, at.span)?;
        Some(Location::new(at.file, span))
    };
    let others = problem
        .others
        .iter()
        .filter_map(|(at, words)| Some((now(*at)?, words.clone())));
    let fix = problem.fix.as_ref().and_then(|fix| {
        Some(Edit {
            at: now(fix.at)?,
            ..fix.clone()
        })
    });
    Some(Problem {
        at: now(problem.at)?,
        others: others.collect(),
        fix,
        ..problem.clone()
    })
}
