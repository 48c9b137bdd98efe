//! Korean particles: 을 or 를, 이 or 가, 으로 or 로, by the last syllable of the word before them.

/// Appends the particle that fits, or both forms where the word does not say how it is read: `Netflix을(를)`.
pub(crate) fn with_josa(word: &str, pair: &str) -> String {
    let Some((first, second)) = pair.split_once('/') else {
        return format!("{word}{pair}");
    };
    // Written either way round, the form after a consonant is meant to come first.
    let (closed, open) = match (first, second) {
        ("를", "을")
        | ("가", "이")
        | ("는", "은")
        | ("와", "과")
        | ("로", "으로")
        | ("야", "아")
        | ("나", "이나") => (second, first),
        _ => (first, second),
    };
    match last_sound(word) {
        Some(Sound::Open) => format!("{word}{open}"),
        // 로 also follows ㄹ: 서울로, 물로.
        Some(Sound::Rieul) if open.starts_with('로') => format!("{word}{open}"),
        Some(Sound::Rieul | Sound::Closed) => format!("{word}{closed}"),
        None => format!("{word}{closed}({open})"),
    }
}

enum Sound {
    Open,
    Rieul,
    Closed,
}

/// How a word ends when it is read aloud. Closing brackets and quotation marks are not read.
fn last_sound(word: &str) -> Option<Sound> {
    let last = word
        .chars()
        .rev()
        .find(|it| it.is_alphanumeric() || *it == '%')?;
    match last {
        '가'..='힣' => Some(match (u32::from(last) - u32::from('가')) % 28 {
            0 => Sound::Open,
            8 => Sound::Rieul,
            _ => Sound::Closed,
        }),
        // 이, 사, 오, 구; 퍼센트.
        '2' | '4' | '5' | '9' | '%' => Some(Sound::Open),
        // 일, 칠, 팔.
        '1' | '7' | '8' => Some(Sound::Rieul),
        // 영, 삼, 육; 십, 백, 천, 만 and 억 end in consonants too.
        '0' | '3' | '6' => Some(Sound::Closed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::with_josa;

    #[test]
    fn the_particle_follows_the_last_syllable() {
        for (word, pair, expected) in [
            ("홍삼", "을/를", "홍삼을"),
            ("비타", "을/를", "비타를"),
            ("비타", "를/을", "비타를"),
            ("서울", "으로/로", "서울로"),
            ("부산", "으로/로", "부산으로"),
            ("제주", "으로/로", "제주로"),
            ("유산균(대)", "이/가", "유산균(대)가"),
            ("50,000원", "은/는", "50,000원은"),
            ("iPhone 17", "으로/로", "iPhone 17로"),
            ("3", "과/와", "3과"),
            ("Netflix", "을/를", "Netflix을(를)"),
            ("", "을/를", "을(를)"),
            ("민지", "님", "민지님"),
        ] {
            assert_eq!(with_josa(word, pair), expected);
        }
    }
}
