//! Scalars: how they are written and what they mean in YAML 1.2's core schema.

use std::fmt::Write as _;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: the only style whose value may be something other than text.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`, lines kept
    Literal,
    /// `>`, lines joined
    Folded,
}

/// A tag of the core schema written on a node; every other tag is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `!!str`, or `!` on a scalar
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!seq`
    Seq,
    /// `!!map`
    Map,
}

impl Tag {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "str" => Self::Str,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "null" => Self::Null,
            "seq" => Self::Seq,
            "map" => Self::Map,
            _ => return None,
        })
    }

    /// The tag as one writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Str => "!!str",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Bool => "!!bool",
            Self::Null => "!!null",
            Self::Seq => "!!seq",
            Self::Map => "!!map",
        }
    }

    /// Whether a scalar with this text may carry the tag.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Str => true,
            Self::Int => is_int(text),
            Self::Float => is_int(text) || is_float(text),
            Self::Bool => as_bool(text).is_some(),
            Self::Null => is_null(text),
            Self::Seq | Self::Map => false,
        }
    }
}

/// A scalar as it is written, escapes resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar<'d> {
    /// The text, without quotes and with escapes resolved. Empty for a value left out.
    pub text: &'d str,
    /// How it is written.
    pub style: Style,
    /// The tag written on it.
    pub tag: Option<Tag>,
}

/// What a scalar means in YAML 1.2's core schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CoreValue<'d> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`. `yes`, `no`, `on` and `off` are text.
    Bool(bool),
    /// A whole number: decimal, `0x…` or `0o…`.
    Int(i64),
    /// A whole number that does not fit 64 bits; the digits are the scalar's text.
    HugeInt,
    /// A number with a fraction or an exponent, `.inf` or `.nan`.
    Float(f64),
    /// Anything else, and whatever stands in quotes.
    Text(&'d str),
}

impl<'d> Scalar<'d> {
    /// The value in the core schema.
    #[must_use]
    pub fn resolve(&self) -> CoreValue<'d> {
        match (self.tag, self.style) {
            (Some(Tag::Float), _) => CoreValue::Float(parse_float(self.text)),
            (None, Style::Plain) | (Some(Tag::Int | Tag::Bool | Tag::Null), _) => resolve_plain(self.text),
            _ => CoreValue::Text(self.text),
        }
    }
}

fn resolve_plain(text: &str) -> CoreValue<'_> {
    if is_null(text) {
        CoreValue::Null
    } else if let Some(value) = as_bool(text) {
        CoreValue::Bool(value)
    } else if is_int(text) {
        parse_int(text).map_or(CoreValue::HugeInt, CoreValue::Int)
    } else if is_float(text) {
        CoreValue::Float(parse_float(text))
    } else {
        CoreValue::Text(text)
    }
}

pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn as_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, digit: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.as_bytes().iter().all(digit)
}

fn is_int(text: &str) -> bool {
    if let Some(hex) = text.strip_prefix("0x") {
        all(hex, u8::is_ascii_hexdigit)
    } else if let Some(octal) = text.strip_prefix("0o") {
        all(octal, |b| (b'0'..=b'7').contains(b))
    } else {
        all(unsigned(text), u8::is_ascii_digit)
    }
}

fn parse_int(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x") {
        i64::from_str_radix(hex, 16).ok()
    } else if let Some(octal) = text.strip_prefix("0o") {
        i64::from_str_radix(octal, 8).ok()
    } else {
        text.parse().ok()
    }
}

fn is_float(text: &str) -> bool {
    let magnitude = unsigned(text);
    if matches!(magnitude, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (magnitude, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| all(unsigned(exponent), u8::is_ascii_digit))
}

/// The value of a text that [`is_float`] or [`is_int`] accepts.
fn parse_float(text: &str) -> f64 {
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned(text) {
        ".inf" | ".Inf" | ".INF" => sign * f64::INFINITY,
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        digits => digits.parse().map_or_else(|_| radix_float(digits), |value: f64| sign * value),
    }
}

/// `0x…` and `0o…` under `!!float`.
fn radix_float(text: &str) -> f64 {
    let radix: u32 = if text.starts_with("0x") { 16 } else { 8 };
    text.chars()
        .skip(2)
        .filter_map(|digit| digit.to_digit(radix))
        .fold(0.0, |value, digit| value.mul_add(f64::from(radix), f64::from(digit)))
}

/// A text in double quotes, as JSON has it.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if character.is_control()
                || matches!(u32::from(character), 0x2028 | 0x2029 | 0xFEFF | 0xFFFE | 0xFFFF) =>
            {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> CoreValue<'_> {
        Scalar { text, style: Style::Plain, tag: None }.resolve()
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        assert_eq!(plain("~"), CoreValue::Null);
        assert_eq!(plain(""), CoreValue::Null);
        assert_eq!(plain("True"), CoreValue::Bool(true));
        assert_eq!(plain("-0123"), CoreValue::Int(-123));
        assert_eq!(plain("0x1F"), CoreValue::Int(31));
        assert_eq!(plain("0o17"), CoreValue::Int(15));
        assert_eq!(plain("9223372036854775808"), CoreValue::HugeInt);
        assert_eq!(plain("-9223372036854775808"), CoreValue::Int(i64::MIN));
        assert_eq!(plain("1."), CoreValue::Float(1.0));
        assert_eq!(plain("-.5e+1"), CoreValue::Float(-5.0));
        assert_eq!(plain("-.inf"), CoreValue::Float(f64::NEG_INFINITY));
    }

    #[test]
    fn words_of_older_schemas_are_text() {
        for text in
            ["no", "on", "yes", "off", "y", "0b1", "1_000", "12:30", "tRue", ".", "-", "e1", "0x", "+.nan", "1e"]
        {
            assert_eq!(plain(text), CoreValue::Text(text));
        }
    }

    #[test]
    fn quotes_and_tags_decide() {
        let quoted = Scalar { text: "443", style: Style::Double, tag: None };
        assert_eq!(quoted.resolve(), CoreValue::Text("443"));
        assert_eq!(Scalar { tag: Some(Tag::Int), ..quoted }.resolve(), CoreValue::Int(443));
        let octal = Scalar { text: "0o17", style: Style::Plain, tag: Some(Tag::Float) };
        assert_eq!(octal.resolve(), CoreValue::Float(15.0));
        assert_eq!(Scalar { tag: Some(Tag::Str), ..octal }.resolve(), CoreValue::Text("0o17"));
    }
}
