//! Names that look the same on a screen and are not: full-width letters, Cyrillic and Greek letters among Latin ones.
//!
//! Comes in: all names of a project. Goes out: pairs whose letters look alike, and names that mix alphabets so that
//! nobody can type them again.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::codes;
use crate::problem::{Location, Problem, Problems, Text};

/// Letters of other alphabets, each before the Latin one it looks like.
const ALIKE: [(&str, &str); 4] = [
    ("авеікмнорстухјѕԁһ", "aBeikMHopcTyxjsdh"),
    ("АВЕІКМНОРСТУХЈЅ", "ABEIKMHOPCTYXJS"),
    ("ονρυικατχ", "ovpuikatx"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
];

/// Where all these letters stand in Unicode.
const GREEK_AND_CYRILLIC: std::ops::RangeInclusive<char> = '\u{370}'..='\u{52f}';

/// Warns of such names among all that are declared.
pub(super) fn check<'n>(names: impl Iterator<Item = (&'n str, Location)>, problems: &mut Problems) {
    let mut seen: BTreeMap<String, (&str, Location)> = BTreeMap::new();
    let mut names: Vec<(&str, Location)> = names.collect();
    names.sort_unstable_by_key(|(_, at)| *at);
    for (name, at) in names {
        let looks = skeleton(name);
        match seen.get(&looks) {
            Some((first, place)) if *first != name => problems.push(alike(at, name, first, *place)),
            Some(_) => {}
            None => {
                if mixes(name) {
                    problems.push(mixed(at, name, &looks));
                }
                seen.insert(looks, (name, at));
            }
        }
    }
}

/// What a name looks like.
fn skeleton(name: &str) -> String {
    // Latin letters look like themselves.
    if name.is_ascii() {
        return name.to_owned();
    }
    name.nfkc()
        .map(|letter| latin(letter).unwrap_or(letter))
        .collect()
}

/// The Latin letter that a letter of another alphabet looks like.
fn latin(letter: char) -> Option<char> {
    if !GREEK_AND_CYRILLIC.contains(&letter) {
        return None;
    }
    ALIKE.iter().find_map(|(others, latin)| {
        let at = others.chars().position(|it| it == letter)?;
        latin.chars().nth(at)
    })
}

/// Whether Latin letters stand beside letters that only look like them.
fn mixes(name: &str) -> bool {
    name.chars().any(|it| it.is_ascii_alphabetic()) && name.chars().any(|it| latin(it).is_some())
}

fn alike(at: Location, name: &str, first: &str, place: Location) -> Problem {
    Problem::new(
        codes::LOOKALIKE,
        at,
        Text::new(
            format!("`{name}` looks like `{first}` and is another name"),
            format!("`{name}`: `{first}`와(과) 똑같아 보이지만 다른 이름입니다"),
        ),
    )
    .label(Text::new("looks the same", "똑같아 보임"))
    .other(place, Text::new("the other one", "다른 하나"))
    .help(Text::new(
        "give one of them another name, or type this one again",
        "둘 중 하나의 이름을 바꾸거나, 이 이름을 다시 입력하세요",
    ))
}

fn mixed(at: Location, name: &str, looks: &str) -> Problem {
    Problem::new(
        codes::LOOKALIKE,
        at,
        Text::new(
            format!("`{name}` has letters of another alphabet that look like Latin ones"),
            format!("`{name}`에 라틴 글자처럼 보이는 다른 글자가 섞여 있습니다"),
        ),
    )
    .label(Text::new("mixed alphabets", "섞인 글자"))
    .help(Text::new(
        format!("type it again: `{looks}`"),
        format!("다시 입력하세요: `{looks}`"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_the_one_it_looks_like() {
        for (others, latin) in ALIKE {
            assert_eq!(others.chars().count(), latin.chars().count(), "{others}");
            assert!(others.chars().all(|it| GREEK_AND_CYRILLIC.contains(&it)));
        }
    }

    #[test]
    fn letters_that_look_alike_make_names_that_look_alike() {
        assert_eq!(skeleton("рurchase"), "purchase");
        assert_eq!(skeleton("ｂｕｙｅｒｓ"), "buyers");
        assert!(mixes("рurchase") && !mixes("покупка") && !mixes("구매abc"));
    }
}
