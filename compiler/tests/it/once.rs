//! One mistake is one problem: what only follows from it is not said.

use std::fmt::Write;

use crate::snippet::{check_all, check_files};

const SETTINGS: &str = "[project]\nsymbols = { \"$\" = \"USD\" }\n";

const SCHEMA: &str = "\
contact { name: text, optional }
event signed_up { plan: text }
consent marketing { for email }
offer ten {
  10% off
  valid 14 days
}
";

fn head(rest: &str) -> String {
    format!("+++\npurpose = \"advertising\"\nsubject = \"Hello\"\n{rest}+++\n")
}

#[test]
fn a_broken_entry_blames_nobody_who_reads_its_event() {
    let said = check_all(&[
        "journey j {\n  enter when add_to_crt\n  one run per add_to_cart.cart_id\n  if add_to_cart.total over 5만원 { exit }\n}",
        "journey j {\n  enter when add_to_cart where (cart_id is a)\n  if add_to_cart.total over 5만원 { exit }\n}",
        "journey j {\n  enter when signed_up\n  wait up to 1 day {\n    on survey_answerd { choose by survey_answered.reason { 가격, 품질 { exit } } }\n    on timeout { }\n  }\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_line_that_could_not_be_read_is_not_judged() {
    let said = check_all(&[
        "journey j {\n  enter when 생애주기 is 활동\n}",
        "journey j {\n  enter on cron 0 9 * * MON\n}",
        "journey j {\n  enter when signed_up\n  send email coupon with coupon: welcome10\n  wait -3 days\n  wait until Mondy 10:00\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_misnamed_argument_is_not_missing_as_well() {
    let said = check_all(&[
        "journey j {\n  enter when add_to_cart\n  send email coupon with (coupn: welcome10, cart: add_to_cart.cart_id)\n}",
        "journey j {\n  enter when add_to_cart\n  do crm.create_lead with (ownr: \"a\")\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_name_that_is_unknown_twice_in_a_file_is_told_once() {
    let said = check_all(&[
        "segment a { did visit }\nsegment b { never did visit }\njourney j { enter when visit }",
        "lifecycle l {\n  a otherwise\n  b when did signed_up\n  c when did purchase\n}",
        "segment s { vip is true }",
        "segment s { sex is null }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_broken_template_or_setting_blames_nobody_who_uses_it() {
    let send = "journey j {\n  enter when signed_up\n  send email a with (coupon: ten)\n}";
    let coupon = "{{ coupon.title }} {{ coupon.code }}";
    let cases: [(&str, String); 8] = [
        (
            SETTINGS,
            head("needs = { coupon = \"offer\" }\n") + "Hello {name}, {this} is {{ coupon.code }}",
        ),
        (SETTINGS, head("") + coupon),
        (SETTINGS, head("needs = { coupon = \"coupn\" }\n") + coupon),
        (SETTINGS, head("subject: \"x\"\n") + coupon),
        (SETTINGS, String::new()),
        (
            SETTINGS,
            head("needs = { coupon = \"offer\" }\n") + "{{ name | default: 'you' }}",
        ),
        (
            "[links]\nshop = \"shop.example/{}\"\n",
            head("needs = { coupon = \"offer\" }\n") + "{{ coupon.code | shop }}",
        ),
        (
            SETTINGS,
            head("needs = { 쿠폰 = \"offer\" }\n") + "{{ 쿠폰.code }}",
        ),
    ];
    let mut said = String::new();
    for (settings, template) in cases {
        let _ = writeln!(
            said,
            "▶ {settings}{template}\n{}",
            check_files(&[
                ("journey.toml", settings),
                ("schema.journey", SCHEMA),
                ("templates/email/a.md", &template),
                ("snippet.journey", send),
            ])
        );
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_consent_that_is_missing_is_asked_for_once() {
    let template = head("");
    let said = check_files(&[
        ("schema.journey", "contact { name: text, optional }"),
        ("templates/email/a.md", &template),
        ("templates/email/b.md", &template),
    ]);
    insta::assert_snapshot!(said);
    let said = check_files(&[
        ("schema.journey", "consent marketing { for emails }"),
        ("templates/email/a.md", &template),
    ]);
    assert_eq!(said.matches("J0601").count(), 0, "{said}");
}
