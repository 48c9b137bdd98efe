//! HubSpot's CRM v3: a lead becomes a contact and a deal, an assignment becomes a task.
//!
//! HubSpot takes no idempotency keys, so that repeating is made safe here. A contact is found by its e-mail address (a
//! second one is refused with 409) or phone number. Deals and tasks end their name with the first ten digits of the
//! effect's key, `김민지 [0123456789]`, and a repeated attempt first searches for that name. HubSpot's search lags a few
//! seconds behind what was written; retries wait longer than that.

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value as Json, json};
use url::Url;

use super::client::{Answer, Call, Client};
use super::inputs::{Inputs, moment, words};
use super::{Order, SettingError};
use crate::deliver::Reason;
use crate::deliver::attempt::Attempt;
use crate::secrets::Secrets;

/// HubSpot's own numbers for what belongs to what.
const DEAL_TO_CONTACT: u32 = 3;
const TASK_TO_CONTACT: u32 = 204;

/// What this connector can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// A contact and a deal for it.
    CreateLead,
    /// A task for an owner.
    CreateTask,
}

impl Job {
    pub(super) fn named(action: &str) -> Option<Self> {
        match action {
            "create_lead" => Some(Self::CreateLead),
            "create_task" => Some(Self::CreateTask),
            _ => None,
        }
    }
}

/// One HubSpot account.
#[derive(Debug)]
pub(super) struct Hubspot {
    base: String,
    authorization: HeaderValue,
    pipeline: String,
    deal_stage: String,
}

/// The end of an attempt at a step that has nothing to pass on.
type Step<T> = Result<T, Attempt>;

impl Hubspot {
    pub(super) fn new(
        base_url: &str,
        token: &str,
        pipeline: &str,
        deal_stage: &str,
        secrets: &Secrets,
    ) -> Result<Self, SettingError> {
        let base = secrets
            .fill(base_url)?
            .expose()
            .trim_end_matches('/')
            .to_owned();
        Url::parse(&base).map_err(|_| SettingError::Address(base_url.to_owned()))?;
        let token = secrets.fill(token)?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
            .map_err(|_| SettingError::Header("Authorization".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self {
            base,
            authorization,
            pipeline: pipeline.to_owned(),
            deal_stage: deal_stage.to_owned(),
        })
    }

    pub(super) async fn run(&self, job: Job, client: &Client, order: &Order) -> Attempt {
        let account = Account {
            hubspot: self,
            client,
            order,
        };
        let made = match job {
            Job::CreateLead => account.create_lead().await,
            Job::CreateTask => account.create_task().await,
        };
        made.map_or_else(|ended| ended, Attempt::done)
    }
}

/// One job under way.
struct Account<'a> {
    hubspot: &'a Hubspot,
    client: &'a Client,
    order: &'a Order,
}

impl Account<'_> {
    async fn create_lead(&self) -> Step<String> {
        let contact = self.contact().await?;
        let named = self.first_word(&["dealname", "title", "name", "email", "phone"]);
        let name = self.marked(named.as_deref().unwrap_or("Lead"));
        if self.order.again
            && let Some(id) = self.find("deals", "dealname", &name).await?
        {
            return Ok(id);
        }
        let mut properties = Map::new();
        properties.insert("dealname".into(), name.into());
        properties.insert("pipeline".into(), self.hubspot.pipeline.clone().into());
        properties.insert("dealstage".into(), self.hubspot.deal_stage.clone().into());
        if let Some(amount) = self.first_word(&["amount", "budget"]) {
            properties.insert("amount".into(), amount.into());
        }
        if let Some(owner) = self.owner().await? {
            properties.insert("hubspot_owner_id".into(), owner.into());
        }
        if let Some(description) = self.description() {
            properties.insert("description".into(), description.into());
        }
        self.create("deals", properties, contact.map(|id| (id, DEAL_TO_CONTACT)))
            .await
    }

    async fn create_task(&self) -> Step<String> {
        let contact = self.contact().await?;
        let title = self.first_word(&["title", "subject"]);
        let subject = self.marked(title.as_deref().unwrap_or("Task"));
        if self.order.again
            && let Some(id) = self.find("tasks", "hs_task_subject", &subject).await?
        {
            return Ok(id);
        }
        let due = self.word("due_at").unwrap_or_else(|| moment(self.order.at));
        let mut properties = Map::new();
        properties.insert("hs_task_subject".into(), subject.into());
        properties.insert("hs_timestamp".into(), due.into());
        properties.insert("hs_task_status".into(), "NOT_STARTED".into());
        properties.insert("hs_task_type".into(), "TODO".into());
        if let Some(owner) = self.owner().await? {
            properties.insert("hubspot_owner_id".into(), owner.into());
        }
        if let Some(description) = self.description() {
            properties.insert("hs_task_body".into(), description.into());
        }
        self.create("tasks", properties, contact.map(|id| (id, TASK_TO_CONTACT)))
            .await
    }

    /// Finds or makes the contact; `None` where nothing is known by which a person could be found again.
    async fn contact(&self) -> Step<Option<String>> {
        let (email, phone) = (self.word("email"), self.word("phone"));
        match (&email, &phone) {
            (None, None) => return Ok(None),
            (None, Some(phone)) => {
                if let Some(id) = self.find("contacts", "phone", phone).await? {
                    return Ok(Some(id));
                }
            }
            (Some(_), _) => {}
        }
        let mut properties = Map::new();
        for (property, value) in [
            ("email", &email),
            ("firstname", &self.word("name")),
            ("phone", &phone),
        ] {
            if let Some(value) = value {
                properties.insert(property.into(), value.clone().into());
            }
        }
        let body = json!({ "properties": properties });
        let answer = self.post("/crm/v3/objects/contacts", &body).await?;
        if answer.status != 409 {
            return id_of(&answer).map(Some);
        }
        if let Some(id) = existing_id(&answer.body) {
            return Ok(Some(id));
        }
        match &email {
            Some(email) => self.find("contacts", "email", email).await,
            None => Ok(None),
        }
    }

    /// The owner's number: as written, by e-mail address, or in turn. A lead without an owner is worth more than none,
    /// so an owner who cannot be found is left out and logged.
    async fn owner(&self) -> Step<Option<String>> {
        let Some(wanted) = self.word("owner") else {
            return Ok(None);
        };
        if wanted.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Some(wanted));
        }
        let mut url = self.url("/crm/v3/owners")?;
        if wanted.contains('@') {
            url.query_pairs_mut().append_pair("email", &wanted);
        }
        url.query_pairs_mut().append_pair("limit", "100");
        let answer = self.send(Method::GET, url, None).await?;
        if !answer.is_expected(&[]) {
            return Err(answer.failure());
        }
        let owners = results(&answer.body);
        let in_turn = wanted == "round_robin" || wanted.contains('@');
        let owner = usize::try_from(self.turn())
            .ok()
            .and_then(|turn| turn.checked_rem(owners.len()))
            .and_then(|turn| owners.into_iter().nth(turn))
            .filter(|_| in_turn);
        if owner.is_none() {
            tracing::warn!("HubSpot has no such owner; the record is made without one");
        }
        Ok(owner)
    }

    /// A number that differs by effect and is the same for each attempt at it: owners take turns by it.
    fn turn(&self) -> u64 {
        let digits = self.order.key.get(..8).unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or_default()
    }

    /// All other inputs, for people to read.
    fn description(&self) -> Option<String> {
        let elsewhere = [
            "owner", "title", "dealname", "name", "email", "phone", "due_at", "amount", "subject",
        ];
        let other = |name: &String| !elsewhere.contains(&name.as_str());
        let inputs: &Inputs = &self.order.inputs;
        let lines: Vec<_> = inputs
            .iter()
            .filter(|(name, value)| other(name) && !value.is_null())
            .map(|(name, value)| format!("{name}: {}", words(value)))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    async fn create(
        &self,
        objects: &str,
        properties: Map<String, Json>,
        belongs_to: Option<(String, u32)>,
    ) -> Step<String> {
        let mut body = json!({ "properties": properties });
        if let (Some((id, kind)), Some(body)) = (belongs_to, body.as_object_mut()) {
            let types =
                json!([{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind }]);
            let associations = json!([{ "to": { "id": id }, "types": types }]);
            body.insert("associations".into(), associations);
        }
        let answer = self
            .post(&format!("/crm/v3/objects/{objects}"), &body)
            .await?;
        id_of(&answer)
    }

    /// The first object with exactly this property.
    async fn find(&self, objects: &str, property: &str, value: &str) -> Step<Option<String>> {
        let filter = json!({ "propertyName": property, "operator": "EQ", "value": value });
        let body = json!({
            "filterGroups": [{ "filters": [filter] }],
            "properties": [property],
            "limit": 1,
        });
        let answer = self
            .post(&format!("/crm/v3/objects/{objects}/search"), &body)
            .await?;
        if !answer.is_expected(&[]) {
            return Err(answer.failure());
        }
        Ok(results(&answer.body).into_iter().next())
    }

    async fn post(&self, path: &str, body: &Json) -> Step<Answer> {
        let url = self.url(path)?;
        self.send(Method::POST, url, Some(body.to_string())).await
    }

    async fn send(&self, method: Method, url: Url, body: Option<String>) -> Step<Answer> {
        let json = HeaderValue::from_static("application/json");
        let call = Call {
            method,
            url,
            headers: vec![
                (AUTHORIZATION, self.hubspot.authorization.clone()),
                (CONTENT_TYPE, json),
            ],
            body,
        };
        self.client.send(call).await
    }

    fn url(&self, path: &str) -> Step<Url> {
        Url::parse(&format!("{}{path}", self.hubspot.base)).map_err(|error| {
            Attempt::refused(Reason::quoting("the address is wrong", &error.to_string()))
        })
    }

    /// A name that is this effect's alone.
    fn marked(&self, name: &str) -> String {
        format!("{name} [{}]", self.order.key.get(..10).unwrap_or_default())
    }

    fn word(&self, name: &str) -> Option<String> {
        let word = self.order.inputs.get(name).map(words)?;
        (!word.trim().is_empty()).then_some(word)
    }

    fn first_word(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.word(name))
    }
}

/// The id of what was made.
fn id_of(answer: &Answer) -> Step<String> {
    if !answer.is_expected(&[]) {
        return Err(answer.failure());
    }
    let body: Json = serde_json::from_str(&answer.body).unwrap_or_default();
    let id = body.get("id").map(words).filter(|id| !id.is_empty());
    id.ok_or_else(|| Attempt::unclear("HubSpot's answer has no `id`"))
}

/// The ids in a list of results.
fn results(body: &str) -> Vec<String> {
    let body: Json = serde_json::from_str(body).unwrap_or_default();
    let results = body.get("results").and_then(Json::as_array);
    let ids = results
        .into_iter()
        .flatten()
        .filter_map(|found| found.get("id"));
    ids.map(words).collect()
}

/// The number in `Contact already exists. Existing ID: 12345`.
fn existing_id(body: &str) -> Option<String> {
    let body: Json = serde_json::from_str(body).ok()?;
    let message = body.get("message")?.as_str()?;
    let (_, after) = message.split_once("Existing ID:")?;
    let id: String = after
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_existing_contact_is_in_the_refusal() {
        let body = r#"{"status":"error","message":"Contact already exists. Existing ID: 451","category":"CONFLICT"}"#;
        assert_eq!(existing_id(body).as_deref(), Some("451"));
        for other in ["", "{}", r#"{"message":"Existing ID: none"}"#] {
            assert_eq!(existing_id(other), None);
        }
    }
}
