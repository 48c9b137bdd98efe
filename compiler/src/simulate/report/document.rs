//! A report before it is set: headings, sentences, tables and charts in the reader's language.

use std::collections::BTreeMap;

use journey_ir::Instant;

use crate::problem::{Language, Text};
use crate::simulate::tally::Day;

/// A whole report.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) title: String,
    /// What was simulated, in a line or two.
    pub(super) lead: Vec<String>,
    /// What the reader must know to read the numbers right.
    pub(super) alerts: Vec<String>,
    /// The few numbers that matter most.
    pub(super) figures: Vec<(String, String)>,
    pub(super) sections: Vec<Section>,
}

/// What stands under one heading.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: String,
    /// The name behind the title, where they differ.
    pub(super) name: Option<String>,
    pub(super) blocks: Vec<Block>,
}

#[derive(Debug)]
pub(super) enum Block {
    Words(String),
    Table(Table),
    Days(Days),
    Bars(Bars),
}

/// A table. Numbers stand to the right.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    /// How many columns, from the left, hold words.
    pub(super) words: usize,
    pub(super) rows: Vec<Vec<String>>,
}

/// Numbers by day, one on top of the other.
#[derive(Debug)]
pub(super) struct Days {
    pub(super) caption: String,
    pub(super) from: String,
    pub(super) to: String,
    /// What each column is called.
    pub(super) labels: Vec<String>,
    pub(super) series: Vec<Series>,
}

#[derive(Debug)]
pub(super) struct Series {
    pub(super) label: String,
    /// The word by which its colour is chosen.
    pub(super) colour: &'static str,
    pub(super) values: Vec<u64>,
}

/// Numbers beside each other, each with its share of the whole.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) caption: String,
    pub(super) rows: Vec<Bar>,
}

#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) count: u64,
    pub(super) colour: &'static str,
}

/// How many columns a chart by day has at most; beyond, a column is several days.
const MOST_COLUMNS: usize = 92;

impl Days {
    /// Series by day, every day between the first and the last among them. `None` where there is nothing.
    pub(super) fn of(
        what: &Text,
        series: Vec<(String, &'static str, BTreeMap<Day, u64>)>,
        say: Say<'_>,
    ) -> Option<Self> {
        let days = || series.iter().flat_map(|(_, _, days)| days.keys().copied());
        let (first, last) = (days().min()?, days().max()?);
        let count = usize::try_from(last.saturating_sub(first)).ok()? + 1;
        let each = match count.div_ceil(MOST_COLUMNS) {
            1 => 1,
            // Whole weeks compare better than odd numbers of days.
            more => more.div_ceil(7) * 7,
        };
        let column = |day: Day| usize::try_from(day - first).unwrap_or_default() / each;
        let columns = count.div_ceil(each);
        let series = series.into_iter().map(|(label, colour, days)| {
            let mut values = vec![0; columns];
            for (day, count) in days {
                if let Some(value) = values.get_mut(column(day)) {
                    *value += count;
                }
            }
            Series {
                label,
                colour,
                values,
            }
        });
        let series = series.collect();
        let labels = (0..columns).map(|at| date(first + (at * each) as Day));
        let (en, ko) = match each {
            1 => ("a day".to_owned(), "하루".to_owned()),
            7 => ("a week".to_owned(), "일주일".to_owned()),
            more => (format!("every {more} days"), format!("{more}일마다")),
        };
        let caption = Text::new(format!("{} {en}", what.en), format!("{ko} {}", what.ko));
        Some(Self {
            caption: say.text(&caption),
            from: date(first),
            to: date(last),
            labels: labels.collect(),
            series,
        })
    }

    /// The highest column.
    pub(super) fn highest(&self) -> u64 {
        let column =
            |at: usize| -> u64 { self.series.iter().filter_map(|it| it.values.get(at)).sum() };
        (0..self.labels.len()).map(column).max().unwrap_or_default()
    }
}

impl Series {
    pub(super) fn total(&self) -> u64 {
        self.values.iter().sum()
    }
}

impl Bars {
    pub(super) fn highest(&self) -> u64 {
        self.rows
            .iter()
            .map(|it| it.count)
            .max()
            .unwrap_or_default()
    }

    pub(super) fn total(&self) -> u64 {
        self.rows.iter().map(|it| it.count).sum()
    }
}

/// Says things in the reader's language and in the project's time zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Say<'a> {
    pub(super) language: Language,
    pub(super) zone: &'a jiff::tz::TimeZone,
}

impl Say<'_> {
    pub(super) fn word(self, en: &str, ko: &str) -> String {
        match self.language {
            Language::English => en.to_owned(),
            Language::Korean => ko.to_owned(),
        }
    }

    pub(super) fn text(self, text: &Text) -> String {
        text.in_language(self.language).to_owned()
    }

    /// `2026-03-02 14:10`
    pub(super) fn time(self, at: Instant) -> String {
        jiff::Timestamp::from_millisecond(at).map_or_else(
            |_| at.to_string(),
            |at| {
                let zoned = at.to_zoned(self.zone.clone());
                zoned.strftime("%Y-%m-%d %H:%M").to_string()
            },
        )
    }

    /// `2 d 3 h`
    pub(super) fn length(self, milliseconds: i64) -> String {
        let minutes = milliseconds / 60_000;
        let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
        match (self.language, days, hours) {
            (Language::English, 0, 0) => format!("{minutes} min"),
            (Language::Korean, 0, 0) => format!("{minutes}분"),
            (Language::English, 0, _) => format!("{hours} h {minutes} min"),
            (Language::Korean, 0, _) => format!("{hours}시간 {minutes}분"),
            (Language::English, ..) => format!("{days} d {hours} h"),
            (Language::Korean, ..) => format!("{days}일 {hours}시간"),
        }
    }
}

/// `2026-03-02`
pub(super) fn date(day: Day) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = epoch.checked_add(jiff::Span::new().days(day));
    date.map_or_else(|_| day.to_string(), |it| it.to_string())
}

/// `12,345`
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `+12`, `−3`, `·` for nothing.
pub(super) fn signed(before: u64, after: u64) -> String {
    match before.cmp(&after) {
        std::cmp::Ordering::Less => format!("+{}", number(after - before)),
        std::cmp::Ordering::Equal => "·".to_owned(),
        std::cmp::Ordering::Greater => format!("−{}", number(before - after)),
    }
}

/// `37%`; `<1%` for little more than nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    match (part * 100 + whole / 2).checked_div(whole) {
        None => "–".to_owned(),
        Some(0) if part > 0 => "<1%".to_owned(),
        Some(percent) => format!("{percent}%"),
    }
}
