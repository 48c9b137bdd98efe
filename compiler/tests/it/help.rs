//! What help says can be followed: it names what is there, and leads to no further mistake.

use crate::snippet::{check_all, check_files};

#[test]
fn a_name_that_nothing_has_is_led_to_what_was_meant() {
    insta::assert_snapshot!(check_all(&[
        "journey j {\n  enter when add_to_cart\n  if total at least 3만원 { send email hello }\n}",
        "journey j {\n  enter when add_to_cart and total at least 3만원\n}",
        "segment s { member is yes }",
        "segment s { height over 180 }",
        "journey j {\n  enter when add_to_cart\n  exit when unsubscribed\n}",
        "event joined_us \"회원가입\" { }\njourney j { enter when 회원가입 }",
        "contact { member: yes or no }\nsegment s { member is yes and vip is yes }",
        "journey j {\n  enter when add_to_cart\n  wait until purchase\n}",
        "journey j {\n  enter when add_to_cart\n  wait purchase\n}",
        "journey j {\n  enter when add_to_cart\n  if add_to_cart.total under 30000 { exit }\n}",
    ]));
}

#[test]
fn nothing_is_said_about_fields_while_the_entry_cannot_be_read() {
    let said = check_all(&[
        "journey j {\n  entr when add_to_cart\n  if add_to_cart.total at least 3만원 { exit }\n  wait 1 day\n}",
    ]);
    assert!(said.contains("J0001") && !said.contains("J0304"), "{said}");
}

#[test]
fn a_missing_consent_is_asked_for_by_the_line_that_is_there() {
    let ad = "+++\npurpose = \"advertising\"\nsubject = \"x\"\n+++\nx {{ unsubscribe_link }}\n";
    let text = "+++\npurpose = \"advertising\"\n+++\nx\n";
    let project = |schema: &str| {
        let contact =
            "contact { email: email address, optional\n phone: phone number, optional }\n";
        check_files(&[
            ("schema.journey", &format!("{contact}{schema}")),
            ("templates/email/hello.md", ad),
            ("templates/sms/hello.md", text),
            ("snippet.journey", ""),
        ])
    };
    insta::assert_snapshot!(
        [
            project(""),
            project("consent marketing { for email }"),
            project("consent ads { for email, meta }"),
        ]
        .join("\n")
    );
}

#[test]
fn curly_quotes_in_settings_are_named_and_nothing_else_is_said() {
    let template = "+++\npurpose = “advertising”\nsubject = “(광고) 안녕”\n+++\n한상 02-123-4567 {{ unsubscribe_link }}\n";
    insta::assert_snapshot!(check_files(&[
        (
            "journey.toml",
            "[project]\nname = \"한상\"\n[compliance]\npacks = [\"korea\"]\n"
        ),
        (
            "schema.journey",
            "contact { email: email address }\nconsent marketing { for email }\n"
        ),
        ("templates/email/hello.md", template),
        ("snippet.journey", ""),
    ]));
}
