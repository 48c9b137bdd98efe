//! The second way of a message that its channel could not deliver.

use journey_engine::{Effect, Intent, Item, Send};
use journey_ir::message::Piece;
use journey_ir::project::ChannelSettings;
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;

use crate::build::*;

/// A person who was sent a text by Kakao, which hands over to SMS; both are advertising under one consent.
fn person() -> (Person, ConsentIx) {
    let mut build = Build::new();
    let hello = build.event("hello", &[]);
    let marketing = build.consent("marketing");
    build.ir.schema.consents[0].channels = vec![Channel::Kakao, Channel::Sms];
    build
        .ir
        .project
        .addresses
        .push((Channel::Kakao, "phone".into()));
    build.ir.project.channels.push(ChannelSettings {
        channel: Channel::Kakao,
        sender: None,
        smtp: None,
        action: None,
        on_unclear_result: None,
        fallback: Some(Channel::Sms),
    });
    let text = |channel| Message {
        channel,
        template: "welcome".into(),
        purpose: Purpose::Advertising,
        consent: Some(marketing),
        sender: None,
        subject: vec![Piece::Text("hello".into())],
        body: Vec::new(),
        needs: Vec::new(),
        translations: Vec::new(),
    };
    let kakao = build.message(text(Channel::Kakao));
    build.message(text(Channel::Sms));
    build.journey("welcome", when(hello), vec![send(kakao, None)]);
    let mut person = build.person();
    let phone = person.program.attribute_by_name("phone").unwrap();
    person.set(MONDAY, phone, "010-1234-5678");
    agree(&mut person, marketing, Channel::Kakao, true);
    agree(&mut person, marketing, Channel::Sms, true);
    person.does(MONDAY, hello, &[]);
    (person, marketing)
}

fn agree(person: &mut Person, consent: ConsentIx, channel: Channel, given: bool) {
    let channel = Some(channel);
    person.item(
        &Item::Consent {
            consent,
            channel,
            given,
            occurred_at: MONDAY,
        },
        MONDAY,
    );
}

fn fails(person: &mut Person, effect: &Effect) {
    let item = Item::Undelivered {
        effect: Box::new(effect.clone()),
        occurred_at: MONDAY + HOUR,
    };
    person.item(&item, MONDAY + HOUR);
}

fn sends(person: &mut Person) -> Vec<(Effect, Send)> {
    let effects = std::mem::take(&mut person.out.effects);
    let sends = effects.into_iter().filter_map(|effect| match &effect.what {
        Intent::Send(send) => Some((effect.clone(), send.clone())),
        _ => None,
    });
    sends.collect()
}

#[test]
fn a_message_that_failed_is_sent_by_the_other_channel_once() {
    let (mut person, _) = person();
    let (first, _) = sends(&mut person).remove(0);
    fails(&mut person, &first);
    let (second, send) = sends(&mut person).remove(0);
    assert_eq!(send.channel, Channel::Sms);
    assert_eq!(send.instead_of, Some(Channel::Kakao));
    assert_ne!(second.key, first.key);
    // The second way is the last one.
    fails(&mut person, &second);
    assert!(sends(&mut person).is_empty());
}

#[test]
fn the_consent_is_asked_again_for_the_other_channel() {
    let (mut person, marketing) = person();
    let (first, _) = sends(&mut person).remove(0);
    agree(&mut person, marketing, Channel::Sms, false);
    fails(&mut person, &first);
    assert!(sends(&mut person).is_empty());
    assert!(person.tells("no consent to marketing"));
    person.until(MONDAY + DAY);
    assert!(sends(&mut person).is_empty());
}
