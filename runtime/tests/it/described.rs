//! What the description of the interface says, held against what the daemon answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use journey_ir as ir;
use journey_ir::{Span, Unit};
use journeyd::deliver::Unsubscribe;
use journeyd::intake::keyring;
use journeyd::intake::keys::{AdminToken, Scope, WriteKey};
use journeyd::intake::{Limits, OPENAPI, Routes};
use serde_json::{Value, json};

use crate::clients::send;
use crate::operate::{KEY, Shop, TOKEN, changed};
use crate::shop::{journey, program};

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
