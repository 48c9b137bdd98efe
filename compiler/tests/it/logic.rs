//! Conditions that leave someone out or that nobody satisfies: what is said, and what is rightly left unsaid.

use std::collections::BTreeSet;
use std::fmt::Write;

use journeyc::{LoadedProject, Problem, compile};
use proptest::prelude::*;

use crate::snippet::check_all;

const FORM: &str = "event form_submitted {\n  form: text\n  budget: money in USD, optional\n  seats: whole number\n  day: date\n  price: money in USD\n  rating: number\n}\n";

/// What is said about the same journey with each of these steps.
fn check_steps(all: &[&str]) -> String {
    check_under("enter when form_submitted", all)
}

fn check_under(header: &str, all: &[&str]) -> String {
    let all: Vec<String> = all
        .iter()
        .map(|steps| format!("{FORM}journey j {{\n  {header}\n  {steps}\n}}"))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check_all(&all).replace(&FORM.trim().replace('\n', "\n  "), "…")
}

#[test]
fn two_ranges_that_overlap_are_reported_with_who_fits_both() {
    insta::assert_snapshot!(check_steps(&[
        "if form_submitted.price at most $5,000 { } otherwise if form_submitted.price at least $5,000 { }",
        "if form_submitted.seats between 10 and 20 { } otherwise if form_submitted.seats between 15 and 30 { } otherwise { }",
        "if form_submitted.seats at least 20 { } otherwise if form_submitted.seats under 30 { }",
    ]));
    for fine in [
        "if form_submitted.seats under 40 { } otherwise if form_submitted.seats under 60 { } otherwise { }",
        "if form_submitted.seats under 40 { } otherwise if form_submitted.seats at least 40 { }",
        "if form_submitted.seats between 10 and 20 { } otherwise if form_submitted.seats at least 5 { } otherwise { }",
        "if form_submitted.seats over 3 { } otherwise if form_submitted.seats is not 5 { }",
    ] {
        let said = check_steps(&[fine]);
        assert!(!said.contains("fits both"), "{fine}\n{said}");
    }
}

#[test]
fn a_hole_between_branches_is_reported_with_who_falls_into_it() {
    let said = check_steps(&[
        "if form_submitted.budget under $5,000 { } otherwise if form_submitted.budget over $5,000 { }",
        "if form_submitted.price under $5,000 { } otherwise if form_submitted.price over $5,000 { }",
        "if form_submitted.price over $5,000 { } otherwise if form_submitted.price under $5,000 { }",
        "if form_submitted.price at most $50 { } otherwise if form_submitted.price at least $51 { }",
        "if form_submitted.seats under 10 { } otherwise if form_submitted.seats at least 11 { }",
        "if form_submitted.seats under 10 { } otherwise if form_submitted.seats between 10 and 19 { } otherwise if form_submitted.seats at least 30 { }",
        "if form_submitted.day under 2026-03-01 { } otherwise if form_submitted.day over 2026-03-01 { }",
        "if form_submitted.rating at most 3 { } otherwise if form_submitted.rating at least 4 { }",
        "if form_submitted.budget under $5,000 { } otherwise if form_submitted.budget at least $5,000 { }",
        "if age under 40 { } otherwise if age over 40 { }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_wide_hole_and_an_open_end_are_reported_as_soon_as_two_arms_compare_the_same() {
    let said = check_steps(&[
        "if form_submitted.price under $5,000 { } otherwise if form_submitted.price at least $10,000 { }",
        "if form_submitted.price under $1,000 { } otherwise if form_submitted.price under $5,000 { }",
        "if form_submitted.price at least $5,000 { } otherwise if form_submitted.price at least $1,000 { }",
        "if form_submitted.seats is 1 { } otherwise if form_submitted.seats is 3 { }",
        "if form_submitted.budget under $10 { } otherwise if form_submitted.budget under $50 { }",
        "if sex is 여성 { } otherwise if sex is 남성 { }",
        "if vip is yes { } otherwise if vip is no { }",
        "if form_submitted.form is \"a\" { } otherwise if form_submitted.form is \"b\" { }",
        "if 생애주기 is 신규 { } otherwise if 생애주기 is 활동 { }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_may_be_meant_is_no_gap() {
    let said = check_steps(&[
        "if form_submitted.price under $5,000 { }",
        "if form_submitted.price under $5,000 { } otherwise if form_submitted.price over $5,000 { } otherwise { }",
        "if form_submitted.price under $5,000 { } otherwise if form_submitted.price at least $10,000 { } otherwise { }",
        "if form_submitted.price is not $5,000 { } otherwise if form_submitted.price under $10 { }",
        "if form_submitted.price under $5,000 { } otherwise if form_submitted.price over $5,000 or vip is yes { }",
        "if form_submitted.price under $5,000 { } otherwise if vip is yes { }",
        "if form_submitted.budget is known { } otherwise if form_submitted.budget over $5,000 { }",
        "if form_submitted.budget is missing { } otherwise if form_submitted.budget over $5,000 { }",
        "if form_submitted.seats under 10 { } otherwise if form_submitted.seats over 9 { }",
        "if sex is 여성 { } otherwise if sex is one of 남성, 기타 { } otherwise if sex is missing { }",
        "if did purchase at least 3 times { } otherwise if did purchase { }",
    ]);
    assert!(!said.contains("J0201"), "{said}");
}

#[test]
fn who_does_not_come_to_a_branch_is_not_missed_there() {
    let chain = "if form_submitted.budget under $5,000 { } otherwise if form_submitted.budget at least $5,000 { }";
    let steps = [
        format!("if form_submitted.budget is missing {{ exit }}\n  {chain}"),
        format!("if form_submitted.budget is known {{ wait 1 day\n {chain} }}"),
        "if form_submitted.price is $5,000 { exit }\n if form_submitted.price under $5,000 { } otherwise if form_submitted.price over $5,000 { }".to_owned(),
    ];
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let quiet = check_steps(&steps)
        + &check_under(
            "enter when form_submitted where (budget is known)",
            &[
                chain,
                "if form_submitted.budget under $5,000 { } otherwise { }",
            ],
        );
    assert_eq!(quiet.matches("nothing to say").count(), 5, "{quiet}");
    let said = check_steps(&[&format!(
        "if form_submitted.seats is 5 {{ exit }}\n  {chain}"
    )]);
    assert!(said.contains("J0201"), "{said}");
}

#[test]
fn an_otherwise_that_takes_a_missing_value_along_is_reported() {
    let said = check_steps(&[
        "if form_submitted.budget under $5,000 { } otherwise { }",
        "if age under 30 { } otherwise if age under 40 { } otherwise { }",
    ]);
    insta::assert_snapshot!(said);
    let quiet = check_steps(&[
        "if form_submitted.budget under $5,000 { } otherwise if form_submitted.budget is missing { } otherwise { }",
        "if form_submitted.budget under $5,000 or form_submitted.budget is missing { } otherwise { }",
        "if form_submitted.price under $5,000 { } otherwise { }",
        "if form_submitted.budget under $5,000 { } otherwise if form_submitted.budget at least $5,000 { } otherwise { }",
        "if sex is 여성 { } otherwise { }",
        "if form_submitted.budget under $5,000 and vip is yes { } otherwise { }",
    ]);
    assert_eq!(quiet.matches("nothing to say").count(), 6, "{quiet}");
}

#[test]
fn a_condition_that_nobody_can_satisfy_is_reported() {
    let said = check_all(&[
        "segment s { age under 30 and age between 30 and 39 }",
        "segment s { did purchase at least 3 times in the last 30 days and not did purchase at least 2 times in the last 90 days }",
        "segment s { 생애주기 is 신규 and 생애주기 is 활동 }",
        "segment s { in buyers and not in buyers }",
        "segment s { in buyers and never did purchase }",
        "segment s { sex is 여성 and sex is missing }",
        "journey j {\n  enter when purchase where (quantity under 3) and purchase.quantity over 3\n}",
        "journey j {\n  enter when purchase\n  if vip is yes and vip is no { }\n}",
        "journey j { enter every day at 10:00 for people where (age over 3 and age under 4) }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_condition_that_somebody_can_satisfy_is_not_reported() {
    let said = check_all(&[
        "segment s { age at least 30 and age between 30 and 39 }",
        "segment s { did purchase at least 2 times in the last 90 days and not did purchase at least 3 times in the last 30 days }",
        "segment s { did purchase at least 2 times in the last 30 days and not did purchase at least 2 times in the last 1 month }",
        "segment s { did purchase and not did purchase in the last 90 days }",
        "segment s { name contains \"a\" and name is not \"b\" }",
        "segment s { interests includes 비염 and interests includes 소화 }",
        "segment s { tag is \"a\" and tag is \"b\" }",
        "segment s { vip is not yes and vip is not missing }",
        "journey j {\n  enter when purchase where (quantity under 3) and quantity over 3\n}",
    ]);
    assert!(!said.contains("J0202"), "{said}");
}

#[test]
fn a_condition_that_the_counted_event_makes_false_is_reported() {
    let said = check_all(&[
        "journey j {\n  enter when purchase and never did purchase\n}",
        "journey j {\n  enter when purchase and not did purchase in the last 30 days\n}",
        "journey j {\n  enter when purchase and did not purchase in the last 30 days\n}",
        "journey j {\n  enter when purchase where (quantity over 3) and never did purchase where (quantity over 3)\n}",
        "journey j {\n  enter when purchase and purchase.quantity over 3 and never did purchase where (quantity over 2)\n}",
        "journey j {\n  enter when purchase and not in buyers\n}",
        "segment strangers { never did purchase }\njourney j {\n  enter when purchase and in strangers\n}",
        "journey j {\n  enter when purchase and 생애주기 is 신규\n}",
        "journey j {\n  enter when purchase and (never did purchase or 생애주기 is 신규)\n}",
    ]);
    insta::assert_snapshot!(said);
    let quiet = check_all(&[
        "journey j {\n  enter when purchase and did purchase exactly 1 time\n}",
        "journey j {\n  enter when purchase and not did purchase at least 2 times\n}",
        "journey j {\n  enter when purchase where (quantity over 3) and never did purchase where (quantity under 3)\n}",
        "journey j {\n  enter when purchase and never did purchase where (quantity over 3)\n}",
        "journey j {\n  enter when purchase and (never did purchase or vip is yes)\n}",
        "journey j {\n  enter when purchase and not did purchase in the last 1 hour\n}",
        "journey j {\n  enter when purchase and not did purchase before 2026-01-01\n}",
        "journey j {\n  enter when visit and never did purchase\n}",
        "journey j {\n  enter when purchase and 생애주기 is 활동\n}",
        "journey j {\n  enter every day at 10:00 for people where (never did purchase)\n}",
    ]);
    assert!(!quiet.contains("J0202"), "{quiet}");
}

#[test]
fn an_arm_whose_people_are_all_taken_before_it_is_reported() {
    let said = check_steps(&[
        "if form_submitted.price under $50 { } otherwise if form_submitted.price under $40 { } otherwise { }",
        "if sex is 여성 { } otherwise if sex is 남성 { } otherwise if sex is one of 여성, 남성 { } otherwise { }",
        "if did purchase in the last 90 days { } otherwise if did purchase in the last 30 days { }",
    ]);
    insta::assert_snapshot!(said);
    let quiet = check_steps(&[
        "if form_submitted.price under $40 { } otherwise if form_submitted.price under $50 { } otherwise { }",
        "if did purchase in the last 30 days { } otherwise if did purchase in the last 90 days { }",
        "if name contains \"a\" { } otherwise if name is \"a\" { }",
    ]);
    assert_eq!(quiet.matches("nothing to say").count(), 3, "{quiet}");
}

/// A comparison of an amount in cents, written and decided.
#[derive(Debug, Clone, Copy)]
enum Test {
    Under(i64),
    AtMost(i64),
    Over(i64),
    AtLeast(i64),
    Between(i64, i64),
    Is(i64),
    IsNot(i64),
}

impl Test {
    fn takes(self, cents: i64) -> bool {
        match self {
            Self::Under(x) => cents < x,
            Self::AtMost(x) => cents <= x,
            Self::Over(x) => cents > x,
            Self::AtLeast(x) => cents >= x,
            Self::Between(low, high) => low <= cents && cents <= high,
            Self::Is(x) => cents == x,
            Self::IsNot(x) => cents != x,
        }
    }

    fn written(self) -> String {
        let usd = |cents: i64| format!("{}.{:02} USD", cents / 100, cents % 100);
        match self {
            Self::Under(x) => format!("under {}", usd(x)),
            Self::AtMost(x) => format!("at most {}", usd(x)),
            Self::Over(x) => format!("over {}", usd(x)),
            Self::AtLeast(x) => format!("at least {}", usd(x)),
            Self::Between(low, high) => format!("between {} and {}", usd(low), usd(high)),
            Self::Is(x) => format!("is {}", usd(x)),
            Self::IsNot(x) => format!("is not {}", usd(x)),
        }
    }
}

fn tests() -> impl Strategy<Value = Vec<Test>> {
    let cents = || prop::sample::select(vec![100_i64, 101, 150, 199, 200, 201, 300, 500]);
    let one = (cents(), cents(), 0..7).prop_map(|(a, b, kind)| match kind {
        0 => Test::Under(a),
        1 => Test::AtMost(a),
        2 => Test::Over(a),
        3 => Test::AtLeast(a),
        4 => Test::Between(a.min(b), a.max(b)),
        5 => Test::Is(a),
        _ => Test::IsNot(a),
    });
    prop::collection::vec(one, 2..5)
}

/// Whether two arms take amounts, and some amount from 0 to 10 dollars, far beyond the last constant, has none.
fn has_hole(tests: &[Test]) -> bool {
    let first = |cents: i64| tests.iter().position(|it| it.takes(cents));
    let all: Vec<Option<usize>> = (0..=1000).map(first).collect();
    let used: BTreeSet<usize> = all.iter().copied().flatten().collect();
    used.len() > 1 && all.contains(&None)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_is_reported_exactly_when_some_amount_has_no_arm(tests in tests()) {
        let mut chain = String::new();
        for (at, test) in tests.iter().enumerate() {
            let word = if at == 0 { "if" } else { " otherwise if" };
            let _ = write!(chain, "{word} e.amount {} {{ }}", test.written());
        }
        let source = format!("event e {{ amount: money in USD }}\njourney j {{\n  enter when e\n  {chain}\n}}\n");
        let compilation = compile(&LoadedProject::from_texts([("a.journey", source.as_str())]));
        let codes = compilation.problems.iter().map(|it| it.code);
        let said: Vec<&str> = codes.filter(|it| *it != "J0205").collect();
        // Ranges that overlap, but leave each other people, are what `brute_force` proves.
        let shadowed = |it: &&Problem| it.code == "J0205" && !it.message.en.contains("fits both");
        let taken = compilation.problems.iter().filter(shadowed).count();
        let first = |cents: i64| tests.iter().position(|it| it.takes(cents));
        let reached: BTreeSet<usize> = (0..=1000).filter_map(first).collect();
        prop_assert_eq!(taken, tests.len() - reached.len(), "{}", source);
        let expected: &[&str] = if has_hole(&tests) { &["J0201"] } else { &[] };
        prop_assert_eq!(said, expected, "{}", source);
    }
}
