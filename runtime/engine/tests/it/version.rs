//! Programs change while people are inside.

use std::sync::Arc;

use journey_engine::view::WaitsFor;
use journey_engine::{Contact, Event, EventId, Outcome, Program, rebase};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, Schedule};
use journey_ir::*;

use crate::build::*;

/// A welcome journey whose second mail is `template`.
fn welcome(version: &str, template: &str, extra: bool) -> Build {
    let mut b = Build::new();
    if extra {
        // Everything moves to other positions.
        b.ir.schema
            .attributes
            .insert(0, b.ir.schema.attributes[2].clone());
        b.ir.schema.attributes[0].name = "nickname".into();
        b.event("unrelated", &[]);
    }
    let fields: &[(&str, Type)] = if extra {
        &[("added", Type::Text), ("plan", Type::Text)]
    } else {
        &[("plan", Type::Text)]
    };
    let signup = b.event("signed_up", fields);
    let mail = b.mail(template);
    let pro = b.compare(
        Source::Register(RegisterIx(0)),
        Comparison::Is(Operand::Value(text("pro"))),
    );
    let steps = vec![
        wait(days(3), 0, next(1)),
        StepKind::Branch {
            arms: vec![(pro, next(2))],
            otherwise: None,
        },
        send(mail, None),
    ];
    let journey = b.journey("welcome", when(signup), steps);
    journey.version = version.into();
    journey.registers = vec![Register::Field {
        event: signup,
        field: FieldIx(u32::from(extra)),
    }];
    journey.reenter = journey::Reenter::AnyTime;
    b
}

fn moved(person: &Person, program: Program) -> Person {
    let program = Arc::new(program);
    let mut person = person.clone();
    person.contact = Contact::decode(&person.contact.encode(), &program).unwrap();
    person.program = program;
    person.out.clear();
    person
}

#[test]
fn a_run_finishes_on_the_version_it_started_on() {
    let old = Arc::new(welcome("v1", "old", false).ir);
    let new = Arc::new(welcome("v2", "new", true).ir);
    let mut p = Person::in_program(Arc::new(Program::link(old.clone(), &[]).unwrap()));
    let signup = p.program.event_by_name("signed_up").unwrap();
    p.does(MONDAY, signup, &[text("pro")]);
    let mut p = moved(&p, Program::link(new, &[old]).unwrap());
    assert_eq!(p.contact.runs(&p.program)[0].version.as_deref(), Some("v1"));
    p.until(MONDAY + 4 * DAY);
    assert_eq!(p.mails(), [(MONDAY + 3 * DAY, "old".into())]);
    let signup = p.program.event_by_name("signed_up").unwrap();
    p.does(MONDAY + 5 * DAY, signup, &[text("x"), text("pro")]);
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.templates(), ["old", "new"]);
}

#[test]
fn a_run_whose_version_is_not_loaded_stays_where_it_is_and_is_told() {
    let old = Arc::new(welcome("v1", "old", false).ir);
    let new = Arc::new(welcome("v2", "new", false).ir);
    let mut p = Person::in_program(Arc::new(Program::link(old.clone(), &[]).unwrap()));
    let signup = p.program.event_by_name("signed_up").unwrap();
    p.does(MONDAY, signup, &[text("pro")]);
    let mut p = moved(&p, Program::link(new.clone(), &[]).unwrap());
    rebase(
        &p.program.clone(),
        &mut p.contact,
        std::iter::empty(),
        MONDAY,
        &mut p.out,
    );
    assert!(p.tells("its version is not loaded"));
    let view = p.contact.runs(&p.program).remove(0);
    assert_eq!(
        (view.journey.as_deref(), view.waits_for, view.due),
        (Some("welcome"), WaitsFor::Version, None)
    );
    p.until(MONDAY + 9 * DAY);
    assert!(p.mails().is_empty());
    let mut p = moved(&p, Program::link(new, &[old]).unwrap());
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.templates(), ["old"], "loaded again, it goes on");
}

fn shop(window: u32, with_daily: bool) -> Build {
    let mut b = Build::new();
    if with_daily {
        b.event("unrelated", &[]);
    }
    let purchase = b.event("purchase", &[]);
    let active = b.did(purchase, 1, Window::Last(days(window)), 0);
    let segment = b.segment("active", active);
    let mail = b.mail("gone");
    let leaves = Entry::When {
        trigger: Trigger::Leaves(segment),
        condition: None,
    };
    b.journey("win_back", leaves, vec![send(mail, None)]);
    if with_daily {
        let people = b.is(Atom::Member(segment));
        let not = b.not(people);
        let schedule = Schedule::Daily { at: clock(10, 0) };
        b.journey(
            "daily",
            Entry::Schedule {
                schedule,
                people: not,
            },
            vec![send(mail, None)],
        );
    }
    b
}

#[test]
fn a_changed_definition_moves_people_without_starting_anything() {
    let mut p = shop(90, false).person();
    let purchase = p.program.event_by_name("purchase").unwrap();
    let id = p.does(MONDAY, purchase, &[]);
    let mut p = moved(&p, Program::link(Arc::new(shop(10, true).ir), &[]).unwrap());
    assert!(p.contact.is_stale());
    let purchase = p.program.event_by_name("purchase").unwrap();
    let event = Event {
        id,
        kind: purchase,
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: vec![],
    };
    rebase(
        &p.program.clone(),
        &mut p.contact,
        std::iter::once(event),
        MONDAY + 20 * DAY,
        &mut p.out,
    );
    assert!(!p.contact.is_stale());
    assert!(p.contact.memberships(&p.program).is_empty());
    assert!(p.mails().is_empty() && !p.tells("left"));
    p.until(MONDAY + 20 * DAY + DAY);
    assert_eq!(
        p.templates(),
        ["gone"],
        "schedules are set: the daily mail goes out"
    );
    assert_eq!(
        p.when("entered daily"),
        Some(MONDAY + 20 * DAY + 10 * 3_600_000)
    );
}

#[test]
fn the_same_meaning_keeps_memberships_and_their_timers() {
    let mut p = shop(90, false).person();
    let purchase = p.program.event_by_name("purchase").unwrap();
    p.does(MONDAY, purchase, &[]);
    let mut same = shop(90, false);
    same.ir.segments[0].title = Some("활동".into());
    let q = moved(&p, Program::link(Arc::new(same.ir), &[]).unwrap());
    assert!(!q.contact.is_stale());
    assert_eq!(q.contact, p.contact);
}

#[test]
fn aggregates_that_two_programs_share_survive_without_a_rebase() {
    let mut p = shop(90, false).person();
    let purchase = p.program.event_by_name("purchase").unwrap();
    p.does(MONDAY, purchase, &[]);
    let q = moved(&p, Program::link(Arc::new(shop(50, true).ir), &[]).unwrap());
    assert_eq!(q.contact.memberships(&q.program).len(), 1);
    assert_eq!(q.contact.next_wake(), Some(MONDAY + 50 * DAY));
}

#[test]
fn states_of_newer_releases_and_damaged_ones_are_refused() {
    let p = shop(90, false).person();
    let mut bytes = p.contact.encode();
    bytes[0] = 99;
    let error = Contact::decode(&bytes, &p.program).unwrap_err();
    assert!(error.to_string().contains("format 99"), "{error}");
    assert!(Contact::decode(&[], &p.program).is_err());
    assert!(Contact::decode(&[0], &p.program).is_err());
    let mut longer = p.contact.encode();
    longer.push(0);
    assert!(Contact::decode(&longer, &p.program).is_err());
}

#[test]
fn a_rebase_of_an_unknown_contact_hears_what_the_new_program_mentions() {
    let program = shop(90, false).link();
    let purchase = program.event_by_name("purchase").unwrap();
    let mut contact = Contact::new("x");
    let mut out = Outcome::default();
    let event = Event {
        id: EventId::of("1"),
        kind: purchase,
        occurred_at: MONDAY,
        received_at: MONDAY,
        fields: vec![],
    };
    rebase(
        &program,
        &mut contact,
        std::iter::once(event),
        MONDAY + DAY,
        &mut out,
    );
    assert!(contact.is_known());
    assert_eq!(contact.memberships(&program).len(), 1);
    assert!(out.effects.is_empty());
}

#[test]
fn a_restart_ends_a_run_whose_version_is_not_loaded() {
    let restarting = |version| {
        let mut b = welcome(version, "hi", false);
        b.ir.journeys[0].restart = true;
        b
    };
    let mut p = restarting("v1").person();
    let signup = p.program.event_by_name("signed_up").unwrap();
    p.does(MONDAY, signup, &[text("pro")]);
    let mut p = moved(
        &p,
        Program::link(Arc::new(restarting("v2").ir), &[]).unwrap(),
    );
    p.does(MONDAY + DAY, signup, &[text("pro")]);
    assert_eq!(p.contact.runs(&p.program).len(), 1, "{}", p.story());
    // The old version comes back: its run does not.
    let old = Arc::new(restarting("v1").ir);
    let mut p = moved(
        &p,
        Program::link(Arc::new(restarting("v2").ir), &[old]).unwrap(),
    );
    p.until(MONDAY + 30 * DAY);
    assert_eq!(p.mails(), [(MONDAY + 4 * DAY, "hi".into())]);
}

/// `welcome`, called otherwise.
fn renamed(version: &str, template: &str) -> Build {
    let mut b = welcome(version, template, true);
    b.ir.journeys[0].name = "first_days".into();
    b.ir.journeys[0].formerly = vec!["hello".into(), "welcome".into()];
    b.ir.journeys[0].reenter = journey::Reenter::Never;
    b
}

fn inside_welcome(old: &Arc<journey_ir::Program>) -> Person {
    let mut p = Person::in_program(Arc::new(Program::link(old.clone(), &[]).unwrap()));
    let signup = p.program.event_by_name("signed_up").unwrap();
    p.does(MONDAY, signup, &[text("pro")]);
    p
}

fn rebased(p: &Person, program: Program) -> Person {
    let mut p = moved(p, program);
    let program = p.program.clone();
    rebase(
        &program,
        &mut p.contact,
        std::iter::empty(),
        MONDAY,
        &mut p.out,
    );
    p
}

#[test]
fn people_inside_a_renamed_journey_go_on_under_its_new_name() {
    for (version, template) in [("v1", "old"), ("v2", "new")] {
        let old = Arc::new(welcome("v1", "old", false).ir);
        let p = inside_welcome(&old);
        let new = Arc::new(renamed(version, template).ir);
        let mut p = rebased(&p, Program::link(new, &[old]).unwrap());
        let view = p.contact.runs(&p.program).remove(0);
        assert_eq!(view.journey.as_deref(), Some("first_days"));
        assert_eq!(view.version.as_deref(), Some("v1"));
        let signup = p.program.event_by_name("signed_up").unwrap();
        p.until(MONDAY + 4 * DAY);
        p.does(MONDAY + 5 * DAY, signup, &[text("x"), text("pro")]);
        p.until(MONDAY + 9 * DAY);
        assert_eq!(
            p.templates(),
            ["old"],
            "who was inside has been inside, under whatever name"
        );
        assert!(p.tells("first_days"));
        assert!(!p.tells("welcome"));
    }
}

#[test]
fn what_was_linked_and_kept_is_linked_again_as_it_was() {
    let old = Arc::new(welcome("v1", "old", false).ir);
    let new = Arc::new(renamed("v2", "new").ir);
    let linked = Program::link(Arc::clone(&new), &[old]).unwrap();
    let kept = journey_ir::Program::from_json(&linked.ir().to_json()).unwrap();
    let again = Program::link_again(Arc::new(kept), &new).unwrap();
    assert_eq!(again.fingerprint(), linked.fingerprint());
    assert_eq!(again.ir(), linked.ir());
    for at in 0..linked.ir().journeys.len() {
        let at = JourneyIx(at as u32);
        assert_eq!(again.is_current(at), linked.is_current(at));
    }
}

#[test]
fn two_journeys_that_became_one_name_are_retained_once() {
    // There and back: one program has the version under both names.
    let before = Arc::new(welcome("v1", "old", false).ir);
    let mut both = renamed("v1", "old").ir;
    both.journeys[0].formerly.clear();
    let both = Program::link(Arc::new(both), &[before]).unwrap();
    assert_eq!(both.ir().journeys.len(), 2);
    let new = Arc::new(renamed("v2", "new").ir);
    let linked = Program::link(new, &[both.shared_ir().clone()]).unwrap();
    assert_eq!(linked.ir().journeys.len(), 2);
}

#[test]
fn once_followed_the_line_that_renames_is_needed_no_more() {
    let old = Arc::new(welcome("v1", "old", false).ir);
    let p = inside_welcome(&old);
    let new = Arc::new(renamed("v2", "new").ir);
    let linked = Program::link(new, &[old]).unwrap();
    let whole = linked.shared_ir().clone();
    let p = rebased(&p, linked);
    let mut last = renamed("v3", "newest");
    last.ir.journeys[0].formerly.clear();
    let mut p = rebased(&p, Program::link(Arc::new(last.ir), &[whole]).unwrap());
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.templates(), ["old"]);
}
