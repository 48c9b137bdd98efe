//! Hammers the whole compiler and the engine with text that is nearly right, for as long as it is told to.
//!
//! `cargo run --release -p journeyc --example hammer -- --seconds 600` changes what the repository ships (accepted texts,
//! projects, the reference) byte by byte, word by word and line by line. It stops at the first wrong answer, prints the
//! text that led to it, and the seed that leads there again: `--seed N --cases 1`. `grammar/docs/fuzzing.md` says what is
//! asserted.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "it reads files, measures time, prints, and stops when something is wrong"
)]

mod chance;
mod changes;
mod corpus;
mod editor;
mod lives;
mod projects;
mod texts;

#[path = "../../tests/it/reference/document.rs"]
mod document;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chance::Chance;
use corpus::Corpus;

/// Longer than any case takes, also without optimisation; beyond it a case counts as a hang.
const PATIENCE: Duration = Duration::from_mins(2);

/// The case that is running, for the watch.
static RUNNING: AtomicU64 = AtomicU64::new(0);

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
    let begun = Instant::now();
    let mut counts = Counts::default();
    let mut editor = std::env::args()
        .any(|it| it == "--lsp")
        .then(|| editor::Session::start(&corpus));
    for seed in first..first.saturating_add(cases) {
        if begun.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
        RUNNING.store(seed, Ordering::Relaxed);
        let mut chance = Chance::new(seed);
        let mut tried = String::new();
        let case = AssertUnwindSafe(|| match &mut editor {
            Some(session) => {
                session.edit(&mut chance, &mut tried);
                counts.edits += 1;
            }
            None => one_case(&corpus, &mut chance, &mut tried, &mut counts),
        });
        if catch_unwind(case).is_err() {
            println!("seed {seed} went wrong; what was tried:\n{tried}");
            std::process::exit(1);
        }
    }
    println!("{counts:#?}\nnothing went wrong in {:.0?}", begun.elapsed());
}

/// What was done.
#[derive(Debug, Default)]
struct Counts {
    /// Texts that were read and formatted.
    texts: u64,
    /// Projects that were compiled.
    projects: u64,
    /// Of these, those without an error.
    programs: u64,
    /// Items that contacts lived through.
    items: u64,
    /// Edits of an editor.
    edits: u64,
}

fn one_case(corpus: &Corpus, chance: &mut Chance, tried: &mut String, counts: &mut Counts) {
    if chance.one_in(4) {
        let text = corpus.changed_text(chance);
        tried.clone_from(&text);
        texts::holds(&text);
        counts.texts += 1;
        return;
    }
    let project = corpus.changed_project(chance);
    for (path, text) in &project {
        let _ = writeln!(tried, "=== {path}\n{text}");
    }
    counts.projects += 1;
    if let Some(program) = projects::holds(&project) {
        counts.programs += 1;
        counts.items += lives::holds(&program, chance);
    }
}

/// Ends the process when one case takes too long.
fn watch() {
    std::thread::spawn(|| {
        let mut since = (RUNNING.load(Ordering::Relaxed), Instant::now());
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let running = RUNNING.load(Ordering::Relaxed);
            if running != since.0 {
                since = (running, Instant::now());
            } else if since.1.elapsed() > PATIENCE {
                println!("seed {running} has taken longer than {PATIENCE:?}");
                std::process::exit(2);
            }
        }
    });
}
