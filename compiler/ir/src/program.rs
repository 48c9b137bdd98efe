//! The whole program: every table, its canonical JSON and its hash.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::condition::{Atom, Condition};
use crate::index::{
    AggregateIx, AtomIx, AttributeIx, AudienceIx, ConditionIx, ConsentIx, EventIx, FieldIx,
    FunnelIx, HoursIx, JourneyIx, KpiIx, LifecycleIx, MessageIx, OfferIx, RankingIx, ScoreIx,
    SegmentIx, StepIx,
};
use crate::journey::{Journey, Step};
use crate::measure::{Audience, Funnel, Kpi, Ranking};
use crate::membership::{Lifecycle, Segment};
use crate::message::Message;
use crate::offer::Offer;
use crate::policy::Policy;
use crate::project::{Hours, Project};
use crate::schema::{Attribute, Consent, Event, Field, Schema};
use crate::score::Score;

/// The version of this format. A program with a higher one is refused.
pub const FORMAT: u16 = 1;

/// A compiled project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The format's version, [`FORMAT`].
    pub ir: u16,
    /// Settings.
    pub project: Project,
    /// Attributes, events, consents.
    pub schema: Schema,
    /// Aggregates, each once however many conditions share it.
    pub aggregates: Vec<Aggregate>,
    /// Atoms, each once.
    pub atoms: Vec<Atom>,
    /// Conditions, each once; a condition refers only to earlier ones.
    pub conditions: Vec<Condition>,
    /// Segments; a segment's condition refers only to earlier segments.
    pub segments: Vec<Segment>,
    /// Lifecycles.
    pub lifecycles: Vec<Lifecycle>,
    /// Scores.
    #[serde(default)]
    pub scores: Vec<Score>,
    /// Offers.
    pub offers: Vec<Offer>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Messages.
    pub messages: Vec<Message>,
    /// Journeys.
    pub journeys: Vec<Journey>,
    /// Funnels.
    #[serde(default)]
    pub funnels: Vec<Funnel>,
    /// KPIs.
    #[serde(default)]
    pub kpis: Vec<Kpi>,
    /// Audiences.
    #[serde(default)]
    pub audiences: Vec<Audience>,
    /// Rankings.
    #[serde(default)]
    pub rankings: Vec<Ranking>,
}

/// Why a compiled program could not be read.
#[derive(Debug)]
pub enum LoadError {
    /// The text is not a program.
    Malformed(serde_json::Error),
    /// The program was written by a newer compiler.
    Newer {
        /// The format it is in.
        found: u16,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "this is not a compiled program: {error}"),
            Self::Newer { found } => write!(
                f,
                "this program has format {found}, and this daemon knows formats up to {FORMAT}; update journeyd, or \
                 compile with the journeyc of the same release"
            ),
        }
    }
}

impl std::error::Error for LoadError {}

macro_rules! lookup {
    ($($(#[$doc:meta])* $name:ident: $index:ty => $($table:ident).+ : $item:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self, at: $index) -> Option<&$item> {
            self.$($table).+.get(at.at())
        }
    )*};
}

impl Program {
    /// What a journey is called in this program, where one of it had that name before; else the name itself.
    #[must_use]
    pub fn now_called<'a>(&'a self, name: &'a str) -> &'a str {
        let has = |it: &&Journey| it.formerly.iter().any(|former| former == name);
        let renamed = self.journeys.iter().find(has);
        renamed.map_or(name, |it| it.name.as_str())
    }

    /// A program without anything in it.
    #[must_use]
    pub fn empty(project: Project) -> Self {
        Self {
            ir: FORMAT,
            project,
            schema: Schema::default(),
            aggregates: Vec::new(),
            atoms: Vec::new(),
            conditions: Vec::new(),
            segments: Vec::new(),
            lifecycles: Vec::new(),
            scores: Vec::new(),
            offers: Vec::new(),
            policies: Vec::new(),
            messages: Vec::new(),
            journeys: Vec::new(),
            funnels: Vec::new(),
            kpis: Vec::new(),
            audiences: Vec::new(),
            rankings: Vec::new(),
        }
    }

    lookup! {
        /// The attribute at a position.
        attribute: AttributeIx => schema.attributes: Attribute;
        /// The event type at a position.
        event: EventIx => schema.events: Event;
        /// The consent at a position.
        consent: ConsentIx => schema.consents: Consent;
        /// The aggregate at a position.
        aggregate: AggregateIx => aggregates: Aggregate;
        /// The atom at a position.
        atom: AtomIx => atoms: Atom;
        /// The condition at a position.
        condition: ConditionIx => conditions: Condition;
        /// The segment at a position.
        segment: SegmentIx => segments: Segment;
        /// The lifecycle at a position.
        lifecycle: LifecycleIx => lifecycles: Lifecycle;
        /// The score at a position.
        score: ScoreIx => scores: Score;
        /// The offer at a position.
        offer: OfferIx => offers: Offer;
        /// The message at a position.
        message: MessageIx => messages: Message;
        /// The journey at a position.
        journey: JourneyIx => journeys: Journey;
        /// The opening hours at a position.
        hours: HoursIx => project.hours: Hours;
        /// The funnel at a position.
        funnel: FunnelIx => funnels: Funnel;
        /// The KPI at a position.
        kpi: KpiIx => kpis: Kpi;
        /// The audience at a position.
        audience: AudienceIx => audiences: Audience;
        /// The ranking at a position.
        ranking: RankingIx => rankings: Ranking;
    }

    /// The field of an event type.
    #[must_use]
    pub fn field(&self, event: EventIx, field: FieldIx) -> Option<&Field> {
        self.event(event)?.fields.get(field.at())
    }

    /// The step of a journey.
    #[must_use]
    pub fn step(&self, journey: JourneyIx, step: StepIx) -> Option<&Step> {
        self.journey(journey)?.steps.get(step.at())
    }

    /// The canonical JSON text: the same program always gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads a program, refusing one of a newer format before looking at the rest.
    pub fn from_json(text: &str) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Head {
            ir: u16,
        }
        let head: Head = serde_json::from_str(text).map_err(LoadError::Malformed)?;
        if head.ir > FORMAT {
            return Err(LoadError::Newer { found: head.ir });
        }
        serde_json::from_str(text).map_err(LoadError::Malformed)
    }

    /// The program's hash, `b3:` and 32 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        hash_of(&self.to_json())
    }
}

/// The short form of a text's BLAKE3 hash: `b3:` and 32 hexadecimal digits.
#[must_use]
pub fn hash_of(text: &str) -> String {
    let hex = blake3::hash(text.as_bytes()).to_hex();
    format!("b3:{}", hex.as_str().get(..32).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_survives_its_json() {
        let program = Program::empty(Project {
            name: "팔도한상".into(),
            ..Project::default()
        });
        assert_eq!(Program::from_json(&program.to_json()).unwrap(), program);
        assert_eq!(program.hash(), program.clone().hash());
    }

    #[test]
    fn a_newer_program_is_refused_by_name() {
        let error = Program::from_json(r#"{"ir": 99, "something": "new"}"#).unwrap_err();
        assert!(error.to_string().contains("format 99"), "{error}");
    }
}
