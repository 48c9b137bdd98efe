//! The compiler from outside: projects on disk, the pages of `explain`, and the command line.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests touch files, and a broken test may stop"
)]

mod advice;
mod allow;
mod arrivals;
mod benchmarks;
mod brute_force;
mod cases;
mod chains;
mod cli;
mod conditions;
mod cycles;
mod dates;
mod editors;
mod fix;
mod flags;
mod fmt;
mod help;
mod journeys;
mod logic;
mod lowering;
mod meaning;
mod measures;
mod mutations;
mod names;
mod once;
mod pages;
mod pictures;
mod places;
mod planted;
mod preview;
mod recalled;
mod reference;
mod requirements;
mod scores;
mod shipped;
mod simulate;
mod snippet;
mod starter;
mod steps;
mod testing;
mod timing;
mod translations;
mod versions;
