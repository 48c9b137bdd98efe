//! Cron expressions: five fields, checked by the `cron` crate, in one form that every reader takes the same way.
//!
//! Programs disagree on the number of Sunday and on what a day of the month together with a weekday means. So weekdays
//! are written by name, as a list without ranges, and the two fields are refused together.

use std::str::FromStr;

use crate::josa::josa;
use crate::problem::Text;

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Why an expression is no schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CronError {
    /// `0 9 * *`.
    Fields { found: usize },
    /// `0 9 * * MONDAY-8`.
    Weekday { part: String },
    /// `0 9 1 * MON`.
    BothDays,
    /// `61 9 * * *`.
    Field { name: Text, part: String },
    /// `0 9 31 2 *`.
    Never,
}

/// The expression in its one form: `0 9 * * MON,TUE`.
pub(crate) fn normalise(expression: &str) -> Result<String, CronError> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let &[minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(CronError::Fields {
            found: fields.len(),
        });
    };
    let weekday = weekdays(weekday)?;
    check(minute, |it| format!("0 {it} 0 * * *"), ("minute", "분"))?;
    check(hour, |it| format!("0 0 {it} * * *"), ("hour", "시"))?;
    check(
        day,
        |it| format!("0 0 0 {it} * *"),
        ("day of the month", "날짜"),
    )?;
    check(month, |it| format!("0 0 0 1 {it} *"), ("month", "월"))?;
    if day != "*" && weekday != "*" {
        return Err(CronError::BothDays);
    }
    let month = month.to_ascii_uppercase();
    let normal = format!("{minute} {hour} {day} {month} {weekday}");
    let schedule =
        ::cron::Schedule::from_str(&format!("0 {normal}")).map_err(|_| CronError::Never)?;
    // Any eight years in a row from a fixed instant have a leap day in them, so a schedule without a date there has none.
    let from = chrono::DateTime::from_timestamp(0, 0).ok_or(CronError::Never)?;
    schedule
        .after(&from)
        .next()
        .map(|_| normal)
        .ok_or(CronError::Never)
}

fn check(
    part: &str,
    expression: impl Fn(&str) -> String,
    (en, ko): (&str, &str),
) -> Result<(), CronError> {
    let plain = part
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || "*,-/".contains(it));
    let fits = plain && ::cron::Schedule::from_str(&expression(part)).is_ok();
    if fits {
        Ok(())
    } else {
        Err(CronError::Field {
            name: Text::new(en, ko),
            part: part.to_owned(),
        })
    }
}

/// Weekdays by name: `1-5` is `MON,TUE,WED,THU,FRI`, `0` and `7` are `SUN`, `5-1` is `SUN,MON,FRI,SAT`.
fn weekdays(field: &str) -> Result<String, CronError> {
    if field == "*" {
        return Ok(field.to_owned());
    }
    let mut days = [false; 7];
    for part in field.split(',') {
        mark(part, &mut days).ok_or_else(|| CronError::Weekday {
            part: part.to_owned(),
        })?;
    }
    if days.iter().all(|&day| day) {
        return Ok("*".to_owned());
    }
    let marked = WEEKDAYS.iter().zip(days).filter(|(_, day)| *day);
    let names: Vec<&str> = marked.map(|(name, _)| *name).collect();
    Ok(names.join(","))
}

/// Marks the days of `MON`, `1-5`, `*/2`, `MON-FRI/2`.
fn mark(part: &str, days: &mut [bool; 7]) -> Option<()> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, step.parse::<usize>().ok().filter(|&it| it > 0)?),
        None => (part, 1),
    };
    let (first, last) = if range == "*" {
        (0, 6)
    } else if let Some((first, last)) = range.split_once('-') {
        (weekday(first)?, weekday(last)?)
    } else {
        let day = weekday(range)?;
        // `MON/2` means from Monday on, `MON` alone only Monday.
        (day, if step > 1 { 6 } else { day })
    };
    let last = if last < first { last + 7 } else { last };
    for day in (first..=last).step_by(step) {
        *days.get_mut(day % 7)? = true;
    }
    Some(())
}

/// 0 to 6 from Sunday on, of a number from 0 to 7 or a name. A Sunday that ends a range is the 7th day.
fn weekday(word: &str) -> Option<usize> {
    if let Ok(number) = word.parse::<usize>() {
        return (number <= 7).then_some(number);
    }
    let word = word.to_ascii_uppercase();
    WEEKDAYS.iter().position(|name| *name == word)
}

impl CronError {
    /// One sentence about it.
    pub(crate) fn message(&self) -> Text {
        match self {
            Self::Fields { found } => Text::new(
                format!("this schedule has {found} fields, and five are needed"),
                format!("항목이 {found}개입니다. 다섯 개가 필요합니다"),
            ),
            Self::Weekday { part } => Text::new(
                format!("`{part}` is no day of the week"),
                format!("`{part}`: 요일이 아닙니다"),
            ),
            Self::BothDays => Text::new(
                "a day of the month and a day of the week stand together, which programs read differently",
                "날짜와 요일이 함께 쓰였습니다. 프로그램마다 다르게 읽습니다",
            ),
            Self::Field { name, part } => Text::new(
                format!("`{part}` is no {}", name.en),
                format!(
                    "`{part}`: {} 쓸 수 없습니다",
                    josa(&name.ko, ("으로", "로"))
                ),
            ),
            Self::Never => Text::new("this schedule never comes", "한 번도 오지 않는 일정입니다"),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Text {
        match self {
            Self::BothDays => Text::new(
                "leave one of them as `*`, or use `every month on the first Monday at 09:00`",
                "둘 중 하나를 `*`로 두거나 `every month on the first Monday at 09:00`처럼 쓰세요",
            ),
            Self::Fields { .. } | Self::Weekday { .. } | Self::Field { .. } | Self::Never => {
                Text::new(
                    "write minute, hour, day of the month, month and day of the week: `0 9 * * MON`",
                    "분, 시, 일, 월, 요일 순서로 쓰세요: `0 9 * * MON`",
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_written_by_name_whatever_their_numbers_were() {
        for (written, normal) in [
            ("0 9 * * MON", "0 9 * * MON"),
            ("0 9 * * 1-5", "0 9 * * MON,TUE,WED,THU,FRI"),
            ("0 9 * * 0", "0 9 * * SUN"),
            ("0 9 * * 7", "0 9 * * SUN"),
            ("0 9 * * 5-7", "0 9 * * SUN,FRI,SAT"),
            ("0 9 * * fri-mon", "0 9 * * SUN,MON,FRI,SAT"),
            ("0 9 * * 0-6", "0 9 * * *"),
            ("*/15  8-18 * * 1-5/2", "*/15 8-18 * * MON,WED,FRI"),
            ("0 9 1 jan *", "0 9 1 JAN *"),
            ("0 9 29 2 *", "0 9 29 2 *"),
        ] {
            assert_eq!(normalise(written).as_deref(), Ok(normal), "{written}");
        }
    }

    #[test]
    fn a_wrong_part_is_named() {
        for (written, message) in [
            ("0 9 * *", "4 fields"),
            ("", "0 fields"),
            ("0 9 * * 8", "`8` is no day of the week"),
            ("61 9 * * *", "`61` is no minute"),
            ("0 25 * * *", "`25` is no hour"),
            ("0 9 32 * *", "`32` is no day of the month"),
            ("0 9 * 13 *", "`13` is no month"),
            ("0 9 1 * MON", "stand together"),
            ("0 9 31 2 *", "never comes"),
            ("@ 9 * * *", "`@` is no minute"),
            ("0 9 ? * *", "`?` is no day of the month"),
        ] {
            let error = normalise(written).unwrap_err().message().en;
            assert!(error.contains(message), "{written}: {error}");
        }
    }
}
