//! The daemon: a program, a data folder and an address become a running whole, which stops cleanly.
//!
//! Starting: lock the folder, open the store, count again where the program changed, then the process, the delivery
//! workers, the intake. Stopping goes the other way round: nothing new comes in, what was accepted is finished, workers
//! record how their attempts ended, and the write-ahead log is emptied.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use journey_ir as ir;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::deliver::connector::guard::Reach;
use crate::deliver::{
    Bell, Carrier, Courier, Equipment, EquipmentError, Outbox, Pace, Unsubscribe, Workers,
};
use crate::intake::keys::{Keys, Made};
use crate::intake::{Intake, router};
use crate::process::{self, Handle, OpenError, Process, Progress};
use crate::secrets::Secrets;
use crate::store::{DataFolder, Error, Sqlite};

/// The folder for messages that no provider carries, inside the data folder.
pub const MAILBOX: &str = "mailbox";
/// The secret behind unsubscribe links, inside the data folder.
const LINK_SECRET: &str = "link-secret";
/// How long workers may finish what they have begun, when the daemon stops.
const GRACE: Duration = Duration::from_secs(20);
/// How long open connections may finish, when the daemon stops.
const CONNECTION_GRACE: Duration = Duration::from_secs(5);

/// What a daemon is started with.
#[derive(Debug)]
pub struct Options {
    /// The compiled program.
    pub program: ir::Program,
    /// The data folder.
    pub data: PathBuf,
    /// Where the intake listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address under which people reach the intake, for links in messages.
    pub public_url: Option<String>,
    /// Where `${NAME}` comes from.
    pub secrets: Secrets,
    /// Which addresses connectors may call.
    pub reach: Reach,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The environment, for keys.
    pub environment: fn(&str) -> Option<String>,
}

/// Why a daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store or the program.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The channels.
    #[error(transparent)]
    Equipment(#[from] EquipmentError),
    /// The address.
    #[error(
        "cannot listen on {address}: {source}; is another program there? choose another with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        Self::Open(OpenError::Store(error))
    }
}

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    /// Where the intake listens.
    pub address: SocketAddr,
    /// Asks the process.
    pub handle: Handle,
    /// Keys that were made at this start.
    pub made: Made,
    /// The keys.
    pub keys: Keys,
    workers: Workers,
    courier: Arc<Courier>,
    process: JoinHandle<Process<Sqlite>>,
    server: tokio::task::JoinHandle<io::Result<()>>,
    stop_intake: watch::Sender<bool>,
}

impl Daemon {
    /// Starts everything. `progress` hears how far counting again is, where the program changed.
    pub async fn start(
        options: Options,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, StartError> {
        let folder = DataFolder::lock(&options.data)?;
        let (keys, made) = Keys::load(&folder, options.environment, random_key)?;
        let secret = link_secret(&folder)?;
        let unsubscribe = Unsubscribe::new(options.public_url.as_deref(), &secret);
        let store = Sqlite::open(folder)?;
        let clock = Arc::clone(&options.clock);
        let now = clock.now();
        let process = process::open(store, options.program, now, progress)?;

        let courier = Arc::new(Courier::new(Equipment {
            program: Arc::clone(process.program()),
            secrets: options.secrets,
            clock: Arc::clone(&clock),
            mailbox: options.data.join(MAILBOX),
            unsubscribe: unsubscribe.clone(),
            reach: options.reach,
            timeouts: crate::deliver::email::Timeouts::default(),
        })?);
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;

        let bell = Bell::new();
        let (handle, process) = process::worker::start(process, Arc::clone(&clock), bell.clone())?;
        let outbox: Arc<dyn Outbox> = Arc::new(handle.clone());
        let carrier: Arc<dyn Carrier> = Arc::new(Arc::clone(&courier));
        let workers = Workers::start(&outbox, &carrier, &clock, &bell, Pace::default());
        let intake = Intake::new(
            handle.clone(),
            keys.clone(),
            clock,
            options.data,
            unsubscribe,
        );
        let (stop_intake, mut stopping) = watch::channel(false);
        let app = router(Arc::new(intake));
        let server = tokio::spawn(async move {
            let stopped = async move {
                // An error means that the daemon itself is gone.
                let _gone = stopping.wait_for(|stop| *stop).await.is_err();
            };
            axum::serve(listener, app)
                .with_graceful_shutdown(stopped)
                .await
        });
        Ok(Self {
            address,
            handle,
            made,
            keys,
            workers,
            courier,
            process,
            server,
            stop_intake,
        })
    }

    /// Stops everything, and says whether all of it ended cleanly.
    pub async fn stop(self) -> bool {
        self.stop_intake.send_replace(true);
        let mut server = self.server;
        let in_time = tokio::time::timeout(CONNECTION_GRACE, &mut server).await;
        if in_time.is_err() {
            // Idle connections that clients keep open are no reason to wait.
            server.abort();
        }
        let delivered = self.workers.stop(GRACE).await;
        self.courier.close().await;
        self.handle.stop().await;
        let process = self.process;
        let joined = tokio::task::spawn_blocking(move || process.join().is_ok()).await;
        delivered && joined.unwrap_or(false)
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

/// Bytes nobody can guess.
fn random_bytes() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    std::fs::File::open(Path::new("/dev/urandom"))?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A key nobody can guess, 32 hexadecimal digits.
fn random_key() -> io::Result<String> {
    let hex = blake3::Hash::from_bytes(random_bytes()?).to_hex();
    Ok(hex.chars().take(32).collect())
}

/// The secret behind unsubscribe links. It is made once; links in old messages work for as long as it is kept.
fn link_secret(folder: &DataFolder) -> Result<[u8; 32], StartError> {
    if let Some(text) = folder.read(LINK_SECRET)?
        && let Ok(hash) = blake3::Hash::from_hex(text.trim())
    {
        return Ok(*hash.as_bytes());
    }
    let bytes = random_bytes()?;
    let hex = blake3::Hash::from_bytes(bytes).to_hex();
    folder.write_private(LINK_SECRET, &format!("{hex}\n"))?;
    Ok(bytes)
}
