//! Segments (overlapping sets) and lifecycles (one stage per contact at a time).

use serde::{Deserialize, Serialize};

use crate::index::ConditionIx;

/// A set of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Who is in it.
    pub condition: ConditionIx,
}

/// An exclusive, exhaustive, ordered classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Its stages in written order. A contact is in the first whose condition holds; the last always does.
    pub stages: Vec<Stage>,
}

/// One stage of a lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Who is in it, if in no earlier one.
    pub when: ConditionIx,
}
