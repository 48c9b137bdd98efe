//! The daemon as operators meet it: what it tells, what it lets whom do, and how it changes while it runs.

use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journey_ir as ir;
use journey_ir::time::{HOUR, MINUTE};
use journey_ir::{Span, Unit};
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::intake::Limits;
use journeyd::intake::keyring;
use journeyd::intake::keys::{AdminToken, Scope, WriteKey};
use journeyd::reload::{Compiled, Source};
use journeyd::secrets::Secrets;
use journeyd::store::SqliteReader;
use serde_json::{Value, json};

use crate::clients::{Answer, get, post, send};
use crate::shop::{MONDAY, journey, program};

pub(crate) const KEY: &str = "a-write-key-of-the-web";
pub(crate) const TOKEN: &str = "an-admin-token-for-all";

/// What the project says when it is compiled again.
pub(crate) type Project = Arc<Mutex<Result<ir::Program, String>>>;

pub(crate) struct Shop {
    pub(crate) daemon: Daemon,
    pub(crate) root: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) project: Project,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::of(program(), limits).await
    }

    pub(crate) async fn of(program: ir::Program, limits: Limits) -> Self {
        let root = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(MONDAY));
        keyring::edit(root.path(), |keys| {
            keys.write_keys.push(WriteKey::new("web", KEY));
            keys.admin_tokens
                .push(AdminToken::new("all", TOKEN, Scope::ALL));
        })
        .unwrap();
        let project: Project = Arc::new(Mutex::new(Ok(program.clone())));
        let again = Arc::clone(&project);
        let source = Source::new(move || {
            let program = again.lock().unwrap().clone()?;
            Ok(Compiled {
                program,
                warnings: String::new(),
            })
        });
        let options = Options {
            program,
            renamed_from: None,
            data: root.path().to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            secrets: Secrets::fixed([]),
            reach: Reach::Public,
            clock: Arc::clone(&clock) as _,
            environment: |_| None,
            facing: Facing {
                limits,
                source: Some(source),
                ..Facing::default()
            },
        };
        let daemon = Daemon::start(options, &mut |_| {}).await.unwrap();
        Self {
            daemon,
            root,
            clock,
            project,
        }
    }

    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(SocketAddr) -> T + Send + 'static,
    ) -> T {
        let address = self.daemon.address;
        tokio::task::spawn_blocking(move || ask(address))
            .await
            .unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let path = path.to_owned();
        self.ask(move |to| post(to, &path, KEY, &body).unwrap())
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let path = path.to_owned();
        self.ask(move |to| get(to, &path, TOKEN).unwrap()).await
    }

    pub(crate) async fn by(&self, method: &'static str, path: &str, token: &str) -> Answer {
        let (path, bearer) = (path.to_owned(), format!("Bearer {token}"));
        self.ask(move |to| send(to, method, &path, &[("Authorization", &bearer)], b"").unwrap())
            .await
    }

    pub(crate) async fn buys(&self, who: &str, order: &str) {
        let answer = self.post("/v1/track", purchase(who, order)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) fn says(&self, project: Result<ir::Program, String>) {
        *self.project.lock().unwrap() = project;
    }
}

fn purchase(who: &str, order: &str) -> Value {
    json!({"type": "track", "userId": who, "event": "purchase", "messageId": format!("m-{who}-{order}"),
        "properties": {"order_id": order, "total": 50_000}})
}

/// The shop with another version of its journey.
pub(crate) fn changed() -> ir::Program {
    let mut program = program();
    let key = program.journeys[0].run_key;
    program.journeys[0] = journey("thanks", ir::EventIx(0), Span::new(3, Unit::Day));
    program.journeys[0].run_key = key;
    program
}

/// A metric's value, without what follows the point.
fn value(page: &str, metric: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(metric));
    let number = line.unwrap_or_else(|| panic!("{metric} in {page}")).trim();
    number.split('.').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_what_happens_and_name_nobody() {
    let shop = Shop::open().await;
    shop.buys("minji@example.com", "o1").await;
    shop.buys("minji@example.com", "o1").await;
    let bad = json!({"type": "track", "userId": "minji@example.com", "event": "Unheard Of"});
    shop.post("/v1/track", bad).await;
    let page = shop.get("/metrics").await;
    assert_eq!(
        page.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let page = page.body;
    let events = |outcome| {
        let metric = format!("journeyd_events_total{{source=\"web\",outcome=\"{outcome}\"}}");
        value(&page, &metric)
    };
    assert_eq!(
        [events("accepted"), events("duplicate"), events("rejected")],
        [1, 1, 1]
    );
    let reason = "journeyd_rejected_total{source=\"web\",reason=\"unknown_event\"}";
    assert_eq!(value(&page, reason), 1);
    assert!(value(&page, "journeyd_commit_seconds_count") >= 2);
    assert!(value(&page, "journeyd_items_total") >= 1);
    let route = "journeyd_http_requests_total{method=\"POST\",route=\"/v1/{call}\",status=\"200\"}";
    assert_eq!(value(&page, route), 3);
    for metric in [
        "journeyd_outbox_age_seconds",
        "journeyd_wake_lateness_seconds_count",
        "journeyd_store_trouble",
        "journeyd_disk_free_bytes",
        "# TYPE journeyd_sends_total",
        "# TYPE journeyd_outbox_effects",
    ] {
        assert!(page.contains(metric), "{metric} in {page}");
    }
    assert!(!page.contains("minji") && !page.contains(KEY), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_how_late_people_are_woken_and_what_was_refused() {
    let shop = Shop::open().await;
    shop.buys("u1", "o1").await;
    let late = |page: &str, bound: &str| {
        let metric = format!("journeyd_wake_lateness_seconds_bucket{{le=\"{bound}\"}}");
        value(page, &metric)
    };
    let page = shop.get("/metrics").await.body;
    assert_eq!(late(&page, "+Inf"), 0);
    // The wait of an hour ends while the machine sleeps for a minute and a half more.
    shop.clock.advance(HOUR + MINUTE + MINUTE / 2);
    let page = loop {
        let page = shop.get("/metrics").await.body;
        if late(&page, "+Inf") > 0 {
            break page;
        }
    };
    assert_eq!((late(&page, "60"), late(&page, "300")), (0, 1), "{page}");
    assert!(value(&page, "journeyd_store_seconds_count") >= 2);

    let broken = shop.ask(|to| send(to, "POST", "/v1/track", &[], b"{").unwrap());
    assert_eq!(broken.await.status, 400);
    let page = shop.get("/metrics").await.body;
    let refused = "journeyd_refused_requests_total{route=\"/v1/{call}\",reason=\"invalid_json\"}";
    assert_eq!(value(&page, refused), 1);
    let down = "journeyd_provider_down{lane=\"email\"}";
    assert_eq!(value(&page, down), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_need_no_token_here_and_one_through_a_proxy() {
    let shop = Shop::open().await;
    let here = shop.ask(|to| send(to, "GET", "/metrics", &[], b"").unwrap());
    assert_eq!(here.await.status, 200);
    let proxied = shop.ask(|to| {
        let headers = [("X-Forwarded-For", "198.51.100.7")];
        send(to, "GET", "/metrics", &headers, b"").unwrap()
    });
    assert_eq!(proxied.await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_tells_of_a_full_disk_and_of_a_stop() {
    let full = Shop::with(Limits {
        least_room: u64::MAX,
        ..Limits::default()
    })
    .await;
    let answer = full.get("/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reasons"], json!(["the disk is almost full"]));
    assert_eq!(full.get("/health").await.status, 200);
    let shop = Shop::open().await;
    assert_eq!(shop.get("/ready").await.status, 200);
    shop.daemon.handle.stop().await;
    let answer = shop.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["reasons"], json!(["it is stopping"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_allows_what_its_scopes_say_and_a_write_key_only_to_send() {
    let shop = Shop::open().await;
    shop.buys("u1", "o1").await;
    keyring::edit(shop.root.path(), |keys| {
        for scope in Scope::ALL {
            let token = format!("only-{}", scope.word());
            keys.admin_tokens
                .push(AdminToken::new("one", &token, [scope]));
        }
    })
    .unwrap();
    assert_eq!(shop.by("GET", "/v1/status", "only-read").await.status, 401);
    assert_eq!(shop.by("POST", "/v1/keys/reload", TOKEN).await.status, 200);
    for (method, path, scope) in [
        ("GET", "/v1/status", "read"),
        ("GET", "/v1/contacts/u1", "read"),
        ("GET", "/v1/contacts/u1/export", "read"),
        ("POST", "/v1/reload?plan=true", "operate"),
        ("POST", "/v1/contacts/u1/inbox-token", "operate"),
        ("DELETE", "/v1/contacts/u1", "erase"),
    ] {
        for other in Scope::ALL.map(Scope::word) {
            let expected = if other == scope { 200 } else { 403 };
            let answer = shop.by(method, path, &format!("only-{other}")).await;
            assert_eq!(answer.status, expected, "{method} {path} by {other}");
        }
        assert_eq!(shop.by(method, path, KEY).await.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_replaced_without_a_gap_and_ends_when_it_is_said_to() {
    let shop = Shop::open().await;
    let identify = |key: &'static str| {
        let body = json!({"userId": "u1", "writeKey": key}).to_string();
        shop.ask(move |to| send(to, "POST", "/v1/identify", &[], body.as_bytes()).unwrap())
    };
    keyring::edit(shop.root.path(), |keys| {
        keys.write_keys[0].expires_at = Some(MONDAY + 1_000);
        keys.write_keys.push(WriteKey::new("web", "the-new-key"));
    })
    .unwrap();
    assert_eq!(identify("the-new-key").await.status, 401);
    assert_eq!(shop.by("POST", "/v1/keys/reload", TOKEN).await.status, 200);
    assert_eq!(identify("the-new-key").await.status, 200);
    assert_eq!(identify(KEY).await.status, 200);
    shop.clock.advance(1_000);
    assert_eq!(identify(KEY).await.status, 401);
    assert_eq!(identify("the-new-key").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_sends_too_much_waits_and_others_do_not() {
    let shop = Shop::with(Limits {
        rate: Some(1),
        ..Limits::default()
    })
    .await;
    let many = json!({"batch": (0..2_500).map(|n| json!({"type": "page", "userId": n})).collect::<Vec<_>>()});
    assert_eq!(shop.post("/v1/batch", many).await.status, 200);
    let answer = shop.post("/v1/track", purchase("u1", "o1")).await;
    assert_eq!(answer.status, 429);
    keyring::edit(shop.root.path(), |keys| {
        keys.write_keys
            .push(WriteKey::new("server", "a-key-of-servers"));
    })
    .unwrap();
    assert_eq!(shop.by("POST", "/v1/keys/reload", TOKEN).await.status, 200);
    let order = purchase("u2", "o1");
    let other = shop.ask(move |to| post(to, "/v1/track", "a-key-of-servers", &order).unwrap());
    assert_eq!(other.await.status, 200);
    let answer = shop.post("/v1/track", purchase("u1", "o1")).await;
    assert_eq!(answer.status, 429, "still");
    assert_eq!(answer.json()["code"], "rate_limited");
    assert_eq!(answer.header("retry-after"), Some("1"));
    let reset: i64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert_eq!(reset, MONDAY / 1_000 + 2);
    shop.clock.advance(1_000);
    shop.buys("u1", "o1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_run_stays_on_its_version_and_new_entries_take_the_new_one() {
    let shop = Shop::open().await;
    shop.buys("early", "o1").await;
    shop.says(Ok(changed()));
    let plan = shop.by("POST", "/v1/reload?plan=true", TOKEN).await.json();
    let expected = json!([{"journey": "thanks", "becomes": "changed", "people_inside": 1}]);
    assert_eq!(
        (&plan["running"], &plan["journeys"]),
        (&json!(false), &expected)
    );
    let done = shop.by("POST", "/v1/reload", TOKEN).await.json();
    assert_eq!(
        (&done["running"], &done["changed"], &done["journeys"]),
        (&json!(true), &json!(true), &expected)
    );
    shop.buys("late", "o2").await;
    let due = |person: Value| person["runs"][0]["due"].as_i64().unwrap() - MONDAY;
    let early = shop.get("/v1/contacts/early").await.json();
    let late = shop.get("/v1/contacts/late").await.json();
    assert_eq!(due(early), 60 * 60 * 1_000);
    assert_eq!(due(late), 3 * 24 * 60 * 60 * 1_000);
    // The same again changes nothing.
    let again = shop.by("POST", "/v1/reload", TOKEN).await.json();
    assert_eq!(again["changed"], false);
    assert!(shop.daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_with_mistakes_is_refused_and_the_running_program_goes_on() {
    let shop = Shop::open().await;
    shop.says(Err("J0001: `purchas` is no event".to_owned()));
    let refused = shop.by("POST", "/v1/reload", TOKEN).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json()["message"], "J0001: `purchas` is no event");
    shop.buys("u1", "o1").await;
    let status = shop.get("/v1/status").await.json();
    assert_eq!(status["journeys"]["thanks"]["entered"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_cannot_work_are_refused_before_anything_changes() {
    let shop = Shop::open().await;
    let mut broken = changed();
    broken.project.channels = vec![ir::project::ChannelSettings {
        channel: ir::Channel::Email,
        smtp: Some("smtps://${NO_SUCH_SECRET}".into()),
        sender: None,
        action: None,
        on_unclear_result: None,
        fallback: None,
    }];
    broken.project.senders = vec![ir::project::Sender {
        name: "shop".into(),
        from: "Shop <a@example.com>".into(),
        reply_to: None,
    }];
    shop.says(Ok(broken));
    let refused = shop.by("POST", "/v1/reload", TOKEN).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.body.contains("NO_SUCH_SECRET"), "{refused:?}");
    shop.buys("u1", "o1").await;
    let person = shop.get("/v1/contacts/u1").await.json();
    assert_eq!(person["runs"][0]["due"], MONDAY + 60 * 60 * 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_socket_is_for_the_daemons_own_user() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = Shop::open().await;
    let socket = shop.root.path().join("control.sock");
    let mode = socket.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let asked = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = UnixStream::connect(socket).unwrap();
        stream
            .write_all(b"GET /v1/status HTTP/1.0\r\nHost: x\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(asked.await.unwrap().contains(" 200 "));
}

fn letters(root: &Path) -> usize {
    let entries = std::fs::read_dir(root.join("mailbox"));
    entries.into_iter().flatten().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_gets_everything_known_and_is_erased_for_good() {
    let shop = Shop::open().await;
    let identify = json!({"userId": "u1", "anonymousId": "d1", "traits": {"email": "ana@example.com", "name": "Ana"}});
    shop.post("/v1/identify", identify.clone()).await;
    shop.buys("u1", "o1").await;
    let bad = json!({"type": "track", "userId": "u1", "event": "Unheard Of"});
    shop.post("/v1/track", bad).await;
    while letters(shop.root.path()) == 0 {
        tokio::task::yield_now().await;
    }
    let export = shop.get("/v1/contacts/u1/export").await.json();
    assert_eq!(export["contact"]["attributes"]["name"], "Ana");
    assert_eq!(export["messages"][0]["to"], "ana@example.com");
    assert_eq!(export["messages"][0]["body"], "Thank you.");
    assert!(
        export["rejected"][0]["item"]
            .to_string()
            .contains("Unheard")
    );
    assert!(export["contact"]["history"].to_string().contains("o1"));
    assert_eq!(shop.get("/v1/contacts/nobody/export").await.status, 404);

    assert_eq!(
        shop.by("DELETE", "/v1/contacts/u1", TOKEN).await.status,
        200
    );
    assert_eq!(letters(shop.root.path()), 0);
    let gone = |person: Value| {
        assert_eq!(person["erased"], true, "{person}");
        assert_eq!(person["attributes"], json!({}), "{person}");
        assert_eq!(person["runs"], json!([]), "{person}");
    };
    gone(shop.get("/v1/contacts/u1").await.json());
    // Late events, by any of its names, do not bring the person back.
    shop.buys("u1", "o2").await;
    shop.post("/v1/identify", identify).await;
    let device = json!({"anonymousId": "d1", "event": "cart_filled"});
    shop.post("/v1/track", device).await;
    gone(shop.get("/v1/contacts/u1").await.json());
    gone(shop.get("/v1/contacts/d1").await.json());
    let status = shop.get("/v1/status").await.json();
    assert_eq!(status["contacts"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_a_reader_holds_back_says_so_until_it_is_complete() {
    let shop = Shop::with(Limits {
        purge: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    shop.buys("u1", "o1").await;
    let mut reader = SqliteReader::open(shop.root.path()).unwrap();
    reader.hold().unwrap();
    let erased = shop.by("DELETE", "/v1/contacts/u1", TOKEN).await;
    assert_eq!(erased.status, 202, "{erased:?}");
    assert_eq!(erased.json()["complete"], false);
    assert_eq!(shop.get("/v1/contacts/u1").await.json()["erased"], true);
    drop(reader);
    let complete = loop {
        let again = shop.by("DELETE", "/v1/contacts/u1", TOKEN).await;
        if again.status != 202 {
            break again;
        }
    };
    assert_eq!(complete.status, 200, "{complete:?}");
    assert_eq!(complete.json()["complete"], true);
}
