//! The pages of `journeyc explain`, one per kind of problem. A test runs their examples, and another keeps pages and
//! codes in step.

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        const PAGES: &[(&str, &str)] = &[$(($name, include_str!(concat!("problems/", $name, ".md")))),*];
    };
}

pages! {
    "ad-label",
    "bare-particle",
    "literal-secret",
    "maybe-missing",
    "misplaced-file",
    "missing-setting",
    "missing-template",
    "no-consent",
    "not-utf-8",
    "separate-project",
    "settings-syntax",
    "strange-space",
    "syntax",
    "template-syntax",
    "too-big",
    "unclosed",
    "unknown-filter",
    "unknown-setting",
    "unknown-unit",
    "unknown-variable",
    "unreadable",
    "wrong-filter",
    "wrong-setting",
    "wrong-setting-type",
}

/// The page of a problem, by its name.
pub fn page(name: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, page)| *page)
}
