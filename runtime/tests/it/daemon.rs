//! The real program, started, killed and asked as people do it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::JoinHandle;

use journey_ir::time::MINUTE;
use journeyd::clock::{Clock as _, SystemClock};
use journeyd::inspect;
use journeyd::process::current_program;
use journeyd::store::{Read as _, SqliteReader};
use serde_json::{Value, json};

use crate::clients::{get, post};
use crate::shop::program;

pub(crate) const KEY: &str = "wk-test";
pub(crate) const TOKEN: &str = "admin-test";

pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The lines of its log before it listened.
    pub(crate) began: Vec<String>,
    /// What it writes into its log.
    log: mpsc::Receiver<Value>,
    /// Reads it until nobody takes a line.
    reads: JoinHandle<()>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journeyd"));
    command
        .args(arguments)
        .env("JOURNEY_WRITE_KEYS", format!("web:{KEY}"))
        .env("JOURNEY_ADMIN_TOKEN", TOKEN)
        .env_remove("RUST_LOG");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Starts a daemon and waits until it says where it listens.
pub(crate) fn start(folder: &Path) -> Running {
    start_with(folder, &program())
}

pub(crate) fn start_with(folder: &Path, program: &journey_ir::Program) -> Running {
    start_as(folder, program, &[])
}

/// The same, with more options.
pub(crate) fn start_as(folder: &Path, program: &journey_ir::Program, more: &[&str]) -> Running {
    let source = folder.join("program.json");
    std::fs::write(&source, program.to_json()).unwrap();
    start_in(folder, &source, more, &[])
}

/// The same of a project or a compiled program, with more variables.
pub(crate) fn start_in(
    folder: &Path,
    source: &Path,
    more: &[&str],
    variables: &[(&str, &str)],
) -> Running {
    let data = folder.join("data");
    let options = [
        "run",
        source.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
        "--log",
        "json",
    ];
    let here: &[&str] = if more.contains(&"--listen") {
        &[]
    } else {
        &["--listen", "127.0.0.1:0"]
    };
    let mut child = command(&[&options, here, more].concat())
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (told, log) = mpsc::channel();
    let lines = BufReader::new(child.stderr.take().unwrap());
    let reads = std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
            if told.send(line).is_err() {
                return;
            }
        }
    });
    let mut began = Vec::new();
    let address = log.iter().find_map(|line| {
        began.push(line.to_string());
        let address = line["address"].as_str()?;
        Some(address.parse().unwrap())
    });
    let address = address.unwrap();
    Running {
        child,
        address,
        began,
        log,
        reads,
    }
}

impl Running {
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits until the log says something.
    fn says(&self, what: &str) {
        let found = self.log.iter().any(|line| line.to_string().contains(what));
        assert!(found, "{what}");
    }

    /// The lines of the log up to the one in which something stands for the n-th time.
    pub(crate) fn log_until(&self, times: usize, what: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut left = times;
        while left > 0 {
            let line = self.log.recv().unwrap().to_string();
            left -= usize::from(line.contains(what));
            lines.push(line);
        }
        lines
    }

    /// Closes the pipe into which the log goes.
    pub(crate) fn deaf(&mut self) {
        self.log = mpsc::channel().1;
        let stop = json!({"userId": "u0", "event": "Heard Of By Nobody"});
        // The thread that reads ends with the next line that nobody takes.
        while !self.reads.is_finished() {
            post(self.address, "/v1/track", KEY, &stop).unwrap();
        }
    }

    /// Stops it; the lines of the log up to its end.
    pub(crate) fn ends(mut self) -> Vec<String> {
        self.signal("-TERM");
        let rest = self.log.iter().map(|line| line.to_string()).collect();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        rest
    }

    /// Waits until nothing is in the spool any more.
    pub(crate) fn decides_all(&self) {
        let waits = || {
            let metrics = get(self.address, "/metrics", "").unwrap().body;
            !metrics.contains("journeyd_spool_bytes 0\n")
        };
        while waits() {
            std::thread::yield_now();
        }
    }

    pub(crate) fn kill(mut self) {
        self.signal("-KILL");
        self.child.wait().unwrap();
    }

    pub(crate) fn terminate(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.signal("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// Ends it, and gives everything that it has written since it said where it listens.
    fn rest_of_log(mut self) -> String {
        self.end();
        let lines: Vec<String> = self.log.iter().map(|line| line.to_string()).collect();
        lines.join("\n")
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_listens_on_this_machine_only_unless_told_otherwise() {
    // The help is written from the value that is taken. The port itself may be somebody else's here.
    let help = text(&run(&["run", "--help"]).stdout);
    let listen = help.split("--listen").nth(1).unwrap();
    let default = listen.split("[default: ").nth(1).unwrap();
    let default = default.split(']').next().unwrap();
    let default: SocketAddr = default.parse().unwrap();
    assert!(default.ip().is_loopback(), "{default}");
}

#[test]
fn who_lets_others_in_without_tls_is_warned() {
    let file = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
        folder.join(name).to_str().unwrap().to_owned()
    };
    let (certificate, key) = (file("server.pem"), file("server.key.pem"));
    let encrypted = ["--tls-cert", &certificate, "--tls-key", &key];
    // Nobody is told the port, and nothing connects to it.
    let anywhere = ["--listen", "0.0.0.0:0"];
    for (options, warned) in [
        (anywhere.to_vec(), true),
        ([anywhere.as_slice(), &encrypted].concat(), false),
        (Vec::new(), false),
    ] {
        let root = tempfile::tempdir().unwrap();
        let log = start_as(root.path(), &program(), &options).rest_of_log();
        assert!(log.contains("daemon.stopping"), "{log}");
        assert_eq!(
            log.contains("EXPOSED WITHOUT TLS"),
            warned,
            "{options:?} {log}"
        );
    }
}

#[test]
fn it_stops_at_once_when_asked_and_goes_on_where_it_was() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let data = data.to_str().unwrap();
    let first = start(root.path());
    let identify = json!({"userId": "민지", "traits": {"name": "김민지"}});
    assert_eq!(
        post(first.address, "/v1/identify", KEY, &identify)
            .unwrap()
            .status,
        200
    );
    let order = json!({"userId": "민지", "event": "purchase",
        "properties": {"order_id": "o1", "total": 50_000}});
    assert_eq!(
        post(first.address, "/v1/track", KEY, &order)
            .unwrap()
            .status,
        200
    );

    // Commands work beside the running daemon.
    let contact = run(&["contact", "민지", "--data", data]);
    let shown = text(&contact.stdout);
    assert!(contact.status.success(), "{}", text(&contact.stderr));
    for part in ["김민지", "thanks", "wait", "o1", "buyers"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let status = text(&run(&["status", "--data", data]).stdout);
    assert!(
        status.contains("contacts") && status.contains("thanks"),
        "{status}"
    );
    assert_eq!(
        run(&["contact", "nobody", "--data", data]).status.code(),
        Some(1)
    );
    assert_eq!(
        text(&run(&["rejected", "--data", data]).stdout),
        "nothing was rejected\n"
    );

    // A second one on the same data is refused, and told who is there.
    let source = root.path().join("program.json");
    let second = run(&[
        "run",
        source.to_str().unwrap(),
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(second.status.code(), Some(3));
    let told = text(&second.stderr);
    assert!(
        told.contains(&format!("process {}", first.child.id())),
        "{told}"
    );

    first.terminate();
    let wal = root.path().join("data/journey.db-wal");
    assert!(wal.metadata().map_or(0, |wal| wal.len()) == 0);
    let again = start(root.path());
    let found = get(again.address, "/v1/contacts/%EB%AF%BC%EC%A7%80", TOKEN)
        .unwrap()
        .json();
    assert_eq!(found["runs"][0]["step"], "wait");
    again.terminate();
}

/// The members of a segment, once the daemon has counted everybody under the program that has it.
fn members(running: &Running, segment: &str) -> i64 {
    let ask = |path| get(running.address, path, TOKEN).unwrap().json();
    let mut ready = (0..100_000).map(|_| ask("/ready"));
    let counted = ready.find(|ready| ready["counting_again"].is_null());
    assert_eq!(counted, Some(json!({"status": "ready"})));
    let status = ask("/v1/status");
    assert!(status["counting_again"].is_null(), "{status}");
    status["segments"][segment].as_i64().unwrap_or(0)
}

#[test]
fn it_reads_its_project_again_by_command_and_by_signal() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let data = data.to_str().unwrap();
    let source = root.path().join("program.json");
    let daemon = start(root.path());
    let order = json!({"userId": "u1", "event": "purchase",
        "properties": {"order_id": "o1", "total": 50_000}});
    let answer = post(daemon.address, "/v1/track", KEY, &order).unwrap();
    assert_eq!(answer.status, 200);
    let mut changed = program();
    changed.segments[0].name = "customers".into();
    changed.journeys[0].version = "b3:another".into();
    std::fs::write(&source, changed.to_json()).unwrap();

    let plan = run(&["reload", "--plan", "--data", data]);
    let told = text(&plan.stdout);
    assert!(plan.status.success(), "{}", text(&plan.stderr));
    assert!(
        told.contains("finish on the version they started on"),
        "{told}"
    );
    assert!(told.contains("nothing was changed"), "{told}");
    assert_eq!(members(&daemon, "buyers"), 1);
    let done = run(&["reload", "--data", data]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("it runs now"));
    assert_eq!(members(&daemon, "customers"), 1);
    let again = text(&run(&["reload", "--data", data]).stdout);
    assert!(again.contains("runs already") && again.contains("keys and certificate"));
    let plan = text(&run(&["reload", "--plan", "--data", data]).stdout);
    assert!(
        plan.contains("runs already") && !plan.contains("keys"),
        "{plan}"
    );

    // Mistakes change nothing, whoever asks.
    std::fs::write(&source, "{").unwrap();
    let refused = run(&["reload", "--data", data]);
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&refused.stderr);
    assert!(told.contains("nothing was changed"), "{told}");
    daemon.signal("-HUP");
    let refused = daemon.log_until(1, "daemon.reload_refused");
    let reason = refused.last().unwrap();
    assert!(
        reason.contains("this is not a compiled program"),
        "{reason}"
    );
    assert_eq!(members(&daemon, "customers"), 1);
    std::fs::write(&source, program().to_json()).unwrap();
    daemon.signal("-HUP");
    daemon.says("daemon.read_again");
    assert_eq!(members(&daemon, "buyers"), 1);
    daemon.terminate();
    let nobody = run(&["reload", "--data", data]);
    assert_eq!(nobody.status.code(), Some(3));
    assert!(text(&nobody.stderr).contains("no daemon runs"));
}

#[test]
fn a_project_with_mistakes_does_not_start_and_they_are_shown() {
    let root = tempfile::tempdir().unwrap();
    let project = root.path().join("shop");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(
        project.join("a.journey"),
        "journey x {\n  enter when purchas\n}\n",
    )
    .unwrap();
    let data = root.path().join("data");
    let output = run(&[
        "run",
        project.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let shown = text(&output.stderr);
    assert!(
        shown.contains("purchas") && shown.contains("nothing was started"),
        "{shown}"
    );
    assert!(!data.exists());

    let missing = run(&["run", "nowhere.json"]);
    assert!(text(&missing.stderr).contains("nowhere.json"));
    let nothing = run(&["status", "--data", data.to_str().unwrap()]);
    assert_eq!(nothing.status.code(), Some(3));
    assert!(text(&nothing.stderr).contains("journeyd run"));
}

#[test]
fn a_list_enters_by_command_while_the_daemon_rests_and_goes_on_when_it_is_back() {
    let root = tempfile::tempdir().unwrap();
    let texts = [
        (
            "journey.toml",
            "[project]\nname = \"quotes\"\ntimezone = \"UTC\"\ndefault_language = \"en\"\n\n[teams.sales]\n",
        ),
        (
            "quote.journey",
            "journey quote {\n  enter by request with (product: text)\n\n  assign to sales \"Write a quote\" due in 1 day\n  wait 3 days\n}\n",
        ),
    ];
    let compilation = journeyc::compile(&journeyc::LoadedProject::from_texts(texts));
    let program = compilation.program.unwrap();
    start_with(root.path(), &program).terminate();
    let list = root.path().join("people.csv");
    std::fs::write(&list, "contact,product\nann,ginseng\nbob,\ncho,honey\n").unwrap();
    let data = root.path().join("data");
    let (list, data) = (list.to_str().unwrap(), data.to_str().unwrap());
    let enter = || run(&["enter", "quote", "--list", list, "--data", data]);
    let first = enter();
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains("product"),
        "{}",
        text(&first.stdout)
    );
    let again = enter();
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    let running = start_with(root.path(), &program);
    let status = run(&["status", "--data", data, "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["journeys"]["quote"]["entered"], 2, "{status}");
    assert_eq!(
        status["journeys"]["quote"]["inside"][0]["runs"], 2,
        "{status}"
    );
    running.terminate();
    let unknown = run(&["enter", "quotes", "--list", list, "--data", data]);
    assert_eq!(unknown.status.code(), Some(1), "{}", text(&unknown.stderr));
}

/// Where the daemon listens now; clients that lost it wait for the next one.
#[derive(Default)]
struct Board {
    now: Mutex<(u64, Option<SocketAddr>)>,
    changed: Condvar,
}

impl Board {
    fn put(&self, address: SocketAddr) {
        let mut now = self.now.lock().unwrap();
        *now = (now.0 + 1, Some(address));
        self.changed.notify_all();
    }

    fn later_than(&self, seen: u64) -> (u64, SocketAddr) {
        let now = self.now.lock().unwrap();
        let now = self.changed.wait_while(now, |now| now.0 <= seen).unwrap();
        (now.0, now.1.unwrap())
    }
}

const CLIENTS: usize = 4;
const BATCHES: usize = 40;

/// The batches of one client. Each client has contacts of its own, so that its order is theirs.
fn batches(client: usize, base: i64) -> Vec<Value> {
    let stamp = |at: i64| jiff::Timestamp::from_millisecond(at).unwrap().to_string();
    (0..BATCHES)
        .map(|n| {
            let items: Vec<Value> = (0..12)
                .map(|item| {
                    let who = format!("c{client}-{}", (n * 7 + item) % 30);
                    let at = stamp(base + (n * 100 + item) as i64);
                    let message = format!("{client}-{n}-{item}");
                    match item % 3 {
                        0 => json!({"type": "identify", "userId": who, "timestamp": at, "messageId": message,
                            "traits": {"email": format!("{who}@example.com"), "name": message}}),
                        1 => json!({"type": "track", "event": "purchase", "userId": who, "timestamp": at,
                            "messageId": message, "properties": {"order_id": message, "total": 1000}}),
                        _ => json!({"type": "track", "event": "cart_filled", "anonymousId": format!("d-{who}"),
                            "timestamp": at, "messageId": message}),
                    }
                })
                .collect();
            json!({ "batch": items })
        })
        .collect()
}

/// Sends everything, again and again until it is acknowledged; dies are the counts of acknowledgements at which the
/// daemon is killed.
fn load(folder: &Path, base: i64, deaths: &[usize], options: &[&str]) {
    let board = Arc::new(Board::default());
    let (acknowledged, acknowledgements) = mpsc::channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (board, acknowledged) = (Arc::clone(&board), acknowledged.clone());
            std::thread::spawn(move || {
                let (mut seen, mut address) = board.later_than(0);
                for batch in batches(client, base) {
                    while !post(address, "/v1/batch", KEY, &batch).is_ok_and(|it| it.status == 200)
                    {
                        (seen, address) = board.later_than(seen);
                    }
                    acknowledged.send(()).unwrap();
                }
            })
        })
        .collect();
    drop(acknowledged);
    let start = || start_as(folder, &program(), options);
    let mut daemon = start();
    board.put(daemon.address);
    let mut deaths = deaths.iter().peekable();
    for count in 1.. {
        if acknowledgements.recv().is_err() {
            break;
        }
        if deaths.next_if(|at| **at == count).is_some() {
            daemon.kill();
            daemon = start();
            board.put(daemon.address);
        }
    }
    for client in clients {
        client.join().unwrap();
    }
    daemon.decides_all();
    daemon.terminate();
}

/// Everything that must be the same, however the end was reached.
fn outcome(folder: &Path) -> (BTreeMap<String, i64>, Vec<[u8; 32]>, Vec<Value>) {
    let mut store = SqliteReader::open(&folder.join("data")).unwrap();
    let program = current_program(&mut store).unwrap();
    let tallies = store.tallies().unwrap().into_iter();
    let tallies = tallies
        .filter(|(key, _)| key.what != "outbox")
        .map(|(key, n)| (format!("{key:?}"), n))
        .collect();
    let effects = store.effects(0, None, None, 100_000).unwrap();
    let mut keys: Vec<[u8; 32]> = effects.into_iter().map(|kept| kept.effect.key).collect();
    keys.sort_unstable();
    let mut contacts = Vec::new();
    for client in 0..CLIENTS {
        for n in 0..30 {
            let id = format!("c{client}-{n}");
            let report = inspect::contact(&mut store, &program, &id, 10_000)
                .unwrap()
                .unwrap();
            let mut report = serde_json::to_value(report).unwrap();
            report.as_object_mut().unwrap().remove("effects");
            contacts.push(report);
        }
    }
    (tallies, keys, contacts)
}

#[test]
fn killed_under_load_it_ends_as_if_nothing_had_happened() {
    let base = SystemClock.now() - 30 * MINUTE;
    let calm = tempfile::tempdir().unwrap();
    load(calm.path(), base, &[], &[]);
    let expected = outcome(calm.path());
    assert!(expected.1.len() > 500);
    // Decided before it is answered, or answered before it is decided.
    for options in [["--spool-limit", "0"], ["--spool-after", "0"]] {
        let rough = tempfile::tempdir().unwrap();
        load(rough.path(), base, &[5, 30, 31, 70, 120], &options);
        let found = outcome(rough.path());
        assert_eq!(found.0, expected.0);
        assert_eq!(found.1, expected.1);
        for (found, expected) in found.2.iter().zip(&expected.2) {
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut daemon = start(root.path());
    // The reader goes away with its end of the pipe.
    daemon.deaf();
    let bad = json!({"userId": "u1", "event": "Unheard Of"});
    for _ in 0..3 {
        assert_eq!(
            post(daemon.address, "/v1/track", KEY, &bad).unwrap().status,
            200
        );
    }
    let order = json!({"userId": "u1", "event": "purchase",
        "properties": {"order_id": "o1", "total": 50_000}});
    assert_eq!(
        post(daemon.address, "/v1/track", KEY, &order)
            .unwrap()
            .status,
        200
    );
    let status = get(daemon.address, "/v1/status", TOKEN).unwrap().json();
    assert_eq!(status["contacts"], 1);
    assert!(status["rejected"].as_i64().unwrap() > 3, "{status}");
    daemon.terminate();
}
