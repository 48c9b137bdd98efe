//! First words of lines that people bring from other tools, and the words of this language that they need.

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

/// Returns what begins a step that people call `word`.
pub(crate) fn step_for(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "goto" | "go" | "jump" | "loop" | "while" | "foreach" | "for" => "repeat up to",
        "sleep" | "delay" | "pause" => "wait",
        "stop" | "end" | "return" | "quit" | "finish" | "break" => "exit",
        "email" | "sms" | "kakao" | "push" | "mail" | "notify" | "message" => "send",
        "else" | "elif" | "elsif" | "elseif" | "default" => "otherwise",
        "when" | "unless" | "filter" => "if",
        "switch" | "case" | "match" => "choose by",
        "trigger" | "start" | "begin" | "entry" => "enter when",
        "call" | "webhook" | "http" | "post" => "do",
        "task" | "todo" => "assign to",
        "tag" | "label" => "add tag",
        "update" | "let" | "var" => "set",
        "random" | "ab" | "abtest" | "experiment" => "split",
        _ => return None,
    })
}
