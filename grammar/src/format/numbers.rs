//! Where a number, date or clock ends, as the grammar reads them. `5,000` is one number, `1, 2` are two.

/// Returns how many bytes of the number, date or clock at the beginning of a text belong to it; none if there is none.
pub(super) fn length(text: &str) -> Option<usize> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = text.len() - unsigned.len();
    if digits(unsigned) == 0 {
        return None;
    }
    let length = date(unsigned)
        .or_else(|| clock(unsigned))
        .unwrap_or_else(|| number(unsigned));
    Some(sign + length)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

/// `2026-11-27`, with one or two digits for month and day.
fn date(text: &str) -> Option<usize> {
    let year = digits(text);
    let sign = after(text, year).chars().next()?;
    if year != 4 || !matches!(sign, '-' | '/' | '.') {
        return None;
    }
    let month = digits(after(text, 5));
    let rest = after(text, 5 + month).strip_prefix(sign)?;
    let day = digits(rest);
    ((1..=2).contains(&month) && (1..=2).contains(&day)).then_some(6 + month + day)
}

/// `09:30`
fn clock(text: &str) -> Option<usize> {
    let hour = digits(text);
    let minute = digits(after(text, hour).strip_prefix(':')?);
    (hour <= 2 && minute == 2).then_some(hour + 1 + minute)
}

/// `5,000.50`: a comma belongs to a number when exactly three digits follow it.
fn number(text: &str) -> usize {
    let whole = grouped(text).unwrap_or_else(|| digits(text));
    let fraction = after(text, whole).strip_prefix('.').map_or(0, digits);
    if fraction == 0 {
        whole
    } else {
        whole + 1 + fraction
    }
}

fn grouped(text: &str) -> Option<usize> {
    let mut length = digits(text);
    if length > 3 {
        return None;
    }
    let mut groups = 0;
    while let Some(group) = after(text, length).strip_prefix(',') {
        match digits(group) {
            0..=2 => break,
            3 => length += 4,
            // `1,2345` is no number with a group; neither are the groups before it.
            _ => return None,
        }
        groups += 1;
    }
    (groups > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_number_ends_where_the_grammar_ends_it() {
        for (text, number) in [
            ("5,000원", "5,000"),
            ("1,234,567", "1,234,567"),
            ("1,2", "1"),
            ("1,2345", "1"),
            ("1234,567", "1234"),
            ("50.5%", "50.5"),
            ("-10 and", "-10"),
            ("2026-11-27 09:00", "2026-11-27"),
            ("09:30", "09:30"),
            ("3days", "3"),
        ] {
            assert_eq!(length(text), Some(number.len()), "{text}");
        }
        assert_eq!(length("a1"), None);
        assert_eq!(length("-"), None);
    }
}
