//! A session with the language server, the program `journeyc lsp` beside this one: edits and questions without end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chance::Chance;
use crate::changes;
use crate::corpus::{Corpus, Project, is_journey};

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

/// An editor with one project open.
#[derive(Debug)]
pub(crate) struct Session {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    folder: TempDir,
    files: Project,
    texts: Project,
    version: u32,
}

impl Session {
    /// Opens the largest project of the corpus.
    pub(crate) fn start(corpus: &Corpus) -> Self {
        let mut program = std::env::current_exe().expect("this program");
        program.pop();
        program.pop();
        let folder = tempfile::tempdir().expect("a folder");
        let files = corpus.projects.iter().max_by_key(|it| it.len());
        let files = files.expect("a project").clone();
        for (path, text) in &files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let mut server = Command::new(program.join("journeyc"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(
                "journeyc beside this program: `cargo build -p journeyc`, with the same profile",
            );
        let to = server.stdin.take().expect("its input");
        let from = BufReader::new(server.stdout.take().expect("its output"));
        let texts: Project = files
            .iter()
            .filter(|(path, _)| is_journey(path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        let mut session = Self {
            server,
            to,
            from,
            folder,
            files: texts.clone(),
            texts,
            version: 1,
        };
        let root = session.uri("");
        session.ask(
            "initialize",
            &json!({ "capabilities": {}, "workspaceFolders": [{ "uri": root, "name": "x" }] }),
        );
        session.tell("initialized", &json!({}));
        for (path, text) in session.texts.clone() {
            let uri = session.uri(&path);
            session.tell(
                "textDocument/didOpen",
                &json!({ "textDocument": {
                    "uri": uri, "languageId": "journey", "version": 1, "text": text,
                }}),
            );
        }
        session
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.folder.path().join(path).display())
    }

    /// Changes one file and asks something about it.
    pub(crate) fn edit(&mut self, chance: &mut Chance, tried: &mut String) {
        let paths: Vec<String> = self.texts.keys().cloned().collect();
        let path = chance.of(&paths).clone();
        // Now and then a file is as it was, so that the project means something again.
        let text = if chance.one_in(4) {
            self.files[&path].clone()
        } else {
            changes::changed(&self.texts[&path], &self.files[&path], chance)
        };
        self.version += 1;
        let uri = self.uri(&path);
        self.tell(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": uri, "version": self.version },
                "contentChanges": [{ "text": text }],
            }),
        );
        let line = chance.below(text.lines().count() + 2);
        let place = json!({ "line": line, "character": chance.below(40) });
        let question = *chance.of(&QUESTIONS);
        *tried = format!("{question} at {place} of {path}\n{text}");
        self.texts.insert(path, text);
        let answer = self.ask(
            question,
            &json!({
                "textDocument": { "uri": uri },
                "position": place,
                "range": { "start": place, "end": { "line": line + 3, "character": 0 } },
                "context": { "includeDeclaration": true, "diagnostics": [], "triggerKind": 1 },
                "options": { "tabSize": 2, "insertSpaces": true },
                "newName": "새이름",
            }),
        );
        let error = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(!error.contains("bug"), "{answer}");
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len())
            .expect("a server that listens");
        self.to.flush().expect("a server that listens");
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.version += 1;
        let id = self.version;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self
                .from
                .read_line(&mut line)
                .expect("a server that speaks");
            assert!(read > 0, "the server is gone");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a length"),
                _ if line.trim().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a message");
        serde_json::from_slice(&body).expect("JSON")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
