//! Journeys: what is refused in a header or a step.

use std::fmt::Write;

use crate::snippet::{check, check_all, check_files};

fn steps(steps: &str) -> String {
    format!("journey j {{\n  enter when add_to_cart\n  {steps}\n}}")
}

fn check_steps(all: &[&str]) -> String {
    let all: Vec<String> = all.iter().map(|it| steps(it)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check_all(&all)
}

#[test]
fn a_header_says_who_enters_once_and_with_a_key_of_its_own() {
    let said = check_all(&[
        "journey j { send email hello }",
        "journey j {\n  enter when signed_up\n  enter when purchase\n  goal purchase within 1 day\n  goal purchase within 2 days\n}",
        "journey j {\n  enter when joins buyers\n  one run per purchase.cart_id\n}",
        "journey j {\n  enter when add_to_cart\n  one run per purchase.cart_id\n}",
        "journey j {\n  enter when signed_up, including current members\n}",
        "journey j {\n  enter when signed_up\n  on update move to new version\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_schedule_that_cannot_be_is_explained() {
    let said = check_all(&[
        "journey j { enter every month on day 31 at 09:00 for everyone }",
        "journey j { enter every month on day 32 at 09:00 for everyone }",
        "journey j { enter on cron \"0 9 * *\" for everyone }",
        "journey j { enter on cron \"0 9 * * 8\" for everyone }",
        "journey j { enter on cron \"61 9 * * *\" for everyone }",
        "journey j { enter on cron \"0 9 1 * MON\" for everyone }",
        "journey j { enter on cron \"0 9 31 2 *\" for everyone }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn every_person_has_a_way_on() {
    let said = check_steps(&[
        "choose by sex { 여성 { } }",
        "choose by sex {\n    여성, 남성 { }\n    기타, missing, 여성 { }\n  }",
        "choose by name { \"a\" { } }",
        "choose by vip { yes { } }",
        "choose by 생애주기 { 신규, 활동 { } }",
        "choose by 생애주기 {\n    신규, 활동, 이탈위험 { }\n    missing { }\n  }",
        "split t {\n    45% a { }\n    45% b { }\n  }",
        "split t {\n    0% a { }\n    100% a { }\n  }",
        "wait up to 3 days { on purchase { } }",
        "wait up to 3 days",
        "wait up to 5 minutes {\n    on purchase { }\n    on timeout { }\n  }",
        "exit\n  send email hello",
        "if vip is yes { exit } otherwise { exit as b }\n  send email hello\n  wait 1 day",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn messages_and_calls_get_what_they_need() {
    let said = check_steps(&[
        "send email coupon",
        "send email coupon with (coupon: welcome10, cart: add_to_cart.cart_id, extra: 5)",
        "send email coupon with (coupon: buyers, cart: add_to_cart.total)",
        "send email coupon with (coupon: welcome10, cart: c1)",
        "send email hello between 09:00 and 09:00",
        "do crm.create_lead",
        "do crm.create_lead with (owner: \"a\", budget: 5만원)",
        "do crm.create_lead with (owner: phone)",
        "do crm.create_lead with (owner: email)",
        "assign to sales \"x\" with (who: phone)",
        "set age to 5",
        "set sex to \"여성\"",
        "wait until forever.expires",
        "wait until name",
        "wait gap",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn sequences_end_and_get_what_they_need() {
    let said = check_all(&[
        "sequence s(gap: duration) { wait gap }\njourney j {\n  enter when signed_up\n  run s\n  run s(gap: 1 day, gpa: 2 days)\n  run s(gap: \"x\")\n}",
        "sequence a { run b }\nsequence b { run a }\njourney j {\n  enter when signed_up\n  run a\n}",
        "sequence a { run a }",
        "sequence unused(t: template) {\n  send email t\n  send email helo\n}",
        "sequence s(c: offer) { wait c }\njourney j {\n  enter when signed_up\n  run s(c: welcome10)\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_cannot_be_run_yet_is_said_at_its_place() {
    let said = check_all(&[]);
    insta::assert_snapshot!(said);
}

#[test]
fn sequences_that_run_each_other_many_times_end_with_a_message() {
    let mut runs = String::new();
    for at in 0..40 {
        let next = at + 1;
        let _ = writeln!(runs, "sequence s{at} {{\n  run s{next}\n  run s{next}\n}}");
    }
    let mut source = format!("journey j {{\n  enter when signed_up\n  run s0\n}}\n{runs}");
    source += "sequence s41 { send email hello }\nsequence s40 { run s41 }\n";
    let said = check(&source);
    assert!(said.starts_with("J0116 error"), "{said}");
}

#[test]
fn a_message_that_tells_the_end_of_an_offer_needs_one_that_ends() {
    let template = |body: &str| {
        format!(
            "+++\npurpose = \"survey\"\nneeds = {{ coupon = \"offer\" }}\nsubject = \"Hello\"\n+++\n{body}\n"
        )
    };
    let journey = |offer: &str| {
        format!(
            "contact {{ email: email address }}\nevent visit {{ page: text }}\noffer forever {{ 5% off }}\n\
             offer fortnight {{\n  10% off\n  valid 14 days\n}}\n\
             journey j {{\n  enter when visit\n  send email gift with (coupon: {offer})\n}}\n"
        )
    };
    let check = |body: &str, offer: &str| {
        check_files(&[
            ("templates/email/gift.md", &template(body)),
            ("j.journey", &journey(offer)),
        ])
    };
    insta::assert_snapshot!(check("until {{ coupon.expires | date }}", "forever"));
    for (body, offer) in [
        ("until {{ coupon.expires | date }}", "fortnight"),
        ("until {{ coupon.expires | or: 'you like' }}", "forever"),
        ("code {{ coupon.code }}", "forever"),
    ] {
        assert_eq!(check(body, offer), "nothing to say\n", "{body} {offer}");
    }
}
