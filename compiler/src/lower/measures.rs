//! What is measured: funnels, then audiences, then the KPIs, which count both.

mod audiences;
mod counters;
mod error;
mod funnels;
mod kpis;

use super::Lowering;

impl Lowering<'_> {
    /// Lowers everything that is measured. Journeys come before, for KPIs count what happens in them.
    pub(super) fn measures(&mut self) {
        self.funnels();
        self.audiences();
        self.kpis();
    }
}
