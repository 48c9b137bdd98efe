//! The counters behind reports: what happened is added up, and where contacts stand is moved from one counter to another.
//! A report therefore never scans contacts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use journey_engine::view::Membership;
use journey_engine::{Contact, End, Happening, NotEntered, Program, Skip, What};

use journey_ir::measure::{Counter, Figure};
use journey_ir::{Instant, Kpi};

use super::kpis::word;
use super::period::{date_of, day_of, zone_of};
use crate::store::TallyKey;

/// Where one contact counts, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Census(Vec<TallyKey>);

/// The counter of what happened in a journey on one day.
pub(super) fn day_key(journey: &str, what: &str, day: &str) -> TallyKey {
    key(journey, "by day", format!("{what}: {day}"))
}

/// Changes of counters.
#[derive(Debug)]
pub(super) struct Tallies {
    changes: BTreeMap<TallyKey, i64>,
    /// What KPIs count of journeys: journey and word.
    by_day: BTreeSet<(String, String)>,
    zone: TimeZone,
}

/// A counter without a version.
pub(crate) fn key(
    journey: impl Into<Arc<str>>,
    what: &'static str,
    detail: impl Into<Arc<str>>,
) -> TallyKey {
    TallyKey {
        journey: journey.into(),
        version: "".into(),
        what: Cow::Borrowed(what),
        detail: detail.into(),
    }
}

impl Census {
    /// Where a contact counts: as a contact, in its segments and stages, and at the steps where its runs stand.
    pub(super) fn of(contact: &Contact, program: &Program) -> Self {
        let mut keys = vec![key("", "contacts", "")];
        if contact.is_erased() {
            keys = vec![key("", "erased", "")];
        }
        for membership in contact.memberships(program) {
            keys.push(match membership {
                Membership::Segment(segment) => key("", "segment", segment),
                Membership::Stage { lifecycle, stage } => {
                    key("", "stage", format!("{lifecycle}: {stage}"))
                }
                Membership::Share(kpi) => key("", "share", kpi),
                Membership::Audience(audience) => key("", "audience", audience),
            });
        }
        for reached in contact.reached(program) {
            let stage = format!("{}: {}", reached.funnel, reached.stage);
            let (day, cohort) = (date_of(reached.day), date_of(reached.cohort));
            keys.push(key("", "reached", format!("{stage}: {day}")));
            keys.push(key("", "cohort", format!("{stage}: {cohort}")));
        }
        for run in contact.runs(program) {
            keys.push(TallyKey {
                journey: run.journey.unwrap_or_else(|| "?".into()),
                version: run.version.unwrap_or_default().into(),
                what: Cow::Borrowed("inside"),
                detail: run.step.unwrap_or_else(|| "".into()),
            });
        }
        keys.sort_unstable();
        Self(keys)
    }
}

impl Tallies {
    pub(super) fn new(program: &Program) -> Self {
        let counters = program.ir().kpis.iter().flat_map(counters);
        let by_day = counters.filter_map(|counter| match counter {
            Counter::Journey { journey, what } => {
                let journey = program.ir().journey(*journey)?;
                Some((journey.name.clone(), word(what).to_owned()))
            }
            _ => None,
        });
        Self {
            changes: BTreeMap::new(),
            by_day: by_day.collect(),
            zone: zone_of(program.ir()),
        }
    }

    /// A contact moved from where it counted to where it counts now.
    pub(super) fn move_contact(&mut self, from: &Census, to: &Census) {
        if from != to {
            from.0.iter().for_each(|key| self.add(key.clone(), -1));
            to.0.iter().for_each(|key| self.add(key.clone(), 1));
        }
    }

    /// Adds up what happened. Says whether the contact may count elsewhere now.
    pub(super) fn add_all(&mut self, history: &[Happening]) -> bool {
        let mut moved = false;
        for happening in history {
            moved |= moves(&happening.what);
            if let Some(key) = counted(&happening.what) {
                self.add_to_day(&key, happening.at);
                self.add(key, 1);
            }
        }
        moved
    }

    pub(super) fn add(&mut self, key: TallyKey, n: i64) {
        *self.changes.entry(key).or_default() += n;
    }

    /// Counts by day what a KPI asks for.
    fn add_to_day(&mut self, key: &TallyKey, at: Instant) {
        if self.by_day.is_empty() {
            return;
        }
        let word = match &*key.what {
            "exited" => &*key.detail,
            what => what,
        };
        let asked = (key.journey.to_string(), word.to_owned());
        if self.by_day.contains(&asked) {
            let day = day_of(at, &self.zone).to_string();
            self.add(day_key(&key.journey, word, &day), 1);
        }
    }

    /// The changes, without those that cancelled out.
    pub(super) fn into_changes(self) -> BTreeMap<TallyKey, i64> {
        let mut changes = self.changes;
        changes.retain(|_, n| *n != 0);
        changes
    }
}

fn counters(kpi: &Kpi) -> Vec<&Counter> {
    match &kpi.measure {
        Figure::Ratio { part, whole } => vec![part, whole],
        Figure::Share(_) => Vec::new(),
    }
}

/// Whether after this the contact may be in other segments, stages or steps.
const fn moves(what: &What) -> bool {
    !matches!(
        what,
        What::Received { .. }
            | What::Changed { .. }
            | What::Agreed { .. }
            | What::NotEntered { .. }
            | What::Tagged { .. }
            | What::LateAfterTimeout { .. }
    )
}

/// The counter that something adds to.
fn counted(what: &What) -> Option<TallyKey> {
    Some(match what {
        What::Entered { journey, .. } => key(journey.clone(), "entered", ""),
        What::NotEntered { journey, why } => key(journey.clone(), "not entered", not_entered(*why)),
        What::Goal { journey, .. } => key(journey.clone(), "goal", ""),
        What::Ended { journey, how, .. } => {
            let (what, detail) = ended(how);
            key(journey.clone(), what, detail)
        }
        What::Sent {
            place,
            channel,
            template,
        } => key(
            place.journey.clone(),
            "sent",
            format!("{channel} {template}"),
        ),
        What::Skipped { place, tried } => {
            let detail = tried.first().map_or_else(String::new, |first| {
                format!(
                    "{} {}: {}",
                    first.channel,
                    first.template,
                    skipped(&first.why)
                )
            });
            key(place.journey.clone(), "skipped", detail)
        }
        What::Called { place, action } => key(place.journey.clone(), "called", action.as_str()),
        What::Assigned { place, to } => key(place.journey.clone(), "assigned", to.as_str()),
        What::Allotted {
            place,
            experiment,
            arm,
        } => key(
            place.journey.clone(),
            "allotted",
            format!("{experiment}: {arm}"),
        ),
        What::Succeeded {
            journey,
            experiment,
            arm,
            ..
        } => key(journey.clone(), "succeeded", format!("{experiment}: {arm}")),
        What::Drew {
            place, draw, prize, ..
        } => key(place.journey.clone(), "drew", format!("{draw}: {prize}")),
        What::Moved { journey, .. } => key(journey.clone(), "moved", ""),
        What::NotMoved { journey, .. } => key(journey.clone(), "not moved", ""),
        _ => return None,
    })
}

const fn not_entered(why: NotEntered) -> &'static str {
    match why {
        NotEntered::AlreadyInside => "already inside",
        NotEntered::EnteredBefore => "entered before",
        NotEntered::TooSoon(_) => "too soon",
        NotEntered::SameEvent => "same event",
        NotEntered::TooManyRuns => "too many runs",
        NotEntered::NotAMember => "not a member",
        NotEntered::NotYet => "not yet",
        NotEntered::Over => "over",
    }
}

fn ended(how: &End) -> (&'static str, Arc<str>) {
    match how {
        End::Completed => ("completed", "".into()),
        End::Goal => ("left at goal", "".into()),
        End::Exited(reason) => ("exited", reason.clone().unwrap_or_else(|| "".into())),
        End::Restarted => ("exited", "restarted".into()),
        End::Cancelled => ("exited", "cancelled".into()),
        End::Erased => ("exited", "erased".into()),
    }
}

const fn skipped(why: &Skip) -> &'static str {
    match why {
        Skip::NoAddress => "no address",
        Skip::NoConsent(_) => "no consent",
        Skip::Unsubscribed => "unsubscribed",
        Skip::Suppressed => "suppressed",
        Skip::QuietHours(_) => "quiet hours",
        Skip::NeverAllowed => "never allowed",
        Skip::Cap(_) => "cap",
        Skip::Missing(_) => "missing value",
        Skip::NoTemplate => "no template",
        Skip::HeldOut(_) => "held out",
        Skip::Expired => "expired",
        Skip::UsedUp(_) => "used up",
    }
}
