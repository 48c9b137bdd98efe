//! Replays of real event logs, where they are at hand: `JOURNEY_LOGS` names the folder that holds them. Without it these
//! tests say that they were skipped; `.ci/test` sets it where it can.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use journey_arrivals::{file, rows::Rows};
use journey_engine::What;
use journey_ir::Instant;
use journeyd::import::{Options, Summary, replay};
use journeyd::process::{Effects, Line, Process};
use journeyd::store::{ContactNo, DataFolder, Read as _, Sqlite};
use journeyd::{inspect, process};

pub(crate) fn logs(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("JOURNEY_LOGS").map(PathBuf::from);
    let path = folder
        .map(|folder| folder.join(file))
        .filter(|path| path.exists());
    if path.is_none() {
        println!("skipped: set JOURNEY_LOGS to a folder that holds {file}");
    }
    path
}

/// The rows of a compressed CSV file, by column name.
pub(crate) fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let reader = MultiGzDecoder::new(std::fs::File::open(path).unwrap());
    let mut rows = csv::Reader::from_reader(reader);
    rows.deserialize().map(Result::unwrap).collect()
}

pub(crate) fn instant(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name)
}

/// A project with a log replayed into it.
pub(crate) fn replayed(
    folder: &Path,
    project: &Path,
    mapping: &str,
    log: &Path,
) -> (Process<Sqlite>, Summary) {
    let compiled = journeyc::compile(&journeyc::load(project).unwrap());
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    let mut process = process::open(store, compiled.program.unwrap(), 0, &mut |_| {}).unwrap();
    let program = process.program().clone();
    let imports = &program.ir().project.imports;
    let mapping = imports
        .iter()
        .find(|import| import.name == mapping)
        .unwrap();
    let opened = file::open(log).unwrap();
    let mut rows = Rows::new(opened.reader, mapping, &program).unwrap();
    let options = Options {
        name: mapping.name.clone(),
        effects: Effects::Record,
        until: None,
    };
    let summary = replay(&mut process, &mut rows, &options, &mut |_| true).unwrap();
    (process, summary)
}

/// What happened to each contact, oldest first, with the contact's name.
pub(crate) fn histories(process: &mut Process<Sqlite>) -> Vec<(String, Vec<(Instant, What)>)> {
    let mut all = Vec::new();
    let mut after = ContactNo(0);
    loop {
        let rows = process.store().following(after, 500).unwrap();
        let Some(last) = rows.last() else { break };
        after = last.number;
        for row in rows {
            let mut entries = process.store().history(row.last, 1_000_000).unwrap();
            entries.reverse();
            let lines = entries
                .iter()
                .map(|entry| Line::decode(&entry.record.body).unwrap());
            let happened = lines
                .flat_map(|line| line.happened)
                .map(|one| (one.at, one.what))
                .collect();
            all.push((row.name, happened));
        }
    }
    all
}

/// Each contact's stage from each instant on: the last state of an instant, without rows that repeat the one before.
fn timeline(history: &[(Instant, What)]) -> Vec<(Instant, String)> {
    let mut stages: Vec<(Instant, String)> = Vec::new();
    for (at, what) in history {
        if let What::Became { stage, .. } = what {
            if stages.last().is_some_and(|(last, _)| last == at) {
                stages.pop();
            }
            stages.push((*at, stage.to_string()));
        }
    }
    stages.dedup_by(|next, before| next.1 == before.1);
    stages
}

#[test]
fn two_years_of_a_wholesaler_give_exactly_the_expected_lifecycle() {
    let Some(log) = logs("online-retail.csv.gz") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut process, summary) = replayed(folder.path(), &example("retail"), "invoices", &log);
    assert_eq!(
        (summary.rows, summary.accepted, summary.rejected),
        (44_876, 36_975, 0)
    );

    let mut found: Vec<(String, Instant, String)> = Vec::new();
    for (contact, history) in histories(&mut process) {
        let stages = timeline(&history).into_iter();
        found.extend(stages.map(|(at, stage)| (contact.clone(), at, stage)));
    }
    found.sort();
    let expected: Vec<(String, Instant, String)> =
        table(&logs("expected/online-retail.lifecycle.csv.gz").unwrap())
            .into_iter()
            .map(|row| {
                (
                    row["contact_id"].clone(),
                    instant(&row["entered_at"]),
                    row["segment"].clone(),
                )
            })
            .collect();
    assert_eq!(found.len(), expected.len());
    let first_difference = found
        .iter()
        .zip(&expected)
        .find(|(found, expected)| found != expected);
    assert_eq!(first_difference, None);

    for row in table(&logs("expected/online-retail.segment_counts.csv.gz").unwrap()) {
        let as_of = instant(&row["as_of"]);
        let counted = |at: Instant| {
            if row["rule"] == "at" {
                at <= as_of
            } else {
                at < as_of
            }
        };
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for (contact, at, stage) in &found {
            if counted(*at) {
                last.insert(contact, stage);
            }
        }
        for stage in ["new", "active", "at_risk", "lapsed"] {
            let people = last.values().filter(|it| **it == stage).count();
            assert_eq!(
                people.to_string(),
                row[stage],
                "{stage} as of {}",
                row["as_of"]
            );
        }
    }

    // The counters that reports read say the same as the contacts' own histories.
    let status = inspect::status(process.store(), summary.until.unwrap()).unwrap();
    let count = |stage: &str| {
        status
            .stages
            .get(&format!("stage: {stage}"))
            .copied()
            .unwrap_or(0)
    };
    let stages = [
        count("new"),
        count("active"),
        count("at_risk"),
        count("lapsed"),
    ];
    assert_eq!(stages, [0, 2_890, 1_380, 1_611]);
}

/// Where a lead went, worked out from the rows themselves.
fn route(
    created: Instant,
    budgets: &[(Instant, usize, String)],
    line: usize,
    end: Instant,
) -> &'static str {
    let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
    let local = jiff::Timestamp::from_millisecond(created)
        .unwrap()
        .to_zoned(zone);
    let deadline = local.checked_add(jiff::Span::new().days(500)).unwrap();
    let deadline = deadline.timestamp().as_millisecond();
    let answer = budgets
        .iter()
        .find(|(at, row, _)| (*at, *row) > (created, line) && *at <= deadline);
    match answer {
        Some((_, _, budget)) if budget.is_empty() => "sales",
        Some((_, _, budget)) if budget.parse::<f64>().unwrap() < 5_000.0 => "self_service",
        Some(_) => "crm.create_lead",
        None if deadline <= end => "no_budget",
        None => "waiting",
    }
}

#[test]
fn eight_thousand_leads_go_where_their_budget_sends_them() {
    let Some(log) = logs("leads.csv.gz") else {
        return;
    };
    let mut created: BTreeMap<String, (Instant, usize)> = BTreeMap::new();
    let mut budgets: BTreeMap<String, Vec<(Instant, usize, String)>> = BTreeMap::new();
    let rows = table(&log);
    let end = instant(&rows.last().unwrap()["timestamp"]);
    for (line, row) in rows.iter().enumerate() {
        let (contact, at) = (row["contact_id"].clone(), instant(&row["timestamp"]));
        if row["event"] == "lead_created" {
            created.entry(contact).or_insert((at, line));
        } else {
            let budget = row["declared_monthly_revenue"].clone();
            budgets.entry(contact).or_default().push((at, line, budget));
        }
    }
    let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
    for (contact, (at, line)) in &created {
        let answers = budgets.get(contact).map_or(&[][..], Vec::as_slice);
        *expected.entry(route(*at, answers, *line, end)).or_default() += 1;
    }

    let folder = tempfile::tempdir().unwrap();
    let (mut process, summary) = replayed(folder.path(), &example("leads"), "leads", &log);
    assert_eq!((summary.rows, summary.rejected), (8_842, 0));
    let status = inspect::status(process.store(), end).unwrap();
    let journey = &status.journeys["route_by_budget"];
    let n = |which: &str| expected.get(which).copied().unwrap_or(0);
    assert_eq!(journey.entered, 8_000);
    assert_eq!(journey.called["crm.create_lead"], n("crm.create_lead"));
    assert_eq!(journey.assigned["self_service"], n("self_service"));
    assert_eq!(journey.assigned["sales"], n("crm.create_lead") + n("sales"));
    assert_eq!(journey.exited["no_budget"], n("no_budget"));
    let inside: i64 = journey.inside.iter().map(|step| step.runs).sum();
    assert_eq!(inside, n("waiting"));
}
