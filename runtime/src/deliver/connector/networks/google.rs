//! Google Ads Customer Match: `POST customers/{customer}:uploadUserData`, with operations that create or remove people of
//! a user list.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::{Value as Json, json};
use url::Url;

use super::super::SettingError;
use super::super::client::{Call, Client};
use super::Person;
use super::meta::{base, bearer};
use crate::deliver::Reason;
use crate::deliver::attempt::Attempt;
use crate::secrets::Secrets;

/// How many operations one request carries at most.
const OPERATIONS: usize = 10;

/// An account, as the settings describe it.
pub(super) struct Account<'a> {
    pub(super) base_url: &'a str,
    pub(super) token: &'a str,
    pub(super) developer_token: &'a str,
    pub(super) customer: &'a str,
    pub(super) manager: Option<&'a str>,
}

/// One account.
#[derive(Debug)]
pub(super) struct Google {
    base: String,
    customer: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Google {
    pub(super) fn new(account: &Account<'_>, secrets: &Secrets) -> Result<Self, SettingError> {
        let developer = secrets.fill(account.developer_token)?;
        let mut headers = vec![
            (AUTHORIZATION, bearer(account.token, secrets)?),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            header("developer-token", developer.expose().trim())?,
        ];
        if let Some(manager) = account.manager {
            headers.push(header("login-customer-id", manager)?);
        }
        Ok(Self {
            base: base(account.base_url, secrets)?,
            customer: account.customer.to_owned(),
            headers,
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
        let customer = &self.customer;
        let Ok(url) = Url::parse(&format!(
            "{}/customers/{customer}:uploadUserData",
            self.base
        )) else {
            return Attempt::refused(Reason::ours(format!("`{customer}` is not an account")));
        };
        let verb = if add { "create" } else { "remove" };
        for some in people.chunks(OPERATIONS) {
            let operations = some
                .iter()
                .map(|person| json!({ verb: { "userIdentifiers": identifiers(person) } }));
            let user_list = format!("customers/{customer}/userLists/{list}");
            let body = json!({
                "customerMatchUserListMetadata": {
                    "userList": user_list,
                    "consent": { "adUserData": "GRANTED", "adPersonalization": "GRANTED" },
                },
                "operations": operations.collect::<Vec<_>>(),
            });
            let call = Call {
                method: Method::POST,
                url: url.clone(),
                headers: self.headers.clone(),
                body: Some(body.to_string()),
            };
            match client.send(call).await {
                Ok(answer) if answer.is_expected(&[]) => {}
                Ok(answer) => return answer.failure(),
                Err(attempt) => return attempt,
            }
        }
        Attempt::done(None)
    }
}

fn identifiers(person: &Person) -> Vec<Json> {
    let emails = person.emails.iter().map(|it| json!({ "hashedEmail": it }));
    let phones = person
        .phones
        .iter()
        .map(|it| json!({ "hashedPhoneNumber": it }));
    emails.chain(phones).collect()
}

fn header(name: &'static str, value: &str) -> Result<(HeaderName, HeaderValue), SettingError> {
    let mut value =
        HeaderValue::from_str(value).map_err(|_| SettingError::Header(name.to_owned()))?;
    value.set_sensitive(true);
    Ok((HeaderName::from_static(name), value))
}
