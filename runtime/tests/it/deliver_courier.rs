//! The courier: effects leave by the way the project's settings say, and nothing leaves without one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use journey_engine::render::{Part, Rendered};
use journey_engine::{Effect, Intent, Program, Send};
use journey_ir::message::Need;
use journey_ir::project::{
    Action, ChannelSettings, Connector, ConnectorKind, OnUnclear, Project, Request, Sender, Team,
};
use journey_ir::schema::Type;
use journey_ir::{self as ir, Channel, Filter, Hole, Message, Piece, Purpose, Value};
use journeyd::clock::{Clock, ManualClock};
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::Timeouts;
use journeyd::deliver::tls::Trust;
use journeyd::deliver::{
    Bell, Carrier, Courier, Equipment, EquipmentError, Outbox, Outcome, Pace, Reason, Unsubscribe,
    Workers,
};
use journeyd::secrets::Secrets;
use tempfile::TempDir;

use crate::doubles::http::{HttpServer, answer};
use crate::doubles::outbox::{MemoryOutbox, Row};
use crate::doubles::smtp::{Plan, Reaction, SmtpServer};
use crate::doubles::{NOON, call, claimed, effect, mail, message, task};

fn shop() -> Project {
    Project {
        name: "팔도한상".to_owned(),
        language: "ko".to_owned(),
        senders: vec![Sender {
            name: "shop".to_owned(),
            from: "팔도한상 <hello@mail.example.kr>".to_owned(),
            reply_to: Some("cs@example.kr".to_owned()),
        }],
        ..Project::default()
    }
}

fn channel(channel: Channel) -> ChannelSettings {
    ChannelSettings {
        channel,
        sender: None,
        smtp: None,
        action: None,
        on_unclear_result: None,
        fallback: None,
    }
}

fn action(name: &str, idempotent: bool, url: Option<&str>) -> Action {
    Action {
        name: name.to_owned(),
        inputs: Vec::new(),
        private_data: Vec::new(),
        idempotent,
        request: url.map(|url| Request {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            expect: Vec::new(),
            idempotency_header: None,
        }),
    }
}

fn connector(name: &str, kind: ConnectorKind, actions: Vec<Action>) -> Connector {
    Connector {
        name: name.to_owned(),
        kind,
        actions,
    }
}

fn try_courier(project: Project, folder: &Path) -> Result<Arc<Courier>, EquipmentError> {
    courier_of(ir::Program::empty(project), folder)
}

fn courier_of(program: ir::Program, folder: &Path) -> Result<Arc<Courier>, EquipmentError> {
    let program = Program::link(Arc::new(program), &[]).unwrap();
    let courier = Courier::new(Equipment {
        program: Arc::new(program),
        secrets: Secrets::fixed([]),
        clock: Arc::new(ManualClock::at(NOON)),
        mailbox: folder.to_owned(),
        unsubscribe: Unsubscribe::new(Some("https://j.example.kr"), &[1; 32]),
        reach: Reach::Everywhere,
        timeouts: Timeouts::default(),
        trust: Trust::default(),
    })?;
    Ok(Arc::new(courier))
}

fn courier(project: Project) -> (Arc<Courier>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (try_courier(project, folder.path()).unwrap(), folder)
}

fn words() -> Rendered {
    Rendered {
        subject: "(광고) 민지님, 기다려요".to_owned(),
        body: vec![
            Part::Text("안녕하세요, ".to_owned()),
            Part::Value("<b>민지</b>".to_owned()),
            Part::Text("님!\n".to_owned()),
        ],
    }
}

async fn say(courier: &Courier, send: Send) -> Attempt {
    let claimed = claimed(effect(1, Intent::Send(send.clone())));
    courier.carry_message(&claimed, &send, &words()).await
}

fn files(folder: &TempDir) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn without_a_mail_server_mail_is_written_to_the_folder_once() {
    let (courier, folder) = courier(shop());
    for _ in 0..2 {
        let attempt = say(&courier, message(Channel::Email, Purpose::Advertising)).await;
        assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    }
    let files = files(&folder);
    assert_eq!(files.len(), 1);
    let (name, mail) = &files[0];
    assert_eq!(
        name,
        "20260302T050000Z_minji@example.com_cart_reminder_0101010101010101.eml"
    );
    let line = |start: &str| {
        mail.lines()
            .find(|line| line.starts_with(start))
            .unwrap_or_default()
    };
    assert_eq!(line("To:"), "To: minji@example.com");
    assert_eq!(line("Reply-To:"), "Reply-To: cs@example.kr");
    assert!(
        line("List-Unsubscribe:")
            .starts_with("List-Unsubscribe: <https://j.example.kr/unsubscribe/")
    );
    assert_eq!(
        line("List-Unsubscribe-Post:"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    );
    assert!(
        mail.contains("Unsubscribe</a>"),
        "advertising says how to stop it, whatever its template says"
    );
    assert!(mail.contains("&lt;b&gt;"), "values are words");
}

/// A template with a value, a link and the link to unsubscribe, in words by the engine and then on its way.
#[tokio::test]
async fn a_template_leaves_with_its_values_as_data_and_its_links_as_links() {
    let hole = |name: &str, filters: Vec<Filter>| {
        let needs = ["name", "cart"];
        let at = needs.iter().position(|need| *need == name).unwrap();
        let hole = Hole::Need(u32::try_from(at).unwrap());
        Piece::Hole { hole, filters }
    };
    let need = |name: &str| Need {
        name: name.to_owned(),
        kind: Type::Text,
    };
    let text = |text: &str| Piece::Text(text.to_owned());
    let mut project = shop();
    project.timezone = "Asia/Seoul".to_owned();
    project.links = vec![(
        "cart_link".to_owned(),
        "https://shop.example/cart/{}".to_owned(),
    )];
    let mut program = ir::Program::empty(project);
    program.messages = vec![Message {
        channel: Channel::Email,
        template: "cart_reminder".to_owned(),
        purpose: Purpose::Advertising,
        consent: None,
        sender: None,
        subject: vec![text("(광고) "), hole("name", Vec::new()), text("님")],
        body: vec![
            hole("name", vec![Filter::Or("고객".to_owned())]),
            text("님, "),
            hole("cart", vec![Filter::Link("cart_link".to_owned())]),
            text("\n\n[수신거부 Unsubscribe]("),
            Piece::Hole {
                hole: Hole::UnsubscribeLink,
                filters: Vec::new(),
            },
            text(")\n"),
        ],
        needs: vec![need("name"), need("cart")],
        translations: Vec::new(),
    }];
    let folder = tempfile::tempdir().unwrap();
    let courier = courier_of(program, folder.path()).unwrap();
    let mut send = message(Channel::Email, Purpose::Advertising);
    send.values = vec![
        (
            "name".into(),
            Value::Text("[민지](https://evil.example)".to_owned()),
        ),
        ("cart".into(), Value::Text("c/1".to_owned())),
    ];
    let attempt = once(&courier, effect(1, Intent::Send(send))).await;
    assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    let mail = files(&folder).remove(0).1.replace("=\r\n", "");
    let html = mail.replace("=3D", "=");
    assert!(html.contains("](https://evil.example)"), "{html}");
    assert!(!html.contains("href=\"https://evil.example"), "{html}");
    assert!(
        html.contains("href=\"https://shop.example/cart/c%2F1\""),
        "{html}"
    );
    let links = html.matches("https://j.example.kr/unsubscribe/").count();
    assert_eq!(
        links, 3,
        "the header's and the template's own in both parts, and no other"
    );
}

#[tokio::test]
async fn what_belongs_to_a_deal_cannot_be_unsubscribed_from() {
    let (courier, folder) = courier(shop());
    say(&courier, message(Channel::Email, Purpose::Transactional)).await;
    assert!(!files(&folder)[0].1.contains("nsubscribe"));
}

#[tokio::test]
async fn with_a_mail_server_mail_goes_there_and_only_there() {
    let mut server = SmtpServer::start([Plan::accept()]).await;
    let mut project = shop();
    project.channels = vec![ChannelSettings {
        smtp: Some(format!("smtp://127.0.0.1:{}", server.port)),
        ..channel(Channel::Email)
    }];
    let (courier, folder) = courier(project);
    let attempt = say(&courier, message(Channel::Email, Purpose::Advertising)).await;
    assert_eq!(attempt, Attempt::done("2.0.0 queued as A1".to_owned()));
    assert_eq!(server.messages().len(), 1);
    assert!(files(&folder).is_empty());
    courier.close().await;
}

#[tokio::test]
async fn an_address_that_is_none_is_final() {
    let (courier, folder) = courier(shop());
    let mut send = message(Channel::Email, Purpose::Advertising);
    send.to = "민지".to_owned();
    let attempt = say(&courier, send).await;
    let none = Reason::quoting("the mail cannot be made", "`민지` is not an e-mail address");
    assert_eq!(attempt, Attempt::refused(none));
    assert!(files(&folder).is_empty());
}

#[tokio::test]
async fn other_channels_go_by_their_action_or_to_the_folder() {
    let server = HttpServer::start([answer(200, &serde_json::json!({ "id": "sms-1" }))]).await;
    let mut project = shop();
    project.channels = vec![ChannelSettings {
        action: Some(("sms_provider".to_owned(), "send".to_owned())),
        ..channel(Channel::Sms)
    }];
    let send = action("send", true, Some(&server.url));
    project.connectors = vec![connector("sms_provider", ConnectorKind::Http, vec![send])];
    let (courier, folder) = courier(project);
    let attempt = say(&courier, message(Channel::Sms, Purpose::Advertising)).await;
    assert_eq!(attempt, Attempt::done("sms-1".to_owned()));
    insta::assert_json_snapshot!(server.requests()[0].short(), @r#"
    {
      "body": {
        "body": "안녕하세요, <b>민지</b>님!\n",
        "purpose": "advertising",
        "subject": "(광고) 민지님, 기다려요",
        "template": "cart_reminder",
        "to": "minji@example.com",
        "values": {}
      },
      "request": "POST /"
    }
    "#);
    say(&courier, message(Channel::Kakao, Purpose::Advertising)).await;
    let (name, text) = &files(&folder)[0];
    assert!(
        Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "txt")
    );
    assert!(text.ends_with("\n\n안녕하세요, <b>민지</b>님!\n"), "{text}");
}

async fn once(courier: &Arc<Courier>, effect: Effect) -> Attempt {
    courier.carry(claimed(effect)).await
}

#[tokio::test]
async fn calls_that_are_only_recorded_can_be_read_in_the_folder() {
    let mut project = shop();
    let actions = vec![action("create_lead", false, None)];
    project.connectors = vec![connector("crm", ConnectorKind::Record, actions)];
    let (courier, folder) = courier(project);
    let attempt = once(
        &courier,
        call(1, "crm", "create_lead", &[("owner", "민수")]),
    )
    .await;
    assert!(matches!(attempt, Attempt::Done { .. }));
    let (name, text) = &files(&folder)[0];
    assert_eq!(
        name,
        "20260302T050000Z_c1_crm.create_lead_0101010101010101.json"
    );
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(json["inputs"], serde_json::json!({ "owner": "민수" }));
    let attempt = once(&courier, call(2, "crm", "delete_all", &[])).await;
    assert_eq!(
        attempt,
        Attempt::refused("journey.toml has no action `crm.delete_all`")
    );
}

#[tokio::test]
async fn tasks_go_to_the_teams_system_or_stay_open_here() {
    let server = HttpServer::start([answer(200, &serde_json::json!({ "id": 5 }))]).await;
    let mut project = shop();
    let actions = vec![action("new_task", true, Some(&server.url))];
    project.connectors = vec![connector("helpdesk", ConnectorKind::Http, actions)];
    project.teams = vec![
        Team {
            name: "sales".to_owned(),
            action: Some(("helpdesk".to_owned(), "new_task".to_owned())),
        },
        Team {
            name: "managers".to_owned(),
            action: None,
        },
    ];
    let (courier, _folder) = courier(project);
    assert_eq!(once(&courier, task(1, "managers")).await, Attempt::KeptOpen);
    assert_eq!(
        once(&courier, task(2, "sales")).await,
        Attempt::done("5".to_owned())
    );
    assert_eq!(
        server.requests()[0].short()["body"],
        serde_json::json!({
            "to": "sales", "title": "새 문의에 전화하기", "due_at": "2026-03-02T06:00:00Z", "contact": "c1",
        })
    );
}

#[tokio::test]
async fn doubt_is_settled_by_purpose_setting_and_provider() {
    let of = |project: Project, effect: Effect| {
        let (courier, _folder) = courier(project);
        courier.terms(&claimed(effect)).on_unclear
    };
    let mail = |purpose| effect(1, Intent::Send(message(Channel::Email, purpose)));
    let with_smtp = |on_unclear_result| {
        let mut project = shop();
        project.channels = vec![ChannelSettings {
            smtp: Some("smtp://127.0.0.1:9".to_owned()),
            on_unclear_result,
            ..channel(Channel::Email)
        }];
        project
    };
    assert_eq!(
        of(with_smtp(None), mail(Purpose::Advertising)),
        OnUnclear::Skip
    );
    assert_eq!(
        of(with_smtp(None), mail(Purpose::Transactional)),
        OnUnclear::Retry
    );
    let retry = Some(OnUnclear::Retry);
    assert_eq!(
        of(with_smtp(retry), mail(Purpose::Advertising)),
        OnUnclear::Retry
    );
    assert_eq!(
        of(shop(), mail(Purpose::Advertising)),
        OnUnclear::Retry,
        "a file is written over"
    );
    let with_crm = |idempotent| {
        let mut project = shop();
        let actions = vec![action(
            "create_lead",
            idempotent,
            Some("https://a.example/"),
        )];
        project.connectors = vec![connector("crm", ConnectorKind::Http, actions)];
        project
    };
    let lead = || call(1, "crm", "create_lead", &[]);
    assert_eq!(of(with_crm(true), lead()), OnUnclear::Retry);
    assert_eq!(of(with_crm(false), lead()), OnUnclear::Skip);
}

#[test]
fn what_is_missing_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut project = shop();
    project.channels = vec![ChannelSettings {
        smtp: Some("smtps://shop:${SMTP_PASSWORD}@mail.example.kr".to_owned()),
        ..channel(Channel::Email)
    }];
    let error = try_courier(project.clone(), folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(
            "journey.toml, [channels.email]: the environment variable `SMTP_PASSWORD`"
        ),
        "{error}"
    );
    project.senders.clear();
    let error = try_courier(project, folder.path()).unwrap_err().to_string();
    assert!(error.contains("but no sender"), "{error}");
}

#[tokio::test]
async fn from_the_outbox_to_a_provider_that_is_busy_at_first() {
    let server = HttpServer::start([
        answer(503, &serde_json::json!("busy")),
        answer(200, &serde_json::json!({ "id": "9001" })),
    ])
    .await;
    let mut project = shop();
    let actions = vec![action("create_lead", true, Some(&server.url))];
    project.connectors = vec![connector("crm", ConnectorKind::Http, actions)];
    let (courier, _folder) = courier(project);
    let carrier: Arc<dyn Carrier> = Arc::new(courier);
    let outbox = MemoryOutbox::with([call(1, "crm", "create_lead", &[("owner", "민수")])]);
    let store: Arc<dyn Outbox> = outbox.clone();
    let clock = Arc::new(ManualClock::at(NOON));
    let time: Arc<dyn Clock> = clock.clone();
    let workers = Workers::start(&store, &carrier, &time, &Bell::new(), Pace::default());
    outbox.recorded(1).await;
    let Some(Outcome::Retry { after, reason }) = outbox.row(1).outcomes.pop() else {
        panic!("{:?}", outbox.row(1));
    };
    assert_eq!(reason.in_full(), "it answered 503: \"busy\"");
    clock.set(after);
    outbox.recorded(2).await;
    let id = Some("9001".to_owned());
    assert_eq!(
        outbox.row(1).outcomes.pop(),
        Some(Outcome::Done { provider_id: id })
    );
    let keys: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").to_owned())
        .collect();
    assert_eq!(keys, ["01".repeat(32), "01".repeat(32)]);
    assert!(workers.stop(Duration::from_mins(1)).await);
}

#[tokio::test]
async fn a_mail_server_that_hangs_with_one_mail_holds_up_nobody_else() {
    let hangs = Plan::accept().at("message", Reaction::Hang);
    let mut server = SmtpServer::start([hangs.clone(), hangs, Plan::accept()]).await;
    let mut project = shop();
    project.channels = vec![ChannelSettings {
        smtp: Some(format!("smtp://127.0.0.1:{}", server.port)),
        ..channel(Channel::Email)
    }];
    let mut program = ir::Program::empty(project);
    program.messages = vec![Message {
        channel: Channel::Email,
        template: "cart_reminder".to_owned(),
        purpose: Purpose::Transactional,
        consent: None,
        sender: None,
        subject: vec![Piece::Text("Your cart".into())],
        body: vec![Piece::Text("It waits for you.".into())],
        needs: Vec::new(),
        translations: Vec::new(),
    }];
    let folder = tempfile::tempdir().unwrap();
    let courier = courier_of(program, folder.path()).unwrap();
    let carrier: Arc<dyn Carrier> = Arc::new(courier);
    let outbox = MemoryOutbox::with((1..=20).map(|n| mail(n, Purpose::Transactional)));
    let store: Arc<dyn Outbox> = outbox.clone();
    let time: Arc<dyn Clock> = Arc::new(ManualClock::at(NOON));
    let pace = Pace {
        concurrency: 3,
        ..Pace::default()
    };
    let workers = Workers::start(&store, &carrier, &time, &Bell::new(), pace);
    outbox.recorded(18).await;
    let done = |row: &Row| matches!(row.outcomes[..], [Outcome::Done { .. }]);
    assert_eq!(outbox.rows().iter().filter(|row| done(row)).count(), 18);
    assert_eq!(server.messages().len(), 20);
    // The two that hang end by themselves, in doubt; what is doubtful of a deal is tried again later.
    tokio::time::pause();
    outbox.recorded(20).await;
    let again = |row: &Row| matches!(row.outcomes[..], [Outcome::Retry { .. }]);
    assert_eq!(outbox.rows().iter().filter(|row| again(row)).count(), 2);
    assert!(workers.stop(Duration::from_mins(1)).await);
}

#[tokio::test]
async fn a_backlog_does_not_bring_advertising_into_quiet_hours() {
    let mut project = shop();
    project.connectors = vec![connector(
        "gate",
        ConnectorKind::Record,
        vec![action("send", true, None)],
    )];
    project.channels = vec![ChannelSettings {
        action: Some(("gate".to_owned(), "send".to_owned())),
        ..channel(Channel::Sms)
    }];
    let mut program = ir::Program::empty(project);
    // It is 14:00 where the contact lives.
    program.policies = vec![ir::Policy {
        name: "fatigue".to_owned(),
        title: None,
        rules: vec![ir::PolicyRule::Quiet {
            purpose: Some(Purpose::Advertising),
            from: ir::Clock(13 * 60),
            to: ir::Clock(15 * 60 + 30),
            except: vec![Channel::Email],
            unless: vec![],
            then: ir::Then::Skip,
        }],
    }];
    let folder = tempfile::tempdir().unwrap();
    let courier = courier_of(program, folder.path()).unwrap();
    let attempt = say(&courier, message(Channel::Sms, Purpose::Advertising)).await;
    let Attempt::Failed { retry_after, .. } = attempt else {
        panic!("{attempt:?}")
    };
    assert_eq!(retry_after, Some(90 * 60_000));
    for allowed in [
        message(Channel::Sms, Purpose::Transactional),
        message(Channel::Email, Purpose::Advertising),
    ] {
        let attempt = say(&courier, allowed).await;
        assert!(matches!(attempt, Attempt::Done { .. }), "{attempt:?}");
    }
}
