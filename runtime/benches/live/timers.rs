//! A million people wait in a journey; some of them are due now. How late their mails are.

use std::time::{Duration, Instant};

use journey_ir::time::HOUR;
use journeyd::clock::{Clock as _, SystemClock};

use crate::daemon::{self, size};
use crate::outbox;
use crate::sink::Sink;

/// How long the daemon gets to start before the first is due, in milliseconds.
const HEAD_START: i64 = 20_000;

/// Prints how late the mails are at a rate at which nothing queues.
pub(crate) async fn run() {
    let people = size("PARKED", 1_000_000);
    let rate = size("RATE", 500) as i64;
    let due = (size("SECONDS", 10) as i64 * rate) as usize;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sink = Sink::start(due);
    let program = daemon::receipts(folder.path(), sink.address.port(), "wait 1 hour\n  ");

    let filled = Instant::now();
    let (again, path) = (program.clone(), data.clone());
    let filling = tokio::task::spawn_blocking(move || {
        let now = SystemClock.now();
        let mut process = outbox::open(&path, program, now);
        outbox::fill(&mut process, due..people, |_| now, now);
        // The others follow when the rest is in: nobody may be due before the daemon runs.
        let now = SystemClock.now();
        let first = now + HEAD_START;
        let bought_at = move |n: usize| first + n as i64 * 1_000 / rate - HOUR;
        outbox::fill(&mut process, 0..due, bought_at, now);
        drop(process.into_store());
        first
    });
    let first = filling.await.unwrap();
    let due_at = move |n: usize| first + n as i64 * 1_000 / rate;
    println!(
        "timers: {people} people wait (parked in {:.1} s)",
        filled.elapsed().as_secs_f64()
    );
    let starting = Instant::now();
    let daemon = daemon::start(again, &data).await;
    println!(
        "    the daemon starts with them in {:.2} s, and takes {} MB",
        starting.elapsed().as_secs_f64(),
        resident() / 1024
    );
    let waiting = tokio::task::spawn_blocking(move || {
        let (wall, here) = (SystemClock.now(), Instant::now());
        let left = Duration::from_millis((first - wall).max(0) as u64);
        std::thread::sleep(left);
        sink.wait_for(due);
        let mut late: Vec<f64> = (0..due)
            .filter_map(|n| {
                let stamp = sink.stamp(n)?;
                let due_in = (due_at(n) - wall) as f64;
                Some(stamp.duration_since(here).as_secs_f64() * 1e3 - due_in)
            })
            .collect();
        late.sort_unstable_by(f64::total_cmp);
        let part = |of_all: f64| {
            let at = (late.len() as f64 * of_all) as usize;
            *late.get(at.min(late.len() - 1)).unwrap()
        };
        println!(
            "    {due} of them are due, {rate} a second: from the instant to the mail p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
            part(0.5),
            part(0.99),
            part(1.0)
        );
    });
    waiting.await.unwrap();
    assert!(daemon.stop().await);
}

/// The memory of this process, in KiB.
pub(crate) fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let digits = line.and_then(|line| line.split_whitespace().nth(1));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
