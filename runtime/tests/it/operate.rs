//! The daemon as operators meet it: what it tells, what it lets whom do, and how it changes while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journey_ir as ir;
use journey_ir::{Span, Unit};
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::Unsubscribe;
use journeyd::deliver::connector::guard::Reach;
use journeyd::intake::keyring;
use journeyd::intake::keys::{AdminToken, Scope, WriteKey};
use journeyd::intake::{Limits, OPENAPI, Routes};
use journeyd::reload::{Compiled, Source};
use journeyd::secrets::Secrets;
use serde_json::{Value, json};

use crate::clients::{Answer, get, post, send};
use crate::shop::{MONDAY, journey, program};

const KEY: &str = "a-write-key-of-the-web";
const TOKEN: &str = "an-admin-token-for-all";

/// What the project says when it is compiled again.
type Project = Arc<Mutex<Result<ir::Program, String>>>;

struct Shop {
    daemon: Daemon,
    root: tempfile::TempDir,
    clock: Arc<ManualClock>,
    project: Project,
}

impl Shop {
    async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        Self::of(program(), limits).await
    }

    async fn of(program: ir::Program, limits: Limits) -> Self {
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

    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(SocketAddr) -> T + Send + 'static,
    ) -> T {
        let address = self.daemon.address;
        tokio::task::spawn_blocking(move || ask(address))
            .await
            .unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        let path = path.to_owned();
        self.ask(move |to| post(to, &path, KEY, &body).unwrap())
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        let path = path.to_owned();
        self.ask(move |to| get(to, &path, TOKEN).unwrap()).await
    }

    async fn by(&self, method: &'static str, path: &str, token: &str) -> Answer {
        let (path, bearer) = (path.to_owned(), format!("Bearer {token}"));
        self.ask(move |to| send(to, method, &path, &[("Authorization", &bearer)], b"").unwrap())
            .await
    }

    async fn buys(&self, who: &str, order: &str) {
        let answer = self.post("/v1/track", purchase(who, order)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn says(&self, project: Result<ir::Program, String>) {
        *self.project.lock().unwrap() = project;
    }
}

fn purchase(who: &str, order: &str) -> Value {
    json!({"type": "track", "userId": who, "event": "purchase", "messageId": format!("m-{who}-{order}"),
        "properties": {"order_id": order, "total": 50_000}})
}

/// The shop with another version of its journey.
fn changed() -> ir::Program {
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

/// Each documented route with its statuses.
fn documented() -> BTreeMap<(String, String), BTreeSet<u16>> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut routes = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let statuses = operation["responses"].as_object().unwrap().keys();
            let statuses = statuses.map(|status| status.parse().unwrap()).collect();
            routes.insert((method.clone(), path.clone()), statuses);
        }
    }
    routes
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let routes = Routes::all();
    let real: BTreeSet<(String, String)> = routes
        .listed()
        .iter()
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    let described: BTreeSet<_> = documented().into_keys().collect();
    assert_eq!(described, real);
}

/// One request to a described route.
type Asked = (
    &'static str,
    &'static str,
    String,
    Vec<(String, String)>,
    Vec<u8>,
);

/// Asks, and notes which status of which described route was seen.
async fn tour(
    shop: &Shop,
    asked: Vec<Asked>,
    seen: &mut BTreeMap<(String, String), BTreeSet<u16>>,
) {
    for (method, template, path, headers, body) in asked {
        let answer = shop
            .ask(move |to| {
                let headers: Vec<(&str, &str)> = headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                send(to, method, &path, &headers, &body).unwrap()
            })
            .await;
        let route = (method.to_lowercase(), template.to_owned());
        let allowed = documented()[&route].clone();
        assert!(
            allowed.contains(&answer.status),
            "{method} {template} answered {answer:?}, which is not described"
        );
        seen.entry(route).or_default().insert(answer.status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_described_status_is_real() {
    let bearer = |token: &str| vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    let item = |key: &str| {
        json!({"userId": "u1", "writeKey": key, "type": "identify"})
            .to_string()
            .into_bytes()
    };
    let batch = |key: &str, n: usize| {
        let items = vec![json!({"type": "identify", "userId": "u1"}); n];
        json!({"writeKey": key, "batch": items})
            .to_string()
            .into_bytes()
    };
    let ok = || bearer(TOKEN);
    let none = Vec::new;
    let mut seen = BTreeMap::new();
    // A journey that people enter by request.
    let mut program = program();
    let at = ir::EventIx(program.schema.events.len() as u32);
    let mut request = crate::shop::event("survey.request", Vec::new(), None);
    request.built_in = true;
    program.schema.events.push(request);
    program
        .journeys
        .push(journey("survey", at, Span::new(1, Unit::Day)));

    let shop = Shop::of(program.clone(), Limits::default()).await;
    keyring::edit(shop.root.path(), |keys| {
        for scope in Scope::ALL {
            let token = format!("only-{}", scope.word());
            keys.admin_tokens
                .push(AdminToken::new("one", &token, [scope]));
        }
    })
    .unwrap();
    shop.daemon.reloader.read_keys().unwrap();
    let secret = std::fs::read_to_string(shop.root.path().join("link-secret")).unwrap();
    let secret = *blake3::Hash::from_hex(secret.trim()).unwrap().as_bytes();
    let links = Unsubscribe::new(None, &secret);
    let stop_path = format!("/unsubscribe/{}", links.token("u1", ir::Channel::Email));
    let inbox = links.inbox().token("u1", ir::Channel::Inapp);
    let s = |text: &str| text.to_owned();
    let asked: Vec<Asked> = vec![
        ("POST", "/v1/{call}", s("/v1/identify"), none(), item(KEY)),
        (
            "POST",
            "/v1/{call}",
            s("/v1/identify"),
            none(),
            b"{".to_vec(),
        ),
        ("POST", "/v1/{call}", s("/v1/identify"), none(), item("no")),
        ("POST", "/v1/{call}", s("/v1/dance"), none(), item(KEY)),
        ("POST", "/v1/m", s("/v1/m"), none(), b"{}".to_vec()),
        (
            "POST",
            "/beacon/v1/batch",
            format!("/beacon/v1/batch?writeKey={KEY}"),
            none(),
            batch("", 1),
        ),
        (
            "POST",
            "/beacon/v1/batch",
            s("/beacon/v1/batch"),
            none(),
            b"{}".to_vec(),
        ),
        (
            "POST",
            "/beacon/v1/batch",
            s("/beacon/v1/batch"),
            none(),
            batch("no", 1),
        ),
        (
            "GET",
            "/pixel/v1/{call}",
            format!("/pixel/v1/page?writeKey={KEY}&userId=u1"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/pixel/v1/{call}",
            format!("/pixel/v1/page?x={}", "x".repeat(33_000)),
            none(),
            vec![],
        ),
        (
            "GET",
            "/pixel/v1/{call}",
            s("/pixel/v1/page?userId=u1"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/pixel/v1/{call}",
            s("/pixel/v1/group"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/v1/projects/{key}/settings",
            format!("/v1/projects/{KEY}/settings"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/v1/projects/{key}/settings",
            s("/v1/projects/no/settings"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/sourceConfig/",
            format!("/sourceConfig/?writeKey={KEY}"),
            none(),
            vec![],
        ),
        ("GET", "/sourceConfig/", s("/sourceConfig/"), none(), vec![]),
        (
            "GET",
            "/sourceConfig",
            format!("/sourceConfig?writeKey={KEY}"),
            none(),
            vec![],
        ),
        ("GET", "/sourceConfig", s("/sourceConfig"), none(), vec![]),
        ("GET", "/v1/inbox", s("/v1/inbox"), bearer(&inbox), vec![]),
        ("GET", "/v1/inbox", s("/v1/inbox"), none(), vec![]),
        (
            "POST",
            "/v1/inbox/{id}/seen",
            s("/v1/inbox/x/seen"),
            bearer(&inbox),
            vec![],
        ),
        (
            "POST",
            "/v1/inbox/{id}/seen",
            s("/v1/inbox/x/seen"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            ok(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            bearer("only-erase"),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}",
            s("/v1/contacts/no"),
            ok(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}/export",
            s("/v1/contacts/u1/export"),
            ok(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}/export",
            s("/v1/contacts/u1/export"),
            none(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}/export",
            s("/v1/contacts/u1/export"),
            bearer("only-erase"),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}/export",
            s("/v1/contacts/no/export"),
            ok(),
            vec![],
        ),
        (
            "POST",
            "/v1/contacts/{id}/inbox-token",
            s("/v1/contacts/u1/inbox-token"),
            ok(),
            vec![],
        ),
        (
            "POST",
            "/v1/contacts/{id}/inbox-token",
            s("/v1/contacts/u1/inbox-token"),
            none(),
            vec![],
        ),
        (
            "POST",
            "/v1/contacts/{id}/inbox-token",
            s("/v1/contacts/u1/inbox-token"),
            bearer("only-read"),
            vec![],
        ),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            s("/v1/journeys/survey/enter"),
            none(),
            item(KEY),
        ),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            s("/v1/journeys/survey/enter"),
            none(),
            b"{".to_vec(),
        ),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            s("/v1/journeys/survey/enter"),
            none(),
            b"{}".to_vec(),
        ),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            s("/v1/journeys/survey/enter"),
            bearer("only-read"),
            b"{}".to_vec(),
        ),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            s("/v1/journeys/thanks/enter"),
            none(),
            item(KEY),
        ),
        ("GET", "/v1/status", s("/v1/status"), ok(), vec![]),
        ("GET", "/v1/status", s("/v1/status"), none(), vec![]),
        (
            "GET",
            "/v1/status",
            s("/v1/status"),
            bearer("only-erase"),
            vec![],
        ),
        ("GET", "/v1/rejected", s("/v1/rejected"), ok(), vec![]),
        ("GET", "/v1/rejected", s("/v1/rejected"), none(), vec![]),
        (
            "GET",
            "/v1/rejected",
            s("/v1/rejected"),
            bearer("only-erase"),
            vec![],
        ),
        ("POST", "/v1/reload", s("/v1/reload"), ok(), vec![]),
        ("POST", "/v1/reload", s("/v1/reload"), none(), vec![]),
        (
            "POST",
            "/v1/reload",
            s("/v1/reload"),
            bearer("only-read"),
            vec![],
        ),
        (
            "POST",
            "/v1/keys/reload",
            s("/v1/keys/reload"),
            ok(),
            vec![],
        ),
        (
            "POST",
            "/v1/keys/reload",
            s("/v1/keys/reload"),
            none(),
            vec![],
        ),
        (
            "POST",
            "/v1/keys/reload",
            s("/v1/keys/reload"),
            bearer("only-read"),
            vec![],
        ),
        ("GET", "/health", s("/health"), none(), vec![]),
        ("GET", "/healthz", s("/healthz"), none(), vec![]),
        ("GET", "/ready", s("/ready"), none(), vec![]),
        ("GET", "/readyz", s("/readyz"), none(), vec![]),
        ("GET", "/metrics", s("/metrics"), none(), vec![]),
        (
            "GET",
            "/metrics",
            s("/metrics"),
            vec![(s("Via"), s("1.1 proxy"))],
            vec![],
        ),
        (
            "GET",
            "/metrics",
            s("/metrics"),
            [bearer("only-erase"), vec![(s("Via"), s("1.1 proxy"))]].concat(),
            vec![],
        ),
        ("GET", "/openapi.json", s("/openapi.json"), none(), vec![]),
        (
            "GET",
            "/unsubscribe/{token}",
            stop_path.clone(),
            none(),
            vec![],
        ),
        (
            "GET",
            "/unsubscribe/{token}",
            s("/unsubscribe/no"),
            none(),
            vec![],
        ),
        (
            "POST",
            "/unsubscribe/{token}",
            stop_path.clone(),
            none(),
            vec![],
        ),
        (
            "POST",
            "/unsubscribe/{token}",
            s("/unsubscribe/no"),
            none(),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            none(),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            bearer("only-read"),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/no"),
            ok(),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            ok(),
            vec![],
        ),
    ];
    tour(&shop, asked, &mut seen).await;

    // Mistakes refuse a reload, a damaged file refuses the keys.
    shop.says(Err("a mistake".to_owned()));
    std::fs::write(shop.root.path().join("keys.json"), "{").unwrap();
    let asked = vec![
        ("POST", "/v1/reload", s("/v1/reload"), ok(), vec![]),
        (
            "POST",
            "/v1/keys/reload",
            s("/v1/keys/reload"),
            ok(),
            vec![],
        ),
    ];
    tour(&shop, asked, &mut seen).await;

    // While it stops nothing is taken.
    std::fs::remove_file(shop.root.path().join("keys.json")).unwrap();
    keyring::edit(shop.root.path(), |keys| {
        keys.write_keys.push(WriteKey::new("web", KEY));
        keys.admin_tokens
            .push(AdminToken::new("all", TOKEN, Scope::ALL));
    })
    .unwrap();
    shop.says(Ok(changed()));
    shop.daemon.handle.stop().await;
    let sends = |key: &str| -> Vec<Asked> {
        vec![
            ("POST", "/v1/{call}", s("/v1/identify"), none(), item(key)),
            (
                "POST",
                "/beacon/v1/batch",
                s("/beacon/v1/batch"),
                none(),
                batch(key, 1),
            ),
            (
                "GET",
                "/pixel/v1/{call}",
                format!("/pixel/v1/page?writeKey={key}&userId=u1"),
                none(),
                vec![],
            ),
            (
                "POST",
                "/v1/journeys/{name}/enter",
                s("/v1/journeys/survey/enter"),
                none(),
                item(key),
            ),
        ]
    };
    let mut asked = sends(KEY);
    asked.extend([
        ("POST", "/v1/reload", s("/v1/reload"), ok(), vec![]),
        ("GET", "/ready", s("/ready"), none(), vec![]),
        ("GET", "/readyz", s("/readyz"), none(), vec![]),
        (
            "POST",
            "/unsubscribe/{token}",
            stop_path.clone(),
            none(),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            ok(),
            vec![],
        ),
    ]);
    tour(&shop, asked, &mut seen).await;

    // A store that is gone cannot be read.
    std::fs::remove_file(shop.root.path().join("journey.db")).unwrap();
    let asked = vec![
        ("GET", "/v1/inbox", s("/v1/inbox"), bearer(&inbox), vec![]),
        (
            "POST",
            "/v1/inbox/{id}/seen",
            s("/v1/inbox/x/seen"),
            bearer(&inbox),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            ok(),
            vec![],
        ),
        (
            "GET",
            "/v1/contacts/{id}/export",
            s("/v1/contacts/u1/export"),
            ok(),
            vec![],
        ),
        (
            "DELETE",
            "/v1/contacts/{id}",
            s("/v1/contacts/u1"),
            ok(),
            vec![],
        ),
        ("GET", "/v1/status", s("/v1/status"), ok(), vec![]),
        ("GET", "/v1/rejected", s("/v1/rejected"), ok(), vec![]),
        ("GET", "/metrics", s("/metrics"), none(), vec![]),
    ];
    tour(&shop, asked, &mut seen).await;

    // A key that sends too much, and a body that never ends.
    let narrow = Shop::of(
        program.clone(),
        Limits {
            rate: Some(1),
            body_time: Duration::ZERO,
            ..Limits::default()
        },
    )
    .await;
    for (method, template, path) in [
        ("POST", "/v1/{call}", "/v1/batch"),
        ("POST", "/beacon/v1/batch", "/beacon/v1/batch"),
        (
            "POST",
            "/v1/journeys/{name}/enter",
            "/v1/journeys/survey/enter",
        ),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
        let answer = narrow.ask(move |to| {
            use std::io::{Read as _, Write as _};
            let mut stream = std::net::TcpStream::connect(to).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            let mut first = [0; 12];
            stream.read_exact(&mut first).unwrap();
            String::from_utf8_lossy(&first).into_owned()
        });
        assert_eq!(answer.await, "HTTP/1.1 408");
        let route = (method.to_lowercase(), template.to_owned());
        seen.entry(route).or_default().insert(408);
    }
    let tight = Shop::of(
        program,
        Limits {
            rate: Some(1),
            ..Limits::default()
        },
    )
    .await;
    let filled =
        tight.ask(move |to| send(to, "POST", "/v1/batch", &[], &batch(KEY, 2_500)).unwrap());
    assert_eq!(filled.await.status, 200);
    tour(&tight, sends_of(), &mut seen).await;

    // A full queue answers 429 as well; it is the same mapping for every route, tested where it is made.
    for (route, statuses) in documented() {
        let was = seen.get(&route).cloned().unwrap_or_default();
        let missing: Vec<u16> = statuses.difference(&was).copied().collect();
        let by_mapping = |status: &u16| matches!(status, 429 | 503);
        assert!(
            missing.iter().all(by_mapping),
            "{route:?} never answered {missing:?}"
        );
    }
}

/// One item by each way that counts against a key.
fn sends_of() -> Vec<Asked> {
    let item = json!({"userId": "u1", "writeKey": KEY}).to_string();
    let batch =
        json!({"writeKey": KEY, "batch": [{"type": "identify", "userId": "u1"}]}).to_string();
    vec![
        (
            "POST",
            "/v1/{call}",
            "/v1/identify".to_owned(),
            vec![],
            item.into_bytes(),
        ),
        (
            "POST",
            "/beacon/v1/batch",
            "/beacon/v1/batch".to_owned(),
            vec![],
            batch.into_bytes(),
        ),
        (
            "GET",
            "/pixel/v1/{call}",
            format!("/pixel/v1/page?writeKey={KEY}&userId=u1"),
            vec![],
            vec![],
        ),
    ]
}
