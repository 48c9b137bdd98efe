//! The checks of conditions against brute force: small journeys at random, and every person there can be in them.
//!
//! The values of the event are few enough to try each: what the compiler says about a condition must be so for all of
//! them, and what is so for all of them must be said.

use std::collections::BTreeSet;
use std::fmt::Write;

use journeyc::{LoadedProject, Problem, compile};
use proptest::prelude::*;

const SCHEMA: &str = "event e {\n  amount: money in USD, optional\n  count: whole number, optional\n  kind: one of a, b, c\n}\n";

/// A person, as far as the event tells. Amounts are in cents.
#[derive(Debug, Clone, Copy)]
struct Person {
    amount: Option<i64>,
    count: Option<i64>,
    kind: usize,
}

fn everyone() -> Vec<Person> {
    // Whole dollars, what is just beside them, and something between two of them.
    let amounts = (0..=5).flat_map(|it| [-1, 0, 1, 50].map(|cents| it * 100 + cents));
    let counts = (0..=5).map(Some).chain([None]);
    let mut all = Vec::new();
    for amount in amounts.map(Some).chain([None]) {
        for count in counts.clone() {
            for kind in 0..3 {
                all.push(Person {
                    amount,
                    count,
                    kind,
                });
            }
        }
    }
    all
}

#[derive(Debug, Clone, Copy)]
enum Test {
    Under(i64),
    AtMost(i64),
    Over(i64),
    AtLeast(i64),
    Is(i64),
    IsNot(i64),
    Between(i64, i64),
    Known,
    Missing,
}

impl Test {
    fn takes(self, value: Option<i64>, unit: i64) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::Missing);
        };
        match self {
            Self::Under(x) => value < x * unit,
            Self::AtMost(x) => value <= x * unit,
            Self::Over(x) => value > x * unit,
            Self::AtLeast(x) => value >= x * unit,
            Self::Is(x) => value == x * unit,
            Self::IsNot(x) => value != x * unit,
            Self::Between(low, high) => (low * unit..=high * unit).contains(&value),
            Self::Known => true,
            Self::Missing => false,
        }
    }

    fn written(self, sign: &str) -> String {
        match self {
            Self::Under(x) => format!("under {sign}{x}"),
            Self::AtMost(x) => format!("at most {sign}{x}"),
            Self::Over(x) => format!("over {sign}{x}"),
            Self::AtLeast(x) => format!("at least {sign}{x}"),
            Self::Is(x) => format!("is {sign}{x}"),
            Self::IsNot(x) => format!("is not {sign}{x}"),
            Self::Between(low, high) => format!("between {sign}{low} and {sign}{high}"),
            Self::Known => "is known".to_owned(),
            Self::Missing => "is missing".to_owned(),
        }
    }
}

#[derive(Debug, Clone)]
enum Condition {
    Amount(Test),
    Count(Test),
    Kind(BTreeSet<usize>),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Condition {
    fn holds(&self, person: &Person) -> bool {
        match self {
            Self::Amount(test) => test.takes(person.amount, 100),
            Self::Count(test) => test.takes(person.count, 1),
            Self::Kind(kinds) => kinds.contains(&person.kind),
            Self::Not(of) => !of.holds(person),
            Self::All(of) => of.iter().all(|it| it.holds(person)),
            Self::Any(of) => of.iter().any(|it| it.holds(person)),
        }
    }

    /// As it is written after `event`: `e.`, or nothing inside `where ( … )`.
    fn written(&self, event: &str) -> String {
        let joined = |of: &[Self], word: &str| {
            let parts: Vec<String> = of.iter().map(|it| it.written(event)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Self::Amount(test) => format!("{event}amount {}", test.written("$")),
            Self::Count(test) => format!("{event}count {}", test.written("")),
            Self::Kind(kinds) => {
                let kinds: Vec<&str> = kinds
                    .iter()
                    .filter_map(|it| ["a", "b", "c"].get(*it).copied())
                    .collect();
                format!("{event}kind is one of {}", kinds.join(", "))
            }
            Self::Not(of) => format!("not {}", of.written(event)),
            Self::All(of) => joined(of, " and "),
            Self::Any(of) => joined(of, " or "),
        }
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    let x = 1..4_i64;
    let test = (x.clone(), x, 0..9).prop_map(|(a, b, kind)| match kind {
        0 => Test::Under(a),
        1 => Test::AtMost(a),
        2 => Test::Over(a),
        3 => Test::AtLeast(a),
        4 => Test::Is(a),
        5 => Test::IsNot(a),
        6 => Test::Between(a.min(b), a.max(b)),
        7 => Test::Known,
        _ => Test::Missing,
    });
    let kinds = prop::collection::btree_set(0..3_usize, 1..3);
    let leaf = prop_oneof![
        test.clone().prop_map(Condition::Amount),
        test.prop_map(Condition::Count),
        kinds.prop_map(Condition::Kind),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| Condition::Not(Box::new(it))),
            prop::collection::vec(inner.clone(), 2..3).prop_map(Condition::All),
            prop::collection::vec(inner, 2..3).prop_map(Condition::Any),
        ]
    })
}

/// `if … { … } otherwise if … { … }`. Each arm may leave the journey.
#[derive(Debug, Clone)]
struct Chain {
    arms: Vec<(Condition, bool)>,
    otherwise: bool,
    waits_after: bool,
}

fn chains() -> impl Strategy<Value = Chain> {
    let arms = prop::collection::vec((conditions(), any::<bool>()), 1..4);
    (arms, any::<bool>(), any::<bool>()).prop_map(|(arms, otherwise, waits_after)| Chain {
        arms,
        otherwise,
        waits_after,
    })
}

#[derive(Debug, Default)]
struct Expected {
    /// Codes by the place of a condition.
    codes: BTreeSet<(u32, &'static str)>,
    /// Each arm by its place.
    arms: Vec<(u32, Condition)>,
    /// For each chain: the places of its arms, who comes, and the arms.
    chains: Vec<(Vec<u32>, Vec<Person>, Vec<Condition>)>,
}

/// The journey, and what must be said about it.
fn journey(entry: Option<&Condition>, chains: &[Chain]) -> (String, Expected) {
    let all = everyone();
    let mut expected = Expected::default();
    let mut text = format!("{SCHEMA}journey j {{\n  enter when e");
    let mut inside = all.clone();
    if let Some(entry) = entry {
        text.push_str(" where (");
        let at = text.len() as u32;
        let _ = writeln!(text, "{})", entry.written(""));
        let count = all.iter().filter(|it| entry.holds(it)).count();
        if count == 0 {
            expected.codes.insert((at, "J0202"));
        } else if count == all.len() {
            expected.codes.insert((at, "J0209"));
        }
        inside.retain(|it| entry.holds(it));
    } else {
        text.push('\n');
    }
    for chain in chains {
        let mut places = Vec::new();
        let mut before: Vec<&Condition> = Vec::new();
        let mut left = inside.clone();
        for (at, (arm, leaves)) in chain.arms.iter().enumerate() {
            text.push_str(if at == 0 { "  if " } else { " otherwise if " });
            let place = text.len() as u32;
            places.push(place);
            expected.arms.push((place, arm.clone()));
            let step = if *leaves { "exit" } else { "add tag \"x\"" };
            let _ = write!(text, "{} {{\n    {step}\n  }}", arm.written("e."));
            let ever = all.iter().filter(|it| arm.holds(it)).count();
            let is_free = |it: &Person| !before.iter().any(|earlier| earlier.holds(it));
            let first = all.iter().filter(|it| arm.holds(it) && is_free(it)).count();
            let stay = left.iter().filter(|it| arm.holds(it)).count();
            let code = if ever == 0 {
                Some("J0202")
            } else if first == 0 {
                Some("J0205")
            } else if !left.is_empty() && (stay == 0 || at == 0 && stay == left.len()) {
                Some("J0209")
            } else {
                None
            };
            expected.codes.extend(code.map(|code| (place, code)));
            left.retain(|it| !arm.holds(it));
            before.push(arm);
        }
        if chain.otherwise {
            text.push_str(" otherwise {\n    add tag \"y\"\n  }");
        } else {
            let arms = chain.arms.iter().map(|(it, _)| it.clone()).collect();
            expected.chains.push((places, inside.clone(), arms));
        }
        text.push('\n');
        if chain.waits_after {
            text.push_str("  wait 1 day\n");
        }
        inside.retain(|person| {
            let arm = chain.arms.iter().find(|(it, _)| it.holds(person));
            !arm.is_some_and(|(_, leaves)| *leaves)
        });
    }
    text.push_str("}\n");
    (text, expected)
}

/// Whether a problem is about two ranges that overlap; other arms that are shadowed have nobody at all.
fn is_overlap(problem: &Problem) -> bool {
    problem.code == "J0205" && problem.message.en.contains("fits both")
}

/// The number at the beginning of a text, in hundredths: `$1.50 fits …`.
fn hundredths(text: Option<&str>) -> Option<i64> {
    let value = text?.split([',', ' ']).next()?;
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    Some(if value.contains('.') {
        number
    } else {
        number * 100
    })
}

/// Whether a person's amount or count is this many hundredths.
fn is_worth(person: &Person, hundredths: i64) -> bool {
    person.amount == Some(hundredths) || person.count.is_some_and(|it| it * 100 == hundredths)
}

/// Those who come and whom no arm takes.
fn fallen<'p>(people: &'p [Person], arms: &[Condition]) -> Vec<&'p Person> {
    let taken = |it: &&Person| arms.iter().any(|arm| arm.holds(it));
    people.iter().filter(|it| !taken(it)).collect()
}

/// What a report of a gap says of a value.
#[derive(Debug)]
enum Named {
    Worth(i64),
    Kind(usize),
}

impl Named {
    fn is_of(&self, person: &Person) -> bool {
        match self {
            Self::Worth(hundredths) => is_worth(person, *hundredths),
            Self::Kind(kind) => person.kind == *kind,
        }
    }
}

/// The values at which a gap begins or ends, as far as they are among those of [`everyone`].
fn named(message: &str) -> Vec<Named> {
    let Some((_, said)) = message.split_once("` is ") else {
        return Vec::new();
    };
    let kinds = ["`a`", "`b`", "`c`"].into_iter().enumerate();
    let kinds: Vec<Named> = kinds
        .filter(|(_, kind)| said.contains(kind))
        .map(|(at, _)| Named::Kind(at))
        .collect();
    if !kinds.is_empty() {
        return kinds;
    }
    let exactly = said.strip_prefix("exactly ").unwrap_or(said);
    let (low, high) = match exactly.strip_prefix("from ") {
        Some(range) => (range.split(" to ").next(), range.split(" to ").nth(1)),
        None => (Some(exactly), None),
    };
    // What is beyond a value, and `-1 or less`, is of those whom nobody listed.
    let listed = |it: Option<&str>| hundredths(it.filter(|it| !it.starts_with(['-', 'u', 'o'])));
    [listed(low), listed(high)]
        .into_iter()
        .flatten()
        .map(Named::Worth)
        .collect()
}

/// Which values a condition asks about: the amount, the count, the kind.
fn asked(condition: &Condition, all: &mut BTreeSet<u8>) {
    match condition {
        Condition::Amount(_) => drop(all.insert(0)),
        Condition::Count(_) => drop(all.insert(1)),
        Condition::Kind(_) => drop(all.insert(2)),
        Condition::Not(of) => asked(of, all),
        Condition::All(of) | Condition::Any(of) => of.iter().for_each(|it| asked(it, all)),
    }
}

fn subjects(arms: &[Condition]) -> BTreeSet<u8> {
    let mut all = BTreeSet::new();
    for arm in arms {
        asked(arm, &mut all);
    }
    all
}

/// Whether a person has the only value that the arms ask about.
fn has_value(person: &Person, arms: &[Condition]) -> bool {
    match subjects(arms).first() {
        Some(0) => person.amount.is_some(),
        Some(1) => person.count.is_some(),
        _ => true,
    }
}

/// Whether two arms at least take values of the only thing that all ask about, each some that no earlier one takes.
fn shares_out(arms: &[Condition]) -> bool {
    let all = everyone();
    let takers: BTreeSet<usize> = all
        .iter()
        .filter(|it| has_value(it, arms))
        .filter_map(|it| arms.iter().position(|arm| arm.holds(it)))
        .collect();
    subjects(arms).len() == 1 && takers.len() > 1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_of_a_condition_is_so_for_every_person_and_the_other_way_round(
        entry in prop::option::of(conditions()),
        chains in prop::collection::vec(chains(), 1..3),
    ) {
        let (source, expected) = journey(entry.as_ref(), &chains);
        let files = [("a.journey", source.as_str()), ("journey.toml", "[project]\nname = \"x\"\nsymbols = { \"$\" = \"USD\" }\n")];
        let compilation = compile(&LoadedProject::from_texts(files));
        let said: BTreeSet<(u32, &str)> = compilation
            .problems
            .iter()
            .filter(|it| ["J0202", "J0205", "J0209"].contains(&it.code) && !is_overlap(it))
            .map(|it| (it.at.span.start, it.code))
            .collect();
        prop_assert_eq!(&said, &expected.codes, "{}", source);
        // Two ranges overlap where each has people of its own and the person that is named fits both.
        for overlap in compilation.problems.iter().filter(|it| is_overlap(it)) {
            let at = overlap.at.span.start;
            let others: Vec<u32> = overlap.others.iter().map(|it| it.0.span.start).collect();
            let places = &expected.arms;
            let later = places.iter().find(|(place, _)| *place == at).unwrap();
            let first = places.iter().find(|(place, _)| *place != at && others.contains(place)).unwrap();
            let (one, other) = (&first.1, &later.1);
            let everyone = everyone();
            let some = |one: &Condition, other: &Condition| everyone.iter().any(|it| one.holds(it) && !other.holds(it));
            prop_assert!(some(one, other) && some(other, one), "{}", source);
            let named = hundredths(overlap.message.en.split("` is ").nth(1)).unwrap();
            let fits = |it: &Person| one.holds(it) && other.holds(it) && is_worth(it, named);
            prop_assert!(everyone.iter().any(fits), "{}", source);
        }
        // A gap is reported where somebody who comes falls into it: the very person that is named.
        for gap in compilation.problems.iter().filter(|it| it.code == "J0201") {
            let chain = expected.chains.iter().find(|it| it.0.contains(&gap.at.span.start));
            let (_, people, arms) = chain.unwrap();
            let fallen = fallen(people, arms);
            prop_assert!(!fallen.is_empty(), "{}", source);
            for value in named(&gap.message.en) {
                prop_assert!(fallen.iter().any(|it| value.is_of(it)), "{} {:?}", source, value);
            }
        }
        // It is reported wherever arms share one value out and somebody who comes with it has none.
        for (places, people, arms) in &expected.chains {
            if !shares_out(arms) || !fallen(people, arms).iter().any(|it| has_value(it, arms)) {
                continue;
            }
            let said = compilation.problems.iter().any(|it| it.code == "J0201" && places.contains(&it.at.span.start));
            prop_assert!(said, "{}", source);
        }
        // What lowers without a word of the checks has a program.
        prop_assert_eq!(compilation.program.is_none(), compilation.problems.has_errors());
    }
}
