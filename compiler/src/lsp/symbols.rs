//! What a file, or all projects, declare: the outline of an editor.

use journey_grammar::tree::{self, Declaration, Span};
use lsp_types::{CodeLens, Command, DocumentSymbol, Location, OneOf, SymbolKind, WorkspaceSymbol};
use serde_json::json;

use super::position::Lines;
use super::view::View;
use super::workspace::Workspace;
use crate::names::Kind;

/// How many symbols a search over all projects gives.
const MOST_FOUND: usize = 200;

/// What a file declares, nested.
pub(super) fn of_file(view: &View<'_>) -> Vec<DocumentSymbol> {
    let Some(file) = view.project.parsed(view.file) else {
        return Vec::new();
    };
    let declarations = file.tree.declarations.iter();
    declarations.filter_map(|it| symbol(view, it)).collect()
}

fn symbol(view: &View<'_>, declaration: &Declaration) -> Option<DocumentSymbol> {
    let (name, span, kind) = head(declaration)?;
    let detail = Kind::of(declaration).map(|it| it.words().in_language(view.language).to_owned());
    Some(entry(
        view,
        (name, detail.unwrap_or_default()),
        kind,
        (declaration.span(), span),
        inner(view, declaration),
    ))
}

#[expect(
    deprecated,
    reason = "the protocol's own type has a field that it gave up"
)]
fn entry(
    view: &View<'_>,
    (name, detail): (String, String),
    kind: SymbolKind,
    (whole, own): (Span, Span),
    children: Vec<DocumentSymbol>,
) -> DocumentSymbol {
    // Editors refuse a name outside its declaration, and one without letters.
    let own = if whole.contains(own) { own } else { whole };
    DocumentSymbol {
        name: if name.trim().is_empty() {
            "…".to_owned()
        } else {
            name
        },
        detail: (!detail.is_empty()).then_some(detail),
        kind,
        tags: None,
        deprecated: None,
        range: view.lines.range(whole),
        selection_range: view.lines.range(own),
        children: (!children.is_empty()).then_some(children),
    }
}

/// The name of a declaration, where it stands, and what an editor draws beside it.
fn head(declaration: &Declaration) -> Option<(String, Span, SymbolKind)> {
    let named = |name: &tree::Name, kind| Some((name.text.clone(), name.span, kind));
    match declaration {
        Declaration::Contact(it) => Some(("contact".to_owned(), it.span, SymbolKind::STRUCT)),
        Declaration::Event(it) => Some((it.name.to_string(), it.name.span, SymbolKind::EVENT)),
        Declaration::Lifecycle(it) => named(&it.name, SymbolKind::ENUM),
        Declaration::Sequence(it) => named(&it.name, SymbolKind::FUNCTION),
        Declaration::Journey(it) => named(&it.name, SymbolKind::CLASS),
        Declaration::Test(it) => {
            let title = it.title.as_ref()?;
            Some((title.text.clone(), title.span, SymbolKind::METHOD))
        }
        Declaration::Moved(_) | Declaration::Unknown(_) => None,
        other => named(other.name()?, SymbolKind::VARIABLE),
    }
}

fn inner(view: &View<'_>, declaration: &Declaration) -> Vec<DocumentSymbol> {
    let leaf = |name: &tree::Name, kind, whole: Span, title: Option<&tree::Text>| {
        let detail = title.map_or_else(String::new, |it| it.text.clone());
        entry(
            view,
            (name.text.clone(), detail),
            kind,
            (whole, name.span),
            Vec::new(),
        )
    };
    let field = |it: &tree::Field| leaf(&it.name, SymbolKind::FIELD, it.span, None);
    match declaration {
        Declaration::Contact(it) => it
            .lines
            .iter()
            .filter_map(|line| match line {
                tree::ContactLine::Field(it) => Some(field(it)),
                tree::ContactLine::Unknown(_) => None,
            })
            .collect(),
        Declaration::Event(it) => it
            .lines
            .iter()
            .filter_map(|line| match line {
                tree::EventLine::Field(it) => Some(field(it)),
                _ => None,
            })
            .collect(),
        Declaration::Lifecycle(it) => it
            .lines
            .iter()
            .filter_map(|line| match line {
                tree::LifecycleLine::Stage(it) => Some(leaf(
                    &it.name,
                    SymbolKind::ENUM_MEMBER,
                    it.span,
                    it.title.as_ref(),
                )),
                tree::LifecycleLine::Unknown(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What all projects declare under names that have the asked letters in this order.
pub(super) fn in_workspace(workspace: &Workspace, asked: &str) -> Vec<WorkspaceSymbol> {
    let mut found = Vec::new();
    for project in workspace.projects() {
        for file in project.files() {
            let lines = Lines::new(project.text(file.id), workspace.encoding);
            for declaration in &file.tree.declarations {
                let Some((name, span, kind)) = head(declaration) else {
                    continue;
                };
                if !matches(&name, asked) {
                    continue;
                }
                let Some(uri) = workspace.uri(&project.path_of(file.id)) else {
                    continue;
                };
                found.push(WorkspaceSymbol {
                    name,
                    kind,
                    tags: None,
                    container_name: Some(project.loaded().sources().path(file.id).to_owned()),
                    location: OneOf::Left(Location::new(uri, lines.range(span))),
                    data: None,
                });
                if found.len() == MOST_FOUND {
                    return found;
                }
            }
        }
    }
    found
}

fn matches(name: &str, asked: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    asked
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|it| !it.is_whitespace())
        .all(|wanted| letters.any(|letter| letter == wanted))
}

/// A button above each test that runs it.
pub(super) fn lenses(view: &View<'_>) -> Vec<CodeLens> {
    let Some(file) = view.project.parsed(view.file) else {
        return Vec::new();
    };
    let path = view.project.path_of(view.file);
    let lens = |span: Span, title: String, command: &str, what: &str| CodeLens {
        range: view.lines.range(Span::new(span.start, span.start)),
        command: Some(Command {
            title,
            command: command.to_owned(),
            arguments: Some(vec![json!(path.to_string_lossy()), json!(what)]),
        }),
        data: None,
    };
    let declarations = file.tree.declarations.iter();
    declarations
        .filter_map(|it| match it {
            Declaration::Test(test) => {
                let title = test.title.as_ref()?;
                let words = view.say("▶ run test", "▶ 테스트 실행");
                Some(lens(test.span, words, "journey.runTests", &title.text))
            }
            _ => None,
        })
        .collect()
}
