//! Literals. What does not exist in the calendar, and units that are abbreviated, are reported here.

use pest::iterators::Pair;

use super::{Reader, child, has, trimmed};
use crate::parse::Rule;
use crate::problem::{Edit, ProblemKind};
use crate::rule_words::UNITS;
use crate::similar;
use crate::tree::{
    Clock, Currency, Date, DayKind, Decimal, Duration, Moment, Money, Span, Spanned, Text,
    TimeUnit, Value, ValueKind, Weekday, Zone,
};

impl<'a> Reader<'a> {
    /// Reads the value below a pair; an empty path when there is none, which the grammar does not allow to happen.
    pub(crate) fn value_in(&mut self, pair: &Pair<'a, Rule>) -> Value {
        if let Some(value) = child(pair, Rule::value) {
            return self.value(&value);
        }
        let path = self.path_in(pair);
        Value {
            span: path.span,
            kind: ValueKind::Path(path),
        }
    }

    pub(crate) fn values_in(&mut self, pair: &Pair<'a, Rule>) -> Vec<Value> {
        let values = child(pair, Rule::values)
            .map(Pair::into_inner)
            .into_iter()
            .flatten();
        values.map(|value| self.value(&value)).collect()
    }

    pub(crate) fn value(&mut self, pair: &Pair<'a, Rule>) -> Value {
        let span = self.span(pair);
        let kind = match pair.clone().into_inner().next() {
            Some(inner) => self.value_kind(&inner),
            None => ValueKind::Path(self.path_in(pair)),
        };
        Value { kind, span }
    }

    fn value_kind(&mut self, inner: &Pair<'a, Rule>) -> ValueKind {
        match inner.as_rule() {
            Rule::moment => self.moment(inner),
            Rule::clock => ValueKind::Clock(self.clock(inner)),
            Rule::string => ValueKind::Text(self.text(inner)),
            Rule::yes_no => ValueKind::YesNo(inner.as_str() == "yes"),
            Rule::zone => ValueKind::Zone(self.zone(inner)),
            Rule::quantity => self.quantity(inner),
            _ => ValueKind::Path(self.path(inner)),
        }
    }

    pub(crate) fn moment(&mut self, pair: &Pair<'a, Rule>) -> ValueKind {
        let date = self.date_in(pair);
        let Some(clock) = child(pair, Rule::clock) else {
            return ValueKind::Date(date);
        };
        let clock = self.clock(&clock);
        let zone = child(pair, Rule::zone).map(|zone| self.zone(&zone));
        ValueKind::Moment(Moment {
            date,
            clock,
            zone,
            span: self.span(pair),
        })
    }

    pub(crate) fn zone(&self, pair: &Pair<'a, Rule>) -> Zone {
        Zone {
            text: pair.as_str().to_owned(),
            span: self.span(pair),
        }
    }

    /// Reads a number and what follows it: `10%`, `5만원`, `3 days`, `50`.
    fn quantity(&mut self, pair: &Pair<'a, Rule>) -> ValueKind {
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::percent_sign => return ValueKind::Percent(self.number_in(pair)),
                Rule::won
                | Rule::currency_code
                | Rule::currency_symbol
                | Rule::mistaken_won
                | Rule::mistaken_currency => return ValueKind::Money(self.money(pair)),
                Rule::unit | Rule::day_kind | Rule::abbreviated_unit => {
                    return ValueKind::Duration(self.duration(pair));
                }
                _ => {}
            }
        }
        ValueKind::Number(self.number_in(pair))
    }

    /// Reads the number below a pair.
    pub(crate) fn number_in(&mut self, pair: &Pair<'a, Rule>) -> Decimal {
        match child(pair, Rule::number) {
            Some(number) => self.number(&number),
            None => Decimal {
                mantissa: 0,
                scale: 0,
                span: self.span(pair),
            },
        }
    }

    pub(crate) fn number(&mut self, pair: &Pair<'a, Rule>) -> Decimal {
        let span = self.span(pair);
        let (whole, fraction) = pair.as_str().split_once('.').unwrap_or((pair.as_str(), ""));
        let digits: String = whole
            .chars()
            .chain(fraction.chars())
            .filter(|&c| c != ',')
            .collect();
        // Eighteen digits always fit.
        let mantissa = if digits.len() > 19 {
            None
        } else {
            digits.parse::<i64>().ok()
        };
        if mantissa.is_none() {
            let number = pair.as_str().to_owned();
            self.problem(ProblemKind::NumberTooLong { number }, span, None);
        }
        Decimal {
            mantissa: mantissa.unwrap_or(0),
            scale: fraction.len().min(18) as u32,
            span,
        }
    }

    /// Reads a count: `3`, `1,000`.
    pub(crate) fn count_number_in(&mut self, pair: &Pair<'a, Rule>) -> Spanned<u32> {
        let Some(number) = child(pair, Rule::count_number) else {
            return Spanned::new(0, self.span(pair));
        };
        let span = self.span(&number);
        let count = number.as_str().replace(',', "").parse::<u32>();
        if count.is_err() {
            let number = number.as_str().to_owned();
            self.problem(ProblemKind::NumberTooLong { number }, span, None);
        }
        Spanned::new(count.unwrap_or(0), span)
    }

    pub(crate) fn money_in(&mut self, pair: &Pair<'a, Rule>) -> Money {
        match child(pair, Rule::money) {
            Some(money) => self.money(&money),
            None => self.money(pair),
        }
    }

    fn money(&mut self, pair: &Pair<'a, Rule>) -> Money {
        let span = self.span(pair);
        let amount = self.number_in(pair);
        let mut currency = Currency::Won(1);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::currency_symbol => {
                    currency = Currency::Symbol(part.as_str().chars().next().unwrap_or('$'));
                }
                Rule::currency_code => currency = Currency::Code(part.as_str().to_owned()),
                Rule::won => currency = Currency::Won(won(part.as_str())),
                Rule::mistaken_won => {
                    let instead = format!("{}원", part.as_str());
                    currency = Currency::Won(won(&instead));
                    self.written_differently(&part, &instead);
                }
                Rule::mistaken_currency => {
                    currency = Currency::Symbol(symbol(part.as_str()));
                    let instead =
                        format!("{}{}", symbol(part.as_str()), amount.span.of(self.original));
                    let found = span.of(self.original).to_owned();
                    let kind = ProblemKind::WrittenDifferently {
                        found,
                        instead: instead.clone(),
                    };
                    self.problem(kind, span, Some(instead));
                }
                _ => {}
            }
        }
        Money {
            amount,
            currency,
            span,
        }
    }

    pub(crate) fn duration_in(&mut self, pair: &Pair<'a, Rule>) -> Duration {
        match child(pair, Rule::duration) {
            Some(duration) => self.duration(&duration),
            None => Duration {
                count: 0,
                day_kind: None,
                unit: TimeUnit::Day,
                span: self.span(pair),
            },
        }
    }

    pub(crate) fn duration(&mut self, pair: &Pair<'a, Rule>) -> Duration {
        let span = self.span(pair);
        let number = self.number_in(pair);
        let count = number.whole().and_then(|whole| u32::try_from(whole).ok());
        if count.is_none() {
            let number_text = number.span.of(self.original).to_owned();
            self.problem(
                ProblemKind::BrokenDuration {
                    number: number_text,
                },
                number.span,
                None,
            );
        }
        let count = count.unwrap_or(0);
        let mut day_kind = None;
        let mut unit = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::day_kind if part.as_str() == "calendar" => day_kind = Some(DayKind::Calendar),
                Rule::day_kind => day_kind = Some(DayKind::Business),
                Rule::unit => {
                    unit = time_unit(part.as_str());
                    self.joined_unit(pair, &part);
                }
                Rule::mistaken_unit | Rule::abbreviated_unit => {
                    unit = self.unknown_unit(&part, count);
                }
                _ => {}
            }
        }
        if !has(pair, Rule::unit)
            && !has(pair, Rule::mistaken_unit)
            && !has(pair, Rule::abbreviated_unit)
        {
            let number = number.span.of(self.original).to_owned();
            self.problem(ProblemKind::MissingUnit { number }, span, None);
        }
        Duration {
            count,
            day_kind,
            unit: unit.unwrap_or(TimeUnit::Day),
            span,
        }
    }

    /// Reports `3days`.
    fn joined_unit(&mut self, duration: &Pair<'a, Rule>, unit: &Pair<'a, Rule>) {
        let number_end = child(duration, Rule::number).map(|number| number.as_span().end());
        let at = unit.as_span().start();
        if number_end == Some(at) {
            let span = self.span(duration);
            let kind = ProblemKind::JoinedUnit {
                found: duration.as_str().trim_end().to_owned(),
            };
            let place = self.at(at, at);
            self.problem_with(
                kind,
                span,
                Edit {
                    span: place,
                    replacement: " ".to_owned(),
                },
            );
        }
    }

    /// Reports `hrs`, `시간`, `dyas`, and takes the unit that was probably meant.
    fn unknown_unit(&mut self, pair: &Pair<'a, Rule>, count: u32) -> Option<TimeUnit> {
        let found = pair.as_str().to_owned();
        let span = self.span(pair);
        let unit =
            abbreviation(&found).or_else(|| similar::nearest(&found, UNITS).and_then(time_unit));
        let meant = unit.map(|unit| unit_word(unit, count).to_owned());
        let (start, _) = trimmed(pair);
        let joined = self
            .chunk
            .get(..start)
            .is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
        let fix = meant
            .clone()
            .map(|word| if joined { format!(" {word}") } else { word });
        self.problem(ProblemKind::UnknownUnit { found, meant }, span, fix);
        unit
    }

    pub(crate) fn date_in(&mut self, pair: &Pair<'a, Rule>) -> Date {
        match child(pair, Rule::date) {
            Some(date) => self.date(&date),
            None => Date {
                year: 1,
                month: 1,
                day: 1,
                span: self.span(pair),
            },
        }
    }

    pub(crate) fn date(&mut self, pair: &Pair<'a, Rule>) -> Date {
        let span = self.span(pair);
        let written = pair.as_str();
        let mut parts = written
            .split(['-', '/', '.'])
            .map(|part| part.parse::<u16>().unwrap_or(0));
        let (year, month, day) = (
            parts.next().unwrap_or(0),
            parts.next().unwrap_or(0),
            parts.next().unwrap_or(0),
        );
        let exists =
            year >= 1 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !exists {
            self.problem(
                ProblemKind::NoSuchDate {
                    date: written.to_owned(),
                },
                span,
                None,
            );
            return Date {
                year: year.max(1),
                month: 1,
                day: 1,
                span,
            };
        }
        let plain = format!("{year:04}-{month:02}-{day:02}");
        if plain != written {
            let kind = ProblemKind::WrittenDifferently {
                found: written.to_owned(),
                instead: plain.clone(),
            };
            self.problem(kind, span, Some(plain));
        }
        Date {
            year,
            month: month as u8,
            day: day as u8,
            span,
        }
    }

    pub(crate) fn clock_in(&mut self, pair: &Pair<'a, Rule>) -> Clock {
        match child(pair, Rule::clock) {
            Some(clock) => self.clock(&clock),
            None => Clock {
                hour: 0,
                minute: 0,
                span: self.span(pair),
            },
        }
    }

    pub(crate) fn clock(&mut self, pair: &Pair<'a, Rule>) -> Clock {
        let span = self.span(pair);
        let written = pair.as_str().trim_end();
        let digits = written.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
        let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
        let (mut hour, minute) = (
            hour.parse::<u8>().unwrap_or(99),
            minute.parse::<u8>().unwrap_or(99),
        );
        let half = written
            .get(digits.len()..)
            .unwrap_or_default()
            .trim()
            .to_lowercase();
        if !half.is_empty() && (1..=12).contains(&hour) {
            hour = hour % 12 + if half == "pm" { 12 } else { 0 };
        }
        if hour > 23 || minute > 59 {
            self.problem(
                ProblemKind::NoSuchClock {
                    clock: written.to_owned(),
                },
                span,
                None,
            );
            return Clock {
                hour: 0,
                minute: 0,
                span,
            };
        }
        if !half.is_empty() {
            let instead = format!("{hour:02}:{minute:02}");
            let kind = ProblemKind::WrittenDifferently {
                found: written.to_owned(),
                instead: instead.clone(),
            };
            self.problem(kind, span, Some(instead));
        }
        Clock { hour, minute, span }
    }

    pub(crate) fn weekdays_in(&mut self, pair: &Pair<'a, Rule>) -> Vec<Spanned<Weekday>> {
        let days: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::weekday)
            .collect();
        days.iter().map(|day| self.weekday(day)).collect()
    }

    pub(crate) fn weekday(&mut self, pair: &Pair<'a, Rule>) -> Spanned<Weekday> {
        let written = pair.as_str();
        let (day, word) = weekday(written);
        if written != word {
            self.written_differently(pair, word);
        }
        Spanned::new(day, self.span(pair))
    }

    pub(crate) fn text(&mut self, pair: &Pair<'a, Rule>) -> Text {
        let span = self.span(pair);
        let written = pair.as_str();
        let inner = written
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(written);
        if !inner.contains('\\') {
            return Text {
                text: inner.to_owned(),
                span,
            };
        }
        let mut text = String::with_capacity(inner.len());
        let mut characters = inner.char_indices();
        while let Some((_, character)) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, plain @ ('"' | '\\'))) => text.push(plain),
                Some((at, other)) => {
                    let start = pair.as_span().start() + 1 + at - 1;
                    let place = self.at(start, start + 1 + other.len_utf8());
                    let kind = ProblemKind::UnknownEscape {
                        escape: other.to_string(),
                    };
                    self.problem(kind, place, Some(format!("\\\\{other}")));
                    text.push(other);
                }
                None => {}
            }
        }
        Text { text, span }
    }

    pub(crate) fn text_in(&mut self, pair: &Pair<'a, Rule>) -> Text {
        match child(pair, Rule::string) {
            Some(text) => self.text(&text),
            None => Text {
                text: String::new(),
                span: self.span(pair),
            },
        }
    }

    /// Reports a word that is written differently here; it is read as what it stands for.
    pub(crate) fn written_differently(&mut self, pair: &Pair<'a, Rule>, instead: &str) {
        let found = pair.as_str().trim().to_owned();
        let span = self.span(pair);
        let kind = ProblemKind::WrittenDifferently {
            found,
            instead: instead.to_owned(),
        };
        self.problem(kind, span, Some(instead.to_owned()));
    }

    /// Reports a sign that is not needed.
    pub(crate) fn needless(&mut self, pair: &Pair<'a, Rule>) {
        let span: Span = self.span(pair);
        let kind = ProblemKind::NeedlessSign {
            found: pair.as_str().to_owned(),
        };
        self.problem(kind, span, Some(String::new()));
    }
}

fn won(word: &str) -> u32 {
    match word {
        "억원" => 100_000_000,
        "만원" => 10_000,
        "천원" => 1_000,
        _ => 1,
    }
}

fn symbol(word: &str) -> char {
    match word {
        "₩" | "won" => '₩',
        "€" | "euro" | "euros" | "유로" => '€',
        "£" => '£',
        "¥" => '¥',
        _ => '$',
    }
}

pub(crate) fn time_unit(word: &str) -> Option<TimeUnit> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "second" => TimeUnit::Second,
        "minute" => TimeUnit::Minute,
        "hour" => TimeUnit::Hour,
        "day" => TimeUnit::Day,
        "week" => TimeUnit::Week,
        "month" => TimeUnit::Month,
        "year" => TimeUnit::Year,
        _ => return None,
    })
}

fn abbreviation(word: &str) -> Option<TimeUnit> {
    Some(match word.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "초" => TimeUnit::Second,
        "m" | "min" | "mins" | "분" => TimeUnit::Minute,
        "h" | "hr" | "hrs" | "시간" => TimeUnit::Hour,
        "d" | "일" => TimeUnit::Day,
        "w" | "wk" | "wks" | "주" | "주일" => TimeUnit::Week,
        "mo" | "mos" | "개월" | "달" => TimeUnit::Month,
        "y" | "yr" | "yrs" | "년" => TimeUnit::Year,
        _ => return None,
    })
}

const fn unit_word(unit: TimeUnit, count: u32) -> &'static str {
    match (unit, count) {
        (TimeUnit::Second, 1) => "second",
        (TimeUnit::Second, _) => "seconds",
        (TimeUnit::Minute, 1) => "minute",
        (TimeUnit::Minute, _) => "minutes",
        (TimeUnit::Hour, 1) => "hour",
        (TimeUnit::Hour, _) => "hours",
        (TimeUnit::Day, 1) => "day",
        (TimeUnit::Day, _) => "days",
        (TimeUnit::Week, 1) => "week",
        (TimeUnit::Week, _) => "weeks",
        (TimeUnit::Month, 1) => "month",
        (TimeUnit::Month, _) => "months",
        (TimeUnit::Year, 1) => "year",
        (TimeUnit::Year, _) => "years",
    }
}

fn weekday(written: &str) -> (Weekday, &'static str) {
    let lower = written.to_lowercase();
    let starts =
        |prefix: &str, korean: char| lower.starts_with(prefix) || lower.starts_with(korean);
    if starts("mon", '월') {
        (Weekday::Monday, "Monday")
    } else if starts("tue", '화') {
        (Weekday::Tuesday, "Tuesday")
    } else if starts("wed", '수') {
        (Weekday::Wednesday, "Wednesday")
    } else if starts("thu", '목') {
        (Weekday::Thursday, "Thursday")
    } else if starts("fri", '금') {
        (Weekday::Friday, "Friday")
    } else if starts("sat", '토') {
        (Weekday::Saturday, "Saturday")
    } else {
        (Weekday::Sunday, "Sunday")
    }
}

const fn days_in(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
