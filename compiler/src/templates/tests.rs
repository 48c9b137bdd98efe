//! What a template may say, and what is said about the rest.

use journey_ir::message::OfferPart;
use journey_ir::{
    Attribute, AttributeIx, Consent, ConsentIx, Currency, Event, Filter, Hole, Piece, Schema, Type,
};

use super::*;
use crate::known::Known;

const fn known(schema: &Schema) -> Known<'_> {
    Known {
        schema,
        scores: &[],
        all_attributes: true,
        all_consents: true,
        certain: Some(&crate::known::NOTHING_CERTAIN),
    }
}

const MANIFEST: &str = "
[channels.email]
sender = 'shop'
[senders.shop]
from = 'shop@example.kr'
[links]
cart_link = 'https://shop.example.kr/cart/{}'
";

fn schema() -> Schema {
    let attribute = |name: &str, kind, optional| Attribute {
        name: name.into(),
        kind,
        optional,
        private: false,
        default: None,
    };
    Schema {
        attributes: vec![
            attribute("email", Type::EmailAddress, false),
            attribute("name", Type::Text, true),
            attribute("birthday", Type::Date, true),
            attribute("age", Type::YearsSince(AttributeIx(2)), false),
            attribute("spent", Type::Money(Currency::new("KRW")), false),
            attribute("이름", Type::Text, false),
        ],
        events: vec![Event {
            name: "purchase".into(),
            fields: Vec::new(),
            key: None,
            arrives_within: None,
            built_in: false,
        }],
        consents: ["marketing", "night"]
            .iter()
            .zip([
                vec![Channel::Email, Channel::Sms],
                vec![Channel::Sms, Channel::Kakao],
            ])
            .map(|(name, channels)| Consent {
                name: (*name).into(),
                channels,
                others: Vec::new(),
                ask_again: None,
            })
            .collect(),
    }
}

/// The message of one template file, and what is said: code, place, message and fix.
fn read_one(path: &str, text: &str) -> (Message, Vec<String>) {
    let project = LoadedProject::from_texts([("journey.toml", MANIFEST), (path, text)]);
    let mut problems = Problems::default();
    let manifest = crate::manifest::read(&project, &mut problems);
    let templates = read(&project, &manifest, &mut problems);
    let messages = templates.messages(&manifest, known(&schema()), &mut problems);
    problems.sort();
    let said = problems
        .iter()
        .map(|it| {
            let fix = it
                .fix
                .as_ref()
                .map(|fix| format!(" → {} for {}", fix.replacement, fix.at.span.of(text)));
            format!(
                "{} {} · {}{}",
                it.code,
                it.at.span.of(text),
                it.message.en,
                fix.unwrap_or_default()
            )
        })
        .collect();
    (messages.into_iter().next().unwrap(), said)
}

/// What is said about an e-mail with this body.
fn body(words: &str) -> Vec<String> {
    let head = "+++\npurpose = 'survey'\nsubject = 's'\nneeds = { cart = 'text', coupon = 'offer' }\n+++\n";
    read_one("templates/email/x.md", &format!("{head}{words}")).1
}

#[test]
fn a_template_becomes_a_message() {
    let (message, said) = read_one(
        "templates/email/cart.md",
        "+++\r
purpose = \"advertising\"\r
subject = \"(광고) {{ name | or: '고객' }}님\"\r
needs = { cart = \"text\", coupon = \"offer\" }\r
+++\r
{{ coupon.expires | date }} {{ cart | cart_link }} {{ unsubscribe_link }}",
    );
    assert!(said.is_empty(), "{said:#?}");
    assert_eq!(message.template, "cart");
    assert_eq!(message.consent, Some(ConsentIx(0)));
    assert_eq!(message.sender.as_deref(), Some("shop"));
    assert_eq!(
        message.subject,
        [
            Piece::Text("(광고) ".into()),
            Piece::Hole {
                hole: Hole::Attribute(AttributeIx(1)),
                filters: vec![Filter::Or("고객".into())]
            },
            Piece::Text("님".into()),
        ]
    );
    let holes: Vec<_> = message
        .body
        .iter()
        .filter_map(|piece| match piece {
            Piece::Hole { hole, filters } => Some((hole.clone(), filters.clone())),
            Piece::Text(_) => None,
        })
        .collect();
    assert_eq!(
        holes,
        [
            (Hole::OfferPart(1, OfferPart::Expires), vec![Filter::Date]),
            (Hole::Need(0), vec![Filter::Link("cart_link".into())]),
            (Hole::UnsubscribeLink, vec![]),
        ]
    );
}

#[test]
fn every_wrong_variable_is_reported_at_its_place() {
    let lines = [
        "{{ nmae | or: 'x' }}",
        "{{ 이른 }}",
        "{{ purchase.total }}",
        "{{ coupon }} {{ coupon.expire }} {{ cart.title }}",
        "{{ name }}님 {{ age }}",
        "{{ name | or: 'x' | money }} {{ spent | date }} {{ spent | money }}",
        "{{ cart | uper }} {{ cart | cart_lnk }} {{ cart | upper: 'x' }}",
        "{{ name | or }} {{ cart | josa: '를' }}",
    ];
    let said: Vec<String> = lines
        .iter()
        .flat_map(|line| std::iter::once(format!("# {line}")).chain(body(line)))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_bare_particle_is_replaced_by_one_that_follows_the_word() {
    let said = body("{{ cart }}를 담으셨어요");
    assert_eq!(
        said,
        [
            "J0309 를 · `를` reads wrongly after about half of all words → {{ cart | josa: '을/를' }} for {{ cart }}를"
        ]
    );
    for fine in [
        "{{ cart }}님",
        "{{ cart }}이라도",
        "{{ cart | josa: '를/을' }} x",
        "{{ spent | money }}을",
        "{{ cart }} 이 책",
    ] {
        assert!(body(fine).is_empty(), "{fine}");
    }
}

#[test]
fn every_wrong_head_is_reported_at_its_place() {
    let heads = [
        ("email", "no head at all"),
        ("email", "+++\npurpose = 'advertising'\n"),
        ("email", "+++\npurpos = 'advertising'\nsubject = 's'\n+++\n"),
        (
            "email",
            "+++\npurpose = 'advertisement'\nsubject = 5\n+++\n",
        ),
        (
            "email",
            "+++\npurpose = 'survey'\nsubject = \"a\\nb\"\nsender = 'shpo'\n+++\n",
        ),
        (
            "email",
            "+++\npurpose = 'survey'\nsubject = 's'\nneeds = { a = 'txt', b = 'text, optional', unsubscribe_link = 'text' }\n+++\n",
        ),
        (
            "email",
            "+++\npurpose = 'survey'\nsubject = \"{{ nmae }} \\\" x\"\n+++\n",
        ),
        (
            "kakao",
            "+++\npurpose = 'advertising'\nconsent = 'marketing'\n+++\n",
        ),
        (
            "kakao",
            "+++\npurpose = 'advertising'\nconsent = 'nihgt'\nsubject = 'x'\n+++\n",
        ),
        ("push", "+++\npurpose = 'advertising'\n+++\n"),
    ];
    let said: Vec<String> = heads
        .iter()
        .flat_map(|(channel, text)| {
            let path = format!("templates/{channel}/x.md");
            std::iter::once(format!("# {}", text.escape_debug())).chain(read_one(&path, text).1)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn advertising_takes_the_only_consent_there_is_for_its_channel() {
    let (message, said) = read_one(
        "templates/kakao/x.md",
        "+++\npurpose = 'advertising'\n+++\n",
    );
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(message.consent, Some(ConsentIx(1)));
}

#[test]
fn advertising_under_the_korean_pack_is_labelled_and_can_be_refused() {
    let manifest = format!("[project]\nname = '한상'\n[compliance]\npacks = ['kr']\n{MANIFEST}");
    let said = |path: &str, text: &str| {
        let project =
            LoadedProject::from_texts([("journey.toml", manifest.as_str()), (path, text)]);
        let mut problems = Problems::default();
        let manifest = crate::manifest::read(&project, &mut problems);
        let templates = read(&project, &manifest, &mut problems);
        templates.messages(&manifest, known(&schema()), &mut problems);
        problems.sort();
        let fixes = problems
            .iter()
            .map(|it| (it.code, it.fix.clone().map(|it| it.replacement)));
        fixes.collect::<Vec<_>>()
    };
    let label = ("J0602", Some("(광고) ".to_owned()));
    let mail = "+++\npurpose = 'advertising'\nsubject = '세일'\n+++\n세일";
    let (none, sender) = (("J0602", None), ("J0602", Some(" 한상".to_owned())));
    assert_eq!(
        said("templates/email/x.md", mail),
        [none.clone(), none.clone(), label.clone()]
    );
    let refusal = Some("\n무료수신거부 {{ unsubscribe_link }}".to_owned());
    let refusal = ("J0602", refusal);
    let sms = "+++\npurpose = 'advertising'\n+++\n세일";
    assert_eq!(
        said("templates/sms/x.md", sms),
        [refusal.clone(), none, label]
    );
    let sms = "+++\npurpose = 'advertising'\n+++\n(광고) 세일";
    assert_eq!(said("templates/sms/x.md", sms), [refusal, sender]);
    for fine in [
        "+++\npurpose = 'advertising'\nsubject = '(광고) 세일'\n+++\n한상 02-000-0000 {{ unsubscribe_link }}",
        "+++\npurpose = 'advertising'\nsubject = '(광고) 세일'\n+++\n한상 1588-0000 {{ unsubscribe_link }}",
        "+++\npurpose = 'transactional'\nsubject = '주문'\n+++\n",
    ] {
        assert_eq!(said("templates/email/x.md", fine), [], "{fine}");
    }
}

#[test]
fn a_missing_template_is_named_with_what_is_near() {
    let project = LoadedProject::from_texts([
        ("templates/email/welcome.md", ""),
        ("templates/sms/hello.md", ""),
    ]);
    let templates = read(&project, &Manifest::default(), &mut Problems::default());
    assert_eq!(
        templates.find(Channel::Sms, "hello").unwrap().0,
        MessageIx(1)
    );
    assert!(templates.find(Channel::Email, "hello").is_none());
    let near = templates.missing(Channel::Email, "welcom");
    assert_eq!(near.near.as_deref(), Some("welcome"));
    let elsewhere = templates.missing(Channel::Email, "hello");
    assert_eq!(elsewhere.elsewhere, [Channel::Sms]);
}

/// What is said about a Korean project with these templates.
fn said_of(files: &[(&str, &str)]) -> (Vec<Message>, Vec<String>) {
    let manifest = "[project]\ndefault_language = 'ko'\n";
    let files = files.iter().copied();
    let project = LoadedProject::from_texts(files.chain([("journey.toml", manifest)]));
    let mut problems = Problems::default();
    let manifest = crate::manifest::read(&project, &mut problems);
    let templates = read(&project, &manifest, &mut problems);
    let messages = templates.messages(&manifest, known(&schema()), &mut problems);
    problems.sort();
    let said = |it: &crate::problem::Problem| format!("{} {}", it.code, it.message.en);
    (messages, problems.iter().map(said).collect())
}

#[test]
fn a_translation_adds_words_to_its_original_and_nothing_else() {
    let original = "+++\npurpose = 'transactional'\nsubject = '안녕하세요'\nneeds = { cart = 'text' }\n+++\n{{ cart }} 담기";
    let english = "+++\nsubject = 'Hello'\n+++\nYour cart: {{ cart }}";
    let (messages, said) = said_of(&[
        ("templates/email/hello.en.md", english),
        ("templates/email/hello.md", original),
    ]);
    assert_eq!(said, Vec::<String>::new());
    let [message] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    let (subject, body) = message.words("en");
    assert_eq!(subject, [Piece::Text("Hello".into())]);
    assert_eq!(body.len(), 2);
    assert_eq!(message.words("fr").0, message.subject.as_slice());

    let with_purpose = "+++\npurpose = 'advertising'\nsubject = 'Hello'\n+++\n{{ crat }}";
    let (_, said) = said_of(&[
        ("templates/email/hello.en.md", with_purpose),
        ("templates/email/hello.md", original),
    ]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("purpose") && said[1].starts_with("J0301"),
        "{said:?}"
    );
}

#[test]
fn a_translation_has_an_original_in_another_language() {
    let original = "+++\npurpose = 'transactional'\n+++\n안녕하세요";
    let translated = "+++\n+++\nHello";
    let (_, said) = said_of(&[("templates/sms/hello.en.md", translated)]);
    assert!(said[0].contains("templates/sms/hello.md"), "{said:?}");
    let (_, said) = said_of(&[
        ("templates/sms/hello.ko.md", translated),
        ("templates/sms/hello.md", original),
    ]);
    assert!(said[0].contains("already"), "{said:?}");
}
