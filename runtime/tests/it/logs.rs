//! What stands in the log of the real program while providers say no: which effect and why, and nobody's name.

use serde_json::json;

use crate::clients::{get, post};
use crate::daemon::{KEY, TOKEN, run, start_in, text};
use crate::doubles::http::{HttpServer, answer};
use crate::doubles::smtp::{Plan, Reaction, SmtpServer};

const SECRET: &str = "crm-token-of-the-test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_says_of_somebody_is_for_the_operator_and_not_in_the_log() {
    let bounce = Reaction::Say("550 5.1.1 <ana@example.com>: no such user");
    let mail = SmtpServer::start([Plan::accept().at("RCPT", bounce)]).await;
    let echo = json!({"refused": {"email": "ana@example.com", "name": "Ana Kim"}});
    let crm = HttpServer::start([answer(400, &echo)]).await;

    let root = tempfile::tempdir().unwrap();
    let project = root.path().join("budget");
    std::fs::create_dir_all(project.join("templates/email")).unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/budget");
    for file in [
        "budget.journey",
        "templates/email/starter_1.md",
        "templates/email/starter_2.md",
        "templates/email/ask_budget.md",
    ] {
        std::fs::copy(format!("{example}/{file}"), project.join(file)).unwrap();
    }
    let letter = "+++\npurpose = \"transactional\"\nsubject = \"Hello\"\n+++\nThank you, {{ name | or: 'you' }}.\n";
    std::fs::write(project.join("templates/email/starter_1.md"), letter).unwrap();
    let settings = std::fs::read_to_string(format!("{example}/journey.toml")).unwrap();
    let settings = settings
        .replace(
            "[channels.email]",
            &format!(
                "[channels.email]\nsmtp = \"smtp://127.0.0.1:{}\"",
                mail.port
            ),
        )
        .replace("kind = \"record\"", "kind = \"http\"")
        .replace(
            "[connectors.crm.actions.create_lead]",
            &format!(
                "[connectors.crm.actions.create_lead]\nurl = \"{}/leads\"\n\
             headers = {{ Authorization = \"Bearer ${{CRM_TOKEN}}\" }}\n\
             body = '{{\"email\": {{email}}, \"name\": {{name}}}}'",
                crm.url
            ),
        );
    std::fs::write(project.join("journey.toml"), settings).unwrap();

    let daemon = start_in(
        root.path(),
        &project,
        &["--allow-private-addresses"],
        &[("CRM_TOKEN", SECRET)],
    );
    let to = daemon.address;
    for (id, budget) in [("ana@example.com", 1_000), ("Ana Kim", 9_000)] {
        let traits = json!({"email": "ana@example.com", "name": "Ana Kim"});
        let known = json!({"userId": id, "traits": traits});
        assert_eq!(post(to, "/v1/identify", KEY, &known).unwrap().status, 200);
        let form =
            json!({"userId": id, "event": "form_submitted", "properties": {"budget": budget}});
        assert_eq!(post(to, "/v1/track", KEY, &form).unwrap().status, 200);
    }
    let bad = json!({"userId": "ana@example.com", "event": "Ana Kim"});
    post(to, "/v1/track", KEY, &bad).unwrap();
    get(to, "/v1/contacts/ana@example.com", TOKEN).unwrap();
    post(to, "/v1/track", "a-wrong-key-of-ana@example.com", &bad).unwrap();
    let mut log = daemon.log_until(2, "given up");
    let data = root.path().join("data");
    let shown = text(&run(&["outbox", "--data", data.to_str().unwrap()]).stdout);
    log.extend(daemon.ends());

    let log = log.join("\n");
    assert!(log.contains("the mail server refused (550)"), "{log}");
    assert!(log.contains("it answered 400"), "{log}");
    for hidden in ["ana@", "Ana Kim", "starter", SECRET, KEY, TOKEN] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    // The operator finds whom it was about, and what was said.
    for told in [
        "5.1.1 <ana@example.com>: no such user",
        "Ana Kim",
        "crm.create_lead",
        "email starter_1",
        "failed",
    ] {
        assert!(shown.contains(told), "{told} in {shown}");
    }
}
