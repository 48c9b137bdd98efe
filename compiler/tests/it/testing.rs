//! `journeyc test`: the language's own examples pass, a failure says why, and what cannot be tested is said.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use journeyc::{TestReport, compile, load, projects, run_tests};

use crate::cli::{ended, journeyc};
use crate::snippet::{check, check_all};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What `journeyc test` says about a project on disk, in English, how many tests it has, and how many of them failed.
fn tested(path: &Path) -> (String, usize, usize) {
    let project = load(path).unwrap();
    let compilation = compile(&project);
    let run = run_tests(&compilation, "", NonZeroUsize::MIN).unwrap();
    let settings = &compilation.program.as_ref().unwrap().project;
    let mut report = TestReport::default();
    report.add(&project, settings, run);
    let said = report.human(journeyc::Look::default(), false);
    (said, report.count(), report.failed())
}

#[test]
fn the_examples_of_the_language_pass() {
    let (said, tests, failed) = tested(&root().join("compiler/tests/cases/seeds"));
    assert_eq!(failed, 0, "{said}");
    assert!(tests >= 9, "{said}");
}

#[test]
fn changes_dates_requests_and_objects_start_what_they_should() {
    let (said, tests, failed) = tested(&root().join("compiler/tests/cases/entries"));
    assert_eq!(failed, 0, "{said}");
    assert!(tests >= 10, "{said}");
}

#[test]
fn limits_values_at_hand_chains_and_stays_are_counted_as_they_are_written() {
    let (said, tests, failed) = tested(&root().join("compiler/tests/cases/counted"));
    assert_eq!(failed, 0, "{said}");
    assert!(tests >= 7, "{said}");
}

#[test]
fn every_test_of_the_examples_and_the_library_passes() {
    let mut seen = 0;
    for folder in ["examples", "journeys"] {
        for path in projects(&root().join(folder)).unwrap() {
            let (said, tests, failed) = tested(&path);
            assert_eq!(failed, 0, "{said}");
            seen += tests;
        }
    }
    assert!(seen >= 12, "only {seen} tests were found");
}

#[test]
fn more_threads_say_the_same() {
    let project = load(&root().join("compiler/tests/cases/seeds")).unwrap();
    let compilation = compile(&project);
    let said = |threads: usize| {
        let run = run_tests(&compilation, "", NonZeroUsize::new(threads).unwrap()).unwrap();
        let mut report = TestReport::default();
        report.add(
            &project,
            &compilation.program.as_ref().unwrap().project,
            run,
        );
        report.human(journeyc::Look::default(), true)
    };
    let one = said(1);
    assert!(one.contains("J0901"), "{one}");
    for threads in [2, 3, 100] {
        assert_eq!(said(threads), one);
    }
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

const FORKED: &str = r#"
event buy { total: number }
journey forked {
  enter when buy
  reenter any time
  if buy.total at least 100 {
    send email hello
  } otherwise if buy.total at least 10 {
    wait up to 1 day {
      on visit { send email hello }
      on timeout { exit as slow }
    }
  } otherwise { }
  split halves {
    50% left { exit as left }
    50% right { exit as right }
  }
}
test "large" for forked {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does buy { total: 100 }
  expect email hello to kim
  at 2026-03-03 09:00 kim does buy { total: 20 }
  after 2 days
  expect kim exited as slow
}
"#;

#[test]
fn the_ways_that_no_test_takes_are_listed() {
    let folder = project(FORKED);
    let (out, _, code) = ended(&journeyc(folder.path(), &["test", "--coverage"]));
    assert_eq!(code, 0, "{out}");
    insta::assert_snapshot!(out);
    let least = |percent| journeyc(folder.path(), &["test", "--min-coverage", percent]);
    assert_eq!(ended(&least("50")).2, 0);
    assert_eq!(ended(&least("90")).2, 1);
}

#[test]
fn a_choice_that_names_every_value_has_no_other_way() {
    let folder = project(
        r#"
event pick { size: one of small, large }
journey chosen {
  enter when pick
  reenter any time
  choose by pick.size {
    small { send email hello }
    large { exit as big }
  }
}
test "both" for chosen {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does pick { size: small }
  at 2026-03-03 09:00 kim does pick { size: large }
  expect kim exited as big
}
"#,
    );
    let all = journeyc(folder.path(), &["test", "--min-coverage", "100"]);
    assert_eq!(ended(&all).2, 0);
}

#[test]
fn the_ways_of_every_second_entry_are_counted() {
    let folder = project(
        r#"
event pick { size: one of small, large }
journey second {
  enter when pick
  reenter any time
  every 2nd time { exit as even } otherwise { exit as odd }
}
test "once" for second {
  given kim { email: "kim@example.com" }
  at 2026-03-02 09:00 kim does pick { size: small }
  expect kim exited as odd
}
"#,
    );
    let least = |percent| journeyc(folder.path(), &["test", "--min-coverage", percent]);
    assert_eq!(ended(&least("50")).2, 0);
    assert_eq!(ended(&least("51")).2, 1);
}

#[test]
fn verdicts_are_written_for_programs_too() {
    let folder = project(FAILING);
    let (out, _, code) = ended(&journeyc(folder.path(), &["test", "--format", "junit"]));
    assert_eq!(code, 1);
    insta::assert_snapshot!("verdicts_junit", out);
    let (out, _, code) = ended(&journeyc(folder.path(), &["test", "--format", "json"]));
    assert_eq!(code, 1);
    insta::assert_snapshot!("verdicts_json", out);
}

#[test]
fn a_test_reads_what_a_message_says() {
    let says = |words: &str| {
        let tests = format!(
            "test \"says\" for hello {{\n  given kim {{ email: \"kim@example.com\" }}\n  \
             at 2026-03-02 09:00 kim does visit {{ page: \"/\" }}\n  \
             expect email hello to kim containing \"{words}\"\n}}\n"
        );
        ended(&journeyc(project(&tests).path(), &["test"]))
    };
    assert_eq!(says("Hello.").2, 0);
    let (out, _, code) = says("Goodbye");
    assert_eq!(code, 1);
    assert!(out.contains("it says: Hello"), "{out}");
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
