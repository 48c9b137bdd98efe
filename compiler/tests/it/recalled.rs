//! What is recalled of the past, usual intervals, stays and samples: what can be written and what it becomes.

use crate::snippet::{check_all, entries, program};

#[test]
fn what_cannot_be_recalled_is_told_in_plain_words() {
    let said = check_all(&[
        "segment s { favourite purchase.order_id is \"x\" }",
        "segment s { favourite purchase.category is 홍상 }",
        "segment s { last purchase.total under $5 }",
        "segment s { last purchase.nothing is 5 }",
        "segment s { in 0% of people }",
        "segment s { in 0.001% of people }",
        "segment s { did not purchase in the last 0 usual intervals }",
        "segment s { did purchase at least 2 times in the last 2 usual intervals }",
        "segment s { 생애주기 is one of 신규, 활동 for at least 30 days }",
        "segment s { total of purchase.total at least 5만원 for at least 30 days }",
        "segment s { in buyer for at least 3 days }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_recalled_becomes_one_small_state() {
    let files = [
        ("journey.toml", "[project]\nname = \"shop\"\n"),
        (
            "a.journey",
            "contact { email: email address }
event purchase {
  total: number
  category: one of 홍삼, 비타민
  arrives within 10 minutes
}
lifecycle 생애주기 {
  활동 when did purchase in the last 90 days
  나머지 otherwise
}
segment a { favourite purchase.category is 홍삼 }
segment b { last purchase.category is not 홍삼 and last purchase.total at least 5 }
segment c { did not purchase in the last 2 usual intervals }
segment d { did purchase in the last 2 usual intervals }
segment e { in 10% of people by \"beta\" or in 2.5% of people }
segment f { in c for at least 3 days and 생애주기 is 활동 for at least 30 days }
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
