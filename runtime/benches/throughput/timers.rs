//! A million parked waits that end within an hour of the clock, woken in the order in which they are due.

use std::time::Instant;

use journey_ir::time::{DAY, HOUR};
use journeyd::clock::Clock as _;
use journeyd::clock::SystemClock;
use journeyd::process::{self, Batch, Effects, Wakes};
use journeyd::store::{DataFolder, Durability, Sqlite, Store as _};

use crate::live::{cpu, memory};
use crate::numbers::Numbers;
use crate::shop::{self, Arrivals};

/// How many contacts one commit wakes.
const WOKEN: usize = 4_096;

/// Wakes everybody, as a replay of the past does. Gives wake-ups per second.
pub(crate) fn measure(contacts: usize, durability: Durability) -> f64 {
    let root = tempfile::tempdir().unwrap();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let now = SystemClock.now();
    let mut process = process::open(store, shop::program(), now, &mut |_| {}).unwrap();
    process.store().set_durability(Durability::Crash).unwrap();
    let arrivals = Arrivals::of(process.program());
    let mut numbers = Numbers(3);
    for first in (0..contacts).step_by(WOKEN) {
        let each = (first..(first + WOKEN).min(contacts)).map(|n| {
            let at = now + numbers.below(HOUR as usize) as i64;
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
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "timers, {durability:?}: {contacts} parked waits woken in {seconds:.2} s, {:.0} per second; {:.1} µs of processor \
         time each; {} MB of memory at most",
        contacts as f64 / seconds,
        (cpu() - before) * 1e6 / contacts as f64,
        memory("VmHWM"),
    );
    contacts as f64 / seconds
}
