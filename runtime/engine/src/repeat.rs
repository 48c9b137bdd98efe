//! Repeats: a run begins a body again and again, counted from the beginning of the first time, until it has done so often
//! enough or what the repeat waits for has happened.

use journey_ir::{Instant, Span, StepIx, StepKind, Trigger};

use crate::calendar::later;
use crate::contact::{Loop, Position};
use crate::history::What;
use crate::turn::{Cause, Turn};
use crate::walk::Flow;

impl Turn<'_> {
    /// Takes a `repeat` step: for the first time, or at the end of its body.
    pub(crate) fn repeat(&mut self, at: usize, step: StepIx, kind: &StepKind) -> Flow {
        let StepKind::Repeat {
            times,
            every,
            settle,
            body,
            next,
            ..
        } = kind
        else {
            return Flow::Next(None);
        };
        let now = self.at;
        let Some(run) = self.contact.runs.get_mut(at) else {
            return Flow::Next(None);
        };
        let Some(open) = run.loops.iter().position(|it| it.step == step) else {
            if *times == 0 {
                return Flow::Next(*next);
            }
            run.loops.push(Loop {
                step,
                since: now,
                begun: 1,
            });
            return Flow::Next(*body);
        };
        run.loops.truncate(open + 1);
        let Some(of) = run.loops.last().copied() else {
            return Flow::Next(*next);
        };
        if of.begun >= *times {
            run.loops.pop();
            return Flow::Next(*next);
        }
        let due = self.repetition(&of, *every, *settle);
        if due <= now {
            self.begin_again(at);
            return Flow::Next(*body);
        }
        let place = self.place(at, step);
        self.note(What::Waiting { place, until: due });
        Flow::Park(Position::Waiting {
            step,
            since: of.since,
            due,
        })
    }

    /// When the next repetition begins. Months are counted from the first beginning, so that the 31st comes back after
    /// the 28th.
    pub(crate) fn repetition(&self, of: &Loop, every: Span, settle: i64) -> Instant {
        let whole = Span::new(every.n.saturating_mul(u32::from(of.begun)), every.unit);
        later(self.after(of.since, whole), settle)
    }

    /// Counts one more repetition of the innermost repeat.
    pub(crate) fn begin_again(&mut self, at: usize) {
        let run = self.contact.runs.get_mut(at);
        if let Some(of) = run.and_then(|run| run.loops.last_mut()) {
            of.begun = of.begun.saturating_add(1);
        }
    }

    /// Lets the `until` of the repeats a run is in answer, the outermost first; whether one did.
    pub(crate) fn ends_repeat<'e>(
        &mut self,
        at: usize,
        causes: &(impl Iterator<Item = Cause<'e>> + Clone),
    ) -> bool {
        let Some((run, (journey, _))) = self.contact.runs.get(at).zip(self.journey_at(at)) else {
            return false;
        };
        if matches!(run.position, Position::Stopped { .. }) {
            return false;
        }
        let answered = run.loops.iter().enumerate().find_map(|(depth, of)| {
            let kind = journey.steps.get(of.step.at()).map(|it| &it.kind);
            let Some(StepKind::Repeat {
                until: Some(until),
                next,
                ..
            }) = kind
            else {
                return None;
            };
            let cause = self.answering(until, of.since, &run.registers, causes.clone())?;
            Some((depth, of.step, *next, cause))
        });
        let Some((depth, step, next, cause)) = answered else {
            return false;
        };
        let (place, by) = (self.place(at, step), cause.name(self.program));
        self.note(What::Answered { place, by });
        self.win(at, next, cause);
        if let Some(run) = self.contact.runs.get_mut(at) {
            run.loops.truncate(depth);
        }
        true
    }

    /// The first cause since an instant that a trigger answers to.
    fn answering<'e>(
        &self,
        trigger: &Trigger,
        since: Instant,
        registers: &[Option<journey_ir::Value>],
        mut causes: impl Iterator<Item = Cause<'e>>,
    ) -> Option<Cause<'e>> {
        causes.find(|cause| {
            let counts = match cause {
                Cause::Event(_) => since <= self.occurred,
                Cause::Change(_) => true,
            };
            counts && self.answers(trigger, *cause, registers)
        })
    }
}
