//! The command line as people meet it: whole output and exit code.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `journeyc` in a folder, in English and without colours.
pub(crate) fn journeyc(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_journeyc"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

/// What was printed on both, and the exit code.
pub(crate) fn ended(output: &Output) -> (String, String, i32) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
        output.status.code().unwrap(),
    )
}

#[test]
fn help_teaches_by_examples() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for command in [
        &["--help"][..],
        &["check", "--help"],
        &["test", "--help"],
        &["simulate", "--help"],
        &["build", "--help"],
        &["fix", "--help"],
        &["fmt", "--help"],
        &["init", "--help"],
        &["explain", "--help"],
        &["graph", "--help"],
        &["docs", "--help"],
        &["preview", "--help"],
    ] {
        let (out, _, code) = ended(&journeyc(folder.path(), command));
        assert_eq!(code, 0);
        all.push(format!("$ journeyc {}\n{out}", command.join(" ")));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn wrong_usage_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in [
        &["chekc"][..],
        &["check", "--format", "xml"],
        &["explain", "J9999"],
    ] {
        let (out, err, code) = ended(&journeyc(folder.path(), wrong));
        assert_eq!((code, out.as_str()), (2, ""), "{wrong:?}");
        assert!(!err.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_path_without_a_project_ends_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let (_, err, code) = ended(&journeyc(folder.path(), &["check", "nothing"]));
    assert_eq!(code, 3);
    assert_eq!(err, "journeyc: there is nothing at `nothing`\n");
    let (_, err, code) = ended(&journeyc(
        folder.path(),
        &["--lang", "ko", "check", "nothing"],
    ));
    assert_eq!(code, 3);
    assert_eq!(err, "journeyc: `nothing`에 아무것도 없습니다\n");
    let (_, err, code) = ended(&journeyc(folder.path(), &["check"]));
    assert_eq!(code, 3);
    assert!(err.contains("journeyc init NAME"), "{err}");
}

#[test]
fn problems_end_with_one_and_paths_are_as_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("shop")).unwrap();
    std::fs::write(folder.path().join("shop/journey.toml"), "naem = 1\n").unwrap();
    let (out, err, code) = ended(&journeyc(folder.path(), &["check", "shop"]));
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("[shop/journey.toml:1:1]"), "{out}");
    assert!(out.ends_with("1 error in 1 file\n"), "{out}");
    let (out, _, code) = ended(&journeyc(
        folder.path(),
        &["check", "shop", "--format", "json"],
    ));
    assert_eq!(code, 1);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["problems"][0]["at"]["file"], "shop/journey.toml");
}

#[test]
fn every_format_says_the_same_problem_at_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("shop")).unwrap();
    std::fs::write(folder.path().join("shop/journey.toml"), "naem = 1\n").unwrap();
    let check = |format| {
        let (out, err, code) = ended(&journeyc(
            folder.path(),
            &["check", "shop", "--format", format],
        ));
        assert_eq!((code, err.as_str()), (1, ""), "{format}");
        out
    };
    insta::assert_snapshot!("check_github", check("github"));
    insta::assert_snapshot!("check_junit", check("junit"));
    let sarif: serde_json::Value = serde_json::from_str(&check("sarif")).unwrap();
    let run = &sarif["runs"][0];
    insta::assert_snapshot!(
        "check_sarif",
        serde_json::to_string_pretty(&run["results"]).unwrap()
    );
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), journeyc::CODES.len());
}

#[test]
fn explain_prints_a_page_and_lists_them_all() {
    let folder = tempfile::tempdir().unwrap();
    let (by_code, _, _) = ended(&journeyc(folder.path(), &["explain", "j0303"]));
    let (by_name, _, _) = ended(&journeyc(folder.path(), &["explain", "maybe-missing"]));
    assert!(by_code.starts_with("# J0303 maybe-missing"));
    assert_eq!(by_code, by_name);
    let (list, _, code) = ended(&journeyc(folder.path(), &["explain"]));
    assert_eq!(code, 0);
    assert!(list.lines().count() >= journeyc::CODES.len());
}

#[test]
fn a_ready_journey_is_copied_into_a_project_that_then_has_no_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let (list, _, code) = ended(&journeyc(folder.path(), &["new"]));
    assert_eq!(code, 0);
    assert!(list.contains("cart_rescue"), "{list}");
    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &["new", "--from", "cart-rescue", "shop"],
    ));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("new journeys/cart_rescue.journey"), "{out}");
    let (out, _, code) = ended(&journeyc(folder.path(), &["check", "shop"]));
    assert_eq!(code, 0, "{out}");
    let (out, _, code) = ended(&journeyc(
        folder.path(),
        &["new", "--from", "cart-rescue", "shop"],
    ));
    assert_eq!(code, 0);
    assert!(out.contains("nothing was written"), "{out}");
    let (_, err, code) = ended(&journeyc(folder.path(), &["new", "--from", "cart-resue"]));
    assert_eq!(code, 2);
    assert!(err.contains("`cart_rescue`"), "{err}");
}

/// A project with one journey, made by `init`.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (_, err, code) = ended(&journeyc(folder.path(), &["init", "shop"]));
    assert_eq!(code, 0, "{err}");
    folder
}

#[test]
fn a_journey_is_explained_in_the_language_that_is_asked_for() {
    let folder = shop();
    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &["explain", "welcome", "shop", "--lang", "ko"],
    ));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("· 시작:"), "{out}");
    let (out, _, code) = ended(&journeyc(
        folder.path(),
        &["explain", "welcome", "shop", "--lang", "en"],
    ));
    assert_eq!(code, 0);
    assert!(out.contains("· Starts:"), "{out}");
    let (_, err, code) = ended(&journeyc(
        folder.path(),
        &["explain", "welcom", "shop", "--lang", "en"],
    ));
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `welcome`?"), "{err}");
}

#[test]
fn pictures_are_written_in_every_format() {
    let folder = shop();
    for (format, begins) in [
        ("svg", "<svg "),
        ("html", "<!doctype html>"),
        ("mermaid", "flowchart TD"),
        ("dot", "digraph"),
    ] {
        let (out, err, code) = ended(&journeyc(
            folder.path(),
            &["graph", "welcome", "shop", "--format", format],
        ));
        assert_eq!((code, err.as_str()), (0, ""), "{format}");
        assert!(out.starts_with(begins), "{format}: {out}");
    }
    let (_, _, code) = ended(&journeyc(folder.path(), &["graph", "--all", "shop"]));
    assert_eq!(code, 2, "several pictures need a folder");
    let (_, err, code) = ended(&journeyc(
        folder.path(),
        &["graph", "--all", "shop", "-o", "pictures"],
    ));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(folder.path().join("pictures/welcome.svg").exists());
    let (out, _, code) = ended(&journeyc(
        folder.path(),
        &["graph", "welcome", "shop", "--against", "shop"],
    ));
    assert_eq!(code, 0);
    assert!(!out.contains("jg-card added"));
}

#[test]
fn every_link_between_the_pages_of_a_project_leads_somewhere() {
    let folder = shop();
    for language in ["ko", "en"] {
        let (out, err, code) = ended(&journeyc(
            folder.path(),
            &["docs", "shop", "-o", language, "--lang", language],
        ));
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(out.contains("index.html"), "{out}");
        let pages = folder.path().join(language);
        let mut links = 0;
        for entry in std::fs::read_dir(&pages).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for link in text.split("href=\"").skip(1) {
                let (link, _) = link.split_once('"').unwrap();
                let (file, place) = link.split_once('#').unwrap_or((link, ""));
                // Links of the messages themselves lead out.
                if file.contains(':') || file.is_empty() {
                    continue;
                }
                let target = std::fs::read_to_string(pages.join(file)).unwrap();
                assert!(
                    place.is_empty() || target.contains(&format!("id=\"{place}\"")),
                    "{link}"
                );
                links += 1;
            }
        }
        assert!(links > 20, "{links}");
    }
    let (_, _, code) = ended(&journeyc(
        folder.path(),
        &["docs", "shop", "-o", "wiki", "--format", "md"],
    ));
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(folder.path().join("wiki/index.md")).unwrap();
    assert!(text.contains("```mermaid"), "{text}");
}

#[test]
fn a_comparison_tells_what_changed_outside_of_the_boxes() {
    let folder = shop();
    let path = folder.path();
    let (_, err, code) = ended(&journeyc(path, &["init", "old"]));
    assert_eq!(code, 0, "{err}");
    let change = |file: &str, from: &str, to: &str| {
        let file = path.join("shop").join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from:?} in {text}");
        std::fs::write(file, text.replace(from, to)).unwrap();
    };
    change(
        "schema/people.journey",
        "at most 1 advertising message per 1 day",
        "at most 2 advertising messages per 1 day",
    );
    change("schema/people.journey", "valid 14 days", "valid 30 days");
    change(
        "journeys/welcome.journey",
        "goal purchase within 14 days",
        "reenter after 30 days\n  goal purchase within 14 days",
    );
    let compare = |format: &str| {
        let command = [
            "graph",
            "welcome",
            "shop",
            "--against",
            "old",
            "--format",
            format,
        ];
        let (out, err, code) = ended(&journeyc(path, &command));
        assert_eq!(code, 0, "{err}");
        (out, err)
    };
    let (out, err) = compare("svg");
    for said in [
        "Welcome: ",
        "policy “Not too often”",
        "offer “10% off the first order”",
    ] {
        assert!(err.contains(said), "{said} in {err}");
    }
    // What a message carries is worth something else now, which its box shows.
    assert!(out.contains("changed"), "{out}");
    let (_, err) = compare("mermaid");
    assert!(err.contains("svg and html only"), "{err}");
    let same = ["graph", "welcome", "old", "--against", "old"];
    let (_, err, _) = ended(&journeyc(path, &same));
    assert_eq!(err, "");
}
