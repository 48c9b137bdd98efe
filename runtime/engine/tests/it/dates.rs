//! Journeys that start by a date of the person, and triggers on what is known of them.

use journey_engine::Item;
use journey_ir::journey::{Reenter, Side};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, Schedule};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

/// The day of `MONDAY`.
const TODAY: i32 = (MONDAY / DAY) as i32;
/// How late a date still counts, in hours.
const LATE: i64 = 72;

struct Renewal {
    person: Person,
    date: AttributeIx,
    zone: AttributeIx,
}

/// Somebody in a project with one journey that hangs on their renewal date.
fn renewal(offset: Option<(Span, Side)>, yearly: bool) -> Renewal {
    let mut b = Build::new();
    let date = b.attribute("renewal", Type::Date);
    let zone = b.attribute("timezone", Type::Timezone);
    let everyone = b.always();
    let mail = b.mail("renew");
    let schedule = Schedule::Attribute {
        attribute: date,
        offset,
        yearly,
        at: clock(9, 0),
    };
    let entry = Entry::Schedule {
        schedule,
        people: everyone,
    };
    b.journey("renew", entry, vec![send(mail, None)]).reenter = Reenter::AnyTime;
    Renewal {
        person: b.person(),
        date,
        zone,
    }
}

impl Renewal {
    fn learn(&mut self, at: Instant, attribute: AttributeIx, value: Option<Value>) {
        let item = Item::Attributes {
            set: vec![(attribute, value)],
            occurred_at: at,
        };
        self.person.item(&item, at);
        self.person.until(at);
    }

    fn mailed(&self) -> Vec<Instant> {
        self.person.mails().iter().map(|(at, _)| *at).collect()
    }
}

fn day_of(year: i16, month: i8, day: i8) -> i32 {
    (jiff::civil::date(year, month, day) - jiff::civil::date(1970, 1, 1)).get_days()
}

#[test]
fn it_starts_so_many_days_before_and_after_the_date() {
    for (offset, expected) in [
        (None, 40),
        (Some((days(30), Side::Before)), 10),
        (Some((Span::new(1, Unit::Week), Side::After)), 47),
        // 11 April and a month before it, 11 March.
        (Some((Span::new(1, Unit::Month), Side::Before)), 9),
    ] {
        let mut r = renewal(offset, false);
        let date = Value::Date(Date(TODAY + 40));
        r.learn(MONDAY, r.date, Some(date));
        r.person.until(MONDAY + 90 * DAY);
        assert_eq!(
            r.mailed(),
            [MONDAY + expected * DAY + 9 * HOUR],
            "{offset:?}"
        );
    }
}

#[test]
fn a_date_that_moves_moves_the_start_and_a_date_that_goes_takes_it_away() {
    let mut r = renewal(None, false);
    r.learn(MONDAY, r.date, Some(Value::Date(Date(TODAY + 5))));
    r.learn(MONDAY + DAY, r.date, Some(Value::Date(Date(TODAY + 8))));
    r.person.until(MONDAY + 6 * DAY);
    assert!(r.mailed().is_empty());
    r.learn(MONDAY + 7 * DAY, r.date, None);
    r.person.until(MONDAY + 20 * DAY);
    assert!(r.mailed().is_empty());
    assert_eq!(r.person.contact.next_wake(), None);
}

#[test]
fn a_birthday_on_the_29th_of_february_is_on_the_28th_in_other_years() {
    let mut r = renewal(None, true);
    let born = Value::Date(Date(day_of(2000, 2, 29)));
    r.learn(MONDAY + 5 * DAY, r.date, Some(born));
    r.person.until(at("2029-12-31T00:00:00Z"));
    let expected = [(2027, 28), (2028, 29), (2029, 28)];
    let expected: Vec<_> = expected
        .map(|(year, day)| i64::from(day_of(year, 2, day)) * DAY + 9 * HOUR)
        .into();
    assert_eq!(r.mailed(), expected);
}

#[test]
fn a_yearly_date_that_lies_ahead_waits_for_its_year() {
    let mut r = renewal(Some((days(1), Side::Before)), true);
    r.learn(MONDAY, r.date, Some(Value::Date(Date(day_of(2028, 1, 1)))));
    r.person.until(at("2029-12-31T12:00:00Z"));
    let days = [
        day_of(2027, 12, 31),
        day_of(2028, 12, 31),
        day_of(2029, 12, 31),
    ];
    assert_eq!(r.mailed(), days.map(|day| i64::from(day) * DAY + 9 * HOUR));
}

/// What happens to the person at some hours.
#[derive(Debug, Clone, Copy)]
enum Move {
    Date(Option<i32>),
    Zone(bool),
}

fn moves() -> impl Strategy<Value = Vec<(i64, Move)>> {
    let what = prop_oneof![
        4 => proptest::option::weighted(0.9, 0..12i32).prop_map(Move::Date),
        1 => any::<bool>().prop_map(Move::Zone),
    ];
    proptest::collection::vec((0..240i64, what), 1..8).prop_map(|mut all| {
        all.sort_by_key(|(hour, _)| *hour);
        all.dedup_by_key(|(hour, _)| *hour);
        all
    })
}

/// Hour by hour, by nothing but the written rule: at the date's instant, once for a date, and when the date is learnt
/// up to three days late.
fn literally(moves: &[(i64, Move)]) -> Vec<Instant> {
    let (mut date, mut seoul, mut done) = (None, false, None);
    let mut mailed = Vec::new();
    for hour in 0..480 {
        let mut learnt = false;
        if let Some((_, what)) = moves.iter().find(|(at, _)| *at == hour) {
            match *what {
                Move::Date(new) => {
                    learnt = new != date;
                    date = new;
                }
                Move::Zone(new) => seoul = new,
            }
        }
        let Some(day) = date.filter(|day| done != Some(*day)) else {
            continue;
        };
        let due = i64::from(day) * 24 + 9 - if seoul { 9 } else { 0 };
        if due == hour || learnt && due < hour && hour - due <= LATE {
            done = Some(day);
            mailed.push(MONDAY + hour * HOUR);
        }
    }
    mailed
}

proptest! {
    #[test]
    fn a_date_starts_its_journey_as_the_rule_says_word_by_word(moves in moves()) {
        let mut r = renewal(None, false);
        for (hour, what) in &moves {
            let at = MONDAY + hour * HOUR;
            match *what {
                Move::Date(day) => {
                    let date = day.map(|day| Value::Date(Date(TODAY + day)));
                    r.learn(at, r.date, date);
                }
                Move::Zone(seoul) => {
                    let zone = if seoul { "Asia/Seoul" } else { "UTC" };
                    r.learn(at, r.zone, Some(text(zone)));
                }
            }
        }
        r.person.until(MONDAY + 480 * HOUR);
        prop_assert_eq!(r.mailed(), literally(&moves));
    }
}

/// Somebody in a project with a journey that starts, ends and goes on by changes of `plan`, which is Basic by default.
fn plans(from: ChangeEnd, to: ChangeEnd) -> (Person, AttributeIx) {
    let mut b = Build::new();
    let plan = b.attribute("plan", Type::Text);
    b.ir.schema.attributes[plan.at()].default = Some(text("Basic"));
    let trigger = Trigger::Changes {
        attribute: plan,
        from,
        to,
    };
    let mail = b.mail("changed");
    let entry = Entry::When {
        trigger,
        condition: None,
    };
    b.journey("changed", entry, vec![send(mail, None)]).reenter = Reenter::AnyTime;
    (b.person(), plan)
}

#[test]
fn a_change_counts_by_what_was_and_what_became() {
    let value = |word: &str| ChangeEnd::Value(text(word));
    for (from, to, expected) in [
        (ChangeEnd::Anything, ChangeEnd::Anything, 3),
        (ChangeEnd::Anything, value("Premium"), 2),
        (value("Basic"), value("Premium"), 2),
        (value("Premium"), ChangeEnd::Anything, 1),
        (ChangeEnd::Missing, ChangeEnd::Anything, 0),
    ] {
        let (mut p, plan) = plans(from.clone(), to.clone());
        // What was taken for granted and is said now, and what is said twice, has not changed.
        for (day, word) in ["Basic", "Premium", "Premium", "Basic", "Premium"]
            .iter()
            .enumerate()
        {
            p.set(MONDAY + day as i64 * DAY, plan, word);
        }
        assert_eq!(p.mails().len(), expected, "{from:?} {to:?}");
    }
}

#[test]
fn an_older_value_that_is_heard_of_later_changes_nothing() {
    let (mut p, plan) = plans(ChangeEnd::Anything, ChangeEnd::Anything);
    p.set(MONDAY + DAY, plan, "Premium");
    let old = Item::Attributes {
        set: vec![(plan, Some(text("Basic")))],
        occurred_at: MONDAY,
    };
    p.item(&old, MONDAY + 2 * DAY);
    assert_eq!(p.mails().len(), 1);
}
