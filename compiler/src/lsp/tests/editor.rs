//! An editor in memory: it speaks the protocol with a server on another thread, and remembers what was published.
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a session needs files on a disk, and its texts are known"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::lsp::position::Encoding;
use crate::lsp::server::{Options, serve};

/// Longer than any answer takes; a server that hangs fails the test instead of holding it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The small shop that most sessions are about.
pub(super) const SHOP: &[(&str, &str)] = &[
    (
        "journey.toml",
        "[project]\nname = \"shop\"\ntimezone = \"Asia/Seoul\"\ncurrency = \"KRW\"\n\n\
         [channels.email]\nsender = \"shop\"\n\n[senders.shop]\nfrom = \"Shop <a@shop.example>\"\n\n\
         [teams.sales]\n",
    ),
    (
        "schema.journey",
        "contact {\n  email: email address, optional, private\n  name: text, optional\n  \
         sex: one of 여성, 남성, optional\n}\n\n\
         ## 돈을 낸 주문입니다.\n\
         event purchase \"구매\" {\n  order_id: text, key\n  total: money in KRW\n  \
         category: one of 홍삼, 비타민\n  arrives within 10 minutes\n}\n\n\
         event visit \"방문\" { page: text }\n\n\
         consent marketing \"광고\" { for email }\n\n\
         offer welcome10 \"첫 구매 10%\" {\n  10% off\n  valid 14 days\n}\n",
    ),
    (
        "segments.journey",
        "lifecycle 생애주기 \"고객 생애주기\" {\n  신규 when never did purchase\n  \
         활동 when did purchase in the last 90 days\n  휴면 otherwise\n}\n\n\
         segment 큰손 { did purchase where (total at least 5만원) in the last 30 days }\n",
    ),
    (
        "rescue.journey",
        "## 들어온 사람을 맞이합니다.\n\
         journey 환영 \"환영\" {\n  enter when visit where (page is \"/\")\n  \
         goal purchase within 7 days\n\n  send email hello as first\n  wait 1 day\n  \
         if in 큰손 or 생애주기 is 활동 {\n    send email thanks\n  } otherwise {\n    exit as quiet\n  }\n}\n",
    ),
    (
        "tests.journey",
        "test \"인사\" for 환영 {\n  given 민지 { email: \"m@x.example\", agreed to marketing by email }\n  \
         at 2026-03-02 14:00 민지 does visit { page: \"/\" }\n  expect email hello to 민지\n}\n",
    ),
    (
        "templates/email/hello.md",
        "+++\npurpose = \"advertising\"\nsubject = \"Hello\"\n+++\nHi {{ name | or: 'you' }}\n",
    ),
    (
        "templates/email/thanks.md",
        "+++\npurpose = \"advertising\"\nsubject = \"Thanks\"\n+++\nThanks\n",
    ),
];

/// An editor with one folder open.
pub(super) struct Editor {
    connection: Connection,
    server: Option<JoinHandle<()>>,
    folder: TempDir,
    texts: BTreeMap<String, (String, i32)>,
    /// What was published last, by path below the folder.
    pub(super) problems: BTreeMap<String, Vec<Value>>,
    next: i32,
}

impl Editor {
    /// Opens a folder with these files.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, &json!({}))
    }

    /// Opens a folder, saying more about the editor.
    pub(super) fn with(files: &[(&str, &str)], more: &Value) -> Self {
        let folder = TempDir::new().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (own, theirs) = Connection::memory();
        let server = std::thread::spawn(move || serve(&theirs, Options::default()).unwrap());
        let mut editor = Self {
            connection: own,
            server: Some(server),
            folder,
            texts: BTreeMap::new(),
            problems: BTreeMap::new(),
            next: 0,
        };
        let mut params = json!({
            "capabilities": {},
            "workspaceFolders": [{ "uri": editor.uri(""), "name": "shop" }],
        });
        let own = params.as_object_mut().unwrap();
        own.extend(more.as_object().unwrap().clone());
        editor.ask("initialize", params);
        editor.tell("initialized", json!({}));
        editor
    }

    /// The shop, opened.
    pub(super) fn shop() -> Self {
        Self::new(SHOP)
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(super) fn uri(&self, below: &str) -> String {
        if below.contains(':') {
            return below.to_owned();
        }
        let path = if below.is_empty() {
            self.folder.path().to_owned()
        } else {
            self.path(below)
        };
        super::super::uri::of_path(&path)
            .unwrap()
            .as_str()
            .to_owned()
    }

    /// Sends a notification.
    pub(super) fn tell(&self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        self.connection.sender.send(note.into()).unwrap();
    }

    /// Sends a request and waits for its answer.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap()
    }

    /// Sends a request and waits for its answer or its error.
    pub(super) fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).unwrap();
        loop {
            if let Message::Response(response) = self.receive()
                && response.id == id
            {
                return match response.error {
                    Some(error) => Err(error.message),
                    None => Ok(response.result.unwrap()),
                };
            }
        }
    }

    fn receive(&mut self) -> Message {
        let message = self.connection.receiver.recv_timeout(PATIENCE).unwrap();
        if let Message::Notification(note) = &message
            && note.method == "textDocument/publishDiagnostics"
        {
            let uri = note.params["uri"].as_str().unwrap().to_owned();
            let root = self.uri("") + "/";
            let path = uri.strip_prefix(&root).unwrap_or(&uri).to_owned();
            let list = note.params["diagnostics"].as_array().unwrap().clone();
            self.problems.insert(path, list);
        }
        message
    }

    /// Waits until what is published says so.
    pub(super) fn until(&mut self, path: &str, says: impl Fn(&[Value]) -> bool) {
        while !self.problems.get(path).is_some_and(|it| says(it)) {
            self.receive();
        }
    }

    /// Waits until a file has a problem of a code.
    pub(super) fn until_code(&mut self, path: &str, code: &str) {
        self.until(path, |list| list.iter().any(|it| it["code"] == code));
    }

    /// Opens a file of the folder.
    pub(super) fn open(&mut self, below: &str) {
        let text = fs::read_to_string(self.path(below)).unwrap();
        self.open_with(below, &text);
    }

    /// Opens a file with a text that may be not saved yet.
    pub(super) fn open_with(&mut self, below: &str, text: &str) {
        self.texts.insert(below.to_owned(), (text.to_owned(), 1));
        self.tell(
            "textDocument/didOpen",
            json!({ "textDocument": {
                "uri": self.uri(below), "languageId": "journey", "version": 1, "text": text,
            }}),
        );
    }

    /// Gives an open file another text.
    pub(super) fn write(&mut self, below: &str, text: &str) {
        let (known, version) = self.texts.get_mut(below).unwrap();
        text.clone_into(known);
        *version += 1;
        let version = *version;
        self.tell(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": self.uri(below), "version": version },
                "contentChanges": [{ "text": text }],
            }),
        );
    }

    /// Replaces the first occurrence of some words in an open file.
    pub(super) fn replace(&mut self, below: &str, old: &str, new: &str) {
        let text = self.texts[below].0.replacen(old, new, 1);
        assert_ne!(text, self.texts[below].0, "`{old}` is not there");
        self.write(below, &text);
    }

    /// The place of a `|` in some words of an open file: `(line, column)` in UTF-16.
    pub(super) fn place(&self, below: &str, words: &str) -> Value {
        let (before, after) = words.split_once('|').unwrap();
        let text = &self.texts[below].0;
        let at = text.find(&format!("{before}{after}")).unwrap() + before.len();
        let line = text[..at].matches('\n').count();
        let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
        json!({ "line": line, "character": text[start..at].encode_utf16().count() })
    }

    /// Asks about the place of a `|` in some words of an open file.
    pub(super) fn at(&mut self, method: &str, below: &str, words: &str) -> Value {
        let place = self.place(below, words);
        let params = json!({
            "textDocument": { "uri": self.uri(below) },
            "position": place,
            "context": { "includeDeclaration": true, "triggerKind": 1 },
        });
        self.ask(method, params)
    }

    /// The labels that are offered at a place.
    pub(super) fn offered(&mut self, below: &str, words: &str) -> Vec<String> {
        let found = self.at("textDocument/completion", below, words);
        let items = found.as_array().cloned().unwrap_or_default();
        let labels = items
            .iter()
            .map(|it| it["label"].as_str().unwrap().to_owned());
        labels.collect()
    }

    /// What is said about a place.
    pub(super) fn hovered(&mut self, below: &str, words: &str) -> String {
        let found = self.at("textDocument/hover", below, words);
        found["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The words that a range of an open or saved file covers.
    pub(super) fn covered(&self, location: &Value) -> String {
        let uri = location["uri"].as_str().unwrap();
        let root = self.uri("") + "/";
        let below = uri.strip_prefix(&root).unwrap_or(uri);
        let text = match self.texts.get(below) {
            Some((text, _)) => text.clone(),
            None => fs::read_to_string(self.path(below)).unwrap(),
        };
        let offset = |at: &Value| {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (line, column) = (
                at["line"].as_u64().unwrap(),
                at["character"].as_u64().unwrap(),
            );
            let before: usize = lines[..line as usize].iter().map(|it| it.len()).sum();
            let units: Vec<u16> = lines.get(line as usize).map_or_else(Vec::new, |it| {
                it.encode_utf16().take(column as usize).collect()
            });
            before + String::from_utf16(&units).unwrap().len()
        };
        let range = &location["range"];
        text[offset(&range["start"])..offset(&range["end"])].to_owned()
    }

    /// Applies the edits of a rename or a quick fix to the texts; returns all of them by path.
    pub(super) fn applied(&self, edit: &Value) -> BTreeMap<String, String> {
        let mut changes: Vec<(String, Vec<Value>)> = Vec::new();
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            if let Some(edits) = change["edits"].as_array() {
                let uri = change["textDocument"]["uri"].as_str().unwrap();
                changes.push((uri.to_owned(), edits.clone()));
            }
        }
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            changes.push((uri.clone(), edits.as_array().unwrap().clone()));
        }
        let root = self.uri("") + "/";
        let mut texts = BTreeMap::new();
        for (uri, mut edits) in changes {
            let below = uri.strip_prefix(&root).unwrap().to_owned();
            let mut text = match self.texts.get(&below) {
                Some((text, _)) => text.clone(),
                None => fs::read_to_string(self.path(&below)).unwrap(),
            };
            edits.sort_by_key(|it| {
                let at = &it["range"]["start"];
                (at["line"].as_u64(), at["character"].as_u64())
            });
            for edit in edits.iter().rev() {
                let lines = super::super::position::Lines::new(&text, Encoding::default());
                let range = serde_json::from_value(edit["range"].clone()).unwrap();
                let span = lines.span(range);
                let new = edit["newText"].as_str().unwrap();
                text.replace_range(span.start as usize..span.end as usize, new);
            }
            texts.insert(below, text);
        }
        texts
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.server.take().unwrap().join().unwrap();
    }
}
