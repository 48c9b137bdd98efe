//! The thread that owns the process: who waits for it is answered once it is durable, or told why not.

use std::sync::Arc;

use journey_ir::time::HOUR;
use journeyd::clock::ManualClock;
use journeyd::deliver::Bell;
use journeyd::process::{SubmitError, worker};
use journeyd::store::Read as _;

use crate::shop::{MONDAY, batch, effects, known, open, purchase, tally, with_address};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_means_that_it_is_on_disk() {
    let root = tempfile::tempdir().unwrap();
    let shop = open(root.path());
    let program = Arc::clone(shop.program());
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, thread) = worker::start(shop, clock.clone(), Bell::new(), i64::MAX).unwrap();
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..200 {
        let handle = handle.clone();
        let folder = root.path().to_owned();
        let id = format!("c{n}");
        let one = vec![
            with_address(&program, &id, MONDAY),
            purchase(&program, known(&id), "o", MONDAY),
        ];
        asked.spawn(async move {
            let receipt = handle.submit(batch(one), 100).await.unwrap();
            assert_eq!(receipt.accepted, 2);
            let mut reader = journeyd::store::SqliteReader::open(&folder).unwrap();
            reader.find(&[&id]).unwrap()[0].is_some()
        });
    }
    while let Some(durable) = asked.join_next().await {
        assert!(durable.unwrap());
    }
    // An hour later everyone is asked, without anybody calling.
    clock.advance(HOUR);
    handle.stop().await;
    let mut shop = tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    assert_eq!(effects(&mut shop).len(), 400);
    assert_eq!(tally(&mut shop, "completed", ""), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_can_wait_is_refused_and_nothing_of_it_happens() {
    let root = tempfile::tempdir().unwrap();
    let shop = open(root.path());
    let program = Arc::clone(shop.program());
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, thread) = worker::start(shop, clock, Bell::new(), i64::MAX).unwrap();
    let one = || batch(vec![purchase(&program, known("a"), "o1", MONDAY)]);
    let refused = handle.submit(one(), 1 << 30).await;
    assert!(matches!(refused, Err(SubmitError::Busy)), "{refused:?}");
    assert_eq!(handle.submit(one(), 100).await.unwrap().accepted, 1);
    handle.stop().await;
    tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    let late = handle.submit(one(), 100).await;
    assert!(matches!(late, Err(SubmitError::Stopping)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_with_the_disk_is_told_to_those_who_wait_and_kept_in_sight() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open(root.path());
    let program = Arc::clone(shop.program());
    shop.store().limit(Some(20_000));
    let clock = Arc::new(ManualClock::at(MONDAY));
    let (handle, _thread) = worker::start(shop, clock, Bell::new(), i64::MAX).unwrap();
    assert!(handle.trouble().is_none());
    let many = (0..400).map(|n| with_address(&program, &format!("c{n}"), MONDAY));
    let failed = handle.submit(batch(many.collect()), 100).await;
    assert!(matches!(failed, Err(SubmitError::Store(_))), "{failed:?}");
    let told = handle.trouble().unwrap().to_string();
    assert!(told.contains("free some space"), "{told}");
    // Smaller things still fit, and then all is well again.
    let small = batch(vec![with_address(&program, "a", MONDAY)]);
    assert_eq!(handle.submit(small, 100).await.unwrap().accepted, 1);
    assert!(handle.trouble().is_none());
}
