//! `journeyc simulate`: a log with a known outcome, any number of threads, people who are joined, and what a changed
//! threshold does to whom.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{ended, journeyc};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// The example shop, to be changed.
pub(crate) fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/shop"), &folder.path().join("shop"));
    folder
}

/// Five people with a cart: too small for an offer, large enough, very large, bought in time, and without consent.
/// Times are in Seoul: the carts are of 14:00, so that a day and ten minutes later is 14:10.
fn log() -> String {
    let mut lines = String::new();
    for (who, total, consent) in [
        ("ann", 20_000, true),
        ("bob", 40_000, true),
        ("cho", 90_000, true),
        ("dan", 50_000, true),
        ("eve", 50_000, false),
    ] {
        write!(
            lines,
            r#"{{"messageId":"i-{who}","type":"identify","userId":"{who}","timestamp":"2026-03-02T13:00:00+09:00","traits":{{"email":"{who}@example.com","consents":{{"marketing":{{"email":{consent}}}}}}}}}
{{"messageId":"c-{who}","type":"track","userId":"{who}","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{{"cart_id":"{who}-1","total":{total}}}}}
"#
        )
        .unwrap();
    }
    lines.push_str(
        r#"{"messageId":"p-dan","type":"track","userId":"dan","event":"purchase","timestamp":"2026-03-02T17:00:00+09:00","properties":{"order_id":"o1","cart_id":"dan-1","total":50000,"category":"홍삼"}}
{"messageId":"c-bob","type":"track","userId":"bob","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{"cart_id":"bob-1","total":40000}}
this is no JSON
"#,
    );
    lines
}

fn simulated(folder: &Path, arguments: &[&str]) -> Value {
    let all = [
        &["simulate", "log.ndjson", "shop", "--format", "json"],
        arguments,
    ]
    .concat();
    let (out, err, code) = ended(&journeyc(folder, &all));
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_small_log_has_the_outcome_that_was_worked_out_by_hand() {
    let folder = shop();
    fs::write(folder.path().join("log.ndjson"), log()).unwrap();
    let all = simulated(folder.path(), &["--tail", "2 days"]);
    assert_eq!(all["people"], 5);
    assert_eq!(all["rows"]["read"], 13);
    assert_eq!(all["rows"]["repeats"], 1);
    assert_eq!(all["rows"]["bad"], 1);
    assert_eq!(all["rows"]["bad_rows"][0]["line"], 13);
    let rescue = &all["journeys"]["cart_rescue"];
    assert_eq!(rescue["entered"], 5);
    assert_eq!(rescue["goals"], 1);
    assert_eq!(rescue["median_milliseconds_to_goal"], 3 * 3_600_000);
    assert_eq!(rescue["messages"], 3);
    assert_eq!(rescue["messages_by_day"]["2026-03-03"], 3);
    assert_eq!(rescue["sends_skipped"], 1);
    assert_eq!(rescue["skipped"][0]["reason"], "no_consent");
    assert_eq!(
        all["templates"],
        serde_json::json!([
            {"channel": "email", "template": "cart_reminder", "messages": 1},
            {"channel": "email", "template": "cart_special_offer", "messages": 2},
        ])
    );
    assert_eq!(all["messages_per_person"]["0"], 2);
    assert_eq!(all["messages_per_person"]["1"], 3);
    assert_eq!(all["messages_per_person"]["most"]["person"], "ann");
    assert_eq!(all["until"], "2026-03-04 17:00");

    let assumed = simulated(folder.path(), &["--tail", "2 days", "--assume", "consent"]);
    // What the log says of consent comes after what is assumed.
    assert_eq!(assumed["messages"], 3);
}

#[test]
fn a_story_has_the_outcome_that_its_test_has() {
    let folder = shop();
    fs::write(folder.path().join("log.ndjson"), log()).unwrap();
    let story = "test \"bob\" for cart_rescue {
  given bob { email: \"bob@example.com\", agreed to marketing by email }
  at 2026-03-02 14:00 bob does add_to_cart { cart_id: \"bob-1\", total: 4만원 }
  after 2 days
  expect only email cart_special_offer to bob at 2026-03-03 14:10
  expect bob exited as completed
}
";
    fs::write(folder.path().join("shop/tests/bob.journey"), story).unwrap();
    let tested = journeyc(folder.path(), &["test", "shop", "--filter", "bob"]);
    let (out, err, code) = ended(&tested);
    assert_eq!(code, 0, "{out}{err}");
    let only_bob: Vec<String> = log()
        .lines()
        .filter(|it| it.contains("\"bob\""))
        .map(str::to_owned)
        .collect();
    fs::write(folder.path().join("log.ndjson"), only_bob.join("\n")).unwrap();
    let all = simulated(folder.path(), &["--until", "2026-03-04 14:00"]);
    let rescue = &all["journeys"]["cart_rescue"];
    assert_eq!(rescue["left"][0]["how"], "completed");
    assert_eq!(rescue["templates"][0]["template"], "cart_special_offer");
    assert_eq!(all["messages_by_day"]["2026-03-03"]["email"], 1);
    assert_eq!(all["messages"], 1);
}

#[test]
fn one_thread_and_eight_say_the_same() {
    for format in ["table", "json", "html"] {
        let said = |threads: &str| {
            let arguments = [
                "simulate",
                "examples/shop/data/events.ndjson",
                "examples/shop",
                "--threads",
                threads,
                "--format",
                format,
                "--tail",
                "30 days",
                "--lang",
                "ko",
            ];
            let (out, err, code) = ended(&journeyc(&root(), &arguments));
            assert_eq!(code, 0, "{err}");
            out
        };
        assert_eq!(said("1"), said("8"));
    }
}

#[test]
fn a_changed_threshold_changes_exactly_those_between_the_two() {
    let folder = shop();
    fs::write(folder.path().join("log.ndjson"), log()).unwrap();
    copy(&folder.path().join("shop"), &folder.path().join("before"));
    let path = folder.path().join("shop/journeys/cart_rescue.journey");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("at least 3만원", "at least 5만원")).unwrap();
    let arguments = ["--tail", "2 days", "--against", "before"];
    let all = simulated(folder.path(), &arguments);
    assert_eq!(all["difference"]["people"], 1);
    let example = &all["difference"]["examples"][0];
    assert_eq!(example["person"], "bob");
    assert_eq!(example["before"]["at"], "2026-03-03 14:10");
    assert_eq!(
        example["before"]["what"],
        "gets email cart_special_offer from cart_rescue"
    );
    assert_eq!(
        example["after"]["what"],
        "gets email cart_reminder from cart_rescue"
    );
    assert_eq!(all["before"]["templates"][1]["messages"], 2);
    assert_eq!(all["templates"][1]["messages"], 1);

    let same = [
        "--lang",
        "en",
        "simulate",
        "log.ndjson",
        "shop",
        "--against",
        "shop",
    ];
    let (out, _, _) = ended(&journeyc(folder.path(), &same));
    assert!(
        out.contains("nothing is done differently to any of 5 people"),
        "{out}"
    );
}

#[test]
fn a_device_that_is_joined_later_is_the_same_person_from_the_start() {
    let folder = shop();
    let lines = r#"{"messageId":"1","type":"track","anonymousId":"phone","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{"cart_id":"c","total":40000}}
{"messageId":"2","type":"identify","anonymousId":"phone","userId":"bob","timestamp":"2026-03-02T15:00:00+09:00","traits":{"email":"bob@example.com","consents":{"marketing":{"email":true}}}}
"#;
    fs::write(folder.path().join("log.ndjson"), lines).unwrap();
    let all = simulated(folder.path(), &["--tail", "2 days"]);
    assert_eq!(all["people"], 1);
    assert_eq!(all["messages_per_person"]["most"]["person"], "bob");
}

#[test]
fn a_table_whose_columns_do_not_fit_is_told_so_before_anything_is_read() {
    let folder = shop();
    fs::write(folder.path().join("log.csv"), "day,who\n1,2\n").unwrap();
    let (out, err, code) = ended(&journeyc(folder.path(), &["simulate", "log.csv", "shop"]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("the file has no column `event`"), "{err}");
}

#[test]
fn a_wholesaler_s_two_years_of_invoices_are_all_taken() {
    let folder = std::env::var_os("JOURNEY_LOGS").map(PathBuf::from);
    let Some(log) = folder.map(|it| it.join("online-retail.csv.gz")) else {
        return;
    };
    let log = log.to_str().unwrap();
    let arguments = [
        "simulate",
        log,
        "examples/retail",
        "--as",
        "invoices",
        "--format",
        "json",
    ];
    let (out, err, code) = ended(&journeyc(&root(), &arguments));
    assert_eq!(code, 0, "{err}");
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(all["rows"]["read"], 44_876);
    assert_eq!(all["rows"]["taken"], 36_975);
    assert_eq!(all["rows"]["bad"], 0);
}

/// Eleven people who bought for 1만원 to 11만원, and one who bought nothing.
#[test]
fn people_are_ranked_against_everybody_in_the_log() {
    let folder = shop();
    let mut lines = String::new();
    for n in 0..12 {
        let total = n * 10_000;
        writeln!(
            lines,
            r#"{{"messageId":"i-{n}","type":"identify","userId":"p{n:02}","timestamp":"2026-03-02T13:00:00+09:00","traits":{{"email":"p{n}@example.com","consents":{{"ads":{{"meta":true}}}}}}}}"#
        )
        .unwrap();
        if n > 0 {
            writeln!(
                lines,
                r#"{{"messageId":"p-{n}","type":"track","userId":"p{n:02}","event":"purchase","timestamp":"2026-03-02T17:00:00+09:00","properties":{{"order_id":"o{n}","total":{total},"category":"홍삼"}}}}"#
            )
            .unwrap();
        }
    }
    fs::write(folder.path().join("log.ndjson"), lines).unwrap();
    let audience = "consent ads { for meta }
audience best {
  people where (top 10% by total of purchase.total)
  sync to meta
  needs consent ads
  match by email
  ranked daily at 04:00
}
";
    let place = folder.path().join("shop/segments/best.journey");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, audience).unwrap();
    let arguments = ["--tail", "2 days", "--assume", "consent"];
    let all = simulated(folder.path(), &arguments);
    let threads = [&arguments[..], &["--threads", "7"]].concat();
    assert_eq!(simulated(folder.path(), &threads), all);
    // Two of eleven: a part of a person counts as one.
    assert_eq!(all["segments"]["best"]["at_end"], 2, "{}", all["segments"]);
}

/// One cart each, of people of whom the log says nothing, except that nobody may write to `eve` and where `fay` is.
fn carts_of_strangers() -> String {
    let mut lines = String::new();
    for who in ["dot", "eve", "fay"] {
        writeln!(
            lines,
            r#"{{"messageId":"c-{who}","type":"track","userId":"{who}","event":"add_to_cart","timestamp":"2026-03-02T14:00:00+09:00","properties":{{"cart_id":"{who}-1","total":20000}}}}"#
        )
        .unwrap();
    }
    lines.push_str(
        r#"{"messageId":"w-eve","type":"identify","userId":"eve","timestamp":"2026-03-02T15:00:00+09:00","traits":{"consents":{"marketing":{"email":false}}}}
{"messageId":"i-fay","type":"identify","userId":"fay","timestamp":"2026-03-02T15:00:00+09:00","traits":{"email":"fay@example.com"}}
"#,
    );
    lines
}

#[test]
fn what_is_assumed_is_what_the_log_leaves_out_and_never_what_it_denies() {
    let folder = shop();
    fs::write(folder.path().join("log.ndjson"), carts_of_strangers()).unwrap();
    let sent = |assume: &[&str]| {
        let arguments = [&["--tail", "2 days", "--messages", "sent.csv"], assume].concat();
        let all = simulated(folder.path(), &arguments);
        let table = fs::read_to_string(folder.path().join("sent.csv")).unwrap();
        let rows = table.lines().skip(1).map(str::to_owned);
        let rows: Vec<String> = rows.collect();
        assert_eq!(all["messages"], rows.len());
        rows
    };
    let row = |who: &str| {
        format!("2026-03-03T05:10:00Z,\"{who}\",email,\"cart_reminder\",\"cart_rescue\"")
    };
    assert!(sent(&[]).is_empty());
    assert!(sent(&["--assume", "addresses"]).is_empty());
    assert_eq!(sent(&["--assume", "consent"]), [row("fay")]);
    let both = sent(&["--assume", "consent,addresses"]);
    assert_eq!(both, [row("dot"), row("fay")]);
}
