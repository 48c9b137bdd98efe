//! Lengths of time as ranges: a month has 28 to 31 days, a wait is followed by a quiet night.
//!
//! Comes in: spans as they were written. Goes out: milliseconds, the least and the most. Clock changes are left out:
//! a day has 24 hours on both sides, so that two equal spans are equal.

use journey_ir::time::{DAY, HOUR, MINUTE, SECOND};
use journey_ir::{Span, Unit};

/// A stretch of time in milliseconds: at least, and at most where there is a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Length {
    /// Never shorter.
    pub(crate) least: i64,
    /// Never longer; `None` where nothing is known.
    pub(crate) most: Option<i64>,
}

impl Length {
    /// No time at all.
    pub(crate) const ZERO: Self = Self::exact(0);
    /// Any time.
    pub(crate) const ANY: Self = Self {
        least: 0,
        most: None,
    };

    /// A length that is known.
    pub(crate) const fn exact(milliseconds: i64) -> Self {
        Self {
            least: milliseconds,
            most: Some(milliseconds),
        }
    }

    /// From nothing to this.
    pub(crate) const fn up_to(milliseconds: i64) -> Self {
        Self {
            least: 0,
            most: Some(milliseconds),
        }
    }

    /// The length of a span.
    pub(crate) const fn of(span: Span) -> Self {
        let n = span.n as i64;
        match span.unit {
            Unit::Second => Self::exact(n * SECOND),
            Unit::Minute => Self::exact(n * MINUTE),
            Unit::Hour => Self::exact(n * HOUR),
            Unit::Day => Self::exact(n * DAY),
            // From every day being one to one a week and a month of holidays.
            Unit::BusinessDay => Self::range((n, n.saturating_mul(7).saturating_add(31))),
            Unit::Week => Self::exact(n * 7 * DAY),
            Unit::Month => Self::range(months(n)),
            Unit::Year => Self::range(months(n.saturating_mul(12))),
        }
    }

    const fn range((least, most): (i64, i64)) -> Self {
        Self {
            least: least.saturating_mul(DAY),
            most: Some(most.saturating_mul(DAY)),
        }
    }

    /// One after the other.
    pub(crate) const fn then(self, next: Self) -> Self {
        Self {
            least: self.least.saturating_add(next.least),
            most: match (self.most, next.most) {
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
                _ => None,
            },
        }
    }

    /// The longer of the two, whichever that is.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            most: self.most.zip(other.most).map(|(a, b)| a.max(b)),
        }
    }
}

/// The fewest and the most days in so many months in a row.
const fn months(n: i64) -> (i64, i64) {
    let (years, rest) = (n / 12, n % 12);
    // Within a year: the shortest stretch runs over February, the longest over July and August.
    let (least, most) = match rest {
        0 => (0, 0),
        1 => (28, 31),
        2 => (59, 62),
        3 => (89, 92),
        rest => (rest * 30, rest * 31),
    };
    let least = if rest > 3 { least - 2 } else { least };
    // Four years in a row may have a 29 February or, around 1900 and 2100, none.
    (years * 365 + least, years * 365 + (years + 3) / 4 + most)
}

/// A length in the words of the language, rounded down to its largest unit: `3 days`, `90 minutes`.
pub(crate) fn words(milliseconds: i64) -> (String, String) {
    let units = [
        (7 * DAY, "week", "주"),
        (DAY, "day", "일"),
        (HOUR, "hour", "시간"),
        (MINUTE, "minute", "분"),
        (SECOND, "second", "초"),
    ];
    for (unit, en, ko) in units {
        // A week only where it is a whole number of weeks, for people count in days.
        let fits = milliseconds >= unit && (unit != 7 * DAY || milliseconds % unit == 0);
        if fits {
            let n = milliseconds / unit;
            let plural = if n == 1 { "" } else { "s" };
            return (format!("{n} {en}{plural}"), format!("{n}{ko}"));
        }
    }
    ("0 seconds".to_owned(), "0초".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_range_and_a_day_is_none() {
        assert_eq!(Length::of(Span::new(3, Unit::Day)), Length::exact(3 * DAY));
        let month = Length::of(Span::new(1, Unit::Month));
        assert_eq!((month.least, month.most), (28 * DAY, Some(31 * DAY)));
        let year = Length::of(Span::new(1, Unit::Year));
        assert_eq!((year.least, year.most), (365 * DAY, Some(366 * DAY)));
    }

    #[test]
    fn a_length_is_told_in_its_largest_unit() {
        assert_eq!(words(15 * DAY), ("15 days".into(), "15일".into()));
        assert_eq!(words(14 * DAY), ("2 weeks".into(), "2주".into()));
        assert_eq!(words(90 * MINUTE), ("1 hour".into(), "1시간".into()));
        assert_eq!(words(0), ("0 seconds".into(), "0초".into()));
    }
}
