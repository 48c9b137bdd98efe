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
}
