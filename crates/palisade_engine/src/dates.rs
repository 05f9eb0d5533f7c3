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

/// Seconds of a length of time as Azure writes it (ISO 8601), such as `PT15M` or `P1DT12H`; `None` if it is not one.
///
/// Years and months have no fixed length, so they are none.
pub fn parse_azure_duration(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (days, time) = upper.strip_prefix('P')?.split_once('T').map_or((upper.get(1..)?, None), |(d, t)| (d, Some(t)));
    if time.is_some_and(str::is_empty) || (days.is_empty() && time.is_none()) {
        return None;
    }
    let days = designated(days, &[('W', 7 * 86_400), ('D', 86_400)])?;
    days.checked_add(designated(time.unwrap_or_default(), &[('H', 3_600), ('M', 60), ('S', 1)])?)
}

/// Numbers with their units, each unit once at most, in order.
fn designated(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    for (unit, seconds) in units {
        let Some((digits, after)) = rest.split_once(*unit) else { continue };
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = plain.then(|| digits.parse().ok()).flatten()?;
        sum = sum.checked_add(number.checked_mul(*seconds)?)?;
        rest = after;
    }
    rest.is_empty().then_some(sum)
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

    #[test]
    fn azure_writes_durations_its_own_way() {
        for (text, seconds) in
            [("PT15M", 900), ("pt1h30m", 5_400), ("P1D", 86_400), ("P1DT1S", 86_401), ("P2W", 1_209_600)]
        {
            assert_eq!(parse_azure_duration(text), Some(seconds), "{text}");
        }
        for text in
            ["", "P", "PT", "P1DT", "P1M", "P1Y", "PT1.5H", "PT15", "PT1M1H", "15M", "PT-1M", "PT99999999999999999H"]
        {
            assert_eq!(parse_azure_duration(text), None, "{text}");
        }
    }
}
