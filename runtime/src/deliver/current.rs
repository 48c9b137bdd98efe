//! The courier of the moment. Workers ask it for every effect, so that a change of the program takes effect between two
//! of them.

use std::sync::{Arc, PoisonError, RwLock};

use super::courier::Courier;
use super::outbox::Claimed;
use super::retry::Terms;
use super::worker::{Carrier, Carrying};

/// A courier that can be exchanged while workers use it.
#[derive(Debug)]
pub struct Current(RwLock<Arc<Courier>>);

impl Current {
    /// Begins with this one.
    #[must_use]
    pub fn new(courier: Courier) -> Self {
        Self(RwLock::new(Arc::new(courier)))
    }

    /// The courier that carries what is claimed from now on.
    #[must_use]
    pub fn courier(&self) -> Arc<Courier> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in its place, and gives back the one that was. It finishes what it has begun.
    pub fn put(&self, courier: Courier) -> Arc<Courier> {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, Arc::new(courier))
    }
}

impl Carrier for Current {
    fn terms(&self, claimed: &Claimed) -> Terms {
        self.courier().terms(claimed)
    }

    fn carry(&self, claimed: Claimed) -> Carrying {
        self.courier().carry(claimed)
    }
}
