//! Memberships: the value of every watch and the instant at which it may change by itself. An event or attribute
//! touches only the watches that depend on it; time touches only those whose instant has come.

use std::sync::Arc;

use journey_ir::measure::Figure;
use journey_ir::time::Schedule;
use journey_ir::{AttributeIx, ConsentIx, Date, Decimal, Entry, JourneyIx, StageIx, Value};

use crate::calendar::{Dated, NEVER, Zone, later, next_occurrence};
use crate::condition::Scene;
use crate::contact::{Contact, Life, Planned, Watch};
use crate::effect::Outcome;
use crate::history::What;
use crate::program::{Input, Program, WatchIx, Watched};
use crate::turn::{Change, Turn};

/// The value of a watch in a scene.
fn evaluate(scene: &Scene<'_>, watched: Watched) -> Watch {
    let ir = scene.program.ir();
    let single = |at| {
        let answer = scene.answer(at);
        Watch {
            value: u32::from(answer.holds),
            flip: answer.until,
        }
    };
    match watched {
        Watched::Segment(at) => ir
            .segment(at)
            .map_or(Watch::NONE, |it| single(it.condition)),
        Watched::People(at) => match ir.journey(at).map(|it| &it.entry) {
            Some(Entry::Schedule { people, .. }) => single(*people),
            Some(Entry::When { .. }) | None => Watch::NONE,
        },
        Watched::Share(at) => match ir.kpi(at).map(|it| &it.measure) {
            Some(Figure::Share(condition)) => single(*condition),
            Some(Figure::Ratio { .. }) | None => Watch::NONE,
        },
        Watched::Held(at) => single(at),
        Watched::Audience(at) => ir.audience(at).map_or(Watch::NONE, |it| {
            let mut watch = single(it.people);
            let agreed = |at: &ConsentIx| scene.contact.agreed_outside(scene.program, *at);
            watch.value &= u32::from(it.consents.iter().all(agreed));
            watch
        }),
        Watched::Lifecycle(at) => {
            let stages = ir.lifecycle(at).map_or(&[][..], |it| &it.stages);
            let mut flip = NEVER;
            for (at, stage) in (1..).zip(stages) {
                let answer = scene.answer(stage.when);
                flip = flip.min(answer.until);
                if answer.holds {
                    return Watch { value: at, flip };
                }
            }
            Watch { value: 0, flip }
        }
    }
}

/// Works out all memberships under a program, recording nothing, and sets the schedules.
pub(crate) fn evaluate_silently(program: &Program, contact: &mut Contact) {
    contact.meaning = program.fingerprint();
    contact.watches.clear();
    contact
        .watches
        .resize(program.watches().all.len(), Watch::NONE);
    let mut nowhere = Outcome::default();
    let mut turn = Turn::new(program, contact, &mut nowhere);
    turn.silent = true;
    for plan in &mut turn.contact.schedules {
        plan.due = NEVER;
    }
    turn.evaluate_all();
    // What was planned under the program before, or at an instant in between, leaves nothing behind.
    turn.contact.schedules.retain(|plan| !plan.is_empty());
}

/// A schedule that hangs on a date of the contact, with that date, where the contact has one.
fn dated(program: &Program, contact: &Contact, zone: &Zone, schedule: &Schedule) -> Option<Dated> {
    let Schedule::Attribute {
        attribute,
        offset,
        yearly,
        at,
    } = schedule
    else {
        return None;
    };
    let day = match contact.attribute(program, *attribute)? {
        Value::Date(Date(day)) => *day,
        Value::Moment(at) => zone.day(*at),
        _ => return None,
    };
    Some(Dated {
        day,
        offset: *offset,
        yearly: *yearly,
        at: *at,
    })
}

impl Turn<'_> {
    /// Makes an unknown contact known: everything is worked out for the first time, and whatever it is a member of from
    /// the start it joins now.
    pub(crate) fn awaken(&mut self) {
        if self.contact.life != Life::Unknown {
            return;
        }
        self.contact.life = Life::Known;
        self.contact.meaning = self.program.fingerprint();
        self.contact.watches = vec![Watch::NONE; self.program.watches().all.len()];
        self.evaluate_all();
    }

    /// Works out every watch.
    pub(crate) fn evaluate_all(&mut self) {
        (0..self.program.watches().all.len()).for_each(|at| self.evaluate(at));
    }

    /// Works out the watches that an input can change.
    pub(crate) fn touch(&mut self, input: Input) {
        self.evaluate_some(self.program.watches().touched_by(input));
    }

    /// Works out some watches, given in order.
    pub(crate) fn evaluate_some(&mut self, watches: &[WatchIx]) {
        for at in watches {
            self.evaluate(*at);
        }
    }

    /// Works out the watches whose instant has come, together with those that depend on them.
    pub(crate) fn flip(&mut self) {
        let due = |(at, watch): (usize, &Watch)| (watch.flip <= self.at).then_some(at);
        let mut touched: Vec<WatchIx> = self
            .contact
            .watches
            .iter()
            .enumerate()
            .filter_map(due)
            .collect();
        for at in 0..touched.len() {
            if let Some(watch) = touched.get(at) {
                touched.extend(self.program.watches().touched_by(Input::Watch(*watch)));
            }
        }
        touched.sort_unstable();
        touched.dedup();
        self.evaluate_some(&touched);
    }

    fn evaluate(&mut self, at: WatchIx) {
        let Some(watched) = self.program.watches().all.get(at).copied() else {
            return;
        };
        let mut new = evaluate(&self.scene(None, &[]), watched);
        // Invariant: a watch that has been worked out is not due any more, or time would stand still.
        if new.flip <= self.at {
            new.flip = later(self.at, 1);
        }
        let Some(watch) = self.contact.watches.get_mut(at) else {
            return;
        };
        let before = std::mem::replace(watch, new);
        self.remember_since(watched, new.value);
        if before.value != new.value {
            self.changed(watched, new.value);
            if matches!(watched, Watched::Segment(_) | Watched::Lifecycle(_))
                && self.program.is_own(watched)
            {
                self.note_scores(at);
            }
        }
    }

    /// Notes what the scores are that have just moved the contact.
    fn note_scores(&mut self, at: WatchIx) {
        if self.silent {
            return;
        }
        let program = self.program;
        for score in program.watches().scores_of(at) {
            let value = self.scene(None, &[]).score(*score);
            let named = program.ir().score(*score).map(|it| it.name.as_str());
            if let (Some(Value::Number(value)), Some(name)) = (value, named) {
                self.note(What::Scored {
                    score: name.into(),
                    value: value.0 / Decimal::ONE,
                });
            }
        }
    }

    fn changed(&mut self, watched: Watched, value: u32) {
        if let Watched::People(journey) = watched {
            return self.plan(journey, value == 1);
        }
        if self.silent {
            return;
        }
        let (change, what) = match watched {
            Watched::Segment(at) => {
                let segment = self.program.segment_name(at);
                if value == 1 {
                    (Change::Joined(at), What::Joined { segment })
                } else {
                    (Change::Left(at), What::Left { segment })
                }
            }
            Watched::Lifecycle(at) => {
                let Some(stage) = value.checked_sub(1).map(StageIx) else {
                    return;
                };
                let what = What::Became {
                    lifecycle: self.program.lifecycle_name(at),
                    stage: self.program.stage_name(at, stage),
                };
                (Change::Became(at, stage), what)
            }
            Watched::Share(at) => {
                let kpi = self.program.ir().kpi(at).map_or("", |it| it.name.as_str());
                let kpi = kpi.into();
                self.note(What::Counted {
                    kpi,
                    holds: value == 1,
                });
                return;
            }
            // What networks are told follows at the end of the instant.
            Watched::People(_) | Watched::Audience(_) | Watched::Held(_) => return,
        };
        if self.program.is_own(watched) {
            self.note(what);
        }
        self.changes.push(change);
    }

    /// Sets when a schedule falls due for this contact, or unsets it.
    pub(crate) fn plan(&mut self, journey: JourneyIx, among: bool) {
        self.plan_since(journey, among, 0);
    }

    /// The same, where what fell due in the last so many milliseconds still counts.
    fn plan_since(&mut self, journey: JourneyIx, among: bool, late: i64) {
        let Some((ir, link)) = self.program.journey(journey) else {
            return;
        };
        let Entry::Schedule { schedule, .. } = &ir.entry else {
            return;
        };
        let known = self
            .contact
            .schedules
            .iter()
            .position(|it| it.journey == link.name_key);
        let at = match known {
            Some(at) => at,
            None if among => {
                self.contact.schedules.push(Planned {
                    journey: link.name_key,
                    due: NEVER,
                    last_day: None,
                    last: None,
                });
                self.contact.schedules.len() - 1
            }
            None => return,
        };
        let Some(plan) = self.contact.schedules.get(at) else {
            return;
        };
        let last_day = plan.last_day;
        // Strictly after what has been decided.
        let from = plan
            .last
            .map_or(self.at, |last| self.at.max(last.saturating_add(1)));
        let due = match schedule {
            _ if !among => NEVER,
            Schedule::Attribute { .. } => {
                let from = self.at.saturating_sub(late);
                dated(self.program, self.contact, &self.zone, schedule).map_or(NEVER, |dated| {
                    dated.next(&self.zone, from, last_day).max(self.at)
                })
            }
            _ => next_occurrence(schedule, link.cron.as_ref(), &self.zone, from, last_day),
        };
        let over = ir.ends.is_some_and(|ends| ends <= due);
        if let Some(plan) = self.contact.schedules.get_mut(at) {
            plan.due = if over { NEVER } else { due };
        }
    }

    /// Sets the schedules anew that hang on one of these attributes. A date that was learnt late still counts while
    /// events of that age would.
    pub(crate) fn plan_by(&mut self, changed: &[AttributeIx]) {
        let program = self.program;
        let late = program.ir().project.accept_late.max(0);
        for (at, watched) in program.watches().all.iter().enumerate() {
            if let Watched::People(journey) = watched
                && let Some(Entry::Schedule { schedule, .. }) =
                    program.ir().journey(*journey).map(|it| &it.entry)
                && let Schedule::Attribute { attribute, .. } = schedule
                && changed.contains(attribute)
            {
                let among = self.contact.watch(at).value == 1;
                self.plan_since(*journey, among, late);
            }
        }
    }

    /// Sets all schedules of this contact anew, as after a change of its zone.
    pub(crate) fn plan_all(&mut self) {
        let program = self.program;
        for (at, watched) in program.watches().all.iter().enumerate() {
            if let Watched::People(journey) = watched {
                let among = self.contact.watch(at).value == 1;
                self.plan(*journey, among);
            }
        }
    }

    /// The next schedule that is due: the journey first in priority, then in name.
    pub(crate) fn due_schedule(&self) -> Option<JourneyIx> {
        let plans = self.contact.schedules.iter();
        let due = plans.filter(|plan| plan.due <= self.at);
        due.filter_map(|plan| self.program.current_journey(plan.journey))
            .min_by_key(|at| self.program.rank(*at))
    }

    /// Marks a schedule as having fallen due now, and sets it anew.
    pub(crate) fn fell_due(&mut self, journey: JourneyIx) {
        let Some((_, link)) = self.program.journey(journey) else {
            return;
        };
        let last_day = match self.program.journey(journey).map(|(ir, _)| &ir.entry) {
            // Cron expressions name their own times and may fall due many times a day.
            Some(Entry::Schedule {
                schedule: Schedule::Cron(_),
                ..
            })
            | None => None,
            Some(Entry::Schedule {
                schedule: schedule @ Schedule::Attribute { .. },
                ..
            }) => dated(self.program, self.contact, &self.zone, schedule)
                .and_then(|dated| dated.last_day(&self.zone, self.at)),
            Some(_) => Some(self.zone.day(self.at)),
        };
        let at = self.at;
        let plans = self.contact.schedules.iter_mut();
        for plan in plans.filter(|it| it.journey == link.name_key) {
            // Whatever becomes of it, it is not due any more, or time would stand still.
            plan.due = NEVER;
            plan.last = Some(at);
            plan.last_day = last_day;
        }
        self.plan(journey, true);
    }

    /// The name of a journey, for the history.
    pub(crate) fn journey_name(&self, journey: JourneyIx) -> crate::program::Name {
        self.program
            .journey(journey)
            .map_or_else(|| "".into(), |(_, link)| Arc::clone(&link.name))
    }
}
