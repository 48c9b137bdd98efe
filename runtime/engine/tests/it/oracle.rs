//! Every kind of memory against its definition: random questions are asked of random lives, with late events, moves to
//! other zones and merges among them. After everything that happens, and around every wake-up, all answers are compared
//! with what reading the whole list again gives, and each wake-up with the first instant at which an answer changes.

mod civil;
mod compiled;
mod lives;
mod question;

use journey_engine::view::Membership;
use journey_engine::{
    Contact, Event, EventId, Item, Outcome, Program, What, advance, rebase, step,
};
use journey_ir::time::DAY;
use journey_ir::*;
use proptest::prelude::*;

use self::compiled::{BORN, KEY_ASKED, ZONE, money, program};
use self::lives::{Happens, Life, ZONES, lives, questions};
use self::question::{AGES, Deed, Question, WANTED, World};
use crate::build::*;

/// As every program of these tests has it.
const ACCEPT_LATE: i64 = 3 * DAY;
/// How many wake-ups are followed after the last thing that happens.
const MOST_WAKES: usize = 60;

struct Trial<'l> {
    life: &'l Life,
    program: std::sync::Arc<Program>,
    contact: Contact,
    out: Outcome,
    world: World,
    events: u32,
}

fn zone(name: &str) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(name).unwrap()
}

impl<'l> Trial<'l> {
    fn new(life: &'l Life) -> Self {
        let program = program(&life.questions, life.project).link();
        let mut trial = Self {
            life,
            program,
            contact: Contact::new("minji"),
            out: Outcome::default(),
            world: World {
                deeds: Vec::new(),
                project: zone(life.project),
                home: zone(ZONES[life.home]),
                born: life.born,
                since: vec![(u32::MAX, 0); life.questions.len()],
            },
            events: 0,
        };
        let born = Some(Value::Date(Date(life.born)));
        let wanted = Some(text(&WANTED.to_string()));
        let set = vec![
            (ZONE, Some(text(ZONES[life.home]))),
            (BORN, born),
            (KEY_ASKED, wanted),
        ];
        trial.item(
            &Item::Attributes {
                set,
                occurred_at: life.begins,
            },
            life.begins,
        );
        trial.compare();
        trial
    }

    fn item(&mut self, item: &Item, heard: Instant) {
        step(&self.program, &mut self.contact, item, heard, &mut self.out);
    }

    fn event(&mut self, deed: &Deed, heard: Instant) -> Event {
        self.events += 1;
        let word = |value: Option<u8>| value.map(|it| text(&it.to_string()));
        Event {
            id: EventId::of(&self.events.to_string()),
            kind: EventIx(deed.kind),
            occurred_at: deed.at,
            received_at: heard,
            fields: vec![
                word(deed.key),
                deed.number.map(whole),
                deed.money.map(|(minor, dollars)| money(minor, dollars)),
                word(deed.category),
            ],
        }
    }

    /// What the engine says: for each question its answer.
    fn answers(&self) -> Vec<u32> {
        let mut answers = vec![0; self.life.questions.len()];
        for membership in self.contact.memberships(&self.program) {
            match membership {
                Membership::Segment(name) => answers[number_in(&name)] = 1,
                Membership::Stage { lifecycle, stage } => {
                    answers[number_in(&lifecycle)] = number_in(&stage) as u32;
                }
                _ => {}
            }
        }
        answers
    }

    /// Compares all answers now, and the next wake-up with the next change.
    fn compare(&mut self) {
        let now = self.contact.clock();
        let told = self.answers();
        for (n, question) in self.life.questions.iter().enumerate() {
            let meant = question.answer(&self.world, n, now);
            assert!(
                meant.is_none_or(|meant| meant == told[n]),
                "q{n} at {}: {question:?} is {}, meant is {meant:?}; {:#?}",
                show(now),
                told[n],
                self.world.deeds
            );
            if self.world.since[n].0 != told[n] {
                self.world.since[n] = (told[n], now);
            }
        }
        self.compare_next(now, &told);
        let read = Contact::decode(&self.contact.encode(), &self.program).unwrap();
        assert_eq!(read, self.contact);
    }

    fn compare_next(&self, now: Instant, told: &[u32]) {
        let wake = self.contact.next_wake();
        let questions = || self.life.questions.iter().enumerate();
        let changes = questions().filter_map(|(n, it)| it.next_change(&self.world, n, now));
        let next = changes.min();
        let until = wake.unwrap_or(now + AGES);
        let answer = |n: usize, question: &Question, at| question.answer(&self.world, n, at);
        let fading = || questions().filter(|(_, it)| it.fades());
        for (n, question) in fading() {
            for at in [now + (until - now) / 2, until - 1] {
                let meant = answer(n, question, at);
                let same = meant.is_none_or(|meant| at <= now || meant == told[n]);
                assert!(same, "q{n} fades before {}: {question:?}", show(until));
            }
        }
        if wake == next {
            return;
        }
        // Only what fades changes at another instant than those that were tried.
        let fades =
            fading().any(|(n, it)| answer(n, it, until).is_none_or(|meant| meant != told[n]));
        let earlier = wake.is_some_and(|wake| next.is_none_or(|next| wake < next));
        assert!(
            earlier && fades,
            "woken at {:?} instead of {:?}, now is {}; {:#?}",
            wake.map(show),
            next.map(show),
            show(now),
            (&self.life.questions, &self.world)
        );
    }

    /// Follows every wake-up before a limit.
    fn pass(&mut self, limit: Instant, most: usize) {
        for _ in 0..most {
            let Some(wake) = self.contact.next_wake().filter(|it| *it < limit) else {
                return;
            };
            let before = self.answers();
            advance(&self.program, &mut self.contact, wake - 1, &mut self.out);
            assert_eq!(self.answers(), before, "nothing changes before its instant");
            advance(&self.program, &mut self.contact, wake, &mut self.out);
            self.compare();
        }
    }

    fn live(&mut self) {
        let mut now = self.life.begins;
        let mut heard_of = Vec::new();
        for (order, happens) in self.life.happens.iter().enumerate() {
            let (after, late) = match happens {
                Happens::Deed { after, late, .. } => (*after, *late),
                Happens::Moves { after, .. } | Happens::Merge { after, .. } => (*after, 0),
            };
            now += after;
            heard_of.push((now + late, order, now, happens));
        }
        heard_of.sort_by_key(|(heard, order, ..)| (*heard, *order));
        for (heard, _, at, happens) in heard_of {
            self.happen(heard, at, happens);
            // At one instant items come first, then memberships that change by themselves.
            self.note_stays();
            let now = self.contact.clock();
            advance(&self.program, &mut self.contact, now, &mut self.out);
            self.compare();
        }
        self.pass(Instant::MAX, MOST_WAKES);
    }

    fn happen(&mut self, heard: Instant, at: Instant, happens: &Happens) {
        let effective = at.max(heard - ACCEPT_LATE).max(self.contact.clock());
        match self.life.pace {
            0 => {}
            1 => self.pass(effective, usize::MAX),
            _ => self.pass(heard, usize::MAX),
        }
        match happens {
            Happens::Deed { deed, .. } => {
                let deed = Deed { at, ..deed.clone() };
                let event = self.event(&deed, heard);
                self.pass_silently(heard.min(effective));
                self.world.deeds.push(deed);
                self.item(&Item::Event(event), heard);
            }
            Happens::Moves { zone: to, .. } => {
                self.pass_silently(heard);
                self.world.home = zone(ZONES[*to]);
                let set = vec![(ZONE, Some(text(ZONES[*to])))];
                self.item(
                    &Item::Attributes {
                        set,
                        occurred_at: at,
                    },
                    heard,
                );
            }
            Happens::Merge { deeds, .. } => {
                self.pass_silently(heard + 1);
                advance(&self.program, &mut self.contact, heard, &mut self.out);
                let more = deeds.iter().map(|(ago, deed)| Deed {
                    at: at - ago,
                    ..deed.clone()
                });
                self.world.deeds.extend(more);
                let all = self.world.deeds.clone();
                let events: Vec<Event> = all.iter().map(|deed| self.event(deed, heard)).collect();
                rebase(
                    &self.program,
                    &mut self.contact,
                    events.into_iter(),
                    heard,
                    &mut self.out,
                );
            }
        }
    }

    /// Lets time pass in one jump, up to just before an instant.
    fn pass_silently(&mut self, limit: Instant) {
        let stays = |it: &Question| matches!(it, Question::InItFor(_) | Question::HeldFor(_));
        if !self.life.questions.iter().any(stays) {
            return;
        }
        // Stays are told by when they began, which a jump hides.
        while let Some(wake) = self.contact.next_wake().filter(|it| *it < limit) {
            advance(&self.program, &mut self.contact, wake, &mut self.out);
            self.note_stays();
        }
    }

    fn note_stays(&mut self) {
        let now = self.contact.clock();
        for (n, told) in self.answers().into_iter().enumerate() {
            if self.world.since[n].0 != told {
                self.world.since[n] = (told, now);
            }
        }
    }
}

/// The number in a name such as `q7`.
fn number_in(name: &str) -> usize {
    name.trim_matches(char::is_alphabetic).parse().unwrap()
}

fn show(at: Instant) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| "never".to_owned(), |it| it.to_string())
}

/// So many cases by default; `PROPTEST_CASES`, 256 where it is not set, scales it.
pub(crate) fn cases(by_default: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = u64::from(by_default) * u64::from(asked.cases) / 256;
    ProptestConfig {
        cases: u32::try_from(cases).unwrap_or(u32::MAX).max(1),
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..asked
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_answer_is_what_reading_everything_again_gives_and_changes_exactly_when_woken(life in lives()) {
        Trial::new(&life).live();
    }

    #[test]
    fn a_changed_program_answers_its_questions_from_old_events_in_silence(life in lives(), asked in questions()) {
        let mut old = Trial::new(&life);
        old.live();
        let now = old.contact.clock() + 1;
        advance(&old.program, &mut old.contact, now, &mut old.out);
        // A stay begins at the deploy that first asks for it.
        let asked = asked.into_iter().filter(|it| !matches!(it, Question::InItFor(_) | Question::HeldFor(_))).collect();
        let life = Life { questions: asked, ..life.clone() };
        let mut new = Trial::new(&life);
        new.out.clear();
        new.contact = Contact::decode(&old.contact.encode(), &new.program).unwrap();
        let deeds = old.world.deeds.clone();
        new.world = World { since: new.world.since, ..old.world };
        let events: Vec<Event> = deeds.iter().map(|deed| new.event(deed, now)).collect();
        rebase(&new.program, &mut new.contact, events.into_iter(), now, &mut new.out);
        prop_assert!(!new.contact.is_stale());
        prop_assert!(new.out.effects.is_empty());
        let told = new.out.history.iter().all(|it| it.what == What::Recounted);
        prop_assert!(told, "{:?}", new.out.history);
        new.compare();
        new.pass(Instant::MAX, MOST_WAKES);
    }
}
