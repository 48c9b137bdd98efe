//! Finds the word that was probably meant.

/// Returns the candidate that differs from `word` by the fewest slips, if they are few for its length.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    if length > 40 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, candidate), candidate))
        .filter(|&(slips, candidate)| slips <= allowed(length.max(candidate.len())))
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, candidate)| candidate)
}

/// How many slips a word of this length may have: `if` none, `wiat` one, `otherwize` two.
const fn allowed(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_of_the_finger_are_found() {
        assert_eq!(nearest("jurney", ["journey", "event"]), Some("journey"));
        assert_eq!(nearest("emial", ["sms", "email"]), Some("email"));
        assert_eq!(nearest("dyas", ["day", "days"]), Some("days"));
        assert_eq!(nearest("otherwize", ["otherwise"]), Some("otherwise"));
    }

    #[test]
    fn other_words_are_left_alone() {
        assert_eq!(nearest("dance", ["send", "wait"]), None);
        assert_eq!(nearest("it", ["if", "in"]), None);
    }
}
