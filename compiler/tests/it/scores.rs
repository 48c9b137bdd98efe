//! Scores: what can be written, what it becomes, and where a score can be read.

use crate::snippet::{check_all, entries, program};

#[test]
fn a_score_that_cannot_be_is_told_in_plain_words() {
    let said = check_all(&[
        "score s { halves every 14 days }",
        "score s { +0 when signed_up }",
        "score s { +99999999 when signed_up }",
        "score s {\n  +5 when signed_up\n  halves every 1 month\n}",
        "score s {\n  +5 when signed_up\n  halves every 1 second\n}",
        "score s {\n  +5 when signed_up\n  halves every 2 days\n  halves every 3 days\n}",
        "score s {\n  +5 when signed_up\n  shown between 100 and 0\n}",
        "score s {\n  +5 when signed_up\n  shown between 0.5 and 2\n}",
        "score s { +5 when signd_up }",
        "score s { +5 when purchase where (age under 30) }",
        "score s { +5 when signed_up }\nsegment a { s is \"many\" }",
        "score s { +5 when signed_up }\nsegment a { s is 2.5 }",
        "score s { +5 when signed_up }\nsegment a { z at least 5 }",
        "score s {\n  +5 when signed_up\n  shown between 0 and 100\n}\nsegment a { s under 0 }",
        "score s { +5 when signed_up }\nsegment a { s under 5 and s at least 5 }",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn branches_over_a_score_leave_nobody_out_between_whole_points() {
    let said = check_all(&[
        "score s { +5 when signed_up }\njourney j {\n  enter when signed_up\n  if s at most 9 { send email hello } otherwise if s at least 10 { exit }\n}",
        "score s { +5 when signed_up }\njourney j {\n  enter when signed_up\n  if s under 10 { send email hello } otherwise if s over 10 { exit }\n}",
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_score_is_counts_times_points() {
    let files = [
        (
            "templates/email/hot.md",
            "+++\npurpose = \"transactional\"\nsubject = \"{{ lead_score }}\"\n+++\nYou have {{ lead_score }} points.\n",
        ),
        (
            "journey.toml",
            "[connectors.crm.actions.update]\ninputs = { score = \"whole number\" }\n",
        ),
        (
            "a.journey",
            "contact { email: email address }
event visit { page: text }
event inquiry { about: text }
score lead_score \"리드 점수\" {
  +10 when visit where (page starts with \"/pricing\")
  +5 when email.clicked
  -40 when email.unsubscribed
  halves every 2 weeks
  shown between 0 and 100
}
score visits { +1 when visit }
segment hot { lead_score at least 50 and visits over 3 }
journey j {
  enter when inquiry
  do crm.update with (score: lead_score)
  send email hot
}
",
        ),
    ];
    let program = program(files);
    let said = [
        entries(&program.aggregates),
        entries(&program.scores),
        entries(&program.atoms),
        entries(&program.messages[0].body),
        entries(&program.journeys[0].steps),
    ];
    insta::assert_snapshot!(said.concat());
}
