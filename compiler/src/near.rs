//! "Did you mean": the nearest of some words. Hangul is compared by jamo, so that `이탈위헌` is one slip from `이탈위험`
//! and not a different syllable.

use unicode_normalization::UnicodeNormalization;

/// The word nearest to `word`, where one is near enough to be worth asking.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let letters = letters(word);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            let other = self::letters(candidate);
            let slips = strsim::generic_damerau_levenshtein(&letters, &other);
            (slips <= allowed(letters.len().max(other.len()))).then_some((slips, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many slips of the keyboard still look like the same word.
const fn allowed(letters: usize) -> usize {
    match letters {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

/// Small letters, with each Hangul syllable taken apart into its jamo.
fn letters(word: &str) -> Vec<char> {
    word.nfd().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_in_both_scripts() {
        assert_eq!(nearest("nmae", ["email", "name"]), Some("name"));
        assert_eq!(nearest("이탈위헌", ["이탈위험", "휴면"]), Some("이탈위험"));
        assert_eq!(nearest("Purchase", ["purchase"]), Some("purchase"));
    }

    #[test]
    fn a_different_word_is_not_suggested() {
        assert_eq!(nearest("age", ["sex", "name"]), None);
        assert_eq!(nearest("활동", ["휴면", "신규"]), None);
    }
}
