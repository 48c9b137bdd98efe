//! What happened to a contact, and why: the record that answers every "why did I get this mail?". A happening carries
//! names, not positions, so that it can be read long after the program that wrote it is gone.

use journey_ir::{Channel, Instant};
use serde::{Deserialize, Serialize};

use crate::effect::RunId;
use crate::event::EventId;
use crate::program::Name;

mod sentence;

/// One thing that happened to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// When it was decided, in event time.
    pub at: Instant,
    /// What it was.
    pub what: What,
}

/// Where a run stood when something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The journey.
    pub journey: Name,
    /// The run.
    pub run: RunId,
    /// The step's id.
    pub step: Name,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// An event was counted.
    Received {
        /// Its type.
        event: Name,
        /// Its id.
        id: EventId,
        /// When it happened, where that is not the instant of this happening.
        occurred_at: Instant,
        /// Whether it came in time.
        mark: Arrival,
    },
    /// An attribute changed.
    Changed {
        /// The attribute.
        attribute: Name,
    },
    /// A consent was given or withdrawn.
    Agreed {
        /// The consent.
        consent: Name,
        /// The channel; `None` for all.
        channel: Option<Channel>,
        /// Whether it was given.
        given: bool,
    },
    /// The contact wants no more advertising.
    Unsubscribed {
        /// By this channel; `None` for all.
        channel: Option<Channel>,
    },
    /// A channel must not be used any more.
    Suppressed {
        /// The channel.
        channel: Channel,
        /// Why.
        reason: String,
    },
    /// The contact's data was erased.
    Erased,
    /// An item was not acted upon because the contact was erased earlier.
    Ignored,
    /// The contact's past was read again under a changed program.
    Recounted,
    /// The contact joined a segment.
    Joined {
        /// The segment.
        segment: Name,
    },
    /// The contact left a segment.
    Left {
        /// The segment.
        segment: Name,
    },
    /// The contact reached a stage.
    Became {
        /// The lifecycle.
        lifecycle: Name,
        /// The stage.
        stage: Name,
    },
    /// A run started.
    Entered {
        /// The journey.
        journey: Name,
        /// The run.
        run: RunId,
    },
    /// A run could have started, and did not.
    NotEntered {
        /// The journey.
        journey: Name,
        /// Why.
        why: NotEntered,
    },
    /// Occurrences of a schedule lay so far back that they were passed over.
    PassedOver {
        /// The journey.
        journey: Name,
    },
    /// A run waits.
    Waiting {
        /// Where.
        place: Place,
        /// Until when, unless something happens.
        until: Instant,
    },
    /// A send is held back for now.
    Held {
        /// Where.
        place: Place,
        /// Until when.
        until: Instant,
        /// Why.
        why: Hold,
    },
    /// A message was handed over for sending.
    Sent {
        /// Where.
        place: Place,
        /// The channel.
        channel: Channel,
        /// The template.
        template: Name,
    },
    /// A message was not sent, and the run went on.
    Skipped {
        /// Where.
        place: Place,
        /// Why, for each message that was tried.
        tried: Vec<Tried>,
    },
    /// A system was called.
    Called {
        /// Where.
        place: Place,
        /// The connector and its action.
        action: String,
    },
    /// A call was not made, and the run went on.
    NotCalled {
        /// Where.
        place: Place,
        /// The argument that has no value.
        missing: String,
    },
    /// A task was given.
    Assigned {
        /// Where.
        place: Place,
        /// To whom.
        to: String,
    },
    /// A split put the run into an arm.
    Allotted {
        /// Where.
        place: Place,
        /// The experiment.
        experiment: Name,
        /// The arm.
        arm: Name,
    },
    /// A measured arm of an experiment had a success.
    Succeeded {
        /// The journey.
        journey: Name,
        /// The run that was split.
        run: RunId,
        /// The experiment.
        experiment: Name,
        /// The arm.
        arm: Name,
    },
    /// A run drew a prize of which there are only so many, or is to hand out an offer with a limit, and waits for it
    /// to be granted.
    Claimed {
        /// Where.
        place: Place,
        /// The prize, or the offers.
        prize: Name,
    },
    /// A draw was decided.
    Drew {
        /// Where.
        place: Place,
        /// The draw.
        draw: Name,
        /// What came out.
        prize: Name,
        /// Whether another prize had come out of which none was left.
        refused: bool,
    },
    /// The contact wrote back to a question.
    Replied {
        /// Where.
        place: Place,
        /// The attribute that was asked for.
        attribute: Name,
        /// Whether the reply could be read.
        clear: bool,
    },
    /// A run went on in a new version of its journey.
    Moved {
        /// The journey.
        journey: Name,
        /// The run.
        run: RunId,
    },
    /// A run stays on the version it started on, because its place in the new one is not known.
    NotMoved {
        /// The journey.
        journey: Name,
        /// The run.
        run: RunId,
    },
    /// What a run waited for happened.
    Answered {
        /// Where.
        place: Place,
        /// The event or change that won.
        by: Name,
    },
    /// What a run waited for did not happen in time.
    TimedOut {
        /// Where.
        place: Place,
    },
    /// What a run had waited for was heard of after it had given up.
    LateAfterTimeout {
        /// Where.
        place: Place,
        /// The event.
        by: Name,
    },
    /// A journey set an attribute.
    Set {
        /// Where.
        place: Place,
        /// The attribute.
        attribute: Name,
    },
    /// A journey added or removed a tag.
    Tagged {
        /// Where.
        place: Place,
        /// The tag.
        tag: Name,
        /// Whether it was added.
        added: bool,
    },
    /// A run reached its goal.
    Goal {
        /// The journey.
        journey: Name,
        /// The run.
        run: RunId,
        /// Whether the run had ended before.
        after_end: bool,
    },
    /// A run ended.
    Ended {
        /// The journey.
        journey: Name,
        /// The run.
        run: RunId,
        /// How.
        how: End,
    },
    /// A run took more steps than any journey needs and is stopped where it is.
    Stopped {
        /// Where.
        place: Place,
    },
    /// A run belongs to a version of a journey that is not loaded; it stays where it is.
    Stranded {
        /// The journey, where its name is still known.
        journey: Option<Name>,
        /// The run.
        run: RunId,
    },
    /// The contact reached a stage of a funnel, or is now known to have reached it at another instant.
    Reached {
        /// The funnel.
        funnel: Name,
        /// The stage.
        stage: Name,
        /// When.
        at: Instant,
    },
    /// The contact counts for a KPI, or no longer does.
    Counted {
        /// The KPI.
        kpi: Name,
        /// Whether it does.
        holds: bool,
    },
    /// Advertising networks were told of the contact.
    Listed {
        /// The audience.
        audience: Name,
        /// Whether it is in now.
        joined: bool,
    },
    /// A ranking of all people came out differently for the contact.
    Ranked {
        /// The ranking.
        ranking: Name,
        /// Whether it is in now.
        within: bool,
    },
    /// What a score was when it moved the contact into or out of a segment or stage; told after that.
    Scored {
        /// The score.
        score: Name,
        /// Its value.
        value: i64,
    },
    /// A call or task was left out, because nothing is left of the offer that it hands out.
    UsedUp {
        /// Where.
        place: Place,
        /// The offer.
        offer: Name,
    },
}

/// Whether an event came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrival {
    /// Nothing later had been decided.
    InTime,
    /// Something later had been decided: it acts now, and nothing is undone.
    Late,
    /// Later than the project accepts: it is counted, and starts and ends nothing.
    TooLate,
}

/// Why a run did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotEntered {
    /// A run with the same key is active.
    AlreadyInside,
    /// The journey lets a contact in once only.
    EnteredBefore,
    /// The journey lets a contact in again at this instant.
    TooSoon(Instant),
    /// This event has started a run before.
    SameEvent,
    /// The contact has as many runs of this journey as there may be.
    TooManyRuns,
    /// The contact is not a member.
    NotAMember,
    /// The journey has not started.
    NotYet,
    /// The journey has ended.
    Over,
}

/// Why a send is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hold {
    /// The step's own hours.
    Window,
    /// Quiet hours of a policy.
    QuietHours(Name),
    /// The cap of a policy.
    Cap(Name),
}

/// A message that was tried, and why it was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The channel.
    pub channel: Channel,
    /// The template.
    pub template: Name,
    /// Why it was not sent.
    pub why: Skip,
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Skip {
    /// The contact has no address there.
    NoAddress,
    /// The consent is not given.
    NoConsent(Name),
    /// The contact unsubscribed.
    Unsubscribed,
    /// The channel is suppressed.
    Suppressed,
    /// Quiet hours of a policy that says `skip`.
    QuietHours(Name),
    /// The step's hours and the quiet hours leave no time to send.
    NeverAllowed,
    /// The cap of a policy that says `skip`.
    Cap(Name),
    /// The template needs a value that this contact lacks.
    Missing(String),
    /// The channel that stands in for another has no such template.
    NoTemplate,
    /// A policy holds the contact out, to compare with.
    HeldOut(Name),
    /// It could not be sent while it was worth sending.
    Expired,
    /// Nothing is left of the offer that it carries.
    UsedUp(Name),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It took all its steps.
    Completed,
    /// It reached its goal.
    Goal,
    /// An `exit` step or rule, with its reason.
    Exited(Option<Name>),
    /// The journey was entered anew with the same key.
    Restarted,
    /// An operator ended it.
    Cancelled,
    /// The contact was erased.
    Erased,
}
