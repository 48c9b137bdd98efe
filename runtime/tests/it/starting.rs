//! What a daemon looks at before it takes anything up: a start that cannot go on leaves everything as it was.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use journey_ir as ir;
use journeyd::clock::ManualClock;
use journeyd::daemon::{Daemon, Facing, Options, StartError};
use journeyd::deliver::connector::guard::Reach;
use journeyd::process::last_program;
use journeyd::secrets::Secrets;
use journeyd::store::SqliteReader;

use crate::clients::post;
use crate::daemon::{run, start_in, text};
use crate::operate::{Shop, TOKEN, changed};
use crate::shop::{MONDAY, program};

fn options(data: &Path, program: ir::Program) -> Options {
    Options {
        program,
        renamed_from: None,
        data: data.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::new(ManualClock::at(MONDAY)),
        environment: |_| None,
        facing: Facing::default(),
    }
}

async fn start(options: Options) -> Result<Daemon, StartError> {
    Daemon::start(options, &mut |_| {}).await
}

/// What a start that must fail says.
async fn refused(options: Options) -> String {
    start(options).await.unwrap_err().to_string()
}

/// The shop once it has run on a folder.
async fn has_run(data: &Path) {
    let daemon = start(options(data, program())).await.unwrap();
    assert!(daemon.stop().await);
}

/// The hash of the program that a folder says runs on it.
fn runs_on(data: &Path) -> String {
    let mut store = SqliteReader::open(data).unwrap();
    last_program(&mut store).unwrap().hash()
}

/// Another version of the shop, whose mail goes to a server that a secret names.
fn with_a_secret() -> ir::Program {
    let mut program = changed();
    program.project.channels = vec![ir::project::ChannelSettings {
        channel: ir::Channel::Email,
        smtp: Some("smtps://${MAIL_SERVER}".into()),
        sender: None,
        action: None,
        on_unclear_result: None,
        fallback: None,
    }];
    program.project.senders = vec![ir::project::Sender {
        name: "shop".into(),
        from: "Shop <a@example.com>".into(),
        reply_to: None,
    }];
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_lacks_a_secret_takes_no_program_up() {
    let root = tempfile::tempdir().unwrap();
    has_run(root.path()).await;
    let told = refused(options(root.path(), with_a_secret())).await;
    assert!(told.contains("MAIL_SERVER"), "{told}");
    assert_eq!(runs_on(root.path()), program().hash());

    let right = Options {
        secrets: Secrets::fixed([("MAIL_SERVER", "mail.example.com")]),
        ..options(root.path(), with_a_secret())
    };
    let daemon = start(right).await.unwrap();
    assert!(daemon.stop().await);
    assert_eq!(runs_on(root.path()), with_a_secret().hash());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_whose_address_is_taken_takes_no_program_up() {
    let root = tempfile::tempdir().unwrap();
    has_run(root.path()).await;
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = Options {
        listen: other.local_addr().unwrap(),
        ..options(root.path(), changed())
    };
    let told = refused(taken).await;
    assert!(told.contains("is another program there"), "{told}");
    assert_eq!(runs_on(root.path()), program().hash());
}

/// What is said of a folder's secrets by `journeyd verify`, and how it ends.
fn verified(data: &Path) -> (Option<i32>, String) {
    let output = run(&["verify", "--data", data.to_str().unwrap()]);
    (output.status.code(), text(&output.stdout))
}

#[test]
fn a_lost_link_secret_is_a_fault_and_a_start_without_it_says_so() {
    let root = tempfile::tempdir().unwrap();
    let (data, source) = (root.path().join("data"), root.path().join("program.json"));
    std::fs::write(&source, program().to_json()).unwrap();
    let daemon = start_in(root.path(), &source, &[], &[]);
    assert!(!daemon.began.concat().contains("links_broken"));
    daemon.terminate();
    assert_eq!(verified(&data).0, Some(0));
    let secret = data.join("link-secret");
    for (content, fault) in [(None, "is missing"), (Some("f00"), "is damaged")] {
        match content {
            None => std::fs::remove_file(&secret).unwrap(),
            Some(content) => std::fs::write(&secret, content).unwrap(),
        }
        let (code, told) = verified(&data);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(&format!("link-secret: it {fault}")), "{told}");
        let daemon = start_in(root.path(), &source, &[], &[]);
        let log = daemon.began.concat();
        assert!(
            log.contains("ERROR") && log.contains("links_broken"),
            "{log}"
        );
        assert!(
            log.contains(fault) && log.contains("from a backup"),
            "{log}"
        );
        daemon.terminate();
        assert_eq!(verified(&data).0, Some(0));
    }
    std::fs::write(data.join("keys.json"), "{").unwrap();
    assert_eq!(verified(&data).0, Some(1));
}

#[test]
fn what_an_import_made_has_its_link_secret() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("program.json"), program().to_json()).unwrap();
    std::fs::write(path("calls.ndjson"), "").unwrap();
    let (project, data) = (path("program.json"), path("data"));
    let imported = run(&[
        "import",
        &path("calls.ndjson"),
        "--project",
        &project,
        "--data",
        &data,
    ]);
    assert_eq!(
        imported.status.code(),
        Some(0),
        "{}",
        text(&imported.stderr)
    );
    assert_eq!(verified(Path::new(&data)).0, Some(0));
}

/// The shop under another name.
fn renamed() -> ir::Program {
    let mut program = changed();
    program.project.name = "store".into();
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_project_is_refused_and_a_renamed_one_goes_on() {
    let root = tempfile::tempdir().unwrap();
    has_run(root.path()).await;
    let told = refused(options(root.path(), renamed())).await;
    for part in ["`shop`", "`store`", "--data", "--renamed-from shop"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let from = |name: &str| Options {
        renamed_from: Some(name.to_owned()),
        ..options(root.path(), renamed())
    };
    refused(from("another")).await;
    assert_eq!(runs_on(root.path()), program().hash());
    // The option may stay: it means nothing once the name is known.
    for _ in 0..2 {
        let daemon = start(from("shop")).await.unwrap();
        assert!(daemon.stop().await);
        assert_eq!(runs_on(root.path()), renamed().hash());
    }
    let daemon = start(options(root.path(), renamed())).await.unwrap();
    assert!(daemon.stop().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_project_is_no_reload() {
    let shop = Shop::open().await;
    shop.says(Ok(renamed()));
    for path in ["/v1/reload", "/v1/reload?plan=true"] {
        let answer = shop.by("POST", path, TOKEN).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.body.contains("--renamed-from shop"), "{answer:?}");
    }
    assert_eq!(runs_on(shop.root.path()), program().hash());
}

#[test]
fn an_import_takes_no_data_of_another_project() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("calls.ndjson"), "").unwrap();
    let import = |program: &ir::Program| {
        std::fs::write(path("program.json"), program.to_json()).unwrap();
        let (file, project, data) = (path("calls.ndjson"), path("program.json"), path("data"));
        run(&["import", &file, "--project", &project, "--data", &data])
    };
    assert_eq!(import(&program()).status.code(), Some(0));
    let refused = import(&renamed());
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("`shop`"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(runs_on(Path::new(&path("data"))), program().hash());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_takes_no_data_that_it_did_not_make() {
    let root = tempfile::tempdir().unwrap();
    has_run(&root.path().join("ours")).await;
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/shop");
    let demo = |data: &str| {
        let data = root.path().join(data);
        run(&["demo", example, "--data", data.to_str().unwrap()])
    };
    let refused = demo("ours");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("--data"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(runs_on(&root.path().join("ours")), program().hash());
    for _ in 0..2 {
        let shown = demo("made-up");
        assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    }
}

#[test]
fn a_start_that_nobody_watches_makes_no_key_and_says_how_one_is_made() {
    let root = tempfile::tempdir().unwrap();
    let (data, source) = (root.path().join("data"), root.path().join("program.json"));
    std::fs::write(&source, program().to_json()).unwrap();
    // Empty as if it were not set.
    let no_keys = [("JOURNEY_WRITE_KEYS", "")];
    let daemon = start_in(root.path(), &source, &[], &no_keys);
    let log = daemon.began.concat();
    assert!(
        log.contains("daemon.no_write_key") && log.contains("add NAME"),
        "{log}"
    );
    assert!(
        !log.contains("keys_lost") && !data.join("keys.json").exists(),
        "{log}"
    );
    let made = run(&["keys", "--data", data.to_str().unwrap(), "add", "web"]);
    let key = text(&made.stdout).trim().to_owned();
    let known = serde_json::json!({"userId": "u1", "traits": {}});
    let answer = post(daemon.address, "/v1/identify", &key, &known).unwrap();
    assert_eq!(answer.status, 200, "{}", text(&made.stderr));
    daemon.terminate();

    std::fs::remove_file(data.join("keys.json")).unwrap();
    let daemon = start_in(root.path(), &source, &[], &no_keys);
    assert!(daemon.began.concat().contains("daemon.keys_lost"));
    daemon.terminate();
}

#[test]
fn a_key_that_the_environment_goes_before_is_not_said_to_be_known() {
    let root = tempfile::tempdir().unwrap();
    let (data, source) = (root.path().join("data"), root.path().join("program.json"));
    std::fs::write(&source, program().to_json()).unwrap();
    let data = data.to_str().unwrap();
    let keys = |more: &[&str]| {
        let output = run(&[&["keys"], more, &["--data", data]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout) + &text(&output.stderr)
    };
    let daemon = start_in(root.path(), &source, &[], &[]);
    let added = keys(&["add", "web"]);
    assert!(
        added.contains("JOURNEY_WRITE_KEYS") && !added.contains("knows it"),
        "{added}"
    );
    daemon.terminate();

    let only_token = [("JOURNEY_WRITE_KEYS", "")];
    let daemon = start_in(root.path(), &source, &[], &only_token);
    assert!(keys(&["add", "app"]).contains("knows it already"));
    let token = keys(&["add", "ana", "--admin", "read"]);
    assert!(token.contains("JOURNEY_ADMIN_TOKEN"), "{token}");
    daemon.terminate();
    let added = keys(&["add", "later"]);
    assert!(added.contains("the next start knows it, unless"), "{added}");
    let listed = keys(&["list"]);
    for part in ["web", "app", "later", "JOURNEY_WRITE_KEYS is set here"] {
        assert!(listed.contains(part), "{part} in {listed}");
    }
}

#[test]
fn what_no_restart_mends_ends_otherwise_than_what_one_may() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let start = |program: &ir::Program| {
        std::fs::write(path("program.json"), program.to_json()).unwrap();
        let (source, data) = (path("program.json"), path("data"));
        let output = run(&["run", &source, "--data", &data, "--listen", &taken]);
        output.status.code()
    };
    assert_eq!(start(&program()), Some(3));
    assert_eq!(start(&with_a_secret()), Some(1));
    drop(
        start_in(
            root.path(),
            Path::new(&path("program.json")),
            &[],
            &[("MAIL_SERVER", "mail.example.com")],
        )
        .ends(),
    );
    assert_eq!(start(&renamed()), Some(1));
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/journeyd.service");
    let unit = std::fs::read_to_string(unit).unwrap();
    assert!(unit.contains("\nRestartPreventExitStatus=1 2\n"), "{unit}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_not_here_is_told_from_one_that_is_taken() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = Options {
        // Kept for documentation, so that no machine has it.
        listen: "203.0.113.9:8787".parse().unwrap(),
        ..options(root.path(), program())
    };
    let told = refused(elsewhere).await;
    assert!(told.contains("no such address"), "{told}");
}

#[test]
fn a_file_in_place_of_the_data_folder_is_told_with_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file.json");
    std::fs::write(&file, program().to_json()).unwrap();
    let file = file.to_str().unwrap();
    for command in [
        ["run", file].as_slice(),
        &["status"],
        &["verify"],
        &["reload"],
        &["keys", "list"],
        &["keys", "add", "web"],
    ] {
        let output = run(&[command, &["--data", file]].concat());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{command:?}: {told}");
        assert!(
            told.contains("point --data at a folder"),
            "{command:?}: {told}"
        );
    }
    let nowhere = run(&["keys", "add", "web", "--data", "no-such-folder"]);
    let told = text(&nowhere.stderr);
    assert!(told.contains("journeyd run"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_into_the_data_folder_itself_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let (data, beside) = (root.path().join("data"), root.path().join("data-copy"));
    has_run(&data).await;
    let backup = |to: &Path| {
        let (to, data) = (to.to_str().unwrap(), data.to_str().unwrap());
        run(&["backup", to, "--data", data])
    };
    for inside in [
        data.join("copy"),
        data.join("spool/../copy"),
        data.join("a/b"),
    ] {
        let refused = backup(&inside);
        let told = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{told}");
        assert!(told.contains("in the data folder itself"), "{told}");
        assert!(!inside.exists());
    }
    let done = backup(&beside);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
}
