//! What is said to somebody who writes what seems natural leads to what works, and not into the next mistake.

use journeyc::{LoadedProject, compile};

const PEOPLE: &str = "contact {
  email: email address, optional
  age:   whole number, optional
}

event signed_up \"회원가입\" {}
event purchase {
  order_id: text, key
  total: money in KRW
}
";

/// All that is said of a journey's lines: code, message and help, in English.
fn said(journey: &str) -> Vec<String> {
    of(&[("people.journey", PEOPLE), ("j.journey", journey)])
}

fn of(files: &[(&str, &str)]) -> Vec<String> {
    let project = LoadedProject::from_texts(files.iter().copied());
    let compilation = compile(&project);
    let problems = compilation.problems.iter();
    problems
        .map(|it| {
            let help = it.help.as_ref().map_or("", |it| it.en.as_str());
            format!("{} {} | {help}", it.code, it.message.en)
        })
        .collect()
}

/// Asserts that one thing is said, and that these words are in it.
fn only(said: &[String], words: &[&str]) {
    let [one] = said else { panic!("{said:#?}") };
    for word in words {
        assert!(one.contains(word), "{word:?} in {one}");
    }
}

#[test]
fn an_entry_that_asks_for_what_its_own_event_rules_out_is_refused() {
    let never = "journey j {\n  enter when purchase and never did purchase\n  add tag \"new\"\n}\n";
    only(&said(never), &["J0202", "did purchase exactly 1 time"]);
    let by_stage = "lifecycle stages {\n  fresh when never did purchase\n  buyer otherwise\n}\njourney j {\n  enter when purchase and stages is fresh\n  add tag \"new\"\n}\n";
    only(&said(by_stage), &["J0202"]);
    for possible in [
        "enter when purchase and did purchase exactly 1 time",
        "enter when purchase where (total over 5만원) and never did purchase where (total under 1만원)",
        "enter when signed_up and never did purchase",
    ] {
        let journey = format!("journey j {{\n  {possible}\n  add tag \"x\"\n}}\n");
        assert_eq!(said(&journey), Vec::<String>::new(), "{possible}");
    }
}

#[test]
fn business_days_need_hours_that_are_ever_open() {
    let journey =
        "journey j {\n  enter when signed_up\n  wait 3 business days\n  add tag \"x\"\n}\n";
    only(
        &said(journey),
        &["[hours.business_hours]", "weekdays = \"09:00-18:00\""],
    );
    let with = |settings: &str| {
        of(&[
            ("people.journey", PEOPLE),
            ("j.journey", journey),
            ("journey.toml", settings),
        ])
    };
    only(
        &with("[hours.business_hours]\n"),
        &["J0123", "weekdays = \"09:00-18:00\""],
    );
    let open = "[hours.business_hours]\nweekdays = \"09:00-18:00\"\n";
    assert_eq!(with(open), Vec::<String>::new());
}

#[test]
fn a_name_is_found_by_its_title_by_its_last_part_and_by_its_event() {
    let entry = |line: &str, steps: &str| {
        said(&format!(
            "journey j {{\n  {line}\n  {steps}\n  add tag \"x\"\n}}\n"
        ))
    };
    only(
        &entry("enter when 회원가입", ""),
        &["did you mean `signed_up`?"],
    );
    only(
        &entry(
            "enter when signed_up\n  exit when unsubscribed",
            "wait 1 day",
        ),
        &["did you mean `email.unsubscribed`?"],
    );
    only(
        &entry("enter when purchase", "if total over 3만원 { exit }"),
        &["did you mean `purchase.total`?"],
    );
    only(
        &entry("enter when signed_up", "wait purchase"),
        &["wait up to 7 days for purchase"],
    );
}

#[test]
fn a_second_contact_is_the_only_mistake_that_is_told() {
    let twice = "contact {\n  member: yes or no, optional\n}\n\njourney j {\n  enter when signed_up and age over 20 and member is yes\n  add tag \"x\"\n}\n";
    only(&said(twice), &["J0101", "first `contact"]);
}

#[test]
fn an_entry_that_cannot_be_read_puts_no_blame_on_the_lines_below() {
    let typo = "journey j {\n  entr when purchase\n\n  if purchase.total over 3만원 { add tag \"x\" }\n}\n";
    only(&said(typo), &["J0001", "enter"]);
}

#[test]
fn a_line_that_is_nearly_right_is_shown_as_it_is_written() {
    let step = |line: &str| {
        said(&format!(
            "journey j {{\n  enter when signed_up\n  {line}\n  add tag \"x\"\n}}\n"
        ))
    };
    only(
        &step("send kakao a, sms b"),
        &["send first available of kakao welcome, sms welcome"],
    );
    only(
        &step("wait for purchase"),
        &["wait up to 7 days for purchase"],
    );
    only(&step("send kakaotalk a"), &["`kakao`"]);
    let header = |line: &str| {
        said(&format!(
            "journey j {{\n  enter when signed_up\n  {line}\n\n  add tag \"x\"\n}}\n"
        ))
    };
    only(&header("goal purchase"), &["goal purchase within 14 days"]);
    only(&header("goal purchase in the last 14 days"), &["`within`"]);
    only(
        &header("starts at 15/11/2027 9am"),
        &["starts at 2026-11-20 09:00"],
    );
    let policy = |line: &str| said(&format!("policy p {{\n  {line}\n}}\n"));
    let cap = "at most 2 advertising messages per 1 week";
    only(&policy("at most 2 messages per 1 week"), &[cap]);
    only(
        &policy("max 2 advertising messages per 1 week"),
        &["`at most`"],
    );
    let offer = |line: &str| said(&format!("offer o {{\n  {line}\n}}\n"));
    only(&offer("10 off"), &["10% off"]);
    only(&offer("valid until 2026-12-31"), &["valid 14 days"]);
}
