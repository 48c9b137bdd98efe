//! Who enters, how often, and what ends a run.

use journey_engine::Item;
use journey_ir::journey::Reenter;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

#[test]
fn an_entry_condition_sees_the_event_that_triggers_it() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let twice = b.did(purchase, 2, Window::Ever, 0);
    let first = b.not(twice);
    let mail = b.mail("first");
    let entry = Entry::When {
        trigger: on(purchase),
        condition: Some(first),
    };
    b.journey("first", entry, vec![send(mail, None)]).reenter = Reenter::AnyTime;
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.does(MONDAY + DAY, purchase, &[]);
    assert_eq!(p.mails(), [(MONDAY, "first".into())]);
}

#[test]
fn a_contact_enters_once_unless_the_journey_says_otherwise() {
    for (reenter, expected) in [
        (Reenter::Never, vec![0]),
        (Reenter::After(days(3)), vec![0, 3]),
        (Reenter::AnyTime, vec![0, 1, 2, 3, 4]),
    ] {
        let mut b = Build::new();
        let visit = b.event("visit", &[]);
        let mail = b.mail("hi");
        b.journey("j", when(visit), vec![send(mail, None)]).reenter = reenter;
        let mut p = b.person();
        for day in 0..5 {
            p.does(MONDAY + day * DAY, visit, &[]);
        }
        let days: Vec<_> = p
            .mails()
            .iter()
            .map(|(at, _)| (at - MONDAY) / DAY)
            .collect();
        assert_eq!(days, expected, "{reenter:?}");
        assert_eq!(p.times("did not enter"), 5 - expected.len());
    }
}

#[test]
fn a_repeat_while_inside_is_ignored_and_told() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    b.journey("j", when(visit), vec![wait(days(2), 0, None)])
        .reenter = Reenter::AnyTime;
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    p.does(MONDAY + DAY, visit, &[]);
    assert!(p.tells("did not enter j: already inside"));
    assert_eq!(p.times("entered j"), 1);
}

#[test]
fn a_run_never_starts_twice_from_one_event() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    let mail = b.mail("hi");
    b.journey("j", when(visit), vec![send(mail, None)]).reenter = Reenter::AnyTime;
    let mut p = b.person();
    let event = Item::Event(journey_engine::Event {
        id: journey_engine::EventId::of("once"),
        kind: visit,
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: vec![],
    });
    p.item(&event, MONDAY);
    p.item(&event, MONDAY);
    assert_eq!(p.mails().len(), 1);
    assert!(p.tells("the same event has started a run already"));
}

fn carts(restart: bool) -> (Build, EventIx) {
    let mut b = Build::new();
    let cart = b.event("add_to_cart", &[("cart_id", Type::Text)]);
    let mail = b.mail("cart");
    let journey = b.journey(
        "rescue",
        when(cart),
        vec![wait(days(1), 0, next(1)), send(mail, None)],
    );
    journey.run_key = Some(FieldIx(0));
    journey.restart = restart;
    journey.reenter = Reenter::AnyTime;
    (b, cart)
}

#[test]
fn runs_are_keyed_by_a_field() {
    let (b, cart) = carts(false);
    let mut p = b.person();
    p.does(MONDAY, cart, &[text("a")]);
    p.does(MONDAY + HOUR, cart, &[text("b")]);
    p.does(MONDAY + 2 * HOUR, cart, &[text("a")]);
    p.until(MONDAY + 9 * DAY);
    let times: Vec<_> = p
        .mails()
        .iter()
        .map(|(at, _)| (at - MONDAY) / HOUR)
        .collect();
    assert_eq!(times, [24, 25]);
    assert_eq!(p.times("already inside"), 1);
}

#[test]
fn a_repeat_restarts_the_run_of_its_key() {
    let (b, cart) = carts(true);
    let mut p = b.person();
    p.does(MONDAY, cart, &[text("a")]);
    p.does(MONDAY + HOUR, cart, &[text("b")]);
    p.does(MONDAY + 2 * HOUR, cart, &[text("a")]);
    p.until(MONDAY + 9 * DAY);
    let times: Vec<_> = p
        .mails()
        .iter()
        .map(|(at, _)| (at - MONDAY) / HOUR)
        .collect();
    assert_eq!(times, [25, 26]);
    assert_eq!(p.times("was started anew"), 1);
}

#[test]
fn keyed_runs_are_capped() {
    let (b, cart) = carts(false);
    let mut p = b.person();
    for n in 0..150 {
        p.does(MONDAY + n, cart, &[text(&n.to_string())]);
    }
    assert_eq!(p.times("entered rescue"), 100);
    assert_eq!(p.times("too many runs"), 50);
}

#[test]
fn a_goal_ends_the_run_wherever_it_is_parked() {
    let mut b = Build::new();
    let signup = b.event("signed_up", &[]);
    let purchase = b.event("purchase", &[]);
    let mail = b.mail("offer");
    b.journey(
        "welcome",
        when(signup),
        vec![wait(days(3), 0, next(1)), send(mail, None)],
    )
    .goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(14),
        keep_going: false,
    });
    let mut p = b.person();
    p.does(MONDAY, signup, &[]);
    p.does(MONDAY + DAY, purchase, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.when("reached the goal of welcome"), Some(MONDAY + DAY));
    assert!(p.tells("ended at its goal"));
    assert!(p.mails().is_empty());
}

#[test]
fn a_goal_counts_until_its_last_instant_also_after_the_run_ended() {
    for (late, counted) in [(0, true), (1, false)] {
        let mut b = Build::new();
        let signup = b.event("signed_up", &[]);
        let purchase = b.event("purchase", &[]);
        b.journey("welcome", when(signup), vec![exit("sunset")])
            .goal = Some(Goal {
            event: purchase,
            filter: None,
            within: days(14),
            keep_going: false,
        });
        let mut p = b.person();
        p.does(MONDAY, signup, &[]);
        assert!(p.tells("exited as sunset"));
        p.does(MONDAY + 14 * DAY + late, purchase, &[]);
        assert_eq!(p.tells("after the run had ended"), counted);
        p.does(MONDAY + 14 * DAY + late, purchase, &[]);
        assert_eq!(
            p.times("reached the goal"),
            usize::from(counted),
            "once per run"
        );
    }
}

#[test]
fn a_goal_heard_of_late_counts_by_when_it_happened() {
    let mut b = Build::new();
    let signup = b.event("signed_up", &[]);
    let purchase = b.event("purchase", &[]);
    b.journey("welcome", when(signup), vec![exit("done")]).goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(1),
        keep_going: false,
    });
    let mut p = b.person();
    p.does(MONDAY, signup, &[]);
    p.does_late(MONDAY + DAY, MONDAY + 2 * DAY, purchase, &[]);
    assert!(p.tells("reached the goal"));
}

#[test]
fn the_entry_event_is_neither_goal_nor_exit() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    let journey = b.journey("j", when(visit), vec![wait(days(1), 0, None)]);
    journey.goal = Some(Goal {
        event: visit,
        filter: None,
        within: days(7),
        keep_going: true,
    });
    journey.exits = vec![ExitRule {
        trigger: on(visit),
        reason: Some("again".into()),
    }];
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    assert!(!p.tells("goal") && !p.tells("exited"));
    p.does(MONDAY + HOUR, visit, &[]);
    assert!(p.tells("reached the goal") && p.tells("exited as again"));
}

#[test]
fn a_goal_may_let_the_run_go_on() {
    let mut b = Build::new();
    let signup = b.event("signed_up", &[]);
    let purchase = b.event("purchase", &[]);
    let mail = b.mail("tips");
    b.journey(
        "welcome",
        when(signup),
        vec![wait(days(3), 0, next(1)), send(mail, None)],
    )
    .goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(14),
        keep_going: true,
    });
    let mut p = b.person();
    p.does(MONDAY, signup, &[]);
    p.does(MONDAY + DAY, purchase, &[]);
    p.does(MONDAY + 2 * DAY, purchase, &[]);
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.times("reached the goal"), 1);
    assert_eq!(p.templates(), ["tips"]);
}

#[test]
fn an_event_that_is_both_exit_and_arm_is_an_exit() {
    let mut b = Build::new();
    let inquiry = b.event("inquiry", &[]);
    let contacted = b.event("contacted", &[]);
    let journey = b.journey(
        "sla",
        when(inquiry),
        vec![
            race(minutes(5), 0, vec![(on(contacted), next(1))], None),
            exit("arm"),
        ],
    );
    journey.exits = vec![ExitRule {
        trigger: on(contacted),
        reason: Some("rule".into()),
    }];
    let mut p = b.person();
    p.does(MONDAY, inquiry, &[]);
    p.does(MONDAY + 1_000, contacted, &[]);
    assert!(p.tells("exited as rule") && !p.tells("exited as arm"));
}

#[test]
fn an_exit_compares_the_event_with_what_the_run_remembers() {
    let (mut b, cart) = carts(false);
    let purchase = b.event("purchase", &[("cart_id", Type::Text)]);
    let same = b.compare(
        Source::Field(FieldIx(0)),
        Comparison::Is(Operand::Source(Source::Register(RegisterIx(0)))),
    );
    let journey = b.ir.journeys.last_mut().unwrap();
    journey.registers = vec![Register::Field {
        event: cart,
        field: FieldIx(0),
    }];
    journey.exits = vec![ExitRule {
        trigger: Trigger::Event {
            event: purchase,
            filter: Some(same),
        },
        reason: None,
    }];
    let mut p = b.person();
    p.does(MONDAY, cart, &[text("a")]);
    p.does(MONDAY, cart, &[text("b")]);
    p.does(MONDAY + HOUR, purchase, &[text("b")]);
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.times("exited"), 1);
    assert_eq!(p.mails().len(), 1);
}

#[test]
fn a_lifecycle_that_becomes_a_stage_starts_and_ends_runs() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let lifecycle = b.shop_lifecycle(purchase, 0);
    let becomes = |stage| Trigger::Becomes {
        lifecycle,
        stage: StageIx(stage),
    };
    let mail = b.mail("come back");
    let entry = Entry::When {
        trigger: becomes(2),
        condition: None,
    };
    let journey = b.journey(
        "win_back",
        entry,
        vec![send(mail, next(1)), wait(days(1_000), 0, None)],
    );
    journey.exits = vec![ExitRule {
        trigger: becomes(3),
        reason: Some("휴면전환".into()),
    }];
    journey.reenter = Reenter::After(days(180));
    let mut p = b.person();
    p.does(MONDAY, purchase, &[]);
    p.until(MONDAY + 900 * DAY);
    assert_eq!(p.mails(), [(MONDAY + 90 * DAY, "come back".into())]);
    assert_eq!(p.when("exited as 휴면전환"), Some(MONDAY + 365 * DAY));
}

#[test]
fn steps_can_start_other_journeys() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    let tagged = b.is(Atom::Tagged("vip".into()));
    let vips = b.segment("vips", tagged);
    let mail = b.mail("vip");
    let tag = StepKind::Tag {
        tag: "vip".into(),
        add: true,
        next: None,
    };
    b.journey("tagger", when(visit), vec![tag]);
    let joins = Entry::When {
        trigger: Trigger::Joins(vips),
        condition: None,
    };
    b.journey("greeter", joins, vec![send(mail, None)]);
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    assert_eq!(p.templates(), ["vip"]);
    assert_eq!(p.contact.tags(), ["vip"]);
}

#[test]
fn an_operator_cancels_runs_and_revokes_their_effects() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    b.journey("a", when(visit), vec![wait(days(9), 0, None)]);
    b.journey("b", when(visit), vec![wait(days(9), 0, None)]);
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    p.item(
        &Item::Cancel {
            journey: Some("a".into()),
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert_eq!(p.contact.runs(&p.program).len(), 1);
    assert_eq!(p.out.revoked.len(), 1);
    p.item(
        &Item::Cancel {
            journey: None,
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert!(p.contact.runs(&p.program).is_empty());
}

#[test]
fn erasure_leaves_a_tombstone_that_late_events_do_not_wake() {
    let mut b = Build::new();
    let visit = b.event("visit", &[]);
    b.journey("a", when(visit), vec![wait(days(9), 0, None)]);
    let mut p = b.person();
    p.does(MONDAY, visit, &[]);
    p.item(
        &Item::Erase {
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert!(p.contact.is_erased());
    assert!(p.contact.attributes(&p.program).is_empty());
    assert_eq!(p.contact.next_wake(), None);
    p.does(MONDAY + DAY, visit, &[]);
    assert!(p.contact.is_erased());
    assert!(p.contact.runs(&p.program).is_empty());
    assert!(p.tells("passed over"));
}

#[test]
fn a_deploy_lets_current_members_in() {
    let mut b = Build::new();
    let purchase = b.event("purchase", &[]);
    let lifecycle = b.shop_lifecycle(purchase, 0);
    let mail = b.mail("hi");
    let entry = Entry::When {
        trigger: Trigger::Becomes {
            lifecycle,
            stage: StageIx(1),
        },
        condition: None,
    };
    b.journey("active", entry, vec![send(mail, None)]);
    let other = Entry::When {
        trigger: Trigger::Becomes {
            lifecycle,
            stage: StageIx(3),
        },
        condition: None,
    };
    b.journey("lapsed", other, vec![send(mail, None)]);
    let mut p = b.person();
    p.does_late(MONDAY, MONDAY + 5 * DAY, purchase, &[]);
    assert!(p.mails().is_empty());
    let asked = ["active", "lapsed", "nonsense"];
    let now = MONDAY + 6 * DAY;
    let may = |p: &Person| asked.map(|it| p.contact.may_be_enrolled(&p.program, it, now));
    assert_eq!(may(&p), [true, false, false]);
    for journey in asked {
        p.item(
            &Item::Enroll {
                journey: journey.into(),
                occurred_at: MONDAY + 6 * DAY,
            },
            MONDAY + 6 * DAY,
        );
    }
    assert_eq!(p.mails().len(), 1);
    assert!(p.tells("did not enter lapsed: not a member"));
    // Once, whatever comes of it.
    assert_eq!(may(&p), [false; 3]);
    let again = Item::Enroll {
        journey: "active".into(),
        occurred_at: now,
    };
    p.item(&again, now);
    assert_eq!(p.mails().len(), 1);
}

#[test]
fn a_goal_in_time_counts_where_the_run_ended_before_it_was_heard_of() {
    let mut b = Build::new();
    let signup = b.event("signed_up", &[]);
    let purchase = b.event("purchase", &[]);
    b.journey("welcome", when(signup), vec![wait(days(14), 0, None)])
        .goal = Some(Goal {
        event: purchase,
        filter: None,
        within: days(14),
        keep_going: false,
    });
    let mut p = b.person();
    p.does(MONDAY, signup, &[]);
    p.until(MONDAY + 15 * DAY);
    p.does_late(MONDAY + 14 * DAY, MONDAY + 16 * DAY, purchase, &[]);
    assert!(p.tells("after the run had ended"));
}

#[test]
fn who_is_introduced_is_seen_with_everything_that_is_known() {
    let mut b = Build::new();
    let mail = b.mail("welcome");
    let marketing = b.consent("marketing");
    b.ir.messages[mail.at()].consent = Some(marketing);
    let always = b.always();
    let everyone = b.segment("everyone", always);
    let entry = Entry::When {
        trigger: Trigger::Joins(everyone),
        condition: None,
    };
    b.journey("welcome", entry, vec![send(mail, None)]);
    let mut p = Person::unknown(b.link());
    let address = (AttributeIx(0), text("kim@example.com"));
    journey_engine::introduce(
        &p.program,
        &mut p.contact,
        &[address],
        &[(marketing, Some(Channel::Email))],
        MONDAY,
        &mut p.out,
    );
    assert_eq!(p.mails(), [(MONDAY, "welcome".into())]);
}
