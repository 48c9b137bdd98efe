//! The counters behind reports: what happened is added up, and where contacts stand is moved from one counter to another.
//! A report therefore never scans contacts.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use journey_engine::standing::Named;
use journey_engine::view::Membership;
use journey_engine::{Contact, End, Happening, NotEntered, Program, Skip, Standing, What};

use journey_ir::measure::{Counter, Figure};
use journey_ir::{Instant, Kpi};

use super::kpis::word;
use super::period::{date_of, day_of, zone_of};
use crate::store::TallyKey;

/// Where one contact counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Census {
    /// Under the program that decides.
    Here(Vec<Standing>),
    /// Under the program before it.
    Before(Vec<TallyKey>),
}

impl Default for Census {
    /// Nowhere.
    fn default() -> Self {
        Self::Here(Vec::new())
    }
}

/// The counter of what happened in a journey on one day.
pub(super) fn day_key(journey: &str, what: &str, day: &str) -> TallyKey {
    key(journey, "by day", format!("{what}: {day}"))
}

/// Changes of counters.
#[derive(Debug)]
pub(super) struct Tallies<'a> {
    program: &'a Program,
    changes: BTreeMap<TallyKey, i64>,
    /// How many contacts more stand at a place, under the program at hand.
    moved: BTreeMap<Standing, i64>,
    /// The programs that decided after the one whose decisions are added up: what happens in its journeys counts under
    /// the names they have today.
    later: Vec<&'a Program>,
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
        version: Arc::default(),
        what: Cow::Borrowed(what),
        detail: detail.into(),
    }
}

impl Census {
    /// Where a contact counts: as a contact, in its segments and stages, and at the steps where its runs stand.
    pub(super) fn of(contact: &Contact, program: &Program) -> Self {
        Self::Here(contact.stands(program))
    }

    /// The same by names, of the program that decided so far.
    pub(super) fn named(&self, program: &Program) -> Self {
        Self::Before(self.keys(program))
    }

    /// The counters.
    pub(super) fn keys(&self, program: &Program) -> Vec<TallyKey> {
        match self {
            Self::Here(all) => all
                .iter()
                .flat_map(|one| keys_of(one.named(program)))
                .collect(),
            Self::Before(keys) => keys.clone(),
        }
    }
}

fn keys_of(named: Named) -> Vec<TallyKey> {
    let one = match named {
        Named::Contact => key("", "contacts", ""),
        Named::Erased => key("", "erased", ""),
        Named::Member(Membership::Segment(segment)) => key("", "segment", segment),
        Named::Member(Membership::Stage { lifecycle, stage }) => {
            key("", "stage", format!("{lifecycle}: {stage}"))
        }
        Named::Member(Membership::Share(kpi)) => key("", "share", kpi),
        Named::Member(Membership::Audience(audience)) => key("", "audience", audience),
        Named::Reached {
            funnel,
            stage,
            day,
            cohort,
        } => {
            let stage = format!("{funnel}: {stage}");
            let (day, cohort) = (date_of(day), date_of(cohort));
            return vec![
                key("", "reached", format!("{stage}: {day}")),
                key("", "cohort", format!("{stage}: {cohort}")),
            ];
        }
        Named::Inside {
            journey,
            version,
            step,
        } => TallyKey {
            journey: journey.unwrap_or_else(|| "?".into()),
            version: version.unwrap_or_default().into(),
            what: Cow::Borrowed("inside"),
            detail: step.unwrap_or_else(|| "".into()),
        },
    };
    vec![one]
}

impl<'a> Tallies<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        let counters = program.ir().kpis.iter().flat_map(counters);
        let by_day = counters.filter_map(|counter| match counter {
            Counter::Journey { journey, what } => {
                let journey = program.ir().journey(*journey)?;
                Some((journey.name.clone(), word(what).to_owned()))
            }
            _ => None,
        });
        Self {
            program,
            changes: BTreeMap::new(),
            moved: BTreeMap::new(),
            later: Vec::new(),
            by_day: by_day.collect(),
            zone: zone_of(program.ir()),
        }
    }

    /// A contact moved from where it counted to where it counts now.
    pub(super) fn move_contact(&mut self, from: &Census, to: &Census) {
        if from == to {
            return;
        }
        for (census, n) in [(from, -1), (to, 1)] {
            match census {
                Census::Here(all) => {
                    for one in all {
                        *self.moved.entry(*one).or_default() += n;
                    }
                }
                Census::Before(keys) => keys.iter().for_each(|key| self.add(key.clone(), n)),
            }
        }
    }

    /// Another program decides from now on, whose journeys `later` ones may have renamed.
    pub(super) fn under(&mut self, program: &'a Program, later: Vec<&'a Program>) {
        self.name_places();
        self.program = program;
        self.later = later;
    }

    /// Counts by name where contacts are more or fewer. Where as many left as came, nothing is named.
    fn name_places(&mut self) {
        let moved = std::mem::take(&mut self.moved).into_iter();
        for (one, n) in moved.filter(|(_, n)| *n != 0) {
            for key in keys_of(one.named(self.program)) {
                self.add(key, n);
            }
        }
    }

    /// Adds up what happened. Says whether the contact may count elsewhere now.
    pub(super) fn add_all(&mut self, history: &[Happening]) -> bool {
        let mut moved = false;
        for happening in history {
            moved |= moves(&happening.what);
            if let Some(key) = counted(&happening.what).map(|key| self.named_today(key)) {
                self.add_to_day(&key, happening.at);
                self.add(key, 1);
            }
        }
        moved
    }

    fn named_today(&self, mut key: TallyKey) -> TallyKey {
        for program in &self.later {
            let name = program.ir().now_called(&key.journey);
            if *name != *key.journey {
                key.journey = name.into();
            }
        }
        key
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
    pub(super) fn into_changes(mut self) -> BTreeMap<TallyKey, i64> {
        self.name_places();
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
        What::Entered { journey, .. } => key(journey.clone(), "entered", Arc::default()),
        What::NotEntered { journey, why } => key(journey.clone(), "not entered", not_entered(*why)),
        What::Goal { journey, .. } => key(journey.clone(), "goal", Arc::default()),
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
        What::Moved { journey, .. } => key(journey.clone(), "moved", Arc::default()),
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
