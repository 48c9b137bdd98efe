//! Happenings in plain English.

use std::fmt;

use jiff::tz::TimeZone;
use journey_ir::{Channel, Instant};

use super::{Arrival, End, Hold, NotEntered, Place, Skip, What};

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
            Self::Scored { score, value } => write!(f, "{score} is {value}"),
            Self::UsedUp { place, offer } => {
                write!(f, "{place}: left out, the offer {offer} is used up")
            }
            Self::NotCalled { place, missing } => {
                write!(f, "{place}: not called, `{missing}` has no value")
            }
            Self::Assigned { place, to } => write!(f, "{place}: task for {to}"),
            Self::Allotted {
                place,
                experiment,
                arm,
            } => write!(f, "{place}: {arm} of {experiment}"),
            Self::Succeeded {
                journey,
                run,
                experiment,
                arm,
            } => write!(f, "{journey} ({run}): a success of {arm} of {experiment}"),
            Self::Claimed { place, prize } => write!(f, "{place}: claimed {prize}, if any is left"),
            Self::Drew {
                place,
                draw,
                prize,
                refused,
            } => {
                let why = if *refused {
                    ", because no other was left"
                } else {
                    ""
                };
                write!(f, "{place}: {prize} of {draw}{why}")
            }
            Self::Replied {
                place,
                attribute,
                clear: true,
            } => write!(f, "{place}: a reply for {attribute}"),
            Self::Replied {
                place,
                attribute,
                clear: false,
            } => write!(f, "{place}: a reply that could not be read as {attribute}"),
            Self::Moved { journey, run } => {
                write!(f, "{journey} ({run}) goes on in its new version")
            }
            Self::NotMoved { journey, run } => write!(
                f,
                "{journey} ({run}) stays on the version it started on: its place in the new one is not known"
            ),
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
            Self::Reached { funnel, stage, at } => {
                write!(f, "reached {stage} of {funnel} at {}", time(*at))
            }
            Self::Counted { kpi, holds: true } => write!(f, "counts for {kpi}"),
            Self::Counted { kpi, holds: false } => write!(f, "does not count for {kpi} any more"),
            Self::Listed {
                audience,
                joined: true,
            } => write!(f, "advertising networks are told to add it to {audience}"),
            Self::Listed {
                audience,
                joined: false,
            } => write!(
                f,
                "advertising networks are told to take it out of {audience}"
            ),
            Self::Ranked {
                ranking,
                within: true,
            } => write!(f, "is among the top of {ranking}"),
            Self::Ranked {
                ranking,
                within: false,
            } => write!(f, "is not among the top of {ranking} any more"),
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
            Self::NotYet => f.write_str("it has not started"),
            Self::Over => f.write_str("it has ended"),
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
            Self::NoTemplate => f.write_str("the other channel has no such template"),
            Self::Missing(name) => write!(f, "`{name}` has no value"),
            Self::HeldOut(policy) => write!(f, "held out by {policy}"),
            Self::Expired => f.write_str("expired: it could not be sent in time"),
            Self::UsedUp(offer) => write!(f, "the offer {offer} is used up"),
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
