//! What help says can be followed: it names what is there, and leads to no further mistake.

use crate::snippet::{check_all, check_files};

#[test]
fn a_name_that_nothing_has_is_led_to_what_was_meant() {
    for (snippet, help) in [
        (
            "journey j {\n  enter when add_to_cart\n  if total at least 3만원 { send email hello }\n}",
            "did you mean `add_to_cart.total`?",
        ),
        (
            "journey j {\n  enter when add_to_cart and total at least 3만원\n}",
            "did you mean `add_to_cart.total`?",
        ),
        (
            "segment s { member is yes }",
            "add the line `member: yes or no, optional`",
        ),
        (
            "segment s { height over 180 }",
            "add the line `height: number, optional`",
        ),
        (
            "journey j {\n  enter when add_to_cart\n  exit when unsubscribed\n}",
            "`email.unsubscribed`",
        ),
        (
            "event joined_us \"회원가입\" { }\njourney j { enter when 회원가입 }",
            "`joined_us`",
        ),
        (
            "journey j {\n  enter when add_to_cart\n  wait until purchase\n}",
            "`wait up to 7 days for purchase`",
        ),
        (
            "journey j {\n  enter when add_to_cart\n  wait purchase\n}",
            "`wait up to 7 days for purchase`",
        ),
        (
            "journey j {\n  enter when add_to_cart\n  if add_to_cart.total under 30000 { exit }\n}",
            "`30,000원`",
        ),
    ] {
        let said = check_all(&[snippet]);
        assert!(said.contains(help), "{said}");
    }
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
    for (schema, help) in [
        ("", "declare `consent marketing { for email, sms }`"),
        (
            "consent marketing { for email }",
            "in `consent marketing` write `for email, sms` instead of `for email`",
        ),
    ] {
        let contact =
            "contact { email: email address, optional\n phone: phone number, optional }\n";
        let said = check_files(&[
            ("schema.journey", &format!("{contact}{schema}")),
            ("templates/email/hello.md", ad),
            ("templates/sms/hello.md", text),
            ("snippet.journey", ""),
        ]);
        assert!(
            said.contains(help) && !said.contains("transactional"),
            "{said}"
        );
    }
}

#[test]
fn curly_quotes_in_settings_are_named_and_nothing_else_is_said() {
    let template = "+++\npurpose = \"advertising\"\nsubject = “(광고) 안녕”\n+++\n한상 02-123-4567 {{ unsubscribe_link }}\n";
    let said = check_files(&[
        (
            "journey.toml",
            "[project]\nname = \"한상\"\n[compliance]\npacks = [\"kr\"]\n",
        ),
        (
            "schema.journey",
            "contact { email: email address }\nconsent marketing { for email }\n",
        ),
        ("templates/email/hello.md", template),
        ("snippet.journey", ""),
    ]);
    assert!(said.contains("encloses a setting"), "{said}");
    assert!(!said.contains("J0602"), "{said}");
}
