//! Offers: issued to a contact by the first message that carries them, with a code of their own.

use journey_ir::OfferIx;

use crate::calendar::NEVER;
use crate::contact::Issued;
use crate::program::Input;
use crate::turn::Turn;
use crate::walk::Resolved;

/// The letters of a code: none that is taken for another when read aloud or typed from paper.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many letters a code has.
const LENGTH: usize = 10;

impl Turn<'_> {
    /// An offer as this run carries it: the one already issued where a contact gets it once or this run has issued it,
    /// a new one otherwise.
    pub(crate) fn offer(&self, at: usize, offer: OfferIx) -> Option<Issued> {
        let ir = self.program.ir().offer(offer)?;
        let key = self.program.offer_key(offer)?;
        let run = self.contact.runs.get(at)?.id;
        let known = self.contact.issued(self.program, offer, Some(run));
        if let Some(known) = known.filter(|it| ir.once_per_contact || it.run == run) {
            return Some(known.clone());
        }
        Some(Issued {
            offer: key,
            run,
            at: self.at,
            expires: ir
                .valid
                .map_or(NEVER, |valid| self.zone.after(self.at, valid)),
        })
    }

    /// Keeps the offers among arguments as issued.
    pub(crate) fn issue_offers(&mut self, args: &[(String, Resolved)]) {
        let mut issued = false;
        for (_, value) in args {
            let Resolved::Offer(_, offer) = value else {
                continue;
            };
            if self.contact.offers.contains(offer) {
                continue;
            }
            let runs = &self.contact.runs;
            let carried = |it: &Issued| runs.iter().any(|run| run.id == it.run);
            self.contact
                .offers
                .retain(|it| it.offer != offer.offer || carried(it));
            self.contact.offers.push(offer.clone());
            issued = true;
        }
        if issued {
            self.touch(Input::Offers);
        }
    }

    /// The code of an issued offer, the same whenever it is asked for.
    pub(crate) fn code(&self, offer: OfferIx, issued: &Issued) -> String {
        let mut hash = blake3::Hasher::new();
        hash.update(b"offer\0")
            .update(self.contact.id.as_bytes())
            .update(&[0]);
        let name = self
            .program
            .ir()
            .offer(offer)
            .map_or("", |it| it.name.as_str());
        hash.update(name.as_bytes())
            .update(&issued.at.to_le_bytes())
            .update(&issued.run.0.to_le_bytes());
        let letter = |byte: &u8| {
            LETTERS
                .get(usize::from(byte % 32))
                .map_or('0', |it| char::from(*it))
        };
        hash.finalize()
            .as_bytes()
            .iter()
            .take(LENGTH)
            .map(letter)
            .collect()
    }
}
