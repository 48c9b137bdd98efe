//! One person after the other lives through a program: the same order of things as in the daemon, and the same step.
//!
//! Whoever draws a prize of which there are only so many is set aside, since it takes all others to know whether one is
//! left; `prizes` decides it, and they live on here.

use std::collections::VecDeque;

use foldhash::HashSet;
use journey_engine::{Claim, Contact, Item, Outcome, Program, advance, introduce, step};
use journey_ir::Instant;

use super::Assumed;
use super::act::Act;
use super::counter::{Counter, Life};
use super::people::{Lived, Person};
use super::rankings::Rankings;
use super::tally::Tally;

/// Plays people, and counts what happens to them.
#[derive(Debug)]
pub(super) struct Player<'a> {
    program: &'a Program,
    until: Option<Instant>,
    assumed: &'a Assumed,
    counter: Counter,
    /// Kept from one person to the next for their memory alone.
    out: Outcome,
    spent: (HashSet<u64>, Life),
    /// Whether the program has prizes of which there are only so many.
    draws: bool,
    rankings: &'a Rankings,
    /// What people are ranked by, where that is still being learnt.
    gathering: Option<Vec<Vec<i64>>>,
}

/// Somebody in the middle of their life.
#[derive(Debug)]
struct Living {
    contact: Contact,
    name: String,
    known: bool,
    seen: HashSet<u64>,
    life: Life,
    claims: VecDeque<Claim>,
    /// The next ranking to come, among all.
    ranking: usize,
    /// What comes next, where time has to pass before.
    next: Option<Lived>,
    /// What was done to them, where that is asked.
    acts: Option<Vec<Act>>,
}

/// Somebody who has drawn a prize of which there are only so many.
#[derive(Debug)]
pub(super) struct Waiting {
    living: Living,
    rest: std::vec::IntoIter<Lived>,
}

/// How far somebody's life went.
#[derive(Debug)]
pub(super) enum Played {
    /// To its end; with what was done to them, if that was asked.
    Ended(Vec<Act>),
    /// To a draw.
    Waits(Box<Waiting>),
}

impl Waiting {
    /// When the prize was drawn, and by whom.
    pub(super) fn order(&self) -> (Instant, &str) {
        (self.living.contact.clock(), &self.living.name)
    }

    /// What was drawn.
    pub(super) fn claim(&self) -> Option<&Claim> {
        self.living.claims.front()
    }
}

impl<'a> Player<'a> {
    pub(super) fn new(
        program: &'a Program,
        until: Option<Instant>,
        assumed: &'a Assumed,
        tally: Tally,
        rankings: &'a Rankings,
    ) -> Self {
        Self {
            program,
            until,
            assumed,
            counter: Counter::new(program, tally),
            out: Outcome {
                dry: true,
                ..Outcome::default()
            },
            spent: Default::default(),
            draws: program.has_claims(),
            rankings,
            gathering: None,
        }
    }

    /// Learns what people are ranked by, instead of telling them how it came out.
    pub(super) fn gather(&mut self) {
        self.gathering = Some(Vec::new());
    }

    /// What has been learnt: for each time a ranking is worked out, what people are ranked by.
    pub(super) fn gathered(self) -> Vec<Vec<i64>> {
        self.gathering.unwrap_or_default()
    }

    pub(super) fn finish(self) -> Tally {
        self.counter.finish()
    }

    /// Plays a person's life, and writes down what was done to them if that is asked.
    pub(super) fn play(&mut self, person: &Person<'_>, tell: bool) -> Played {
        let (seen, life) = std::mem::take(&mut self.spent);
        let mut living = Living {
            contact: Contact::new(person.name),
            name: person.name.to_owned(),
            known: false,
            seen,
            life,
            claims: VecDeque::new(),
            ranking: 0,
            next: None,
            acts: tell.then(Vec::new),
        };
        let mut rest = person.life.iter().filter_map(super::packed::Record::lived);
        if self.live(&mut living, &mut rest) {
            return Played::Ended(self.close(living));
        }
        let rest: Vec<Lived> = rest.collect();
        let rest = rest.into_iter();
        Played::Waits(Box::new(Waiting { living, rest }))
    }

    /// Answers the first claim of somebody, who then lives on.
    pub(super) fn answer(&mut self, mut waiting: Box<Waiting>, granted: bool) -> Played {
        let Waiting { living, rest } = waiting.as_mut();
        if let Some(claim) = living.claims.pop_front() {
            self.counter.drawn(&claim, granted);
            let now = living.contact.clock();
            let item = Item::Granted {
                run: claim.run,
                prize: claim.what.name().to_owned(),
                granted,
                occurred_at: now,
            };
            step(self.program, &mut living.contact, &item, now, &mut self.out);
            self.observe(living);
        }
        if living.claims.is_empty() && self.live(living, rest) {
            return Played::Ended(self.close(waiting.living));
        }
        Played::Waits(waiting)
    }

    /// Lets somebody live on; `false` where they have drawn a prize and wait.
    fn live(&mut self, living: &mut Living, rest: &mut dyn Iterator<Item = Lived>) -> bool {
        loop {
            let next = living.next.take();
            let Some(lived) = next.or_else(|| self.next(living, rest)) else {
                break;
            };
            let at = lived.moment.at;
            if !self.rank(living, at) || self.draws && !self.pass(living, at - 1) {
                living.next = Some(lived);
                return false;
            }
            let (item, heard) = (&lived.item, lived.received_at);
            step(
                self.program,
                &mut living.contact,
                item,
                heard,
                &mut self.out,
            );
            self.observe(living);
            if !living.claims.is_empty() {
                return false;
            }
        }
        let until = self.until.filter(|_| living.known);
        until.is_none_or(|until| self.rank(living, until) && self.pass(living, until))
    }

    /// Tells somebody how the rankings up to an instant came out; `false` where they draw a prize on the way.
    fn rank(&mut self, living: &mut Living, until: Instant) -> bool {
        let rankings = self.rankings;
        while let Some(pass) = rankings.get(living.ranking).filter(|it| it.at <= until) {
            if !self.pass(living, pass.at.saturating_sub(1)) {
                return false;
            }
            let place = living.ranking;
            living.ranking += 1;
            let standing = living.contact.standing(self.program, pass.ranking, pass.at);
            if let Some(gathered) = &mut self.gathering {
                if gathered.len() <= place {
                    gathered.resize_with(place + 1, Vec::new);
                }
                if let Some(of) = gathered.get_mut(place) {
                    of.extend(standing);
                }
                continue;
            }
            let within = pass.least.zip(standing);
            let within = within.is_some_and(|(least, it)| it >= least);
            let declared = self.program.ir().ranking(pass.ranking);
            if let Some(declared) = declared
                && living.contact.is_ranked(self.program, pass.ranking) != within
            {
                let item = Item::Ranked {
                    ranking: declared.name.clone(),
                    within,
                    occurred_at: pass.at,
                };
                let contact = &mut living.contact;
                step(self.program, contact, &item, pass.at, &mut self.out);
                self.observe(living);
                if !living.claims.is_empty() {
                    return false;
                }
            }
        }
        true
    }

    /// The next thing that happens to somebody: no repeats, and nothing that makes nobody known.
    fn next(
        &mut self,
        living: &mut Living,
        rest: &mut dyn Iterator<Item = Lived>,
    ) -> Option<Lived> {
        for lived in rest {
            // Events that nothing mentions, of people nobody knows, make nobody known.
            if !living.known
                && let Item::Event(event) = &lived.item
                && !self.program.hears(event.kind)
            {
                self.counter.passed_over();
                continue;
            }
            if let Some(id) = lived.id
                && !living.seen.insert(id)
            {
                self.counter.repeated();
                continue;
            }
            if !living.known {
                living.known = true;
                living.ranking = self.rankings.after(lived.moment.at);
                self.assume(&mut living.contact, lived.moment.at);
            }
            self.counter.taken();
            return Some(lived);
        }
        None
    }

    /// Lets time pass. Where a draw may wait for its prize, one thing falls due after the other; `false` where one does.
    fn pass(&mut self, living: &mut Living, until: Instant) -> bool {
        let due = |living: &Living| living.contact.next_wake().filter(|it| *it <= until);
        while self.draws
            && let Some(wake) = due(living)
        {
            advance(self.program, &mut living.contact, wake, &mut self.out);
            self.observe(living);
            if !living.claims.is_empty() {
                return false;
            }
        }
        advance(self.program, &mut living.contact, until, &mut self.out);
        self.observe(living);
        true
    }

    fn assume(&mut self, contact: &mut Contact, at: Instant) {
        if self.assumed.is_empty() {
            return;
        }
        let Assumed {
            attributes,
            consents,
        } = self.assumed;
        introduce(
            self.program,
            contact,
            attributes,
            consents,
            at,
            &mut self.out,
        );
    }

    fn observe(&mut self, living: &mut Living) {
        if let Some(acts) = &mut living.acts {
            acts.extend(self.out.history.iter().filter_map(Act::of));
        }
        for happening in self.out.history.drain(..) {
            self.counter.count(happening, &mut living.life);
        }
        living.claims.extend(self.out.claims.drain(..));
        self.out.clear();
    }

    /// Counts where somebody is at the end.
    fn close(&mut self, living: Living) -> Vec<Act> {
        let Living {
            contact,
            name,
            known,
            mut seen,
            mut life,
            acts,
            ..
        } = living;
        if known {
            self.counter.close(self.program, &contact, &name, &mut life);
        }
        seen.clear();
        self.spent = (seen, life);
        acts.unwrap_or_default()
    }
}
