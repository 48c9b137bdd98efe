//! A full outbox into a mail server: claimed, rendered, sent through lettre, and every outcome recorded durably.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use journey_engine::{EventId, Item, Program, RawEvent, admit};
use journey_ir as ir;
use journeyd::clock::{Clock, SystemClock};
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::Timeouts;
use journeyd::deliver::tls::Trust;
use journeyd::deliver::{Bell, Carrier, Courier, Equipment, Outbox, Pace, Unsubscribe, Workers};
use journeyd::process::{self, Arrival, Batch, Process, Who, message_id};
use journeyd::secrets::Secrets;
use journeyd::store::{DataFolder, Durability, Read as _, Sqlite, Status, Store as _};
use serde_json::json;

use crate::daemon::{self, size};
use crate::load::process_time;
use crate::sink::Sink;
use crate::source;

/// People per commit while the outbox is filled.
const GROUP: usize = 5_000;

/// Somebody with an address, who buys.
fn buyer(program: &Program, n: usize, at: i64) -> [Arrival; 2] {
    let who = Who::Known(format!("c{n:08}"));
    let traits = json!({"email": format!("c{n:08}@example.com")});
    let set = admit::attributes(program, traits.as_object().unwrap()).value;
    let id = message_id("bench", &format!("m{n}"));
    let fields = json!({"order_id": format!("o{n:08}"), "total": 50_000});
    let raw = RawEvent {
        id: EventId(id),
        name: "purchase",
        occurred_at: at,
        received_at: at,
        fields: fields.as_object().unwrap(),
    };
    let event = admit::event(program, raw).unwrap().value;
    let arrival = |id, item| Arrival {
        who: who.clone(),
        received_at: at,
        id,
        item: Some(item),
    };
    let known = Item::Attributes {
        set,
        occurred_at: at,
    };
    [arrival(None, known), arrival(Some(id), Item::Event(event))]
}

/// Opens a store with a program.
pub(crate) fn open(data: &Path, program: ir::Program, now: i64) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(data).unwrap()).unwrap();
    process::open(store, program, now, &mut |_| {}).unwrap()
}

/// Lets people of these numbers buy, each at their time.
pub(crate) fn fill(
    process: &mut Process<Sqlite>,
    people: Range<usize>,
    bought_at: impl Fn(usize) -> i64,
    now: i64,
) {
    let durable = |process: &mut Process<Sqlite>, durability| {
        process.store().set_durability(durability).unwrap();
    };
    durable(process, Durability::Crash);
    let program = Arc::clone(process.program());
    for first in people.clone().step_by(GROUP) {
        let all = first..(first + GROUP).min(people.end);
        let batch = Batch {
            arrivals: all.flat_map(|n| buyer(&program, n, bought_at(n))).collect(),
            ..Batch::default()
        };
        process.turn(&[batch], None, now).unwrap();
    }
    durable(process, Durability::PowerLoss);
    process.store().checkpoint().unwrap();
}

fn courier(program: &Arc<Program>, clock: &Arc<dyn Clock>, mailbox: PathBuf) -> Arc<Courier> {
    let equipment = Equipment {
        program: Arc::clone(program),
        secrets: Secrets::fixed([]),
        clock: Arc::clone(clock),
        mailbox,
        unsubscribe: Unsubscribe::new(None, &[7; 32]),
        reach: Reach::Public,
        timeouts: Timeouts::default(),
        trust: Trust::default(),
    };
    Arc::new(Courier::new(equipment).unwrap())
}

/// Prints our figure beside that of `smtp-source`.
pub(crate) async fn run() {
    let messages = size("MESSAGES", 50_000);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sink = Sink::start(0);
    let program = daemon::receipts(folder.path(), sink.address.port(), "");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let now = clock.now();
    let mut process = open(&data, program, now);
    fill(&mut process, 0..messages, |_| now, now);

    let carrier = courier(process.program(), &clock, data.join("mailbox"));
    let bell = Bell::new();
    let (handle, thread) =
        process::worker::start(process, Arc::clone(&clock), bell.clone(), i64::MAX).unwrap();
    let outbox: Arc<dyn Outbox> = Arc::new(handle.clone());
    let carrier: Arc<dyn Carrier> = Arc::new(carrier);
    let before = process_time();
    let began = std::time::Instant::now();
    let workers = Workers::start(&outbox, &carrier, &clock, &bell, Pace::default());
    let sent = tokio::task::spawn_blocking({
        let sink = sink.clone();
        move || sink.wait_for(messages)
    });
    sent.await.unwrap();
    // What is under way is recorded before this comes back.
    assert!(workers.stop(Duration::from_secs(20)).await);
    let took = began.elapsed();
    let cost = process_time().saturating_sub(before);
    handle.stop().await;
    let mut process = thread.join().unwrap();
    let done = process.store().tallies().unwrap().into_iter();
    let done: i64 = done
        .filter(|(key, _)| key.what == "outbox" && *key.detail == Status::Done.number().to_string())
        .map(|(_, n)| n)
        .sum();
    assert_eq!(done as usize, messages, "every outcome is recorded");
    let ours = messages as f64 / took.as_secs_f64();
    let size = sink.bytes() / messages;
    println!(
        "outbox to SMTP: {messages} messages of {size} bytes in {:.2} s, {ours:.0} messages/s, {:.1} µs of a core per \
         message (with the sink)",
        took.as_secs_f64(),
        cost.as_secs_f64() * 1e6 / messages as f64
    );
    let reference = tokio::task::spawn_blocking(move || source::send(&sink, messages, size));
    let (who, theirs) = reference.await.unwrap();
    println!("reference: {who}, {size} bytes, into the same sink: {theirs:.0} messages/s");
    println!("    outbox / reference: {:.2}", ours / theirs);
}
