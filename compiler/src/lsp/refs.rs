//! Every name that is written in a file, and what it names.
//!
//! Comes in: a tree or a template's text, and the names that the project declares. Goes out: [`Occurrence`]s in the
//! order of the text. Definition, references, highlights, rename, hover and the colours of names all read this one
//! list, so they cannot disagree.

mod conditions;
mod definitions;
mod members;
mod settings;
mod steps;
mod templates;
mod tests;

use std::collections::BTreeSet;

use journey_grammar::tree::{self, Span};
use journey_ir::Channel;

use crate::compile::ParsedFile;
use crate::names::{Kind, Names};

pub(super) use members::{attributes, fields, objects};
pub(super) use settings::of_settings;
pub(super) use templates::of_template;

/// What a name names. Two occurrences are of the same thing when their targets are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A declaration, by its name; for a built-in event also one that nobody wrote.
    Named(Kind, String),
    /// An attribute of a contact.
    Attribute(String),
    /// A field of an event.
    Field(String, String),
    /// A value of a `one of …`.
    Choice(Owner, String),
    /// A stage of a lifecycle.
    Stage(String, String),
    /// A stage of a funnel.
    FunnelStage(String, String),
    /// A template's file.
    Template(Channel, String),
    /// What a template needs to be given.
    Need(Channel, String, String),
    /// A parameter of a sequence.
    Parameter(String, String),
    /// A step's own name in a journey or sequence.
    Label(String, String),
    /// What a journey remembers.
    Remembered(String, String),
    /// Why a run ended.
    Reason(String, String),
    /// A person in the test that starts at an offset.
    Person(u32, String),
    /// Something of `journey.toml`: a connector, a team, opening hours.
    Setting(Kind, String),
}

/// Whose values a `one of …` lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// An attribute's.
    Attribute(String),
    /// A field's of an event.
    Field(String, String),
    /// A lifecycle's, whose values are its stages.
    Lifecycle(String),
}

/// One name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// Where it stands, with backticks.
    pub(super) span: Span,
    /// What it names.
    pub(super) target: Target,
    /// Whether this is where it is declared.
    pub(super) defines: bool,
}

impl Target {
    /// The name itself.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named(_, name)
            | Self::Attribute(name)
            | Self::Field(_, name)
            | Self::Choice(_, name)
            | Self::Stage(_, name)
            | Self::FunnelStage(_, name)
            | Self::Template(_, name)
            | Self::Need(_, _, name)
            | Self::Parameter(_, name)
            | Self::Label(_, name)
            | Self::Remembered(_, name)
            | Self::Reason(_, name)
            | Self::Person(_, name)
            | Self::Setting(_, name) => name,
        }
    }

    /// What kind of thing it is.
    pub(super) const fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Named(kind, _) | Self::Setting(kind, _) => *kind,
            Self::Attribute(_) => Kind::Attribute,
            Self::Field(..) => Kind::Field,
            Self::Choice(..) => Kind::Choice,
            Self::Stage(..) | Self::FunnelStage(..) => Kind::Stage,
            Self::Need(..) => Kind::Argument,
            Self::Parameter(..) => Kind::Parameter,
            Self::Label(..) => Kind::Label,
            Self::Reason(..) => Kind::Reason,
            Self::Person(..) => Kind::Person,
            Self::Template(..) | Self::Remembered(..) => return None,
        })
    }
}

/// The names in a `.journey` file.
pub(super) fn of_file(file: &ParsedFile, names: &Names<'_>) -> Vec<Occurrence> {
    let mut walk = Walk::new(names);
    for declaration in &file.tree.declarations {
        walk.declaration(declaration);
    }
    walk.found.sort_by_key(|it| (it.span, !it.defines));
    walk.found
}

/// The event whose fields are bare, and whether anything but conditions may use names of the run.
type Scope<'s> = Option<&'s str>;

/// Collects occurrences.
struct Walk<'n, 'a> {
    names: &'n Names<'a>,
    found: Vec<Occurrence>,
    /// The journey or sequence that is being walked.
    flow: String,
    /// Its parameters.
    parameters: BTreeSet<String>,
    /// What it remembers.
    remembered: BTreeSet<String>,
    /// Where the test begins that is being walked.
    test: u32,
}

impl<'n, 'a> Walk<'n, 'a> {
    fn new(names: &'n Names<'a>) -> Self {
        Self {
            names,
            found: Vec::new(),
            flow: String::new(),
            parameters: BTreeSet::new(),
            remembered: BTreeSet::new(),
            test: 0,
        }
    }

    fn add(&mut self, span: Span, target: Target, defines: bool) {
        if !span.is_empty() && !target.name().is_empty() {
            self.found.push(Occurrence {
                span,
                target,
                defines,
            });
        }
    }

    fn uses(&mut self, span: Span, target: Target) {
        self.add(span, target, false);
    }

    fn define(&mut self, name: &tree::Name, target: Target) {
        self.add(name.span, target, true);
    }

    fn use_named(&mut self, name: &tree::Name, kind: Kind) {
        self.uses(name.span, Target::Named(kind, name.text.clone()));
    }

    fn use_path(&mut self, path: &tree::Path, kind: Kind) {
        self.uses(path.span, Target::Named(kind, path.to_string()));
    }

    fn use_setting(&mut self, path: &tree::Path, kind: Kind) {
        if let Some(first) = path.first() {
            self.uses(first.span, Target::Setting(kind, first.text.clone()));
        }
    }

    /// The event that a path begins with, as many of its parts as make a known name, and the parts after it.
    fn event_in<'p>(&self, path: &'p tree::Path) -> Option<(String, Span, &'p [tree::Name])> {
        (1..=path.parts.len()).rev().find_map(|length| {
            let (head, tail) = path.parts.split_at_checked(length)?;
            let words: Vec<&str> = head.iter().map(|it| it.text.as_str()).collect();
            let name = words.join(".");
            let span = head.first()?.span.to(head.last()?.span);
            is_event(self.names, &name).then_some((name, span, tail))
        })
    }

    /// A value that is read: an attribute, a lifecycle, a field of an event. Returns whose values it has.
    fn read(&mut self, path: &tree::Path, scope: Scope<'_>) -> Option<Owner> {
        let first = path.first()?;
        if let Some(event) = scope
            && members::has(self.names, event, &first.text)
        {
            return self.use_members(event, &path.parts);
        }
        if let Some((event, span, fields)) = self.event_in(path)
            && (path.parts.len() > 1 || self.names.attribute(&first.text).is_none())
        {
            self.uses(span, Target::Named(Kind::Event, event.clone()));
            return self.use_members(&event, fields);
        }
        if let (members::REQUEST, Some(fields)) = (first.text.as_str(), path.parts.get(1..)) {
            let request = members::request_of(&self.flow);
            if !fields.is_empty() {
                return self.use_members(&request, fields);
            }
        }
        let name = first.text.clone();
        if self.parameters.contains(&name) {
            self.uses(first.span, Target::Parameter(self.flow.clone(), name));
        } else if self.remembered.contains(&name) {
            self.uses(first.span, Target::Remembered(self.flow.clone(), name));
        } else if self.names.attribute(&name).is_some() {
            self.uses(first.span, Target::Attribute(name.clone()));
            return Some(Owner::Attribute(name));
        } else if let Some(declared) = self.names.get(&name) {
            self.uses(first.span, Target::Named(declared.kind, name.clone()));
            return (declared.kind == Kind::Lifecycle).then_some(Owner::Lifecycle(name));
        }
        None
    }

    /// Fields of fields: `payment.method`. Returns whose values the last one has.
    fn use_members(&mut self, event: &str, path: &[tree::Name]) -> Option<Owner> {
        let mut owner = event.to_owned();
        let mut last = None;
        for name in path {
            last = Some(self.use_field(&owner, name));
            owner = format!("{owner}.{}", name.text);
        }
        last
    }

    fn use_field(&mut self, event: &str, name: &tree::Name) -> Owner {
        let text = name.text.clone();
        self.uses(name.span, Target::Field(event.to_owned(), text.clone()));
        Owner::Field(event.to_owned(), text)
    }

    /// A value; `owner` says whose values may stand there.
    fn value(&mut self, value: &tree::Value, owner: Option<&Owner>, scope: Scope<'_>) {
        let tree::ValueKind::Path(path) = &value.kind else {
            return;
        };
        if let (Some(owner), Some(name)) = (owner, path.single()) {
            let word = name.text.clone();
            match owner {
                Owner::Lifecycle(lifecycle) => {
                    return self.uses(name.span, Target::Stage(lifecycle.clone(), word));
                }
                Owner::Field(event, field)
                    if field == crate::builtin::TEMPLATE
                        && crate::builtin::channel_of(event).is_some() =>
                {
                    if let Some(channel) = crate::builtin::channel_of(event) {
                        self.uses(name.span, Target::Template(channel, word));
                    }
                    return;
                }
                Owner::Attribute(_) | Owner::Field(..) => {
                    if choices(self.names, owner).any(|it| it.text == word) {
                        let target = Target::Choice(owner.clone(), word);
                        return self.uses(name.span, target);
                    }
                }
            }
        }
        self.read(path, scope);
    }
}

/// Whether an event of this name is declared or built in.
pub(super) fn is_event(names: &Names<'_>, name: &str) -> bool {
    let declared = names.get(name).is_some_and(|it| it.kind == Kind::Event);
    declared || crate::builtin::is_event(name)
}

/// The values that a `one of …` lists, or the stages of a lifecycle.
pub(super) fn choices<'a>(
    names: &Names<'a>,
    owner: &Owner,
) -> impl Iterator<Item = &'a tree::Name> {
    let found: Vec<&tree::Name> = match owner {
        Owner::Attribute(name) => attributes(names)
            .find(|it| it.name.text == *name)
            .map_or_else(Vec::new, |it| listed(&it.kind.kind)),
        Owner::Field(event, name) => fields(names, event)
            .find(|it| it.name.text == *name)
            .map_or_else(Vec::new, |it| listed(&it.kind.kind)),
        Owner::Lifecycle(name) => match names.get(name).map(|it| it.declaration) {
            Some(tree::Declaration::Lifecycle(lifecycle)) => stages(lifecycle).collect(),
            _ => Vec::new(),
        },
    };
    found.into_iter()
}

fn stages(lifecycle: &tree::Lifecycle) -> impl Iterator<Item = &tree::Name> {
    lifecycle.lines.iter().filter_map(|line| match line {
        tree::LifecycleLine::Stage(stage) => Some(&stage.name),
        tree::LifecycleLine::Unknown(_) => None,
    })
}

fn listed(kind: &tree::FieldTypeKind) -> Vec<&tree::Name> {
    match kind {
        tree::FieldTypeKind::OneOf { choices, .. } => choices.iter().collect(),
        tree::FieldTypeKind::ListOf(inner) => listed(&inner.kind),
        _ => Vec::new(),
    }
}

/// The channel of the program that a written one is.
pub(super) fn channel(written: tree::Channel) -> Option<Channel> {
    Channel::from_word(written.word())
}
