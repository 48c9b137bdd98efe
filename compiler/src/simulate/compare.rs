//! The same log through two programs, person by person: who would have been treated differently, and from when on.

use std::io::BufRead;
use std::sync::Arc;

use journey_engine::Program;

use super::act::Act;
use super::people::{Person, people};
use super::player::{Played, Player};
use super::rankings::Rankings;
use super::tally::Tally;
use super::{
    Assumed, Shards, Side, Simulation, SimulationError, Stage, on_all, own, prizes, read, until,
};

/// How many people are shown as examples.
const EXAMPLES: usize = 10;

/// Two programs on one log.
#[derive(Debug)]
pub struct Comparison {
    pub(crate) before: Simulation,
    pub(crate) after: Simulation,
    /// How many people were treated differently.
    pub(crate) different: u64,
    /// Some of them, by when the difference began.
    pub(crate) examples: Vec<Example>,
}

impl Comparison {
    /// How many rows were read, by both.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.before.rows() + self.after.rows()
    }
}

/// A person who was treated differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) name: String,
    /// The first line that only the one has, or that differs from that of the other.
    pub(crate) before: Option<Act>,
    pub(crate) after: Option<Act>,
}

impl Example {
    fn began(&self) -> journey_ir::Instant {
        let at = |act: &Option<Act>| act.as_ref().map_or(i64::MAX, |it| it.at);
        at(&self.before).min(at(&self.after))
    }

    fn order(&self) -> (journey_ir::Instant, &str) {
        (self.began(), &self.name)
    }
}

/// What one thread found.
#[derive(Default)]
struct Found {
    different: u64,
    examples: Vec<Example>,
}

/// Both lives of somebody of whom at least one is not over.
struct Open {
    name: String,
    before: Played,
    after: Played,
}

/// Reads a log twice and lets everyone in it live twice.
pub fn compare<R: BufRead + Send>(
    before: Side<'_, R>,
    after: Side<'_, R>,
    tell: &(dyn Fn(Stage) + Sync),
) -> Result<Comparison, SimulationError> {
    let (old, new) = (before.program, after.program);
    let settings = after.settings;
    let old_log = read(old, before.input, before.settings, tell)?;
    let new_log = read(new, after.input, settings, tell)?;
    let (old_until, new_until) = (
        until(&old_log, settings.until),
        until(&new_log, settings.until),
    );
    let until = old_until.max(new_until);
    let assumed = (
        Assumed::of(old, settings.assume),
        Assumed::of(new, settings.assume),
    );
    let rank = |program, log, assumed| Rankings::of(program, log, until, assumed, settings.threads);
    let rankings = (
        rank(old, &old_log, &assumed.0),
        rank(new, &new_log, &assumed.1),
    );
    let shards = Shards::new(tell);
    let played = on_all(settings.threads, || {
        let (own_old, own_new) = (own(old), own(new));
        let mut was = Player::new(&own_old, until, &assumed.0, Tally::new(old), &rankings.0);
        let mut is = Player::new(&own_new, until, &assumed.1, Tally::new(new), &rankings.1);
        let (mut found, mut open) = (Found::default(), Vec::new());
        while let Some(shard) = shards.next() {
            let (old_shard, new_shard) = (old_log.take(shard), new_log.take(shard));
            for (first, second) in pairs(people(&old_shard), people(&new_shard)) {
                let nobody = || Played::Ended(Vec::new());
                let before = first.as_ref().map_or_else(nobody, |it| was.play(it, true));
                let after = second.as_ref().map_or_else(nobody, |it| is.play(it, true));
                let name = second.or(first).map_or("", |it| it.name);
                match (before, after) {
                    (Played::Ended(before), Played::Ended(after)) => {
                        found.hold(name, &before, &after);
                    }
                    (before, after) => open.push(Open {
                        name: name.to_owned(),
                        before,
                        after,
                    }),
                }
            }
        }
        (found, open, was.finish(), is.finish())
    });
    old_log.whole()?;
    new_log.whole()?;
    let (mut all, mut open) = (Found::default(), Vec::new());
    let (mut old_tallies, mut new_tallies) = (Vec::new(), Vec::new());
    for (found, waiting, was, is) in played {
        all.add(found);
        open.extend(waiting);
        old_tallies.push(was);
        new_tallies.push(is);
    }
    let (was, is) = (
        Tally::merged(old, old_tallies),
        Tally::merged(new, new_tallies),
    );
    let mut was = Player::new(old, until, &assumed.0, was, &rankings.0);
    let mut is = Player::new(new, until, &assumed.1, is, &rankings.1);
    decide(&mut was, &mut open, |it| &mut it.before);
    decide(&mut is, &mut open, |it| &mut it.after);
    for one in &open {
        if let (Played::Ended(before), Played::Ended(after)) = (&one.before, &one.after) {
            all.hold(&one.name, before, after);
        }
    }
    let simulation = |program: &Arc<Program>, intake, tally: Tally| Simulation {
        program: Arc::clone(program),
        intake,
        tally: tally.sorted(),
        assume: settings.assume,
        until,
        messages: Vec::new(),
    };
    Ok(Comparison {
        before: simulation(old, old_log.intake, was.finish()),
        after: simulation(new, new_log.intake, is.finish()),
        different: all.different,
        examples: all.examples,
    })
}

/// Decides the draws of one side.
fn decide(player: &mut Player<'_>, open: &mut [Open], side: fn(&mut Open) -> &mut Played) {
    let mut waiting = Vec::new();
    for (number, one) in open.iter_mut().enumerate() {
        match std::mem::replace(side(one), Played::Ended(Vec::new())) {
            Played::Waits(one) => waiting.push((number, one)),
            ended @ Played::Ended(_) => *side(one) = ended,
        }
    }
    prizes::decide(player, waiting, |number, acts| {
        if let Some(one) = open.get_mut(number) {
            *side(one) = Played::Ended(acts);
        }
    });
}

impl Found {
    fn add(&mut self, other: Self) {
        self.different += other.different;
        for example in other.examples {
            self.keep(example);
        }
    }

    /// Holds both lives of a person against each other.
    fn hold(&mut self, name: &str, before: &[Act], after: &[Act]) {
        if let Some((before, after)) = difference(before, after) {
            self.different += 1;
            self.keep(Example {
                name: name.to_owned(),
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }
}

impl Found {
    /// Keeps an example if it is among the earliest.
    fn keep(&mut self, example: Example) {
        let at = self
            .examples
            .partition_point(|it| it.order() < example.order());
        if at < EXAMPLES {
            self.examples.insert(at, example);
            self.examples.truncate(EXAMPLES);
        }
    }
}

/// The first lines that are not the same.
fn difference<'a>(
    before: &'a [Act],
    after: &'a [Act],
) -> Option<(Option<&'a Act>, Option<&'a Act>)> {
    let most = before.len().max(after.len());
    let both = (0..most).map(|at| (before.get(at), after.get(at)));
    both.into_iter().find(|(before, after)| before != after)
}

/// People of two readings by name, both in the order of names.
fn pairs<'a>(
    old: Vec<Person<'a>>,
    new: Vec<Person<'a>>,
) -> impl Iterator<Item = (Option<Person<'a>>, Option<Person<'a>>)> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    std::iter::from_fn(move || match (old.peek(), new.peek()) {
        (None, None) => None,
        (Some(a), Some(b)) if a.name == b.name => Some((old.next(), new.next())),
        (Some(a), Some(b)) if a.name > b.name => Some((None, new.next())),
        (Some(_), _) => Some((old.next(), None)),
        (None, Some(_)) => Some((None, new.next())),
    })
}
