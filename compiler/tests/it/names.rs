//! Names: declared twice, not at all, or as something else.

use journeyc::{LoadedProject, compile};

use crate::snippet::{check, check_all, check_alone, check_files};

#[test]
fn a_name_declared_twice_shows_both_places() {
    let said = check_all(&[
        "segment buyers { did signed_up }",
        "event buyers { page: text }",
        "contact { other: text }",
        "lifecycle name { a otherwise }",
        "event visit {\n  page: text\n  page: text\n}",
        "event visit { kind: one of a, b, a }",
        "lifecycle l {\n  a when did purchase\n  a otherwise\n}",
        "event email.clicked { page: text }",
        "journey j {\n  enter when signed_up\n  send email hello as x\n  send email hello as x\n}",
        "sequence s(a: text, a: text) { send email hello }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_of_its_kind() {
    let said = check_all(&[
        "segment s { did purchse }",
        "segment s { did purchase where (catgory is 홍삼) }",
        "segment s { nmae is \"a\" }",
        "segment s { in buyer }",
        "segment s { 생애주기 is 이탈위헌 }",
        "segment s { 생애쥬기 is 활동 }",
        "segment s { sex is 여자 }",
        "segment s { agreed to marketng by email }",
        "segment s { agreed to marketing by emial }",
        "segment s { now is inside ofice }",
        "segment s { total of purchse.total at least 5만원 }",
        "consent news { for emial, meta }",
        "policy p { no advertisin messages from 21:00 to 08:00, then wait }",
        "journey j {\n  enter when 생애주기 becomes 활통\n  priority hihg\n  send email helo\n}",
        "journey j {\n  enter when signed_up\n  run welcom\n  do crm.create_led\n  do cmr.create_lead\n  do zzz.create\n  assign to sale \"x\"\n  set nmae to \"x\"\n}",
        "journey j {\n  enter when signed_up\n  wait until 2 days before welcome1.expires\n  wait until welcome10.expire\n}",
        "test \"t\" for jorney { }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_clicked_link_is_one_that_a_template_of_the_channel_names() {
    const MAIL: &str = "+++\npurpose = \"transactional\"\nsubject = \"Hi\"\n+++\n[듣기](https://shop.example/{{ email }} \"bluetooth\")\n";
    let asked = |condition: &str| {
        let source = format!("segment s {{ did email.clicked where ({condition}) }}");
        check_files(&[
            ("schema.journey", "contact { email: email address }"),
            ("templates/email/hello.md", MAIL),
            ("snippet.journey", &source),
        ])
    };
    for fine in [
        "link is \"bluetooth\"",
        "link is known",
        "link contains \"blue\"",
    ] {
        assert_eq!(asked(fine), "nothing to say\n", "{fine}");
    }
    let near = asked("template is hello and link is \"blutooth\"");
    let far = asked("link is one of \"bluetooth\", \"케이블\"");
    insta::assert_snapshot!(near + &far);
}

#[test]
fn a_name_of_another_kind_is_told_with_what_it_is() {
    let said = check_all(&[
        "segment s { in 생애주기 }",
        "segment s { in purchase }",
        "segment s { buyers is \"a\" }",
        "segment s { purchase is \"a\" }",
        "journey j {\n  enter when joins 생애주기\n}",
        "journey j {\n  enter when buyers becomes 활동\n}",
        "journey j {\n  enter when buyers\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_was_reported_once_silences_what_depends_on_it() {
    let said = check_all(&[
        "segment a { did purchse }\nsegment b { in a }\njourney j { enter when joins b }",
        "score interest { +1 when signed_up }\nsegment s { interest at least 5 }",
        "segment a { in b }\nsegment b { in a }\nsegment c { in a }",
        "event visit { page: txet }\nsegment s { did visit where (page is \"/\") }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_project_without_a_contact_and_without_settings_is_fine() {
    assert_eq!(
        check_alone("event visit { page: text }\nsegment s { did visit where (page is \"/\") }"),
        "nothing to say\n"
    );
}

#[test]
fn names_are_found_in_whatever_file_they_stand() {
    assert_eq!(
        check("segment z { in a }\nsegment a { in buyers or 생애주기 is 활동 }"),
        "nothing to say\n"
    );
}

#[test]
fn what_nothing_uses_is_noted_where_there_are_journeys() {
    let library = "event visit { page: text }\nsegment a { did visit }\noffer b { 5% off }\n";
    let note = |journey: &str| {
        let text = format!("{library}{journey}");
        let template = "+++\npurpose = \"transactional\"\nsubject = \"x\"\n+++\nx\n";
        let files = [
            ("a.journey", text.as_str()),
            ("templates/email/t.md", template),
        ];
        let compilation = compile(&LoadedProject::from_texts(files));
        let words: Vec<String> = compilation
            .problems
            .iter()
            .map(|it| format!("{} {}", it.code, it.message.en))
            .collect();
        words
    };
    assert_eq!(note(""), Vec::<String>::new());
    let said = note("journey j { enter when visit }\n");
    assert_eq!(
        said,
        [
            "J0302 `a` is a segment that nothing uses",
            "J0302 `b` is an offer that nothing uses",
            "J0302 no journey sends `email t`",
        ]
    );
    assert_eq!(
        note("journey j {\n  enter when joins a\n  send email t\n  wait until b.expires\n}\n")
            .len(),
        1
    );
    let said = note("journey j {\n  enter when joins a\n  send email nothing\n}\n");
    assert!(said.iter().all(|it| it.starts_with("J0313")), "{said:?}");
}
