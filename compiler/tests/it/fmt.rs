//! `journeyc fmt` as people meet it: files in their place, `--check` for CI, `--stdin` for editors.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cli::{ended, journeyc};

const MESSY: &str = "segment   a{in b}\n";
const CANONICAL: &str = "segment a { in b }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Runs `journeyc` with a text on its standard input.
fn piped(arguments: &[&str], text: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_journeyc"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn all_files_of_a_folder_and_its_projects_are_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "shop/journey.toml", "");
    write(folder, "shop/segments/a.journey", MESSY);
    write(folder, "loose.journey", CANONICAL);
    write(folder, ".hidden/b.journey", MESSY);
    write(folder, "target/c.journey", MESSY);
    let (out, err, code) = ended(&journeyc(folder, &["fmt"]));
    assert_eq!((out.as_str(), code), ("shop/segments/a.journey\n", 0));
    assert_eq!(err, "changed: 1 of 2 files\n");
    assert_eq!(read(folder, "shop/segments/a.journey"), CANONICAL);
    assert_eq!(read(folder, ".hidden/b.journey"), MESSY);
    assert_eq!(read(folder, "target/c.journey"), MESSY);
    let (out, err, code) = ended(&journeyc(folder, &["--lang", "ko", "fmt"]));
    assert_eq!((out.as_str(), code), ("", 0));
    assert_eq!(err, "파일 2개 중 0개를 바꾸었습니다\n");
}

#[test]
fn check_changes_nothing_and_shows_what_would_change() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.journey", MESSY);
    write(folder, "b.journey", CANONICAL);
    write(folder, "c.journey", &MESSY.repeat(100));
    let (out, err, code) = ended(&journeyc(
        folder,
        &["fmt", "--check", "a.journey", "b.journey"],
    ));
    assert_eq!(
        out,
        "--- a.journey\n+++ canonical\n@@ -1 +1 @@\n-segment   a{in b}\n+segment a { in b }\n"
    );
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "not canonical: 1 of 2 files; `journeyc fmt` formats them\n"
    );
    assert_eq!(read(folder, "a.journey"), MESSY);
    let (out, _, code) = ended(&journeyc(folder, &["fmt", "--check", "c.journey"]));
    assert_eq!(code, 1);
    assert!(
        out.lines().count() <= 21 && out.ends_with(" more lines\n"),
        "{out}"
    );
    let (out, err, code) = ended(&journeyc(folder, &["fmt", "--check", "b.journey"]));
    assert_eq!(
        (out.as_str(), err.as_str(), code),
        ("", "1 file, nothing to change\n", 0)
    );
}

#[test]
fn a_broken_declaration_stays_and_the_rest_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(
        folder,
        "a.journey",
        &format!("journey  b {{\n   goto  c\n}}\n\n{MESSY}"),
    );
    let (out, err, code) = ended(&journeyc(folder, &["fmt"]));
    assert_eq!((out.as_str(), code), ("a.journey\n", 1));
    assert!(
        err.starts_with("journeyc: a.journey: what has a syntax error was left as it is"),
        "{err}"
    );
    let expected = format!("journey  b {{\n   goto  c\n}}\n\n{CANONICAL}");
    assert_eq!(read(folder, "a.journey"), expected);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let (out, err, code) = ended(&piped(&["fmt", "--stdin"], MESSY.as_bytes()));
    assert_eq!((out.as_str(), err.as_str(), code), (CANONICAL, "", 0));
    let (out, _, code) = ended(&piped(&["fmt", "--stdin", "--check"], MESSY.as_bytes()));
    assert!(out.starts_with("--- standard input\n"), "{out}");
    assert_eq!(code, 1);
    let (out, _, code) = ended(&piped(&["fmt", "--stdin", "--check"], CANONICAL.as_bytes()));
    assert_eq!((out.as_str(), code), ("", 0));
    let (out, err, code) = ended(&piped(&["fmt", "--stdin"], b"\xFF"));
    assert_eq!((out.as_str(), code), ("", 3));
    assert!(err.contains("`standard input` cannot be read"), "{err}");
}

#[test]
fn what_cannot_be_read_or_asked_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "readme.md", "# a\n");
    std::fs::write(folder.join("bytes.journey"), b"segment \xFF").unwrap();
    for (arguments, expected) in [
        (&["fmt", "nothing"][..], 3),
        (&["fmt", "readme.md"], 3),
        (&["fmt", "bytes.journey"], 3),
        (&["fmt", "--stdin", "readme.md"], 2),
    ] {
        let (out, err, code) = ended(&journeyc(folder, arguments));
        assert_eq!((out.as_str(), code), ("", expected), "{arguments:?}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "real", MESSY);
    std::fs::set_permissions(folder.join("real"), PermissionsExt::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real", folder.join("a.journey")).unwrap();
    let (_, _, code) = ended(&journeyc(folder, &["fmt", "a.journey"]));
    assert_eq!(code, 0);
    assert_eq!(read(folder, "real"), CANONICAL);
    assert!(folder.join("a.journey").is_symlink());
    let mode = std::fs::metadata(folder.join("real"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn what_is_shipped_and_what_init_makes_is_canonical() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let arguments = ["fmt", "--check", "examples", "journeys"];
    let (out, _, code) = ended(&journeyc(&root, &arguments));
    assert_eq!((out.as_str(), code), ("", 0));
    let folder = tempfile::tempdir().unwrap();
    journeyc(folder.path(), &["init", "shop"]);
    let (out, _, code) = ended(&journeyc(folder.path(), &["fmt", "--check", "shop"]));
    assert_eq!((out.as_str(), code), ("", 0));
}
