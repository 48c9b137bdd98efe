//! Records to people. Names that are joined anywhere in the log are one person from its first row on: the whole log is
//! known before anybody's life begins.
//!
//! An id of a person that is given up for another is that other from the start. What a device did before it was first
//! joined to anybody was done by that first owner; from each later join on it belongs to the new one.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use journey_arrivals::ANONYMOUS;
use journey_engine::Item;
use journey_ir::Instant;

use super::log::Shard;
use super::packed::{Moment, Record};

/// Somebody, and what happened to them, oldest first.
#[derive(Debug)]
pub(super) struct Person<'a> {
    pub(super) name: &'a str,
    pub(super) life: Vec<Record<'a>>,
}

/// One thing that happened to a person.
#[derive(Debug)]
pub(super) struct Lived {
    pub(super) moment: Moment,
    pub(super) id: Option<u64>,
    pub(super) received_at: Instant,
    pub(super) item: Item,
}

/// The people of a shard, in the order of their names.
pub(super) fn people<'a>(shard: &'a Shard<'_>) -> Vec<Person<'a>> {
    let mut at: HashMap<&str, usize> = HashMap::default();
    let mut people: Vec<Person<'_>> = Vec::new();
    for record in shard.records() {
        let name = record.head.name;
        let known = at.get(name).and_then(|at| people.get_mut(*at));
        if let Some(person) = known {
            person.life.push(record);
            continue;
        }
        at.insert(name, people.len());
        people.push(Person {
            name,
            life: vec![record],
        });
    }
    people.sort_unstable_by_key(|it| it.name);
    for person in &mut people {
        person.life.sort_unstable_by_key(|it| it.head.moment);
    }
    people
}

/// Which names a log joins.
#[derive(Debug, Default)]
pub(super) struct Joins {
    /// The owners of devices: since when, who.
    devices: BTreeMap<String, Vec<(Moment, String)>>,
    /// Names that are given up: when, for whom.
    aliases: BTreeMap<String, (Moment, String)>,
}

impl Joins {
    pub(super) fn is_empty(&self) -> bool {
        self.devices.is_empty() && self.aliases.is_empty()
    }

    pub(super) fn device(&mut self, device: &str, known: &str, since: Moment) {
        let name = format!("{ANONYMOUS}{device}");
        let owners = self.devices.entry(name).or_default();
        owners.push((since, known.to_owned()));
    }

    pub(super) fn alias(&mut self, previous: &str, known: &str, at: Moment) {
        let newest = self.aliases.get(previous).is_none_or(|(it, _)| *it < at);
        if newest && previous != known {
            let for_whom = (at, known.to_owned());
            self.aliases.insert(previous.to_owned(), for_whom);
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (device, owners) in other.devices {
            self.devices.entry(device).or_default().extend(owners);
        }
        for (previous, (at, known)) in other.aliases {
            self.alias(&previous, &known, at);
        }
    }

    /// Whether a name is that of a device which was given up as if it were a person's.
    pub(super) fn may_be_device(&self, name: &str) -> bool {
        let device = name.strip_prefix(ANONYMOUS);
        device.is_some_and(|device| self.aliases.contains_key(device))
    }

    /// Who is who in the end. A former name may be that of a device: `names` are all that things happened to.
    pub(super) fn settled<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Joined {
        let former: BTreeSet<String> = names
            .filter(|name| self.may_be_device(name))
            .filter_map(|name| name.strip_prefix(ANONYMOUS))
            .map(str::to_owned)
            .collect();
        for device in former {
            if let Some((at, known)) = self.aliases.remove(&device) {
                self.device(&device, &known, at);
            }
        }
        for owners in self.devices.values_mut() {
            owners.sort_unstable();
        }
        Joined {
            devices: self.devices,
            aliases: self
                .aliases
                .into_iter()
                .map(|(from, (_, to))| (from, to))
                .collect(),
        }
    }
}

/// Who is who.
#[derive(Debug)]
pub(super) struct Joined {
    devices: BTreeMap<String, Vec<(Moment, String)>>,
    aliases: BTreeMap<String, String>,
}

impl Joined {
    /// To whom belongs what happened under a name; `None` where the name is the person's own.
    pub(super) fn owner(&self, name: &str, at: Moment) -> Option<&str> {
        let device = self.devices.get(name).and_then(|owners| {
            let before = owners.partition_point(|(since, _)| *since <= at);
            owners.get(before.saturating_sub(1))
        });
        let first = device
            .map(|(_, owner)| owner)
            .or_else(|| self.aliases.get(name))?;
        let owner = self.last_name(first);
        (owner != name).then_some(owner)
    }
}

impl Joined {
    /// The name that a name leads to. Names may be given up for each other in a circle: then its first in the alphabet.
    fn last_name<'a>(&'a self, name: &'a str) -> &'a str {
        let mut led = vec![name];
        let mut last = name;
        while let Some(next) = self.aliases.get(last) {
            if let Some(start) = led.iter().position(|it| it == next) {
                let circle = led.iter().skip(start);
                return circle.min().copied().unwrap_or(name);
            }
            led.push(next);
            last = next;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: Instant) -> Moment {
        Moment {
            at,
            rank: 0,
            place: 0,
        }
    }

    #[test]
    fn a_device_belongs_to_its_first_owner_from_the_start_and_later_to_the_next() {
        let mut joins = Joins::default();
        joins.device("phone", "minji", moment(10));
        joins.device("phone", "suho", moment(20));
        let joined = joins.settled(["anonymous:phone"].into_iter());
        assert_eq!(joined.owner("anonymous:phone", moment(1)), Some("minji"));
        assert_eq!(joined.owner("anonymous:phone", moment(15)), Some("minji"));
        assert_eq!(joined.owner("anonymous:phone", moment(20)), Some("suho"));
        assert_eq!(joined.owner("minji", moment(1)), None);
    }

    #[test]
    fn a_former_name_leads_to_the_last_one_and_circles_end() {
        let mut joins = Joins::default();
        joins.alias("a", "b", moment(1));
        joins.alias("b", "c", moment(2));
        joins.alias("x", "y", moment(1));
        joins.alias("y", "x", moment(2));
        joins.alias("tablet", "c", moment(5));
        let joined = joins.settled(["anonymous:tablet", "a"].into_iter());
        assert_eq!(joined.owner("a", moment(0)), Some("c"));
        assert_eq!(joined.owner("anonymous:tablet", moment(0)), Some("c"));
        assert_eq!(joined.owner("x", moment(0)), None);
        assert_eq!(joined.owner("y", moment(0)), Some("x"));
    }
}
