//! What is different between two versions of a project and stands in no box of a picture: lines of headers, offers,
//! policies, segments, stages, messages' names for them. A reviewer who saw only boxes would approve the rest unseen.

use std::collections::BTreeMap;

use journey_ir as ir;

use crate::explain::{Thing, lines, things};
use crate::sentences::{Teller, say};

/// The differences, one line each: those of the headers of these journeys, then those of everything they may use.
pub(crate) fn beside(
    now: Teller<'_>,
    before: Teller<'_>,
    journeys: &[&ir::Journey],
) -> Vec<String> {
    let mut out = Vec::new();
    for journey in journeys {
        let mut old = before.program.journeys.iter();
        if let Some(old) = old.find(|it| it.name == journey.name) {
            let head = |teller: Teller<'_>, journey: &ir::Journey| -> Vec<String> {
                let lines = teller.header(journey).into_iter();
                lines
                    .map(|it| format!("{}: {}", it.label, it.words))
                    .collect()
            };
            let (old, new) = (head(before, old), head(now, journey));
            differ(now, now.journey(journey), &old, &new, &mut out);
        }
    }
    let (old, new) = (by_name(before), by_name(now));
    for (name, (title, new)) in &new {
        match old.get(name) {
            Some((_, old)) => differ(now, title, old, new, &mut out),
            None => out.push(say!(now, "{title}: new", "{title}: 새로 생김")),
        }
    }
    let gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
    out.extend(gone.map(|(_, (title, _))| say!(now, "{title}: gone", "{title}: 없어짐")));
    out
}

/// What each thing that is no journey is called and says, by its name.
fn by_name(teller: Teller<'_>) -> BTreeMap<String, (String, Vec<String>)> {
    let all = things(teller.program).into_iter();
    let others = all.filter(|it| !matches!(it, Thing::Journey(_)));
    others
        .map(|it| {
            let (en, ko) = it.kind();
            let kind = teller.word(en, ko);
            let title = format!("{kind} “{}”", teller.titles.title(it.name()));
            (it.name().to_owned(), (title, lines(teller, it)))
        })
        .collect()
}

/// The lines that are on one side only, as what was and what is.
fn differ(teller: Teller<'_>, title: &str, old: &[String], new: &[String], out: &mut Vec<String>) {
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let these = these.iter().filter(|it| !those.contains(it));
        these
            .map(|it| it.trim_end_matches('.').to_owned())
            .collect()
    };
    let (was, is) = (only(old, new), only(new, old));
    if was.is_empty() && is.is_empty() {
        return;
    }
    let none = teller.word("nothing", "없음").to_owned();
    let joined = |lines: Vec<String>| match lines.as_slice() {
        [] => none.clone(),
        lines => lines.join("; "),
    };
    let (was, is) = (joined(was), joined(is));
    out.push(format!("{title}: {was} → {is}"));
}
