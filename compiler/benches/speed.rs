//! How fast a project is read, checked, laid out and tested, at three sizes, beside pest alone on the same text.
//!
//! `cargo bench -p journeyc --bench speed` prints the median of several runs; `-- 1000` only that many journeys.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark measures, prints, and stops when something is wrong"
)]

mod corpus;

use std::num::NonZeroUsize;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use journey_grammar::tree::{Declaration, Span};
use journeyc::{LoadedProject, check, compile, run_tests};

/// The same memory as the program's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each thing is timed; the median counts.
const RUNS: usize = 5;

fn main() {
    let asked: Option<usize> = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let sizes = asked.map_or(vec![100, 1_000, 10_000], |size| vec![size]);
    for journeys in sizes {
        measure(journeys);
    }
}

fn measure(journeys: usize) {
    let files = corpus::project(journeys);
    let texts: Vec<&str> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".journey"))
        .map(|(_, text)| text.as_str())
        .collect();
    let lines: usize = texts.iter().map(|text| text.lines().count()).sum();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    println!(
        "\n{journeys} journeys, {lines} lines, {:.1} MB",
        bytes as f64 / 1e6
    );
    let places: Vec<Vec<_>> = texts
        .iter()
        .map(|text| {
            let file = journey_grammar::parse(text).file;
            file.declarations.iter().map(Declaration::span).collect()
        })
        .collect();
    let pairs: Vec<_> = texts.iter().zip(&places).collect();
    let read = |pairs: &[(&&str, &Vec<Span>)]| {
        for (text, places) in pairs {
            assert_eq!(journey_grammar::pest_alone(text, places), places.len());
        }
    };
    let pest = median(|| read(&pairs));
    say("pest alone, one core", lines, pest, pest);
    let threads = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let all_cores = median(|| {
        thread::scope(|scope| {
            for share in pairs.chunks(pairs.len().div_ceil(threads.get())) {
                scope.spawn(|| read(share));
            }
        });
    });
    say("pest alone, all cores", lines, all_cores, pest);
    let parse = median(|| {
        for text in &texts {
            assert!(journey_grammar::parse(text).problems.is_empty());
        }
    });
    say("to a tree, one core", lines, parse, pest);
    let project = || {
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        LoadedProject::from_texts(files)
    };
    let loaded = project();
    let checked = median(|| {
        assert!(!check(&loaded).problems.has_errors());
    });
    say("check, all cores", lines, checked, pest);
    println!(
        "{:<28}{:>43.2} x pest on as many cores",
        "",
        checked.as_secs_f64() / all_cores.as_secs_f64()
    );
    let fmt = median(|| {
        for text in &texts {
            assert!(journey_grammar::format(text).text == **text);
        }
    });
    say("fmt --check, one core", lines, fmt, pest);
    let compilation = compile(&loaded);
    let scripts = compilation.tests.len();
    for threads in [NonZeroUsize::MIN, threads] {
        let run = median(|| {
            run_tests(&compilation, "", threads).expect("a program that links");
        });
        println!(
            "{:<28}{:>10.1} ms{:>12.0} tests/s",
            format!("{scripts} tests, {threads} threads"),
            run.as_secs_f64() * 1e3,
            scripts as f64 / run.as_secs_f64()
        );
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(RUNS / 2).copied().unwrap_or_default()
}

fn say(what: &str, lines: usize, took: Duration, reference: Duration) {
    println!(
        "{what:<28}{:>10.1} ms{:>12.0} lines/s{:>8.2} x pest",
        took.as_secs_f64() * 1e3,
        lines as f64 / took.as_secs_f64(),
        took.as_secs_f64() / reference.as_secs_f64()
    );
}
