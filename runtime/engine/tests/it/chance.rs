//! Splits that are measured and kept, draws with a stock, every k-th time, people who are held out.

use journey_engine::{Claim, Contact, Item, Outcome};
use journey_ir::journey::{Measured, Prize, Reenter};
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

fn split(arms: &[(&str, u32)], measured: Option<Measured>) -> StepKind {
    StepKind::Split {
        name: "subject".into(),
        arms: arms
            .iter()
            .map(|(name, weight)| split_arm(name, *weight, None))
            .collect(),
        measured,
    }
}

fn measured(b: &mut Build) -> (EventIx, EventIx) {
    let start = b.event("start", &[]);
    let buy = b.event("buy", &[]);
    let arms = [("a", 5_000), ("b", 5_000)];
    let measured = Measured {
        event: buy,
        filter: None,
        within: days(3),
    };
    b.journey("j", when(start), vec![split(&arms, Some(measured))])
        .reenter = Reenter::AnyTime;
    (start, buy)
}

#[test]
fn a_success_counts_for_its_arm_once_and_after_the_run_has_ended() {
    for (after, counts) in [(0, 0), (1, 1), (3 * DAY, 1), (3 * DAY + 1, 0)] {
        let mut b = Build::new();
        let (start, buy) = measured(&mut b);
        let mut p = b.person();
        p.does(MONDAY, start, &[]);
        assert!(p.tells("took all its steps"));
        p.does(MONDAY + after, buy, &[]);
        p.does(MONDAY + after, buy, &[]);
        assert_eq!(p.times("a success of"), counts, "{after}: {}", p.story());
    }
}

#[test]
fn a_success_heard_of_late_counts_by_when_it_happened() {
    let mut b = Build::new();
    let (start, buy) = measured(&mut b);
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    p.does_late(MONDAY + 2 * DAY, MONDAY + 4 * DAY, buy, &[]);
    assert_eq!(p.times("a success of"), 1);
}

#[test]
fn a_person_keeps_an_arm_when_the_shares_change() {
    let program = |a: u32| {
        let mut b = Build::new();
        let start = b.event("start", &[]);
        let arms = [("a", a), ("b", 10_000 - a)];
        b.journey("j", when(start), vec![split(&arms, None)])
            .reenter = Reenter::AnyTime;
        (b.link(), start)
    };
    let (before, start) = program(9_999);
    let (after, _) = program(1);
    let mut p = Person::in_program(before);
    p.does(MONDAY, start, &[]);
    assert_eq!(p.times("a of subject"), 1);
    p.contact = Contact::decode(&p.contact.encode(), &after).unwrap();
    p.program = after;
    p.does(MONDAY + DAY, start, &[]);
    assert_eq!(p.times("a of subject"), 2, "{}", p.story());
}

/// A draw in which everybody draws the box, of which there is one.
fn boxes() -> (Build, EventIx) {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let prize = |name: &str, weight, stock, to| Prize {
        name: name.into(),
        weight,
        stock,
        next: next(to),
    };
    let draw = StepKind::Draw {
        name: "box".into(),
        arms: vec![
            prize("한우", 10_000, Some(1), 1),
            prize("otherwise", 0, None, 2),
        ],
    };
    b.journey("j", when(start), vec![draw, exit("won"), exit("lost")]);
    (b, start)
}

fn answer(p: &mut Person, granted: bool) {
    let claim: Claim = p.out.claims.pop().unwrap();
    let item = Item::Granted {
        run: claim.run,
        prize: claim.what.name().to_owned(),
        granted,
        occurred_at: p.contact.clock(),
    };
    let now = p.contact.clock();
    p.item(&item, now);
}

#[test]
fn a_prize_with_a_stock_is_claimed_and_the_run_waits_for_the_answer() {
    for (granted, reason) in [(true, "won"), (false, "lost")] {
        let (b, start) = boxes();
        let mut p = b.person();
        p.does(MONDAY, start, &[]);
        p.until(MONDAY + DAY);
        assert_eq!(p.out.claims.len(), 1);
        assert_eq!(p.out.claims[0].limits[0].of, 1);
        assert!(!p.tells("exited"));
        answer(&mut p, granted);
        assert!(p.tells(&format!("exited as {reason}")), "{}", p.story());
    }
}

#[test]
fn a_grant_that_nobody_waits_for_changes_nothing() {
    let (b, start) = boxes();
    let mut p = b.person();
    p.does(MONDAY, start, &[]);
    let run = p.out.claims[0].run;
    answer(&mut p, true);
    let before = p.contact.clone();
    let again = Item::Granted {
        run,
        prize: "한우".into(),
        granted: false,
        occurred_at: MONDAY + HOUR,
    };
    p.item(&again, MONDAY + HOUR);
    assert_eq!(p.times("exited as won"), 1);
    assert_eq!(p.contact.runs(&p.program), before.runs(&p.program));
}

#[test]
fn odds_share_people_out_and_a_result_never_changes() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let prize = |name: &str, weight| Prize {
        name: name.into(),
        weight,
        stock: None,
        next: None,
    };
    let draw = StepKind::Draw {
        name: "box".into(),
        arms: vec![prize("rare", 1_000), prize("otherwise", 9_000)],
    };
    b.journey("j", when(start), vec![draw]);
    let program = b.link();
    let mut rare = 0;
    for n in 0..2_000 {
        let mut p = Person::unknown(program.clone());
        p.contact = Contact::new(&format!("contact {n}"));
        let mut same = p.clone();
        p.does(MONDAY, start, &[]);
        same.does(MONDAY, start, &[]);
        assert_eq!(p.story(), same.story());
        rare += p.times("rare of box");
    }
    assert!((150..250).contains(&rare), "{rare}");
}

#[test]
fn every_third_entry_goes_another_way() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let every = StepKind::EveryNth {
        n: 3,
        then: next(1),
        otherwise: next(2),
    };
    b.journey("j", when(start), vec![every, exit("third"), exit("other")])
        .reenter = Reenter::AnyTime;
    let mut p = b.person();
    for day in 0..7 {
        p.does(MONDAY + day * DAY, start, &[]);
    }
    assert_eq!(p.times("exited as third"), 2);
    assert_eq!(p.times("exited as other"), 5);
}

#[test]
fn a_person_who_is_held_out_gets_no_such_message_and_the_reason_is_told() {
    for (share, sent) in [(0, 1), (10_000, 0)] {
        let mut b = Build::new();
        let start = b.event("start", &[]);
        let mail = b.mail("hello");
        b.journey("j", when(start), vec![send(mail, None)]);
        b.ir.policies.push(Policy {
            name: "control".into(),
            title: None,
            rules: vec![PolicyRule::HoldOut {
                share,
                purpose: Some(Purpose::Transactional),
            }],
        });
        let mut p = b.person();
        p.does(MONDAY, start, &[]);
        assert_eq!(p.mails().len(), sent);
        assert_eq!(p.tells("held out by control"), sent == 0);
    }
}

#[test]
fn a_journey_lets_nobody_in_before_it_starts_and_ends_all_runs_when_it_ends() {
    let mut b = Build::new();
    let start = b.event("start", &[]);
    let journey = b.journey("j", when(start), vec![wait(days(9), 0, None)]);
    journey.starts = Some(MONDAY + DAY);
    journey.ends = Some(MONDAY + 3 * DAY);
    journey.reenter = Reenter::AnyTime;
    let mut p = b.person();
    p.does(MONDAY + DAY - 1, start, &[]);
    assert!(p.tells("it has not started"));
    p.does(MONDAY + DAY, start, &[]);
    assert_eq!(p.contact.next_wake(), Some(MONDAY + 3 * DAY));
    p.until(MONDAY + 4 * DAY);
    assert_eq!(p.when("exited as ended"), Some(MONDAY + 3 * DAY));
    p.does(MONDAY + 4 * DAY, start, &[]);
    assert!(p.tells("it has ended"));
}

#[test]
fn a_message_that_cannot_be_sent_in_time_is_passed_over() {
    for (hour, sent) in [(20, 1), (22, 0)] {
        let mut b = Build::new();
        let start = b.event("start", &[]);
        let mail = b.mail("flash");
        let flash = StepKind::Send {
            candidates: vec![mail],
            args: vec![],
            between: None,
            within: Some(hours(2)),
            next: next(1),
        };
        b.journey("j", when(start), vec![flash, exit("on")]);
        b.ir.policies.push(Policy {
            name: "quiet".into(),
            title: None,
            rules: vec![PolicyRule::Quiet {
                purpose: None,
                from: clock(21, 0),
                to: clock(8, 0),
                except: vec![],
                unless: vec![],
                then: Then::Wait,
            }],
        });
        let mut p = b.person();
        p.does(MONDAY + hour * HOUR, start, &[]);
        p.until(MONDAY + 3 * DAY);
        assert_eq!(p.mails().len(), sent);
        assert!(p.tells("exited as on"));
        assert_eq!(p.tells("expired"), sent == 0, "{}", p.story());
    }
}

#[test]
fn two_contacts_who_are_one_keep_their_runs_and_of_two_alike_the_older() {
    let mut b = Build::new();
    let one = b.event("one", &[]);
    let two = b.event("two", &[]);
    let mail = b.mail("hello");
    for (name, event) in [("a", one), ("b", two)] {
        let steps = vec![wait(days(5), 0, next(1)), send(mail, None)];
        b.journey(name, when(event), steps);
    }
    let program = b.link();
    let mut stays = Person::in_program(program.clone());
    let mut gone = Person::unknown(program.clone());
    gone.contact = Contact::new("anonymous");
    stays.does(MONDAY + DAY, one, &[]);
    gone.does(MONDAY, one, &[]);
    gone.does(MONDAY + HOUR, two, &[]);
    let mut out = Outcome::default();
    let now = MONDAY + 2 * DAY;
    let leaving = gone.contact.clone();
    let absorbed = journey_engine::absorb(&program, &mut stays.contact, leaving, now, &mut out);
    assert_eq!(absorbed.runs.len(), 2, "the older of a, and b");
    assert!(absorbed.ended.is_empty());
    assert_eq!(out.revoked.len(), 1, "the younger of a");
    stays.until(MONDAY + 9 * DAY);
    let times: Vec<Instant> = stays.mails().into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [MONDAY + 5 * DAY, MONDAY + 5 * DAY + HOUR]);
    // Both remember that they have been in `a`.
    stays.does(MONDAY + 10 * DAY, one, &[]);
    assert!(stays.tells("entered before"));
}
