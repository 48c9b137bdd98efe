//! `journeyc test`: the language's own examples pass, a failure says why, and what cannot be tested is said.

use std::fs;
use std::path::Path;

use journeyc::{TestReport, compile, load, projects, run_tests};

use crate::cli::{ended, journeyc};
use crate::snippet::{check, check_all};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What `journeyc test` says about a project on disk, in English.
fn tested(path: &Path) -> (String, TestReport) {
    let project = load(path).unwrap();
    let compilation = compile(&project);
    let tests = run_tests(&compilation, "").unwrap();
    let zone = &compilation.program.as_ref().unwrap().project.timezone;
    let mut report = TestReport::default();
    report.add(&project, zone, &tests, journeyc::Look::default());
    (report.text(journeyc::Language::English), report)
}

#[test]
fn the_examples_of_the_language_pass() {
    let (said, report) = tested(&root().join("compiler/tests/cases/seeds"));
    assert!(!report.has_failed(), "{said}");
    assert!(report.count() >= 9, "{said}");
}

#[test]
fn every_test_of_the_examples_and_the_library_passes() {
    let mut seen = 0;
    for folder in ["examples", "journeys"] {
        for path in projects(&root().join(folder)).unwrap() {
            let (said, report) = tested(&path);
            assert!(!report.has_failed(), "{said}");
            seen += report.count();
        }
    }
    assert!(seen >= 12, "only {seen} tests were found");
}

const HELLO: &str = r"
contact { email: email address }
event visit { page: text }
journey hello {
  enter when visit
  reenter any time
  send email hello
  wait 1 day
  exit as done
}
";

const TEMPLATE: &str = "+++\npurpose = \"transactional\"\nsubject = \"Hello\"\n+++\nHello.\n";

/// Writes a small project with these tests.
fn project(tests: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "journey.toml",
        "[project]\nname = \"hello\"\ntimezone = \"Asia/Seoul\"\n",
    );
    write("hello.journey", HELLO);
    write("templates/email/hello.md", TEMPLATE);
    write("tests/hello.journey", tests);
    folder
}

const FAILING: &str = r#"
test "this one passes" for hello {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does visit { page: "/" }
  expect only email hello to kim at 2026-03-02 09:00
}

test "this one expects too much" for hello {
  given kim { email: "kim@example.com" }
  given 민지 { email: "minji@example.com" }
  at 2026-03-02 09:00 kim does visit { page: "/" }
  expect no messages to kim
  expect only email hello to kim at 2026-03-02 10:00
  expect email hello to 민지
  expect kim exited as done
  expect kim not in hello
  after 2 days kim does visit { page: "/again" }
  expect at most 1 messages per 1 week to kim
  expect at most 1 messages per 2 days to kim
  expect only email hello to kim
  expect kim exited as completed
}
"#;

#[test]
fn a_failure_says_what_was_so_instead_and_all_that_happened() {
    let folder = project(FAILING);
    let (out, err, code) = ended(&journeyc(folder.path(), &["test"]));
    assert_eq!((code, err.as_str()), (1, ""));
    insta::assert_snapshot!(out);
}

#[test]
fn a_filter_chooses_tests_and_one_that_fits_none_is_wrong_usage() {
    let folder = project(FAILING);
    let (out, _, code) = ended(&journeyc(folder.path(), &["test", "--filter", "passes"]));
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("1 passed\n"), "{out}");
    let (out, err, code) = ended(&journeyc(folder.path(), &["test", "--filter", "nothing"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("`nothing`"), "{err}");
}

#[test]
fn a_project_without_tests_passes_and_one_with_problems_does_not() {
    let folder = project("");
    let (out, _, code) = ended(&journeyc(folder.path(), &["test"]));
    assert_eq!((code, out.as_str()), (0, "there are no tests\n"));
    let folder = project("test \"x\" for helo { }");
    let (out, _, code) = ended(&journeyc(folder.path(), &["test"]));
    assert_eq!(code, 1);
    assert!(out.contains("J0102"), "{out}");
}

/// A test of a journey that everyone understands, with these lines.
fn with(lines: &str) -> String {
    format!(
        "journey j {{\n  enter when purchase\n  send email hello as greeting\n  wait 1 day\n  exit as done\n}}\n\
         test \"t\" for j {{\n{lines}\n}}\n"
    )
}

#[test]
fn what_a_test_says_is_checked_like_everything_else() {
    let given = "given kim { email: \"kim@example.com\" }\nat 2026-03-02 09:00\n";
    let wrong = [
        "given kim { emial: \"kim@example.com\" }\nat 2026-03-02 09:00\nexpect kim in j",
        "given kim { age: 30 }\nat 2026-03-02 09:00\nexpect kim in j",
        "given kim { sex: \"여성\" }\nat 2026-03-02 09:00\nexpect kim in j",
        "given kim\ngiven kim\nat 2026-03-02 09:00\nexpect kim in j",
        "given kim\nafter 1 day\nexpect kim in j",
        "given kim\nat 2026-03-02 09:00\nat 2026-03-01 09:00\nexpect kim in j",
        "given kim\nat 2026-03-02 09:00",
    ];
    let lines = [
        "after 1 day lee does purchase\nexpect kim in j",
        "after 1 day kim does purchse\nexpect kim in j",
        "after 1 day kim does add_to_cart { cart_id: \"c\" }\nexpect kim in j",
        "after 1 day kim does add_to_cart { cart_id: \"c\", total: $5 }\nexpect kim in j",
        "after 1 day kim does survey_answered { reason: 배송 }\nexpect kim in j",
        "after 1 day kim does email.clicked { template: helo }\nexpect kim in j",
        "after 1 day kim changes { agreed to marketing by email }\nexpect kim in j",
        "after 1 day kim withdraws marketin\nexpect kim in j",
        "after 3 business days\nexpect kim in j",
        "expect email helo to kim",
        "expect task for sails",
        "expect call crm.create_leed",
        "expect call crm.create_lead with (budget: 5만원)",
        "expect kim exited as dome",
        "expect kim waiting at greetin",
        "expect kim in buyer",
        "expect kim in 생애주기",
        "expect kim in 생애주기.할동",
    ];
    let mut all: Vec<String> = wrong.iter().map(|it| with(it)).collect();
    all.extend(lines.iter().map(|it| with(&format!("{given}{it}"))));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    insta::assert_snapshot!(check_all(&all));
}

#[test]
fn what_can_be_said_in_a_test_is_taken() {
    let lines = r#"
given kim { email: "kim@example.com", sex: 여성, interests: 비염, agreed to marketing by email }
at 2026-03-02 09:00 kim does purchase { order_id: "o", total: 5만원, category: 홍삼 }
after 1 hour kim changes { name: "Kim" }
after 1 minute kim does email.clicked { template: hello }
after 1 second kim withdraws marketing
expect only email hello to kim at 2026-03-02 09:00
expect kim waiting at greeting
expect kim in j
expect kim in buyers
expect kim in 활동
expect kim not in 생애주기.신규
expect task for sales
expect call crm.create_lead with (owner: "x")
expect kim exited as done
expect kim exited as goal"#;
    assert_eq!(check(&with(lines)), "nothing to say\n");
}
