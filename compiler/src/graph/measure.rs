//! How wide words are, and where to break them. No font is at hand, so widths are those of common sans-serif fonts,
//! rounded up: text may end early in its box, never outside of it.

/// How wide a letter is, in shares of the font's size.
fn letter(c: char) -> f64 {
    match c {
        ' ' => 0.32,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '·' | '“' | '”' | '"' => 0.44,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.95,
        'A'..='Z' => 0.74,
        'a'..='z' | '0'..='9' | '_' | '$' | '#' | '?' | '=' | '+' | '<' | '>' => 0.62,
        c if c < '\u{1100}' => 0.66,
        _ => 1.04,
    }
}

/// How wide a text is at a font size, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(letter).sum::<f64>() * size
}

/// Breaks a text into lines that are no wider than `room`: between words, and inside a word that has no line to
/// itself. Nothing is left out.
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&longer, size) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            if !line.is_empty() && width(&line, size) + letter(c) * size > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_is_wider_than_latin() {
        assert!(width("구매", 10.0) > width("aa", 10.0));
    }

    #[test]
    fn no_line_is_wider_than_its_room_and_nothing_is_lost() {
        let text = "아주 긴 문장과 averyveryverylongwordwithoutanyspaces 그리고 끝";
        let lines = wrap(text, 12.0, 90.0);
        assert!(lines.iter().all(|it| width(it, 12.0) <= 90.0), "{lines:?}");
        let joined: String = lines.concat().split_whitespace().collect();
        let all: String = text.split_whitespace().collect();
        assert_eq!(joined, all);
    }
}
