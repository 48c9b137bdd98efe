//! Problems as data: what is wrong, where, in English and Korean, and the edit that would help.
//!
//! Each pass has its own enum of errors whose variants hold data; the wording stands on the variant and becomes one
//! [`Problem`] through `From`. [`Problems`] collects them. How they look on a screen is the report's business.

mod list;

pub use list::{MAX_KEPT, MAX_SHOWN, Problems};

use journey_grammar::tree::Span;

use crate::codes::Code;
use crate::sources::FileId;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The project cannot run.
    Error,
    /// The project runs, but probably does not do what was meant.
    Warning,
    /// Worth knowing; nothing is wrong.
    Info,
}

impl Severity {
    /// The word for it in reports: `error`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
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

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Korean.
    pub ko: String,
}

impl Text {
    /// Puts the two together.
    pub fn new(en: impl Into<String>, ko: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            ko: ko.into(),
        }
    }

    /// With Korean particles that are written in both forms, `은(는)`, following the sound before them.
    #[must_use]
    pub(crate) fn with_particles(mut self) -> Self {
        self.ko = journey_grammar::resolved_particles(&self.ko);
        self
    }

    /// The words in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Korean => &self.ko,
        }
    }
}

/// A place in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

impl Location {
    /// The bytes `span` of a file.
    pub const fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// A replacement of some text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub at: Location,
    /// The new text.
    pub replacement: String,
    /// Whether it is what was meant for certain. A guess is applied only when it is asked for.
    pub is_certain: bool,
}

/// One thing that is wrong with a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code: `J0102`.
    pub code: &'static str,
    /// The stable name: `unknown-name`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The characters that are to blame.
    pub at: Location,
    /// What stands there, a noun phrase; empty where the message says it all.
    pub label: Text,
    /// Other places that explain it.
    pub others: Vec<(Location, Text)>,
    /// One sentence: what was seen, then what was expected. Lower-case start, no final period.
    pub message: Text,
    /// What to do about it.
    pub help: Option<Text>,
    /// The edit that would repair it.
    pub fix: Option<Edit>,
}

impl Problem {
    /// A problem of a registered code at a place.
    pub fn new(code: Code, at: Location, message: Text) -> Self {
        Self {
            code: code.code,
            name: code.name,
            severity: code.severity,
            at,
            label: Text::new("", ""),
            others: Vec::new(),
            message,
            help: None,
            fix: None,
        }
    }

    /// With Korean particles as they are spoken.
    #[must_use]
    pub(crate) fn with_particles(mut self) -> Self {
        self.message = self.message.with_particles();
        self.help = self.help.map(Text::with_particles);
        self
    }

    /// With words under the characters that are to blame.
    #[must_use]
    pub fn label(mut self, label: Text) -> Self {
        self.label = label;
        self
    }

    /// With another place that explains it.
    #[must_use]
    pub fn other(mut self, at: Location, label: Text) -> Self {
        self.others.push((at, label));
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: Text) -> Self {
        self.help = Some(help);
        self
    }

    /// With the edit that replaces the characters at `at`.
    #[must_use]
    pub fn fix(mut self, at: Location, replacement: impl Into<String>) -> Self {
        self.fix = Some(Edit {
            at,
            replacement: replacement.into(),
            is_certain: true,
        });
        self
    }

    /// With "did you mean …?" as help and as an edit of the blamed characters, where there is a near word.
    #[must_use]
    pub fn did_you_mean(self, near: Option<&str>) -> Self {
        let Some(near) = near else { return self };
        let at = self.at;
        self.help(Text::new(
            format!("did you mean `{near}`?"),
            format!("혹시 `{near}`인가요?"),
        ))
        .guess(at, near)
    }

    /// With an edit that is probably what was meant.
    #[must_use]
    pub fn guess(mut self, at: Location, replacement: impl Into<String>) -> Self {
        self.fix = Some(Edit {
            at,
            replacement: replacement.into(),
            is_certain: false,
        });
        self
    }
}
