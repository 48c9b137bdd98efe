//! Advertising networks: people who join and leave audiences go in, a few requests for many of them go out.
//!
//! Whoever comes while a request is under way waits, and goes with the next one: the busier it is, the more one request
//! carries. What a network gets are SHA-256 hashes of normalised addresses and numbers, never the plain text.

mod google;
mod identity;
mod meta;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use journey_engine::{Enlist, Match};
use journey_ir::project::{Network, NetworkKind};
use tokio::sync::oneshot;

use super::client::Client;
use super::{ConnectorError, SettingError};
use crate::deliver::Reason;
use crate::deliver::attempt::Attempt;
use crate::secrets::Secrets;
use google::Google;
use meta::Meta;

pub use identity::{hashed_email, hashed_phone};

/// The networks of a project.
#[derive(Debug)]
pub struct Networks {
    client: Client,
    all: BTreeMap<String, Route>,
}

/// What became of telling a network.
#[derive(Debug)]
pub enum Listed {
    /// It ended so.
    Ended(Attempt),
    /// The network only records: the caller writes it down.
    Recorded,
}

#[derive(Debug)]
struct Route {
    to: Target,
    lists: BTreeMap<String, String>,
    waiting: Mutex<Vec<Waiting>>,
    /// Held by whoever is carrying a batch.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
enum Target {
    Record,
    Meta(Meta),
    Google(Google),
}

/// Somebody who waits for the next request.
#[derive(Debug)]
struct Waiting {
    contact: String,
    enlist: Enlist,
    answer: oneshot::Sender<Attempt>,
}

/// Hashed identities of one person, as one row of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Person {
    emails: Vec<String>,
    phones: Vec<String>,
}

impl Person {
    fn of(people: &[Match], sign: &str) -> Self {
        let mut person = Self::default();
        for one in people {
            match one {
                Match::Email(email) => person.emails.extend(hashed_email(email)),
                Match::Phone(phone) => person.phones.extend(hashed_phone(phone, sign)),
            }
        }
        person
    }

    const fn is_nobody(&self) -> bool {
        self.emails.is_empty() && self.phones.is_empty()
    }
}

impl Networks {
    /// Prepares the networks. Missing secrets and wrong settings are found here and not at the first request.
    pub fn new(
        networks: &[Network],
        secrets: &Secrets,
        client: Client,
    ) -> Result<Self, ConnectorError> {
        let mut all = BTreeMap::new();
        for network in networks {
            let to = target(&network.kind, secrets).map_err(|problem| ConnectorError {
                connector: "audiences".to_owned(),
                action: network.name.clone(),
                problem,
            })?;
            let route = Route {
                to,
                lists: network.lists.iter().cloned().collect(),
                waiting: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
            };
            all.insert(network.name.clone(), route);
        }
        Ok(Self { client, all })
    }

    /// Whether what a network is told leaves this machine.
    #[must_use]
    pub fn reaches(&self, network: &str) -> bool {
        let route = self.all.get(network);
        route.is_some_and(|route| !matches!(route.to, Target::Record))
    }

    /// Tells a network of a contact, together with everybody else who waits.
    pub async fn tell(&self, contact: &str, enlist: &Enlist) -> Listed {
        let Some(route) = self.all.get(&enlist.network) else {
            return Listed::Recorded;
        };
        if matches!(route.to, Target::Record) {
            return Listed::Recorded;
        }
        if !route.lists.contains_key(&enlist.audience) {
            let (network, audience) = (&enlist.network, &enlist.audience);
            return Listed::Ended(Attempt::refused(Reason::ours(format!(
                "journey.toml, [audiences.{network}]: `lists` does not say which list `{audience}` is"
            ))));
        }
        let (answer, mut answered) = oneshot::channel();
        route.lock().push(Waiting {
            contact: contact.to_owned(),
            enlist: enlist.clone(),
            answer,
        });
        let turn = route.turn.lock().await;
        // Somebody who had the turn before may have carried this along.
        if let Ok(attempt) = answered.try_recv() {
            return Listed::Ended(attempt);
        }
        self.carry(route).await;
        drop(turn);
        let attempt = answered.await;
        Listed::Ended(attempt.unwrap_or_else(|_| Attempt::unclear("the request was abandoned")))
    }

    /// Carries everybody who waits: per list, first those who go, then those who come.
    async fn carry(&self, route: &Route) {
        let waiting = std::mem::take(&mut *route.lock());
        let mut by_list: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
        for one in waiting {
            by_list
                .entry(one.enlist.audience.clone())
                .or_default()
                .push(one);
        }
        for (audience, mut waiting) in by_list {
            let Some(list) = route.lists.get(&audience) else {
                continue;
            };
            // What was decided later about the same person says more.
            waiting.sort_by(|a, b| (&a.contact, a.enlist.turn).cmp(&(&b.contact, b.enlist.turn)));
            let mut wanted: BTreeMap<Person, bool> = BTreeMap::new();
            for one in &waiting {
                wanted.insert(
                    Person::of(&one.enlist.people, route.to.sign()),
                    one.enlist.add,
                );
            }
            wanted.retain(|person, _| !person.is_nobody());
            let those = |add: bool| {
                let chosen = wanted.iter().filter(|(_, it)| **it == add);
                chosen.map(|(person, _)| person.clone()).collect::<Vec<_>>()
            };
            let gone = self.request(route, list, false, &those(false)).await;
            let come = self.request(route, list, true, &those(true)).await;
            for one in waiting {
                let attempt = if one.enlist.add { &come } else { &gone };
                // Nobody listens any more where the daemon is stopping.
                let _gone = one.answer.send(attempt.clone()).is_err();
            }
        }
    }

    async fn request(&self, route: &Route, list: &str, add: bool, people: &[Person]) -> Attempt {
        if people.is_empty() {
            return Attempt::done(None);
        }
        match &route.to {
            Target::Record => Attempt::done(None),
            Target::Meta(meta) => meta.tell(&self.client, list, add, people).await,
            Target::Google(google) => google.tell(&self.client, list, add, people).await,
        }
    }
}

impl Target {
    /// What stands before the digits of a phone number.
    const fn sign(&self) -> &'static str {
        match self {
            Self::Google(_) => "+",
            Self::Meta(_) | Self::Record => "",
        }
    }
}

impl Route {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn target(kind: &NetworkKind, secrets: &Secrets) -> Result<Target, SettingError> {
    Ok(match kind {
        NetworkKind::Record => Target::Record,
        NetworkKind::Meta { base_url, token } => Target::Meta(Meta::new(base_url, token, secrets)?),
        NetworkKind::Google {
            base_url,
            token,
            developer_token,
            customer,
            manager,
        } => Target::Google(Google::new(
            &google::Account {
                base_url,
                token,
                developer_token,
                customer,
                manager: manager.as_deref(),
            },
            secrets,
        )?),
    })
}
