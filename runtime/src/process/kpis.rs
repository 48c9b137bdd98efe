//! KPIs: each is worked out once when its period is over, and its result is kept. What happened is counted by the day it
//! happened on, so a daemon that was away at the end of a period gives the same answer later; sizes are those at the
//! moment of working out, which follows everything that was due in the period.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use journey_engine::{Call, Effect, EffectKey, Intent, Program, RunId};
use journey_ir::measure::{Alert, Counter, Figure, JourneyCount};
use journey_ir::{self as ir, Instant, Kpi, Value};

use super::batch::Effects;
use super::period::{Days, zone_of};
use super::scribe::new_effect;
use super::tally::{self, day_key};
use crate::store::{ContactNo, Decision, Error, NewEffect, Read, Status, TallyKey};

/// What effects that concern no contact are kept under.
const NOBODY: ContactNo = ContactNo(0);

/// When each KPI is worked out next.
#[derive(Debug, Clone)]
pub(super) struct Kpis {
    zone: TimeZone,
    due: Vec<Days>,
}

impl Kpis {
    /// Reads up to where each KPI has been worked out. One that is new begins with the period at hand.
    pub(super) fn read(
        store: &mut impl Read,
        program: &ir::Program,
        now: Instant,
    ) -> Result<Self, Error> {
        let zone = zone_of(program);
        let mut due = Vec::with_capacity(program.kpis.len());
        for kpi in &program.kpis {
            let kept = store.meta(&meta_name(kpi))?;
            let last = kept.and_then(|text| text.parse::<Date>().ok());
            due.push(match last {
                Some(last) => Days::of(kpi.every, last).next(kpi.every),
                None => Days::around(kpi.every, now, &zone),
            });
        }
        Ok(Self { zone, due })
    }

    /// What is written at the first start, so that a new KPI's first period is known after a restart too.
    pub(super) fn beginnings(&self, program: &ir::Program) -> Vec<(String, Option<String>)> {
        let kpis = program.kpis.iter().zip(&self.due);
        kpis.map(|(kpi, days)| {
            let before = days.first.yesterday().unwrap_or(days.first);
            (meta_name(kpi), Some(before.to_string()))
        })
        .collect()
    }

    /// When the next period is over.
    pub(super) fn next_end(&self) -> Option<Instant> {
        self.due.iter().map(|days| days.end(&self.zone)).min()
    }

    /// Works out those whose period is over, the earliest first, into a decision.
    pub(super) fn work_out(
        &mut self,
        store: &mut impl Read,
        program: &Program,
        until: Instant,
        effects: Effects,
        decision: &mut Decision,
    ) -> Result<(), Error> {
        let Some(end) = self.next_end().filter(|end| *end <= until) else {
            return Ok(());
        };
        let counts: BTreeMap<TallyKey, i64> = store.tallies()?.into_iter().collect();
        let book = Book {
            counts: &counts,
            ir: program.ir(),
        };
        for (kpi, days) in program.ir().kpis.iter().zip(&mut self.due) {
            if days.end(&self.zone) != end {
                continue;
            }
            let (part, whole) = book.measure(kpi, *days);
            for (what, n) in [("part", part), ("whole", whole), ("measured", 1)] {
                decision.tallies.insert(result_key(kpi, days.last, what), n);
            }
            decision
                .meta
                .push((meta_name(kpi), Some(days.last.to_string())));
            if let Some(alert) = &kpi.alert
                && alert.when.holds(part, whole) == Some(true)
            {
                let told = Told {
                    kpi,
                    days: *days,
                    part,
                    whole,
                };
                let action = book.action(alert);
                decision
                    .effects
                    .push(told.alert(alert, action, end, effects));
            }
            *days = days.next(kpi.every);
        }
        Ok(())
    }
}

fn meta_name(kpi: &Kpi) -> String {
    format!("kpi {}", kpi.name)
}

/// The counter that keeps one figure of a result.
#[must_use]
pub(crate) fn result_key(kpi: &Kpi, last: Date, what: &str) -> TallyKey {
    tally::key("", "kpi", format!("{}: {last}: {what}", kpi.name))
}

/// The counters, as KPIs read them.
pub(crate) struct Book<'a> {
    pub(crate) counts: &'a BTreeMap<TallyKey, i64>,
    pub(crate) ir: &'a ir::Program,
}

impl Book<'_> {
    /// Part and whole of a KPI over some days.
    pub(crate) fn measure(&self, kpi: &Kpi, days: Days) -> (i64, i64) {
        match &kpi.measure {
            Figure::Ratio { part, whole } => (self.count(part, days), self.count(whole, days)),
            Figure::Share(_) => (self.of("share", &kpi.name), self.of("contacts", "")),
        }
    }

    fn count(&self, counter: &Counter, days: Days) -> i64 {
        match counter {
            Counter::Reached { funnel, stage } => {
                let Some(funnel) = self.ir.funnel(*funnel) else {
                    return 0;
                };
                let stage = funnel.stages.get(*stage as usize);
                let stage = stage.map_or("", |it| it.name.as_str());
                let on = |day| self.of("reached", &format!("{}: {stage}: {day}", funnel.name));
                days.words().map(on).sum()
            }
            Counter::Journey { journey, what } => {
                let name = self.ir.journey(*journey).map_or("", |it| it.name.as_str());
                let on = |day: String| self.at(&day_key(name, word(what), &day));
                days.words().map(on).sum()
            }
            Counter::Segment(at) => {
                let name = self.ir.segment(*at).map_or("", |it| it.name.as_str());
                self.of("segment", name)
            }
            Counter::Stage { lifecycle, stage } => {
                let Some(lifecycle) = self.ir.lifecycle(*lifecycle) else {
                    return 0;
                };
                let stage = lifecycle.stages.get(stage.at());
                let stage = stage.map_or("", |it| it.name.as_str());
                self.of("stage", &format!("{}: {stage}", lifecycle.name))
            }
            Counter::Audience(name) => self.of("audience", name),
        }
    }

    /// A counter that concerns no journey.
    pub(crate) fn of(&self, what: &'static str, detail: &str) -> i64 {
        self.at(&tally::key("", what, detail))
    }

    fn at(&self, key: &TallyKey) -> i64 {
        self.counts.get(key).copied().unwrap_or_default()
    }

    fn action(&self, alert: &Alert) -> Option<&ir::project::Action> {
        let connectors = self.ir.project.connectors.iter();
        let mut actions = connectors
            .filter(|it| it.name == alert.connector)
            .flat_map(|it| &it.actions);
        actions.find(|it| it.name == alert.action)
    }
}

/// What a journey's counter is called per day.
pub(super) fn word(what: &JourneyCount) -> &str {
    match what {
        JourneyCount::Entered => "entered",
        JourneyCount::Goal => "goal",
        JourneyCount::Completed => "completed",
        JourneyCount::Sent => "sent",
        JourneyCount::Exited(reason) => reason,
    }
}

/// A result that somebody is told of.
struct Told<'a> {
    kpi: &'a Kpi,
    days: Days,
    part: i64,
    whole: i64,
}

impl Told<'_> {
    /// The call that tells of it. Its key is the KPI and the period, so that it is decided once, whatever happens.
    fn alert(
        &self,
        alert: &Alert,
        action: Option<&ir::project::Action>,
        at: Instant,
        effects: Effects,
    ) -> NewEffect {
        let period = format!("{} – {}", self.days.first, self.days.last);
        let mut hash = blake3::Hasher::new();
        for part in ["kpi", &self.kpi.name, &self.days.last.to_string()] {
            hash.update(part.as_bytes()).update(&[0]);
        }
        let takes = |name: &str| action.is_none_or(|it| it.inputs.iter().any(|i| i.name == name));
        let args = self.inputs(&period).into_iter();
        let effect = Effect {
            key: EffectKey(*hash.finalize().as_bytes()),
            at,
            run: RunId(0),
            journey: self.kpi.name.as_str().into(),
            step: "alert".into(),
            what: Intent::Call(Call {
                connector: alert.connector.clone(),
                action: alert.action.clone(),
                args: args.filter(|(name, _)| takes(name)).collect(),
                contact: Vec::new(),
            }),
        };
        let status = match effects {
            Effects::Hold => Status::Held,
            Effects::Record => Status::Recorded,
            Effects::Act | Effects::Always => Status::Pending,
        };
        new_effect(NOBODY, &effect, status)
    }

    fn inputs(&self, period: &str) -> Vec<(String, Value)> {
        let title = self.kpi.title.as_deref().unwrap_or(&self.kpi.name);
        let share = percent(self.part, self.whole);
        let text = |value: &str| Value::Text(value.to_owned());
        let text_of = format!(
            "{title}: {share} ({} / {}), {period}",
            self.part, self.whole
        );
        [
            ("text", text(&text_of)),
            ("kpi", text(&self.kpi.name)),
            ("title", text(title)),
            ("value", text(&share)),
            ("part", text(&self.part.to_string())),
            ("whole", text(&self.whole.to_string())),
            ("period", text(period)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// A share in percent with one decimal, cut off and not rounded up: what is shown as reached is reached.
#[must_use]
pub(crate) fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "–".to_owned();
    }
    let tenths = i128::from(part) * 1000 / i128::from(whole);
    format!("{}.{} %", tenths / 10, (tenths % 10).abs())
}
