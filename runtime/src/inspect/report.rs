//! What was measured: funnels by stage and by the week in which people came in, KPIs by period, lifecycles and audiences
//! by size. Read from counters and kept results, never from contacts.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use journey_ir::measure::{Period, Target, Threshold};
use journey_ir::{self as ir, Funnel, Kpi};
use serde::Serialize;

use super::table::{Table, bar};
use crate::process::kpis::{Book, percent, result_key};
use crate::process::period::{Days, date_of};
use crate::store::{Error, Read, TallyKey};

/// How many of the newest periods and weeks are shown.
const NEWEST: usize = 12;
/// The width of the longest bar, in columns.
const BAR: usize = 24;

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The funnels.
    pub funnels: Vec<FunnelReport>,
    /// The KPIs.
    pub kpis: Vec<KpiReport>,
    /// Contacts per stage, by lifecycle.
    pub lifecycles: BTreeMap<String, Vec<StageLine>>,
    /// Contacts that advertising networks know, by audience.
    pub audiences: BTreeMap<String, i64>,
}

/// One funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunnelReport {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Its stages, with everybody who ever reached them.
    pub stages: Vec<StageLine>,
    /// The same for those who came in in one week, the newest week last.
    pub weeks: Vec<Cohort>,
}

/// How many people are at a stage or have reached it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageLine {
    /// The stage.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// How many people.
    pub people: i64,
}

/// People who reached the first stage in one week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cohort {
    /// The Monday of the week.
    pub week: String,
    /// How many of them reached each stage so far.
    pub people: Vec<i64>,
}

/// One KPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KpiReport {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What is to be reached.
    pub target: Option<String>,
    /// The results, the newest last.
    pub results: Vec<KpiResult>,
    /// Whether the newest result is not what it is to be.
    pub off_target: bool,
}

/// The result of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KpiResult {
    /// The first day.
    pub first: String,
    /// The last day.
    pub last: String,
    /// The part.
    pub part: i64,
    /// The whole.
    pub whole: i64,
    /// The share, cut off after one decimal.
    pub share: String,
    /// Whether the target was reached; `None` where there is none, or nothing to measure.
    pub on_target: Option<bool>,
}

/// Reads what a program measured.
pub fn report(store: &mut impl Read, program: &ir::Program) -> Result<Report, Error> {
    let counts: BTreeMap<TallyKey, i64> = store.tallies()?.into_iter().collect();
    let book = Book {
        counts: &counts,
        ir: program,
    };
    let lifecycles = program.lifecycles.iter().map(|lifecycle| {
        let lines = lifecycle.stages.iter().map(|stage| StageLine {
            name: stage.name.clone(),
            title: stage.title.clone(),
            people: book.of("stage", &format!("{}: {}", lifecycle.name, stage.name)),
        });
        (lifecycle.name.clone(), lines.collect())
    });
    let audiences = program.audiences.iter();
    let audiences = audiences.map(|it| (it.name.clone(), book.of("audience", &it.name)));
    Ok(Report {
        funnels: program
            .funnels
            .iter()
            .map(|it| funnel(it, &counts))
            .collect(),
        kpis: program.kpis.iter().map(|it| kpi(it, &counts)).collect(),
        lifecycles: lifecycles.collect(),
        audiences: audiences.collect(),
    })
}

/// The counters of one kind whose detail starts with a name, with what follows it.
fn details<'a>(
    counts: &'a BTreeMap<TallyKey, i64>,
    what: &'static str,
    start: &'a str,
) -> impl Iterator<Item = (&'a str, i64)> {
    let own = counts
        .iter()
        .filter(move |(key, _)| key.journey.is_empty() && key.what == what);
    own.filter_map(move |(key, n)| Some((key.detail.strip_prefix(start)?, *n)))
}

fn funnel(funnel: &Funnel, counts: &BTreeMap<TallyKey, i64>) -> FunnelReport {
    let mut weeks: BTreeMap<Date, Vec<i64>> = BTreeMap::new();
    let mut stages = Vec::with_capacity(funnel.stages.len());
    for (at, stage) in funnel.stages.iter().enumerate() {
        let start = format!("{}: {}: ", funnel.name, stage.name);
        let mut people = 0;
        for (day, n) in details(counts, "cohort", &start) {
            let Ok(day) = day.parse::<Date>() else {
                continue;
            };
            people += n;
            let week = Days::of(Period::Week, day).first;
            let row = weeks
                .entry(week)
                .or_insert_with(|| vec![0; funnel.stages.len()]);
            if let Some(cell) = row.get_mut(at) {
                *cell += n;
            }
        }
        stages.push(StageLine {
            name: stage.name.clone(),
            title: stage.title.clone(),
            people,
        });
    }
    let newest = weeks.len().saturating_sub(NEWEST);
    let weeks = weeks.into_iter().skip(newest).map(|(week, people)| Cohort {
        week: week.to_string(),
        people,
    });
    FunnelReport {
        name: funnel.name.clone(),
        title: funnel.title.clone(),
        stages,
        weeks: weeks.collect(),
    }
}

fn kpi(kpi: &Kpi, counts: &BTreeMap<TallyKey, i64>) -> KpiReport {
    let start = format!("{}: ", kpi.name);
    let measured = details(counts, "kpi", &start);
    let mut days: Vec<Date> = measured
        .filter_map(|(rest, _)| rest.strip_suffix(": measured")?.parse().ok())
        .collect();
    days.sort_unstable();
    let figure = |last, what| counts.get(&result_key(kpi, last, what)).copied();
    let newest = days.len().saturating_sub(NEWEST);
    let results: Vec<KpiResult> = days
        .into_iter()
        .skip(newest)
        .map(|last| {
            let part = figure(last, "part").unwrap_or_default();
            let whole = figure(last, "whole").unwrap_or_default();
            KpiResult {
                first: Days::of(kpi.every, last).first.to_string(),
                last: last.to_string(),
                part,
                whole,
                share: percent(part, whole),
                on_target: kpi
                    .target
                    .as_ref()
                    .and_then(|target| target.test.holds(part, whole)),
            }
        })
        .collect();
    let off = |result: &KpiResult| {
        let demanded = kpi
            .target
            .as_ref()
            .is_some_and(|target| is_due(target, &result.last));
        demanded && result.on_target == Some(false)
    };
    KpiReport {
        name: kpi.name.clone(),
        title: kpi.title.clone(),
        target: kpi.target.as_ref().map(target_words),
        off_target: results.last().is_some_and(off),
        results,
    }
}

/// Whether a target is to be reached in a period with this last day: from its day on, or always.
fn is_due(target: &Target, last: &str) -> bool {
    let by = target.by.map(date_of);
    let last = last.parse::<Date>().ok();
    by.is_none_or(|by| last.is_some_and(|last| last >= by))
}

fn target_words(target: &Target) -> String {
    let words = match target.test {
        Threshold::Under(x) => format!("under {x} %"),
        Threshold::AtMost(x) => format!("at most {x} %"),
        Threshold::Over(x) => format!("over {x} %"),
        Threshold::AtLeast(x) => format!("at least {x} %"),
        Threshold::Between(low, high) => format!("between {low} % and {high} %"),
    };
    match target.by {
        Some(by) => format!("{words} by {}", date_of(by)),
        None => words,
    }
}

impl Report {
    /// Only some of its parts: `funnel`, `kpi`, `lifecycles`, `audiences`.
    #[must_use]
    pub fn only(self, part: &str) -> Self {
        let mut chosen = Self::default();
        match part {
            "funnel" => chosen.funnels = self.funnels,
            "kpi" => chosen.kpis = self.kpis,
            "lifecycles" => chosen.lifecycles = self.lifecycles,
            "audiences" => chosen.audiences = self.audiences,
            _ => {}
        }
        chosen
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.funnels.iter().try_for_each(|it| write_funnel(f, it))?;
        write_kpis(f, &self.kpis)?;
        for (name, stages) in &self.lifecycles {
            writeln!(f, "{name}")?;
            let all = stages.iter().map(|stage| stage.people).sum();
            write_stages(f, stages, all)?;
        }
        if !self.audiences.is_empty() {
            let mut table = Table::new(&["Audience", "People"]).numbers(&[1]);
            for (name, n) in &self.audiences {
                table.row([name.clone(), n.to_string()]);
            }
            write!(f, "{table}")?;
        }
        Ok(())
    }
}

fn write_funnel(f: &mut fmt::Formatter<'_>, funnel: &FunnelReport) -> fmt::Result {
    writeln!(f, "{}", funnel.title.as_deref().unwrap_or(&funnel.name))?;
    let first = funnel.stages.first().map_or(0, |stage| stage.people);
    write_stages(f, &funnel.stages, first)?;
    let mut head = vec!["Came in"];
    head.extend(funnel.stages.iter().map(|stage| stage.name.as_str()));
    let numbers: Vec<usize> = (1..head.len()).collect();
    let mut table = Table::new(&head).numbers(&numbers);
    for week in &funnel.weeks {
        let of = week.people.first().copied().unwrap_or_default();
        let mut row = vec![week.week.clone()];
        row.extend(week.people.iter().enumerate().map(|(at, n)| match at {
            0 => n.to_string(),
            _ => format!("{n} ({})", percent(*n, of)),
        }));
        table.row_of(row);
    }
    if !table.is_empty() {
        write!(f, "\n{table}")?;
    }
    writeln!(f)
}

fn write_stages(f: &mut fmt::Formatter<'_>, stages: &[StageLine], whole: i64) -> fmt::Result {
    let mut table = Table::new(&["", "", "", ""]).numbers(&[1, 2]);
    for stage in stages {
        table.row([
            stage.title.as_ref().unwrap_or(&stage.name).clone(),
            stage.people.to_string(),
            percent(stage.people, whole),
            bar(stage.people, whole, BAR),
        ]);
    }
    write!(f, "{table}")
}

fn write_kpis(f: &mut fmt::Formatter<'_>, kpis: &[KpiReport]) -> fmt::Result {
    for kpi in kpis {
        let title = kpi.title.as_deref().unwrap_or(&kpi.name);
        match &kpi.target {
            Some(target) => writeln!(f, "{title} – target {target}")?,
            None => writeln!(f, "{title}")?,
        }
        if kpi.results.is_empty() {
            writeln!(f, "  nothing yet: the first period is not over")?;
        }
        let mut table = Table::new(&["", "", "", "", ""]).numbers(&[1, 2]);
        for result in &kpi.results {
            let verdict = match result.on_target {
                Some(true) => "reached",
                Some(false) => "missed",
                None => "",
            };
            table.row([
                format!("{} – {}", result.first, result.last),
                result.share.clone(),
                format!("{} / {}", result.part, result.whole),
                bar(result.part.min(result.whole), result.whole, BAR),
                verdict.to_owned(),
            ]);
        }
        writeln!(f, "{table}")?;
    }
    Ok(())
}
