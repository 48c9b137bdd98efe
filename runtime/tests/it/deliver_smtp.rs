//! Mail servers as they are: willing, busy, refusing, hanging, vanishing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journeyd::deliver::Reason;
use journeyd::deliver::attempt::{Attempt, Blame};
use journeyd::deliver::email::{Composed, Fragment, Letter, Server, Smtp, Timeouts, compose};
use journeyd::deliver::tls::Trust;
use journeyd::secrets::Secrets;

use crate::doubles::NOON;
use crate::doubles::smtp::{Plan, Reaction, Seen, SmtpServer};
use Reaction::{Drip, Drop, Hang, Reset, Say, Trickle};

fn mail() -> Composed {
    compose(&Letter {
        key: "00ff",
        from: "팔도한상 <hello@mail.example.kr>",
        reply_to: None,
        to: "minji@example.com",
        subject: "안녕하세요",
        body: vec![Fragment::Markdown("첫 줄\n\n.혼자 있는 점\n")],
        language: "ko",
        date: NOON,
        stop: None,
    })
    .unwrap()
}

fn client(url: &str) -> Smtp {
    let secrets = Secrets::fixed([("PASSWORD", "열려라/참깨@")]);
    Smtp::new(
        Server::parse(url, &secrets).unwrap(),
        Timeouts::default(),
        Trust::default(),
    )
}

async fn send_to(plans: impl IntoIterator<Item = Plan>) -> (Attempt, SmtpServer) {
    let server = SmtpServer::start(plans).await;
    let attempt = client(&format!("smtp://127.0.0.1:{}", server.port))
        .send(&mail())
        .await;
    (attempt, server)
}

fn commands(server: &mut SmtpServer) -> Vec<String> {
    let seen = server.seen().into_iter();
    seen.filter_map(|seen| match seen {
        Seen::Command(line) => Some(line),
        Seen::Message(_) => Some("…".to_owned()),
        Seen::Connected => Some("(connected)".to_owned()),
        Seen::Closed => None,
    })
    .collect()
}

#[tokio::test]
async fn mails_go_over_one_connection_as_long_as_it_lives() {
    let mut server = SmtpServer::start([Plan::accept()]).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    for _ in 0..3 {
        let done = Attempt::done("2.0.0 queued as A1".to_owned());
        assert_eq!(smtp.send(&mail()).await, done);
    }
    smtp.close().await;
    let seen = commands(&mut server);
    let one = [
        "MAIL FROM:<hello@mail.example.kr>",
        "RCPT TO:<minji@example.com>",
        "DATA",
        "…",
    ];
    assert_eq!(seen[0], "(connected)");
    assert!(seen[1].starts_with("EHLO ") && seen[2] == seen[1]);
    assert_eq!(seen[3..15], [one, one, one].concat());
    assert_eq!(seen[15..], ["QUIT"]);
}

#[tokio::test]
async fn a_server_that_takes_commands_together_gets_them_together() {
    let mut server = SmtpServer::start([Plan::accept().offering("PIPELINING")]).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    for _ in 0..2 {
        let done = Attempt::done("2.0.0 queued as A1".to_owned());
        assert_eq!(smtp.send(&mail()).await, done);
    }
    let sent = String::from_utf8(mail().bytes).unwrap();
    let seen = server.seen();
    let messages: Vec<_> = seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Message(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(messages, [&sent, &sent]);
    let connected = seen.iter().filter(|it| **it == Seen::Connected);
    assert_eq!(connected.count(), 1);
}

#[tokio::test]
async fn a_no_among_commands_that_travel_together_is_no_message() {
    let together = || Plan::accept().offering("PIPELINING");
    // The server says no to what depends on the refused command too, or it waits for a message that must not come.
    for (data, connections) in [(Some("554 no valid recipients"), 1), (None, 2)] {
        let mut plan = together().at("RCPT", Say("550 no such user"));
        if let Some(data) = data {
            plan = plan.at("DATA", Say(data));
        }
        let mut server = SmtpServer::start([plan, together()]).await;
        let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
        let reason = Reason::quoting("the mail server refused (550)", "no such user");
        assert_eq!(smtp.send(&mail()).await, Attempt::Refused { reason });
        assert!(matches!(smtp.send(&mail()).await, Attempt::Done { .. }));
        let seen = server.seen();
        let count = |what: fn(&Seen) -> bool| seen.iter().filter(|it| what(it)).count();
        assert_eq!(count(|it| *it == Seen::Connected), connections);
        assert_eq!(count(|it| matches!(it, Seen::Message(_))), 1);
    }
}

#[tokio::test]
async fn a_server_that_vanishes_among_commands_that_travel_together_leaves_no_doubt() {
    for stage in ["MAIL", "RCPT", "DATA"] {
        let plan = Plan::accept().offering("PIPELINING").at(stage, Drop);
        let (attempt, _) = send_to([plan]).await;
        assert!(is_down(&attempt, ""), "{stage}: {attempt:?}");
    }
    let plan = Plan::accept().offering("PIPELINING").at("message", Drop);
    let (attempt, _) = send_to([plan]).await;
    assert!(matches!(attempt, Attempt::Unclear { .. }), "{attempt:?}");
}

#[tokio::test]
async fn the_message_arrives_as_it_was_composed() {
    let (_, mut server) = send_to([Plan::accept()]).await;
    let sent = String::from_utf8(mail().bytes).unwrap();
    assert_eq!(server.messages(), [sent]);
}

#[tokio::test]
async fn a_five_hundred_is_final_and_a_four_hundred_is_not() {
    let each = ["MAIL", "RCPT", "DATA", "message"].map(|stage| {
        [
            (stage, Plan::accept()),
            (stage, Plan::accept().offering("PIPELINING")),
        ]
    });
    for (stage, plan) in each.into_iter().flatten() {
        let no = plan.clone().at(stage, Say("550 5.1.1 no such user"));
        let (attempt, _) = send_to([no]).await;
        let Attempt::Refused { reason } = attempt else {
            panic!("{stage}: {attempt:?}");
        };
        let full = "the mail server refused (550): 5.1.1 no such user";
        assert_eq!(reason.in_full(), full);
        assert_eq!(reason.in_our_words(), "the mail server refused (550)");
        let not_yet = plan.at(stage, Say("451 4.7.1 greylisted"));
        let (attempt, _) = send_to([not_yet]).await;
        let not_now = Reason::quoting("the mail server said not now (451)", "4.7.1 greylisted");
        assert_eq!(attempt, Attempt::failed(not_now), "{stage}");
    }
}

#[tokio::test]
async fn one_refused_receiver_does_not_cost_the_connection() {
    let mut server = SmtpServer::start([Plan::accept().at("RCPT", Say("550 no such user"))]).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    assert!(matches!(smtp.send(&mail()).await, Attempt::Refused { .. }));
    assert!(matches!(smtp.send(&mail()).await, Attempt::Done { .. }));
    let seen = commands(&mut server);
    assert_eq!(seen.iter().filter(|line| *line == "(connected)").count(), 1);
    assert!(seen.contains(&"RSET".to_owned()));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_the_providers_fault() {
    let closed = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let attempt = client(&format!("smtp://127.0.0.1:{port}"))
        .send(&mail())
        .await;
    assert!(
        is_down(&attempt, "no connection to the mail server"),
        "{attempt:?}"
    );
    for plan in [
        Plan::accept().at("greeting", Say("554 no service")),
        Plan::accept().at("greeting", Drop),
        Plan::accept().at("greeting", Say("not even SMTP")),
        Plan::accept().at("EHLO", Say("421 closing")),
        Plan::accept().at("MAIL", Drop),
        Plan::accept().at("RCPT", Say("421 closing")),
    ] {
        let (attempt, _) = send_to([plan.clone()]).await;
        assert!(is_down(&attempt, ""), "{plan:?}: {attempt:?}");
    }
}

#[tokio::test]
async fn a_connection_lost_with_the_message_leaves_doubt() {
    for reaction in [Drop, Say("what?")] {
        let (attempt, mut server) = send_to([Plan::accept().at("message", reaction)]).await;
        let Attempt::Unclear { reason } = attempt else {
            panic!("{attempt:?}");
        };
        assert!(
            reason
                .in_full()
                .starts_with("the mail server did not say whether it took the message")
        );
        assert_eq!(
            server.messages().len(),
            1,
            "it is not sent again behind our back"
        );
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_with_the_message_leaves_doubt() {
    let mut server = SmtpServer::start([Plan::accept().at("message", Hang)]).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    let sending = tokio::spawn(async move { smtp.send(&mail()).await });
    while !matches!(server.next().await, Seen::Message(_)) {}
    // From here on nothing moves but time, and paused time moves by itself when nothing else does.
    tokio::time::pause();
    let attempt = sending.await.unwrap();
    assert!(matches!(attempt, Attempt::Unclear { .. }), "{attempt:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_before_the_message_leaves_none() {
    let mut server = SmtpServer::start([Plan::accept().at("RCPT", Hang)]).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    let sending = tokio::spawn(async move { smtp.send(&mail()).await });
    loop {
        if matches!(server.next().await, Seen::Command(line) if line.starts_with("RCPT")) {
            break;
        }
    }
    tokio::time::pause();
    let attempt = sending.await.unwrap();
    assert!(is_down(&attempt, "no answer in time"), "{attempt:?}");
}

#[tokio::test]
async fn a_server_that_never_ends_an_answer_is_not_waited_for_without_end() {
    for plan in [
        Plan::accept().at("greeting", Trickle),
        Plan::accept().at("MAIL", Trickle),
        Plan::accept().offering("PIPELINING").at("DATA", Trickle),
    ] {
        let mut server = SmtpServer::start([plan]).await;
        let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
        let sending = tokio::spawn(async move { smtp.send(&mail()).await });
        assert_eq!(server.next().await, Seen::Connected);
        tokio::time::pause();
        let attempt = sending.await.unwrap();
        tokio::time::resume();
        assert!(is_down(&attempt, "no answer in time"), "{attempt:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_is_like_one_that_is_closed() {
    for stage in ["greeting", "MAIL", "DATA"] {
        let (attempt, _) = send_to([Plan::accept().at(stage, Reset)]).await;
        assert!(is_down(&attempt, ""), "{stage}: {attempt:?}");
    }
    let (attempt, _) = send_to([Plan::accept().at("message", Reset)]).await;
    assert!(matches!(attempt, Attempt::Unclear { .. }), "{attempt:?}");
}

#[tokio::test]
async fn a_connection_the_server_closed_meanwhile_is_replaced() {
    let plans = [
        Plan::accept().at("MAIL", Say("250 fine")).at("MAIL", Drop),
        Plan::accept(),
    ];
    let mut server = SmtpServer::start(plans).await;
    let smtp = client(&format!("smtp://127.0.0.1:{}", server.port));
    for _ in 0..2 {
        assert!(matches!(smtp.send(&mail()).await, Attempt::Done { .. }));
    }
    assert_eq!(server.messages().len(), 2);
}

#[tokio::test]
async fn a_server_that_answers_byte_by_byte_is_understood() {
    let plan = Plan::accept()
        .at("greeting", Drip("220-slow\r\n220 and steady"))
        .at("message", Drip("250-2.0.0\r\n250 queued"));
    let (attempt, _) = send_to([plan]).await;
    assert_eq!(attempt, Attempt::done("2.0.0 queued".to_owned()));
}

#[tokio::test]
async fn user_and_password_are_shown_to_the_server_only_when_asked_for() {
    let mut server = SmtpServer::start([Plan::accept().offering("AUTH PLAIN LOGIN")]).await;
    let smtp = client(&format!(
        "smtp://shop:${{PASSWORD}}@127.0.0.1:{}",
        server.port
    ));
    assert!(matches!(smtp.send(&mail()).await, Attempt::Done { .. }));
    let encoded = STANDARD.encode("\0shop\0열려라/참깨@");
    assert!(commands(&mut server).contains(&format!("AUTH PLAIN {encoded}")));
    let plan = Plan::accept()
        .offering("AUTH PLAIN")
        .at("AUTH", Say("535 wrong"));
    let server = SmtpServer::start([plan]).await;
    let smtp = client(&format!(
        "smtp://shop:${{PASSWORD}}@127.0.0.1:{}",
        server.port
    ));
    let attempt = smtp.send(&mail()).await;
    assert!(
        is_down(&attempt, "535"),
        "a wrong password is no message's fault: {attempt:?}"
    );
    assert!(!format!("{smtp:?} {attempt:?}").contains("참깨"));
}

#[tokio::test]
async fn without_the_wanted_encryption_nothing_is_said() {
    let mut server = SmtpServer::start([Plan::accept()]).await;
    let url = format!(
        "smtp://shop:${{PASSWORD}}@127.0.0.1:{}?tls=required",
        server.port
    );
    let attempt = client(&url).send(&mail()).await;
    assert!(is_down(&attempt, "does not offer STARTTLS"), "{attempt:?}");
    assert_eq!(commands(&mut server).len(), 2, "connected, EHLO");
    let plan = Plan::accept().offering("STARTTLS").offering("AUTH PLAIN");
    let mut server = SmtpServer::start([plan]).await;
    let url = format!("smtp://shop:${{PASSWORD}}@127.0.0.1:{}", server.port);
    let attempt = client(&url).send(&mail()).await;
    assert!(is_down(&attempt, "454"), "offered and refused: {attempt:?}");
    assert!(
        !commands(&mut server)
            .iter()
            .any(|line| line.starts_with("AUTH"))
    );
}

/// How many mails a second one connection and fifty carry; run with `--ignored --nocapture`, best with `--release`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: its result depends on the machine"]
async fn measure_mails_per_second() {
    let server = SmtpServer::start([Plan::accept()]).await;
    let smtp = std::sync::Arc::new(client(&format!("smtp://127.0.0.1:{}", server.port)));
    for connections in [1, 50] {
        let begin = std::time::Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let smtp = std::sync::Arc::clone(&smtp);
            tasks.spawn(async move {
                let mail = mail();
                for _ in 0..10_000 / connections {
                    assert!(matches!(smtp.send(&mail).await, Attempt::Done { .. }));
                }
            });
        }
        tasks.join_all().await;
        let seconds = begin.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        println!(
            "{connections} connections: {:.0} mails/s",
            10_000.0 / seconds
        );
    }
}

fn is_down(attempt: &Attempt, because: &str) -> bool {
    matches!(
        attempt,
        Attempt::Failed { blame: Blame::Provider, reason, .. } if reason.in_full().contains(because)
    )
}
