//! People inside go on in a new version where their place in it is known: each row of the table of edits is a fact.

use std::sync::Arc;

use journey_engine::{Contact, Program, rebase};
use journey_ir::journey::{Move, MoveTo, OnUpdate, Reenter};
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

/// A version of one journey: steps by id.
fn version(name: &str, steps: Vec<(&str, StepKind)>, edit: impl FnOnce(&mut Journey)) -> Build {
    let mut b = Build::new();
    for event in ["start", "called", "bought"] {
        b.event(event, &[]);
    }
    for template in ["one", "two"] {
        b.mail(template);
    }
    let (ids, kinds): (Vec<&str>, Vec<StepKind>) = steps.into_iter().unzip();
    let journey = b.journey("j", when(EventIx(0)), kinds);
    for (step, id) in journey.steps.iter_mut().zip(ids) {
        step.id = id.into();
    }
    journey.version = name.into();
    journey.on_update = OnUpdate::Move;
    journey.reenter = Reenter::AnyTime;
    edit(journey);
    b
}

const ONE: MessageIx = MessageIx(0);
const TWO: MessageIx = MessageIx(1);

/// A mail, a pause of three days, another mail.
fn first() -> Build {
    version("v1", welcome(), |_| {})
}

fn welcome() -> Vec<(&'static str, StepKind)> {
    vec![
        ("one", send(ONE, next(1))),
        ("pause", wait(days(3), 0, next(2))),
        ("two", send(TWO, None)),
    ]
}

/// Someone who entered on Monday under one version, on Tuesday under another.
fn under(old: Build, new: Build) -> Person {
    let old_ir = Arc::new(old.ir);
    let program = Arc::new(Program::link(Arc::clone(&old_ir), &[]).unwrap());
    let mut p = Person::in_program(program);
    p.does(MONDAY, EventIx(0), &[]);
    redeploy(p, new, &[old_ir])
}

fn redeploy(mut p: Person, new: Build, old: &[Arc<ir::Program>]) -> Person {
    let program = Arc::new(Program::link(Arc::new(new.ir), old).unwrap());
    p.contact = Contact::decode(&p.contact.encode(), &program).unwrap();
    let before = p.out.effects.len();
    rebase(
        &program,
        &mut p.contact,
        std::iter::empty(),
        MONDAY + DAY,
        &mut p.out,
    );
    assert_eq!(p.out.effects.len(), before, "nothing is sent again");
    p.program = program;
    p
}

use journey_ir as ir;

fn version_of(p: &Person) -> Option<String> {
    p.contact.runs(&p.program).first()?.version.clone()
}

#[test]
fn steps_ahead_are_the_new_ones_and_steps_behind_are_never_run() {
    let new = version(
        "v2",
        vec![
            ("zero", send(TWO, next(1))),
            ("one", send(ONE, next(2))),
            ("pause", wait(days(3), 0, next(3))),
            ("new", exit("new")),
        ],
        |_| {},
    );
    let mut p = under(first(), new);
    assert_eq!(version_of(&p).as_deref(), Some("v2"));
    assert!(p.tells("goes on in its new version"));
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.templates(), ["one"]);
    assert_eq!(p.when("exited as new"), Some(MONDAY + 3 * DAY));
}

#[test]
fn a_wait_that_is_shortened_or_lengthened_keeps_its_end_for_those_in_it() {
    for length in [1, 30] {
        let mut steps = welcome();
        steps[1].1 = wait(days(length), 0, next(2));
        let mut p = under(first(), version("v2", steps, |_| {}));
        p.until(MONDAY + 90 * DAY);
        assert_eq!(p.mails()[1].0, MONDAY + 3 * DAY, "{}", p.story());
    }
}

#[test]
fn a_new_arm_is_listened_to_from_now() {
    let race_of = |arms| race(days(3), 0, arms, None);
    let old = version(
        "v1",
        vec![("r", race_of(vec![(on(EventIx(2)), None)]))],
        |_| {},
    );
    let new = version(
        "v2",
        vec![
            ("r", race_of(vec![(on(EventIx(1)), next(1))])),
            ("called", exit("called")),
        ],
        |_| {},
    );
    let mut p = under(old, new);
    p.does(MONDAY + 2 * DAY, EventIx(1), &[]);
    assert!(p.tells("exited as called"), "{}", p.story());
}

#[test]
fn a_changed_exit_applies_from_now() {
    let new = version("v2", welcome(), |journey| {
        journey.exits.push(ExitRule {
            trigger: on(EventIx(1)),
            reason: Some("called".into()),
        });
    });
    let mut p = under(first(), new);
    p.does(MONDAY + 2 * DAY, EventIx(1), &[]);
    assert!(p.tells("exited as called"));
}

#[test]
fn a_place_that_is_gone_keeps_people_on_the_old_version_and_that_is_told() {
    let new = version("v2", vec![("one", send(ONE, None))], |_| {});
    let mut p = under(first(), new);
    assert_eq!(version_of(&p).as_deref(), Some("v1"));
    assert!(
        p.tells("stays on the version it started on"),
        "{}",
        p.story()
    );
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.templates(), ["one", "two"]);
}

#[test]
fn moved_leads_to_the_new_name_to_the_next_step_or_out() {
    for (to, templates, reason) in [
        (MoveTo::Step(StepIx(1)), &["one", "two"][..], "took all"),
        (MoveTo::Next, &["one", "two"][..], "took all"),
        (MoveTo::Exit, &["one"][..], "exited as moved"),
    ] {
        let mut steps = welcome();
        steps[1].0 = "rest";
        let new = version("v2", steps, |journey| {
            // Told for this place, also where people otherwise finish on the old version.
            journey.on_update = OnUpdate::Finish;
            journey.moves = vec![Move {
                from: "pause".into(),
                to,
            }];
        });
        let program = |b: Build| Arc::new(b.ir);
        let old_ir = program(first());
        let old = Arc::new(Program::link(Arc::clone(&old_ir), &[]).unwrap());
        let mut p = Person::in_program(old);
        p.does(MONDAY, EventIx(0), &[]);
        let linked = Arc::new(Program::link(program(new), &[old_ir]).unwrap());
        p.contact = Contact::decode(&p.contact.encode(), &linked).unwrap();
        p.program = linked;
        let now = MONDAY + DAY;
        rebase(
            &p.program,
            &mut p.contact,
            std::iter::empty(),
            now,
            &mut p.out,
        );
        p.until(MONDAY + 9 * DAY);
        assert_eq!(p.templates(), templates, "{}", p.story());
        assert!(p.tells(reason), "{}", p.story());
    }
}

#[test]
fn a_place_of_another_kind_under_the_same_name_is_not_the_same_place() {
    let mut steps = welcome();
    steps[1].1 = race(days(3), 0, vec![(on(EventIx(1)), None)], None);
    let p = under(first(), version("v2", steps, |_| {}));
    assert_eq!(version_of(&p).as_deref(), Some("v1"));
}

#[test]
fn people_finish_on_the_old_version_where_nothing_else_is_said_or_keys_change() {
    let finish = version("v2", welcome(), |journey| {
        journey.on_update = OnUpdate::Finish;
    });
    assert_eq!(version_of(&under(first(), finish)).as_deref(), Some("v1"));
    let restart = version("v2", welcome(), |journey| journey.restart = true);
    assert_eq!(version_of(&under(first(), restart)).as_deref(), Some("v1"));
}

#[test]
fn a_run_in_a_repeat_goes_on_in_it_and_is_not_moved_into_another() {
    let body = |times| {
        vec![
            (
                "again",
                StepKind::Repeat {
                    times,
                    every: days(2),
                    settle: 0,
                    until: None,
                    body: next(1),
                    next: None,
                },
            ),
            ("one", send(ONE, next(0))),
        ]
    };
    let mut p = under(
        version("v1", body(2), |_| {}),
        version("v2", body(4), |_| {}),
    );
    assert_eq!(version_of(&p).as_deref(), Some("v2"));
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails().len(), 4);
    // The same wait inside a repeat is another place than outside of one.
    let inside = vec![
        body(2).remove(0),
        ("one", send(ONE, next(2))),
        ("pause", wait(days(3), 0, next(0))),
    ];
    let p = under(first(), version("v2", inside, |_| {}));
    assert_eq!(version_of(&p).as_deref(), Some("v1"), "{}", p.story());
}

#[test]
fn what_a_run_remembers_goes_along_by_name() {
    let kept = |name: &str| Register::Kept(name.into());
    let old = version(
        "v1",
        vec![
            (
                "remember",
                StepKind::Remember {
                    register: RegisterIx(0),
                    of: Source::Attribute(AttributeIx(0)),
                    next: next(1),
                },
            ),
            ("pause", wait(days(3), 0, None)),
        ],
        |journey| journey.registers = vec![kept("address")],
    );
    let mut new = version(
        "v2",
        vec![
            ("pause", wait(days(3), 0, next(1))),
            ("if", exit("unknown")),
            ("known", exit("known")),
        ],
        |journey| journey.registers = vec![kept("other"), kept("address")],
    );
    let known = new.compare(Source::Register(RegisterIx(1)), Comparison::IsKnown);
    new.ir.journeys[0].steps[1].kind = StepKind::Branch {
        arms: vec![(known, next(2))],
        otherwise: None,
    };
    let mut p = under(old, new);
    p.until(MONDAY + 9 * DAY + HOUR);
    assert!(p.tells("exited as known"), "{}", p.story());
}
