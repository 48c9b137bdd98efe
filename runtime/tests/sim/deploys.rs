//! Deploys in a life: another program takes over between two turns or at a start, and contacts follow it one by one. Each
//! of its commits may be refused, torn or found done all the same, like any other.

use journeyd::store::{ProgramNo, Read, Sqlite, Store as _};

use crate::chance::Chance;
use crate::disk::Stopped;
use crate::life::{Asked, Life, Planted, refusal, sudden};

impl Life<'_> {
    /// Now and then, as a life with deploys decides, another program takes over, or some contacts follow the last one.
    pub(super) fn part_of_a_deploy(&mut self) -> Result<(), Stopped> {
        match self.deploys.as_mut().map(|chance| chance.below(48)) {
            Some(0) => self.deploy(),
            Some(1..=9) => self.behind(),
            _ => Ok(()),
        }
    }

    /// The shop with which the daemon starts: mostly the one that ran last.
    pub(super) fn shop_at_start(&mut self) -> usize {
        let now = self.shop;
        let count = self.scene.shops.len();
        let another = self.deploys.as_mut().filter(|_| self.lived.turns > 0);
        another.map_or(now, |chance| {
            if chance.one_in(6) {
                other(chance, now, count)
            } else {
                now
            }
        })
    }

    /// Another program takes over between two turns.
    fn deploy(&mut self) -> Result<(), Stopped> {
        let (at_hand, count) = (self.shop, self.scene.shops.len());
        let Some(chance) = self.deploys.as_mut() else {
            return Ok(());
        };
        let shop = other(chance, at_hand, count);
        // Asked for again while it is in doubt it is the same, so that it is known what was found.
        let known = self.doubtful.iter().find_map(|asked| match asked {
            Asked::Deploy { shop: it, now } if *it == shop => Some(*now),
            _ => None,
        });
        let now = known.unwrap_or(self.now);
        let asked = Asked::Deploy { shop, now };
        self.quietly(|life| life.with_store(Self::keep_programs));
        let program = self.scene.shops[shop].compiled.clone();
        let process = self.process.as_mut().unwrap();
        let done = sudden(|| process.redeploy(program, now).map_err(refusal));
        if self.heard(asked.clone(), done)?.is_some() {
            self.repeat(&asked);
        }
        Ok(())
    }

    /// Some contacts are counted again, or some members enter.
    pub(super) fn behind(&mut self) -> Result<(), Stopped> {
        if !self.is_behind() {
            return Ok(());
        }
        let known = self.doubtful.iter().find_map(|asked| match asked {
            Asked::Behind { now, most } => Some((*now, *most)),
            _ => None,
        });
        let most = self.deploys.as_mut().map_or(100, |it| 1 + it.below(4));
        let (now, most) = known.unwrap_or((self.now, most));
        let process = self.process.as_mut().unwrap();
        let done = sudden(|| process.work_behind(most, now));
        let asked = Asked::Behind { now, most };
        if let Some(decided) = self.heard(asked, done)?
            && !self.is_lost()
        {
            let reference = self.reference.as_mut().unwrap();
            let expected = reference.work_behind(most, now).unwrap();
            assert_eq!(decided, expected, "what was decided behind");
        }
        Ok(())
    }

    fn is_lost(&mut self) -> bool {
        let chance = self.deploys.as_mut();
        self.planted == Planted::LostWorkBehind && chance.is_some_and(|it| it.one_in(3))
    }

    /// Whether anybody has to be counted again or is to be let in.
    pub(super) fn is_behind(&mut self) -> bool {
        far(self.reference.as_mut().unwrap().store()) != [None, None]
    }

    /// Whether another shop decides in the store than in the reference, and it is this one.
    pub(super) fn is_deployed(&self, shop: usize, store: &mut Sqlite) -> bool {
        shop != self.shop && running(store) == self.scene.shops[shop].compiled.hash()
    }

    /// Whether more is done behind in the store than in the reference, under the same shop.
    pub(super) fn is_farther(&mut self, store: &mut Sqlite) -> bool {
        let same_program = running(store) == self.scene.shops[self.shop].compiled.hash();
        same_program && far(store) != far(self.reference.as_mut().unwrap().store())
    }

    /// The reference keeps the programs that the daemon keeps: an interrupted deploy leaves some, with which later ones
    /// are linked.
    pub(super) fn keep_programs(&mut self, store: &mut Sqlite) {
        let mut all = store.programs().unwrap();
        all.sort_by_key(|kept| kept.number);
        let reference = self.reference.as_mut().unwrap().store();
        for kept in all {
            let number = reference.keep_program(&kept.hash, &kept.json, 0).unwrap();
            assert_eq!(number, kept.number);
        }
    }
}

/// Another shop than the one at hand.
fn other(chance: &mut Chance, shop: usize, count: usize) -> usize {
    (shop + 1 + chance.below(count - 1)) % count
}

/// The hash of the program that ran last.
fn running(store: &mut Sqlite) -> String {
    let number = store.meta("program").unwrap();
    let number = ProgramNo(number.map_or(0, |text| text.parse().unwrap()));
    let mut kept = store.programs().unwrap().into_iter();
    let kept = kept.find(|it| it.number == number);
    kept.map_or_else(String::new, |it| it.hash)
}

/// How far counting again and letting in are.
fn far(store: &mut dyn Read) -> [Option<String>; 2] {
    ["sweep", "enrolments"].map(|setting| store.meta(setting).unwrap())
}
