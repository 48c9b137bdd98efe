//! Sending: who may be written to, by what, when, and in which words.

use journey_engine::{Intent, Item, Skip, quiet_until};
use journey_ir::journey::{Argument, Expression};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

use crate::build::*;

pub(crate) fn advertisement(
    channel: Channel,
    template: &str,
    consent: Option<ConsentIx>,
) -> Message {
    Message {
        channel,
        template: template.into(),
        purpose: Purpose::Advertising,
        consent,
        sender: Some("shop".into()),
        subject: vec![Piece::Text("(광고)".into())],
        body: vec![],
        needs: vec![],
        translations: vec![],
    }
}

fn agree(p: &mut Person, consent: ConsentIx, channel: Channel, given: bool, at: Instant) {
    p.item(
        &Item::Consent {
            consent,
            channel: Some(channel),
            given,
            occurred_at: at,
        },
        at,
    );
}

fn policy(rule: PolicyRule) -> Policy {
    Policy {
        name: "fatigue".into(),
        title: None,
        rules: vec![rule],
    }
}

fn quiet(then: Then) -> Policy {
    policy(PolicyRule::Quiet {
        purpose: Some(Purpose::Advertising),
        from: clock(21, 0),
        to: clock(8, 0),
        except: vec![Channel::Sms],
        unless: vec![],
        then,
    })
}

fn cap(at_most: u32, then: Then) -> Policy {
    policy(PolicyRule::Cap {
        at_most,
        purpose: Some(Purpose::Advertising),
        per: days(1),
        then,
    })
}

/// One advertising mail per event.
fn mailer(policies: Vec<Policy>) -> (Build, EventIx) {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let mail = b.message(advertisement(Channel::Email, "ad", None));
    b.journey("j", when(go), vec![send(mail, None)]).reenter = journey::Reenter::AnyTime;
    b.ir.policies = policies;
    (b, go)
}

#[test]
fn the_first_channel_that_can_be_received_is_taken() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let marketing = b.consent("marketing");
    let sms = b.message(advertisement(Channel::Sms, "ad", Some(marketing)));
    let mail = b.message(advertisement(Channel::Email, "ad", Some(marketing)));
    let step = StepKind::Send {
        candidates: vec![sms, mail],
        args: vec![],
        between: None,
        within: None,
        next: None,
    };
    b.journey("j", when(go), vec![step]).reenter = journey::Reenter::AnyTime;
    let mut p = b.person();
    let channels = |p: &Person| -> Vec<Channel> {
        let of = |it: &journey_engine::Effect| match &it.what {
            Intent::Send(send) => Some(send.channel),
            _ => None,
        };
        p.out.effects.iter().filter_map(of).collect()
    };
    p.does(MONDAY, go, &[]);
    assert!(p.tells("sms ad: no address; email ad: no consent to marketing"));
    agree(&mut p, marketing, Channel::Email, true, MONDAY + 1);
    p.does(MONDAY + 2, go, &[]);
    assert_eq!(channels(&p), [Channel::Email]);
    p.set(MONDAY + 3, AttributeIx(1), "010-1234-5678");
    p.does(MONDAY + 4, go, &[]);
    assert_eq!(
        channels(&p).last(),
        Some(&Channel::Email),
        "an address is not consent"
    );
    agree(&mut p, marketing, Channel::Sms, true, MONDAY + 5);
    p.does(MONDAY + 6, go, &[]);
    assert_eq!(channels(&p).last(), Some(&Channel::Sms));
    p.item(
        &Item::Suppress {
            channel: Channel::Sms,
            reason: "complaint".into(),
            occurred_at: MONDAY + 7,
        },
        MONDAY + 7,
    );
    p.does(MONDAY + 8, go, &[]);
    assert_eq!(channels(&p).last(), Some(&Channel::Email));
}

#[test]
fn who_unsubscribed_gets_no_advertising_until_they_agree_anew() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let marketing = b.consent("marketing");
    let ad = b.message(advertisement(Channel::Email, "ad", Some(marketing)));
    let receipt = b.mail("receipt");
    b.journey("j", when(go), vec![send(ad, next(1)), send(receipt, None)])
        .reenter = journey::Reenter::AnyTime;
    let mut p = b.person();
    agree(&mut p, marketing, Channel::Email, true, MONDAY);
    p.does(MONDAY + 1, go, &[]);
    p.item(
        &Item::Unsubscribe {
            channel: None,
            occurred_at: MONDAY + 2,
        },
        MONDAY + 2,
    );
    p.does(MONDAY + 3, go, &[]);
    assert_eq!(p.templates(), ["ad", "receipt", "receipt"]);
    agree(&mut p, marketing, Channel::Email, true, MONDAY + 4);
    p.does(MONDAY + 5, go, &[]);
    assert_eq!(p.templates().len(), 5);
}

#[test]
fn a_decided_message_is_asked_about_again_before_it_leaves() {
    let (b, go) = mailer(vec![]);
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    let Intent::Send(send) = p.out.effects[0].what.clone() else {
        unreachable!()
    };
    assert_eq!(p.contact.may_receive(&p.program, &send), Ok(()));
    p.item(
        &Item::Unsubscribe {
            channel: Some(Channel::Email),
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert_eq!(
        p.contact.may_receive(&p.program, &send),
        Err(Skip::Unsubscribed)
    );
    p.item(
        &Item::Erase {
            occurred_at: MONDAY,
        },
        MONDAY,
    );
    assert_eq!(
        p.contact.may_receive(&p.program, &send),
        Err(Skip::Suppressed)
    );
}

#[test]
fn quiet_hours_hold_a_message_back_until_they_end() {
    let (b, go) = mailer(vec![quiet(Then::Wait)]);
    let program = b.link();
    for (sent, expected) in [
        (21 * HOUR - 1, 21 * HOUR - 1),
        (21 * HOUR, 32 * HOUR),
        (24 * HOUR, 32 * HOUR),
        (32 * HOUR - 1, 32 * HOUR),
        (32 * HOUR, 32 * HOUR),
    ] {
        let mut p = Person::in_program(program.clone());
        p.does(MONDAY + sent, go, &[]);
        p.until(MONDAY + 9 * DAY);
        assert_eq!(p.mails(), [(MONDAY + expected, "ad".into())]);
    }
}

#[test]
fn quiet_hours_may_skip_instead() {
    let (b, go) = mailer(vec![quiet(Then::Skip)]);
    let mut p = b.person();
    p.does(MONDAY + 22 * HOUR, go, &[]);
    p.until(MONDAY + 9 * DAY);
    assert!(p.mails().is_empty());
    assert!(p.tells("the quiet hours of fatigue"));
}

#[test]
fn a_held_message_is_dropped_by_an_exit_and_by_a_withdrawn_consent() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let stop = b.event("stop", &[]);
    let marketing = b.consent("marketing");
    let ad = b.message(advertisement(Channel::Email, "ad", Some(marketing)));
    b.journey("j", when(go), vec![send(ad, None)]).exits = vec![ExitRule {
        trigger: on(stop),
        reason: None,
    }];
    b.ir.policies = vec![quiet(Then::Wait)];
    let program = b.link();
    let night = MONDAY + 22 * HOUR;
    for withdraw in [false, true] {
        let mut p = Person::in_program(program.clone());
        agree(&mut p, marketing, Channel::Email, true, MONDAY);
        p.does(night, go, &[]);
        assert!(p.tells("held back until"));
        assert_eq!(p.contact.runs(&program)[0].due, Some(MONDAY + 32 * HOUR));
        if withdraw {
            agree(&mut p, marketing, Channel::Email, false, night + 1);
        } else {
            p.does(night + 1, stop, &[]);
        }
        p.until(MONDAY + 9 * DAY);
        assert!(p.mails().is_empty());
        assert_eq!(p.tells("no consent"), withdraw);
    }
}

#[test]
fn hours_that_lie_inside_quiet_hours_are_never_reached() {
    let (mut b, go) = mailer(vec![quiet(Then::Wait)]);
    let StepKind::Send { between, .. } = &mut b.ir.journeys[0].steps[0].kind else {
        unreachable!()
    };
    *between = Some((clock(22, 0), clock(23, 0)));
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    assert!(p.tells("leave no time to send it"));
    assert!(p.contact.runs(&p.program).is_empty());
}

#[test]
fn a_step_keeps_to_its_own_hours() {
    let (mut b, go) = mailer(vec![]);
    let StepKind::Send { between, .. } = &mut b.ir.journeys[0].steps[0].kind else {
        unreachable!()
    };
    *between = Some((clock(9, 0), clock(18, 0)));
    let mut p = b.person();
    p.does(MONDAY + 18 * HOUR, go, &[]);
    p.until(MONDAY + 9 * DAY);
    assert_eq!(p.mails()[0].0, MONDAY + 33 * HOUR);
}

#[test]
fn a_cap_counts_the_sends_of_its_window_exactly() {
    let (b, go) = mailer(vec![cap(2, Then::Skip)]);
    let mut p = b.person();
    for hour in [0, 1, 2, 24, 25] {
        p.does(MONDAY + hour * HOUR, go, &[]);
    }
    let hours: Vec<_> = p
        .mails()
        .iter()
        .map(|(at, _)| (at - MONDAY) / HOUR)
        .collect();
    assert_eq!(
        hours,
        [0, 1, 24, 25],
        "exactly a day later there is room again"
    );
}

/// A business day may last longer than a week on the calendar and mostly lasts a day: what is remembered for the one cap
/// must do for the other.
#[test]
fn a_cap_of_a_week_remembers_what_one_of_a_business_day_has_forgotten() {
    let per = |at_most, span| {
        policy(PolicyRule::Cap {
            at_most,
            purpose: None,
            per: span,
            then: Then::Skip,
        })
    };
    let week = per(2, Span::new(1, Unit::Week));
    let business_day = per(5, Span::new(1, Unit::BusinessDay));
    let (b, go) = mailer(vec![week, business_day]);
    let mut p = b.person();
    for day in [0, 2, 4, 6, 7] {
        p.does(MONDAY + day * DAY, go, &[]);
    }
    let days: Vec<_> = p
        .mails()
        .iter()
        .map(|(at, _)| (at - MONDAY) / DAY)
        .collect();
    assert_eq!(days, [0, 2, 7]);
}

#[test]
fn a_cap_may_wait_and_urgent_journeys_go_first() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    for (name, priority) in [("a", 1), ("b", 3)] {
        let mail = b.message(advertisement(Channel::Email, name, None));
        b.journey(name, when(go), vec![send(mail, None)]).priority = priority;
    }
    b.ir.policies = vec![cap(1, Then::Wait)];
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    p.until(MONDAY + 9 * DAY);
    assert_eq!(
        p.mails(),
        [(MONDAY, "b".into()), (MONDAY + DAY, "a".into())]
    );
}

#[test]
fn calls_and_tasks_carry_allowed_private_data_and_calls_need_their_inputs() {
    let mut b = Build::new();
    let form = b.event("form", &[("budget", Type::Number)]);
    let input = |name: &str, optional| project::Input {
        name: name.into(),
        kind: Type::Text,
        optional,
    };
    b.ir.project.connectors.push(project::Connector {
        name: "crm".into(),
        kind: project::ConnectorKind::Record,
        actions: vec![project::Action {
            name: "create_lead".into(),
            inputs: vec![input("budget", false), input("note", true)],
            private_data: vec!["email".into(), "name".into()],
            idempotent: true,
            request: None,
        }],
    });
    let told_by = |name: &str, action: Option<&str>| project::Team {
        name: name.into(),
        action: action.map(|action| ("crm".into(), action.into())),
    };
    b.ir.project.teams = vec![
        told_by("sales", Some("create_lead")),
        told_by("support", None),
    ];
    let args = vec![Argument {
        name: "budget".into(),
        value: Expression::Source(Source::Register(RegisterIx(0))),
    }];
    let call = StepKind::Do {
        connector: "crm".into(),
        action: "create_lead".into(),
        args,
        next: next(1),
    };
    let task = StepKind::Assign {
        to: "sales".into(),
        title: "call".into(),
        args: vec![],
        due: Some(hours(1)),
        next: next(2),
    };
    let untold = StepKind::Assign {
        to: "support".into(),
        title: "look".into(),
        args: vec![],
        due: None,
        next: None,
    };
    let journey = b.journey("j", when(form), vec![call, task, untold]);
    journey.registers = vec![Register::Field {
        event: form,
        field: FieldIx(0),
    }];
    journey.reenter = journey::Reenter::AnyTime;
    let mut p = b.person();
    p.does(MONDAY, form, &[whole(9_000)]);
    let [call, task, untold] = p.out.effects.as_slice() else {
        panic!("{:?}", p.out.effects)
    };
    let Intent::Call(call) = &call.what else {
        panic!("{call:?}")
    };
    assert_eq!(call.args, [("budget".to_owned(), whole(9_000))]);
    assert_eq!(
        call.contact,
        [("email".to_owned(), text("minji@example.com"))]
    );
    let Intent::Task(task) = &task.what else {
        panic!("{task:?}")
    };
    assert_eq!(task.due_at, Some(MONDAY + HOUR));
    assert_eq!(task.contact, call.contact);
    assert!(matches!(&untold.what, Intent::Task(task) if task.contact.is_empty()));
    p.does(MONDAY + MINUTE, form, &[]);
    assert!(p.tells("not called, `budget` has no value"));
    assert_eq!(p.out.effects.len(), 5);
}

#[test]
fn an_older_refusal_heard_of_late_does_not_replace_a_newer_one() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let marketing = b.consent("marketing");
    let ad = b.message(advertisement(Channel::Email, "ad", Some(marketing)));
    b.journey("j", when(go), vec![send(ad, None)]);
    let mut p = b.person();
    let refuses = |at| Item::Unsubscribe {
        channel: None,
        occurred_at: at,
    };
    p.item(&refuses(MONDAY + 3 * HOUR), MONDAY + 3 * HOUR);
    p.item(&refuses(MONDAY + HOUR), MONDAY + 4 * HOUR);
    // Agreed in between, heard of last: the newest word is still a refusal.
    let agrees = Item::Consent {
        consent: marketing,
        channel: None,
        given: true,
        occurred_at: MONDAY + 2 * HOUR,
    };
    p.item(&agrees, MONDAY + 5 * HOUR);
    p.does(MONDAY + 6 * HOUR, go, &[]);
    assert!(p.mails().is_empty(), "{}", p.story());
}

#[test]
fn an_outdated_withdrawal_revokes_nothing() {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let marketing = b.consent("marketing");
    let ad = b.message(advertisement(Channel::Email, "ad", Some(marketing)));
    b.journey("j", when(go), vec![send(ad, None)]);
    let mut p = b.person();
    agree(&mut p, marketing, Channel::Email, true, MONDAY + 2 * HOUR);
    p.does(MONDAY + 3 * HOUR, go, &[]);
    let outdated = Item::Consent {
        consent: marketing,
        channel: Some(Channel::Email),
        given: false,
        occurred_at: MONDAY + HOUR,
    };
    p.item(&outdated, MONDAY + 4 * HOUR);
    assert!(p.out.revoked.is_empty());
    agree(&mut p, marketing, Channel::Email, false, MONDAY + 5 * HOUR);
    assert_eq!(p.out.revoked.len(), 1);
}

#[test]
fn quiet_hours_that_end_while_the_clocks_go_back_end() {
    // 01:00 to 02:00 passes twice in New York; quiet until 01:50.
    let (mut b, go) = mailer(vec![policy(PolicyRule::Quiet {
        purpose: None,
        from: clock(22, 0),
        to: clock(1, 50),
        except: vec![],
        unless: vec![],
        then: Then::Wait,
    })]);
    b.ir.project.timezone = "America/New_York".into();
    let program = b.link();
    for (asked, goes_out) in [
        ("2026-11-01T05:10:00Z", "2026-11-01T05:50:00Z"),
        ("2026-11-01T05:55:00Z", "2026-11-01T05:55:00Z"),
        ("2026-11-01T06:10:00Z", "2026-11-01T06:50:00Z"),
    ] {
        let mut p = Person::in_program(program.clone());
        p.does(at(asked), go, &[]);
        p.until(at(asked) + DAY);
        assert_eq!(p.mails(), [(at(goes_out), "ad".into())], "{}", p.story());
    }
}

/// Advertising by text message that keeps to the night, except for those who agreed to be written to at night.
fn night_mailer() -> (Build, EventIx, ConsentIx) {
    let mut b = Build::new();
    let go = b.event("go", &[]);
    let night = b.consent("night");
    let mail = b.message(advertisement(Channel::Email, "ad", None));
    b.journey("j", when(go), vec![send(mail, None)]).reenter = journey::Reenter::AnyTime;
    b.ir.policies = vec![policy(PolicyRule::Quiet {
        purpose: Some(Purpose::Advertising),
        from: clock(21, 0),
        to: clock(8, 0),
        except: vec![],
        unless: vec![night],
        then: Then::Wait,
    })];
    (b, go, night)
}

#[test]
fn who_agreed_to_messages_at_night_gets_them_at_night() {
    let (b, go, night) = night_mailer();
    let program = b.link();
    for (agreed, channel, expected) in [
        (true, Channel::Email, 22 * HOUR),
        (false, Channel::Email, 32 * HOUR),
        // A consent to another channel opens nothing.
        (true, Channel::Sms, 32 * HOUR),
    ] {
        let mut p = Person::in_program(program.clone());
        agree(&mut p, night, channel, agreed, MONDAY);
        p.does(MONDAY + 22 * HOUR, go, &[]);
        p.until(MONDAY + 2 * DAY);
        assert_eq!(
            p.mails(),
            [(MONDAY + expected, "ad".into())],
            "{}",
            p.story()
        );
    }
}

#[test]
fn a_message_that_a_consent_frees_is_not_held_on_its_way_out_either() {
    let (b, go, night) = night_mailer();
    let mut p = b.person();
    agree(&mut p, night, Channel::Email, true, MONDAY);
    p.does(MONDAY + 22 * HOUR, go, &[]);
    let Intent::Send(mut send) = p.out.effects[0].what.clone() else {
        unreachable!()
    };
    assert_eq!(send.freed_by, ["night".into()]);
    let at = MONDAY + 23 * HOUR;
    assert_eq!(quiet_until(&p.program, &send, at), None);
    send.freed_by.clear();
    assert_eq!(quiet_until(&p.program, &send, at), Some(MONDAY + 32 * HOUR));
}
