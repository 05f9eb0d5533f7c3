//! The codes of the type checker's messages. They are stable: people write them into configurations and look them up.

macro_rules! codes {
    ($($name:ident = $code:literal: $what:literal;)*) => {
        $(#[doc = $what] pub const $name: &str = $code;)*

        /// Every code with one line about it, in the order of the alphabet.
        pub const ALL: &[(&str, &str)] = &[$(($code, $what)),*];
    };
}

codes! {
    AMBIGUOUS_WORD = "ambiguous-word": "a word names something in scope and also a variant, a tag or the like that is expected here";
    CANNOT_INFER = "cannot-infer": "nothing says what an empty list or map holds";
    CROSS_PRODUCT = "cross-product": "a rule's parameters are not joined by a `when`, so every pair is checked";
    DEFAULT_NOT_CONSTANT = "default-not-constant": "the default of a field is computed; it must be written out";
    DUPLICATE_KEY = "duplicate-key": "a map has the same key twice";
    FREE_OPERAND = "free-operand": "an operand in a quantifier's body does not use its variable; parentheses are missing";
    INVALID_HOST = "invalid-host": "a text is not a host name or a pattern of host names";
    INVALID_LITERAL = "invalid-literal": "a literal is not a value of its type";
    INVALID_PORTS = "invalid-ports": "ports where the protocol has none, or none where it has some";
    INVALID_PROTOCOL = "invalid-protocol": "a word is not a protocol";
    INVALID_REGION = "invalid-region": "a word is not a region";
    INVALID_TAG = "invalid-tag": "a word is not a service tag, or the tag has no such form";
    KEY_NAMES_VARIABLE = "key-names-variable": "the key of a map is also a variable; keys are never evaluated, so it is quoted";
    MISPLACED_COUNT = "misplaced-count": "`Count` as the type of something else than a field";
    MISSING_ARM = "missing-arm": "a `match` does not say what happens in some case";
    MISSING_REQUIRE = "missing-require": "a rule requires nothing";
    NEEDS_PATH = "needs-path": "`needs` takes a path, because only a path can be relied on afterwards";
    NESTED_OPTIONAL = "nested-optional": "a type that may be absent inside another, where absence would have two meanings";
    NEVER_ABSENT = "never-absent": "a test for absence, or a provision for it, on what is never absent";
    NOT_A_COLLECTION = "not-a-collection": "something other than a list or a map where elements are taken one by one";
    NOT_A_VALUE = "not-a-value": "the name of something that has no value, such as a module or a rule";
    NOT_CALLABLE = "not-callable": "a call of what is neither a function nor a traffic table";
    NOT_NARROWED = "not-narrowed": "the use of a value that may be absent, or of a case that may be another";
    PARAM_NOT_ENTITY = "param-not-entity": "a rule's parameter is not an entity, or a rule has none";
    REF_NOT_ENTITY = "ref-not-entity": "`ref` or `owner` of a type without identity";
    SHADOWED_NAME = "shadowed-name": "a variable has the name of something else in scope";
    TAG_MEETS_NAME = "tag-meets-name": "a bare word in a traffic line is a tag, but it is also a name in scope";
    TYPE_ARGUMENTS = "type-arguments": "a type has the wrong number or kind of types between `<` and `>`";
    TYPE_MISMATCH = "type-mismatch": "a value has another type than the one that is required";
    UNKNOWN_FIELD = "unknown-field": "a record, variant or environment has no field of that name";
    UNKNOWN_NAME = "unknown-name": "a name that nothing in scope has";
    UNKNOWN_RULE = "unknown-rule": "`replaces` names no rule";
    UNKNOWN_SEVERITY = "unknown-severity": "a word is not a severity";
    UNKNOWN_STATEMENT = "unknown-statement": "`cites` names no statement of any source";
    UNKNOWN_TYPE = "unknown-type": "a name that no type has";
    UNKNOWN_VARIANT = "unknown-variant": "a name that no variant, verdict or alternative has";
    UNREACHABLE_ARM = "unreachable-arm": "an arm of a `match` that an earlier one, or what is known, leaves nothing to";
    UNUSED_VARIABLE = "unused-variable": "a variable that nothing uses";
    VARIANT_WITH_FIELDS = "variant-with-fields": "a variant with fields stands as a plain value";
    VERDICT_NOT_BOOL = "verdict-not-bool": "a Verdict stands where a Bool is required";
    WRONG_ABSENCE_TEST = "wrong-absence-test": "`is set` on a `T or none`, or `is none` on a `T?`";
    WRONG_ARGUMENTS = "wrong-arguments": "a call has more or fewer arguments than there are parameters";
    WRONG_OPERAND = "wrong-operand": "an operator does not take a value of this type";
    WRONG_PREPOSITION = "wrong-preposition": "`inbound` goes with `from`, `outbound` with `to`";
}
