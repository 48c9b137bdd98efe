//! Whole phrases that people bring from elsewhere, and how they are written here.
//!
//! Comes in: the text of a line that could not be read, and the strict rule of its place. Goes out: which part of it is
//! the habit, and what stands there instead, exactly or by an example. Words alone are in `foreign_words`.

use std::ops::Range;

use crate::parse::Rule;

/// A phrase of another tool or of everyday language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Habit {
    /// Where it stands in the line.
    pub(crate) at: Range<usize>,
    /// What is written here.
    pub(crate) instead: Instead,
}

/// What is written in place of a habit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Exactly this.
    Exactly(String),
    /// Something like these, and why, in English and Korean.
    Like(Vec<String>, &'static str, &'static str),
}

/// Longer lines, in bytes, are no habit of a person; looking through them again and again would take long.
const LONGEST_LINE: usize = 1_000;

/// Words for channels, and what they are called here.
const CHANNELS: [(&str, &str); 12] = [
    ("kakaotalk", "kakao"),
    ("카카오", "kakao"),
    ("카카오톡", "kakao"),
    ("알림톡", "kakao"),
    ("친구톡", "kakao"),
    ("text", "sms"),
    ("lms", "sms"),
    ("문자", "sms"),
    ("mail", "email"),
    ("e-mail", "email"),
    ("이메일", "email"),
    ("푸시", "push"),
];
const OWN_CHANNELS: [&str; 6] = ["email", "sms", "kakao", "push", "webhook", "inapp"];

/// Comparisons that stand after their value in Korean.
const COMPARED: [(&str, &str); 4] = [
    ("이상", "at least"),
    ("이하", "at most"),
    ("초과", "over"),
    ("미만", "under"),
];

/// The habit in a line of a place, if it is a known one.
pub(crate) fn find(only: Rule, text: &str) -> Option<Habit> {
    let line = text.lines().next().unwrap_or_default();
    if line.len() > LONGEST_LINE {
        return None;
    }
    let words = Words::of(line);
    let of_place = match only {
        Rule::only_offer => offer(&words),
        Rule::only_policy => policy(&words),
        Rule::only_header => header(&words),
        Rule::only_step | Rule::only_if => step(&words),
        _ => None,
    };
    of_place
        .or_else(|| times(&words))
        .or_else(|| compared(&words))
}

/// The habit of which only a part could not be read: its beginning stands further up the line.
pub(crate) fn around(line: &str) -> Option<Habit> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let words = Words::of(line);
    asked(&words).or_else(|| agreed(&words))
}

/// The words of a line and where they stand; commas and braces belong to the word before them.
struct Words<'l> {
    line: &'l str,
    all: Vec<(usize, &'l str)>,
}

impl<'l> Words<'l> {
    fn of(line: &'l str) -> Self {
        let mut all = Vec::new();
        let mut from = 0;
        for word in line.split(' ') {
            if !word.is_empty() {
                all.push((from, word));
            }
            from += word.len() + 1;
        }
        Self { line, all }
    }

    fn texts(&self) -> Vec<&'l str> {
        self.all.iter().map(|it| it.1).collect()
    }

    /// The bytes from one word to another, both included.
    fn range(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.all.get(first).map_or(0, |it| it.0);
        let end = self.all.get(last).map_or(start, |it| it.0 + it.1.len());
        start..end
    }

    /// The text from a word to the end of the line.
    fn from(&self, first: usize) -> &'l str {
        let start = self.range(first, first).start;
        let rest = self.line.get(start..).unwrap_or_default();
        rest.trim_end().trim_end_matches('{').trim_end()
    }

    fn exactly(&self, first: usize, last: usize, instead: impl Into<String>) -> Option<Habit> {
        Some(Habit {
            at: self.range(first, last),
            instead: Instead::Exactly(instead.into()),
        })
    }

    fn like<const N: usize>(
        &self,
        (first, last): (usize, usize),
        examples: [String; N],
        english: &'static str,
        korean: &'static str,
    ) -> Option<Habit> {
        Some(Habit {
            at: self.range(first, last),
            instead: Instead::Like(examples.into(), english, korean),
        })
    }

    fn last(&self) -> usize {
        self.all.len().saturating_sub(1)
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word
            .bytes()
            .all(|it| it.is_ascii_digit() || it == b',' || it == b'.')
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic())
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

fn offer(words: &Words<'_>) -> Option<Habit> {
    match words.texts().as_slice() {
        [n, off] if is_number(n) && off.eq_ignore_ascii_case("off") => words.like(
            (0, 1),
            [format!("{n}% off"), "10,000원 off".to_owned()],
            "a discount is a share or an amount of money",
            "할인은 비율이나 금액으로 씁니다",
        ),
        [n, "percent" | "pct" | "퍼센트" | "프로", off]
            if is_number(n) && off.eq_ignore_ascii_case("off") =>
        {
            words.exactly(0, 2, format!("{n}% off"))
        }
        ["valid", "until" | "till" | "to" | "through", ..] => words.like(
            (0, words.last()),
            ["valid 14 days".to_owned()],
            "an offer has no fixed end date: it is valid for a time from when somebody gets it",
            "혜택에는 정해진 끝 날짜가 없고, 받은 때부터 얼마 동안 쓸 수 있는지 씁니다",
        ),
        _ => None,
    }
}

fn policy(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    match texts.as_slice() {
        ["max" | "maximum", n, ..] if is_number(n) => return words.exactly(0, 0, "at most"),
        ["at", "most", n, "message" | "messages", rest @ ..] if is_number(n) => {
            let rest = rest.join(" ");
            let line = format!("at most {n} advertising messages {rest}");
            return words.like(
                (0, words.last()),
                [line.trim_end().to_owned()],
                "a cap says for which messages it is; write a line for each purpose",
                "상한에는 어떤 메시지인지 씁니다. 목적마다 한 줄씩 쓰세요",
            );
        }
        _ => {}
    }
    let unit = |word: &str| {
        let word = word.trim_end_matches(',');
        matches!(word, "hour" | "day" | "week" | "month" | "year")
    };
    let at = texts
        .windows(2)
        .position(|pair| matches!(pair, ["per" | "a" | "every", it] if unit(it)))?;
    let word = texts.get(at + 1)?;
    words.exactly(at, at + 1, format!("per 1 {word}"))
}

fn header(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    match texts.as_slice() {
        [first, ..] if first.ends_with(':') => {
            let word = first.trim_end_matches(':');
            let known = crate::rule_words::starters(Rule::only_header).contains(&word);
            known.then(|| words.exactly(0, 0, word)).flatten()
        }
        ["goal", event] if is_name(event) => words.like(
            (0, 1),
            [format!("goal {event} within 7 days")],
            "a goal says for how long it counts from the entry on",
            "목표에는 들어온 때부터 얼마 동안 세는지 씁니다",
        ),
        ["goal", ..] => {
            let at = texts
                .windows(3)
                .position(|it| matches!(it, ["in", "the", "last" | "next"]))?;
            words.exactly(at, at + 2, "within")
        }
        [which @ ("starts" | "ends"), "at", ..] => {
            let example = moment(words.from(2))?;
            words.like(
                (2, words.last()),
                [format!("{which} at {example}")],
                "a date is year, month and day, and the clock has 24 hours",
                "날짜는 연-월-일, 시각은 24시간으로 씁니다",
            )
        }
        _ => None,
    }
}

/// `15/11/2027 9am`, `2027년 11월 15일 오후 3시` as it is written here, where it can only be one day.
fn moment(written: &str) -> Option<String> {
    let numbers: Vec<u32> = written
        .split(|c: char| !c.is_ascii_digit())
        .filter(|it| !it.is_empty())
        .take(5)
        .filter_map(|it| it.parse().ok())
        .collect();
    let (first, second, third, rest) = match numbers.as_slice() {
        [first, second, third, rest @ ..] => (*first, *second, *third, rest),
        _ => return None,
    };
    let (year, month, day) = match (first, second, third) {
        (1000.., month, day) => (first, month, day),
        (day @ 13.., month, 1000..) | (month, day @ 13.., 1000..) => (third, month, day),
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let Some(hour) = rest.first() else {
        return Some(date);
    };
    let lower = written.to_lowercase();
    let late = lower.contains("pm") || written.contains("오후");
    let hour = match (late, *hour) {
        (true, hour @ 1..=11) => hour + 12,
        (_, hour) => hour,
    };
    let minute = rest.get(1).copied().unwrap_or(0);
    (hour < 24 && minute < 60).then(|| format!("{date} {hour:02}:{minute:02}"))
}

fn step(words: &Words<'_>) -> Option<Habit> {
    match words.texts().as_slice() {
        ["wait", "for", event, ..] if is_name(event) => words.like(
            (0, words.last()),
            [format!("wait up to 7 days for {}", words.from(2))],
            "a wait for an event has an end; with `on …` and `on timeout` in braces each way gets its own steps",
            "이벤트를 기다릴 때는 끝을 정합니다. 중괄호에 `on …`과 `on timeout`을 쓰면 갈래마다 다르게 합니다",
        ),
        ["wait", "until", "tomorrow", clock] => words.like(
            (0, words.last()),
            [
                format!("wait until {clock}"),
                format!("wait 1 day, then until {clock}"),
            ],
            "the first is the next time the clock shows it, the second a day later at least",
            "앞은 다음 그 시각, 뒤는 적어도 하루가 지난 뒤의 그 시각입니다",
        ),
        ["wait", n, unit, "then", ..] if is_number(n) => {
            words.exactly(2, 3, format!("{unit}, then"))
        }
        ["send", name, "by" | "via", channel] if is_name(name) => {
            let channel = own_channel(channel)?;
            words.exactly(0, words.last(), format!("send {channel} {name}"))
        }
        ["send", channel, first, second, ..]
            if OWN_CHANNELS.contains(channel)
                && first.ends_with(',')
                && OWN_CHANNELS.contains(second) =>
        {
            let rest = words.from(1);
            words.exactly(0, words.last(), format!("send first available of {rest}"))
        }
        ["send", channel, name, ..] if is_name(name) => {
            let (_, own) = CHANNELS.iter().find(|(it, _)| it == channel)?;
            words.exactly(1, 1, *own)
        }
        _ => None,
    }
}

fn own_channel(word: &str) -> Option<&str> {
    let own = OWN_CHANNELS.contains(&word).then_some(word);
    own.or_else(|| Some(CHANNELS.iter().find(|(it, _)| *it == word)?.1))
}

/// `did purchase over 2 times`
fn times(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    let at = texts.windows(3).position(|it| {
        matches!(it, ["over", n, "times" | "time" | "times," | "times)"] if n.parse::<u32>().is_ok())
    })?;
    let n: u32 = texts.get(at + 1)?.parse().ok()?;
    let n = n.checked_add(1)?;
    words.exactly(at, at + 1, format!("at least {n}"))
}

/// `total 이상 3만원`, `total 3만원 이상`
fn compared(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    let own = |word: &str| COMPARED.iter().find(|(it, _)| *it == word).map(|it| it.1);
    let (at, here) = texts
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, own(word)?)))?;
    let before = texts.get(at.checked_sub(1)?)?;
    if before.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '₩') {
        return words.exactly(at - 1, at, format!("{here} {before}"));
    }
    words.exactly(at, at, here)
}

/// `if email.opened {`
fn asked(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    let is = |it: &[&str]| matches!(it, ["if", asked, "{"] if is_name(asked));
    let at = texts.windows(3).position(is)?;
    let asked = texts.get(at + 1)?;
    let mut examples = vec![format!("if did {asked} in the last 7 days")];
    if !asked.contains('.') {
        examples.push(format!("if {asked} is yes"));
    }
    Some(Habit {
        at: words.range(at, at + 1),
        instead: Instead::Like(
            examples,
            "ask whether it happened, or what it is",
            "일어났는지 또는 값이 무엇인지 물으세요",
        ),
    })
}

/// `agreed to marketing by kakao, email`
fn agreed(words: &Words<'_>) -> Option<Habit> {
    let texts = words.texts();
    let at = texts.windows(6).position(|it| {
        let ["agreed", "to", _, "by", first, second] = it else {
            return false;
        };
        let second = second.trim_end_matches(',');
        first
            .strip_suffix(',')
            .is_some_and(|it| OWN_CHANNELS.contains(&it))
            && OWN_CHANNELS.contains(&second)
    })?;
    let (name, second) = (texts.get(at + 2)?, texts.get(at + 5)?);
    words.exactly(at + 5, at + 5, format!("agreed to {name} by {second}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instead(only: Rule, line: &str) -> String {
        let habit = find(only, line).unwrap();
        match habit.instead {
            Instead::Exactly(instead) => {
                let (before, after) = (&line[..habit.at.start], &line[habit.at.end..]);
                format!("{before}{instead}{after}")
            }
            Instead::Like(examples, ..) => examples.join(" | "),
        }
    }

    #[test]
    fn phrases_are_turned_into_the_language() {
        for (only, line, expected) in [
            (Rule::only_offer, "10 OFF", "10% off | 10,000원 off"),
            (Rule::only_offer, "10 percent off", "10% off"),
            (Rule::only_offer, "valid until 2026-12-31", "valid 14 days"),
            (
                Rule::only_policy,
                "max 3 advertising messages per 1 week",
                "at most 3 advertising messages per 1 week",
            ),
            (
                Rule::only_policy,
                "at most 2 messages per 1 week",
                "at most 2 advertising messages per 1 week",
            ),
            (
                Rule::only_policy,
                "at most 2 advertising messages per week, then wait",
                "at most 2 advertising messages per 1 week, then wait",
            ),
            (
                Rule::only_header,
                "goal purchase in the last 14 days",
                "goal purchase within 14 days",
            ),
            (
                Rule::only_header,
                "goal purchase",
                "goal purchase within 7 days",
            ),
            (
                Rule::only_header,
                "goal: purchase within 3 days",
                "goal purchase within 3 days",
            ),
            (
                Rule::only_header,
                "starts at 15/11/2027 9am",
                "starts at 2027-11-15 09:00",
            ),
            (
                Rule::only_header,
                "ends at 2027년 11월 15일 오후 3시",
                "ends at 2027-11-15 15:00",
            ),
            (
                Rule::only_step,
                "wait for purchase where (total over 5)",
                "wait up to 7 days for purchase where (total over 5)",
            ),
            (
                Rule::only_step,
                "wait until tomorrow 10:00",
                "wait until 10:00 | wait 1 day, then until 10:00",
            ),
            (
                Rule::only_step,
                "wait 3 days then until 10:00",
                "wait 3 days, then until 10:00",
            ),
            (
                Rule::only_step,
                "send kakao a, sms b",
                "send first available of kakao a, sms b",
            ),
            (Rule::only_step, "send kakaotalk x", "send kakao x"),
            (Rule::only_step, "send x by kakao", "send kakao x"),
            (
                Rule::only_condition,
                "did purchase over 2 times",
                "did purchase at least 3 times",
            ),
            (
                Rule::only_condition,
                "total 이상 3만원",
                "total at least 3만원",
            ),
            (
                Rule::only_condition,
                "total 3만원 이상",
                "total at least 3만원",
            ),
        ] {
            assert_eq!(instead(only, line), expected, "{line}");
        }
    }

    #[test]
    fn a_habit_is_found_by_its_end() {
        let around = |line| match around(line).unwrap().instead {
            Instead::Exactly(instead) => instead,
            Instead::Like(examples, ..) => examples.join(" | "),
        };
        assert_eq!(
            around("  if email.opened { exit }"),
            "if did email.opened in the last 7 days"
        );
        assert_eq!(
            around("  given kim { agreed to marketing by kakao, email }"),
            "agreed to marketing by email"
        );
    }

    #[test]
    fn other_lines_have_no_habit() {
        for line in [
            "wait 3 days",
            "wait for 3 days",
            "send email x",
            "goal purchase within 7 days",
            "valid 14 days",
        ] {
            for only in [Rule::only_step, Rule::only_header, Rule::only_offer] {
                assert_eq!(find(only, line), None, "{line}");
            }
        }
    }
}
