//! The real program on a real disk that is full, and on one that cannot be written. Both are mounted for the purpose, which
//! takes root, so they run on demand:
//!
//! ```sh
//! cargo test -p journeyd --test it -- --ignored real_disk
//! ```

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use journeyd::store::{Read as _, SqliteReader};
use serde_json::json;

use crate::clients::{get, post};
use crate::daemon::{KEY, TOKEN, run, start, text};

/// A small file system in memory, gone with the value.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn new(at: &'a Path, options: &str) -> Self {
        std::fs::create_dir(at).unwrap();
        mount(at, options);
        Self(at)
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _left = Command::new("umount")
            .arg("-l")
            .arg(self.0)
            .status()
            .is_err();
    }
}

fn mount(at: &Path, options: &str) {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(at);
    assert!(command.status().unwrap().success(), "mount {options}");
}

#[test]
#[ignore = "mounts a file system, which takes root"]
fn on_a_full_real_disk_nothing_acknowledged_is_lost_and_it_goes_on_once_there_is_room() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let _mounted = Mounted::new(&data, "size=2m,mode=700");
    let daemon = start(root.path());
    let send = |n: usize| {
        let traits = json!({"name": "x".repeat(20_000)});
        let who = json!({"userId": format!("c{n}"), "traits": traits});
        post(daemon.address, "/v1/identify", KEY, &who)
            .unwrap()
            .status
    };
    let accepted = (0..1_000).take_while(|n| send(*n) == 200).count();
    assert!((5..1_000).contains(&accepted), "{accepted}");
    assert_eq!(send(accepted), 503);
    let ready = get(daemon.address, "/ready", TOKEN).unwrap();
    assert_eq!(ready.status, 503, "{}", ready.body);
    mount(&data, "remount,size=4g");
    let goes_on = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        send(accepted) == 200
    });
    assert!(goes_on);
    assert_eq!(get(daemon.address, "/ready", TOKEN).unwrap().status, 200);
    daemon.kill();
    let checked = run(&["verify", "--data", data.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    let mut store = SqliteReader::open(&data).unwrap();
    let names: Vec<String> = (0..=accepted).map(|n| format!("c{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(store.find(&names).unwrap().iter().all(Option::is_some));
}

#[test]
#[ignore = "mounts a file system, which takes root"]
fn on_a_real_disk_that_cannot_be_written_it_does_not_start_and_says_why() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let _mounted = Mounted::new(&data, "size=2m,ro");
    let source = root.path().join("program.json");
    std::fs::write(&source, crate::shop::program().to_json()).unwrap();
    let (source, data) = (source.to_str().unwrap(), data.to_str().unwrap());
    let output = run(&["run", source, "--data", data, "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).contains("cannot be written"),
        "{}",
        text(&output.stderr)
    );
}
