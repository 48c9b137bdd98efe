//! Conditions: what a question means for a type, and what is remembered so that it has an exact answer.

use std::fmt::Write;

use journeyc::{LoadedProject, compile};

use crate::snippet::check_all;

#[test]
fn a_value_that_does_not_fit_is_told_in_plain_words() {
    let said = check_all(&[
        "segment s { name is 민지 }",
        "segment s { sex is \"여성\" }",
        "segment s { sex is \"woman\" }",
        "segment s { age under \"40\" }",
        "segment s { age is 39.5 }",
        "segment s { name under 5 }",
        "segment s { vip at least yes }",
        "segment s { interests is 비염 }",
        "segment s { sex includes 여성 }",
        "segment s { birthday at least 30 days }",
        "segment s { age between 59 and 40 }",
        "segment s { 생애주기 under 활동 }",
        "segment s { now at least 5 }",
        "segment s { tag at least \"a\" }",
        "segment s { total of purchase.category at least 3 }",
        "segment s { name is sex }",
        "segment s { birthday is name }",
        "segment s { number of different purchase.category is not one of 1, 2 }",
        "segment s { total of purchase.total is not one of 5만원, 6만원 }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn money_is_never_converted_and_never_guessed() {
    let said = check_all(&[
        "segment s { did purchase where (dollars under 5만원) }",
        "segment s { did purchase where (any under 5만원) }",
        "segment s { did purchase where (total is dollars) }",
        "segment s { did purchase where (dollars under ¥100) }",
        "segment s { did purchase where (total under ₩1,000.50) }",
        "segment s { did purchase where (total under 99999999999999억원) }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn conditions_that_can_be_read_in_two_ways_are_refused() {
    let said = check_all(&[
        "segment s { vip is yes and sex is 여성 or sex is 남성 }",
        "segment s { did signed_up or vip is yes and (sex is 여성 or sex is 남성) }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn an_event_is_read_only_where_it_is_known() {
    let said = check_all(&[
        "segment s { purchase.total at least 5만원 }",
        "segment s { did purchase where (did signed_up) }",
        "segment s { did purchase where (in buyers) }",
        "segment s { did purchase where (age under 30) }",
        "journey j {\n  enter when signed_up\n  if survey_answered.reason is 가격 { send email hello }\n}",
        "journey j {\n  enter when signed_up\n  wait up to 3 days {\n    on survey_answered { }\n    on timeout { }\n  }\n  choose by survey_answered.reason { 가격, 품질 { } }\n}",
        "journey j {\n  enter when add_to_cart\n  if did purchase where (cart_id is add_to_cart.cart_id) { exit }\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_cannot_be_answered_yet_is_said_at_its_place() {
    let said = check_all(&[
        "segment s { did add_to_cart then purchase within 2 hours }",
        "segment s { did purchase in the last 3 business days }",
        "segment s { did purchase in the last 30 calendar days }",
        "segment s { number of different purchase.category before 2026-01-01 at least 2 }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn counts_and_lengths_are_bounded() {
    let said = check_all(&[
        "segment s { did purchase at least 0 times }",
        "segment s { did purchase at least 100 times in the last 1 year }",
        "segment s { did purchase in the last 0 days }",
        "segment s { did purchase in the last 1,000 years }",
        "segment s { total of purchase.total in the last 500 calendar days at least 5만원 }",
        "segment s { number of different purchase.category at least 100 }",
        "segment s { did purchase since 2026-01-01 00:00 Asia/Seul }",
    ]);
    insta::assert_snapshot!(said);
}

/// The aggregates, atoms and conditions of some segments.
fn tables(source: &str) -> String {
    let files = [
        (
            "a.journey",
            "contact {\n  birthday: date\n  age: years since birthday\n  sex: one of 여성, 남성, 기타\n}\nevent e {\n  n: number\n  arrives within 10 minutes\n}\n",
        ),
        ("b.journey", source),
    ];
    let compilation = compile(&LoadedProject::from_texts(files));
    let program = compilation
        .program
        .unwrap_or_else(|| panic!("{:#?}", compilation.problems));
    let mut said = String::new();
    for (at, it) in program.aggregates.iter().enumerate() {
        let _ = writeln!(said, "aggregate {at}: {:?} where {:?}", it.keep, it.filter);
    }
    for (at, it) in program.atoms.iter().enumerate() {
        let _ = writeln!(said, "atom {at}: {it:?}");
    }
    for (at, it) in program.conditions.iter().enumerate() {
        let _ = writeln!(said, "condition {at}: {it:?}");
    }
    for it in &program.segments {
        let _ = writeln!(said, "segment {}: {:?}", it.name, it.condition);
    }
    said
}

#[test]
fn phrases_share_what_they_remember() {
    let said = tables(
        "segment a { did e }
segment b { never did e }
segment c { did e in the last 90 days }
segment d { did e at least 3 times in the last 180 days }
segment f { did e exactly 2 times in the last 1 year }
segment g { did e at least 4 times }
segment h { did e at most 1 times }
segment i { did e before 2026-01-01 }
segment j { did e since 2026-01-01 }
segment k { did e where (n over 5) }
segment l { largest of e.n over 5 }
segment m { total of e.n at least 100 }
segment n { total of e.n in the last 30 calendar days under 5 }
segment o { number of different e.n over 2 }",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn amounts_keep_what_their_window_needs() {
    let said = tables(
        "segment a { average of e.n at least 4.5 }
segment b { largest of e.n under 5 }
segment c { largest of e.n since 2026-01-01 at most 5 }
segment d { total of e.n before 2026-01-01 at least 5 }
segment f { total of e.n on 2026-01-01 at least 5 }
segment g { total of e.n in the last 7 days at least 5 }
segment h { average of e.n in the last 36 hours at least 5 }
segment i { average of e.n in the last 30 calendar days at least 5 }
segment j { largest of e.n in the last 10 calendar days over 5 }
segment k { did e on 2026-02-28 }
segment l { did e exactly 2 times on 2026-02-28 }
segment m { did e at least 1,000 times }",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_long_window_that_slides_is_told_to_keep_every_amount() {
    let said = check_all(&[
        "segment s { total of purchase.total in the last 30 days at least 5만원 }",
        "segment s { average of purchase.total in the last 2 months at least 5만원 }",
        "segment s { average of purchase.category at least 2 }",
        "segment s { did purchase on 2026-01-01 and not did purchase }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn each_comparison_has_its_form() {
    let said = tables(
        "segment a { age between 40 and 59 }
segment b { sex is not one of 여성, 남성 }
segment c { not (sex is 여성) }
segment d { sex is missing or birthday before_placeholder }"
            .replace("birthday before_placeholder", "birthday under 2000-03-01")
            .as_str(),
    );
    insta::assert_snapshot!(said);
}
