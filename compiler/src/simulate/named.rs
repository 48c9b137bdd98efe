//! What is counted under the names of a program. They are shared references, so that almost every name is found by where
//! it lies in memory, and letters are compared only when a name is met there for the first time.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use journey_engine::program::Name;

/// How many places of names are remembered. Names of the program lie where they are; others are made anew each time.
const MOST_PLACES: usize = 100_000;

/// Something of each name.
#[derive(Debug)]
pub(super) struct Named<T> {
    all: Vec<(Name, T)>,
    by_name: BTreeMap<Name, usize>,
    by_place: HashMap<usize, usize>,
    /// What lies at these places, so that nothing else comes to lie there.
    placed: Vec<Name>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            by_name: BTreeMap::new(),
            by_place: HashMap::default(),
            placed: Vec::new(),
        }
    }
}

impl<T: Default> Named<T> {
    /// The number of a name, the same from its first use on.
    pub(super) fn number(&mut self, name: &Name) -> usize {
        let place = Arc::as_ptr(name).addr();
        if let Some(known) = self.by_place.get(&place) {
            return *known;
        }
        let known = self.by_name.get(name).copied();
        let number = known.unwrap_or_else(|| {
            self.all.push((Name::clone(name), T::default()));
            self.by_name.insert(Name::clone(name), self.all.len() - 1);
            self.all.len() - 1
        });
        if self.placed.len() < MOST_PLACES {
            self.by_place.insert(place, number);
            self.placed.push(Name::clone(name));
        }
        number
    }

    /// What is counted under a number.
    pub(super) fn at(&mut self, number: usize) -> Option<&mut T> {
        self.all.get_mut(number).map(|(_, it)| it)
    }

    /// What is counted under a name.
    pub(super) fn of(&mut self, name: &Name) -> Option<&mut T> {
        let number = self.number(name);
        self.at(number)
    }

    /// Everything, in the order in which it was met.
    pub(super) fn into_all(self) -> Vec<(Name, T)> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_wherever_it_lies() {
        let mut named: Named<u64> = Named::default();
        for name in ["가입", "구매", "가입"] {
            *named.of(&Name::from(name)).unwrap() += 1;
        }
        let kept = Name::from("구매");
        for _ in 0..3 {
            *named.of(&kept).unwrap() += 1;
        }
        let all: Vec<_> = named.into_all();
        assert_eq!(all, [(Name::from("가입"), 2), (kept, 4)]);
    }
}
