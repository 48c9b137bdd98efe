//! All messages on one page, each as a reader would see it, with samples where values are filled in.

use std::fmt::Write;

use super::page::page as frame;
use super::{DocFile, Subject};
use crate::graph::escape;
use crate::sentences::Version;

/// The page of all messages.
pub(super) fn page(subject: &Subject<'_>) -> DocFile {
    let teller = subject.teller;
    let title = teller.word("Messages", "메시지");
    let note = teller.word(
        "Values that are filled in for each person are samples.",
        "사람마다 달라지는 값은 예시로 채웠습니다.",
    );
    let mut body = format!("<h1>{title}</h1>\n<p class=\"dim\">{note}</p>\n");
    for message in &teller.program.messages {
        let (channel, template) = (message.channel, escape(&message.template));
        let tag = match message.purpose {
            journey_ir::Purpose::Transactional => teller.purpose(message.purpose).to_owned(),
            purpose => format!("<span class=\"tag\">{}</span>", teller.purpose(purpose)),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            body,
            "<h3 id=\"{channel}-{template}\">{} “{template}” <small>{tag}</small></h3>",
            teller.channel(channel)
        );
        let mut facts = Vec::new();
        if let Some(consent) = message.consent {
            let consent = escape(teller.consent(consent));
            facts.push(format!(
                "{}: {consent}",
                teller.word("consent", "수신 동의")
            ));
        }
        if let Some(sender) = &message.sender {
            facts.push(format!(
                "{}: {}",
                teller.word("from", "보내는 이"),
                escape(sender)
            ));
        }
        facts.extend(used_in(subject, channel, &message.template));
        let _ = writeln!(body, "<p class=\"dim\">{}</p>", facts.join(" · "));
        let versions = teller.versions(message);
        for version in &versions {
            if versions.len() > 1 {
                let _ = writeln!(body, "<p class=\"dim\">{}</p>", escape(version.code));
            }
            body += &preview(message, version);
        }
    }
    frame(subject, "messages.html", title, &body)
}

/// The journeys that send a message, as links.
fn used_in(subject: &Subject<'_>, channel: journey_ir::Channel, template: &str) -> Option<String> {
    let teller = subject.teller;
    let links: Vec<String> = teller
        .program
        .journeys
        .iter()
        .filter(|journey| {
            let mut messages = teller.messages_of(journey);
            messages.any(|(_, it)| it.channel == channel && it.template == template)
        })
        .map(|it| {
            let (file, title) = (super::page::journey_file(&it.name), teller.journey(it));
            format!("<a href=\"{}\">{}</a>", escape(&file), escape(title))
        })
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

fn preview(message: &journey_ir::Message, version: &Version<'_, '_>) -> String {
    let teller = version.teller;
    let head = teller.sample(message, version.subject);
    let head = if head.is_empty() {
        String::new()
    } else {
        format!("<header>{}</header>", escape(&head))
    };
    let words = teller.sample(message, version.body);
    let body = if message.channel == journey_ir::Channel::Email {
        markdown(&words)
    } else {
        format!("<pre>{}</pre>", escape(words.trim()))
    };
    format!("<div class=\"mail\">{head}<div>{body}</div></div>\n")
}

/// Markdown as HTML. HTML inside it is shown as it is written, as in a sent message.
fn markdown(text: &str) -> String {
    use pulldown_cmark::{Event, Parser, html};
    let events = Parser::new(text).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}
