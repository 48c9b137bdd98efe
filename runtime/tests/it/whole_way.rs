//! One project's whole way through the real program: events in, a message that its channel refuses and its second way,
//! and what the report says afterwards: the goal and whom it is credited to, the funnel, the stages.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::clients::post;

const KEY: &str = "a-key-that-nobody-guesses";

/// A message service: `/kakao` refuses for good, `/sms` takes. Tells the path and body of each request.
fn service() -> (SocketAddr, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (told, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut first = String::new();
            reader.read_line(&mut first).unwrap();
            let path = first.split_whitespace().nth(1).unwrap_or_default();
            let path = path.to_owned();
            let mut length = 0;
            loop {
                let mut line = String::new();
                let read = reader.read_line(&mut line).unwrap();
                if read == 0 || line.trim().is_empty() {
                    break;
                }
                let (name, value) = line.split_once(':').unwrap();
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = match path.as_str() {
                "/kakao" => "400 Bad Request",
                _ => "200 OK",
            };
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            if told.send((path, body)).is_err() {
                return;
            }
        }
    });
    (address, requests)
}

const SHOP: &str = "contact {
  email: email address, optional
  phone: phone number, optional
}

event signed_up {}
event purchase { order_id: text, key }

consent marketing { for kakao, sms }

lifecycle stages {
  buyer when did purchase
  visitor otherwise
}

funnel first_order {
  joined when signed_up
  bought when purchase within 14 days
}

journey welcome {
  enter when signed_up
  goal purchase within 7 days

  send kakao hello
  wait 3 days
}
";

/// Writes the project and starts the daemon on it.
fn start(folder: &Path, service: SocketAddr) -> (Child, SocketAddr) {
    let settings = format!(
        r#"[project]
name = "whole"
timezone = "UTC"
default_language = "en"

[channels.kakao]
action = "gateway.kakao"
fallback_on_failure = "sms"

[channels.sms]
action = "gateway.sms"

[connectors.gateway.actions.kakao]
url = "http://{service}/kakao"
body = '{{"to": "{{{{ to }}}}", "text": "{{{{ body }}}}"}}'
inputs = {{ to = "text", body = "text" }}
idempotent = true

[connectors.gateway.actions.sms]
url = "http://{service}/sms"
body = '{{"to": "{{{{ to }}}}", "text": "{{{{ body }}}}"}}'
inputs = {{ to = "text", body = "text" }}
idempotent = true
"#
    );
    let template = "+++\npurpose = \"transactional\"\n+++\nHello!\n";
    for (path, text) in [
        ("journey.toml", settings.as_str()),
        ("shop.journey", SHOP),
        ("templates/kakao/hello.md", template),
        ("templates/sms/hello.md", template),
    ] {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_journeyd"))
        .arg("run")
        .arg(folder)
        .arg("--data")
        .arg(folder.join("data"))
        .args(["--listen", "127.0.0.1:0", "--log", "json"])
        .arg("--allow-private-addresses")
        .env("JOURNEY_WRITE_KEYS", format!("web:{KEY}"))
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (told, listening) = channel();
    let log = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        let mut said = String::new();
        for line in log.lines().map_while(Result::ok) {
            let json: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = json["address"].as_str() {
                let _gone = told.send(Ok(address.parse().unwrap())).is_err();
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _gone = told.send(Err(said)).is_err();
    });
    let address: Result<SocketAddr, String> = listening.recv().unwrap();
    (child, address.unwrap_or_else(|said| panic!("{said}")))
}

fn printed(arguments: &[&str], data: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_journeyd"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"))
}

#[test]
fn a_refused_message_goes_its_second_way_and_the_report_knows_what_came_of_it() {
    let root = tempfile::tempdir().unwrap();
    let (service, requests) = service();
    let (mut child, address) = start(root.path(), service);
    let say = |path: &str, body: Value| {
        let answer = post(address, path, KEY, &body).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    say(
        "/v1/identify",
        json!({"userId": "ann", "traits": {"phone": "+821012345678",
            "consents": {"marketing": {"kakao": true, "sms": true}}}}),
    );
    say("/v1/track", json!({"userId": "ann", "event": "signed_up"}));
    let (path, body) = requests.recv().unwrap();
    assert_eq!(
        (path.as_str(), &body["text"]),
        ("/kakao", &json!("Hello!\n"))
    );
    let (path, body) = requests.recv().unwrap();
    assert_eq!((path.as_str(), &body["text"]), ("/sms", &json!("Hello!\n")));

    say(
        "/v1/track",
        json!({"userId": "ann", "event": "purchase", "properties": {"order_id": "o1"}}),
    );
    let pid = child.id().to_string();
    let stopped = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let report = printed(&["report", "--format", "json"], &root.path().join("data"));
    let text = report.to_string();
    assert_eq!(report["journeys"]["welcome"]["entered"], 1, "{text}");
    assert_eq!(report["journeys"]["welcome"]["goal"], 1, "{text}");
    assert_eq!(
        report["journeys"]["welcome"]["sent"],
        json!({"kakao hello": 1, "sms hello": 1}),
        "{text}"
    );
    let people = |stages: &Value| -> Vec<(String, i64)> {
        let stages = stages.as_array().unwrap().iter();
        stages
            .map(|it| {
                let name = it["name"].as_str().unwrap().to_owned();
                (name, it["people"].as_i64().unwrap())
            })
            .collect()
    };
    let expected = |all: &[(&str, i64)]| -> Vec<(String, i64)> {
        all.iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect()
    };
    assert_eq!(
        people(&report["funnels"][0]["stages"]),
        expected(&[("joined", 1), ("bought", 1)]),
        "{text}"
    );
    assert_eq!(
        people(&report["lifecycles"]["stages"]),
        expected(&[("buyer", 1), ("visitor", 0)]),
        "{text}"
    );
}
