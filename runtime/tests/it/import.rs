//! Importing files: bad rows are listed and the rest goes on, an interrupted import goes on where it stopped, and
//! nothing from the past is sent unless it is asked for.

use std::fmt::Write as _;
use std::path::Path;

use journey_arrivals::{Calls, entries::Entries, file, rows::Rows};
use journeyd::import::{Options, Summary, replay};
use journeyd::inspect;
use journeyd::process::{self, Effects, Process};
use journeyd::store::{DataFolder, Read as _, Sqlite, SqliteReader, Status};

use journey_ir::project::Import;

fn project(name: &str) -> journey_ir::Program {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name);
    journeyc::compile(&journeyc::load(&folder).unwrap())
        .program
        .unwrap()
}

fn opened(folder: &Path, name: &str) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    process::open(store, project(name), 0, &mut |_| {}).unwrap()
}

fn mapping() -> Import {
    Import {
        name: "test".into(),
        time: "when".into(),
        contact: "who".into(),
        event: Some("what".into()),
        event_name: None,
        rename: vec![("bought".into(), "purchased".into())],
        only: false,
        fields: vec![("invoice".into(), "order_id".into())],
        attributes: vec![("country".into(), "country".into())],
        id: None,
    }
}

fn csv(process: &mut Process<Sqlite>, text: &str, effects: Effects, most: u64) -> Summary {
    let program = process.program().clone();
    let mut rows = Rows::new(text.as_bytes(), &mapping(), &program).unwrap();
    let options = Options {
        name: "test".into(),
        effects,
        until: None,
    };
    replay(process, &mut rows, &options, &mut |so_far| {
        so_far.rows < most
    })
    .unwrap()
}

const HEAD: &str = "when,who,what,invoice,amount,currency,country\n";

#[test]
fn bad_rows_are_listed_with_their_lines_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = opened(folder.path(), "retail");
    let text = format!(
        "{HEAD}2010-01-01T00:00:00Z,ann,bought,1,10.00,GBP,France\n\
         yesterday,ann,bought,2,10.00,GBP,\n\
         2010-01-02,,bought,3,10.00,GBP,\n\
         2010-01-02,bob,bought,4,ten,GBP,\n\
         2010-01-02,bob,bought,5,10.00,USD,\n\
         2010-01-02,bob,returned,6,10.00,GBP,\n\
         2010-01-02,bob,bought,,10.00,GBP,\n\
         2010-01-03 09:00,bob,bought,8,\"1,200.50\",GBP,\n"
    );
    let summary = csv(&mut process, &text, Effects::Record, u64::MAX);
    let listed: Vec<String> = summary
        .bad_rows
        .iter()
        .map(|bad| format!("{} {}: {}", bad.line, bad.code, bad.reason))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    assert_eq!((summary.rows, summary.rejected), (8, 6));
    assert_eq!(process.store().rejected(None, 100).unwrap().len(), 6);
    let names: Vec<String> = process
        .store()
        .following(journeyd::store::ContactNo(0), 10)
        .unwrap()
        .into_iter()
        .map(|row| row.name)
        .collect();
    assert_eq!(names, ["ann", "bob"]);
}

#[test]
fn an_interrupted_import_ends_as_an_undisturbed_one() {
    let mut text = HEAD.to_owned();
    for row in 0..30_000 {
        let day = row / 100;
        let at = 1_262_304_000 + day * 86_400 + row % 100;
        writeln!(
            text,
            "{at},c{},bought,i{row},{}.00,GBP,",
            row % 700,
            row % 9_000
        )
        .unwrap();
    }
    let whole = tempfile::tempdir().unwrap();
    let mut undisturbed = opened(whole.path(), "retail");
    csv(&mut undisturbed, &text, Effects::Record, u64::MAX);

    let parts = tempfile::tempdir().unwrap();
    let mut process = opened(parts.path(), "retail");
    let first = csv(&mut process, &text, Effects::Record, 1);
    assert!(first.stopped && first.rows < 30_000);
    // The process is gone and comes back, as after a crash between two commits.
    drop(process);
    let mut process = opened(parts.path(), "retail");
    let second = csv(&mut process, &text, Effects::Record, u64::MAX);
    assert_eq!(second.resumed_after, first.rows);
    assert_eq!(first.rows + second.rows, 30_000);
    assert_eq!(told(&mut process), told(&mut undisturbed));
    let third = csv(&mut process, &text, Effects::Record, u64::MAX);
    assert_eq!((third.rows, third.accepted), (0, 0));
}

/// Everything that can be compared: counters, contacts' states, and effects by key.
fn told(process: &mut Process<Sqlite>) -> String {
    let mut text = format!("{:?}\n", process.store().tallies().unwrap());
    for row in process
        .store()
        .following(journeyd::store::ContactNo(0), 10_000)
        .unwrap()
    {
        writeln!(text, "{} {:?} {:?}", row.name, row.next_wake, row.state).unwrap();
    }
    let mut effects = process.store().effects(0, None, None, 100_000).unwrap();
    effects.sort_by_key(|kept| kept.effect.key);
    for kept in effects {
        writeln!(text, "{:?} {:?}", kept.effect.key, kept.effect.status).unwrap();
    }
    text
}

#[test]
fn nothing_from_the_past_is_sent_unless_it_is_asked_for() {
    let text = format!(
        "{HEAD}2010-01-01T00:00:00Z,ann,bought,1,6000.00,GBP,\n2010-03-01T00:00:00Z,bob,bought,2,1.00,GBP,\n"
    );
    for (effects, expected) in [
        (Effects::Record, Status::Recorded),
        (Effects::Hold, Status::Held),
        (Effects::Act, Status::Stale),
        (Effects::Always, Status::Pending),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut process = opened(folder.path(), "retail");
        csv(&mut process, &text, effects, u64::MAX);
        let kept = process.store().effects(0, None, None, 10).unwrap();
        let statuses: Vec<Status> = kept.iter().map(|kept| kept.effect.status).collect();
        assert_eq!(statuses, [expected], "{effects:?}");
    }
}

#[test]
fn calls_of_the_past_come_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = opened(folder.path(), "shop");
    let text = r#"{"type":"identify","userId":"민지","timestamp":"2026-03-02T14:00:00+09:00","traits":{"email":"minji@example.com","consents":{"marketing":{"email":true}}}}
{"type":"track","userId":"민지","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{"cart_id":"c1","total":50000},"messageId":"m1"}
{"type":"track","userId":"민지","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{"cart_id":"c1","total":50000},"messageId":"m1"}

not json
{"type":"track","userId":"민지","event":"add_to_cart","properties":{"cart_id":"c2","total":1}}
{"type":"track","userId":"민지","event":"danced","timestamp":"2026-03-02T15:00:00+09:00"}
{"type":"track","userId":"민지","event":"purchase","timestamp":"2026-03-04T15:00:00+09:00","properties":{"order_id":"o1","total":9000,"category":"홍삼"}}
"#;
    let program = process.program().clone();
    let mut calls = Calls::new(text.as_bytes(), &program);
    let options = Options {
        name: "calls".into(),
        effects: Effects::Record,
        until: None,
    };
    let summary = replay(&mut process, &mut calls, &options, &mut |_| true).unwrap();
    let listed: Vec<String> = summary
        .bad_rows
        .iter()
        .map(|bad| format!("{} {}: {}", bad.line, bad.code, bad.reason))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    assert_eq!(
        (summary.accepted, summary.duplicates, summary.rejected),
        (4, 1, 3)
    );
    let kept = process.store().effects(0, None, None, 10).unwrap();
    let templates: Vec<&str> = kept.iter().map(|kept| kept.effect.step.as_str()).collect();
    assert_eq!(templates, ["send email cart_special_offer"]);
}

#[test]
fn a_truncated_file_keeps_what_came_before_the_break() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let mut text = HEAD.to_owned();
    for row in 0..5_000_u64 {
        let amount = row.wrapping_mul(2_654_435_761) % 100_000;
        writeln!(
            text,
            "{},c{row},bought,i{amount},{amount}.00,GBP,",
            1_262_304_000 + row
        )
        .unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() / 2);
    let path = folder.path().join("broken.csv.gz");
    std::fs::write(&path, bytes).unwrap();

    let mut process = opened(&folder.path().join("data"), "retail");
    let program = process.program().clone();
    let mut rows = Rows::new(file::open(&path).unwrap().reader, &mapping(), &program).unwrap();
    let options = Options {
        name: "broken".into(),
        effects: Effects::Record,
        until: None,
    };
    let summary = replay(&mut process, &mut rows, &options, &mut |_| true).unwrap();
    assert!(summary.accepted > 1_000, "{summary:?}");
    assert_eq!(summary.bad_rows.last().unwrap().code, "file_broken");
}

/// The command, killed without warning as soon as its import has come further than `position`; `false` if it ended first.
fn killed_after(data: &Path, file: &Path, cursor: &str, position: Option<&str>) -> bool {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_journeyd"))
        .args([
            "import",
            file.to_str().unwrap(),
            "--as",
            "invoices",
            "--data",
            data.to_str().unwrap(),
        ])
        .args([
            "--project",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/retail"),
        ])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return false;
        }
        let reached = SqliteReader::open(data).and_then(|mut store| store.cursor(cursor));
        if matches!(&reached, Ok(Some(now)) if Some(now.as_str()) != position) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}

#[test]
fn killed_in_the_middle_again_and_again_an_import_ends_as_an_undisturbed_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    let mut text = "timestamp,contact_id,event,order_id,amount\n".to_owned();
    for row in 0..60_000_u64 {
        let at = 1_262_304_000 + row * 600;
        let who = row.wrapping_mul(2_654_435_761) % 900;
        writeln!(text, "{at},c{who},purchased,i{row},{}.00", row % 7_000).unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let cursor = format!("invoices {}", file::open(&file).unwrap().fingerprint);

    let disturbed = folder.path().join("disturbed");
    let mut kills = 0;
    let mut position = None;
    while killed_after(&disturbed, &file, &cursor, position.as_deref()) {
        kills += 1;
        position = SqliteReader::open(&disturbed)
            .unwrap()
            .cursor(&cursor)
            .unwrap();
    }
    assert!(kills >= 3, "the import was killed only {kills} times");

    let undisturbed = folder.path().join("undisturbed");
    killed_after(&undisturbed, &file, "no such cursor", None);
    let mut reopened = opened(&disturbed, "retail");
    assert_eq!(
        told(&mut reopened),
        told(&mut opened(&undisturbed, "retail"))
    );
}

#[test]
fn what_an_import_held_back_goes_when_it_is_released() {
    use journeyd::store::Store as _;
    let folder = tempfile::tempdir().unwrap();
    let mut process = opened(folder.path(), "retail");
    let text = format!(
        "{HEAD}2010-01-01T00:00:00Z,ann,bought,1,6000.00,GBP,\n2010-03-01T00:00:00Z,bob,bought,2,1.00,GBP,\n"
    );
    csv(&mut process, &text, Effects::Hold, u64::MAX);
    assert_eq!(process.store().release(Some("call_at_risk"), 1).unwrap(), 0);
    assert_eq!(process.store().release(Some("big_order"), 1).unwrap(), 1);
    assert_eq!(process.store().release(None, 1).unwrap(), 0);
    let kept = process.store().effects(0, None, None, 10).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].effect.status, Status::Pending);
    assert!(kept[0].effect.whenever, "it is old, and was asked for");
}

#[test]
fn a_simulation_of_a_log_counts_what_its_import_counts() {
    let folder = tempfile::tempdir().unwrap();
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/shop/data/events.ndjson");
    let mut process = opened(folder.path(), "shop");
    let program = process.program().clone();
    let mut calls = Calls::new(file::open(&log).unwrap().reader, &program);
    let options = Options {
        name: "shop".into(),
        effects: Effects::Record,
        until: None,
    };
    let imported = replay(&mut process, &mut calls, &options, &mut |_| true).unwrap();
    let counted = inspect::status(process.store(), imported.until.unwrap()).unwrap();

    let mapping = journeyc::cli::default_mapping();
    let side = journeyc::Side {
        program: &program,
        input: file::open(&log).unwrap().reader,
        settings: journeyc::SimulationSettings {
            mapping: &mapping,
            layout: journey_arrivals::Layout::of(&log),
            until: journeyc::Until::End,
            assume: journeyc::Assume::default(),
            threads: std::num::NonZeroUsize::new(3).unwrap(),
            memory: journeyc::Memory {
                bytes: journeyc::Memory::USUAL,
                beyond: tempfile::tempfile,
            },
            list: true,
        },
    };
    let simulation = journeyc::simulate(side, &|_| ()).unwrap();
    let report = journeyc::SimulationReport::new(&simulation).json();
    let simulated: serde_json::Value = serde_json::from_str(&report).unwrap();

    assert_eq!(simulated["rows"]["taken"], imported.accepted);
    assert_eq!(simulated["rows"]["repeats"], imported.duplicates);
    assert_eq!(simulated["people"], counted.contacts);
    for (name, line) in &counted.journeys {
        let journey = &simulated["journeys"][name];
        let inside: i64 = line.inside.iter().map(|it| it.runs).sum();
        assert_eq!(journey["entered"], line.entered, "{name}");
        assert_eq!(journey["inside"], inside, "{name}");
        assert_eq!(
            journey["messages"],
            line.sent.values().sum::<i64>(),
            "{name}"
        );
    }
    for (segment, members) in &counted.segments {
        assert_eq!(
            simulated["segments"][segment]["at_end"], *members,
            "{segment}"
        );
    }
    assert!(counted.journeys.len() >= 5);
}

const QUOTE: &str = "contact { name: text, optional }
journey quote {
  enter by request with (product: text, amount: whole number, optional)
  wait 3 days
}
";

fn taking_requests(folder: &Path) -> Process<Sqlite> {
    let project = journeyc::LoadedProject::from_texts([("quote.journey", QUOTE)]);
    let program = journeyc::compile(&project).program.unwrap();
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    process::open(store, program, 0, &mut |_| {}).unwrap()
}

fn list(process: &mut Process<Sqlite>, text: &str, cursor: &str, most: u64) -> Summary {
    let program = process.program().clone();
    let content = blake3::hash(text.as_bytes()).to_hex();
    let mut entries = Entries::new(text.as_bytes(), "quote", &program, &content, 1_000).unwrap();
    let options = Options {
        name: cursor.to_owned(),
        effects: Effects::Act,
        until: None,
    };
    replay(process, &mut entries, &options, &mut |so_far| {
        so_far.rows < most
    })
    .unwrap()
}

fn entered(process: &mut Process<Sqlite>) -> u64 {
    let status = inspect::status(process.store(), 1_000).unwrap();
    serde_json::json!(status)["journeys"]["quote"]["entered"]
        .as_u64()
        .unwrap_or_default()
}

#[test]
fn a_list_enters_a_journey_and_its_bad_rows_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = taking_requests(folder.path());
    let text = "\u{feff}contact,product,amount\n\
        ann,홍삼,3\n\
        ,홍삼,3\n\
        bob,,3\n\
        cho,비타민,many\n\
        dan,홍삼,3,4\n\
        eve,\"유산균, 가루\",\n";
    let summary = list(&mut process, text, "first", u64::MAX);
    let listed: Vec<String> = summary
        .bad_rows
        .iter()
        .map(|bad| format!("{} {}: {}", bad.line, bad.code, bad.reason))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    // Whose amount cannot be read enters without it: it may be missing.
    assert_eq!(entered(&mut process), 3);
}

#[test]
fn the_same_list_again_lets_nobody_in_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = taking_requests(folder.path());
    let text = "id,product\nann,홍삼\nbob,비타민\n";
    assert_eq!(list(&mut process, text, "list", u64::MAX).accepted, 2);
    let again = list(&mut process, text, "list", u64::MAX);
    assert_eq!((again.rows, again.accepted), (0, 0));
    // Even where the position is forgotten, each row is known by itself.
    let unplaced = list(&mut process, text, "elsewhere", u64::MAX);
    assert_eq!((unplaced.accepted, unplaced.duplicates), (0, 2));
    assert_eq!(entered(&mut process), 2);
}

#[test]
fn a_list_that_does_not_fit_its_journey_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let process = taking_requests(folder.path());
    let refused = |journey: &str, text: &str| {
        let entries = Entries::new(text.as_bytes(), journey, process.program(), "", 0);
        entries.map(|_| ()).unwrap_err().to_string()
    };
    let said = [
        refused("quota", "contact,product\n"),
        refused("quote", "who,product\n"),
        refused("quote", "contact,produkt\n"),
        refused("quote", "contact,product,product\n"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
