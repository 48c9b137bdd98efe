//! What a question is asked about: a file of a project, its names, and how to speak about them.

use journey_grammar::tree::Span;
use lsp_types::Location;

use super::position::Lines;
use super::project::{Project, Role};
use super::refs::{self, Occurrence, Target};
use super::workspace::Workspace;
use crate::names::Names;
use crate::problem::Language;
use crate::sources::FileId;

/// A file and everything an answer about it may read.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) project: &'a Project,
    pub(super) names: Names<'a>,
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) lines: Lines<'a>,
    pub(super) language: Language,
}

impl<'a> View<'a> {
    pub(super) fn new(workspace: &'a Workspace, project: &'a Project, file: FileId) -> Self {
        let text = project.text(file);
        Self {
            workspace,
            project,
            names: project.names(),
            file,
            text,
            lines: Lines::new(text, workspace.encoding),
            language: workspace.language(project),
        }
    }

    /// The names in a file of the project.
    pub(super) fn occurrences(&self, file: FileId) -> Vec<Occurrence> {
        let text = self.project.text(file);
        match self.project.role(file) {
            Role::Journey => self
                .project
                .parsed(file)
                .map_or_else(Vec::new, |it| refs::of_file(it, &self.names)),
            Role::Template(channel, name) => refs::of_template(text, channel, &name, &self.names),
            Role::Settings => refs::of_settings(text),
            Role::Other => Vec::new(),
        }
    }

    /// The name at an offset: the smallest that touches it.
    pub(super) fn occurrence(&self, offset: u32) -> Option<Occurrence> {
        let touching = self
            .occurrences(self.file)
            .into_iter()
            .filter(|it| it.span.start <= offset && offset <= it.span.end);
        touching.min_by_key(|it| (it.span.end == offset, it.span.len()))
    }

    /// Every place in the project where something is named.
    pub(super) fn all_of(&self, target: &Target) -> Vec<(FileId, Occurrence)> {
        let name = target.name();
        let mentions = |file: FileId| self.project.text(file).contains(name);
        let ids = self.project.loaded().sources().iter().map(|(id, _)| id);
        ids.filter(|&file| mentions(file))
            .flat_map(|file| {
                let found = self.occurrences(file).into_iter();
                found.map(move |it| (file, it))
            })
            .filter(|(_, it)| it.target == *target)
            .collect()
    }

    /// Where something is declared.
    pub(super) fn declared(&self, target: &Target) -> Option<(FileId, Span)> {
        if let Target::Template(channel, name) = target {
            let file = self.project.template(*channel, name)?;
            return Some((file, Span::new(0, 0)));
        }
        let all = self.all_of(target);
        let mut defining = all.iter().filter(|(_, it)| it.defines);
        defining.next().map(|(file, it)| (*file, it.span))
    }

    /// The protocol's name for a place.
    pub(super) fn location(&self, file: FileId, span: Span) -> Option<Location> {
        let uri = self.workspace.uri(&self.project.path_of(file))?;
        let lines = Lines::new(self.project.text(file), self.workspace.encoding);
        Some(Location::new(uri, lines.range(span)))
    }

    /// One of two sentences.
    pub(super) fn say(&self, en: impl Into<String>, ko: impl Into<String>) -> String {
        match self.language {
            Language::English => en.into(),
            Language::Korean => journey_grammar::resolved_particles(&ko.into()),
        }
    }
}
