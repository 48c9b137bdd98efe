//! Lowering: the program that each scenario becomes, in a form that can be read.

use std::fmt::Write;
use std::path::Path;

use journey_ir::{Journey, Program};
use journeyc::{LoadedProject, compile, load};

fn seeds() -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seeds");
    compile(&load(&path).unwrap()).program.unwrap()
}

fn json(it: &impl serde::Serialize) -> String {
    serde_json::to_string(it).unwrap()
}

/// The header and one line per step.
fn outline(journey: &Journey) -> String {
    let mut said = format!("journey {} {}\n", journey.name, journey.version);
    let _ = writeln!(
        said,
        "enter {} include_current={}",
        json(&journey.entry),
        journey.include_current
    );
    let _ = writeln!(said, "reenter {}", json(&journey.reenter));
    let _ = writeln!(
        said,
        "run key {} restart={}",
        json(&journey.run_key),
        journey.restart
    );
    let _ = writeln!(said, "goal {}", json(&journey.goal));
    for exit in &journey.exits {
        let _ = writeln!(said, "exit {}", json(exit));
    }
    let _ = writeln!(
        said,
        "priority {} registers {}",
        journey.priority,
        json(&journey.registers)
    );
    let _ = writeln!(said, "start {}", json(&journey.start));
    for (at, step) in journey.steps.iter().enumerate() {
        let _ = writeln!(said, "{at} {:?}\n    {}", step.id, json(&step.kind));
    }
    said
}

#[test]
fn the_shared_tables_of_the_seeds() {
    let program = seeds();
    let mut said = String::new();
    for (at, event) in program
        .schema
        .events
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.built_in)
    {
        let fields: Vec<&str> = event.fields.iter().map(|it| it.name.as_str()).collect();
        let _ = writeln!(said, "event {at}: {} ({})", event.name, fields.join(", "));
    }
    for (at, it) in program.aggregates.iter().enumerate() {
        let _ = writeln!(said, "aggregate {at}: {}", json(it));
    }
    for (at, it) in program.atoms.iter().enumerate() {
        let _ = writeln!(said, "atom {at}: {}", json(it));
    }
    for (at, it) in program.conditions.iter().enumerate() {
        let _ = writeln!(said, "condition {at}: {}", json(it));
    }
    for it in &program.segments {
        let _ = writeln!(said, "segment {}", json(it));
    }
    for it in &program.lifecycles {
        let _ = writeln!(said, "lifecycle {}", json(it));
    }
    for it in &program.offers {
        let _ = writeln!(said, "offer {}", json(it));
    }
    for it in &program.policies {
        let _ = writeln!(said, "policy {}", json(it));
    }
    for it in &program.schema.consents {
        let _ = writeln!(said, "consent {}", json(it));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn each_journey_of_the_seeds() {
    for journey in &seeds().journeys {
        let name = format!("seed_{}", journey.name);
        let said = outline(journey);
        insta::assert_snapshot!(name, said);
    }
}

#[test]
fn every_kind_of_step_and_entry() {
    let source = r#"
contact {
  email: email address
  tier: one of 골드, 실버
  trial_ends: moment, optional
}
event visit {
  page: text
  count: whole number, optional
}
event order {
  id: text, key
  arrives within 1 hour
}
segment regulars { did visit at least 3 times }
lifecycle stage {
  active when did visit in the last 30 days
  asleep otherwise
}

journey waits {
  enter when visit where (page starts with "/pricing") and visit.count at least 2
  exit when leaves regulars as left
  exit when order
  priority urgent
  owner "crm"
  wait 2 hours as pause
  wait 3 days, then until 10:00
  wait until Monday, Friday at 09:30
  wait until 2026-11-27
  wait until trial_ends
  wait until 1 day after trial_ends
  wait until inside office
  wait up to 2 days for order
  wait up to 3 days {
    on joins regulars { set tier to 골드 }
    on stage becomes asleep { remove tag "hot" }
    on order where (id is visit.page) { exit }
    on timeout { add tag "cold" }
  }
  choose by tier {
    골드 { exit as gold }
    otherwise { }
  }
}
journey calendar {
  enter every month on the last Friday at 10:00 for people where (in regulars and stage is not asleep)
  split half {
    33.5% a { exit as a }
    66.5% b { }
  }
}
journey crontab { enter on cron "0 9 * * 1-5" for everyone }
journey daily { enter every day at 08:00 for everyone }
journey monthly { enter every month on day 5 at 09:30 for everyone }
journey once { enter on 2026-09-01 at 10:00 for everyone }
journey member { enter when joins regulars, including current members }
"#;
    let settings = "[project]\nname = \"x\"\n[hours.office]\nweekdays = \"09:00-18:00\"\n";
    let project = LoadedProject::from_texts([("a.journey", source), ("journey.toml", settings)]);
    let compilation = compile(&project);
    let program = compilation
        .program
        .unwrap_or_else(|| panic!("{:#?}", compilation.problems));
    let said: Vec<String> = program.journeys.iter().map(outline).collect();
    let said = said.join("\n");
    insta::assert_snapshot!(said);
}

#[test]
fn a_sequence_is_laid_out_with_its_parameters_under_its_label() {
    let source = r#"
contact { email: email address }
event visit { page: text }
offer ten { 10% off }
sequence mails(gap: duration = 3 days, first: template, gift: offer = ten, from: text = "shop") {
  send email first with (gift: gift, from: from)
  wait gap
  run inner
}
sequence inner { add tag "x" }
journey j {
  enter when visit
  run mails(first: a)
  run mails(first: a, gap: 1 week, from: visit.page)
  run mails(first: a) as third
}
"#;
    let template = "+++\npurpose = \"survey\"\nsubject = \"x\"\nneeds = { gift = \"offer\", from = \"text\" }\n+++\nx\n";
    let project =
        LoadedProject::from_texts([("a.journey", source), ("templates/email/a.md", template)]);
    let compilation = compile(&project);
    let program = compilation
        .program
        .unwrap_or_else(|| panic!("{:#?}", compilation.problems));
    let said = outline(&program.journeys[0]);
    insta::assert_snapshot!(said);
}
