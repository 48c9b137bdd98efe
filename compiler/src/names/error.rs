//! What can be wrong with a name.

use crate::codes;
use crate::josa::josa;
use crate::names::Kind;
use crate::near::nearest;
use crate::problem::{Location, Problem, Text};

/// How many known names a help lists.
const MOST_LISTED: usize = 8;

/// A name that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NameError {
    /// `segment a { … }` and `event a { … }`.
    Twice {
        name: String,
        kind: Kind,
        first_kind: Kind,
        first: Location,
    },
    /// Two `contact` blocks.
    SecondContact { first: Location },
    /// `event email.clicked { }`, `contact { now: text }`.
    BuiltIn { name: String },
    /// `enter when purchse`.
    Unknown {
        kind: Kind,
        name: String,
        /// Of what it is no part: the event of an unknown field.
        of: Option<String>,
        near: Option<String>,
        known: Vec<String>,
        /// The last line of the `contact` block, which is to have it, and the type that it seems to be of.
        line: Option<(Location, &'static str)>,
    },
    /// `in 생애주기`, where `생애주기` is a lifecycle.
    OfAnotherKind {
        name: String,
        wanted: Kind,
        found: Kind,
        declared: Location,
    },
}

impl NameError {
    /// A name declared for the second time.
    pub(crate) fn twice(name: &str, kind: Kind, first_kind: Kind, first: Location) -> Self {
        Self::Twice {
            name: name.to_owned(),
            kind,
            first_kind,
            first,
        }
    }

    /// A name that nothing has, among those known.
    pub(crate) fn unknown(kind: Kind, name: &str, near: Option<&str>, known: &[&str]) -> Self {
        Self::Unknown {
            kind,
            name: name.to_owned(),
            of: None,
            near: near.map(str::to_owned),
            known: known.iter().map(|&it| it.to_owned()).collect(),
            line: None,
        }
    }

    /// An attribute that the `contact` block lacks, whose last line this is.
    pub(crate) fn in_contact(mut self, last: Option<Location>, of_type: &'static str) -> Self {
        if let Self::Unknown { line, .. } = &mut self {
            *line = last.map(|it| (it, of_type));
        }
        self
    }

    /// A name that no part of `of` has.
    pub(crate) fn unknown_in<'n>(
        kind: Kind,
        name: &str,
        of: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let near = nearest(name, known.iter().copied()).map(str::to_owned);
        Self::Unknown {
            kind,
            name: name.to_owned(),
            of: (!of.is_empty()).then(|| of.to_owned()),
            near,
            known: known.into_iter().map(str::to_owned).collect(),
            line: None,
        }
    }

    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::Twice {
                name,
                kind,
                first_kind,
                first,
            } => twice(&name, kind, first_kind, first, at),
            Self::SecondContact { first } => Problem::new(
                codes::DUPLICATE_NAME,
                at,
                Text::new(
                    "`contact` is declared twice",
                    "`contact`가 두 번 선언되어 있습니다",
                ),
            )
            .label(Text::new("the second", "두 번째"))
            .other(first, Text::new("the first", "첫 번째"))
            .help(Text::new(
                "move these attributes into the first `contact { … }`",
                "이 속성들을 첫 번째 `contact { … }` 안으로 옮기세요",
            )),
            Self::BuiltIn { name } => Problem::new(
                codes::DUPLICATE_NAME,
                at,
                Text::new(
                    format!("`{name}` is built into the language and cannot be declared"),
                    format!("`{name}`: 언어에 이미 있는 이름이라 다시 선언할 수 없습니다"),
                ),
            )
            .label(Text::new("a built-in name", "내장된 이름"))
            .help(Text::new("choose another name", "다른 이름을 쓰세요")),
            Self::Unknown {
                kind,
                name,
                of,
                near,
                known,
                line,
            } => unknown(
                (kind, &name, of.as_deref()),
                (near.as_deref(), &known),
                line,
                at,
            ),
            Self::OfAnotherKind {
                name,
                wanted,
                found,
                declared,
            } => of_another_kind(&name, wanted, found, declared, at),
        }
    }
}

fn twice(name: &str, kind: Kind, first_kind: Kind, first: Location, at: Location) -> Problem {
    let (this, that) = (kind.a(), first_kind.a());
    let message = if kind == first_kind {
        Text::new(
            format!("{} called `{name}` is declared twice", this.en),
            format!(
                "`{name}`: 같은 이름의 {} 두 번 선언되어 있습니다",
                josa(&this.ko, ("이", "가"))
            ),
        )
    } else {
        Text::new(
            format!("`{name}` is already the name of {}", that.en),
            format!("`{name}`: 이미 다른 {}의 이름입니다", that.ko),
        )
    };
    Problem::new(codes::DUPLICATE_NAME, at, message)
        .label(Text::new("the second", "두 번째"))
        .other(first, Text::new("the first", "첫 번째"))
        .help(if kind.is_declared() || kind == Kind::Attribute {
            Text::new(
                "give one of them another name; names are shared by all files of a project",
                "둘 중 하나의 이름을 바꾸세요. 이름은 프로젝트의 모든 파일이 함께 씁니다",
            )
        } else {
            Text::new(
                "give one of them another name",
                "둘 중 하나의 이름을 바꾸세요",
            )
        })
}

fn unknown(
    (kind, name, of): (Kind, &str, Option<&str>),
    (near, known): (Option<&str>, &[String]),
    line: Option<(Location, &'static str)>,
    at: Location,
) -> Problem {
    let words = kind.words();
    let missing = josa(&words.ko, ("이", "가"));
    let message = match of {
        Some(of) => Text::new(
            format!("`{of}` has no {} `{name}`", words.en),
            format!("`{of}`에 `{name}`(이)라는 {missing} 없습니다"),
        ),
        None => Text::new(
            format!("there is no {} called `{name}`", words.en),
            format!("`{name}`(이)라는 {missing} 없습니다"),
        ),
    };
    let problem = Problem::new(codes::UNKNOWN_NAME, at, message)
        .label(Text::new("not known", "알 수 없는 이름"));
    if near.is_some() {
        return problem.did_you_mean(near);
    }
    let listed = (!known.is_empty() && known.len() <= MOST_LISTED).then(|| known.join("`, `"));
    let (en, ko) = if kind.is_a_setting() {
        (" in journey.toml", "journey.toml에 ")
    } else if kind == Kind::Attribute {
        (
            ", with its type, in `contact { … }`",
            "`contact { … }` 안에 알맞은 형식으로 ",
        )
    } else {
        ("", "")
    };
    if let Some((last, of_type)) = line {
        let line = format!("{name}: {of_type}, optional");
        let (before_en, before_ko) = match &listed {
            Some(list) => (
                format!("known here: `{list}`; or "),
                format!("쓸 수 있는 이름: `{list}`. 또는 "),
            ),
            None => (String::new(), String::new()),
        };
        return problem
            .help(Text::new(
                format!("{before_en}add the line `{line}` to the `contact` that there is"),
                format!("{before_ko}이미 있는 `contact` 안에 `{line}` 줄을 더하세요"),
            ))
            .other(last, Text::new("below this line", "이 줄 아래에"));
    }
    match (listed, kind.declaration_of(name)) {
        (Some(list), Some(declaration)) => problem.help(Text::new(
            format!("known here: `{list}`; or declare it{en}: `{declaration}`"),
            format!("쓸 수 있는 이름: `{list}`. 또는 {ko}선언하세요: `{declaration}`"),
        )),
        (Some(list), None) => problem.help(Text::new(
            format!("known here: `{list}`"),
            format!("쓸 수 있는 이름: `{list}`"),
        )),
        (None, Some(declaration)) => problem.help(Text::new(
            format!("declare it{en}: `{declaration}`"),
            format!("먼저 {ko}선언하세요: `{declaration}`"),
        )),
        (None, None) => problem,
    }
}

fn of_another_kind(
    name: &str,
    wanted: Kind,
    found: Kind,
    declared: Location,
    at: Location,
) -> Problem {
    let (this, that) = (found.a(), wanted.a());
    let problem = Problem::new(
        codes::WRONG_KIND,
        at,
        Text::new(
            format!("`{name}` is {}, and {} is needed here", this.en, that.en),
            format!(
                "`{name}`: {}입니다. 여기에는 {} 이름이 와야 합니다",
                this.ko, that.ko
            ),
        ),
    )
    .label(Text::new(this.en.clone(), this.ko.clone()))
    .other(declared, Text::new("declared here", "여기에서 선언됨"));
    match (wanted, found) {
        (Kind::Segment, Kind::Lifecycle) => problem.help(Text::new(
            format!("ask for a stage: `{name} is …`, `{name} becomes …`"),
            format!("단계를 쓰세요: `{name} is …`, `{name} becomes …`"),
        )),
        (Kind::Attribute, Kind::Segment) => problem.help(Text::new(
            format!("ask for membership: `in {name}`"),
            format!("속해 있는지 물으세요: `in {name}`"),
        )),
        (Kind::Attribute, Kind::Event) => problem.help(Text::new(
            format!("ask whether it happened: `did {name}`; or for a field: `{name}.…`"),
            format!("일어났는지 물으세요: `did {name}`. 필드는 `{name}.…`"),
        )),
        (Kind::Parameter, Kind::Event) => problem.help(Text::new(
            format!("wait for it with a limit: `wait up to 7 days for {name}`"),
            format!("기한을 두고 기다리세요: `wait up to 7 days for {name}`"),
        )),
        (Kind::Segment | Kind::Lifecycle, Kind::Event) => problem.help(Text::new(
            format!("an event needs no word before it, or `did {name}` in a condition"),
            format!("이벤트는 앞에 다른 말 없이 쓰고, 조건에서는 `did {name}`처럼 씁니다"),
        )),
        _ => problem,
    }
}
