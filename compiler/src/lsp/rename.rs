//! A new name for a thing, everywhere at once.
//!
//! People inside a journey are known by its name and by the labels of its steps, so a new name for one of these comes
//! with the line `moved old to new`, which tells the daemon that it is the same thing.

use std::collections::BTreeMap;

use journey_grammar::tree::{self, Span};
use lsp_types::{
    DocumentChangeOperation, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    PrepareRenameResponse, RenameFile, ResourceOp, TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::position::Lines;
use super::refs::{Occurrence, Target};
use super::uri;
use super::view::View;
use crate::names::Kind;
use crate::sources::FileId;

/// Whether the name at an offset can get another, and which characters it is.
pub(super) fn prepare(view: &View<'_>, offset: u32) -> Option<PrepareRenameResponse> {
    let occurrence = view.occurrence(offset)?;
    can_be_renamed(view, &occurrence.target).ok()?;
    Some(PrepareRenameResponse::RangeWithPlaceholder {
        range: view.lines.range(occurrence.span),
        placeholder: occurrence.target.name().to_owned(),
    })
}

/// The edits that give the thing at an offset a new name, or why it cannot have it.
pub(super) fn rename(
    view: &View<'_>,
    offset: u32,
    new_name: &str,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some(occurrence) = view.occurrence(offset) else {
        return Ok(None);
    };
    let target = occurrence.target;
    can_be_renamed(view, &target)?;
    let bare = new_name.trim().trim_matches('`');
    if !is_word(bare) {
        return Err(view.say(
            format!("`{new_name}` is no name: letters, digits and `_`, not beginning with a digit"),
            format!("`{new_name}`은(는) 이름이 될 수 없습니다: 글자, 숫자, `_`로 쓰고 숫자로 시작하지 않습니다"),
        ));
    }
    if bare == target.name() {
        return Ok(None);
    }
    if is_taken(view, &target, bare) {
        return Err(view.say(
            format!("`{bare}` is the name of something else"),
            format!("`{bare}`은(는) 이미 다른 것의 이름입니다"),
        ));
    }
    let mut edits: BTreeMap<FileId, Vec<(Span, String)>> = BTreeMap::new();
    for (file, it) in view.all_of(&target) {
        let written = spelt(view, file, &it, bare);
        edits.entry(file).or_default().push((it.span, written));
    }
    if let Some((file, at, line)) = moved_line(view, &target, bare) {
        edits.entry(file).or_default().push((at, line));
    }
    Ok(Some(changes(view, &target, bare, edits)))
}

fn can_be_renamed(view: &View<'_>, target: &Target) -> Result<(), String> {
    let is_built_in = match target {
        Target::Named(Kind::Event, name) => crate::builtin::is_event(name) || name.contains('.'),
        Target::Field(event, _) => crate::builtin::is_event(event),
        // Several templates of one send share what they are given.
        Target::Need(..) => true,
        Target::Reason(_, name) => name == "goal",
        _ => false,
    };
    if is_built_in || view.declared(target).is_none() {
        let name = target.name();
        return Err(view.say(
            format!("`{name}` cannot be renamed here"),
            format!("`{name}`은(는) 여기에서 이름을 바꿀 수 없습니다"),
        ));
    }
    Ok(())
}

fn is_word(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(unicode_ident::is_xid_start)
        && characters.all(unicode_ident::is_xid_continue)
}

/// Whether the new name already means something where the old one is used.
fn is_taken(view: &View<'_>, target: &Target, name: &str) -> bool {
    let beside = |target: Target| view.declared(&target).is_some();
    match target {
        Target::Named(kind, _) => {
            let shares = matches!(kind, Kind::Lifecycle | Kind::Score);
            view.names.get(name).is_some() || shares && view.names.attribute(name).is_some()
        }
        Target::Attribute(_) => {
            let other = view.names.get(name).map(|it| it.kind);
            view.names.attribute(name).is_some()
                || matches!(other, Some(Kind::Lifecycle | Kind::Score))
        }
        Target::Field(event, _) => beside(Target::Field(event.clone(), name.to_owned())),
        Target::Choice(owner, _) => beside(Target::Choice(owner.clone(), name.to_owned())),
        Target::Stage(of, _) => beside(Target::Stage(of.clone(), name.to_owned())),
        Target::FunnelStage(of, _) => beside(Target::FunnelStage(of.clone(), name.to_owned())),
        Target::Template(channel, _) => view.project.template(*channel, name).is_some(),
        Target::Parameter(of, _) => beside(Target::Parameter(of.clone(), name.to_owned())),
        Target::Label(of, _) => beside(Target::Label(of.clone(), name.to_owned())),
        Target::Remembered(of, _) => beside(Target::Remembered(of.clone(), name.to_owned())),
        Target::Person(of, _) => beside(Target::Person(*of, name.to_owned())),
        Target::Setting(kind, _) => beside(Target::Setting(*kind, name.to_owned())),
        Target::Reason(..) | Target::Need(..) => false,
    }
}

/// The name as it is written at a place: reserved words stand in backticks where any name may stand.
fn spelt(view: &View<'_>, file: FileId, it: &Occurrence, bare: &str) -> String {
    let is_journey = view.project.parsed(file).is_some();
    let was_quoted = it.span.of(view.project.text(file)).starts_with('`');
    if is_journey && (was_quoted || journey_grammar::is_reserved(bare)) {
        format!("`{bare}`")
    } else {
        bare.to_owned()
    }
}

/// `moved old to new` below the declaration, where people may be inside.
fn moved_line(view: &View<'_>, target: &Target, new: &str) -> Option<(FileId, Span, String)> {
    let (journey, words) = match target {
        Target::Named(Kind::Journey, old) => (old, format!("moved {old} to {new}")),
        Target::Label(journey, old) => {
            let words = format!("moved {journey}.{old} to {journey}.{new}");
            (journey, words)
        }
        _ => return None,
    };
    let declared = view.names.get(journey)?;
    let tree::Declaration::Journey(declaration) = declared.declaration else {
        return None;
    };
    let end = declaration.span.end;
    let at = Span::new(end, end);
    Some((declared.at.file, at, format!("\n\n{words}")))
}

/// The edits in the protocol's shape; a template's new name is that of its file.
fn changes(
    view: &View<'_>,
    target: &Target,
    new: &str,
    edits: BTreeMap<FileId, Vec<(Span, String)>>,
) -> WorkspaceEdit {
    let mut operations = Vec::new();
    for (file, edits) in edits {
        let path = view.project.path_of(file);
        let Some(uri) = view.workspace.uri(&path) else {
            continue;
        };
        let lines = Lines::new(view.project.text(file), view.workspace.encoding);
        let edits = edits
            .into_iter()
            .map(|(span, text)| OneOf::Left(TextEdit::new(lines.range(span), text)));
        operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier {
                uri,
                version: view.workspace.document(&path).map(|it| it.version),
            },
            edits: edits.collect(),
        }));
    }
    if let Target::Template(channel, old) = target
        && let Some(file) = view.project.template(*channel, old)
    {
        let path = view.project.path_of(file);
        let renamed = path.with_file_name(format!("{new}.md"));
        if let (Some(old_uri), Some(new_uri)) = (view.workspace.uri(&path), uri::of_path(&renamed))
        {
            operations.push(DocumentChangeOperation::Op(ResourceOp::Rename(
                RenameFile {
                    old_uri,
                    new_uri,
                    options: None,
                    annotation_id: None,
                },
            )));
        }
    }
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Operations(operations)),
        ..WorkspaceEdit::default()
    }
}
