//! Colours of names by what they mean, which no grammar of an editor can know.

use lsp_types::{SemanticToken, SemanticTokenType, SemanticTokens, SemanticTokensLegend};

use super::refs::{Occurrence, Target};
use super::view::View;
use crate::names::Kind;

const TYPES: [SemanticTokenType; 9] = [
    SemanticTokenType::CLASS,
    SemanticTokenType::EVENT,
    SemanticTokenType::PROPERTY,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::ENUM,
    SemanticTokenType::FUNCTION,
    SemanticTokenType::PARAMETER,
    SemanticTokenType::VARIABLE,
    SemanticTokenType::TYPE,
];

/// The bit of the only modifier.
const DECLARATION: u32 = 1;

/// What the numbers in [`of_file`] mean.
pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TYPES.to_vec(),
        token_modifiers: vec![lsp_types::SemanticTokenModifier::DECLARATION],
    }
}

fn kind(target: &Target) -> SemanticTokenType {
    match target {
        Target::Named(Kind::Event, _) => SemanticTokenType::EVENT,
        Target::Named(Kind::Lifecycle, _) => SemanticTokenType::ENUM,
        Target::Named(Kind::Sequence, _) | Target::Template(..) => SemanticTokenType::FUNCTION,
        Target::Named(Kind::Journey, _) => SemanticTokenType::CLASS,
        Target::Named(..) => SemanticTokenType::TYPE,
        Target::Attribute(_) | Target::Field(..) => SemanticTokenType::PROPERTY,
        Target::Choice(..) | Target::Stage(..) | Target::FunnelStage(..) => {
            SemanticTokenType::ENUM_MEMBER
        }
        Target::Need(..) | Target::Parameter(..) => SemanticTokenType::PARAMETER,
        Target::Label(..)
        | Target::Remembered(..)
        | Target::Reason(..)
        | Target::Person(..)
        | Target::Setting(..) => SemanticTokenType::VARIABLE,
    }
}

/// The colours of a file, each relative to the one before.
pub(super) fn of_file(view: &View<'_>) -> SemanticTokens {
    let mut names: Vec<Occurrence> = view.occurrences(view.file);
    names.sort_by_key(|it| (it.span.start, it.span.end));
    let (mut line, mut column, mut end) = (0, 0, 0);
    let mut data = Vec::with_capacity(names.len());
    for name in names {
        let text = name.span.of(view.text);
        // Tokens neither overlap nor span lines.
        if name.span.start < end || text.is_empty() || text.contains(['\n', '\r']) {
            continue;
        }
        end = name.span.end;
        let at = view.lines.position(name.span.start);
        let token = kind(&name.target);
        let known = TYPES.iter().position(|it| *it == token).unwrap_or_default();
        let same_line = at.line == line;
        data.push(SemanticToken {
            delta_line: at.line - line,
            delta_start: if same_line {
                at.character - column
            } else {
                at.character
            },
            length: view.workspace.encoding.width(text),
            token_type: known as u32,
            token_modifiers_bitset: if name.defines { DECLARATION } else { 0 },
        });
        (line, column) = (at.line, at.character);
    }
    SemanticTokens {
        result_id: None,
        data,
    }
}
