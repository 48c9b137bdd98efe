//! What advertising networks are told: the requests that Meta and Google publish, and how their answers are taken.

use std::sync::Arc;

use journey_engine::{Enlist, Match};
use journey_ir::project::{Network, NetworkKind};
use journeyd::clock::ManualClock;
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::connector::networks::{Listed, hashed_email, hashed_phone};
use journeyd::deliver::connector::{Client, Networks};
use journeyd::deliver::tls::Trust;
use journeyd::secrets::Secrets;
use serde_json::json;

use crate::doubles::NOON;
use crate::doubles::http::{HttpServer, Request, answer};

fn networks(url: &str) -> Networks {
    let lists = vec![("retarget".to_owned(), "238".to_owned())];
    let all = [
        Network {
            name: "meta".to_owned(),
            kind: NetworkKind::Meta {
                base_url: url.to_owned(),
                token: "${META}".to_owned(),
            },
            lists: lists.clone(),
        },
        Network {
            name: "google".to_owned(),
            kind: NetworkKind::Google {
                base_url: url.to_owned(),
                token: "${GOOGLE}".to_owned(),
                developer_token: "${DEVELOPER}".to_owned(),
                customer: "1234567890".to_owned(),
                manager: Some("9876543210".to_owned()),
            },
            lists,
        },
        Network {
            name: "tiktok".to_owned(),
            kind: NetworkKind::Record,
            lists: Vec::new(),
        },
    ];
    let secrets = Secrets::fixed([("META", "m3ta"), ("GOOGLE", "g00gle"), ("DEVELOPER", "d3v")]);
    let client = Client::new(
        Reach::Everywhere,
        &Trust::default(),
        Arc::new(ManualClock::at(NOON)),
    )
    .unwrap();
    Networks::new(&all, &secrets, client).unwrap()
}

fn enlist(network: &str, add: bool, email: &str, phone: Option<&str>, turn: u32) -> Enlist {
    let mut people = vec![Match::Email(email.to_owned())];
    people.extend(phone.map(|it| Match::Phone(it.to_owned())));
    Enlist {
        network: network.to_owned(),
        audience: "retarget".to_owned(),
        add,
        people,
        turn,
    }
}

fn ended(listed: Listed) -> Attempt {
    match listed {
        Listed::Ended(attempt) => attempt,
        Listed::Recorded => panic!("it was only recorded"),
    }
}

#[tokio::test]
async fn meta_gets_hashes_of_addresses_and_numbers() {
    let done = answer(
        200,
        &json!({ "audience_id": "238", "session_id": "77", "num_received": 1 }),
    );
    let server = HttpServer::start([done.clone(), done]).await;
    let networks = networks(&server.url);
    let add = enlist("meta", true, " Ana@Example.com", Some("010-1234-5678"), 1);
    assert_eq!(
        ended(networks.tell("ana", &add).await),
        Attempt::done("77".to_owned())
    );
    let remove = enlist("meta", false, "ana@example.com", Some("+821012345678"), 2);
    ended(networks.tell("ana", &remove).await);
    let requests = server.requests();
    let row = [
        hashed_email("ana@example.com").unwrap(),
        hashed_phone("821012345678", "").unwrap(),
    ];
    let body = json!({ "payload": { "schema": ["EMAIL", "PHONE"], "data": [row] } });
    let short: Vec<_> = requests.iter().map(Request::short).collect();
    assert_eq!(
        short,
        [
            json!({ "request": "POST /238/users", "body": body }),
            json!({ "request": "DELETE /238/users", "body": body }),
        ]
    );
    assert_eq!(requests[0].header("authorization"), "Bearer m3ta");
    assert!(!requests[0].body.contains("ana"));
}

#[tokio::test]
async fn google_gets_operations_on_a_user_list() {
    let server = HttpServer::start([answer(200, &json!({}))]).await;
    let networks = networks(&server.url);
    let add = enlist("google", true, "ana@example.com", Some("010-1234-5678"), 1);
    assert_eq!(ended(networks.tell("ana", &add).await), Attempt::done(None));
    let [sent] = &server.requests()[..] else {
        panic!("one request");
    };
    assert_eq!(
        sent.short(),
        json!({
            "request": "POST /customers/1234567890:uploadUserData",
            "body": {
                "customerMatchUserListMetadata": {
                    "userList": "customers/1234567890/userLists/238",
                    "consent": { "adUserData": "GRANTED", "adPersonalization": "GRANTED" },
                },
                "operations": [{ "create": { "userIdentifiers": [
                    { "hashedEmail": hashed_email("ana@example.com").unwrap() },
                    { "hashedPhoneNumber": hashed_phone("+821012345678", "+").unwrap() },
                ]}}],
            }
        })
    );
    assert_eq!(sent.header("authorization"), "Bearer g00gle");
    assert_eq!(sent.header("developer-token"), "d3v");
    assert_eq!(sent.header("login-customer-id"), "9876543210");
}

#[tokio::test]
async fn many_who_come_together_go_in_few_requests() {
    let done = answer(200, &json!({ "session_id": "1" }));
    let server = HttpServer::start(vec![done; 50]).await;
    let networks = networks(&server.url);
    let all: Vec<Enlist> = (0..50)
        .map(|n| enlist("meta", true, &format!("p{n}@example.com"), None, 1))
        .collect();
    let names: Vec<String> = (0..50).map(|n| format!("p{n}")).collect();
    let mut told = tokio::task::JoinSet::new();
    let networks = Arc::new(networks);
    for (name, enlist) in names.into_iter().zip(all) {
        let networks = Arc::clone(&networks);
        told.spawn(async move { ended(networks.tell(&name, &enlist).await) });
    }
    for attempt in told.join_all().await {
        assert_eq!(attempt, Attempt::done("1".to_owned()));
    }
    let requests = server.requests();
    assert!(requests.len() <= 3, "{} requests", requests.len());
    let rows: usize = requests
        .iter()
        .map(|it| {
            it.short()["body"]["payload"]["data"]
                .as_array()
                .unwrap()
                .len()
        })
        .sum();
    assert_eq!(rows, 50);
}

#[tokio::test]
async fn a_refusal_and_a_busy_network_are_told_apart() {
    let error = json!({ "error": { "message": "Invalid parameter", "code": 100 } });
    let server = HttpServer::start([answer(400, &error), answer(503, &json!({}))]).await;
    let networks = networks(&server.url);
    let add = enlist("meta", true, "ana@example.com", None, 1);
    let refused = ended(networks.tell("ana", &add).await);
    assert!(matches!(refused, Attempt::Refused { .. }), "{refused:?}");
    let busy = ended(networks.tell("ana", &add).await);
    assert!(matches!(busy, Attempt::Failed { .. }), "{busy:?}");
}

#[tokio::test]
async fn an_audience_without_a_list_is_refused_and_a_network_without_an_account_only_recorded() {
    let server = HttpServer::start([]).await;
    let networks = networks(&server.url);
    let mut add = enlist("meta", true, "ana@example.com", None, 1);
    add.audience = "other".to_owned();
    let refused = ended(networks.tell("ana", &add).await);
    assert!(matches!(refused, Attempt::Refused { .. }), "{refused:?}");
    let recorded = enlist("tiktok", true, "ana@example.com", None, 1);
    assert!(matches!(
        networks.tell("ana", &recorded).await,
        Listed::Recorded
    ));
    let unknown = enlist("naver", true, "ana@example.com", None, 1);
    assert!(matches!(
        networks.tell("ana", &unknown).await,
        Listed::Recorded
    ));
    assert!(server.requests().is_empty());
}
