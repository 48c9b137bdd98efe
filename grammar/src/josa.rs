//! Picks Korean particles by the syllable before them: sentences are written with both forms, `은(는)`.

/// The two forms of a particle as written in a sentence, after a final consonant and after a vowel.
const PARTICLES: [(&str, &str, &str); 5] = [
    ("은(는)", "은", "는"),
    ("이(가)", "이", "가"),
    ("을(를)", "을", "를"),
    ("(으)로", "으로", "로"),
    ("(이)라는", "이라는", "라는"),
];

/// Replaces both forms by the right one wherever the sound before is known, which it is not after Latin letters.
pub fn resolved(sentence: &str) -> String {
    let mut text = sentence.to_owned();
    for (both, closed, open) in PARTICLES {
        let mut done = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(both) {
            done.push_str(before);
            let ending = done
                .trim_end_matches(['`', '"', '…', ' ', '}', ')'])
                .chars()
                .next_back()
                .and_then(Ending::of);
            done.push_str(match ending {
                None => both,
                Some(Ending::Vowel) => open,
                Some(Ending::Rieul) if open == "로" => open,
                Some(Ending::Rieul | Ending::Consonant) => closed,
            });
            rest = after;
        }
        done.push_str(rest);
        text = done;
    }
    text
}

/// How the sound of a character ends.
enum Ending {
    Vowel,
    Rieul,
    Consonant,
}

impl Ending {
    fn of(character: char) -> Option<Self> {
        Some(match character {
            '가'..='힣' => match (character as u32 - '가' as u32) % 28 {
                0 => Self::Vowel,
                8 => Self::Rieul,
                _ => Self::Consonant,
            },
            '2' | '4' | '5' | '9' => Self::Vowel,
            '1' | '7' | '8' => Self::Rieul,
            '0' | '3' | '6' => Self::Consonant,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn particles_follow_the_sound_before_them() {
        assert_eq!(resolved("`일`은(는) 이름이(가)"), "`일`은 이름이");
        assert_eq!(
            resolved("`시간`을(를) `달`(으)로 `4`은(는)"),
            "`시간`을 `달`로 `4`는"
        );
        assert_eq!(
            resolved("`탈퇴`(이)라는 `가입`(이)라는"),
            "`탈퇴`라는 `가입`이라는"
        );
        assert_eq!(resolved("`send`은(는)"), "`send`은(는)");
    }
}
