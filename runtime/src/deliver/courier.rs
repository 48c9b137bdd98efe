//! The courier: an effect goes in, it is carried by its channel, and how the attempt ended comes out. The project's
//! settings decide which channel that is: a mail server, a connector's action, or the mailbox folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use journey_engine::render::{self, Part, Rendered};
use journey_engine::{Call, Effect, Enlist, Intent, Program, Send, Task, quiet_until};
use journey_ir::project::{ChannelSettings, OnUnclear, Project, Sender};
use journey_ir::{Channel, Purpose};
use journey_letters::say_how_to_stop;
use serde_json::{Map, Value as Json};

use super::attempt::{Attempt, Blame};
use super::connector::guard::Reach;
use super::connector::networks::Listed;
use super::connector::{
    Called, Client, ClientError, ConnectorError, Connectors, Inputs, Networks, Order, inputs,
};
use super::email::{self, Fragment, Letter, Server, Smtp, SmtpUrlError, Stop, Timeouts};
use super::mailbox::{Label, Mailbox};
use super::outbox::Claimed;
use super::reason::Reason;
use super::retry::Terms;
use super::tls::Trust;
use super::unsubscribe::Unsubscribe;
use super::worker::{Carrier, Carrying};
use crate::clock::Clock;
use crate::secrets::Secrets;

/// What a courier needs from the daemon.
#[derive(Debug, Clone)]
pub struct Equipment {
    /// The program, with its project's settings.
    pub program: Arc<Program>,
    /// Where `${NAME}` comes from.
    pub secrets: Secrets,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The mailbox folder.
    pub mailbox: PathBuf,
    /// The links by which people stop the advertising.
    pub unsubscribe: Unsubscribe,
    /// Which addresses connectors may call.
    pub reach: Reach,
    /// How long a mail server may take.
    pub timeouts: Timeouts,
    /// Who vouches for mail servers and for whom connectors call.
    pub trust: Trust,
}

/// Why nothing can be delivered with these settings.
#[derive(Debug, thiserror::Error)]
pub enum EquipmentError {
    /// The mail server's address is wrong.
    #[error("journey.toml, [channels.email]: {0}")]
    Smtp(#[from] SmtpUrlError),
    /// A connector is wrong.
    #[error("journey.toml, [connectors]: {0}")]
    Connector(#[from] ConnectorError),
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Mail needs someone it is from.
    #[error(
        "journey.toml: a mail server is set, but no sender; add `[senders.<name>]` with `from = \"Name <address>\"`"
    )]
    NoSender,
}

/// How messages of a channel travel.
#[derive(Debug)]
enum Way {
    Smtp(Smtp),
    Action(String, String),
    Mailbox,
}

/// Carries out effects by the project's settings.
#[derive(Debug)]
pub struct Courier {
    program: Arc<Program>,
    clock: Arc<dyn Clock>,
    ways: BTreeMap<Channel, Way>,
    connectors: Connectors,
    networks: Networks,
    mailbox: Mailbox,
    unsubscribe: Unsubscribe,
}

impl Courier {
    /// Prepares everything that can be wrong, so that it is wrong now and not at the first message.
    pub fn new(equipment: Equipment) -> Result<Self, EquipmentError> {
        let Equipment {
            program,
            secrets,
            clock,
            mailbox,
            unsubscribe,
            reach,
            timeouts,
            trust,
        } = equipment;
        let project = &program.ir().project;
        let client = Client::new(reach, &trust, Arc::clone(&clock))?;
        let networks = Networks::new(&project.networks, &secrets, client.clone())?;
        let connectors = Connectors::new(&project.connectors, &secrets, client)?;
        let mut ways = BTreeMap::new();
        for channel in Channel::ALL {
            ways.insert(channel, way(project, channel, &secrets, timeouts, &trust)?);
        }
        let courier = Self {
            clock,
            ways,
            connectors,
            networks,
            mailbox: Mailbox::new(mailbox),
            unsubscribe,
            program,
        };
        courier.say_what_stays_here();
        Ok(courier)
    }

    /// The same ways, for what another link of the program decides.
    #[must_use]
    pub fn under(self, program: Arc<Program>) -> Self {
        Self { program, ..self }
    }

    /// Says goodbye to the mail server.
    pub async fn close(&self) {
        for way in self.ways.values() {
            if let Way::Smtp(smtp) = way {
                smtp.close().await;
            }
        }
    }

    /// Says once, at the start, which channels reach nobody.
    fn say_what_stays_here(&self) {
        let written = |channel: &Channel| {
            let mut messages = self.program.ir().messages.iter();
            messages.any(|message| message.channel == *channel)
        };
        for (channel, _) in self.ways.iter().filter(|(channel, way)| {
            matches!(way, Way::Mailbox) && **channel != Channel::Inapp && written(channel)
        }) {
            let setting = if *channel == Channel::Email {
                "smtp"
            } else {
                "action"
            };
            tracing::warn!(
                "journey.toml sets no `{setting}` for [channels.{channel}]: these messages reach nobody and are written to `{}`",
                self.mailbox.folder().display()
            );
        }
        let audiences = self.program.ir().audiences.iter();
        let told = audiences.flat_map(|it| it.sync.iter().map(move |network| (it, network)));
        for (audience, network) in told.filter(|(_, network)| !self.networks.reaches(network)) {
            tracing::warn!(
                "journey.toml sets no `token` for [audiences.{network}]: who joins `{}` is written to `{}` and told to nobody",
                audience.name,
                self.mailbox.folder().display()
            );
        }
    }

    async fn try_once(&self, claimed: &Claimed) -> Attempt {
        match &claimed.effect.what {
            Intent::Send(send) => self.send(claimed, send).await,
            Intent::Call(call) => self.call(claimed, call).await,
            Intent::Task(task) => self.task(claimed, task).await,
            Intent::Enlist(enlist) => self.enlist(claimed, enlist).await,
        }
    }

    async fn send(&self, claimed: &Claimed, send: &Send) -> Attempt {
        if send.not_after.is_some_and(|end| self.clock.now() > end) {
            return Attempt::refused("expired: it could not be sent in time");
        }
        let stop = self.stop(claimed, send);
        match render::message(&self.program, send, &stop.url()) {
            Ok(rendered) => self.carry_message(claimed, send, &rendered).await,
            Err(error) => {
                let unsaid = "the message cannot be put into words";
                Attempt::refused(Reason::quoting(unsaid, &error.to_string()))
            }
        }
    }

    /// Carries a message that is already in words.
    pub async fn carry_message(
        &self,
        claimed: &Claimed,
        send: &Send,
        rendered: &Rendered,
    ) -> Attempt {
        let (effect, to, template) = (&claimed.effect, &send.to, &send.template);
        let way = self.ways.get(&send.channel).unwrap_or(&Way::Mailbox);
        if let Some(attempt) = self.silent_now(send, way) {
            return attempt;
        }
        if let Way::Action(connector, action) = way {
            let order = order(claimed, message_inputs(send, rendered));
            return self
                .by_connector(claimed, to, connector, action, order)
                .await;
        }
        if send.channel == Channel::Inapp {
            // The app fetches it: it waits in the outbox until it was seen.
            return Attempt::KeptOpen;
        }
        if send.channel != Channel::Email {
            let text = as_text(send, rendered);
            return self.write(effect, to, template, "txt", text.into()).await;
        }
        match (self.compose(claimed, send, rendered), way) {
            (Err(error), _) => {
                let unmade = "the mail cannot be made";
                Attempt::refused(Reason::quoting(unmade, &error.to_string()))
            }
            (Ok(mail), Way::Smtp(smtp)) => smtp.send(&mail).await,
            (Ok(mail), _) => self.write(effect, to, template, "eml", mail.bytes).await,
        }
    }

    /// A message that a backlog has brought into quiet hours waits for their end. Files disturb nobody.
    fn silent_now(&self, send: &Send, way: &Way) -> Option<Attempt> {
        if matches!(way, Way::Mailbox) {
            return None;
        }
        let now = self.clock.now();
        let until = quiet_until(&self.program, send, now)?;
        Some(Attempt::Failed {
            reason: "quiet hours".into(),
            retry_after: Some(until.saturating_sub(now)),
            blame: Blame::Effect,
        })
    }

    async fn call(&self, claimed: &Claimed, call: &Call) -> Attempt {
        let mut inputs = Inputs::new();
        inputs::add(&mut inputs, &call.args);
        inputs::add(&mut inputs, &call.contact);
        let order = order(claimed, inputs);
        let Call {
            connector, action, ..
        } = call;
        self.by_connector(claimed, &claimed.contact, connector, action, order)
            .await
    }

    /// Hands a task to the team's system, or keeps it open here.
    async fn task(&self, claimed: &Claimed, task: &Task) -> Attempt {
        let Some((connector, action)) = self.team_action(&task.to) else {
            return Attempt::KeptOpen;
        };
        let mut inputs = Inputs::new();
        inputs::add(&mut inputs, &task.contact);
        inputs::add(&mut inputs, &task.args);
        inputs.insert("to".into(), task.to.clone().into());
        inputs.insert("title".into(), task.title.clone().into());
        inputs.insert("contact".into(), claimed.contact.clone().into());
        if let Some(due_at) = task.due_at {
            inputs.insert("due_at".into(), inputs::moment(due_at).into());
        }
        let order = order(claimed, inputs);
        self.by_connector(claimed, &task.to, connector, action, order)
            .await
    }

    /// Tells an advertising network, or writes down what it would be told.
    async fn enlist(&self, claimed: &Claimed, enlist: &Enlist) -> Attempt {
        match self.networks.tell(&claimed.contact, enlist).await {
            Listed::Ended(attempt) => attempt,
            Listed::Recorded => {
                let verb = if enlist.add { "add" } else { "remove" };
                let Enlist {
                    network, audience, ..
                } = enlist;
                let json = serde_json::json!({
                    "network": network,
                    "audience": audience,
                    "what": verb,
                    "contact": claimed.contact,
                });
                let text = format!("{json:#}\n");
                let what = format!("{network}.{verb}");
                self.write(&claimed.effect, audience, &what, "json", text.into())
                    .await
            }
        }
    }

    async fn by_connector(
        &self,
        claimed: &Claimed,
        to: &str,
        connector: &str,
        action: &str,
        order: Order,
    ) -> Attempt {
        let name = format!("{connector}.{action}");
        match self.connectors.call(connector, action, &order).await {
            Called::Ended(attempt) => attempt,
            Called::Unknown => {
                Attempt::refused(Reason::ours(format!("journey.toml has no action `{name}`")))
            }
            Called::Recorded => {
                let json =
                    serde_json::json!({ "action": name, "key": order.key, "inputs": order.inputs });
                let text = format!("{json:#}\n");
                self.write(&claimed.effect, to, &name, "json", text.into())
                    .await
            }
        }
    }

    async fn write(
        &self,
        effect: &Effect,
        to: &str,
        what: &str,
        extension: &str,
        bytes: Vec<u8>,
    ) -> Attempt {
        let label = Label {
            key: &effect.key,
            at: effect.at,
            to,
            what,
            extension,
        };
        self.mailbox.write(label, bytes).await
    }

    fn compose(
        &self,
        claimed: &Claimed,
        send: &Send,
        rendered: &Rendered,
    ) -> Result<email::Composed, email::ComposeError> {
        let project = &self.program.ir().project;
        let nobody = Sender {
            name: String::new(),
            from: format!(
                "{} <journey@localhost>",
                project.name.replace(['<', '>'], "")
            ),
            reply_to: None,
        };
        let sender = sender(project, send).unwrap_or(&nobody);
        let advertising = send.purpose == Purpose::Advertising;
        let stop = self.stop(claimed, send);
        let url = stop.url();
        let mut body: Vec<_> = rendered.body.iter().map(fragment).collect();
        if advertising {
            say_how_to_stop(&mut body, &send.language, &url);
        }
        email::compose(&Letter {
            key: &claimed.effect.key.to_string(),
            from: &sender.from,
            reply_to: sender.reply_to.as_deref(),
            to: &send.to,
            subject: &rendered.subject,
            body,
            language: &send.language,
            date: self.clock.now(),
            stop: advertising.then_some(&stop),
        })
    }

    fn stop(&self, claimed: &Claimed, send: &Send) -> Stop {
        if let Some(link) = self.unsubscribe.link(&claimed.contact, send.channel) {
            return Stop::Link(link);
        }
        let project = &self.program.ir().project;
        let sender = sender(project, send);
        let answers = sender.map(|sender| sender.reply_to.as_deref().unwrap_or(&sender.from));
        let address = answers.and_then(|answers| email::address::parse(answers).ok());
        Stop::Mail(address.map_or_else(
            || "journey@localhost".to_owned(),
            |mailbox| mailbox.email.to_string(),
        ))
    }

    fn team_action(&self, team: &str) -> Option<(&str, &str)> {
        let teams = &self.program.ir().project.teams;
        let team = teams.iter().find(|known| known.name == team)?;
        let (connector, action) = team.action.as_ref()?;
        Some((connector, action))
    }

    fn on_unclear(&self, effect: &Effect) -> OnUnclear {
        let repeatable = |connector: &str, action: &str| {
            if self.connectors.is_idempotent(connector, action) {
                OnUnclear::Retry
            } else {
                OnUnclear::Skip
            }
        };
        match &effect.what {
            // Adding or removing someone twice changes nothing.
            Intent::Enlist(_) => OnUnclear::Retry,
            Intent::Call(call) => repeatable(&call.connector, &call.action),
            Intent::Task(task) => self
                .team_action(&task.to)
                .map_or(OnUnclear::Retry, |(connector, action)| {
                    repeatable(connector, action)
                }),
            Intent::Send(send) => match self.ways.get(&send.channel) {
                Some(Way::Mailbox) | None => OnUnclear::Retry,
                Some(Way::Action(connector, action))
                    if self.connectors.is_idempotent(connector, action) =>
                {
                    OnUnclear::Retry
                }
                Some(Way::Smtp(_) | Way::Action(..)) => self.on_unclear_message(send),
            },
        }
    }

    /// What the project says, or else: advertising is never sent twice, what belongs to a deal is never left out.
    fn on_unclear_message(&self, send: &Send) -> OnUnclear {
        let settings = settings(&self.program.ir().project, send.channel);
        let said = settings.and_then(|settings| settings.on_unclear_result);
        said.unwrap_or(match send.purpose {
            Purpose::Transactional => OnUnclear::Retry,
            Purpose::Advertising | Purpose::Survey => OnUnclear::Skip,
        })
    }
}

/// A courier that many workers share.
impl Carrier for Arc<Courier> {
    fn terms(&self, claimed: &Claimed) -> Terms {
        Terms {
            on_unclear: self.on_unclear(&claimed.effect),
            late_after: self.program.ir().project.late_after,
        }
    }

    fn carry(&self, claimed: Claimed) -> Carrying {
        let courier = Self::clone(self);
        Box::pin(async move { courier.try_once(&claimed).await })
    }
}

fn order(claimed: &Claimed, inputs: Inputs) -> Order {
    Order {
        key: claimed.effect.key.to_string(),
        at: claimed.effect.at,
        again: claimed.attempts > 0 || claimed.interrupted,
        inputs,
    }
}

fn settings(project: &Project, channel: Channel) -> Option<&ChannelSettings> {
    project
        .channels
        .iter()
        .find(|settings| settings.channel == channel)
}

fn way(
    project: &Project,
    channel: Channel,
    secrets: &Secrets,
    timeouts: Timeouts,
    trust: &Trust,
) -> Result<Way, EquipmentError> {
    let settings = settings(project, channel);
    if let Some((connector, action)) = settings.and_then(|settings| settings.action.clone()) {
        return Ok(Way::Action(connector, action));
    }
    let smtp = settings.and_then(|settings| settings.smtp.as_deref());
    match smtp.filter(|_| channel == Channel::Email) {
        None => Ok(Way::Mailbox),
        Some(_) if project.senders.is_empty() => Err(EquipmentError::NoSender),
        Some(url) => {
            let server = Server::parse(url, secrets)?;
            Ok(Way::Smtp(Smtp::new(server, timeouts, trust.clone())))
        }
    }
}

/// The message's sender, the channel's, or the project's first.
fn sender<'a>(project: &'a Project, send: &Send) -> Option<&'a Sender> {
    let of_channel =
        settings(project, send.channel).and_then(|settings| settings.sender.as_deref());
    let name = send.sender.as_deref().or(of_channel);
    let named = name.and_then(|name| project.senders.iter().find(|sender| sender.name == name));
    named.or_else(|| project.senders.first())
}

fn fragment(part: &Part) -> Fragment<'_> {
    match part {
        Part::Text(text) => Fragment::Markdown(text),
        Part::Value(value) => Fragment::Value(value),
        Part::Link(url) => Fragment::Link(url),
    }
}

/// What an action that carries messages gets.
fn message_inputs(send: &Send, rendered: &Rendered) -> Inputs {
    let mut values = Map::new();
    inputs::add(&mut values, &send.values);
    let body: String = rendered.body.iter().map(Part::words).collect();
    let mut inputs = Inputs::new();
    inputs.insert("to".into(), send.to.clone().into());
    inputs.insert("template".into(), (*send.template).into());
    inputs.insert("purpose".into(), send.purpose.word().into());
    inputs.insert("subject".into(), rendered.subject.clone().into());
    inputs.insert("body".into(), body.into());
    inputs.insert("values".into(), Json::Object(values));
    inputs
}

/// A message of another channel, for people to read in the mailbox folder.
fn as_text(send: &Send, rendered: &Rendered) -> String {
    let body: String = rendered.body.iter().map(Part::words).collect();
    format!(
        "channel: {}\nto: {}\ntemplate: {}\npurpose: {}\nsubject: {}\n\n{}\n",
        send.channel,
        send.to,
        send.template,
        send.purpose.word(),
        rendered.subject,
        body.trim_end(),
    )
}
