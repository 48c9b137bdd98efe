//! An editor that shows any text as the journeys of the example shop and asks anything about any place of it: every
//! question has an answer that names no bug, and the server is there afterwards.
//!
//! The first three bytes choose the question and the place, the rest is the text. `cargo +nightly fuzz run lsp`, from
//! this folder's parent; `grammar/docs/fuzzing.md` says how to seed it.

#![no_main]

mod corpus;

use std::sync::{LazyLock, Mutex};

use journeyc::serve_editor;
use libfuzzer_sys::fuzz_target;
use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use tempfile::TempDir;

const QUESTIONS: [&str; 12] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/documentSymbol",
    "textDocument/semanticTokens/full",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "textDocument/inlayHint",
    "textDocument/codeAction",
    "textDocument/rename",
];

struct Editor {
    connection: Connection,
    folder: TempDir,
    version: i32,
}

static EDITOR: LazyLock<Mutex<Editor>> = LazyLock::new(|| Mutex::new(Editor::open()));

impl Editor {
    /// Opens the shop, whose only journey file is empty and shown.
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in corpus::shop() {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let (connection, server) = Connection::memory();
        std::thread::spawn(move || {
            let ended = serve_editor(&server);
            eprintln!("the server is gone: {ended:?}");
            std::process::abort();
        });
        let mut editor = Self { connection, folder, version: 1 };
        let root = editor.uri("");
        editor.ask(
            "initialize",
            json!({ "capabilities": {}, "workspaceFolders": [{ "uri": root, "name": "x" }] }),
        );
        editor.tell("initialized", json!({}));
        let uri = editor.uri(corpus::FUZZED);
        editor.tell(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "journey", "version": 1, "text": "" } }),
        );
        editor
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.folder.path().join(path).display())
    }

    fn tell(&self, method: &str, params: Value) {
        let message = Notification::new(method.to_owned(), params);
        self.connection.sender.send(Message::Notification(message)).expect("a server");
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.version += 1;
        let id = RequestId::from(self.version);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(Message::Request(request)).expect("a server");
        loop {
            if let Message::Response(answer) = self.connection.receiver.recv().expect("a server")
                && answer.id == id
            {
                let error = answer.error.map(|it| it.message).unwrap_or_default();
                assert!(!error.contains("bug"), "{method}: {error}");
                return;
            }
        }
    }

    fn show(&mut self, text: &str, question: usize, place: &Value) {
        self.version += 1;
        let uri = self.uri(corpus::FUZZED);
        self.tell(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri, "version": self.version },
                "contentChanges": [{ "text": text }],
            }),
        );
        self.ask(
            QUESTIONS[question % QUESTIONS.len()],
            json!({
                "textDocument": { "uri": uri },
                "position": place,
                "range": { "start": { "line": 0, "character": 0 }, "end": place },
                "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
                "options": { "tabSize": 2, "insertSpaces": true },
                "newName": "새이름",
            }),
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let [question, line, character, text @ ..] = data else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let place = json!({ "line": line, "character": character });
    let mut editor = EDITOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    editor.show(text, usize::from(*question), &place);
});
