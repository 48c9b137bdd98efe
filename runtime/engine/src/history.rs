//! What happened to a contact, and why: the record that answers every "why did I get this mail?". A happening carries
//! names, not positions, so that it can be read long after the program that wrote it is gone.

use std::fmt;

use jiff::tz::TimeZone;
use journey_ir::{Channel, Instant};
use serde::{Deserialize, Serialize};

use crate::effect::RunId;
use crate::event::EventId;
use crate::program::Name;

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

impl What {
    /// The sentence for it in plain English, with times in UTC.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// The same sentence with times as clocks in `zone` show them.
    #[must_use]
    pub fn sentence_in(&self, zone: &TimeZone) -> String {
        let mut text = String::new();
        // Writing into a `String` never fails.
        let _ = self.write(&mut text, &|at| local(at, zone));
        text
    }

    fn write(&self, f: &mut dyn fmt::Write, time: &dyn Fn(Instant) -> String) -> fmt::Result {
        match self {
            Self::Received { event, mark, .. } => write!(f, "{event} happened{mark}"),
            Self::Changed { attribute } => write!(f, "{attribute} changed"),
            Self::Agreed {
                consent,
                channel,
                given,
            } => {
                let verb = if *given { "agreed to" } else { "withdrew" };
                write!(f, "{verb} {consent}{}", By(*channel))
            }
            Self::Unsubscribed { channel } => {
                write!(f, "unsubscribed from advertising{}", By(*channel))
            }
            Self::Suppressed { channel, reason } => {
                write!(f, "{channel} is not used any more: {reason}")
            }
            Self::Erased => f.write_str("the contact's data was erased"),
            Self::Ignored => f.write_str("passed over: the contact's data was erased earlier"),
            Self::Recounted => {
                f.write_str("memberships were worked out anew for a changed program")
            }
            Self::Joined { segment } => write!(f, "joined {segment}"),
            Self::Left { segment } => write!(f, "left {segment}"),
            Self::Became { lifecycle, stage } => write!(f, "{lifecycle} became {stage}"),
            Self::Entered { journey, run } => write!(f, "entered {journey} ({run})"),
            Self::NotEntered {
                journey,
                why: NotEntered::TooSoon(from),
            } => {
                let from = time(*from);
                write!(
                    f,
                    "did not enter {journey}: entered before, and may enter again from {from}"
                )
            }
            Self::NotEntered { journey, why } => write!(f, "did not enter {journey}: {why}"),
            Self::PassedOver { journey } => {
                write!(
                    f,
                    "{journey}: occurrences that lie far back were passed over"
                )
            }
            Self::Waiting { place, until } => write!(f, "{place}: waits until {}", time(*until)),
            Self::Held { place, until, why } => {
                write!(f, "{place}: held back until {} by {why}", time(*until))
            }
            Self::Sent {
                place,
                channel,
                template,
            } => write!(f, "{place}: {channel} {template} handed over"),
            Self::Skipped { place, tried } => {
                write!(f, "{place}: nothing sent")?;
                tried
                    .iter()
                    .try_for_each(|it| write!(f, "; {} {}: {}", it.channel, it.template, it.why))
            }
            Self::Called { place, action } => write!(f, "{place}: called {action}"),
            Self::NotCalled { place, missing } => {
                write!(f, "{place}: not called, `{missing}` has no value")
            }
            Self::Assigned { place, to } => write!(f, "{place}: task for {to}"),
            Self::Allotted {
                place,
                experiment,
                arm,
            } => write!(f, "{place}: {arm} of {experiment}"),
            Self::Answered { place, by } => write!(f, "{place}: {by} came in time"),
            Self::TimedOut { place } => write!(f, "{place}: nothing came in time"),
            Self::LateAfterTimeout { place, by } => {
                write!(
                    f,
                    "{place}: {by} was in time but heard of too late; nothing is undone"
                )
            }
            Self::Set { place, attribute } => write!(f, "{place}: set {attribute}"),
            Self::Tagged { place, tag, added } => {
                let verb = if *added { "added" } else { "removed" };
                write!(f, "{place}: {verb} the tag {tag}")
            }
            Self::Goal {
                journey,
                run,
                after_end,
            } => {
                let when = if *after_end {
                    ", after the run had ended"
                } else {
                    ""
                };
                write!(f, "reached the goal of {journey} ({run}){when}")
            }
            Self::Ended { journey, run, how } => write!(f, "{journey} ({run}) {how}"),
            Self::Stopped { place } => {
                write!(
                    f,
                    "{place}: stopped for good after more steps than any journey needs"
                )
            }
            Self::Stranded { journey, run } => {
                let journey = journey.as_deref().unwrap_or("a journey that is gone");
                write!(
                    f,
                    "{journey} ({run}) stays where it is: its version is not loaded"
                )
            }
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &|at| Time(at).to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at `{}`", self.journey, self.run, self.step)
    }
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InTime => "",
            Self::Late => " (heard of late)",
            Self::TooLate => " (heard of too late to start or end anything)",
        })
    }
}

impl fmt::Display for NotEntered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInside => f.write_str("already inside"),
            Self::EnteredBefore => f.write_str("entered before, and a contact enters once only"),
            Self::TooSoon(from) => write!(
                f,
                "entered before, and may enter again from {}",
                Time(*from)
            ),
            Self::SameEvent => f.write_str("the same event has started a run already"),
            Self::TooManyRuns => f.write_str("too many runs at a time"),
            Self::NotAMember => f.write_str("not a member"),
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window => f.write_str("the step's own hours"),
            Self::QuietHours(policy) => write!(f, "the quiet hours of {policy}"),
            Self::Cap(policy) => write!(f, "the cap of {policy}"),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("no address"),
            Self::NoConsent(consent) => write!(f, "no consent to {consent}"),
            Self::Unsubscribed => f.write_str("unsubscribed"),
            Self::Suppressed => f.write_str("the channel is not used any more for this contact"),
            Self::QuietHours(policy) => write!(f, "the quiet hours of {policy}"),
            Self::NeverAllowed => f.write_str("hours and policies leave no time to send it"),
            Self::Cap(policy) => write!(f, "the cap of {policy}"),
            Self::Missing(name) => write!(f, "`{name}` has no value"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("took all its steps"),
            Self::Goal => f.write_str("ended at its goal"),
            Self::Exited(None) => f.write_str("exited"),
            Self::Exited(Some(reason)) => write!(f, "exited as {reason}"),
            Self::Restarted => f.write_str("was started anew"),
            Self::Cancelled => f.write_str("was cancelled"),
            Self::Erased => f.write_str("ended with the contact's data"),
        }
    }
}

/// `2026-03-02 14:10` on the clocks of a zone.
fn local(at: Instant, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(
        |_| "further notice".to_owned(),
        |at| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

/// ` by sms`, or nothing for all channels.
struct By(Option<Channel>);

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |channel| write!(f, " by {channel}"))
    }
}

/// An instant as people and machines read it, in UTC.
struct Time(Instant);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => f.write_str("further notice"),
        }
    }
}
