//! When and how often a journey does something: what is said, and what is rightly left unsaid.

use std::fmt::Write;

use crate::snippet::check_files;

const SCHEMA: &str = r"
contact {
  email: email address, optional
  phone: phone number, optional
  plan: one of Basic, Premium
}
event signed_up { }
event add_to_cart { cart_id: text }
event survey { score: whole number }
event purchase {
  order_id: text, key
  total: money in KRW
}
consent marketing { for email, sms }
consent night { for sms }
offer ten {
  10% off
  valid 14 days
}
offer once_ten {
  10% off
  valid 14 days
  once per contact
}
lifecycle stage {
  fresh when never did purchase
  active when did purchase in the last 90 days
  lapsed otherwise
}
segment buyers { did purchase in the last 90 days }
segment keen { did purchase at least 2 times in the last 30 days }
segment fans { did purchase at least 3 times in the last 180 days }
";

const KOREA: &str =
    "[project]\nname = \"한상\"\ntimezone = \"Asia/Seoul\"\n[compliance]\npacks = [\"kr\"]\n";

fn template(purpose: &str, needs: &str) -> String {
    format!(
        "+++\npurpose = \"{purpose}\"\nsubject = \"(광고) x\"\n{needs}+++\n한상 02-000-0000 {{{{ unsubscribe_link }}}}\n"
    )
}

fn said_in(settings: &str, source: &str) -> String {
    let needs = "needs = { coupon = \"offer\" }\n";
    let text = "+++\npurpose = \"advertising\"\n+++\n(광고) 한상 {{ unsubscribe_link }}\n";
    let (ad, notice) = (template("advertising", ""), template("transactional", ""));
    let gift = template("advertising", needs);
    check_files(&[
        ("schema.journey", SCHEMA),
        ("journey.toml", settings),
        ("templates/email/ad.md", &ad),
        ("templates/email/ad2.md", &ad),
        ("templates/email/notice.md", &notice),
        ("templates/email/gift.md", &gift),
        ("templates/email/gift2.md", &gift),
        ("templates/sms/ad.md", text),
        ("snippet.journey", source),
    ])
}

fn said(source: &str) -> String {
    said_in("[project]\ntimezone = \"Asia/Seoul\"\n", source)
}

/// What is said about each of these, one after the other.
fn all(sources: &[&str]) -> String {
    let mut all = String::new();
    for source in sources {
        let _ = writeln!(all, "▶ {}\n{}", source.replace('\n', "\n  "), said(source));
    }
    all
}

/// Journeys with these headers and steps.
fn journey(header: &str, steps: &str) -> String {
    format!("journey j {{\n  {header}\n\n  {steps}\n}}")
}

/// Asserts that nothing of a code is said about any of these journeys.
fn silent(code: &str, journeys: &[(&str, &str)]) {
    for (header, steps) in journeys {
        let source = journey(header, steps);
        let said = said(&source);
        assert!(!said.contains(code), "{source}\n{said}");
    }
}

const CART: &str = "enter when add_to_cart";
const SIGNED: &str = "enter when signed_up\n  goal purchase within 60 days";

#[test]
fn a_wait_too_short_for_what_may_arrive_late_is_reported() {
    let said = |steps: &str| {
        let source = format!(
            "event visit {{ }}\nevent order {{\n  id: text, key\n  arrives within 10 minutes\n}}\nsegment buyers {{ did order }}\njourney j {{\n  enter when visit\n\n  {steps}\n}}\n"
        );
        check_files(&[("snippet.journey", &source)])
    };
    let mut all = String::new();
    for steps in [
        "wait 5 minutes\n  if never did order { add tag \"none\" }",
        "wait 5 minutes\n  add tag \"asked\"\n  if did order in the last 1 day { add tag \"one\" } otherwise { add tag \"none\" }",
        "wait up to 5 minutes for order\n  add tag \"x\"",
    ] {
        let _ = writeln!(all, "▶ {steps}\n{}", said(steps));
    }
    insta::assert_snapshot!(all);
    for fine in [
        "wait 10 minutes\n  if never did order { add tag \"none\" }",
        "wait 5 minutes\n  if in buyers { add tag \"one\" }",
        "wait 5 minutes\n  wait 1 hour\n  if never did order { add tag \"none\" }",
        "wait 5 minutes\n  if did visit at least 2 times { add tag \"twice\" }",
        "wait up to 10 minutes for order\n  add tag \"x\"",
    ] {
        assert!(!said(fine).contains("J0504"), "{fine}\n{}", said(fine));
    }
}

#[test]
fn every_message_of_every_journey_counts_for_a_cap() {
    let cap = |n: u32, per: &str| {
        format!("policy fatigue {{ at most {n} advertising messages per {per}, then skip }}\n")
    };
    let one = |name: &str, enter: &str, steps: &str| {
        format!(
            "journey {name} {{\n  enter {enter}\n  goal purchase within 60 days\n\n  {steps}\n}}\n"
        )
    };
    let two_ads = "send email ad\n  wait 2 hours\n  send email ad2";
    let daily = "every day at 10:00 for everyone";
    let mut all = String::new();
    for source in [
        cap(2, "1 day")
            + &one("a", "when signed_up", two_ads)
            + &one("b", "when add_to_cart", "send sms ad"),
        cap(3, "1 week") + &one("news", daily, "send email ad"),
    ] {
        let _ = writeln!(all, "▶ {source}\n{}", said(&source));
    }
    insta::assert_snapshot!(all);
    let either = "if plan is Basic { send email ad } otherwise { send email ad2 }";
    for source in [
        // Nobody goes both ways, and the second comes a day later.
        cap(2, "1 day")
            + &one("a", "when signed_up", either)
            + &one("b", "when add_to_cart", "send sms ad"),
        cap(2, "1 day")
            + &one(
                "a",
                "when signed_up",
                "send email ad\n  wait 1 day\n  send email ad2",
            )
            + &one("b", "when add_to_cart", "send sms ad"),
        cap(7, "1 week") + &one("news", daily, "send email ad"),
        cap(3, "1 week")
            + &one(
                "news",
                "every day at 10:00 for everyone\n  reenter after 7 days",
                "send email ad",
            ),
        cap(3, "1 week").replace("skip", "wait") + &one("news", daily, "send email ad"),
        // Each has two in two days, but not in the same two.
        cap(3, "2 days")
            + &one(
                "begin",
                "every week on Monday, Tuesday at 10:00 for everyone",
                "send email ad",
            )
            + &one(
                "end",
                "every week on Thursday, Friday at 10:00 for everyone",
                "send sms ad",
            ),
    ] {
        let said = said(&source);
        assert!(!said.contains("J0401"), "{source}\n{said}");
    }
}

#[test]
fn a_test_that_expects_what_a_policy_forbids_is_reported() {
    let said = |policy: &str, given: &str, lines: &str| {
        let source = format!(
            "policy calm {{ {policy} }}\njourney j {{\n  {SIGNED}\n\n  send sms ad\n}}\ntest \"x\" for j {{\n  given kim {{ phone: \"010-1234-5678\", {given} }}\n  at 2026-03-02 09:00 kim does signed_up\n{lines}\n}}\n"
        );
        said_in("[project]\ntimezone = \"Asia/Seoul\"\n", &source)
    };
    let quiet = "no advertising messages from 21:00 to 08:00 except night, then wait";
    let cap = "at most 1 advertising message per 1 day, then skip";
    let agreed = "agreed to marketing by sms";
    let late = "  expect sms ad to kim at 2026-03-02 22:00";
    let two =
        "  expect sms ad to kim at 2026-03-02 09:00\n  expect email ad to kim at 2026-03-02 19:00";
    let mut all = String::new();
    for (policy, given, lines) in [(quiet, agreed, late), (cap, agreed, two)] {
        let _ = writeln!(all, "▶ {policy}\n{lines}\n{}", said(policy, given, lines));
    }
    insta::assert_snapshot!(all);
    let apart =
        "  expect sms ad to kim at 2026-03-02 09:00\n  expect email ad to kim at 2026-03-03 09:00";
    let notice = "  expect sms ad to kim at 2026-03-02 09:00\n  expect email notice to kim at 2026-03-02 09:00";
    let twice =
        "  expect sms ad to kim at 2026-03-02 09:00\n  expect sms ad to kim at 2026-03-02 09:00";
    let both = "agreed to marketing by sms, agreed to night by sms";
    for (policy, given, lines) in [
        (quiet, both, late),
        (cap, agreed, apart),
        (cap, agreed, notice),
        (cap, agreed, twice),
        (
            "at most 2 advertising messages per 1 day, then skip",
            agreed,
            two,
        ),
    ] {
        let said = said(policy, given, lines);
        assert!(!said.contains("J0902"), "{policy} {given} {lines}\n{said}");
    }
}

#[test]
fn the_same_message_twice_within_a_week_is_reported() {
    insta::assert_snapshot!(all(&[
        &journey(
            SIGNED,
            "send email notice\n  wait 2 days\n  send email notice"
        ),
        &journey(SIGNED, "send email notice\n  send email notice"),
        &journey(
            SIGNED,
            "send email notice\n  wait up to 3 days {\n    on survey { }\n    on timeout { send email notice }\n  }"
        ),
    ]));
    silent(
        "J0501",
        &[
            (
                SIGNED,
                "send email notice\n  wait 8 days\n  send email notice",
            ),
            (
                SIGNED,
                "if plan is Basic { send email notice }\n  wait 1 day\n  if plan is Premium { send email notice }",
            ),
            (
                SIGNED,
                "if plan is Basic { send email notice } otherwise { send email notice }",
            ),
            (
                SIGNED,
                "send email notice\n  set plan to Premium\n  if plan is Premium { send email notice }",
            ),
        ],
    );
}

#[test]
fn advertising_after_a_wait_that_no_sale_stops_is_reported() {
    insta::assert_snapshot!(all(&[
        &journey(CART, "wait 1 day\n  send email ad"),
        &journey(
            CART,
            "wait up to 1 day {\n    on survey { }\n    on timeout { send email ad }\n  }"
        ),
    ]));
    silent(
        "J0502",
        &[
            (
                "enter when add_to_cart\n  goal purchase within 7 days",
                "wait 1 day\n  send email ad",
            ),
            (
                "enter when add_to_cart\n  exit when purchase",
                "wait 1 day\n  send email ad",
            ),
            (
                "enter when add_to_cart\n  exit when stage becomes active",
                "wait 1 day\n  send email ad",
            ),
            (
                CART,
                "wait up to 1 day {\n    on purchase { }\n    on timeout { send email ad }\n  }",
            ),
            (
                CART,
                "wait 1 day\n  if in buyers { } otherwise { send email ad }",
            ),
            (CART, "wait 1 day\n  send email notice"),
            (CART, "send email ad"),
            ("enter when purchase", "wait 1 day\n  send email ad"),
            (
                "enter every month on day 5 at 10:00 for everyone",
                "wait 1 day\n  send email ad",
            ),
        ],
    );
}

#[test]
fn a_message_that_the_goal_cannot_count_is_reported() {
    let goal = "enter when signed_up\n  goal purchase within 7 days";
    insta::assert_snapshot!(all(&[
        &journey(goal, "wait 12 days\n  send email notice"),
        &journey(
            "enter when signed_up\n  goal purchase within 1 month",
            "wait 32 days\n  send email notice"
        ),
    ]));
    silent(
        "J0503",
        &[
            (goal, "wait 6 days\n  send email notice"),
            (
                goal,
                "wait up to 12 days {\n    on survey { send email notice }\n    on timeout { }\n  }",
            ),
            (
                "enter when signed_up\n  goal purchase within 1 month",
                "wait 30 days\n  send email notice",
            ),
        ],
    );
}

#[test]
fn an_offer_that_is_over_or_not_issued_is_reported() {
    insta::assert_snapshot!(all(&[
        &journey(
            SIGNED,
            "send email gift with (coupon: ten)\n  wait 3 days, then until 10:00\n  wait 12 days\n  send email gift2 with (coupon: ten)"
        ),
        &journey(
            SIGNED,
            "send email gift with (coupon: once_ten)\n  wait 2 weeks\n  send email gift2 with (coupon: once_ten)"
        ),
        &journey(
            SIGNED,
            "wait until 2 days before ten.expires\n  send email gift with (coupon: ten)"
        ),
    ]));
    silent(
        "J0505",
        &[
            (
                SIGNED,
                "send email gift with (coupon: ten)\n  wait 13 days\n  send email gift2 with (coupon: ten)",
            ),
            (
                SIGNED,
                "send email gift with (coupon: ten)\n  wait until 2 days before ten.expires\n  send email gift2 with (coupon: ten)",
            ),
            (SIGNED, "wait 20 days\n  send email gift with (coupon: ten)"),
            (
                SIGNED,
                "if plan is Basic { send email gift with (coupon: ten) }\n  wait 20 days\n  send email gift2 with (coupon: ten)",
            ),
        ],
    );
}

#[test]
fn a_decision_by_an_opened_mail_is_reported() {
    insta::assert_snapshot!(all(&[
        &journey(
            SIGNED,
            "wait up to 1 day {\n    on email.opened { }\n    on timeout { }\n  }"
        ),
        "segment readers { did email.opened in the last 30 days }",
    ]));
}

#[test]
fn exits_and_goals_that_the_entry_leaves_no_room_for_are_reported() {
    insta::assert_snapshot!(all(&[
        &journey(
            "enter when add_to_cart\n  reenter any time\n  exit when add_to_cart",
            "wait 1 day"
        ),
        &journey(
            "enter when joins buyers\n  exit when joins buyers",
            "wait 1 day"
        ),
        &journey(
            "enter when joins keen\n  exit when joins buyers",
            "wait 1 day"
        ),
        &journey(
            "enter when stage becomes lapsed\n  exit when stage becomes lapsed",
            "wait 1 day"
        ),
        &journey(
            "enter when purchase\n  goal purchase where (order_id is purchase.order_id) within 7 days",
            "wait 1 day"
        ),
    ]));
    for code in ["J0404", "J0509"] {
        silent(
            code,
            &[
                (
                    "enter when add_to_cart\n  exit when add_to_cart",
                    "wait 1 day",
                ),
                (
                    "enter when purchase\n  goal purchase within 30 days",
                    "wait 1 day",
                ),
                (
                    "enter when joins buyers\n  exit when leaves buyers",
                    "wait 1 day",
                ),
                (
                    "enter when joins buyers\n  exit when joins fans",
                    "wait 1 day",
                ),
                (
                    "enter when stage becomes active\n  exit when stage becomes lapsed",
                    "wait 1 day",
                ),
            ],
        );
    }
}

#[test]
fn a_message_that_no_hour_is_left_for_is_reported() {
    let night = "policy p { no advertising messages from 21:00 to 08:00, then wait }\n";
    let skip = "policy p { no advertising messages from 21:00 to 08:00, then skip }\n";
    insta::assert_snapshot!(all(&[
        &format!(
            "{night}{}",
            journey(SIGNED, "send email ad between 22:00 and 23:00")
        ),
        &format!(
            "{skip}{}",
            journey(SIGNED, "wait until 22:00\n  send email ad")
        ),
        &format!(
            "{skip}{}",
            journey("enter every day at 22:00 for everyone", "send email ad")
        ),
    ]));
    for fine in [
        format!(
            "{night}{}",
            journey(SIGNED, "send email ad between 20:00 and 23:00")
        ),
        format!(
            "{night}{}",
            journey(SIGNED, "send email notice between 22:00 and 23:00")
        ),
        format!(
            "{night}{}",
            journey(SIGNED, "wait until 22:00\n  send email ad")
        ),
        format!(
            "{skip}{}",
            journey(SIGNED, "wait until 22:00\n  wait 11 hours\n  send email ad")
        ),
    ] {
        let said = said(&fine);
        assert!(!said.contains("J0510"), "{fine}\n{said}");
    }
}

#[test]
fn a_message_that_a_cap_always_holds_back_is_reported() {
    let cap = "policy p { at most 1 advertising message per 1 day, then skip }\n";
    insta::assert_snapshot!(all(&[
        &format!(
            "{cap}{}",
            journey(SIGNED, "send email ad\n  wait 3 hours\n  send email ad2")
        ),
        &format!(
            "{cap}{}",
            journey(SIGNED, "send email ad\n  send email ad2")
        ),
    ]));
    for fine in [
        journey(SIGNED, "send email ad\n  wait 1 day\n  send email ad2"),
        journey(
            SIGNED,
            "send email ad\n  wait up to 2 days {\n    on survey { }\n    on timeout { }\n  }\n  send email ad2",
        ),
        journey(SIGNED, "send sms ad\n  wait 3 hours\n  send email ad2"),
        journey(
            SIGNED,
            "send email notice\n  wait 3 hours\n  send email ad2",
        ),
        journey(
            SIGNED,
            "if plan is Basic { send email ad }\n  wait 3 hours\n  send email ad2",
        ),
    ] {
        let fine = format!("{cap}{fine}");
        let said = said(&fine);
        assert!(!said.contains("J0406"), "{fine}\n{said}");
    }
}

#[test]
fn advertising_at_night_is_reported_under_korean_law() {
    let send = journey(SIGNED, "send sms ad");
    insta::assert_snapshot!(said_in(KOREA, &send));
    let policy = |except: &str| {
        format!(
            "policy p {{ no advertising messages from 21:00 to 08:00 except {except}, then wait }}\n{send}"
        )
    };
    for (source, reported) in [
        (policy("email"), false),
        (policy("email, night"), false),
        // The consent to advertising is not one of its own.
        (policy("email, marketing"), true),
        (policy("sms"), true),
        (
            "policy p { no advertising messages from 22:00 to 08:00, then wait }\n".to_owned()
                + &send,
            true,
        ),
        (
            journey(SIGNED, "send sms ad between 08:00 and 21:00"),
            false,
        ),
        (journey(SIGNED, "send email ad"), false),
    ] {
        let said = said_in(KOREA, &source);
        assert_eq!(said.contains("J0603"), reported, "{source}\n{said}");
    }
    assert!(!said(&send).contains("J0603"));
}

const CAP: &str = "policy p { at most 1 advertising message per 1 day, then skip }\n";

fn two(one: &str, other: &str) -> String {
    format!(
        "{CAP}journey one {{\n  {one}\n  send email ad\n}}\njourney two {{\n  {other}\n  send email ad2\n}}\n"
    )
}

#[test]
fn journeys_that_meet_under_a_cap_are_reported_with_a_person_who_is_in_both() {
    insta::assert_snapshot!(all(&[
        &two(
            "enter when stage becomes lapsed",
            "enter every month on the first Tuesday at 10:00 for people where (in fans)"
        ),
        &two("enter when signed_up", "enter when add_to_cart"),
    ]));
    for apart in [
        two(
            "enter when stage becomes lapsed",
            "enter when stage becomes active",
        ),
        two(
            "enter when stage becomes lapsed",
            "enter every day at 10:00 for people where (in buyers)",
        ),
        two(
            "enter every week on Tuesday at 10:00 for everyone",
            "enter every week on Thursday at 11:00 for everyone",
        ),
        two(
            "enter on 2026-07-01 at 10:00 for everyone",
            "enter on 2026-09-01 at 10:00 for everyone",
        ),
        two(
            "enter every day at 10:00 for people where (plan is Basic)",
            "enter every day at 10:00 for people where (plan is Premium)",
        ),
        two(
            "enter when signed_up",
            "enter when add_to_cart\n  priority high",
        ),
        two("enter when signed_up", "enter when add_to_cart").replace("then skip", "then wait"),
    ] {
        let said = said(&apart);
        assert!(!said.contains("J0401"), "{apart}\n{said}");
    }
}

#[test]
fn the_time_of_the_checks_grows_with_the_number_of_journeys() {
    // Two hundred journeys, each with 64 ways, that all meet under a cap: pairs would be twenty thousand.
    let mut source = CAP.to_owned();
    for n in 0..200 {
        let _ = writeln!(
            source,
            "journey j{n} {{\n  enter when add_to_cart\n  goal purchase within 30 days"
        );
        for _ in 0..6 {
            source.push_str("  if plan is Basic { add tag \"a\" } otherwise { add tag \"b\" }\n");
        }
        source.push_str("  send email ad\n}\n");
    }
    let said = said(&source);
    assert_eq!(said.matches("J0401").count(), 1, "{said}");
}

#[test]
fn a_message_that_goes_out_whether_or_not_the_event_came_is_reported() {
    let with = |steps: &str, header: &str| {
        format!("journey j {{\n  enter when signed_up\n  {header}\n  {steps}\n}}\n")
    };
    let waits = "wait up to 7 days for survey";
    insta::assert_snapshot!(all(&[
        &with(&format!("{waits}\n  send email notice"), ""),
        &with(
            &format!(
                "{waits} where (score over 3)\n  wait 1 day\n  add tag \"a\"\n  send email notice"
            ),
            ""
        ),
        &with(
            &format!("{waits}\n  send email notice"),
            "goal survey within 30 days and continue"
        ),
    ]));
    for (steps, header) in [
        (format!("{waits}\n  send email notice"), "goal survey within 30 days"),
        (format!("{waits}\n  send email notice"), "exit when survey"),
        (format!("{waits}\n  if did survey in the last 7 days {{ exit }}\n  send email notice"), ""),
        (format!("{waits}\n  if plan is Basic {{ send email notice }}"), ""),
        (waits.to_owned(), ""),
        ("wait up to 7 days {\n    on survey { }\n    on timeout { }\n  }\n  send email notice".to_owned(), ""),
        ("wait up to 7 days {\n    on survey { exit }\n    on timeout { send email notice }\n  }".to_owned(), ""),
    ] {
        let said = said(&with(&steps, header));
        assert!(!said.contains("J0511"), "{said}");
    }
}

#[test]
fn hours_without_an_open_day_are_reported_where_something_waits_for_one() {
    let closed = "[project]\ntimezone = \"Asia/Seoul\"\n[hours.business_hours]\n";
    let waits = |steps: &str| journey("enter when signed_up", steps);
    let mut all = said_in(closed, &waits("wait 3 business days\n  send email notice"));
    all += &said_in(
        closed,
        &waits("wait until inside business_hours\n  send email notice"),
    );
    all += &said_in(
        "[project]\ntimezone = \"Asia/Seoul\"\n",
        &waits("wait 3 business days\n  send email notice"),
    );
    insta::assert_snapshot!(all);
    let open = format!("{closed}weekdays = \"09:00-18:00\"\n");
    for settings in [closed, &open] {
        assert!(!said_in(settings, &waits("send email notice")).contains("hours"));
    }
    assert!(!said_in(&open, &waits("wait 3 business days")).contains("hours"));
}
