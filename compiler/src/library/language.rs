//! A ready journey's messages in the language of the project they go to.
//!
//! Comes in: a template and its translation, as the library has them. Goes out: the same two with their roles exchanged,
//! because a template is written in the project's own language and its translations stand beside it.

/// The line around the settings of a template.
const FENCE: &str = "+++";

/// The setting that has words in it. Everything else holds for all languages.
const SUBJECT: &str = "subject";

/// Exchanges a template and its translation: the translation's words with all settings, the template's words with none.
/// `None` where one of them is no template.
pub(super) fn exchanged(template: &str, translation: &str) -> Option<(String, String)> {
    let own = Parts::of(template)?;
    let other = Parts::of(translation)?;
    let mut settings = String::new();
    for line in own.head.lines() {
        let line = if is_subject(line) {
            other.subject()
        } else {
            Some(line)
        };
        if let Some(line) = line {
            settings.push_str(line);
            settings.push('\n');
        }
    }
    let subject = own
        .subject()
        .map(|it| format!("{it}\n"))
        .unwrap_or_default();
    let whole = |head: &str, body: &str| format!("{FENCE}\n{head}{FENCE}\n{body}");
    Some((whole(&settings, other.body), whole(&subject, own.body)))
}

fn is_subject(line: &str) -> bool {
    line.split('=')
        .next()
        .is_some_and(|it| it.trim() == SUBJECT)
}

/// The two parts of a template.
struct Parts<'t> {
    head: &'t str,
    body: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix(FENCE)?.strip_prefix('\n')?;
        if let Some(body) = rest.strip_prefix(FENCE) {
            let body = body.strip_prefix('\n')?;
            return Some(Self { head: "", body });
        }
        let (head, body) = rest.split_once("\n+++\n")?;
        Some(Self { head, body })
    }

    fn subject(&self) -> Option<&'t str> {
        self.head.lines().find(|line| is_subject(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_change_places_and_the_settings_stay() {
        let korean =
            "+++\npurpose = \"survey\"\nsubject = \"안녕\"\nsender = \"shop\"\n+++\n반갑습니다\n";
        let english = "+++\nsubject = \"Hello\"\n+++\nWelcome\n";
        let (own, other) = exchanged(korean, english).unwrap();
        assert_eq!(
            own,
            "+++\npurpose = \"survey\"\nsubject = \"Hello\"\nsender = \"shop\"\n+++\nWelcome\n"
        );
        assert_eq!(other, "+++\nsubject = \"안녕\"\n+++\n반갑습니다\n");
        assert_eq!(exchanged(&own, &other).unwrap().0, korean);
    }

    #[test]
    fn a_text_message_has_no_subject() {
        let korean = "+++\npurpose = \"survey\"\n+++\n반갑습니다\n";
        let (own, other) = exchanged(korean, "+++\n+++\nWelcome\n").unwrap();
        assert_eq!(own, "+++\npurpose = \"survey\"\n+++\nWelcome\n");
        assert_eq!(other, "+++\n+++\n반갑습니다\n");
    }
}
