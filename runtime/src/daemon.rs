//! The daemon: a program, a data folder and an address become a running whole, which stops cleanly.
//!
//! Starting: lock the folder, open the store, look at everything that may be missing or wrong, then the process, the
//! delivery workers, the intake. Where the program changed, contacts are counted again while all of that works. Stopping
//! goes the other way round: nothing new comes in, what was accepted is finished, workers record how their attempts
//! ended, and the write-ahead log is emptied.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use journey_engine::LinkError;
use journey_ir as ir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Mutex, watch};

use crate::clock::Clock;
use crate::deliver::connector::guard::Reach;
use crate::deliver::tls::{Trust, TrustError};
use crate::deliver::{
    Bell, Carrier, Courier, Current, Equipment, EquipmentError, Outbox, Pace, Unsubscribe, Workers,
};
use crate::intake::certificates::{CertificateError, CertificateFiles, Certificates};
use crate::intake::keyring::{self, KEYS_FILE, KeyringError};
use crate::intake::serve::{Doors, control_socket, serve};
use crate::intake::{Behind, Intake, Limits, router};
use crate::link_secret;
use crate::process::{self, Handle, OpenError, Process, Progress};
use crate::project::{self, OtherProject};
use crate::reload::{Reloader, Source, linked_alone};
use crate::secrets::Secrets;
use crate::store::spool::Spool;
use crate::store::{DataFolder, Error, Sqlite};

/// The folder for messages that no provider carries, inside the data folder.
pub const MAILBOX: &str = "mailbox";
/// How long workers may finish what they have begun, when the daemon stops.
const GRACE: Duration = Duration::from_secs(20);
/// How long open connections may finish, when the daemon stops.
const CONNECTION_GRACE: Duration = Duration::from_secs(5);
/// How many connections may wait to be taken on.
const BACKLOG: u32 = 1024;

/// What a daemon is started with.
#[derive(Debug)]
pub struct Options {
    /// The compiled program.
    pub program: ir::Program,
    /// What the project was called before, where it was renamed.
    pub renamed_from: Option<String>,
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
    /// How it faces others.
    pub facing: Facing,
}

/// How a daemon faces others. By default: in clear, trusting the web's authorities, with no limit per key.
#[derive(Debug, Clone, Default)]
pub struct Facing {
    /// The certificate of the intake; in clear where there is none.
    pub certificate: Option<CertificateFiles>,
    /// A PEM file of authorities that are trusted beside those of the web.
    pub authorities: Option<PathBuf>,
    /// Whether there is somebody to be shown a first write key; none is made where there is nobody.
    pub shows_keys: bool,
    /// What bounds a request.
    pub limits: Limits,
    /// What compiles the project again; it cannot be reloaded where there is none.
    pub source: Option<Source>,
}

/// Why a daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store or the program.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The data is another project's.
    #[error(transparent)]
    OtherProject(#[from] OtherProject),
    /// The channels.
    #[error(transparent)]
    Equipment(#[from] EquipmentError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The authorities.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The address.
    #[error("cannot listen on {address}: {source}; {}", hint(.source))]
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

impl From<LinkError> for StartError {
    fn from(error: LinkError) -> Self {
        Self::Open(OpenError::Link(error))
    }
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
    /// A write key that was made at this start, to be shown once.
    pub made: Option<String>,
    /// Reads the project again.
    pub reloader: Arc<Reloader>,
    workers: Workers,
    process: JoinHandle<Process<Sqlite>>,
    server: tokio::task::JoinHandle<io::Result<()>>,
    intake: Arc<Intake>,
    stop_intake: watch::Sender<bool>,
}

impl Daemon {
    /// Starts everything. `progress` hears how many contacts are to be counted again meanwhile, where the program changed.
    #[expect(
        clippy::unused_async,
        reason = "what it starts lives in the runtime it is called in, which a plain function would not ask for"
    )]
    pub async fn start(
        options: Options,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, StartError> {
        let folder = DataFolder::lock(&options.data)?;
        warn_if_open(folder.path());
        // Made here and not at the first message, so that it is its owner's whoever starts the daemon.
        folder.private_folder(MAILBOX)?;
        let facing = options.facing;
        let certificates = facing.certificate.map(Certificates::open).transpose()?;
        let authorities = facing.authorities.as_deref().map(Trust::read);
        let trust = authorities.transpose()?.unwrap_or_default();
        let mut store = Sqlite::open(folder)?;
        let before = project::before(&mut store)?;
        if let Some(before) = &before {
            let renamed_from = options.renamed_from.as_deref();
            project::check(&before.project, &options.program.project, renamed_from)?;
        }
        let secret = link_secret::read_or_new(&options.data)?;
        let unsubscribe = Unsubscribe::new(options.public_url.as_deref(), &secret.bytes);
        let clock = Arc::clone(&options.clock);
        let equipment = Equipment {
            program: linked_alone(&options.program)?,
            secrets: options.secrets,
            clock: Arc::clone(&clock),
            mailbox: options.data.join(MAILBOX),
            unsubscribe: unsubscribe.clone(),
            reach: options.reach,
            timeouts: crate::deliver::email::Timeouts::default(),
            trust,
        };
        // What settings, secrets, keys and the address lack is found before the program is taken up: a start that fails
        // has changed nothing.
        let courier = Courier::new(equipment.clone())?;
        let socket = bind(options.listen)?;
        let keys_lost = before.is_some() && !options.data.join(KEYS_FILE).exists();
        let first_key = || facing.shows_keys.then(random_key).transpose();
        let opened = keyring::open(&options.data, options.environment, first_key)?;
        for warning in &opened.warnings {
            tracing::warn!("{warning}");
        }
        let has_none = opened.keys.write_keys.is_empty();
        if has_none {
            tracing::warn!(
                "daemon.no_write_key: nobody can send events yet; `journeyd keys --data {} add NAME` makes a key",
                options.data.display()
            );
        }
        if keys_lost && (has_none || opened.made.is_some()) {
            tracing::warn!(
                "daemon.keys_lost: {KEYS_FILE} is missing from data that was worked on. Keys that clients have are unknown \
                 now: put it back from a backup, or give them new ones"
            );
        }
        secret.keep(&options.data, before.is_some())?;

        let now = clock.now();
        let running = options.program.hash();
        let mut process = process::take_up(store, options.program, now)?;
        let spooled = Spool::open(&options.data, process.spooled()?)?;
        let undecided = spooled.1.first().map_or(ir::Instant::MAX, |it| it.since);
        process.progress().into_iter().for_each(progress);
        let courier = courier.under(Arc::clone(process.program()));
        let current = Arc::new(Current::new(courier));
        let listener = listen(socket, options.listen)?;
        let address = listener.local_addr()?;

        let bell = Bell::new();
        let (handle, process) =
            process::worker::start(process, Arc::clone(&clock), bell.clone(), undecided)?;
        let outbox: Arc<dyn Outbox> = Arc::new(handle.clone());
        let carrier: Arc<dyn Carrier> = Arc::clone(&current) as Arc<dyn Carrier>;
        let workers = Workers::start(&outbox, &carrier, &clock, &bell, Pace::default());
        let control = control_socket(&options.data);
        if let Err(error) = &control {
            tracing::warn!(%error, "daemon.no_control_socket: `journeyd reload` and `journeyd keys` cannot reach it");
        }
        let doors = Doors {
            network: listener,
            certificates: certificates.clone(),
            control: control.ok(),
        };
        let reloader = Arc::new(Reloader {
            handle: handle.clone(),
            source: facing.source,
            current,
            equipment,
            data: options.data.clone(),
            environment: options.environment,
            certificates,
            keys: RwLock::new(Arc::new(opened.keys)),
            running: Mutex::new(running),
        });
        let behind = Behind {
            handle: handle.clone(),
            clock,
            data: options.data,
            unsubscribe,
            reloader: Arc::clone(&reloader),
            ends: Arc::clone(workers.ends()),
            down: Arc::clone(workers.down()),
            spooled,
        };
        let intake = Arc::new(Intake::new(behind, facing.limits)?);
        let app = router(Arc::clone(&intake));
        let (stop_intake, stopping) = watch::channel(false);
        let server = tokio::spawn(serve(doors, app, stopping));
        Ok(Self {
            address,
            handle,
            made: opened.made,
            reloader,
            workers,
            process,
            server,
            intake,
            stop_intake,
        })
    }

    /// How much was acknowledged and is not decided, in bytes.
    #[must_use]
    pub fn spooled(&self) -> u64 {
        self.intake.spooled()
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
        self.intake.stop().await;
        let delivered = self.workers.stop(GRACE).await;
        self.reloader.current.courier().close().await;
        self.handle.stop().await;
        let process = self.process;
        let joined = tokio::task::spawn_blocking(move || process.join().is_ok()).await;
        delivered && joined.unwrap_or(false)
    }
}

/// What to do about an address that cannot be listened on.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "is another program there? choose another with --listen",
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose one of its own with --listen, as in 127.0.0.1:8787"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are not for everybody; choose another with --listen"
        }
        _ => "choose another with --listen",
    }
}

/// Takes an address. Nobody can connect before [`listen`], so that nobody waits for a long start.
fn bind(address: SocketAddr) -> Result<TcpSocket, StartError> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    };
    let bound = socket.and_then(|socket| {
        // An address whose last connections are still closing is free.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    });
    bound.map_err(|source| StartError::Listen { address, source })
}

fn listen(socket: TcpSocket, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = socket.listen(BACKLOG);
    listener.map_err(|source| StartError::Listen { address, source })
}

/// Says so where the data folder was made by somebody else and others can look into it.
fn warn_if_open(data: &Path) {
    let mode = data.metadata().map_or(0, |it| it.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(
            data = %data.display(),
            "other users of this machine can look into the data folder; close it with `chmod 700`"
        );
    }
}

/// Bytes nobody can guess.
pub(crate) fn random_bytes() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    std::fs::File::open(Path::new("/dev/urandom"))?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A key nobody can guess, 32 hexadecimal digits.
pub(crate) fn random_key() -> io::Result<String> {
    let hex = blake3::Hash::from_bytes(random_bytes()?).to_hex();
    Ok(hex.chars().take(32).collect())
}
