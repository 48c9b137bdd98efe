//! How long an editor waits after a keystroke, on a project of 1,000 journeys or so: the real program, spoken to on its
//! standard input and output.
//!
//! `cargo bench -p journeyc --bench keystroke -- 1000` prints the median and the worst of each answer.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark measures, prints, and stops when something is wrong"
)]

mod corpus;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Milliseconds between two keystrokes, in turn: so fast that no check begins in between, and so slow that one is under
/// way or done when the next comes.
const PAUSES: [u64; 5] = [0, 60, 130, 250, 400];

/// How many keystrokes are timed.
const KEYSTROKES: u32 = 100;

fn main() {
    let asked = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let journeys = asked.unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder for the project");
    let mut lines = 0;
    for (path, text) in corpus::project(journeys) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        lines += text.lines().count();
        fs::write(path, text).expect("a file");
    }
    println!("{journeys} journeys, {lines} lines");
    let mut editor = Editor::start(folder.path());
    let opened = Instant::now();
    editor.initialize(folder.path());
    println!("{:<28}{:>10.1?}", "opened", opened.elapsed());
    measure(&mut editor, folder.path(), journeys / 2);
}

fn measure(editor: &mut Editor, folder: &Path, at: usize) {
    let path = folder.join(format!("journeys/j{at:05}.journey"));
    let text = fs::read_to_string(&path).expect("a journey");
    let uri = format!("file://{}", path.display());
    editor.tell(
        "textDocument/didOpen",
        &json!({ "textDocument": { "uri": uri, "languageId": "journey", "version": 1, "text": text } }),
    );
    let line = text
        .lines()
        .position(|it| it.contains("wait 1 day"))
        .expect("a wait");
    let mut times: [Vec<Duration>; 5] = Default::default();
    for stroke in 0..KEYSTROKES {
        // A letter that breaks the line, and then its removal.
        let (typed, end) = if stroke % 2 == 0 { ("x", 8) } else { ("", 9) };
        let range = json!({
            "start": { "line": line, "character": 8 }, "end": { "line": line, "character": end },
        });
        let pause = PAUSES[stroke as usize % PAUSES.len()];
        std::thread::sleep(Duration::from_millis(pause));
        let begun = Instant::now();
        editor.tell(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": uri, "version": stroke + 2 },
                "contentChanges": [{ "range": range, "text": typed }],
            }),
        );
        editor.until_published(&uri, stroke + 2);
        times[0].push(begun.elapsed());
        let place = json!({
            "textDocument": { "uri": uri },
            "position": { "line": line + 1, "character": 10 },
            "context": { "triggerKind": 1, "includeDeclaration": true },
        });
        for (time, method) in times[1..].iter_mut().zip(METHODS) {
            let begun = Instant::now();
            editor.ask(method, &place);
            time.push(begun.elapsed());
        }
    }
    let names = ["problems of this file"].into_iter().chain(METHODS);
    for (name, mut times) in names.zip(times) {
        times.sort();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{name:<28}{median:>10.1?} median{worst:>10.1?} worst");
    }
}

const METHODS: [&str; 4] = [
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/references",
];

/// The program, and both ends of its pipe.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u32,
}

impl Editor {
    fn start(folder: &Path) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_journeyc"))
            .arg("lsp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("journeyc");
        let to = server.stdin.take().expect("its input");
        let from = BufReader::new(server.stdout.take().expect("its output"));
        Self {
            server,
            to,
            from,
            next: 0,
        }
    }

    fn initialize(&mut self, folder: &Path) {
        let uri = format!("file://{}", folder.display());
        let folders = json!([{ "uri": uri, "name": "corpus" }]);
        self.ask(
            "initialize",
            &json!({ "capabilities": {}, "workspaceFolders": folders }),
        );
        self.tell("initialized", &json!({}));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("a server");
        self.to.flush().expect("a server");
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    }

    fn until_published(&mut self, uri: &str, version: u32) {
        loop {
            let message = self.receive();
            let params = &message["params"];
            if params["uri"] == uri && params["version"] == version {
                return;
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).expect("a header");
            if let Some(number) = line.trim().strip_prefix("Content-Length: ") {
                length = number.parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).expect("a message");
        serde_json::from_slice(&text).expect("a message")
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.ask("shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        let _ = self.server.wait();
    }
}
