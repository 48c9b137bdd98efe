//! Korean particles after our own Korean words: the form depends on whether the last syllable ends in a consonant.

/// The first Hangul syllable, and how many there are per vowel.
const FIRST: u32 = 0xAC00;
const FINALS: u32 = 28;
/// The final consonant ㄹ, after which `으로` is `로`.
const RIEUL: u32 = 8;

/// The word with the fitting one of `이/가`, `을/를`, `와/과` …: after a consonant the first, after a vowel the second.
/// A word that does not end in Hangul gets both.
pub(crate) fn josa(word: &str, pair: (&str, &str)) -> String {
    let (consonant, vowel) = pair;
    match word.chars().last().and_then(last_final) {
        Some(0) => format!("{word}{vowel}"),
        Some(RIEUL) if consonant == "으로" => format!("{word}{vowel}"),
        Some(_) => format!("{word}{consonant}"),
        None => format!("{word}{consonant}({vowel})"),
    }
}

/// Which final consonant a syllable has, 0 for none; nothing for what is no syllable.
fn last_final(letter: char) -> Option<u32> {
    matches!(letter, '가'..='힣').then(|| (u32::from(letter) - FIRST) % FINALS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_particle_fits_the_last_syllable() {
        assert_eq!(josa("이벤트", ("이", "가")), "이벤트가");
        assert_eq!(josa("세그먼트", ("을", "를")), "세그먼트를");
        assert_eq!(josa("여정", ("이", "가")), "여정이");
        assert_eq!(josa("월", ("으로", "로")), "월로");
        assert_eq!(josa("분", ("으로", "로")), "분으로");
        assert_eq!(josa("yes/no", ("이", "가")), "yes/no이(가)");
    }
}
