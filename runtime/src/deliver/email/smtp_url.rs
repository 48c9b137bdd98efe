//! The address of a mail server: `smtp://user:${PASSWORD}@host:587` goes in, a checked server with its secrets filled in
//! comes out.

use std::borrow::Cow;

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use url::{Host, Url};

use crate::secrets::{SecretError, Secrets};
use journey_letters::markdown::URL_PART;

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte: `smtps://`.
    Implicit,
    /// By STARTTLS, or not at all: `?tls=required`, and wherever a password crosses a network.
    Required,
    /// By STARTTLS where the server offers it: `smtp://`.
    IfOffered,
    /// Never: `?tls=none`.
    Never,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// User and password. Their `Debug` shows nothing.
    pub credentials: Option<Credentials>,
}

/// Why an address of a mail server cannot be used. The address itself is never shown: it may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It is not a URL.
    #[error(
        "the `smtp` setting is not an address like `smtps://user:${{PASSWORD}}@mail.example.kr`: {0}"
    )]
    Malformed(url::ParseError),
    /// It is a URL of something else.
    #[error("the `smtp` setting starts with `{0}:`; it must be `smtp:` or `smtps:`")]
    Scheme(String),
    /// It has no host.
    #[error("the `smtp` setting names no server")]
    NoHost,
    /// The `tls` parameter is none of the known.
    #[error("the `smtp` setting has `tls={0}`; it may be `required`, `offered` or `none`")]
    UnknownTls(String),
    /// The user's name or password is not UTF-8.
    #[error("the user or password in the `smtp` setting is not UTF-8")]
    Credentials,
}

impl Server {
    /// Reads the setting. A setting that is nothing but `${NAME}` is taken as a whole address from the environment.
    pub fn parse(setting: &str, secrets: &Secrets) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(&filled(setting, secrets)?).map_err(SmtpUrlError::Malformed)?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            other => return Err(SmtpUrlError::Scheme(other.to_owned())),
        };
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            _ => return Err(SmtpUrlError::NoHost),
        };
        let credentials = credentials(&url)?;
        let tls = tls(&url, implicit, &host, credentials.is_some())?;
        let port = match (url.port(), implicit, credentials.is_some()) {
            (Some(port), ..) => port,
            (None, true, _) => 465,
            (None, false, true) => 587,
            (None, false, false) => 25,
        };
        Ok(Self {
            host,
            port,
            tls,
            credentials,
        })
    }
}

/// Fills in secrets; left of the `@` they are escaped, because passwords hold `/`, `@` and `#`.
fn filled(setting: &str, secrets: &Secrets) -> Result<String, SecretError> {
    let whole = setting.starts_with("${") && setting.find('}') == setting.len().checked_sub(1);
    let (user, rest) = match setting.rsplit_once('@') {
        Some((user, rest)) if !whole => (user, Some(rest)),
        _ => return Ok(secrets.fill(setting)?.expose().to_owned()),
    };
    let escape = |value: &str| utf8_percent_encode(value, URL_PART).to_string();
    let user = secrets.fill_escaped(user, escape)?;
    let rest = secrets.fill(rest.unwrap_or_default())?;
    Ok(format!("{}@{}", user.expose(), rest.expose()))
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let plain = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(Cow::into_owned)
            .map_err(|_| SmtpUrlError::Credentials)
    };
    let user = plain(url.username())?;
    let password = plain(url.password().unwrap_or_default())?;
    Ok(Some(Credentials::new(user, password)))
}

fn tls(url: &Url, implicit: bool, host: &str, password: bool) -> Result<Tls, SmtpUrlError> {
    let wish = url.query_pairs().find(|(name, _)| name == "tls");
    Ok(match wish.as_ref().map(|(_, wish)| wish.as_ref()) {
        _ if implicit => Tls::Implicit,
        Some("required") => Tls::Required,
        Some("offered" | "opportunistic") => Tls::IfOffered,
        Some("none") => Tls::Never,
        Some(other) => return Err(SmtpUrlError::UnknownTls(other.to_owned())),
        None if password && !is_loopback(host) => Tls::Required,
        None => Tls::IfOffered,
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(setting: &str) -> Result<Server, SmtpUrlError> {
        let secrets = Secrets::fixed([
            ("PASSWORD", "p@ss/w#rd:한"),
            ("SMTP_URL", "smtps://u:p@mail.example.kr"),
        ]);
        Server::parse(setting, &secrets)
    }

    #[test]
    fn passwords_of_any_letters_arrive_whole() {
        let server = parse("smtp://hello%40shop.example:${PASSWORD}@mail.example.kr").unwrap();
        let expected = Credentials::new("hello@shop.example".into(), "p@ss/w#rd:한".into());
        assert_eq!(server.credentials, Some(expected));
        assert_eq!(
            (server.host.as_str(), server.port, server.tls),
            ("mail.example.kr", 587, Tls::Required)
        );
        assert!(!format!("{server:?}").contains("p@ss"));
    }

    #[test]
    fn a_password_never_crosses_a_network_in_clear_unless_told() {
        let of = |setting: &str| parse(setting).map(|server| (server.port, server.tls));
        assert_eq!(of("${SMTP_URL}"), Ok((465, Tls::Implicit)));
        assert_eq!(of("smtp://relay.example"), Ok((25, Tls::IfOffered)));
        assert_eq!(of("smtp://u:p@relay.example:25"), Ok((25, Tls::Required)));
        assert_eq!(of("smtp://u:p@127.0.0.1:1025"), Ok((1025, Tls::IfOffered)));
        assert_eq!(
            of("smtp://u:p@relay.example?tls=none"),
            Ok((587, Tls::Never))
        );
        assert_eq!(of("smtp://[::1]:25?tls=required"), Ok((25, Tls::Required)));
    }

    #[test]
    fn wrong_settings_are_explained_without_showing_them() {
        for (setting, expected) in [
            ("smtp://u:${NOPE}@h", "environment variable `NOPE`"),
            ("https://h", "starts with `https:`"),
            ("mail.example.kr", "not an address like"),
            ("smtp://h?tls=maybe", "`tls=maybe`"),
            ("smtp:", "names no server"),
        ] {
            let error = parse(setting).unwrap_err().to_string();
            assert!(error.contains(expected), "{setting}: {error}");
        }
    }
}
