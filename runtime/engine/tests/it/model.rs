//! Properties: the engine against definitions read literally, and against itself in other orders and other steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use journey_engine::{Contact, Event, EventId, Item, Outcome, Program, What, advance, step};
use journey_ir::journey::Reenter;
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE, Schedule};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

/// A program with something of everything, and its events; each event has three fields: text, number, text.
pub(crate) fn lively() -> (Arc<Program>, Vec<EventIx>) {
    let mut b = Build::new().zone("America/New_York");
    let fields = [
        ("key", Type::Text),
        ("amount", Type::Number),
        ("category", Type::Text),
    ];
    let visit = b.event("visit", &fields);
    let cart = b.event("cart", &fields);
    let purchase = b.event("purchase", &fields);
    let lifecycle = b.shop_lifecycle(purchase, 10 * MINUTE);
    let fans = b.did(visit, 3, Window::Last(days(7)), 0);
    let fans = b.segment("fans", fans);
    let days_sum = b.aggregate(
        purchase,
        None,
        Keep::DailyTotals {
            field: FieldIx(1),
            days: 10,
        },
    );
    let big = b.is(Atom::Amount {
        aggregate: days_sum,
        measure: Measure::Total,
        window: Window::LastDays(10),
        test: Comparison::Over(Operand::Value(whole(5))),
    });
    b.segment("big", big);
    let seen = b.aggregate(
        purchase,
        None,
        Keep::Different {
            field: FieldIx(2),
            most: 3,
            from: None,
            to: None,
        },
    );
    let curious = b.is(Atom::Amount {
        aggregate: seen,
        measure: Measure::Total,
        window: Window::Last(days(20)),
        test: Comparison::AtLeast(Operand::Value(whole(2))),
    });
    b.segment("curious", curious);
    let mail = |b: &mut Build, name: &str| {
        b.message(Message {
            channel: Channel::Email,
            template: name.into(),
            purpose: Purpose::Advertising,
            consent: None,
            sender: None,
            subject: vec![],
            body: vec![],
            needs: vec![],
            translations: vec![],
        })
    };
    let [cart_mail, survey, gone, news] = ["a", "c", "d", "e"].map(|name| mail(&mut b, name));
    let same = b.compare(
        Source::Field(FieldIx(0)),
        Comparison::Is(Operand::Source(Source::Register(RegisterIx(0)))),
    );
    let rescue = b.journey(
        "rescue",
        when(cart),
        vec![wait(days(1), 10 * MINUTE, next(1)), send(cart_mail, None)],
    );
    rescue.run_key = Some(FieldIx(0));
    rescue.restart = true;
    rescue.reenter = Reenter::AnyTime;
    rescue.registers = vec![Register::Field {
        event: cart,
        field: FieldIx(0),
    }];
    rescue.goal = Some(Goal {
        event: purchase,
        filter: Some(same),
        within: days(7),
        keep_going: false,
    });
    let becomes = |stage| Trigger::Becomes {
        lifecycle,
        stage: StageIx(stage),
    };
    let win_back = b.journey(
        "win_back",
        Entry::When {
            trigger: becomes(2),
            condition: None,
        },
        vec![
            send(survey, next(1)),
            race(days(7), MINUTE, vec![(on(visit), next(2))], next(3)),
            send(gone, None),
            exit("sunset"),
        ],
    );
    win_back.exits = vec![ExitRule {
        trigger: becomes(1),
        reason: Some("back".into()),
    }];
    win_back.reenter = Reenter::After(days(100));
    b.journey(
        "fans",
        Entry::When {
            trigger: Trigger::Joins(fans),
            condition: None,
        },
        vec![
            StepKind::Tag {
                tag: "fan".into(),
                add: true,
                next: next(1),
            },
            send(news, None),
        ],
    )
    .reenter = Reenter::AnyTime;
    let people = b.is(Atom::Member(fans));
    let schedule = Schedule::Weekly {
        on: vec![Weekday::Tuesday, Weekday::Friday],
        at: clock(10, 0),
    };
    b.journey(
        "weekly",
        Entry::Schedule { schedule, people },
        vec![send(news, None)],
    )
    .reenter = Reenter::AnyTime;
    b.ir.policies.push(Policy {
        name: "fatigue".into(),
        title: None,
        rules: vec![
            PolicyRule::Cap {
                at_most: 2,
                purpose: None,
                per: days(1),
                then: Then::Wait,
            },
            PolicyRule::Quiet {
                purpose: None,
                from: clock(21, 0),
                to: clock(8, 0),
                except: vec![],
                unless: vec![],
                then: Then::Wait,
            },
        ],
    });
    (b.link(), vec![visit, cart, purchase])
}

/// What happens to a person: which event, how long after the one before, how late it is heard of, its fields.
#[derive(Debug, Clone)]
struct Act {
    kind: usize,
    after: i64,
    late: i64,
    key: u8,
    amount: i64,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let after = prop_oneof![0..HOUR, 0..2 * DAY, (0..120i64).prop_map(|days| days * DAY)];
    let late = prop_oneof![3 => Just(0), 1 => 0..HOUR, 1 => 0..5 * DAY];
    let act =
        (0..3usize, after, late, 0..3u8, 0..5i64).prop_map(|(kind, after, late, key, amount)| {
            Act {
                kind,
                after,
                late,
                key,
                amount,
            }
        });
    proptest::collection::vec(act, 0..25)
}

fn events(acts: &[Act], kinds: &[EventIx]) -> Vec<Event> {
    let mut at = MONDAY;
    let event = |(n, act): (usize, &Act)| {
        at += act.after;
        Event {
            id: EventId::of(&n.to_string()),
            kind: kinds[act.kind],
            occurred_at: at,
            received_at: at + act.late,
            fields: vec![
                Some(text(&act.key.to_string())),
                Some(whole(act.amount)),
                Some(text(&(act.amount % 3).to_string())),
            ],
        }
    };
    acts.iter().enumerate().map(event).collect()
}

/// The events in the order in which they are heard of.
fn heard(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.received_at);
    events
}

fn live(
    program: &Program,
    events: &[Event],
    end: Instant,
    mut pause: impl FnMut(Instant) -> Vec<Instant>,
) -> (Contact, Outcome) {
    let mut contact = Contact::new("minji");
    let mut out = Outcome::default();
    let email = (AttributeIx(0), Some(text("minji@example.com")));
    let known = Item::Attributes {
        set: vec![email],
        occurred_at: MONDAY - DAY,
    };
    step(program, &mut contact, &known, MONDAY - DAY, &mut out);
    for event in events {
        for at in pause(event.received_at) {
            advance(program, &mut contact, at, &mut out);
        }
        step(
            program,
            &mut contact,
            &Item::Event(event.clone()),
            event.received_at,
            &mut out,
        );
    }
    for at in pause(end) {
        advance(program, &mut contact, at, &mut out);
    }
    advance(program, &mut contact, end, &mut out);
    (contact, out)
}

/// The stage that the definition of `shop_lifecycle` gives at an instant, read literally.
fn literal_stage(purchases: &[Instant], at: Instant, settle: i64) -> &'static str {
    let within = |days: i64| {
        purchases
            .iter()
            .any(|p| *p <= at && at < p + days * DAY + settle)
    };
    if !purchases.iter().any(|p| *p <= at) {
        "신규"
    } else if within(90) {
        "활동"
    } else if within(365) {
        "이탈위험"
    } else {
        "휴면"
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lifecycle_timeline_is_what_its_definition_says(
        gaps in proptest::collection::vec(prop_oneof![0..3 * DAY, (0..400i64).prop_map(|n| n * DAY), 85 * DAY..95 * DAY], 0..12),
        settle in prop_oneof![Just(0), Just(10 * MINUTE)],
    ) {
        let mut b = Build::new();
        let purchase = b.event("purchase", &[]);
        b.shop_lifecycle(purchase, settle);
        let mut p = b.person();
        let mut timeline = vec![(MONDAY - DAY, "신규".to_owned())];
        let mut purchases = Vec::new();
        let mut at = MONDAY;
        for gap in gaps {
            at += gap;
            p.does(at, purchase, &[]);
            purchases.push(at);
        }
        let end = at + 800 * DAY;
        p.until(end);
        let mut instants: BTreeSet<Instant> = purchases.iter().copied().collect();
        instants.extend(purchases.iter().flat_map(|p| [p + 90 * DAY + settle, p + 365 * DAY + settle]));
        for at in instants.into_iter().filter(|at| *at <= end) {
            let stage = literal_stage(&purchases, at, settle);
            if timeline.last().unwrap().1 != stage {
                timeline.push((at, stage.to_owned()));
            }
        }
        let told: Vec<_> = p.out.history.iter().filter_map(|it| match &it.what {
            What::Became { stage, .. } => Some((it.at, stage.to_string())),
            _ => None,
        }).collect();
        prop_assert_eq!(told, timeline.split_off(1));
    }

    #[test]
    fn counts_and_sums_and_values_are_what_their_definitions_say(acts in acts(), probe in 0..200 * DAY) {
        // Every event in order; then membership at one random instant against the list of all events.
        let (program, kinds) = lively();
        let mut events = events(&acts, &kinds);
        for event in &mut events {
            event.received_at = event.occurred_at;
        }
        let now = events.last().map_or(MONDAY, |event| event.occurred_at) + probe;
        let (contact, _) = live(&program, &events, now, |_| vec![]);
        let tz = jiff::tz::TimeZone::get("America/New_York").unwrap();
        let zoned = |at: Instant| jiff::Timestamp::from_millisecond(at).unwrap().to_zoned(tz.clone());
        let plus = |at: Instant, days: i64| zoned(at).checked_add(jiff::Span::new().days(days)).unwrap().timestamp().as_millisecond();
        let of = |kind: usize| {
            let kind = kinds[kind];
            events.iter().filter(move |event| event.kind == kind)
        };
        let fans = of(0).filter(|event| now < plus(event.occurred_at, 7)).count() >= 3;
        let first_day = zoned(now).date().checked_sub(jiff::Span::new().days(9)).unwrap();
        let sum: i64 = of(2)
            .filter(|event| zoned(event.occurred_at).date() >= first_day)
            .filter_map(|event| match event.fields[1] { Some(Value::Number(Decimal(n))) => Some(n), _ => None })
            .sum();
        let values: BTreeSet<String> = of(2)
            .filter(|event| now < plus(event.occurred_at, 20))
            .map(|event| format!("{:?}", event.fields[2]))
            .collect();
        let mut expected = Vec::new();
        for (name, holds) in [("fans", fans), ("big", sum > 5_000_000), ("curious", values.len() >= 2)] {
            if holds {
                expected.push(name.to_owned());
            }
        }
        let told: Vec<_> = contact.memberships(&program).into_iter().filter_map(|it| match it {
            journey_engine::view::Membership::Segment(name) => Some(name.to_string()),
            _ => None,
        }).collect();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn any_order_of_the_same_events_gives_the_same_memberships(acts in acts(), seed in any::<u64>()) {
        let (program, kinds) = lively();
        let events = events(&acts, &kinds);
        let end = MONDAY + 4_000 * DAY;
        let mut other = events.clone();
        other.sort_by_key(|event| blake3_of(seed, event.id));
        // Heard of at the end of time, so that nothing is decided in between.
        let at_end = |events: &[Event]| {
            let events: Vec<_> = events.iter().cloned().map(|event| Event { received_at: end, ..event }).collect();
            let (contact, _) = live(&program, &events, end, |_| vec![]);
            (contact.memberships(&program), contact.next_wake())
        };
        prop_assert_eq!(at_end(&events), at_end(&other));
    }

    #[test]
    fn one_jump_is_many_small_steps(acts in acts(), pieces in 1..40i64) {
        let (program, kinds) = lively();
        let events = heard(events(&acts, &kinds));
        let end = events.last().map_or(MONDAY, |event| event.received_at) + 500 * DAY;
        // Time may pass in any pieces up to just before what is heard of next.
        let mut last = MONDAY;
        let (jumped, one) = live(&program, &events, end, |_| vec![]);
        let (walked, many) = live(&program, &events, end, |to| {
            let from = std::mem::replace(&mut last, to);
            (1..=pieces).map(|n| from + (to - from) * n / (pieces + 1)).collect()
        });
        let decided_before_heard = events.iter().any(|event| event.received_at != event.occurred_at);
        if !decided_before_heard {
            prop_assert_eq!(&one, &many);
            prop_assert_eq!(jumped, walked);
        }
        let keys: BTreeSet<_> = many.effects.iter().map(|effect| effect.key).collect();
        prop_assert_eq!(keys.len(), many.effects.len(), "no two effects share a key");
    }

    #[test]
    fn a_contact_has_a_wake_up_or_waits_for_nothing(acts in acts()) {
        let (program, kinds) = lively();
        let mut contact = Contact::new("minji");
        let mut out = Outcome::default();
        for event in heard(events(&acts, &kinds)) {
            step(&program, &mut contact, &Item::Event(event.clone()), event.received_at, &mut out);
            for run in contact.runs(&program) {
                prop_assert!(run.due.is_some_and(|due| contact.next_wake().is_some_and(|wake| wake <= due)));
            }
            let read = Contact::decode(&contact.encode(), &program).unwrap();
            prop_assert_eq!(&read, &contact);
            prop_assert!(contact.clock() <= event.received_at);
        }
        let times: Vec<_> = out.history.iter().map(|it| it.at).collect();
        prop_assert!(times.is_sorted(), "history is told in order");
    }

    #[test]
    fn a_race_is_decided_as_its_definition_says(
        answers in proptest::collection::vec((0..30 * MINUTE, prop_oneof![Just(0), 0..30 * MINUTE]), 0..4),
        settle in prop_oneof![Just(0), Just(10 * MINUTE)],
    ) {
        let mut b = Build::new();
        let inquiry = b.event("inquiry", &[]);
        let answer = b.event("answer", &[]);
        b.journey(
            "sla",
            when(inquiry),
            vec![race(minutes(15), settle, vec![(on(answer), next(1))], next(2)), exit("in_time"), exit("late")],
        );
        let mut p = b.person();
        p.does(MONDAY, inquiry, &[]);
        let mut heard = answers.clone();
        heard.sort_by_key(|(happened, late)| happened + late);
        for (happened, late) in heard {
            // The daemon runs what is due before it hears of the next thing.
            p.until(MONDAY + happened + late - 1);
            p.does_late(MONDAY + happened, MONDAY + happened + late, answer, &[]);
        }
        p.until(MONDAY + DAY);
        let limit = 15 * MINUTE;
        let in_time = answers.iter().any(|(happened, late)| {
            *happened <= limit && happened + late <= limit + settle
        });
        prop_assert_eq!(p.tells("exited as in_time"), in_time, "{}", p.story());
        prop_assert_eq!(p.tells("exited as late"), !in_time);
    }

    #[test]
    fn a_goal_counts_exactly_in_its_window(
        purchases in proptest::collection::vec((-2 * DAY..20 * DAY, prop_oneof![Just(0), 0..3 * DAY]), 0..5),
        waits in 0..20u32,
    ) {
        let mut b = Build::new();
        let signup = b.event("signed_up", &[]);
        let purchase = b.event("purchase", &[]);
        b.journey("welcome", when(signup), vec![wait(days(waits), 0, None)]).goal = Some(Goal {
            event: purchase,
            filter: None,
            within: days(14),
            keep_going: false,
        });
        let mut p = b.person();
        let mut all: Vec<_> = purchases.iter().map(|(at, late)| (at + late, *at, true)).collect();
        all.push((0, 0, false));
        all.sort_unstable();
        for (heard, at, bought) in all {
            p.until(MONDAY + heard - 1);
            p.does_late(MONDAY + at, MONDAY + heard, if bought { purchase } else { signup }, &[]);
        }
        p.until(MONDAY + 60 * DAY);
        let counted = purchases.iter().any(|(at, late)| *at > 0 && *at <= 14 * DAY && at + late >= 0);
        prop_assert_eq!(p.times("reached the goal"), usize::from(counted), "{}", p.story());
    }
}

fn blake3_of(seed: u64, id: EventId) -> u64 {
    id.0.iter().fold(seed | 1, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
