//! What a network recognises people by: an address or number goes in, the hash of its normal form comes out, as Meta and
//! Google both publish it.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// The country of numbers that are written without one: Korea's.
const HOME: &str = "82";

/// The hash of an e-mail address: trimmed and in lower case.
#[must_use]
pub fn hashed_email(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    email.contains('@').then(|| sha256(&email))
}

/// The hash of a phone number with its country, which is `82` where none is written: `010-1234-5678` is
/// `821012345678`, after `sign`, which is `+` for Google and nothing for Meta.
#[must_use]
pub fn hashed_phone(phone: &str, sign: &str) -> Option<String> {
    normal_phone(phone).map(|number| sha256(&format!("{sign}{number}")))
}

/// The digits of a number with its country, without the `+`.
fn normal_phone(phone: &str) -> Option<String> {
    let phone = phone.trim();
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let international = if phone.starts_with('+') {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = digits.strip_prefix('0') {
        format!("{HOME}{rest}")
    } else {
        digits
    };
    (8..=15)
        .contains(&international.len())
        .then_some(international)
}

fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest(&SHA256, text.as_bytes()).as_ref() {
        // Writing into a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hashed_in_their_normal_form() {
        // The example of Google's own documentation of Customer Match.
        let known = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514";
        assert_eq!(sha256("user@example.com"), known);
        assert_eq!(hashed_email(" User@Example.COM ").unwrap(), known);
        assert_eq!(hashed_email("nobody"), None);
    }

    #[test]
    fn numbers_get_their_country() {
        let one = normal_phone("010-1234-5678");
        assert_eq!(one.as_deref(), Some("821012345678"));
        assert_eq!(normal_phone("+82 10 1234 5678"), one);
        assert_eq!(normal_phone("0082-10-1234-5678"), one);
        assert_eq!(
            normal_phone("+1 (650) 555-0100").as_deref(),
            Some("16505550100")
        );
        assert_eq!(normal_phone("119"), None);
    }
}
