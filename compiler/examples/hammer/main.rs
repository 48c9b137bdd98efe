//! Hammers the whole compiler and the engine with text that is nearly right, for as long as it is told to.
//!
//! `cargo run --release -p journeyc --example hammer -- --seconds 600` changes what the repository ships (accepted texts,
//! projects, the reference) byte by byte, word by word and line by line. It stops at the first wrong answer, prints the
//! smallest text that still leads to it, and the seed that leads there again: `--seed N --cases 1`.
//! `grammar/docs/fuzzing.md` says what is asserted.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "it reads files, measures time, prints, and stops when something is wrong"
)]

mod case;
mod chance;
mod changes;
mod corpus;
mod editor;
mod lives;
#[cfg(test)]
mod planted;
mod projects;
mod smaller;
mod texts;

#[path = "../../tests/it/reference/document.rs"]
mod document;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use case::{Counts, Input, Product, Wrong, judge, words};
use chance::Chance;
use corpus::Corpus;

/// Longer than any case takes, also without optimisation; beyond it a case counts as a hang.
const PATIENCE: Duration = Duration::from_mins(2);

/// The case that is running, for the watch.
static RUNNING: AtomicU64 = AtomicU64::new(0);
/// How many inputs were judged, for the watch: a smaller input is judged anew.
static JUDGED: AtomicU64 = AtomicU64::new(0);

fn number(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|it| it != name);
    arguments.nth(1)?.parse().ok()
}

fn main() {
    let seconds = number("--seconds").unwrap_or(60);
    let cases = number("--cases").unwrap_or(u64::MAX);
    let first = number("--seed").unwrap_or(1);
    let corpus = Corpus::read();
    println!(
        "{} texts, {} projects; seed {first}, {seconds} s",
        corpus.texts.len(),
        corpus.projects.len()
    );
    watch();
    // What goes wrong is said once, at the end, and not for each of the smaller inputs.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let seeds = (first..first.saturating_add(cases))
        .take_while(|_| begun.elapsed() < Duration::from_secs(seconds));
    let mut counts = Counts::default();
    let failure = if std::env::args().any(|it| it == "--lsp") {
        edit(&corpus, seeds, &mut counts)
    } else {
        search(Product::default(), &corpus, seeds, &mut counts)
    };
    let Some(failure) = failure else {
        println!("{counts:#?}\nnothing went wrong in {:.0?}", begun.elapsed());
        return;
    };
    println!(
        "seed {} went wrong: {}\n\nthe smallest that does:\n{}",
        failure.seed, failure.wrong.0, failure.smallest
    );
    std::process::exit(1);
}

/// A case that went wrong.
#[derive(Debug)]
struct Failure {
    seed: u64,
    /// What went wrong with the smallest input.
    wrong: Wrong,
    smallest: Input,
}

/// The first case that goes wrong, made as small as it can be.
fn search(
    product: Product,
    corpus: &Corpus,
    seeds: impl Iterator<Item = u64>,
    counts: &mut Counts,
) -> Option<Failure> {
    for seed in seeds {
        RUNNING.store(seed, Ordering::Relaxed);
        let input = Input::of(seed, corpus);
        let mut judged = |input: &Input| {
            JUDGED.fetch_add(1, Ordering::Relaxed);
            judge(product, input, seed, counts).err()
        };
        let Some(mut wrong) = judged(&input) else {
            continue;
        };
        let kind = wrong.kind().to_owned();
        let smallest = smaller::smallest(&input, |input| {
            let found = judged(input).filter(|it| it.kind() == kind);
            let same = found.is_some();
            wrong = found.unwrap_or_else(|| wrong.clone());
            same
        });
        return Some(Failure {
            seed,
            wrong,
            smallest,
        });
    }
    None
}

/// The first edit of an editor that goes wrong. It is not made smaller: the edits before it belong to it.
fn edit(corpus: &Corpus, seeds: impl Iterator<Item = u64>, counts: &mut Counts) -> Option<Failure> {
    let mut session = editor::Session::start(corpus);
    for seed in seeds {
        RUNNING.store(seed, Ordering::Relaxed);
        let mut chance = Chance::new(seed);
        let mut tried = String::new();
        let edited = AssertUnwindSafe(|| session.edit(&mut chance, &mut tried));
        if let Err(panic) = catch_unwind(edited) {
            return Some(Failure {
                seed,
                wrong: Wrong(words(panic.as_ref())),
                smallest: Input::Text(tried),
            });
        }
        counts.edits += 1;
    }
    None
}

/// Ends the process when one case takes too long.
fn watch() {
    std::thread::spawn(|| {
        let now = || {
            let running = RUNNING.load(Ordering::Relaxed);
            (running, JUDGED.load(Ordering::Relaxed))
        };
        let mut since = (now(), Instant::now());
        loop {
            std::thread::sleep(Duration::from_secs(1));
            if now() != since.0 {
                since = (now(), Instant::now());
            } else if since.1.elapsed() > PATIENCE {
                println!("seed {} has taken longer than {PATIENCE:?}", since.0.0);
                std::process::exit(2);
            }
        }
    });
}
