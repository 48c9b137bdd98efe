//! The last line of advertising whose template says nowhere how to stop it.

use crate::markdown::Fragment;

/// Adds the line with the link by which the reader stops the advertising, unless the body has that link already. Korean
/// law asks for both languages.
pub fn say_how_to_stop<'a>(body: &mut Vec<Fragment<'a>>, language: &str, url: &'a str) {
    let said = body.iter().any(|fragment| fragment.words().contains(url));
    if said {
        return;
    }
    let words = if language == "ko" {
        "\n\n---\n\n[수신거부 · Unsubscribe]("
    } else {
        "\n\n---\n\n[Unsubscribe]("
    };
    body.extend([
        Fragment::Markdown(words),
        Fragment::Link(url),
        Fragment::Markdown(")\n"),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once() {
        let mut body = vec![Fragment::Markdown("안녕")];
        say_how_to_stop(&mut body, "ko", "https://x/u");
        let once = body.clone();
        say_how_to_stop(&mut body, "ko", "https://x/u");
        assert_eq!(body, once);
        assert_eq!(body.len(), 4);
    }
}
