//! Segment's calls become arrivals: identify sets attributes and consents, track, page and screen are events, alias
//! joins names, group sets one attribute. What does not fit is listed with its reason; the rest goes on.

use journey_engine::admit::EventHead;
use journey_engine::{Item, Program, admit};
use journey_ir::{Channel, Instant};
use serde_json::{Map, Value};

use super::call::{Call, Plain};
use super::names::{Catalog, Declared};
use super::timestamps::{self, Said};
use crate::arrival::{Arrival, Who, key_id, message_id};

/// The longest id of a contact, in characters.
const ID_CHARS: usize = 255;
/// The longest message id, in characters.
const MESSAGE_ID_CHARS: usize = 255;
/// The trait that carries consents: `{"marketing": {"email": true}}`.
const CONSENTS: &str = "consents";
/// The events by which a consent is given and withdrawn, for clients that only track.
const CONSENT_GIVEN: &str = "consent_given";
const CONSENT_WITHDRAWN: &str = "consent_withdrawn";

/// What every item of one request has in common.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The name of the source.
    pub source: &'a str,
    /// When the request arrived.
    pub received_at: Instant,
    /// When the client sent it, where the envelope says so.
    pub sent_at: Option<Instant>,
}

/// Why an item is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// A stable word for what is wrong.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub detail: String,
}

impl Refused {
    /// A refusal of a code, with what is wrong.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

/// What became of an item.
#[derive(Debug, Default)]
pub struct Translated {
    /// What happened.
    pub arrivals: Vec<Arrival>,
    /// Parts of it that do not fit.
    pub problems: Vec<Refused>,
}

/// By which door an event comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// From outside.
    Outside,
    /// It is one of our own.
    Own,
}

/// The event that a request to enter a journey is, as the compiler names it.
fn request_event(journey: &str) -> String {
    format!("{journey}.request")
}

/// Translates items for one project.
#[derive(Debug)]
pub struct Translator {
    program: std::sync::Arc<Program>,
    catalog: Catalog,
}

/// What is known of one item before it is known what it is.
struct Head<'a> {
    who: Who,
    occurred_at: Instant,
    received_at: Instant,
    /// Its message id, with the source it is unique in.
    id: Option<(&'a str, &'a str)>,
}

impl Head<'_> {
    /// An arrival; where one item becomes several, `part` tells them apart.
    fn arrival(&self, part: &str, item: Option<Item>) -> Arrival {
        let id = self.id.as_ref().map(|(source, message)| {
            if part.is_empty() {
                message_id(source, message)
            } else {
                message_id(source, &format!("{message}\0{part}"))
            }
        });
        Arrival {
            who: self.who.clone(),
            received_at: self.received_at,
            id,
            item,
        }
    }
}

impl Translator {
    /// A translator that knows the names of a project.
    pub fn new(program: std::sync::Arc<Program>) -> Self {
        Self {
            catalog: Catalog::of(&program),
            program,
        }
    }

    /// Translates one item of a given type.
    pub fn item(
        &self,
        kind: &str,
        call: &Call<'_>,
        origin: Origin<'_>,
    ) -> Result<Translated, Refused> {
        let head = head(kind, call, origin)?;
        match kind {
            "identify" => self.identify(&head, call),
            "track" => self.track(&head, call),
            "page" | "screen" => self.view(kind, &head, call),
            "group" => Ok(self.group(&head, call)),
            "alias" => Ok(Translated {
                arrivals: vec![head.arrival("", None)],
                problems: Vec::new(),
            }),
            other => Err(Refused::new(
                "unknown_type",
                format!("`{other}` is none of identify, track, page, screen, group, alias"),
            )),
        }
    }

    fn identify(&self, head: &Head<'_>, call: &Call<'_>) -> Result<Translated, Refused> {
        let mut translated = Translated::default();
        let traits = object(call.traits.as_ref(), "traits")?;
        let mut known = Map::new();
        for (name, value) in traits.into_iter().flatten() {
            // A declared attribute of that name wins over ours.
            match self.catalog.attribute(name) {
                Some(declared) => {
                    known.insert(declared.to_owned(), value.clone());
                }
                None if name == CONSENTS => self.consents(head, value, &mut translated),
                None => {}
            }
        }
        let admitted = admit::attributes(&self.program, &known);
        for problem in admitted.problems {
            let refused = Refused::new("wrong_attribute", problem.to_string());
            translated.problems.push(refused);
        }
        // Even without attributes the contact is known from now on, and its names are joined.
        let set = (!admitted.value.is_empty()).then_some(Item::Attributes {
            set: admitted.value,
            occurred_at: head.occurred_at,
        });
        translated.arrivals.insert(0, head.arrival("", set));
        Ok(translated)
    }

    /// `{"marketing": true}` or `{"marketing": {"email": true, "sms": false}}`.
    fn consents(&self, head: &Head<'_>, value: &Value, translated: &mut Translated) {
        let Some(consents) = value.as_object() else {
            let refused = Refused::new("wrong_consent", "`consents` is not an object");
            return translated.problems.push(refused);
        };
        for (name, by) in consents {
            let channels: Vec<(Option<&str>, &Value)> = match by {
                Value::Object(by) => by.iter().map(|(c, v)| (Some(c.as_str()), v)).collect(),
                all => vec![(None, all)],
            };
            for (channel, given) in channels {
                let item = yes_no(given)
                    .ok_or_else(|| {
                        Refused::new(
                            "wrong_consent",
                            format!("`consents.{name}` is not yes or no"),
                        )
                    })
                    .and_then(|given| self.consent(name, channel, given, head.occurred_at));
                match item {
                    Ok(item) => {
                        let part = format!("{name}\0{}", channel.unwrap_or_default());
                        translated.arrivals.push(head.arrival(&part, Some(item)));
                    }
                    Err(refused) => translated.problems.push(refused),
                }
            }
        }
    }

    fn consent(
        &self,
        name: &str,
        channel: Option<&str>,
        given: bool,
        occurred_at: Instant,
    ) -> Result<Item, Refused> {
        let consent = self
            .catalog
            .consent(name)
            .and_then(|declared| self.program.consent_by_name(declared))
            .ok_or_else(|| {
                let detail = format!("the project declares no consent named `{name}`");
                Refused::new("unknown_consent", detail)
            })?;
        let channel = channel
            .map(|word| {
                Channel::from_word(word).ok_or_else(|| {
                    Refused::new("unknown_channel", format!("`{word}` is no channel"))
                })
            })
            .transpose()?;
        Ok(Item::Consent {
            consent,
            channel,
            given,
            occurred_at,
        })
    }

    fn track(&self, head: &Head<'_>, call: &Call<'_>) -> Result<Translated, Refused> {
        let name = call
            .event
            .as_ref()
            .and_then(Plain::text)
            .filter(|name| !name.trim().is_empty())
            .ok_or_else(|| Refused::new("missing_event", "a track call needs `event`"))?;
        let properties = object(call.properties.as_ref(), "properties")?;
        match self.catalog.event(name) {
            Some(declared) => self.event(declared, head, properties, call, Door::Outside),
            None if name == CONSENT_GIVEN || name == CONSENT_WITHDRAWN => {
                let empty = Map::new();
                let properties = properties.unwrap_or(&empty);
                let text = |field: &str| properties.get(field).and_then(Value::as_str);
                let consent = text("consent").ok_or_else(|| {
                    Refused::new(
                        "missing_field",
                        format!("`{name}` needs the field `consent`"),
                    )
                })?;
                let given = name == CONSENT_GIVEN;
                let item = self.consent(consent, text("channel"), given, head.occurred_at)?;
                Ok(Translated {
                    arrivals: vec![head.arrival("", Some(item))],
                    problems: Vec::new(),
                })
            }
            None => Err(Refused::new(
                "unknown_event",
                format!("the project declares no event named `{name}`"),
            )),
        }
    }

    /// A page or screen is an event where the project declares one; otherwise it only joins names.
    fn view(&self, kind: &str, head: &Head<'_>, call: &Call<'_>) -> Result<Translated, Refused> {
        match self.catalog.event(kind) {
            Some(declared) => {
                let properties = object(call.properties.as_ref(), "properties")?;
                self.event(declared, head, properties, call, Door::Outside)
            }
            None => Ok(names_only(head)),
        }
    }

    /// Translates a request to enter a journey: whom by `userId`, and what for in `properties`.
    pub fn request(
        &self,
        journey: &str,
        call: &Call<'_>,
        origin: Origin<'_>,
    ) -> Result<Translated, Refused> {
        let head = head("request", call, origin)?;
        let name = request_event(journey);
        let Some(declared) = self.catalog.event(&name) else {
            let refusal = admit::Refusal::UnknownEvent(name);
            return Err(Refused::new(refusal.code(), refusal.to_string()));
        };
        let properties = object(call.properties.as_ref(), "properties")?;
        self.event(declared, &head, properties, &Call::default(), Door::Own)
    }

    /// Whether people enter a journey by request.
    #[must_use]
    pub fn takes_requests(&self, journey: &str) -> bool {
        self.request_fields(journey).is_some()
    }

    /// The names of the fields of a request to enter a journey; `None` where nobody enters it by request.
    #[must_use]
    pub fn request_fields(&self, journey: &str) -> Option<Vec<&str>> {
        let event = self.program.event_by_name(&request_event(journey))?;
        let event = self.program.ir().event(event).filter(|it| it.built_in)?;
        Some(event.fields.iter().map(|it| it.name.as_str()).collect())
    }

    fn event(
        &self,
        declared: &Declared,
        head: &Head<'_>,
        properties: Option<&Map<String, Value>>,
        call: &Call<'_>,
        door: Door,
    ) -> Result<Translated, Refused> {
        let mut arrival = head.arrival("", None);
        let event = EventHead {
            id: journey_engine::EventId(arrival.id.unwrap_or_default()),
            kind: declared.event,
            occurred_at: head.occurred_at,
            received_at: head.received_at,
        };
        let found = found(declared, properties, call);
        let value = |at: usize| found.get(at).copied().flatten();
        let admitted = match door {
            Door::Outside => admit::event_of_values(&self.program, event, value),
            Door::Own => admit::own_event_of_values(&self.program, event, value),
        };
        let admitted =
            admitted.map_err(|refusal| Refused::new(refusal.code(), refusal.to_string()))?;
        let mut event = admitted.value;
        match key_id(&self.program, &event) {
            Some(id) => {
                event.id = id;
                arrival.id = Some(id.0);
            }
            None if arrival.id.is_none() => event.id = unrepeatable(),
            None => {}
        }
        arrival.item = Some(Item::Event(event));
        let problems = admitted.problems.into_iter();
        Ok(Translated {
            arrivals: vec![arrival],
            problems: problems
                .map(|problem| Refused::new("wrong_field", problem.to_string()))
                .collect(),
        })
    }

    /// The group a contact belongs to is kept where the project declares an attribute for it.
    fn group(&self, head: &Head<'_>, call: &Call<'_>) -> Translated {
        let declared = ["group_id", "group"]
            .into_iter()
            .find_map(|name| self.catalog.attribute(name));
        let (Some(declared), Some(group)) = (
            declared,
            id_of(call.group_id.as_ref(), "groupId").ok().flatten(),
        ) else {
            return names_only(head);
        };
        let map = Map::from_iter([(declared.to_owned(), Value::String(group))]);
        let admitted = admit::attributes(&self.program, &map);
        let set = Item::Attributes {
            set: admitted.value,
            occurred_at: head.occurred_at,
        };
        let problems = admitted.problems.into_iter();
        Translated {
            arrivals: vec![head.arrival("", Some(set))],
            problems: problems
                .map(|problem| Refused::new("wrong_attribute", problem.to_string()))
                .collect(),
        }
    }
}

/// The values of an event's fields, by their positions.
fn found<'a>(
    declared: &Declared,
    properties: Option<&'a Map<String, Value>>,
    call: &'a Call<'_>,
) -> Vec<Option<&'a Value>> {
    let mut found = vec![None; declared.width];
    let mut put = |name: &str, value: &'a Value| {
        let place = declared.field(name).and_then(|at| found.get_mut(at));
        place.map(|place| *place = Some(value)).is_some()
    };
    // `name` and `category` of a page stand beside its properties.
    for (name, value) in [("name", &call.name), ("category", &call.category)] {
        if let Some(value) = value {
            put(name, value);
        }
    }
    for (name, value) in properties.into_iter().flatten() {
        if !put(name, value)
            && let Value::Object(object) = value
        {
            // What stands in an object is declared after the object's name.
            for (part, value) in object {
                put(&format!("{name}.{part}"), value);
            }
        }
    }
    found
}

/// An item that says nothing about a contact except, perhaps, that two names are one.
fn names_only(head: &Head<'_>) -> Translated {
    let joins = matches!(head.who, Who::Both { .. } | Who::Alias { .. });
    Translated {
        arrivals: joins.then(|| head.arrival("", None)).into_iter().collect(),
        problems: Vec::new(),
    }
}

fn head<'a>(kind: &str, call: &'a Call<'_>, origin: Origin<'a>) -> Result<Head<'a>, Refused> {
    let time = |field: &'static str, said: &Option<Plain<'_>>| {
        timestamps::read(field, said.as_ref())
            .map_err(|error| Refused::new("bad_timestamp", error.to_string()))
    };
    let happened = match time("originalTimestamp", &call.original_timestamp)? {
        Some(at) => Some(at),
        None => time("timestamp", &call.timestamp)?,
    };
    let said = Said {
        happened,
        sent: time("sentAt", &call.sent_at)?.or(origin.sent_at),
    };
    let message = call.message_id.as_ref().and_then(Plain::text);
    if message.is_some_and(|message| message.chars().count() > MESSAGE_ID_CHARS) {
        let detail = format!("`messageId` is longer than {MESSAGE_ID_CHARS} characters");
        return Err(Refused::new("message_id_too_long", detail));
    }
    Ok(Head {
        who: who(kind, call)?,
        occurred_at: timestamps::corrected(said, origin.received_at),
        received_at: origin.received_at,
        id: message
            .filter(|message| !message.is_empty())
            .map(|message| (origin.source, message)),
    })
}

fn who(kind: &str, call: &Call<'_>) -> Result<Who, Refused> {
    let known = id_of(call.user_id.as_ref(), "userId")?;
    let anonymous = id_of(call.anonymous_id.as_ref(), "anonymousId")?;
    if kind == "alias" {
        return match (
            known,
            id_of(call.previous_id.as_ref(), "previousId")?.or(anonymous),
        ) {
            (Some(known), Some(previous)) => Ok(Who::Alias { known, previous }),
            _ => Err(Refused::new(
                "missing_id",
                "an alias call needs `userId` and `previousId`",
            )),
        };
    }
    match (known, anonymous) {
        (Some(known), Some(anonymous)) => Ok(Who::Both { known, anonymous }),
        (Some(known), None) => Ok(Who::Known(known)),
        (None, Some(anonymous)) => Ok(Who::Anonymous(anonymous)),
        (None, None) => Err(Refused::new(
            "missing_id",
            "an item needs `userId` or `anonymousId`",
        )),
    }
}

/// An id; some clients send numbers.
fn id_of(id: Option<&Plain<'_>>, field: &str) -> Result<Option<String>, Refused> {
    let id = match id {
        None => return Ok(None),
        Some(Plain::Text(text)) => text.trim().to_owned(),
        Some(Plain::Other(Value::Number(number))) => number.to_string(),
        Some(Plain::Other(_)) => {
            let detail = format!("`{field}` is neither a text nor a number");
            return Err(Refused::new("bad_id", detail));
        }
    };
    if id.chars().count() > ID_CHARS {
        let detail = format!("`{field}` is longer than {ID_CHARS} characters");
        return Err(Refused::new("bad_id", detail));
    }
    if id.chars().any(char::is_control) {
        let detail = format!("`{field}` contains control characters");
        return Err(Refused::new("bad_id", detail));
    }
    Ok(Some(id).filter(|id| !id.is_empty()))
}

fn object<'a>(
    value: Option<&'a Value>,
    field: &'static str,
) -> Result<Option<&'a Map<String, Value>>, Refused> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Refused::new(
            "wrong_shape",
            format!("`{field}` is not an object"),
        )),
    }
}

fn yes_no(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(given) => Some(*given),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "yes" | "true" => Some(true),
            "no" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// An id for an event that nobody can repeat, because its sender gave it none.
fn unrepeatable() -> journey_engine::EventId {
    use std::hash::{BuildHasher as _, RandomState};
    let mut id = [0; 16];
    for half in id.chunks_exact_mut(8) {
        half.copy_from_slice(&RandomState::new().hash_one(0_u8).to_le_bytes());
    }
    journey_engine::EventId(id)
}
