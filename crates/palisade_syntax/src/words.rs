//! The words of the language: what a grammar rule is called in a message, and which words exist.

use crate::grammar::Rule;

/// The words that begin an item.
pub(crate) const ITEMS: &[&str] = &[
    "import",
    "record",
    "entity",
    "enum",
    "environment",
    "extend",
    "const",
    "fn",
    "extern",
    "traffic",
    "hosts",
    "source",
    "rule",
    "pack",
    "fixture",
    "test",
];

/// The words that begin a clause of a rule.
pub(crate) const CLAUSES: &[&str] =
    &["cites", "severity", "tags", "unwaivable", "when", "needs", "let", "require", "forbid", "for", "help"];

/// Never a name.
pub(crate) const RESERVED: &[&str] = &["and", "or", "not", "is", "in", "if", "then", "else", "match", "true", "false"];

/// The words that begin a clause, a line or a quantifier: never a declared name, nor a bare word of an expression.
pub(crate) const OPENING: &[&str] = &[
    "cites",
    "severity",
    "tags",
    "unwaivable",
    "when",
    "needs",
    "let",
    "require",
    "forbid",
    "for",
    "help",
    "either",
    "every",
    "given",
    "expect",
    "inbound",
    "outbound",
    "all",
    "any",
    "no",
    "count",
    "sum",
    "min",
    "max",
];

/// The words that stand between operands or within types and members, for completion.
const OTHERS: &[&str] = &[
    "as",
    "at",
    "contains",
    "edition",
    "from",
    "include",
    "info",
    "may",
    "message",
    "must",
    "must_not",
    "no_findings",
    "none",
    "on",
    "overlaps",
    "owner",
    "permits",
    "reaches",
    "ref",
    "replaces",
    "section",
    "set",
    "should",
    "status",
    "title",
    "to",
    "unchecked",
    "url",
    "with",
    "within",
];

/// All words that mean something to the grammar, sorted, for completion and highlighting.
#[must_use]
pub fn keywords() -> Vec<&'static str> {
    let mut all = [ITEMS, RESERVED, OPENING, OTHERS].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// How much an expectation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// What the reader probably forgot.
    Main,
    /// What could go on there.
    More,
    /// Said only where nothing else could stand.
    Least,
}

/// What a grammar rule is called in a message.
pub(crate) fn words(rule: Rule) -> (Weight, &'static str) {
    if let Some(sign) = sign(rule) {
        return sign;
    }
    (Weight::Main, keyword(rule).unwrap_or_else(|| phrase(rule)))
}

fn sign(rule: Rule) -> Option<(Weight, &'static str)> {
    use Weight::{Least, Main, More};
    Some(match rule {
        Rule::open_brace => (Main, "`{`"),
        Rule::close_brace => (Main, "`}`"),
        Rule::open_paren => (Main, "`(`"),
        Rule::close_paren => (Main, "`)`"),
        Rule::open_angle => (Main, "`<`"),
        Rule::close_angle => (Main, "`>`"),
        Rule::close_bracket => (Main, "`]`"),
        Rule::colon => (Main, "`:`"),
        Rule::equals => (Main, "`=`"),
        Rule::fat_arrow => (Main, "`=>`"),
        Rule::thin_arrow => (Main, "`->`"),
        Rule::star => (More, "`*`"),
        Rule::comma => (More, "`,`"),
        Rule::semicolon => (More, "`;`"),
        Rule::bar => (Least, "`|`"),
        Rule::slash => (Least, "`/`"),
        Rule::question | Rule::or_none | Rule::or_mark => (Least, "`?` or `or none`"),
        Rule::open_bracket | Rule::index => (Least, "`[`"),
        Rule::call | Rule::call_paren => (Least, "`(`"),
        Rule::dot | Rule::field_access => (Least, "`.`"),
        Rule::dot_brace | Rule::tag_region => (Least, "`.{`"),
        Rule::sign | Rule::minus => (Least, "`-`"),
        Rule::kw_not => (Least, "`not`"),
        Rule::kw_is | Rule::is_test => (Least, "`is`"),
        Rule::not_in => (Least, "`not in`"),
        Rule::arith_infix => (More, "`??`, `+` or `-`"),
        Rule::word_infix | Rule::infix => (More, "an operator"),
        Rule::EOI => (Least, "nothing more"),
        _ => return None,
    })
}

fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::kw_as | Rule::import_alias => "`as`",
        Rule::kw_at | Rule::at_place => "`at`",
        Rule::kw_cites | Rule::cites => "`cites`",
        Rule::kw_const => "`const`",
        Rule::kw_edition | Rule::edition => "`edition`",
        Rule::kw_either | Rule::either => "`either`",
        Rule::kw_else | Rule::otherwise => "`else`",
        Rule::kw_entity => "`entity`",
        Rule::kw_enum => "`enum`",
        Rule::kw_environment => "`environment`",
        Rule::kw_every | Rule::every => "`every`",
        Rule::kw_expect | Rule::expectation => "`expect`",
        Rule::kw_extend => "`extend`",
        Rule::kw_extern => "`extern`",
        Rule::kw_fixture => "`fixture`",
        Rule::kw_fn => "`fn`",
        Rule::kw_for | Rule::for_each | Rule::for_clause => "`for`",
        Rule::kw_from => "`from`",
        Rule::kw_given | Rule::given => "`given`",
        Rule::kw_help | Rule::help | Rule::stray_help => "`help`",
        Rule::kw_hosts => "`hosts`",
        Rule::kw_if | Rule::conditional => "`if`",
        Rule::kw_import => "`import`",
        Rule::kw_in => "`in`",
        Rule::kw_include | Rule::include => "`include`",
        Rule::kw_let | Rule::let_clause => "`let`",
        Rule::kw_match | Rule::match_expr => "`match`",
        Rule::kw_message | Rule::with_message => "`message`",
        Rule::kw_needs | Rule::needs => "`needs`",
        Rule::kw_none => "`none`",
        Rule::kw_no_findings => "`no_findings`",
        Rule::kw_on | Rule::on_place => "`on`",
        Rule::kw_or => "`or`",
        Rule::kw_owner | Rule::owner_type => "`owner`",
        Rule::kw_pack | Rule::included_pack => "`pack`",
        Rule::kw_record => "`record`",
        Rule::kw_ref | Rule::ref_type => "`ref`",
        Rule::kw_replaces | Rule::replaces => "`replaces`",
        Rule::kw_rule => "`rule`",
        Rule::kw_section | Rule::section => "`section`",
        Rule::kw_set => "`set`",
        Rule::kw_severity | Rule::severity | Rule::with_severity => "`severity`",
        Rule::kw_source => "`source`",
        Rule::kw_status | Rule::status => "`status`",
        Rule::kw_tags | Rule::tags => "`tags`",
        Rule::kw_test => "`test`",
        Rule::kw_then => "`then`",
        Rule::kw_title | Rule::title => "`title`",
        Rule::kw_to => "`to`",
        Rule::kw_traffic => "`traffic`",
        Rule::kw_unchecked | Rule::unchecked => "`unchecked`",
        Rule::kw_unwaivable | Rule::unwaivable => "`unwaivable`",
        Rule::kw_url | Rule::url => "`url`",
        Rule::kw_when | Rule::when | Rule::pack_when => "`when`",
        Rule::kw_with => "`with`",
        Rule::kw_within => "`within`",
        _ => return None,
    })
}

fn phrase(rule: Rule) -> &'static str {
    match rule {
        Rule::any_word | Rule::name | Rule::param => "a name",
        Rule::module_path | Rule::module_word | Rule::import => "a module",
        Rule::import_names | Rule::import_name => "the names to import",
        Rule::type_path | Rule::type_word | Rule::type_expr | Rule::generic_type | Rule::generic_name => "a type",
        Rule::rule_path | Rule::rule_word => "a rule",
        Rule::fixture_path | Rule::fixture_word => "a fixture",
        Rule::segment | Rule::statement_path | Rule::cite_path | Rule::cite_source => "the id of a statement",
        Rule::date => "a date such as `2024-07-26`",
        Rule::text => "a text in double quotes",
        Rule::raw_text => "a text between `\"\"\"` and `\"\"\"`",
        Rule::params => "parameters in parentheses",
        Rule::field => "a field",
        Rule::default_value => "a default",
        Rule::variant | Rule::variant_path | Rule::variant_word => "a variant",
        Rule::variant_body => "fields in braces",
        Rule::source_part => "`title`, `edition`, `url` or `section`",
        Rule::statement => "a statement",
        Rule::strength => "`must`, `must_not`, `should`, `may` or `info`",
        Rule::clause => "a clause",
        Rule::requirement | Rule::sense => "`require` or `forbid`",
        Rule::alternative => "an alternative in braces",
        Rule::pack_part => "`status`, `edition`, `include` or `when`",
        Rule::test_part => "`given` or `expect`",
        Rule::outcome => "an outcome",
        Rule::place | Rule::place_part => "a place",
        Rule::traffic_line => "a traffic line",
        Rule::direction => "`inbound` or `outbound`",
        Rule::protocols | Rule::protocol => "a protocol",
        Rule::ports | Rule::port => "ports",
        Rule::preposition => "`to` or `from`",
        Rule::remote | Rule::tag => "a service tag, a host name or an address",
        Rule::tag_name | Rule::tag_word => "a service tag",
        Rule::host => "a host name in double quotes",
        Rule::arm => "an arm such as `allow => …`",
        Rule::map_entry => "an entry such as `key: value`",
        _ => "an expression",
    }
}

#[cfg(test)]
mod tests {
    use super::{OPENING, RESERVED, keyword, keywords, phrase, sign};
    use crate::grammar::Rule;

    /// The words between quotes in the definition of a rule of the grammar.
    fn defined(rule: &str) -> Vec<&'static str> {
        let grammar = include_str!("../../../grammar/palisade.pest");
        let start = grammar.find(&format!("\n{rule} = ")).unwrap();
        let body = &grammar[start..];
        let body = &body[..body.find("~ !word_char").unwrap()];
        body.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_lists_are_those_of_the_grammar() {
        assert_eq!(defined("reserved"), RESERVED);
        let mut opening = OPENING.to_vec();
        let mut in_grammar = defined("opening");
        opening.sort_unstable();
        in_grammar.sort_unstable();
        assert_eq!(in_grammar, opening);
    }

    #[test]
    fn every_keyword_of_the_grammar_is_called_by_itself() {
        for rule in Rule::all_rules() {
            let name = format!("{rule:?}");
            if let Some(word) = name.strip_prefix("kw_") {
                let called = sign(*rule).map(|(_, words)| words).or_else(|| keyword(*rule));
                assert_eq!(called, Some(format!("`{word}`").as_str()), "{name}");
            }
        }
    }

    #[test]
    fn no_word_for_a_rule_is_its_name() {
        for rule in Rule::all_rules() {
            let words = sign(*rule).map_or_else(|| keyword(*rule).unwrap_or_else(|| phrase(*rule)), |(_, words)| words);
            assert!(!words.contains('_') || keywords().iter().any(|word| words.contains(word)), "{rule:?}: {words}");
        }
    }

    /// Only what begins an expression may be called one.
    #[test]
    fn every_rule_that_is_no_expression_has_words_of_its_own() {
        let expressions = [
            "expr",
            "arith",
            "operand",
            "quantifier",
            "quantifier_kind",
            "paren",
            "list",
            "braces",
            "boolean",
            "literal",
            "digits_literal",
            "ipv6_literal",
            "fold_word",
            "bare_word",
        ];
        // Read from the entry rules, so never what is missing; or silent.
        let others = [
            "WHITESPACE",
            "COMMENT",
            "word_char",
            "reserved",
            "opening",
            "hex_group",
            "primary",
            "postfix",
            "constant",
            "function",
            "extern_function",
            "fixture",
        ];
        for rule in Rule::all_rules() {
            let name = format!("{rule:?}");
            let entry = ["_alone", "_start", "_all", "_some", "_head"].iter().any(|end| name.ends_with(end));
            let own = sign(*rule).is_some() || keyword(*rule).is_some() || phrase(*rule) != "an expression";
            let exempt = expressions.contains(&name.as_str()) || others.contains(&name.as_str());
            assert!(own || entry || exempt, "{name}");
        }
    }
}
