//! One question for all rejected snippets: what is said about them, in both languages, about which words.

use std::fmt::Write;

use journeyc::{LoadedProject, Problem, Sources, compile};

/// What every snippet may use.
const SCHEMA: &str = r"
contact {
  email: email address, optional, private
  phone: phone number, optional, private
  name: text, optional
  sex: one of 여성, 남성, 기타, optional
  birthday: date, optional
  age: years since birthday
  interests: list of one of 비염, 소화, 통증
  vip: yes or no
  trial_ends: moment, optional
}
event signed_up { channel: one of 웹, 앱 }
event add_to_cart {
  cart_id: text
  total: money in KRW
}
event purchase {
  order_id: text, key
  cart_id: text, optional
  total: money in KRW
  dollars: money in USD, optional
  any: money, optional
  quantity: whole number, optional
  category: one of 홍삼, 비타민
  arrives within 10 minutes
}
event survey_answered { reason: one of 가격, 품질 }
consent marketing { for email, sms }
offer welcome10 {
  10% off
  valid 14 days
}
offer forever { 5% off }
lifecycle 생애주기 {
  신규 when never did purchase
  활동 when did purchase in the last 90 days
  이탈위험 otherwise
}
segment buyers { did purchase }
";

const SETTINGS: &str = r#"
[project]
name = "shop"
timezone = "Asia/Seoul"
symbols = { "$" = "USD" }

[hours.office]
weekdays = "09:00-18:00"

[connectors.crm.actions.create_lead]
inputs = { owner = "text", budget = "money in USD, optional" }
private_data = ["email"]

[teams.sales]
action = "crm.create_lead"
"#;

const HELLO: &str = "+++\npurpose = \"transactional\"\nsubject = \"Hello\"\n+++\nHello.\n";
const COUPON: &str = "+++\npurpose = \"survey\"\nneeds = { coupon = \"offer\", cart = \"text\" }\nsubject = \"Hello\"\n+++\n{{ coupon.title }} {{ cart }}\n";

/// What is said about a snippet in a project that has the usual things.
pub(crate) fn check(source: &str) -> String {
    check_files(&[
        ("schema.journey", SCHEMA),
        ("journey.toml", SETTINGS),
        ("templates/email/hello.md", HELLO),
        ("templates/email/coupon.md", COUPON),
        ("snippet.journey", source),
    ])
}

/// What is said about a snippet and nothing else.
pub(crate) fn check_alone(source: &str) -> String {
    check_files(&[("snippet.journey", source)])
}

/// What is said about all of these, one after the other.
pub(crate) fn check_all(sources: &[&str]) -> String {
    let mut said = String::new();
    for source in sources {
        let _ = writeln!(
            said,
            "▶ {}\n{}",
            source.trim().replace('\n', "\n  "),
            check(source)
        );
    }
    said
}

pub(crate) fn check_files(files: &[(&str, &str)]) -> String {
    let project = LoadedProject::from_texts(files.iter().copied());
    let compilation = compile(&project);
    assert_eq!(
        compilation.program.is_none(),
        compilation.problems.has_errors(),
        "a program comes of what has no error, and of nothing else"
    );
    for problem in compilation.problems.iter() {
        // What is left out of a program without a reason is a mistake of the compiler.
        assert!(
            !problem.message.en.contains("what stands here"),
            "{problem:?}"
        );
    }
    let sources = project.sources();
    let said: Vec<String> = compilation
        .problems
        .iter()
        // No snippet uses everything that all may use.
        .filter(|problem| problem.name != "unused")
        .map(|problem| words(problem, sources))
        .collect();
    if said.is_empty() {
        return "nothing to say\n".to_owned();
    }
    said.concat()
}

fn words(problem: &Problem, sources: &Sources) -> String {
    let under = |at: journeyc::Location| {
        let text = at.span.of(sources.text(at.file));
        let line = text.lines().next().unwrap_or_default();
        if text.lines().count() > 1 {
            format!("«{line} …»")
        } else {
            format!("«{line}»")
        }
    };
    let mut said = format!(
        "{} {} {}\n  {}\n  {}\n",
        problem.code,
        problem.severity.word(),
        under(problem.at),
        problem.message.en,
        problem.message.ko
    );
    if !problem.label.en.is_empty() {
        let _ = writeln!(said, "  ╰ {} | {}", problem.label.en, problem.label.ko);
    }
    for (at, label) in &problem.others {
        let _ = writeln!(said, "  ╰ {} {} | {}", under(*at), label.en, label.ko);
    }
    if let Some(help) = &problem.help {
        let _ = writeln!(said, "  ? {}\n  ? {}", help.en, help.ko);
    }
    if let Some(fix) = &problem.fix {
        let _ = writeln!(said, "  ⚒ {} → {:?}", under(fix.at), fix.replacement);
    }
    said
}

/// The program of some files, which must have no mistake.
pub(crate) fn program<const N: usize>(files: [(&str, &str); N]) -> journey_ir::Program {
    let compilation = compile(&LoadedProject::from_texts(files));
    compilation
        .program
        .unwrap_or_else(|| panic!("{:#?}", compilation.problems))
}

/// The entries of a table, one a line.
pub(crate) fn entries(table: &[impl std::fmt::Debug]) -> String {
    let lines = table.iter().map(|it| format!("{it:?}\n"));
    lines.collect()
}
