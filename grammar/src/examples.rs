//! A line as it could be written, for a place where something else was found: the first words of the line choose it.

use crate::parse::Rule;

/// An example for a line of a place that could not be read at `found`; nothing where the message says it all.
pub(crate) fn example(only: Rule, line: &str, found: &str) -> Option<&'static str> {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    match only {
        Rule::only_header => header(line, first, second),
        Rule::only_step => step(first, second, found).or_else(|| header(line, first, second)),
        Rule::only_policy => Some(match first {
            "no" => "no advertising messages from 21:00 to 08:00 except email, then wait",
            "hold" => "hold out 5% of people from advertising messages",
            _ => "at most 2 advertising messages per 1 week, then skip",
        }),
        Rule::only_offer => Some(match first {
            "valid" => "valid 14 days",
            _ => "10% off",
        }),
        Rule::only_test => test(first, second),
        _ => None,
    }
}

fn header(line: &str, first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, second) {
        (_, "when") if line.contains(" changes") => match first {
            "exit" => "exit when plan changes to pro as upgraded",
            _ => "enter when plan changes from free to pro",
        },
        ("enter", "every") => "enter every week on Monday at 09:00 for people where (in buyers)",
        ("enter", "on") => "enter on 2026-11-27 at 09:00 for everyone",
        ("enter", _) if second.starts_with(|it: char| it.is_ascii_digit()) => {
            "enter 30 days before renews_on at 09:00 for everyone"
        }
        ("enter", _) => "enter when purchase",
        ("goal" | "goal:", _) => "goal purchase within 14 days",
        ("starts", _) => "starts at 2026-11-20 09:00",
        ("ends", _) => "ends at 2026-11-30 00:00",
        ("reenter", _) => "reenter after 30 days",
        ("exit", "when") => "exit when email.unsubscribed as left",
        ("one", _) => "one run per purchase.order_id",
        _ => return None,
    })
}

fn step(first: &str, second: &str, found: &str) -> Option<&'static str> {
    Some(match (first, second) {
        ("send", _) if found == "," => "send first available of kakao welcome, sms welcome",
        ("send", _) => "send email welcome",
        ("wait", "for") => "wait up to 7 days for purchase",
        ("wait", "until") => "wait until 2026-11-20 10:00",
        ("wait", _) => "wait 3 days, then until 10:00",
        ("assign", _) => "assign to sales \"Call back\" due in 1 day",
        ("repeat", _) => "repeat up to 3 times every 2 days {",
        ("ask", _) => "ask email how_was_it for satisfaction up to 7 days {",
        ("do", _) => "do crm.create_lead with (owner: \"kim\")",
        _ => return None,
    })
}

fn test(first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, second) {
        ("given", _) => {
            "given kim { email: \"kim@example.com\", agreed to marketing by email, agreed to marketing by sms }"
        }
        ("at", _) => "at 2026-03-02 14:00 kim does purchase { order_id: \"o1\" }",
        ("after", _) => "after 3 days kim does purchase { order_id: \"o1\" }",
        ("expect", _) => "expect only email welcome to kim at 2026-03-02 14:00",
        _ => return None,
    })
}
