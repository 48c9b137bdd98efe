//! Addresses: `이름 <address>` as written in settings and data goes in, a mailbox that is safe in a header comes out.

use lettre::Address;
use lettre::message::Mailbox;

/// Why an address cannot be written to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It holds a line break or another control character, which could start a header of its own.
    #[error("the address {0:?} holds a line break or control character")]
    Control(String),
    /// It is not an e-mail address.
    #[error("`{0}` is not an e-mail address")]
    Malformed(String),
}

/// Reads `address` or `Name <address>`; the name may be in quotes.
pub fn parse(text: &str) -> Result<Mailbox, AddressError> {
    if text.chars().any(char::is_control) {
        return Err(AddressError::Control(text.to_owned()));
    }
    let malformed = || AddressError::Malformed(text.to_owned());
    let (name, address) = match text.trim().strip_suffix('>') {
        Some(inside) => inside.rsplit_once('<').ok_or_else(malformed)?,
        None => ("", text),
    };
    let address: Address = address.trim().parse().map_err(|_| malformed())?;
    let name = name.trim();
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let name = quoted.unwrap_or(name).trim();
    Ok(Mailbox::new(
        (!name.is_empty()).then(|| name.to_owned()),
        address,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_are_kept() {
        let shop = parse("팔도한상 <hello@mail.example.kr>").unwrap();
        assert_eq!(shop.name.as_deref(), Some("팔도한상"));
        assert_eq!(shop.email.to_string(), "hello@mail.example.kr");
        assert_eq!(
            parse("\"Kim, Minji\" <m@example.com>")
                .unwrap()
                .name
                .as_deref(),
            Some("Kim, Minji")
        );
        assert_eq!(parse(" m@example.com ").unwrap().name, None);
    }

    #[test]
    fn nothing_else_passes() {
        for wrong in [
            "",
            "민지",
            "a@",
            "@b.example",
            "a@b.example>",
            "a@b.example, c@d.example",
            "a b@c.example",
            "x <a@b.example> y",
        ] {
            assert_eq!(parse(wrong), Err(AddressError::Malformed(wrong.to_owned())));
        }
        for wrong in [
            "a@b.example\r\nBcc: c@d.example",
            "a\n<a@b.example>",
            "a@b.example\0",
        ] {
            assert_eq!(parse(wrong), Err(AddressError::Control(wrong.to_owned())));
        }
    }
}
