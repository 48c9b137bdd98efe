//! The pages of `journeyc explain`, one per kind of problem, in both languages. A test runs their examples, and another
//! keeps pages and codes in step.
//!
//! A Korean page has words only: its examples are those of the English one, put under the same headings.

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        const PAGES: &[Page] = &[$(Page {
            name: $name,
            english: include_str!(concat!("problems/", $name, ".md")),
            korean: include_str!(concat!("problems/ko/", $name, ".md")),
        }),*];
    };
}

struct Page {
    name: &'static str,
    english: &'static str,
    korean: &'static str,
}

/// The headings above examples, in English and Korean.
const SHOWN: [(&str, &str); 2] = [("## Example", "## 보기"), ("## Instead", "## 이렇게")];

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
    "either-way",
    "event-may-not-have-happened",
    "expects-nothing",
    "go-round",
    "impossible-date",
    "includes-never",
    "left-out",
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
    "not-utf-8",
    "offer-in-notice",
    "offer-over",
    "opens",
    "otherwise-takes-missing",
    "out-of-range",
    "over-cap",
    "private-data",
    "sample-words",
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

/// The page of a problem, by its name, in English.
pub fn page(name: &str) -> Option<&'static str> {
    named(name).map(|page| page.english)
}

/// The page of a problem, by its name, in Korean.
pub fn korean_page(name: &str) -> Option<String> {
    let page = named(name)?;
    let mut out = String::new();
    for line in page.korean.lines() {
        out.push_str(line);
        out.push('\n');
        if let Some((english, _)) = SHOWN.iter().find(|(_, korean)| *korean == line) {
            out.push_str(&examples(page.english, english));
        }
    }
    Some(out)
}

fn named(name: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.name == name)
}

/// The fenced blocks below a heading, each after an empty line.
fn examples(page: &str, heading: &str) -> String {
    let mut out = String::new();
    let (mut below, mut fenced) = (false, false);
    for line in page.lines() {
        let fence = line.starts_with("```");
        if !fenced && line.starts_with("## ") {
            below = line == heading;
        }
        if below && (fenced || fence) {
            if !fenced {
                out.push('\n');
            }
            out.push_str(line);
            out.push('\n');
        }
        fenced ^= fence;
    }
    out
}
