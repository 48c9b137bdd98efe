//! `journeyc fix`: what it repairs, what it leaves, and that it ends.

use journeyc::{LoadedProject, compile, fixed};

use crate::cli::{ended, journeyc};

const SCHEMA: &str = "contact {\n  sex: one of 여성, 남성, optional\n  name: text, optional\n}\n\nevent visit { page: text }\n\n";

fn with(steps: &str) -> String {
    format!("{SCHEMA}journey j {{\n  enter when visit\n\n{steps}}}\n")
}

#[test]
fn repairs_are_applied_until_nothing_changes_and_the_rest_is_left() {
    let source = with(
        "  wait 4 hrs\n  choose by sex {\n    여성 { add tag \"a\" }\n  }\n  if vist_count is 3 { }\n",
    );
    let project = LoadedProject::from_texts([("a.journey", source.as_str())]);
    let fixed = fixed(&project, |it| {
        it.fix.as_ref().is_some_and(|it| it.is_certain)
    });
    let new = &fixed.files[0].new;
    assert!(new.contains("wait 4 hours\n"), "{new}");
    assert!(
        new.contains("\n    여성 { add tag \"a\" }\n    남성, missing {}\n  }\n"),
        "{new}"
    );
    assert!(new.contains("vist_count"), "{new}");
    assert_eq!(
        journey_grammar::format(new).text,
        *new,
        "laid out as fmt does"
    );
}

#[test]
fn what_is_repaired_has_the_problem_no_more() {
    for source in [
        with("  wait 4 hrs\n"),
        with("  choose by sex {\n    여성 { }\n  }\n"),
        with("  choose by name {\n    \"a\" { }\n  }\n"),
        with("  # allow branch-gap: old\n  add tag \"a\"\n"),
        with("  wait\u{a0}1 day\n"),
    ] {
        let project = LoadedProject::from_texts([("a.journey", source.as_str())]);
        assert!(!compile(&project).problems.is_empty(), "{source}");
        let fixed = fixed(&project, |it| it.fix.is_some());
        let new = &fixed.files[0].new;
        let again = LoadedProject::from_texts([("a.journey", new.as_str())]);
        let left: Vec<_> = compile(&again).problems.iter().map(|it| it.code).collect();
        assert!(left.is_empty(), "{left:?}\n{new}");
    }
}

#[test]
fn the_command_shows_the_difference_and_writes_unless_it_is_dry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.journey");
    let source = with("  wait 4 hrs\n  set nmae to \"x\"\n");
    std::fs::write(&path, &source).unwrap();
    let (out, err, code) = ended(&journeyc(folder.path(), &["fix", "a.journey", "--dry-run"]));
    assert_eq!((code, err.as_str()), (0, "would repair: 1, in 1 file\n"));
    assert!(out.contains("+  wait 4 hours"), "{out}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), source);
    let (_, err, _) = ended(&journeyc(folder.path(), &["fix", "a.journey"]));
    assert_eq!(err, "repaired: 1, in 1 file\n");
    let (out, _, _) = ended(&journeyc(
        folder.path(),
        &["fix", "a.journey", "unknown-name"],
    ));
    assert!(out.contains("+  set name to"), "{out}");
    let (_, err, code) = ended(&journeyc(folder.path(), &["fix", "a.journey"]));
    assert_eq!((code, err.as_str()), (0, "nothing to repair\n"));
}

#[test]
fn check_says_how_much_it_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.journey"),
        with("  if sex is 여성 { add tag \"a\" }\n"),
    )
    .unwrap();
    let (_, err, code) = ended(&journeyc(folder.path(), &["check", "a.journey", "--stats"]));
    assert_eq!(code, 0);
    assert!(err.contains("conditions looked at"), "{err}");
    assert!(err.contains("0 questions given up"), "{err}");
}
