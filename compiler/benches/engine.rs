//! How many events the engine alone decides in a second, in memory, on one core, in the real example shop.
//!
//! `cargo bench -p journeyc --bench engine` compiles `examples/shop` and makes up the same two years of its customers as
//! the benchmark of `simulate`: `EVENTS` (2,000,000) of `CONTACTS` (100,000). Everything is read and checked before the
//! clock starts. What is timed is every decision: events, and the waits, schedules and memberships that fall due before
//! the next event of their contact or before the log ends. These wake-ups are counted apart, and take their time from the
//! events. Effects are written out in full, as for a daemon that carries them out, and once more only told, as
//! `simulate` has them.
//!
//! There are two orders. `each` contact lives from its first event to its last: its state is at hand, as it is wherever
//! a state has just been read, and what is measured is deciding. In the other everything happens as it did, `mixed`:
//! all states are kept, and what is measured is mostly the memory, which has hardly any of them at hand. `-- each` or
//! `-- mixed` measures only that.
//!
//! The reference counts the events of each contact in a hash map, and decides nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark measures, prints, and stops when something is wrong"
)]

mod made_up;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journey_arrivals::{Arrival, Layout, Parts, Reading, Who};
use journey_engine::{Contact, Item, Outcome, Program, advance, introduce, step};
use journey_ir::{AttributeIx, Channel, ConsentIx, Value};
use journeyc::cli;

/// The same memory as the daemon's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each thing is timed; the best counts, as others use the machine too.
const RUNS: usize = 3;

/// Events in their order, each with the place of its contact among all names.
struct Log {
    names: Vec<String>,
    events: Vec<(usize, Item)>,
    /// When the last of them happened.
    end: journey_ir::Instant,
}

/// What came of a log.
#[derive(Default)]
struct Decided {
    wakes: u64,
    happenings: u64,
    effects: u64,
}

fn main() {
    let (events, contacts) = made_up::sizes();
    let program = made_up::program("shop");
    let mut log = read(&program, &made_up::log(events, contacts));
    let (events, contacts) = (log.events.len(), log.names.len());
    println!("examples/shop, {events} events of {contacts} contacts, one core");
    let asked: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds words of its own, which begin with a dash.
    let all = asked.iter().all(|it| it.starts_with('-'));
    let is_asked = |order: &str| all || asked.iter().any(|it| it == order);
    if is_asked("mixed") {
        println!("mixed, all contacts kept in memory");
        measure(&program, &log, mixed);
    }
    if is_asked("each") {
        println!("each contact after the other");
        log.events.sort_by_key(|(who, _)| *who);
        // The fields of an event lie beside those of the next one again, as when they have just been read.
        log.events = log.events.clone();
        measure(&program, &log, each);
    }
}

/// Reads a log as the daemon and `simulate` do.
fn read(program: &Arc<Program>, text: &str) -> Log {
    let mapping = cli::default_mapping();
    let parts = Parts::new(text.as_bytes(), Layout::Table);
    let (head, mut parts) = parts.expect("a log");
    let (mut places, mut names, mut events) = (HashMap::new(), Vec::new(), Vec::new());
    while let Some(part) = parts.next_part().expect("a log") {
        let source = head.read(&part, &mapping, program);
        let mut source = source.expect("a log that fits");
        while let Some(reading) = source.next(program) {
            let Reading::Taken { arrivals, .. } = reading else {
                continue;
            };
            for arrival in arrivals {
                let Arrival {
                    who: Who::Known(name),
                    item: Some(item),
                    ..
                } = arrival
                else {
                    continue;
                };
                let who = *places.entry(name).or_insert_with_key(|name| {
                    names.push(name.clone());
                    names.len() - 1
                });
                events.push((who, item));
            }
        }
    }
    let ends = events.iter().map(|(_, item)| item.occurred_at());
    Log {
        end: ends.max().expect("an event"),
        names,
        events,
    }
}

fn measure(program: &Program, log: &Log, order: fn(&Log, &mut Decider<'_>)) {
    let (reference, all) = best(|| count(log));
    assert_eq!(all, log.events.len() as u64);
    say("one count per contact", log, reference, reference);
    for (what, dry) in [("engine", false), ("engine, effects only told", true)] {
        let (took, decided) = best(|| decide(program, log, dry, order));
        say(what, log, took, reference);
        let Decided {
            wakes,
            happenings,
            effects,
        } = decided;
        let decisions = (log.events.len() as u64 + wakes) as f64;
        println!(
            "    with {wakes} wake-ups, {:.0} of both a second; {happenings} happenings, {effects} effects",
            decisions / took.as_secs_f64()
        );
    }
}

fn best<T>(mut run: impl FnMut() -> (Duration, T)) -> (Duration, T) {
    let runs = (0..RUNS).map(|_| run());
    runs.min_by_key(|(took, _)| *took).expect("a run")
}

fn say(what: &str, log: &Log, took: Duration, reference: Duration) {
    let seconds = took.as_secs_f64();
    println!(
        "  {what:<28}{:>10.1} ms{:>12.0} events/s{:>8.2} x the reference",
        seconds * 1e3,
        log.events.len() as f64 / seconds,
        seconds / reference.as_secs_f64()
    );
}

/// The reference.
fn count(log: &Log) -> (Duration, u64) {
    let start = Instant::now();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for (who, _) in &log.events {
        *counts.entry(&log.names[*who]).or_default() += 1;
    }
    (start.elapsed(), counts.values().sum())
}

/// Decides everything.
fn decide(
    program: &Program,
    log: &Log,
    dry: bool,
    order: fn(&Log, &mut Decider<'_>),
) -> (Duration, Decided) {
    let mut decider = Decider::new(program, dry);
    let start = Instant::now();
    order(log, &mut decider);
    (start.elapsed(), decider.decided)
}

/// All contacts at once.
fn mixed(log: &Log, decider: &mut Decider<'_>) {
    let mut contacts: Vec<Contact> = log.names.iter().map(|it| Contact::new(it)).collect();
    for (who, item) in &log.events {
        decider.take(&mut contacts[*who], item);
    }
    for contact in &mut contacts {
        decider.wake(contact, log.end);
    }
}

/// One contact after the other, who is forgotten then.
fn each(log: &Log, decider: &mut Decider<'_>) {
    for life in log.events.chunk_by(|(a, _), (b, _)| a == b) {
        let who = life.first().map_or(0, |(who, _)| *who);
        let mut contact = Contact::new(&log.names[who]);
        for (_, item) in life {
            decider.take(&mut contact, item);
        }
        decider.wake(&mut contact, log.end);
    }
}

/// The engine, and what is taken for granted of everybody so that messages are sent: consents, and addresses.
struct Decider<'a> {
    program: &'a Program,
    attributes: Vec<(AttributeIx, Value)>,
    consents: Vec<(ConsentIx, Option<Channel>)>,
    out: Outcome,
    decided: Decided,
}

impl<'a> Decider<'a> {
    fn new(program: &'a Program, dry: bool) -> Self {
        let addresses = [("email", "someone@example.com"), ("phone", "+821000000000")];
        let attributes = addresses.map(|(name, value)| {
            let at = program.attribute_by_name(name).expect("an attribute");
            (at, Value::Text(value.to_owned()))
        });
        let consents = 0..program.ir().schema.consents.len() as u32;
        Self {
            program,
            attributes: attributes.to_vec(),
            consents: consents.map(|at| (ConsentIx(at), None)).collect(),
            out: Outcome {
                dry,
                ..Outcome::default()
            },
            decided: Decided::default(),
        }
    }

    /// Lets something happen to a contact.
    fn take(&mut self, contact: &mut Contact, item: &Item) {
        let (program, now) = (self.program, item.occurred_at());
        if !contact.is_known() {
            let (attributes, consents) = (&self.attributes, &self.consents);
            introduce(program, contact, attributes, consents, now, &mut self.out);
        }
        self.wake(contact, now - 1);
        step(program, contact, item, now, &mut self.out);
        self.count();
    }

    /// Lets everything fall due up to an instant, one thing after the other as the daemon does.
    fn wake(&mut self, contact: &mut Contact, until: journey_ir::Instant) {
        while let Some(due) = contact.next_wake().filter(|it| *it <= until) {
            advance(self.program, contact, due, &mut self.out);
            self.decided.wakes += 1;
            self.count();
        }
    }

    fn count(&mut self) {
        self.decided.happenings += self.out.history.len() as u64;
        self.decided.effects += self.out.effects.len() as u64;
        self.out.clear();
    }
}
