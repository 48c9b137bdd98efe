//! Korean endings and particles, also after words that are not written in Hangul.

use crate::josa::josa;

/// A Korean clause without its ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    /// A noun: `3만원 이상`이면.
    Noun(String),
    /// A noun denied: `여성`이 아니면.
    NotNoun(String),
    /// `있다`, `없다`: `구매가 있`으면, `있`는.
    Exists(String),
    /// A verb whose stem ends in a vowel: `포함하`면, `포함하`는.
    Verb(String),
    /// An adjective whose stem ends in a consonant: `같`으면, `같`은.
    Quality(String),
    /// A verb denied: `포함하지 않`으면, `않`는.
    NotVerb(String),
}

/// What follows a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// `…이면`.
    If,
    /// `…이고`.
    And,
    /// `…이거나`.
    Or,
    /// `…인` before a noun.
    Who,
}

impl Clause {
    /// The clause with an ending.
    pub(super) fn end(&self, ending: Ending) -> String {
        use Ending::{And, If, Or, Who};
        let (stem, endings) = match self {
            Self::Noun(noun) => (noun.clone(), ["이면", "이고", "이거나", "인"]),
            Self::NotNoun(noun) => {
                let endings = [" 아니면", " 아니고", " 아니거나", " 아닌"];
                (with(noun, ("이", "가")), endings)
            }
            Self::Exists(stem) | Self::NotVerb(stem) => {
                (stem.clone(), ["으면", "고", "거나", "는"])
            }
            Self::Verb(stem) => (stem.clone(), ["면", "고", "거나", "는"]),
            Self::Quality(stem) => (stem.clone(), ["으면", "고", "거나", "은"]),
        };
        let [if_, and, or, who] = endings;
        let ending = match ending {
            If => if_,
            And => and,
            Or => or,
            Who => who,
        };
        format!("{stem}{ending}")
    }

    /// The clause denied.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Noun(noun) => Self::NotNoun(noun),
            Self::NotNoun(noun) => Self::Noun(noun),
            Self::Exists(stem) => match (stem.strip_suffix('있'), stem.strip_suffix('없')) {
                (Some(before), _) if before.trim_end().ends_with(['이', '가']) => {
                    Self::Exists(format!("{before}없"))
                }
                (_, Some(before)) => Self::Exists(format!("{before}있")),
                _ => Self::Quality(format!("{stem}지 않")),
            },
            Self::Verb(stem) => Self::NotVerb(format!("{stem}지 않")),
            Self::Quality(stem) => Self::Quality(format!("{stem}지 않")),
            Self::NotVerb(stem) => Self::Noun(format!("({stem}는 경우가 아님)")),
        }
    }
}

/// A word with the one of two particles that fits it: the first after a consonant, the second after a vowel. Digits
/// and Latin letters are taken as they are read aloud; quotes and brackets at the end are passed over.
pub(super) fn with(word: &str, pair: (&str, &str)) -> String {
    let spoken = word.trim_end_matches(['"', '”', '’', '\'', ')', '`', '%', ' ']);
    let percent = word.trim_end_matches(['"', '”', ')']).ends_with('%');
    let last = spoken.chars().last();
    let (consonant, vowel) = pair;
    let particle = match last {
        _ if percent => vowel,
        Some(letter) if ('가'..='힣').contains(&letter) => {
            let tail = josa(&letter.to_string(), pair);
            let particle = tail.strip_prefix(letter).unwrap_or(vowel);
            return format!("{word}{particle}");
        }
        Some('1' | '7' | '8') if consonant == "으로" => vowel,
        Some('0' | '1' | '3' | '6' | '7' | '8') => consonant,
        Some(letter) if letter.is_ascii_alphabetic() => {
            if ends_in_consonant(&spoken.to_ascii_lowercase(), consonant == "으로") {
                consonant
            } else {
                vowel
            }
        }
        _ => vowel,
    };
    format!("{word}{particle}")
}

/// Whether an English word, read in Korean, ends in a consonant: `budget` (버짓), `total` (토털), `reason` (리즌).
fn ends_in_consonant(word: &str, before_ro: bool) -> bool {
    let mut last = word.chars().rev();
    let (Some(last), before) = (last.next(), last.next()) else {
        return false;
    };
    let before = before.unwrap_or(' ');
    let is_vowel = |c: char| "aeiou".contains(c);
    match last {
        'l' => !before_ro,
        'm' | 'n' => true,
        'g' => before == 'n',
        't' | 'k' | 'p' | 'b' | 'c' => is_vowel(before),
        'e' => match before {
            'l' => !before_ro,
            'm' | 'n' | 'p' => true,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_fit_words_as_they_are_read_aloud() {
        let subject = |word: &str| with(word, ("이", "가"));
        for (word, read) in [
            ("구매", "구매가"),
            ("여정", "여정이"),
            ("\"여정\"", "\"여정\"이"),
            ("total", "total이"),
            ("budget", "budget이"),
            ("category", "category가"),
            ("cart_id", "cart_id가"),
            ("name", "name이"),
            ("100", "100이"),
            ("5", "5가"),
        ] {
            assert_eq!(subject(word), read);
        }
        assert_eq!(with("서울", ("으로", "로")), "서울로");
    }

    #[test]
    fn a_clause_takes_the_ending_of_its_kind() {
        let clause = Clause::Noun("3만원 이상".into());
        assert_eq!(clause.end(Ending::If), "3만원 이상이면");
        assert_eq!(clause.not().end(Ending::Who), "3만원 이상이 아닌");
        let clause = Clause::Exists("구매가 있".into());
        assert_eq!(clause.end(Ending::Who), "구매가 있는");
        assert_eq!(clause.not().end(Ending::If), "구매가 없으면");
        let clause = Clause::Exists("비어 있".into());
        assert_eq!(clause.end(Ending::If), "비어 있으면");
        assert_eq!(clause.not().end(Ending::If), "비어 있지 않으면");
    }
}
