//! Every declaration of all files, in one namespace.
//!
//! Comes in: the trees of all files. Goes out: [`Names`], sorted by name so that neither the order of the files nor
//! the order inside them matters later. A name declared twice is a problem that shows both places.

mod error;
mod kind;
mod lookalike;

use std::borrow::Cow;
use std::collections::BTreeMap;

use journey_grammar::tree as syntax;

pub(crate) use error::NameError;
pub(crate) use kind::Kind;

use crate::compile::ParsedFile;
use crate::near::nearest;
use crate::problem::{Location, Problems};
use crate::sources::FileId;

/// Words that mean something wherever an attribute could stand.
const BUILT_IN: [&str; 2] = ["now", "tag"];

/// One declared name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where its name stands.
    pub(crate) at: Location,
    /// The whole declaration; an attribute's is the `contact` it stands in.
    pub(crate) declaration: &'a syntax::Declaration,
}

/// What is declared, by name.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    all: BTreeMap<Cow<'a, str>, Declared<'a>>,
    attributes: BTreeMap<&'a str, Declared<'a>>,
    contact: Option<(FileId, &'a syntax::Contact)>,
    /// Whether there is another `contact`, which was reported.
    second_contact: bool,
    unnamed: Vec<(FileId, &'a syntax::Declaration)>,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $function:ident: $variant:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $function(
            &self,
        ) -> impl Iterator<Item = (&str, FileId, &'a syntax::$variant)> + use<'a, '_> {
            self.all.iter().filter_map(|(name, it)| match it.declaration {
                syntax::Declaration::$variant(found) => Some((name.as_ref(), it.at.file, found)),
                _ => None,
            })
        }
    )*};
}

impl<'a> Names<'a> {
    /// Reads what all files declare, and says what is wrong with it.
    pub(crate) fn collect(files: &'a [ParsedFile], problems: &mut Problems) -> Self {
        let names = Self::read(files, problems);
        names.check_attributes(problems);
        let all = names.all.iter().map(|(name, it)| (name.as_ref(), it.at));
        let attributes = names.attributes.iter().map(|(name, it)| (*name, it.at));
        lookalike::check(all.chain(attributes), problems);
        names
    }

    /// Reads what all files declare, for whoever asks only what a name is.
    pub(crate) fn of(files: &'a [ParsedFile]) -> Self {
        Self::read(files, &mut Problems::default())
    }

    fn read(files: &'a [ParsedFile], problems: &mut Problems) -> Self {
        let mut names = Self::default();
        for file in files {
            for declaration in &file.tree.declarations {
                names.add(file.id, declaration, problems);
            }
        }
        names
    }

    fn add(&mut self, file: FileId, declaration: &'a syntax::Declaration, problems: &mut Problems) {
        if let syntax::Declaration::Contact(contact) = declaration {
            self.add_contact(file, declaration, contact, problems);
            return;
        }
        let Some((name, span)) = declared_name(declaration) else {
            self.unnamed.push((file, declaration));
            return;
        };
        let (Some(kind), false) = (Kind::of(declaration), name.is_empty()) else {
            return;
        };
        let at = Location::new(file, span);
        let declared = Declared {
            kind,
            at,
            declaration,
        };
        if kind == Kind::Event && crate::builtin::is_event(&name) {
            let name = name.into_owned();
            problems.push(NameError::BuiltIn { name }.at(at));
        } else if let Some(first) = self.all.get(&name) {
            problems.push(NameError::twice(&name, kind, first.kind, first.at).at(at));
        } else {
            self.all.insert(name, declared);
        }
    }

    fn add_contact(
        &mut self,
        file: FileId,
        declaration: &'a syntax::Declaration,
        contact: &'a syntax::Contact,
        problems: &mut Problems,
    ) {
        if let Some((first_file, first)) = self.contact {
            let at = Location::new(file, contact.span);
            let first = Location::new(first_file, first.span);
            problems.push(NameError::SecondContact { first }.at(at));
            self.second_contact = true;
            return;
        }
        self.contact = Some((file, contact));
        for line in &contact.lines {
            let syntax::ContactLine::Field(field) = line else {
                continue;
            };
            if field.name.is_missing() {
                continue;
            }
            let at = Location::new(file, field.name.span);
            let declared = Declared {
                kind: Kind::Attribute,
                at,
                declaration,
            };
            let name = field.name.text.as_str();
            if BUILT_IN.contains(&name) {
                let name = name.to_owned();
                problems.push(NameError::BuiltIn { name }.at(at));
            } else if let Some(first) = self.attributes.get(name) {
                let twice = NameError::twice(name, Kind::Attribute, Kind::Attribute, first.at);
                problems.push(twice.at(at));
            } else {
                self.attributes.insert(name, declared);
            }
        }
    }

    /// Attributes, lifecycles and scores are all written bare in a condition, so they share their names.
    fn check_attributes(&self, problems: &mut Problems) {
        for (name, attribute) in &self.attributes {
            let Some(other) = self.all.get(*name) else {
                continue;
            };
            if matches!(other.kind, Kind::Lifecycle | Kind::Score) {
                let twice = NameError::twice(name, other.kind, Kind::Attribute, attribute.at);
                problems.push(twice.at(other.at));
            }
        }
    }

    /// The `contact` block.
    pub(crate) const fn contact(&self) -> Option<(FileId, &'a syntax::Contact)> {
        self.contact
    }

    /// Whether attributes stand in a second `contact`, which is not read.
    pub(crate) const fn has_second_contact(&self) -> bool {
        self.second_contact
    }

    /// Declarations without a name: tests, `moved`.
    pub(crate) fn unnamed(&self) -> impl Iterator<Item = (FileId, &'a syntax::Declaration)> {
        self.unnamed.iter().copied()
    }

    /// Every named declaration.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Declared<'a>)> {
        self.all.iter().map(|(name, it)| (name.as_ref(), *it))
    }

    /// The declaration of a name.
    pub(crate) fn get(&self, name: &str) -> Option<Declared<'a>> {
        self.all.get(name).copied()
    }

    /// The declaration of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<Declared<'a>> {
        self.attributes.get(name).copied()
    }

    /// The names of one kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let of_kind = move |it: &Declared<'_>| it.kind == kind;
        let all = self.all.iter().filter(move |(_, it)| of_kind(it));
        let attributes = self.attributes.iter();
        // Nothing else is an attribute, so that only one of the two tables has any.
        let attributes = attributes.filter(move |(_, it)| of_kind(it));
        all.map(|(name, _)| name.as_ref())
            .chain(attributes.map(|(name, _)| *name))
    }

    /// Why `name` is no name of this kind: something else has it, or nothing has, perhaps a near one.
    pub(crate) fn explain(&self, kind: Kind, name: &str) -> NameError {
        if let Some(other) = self.all.get(name).or_else(|| self.attributes.get(name)) {
            return NameError::OfAnotherKind {
                name: name.to_owned(),
                wanted: kind,
                found: other.kind,
                declared: other.at,
            };
        }
        let mut known: Vec<&str> = self.of_kind(kind).collect();
        let built_in = crate::builtin::event_names();
        if kind == Kind::Event {
            known.extend(built_in.iter().map(String::as_str));
        }
        let near = nearest(name, known.iter().copied())
            .or_else(|| self.entitled(kind, name))
            .or_else(|| known.iter().copied().find(|it| ends_with(it, name)));
        if kind == Kind::Event {
            known.truncate(known.len() - built_in.len());
        }
        let error = NameError::unknown(kind, name, near, &known);
        match kind {
            Kind::Attribute => error.in_contact(self.last_attribute(), "text"),
            _ => error,
        }
    }

    /// The last line of the `contact` block, below which another one has its place.
    pub(crate) fn last_attribute(&self) -> Option<Location> {
        let (file, contact) = self.contact()?;
        let last = contact.lines.last().and_then(|line| match line {
            syntax::ContactLine::Field(field) => Some(field.span),
            syntax::ContactLine::Unknown(_) => None,
        });
        Some(Location::new(file, last.unwrap_or(contact.span)))
    }

    /// What has this title, which is what people see in pictures and sentences.
    fn entitled(&self, kind: Kind, title: &str) -> Option<&str> {
        let mut all = self.all.iter().filter(|(_, it)| it.kind == kind);
        let found = all.find(|(_, it)| title_of(it.declaration).is_some_and(|it| it == title));
        found.map(|(name, _)| name.as_ref())
    }

    tables! {
        /// Events.
        events: Event;
        /// Consents.
        consents: Consent;
        /// Policies.
        policies: Policy;
        /// Offers.
        offers: Offer;
        /// Segments.
        segments: Segment;
        /// Lifecycles.
        lifecycles: Lifecycle;
        /// The scores.
        scores: Score;
        /// Sequences.
        sequences: Sequence;
        /// Journeys.
        journeys: Journey;
        /// Funnels.
        funnels: Funnel;
        /// KPIs.
        kpis: Kpi;
        /// Audiences.
        audiences: Audience;
    }
}

/// Whether a name in parts ends with this one: `email.unsubscribed` with `unsubscribed`.
fn ends_with(name: &str, part: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last == part)
}

/// The title of a declaration that can be mistaken for its name.
fn title_of(declaration: &syntax::Declaration) -> Option<&str> {
    let title = match declaration {
        syntax::Declaration::Event(it) => &it.title,
        syntax::Declaration::Segment(it) => &it.title,
        syntax::Declaration::Lifecycle(it) => &it.title,
        syntax::Declaration::Offer(it) => &it.title,
        syntax::Declaration::Journey(it) => &it.title,
        _ => return None,
    };
    title.as_ref().map(|it| it.text.as_str())
}

/// The name of a declaration and where it stands; an event's may have dots.
fn declared_name(declaration: &syntax::Declaration) -> Option<(Cow<'_, str>, syntax::Span)> {
    if let syntax::Declaration::Event(event) = declaration {
        let name = match event.name.single() {
            Some(name) => Cow::Borrowed(name.text.as_str()),
            None => Cow::Owned(event.name.to_string()),
        };
        return Some((name, event.name.span));
    }
    let name = declaration.name()?;
    Some((Cow::Borrowed(&name.text), name.span))
}
