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
    "branch-gap",
    "circular",
    "currency-mismatch",
    "duplicate-name",
    "event-may-not-have-happened",
    "expects-nothing",
    "includes-never",
    "literal-secret",
    "lookalike",
    "maybe-missing",
    "misplaced",
    "misplaced-file",
    "missing-argument",
    "missing-arm",
    "missing-part",
    "missing-setting",
    "missing-template",
    "mixed-and-or",
    "never-expires",
    "never-true",
    "never-wins",
    "no-consent",
    "not-every-month",
    "not-supported-yet",
    "not-utf-8",
    "otherwise-takes-missing",
    "out-of-range",
    "private-data",
    "separate-project",
    "settings-syntax",
    "settled",
    "settles-too-late",
    "shadowed-arm",
    "split-sum",
    "state-grows",
    "strange-space",
    "syntax",
    "template-syntax",
    "too-big",
    "too-much",
    "unclosed",
    "undefined-symbol",
    "unknown-filter",
    "unknown-name",
    "unknown-setting",
    "unknown-unit",
    "unknown-variable",
    "unreachable-step",
    "unreadable",
    "unused",
    "unused-allow",
    "wrong-allow",
    "wrong-filter",
    "wrong-kind",
    "wrong-schedule",
    "wrong-setting",
    "wrong-setting-type",
    "wrong-type",
}

/// The page of a problem, by its name.
pub fn page(name: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, page)| *page)
}
