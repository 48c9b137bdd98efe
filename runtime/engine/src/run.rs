//! Runs: what ends one, what wins a race, and which run goes on next.

use std::cmp::Reverse;
use std::sync::Arc;

use journey_ir::{Instant, Journey, Register, StepIx, StepKind, Value};

use crate::calendar::later;
use crate::contact::{Finished, GaveUp, Position, Run};
use crate::effect::{Revoked, RunId};
use crate::event::Event;
use crate::history::{End, Place, What};
use crate::program::{JourneyLink, Name};
use crate::turn::{Cause, Turn};
use crate::walk::Follows;

/// How many runs that still wait for their goal are remembered.
const MOST_REMEMBERED: usize = 100;

impl<'a> Turn<'a> {
    /// Does everything that follows from an event and from the changes of membership raised so far: goals and exits,
    /// race arms, entries, steps; and again for the changes that the steps raise, until nothing is left to do.
    pub(crate) fn react(&mut self, event: Option<&Event>) {
        let mut event = event;
        loop {
            let changes = std::mem::take(&mut self.changes);
            let causes = || {
                event
                    .map(Cause::Event)
                    .into_iter()
                    .chain(changes.iter().copied().map(Cause::Change))
            };
            if event.is_some() || !changes.is_empty() {
                if let Some(event) = event {
                    self.late_goals(event);
                    self.successes(event);
                }
                let mut at = 0;
                while let Some(run) = self.contact.runs.get(at).map(|run| run.id) {
                    let goes_on = self.goal_or_exit(at, event, causes())
                        || self.ends_repeat(at, &causes())
                        || self.arm(at, causes());
                    if !goes_on && let Some(event) = event {
                        self.overhear(at, event);
                    }
                    at += usize::from(self.contact.runs.get(at).is_some_and(|it| it.id == run));
                }
                self.entries(event, &changes);
            }
            while let Some(at) = self.next_ready() {
                self.go_on(at);
            }
            event = None;
            if self.changes.is_empty() {
                return;
            }
        }
    }

    pub(crate) fn journey_at(&self, at: usize) -> Option<(&'a Journey, &'a JourneyLink)> {
        let version = self.contact.runs.get(at)?.version;
        self.program.journey(self.program.journey_of(version)?)
    }

    /// Where a run stands, for the history.
    pub(crate) fn place(&self, at: usize, step: StepIx) -> Place {
        let run = self.contact.runs.get(at);
        let link = self.journey_at(at).map(|(_, link)| link);
        Place {
            journey: link.map_or_else(|| "".into(), |it| Arc::clone(&it.name)),
            run: run.map_or(RunId(0), |it| it.id),
            step: link.map_or_else(|| "".into(), |it| it.step(step)),
        }
    }

    /// Lets the goal and the exits of a run answer; whether the run ended. The goal goes first: who buys has bought,
    /// also where buying is a reason to leave.
    fn goal_or_exit<'e>(
        &mut self,
        at: usize,
        event: Option<&Event>,
        causes: impl Iterator<Item = Cause<'e>>,
    ) -> bool {
        let Some((journey, _)) = self.journey_at(at) else {
            return false;
        };
        let Some(run) = self.contact.runs.get(at) else {
            return false;
        };
        let reached = !run.reached
            && event.is_some_and(|event| {
                self.reaches(
                    journey,
                    run.entered_at,
                    self.goal_end(journey, run.entered_at),
                    &run.registers,
                    event,
                )
            });
        // Only what happens after the entry counts.
        let counts = |cause: &Cause<'_>| match cause {
            Cause::Event(_) => self.occurred >= run.entered_at,
            Cause::Change(_) => true,
        };
        let exit = causes.filter(counts).find_map(|cause| {
            journey
                .exits
                .iter()
                .find(|exit| self.answers(&exit.trigger, cause, &run.registers))
        });
        if reached {
            let (id, name) = (run.id, self.name_at(at));
            self.note(What::Goal {
                journey: name,
                run: id,
                after_end: false,
            });
            if let Some(run) = self.contact.runs.get_mut(at) {
                run.reached = true;
            }
            if journey.goal.as_ref().is_some_and(|goal| !goal.keep_going) {
                self.end(at, End::Goal);
                return true;
            }
        }
        if let Some(exit) = exit {
            self.end(at, End::Exited(exit.reason.as_deref().map(Into::into)));
            return true;
        }
        false
    }

    pub(crate) fn name_at(&self, at: usize) -> Name {
        self.journey_at(at)
            .map_or_else(|| "".into(), |(_, link)| Arc::clone(&link.name))
    }

    fn goal_end(&self, journey: &Journey, entered_at: Instant) -> Instant {
        journey
            .goal
            .as_ref()
            .map_or(entered_at, |goal| self.after(entered_at, goal.within))
    }

    /// Whether an event is a journey's goal, in (entry, entry + within] by when it happened.
    fn reaches(
        &self,
        journey: &Journey,
        entered_at: Instant,
        until: Instant,
        registers: &[Option<Value>],
        event: &Event,
    ) -> bool {
        journey.goal.as_ref().is_some_and(|goal| {
            goal.event == event.kind
                && entered_at < self.occurred
                && self.occurred <= until
                && goal
                    .filter
                    .is_none_or(|filter| self.scene(Some(event), registers).holds(filter))
        })
    }

    /// Until when something that happened at an instant may be heard of and still count.
    pub(crate) fn heard_until(&self, happened: Instant) -> Instant {
        later(happened, self.program.ir().project.accept_late.max(0))
    }

    /// Counts the goals of runs that ended earlier.
    fn late_goals(&mut self, event: &Event) {
        let mut at = 0;
        while let Some(done) = self.contact.finished.get(at) {
            let journey = self
                .program
                .journey_of(done.version)
                .and_then(|it| self.program.journey(it));
            let reached = journey.filter(|(journey, _)| {
                self.reaches(journey, done.entered_at, done.until, &done.registers, event)
            });
            let over = self.heard_until(done.until) < self.at;
            if let Some((_, link)) = reached {
                let (journey, run) = (Arc::clone(&link.name), done.id);
                self.note(What::Goal {
                    journey,
                    run,
                    after_end: true,
                });
            }
            if reached.is_some() || over {
                self.contact.finished.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Lets the arms of a race answer: the first arm, in written order, of the first cause that any arm answers to.
    /// Whether one did.
    fn arm<'e>(&mut self, at: usize, causes: impl Iterator<Item = Cause<'e>> + Clone) -> bool {
        let Some(run) = self.contact.runs.get(at) else {
            return false;
        };
        if let Position::Racing {
            step,
            since,
            deadline,
            ..
        } = run.position
        {
            for cause in causes.clone() {
                if let Some(Follows(next)) = self.answer_race(at, (step, since, deadline), cause) {
                    self.passes(at, step, next);
                    if let Some(run) = self.contact.runs.get_mut(at) {
                        run.forget_overheard();
                        run.position = Position::Ready(next);
                    }
                    return true;
                }
            }
        }
        self.late_arm(at, causes);
        false
    }

    /// Lets a race or question that a run is at answer to a cause; what follows, if it does.
    pub(crate) fn answer_race(
        &mut self,
        at: usize,
        race: (StepIx, Instant, Instant),
        cause: Cause<'_>,
    ) -> Option<Follows> {
        let (step, since, deadline) = race;
        if let Cause::Event(event) = cause
            && since <= self.occurred
            && self.occurred <= deadline
            && let Some(next) = self.take_reply(at, step, event)
        {
            self.remember_cause(at, cause);
            return Some(next);
        }
        let (next, cause) = self.winner(at, race, std::iter::once(cause), true)?;
        let (place, by) = (self.place(at, step), cause.name(self.program));
        self.note(What::Answered { place, by });
        self.remember_cause(at, cause);
        Some(Follows(next))
    }

    /// Tells of a cause that was in time for a race that has timed out.
    fn late_arm<'e>(&mut self, at: usize, causes: impl Iterator<Item = Cause<'e>>) {
        let gave_up = self
            .contact
            .runs
            .get(at)
            .and_then(|run| run.gave_up.clone());
        let Some(GaveUp {
            step,
            since,
            deadline,
        }) = gave_up
        else {
            return;
        };
        if let Some((_, cause)) = self.winner(at, (step, since, deadline), causes, false) {
            let (place, by) = (self.place(at, step), cause.name(self.program));
            self.note(What::LateAfterTimeout { place, by });
            if let Some(run) = self.contact.runs.get_mut(at) {
                run.gave_up = None;
            }
        }
    }

    /// The cause that wins a race reached at an instant and over at another, and what follows.
    fn winner<'e>(
        &self,
        at: usize,
        (step, since, deadline): (StepIx, Instant, Instant),
        causes: impl Iterator<Item = Cause<'e>>,
        racing: bool,
    ) -> Option<(Option<StepIx>, Cause<'e>)> {
        let (journey, _) = self.journey_at(at)?;
        let StepKind::Race { arms, .. } = &journey.steps.get(step.at())?.kind else {
            return None;
        };
        // An event counts by when it happened: not before the race was reached, and not after its deadline, also while
        // the race is held open for events that arrive late.
        let counts = |cause: &Cause<'_>| match cause {
            Cause::Event(_) => since <= self.occurred && self.occurred <= deadline,
            Cause::Change(_) => racing && self.at <= deadline,
        };
        causes.filter(counts).find_map(|cause| {
            let arm = arms
                .iter()
                .find(|arm| self.answers(&arm.trigger, cause, self.registers(at)))?;
            Some((arm.next, cause))
        })
    }

    /// Lets a run go on because of a cause, which it remembers.
    pub(crate) fn win(&mut self, at: usize, next: Option<StepIx>, cause: Cause<'_>) {
        self.remember_cause(at, cause);
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.forget_overheard();
            run.position = Position::Ready(next);
        }
    }

    fn remember_cause(&mut self, at: usize, cause: Cause<'_>) {
        let journey = self.journey_at(at);
        if let Some((run, (journey, _))) = self.contact.runs.get_mut(at).zip(journey)
            && let Cause::Event(event) = cause
        {
            remember(journey, &mut run.registers, event);
        }
    }

    /// The first run whose journey has ended.
    pub(crate) fn overdue_run(&self) -> Option<usize> {
        let ended = |at: usize| {
            let ends = self.journey_at(at).and_then(|(journey, _)| journey.ends);
            ends.is_some_and(|ends| ends <= self.at)
        };
        (0..self.contact.runs.len()).find(|at| ended(*at))
    }

    /// Ends a run. Its goal may still be reached while its time lasts.
    pub(crate) fn end(&mut self, at: usize, how: End) {
        if at >= self.contact.runs.len() {
            return;
        }
        let loaded = self.journey_at(at);
        let run = self.contact.runs.remove(at);
        let name = self.program.journey_name(run.journey).cloned();
        let until = loaded.map_or(run.entered_at, |(journey, _)| {
            self.goal_end(journey, run.entered_at)
        });
        let has_goal = loaded.is_some_and(|(journey, _)| journey.goal.is_some());
        // A purchase made in time may still be heard of.
        let open = self.heard_until(until) >= self.at;
        if has_goal && !run.reached && open && how != End::Cancelled {
            let oldest = self
                .at
                .saturating_sub(self.program.ir().project.accept_late.max(0));
            self.contact.finished.retain(|it| it.until >= oldest);
            self.contact.finished.push(Finished {
                id: run.id,
                version: run.version,
                entered_at: run.entered_at,
                until,
                registers: run.registers,
            });
            keep_newest(&mut self.contact.finished, MOST_REMEMBERED);
        }
        self.note(What::Ended {
            journey: name.unwrap_or_else(|| "".into()),
            run: run.id,
            how,
        });
    }

    /// Ends the runs of a journey, or all, for an operator.
    pub(crate) fn cancel(&mut self, journey: Option<&str>) {
        let mut at = 0;
        while let Some(run) = self.contact.runs.get(at) {
            let name = self.program.journey_name(run.journey);
            if journey.is_some_and(|journey| name.is_none_or(|it| **it != *journey)) {
                at += 1;
                continue;
            }
            self.out.revoked.push(Revoked::Run(run.id));
            self.end(at, End::Cancelled);
        }
    }

    /// The order among runs at one instant: priority, journey name, run.
    fn order(&self, at: usize) -> Option<(Reverse<u8>, &'a str, RunId)> {
        let (journey, _) = self.journey_at(at)?;
        let run = self.contact.runs.get(at)?;
        Some((Reverse(journey.priority), journey.name.as_str(), run.id))
    }

    fn first_run(&self, is: impl Fn(&Run) -> bool) -> Option<usize> {
        let all = self.contact.runs.iter().enumerate();
        let fitting = all
            .filter(|(_, run)| is(run))
            .filter_map(|(at, _)| Some((self.order(at)?, at)));
        fitting.min().map(|(_, at)| at)
    }

    /// The run that takes the next step at this instant.
    fn next_ready(&self) -> Option<usize> {
        self.first_run(|run| matches!(run.position, Position::Ready(_)))
    }

    /// The run whose timer goes off next at this instant.
    pub(crate) fn due_run(&self) -> Option<usize> {
        self.first_run(|run| run.position.due() <= self.at)
    }

    /// Lets a run's timer go off.
    pub(crate) fn ring(&mut self, at: usize) {
        let Some((journey, _)) = self.journey_at(at) else {
            return;
        };
        let Some(position) = self.contact.runs.get(at).map(|run| run.position.clone()) else {
            return;
        };
        let kind = |step: StepIx| journey.steps.get(step.at()).map(|it| &it.kind);
        let nominal = self.over_at(at).filter(|over| *over < self.at);
        let (next, gave_up) = match position {
            Position::Waiting { step, .. } => match kind(step) {
                Some(StepKind::Wait { next, .. }) => (*next, None),
                Some(StepKind::Repeat { body, .. }) => {
                    self.begin_again(at);
                    (*body, None)
                }
                _ => (None, None),
            },
            Position::Racing {
                step,
                since,
                deadline,
                ..
            } => {
                let place = self.place(at, step);
                self.note(What::TimedOut { place });
                match kind(step) {
                    Some(StepKind::Race { timeout, .. } | StepKind::Ask { timeout, .. }) => (
                        *timeout,
                        Some(GaveUp {
                            step,
                            since,
                            deadline,
                        }),
                    ),
                    _ => (None, None),
                }
            }
            Position::Held { step, .. } => (Some(step), None),
            Position::Ready(_) | Position::Claiming { .. } | Position::Stopped { .. } => return,
        };
        if let Some(GaveUp { step, .. }) = gave_up {
            self.passes(at, step, next);
        }
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.position = Position::Ready(next);
            run.nominal = nominal;
            if gave_up.is_some() {
                run.gave_up = gave_up;
            }
        }
    }

    /// Works out anew when parked runs go on, never before now.
    pub(crate) fn retime_runs(&mut self) {
        for at in 0..self.contact.runs.len() {
            let Some((run, (journey, _))) = self.contact.runs.get(at).zip(self.journey_at(at))
            else {
                continue;
            };
            let kind = |step: StepIx| journey.steps.get(step.at()).map(|it| &it.kind);
            let now = self.at;
            let position = match &run.position {
                Position::Waiting { step, since, .. } => match kind(*step) {
                    Some(StepKind::Wait {
                        span,
                        settle,
                        until,
                        ..
                    }) => Position::Waiting {
                        step: *step,
                        since: *since,
                        due: self
                            .wait_end(*since, *span, *settle, until.as_ref(), &self.scene_of(at))
                            .max(now),
                    },
                    Some(StepKind::Repeat { every, settle, .. }) => {
                        let Some(of) = run.loops.last() else {
                            continue;
                        };
                        Position::Waiting {
                            step: *step,
                            since: *since,
                            due: self.repetition(of, *every, *settle).max(now),
                        }
                    }
                    _ => continue,
                },
                Position::Racing {
                    step,
                    since,
                    deadline: before,
                    ..
                } => match kind(*step) {
                    Some(
                        StepKind::Race { limit, settle, .. } | StepKind::Ask { limit, settle, .. },
                    ) => {
                        // One that has passed already and is only held open does not come again.
                        let earliest = now.min(*before);
                        let deadline = self.after(*since, *limit).max(earliest);
                        Position::Racing {
                            step: *step,
                            since: *since,
                            deadline,
                            due: later(deadline, *settle).max(now),
                        }
                    }
                    _ => continue,
                },
                // Whether it may be sent is asked again at once.
                Position::Held { step, why, .. } => Position::Held {
                    step: *step,
                    due: now,
                    why: why.clone(),
                },
                Position::Ready(_) | Position::Claiming { .. } | Position::Stopped { .. } => {
                    continue;
                }
            };
            if let Some(run) = self.contact.runs.get_mut(at) {
                run.position = position;
            }
        }
    }

    /// Records the runs whose version is not loaded.
    pub(crate) fn note_stranded(&mut self) {
        for at in 0..self.contact.runs.len() {
            let Some(run) = self.contact.runs.get(at) else {
                return;
            };
            if self.program.journey_of(run.version).is_none() {
                let (journey, run) = (self.program.journey_name(run.journey).cloned(), run.id);
                self.note(What::Stranded { journey, run });
            }
        }
    }
}

/// Lets a run remember what its journey asks for of an event.
pub(crate) fn remember(journey: &Journey, registers: &mut [Option<Value>], event: &Event) {
    for (register, kept) in journey.registers.iter().zip(registers) {
        if let Register::Field { event: of, field } = register
            && *of == event.kind
        {
            *kept = event.fields.get(field.at()).cloned().flatten();
        }
    }
}

/// Drops the oldest of a list that is longer than it may be.
pub(crate) fn keep_newest<T>(list: &mut Vec<T>, most: usize) {
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}
