//! Dates and lengths of time as files write them.

/// Days from 1970-01-01 to a date `YYYY-MM-DD` of the Gregorian calendar; `None` for a text that is no such day.
pub(super) fn days(text: &str) -> Option<i32> {
    let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
    let number = |part: &str, width: usize| {
        let plain = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i32>().ok()).flatten()
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month.checked_sub(1)?).ok()?;
    if !(1..=*lengths.get(before)?).contains(&day) {
        return None;
    }
    let earlier: i32 = lengths.iter().take(before).sum();
    Some(first_of_year(year) + earlier + day - 1)
}

/// Days from 1970-01-01 to the first of January of a year.
fn first_of_year(year: i32) -> i32 {
    // Leap days before the year; 477 of them lie before 1970.
    let last = year - 1;
    let leaps = last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400);
    (year - 1970) * 365 + leaps - 477
}

/// Seconds of a length of time such as `90d`, `12h`, `15m`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let unit = match text.chars().next_back()? {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => return None,
    };
    let digits = text.get(..text.len().checked_sub(1)?)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse::<i64>().ok()?.checked_mul(unit)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_calendar() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(days("2000-02-29"), Some(11_016));
        assert_eq!(days("2024-07-26"), Some(19_930));
        for text in ["2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-1-01", "2024-01-00", "+024-01-01", ""] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_is_one_more_than_the_day_before() {
        let mut expected = days("1999-01-01").unwrap();
        for year in 1999..=2101 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(found) = days(&format!("{year}-{month:02}-{day:02}")) {
                        assert_eq!(found, expected, "{year}-{month}-{day}");
                        expected += 1;
                    }
                }
            }
        }
    }

    #[test]
    fn lengths_of_time_have_a_unit() {
        assert_eq!(seconds("90d"), Some(7_776_000));
        assert_eq!(seconds("12h"), Some(43_200));
        assert_eq!(seconds("15m"), Some(900));
        for text in ["", "d", "90", "1.5h", "-1d", "9999999999999999999d", "1é"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
