//! One thing that happened to somebody, as bytes: what is needed to put it in its place stands in front, in fields of a
//! fixed width, and the item behind it is only unpacked when its turn has come.
//!
//! ```text
//! at · received_at · place · id · flags (rank, whether there is an id) · length of the name · length of the item · name · item
//! ```

use journey_engine::Item;
use journey_ir::Instant;
use postcard::ser_flavors::Flavor;

use super::people::Lived;

/// When something happened, among all that happened to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) at: Instant,
    /// The order at one instant.
    pub(super) rank: u8,
    /// The place in the file.
    pub(super) place: u64,
}

/// What stands in front of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) name: &'a str,
    pub(super) moment: Moment,
    /// By what a repeat is recognised.
    pub(super) id: Option<u64>,
    pub(super) received_at: Instant,
}

/// A record where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) head: Head<'a>,
    item: &'a [u8],
}

/// The bit that says that there is an id; the bits below it are the rank.
const HAS_ID: u8 = 0x80;

/// Appends a record.
pub(super) fn pack(head: Head<'_>, item: &Item, to: &mut Vec<u8>) {
    let at = front(head, to);
    let start = to.len();
    // Serialising into memory fails for nothing that an item holds; what is left out then cannot be unpacked either.
    let _ = postcard::serialize_with_flavor::<_, _, ()>(item, Appended(to));
    let length = (to.len() - start) as u32;
    if let Some(place) = to.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// How long what stands in front of a name is, in bytes.
const FRONT: usize = 4 * 8 + 1 + 2 * 4;

/// Everything before the item; gives the place of the item's length.
fn front(head: Head<'_>, to: &mut Vec<u8>) -> usize {
    let Head {
        name,
        moment,
        id,
        received_at,
    } = head;
    let flags = moment.rank | if id.is_some() { HAS_ID } else { 0 };
    let mut front = [0; FRONT];
    let mut rest = front.as_mut_slice();
    let fields: [&[u8]; 6] = [
        &moment.at.to_le_bytes(),
        &received_at.to_le_bytes(),
        &moment.place.to_le_bytes(),
        &id.unwrap_or_default().to_le_bytes(),
        &[flags],
        &(name.len() as u32).to_le_bytes(),
    ];
    for field in fields {
        let (here, behind) = std::mem::take(&mut rest).split_at_mut(field.len());
        here.copy_from_slice(field);
        rest = behind;
    }
    // One piece at a time costs a question for room each.
    to.reserve(FRONT + name.len());
    to.extend_from_slice(&front);
    let at = to.len() - 4;
    to.extend_from_slice(name.as_bytes());
    at
}

/// Postcard's bytes at the end of others.
struct Appended<'a>(&'a mut Vec<u8>);

impl Flavor for Appended<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The records of a piece, one after the other.
pub(super) fn records(piece: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let (record, behind) = record(rest)?;
        rest = behind;
        Some(record)
    })
}

fn record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (at, bytes) = bytes.split_first_chunk()?;
    let (received_at, bytes) = bytes.split_first_chunk()?;
    let (place, bytes) = bytes.split_first_chunk()?;
    let (id, bytes) = bytes.split_first_chunk()?;
    let (flags, bytes) = bytes.split_first()?;
    let (name, bytes) = bytes.split_first_chunk()?;
    let (item, bytes) = bytes.split_first_chunk()?;
    let (name, bytes) = bytes.split_at_checked(u32::from_le_bytes(*name) as usize)?;
    let (item, bytes) = bytes.split_at_checked(u32::from_le_bytes(*item) as usize)?;
    let head = Head {
        name: std::str::from_utf8(name).ok()?,
        moment: Moment {
            at: i64::from_le_bytes(*at),
            rank: flags & !HAS_ID,
            place: u64::from_le_bytes(*place),
        },
        id: (flags & HAS_ID != 0).then(|| u64::from_le_bytes(*id)),
        received_at: i64::from_le_bytes(*received_at),
    };
    Some((Record { head, item }, bytes))
}

impl Record<'_> {
    /// Appends the record under another name.
    pub(super) fn pack_for(&self, name: &str, to: &mut Vec<u8>) {
        let at = front(Head { name, ..self.head }, to);
        let length = self.item.len() as u32;
        if let Some(place) = to.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        to.extend_from_slice(self.item);
    }

    /// What happened.
    pub(super) fn lived(&self) -> Option<Lived> {
        Some(Lived {
            moment: self.head.moment,
            id: self.head.id,
            received_at: self.head.received_at,
            item: postcard::from_bytes(self.item).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was_also_under_another_name() {
        let head = |place, id| Head {
            name: "민지",
            moment: Moment {
                at: -5,
                rank: 2,
                place,
            },
            id,
            received_at: 7,
        };
        let item = Item::Erase { occurred_at: -5 };
        let mut piece = Vec::new();
        pack(head(1, Some(9)), &item, &mut piece);
        pack(head(2, None), &item, &mut piece);
        let mut renamed = Vec::new();
        for record in records(&piece) {
            assert_eq!(record.head.name, "민지");
            record.pack_for("suho", &mut renamed);
        }
        let lives = |piece: &[u8]| -> Vec<_> {
            let all = records(piece).map(|it| (it.head.name.to_owned(), it.lived().unwrap()));
            all.map(|(name, it)| (name, it.moment, it.id, it.received_at, it.item))
                .collect()
        };
        let (first, second) = (lives(&piece), lives(&renamed));
        assert_eq!(first.len(), 2);
        assert_eq!(second[0].0, "suho");
        assert_eq!((first[1].1, first[1].2), (head(2, None).moment, None));
        assert_eq!(first[0].2, Some(9));
        assert_eq!(first[0].4, item);
        assert_eq!(second[1].1, first[1].1);
        assert_eq!(records(&piece[..piece.len() - 1]).count(), 1);
    }
}
