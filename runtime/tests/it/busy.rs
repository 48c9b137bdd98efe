//! A daemon of the shop within bounds, and a way to keep it from deciding anything for as long as a test wants.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, mpsc};

use journey_engine::Program;
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::intake::Limits;
use journeyd::secrets::Secrets;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::daemon::{KEY, TOKEN};
use crate::shop::program;

/// Starts the daemon.
pub(crate) async fn open(folder: &Path, clock: &Arc<ManualClock>, limits: Limits) -> Daemon {
    let options = Options {
        program: program(),
        renamed_from: None,
        data: folder.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::clone(clock) as Arc<dyn journeyd::clock::Clock>,
        environment: |name| match name {
            "JOURNEY_WRITE_KEYS" => Some(format!("web:{KEY}")),
            "JOURNEY_ADMIN_TOKEN" => Some(TOKEN.to_owned()),
            _ => None,
        },
        facing: Facing {
            limits,
            ..Facing::default()
        },
    };
    Daemon::start(options, &mut |_| {}).await.unwrap()
}

/// Asks on a thread that may block.
pub(crate) async fn ask<T: Send + 'static>(
    ask: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> T {
    let asked = tokio::task::spawn_blocking(move || ask().unwrap());
    asked.await.unwrap()
}

/// Nothing is decided from now on, until the value is used.
pub(crate) struct Held {
    end: mpsc::Sender<()>,
    changing: JoinHandle<()>,
}

impl Held {
    pub(crate) async fn hold(daemon: &Daemon) -> Self {
        let (began, has_begun) = oneshot::channel();
        let (end, ends) = mpsc::channel::<()>();
        let handle = daemon.handle.clone();
        let changing = tokio::spawn(async move {
            let at_change = move |_: &Arc<Program>| {
                began.send(()).unwrap();
                ends.recv().unwrap();
            };
            let deployed = handle.deploy(program(), Box::new(at_change)).await;
            deployed.unwrap();
        });
        has_begun.await.unwrap();
        Self { end, changing }
    }

    pub(crate) async fn let_go(self) {
        self.end.send(()).unwrap();
        self.changing.await.unwrap();
    }
}
