//! Plain tables for a terminal. Columns are as wide as they look: a Hangul syllable takes two places.

use std::fmt;

use jiff::tz::TimeZone;
use journey_ir::Instant;
use unicode_width::UnicodeWidthStr as _;

/// A table being filled.
#[derive(Debug, Clone, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    numbers: Vec<usize>,
}

impl Table {
    /// A table with these columns; without headings where all are empty.
    #[must_use]
    pub fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|&word| word.to_owned()).collect(),
            rows: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// Aligns these columns, counted from 0, to the right.
    #[must_use]
    pub fn numbers(mut self, columns: &[usize]) -> Self {
        self.numbers = columns.to_vec();
        self
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Adds a row whose length is known only when it is made.
    pub fn row_of(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headed = self.head.iter().any(|word| !word.is_empty());
        let all = || headed.then_some(&self.head).into_iter().chain(&self.rows);
        let mut widths = vec![0; self.head.len()];
        for row in all() {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        for row in all() {
            let mut line = String::from("  ");
            for (column, (width, cell)) in widths.iter().zip(row).enumerate() {
                let room = std::iter::repeat_n(' ', width - cell.width());
                if self.numbers.contains(&column) {
                    line.extend(room.chain(cell.chars()));
                } else {
                    line.extend(cell.chars().chain(room));
                }
                line.push_str("  ");
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A bar of at most `width` columns for a share of a whole.
#[must_use]
pub(super) fn bar(part: i64, whole: i64, width: usize) -> String {
    if whole <= 0 || part <= 0 {
        return String::new();
    }
    let (part, whole) = (part.unsigned_abs() as usize, whole.unsigned_abs() as usize);
    let eighths = (part * width * 8).div_ceil(whole);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(rest.get(eighths % 8).copied().unwrap_or_default());
    bar
}

/// An instant in a zone, to the minute.
#[must_use]
pub fn local_minute(at: Instant, zone: &TimeZone) -> String {
    let mut time = local_time(at, zone);
    time.truncate("2026-03-02 14:10".len());
    time
}

/// An instant in a zone, to the second.
#[must_use]
pub fn local_time(at: Instant, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(timestamp) => timestamp
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_hangul_too() {
        let mut table = Table::new(&["이름", "n"]);
        table.row(["팔도감".to_owned(), "1".to_owned()]);
        table.row(["ab".to_owned(), "22".to_owned()]);
        assert_eq!(
            table.to_string(),
            "  이름    n\n  팔도감  1\n  ab      22\n"
        );
    }

    #[test]
    fn times_are_shown_in_the_zone_of_the_project() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        assert_eq!(local_time(0, &seoul), "1970-01-01 09:00:00");
        assert_eq!(local_time(i64::MAX, &seoul), "?");
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(50, 100, 4), "██");
        assert_eq!(bar(1, 1_000, 4), "▏");
        assert_eq!(bar(0, 100, 4), "");
    }
}
