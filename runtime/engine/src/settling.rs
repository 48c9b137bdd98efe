//! Settling: a wait that is held open for late events ends later on the clock than it was over. What happens in between
//! happened after the wait, so it counts for the race that follows it at once.

use journey_ir::{Instant, StepIx, StepKind, Trigger};

use crate::contact::{Overheard, Position, Run};
use crate::event::Event;
use crate::program::Key;
use crate::run::keep_newest;
use crate::turn::{Cause, Turn};
use crate::walk::Follows;

/// How many events are remembered while one wait is held open.
const MOST_OVERHEARD: usize = 16;

impl Turn<'_> {
    /// When a parked run's wait is over, apart from being held open.
    pub(crate) fn over_at(&self, at: usize) -> Option<Instant> {
        let run = self.contact.runs.get(at)?;
        match &run.position {
            Position::Racing { deadline, .. } => Some(*deadline),
            Position::Waiting { step, due, .. } => {
                let (journey, _) = self.journey_at(at)?;
                match &journey.steps.get(step.at())?.kind {
                    StepKind::Wait {
                        settle,
                        until: None,
                        ..
                    }
                    | StepKind::Repeat { settle, .. } => Some(due.saturating_sub(*settle)),
                    _ => None,
                }
            }
            Position::Ready(_)
            | Position::Held { .. }
            | Position::Claiming { .. }
            | Position::Stopped { .. } => None,
        }
    }

    /// Remembers an event that happened after a run's wait was over, for the race that may follow.
    pub(crate) fn overhear(&mut self, at: usize, event: &Event) {
        let happened = self.occurred;
        let after = self.over_at(at).is_some_and(|over| over < happened);
        if !after || !self.is_waited_for(at, event) {
            return;
        }
        let program = self.program;
        let Some(kind) = program.ir().event(event.kind) else {
            return;
        };
        let fields = kind.fields.iter().zip(&event.fields);
        let overheard = Overheard {
            event: Key::of("event", &kind.name),
            id: event.id.0,
            at: happened,
            fields: fields
                .filter_map(|(field, value)| Some((Key::of("field", &field.name), value.clone()?)))
                .collect(),
        };
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.overheard.push(overheard);
            run.overheard.sort_by_key(|it| (it.at, it.id));
            keep_newest(&mut run.overheard, MOST_OVERHEARD);
        }
    }

    /// Whether any race of a run's journey waits for such events.
    fn is_waited_for(&self, at: usize, event: &Event) -> bool {
        let is = |trigger: &Trigger| matches!(trigger, Trigger::Event { event: it, .. } if *it == event.kind);
        self.journey_at(at).is_some_and(|(journey, _)| {
            journey.steps.iter().any(|step| match &step.kind {
                StepKind::Race { arms, .. } => arms.iter().any(|arm| is(&arm.trigger)),
                StepKind::Ask { reply, .. } => *reply == event.kind,
                _ => false,
            })
        })
    }

    /// Since when the race that a run reaches now counts what happens.
    pub(crate) fn listens_since(&self, at: usize) -> Instant {
        let run = self.contact.runs.get(at);
        run.and_then(|run| run.nominal).unwrap_or(self.at)
    }

    /// Lets a race that is just reached answer to what was overheard; what follows, if it does.
    pub(crate) fn recall(
        &mut self,
        at: usize,
        step: StepIx,
        since: Instant,
        deadline: Instant,
    ) -> Option<Follows> {
        let overheard = std::mem::take(&mut self.contact.runs.get_mut(at)?.overheard);
        let now = self.occurred;
        for heard in overheard {
            let Some(event) = self.event_again(&heard) else {
                continue;
            };
            self.occurred = heard.at;
            let found = self.answer_race(at, (step, since, deadline), Cause::Event(&event));
            self.occurred = now;
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// An overheard event under the positions of the program at hand.
    fn event_again(&self, heard: &Overheard) -> Option<Event> {
        let events = &self.program.ir().schema.events;
        let kind = events
            .iter()
            .position(|it| Key::of("event", &it.name) == heard.event)?;
        let fields = &events.get(kind)?.fields;
        let value = |name: &str| {
            let key = Key::of("field", name);
            let found = heard.fields.iter().find(|(it, _)| *it == key);
            found.map(|(_, value)| value.clone())
        };
        Some(Event {
            id: crate::event::EventId(heard.id),
            kind: journey_ir::EventIx(kind as u32),
            occurred_at: heard.at,
            received_at: heard.at,
            fields: fields.iter().map(|it| value(&it.name)).collect(),
        })
    }
}

impl Run {
    /// Forgets what was overheard: the run has gone on, or waits for something else.
    pub(crate) fn forget_overheard(&mut self) {
        self.nominal = None;
        self.overheard.clear();
    }
}
