//! A project of any size, the same every time: schema, segments, templates, journeys and tests.
//!
//! Comes in: how many journeys. Goes out: paths and texts. Each journey brings about 100 lines of `.journey` text along
//! with it, so that 1,000 journeys are a project of 100,000 lines. Everything in it checks without a problem.

use std::fmt::Write as _;

/// How many templates there are for each channel, however many journeys use them.
const TEMPLATES: usize = 40;

/// How many events the schema has.
const EVENTS: usize = 24;

const CATEGORIES: [&str; 4] = ["홍삼", "비타민", "유산균", "다이어트"];
const STAGES: [&str; 4] = ["신규", "활동", "이탈위험", "휴면"];

/// The files of a project with this many journeys, sorted by path.
pub(crate) fn project(journeys: usize) -> Vec<(String, String)> {
    let mut files = vec![
        ("journey.toml".to_owned(), SETTINGS.to_owned()),
        ("schema/people.journey".to_owned(), schema()),
        ("segments/classes.journey".to_owned(), CLASSES.to_owned()),
    ];
    for at in 0..TEMPLATES {
        files.push((format!("templates/email/mail_{at}.md"), template(at)));
    }
    for at in 0..journeys {
        let text = segment(at) + "\n" + &journey(at) + "\n" + &tests(at);
        files.push((format!("journeys/j{at:05}.journey"), text));
    }
    files.sort();
    files
}

const SETTINGS: &str = r#"[project]
name = "corpus"
timezone = "Asia/Seoul"
currency = "KRW"

[channels.email]
sender = "shop"

[senders.shop]
from = "Shop <hello@mail.example>"

[teams.sales]

[hours.business_hours]
weekdays = "09:00-18:00"
timezone = "Asia/Seoul"
"#;

const CLASSES: &str = r#"lifecycle 생애주기 "고객 생애주기" {
  신규 when never did purchase
  활동 when did purchase in the last 90 days
  이탈위험 when did purchase in the last 1 year
  휴면 otherwise
}

segment big_spenders "큰손" {
  total of purchase.total in the last 365 calendar days at least 100만원
}
"#;

fn schema() -> String {
    let mut text = String::from(
        r#"contact {
  email: email address, optional, private
  phone: phone number, optional, private
  name: text, optional, private
  sex: one of 여성, 남성, 기타, optional
  birthday: date, optional, private
  age: years since birthday
}

event purchase "구매" {
  order_id: text, key
  total: money in KRW
  category: one of 홍삼, 비타민, 유산균, 다이어트
  arrives within 10 minutes
}

consent marketing "광고성 정보 수신" {
  for email
}

policy fatigue "피로도 상한" {
  at most 3 advertising messages per 1 week, then wait
}
"#,
    );
    for at in 0..EVENTS {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nevent step_{at} \"단계 {at}\" {{\n  page: text\n  amount: money in KRW, optional\n}}\n"
        );
    }
    text
}

fn template(at: usize) -> String {
    format!(
        "+++\npurpose = \"advertising\"\nsubject = \"소식 {at}\"\n+++\n{{{{ name | or: '고객' }}}}님, {at}번째 소식이에요.\n"
    )
}

fn segment(at: usize) -> String {
    let (event, days) = (at % EVENTS, 7 + at % 80);
    let stage = pick(&STAGES, at);
    format!(
        r#"## 최근 {days}일 안에 관심을 보인 사람
segment group_{at} "관심 {at}" {{
  did step_{event} in the last {days} days
  and not 생애주기 is {stage}
}}
"#
    )
}

fn journey(at: usize) -> String {
    let mail = |n: usize| (at * 7 + n) % TEMPLATES;
    let event = |n: usize| (at + n) % EVENTS;
    let category = |n: usize| pick(&CATEGORIES, at + n);
    let amount = 1 + at % 20;
    let mut text = format!(
        r#"## {at}번째 여정
journey plan_{at} "여정 {at}" {{
  enter when step_{first} where (page is "/p/{at}")
  reenter after {again} days
  goal purchase where (category is {wanted}) within 60 days
  exit when step_{last}

  send email mail_{hello} as hello
  wait 1 day
  if in group_{at} or in big_spenders {{
    send email mail_{inside}
  }} otherwise {{
    send email mail_{outside}
  }}
"#,
        first = event(0),
        again = 30 + at % 90,
        wanted = category(0),
        last = event(5),
        hello = mail(0),
        inside = mail(1),
        outside = mail(2),
    );
    for round in 1..=3 {
        let _ = write!(
            text,
            r#"
  wait up to {days} days {{
    on step_{bought} where (amount over {amount}만원) {{
      choose by sex {{
        여성 {{ send email mail_{women} }}
        남성 {{ send email mail_{men} }}
        기타, missing {{ send email mail_{others} }}
      }}
    }}
    on timeout {{
      if 생애주기 is {stage} and age between 20 and 59 {{
        wait 2 days, then until 10:00 # 아침에
        send email mail_{late}
      }} otherwise if did purchase where (total at least {amount}만원) in the last 90 days {{
        assign to sales "{round}번째 연락" due in 1 day
      }} otherwise {{
        wait until 11:00
      }}
    }}
  }}
"#,
            days = round + 2,
            bought = event(round),
            women = mail(round * 5),
            men = mail(round * 5 + 1),
            others = mail(round * 5 + 2),
            late = mail(round * 5 + 3),
            stage = pick(&STAGES, at + round),
        );
    }
    text.push_str("}\n");
    text
}

fn tests(at: usize) -> String {
    let (event, hello) = (at % EVENTS, (at * 7) % TEMPLATES);
    format!(
        r#"test "첫 메일을 받는다 {at}" for plan_{at} {{
  given 민지 {{
    email: "minji@example.com"
    agreed to marketing by email
  }}
  at 2026-03-02 14:00 민지 does step_{event} {{ page: "/p/{at}" }}
  expect only email mail_{hello} to 민지
}}

test "다른 쪽은 아무것도 받지 않는다 {at}" for plan_{at} {{
  given 철수 {{
    email: "chulsoo@example.com"
    agreed to marketing by email
  }}
  at 2026-03-02 14:00 철수 does step_{event} {{ page: "/other" }}
  after 3 days
  expect no messages to 철수
}}
"#
    )
}

fn pick(words: &[&'static str], at: usize) -> &'static str {
    words.get(at % words.len()).copied().unwrap_or_default()
}
