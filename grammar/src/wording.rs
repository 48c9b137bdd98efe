//! The sentences of all problems, in English and Korean: data in, one sentence out.
//! Lower-case start, no final period, the user's words in backticks.

use crate::problem::{Language, ProblemKind};
use crate::rule_words::Expected;

/// Joins expected words: "`a`, `b` or `c`".
fn listed(expected: &[Expected], language: Language) -> String {
    let words: Vec<String> = expected.iter().map(|it| it.words(language)).collect();
    let joint = match language {
        Language::English => " or ",
        Language::Korean => " 또는 ",
    };
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}{joint}{last}", first.join(", ")),
        None => String::new(),
    }
}

pub(crate) fn english(kind: &ProblemKind) -> String {
    use ProblemKind as P;
    match kind {
        P::Unexpected {
            found, expected, ..
        } if expected.is_empty() => {
            format!("`{found}` cannot stand here")
        }
        P::Unexpected {
            found, expected, ..
        } => {
            format!(
                "expected {} here, found `{found}`",
                listed(expected, Language::English)
            )
        }
        P::Unfinished { expected, .. } if expected.is_empty() => {
            "something is missing after this".to_owned()
        }
        P::Unfinished { expected, .. } => {
            format!(
                "expected {} after this",
                listed(expected, Language::English)
            )
        }
        P::Misspelled { found, meant } => {
            format!("`{found}` is not a word here, did you mean `{meant}`?")
        }
        P::ReservedName { word } => {
            format!("`{word}` has a meaning of its own and cannot be a plain name")
        }
        P::ForeignWord { found, .. } | P::UnknownLine { found, .. } => {
            format!("no line can begin with `{found}` here")
        }
        P::MissingName { keyword } => format!("`{keyword}` needs a name after it"),
        P::MissingBlock => "expected a block in `{ … }` here".to_owned(),
        P::MissingAnd => "two conditions stand below each other without `and` or `or`".to_owned(),
        P::MissingParentheses => "the condition after `where` stands in parentheses".to_owned(),
        P::FutureWordForPast { found } => {
            format!("`{found}` does not say which part of the past is meant")
        }
        P::MisplacedHeader { word } => {
            format!("`{word}` belongs at the top of the journey, before the first step")
        }
        P::WaitWithArms => "only `wait up to` can have arms".to_owned(),
        P::DashInName { name } => format!("`{name}` has a dash, and names have none"),
        P::NeedlessSign { found } => format!("`{found}` is not needed here"),
        P::WrittenDifferently { found, instead } => {
            format!("`{found}` is written `{instead}` here")
        }
        P::SaidLike { found, .. } => format!("`{found}` is said in another way here"),
        P::ForeignQuotes { found } => format!("{found} is not the quote that encloses text"),
        P::FullWidthSign { found, plain } => format!("`{found}` is not the sign `{plain}`"),
        P::BrokenDuration { number } => format!("`{number}` is not a whole number of units"),
        P::BrokenNumber { number } => format!("`{number}` is not a number"),
        P::NumberTooLong { number } => format!("`{number}` is longer than numbers can be"),
        P::NoSuchDate { date } => format!("the day `{date}` does not exist"),
        P::NoSuchClock { clock } => format!("the time `{clock}` does not exist"),
        P::UnknownEscape { escape } => format!("`\\{escape}` has no meaning in a text"),
        P::TooDeep { limit } => format!("brackets are nested more than {limit} deep here"),
        P::TooLarge { limit } => format!("the file is larger than {limit} bytes"),
        P::TooComplex => "this declaration takes too long to read".to_owned(),
        P::UnclosedText => "this quote is never closed on its line".to_owned(),
        P::UnclosedBracket { sign } => format!("this `{sign}` is never closed"),
        P::UnopenedBracket { sign } => format!("this `{sign}` closes nothing"),
        P::WrongBracket { found, instead } => format!("this `{found}` should be `{instead}`"),
        P::MissingOpener { sign } => format!("this line should end with `{sign}`"),
        P::StrangeSpace => "this space is not an ordinary space".to_owned(),
        P::NotFormatted => "formatting would change what this file means".to_owned(),
        P::UnknownUnit {
            found,
            meant: Some(meant),
        } => {
            format!("`{found}` is not a unit of time, did you mean `{meant}`?")
        }
        P::UnknownUnit { found, meant: None } => format!("`{found}` is not a unit of time"),
        P::MissingUnit { number } => format!("`{number}` has no unit of time"),
        P::JoinedUnit { found } => format!("`{found}` needs a space before the unit"),
    }
}

pub(crate) fn english_help(kind: &ProblemKind) -> Option<String> {
    use ProblemKind as P;
    Some(match kind {
        P::Misspelled { meant, .. } => format!("write `{meant}`"),
        P::ForeignWord { instead, .. } => format!("use `{instead}`"),
        P::ReservedName { word } => {
            format!("choose another name, or write it in backticks: `` `{word}` ``")
        }
        P::UnknownLine { expected, .. } if !expected.is_empty() => {
            format!(
                "begin the line with {}",
                listed(expected, Language::English)
            )
        }
        P::MissingName { keyword } => format!("write a name, for example `{keyword} first_try`"),
        P::MissingBlock => "put what should happen between `{` and `}`".to_owned(),
        P::MissingAnd => "begin the second line with `and` or `or`".to_owned(),
        P::MissingParentheses => "put the condition in parentheses: `where ( … )`".to_owned(),
        P::FutureWordForPast { .. } => {
            "for the past write `in the last`, as in `in the last 7 days`".to_owned()
        }
        P::MisplacedHeader { .. } => "move the line above the first step".to_owned(),
        P::WaitWithArms => "write `wait up to` and how long, then the arms".to_owned(),
        P::DashInName { .. } => "use an underscore: `cart_reminder`".to_owned(),
        P::NeedlessSign { found } => format!("remove `{found}`"),
        P::WrittenDifferently { instead, .. } => format!("write `{instead}`"),
        P::SaidLike {
            examples, english, ..
        } => format!("write `{}`: {english}", examples.join("` or `")),
        P::ForeignQuotes { .. } => "enclose text in straight double quotes: `\"`".to_owned(),
        P::FullWidthSign { plain, .. } => {
            format!("write `{plain}`, with the input method switched to English")
        }
        P::BrokenDuration { .. } => "use a smaller unit, as in `90 minutes`".to_owned(),
        P::BrokenNumber { .. } => {
            "put commas between groups of three digits and a point before decimals: `5,000.50`"
                .to_owned()
        }
        P::NumberTooLong { .. } => "use at most 18 digits".to_owned(),
        P::NoSuchDate { .. } => "write year, month and day, as in `2026-11-27`".to_owned(),
        P::NoSuchClock { .. } => "use the 24-hour clock from `00:00` to `23:59`".to_owned(),
        P::UnknownEscape { escape } => {
            format!("write `\\\\{escape}` for a backslash, or leave it out")
        }
        P::TooDeep { .. } => "move the inner part into a `sequence` or a `segment`".to_owned(),
        P::TooLarge { .. } => {
            "split it into several files; all files of a project are one namespace".to_owned()
        }
        P::TooComplex => "split it into smaller declarations".to_owned(),
        P::UnclosedText => "close the text with `\"` before the end of the line".to_owned(),
        P::UnclosedBracket { sign: '{' } => "add the missing `}`".to_owned(),
        P::UnclosedBracket { .. } => "add the missing `)`".to_owned(),
        P::UnopenedBracket { sign: '}' } => {
            "remove it, or add the `{` that it should close".to_owned()
        }
        P::UnopenedBracket { .. } => "remove it, or add the `(` that it should close".to_owned(),
        P::WrongBracket { instead, .. } => format!("write `{instead}`"),
        P::MissingOpener { sign } => format!("add `{sign}` at the end of the line"),
        P::StrangeSpace => "replace it by an ordinary space; `journeyc fmt` does it".to_owned(),
        P::NotFormatted => {
            "the file is left as it was. This is a bug in the formatter; please report it"
                .to_owned()
        }
        P::UnknownUnit { .. } | P::MissingUnit { .. } => {
            "write `minutes`, `hours`, `days`, `weeks`, `months` or `years` in full".to_owned()
        }
        P::JoinedUnit { .. } => "put a space between the number and the unit".to_owned(),
        P::Unexpected {
            example: Some(example),
            ..
        }
        | P::Unfinished {
            example: Some(example),
            ..
        } => format!("such a line is written like this: `{example}`"),
        P::Unexpected { .. } | P::Unfinished { .. } | P::UnknownLine { .. } => return None,
    })
}

pub(crate) fn korean(kind: &ProblemKind) -> String {
    use ProblemKind as P;
    match kind {
        P::Unexpected {
            found, expected, ..
        } if expected.is_empty() => {
            format!("`{found}`은(는) 여기에 올 수 없습니다")
        }
        P::Unexpected {
            found, expected, ..
        } => {
            format!(
                "여기에는 {}이(가) 와야 하는데 `{found}`이(가) 있습니다",
                listed(expected, Language::Korean)
            )
        }
        P::Unfinished { expected, .. } if expected.is_empty() => {
            "이 뒤에 무언가가 빠졌습니다".to_owned()
        }
        P::Unfinished { expected, .. } => {
            format!(
                "이 뒤에 {}이(가) 와야 합니다",
                listed(expected, Language::Korean)
            )
        }
        P::Misspelled { found, meant } => {
            format!("`{found}`은(는) 모르는 말입니다. `{meant}`을(를) 뜻하셨나요?")
        }
        P::ReservedName { word } => {
            format!("`{word}`은(는) 따로 뜻이 있는 말이라 이름으로 쓸 수 없습니다")
        }
        P::ForeignWord { found, .. } | P::UnknownLine { found, .. } => {
            format!("여기서는 줄이 `{found}`(으)로 시작할 수 없습니다")
        }
        P::MissingName { keyword } => format!("`{keyword}` 뒤에 이름이 없습니다"),
        P::MissingBlock => "여기에 `{ … }` 블록이 와야 합니다".to_owned(),
        P::MissingAnd => "조건 두 줄이 `and`나 `or` 없이 이어져 있습니다".to_owned(),
        P::MissingParentheses => "`where` 뒤의 조건은 괄호 안에 씁니다".to_owned(),
        P::FutureWordForPast { found } => format!("`{found}`은(는) 지난 기간을 뜻하지 않습니다"),
        P::MisplacedHeader { word } => {
            format!("`{word}` 줄은 여정의 맨 위, 첫 단계보다 앞에 와야 합니다")
        }
        P::WaitWithArms => "갈래는 `wait up to`에만 둘 수 있습니다".to_owned(),
        P::DashInName { name } => {
            format!("`{name}`에 붙임표가 있습니다. 이름에는 붙임표를 쓰지 않습니다")
        }
        P::NeedlessSign { found } => format!("여기에는 `{found}`이(가) 필요 없습니다"),
        P::WrittenDifferently { found, instead } => {
            format!("`{found}`은(는) 여기서 `{instead}`(으)로 씁니다")
        }
        P::SaidLike { found, .. } => format!("`{found}`: 여기서는 다르게 씁니다"),
        P::ForeignQuotes { found } => format!("{found} 기호는 글을 감싸는 따옴표가 아닙니다"),
        P::FullWidthSign { found, plain } => format!("`{found}` 글자는 `{plain}` 기호가 아닙니다"),
        P::BrokenDuration { number } => format!("`{number}`은(는) 정수가 아닙니다"),
        P::BrokenNumber { number } => format!("`{number}`은(는) 수가 아닙니다"),
        P::NumberTooLong { number } => format!("`{number}`은(는) 너무 긴 수입니다"),
        P::NoSuchDate { date } => format!("`{date}`은(는) 없는 날짜입니다"),
        P::NoSuchClock { clock } => format!("`{clock}`은(는) 없는 시각입니다"),
        P::UnknownEscape { escape } => format!("글 안의 `\\{escape}`에는 뜻이 없습니다"),
        P::TooDeep { limit } => format!("괄호가 {limit}겹보다 깊습니다"),
        P::TooLarge { limit } => format!("파일이 {limit}바이트보다 큽니다"),
        P::TooComplex => "이 선언은 읽는 데 너무 오래 걸립니다".to_owned(),
        P::UnclosedText => "이 따옴표가 그 줄에서 닫히지 않았습니다".to_owned(),
        P::UnclosedBracket { sign } => format!("이 `{sign}` 괄호가 닫히지 않았습니다"),
        P::UnopenedBracket { sign } => format!("이 `{sign}`에 맞는 여는 괄호가 없습니다"),
        P::WrongBracket { found, instead } => {
            format!("이 `{found}` 괄호는 `{instead}` 괄호여야 합니다")
        }
        P::MissingOpener { sign } => format!("이 줄은 `{sign}` 괄호로 끝나야 합니다"),
        P::StrangeSpace => "보통 빈칸이 아닌 빈칸입니다".to_owned(),
        P::NotFormatted => "형식을 맞추면 이 파일의 뜻이 바뀝니다".to_owned(),
        P::UnknownUnit {
            found,
            meant: Some(meant),
        } => {
            format!("`{found}`은(는) 시간 단위가 아닙니다. `{meant}`을(를) 뜻하셨나요?")
        }
        P::UnknownUnit { found, meant: None } => format!("`{found}`은(는) 시간 단위가 아닙니다"),
        P::MissingUnit { number } => format!("`{number}` 뒤에 시간 단위가 없습니다"),
        P::JoinedUnit { found } => format!("`{found}`에서 수와 단위를 띄어 써야 합니다"),
    }
}

pub(crate) fn korean_help(kind: &ProblemKind) -> Option<String> {
    use ProblemKind as P;
    Some(match kind {
        P::Misspelled { meant, .. } => format!("`{meant}`(으)로 고치세요"),
        P::ForeignWord { instead, .. } => format!("`{instead}`을(를) 쓰세요"),
        P::ReservedName { word } => {
            format!("다른 이름을 쓰거나 역따옴표로 감싸세요: `` `{word}` ``")
        }
        P::UnknownLine { expected, .. } if !expected.is_empty() => {
            format!(
                "{} 같은 말로 줄을 시작하세요",
                listed(expected, Language::Korean)
            )
        }
        P::MissingName { keyword } => format!("`{keyword} first_try`처럼 이름을 쓰세요"),
        P::MissingBlock => "할 일을 `{`와 `}` 사이에 쓰세요".to_owned(),
        P::MissingAnd => "둘째 줄을 `and`나 `or`로 시작하세요".to_owned(),
        P::MissingParentheses => "`where ( … )`처럼 조건을 괄호로 감싸세요".to_owned(),
        P::FutureWordForPast { .. } => {
            "지난 기간은 `in the last 7 days`처럼 `in the last`로 쓰세요".to_owned()
        }
        P::MisplacedHeader { .. } => "이 줄을 첫 단계 위로 옮기세요".to_owned(),
        P::WaitWithArms => "`wait up to`와 기간을 쓰고 갈래를 두세요".to_owned(),
        P::DashInName { .. } => "`cart_reminder`처럼 밑줄을 쓰세요".to_owned(),
        P::NeedlessSign { found } => {
            format!("`{found}`을(를) 지우세요")
        }
        P::WrittenDifferently { instead, .. } => format!("`{instead}`(으)로 쓰세요"),
        P::SaidLike {
            examples, korean, ..
        } => format!("`{}`처럼 쓰세요. {korean}", examples.join("`이나 `")),
        P::ForeignQuotes { .. } => "글은 곧은 큰따옴표 `\"`로 감싸세요".to_owned(),
        P::FullWidthSign { plain, .. } => {
            format!("입력기를 영문으로 바꾸고 `{plain}` 기호를 쓰세요")
        }
        P::BrokenDuration { .. } => "`90 minutes`처럼 더 작은 단위를 쓰세요".to_owned(),
        P::BrokenNumber { .. } => {
            "쉼표는 세 자리마다, 점은 소수 앞에 쓰세요: `5,000.50`".to_owned()
        }
        P::NumberTooLong { .. } => "18자리까지만 쓸 수 있습니다".to_owned(),
        P::NoSuchDate { .. } => "`2026-11-27`처럼 연, 월, 일을 쓰세요".to_owned(),
        P::NoSuchClock { .. } => "`00:00`부터 `23:59`까지 24시간제로 쓰세요".to_owned(),
        P::UnknownEscape { escape } => format!("역빗금은 `\\\\{escape}`처럼 두 번 쓰거나 지우세요"),
        P::TooDeep { .. } => "안쪽 부분을 `sequence`나 `segment`로 옮기세요".to_owned(),
        P::TooLarge { .. } => {
            "여러 파일로 나누세요. 한 프로젝트의 파일은 모두 한 이름 공간입니다".to_owned()
        }
        P::TooComplex => "더 작은 선언으로 나누세요".to_owned(),
        P::UnclosedText => "줄이 끝나기 전에 `\"`로 닫으세요".to_owned(),
        P::UnclosedBracket { sign: '{' } => "빠진 `}`를 넣으세요".to_owned(),
        P::UnclosedBracket { .. } => "빠진 `)`를 넣으세요".to_owned(),
        P::UnopenedBracket { sign: '}' } => "지우거나, 짝이 되는 `{`를 넣으세요".to_owned(),
        P::UnopenedBracket { .. } => "지우거나, 짝이 되는 `(`를 넣으세요".to_owned(),
        P::WrongBracket { instead, .. } => format!("`{instead}` 괄호로 고치세요"),
        P::MissingOpener { sign } => format!("줄 끝에 `{sign}` 괄호를 넣으세요"),
        P::StrangeSpace => "보통 빈칸으로 바꾸세요. `journeyc fmt`가 바꿔 줍니다".to_owned(),
        P::NotFormatted => "파일은 그대로 두었습니다. 포매터의 버그이니 알려 주세요".to_owned(),
        P::UnknownUnit { .. } | P::MissingUnit { .. } => {
            "`minutes`, `hours`, `days`, `weeks`, `months`, `years`처럼 줄이지 않고 쓰세요"
                .to_owned()
        }
        P::JoinedUnit { .. } => "수와 단위 사이를 띄우세요".to_owned(),
        P::Unexpected {
            example: Some(example),
            ..
        }
        | P::Unfinished {
            example: Some(example),
            ..
        } => format!("이런 줄은 이렇게 씁니다: `{example}`"),
        P::Unexpected { .. } | P::Unfinished { .. } | P::UnknownLine { .. } => return None,
    })
}
