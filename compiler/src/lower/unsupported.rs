//! Declarations that the language has and a program cannot hold yet. Each is said at its place, never passed over.

use journey_grammar::tree as syntax;

use super::Lowering;
use crate::problem::Text;
use crate::sources::FileId;

impl Lowering<'_> {
    /// Reports what is declared and cannot be run.
    pub(super) fn unsupported(&mut self) {
        for (_, declared) in self.names.all() {
            let file = declared.at.file;
            match declared.declaration {
                syntax::Declaration::Funnel(funnel) => self.unsupported_declaration(
                    file,
                    funnel.name.span,
                    ("funnels", "퍼널(funnel)"),
                    ("leave it out for now", "지금은 빼 두세요"),
                ),
                syntax::Declaration::Kpi(kpi) => self.unsupported_declaration(
                    file,
                    kpi.name.span,
                    ("KPIs", "지표(kpi)"),
                    ("leave it out for now", "지금은 빼 두세요"),
                ),
                syntax::Declaration::Audience(audience) => self.unsupported_declaration(
                    file,
                    audience.name.span,
                    ("ad audiences", "광고 대상(audience)"),
                    ("leave it out for now", "지금은 빼 두세요"),
                ),
                _ => {}
            }
        }
        for (file, declaration) in self.names.unnamed() {
            if let syntax::Declaration::Moved(moved) = declaration {
                self.unsupported_declaration(
                    file,
                    moved.span,
                    ("`moved`", "`moved`(이동)"),
                    (
                        "leave it out: people inside finish on the version they started on",
                        "빼 두세요. 안에 있는 사람은 시작한 버전으로 끝까지 갑니다",
                    ),
                );
            }
        }
    }

    /// Reports something that has no other form yet.
    pub(super) fn not_yet(&mut self, file: FileId, span: syntax::Span, (en, ko): (&str, &str)) {
        let help = Text::new("leave it out for now", "지금은 빼 두세요");
        self.not_supported(file, span, &Text::new(en, ko), help);
    }

    fn unsupported_declaration(
        &mut self,
        file: FileId,
        span: syntax::Span,
        what: (&str, &str),
        help: (&str, &str),
    ) {
        let what = Text::new(what.0, what.1);
        self.not_supported(file, span, &what, Text::new(help.0, help.1));
    }
}
