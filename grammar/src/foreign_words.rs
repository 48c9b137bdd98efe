//! First words of lines that people bring from other tools, and what this language says instead.

/// Returns what to use instead of a foreign first word.
pub(crate) fn instead_of(word: &str) -> Option<&'static str> {
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
        "import" | "include" | "use" => {
            "nothing: all files of a project are one namespace, and names are known everywhere"
        }
        "campaign" | "flow" | "workflow" | "automation" | "canvas" => "`journey`",
        "audience" | "list" | "group" | "cohort" => "`segment`",
        "user" | "customer" | "person" | "profile" => "`contact`",
        _ => return None,
    })
}
