//! One request as the spool holds it: what was sent, as it was sent, with what is known of how it came. It is read again
//! when it is decided, under the program of that moment.

use journey_arrivals::{Origin, Translator};
use journey_ir::Instant;
use serde::{Deserialize, Serialize};

use crate::intake::envelope::{BadRequest, Call, Request};
use crate::process::Batch;
use crate::store::Rejected;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::intake) enum Wanted<'a> {
    /// A call of a client library.
    Call(Call),
    /// To let people into a journey.
    Enter(&'a str),
}

impl Wanted<'_> {
    /// Reads the text of a body.
    pub(in crate::intake) fn read<'t>(&self, text: &'t str) -> Result<Request<'t>, BadRequest> {
        match self {
            Self::Call(call) => Request::read(*call, text),
            Self::Enter(_) => Request::read_entries(text),
        }
    }

    /// Translates all items of a request.
    pub(in crate::intake) fn translate(
        &self,
        request: &Request<'_>,
        translator: &Translator,
        origin: Origin<'_>,
    ) -> Batch {
        match self {
            Self::Call(_) => request.translate(translator, origin),
            Self::Enter(journey) => request.enter(journey, translator, origin),
        }
    }
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::intake) struct Record<'a> {
    /// Through which key.
    pub(super) source: &'a str,
    pub(super) received_at: Instant,
    /// The word of a call.
    call: Option<&'a str>,
    /// The journey people are to enter.
    journey: Option<&'a str>,
    /// The body.
    text: &'a str,
}

impl<'a> Record<'a> {
    pub(in crate::intake) const fn new(
        origin: Origin<'a>,
        wanted: Wanted<'a>,
        text: &'a str,
    ) -> Self {
        let (call, journey) = match wanted {
            Wanted::Call(call) => (Some(call.word()), None),
            Wanted::Enter(journey) => (None, Some(journey)),
        };
        Self {
            source: origin.source,
            received_at: origin.received_at,
            call,
            journey,
            text,
        }
    }

    /// Its bytes; `None` only where there is no memory for them.
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let room = Vec::with_capacity(self.text.len() + 128);
        postcard::to_extend(self, room).ok()
    }

    /// The records of a frame.
    pub(super) fn all(mut frame: &'a [u8]) -> Result<Vec<Self>, postcard::Error> {
        let mut records = Vec::new();
        while !frame.is_empty() {
            let (record, rest) = postcard::take_from_bytes(frame)?;
            records.push(record);
            frame = rest;
        }
        Ok(records)
    }

    /// What it says under a program. It was read once when it came in; where that is not possible any more, the whole of
    /// it is rejected.
    pub(super) fn translate(&self, translator: &Translator) -> Batch {
        let origin = Origin {
            source: self.source,
            received_at: self.received_at,
            sent_at: None,
        };
        let call = self.call.and_then(Call::of).map(Wanted::Call);
        let wanted = call.or(self.journey.map(Wanted::Enter));
        let read = wanted.map(|wanted| Ok((wanted, wanted.read(self.text)?)));
        match read {
            Some(Ok((wanted, request))) => wanted.translate(&request, translator, origin),
            Some(Err(error)) => self.unreadable(&error),
            None => self.unreadable(&BadRequest::NotAnObject),
        }
    }

    fn unreadable(&self, error: &BadRequest) -> Batch {
        let rejected = Rejected {
            at: self.received_at,
            source: self.source.to_owned(),
            code: "unreadable_request".to_owned(),
            detail: error.to_string(),
            payload: self.text.to_owned(),
        };
        Batch {
            rejected: vec![rejected],
            ..Batch::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_one_after_the_other_as_they_were_written() {
        let origin = Origin {
            source: "웹",
            received_at: 5,
            sent_at: None,
        };
        let track = Wanted::Call(Call::One("track"));
        let records = [
            Record::new(origin, track, "{}"),
            Record::new(origin, Wanted::Call(Call::Many), r#"{"batch":[]}"#),
            Record::new(origin, Wanted::Enter("환영"), "{ }"),
        ];
        let frame: Vec<u8> = records.iter().flat_map(|it| it.write().unwrap()).collect();
        assert_eq!(Record::all(&frame).unwrap(), records);
        assert!(Record::all(&frame[1..]).is_err());
        assert_eq!(Record::all(&[]).unwrap(), []);
    }
}
