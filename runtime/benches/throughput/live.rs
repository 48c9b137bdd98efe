//! Live durable processing with contacts at random, beside a plain SQLite loop that does the same work. Each store is
//! filled and measured by a process of its own, so that its memory and its start can be told.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use journey_ir as ir;
use journey_ir::time::HOUR;
use journeyd::clock::Clock as _;
use journeyd::clock::SystemClock;
use journeyd::process::{self, Batch, Process};
use journeyd::store::{DataFolder, Durability, Read as _, Sqlite, Store as _};

use crate::numbers::Numbers;
use crate::shop::{self, Arrivals};
use crate::{COMMIT, reference};

/// Items per commit while a store is filled.
const FILL: usize = 8_192;
/// How far the events of one contact are apart on the average.
const APART: ir::Instant = 8 * HOUR;

/// Measures at several sizes, and prints how the cost per event grows.
pub(crate) fn measure(sizes: &[usize]) {
    let mut first = None;
    for contacts in sizes {
        let events = events_for(*contacts);
        let root = tempfile::tempdir().unwrap();
        run("fill", root.path(), *contacts, 0);
        let ours = run("live", root.path(), *contacts, events);
        run("again", root.path(), *contacts, 0);
        drop(root);
        let theirs = reference::row_per_record(*contacts, events.min(300_000));
        println!("    ours / reference: {:.2}", ours / theirs);
        let first = *first.get_or_insert(ours);
        println!(
            "    cost per event, beside the smallest: {:.2}\n",
            first / ours
        );
    }
}

/// So many that several generations are written into the tables.
fn events_for(contacts: usize) -> usize {
    crate::size("EVENTS", (contacts * 3).clamp(1_500_000, 6_000_000))
}

/// Does a part in a process of its own, and gives its figure.
fn run(part: &str, folder: &Path, contacts: usize, events: usize) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["part", part])
        .arg(folder)
        .args([contacts.to_string(), events.to_string()])
        .stderr(std::process::Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{part} failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut figure = 0.0;
    for line in text.lines() {
        match line.strip_prefix("figure ") {
            Some(number) => figure = number.parse().unwrap(),
            None => println!("{line}"),
        }
    }
    figure
}

/// One part: `fill`, `live` or `again`.
pub(crate) fn part(words: &[String]) {
    let [part, folder, contacts, events] = words else {
        panic!("part, folder, contacts, events")
    };
    let (folder, contacts) = (Path::new(folder), contacts.parse().unwrap());
    match part.as_str() {
        "fill" => fill(folder, contacts),
        "live" => live(folder, contacts, events.parse().unwrap()),
        _ => again(folder, contacts),
    }
}

fn open(folder: &Path, at: ir::Instant) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    process::open(store, shop::program(), at, &mut |_| {}).unwrap()
}

/// Every contact once, each with a parked run.
fn fill(folder: &Path, contacts: usize) {
    let now = SystemClock.now();
    let mut process = open(folder, now);
    process.store().set_durability(Durability::Crash).unwrap();
    let arrivals = Arrivals::of(process.program());
    let started = Instant::now();
    for first in (0..contacts).step_by(FILL) {
        let last = (first + FILL).min(contacts);
        let each = (first..last).map(|n| arrivals.event(n, n * 3, now));
        let batch = Batch {
            arrivals: each.collect(),
            ..Batch::default()
        };
        process.turn(&[batch], None, now).unwrap();
    }
    process
        .store()
        .set_durability(Durability::PowerLoss)
        .unwrap();
    process.store().checkpoint().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let size = size_of(folder);
    println!(
        "{contacts} contacts, each with a parked run: made in {seconds:.1} s, {} bytes on disk per contact, {} MB of \
         memory at most",
        size / contacts as u64,
        memory("VmHWM"),
    );
}

fn live(folder: &Path, contacts: usize, events: usize) {
    let now = SystemClock.now();
    let program = shop::program();
    let started = Instant::now();
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    let mut process = process::open(store, program, now, &mut |_| {}).unwrap();
    let opened = started.elapsed().as_secs_f64();
    println!(
        "    opened in {opened:.2} s, {} MB of memory then",
        memory("VmRSS")
    );
    let arrivals = Arrivals::of(process.program());
    let mut numbers = Numbers(7);
    let (before, segment) = (size_of(folder), newest_segment(folder));
    let cpu = cpu();
    let started = Instant::now();
    let mut batch = |first: usize| {
        let each = (first..first + COMMIT).map(|n| {
            let at = now + n as i64 * APART / contacts as i64;
            arrivals.event(numbers.below(contacts), contacts * 3 + n, at)
        });
        Batch {
            arrivals: each.collect(),
            ..Batch::default()
        }
    };
    let mut next = batch(0);
    for first in (0..events).step_by(COMMIT) {
        // As the daemon does where more waits than one commit takes: the next is read beside this one.
        let this = std::mem::replace(&mut next, batch(first + COMMIT));
        process.read_ahead([&next]).unwrap();
        let at = now + (first + COMMIT) as i64 * APART / contacts as i64;
        process.turn(&[this], None, at).unwrap();
        process.next_wake().unwrap();
    }
    let committed = started.elapsed().as_secs_f64();
    let generations = newest_segment(folder) - segment;
    process.store().checkpoint().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let figure = events as f64 / seconds;
    println!(
        "live, full sync, {COMMIT} per commit: {contacts} contacts, {events} events durable in {committed:.2} s, and in \
         the tables in {seconds:.2} s ({generations} generations): {figure:.0} events/s"
    );
    println!(
        "    {:.1} µs of processor time per event; {} MB of memory at most; {:.0} bytes on disk per event",
        (self::cpu() - cpu) * 1e6 / events as f64,
        memory("VmHWM"),
        (size_of(folder).saturating_sub(before)) as f64 / events as f64,
    );
    println!("figure {figure}");
}

/// What a start costs: with everything in the tables.
fn again(folder: &Path, contacts: usize) {
    let now = SystemClock.now();
    let program = shop::program();
    let started = Instant::now();
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    let mut process = process::open(store, program, now, &mut |_| {}).unwrap();
    let due = process.store().next_wake().unwrap();
    println!(
        "    start with {contacts} contacts after that: {:.2} s, {} MB of memory (next wake-up known: {})",
        started.elapsed().as_secs_f64(),
        memory("VmRSS"),
        due.is_some(),
    );
    drop(Arc::clone(process.program()));
}

/// The bytes of all files of a store.
fn size_of(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn newest_segment(folder: &Path) -> u32 {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.filter_map(|file| file.unwrap().file_name().into_string().ok());
    let numbers = names.filter_map(|name| name.strip_prefix("journal-")?.parse().ok());
    numbers.max().unwrap_or(0)
}

/// A line of the process's own status, in megabytes.
pub(crate) fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}

/// The processor time of all threads of this process, in seconds.
pub(crate) fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let mut ticks = after.split_whitespace().skip(11);
    let mut next = || ticks.next().unwrap().parse::<f64>().unwrap();
    (next() + next()) / 100.0
}
