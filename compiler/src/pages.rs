//! The pages of `journeyc explain`, one per kind of problem. A test runs their examples, and another keeps pages and
//! codes in step.

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        const PAGES: &[(&str, &str)] = &[$(($name, include_str!(concat!("problems/", $name, ".md")))),*];
    };
}

pages! {
    "ad-label",
    "after-goal",
    "against-policy",
    "always-capped",
    "audience-consent",
    "bare-particle",
    "branch-gap",
    "bunched",
    "circular",
    "currency-mismatch",
    "duplicate-name",
    "event-may-not-have-happened",
    "expects-nothing",
    "impossible-date",
    "includes-never",
    "literal-secret",
    "long-sms",
    "lookalike",
    "many-keys",
    "maybe-missing",
    "misplaced",
    "misplaced-file",
    "missing-argument",
    "missing-arm",
    "missing-part",
    "missing-setting",
    "missing-template",
    "mixed-and-or",
    "never-allowed",
    "never-expires",
    "never-true",
    "never-wins",
    "night",
    "no-consent",
    "not-every-month",
    "not-supported-yet",
    "not-utf-8",
    "offer-in-notice",
    "offer-over",
    "opens",
    "otherwise-takes-missing",
    "out-of-range",
    "over-cap",
    "private-data",
    "sent-twice",
    "separate-project",
    "settings-syntax",
    "settled",
    "settles-too-late",
    "shadowed-arm",
    "split-sum",
    "starts-again",
    "state-grows",
    "strange-space",
    "syntax",
    "template-syntax",
    "too-big",
    "too-much",
    "true-at-entry",
    "unclosed",
    "undefined-symbol",
    "unknown-filter",
    "unknown-link",
    "unknown-name",
    "unknown-setting",
    "unknown-unit",
    "unknown-variable",
    "unreachable-step",
    "unreadable",
    "unstopped",
    "unused",
    "unused-allow",
    "wrong-allow",
    "wrong-channel",
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
