//! One entry per request that the server answers.

use lsp_server::{ErrorCode, Request};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, Completion, DocumentHighlightRequest,
    DocumentSymbolRequest, FoldingRangeRequest, Formatting, GotoDefinition, GotoTypeDefinition,
    HoverRequest, InlayHintRequest, PrepareRenameRequest, RangeFormatting, References, Rename,
    Request as Method, SemanticTokensFullRequest, WorkspaceSymbolRequest,
};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, CompletionResponse, DocumentSymbolResponse, FoldingRangeProviderCapability,
    HoverProviderCapability, InitializeResult, OneOf, RenameOptions, SemanticTokensFullOptions,
    SemanticTokensOptions, SemanticTokensResult, ServerCapabilities, ServerInfo,
    TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TypeDefinitionProviderCapability, Uri, WorkspaceSymbolResponse,
};
use serde_json::Value;

use crate::lsp::position::Encoding;
use crate::lsp::view::View;
use crate::lsp::workspace::Workspace;
use crate::lsp::{
    actions, completion, folding, hints, hover, navigate, rename, rewrite, symbols, tokens,
};

/// What the server can do.
pub(super) fn capabilities(encoding: Encoding) -> InitializeResult {
    let words = |all: &[&str]| Some(all.iter().map(|&it| it.to_owned()).collect());
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Kind(
                TextDocumentSyncKind::INCREMENTAL,
            )),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            completion_provider: Some(CompletionOptions {
                trigger_characters: words(&[".", " ", "(", ":"]),
                ..CompletionOptions::default()
            }),
            definition_provider: Some(OneOf::Left(true)),
            type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
            references_provider: Some(OneOf::Left(true)),
            document_highlight_provider: Some(OneOf::Left(true)),
            rename_provider: Some(OneOf::Right(RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: lsp_types::WorkDoneProgressOptions::default(),
            })),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_range_formatting_provider: Some(OneOf::Left(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![
                    CodeActionKind::QUICKFIX,
                    CodeActionKind::SOURCE_FIX_ALL,
                ]),
                ..CodeActionOptions::default()
            })),
            code_lens_provider: Some(CodeLensOptions {
                resolve_provider: Some(false),
            }),
            folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
            inlay_hint_provider: Some(OneOf::Left(true)),
            semantic_tokens_provider: Some(
                SemanticTokensOptions {
                    legend: tokens::legend(),
                    full: Some(SemanticTokensFullOptions::Bool(true)),
                    ..SemanticTokensOptions::default()
                }
                .into(),
            ),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: "journeyc".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

/// An answer, or why there is none.
type Answer = Result<Value, (ErrorCode, String)>;

/// Answers a request. A document that is in no project has the empty answer.
pub(super) fn answer(all: &Workspace, request: &Request) -> Answer {
    match request.method.as_str() {
        HoverRequest::METHOD => ask::<HoverRequest>(request, |it| {
            Ok(at(all, &it.text_document_position_params, hover::at).flatten())
        }),
        Completion::METHOD => ask::<Completion>(request, |it| {
            let found = at(all, &it.text_document_position, completion::at);
            Ok(found.map(CompletionResponse::Array))
        }),
        GotoDefinition::METHOD => ask::<GotoDefinition>(request, |it| {
            let at = at(all, &it.text_document_position_params, navigate::definition);
            Ok(at.flatten())
        }),
        GotoTypeDefinition::METHOD => ask::<GotoTypeDefinition>(request, |it| {
            let place = &it.text_document_position_params;
            Ok(at(all, place, navigate::type_definition).flatten())
        }),
        References::METHOD => ask::<References>(request, |it| {
            let with = it.context.include_declaration;
            Ok(at(all, &it.text_document_position, |view, offset| {
                navigate::references(view, offset, with)
            }))
        }),
        DocumentHighlightRequest::METHOD => ask::<DocumentHighlightRequest>(request, |it| {
            let place = &it.text_document_position_params;
            Ok(at(all, place, navigate::highlights))
        }),
        PrepareRenameRequest::METHOD => {
            ask::<PrepareRenameRequest>(request, |it| Ok(at(all, &it, rename::prepare).flatten()))
        }
        Rename::METHOD => ask::<Rename>(request, |it| {
            let renamed = at(all, &it.text_document_position, |view, offset| {
                rename::rename(view, offset, &it.new_name)
            });
            renamed.unwrap_or(Ok(None))
        }),
        DocumentSymbolRequest::METHOD => ask::<DocumentSymbolRequest>(request, |it| {
            let found = of(all, &it.text_document.uri, symbols::of_file);
            Ok(found.map(DocumentSymbolResponse::Nested))
        }),
        WorkspaceSymbolRequest::METHOD => ask::<WorkspaceSymbolRequest>(request, |it| {
            let found = symbols::in_workspace(all, &it.query);
            Ok(Some(WorkspaceSymbolResponse::Nested(found)))
        }),
        Formatting::METHOD => ask::<Formatting>(request, |it| {
            Ok(of(all, &it.text_document.uri, rewrite::whole))
        }),
        RangeFormatting::METHOD => ask::<RangeFormatting>(request, |it| {
            Ok(of(all, &it.text_document.uri, |view| {
                rewrite::part(view, it.range)
            }))
        }),
        CodeActionRequest::METHOD => ask::<CodeActionRequest>(request, |it| {
            Ok(of(all, &it.text_document.uri, |view| {
                actions::of_range(view, &it)
            }))
        }),
        CodeLensRequest::METHOD => ask::<CodeLensRequest>(request, |it| {
            Ok(of(all, &it.text_document.uri, symbols::lenses))
        }),
        FoldingRangeRequest::METHOD => ask::<FoldingRangeRequest>(request, |it| {
            Ok(of(all, &it.text_document.uri, folding::of_file))
        }),
        InlayHintRequest::METHOD => ask::<InlayHintRequest>(request, |it| {
            Ok(of(all, &it.text_document.uri, |view| {
                hints::of_range(view, it.range)
            }))
        }),
        SemanticTokensFullRequest::METHOD => ask::<SemanticTokensFullRequest>(request, |it| {
            let found = of(all, &it.text_document.uri, tokens::of_file);
            Ok(found.map(SemanticTokensResult::Tokens))
        }),
        unknown => Err((
            ErrorCode::MethodNotFound,
            format!("`{unknown}` is not answered here"),
        )),
    }
}

/// Reads the parameters of a request, and writes its result.
fn ask<M: Method>(
    request: &Request,
    answer: impl FnOnce(M::Params) -> Result<M::Result, String>,
) -> Answer {
    let params = serde_json::from_value(request.params.clone())
        .map_err(|error| (ErrorCode::InvalidParams, error.to_string()))?;
    let result = answer(params).map_err(|words| (ErrorCode::RequestFailed, words))?;
    serde_json::to_value(result).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

/// Asks about a document.
fn of<T>(all: &Workspace, uri: &Uri, answer: impl FnOnce(&View<'_>) -> T) -> Option<T> {
    let (project, file) = all.find(uri)?;
    Some(answer(&View::new(all, project, file)))
}

/// Asks about a place in a document.
fn at<T>(
    all: &Workspace,
    place: &TextDocumentPositionParams,
    answer: impl FnOnce(&View<'_>, u32) -> T,
) -> Option<T> {
    of(all, &place.text_document.uri, |view| {
        let offset = view.lines.offset(place.position);
        answer(view, offset)
    })
}
