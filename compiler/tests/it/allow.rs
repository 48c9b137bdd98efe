//! `# allow NAME: reason`: what it keeps silent, and what it does not.

use journeyc::{LoadedProject, compile};

const EVENT: &str = "event order { amount: money in KRW }\n";

const GAP: &str = "if order.amount under 100원 { } otherwise if order.amount over 100원 { }";

/// The codes that are said, and whether there is a program.
fn said(source: &str) -> (Vec<&'static str>, bool) {
    let source = format!("{EVENT}{source}");
    let compilation = compile(&LoadedProject::from_texts([("a.journey", source.as_str())]));
    let codes = compilation.problems.iter().map(|it| it.code).collect();
    (codes, compilation.program.is_some())
}

#[test]
fn an_allowed_gap_is_silent_wherever_the_comment_may_stand() {
    let header = "journey j {\n  enter when order\n";
    assert_eq!(said(&format!("{header}  {GAP}\n}}\n")).0, ["J0201"]);
    for source in [
        format!("{header}  # allow branch-gap: meant\n  {GAP}\n}}\n"),
        format!("{header}  # allow J0201: meant\n  # More words.\n  {GAP}\n}}\n"),
        format!("{header}  {GAP} # allow branch-gap: 일부러 비웠다\n}}\n"),
        format!("# allow branch-gap: meant\n## Said above.\n{header}  {GAP}\n}}\n"),
        format!(
            "{}  {GAP}\n}}\n",
            header.replacen('\n', " # allow branch-gap: meant\n", 1)
        ),
    ] {
        assert_eq!(said(&source), (vec![], true), "{source}");
    }
}

#[test]
fn a_comment_allows_nothing_elsewhere() {
    let first =
        format!("# allow branch-gap: meant\njourney i {{\n  enter when order\n  {GAP}\n}}\n");
    let second = format!("journey j {{\n  enter when order\n  {GAP}\n}}\n");
    assert_eq!(said(&format!("{first}{second}")).0, ["J0201"]);
}

#[test]
fn a_comment_that_allows_nothing_is_reported_and_can_be_removed() {
    let source = format!(
        "{EVENT}journey j {{\n  enter when order\n  # allow branch-gap: old\n  add tag \"a\" # allow never-true: old\n}}\n"
    );
    let compilation = compile(&LoadedProject::from_texts([("a.journey", source.as_str())]));
    assert!(compilation.program.is_some());
    let mut text = source;
    let fixes: Vec<_> = compilation
        .problems
        .iter()
        .filter_map(|it| it.fix.clone())
        .collect();
    assert_eq!(fixes.len(), 2);
    for fix in fixes.iter().rev() {
        let span = fix.at.span.start as usize..fix.at.span.end as usize;
        text.replace_range(span, &fix.replacement);
    }
    let clean = format!("{EVENT}journey j {{\n  enter when order\n  add tag \"a\"\n}}\n");
    assert_eq!(text, clean);
}

#[test]
fn what_decides_the_meaning_of_a_program_cannot_be_allowed() {
    let (codes, program) = said("# allow unknown-name: I know\nsegment s { in nothing }\n");
    assert_eq!((codes, program), (vec!["J0096", "J0102"], false));
    let (codes, _) = said("# allow brnch-gap: meant\nsegment s { did order }\n");
    assert_eq!(codes, ["J0096"]);
    let (codes, _) = said("# allow branch-gap\nsegment s { did order }\n");
    assert_eq!(codes, ["J0096"]);
}

#[test]
fn a_comment_that_only_begins_like_one_is_a_comment() {
    let words = [
        "# allow people to come back",
        "# allowed: nothing",
        "# allow: nothing",
        "#",
    ];
    for comment in words {
        let (codes, _) = said(&format!("{comment}\nsegment s {{ did order }}\n"));
        assert!(codes.is_empty(), "{comment}: {codes:?}");
    }
}

#[test]
fn a_template_allows_in_its_settings() {
    let schema = "contact { name: text }\n";
    let template = |comment: &str| {
        format!(
            "+++\n{comment}purpose = \"transactional\"\nsubject = \"안녕\"\n+++\n{{{{ name }}}}를 봅니다.\n"
        )
    };
    let codes = |template: &str| -> Vec<&'static str> {
        let files = [("a.journey", schema), ("templates/email/a.md", template)];
        let compilation = compile(&LoadedProject::from_texts(files));
        compilation.problems.iter().map(|it| it.code).collect()
    };
    assert_eq!(codes(&template("")), ["J0309"]);
    let allowed = template("# allow bare-particle: 이름은 모두 받침이 없다\n");
    assert!(codes(&allowed).is_empty());
}
