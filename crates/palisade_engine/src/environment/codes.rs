//! The codes of what can be wrong with an environment, each with one line for a list of them.

/// A code with what it stands for.
pub type Code = (&'static str, &'static str);

/// Every code of this layer, by name.
pub const CODES: &[Code] = &[
    (AMBIGUOUS_REFERENCE, "a bare name that several entities have"),
    (DUPLICATE_NAME, "two parts of one collection with one name; case does not matter"),
    (DUPLICATE_PRIORITY, "two rules with one priority whose order matters"),
    (DUPLICATE_ROUTE, "two routes of one table for one prefix"),
    (EMPTY_VALUE, "a key without a value"),
    (ENVIRONMENT_ROOT, "a file or document that is not a mapping from keys to values"),
    (FIREWALL_POLICY, "a part of a firewall policy that Azure would refuse, or that does not do what it says"),
    (INCLUDED_KEY, "an included file that says more than collections"),
    (INCLUDED_DOCUMENTS, "an included file with several documents"),
    (INVALID_VALUE, "a value that does not exist or that Azure would refuse"),
    (LIBRARY_BINDING, "a declaration of the library that the engine cannot read"),
    (MISSING_KEY, "a key that must be written and is not"),
    (MORE_FAULTS, "faults of one file that are counted and not listed"),
    (OTHER_KIND, "a reference to another kind of entity than the field takes"),
    (PEERING_OVERLAP, "a peering that leads to addresses which the network has elsewhere"),
    (ROUTE_TABLE, "a route that Azure would refuse, or that does not lead where it says"),
    (SECURITY_RULE, "a rule of a security group that Azure would refuse, or that matches nothing"),
    (PRIORITY_RANGE, "a priority that Azure does not take"),
    (SUBNET_OUTSIDE, "a subnet outside its network's address space"),
    (SUBNET_OVERLAP, "subnets of one network that share addresses"),
    (UNKNOWN_KEY, "a key that the declaration does not have"),
    (UNKNOWN_REFERENCE, "a reference to an entity that is not described"),
    (UNKNOWN_WORD, "a word that is not one of the variants of an enum"),
    (WRONG_TYPE, "a value of another type than declared"),
    (YAML_ALIAS, "an alias that cannot be followed"),
    (YAML_DIRECTIVE, "a directive other than `%YAML 1.2` and `%TAG`"),
    (YAML_DUPLICATE_KEY, "a mapping with one key twice"),
    (YAML_ENCODING, "bytes or characters that cannot be read"),
    (YAML_KEY, "a key that is empty or not a single value"),
    (YAML_LIMIT, "a text over one of the documented limits"),
    (YAML_MERGE_KEY, "a merge key whose value cannot be merged"),
    (YAML_SYNTAX, "a text that is not YAML"),
    (YAML_TAB, "a tab where only spaces can indent"),
    (YAML_TAG, "a tag outside the core schema, or one that does not fit its value"),
];

/// See [`CODES`], like every constant below.
pub const AMBIGUOUS_REFERENCE: &str = "ambiguous-reference";
#[allow(missing_docs, reason = "the table above says what each stands for")]
mod rest {
    pub const DUPLICATE_NAME: &str = "duplicate-name";
    pub const DUPLICATE_PRIORITY: &str = "duplicate-priority";
    pub const DUPLICATE_ROUTE: &str = "duplicate-route";
    pub const EMPTY_VALUE: &str = "empty-value";
    pub const ENVIRONMENT_ROOT: &str = "environment-root";
    pub const FIREWALL_POLICY: &str = "firewall-policy";
    pub const INCLUDED_KEY: &str = "included-key";
    pub const INCLUDED_DOCUMENTS: &str = "included-documents";
    pub const INVALID_VALUE: &str = "invalid-value";
    pub const LIBRARY_BINDING: &str = "library-binding";
    pub const MISSING_KEY: &str = "missing-key";
    pub const MORE_FAULTS: &str = "more-faults";
    pub const OTHER_KIND: &str = "other-kind";
    pub const PEERING_OVERLAP: &str = "peering-overlap";
    pub const ROUTE_TABLE: &str = "route-table";
    pub const SECURITY_RULE: &str = "security-rule";
    pub const PRIORITY_RANGE: &str = "priority-range";
    pub const SUBNET_OUTSIDE: &str = "subnet-outside";
    pub const SUBNET_OVERLAP: &str = "subnet-overlap";
    pub const UNKNOWN_KEY: &str = "unknown-key";
    pub const UNKNOWN_REFERENCE: &str = "unknown-reference";
    pub const UNKNOWN_WORD: &str = "unknown-word";
    pub const WRONG_TYPE: &str = "wrong-type";
    pub const YAML_ALIAS: &str = "yaml-alias";
    pub const YAML_DIRECTIVE: &str = "yaml-directive";
    pub const YAML_DUPLICATE_KEY: &str = "yaml-duplicate-key";
    pub const YAML_ENCODING: &str = "yaml-encoding";
    pub const YAML_KEY: &str = "yaml-key";
    pub const YAML_LIMIT: &str = "yaml-limit";
    pub const YAML_MERGE_KEY: &str = "yaml-merge-key";
    pub const YAML_SYNTAX: &str = "yaml-syntax";
    pub const YAML_TAB: &str = "yaml-tab";
    pub const YAML_TAG: &str = "yaml-tag";
}
pub use rest::*;
