//! The whole project as one Markdown file, for a repository or a wiki. Pictures are Mermaid, which code hosts draw.

use std::fmt::Write;

use super::{DocFile, Subject};
use crate::explain::{Thing, describe, lines, things};
use crate::graph;

/// The Markdown file of a project.
pub(crate) fn markdown(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let mut out = format!("# {}\n", plain(&teller.program.project.name));
    let mut kind = "";
    for thing in things(teller.program) {
        let (en, ko) = thing.kind();
        let this = teller.word(en, ko);
        // Writing to a string cannot fail.
        if this != kind {
            kind = this;
            let _ = writeln!(out, "\n## {kind}");
        }
        let (name, title) = (thing.name(), teller.titles.title(thing.name()));
        if name == title {
            let _ = writeln!(out, "\n### {}\n", plain(name));
        } else {
            let _ = writeln!(out, "\n### {} (`{name}`)\n", plain(title));
        }
        if let Thing::Journey(journey) = thing {
            let told = describe(teller, thing);
            let told = told.split_once('\n').map_or("", |(_, rest)| rest);
            let _ = writeln!(
                out,
                "```text\n{}\n```\n",
                told.trim_end().replace("```", "'''")
            );
            let _ = writeln!(out, "```mermaid\n{}```", graph::mermaid(teller, journey));
            for title in subject.tests.get(name).into_iter().flatten() {
                let _ = writeln!(out, "\n- {}", plain(title));
            }
            continue;
        }
        if let Some(doc) = teller.titles.doc(name) {
            let _ = writeln!(out, "{}\n", plain(doc));
        }
        for line in lines(teller, thing) {
            let _ = writeln!(out, "- {}", plain(&line));
        }
    }
    DocFile {
        name: "index.md".to_owned(),
        text: out,
    }
}

/// Words in which nothing means anything to Markdown.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if "\\`*_{}[]<>#|~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
