//! Programs that cannot be executed are refused by name.

use std::sync::Arc;

use journey_engine::{LinkError, Program};
use journey_ir::schema::Type;
use journey_ir::time::Schedule;
use journey_ir::*;

use crate::build::*;

/// Damages a program.
type Wreck = fn(&mut Build);

fn refused(b: Build) -> LinkError {
    Program::link(Arc::new(b.ir), &[]).unwrap_err()
}

#[test]
fn positions_outside_their_tables_are_dangling() {
    let wreck: [(&str, Wreck); 8] = [
        ("condition of a segment", |b| {
            b.segment("s", ConditionIx(9));
        }),
        ("atom", |b| {
            b.condition(Condition::Is(AtomIx(9)));
        }),
        ("later condition", |b| {
            b.condition(Condition::Not(ConditionIx(0)));
        }),
        ("attribute", |b| {
            b.compare(Source::Attribute(AttributeIx(9)), Comparison::IsKnown);
        }),
        ("event", |b| {
            b.aggregate(EventIx(9), None, Keep::First);
        }),
        ("message", |b| {
            b.journey("j", when(EventIx(0)), vec![send(MessageIx(9), None)]);
        }),
        ("step", |b| {
            b.journey("j", when(EventIx(0)), vec![wait(days(1), 0, next(9))]);
        }),
        ("run key", |b| {
            b.journey("j", when(EventIx(0)), vec![]).run_key = Some(FieldIx(9));
        }),
    ];
    for (what, wreck) in wreck {
        let mut b = Build::new();
        b.event("e", &[]);
        wreck(&mut b);
        let error = refused(b);
        assert!(
            matches!(error, LinkError::Dangling { .. }),
            "{what}: {error}"
        );
    }
}

#[test]
fn memberships_that_depend_on_themselves_are_refused() {
    let mut b = Build::new();
    let b_member = b.is(Atom::Member(SegmentIx(1)));
    let a_member = b.is(Atom::Member(SegmentIx(0)));
    b.segment("a", b_member);
    b.segment("b", a_member);
    assert!(matches!(refused(b), LinkError::Circular { .. }));
}

#[test]
fn conditions_that_would_take_for_ever_are_refused() {
    let mut b = Build::new();
    let mut at = b.always();
    for _ in 0..64 {
        at = b.condition(Condition::Any(vec![at, at]));
    }
    assert!(matches!(refused(b), LinkError::TooLarge { .. }));
    let mut b = Build::new();
    let mut at = b.always();
    for _ in 0..10_000 {
        at = b.not(at);
    }
    assert!(matches!(refused(b), LinkError::TooLarge { .. }));
}

#[test]
fn questions_that_do_not_suit_the_state_are_refused() {
    let wreck: [fn(&mut Build, EventIx); 7] = [
        |b, e| {
            let aggregate = b.aggregate(e, None, Keep::First);
            b.is(Atom::Happened {
                aggregate,
                n: 1,
                window: Window::Last(days(1)),
                settle: 0,
            });
        },
        |b, e| {
            let aggregate = b.aggregate(e, None, Keep::Newest(2));
            b.is(Atom::Happened {
                aggregate,
                n: 3,
                window: Window::Last(days(1)),
                settle: 0,
            });
        },
        |b, e| {
            let aggregate = b.aggregate(e, None, Keep::Total(FieldIx(0)));
            b.is(Atom::Happened {
                aggregate,
                n: 1,
                window: Window::Ever,
                settle: 0,
            });
        },
        |b, e| {
            let tagged = b.is(Atom::Tagged("x".into()));
            b.aggregate(e, Some(tagged), Keep::First);
        },
        |b, _| b.ir.project.timezone = "Mars/Base".into(),
        |b, _| {
            let people = b.always();
            b.journey(
                "j",
                Entry::Schedule {
                    schedule: Schedule::Cron("often".into()),
                    people,
                },
                vec![],
            );
        },
        |b, _| {
            b.attribute("email", Type::Text);
        },
    ];
    for (at, wreck) in wreck.into_iter().enumerate() {
        let mut b = Build::new();
        let e = b.event("e", &[("x", Type::Number)]);
        wreck(&mut b, e);
        let error = refused(b);
        assert!(
            matches!(error, LinkError::Meaningless { .. }),
            "{at}: {error}"
        );
    }
}

#[test]
fn retained_programs_whose_memberships_go_in_circles_are_refused() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let b_member = b.is(Atom::Member(SegmentIx(1)));
    let a_member = b.is(Atom::Member(SegmentIx(0)));
    let a = b.segment("a", b_member);
    b.segment("b", a_member);
    b.journey("j", when(go), vec![]).exits = vec![ExitRule {
        trigger: Trigger::Leaves(a),
        reason: None,
    }];
    let error = Program::link(Arc::new(Build::new().ir), &[Arc::new(b.ir)]).unwrap_err();
    assert!(matches!(error, LinkError::Circular { .. }), "{error}");
}

#[test]
fn spans_of_any_length_are_linked_and_never_end() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let mail = b.mail("hi");
    b.journey("j", when(go), vec![send(mail, None)]).reenter = journey::Reenter::AnyTime;
    let long = |unit| PolicyRule::Cap {
        at_most: 1,
        purpose: None,
        per: Span::new(u32::MAX, unit),
        then: Then::Wait,
    };
    b.ir.policies = vec![Policy {
        name: "for ever".into(),
        title: None,
        rules: vec![long(Unit::Month), long(Unit::Year), long(Unit::Week)],
    }];
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    p.does(MONDAY + 1, go, &[]);
    assert_eq!(p.mails().len(), 1);
}
