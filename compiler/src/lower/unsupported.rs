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
                syntax::Declaration::Score(score) => self.unsupported_declaration(
                    file,
                    score.name.span,
                    ("scores", "점수(score)"),
                    (
                        "use a segment that counts events",
                        "이벤트를 세는 세그먼트를 쓰세요",
                    ),
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
