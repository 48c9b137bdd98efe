//! The overview, and the pages of people and events, of figures and audiences, and of rules and offers.

use std::fmt::Write;

use journey_ir as ir;

use super::page::{MEASURES, journey_file, page, table, titled};
use super::{DocFile, Subject};
use crate::explain::{Thing, lines, things};
use crate::graph::escape;
use crate::sentences::{Teller, grouped};

/// The first page: what there is, and all journeys.
pub(super) fn index(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let program = teller.program;
    let mut body = format!("<h1>{}</h1>\n", escape(&program.project.name));
    let zone = escape(&program.project.timezone);
    let counts = [
        (program.journeys.len(), "journeys", "여정"),
        (program.messages.len(), "messages", "메시지"),
        (program.segments.len(), "segments", "세그먼트"),
        (program.lifecycles.len(), "lifecycles", "생애주기"),
        (program.offers.len(), "offers", "쿠폰·혜택"),
        (
            subject.tests.values().map(Vec::len).sum(),
            "tests",
            "테스트",
        ),
    ];
    let counts: Vec<String> = counts
        .iter()
        .map(|(n, en, ko)| {
            let n = grouped(*n as u64);
            if teller.is_korean() {
                format!("{ko} {n}개")
            } else {
                format!("{n} {en}")
            }
        })
        .collect();
    // Writing to a string cannot fail.
    let _ = writeln!(body, "<p class=\"dim\">{} · {zone}</p>", counts.join(" · "));
    let _ = writeln!(body, "<h2>{}</h2>", teller.word("Journeys", "여정"));
    let rows: Vec<Vec<String>> = program.journeys.iter().map(|it| row(subject, it)).collect();
    let head = [
        teller.word("Journey", "여정"),
        teller.word("Starts", "시작"),
        teller.word("Goal", "목표"),
        teller.word("Messages", "메시지"),
        teller.word("Tests", "테스트"),
    ];
    body += &table(&head, &rows);
    for lifecycle in &program.lifecycles {
        body += &stages(teller, lifecycle);
    }
    page(
        subject,
        "index.html",
        teller.word("Overview", "한눈에 보기"),
        &body,
    )
}

fn row(subject: &Subject<'_>, journey: &ir::Journey) -> Vec<String> {
    let teller = subject.teller;
    let goal = journey.goal.as_ref().map(|it| {
        let event = teller.event(it.event);
        let within = teller.span(it.within);
        format!("{event} · {within}")
    });
    let messages = teller.messages_of(journey).count();
    let tests = subject.tests.get(&journey.name).map_or(0, Vec::len);
    vec![
        format!(
            "<a href=\"{}\">{}</a>",
            escape(&journey_file(&journey.name)),
            titled(teller.journey(journey), &journey.name)
        ),
        escape(&teller.entry(journey)),
        escape(&goal.unwrap_or_default()),
        messages.to_string(),
        tests.to_string(),
    ]
}

/// A lifecycle as a table: each stage, who is in it, and the journeys that start there.
fn stages(teller: Teller<'_>, lifecycle: &ir::Lifecycle) -> String {
    let title = lifecycle.title.as_deref().unwrap_or(&lifecycle.name);
    let starts = |at: usize| {
        let here = |journey: &&ir::Journey| {
            let ir::Entry::When {
                trigger:
                    ir::Trigger::Becomes {
                        lifecycle: of,
                        stage,
                    },
                ..
            } = &journey.entry
            else {
                return false;
            };
            teller.program.lifecycle(*of) == Some(lifecycle) && stage.at() == at
        };
        let links: Vec<String> = teller
            .program
            .journeys
            .iter()
            .filter(here)
            .map(|it| {
                let file = escape(&journey_file(&it.name));
                format!("<a href=\"{file}\">{}</a>", escape(teller.journey(it)))
            })
            .collect();
        links.join(", ")
    };
    let rows: Vec<Vec<String>> = teller
        .stages(lifecycle)
        .into_iter()
        .enumerate()
        .map(|(at, (stage, who))| vec![escape(&stage), escape(&who), starts(at)])
        .collect();
    let head = [
        teller.word("Stage", "단계"),
        teller.word("Who", "누가"),
        teller.word("Starts", "시작하는 여정"),
    ];
    format!(
        "<h2 id=\"{}\">{}</h2>\n{}",
        escape(&lifecycle.name),
        titled(title, &lifecycle.name),
        table(&head, &rows)
    )
}

/// What is known about people, and what they do.
pub(super) fn people(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let title = teller.word("People and events", "고객과 이벤트");
    let mut body = format!("<h1>{title}</h1>\n");
    let mut rows = Vec::new();
    for attribute in &teller.program.schema.attributes {
        let mut notes = Vec::new();
        if attribute.optional {
            notes.push(teller.word("optional", "없을 수 있음").to_owned());
        }
        if attribute.private {
            notes.push(teller.word("private", "개인정보").to_owned());
        }
        if let Some(value) = &attribute.default {
            let value = teller.value(value);
            notes.push(format!("{} {value}", teller.word("default", "기본값")));
        }
        rows.push(vec![
            escape(&attribute.name),
            escape(&teller.kind(&attribute.kind)),
            escape(&notes.join(", ")),
        ]);
    }
    let head = [
        teller.word("Attribute", "속성"),
        teller.word("Type", "종류"),
        "",
    ];
    body += &table(&head, &rows);
    let shown = |it: &Thing<'_>| {
        matches!(
            it,
            Thing::Lifecycle(_) | Thing::Segment(_) | Thing::Score(_) | Thing::Event(_)
        )
    };
    body += &sections(teller, shown);
    page(subject, "people.html", title, &body)
}

/// Whether a program measures anything.
pub(super) fn has_measures(program: &ir::Program) -> bool {
    !(program.funnels.is_empty() && program.kpis.is_empty() && program.audiences.is_empty())
}

/// Funnels, KPIs and audiences.
pub(super) fn measures(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let title = teller.word("Figures and audiences", "지표와 광고 대상");
    let shown =
        |it: &Thing<'_>| matches!(it, Thing::Funnel(_) | Thing::Kpi(_) | Thing::Audience(_));
    let body = format!("<h1>{title}</h1>\n{}", sections(teller, shown));
    page(subject, MEASURES, title, &body)
}

/// Policies, consents and offers.
pub(super) fn rules(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let title = teller.word("Rules and offers", "규칙과 혜택");
    let shown = |it: &Thing<'_>| {
        !matches!(
            it,
            Thing::Journey(_)
                | Thing::Lifecycle(_)
                | Thing::Segment(_)
                | Thing::Score(_)
                | Thing::Event(_)
                | Thing::Funnel(_)
                | Thing::Kpi(_)
                | Thing::Audience(_)
        )
    };
    let body = format!("<h1>{title}</h1>\n{}", sections(teller, shown));
    page(subject, "rules.html", title, &body)
}

/// Things in sentences, under a heading for each kind.
fn sections(teller: Teller<'_>, shown: impl Fn(&Thing<'_>) -> bool) -> String {
    let mut out = String::new();
    let mut kind = "";
    for thing in things(teller.program).into_iter().filter(shown) {
        let (en, ko) = thing.kind();
        let this = teller.word(en, ko);
        // Writing to a string cannot fail.
        if this != kind {
            kind = this;
            let _ = writeln!(out, "<h2>{kind}</h2>");
        }
        let name = thing.name();
        let _ = writeln!(
            out,
            "<h3 id=\"{}\">{}</h3>",
            escape(name),
            titled(teller.titles.title(name), name)
        );
        if let Some(doc) = teller.titles.doc(name) {
            let _ = writeln!(out, "<p class=\"dim\">{}</p>", escape(doc));
        }
        out.push_str("<ul>\n");
        for line in lines(teller, thing) {
            let _ = writeln!(out, "<li>{}</li>", escape(&line));
        }
        out.push_str("</ul>\n");
    }
    out
}
