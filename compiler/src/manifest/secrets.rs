//! Secrets written out in the project: a password in an address, a token in a header. Each is an error, because the
//! file is committed and read by many; `${NAME}` names an environment variable instead.

use crate::problem::Problems;
use crate::settings::{Error, Placed};

/// Whether a text takes its secret from the environment.
fn from_environment(text: &str) -> bool {
    text.split_once("${")
        .is_some_and(|(_, rest)| rest.contains('}'))
}

/// Reports a value that is a secret by its nature and is written out.
pub(super) fn in_value(key: &str, value: &Placed<String>, variable: &str, problems: &mut Problems) {
    if !from_environment(&value.value) {
        report(key, value, variable, problems);
    }
}

/// Reports a password in `scheme://user:password@host`, and a token among the parameters of a query.
pub(super) fn in_address(key: &str, url: &Placed<String>, variable: &str, problems: &mut Problems) {
    let rest = url.value.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let password = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .map(|(_, password)| password);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let token = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, value)| is_secret_name(name) && !value.contains("{{"));
    let written_out = |text: &str| !text.is_empty() && !from_environment(text);
    if password.is_some_and(written_out) || token.is_some_and(|(_, value)| written_out(value)) {
        report(key, url, variable, problems);
    }
}

/// Reports a header such as `Authorization` with its value written out.
pub(super) fn in_header(name: &str, value: &Placed<String>, problems: &mut Problems) {
    if is_secret_name(name) && !from_environment(&value.value) {
        let variable: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_uppercase()
                } else {
                    '_'
                }
            })
            .collect();
        report(name, value, &variable, problems);
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "authorization",
        "token",
        "secret",
        "password",
        "api-key",
        "apikey",
        "api_key",
        "cookie",
    ]
    .iter()
    .any(|word| name.contains(word))
}

fn report(key: &str, value: &Placed<String>, variable: &str, problems: &mut Problems) {
    problems.push(Error::Secret {
        at: value.at,
        key: key.to_owned(),
        variable: variable.to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use journey_grammar::tree::Span;

    use super::*;
    use crate::problem::Location;
    use crate::sources::Sources;

    fn reported(check: impl Fn(&Placed<String>, &mut Problems), text: &str) -> bool {
        let file = Sources::default().add("journey.toml", text);
        let value = Placed::new(text.to_owned(), Location::new(file, Span::new(0, 1)));
        let mut problems = Problems::default();
        check(&value, &mut problems);
        !problems.is_empty()
    }

    #[test]
    fn a_password_in_an_address_is_a_secret() {
        let check = |v: &Placed<String>, p: &mut Problems| in_address("smtp", v, "X", p);
        assert!(reported(check, "smtps://shop:hunter2@mail.example.com"));
        assert!(reported(check, "https://api.example.com/v1?api_key=abc"));
        for fine in [
            "smtps://shop:${SMTP_PASSWORD}@mail.example.com",
            "smtp://localhost:25",
            "https://api.example.com/v1?q=abc",
            "https://api.example.com/a@b:c",
        ] {
            assert!(!reported(check, fine), "{fine}");
        }
    }

    #[test]
    fn an_authorization_header_is_a_secret() {
        let check = |v: &Placed<String>, p: &mut Problems| in_header("X-Api-Key", v, p);
        assert!(reported(check, "abc"));
        assert!(!reported(check, "Bearer ${CRM_TOKEN}"));
    }
}
