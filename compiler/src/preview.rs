//! A message as one person would get it. A program, a message and what is known of the person come in; subject, HTML and
//! plain text come out, made by the engine and by the package that the daemon sends mail with. What is not known gets a
//! sample, and is listed.

mod given;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use journey_engine::render::{self, Part, RenderError, Rendered};
use journey_engine::{LinkError, Name, Program, Send, hole_name};
use journey_ir::{AttributeIx, Channel, Filter, Hole, Message, Piece, Purpose, Type, Value};
use journey_letters::{Body, Fragment, page, say_how_to_stop};
use serde_json::{Map, Value as Json};

use crate::compile::Compilation;
use crate::near::nearest;
use crate::problem::{Language, Text};
use crate::sentences::Teller;
use crate::titles::Titles;
use given::Known;

/// The link to unsubscribe: the daemon makes one for each contact.
pub const UNSUBSCRIBE: &str = "https://example.com/unsubscribe";

/// What is known. Without a person or without arguments, samples stand for all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// The person's attributes and scores.
    pub person: Option<&'a Map<String, Json>>,
    /// The message's arguments.
    pub arguments: Option<&'a Map<String, Json>>,
    /// The code of the language that was asked for; else the person's own counts.
    pub language: Option<&'a str>,
}

/// A message in its form.
#[derive(Debug)]
pub struct Previewed {
    /// The subject line (e-mail) or title (push); empty elsewhere.
    pub subject: String,
    /// The page of a mail.
    pub html: Option<String>,
    /// The plain text.
    pub text: String,
    /// Where samples stand and why, and whether a translation is missing.
    pub notes: Vec<Text>,
    /// What is wrong with what was given.
    pub problems: Vec<Text>,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The project has problems.
    #[error("the project has problems")]
    Problems,
    /// No message, or more than one, is meant.
    #[error("{}", .0.en)]
    Unknown(Text),
    /// The compiled project cannot be executed, which is a mistake of ours.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The message cannot be filled in, which is a mistake of ours.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Shows a message of a compiled project, asked for by its name, `email/welcome`.
pub fn preview(
    compilation: &Compilation,
    asked: &str,
    given: Given<'_>,
) -> Result<Previewed, PreviewError> {
    let ir = compilation.program.as_ref().ok_or(PreviewError::Problems)?;
    let message = find(&ir.messages, asked).map_err(PreviewError::Unknown)?;
    let program = Program::link(Arc::new(ir.clone()), &[])?;
    Ok(shown(&program, &compilation.titles, message, given)?)
}

/// The message that is meant by `email/welcome`, by `welcome` where one channel has it, or by the path of its file.
fn find<'a>(messages: &'a [Message], asked: &str) -> Result<&'a Message, Text> {
    let name = asked.strip_prefix("templates/").unwrap_or(asked);
    let name = name.strip_suffix(".md").unwrap_or(name);
    let full = |it: &Message| format!("{}/{}", it.channel, it.template);
    let meant = |it: &&Message| it.template == name || full(it) == name;
    let found: Vec<&Message> = messages.iter().filter(meant).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let names: Vec<String> = messages.iter().map(full).collect();
            let short = messages.iter().map(|it| it.template.as_str());
            let near = nearest(name, names.iter().map(String::as_str).chain(short));
            Err(unknown(
                near,
                &format!("there is no message called `{asked}`"),
                &format!("`{asked}`: 그런 메시지가 없습니다"),
            ))
        }
        several => {
            let names: Vec<String> = several.iter().map(|it| format!("`{}`", full(it))).collect();
            let names = names.join(", ");
            Err(Text::new(
                format!("several messages are called `{asked}`; write one of {names}"),
                format!("`{asked}`: 이름이 같은 메시지가 여럿입니다. {names} 중 하나를 쓰세요"),
            ))
        }
    }
}

/// What is not known, with the name that may have been meant.
fn unknown(near: Option<&str>, en: &str, ko: &str) -> Text {
    match near {
        Some(near) => Text::new(
            format!("{en}; did you mean `{near}`?"),
            format!("{ko}. 혹시 `{near}`인가요?"),
        ),
        None => Text::new(en, ko),
    }
}

/// Fills a message in and gives it its form.
fn shown(
    program: &Program,
    titles: &Titles,
    message: &Message,
    given: Given<'_>,
) -> Result<Previewed, RenderError> {
    let mut known = Known::read(program, message, given);
    let asked = given.language.map(|code| Value::Text(code.to_owned()));
    let own = program.language_attribute();
    let own = own.and_then(|at| known.attribute(program, at));
    let language = render::language(program, message, asked.as_ref().or(own));
    let teller = Teller {
        program: program.ir(),
        titles,
        language: match language {
            "ko" => Language::Korean,
            _ => Language::English,
        },
    };
    let (values, mut notes) = filled(program, teller, message, language, given, &known);
    if let Some(asked) = given.language.filter(|it| *it != language) {
        notes.push(Text::new(
            format!("there is no translation into `{asked}`; these are the project's own words"),
            format!("`{asked}` 번역이 없어 프로젝트의 원문을 보여 줍니다"),
        ));
    }
    let send = Send {
        channel: message.channel,
        template: message.template.as_str().into(),
        purpose: message.purpose,
        sender: message.sender.as_deref().map(Into::into),
        to: String::new(),
        values,
        timezone: timezone(program, &known).into(),
        freed_by: Vec::new(),
        not_after: None,
        language: language.into(),
        instead_of: None,
    };
    let rendered = render::message(program, &send, UNSUBSCRIBE)?;
    if message.channel == Channel::Email && rendered.subject.chars().any(char::is_control) {
        known.problems.push(Text::new(
            "the subject holds a line break or control character; such a mail is not sent",
            "제목에 줄바꿈이나 제어 문자가 있습니다. 이런 메일은 발송되지 않습니다",
        ));
    }
    let (html, text) = match message.channel {
        Channel::Email => mail(message.purpose, language, &rendered),
        _ => (None, rendered.body.iter().map(Part::words).collect()),
    };
    Ok(Previewed {
        subject: rendered.subject,
        html,
        text,
        notes,
        problems: known.problems,
    })
}

/// The page and the plain text of a mail, with the line that advertising needs.
fn mail(purpose: Purpose, language: &str, rendered: &Rendered) -> (Option<String>, String) {
    let mut body: Vec<Fragment<'_>> = rendered.body.iter().map(fragment).collect();
    if purpose == Purpose::Advertising {
        say_how_to_stop(&mut body, language, UNSUBSCRIBE);
    }
    let written = Body::new(body).written();
    let html = page(language, &rendered.subject, &written.html);
    (Some(html), written.text)
}

fn fragment(part: &Part) -> Fragment<'_> {
    match part {
        Part::Text(text) => Fragment::Markdown(text),
        Part::Value(value) => Fragment::Value(value),
        Part::Link(url) => Fragment::Link(url),
    }
}

/// The person's time zone, else the project's.
fn timezone(program: &Program, known: &Known) -> String {
    let attributes = &program.ir().schema.attributes;
    let mut zones = attributes.iter().filter(|it| it.kind == Type::Timezone);
    let own = zones.next().and_then(|it| known.contact(&it.name));
    match own {
        Some(Value::Text(zone)) => zone.clone(),
        _ => program.ir().project.timezone.clone(),
    }
}

/// The values of all holes by name, and where samples stand.
fn filled(
    program: &Program,
    teller: Teller<'_>,
    message: &Message,
    language: &str,
    given: Given<'_>,
    known: &Known,
) -> (Vec<(Name, Value)>, Vec<Text>) {
    let (subject, body) = message.words(language);
    let pieces = || subject.iter().chain(body);
    let strict: BTreeSet<String> = pieces()
        .filter_map(|piece| match piece {
            Piece::Hole { hole, filters } if !has_words(filters) => {
                hole_name(program, message, hole)
            }
            _ => None,
        })
        .collect();
    let mut values = BTreeMap::new();
    let mut samples = Vec::new();
    for piece in pieces() {
        let Piece::Hole { hole, .. } = piece else {
            continue;
        };
        let Some(name) = hole_name(program, message, hole) else {
            continue;
        };
        if values.contains_key(&name) {
            continue;
        }
        let whole = match hole {
            Hole::Attribute(at) => given.person.is_some() && !is_computed(program, known, *at),
            // Everybody has a score.
            Hole::Score(_) => false,
            _ => given.arguments.is_some(),
        };
        if let Some(value) = known.values.get(&name) {
            values.insert(name, value.clone());
        } else if !whole || strict.contains(&name) {
            let words = teller.sample_in(message, hole);
            samples.push(sample(&name, &words, whole));
            values.insert(name, Value::Text(words));
        }
    }
    let values = values.into_iter().map(|(name, value)| (name.into(), value));
    (values.collect(), samples)
}

/// Whether an attribute follows from a date that is known, by the day on which the message is sent.
fn is_computed(program: &Program, known: &Known, at: AttributeIx) -> bool {
    let kind = program.ir().attribute(at).map(|it| &it.kind);
    matches!(kind, Some(Type::YearsSince(base)) if known.attribute(program, *base).is_some())
}

/// Whether a hole has words for a missing value.
fn has_words(filters: &[Filter]) -> bool {
    let mut filters = filters.iter();
    filters.any(|filter| matches!(filter, Filter::Or(_)))
}

/// Where a sample stands. `whole`: everything there is was given, and this was not part of it.
fn sample(name: &str, words: &str, whole: bool) -> Text {
    if whole {
        return Text::new(
            format!(
                "`{name}` has no value, and the message would not be sent; shown with “{words}”"
            ),
            format!(
                "`{name}` 값이 없어 실제로는 발송되지 않습니다. 여기서는 “{words}”로 보여 줍니다"
            ),
        );
    }
    Text::new(
        format!("`{name}` is shown with the sample “{words}”"),
        format!("`{name}` 자리에 예시 “{words}”을(를) 넣었습니다"),
    )
}
