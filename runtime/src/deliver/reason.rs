//! Why an attempt ended as it did.

/// The longest text of another system that is kept, in characters.
const MAX_QUOTE: usize = 300;

/// Why an attempt ended as it did, in a sentence. It begins in our own words, which name no person and hold no secret, so
/// that they may stand in a log; what others said, or what was made of somebody's data, comes behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    text: String,
    /// How much of the text is in our words, in bytes.
    ours: usize,
}

impl Reason {
    /// A sentence that names nobody.
    #[must_use]
    pub const fn ours(text: String) -> Self {
        let ours = text.len();
        Self { text, ours }
    }

    /// What another system said, or what may name somebody, behind words of ours.
    #[must_use]
    pub fn quoting(ours: impl Into<String>, theirs: &str) -> Self {
        let mut reason = Self::ours(ours.into());
        reason.text.push_str(": ");
        reason.text.push_str(&quote(theirs));
        reason
    }

    /// The same with more words of ours in front.
    #[must_use]
    pub fn behind(self, front: &str) -> Self {
        Self {
            text: format!("{front}: {}", self.text),
            ours: front.len() + 2 + self.ours,
        }
    }

    /// What may be written into a log.
    #[must_use]
    pub fn in_our_words(&self) -> &str {
        self.text.get(..self.ours).unwrap_or_default()
    }

    /// All of it, for the history of whom it is about.
    #[must_use]
    pub fn in_full(&self) -> &str {
        &self.text
    }
}

impl From<&'static str> for Reason {
    fn from(text: &'static str) -> Self {
        Self::ours(text.to_owned())
    }
}

/// What another system said, short enough to be kept and in one line.
#[must_use]
pub(super) fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_QUOTE)
        .collect();
    if line.chars().count() > MAX_QUOTE {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_in_the_history_and_in_no_log() {
        let said = Reason::quoting(
            "the mail server refused (550)",
            "no <ana@example.com>\r\nhere",
        );
        assert_eq!(
            said.in_full(),
            "the mail server refused (550): no <ana@example.com> here"
        );
        assert_eq!(said.in_our_words(), "the mail server refused (550)");
        let at_last = said.behind("it was tried 3 times; at last");
        let ours = "it was tried 3 times; at last: the mail server refused (550)";
        assert_eq!(at_last.in_our_words(), ours);
        assert_eq!(
            at_last.in_full(),
            format!("{ours}: no <ana@example.com> here")
        );
    }

    #[test]
    fn a_long_answer_is_cut() {
        let long = Reason::quoting("it answered 500", &"가".repeat(1_000));
        assert_eq!(
            long.in_full().chars().count(),
            "it answered 500: ".len() + MAX_QUOTE + 1
        );
    }
}
