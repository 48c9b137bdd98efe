//! `[senders.NAME]`, `[channels.NAME]`, `[teams.NAME]`: who speaks, by what, and who is told.

use journey_ir::Channel;
use journey_ir::project::{ChannelSettings, OnUnclear, Sender, Team};

use super::{Manifest, choice, meaning, secrets};
use crate::carriers;
use crate::near::nearest;
use crate::problem::Problems;
use crate::settings::{Error, Expected, Named, Placed, Section};
use crate::written;

/// The action by which a provider carries messages.
const SEND: &str = "send";

impl Manifest {
    pub(super) fn read_senders(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        for (name, mut section) in root.sections("senders", problems) {
            let one_line = |text: &str| written::is_sender(text).then(|| text.trim().to_owned());
            let from = section
                .needed_text("from", problems)
                .and_then(|from| meaning("from", &from, Expected::Sender, one_line, problems));
            let reply_to = section
                .text("reply_to", problems)
                .and_then(|to| meaning("reply_to", &to, Expected::Sender, one_line, problems));
            self.project.senders.push(Sender {
                name: name.value,
                // A sender that could not be read is reported, and known by name all the same.
                from: from.unwrap_or_default(),
                reply_to,
            });
            section.finish(problems);
        }
    }

    pub(super) fn read_channels(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        let words = Channel::ALL.map(|channel| (channel.word(), channel));
        for (name, mut section) in root.sections("channels", problems) {
            let Some(channel) = choice("channels", &name, &words, problems) else {
                continue;
            };
            let sender = section
                .text("sender", problems)
                .and_then(|sender| self.known_sender(sender, problems));
            let on_unclear_result = section.text("on_unclear_result", problems).and_then(|it| {
                let choices = [("skip", OnUnclear::Skip), ("retry", OnUnclear::Retry)];
                choice("on_unclear_result", &it, &choices, problems)
            });
            if let Some(address) = section.text("address", problems) {
                self.addresses.push((channel, address));
            }
            let smtp = if channel == Channel::Email {
                smtp(&mut section, problems)
            } else {
                None
            };
            let action = if channel == Channel::Email {
                None
            } else {
                self.read_action(&mut section, problems)
            };
            if let Some(product) = section.text("product", problems) {
                let products = carriers::of_channel(channel);
                let product = choice("product", &product, &products, problems);
                self.products.extend(product.map(|it| (channel, it)));
            }
            let provider = self.read_provider(&mut section, problems);
            let fallback = section
                .text("fallback_on_failure", problems)
                .and_then(|other| {
                    choice("fallback_on_failure", &other, &others(channel), problems)
                });
            self.project.channels.push(ChannelSettings {
                channel,
                sender,
                smtp,
                action: action.or(provider),
                on_unclear_result,
                fallback,
            });
            section.finish(problems);
        }
    }

    /// `provider = "kakao_biz"`: a connector whose action `send` carries messages.
    fn read_provider(
        &self,
        section: &mut Section<'_>,
        problems: &mut Problems,
    ) -> Option<(String, String)> {
        let written = section.text("provider", problems)?;
        let connectors = &self.project.connectors;
        if self.action(&written.value, SEND).is_some() {
            return Some((written.value, SEND.to_owned()));
        }
        let known = connectors.iter().any(|it| it.name == written.value);
        let (what, name) = if known {
            (Named::Action, format!("{}.{SEND}", written.value))
        } else {
            (Named::Connector, written.value)
        };
        let near = nearest(&name, connectors.iter().map(|it| it.name.as_str())).map(str::to_owned);
        problems.push(Error::UnknownName {
            at: written.at,
            what,
            near: near.filter(|_| !known),
            name,
        });
        None
    }

    pub(super) fn read_teams(&mut self, root: &mut Section<'_>, problems: &mut Problems) {
        for (name, mut section) in root.sections("teams", problems) {
            let action = self.read_action(&mut section, problems);
            self.project.teams.push(Team {
                name: name.value,
                action,
            });
            section.finish(problems);
        }
    }

    /// `action = "crm.create_task"`: a connector that exists, and one of its actions.
    fn read_action(
        &self,
        section: &mut Section<'_>,
        problems: &mut Problems,
    ) -> Option<(String, String)> {
        let written = section.text("action", problems)?;
        let halves = |text: &str| {
            let (connector, action) = text.split_once('.')?;
            Some((connector.to_owned(), action.to_owned()))
        };
        let (connector, action) = meaning("action", &written, Expected::Action, halves, problems)?;
        if self.action(&connector, &action).is_none() {
            let near = self.action_near(&written.value);
            problems.push(Error::UnknownName {
                at: written.at,
                what: Named::Action,
                name: written.value,
                near,
            });
            return None;
        }
        Some((connector, action))
    }
}

/// The channels that can stand in for one.
fn others(channel: Channel) -> Vec<(&'static str, Channel)> {
    let all = Channel::ALL.into_iter();
    let others = all.filter(|other| *other != channel);
    others.map(|other| (other.word(), other)).collect()
}

fn smtp(section: &mut Section<'_>, problems: &mut Problems) -> Option<String> {
    let url: Placed<String> = section.text("smtp", problems)?;
    let fits = |url: &str| {
        let rest = url
            .strip_prefix("smtp://")
            .or_else(|| url.strip_prefix("smtps://"));
        // The whole address may come from the environment.
        let plain = |text: &str| !text.is_empty() && !text.chars().any(char::is_whitespace);
        (rest.is_some_and(plain) || url.starts_with("${")).then(|| url.to_owned())
    };
    let smtp = meaning("smtp", &url, Expected::SmtpAddress, fits, problems)?;
    secrets::in_address("smtp", &url, "SMTP_PASSWORD", problems);
    Some(smtp)
}
