//! The HubSpot connector against a server that checks each request of HubSpot's published CRM v3 API.

use std::sync::Arc;

use journey_ir::project::{Action, Connector, ConnectorKind};
use journeyd::clock::ManualClock;
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::connector::{Called, Client, Connectors, Order};
use journeyd::deliver::tls::Trust;
use journeyd::secrets::Secrets;
use serde_json::{Value as Json, json};

use crate::doubles::NOON;
use crate::doubles::http::{HttpServer, answer};

fn connectors(url: &str) -> Connectors {
    let action = |name: &str| Action {
        name: name.to_owned(),
        inputs: Vec::new(),
        private_data: Vec::new(),
        idempotent: false,
        request: None,
    };
    let hubspot = Connector {
        name: "crm".to_owned(),
        kind: ConnectorKind::Hubspot {
            base_url: url.to_owned(),
            token: "${HUBSPOT_TOKEN}".to_owned(),
            deal_stage: "appointmentscheduled".to_owned(),
            pipeline: "default".to_owned(),
        },
        actions: vec![action("create_lead"), action("create_task")],
    };
    let secrets = Secrets::fixed([("HUBSPOT_TOKEN", "pat-eu1-secret")]);
    let client = Client::new(
        Reach::Everywhere,
        &Trust::default(),
        Arc::new(ManualClock::at(NOON)),
    )
    .unwrap();
    Connectors::new(&[hubspot], &secrets, client).unwrap()
}

async fn run(server: &HttpServer, action: &str, again: bool, inputs: &Json) -> Attempt {
    let order = Order {
        key: "0123456789abcdef".repeat(4),
        at: NOON,
        again,
        inputs: inputs.as_object().unwrap().clone(),
    };
    match connectors(&server.url).call("crm", action, &order).await {
        Called::Ended(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

fn sequence(server: &HttpServer) -> Vec<Json> {
    let requests = server.requests();
    for request in &requests {
        assert_eq!(request.header("authorization"), "Bearer pat-eu1-secret");
        assert_eq!(request.header("content-type"), "application/json");
    }
    requests
        .iter()
        .map(crate::doubles::http::Request::short)
        .collect()
}

fn lead() -> Json {
    json!({
        "owner": "round_robin", "budget": 7500, "budget_currency": "USD", "score": 72.5,
        "name": "김민지", "email": "minji@example.com", "phone": "010-1234-5678",
    })
}

#[tokio::test]
async fn a_lead_becomes_a_contact_and_a_deal_of_it() {
    let server = HttpServer::start([
        answer(201, &json!({ "id": "451", "properties": {} })),
        answer(
            200,
            &json!({ "results": [{ "id": "11" }, { "id": "12" }, { "id": "13" }] }),
        ),
        answer(201, &json!({ "id": "9001", "properties": {} })),
    ])
    .await;
    let attempt = run(&server, "create_lead", false, &lead()).await;
    assert_eq!(attempt, Attempt::done("9001".to_owned()));
    insta::assert_json_snapshot!(sequence(&server));
}

#[tokio::test]
async fn a_known_contact_gets_another_deal() {
    let server = HttpServer::start([
        answer(409, &json!({ "message": "Contact already exists. Existing ID: 77", "category": "CONFLICT" })),
        answer(201, &json!({ "id": "9002" })),
    ])
    .await;
    let inputs = json!({ "owner": "4711", "email": "minji@example.com" });
    let attempt = run(&server, "create_lead", false, &inputs).await;
    assert_eq!(attempt, Attempt::done("9002".to_owned()));
    let sequence = sequence(&server);
    assert_eq!(sequence[1]["body"]["associations"][0]["to"]["id"], "77");
    assert_eq!(
        sequence[1]["body"]["properties"]["hubspot_owner_id"],
        "4711"
    );
}

#[tokio::test]
async fn a_conflict_that_names_nobody_is_looked_up() {
    let server = HttpServer::start([
        answer(409, &json!({ "message": "Contact already exists" })),
        answer(200, &json!({ "total": 1, "results": [{ "id": "78" }] })),
        answer(201, &json!({ "id": "9003" })),
    ])
    .await;
    run(
        &server,
        "create_lead",
        false,
        &json!({ "email": "minji@example.com" }),
    )
    .await;
    let sequence = sequence(&server);
    assert_eq!(
        sequence[1],
        json!({
            "request": "POST /crm/v3/objects/contacts/search",
            "body": {
                "filterGroups": [{ "filters": [
                    { "propertyName": "email", "operator": "EQ", "value": "minji@example.com" }
                ] }],
                "properties": ["email"],
                "limit": 1,
            },
        })
    );
    assert_eq!(sequence[2]["body"]["associations"][0]["to"]["id"], "78");
}

#[tokio::test]
async fn a_repeated_lead_finds_the_deal_of_the_first_attempt() {
    let server = HttpServer::start([
        answer(
            409,
            &json!({ "message": "Contact already exists. Existing ID: 451" }),
        ),
        answer(200, &json!({ "total": 1, "results": [{ "id": "9001" }] })),
    ])
    .await;
    let attempt = run(&server, "create_lead", true, &lead()).await;
    assert_eq!(attempt, Attempt::done("9001".to_owned()));
    let sequence = sequence(&server);
    assert_eq!(sequence[1]["request"], "POST /crm/v3/objects/deals/search");
    assert_eq!(
        sequence[1]["body"]["filterGroups"][0]["filters"][0],
        json!({ "propertyName": "dealname", "operator": "EQ", "value": "김민지 [0123456789]" })
    );
    assert_eq!(sequence.len(), 2, "nothing is made twice");
}

#[tokio::test]
async fn an_attempt_that_broke_in_the_middle_is_finished_by_the_next() {
    let server = HttpServer::start([
        answer(201, &json!({ "id": "451" })),
        answer(200, &json!({ "results": [{ "id": "11" }] })),
        answer(502, &json!("bad gateway")),
    ])
    .await;
    let attempt = run(&server, "create_lead", false, &lead()).await;
    assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
    server.requests();
    server.then([
        answer(
            409,
            &json!({ "message": "Contact already exists. Existing ID: 451" }),
        ),
        answer(200, &json!({ "total": 0, "results": [] })),
        answer(200, &json!({ "results": [{ "id": "11" }] })),
        answer(201, &json!({ "id": "9001" })),
    ]);
    let attempt = run(&server, "create_lead", true, &lead()).await;
    assert_eq!(attempt, Attempt::done("9001".to_owned()));
}

#[tokio::test]
async fn someone_without_an_address_is_found_by_phone() {
    let server = HttpServer::start([
        answer(200, &json!({ "results": [{ "id": "79" }] })),
        answer(201, &json!({ "id": "9004" })),
    ])
    .await;
    run(
        &server,
        "create_lead",
        false,
        &json!({ "phone": "010-1234-5678" }),
    )
    .await;
    let sequence = sequence(&server);
    assert_eq!(
        sequence[0]["request"],
        "POST /crm/v3/objects/contacts/search"
    );
    assert_eq!(
        sequence[1]["body"]["properties"]["dealname"],
        "010-1234-5678 [0123456789]"
    );
}

#[tokio::test]
async fn an_owner_nobody_knows_does_not_cost_the_lead() {
    let server = HttpServer::start([
        answer(201, &json!({ "id": "451" })),
        answer(200, &json!({ "results": [] })),
        answer(201, &json!({ "id": "9005" })),
    ])
    .await;
    let inputs = json!({ "email": "minji@example.com", "owner": "gone@example.kr" });
    let attempt = run(&server, "create_lead", false, &inputs).await;
    assert_eq!(attempt, Attempt::done("9005".to_owned()));
    let sequence = sequence(&server);
    assert_eq!(
        sequence[1]["request"],
        "GET /crm/v3/owners?email=gone%40example.kr&limit=100"
    );
    assert_eq!(
        sequence[2]["body"]["properties"].get("hubspot_owner_id"),
        None
    );
}

#[tokio::test]
async fn an_assignment_becomes_a_task() {
    let server = HttpServer::start([
        answer(201, &json!({ "id": "451" })),
        answer(201, &json!({ "id": "5001" })),
    ])
    .await;
    let inputs = json!({
        "to": "sales", "title": "새 문의에 전화하기", "due_at": "2026-03-02T06:00:00Z", "contact": "c1",
        "email": "minji@example.com", "owner": "4711",
    });
    let attempt = run(&server, "create_task", false, &inputs).await;
    assert_eq!(attempt, Attempt::done("5001".to_owned()));
    insta::assert_json_snapshot!(sequence(&server));
}

#[tokio::test]
async fn what_hubspot_refuses_is_final_and_what_it_postpones_is_not() {
    let invalid =
        json!({ "message": "Property values were not valid", "category": "VALIDATION_ERROR" });
    let server = HttpServer::start([answer(400, &invalid)]).await;
    let attempt = run(&server, "create_lead", false, &lead()).await;
    assert!(matches!(attempt, Attempt::Refused { .. }), "{attempt:?}");
    let server = HttpServer::start([answer(429, &json!({ "message": "rate limit" }))]).await;
    let attempt = run(&server, "create_lead", false, &lead()).await;
    assert!(matches!(attempt, Attempt::Failed { .. }), "{attempt:?}");
}
