//! Declarations that the language has and a program cannot hold yet. Each is said at its place, never passed over.

use journey_grammar::tree as syntax;

use super::Lowering;
use crate::codes;
use crate::names::Kind;
use crate::problem::{Location, Problem, Text};
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
            match declaration {
                syntax::Declaration::Moved(moved) => self.unsupported_declaration(
                    file,
                    moved.span,
                    ("`moved`", "`moved`(이동)"),
                    (
                        "leave it out: people inside finish on the version they started on",
                        "빼 두세요. 안에 있는 사람은 시작한 버전으로 끝까지 갑니다",
                    ),
                ),
                syntax::Declaration::Test(test) => self.test_block(file, test),
                _ => {}
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

    /// A test changes nothing for anybody; it is said that it was not run.
    fn test_block(&mut self, file: FileId, test: &syntax::Test) {
        if let Some(name) = test.journey.as_ref().filter(|it| !it.is_missing())
            && !self.is_reported(&name.text, &[Kind::Journey])
        {
            let error = self.names.explain(Kind::Journey, &name.text);
            self.problems.push(error.at(Location::new(file, name.span)));
            return;
        }
        let span = test.title.as_ref().map_or(test.span, |it| it.span);
        let at = Location::new(file, span);
        self.problems.push(
            Problem::new(
                codes::TEST_NOT_RUN,
                at,
                Text::new(
                    "this test is read and not run",
                    "이 테스트는 읽기만 하고 실행하지 않았습니다",
                ),
            )
            .help(Text::new(
                "tests cannot be run yet; what the journey does is checked all the same",
                "테스트는 아직 실행할 수 없습니다. 여정 자체는 모두 검사합니다",
            )),
        );
    }
}
