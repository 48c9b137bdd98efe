//! Audiences: what advertising networks are told, and when.

use journey_engine::{Enlist, Intent, Item, Match};
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

struct Shop {
    add_to_cart: EventIx,
    ads: ConsentIx,
    email: AttributeIx,
}

/// People who filled a cart in the last 7 days and agreed, by e-mail, for 3 days.
fn person(keep: Option<Span>) -> (Person, Shop) {
    let mut build = Build::new();
    let add_to_cart = build.event("add_to_cart", &[]);
    let ads = build.consent("ads");
    build.ir.schema.consents[ads.at()].others = vec!["meta".into(), "google".into()];
    let people = build.did(add_to_cart, 1, Window::Last(days(7)), 0);
    let email = AttributeIx(0);
    build.ir.audiences.push(Audience {
        name: "retarget".into(),
        title: None,
        people,
        sync: vec!["meta".into(), "google".into()],
        consents: vec![ads],
        match_by: vec![email, AttributeIx(1)],
        keep,
    });
    let shop = Shop {
        add_to_cart,
        ads,
        email,
    };
    (build.person(), shop)
}

fn agree(person: &mut Person, at: Instant, consent: ConsentIx, given: bool) {
    let channel = None;
    person.item(
        &Item::Consent {
            consent,
            channel,
            given,
            occurred_at: at,
        },
        at,
    );
}

/// What networks were told since the last question: network, whether added, the address.
fn told(person: &mut Person) -> Vec<(String, bool, String)> {
    let effects = std::mem::take(&mut person.out.effects);
    let told = effects.into_iter().filter_map(|effect| match effect.what {
        Intent::Enlist(Enlist {
            network,
            add,
            people,
            ..
        }) => Some((network, add, words(&people))),
        _ => None,
    });
    told.collect()
}

fn words(people: &[Match]) -> String {
    let words = people.iter().map(|one| match one {
        Match::Email(it) | Match::Phone(it) => it.as_str(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn each(add: bool, who: &str) -> Vec<(String, bool, String)> {
    let networks = ["meta", "google"];
    networks
        .map(|it| (it.to_owned(), add, who.to_owned()))
        .into()
}

#[test]
fn only_people_who_agreed_are_told_of_and_a_withdrawal_takes_them_out() {
    let (mut person, shop) = person(None);
    person.does(MONDAY, shop.add_to_cart, &[]);
    assert!(told(&mut person).is_empty());
    agree(&mut person, MONDAY + HOUR, shop.ads, true);
    assert_eq!(told(&mut person), each(true, "minji@example.com"));
    agree(&mut person, MONDAY + 2 * HOUR, shop.ads, false);
    assert_eq!(told(&mut person), each(false, "minji@example.com"));
}

#[test]
fn networks_are_told_of_whoever_belongs_to_an_audience_by_an_event_heard_of_too_late() {
    let (mut person, shop) = person(None);
    agree(&mut person, MONDAY, shop.ads, true);
    person.does_late(MONDAY + HOUR, MONDAY + 4 * DAY, shop.add_to_cart, &[]);
    assert!(person.tells("too late to start"));
    assert_eq!(told(&mut person), each(true, "minji@example.com"));
}

#[test]
fn a_consent_by_e_mail_is_no_consent_to_networks() {
    let (mut person, shop) = person(None);
    person.does(MONDAY, shop.add_to_cart, &[]);
    let item = Item::Consent {
        consent: shop.ads,
        channel: Some(Channel::Email),
        given: true,
        occurred_at: MONDAY + 1,
    };
    person.item(&item, MONDAY + 1);
    assert!(told(&mut person).is_empty());
}

#[test]
fn whoever_leaves_by_the_passing_of_time_is_taken_out_then() {
    let (mut person, shop) = person(None);
    agree(&mut person, MONDAY, shop.ads, true);
    person.does(MONDAY, shop.add_to_cart, &[]);
    told(&mut person);
    person.until(MONDAY + 7 * DAY - 1);
    assert!(told(&mut person).is_empty());
    person.until(MONDAY + 7 * DAY);
    assert_eq!(told(&mut person), each(false, "minji@example.com"));
}

#[test]
fn nobody_is_kept_for_longer_than_the_audience_says() {
    let (mut person, shop) = person(Some(days(3)));
    agree(&mut person, MONDAY, shop.ads, true);
    person.does(MONDAY, shop.add_to_cart, &[]);
    told(&mut person);
    person.until(MONDAY + 3 * DAY - 1);
    assert!(told(&mut person).is_empty());
    person.until(MONDAY + 3 * DAY);
    assert_eq!(told(&mut person), each(false, "minji@example.com"));
    // Another cart prolongs the condition, but does not begin anew what never ended.
    person.does(MONDAY + 4 * DAY, shop.add_to_cart, &[]);
    assert!(told(&mut person).is_empty());
    // Once the condition has stopped to hold, it may begin again.
    person.until(MONDAY + 20 * DAY);
    person.does(MONDAY + 20 * DAY, shop.add_to_cart, &[]);
    assert_eq!(told(&mut person), each(true, "minji@example.com"));
}

#[test]
fn a_new_address_replaces_the_one_the_networks_know() {
    let (mut person, shop) = person(None);
    agree(&mut person, MONDAY, shop.ads, true);
    person.does(MONDAY, shop.add_to_cart, &[]);
    told(&mut person);
    person.set(MONDAY + HOUR, shop.email, "new@example.com");
    let mut told = told(&mut person);
    told.sort_by_key(|it| it.1);
    assert_eq!(
        told[..2]
            .iter()
            .filter(|it| it.2 == "minji@example.com")
            .count(),
        2
    );
    assert_eq!(
        told[2..]
            .iter()
            .filter(|it| it.2 == "new@example.com")
            .count(),
        2
    );
}

#[test]
fn erasure_takes_the_person_out_of_every_network() {
    let (mut person, shop) = person(None);
    agree(&mut person, MONDAY, shop.ads, true);
    person.does(MONDAY, shop.add_to_cart, &[]);
    told(&mut person);
    person.item(
        &Item::Erase {
            occurred_at: MONDAY + HOUR,
        },
        MONDAY + HOUR,
    );
    assert_eq!(told(&mut person), each(false, "minji@example.com"));
    assert!(person.contact.is_erased());
}

#[test]
fn no_two_things_that_networks_are_told_share_a_key() {
    let (mut person, shop) = person(None);
    let mut keys = Vec::new();
    for turn in 0..5 {
        let at = MONDAY + turn * HOUR;
        agree(&mut person, at, shop.ads, turn % 2 == 0);
        person.does(at, shop.add_to_cart, &[]);
        keys.extend(person.out.effects.drain(..).map(|effect| effect.key));
    }
    assert_eq!(keys.len(), 10);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 10);
}
