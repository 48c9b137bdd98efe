//! How many rows of a log `journeyc simulate` plays in a second, beside a bare CSV reader on the same bytes.
//!
//! `cargo bench -p journeyc --bench simulate` makes up two years of the example shop: `EVENTS` rows (2,000,000) of
//! `CONTACTS` people (100,000). With `JOURNEY_LOGS` naming the folder of real logs, a wholesaler's invoices and their
//! lines are played too. Every figure is the best of three runs.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark measures, prints, and stops when something is wrong"
)]

mod made_up;

use std::fmt::Write as _;
use std::fs;
use std::io::BufRead;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use journey_arrivals::{Layout, file};
use journey_engine::Program;
use journey_ir::project::Import;
use journeyc::{Assume, Memory, Side, SimulationSettings, Until, cli, simulate};

/// The same memory as the program's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each thing is timed; the best counts, as others use the machine too.
const RUNS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a folder for logs");
    let (events, contacts) = made_up::sizes();
    let shop = made_up::program("shop");
    let table = folder.path().join("shop.csv");
    let calls = folder.path().join("shop.ndjson");
    let log = made_up::log(events, contacts);
    fs::write(&table, &log).expect("a log");
    fs::write(&calls, as_calls(&log, events / 4)).expect("a log");
    drop(log);
    let plain = cli::default_mapping();
    println!("shop, {events} rows of {contacts} people");
    measure(&shop, &table, &plain);
    println!("\nshop, the first {} rows as Segment calls", events / 4);
    measure(&shop, &calls, &plain);
    if let Some(logs) = std::env::var_os("JOURNEY_LOGS").map(PathBuf::from) {
        let retail = made_up::program("retail");
        let mapping = |name: &str| {
            let all = &retail.ir().project.imports;
            all.iter().find(|it| it.name == name).cloned()
        };
        for (name, rows) in [
            ("invoices", "online-retail"),
            ("lines", "online-retail-lines"),
        ] {
            let Some(mapping) = mapping(name) else {
                continue;
            };
            println!("\n{rows}, examples/retail");
            measure(&retail, &logs.join(format!("{rows}.csv.gz")), &mapping);
        }
    }
}

fn open(path: &Path) -> Box<dyn BufRead + Send> {
    file::open(path).expect("a log that can be read").reader
}

/// Times the reference, one thread, and all cores.
fn measure(program: &Arc<Program>, log: &Path, mapping: &Import) {
    let layout = Layout::of(log);
    let (bare, rows) = best(|| match layout {
        Layout::Table => bare_csv(open(log)),
        Layout::Calls => bare_json(open(log)),
    });
    let reference = match layout {
        Layout::Table => "csv crate alone, one core",
        Layout::Calls => "serde_json alone, one core",
    };
    say(reference, rows, bare, bare);
    let all = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    for threads in [NonZeroUsize::MIN, all] {
        let settings = SimulationSettings {
            mapping,
            layout,
            until: Until::End,
            assume: Assume {
                consent: true,
                addresses: true,
            },
            threads,
            memory: Memory {
                bytes: Memory::USUAL,
                beyond: tempfile::tempfile,
            },
            list: false,
        };
        let (took, rows) = best(|| {
            let side = Side {
                program,
                input: open(log),
                settings,
            };
            simulate(side, &|_| {}).expect("a log that fits").rows()
        });
        say(&format!("simulate, {threads} threads"), rows, took, bare);
    }
    if let Some(most) = most_memory() {
        println!("  at most {most} MB of memory so far");
    }
}

/// Reads every record and looks at no cell.
fn bare_csv(input: Box<dyn BufRead + Send>) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).expect("a table") {
        rows += 1;
    }
    rows
}

/// Reads every line into a tree of values.
fn bare_json(input: Box<dyn BufRead + Send>) -> u64 {
    let mut rows = 0;
    for line in input.lines() {
        let line = line.expect("a line");
        let call: serde_json::Value = serde_json::from_str(&line).expect("an object");
        rows += u64::from(call.is_object());
    }
    rows
}

fn best(mut run: impl FnMut() -> u64) -> (Duration, u64) {
    let mut rows = 0;
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        rows = run();
        start.elapsed()
    });
    let best = times.min().unwrap_or_default();
    (best, rows)
}

fn say(what: &str, rows: u64, took: Duration, reference: Duration) {
    println!(
        "  {what:<28}{:>10.1} ms{:>12.0} rows/s{:>8.2} x the reference",
        took.as_secs_f64() * 1e3,
        rows as f64 / took.as_secs_f64(),
        took.as_secs_f64() / reference.as_secs_f64()
    );
}

/// The most memory that this process had, in megabytes; only Linux says it.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// The first rows as the calls of a Segment client.
fn as_calls(log: &str, rows: usize) -> String {
    let mut lines = log.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut calls = String::new();
    for (n, line) in lines.take(rows).enumerate() {
        let mut call = serde_json::Map::new();
        call.insert("type".to_owned(), "track".into());
        call.insert("messageId".to_owned(), format!("m{n}").into());
        let mut properties = serde_json::Map::new();
        for (column, cell) in columns
            .iter()
            .zip(line.split(','))
            .filter(|(_, cell)| !cell.is_empty())
        {
            let value = serde_json::Value::from(cell);
            let (map, key) = match *column {
                "timestamp" => (&mut call, "timestamp"),
                "contact_id" => (&mut call, "userId"),
                "event" => (&mut call, "event"),
                field => (&mut properties, field),
            };
            map.insert(key.to_owned(), value);
        }
        call.insert("properties".to_owned(), properties.into());
        let call = serde_json::Value::from(call);
        let _ = writeln!(calls, "{call}");
    }
    calls
}
