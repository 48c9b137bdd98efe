//! Requests: the JSON text of a body becomes items, with what the envelope says merged into each.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::body::{BATCH_BYTES, BATCH_ITEMS, ITEM_BYTES};
use crate::process::Batch;
use crate::store::Rejected;
use journey_arrivals::call::{Call as Item, Plain};
use journey_arrivals::translate::Translated;
use journey_arrivals::{Origin, Refused, Translator, timestamps};

/// Which call a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// One item of this type.
    One(&'static str),
    /// A batch.
    Many,
}

impl Call {
    /// The call of the last part of a path, in its long and its short form.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "identify" | "i" => Self::One("identify"),
            "track" | "t" => Self::One("track"),
            "page" | "p" => Self::One("page"),
            "screen" | "s" => Self::One("screen"),
            "group" | "g" => Self::One("group"),
            "alias" | "a" => Self::One("alias"),
            "batch" | "b" | "import" => Self::Many,
            _ => return None,
        })
    }

    /// The word by which [`Self::of`] finds it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::One(word) => word,
            Self::Many => "batch",
        }
    }

    /// How large its body may be, in bytes of JSON.
    #[must_use]
    pub const fn most_bytes(self) -> usize {
        match self {
            Self::One(_) => ITEM_BYTES,
            Self::Many => BATCH_BYTES,
        }
    }
}

/// What is wrong with a whole request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// It is no JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// It is no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// A batch without items.
    #[error("the body has no list `batch`")]
    NoBatch,
    /// A batch of too many items.
    #[error("the batch has more than {BATCH_ITEMS} items; send smaller batches")]
    TooMany,
}

/// A request that was read.
#[derive(Debug)]
pub struct Request<'a> {
    /// The key in its body.
    pub write_key: Option<String>,
    items: Vec<&'a RawValue>,
    kind: Option<&'static str>,
    context: Option<&'a RawValue>,
    integrations: Option<&'a RawValue>,
    sent_at: Option<Plain<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    batch: Option<Vec<&'a RawValue>>,
    write_key: Option<String>,
    #[serde(borrow)]
    sent_at: Option<Plain<'a>>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    integrations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Single {
    write_key: Option<String>,
}

impl<'a> Request<'a> {
    /// Reads the text of a body.
    pub fn read(call: Call, text: &'a str) -> Result<Self, BadRequest> {
        let bad = |error: serde_json::Error| BadRequest::NotJson(error.to_string());
        if !text.trim_start().starts_with('{') {
            let read: Result<IgnoredAny, _> = serde_json::from_str(text);
            return Err(read.map_or_else(bad, |_| BadRequest::NotAnObject));
        }
        match call {
            Call::One(kind) => {
                let single: Single = serde_json::from_str(text).map_err(bad)?;
                Ok(Self {
                    write_key: single.write_key,
                    items: vec![serde_json::from_str(text).map_err(bad)?],
                    kind: Some(kind),
                    context: None,
                    integrations: None,
                    sent_at: None,
                })
            }
            Call::Many => {
                let envelope: Envelope<'a> = serde_json::from_str(text).map_err(bad)?;
                let items = envelope.batch.ok_or(BadRequest::NoBatch)?;
                if items.len() > BATCH_ITEMS {
                    return Err(BadRequest::TooMany);
                }
                Ok(Self {
                    write_key: envelope.write_key,
                    items,
                    kind: None,
                    context: envelope.context,
                    integrations: envelope.integrations,
                    sent_at: envelope.sent_at,
                })
            }
        }
    }

    /// Reads the text of a request to enter a journey: one person, or a `batch` of them.
    pub fn read_entries(text: &'a str) -> Result<Self, BadRequest> {
        let request = match Self::read(Call::Many, text) {
            Err(BadRequest::NoBatch) => Self::read(Call::One("request"), text)?,
            other => other?,
        };
        Ok(Self {
            kind: Some("request"),
            ..request
        })
    }

    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Translates all items. What does not fit is listed in the batch, and never refuses it.
    pub(super) fn translate(&self, translator: &Translator, origin: Origin<'_>) -> Batch {
        self.translate_by(origin, |kind, item, origin| {
            translator.item(kind, item, origin)
        })
    }

    /// Translates all items as requests to enter a journey.
    pub(super) fn enter(
        &self,
        journey: &str,
        translator: &Translator,
        origin: Origin<'_>,
    ) -> Batch {
        self.translate_by(origin, |_, item, origin| {
            translator.request(journey, item, origin)
        })
    }

    fn translate_by(
        &self,
        origin: Origin<'_>,
        translate: impl Fn(&str, &Item<'_>, Origin<'_>) -> Result<Translated, Refused>,
    ) -> Batch {
        let mut batch = Batch::default();
        let sent_at = timestamps::read("sentAt", self.sent_at.as_ref());
        let origin = Origin {
            sent_at: sent_at.ok().flatten(),
            ..origin
        };
        for raw in &self.items {
            let result = self
                .item(raw)
                .and_then(|(kind, item)| translate(&kind, &item, origin));
            match result {
                Ok(translated) => {
                    batch.arrivals.extend(translated.arrivals);
                    let problems = translated.problems.iter();
                    let problems = problems.map(|one| rejected(one, origin, raw.get()));
                    batch.rejected.extend(problems);
                }
                Err(refused) => batch.rejected.push(rejected(&refused, origin, raw.get())),
            }
        }
        batch
    }

    fn item<'r>(&self, raw: &'r RawValue) -> Result<(Cow<'static, str>, Item<'r>), Refused> {
        if raw.get().len() > ITEM_BYTES {
            return Err(Refused::new(
                "item_too_large",
                format!("the item is larger than {ITEM_BYTES} bytes"),
            ));
        }
        let mut item: Item<'r> = serde_json::from_str(raw.get()).map_err(|_| {
            Refused::new(
                "not_an_object",
                "the item is not a JSON object, or is nested too deep",
            )
        })?;
        merge(&mut item.context, self.context);
        merge(&mut item.integrations, self.integrations);
        let kind = match (self.kind, &item.kind) {
            (Some(kind), _) => kind.into(),
            (None, Some(Plain::Text(kind))) => kind.to_lowercase().into(),
            (None, _) => {
                return Err(Refused::new(
                    "missing_type",
                    "an item of a batch needs `type`",
                ));
            }
        };
        Ok((kind, item))
    }
}

/// What the envelope says holds for each item that does not say otherwise.
fn merge(own: &mut Option<Cow<'_, RawValue>>, envelope: Option<&RawValue>) {
    type Object = Map<String, Value>;
    let object = |raw: &RawValue| serde_json::from_str::<Object>(raw.get()).ok();
    let Some(mut merged) = envelope.and_then(object) else {
        return;
    };
    match own.as_deref().map(object) {
        None => {}
        Some(Some(said)) => merged.extend(said),
        // What is no object stays as it is.
        Some(None) => return,
    }
    if let Ok(raw) = serde_json::value::to_raw_value(&merged) {
        *own = Some(Cow::Owned(raw));
    }
}

/// An item for the list of the rejected.
pub(super) fn rejected(refused: &Refused, origin: Origin<'_>, payload: &str) -> Rejected {
    Rejected {
        at: origin.received_at,
        source: origin.source.to_owned(),
        code: refused.code.to_owned(),
        detail: refused.detail.clone(),
        payload: payload.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_paths_are_the_same_calls() {
        for (short, long) in [
            ("i", "identify"),
            ("t", "track"),
            ("p", "page"),
            ("s", "screen"),
        ] {
            assert_eq!(Call::of(short), Call::of(long));
        }
        assert_eq!(Call::of("import"), Some(Call::Many));
        assert_eq!(Call::of("merge"), None);
    }

    #[test]
    fn the_envelope_is_merged_into_each_item_and_the_item_wins() {
        let text = r#"{"batch":[{"type":"track","context":{"ip":"1"}},{"type":"Page"}],
            "context":{"ip":"2","app":{"name":"x"}},"integrations":{"All":true}}"#;
        let value = |raw: &Option<Cow<'_, RawValue>>| -> Value {
            serde_json::from_str(raw.as_ref().unwrap().get()).unwrap()
        };
        let request = Request::read(Call::Many, text).unwrap();
        let (kind, item) = request.item(request.items[0]).unwrap();
        assert_eq!(kind, "track");
        assert_eq!(
            value(&item.context),
            serde_json::json!({"ip":"1","app":{"name":"x"}})
        );
        let (kind, item) = request.item(request.items[1]).unwrap();
        assert_eq!(kind, "page");
        assert_eq!(value(&item.context)["ip"], "2");
        assert_eq!(value(&item.integrations)["All"], true);
    }

    #[test]
    fn whole_requests_are_refused_only_for_their_shape() {
        let read = |call, text| Request::read(call, text).map(|_| ()).unwrap_err();
        assert!(matches!(read(Call::Many, "{"), BadRequest::NotJson(_)));
        assert!(matches!(read(Call::Many, "{} x"), BadRequest::NotJson(_)));
        assert_eq!(read(Call::Many, "[]"), BadRequest::NotAnObject);
        assert_eq!(read(Call::One("track"), "3"), BadRequest::NotAnObject);
        assert_eq!(read(Call::Many, "{}"), BadRequest::NoBatch);
        let many = format!(r#"{{"batch":[{}1]}}"#, "1,".repeat(BATCH_ITEMS));
        assert_eq!(read(Call::Many, &many), BadRequest::TooMany);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(Call::Many, &deep), BadRequest::NotAnObject);
    }

    #[test]
    fn an_item_that_is_nested_too_deep_is_refused_alone() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        let text = format!(
            r#"{{"batch":[{{"type":"track","properties":{{"x":{deep}}}}},{{"type":"page"}}]}}"#
        );
        let request = Request::read(Call::Many, &text).unwrap();
        let refused = request.item(request.items[0]).unwrap_err();
        assert_eq!(refused.code, "not_an_object");
        assert!(request.item(request.items[1]).is_ok());
    }
}
