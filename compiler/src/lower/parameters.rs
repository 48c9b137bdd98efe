//! Parameters of sequences, and what a `run` binds them to.

use journey_ir as ir;

use super::Lowering;

/// What a parameter stands for in one run of its sequence.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    /// A length of time.
    Span(ir::Span),
    /// A template's name.
    Template(String),
    /// An offer.
    Offer(ir::OfferIx),
    /// Any other value.
    Value {
        expression: ir::journey::Expression,
        kind: ir::Type,
        /// The name of the personal data in it.
        private: Option<String>,
    },
    /// A problem was reported.
    Unknown,
}

/// The parameters of one sequence that is being inlined.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) sequence: String,
    pub(super) bound: Vec<(String, Bound)>,
}

impl Lowering<'_> {
    /// What a bare name stands for inside the sequence that is being inlined.
    pub(super) fn parameter(&self, name: &str) -> Option<&Bound> {
        let frame = self.frames.last()?;
        let mut bound = frame.bound.iter();
        bound.find(|(it, _)| it == name).map(|(_, bound)| bound)
    }
}
