//! Plays a script: people come into being, things happen to them, time passes, and what they got is written down.

use std::collections::{BTreeMap, BTreeSet};

use journey_engine::admit::key_of;
use journey_engine::{
    Contact, Effect, Event, EventId, Happening, Item, Outcome, Passage, Program, advance,
    introduce, least_within, step,
};
use journey_ir::{EventIx, Instant, RankingIx};

use super::expect;
use super::script::{Act, LineKind, PersonIx, Script};
use crate::problem::{Location, Text};

/// How a test ended.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What was expected and was not so; nothing where the test passed.
    pub(crate) failures: Vec<Failure>,
    /// The people, with all that happened to them.
    pub(crate) people: Vec<Person>,
}

/// An expectation that was not met.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The line.
    pub(crate) at: Location,
    /// What the clock showed.
    pub(crate) now: Instant,
    /// What was so instead.
    pub(crate) instead: Text,
}

/// A person of a test.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) contact: Contact,
    pub(crate) effects: Vec<Effect>,
    pub(crate) timeline: Vec<Entry>,
    /// The events that were counted, by type and key.
    counted: BTreeSet<(EventIx, String)>,
}

/// One line of a person's timeline.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// The engine recorded it.
    Happened(Happening),
    /// An event with the key of an earlier one, which the intake drops.
    Repeated { at: Instant, event: String },
}

/// The people of a test and the program they are in.
pub(crate) struct Scene<'a> {
    pub(crate) program: &'a Program,
    pub(crate) script: &'a Script,
    pub(crate) people: Vec<Person>,
    /// Whether there is only so much of some prize or offer, so that it matters who is first.
    limited: bool,
    /// How much has been taken of each of them.
    taken: BTreeMap<String, u64>,
    /// Which way runs went.
    passed: Vec<Passage>,
    /// What the clock shows.
    pub(crate) now: Instant,
    /// Up to when people have been ranked; nothing before the first line.
    ranked: Option<Instant>,
}

/// Plays a script: how it ended, and which way runs went.
pub(crate) fn run(program: &Program, limited: bool, script: &Script) -> (Verdict, Vec<Passage>) {
    let person = |name: &String| Person {
        name: name.clone(),
        contact: Contact::new(name),
        effects: Vec::new(),
        timeline: Vec::new(),
        counted: BTreeSet::new(),
    };
    let mut scene = Scene {
        program,
        script,
        people: script.people.iter().map(person).collect(),
        limited,
        taken: BTreeMap::new(),
        passed: Vec::new(),
        now: Instant::MIN,
        ranked: None,
    };
    let mut failures = Vec::new();
    for (n, line) in script.lines.iter().enumerate() {
        scene.now = line.now;
        scene.rank(line.now);
        if let LineKind::Happens(person, act) = &line.kind {
            scene.happens(*person, act, line.now, n);
        }
        scene.pass(line.now);
        if let LineKind::Expects(expectation) = &line.kind
            && let Err(instead) = expect::holds(&scene, expectation)
        {
            failures.push(Failure {
                at: line.at,
                now: line.now,
                instead,
            });
        }
    }
    let verdict = Verdict {
        failures,
        people: scene.people,
    };
    (verdict, scene.passed)
}

/// An outcome that also says which way runs went.
fn outcome() -> Outcome {
    Outcome {
        passages: Some(Vec::new()),
        ..Outcome::default()
    }
}

impl Scene<'_> {
    /// The person at a position.
    pub(crate) fn person(&self, at: PersonIx) -> Option<&Person> {
        self.people.get(at.0)
    }

    fn happens(&mut self, at: PersonIx, act: &Act, now: Instant, line: usize) {
        let program = self.program;
        let Some(person) = self.people.get_mut(at.0) else {
            return;
        };
        let mut out = outcome();
        match act {
            Act::Introduced {
                attributes,
                consents,
            } => introduce(
                program,
                &mut person.contact,
                attributes,
                consents,
                now,
                &mut out,
            ),
            Act::Does { event, fields } => {
                let event = Event {
                    id: EventId::of(&format!("{} {line}", person.name)),
                    kind: *event,
                    occurred_at: now,
                    received_at: now,
                    fields: fields.clone(),
                };
                if person.is_repeat(program, &event, now) {
                    return;
                }
                step(
                    program,
                    &mut person.contact,
                    &Item::Event(event),
                    now,
                    &mut out,
                );
            }
            Act::Changes {
                attributes,
                consents,
            } => {
                let contact = &mut person.contact;
                for (consent, channel) in consents {
                    let item = Item::Consent {
                        consent: *consent,
                        channel: *channel,
                        given: true,
                        occurred_at: now,
                    };
                    step(program, contact, &item, now, &mut out);
                }
                let set = attributes.clone();
                let item = Item::Attributes {
                    set,
                    occurred_at: now,
                };
                if !attributes.is_empty() {
                    step(program, contact, &item, now, &mut out);
                }
            }
            Act::Withdraws(consent) => {
                let item = Item::Consent {
                    consent: *consent,
                    channel: None,
                    given: false,
                    occurred_at: now,
                };
                step(program, &mut person.contact, &item, now, &mut out);
            }
        }
        self.take(at.0, out, now);
    }

    /// Works out every ranking that is due until now, one after the other. What is due before it has run by then.
    fn rank(&mut self, now: Instant) {
        let rankings = &self.program.ir().rankings;
        let Some(mut since) = self.ranked.replace(now).filter(|_| !rankings.is_empty()) else {
            return;
        };
        loop {
            let all = (0..self.program.ir().rankings.len() as u32).map(RankingIx);
            let due = all
                .clone()
                .filter_map(|it| self.program.ranked_after(it, since));
            let Some(at) = due.min().filter(|at| *at <= now) else {
                return;
            };
            self.pass(at.saturating_sub(1));
            for ranking in all {
                if self.program.ranked_before(ranking, at) == Some(at) {
                    self.rank_by(ranking, at);
                }
            }
            since = at;
        }
    }

    fn rank_by(&mut self, ranking: RankingIx, at: Instant) {
        let program = self.program;
        let Some(declared) = program.ir().ranking(ranking) else {
            return;
        };
        let people = self.people.iter();
        let standings: Vec<Option<i64>> = people
            .map(|it| it.contact.standing(program, ranking, at))
            .collect();
        let ranked = standings.iter().flatten().copied().collect();
        let least = least_within(ranked, declared.share);
        for (person, standing) in standings.into_iter().enumerate() {
            let Some(contact) = self.people.get_mut(person).map(|it| &mut it.contact) else {
                continue;
            };
            let within = least.zip(standing).is_some_and(|(least, it)| it >= least);
            if contact.is_ranked(program, ranking) == within {
                continue;
            }
            let item = Item::Ranked {
                ranking: declared.name.clone(),
                within,
                occurred_at: at,
            };
            let mut out = outcome();
            step(program, contact, &item, at, &mut out);
            self.take(person, out, at);
        }
    }

    /// Runs everything due until now, for everyone.
    fn pass(&mut self, now: Instant) {
        if self.limited {
            return self.pass_in_turn(now);
        }
        for at in 0..self.people.len() {
            self.advance(at, now, now);
        }
    }

    /// The same, what is due first first: whoever claims a prize first gets it.
    fn pass_in_turn(&mut self, now: Instant) {
        loop {
            let wakes = self.people.iter().map(|it| it.contact.next_wake());
            let due = wakes
                .enumerate()
                .filter_map(|(at, wake)| Some((wake.filter(|wake| *wake <= now)?, at)));
            let Some((wake, at)) = due.min() else {
                return;
            };
            self.advance(at, wake, now);
        }
    }

    fn advance(&mut self, at: usize, until: Instant, now: Instant) {
        let Some(person) = self.people.get_mut(at) else {
            return;
        };
        let mut out = outcome();
        advance(self.program, &mut person.contact, until, &mut out);
        self.take(at, out, now);
    }

    /// Writes down what came out, and grants what was claimed as long as there is any.
    fn take(&mut self, at: usize, mut out: Outcome, now: Instant) {
        let claims = std::mem::take(&mut out.claims);
        let Some(person) = self.people.get_mut(at) else {
            return;
        };
        self.passed.extend(person.take(out));
        for claim in claims {
            let Some(person) = self.people.get_mut(at) else {
                return;
            };
            let granted = claim.grant(&mut self.taken);
            let item = Item::Granted {
                run: claim.run,
                prize: claim.what.name().to_owned(),
                granted,
                occurred_at: person.contact.clock(),
            };
            let mut out = outcome();
            step(self.program, &mut person.contact, &item, now, &mut out);
            self.take(at, out, now);
        }
    }
}

impl Person {
    /// Takes what happened to them, and hands back which way their runs went.
    fn take(&mut self, out: Outcome) -> Vec<Passage> {
        self.effects.extend(out.effects);
        let happened = out.history.into_iter().map(Entry::Happened);
        self.timeline.extend(happened);
        out.passages.unwrap_or_default()
    }

    /// Whether the intake drops the event, because one with the same key was counted before.
    fn is_repeat(&mut self, program: &Program, event: &Event, now: Instant) -> bool {
        let Some(key) = key_of(program, event) else {
            return false;
        };
        let is_new = self.counted.insert((event.kind, key));
        if !is_new {
            let declared = program.ir().event(event.kind);
            let event = declared.map(|it| it.name.clone()).unwrap_or_default();
            self.timeline.push(Entry::Repeated { at: now, event });
        }
        !is_new
    }
}
