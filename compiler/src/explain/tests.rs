//! What is said about every construct, in both languages, and that every step is said and drawn exactly once.

use std::fmt::Write;
use std::path::Path;

use journey_ir::StepIx;

use super::{Passage, describe, journey, things};
use crate::compile::{Compilation, compile};
use crate::graph::{self, Settings};
use crate::load::{load, projects};
use crate::problem::Language;
use crate::project::LoadedProject;
use crate::report::{Look, Report};
use crate::sentences::Teller;

const BOTH: [Language; 2] = [Language::English, Language::Korean];

const SETTINGS: &str = r#"
[project]
name = "shop"
timezone = "Asia/Seoul"
symbols = { "$" = "USD" }

[hours.office]
weekdays = "09:00-18:00"

[connectors.crm.actions.create_lead]
inputs = { owner = "text", budget = "money in KRW, optional" }

[connectors.crm.actions.report]
inputs = { kpi = "text, optional", value = "number, optional" }

[teams.sales]
action = "crm.create_lead"
"#;

const SCHEMA: &str = r#"
contact {
  email: email address, optional, private
  phone: phone number, optional, private
  name: text, optional
  sex: one of 여성, 남성, 기타, optional
  birthday: date, optional
  age: years since birthday
  interests: list of one of 비염, 소화, 통증
  vip: yes or no
  age_group: one of 청년, 중년, optional
  trial_ends: moment, optional
}
event signed_up "회원가입" { channel: one of 웹, 앱 }
event add_to_cart "장바구니 담기" {
  cart_id: text
  total: money in KRW
}
## 결제가 끝난 주문.
event purchase "구매" {
  order_id: text, key
  cart_id: text, optional
  total: money in KRW
  category: one of 홍삼, 비타민
  arrives within 10 minutes
}
event survey_answered "설문 응답" { reason: one of 가격, 품질, 기타 }
consent ads "맞춤형 광고" { for meta, google }
consent marketing "광고성 정보 수신" {
  for email, sms
  ask again every 2 years
}
policy fatigue "피로도 상한" {
  at most 1 advertising message per 1 day, then skip
  no advertising messages from 21:00 to 08:00 except email, then wait
  hold out 5% of people from advertising messages
}
offer welcome10 "첫 구매 10%" {
  10% off
  valid 14 days
  once per contact
  minimum 3만원
}
lifecycle 생애주기 "고객 생애주기" {
  신규 "신규고객" when never did purchase
  활동 "활동 고객" when did purchase in the last 90 days
  이탈위험 "이탈 위험" otherwise
}
segment buyers "큰손" {
  total of purchase.total in the last 365 calendar days at least 100만원
  and number of different purchase.category in the last 1 year at least 2
}
score lead_score "리드 점수" {
  +10 when signed_up where (channel is 웹)
  -40 when email.unsubscribed
  halves every 14 days
  shown between 0 and 100
}
segment warm { lead_score at least 50 }
segment big "큰 주문" {
  average of purchase.total in the last 90 days at least 5만원
  and largest of purchase.total over 10만원 and did purchase at least 100 times
}
segment many "여러 조건" {
  did purchase where (category is 홍삼) at least 3 times in the last 180 days
  and (interests includes 비염 or age between 40 and 59 or sex is one of 여성, 남성)
  and not in buyers and 생애주기 is 활동 and vip is yes
  and did not purchase in the last 7 days and phone is known and name starts with "김"
  and tag is "단골" and agreed to marketing by sms and not did add_to_cart
}
"#;

const HELLO: &str = "+++\npurpose = \"transactional\"\nsubject = \"안녕하세요\"\n+++\nHello.\n";
const NEWS: &str =
    "+++\npurpose = \"survey\"\nsubject = \"소식\"\n+++\n{{ name | or: '고객' }}님\n";
const COUPON: &str = "+++\npurpose = \"survey\"\nneeds = { coupon = \"offer\", cart = \"text\" }\nsubject = \"쿠폰\"\n+++\n{{ coupon.title }} {{ cart }}\n";

const JOURNEYS: &str = r#"
sequence course(gap: duration = 3 days) "이메일 과정" {
  send email hello
  wait gap
  send email news
}

## 모든 구문을 한 번씩.
journey everything "모든 것" {
  enter when add_to_cart where (total at least 1만원) and 생애주기 is 활동
  one run per add_to_cart.cart_id, restart on repeat
  reenter any time
  goal purchase where (cart_id is add_to_cart.cart_id) within 7 days
  exit when email.unsubscribed
  exit when leaves buyers as 떠남
  priority urgent
  owner "성장팀"

  send email hello as first
  send first available of sms hello, email hello between 09:00 and 18:00
  wait 3 days, then until 10:00
  wait until Tuesday, Friday at 10:00
  send email coupon with (coupon: welcome10, cart: "c1")
  wait until 2 days before welcome10.expires
  wait until 2026-12-24 09:00
  if add_to_cart.total under 3만원 {
    run course(gap: 2 days)
  } otherwise if add_to_cart.total under 5만원 {
    send email coupon with (coupon: welcome10, cart: add_to_cart.cart_id)
  } otherwise {
    do crm.create_lead with (owner: "round_robin", budget: add_to_cart.total)
    assign to sales "전화하기" due in 1 hour
  }
  choose by sex {
    여성, 남성 { set vip to yes }
    기타, missing { add tag "기타" }
  }
  choose by 생애주기 {
    신규 { remove tag "기타" }
    otherwise { send email news }
  }
  if now is outside office {
    exit as 밤
  }
  wait up to 7 days {
    on survey_answered where (reason is 가격) { send email news }
    on email.clicked where (template is news) { send email hello }
    on joins buyers { exit }
    on 생애주기 becomes 이탈위험 { exit as risk }
    on timeout { send email hello }
  }
  split subject_test {
    33% a { send email hello }
    67% b { }
  }
}

## Things that are asked, drawn, counted and repeated.
journey chances {
  enter when add_to_cart
  starts at 2026-11-20 09:00
  ends at 2026-12-01 00:00
  on update move to new version

  send sms hello within 2 hours
  remember cart = add_to_cart.cart_id
  ask sms hello for age_group up to 1 day {
    on answer { send email hello }
    on unclear { send email news }
    on timeout { exit as silent }
  }
  every 4th time { send email news } otherwise { add tag "보통" }
  draw random_box {
    1% 한우 up to 10 in total { send email hello }
    20% 쿠폰 { add tag "쿠폰" }
    otherwise { }
  }
  repeat up to 3 times every 2 days until purchase {
    send email news
    if vip is yes { exit }
    wait 2 hours
  }
  wait 3 business days
  send email hello
}

journey monthly "매월 소식" {
  enter every month on the first Tuesday at 10:00 for people where (in buyers)
  send email news
}

funnel aarrr "AARRR" {
  획득 "가입" when signed_up
  활성화 when purchase within 14 days
  유지 when purchase where (total at least 1만원) at least 2 times within 90 days
}

kpi first_purchase "첫 구매 전환율" {
  measure 활성화 / 획득
  every week
  target at least 25% by 2030-12-31
  alert crm.report when under 20%
}

kpi active_share "활동 고객 비율" {
  measure 생애주기 is 활동
  every month
  target between 40% and 60%
}

audience retarget "리타게팅" {
  people where (in buyers)
  sync to meta, google
  needs consent ads
  match by email, phone
  keep at most 30 days
}

moved weekly.old_news to weekly.fresh
moved weekly.gone to next
moved weekly.dropped to exit

journey weekly {
  enter every week on Tuesday, Friday at 10:00 for everyone
  reenter after 30 days
  wait 1 day as fresh
  send email news
}

journey risk {
  enter when 생애주기 becomes 이탈위험, including current members
  send email news
}
"#;

fn compiled(journeys: &str) -> Compilation {
    let project = LoadedProject::from_texts([
        ("journey.toml", SETTINGS),
        ("schema.journey", SCHEMA),
        ("journeys.journey", journeys),
        ("templates/email/hello.md", HELLO),
        ("templates/email/news.md", NEWS),
        ("templates/email/coupon.md", COUPON),
        (
            "templates/sms/hello.md",
            "+++\npurpose = \"transactional\"\n+++\nHello\n",
        ),
    ]);
    let compilation = compile(&project);
    let mut report = Report::default();
    report.add("", &project, &compilation.problems);
    let said = report.human(Look::default());
    assert!(compilation.program.is_some(), "{said}");
    compilation
}

fn teller(compilation: &Compilation, language: Language) -> Teller<'_> {
    Teller {
        program: compilation.program.as_ref().unwrap(),
        titles: &compilation.titles,
        language,
    }
}

#[test]
fn every_construct_is_said_in_both_languages() {
    let compilation = compiled(JOURNEYS);
    for language in BOTH {
        let teller = teller(&compilation, language);
        let all: Vec<String> = things(teller.program)
            .into_iter()
            .map(|it| describe(teller, it))
            .collect();
        let name = match language {
            Language::English => "sentences_en",
            Language::Korean => "sentences_ko",
        };
        insta::assert_snapshot!(name, all.join("\n"));
    }
}

#[test]
fn diagrams_of_every_construct() {
    let compilation = compiled(JOURNEYS);
    let teller = teller(&compilation, Language::Korean);
    let mut journeys = teller.program.journeys.iter();
    let journey = journeys.find(|it| it.name == "everything").unwrap();
    insta::assert_snapshot!("mermaid", graph::mermaid(teller, journey));
    insta::assert_snapshot!("dot", graph::dot(teller, journey));
}

fn steps(passages: &[Passage], into: &mut Vec<StepIx>) {
    for passage in passages {
        match passage {
            Passage::Sequence { steps: inner, .. } => steps(inner, into),
            Passage::Step(told) => {
                into.push(told.step);
                for arm in &told.arms {
                    steps(&arm.steps, into);
                }
            }
        }
    }
}

/// Whether a text is well-formed XML as far as tags and entities go.
fn is_well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap();
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
    let entities = xml
        .split('&')
        .skip(1)
        .all(|after| known.iter().any(|it| after.starts_with(it)));
    open.is_empty() && entities
}

/// Checks what must hold for every journey of a program; how many there are.
fn check(compilation: &Compilation) -> usize {
    for language in BOTH {
        let teller = teller(compilation, language);
        for it in &teller.program.journeys {
            let all: Vec<StepIx> = (0..it.steps.len() as u32).map(StepIx).collect();
            let mut told = Vec::new();
            steps(&journey(teller, it).steps, &mut told);
            told.sort_unstable();
            assert_eq!(told, all, "{} is told", it.name);
            let picture = graph::picture(teller, it, &Settings::default());
            let mut drawn = picture.steps();
            drawn.sort_unstable();
            assert_eq!(drawn, all, "{} is drawn", it.name);
            assert_eq!(picture.overlaps(), Vec::new(), "{}", it.name);
            assert_eq!(picture.outside(), 0, "{}", it.name);
            assert!(is_well_formed(&graph::svg(&picture)), "{}", it.name);
        }
    }
    teller(compilation, Language::English)
        .program
        .journeys
        .len()
}

#[test]
fn every_step_of_every_shipped_journey_is_told_and_drawn_once_and_nothing_overlaps() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for folder in ["examples", "journeys", "compiler/starter"] {
        for path in projects(&root.join(folder)).unwrap() {
            seen += check(&compile(&load(&path).unwrap()));
        }
    }
    assert!(seen >= 9, "only {seen} journeys were found");
    assert_eq!(check(&compiled(JOURNEYS)), 5);
}

#[test]
fn forty_steps_and_a_deep_nest_are_drawn_without_overlaps() {
    let mut long = String::from("journey long {\n  enter when signed_up\n");
    for n in 0..10 {
        let _ = write!(
            long,
            "  send email hello\n  wait {} days\n  if name is known and vip is yes {{\n    add tag \"아주 긴 이름의 꼬리표 {n} averyveryverylongwordwithoutspaces\"\n  }} otherwise {{\n    send email news\n  }}\n",
            n + 1
        );
    }
    long += "}\n";
    let mut nest = String::from("send email hello\n");
    for n in 1..12 {
        nest = match n % 3 {
            0 => format!(
                "wait up to {n} days {{\n on survey_answered {{\n {nest} }}\n on timeout {{ exit }}\n }}\n"
            ),
            1 => format!("if age over {n} {{\n {nest} }} otherwise {{\n send email news\n }}\n"),
            _ => format!("split s{n} {{\n 50% a {{\n {nest} }}\n 50% b {{ }}\n }}\n"),
        };
    }
    let deep = format!("journey deep {{\n enter when signed_up\n {nest} }}\n");
    assert_eq!(check(&compiled(&(long + &deep))), 2);
}

#[test]
fn a_comparison_marks_what_is_new_and_what_changed_and_keeps_what_is_gone() {
    let before = "journey j {\n enter when signed_up\n send email hello as a\n wait 1 day\n send email news as b\n}\n";
    let after = "journey j {\n enter when signed_up\n send email hello as a\n wait 2 days\n send email coupon with (coupon: welcome10, cart: \"x\") as c\n}\n";
    let (before, after) = (compiled(before), compiled(after));
    let old = teller(&before, Language::English);
    let new = teller(&after, Language::English);
    let changes = graph::compare(
        (new, &new.program.journeys[0]),
        Some((old, &old.program.journeys[0])),
    );
    let settings = Settings {
        changes: Some(changes),
        ..Settings::default()
    };
    let svg = graph::svg(&graph::picture(new, &new.program.journeys[0], &settings));
    for class in ["jg-card added", "jg-card changed", "jg-card removed"] {
        assert_eq!(svg.matches(&format!("\"{class}\"")).count(), 1, "{class}");
    }
    assert!(is_well_formed(&svg));
}
