//! Constructs that the language has and a program cannot hold yet. Each is said at its place, never passed over.

use journey_grammar::tree as syntax;

use super::Lowering;
use crate::problem::Text;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Reports something that has no other form yet.
    pub(super) fn not_yet(&mut self, file: FileId, span: syntax::Span, (en, ko): (&str, &str)) {
        let help = Text::new("leave it out for now", "지금은 빼 두세요");
        self.not_supported(file, span, &Text::new(en, ko), help);
    }
}
