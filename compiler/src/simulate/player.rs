//! One person after the other lives through a program: the same order of things as in the daemon, and the same step.

use std::collections::HashSet;

use journey_engine::{Claim, Contact, Item, Outcome, Program, advance, introduce, step};
use journey_ir::{Instant, StepKind};

use super::Assumed;
use super::act::Act;
use super::people::Person;
use super::rankings::Rankings;
use super::tally::{Life, Tally};

/// Plays people, and counts what happens to them.
#[derive(Debug)]
pub(super) struct Player<'a> {
    program: &'a Program,
    until: Option<Instant>,
    assumed: &'a Assumed,
    tally: Tally,
    /// Kept from one person to the next for their memory alone.
    out: Outcome,
    seen: HashSet<u64>,
    claims: Vec<Claim>,
    /// Whether the program has prizes of which there are only so many.
    draws: bool,
    life: Life,
    rankings: &'a Rankings,
    /// What people are ranked by, where that is still being learnt.
    gathering: Option<Vec<Vec<i64>>>,
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
            tally,
            out: Outcome::default(),
            seen: HashSet::new(),
            claims: Vec::new(),
            draws: has_limited_prizes(program),
            life: Life::default(),
            rankings,
            gathering: None,
        }
    }

    /// Learns what people are ranked by, instead of telling them how it came out. `before` is what was learnt already.
    pub(super) fn gather(&mut self, before: Vec<Vec<i64>>) {
        self.gathering = Some(before);
    }

    /// What has been learnt: for each time a ranking is worked out, what people are ranked by.
    pub(super) fn gathered(self) -> Vec<Vec<i64>> {
        self.gathering.unwrap_or_default()
    }

    pub(super) fn finish(self) -> Tally {
        self.tally
    }

    /// Plays a person's life, and writes down what was done to them if that is asked.
    pub(super) fn play(&mut self, person: &Person, mut acts: Option<&mut Vec<Act>>) {
        let mut contact = Contact::new(&person.name);
        let (mut known, mut ranked) = (false, Instant::MIN);
        self.seen.clear();
        for lived in &person.life {
            // Events that nothing mentions, of people nobody knows, make nobody known.
            if !known
                && let Item::Event(event) = &lived.item
                && !self.program.hears(event.kind)
            {
                self.tally.passed_over += 1;
                continue;
            }
            if let Some(id) = lived.id
                && !self.seen.insert(id)
            {
                self.tally.repeats += 1;
                continue;
            }
            if !known {
                known = true;
                ranked = lived.moment.at;
                self.assume(&mut contact, lived.moment.at);
            }
            self.tally.taken += 1;
            self.rank(&mut contact, (ranked, lived.moment.at), acts.as_deref_mut());
            ranked = ranked.max(lived.moment.at);
            let (item, heard) = (&lived.item, lived.received_at);
            if self.draws {
                self.pass(&mut contact, lived.moment.at - 1, acts.as_deref_mut());
            }
            step(self.program, &mut contact, item, heard, &mut self.out);
            self.observe(acts.as_deref_mut());
            self.grant(&mut contact, acts.as_deref_mut());
        }
        if !known {
            return;
        }
        if let Some(until) = self.until {
            self.rank(&mut contact, (ranked, until), acts.as_deref_mut());
            self.pass(&mut contact, until, acts);
        }
        self.tally
            .close(self.program, &contact, &person.name, &mut self.life);
    }

    /// Works out the rankings that are due after one instant and up to another.
    fn rank(
        &mut self,
        contact: &mut Contact,
        (from, to): (Instant, Instant),
        mut acts: Option<&mut Vec<Act>>,
    ) {
        let rankings = self.rankings;
        for (place, pass) in rankings.after(from).take_while(|(_, it)| it.at <= to) {
            self.pass(contact, pass.at.saturating_sub(1), acts.as_deref_mut());
            let standing = contact.standing(self.program, pass.ranking, pass.at);
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
                && contact.is_ranked(self.program, pass.ranking) != within
            {
                let item = Item::Ranked {
                    ranking: declared.name.clone(),
                    within,
                    occurred_at: pass.at,
                };
                step(self.program, contact, &item, pass.at, &mut self.out);
                self.observe(acts.as_deref_mut());
                self.grant(contact, acts.as_deref_mut());
            }
        }
    }

    /// Lets time pass. Where a draw may wait for its prize, one thing falls due after the other.
    fn pass(&mut self, contact: &mut Contact, until: Instant, mut acts: Option<&mut Vec<Act>>) {
        while let Some(wake) = contact.next_wake().filter(|it| self.draws && *it <= until) {
            advance(self.program, contact, wake, &mut self.out);
            self.observe(acts.as_deref_mut());
            self.grant(contact, acts.as_deref_mut());
        }
        advance(self.program, contact, until, &mut self.out);
        self.observe(acts);
    }

    /// Grants every prize that was drawn: who of all people came first is not known here. The report tells where more
    /// were drawn than there are.
    fn grant(&mut self, contact: &mut Contact, mut acts: Option<&mut Vec<Act>>) {
        while let Some(claim) = self.claims.pop() {
            self.tally.drawn(&claim);
            let now = contact.clock();
            let item = Item::Granted {
                run: claim.run,
                prize: claim.prize,
                granted: true,
                occurred_at: now,
            };
            step(self.program, contact, &item, now, &mut self.out);
            self.observe(acts.as_deref_mut());
        }
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

    fn observe(&mut self, acts: Option<&mut Vec<Act>>) {
        for happening in &self.out.history {
            self.tally.count(happening, &mut self.life);
        }
        if let Some(acts) = acts {
            acts.extend(self.out.history.iter().filter_map(Act::of));
        }
        self.claims.append(&mut self.out.claims);
        self.out.clear();
    }
}

fn has_limited_prizes(program: &Program) -> bool {
    let mut steps = program.ir().journeys.iter().flat_map(|it| &it.steps);
    steps.any(|step| match &step.kind {
        StepKind::Draw { arms, .. } => arms.iter().any(|it| it.stock.is_some()),
        _ => false,
    })
}
