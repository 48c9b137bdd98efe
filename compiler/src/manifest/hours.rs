//! `[hours.NAME]`: opening hours in their own zone, with their holidays.

use journey_ir::project::Hours;
use journey_ir::{Date, HoursIx, Weekday};

use super::{Manifest, known_zone, meaning};
use crate::problem::Problems;
use crate::project::LoadedProject;
use crate::settings::{Expected, Origin, Placed, Section, parse};
use crate::written;

/// The hours whose open days are business days, where there are several.
const BUSINESS_HOURS: &str = "business_hours";

const WEEK: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl Manifest {
    pub(super) fn read_hours(
        &mut self,
        root: &mut Section<'_>,
        loaded: &LoadedProject,
        problems: &mut Problems,
    ) {
        for (name, mut section) in root.sections("hours", problems) {
            let timezone = section
                .text("timezone", problems)
                .and_then(|zone| known_zone(zone, problems))
                .unwrap_or_else(|| self.project.timezone.clone());
            let hours = Hours {
                name: name.value,
                timezone,
                open: open(&mut section, problems),
                holidays: holidays(&mut section, loaded, problems),
            };
            self.project.hours.push(hours);
            section.finish(problems);
        }
        self.project.business_days = match self.project.hours.as_slice() {
            [_] => Some(HoursIx(0)),
            _ => self.hours(BUSINESS_HOURS),
        };
    }
}

/// The hours of each day. A day's own line beats `weekdays` and `weekend`; `closed` closes it.
fn open(
    section: &mut Section<'_>,
    problems: &mut Problems,
) -> Vec<(Weekday, journey_ir::Clock, journey_ir::Clock)> {
    let mut week = [None; 7];
    let spans: [(&'static str, std::ops::Range<usize>); 2] =
        [("weekdays", 0..5), ("weekend", 5..7)];
    let days = WEEK
        .iter()
        .enumerate()
        .map(|(at, (key, _))| (*key, at..at + 1));
    for (key, range) in spans.into_iter().chain(days) {
        let Some(text) = section.text(key, problems) else {
            continue;
        };
        let read = |text: &str| match text {
            "closed" => Some(None),
            text => written::clocks(text).map(Some),
        };
        if let Some(clocks) = meaning(key, &text, Expected::Clocks, read, problems) {
            week.iter_mut()
                .skip(range.start)
                .take(range.len())
                .for_each(|day| *day = clocks);
        }
    }
    WEEK.iter()
        .zip(week)
        .filter_map(|((_, weekday), clocks)| clocks.map(|(from, to)| (*weekday, from, to)))
        .collect()
}

/// `holidays = "holidays/kr.toml"`: the `days` of that file.
fn holidays(
    section: &mut Section<'_>,
    loaded: &LoadedProject,
    problems: &mut Problems,
) -> Vec<Date> {
    let Some(path) = section.text("holidays", problems) else {
        return Vec::new();
    };
    let find = |path: &str| loaded.holidays(path);
    let expected = Expected::HolidayFile;
    let Some(file) = meaning("holidays", &path, expected, find, problems) else {
        return Vec::new();
    };
    let origin = Origin { file, offset: 0 };
    let table = parse(loaded.sources().text(file), origin, problems);
    let mut root = Section::root(&table, origin);
    let days = root.dates("days", problems);
    root.finish(problems);
    let mut days: Vec<Date> = days
        .iter()
        .filter_map(|day: &Placed<String>| {
            meaning("days", day, Expected::Date, written::date, problems)
        })
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}
