//! Scores: points for what a contact did, which may lose half of their worth again and again.

use serde::{Deserialize, Serialize};

use crate::index::AggregateIx;

/// The most points that one event may give or take.
pub const MOST_POINTS: i64 = 1_000_000;

/// A score. Its value is a whole number: the sum of the points, each worth half as much after every half-life of its
/// aggregate; what is left of a point is dropped, and the rest is shown between two bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What gives and takes points. All lines keep counts, or all keep halving counts of one half-life.
    pub lines: Vec<ScoreLine>,
    /// The least and the greatest value that is read. It bounds what is read, never what is kept.
    pub shown: Option<(i64, i64)>,
}

/// `+10 when visit where (page starts with "/pricing")`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreLine {
    /// The points of one event, within plus and minus [`MOST_POINTS`], not 0.
    pub points: i64,
    /// A `Count` or `Halving` aggregate of the events.
    pub aggregate: AggregateIx,
}
