//! Who comes where: questions that are settled, arms that never win, words that take more people along than they seem to.

use journeyc::{LoadedProject, compile};

use crate::snippet::check_all;

/// What is said about the same journey with each of these headers and steps.
fn check(all: &[(&str, &str)]) -> String {
    let all: Vec<String> = all
        .iter()
        .map(|(header, steps)| format!("journey j {{\n  {header}\n\n  {steps}\n}}"))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check_all(&all)
}

const SMALL: &str = "enter when purchase where (total under 3만원)";

#[test]
fn a_question_that_all_who_come_answer_alike_is_reported() {
    let said = check(&[
        (SMALL, "if purchase.total under 5만원 { send email hello }"),
        (
            SMALL,
            "wait 3 days\n  if purchase.total at least 5만원 { send email hello }",
        ),
        (
            "enter when 생애주기 becomes 이탈위험",
            "if 생애주기 is 이탈위험 { send email hello }",
        ),
        (
            "enter when purchase",
            "if vip is yes { send email hello } otherwise if sex is 여성 { if vip is yes { exit } }",
        ),
        (
            "enter when purchase",
            "if purchase.category is 홍삼 { exit }\n  wait 1 day\n  if purchase.category is 홍삼 { send email hello }",
        ),
    ]);
    insta::assert_snapshot!(said);
    assert_eq!(said.matches("J0209").count(), 5, "{said}");
}

#[test]
fn what_may_have_changed_is_not_settled() {
    let said = check(&[
        (
            "enter when 생애주기 becomes 이탈위험",
            "wait 30 days\n  if 생애주기 is 이탈위험 { send email hello }",
        ),
        (
            "enter when purchase",
            "if vip is yes { exit }\n  wait 1 day\n  if vip is yes { send email hello }",
        ),
        (
            "enter when purchase",
            "if vip is yes { exit }\n  set vip to yes\n  if vip is yes { send email hello }",
        ),
        (
            "enter when purchase where (category is 홍삼)",
            "wait up to 3 days {\n    on purchase where (category is not 홍삼) { }\n    on timeout { }\n  }\n  if purchase.category is 홍삼 { exit }",
        ),
        (
            SMALL,
            "if purchase.total under 1만원 { } otherwise if purchase.total at least 1만원 { send email hello }",
        ),
        (
            "enter when purchase and never did signed_up",
            "wait 1 day\n  if did signed_up { send email hello }",
        ),
    ]);
    assert!(!said.contains("J0209") && !said.contains("error"), "{said}");
}

#[test]
fn a_definition_that_everyone_satisfies_is_reported() {
    let said = check_all(&[
        "segment s { age is known or age is missing }",
        "segment s { did purchase or never did purchase }",
        "journey j { enter when purchase where (total under 3만원) and purchase.total under 5만원 }",
    ]);
    assert_eq!(said.matches("J0209").count(), 3, "{said}");
}

#[test]
fn a_stage_whose_people_are_all_in_earlier_ones_is_reported() {
    let said = check_all(&[
        "lifecycle l {\n  활동 when did purchase in the last 90 days\n  위험 when did purchase in the last 60 days\n  휴면 otherwise\n}",
    ]);
    assert!(said.contains("J0205"), "{said}");
}

#[test]
fn an_arm_whose_event_ends_the_run_first_is_reported() {
    let arm = "wait up to 7 days {\n    on purchase where (category is 홍삼) { send email hello }\n    on timeout { }\n  }";
    let said = check(&[
        ("enter when signed_up\n  exit when purchase", arm),
        (
            "enter when signed_up\n  exit when purchase where (category is 홍삼)",
            arm,
        ),
        ("enter when signed_up\n  goal purchase within 30 days", arm),
        (
            "enter when signed_up\n  exit when 생애주기 becomes 활동",
            "wait up to 7 days {\n    on 생애주기 becomes 활동 { send email hello }\n    on timeout { }\n  }",
        ),
    ]);
    assert_eq!(said.matches("J0207").count(), 4, "{said}");
    let quiet = check(&[
        (
            "enter when signed_up\n  exit when purchase where (category is 비타민)",
            arm,
        ),
        (
            "enter when signed_up\n  exit when purchase where (total over 3만원)",
            arm,
        ),
        ("enter when signed_up\n  goal purchase within 5 days", arm),
        (
            "enter when signed_up\n  goal purchase within 30 days and continue",
            arm,
        ),
        (
            "enter when signed_up\n  goal purchase within 30 days",
            &format!("wait until trial_ends\n  {arm}"),
        ),
    ]);
    assert!(
        !quiet.contains("J0207") && !quiet.contains("error"),
        "{quiet}"
    );
}

#[test]
fn did_not_lately_takes_those_along_who_never_did() {
    let said = check_all(&[
        "segment s { did not purchase in the last 90 days }",
        "segment s { vip is yes and did not purchase in the last 90 days }",
        "segment s { 생애주기 is 신규 and did not signed_up in the last 90 days }",
        "journey j { enter every day at 10:00 for people where (did not purchase in the last 30 days) }",
    ]);
    assert_eq!(said.matches("J0204").count(), 4, "{said}");
    insta::assert_snapshot!(said);
    let quiet = check_all(&[
        "segment s { did purchase and did not purchase in the last 90 days }",
        "segment s { never did purchase or did not purchase in the last 90 days }",
        "segment s { did purchase in the last 1 year and did not purchase in the last 90 days }",
        "segment s { 생애주기 is 이탈위험 and did not purchase in the last 30 days }",
        "segment s { in buyers and did not purchase in the last 30 days }",
        "segment s { total of purchase.total at least 5만원 and did not purchase in the last 30 days }",
        "segment s { not did purchase in the last 90 days }",
        "lifecycle l {\n  새로 when never did purchase\n  조용 when did not purchase in the last 90 days\n  활동 otherwise\n}",
        "journey j {\n  enter when purchase\n  wait 90 days\n  if did not purchase in the last 30 days { send email hello }\n}",
        "journey j {\n  enter when 생애주기 becomes 활동\n  wait 90 days\n  if did not purchase in the last 30 days { send email hello }\n}",
    ]);
    assert!(
        !quiet.contains("J0204") && !quiet.contains("error"),
        "{quiet}"
    );
}

#[test]
fn not_takes_those_along_who_have_no_value() {
    let said = check_all(&[
        "segment s { not age under 30 }",
        "segment s { vip is yes and not sex is 여성 }",
        "journey j {\n  enter when purchase where (not quantity under 3)\n}",
        "journey j {\n  enter when purchase\n  if not purchase.quantity under 3 { send email hello }\n}",
    ]);
    assert_eq!(said.matches("J0203").count(), 4, "{said}");
    insta::assert_snapshot!(said);
    let quiet = check_all(&[
        "segment s { sex is not 여성 }",
        "segment s { age is known and not age under 30 }",
        "segment s { age is missing or not age under 30 }",
        "segment s { age over 20 and not age under 30 }",
        "segment s { not vip is yes }",
        "segment s { not 생애주기 is 활동 }",
        "segment s { not sex is missing }",
        "journey j {\n  enter when purchase where (quantity at least 1)\n  if not purchase.quantity under 3 { send email hello }\n}",
        "journey j {\n  enter when purchase\n  if purchase.quantity is missing { } otherwise if not purchase.quantity under 3 { send email hello }\n}",
    ]);
    assert!(
        !quiet.contains("J0203") && !quiet.contains("error"),
        "{quiet}"
    );
}

/// What is said of templates and journeys in a small project.
fn project(template: &str, journey: &str) -> Vec<String> {
    let schema = "contact {\n  name: text, optional\n}\nevent visit {\n  size: text, optional\n}\n";
    let text = format!("{schema}{journey}");
    let template = format!(
        "+++\npurpose = \"transactional\"\nneeds = {{ size = \"text\" }}\nsubject = \"x\"\n+++\n{template}\n"
    );
    let files = [
        ("a.journey", text.as_str()),
        ("templates/email/t.md", template.as_str()),
    ];
    let compilation = compile(&LoadedProject::from_texts(files));
    let problems = compilation.problems.iter();
    problems
        .map(|it| format!("{} {}", it.code, it.message.en))
        .collect()
}

#[test]
fn a_template_may_use_what_all_who_get_it_are_known_to_have() {
    let send = "send email t with (size: \"x\")";
    let known = [
        format!("journey j {{\n  enter when visit\n  if name is known {{ {send} }}\n}}\n"),
        format!(
            "journey j {{\n  enter when visit\n  if name is missing {{ exit }}\n  wait 1 day\n  {send}\n}}\n"
        ),
        format!("journey j {{\n  enter when visit and name is not \"x\"\n  {send}\n}}\n"),
        format!(
            "journey j {{\n  enter when visit\n  if name is missing {{ set name to \"x\" }}\n  {send}\n}}\n"
        ),
    ];
    for journey in &known {
        assert_eq!(
            project("{{ name }}", journey),
            Vec::<String>::new(),
            "{journey}"
        );
    }
    let unknown = [
        format!("journey j {{\n  enter when visit\n  {send}\n}}\n"),
        format!("journey j {{\n  enter when visit\n  if name is known {{ }}\n  {send}\n}}\n"),
        format!(
            "journey j {{\n  enter when visit\n  if name is known {{ {send} }}\n  {send}\n}}\n"
        ),
        format!("journey j {{\n  enter when visit\n  if not name is \"x\" {{ {send} }}\n}}\n"),
        String::new(),
    ];
    for journey in &unknown {
        let said = project("{{ name }}", journey);
        assert!(
            said.iter().any(|it| it.starts_with("J0303")),
            "{journey}: {said:?}"
        );
    }
}

#[test]
fn what_brought_or_answered_somebody_is_known() {
    let said = |journey: &str| {
        let schema = "contact {\n  email: email address, optional\n  size: text, optional\n  ends: date, optional\n}\nevent visit {}\n";
        let text = format!("{schema}{journey}");
        let template = |hole: &str| {
            format!("+++\npurpose = \"transactional\"\nsubject = \"x\"\n+++\n{hole}\n")
        };
        let templates = [
            ("ends", "{{ ends | date }}"),
            ("size", "{{ size }}"),
            ("plain", "x"),
        ];
        // A template that nobody sends is judged by what everyone is known to have.
        let sent = templates
            .iter()
            .filter(|(name, _)| journey.contains(&format!("email {name}")));
        let mut files = vec![("a.journey".to_owned(), text)];
        files.extend(
            sent.map(|(name, hole)| (format!("templates/email/{name}.md"), template(hole))),
        );
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        let compilation = compile(&LoadedProject::from_texts(files));
        let codes = compilation.problems.iter().map(|it| it.code);
        codes.filter(|it| *it == "J0303").count()
    };
    let ask = |arm: &str| {
        format!(
            "journey j {{\n  enter when visit\n  ask email plain for size up to 1 day {{\n    on answer {{ }}\n    on timeout {{ exit }}\n  }}\n  {arm}\n}}"
        )
    };
    for sure in [
        "journey j {\n  enter 3 days before ends at 10:00 for everyone\n  send email ends\n}",
        "journey j {\n  enter when size changes to \"M\"\n  send email size\n}",
        &ask("send email size"),
    ] {
        assert_eq!(said(sure), 0, "{sure}");
    }
    for unsure in [
        "journey j {\n  enter 3 days before ends at 10:00 for everyone\n  send email size\n}",
        "journey j {\n  enter when size changes\n  send email size\n}",
        "journey j {\n  enter when size changes from \"M\" to missing\n  send email size\n}",
        &ask("send email ends"),
        &ask("send email size").replace("{ exit }", "{ }"),
    ] {
        assert_eq!(said(unsure), 1, "{unsure}");
    }
}

#[test]
fn an_argument_that_a_message_cannot_do_without_must_be_there() {
    let send = "send email t with (size: visit.size)";
    let unsure = format!("journey j {{\n  enter when visit\n  {send}\n}}\n");
    let said = project("{{ size }}", &unsure);
    assert_eq!(
        said,
        ["J0303 `visit.size` may be missing here, and `t` says nothing without it"]
    );
    assert_eq!(
        project("{{ size | or: 'M' }}", &unsure),
        Vec::<String>::new()
    );
    for sure in [
        format!("journey j {{\n  enter when visit where (size is known)\n  {send}\n}}\n"),
        format!(
            "journey j {{\n  enter when visit\n  if visit.size is \"M\" or visit.size is \"L\" {{ {send} }}\n}}\n"
        ),
        format!(
            "journey j {{\n  enter when visit\n  choose by visit.size {{\n    missing {{ exit }}\n    otherwise {{ }}\n  }}\n  {send}\n}}\n"
        ),
        format!(
            "journey j {{\n  enter when visit where (size is known)\n  wait up to 1 day {{\n    on visit where (size is \"M\") {{ }}\n    on timeout {{ }}\n  }}\n  {send}\n}}\n"
        ),
    ] {
        assert_eq!(project("{{ size }}", &sure), Vec::<String>::new(), "{sure}");
    }
    let again = format!(
        "journey j {{\n  enter when visit where (size is known)\n  wait up to 1 day {{\n    on visit {{ }}\n    on timeout {{ }}\n  }}\n  {send}\n}}\n"
    );
    assert_eq!(project("{{ size }}", &again).len(), 1);
}

#[test]
fn an_event_that_all_who_go_on_have_seen_is_known_after_the_wait() {
    let wait = |timeout: &str, after: &str| {
        format!(
            "journey j {{\n  enter when signed_up\n  wait up to 3 days {{\n    on survey_answered {{ }}\n    on timeout {{ {timeout} }}\n  }}\n  {after}\n}}"
        )
    };
    let read = "if survey_answered.reason is 가격 { send email hello }";
    let known = check_all(&[&wait("exit", read)]);
    assert!(known.contains("nothing to say"), "{known}");
    let inside = format!("if vip is yes {{ {read} }}");
    let known = check_all(&[&wait("exit", &inside)]);
    assert!(known.contains("nothing to say"), "{known}");
    let unknown = check_all(&[
        &wait("", read),
        &wait("if vip is yes { exit }", read),
        &format!(
            "journey j {{\n  enter when signed_up\n  if vip is yes {{\n    wait up to 3 days {{\n      on survey_answered {{ }}\n      on timeout {{ exit }}\n    }}\n  }}\n  {read}\n}}"
        ),
    ]);
    assert_eq!(unknown.matches("J0304").count(), 3, "{unknown}");
}
