//! Events that follow each other: what can be written, and what is kept for it.

use crate::snippet::{check_all, entries, program};

#[test]
fn a_chain_that_cannot_be_is_told_in_plain_words() {
    let said = check_all(&[
        "segment s { did add_to_cart then purchase within 2 hours }",
        "segment s { did add_to_cart then not purchase within 1 day with the same cart_id in the last 30 days }",
        "segment s { did add_to_cart then not purchase within 1 day with the same cart_id }",
        "segment s { did signed_up then add_to_cart within 1 day then purchase within 1 day then survey_answered within 1 day }",
        "segment s { did signed_up then add_to_cart within 1 day then purchase within 1 day with the same cart_id }",
        "segment s { did add_to_cart then purchase within 2 hours at least 3 times }",
        "segment s { did add_to_cart then purchase within 2 hours on 2026-01-01 }",
        "segment s { did add_to_cart then purchase within 2 hours with the same cart }",
        "segment s { did add_to_cart then purchase within 2 hours with the same category }",
        "segment s { did add_to_cart then purchase within 0 hours }",
        "segment s { did add_to_cart then purchse within 2 hours }",
        "segment s { did add_to_cart then purchase within 2 hours and never did add_to_cart }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_chain_keeps_the_instants_of_all_its_parts_as_long_as_they_matter() {
    let files = [
        ("journey.toml", "[project]\nname = \"shop\"\n"),
        (
            "a.journey",
            "contact { email: email address }
event cart { cart_id: text }
event purchase {
  total: number
  cart_id: text, optional
  arrives within 10 minutes
}
segment a { did cart then not purchase within 1 day with the same cart_id in the last 30 days }
segment b { did cart then not purchase within 1 day with the same cart_id in the last 60 days }
segment c { did cart then purchase where (total over 5) within 2 hours then cart within 1 week }
segment d { never did cart then purchase within 2 hours since 2026-01-01 }
",
        ),
    ];
    let program = program(files);
    let said = [
        entries(&program.aggregates),
        entries(&program.atoms),
        entries(&program.conditions),
    ];
    insta::assert_snapshot!(said.concat());
}
