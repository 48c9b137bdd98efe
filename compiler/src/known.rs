//! What settings and templates may mention: the schema, and whether all of it could be read.

use std::collections::BTreeSet;

use journey_ir::{AttributeIx, MessageIx, Schema, Score};

/// No attribute is certain of anyone.
#[cfg(test)]
pub(crate) static NOTHING_CERTAIN: BTreeSet<(MessageIx, AttributeIx)> = BTreeSet::new();

/// The schema as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Attributes, events and consents.
    pub(crate) schema: &'a Schema,
    /// Scores.
    pub(crate) scores: &'a [Score],
    /// Whether every attribute is in it. Where a line could not be read, nobody else is blamed for what it said.
    pub(crate) all_attributes: bool,
    /// Whether every channel of every consent is in it.
    pub(crate) all_consents: bool,
    /// The attributes that everyone has to whom a message is sent; `None` where that is not known, because a part of a
    /// journey could not be read. Then no template is blamed for what may be missing.
    pub(crate) certain: Option<&'a BTreeSet<(MessageIx, AttributeIx)>>,
}
