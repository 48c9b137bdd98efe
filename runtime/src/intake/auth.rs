//! The write key of a request, wherever the client put it: Basic with the key as user, the body, a Bearer header with
//! the key in the body, or the query.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The candidates for a write key, in the order in which they are tried.
pub(super) fn write_keys(
    headers: &HeaderMap,
    query: Option<&str>,
    body: Option<&str>,
) -> Vec<String> {
    let mut keys = Vec::new();
    keys.extend(basic_user(headers));
    keys.extend(body.map(str::to_owned));
    keys.extend(query.map(str::to_owned));
    keys.retain(|key| !key.is_empty());
    keys
}

/// The user of a Basic header. Old clients forget the colon before they encode.
fn basic_user(headers: &HeaderMap) -> Option<String> {
    let encoded = after_scheme(headers, "basic")?;
    let decoded = STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let user = text.split_once(':').map_or(text.as_str(), |(user, _)| user);
    Some(user.to_owned())
}

/// The token of a Bearer header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    after_scheme(headers, "bearer")
}

fn after_scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (found, rest) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_key_is_found_in_each_of_the_four_places() {
        let none = HeaderMap::new();
        assert_eq!(write_keys(&with("Basic a2V5Og=="), None, None), ["key"]);
        assert_eq!(write_keys(&with("basic a2V5"), None, None), ["key"]);
        assert_eq!(write_keys(&none, None, Some("key")), ["key"]);
        assert_eq!(write_keys(&with("Bearer x"), None, Some("key")), ["key"]);
        assert_eq!(write_keys(&none, Some("key"), None), ["key"]);
        assert!(write_keys(&with("Basic %%%"), Some(""), None).is_empty());
        assert_eq!(bearer(&with("Bearer  token")), Some("token"));
    }
}
