//! The same log through two programs, person by person: who would have been treated differently, and from when on.

use std::io::BufRead;
use std::sync::Arc;

use journey_arrivals::rows::Unreadable;
use journey_engine::Program;

use super::act::Act;
use super::people::{Person, people};
use super::player::Player;
use super::rankings::Rankings;
use super::tally::Tally;
use super::{Assumed, Side, Simulation, Stage, each_shard, read, until};

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
    tallies: Option<(Tally, Tally)>,
    different: u64,
    examples: Vec<Example>,
}

/// Reads a log twice and lets everyone in it live twice.
pub fn compare<R: BufRead + Send>(
    before: Side<'_, R>,
    after: Side<'_, R>,
    tell: &(dyn Fn(Stage) + Sync),
) -> Result<Comparison, Unreadable> {
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
    let found = each_shard(settings.threads, tell, |shard, found: &mut Found| {
        let taken = found.tallies.take();
        let (was, is) = taken.unwrap_or_else(|| (Tally::new(old), Tally::new(new)));
        let mut was = Player::new(old, until, &assumed.0, was, &rankings.0);
        let mut is = Player::new(new, until, &assumed.1, is, &rankings.1);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (old_life, new_life) in pairs(people(old_log.take(shard)), people(new_log.take(shard)))
        {
            first.clear();
            second.clear();
            if let Some(person) = &old_life {
                was.play(person, Some(&mut first));
            }
            if let Some(person) = &new_life {
                is.play(person, Some(&mut second));
            }
            if let Some((before, after)) = difference(&first, &second) {
                found.different += 1;
                let name = new_life.or(old_life).map(|it| it.name).unwrap_or_default();
                let (before, after) = (before.cloned(), after.cloned());
                found.keep(Example {
                    name,
                    before,
                    after,
                });
            }
        }
        found.tallies = Some((was.finish(), is.finish()));
    });
    let (mut different, mut all) = (0, Found::default());
    let (mut old_tallies, mut new_tallies) = (Vec::new(), Vec::new());
    for one in found {
        different += one.different;
        for example in one.examples {
            all.keep(example);
        }
        if let Some((was, is)) = one.tallies {
            old_tallies.push(was);
            new_tallies.push(is);
        }
    }
    let simulation = |program: &Arc<Program>, intake, tallies: Vec<Tally>| Simulation {
        program: Arc::clone(program),
        intake,
        tally: Tally::merged(program, tallies.into_iter()),
        assume: settings.assume,
        until,
    };
    Ok(Comparison {
        before: simulation(old, old_log.intake, old_tallies),
        after: simulation(new, new_log.intake, new_tallies),
        different,
        examples: all.examples,
    })
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
fn pairs(
    old: Vec<Person>,
    new: Vec<Person>,
) -> impl Iterator<Item = (Option<Person>, Option<Person>)> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    std::iter::from_fn(move || match (old.peek(), new.peek()) {
        (None, None) => None,
        (Some(a), Some(b)) if a.name == b.name => Some((old.next(), new.next())),
        (Some(a), Some(b)) if a.name > b.name => Some((None, new.next())),
        (Some(_), _) => Some((old.next(), None)),
        (None, Some(_)) => Some((None, new.next())),
    })
}
