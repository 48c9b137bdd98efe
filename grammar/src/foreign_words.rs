//! First words of lines that people bring from other tools, and what this language says instead.

/// Returns what to use instead of a foreign word at the beginning of a declaration.
pub(crate) fn declaration_for(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "import" | "include" | "use" => "the name alone: all files of a project are one namespace",
        "campaign" | "flow" | "workflow" | "automation" | "canvas" => "`journey`",
        "list" | "group" | "cohort" => "`segment`",
        "user" | "customer" | "person" | "profile" => "`contact`",
        _ => return None,
    })
}

/// Returns what to use instead of a foreign word at the beginning of a step.
pub(crate) fn step_for(word: &str) -> Option<&'static str> {
    Some(match word.to_lowercase().as_str() {
        "goto" | "go" | "jump" | "loop" | "while" | "foreach" | "for" => {
            "`repeat up to … times every … { … }`"
        }
        "sleep" | "delay" | "pause" => "`wait` with a duration",
        "stop" | "end" | "return" | "quit" | "finish" | "break" => "`exit`",
        "email" | "mail" | "sms" | "kakao" | "push" | "notify" | "message" => {
            "`send` with a channel and a template"
        }
        "else" | "elif" | "elsif" | "elseif" | "default" => {
            "`otherwise` after the closing brace of `if`"
        }
        "when" | "unless" | "filter" => "`if` with a condition",
        "switch" | "case" | "match" => "`choose by`",
        "trigger" | "start" | "begin" | "entry" => "`enter when`",
        "call" | "webhook" | "http" | "post" => "`do` with a connector and an action",
        "task" | "todo" => "`assign to`",
        "tag" | "label" => "`add tag`",
        "update" | "let" | "var" => "`set … to …`",
        "random" | "ab" | "abtest" | "experiment" => "`split`",
        _ => return None,
    })
}
