//! The replay of a real log: 809,560 invoice lines through a lifecycle, two segments and two journeys into SQLite.

use std::path::PathBuf;
use std::time::Instant;

use journey_arrivals::{file, rows::Rows};
use journeyd::import::{Options, replay};
use journeyd::process::{self, Effects};
use journeyd::store::{DataFolder, Durability, Sqlite, Store as _};

use crate::{report, shop};

/// What the example lacks.
const SEGMENTS: &str = "segment big_spenders {\n  total of purchased.amount in the last 180 days at least £1,000\n}\n\nsegment regulars {\n  did purchased at least 3 times in the last 90 days\n}\n";

/// Replays `online-retail-lines.csv.gz` from the folder that `JOURNEY_LOGS` names.
pub(crate) fn measure() -> Option<f64> {
    let folder = std::env::var_os("JOURNEY_LOGS").map(PathBuf::from);
    let log = folder.map(|folder| folder.join("online-retail-lines.csv.gz"));
    let Some(log) = log.filter(|log| log.exists()) else {
        println!(
            "replay: skipped; set JOURNEY_LOGS to a folder that holds online-retail-lines.csv.gz"
        );
        return None;
    };
    let root = tempfile::tempdir().unwrap();
    let store = Sqlite::open(DataFolder::lock(root.path()).unwrap()).unwrap();
    let mut process =
        process::open(store, shop::compiled("retail", SEGMENTS), 0, &mut |_| {}).unwrap();
    process.store().set_durability(Durability::Crash).unwrap();
    let program = process.program().clone();
    let imports = &program.ir().project.imports;
    let mapping = imports
        .iter()
        .find(|import| import.name == "lines")
        .unwrap();
    let options = Options {
        name: "lines".to_owned(),
        effects: Effects::Record,
        until: None,
    };
    let started = Instant::now();
    let mut rows = Rows::new(file::open(&log).unwrap().reader, mapping, &program).unwrap();
    let summary = replay(&mut process, &mut rows, &options, &mut |_| true).unwrap();
    process
        .store()
        .set_durability(Durability::PowerLoss)
        .unwrap();
    process.store().checkpoint().unwrap();
    let figure = report(
        "replay of a real log into SQLite",
        5_881,
        summary.rows as usize,
        started,
    );
    let bytes = std::fs::metadata(root.path().join("journey.db"))
        .unwrap()
        .len();
    println!(
        "    {:.1} bytes on disk per event",
        bytes as f64 / summary.accepted as f64
    );
    Some(figure)
}
