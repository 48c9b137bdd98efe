//! Problems as data: what was seen, where, and the edit that would help.
//! The sentences, in English and Korean, are in `wording.rs`.

use crate::rule_words::Expected;
use crate::tree::Span;
use crate::{josa, wording};

/// One thing that is wrong with the text of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong, with the words the message needs.
    pub kind: ProblemKind,
    /// The characters that are to blame.
    pub span: Span,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// The edit that would repair it.
    pub fix: Option<Edit>,
}

/// Another place that belongs to a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there, in English.
    pub english: String,
    /// What stands there, in Korean.
    pub korean: String,
}

/// A replacement of some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and is probably not what was meant.
    Warning,
}

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

/// The kinds of problems. Each comment shows the smallest text that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// `goal purchase 7 days`: something else was expected.
    Unexpected {
        /// What stands there.
        found: String,
        /// What could stand there, at most three.
        expected: Vec<Expected>,
        /// A line of this kind as it could be written.
        example: Option<&'static str>,
    },
    /// `goal purchase`: something is missing.
    Unfinished {
        /// What could follow, at most three.
        expected: Vec<Expected>,
        /// A line of this kind as it could be written.
        example: Option<&'static str>,
    },
    /// `jurney welcome { … }`: a word that is nearly a keyword.
    Misspelled {
        /// What stands there.
        found: String,
        /// The keyword.
        meant: String,
    },
    /// `goto start`: a word of another tool.
    ForeignWord {
        /// What stands there.
        found: String,
        /// What this language says instead.
        instead: String,
    },
    /// `segment send { … }`: a reserved word as a name.
    ReservedName {
        /// The word.
        word: String,
    },
    /// `dance`: no line can begin like that.
    UnknownLine {
        /// The first word of the line.
        found: String,
        /// What could begin a line here, at most three.
        expected: Vec<Expected>,
    },
    /// `journey { … }`: the name is missing.
    MissingName {
        /// The keyword before it.
        keyword: String,
    },
    /// `if age over 5`: the steps in braces are missing.
    MissingBlock,
    /// Two conditions on two lines without a word between them.
    MissingAnd,
    /// `where form is "demo"`: the parentheses are missing.
    MissingParentheses,
    /// `did purchase within 7 days`: a word about the future for the past.
    FutureWordForPast {
        /// What stands there.
        found: String,
    },
    /// `enter when …` after a step.
    MisplacedHeader {
        /// The first word of the line.
        word: String,
    },
    /// `wait 3 days { on … }`: only `wait up to` has arms.
    WaitWithArms,
    /// `send email cart-reminder`: a dash in a name.
    DashInName {
        /// The name.
        name: String,
    },
    /// `exit;`: a sign that is not needed.
    NeedlessSign {
        /// The sign.
        found: String,
    },
    /// `a && b`, `== 5`: a sign or word that is written differently here.
    WrittenDifferently {
        /// What stands there.
        found: String,
        /// How it is written here.
        instead: String,
    },
    /// `wait for purchase`: a phrase that is said in another way here, which depends on what is meant.
    SaidLike {
        /// What stands there.
        found: String,
        /// How it could be written here.
        examples: Vec<String>,
        /// Why, in English.
        english: &'static str,
        /// Why, in Korean.
        korean: &'static str,
    },
    /// `'demo'`, `“demo”`: quotes that are not `"`.
    ForeignQuotes {
        /// The opening quote.
        found: String,
    },
    /// `（`, `：`: a full-width sign.
    FullWidthSign {
        /// The sign.
        found: String,
        /// The sign that is read.
        plain: String,
    },
    /// `1.5 days`: a duration that is no whole number.
    BrokenDuration {
        /// The number.
        number: String,
    },
    /// `50,00`: commas and points that make no number.
    BrokenNumber {
        /// The number.
        number: String,
    },
    /// A number with more digits than can be kept.
    NumberTooLong {
        /// The number.
        number: String,
    },
    /// `2026-13-01`: a day that does not exist.
    NoSuchDate {
        /// The date.
        date: String,
    },
    /// `25:00`: a time that does not exist.
    NoSuchClock {
        /// The time.
        clock: String,
    },
    /// `"\q"`: a backslash before a character that needs none.
    UnknownEscape {
        /// The character.
        escape: String,
    },
    /// A bracket inside too many others.
    TooDeep {
        /// How many are allowed.
        limit: usize,
    },
    /// A file that is too large.
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// A declaration that takes too long to read.
    TooComplex,
    /// `"demo` without its closing quote.
    UnclosedText,
    /// `{` or `(` without its partner.
    UnclosedBracket {
        /// The bracket.
        sign: char,
    },
    /// `}` or `)` without its partner.
    UnopenedBracket {
        /// The bracket.
        sign: char,
    },
    /// `}` where only `)` can stand, or the other way round.
    WrongBracket {
        /// What stands there.
        found: char,
        /// What closes what is open.
        instead: char,
    },
    /// A line that should end with `{`, as the lines below show.
    MissingOpener {
        /// The bracket.
        sign: char,
    },
    /// A space that looks like a space and is another character.
    StrangeSpace,
    /// `4 hrs`: an abbreviated or unknown unit.
    UnknownUnit {
        /// What stands there.
        found: String,
        /// The unit that was probably meant.
        meant: Option<String>,
    },
    /// `wait 3`: the unit is missing.
    MissingUnit {
        /// The number.
        number: String,
    },
    /// Formatting would change what the file means: a bug of the formatter, which leaves the file alone.
    NotFormatted,
    /// `3days`: the space before the unit is missing.
    JoinedUnit {
        /// The number with its unit.
        found: String,
    },
}

impl ProblemKind {
    /// Returns the stable code: `J0001`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnclosedText
            | Self::UnclosedBracket { .. }
            | Self::UnopenedBracket { .. }
            | Self::WrongBracket { .. }
            | Self::MissingOpener { .. } => "J0002",
            Self::StrangeSpace => "J0003",
            Self::UnknownUnit { .. } | Self::MissingUnit { .. } | Self::JoinedUnit { .. } => {
                "J0104"
            }
            _ => "J0001",
        }
    }

    /// Returns the stable name that belongs to the code: `syntax`.
    pub fn name(&self) -> &'static str {
        match self.code() {
            "J0002" => "unclosed",
            "J0003" => "strange-space",
            "J0104" => "unknown-unit",
            _ => "syntax",
        }
    }

    /// Tells whether the file can be used all the same.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::StrangeSpace => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Returns one sentence that says what was seen and what was expected.
    pub fn message(&self, language: Language) -> String {
        match language {
            Language::English => wording::english(self),
            Language::Korean => josa::resolved(&wording::korean(self)),
        }
    }

    /// Returns what to do about it.
    pub fn help(&self, language: Language) -> Option<String> {
        match language {
            Language::English => wording::english_help(self),
            Language::Korean => wording::korean_help(self).map(|help| josa::resolved(&help)),
        }
    }
}
