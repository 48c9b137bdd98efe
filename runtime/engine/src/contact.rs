//! The whole state of one contact: what is kept between two steps. It is program-independent on purpose: attributes,
//! aggregates, consents, offers and journeys are kept under stable keys, so that a state written under one program is
//! read under the next. Only the values of memberships belong to one program; they are worked out again when the
//! program's meaning has changed.

use journey_ir::{AttributeIx, Channel, ConsentIx, Instant, OfferIx, Purpose, StepIx, Value};
use serde::{Deserialize, Serialize};

use crate::aggregate::Fold;
use crate::audience::Listed;
use crate::calendar::{EARLIEST, NEVER};
use crate::effect::RunId;
use crate::history::Hold;
use crate::program::{Key, Program, WatchIx};

mod stored;

pub use stored::StateError;
pub(crate) use stored::may_never_come;

/// The whole state of one contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub(crate) id: String,
    pub(crate) clock: Instant,
    pub(crate) life: Life,
    /// The fingerprint of the program that the watches below were evaluated under.
    pub(crate) meaning: u64,
    pub(crate) stale: bool,
    pub(crate) attributes: Vec<(Key, Known)>,
    pub(crate) aggregates: Vec<(Key, Fold)>,
    pub(crate) watches: Vec<Watch>,
    /// Since when the contact has been in segments and stages of which that is asked.
    pub(crate) tenures: Vec<Tenure>,
    pub(crate) schedules: Vec<Planned>,
    pub(crate) consents: Vec<Given>,
    pub(crate) unsubscribed: Vec<(Channel, Instant)>,
    pub(crate) suppressed: Vec<(Channel, String)>,
    pub(crate) tags: Vec<String>,
    pub(crate) offers: Vec<Issued>,
    pub(crate) sent: Vec<(Instant, Purpose)>,
    pub(crate) runs: Vec<Run>,
    pub(crate) finished: Vec<Finished>,
    pub(crate) entries: Vec<Entries>,
    pub(crate) listed: Vec<Listed>,
    /// The arm of each experiment the contact is in, the newest last.
    pub(crate) arms: Vec<(Key, String)>,
    /// Arms of experiments whose success is still awaited.
    pub(crate) measuring: Vec<Measuring>,
    /// How many runs this contact has started.
    pub(crate) started: u32,
    /// The minimum of everything that falls due, kept up to date by every step.
    #[serde(skip, default = "never")]
    pub(crate) wake: Instant,
}

fn never() -> Instant {
    NEVER
}

/// How much of a contact there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Life {
    /// Nothing that the program mentions has happened yet.
    Unknown,
    /// Its memberships are worked out and watched.
    Known,
    /// A tombstone.
    Erased,
}

/// The value of an attribute and when it was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) value: Option<Value>,
    pub(crate) at: Instant,
}

/// The value of a watch and when it may change by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// 0 for not, 1 for in; for a lifecycle the stage, counted from 1.
    pub(crate) value: u32,
    #[serde(with = "stored::may_never_come")]
    pub(crate) flip: Instant,
}

impl Watch {
    /// What is known before anything is.
    pub(crate) const NONE: Self = Self {
        value: 0,
        flip: NEVER,
    };
}

/// Since when a contact has been in a segment, or in one stage of a lifecycle, without a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tenure {
    /// The key of the segment's or lifecycle's name.
    pub(crate) of: Key,
    /// The key of the stage's name; of a segment, that of its own.
    pub(crate) stage: Key,
    pub(crate) since: Instant,
}

/// The schedule of one journey for this contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    /// The key of the journey's name.
    pub(crate) journey: Key,
    /// When it falls due, while the contact is among its people.
    #[serde(with = "stored::may_never_come")]
    pub(crate) due: Instant,
    /// The local date on which it last fell due.
    pub(crate) last_day: Option<i32>,
    /// When it last fell due.
    pub(crate) last: Option<Instant>,
}

impl Planned {
    /// Whether it neither falls due nor ever did.
    pub(crate) const fn is_empty(&self) -> bool {
        self.due == NEVER && self.last_day.is_none() && self.last.is_none()
    }
}

/// A consent by one channel; without a channel for the other receivers it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    pub(crate) consent: Key,
    pub(crate) channel: Option<Channel>,
    /// Whether it is given; otherwise it was withdrawn.
    pub(crate) agreed: bool,
    pub(crate) at: Instant,
}

/// An offer issued to this contact: the newest issue of each, and those that active runs carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Issued {
    pub(crate) offer: Key,
    pub(crate) run: RunId,
    pub(crate) at: Instant,
    #[serde(with = "stored::may_never_come")]
    pub(crate) expires: Instant,
}

/// An active run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    /// The key of the journey's name.
    pub(crate) journey: Key,
    /// The key of the journey's name and version.
    pub(crate) version: Key,
    /// The hash of the value that keys it.
    pub(crate) key: u64,
    pub(crate) entered_at: Instant,
    pub(crate) position: Position,
    pub(crate) registers: Vec<Option<Value>>,
    /// Whether its goal has been reached and it went on.
    pub(crate) reached: bool,
    /// How many effects it has decided: the iteration of the next one.
    pub(crate) effects: u32,
    /// How many steps it has taken.
    pub(crate) steps: u32,
    /// The race it last gave up.
    pub(crate) gave_up: Option<GaveUp>,
    /// The repeats it is in, the innermost last.
    pub(crate) loops: Vec<Loop>,
    /// When the wait was over that it has just left, where that was held open longer.
    pub(crate) nominal: Option<Instant>,
    /// What happened after that while it was held open, in the order in which it happened.
    pub(crate) overheard: Vec<Overheard>,
    /// When it reached the send at which it is held.
    pub(crate) held_since: Option<Instant>,
    /// The how-manieth entry of the contact into this journey it is, counted from 1.
    pub(crate) nth: u32,
}

/// A repeat that a run is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Loop {
    pub(crate) step: StepIx,
    /// When the first repetition began.
    pub(crate) since: Instant,
    /// How many repetitions have begun.
    pub(crate) begun: u16,
}

/// An event that happened while a wait was only held open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Overheard {
    /// The key of the event type's name.
    pub(crate) event: Key,
    pub(crate) id: [u8; 16],
    pub(crate) at: Instant,
    /// The fields that have a value, by the keys of their names.
    pub(crate) fields: Vec<(Key, Value)>,
}

/// An arm of an experiment whose success is still awaited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measuring {
    pub(crate) run: RunId,
    pub(crate) version: Key,
    pub(crate) step: StepIx,
    pub(crate) arm: String,
    /// When the arm was assigned.
    pub(crate) since: Instant,
    #[serde(with = "stored::may_never_come")]
    pub(crate) until: Instant,
    /// What the run remembered then.
    pub(crate) registers: Vec<Option<Value>>,
}

/// Where a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Position {
    /// About to take a step; `None` to complete. Never between two items.
    Ready(Option<StepIx>),
    /// Parked at a wait. The due instant is worked out anew when the contact's zone changes.
    Waiting {
        step: StepIx,
        since: Instant,
        #[serde(with = "stored::may_never_come")]
        due: Instant,
    },
    /// Parked at a race: events count up to the deadline, and it is held open until due.
    Racing {
        step: StepIx,
        since: Instant,
        #[serde(with = "stored::may_never_come")]
        deadline: Instant,
        #[serde(with = "stored::may_never_come")]
        due: Instant,
    },
    /// Parked at a send.
    Held {
        step: StepIx,
        #[serde(with = "stored::may_never_come")]
        due: Instant,
        why: Hold,
    },
    /// Parked at a draw until the prize it drew is granted or refused, or where an offer with a limit is handed out until
    /// that is; of several offers, the first is named.
    Claiming { step: StepIx, prize: String },
    /// Parked for good.
    Stopped { step: StepIx },
}

impl Position {
    /// When the run goes on by itself.
    pub(crate) fn due(&self) -> Instant {
        match self {
            Self::Waiting { due, .. } | Self::Racing { due, .. } | Self::Held { due, .. } => *due,
            Self::Ready(_) | Self::Claiming { .. } | Self::Stopped { .. } => NEVER,
        }
    }

    /// The step at which the run is parked.
    pub(crate) const fn step(&self) -> Option<StepIx> {
        match self {
            Self::Ready(_) => None,
            Self::Waiting { step, .. }
            | Self::Racing { step, .. }
            | Self::Held { step, .. }
            | Self::Claiming { step, .. }
            | Self::Stopped { step } => Some(*step),
        }
    }
}

/// A race that timed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GaveUp {
    pub(crate) step: StepIx,
    pub(crate) since: Instant,
    #[serde(with = "stored::may_never_come")]
    pub(crate) deadline: Instant,
}

/// A run that ended before its goal's time was over: the goal still counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finished {
    pub(crate) id: RunId,
    pub(crate) version: Key,
    pub(crate) entered_at: Instant,
    #[serde(with = "stored::may_never_come")]
    pub(crate) until: Instant,
    pub(crate) registers: Vec<Option<Value>>,
}

/// What is remembered of a contact's entries into one journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entries {
    /// The key of the journey's name.
    pub(crate) journey: Key,
    /// The last entry of each run key, the newest last.
    pub(crate) last: Vec<(u64, Instant)>,
    /// The events that started the newest runs.
    pub(crate) events: Vec<u64>,
    /// How many entries there have been.
    pub(crate) times: u32,
}

impl Contact {
    /// A contact of whom nothing is known.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            clock: EARLIEST,
            life: Life::Unknown,
            meaning: 0,
            stale: false,
            attributes: Vec::new(),
            aggregates: Vec::new(),
            watches: Vec::new(),
            tenures: Vec::new(),
            schedules: Vec::new(),
            consents: Vec::new(),
            unsubscribed: Vec::new(),
            suppressed: Vec::new(),
            tags: Vec::new(),
            offers: Vec::new(),
            sent: Vec::new(),
            runs: Vec::new(),
            finished: Vec::new(),
            entries: Vec::new(),
            listed: Vec::new(),
            arms: Vec::new(),
            measuring: Vec::new(),
            started: 0,
            wake: NEVER,
        }
    }

    /// The contact's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When something falls due next, if nothing happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Instant> {
        (self.wake != NEVER).then_some(self.wake)
    }

    /// Everything up to here has been decided.
    #[must_use]
    pub fn clock(&self) -> Instant {
        self.clock
    }

    /// Whether anything is known of the contact yet: an event that the program mentions, an attribute, a consent.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.life == Life::Known
    }

    /// Whether the state was written under another program and [`crate::rebase`] has not been called since.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether the contact was erased: what remains is a tombstone.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.life == Life::Erased
    }

    /// What is kept of an attribute.
    pub(crate) fn known(&self, key: Key) -> Option<&Known> {
        self.attributes
            .iter()
            .find(|(it, _)| *it == key)
            .map(|(_, known)| known)
    }

    /// The value of an attribute, or its default.
    pub(crate) fn attribute<'a>(
        &'a self,
        program: &'a Program,
        at: AttributeIx,
    ) -> Option<&'a Value> {
        match program.attribute_key(at).and_then(|key| self.known(key)) {
            Some(Known {
                value: Some(value), ..
            }) => Some(value),
            Some(_) | None => program
                .ir()
                .attribute(at)
                .and_then(|it| it.default.as_ref()),
        }
    }

    /// The state of an aggregate.
    pub(crate) fn aggregate(&self, key: Key) -> Option<&Fold> {
        let at = self
            .aggregates
            .binary_search_by_key(&key, |(it, _)| *it)
            .ok()?;
        self.aggregates.get(at).map(|(_, fold)| fold)
    }

    /// The state of an aggregate, made where there is none.
    pub(crate) fn aggregate_mut(
        &mut self,
        key: Key,
        new: impl FnOnce() -> Fold,
    ) -> Option<&mut Fold> {
        let at = match self.aggregates.binary_search_by_key(&key, |(it, _)| *it) {
            Ok(at) => at,
            Err(at) => {
                self.aggregates.insert(at, (key, new()));
                at
            }
        };
        self.aggregates.get_mut(at).map(|(_, fold)| fold)
    }

    /// The value of a watch.
    pub(crate) fn watch(&self, at: WatchIx) -> Watch {
        self.watches.get(at).copied().unwrap_or(Watch::NONE)
    }

    /// Whether a consent is given, by a channel or by any.
    pub(crate) fn agreed(
        &self,
        program: &Program,
        at: ConsentIx,
        channel: Option<Channel>,
    ) -> bool {
        let Some(key) = program.consent_key(at) else {
            return false;
        };
        self.consents.iter().any(|it| {
            it.consent == key && it.agreed && (channel.is_none() || it.channel == channel)
        })
    }

    /// The issue of an offer that a run carries, or else the newest.
    pub(crate) fn issued(
        &self,
        program: &Program,
        at: OfferIx,
        run: Option<RunId>,
    ) -> Option<&Issued> {
        let key = program.offer_key(at)?;
        let mut issues = self.offers.iter().filter(|it| it.offer == key);
        let own = issues.clone().find(|it| Some(it.run) == run);
        own.or_else(|| issues.next_back())
    }

    /// Works out anew when something falls due.
    pub(crate) fn set_wake(&mut self, program: &Program) {
        let flips = self.watches.iter().map(|it| it.flip);
        let plans = self.schedules.iter().map(|it| it.due);
        let runs = self
            .runs
            .iter()
            // A run of a version that is not loaded stays where it is.
            .filter_map(|run| Some((run, program.journey(program.journey_of(run.version)?)?)))
            .map(|(run, (journey, _))| run.position.due().min(journey.ends.unwrap_or(NEVER)));
        let listed = self.listed.iter().map(|it| it.until);
        let soonest = [flips.min(), plans.min(), runs.min(), listed.min()];
        self.wake = soonest.into_iter().flatten().min().unwrap_or(NEVER);
    }
}
