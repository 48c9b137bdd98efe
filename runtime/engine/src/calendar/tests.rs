use super::*;
use journey_ir::time::{MonthDay, Schedule};
use journey_ir::{Unit, Weekday};

/// `2026-03-08T02:30:00Z` as milliseconds.
fn at(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn clock(h: u16, m: u16) -> Clock {
    Clock(h * 60 + m)
}

#[test]
fn no_span_is_longer_than_it_is_said_to_be_at_most() {
    let every_zone = [
        "Antarctica/Troll",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Seoul",
    ];
    for zone in every_zone.map(zone) {
        for hour in 0..366 * 24 {
            let from = at("2026-01-01T00:30:00Z") + hour * 3_600_000;
            for unit in [Unit::Day, Unit::Week, Unit::Month] {
                let span = Span::new(1, unit);
                assert!(zone.after(from, span) - from <= span.at_most());
            }
        }
    }
    let troll = zone("Antarctica/Troll");
    let before = at("2026-10-24T10:00:00Z");
    let day = troll.after(before, Span::new(1, Unit::Day)) - before;
    assert_eq!(day, 26 * 3_600_000);
}

#[test]
fn a_day_keeps_the_clock_time_and_an_hour_is_exact() {
    let ny = zone("America/New_York");
    // 2026-03-07 12:00 EST; the clocks go forward on the 8th.
    let noon = at("2026-03-07T17:00:00Z");
    assert_eq!(
        ny.after(noon, Span::new(1, Unit::Day)),
        at("2026-03-08T16:00:00Z")
    );
    assert_eq!(
        ny.after(noon, Span::new(24, Unit::Hour)),
        at("2026-03-08T17:00:00Z")
    );
    assert_eq!(
        ny.before(at("2026-03-08T16:00:00Z"), Span::new(1, Unit::Day)),
        noon
    );
}

#[test]
fn a_time_in_a_gap_is_shifted_forward_and_one_in_a_fold_is_the_first() {
    let ny = zone("America/New_York");
    // 02:30 on 2026-03-08 does not exist: 03:30 EDT.
    assert_eq!(
        ny.after(at("2026-03-07T07:30:00Z"), Span::new(1, Unit::Day)),
        at("2026-03-08T07:30:00Z")
    );
    // 01:30 on 2026-11-01 exists twice: the first is EDT.
    assert_eq!(
        ny.after(at("2026-10-31T05:30:00Z"), Span::new(1, Unit::Day)),
        at("2026-11-01T05:30:00Z")
    );
    // Also for someone who starts in winter time, beyond the fold and back.
    assert_eq!(
        ny.before(at("2026-11-02T06:30:00Z"), Span::new(1, Unit::Day)),
        at("2026-11-01T05:30:00Z")
    );
}

#[test]
fn months_end_on_their_last_day() {
    let seoul = zone("Asia/Seoul");
    let jan31 = at("2026-01-31T01:00:00Z");
    assert_eq!(
        seoul.after(jan31, Span::new(1, Unit::Month)),
        at("2026-02-28T01:00:00Z")
    );
    assert_eq!(
        seoul.after(jan31, Span::new(2, Unit::Month)),
        at("2026-03-31T01:00:00Z")
    );
    assert_eq!(
        seoul.after(at("2024-02-29T01:00:00Z"), Span::new(1, Unit::Year)),
        at("2025-02-28T01:00:00Z")
    );
}

#[test]
fn spans_too_long_for_the_calendar_never_end() {
    let utc = Zone::utc();
    assert_eq!(utc.after(0, Span::new(u32::MAX, Unit::Year)), NEVER);
    assert_eq!(utc.after(0, Span::new(u32::MAX, Unit::Month)), NEVER);
    assert_eq!(utc.after(0, Span::new(u32::MAX, Unit::Week)), NEVER);
    assert_eq!(utc.before(0, Span::new(u32::MAX, Unit::Year)), EARLIEST);
}

#[test]
fn the_quick_way_agrees_with_jiff() {
    for name in [
        "UTC",
        "Asia/Seoul",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kolkata",
    ] {
        let zone = zone(name);
        let tz = jiff::tz::TimeZone::get(name).unwrap();
        let mut at = at("1985-01-01T00:00:00Z");
        while at < super::super::calendar::LATEST.min(4_000_000_000_000) {
            let (day, clock) = zone.local(at);
            let civil = tz.to_datetime(jiff::Timestamp::from_millisecond(at).unwrap());
            let exact = tz
                .to_ambiguous_timestamp(civil)
                .compatible()
                .unwrap()
                .as_millisecond();
            assert_eq!(zone.instant(day, clock), exact, "{name} {civil}");
            at += 9 * 3_600_000 + 1_234;
        }
    }
}

#[test]
fn a_daily_schedule_falls_due_once_per_local_date() {
    let ny = zone("America/New_York");
    let daily = Schedule::Daily { at: clock(1, 30) };
    let mut due = Vec::new();
    let (mut from, mut last) = (at("2026-10-31T00:00:00Z"), None);
    for _ in 0..3 {
        let next = next_occurrence(&daily, None, &ny, from, last);
        due.push(next);
        last = Some(ny.day(next));
        from = next + 1;
    }
    assert_eq!(
        due,
        [
            at("2026-10-31T05:30:00Z"),
            at("2026-11-01T05:30:00Z"),
            at("2026-11-02T06:30:00Z")
        ]
    );
}

#[test]
fn a_monthly_schedule_finds_its_day() {
    let seoul = zone("Asia/Seoul");
    let monthly = |on| Schedule::Monthly {
        on,
        at: clock(10, 0),
    };
    let next = |on, from: &str| next_occurrence(&monthly(on), None, &seoul, at(from), None);
    let tuesday = MonthDay::Nth {
        n: 1,
        from_end: false,
        weekday: Weekday::Tuesday,
    };
    assert_eq!(
        next(tuesday, "2026-03-03T01:00:00Z"),
        at("2026-03-03T01:00:00Z")
    );
    assert_eq!(
        next(tuesday, "2026-03-03T01:00:00.001Z"),
        at("2026-04-07T01:00:00Z")
    );
    let friday = MonthDay::Nth {
        n: 1,
        from_end: true,
        weekday: Weekday::Friday,
    };
    assert_eq!(
        next(friday, "2026-03-03T01:00:00Z"),
        at("2026-03-27T01:00:00Z")
    );
    assert_eq!(
        next(MonthDay::Last, "2026-02-03T01:00:00Z"),
        at("2026-02-28T01:00:00Z")
    );
    assert_eq!(
        next(MonthDay::Day(31), "2026-02-03T01:00:00Z"),
        at("2026-03-31T01:00:00Z")
    );
    assert_eq!(next(MonthDay::Day(0), "2026-02-03T01:00:00Z"), NEVER);
}

#[test]
fn cron_expressions_are_read_on_the_wall_clock() {
    let ny = zone("America/New_York");
    let next = |text: &str, from: &str| {
        let cron = Cron::parse(text).unwrap();
        next_occurrence(
            &Schedule::Cron(text.into()),
            Some(&cron),
            &ny,
            at(from),
            None,
        )
    };
    assert_eq!(
        next("0 9 * * MON", "2026-03-07T00:00:00Z"),
        at("2026-03-09T13:00:00Z")
    );
    assert_eq!(
        next("0 9 * * MON", "2026-03-09T13:00:00Z"),
        at("2026-03-09T13:00:00Z")
    );
    assert_eq!(
        next("0 9 * * MON", "2026-03-09T13:00:00.001Z"),
        at("2026-03-16T13:00:00Z")
    );
    // The gap: 02:30 is 03:30, also when asked in between.
    assert_eq!(
        next("30 2 * * *", "2026-03-08T06:00:00Z"),
        at("2026-03-08T07:30:00Z")
    );
    assert_eq!(
        next("30 2 * * *", "2026-03-08T07:10:00Z"),
        at("2026-03-08T07:30:00Z")
    );
    // The fold: 01:30 once.
    assert_eq!(
        next("30 1 * * *", "2026-11-01T05:00:00Z"),
        at("2026-11-01T05:30:00Z")
    );
    assert_eq!(
        next("30 1 * * *", "2026-11-01T05:31:00Z"),
        at("2026-11-02T06:30:00Z")
    );
    assert_eq!(next("0 0 30 2 *", "2026-11-01T05:31:00Z"), NEVER);
    assert!(Cron::parse("0 9 * *").is_none());
    assert!(Cron::parse("nonsense every single day please").is_none());
}

#[test]
fn opening_hours_know_holidays_and_nights() {
    let hours = OpenHours::new(&journey_ir::project::Hours {
        name: "business_hours".into(),
        timezone: "Asia/Seoul".into(),
        open: vec![
            (Weekday::Friday, clock(9, 0), clock(18, 0)),
            (Weekday::Monday, clock(22, 0), clock(2, 0)),
        ],
        holidays: vec![journey_ir::Date(
            zone("UTC").day(at("2026-03-06T00:00:00Z")),
        )],
    })
    .unwrap();
    assert!(hours.inside(at("2026-03-13T00:00:00Z")));
    assert!(!hours.inside(at("2026-03-13T09:00:00Z")));
    assert!(!hours.inside(at("2026-03-06T03:00:00Z")), "a holiday");
    assert!(hours.inside(at("2026-03-09T16:59:59Z")), "after midnight");
    assert_eq!(
        hours.next_inside(at("2026-03-09T17:00:00Z")),
        at("2026-03-13T00:00:00Z")
    );
    assert_eq!(
        hours.next_change(at("2026-03-13T00:00:00Z")),
        at("2026-03-13T09:00:00Z")
    );
}

#[test]
fn a_birthday_on_the_29th_of_february_is_on_the_1st_of_march() {
    let day = |text: &str| Zone::utc().day(at(text));
    let born = day("2004-02-29T00:00:00Z");
    assert_eq!(age(born, day("2025-02-28T00:00:00Z")), Some(20));
    assert_eq!(age(born, day("2025-03-01T00:00:00Z")), Some(21));
    assert_eq!(birthday(born, 21), Some(day("2025-03-01T00:00:00Z")));
    assert_eq!(birthday(born, 24), Some(day("2028-02-29T00:00:00Z")));
}

#[test]
fn hostile_cron_expressions_are_refused_or_end() {
    let utc = Zone::utc();
    for text in [
        "*/0 * * * *",
        "0-0/0 * * * *",
        "59-0 * * * *",
        "4294967296 * * * *",
        "1-4294967295 * * * *",
        "* * 31 2 *",
        "0 0 29 2 MON",
        "*/4294967295 * * * *",
        ", , , , ,",
        "0 0 ? * ?",
        "@yearly x x x x",
    ] {
        if let Some(cron) = Cron::parse(text) {
            let next = cron.next(&utc, at("2026-03-08T06:00:00Z"));
            assert!(next > at("2026-03-08T06:00:00Z"), "{text}");
        }
    }
}

#[test]
fn a_day_that_was_left_out_is_no_business_day_and_what_was_due_on_it_comes_a_day_later() {
    // The 30th of December 2011, a Friday, did not exist in Samoa.
    let apia = zone("Pacific/Apia");
    let hours = OpenHours::new(&journey_ir::project::Hours {
        name: "office".into(),
        timezone: "Pacific/Apia".into(),
        open: vec![
            (Weekday::Thursday, clock(9, 0), clock(17, 0)),
            (Weekday::Friday, clock(9, 0), clock(17, 0)),
            (Weekday::Monday, clock(9, 0), clock(17, 0)),
        ],
        holidays: Vec::new(),
    })
    .unwrap();
    let thursday = at("2011-12-29T20:00:00Z");
    let (saturday, monday) = (at("2011-12-30T20:00:00Z"), at("2012-01-01T20:00:00Z"));
    assert!(hours.inside(thursday) && !hours.inside(saturday));
    assert_eq!(hours.business_days_after(thursday, 1), monday);
    let cron = Cron::parse("0 10 30 * *").unwrap();
    let asked = at("2011-12-30T15:00:00Z");
    assert_eq!(cron.next(&apia, asked), saturday);
}

#[test]
fn hours_that_begin_in_a_gap_before_midnight_are_found() {
    // In Nuuk the clocks go from 23:00 to midnight: 23:30 of that Saturday is 00:30 on Sunday.
    let hours = OpenHours::new(&journey_ir::project::Hours {
        name: "night".into(),
        timezone: "America/Nuuk".into(),
        open: vec![(Weekday::Saturday, clock(23, 30), clock(2, 0))],
        holidays: Vec::new(),
    })
    .unwrap();
    let midnight = at("2026-03-29T01:00:00Z");
    assert_eq!(hours.next_inside(midnight), midnight + 30 * MINUTE);
}

#[test]
fn a_stretch_of_clock_time_ends_where_the_clocks_jump_out_of_it() {
    use crate::send::end_of;
    // 02:00 becomes 03:00 in Berlin: from 21:00 to 02:30 is over then.
    let berlin = zone("Europe/Berlin");
    let end = |from: &str, to| end_of(&berlin, at(from), clock(21, 0), to);
    let jump = at("2026-03-29T01:00:00Z");
    assert_eq!(end("2026-03-29T00:30:00Z", clock(2, 30)), Some(jump));
    assert_eq!(end("2026-03-29T01:00:00Z", clock(2, 30)), None);
    // And 03:00 becomes 02:00: what was over begins again.
    let again = at("2026-10-25T01:00:00Z");
    assert_eq!(end("2026-10-25T00:40:00Z", clock(2, 30)), None);
    assert_eq!(
        end("2026-10-25T01:00:00Z", clock(2, 30)),
        Some(again + 30 * MINUTE)
    );
}
