//! The message loop: one thread, edits in order. Answers come at once from what is known; full checks come from the
//! worker.

mod requests;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crossbeam_channel::select;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    Notification as _, PublishDiagnostics,
};
use lsp_types::{
    Diagnostic, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, InitializeParams,
    PublishDiagnosticsParams, TextDocumentContentChangeEvent,
};
use serde::de::DeserializeOwned;

use super::diagnostics;
use super::position::{Encoding, Lines};
use super::uri;
use super::worker::{Checked, Worker};
use super::workspace::Workspace;
use crate::problem::Language;

/// What the command line asks of the server.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// The language of messages; by default that of the project, else of the editor.
    pub(crate) language: Option<Language>,
}

/// Why the server ended before the editor asked it to.
type Ended = Box<dyn Error + Send + Sync>;

/// Serves one editor over a connection until it says goodbye.
pub(crate) fn serve(connection: &Connection, options: Options) -> Result<(), Ended> {
    let (id, params) = connection.initialize_start()?;
    // An editor that says something strange about itself is served as one that says nothing.
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let mut server = Server::new(connection, options, &params)?;
    let answer = requests::capabilities(server.workspace.encoding);
    connection.initialize_finish(id, serde_json::to_value(answer)?)?;
    server.open_folders(&params);
    server.register(&params);
    server.run()
}

struct Server<'c> {
    connection: &'c Connection,
    worker: Worker,
    workspace: Workspace,
    /// Projects that changed since they were last shown.
    dirty: BTreeSet<PathBuf>,
    /// What the editor shows of each file, by project.
    published: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<Diagnostic>>>,
}

impl<'c> Server<'c> {
    fn new(
        connection: &'c Connection,
        options: Options,
        params: &InitializeParams,
    ) -> Result<Self, Ended> {
        let general = params.capabilities.general.as_ref();
        let offered = general.and_then(|it| it.position_encodings.as_ref());
        let own = params.initialization_options.as_ref();
        let asked = own.and_then(|it| it.get("language")?.as_str());
        let korean = |locale: &str| locale.starts_with("ko");
        let asked = match asked {
            Some("ko") => Some(Language::Korean),
            Some("en") => Some(Language::English),
            _ => None,
        };
        let mut workspace = Workspace::default();
        workspace.encoding = Encoding::agreed(offered);
        workspace.chosen = options.language.or(asked);
        if params.locale.as_deref().is_some_and(korean) {
            workspace.editor = Language::Korean;
        }
        Ok(Self {
            connection,
            worker: Worker::start()?,
            workspace,
            dirty: BTreeSet::new(),
            published: BTreeMap::new(),
        })
    }

    fn open_folders(&mut self, params: &InitializeParams) {
        let folders = params.workspace_folders.iter().flatten();
        for folder in folders {
            let new = self.workspace.add_folder(&uri::path_of(&folder.uri));
            self.dirty.extend(new);
        }
    }

    /// Asks an editor that can to tell of files that change on the disk.
    fn register(&self, params: &InitializeParams) {
        let workspace = params.capabilities.workspace.as_ref();
        let watching = workspace.and_then(|it| it.did_change_watched_files);
        if watching.and_then(|it| it.dynamic_registration) != Some(true) {
            return;
        }
        let watchers = serde_json::json!({ "registrations": [{
            "id": "files",
            "method": DidChangeWatchedFiles::METHOD,
            "registerOptions": { "watchers": [
                { "globPattern": "**/*.journey" },
                { "globPattern": "**/*.toml" },
                { "globPattern": "**/templates/**/*.md" },
            ] },
        }] });
        let method = "client/registerCapability".to_owned();
        self.send(Request::new("files".to_owned().into(), method, watchers));
    }

    fn run(&mut self) -> Result<(), Ended> {
        loop {
            // Whatever has arrived meanwhile is taken first, so that fast typing is looked at once.
            if self.connection.receiver.is_empty() {
                self.look();
            }
            select! {
                recv(self.connection.receiver) -> message => {
                    let Ok(message) = message else { return Ok(()) };
                    if !self.take(message)? {
                        return Ok(());
                    }
                }
                recv(self.worker.results()) -> checked => {
                    if let Ok(checked) = checked {
                        self.checked(checked);
                    }
                }
            }
        }
    }

    /// Handles a message; returns whether there may be another.
    fn take(&mut self, message: Message) -> Result<bool, Ended> {
        match message {
            Message::Request(request) => {
                if self.connection.handle_shutdown(&request)? {
                    return Ok(false);
                }
                self.answer(&request);
            }
            Message::Notification(notification) => self.note(notification),
            Message::Response(_) => {}
        }
        Ok(true)
    }

    /// Answers a request. A bug of ours is an error to the editor, not the end of its session.
    fn answer(&self, request: &Request) {
        let id = request.id.clone();
        let answered = catch_unwind(AssertUnwindSafe(|| {
            requests::answer(&self.workspace, request)
        }));
        self.send(match answered {
            Ok(Ok(result)) => Response {
                id,
                result: Some(result),
                error: None,
            },
            Ok(Err((code, message))) => Response::new_err(id, code as i32, message),
            Err(_) => {
                let words = "this is a bug in journeyc, not in your project";
                Response::new_err(id, ErrorCode::InternalError as i32, words.to_owned())
            }
        });
    }

    fn note(&mut self, notification: Notification) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(it) = read::<DidOpenTextDocumentParams>(notification) {
                    let it = it.text_document;
                    self.set_text(&it.uri, it.version, it.text);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Some(it) = read::<DidChangeTextDocumentParams>(notification) {
                    self.change(&it);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Some(it) = read::<DidCloseTextDocumentParams>(notification) {
                    let base = self.workspace.close(&it.text_document.uri);
                    self.dirty.insert(base);
                }
            }
            DidChangeWatchedFiles::METHOD => {
                if let Some(it) = read::<DidChangeWatchedFilesParams>(notification) {
                    for change in it.changes {
                        let base = self.workspace.changed_on_disk(&change.uri);
                        self.dirty.insert(base);
                    }
                }
            }
            _ => {}
        }
    }

    fn set_text(&mut self, uri: &lsp_types::Uri, version: i32, text: String) {
        self.worker.give_up(&self.workspace.base_at(uri));
        let base = self.workspace.set_text(uri, version, text);
        self.dirty.insert(base);
    }

    fn change(&mut self, params: &DidChangeTextDocumentParams) {
        let document = &params.text_document;
        // A change of a document that was never opened cannot be understood.
        let Some(text) = self.workspace.text(&document.uri) else {
            return;
        };
        let mut text = text.to_owned();
        for change in &params.content_changes {
            apply(&mut text, change, self.workspace.encoding);
        }
        self.set_text(&document.uri, document.version, text);
    }

    /// Shows what is known of the projects that changed, and has them checked.
    fn look(&mut self) {
        for base in std::mem::take(&mut self.dirty) {
            self.publish(&base);
            if let Some(project) = self.workspace.project(&base) {
                self.worker.check(project.job());
            }
        }
    }

    fn checked(&mut self, checked: Checked) {
        let base = checked.base.clone();
        if let Some(project) = self.workspace.project_mut(&base) {
            let old = project.take(checked);
            if let Some(old) = old {
                self.worker.forget(old);
            }
        }
        // What is about to be looked at again needs not be shown in between.
        if !self.dirty.contains(&base) {
            self.publish(&base);
        }
    }

    /// Tells the editor what changed in its list of problems.
    fn publish(&mut self, base: &Path) {
        let project = self.workspace.project(base);
        let found = project.map_or_else(BTreeMap::new, |project| {
            let found = diagnostics::of_project(&self.workspace, project).into_iter();
            found
                .map(|(file, list)| (project.path_of(file), list))
                .collect::<BTreeMap<PathBuf, Vec<Diagnostic>>>()
        });
        let shown = self.published.insert(base.to_owned(), found);
        let shown = shown.unwrap_or_default();
        let found = self.published.get(base).into_iter().flatten();
        let changed = found.filter(|(path, list)| shown.get(*path) != Some(list));
        for (path, list) in changed {
            self.show(path, list.clone());
        }
        let now = self.published.get(base);
        for path in shown.keys() {
            if !now.is_some_and(|it| it.contains_key(path)) {
                self.show(path, Vec::new());
            }
        }
    }

    fn show(&self, path: &Path, diagnostics: Vec<Diagnostic>) {
        let Some(uri) = self.workspace.uri(path) else {
            return;
        };
        let params = PublishDiagnosticsParams {
            uri,
            diagnostics,
            version: self.workspace.document(path).map(|it| it.version),
        };
        let method = PublishDiagnostics::METHOD.to_owned();
        self.send(Notification::new(method, params));
    }

    fn send(&self, message: impl Into<Message>) {
        // When the editor is gone, the loop ends by itself.
        let _ = self.connection.sender.send(message.into());
    }
}

fn read<T: DeserializeOwned>(notification: Notification) -> Option<T> {
    serde_json::from_value(notification.params).ok()
}

/// Applies one change of the editor to a text.
fn apply(text: &mut String, change: &TextDocumentContentChangeEvent, encoding: Encoding) {
    let Some(range) = change.range else {
        change.text.clone_into(text);
        return;
    };
    let span = Lines::new(text, encoding).span(range);
    text.replace_range(span.start as usize..span.end as usize, &change.text);
}
