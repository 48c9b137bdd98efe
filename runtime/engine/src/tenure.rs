//! Since when a contact has been in a segment or a stage, or a condition has held: remembered for those of which it is
//! asked, under their names, or the condition written out in names, so that it outlasts a change of the program that
//! leaves the contact where it is.

use journey_ir::{ConditionIx, Instant, LifecycleIx, SegmentIx, Span, StageIx};

use crate::calendar::NEVER;
use crate::condition::{Answer, Scene};
use crate::contact::{Tenure, Watch};
use crate::program::{Key, Program, Watched};
use crate::turn::Turn;

fn of_segment(program: &Program, at: SegmentIx) -> Key {
    Key::of("segment", &program.segment_name(at))
}

fn of_stage(program: &Program, at: LifecycleIx, stage: StageIx) -> (Key, Key) {
    (
        Key::of("lifecycle", &program.lifecycle_name(at)),
        Key::of("stage", &program.stage_name(at, stage)),
    )
}

fn of_condition(program: &Program, at: ConditionIx) -> Key {
    program.watches().key_of_held(at)
}

impl Scene<'_> {
    /// Whether the contact has been in a segment for so long.
    pub(crate) fn member_for(&self, segment: SegmentIx, span: Span) -> Answer {
        let watch = self.contact.watch(self.program.watches().segment(segment));
        let of = of_segment(self.program, segment);
        self.has_been(watch, (of, of), watch.value == 1, span)
    }

    /// Whether the contact has been in a stage for so long.
    pub(crate) fn stage_for(&self, lifecycle: LifecycleIx, stage: StageIx, span: Span) -> Answer {
        let watch = self
            .contact
            .watch(self.program.watches().lifecycle(lifecycle));
        let of = of_stage(self.program, lifecycle, stage);
        let is_in = stage.0.checked_add(1) == Some(watch.value);
        self.has_been(watch, of, is_in, span)
    }

    /// Whether a condition has held for so long.
    pub(crate) fn held_for(&self, condition: ConditionIx, span: Span) -> Answer {
        let watch = self.contact.watch(self.program.watches().held(condition));
        let of = of_condition(self.program, condition);
        self.has_been(watch, (of, of), watch.value == 1, span)
    }

    fn has_been(&self, watch: Watch, of: (Key, Key), is_in: bool, span: Span) -> Answer {
        let known = self.contact.tenures.iter();
        let mut known = known.filter(|it| is_in && (it.of, it.stage) == of);
        let since: Option<Instant> = known.next().map(|it| it.since);
        let due = since.map_or(NEVER, |since| self.after(since, span));
        if since.is_some() && due <= self.at {
            return Answer {
                holds: true,
                until: watch.flip,
            };
        }
        Answer {
            holds: false,
            until: watch.flip.min(due),
        }
    }
}

impl Turn<'_> {
    /// Remembers since when a watch has its value, where that is asked.
    pub(crate) fn remember_since(&mut self, watched: Watched, value: u32) {
        if !self.program.watches().is_timed(watched) {
            return;
        }
        let (of, stage) = match watched {
            Watched::Segment(at) => {
                let of = of_segment(self.program, at);
                (of, (value == 1).then_some(of))
            }
            Watched::Lifecycle(at) => {
                let stage = value.checked_sub(1).map(StageIx);
                let (of, name) = of_stage(self.program, at, stage.unwrap_or(StageIx(0)));
                (of, stage.map(|_| name))
            }
            Watched::Held(at) => {
                let of = of_condition(self.program, at);
                (of, (value == 1).then_some(of))
            }
            Watched::People(_) | Watched::Share(_) | Watched::Audience(_) => return,
        };
        let tenures = &mut self.contact.tenures;
        if tenures
            .iter()
            .any(|it| it.of == of && Some(it.stage) == stage)
        {
            return;
        }
        tenures.retain(|it| it.of != of);
        let since = self.at;
        tenures.extend(stage.map(|stage| Tenure { of, stage, since }));
    }
}
