//! Sets of kinds of people, sixty-four to a word, so that a question is put to all of them at once.

/// The kinds in one word.
const WORD: usize = 64;

/// Some of all kinds of people that are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kinds {
    /// A bit for each kind; those behind the last are never set.
    words: Vec<u64>,
}

impl Kinds {
    /// None of so many.
    pub(super) fn none(count: usize) -> Self {
        Self {
            words: vec![0; count.div_ceil(WORD)],
        }
    }

    /// All of so many.
    pub(super) fn all(count: usize) -> Self {
        let mut all = Self::none(count);
        all.add_range(0, count);
        all
    }

    /// Adds those from one up to another, which is left out.
    pub(super) fn add_range(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let (word, bit) = (at / WORD, at % WORD);
            let here = (WORD - bit).min(to - at);
            if let Some(word) = self.words.get_mut(word) {
                *word |= (u64::MAX >> (WORD - here)) << bit;
            }
            at += here;
        }
    }

    /// Whether it has no one.
    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|it| *it == 0)
    }

    /// Whether a kind is among them.
    pub(super) fn has(&self, kind: usize) -> bool {
        let word = self.words.get(kind / WORD);
        word.is_some_and(|it| it >> (kind % WORD) & 1 == 1)
    }

    /// Adds one kind.
    pub(super) fn insert(&mut self, kind: usize) {
        if let Some(word) = self.words.get_mut(kind / WORD) {
            *word |= 1 << (kind % WORD);
        }
    }

    /// Adds all of another set; whether any of them is new.
    pub(super) fn add(&mut self, other: &Self) -> bool {
        let mut new = false;
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            new |= more & !*word != 0;
            *word |= more;
        }
        new
    }

    /// Keeps only those of another set, too.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Leaves out those of another set.
    pub(super) fn leave_out(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Those of both sets.
    pub(super) fn and(&self, other: &Self) -> Self {
        let both = self.words.iter().zip(&other.words).map(|(a, b)| a & b);
        Self {
            words: both.collect(),
        }
    }

    /// Those of this set that are not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        let only = self.words.iter().zip(&other.words).map(|(a, b)| a & !b);
        Self {
            words: only.collect(),
        }
    }

    /// Whether some kind is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(&other.words);
        words.any(|(a, b)| a & b != 0)
    }

    /// Whether all of it is in another set.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(&other.words);
        words.all(|(a, b)| a & !b == 0)
    }

    /// Each kind of it, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * WORD + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_may_go_over_the_end_of_a_word() {
        let mut some = Kinds::none(200);
        some.add_range(60, 131);
        assert_eq!(
            some.iter().collect::<Vec<_>>(),
            (60..131).collect::<Vec<_>>()
        );
        assert!(some.has(130) && !some.has(131));
        assert_eq!(Kinds::all(130).iter().count(), 130);
        some.leave_out(&Kinds::all(200));
        assert!(some.is_empty());
    }

    #[test]
    fn what_is_added_twice_is_not_new() {
        let mut some = Kinds::none(70);
        some.insert(69);
        let once = some.clone();
        assert!(!some.add(&once));
        assert!(some.add(&Kinds::all(70)));
        assert!(once.is_within(&some) && once.meets(&some));
        assert_eq!(some.without(&once).and(&once), Kinds::none(70));
    }
}
