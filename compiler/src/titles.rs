//! What people call the things of a project: titles and descriptions, which no program needs and every reader wants.
//!
//! Comes in: the trees of all files. Goes out: words by name. A program holds the titles of journeys, segments,
//! lifecycles, offers and policies itself; those of events, consents and sequences are only here.

use std::collections::BTreeMap;

use journey_grammar::tree::{self, Declaration};

use crate::compile::ParsedFile;
use crate::problem::Location;

/// Words about one declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    /// What people call it.
    pub(crate) title: Option<String>,
    /// The `##` lines above it.
    pub(crate) doc: Option<String>,
    /// The whole declaration.
    pub(crate) at: Location,
}

/// Words by the name of the declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Titles {
    all: BTreeMap<String, About>,
}

impl Titles {
    /// Reads what the files call things. Of two declarations with one name, which is a problem, the first counts.
    pub(crate) fn collect(files: &[ParsedFile]) -> Self {
        let mut titles = Self::default();
        for file in files {
            for declaration in &file.tree.declarations {
                let Some((name, title, doc)) = words(declaration) else {
                    continue;
                };
                let about = About {
                    title: title.map(|it| it.text.clone()),
                    doc: doc.map(|it| it.text.trim().to_owned()),
                    at: Location::new(file.id, declaration.span()),
                };
                titles.all.entry(name).or_insert(about);
            }
        }
        titles
    }

    /// What is said about a declaration.
    pub(crate) fn about(&self, name: &str) -> Option<&About> {
        self.all.get(name)
    }

    /// The title of a declaration, else its name.
    pub(crate) fn title<'a>(&'a self, name: &'a str) -> &'a str {
        self.about(name)
            .and_then(|it| it.title.as_deref())
            .unwrap_or(name)
    }

    /// The description of a declaration.
    pub(crate) fn doc(&self, name: &str) -> Option<&str> {
        self.about(name).and_then(|it| it.doc.as_deref())
    }
}

pub(crate) type Words<'a> = (String, Option<&'a tree::Text>, Option<&'a tree::Doc>);

/// The name, title and description that a declaration has.
pub(crate) fn words(declaration: &Declaration) -> Option<Words<'_>> {
    let (title, doc) = match declaration {
        Declaration::Event(it) => {
            return Some((it.name.to_string(), it.title.as_ref(), it.doc.as_ref()));
        }
        Declaration::Consent(it) => (&it.title, &it.doc),
        Declaration::Policy(it) => (&it.title, &it.doc),
        Declaration::Offer(it) => (&it.title, &it.doc),
        Declaration::Segment(it) => (&it.title, &it.doc),
        Declaration::Lifecycle(it) => (&it.title, &it.doc),
        Declaration::Score(it) => (&it.title, &it.doc),
        Declaration::Funnel(it) => (&it.title, &it.doc),
        Declaration::Kpi(it) => (&it.title, &it.doc),
        Declaration::Audience(it) => (&it.title, &it.doc),
        Declaration::Sequence(it) => (&it.title, &it.doc),
        Declaration::Journey(it) => (&it.title, &it.doc),
        Declaration::Contact(_)
        | Declaration::Moved(_)
        | Declaration::Test(_)
        | Declaration::Unknown(_) => return None,
    };
    let name = declaration.name()?.text.clone();
    Some((name, title.as_ref(), doc.as_ref()))
}
