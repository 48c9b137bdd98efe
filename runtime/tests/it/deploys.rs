//! Deploys on stores with history: a new program decides at once and contacts follow it one by one, whatever interrupts
//! or overtakes that, with the same end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use journey_engine::{Contact, Item, Program};
use journey_ir::journey::{ExitRule, OnUpdate, Reenter};
use journey_ir::time::{Clock, DAY, HOUR, MINUTE, Schedule, Unit};
use journey_ir::{
    self as ir, Atom, AtomIx, Condition, ConditionIx, Entry, EventIx, Instant, Keep, Segment,
    SegmentIx, Span, Trigger, Window,
};
use journeyd::clock::ManualClock;
use journeyd::deliver::Bell;
use journeyd::inspect;
use journeyd::process::{self, Arrival, Effects, MEMBERS_PER_MINUTE, Process, Wakes, Who, worker};
use journeyd::store::{ContactNo, DataFolder, Read as _, Sqlite, TallyKey};
use proptest::prelude::*;
use serde_json::json;

use crate::people::cases;
use crate::shop::{
    MONDAY, batch, happened, journey, known, open_with, program, purchase, tally, traits,
};

/// When the first deploy of a history is.
const DEPLOY: Instant = MONDAY + 6 * HOUR;
/// When the second is.
const SECOND: Instant = DEPLOY + 3 * HOUR;
const END: Instant = MONDAY + 4 * DAY;

/// What a program may have.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Feature {
    Renamed,
    Welcome,
    Daily,
    Longer,
    Moves,
    MoreFields,
}

#[derive(Debug, Clone)]
struct Features {
    /// Who has bought: ever, in the last five hours, or twice.
    bought: u8,
    with: Vec<Feature>,
}

impl Features {
    fn has(&self, feature: Feature) -> bool {
        self.with.contains(&feature)
    }
}

fn features() -> impl Strategy<Value = Features> {
    use Feature::{Daily, Longer, MoreFields, Moves, Renamed, Welcome};
    let all = vec![Renamed, Welcome, Daily, Longer, Moves, MoreFields];
    let with = prop::sample::subsequence(all, 0..=6);
    (0..3_u8, with).prop_map(|(bought, with)| Features { bought, with })
}

fn shop_with(of: &Features) -> ir::Program {
    let mut program = program();
    program.project.late_after = 0;
    program.aggregates[0].keep = Keep::Newest(4);
    let (n, window) = match of.bought {
        0 => (1, Window::Ever),
        1 => (1, Window::Last(Span::new(5, Unit::Hour))),
        _ => (2, Window::Ever),
    };
    program.atoms[0] = Atom::Happened {
        aggregate: ir::AggregateIx(0),
        n,
        window,
        settle: 0,
    };
    program.atoms.push(Atom::Tagged("vip".into()));
    program.conditions.push(Condition::Is(AtomIx(1)));
    let wait = if of.has(Feature::Longer) { 7 } else { 2 };
    let mut thanks = journey("thanks", EventIx(0), Span::new(wait, Unit::Hour));
    if of.has(Feature::Moves) {
        thanks.on_update = OnUpdate::Move;
    }
    if of.has(Feature::Renamed) {
        thanks.name = "gratitude".into();
        thanks.formerly = vec!["thanks".into()];
    }
    program.journeys = vec![thanks];
    if of.has(Feature::Welcome) {
        let mut welcome = journey("welcome", EventIx(0), Span::new(90, Unit::Minute));
        welcome.entry = Entry::When {
            trigger: Trigger::Joins(SegmentIx(0)),
            condition: None,
        };
        welcome.reenter = Reenter::AnyTime;
        let mut farewell = welcome.clone();
        farewell.name = "farewell".into();
        farewell.entry = Entry::When {
            trigger: Trigger::Leaves(SegmentIx(0)),
            condition: None,
        };
        program.journeys.extend([welcome, farewell]);
    }
    if of.has(Feature::Daily) {
        let mut daily = journey("daily", EventIx(0), Span::new(30, Unit::Minute));
        daily.entry = Entry::Schedule {
            schedule: Schedule::Daily {
                at: Clock(17 * 60 + 30),
            },
            people: ConditionIx(1),
        };
        program.journeys.push(daily);
    }
    if of.has(Feature::MoreFields) {
        // Positions move: everything is found again by name.
        let other = crate::shop::event("other", vec![], None);
        program.schema.events.insert(0, other);
        program.aggregates[0].event = EventIx(1);
        for journey in &mut program.journeys {
            if let Entry::When {
                trigger: Trigger::Event { event, .. },
                ..
            } = &mut journey.entry
            {
                *event = EventIx(1);
            }
            journey.version.push('+');
        }
        let name = if of.has(Feature::Renamed) {
            "regulars"
        } else {
            "buyers"
        };
        program.segments.push(Segment {
            name: "all".into(),
            title: None,
            condition: ConditionIx(0),
        });
        program.segments[0].name = name.into();
    }
    program
}

/// Something that happens to somebody.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Purchase(u8),
    Cart(u8),
    Late(u8),
    Name(u8),
    Device(u8),
    IsDevice(u8, u8),
    Same(u8, u8),
    Erase(u8),
    Wake,
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = || 0..5_u8;
    prop_oneof![
        6 => who().prop_map(Deed::Purchase),
        2 => who().prop_map(Deed::Cart),
        1 => who().prop_map(Deed::Late),
        1 => who().prop_map(Deed::Name),
        1 => (0..3_u8).prop_map(Deed::Device),
        1 => (who(), 0..3_u8).prop_map(|(who, device)| Deed::IsDevice(who, device)),
        1 => (who(), who()).prop_map(|(one, other)| Deed::Same(one, other)),
        1 => Just(Deed::Erase(4)),
        3 => Just(Deed::Wake),
    ]
}

/// Deeds with the minutes that pass before each.
fn deeds(most: usize) -> impl Strategy<Value = Vec<(u16, Deed)>> {
    prop::collection::vec((0..40_u16, deed()), 1..most)
}

/// The same without what is heard of late: that acts when it is processed, and what was decided before stays.
fn in_time(most: usize) -> impl Strategy<Value = Vec<(u16, Deed)>> {
    let late = |deed: &(u16, Deed)| matches!(deed.1, Deed::Late(_));
    deeds(most).prop_map(move |all| all.into_iter().filter(|one| !late(one)).collect())
}

/// The same where nothing happens at the very instant up to which everybody was woken: it would come after what was due
/// then, and before it where nobody was woken, or somebody was not yet counted and not known to be due.
fn apart_from_wakes(most: usize) -> impl Strategy<Value = Vec<(u16, Deed)>> {
    in_time(most).prop_map(|mut all| {
        let mut woken = false;
        for (minutes, deed) in &mut all {
            *minutes = (*minutes).max(u16::from(woken));
            woken = matches!(deed, Deed::Wake);
        }
        all
    })
}

fn person(n: u8) -> String {
    format!("c{n}")
}

fn arrival(program: &Program, deed: Deed, n: usize, at: Instant) -> Option<Arrival> {
    let order = format!("o{n}");
    let one = |who, item| Arrival {
        who,
        received_at: at,
        id: None,
        item,
    };
    Some(match deed {
        Deed::Purchase(who) => purchase(program, known(&person(who)), &order, at),
        Deed::Cart(who) => happened(
            program,
            known(&person(who)),
            "cart_filled",
            &json!({}),
            &order,
            at,
        ),
        Deed::Late(who) => {
            let mut late = purchase(program, known(&person(who)), &order, at - 5 * HOUR);
            if let Some(Item::Event(event)) = &mut late.item {
                event.received_at = at;
            }
            late.received_at = at;
            late
        }
        Deed::Name(who) => traits(program, known(&person(who)), &json!({"name": order}), at),
        Deed::Device(device) => {
            let who = Who::Anonymous(format!("d{device}"));
            purchase(program, who, &order, at)
        }
        Deed::IsDevice(who, device) => {
            let who = Who::Both {
                known: person(who),
                anonymous: format!("d{device}"),
            };
            one(who, None)
        }
        Deed::Same(one_is, other) if one_is != other => {
            let who = Who::Alias {
                known: person(one_is),
                previous: person(other),
            };
            one(who, None)
        }
        Deed::Same(..) | Deed::Wake => return None,
        Deed::Erase(who) => one(known(&person(who)), Some(Item::Erase { occurred_at: at })),
    })
}

fn wake_all(shop: &mut Process<Sqlite>, until: Instant) {
    let wakes = Wakes {
        until,
        most: 3,
        effects: Effects::Act,
    };
    while shop.turn(&[], Some(wakes), until).unwrap().woken > 0 {}
}

/// Does what happens from an instant on; says when it ended. `between` is asked before each.
fn live(
    shop: &mut Process<Sqlite>,
    deeds: &[(u16, Deed)],
    from: Instant,
    first: usize,
    mut between: impl FnMut(&mut Process<Sqlite>, Instant),
) -> Instant {
    let mut at = from;
    for (n, (minutes, deed)) in deeds.iter().enumerate() {
        at += i64::from(*minutes) * MINUTE;
        between(shop, at);
        let program = Arc::clone(shop.program());
        match arrival(&program, *deed, first + n, at) {
            Some(arrival) => drop(shop.turn(&[batch(vec![arrival])], None, at).unwrap()),
            None => wake_all(shop, at),
        }
    }
    at
}

fn reopened(folder: &Path, program: &ir::Program, now: Instant) -> Process<Sqlite> {
    let store = Sqlite::open(DataFolder::lock(folder).unwrap()).unwrap();
    process::take_up(store, program.clone(), now).unwrap()
}

fn swept(shop: &mut Process<Sqlite>, now: Instant) {
    while shop.sweep(100, now).unwrap().is_some() {}
}

/// Everything that can be known of a store, apart from what it is called inside.
#[derive(Debug, PartialEq)]
struct Picture {
    contacts: Vec<String>,
    stories: BTreeMap<String, Vec<String>>,
    tallies: Vec<(TallyKey, i64)>,
    effects: Vec<String>,
}

fn picture(shop: &mut Process<Sqlite>) -> Picture {
    let program = Arc::clone(shop.program());
    let rows = shop.store().following(ContactNo(0), 1_000).unwrap();
    let contacts = rows.iter().map(|row| {
        let contact = Contact::decode(&row.state, &program).unwrap();
        let member = contact.memberships(&program);
        let said = format!("{} {:?} {member:?} {contact:?}", row.name, row.next_wake);
        // Which older programs are linked besides, and what is watched for them, is no business of a contact.
        let said = without(&said, "meaning: ", ", ");
        let said = without(&said, "stale: ", ", ");
        without(&said, "watches: ", "tenures: ")
    });
    let mut stories = BTreeMap::new();
    for row in &rows {
        let of = inspect::contact(shop.store(), &program, &row.name, 10_000);
        let history = of.unwrap().unwrap().history.into_iter();
        let mut lines: Vec<String> = history.map(|it| format!("{} {}", it.at, it.what)).collect();
        lines.sort();
        stories.insert(row.name.clone(), lines);
    }
    let mut tallies = shop.store().tallies().unwrap();
    tallies.sort();
    let kept = shop.store().effects(0, None, None, 100_000).unwrap();
    let mut effects: Vec<String> = kept
        .iter()
        .map(|it| {
            let (effect, status) = (&it.effect, it.effect.status);
            format!(
                "{} {} {} {} {:?} {:?}",
                it.contact_name, effect.journey, effect.step, effect.decided_at, status, effect.key
            )
        })
        .collect();
    effects.sort();
    Picture {
        contacts: contacts.collect(),
        stories,
        tallies,
        effects,
    }
}

/// A text without a part of it.
fn without(text: &str, from: &str, to: &str) -> String {
    let (before, after) = text.split_once(from).unwrap();
    let (_, after) = after.split_once(to).unwrap();
    format!("{before}{to}{after}")
}

impl Picture {
    /// The same without what depends on which older programs were linked besides: how far the clock of a contact went
    /// for what they watch, and whether they were counted again.
    fn whatever_is_linked(mut self) -> Self {
        for contact in &mut self.contacts {
            *contact = without(contact, "clock: ", "life: ");
        }
        for story in self.stories.values_mut() {
            story.retain(|line| {
                !line.ends_with("memberships were worked out anew for a changed program")
            });
        }
        self
    }
}

fn ended(mut shop: Process<Sqlite>) -> Picture {
    swept(&mut shop, END);
    wake_all(&mut shop, END);
    picture(&mut shop)
}

proptest! {
    #![proptest_config(cases(8))]

    /// The daemon dies after every single commit of the sweep.
    #[test]
    fn a_deploy_that_is_interrupted_at_every_commit_ends_like_one_that_is_not(
        before in features(),
        after in features(),
        history in deeds(30),
    ) {
        let (before, after) = (shop_with(&before), shop_with(&after));
        let end = |interrupted: bool| {
            let root = tempfile::tempdir().unwrap();
            let mut shop = open_with(root.path(), before.clone(), MONDAY);
            live(&mut shop, &history, MONDAY, 0, |_, _| {});
            drop(shop);
            let mut now = DEPLOY + 20 * HOUR;
            let mut shop = reopened(root.path(), &after, now);
            while interrupted && shop.progress().is_some() {
                drop(shop);
                now += MINUTE;
                shop = reopened(root.path(), &after, now);
                shop.sweep(1, now).unwrap();
            }
            swept(&mut shop, now);
            ended(shop)
        };
        prop_assert_eq!(end(true), end(false));
    }

    /// Events, wake-ups and sweep in any order.
    #[test]
    fn what_happens_during_the_sweep_ends_as_if_it_had_happened_after_it(
        before in features(),
        after in features(),
        history in deeds(24),
        meanwhile in apart_from_wakes(24),
        steps in prop::collection::vec(0..3_usize, 1..10),
    ) {
        let (before, after) = (shop_with(&before), shop_with(&after));
        let end = |interleaved: bool| {
            let root = tempfile::tempdir().unwrap();
            let mut shop = open_with(root.path(), before.clone(), MONDAY);
            let now = live(&mut shop, &history, MONDAY, 0, |_, _| {}).max(DEPLOY);
            shop.redeploy(after.clone(), now).unwrap();
            if !interleaved {
                swept(&mut shop, now);
            }
            let mut steps = steps.iter().cycle();
            live(&mut shop, &meanwhile, now, 1_000, |shop, at| {
                for _ in 0..*steps.next().unwrap() {
                    shop.sweep(1, at).unwrap();
                }
            });
            ended(shop)
        };
        prop_assert_eq!(end(true), end(false));
    }

    /// Another deploy comes before everybody was counted, and perhaps back to the first program.
    #[test]
    fn a_second_deploy_during_the_sweep_ends_like_two_deploys_one_after_the_other(
        programs in (features(), features(), features()),
        back in prop::bool::ANY,
        history in deeds(24),
        meanwhile in apart_from_wakes(10),
        late in apart_from_wakes(10),
        dies in prop::bool::ANY,
    ) {
        let first = shop_with(&programs.0);
        let second = shop_with(&programs.1);
        let third = if back { first.clone() } else { shop_with(&programs.2) };
        let end = |at_once: bool| {
            let root = tempfile::tempdir().unwrap();
            let mut shop = open_with(root.path(), first.clone(), MONDAY);
            let now = live(&mut shop, &history, MONDAY, 0, |_, _| {}).max(DEPLOY);
            shop.redeploy(second.clone(), now).unwrap();
            if at_once {
                shop.sweep(2, now).unwrap();
            } else {
                swept(&mut shop, now);
            }
            let now = live(&mut shop, &meanwhile, now, 1_000, |_, _| {}).max(SECOND);
            if at_once && dies {
                drop(shop);
                shop = reopened(root.path(), &third, now);
            } else {
                shop.redeploy(third.clone(), now).unwrap();
            }
            if !at_once {
                swept(&mut shop, now);
            }
            live(&mut shop, &late, now, 2_000, |_, _| {});
            ended(shop).whatever_is_linked()
        };
        prop_assert_eq!(end(true), end(false));
    }

    /// The same arrivals in one go, and nobody woken in between.
    #[test]
    fn a_replay_ends_like_the_live_run(of in features(), history in apart_from_wakes(40)) {
        let program = shop_with(&of);
        let root = tempfile::tempdir().unwrap();
        let mut shop = open_with(root.path(), program.clone(), MONDAY);
        live(&mut shop, &history, MONDAY, 0, |_, _| {});
        let lived = ended(shop);

        let root = tempfile::tempdir().unwrap();
        let mut shop = open_with(root.path(), program, MONDAY);
        let linked = Arc::clone(shop.program());
        let mut at = MONDAY;
        for (n, (minutes, deed)) in history.iter().enumerate() {
            at += i64::from(*minutes) * MINUTE;
            if let Some(arrival) = arrival(&linked, *deed, n, at) {
                shop.turn(&[batch(vec![arrival])], None, at).unwrap();
            }
        }
        prop_assert_eq!(ended(shop), lived);
    }
}

fn many(shop: &mut Process<Sqlite>, n: usize) {
    let program = Arc::clone(shop.program());
    let all = (0..n).map(|n| purchase(&program, known(&format!("c{n}")), &format!("o{n}"), MONDAY));
    shop.turn(&[batch(all.collect())], None, MONDAY).unwrap();
}

fn changed() -> ir::Program {
    let mut changed = program();
    changed.segments[0].name = "customers".into();
    changed
}

/// Old runs may ask for a segment that only their own program has.
#[test]
fn what_only_an_older_program_has_is_neither_counted_nor_told() {
    let with = |name: &str, asks: bool| {
        let mut program = program();
        program.segments[0].name = name.into();
        let mut wait = journey("thanks", EventIx(0), Span::new(30, Unit::Day));
        wait.version = name.into();
        if asks {
            let trigger = Trigger::Leaves(SegmentIx(0));
            wait.exits = vec![ExitRule {
                trigger,
                reason: None,
            }];
        }
        program.journeys = vec![wait];
        program
    };
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), with("buyers", false), MONDAY);
    many(&mut shop, 3);
    shop.redeploy(with("regulars", true), DEPLOY).unwrap();
    swept(&mut shop, DEPLOY);
    let linked = Arc::clone(shop.program());
    let again = purchase(&linked, known("c1"), "again", DEPLOY);
    shop.turn(&[batch(vec![again])], None, DEPLOY).unwrap();
    for (program, now) in [
        (with("customers", false), SECOND),
        (with("people", false), END),
    ] {
        let name = program.segments[0].name.clone();
        shop.redeploy(program, now).unwrap();
        swept(&mut shop, now);
        for segment in ["buyers", "regulars", "customers", "people"] {
            let people = if name == segment { 3 } else { 0 };
            assert_eq!(tally(&mut shop, "segment", segment), people, "{segment}");
        }
        let linked = Arc::clone(shop.program());
        let of = inspect::contact(shop.store(), &linked, "c1", 100);
        assert_eq!(of.unwrap().unwrap().segments, [name]);
    }
}

/// Whoever is counted late passes through the programs in between, and the journey is called there as they say.
#[test]
fn whoever_is_inside_an_old_version_finds_it_however_late_they_are_counted() {
    let with = |name: &str, formerly: &[&str], version: &str| {
        let mut wait = journey(name, EventIx(0), Span::new(30, Unit::Day));
        wait.formerly = formerly.iter().map(ToString::to_string).collect();
        wait.version = version.into();
        let mut program = program();
        program.journeys = vec![wait];
        program
    };
    for counted in [true, false] {
        let root = tempfile::tempdir().unwrap();
        let first = with("thanks", &[], "1");
        let mut shop = open_with(root.path(), first.clone(), MONDAY);
        many(&mut shop, 3);
        shop.redeploy(with("gratitude", &["thanks"], "2"), DEPLOY)
            .unwrap();
        if counted {
            swept(&mut shop, DEPLOY);
        }
        shop.redeploy(first, SECOND).unwrap();
        swept(&mut shop, SECOND);
        wake_all(&mut shop, MONDAY + 31 * DAY);
        assert_eq!(tally(&mut shop, "completed", ""), 3, "{counted}");
    }
}

#[test]
fn a_deploy_is_one_commit_and_the_next_event_finds_the_new_program() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), program(), MONDAY);
    many(&mut shop, 300);
    shop.redeploy(changed(), MONDAY + 10).unwrap();
    assert_eq!(tally(&mut shop, "segment", "buyers"), 300);
    let far = shop.progress().unwrap();
    assert_eq!((far.done, far.total), (0, 300));
    // Whoever does something is counted at once, and so is whoever is due.
    let linked = Arc::clone(shop.program());
    let one = purchase(&linked, known("c7"), "again", MONDAY + 20);
    shop.turn(&[batch(vec![one])], None, MONDAY + 20).unwrap();
    assert_eq!(tally(&mut shop, "segment", "customers"), 1);
    for (who, waits) in [("c7", false), ("c8", true)] {
        let report = inspect::contact(shop.store(), &linked, who, 9)
            .unwrap()
            .unwrap();
        assert_eq!(report.to_be_counted, waits);
    }
    let status = inspect::status(shop.store(), MONDAY + 20).unwrap();
    assert_eq!(status.counting_again, Some(far));
    assert!(
        status.to_string().contains("of 300 since the last deploy"),
        "{status}"
    );
    wake_all(&mut shop, MONDAY + 2 * HOUR);
    assert_eq!(tally(&mut shop, "segment", "customers"), 300);
    assert_eq!(tally(&mut shop, "segment", "buyers"), 0);
    swept(&mut shop, MONDAY + 2 * HOUR);
    assert_eq!(shop.progress(), None);
    assert_eq!(tally(&mut shop, "segment", "customers"), 300);
    let status = inspect::status(shop.store(), MONDAY + 2 * HOUR).unwrap();
    assert_eq!(status.counting_again, None);
}

#[test]
fn a_commit_of_the_sweep_ends_where_it_has_read_enough() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), program(), MONDAY);
    let linked = Arc::clone(shop.program());
    for who in ["busy", "busier", "calm"] {
        let all = (0..4_500).map(|n| purchase(&linked, known(who), &format!("{who}{n}"), MONDAY));
        shop.turn(&[batch(all.collect())], None, MONDAY).unwrap();
    }
    shop.redeploy(changed(), MONDAY + 10).unwrap();
    for done in 1..=3 {
        let far = shop.sweep(500, MONDAY + 10).unwrap().unwrap();
        assert_eq!(far.done, done);
    }
}

/// Lets members in as a daemon would, until nobody is left; says how many entered in which minute.
fn enrolled(shop: &mut Process<Sqlite>, from: Instant) -> Vec<i64> {
    let mut minutes = Vec::new();
    let mut now = from;
    while let Some(next) = shop.next_wake().unwrap().filter(|next| *next < END) {
        now = now.max(next);
        let minute = ((now - from) / MINUTE) as usize;
        minutes.resize(minute + 1, 0);
        minutes[minute] += i64::from(shop.enrol(Effects::Act, now).unwrap());
    }
    minutes
}

/// Buyers who wait for nothing, and a new journey for them.
fn with_letter() -> (ir::Program, ir::Program) {
    let mut before = program();
    before.journeys.clear();
    let mut after = before.clone();
    let mut letter = journey("letter", EventIx(0), Span::new(90, Unit::Day));
    letter.entry = Entry::When {
        trigger: Trigger::Joins(SegmentIx(0)),
        condition: None,
    };
    letter.include_current = true;
    after.journeys = vec![letter];
    (before, after)
}

#[test]
fn current_members_enter_so_many_a_minute() {
    let root = tempfile::tempdir().unwrap();
    let (before, after) = with_letter();
    let mut shop = open_with(root.path(), before, MONDAY);
    let most = MEMBERS_PER_MINUTE as usize;
    many(&mut shop, 2 * most + 100);
    shop.redeploy(after, DEPLOY).unwrap();
    // Not before everybody is counted.
    assert_eq!(shop.enrol(Effects::Act, DEPLOY).unwrap(), 0);
    swept(&mut shop, DEPLOY);
    // Who comes now joins by buying, and is not counted among them.
    let linked = Arc::clone(shop.program());
    let new = purchase(&linked, known("new"), "n1", DEPLOY);
    shop.turn(&[batch(vec![new])], None, DEPLOY).unwrap();
    assert_eq!(tally(&mut shop, "entered", ""), 1);
    let most = i64::from(MEMBERS_PER_MINUTE);
    assert_eq!(enrolled(&mut shop, DEPLOY), [most, most, 100]);
    assert_eq!(tally(&mut shop, "entered", ""), 2 * most + 101);
    // Nobody is written to about not having entered.
    assert_eq!(tally(&mut shop, "not entered", "not a member"), 0);
}

#[test]
fn an_enrolment_that_is_interrupted_at_every_commit_lets_everybody_in_once() {
    let root = tempfile::tempdir().unwrap();
    let (before, after) = with_letter();
    let mut shop = open_with(root.path(), before, MONDAY);
    many(&mut shop, 2_500);
    // Some do not belong.
    let linked = Arc::clone(shop.program());
    let others = (0..100).map(|n| {
        traits(
            &linked,
            known(&format!("x{n}")),
            &json!({"name": "x"}),
            MONDAY,
        )
    });
    shop.turn(&[batch(others.collect())], None, MONDAY).unwrap();
    drop(shop);
    let mut now = DEPLOY;
    for _ in 0..50 {
        let mut shop = reopened(root.path(), &after, now);
        if shop.sweep(700, now).unwrap().is_none() {
            shop.enrol(Effects::Act, now).unwrap();
        }
        now += 7_000;
    }
    let mut shop = reopened(root.path(), &after, now);
    assert_eq!(shop.enrol(Effects::Act, now).unwrap(), 0);
    assert_eq!(tally(&mut shop, "entered", ""), 2_500);
    assert_eq!(tally(&mut shop, "inside", "wait"), 2_500);
}

#[test]
fn a_member_who_becomes_one_with_somebody_who_was_asked_enters_too() {
    let root = tempfile::tempdir().unwrap();
    let (before, after) = with_letter();
    let mut shop = open_with(root.path(), before, MONDAY);
    let linked = Arc::clone(shop.program());
    let visitor = traits(&linked, known("a"), &json!({"name": "a"}), MONDAY);
    shop.turn(&[batch(vec![visitor])], None, MONDAY).unwrap();
    many(&mut shop, MEMBERS_PER_MINUTE as usize);
    let device = Who::Anonymous("phone".into());
    let last = purchase(&linked, device, "last", MONDAY);
    shop.turn(&[batch(vec![last])], None, MONDAY).unwrap();
    shop.redeploy(after, DEPLOY).unwrap();
    swept(&mut shop, DEPLOY);
    shop.enrol(Effects::Act, DEPLOY).unwrap();
    shop.enrol(Effects::Act, DEPLOY).unwrap();
    // The last one waits for the next minute, and turns out to be the first.
    let same = Arrival {
        who: Who::Both {
            known: "a".into(),
            anonymous: "phone".into(),
        },
        received_at: DEPLOY,
        id: None,
        item: None,
    };
    shop.turn(&[batch(vec![same])], None, DEPLOY).unwrap();
    enrolled(&mut shop, DEPLOY);
    let entered = i64::from(MEMBERS_PER_MINUTE) + 1;
    assert_eq!(tally(&mut shop, "entered", ""), entered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_answered_while_contacts_are_counted_again() {
    let root = tempfile::tempdir().unwrap();
    let mut shop = open_with(root.path(), program(), MONDAY);
    many(&mut shop, 5_000);
    let clock = Arc::new(ManualClock::at(MONDAY + 10));
    let (handle, thread) = worker::start(shop, clock, Bell::new(), i64::MAX).unwrap();
    let fates = handle.deploy(changed(), Box::new(|_| {})).await.unwrap();
    assert_eq!(fates.len(), 1);
    let mut answered_meanwhile = 0;
    for n in 0..20_000 {
        let program = handle.program();
        let one = purchase(&program, known("c1"), &format!("x{n}"), MONDAY + 10);
        let receipt = handle.submit(batch(vec![one]), 100).await.unwrap();
        assert_eq!(receipt.accepted, 1);
        if handle.meter().counted().is_none() {
            break;
        }
        answered_meanwhile += 1;
    }
    assert!(answered_meanwhile > 5, "{answered_meanwhile}");
    handle.stop().await;
    let mut shop = tokio::task::spawn_blocking(|| thread.join().unwrap())
        .await
        .unwrap();
    assert_eq!(tally(&mut shop, "segment", "customers"), 5_000);
}
