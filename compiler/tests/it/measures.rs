//! Funnels, KPIs and audiences: the program they become, and what is said of those that cannot be.

use journey_ir::aggregate::Keep;
use journey_ir::measure::{Counter, Figure, JourneyCount, Period, Threshold};
use journey_ir::project::NetworkKind;
use journey_ir::{Decimal, Program, Span, Unit};
use journeyc::{LoadedProject, compile};

use crate::snippet::check_all;

/// The examples of the language's design.
const MEASURED: &str = r#"
contact {
  email: email address, optional
  phone: phone number, optional
}
event signed_up { channel: one of 웹, 앱 }
event purchase { total: money in KRW }
event referral_sent { to: text, optional }
event inquiry { text: text, optional }
event lead_contacted { by: text, optional }
event add_to_cart { cart_id: text }
consent ads { for meta, google }

lifecycle 생애주기 {
  신규 when never did purchase
  활동 otherwise
}
segment cart_abandoners { did add_to_cart in the last 30 days }

funnel aarrr "AARRR" {
  획득 when signed_up
  활성화 when purchase within 14 days
  유지 when purchase at least 2 times within 90 days
  추천 when referral_sent within 180 days
  수익 when purchase where (total at least 5만원) within 180 days
}

kpi first_purchase "첫 구매 전환율" {
  measure 활성화 / 획득
  every week
  target at least 25% by 2026-12-31
  alert slack.growth when under 20%
}

kpi five_minute_reply "5분 응대율" {
  measure lead_sla.answered_in_time / lead_sla.entered
  every week
  target at least 90%
}

kpi active {
  measure 생애주기 is 활동
  every month
}

kpi carts {
  measure cart_abandoners / 생애주기.활동
  every day
}

audience retarget_cart "장바구니 리타게팅" {
  people where (in cart_abandoners and not 생애주기 is 활동)
  sync to meta, google
  needs consent ads
  match by email, phone
  keep at most 30 days
}

journey lead_sla {
  enter when inquiry
  wait up to 5 minutes {
    on lead_contacted { exit as answered_in_time }
    on timeout { exit as late }
  }
}
"#;

const SETTINGS: &str = r#"
[project]
name = "shop"
timezone = "Asia/Seoul"

[connectors.slack.actions.growth]
inputs = { text = "text", value = "text, optional" }

[connectors.kakao_biz.actions.send]
inputs = { to = "text", body = "text" }

[channels.kakao]
provider = "kakao_biz"
fallback_on_failure = "sms"

[audiences.meta]
consent = "ads"
token = "${META_TOKEN}"
lists = { retarget_cart = "238" }

[audiences.google]
kind = "google"
token = "${GOOGLE_TOKEN}"
developer_token = "${GOOGLE_DEVELOPER}"
customer = "123-456-7890"
"#;

fn program() -> Program {
    let project =
        LoadedProject::from_texts([("journey.toml", SETTINGS), ("main.journey", MEASURED)]);
    let compiled = compile(&project);
    assert!(compiled.program.is_some(), "{:?}", compiled.problems);
    compiled.program.unwrap()
}

#[test]
fn a_funnel_s_stages_count_the_oldest_events_of_their_pattern() {
    let program = program();
    let [funnel] = &program.funnels[..] else {
        panic!("one funnel");
    };
    let stages: Vec<_> = funnel
        .stages
        .iter()
        .map(|stage| {
            let aggregate = program.aggregate(stage.aggregate).unwrap();
            let event = &program.event(aggregate.event).unwrap().name;
            let filtered = aggregate.filter.is_some();
            (
                stage.name.as_str(),
                event.as_str(),
                filtered,
                stage.n,
                stage.within,
            )
        })
        .collect();
    let within = |days| Some(Span::new(days, Unit::Day));
    assert_eq!(
        stages,
        [
            ("획득", "signed_up", false, 1, None),
            ("활성화", "purchase", false, 1, within(14)),
            ("유지", "purchase", false, 2, within(90)),
            ("추천", "referral_sent", false, 1, within(180)),
            ("수익", "purchase", true, 1, within(180)),
        ]
    );
    // Two stages over the same events share what is kept of them.
    assert_eq!(funnel.stages[1].aggregate, funnel.stages[2].aggregate);
    let kept = &program.aggregate(funnel.stages[0].aggregate).unwrap().keep;
    assert_eq!(*kept, Keep::First);
}

#[test]
fn a_kpi_counts_stages_reasons_sizes_and_people() {
    let program = program();
    let kpi = |name: &str| program.kpis.iter().find(|it| it.name == name).unwrap();
    let Figure::Ratio { part, whole } = &kpi("first_purchase").measure else {
        panic!("a ratio");
    };
    let stage = |counter: &Counter| match counter {
        Counter::Reached { stage, .. } => *stage,
        other => panic!("{other:?}"),
    };
    assert_eq!((stage(part), stage(whole)), (1, 0));
    let alert = kpi("first_purchase").alert.as_ref().unwrap();
    assert_eq!(
        (alert.connector.as_str(), alert.action.as_str()),
        ("slack", "growth")
    );
    assert_eq!(alert.when, Threshold::Under(Decimal::whole(20).unwrap()));
    let Figure::Ratio { part, .. } = &kpi("five_minute_reply").measure else {
        panic!("a ratio");
    };
    let Counter::Journey { what, .. } = part else {
        panic!("{part:?}");
    };
    assert_eq!(*what, JourneyCount::Exited("answered_in_time".into()));
    assert!(matches!(kpi("active").measure, Figure::Share(_)));
    assert_eq!(kpi("active").every, Period::Month);
    let Figure::Ratio { part, whole } = &kpi("carts").measure else {
        panic!("a ratio");
    };
    assert!(matches!(part, Counter::Segment(_)));
    assert!(matches!(whole, Counter::Stage { .. }));
}

#[test]
fn an_audience_knows_its_networks_and_their_settings() {
    let program = program();
    let [audience] = &program.audiences[..] else {
        panic!("one audience");
    };
    assert_eq!(audience.sync, ["meta", "google"]);
    assert_eq!(audience.consents.len(), 1);
    assert_eq!(audience.keep, Some(Span::new(30, Unit::Day)));
    let [meta, google] = &program.project.networks[..] else {
        panic!("two networks");
    };
    assert!(matches!(meta.kind, NetworkKind::Meta { .. }));
    assert_eq!(meta.lists, [("retarget_cart".to_owned(), "238".to_owned())]);
    let NetworkKind::Google { customer, .. } = &google.kind else {
        panic!("{google:?}");
    };
    assert_eq!(customer, "1234567890");
    let kakao = &program.project.channels[0];
    assert_eq!(kakao.action, Some(("kakao_biz".into(), "send".into())));
    assert_eq!(kakao.fallback, Some(journey_ir::Channel::Sms));
}

#[test]
fn what_cannot_be_measured_is_said_at_its_place() {
    let funnel = "funnel f {\n  visited when signed_up\n  bought when purchase\n}\n";
    let kpi = |line: &str| format!("{funnel}kpi k {{\n  {line}\n  every week\n}}");
    let target = |line: &str| kpi(&format!("measure bought / visited\n  {line}"));
    let audience = |line: &str| {
        format!(
            "consent ads {{ for meta }}\naudience a {{\n  people where (in buyers)\n  sync to meta\n  \
             match by email\n  needs consent ads\n  {line}\n}}"
        )
    };
    let ranked = |people: &str, line: &str| {
        format!(
            "consent ads {{ for meta }}\naudience a {{\n  people where ({people})\n  sync to meta\n  \
             match by email\n  needs consent ads\n  {line}\n}}"
        )
    };
    let said = check_all(&[
        "funnel f { visited when signed_up }",
        "funnel f {\n  visited when signed_up within 3 days\n  bought when purchase\n}",
        "funnel f {\n  visited when signed_up\n  bought when purchase exactly 2 times\n}",
        "funnel f {\n  visited when signed_up\n  bought when purchase at least 65 times\n}",
        "funnel f {\n  visited when signed_up\n  visited when purchase\n}",
        "funnel f {\n  visited when signd_up\n  bought when purchase\n}",
        "kpi k { every week }",
        "kpi k { measure buyers / buyers }",
        &kpi("measure bougt / visited"),
        &kpi("measure f.bougt / visited"),
        &kpi("measure purchase / visited"),
        &kpi("measure 생애주기.활통 / buyers"),
        &target("every hour"),
        &target("target at least 5"),
        &target("target is known"),
        &target("alert crm.create_lead when under 5%"),
        &target("alert crm.creat_lead when under 5%"),
        "audience a { sync to meta }",
        "audience a {\n  people where (in buyers)\n  sync to meta\n  match by email\n}",
        &audience("needs consent marketing"),
        &audience("match by birthday"),
        &audience("match by emial"),
        &audience("sync to mtea"),
        &audience("ranked daily at 04:00"),
        "segment best { top 10% by total of purchase.total }",
        &ranked("top 10% by total of purchase.total", ""),
        &ranked("top 0% by total of purchase.total", "ranked daily at 04:00"),
        &ranked("top 10% by email", "ranked daily at 04:00"),
        &ranked(
            "top 10% by number of different purchase.order_id before 2026-01-01",
            "ranked daily at 04:00",
        ),
    ]);
    insta::assert_snapshot!(said);
}
