//! Policies: how often and when people may be written to.

use serde::{Deserialize, Serialize};

use crate::index::ConsentIx;
use crate::message::{Channel, Purpose};
use crate::time::{Clock, Span};

/// A named list of rules; all rules of all policies hold for every send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// Its rules, in written order.
    pub rules: Vec<PolicyRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyRule {
    /// `at most 3 advertising messages per 1 week, then skip`: over the sends in (t − per, t].
    Cap {
        /// How many.
        at_most: u32,
        /// Which messages count and are held back; `None` means all.
        purpose: Option<Purpose>,
        /// In how long.
        per: Span,
        /// What happens to one more.
        then: Then,
    },
    /// `no advertising messages from 21:00 to 08:00 except email, then wait`: [from, to) in the contact's zone.
    Quiet {
        /// Which messages; `None` means all.
        purpose: Option<Purpose>,
        /// The first minute of silence.
        from: Clock,
        /// The first minute after it. At or before `from` it lies on the next day.
        to: Clock,
        /// Channels that stay open.
        except: Vec<Channel>,
        /// Consents that free whoever gave them by the message's channel: `except email, night`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unless: Vec<ConsentIx>,
        /// What happens to a message that would fall into it.
        then: Then,
    },
    /// `hold out 5% of people from advertising messages`: by a hash of the policy's name and the contact.
    HoldOut {
        /// The share of people in hundredths of a percent.
        share: u32,
        /// Which messages; `None` means all.
        purpose: Option<Purpose>,
    },
}

/// What happens to a message that a rule holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// It is not sent, and the run goes on.
    Skip,
    /// The run waits at this step until the rule allows it.
    Wait,
}
