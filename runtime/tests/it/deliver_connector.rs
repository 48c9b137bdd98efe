//! Calls of connectors written in settings: what a request looks like, and what each kind of answer means.

use std::sync::Arc;
use std::time::Duration;

use journey_ir::project::{Action, Connector, ConnectorKind, Request};
use journeyd::clock::ManualClock;
use journeyd::deliver::Reason;
use journeyd::deliver::attempt::{Attempt, Blame};
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::connector::{Called, Client, Connectors, Order};
use journeyd::deliver::tls::Trust;
use journeyd::secrets::Secrets;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::doubles::NOON;
use crate::doubles::http::{Answer, HttpServer, answer};

fn request(url: String) -> Request {
    Request {
        method: "POST".to_owned(),
        url,
        headers: vec![("Authorization".to_owned(), "Bearer ${TOKEN}".to_owned())],
        body: None,
        expect: Vec::new(),
        idempotency_header: None,
    }
}

fn http(request: Request) -> Connector {
    Connector {
        name: "slack".to_owned(),
        kind: ConnectorKind::Http,
        actions: vec![Action {
            name: "post".to_owned(),
            inputs: Vec::new(),
            private_data: Vec::new(),
            idempotent: false,
            request: Some(request),
        }],
    }
}

fn connectors(request: Request, reach: Reach) -> Connectors {
    let secrets = Secrets::fixed([("TOKEN", "s3cret")]);
    let client = Client::new(reach, &Trust::default(), Arc::new(ManualClock::at(NOON))).unwrap();
    Connectors::new(&[http(request)], &secrets, client).unwrap()
}

async fn call(request: Request, reach: Reach) -> Attempt {
    let inputs = json!({ "channel": "#sales/alert", "text": "5분이 \"지났어요\"", "count": 3 });
    let order = Order {
        key: "00ff".to_owned(),
        at: NOON,
        again: false,
        inputs: inputs.as_object().unwrap().clone(),
    };
    match connectors(request, reach)
        .call("slack", "post", &order)
        .await
    {
        Called::Ended(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_request_is_what_the_settings_say() {
    let server = HttpServer::start([answer(201, &json!({ "id": 77 }))]).await;
    let mut request = request(format!("{}/hooks/{{{{ channel }}}}?v=1", server.url));
    request.body =
        Some(r#"{"text": "{{ text }}", "n": {{ count }}, "none": {{ nothing }}}"#.to_owned());
    request.idempotency_header = Some("X-Request-Id".to_owned());
    request
        .headers
        .push(("X-Text".to_owned(), "{{ text }}".to_owned()));
    let attempt = call(request, Reach::Everywhere).await;
    assert_eq!(attempt, Attempt::done("77".to_owned()));
    let [sent] = &server.requests()[..] else {
        panic!("one request");
    };
    assert_eq!(
        sent.short(),
        json!({
            "request": "POST /hooks/%23sales%2Falert?v=1",
            "body": { "text": "5분이 \"지났어요\"", "n": 3, "none": null },
        })
    );
    assert_eq!(sent.header("authorization"), "Bearer s3cret");
    assert_eq!(sent.header("x-request-id"), "00ff");
    assert_eq!(sent.header("content-type"), "application/json");
    assert_eq!(
        sent.headers["x-text"].as_bytes(),
        "5분이 \"지났어요\"".as_bytes()
    );
}

#[tokio::test]
async fn without_a_body_all_inputs_are_sent() {
    let server = HttpServer::start([answer(200, &json!("ok"))]).await;
    let attempt = call(request(server.url.clone()), Reach::Everywhere).await;
    assert_eq!(attempt, Attempt::done(None));
    let sent = &server.requests()[0];
    assert_eq!(
        sent.short()["body"],
        json!({ "channel": "#sales/alert", "text": "5분이 \"지났어요\"", "count": 3 })
    );
    assert_eq!(sent.header("idempotency-key"), "00ff");
}

#[tokio::test]
async fn each_status_means_what_it_says() {
    for (status, expect, meaning) in [
        (200, vec![], "done"),
        (202, vec![], "done"),
        (409, vec![200, 409], "done"),
        (200, vec![201], "refused"),
        (302, vec![], "refused"),
        (400, vec![], "refused"),
        (401, vec![], "refused"),
        (404, vec![], "refused"),
        (408, vec![], "failed"),
        (429, vec![], "down"),
        (500, vec![], "failed"),
        (503, vec![], "down"),
    ] {
        let server = HttpServer::start([answer(status, &json!("the reason"))]).await;
        let mut request = request(server.url.clone());
        request.expect = expect;
        let attempt = call(request, Reach::Everywhere).await;
        let meant = match &attempt {
            Attempt::Done { .. } => "done",
            Attempt::Refused { .. } => "refused",
            Attempt::Failed {
                blame: Blame::Effect,
                ..
            } => "failed",
            Attempt::Failed {
                blame: Blame::Provider,
                ..
            } => "down",
            _ => "?",
        };
        assert_eq!(meant, meaning, "{status}: {attempt:?}");
        if let Attempt::Refused { reason } | Attempt::Failed { reason, .. } = attempt {
            let ours = format!("it answered {status}");
            let ours = if (300..400).contains(&status) {
                format!("{ours} (redirects are not followed)")
            } else {
                ours
            };
            assert_eq!(reason, Reason::quoting(ours, "\"the reason\""));
        }
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_wait_a_provider_asks_for_is_read_in_both_forms() {
    for (text, millis) in [
        ("120", Some(120_000)),
        ("Mon, 02 Mar 2026 05:10:00 GMT", Some(601_000)),
        ("Mon, 02 Mar 2020 05:10:00 GMT", Some(0)),
        ("99999999999", Some(24 * 3_600_000)),
        ("soon", None),
    ] {
        let busy = Answer {
            headers: vec![("retry-after", text.to_owned())],
            ..answer(429, &json!({}))
        };
        let server = HttpServer::start([busy]).await;
        let attempt = call(request(server.url.clone()), Reach::Everywhere).await;
        let Attempt::Failed { retry_after, .. } = attempt else {
            panic!("{attempt:?}");
        };
        assert_eq!(retry_after, millis, "{text}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = HttpServer::start([]).await;
    let moved = Answer {
        headers: vec![("location", elsewhere.url.clone())],
        ..answer(307, &json!({}))
    };
    let server = HttpServer::start([moved]).await;
    let attempt = call(request(server.url.clone()), Reach::Everywhere).await;
    assert!(matches!(attempt, Attempt::Refused { .. }));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn connectors_do_not_reach_inside_unless_allowed() {
    let server = HttpServer::start([]).await;
    let by_name = server.url.replace("127.0.0.1", "localhost");
    for url in [server.url.clone(), by_name] {
        let attempt = call(request(url), Reach::Public).await;
        let Attempt::Refused { reason } = attempt else {
            panic!("{attempt:?}");
        };
        assert!(reason.in_full().contains("private network"), "{reason:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_provider_that_is_not_there_and_one_that_vanishes_differ() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let vanishing = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut start = [0; 16];
        stream.read_exact(&mut start).await.unwrap();
    });
    let attempt = call(request(url.clone()), Reach::Everywhere).await;
    assert!(matches!(attempt, Attempt::Unclear { .. }), "{attempt:?}");
    vanishing.await.unwrap();
    let attempt = call(request(url), Reach::Everywhere).await;
    let down = matches!(
        attempt,
        Attempt::Failed {
            blame: Blame::Provider,
            ..
        }
    );
    assert!(down, "{attempt:?}");
}

#[tokio::test]
async fn a_provider_that_never_answers_leaves_doubt() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calling = tokio::spawn(call(request(url), Reach::Everywhere));
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut start = [0; 16];
    stream.read_exact(&mut start).await.unwrap();
    tokio::time::pause();
    let attempt = calling.await.unwrap();
    assert_eq!(attempt, Attempt::unclear("no answer in time"));
}

#[tokio::test]
async fn an_answer_that_drips_is_as_good_as_its_status() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calling = tokio::spawn(call(request(url), Reach::Everywhere));
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut start = [0; 16];
    stream.read_exact(&mut start).await.unwrap();
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let dripping = tokio::spawn(async move {
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    });
    tokio::time::pause();
    let attempt = calling.await.unwrap();
    assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    dripping.await.unwrap();
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let long = Answer {
        body: "x".repeat(4_000_000),
        ..answer(400, &json!({}))
    };
    let server = HttpServer::start([long]).await;
    let Attempt::Refused { reason } = call(request(server.url.clone()), Reach::Everywhere).await
    else {
        panic!("a refusal");
    };
    assert!(reason.in_full().chars().count() < 400);
}

#[test]
fn wrong_settings_are_found_at_the_start() {
    let wrong = |change: &dyn Fn(&mut Request)| {
        let mut request = request("https://a.example/".to_owned());
        change(&mut request);
        let secrets = Secrets::fixed([("TOKEN", "s3cret")]);
        let client = Client::new(
            Reach::Public,
            &Trust::default(),
            Arc::new(ManualClock::at(NOON)),
        )
        .unwrap();
        let error = Connectors::new(&[http(request)], &secrets, client).unwrap_err();
        error.to_string()
    };
    let missing = wrong(&|request| request.body = Some("${NOPE}".to_owned()));
    assert!(
        missing.starts_with("slack.post: the environment variable `NOPE` is not set"),
        "{missing}"
    );
    assert_eq!(
        wrong(&|request| request.method = "P O S T".to_owned()),
        "slack.post: `P O S T` is not an HTTP method"
    );
    assert_eq!(
        wrong(&|request| request.headers[0].0 = "a b".to_owned()),
        "slack.post: `a b` is not the name of a header"
    );
}
