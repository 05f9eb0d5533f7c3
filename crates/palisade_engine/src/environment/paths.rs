//! Places as people write them: `private_dns_zones."privatelink.api.azureml.ms".virtual_networks[0]`.
//!
//! The reverse of [`Place`]'s `Display`, except that every name is read as a key: text does not tell an entry of a
//! mapping from the named item of a list, and [`super::locate`] takes either for the other.

use crate::place::{Place, Segment};

/// Reads a place.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse_place(text: &str) -> Result<Place, String> {
    let mut segments = Vec::new();
    let mut rest = text;
    loop {
        rest = name_segment(rest, &mut segments).map_err(|why| format!("`{text}` is not a place: {why}"))?;
        while let Some(inside) = rest.strip_prefix('[') {
            rest = index_segment(inside, &mut segments).map_err(|why| format!("`{text}` is not a place: {why}"))?;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(Place { segments }),
            None => return Err(format!("`{text}` is not a place: a `.` must stand before `{rest}`")),
        }
    }
}

fn name_segment<'t>(text: &'t str, segments: &mut Vec<Segment>) -> Result<&'t str, &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, rest) = unquoted(quoted).ok_or("a quote is not closed")?;
        segments.push(Segment::Key(name.into()));
        return Ok(rest);
    }
    let end = text.find(['.', '[', '"']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if name.is_empty() {
        return Err("a name is missing");
    }
    segments.push(Segment::Key(name.into()));
    Ok(rest)
}

/// The text up to the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((name, text.get(at + 1..)?)),
            '\\' => name.push(letters.next()?.1),
            other => name.push(other),
        }
    }
    None
}

fn index_segment<'t>(text: &'t str, segments: &mut Vec<Segment>) -> Result<&'t str, &'static str> {
    let (digits, rest) = text.split_once(']').ok_or("a `[` is not closed")?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let index = plain.then(|| digits.parse().ok()).flatten().ok_or("between `[` and `]` stands a number")?;
    segments.push(Segment::Index(index));
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let place = parse_place(text).unwrap();
        place.segments.iter().map(|segment| format!("{segment:?}")).collect()
    }

    #[test]
    fn names_quotes_and_numbers_are_steps() {
        assert_eq!(words("computes.ci-1"), [r#"Key("computes")"#, r#"Key("ci-1")"#]);
        assert_eq!(words(r#"zones."a.b\"c"[3].x"#), [r#"Key("zones")"#, r#"Key("a.b\"c")"#, "Index(3)", r#"Key("x")"#]);
    }

    #[test]
    fn broken_places_say_why() {
        for (text, why) in [
            ("", "a name is missing"),
            ("a..b", "a name is missing"),
            ("a.\"b", "a quote is not closed"),
            ("a[1", "a `[` is not closed"),
            ("a[-1]", "between `[` and `]` stands a number"),
            ("a[1]b", "a `.` must stand before `b`"),
        ] {
            assert_eq!(parse_place(text), Err(format!("`{text}` is not a place: {why}")));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            names in prop::collection::vec("\\PC{1,8}", 1..5),
            index in prop::option::of(0..100_u32),
        ) {
            let mut place = Place { segments: names.iter().map(|name| Segment::Key(name.into())).collect() };
            place.segments.extend(index.map(Segment::Index));
            prop_assert_eq!(parse_place(&place.to_string()), Ok(place));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,30}") {
            let _ = parse_place(&text);
        }
    }
}
