//! The last line of advertising whose template says nowhere how to stop it.

/// The words before the link by which the reader stops it, which `)` and the end of the line follow. Korean law asks for
/// both languages.
#[must_use]
pub fn footer(language: &str) -> &'static str {
    if language == "ko" {
        "\n\n---\n\n[수신거부 · Unsubscribe]("
    } else {
        "\n\n---\n\n[Unsubscribe]("
    }
}
