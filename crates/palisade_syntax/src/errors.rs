//! From a [`Failure`] of the grammar to a message in the words of the language, with help for common mistakes.

use text_size::TextRange;

use crate::SyntaxError;
use crate::grammar::{Failure, Rule, range};
use crate::scan::{Kind, Token};
use crate::words::{OPENING, RESERVED, Weight, words};

/// A new error.
pub(crate) fn error(
    code: &'static str,
    range: TextRange,
    message: impl Into<String>,
    help: impl Into<String>,
) -> SyntaxError {
    let help = Some(help.into()).filter(|help| !help.is_empty());
    SyntaxError { code, range, message: message.into(), help, instead: None, related: Vec::new() }
}

impl SyntaxError {
    /// The same with what can be written instead.
    pub(crate) fn instead(mut self, text: Option<&str>) -> Self {
        self.instead = text.map(str::to_owned);
        self
    }
}

/// `did you mean …?`, if one of the candidates is near.
pub(crate) fn did_you_mean<'c>(found: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let lower = found.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&lower, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4 && *distance < candidate.len())
        .min()
        .map(|(_, candidate)| candidate)
}

/// The tokens around the place where reading stopped.
struct Site<'t> {
    failure: &'t Failure,
    found: Option<(Token, &'t str)>,
    before: Option<(Token, &'t str)>,
}

/// The message for a failure within a chunk.
pub(crate) fn expected(file: &str, tokens: &[Token], failure: &Failure) -> SyntaxError {
    let index = tokens.partition_point(|token| token.end <= failure.at);
    let token = |i: usize| {
        let token = *tokens.get(i)?;
        Some((token, file.get(token.start..token.end)?))
    };
    let site = Site { failure, found: token(index), before: index.checked_sub(1).and_then(token) };
    site.unclosed().or_else(|| site.mistake()).unwrap_or_else(|| site.plain())
}

impl Site<'_> {
    /// Where to point: at what was found, or at what precedes if that is where the part to be read ends.
    fn range(&self) -> TextRange {
        let within = self.found.filter(|(token, _)| token.start < self.failure.end);
        match within.or(self.before) {
            Some((token, _)) => range(token.start, token.end),
            None => range(self.failure.at, self.failure.at),
        }
    }

    fn expects(&self, rule: Rule) -> bool {
        self.failure.expected.contains(&rule)
    }

    fn plain(&self) -> SyntaxError {
        let found = match self.found {
            Some((_, text)) => format!("`{}`", shown(text)),
            None => "the end of the item".to_owned(),
        };
        let message = format!("expected {}{}, found {found}", self.expectations(), self.after());
        let advice = self.advice();
        let near = self.found.and_then(|(_, text)| self.near(text)).filter(|word| advice == meant(word));
        error("syntax-expected", self.range(), message, advice).instead(near)
    }

    fn after(&self) -> String {
        let Some((_, before)) = self.before else {
            return String::new();
        };
        if !self.expects(Rule::preposition) {
            return format!(" after `{}`", shown(before));
        }
        let ports = before == "*" || before.starts_with(|c: char| c.is_ascii_digit());
        let what = if ports { "ports" } else { "protocol" };
        format!(" after the {what}")
    }

    fn expectations(&self) -> String {
        if self.expects(Rule::preposition) {
            return words(Rule::preposition).1.to_owned();
        }
        let mut said: Vec<(Weight, &str)> = self.failure.expected.iter().map(|rule| words(*rule)).collect();
        let least = said.iter().all(|(weight, _)| *weight == Weight::Least);
        said.retain(|(weight, _)| least || *weight != Weight::Least);
        let mut words: Vec<&str> = said.into_iter().map(|(_, word)| word).collect();
        words.sort_unstable_by_key(|word| (word.starts_with('`'), *word));
        words.dedup();
        either(&words)
    }

    fn unclosed(&self) -> Option<SyntaxError> {
        let (token, _) = self.found?;
        let range = range(token.start, token.end);
        match token.kind {
            Kind::OpenText => Some(error(
                "syntax-unclosed-text",
                range,
                "this text is not closed before the end of its line",
                "close it with `\"`; a line break within a text is written `\\n`",
            )),
            Kind::OpenRaw => Some(error(
                "syntax-unclosed-text",
                range,
                "this raw text is not closed before the next line at column 0",
                "close it with `\"\"\"`, and indent all of its lines",
            )),
            _ => None,
        }
    }

    /// Signs and words of other languages.
    fn mistake(&self) -> Option<SyntaxError> {
        let (token, found) = self.found.filter(|(token, _)| token.start < self.failure.end)?;
        let at = range(token.start, token.end);
        if token.kind == Kind::Word && found.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
            let message = format!("`{}` has a letter that no word of the language may have", shown(found));
            return Some(error("syntax-mistake", at, message, "names are made of ASCII letters, digits and `_`"));
        }
        let operator = self.expects(Rule::infix) || self.expects(Rule::arith_infix);
        let (message, help) = match found {
            "=" if operator => ("`=` does not compare", "write `==`"),
            "==" if self.expects(Rule::equals) => ("`==` compares, it does not give a value", "write `=`"),
            "&&" | "&" => ("`&&` is not an operator of this language", "write `and`"),
            "||" => ("`||` is not an operator of this language", "write `or`"),
            "!" => ("`!` is not an operator of this language", "write `not`"),
            "'" | "`" | "“" | "”" | "„" | "‘" | "’" => {
                ("a text stands between double quotes", "write `\"…\"`")
            }
            "*" | "/" | "%" if operator => {
                ("there is no multiplication or division", "write a sum, or declare a constant")
            }
            ";" => ("`;` only separates traffic lines and hosts", "remove it"),
            "<" if !operator => {
                ("only `List` and `Map` take types between `<` and `>`", "write `List<T>`, `Map<T>` or `Map<K, V>`")
            }
            "#" => ("`#` does not begin a comment", "write `//`"),
            _ => return None,
        };
        Some(error("syntax-mistake", at, message, help).instead(here(found)))
    }

    /// What to do, where the expected words alone do not say it.
    fn advice(&self) -> String {
        let found = self.found.map_or("", |(_, text)| text);
        if let Some(advice) = self.of_other_languages(found) {
            return advice.to_owned();
        }
        let operand = self.expects(Rule::expr) || self.expects(Rule::operand);
        if self.expects(Rule::kw_else) && !self.expects(Rule::kw_help) {
            return "a conditional says both: `if c then a else b`".to_owned();
        }
        if let Some(word) = self.near(found) {
            return meant(word);
        }
        if operand && OPENING.contains(&found) {
            return format!(
                "`{found}` begins a clause, a line or a quantifier; a variant of that name is written `Enum.{found}`"
            );
        }
        if RESERVED.contains(&found) && (operand || self.expects(Rule::name)) {
            return format!("`{found}` is a word of the language; choose another name");
        }
        if self.expects(Rule::colon)
            && let Some(word) = self.before.and_then(|(_, before)| did_you_mean(before, &["inbound", "outbound"]))
        {
            return meant(word);
        }
        let text = self.found.is_some_and(|(token, _)| token.kind == Kind::Text);
        if text && self.expects(Rule::kw_else) {
            return "the message of a requirement stands after `else`".to_owned();
        }
        String::new()
    }

    fn expects_words(&self, wanted: &str) -> bool {
        self.failure.expected.iter().any(|rule| words(*rule).1 == wanted)
    }

    /// What to do about a form that other languages have.
    fn of_other_languages(&self, found: &str) -> Option<&'static str> {
        const QUANTIFIERS: [&str; 7] = ["all", "any", "no", "count", "sum", "min", "max"];
        let before = self.before.map_or("", |(_, text)| text);
        let operator = self.expects(Rule::infix) || self.expects(Rule::arith_infix);
        let operand = self.expects(Rule::expr) || self.expects(Rule::operand);
        Some(match found {
            _ if before == "return" => "leave out `return`: a function is one expression",
            "?" if operator => "write `if c then a else b`",
            "exists" | "defined" | "present" if operator => "write `is set`, or `is not none`",
            "allows" | "allow" | "accepts" if operator => {
                "write `permits` to ask the security groups, `reaches` for the whole path"
            }
            "equals" | "eq" if operator => "write `==`",
            "(" if QUANTIFIERS.contains(&before) => "write `all x in xs: …`, and likewise `any`, `no` and `count`",
            "for" if operand => "write `all x in xs: …` for what must hold of each",
            "null" | "nil" | "undefined" => "absence is `none` in a type, and `is set` or `is none` in a condition",
            ":" if !self.expects(Rule::expr) && before.chars().all(|c| c.is_ascii_lowercase()) => "leave out the `:`",
            "[" if self.expects_words("a type") => "write `List<T>`",
            "=" | "{" if [Rule::thin_arrow, Rule::equals, Rule::colon].iter().any(|rule| self.expects(*rule)) => {
                "say the type, and the value after `=`: `const NAME: T = …`, `fn NAME(x: T) -> T = …`"
            }
            ")" | "," if self.expects(Rule::colon) => "say the type of each: `name: T`",
            _ if before == "edition" => "write year, month and day, without quotes: `2026-01-15`",
            _ if self.expects(Rule::preposition) && self.near(found).is_none() => {
                "write `to` and where outbound traffic goes, or `from` and where inbound traffic comes from"
            }
            _ => return None,
        })
    }

    /// An expected keyword near to what was found.
    fn near(&self, found: &str) -> Option<&'static str> {
        let candidates: Vec<&str> = self
            .failure
            .expected
            .iter()
            .flat_map(|rule| words(*rule).1.split('`'))
            .filter(|word| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase()))
            .collect();
        did_you_mean(found, &candidates)
    }
}

/// The help that offers a word.
pub(crate) fn meant(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// What this language writes for a sign of others.
fn here(found: &str) -> Option<&'static str> {
    match found {
        "=" => Some("=="),
        "==" => Some("="),
        "&&" => Some("and"),
        "||" => Some("or"),
        "!" => Some("not "),
        ";" => Some(""),
        "#" => Some("//"),
        _ => None,
    }
}

/// `a`, `a or b`, `a, b or c`.
fn either(words: &[&str]) -> String {
    match words {
        [] => "something else".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The beginning of a token, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
        None => line.to_owned(),
    }
}
