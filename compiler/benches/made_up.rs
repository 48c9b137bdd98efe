//! What the benchmarks on the example shop share: its program, and two years of its customers, made up and the same
//! every time.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use journey_engine::Program;

/// How long the log goes on, in seconds.
const TWO_YEARS: i64 = 2 * 365 * 86_400;
/// 2024-06-01T00:00:00Z.
const START: i64 = 1_717_200_000;

/// How many events of how many people: `EVENTS` and `CONTACTS` in the environment, else two million of 100,000.
pub(crate) fn sizes() -> (usize, usize) {
    let size = |name: &str| std::env::var(name).ok()?.parse().ok();
    let events = size("EVENTS").unwrap_or(2_000_000);
    (events, size("CONTACTS").unwrap_or(100_000))
}

/// An example project, compiled and linked.
pub(crate) fn program(example: &str) -> Arc<Program> {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
    let project = journeyc::load(&examples.join(example)).expect("an example");
    let ir = journeyc::compile(&project).program;
    let ir = ir.expect("an example without problems");
    Arc::new(Program::link(Arc::new(ir), &[]).expect("a program that links"))
}

/// A small generator of numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }
}

/// Rows in the order of time: everyone signs up with their first row; then half of the rows are carts, a third are
/// purchases, of which two in three end the cart last filled, and the rest is what companies and surveys bring.
pub(crate) fn log(events: usize, contacts: usize) -> String {
    let mut numbers = Numbers(7);
    let mut log = String::with_capacity(events * 72);
    log.push_str("timestamp,contact_id,event,order_id,cart_id,total,category,channel,form,budget,reason,amount\n");
    let mut seen = vec![false; contacts];
    let mut carts = VecDeque::new();
    for n in 0..events {
        let at = START + TWO_YEARS * n as i64 / events as i64;
        let time = jiff::Timestamp::from_second(at).expect("a time of this century");
        let contact = numbers.below(contacts);
        let total = (numbers.below(200) + 1) * 500;
        let first = seen
            .get_mut(contact)
            .is_some_and(|it| !std::mem::replace(it, true));
        let channel = ["웹", "앱", "매장"]
            .get(numbers.below(3))
            .copied()
            .unwrap_or_default();
        let category = ["홍삼", "장류", "젓갈", "한과"]
            .get(numbers.below(4))
            .copied()
            .unwrap_or_default();
        let reason = ["가격", "품질", "기타"]
            .get(numbers.below(3))
            .copied()
            .unwrap_or_default();
        let kind = if first { 0 } else { numbers.below(100) + 1 };
        let _ = match kind {
            0 => writeln!(log, "{time},person-{contact},signed_up,,,,,{channel},,,,"),
            1..=55 => {
                carts.push_back((contact, n));
                writeln!(
                    log,
                    "{time},person-{contact},add_to_cart,,c{n},{total},,,,,,"
                )
            }
            56..=78 => match carts.pop_front() {
                Some((contact, cart)) => writeln!(
                    log,
                    "{time},person-{contact},purchase,o{n},c{cart},{total},{category},,,,,"
                ),
                None => writeln!(
                    log,
                    "{time},person-{contact},purchase,o{n},,{total},{category},,,,,"
                ),
            },
            79..=90 => writeln!(
                log,
                "{time},person-{contact},purchase,o{n},,{total},{category},,,,,"
            ),
            91..=95 => writeln!(
                log,
                "{time},person-{contact},survey_answered,,,,,,,,{reason},"
            ),
            96..=98 => writeln!(
                log,
                "{time},person-{contact},form_submitted,,,,,,wholesale,{total},,"
            ),
            _ => writeln!(log, "{time},person-{contact},deal_won,,,,,,,,,{total}"),
        };
        if carts.len() > 2_000 {
            carts.pop_front();
        }
    }
    log
}
