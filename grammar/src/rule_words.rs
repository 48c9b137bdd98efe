//! What a marketer would call each rule of the grammar, and how the words of each rule are spelt.
//! Rules without words are of no help in a message and are left out.

use crate::parse::Rule;
use crate::problem::Language;

/// Something that could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A word or sign, exactly as written.
    Word(String),
    /// A kind of thing.
    Phrase {
        /// In English: `a duration such as …`
        english: &'static str,
        /// In Korean.
        korean: &'static str,
    },
}

impl Expected {
    /// Returns the words in a language.
    pub fn words(&self, language: Language) -> String {
        match (self, language) {
            (Self::Word(word), Language::Korean) if !word.starts_with(char::is_alphabetic) => {
                format!("`{word}` 기호")
            }
            (Self::Word(word), _) => format!("`{word}`"),
            (Self::Phrase { english, .. }, Language::English) => (*english).to_owned(),
            (Self::Phrase { korean, .. }, Language::Korean) => (*korean).to_owned(),
        }
    }
}

/// How many things are suggested at most.
const MAX_EXPECTED: usize = 3;

/// Turns the rules that pest would have taken into at most three suggestions.
pub(crate) fn expected(rules: &[Rule]) -> Vec<Expected> {
    let mut found: Vec<Expected> = Vec::new();
    let (ends, others): (Vec<Rule>, Vec<Rule>) = rules.iter().partition(|&&rule| rule == Rule::EOI);
    for rule in others.into_iter().chain(ends) {
        if let Some(words) = words(rule)
            && !found.contains(&words)
        {
            found.push(words);
        }
    }
    found.truncate(MAX_EXPECTED);
    found
}

/// Returns the keyword of a keyword rule.
fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("kw_").map(str::to_owned)
}

const fn sign(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::comma => ",",
        Rule::colon => ":",
        Rule::equals => "=",
        Rule::open_group => "(",
        Rule::close_group => ")",
        _ => return None,
    })
}

fn words(rule: Rule) -> Option<Expected> {
    if let Some(keyword) = keyword(rule) {
        return Some(Expected::Word(keyword));
    }
    if let Some(sign) = sign(rule) {
        return Some(Expected::Word(sign.to_owned()));
    }
    let (english, korean) = match rule {
        Rule::name | Rule::word | Rule::path | Rule::names => ("a name", "이름"),
        Rule::string => ("a text in quotes", "따옴표로 감싼 글"),
        Rule::number | Rule::count_number => ("a number", "수"),
        Rule::points => ("points such as `+10`", "`+10` 같은 점수"),
        Rule::percent | Rule::share => ("a percentage such as `10%`", "`10%` 같은 비율"),
        Rule::currency_code => ("a currency such as `KRW`", "`KRW` 같은 통화"),
        Rule::money => (
            "an amount of money such as `5,000원`",
            "`5,000원` 같은 금액",
        ),
        Rule::unit | Rule::day_kind => ("a unit such as `days`", "`days` 같은 단위"),
        Rule::duration | Rule::within => ("a duration such as `3 days`", "`3 days` 같은 기간"),
        Rule::date | Rule::moment => ("a date such as `2026-11-27`", "`2026-11-27` 같은 날짜"),
        Rule::clock => ("a time such as `09:30`", "`09:30` 같은 시각"),
        Rule::weekday => ("a weekday such as `Monday`", "`Monday` 같은 요일"),
        Rule::ordinal => (
            "`first`, `second` or `last`",
            "`first`, `second` 또는 `last`",
        ),
        Rule::value | Rule::values | Rule::quantity | Rule::arm_key => ("a value", "값"),
        Rule::condition
        | Rule::negation
        | Rule::compare
        | Rule::behavior
        | Rule::enter_condition => ("a condition", "조건"),
        Rule::aggregate | Rule::aggregate_kind => (
            "a sum such as `total of purchase.total`",
            "`total of purchase.total` 같은 합계",
        ),
        Rule::comparison | Rule::compare_is => (
            "a comparison such as `is` or `at least`",
            "`is`나 `at least` 같은 비교",
        ),
        Rule::connective => ("`and` or `or`", "`and`나 `or`"),
        Rule::event_pattern | Rule::pattern => ("an event", "이벤트"),
        Rule::trigger => ("an event or `joins`", "이벤트나 `joins`"),
        Rule::schedule => ("a schedule such as `every week`", "`every week` 같은 일정"),
        Rule::where_clause => ("`where ( … )`", "`where ( … )`"),
        Rule::count => (
            "how often, as in `at least 3 times`",
            "`at least 3 times` 같은 횟수",
        ),
        Rule::window => (
            "a period such as `in the last 30 days`",
            "`in the last 30 days` 같은 기간",
        ),
        Rule::field_type | Rule::base_type | Rule::type_plain => (
            "a type such as `text` or `number`",
            "`text`나 `number` 같은 형식",
        ),
        Rule::field_option => (
            "`optional`, `key`, `private` or `default`",
            "`optional`, `key`, `private`, `default`",
        ),
        Rule::channel => ("a channel such as `email`", "`email` 같은 채널"),
        Rule::message => (
            "a message such as `email welcome`",
            "`email welcome` 같은 메시지",
        ),
        Rule::first_available => ("`first available of`", "`first available of`"),
        Rule::arguments => ("`with ( … )`", "`with ( … )`"),
        Rule::argument | Rule::record_field => (
            "a name with a value such as `gap: 2 days`",
            "`gap: 2 days` 같은 항목",
        ),
        Rule::members => ("`new members only`", "`new members only`"),
        Rule::object | Rule::object_body => ("an object in `{ … }`", "`{ … }` 객체"),
        Rule::lowest_first => ("`, lowest first`", "`, lowest first`"),
        Rule::rank => ("`top 10% by …`", "`top 10% by …`"),
        Rule::item_count => (
            "a count such as `number of item where ( … )`",
            "`number of item where ( … )` 같은 개수",
        ),
        Rule::by_request => ("`by request`", "`by request`"),
        Rule::request_field => (
            "a field such as `product: text`",
            "`product: text` 같은 필드",
        ),
        Rule::nth => ("`4th` or another such number", "`4th` 같은 차례"),
        Rule::stock => ("`up to 10 in total`", "`up to 10 in total`"),
        Rule::ask_for => ("`for` with an attribute", "`for`와 속성"),
        Rule::ask_limit => ("`up to` with a duration", "`up to`와 기간"),
        Rule::for_at_least => ("`for at least 3 days`", "`for at least 3 days`"),
        Rule::label => ("`as` with a name", "`as`와 이름"),
        Rule::between => ("`between 09:00 and 20:00`", "`between 09:00 and 20:00`"),
        Rule::then_until => ("`, then until …`", "`, then until …`"),
        Rule::until => ("a time, a date or a name", "시각, 날짜 또는 이름"),
        Rule::overflow => (
            "`, then skip` or `, then wait`",
            "`, then skip`이나 `, then wait`",
        ),
        Rule::restart => ("`, restart on repeat`", "`, restart on repeat`"),
        Rule::people => (
            "`everyone` or `people where ( … )`",
            "`everyone`이나 `people where ( … )`",
        ),
        Rule::act => ("what a person does", "사람이 하는 일"),
        Rule::record => ("a record in `{ … }`", "`{ … }` 기록"),
        Rule::EOI => ("the end of the line", "줄의 끝"),
        _ => return None,
    };
    Some(Expected::Phrase { english, korean })
}

/// Returns the words that a rule can begin with, to find a misspelt one.
pub(crate) fn spellings(rule: Rule) -> Vec<String> {
    if let Some(keyword) = keyword(rule) {
        return vec![keyword];
    }
    let words: &[&str] = match rule {
        Rule::channel | Rule::message => &["email", "sms", "kakao", "push", "webhook", "inapp"],
        Rule::unit => &UNITS,
        Rule::day_kind => &["calendar", "business"],
        Rule::weekday => &[
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
        Rule::ordinal => &["first", "second", "third", "fourth", "last"],
        Rule::comparison | Rule::compare_is => &[
            "is", "under", "over", "at", "between", "includes", "contains", "starts",
        ],
        Rule::connective => &["and", "or"],
        Rule::where_clause => &["where"],
        Rule::window => &["in", "before", "since", "on"],
        Rule::count => &["at", "exactly"],
        Rule::field_type | Rule::base_type | Rule::type_plain => &[
            "text", "number", "whole", "yes", "date", "moment", "timezone", "link", "email",
            "phone", "money", "one", "list", "years",
        ],
        Rule::field_option => &["optional", "key", "private", "default"],
        Rule::arguments => &["with"],
        Rule::label => &["as"],
        Rule::between => &["between"],
        Rule::people => &["everyone", "people"],
        Rule::schedule => &["every", "on"],
        Rule::by_request => &["by"],
        Rule::on_answer => &["answer"],
        Rule::on_unclear => &["unclear"],
        Rule::on_timeout => &["timeout"],
        Rule::is_missing => &["missing"],
        Rule::members => &["new", "including"],
        Rule::act => &["does", "changes", "withdraws", "enters"],
        _ => &[],
    };
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The units of time, in the plural and the singular.
pub(crate) const UNITS: [&str; 14] = [
    "seconds", "minutes", "hours", "days", "weeks", "months", "years", "second", "minute", "hour",
    "day", "week", "month", "year",
];

/// Returns the words that can begin a line of a body; nothing where any name can.
pub(crate) const fn starters(only: Rule) -> &'static [&'static str] {
    match only {
        Rule::only_consent => &["for", "ask"],
        Rule::only_score => &["halves", "shown"],
        Rule::only_offer => &["free", "valid", "once", "minimum", "worth", "at", "up"],
        Rule::only_policy => &["at", "no", "hold"],
        Rule::only_audience => &["people", "sync", "needs", "match", "keep", "ranked"],
        Rule::only_kpi => &["measure", "every", "target", "alert"],
        Rule::only_race_arm | Rule::only_ask_arm => &["on"],
        Rule::only_test => &["given", "at", "after", "expect"],
        Rule::only_step => &[
            "send", "ask", "wait", "if", "choose", "split", "draw", "every", "repeat", "run", "do",
            "assign", "set", "add", "remove", "remember", "exit",
        ],
        Rule::only_header => &[
            "enter", "reenter", "one", "goal", "exit", "starts", "ends", "priority", "owner", "on",
        ],
        _ => &[],
    }
}
