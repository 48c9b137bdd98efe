//! Offers: issued to a contact by the first message that carries them, with a code of their own. One with a limit is
//! claimed first; where none is left, the step that was to hand it out is left out.

use journey_ir::journey::Argument;
use journey_ir::{OfferIx, StepIx, StepKind};

use crate::calendar::NEVER;
use crate::claim::{Claim, Claimed, Limit};
use crate::contact::{Issued, Position};
use crate::history::{Skip, What};
use crate::program::Input;
use crate::turn::Turn;
use crate::walk::{Flow, Resolved};

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
            expires: ir.valid.map_or(NEVER, |valid| self.after(self.at, valid)),
        })
    }

    /// Keeps the offers among arguments as issued.
    pub(crate) fn issue_offers(&mut self, args: &[(&str, Resolved)]) {
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

    /// Parks a run that is to hand out offers with a limit which it does not have yet, and claims them.
    pub(crate) fn claim_offers(
        &mut self,
        at: usize,
        step: StepIx,
        args: &[(&str, Resolved)],
    ) -> Option<Flow> {
        let mut limits: Vec<Limit> = Vec::new();
        let mut offers: Vec<String> = Vec::new();
        for (_, value) in args {
            let Resolved::Offer(offer, issued) = value else {
                continue;
            };
            let name = self.program.ir().offer(*offer).map(|it| &it.name);
            let Some(name) = name.filter(|name| !offers.contains(name)) else {
                continue;
            };
            let own = self.program.limits(*offer);
            if !own.is_empty() && !self.contact.offers.contains(issued) {
                offers.push(name.clone());
                limits.extend(own);
            }
        }
        let first = offers.first()?.clone();
        let place = self.place(at, step);
        self.note(What::Claimed {
            place,
            prize: offers.join(", ").into(),
        });
        let run = self.contact.runs.get(at)?.id;
        self.out.claims.push(Claim {
            run,
            what: Claimed::Offers(offers),
            limits,
        });
        Some(Flow::Park(Position::Claiming { step, prize: first }))
    }

    /// Issues the offers of a step whose claim was granted.
    pub(crate) fn take_offers(&mut self, at: usize, kind: &StepKind) {
        let args = self.arguments(at, arguments_of(kind));
        self.issue_offers(&args);
    }

    /// Leaves out a step whose offers are used up, and says what follows it.
    pub(crate) fn go_without(
        &mut self,
        at: usize,
        step: StepIx,
        kind: &StepKind,
    ) -> Option<StepIx> {
        let Some(Position::Claiming { prize, .. }) =
            self.contact.runs.get(at).map(|run| &run.position)
        else {
            return None;
        };
        let offer = prize.as_str().into();
        match kind {
            StepKind::Send {
                candidates, next, ..
            } => {
                if let Some(run) = self.contact.runs.get_mut(at) {
                    run.held_since = None;
                }
                self.send_without(at, step, candidates, Skip::UsedUp(offer));
                *next
            }
            StepKind::Do { next, .. } | StepKind::Assign { next, .. } => {
                let place = self.place(at, step);
                self.note(What::UsedUp { place, offer });
                *next
            }
            _ => None,
        }
    }

    /// The code of an issued offer, the same whenever it is asked for.
    pub(crate) fn code(&self, offer: OfferIx, issued: &Issued) -> String {
        let name = self
            .program
            .ir()
            .offer(offer)
            .map_or("", |it| it.name.as_str());
        // Hashed in one go: of a few bytes, that is much cheaper than one piece after the other.
        let named = [
            b"offer\0",
            self.contact.id.as_bytes(),
            &[0],
            name.as_bytes(),
            &issued.at.to_le_bytes(),
            &issued.run.0.to_le_bytes(),
        ]
        .concat();
        let letter = |byte: &u8| {
            LETTERS
                .get(usize::from(byte % 32))
                .map_or('0', |it| char::from(*it))
        };
        blake3::hash(&named)
            .as_bytes()
            .iter()
            .take(LENGTH)
            .map(letter)
            .collect()
    }
}

fn arguments_of(kind: &StepKind) -> &[Argument] {
    match kind {
        StepKind::Send { args, .. } | StepKind::Do { args, .. } | StepKind::Assign { args, .. } => {
            args
        }
        _ => &[],
    }
}
