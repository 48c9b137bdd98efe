//! The head of a template between `+++` lines: purpose, sender, subject, needs, consent.

use journey_ir::message::Need;
use journey_ir::{Channel, Purpose};

use super::draft::{self, Draft, Ground};
use super::error::SyntaxError as Error;
use super::{Template, filter};
use crate::manifest::{Manifest, typed};
use crate::near::nearest;
use crate::problem::{Location, Problems};
use crate::project::TemplateFile;
use crate::settings::{self, Expected, Origin, Placed, Section};

const FENCE: &str = "+++";

/// Reads one template file.
pub(super) fn read(
    file: &TemplateFile,
    text: &str,
    manifest: &Manifest,
    problems: &mut Problems,
) -> Template {
    let template = Template {
        channel: file.channel,
        name: file.name.clone(),
        file: file.file,
        purpose: None,
        sender: None,
        consent: None,
        needs: Vec::new(),
        long: false,
        unclear: false,
        subject: Vec::new(),
        body: Vec::new(),
        translations: Vec::new(),
    };
    fill(
        template,
        file,
        text,
        problems,
        |template, section, problems| {
            template.read_settings(section, text, manifest, problems);
        },
    )
}

/// Reads the translation of a template: it has words of its own and nothing else.
pub(super) fn read_translation(
    file: &TemplateFile,
    text: &str,
    original: &Template,
    problems: &mut Problems,
) -> Template {
    let template = Template {
        subject: Vec::new(),
        body: Vec::new(),
        translations: Vec::new(),
        ..original.clone()
    };
    fill(
        template,
        file,
        text,
        problems,
        |template, section, problems| {
            template.read_subject(section, text, problems);
        },
    )
}

/// Reads a file's settings by `settings`, and its body.
fn fill(
    mut template: Template,
    file: &TemplateFile,
    text: &str,
    problems: &mut Problems,
    settings: impl FnOnce(&mut Template, &mut Section<'_>, &mut Problems),
) -> Template {
    // A file that was no text is reported already.
    if file.unread {
        template.unclear = true;
        return template;
    }
    let Some(parts) = Parts::of(text) else {
        problems.push(Error::NoHead {
            at: Location::new(file.file, first_line(text)),
        });
        template.unclear = true;
        return template;
    };
    let origin = Origin {
        file: file.file,
        offset: parts.head_at as u32,
    };
    let before = problems.len();
    let table = crate::settings::parse(parts.head, origin, problems);
    let mut section = Section::root(&table, origin);
    if problems.len() > before {
        section = section.unclear();
        template.unclear = true;
    }
    settings(&mut template, &mut section, problems);
    section.finish(problems);
    let ground = Ground::Exact {
        file: file.file,
        offset: parts.body_at as u32,
    };
    template.body = draft::parse(parts.body, ground, problems);
    template
}

fn first_line(text: &str) -> journey_grammar::tree::Span {
    let end = text.find('\n').unwrap_or(text.len());
    journey_grammar::tree::Span::new(0, end as u32)
}

/// The two parts of a template and where they start.
struct Parts<'t> {
    head: &'t str,
    head_at: usize,
    body: &'t str,
    body_at: usize,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let bom = text.len() - text.trim_start_matches('\u{feff}').len();
        let mut lines = text.get(bom..)?.split_inclusive('\n');
        let mut at = bom;
        let opening = lines.next()?;
        if opening.trim_end() != FENCE {
            return None;
        }
        at += opening.len();
        let head_at = at;
        for line in lines {
            if line.trim_end() == FENCE {
                let body_at = at + line.len();
                return Some(Self {
                    head: text.get(head_at..at)?,
                    head_at,
                    body: text.get(body_at..)?,
                    body_at,
                });
            }
            at += line.len();
        }
        None
    }
}

impl Template {
    fn read_settings(
        &mut self,
        section: &mut Section<'_>,
        text: &str,
        manifest: &Manifest,
        problems: &mut Problems,
    ) {
        self.purpose = purpose(section, problems);
        self.sender = section
            .text("sender", problems)
            .and_then(|sender| manifest.known_sender(sender, problems))
            .or_else(|| manifest.channel(self.channel)?.sender.clone());
        self.consent = section.text("consent", problems);
        for (name, kind) in section.pairs("needs", problems) {
            self.read_need(name, &kind, problems);
        }
        if self.channel == Channel::Sms {
            self.long = is_long(section, problems);
        }
        self.read_subject(section, text, problems);
    }

    fn read_subject(&mut self, section: &mut Section<'_>, text: &str, problems: &mut Problems) {
        let subject = match self.channel {
            Channel::Email => section.needed_text("subject", problems),
            Channel::Push | Channel::Inapp => section.text("subject", problems),
            Channel::Sms | Channel::Kakao | Channel::Webhook => None,
        };
        if let Some(subject) = subject {
            self.subject = read_subject(&subject, text, problems);
        }
    }

    fn read_need(&mut self, name: Placed<String>, kind: &Placed<String>, problems: &mut Problems) {
        if name.value == filter::UNSUBSCRIBE_LINK || !crate::written::is_name(&name.value) {
            problems.push(Error::NoNeedName {
                at: name.at,
                name: name.value,
            });
            return;
        }
        match typed(&name.value, kind, problems) {
            Some((_, true)) => problems.push(Error::OptionalNeed {
                at: kind.at,
                name: name.value,
            }),
            Some((kind, false)) => self.needs.push(Need {
                name: name.value,
                kind,
            }),
            None => self.unclear = true,
        }
    }
}

/// `length = "lms"`: a text message that is meant to be long.
fn is_long(section: &mut Section<'_>, problems: &mut Problems) -> bool {
    let Some(written) = section.text("length", problems) else {
        return false;
    };
    let words = ["sms", "lms"];
    if !words.contains(&written.value.as_str()) {
        problems.push(settings::Error::NotOneOf {
            at: written.at,
            key: "length".to_owned(),
            near: nearest(&written.value, words).map(str::to_owned),
            value: written.value,
            allowed: words.map(str::to_owned).to_vec(),
        });
        return true;
    }
    written.value == "lms"
}

fn purpose(section: &mut Section<'_>, problems: &mut Problems) -> Option<Placed<Purpose>> {
    let written = section.needed_text("purpose", problems)?;
    let purpose = Purpose::from_word(&written.value);
    if purpose.is_none() {
        let all = [
            Purpose::Advertising,
            Purpose::Transactional,
            Purpose::Survey,
        ];
        let words = all.map(Purpose::word);
        problems.push(settings::Error::NotOneOf {
            at: written.at,
            key: "purpose".to_owned(),
            near: nearest(&written.value, words).map(str::to_owned),
            value: written.value,
            allowed: words.map(str::to_owned).to_vec(),
        });
    }
    purpose.map(|purpose| Placed::new(purpose, written.at))
}

/// The subject is a text of TOML: its holes have places of their own as long as it has no escapes.
fn read_subject(subject: &Placed<String>, text: &str, problems: &mut Problems) -> Vec<Draft> {
    let span = subject.at.span;
    let written = text.get(span.start as usize..).unwrap_or_default();
    if !written.starts_with(['"', '\'']) {
        // Words in other quotes are no text of TOML, and reported as that.
        return Vec::new();
    }
    let inside = (span.start + 1, span.end.saturating_sub(1));
    let ground = match text.get(inside.0 as usize..inside.1 as usize) {
        Some(raw) if raw == subject.value => Ground::Exact {
            file: subject.at.file,
            offset: inside.0,
        },
        _ => Ground::Within(subject.at),
    };
    if subject.value.chars().any(char::is_control) {
        problems.push(settings::Error::WrongValue {
            at: subject.at,
            key: "subject".to_owned(),
            value: subject.value.escape_debug().to_string(),
            expected: Expected::OneLine,
        });
    }
    draft::parse(&subject.value, ground, problems)
}
