//! `journeyc preview`: what one person would read, where samples stand, and what is wrong with what was given.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{ended, journeyc};
use crate::simulate::shop;

/// Previews a message of the example shop for a person and with arguments.
fn previewed(
    folder: &Path,
    person: &str,
    arguments: &str,
    command: &[&str],
) -> (String, String, i32) {
    fs::write(folder.join("person.json"), person).unwrap();
    fs::write(folder.join("arguments.json"), arguments).unwrap();
    let all = [&["preview"][..], command].concat();
    ended(&journeyc(folder, &all))
}

#[test]
fn a_particle_follows_the_name_and_a_missing_value_gets_the_words_for_it() {
    let folder = shop();
    let command = ["email/starter_3", "shop", "--as", "person.json"];
    for (person, reads) in [
        (r#"{"company": "한빛"}"#, "한빛을 맡을 담당자가"),
        (r#"{"company": "나래"}"#, "나래를 맡을 담당자가"),
        ("{}", "귀사를 맡을 담당자가"),
        (r#"{"company": null}"#, "귀사를 맡을 담당자가"),
    ] {
        let (out, err, code) = previewed(folder.path(), person, "{}", &command);
        assert_eq!((code, err.as_str()), (0, ""), "{person}");
        assert!(
            out.starts_with("제목: (광고) 첫 주문을 도와드릴까요?\n\n"),
            "{out}"
        );
        assert!(out.contains(reads), "{out}");
    }
}

#[test]
fn values_are_written_as_the_daemon_writes_them_and_never_as_markup() {
    let folder = shop();
    let (out, err, code) = previewed(
        folder.path(),
        r#"{"name": "<b>민지</b>"}"#,
        r#"{"coupon": {"title": "첫 구매 *10%*", "code": "AB-12", "expires": "2026-09-14"}}"#,
        &[
            "templates/email/welcome_coupon.md",
            "shop",
            "--as",
            "person.json",
            "--with",
            "arguments.json",
            "--format",
            "json",
        ],
    );
    assert_eq!((code, err.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        json["subject"],
        "(광고) <b>민지</b>님, 첫 구매 *10%* 쿠폰이 도착했어요"
    );
    let (html, text) = (
        json["html"].as_str().unwrap(),
        json["text"].as_str().unwrap(),
    );
    assert!(
        html.contains("<strong>첫 구매 *10%*</strong> 쿠폰을 드려요."),
        "{html}"
    );
    assert!(!html.contains("<b>"), "{html}");
    assert!(
        text.contains("2026년 9월 14일까지 쓸 수 있습니다."),
        "{text}"
    );
    assert!(text.contains("(https://example.com/unsubscribe)"), "{text}");
}

#[test]
fn without_files_samples_stand_everywhere_and_are_listed() {
    let folder = shop();
    let (out, err, code) = ended(&journeyc(
        folder.path(),
        &[
            "preview",
            "sms/welcome_coupon",
            "shop",
            "--format",
            "json",
            "--lang",
            "en",
        ],
    ));
    assert_eq!(code, 0, "{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    assert!(json["html"].is_null());
    assert!(
        json["text"].as_str().unwrap().contains("WELCOME-7K2M"),
        "{out}"
    );
    assert!(
        err.contains("sample: `contact.name` is shown as “민지”"),
        "{err}"
    );
    assert!(
        err.contains("sample: `coupon.code` is shown as “WELCOME-7K2M”"),
        "{err}"
    );
}

#[test]
fn what_a_person_lacks_without_words_for_it_is_told_to_stop_the_message() {
    let folder = shop();
    let command = [
        "email/welcome_coupon",
        "shop",
        "--with",
        "arguments.json",
        "--lang",
        "en",
    ];
    let (_, err, code) = previewed(folder.path(), "{}", "{}", &command);
    assert_eq!(code, 0);
    assert!(
        err.contains("`coupon.code` has no value, and the message would not be sent"),
        "{err}"
    );
}

#[test]
fn the_language_that_is_asked_for_or_the_persons_own_picks_the_translation() {
    let folder = shop();
    let template = folder.path().join("shop/templates/email/starter_3.en.md");
    fs::write(
        template,
        "+++\nsubject = \"(광고) Your first order\"\n+++\nHello {{ name | or: 'there' }}.\n\n\
         Example Inc. · 8 Yeje-ro, Seoul · cs@example.kr · 02-000-0000\n\
         [수신거부 / Unsubscribe]({{ unsubscribe_link }})\n",
    )
    .unwrap();
    let english = "Subject: (광고) Your first order\n\nHello there.\n";
    let command = ["starter_3", "shop", "--as", "person.json", "--lang", "en"];
    let (out, err, code) = previewed(folder.path(), "{}", "{}", &command);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with(english), "{out}");
    let people = folder.path().join("shop/schema/people.journey");
    let schema = fs::read_to_string(&people).unwrap();
    let schema = schema.replacen("contact {", "contact {\n  language: text, optional", 1);
    fs::write(people, schema).unwrap();
    let person = r#"{"language": "English", "name": "Ana"}"#;
    let (out, _, code) = previewed(folder.path(), person, "{}", &command[..4]);
    assert_eq!(code, 0);
    assert!(out.contains("Hello Ana."), "{out}");
}

#[test]
fn a_misspelled_template_attribute_or_argument_is_told_with_the_nearest() {
    let folder = shop();
    for (asked, near) in [
        (
            "email/welcome_cupon",
            "did you mean `email/welcome_coupon`?",
        ),
        ("starter_33", "did you mean `starter_3`?"),
        (
            "welcome_coupon",
            "write one of `email/welcome_coupon`, `kakao/welcome_coupon`",
        ),
    ] {
        let (out, err, code) = ended(&journeyc(
            folder.path(),
            &["preview", asked, "shop", "--lang", "en"],
        ));
        assert_eq!((code, out.as_str()), (2, ""), "{asked}");
        assert!(err.contains(near), "{err}");
    }
    let command = [
        "email/welcome_coupon",
        "shop",
        "--as",
        "person.json",
        "--with",
        "arguments.json",
        "--lang",
        "en",
    ];
    let (out, err, code) = previewed(
        folder.path(),
        r#"{"nmae": "민지", "email": "nowhere"}"#,
        r#"{"cuopon": {}, "coupon": {"expires": "soon"}}"#,
        &command,
    );
    assert_eq!(code, 1);
    assert!(out.contains("고객님"), "{out}");
    for problem in [
        "problem: `nmae` is not an attribute of this project; did you mean `name`?\n",
        "problem: `email` should be an e-mail address, and is \"nowhere\"\n",
        "problem: `cuopon` is not an argument of this message; did you mean `coupon`?\n",
        "problem: `coupon.expires` should be a time such as",
    ] {
        assert!(err.contains(problem), "{err}");
    }
}

#[test]
fn only_a_mail_is_written_as_a_page() {
    let folder = shop();
    let html = ["--format", "html", "-o", "mail.html"];
    let mail = [&["preview", "starter_3", "shop"][..], &html].concat();
    let (out, _, code) = ended(&journeyc(folder.path(), &mail));
    assert_eq!((code, out.as_str()), (0, ""));
    let page = fs::read_to_string(folder.path().join("mail.html")).unwrap();
    assert!(page.starts_with("<!doctype html>"), "{page}");
    let text = [&["preview", "sms/welcome_coupon", "shop"][..], &html].concat();
    let (_, _, code) = ended(&journeyc(folder.path(), &text));
    assert_eq!(code, 2);
}
