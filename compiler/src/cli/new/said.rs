//! What copying a ready journey did, in the words of the screen: file by file, then what is left to do by hand.

use std::fmt::Write as _;
use std::path::Path;

use crate::library::{Copied, Samples, Upset};
use crate::problem::{Language, Text};
use crate::project::LoadedProject;

/// What happened instead of what a test expects is cut after so many characters: a test of a quarter tells of a hundred
/// messages.
const LONGEST_INSTEAD: usize = 160;

/// What was done, file by file, and what to do next.
pub(super) fn said(
    copy: &Copied,
    project: &LoadedProject,
    path: &Path,
    language: Language,
) -> String {
    let mut out = String::new();
    for (file, _) in &copy.files {
        let was_there = project.sources().iter().any(|(_, it)| it.path() == file);
        let how = match (was_there, language) {
            (false, Language::English) => "new",
            (true, Language::English) => "added to",
            (false, Language::Korean) => "새로 만듦",
            (true, Language::Korean) => "덧붙임",
        };
        let _ = writeln!(out, "  {how} {file}");
    }
    if copy.files.is_empty() {
        out.push_str(match language {
            Language::English => "everything is there already; nothing was written\n",
            Language::Korean => "모두 이미 있어서 아무것도 쓰지 않았습니다\n",
        });
    }
    for name in &copy.grown {
        let _ = match language {
            Language::English => writeln!(out, "  added to yours: {name}"),
            Language::Korean => writeln!(out, "  원래 있던 것에 덧붙임: {name}"),
        };
    }
    let kept: Vec<&str> = copy
        .kept
        .iter()
        .chain(&copy.there)
        .map(String::as_str)
        .collect();
    if !kept.is_empty() {
        let kept = kept.join(", ");
        let _ = match language {
            Language::English => writeln!(out, "  yours stay as they are: {kept}"),
            Language::Korean => writeln!(out, "  원래 있던 것은 그대로: {kept}"),
        };
    }
    out.push_str(&rested(&copy.rested, language));
    out.push_str(&upset(&copy.upset, language));
    out.push_str(&warned(&copy.warned, language));
    out.push_str(&to_replace(copy, language));
    let path = path.display();
    let _ = match language {
        Language::English => writeln!(
            out,
            "\nNext: journeyc check {path} · journeyc test {path} · then change the words and amounts to yours"
        ),
        Language::Korean => writeln!(
            out,
            "\n다음: journeyc check {path} · journeyc test {path} · 그리고 문구와 금액을 우리 것으로 바꾸세요"
        ),
    };
    out
}

/// The tests that suppose something else than this project does.
fn rested(tests: &[(String, Text)], language: Language) -> String {
    let mut out = String::new();
    if tests.is_empty() {
        return out;
    }
    out.push_str(match language {
        Language::English => {
            "\n  Beside your other journeys and rules these tests do not hold. They are comments now; change them or delete them:\n"
        }
        Language::Korean => {
            "\n  이 프로젝트의 다른 여정과 규칙 때문에 맞지 않는 테스트는 주석으로 바꾸었습니다. 고쳐 쓰거나 지우세요.\n"
        }
    });
    for (title, instead) in tests {
        let instead = cut(instead.in_language(language));
        let _ = writeln!(out, "  - {title}\n    {instead}");
    }
    out
}

/// The project's own tests that suppose that the new journey is not there, and what to change about them.
fn upset(tests: &[Upset], language: Language) -> String {
    let mut out = String::new();
    if tests.is_empty() {
        return out;
    }
    out.push_str(match language {
        Language::English => {
            "\n  These tests of yours no longer hold, because the new journey writes to the same people:\n"
        }
        Language::Korean => {
            "\n  새 여정이 같은 사람에게 보내기 때문에 이제 맞지 않는, 원래 있던 테스트입니다.\n"
        }
    });
    for test in tests {
        let instead = cut(test.instead.in_language(language));
        let _ = writeln!(
            out,
            "  - {}\n    {}  {}\n    {instead}",
            test.title, test.place, test.line
        );
    }
    out.push_str(match language {
        Language::English => {
            "    If both may write to them, take `only` out of the line, or expect the new message, too. If not, leave these\n    people out: with a condition in the new journey's `enter` line, or with a cap in a policy.\n"
        }
        Language::Korean => {
            "    둘 다 보내도 되면 그 줄의 `only`를 빼거나 새 메시지도 함께 기대한다고 쓰세요. 아니면 새 여정의 `enter` 줄에\n    조건을 더하거나 정책에 상한을 두어 이 사람들을 빼세요.\n"
        }
    });
    out
}

/// The warnings that the project did not have before, each with what to do about it.
fn warned(warnings: &[(String, Text, Option<Text>)], language: Language) -> String {
    let mut out = String::new();
    if warnings.is_empty() {
        return out;
    }
    out.push_str(match language {
        Language::English => "\n  Beside your other journeys `journeyc check` warns of this now:\n",
        Language::Korean => {
            "\n  이 프로젝트의 다른 여정과 함께 있어서 `journeyc check`가 이제 다음을 알립니다.\n"
        }
    });
    for (place, message, help) in warnings {
        let _ = writeln!(out, "  - {place}  {}", message.in_language(language));
        if let Some(help) = help {
            let _ = writeln!(out, "    → {}", help.in_language(language));
        }
    }
    out
}

/// What has to be replaced by hand before anything is sent.
fn to_replace(copy: &Copied, language: Language) -> String {
    let mut out = String::new();
    if let Some(currency) = &copy.currency {
        let _ = match language {
            Language::English => writeln!(
                out,
                "\n  Amounts are in {currency} now, at a round rate: put in your own."
            ),
            Language::Korean => writeln!(
                out,
                "\n  금액을 어림잡아 {currency}(으)로 바꾸었습니다. 우리 금액으로 고치세요."
            ),
        };
    }
    if copy.samples.is_empty() {
        return out;
    }
    out.push_str(match language {
        Language::English => {
            "\n  Before anything is sent, replace the sample address and numbers by yours; a dead opt-out number breaks the law:\n"
        }
        Language::Korean => {
            "\n  보내기 전에 예시 주소와 전화번호를 우리 것으로 바꾸세요. 받지 않는 수신거부 번호는 법에 어긋납니다.\n"
        }
    });
    for Samples { path, lines } in &copy.samples {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "  - {path}:{}", lines.join(", "));
    }
    out
}

/// The beginning of a long text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_INSTEAD) {
        None => text.to_owned(),
        Some((end, _)) => {
            let start = text.get(..end).unwrap_or_default();
            let whole = start.rsplit_once(", ").map_or(start, |(first, _)| first);
            format!("{whole}, …")
        }
    }
}
