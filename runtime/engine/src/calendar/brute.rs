//! The calendar against a model that only ever reads a clock on the wall, minute by minute: near every change of clocks
//! that any zone of the world has made since 1972, at the ends of months and on leap days.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use journey_ir::project::Hours;
use journey_ir::time::{DAY, MINUTE, MonthDay, Schedule};
use journey_ir::{Clock, Date, Instant, Span, Unit, Weekday};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::{Cron, NEVER, OpenHours, Zone, next_occurrence};
use crate::send::end_of;

/// Zones that are asked about more often than the rest of the world.
const KNOWN: [&str; 14] = [
    "Asia/Seoul",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/New_York",
    "America/St_Johns",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Nuuk",
    "Antarctica/Troll",
    "Antarctica/Casey",
    "Pacific/Kwajalein",
    "Asia/Pyongyang",
];
const MINUTES: i64 = 24 * 60;
const WEEK: [Weekday; 7] = [
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
];

/// A clock on a wall somewhere.
struct Wall(TimeZone);

impl Wall {
    fn of(zone: &str) -> Self {
        Self(TimeZone::get(zone).unwrap())
    }

    /// What it shows, in minutes since 1970-01-01 00:00, so many minutes after that in UTC.
    fn shows(&self, minute: i64) -> i64 {
        let at = Timestamp::from_second(minute * 60).unwrap();
        minute + i64::from(self.0.to_offset(at).seconds()).div_euclid(60)
    }

    fn shows_at(&self, at: Instant) -> (i64, i64, i64) {
        let shown = self.shows(at.div_euclid(MINUTE));
        (
            shown.div_euclid(MINUTES),
            shown.rem_euclid(MINUTES),
            at.rem_euclid(MINUTE),
        )
    }

    /// When it first shows a minute. One that it leaves out is as much later as it leaves out.
    fn first(&self, day: i64, minute: i64) -> i64 {
        let wanted = day * MINUTES + minute;
        let mut before = wanted - 27 * 60;
        let mut skipped = None;
        for at in before + 1..wanted + 27 * 60 {
            let shown = self.shows(at);
            if shown == wanted {
                return at;
            }
            if self.shows(before) < wanted && wanted < shown {
                skipped.get_or_insert(before + wanted - self.shows(before));
            }
            before = at;
        }
        skipped.unwrap()
    }

    fn instant(&self, day: i64, minute: i64) -> Instant {
        self.first(day, minute) * MINUTE
    }

    /// Whether there is such a day here.
    fn has(&self, day: i64) -> bool {
        let noon = day * MINUTES + MINUTES / 2;
        (noon - 38 * 60..noon + 38 * 60).any(|at| self.shows(at).div_euclid(MINUTES) == day)
    }
}

/// Year, month and day of a day's number.
fn civil(day: i64) -> (i64, i64, i64) {
    let (mut year, mut rest) = (1970, day);
    while rest < 0 {
        year -= 1;
        rest += year_length(year);
    }
    while rest >= year_length(year) {
        rest -= year_length(year);
        year += 1;
    }
    let mut month = 1;
    while rest >= month_length(year, month) {
        rest -= month_length(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

fn number(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(year_length).sum();
    let before: i64 = (year..1970).map(year_length).sum();
    let months: i64 = (1..month).map(|it| month_length(year, it)).sum();
    years - before + months + day - 1
}

fn year_length(year: i64) -> i64 {
    (1..=12).map(|month| month_length(year, month)).sum()
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day so many units further on.
fn moved(day: i64, n: i64, unit: Unit) -> i64 {
    let months = match unit {
        Unit::Month => n,
        Unit::Year => n * 12,
        Unit::Week => return day + n * 7,
        _ => return day + n,
    };
    let (year, month, of_month) = civil(day);
    let month = year * 12 + month - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    number(year, month, of_month.min(month_length(year, month)))
}

fn weekday(day: i64) -> Weekday {
    WEEK[day.rem_euclid(7) as usize]
}

/// The instants at which a zone's clock was changed.
fn changes(zone: &str) -> Vec<Instant> {
    let tz = TimeZone::get(zone).unwrap();
    let from: Timestamp = "1972-06-01T00:00:00Z".parse().unwrap();
    let all = tz.following(from).map(|it| it.timestamp().as_millisecond());
    all.take_while(|it| *it < 2_100_000_000_000).collect()
}

/// A zone and an instant, most of them within days of a change of its clock.
fn places() -> impl Strategy<Value = (String, Instant)> {
    let all: Vec<String> = jiff::tz::db()
        .available()
        .map(|it| it.as_str().to_owned())
        .collect();
    let known = proptest::sample::select(KNOWN.to_vec()).prop_map(str::to_owned);
    let zone = prop_oneof![3 => known, 1 => proptest::sample::select(all)];
    let around = prop_oneof![
        -3 * DAY..3 * DAY,
        (-3 * MINUTES..3 * MINUTES).prop_map(|n| n * MINUTE),
        Just(0),
        Just(-1)
    ];
    let anywhere = 80_000_000_000..2_000_000_000_000i64;
    (
        zone,
        any::<proptest::sample::Index>(),
        around,
        anywhere,
        0..4u8,
    )
        .prop_map(|(zone, which, around, anywhere, far)| {
            let changes = changes(&zone);
            let at = match far {
                0 => anywhere,
                _ if changes.is_empty() => anywhere,
                _ => changes[which.index(changes.len())] + around,
            };
            (zone, at)
        })
}

fn clocks() -> impl Strategy<Value = Clock> {
    let round = (0..48u16).prop_map(|n| Clock(n * 30));
    prop_oneof![3 => round, 1 => (0..1_440u16).prop_map(Clock)]
}

fn weekdays() -> impl Strategy<Value = Vec<Weekday>> {
    proptest::sample::subsequence(WEEK.to_vec(), 1..=7)
}

fn cases(by_default: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = u64::from(by_default) * u64::from(asked.cases) / 256;
    ProptestConfig {
        cases: u32::try_from(cases).unwrap_or(u32::MAX).max(1),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..asked
    }
}

fn show(at: Instant) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| "never".to_owned(), |it| it.to_string())
}

fn same(found: Instant, meant: Instant, asked: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(show(found), show(meant), "{}", asked);
    Ok(())
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn a_span_keeps_the_clock_on_the_wall((zone, at) in places(), n in 0..40u32, unit in 0..4usize, back in any::<bool>()) {
        let unit = [Unit::Day, Unit::Week, Unit::Month, Unit::Year][unit];
        let wall = Wall::of(&zone);
        let (day, minute, rest) = wall.shows_at(at);
        let sign = if back { -1 } else { 1 };
        let day = moved(day, sign * i64::from(n), unit);
        prop_assume!((800..30_000).contains(&day));
        let meant = wall.instant(day, minute) + rest;
        let engine = Zone::named(&zone).unwrap();
        let span = Span::new(n, unit);
        let found = if back { engine.before(at, span) } else { engine.after(at, span) };
        same(found, meant, &format!("{zone} {} {span} back: {back}", show(at)))?;
    }

    #[test]
    fn the_next_time_the_clock_shows_is_found((zone, at) in places(), clock in clocks(), on in weekdays()) {
        let wall = Wall::of(&zone);
        let engine = Zone::named(&zone).unwrap();
        let (day, ..) = wall.shows_at(at);
        prop_assert_eq!(i64::from(engine.day(at)), day);
        let next = |wanted: &dyn Fn(i64) -> bool| {
            let days = (day - 2..day + 11).filter(|day| wanted(*day));
            let all = days.map(|day| wall.instant(day, i64::from(clock.0)));
            all.filter(|it| *it >= at).min().unwrap()
        };
        let asked = format!("{zone} {} {clock} {on:?}", show(at));
        same(engine.next_clock(at, clock), next(&|_| true), &asked)?;
        let on_days = |day: i32| on.contains(&super::weekday(day));
        same(engine.next_clock_on(at, clock, on_days), next(&|day| on.contains(&weekday(day))), &asked)?;
        same(engine.midnight(day as i32), wall.instant(day, 0), &asked)?;
    }

    #[test]
    fn hours_are_open_from_their_opening_to_their_closing(
        (zone, at) in places(),
        on in weekdays(),
        from in clocks(),
        to in clocks(),
        holidays in proptest::collection::vec(-5..15i64, 0..4),
        business_days in 0..6u32,
    ) {
        let wall = Wall::of(&zone);
        let (today, minute, rest) = wall.shows_at(at);
        let holidays: BTreeSet<i64> = holidays.into_iter().map(|it| today + it).collect();
        let hours = Hours {
            name: "open".into(),
            timezone: zone.clone(),
            open: on.iter().map(|on| (*on, from, to)).collect(),
            holidays: holidays.iter().map(|day| Date(*day as i32)).collect(),
        };
        let engine = OpenHours::new(&hours).unwrap();
        let opens = |day: i64| on.contains(&weekday(day)) && !holidays.contains(&day) && wall.has(day);
        let next_day = i64::from(to.0 <= from.0);
        let openings: Vec<(Instant, Instant)> = (today - 2..today + 25)
            .filter(|day| opens(*day))
            .map(|day| (wall.instant(day, i64::from(from.0)), wall.instant(day + next_day, i64::from(to.0))))
            .collect();
        let inside = |at: Instant| openings.iter().any(|(from, to)| *from <= at && at < *to);
        let asked = format!("{zone} {} {on:?} {from}-{to} closed {holidays:?}", show(at));
        prop_assert_eq!(engine.inside(at), inside(at), "{}", asked);
        let openings_after = openings.iter().map(|(from, _)| *from).filter(|from| *from > at && inside(*from));
        let meant = if inside(at) { at } else { openings_after.min().unwrap_or(NEVER) };
        same(engine.next_inside(at), meant, &asked)?;
        let edges = openings.iter().flat_map(|(from, to)| [*from, *to]).filter(|it| *it > at);
        let change = edges.filter(|it| inside(*it) != inside(at)).min().unwrap_or(NEVER);
        let found = engine.next_change(at);
        prop_assert!(at < found && found <= change, "{} {} {}", asked, show(found), show(change));
        if from != to {
            same(found, change, &asked)?;
        }

        let mut day = today;
        for _ in 0..business_days {
            day = (day + 1..day + 60).find(|day| opens(*day)).unwrap();
        }
        let meant = wall.instant(day, minute) + rest;
        same(engine.business_days_after(at, business_days), meant, &asked)?;
        let left = if opens(today) {
            meant
        } else {
            let mut day = (today..today + 60).find(|day| opens(*day)).unwrap();
            for _ in 0..business_days {
                day = (day + 1..day + 60).find(|day| opens(*day)).unwrap();
            }
            wall.instant(day, 0)
        };
        same(engine.leaves_business_days(at, business_days), left, &asked)?;
    }

    #[test]
    fn schedules_fall_due_on_their_days_once((zone, at) in places(), clock in clocks(), on in weekdays(), which in 0..9u8, day in 1..32u8) {
        let nth = |n: u8, from_end| MonthDay::Nth { n, from_end, weekday: on[0] };
        let monthly = |on| Schedule::Monthly { on, at: clock };
        let schedule = match which {
            0 => Schedule::Daily { at: clock },
            1 => Schedule::Weekly { on: on.clone(), at: clock },
            2 => monthly(MonthDay::Last),
            3 => monthly(MonthDay::Day(day)),
            4..8 => monthly(nth(which - 3, false)),
            _ => monthly(nth(1, true)),
        };
        let wanted = |number: i64| {
            let (year, month, of_month) = civil(number);
            let left = month_length(year, month) - of_month;
            match which {
                0 => true,
                1 => on.contains(&weekday(number)),
                2 => left == 0,
                3 => of_month == i64::from(day),
                4..8 => weekday(number) == on[0] && (of_month - 1) / 7 == i64::from(which - 4),
                _ => weekday(number) == on[0] && left < 7,
            }
        };
        let wall = Wall::of(&zone);
        let engine = Zone::named(&zone).unwrap();
        let (today, ..) = wall.shows_at(at);
        let days = (today - 2..today + 190).filter(|day| wanted(*day)).take(5);
        let mut last = i64::MIN;
        let mut meant = Vec::new();
        for day in days {
            let due = wall.instant(day, i64::from(clock.0));
            // Once per date, also where a day was left out.
            if due >= at && day > last {
                last = wall.shows_at(due).0;
                meant.push(show(due));
            }
        }
        let (mut from, mut last, mut found) = (at, None, Vec::new());
        for _ in &meant {
            let due = next_occurrence(&schedule, None, &engine, from, last);
            found.push(show(due));
            last = Some(engine.day(due));
            from = due + 1;
        }
        prop_assert_eq!(found, meant, "{} {} {:?}", zone, show(at), schedule);
    }

    #[test]
    fn cron_expressions_fall_due_when_the_clock_shows_it(
        (zone, at) in places(),
        minutes in prop_oneof![(0..60i64).prop_map(|n| vec![n]), Just(vec![0, 30])],
        hours in prop_oneof![(0..24i64).prop_map(|n| vec![n]), Just(vec![0, 1, 2, 3, 23]), Just((0..24).collect())],
        on in proptest::option::of(weekdays()),
        of_month in proptest::option::weighted(0.3, 1..29i64),
    ) {
        let list = |of: &[i64]| of.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let word = |it: &Weekday| format!("{it:?}").chars().take(3).collect::<String>().to_uppercase();
        let days = on.as_ref().map_or("*".to_owned(), |on| on.iter().map(word).collect::<Vec<_>>().join(","));
        let date = of_month.map_or("*".to_owned(), |it| it.to_string());
        let text = format!("{} {} {date} * {days}", list(&minutes), list(&hours));
        let cron = Cron::parse(&text).unwrap();
        let wall = Wall::of(&zone);
        let (today, ..) = wall.shows_at(at);
        let wanted = |day: &i64| {
            on.as_ref().is_none_or(|on| on.contains(&weekday(*day)))
                && of_month.is_none_or(|it| civil(*day).2 == it)
        };
        let times: Vec<i64> = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect();
        // The next days that are wanted; a time that was left out is shown a day later at most.
        let days = (today - 1..today + 1_300).filter(wanted).take(4);
        let due = days.flat_map(|day| times.iter().map(move |minute| (day, *minute)));
        let due = due.map(|(day, minute)| wall.instant(day, minute));
        let meant = due.filter(|it| *it >= at).min().unwrap();
        let engine = Zone::named(&zone).unwrap();
        same(cron.next(&engine, at), meant, &format!("{zone} {} {text}", show(at)))?;
    }

    #[test]
    fn quiet_hours_end_when_the_clock_first_shows_another_time((zone, at) in places(), from in clocks(), to in clocks()) {
        let wall = Wall::of(&zone);
        let quiet = |minute: i64| {
            let clock = wall.shows(minute).rem_euclid(MINUTES);
            let (from, to) = (i64::from(from.0), i64::from(to.0));
            if from < to { (from..to).contains(&clock) } else { clock >= from || clock < to }
        };
        let now = at.div_euclid(MINUTE);
        let engine = Zone::named(&zone).unwrap();
        let found = end_of(&engine, at, from, to).map(show);
        let end = (now + 1..now + 3 * MINUTES).find(|it| !quiet(*it));
        let meant = quiet(now).then(|| end.map_or(NEVER, |it| it * MINUTE));
        if from != to {
            prop_assert_eq!(found, meant.map(show), "{} {} {}-{}", zone, show(at), from, to);
        }
    }
}
