//! Where something is declared, and everywhere it is named.

use lsp_types::{DocumentHighlight, DocumentHighlightKind, GotoDefinitionResponse, Location};

use super::refs::{Owner, Target};
use super::view::View;

/// Where the name at an offset is declared.
pub(super) fn definition(view: &View<'_>, offset: u32) -> Option<GotoDefinitionResponse> {
    let occurrence = view.occurrence(offset)?;
    let (file, span) = view.declared(&occurrence.target)?;
    Some(GotoDefinitionResponse::Scalar(view.location(file, span)?))
}

/// Every place that names what the name at an offset names.
pub(super) fn references(view: &View<'_>, offset: u32, with_declaration: bool) -> Vec<Location> {
    let Some(occurrence) = view.occurrence(offset) else {
        return Vec::new();
    };
    let all = view.all_of(&occurrence.target).into_iter();
    all.filter(|(_, it)| with_declaration || !it.defines)
        .filter_map(|(file, it)| view.location(file, it.span))
        .collect()
}

/// The same, in this file only, for the eye.
pub(super) fn highlights(view: &View<'_>, offset: u32) -> Vec<DocumentHighlight> {
    let found = view.occurrences(view.file);
    let Some(target) = view.occurrence(offset).map(|it| it.target) else {
        return Vec::new();
    };
    found
        .into_iter()
        .filter(|it| it.target == target)
        .map(|it| DocumentHighlight {
            range: view.lines.range(it.span),
            kind: Some(if it.defines {
                DocumentHighlightKind::WRITE
            } else {
                DocumentHighlightKind::READ
            }),
        })
        .collect()
}

/// Where the type of what is named is declared: of a value, the field that lists it.
pub(super) fn type_definition(view: &View<'_>, offset: u32) -> Option<GotoDefinitionResponse> {
    let occurrence = view.occurrence(offset)?;
    let target = match occurrence.target {
        Target::Choice(Owner::Attribute(name), _) => Target::Attribute(name),
        Target::Choice(Owner::Field(event, name), _) => Target::Field(event, name),
        other => other,
    };
    let (file, span) = view.declared(&target)?;
    Some(GotoDefinitionResponse::Scalar(view.location(file, span)?))
}
