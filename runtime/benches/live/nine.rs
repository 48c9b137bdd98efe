//! A million people whose time comes at one instant, as everything does that waits until nine: how long until all are woken
//! and all their mails are out, how much memory that takes, and how long others wait meanwhile.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use journey_ir::time::HOUR;
use journeyd::clock::{Clock as _, SystemClock};

use crate::daemon::{self, size};
use crate::latency::purchase;
use crate::outbox;
use crate::sink::Sink;
use crate::timers::resident;

/// How long it takes at most to park everybody, in milliseconds.
const PARKING: i64 = 60_000;
/// Connections of the others, who send 500 events a second together.
const OTHERS: usize = 8;
const EVERY: Duration = Duration::from_millis(16);
/// How often it is looked how far the daemon is.
const LOOK: Duration = Duration::from_millis(200);

/// Prints it.
pub(crate) async fn run() {
    let people = size("PARKED", 1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sink = Sink::start(1);
    let program = daemon::receipts(folder.path(), sink.address.port(), "wait 1 hour\n  ");
    let first = SystemClock.now() + PARKING;
    let (again, path) = (program.clone(), data.clone());
    let filling = tokio::task::spawn_blocking(move || {
        let now = SystemClock.now();
        let mut process = outbox::open(&path, program, now);
        outbox::fill(&mut process, 0..people, |_| first - HOUR, now);
        drop(process.into_store());
    });
    filling.await.unwrap();
    assert!(SystemClock.now() < first, "parking took too long");
    let daemon = daemon::start(again, &data).await;
    let address = daemon.address;
    let watching = tokio::task::spawn_blocking(move || {
        let left = (first - SystemClock.now()).max(0).unsigned_abs();
        std::thread::sleep(Duration::from_millis(left));
        watch(address, &sink, people);
    });
    watching.await.unwrap();
    assert!(daemon.stop().await);
}

fn watch(address: SocketAddr, sink: &Sink, people: usize) {
    let began = Instant::now();
    let over = AtomicBool::new(false);
    let (mut most, mut woken) = (0, None);
    let mut waited = std::thread::scope(|scope| {
        let others: Vec<_> = (0..OTHERS)
            .map(|n| {
                scope.spawn({
                    let over = &over;
                    move || other(address, n, over)
                })
            })
            .collect();
        while sink.messages() < people {
            std::thread::sleep(LOOK);
            most = most.max(resident() / 1024);
            if woken.is_none() && wakes(address) >= people {
                woken = Some(began.elapsed().as_secs_f64());
            }
        }
        over.store(true, Ordering::Relaxed);
        let waited = others.into_iter().flat_map(|it| it.join().unwrap());
        waited.collect::<Vec<Duration>>()
    });
    let sent = began.elapsed().as_secs_f64();
    waited.sort_unstable();
    let part = |of_all: f64| {
        let at = (waited.len() as f64 * of_all) as usize;
        waited.get(at.min(waited.len() - 1)).unwrap().as_secs_f64() * 1e3
    };
    println!(
        "nine o'clock: {people} people due at one instant, woken in {:.1} s, their mails out in {sent:.1} s; {most} MB at most\n    \
         {} events of others meanwhile, durably answered: p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        woken.unwrap_or(sent),
        waited.len(),
        part(0.5),
        part(0.99),
        part(1.0),
    );
}

/// Sends an event at each of its times, or as soon after it as the one before is answered. How long each took from its time.
fn other(address: SocketAddr, number: usize, over: &AtomicBool) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut template = purchase();
    let mut waited = Vec::new();
    let mut at = Instant::now();
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        let serial = 500_000_000 + waited.len() * OTHERS + number;
        let request = template.fill(|| 50_000_000 + serial % 10_000, || serial);
        stream.write_all(request).unwrap();
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));
        waited.push(at.elapsed());
        at += EVERY;
    }
    waited
}

/// How many were woken so far, as the daemon says.
fn wakes(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("journeyd_wakes_total "));
    line.and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
