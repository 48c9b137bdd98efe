//! What a frame of the journal says: records, each the new image of one row. Taking a record twice changes nothing, so
//! writing them into the tables may begin again at any point.
//!
//! Records are a stored format: variants and fields keep their order, and new ones are added at the end.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use journey_ir::Instant;

use crate::store::journal::{At, FRAME_HEAD};
use crate::store::{ContactNo, ContactRow, NewEffect, Place, ProgramNo, Status};

/// Bytes that are borrowed from the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Bytes<'a>(pub(in crate::store) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(from).map(Bytes)
    }
}

/// The new image of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::store) enum Record<'a> {
    #[serde(borrow)]
    Contact(ContactImage<'a>),
    /// The contact with this name was merged into another one.
    Gone {
        number: i64,
        name: &'a str,
    },
    Alias {
        name: &'a str,
        contact: i64,
    },
    /// A page of the log, packed.
    Page {
        number: i64,
        at: Instant,
        program: i64,
        body: Bytes<'a>,
    },
    /// A new effect.
    Made {
        number: i64,
        made: Made<'a>,
        state: State,
    },
    /// What became of an effect.
    Effect {
        number: i64,
        state: State,
    },
    /// An id that a contact's own list had no room for; forgotten where there is no hour.
    Remembered {
        contact: i64,
        id: u64,
        hour: Option<u32>,
    },
    Rejected {
        number: i64,
        at: Instant,
        source: &'a str,
        code: &'a str,
        detail: &'a str,
        payload: &'a str,
    },
    Program {
        number: i64,
        hash: &'a str,
        at: Instant,
        json: Bytes<'a>,
    },
    Tally {
        journey: &'a str,
        version: &'a str,
        what: &'a str,
        detail: &'a str,
        n: i64,
    },
    Cursor {
        name: &'a str,
        position: &'a str,
        at: Instant,
    },
    Meta {
        name: &'a str,
        value: Option<&'a str>,
    },
}

/// Whether a contact has the name it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) enum Named<'a> {
    Kept,
    New,
    Was(&'a str),
}

/// A row of `contacts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct ContactImage<'a> {
    pub(in crate::store) number: i64,
    #[serde(borrow)]
    pub(in crate::store) named: Named<'a>,
    pub(in crate::store) name: &'a str,
    pub(in crate::store) next_wake: Option<Instant>,
    pub(in crate::store) last: Option<(i64, u32)>,
    pub(in crate::store) state: Bytes<'a>,
    pub(in crate::store) recent: Bytes<'a>,
}

impl<'a> ContactImage<'a> {
    pub(in crate::store) fn of(row: &'a ContactRow, named: Named<'a>) -> Self {
        Self {
            number: row.number.0,
            named,
            name: &row.name,
            next_wake: row.next_wake,
            last: row.last.map(|place| (place.page, place.offset)),
            state: Bytes(&row.state),
            recent: Bytes(&row.recent),
        }
    }

    pub(in crate::store) fn row(&self) -> ContactRow {
        ContactRow {
            number: ContactNo(self.number),
            name: self.name.to_owned(),
            next_wake: self.next_wake,
            last: self.last.map(|(page, offset)| Place { page, offset }),
            state: self.state.0.to_vec(),
            recent: self.recent.0.to_vec(),
        }
    }
}

/// What never changes about an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Made<'a> {
    pub(in crate::store) program: i64,
    pub(in crate::store) decided_at: Instant,
    pub(in crate::store) step: &'a str,
    #[serde(borrow)]
    pub(in crate::store) body: Bytes<'a>,
}

/// What may change about an effect, and what changes are chosen by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct State {
    pub(in crate::store) key: [u8; 32],
    pub(in crate::store) contact: ContactNo,
    pub(in crate::store) run: u32,
    #[serde(with = "status")]
    pub(in crate::store) status: Status,
    pub(in crate::store) due: Instant,
    pub(in crate::store) lease: Option<Instant>,
    pub(in crate::store) attempts: u32,
    pub(in crate::store) journey: Box<str>,
    pub(in crate::store) lane: Box<str>,
    pub(in crate::store) advertising: bool,
    pub(in crate::store) whenever: bool,
    pub(in crate::store) outcome: Option<Box<str>>,
    pub(in crate::store) settled_at: Option<Instant>,
    /// Its body was taken away.
    pub(in crate::store) blank: bool,
}

impl State {
    pub(in crate::store) fn new(effect: &NewEffect) -> Self {
        Self {
            key: effect.key,
            contact: effect.contact,
            run: effect.run,
            status: effect.status,
            due: effect.decided_at,
            lease: None,
            attempts: 0,
            journey: effect.journey.as_str().into(),
            lane: effect.lane.as_str().into(),
            advertising: effect.advertising,
            whenever: effect.whenever,
            outcome: None,
            settled_at: None,
            blank: false,
        }
    }
}

impl<'a> Made<'a> {
    pub(in crate::store) fn of(effect: &'a NewEffect, program: ProgramNo) -> Self {
        Self {
            program: program.0,
            decided_at: effect.decided_at,
            step: &effect.step,
            body: Bytes(&effect.body),
        }
    }
}

mod status {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::store::Status;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(in crate::store) fn serialize<S: Serializer>(
        status: &Status,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        (status.number() as u8).serialize(to)
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Status, D::Error> {
        let number = u8::deserialize(from)?;
        Status::from_number(i64::from(number)).ok_or_else(|| D::Error::custom("no such status"))
    }
}

/// Writes a record at the end of a frame.
pub(in crate::store) fn put(
    frame: &mut Vec<u8>,
    record: &Record<'_>,
) -> Result<(), postcard::Error> {
    let begun = std::mem::take(frame);
    *frame = postcard::to_extend(record, begun)?;
    Ok(())
}

/// Reads one record.
pub(in crate::store) fn read(bytes: &[u8]) -> Option<Record<'_>> {
    let (record, _) = postcard::take_from_bytes(bytes).ok()?;
    Some(record)
}

/// The records of a frame with their places. `None` in place of one that cannot be read; nothing follows it.
pub(in crate::store) fn records(
    frame: At,
    payload: &[u8],
) -> impl Iterator<Item = Option<(At, Record<'_>)>> {
    let mut rest = payload;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let begun = rest.len();
        let Ok((record, after)) = postcard::take_from_bytes(rest) else {
            rest = &[];
            return Some(None);
        };
        rest = after;
        let place = At {
            segment: frame.segment,
            offset: frame.offset + (FRAME_HEAD + payload.len() - begun) as u32,
            length: (begun - after.len()) as u32,
        };
        Some(Some((place, record)))
    })
}
