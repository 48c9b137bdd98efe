//! Messages in words: values, filters, coupons.

use journey_engine::{Intent, Item, render};
use journey_ir::journey::{Argument, Expression};
use journey_ir::message::{Need, OfferPart};
use journey_ir::schema::Type;
use journey_ir::time::DAY;
use journey_ir::*;

use crate::build::*;
use crate::message::advertisement;

fn with_words(b: &mut Build, body: Vec<Piece>, needs: Vec<Need>) -> MessageIx {
    b.message(Message {
        body,
        needs,
        purpose: Purpose::Transactional,
        ..advertisement(Channel::Email, "t", None)
    })
}

fn hole(hole: Hole, filters: Vec<Filter>) -> Piece {
    Piece::Hole { hole, filters }
}

fn words(p: &Person) -> Vec<String> {
    let body = |it: &journey_engine::Effect| match &it.what {
        Intent::Send(send) => {
            let parts = render::message(&p.program, send, "https://u.example/x")
                .unwrap()
                .body;
            Some(parts.iter().map(render::Part::words).collect())
        }
        _ => None,
    };
    p.out.effects.iter().filter_map(body).collect()
}

#[test]
fn a_missing_value_skips_the_message_unless_the_template_has_words_for_it() {
    for filters in [vec![], vec![Filter::Or("고객".into())]] {
        let mut b = Build::new();
        let go = b.event("go", &[]);
        let strict = filters.is_empty();
        let body = vec![
            hole(Hole::Attribute(AttributeIx(2)), filters),
            Piece::Text("님".into()),
        ];
        let mail = with_words(&mut b, body, vec![]);
        b.journey("j", when(go), vec![send(mail, None)]).reenter = journey::Reenter::AnyTime;
        let mut p = b.person();
        p.does(MONDAY, go, &[]);
        p.set(MONDAY + 1, AttributeIx(2), "  ");
        p.does(MONDAY + 2, go, &[]);
        p.set(MONDAY + 3, AttributeIx(2), "민지");
        p.does(MONDAY + 4, go, &[]);
        if strict {
            assert_eq!(p.times("`contact.name` has no value"), 2);
            assert_eq!(words(&p), ["민지님"]);
        } else {
            assert_eq!(words(&p), ["고객님", "고객님", "민지님"]);
        }
    }
}

#[test]
fn templates_speak_korean() {
    let mut b = Build::new().zone("Asia/Seoul");
    b.ir.project.language = "ko".into();
    b.ir.project.links = vec![("cart_link".into(), "https://shop.example/cart/{}".into())];
    let buy = b.event(
        "buy",
        &[
            ("product", Type::Text),
            ("total", Type::Money(Currency::new("KRW"))),
        ],
    );
    let need = |name: &str, kind| Need {
        name: name.into(),
        kind,
    };
    let body = vec![
        hole(Hole::Need(0), vec![Filter::Josa("을/를".into())]),
        Piece::Text(" ".into()),
        hole(
            Hole::Need(1),
            vec![Filter::Money, Filter::Josa("으로/로".into())],
        ),
        Piece::Text(" ".into()),
        hole(Hole::Need(0), vec![Filter::Link("cart_link".into())]),
        Piece::Text(" ".into()),
        hole(Hole::UnsubscribeLink, vec![]),
    ];
    let mail = with_words(
        &mut b,
        body,
        vec![
            need("product", Type::Text),
            need("total", Type::Money(None)),
        ],
    );
    let arg = |name: &str, at| Argument {
        name: name.into(),
        value: Expression::Source(Source::Register(RegisterIx(at))),
    };
    b.journey(
        "j",
        when(buy),
        vec![send_with(
            mail,
            vec![arg("product", 0), arg("total", 1)],
            None,
        )],
    )
    .registers = vec![
        Register::Field {
            event: buy,
            field: FieldIx(0),
        },
        Register::Field {
            event: buy,
            field: FieldIx(1),
        },
    ];
    let mut p = b.person();
    p.does(MONDAY, buy, &[text("홍 삼"), won(50_000)]);
    assert_eq!(
        words(&p),
        [
            "홍 삼을 50,000원으로 https://shop.example/cart/%ED%99%8D%20%EC%82%BC https://u.example/x"
        ]
    );
}

fn coupon(once: bool) -> (Build, EventIx) {
    let mut b = Build::new().zone("Asia/Seoul");
    b.ir.project.language = "ko".into();
    let go = b.event("go", &[]);
    b.ir.offers.push(Offer {
        name: "welcome10".into(),
        title: Some("첫 구매 10%".into()),
        benefit: None,
        valid: Some(days(14)),
        once_per_contact: once,
        minimum: None,
        most_off: None,
        worth: None,
        stock: None,
        budget: None,
    });
    let part = |part, filters| hole(Hole::OfferPart(0, part), filters);
    let body = vec![
        part(OfferPart::Title, vec![]),
        Piece::Text("|".into()),
        part(OfferPart::Code, vec![]),
        Piece::Text("|".into()),
        part(OfferPart::Expires, vec![Filter::Date]),
    ];
    let mail = with_words(
        &mut b,
        body,
        vec![Need {
            name: "coupon".into(),
            kind: Type::Offer,
        }],
    );
    let args = vec![Argument {
        name: "coupon".into(),
        value: Expression::Offer(OfferIx(0)),
    }];
    let until = journey::Until::Moment {
        of: Source::OfferExpires(OfferIx(0)),
        offset: Some((days(2), journey::Side::Before)),
    };
    b.journey(
        "j",
        when(go),
        vec![
            send_with(mail, args.clone(), next(1)),
            wait_until(until, next(2)),
            send_with(mail, args, None),
        ],
    )
    .reenter = journey::Reenter::AnyTime;
    (b, go)
}

#[test]
fn an_offer_with_a_limit_is_claimed_and_a_message_goes_only_with_a_grant() {
    for granted in [true, false] {
        let (mut b, go) = coupon(false);
        b.ir.offers[0].stock = Some(5_000);
        let mut p = b.person();
        p.does(MONDAY, go, &[]);
        assert_eq!(words(&p), [""; 0]);
        let claim = p.out.claims.pop().unwrap();
        let limit = (
            claim.limits[0].name.as_str(),
            claim.limits[0].takes,
            claim.limits[0].of,
        );
        assert_eq!(limit, ("issued welcome10", 1, 5_000));
        let item = Item::Granted {
            run: claim.run,
            prize: claim.what.name().to_owned(),
            granted,
            occurred_at: MONDAY,
        };
        p.item(&item, MONDAY);
        assert_eq!(words(&p).len(), usize::from(granted), "{}", p.story());
        assert_eq!(p.tells("the offer welcome10 is used up"), !granted);
        // The second message carries what the run was given; a run that was given nothing asks again.
        p.until(MONDAY + 12 * DAY);
        assert_eq!(words(&p).len(), if granted { 2 } else { 0 });
        assert_eq!(p.out.claims.len(), usize::from(!granted));
    }
}

#[test]
fn an_offer_is_issued_by_its_first_message_and_carried_by_the_next() {
    for once in [true, false] {
        let (b, go) = coupon(once);
        let mut p = b.person();
        p.does(MONDAY, go, &[]);
        p.until(MONDAY + 20 * DAY);
        p.does(MONDAY + 20 * DAY, go, &[]);
        let words = words(&p);
        assert!(
            words[0].starts_with("첫 구매 10%|") && words[0].ends_with("|2026년 3월 16일"),
            "{words:?}"
        );
        assert_eq!(
            p.mails()[1].0,
            MONDAY + 12 * DAY,
            "two days before it expires"
        );
        assert_eq!(words[0], words[1], "one run carries one coupon");
        assert_eq!(words[0] == words[2], once);
    }
}

#[test]
fn filters_before_the_words_for_a_missing_value_do_not_apply_to_them() {
    let or = || Filter::Or("고객님".into());
    let josa = || Filter::Josa("을/를".into());
    let link = || Filter::Link("cart_link".into());
    for (filters, missing, present) in [
        (vec![josa(), or()], "고객님", "민지를"),
        (vec![or(), josa()], "고객님을", "민지를"),
        (
            vec![Filter::Or("guest".into()), Filter::Upper],
            "GUEST",
            "민지",
        ),
        (
            vec![Filter::Upper, Filter::Or("guest".into())],
            "guest",
            "민지",
        ),
        (
            vec![or(), josa(), Filter::Or("x".into())],
            "고객님을",
            "민지를",
        ),
        (
            vec![link(), or()],
            "고객님",
            "https://c.example/%EB%AF%BC%EC%A7%80",
        ),
    ] {
        let mut b = Build::new();
        b.ir.project.links = vec![("cart_link".into(), "https://c.example/{}".into())];
        let go = b.event("go", &[]);
        let body = vec![hole(Hole::Attribute(AttributeIx(2)), filters)];
        let mail = with_words(&mut b, body, vec![]);
        b.journey("j", when(go), vec![send(mail, None)]).reenter = journey::Reenter::AnyTime;
        let mut p = b.person();
        p.does(MONDAY, go, &[]);
        p.set(MONDAY + 1, AttributeIx(2), "민지");
        p.does(MONDAY + 2, go, &[]);
        assert_eq!(words(&p), [missing, present]);
    }
}

#[test]
fn words_for_a_missing_link_are_not_a_link() {
    let mut b = Build::new();
    b.ir.project.links = vec![("cart_link".into(), "https://c.example/{}".into())];
    let go = b.event("go", &[]);
    let filters = vec![
        Filter::Link("cart_link".into()),
        Filter::Or("장바구니".into()),
    ];
    let body = vec![hole(Hole::Attribute(AttributeIx(2)), filters)];
    let mail = with_words(&mut b, body, vec![]);
    b.journey("j", when(go), vec![send(mail, None)]);
    let mut p = b.person();
    p.does(MONDAY, go, &[]);
    let Intent::Send(send) = &p.out.effects[0].what else {
        unreachable!()
    };
    let body = render::message(&p.program, send, "").unwrap().body;
    assert_eq!(body, [render::Part::Value("장바구니".into())]);
}

#[test]
fn runs_side_by_side_carry_a_coupon_each() {
    let (mut b, _) = coupon(false);
    b.ir.schema.events[0].fields.push(Field {
        name: "cart".into(),
        kind: Type::Text,
        optional: true,
        private: false,
    });
    b.ir.journeys[0].run_key = Some(FieldIx(0));
    let go = EventIx(0);
    let mut p = b.person();
    p.does(MONDAY, go, &[text("a")]);
    p.does(MONDAY + DAY, go, &[text("b")]);
    p.until(MONDAY + 30 * DAY);
    let words = words(&p);
    let times: Vec<_> = p
        .mails()
        .iter()
        .map(|(at, _)| (at - MONDAY) / DAY)
        .collect();
    assert_eq!(times, [0, 1, 12, 13], "two days before each expires");
    assert_eq!(words[0], words[2]);
    assert_eq!(words[1], words[3]);
    assert_ne!(words[0], words[1]);
}

#[test]
fn a_person_reads_the_translation_into_their_language_where_there_is_one() {
    let mut b = Build::new().zone("Asia/Seoul");
    b.ir.project.language = "ko".into();
    let language = b.attribute("language", Type::Text);
    let go = b.event("go", &[("total", Type::Money(Currency::new("KRW")))]);
    let total = Need {
        name: "total".into(),
        kind: Type::Money(None),
    };
    let said = |before: &str| {
        vec![
            Piece::Text(before.into()),
            hole(Hole::Need(0), vec![Filter::Money]),
        ]
    };
    let mail = with_words(&mut b, said("합계 "), vec![total]);
    b.ir.messages[mail.at()].translations = vec![Translation {
        language: "en".into(),
        subject: vec![],
        body: said("Total "),
    }];
    let total = Argument {
        name: "total".into(),
        value: Expression::Source(Source::Register(RegisterIx(0))),
    };
    b.journey("j", when(go), vec![send_with(mail, vec![total], None)]);
    b.ir.journeys[0].reenter = journey::Reenter::AnyTime;
    b.ir.journeys[0].registers = vec![Register::Field {
        event: go,
        field: FieldIx(0),
    }];
    let mut p = b.person();
    let buys = |p: &mut Person, at| p.does(at, go, &[won(50_000)]);
    buys(&mut p, MONDAY);
    for (at, spoken) in ["en", "ko", "fr", "English"].into_iter().enumerate() {
        let at = MONDAY + 10 * (at as i64 + 1);
        p.set(at, language, spoken);
        buys(&mut p, at + 1);
    }
    let korean = "합계 50,000원";
    assert_eq!(
        words(&p),
        [korean, "Total ₩50,000", korean, korean, "Total ₩50,000"]
    );
}
