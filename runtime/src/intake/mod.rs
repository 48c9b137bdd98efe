//! The HTTP side: Segment's calls in, and what operators ask.
//!
//! A request is answered with 200 only when everything in it is durable. One bad item never refuses a batch; it goes to
//! the list of the rejected, with its reason.
//!
//! Reading order: [`serve`] and [`certificates`] (connections), [`keys`], [`keyring`], `auth`, [`door`] (who asks, and what
//! they may), [`rate`] (how much), [`body`] (bytes to text), [`envelope`] (text to items), `calls`, `operator`, `person`,
//! `observe`, `inbox`, `stop_link` (the routes). Items become arrivals in `journey_arrivals`.

mod answer;
mod auth;
mod bodies;
pub mod body;
mod calls;
pub mod certificates;
mod counts;
pub mod door;
pub mod envelope;
mod inbox;
pub mod keyring;
pub mod keys;
mod observe;
mod operator;
mod person;
pub mod rate;
mod reading;
mod routes;
pub mod serve;
mod spool;
mod stop_link;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::deliver::{Down, Ends, Unsubscribe};
use crate::process::Handle;
use crate::reload::Reloader;
use crate::store::spool::{self as stored, Waiting};
use answer::Refusal;
use bodies::Bodies;
use counts::Counts;
use keys::Keys;
use rate::Limiter;
use reading::Reading;
use spool::{Room, Spool};

pub use operator::OPENAPI;
pub use routes::{Routes, router};

/// What bounds a request, beside the sizes in [`body`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many items a second a key may send that says nothing else; no limit where `None`.
    pub rate: Option<u32>,
    /// How long a client may take to send a body.
    pub body_time: Duration,
    /// With less room than this on its disk, in bytes, the daemon says that it is not ready.
    pub least_room: u64,
    /// How much may wait on disk that was acknowledged and is not decided, in bytes; with 0, requests wait until they are
    /// decided.
    pub spool: u64,
    /// With so much waiting to be decided, in KiB of what was sent, requests are spooled; with 0, all are.
    pub spool_after: usize,
    /// How long an erasure waits for its answer until every file is rid of what was erased.
    pub purge: Duration,
}

/// How much may wait for the worker before requests are spooled unless somebody says otherwise, in KiB: with less of it,
/// one more sync would only cost time.
pub const SPOOL_AFTER: usize = 128;
/// How much may wait in the spool unless somebody says otherwise, in bytes.
pub const SPOOL: u64 = 1024 * 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: None,
            body_time: Duration::from_secs(30),
            least_room: observe::LEAST_ROOM,
            spool: SPOOL,
            spool_after: SPOOL_AFTER,
            purge: Duration::from_secs(20),
        }
    }
}

/// What the routes need.
#[derive(Debug)]
pub struct Intake {
    handle: Handle,
    reading: Arc<Reading>,
    limiter: Limiter,
    body_time: Duration,
    least_room: u64,
    purge: Duration,
    clock: Arc<dyn Clock>,
    data: PathBuf,
    unsubscribe: Unsubscribe,
    reloader: Arc<Reloader>,
    ends: Arc<Ends>,
    down: Arc<Down>,
    counts: Arc<Counts>,
    bodies: Bodies,
    spool: Spool,
}

/// What an intake stands in front of.
#[derive(Debug)]
pub struct Behind {
    /// The process.
    pub handle: Handle,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The data folder.
    pub data: PathBuf,
    /// The links by which people stop the advertising.
    pub unsubscribe: Unsubscribe,
    /// What reads the project again.
    pub reloader: Arc<Reloader>,
    /// How attempts to deliver ended.
    pub ends: Arc<Ends>,
    /// Whose provider is down.
    pub down: Arc<Down>,
    /// The spool, and what waits in it.
    pub spooled: (stored::Spool, Vec<Waiting>),
}

/// Whose write key a request shows.
#[derive(Debug, Clone)]
struct Sender {
    id: String,
    source: String,
    rate: Option<u32>,
}

impl Intake {
    /// An intake in front of a process. It goes on with what was acknowledged and is not decided.
    pub fn new(behind: Behind, limits: Limits) -> io::Result<Self> {
        let reading = Arc::new(Reading::new(behind.handle.clone()));
        let counts = Arc::new(Counts::default());
        let room = Room {
            data: behind.data.clone(),
            least: limits.least_room,
        };
        let spool = Spool::start(
            behind.spooled,
            room,
            limits,
            &behind.handle,
            Arc::clone(&reading),
            Arc::clone(&counts),
        )?;
        Ok(Self {
            reading,
            handle: behind.handle,
            limiter: Limiter::new(limits.rate),
            body_time: limits.body_time,
            least_room: limits.least_room,
            purge: limits.purge,
            clock: behind.clock,
            data: behind.data,
            unsubscribe: behind.unsubscribe,
            reloader: behind.reloader,
            ends: behind.ends,
            down: behind.down,
            counts,
            bodies: Bodies::new(),
            spool,
        })
    }

    /// How much was acknowledged and is not decided, in bytes.
    pub fn spooled(&self) -> u64 {
        self.spool.bytes()
    }

    /// Stops taking what comes in: what was acknowledged is on disk then.
    pub async fn stop(&self) {
        self.spool.stop().await;
    }

    /// The keys of the moment.
    fn keys(&self) -> Arc<Keys> {
        self.reloader.keys()
    }

    /// The first of these keys that is a valid write key.
    fn sender(&self, shown: &[String]) -> Result<Sender, Refusal> {
        let (keys, now) = (self.keys(), self.clock.now());
        let known = shown.iter().find_map(|key| keys.source(key, now));
        let known = known.ok_or_else(Refusal::unauthorized)?;
        Ok(Sender {
            id: known.id.clone(),
            source: known.source.clone(),
            rate: known.rate,
        })
    }
}
