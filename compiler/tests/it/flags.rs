//! Every flag of the command line does what the help says, and every exit code is the one that is documented.
//!
//! Flags with a subject of their own are tested beside it; the last test of this file fails where a flag of the help is
//! used by no test at all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cli::{ended, journeyc};

/// A project with a warning and no error: the last arm takes people without an age, too.
const WARNED: &str = "contact { age: whole number, optional }

event visit {}

journey j {
  enter when visit
  if age over 60 { add tag \"old\" }
  otherwise { add tag \"young\" }
}
";

fn one_file(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.journey"), text).unwrap();
    folder
}

/// What is printed in an environment, with its exit code.
fn printed(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_journeyc"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let (out, err, code) = ended(&output);
    (out + &err, code)
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let folder = one_file(WARNED);
    let check = |rest: &[&str]| {
        let arguments = [&["check", "a.journey"], rest].concat();
        ended(&journeyc(folder.path(), &arguments))
    };
    let (allowed, _, code) = check(&[]);
    assert_eq!(code, 0, "{allowed}");
    assert!(allowed.contains("J0203"), "{allowed}");
    let (denied, _, code) = check(&["--deny", "warnings"]);
    assert_eq!(code, 1);
    assert_eq!(denied, allowed, "only the verdict differs");
    let (_, err, code) = check(&["--deny", "infos"]);
    assert_eq!(code, 2);
    assert!(err.contains("warnings"), "{err}");
}

#[test]
fn the_language_is_that_of_the_flag_else_of_the_project_else_of_the_system() {
    let folder = one_file(WARNED);
    let path = folder.path();
    let korean = |text: &str| text.contains("경고");
    let (out, _) = printed(path, &[("LANG", "ko_KR.UTF-8")], &["check"]);
    assert!(korean(&out), "{out}");
    let (out, _) = printed(
        path,
        &[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")],
        &["check"],
    );
    assert!(!korean(&out), "{out}");
    fs::write(
        path.join("journey.toml"),
        "[project]\ndefault_language = \"ko\"\n",
    )
    .unwrap();
    let (out, _) = printed(path, &[("LANG", "en_US.UTF-8")], &["check"]);
    assert!(korean(&out), "{out}");
    let (out, _) = printed(path, &[], &["check", "--lang", "en"]);
    assert!(!korean(&out), "{out}");
}

/// Columns that a terminal needs for a line: two for a Korean character.
fn columns(line: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(line)
}

/// Korean text that has to be broken, in a project whose problems point at it.
const WIDE: &str = "contact { 성별: one of 여성, 남성, optional }\n\nevent 장바구니담기 { 금액: money in KRW }\n\njourney 장바구니_구출 \"장바구니에 담고 하루 동안 사지 않은 사람\" {\n  enter when 장바구니담기\n  goal 장바구니담기 within 3 days\n\n  if 장바구니담기.금액 under 3만원 { add tag \"적은_금액\" }\n  otherwise if 장바구니담기.금액 over 3만원 { add tag \"많은_금액\" }\n}\n";

#[test]
fn lines_fit_the_terminal_in_both_languages_and_carry_no_colours_into_a_file() {
    let folder = one_file(WIDE);
    for language in ["ko", "en"] {
        for width in ["40", "60", "80", "100"] {
            for variables in [
                vec![("COLUMNS", width)],
                vec![("COLUMNS", width), ("NO_COLOR", "1")],
            ] {
                let (out, _) = printed(folder.path(), &variables, &["check", "--lang", language]);
                assert!(out.contains("J0201"), "{out}");
                assert!(!out.contains('\u{1b}'), "{out}");
                // A line of the file itself is shown as it stands, after its number.
                let own = |line: &&str| !line.contains(" │ ") && !line.contains(" · ");
                for line in out.lines().filter(own) {
                    let needed = columns(line);
                    assert!(
                        needed <= width.parse().unwrap(),
                        "{needed} of {width}: {line}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_program_says_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let (out, err, code) = ended(&journeyc(folder.path(), &["--version"]));
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, format!("journeyc {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_language_server_ends_when_its_editor_says_so_and_when_it_goes_away() {
    let message = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let begin =
        message(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#)
            + &message(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#);
    let end = message(r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#)
        + &message(r#"{"jsonrpc":"2.0","method":"exit"}"#);
    for said in [begin.clone() + &end, begin] {
        let mut server = Command::new(env!("CARGO_BIN_EXE_journeyc"))
            .args(["lsp", "--stdio"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut to = server.stdin.take().unwrap();
        std::io::Write::write_all(&mut to, said.as_bytes()).unwrap();
        drop(to);
        let (out, err, code) = ended(&server.wait_with_output().unwrap());
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("\"capabilities\""), "{out}");
    }
}

#[test]
fn what_cannot_be_written_ends_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let (_, err, code) = ended(&journeyc(folder.path(), &["init", "shop"]));
    assert_eq!(code, 0, "{err}");
    fs::write(folder.path().join("file"), "in the way").unwrap();
    fs::write(folder.path().join("log.ndjson"), "").unwrap();
    for arguments in [
        &["build", "shop", "--output", "file/p.json"][..],
        &["graph", "welcome", "shop", "--output", "file/p.svg"],
        &["docs", "shop", "--output", "file"],
        &[
            "preview",
            "welcome_coupon",
            "shop",
            "--output",
            "file/p.txt",
        ],
        &["simulate", "log.ndjson", "shop", "--output", "file/r.html"],
        &["simulate", "none.ndjson", "shop"],
        &["init", "file/shop"],
        &["new", "--from", "trial", "file/shop"],
    ] {
        let (out, err, code) = ended(&journeyc(folder.path(), arguments));
        assert_eq!(code, 3, "{arguments:?}: {out}{err}");
        assert!(err.contains("journeyc: "), "{arguments:?}: {err}");
    }
}

#[test]
fn a_project_with_errors_ends_with_one_whatever_was_asked_of_it() {
    let folder = one_file("journey j {\n  enter when signed_up\n}\n");
    fs::write(folder.path().join("log.ndjson"), "").unwrap();
    for arguments in [
        &["check"][..],
        &["test"],
        &["build"],
        &["graph", "j"],
        &["docs", "-o", "pages"],
        &["explain", "j"],
        &["simulate", "log.ndjson"],
    ] {
        let (out, err, code) = ended(&journeyc(folder.path(), arguments));
        assert_eq!(code, 1, "{arguments:?}: {out}{err}");
        assert!((out + &err).contains("J0102"), "{arguments:?}");
    }
}

const ORDERS: &str = "contact {
  email: email address, optional
  city: text, optional
}

event ordered {
  order_id: text
  amount:   whole number
}

journey thanks \"Thanks\" {
  enter when ordered
  reenter any time

  if ordered.amount over 100 { add tag \"large\" }
  otherwise { add tag \"small\" }
}
";

/// A shop's own table: no column has the name that the project uses.
const TABLE: &str = "when,who,what,order_id,total,town,row
2026-03-02T10:00:00Z,ann,Order Placed,o1,50,Busan,1
2026-03-02T11:00:00Z,bob,Order Placed,o2,150,Seoul,2
2026-03-02T11:00:00Z,bob,Order Placed,o2,150,Seoul,2
2026-03-02T12:00:00Z,bob,Page Seen,,,,3
";

fn simulated(folder: &Path, flags: &[&str]) -> Value {
    let arguments = [&["simulate", "orders.csv", "--format", "json"], flags].concat();
    let (out, err, code) = ended(&journeyc(folder, &arguments));
    assert_eq!(code, 0, "{out}{err}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn the_columns_of_a_table_are_named_by_flags_or_by_the_project_alike() {
    let folder = one_file(ORDERS);
    fs::write(folder.path().join("orders.csv"), TABLE).unwrap();
    let flags = [
        "--time",
        "when",
        "--contact",
        "who",
        "--event",
        "what",
        "--id",
        "row",
        "--field",
        "total=amount",
        "--attribute",
        "town=city",
        "--rename",
        "Order Placed=ordered",
        "--only",
    ];
    let by_flags = simulated(folder.path(), &flags);
    assert_eq!(by_flags["people"], 2, "{by_flags}");
    assert_eq!(by_flags["rows"]["repeats"], 1, "{by_flags}");
    assert_eq!(by_flags["rows"]["bad"], 0, "{by_flags}");
    assert_eq!(by_flags["journeys"]["thanks"]["entered"], 2, "{by_flags}");

    fs::write(
        folder.path().join("journey.toml"),
        "[import.orders]\ntime = \"when\"\ncontact = \"who\"\nevent = \"what\"\nid = \"row\"\nfields = { total = \"amount\" }\nattributes = { town = \"city\" }\nrename = { \"Order Placed\" = \"ordered\" }\nonly = true\n",
    )
    .unwrap();
    for name in ["--as", "--map"] {
        let by_name = simulated(folder.path(), &[name, "orders"]);
        assert_eq!(by_name["rows"], by_flags["rows"]);
        assert_eq!(by_name["journeys"], by_flags["journeys"]);
    }
    let unknown = ["simulate", "orders.csv", "--as", "order"];
    let (_, err, code) = ended(&journeyc(folder.path(), &unknown));
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("orders"), "{err}");
}

#[test]
fn a_table_of_one_kind_of_event_needs_no_column_for_it() {
    let folder = one_file(ORDERS);
    let table = "day,buyer,order_id,amount\n2026-03-02T10:00:00Z,ann,o1,50\n";
    fs::write(folder.path().join("orders.csv"), table).unwrap();
    let flags = [
        "--time",
        "day",
        "--contact",
        "buyer",
        "--event-name",
        "ordered",
    ];
    let said = simulated(folder.path(), &flags);
    assert_eq!(said["journeys"]["thanks"]["entered"], 1, "{said}");
    let both = [&["simulate", "orders.csv", "--event", "day"], &flags[..]].concat();
    let (_, err, code) = ended(&journeyc(folder.path(), &both));
    assert_eq!(code, 2, "{err}");
}

/// The long flags of a command, from its help.
fn flags_of(command: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (help, _, code) = ended(&journeyc(folder.path(), &[command, "--help"]));
    assert_eq!(code, 0, "{command}");
    let (_, options) = help.split_once("\nOptions:\n").unwrap();
    // What follows the options begins at the margin.
    let options = options
        .lines()
        .take_while(|it| !it.starts_with(|it| it != ' '));
    let words = options.flat_map(|line| line.split_whitespace().take(2));
    words
        .filter(|it| it.starts_with("--"))
        .map(|it| it.trim_end_matches([',', ']']).to_owned())
        .collect()
}

#[test]
fn every_flag_of_the_help_is_used_by_a_test() {
    let mut tests = String::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            tests += &fs::read_to_string(path).unwrap();
        }
    }
    let mut seen = 0;
    let mut missing = String::new();
    for command in [
        "check", "test", "simulate", "build", "fix", "fmt", "init", "new", "explain", "lsp",
        "graph", "docs", "preview",
    ] {
        for flag in flags_of(command) {
            seen += 1;
            let short = flag == "--output" && tests.contains("\"-o\"");
            if !short && !tests.contains(&format!("\"{flag}\"")) {
                let _ = writeln!(missing, "{command} {flag}");
            }
        }
    }
    assert_eq!(missing, "");
    assert!(seen > 50, "only {seen} flags were found");
}
