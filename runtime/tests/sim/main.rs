//! The whole of the store and the process on a simulated clock, disk and network, with sudden ends between and within
//! any two calls of the disk. What is real here and what is simulated is said in `docs/reliability.md`.
//!
//! `SIM_SEEDS=10000` lives more lives, `SIM_FROM=…` begins elsewhere, `SIM_SEED=…` lives one again.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should fail there and then"
)]

mod chance;
mod clients;
mod deploys;
mod disk;
mod journal;
mod life;
#[path = "../it/plain/mod.rs"]
mod plain;
mod provider;
mod scene;
mod shops;
mod spooled;
mod truth;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use life::{Life, Lived, Planted};
use scene::Scene;

/// How many lives are lived unless somebody asks for more.
const SEEDS: u64 = 100;
/// How much happens in one.
const STEPS: usize = 60;

fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Lives lives on all cores, and says which went wrong first.
fn lives(scene: &Scene, from: u64, count: u64) -> Lived {
    let next = AtomicU64::new(from);
    let all = Mutex::new(Lived::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        return;
                    }
                    let lived = one(scene, seed);
                    all.lock().unwrap().add(lived);
                }
            });
        }
    });
    all.into_inner().unwrap()
}

fn one(scene: &Scene, seed: u64) -> Lived {
    let life = || Life::live(scene, seed, Planted::Nothing);
    catch_unwind(AssertUnwindSafe(life)).unwrap_or_else(|wrong| {
        println!("SIM_SEED={seed} cargo test -p journeyd --test sim");
        resume_unwind(wrong)
    })
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_known_is_done_twice() {
    let mut scene = Scene::new(STEPS);
    if let Some(seed) = asked("SIM_SEED") {
        scene.closely = true;
        println!("{:?}", one(&scene, seed));
        return;
    }
    let (from, count) = (asked("SIM_FROM").unwrap_or(0), asked("SIM_SEEDS"));
    let lived = lives(&scene, from, count.unwrap_or(SEEDS));
    println!("{lived:?}");
}

/// Whether a fault that is planted is found in one of so many lives.
fn is_found(planted: Planted, lives: u64) -> bool {
    let scene = Scene::new(STEPS);
    (0..lives).any(|seed| {
        let life = || Life::live(&scene, seed, planted);
        catch_unwind(AssertUnwindSafe(life)).is_err()
    })
}

#[test]
fn a_disk_that_lies_about_syncing_is_found() {
    assert!(is_found(Planted::LyingDisk, 50));
}

#[test]
fn a_store_that_answers_before_it_has_synced_is_found() {
    assert!(is_found(Planted::EarlyAnswer, 50));
}

#[test]
fn a_spooled_request_that_is_left_out_is_found() {
    assert!(is_found(Planted::LeftOut, 50));
}

#[test]
fn a_turn_that_is_lost_is_found() {
    assert!(is_found(Planted::LostTurn, 10));
}

#[test]
fn work_behind_a_deploy_that_is_lost_is_found() {
    assert!(is_found(Planted::LostWorkBehind, 10));
}

#[test]
fn a_message_that_is_sent_again_is_found() {
    assert!(is_found(Planted::SecondSend, 10));
}
