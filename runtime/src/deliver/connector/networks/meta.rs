//! Meta Custom Audiences: `POST` and `DELETE` of `/{list}/users`, with rows of hashed e-mail addresses and phone numbers.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Value as Json, json};
use url::Url;

use super::super::SettingError;
use super::super::client::{Call, Client};
use super::Person;
use crate::deliver::Reason;
use crate::deliver::attempt::Attempt;
use crate::secrets::Secrets;

/// How many people one request carries at most.
const PEOPLE: usize = 10_000;

/// One account.
#[derive(Debug)]
pub(super) struct Meta {
    base: String,
    authorization: HeaderValue,
}

impl Meta {
    pub(super) fn new(
        base_url: &str,
        token: &str,
        secrets: &Secrets,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            base: base(base_url, secrets)?,
            authorization: bearer(token, secrets)?,
        })
    }

    /// Adds people to a list, or takes them out.
    pub(super) async fn tell(
        &self,
        client: &Client,
        list: &str,
        add: bool,
        people: &[Person],
    ) -> Attempt {
        let Ok(url) = Url::parse(&format!("{}/{list}/users", self.base)) else {
            return Attempt::refused(Reason::ours(format!("`{list}` is not the id of a list")));
        };
        let mut upload = None;
        for some in people.chunks(PEOPLE) {
            let rows: Vec<Json> = some.iter().flat_map(rows).collect();
            let body = json!({ "payload": { "schema": ["EMAIL", "PHONE"], "data": rows } });
            let call = Call {
                method: if add { Method::POST } else { Method::DELETE },
                url: url.clone(),
                headers: vec![
                    (AUTHORIZATION, self.authorization.clone()),
                    (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                ],
                body: Some(body.to_string()),
            };
            match client.send(call).await {
                Ok(answer) if answer.is_expected(&[]) => upload = session(&answer.body),
                Ok(answer) => return answer.failure(),
                Err(attempt) => return attempt,
            }
        }
        Attempt::done(upload)
    }
}

/// A row has one address and one number; someone with several has several rows.
fn rows(person: &Person) -> Vec<Json> {
    let rows = person.emails.len().max(person.phones.len());
    let cell = |of: &[String], at: usize| of.get(at).cloned().unwrap_or_default();
    (0..rows)
        .map(|at| json!([cell(&person.emails, at), cell(&person.phones, at)]))
        .collect()
}

/// What Meta calls the upload.
fn session(body: &str) -> Option<String> {
    let answer: Json = serde_json::from_str(body).ok()?;
    let session = answer.get("session_id")?;
    Some(
        session
            .as_str()
            .map_or_else(|| session.to_string(), str::to_owned),
    )
}

/// The address of an API, with what comes from the environment.
pub(super) fn base(base_url: &str, secrets: &Secrets) -> Result<String, SettingError> {
    let base = secrets
        .fill(base_url)?
        .expose()
        .trim_end_matches('/')
        .to_owned();
    Url::parse(&base).map_err(|_| SettingError::Address(base_url.to_owned()))?;
    Ok(base)
}

/// A token as the header that carries it.
pub(super) fn bearer(token: &str, secrets: &Secrets) -> Result<HeaderValue, SettingError> {
    let token = secrets.fill(token)?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
        .map_err(|_| SettingError::Header("Authorization".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
