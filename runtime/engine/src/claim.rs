//! What people compete for: prizes of which there are only so many, offers with a limit. A contact does not know what
//! others got, so a run that comes to one claims it and waits. Whoever keeps count answers with
//! [`crate::Item::Granted`]: in the daemon the one writer of the store, in the order of its decisions.

use std::collections::BTreeMap;

use journey_ir::{Expression, OfferIx, StepKind};

use crate::effect::RunId;
use crate::program::Program;

/// A claim of a run, which waits until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: RunId,
    /// What is claimed.
    pub what: Claimed,
    /// What must be left of each for the claim to be granted.
    pub limits: Vec<Limit>,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claimed {
    /// A prize of a draw.
    Prize {
        /// The draw.
        draw: String,
        /// The prize.
        prize: String,
    },
    /// The offers that one step hands out together: all or none.
    Offers(Vec<String>),
}

/// Something of which there is only so much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Under which name it is counted, the same for ever.
    pub name: String,
    /// How much one claim takes.
    pub takes: u64,
    /// How much there is in all.
    pub of: u64,
}

impl Claimed {
    /// The name by which the answer says what it answers: the prize, or the first offer.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Prize { prize, .. } => prize,
            Self::Offers(offers) => offers.first().map_or("", String::as_str),
        }
    }
}

impl Claim {
    /// Grants the claim where enough is left of everything, and counts it then. `taken` says how much of each limit was
    /// taken before; what is not in it was never taken.
    pub fn grant(&self, taken: &mut BTreeMap<String, u64>) -> bool {
        let before = |limit: &Limit| taken.get(&limit.name).copied().unwrap_or(0);
        let fits = |limit: &Limit| before(limit).saturating_add(limit.takes) <= limit.of;
        let granted = self.limits.iter().all(fits);
        for limit in self.limits.iter().filter(|_| granted) {
            let of = taken.entry(limit.name.clone()).or_default();
            *of = of.saturating_add(limit.takes);
        }
        granted
    }
}

impl Program {
    /// Whether some step claims what others may have taken, so that it matters who comes first.
    #[must_use]
    pub fn has_claims(&self) -> bool {
        let mut steps = self.ir().journeys.iter().flat_map(|it| &it.steps);
        steps.any(|step| match &step.kind {
            StepKind::Draw { arms, .. } => arms.iter().any(|arm| arm.stock.is_some()),
            StepKind::Send { args, .. }
            | StepKind::Do { args, .. }
            | StepKind::Assign { args, .. } => args.iter().any(|arg| match arg.value {
                Expression::Offer(offer) => !self.limits(offer).is_empty(),
                Expression::Value(_) | Expression::Source(_) => false,
            }),
            _ => false,
        })
    }

    /// What an issue of an offer takes from; nothing where there is any number of it.
    pub(crate) fn limits(&self, offer: OfferIx) -> Vec<Limit> {
        let Some(offer) = self.ir().offer(offer) else {
            return Vec::new();
        };
        let number = offer.stock.map(|stock| Limit {
            name: format!("issued {}", offer.name),
            takes: 1,
            of: u64::from(stock),
        });
        let amount = offer.budget.map(|budget| Limit {
            name: format!("spent {} {}", offer.name, budget.currency.code()),
            // What an issue costs is known of every offer with a budget; otherwise it takes all.
            takes: u64::try_from(offer.cost().unwrap_or(budget).minor).unwrap_or(u64::MAX),
            of: u64::try_from(budget.minor).unwrap_or(0),
        });
        number.into_iter().chain(amount).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(limits: &[(&str, u64, u64)]) -> Claim {
        let limits = limits.iter().map(|&(name, takes, of)| Limit {
            name: name.into(),
            takes,
            of,
        });
        Claim {
            run: RunId(1),
            what: Claimed::Offers(vec!["a".into()]),
            limits: limits.collect(),
        }
    }

    #[test]
    fn a_claim_is_granted_while_enough_is_left_of_everything() {
        let mut taken = BTreeMap::new();
        let both = claim(&[("issued a", 1, 5), ("spent a KRW", 3_000, 10_000)]);
        let granted: Vec<bool> = (0..5).map(|_| both.grant(&mut taken)).collect();
        assert_eq!(granted, [true, true, true, false, false]);
        assert_eq!(taken["issued a"], 3, "what is refused takes nothing");
        let smaller = claim(&[("spent a KRW", 1_000, 10_000)]);
        assert!(smaller.grant(&mut taken), "a smaller one still fits");
        assert!(!smaller.grant(&mut taken));
    }
}
