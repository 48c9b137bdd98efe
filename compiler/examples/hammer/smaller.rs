//! The smallest input that still goes wrong in the same way: whole files are left out, then lines, then words, each in
//! halves, quarters and so on down to one, as long as anything can go (delta debugging).

use crate::case::Input;
use crate::changes;
use crate::corpus::{Project, is_journey};

/// Inputs that are tried at most, so that a large project does not keep one waiting for long.
const TRIES: usize = 4_000;

/// Leaves out what can be left out while `fails` says yes.
pub(crate) fn smallest(input: &Input, mut fails: impl FnMut(&Input) -> bool) -> Input {
    let mut left = TRIES;
    let mut fails = |input: &Input| {
        left = left.saturating_sub(1);
        left > 0 && fails(input)
    };
    match input {
        Input::Text(text) => {
            let mut fails = |text: &str| fails(&Input::Text(text.to_owned()));
            Input::Text(smallest_text(text, true, &mut fails))
        }
        Input::Project(project) => {
            let mut fails = |project: &Project| fails(&Input::Project(project.clone()));
            Input::Project(smallest_project(project, &mut fails))
        }
    }
}

fn smallest_project(project: &Project, fails: &mut dyn FnMut(&Project) -> bool) -> Project {
    let paths: Vec<&String> = project.keys().collect();
    let kept = fewest(paths, &mut |paths| {
        let files = project.iter().filter(|(path, _)| paths.contains(path));
        fails(
            &files
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect(),
        )
    });
    let kept = project.iter().filter(|(path, _)| kept.contains(path));
    let mut kept: Project = kept
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect();
    for path in kept.keys().cloned().collect::<Vec<_>>() {
        let Some(text) = kept.get(&path).cloned() else {
            continue;
        };
        let smaller = smallest_text(&text, is_journey(&path), &mut |text| {
            let mut changed = kept.clone();
            changed.insert(path.clone(), text.to_owned());
            fails(&changed)
        });
        kept.insert(path, smaller);
    }
    kept
}

/// Leaves out lines, then words if these are worth it.
fn smallest_text(text: &str, with_words: bool, fails: &mut dyn FnMut(&str) -> bool) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let text = fewest(lines, &mut |lines| fails(&lines.concat())).concat();
    if !with_words {
        return text;
    }
    fewest(words(&text), &mut |words| fails(&words.concat())).concat()
}

/// The words of a text, each with the space before it.
fn words(text: &str) -> Vec<&str> {
    let mut begin = 0;
    let mut all = Vec::new();
    for token in changes::tokens(text) {
        let end = token.as_ptr() as usize + token.len() - text.as_ptr() as usize;
        all.push(&text[begin..end]);
        begin = end;
    }
    all.push(&text[begin..]);
    all
}

/// The pieces that are needed, in their order.
fn fewest<T: Copy>(mut pieces: Vec<T>, fails: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut size = pieces.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        let mut gone = false;
        while at < pieces.len() {
            let end = (at + size).min(pieces.len());
            let without = [&pieces[..at], &pieces[end..]].concat();
            if fails(&without) {
                pieces = without;
                gone = true;
            } else {
                at = end;
            }
        }
        // One by one until nothing goes any more: leaving out one may make another superfluous.
        size = if size == 1 {
            usize::from(gone && !pieces.is_empty())
        } else {
            size.div_ceil(2)
        };
    }
    pieces
}
