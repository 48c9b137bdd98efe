//! A million parked waits, woken in the order in which they are due: those that end anywhere within an hour, so that each
//! next one lies anywhere in the store, and those that end at one instant, as everything does that waits until nine.

use std::time::Instant;

use journey_ir::time::{DAY, HOUR};
use journeyd::clock::Clock as _;
use journeyd::clock::SystemClock;
use journeyd::process::worker::WAKES_AT_REST;
use journeyd::process::{self, Batch, Effects, Wakes};
use journeyd::store::{DataFolder, Durability, Sqlite, Store as _};

use crate::live::{cpu, memory};
use crate::numbers::Numbers;
use crate::shop::{self, Arrivals};

/// How many contacts one commit wakes, as in a daemon that nobody asks for anything.
const WOKEN: usize = WAKES_AT_REST;
/// How many are parked by one commit.
const PARKED: usize = 4_096;

/// When waits end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    WithinAnHour,
    AtOneInstant,
}

/// Wake-ups per second: until all are durable, and until all are in the tables as well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Woken {
    pub(crate) durable: f64,
    pub(crate) written: f64,
}

/// Wakes everybody, as a replay of the past does.
pub(crate) fn measure(contacts: usize, end: End, durability: Durability) -> Woken {
    let root = tempfile::tempdir().unwrap();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let now = SystemClock.now();
    let mut process = process::open(store, shop::program(), now, &mut |_| {}).unwrap();
    process.store().set_durability(Durability::Crash).unwrap();
    let arrivals = Arrivals::of(process.program());
    let mut numbers = Numbers(3);
    for first in (0..contacts).step_by(PARKED) {
        let each = (first..(first + PARKED).min(contacts)).map(|n| {
            let at = match end {
                End::WithinAnHour => now + numbers.below(HOUR as usize) as i64,
                End::AtOneInstant => now,
            };
            arrivals.event(n, n * 3, at)
        });
        let batch = Batch {
            arrivals: each.collect(),
            ..Batch::default()
        };
        process.turn(&[batch], None, now + HOUR).unwrap();
    }
    process.store().checkpoint().unwrap();
    process.store().set_durability(durability).unwrap();
    let until = now + DAY + 3 * HOUR;
    let wakes = Wakes {
        until,
        most: WOKEN,
        effects: Effects::Act,
    };
    let (before, started) = (cpu(), Instant::now());
    let mut woken = 0;
    while woken < contacts {
        let report = process.turn(&[], Some(wakes), until).unwrap();
        assert!(report.woken > 0);
        woken += report.woken;
    }
    let durable = started.elapsed().as_secs_f64();
    process.store().checkpoint().unwrap();
    let written = started.elapsed().as_secs_f64();
    let all = contacts as f64;
    println!(
        "timers, {end:?}, {durability:?}: {contacts} parked waits woken in {durable:.2} s, {:.0} per second, and in the tables in \
         {written:.2} s, {:.0} per second; {:.1} µs of processor time each; {} MB of memory at most",
        all / durable,
        all / written,
        (cpu() - before) * 1e6 / all,
        memory("VmHWM"),
    );
    Woken {
        durable: all / durable,
        written: all / written,
    }
}
