//! One call as a client sends it, read where it stands: texts without escapes are not copied, and what nothing here looks
//! at is passed over. JSON goes in; the fields that [`crate::translate`] knows come out.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// A field that should be a text, or perhaps a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// Anything else but `null`.
    Other(Value),
}

impl Plain<'_> {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Plain<'_> {
    /// As JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Value::from(text.as_ref()).fmt(f),
            Self::Other(value) => value.fmt(f),
        }
    }
}

impl From<String> for Plain<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// What a client tells of one thing. A field that is `null` is the same as one that is not there; of a field that is
/// there twice the last one counts.
#[derive(Debug, Clone, Default)]
pub struct Call<'a> {
    /// `type`: which call it is.
    pub kind: Option<Plain<'a>>,
    /// The name of what happened.
    pub event: Option<Plain<'a>>,
    /// The contact's own id.
    pub user_id: Option<Plain<'a>>,
    /// The id of a device.
    pub anonymous_id: Option<Plain<'a>>,
    /// A former id.
    pub previous_id: Option<Plain<'a>>,
    /// The group a contact belongs to.
    pub group_id: Option<Plain<'a>>,
    /// By what a repeat is recognised.
    pub message_id: Option<Plain<'a>>,
    /// When it happened.
    pub timestamp: Option<Plain<'a>>,
    /// When it happened, as the client wrote it before anybody corrected it.
    pub original_timestamp: Option<Plain<'a>>,
    /// When the client sent it.
    pub sent_at: Option<Plain<'a>>,
    /// Whose client it is.
    pub write_key: Option<Plain<'a>>,
    /// The name of a page.
    pub name: Option<Value>,
    /// The category of a page.
    pub category: Option<Value>,
    /// What is known of the contact.
    pub traits: Option<Value>,
    /// What is known of the event.
    pub properties: Option<Value>,
    /// Where it happened; no journey can ask for it.
    pub context: Option<Cow<'a, RawValue>>,
    /// Who else was to hear of it; no journey can ask for it.
    pub integrations: Option<Cow<'a, RawValue>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Plain<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PlainVisitor)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Plain::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Plain::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Plain::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Plain::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Plain::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Plain::Other(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Plain::Other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(seq)).map(Plain::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(map)).map(Plain::Other)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Call<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CallVisitor)
    }
}

struct CallVisitor;

impl<'de> Visitor<'de> for CallVisitor {
    type Value = Call<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut call = Call::default();
        while let Some(Plain::Text(field)) = map.next_key()? {
            match &*field {
                "type" => call.kind = map.next_value()?,
                "event" => call.event = map.next_value()?,
                "userId" => call.user_id = map.next_value()?,
                "anonymousId" => call.anonymous_id = map.next_value()?,
                "previousId" => call.previous_id = map.next_value()?,
                "groupId" => call.group_id = map.next_value()?,
                "messageId" => call.message_id = map.next_value()?,
                "timestamp" => call.timestamp = map.next_value()?,
                "originalTimestamp" => call.original_timestamp = map.next_value()?,
                "sentAt" => call.sent_at = map.next_value()?,
                "writeKey" => call.write_key = map.next_value()?,
                "name" => call.name = map.next_value()?,
                "category" => call.category = map.next_value()?,
                "traits" => call.traits = map.next_value()?,
                "properties" => call.properties = map.next_value()?,
                "context" => call.context = raw(map.next_value()?),
                "integrations" => call.integrations = raw(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(call)
    }
}

fn raw(value: Option<&RawValue>) -> Option<Cow<'_, RawValue>> {
    value.map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_where_it_stands() {
        let text = r#"{"userId":"u1","event":"a\u0062","groupId":7,"anonymousId":null,
            "properties":{"x":[1,{"y":null}]},"extra":{"type":"none of ours"},"context":{"ip":"1"}}"#;
        let call: Call<'_> = serde_json::from_str(text).unwrap();
        assert!(matches!(
            call.user_id,
            Some(Plain::Text(Cow::Borrowed("u1")))
        ));
        assert_eq!(call.event.unwrap().text(), Some("ab"));
        assert_eq!(call.group_id, Some(Plain::Other(7.into())));
        assert_eq!(call.anonymous_id, None);
        assert_eq!(call.kind, None);
        assert_eq!(call.properties.unwrap()["x"][1]["y"], Value::Null);
        assert_eq!(call.context.unwrap().get(), r#"{"ip":"1"}"#);
    }

    #[test]
    fn of_a_field_that_is_there_twice_the_last_counts() {
        let text = r#"{"userId":"a","userId":{"b":[1.5,true]}}"#;
        let call: Call<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(call.user_id.unwrap().to_string(), r#"{"b":[1.5,true]}"#);
        assert!(serde_json::from_str::<Call<'_>>("[]").is_err());
        assert!(serde_json::from_str::<Call<'_>>("null").is_err());
    }
}
