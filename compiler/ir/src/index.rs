//! Positions in the program's tables, one type per table, so that a position of one is never used in another.

use serde::{Deserialize, Serialize};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position as a slice index.
            #[must_use]
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A contact attribute, in `schema.attributes`.
    AttributeIx;
    /// An event type, in `schema.events`.
    EventIx;
    /// A field of one event type, in `event.fields`.
    FieldIx;
    /// A consent, in `schema.consents`.
    ConsentIx;
    /// An aggregate, in `program.aggregates`.
    AggregateIx;
    /// An atom, in `program.atoms`.
    AtomIx;
    /// A condition, in `program.conditions`.
    ConditionIx;
    /// A segment, in `program.segments`.
    SegmentIx;
    /// A lifecycle, in `program.lifecycles`.
    LifecycleIx;
    /// A stage of one lifecycle, in `lifecycle.stages`.
    StageIx;
    /// An offer, in `program.offers`.
    OfferIx;
    /// A message, in `program.messages`.
    MessageIx;
    /// A journey, in `program.journeys`.
    JourneyIx;
    /// A step of one journey, in `journey.steps`.
    StepIx;
    /// A register of one journey, in `journey.registers`.
    RegisterIx;
    /// A score, in `program.scores`.
    ScoreIx;
    /// Opening hours, in `project.hours`.
    HoursIx;
    /// A funnel, in `program.funnels`.
    FunnelIx;
    /// A KPI, in `program.kpis`.
    KpiIx;
    /// An audience, in `program.audiences`.
    AudienceIx;
    /// A ranking, in `program.rankings`.
    RankingIx;
}
