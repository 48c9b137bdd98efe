//! When an item happened: what the client's clock says goes in, an instant on ours comes out.

use journey_ir::Instant;

use crate::call::Plain;

/// What a client says about time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// When it happened, on the client's clock.
    pub happened: Option<Instant>,
    /// When the client sent it, on the client's clock.
    pub sent: Option<Instant>,
}

/// A time that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {value}, which is no time; write it like 2026-03-01T09:30:00Z")]
pub struct NoTime {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub value: String,
}

/// Reads a field of an item.
pub fn read(field: &'static str, value: Option<&Plain<'_>>) -> Result<Option<Instant>, NoTime> {
    let Some(value) = value else {
        return Ok(None);
    };
    let read = value.text().and_then(parse);
    read.map(Some).ok_or_else(|| NoTime {
        field,
        value: value.to_string().chars().take(60).collect(),
    })
}

fn parse(text: &str) -> Option<Instant> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    // Without an offset it is taken as UTC, as the client libraries mean it.
    let civil = text.parse::<jiff::civil::DateTime>().ok();
    let civil = civil.or_else(|| {
        let date = text.parse::<jiff::civil::Date>().ok()?;
        Some(date.to_datetime(jiff::civil::Time::midnight()))
    })?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The instant on our clock. A client's clock that is wrong by some amount is wrong by the same amount about the moment
/// of sending, so that the difference of the two can be trusted; nothing happens in the future.
#[must_use]
pub fn corrected(said: Said, received: Instant) -> Instant {
    let at = match (said.happened, said.sent) {
        (Some(happened), Some(sent)) => received.saturating_sub(sent.saturating_sub(happened)),
        (Some(happened), None) => happened,
        (None, _) => received,
    };
    at.clamp(0, received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_client_clock_is_corrected_by_the_moment_of_sending() {
        let said = |happened, sent| Said { happened, sent };
        assert_eq!(corrected(said(Some(1_000), Some(5_000)), 9_000), 5_000);
        assert_eq!(corrected(said(Some(1_000), None), 9_000), 1_000);
        assert_eq!(corrected(said(None, Some(5_000)), 9_000), 9_000);
        assert_eq!(corrected(said(Some(70_000), Some(50_000)), 9_000), 9_000);
        assert_eq!(corrected(said(Some(i64::MIN), Some(i64::MAX)), 9_000), 0);
    }

    #[test]
    fn times_are_read_with_and_without_offset() {
        let at = |text: &str| read("timestamp", Some(&text.to_owned().into()));
        assert_eq!(at("1970-01-01T09:00:01+09:00"), Ok(Some(1_000)));
        assert_eq!(at("1970-01-01T00:00:01.500Z"), Ok(Some(1_500)));
        assert_eq!(at("1970-01-01T00:00:01"), Ok(Some(1_000)));
        assert_eq!(at("1970-01-02"), Ok(Some(86_400_000)));
        assert_eq!(read("timestamp", None), Ok(None));
        let error = at("어제").unwrap_err();
        assert!(error.to_string().contains("어제"), "{error}");
        assert!(read("sentAt", Some(&Plain::Other(12.into()))).is_err());
    }
}
