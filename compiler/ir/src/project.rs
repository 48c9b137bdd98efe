//! The project's settings, from `journey.toml`. No secret is ever in here: texts may name environment variables as
//! `${NAME}`, which only the daemon reads.

use serde::{Deserialize, Serialize};

use crate::index::HoursIx;
use crate::message::Channel;
use crate::schema::Type;
use crate::time::{Clock, Date, Weekday};
use crate::value::Currency;

/// Settings of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The IANA time zone of people without one.
    pub timezone: String,
    /// The currency of amounts that name none.
    pub currency: Option<Currency>,
    /// `ko` or `en`.
    pub language: String,
    /// How late an event may arrive and still be acted upon, in milliseconds; later ones update history only.
    pub accept_late: i64,
    /// How long after its time an effect may still be carried out, in milliseconds; a later one is kept as stale.
    pub late_after: i64,
    /// The attribute that holds each channel's address, by name.
    pub addresses: Vec<(Channel, String)>,
    /// Opening hours.
    pub hours: Vec<Hours>,
    /// The opening hours whose open days are business days.
    pub business_days: Option<HoursIx>,
    /// Settings per messaging channel.
    pub channels: Vec<ChannelSettings>,
    /// Who messages come from.
    pub senders: Vec<Sender>,
    /// Systems that `do` steps call.
    pub connectors: Vec<Connector>,
    /// People and teams that `assign` steps name, with the connector action that tells them.
    pub teams: Vec<Team>,
    /// Advertising networks that are told of audiences.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// Links that templates fill in: a name and a URL with `{}`.
    pub links: Vec<(String, String)>,
    /// Column mappings for files of events.
    pub imports: Vec<Import>,
}

/// Opening hours in their own zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Their name.
    pub name: String,
    /// Their IANA time zone.
    pub timezone: String,
    /// Opening and closing per weekday; [open, close).
    pub open: Vec<(Weekday, Clock, Clock)>,
    /// Days that are closed.
    pub holidays: Vec<Date>,
}

/// Settings of one messaging channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// The channel.
    pub channel: Channel,
    /// The default sender, in `senders`.
    pub sender: Option<String>,
    /// E-mail: `smtp://…` or `smtps://…`; user and password by `${NAME}`. Without it mail is written to a folder.
    pub smtp: Option<String>,
    /// Other channels: the connector and action that carries a message.
    pub action: Option<(String, String)>,
    /// What happens when a provider's answer is unclear.
    pub on_unclear_result: Option<OnUnclear>,
    /// The channel that carries a message this one has failed for good to carry.
    #[serde(default)]
    pub fallback: Option<Channel>,
}

/// What happens when it is not known whether a provider took a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnclear {
    /// Leave it: perhaps not sent, never sent twice.
    Skip,
    /// Send again: perhaps sent twice.
    Retry,
}

/// Who messages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Its name.
    pub name: String,
    /// `Name <address>`.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
}

/// An advertising network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Its name in `sync to`.
    pub name: String,
    /// How it is told.
    pub kind: NetworkKind,
    /// The network's own id of the list behind each audience: (audience, id).
    pub lists: Vec<(String, String)>,
}

/// How an advertising network is told of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkKind {
    /// It is written down and nowhere sent.
    Record,
    /// Meta Custom Audiences.
    Meta {
        /// The address of the API.
        base_url: String,
        /// The access token, as `${NAME}`.
        token: String,
    },
    /// Google Ads Customer Match.
    Google {
        /// The address of the API.
        base_url: String,
        /// The access token, as `${NAME}`.
        token: String,
        /// The developer token, as `${NAME}`.
        developer_token: String,
        /// The account, ten digits.
        customer: String,
        /// The account that manages it, where there is one.
        manager: Option<String>,
    },
}

/// A system that steps call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// Its name: `crm`.
    pub name: String,
    /// How it is called.
    pub kind: ConnectorKind,
    /// What it can do.
    pub actions: Vec<Action>,
}

/// How a connector is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorKind {
    /// Calls are written down and nowhere sent.
    Record,
    /// Each action has its own HTTP request.
    Http,
    /// HubSpot CRM v3: the shipped connector.
    Hubspot {
        /// The address of the API, `https://api.hubapi.com` unless a test says otherwise.
        base_url: String,
        /// The private app's access token, as `${NAME}`.
        token: String,
        /// The deal pipeline's stage for new deals.
        deal_stage: String,
        /// The deal pipeline.
        pipeline: String,
    },
}

/// One action of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its name: `create_lead`.
    pub name: String,
    /// What it takes.
    pub inputs: Vec<Input>,
    /// The names of private attributes it may receive; the engine adds their values to the call.
    pub private_data: Vec<String>,
    /// Whether the provider honours our idempotency key, so that an unclear result can safely be retried.
    pub idempotent: bool,
    /// The request, for `Http` connectors.
    pub request: Option<Request>,
}

/// What an action takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// Whether it may be left out.
    pub optional: bool,
}

/// An HTTP request. Texts may hold `{{ input }}` (JSON-escaped inside the body, URL-escaped inside the URL) and
/// `${ENVIRONMENT_VARIABLE}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `POST`, `PUT`, `PATCH` or `GET`.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body; all inputs as a JSON object where none is written.
    pub body: Option<String>,
    /// The statuses that mean done; 200 to 299 where none is written.
    pub expect: Vec<u16>,
    /// The header that carries the effect key; `Idempotency-Key` where none is written.
    pub idempotency_header: Option<String>,
}

/// A person or team, and how they are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The name in `assign to`.
    pub name: String,
    /// The connector and action; where `None` the task is kept in the daemon's own list.
    pub action: Option<(String, String)>,
}

/// How the columns of a file become events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its name: `journeyd import FILE --as NAME`.
    pub name: String,
    /// The column of the time.
    pub time: String,
    /// The column of the contact's id.
    pub contact: String,
    /// The column of the event's type, or …
    pub event: Option<String>,
    /// … the type of every row.
    pub event_name: Option<String>,
    /// Event types of the file renamed to the project's: (theirs, ours). Types that are in neither are passed over
    /// where `only` is set.
    pub rename: Vec<(String, String)>,
    /// Whether rows of types the project does not declare are passed over in silence, instead of listed as rejected.
    pub only: bool,
    /// Columns renamed to fields: (column, field). Columns of the same name as a field need no entry.
    pub fields: Vec<(String, String)>,
    /// Columns that set attributes: (column, attribute).
    pub attributes: Vec<(String, String)>,
    /// The column that identifies a row, where it has one.
    pub id: Option<String>,
}
