//! What is measured of many contacts together: funnels, KPIs, and the audiences that advertising networks are told of.

use serde::{Deserialize, Serialize};

use crate::condition::{Measure, Source, Window};
use crate::index::{
    AggregateIx, AttributeIx, ConditionIx, ConsentIx, FunnelIx, JourneyIx, LifecycleIx, SegmentIx,
    StageIx,
};
use crate::time::{Clock, Date, Span};
use crate::value::Decimal;

/// Stages that contacts reach one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Its stages in order.
    pub stages: Vec<FunnelStage>,
}

/// One stage of a funnel. It is reached by the first event, not before the stage above was reached, with which `n`
/// events have happened since the first stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelStage {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// A `First` or `Oldest` aggregate of the events that count.
    pub aggregate: AggregateIx,
    /// How many of them, from 1.
    pub n: u32,
    /// How long after the first stage, its end included; for ever where `None`.
    pub within: Option<Span>,
}

/// A figure that is worked out at the end of each period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kpi {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What it measures.
    pub measure: Figure,
    /// How often.
    pub every: Period,
    /// What is to be reached.
    pub target: Option<Target>,
    /// Whom to tell when it goes wrong.
    pub alert: Option<Alert>,
}

/// What a KPI measures; the result is a share in percent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// `활성화 / 획득`.
    Ratio {
        /// The part.
        part: Counter,
        /// The whole.
        whole: Counter,
    },
    /// The share of all contacts for whom a condition holds.
    Share(ConditionIx),
}

/// Something that is counted. Events are counted by the period they happened in, sizes are those at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// People who reached a stage of a funnel.
    Reached {
        /// The funnel.
        funnel: FunnelIx,
        /// The position of the stage.
        stage: u32,
    },
    /// What happened in a journey.
    Journey {
        /// The journey.
        journey: JourneyIx,
        /// What.
        what: JourneyCount,
    },
    /// People in a segment.
    Segment(SegmentIx),
    /// People in a stage of a lifecycle.
    Stage {
        /// The lifecycle.
        lifecycle: LifecycleIx,
        /// The stage.
        stage: StageIx,
    },
    /// People in an audience.
    Audience(String),
}

/// What is counted of a journey.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JourneyCount {
    /// Runs that started.
    Entered,
    /// Runs whose goal was reached.
    Goal,
    /// Runs that took all their steps.
    Completed,
    /// Messages handed over for sending.
    Sent,
    /// Runs that ended with this reason.
    Exited(String),
}

/// How often a KPI is worked out, in the project's zone. A week ends on Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
}

/// What a KPI is to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What is asked of it.
    pub test: Threshold,
    /// By when; from the beginning where `None`.
    pub by: Option<Date>,
}

/// Whom to tell when a KPI goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The connector.
    pub connector: String,
    /// Its action.
    pub action: String,
    /// When.
    pub when: Threshold,
}

/// What is asked of a share, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// `under 20%`.
    Under(Decimal),
    /// `at most 20%`.
    AtMost(Decimal),
    /// `over 20%`.
    Over(Decimal),
    /// `at least 20%`.
    AtLeast(Decimal),
    /// `between 20% and 30%`, both included.
    Between(Decimal, Decimal),
}

impl Threshold {
    /// Whether `part` of `whole` satisfies it, without rounding. `None` where there is no whole.
    #[must_use]
    pub fn holds(self, part: i64, whole: i64) -> Option<bool> {
        if whole <= 0 {
            return None;
        }
        // part / whole ⋚ percent / 100, in millionths of a percent and without division.
        let share = i128::from(part) * 100 * i128::from(Decimal::ONE);
        let bound = |percent: Decimal| i128::from(percent.0) * i128::from(whole);
        Some(match self {
            Self::Under(x) => share < bound(x),
            Self::AtMost(x) => share <= bound(x),
            Self::Over(x) => share > bound(x),
            Self::AtLeast(x) => share >= bound(x),
            Self::Between(low, high) => (bound(low)..=bound(high)).contains(&share),
        })
    }
}

/// People whom advertising networks are told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Who belongs to it, if the consents are given.
    pub people: ConditionIx,
    /// The networks, by their names in the project's settings.
    pub sync: Vec<String>,
    /// The consents it needs, given for receivers that are no channel.
    pub consents: Vec<ConsentIx>,
    /// By which attributes a network recognises people.
    pub match_by: Vec<AttributeIx>,
    /// After how long in it a contact is taken out, until the condition has stopped to hold once.
    pub keep: Option<Span>,
}

/// `top 10% by total of purchase.total`, `ranked daily at 04:00`: all people side by side. Who is in is decided once a
/// day and stays so until the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// Its stable name: that of the audience, with a number where that has several.
    pub name: String,
    /// What people are ranked by, largest first. Who has no such value is not ranked.
    pub by: RankedBy,
    /// Of ten thousand ranked people, how many are in; a part of a person counts as one. Whoever has as much as the
    /// last of them is in too.
    pub share: u32,
    /// When it is worked out, in the project's zone.
    pub at: Clock,
}

/// What people are ranked by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankedBy {
    /// An amount over past events, as [`crate::Atom::Amount`] measures it.
    Amount {
        /// The aggregate.
        aggregate: AggregateIx,
        /// What is measured.
        measure: Measure,
        /// The window.
        window: Window,
    },
    /// An attribute or a score.
    Value(Source),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_compared_without_rounding() {
        let third = Threshold::AtLeast(Decimal(33_333_333));
        assert_eq!(third.holds(1, 3), Some(true));
        assert_eq!(
            Threshold::AtLeast(Decimal(33_333_334)).holds(1, 3),
            Some(false)
        );
        let quarter = Decimal::whole(25).unwrap();
        assert_eq!(Threshold::Under(quarter).holds(1, 4), Some(false));
        assert_eq!(Threshold::AtMost(quarter).holds(1, 4), Some(true));
        assert_eq!(Threshold::Over(quarter).holds(1, 0), None);
    }
}
