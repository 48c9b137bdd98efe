//! The page of one journey: its sentences, its picture, its messages, its tests.

use std::collections::BTreeSet;
use std::fmt::Write;

use journey_ir as ir;

use super::page::{self as frame, journey_file, titled};
use super::{DocFile, Subject};
use crate::explain::{self, ArmTold, Passage, Told, ending};
use crate::graph::{self, Settings, escape};
use crate::outline::Ends;
use crate::sentences::{HeaderLine, Teller, WayKind};

/// The page of a journey.
pub(super) fn page(subject: &Subject<'_>, journey: &ir::Journey) -> DocFile {
    let teller = subject.teller;
    let told = explain::journey(teller, journey);
    let mut body = format!("<h1>{}</h1>\n", titled(&told.title, &told.name));
    // Writing to a string cannot fail.
    if let Some(doc) = &told.doc {
        let _ = writeln!(body, "<p class=\"dim\">{}</p>", escape(doc));
    }
    body += &lines(&told.header);
    let _ = writeln!(body, "<h2>{}</h2>", teller.word("Step by step", "단계별로"));
    body += "<ol class=\"steps\">\n";
    passages(&told.steps, teller, &mut body);
    body += "</ol>\n";
    body += &lines(&told.notes);
    let settings = Settings {
        written: subject
            .written
            .get(&journey.name)
            .cloned()
            .unwrap_or_default(),
        changes: None,
    };
    let picture = graph::picture(teller, journey, &settings);
    let _ = writeln!(
        body,
        "<h2>{}</h2>\n<div class=\"picture\">{}</div>",
        teller.word("Picture", "그림"),
        graph::svg(&picture)
    );
    body += &messages(teller, journey);
    body += &tests(subject, journey);
    frame::page(subject, &journey_file(&journey.name), &told.title, &body)
}

fn lines(all: &[HeaderLine]) -> String {
    let mut out = String::from("<dl>");
    for line in all {
        let (label, words) = (escape(&line.label), escape(&line.words));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<dt>{label}</dt><dd>{words}</dd>");
    }
    out + "</dl>\n"
}

fn passages(all: &[Passage], teller: Teller<'_>, out: &mut String) {
    for passage in all {
        match passage {
            Passage::Sequence { title, steps } => {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    out,
                    "<li class=\"seq\"><span class=\"dim\">{}</span><ol class=\"steps\">",
                    escape(title)
                );
                passages(steps, teller, out);
                out.push_str("</ol></li>\n");
            }
            Passage::Step(told) => step(told, teller, out),
        }
    }
}

fn step(told: &Told, teller: Teller<'_>, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<li><span class=\"no\">{}</span>{}",
        told.number,
        escape(&told.sentence)
    );
    if !told.arms.is_empty() {
        out.push_str("<ol>\n");
        for arm in &told.arms {
            way(arm, teller, out);
        }
        out.push_str("</ol>");
    }
    out.push_str("</li>\n");
}

fn way(arm: &ArmTold, teller: Teller<'_>, out: &mut String) {
    if arm.steps.is_empty() && arm.kind == WayKind::Otherwise && arm.ends == Ends::GoesOn {
        return;
    }
    // Writing to a string cannot fail.
    let _ = write!(out, "<li><span class=\"way\">{}</span>", escape(&arm.words));
    if arm.steps.is_empty() {
        let _ = write!(out, " → {}", ending(arm.ends, teller));
    } else {
        out.push_str("<ol class=\"steps\">\n");
        passages(&arm.steps, teller, out);
        out.push_str("</ol>");
    }
    out.push_str("</li>\n");
}

/// Links to the messages of a journey.
fn messages(teller: Teller<'_>, journey: &ir::Journey) -> String {
    let all: BTreeSet<(ir::Channel, &str)> = teller
        .messages_of(journey)
        .map(|(_, it)| (it.channel, it.template.as_str()))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let mut out = format!("<h2>{}</h2>\n<ul>\n", teller.word("Messages", "메시지"));
    for (channel, template) in all {
        let (words, template) = (teller.channel(channel), escape(template));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<li><a href=\"messages.html#{channel}-{template}\">{words} “{template}”</a></li>"
        );
    }
    out + "</ul>\n"
}

fn tests(subject: &Subject<'_>, journey: &ir::Journey) -> String {
    let teller = subject.teller;
    let mut out = format!("<h2>{}</h2>\n", teller.word("Tests", "테스트"));
    match subject.tests.get(&journey.name) {
        None => {
            let none = teller.word("None yet.", "아직 없습니다.");
            let _ = writeln!(out, "<p class=\"dim\">{none}</p>");
        }
        Some(titles) => {
            out += "<ul>\n";
            for title in titles {
                // Writing to a string cannot fail.
                let _ = writeln!(out, "<li>{}</li>", escape(title));
            }
            out += "</ul>\n";
        }
    }
    out
}
