//! What is shown before is what happens: the messages of a simulation are those of the daemon that takes in the same log,
//! also where people compete for prizes, and a preview is the mail that goes to the server.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journey_arrivals::{Calls, Layout, Reading, Source as _};
use journey_engine::{Intent, Program, Send};
use journey_ir::project::ChannelSettings;
use journey_ir::{self as ir, Channel, Instant, Purpose, Value};
use journeyc::{Compilation, LoadedProject};
use journeyd::clock::ManualClock;
use journeyd::deliver::connector::guard::Reach;
use journeyd::deliver::email::Timeouts;
use journeyd::deliver::tls::Trust;
use journeyd::deliver::{Carrier, Courier, Equipment, Unsubscribe};
use journeyd::import::{Options, replay};
use journeyd::process::{self, Batch, Effects, Process, Wakes, effect_of};
use journeyd::secrets::Secrets;
use journeyd::store::{DataFolder, Read as _, Sqlite};
use serde_json::{Map, json};

use crate::doubles::smtp::{Plan, SmtpServer};
use crate::doubles::{NOON, claimed, effect};

/// When, to whom, on which channel, which.
type Message = (Instant, String, Channel, String);

fn example(name: &str) -> Compilation {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    journeyc::compile(&journeyc::load(&examples.join(name)).unwrap())
}

/// The daemon takes in a log; what it decides is written down.
fn imported(folder: &Path, program: ir::Program, log: &str) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    let mut process = process::open(store, program, 0, &mut |_| {}).unwrap();
    let program = Arc::clone(process.program());
    let mut calls = Calls::new(log.as_bytes(), &program);
    let options = Options {
        name: "log".into(),
        effects: Effects::Record,
        until: None,
    };
    replay(&mut process, &mut calls, &options, &mut |_| true).unwrap();
    process
}

/// The daemon hears of one thing after the other when it happens, and wakes people when something is due for them.
fn lived(folder: &Path, program: ir::Program, log: &str) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    let mut process = process::open(store, program, 0, &mut |_| {}).unwrap();
    let program = Arc::clone(process.program());
    let mut calls = Calls::new(log.as_bytes(), &program);
    while let Some(reading) = calls.next(&program) {
        let Reading::Taken { arrivals, .. } = reading else {
            panic!("{reading:?}");
        };
        let now = arrivals[0].received_at;
        while let Some(wake) = process.next_wake().unwrap().filter(|it| *it < now) {
            pass(&mut process, wake);
        }
        let batch = Batch {
            arrivals,
            effects: Effects::Record,
            ..Batch::default()
        };
        process.turn(&[batch], None, now).unwrap();
    }
    process
}

fn pass(process: &mut Process<Sqlite>, until: Instant) {
    let wakes = Wakes {
        until,
        most: 100,
        effects: Effects::Record,
    };
    process.turn(&[], Some(wakes), until).unwrap();
}

/// Everything that the daemon decided to send, by the name of the contact.
fn sends(process: &mut Process<Sqlite>) -> Vec<(Instant, String, Send)> {
    let kept = process.store().effects(0, None, None, 1_000_000).unwrap();
    let send = |kept: journeyd::store::Kept| {
        let effect = effect_of(&kept.effect.body)?;
        match effect.what {
            Intent::Send(send) => Some((effect.at, kept.contact_name, send)),
            _ => None,
        }
    };
    kept.into_iter().filter_map(send).collect()
}

fn sent(process: &mut Process<Sqlite>) -> Vec<Message> {
    let of = |(at, who, send): (_, _, Send)| (at, who, send.channel, send.template.to_string());
    let mut all: Vec<Message> = sends(process).into_iter().map(of).collect();
    all.sort();
    all
}

fn simulated(program: &Arc<Program>, log: &str, threads: usize) -> Vec<Message> {
    let mapping = journeyc::cli::default_mapping();
    let side = journeyc::Side {
        program,
        input: log.as_bytes(),
        settings: journeyc::SimulationSettings {
            mapping: &mapping,
            layout: Layout::Calls,
            until: journeyc::Until::End,
            assume: journeyc::Assume::default(),
            threads: NonZeroUsize::new(threads).unwrap(),
            // Nothing fits into memory: everything goes by the file.
            memory: journeyc::Memory {
                bytes: 0,
                beyond: tempfile::tempfile,
            },
            list: true,
        },
    };
    let simulation = journeyc::simulate(side, &|_| ()).unwrap();
    let all = simulation.messages().iter().cloned();
    let mut all: Vec<Message> = all
        .map(|it| (it.at, it.person, it.channel, it.template))
        .collect();
    all.sort();
    all
}

#[test]
fn a_simulation_sends_what_the_daemon_sends_to_the_same_people_at_the_same_instants() {
    let folder = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let log = std::fs::read_to_string(examples.join("shop/data/events.ndjson")).unwrap();
    let program = example("shop").program.unwrap();
    let mut process = imported(folder.path(), program, &log);
    let linked = Arc::clone(process.program());
    let decided = sent(&mut process);
    assert!(decided.len() > 100, "{}", decided.len());
    for threads in [1, 4] {
        let simulated = simulated(&linked, &log, threads);
        assert_eq!(simulated.len(), decided.len());
        for (simulated, decided) in simulated.iter().zip(&decided) {
            assert_eq!(simulated, decided);
        }
    }
}

const BOXES: &str = "contact { email: email address, optional }
event box_opened {}
journey boxes {
  enter when box_opened
  reenter any time

  wait 1 hour
  draw random_box {
    40% beef up to 5 in total { send email beef }
    40% coupon up to 11 in total { send email coupon }
    otherwise { send email nothing }
  }
}
";

#[test]
fn of_a_prize_there_are_no_more_than_there_are_and_the_first_get_them_in_both() {
    let template = |name: &str| {
        let text =
            format!("+++\npurpose = \"transactional\"\nsubject = \"{name}\"\n+++\nYou got it.\n");
        (format!("templates/email/{name}.md"), text)
    };
    let mut files = vec![("boxes.journey".to_owned(), BOXES.to_owned())];
    files.extend(["beef", "coupon", "nothing"].map(template));
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = journeyc::compile(&LoadedProject::from_texts(texts));
    let program = compilation.program.unwrap_or_else(|| {
        let all: Vec<_> = compilation.problems.iter().collect();
        panic!("{all:#?}")
    });
    // Everyone opens two boxes, some minutes after another: the order of draws is that of openings.
    let mut log = String::new();
    for n in 0..60 {
        let who = format!("p{:02}", n * 37 % 30);
        let at = jiff::Timestamp::from_second(1_772_409_600 + n * 420).unwrap();
        for call in [
            json!({"type": "identify", "userId": who, "timestamp": at.to_string(), "messageId": format!("i{n}"),
                "traits": {"email": format!("{who}@example.com")}}),
            json!({"type": "track", "userId": who, "event": "box_opened", "timestamp": at.to_string(),
                "messageId": format!("b{n}"), "properties": {}}),
        ] {
            writeln!(log, "{call}").unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = lived(folder.path(), program, &log);
    let linked = Arc::clone(process.program());
    let last = 1_772_409_600_000 + 59 * 420_000;
    while let Some(wake) = process.next_wake().unwrap().filter(|it| *it <= last) {
        pass(&mut process, wake);
    }
    let decided = sent(&mut process);
    let got = |prize: &str| decided.iter().filter(|it| it.3 == prize).count();
    assert_eq!((got("beef"), got("coupon")), (5, 11));
    assert!(got("nothing") > 20);
    for threads in [1, 3] {
        assert_eq!(simulated(&linked, &log, threads), decided);
    }
}

const GIFTS: &str = r"
contact { email: email address }
consent marketing { for email }
event signed_up { plan: one of small, large }
offer small { 1,000원 off up to 7 in total }
offer large {
  10% off
  at most 3,000원 off
  up to 10,000원 in total
}
journey gifts {
  enter when signed_up
  reenter any time
  if signed_up.plan is small {
    send email gift with (coupon: small)
  } otherwise {
    send email gift with (coupon: large)
  }
  send email thanks
}
";

#[test]
fn an_offer_is_issued_within_its_number_and_budget_to_the_first_in_both() {
    let gifts = GIFTS.replace("off up to 7", "off\n  up to 7");
    let gift = "+++\npurpose = \"advertising\"\nsubject = \"A gift\"\nneeds = { coupon = \"offer\" }\n+++\n{{ coupon.code }}\n";
    let thanks = "+++\npurpose = \"transactional\"\nsubject = \"Thanks\"\n+++\nThanks.\n";
    let compilation = journeyc::compile(&LoadedProject::from_texts([
        ("journey.toml", "[project]\ncurrency = \"KRW\"\n"),
        ("gifts.journey", gifts.as_str()),
        ("templates/email/gift.md", gift),
        ("templates/email/thanks.md", thanks),
    ]));
    let program = compilation.program.unwrap_or_else(|| {
        let all: Vec<_> = compilation.problems.iter().collect();
        panic!("{all:#?}")
    });
    let mut log = String::new();
    for n in 0..40 {
        let who = format!("p{:02}", n * 37 % 20);
        let at = jiff::Timestamp::from_second(1_772_409_600 + n * 420).unwrap();
        let plan = if n % 3 == 0 { "large" } else { "small" };
        for call in [
            json!({"type": "identify", "userId": who, "timestamp": at.to_string(), "messageId": format!("i{n}"),
                "traits": {"email": format!("{who}@example.com"), "consents": {"marketing": {"email": true}}}}),
            json!({"type": "track", "userId": who, "event": "signed_up", "timestamp": at.to_string(),
                "messageId": format!("s{n}"), "properties": {"plan": plan}}),
        ] {
            writeln!(log, "{call}").unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = lived(folder.path(), program, &log);
    let linked = Arc::clone(process.program());
    let last = 1_772_409_600_000 + 39 * 420_000;
    while let Some(wake) = process.next_wake().unwrap().filter(|it| *it <= last) {
        pass(&mut process, wake);
    }
    let decided = sent(&mut process);
    let got = |template: &str| decided.iter().filter(|it| it.3 == template).count();
    // Seven small ones, and three of 3,000 won from a budget of 10,000.
    assert_eq!((got("gift"), got("thanks")), (10, 40));
    for threads in [1, 3] {
        assert_eq!(simulated(&linked, &log, threads), decided);
    }
}

/// The parts of a mail as a mail program reads them: plain text, then HTML.
fn parts(mail: &str) -> Vec<String> {
    let (_, rest) = mail.split_once("boundary=\"").unwrap();
    let (boundary, _) = rest.split_once('"').unwrap();
    let boundary = format!("--{boundary}");
    let pieces = mail.split(boundary.as_str());
    let part = |piece: &str| {
        let (head, body) = piece.split_once("\r\n\r\n")?;
        let bytes = if head.contains("base64") {
            let body: String = body.split_whitespace().collect();
            STANDARD.decode(body).unwrap()
        } else {
            let body = body.strip_suffix("\r\n").unwrap();
            unquoted(&body.replace("=\r\n", ""))
        };
        Some(String::from_utf8(bytes).unwrap().replace("\r\n", "\n"))
    };
    pieces.skip(1).filter_map(part).collect()
}

fn unquoted(text: &str) -> Vec<u8> {
    let mut pieces = text.split('=');
    let mut out = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        out.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        out.extend_from_slice(&piece.as_bytes()[2..]);
    }
    out
}

/// What a mail's subject says: between two encoded words there is no blank (RFC 2047).
fn subject(mail: &str) -> String {
    let unfolded = mail.replace("\r\n ", " ");
    let mut lines = unfolded.lines();
    let line = lines.find(|it| it.starts_with("Subject: ")).unwrap();
    let (mut subject, mut encoded_before) = (Vec::new(), true);
    for word in line.trim_start_matches("Subject: ").split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?");
        let encoded = encoded.and_then(|it| it.strip_suffix("?="));
        if !(subject.is_empty() || encoded.is_some() && encoded_before) {
            subject.push(b' ');
        }
        encoded_before = encoded.is_some();
        match encoded {
            Some(encoded) => subject.extend(STANDARD.decode(encoded).unwrap()),
            None => subject.extend(word.as_bytes()),
        }
    }
    String::from_utf8(subject).unwrap()
}

/// What a message was filled in with, as the files of a preview say it.
fn given(
    send: &Send,
) -> (
    Map<String, serde_json::Value>,
    Map<String, serde_json::Value>,
) {
    let (mut person, mut arguments) = (Map::new(), Map::new());
    for (name, value) in &send.values {
        let value = match value {
            Value::Text(text) => json!(text),
            Value::Money(money) => {
                json!(format!("{} {}", money.minor, money.currency.code()))
            }
            Value::Moment(at) => json!(at),
            other => panic!("{name}: {other:?}"),
        };
        match name.split_once('.') {
            Some(("contact", attribute)) => drop(person.insert(attribute.to_owned(), value)),
            Some((offer, part)) => {
                let offer = arguments.entry(offer).or_insert_with(|| json!({}));
                offer[part] = value;
            }
            None => drop(arguments.entry(&**name).or_insert(value)),
        }
    }
    (person, arguments)
}

#[tokio::test]
async fn a_preview_is_byte_for_byte_the_mail_that_the_server_gets() {
    let folder = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let log = std::fs::read_to_string(examples.join("shop/data/events.ndjson")).unwrap();
    let compilation = example("shop");
    let mut process = imported(folder.path(), compilation.program.clone().unwrap(), &log);
    let mut server = SmtpServer::start([Plan::accept()]).await;
    let mut program = compilation.program.clone().unwrap();
    program.project.channels = vec![ChannelSettings {
        channel: Channel::Email,
        sender: None,
        smtp: Some(format!("smtp://127.0.0.1:{}", server.port)),
        action: None,
        on_unclear_result: None,
        fallback: None,
    }];
    let unsubscribe = Unsubscribe::new(Some("https://j.example.kr"), &[1; 32]);
    let link = unsubscribe.link("c1", Channel::Email).unwrap();
    let courier = Courier::new(Equipment {
        program: Arc::new(Program::link(Arc::new(program), &[]).unwrap()),
        secrets: Secrets::fixed([]),
        clock: Arc::new(ManualClock::at(NOON)),
        mailbox: folder.path().join("mailbox"),
        unsubscribe,
        reach: Reach::Everywhere,
        timeouts: Timeouts::default(),
        trust: Trust::default(),
    });
    let courier = Arc::new(courier.unwrap());
    let mut seen = std::collections::BTreeSet::new();
    for (at, _, send) in sends(&mut process) {
        // One of each message.
        if send.channel != Channel::Email || !seen.insert(send.template.clone()) {
            continue;
        }
        let mut carried = claimed(effect(1, Intent::Send(send.clone())));
        carried.effect.at = at;
        courier.carry(carried).await;
        // A dot at the start of a line is doubled on the way (RFC 5321 §4.5.2).
        let mail = server.messages().pop().unwrap();
        let mail = mail.replace("\r\n..", "\r\n.");
        let (person, arguments) = given(&send);
        let given = journeyc::Given {
            person: Some(&person),
            arguments: Some(&arguments),
            language: Some(&send.language),
        };
        let name = format!("email/{}", send.template);
        let previewed = journeyc::preview(&compilation, &name, given).unwrap();
        assert!(
            previewed.problems.is_empty(),
            "{name}: {:?}",
            previewed.problems
        );
        // The link is the contact's own.
        let as_sent = |text: &str| text.replace(journeyc::UNSUBSCRIBE, &link);
        assert_eq!(subject(&mail), previewed.subject, "{name}");
        let expected = [&previewed.text, previewed.html.as_ref().unwrap()];
        assert_eq!(parts(&mail), expected.map(|it| as_sent(it)), "{name}");
        if send.purpose == Purpose::Advertising {
            assert!(parts(&mail)[1].contains(&link), "{name}");
        }
    }
    assert!(seen.len() >= 5, "{seen:?}");
    courier.close().await;
}
