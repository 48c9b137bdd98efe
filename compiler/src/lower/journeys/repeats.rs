//! `repeat up to 3 times every 2 days until lead_contacted { … }`: a step to which its own body leads back.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::error::JourneyError;
use super::flow::{Tails, after, arm};
use super::step_error::StepError;
use crate::lower::Lowering;
use crate::lower::scope::Scope;
use crate::problem::Location;
use crate::sources::FileId;

/// How many times something can be repeated.
pub(super) const MOST_TIMES: u16 = 1_000;

impl Lowering<'_> {
    pub(super) fn repeat(&mut self, file: FileId, repeat: &syntax::Repeat, tails: Tails) -> Tails {
        let times = repeat.times.and_then(|times| self.times(file, times));
        let every = repeat.every.and_then(|every| self.wait_span(every, file));
        let until = match &repeat.until {
            None => Some(None),
            Some(pattern) => self
                .event_pattern(pattern, Scope::run(file))
                .map(|(event, filter)| Some(ir::Trigger::Event { event, filter })),
        };
        let (Some(times), Some(every), Some(until)) = (times, every, until) else {
            self.gap(file, repeat.span);
            // Its steps are checked all the same.
            let anchor = format!("repeat after {}", self.flow.anchor);
            let around = self.flow.fork();
            let tails = self.arm(file, &repeat.steps, anchor, None, tails);
            self.flow.join(around, true);
            return tails;
        };
        let late = until.as_ref().map_or(0, |until| self.settle_of(until));
        self.check_repeat_settles(file, repeat, every, until.as_ref());
        let words = format!("repeat after {}", self.flow.anchor);
        let id = self.flow.id(&words);
        let kind = ir::StepKind::Repeat {
            times,
            every,
            settle: self.flow.settle.max(late),
            until,
            body: None,
            next: None,
        };
        let at = self.flow.push(id, kind, &tails);
        let around = self.flow.fork();
        let body = self.arm(file, &repeat.steps, words.clone(), None, arm(at, 0));
        self.flow.join(around, true);
        self.flow.lead_back(&body, at);
        self.flow.anchor = words;
        after(at)
    }

    fn times(&mut self, file: FileId, times: syntax::Spanned<u32>) -> Option<u16> {
        let fits = u16::try_from(times.value).ok();
        let fits = fits.filter(|times| (1..=MOST_TIMES).contains(times));
        if fits.is_none() {
            let at = Location::new(file, times.span);
            self.problems.push(StepError::Times.at(at));
        }
        fits
    }

    /// Reports a repeat that begins anew before the event that would have ended it can have arrived.
    fn check_repeat_settles(
        &mut self,
        file: FileId,
        repeat: &syntax::Repeat,
        every: ir::Span,
        until: Option<&ir::Trigger>,
    ) {
        let Some(ir::Trigger::Event { event, .. }) = until else {
            return;
        };
        let declared = self.program.schema.events.get(event.at());
        let late = declared.and_then(|it| it.arrives_within);
        let (Some(late), Some(written), Some(length)) = (late, &repeat.until, repeat.every) else {
            return;
        };
        if late.at_most() > every.at_most() {
            let error = JourneyError::SettlesLate {
                event: self.event_name(*event),
                wait: every,
                late,
                arm: Location::new(file, written.span),
            };
            self.problems
                .push(error.at(Location::new(file, length.span)));
        }
    }
}
