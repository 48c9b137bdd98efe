//! One turn of one contact: the borrowed program, state and outcome, the instant at hand, and what this instant has
//! raised so far. Everything that decides is a method of [`Turn`], spread over the modules by concept.

use std::ops::Deref;
use std::sync::Arc;

use journey_ir::{
    AttributeIx, ChangeEnd, Instant, LifecycleIx, SegmentIx, Span, StageIx, Trigger, Value,
};

use crate::calendar::Zone;
use crate::condition::Scene;
use crate::contact::{Contact, Life};
use crate::effect::Outcome;
use crate::event::Event;
use crate::history::{Happening, What};
use crate::membership;
use crate::program::{Name, Program};

/// How many steps all runs of a contact may take at one instant. No journey comes near; a program made to loop is
/// stopped by it.
const MOST_STEPS: u32 = 1_000;

/// The zone of a contact: mostly the project's, which is borrowed.
pub(crate) enum HomeZone<'a> {
    Project(&'a Zone),
    Own(Arc<Zone>),
}

impl Deref for HomeZone<'_> {
    type Target = Zone;

    fn deref(&self) -> &Zone {
        match self {
            Self::Project(zone) => zone,
            Self::Own(zone) => zone,
        }
    }
}

/// The zone in which a contact lives.
pub(crate) fn home_zone<'a>(program: &'a Program, contact: &Contact) -> HomeZone<'a> {
    let named = program
        .zone_attribute()
        .and_then(|at| contact.attribute(program, at));
    match named {
        Some(Value::Text(name)) if **name != **program.zone().name() => {
            HomeZone::Own(program.zone_named(name))
        }
        _ => HomeZone::Project(program.zone()),
    }
}

/// A change of membership, or of what is known of the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Joined(SegmentIx),
    Left(SegmentIx),
    Became(LifecycleIx, StageIx),
    /// An attribute has another value; which, is the so many-th of the turn's edits.
    Edited(AttributeIx, usize),
}

/// What an attribute was and what it became.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

impl Edit {
    /// Whether it runs from one end to the other.
    fn runs(&self, from: &ChangeEnd, to: &ChangeEnd) -> bool {
        let is = |value: &Option<Value>, end: &ChangeEnd| match end {
            ChangeEnd::Anything => true,
            ChangeEnd::Missing => value.is_none(),
            ChangeEnd::Value(wanted) => value.as_ref() == Some(wanted),
        };
        is(&self.before, from) && is(&self.after, to)
    }
}

/// Something a trigger may answer to.
#[derive(Clone, Copy)]
pub(crate) enum Cause<'e> {
    Event(&'e Event),
    Change(Change),
}

impl Cause<'_> {
    /// Whether a trigger answers to this, its filter aside.
    pub(crate) fn fits(&self, trigger: &Trigger) -> bool {
        match (self, trigger) {
            (Self::Event(event), Trigger::Event { event: kind, .. }) => event.kind == *kind,
            (Self::Change(Change::Joined(it)), Trigger::Joins(segment))
            | (Self::Change(Change::Left(it)), Trigger::Leaves(segment)) => it == segment,
            (Self::Change(Change::Became(l, s)), Trigger::Becomes { lifecycle, stage }) => {
                l == lifecycle && s == stage
            }
            (Self::Change(Change::Edited(it, _)), Trigger::Changes { attribute, .. }) => {
                it == attribute
            }
            _ => false,
        }
    }

    /// What to call it in the history.
    pub(crate) fn name(&self, program: &Program) -> Name {
        match self {
            Self::Event(event) => program
                .event(event.kind)
                .map_or_else(|| "".into(), |it| Arc::clone(&it.name)),
            Self::Change(Change::Joined(at) | Change::Left(at)) => program.segment_name(*at),
            Self::Change(Change::Became(lifecycle, stage)) => {
                program.stage_name(*lifecycle, *stage)
            }
            Self::Change(Change::Edited(attribute, _)) => program.attribute_name(*attribute),
        }
    }
}

/// One turn.
pub(crate) struct Turn<'a> {
    pub(crate) program: &'a Program,
    pub(crate) contact: &'a mut Contact,
    pub(crate) out: &'a mut Outcome,
    pub(crate) zone: HomeZone<'a>,
    /// The instant at hand; the contact's clock stands here.
    pub(crate) at: Instant,
    /// When the thing at hand happened: earlier than `at` where it is late.
    pub(crate) occurred: Instant,
    pub(crate) steps_left: u32,
    /// Changes that have not been acted upon.
    pub(crate) changes: Vec<Change>,
    /// The changes of attributes in this turn.
    pub(crate) edits: Vec<Edit>,
    /// Whether changes are neither recorded nor acted upon.
    pub(crate) silent: bool,
}

impl<'a> Turn<'a> {
    /// A turn at the contact's clock.
    pub(crate) fn new(
        program: &'a Program,
        contact: &'a mut Contact,
        out: &'a mut Outcome,
    ) -> Self {
        if contact.life == Life::Known && contact.meaning != program.fingerprint() {
            contact.stale = true;
            membership::evaluate_silently(program, contact);
            contact.set_wake(program);
        }
        Self {
            zone: home_zone(program, contact),
            at: contact.clock,
            occurred: contact.clock,
            program,
            contact,
            out,
            steps_left: MOST_STEPS,
            changes: Vec::new(),
            edits: Vec::new(),
            silent: false,
        }
    }

    /// Moves the clock to an instant.
    pub(crate) fn begin(&mut self, at: Instant, occurred: Instant) {
        if at > self.at {
            self.steps_left = MOST_STEPS;
        }
        self.at = at;
        self.occurred = occurred;
        self.contact.clock = at;
    }

    /// The instant a span after another: business days on the project's calendar, all else on the contact's.
    pub(crate) fn after(&self, at: Instant, span: Span) -> Instant {
        self.program.after(&self.zone, at, span)
    }

    /// Records what happens.
    pub(crate) fn note(&mut self, what: What) {
        self.out.history.push(Happening { at: self.at, what });
    }

    /// The contact as conditions see it.
    pub(crate) fn scene<'s>(
        &'s self,
        event: Option<&'s Event>,
        registers: &'s [Option<Value>],
    ) -> Scene<'s> {
        Scene {
            program: self.program,
            contact: self.contact,
            zone: &self.zone,
            at: self.at,
            event,
            item: None,
            run: None,
            registers,
        }
    }

    /// The contact as a run sees it.
    pub(crate) fn scene_of(&self, at: usize) -> Scene<'_> {
        Scene {
            run: self.contact.runs.get(at).map(|run| run.id),
            ..self.scene(None, self.registers(at))
        }
    }

    /// Whether a trigger answers to a cause, its filter included.
    pub(crate) fn answers(
        &self,
        trigger: &Trigger,
        cause: Cause<'_>,
        registers: &[Option<Value>],
    ) -> bool {
        if !cause.fits(trigger) {
            return false;
        }
        match (trigger, cause) {
            (
                Trigger::Event {
                    filter: Some(filter),
                    ..
                },
                Cause::Event(event),
            ) => self.scene(Some(event), registers).holds(*filter),
            (Trigger::Changes { from, to, .. }, Cause::Change(Change::Edited(_, at))) => {
                self.edits.get(at).is_some_and(|edit| edit.runs(from, to))
            }
            _ => true,
        }
    }
}
