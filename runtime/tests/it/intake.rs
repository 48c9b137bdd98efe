//! The intake under the calls of the client libraries, and under everything else.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journey_ir::schema::Type;
use journey_ir::time::{HOUR, MINUTE};
use journey_ir::{Channel, EventIx, Span, Unit};
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::Unsubscribe;
use journeyd::deliver::connector::guard::Reach;
use journeyd::secrets::Secrets;
use serde_json::{Value, json};

use crate::clients::{Answer, get, post, send};
use crate::shop::{MONDAY, event, field, journey, program};

const KEY: &str = "wk-test";
const TOKEN: &str = "admin-test";

struct Shop {
    daemon: Daemon,
    root: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Shop {
    async fn open() -> Self {
        let root = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(MONDAY));
        let daemon = start(root.path(), Arc::clone(&clock)).await;
        Self {
            daemon,
            root,
            clock,
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

    async fn post(&self, path: &'static str, body: Value) -> Answer {
        self.ask(move |to| post(to, path, KEY, &body).unwrap())
            .await
    }

    async fn get(&self, path: &'static str) -> Answer {
        self.ask(move |to| get(to, path, TOKEN).unwrap()).await
    }

    async fn send(
        &self,
        method: &'static str,
        path: &'static str,
        headers: &'static [(&'static str, &'static str)],
        body: Vec<u8>,
    ) -> Answer {
        self.ask(move |to| send(to, method, path, headers, &body).unwrap())
            .await
    }

    async fn contact(&self, path: &'static str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn rejected(&self) -> Vec<(String, String)> {
        let answer = self.get("/v1/rejected").await.json();
        let text = |item: &Value, field: &str| item[field].as_str().unwrap().to_owned();
        let items = answer["rejected"].as_array().unwrap();
        items
            .iter()
            .map(|item| (text(item, "code"), text(item, "detail")))
            .collect()
    }
}

async fn start(folder: &Path, clock: Arc<ManualClock>) -> Daemon {
    start_with(folder, clock, program()).await
}

async fn start_with(
    folder: &Path,
    clock: Arc<ManualClock>,
    program: journey_ir::Program,
) -> Daemon {
    let options = Options {
        program,
        renamed_from: None,
        data: folder.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock,
        environment: |name| match name {
            "JOURNEY_WRITE_KEYS" => Some(format!("web:{KEY}")),
            "JOURNEY_ADMIN_TOKEN" => Some(TOKEN.to_owned()),
            _ => None,
        },
        facing: Facing::default(),
    };
    Daemon::start(options, &mut |_| {}).await.unwrap()
}

fn success(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"success": true})),
        "{answer:?}"
    );
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["code"], code);
    assert!(
        body["message"].as_str().is_some_and(|text| text.len() > 10),
        "{body}"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn order(id: &str) -> Value {
    json!({"type": "track", "userId": "u1", "event": "Purchase", "messageId": format!("m-{id}"),
        "properties": {"orderId": id, "total": 50_000, "unknown": [1, 2]}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_six_calls_are_taken_in_their_long_and_short_forms() {
    let shop = Shop::open().await;
    let identify = json!({"userId": 42, "anonymousId": "d1",
        "traits": {"email": "a@example.com", "first_name": "Ana", "avatar": {"url": "x"}}});
    for (path, body) in [
        ("/v1/identify", identify.clone()),
        ("/v1/i", identify),
        ("/v1/track", order("o1")),
        ("/v1/t", order("o1")),
        (
            "/v1/page",
            json!({"anonymousId": "d1", "name": "Home", "messageId": "p1"}),
        ),
        (
            "/v1/p",
            json!({"anonymousId": "d1", "name": "Home", "messageId": "p1"}),
        ),
        ("/v1/screen", json!({"userId": 42, "name": "Home"})),
        ("/v1/s", json!({"userId": 42, "name": "Home"})),
        (
            "/v1/group",
            json!({"userId": 42, "groupId": "team-7", "traits": {}}),
        ),
        ("/v1/g", json!({"userId": 42, "groupId": "team-7"})),
        ("/v1/alias", json!({"userId": "42", "previousId": "u1"})),
        ("/v1/a", json!({"userId": "42", "previousId": "u1"})),
        ("/v1/batch", json!({"batch": [order("o2")]})),
        ("/v1/b", json!({"batch": [order("o2")]})),
        ("/v1/import", json!({"batch": [order("o2")]})),
        ("/v1/b", json!({"batch": []})),
        ("/v1/m", json!({"series": []})),
    ] {
        success(&shop.post(path, body).await);
    }
    assert_eq!(shop.rejected().await, []);
    let person = shop.contact("/v1/contacts/42").await;
    assert_eq!(person["attributes"]["email"], "a@example.com");
    assert_eq!(person["attributes"]["firstName"], "Ana");
    assert_eq!(person["attributes"]["group"], "team-7");
    assert_eq!(person["segments"], json!(["buyers"]));
    let history = person["history"].to_string();
    for (what, times) in [("page happened", 1), ("o1", 1), ("o2", 1)] {
        assert_eq!(history.matches(what).count(), times, "{what} in {history}");
    }
    assert_eq!(shop.contact("/v1/contacts/d1").await["id"], "42");
    assert_eq!(shop.get("/v1/contacts/nobody").await.status, 404);
    assert!(shop.daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_key_is_taken_from_all_four_places_and_needed() {
    let shop = Shop::open().await;
    let body = |key: &str| {
        json!({"userId": "u", "writeKey": key})
            .to_string()
            .into_bytes()
    };
    let plain = json!({"userId": "u"}).to_string().into_bytes();
    let basic: &'static str = format!("Basic {}", STANDARD.encode(format!("{KEY}:"))).leak();
    let no_colon: &'static str = format!("Basic {}", STANDARD.encode(KEY)).leak();
    let basic: &'static [(&str, &str)] = vec![("Authorization", basic)].leak();
    let no_colon: &'static [(&str, &str)] = vec![("authorization", no_colon)].leak();
    success(
        &shop
            .send("POST", "/v1/identify", basic, plain.clone())
            .await,
    );
    success(
        &shop
            .send("POST", "/v1/identify", no_colon, plain.clone())
            .await,
    );
    success(&shop.send("POST", "/v1/identify", &[], body(KEY)).await);
    let oauth = &[
        ("Authorization", "Bearer oauth"),
        ("Content-Type", "text/plain"),
    ];
    success(&shop.send("POST", "/v1/identify", oauth, body(KEY)).await);
    let path: &'static str = format!("/v1/identify?writeKey={KEY}").leak();
    success(&shop.send("POST", path, &[], plain.clone()).await);
    refused(
        &shop.send("POST", "/v1/identify", &[], plain).await,
        401,
        "unauthorized",
    );
    refused(
        &shop.send("POST", "/v1/identify", &[], body("wrong")).await,
        401,
        "unauthorized",
    );
    assert_eq!(shop.get("/v1/contacts/u").await.status, 200);
    let stranger = shop
        .send(
            "GET",
            "/v1/contacts/u",
            &[("Authorization", "Bearer no")],
            vec![],
        )
        .await;
    refused(&stranger, 401, "unauthorized");
    for path in ["/v1/status", "/v1/rejected"] {
        assert_eq!(shop.send("GET", path, &[], vec![]).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_of_a_request_is_bounded() {
    let shop = Shop::open().await;
    let with = |length: usize| {
        let send = move |to| {
            send(
                to,
                "GET",
                "/health",
                &[("X-Long", &"x".repeat(length))],
                b"",
            )
        };
        shop.ask(move |to| send(to).map(|answer| answer.status))
    };
    assert_eq!(with(60 * 1024).await.unwrap(), 200);
    // The connection may be closed before the client has read why.
    let refused = with(128 * 1024).await;
    assert!(matches!(refused, Ok(431) | Err(_)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_bounded_packed_or_not() {
    let shop = Shop::open().await;
    let item = |filling: usize| {
        json!({"userId": "u", "writeKey": KEY, "x": "x".repeat(filling)})
            .to_string()
            .into_bytes()
    };
    let send = |path, body| shop.send("POST", path, &[], body);
    success(&send("/v1/identify", gzip(&item(100))).await);
    success(&send("/v1/identify", item(32 * 1024 - 100)).await);
    refused(
        &send("/v1/identify", item(32 * 1024)).await,
        400,
        "too_large",
    );
    refused(
        &send("/v1/identify", gzip(&item(32 * 1024))).await,
        400,
        "too_large",
    );
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    refused(&send("/v1/batch", bomb).await, 400, "too_large");
    refused(
        &send("/v1/batch", vec![b' '; 500 * 1024 + 1]).await,
        400,
        "too_large",
    );
    refused(
        &send("/v1/batch", vec![0x1f, 0x8b, 0, 0]).await,
        400,
        "bad_gzip",
    );
    refused(&send("/v1/batch", vec![0xff]).await, 400, "not_utf8");
    refused(
        &send("/v1/track", b"{\"userId\":".to_vec()).await,
        400,
        "invalid_json",
    );
    refused(
        &send("/v1/track", b"[]".to_vec()).await,
        400,
        "invalid_json",
    );
    refused(
        &send("/v1/batch", b"{}".to_vec()).await,
        400,
        "missing_batch",
    );
    refused(&send("/v1/else", b"{}".to_vec()).await, 404, "unknown_call");
    let many = json!({"writeKey": KEY, "batch": vec![json!({}); 2_501]}).to_string();
    refused(
        &send("/v1/batch", many.into_bytes()).await,
        400,
        "too_many_items",
    );
    assert_eq!(shop.send("GET", "/healthz", &[], vec![]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_item_never_refuses_a_batch() {
    let shop = Shop::open().await;
    let track = |event: &str| json!({"type": "track", "userId": "u1", "event": event});
    let large = json!({"type": "track", "userId": "u1", "event": "x", "y": "y".repeat(33_000)});
    let batch = json!({"batch": [
        track("Unheard Of"),
        {"type": "track", "event": "purchase"},
        {"type": "track", "userId": "u1"},
        {"type": "dance", "userId": "u1"},
        {"userId": "u1"},
        "no object",
        large,
        {"type": "track", "userId": "u1", "event": "purchase", "properties": {"order_id": "o"}},
        {"type": "track", "userId": "u1", "event": "purchase", "properties": 7},
        {"type": "track", "userId": "u1", "event": "cart filled", "timestamp": "gestern"},
        {"type": "identify", "userId": "u1", "traits": {"email": "no address", "name": "Ana"}},
        {"type": "identify", "userId": "u1", "traits": {"consents": {"astrology": true, "marketing": {"fax": true}}}},
        {"type": "identify", "userId": ["u1"]},
        order("o1"),
    ]});
    let answer = shop.post("/v1/batch", batch).await;
    assert_eq!(answer.status, 200);
    let told = answer.json();
    assert_eq!(
        (&told["success"], &told["rejected"]),
        (&json!(true), &json!(14))
    );
    assert_eq!(told["problems"][0]["code"], "unknown_event");
    let mut codes: Vec<String> = shop.rejected().await.into_iter().map(|one| one.0).collect();
    codes.reverse();
    assert_eq!(
        codes,
        [
            "unknown_event",
            "missing_id",
            "missing_event",
            "unknown_type",
            "missing_type",
            "not_an_object",
            "item_too_large",
            "missing_field",
            "wrong_shape",
            "bad_timestamp",
            "wrong_attribute",
            "unknown_consent",
            "unknown_channel",
            "bad_id",
        ]
    );
    let person = shop.contact("/v1/contacts/u1").await;
    assert_eq!(person["attributes"]["name"], "Ana");
    assert_eq!(person["segments"], json!(["buyers"]));
    let status = shop.get("/v1/status").await.json();
    assert_eq!(
        (&status["contacts"], &status["rejected"]),
        (&json!(1), &json!(14))
    );
    assert_eq!(status["journeys"]["thanks"]["entered"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_enter_a_journey_by_request() {
    let mut program = program();
    let at = EventIx(program.schema.events.len() as u32);
    let mut request = event(
        "survey.request",
        vec![field("product", Type::Text, false)],
        None,
    );
    request.built_in = true;
    program.schema.events.push(request);
    let wait = Span::new(1, Unit::Day);
    program.journeys.push(journey("survey", at, wait));
    let root = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(MONDAY));
    let daemon = start_with(root.path(), Arc::clone(&clock), program).await;
    let shop = Shop {
        daemon,
        root,
        clock,
    };
    let enter = "/v1/journeys/survey/enter";
    let one = json!({"userId": "u1", "messageId": "m1", "properties": {"product": "홍삼"}});
    success(&shop.post(enter, one.clone()).await);
    // A repeat, and two people at once, one of whom does not say what for.
    success(&shop.post(enter, one).await);
    let two = json!([
        {"userId": "u2", "properties": {"product": "비타민"}},
        {"userId": "u3", "properties": {}},
    ]);
    shop.post(enter, json!({ "batch": two })).await;
    let status = shop.get("/v1/status").await.json();
    assert_eq!(status["journeys"]["survey"]["entered"], 2);
    let rejected = shop.rejected().await;
    let code = "missing_field".to_owned();
    let detail = "`survey.request` needs the field `product`".to_owned();
    assert_eq!(rejected, [(code, detail)]);
    // An operator may too; strangers may not, and no other journey is entered like that.
    let operator = shop.ask(move |to| {
        let headers = [("authorization", "Bearer admin-test")];
        send(
            to,
            "POST",
            enter,
            &headers,
            br#"{"userId":"u4","properties":{"product":"x"}}"#,
        )
    });
    success(&operator.await.unwrap());
    let stranger = shop.send("POST", enter, &[], b"{}".to_vec()).await;
    refused(&stranger, 401, "unauthorized");
    let thanks = "/v1/journeys/thanks/enter";
    refused(
        &shop.post(thanks, json!({"userId": "u1"})).await,
        404,
        "unknown_journey",
    );
    let outside =
        json!({"userId": "u5", "event": "survey.request", "properties": {"product": "x"}});
    shop.post("/v1/track", outside).await;
    let rejected = shop.rejected().await;
    assert!(
        rejected.iter().any(|(code, _)| code == "built_in_event"),
        "{rejected:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_clocks_are_corrected_by_the_time_of_sending() {
    let shop = Shop::open().await;
    // The client's clock is a day ahead; it sends ten minutes after the event.
    let text = |at: i64| jiff::Timestamp::from_millisecond(at).unwrap().to_string();
    let day = 24 * HOUR;
    let mut item = order("o1");
    item["timestamp"] = json!(text(MONDAY + day));
    let batch = json!({"batch": [item], "sentAt": text(MONDAY + day + 10 * MINUTE)});
    success(&shop.post("/v1/batch", batch).await);
    let person = shop.contact("/v1/contacts/u1").await;
    assert_eq!(person["runs"][0]["entered_at"], MONDAY - 10 * MINUTE);
    // Without a time it happened now, and never later than now.
    let mut item = order("o2");
    item["userId"] = json!("u2");
    item["timestamp"] = json!(text(MONDAY + day));
    success(&shop.post("/v1/batch", json!({"batch": [item]})).await);
    let person = shop.contact("/v1/contacts/u2").await;
    assert_eq!(person["runs"][0]["entered_at"], MONDAY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consents_come_as_traits_and_as_events() {
    let shop = Shop::open().await;
    let traits = json!({"userId": "u1", "messageId": "m1",
        "traits": {"consents": {"marketing": {"email": true, "sms": "no"}}}});
    success(&shop.post("/v1/identify", traits.clone()).await);
    success(&shop.post("/v1/identify", traits).await);
    let consents = |person: &Value| person["consents"].clone();
    let person = shop.contact("/v1/contacts/u1").await;
    assert_eq!(
        consents(&person),
        json!(["marketing by email: yes", "marketing by sms: no"])
    );
    shop.clock.advance(1_000);
    let withdrawn = json!({"userId": "u1", "event": "consent_withdrawn",
        "properties": {"consent": "marketing", "channel": "email"}});
    success(&shop.post("/v1/track", withdrawn).await);
    let person = shop.contact("/v1/contacts/u1").await;
    assert_eq!(
        consents(&person),
        json!(["marketing by email: no", "marketing by sms: no"])
    );
    assert_eq!(shop.rejected().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browsers_are_let_in_and_sent_here() {
    let shop = Shop::open().await;
    let asked = &[
        ("Origin", "https://shop.example"),
        ("Access-Control-Request-Method", "POST"),
        (
            "Access-Control-Request-Headers",
            "authorization,content-type",
        ),
    ];
    let answer = shop.send("OPTIONS", "/v1/t", asked, vec![]).await;
    assert_eq!(answer.status, 200);
    let header = |name| answer.header(name).unwrap_or_default().to_owned();
    assert_eq!(
        header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert_eq!(
        header("access-control-allow-headers"),
        "authorization,content-type"
    );
    assert_eq!(header("access-control-max-age"), "900");
    let path: &'static str = format!("/v1/projects/{KEY}/settings").leak();
    let settings = shop.send("GET", path, &[], vec![]).await.json();
    let segment = &settings["integrations"]["Segment.io"];
    assert_eq!(segment["apiKey"], KEY);
    assert_eq!(segment["apiHost"], "journey.test/v1");
    let wrong = shop
        .send("GET", "/v1/projects/nobody/settings", &[], vec![])
        .await;
    refused(&wrong, 401, "unauthorized");
    assert_eq!(
        shop.send("GET", "/readyz", &[], vec![]).await.json()["status"],
        "ready"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsubscribe_link_asks_first_and_then_does_it() {
    let shop = Shop::open().await;
    success(&shop.post("/v1/identify", json!({"userId": "민지"})).await);
    let secret = std::fs::read_to_string(shop.root.path().join("link-secret")).unwrap();
    let secret = *blake3::Hash::from_hex(secret.trim()).unwrap().as_bytes();
    let token = Unsubscribe::new(None, &secret).token("민지", Channel::Email);
    let path: &'static str = format!("/unsubscribe/{token}").leak();
    let page = shop.send("GET", path, &[], vec![]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<form method=\"post\">"));
    let person = "/v1/contacts/%EB%AF%BC%EC%A7%80";
    assert_eq!(shop.contact(person).await["closed_channels"], json!([]));
    let one_click = b"List-Unsubscribe=One-Click".to_vec();
    assert_eq!(shop.send("POST", path, &[], one_click).await.status, 200);
    let closed = shop.contact(person).await["closed_channels"].to_string();
    assert!(closed.contains("email"), "{closed}");
    assert_eq!(
        shop.send("POST", "/unsubscribe/forged", &[], vec![])
            .await
            .status,
        404
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_leave_once_and_the_rest_waits_over_a_restart() {
    let shop = Shop::open().await;
    let identify = json!({"userId": "u1", "traits": {"email": "a@example.com"}});
    success(&shop.post("/v1/identify", identify).await);
    success(&shop.post("/v1/track", order("o1")).await);
    let Shop {
        daemon,
        root,
        clock,
    } = shop;
    assert!(daemon.stop().await);
    let letters = |root: &Path| {
        let mut found = 0;
        let mut open = vec![root.join("mailbox")];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    open.push(entry.path());
                } else {
                    found += 1;
                }
            }
        }
        found
    };
    assert!(letters(root.path()) <= 1);
    clock.advance(HOUR);
    let daemon = start(root.path(), Arc::clone(&clock)).await;
    let shop = Shop {
        daemon,
        root,
        clock,
    };
    // A stop lets every worker finish what it has claimed; two starts have claimed both.
    success(&shop.post("/v1/track", order("o1")).await);
    loop {
        let status = shop.get("/v1/status").await.json();
        if status["outbox"] == json!({"sent": 2}) {
            break;
        }
    }
    assert!(shop.daemon.stop().await);
    assert_eq!(letters(shop.root.path()), 2);
}
