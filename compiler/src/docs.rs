//! A project as a folder of pages that people without a terminal can read.
//!
//! Comes in: a compiled project with its titles, tests and places. Goes out: files as texts, by name: a page of HTML
//! each, which link to each other and need no server, or one Markdown file. Everything is made from the program.

mod journeys;
mod markdown;
mod messages;
mod page;
mod things;

use std::collections::BTreeMap;

use journey_ir::StepIx;

use crate::sentences::Teller;

pub(crate) use markdown::markdown;

/// A file of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocFile {
    /// Its name in the folder.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

/// What the documentation is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    /// The program in words.
    pub(crate) teller: Teller<'a>,
    /// The tests of each journey, by its name: what they state.
    pub(crate) tests: BTreeMap<String, Vec<String>>,
    /// Where the steps of each journey were written, by its name.
    pub(crate) written: BTreeMap<String, BTreeMap<StepIx, String>>,
}

/// The pages of a project.
pub(crate) fn pages(subject: &Subject<'_>) -> Vec<DocFile> {
    let mut files = vec![
        things::index(subject),
        things::people(subject),
        things::rules(subject),
        messages::page(subject),
    ];
    if things::has_measures(subject.teller.program) {
        files.push(things::measures(subject));
    }
    let journeys = &subject.teller.program.journeys;
    files.extend(journeys.iter().map(|it| journeys::page(subject, it)));
    files
}
