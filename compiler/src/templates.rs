//! Message templates: `templates/<channel>/<name>.md`, and their translations `templates/<channel>/<name>.en.md`.
//!
//! Comes in: the texts of the template files. Goes out: [`Templates`], read and known by name before anything else is,
//! and with a schema at hand the program's messages, each variable checked. A broken template stays known by name, so
//! that the sends that use it are not blamed for it.

mod bind;
mod draft;
mod error;
mod filter;
mod front;
mod korea;
mod links;
mod particle;
mod sample;
mod sms;

pub(crate) use error::{Missing, MissingTemplate, UnknownLink};
pub(crate) use filter::FILTERS;

use std::collections::HashMap;

use journey_ir::message::Need;
use journey_ir::{Channel, Message, MessageIx, Purpose};

use crate::cores;
use crate::known::Known;
use crate::manifest::Manifest;
use crate::near::nearest;
use crate::problem::{Location, Problems};
use crate::project::{Error, LoadedProject, TemplateFile, whole};
use crate::settings::Placed;
use crate::sources::FileId;
use draft::Draft;

/// All templates of a project, in the order of their paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates {
    all: Vec<Template>,
    by_name: HashMap<Channel, HashMap<String, usize>>,
}

/// One template as it was written: its settings, and its words with holes not yet bound to a schema.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) channel: Channel,
    pub(crate) name: String,
    pub(crate) file: FileId,
    pub(crate) purpose: Option<Placed<Purpose>>,
    pub(crate) sender: Option<String>,
    pub(crate) consent: Option<Placed<String>>,
    pub(crate) needs: Vec<Need>,
    /// Whether a text message is meant to be a long one.
    pub(crate) long: bool,
    /// Whether some of its needs could not be read, so that nobody is blamed for using them.
    pub(crate) unclear: bool,
    subject: Vec<Draft>,
    body: Vec<Draft>,
    /// The same message in other languages, by their codes: everything but the words is the original's.
    translations: Vec<(String, Self)>,
}

/// Fewer files than this are read faster than a thread is started.
const FILES_PER_THREAD: usize = 64;

/// Reads all templates of a project.
pub(crate) fn read(
    loaded: &LoadedProject,
    manifest: &Manifest,
    problems: &mut Problems,
) -> Templates {
    let (originals, translations): (Vec<_>, Vec<_>) = loaded
        .templates()
        .iter()
        .partition(|file| file.language.is_none());
    let read = cores::map(&originals, FILES_PER_THREAD, |file| {
        let text = loaded.sources().text(file.file);
        let mut problems = Problems::default();
        let template = front::read(file, text, manifest, &mut problems);
        (template, problems)
    });
    let mut all: Vec<Template> = Vec::with_capacity(read.len());
    for (template, said) in read {
        problems.extend(said);
        all.push(template);
    }
    for file in translations {
        let text = loaded.sources().text(file.file);
        translate(file, text, &manifest.project.language, &mut all, problems);
    }
    let mut by_name: HashMap<Channel, HashMap<String, usize>> = HashMap::new();
    for (at, template) in all.iter().enumerate() {
        let names = by_name.entry(template.channel).or_default();
        names.entry(template.name.clone()).or_insert(at);
    }
    Templates { all, by_name }
}

/// Gives a translation to its original.
fn translate(
    file: &TemplateFile,
    text: &str,
    own_language: &str,
    all: &mut [Template],
    problems: &mut Problems,
) {
    let Some(language) = file.language.clone() else {
        return;
    };
    let at = whole(file.file);
    let original = format!("templates/{}/{}.md", file.channel, file.name);
    let mut originals = all.iter_mut();
    let found = originals.find(|it| it.channel == file.channel && it.name == file.name);
    match found {
        None => problems.push(Error::NoOriginal { at, original }),
        Some(_) if language == own_language => problems.push(Error::OwnLanguage { at, original }),
        Some(template) => {
            let translated = front::read_translation(file, text, template, problems);
            template.translations.push((language, translated));
        }
    }
}

impl Templates {
    /// The template of a name on a channel: its position is the message's position in the program.
    pub(crate) fn find(&self, channel: Channel, name: &str) -> Option<(MessageIx, &Template)> {
        let at = *self.by_name.get(&channel)?.get(name)?;
        Some((MessageIx(at as u32), self.all.get(at)?))
    }

    /// The beginning, the channel and the name of each, in the order of the program's messages.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Location, Channel, &str)> {
        self.all
            .iter()
            .map(|it| (whole(it.file), it.channel, it.name.as_str()))
    }

    /// Whether some needs of a template could not be read.
    pub(crate) fn is_unclear(&self, message: MessageIx) -> bool {
        self.all.get(message.at()).is_some_and(|it| it.unclear)
    }

    /// What to say about a template that [`Self::find`] does not find.
    pub(crate) fn missing(&self, channel: Channel, name: &str) -> Missing {
        let on_channel = self.all.iter().filter(|it| it.channel == channel);
        Missing {
            channel,
            name: name.to_owned(),
            near: nearest(name, on_channel.map(|it| it.name.as_str())).map(str::to_owned),
            elsewhere: self
                .all
                .iter()
                .filter(|it| it.name == name)
                .map(|it| it.channel)
                .collect(),
        }
    }

    /// What to say about the name of a link that templates of the channel do not have; nothing if one has it, or may
    /// have it because it could not be read.
    pub(crate) fn unknown_link(
        &self,
        channel: Channel,
        name: &str,
        at: Location,
    ) -> Option<UnknownLink> {
        let on_channel = self.all.iter().filter(|it| it.channel == channel);
        let texts = on_channel.flat_map(|it| {
            let translations = it.translations.iter().map(|(_, translated)| translated);
            std::iter::once(it).chain(translations)
        });
        let mut known = Vec::new();
        for text in texts {
            if text.unclear {
                return None;
            }
            known.extend(links::names(&text.body));
        }
        if known.iter().any(|it| it == name) {
            return None;
        }
        Some(UnknownLink {
            at,
            channel,
            name: name.to_owned(),
            near: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        })
    }

    /// The program's messages: one per template, in order, so that positions are those of [`Self::find`].
    pub(crate) fn messages(
        &self,
        manifest: &Manifest,
        known: Known<'_>,
        problems: &mut Problems,
    ) -> Vec<Message> {
        let advertises = |it: &&Template| {
            let purpose = it.purpose.as_ref().map(|it| it.value);
            purpose == Some(Purpose::Advertising)
        };
        let mut channels: Vec<Channel> = self
            .all
            .iter()
            .filter(advertises)
            .map(|it| it.channel)
            .collect();
        channels.sort_unstable();
        channels.dedup();
        self.all
            .iter()
            .enumerate()
            .map(|(at, template)| {
                let at = MessageIx(at as u32);
                if manifest.is_live() {
                    sample::check(template, problems);
                }
                bind::message(at, template, &channels, manifest, known, problems)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
