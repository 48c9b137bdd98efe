//! `journeyc init`: what it writes compiles, and nothing of anybody's is touched.

use std::fs;

use journey_ir::Program;

use crate::cli::{ended, journeyc};

#[test]
fn a_new_project_checks_clean_and_builds() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _, code) = ended(&journeyc(folder.path(), &["init", "my \"shop\""]));
    assert_eq!(code, 0, "{out}");
    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &["check", "my \"shop\"", "--deny", "warnings"],
    ));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(out, "no problems in 5 journey files and 5 templates\n");

    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &["build", "my \"shop\"", "-o", "shop.json"],
    ));
    assert_eq!((code, err.as_str()), (0, ""));
    let program = Program::from_json(&fs::read_to_string(folder.path().join("shop.json")).unwrap());
    let program = program.unwrap();
    assert_eq!(program.project.name, "my shop");
    assert_eq!(program.journeys.len(), 2);
    assert_eq!(
        out,
        format!(
            "shop.json {}\n2 journeys, 5 messages, 1 segments and lifecycles\n",
            program.hash()
        )
    );
}

#[test]
fn a_new_project_in_either_language_keeps_what_its_tests_promise() {
    let folder = tempfile::tempdir().unwrap();
    for (language, passed) in [("en", "5 passed"), ("ko", "6개 통과")] {
        let name = format!("shop_{language}");
        journeyc(folder.path(), &["init", &name, "--lang", language]);
        let (out, err, code) = ended(&journeyc(
            folder.path(),
            &["check", &name, "--deny", "warnings"],
        ));
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let (out, err, code) = ended(&journeyc(folder.path(), &["test", &name]));
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains(passed), "{out}");
        let (out, _, code) = ended(&journeyc(folder.path(), &["fmt", "--check", &name]));
        assert_eq!(code, 0, "{out}");
    }
}

#[test]
fn a_korean_project_is_a_korean_shops() {
    let folder = tempfile::tempdir().unwrap();
    journeyc(folder.path(), &["init", "우리가게", "--lang", "ko"]);
    let settings = fs::read_to_string(folder.path().join("우리가게/journey.toml")).unwrap();
    for line in [
        "name = \"우리가게\"",
        "currency = \"KRW\"",
        "default_language = \"ko\"",
        "packs = [\"kr\"]",
    ] {
        assert!(settings.contains(line), "{line}");
    }
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("shop")).unwrap();
    fs::write(folder.path().join("shop/mine.txt"), "mine").unwrap();
    let (_, err, code) = ended(&journeyc(folder.path(), &["init", "shop"]));
    assert_eq!(code, 3);
    assert!(err.contains("not empty"), "{err}");
    assert_eq!(fs::read_dir(folder.path().join("shop")).unwrap().count(), 1);
}

#[test]
fn nothing_is_written_when_there_are_errors_or_no_place() {
    let folder = tempfile::tempdir().unwrap();
    journeyc(folder.path(), &["init", "shop"]);
    let (_, err, code) = ended(&journeyc(
        folder.path(),
        &["build", "shop", "-o", "no/such/folder.json"],
    ));
    assert_eq!(code, 3);
    assert!(err.contains("cannot be written"), "{err}");

    fs::write(folder.path().join("shop/journey.toml"), "naem = 1\n").unwrap();
    fs::write(folder.path().join("old.json"), "old").unwrap();
    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &["build", "shop", "-o", "old.json"],
    ));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("J0121"), "{err}");
    assert_eq!(
        fs::read_to_string(folder.path().join("old.json")).unwrap(),
        "old"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
