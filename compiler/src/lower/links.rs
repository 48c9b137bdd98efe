//! Names of links that were clicked: each is one that some template of the channel gives to a link.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use super::scope::Readable;
use crate::problem::Location;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Reports the names of links that no template has, where a field that holds such a name is compared.
    pub(super) fn check_links(
        &mut self,
        left: &Readable,
        comparison: &syntax::Comparison,
        file: FileId,
    ) {
        use syntax::ComparisonKind as Asked;
        let Some(channel) = left.names_link else {
            return;
        };
        let values = match &comparison.kind {
            Asked::Is(value) | Asked::IsNot(value) => std::slice::from_ref(value),
            Asked::IsOneOf(values) | Asked::IsNotOneOf(values) => values.as_slice(),
            _ => &[],
        };
        for value in values {
            self.check_link(value, channel, file);
        }
    }

    /// Reports the name of a link that no template of the channel has.
    pub(super) fn check_link(&mut self, value: &syntax::Value, channel: ir::Channel, file: FileId) {
        let syntax::ValueKind::Text(name) = &value.kind else {
            return;
        };
        let at = Location::new(file, value.span);
        if let Some(unknown) = self.templates.unknown_link(channel, &name.text, at) {
            self.problems.push(unknown);
        }
    }
}
