//! Real event logs answered twice: by a project that the daemon replays them into, and by programs of a few lines that
//! read the rows and know nothing of the engine. Needs `JOURNEY_LOGS`, as [`crate::real_logs`] does.

use std::collections::BTreeMap;
use std::path::Path;

use journey_engine::{End, What};
use journey_ir::Instant;
use journey_ir::time::DAY;

use crate::real_logs::{histories, instant, logs, replayed, table};

const MANIFEST: &str = r#"
[project]
name = "second-opinion"
timezone = "UTC"
currency = "GBP"
default_language = "en"

[import.rows]
time = "timestamp"
contact = "contact_id"
event = "event"
"#;

/// A project of one file.
fn project(folder: &Path, text: &str) {
    std::fs::write(folder.join("journey.toml"), MANIFEST).unwrap();
    std::fs::write(folder.join("all.journey"), text).unwrap();
}

/// What each contact did: when, which event, how much of the smallest unit.
type Rows = BTreeMap<String, Vec<(Instant, String, i64)>>;

fn rows(log: &Path) -> (Rows, Instant) {
    let mut rows = Rows::new();
    let mut end = 0;
    for row in table(log) {
        let at = instant(&row["timestamp"]);
        let amount: String = row["amount"].chars().filter(|it| *it != '.').collect();
        let one = (at, row["event"].clone(), amount.parse().unwrap_or(0));
        rows.entry(row["contact_id"].clone()).or_default().push(one);
        end = at;
    }
    (rows, end)
}

/// A membership that changes at some of these instants: when it begins and ends, up to the end of the log.
fn changes(
    mut instants: Vec<Instant>,
    end: Instant,
    is_member: impl Fn(Instant) -> bool,
) -> Vec<(Instant, bool)> {
    instants.retain(|at| *at <= end);
    instants.sort_unstable();
    instants.dedup();
    let mut changes = Vec::new();
    let mut before = false;
    for at in instants {
        let now = is_member(at);
        if now != before {
            changes.push((at, now));
        }
        before = now;
    }
    changes
}

/// The changes of a membership that a history tells, the last at each instant.
fn told(history: &[(Instant, What)], name: &str) -> Vec<(Instant, bool)> {
    let mut states: Vec<(Instant, bool)> = Vec::new();
    for (at, what) in history {
        let now = match what {
            What::Joined { segment } if &**segment == name => true,
            What::Left { segment } if &**segment == name => false,
            _ => continue,
        };
        if states.last().is_some_and(|(last, _)| last == at) {
            states.pop();
        }
        states.push((*at, now));
    }
    let mut before = false;
    states.retain(|(_, now)| std::mem::replace(&mut before, *now) != *now);
    states
}

#[test]
fn sliding_totals_and_refunds_of_two_years_agree_with_a_reading_of_the_rows() {
    let Some(log) = logs("online-retail.csv.gz") else {
        return;
    };
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = "event purchased { amount: money in GBP }
event refunded { amount: money in GBP }

segment big {
  total of purchased.amount in the last 30 days at least £1,000
}

segment regret {
  did purchased then refunded within 7 days in the last 60 days
}

segment kept {
  did purchased then not refunded within 14 days in the last 90 days
}
";
    project(folder.path(), text);
    let (mut process, _) = replayed(data.path(), folder.path(), "rows", &log);
    let (rows, end) = rows(&log);
    let mut compared = 0;
    for (contact, history) in histories(&mut process) {
        let deeds = &rows[&contact];
        let of = |kind: &str| -> Vec<(Instant, i64)> {
            let all = deeds.iter().filter(|(_, event, _)| event == kind);
            all.map(|(at, _, amount)| (*at, *amount)).collect()
        };
        let (bought, returned) = (of("purchased"), of("refunded"));
        let in_last = |days: i64, it: Instant, at: Instant| it <= at && at < it + days * DAY;

        let edges = bought.iter().flat_map(|(at, _)| [*at, at + 30 * DAY]);
        let big = changes(edges.collect(), end, |at| {
            let window = bought.iter().filter(|(it, _)| in_last(30, *it, at));
            window.map(|(_, amount)| amount).sum::<i64>() >= 100_000
        });
        assert_eq!(told(&history, "big"), big, "{contact}");

        let regrets: Vec<Instant> = returned
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| bought.iter().any(|(it, _)| it < at && *at <= it + 7 * DAY))
            .collect();
        let edges = regrets.iter().flat_map(|at| [*at, at + 60 * DAY]);
        let regret = changes(edges.collect(), end, |at| {
            regrets.iter().any(|it| in_last(60, *it, at))
        });
        assert_eq!(told(&history, "regret"), regret, "{contact}");

        let kept: Vec<Instant> = bought
            .iter()
            .filter(|(at, _)| {
                !returned
                    .iter()
                    .any(|(it, _)| at < it && *it <= at + 14 * DAY)
            })
            .map(|(at, _)| at + 14 * DAY)
            .collect();
        let edges = kept.iter().flat_map(|at| [*at, at + 90 * DAY]);
        let kept = changes(edges.collect(), end, |at| {
            kept.iter().any(|it| in_last(90, *it, at))
        });
        assert_eq!(told(&history, "kept"), kept, "{contact}");
        compared += big.len() + regret.len() + kept.len();
    }
    println!("{compared} changes of membership agree");
    assert!(compared > 10_000);
}

#[test]
fn every_race_of_the_leads_ends_as_the_rows_say() {
    let Some(log) = logs("leads.csv.gz") else {
        return;
    };
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = "event lead_created { origin: text, optional }
event deal_won { business_segment: text, optional }

segment abandoned {
  did lead_created then not deal_won within 15 days
}

journey chase {
  enter when lead_created
  wait up to 30 days {
    on deal_won { exit as won }
    on timeout { exit as cold }
  }
}
";
    project(folder.path(), text);
    let (mut process, _) = replayed(data.path(), folder.path(), "rows", &log);
    let (rows, end) = rows(&log);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for (contact, history) in histories(&mut process) {
        let deeds = &rows[&contact];
        let first = |kind: &str| deeds.iter().find(|(_, event, _)| event == kind);
        let Some((created, ..)) = first("lead_created") else {
            continue;
        };
        let won = |days: i64, from_start: bool| {
            let wins = deeds.iter().filter(|(_, event, _)| event == "deal_won");
            // What happens at the instant of the entry, after it, is still an answer; a chain wants it strictly later.
            let wins = wins.filter(|(at, ..)| {
                if from_start {
                    at >= created
                } else {
                    at > created
                }
            });
            wins.map(|(at, ..)| *at)
                .find(|at| *at <= created + days * DAY)
        };
        let expected = match won(30, true) {
            Some(at) => Some((at, "won")),
            None => Some((created + 30 * DAY, "cold")).filter(|(at, _)| *at <= end),
        };
        let ended = history.iter().find_map(|(at, what)| match what {
            What::Ended {
                how: End::Exited(Some(reason)),
                ..
            } => Some((*at, &**reason)),
            _ => None,
        });
        assert_eq!(ended, expected, "{contact}");
        *outcomes
            .entry(expected.map_or("waiting", |(_, how)| how))
            .or_default() += 1;

        let alone = won(15, false)
            .is_none()
            .then_some((created + 15 * DAY, true));
        let alone: Vec<_> = alone.into_iter().filter(|(at, _)| *at <= end).collect();
        assert_eq!(told(&history, "abandoned"), alone, "{contact}");
    }
    println!("{outcomes:?}");
    assert_eq!(outcomes.values().sum::<usize>(), 8_000);
}
