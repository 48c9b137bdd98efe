//! Words that people bring from other tools, and the words of this language that they need.

use crate::parse::Rule;

/// Returns what begins a declaration that people call `word`.
pub(crate) fn declaration_for(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "campaign" | "flow" | "workflow" | "automation" | "canvas" => "journey",
        "list" | "group" | "cohort" => "segment",
        "user" | "customer" | "person" | "profile" => "contact",
        "stages" | "status" => "lifecycle",
        "coupon" | "discount" | "promotion" => "offer",
        "limit" | "cap" => "policy",
        "metric" | "report" => "kpi",
        "spec" => "test",
        _ => return None,
    })
}

/// Returns what this language says for `word` where one of `wanted` is expected; nothing where the word is needless.
pub(crate) fn word_for(word: &str, wanted: &[Rule]) -> Option<String> {
    let wants = |rule: Rule| wanted.contains(&rule);
    let lower = word.to_lowercase();
    let instead = match lower.as_str() {
        "for" if wants(Rule::number) => "",
        "in" | "before" | "by" if wants(Rule::kw_within) => "within",
        "always" | "anytime" | "immediately" if wants(Rule::kw_any) => "any time",
        "every" if wants(Rule::kw_after) && wants(Rule::kw_any) => "after",
        "is" if wants(Rule::kw_becomes) => "becomes",
        "kakaotalk" | "카카오톡" | "카카오" | "카톡" | "알림톡" if wants(Rule::channel) => {
            "kakao"
        }
        "mail" | "이메일" | "메일" if wants(Rule::channel) => "email",
        "text" | "문자" if wants(Rule::channel) => "sms",
        "between" if wants(Rule::is_missing) || wants(Rule::kw_missing) => "",
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"
            if wants(Rule::kw_week) =>
        {
            return Some(format!("week on {word}"));
        }
        _ if wants(Rule::currency_code) => return currency_for(word),
        _ if wants(Rule::type_plain) || wants(Rule::base_type) || wants(Rule::field_type) => {
            type_for(&lower)?
        }
        _ => return None,
    };
    Some(instead.to_owned())
}

/// Returns the words at the beginning of `rest` that mean something where one of `wanted` is expected, and what this
/// language says for all of them.
pub(crate) fn phrase_for<'t>(rest: &'t str, wanted: &[Rule]) -> Option<(&'t str, &'static str)> {
    let phrases: &[(&str, Rule, &str)] = &[
        ("in the last", Rule::kw_within, "within"),
        ("within the last", Rule::kw_within, "within"),
        ("in the next", Rule::kw_within, "within"),
    ];
    let found = phrases.iter().find(|(phrase, rule, _)| {
        rest.get(..phrase.len()).is_some_and(|it| it == *phrase) && wanted.contains(rule)
    });
    let (phrase, _, instead) = found?;
    Some((rest.get(..phrase.len())?, instead))
}

/// Returns what begins a line of this place that people begin with `word`.
pub(crate) fn line_for(word: &str, only: Rule) -> Option<&'static str> {
    match only {
        Rule::only_step => step_for(word),
        Rule::only_policy => match word.to_lowercase().as_str() {
            "max" | "maximum" | "limit" | "cap" | "up" | "최대" => Some("at most"),
            "never" | "quiet" => Some("no"),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the code of a currency that is written by its sign or in small letters.
fn currency_for(word: &str) -> Option<String> {
    let code = match word {
        "$" | "dollar" | "dollars" => "USD",
        "₩" | "won" | "원" => "KRW",
        "€" | "euro" | "euros" => "EUR",
        "£" => "GBP",
        "off" | "OFF" => return None,
        _ if word.len() == 3 && word.bytes().all(|it| it.is_ascii_alphabetic()) => {
            return Some(word.to_ascii_uppercase());
        }
        _ => return None,
    };
    Some(code.to_owned())
}

/// Returns the type that other languages call `word`.
fn type_for(word: &str) -> Option<&'static str> {
    Some(match word {
        "string" | "str" | "varchar" => "text",
        "integer" | "int" => "whole number",
        "float" | "double" | "decimal" | "numeric" => "number",
        "boolean" | "bool" => "yes or no",
        "datetime" | "timestamp" | "time" => "moment",
        "enum" | "choice" | "select" => "one of",
        "array" => "list of",
        "url" | "uri" => "link",
        "currency" | "amount" | "price" => "money",
        "tel" | "mobile" => "phone number",
        "mail" => "email address",
        _ => return None,
    })
}

/// Returns what begins a step that people call `word`.
fn step_for(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "goto" | "go" | "jump" | "loop" | "while" | "foreach" | "for" => "repeat up to",
        "sleep" | "delay" | "pause" | "대기" | "기다림" | "기다리기" => "wait",
        "stop" | "end" | "return" | "quit" | "finish" | "break" | "종료" | "끝" => "exit",
        "email" | "sms" | "kakao" | "push" | "mail" | "notify" | "message" | "보내기" | "발송"
        | "전송" => "send",
        "else" | "elif" | "elsif" | "elseif" | "default" | "아니면" | "그외" | "그밖에" => {
            "otherwise"
        }
        "when" | "unless" | "filter" | "만약" | "만일" => "if",
        "switch" | "case" | "match" => "choose by",
        "trigger" | "start" | "begin" | "entry" | "시작" | "진입" => "enter when",
        "call" | "webhook" | "http" | "post" => "do",
        "task" | "todo" => "assign to",
        "tag" | "label" => "add tag",
        "update" | "let" | "var" => "set",
        "random" | "ab" | "abtest" | "experiment" => "split",
        "lottery" | "raffle" | "sweepstake" | "추첨" | "뽑기" => "draw",
        "question" | "prompt" | "질문" => "ask",
        _ => return None,
    })
}
