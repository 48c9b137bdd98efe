//! Journeys that start each other: what is said, what is rightly left unsaid, and both against brute force.

#![allow(
    clippy::indexing_slicing,
    reason = "positions of the model are its own"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use journeyc::{LoadedProject, compile};
use proptest::prelude::*;

use crate::snippet::check_files;

const SCHEMA: &str = r#"
contact {
  plan: one of Basic, Premium
  points: whole number, optional
}
event signed_up { }
event purchase { order_id: text, key }
segment warm { tag is "warm" }
segment cold { tag is "cold" }
segment rich { points at least 100 and did purchase in the last 30 days }
lifecycle level {
  high when points at least 100
  low otherwise
}
"#;

fn said(journeys: &str) -> String {
    check_files(&[
        ("schema.journey", SCHEMA),
        ("journey.toml", "[project]\ntimezone = \"Asia/Seoul\"\n"),
        ("snippet.journey", journeys),
    ])
}

/// One journey in one line.
fn journey(name: &str, enter: &str, reenter: &str, steps: &str) -> String {
    format!("journey {name} {{\n  enter when {enter}\n  reenter {reenter}\n\n  {steps}\n}}\n")
}

#[test]
fn journeys_that_start_each_other_within_a_day_are_reported_with_a_person() {
    let mut all = String::new();
    let steps = |tag: &str, other: &str| format!("remove tag \"{tag}\"\n  add tag \"{other}\"");
    for journeys in [
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Basic",
        ) + &journey(
            "b",
            "plan changes to Basic",
            "any time",
            "wait 1 hour\n  set plan to Premium",
        ),
        journey("begins", "signed_up", "never", "add tag \"warm\"")
            + &journey("cools", "joins warm", "any time", &steps("warm", "cold"))
            + &journey("warms", "joins cold", "any time", &steps("cold", "warm")),
        journey(
            "j",
            "points changes",
            "any time",
            "if points under 5 { set points to 9 } otherwise { set points to 1 }",
        ),
        journey(
            "lifts",
            "level becomes low",
            "any time",
            "wait 2 hours\n  set points to 100",
        ) + &journey("drops", "joins rich", "after 1 hour", "set points to 1"),
    ] {
        let _ = writeln!(all, "▶ {journeys}\n{}", said(&journeys));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_round_that_nobody_makes_is_not_reported() {
    for journeys in [
        // A day or more lies between.
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Basic",
        ) + &journey(
            "b",
            "plan changes to Basic",
            "any time",
            "wait 1 day\n  set plan to Premium",
        ),
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Basic",
        ) + &journey(
            "b",
            "plan changes to Basic",
            "after 1 day",
            "set plan to Premium",
        ),
        // Nobody enters twice.
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Basic",
        ) + &journey("b", "plan changes to Basic", "never", "set plan to Premium"),
        // Whoever is still inside does not enter again.
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Basic\n  wait 2 days",
        ),
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "set plan to Premium",
        ),
        // The tag is never given, or stays.
        journey(
            "cools",
            "joins warm",
            "any time",
            "remove tag \"warm\"\n  add tag \"warm\"",
        ),
        journey("begins", "signed_up", "never", "add tag \"warm\"")
            + &journey("cools", "joins warm", "any time", "add tag \"cold\"")
            + &journey("warms", "joins cold", "any time", "add tag \"warm\""),
        // The branch that leads back is taken by nobody who comes.
        journey(
            "a",
            "plan changes to Premium",
            "any time",
            "if plan is Basic { set plan to Basic\n set plan to Premium }",
        ),
    ] {
        let said = said(&journeys);
        assert!(!said.contains("J0403"), "{journeys}\n{said}");
    }
}

/// What a journey of the brute force does.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Hours.
    Wait(i64),
    /// One of two attributes, to one of three values.
    Set(usize, usize),
}

/// How soon people can enter again, in hours; `None` for never.
type Again = Option<i64>;

#[derive(Debug, Clone)]
struct Small {
    on: (usize, usize),
    again: Again,
    acts: Vec<Act>,
}

const ATTRIBUTES: [&str; 2] = ["p", "q"];
const VALUES: [&str; 3] = ["x", "y", "z"];

fn small() -> impl Strategy<Value = Small> {
    let act = prop_oneof![
        prop_oneof![Just(1_i64), Just(13), Just(30)].prop_map(Act::Wait),
        (0..2_usize, 0..3_usize).prop_map(|(at, to)| Act::Set(at, to)),
        (0..2_usize, 0..3_usize).prop_map(|(at, to)| Act::Set(at, to)),
    ];
    let again = prop_oneof![
        Just(Some(0)),
        Just(Some(0)),
        Just(Some(2)),
        Just(Some(30)),
        Just(None)
    ];
    (
        (0..2_usize, 0..3_usize),
        again,
        prop::collection::vec(act, 1..4),
    )
        .prop_map(|(on, again, acts)| Small { on, again, acts })
}

fn source(journeys: &[Small]) -> String {
    let mut text = format!(
        "contact {{\n  p: one of {0}\n  q: one of {0}\n}}\n",
        VALUES.join(", ")
    );
    for (n, it) in journeys.iter().enumerate() {
        let again = match it.again {
            None => "never".to_owned(),
            Some(0) => "any time".to_owned(),
            Some(hours) => format!("after {hours} hours"),
        };
        let (at, to) = it.on;
        let _ = write!(
            text,
            "journey j{n} {{\n  enter when {} changes to {}\n  reenter {again}\n",
            ATTRIBUTES[at], VALUES[to]
        );
        for act in &it.acts {
            let _ = match act {
                Act::Wait(hours) => writeln!(text, "  wait {hours} hours"),
                Act::Set(at, to) => writeln!(text, "  set {} to {}", ATTRIBUTES[*at], VALUES[*to]),
            };
        }
        text.push_str("}\n");
    }
    text
}

/// A run of the model: its journey, the act it is at, and when it goes on.
struct Run {
    journey: usize,
    at: usize,
    due: i64,
}

/// One person of the model.
struct Person<'j> {
    journeys: &'j [Small],
    values: [usize; 2],
    now: i64,
    runs: Vec<Run>,
    entered: BTreeMap<usize, Vec<i64>>,
    changes: Vec<(usize, usize)>,
}

impl Person<'_> {
    fn set(&mut self, which: usize, to: usize) {
        if self.values[which] != to {
            self.values[which] = to;
            self.changes.push((which, to));
        }
    }

    /// Starts what the changes start; whether some journey was entered three times, less than a day apart.
    fn enter(&mut self) -> bool {
        let changes = std::mem::take(&mut self.changes);
        for (at, it) in self.journeys.iter().enumerate() {
            let before = self.entered.entry(at).or_default();
            let may = match (it.again, before.last()) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(hours), Some(last)) => self.now >= last + hours,
            };
            if changes.contains(&it.on) && may && !self.runs.iter().any(|run| run.journey == at) {
                before.push(self.now);
                if let [.., a, b, c] = before.as_slice()
                    && b - a < 24
                    && c - b < 24
                {
                    return true;
                }
                self.runs.push(Run {
                    journey: at,
                    at: 0,
                    due: i64::MIN,
                });
            }
        }
        false
    }

    /// Lets a run take its acts until it waits or is over.
    fn go_on(&mut self, at: usize) {
        loop {
            let run = &mut self.runs[at];
            let act = self.journeys[run.journey].acts.get(run.at).copied();
            run.at += 1;
            match act {
                None => {
                    self.runs.remove(at);
                    return;
                }
                Some(Act::Wait(hours)) => {
                    run.due = self.now + hours;
                    return;
                }
                Some(Act::Set(which, to)) => self.set(which, to),
            }
        }
    }
}

/// Whether somebody with these values, of whom one changes, enters a journey three times, less than a day apart.
fn goes_round(journeys: &[Small], values: [usize; 2], push: (usize, usize)) -> bool {
    let mut person = Person {
        journeys,
        values,
        now: 0,
        runs: Vec::new(),
        entered: BTreeMap::new(),
        changes: Vec::new(),
    };
    person.set(push.0, push.1);
    for _ in 0..200 {
        if person.enter() {
            return true;
        }
        let first = |runs: &[Run], due: i64| {
            let due = runs.iter().enumerate().filter(|(_, it)| it.due == due);
            due.min_by_key(|(_, it)| it.journey).map(|(at, _)| at)
        };
        while let Some(ready) = first(&person.runs, i64::MIN) {
            person.go_on(ready);
        }
        if person.changes.is_empty() {
            let Some(next) = person.runs.iter().map(|it| it.due).min() else {
                return false;
            };
            person.now = next;
            if let Some(due) = first(&person.runs, next) {
                person.go_on(due);
            }
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_round_is_reported_where_and_only_where_someone_goes_round(
        journeys in prop::collection::vec(small(), 1..4),
    ) {
        let source = source(&journeys);
        let files = [("a.journey", source.as_str()), ("journey.toml", "[project]\nname = \"x\"\n")];
        let compilation = compile(&LoadedProject::from_texts(files));
        let said: BTreeSet<&str> = compilation.problems.iter().map(|it| it.code).collect();
        let mut found = false;
        for p in 0..3 {
            for q in 0..3 {
                for at in 0..2 {
                    for to in 0..3 {
                        found |= goes_round(&journeys, [p, q], (at, to));
                    }
                }
            }
        }
        prop_assert_eq!(said.contains("J0403"), found, "{}\n{:?}", source, said);
    }
}
