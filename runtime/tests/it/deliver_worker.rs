//! What the workers do with what the channels say: retries, giving up, doubt, pauses and stopping.
//!
//! Tokio's time is paused, so that [`settled`] ends exactly when every task and every call of the outbox is done with
//! what it could do. The daemon's own time is a [`ManualClock`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use journey_engine::Intent;
use journey_ir::Purpose;
use journey_ir::project::OnUnclear;
use journey_ir::time::{DAY, HOUR, Instant, MINUTE, SECOND};
use journeyd::clock::{Clock, ManualClock};
use journeyd::deliver::attempt::Attempt;
use journeyd::deliver::retry::Terms;
use journeyd::deliver::{Bell, Carrier, Carrying, Claimed, Outbox, Outcome, Pace, Workers};
use tokio::sync::Semaphore;

use crate::doubles::outbox::MemoryOutbox;
use crate::doubles::{NOON, call, mail};

type Script = Box<dyn Fn(&Claimed, Instant) -> Attempt + Send + Sync>;

/// A carrier whose attempts end as the script says, once the gate lets them.
struct Scripted {
    script: Script,
    clock: Arc<ManualClock>,
    gate: Arc<Semaphore>,
    /// The keys' first bytes, in the order they were tried.
    tried: Mutex<Vec<u8>>,
    under_way: Mutex<usize>,
}

struct Shared(Arc<Scripted>);

impl Carrier for Shared {
    fn terms(&self, claimed: &Claimed) -> Terms {
        let transactional = matches!(
            &claimed.effect.what,
            Intent::Send(send) if send.purpose == Purpose::Transactional
        );
        Terms {
            on_unclear: if transactional {
                OnUnclear::Retry
            } else {
                OnUnclear::Skip
            },
            late_after: DAY,
        }
    }

    fn carry(&self, claimed: Claimed) -> Carrying {
        let scripted = Arc::clone(&self.0);
        scripted.tried.lock().unwrap().push(claimed.effect.key.0[0]);
        *scripted.under_way.lock().unwrap() += 1;
        Box::pin(async move {
            let _pass = scripted.gate.acquire().await.unwrap();
            let ended = (scripted.script)(&claimed, scripted.clock.now());
            *scripted.under_way.lock().unwrap() -= 1;
            ended
        })
    }
}

struct Scene {
    outbox: Arc<MemoryOutbox>,
    clock: Arc<ManualClock>,
    carrier: Arc<Scripted>,
    bell: Bell,
    workers: Workers,
}

fn start(
    outbox: Arc<MemoryOutbox>,
    passes: usize,
    script: impl Fn(&Claimed, Instant) -> Attempt + Send + Sync + 'static,
) -> Scene {
    let clock = Arc::new(ManualClock::at(NOON));
    let carrier = Arc::new(Scripted {
        script: Box::new(script),
        clock: Arc::clone(&clock),
        gate: Arc::new(Semaphore::new(passes)),
        tried: Mutex::default(),
        under_way: Mutex::default(),
    });
    let bell = Bell::new();
    let pace = Pace {
        concurrency: 4,
        lease: 10 * MINUTE,
    };
    let shared: Arc<dyn Carrier> = Arc::new(Shared(Arc::clone(&carrier)));
    let (store, time): (Arc<dyn Outbox>, Arc<dyn Clock>) = (outbox.clone(), clock.clone());
    let workers = Workers::start(&store, &shared, &time, &bell, pace);
    Scene {
        outbox,
        clock,
        carrier,
        bell,
        workers,
    }
}

/// Ends when nothing can go on by itself: paused time moves only then.
async fn settled() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

const OPEN: usize = Semaphore::MAX_PERMITS;

#[tokio::test(start_paused = true)]
async fn what_is_decided_is_carried_out_once() {
    let outbox = MemoryOutbox::with((1..=40).map(|n| mail(n, Purpose::Advertising)));
    let scene = start(outbox, OPEN, |claimed, _| {
        Attempt::done(format!("id-{}", claimed.effect.key.0[0]))
    });
    settled().await;
    for row in scene.outbox.rows() {
        let id = format!("id-{}", row.effect.key.0[0]);
        assert_eq!(
            row.outcomes,
            [Outcome::Done {
                provider_id: Some(id)
            }]
        );
    }
    scene.outbox.add(mail(41, Purpose::Advertising));
    settled().await;
    assert!(scene.outbox.row(41).outcomes.is_empty(), "nobody rang");
    scene.bell.ring();
    settled().await;
    assert!(scene.outbox.row(41).is_over());
    // Four places, and two that wait for the next to become free.
    assert!(*scene.outbox.largest_claim.lock().unwrap() <= 6);
    assert!(scene.workers.stop(Duration::from_secs(1)).await);
}

#[tokio::test(start_paused = true)]
async fn attempts_that_panic_leave_their_places_to_others() {
    let outbox = MemoryOutbox::with((1..=9).map(|n| mail(n, Purpose::Advertising)));
    let scene = start(outbox, OPEN, |claimed, _| {
        assert!(claimed.effect.key.0[0] > 4, "a fault");
        Attempt::done("id".to_owned())
    });
    settled().await;
    let rows = scene.outbox.rows();
    let over: Vec<bool> = rows.iter().map(|row| !row.outcomes.is_empty()).collect();
    assert_eq!(over[..4], [false; 4]);
    assert_eq!(over[4..], [true; 5]);
}

/// A provider that answers once for each permit, and whose first terms are a fault where it is said so.
struct Stepwise {
    tried: Mutex<Vec<u8>>,
    permits: Semaphore,
    faulty: AtomicBool,
}

struct OneByOne(Arc<Stepwise>);

impl Carrier for OneByOne {
    fn terms(&self, _: &Claimed) -> Terms {
        assert!(!self.0.faulty.swap(false, Ordering::Relaxed), "a fault");
        Terms {
            on_unclear: OnUnclear::Retry,
            late_after: DAY,
        }
    }

    fn carry(&self, claimed: Claimed) -> Carrying {
        let provider = Arc::clone(&self.0);
        Box::pin(async move {
            provider.tried.lock().unwrap().push(claimed.effect.key.0[0]);
            provider.permits.acquire().await.unwrap().forget();
            Attempt::done("id".to_owned())
        })
    }
}

fn one_by_one(
    outbox: &Arc<MemoryOutbox>,
    faulty: bool,
) -> (Arc<Stepwise>, Arc<ManualClock>, Workers) {
    let provider = Arc::new(Stepwise {
        tried: Mutex::default(),
        permits: Semaphore::new(0),
        faulty: AtomicBool::new(faulty),
    });
    let clock = Arc::new(ManualClock::at(NOON));
    let carrier: Arc<dyn Carrier> = Arc::new(OneByOne(Arc::clone(&provider)));
    let (store, time): (Arc<dyn Outbox>, Arc<dyn Clock>) = (outbox.clone(), clock.clone());
    let pace = Pace {
        concurrency: 4,
        lease: 10 * MINUTE,
    };
    let workers = Workers::start(&store, &carrier, &time, &Bell::new(), pace);
    (provider, clock, workers)
}

#[tokio::test(start_paused = true)]
async fn what_is_revoked_between_its_claim_and_its_call_is_not_called() {
    let outbox = MemoryOutbox::with((1..=8).map(|n| mail(n, Purpose::Advertising)));
    let (provider, _clock, _workers) = one_by_one(&outbox, false);
    settled().await;
    provider.permits.add_permits(2);
    settled().await;
    let tried = || provider.tried.lock().unwrap().len();
    assert_eq!(tried(), 6);
    // Two are claimed and wait for a place.
    let waiting: Vec<u8> = (1..=8)
        .filter(|n| !provider.tried.lock().unwrap().contains(n))
        .collect();
    for number in &waiting {
        let row = outbox.row(*number);
        assert!(row.held_until.is_some() && row.outcomes.is_empty());
        outbox.change(*number, |row| row.revoked = true);
    }
    provider.permits.add_permits(100);
    settled().await;
    assert_eq!((waiting.len(), tried()), (2, 6));
    for number in waiting {
        assert_eq!(outbox.row(number).outcomes, [Outcome::GivenBack]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_ends_badly_begins_anew() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising)]);
    let (provider, clock, workers) = one_by_one(&outbox, true);
    provider.permits.add_permits(100);
    settled().await;
    assert!(outbox.row(1).outcomes.is_empty());
    // What it had comes back when its lease is over.
    clock.advance(SECOND);
    settled().await;
    clock.advance(10 * MINUTE);
    settled().await;
    assert!(outbox.row(1).is_over());
    assert!(workers.stop(Duration::from_secs(1)).await);
}

/// A provider that carries out two, and then never answers.
#[derive(Default)]
struct Hangs(Mutex<usize>);

impl Carrier for Hangs {
    fn terms(&self, _: &Claimed) -> Terms {
        Terms {
            on_unclear: OnUnclear::Skip,
            late_after: DAY,
        }
    }

    fn carry(&self, _: Claimed) -> Carrying {
        let mut tried = self.0.lock().unwrap();
        *tried += 1;
        let answers = *tried <= 2;
        Box::pin(async move {
            if !answers {
                std::future::pending::<()>().await;
            }
            Attempt::done("id".to_owned())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_too_long_for_a_place_goes_back_untried() {
    let outbox = MemoryOutbox::with((1..=12).map(|n| mail(n, Purpose::Advertising)));
    let (clock, hangs) = (Arc::new(ManualClock::at(NOON)), Arc::new(Hangs::default()));
    let (store, time): (Arc<dyn Outbox>, Arc<dyn Clock>) = (outbox.clone(), clock.clone());
    let carrier: Arc<dyn Carrier> = hangs.clone();
    let pace = Pace {
        concurrency: 4,
        lease: 10 * MINUTE,
    };
    let _workers = Workers::start(&store, &carrier, &time, &Bell::new(), pace);
    settled().await;
    let of = |wanted: fn(&Outcome) -> bool| {
        let rows = outbox.rows();
        let all = rows.iter().flat_map(|row| row.outcomes.clone());
        all.filter(wanted).count()
    };
    let given_back = |it: &Outcome| *it == Outcome::GivenBack;
    let claimed = outbox.rows().iter().filter(|row| row.attempts > 0).count();
    assert_eq!(
        (claimed, *hangs.0.lock().unwrap(), of(given_back)),
        (8, 6, 0)
    );
    clock.set(NOON + SECOND + 1);
    settled().await;
    assert_eq!((*hangs.0.lock().unwrap(), of(given_back)), (6, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_until_it_succeeds() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising)]);
    let scene = start(outbox, OPEN, |claimed, _| match claimed.attempts {
        0..3 => Attempt::failed("451 greylisted"),
        _ => Attempt::done(None),
    });
    settled().await;
    let mut waits = Vec::new();
    while let Some(Outcome::Retry { after, .. }) = scene.outbox.row(1).outcomes.last().cloned() {
        waits.push(after - scene.clock.now());
        scene.clock.set(after - 1);
        settled().await;
        assert_eq!(
            scene.outbox.row(1).outcomes.len(),
            waits.len(),
            "not before its time"
        );
        scene.clock.set(after);
        settled().await;
    }
    assert_eq!(waits.len(), 3);
    assert!(
        waits.is_sorted() && waits[0] <= 5 * SECOND && waits[2] > 14 * SECOND,
        "{waits:?}"
    );
    assert_eq!(
        scene.outbox.row(1).outcomes.last(),
        Some(&Outcome::Done { provider_id: None })
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Transactional)]);
    let scene = start(outbox, OPEN, |_, _| Attempt::refused("550 no such user"));
    settled().await;
    scene.clock.advance(HOUR);
    settled().await;
    let reason = "550 no such user".into();
    assert_eq!(scene.outbox.row(1).outcomes, [Outcome::GiveUp { reason }]);
}

#[tokio::test(start_paused = true)]
async fn the_providers_wish_to_wait_is_honoured() {
    let outbox = MemoryOutbox::with([call(1, "crm", "create_lead", &[])]);
    let scene = start(outbox, OPEN, |_, _| Attempt::Failed {
        reason: "429".into(),
        retry_after: Some(10 * MINUTE),
        blame: journeyd::deliver::attempt::Blame::Provider,
    });
    settled().await;
    let reason = "429".into();
    let after = NOON + 10 * MINUTE;
    assert_eq!(
        scene.outbox.row(1).outcomes,
        [Outcome::Retry { after, reason }]
    );
}

#[tokio::test(start_paused = true)]
async fn doubt_is_left_for_advertising_and_repeated_for_a_deal() {
    let outbox = MemoryOutbox::with([
        mail(1, Purpose::Advertising),
        mail(2, Purpose::Transactional),
    ]);
    let scene = start(outbox, OPEN, |claimed, _| match claimed.attempts {
        0 => Attempt::unclear("lost after DATA"),
        _ => Attempt::done(None),
    });
    settled().await;
    scene.clock.advance(MINUTE);
    settled().await;
    let reason = "lost after DATA".into();
    assert_eq!(scene.outbox.row(1).outcomes, [Outcome::Unclear { reason }]);
    let second = scene.outbox.row(2).outcomes;
    assert!(
        matches!(second[..], [Outcome::Retry { .. }, Outcome::Done { .. }]),
        "{second:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_only_what_may_be_repeated_is_repeated() {
    let outbox = MemoryOutbox::with([
        mail(1, Purpose::Advertising),
        mail(2, Purpose::Transactional),
    ]);
    for number in [1, 2] {
        outbox.change(number, |row| {
            row.attempts = 1;
            row.held_until = Some(NOON + 5 * MINUTE);
        });
    }
    let scene = start(outbox, OPEN, |_, _| Attempt::done(None));
    settled().await;
    assert!(
        scene.carrier.tried.lock().unwrap().is_empty(),
        "the lease of the dead worker holds"
    );
    scene.clock.advance(5 * MINUTE);
    settled().await;
    assert_eq!(*scene.carrier.tried.lock().unwrap(), [2]);
    assert!(matches!(
        scene.outbox.row(1).outcomes[..],
        [Outcome::Unclear { .. }]
    ));
    assert!(matches!(
        scene.outbox.row(2).outcomes[..],
        [Outcome::Done { .. }]
    ));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_for_hours_costs_nobody_their_message() {
    let outbox = MemoryOutbox::with((1..=30).map(|n| mail(n, Purpose::Advertising)));
    let back = NOON + 5 * HOUR;
    let scene = start(outbox, OPEN, move |_, now| {
        if now < back {
            Attempt::provider_down("connection refused")
        } else {
            Attempt::done(None)
        }
    });
    while scene.clock.now() < back {
        scene.clock.advance(MINUTE);
        settled().await;
    }
    let while_down = scene.carrier.tried.lock().unwrap().len();
    assert!(
        while_down < 200,
        "one at a time asks whether it is back: {while_down} attempts"
    );
    while scene.clock.now() < back + HOUR {
        scene.clock.advance(MINUTE);
        settled().await;
    }
    for row in scene.outbox.rows() {
        assert_eq!(
            row.outcomes.last(),
            Some(&Outcome::Done { provider_id: None })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_too_late_is_not_sent() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising), mail(2, Purpose::Advertising)]);
    outbox.change(1, |row| row.effect.at = NOON - DAY - 1);
    outbox.change(2, |row| row.effect.at = NOON - DAY + SECOND);
    let scene = start(outbox, OPEN, |_, _| Attempt::failed("451"));
    settled().await;
    assert_eq!(*scene.carrier.tried.lock().unwrap(), [2]);
    let of = |number| scene.outbox.row(number).outcomes.last().cloned();
    let given_up = |outcome, because: &str| matches!(&outcome, Some(Outcome::GiveUp { reason }) if reason.in_full().contains(because));
    assert!(given_up(of(1), "its time has passed"));
    assert!(given_up(of(2), "after 1 attempts; at last: 451"));
}

#[tokio::test(start_paused = true)]
async fn a_revoked_effect_is_never_tried() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising), mail(2, Purpose::Advertising)]);
    let scene = start(Arc::clone(&outbox), OPEN, |claimed, _| {
        match claimed.attempts {
            0 => Attempt::failed("451"),
            _ => Attempt::done(None),
        }
    });
    settled().await;
    outbox.change(1, |row| row.revoked = true);
    scene.clock.advance(MINUTE);
    settled().await;
    let mut tried = scene.carrier.tried.lock().unwrap().clone();
    tried.sort_unstable();
    assert_eq!(tried, [1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_lane_holds_no_more_than_it_can_start() {
    let outbox = MemoryOutbox::with((1..=100).map(|n| mail(n, Purpose::Advertising)));
    outbox.add(call(200, "crm", "create_lead", &[]));
    let scene = start(outbox, 0, |_, _| Attempt::done(None));
    settled().await;
    assert_eq!(
        *scene.carrier.under_way.lock().unwrap(),
        5,
        "four mails, and the call by its own lane"
    );
    scene.carrier.gate.add_permits(1_000);
    settled().await;
    assert!(
        scene
            .outbox
            .rows()
            .iter()
            .all(super::doubles::outbox::Row::is_over)
    );
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_what_is_under_way_and_begins_nothing() {
    let outbox = MemoryOutbox::with((1..=9).map(|n| mail(n, Purpose::Advertising)));
    let scene = start(outbox, 0, |_, _| Attempt::done(None));
    settled().await;
    let gate = Arc::clone(&scene.carrier.gate);
    let stopping = tokio::spawn(scene.workers.stop(Duration::from_mins(1)));
    tokio::task::yield_now().await;
    gate.add_permits(1_000);
    assert!(stopping.await.unwrap());
    let over = scene
        .outbox
        .rows()
        .iter()
        .filter(|row| row.is_over())
        .count();
    assert_eq!(over, 4);
    assert!(
        scene
            .outbox
            .rows()
            .iter()
            .all(|row| row.held_until.is_none())
    );
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_left_to_its_lease_when_the_grace_is_over() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising)]);
    let scene = start(outbox, 0, |_, _| Attempt::done(None));
    settled().await;
    assert!(!scene.workers.stop(Duration::from_secs(5)).await);
    assert_eq!(scene.outbox.row(1).held_until, Some(NOON + 10 * MINUTE));
}

#[tokio::test(start_paused = true)]
async fn outcomes_survive_a_store_that_is_away_for_a_while() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising)]);
    let scene = start(outbox, 0, |_, _| Attempt::done(None));
    settled().await;
    *scene.outbox.broken.lock().unwrap() = true;
    scene.carrier.gate.add_permits(1);
    settled().await;
    assert!(scene.outbox.row(1).outcomes.is_empty());
    *scene.outbox.broken.lock().unwrap() = false;
    scene.clock.advance(MINUTE);
    settled().await;
    assert_eq!(
        scene.outbox.row(1).outcomes,
        [Outcome::Done { provider_id: None }]
    );
    assert_eq!(scene.carrier.tried.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_before_its_lease_does() {
    let outbox = MemoryOutbox::with([mail(1, Purpose::Advertising)]);
    let scene = start(outbox, 0, |_, _| Attempt::done(None));
    settled().await;
    tokio::time::sleep(Duration::from_mins(8)).await;
    let reason = "it did not end in time".into();
    assert_eq!(scene.outbox.row(1).outcomes, [Outcome::Unclear { reason }]);
}
