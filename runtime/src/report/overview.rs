//! Counters into tables: the funnel of each journey, and who is where.

use std::collections::BTreeMap;

use journey_engine::Program;

use super::table::{Align, Table, bar};
use crate::store::{Error, Read, TallyKey};

/// The counters of a store.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    tallies: BTreeMap<TallyKey, i64>,
}

/// The width of the longest bar, in columns.
const BAR: usize = 24;

impl Overview {
    /// Reads the counters.
    pub fn read(store: &mut impl Read) -> Result<Self, Error> {
        let tallies = store.tallies()?.into_iter().collect();
        Ok(Self { tallies })
    }

    /// How many contacts there are.
    #[must_use]
    pub fn contacts(&self) -> i64 {
        self.sum("", "contacts", |_| true)
    }

    fn sum(&self, journey: &str, what: &str, which: impl Fn(&str) -> bool) -> i64 {
        let all = self.tallies.iter();
        all.filter(|(key, _)| &*key.journey == journey && key.what == what && which(&key.detail))
            .map(|(_, n)| n)
            .sum()
    }

    /// What was counted of a journey under `what`, by detail, versions added up.
    fn details(&self, journey: &str, what: &str) -> BTreeMap<&str, i64> {
        let mut found = BTreeMap::new();
        for (key, n) in &self.tallies {
            if &*key.journey == journey && key.what == what && *n != 0 {
                *found.entry(&*key.detail).or_insert(0) += n;
            }
        }
        found
    }

    /// The funnel: a row per journey, from entry to how it ended.
    #[must_use]
    pub fn funnel(&self, program: &Program) -> String {
        let mut table = Table::new(&[
            ("journey", Align::Left),
            ("entered", Align::Right),
            ("inside now", Align::Right),
            ("goal reached", Align::Right),
            ("took all steps", Align::Right),
            ("left otherwise", Align::Left),
        ]);
        for journey in &program.ir().journeys {
            let name = journey.name.as_str();
            let entered = self.sum(name, "entered", |_| true);
            let goal = self.sum(name, "goal", |_| true);
            let share = if entered > 0 && journey.goal.is_some() {
                format!("{goal} ({}%)", goal * 100 / entered)
            } else if journey.goal.is_some() {
                "0".to_owned()
            } else {
                "–".to_owned()
            };
            table.row(vec![
                name.to_owned(),
                entered.to_string(),
                self.sum(name, "inside", |_| true).to_string(),
                share,
                self.sum(name, "completed", |_| true).to_string(),
                listed(&self.details(name, "exited")),
            ]);
        }
        table.draw(2)
    }

    /// What each journey did: messages by template, calls, tasks, and what was skipped and why.
    #[must_use]
    pub fn deeds(&self, program: &Program) -> String {
        let mut table = Table::new(&[
            ("journey", Align::Left),
            ("what", Align::Left),
            ("times", Align::Right),
        ]);
        for journey in &program.ir().journeys {
            for what in [
                "sent",
                "called",
                "assigned",
                "allotted",
                "skipped",
                "not entered",
            ] {
                for (detail, n) in self.details(&journey.name, what) {
                    table.row(vec![
                        journey.name.clone(),
                        format!("{what} {detail}").trim_end().to_owned(),
                        n.to_string(),
                    ]);
                }
            }
        }
        table.draw(2)
    }

    /// Who is where: lifecycles by stage, and segments.
    #[must_use]
    pub fn places(&self, program: &Program) -> String {
        let whole = self.contacts();
        let mut table = Table::new(&[
            ("lifecycle or segment", Align::Left),
            ("people", Align::Right),
            ("", Align::Left),
        ]);
        let stages = self.details("", "stage");
        for lifecycle in &program.ir().lifecycles {
            for stage in &lifecycle.stages {
                let key = format!("{}: {}", lifecycle.name, stage.name);
                let n = stages.get(key.as_str()).copied().unwrap_or(0);
                table.row(vec![key, n.to_string(), bar(n, whole, BAR)]);
            }
        }
        let segments = self.details("", "segment");
        for segment in &program.ir().segments {
            let n = segments.get(segment.name.as_str()).copied().unwrap_or(0);
            table.row(vec![
                segment.name.clone(),
                n.to_string(),
                bar(n, whole, BAR),
            ]);
        }
        table.draw(2)
    }

    /// Where runs stand: a row per step that somebody is parked at.
    #[must_use]
    pub fn positions(&self, program: &Program) -> String {
        let mut table = Table::new(&[
            ("journey", Align::Left),
            ("waits at", Align::Left),
            ("people", Align::Right),
        ]);
        for journey in &program.ir().journeys {
            for (step, n) in self.details(&journey.name, "inside") {
                table.row(vec![journey.name.clone(), step.to_owned(), n.to_string()]);
            }
        }
        if table.is_empty() {
            return "  nobody is waiting anywhere\n".to_owned();
        }
        table.draw(2)
    }
}

fn listed(details: &BTreeMap<&str, i64>) -> String {
    let parts: Vec<String> = details
        .iter()
        .map(|(reason, n)| match *reason {
            "" => format!("exit {n}"),
            reason => format!("{reason} {n}"),
        })
        .collect();
    parts.join(", ")
}
