//! What a mail looks like: a whole message, its headers, and what values can never do to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journeyd::deliver::email::{ComposeError, Fragment, Letter, Stop, compose};

use crate::doubles::NOON;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn letter<'a>(body: Vec<Fragment<'a>>, stop: Option<&'a Stop>) -> Letter<'a> {
    Letter {
        key: KEY,
        from: "팔도한상 <hello@mail.example.kr>",
        reply_to: Some("cs@example.kr"),
        to: "minji@example.com",
        subject: "(광고) 민지님, 담아 두신 상품이 기다려요 — 오늘까지만 장바구니 5천원 쿠폰을 드려요",
        body,
        language: "ko",
        date: NOON,
        stop,
    }
}

fn composed(letter: &Letter<'_>) -> String {
    String::from_utf8(compose(letter).unwrap().bytes).unwrap()
}

/// The parts' own words, read as a mail program reads them.
fn decoded(mail: &str) -> String {
    let (_, parts) = mail.split_once("\r\n\r\n").unwrap();
    let mut out = String::new();
    for part in parts.split(&format!("--journey-{KEY}")) {
        if let Some((headers, body)) = part.split_once("\r\n\r\n") {
            let bytes = if headers.contains("quoted-printable") {
                unquoted(&body.replace("=\r\n", ""))
            } else {
                assert!(headers.contains("base64"), "{headers}");
                STANDARD
                    .decode(body.split_whitespace().collect::<String>())
                    .unwrap()
            };
            out.push_str(&String::from_utf8(bytes).unwrap().replace("\r\n", "\n"));
            out.push_str("\n=====\n");
        }
    }
    out
}

fn unquoted(text: &str) -> Vec<u8> {
    let mut pieces = text.split('=');
    let mut out = pieces.next().unwrap().as_bytes().to_vec();
    for piece in pieces {
        out.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        out.extend_from_slice(&piece.as_bytes()[2..]);
    }
    out
}

#[test]
fn a_whole_korean_mail() {
    let stop = Stop::Link("https://j.example.kr/unsubscribe/AbC_-123".to_owned());
    let url = stop.url();
    let body = vec![
        Fragment::Markdown("# "),
        Fragment::Value("민지"),
        Fragment::Markdown("님, 안녕하세요\n\n**장바구니 5천원** 쿠폰은 "),
        Fragment::Value("3월 9일"),
        Fragment::Markdown("까지예요.\n\n- 3만원 이상 구매할 때\n- 한 번만\n\n다시 보기 → "),
        Fragment::Link("https://shop.example.kr/cart/c1?from=mail&x=1"),
        Fragment::Markdown("\n\n---\n\n[수신거부]("),
        Fragment::Link(&url),
        Fragment::Markdown(") 팔도한상, 02-123-4567\n"),
    ];
    let mail = composed(&letter(body, Some(&stop)));
    assert_eq!(
        mail.replace("\r\n", "").find(['\r', '\n']),
        None,
        "only CRLF ends lines"
    );
    assert!(mail.lines().all(|line| line.len() <= 998));
    insta::assert_snapshot!("korean_mail", mail.replace("\r\n", "\n"));
    insta::assert_snapshot!("korean_mail_decoded", decoded(&mail));
}

#[test]
fn what_every_server_takes_as_it_is_is_not_encoded() {
    let long = "We have packed it with care. ".repeat(12);
    let english = |text| Letter {
        subject: "On its way",
        language: "en",
        ..letter(vec![Fragment::Value(text)], None)
    };
    let mail = composed(&english(&long));
    assert!(mail.contains(long.trim()), "{mail}");
    assert_eq!(
        mail.matches("Content-Transfer-Encoding: 7bit\r\n").count(),
        2
    );
    // A line may have 998 bytes; one word more of this text than fits, and it is encoded.
    let longer = "x".repeat(1_000);
    let mail = composed(&english(&longer));
    assert!(!mail.contains("7bit") && !mail.contains(&longer), "{mail}");
    let longest = mail.split("\r\n").map(str::len).max();
    assert!(longest <= Some(998), "{longest:?}");
    assert!(decoded(&mail).contains(&longer));
    let mail = composed(&english("Café"));
    assert!(
        !mail.contains("7bit") && decoded(&mail).contains("Café"),
        "{mail}"
    );
}

#[test]
fn the_same_effect_is_the_same_mail() {
    let once = composed(&letter(vec![Fragment::Markdown("안녕")], None));
    assert_eq!(
        once,
        composed(&letter(vec![Fragment::Markdown("안녕")], None))
    );
}

#[test]
fn one_click_needs_https_and_only_advertising_has_it() {
    let headers = |stop: Option<&Stop>| {
        let mail = composed(&letter(vec![Fragment::Markdown("안녕")], stop));
        let unsubscribe = mail
            .lines()
            .filter(|line| line.starts_with("List-Unsubscribe"));
        unsubscribe.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(headers(None).is_empty());
    let link = format!("https://j.example.kr/unsubscribe/{}", "a".repeat(300));
    assert_eq!(
        headers(Some(&Stop::Link(link.clone()))),
        [
            format!("List-Unsubscribe: <{link}>"),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click".to_owned()
        ]
    );
    assert_eq!(
        headers(Some(&Stop::Link(
            "http://127.0.0.1:8080/unsubscribe/x".to_owned()
        ))),
        ["List-Unsubscribe: <http://127.0.0.1:8080/unsubscribe/x>"]
    );
    assert_eq!(
        headers(Some(&Stop::Mail("cs@example.kr".to_owned()))),
        ["List-Unsubscribe: <mailto:cs@example.kr?subject=unsubscribe>"]
    );
}

#[test]
fn no_value_becomes_a_header_or_an_address() {
    let evil = "x\r\nBcc: all@example.com";
    let refused = |change: &dyn Fn(&mut Letter<'static>)| {
        let mut letter = letter(vec![Fragment::Markdown("안녕")], None);
        change(&mut letter);
        compose(&letter).unwrap_err()
    };
    assert!(matches!(
        refused(&|l| l.subject = evil),
        ComposeError::Subject
    ));
    for error in [
        refused(&|l| l.to = "a@example.com\r\nBcc: all@example.com"),
        refused(&|l| l.to = "a@example.com, b@example.com"),
        refused(&|l| l.from = "x\r\nBcc: y <a@example.com>"),
        refused(&|l| l.reply_to = Some("a@example.com\nX: y")),
    ] {
        assert!(matches!(error, ComposeError::Address(_)), "{error}");
    }
    let stop = Stop::Link("https://j.example.kr/x>\r\nBcc: a@example.com".to_owned());
    let mail = composed(&letter(vec![Fragment::Value(evil)], Some(&stop)));
    let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
    assert!(!headers.contains("Bcc:"), "{headers}");
}

#[test]
fn names_with_quotes_and_commas_stay_names() {
    let mut letter = letter(vec![Fragment::Markdown("hi")], None);
    letter.from = "Kim, \"Minji\" & Co <a@example.com>";
    letter.subject = "plain";
    let mail = composed(&letter);
    let from = mail.lines().find(|line| line.starts_with("From:")).unwrap();
    let name = STANDARD.encode(r#"Kim, "Minji" & Co"#);
    assert_eq!(from, format!("From: =?utf-8?b?{name}?= <a@example.com>"));
}
