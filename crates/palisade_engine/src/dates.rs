//! Dates and lengths of time, as the language and environments write them. The calendar is `jiff`'s.

use jiff::civil::Date;

/// The day that dates are counted from.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Units of a length of time, largest first, in seconds.
const UNITS: [(char, i64); 3] = [('d', 86_400), ('h', 3_600), ('m', 60)];

/// Days from 1970-01-01 to a date written `YYYY-MM-DD`; `None` if it is not one.
pub fn parse_date(text: &str) -> Option<i32> {
    let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: Date = shape.then(|| text.parse().ok()).flatten()?;
    Some(EPOCH.until(date).ok()?.get_days())
}

/// The date that many days from 1970-01-01.
pub fn show_date(days: i32) -> String {
    let date = jiff::Span::new().try_days(days).and_then(|span| EPOCH.checked_add(span));
    date.map_or_else(|_| format!("day {days}"), |date| date.to_string())
}

/// Seconds of a length of time written `90d`, `12h`, `15m`; `None` if it is not one.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (_, seconds) = UNITS.iter().find(|(unit, _)| text.ends_with(*unit))?;
    let digits = text.get(..text.len() - 1)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse::<i64>().ok()?.checked_mul(*seconds)).flatten()
}

/// A length of time in its largest whole unit.
pub fn show_duration(seconds: i64) -> String {
    let whole = UNITS.iter().find(|(_, unit)| seconds % unit == 0);
    whole.map_or_else(|| format!("{seconds} seconds"), |(name, unit)| format!("{}{name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_round_trip_and_wrong_ones_are_refused() {
        for text in ["1970-01-01", "1969-12-31", "2024-02-29", "2101-12-31"] {
            assert_eq!(show_date(parse_date(text).unwrap()), text);
        }
        assert_eq!(parse_date("1970-01-02"), Some(1));
        for text in ["2023-02-29", "2024-13-01", "2024-1-01", "20240101", "+024-01-01", ""] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(parse_duration("90d"), Some(90 * 86_400));
        assert_eq!(parse_duration("15m"), Some(900));
        assert_eq!(show_duration(86_400 * 2), "2d");
        assert_eq!(show_duration(90), "90 seconds");
        for text in ["", "d", "1", "1.5h", "-1d", "99999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
