//! Repeats, remembered values, questions, draws, times and moves: what is refused is said, and what is written runs.

use std::num::NonZeroUsize;

use journeyc::{LoadedProject, TestReport, compile, run_tests};

use crate::snippet::check_all;

fn steps(steps: &str) -> String {
    format!("journey j {{\n  enter when add_to_cart\n  {steps}\n}}")
}

fn check_steps(all: &[&str]) -> String {
    let all: Vec<String> = all.iter().map(|it| steps(it)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check_all(&all)
}

#[test]
fn a_repeat_has_a_number_a_time_and_an_end() {
    insta::assert_snapshot!(check_steps(&[
        "repeat up to 0 times every 2 days { send email hello }",
        "repeat up to 5000 times every 2 days { send email hello }",
        "repeat up to 3 times { send email hello }",
        "repeat up to 3 times every 5 minutes until purchase { send email hello }",
        "repeat up to 3 times every 2 days until purchse { send email hello }",
        "repeat up to 3 times every 3 business days until purchase { send email hello }",
    ]));
}

#[test]
fn a_remembered_name_is_known_after_it_in_its_block_only() {
    insta::assert_snapshot!(check_steps(&[
        "remember size = add_to_cart.total\n  if size at least 3만원 { send email hello }",
        "remember size = add_to_cart.totl\n  if size at least 3만원 { send email hello }",
        "if sise at least 3만원 { send email hello }",
        "remember size = add_to_cart.total\n  if sise at least 3만원 { send email hello }",
        "if vip is yes { remember size = add_to_cart.total }\n  if size at least 3만원 { send email hello }",
        "remember email = add_to_cart.cart_id",
        "remember x = add_to_cart.cart_id\n  remember x = add_to_cart.total",
        "remember x = add_to_cart.cart_id\n  if did purchase where (cart_id is x) { send email hello }",
        "remember x = add_to_cart.cart_id\n  wait up to 1 day for purchase where (cart_id is x)",
    ]));
}

#[test]
fn a_draw_adds_up_and_something_is_left_for_the_others() {
    insta::assert_snapshot!(check_steps(&[
        "draw box {\n    60% a { }\n    60% b { }\n  }",
        "draw box {\n    10% a { }\n  }",
        "draw box {\n    100% a up to 10 in total { }\n  }",
        "draw box {\n    10% a up to 0 in total { }\n    otherwise { }\n  }",
        "draw box {\n    10% a { }\n    20% a { }\n    otherwise { }\n  }",
        "every 1st time { send email hello }",
        "every 100th time { send email hello }",
    ]));
}

#[test]
fn a_question_needs_an_end_a_channel_and_an_attribute() {
    insta::assert_snapshot!(check_steps(&[
        "ask email hello for sex up to 1 day {\n    on answer { send email hello }\n  }",
        "ask email hello for age up to 1 day {\n    on timeout { }\n  }",
        "ask email hello for sx up to 1 day {\n    on timeout { }\n  }",
        "ask push hello for sex up to 1 day {\n    on timeout { }\n  }",
        "ask email hello for sex up to 1 day {\n    on timeout { }\n    on timeout { }\n  }",
    ]));
}

#[test]
fn a_time_box_and_a_move_lead_somewhere() {
    insta::assert_snapshot!(check_all(&[
        "journey j {\n  enter when signed_up\n  starts at 2026-12-01\n  ends at 2026-11-01 09:00\n}",
        "journey j {\n  enter when signed_up\n  ends at \"soon\"\n}",
        "journey j {\n  enter when signed_up\n  send email hello as now_called\n}\nmoved j.before to j.now_caled",
        "journey j {\n  enter when signed_up\n  send email hello as here\n}\nmoved j.here to exit",
        "journey j {\n  enter when signed_up\n}\nmoved j.a to next\nmoved j.a to exit",
        "journey j {\n  enter when signed_up\n}\njourney k {\n  enter when signed_up\n  send email hello as b\n}\nmoved j.a to k.b",
        "journey j {\n  enter when signed_up\n}\njourney k {\n  enter when signed_up\n}\nmoved j to k",
        "journey j {\n  enter when signed_up\n}\nmoved h to j\nmoved i to j",
        "journey j {\n  enter when signed_up\n}\nmoved h to exit",
        "journey j {\n  enter when signed_up\n}\nmoved h to jj",
        "policy p { hold out 5% of people from advertising messages }",
        "policy p { hold out 500% of people from advertising messages }",
    ]));
}

const SHOP: &str = r#"
contact {
  email: email address, optional
  budget: money in KRW, optional
}
event lead { size: money in KRW }
event called {}
journey calls {
  enter when lead
  reenter any time
  remember size = lead.size
  repeat up to 3 times every 2 days until called {
    send email hello
  }
  if size at least 3만원 { exit as big }
  exit as small
}
event hello {}
journey budget {
  enter when hello
  ask email hello for budget up to 1 day {
    on answer {
      if budget at least 5만원 { exit as rich }
      exit as poor
    }
    on unclear { exit as unclear }
    on timeout { exit as silent }
  }
}
event spin {}
journey boxes {
  enter when spin
  reenter any time
  draw box {
    100% 한우 up to 1 in total { exit as won }
    otherwise { exit as lost }
  }
}
event visit {}
journey stamps {
  enter when visit
  reenter any time
  every 2nd time { exit as second } otherwise { exit as first }
}
event join {}
journey experiment {
  enter when join
  on update move to new version
  split colours measured by called within 3 days {
    100% red { exit as red }
  }
}
test "a lead is mailed until somebody has called" for calls {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does lead { size: 5만원 }
  after 2 days
  expect at most 1 messages per 1 day to kim
  after 1 hour kim does called
  expect kim exited as big
}
test "a reply in won is understood" for budget {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does hello
  after 1 hour kim does email.replied { text: "5만원이요" }
  expect kim exited as unclear
}
test "a reply sets the budget" for budget {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does hello
  after 1 hour kim does email.replied { text: "6만원" }
  expect kim exited as rich
}
test "there is one box" for boxes {
  given kim
  given lee
  at 2026-03-02 09:00 kim does spin
  at 2026-03-02 09:01 lee does spin
  expect kim exited as won
  expect lee exited as lost
}
test "the second visit is the second" for stamps {
  given kim
  at 2026-03-02 09:00 kim does visit
  expect kim exited as first
  after 1 day kim does visit
  expect kim exited as second
}
test "everyone is red" for experiment {
  given kim
  at 2026-03-02 09:00 kim does join
  expect kim exited as red
}
"#;

#[test]
fn tests_run_what_is_repeated_remembered_asked_drawn_and_counted() {
    let hello = "+++\npurpose = \"transactional\"\nsubject = \"Hello\"\n+++\nHello.\n".to_owned();
    let settings = "[project]\nname = \"shop\"\ntimezone = \"Asia/Seoul\"\ncurrency = \"KRW\"\n";
    let project = LoadedProject::from_texts([
        ("journey.toml", settings),
        ("templates/email/hello.md", hello.as_str()),
        ("shop.journey", SHOP),
    ]);
    let compilation = compile(&project);
    let problems: Vec<String> = compilation
        .problems
        .iter()
        .map(|it| format!("{it:?}"))
        .collect();
    assert!(compilation.program.is_some(), "{problems:#?}");
    let run = run_tests(&compilation, "", NonZeroUsize::MIN).unwrap();
    let mut report = TestReport::default();
    let settings = &compilation.program.as_ref().unwrap().project;
    report.add(&project, settings, run);
    let said = report.human(journeyc::Look::default(), false);
    assert_eq!((report.count(), report.failed()), (6, 0), "{said}");
}
