//! What can be wrong with a setting, and how it is said.

use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::settings::{Expected, Named};

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Error {
    /// `subject = “안녕”`.
    CurlyQuote { at: Location, quote: char },
    /// `timezone = Asia/Seoul`, without quotes.
    Toml { at: Location, words: String },
    /// `time_zone = "Asia/Seoul"` where the setting is called `timezone`.
    UnknownKey {
        at: Location,
        key: String,
        section: String,
        near: Option<String>,
        known: Vec<&'static str>,
    },
    /// `idempotent = "yes"`.
    WrongType {
        at: Location,
        key: String,
        expected: Expected,
        found: &'static str,
    },
    /// `currency = "won"`.
    WrongValue {
        at: Location,
        key: String,
        value: String,
        expected: Expected,
    },
    /// `timezone = "Asia/Soul"`.
    NoZone {
        at: Location,
        value: String,
        near: Option<String>,
    },
    /// `on_unclear_result = "sometimes"`.
    NotOneOf {
        at: Location,
        key: String,
        value: String,
        allowed: Vec<String>,
        near: Option<String>,
    },
    /// A sender without `from`.
    Missing {
        at: Location,
        key: &'static str,
        section: String,
    },
    /// `event` and `event_name` in one import.
    Together {
        at: Location,
        key: &'static str,
        other: &'static str,
    },
    /// `sender = "shpo"` where the sender is called `shop`.
    UnknownName {
        at: Location,
        what: Named,
        name: String,
        near: Option<String>,
    },
    /// `token = "pat-na1-…"` written out instead of `${HUBSPOT_TOKEN}`.
    Secret {
        at: Location,
        key: String,
        variable: String,
    },
    /// A link called `date`, which is a filter.
    Taken { at: Location, name: String },
}

/// What the reader of TOML says most often, in Korean.
fn korean(words: &str) -> &'static str {
    const SAID: [(&str, &str); 6] = [
        (
            "string values must be quoted",
            "글은 따옴표로 감싸야 합니다",
        ),
        ("duplicate key", "같은 이름이 두 번 있습니다"),
        ("invalid basic string", "따옴표가 닫히지 않았습니다"),
        ("unclosed", "괄호가 닫히지 않았습니다"),
        ("key with no value", "`=`과 값이 없습니다"),
        ("invalid key", "이름으로 쓸 수 없는 말입니다"),
    ];
    let known = SAID.iter().find(|(english, _)| words.starts_with(english));
    known.map_or("`이름 = \"글\"` 꼴이 아닙니다", |(_, korean)| {
        korean
    })
}

/// The list of `words` in backticks.
fn quoted<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect();
    quoted.join(", ")
}

/// What TOML calls a type, in words for people.
const fn found_words(found: &str) -> (&str, &str) {
    match found.as_bytes() {
        b"string" => ("a text", "글"),
        b"integer" | b"float" => ("a number", "숫자"),
        b"boolean" => ("`true` or `false`", "`true`/`false`"),
        b"datetime" => ("a date", "날짜"),
        b"array" => ("a list", "목록"),
        _ => ("a table", "표"),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Toml { at, words } if words.starts_with("invalid unquoted key") => Self::new(
                codes::SETTINGS_SYNTAX,
                at,
                Text::new(
                    "this name needs quotes in TOML",
                    "TOML에서는 이 이름을 따옴표로 감싸야 합니다",
                ),
            )
            .help(Text::new(
                "write names that are not plain English letters in quotes: `\"가게\" = …`, `[senders.\"가게\"]`",
                "한글 이름은 따옴표 안에 쓰세요: `\"가게\" = …`, `[senders.\"가게\"]`",
            )),
            Error::CurlyQuote { at, quote } => Self::new(
                codes::SETTINGS_SYNTAX,
                at,
                Text::new(
                    format!("{quote} is not the quote that encloses a setting"),
                    format!("{quote} 기호는 설정을 감싸는 따옴표가 아닙니다"),
                ),
            )
            .label(Text::new("a curly quote", "둥근 따옴표"))
            .help(Text::new(
                "enclose texts in straight double quotes: `\"`",
                "곧은 큰따옴표 `\"`로 감싸세요",
            ))
            .fix(at, "\""),
            Error::Toml { at, words } => Self::new(
                codes::SETTINGS_SYNTAX,
                at,
                Text::new(
                    format!("this is not TOML: {words}"),
                    format!("설정으로 읽을 수 없는 줄입니다: {}", korean(&words)),
                ),
            )
            .help(Text::new(
                "a setting is written `name = \"text\"`, and texts stand in quotes",
                "설정은 `name = \"글\"`처럼 쓰고, 글은 따옴표 안에 둡니다",
            )),
            Error::UnknownKey {
                at,
                key,
                section,
                near,
                known,
            } => unknown_key(at, &key, &section, near.as_deref(), &known),
            Error::WrongType {
                at,
                key,
                expected,
                found,
            } => {
                let (found_en, found_ko) = found_words(found);
                let (en, ko) = expected.words();
                Self::new(
                    codes::WRONG_SETTING_TYPE,
                    at,
                    Text::new(
                        format!("`{key}` is {found_en} here, and should be {en}"),
                        format!("`{key}`에 {found_ko} 대신 {ko} 값을 써야 합니다"),
                    ),
                )
                .label(Text::new(found_en, found_ko))
            }
            Error::WrongValue {
                at,
                key,
                value,
                expected,
            } => {
                let (en, ko) = expected.words();
                Self::new(
                    codes::WRONG_SETTING,
                    at,
                    Text::new(
                        format!("`{key}` is `{value}`, which is not {en}"),
                        format!("`{key}`의 `{value}` 대신 {ko} 값을 써야 합니다"),
                    ),
                )
            }
            Error::NoZone { at, value, near } => quoted_near(
                Self::new(
                    codes::WRONG_SETTING,
                    at,
                    Text::new(
                        format!("there is no time zone called `{value}`"),
                        format!("`{value}`: 그런 시간대가 없습니다"),
                    ),
                ),
                near.as_deref(),
                Some(Text::new(
                    "use an IANA name such as `Asia/Seoul` or `America/New_York`",
                    "`Asia/Seoul`이나 `America/New_York` 같은 IANA 이름을 쓰세요",
                )),
            ),
            Error::NotOneOf {
                at,
                key,
                value,
                allowed,
                near,
            } => {
                let problem = Self::new(
                    codes::WRONG_SETTING,
                    at,
                    Text::new(
                        format!(
                            "`{key}` is `{value}`, and can only be {}",
                            quoted(&allowed)
                        ),
                        format!(
                            "`{key}`에는 `{value}` 대신 {}만 쓸 수 있습니다",
                            if allowed.len() == 1 {
                                quoted(&allowed)
                            } else {
                                format!("{} 중 하나", quoted(&allowed))
                            }
                        ),
                    ),
                );
                quoted_near(problem, near.as_deref(), None)
            }
            Error::Missing { at, key, section } => {
                let (en, ko) = whereabouts(&section);
                Self::new(
                    codes::MISSING_SETTING,
                    at,
                    Text::new(
                        format!("`{key}` is missing {en}"),
                        format!("{ko} `{key}` 설정이 없습니다"),
                    ),
                )
                .help(Text::new(
                    format!("add a line `{key} = \"…\"`"),
                    format!("`{key} = \"…\"` 줄을 추가하세요"),
                ))
            }
            Error::Together { at, key, other } => Self::new(
                codes::WRONG_SETTING,
                at,
                Text::new(
                    format!("exactly one of `{key}` and `{other}` is needed here"),
                    format!("`{key}`와 `{other}` 중 하나만 있어야 합니다"),
                ),
            ),
            Error::UnknownName {
                at,
                what,
                name,
                near,
            } => {
                let (en, ko) = what.words();
                let problem = Self::new(
                    codes::UNKNOWN_NAME,
                    at,
                    Text::new(
                        format!("there is no {en} called `{name}`"),
                        format!("`{name}`: 그런 {ko} 없습니다"),
                    ),
                );
                quoted_near(problem, near.as_deref(), None)
            }
            Error::Secret { at, key, variable } => Self::new(
                codes::LITERAL_SECRET,
                at,
                Text::new(
                    format!("`{key}` holds a secret, and this file is read by everyone who sees the project"),
                    format!("`{key}`에 비밀 값이 그대로 적혀 있습니다. 이 파일은 프로젝트를 보는 모두가 읽습니다"),
                ),
            )
            .label(Text::new("written out here", "여기에 그대로 적힘"))
            .help(Text::new(
                format!("write `${{{variable}}}` and set the environment variable {variable} where the daemon runs; then change the secret, it has been seen"),
                format!("`${{{variable}}}`라고 쓰고 데몬이 도는 곳에 환경 변수 {variable}를 설정하세요. 이미 노출된 비밀은 바꾸세요"),
            )),
            Error::Taken { at, name } => Self::new(
                codes::WRONG_SETTING,
                at,
                Text::new(
                    format!("a link cannot be called `{name}`, which is a filter of templates"),
                    format!("`{name}`: 템플릿의 필터 이름이라 링크 이름으로 쓸 수 없습니다"),
                ),
            )
            .help(Text::new(
                format!("call it `{name}_link`"),
                format!("`{name}_link`라고 이름을 바꾸세요"),
            )),
        }
    }
}

/// "Did you mean …?" about a text in quotes, or other advice where nothing is near.
fn quoted_near(problem: Problem, near: Option<&str>, otherwise: Option<Text>) -> Problem {
    let at = problem.at;
    match (near, otherwise) {
        (Some(near), _) => problem
            .help(Text::new(
                format!("did you mean `{near}`?"),
                format!("혹시 `{near}`인가요?"),
            ))
            .guess(at, format!("\"{near}\"")),
        (None, Some(help)) => problem.help(help),
        (None, None) => problem,
    }
}

/// "in [senders.shop]" in both languages.
fn whereabouts(section: &str) -> (String, String) {
    if section.is_empty() {
        ("here".to_owned(), "여기에".to_owned())
    } else {
        (format!("in [{section}]"), format!("[{section}]에"))
    }
}

fn unknown_key(
    at: Location,
    key: &str,
    section: &str,
    near: Option<&str>,
    known: &[&str],
) -> Problem {
    let (en, ko) = if section.is_empty() {
        ("here".to_owned(), "여기에 쓰는".to_owned())
    } else {
        (format!("of [{section}]"), format!("[{section}]의"))
    };
    let problem = Problem::new(
        codes::UNKNOWN_SETTING,
        at,
        Text::new(
            format!("`{key}` is not a setting {en}"),
            format!("`{key}`: {ko} 설정이 아닙니다"),
        ),
    );
    if near.is_some() {
        return problem.did_you_mean(near);
    }
    problem.help(Text::new(
        format!("the settings here are {}", quoted(known)),
        format!("쓸 수 있는 설정: {}", quoted(known)),
    ))
}
