//! The registry of diagnostics: code, name, severity and one line each. Codes are never reused.
//!
//! J00 syntax · J01 names, types, literals, settings · J02 logic · J03 data, templates, dates · J04 across journeys ·
//! J05 one journey's behaviour · J06 consent and compliance · J07 versions · J08 state · J09 tests.

use crate::problem::Severity;

/// One kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable code: `J0102`.
    pub code: &'static str,
    /// The stable name, and the name of its page: `unknown-name`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one line.
    pub about: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $code:literal $name:literal $severity:ident $about:literal;)*) => {
        $(
            #[doc = $about]
            #[allow(dead_code, reason = "the grammar's codes are listed here and raised there")]
            pub(crate) const $constant: Code = Code {
                code: $code,
                name: $name,
                severity: Severity::$severity,
                about: $about,
            };
        )*

        /// Every kind of problem, in the order of the codes.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    SYNTAX = "J0001" "syntax" Error "something that no line of a journey can say";
    UNCLOSED = "J0002" "unclosed" Error "a bracket or a quote without its partner";
    STRANGE_SPACE = "J0003" "strange-space" Warning "a space that is another character";
    NOT_UTF8 = "J0090" "not-utf-8" Error "a file that is not text in UTF-8";
    TOO_BIG = "J0091" "too-big" Error "a file, or a project, that is too big";
    UNREADABLE = "J0092" "unreadable" Error "a file that the system does not let us read";
    MISPLACED_FILE = "J0093" "misplaced-file" Error "a template in the folder of no channel";
    SEPARATE_PROJECT = "J0094" "separate-project" Info "a folder below with its own journey.toml";
    UNUSED_ALLOW = "J0095" "unused-allow" Warning "a comment that allows a problem that is not there";
    WRONG_ALLOW = "J0096" "wrong-allow" Error "a comment that cannot allow what it says";
    DUPLICATE_NAME = "J0101" "duplicate-name" Error "a name that is declared twice";
    UNKNOWN_NAME = "J0102" "unknown-name" Error "a name that nothing in the project has";
    CURRENCY_MISMATCH = "J0103" "currency-mismatch" Error "amounts in different currencies";
    UNKNOWN_UNIT = "J0104" "unknown-unit" Error "a length of time without a unit, or with one that does not exist";
    UNDEFINED_SYMBOL = "J0105" "undefined-symbol" Error "a currency sign that stands for several currencies";
    MIXED_AND_OR = "J0106" "mixed-and-or" Error "`and` and `or` side by side without parentheses";
    LOOKALIKE = "J0107" "lookalike" Warning "names that look the same and are not";
    WRONG_TYPE = "J0108" "wrong-type" Error "a value or question that does not fit the type";
    OUT_OF_RANGE = "J0109" "out-of-range" Error "a number, amount or length of time that cannot be";
    LEFT_OUT = "J0110" "left-out" Error "something that the language leaves out on purpose";
    WRONG_KIND = "J0111" "wrong-kind" Error "a name of something else than what is needed";
    MISSING_PART = "J0112" "missing-part" Error "a declaration or step without a part that it needs";
    MISPLACED = "J0113" "misplaced" Error "something that cannot stand where it was written";
    CIRCULAR = "J0114" "circular" Error "a definition that comes back to itself";
    MISSING_ARGUMENT = "J0115" "missing-argument" Error "a message, action or sequence without an argument that it needs";
    TOO_MUCH = "J0116" "too-much" Error "more steps or layers than one program can have";
    SETTINGS_SYNTAX = "J0120" "settings-syntax" Error "settings that are not TOML";
    UNKNOWN_SETTING = "J0121" "unknown-setting" Error "a setting that does not exist";
    WRONG_SETTING_TYPE = "J0122" "wrong-setting-type" Error "a setting of another type";
    WRONG_SETTING = "J0123" "wrong-setting" Error "a setting with a value that cannot be";
    LITERAL_SECRET = "J0124" "literal-secret" Error "a password or token written out in the project";
    MISSING_SETTING = "J0125" "missing-setting" Error "a setting that has to be there";
    BRANCH_GAP = "J0201" "branch-gap" Error "branches that leave someone out";
    NEVER_TRUE = "J0202" "never-true" Error "a condition that nobody can satisfy";
    OTHERWISE_TAKES_MISSING = "J0203" "otherwise-takes-missing" Warning "an `otherwise` or a `not` that also takes people without the value";
    INCLUDES_NEVER = "J0204" "includes-never" Warning "a `did not …` that also holds for people who never did";
    SHADOWED_ARM = "J0205" "shadowed-arm" Warning "an arm for a value that an earlier arm takes";
    UNREACHABLE_STEP = "J0206" "unreachable-step" Warning "steps that nobody reaches";
    NEVER_WINS = "J0207" "never-wins" Warning "an arm of a wait whose event ends the run first";
    MISSING_ARM = "J0208" "missing-arm" Error "a value that no arm of `choose by` takes";
    SETTLED = "J0209" "settled" Warning "a condition that everyone who comes answers alike";
    UNKNOWN_VARIABLE = "J0301" "unknown-variable" Error "a template variable that is neither known of a contact nor passed";
    UNUSED = "J0302" "unused" Info "something declared that nothing uses";
    MAYBE_MISSING = "J0303" "maybe-missing" Error "a template variable that some people have no value for";
    EVENT_MAY_NOT_HAVE_HAPPENED = "J0304" "event-may-not-have-happened" Error "a field of an event that may not have happened";
    NOT_EVERY_MONTH = "J0305" "not-every-month" Warning "a day that not every month has, or a month taken for 30 days";
    IMPOSSIBLE_DATE = "J0306" "impossible-date" Warning "a date that has gone by, or a time that does not exist";
    WRONG_SCHEDULE = "J0307" "wrong-schedule" Error "a schedule that never comes or cannot be read";
    NEVER_EXPIRES = "J0308" "never-expires" Error "the end of an offer that has none";
    BARE_PARTICLE = "J0309" "bare-particle" Info "a Korean particle straight after a variable";
    TEMPLATE_SYNTAX = "J0310" "template-syntax" Error "a variable in a template that cannot be read";
    UNKNOWN_FILTER = "J0311" "unknown-filter" Error "a filter that does not exist";
    WRONG_FILTER = "J0312" "wrong-filter" Error "a filter that does not fit the value";
    MISSING_TEMPLATE = "J0313" "missing-template" Error "a message without a template";
    UNKNOWN_LINK = "J0314" "unknown-link" Error "a click on a link that no template has";
    OVER_CAP = "J0401" "over-cap" Warning "more messages for one person than a cap lets through";
    GO_ROUND = "J0403" "go-round" Warning "journeys that start each other again and again";
    STARTS_AGAIN = "J0404" "starts-again" Warning "an end of a run that starts the next one";
    BUNCHED = "J0405" "bunched" Warning "many messages for one person at the end of the quiet hours";
    ALWAYS_CAPPED = "J0406" "always-capped" Error "a message that a cap always holds back";
    SENT_TWICE = "J0501" "sent-twice" Warning "the same message twice to one person";
    UNSTOPPED = "J0502" "unstopped" Warning "advertising that goes on after what it is for has happened";
    AFTER_GOAL = "J0503" "after-goal" Warning "a message after the time in which the goal counts";
    SETTLES_TOO_LATE = "J0504" "settles-too-late" Error "an absence decided before the event can have arrived";
    OFFER_OVER = "J0505" "offer-over" Error "an offer that is over, or not issued yet, where it is used";
    OPENS = "J0506" "opens" Warning "a decision by whether a mail was opened";
    SPLIT_SUM = "J0508" "split-sum" Error "shares of a split that do not add up";
    TRUE_AT_ENTRY = "J0509" "true-at-entry" Warning "an exit or goal that the entry leaves no room for";
    NO_HOUR_LEFT = "J0510" "never-allowed" Error "a message for which no hour of the day is left";
    EITHER_WAY = "J0511" "either-way" Warning "a message that also goes to those who did what was waited for";
    NO_CONSENT = "J0601" "no-consent" Error "advertising that no consent covers";
    AD_LABEL = "J0602" "ad-label" Error "advertising without what Korean law asks for";
    NIGHT = "J0603" "night" Error "advertising at night without a consent to it";
    OFFER_IN_NOTICE = "J0604" "offer-in-notice" Error "a notice with an offer in it";
    PRIVATE_DATA = "J0605" "private-data" Error "personal data that goes where it is not allowed";
    AUDIENCE_CONSENT = "J0606" "audience-consent" Warning "an ad audience that asks nobody for consent";
    WRONG_CHANNEL = "J0607" "wrong-channel" Error "a purpose that a channel does not carry";
    LONG_SMS = "J0608" "long-sms" Info "a text message that is longer than one SMS";
    SAMPLE_WORDS = "J0609" "sample-words" Warning "a number or address of nobody in a message";
    STATE_GROWS = "J0801" "state-grows" Info "an amount that keeps every event of its window";
    MANY_KEYS = "J0803" "many-keys" Warning "events that follow each other for more keys than are kept";
    AGAINST_POLICY = "J0902" "against-policy" Warning "a test that expects what a policy forbids";
    EXPECTS_NOTHING = "J0904" "expects-nothing" Warning "a test that expects nothing";
}

/// What no comment can allow though its group can be: without its repair it is not clear what to run or who may be
/// written to.
const NEVER_ALLOWED: [Code; 13] = [
    UNKNOWN_VARIABLE,
    EVENT_MAY_NOT_HAVE_HAPPENED,
    WRONG_SCHEDULE,
    NEVER_EXPIRES,
    TEMPLATE_SYNTAX,
    UNKNOWN_FILTER,
    WRONG_FILTER,
    MISSING_TEMPLATE,
    SPLIT_SUM,
    NO_CONSENT,
    PRIVATE_DATA,
    UNUSED_ALLOW,
    WRONG_ALLOW,
];

impl Code {
    /// Whether `# allow NAME: reason` can keep it silent: whether it is what a check says about a program that is
    /// clear in itself.
    #[must_use]
    pub fn can_be_allowed(self) -> bool {
        let groups = ["J02", "J03", "J04", "J05", "J06", "J08", "J09"];
        let checks = groups.iter().any(|group| self.code.starts_with(group));
        self == LOOKALIKE || (checks && !NEVER_ALLOWED.contains(&self))
    }
}

/// Whether a text has the form of a code.
pub(crate) fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['J', 'j']).unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit())
}

/// The kind of problem with this code or name.
pub fn find(code_or_name: &str) -> Option<Code> {
    ALL.iter()
        .find(|it| it.code.eq_ignore_ascii_case(code_or_name) || it.name == code_or_name)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_names_are_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
        let mut names: Vec<_> = ALL.iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
