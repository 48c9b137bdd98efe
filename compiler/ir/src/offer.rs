//! Offers: what a coupon is worth and for how long.

use serde::{Deserialize, Serialize};

use crate::time::Span;
use crate::value::{Decimal, Money};

/// One offer. It is issued to a contact by the first message that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its stable name.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// What it gives.
    pub benefit: Option<Benefit>,
    /// For how long from its issue; for ever where `None`.
    pub valid: Option<Span>,
    /// Whether a contact gets it once only; a later message then carries the one already issued.
    pub once_per_contact: bool,
    /// The smallest order it applies to.
    pub minimum: Option<Money>,
    /// The most that a percentage takes off.
    #[serde(default)]
    pub most_off: Option<Money>,
    /// What one of it counts in the budget, where that is written.
    #[serde(default)]
    pub worth: Option<Money>,
    /// How many are issued in all.
    #[serde(default)]
    pub stock: Option<u32>,
    /// What all that are issued may cost together, in the currency of their cost.
    #[serde(default)]
    pub budget: Option<Money>,
}

impl Offer {
    /// What one of it counts in the budget: what it is said to be worth, else the most that it takes off. `None` where
    /// that is not known.
    #[must_use]
    pub const fn cost(&self) -> Option<Money> {
        match (self.worth, &self.benefit) {
            (Some(worth), _) => Some(worth),
            (None, Some(Benefit::Amount(amount))) => Some(*amount),
            (None, _) => self.most_off,
        }
    }
}

/// What an offer gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// A share of the price, in percent.
    Percent(Decimal),
    /// An amount off the price.
    Amount(Money),
    /// Free shipping.
    FreeShipping,
    /// Points of the shop's own.
    Points(u32),
    /// Entries in a draw: how many lots it is worth.
    DrawEntries(u32),
}
