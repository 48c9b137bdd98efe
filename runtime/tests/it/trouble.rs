//! A disk that stops taking anything in: whoever sends is told to come back, readiness and metrics tell operators, and all
//! of it is well again by itself once the disk is.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use journeyd::clock::{Clock, ManualClock};
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::Timeouts;
use journeyd::deliver::tls::Trust;
use journeyd::deliver::{Bell, Courier, Current, Ends, Equipment, Unsubscribe};
use journeyd::intake::keys::{AdminToken, Keys, Scope, WriteKey};
use journeyd::intake::serve::{Doors, serve};
use journeyd::intake::{Behind, Intake, Limits, router};
use journeyd::process::{self, worker};
use journeyd::reload::Reloader;
use journeyd::secrets::Secrets;
use journeyd::store::journal::disk::{Disk, DiskFile, Folder};
use journeyd::store::spool::Spool;
use journeyd::store::{DataFolder, Options, Sqlite};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};

use crate::busy::ask;
use crate::clients::{Answer, get, post};
use crate::daemon::{KEY, TOKEN};
use crate::shop::{MONDAY, program};

/// A real folder that takes nothing in while it is broken. What lies there can be read.
#[derive(Debug)]
struct Fragile {
    folder: Folder,
    broken: Arc<AtomicBool>,
}

#[derive(Debug)]
struct FragileFile {
    file: Arc<dyn DiskFile>,
    broken: Arc<AtomicBool>,
}

fn unless(broken: &AtomicBool) -> io::Result<()> {
    if broken.load(Ordering::SeqCst) {
        return Err(io::Error::other("the disk does not answer"));
    }
    Ok(())
}

impl Fragile {
    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        let broken = Arc::clone(&self.broken);
        Arc::new(FragileFile { file, broken })
    }
}

impl Disk for Fragile {
    fn list(&self) -> io::Result<Vec<String>> {
        self.folder.list()
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        unless(&self.broken)?;
        Ok(self.file(self.folder.create(name)?))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(self.folder.open(name)?))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        unless(&self.broken)?;
        self.folder.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        unless(&self.broken)?;
        self.folder.sync()
    }
}

impl DiskFile for FragileFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, into)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        unless(&self.broken)?;
        self.file.write_at(offset, bytes)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        unless(&self.broken)?;
        self.file.truncate(size)
    }

    fn sync(&self) -> io::Result<()> {
        unless(&self.broken)?;
        self.file.sync()
    }
}

/// The routes and the process of a daemon whose journal lies on a disk that can be broken and mended.
struct Shop {
    address: SocketAddr,
    clock: Arc<ManualClock>,
    broken: Arc<AtomicBool>,
    /// The routes are served for as long as this is there.
    _stop: watch::Sender<bool>,
}

impl Shop {
    async fn open(data: &Path, limits: Limits) -> Self {
        let broken = Arc::new(AtomicBool::new(false));
        let disk = Fragile {
            folder: Folder::at(data),
            broken: Arc::clone(&broken),
        };
        let options = Options {
            disk: Arc::new(disk),
            ..Options::of(data)
        };
        let store = Sqlite::open_with(DataFolder::lock(data).unwrap(), options).unwrap();
        let mut process = process::open(store, program(), MONDAY, &mut |_| {}).unwrap();
        let spooled = Spool::open(data, process.spooled().unwrap()).unwrap();
        let program = Arc::clone(process.program());
        let manual = Arc::new(ManualClock::at(MONDAY));
        let clock = Arc::clone(&manual) as Arc<dyn Clock>;
        let (handle, _thread) =
            worker::start(process, Arc::clone(&clock), Bell::new(), i64::MAX).unwrap();
        let unsubscribe = Unsubscribe::new(None, &[0; 32]);
        let equipment = Equipment {
            program: Arc::clone(&program),
            secrets: Secrets::fixed([]),
            clock: Arc::clone(&clock),
            mailbox: data.join("mailbox"),
            unsubscribe: unsubscribe.clone(),
            reach: Reach::Public,
            timeouts: Timeouts::default(),
            trust: Trust::default(),
        };
        let keys = Keys {
            write_keys: vec![WriteKey::new("web", KEY)],
            admin_tokens: vec![AdminToken::new("all", TOKEN, Scope::ALL)],
        };
        let reloader = Arc::new(Reloader {
            handle: handle.clone(),
            source: None,
            current: Arc::new(Current::new(Courier::new(equipment.clone()).unwrap())),
            equipment,
            data: data.to_owned(),
            environment: |_| None,
            certificates: None,
            keys: RwLock::new(Arc::new(keys)),
            running: Mutex::new(String::new()),
        });
        let behind = Behind {
            handle,
            clock,
            data: data.to_owned(),
            unsubscribe,
            reloader,
            down: Arc::default(),
            ends: Arc::new(Ends::default()),
            spooled,
        };
        let intake = Arc::new(Intake::new(behind, limits).unwrap());
        let network = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = network.local_addr().unwrap();
        let doors = Doors {
            network,
            certificates: None,
            control: None,
        };
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(serve(doors, router(intake), stopping));
        Self {
            address,
            clock: manual,
            broken,
            _stop: stop,
        }
    }

    fn breaks(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    fn is_mended(&self) {
        self.broken.store(false, Ordering::SeqCst);
    }

    async fn signs_up(&self, who: &str) -> Answer {
        let (to, who) = (self.address, json!({"userId": who, "traits": {}}));
        ask(move || post(to, "/v1/identify", KEY, &who)).await
    }

    async fn get(&self, path: &'static str) -> Answer {
        let to = self.address;
        ask(move || get(to, path, TOKEN)).await
    }

    /// Whether the store is in trouble, as metrics tell.
    async fn trouble(&self) -> bool {
        let page = self.get("/metrics").await.body;
        let value = page
            .lines()
            .find_map(|line| line.strip_prefix("journeyd_store_trouble "));
        value.unwrap() == "1"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_write_says_so_and_is_well_again_by_itself_once_the_disk_is() {
    let root = tempfile::tempdir().unwrap();
    let shop = Shop::open(root.path(), Limits::default()).await;
    assert_eq!(shop.signs_up("early").await.status, 200);
    assert_eq!(shop.get("/ready").await.status, 200);
    assert!(!shop.trouble().await);

    shop.breaks();
    let refused = shop.signs_up("meanwhile").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.json()["code"], "store_failed");
    assert_eq!(refused.header("retry-after"), Some("2"));
    let ready = shop.get("/ready").await;
    assert_eq!(ready.status, 503);
    let reasons = json!(["the store cannot be written"]);
    assert_eq!(ready.json()["reasons"], reasons);
    assert!(!ready.body.contains("does not answer"), "{ready:?}");
    assert!(shop.trouble().await);
    // It lives, and tells what it knows.
    assert_eq!(shop.get("/health").await.status, 200);
    assert_eq!(shop.get("/v1/contacts/early").await.status, 200);
    assert_eq!(shop.get("/v1/contacts/meanwhile").await.status, 404);

    // Nobody sends anything: it looks for itself.
    shop.is_mended();
    shop.clock.advance(1_000);
    while shop.get("/ready").await.status == 503 {}
    assert!(!shop.trouble().await);
    assert_eq!(shop.signs_up("meanwhile").await.status, 200);
    assert_eq!(shop.get("/v1/contacts/meanwhile").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_decided_is_not_acknowledged_either() {
    let root = tempfile::tempdir().unwrap();
    let limits = Limits {
        spool_after: 0,
        ..Limits::default()
    };
    let shop = Shop::open(root.path(), limits).await;
    shop.breaks();
    // The first is acknowledged, because nobody knows yet, and waits.
    assert_eq!(shop.signs_up("first").await.status, 200);
    while !shop.trouble().await {}
    let refused = shop.signs_up("second").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.json()["code"], "store_failed");

    shop.is_mended();
    shop.clock.advance(1_000);
    while shop.get("/v1/contacts/first").await.status == 404 {}
    assert_eq!(shop.get("/ready").await.status, 200);
    assert_eq!(shop.signs_up("second").await.status, 200);
}
